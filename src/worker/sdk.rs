//! The seam to the official SDK's workflow runtime: the only file that names its private modules.
//!
//! The SDK runs a workflow as a set of routines (the main function and handlers) that are polled when an activation
//! brings news, and collects what they ask for in a host. The order in which a native worker does this is followed
//! here: apply the jobs, then poll until nothing moves. Payloads and failures cross through their bytes, because the
//! SDK has its own copy of Temporal's types.

use std::cell::RefCell;
use std::hash::Hasher;
use std::rc::Rc;
use std::task::Waker;

use prost::Message;
use siphasher::sip::SipHasher13;
use temporalio_common::WorkflowDefinition;
use temporalio_common::data_converters::DataConverter;
use temporalio_common::protos::coresdk::activity_result::{self as result, ActivityResolution, activity_resolution};
use temporalio_common::protos::coresdk::workflow_activation::workflow_activation_job::Variant;
use temporalio_common::protos::coresdk::workflow_activation::{
    FireTimer, InitializeWorkflow, ResolveActivity, WorkflowActivation, WorkflowActivationJob,
};
use temporalio_common::protos::coresdk::workflow_commands::{self as commands, WorkflowCommand, workflow_command};
use temporalio_common::protos::temporal::api::common::v1::Payload as SdkPayload;
use temporalio_common::protos::temporal::api::failure::v1::Failure as SdkFailure;
use temporalio_workflow::__private::sdk::{
    ActivationJobResult, GuestWorkflowInstance, MAIN_ROUTINE_ID, MainRoutineCompletion, RoutineCompletion, RoutineId,
    TerminalOutcome, WorkflowHost, WorkflowInit, WorkflowInstance,
};
use temporalio_workflow::BaseWorkflowContext;

use super::TaskFailure;
use super::activation::{Job, JobKind, Resolution};
use super::execution::unhandled;
use super::machines::{Request, RequestKind};
use crate::base::probe;
use crate::base::time::{SimTime, Span};
use crate::contract::answer::ScheduleActivity;
use crate::history::proto::{
    Failure, Header, Payload, Payloads, WorkflowExecutionStartedEventAttributes, WorkflowTaskFailedCause,
};
use crate::history::timestamp::Timestamp;

/// A workflow written on the public SDK.
pub trait Workflow: temporalio_workflow::__private::sdk::WorkflowImplementation {}
impl<W: temporalio_workflow::__private::sdk::WorkflowImplementation> Workflow for W {}

/// What such a workflow takes.
pub(super) type Input<W> =
    <<W as temporalio_workflow::__private::sdk::WorkflowImplementation>::Run as WorkflowDefinition>::Input;

/// The namespace that workflow code is told it runs in.
const NAMESPACE: &str = "default";

/// Makes an instance of one workflow type.
pub(super) type Make = fn(WorkflowInit, Rc<Host>) -> Result<Box<dyn WorkflowInstance>, String>;

/// What the SDK wants to know about a run besides its history.
#[derive(Clone, Debug)]
pub(super) struct RunFacts {
    pub(super) workflow_id: String,
    pub(super) run_id: String,
    pub(super) task_queue: String,
}

/// What one activation made the code do.
pub(super) struct Ran {
    pub(super) lines: Vec<u32>,
    pub(super) requests: Vec<Request>,
}

/// A running workflow function.
pub(super) struct Instance {
    workflow: Box<dyn WorkflowInstance>,
    host: Rc<Host>,
    facts: RunFacts,
    handlers: Vec<RoutineId>,
}

/// Collects what the code asks for, with the source line it asked on.
#[derive(Default)]
pub(super) struct Host {
    asked: RefCell<Vec<(u32, WorkflowCommand)>>,
}

impl WorkflowHost for Host {
    fn set_current_details(&self, _details: String) {}

    fn push_command(&self, command: WorkflowCommand) {
        self.asked.borrow_mut().push((probe::current(), command));
    }
}

