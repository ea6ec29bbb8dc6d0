//! A scenario: a workflow, what clients and operators do to it, the workers and their code. It says nothing of who plays
//! it; the simulation (`simulated`) and a real server (`stage`) both do.

use sagascope::base::time::Span;
use sagascope::catalogue::world::{World, WorldConfig};
use sagascope::contract::request::{Query, Signal, StartWorkflow, Update};
use sagascope::history::payload;
use sagascope::history::proto::{EventType, Payloads};
use sagascope::service::limits::Limits;
use sagascope::sim::node::WorkerName;
use sagascope::sim::script::{Act, Action, When, WorkerSetup};
use sagascope::sim::setup::Setup;
use sagascope::worker::registry::Registry;
use serde_json::Value;
use temporalio_sdk::WorkerOptions;
use temporalio_sdk::workflow_replayer::WorkflowReplayerOptions;

/// The task queue of every scenario.
pub(crate) const QUEUE: &str = "q";
/// The workflow that a scenario begins with.
pub(crate) const W: &str = "w";
/// Who starts, signals, asks.
pub(crate) const CLIENT: &str = "client@lab";

/// One scenario.
pub(crate) struct Scenario {
    /// Names its recording too.
    pub(crate) name: &'static str,
    /// What happens, in one sentence.
    pub(crate) says: &'static str,
    /// Everything it begins with. Its `code` is that of `versions`.
    pub(crate) setup: Setup,
    /// The versions of the code.
    pub(crate) versions: Vec<Code>,
    /// The workflow ids whose histories are compared, all runs of each.
    pub(crate) compared: Vec<String>,
}

/// One version of the code: workflow types that both kinds of worker can run, and the official replayer.
#[derive(Clone, Copy)]
pub(crate) struct Code {
    pub(crate) first_type: &'static str,
    pub(crate) simulated: fn() -> Registry,
    pub(crate) real: fn(&mut WorkerOptions),
    pub(crate) replayed: fn(&mut WorkflowReplayerOptions),
}

/// Lists the workflow types of a version of the code, once for all who run it. The first is what is started.
macro_rules! code {
    ($first:ty $(, $more:ty)* $(,)?) => {
        $crate::scenario::Code {
            first_type: <$first>::name(),
            simulated: || sagascope::worker::registry::Registry::new().with::<$first>()$(.with::<$more>())*,
            real: |options| {
                options.register_workflow::<$first>().expect("each type once");
                $(options.register_workflow::<$more>().expect("each type once");)*
            },
            replayed: |options| {
                options.register_workflow::<$first>().expect("each type once");
                $(options.register_workflow::<$more>().expect("each type once");)*
            },
        }
    };
}
pub(crate) use code;

impl Scenario {
    /// Workflow `w` is started with that input (null for none) on queue `q`, where one ordinary worker polls.
    pub(crate) fn new(name: &'static str, says: &'static str, code: Code, input: Value) -> Self {
        let start = start(W, code.first_type, input);
        Self {
            name,
            says,
            setup: Setup {
                outside: Box::new(World::new(WorldConfig::of(&[]))),
                ..Setup::new(start, code.simulated)
            },
            versions: vec![code],
            compared: vec![W.to_owned()],
        }
    }

    /// With these options of the start.
    pub(crate) fn start(mut self, options: impl FnOnce(&mut StartWorkflow)) -> Self {
        options(&mut self.setup.start);
        self
    }

    /// The start is a signal-with-start.
    pub(crate) fn start_signal(mut self, name: &str, args: Value) -> Self {
        self.setup.signal = Some(as_signal(name, args));
        self
    }

    /// Then, at that moment, somebody does that.
    pub(crate) fn then(self, when: When, what: Action) -> Self {
        self.after(when, Span::ZERO, what)
    }

    /// Then, so long after that moment, somebody does that.
    pub(crate) fn after(mut self, when: When, after: Span, what: Action) -> Self {
        self.setup.script.push(Act { when, after, what });
        self
    }

    /// With another version of the code, to be launched by the script.
    pub(crate) fn version(mut self, code: Code) -> Self {
        self.setup.code.push(code.simulated);
        self.versions.push(code);
        self
    }

    /// With these workers.
    pub(crate) fn workers(mut self, workers: impl IntoIterator<Item = WorkerSetup>) -> Self {
        self.setup.workers = workers.into_iter().collect();
        self
    }

    /// The one worker, otherwise.
    pub(crate) fn worker(mut self, change: impl FnOnce(&mut WorkerSetup)) -> Self {
        change(&mut self.setup.workers[0]);
        self
    }

    /// With this outside. In the simulation there is one; on a real server each worker's process begins with its own.
    pub(crate) fn world(mut self, world: WorldConfig) -> Self {
        self.setup.outside = Box::new(World::new(world));
        self
    }

