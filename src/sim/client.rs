//! Clients and operators: they start the workflow, play the script, and hear what the Service says.
//!
//! Acts follow each other. An act's trigger is looked for after every step once the act before is done; the client
//! notices it [`CLIENT_NOTICES_AFTER`] later, as one that looks at intervals would. What was said to each act is kept in
//! [`Client::log`], to be compared with what a real server says.
//!
//! What the user lets a client do waits for nothing: neither for the acts before nor for an answer.

use super::Sim;
use super::agenda::Due;
use super::choice::{ClientVerb, FIRST_TASK, Request};
use super::fault::Verb;
use super::script::{Action, CLIENT_NOTICES_AFTER, When};
use super::step::Step;
use crate::base::sorted::SortedMap;
use crate::base::time::{SimTime, Span};
use crate::contract::request::{Query, Refusal, Reply, Reset, Signal, StartWorkflow, Target, Ticket, Update};
use crate::contract::task::RunKey;
use crate::history::payload;
use crate::history::proto::{Attributes, EventType, Payloads};
use crate::history::text::payload_preview;
use crate::service::run::Run;
use crate::service::unwritten::Attempt;

/// Who acts, in histories, where nobody says otherwise.
pub const CLIENT_IDENTITY: &str = "client@lab";

/// How long a client waits for the answer to a question (`temporalio-client` 1.1.1: an ordinary call).
const ANSWER_WITHIN: Span = Span::secs(30);

/// The clients and operators of a run.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The workflow was started, or refused.
    pub(super) started: bool,
    /// When the last act was done.
    pub(super) done_at: Option<SimTime>,
    acts_done: u32,
    state: State,
    tickets: SortedMap<Ticket, u32>,
    inbox: Vec<(u32, Reply)>,
    log: Vec<Said>,
}

/// What the clients do now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// They look for the trigger of the next act.
    #[default]
    Watching,
    /// They have seen it; the act is on the agenda.
    Acting,
    /// They wait for the answer to the last act.
    Waiting(Ticket),
    /// Nothing is left in the script.
    Done,
}

/// What a client was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// About which act of the script, from 1; 0 is the start of the workflow. The user's choices are counted on from
    /// there ([`Sim::act_of_choice`]).
    pub act: u32,
    /// When.
    pub at: SimTime,
    /// What.
    pub what: Result<Told, Refusal>,
}

/// What the Service says if it does what it was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// It is done.
    Done,
    /// This run was started, or was there already.
    Run(RunKey),
    /// The answer to a question, the outcome of an update.
    Outcome(Option<Payloads>),
}

impl Client {
    /// Everything that was said, in order.
    pub fn log(&self) -> &[Said] {
        &self.log
    }

    /// What was said to an act, counted as in [`Said::act`].
    pub fn told(&self, act: u32) -> Option<&Result<Told, Refusal>> {
        self.log.iter().find(|said| said.act == act).map(|said| &said.what)
    }

    /// Whether nothing is left to be done, and no answer is waited for.
    pub fn is_done(&self) -> bool {
        self.done_at.is_some() && self.tickets.is_empty()
    }

    /// Which act waits for its trigger now, from 1.
    pub fn watches(&self) -> Option<u32> {
        (self.state == State::Watching).then_some(self.acts_done + 1)
    }

    /// Which act waits for its answer now, from 1.
    pub fn waits(&self) -> Option<u32> {
        matches!(self.state, State::Waiting(_)).then_some(self.acts_done)
    }
}

impl Sim {
    pub(super) fn start_workflow(&mut self) -> Step {
        self.client.started = true;
        let start = identified(self.setup.start.clone());
        let started = match self.setup.signal.clone() {
            None => self.service.start_workflow(self.now, start),
            Some(mut signal) => {
                default_identity(&mut signal.identity);
                self.service.signal_with_start(self.now, start, signal)
            }
        };
        match started {
            Ok(run) => {
                self.said(0, Ok(Told::Run(run)));
                Step::WorkflowStarted { run }
            }
            Err(refusal) => {
                let refused = Some(refusal_text(&refusal));
                self.said(0, Err(refusal));
                Step::Acted {
                    act: 0,
                    what: "a client starts the workflow".to_owned(),
                    refused,
                }
            }
        }
    }

