//! The seam to the official SDK's workflow runtime: the only folder that names its private modules.
//!
//! The SDK runs a workflow as a set of routines (the main function and handlers) that are polled when an activation
//! brings news, and collects what they ask for in a host. The order in which a native worker does this is followed
//! here: apply the jobs, then poll until nothing moves. The SDK has its own copy of Temporal's types: `jobs` says how news
//! gets in, `requests` how wishes get out, `convert` how a message changes sides; `rest` sees to
//! it that the code comes to rest.

pub(crate) mod convert;
mod jobs;
mod requests;
mod rest;

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use temporalio_common::WorkflowDefinition;
use temporalio_common::data_converters::DataConverter;
use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use temporalio_common::protos::coresdk::workflow_commands::{self as commands, WorkflowCommand, workflow_command};
use temporalio_common::protos::temporal::api::failure::v1::Failure as SdkFailure;
use temporalio_workflow::__private::sdk::{
    ActivationJobResult, GuestWorkflowInstance, MAIN_ROUTINE_ID, MainRoutineCompletion, RoutineCompletion, RoutineId,
    RoutinePollResult, TerminalOutcome, UpdateRoutineCompletion, WorkflowHost, WorkflowInit, WorkflowInstance,
};
use temporalio_workflow::BaseWorkflowContext;
use temporalio_workflow::workflow_interceptors::WorkflowInterceptorConstructor;

use self::convert::{one_payload, recode};
use self::rest::Rest;
use super::TaskFailure;
use super::activation::{Fed, JobKind};
use super::execution::unhandled;
use super::machines::Facts;
use super::request::{RequestKind, WorkflowRequest};
use crate::base::probe;
use crate::contract::answer::QueryAnswer;
use crate::history::proto::{Failure, WorkflowExecutionStartedEventAttributes, WorkflowTaskFailedCause};
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
pub(super) type Make =
    fn(WorkflowInit, Rc<Host>, Vec<WorkflowInterceptorConstructor>) -> Result<Box<dyn WorkflowInstance>, String>;

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
    pub(super) requests: Vec<WorkflowRequest>,
    pub(super) answers: Vec<QueryAnswer>,
}

