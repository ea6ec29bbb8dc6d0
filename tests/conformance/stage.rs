//! Plays a scenario on a real server: starts its workers, waits for what its script waits for, does what it says, and
//! fetches what came of it. Each performance has a namespace of its own, so its ids and queues are those of the scenario.

use std::time::{Duration, SystemTime};

use sagascope::base::time::Span;
use sagascope::sim::node::WorkerName;
use sagascope::sim::script::{Action, CLIENT_NOTICES_AFTER, When};
use temporalio_protos::temporal::api::enums::v1::{PendingActivityState, PendingWorkflowTaskState, TaskQueueType};
use temporalio_protos::temporal::api::taskqueue::v1::PollerInfo;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::client::{Answer, Caller};
use crate::moment::{self, Moment};
use crate::performance::{Performance, Told};
use crate::scenario::{Scenario, W};
use crate::wire::Wire;
use crate::worker::{WorkerProcess, identity};

/// No scenario may take longer.
const LIMIT: Duration = Duration::from_secs(150);
/// How long whatever comes after the end has to show itself.
const STRAY: Duration = Duration::from_millis(300);
/// How long the Service has to notice that a process is gone or leaves, and to close what it had open.
const GONE: Duration = Duration::from_millis(200);

/// One performance in the making.
struct Stage<'a> {
    scenario: &'a Scenario,
    address: String,
    namespace: String,
    caller: Caller,
    workers: Vec<Option<WorkerProcess>>,
    /// Of the workers that the script cuts off.
    wires: Vec<Option<Wire>>,
    told: Vec<Told>,
    moments: Vec<Moment>,
    /// Updates that nobody waits for, by their act.
    sent: Vec<(usize, JoinHandle<Answer>)>,
}

/// Plays a scenario in that namespace. What went wrong is said in words, with the histories so far.
pub(crate) async fn play(address: &str, namespace: &str, scenario: &Scenario) -> Result<Performance, String> {
    let mut stage = Stage {
        scenario,
        address: address.to_owned(),
        namespace: namespace.to_owned(),
        caller: Caller::new(address, namespace).await?,
        workers: scenario.setup.workers.iter().map(|_| None).collect(),
        wires: wires(address, scenario)?,
        told: Vec::new(),
        moments: Vec::new(),
        sent: Vec::new(),
    };
    let mut doing = "the beginning".to_owned();
    let played = tokio::time::timeout(LIMIT, stage.perform(&mut doing)).await;
    match played {
        Ok(Ok(performance)) => Ok(performance),
        Ok(Err(error)) => Err(format!("{doing}: {error}")),
        Err(_) => {
            let seen = stage.caller.sketch(&scenario.compared).await;
            Err(format!(
                "not over after {} s, at {doing}; so far:\n{seen}",
                LIMIT.as_secs()
            ))
        }
    }
}