    /// Looks for the answers that have come and for the trigger of the next act.
    pub(super) fn watch(&mut self) {
        for reply in self.service.take_replies() {
            let Some(act) = self.client.tickets.remove(&reply.ticket) else {
                continue;
            };
            self.agenda.forget_waiting(reply.ticket);
            let reply = self.received(act, reply);
            self.agenda.add(self.now + Span::millis(1), Due::Hear { reply });
        }
        if self.client.state == State::Watching {
            self.look_for_trigger();
        }
        let all_heard = !self.client.tickets.values().any(|act| self.is_scripted(*act))
            && !self.agenda.iter().any(|(_, due)| match due {
                Due::Hear { reply } => self.is_scripted(self.client.inbox[reply as usize].0),
                _ => false,
            });
        if self.client.state == State::Done && all_heard && self.client.done_at.is_none() {
            self.client.done_at = Some(self.now);
        }
    }

    fn look_for_trigger(&mut self) {
        let done = self.client.acts_done;
        let Some(act) = self.setup.script.get(done as usize) else {
            self.client.state = State::Done;
            self.client.done_at = Some(self.now);
            return;
        };
        if !self.has_come(&act.when) {
            return;
        }
        let notices = if act.when == When::Next {
            Span::ZERO
        } else {
            CLIENT_NOTICES_AFTER
        };
        let takes = self
            .chance
            .span("client", &[u64::from(done)], Span::millis(1), Span::millis(3));
        self.agenda.add(self.now + notices + act.after + takes, Due::Act);
        self.client.state = State::Acting;
    }

    /// Whether what an act waits for is the case, or was.
    fn has_come(&self, when: &When) -> bool {
        let latest = |workflow: &str| self.service.latest(workflow).map(|key| self.service.run(key));
        match when {
            When::Next => true,
            When::Event {
                workflow,
                event_type,
                count,
            } => latest(workflow).is_some_and(|run| {
                let events = run
                    .log
                    .events()
                    .iter()
                    .filter(|event| event.event_type() == *event_type);
                u32::try_from(events.count()).unwrap_or(u32::MAX) >= *count
            }),
            When::AttemptStarted {
                workflow,
                activity_id,
                attempt,
            } => latest(workflow).is_some_and(|run| begun(run, activity_id) >= *attempt),
            When::AttemptFailed {
                workflow,
                activity_id,
                attempt,
            } => latest(workflow).is_some_and(|run| due(run, activity_id) > *attempt),
            When::TaskStarted { workflow, attempt } => latest(workflow)
                .and_then(|run| run.workflow_task())
                .is_some_and(|task| task.attempt > *attempt || (task.attempt == *attempt && task.is_started())),
            When::Closed { workflow } => latest(workflow).is_some_and(|run| !run.is_open()),
        }
    }

    pub(super) fn act(&mut self) -> Step {
        let place = self.client.acts_done;
        self.client.acts_done += 1;
        self.client.state = State::Watching;
        let act = self.client.acts_done;
        let action = self.setup.script[place as usize].what.clone();
        self.perform(act, action)
    }

    /// The number under which the log speaks of the user's choice at that place, from 0: those of the script come first.
    pub fn act_of_choice(&self, place: usize) -> u32 {
        u32::try_from(self.setup.script.len() + 1 + place).expect("scripts and addresses are short")
    }

    fn is_scripted(&self, act: u32) -> bool {
        act < self.act_of_choice(0)
    }

    /// A client does what the user wants.
    pub(super) fn ask(&mut self, choice: usize, request: Request) -> Step {
        let act = self.act_of_choice(choice);
        let action = self.action(act, request);
        self.perform(act, action)
    }

    fn action(&self, act: u32, request: Request) -> Action {
        let Request {
            verb,
            workflow_id,
            name,
            more,
        } = request;
        let input = (!more.is_empty()).then(|| payload::written(&more));
        match verb {
            ClientVerb::Signal => {
                let signal = Signal {
                    name,
                    input,
                    ..Default::default()
                };
                Action::Signal(workflow_id, signal)
            }
            ClientVerb::Query => Action::Query(workflow_id, Query { name, args: input }),
            ClientVerb::Update => {
                let update = Update {
                    update_id: self.chance.uuid("update", &[u64::from(act)]),
                    name,
                    args: input,
                    ..Default::default()
                };
                Action::Update(workflow_id, update)
            }
            ClientVerb::Cancel => Action::Cancel(workflow_id, more),
            ClientVerb::Terminate => Action::Terminate(workflow_id, more),
            ClientVerb::Reset => {
                let reset = Reset {
                    event_id: self.reset_point(&workflow_id, &name),
                    reason: more,
                    reapply_signals: true,
                    reapply_updates: true,
                };
                Action::Reset(workflow_id, reset)
            }
        }
    }

