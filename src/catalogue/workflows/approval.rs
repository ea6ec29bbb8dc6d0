//! An approval: level after level is asked and reminded, and passed over if nobody answers; then the purchase is made.

use std::error::Error;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ActivityOptions, CancellableFuture, SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult,
    select,
};

use crate::catalogue::workflows::office_activities::{Mail, Office, Request};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Takes a request through all levels of approvers.
#[workflow]
#[derive(Default)]
pub struct Approval {
    /// Who is to vote now; empty if nobody is.
    asked: String,
    votes: Vec<Vote>,
}

#[workflow_methods]
impl Approval {
    #[run(name = "Approval")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, request: Request) -> WorkflowResult<Decision> {
        let status = decide(ctx, &request).await?;
        let what = &request.what;
        let text = match status {
            Status::Approved => {
                let order = ctx
                    .execute_activity(Office::purchase, request.clone(), options())
                    .await?;
                format!("{what} is approved and ordered: {order}")
            }
            Status::Refused => format!("{what} is refused"),
            Status::Expired => format!("{what} is refused: nobody has answered"),
        };
        mail(ctx, &request.applicant, text).await?;
        Ok(Decision {
            status,
            votes: ctx.state(|state| state.votes.clone()),
        })
    }

    /// What this refuses never becomes part of the history.
    #[update_validator(vote)]
    fn may_vote(&self, _ctx: &WorkflowContextView, vote: &Vote) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Vote { by, .. } = vote;
        if self.votes.iter().any(|earlier| earlier.by == *by) {
            return Err(format!("{by} has voted already").into());
        }
        if *by != self.asked {
            return Err(format!("{by} is not asked now ({})", self.stage()).into());
        }
        Ok(())
    }

    /// Somebody who is asked decides.
    #[update(name = "vote")]
    pub fn vote(&mut self, _ctx: &mut SyncWorkflowContext<Self>, vote: Vote) -> String {
        self.asked.clear();
        self.votes.push(vote);
        self.stage()
    }

    #[query(name = "status")]
    pub fn status(&self, _ctx: &WorkflowContextView) -> String {
        self.stage()
    }
}

impl Approval {
    fn stage(&self) -> String {
        let votes = self.votes.len();
        if self.asked.is_empty() {
            format!("votes: {votes}")
        } else {
            format!("votes: {votes}, waiting for {}", self.asked)
        }
    }
}

/// All levels must agree; the first that does not ends it. For one that says nothing its superior speaks.
async fn decide(ctx: &WorkflowContext<Approval>, request: &Request) -> WorkflowResult<Status> {
    for approver in &request.approvers {
        let mut approves = ask(ctx, approver, request).await?;
        if approves.is_none() {
            approves = ask(ctx, &request.superior, request).await?;
        }
        match approves {
            Some(true) => {}
            Some(false) => return Ok(Status::Refused),
            None => return Ok(Status::Expired),
        }
    }
    Ok(Status::Approved)
}

/// Asks somebody and reminds them after each day; `None` if they have not answered after the third.
async fn ask(ctx: &WorkflowContext<Approval>, who: &str, request: &Request) -> WorkflowResult<Option<bool>> {
    ctx.state_mut(|state| who.clone_into(&mut state.asked));
    for word in ["please decide", "reminder", "last reminder"] {
        mail(ctx, who, format!("{word}: {} for {}", request.what, request.applicant)).await?;
        let mut day = ctx.timer(DAY);
        select! {
            voted = ctx.wait_condition(|state| state.asked.is_empty()) => {
                voted?;
                day.cancel();
                return Ok(ctx.state(|state| state.votes.last().map(|vote| vote.approve)));
            }
            _ = day => {}
        }
    }
    ctx.state_mut(|state| state.asked.clear());
    Ok(None)
}

async fn mail(ctx: &WorkflowContext<Approval>, to: &str, text: String) -> WorkflowResult<()> {
    let mail = Mail {
        to: to.to_owned(),
        text,
    };
    Ok(ctx.execute_activity(Office::send_mail, mail, options()).await?)
}

/// One attempt may take ten seconds; retries follow Temporal's default policy, which never gives up.
fn options() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(10))
}

/// What an approver says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Who.
    pub by: String,
    /// Yes or no.
    pub approve: bool,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// How it ended.
    pub status: Status,
    /// Who has said what, in this order.
    pub votes: Vec<Vote>,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All levels agreed: it was bought.
    Approved,
    /// One level did not.
    Refused,
    /// Neither an approver nor the superior answered in time.
    Expired,
}