/// A running workflow function.
pub(super) struct Instance {
    workflow: Box<dyn WorkflowInstance>,
    host: Rc<Host>,
    rest: Rest,
    facts: RunFacts,
    workflow_type: String,
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
        fn make<W>(
            init: WorkflowInit,
            host: Rc<Host>,
            interceptors: Vec<WorkflowInterceptorConstructor>,
        ) -> Result<Box<dyn WorkflowInstance>, String>
        where
            W: Workflow,
            Input<W>: Send,
        {
            let arguments = init.initialize_workflow.arguments.clone();
            let converter = DataConverter::default();
            let payload_converter = converter.payload_converter().clone();
            let context = BaseWorkflowContext::from_raw(init, converter, host, None, interceptors);
            GuestWorkflowInstance::<W>::instantiate(arguments, payload_converter, context)
                .map_err(|error| error.to_string())
        }
        (W::name().to_owned(), make::<W>)
    }

    pub(super) fn new(
        make: Make,
        facts: &RunFacts,
        started: &WorkflowExecutionStartedEventAttributes,
        started_at: Timestamp,
    ) -> Result<Self, TaskFailure> {
        let host = Rc::new(Host::default());
        let init = WorkflowInit {
            namespace: NAMESPACE.to_owned(),
            task_queue: facts.task_queue.clone(),
            run_id: facts.run_id.clone(),
            initialize_workflow: jobs::initialize(&facts.workflow_id, started, started_at),
        };
        let rest = Rest::new();
        let made = caught(|| make(init, host.clone(), rest.interceptors()))?;
        // The native worker keeps the reason for its log.
        let workflow =
            made.map_err(|_| unhandled("Failed to create workflow: Failed to create workflow execution".to_owned()))?;
        Ok(Self {
            workflow,
            host,
            rest,
            facts: facts.clone(),
            workflow_type: started
                .workflow_type
                .as_ref()
                .map(|t| t.name.clone())
                .unwrap_or_default(),
            handlers: Vec::new(),
        })
    }

    /// Tells the code what happened and lets it run until it waits or returns. Queries alone move nothing.
    pub(super) fn activate(&mut self, jobs: &[Fed], facts: &Facts, started_at: Timestamp) -> Result<Ran, TaskFailure> {
        let only_asks = jobs.iter().all(|fed| matches!(fed.job.what, JobKind::Query(_)));
        let to_sdk = |fed: &Fed| jobs::job(&fed.job.what, &self.facts.workflow_id, started_at);
        let activation = WorkflowActivation {
            run_id: self.facts.run_id.clone(),
            timestamp: Some(recode(&facts.time)),
            is_replaying: facts.replaying,
            history_length: u32::try_from(facts.last_event_id).unwrap_or(u32::MAX),
            history_size_bytes: facts.size_bytes,
            continue_as_new_suggested: facts.suggests_continue_as_new,
            suggest_continue_as_new_reasons: facts.reasons.clone(),
            jobs: jobs.iter().map(to_sdk).collect(),
            ..Default::default()
        };
        probe::take();
        self.rest.begin();
        let (workflow, waker) = (&mut self.workflow, self.rest.waker());
        let applied = caught(|| workflow.activate(activation, waker))?;
        let applied = applied.map_err(|failure| unhandled(failure.message))?;
        self.rest.check()?;
        let mut requests = Vec::new();
        let mut answers = Vec::new();
        for (fed, result) in jobs.iter().zip(applied.job_results) {
            match (&fed.job.what, result) {
                (JobKind::Update(update), ActivationJobResult::StartedRoutine(started)) => {
                    self.handlers.push(started.routine_id);
                    let update_id = update.update_id.clone();
                    requests.push(RequestKind::AcceptUpdate { update_id });
                }
                (JobKind::Update(update), ActivationJobResult::UpdateRejected(failure)) => {
                    let update_id = update.update_id.clone();
                    let failure = Box::new(recode(&*failure));
                    requests.push(RequestKind::RejectUpdate { update_id, failure });
                }
                (JobKind::Query(asked), ActivationJobResult::QueryResponse(response)) => {
                    let query_id = asked.query_id;
                    let outcome = match response.result {
                        Ok(payload) => Ok(Some(one_payload(payload))),
                        Err(failure) => Err(Box::new(recode(&failure))),
                    };
                    answers.push(QueryAnswer { query_id, outcome });
                }
                (_, ActivationJobResult::StartedRoutine(started)) => self.handlers.push(started.routine_id),
                (_, _) => {}
            }
        }
        if !only_asks {
            self.poll_until_nothing_moves(&mut requests)?;
        }
        let of_handlers = requests.into_iter().map(|what| WorkflowRequest {
            line: 0,
            what,
            user_metadata: None,
        });
        let mut requests: Vec<WorkflowRequest> = of_handlers.collect();
        let lines = probe::take();
        for (line, command) in std::mem::take(&mut *self.host.asked.borrow_mut()) {
            let user_metadata = command.user_metadata.as_ref().map(|written| Box::new(recode(written)));
            let what = requests::request(command, &self.facts, &self.workflow_type)?;
            requests.push(WorkflowRequest {
                line,
                what,
                user_metadata,
            });
        }
        Ok(Ran {
            lines,
            requests,
            answers,
        })
    }

    fn poll(&mut self, routine: RoutineId) -> Result<RoutinePollResult, TaskFailure> {
        let (workflow, waker) = (&mut self.workflow, self.rest.waker());
        let polled = caught(|| workflow.poll_routine(routine, waker))?;
        let polled = polled.map_err(|failure| unhandled(failure.message))?;
        self.rest.check()?;
        Ok(polled)
    }

    fn poll_until_nothing_moves(&mut self, requests: &mut Vec<RequestKind>) -> Result<(), TaskFailure> {
        loop {
            let mut moved = false;
            for routine in std::mem::take(&mut self.handlers) {
                let polled = self.poll(routine)?;
                moved |= polled.made_progress;
                match polled.completion {
                    None => self.handlers.push(routine),
                    Some(RoutineCompletion::Signal(Err(failure))) => return Err(unhandled(failure.message)),
                    Some(RoutineCompletion::Signal(Ok(()))) => {}
                    Some(RoutineCompletion::Update(ended)) => requests.push(outcome(ended)),
                    Some(RoutineCompletion::Main(_)) => {
                        return Err(unhandled("non-main routine returned a main completion".to_owned()));
                    }
                }
            }
            let polled = self.poll(MAIN_ROUTINE_ID)?;
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
                    return Err(unhandled("main routine returned no completion".to_owned()));
                }
            }
        }
    }
}

/// Runs workflow code. Where panics can be caught, one fails the task; elsewhere it ends the program.
fn caught<T>(run: impl FnOnce() -> T) -> Result<T, TaskFailure> {
    catch_unwind(AssertUnwindSafe(run))
        .map_err(|panic| unhandled(format!("Workflow function panicked: {}", panic_message(&*panic))))
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("Couldn't turn panic into a string")
}

fn outcome(ended: UpdateRoutineCompletion) -> RequestKind {
    match ended {
        UpdateRoutineCompletion::Completed {
            protocol_instance_id,
            result,
        } => RequestKind::CompleteUpdate {
            update_id: protocol_instance_id,
            outcome: Ok(Some(one_payload(result))),
        },
        UpdateRoutineCompletion::Rejected {
            protocol_instance_id,
            failure,
        } => RequestKind::CompleteUpdate {
            update_id: protocol_instance_id,
            outcome: Err(Box::new(recode(&*failure))),
        },
    }
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
        mismatch: None,
    }
}
