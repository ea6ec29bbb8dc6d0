use temporalio_macros::{activity_definitions, workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, WorkflowContext, WorkflowResult};

pub struct Bank;

#[activity_definitions]
impl Bank {
    #[activity(name = "withdraw")]
    pub async fn withdraw(euros: u64) {
        unimplemented!()
    }
}

#[workflow]
#[derive(Default)]
pub struct Payout;

#[workflow_methods]
impl Payout {
    #[run(name = "Payout")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, euros: u64) -> WorkflowResult<()> {
        let within = ActivityOptions::start_to_close_timeout(std::time::Duration::from_secs(5));
        ctx.execute_activity(Bank::withdraw, euros, within).await?;
        Ok(())
    }
}