impl Instance {
    /// The type name of a workflow and its constructor.
    pub(super) fn maker<W>() -> (String, Make)
    where
        W: Workflow,
        Input<W>: Send,
    {
        fn make<W>(init: WorkflowInit, host: Rc<Host>) -> Result<Box<dyn WorkflowInstance>, String>
        where
            W: Workflow,
            Input<W>: Send,
        {
            let arguments = init.initialize_workflow.arguments.clone();
            let converter = DataConverter::default();
            let payload_converter = converter.payload_converter().clone();
            let context = BaseWorkflowContext::from_raw(init, converter, host, None, Vec::new());
            GuestWorkflowInstance::<W>::instantiate(arguments, payload_converter, context)
                .map_err(|error| error.to_string())
        }
        (W::name().to_owned(), make::<W>)
    }

    pub(super) fn new(
        make: Make,
        facts: &RunFacts,
        started: &WorkflowExecutionStartedEventAttributes,
    ) -> Result<Self, TaskFailure> {
        let host = Rc::new(Host::default());
        let init = WorkflowInit {
            namespace: NAMESPACE.to_owned(),
            task_queue: facts.task_queue.clone(),
            run_id: facts.run_id.clone(),
            initialize_workflow: initialize(facts, started),
        };
        let workflow = make(init, host.clone())
            .map_err(|error| unhandled(format!("Failed to instantiate the workflow: {error}")))?;
        Ok(Self {
            workflow,
            host,
            facts: facts.clone(),
            handlers: Vec::new(),
        })
    }

    /// Tells the code what happened and lets it run until it waits or returns.
    pub(super) fn activate(
        &mut self,
        jobs: Vec<Job>,
        time: SimTime,
        replaying: bool,
        history_length: u64,
    ) -> Result<Ran, TaskFailure> {
        let at = Timestamp::from(time);
        let activation = WorkflowActivation {
            run_id: self.facts.run_id.clone(),
            timestamp: Some(recode(&at)),
            is_replaying: replaying,
            history_length: u32::try_from(history_length).unwrap_or(u32::MAX),
            jobs: jobs.into_iter().map(|job| self.job(job)).collect(),
            ..Default::default()
        };
        probe::take();
        let applied = self
            .workflow
            .activate(activation, Waker::noop())
            .map_err(|failure| failed(&failure, None))?;
        for result in applied.job_results {
            if let ActivationJobResult::StartedRoutine(started) = result {
                self.handlers.push(started.routine_id);
            }
        }
        self.poll_until_nothing_moves()?;
        let lines = probe::take();
        let asked = std::mem::take(&mut *self.host.asked.borrow_mut());
        let requests = asked
            .into_iter()
            .map(|(line, command)| {
                Ok(Request {
                    line,
                    what: self.request(command)?,
                })
            })
            .collect::<Result<_, TaskFailure>>()?;
        Ok(Ran { lines, requests })
    }

    fn poll_until_nothing_moves(&mut self) -> Result<(), TaskFailure> {
        loop {
            let mut moved = false;
            for routine in std::mem::take(&mut self.handlers) {
                let polled = self
                    .workflow
                    .poll_routine(routine, Waker::noop())
                    .map_err(|failure| failed(&failure, None))?;
                moved |= polled.made_progress;
                match polled.completion {
                    None => self.handlers.push(routine),
                    Some(RoutineCompletion::Signal(Err(failure))) => return Err(failed(&failure, None)),
                    Some(RoutineCompletion::Signal(Ok(())) | RoutineCompletion::Update(_)) => {}
                    Some(RoutineCompletion::Main(_)) => unreachable!("only the main routine completes as such"),
                }
            }
            let polled = self
                .workflow
                .poll_routine(MAIN_ROUTINE_ID, Waker::noop())
                .map_err(|failure| failed(&failure, None))?;
            moved |= polled.made_progress;
            match polled.completion {
                Some(RoutineCompletion::Main(MainRoutineCompletion::Terminal(outcome))) => {
                    self.host.push_command(terminal(*outcome).into());
                    return Ok(());
                }
                Some(RoutineCompletion::Main(MainRoutineCompletion::TaskFailed(failure))) => {
                    return Err(failed(&failure.failure, failure.force_cause));
                }
                Some(RoutineCompletion::Main(MainRoutineCompletion::Blocked)) if !moved => return Ok(()),
                Some(RoutineCompletion::Main(MainRoutineCompletion::Blocked)) => {}
                None | Some(RoutineCompletion::Signal(_) | RoutineCompletion::Update(_)) => {
                    unreachable!("the main routine always says whether it is blocked")
                }
            }
        }
    }