    /// The event that is meant; 0, which the Service refuses, if no workflow task was completed yet.
    fn reset_point(&self, workflow_id: &str, point: &str) -> i64 {
        if let Ok(event_id) = point.parse() {
            return event_id;
        }
        let events = self
            .service
            .latest(workflow_id)
            .map_or(&[][..], |key| self.service.run(key).log.events());
        let mut completed = events
            .iter()
            .filter(|event| event.event_type() == EventType::WorkflowTaskCompleted);
        let event = if point == FIRST_TASK {
            completed.next()
        } else {
            completed.next_back()
        };
        event.map_or(0, |event| event.event_id)
    }

    fn perform(&mut self, act: u32, action: Action) -> Step {
        let what = action.sentence();
        let told = match self.request(act, action) {
            Ok(told) => told,
            Err(step) => {
                self.said(act, Ok(Told::Done));
                return *step;
            }
        };
        let refused = told.as_ref().err().map(refusal_text);
        match told {
            Ok(None) => {}
            Ok(Some(told)) => self.said(act, Ok(told)),
            Err(refusal) => self.said(act, Err(refusal)),
        }
        Step::Acted { act, what, refused }
    }

    /// Asks the Service; `None` if the answer comes later. What is done to a worker is a step of its own kind.
    fn request(&mut self, act: u32, action: Action) -> Result<Result<Option<Told>, Refusal>, Box<Step>> {
        let now = self.now;
        let done = |()| Some(Told::Done);
        let by_client = CLIENT_IDENTITY;
        Ok(match action {
            Action::Start(start) => {
                let run = self.service.start_workflow(now, identified(*start));
                run.map(|run| Some(Told::Run(run)))
            }
            Action::Signal(workflow, mut signal) => {
                default_identity(&mut signal.identity);
                self.service.signal(now, &Target::latest(&workflow), signal).map(done)
            }
            Action::SignalWithStart(start, mut signal) => {
                default_identity(&mut signal.identity);
                let run = self.service.signal_with_start(now, identified(*start), signal);
                run.map(|run| Some(Told::Run(run)))
            }
            Action::Query(workflow, query) => {
                let ticket = self.service.query(now, &Target::latest(&workflow), query);
                ticket.map(|ticket| {
                    self.agenda.add(now + ANSWER_WITHIN, Due::StopWaiting { ticket });
                    self.wait_for(act, ticket)
                })
            }
            Action::Update(workflow, mut update) => {
                default_identity(&mut update.identity);
                let ticket = self.service.update(now, &Target::latest(&workflow), update);
                ticket.map(|ticket| self.wait_for(act, ticket))
            }
            Action::SendUpdate(workflow, mut update) => {
                default_identity(&mut update.identity);
                let ticket = self.service.update(now, &Target::latest(&workflow), update);
                ticket.map(|ticket| {
                    self.client.tickets.insert(ticket, act);
                    None
                })
            }
            Action::Cancel(workflow, reason) => {
                let target = Target::latest(&workflow);
                self.service.cancel(now, &target, &reason, by_client).map(done)
            }
            Action::Terminate(workflow, reason) => {
                let target = Target::latest(&workflow);
                self.service.terminate(now, &target, &reason, by_client).map(done)
            }
            Action::Reset(workflow, reset) => {
                let run = self.service.reset(now, &Target::latest(&workflow), reset);
                run.map(|run| Some(Told::Run(run)))
            }
            Action::Kill(worker) => return Err(Box::new(self.intervene(worker, Verb::Kill))),
            Action::Stop(worker) => return Err(Box::new(self.intervene(worker, Verb::Stop))),
            Action::Launch(worker, code) => return Err(Box::new(self.launch(worker, code))),
            Action::Partition(worker) => return Err(Box::new(self.intervene(worker, Verb::Cut))),
            Action::Heal(worker) => return Err(Box::new(self.intervene(worker, Verb::Heal))),
        })
    }

