//! What a world begins with and what goes wrong in it: data only.

use crate::base::sorted::SortedMap;
use crate::base::time::{SimTime, Span};

use super::{Call, System};

/// After this time a call that hangs gives up by itself. Longer than any timeout of the order workflow, so that in
/// practice the Service times the attempt out first.
pub const HANG: Span = Span::secs(90);

/// What a world begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldConfig {
    /// Pieces on hand by product id. Stock is short if an order wants more; a product not named here has none.
    pub stock: SortedMap<String, u32>,
    /// Whether the activities send an idempotency key and the services honour it. The key is `{workflow id}/{activity
    /// id}`: the same for every attempt, on whichever worker.
    ///
    /// With keys, a repeated call changes nothing and gets the first answer again. Without, every service takes it for
    /// a new one: it reserves again, charges again, sends a second parcel, a second mail. Compensations name what they
    /// undo, so they undo it once with or without keys.
    pub idempotency_keys: bool,
    /// What goes wrong.
    pub faults: Vec<Mishap>,
    /// The services that it is about, in the order in which they are shown.
    pub systems: Vec<System>,
}

/// Something that goes wrong, each time it is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// `ProcessPayment` fails with `InsufficientFunds`. Retryable as far as the activity is concerned; it is the
    /// workflow's retry policy that names this error as hopeless.
    CardDeclined,
    /// `ProcessPayment` fails with `InvalidPaymentMethod`, likewise.
    InvalidPaymentMethod,
    /// `CreateShipment` fails with `AddressRejected`, non-retryable.
    AddressRejected,
    /// `SendNotification` fails with `MailServerDown` until this time.
    MailDownUntil(SimTime),
    /// `SendNotification` fails with `MailBounced`, non-retryable.
    MailBounces,
    /// Every call of an activity is refused with a retryable `ServiceUnavailable`, hardly any time after it was made.
    Down {
        /// Which activity type.
        activity_type: String,
        /// From this time on.
        from: SimTime,
        /// Until this time.
        until: SimTime,
    },
    /// Every call of an activity reaches its service, which says no. Retryable as far as the activity is concerned.
    Declines {
        /// Which activity type.
        activity_type: String,
        /// The error's type, which a retry policy can name.
        error_type: String,
        /// What it says.
        message: String,
    },
    /// One attempt of an activity meets obstacle on the way. The service is not reached: there is no effect.
    Attempt {
        /// Which activity type.
        activity_type: String,
        /// Which attempt, from 1.
        attempt: u32,
        /// What it meets.
        obstacle: Obstacle,
    },
}

/// What an attempt meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// No answer, until [`HANG`] has passed.
    Hang,
    /// A retryable error.
    Fail {
        /// Its type: `GatewayTimeout`.
        error_type: String,
        /// Its message.
        message: String,
        /// How long it takes to come back.
        after: Span,
    },
    /// The service is reached and does its work; the answer is lost on the way back.
    AnswerLost {
        /// When the service does it: late, if the request was held up somewhere.
        effect_after: Span,
        /// When the caller gives up by itself, with a retryable `NoAnswer`; not before the effect. With [`HANG`], the
        /// Service times the attempt out first.
        answer_after: Span,
    },
}

impl WorldConfig {
    /// A world with these services, nothing in stock, with keys and without faults.
    pub fn of(systems: &[System]) -> Self {
        Self {
            stock: SortedMap::new(),
            idempotency_keys: true,
            faults: Vec::new(),
            systems: systems.to_vec(),
        }
    }

    /// A shop with `pieces` of one product, with keys and without faults.
    pub fn stocked(product_id: &str, pieces: u32) -> Self {
        Self {
            stock: SortedMap::from([(product_id.to_owned(), pieces)]),
            ..Self::of(&System::SHOP)
        }
    }

    /// What this very attempt meets, if anything.
    pub(super) fn obstacle(&self, call: &Call) -> Option<&Obstacle> {
        self.faults.iter().find_map(|fault| match fault {
            Mishap::Attempt {
                activity_type,
                attempt,
                obstacle,
            } if activity_type == call.activity_type && *attempt == call.attempt => Some(obstacle),
            _ => None,
        })
    }

    /// Whether no connection can be made for that activity now.
    pub(super) fn is_down(&self, now: SimTime, activity: &str) -> bool {
        self.faults.iter().any(|fault| match fault {
            Mishap::MailDownUntil(until) => activity == "SendNotification" && now < *until,
            Mishap::Down {
                activity_type,
                from,
                until,
            } => activity == activity_type && (*from..*until).contains(&now),
            _ => false,
        })
    }
}