    fn job(&self, job: Job) -> WorkflowActivationJob {
        let variant = match job.what {
            JobKind::Initialize(started) => Variant::InitializeWorkflow(initialize(&self.facts, &started)),
            JobKind::FireTimer { seq } => Variant::FireTimer(FireTimer { seq }),
            JobKind::ResolveActivity { seq, resolution } => {
                let status = match *resolution {
                    Resolution::Completed(payloads) => activity_resolution::Status::Completed(result::Success {
                        result: payloads
                            .and_then(|p| p.payloads.into_iter().next())
                            .map(|payload| recode(&payload)),
                    }),
                    Resolution::Failed(failure) => activity_resolution::Status::Failed(result::Failure {
                        failure: Some(recode(&failure)),
                        ..Default::default()
                    }),
                };
                let result = Some(ActivityResolution { status: Some(status) });
                Variant::ResolveActivity(ResolveActivity {
                    seq,
                    result,
                    is_local: false,
                })
            }
        };
        WorkflowActivationJob { variant: Some(variant) }
    }

    fn request(&self, command: WorkflowCommand) -> Result<RequestKind, TaskFailure> {
        use workflow_command::Variant;
        let variant = command
            .variant
            .ok_or_else(|| unhandled("the SDK issued an empty command".to_owned()))?;
        Ok(match variant {
            Variant::ScheduleActivity(request) => {
                let seq = request.seq;
                RequestKind::ScheduleActivity {
                    seq,
                    command: Box::new(self.schedule_activity(request)),
                }
            }
            Variant::StartTimer(start) => RequestKind::StartTimer {
                seq: start.seq,
                wait: span(start.start_to_fire_timeout.as_ref()),
            },
            Variant::CancelTimer(cancel) => RequestKind::CancelTimer { seq: cancel.seq },
            Variant::CompleteWorkflowExecution(complete) => RequestKind::CompleteWorkflow {
                result: complete.result.map(|payload| one_payload(&payload)),
            },
            Variant::FailWorkflowExecution(fail) => RequestKind::FailWorkflow {
                failure: Box::new(fail.failure.as_ref().map(recode).unwrap_or_default()),
            },
            other => {
                return Err(unhandled(format!(
                    "the lab does not know this command yet: {}",
                    name_of(&other)
                )));
            }
        })
    }

    fn schedule_activity(&self, request: commands::ScheduleActivity) -> ScheduleActivity {
        let same_queue = request.task_queue.is_empty() || request.task_queue == self.facts.task_queue;
        ScheduleActivity {
            // Core numbers the activities whose code gives no id.
            activity_id: if request.activity_id.is_empty() {
                request.seq.to_string()
            } else {
                request.activity_id
            },
            activity_type: request.activity_type,
            task_queue: if same_queue {
                self.facts.task_queue.clone()
            } else {
                request.task_queue
            },
            header: Header::default(),
            input: payloads(&request.arguments),
            schedule_to_close: span(request.schedule_to_close_timeout.as_ref()),
            schedule_to_start: span(request.schedule_to_start_timeout.as_ref()),
            start_to_close: span(request.start_to_close_timeout.as_ref()),
            heartbeat: span(request.heartbeat_timeout.as_ref()),
            retry_policy: request.retry_policy.as_ref().map(recode),
            request_eager: same_queue && !request.do_not_eagerly_execute,
        }
    }
}

fn initialize(facts: &RunFacts, started: &WorkflowExecutionStartedEventAttributes) -> InitializeWorkflow {
    InitializeWorkflow {
        workflow_type: started
            .workflow_type
            .as_ref()
            .map(|t| t.name.clone())
            .unwrap_or_default(),
        workflow_id: facts.workflow_id.clone(),
        arguments: started
            .input
            .iter()
            .flat_map(|input| &input.payloads)
            .map(recode)
            .collect(),
        randomness_seed: randomness_seed(&started.original_execution_run_id),
        identity: started.identity.clone(),
        attempt: started.attempt,
        first_execution_run_id: started.first_execution_run_id.clone(),
        original_execution_run_id: started.original_execution_run_id.clone(),
        ..Default::default()
    }
}