impl Stage<'_> {
    async fn perform(&mut self, doing: &mut String) -> Result<Performance, String> {
        let setup = &self.scenario.setup;
        let at_first: Vec<_> = (0..)
            .zip(&setup.workers)
            .filter_map(|(n, w)| Some((n, w.code?)))
            .collect();
        for (worker, code) in at_first {
            self.launch(WorkerName(worker), code)?;
        }
        self.wait_for_pollers().await?;

        let answer = match &setup.signal {
            Some(signal) => self.caller.signal_with_start(&setup.start, signal).await,
            None => self.caller.start(&setup.start).await,
        };
        self.note(0, answer)?;
        for (number, act) in (1..).zip(&setup.script) {
            *doing = format!("act {number}, {:?}", act.when);
            while !self.has_come(&act.when).await? {
                sleep(real(CLIENT_NOTICES_AFTER)).await;
            }
            sleep(real(act.after)).await;
            // What comes next at once would come later.
            if act.when != When::Next {
                let moment = self.moment(number).await?;
                self.moments.extend(moment);
            }
            *doing = format!("act {number}, {:?}", act.what);
            self.act(number, &act.what).await?;
        }
        *doing = "the end".to_owned();
        if setup.lasts.is_zero() {
            for workflow_id in &self.scenario.compared {
                let closed = When::Closed {
                    workflow: workflow_id.clone(),
                };
                while !self.has_come(&closed).await? {
                    self.look_for_children(1 + setup.script.len()).await?;
                    sleep(real(CLIENT_NOTICES_AFTER)).await;
                }
            }
            sleep(STRAY).await;
        } else {
            sleep(real(setup.lasts)).await;
        }
        let runs = self.caller.runs(&self.scenario.compared).await?;
        for (act, sent) in std::mem::take(&mut self.sent) {
            if sent.is_finished() {
                let answer = sent.await.map_err(|error| error.to_string())?;
                self.note(act, answer)?;
            } else {
                sent.abort();
                self.told.push(Told {
                    act,
                    answer: Told::nothing(),
                });
            }
        }
        self.told.sort_by_key(|told| told.act);
        Ok(Performance {
            runs,
            told: std::mem::take(&mut self.told),
            moments: std::mem::take(&mut self.moments),
        })
    }

    /// Most children come and go without any act: whenever there are others, that is a moment too.
    async fn look_for_children(&mut self, act: usize) -> Result<(), String> {
        if let Some(moment) = self.moment(act).await? {
            let children = &moment.described["children"];
            let before = self.moments.last().map(|before| &before.described["children"]);
            if children.as_array().is_some_and(|children| !children.is_empty()) && before != Some(children) {
                self.moments.push(moment);
            }
        }
        Ok(())
    }

    /// How things stand now, if they stand still for as long as it takes to ask, no event has to wait, and the run is open:
    /// of a closed one the server goes on to describe what it has left behind.
    async fn moment(&self, act: usize) -> Result<Option<Moment>, String> {
        let before = self.caller.latest(W).await?;
        let description = self.caller.describe(W).await?;
        let events = self.caller.latest(W).await?;
        let runs = description.pending_workflow_task.as_ref();
        let waits = runs.is_some_and(|task| task.state() == PendingWorkflowTaskState::Started);
        let described = moment::described(&description);
        let still = before == events && !waits && described["open"] == true;
        Ok(still.then_some(Moment { act, events, described }))
    }

    /// An answer of the Service is a result, also a refusal; anything else is a failure of the performance.
    fn note(&mut self, act: usize, answer: Answer) -> Result<(), String> {
        self.told.push(Told { act, answer: answer? });
        Ok(())
    }

    async fn act(&mut self, number: usize, what: &Action) -> Result<(), String> {
        let caller = &self.caller;
        let answer = match what {
            Action::Start(start) => caller.start(start).await,
            Action::Signal(workflow, signal) => caller.signal(workflow, signal).await,
            Action::SignalWithStart(start, signal) => caller.signal_with_start(start, signal).await,
            Action::Query(workflow, query) => caller.query(workflow, query).await,
            Action::Update(workflow, update) => caller.update(workflow, update).await,
            Action::SendUpdate(workflow, update) => {
                let (caller, workflow, update) = (caller.clone(), workflow.clone(), update.clone());
                let sent = tokio::spawn(async move { caller.update(&workflow, &update).await });
                self.sent.push((number, sent));
                // It should be on its way before the next act is.
                sleep(real(CLIENT_NOTICES_AFTER)).await;
                return Ok(());
            }
            Action::Cancel(workflow, reason) => caller.cancel(workflow, reason).await,
            Action::Terminate(workflow, reason) => caller.terminate(workflow, reason).await,
            Action::Reset(workflow, reset) => caller.reset(workflow, reset).await,
            Action::Kill(worker) => {
                self.worker(*worker)?.kill();
                sleep(GONE).await;
                return Ok(());
            }
            Action::Stop(worker) => {
                self.worker(*worker)?.leave();
                sleep(GONE).await;
                return Ok(());
            }
            Action::Launch(worker, code) => return self.relaunch(*worker, *code).await,
            Action::Partition(worker) => return self.cut(*worker, true),
            Action::Heal(worker) => return self.cut(*worker, false),
        };
        self.note(number, answer)
    }

    // ---- Workers.

    fn worker(&mut self, name: WorkerName) -> Result<&mut WorkerProcess, String> {
        let process = self.workers.get_mut(usize::from(name.0)).and_then(Option::as_mut);
        process.ok_or_else(|| format!("worker {name} was never started"))
    }

    fn launch(&mut self, name: WorkerName, code: u8) -> Result<(), String> {
        let place = usize::from(name.0);
        let address = self.wires[place].as_ref().map_or(&self.address, |wire| &wire.address);
        let process = WorkerProcess::launch(address, &self.namespace, self.scenario, name.0, code)?;
        self.workers[place] = Some(process);
        Ok(())
    }

    fn cut(&mut self, name: WorkerName, cut: bool) -> Result<(), String> {
        let wire = self.wires.get(usize::from(name.0)).and_then(Option::as_ref);
        wire.ok_or_else(|| format!("worker {name} has no wire"))?.cut(cut);
        Ok(())
    }

    /// Asks a process that still runs to leave, and starts a new one.
    async fn relaunch(&mut self, name: WorkerName, code: u8) -> Result<(), String> {
        if let Ok(old) = self.worker(name) {
            old.leave();
            while old.runs() {
                sleep(real(CLIENT_NOTICES_AFTER)).await;
            }
        }
        self.launch(name, code)
    }

    /// Until every worker polls every queue that it is there for.
    async fn wait_for_pollers(&mut self) -> Result<(), String> {
        for (worker, setup) in (0..).zip(&self.scenario.setup.workers) {
            let Some(since) = self.workers[usize::from(worker)].as_ref().map(|process| process.since) else {
                continue;
            };
            let kinds = [
                (setup.workflows, TaskQueueType::Workflow),
                (setup.activities, TaskQueueType::Activity),
            ];
            for (_, kind) in kinds.into_iter().filter(|(wanted, _)| *wanted) {
                while !polls(
                    &self.caller.pollers(&setup.task_queue, kind).await?,
                    &identity(worker),
                    since,
                ) {
                    if !self.worker(WorkerName(worker))?.runs() {
                        return Err(format!("worker {} has ended: see its log", WorkerName(worker)));
                    }
                    sleep(real(CLIENT_NOTICES_AFTER)).await;
                }
            }
        }
        Ok(())
    }

    // ---- Triggers.

    async fn has_come(&self, when: &When) -> Result<bool, String> {
        Ok(match when {
            When::Next => true,
            When::Event {
                workflow,
                event_type,
                count,
            } => {
                let events = self.caller.latest(workflow).await?;
                let so_many = events.iter().filter(|event| event.event_type() == *event_type).count();
                so_many >= *count as usize
            }
            When::AttemptStarted {
                workflow,
                activity_id,
                attempt,
            } => {
                let pending = self.caller.describe(workflow).await?.pending_activities;
                pending.iter().any(|activity| {
                    let started = activity.state() == PendingActivityState::Started;
                    activity.activity_id == *activity_id
                        && (numbered(activity.attempt, *attempt, u32::gt)
                            || started && numbered(activity.attempt, *attempt, u32::ge))
                })
            }
            When::AttemptFailed {
                workflow,
                activity_id,
                attempt,
            } => {
                let pending = self.caller.describe(workflow).await?.pending_activities;
                pending.iter().any(|activity| {
                    activity.activity_id == *activity_id && numbered(activity.attempt, *attempt, u32::gt)
                })
            }
            When::TaskStarted { workflow, attempt } => {
                let pending = self.caller.describe(workflow).await?.pending_workflow_task;
                pending.is_some_and(|task| {
                    let started = task.state() == PendingWorkflowTaskState::Started;
                    numbered(task.attempt, *attempt, u32::gt) || started && numbered(task.attempt, *attempt, u32::ge)
                })
            }
            When::Closed { workflow } => {
                let info = self.caller.describe(workflow).await?.workflow_execution_info;
                info.is_some_and(|info| info.close_time.is_some())
            }
        })
    }
}

fn wires(address: &str, scenario: &Scenario) -> Result<Vec<Option<Wire>>, String> {
    let workers = (0..).zip(&scenario.setup.workers);
    workers
        .map(|(worker, _)| {
            scenario
                .cuts(worker)
                .then(|| Wire::to(address))
                .transpose()
                .map_err(|error| error.to_string())
        })
        .collect()
}

fn numbered(attempt: i32, wanted: u32, compare: fn(&u32, &u32) -> bool) -> bool {
    u32::try_from(attempt).is_ok_and(|attempt| compare(&attempt, &wanted))
}

fn polls(pollers: &[PollerInfo], identity: &str, since: SystemTime) -> bool {
    pollers.iter().any(|poller| {
        let access = poller
            .last_access_time
            .as_ref()
            .and_then(|at| SystemTime::try_from(*at).ok());
        poller.identity == identity && access >= Some(since)
    })
}

fn real(span: Span) -> Duration {
    Duration::from_nanos(span.0)
}
