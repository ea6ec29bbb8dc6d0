//! What one workflow says to another that is not its child.

use sagascope::history::proto::EventType;
use sagascope::sim::script::Action;
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{SignalWorkflowOptions, SyncWorkflowContext, WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, code, event, events_of, signal, start};

/// Waits to be told something.
#[workflow]
#[derive(Default)]
struct Listener {
    heard: Option<Value>,
}

#[workflow_methods]
impl Listener {
    #[run(name = "Listener")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Option<Value>> {
        ctx.wait_condition(|state| state.heard.is_some()).await?;
        Ok(ctx.state(|state| state.heard.clone()))
    }

    #[signal(name = "hear")]
    fn hear(&mut self, _ctx: &mut SyncWorkflowContext<Self>, what: Value) {
        self.heard = Some(what);
    }
}

/// Waits to be told to, then tells another workflow something, and says whether it could.
#[workflow]
#[derive(Default)]
struct Speaker {
    may: bool,
}

#[workflow_methods]
impl Speaker {
    #[run(name = "Speaker")]
    async fn run(ctx: &mut WorkflowContext<Self>, to: String) -> WorkflowResult<String> {
        ctx.wait_condition(|state| state.may).await?;
        let other = ctx.external_workflow(to, None);
        let said = other
            .signal(Listener::hear, json!("hello"), SignalWorkflowOptions::default())
            .await;
        Ok(said.map_or_else(|error| error.to_string(), |()| "said".to_owned()))
    }

    #[signal(name = "speak")]
    fn speak(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.may = true;
    }
}

const SPEAKER: Code = code![Speaker, Listener];

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "external-signal",
            "One workflow signals another.",
            SPEAKER,
            json!("other"),
        )
        .then(
            event(EventType::WorkflowTaskCompleted),
            Action::Start(Box::new(start("other", Listener::name(), Value::Null))),
        )
        .then(
            events_of("other", EventType::WorkflowTaskCompleted, 1),
            signal("speak", Value::Null),
        )
        .compare("other"),
        Scenario::new(
            "external-signal-to-nobody",
            "A workflow signals another that does not exist.",
            SPEAKER,
            json!("nobody"),
        )
        .then(event(EventType::WorkflowTaskCompleted), signal("speak", Value::Null)),
    ]
}