    fn wait_for(&mut self, act: u32, ticket: Ticket) -> Option<Told> {
        self.client.tickets.insert(ticket, act);
        if self.is_scripted(act) {
            self.client.state = State::Waiting(ticket);
        }
        None
    }

    /// A worker that took the question may have died with it: nobody else is asked.
    pub(super) fn stop_waiting(&mut self, ticket: Ticket) -> Step {
        let act = self.client.tickets.remove(&ticket);
        let act = act.expect("an answer that has come takes this off the agenda");
        let reply = Reply {
            ticket,
            at: self.now,
            outcome: Err(Refusal::Deadline("context deadline exceeded".to_owned())),
        };
        let reply = self.received(act, reply);
        self.hear(reply)
    }

    fn received(&mut self, act: u32, reply: Reply) -> u32 {
        let number = u32::try_from(self.client.inbox.len()).expect("bounded by the script");
        self.client.inbox.push((act, reply));
        number
    }

    pub(super) fn hear(&mut self, reply: u32) -> Step {
        let (act, reply) = self.client.inbox[reply as usize].clone();
        if self.client.state == State::Waiting(reply.ticket) {
            self.client.state = State::Watching;
        }
        let ok = reply.outcome.is_ok();
        let what = match &reply.outcome {
            Ok(outcome) => outcome
                .as_ref()
                .and_then(|outcome| outcome.payloads.first())
                .map_or_else(|| "done".to_owned(), payload_preview),
            Err(refusal) => refusal_text(refusal),
        };
        self.said(act, reply.outcome.map(Told::Outcome));
        Step::Heard { act, what, ok }
    }

    fn said(&mut self, act: u32, what: Result<Told, Refusal>) {
        let at = self.now;
        self.client.log.push(Said { act, at, what });
    }
}

/// How many attempts of an activity some worker has taken.
fn begun(run: &Run, activity_id: &str) -> u32 {
    match pending(run, activity_id) {
        Some(attempt) if attempt.is_running() => attempt.number,
        Some(attempt) => attempt.number - 1,
        None => written_attempt(run, activity_id),
    }
}

/// Which attempt of an activity has begun or is waited for.
fn due(run: &Run, activity_id: &str) -> u32 {
    pending(run, activity_id).map_or_else(|| written_attempt(run, activity_id), |attempt| attempt.number)
}

fn pending<'a>(run: &'a Run, activity_id: &str) -> Option<&'a Attempt> {
    let scheduled_event_id = run.state.activities.named(activity_id)?;
    run.activity(scheduled_event_id).map(|activity| activity.attempt)
}

/// The last attempt of an activity that has ended, by the history.
fn written_attempt(run: &Run, activity_id: &str) -> u32 {
    let events = run.log.events();
    let scheduled = events.iter().rev().find(|event| {
        matches!(&event.attributes, Some(Attributes::ActivityTaskScheduledEventAttributes(a)) if a.activity_id == activity_id)
    });
    let Some(scheduled) = scheduled.map(|event| event.event_id) else {
        return 0;
    };
    let started = events.iter().rev().find_map(|event| match &event.attributes {
        Some(Attributes::ActivityTaskStartedEventAttributes(a)) if a.scheduled_event_id == scheduled => Some(a.attempt),
        _ => None,
    });
    started.and_then(|attempt| u32::try_from(attempt).ok()).unwrap_or(0)
}

fn identified(mut start: StartWorkflow) -> StartWorkflow {
    default_identity(&mut start.identity);
    start
}

fn default_identity(identity: &mut String) {
    if identity.is_empty() {
        CLIENT_IDENTITY.clone_into(identity);
    }
}

/// What a refusal says.
pub fn refusal_text(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotFound(message)
        | Refusal::AlreadyStarted { message, .. }
        | Refusal::Invalid(message)
        | Refusal::Precondition(message)
        | Refusal::Exhausted(message)
        | Refusal::Deadline(message) => message.clone(),
        Refusal::Handler(failure) => failure.message.clone(),
    }
}
