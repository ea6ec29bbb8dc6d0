//! What a data sync promises: every record of the table is in the copy, once.

use super::count;
use crate::sim::promise::{Judged, Promise};

pub(super) fn copy() -> Promise {
    Promise::new("every record is copied, and none twice", |end| {
        let read = end.result()["records"].as_u64().unwrap_or(0);
        let (copied, twice) = (count(end, "records copied"), count(end, "records copied twice"));
        Judged::new(
            copied == read && twice == 0,
            format!("{read} records in the table, {copied} in the copy, {twice} of them twice"),
        )
    })
}
