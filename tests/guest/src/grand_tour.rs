//! A tour of many cities, one after the other, all in one run of a workflow.

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{WorkflowContext, WorkflowResult};

use crate::bookings::{Bookings, patient};

#[workflow]
#[derive(Default)]
pub struct GrandTour;

#[workflow_methods]
impl GrandTour {
    #[run(name = "GrandTour")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, cities: u32) -> WorkflowResult<()> {
        for city in 1..=cities {
            ctx.execute_activity(Bookings::stamp_passport, city, patient()).await?;
        }
        Ok(())
    }
}
