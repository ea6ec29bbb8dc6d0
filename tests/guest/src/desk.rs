//! The desk as the lab knows it: what the activities do, what is promised, and the stories told of it.

use sagascope::{Behaviour, Catalogue, Chapter, Judged, Promise, Setup, StartWorkflow, Story, World};
use serde::Serialize;
use temporalio_common::data_converters::{MultiArgs2, MultiArgs3};

use crate::bookings::{Bookings, Journey};
use crate::{tour, traced};

/// Who has what.
#[derive(Clone, Default, Serialize)]
pub struct Desk {
    pub seats: Vec<String>,
    pub rooms: Vec<String>,
    pub cars: Vec<String>,
}

fn desk() -> World<Desk> {
    let keyed = |system| Behaviour::at(system).keyed();
    World::new(Desk::default())
        .activity(Bookings::book_flight, keyed("Airline"), |desk, MultiArgs2(who, _)| Ok(add(&mut desk.seats, who)))
        .activity(Bookings::book_room, keyed("Hotel"), |desk, MultiArgs3(who, _, _)| Ok(add(&mut desk.rooms, who)))
        .activity(Bookings::book_car, keyed("Cars"), |desk, who| Ok(add(&mut desk.cars, who)))
        .activity(Bookings::cancel_flight, keyed("Airline").undoes(), |desk, who| Ok(desk.seats.retain(|x| *x != who)))
        .activity(Bookings::cancel_room, keyed("Hotel").undoes(), |desk, who| Ok(desk.rooms.retain(|x| *x != who)))
        .activity(Bookings::cancel_car, keyed("Cars").undoes(), |desk, who| Ok(desk.cars.retain(|x| *x != who)))
}

fn add(list: &mut Vec<String>, who: String) -> u32 {
    list.push(who);
    list.len() as u32
}

/// One traveller, one trip.
pub fn trip(workflow_type: &str) -> Setup {
    let journey = Journey { traveller: "ines".into(), city: "Porto".into(), nights: 3 };
    let promise = Promise::new("a trip is booked in full or not at all", |end| {
        let desk = end.state::<Desk>();
        let booked = [desk.seats.len(), desk.rooms.len(), desk.cars.len()];
        let wanted = if end.result() == "CalledOff" { [0; 3] } else { [1; 3] };
        Judged::new(booked == wanted, format!("seat, room, car: {booked:?}"))
    });
    let start = StartWorkflow::new(workflow_type, "trip-ines", &journey);
    Setup::new(start, traced::registry).outside(desk()).promise(promise)
}

fn stories() -> Vec<Story> {
    vec![
        Story::new("hasty", "A hasty trip", "The car desk is asked once.", trip("HastyTrip")).not_crash_proof(),
        Story::new("careful", "A careful trip", "What may have been booked is cancelled.", trip("CarefulTrip")),
    ]
}

pub const CATALOGUE: Catalogue =
    Catalogue::new(&[Chapter { title: "Trips", stories }, Chapter { title: "Tours", stories: tour::stories }]);
