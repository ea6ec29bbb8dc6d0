//! A payment through one of two providers: plain failures, and the one that charges twice.

use serde_json::json;

use super::{InWorld as _, Story, attempt, shop};
use crate::base::time::{SimTime, Span};
use crate::catalogue::world::{self, HANG, Obstacle, System, WorldConfig};

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        plain(
            "primary-pays",
            "The primary channel works",
            "The usual provider charges the customer; the other one is not asked.",
        ),
        plain(
            "fallback-pays",
            "The primary channel is down",
            "The usual provider refuses the connection twice, one second apart; then the other one charges the customer.",
        )
        .world(|world| world.faults = vec![down("PrimaryPayment", HOUR)]),
        plain(
            "both-channels-down",
            "Both channels are down",
            "The document gives the fallback no retry policy, so it gets Temporal's own, which never gives up: five minutes later a channel is back, and the payment goes through.",
        )
        .world(|world| world.faults = vec![down("PrimaryPayment", HOUR), down("FallbackPayment", Span::secs(300))]),
        plain(
            "charged-twice",
            "The primary was silent, and had charged",
            "The fault in the document: the usual provider charges and its answer is lost, which is taken for a no, and the other one charges again.",
        )
        .mended_by("charged-once-after-silence")
        .world(|world| world.faults = silent_primary(Span::millis(500)))
        .not_crash_proof(),
        reconciled(
            "charged-once-after-silence",
            "Silence is no “no”",
            "The same silence done right: the other provider charges, so that the customer need not wait, and the first is told to give back whatever it took.",
        )
        .world(|world| world.faults = silent_primary(Span::millis(500))),
        reconciled(
            "charge-arrives-late",
            "The charge arrives late",
            "The requests to the first provider are held up for four minutes; when they get through, the payment was cancelled long ago, and the provider remembers that.",
        )
        .world(|world| world.faults = silent_primary(Span::secs(240))),
        reconciled(
            "neither-channel-pays",
            "Neither channel pays",
            "Both are down for two minutes: the payment is given up after two attempts at each, but the cancellations are not, since one of the four might have got through.",
        )
        .world(|world| {
            let all = ["PrimaryPayment", "FallbackPayment", "CancelPayment", "CancelFallbackPayment"];
            world.faults = all.iter().map(|activity| down(activity, Span::secs(120))).collect();
        }),
    ]
}

const HOUR: Span = Span::secs(3_600);

fn plain(id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    payment([id, title, sentence], "PaymentWithFallback")
}

fn reconciled(id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    payment([id, title, sentence], "ReconciledPayment")
}

/// €89.00 for an order.
fn payment(words: [&'static str; 3], workflow_type: &str) -> Story {
    let request = json!({ "order_id": "order-1001", "user_id": "user-42", "amount": 8_900, "currency": "EUR" });
    shop(words, workflow_type, "payment-1001")
        .input_is(&request)
        .world(|world| *world = WorldConfig::of(&[System::Payments, System::Fallback]))
}

/// From the beginning.
fn down(activity_type: &str, until: Span) -> world::Mishap {
    world::Mishap::Down {
        activity_type: activity_type.to_owned(),
        from: SimTime::ZERO,
        until: SimTime::ZERO + until,
    }
}

/// Both requests are dealt with after so long, and neither is ever answered.
fn silent_primary(effect_after: Span) -> Vec<world::Mishap> {
    let silence = Obstacle::AnswerLost {
        effect_after,
        answer_after: effect_after + HANG,
    };
    [1, 2].map(|n| attempt("PrimaryPayment", n, silence.clone())).to_vec()
}
