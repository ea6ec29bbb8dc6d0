//! A circuit breaker: one long-lived workflow for a service, which all its callers ask before a call and tell after it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    CancellableFuture, ContinueAsNewOptions, SignalWorkflowOptions, SyncWorkflowContext, WorkflowContext,
    WorkflowContextView, WorkflowResult, join_all, select,
};

use crate::catalogue::workflows::guarded_call::GuardedCall;

/// So many failures in a row open the circuit.
const MAX_FAILURES: u32 = 3;
/// How long it stays open, and how long it waits for the probe's report.
const PAUSE: Duration = Duration::from_secs(60);

/// Guards a service.
#[workflow]
pub struct CircuitBreaker {
    breaker: Breaker,
    probe: String,
    asking: Vec<String>,
    reports: Vec<Report>,
    retired: bool,
}

#[workflow_methods]
impl CircuitBreaker {
    #[init]
    fn new(_ctx: &WorkflowContextView, breaker: Breaker) -> Self {
        Self {
            breaker,
            probe: String::new(),
            asking: Vec::new(),
            reports: Vec::new(),
            retired: false,
        }
    }

    #[run(name = "CircuitBreaker")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Breaker> {
        let pause_of = |circuit| matches!(circuit, Circuit::Open | Circuit::Probing).then(|| ctx.timer(PAUSE));
        let mut circuit = ctx.state(|state| state.breaker.circuit);
        let mut pause = pause_of(circuit);
        loop {
            let is_over = match &mut pause {
                None => ctx.wait_condition(Self::has_news).await.map(|()| false)?,
                Some(pause) => select! {
                    _ = &mut *pause => true,
                    news = ctx.wait_condition(Self::has_news) => news.map(|()| false)?,
                },
            };

            let answers = ctx.state_mut(|state| state.settle(is_over));
            let turned = ctx.state(|state| state.breaker.circuit);
            if turned != circuit {
                if let Some(old) = pause.take() {
                    old.cancel();
                }
                circuit = turned;
                pause = pause_of(circuit);
            }

            join_all(
                answers
                    .into_iter()
                    .map(|(caller, may_call)| tell(ctx, caller, may_call)),
            )
            .await;

            // Between two runs nothing may be in hand but what the next one is given.
            let (idle, retired) = ctx.state(|state| (state.is_idle(), state.retired));
            let breaker = ctx.state(|state| state.breaker.clone());
            if idle && retired {
                return Ok(breaker);
            }
            if idle && pause.is_none() && ctx.continue_as_new_suggested() {
                ctx.continue_as_new(breaker, ContinueAsNewOptions::default())?;
            }
        }
    }

    /// A workflow wants to call the service; it is told by the signal `answer` whether it may.
    #[signal(name = "ask")]
    pub fn ask(&mut self, _ctx: &mut SyncWorkflowContext<Self>, caller: String) {
        self.asking.push(caller);
    }

    /// A workflow has called the service.
    #[signal(name = "report")]
    pub fn report(&mut self, _ctx: &mut SyncWorkflowContext<Self>, report: Report) {
        self.reports.push(report);
    }

    /// The service is not used any more.
    #[signal(name = "retire")]
    pub fn retire(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.retired = true;
    }

    #[query(name = "status")]
    pub fn status(&self, _ctx: &WorkflowContextView) -> Breaker {
        self.breaker.clone()
    }
}

impl CircuitBreaker {
    fn is_idle(&self) -> bool {
        self.asking.is_empty() && self.reports.is_empty()
    }

    fn has_news(&self) -> bool {
        !self.is_idle() || self.retired
    }

    /// Takes in what was reported, and then says who may call.
    fn settle(&mut self, pause_is_over: bool) -> Vec<(String, bool)> {
        let before = self.breaker.circuit;
        for Report { caller, success } in std::mem::take(&mut self.reports) {
            match self.breaker.circuit {
                Circuit::Closed => self.breaker.count(success),
                Circuit::Probing if caller == self.probe && success => self.breaker.close(),
                Circuit::Probing if caller == self.probe => self.breaker.open(),
                // A call from before the circuit opened: no news.
                _ => {}
            }
        }
        if pause_is_over && self.breaker.circuit == before {
            match before {
                Circuit::Open => self.breaker.circuit = Circuit::HalfOpen,
                // A probe that is not heard of is no good sign either.
                Circuit::Probing => self.breaker.open(),
                Circuit::Closed | Circuit::HalfOpen => {}
            }
        }
        let asking = std::mem::take(&mut self.asking);
        asking
            .into_iter()
            .map(|caller| (caller.clone(), self.lets_through(caller)))
            .collect()
    }

    fn lets_through(&mut self, caller: String) -> bool {
        let may_call = matches!(self.breaker.circuit, Circuit::Closed | Circuit::HalfOpen);
        if self.breaker.circuit == Circuit::HalfOpen {
            self.breaker.circuit = Circuit::Probing;
            self.probe = caller;
        }
        if may_call {
            self.breaker.let_through += 1;
        } else {
            self.breaker.spared += 1;
        }
        may_call
    }
}

/// Answers a caller. One that is gone needs no answer.
async fn tell(ctx: &WorkflowContext<CircuitBreaker>, caller: String, may_call: bool) {
    let caller = ctx.external_workflow(caller, None);
    let _ = caller
        .signal(GuardedCall::answer, may_call, SignalWorkflowOptions::default())
        .await;
}

/// The workflow that guards a service.
pub fn breaker_of(service: &str) -> String {
    format!("breaker-{service}")
}

/// What a breaker knows: it is handed from run to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Breaker {
    /// Where it stands.
    pub circuit: Circuit,
    /// How many calls in a row have failed.
    pub failures: u32,
    /// How often it has opened.
    pub opened: u32,
    /// How many callers it has let through.
    pub let_through: u32,
    /// How many calls it has spared the service.
    pub spared: u32,
}

/// Where a breaker stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Circuit {
    /// Everybody may call.
    #[default]
    Closed,
    /// Nobody may.
    Open,
    /// The next one may.
    HalfOpen,
    /// One does, and its report decides.
    Probing,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The workflow that called.
    pub caller: String,
    /// Whether the service has answered.
    pub success: bool,
}

impl Breaker {
    fn count(&mut self, success: bool) {
        self.failures = if success { 0 } else { self.failures + 1 };
        if self.failures >= MAX_FAILURES {
            self.open();
        }
    }

    fn open(&mut self) {
        self.circuit = Circuit::Open;
        self.opened += 1;
    }

    fn close(&mut self) {
        self.circuit = Circuit::Closed;
        self.failures = 0;
    }
}
