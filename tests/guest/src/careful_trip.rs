//! A trip, booked by somebody who knows that a booking which failed may have been made all the same.

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{WorkflowContext, WorkflowResult};

use crate::bookings::{Bookings, Itinerary, Journey, once, patient};

#[workflow]
#[derive(Default)]
pub struct CarefulTrip;

#[workflow_methods]
impl CarefulTrip {
    #[run(name = "CarefulTrip")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, journey: Journey) -> WorkflowResult<Itinerary> {
        let Journey { traveller, city, nights } = journey;
        let seat = (traveller.clone(), city.clone());
        let flight = ctx.execute_activity(Bookings::book_flight, seat, patient()).await?;
        let stay = (traveller.clone(), city, nights);
        let room = ctx.execute_activity(Bookings::book_room, stay, patient()).await?;
        // The car desk is slow to answer, and nobody asks it twice.
        match ctx.execute_activity(Bookings::book_car, traveller.clone(), once()).await {
            Ok(car) => Ok(Itinerary::Confirmed { flight, room, car }),
            Err(_) => {
                // It may have been booked, and nobody has said so.
                ctx.execute_activity(Bookings::cancel_car, traveller.clone(), patient()).await?;
                ctx.execute_activity(Bookings::cancel_room, traveller.clone(), patient()).await?;
                ctx.execute_activity(Bookings::cancel_flight, traveller, patient()).await?;
                Ok(Itinerary::CalledOff)
            }
        }
    }
}
