//! A registration: an account waits a day for its owner to verify it, and is cleaned up otherwise.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ActivityOptions, SyncWorkflowContext, WorkflowCancellationToken, WorkflowContext, WorkflowResult, select,
};

use crate::catalogue::workflows::office_activities::{Mail, Office};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Takes a new user from the sign-up to an account that is active, or gone.
#[workflow]
#[derive(Default)]
pub struct UserRegistration {
    verified: bool,
}

#[workflow_methods]
impl UserRegistration {
    #[run(name = "UserRegistration")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, email: String) -> WorkflowResult<Registration> {
        let account_id = ctx
            .execute_activity(Office::create_account, email.clone(), options())
            .await?;
        let text = format!("please verify your account {account_id} within a day");
        ctx.execute_activity(Office::send_mail, Mail { to: email, text }, options())
            .await?;

        // If the click and the deadline come together, the user wins: the first branch is looked at first.
        let mut deadline = ctx.timer(DAY);
        let verified = select! {
            told = ctx.wait_condition(|state| state.verified) => told.is_ok(),
            _ = deadline => false,
        };

        if verified {
            ctx.execute_activity(Office::activate_account, account_id.clone(), options())
                .await?;
            return Ok(Registration {
                status: Status::Active,
                account_id,
            });
        }
        // Too late, or called off. Who calls the registration off wants the account gone all the same.
        let mut regardless = options();
        regardless.cancellation_token = Some(WorkflowCancellationToken::new());
        ctx.execute_activity(Office::delete_account, account_id.clone(), regardless)
            .await?;
        Ok(Registration {
            status: Status::Deleted,
            account_id,
        })
    }

    /// The user has clicked the link in the mail.
    #[signal(name = "verified")]
    pub fn verified(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.verified = true;
    }
}

/// One attempt may take ten seconds; retries follow Temporal's default policy, which never gives up.
fn options() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(10))
}

/// What became of a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// How it ended.
    pub status: Status,
    /// The account that it was about.
    pub account_id: String,
}

/// How a registration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The user verified it in time.
    Active,
    /// Nobody did, or the registration was called off.
    Deleted,
}
