//! Memo and search attributes.

use std::time::Duration;

use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::search_attributes::SearchAttributeKey;
use temporalio_workflow::{MemoValue, WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, code};

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
        ctx.upsert_search_attributes([COLOUR.value_unset()]);
        ctx.upsert_memo([("note", None)])?;
        Ok(json!("labelled"))
    }
}

const LABELLED: Code = code![Labelled];

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![Scenario::new(
        "attributes-set-and-removed",
        "A workflow sets search attributes and a memo, and removes some of them.",
        LABELLED,
        Value::Null,
    )]
}
