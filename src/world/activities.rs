//! What each activity does to the world, and how long it takes: the list that a worker would register.

use serde::Serialize;
use serde_json::Value;

use crate::base::chance::Chance;
use crate::base::time::{SimTime, Span};
use crate::workflows::order::Order;
use crate::workflows::order_activities::Validation;

use super::{ActivityError, Call, EntryKind, Fault, HANG, Place, Plan, Trouble, World, WorldConfig, rehearsal};

/// The activities that this world has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Activity {
    ValidateOrder,
    ReserveInventory,
    ProcessPayment,
    CreateShipment,
    SendNotification,
    RefundPayment,
    ReleaseInventory,
}

impl Activity {
    const ALL: [Self; 7] = [
        Self::ValidateOrder,
        Self::ReserveInventory,
        Self::ProcessPayment,
        Self::CreateShipment,
        Self::SendNotification,
        Self::RefundPayment,
        Self::ReleaseInventory,
    ];

    const fn type_name(self) -> &'static str {
        match self {
            Self::ValidateOrder => "ValidateOrder",
            Self::ReserveInventory => "ReserveInventory",
            Self::ProcessPayment => "ProcessPayment",
            Self::CreateShipment => "CreateShipment",
            Self::SendNotification => "SendNotification",
            Self::RefundPayment => "RefundPayment",
            Self::ReleaseInventory => "ReleaseInventory",
        }
    }

    fn of_type(activity_type: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|activity| activity.type_name() == activity_type)
    }

    /// The service it calls; a validation calls none.
    const fn place(self) -> Option<Place> {
        match self {
            Self::ValidateOrder => None,
            Self::ReserveInventory | Self::ReleaseInventory => Some(Place::Stock),
            Self::ProcessPayment | Self::RefundPayment => Some(Place::Payments),
            Self::CreateShipment => Some(Place::Carrier),
            Self::SendNotification => Some(Place::Mail),
        }
    }

    /// The shortest and the longest time that it takes.
    const fn duration(self) -> (Span, Span) {
        match self {
            Self::ValidateOrder => (Span::millis(20), Span::millis(40)),
            Self::ReserveInventory => (Span::millis(60), Span::millis(120)),
            Self::ProcessPayment => (Span::millis(300), Span::millis(900)),
            Self::CreateShipment => (Span::millis(200), Span::millis(500)),
            Self::SendNotification => (Span::millis(50), Span::millis(150)),
            Self::RefundPayment | Self::ReleaseInventory => (Span::millis(100), Span::millis(300)),
        }
    }
}

/// Every activity type that a worker offers: those of the shop, and those that rehearse.
pub const ACTIVITY_TYPES: [&str; Activity::ALL.len() + rehearsal::ACTIVITY_TYPES.len()] = {
    let mut types = [""; Activity::ALL.len() + rehearsal::ACTIVITY_TYPES.len()];
    let mut at = 0;
    while at < types.len() {
        types[at] = match at.checked_sub(Activity::ALL.len()) {
            Some(beyond) => rehearsal::ACTIVITY_TYPES[beyond],
            None => Activity::ALL[at].type_name(),
        };
        at += 1;
    }
    types
};

/// Looking up a type that is not there, or being refused a connection: no work, hardly any time.
const AT_ONCE: (Span, Span) = (Span::millis(1), Span::millis(5));

