//! Memo, search attributes, and summaries for people.

use std::time::Duration;

use sagascope::base::time::Span;
use sagascope::catalogue::workflows::rehearsal::{Rehearsal, Stage};
use sagascope::history::payload;
use sagascope::history::proto::{EventType, RetryPolicy, UserMetadata};
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::error::ApplicationFailure;
use temporalio_workflow::common::search_attributes::SearchAttributeKey;
use temporalio_workflow::{
    CancellableFuture, ChildWorkflowOptions, ContinueAsNewOptions, LocalActivityOptions, MemoValue,
    SignalWorkflowOptions, SyncWorkflowContext, TimerOptions, WorkflowContext, WorkflowResult, WorkflowTermination,
    join,
};

use super::call::{Call, came_of, millis};
use crate::scenario::{Code, Scenario, code, events, terminate};

const COLOUR: SearchAttributeKey<String> = SearchAttributeKey::keyword("Colour");
const COUNT: SearchAttributeKey<i64> = SearchAttributeKey::int("Count");

/// Notes things about itself.
#[workflow]
#[derive(Default)]
struct Labelled;

#[workflow_methods]
impl Labelled {
    #[run(name = "Labelled")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Value> {
        ctx.upsert_search_attributes([COLOUR.value_set("green".into()), COUNT.value_set(3)]);
        ctx.upsert_memo([("note", Some(MemoValue::new("remember".to_owned())))])?;
        ctx.timer(Duration::from_secs(1)).await;
        ctx.upsert_search_attributes([COLOUR.value_set("red".into())]);
        ctx.upsert_memo([("note", None)])?;
        Ok(json!("labelled"))
    }
}

/// Removes a search attribute that it has set.
#[workflow]
#[derive(Default)]
struct Forgetful;

#[workflow_methods]
impl Forgetful {
    #[run(name = "Forgetful")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Value> {
        ctx.upsert_search_attributes([COLOUR.value_set("green".into())]);
        ctx.timer(Duration::from_secs(1)).await;
        ctx.upsert_search_attributes([COLOUR.value_unset()]);
        Ok(json!("forgotten"))
    }
}

/// Says of everything that it asks for what it is for, and takes back what can be taken back.
#[workflow]
#[derive(Default)]
struct SaysWhy;

#[workflow_methods]
impl SaysWhy {
    #[run(name = "SaysWhy")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Value> {
        let timer = TimerOptions::builder(millis(60_000)).summary("in case".to_owned());
        let timer = ctx.timer(timer.build());
        let call = Call {
            task_queue: Some("nobody-polls-here".to_owned()),
            ..Call::default()
        };
        let mut asked = call.options();
        asked.summary = Some("asks nobody".to_owned());
        let answer = ctx.execute_activity(Stage::rehearse, call.what, asked);
        let local = LocalActivityOptions::builder()
            .start_to_close_timeout(millis(10_000))
            .summary("asks itself".to_owned())
            .build();
        ctx.execute_local_activity(Stage::rehearse, Rehearsal::default(), local)
            .await?;
        let options = ChildWorkflowOptions::builder()
            .workflow_id("kid".to_owned())
            .static_summary("helps".to_owned())
            .static_details("as long\nas it takes".to_owned())
            .build();
        let kid = ctx.start_child_workflow(Helps::run, (), options).await?;
        ctx.timer(millis(1_000)).await;
        let said = SignalWorkflowOptions::builder()
            .summary("in passing".to_owned())
            .build();
        let signalled = kid.signal(Helps::hear, (), said).await;
        ctx.timer(millis(1_000)).await;
        timer.cancel();
        answer.cancel();
        kid.cancel("enough".to_owned());
        let (timer, answer) = join!(timer, answer);
        let kid = kid.result().await;
        Ok(json!([
            format!("{timer:?}"),
            came_of(answer),
            signalled.is_ok(),
            kid.is_ok()
        ]))
    }
}

/// Hears, and helps until it is asked to stop.
#[workflow]
#[derive(Default)]
struct Helps;

#[workflow_methods]
impl Helps {
    #[run(name = "Helps")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        ctx.timer(millis(60_000)).await;
        Err(WorkflowTermination::cancelled())
    }

    #[signal(name = "hear")]
    fn hear(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {}
}

/// Goes on as a new run, or fails.
#[workflow]
#[derive(Default)]
struct GoesOn;

#[workflow_methods]
impl GoesOn {
    #[run(name = "GoesOn")]
    async fn run(ctx: &mut WorkflowContext<Self>, again: bool) -> WorkflowResult<()> {
        ctx.timer(millis(2_000)).await;
        if again {
            ctx.continue_as_new(false, ContinueAsNewOptions::default())?;
        }
        Err(ApplicationFailure::new("it cannot be done").into())
    }
}

/// What a client says of a workflow for people.
fn summary(text: &str) -> Option<Box<UserMetadata>> {
    let one = |text: &str| payload::json(&json!(text)).payloads.pop();
    Some(Box::new(UserMetadata {
        summary: one(text),
        details: one("in detail"),
    }))
}

const LABELLED: Code = code![Labelled];
const FORGETFUL: Code = code![Forgetful];

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "summaries",
            "Everything that a workflow asks for has a summary, and so has what takes it back.",
            code![SaysWhy, Helps],
            Value::Null,
        )
        .compare("kid"),
        Scenario::new(
            "summary-of-workflow",
            "A client says what a workflow is for; it goes on as a new run, which does not know.",
            code![GoesOn],
            json!(true),
        )
        .start(|start| start.user_metadata = summary("takes its time")),
        Scenario::new(
            "summary-of-retried",
            "A client says what a workflow is for; its first run fails, and the next one does not know.",
            code![GoesOn],
            json!(false),
        )
        .start(|start| {
            start.user_metadata = summary("tries again");
            start.retry_policy = Some(RetryPolicy {
                maximum_attempts: 2,
                ..Default::default()
            });
        }),
        Scenario::new(
            "attributes-set-and-changed",
            "A workflow sets search attributes and a memo, changes one and removes the other.",
            LABELLED,
            Value::Null,
        ),
        Scenario::new(
            "keyword-cannot-be-removed",
            "The official worker's way to remove a keyword is refused by the server: the task fails, twice in the history.",
            FORGETFUL,
            Value::Null,
        )
        .after(events(EventType::WorkflowTaskFailed, 2), Span::secs(1), terminate("it cannot")),
    ]
}
