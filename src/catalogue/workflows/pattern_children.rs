//! Workflows that start workflows: each child has an id, a history and a fate of its own.

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ChildWorkflowOptions, WorkflowContext, WorkflowResult, join_all};

use crate::catalogue::workflows::pattern_sequence::Sequence;
use crate::catalogue::workflows::supplier_activities::{Purchase, QuoteRequest};

/// Has a child buy each thing on a list; returns what could be bought.
#[workflow]
#[derive(Default)]
pub struct Children;

#[workflow_methods]
impl Children {
    #[run(name = "Children")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, list: Vec<QuoteRequest>) -> WorkflowResult<Vec<Purchase>> {
        let mut starts = Vec::new();
        for wanted in list {
            // Ids that mean something: who starts the same twice hears of it.
            let id = format!("{}/{}", ctx.workflow_id(), wanted.product);
            starts.push(ctx.start_child_workflow(Sequence::run, wanted, ChildWorkflowOptions::workflow_id(id)));
        }
        let mut purchases = Vec::new();
        for child in join_all(starts).await {
            // All of them are on their way by now. One that fails says so here, and only here.
            if let Ok(purchase) = child?.result().await {
                purchases.push(purchase);
            }
        }
        Ok(purchases)
    }
}
