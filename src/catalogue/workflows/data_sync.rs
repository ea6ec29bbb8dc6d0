//! A data sync: a table is copied in batches of pages, and a long table in several runs.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, ContinueAsNewOptions, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::sync_activities::{Batch, Tables};

/// So many pages are one activity.
const BATCH: u32 = 5;

/// Copies a table.
#[workflow]
#[derive(Default)]
pub struct DataSync;

#[workflow_methods]
impl DataSync {
    #[run(name = "DataSync")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, mut done: Progress) -> WorkflowResult<Progress> {
        let pages = ctx
            .execute_activity(Tables::count_pages, done.table.clone(), count())
            .await?;
        while done.pages < pages {
            if ctx.continue_as_new_suggested() {
                ctx.continue_as_new(done.clone(), ContinueAsNewOptions::default())?;
            }
            let batch = Batch {
                table: done.table.clone(),
                after: done.pages,
                pages: BATCH.min(pages - done.pages),
            };
            done.records += ctx.execute_activity(Tables::copy_pages, batch.clone(), copy()).await?;
            done.pages += batch.pages;
        }
        Ok(done)
    }
}

fn count() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(10))
}

/// A batch may take its time, as long as it is heard of.
fn copy() -> ActivityOptions {
    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(600))
        .heartbeat_timeout(Duration::from_secs(4))
        .build()
}

/// How far a sync has come: its input, what one run hands to the next, and its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Which table.
    pub table: String,
    /// How many of its pages are copied.
    #[serde(default)]
    pub pages: u32,
    /// How many records they have.
    #[serde(default)]
    pub records: u32,
}
