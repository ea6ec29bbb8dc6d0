//! What an approval promises: nothing is bought without everybody's consent, and nothing twice.

use super::{End, Promise};

pub(super) fn promises(end: &End<'_>) -> Vec<Promise> {
    let bought = end.count("purchases");
    let agreed = end.result["votes"]
        .as_array()
        .is_some_and(|votes| votes.iter().all(|vote| vote["approve"] == true));
    let levels = end.input["approvers"].as_array().map_or(0, Vec::len);
    let votes = end.result["votes"].as_array().map_or(0, Vec::len);
    let promise = Promise {
        sentence: "what every level agrees to is bought once, anything else never",
        held: bought == u64::from(agreed && votes == levels),
        seen: format!("{bought} bought, {votes} votes on {levels} levels"),
    };
    vec![promise]
}
