//! What a registration promises: an account that its owner verified, or none.

use super::{End, Promise};

pub(super) fn promises(end: &End<'_>) -> Vec<Promise> {
    let verified = u64::from(end.result["status"] == "active");
    let (waiting, active) = (end.count("accounts waiting"), end.count("accounts active"));
    let promise = Promise {
        sentence: "an account is active if it was verified in time; no account is left waiting",
        held: (waiting, active) == (0, verified),
        seen: format!("{active} active, {waiting} waiting, {verified} verified"),
    };
    vec![promise]
}
