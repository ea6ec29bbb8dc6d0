//! The limit: the SDK's own guest runtime, driven by hand. It is handed ready-made activations and compares nothing with
//! any history; no engine that runs the same code can be quicker.

use std::cell::Cell;
use std::rc::Rc;
use std::task::Waker;

use temporalio_common::data_converters::DataConverter;
use temporalio_common::protos::coresdk::activity_result::{ActivityResolution, Success, activity_resolution::Status};
use temporalio_common::protos::coresdk::workflow_activation::workflow_activation_job::Variant;
use temporalio_common::protos::coresdk::workflow_activation::{
    InitializeWorkflow, ResolveActivity, SignalWorkflow, WorkflowActivation, WorkflowActivationJob,
};
use temporalio_common::protos::coresdk::workflow_commands::WorkflowCommand;
use temporalio_common::protos::temporal::api::common::v1::Payload;
use temporalio_workflow::__private::sdk::{
    ActivationJobResult, GuestWorkflowInstance, MAIN_ROUTINE_ID, MainRoutineCompletion, RoutineCompletion, RoutineId,
    WorkflowHost, WorkflowInit, WorkflowInstance,
};
use temporalio_workflow::BaseWorkflowContext;

use crate::guests::{InParallel, InSequence, Signalled};
use crate::histories::BATCH;

/// A run that is driven: its beginning and what it is told.
#[derive(Clone)]
pub(crate) struct Driven {
    make: fn(WorkflowInit, Rc<Counter>) -> Box<dyn WorkflowInstance>,
    count: u32,
    activations: Vec<WorkflowActivation>,
}

/// Counts commands.
#[derive(Default)]
pub(crate) struct Counter(Cell<u32>);

impl WorkflowHost for Counter {
    fn set_current_details(&self, _details: String) {}

    fn push_command(&self, _command: WorkflowCommand) {
        self.0.set(self.0.get() + 1);
    }
}

macro_rules! maker {
    ($workflow:ty) => {
        |init, host| {
            let arguments = init.initialize_workflow.arguments.clone();
            let converter = DataConverter::default();
            let payloads = converter.payload_converter().clone();
            let context = BaseWorkflowContext::from_raw(init, converter, host, None, Vec::new());
            GuestWorkflowInstance::<$workflow>::instantiate(arguments, payloads, context)
                .expect("its input is a number")
        }
    };
}

pub(crate) fn in_sequence(count: u32) -> Driven {
    let activities = (1..=count).map(|seq| vec![resolved(seq)]);
    driven(maker!(InSequence), count, activities)
}

pub(crate) fn in_parallel(count: u32) -> Driven {
    let numbers: Vec<u32> = (1..=count).collect();
    let batches = numbers.chunks(BATCH as usize);
    let activities = batches.map(|batch| batch.iter().copied().map(resolved).collect());
    driven(maker!(InParallel), count, activities)
}

pub(crate) fn signalled(count: u32) -> Driven {
    let signals = (1..=count).map(|number| {
        vec![job(Variant::SignalWorkflow(SignalWorkflow {
            signal_name: "go".to_owned(),
            input: vec![json(&number.to_string())],
            ..Default::default()
        }))]
    });
    driven(maker!(Signalled), count, signals)
}

impl Driven {
    /// Drives it to its end.
    pub(crate) fn drive(self) -> u32 {
        let host = Rc::new(Counter::default());
        let init = WorkflowInit {
            namespace: "default".to_owned(),
            task_queue: "bench".to_owned(),
            run_id: "run".to_owned(),
            initialize_workflow: initialize(self.count),
        };
        let mut workflow = (self.make)(init, host.clone());
        let mut handlers = Vec::new();
        let mut ended = false;
        for activation in self.activations {
            assert!(!ended, "told something after its end");
            let applied = workflow.activate(activation, Waker::noop()).expect("it can be told");
            handlers.extend(applied.job_results.into_iter().filter_map(|result| match result {
                ActivationJobResult::StartedRoutine(started) => Some(started.routine_id),
                _ => None,
            }));
            ended = settle(&mut *workflow, &mut handlers);
        }
        assert!(ended, "it waits for more");
        host.0.get()
    }
}

/// Polls until nothing moves. True if the workflow has ended.
fn settle(workflow: &mut dyn WorkflowInstance, handlers: &mut Vec<RoutineId>) -> bool {
    loop {
        let mut moved = false;
        handlers.retain(|handler| {
            let polled = workflow
                .poll_routine(*handler, Waker::noop())
                .expect("it can be polled");
            moved |= polled.made_progress;
            polled.completion.is_none()
        });
        let polled = workflow
            .poll_routine(MAIN_ROUTINE_ID, Waker::noop())
            .expect("it can be polled");
        match polled.completion {
            Some(RoutineCompletion::Main(MainRoutineCompletion::Blocked)) if moved || polled.made_progress => {}
            Some(RoutineCompletion::Main(MainRoutineCompletion::Blocked)) => return false,
            _ => return true,
        }
    }
}

fn driven(
    make: fn(WorkflowInit, Rc<Counter>) -> Box<dyn WorkflowInstance>,
    count: u32,
    told: impl Iterator<Item = Vec<WorkflowActivationJob>>,
) -> Driven {
    let first = vec![job(Variant::InitializeWorkflow(initialize(count)))];
    let activations = std::iter::once(first).chain(told).map(|jobs| WorkflowActivation {
        run_id: "run".to_owned(),
        is_replaying: true,
        jobs,
        ..Default::default()
    });
    Driven {
        make,
        count,
        activations: activations.collect(),
    }
}

fn initialize(count: u32) -> InitializeWorkflow {
    InitializeWorkflow {
        workflow_id: "bench".to_owned(),
        arguments: vec![json(&count.to_string())],
        ..Default::default()
    }
}

fn resolved(seq: u32) -> WorkflowActivationJob {
    job(Variant::ResolveActivity(ResolveActivity {
        seq,
        is_local: false,
        result: Some(ActivityResolution {
            status: Some(Status::Completed(Success {
                result: Some(json("1")),
            })),
        }),
    }))
}

fn job(variant: Variant) -> WorkflowActivationJob {
    WorkflowActivationJob { variant: Some(variant) }
}

fn json(text: &str) -> Payload {
    Payload {
        metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into(),
        data: text.as_bytes().to_vec(),
        ..Default::default()
    }
}
