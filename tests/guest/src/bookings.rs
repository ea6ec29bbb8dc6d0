//! What the travel desk asks others to do.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::activity_definitions;
use temporalio_workflow::{ActivityOptions, RetryPolicy};

/// Where somebody wants to go.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Journey {
    pub traveller: String,
    pub city: String,
    pub nights: u32,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Itinerary {
    Confirmed { flight: u32, room: u32, car: u32 },
    CalledOff,
}

/// The activities.
pub struct Bookings;

#[activity_definitions]
impl Bookings {
    #[activity(name = "book-flight")]
    pub async fn book_flight(traveller: String, city: String) -> u32 {
        unimplemented!()
    }

    #[activity(name = "book-room")]
    pub async fn book_room(traveller: String, city: String, nights: u32) -> u32 {
        unimplemented!()
    }

    #[activity(name = "book-car")]
    pub async fn book_car(traveller: String) -> u32 {
        unimplemented!()
    }

    #[activity(name = "cancel-flight")]
    pub async fn cancel_flight(traveller: String) {
        unimplemented!()
    }

    #[activity(name = "cancel-room")]
    pub async fn cancel_room(traveller: String) {
        unimplemented!()
    }

    #[activity(name = "cancel-car")]
    pub async fn cancel_car(traveller: String) {
        unimplemented!()
    }
    #[activity(name = "stamp-passport")]
    pub async fn stamp_passport(city: u32) {
        unimplemented!()
    }
}

/// As often as it takes.
pub fn patient() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(20))
}

/// Not again, whatever becomes of it.
pub fn once() -> ActivityOptions {
    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(20))
        .retry_policy(RetryPolicy::builder().maximum_attempts(1).build())
        .build()
}
