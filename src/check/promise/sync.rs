//! What a data sync promises: every record of the table is in the copy, once.

use super::{End, Promise};

pub(super) fn promises(end: &End<'_>) -> Vec<Promise> {
    let read = end.result["records"].as_u64().unwrap_or(0);
    let (copied, twice) = (end.count("records copied"), end.count("records copied twice"));
    let promise = Promise {
        sentence: "every record is copied, and none twice",
        held: copied == read && twice == 0,
        seen: format!("{read} records in the table, {copied} in the copy, {twice} of them twice"),
    };
    vec![promise]
}