    /// With other limits of the Service.
    pub(crate) fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.setup.limits);
        self
    }

    /// Ends so long after the last act, and not when all that is compared is closed.
    pub(crate) fn lasts(mut self, span: Span) -> Self {
        self.setup.lasts = span;
        self
    }

    /// This workflow id is compared too.
    pub(crate) fn compare(mut self, workflow_id: &str) -> Self {
        self.compared.push(workflow_id.to_owned());
        self
    }

    /// The script cuts this worker off.
    pub(crate) fn cuts(&self, worker: u8) -> bool {
        let mut acts = self.setup.script.iter();
        acts.any(|act| act.what == Action::Partition(WorkerName(worker)))
    }

    /// More than one worker may take a task: then chance decides who does.
    pub(crate) fn has_rivals(&self) -> bool {
        self.setup.workers.len() > 1
    }
}

// ---- The words of scripts, for workflow `w` where nothing else is said.

/// One value as the arguments of a call; null for no arguments.
pub(crate) fn args(value: &Value) -> Option<Payloads> {
    (!value.is_null()).then(|| payload::json(value))
}

/// The start of a workflow on queue `q`.
pub(crate) fn start(workflow_id: &str, workflow_type: &str, input: Value) -> StartWorkflow {
    StartWorkflow {
        workflow_id: workflow_id.to_owned(),
        workflow_type: workflow_type.to_owned(),
        task_queue: QUEUE.to_owned(),
        input: args(&input),
        identity: CLIENT.to_owned(),
        ..Default::default()
    }
}

fn as_signal(name: &str, input: Value) -> Signal {
    Signal {
        name: name.to_owned(),
        input: args(&input),
        identity: CLIENT.to_owned(),
        ..Default::default()
    }
}

/// Its history has an event of that type.
pub(crate) fn event(event_type: EventType) -> When {
    events(event_type, 1)
}

/// Its history has so many events of that type.
pub(crate) fn events(event_type: EventType, count: u32) -> When {
    events_of(W, event_type, count)
}

/// That workflow's history has so many events of that type.
pub(crate) fn events_of(workflow_id: &str, event_type: EventType, count: u32) -> When {
    When::Event {
        workflow: workflow_id.to_owned(),
        event_type,
        count,
    }
}

/// A worker has taken this attempt of an activity.
pub(crate) fn attempt_started(activity_id: &str, attempt: u32) -> When {
    When::AttemptStarted {
        workflow: W.to_owned(),
        activity_id: activity_id.to_owned(),
        attempt,
    }
}

/// This attempt of an activity has failed.
pub(crate) fn attempt_failed(activity_id: &str, attempt: u32) -> When {
    When::AttemptFailed {
        workflow: W.to_owned(),
        activity_id: activity_id.to_owned(),
        attempt,
    }
}

/// A worker has taken a workflow task, at this attempt.
pub(crate) fn task_started(attempt: u32) -> When {
    When::TaskStarted {
        workflow: W.to_owned(),
        attempt,
    }
}

/// The latest run is closed.
pub(crate) fn closed(workflow_id: &str) -> When {
    When::Closed {
        workflow: workflow_id.to_owned(),
    }
}

/// Signals.
pub(crate) fn signal(name: &str, args: Value) -> Action {
    Action::Signal(W.to_owned(), as_signal(name, args))
}

/// Asks.
pub(crate) fn query(name: &str, input: Value) -> Action {
    let query = Query {
        name: name.to_owned(),
        args: args(&input),
    };
    Action::Query(W.to_owned(), query)
}

fn as_update(id: &str, name: &str, input: Value) -> Update {
    Update {
        update_id: id.to_owned(),
        name: name.to_owned(),
        args: args(&input),
        identity: CLIENT.to_owned(),
    }
}

/// Sends an update and waits for its outcome.
pub(crate) fn update(id: &str, name: &str, args: Value) -> Action {
    Action::Update(W.to_owned(), as_update(id, name, args))
}

/// Sends an update and goes on.
pub(crate) fn send_update(id: &str, name: &str, args: Value) -> Action {
    Action::SendUpdate(W.to_owned(), as_update(id, name, args))
}

/// Asks the workflow to stop.
pub(crate) fn cancel(reason: &str) -> Action {
    Action::Cancel(W.to_owned(), reason.to_owned())
}

/// Ends the run.
pub(crate) fn terminate(reason: &str) -> Action {
    Action::Terminate(W.to_owned(), reason.to_owned())
}

/// Worker A, B, …
pub(crate) fn worker(letter: char) -> WorkerName {
    WorkerName::named(letter.encode_utf8(&mut [0; 4])).expect("a letter")
}
