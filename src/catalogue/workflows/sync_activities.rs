//! What a data sync needs from the outside: the pages of a table. Declarations only; a worker brings the
//! implementations.

use serde::{Deserialize, Serialize};
use temporalio_macros::activity_definitions;

/// The tables' activities.
pub struct Tables;

#[activity_definitions]
impl Tables {
    /// How many pages a table has now.
    #[activity(name = "CountPages")]
    pub async fn count_pages(table: String) -> u32 {
        unimplemented!()
    }

    /// Reads pages, transforms their records and loads them into the copy, page by page. Each page is reported by a
    /// heartbeat, and a later attempt goes on after the last one that was. Returns how many records the pages have.
    #[activity(name = "CopyPages")]
    pub async fn copy_pages(batch: Batch) -> u32 {
        unimplemented!()
    }
}

/// The input of `CopyPages`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Of which table.
    pub table: String,
    /// So many pages come before it.
    pub after: u32,
    /// How many pages.
    pub pages: u32,
}
