//! What the code asks for: each request becomes a machine, or goes to the machine of an earlier one.

use super::Machines;
use super::activity::Activity;
use super::child::Child;
use super::commands::Asked;
use super::error::MachineError;
use super::external::External;
use super::local_activity::LocalActivity;
use super::local_work::LocalWork;
use super::machine::{Cancellation, Machine};
use super::patch::{self, Patch};
use super::roster::{Key, Name};
use super::terminal::Single;
use super::timer::Timer;
use super::update::Update;
use crate::contract::answer::{Command, ContinueAsNew};
use crate::history::proto::{
    EventType, RequestCancelExternalWorkflowExecutionInitiatedEventAttributes, SearchAttributes,
};
use crate::history::timestamp::Timestamp;
use crate::worker::request::{RequestKind, ScheduleLocalActivity, WorkflowRequest};

impl Machines {
    /// Takes in what the code asked for during one activation.
    pub(in crate::worker) fn ask(
        &mut self,
        requests: Vec<WorkflowRequest>,
        now: Timestamp,
    ) -> Result<(), MachineError> {
        let (last, others): (Vec<_>, Vec<_>) = requests.into_iter().partition(|request| request.what.is_terminal());
        for request in others.into_iter().chain(last.into_iter().take(1)) {
            let first = self.roster.len();
            let user_metadata = request.user_metadata;
            self.ask_one(request.line, request.what, now)?;
            // A child's request to cancel has the child's.
            self.roster.describe(first, &user_metadata);
        }
        self.tell_ends_that_lie_ahead(false)?;
        self.release_if_idle()?;
        self.commands.settle(&mut self.roster);
        Ok(())
    }

    fn ask_one(&mut self, line: u32, what: RequestKind, now: Timestamp) -> Result<(), MachineError> {
        match what {
            RequestKind::ScheduleActivity {
                seq,
                command,
                when_cancelled,
            } => {
                let machine = Machine::Activity(Activity::new(seq, command.clone(), when_cancelled));
                self.add_with(
                    line,
                    machine,
                    Some(Name::Activity(seq)),
                    Command::ScheduleActivity(command),
                );
            }
            RequestKind::StartTimer { seq, wait } => {
                let command = Command::StartTimer {
                    timer_id: seq.to_string(),
                    start_to_fire: wait,
                };
                self.add_with(line, Machine::Timer(Timer::new(seq)), Some(Name::Timer(seq)), command);
            }
            RequestKind::StartChild {
                seq,
                command,
                when_cancelled,
            } => {
                let machine = Machine::Child(Child::new(seq, &command, when_cancelled));
                self.add_with(
                    line,
                    machine,
                    Some(Name::ChildWorkflowStart(seq)),
                    Command::StartChild(command),
                );
            }
            RequestKind::SignalExternal { seq, command } => {
                let machine = Machine::External(External::signal(seq));
                self.add_with(
                    line,
                    machine,
                    Some(Name::SignalExternal(seq)),
                    Command::SignalExternal(command),
                );
            }
            RequestKind::CancelExternal {
                seq,
                namespace,
                execution,
                reason,
            } => {
                let command = Box::new(RequestCancelExternalWorkflowExecutionInitiatedEventAttributes {
                    namespace,
                    workflow_execution: Some(execution),
                    reason,
                    ..Default::default()
                });
                let machine = Machine::External(External::cancellation(seq));
                self.add_with(
                    line,
                    machine,
                    Some(Name::CancelExternal(seq)),
                    Command::RequestCancelExternal(command),
                );
            }
            RequestKind::ScheduleLocalActivity { seq, task } => self.schedule_locally(line, seq, *task, now)?,
            RequestKind::CancelActivity { seq } => self.cancel(Name::Activity(seq), line, String::new())?,
            RequestKind::CancelTimer { seq } => self.cancel(Name::Timer(seq), line, String::new())?,
            RequestKind::CancelChild { seq, reason } => self.cancel(Name::ChildWorkflowStart(seq), line, reason)?,
            RequestKind::CancelSignal { seq } => self.cancel(Name::SignalExternal(seq), line, String::new())?,
            RequestKind::CancelLocalActivity { seq } => self.cancel(Name::LocalActivity(seq), line, String::new())?,
            RequestKind::SetPatchMarker { patch_id, deprecated } => self.set_patch(line, patch_id, deprecated),
            RequestKind::UpsertSearchAttributes(mut attributes) => {
                self.upserted.indexed_fields.extend(attributes.indexed_fields.clone());
                // Only the patches' own machinery may write this one.
                if attributes.indexed_fields.contains_key(patch::VERSIONS) {
                    attributes = SearchAttributes::default();
                }
                self.add_upsert(line, attributes);
            }
            RequestKind::ModifyProperties(upserted_memo) => {
                let machine = Machine::Single(Single::new(EventType::WorkflowPropertiesModified));
                self.add_with(line, machine, None, Command::ModifyProperties { upserted_memo });
            }
            RequestKind::AcceptUpdate { update_id } => {
                let accepted = self.roster.change_update(&update_id, Update::accept);
                let (key, reactions) = accepted?;
                self.react_on(key, line, reactions)?;
            }
            RequestKind::RejectUpdate { update_id, failure } => {
                let rejected = self.roster.change_update(&update_id, |update| update.reject(failure));
                self.commands.reject(rejected?.1);
            }
            RequestKind::CompleteUpdate { update_id, outcome } => {
                let completed = self.roster.change_update(&update_id, |update| update.complete(outcome));
                let (key, reactions) = completed?;
                self.react_on(key, line, reactions)?;
            }
            RequestKind::CompleteWorkflow { result } => {
                let met_by = EventType::WorkflowExecutionCompleted;
                self.finish(line, met_by, Command::CompleteWorkflow { result });
            }
            RequestKind::FailWorkflow { failure } => {
                let met_by = EventType::WorkflowExecutionFailed;
                self.finish(line, met_by, Command::FailWorkflow { failure });
            }
            RequestKind::CancelWorkflow { details } => {
                let met_by = EventType::WorkflowExecutionCanceled;
                self.finish(line, met_by, Command::CancelWorkflow { details });
            }
            RequestKind::ContinueAsNew(mut next) => {
                self.carry_over(&mut next);
                let met_by = EventType::WorkflowExecutionContinuedAsNew;
                self.finish(line, met_by, Command::ContinueAsNew(next));
            }
        }
        Ok(())
    }

