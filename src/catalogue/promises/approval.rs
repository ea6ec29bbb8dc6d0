//! What an approval promises: nothing is bought without everybody's consent, and nothing twice.

use super::count;
use crate::sim::promise::{Judged, Promise};

pub(super) fn purchase() -> Promise {
    Promise::new(
        "what every level agrees to is bought once, anything else never",
        |end| {
            let (input, result) = (end.input(), end.result());
            let bought = count(end, "purchases");
            let votes = result["votes"].as_array().map(Vec::as_slice).unwrap_or_default();
            let levels = input["approvers"].as_array().map_or(0, Vec::len);
            let agreed = votes.len() == levels && votes.iter().all(|vote| vote["approve"] == true);
            Judged::new(
                bought == u64::from(agreed),
                format!("{bought} bought, {} votes on {levels} levels", votes.len()),
            )
        },
    )
}
