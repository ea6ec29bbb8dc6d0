//! What history says: each event is taken in by the machine it belongs to, by the command it came from, or by the run
//! itself. (Core's `WorkflowMachines::handle_event`.)

use super::error::{MachineError, spelled};
use super::local_activity::{self, LocalActivity, Marked};
use super::machine::Machine;
use super::patch::{self, Meeting};
use super::roster::Key;
use super::update::Update;
use super::{Machines, Unmet};
use crate::base::sorted::SortedMap;
use crate::contract::task::AskedUpdate;
use crate::history::proto::{
    Attributes, EventType, HistoryEvent, Input, Meta, Request as UpdateRequest, WorkflowTaskFailedCause, event_name,
};
use crate::history::timestamp::Timestamp;
use crate::worker::activation::{JobKind, UpdateJob};
use crate::worker::cut::Stretch;

/// Something that replay knows before the code asks for it.
enum Later {
    Marker(Marked),
    Update(String, UpdateRequest),
}

impl Machines {
    /// Takes in a stretch of history. `events` are its own, `ahead` those of the next one; nothing ahead says that
    /// nothing comes after it.
    pub(in crate::worker) fn apply(
        &mut self,
        stretch: &Stretch,
        events: &[HistoryEvent],
        ahead: &[HistoryEvent],
        previous_started_event_id: i64,
        updates: &mut Vec<AskedUpdate>,
    ) -> Result<(), Unmet> {
        let last = ahead.is_empty();
        self.ahead.task_began();
        let mut admitted: SortedMap<String, UpdateRequest> = SortedMap::new();
        for (at, event) in events.iter().enumerate() {
            let news = last
                && event.event_id > previous_started_event_id
                && event.event_type() != EventType::WorkflowTaskCompleted
                && !event.class().is_answer();
            if news {
                self.facts.replaying = false;
            }
            self.deliver_updates(event.event_id - 1, updates);
            if let Some(Attributes::WorkflowExecutionUpdateAdmittedEventAttributes(admission)) = &event.attributes {
                let request = admission.request.clone().unwrap_or_default();
                let id = request.meta.as_ref().map(|meta| meta.update_id.clone());
                if self.facts.replaying {
                    admitted.insert(id.unwrap_or_default(), request);
                } else {
                    self.deliver_update(event.event_id, id.unwrap_or_default(), request);
                }
                self.facts.last_event_id = event.event_id;
                continue;
            }
            self.see(event, events.get(at + 1)).map_err(|why| Unmet { at, why })?;
            self.facts.last_event_id = event.event_id;
            if event.event_id == stretch.started_event_id {
                self.task_started(stretch.time).map_err(|why| Unmet { at, why })?;
            }
        }
        if last {
            self.deliver_updates(i64::MAX, updates);
        }
        self.look_ahead(ahead, &mut admitted)
            .and_then(|()| self.release_if_idle())
            .map_err(|why| Unmet { at: events.len(), why })
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "an event that is not known here is no worker's to skip"
    )]
    fn see(&mut self, event: &HistoryEvent, next: Option<&HistoryEvent>) -> Result<(), MachineError> {
        use Attributes as A;
        if std::mem::take(&mut self.skips_next) {
            return Ok(());
        }
        let id = event.event_id;
        let Some(attributes) = &event.attributes else {
            if event.worker_may_ignore {
                return Ok(());
            }
            return Err(MachineError::Fatal(format!(
                "Event type is unspecified! This history is invalid. Event detail: {}",
                spelled(event)
            )));
        };
        if event.class().is_answer() {
            return self.meet(event, next);
        }
        if let Some(asked_by) = asked_by(attributes) {
            let Some(key) = self.roster.of_event(asked_by) else {
                return Err(MachineError::Nondeterminism(format!(
                    "During event handling, this event had an initial command ID but we could not find a matching command for it: {}",
                    spelled(event)
                )));
            };
            return self.feed(key, event);
        }
        match attributes {
            A::WorkflowExecutionStartedEventAttributes(started) => {
                self.started = Some(started.clone());
                self.started_at = event.event_time.unwrap_or_default();
                self.time_is(event.event_time.unwrap_or_default());
                self.tell(id, None, JobKind::Initialize(started.clone()));
            }
            A::WorkflowTaskStartedEventAttributes(started) => {
                self.facts.size_bytes = u64::try_from(started.history_size_bytes).unwrap_or_default();
                self.facts.suggests_continue_as_new = started.suggest_continue_as_new;
                self.facts.reasons.clone_from(&started.suggest_continue_as_new_reasons);
            }
            A::WorkflowTaskFailedEventAttributes(failed) => {
                if failed.cause() == WorkflowTaskFailedCause::ResetWorkflow {
                    let run_id = failed.new_run_id.clone();
                    self.tell(id, None, JobKind::UpdateRandomSeed { run_id });
                }
            }
            A::WorkflowExecutionSignaledEventAttributes(signal) => {
                self.tell(id, None, JobKind::Signal(Box::new(signal.clone())));
            }
            A::WorkflowExecutionCancelRequestedEventAttributes(request) => {
                let reason = request.cause.clone();
                self.tell(id, None, JobKind::CancelRequested { reason });
            }
            // What the worker need not know: the Service's own bookkeeping.
            A::WorkflowTaskScheduledEventAttributes(_)
            | A::WorkflowTaskCompletedEventAttributes(_)
            | A::WorkflowTaskTimedOutEventAttributes(_)
            | A::WorkflowExecutionTerminatedEventAttributes(_)
            | A::WorkflowExecutionTimedOutEventAttributes(_) => {}
            _ if event.worker_may_ignore => {}
            _ => {
                let name = event_name(event.event_type());
                return Err(MachineError::Fatal(format!(
                    "The event is not a non-stateful event, but we tried to handle it as one: {name} is not supported here"
                )));
            }
        }
        Ok(())
    }

    /// Meets an event that came from a command with the command at the front.
    fn meet(&mut self, event: &HistoryEvent, next: Option<&HistoryEvent>) -> Result<(), MachineError> {
        if local_activity::is_marker(event) {
            let marked = Marked::read(event).ok_or_else(|| unreadable_marker(event))?;
            let (key, is_its_own) = self
                .roster
                .change_local(marked.seq, |local| local.marker_is_its_own())?;
            if is_its_own {
                return self.feed(key, event);
            }
        }
        loop {
            let front = self.commands.front().map(|asked| asked.machine);
            let patch = match front.map(|key| &self.roster.slot(key).machine) {
                Some(Machine::Patch(patch)) => Some(patch),
                _ => None,
            };
            match patch::meet(event, patch, next)? {
                Meeting::SkipRequest => {
                    self.commands.pop();
                    continue;
                }
                Meeting::SkipEvent { and_next } => {
                    self.skips_next = and_next;
                    return Ok(());
                }
                Meeting::Ordinary => {}
            }
            let Some(key) = front else {
                return Err(MachineError::Nondeterminism(format!(
                    "No command scheduled for event {}",
                    spelled(event)
                )));
            };
            if !self.roster.slot(key).machine.any().cancelled_before_sent() {
                self.feed(key, event)?;
                if let (Some(asked), Some(judged)) = (self.commands.pop(), &mut self.judged) {
                    judged.compare(asked, self.started.as_deref(), event);
                }
                self.roster.name_event(event.event_id, key);
                return Ok(());
            }
            self.commands.pop();
        }
    }

    fn feed(&mut self, key: Key, event: &HistoryEvent) -> Result<(), MachineError> {
        let reactions = self.roster.change(key, |machine| machine.any_mut().see(event))?;
        self.react(key, event.event_id, reactions)
    }

    fn task_started(&mut self, time: Timestamp) -> Result<(), MachineError> {
        self.time_is(time);
        if self.facts.replaying {
            return Ok(());
        }
        self.run_what_replay_left()
    }

    /// What replay is told beforehand: patches whose markers come next, local activities that have ended, updates that
    /// were accepted.
    fn look_ahead(
        &mut self,
        ahead: &[HistoryEvent],
        admitted: &mut SortedMap<String, UpdateRequest>,
    ) -> Result<(), MachineError> {
        let mut later = Vec::new();
        for event in ahead {
            if let Some((patch_id, _)) = patch::marked(event) {
                self.patches.insert(patch_id.clone(), false);
                self.tell(event.event_id, None, JobKind::NotifyHasPatch { patch_id });
            } else if local_activity::is_marker(event) {
                let marked = Marked::read(event).ok_or_else(|| unreadable_marker(event))?;
                later.push((event.event_id, Later::Marker(marked)));
            } else if let Some(Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(accepted)) = &event.attributes
            {
                let id = accepted.protocol_instance_id.clone();
                let recorded = accepted.accepted_request.clone();
                let request = admitted.remove(&id).or(recorded).ok_or_else(|| {
                    MachineError::Fatal("Update accepted event must contain accepted request".to_owned())
                })?;
                later.push((event.event_id, Later::Update(id, request)));
            }
        }
        for (event_id, what) in later {
            match what {
                Later::Marker(marked) => {
                    if self.local_task(marked.seq).is_none_or(LocalActivity::waits_for_marker) {
                        self.ahead.add(marked);
                        self.tell_ends_that_lie_ahead(false)?;
                    }
                }
                Later::Update(id, request) => self.deliver_update(event_id, id, request),
            }
        }
        Ok(())
    }

    /// Updates that are in no event yet are told after the event that they came after.
    fn deliver_updates(&mut self, up_to: i64, updates: &mut Vec<AskedUpdate>) {
        for asked in updates.extract_if(.., |asked| asked.sequencing_event_id <= up_to) {
            let update = asked.update;
            let request = UpdateRequest {
                meta: Some(Meta {
                    update_id: update.update_id.clone(),
                    identity: update.identity,
                }),
                input: Some(Input {
                    header: None,
                    name: update.name,
                    args: update.args,
                }),
                ..Default::default()
            };
            self.deliver_update(0, update.update_id, request);
        }
    }

    fn deliver_update(&mut self, event_id: i64, update_id: String, request: UpdateRequest) {
        let key = self.roster.add(0, Machine::Update(Update::new(&update_id)));
        self.roster.name_update(update_id.clone(), key);
        let run_validator = !self.facts.replaying;
        let job = UpdateJob {
            update_id,
            request,
            run_validator,
        };
        self.tell(event_id, None, JobKind::Update(Box::new(job)));
    }
}