    fn schedule_locally(
        &mut self,
        line: u32,
        seq: u32,
        mut task: ScheduleLocalActivity,
        now: Timestamp,
    ) -> Result<(), MachineError> {
        task.original_schedule.get_or_insert(now);
        let (machine, reactions) = LocalActivity::new(seq, task, self.facts.replaying, self.facts.time);
        let key = self.roster.add(line, Machine::Local(machine));
        self.roster.name(Name::LocalActivity(seq), key);
        self.react(key, 0, reactions)
    }

    fn set_patch(&mut self, line: u32, patch_id: String, deprecated: bool) {
        let seen = self.patches.get(&patch_id).copied();
        if seen == Some(true) {
            return;
        }
        let marker = Command::RecordMarker(Box::new(patch::marker(&patch_id, deprecated)));
        self.add_with(line, Machine::Patch(Patch::new(&patch_id)), None, marker);
        self.patches.insert(patch_id, true);
        // Without a marker in history there is no search attribute beside it either.
        if self.facts.replaying && seen.is_none() {
            return;
        }
        let asked = self
            .patches
            .iter()
            .filter(|(_, asked)| **asked)
            .map(|(id, _)| id.as_str());
        if let Some(versions) = patch::versions(asked) {
            self.add_upsert(line, versions);
        }
    }

    fn add_upsert(&mut self, line: u32, attributes: SearchAttributes) {
        let machine = Machine::Single(Single::new(EventType::UpsertWorkflowSearchAttributes));
        self.add_with(line, machine, None, Command::UpsertSearchAttributes(attributes));
    }

    fn finish(&mut self, line: u32, met_by: EventType, command: Command) {
        self.local = LocalWork::default();
        self.add_with(line, Machine::Single(Single::new(met_by)), None, command);
    }

    /// What a new run takes over from this one where the code says nothing. The rest is the Service's to fill in.
    fn carry_over(&self, next: &mut ContinueAsNew) {
        let Some(started) = &self.started else { return };
        let memo = next.attributes.memo.get_or_insert_default();
        if memo.fields.is_empty() {
            *memo = started.memo.clone().unwrap_or_default();
        }
        if memo.fields.is_empty() {
            next.attributes.memo = None;
        }
        if next.retry_policy.is_none() {
            next.retry_policy.clone_from(&started.retry_policy);
        }
        if next.attributes.search_attributes.is_none() {
            let mut current = started.search_attributes.clone().unwrap_or_default();
            current.indexed_fields.extend(self.upserted.indexed_fields.clone());
            next.attributes.search_attributes = (!current.indexed_fields.is_empty()).then_some(current);
        }
    }

    fn cancel(&mut self, name: Name, line: u32, reason: String) -> Result<(), MachineError> {
        let key = self.roster.named(name)?;
        let cancellation = Cancellation {
            reason,
            activation_index: self.ahead.activation_index(),
        };
        let reactions = self
            .roster
            .change(key, |machine| machine.any_mut().cancel(cancellation));
        self.react_on(key, line, reactions)
    }

    /// A new machine with a command of its own.
    pub(super) fn add_with(&mut self, line: u32, machine: Machine, name: Option<Name>, command: Command) -> Key {
        let machine = self.roster.add(line, machine);
        if let Some(name) = name {
            self.roster.name(name, machine);
        }
        self.commands.ask(Asked { command, line, machine });
        machine
    }
}