/// Core's seed for a run: `SipHash` 1-3 with zero keys over the original run id, hashed as a Rust string.
fn randomness_seed(original_run_id: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(original_run_id.as_bytes());
    hasher.write_u8(0xff);
    hasher.finish()
}

fn terminal(outcome: TerminalOutcome) -> workflow_command::Variant {
    use workflow_command::Variant;
    match outcome {
        TerminalOutcome::Completed(result) => {
            Variant::CompleteWorkflowExecution(commands::CompleteWorkflowExecution { result: Some(result) })
        }
        TerminalOutcome::Failed(failure) => Variant::FailWorkflowExecution(commands::FailWorkflowExecution {
            failure: Some(*failure),
        }),
        TerminalOutcome::Cancelled(details) => {
            Variant::CancelWorkflowExecution(commands::CancelWorkflowExecution { details })
        }
        TerminalOutcome::ContinueAsNew(request) => Variant::ContinueAsNewWorkflowExecution(*request),
    }
}

fn failed(failure: &SdkFailure, forced_cause: Option<u32>) -> TaskFailure {
    let cause = forced_cause
        .and_then(|cause| WorkflowTaskFailedCause::try_from(i32::try_from(cause).ok()?).ok())
        .unwrap_or(WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure);
    TaskFailure {
        cause,
        failure: Box::new(recode::<_, Failure>(failure)),
    }
}

fn payloads(arguments: &[SdkPayload]) -> Option<Payloads> {
    (!arguments.is_empty()).then(|| Payloads {
        payloads: arguments.iter().map(recode).collect(),
    })
}

fn one_payload(payload: &SdkPayload) -> Payloads {
    Payloads {
        payloads: vec![recode::<_, Payload>(payload)],
    }
}

/// The same message in the other copy of Temporal's types.
fn recode<A: Message, B: Message + Default>(message: &A) -> B {
    B::decode(message.encode_to_vec().as_slice()).expect("both copies come from the same descriptors")
}

/// A duration of the SDK's; absent is zero, Temporal's "not set".
fn span<D: Message>(duration: Option<&D>) -> Span {
    let own: Option<crate::history::proto::Duration> = duration.map(recode);
    crate::history::timestamp::span(own.as_ref())
}

/// The command's name. Not from its `Debug`, which would bring the printing of all that a command can hold.
fn name_of(variant: &workflow_command::Variant) -> &'static str {
    use workflow_command::Variant;
    match variant {
        Variant::StartTimer(_) => "StartTimer",
        Variant::ScheduleActivity(_) => "ScheduleActivity",
        Variant::RespondToQuery(_) => "RespondToQuery",
        Variant::RequestCancelActivity(_) => "RequestCancelActivity",
        Variant::CancelTimer(_) => "CancelTimer",
        Variant::CompleteWorkflowExecution(_) => "CompleteWorkflowExecution",
        Variant::FailWorkflowExecution(_) => "FailWorkflowExecution",
        Variant::ContinueAsNewWorkflowExecution(_) => "ContinueAsNewWorkflowExecution",
        Variant::CancelWorkflowExecution(_) => "CancelWorkflowExecution",
        Variant::SetPatchMarker(_) => "SetPatchMarker",
        Variant::StartChildWorkflowExecution(_) => "StartChildWorkflowExecution",
        Variant::CancelChildWorkflowExecution(_) => "CancelChildWorkflowExecution",
        Variant::RequestCancelExternalWorkflowExecution(_) => "RequestCancelExternalWorkflowExecution",
        Variant::SignalExternalWorkflowExecution(_) => "SignalExternalWorkflowExecution",
        Variant::CancelSignalWorkflow(_) => "CancelSignalWorkflow",
        Variant::ScheduleLocalActivity(_) => "ScheduleLocalActivity",
        Variant::RequestCancelLocalActivity(_) => "RequestCancelLocalActivity",
        Variant::UpsertWorkflowSearchAttributes(_) => "UpsertWorkflowSearchAttributes",
        Variant::ModifyWorkflowProperties(_) => "ModifyWorkflowProperties",
        Variant::UpdateResponse(_) => "UpdateResponse",
        Variant::ScheduleNexusOperation(_) => "ScheduleNexusOperation",
        Variant::RequestCancelNexusOperation(_) => "RequestCancelNexusOperation",
    }
}