fn unreadable_marker(event: &HistoryEvent) -> MachineError {
    MachineError::Fatal(format!("Local activity marker was unparsable: {}", spelled(event)))
}

/// The event that began what this one goes on with.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "every other event begins something or stands for itself"
)]
fn asked_by(attributes: &Attributes) -> Option<i64> {
    use Attributes as A;
    Some(match attributes {
        A::ActivityTaskStartedEventAttributes(a) => a.scheduled_event_id,
        A::ActivityTaskCompletedEventAttributes(a) => a.scheduled_event_id,
        A::ActivityTaskFailedEventAttributes(a) => a.scheduled_event_id,
        A::ActivityTaskTimedOutEventAttributes(a) => a.scheduled_event_id,
        A::ActivityTaskCanceledEventAttributes(a) => a.scheduled_event_id,
        A::TimerFiredEventAttributes(a) => a.started_event_id,
        A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(a) => a.initiated_event_id,
        A::ExternalWorkflowExecutionCancelRequestedEventAttributes(a) => a.initiated_event_id,
        A::StartChildWorkflowExecutionFailedEventAttributes(a) => a.initiated_event_id,
        A::ChildWorkflowExecutionStartedEventAttributes(a) => a.initiated_event_id,
        A::ChildWorkflowExecutionCompletedEventAttributes(a) => a.initiated_event_id,
        A::ChildWorkflowExecutionFailedEventAttributes(a) => a.initiated_event_id,
        A::ChildWorkflowExecutionCanceledEventAttributes(a) => a.initiated_event_id,
        A::ChildWorkflowExecutionTimedOutEventAttributes(a) => a.initiated_event_id,
        A::ChildWorkflowExecutionTerminatedEventAttributes(a) => a.initiated_event_id,
        A::SignalExternalWorkflowExecutionFailedEventAttributes(a) => a.initiated_event_id,
        A::ExternalWorkflowExecutionSignaledEventAttributes(a) => a.initiated_event_id,
        _ => return None,
    })
}
