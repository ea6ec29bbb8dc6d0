//! Makes sure that workflow code comes to rest, and that nobody but the SDK wakes it.
//!
//! Code that is polled and polled again within one activation never gives the worker an answer. The SDKs with a deadlock
//! detector give it a second or two; here it has so many polls, which is the same in every run. The SDK polls a routine
//! for as long as that changes the workflow's state, so the count is kept inside of what it polls: by an interceptor
//! around each routine, which stops polling on when the patience is over. (A loop without any `await` is not stopped:
//! no poll ever ends in it.)
//!
//! A waker that is woken from outside of the SDK's own futures belongs to a future that replay cannot repeat; the native
//! worker fails the task at once, and so does this one. (The SDK's `WakeTracker`.)

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

use temporalio_workflow::__private::sdk::is_sdk_wake;
use temporalio_workflow::workflow_interceptors::{
    ExecuteWorkflowInput, ExecuteWorkflowResult, HandleSignalInput, HandleSignalResult, HandleUpdateInput,
    HandleUpdateResult, WorkflowInterceptor, WorkflowInterceptorConstructor, WorkflowInterceptorContext,
    WorkflowInterceptorFuture, WorkflowNext,
};

use crate::history::proto::WorkflowTaskFailedCause;
use crate::worker::TaskFailure;
use crate::worker::execution::{task_failure, unhandled};

/// How often a routine may be polled within one activation.
const POLLS_MAX: u32 = 10_000;

/// Watches over one instance.
pub(super) struct Rest {
    watched: Arc<Watched>,
    waker: Waker,
}

#[derive(Default)]
struct Watched {
    /// Counts the activations, so that each routine's count can begin anew.
    activation: AtomicU32,
    patience_is_over: AtomicBool,
    woken_by_others: AtomicBool,
}

impl Wake for Watched {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !is_sdk_wake() {
            self.woken_by_others.store(true, Relaxed);
        }
    }
}

impl Rest {
    pub(super) fn new() -> Self {
        let watched = Arc::<Watched>::default();
        Self {
            waker: Waker::from(watched.clone()),
            watched,
        }
    }

    /// What the instance must be made with, for the polls to be counted.
    pub(super) fn interceptors(&self) -> Vec<WorkflowInterceptorConstructor> {
        let watched = self.watched.clone();
        vec![WorkflowInterceptorConstructor::new(move |_| Patience(watched.clone()))]
    }

    /// What the instance must be polled with, for the wakes to be seen.
    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// An activation begins.
    pub(super) fn begin(&self) {
        self.watched.activation.fetch_add(1, Relaxed);
    }

    /// Says what is wrong, if anything, after the code has run.
    pub(super) fn check(&self) -> Result<(), TaskFailure> {
        if self.watched.woken_by_others.swap(false, Relaxed) {
            return Err(task_failure(
                WorkflowTaskFailedCause::NonDeterministicError,
                // The native worker's words.
                "[TMPRL1100] Nondeterministic future detected: a waker was invoked by a non-SDK source. This usually \
                 means workflow code is using nondeterministic operations like tokio async functions or channels, other \
                 async libraries, or std::thread. Use SDK-provided alternatives (ctx.timer(), ctx.state_mut() + \
                 ctx.wait_condition(), etc.) instead."
                    .to_owned(),
            ));
        }
        if self.watched.patience_is_over.swap(false, Relaxed) {
            return Err(unhandled(format!(
                "[TMPRL1101] Potential deadlock detected: workflow code did not yield within {POLLS_MAX} polls"
            )));
        }
        Ok(())
    }
}

/// Stands around each routine of an instance.
struct Patience(Arc<Watched>);

impl Patience {
    fn around<'a, T: 'a>(&self, inner: WorkflowInterceptorFuture<'a, T>) -> WorkflowInterceptorFuture<'a, T> {
        WorkflowInterceptorFuture::new(Counted {
            watched: self.0.clone(),
            activation: 0,
            polls: 0,
            inner,
        })
    }
}

impl WorkflowInterceptor for Patience {
    fn execute<'a>(
        &'a self,
        _ctx: WorkflowInterceptorContext,
        input: ExecuteWorkflowInput,
        next: WorkflowNext<'a, ExecuteWorkflowInput, WorkflowInterceptorFuture<'a, ExecuteWorkflowResult>>,
    ) -> WorkflowInterceptorFuture<'a, ExecuteWorkflowResult> {
        self.around(next.run(input))
    }

    fn handle_signal<'a>(
        &'a self,
        _ctx: WorkflowInterceptorContext,
        input: HandleSignalInput,
        next: WorkflowNext<'a, HandleSignalInput, WorkflowInterceptorFuture<'a, HandleSignalResult>>,
    ) -> WorkflowInterceptorFuture<'a, HandleSignalResult> {
        self.around(next.run(input))
    }

    fn handle_update<'a>(
        &'a self,
        _ctx: WorkflowInterceptorContext,
        input: HandleUpdateInput,
        next: WorkflowNext<'a, HandleUpdateInput, WorkflowInterceptorFuture<'a, HandleUpdateResult>>,
    ) -> WorkflowInterceptorFuture<'a, HandleUpdateResult> {
        self.around(next.run(input))
    }
}

/// A routine whose polls are counted.
struct Counted<'a, T> {
    watched: Arc<Watched>,
    activation: u32,
    polls: u32,
    inner: WorkflowInterceptorFuture<'a, T>,
}

impl<T> Future for Counted<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let activation = self.watched.activation.load(Relaxed);
        if self.activation != activation {
            self.activation = activation;
            self.polls = 0;
        }
        self.polls += 1;
        if self.polls > POLLS_MAX {
            self.watched.patience_is_over.store(true, Relaxed);
            return Poll::Pending;
        }
        Pin::new(&mut self.inner).poll(context)
    }
}
