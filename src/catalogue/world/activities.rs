//! Every activity that a worker can be asked for, what it does to the world, and how long it takes.
//!
//! Each service brings its own list ([`shop`] is one); this file joins them and applies what goes wrong.

use serde_json::Value;

use crate::base::chance::Chance;
use crate::base::time::{SimTime, Span};

use super::journal::Pen;
use super::{
    ActivityError, Call, EntryKind, HANG, Ledgers, Mishap, Obstacle, Plan, System, World, WorldConfig, channels,
    office, partner, rehearsal, replica, shop, stockroom, suppliers,
};
use crate::sim::outside::unregistered;

/// An activity type, and what a worker's implementation of it does.
pub(super) struct Activity {
    /// `ProcessPayment`.
    pub(super) type_name: &'static str,
    /// The service it calls; `None` for one that calls nobody.
    pub(super) system: Option<System>,
    /// When things happen in an attempt.
    pub(super) course: Course,
    /// What it does, and what it returns.
    pub(super) perform: fn(&mut Ledgers, &mut Pen, &Call) -> Result<Value, ActivityError>,
}

/// When things happen in an attempt.
pub(super) enum Course {
    /// It takes a time between these two.
    Takes(Span, Span),
    /// It depends on the input.
    Planned(fn(&Call) -> Result<Plan, ActivityError>),
}

/// The services' lists. Who adds one here has it offered by every worker.
const SERVICES: &[&[Activity]] = &[
    shop::ACTIVITIES,
    stockroom::ACTIVITIES,
    channels::ACTIVITIES,
    suppliers::ACTIVITIES,
    office::ACTIVITIES,
    partner::ACTIVITIES,
    replica::ACTIVITIES,
    rehearsal::ACTIVITIES,
];

/// Every activity type that a worker offers.
pub const ACTIVITY_TYPES: [&str; count()] = {
    let mut types = [""; count()];
    let (mut service, mut done) = (0, 0);
    while service < SERVICES.len() {
        let mut at = 0;
        while at < SERVICES[service].len() {
            types[done] = SERVICES[service][at].type_name;
            at += 1;
            done += 1;
        }
        service += 1;
    }
    types
};

const fn count() -> usize {
    let (mut service, mut count) = (0, 0);
    while service < SERVICES.len() {
        count += SERVICES[service].len();
        service += 1;
    }
    count
}

fn of_type(activity_type: &str) -> Option<&'static Activity> {
    SERVICES
        .iter()
        .flat_map(|service| service.iter())
        .find(|activity| activity.type_name == activity_type)
}

/// Looking up a type that is not there, or being refused a connection: no work, hardly any time.
const AT_ONCE: (Span, Span) = (Span::millis(1), Span::millis(5));

pub(super) fn plan(config: &WorldConfig, chance: Chance, now: SimTime, call: &Call) -> Plan {
    let activity = of_type(call.activity_type);
    let answer_after = match config.obstacle(call) {
        Some(Obstacle::Hang) => HANG,
        Some(Obstacle::Fail { after, .. }) => *after,
        Some(Obstacle::AnswerLost {
            effect_after,
            answer_after,
        }) => return Plan::simple(*effect_after, *answer_after),
        None => {
            let (low, high) = match activity.map(|activity| &activity.course) {
                Some(_) if config.is_down(now, call.activity_type) => AT_ONCE,
                Some(Course::Planned(plan)) => match plan(call) {
                    Ok(plan) => return plan,
                    Err(_) => AT_ONCE,
                },
                Some(Course::Takes(low, high)) => (*low, *high),
                None => AT_ONCE,
            };
            let span = chance.span(
                &format!("{}/{}", call.activity_type, call.key()),
                &[u64::from(call.attempt)],
                low,
                high,
            );
            // The request travels, the service works, the answer travels: the effect lies past the middle, and leaves
            // a window in which it is done and nobody knows.
            return Plan::simple(Span(span.0 / 5 * 3), span);
        }
    };
    Plan::simple(answer_after, answer_after)
}

pub(super) fn perform(world: &mut World, now: SimTime, call: &Call) -> Result<Value, ActivityError> {
    let Some(activity) = of_type(call.activity_type) else {
        return Err(unregistered(call.activity_type, &ACTIVITY_TYPES));
    };
    let World {
        config,
        ledgers,
        journal,
    } = world;
    let mut pen = journal.pen(now, call);
    if let Some((word, error)) = refusal(config, now, call) {
        if let Some(system) = activity.system {
            pen.write(system, EntryKind::Refused, format!("{word}: {}", error.error_type));
        }
        return Err(error);
    }
    let outcome = (activity.perform)(ledgers, &mut pen, call);
    match config.obstacle(call) {
        Some(Obstacle::AnswerLost { .. }) => Err(ActivityError::retryable(
            "NoAnswer",
            "the connection broke before the answer came",
        )),
        _ => outcome,
    }
}

/// Why this call gets nowhere, if it does not: a word for the journal, and what the activity function returns.
fn refusal(config: &WorldConfig, now: SimTime, call: &Call) -> Option<(&'static str, ActivityError)> {
    match config.obstacle(call) {
        Some(Obstacle::Hang) => {
            return Some((
                "not reached",
                ActivityError::retryable("NoAnswer", "the service did not answer"),
            ));
        }
        Some(Obstacle::Fail {
            error_type, message, ..
        }) => {
            return Some(("not reached", ActivityError::retryable(error_type, message)));
        }
        Some(Obstacle::AnswerLost { .. }) | None => {}
    }
    let error = config.faults.iter().find_map(|fault| match fault {
        Mishap::CardDeclined if call.activity_type == "ProcessPayment" => Some(ActivityError::retryable(
            "InsufficientFunds",
            "the card was declined: insufficient funds",
        )),
        Mishap::InvalidPaymentMethod if call.activity_type == "ProcessPayment" => Some(ActivityError::retryable(
            "InvalidPaymentMethod",
            "the card is not valid",
        )),
        Mishap::AddressRejected if call.activity_type == "CreateShipment" => Some(ActivityError::fatal(
            "AddressRejected",
            "the carrier does not know this address",
        )),
        Mishap::MailDownUntil(until) if call.activity_type == "SendNotification" && now < *until => Some(
            ActivityError::retryable("MailServerDown", "the mail server refused the connection"),
        ),
        Mishap::MailBounces if call.activity_type == "SendNotification" => Some(ActivityError::fatal(
            "MailBounced",
            "the customer's mailbox does not exist",
        )),
        Mishap::Down {
            activity_type,
            from,
            until,
        } if activity_type == call.activity_type && (*from..*until).contains(&now) => Some(ActivityError::retryable(
            "ServiceUnavailable",
            "the service refused the connection",
        )),
        Mishap::Declines {
            activity_type,
            error_type,
            message,
        } if activity_type == call.activity_type => Some(ActivityError::retryable(error_type, message)),
        _ => None,
    });
    error.map(|error| ("declined", error))
}