pub(super) fn plan(config: &WorldConfig, chance: Chance, now: SimTime, call: &Call) -> Plan {
    if let Some(Ok((plan, _))) = rehearsed(call) {
        return plan;
    }
    let answer_after = match config.trouble(call) {
        Some(Trouble::Hang) => HANG,
        Some(Trouble::Fail { after, .. }) => *after,
        None => {
            let activity = Activity::of_type(call.activity_type);
            let refused = activity == Some(Activity::SendNotification) && config.mail_is_down(now);
            let (low, high) = activity.filter(|_| !refused).map_or(AT_ONCE, Activity::duration);
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

/// When things happen in an attempt, and what it returns.
type Rehearsed = (Plan, Result<Value, ActivityError>);

/// What an activity without a meaning does; `None` for all others.
fn rehearsed(call: &Call) -> Option<Result<Rehearsed, ActivityError>> {
    rehearsal::ACTIVITY_TYPES.contains(&call.activity_type).then(|| {
        let last_heartbeat = call.last_heartbeat.as_u64().unwrap_or(0);
        Ok(rehearsal::rehearse(&call.decode()?, call.attempt, last_heartbeat))
    })
}

pub(super) fn perform(world: &mut World, now: SimTime, call: &Call) -> Result<Value, ActivityError> {
    if let Some(rehearsed) = rehearsed(call) {
        return rehearsed?.1;
    }
    let Some(activity) = Activity::of_type(call.activity_type) else {
        return Err(unregistered(call.activity_type));
    };
    let World {
        config,
        stock,
        payments,
        carrier,
        mail,
        journal,
    } = world;
    let mut pen = journal.pen(now, call);
    if let Some((word, error)) = refusal(config, now, activity, call) {
        if let Some(place) = activity.place() {
            pen.write(place, EntryKind::Refused, format!("{word}: {}", error.error_type));
        }
        return Err(error);
    }
    match activity {
        Activity::ValidateOrder => {
            let reason = call.decode::<Order>()?.flaw();
            answer(&Validation {
                valid: reason.is_none(),
                reason,
            })
        }
        Activity::ReserveInventory => answer(&stock.reserve(&mut pen, &call.decode()?)?),
        Activity::ProcessPayment => answer(&payments.capture(&mut pen, &call.decode()?)),
        Activity::CreateShipment => {
            let request = call.decode()?;
            let (shipment, kind) = carrier.accept(&mut pen, &request);
            if kind != EntryKind::Repeated {
                stock.ship(&mut pen, kind, &request.order_id, &request.items);
            }
            answer(&shipment)
        }
        Activity::SendNotification => {
            mail.send(&mut pen, &call.decode()?);
            Ok(Value::Null)
        }
        Activity::RefundPayment => {
            payments.refund(&mut pen, &call.decode()?);
            Ok(Value::Null)
        }
        Activity::ReleaseInventory => {
            stock.release(&mut pen, &call.decode()?);
            Ok(Value::Null)
        }
    }
}

/// Why this call gets nowhere, if it does not: a word for the journal, and what the activity function returns.
fn refusal(
    config: &WorldConfig,
    now: SimTime,
    activity: Activity,
    call: &Call,
) -> Option<(&'static str, ActivityError)> {
    match config.trouble(call) {
        Some(Trouble::Hang) => {
            return Some((
                "not reached",
                ActivityError::retryable("NoAnswer", "the service did not answer"),
            ));
        }
        Some(Trouble::Fail {
            error_type, message, ..
        }) => {
            return Some(("not reached", ActivityError::retryable(error_type, message)));
        }
        None => {}
    }
    let error = match activity {
        Activity::ProcessPayment if config.has(&Fault::CardDeclined) => {
            ActivityError::retryable("InsufficientFunds", "the card was declined: insufficient funds")
        }
        Activity::ProcessPayment if config.has(&Fault::InvalidPaymentMethod) => {
            ActivityError::retryable("InvalidPaymentMethod", "the card is not valid")
        }
        Activity::CreateShipment if config.has(&Fault::AddressRejected) => {
            ActivityError::fatal("AddressRejected", "the carrier does not know this address")
        }
        Activity::SendNotification if config.mail_is_down(now) => {
            ActivityError::retryable("MailServerDown", "the mail server refused the connection")
        }
        Activity::SendNotification if config.has(&Fault::MailBounces) => {
            ActivityError::fatal("MailBounced", "the customer's mailbox does not exist")
        }
        _ => return None,
    };
    Some(("declined", error))
}

/// What the SDK's worker answers for a type that nobody registered, to the letter.
fn unregistered(activity_type: &str) -> ActivityError {
    let mut available = ACTIVITY_TYPES;
    available.sort_unstable();
    let available = available.join(", ");
    let message =
        format!("Activity {activity_type} is not registered on this worker, available activities: {available}");
    ActivityError::retryable("NotFoundError", message)
}

fn answer(value: &impl Serialize) -> Result<Value, ActivityError> {
    Ok(serde_json::to_value(value).expect("the answers hold only strings and flags, which JSON can say"))
}
