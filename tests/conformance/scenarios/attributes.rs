//! Memo and search attributes.

use std::time::Duration;

use sagascope::base::time::Span;
use sagascope::history::proto::EventType;
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::search_attributes::SearchAttributeKey;
use temporalio_workflow::{MemoValue, WorkflowContext, WorkflowResult};

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

const LABELLED: Code = code![Labelled];
const FORGETFUL: Code = code![Forgetful];

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
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
