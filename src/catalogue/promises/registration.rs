//! What a registration promises: an account that its owner verified, or none.

use super::count;
use crate::sim::promise::{Judged, Promise};

pub(super) fn account() -> Promise {
    Promise::new(
        "an account is active if it was verified in time; no account is left waiting",
        |end| {
            let verified = u64::from(end.result()["status"] == "active");
            let (waiting, active) = (count(end, "accounts waiting"), count(end, "accounts active"));
            Judged::new(
                (waiting, active) == (0, verified),
                format!("{active} active, {waiting} waiting, {verified} verified"),
            )
        },
    )
}
