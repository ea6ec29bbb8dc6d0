//! A tour that is longer than Temporal lets a run become: it is ended at 51,200 events.

use sagascope::{Behaviour, Setup, StartWorkflow, Story, World};
use serde::Serialize;

use crate::bookings::Bookings;
use crate::traced;

const CITIES: u32 = 10_000;

/// How far somebody came.
#[derive(Clone, Default, Serialize)]
pub struct Passport {
    pub stamps: u32,
}

/// One traveller, and all the cities.
pub fn tour() -> Setup {
    let border = World::new(Passport::default()).activity(
        Bookings::stamp_passport,
        Behaviour::at("Border").keyed(),
        |passport, _| Ok(passport.stamps += 1),
    );
    let start = StartWorkflow::new("GrandTour", "tour-ines", &CITIES);
    Setup { most_steps: 10 * CITIES, ..Setup::new(start, traced::registry).outside(border) }
}

pub(crate) fn stories() -> Vec<Story> {
    let sentence = "Ten thousand cities in one run: more than a history can hold.";
    vec![Story::new("grand-tour", "A grand tour", sentence, tour()).not_crash_proof()]
}
