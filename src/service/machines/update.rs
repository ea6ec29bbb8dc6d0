//! Updates that clients send a run: the registry of a run's updates.
//!
//! | state | event | next |
//! | --- | --- | --- |
//! | none | a client sends one | Admitted; a task follows if none is pending ([`super::speculative`]) |
//! | Admitted | a worker takes a workflow task | Sent with it |
//! | Sent | the task is lost or fails | Sent again with the next |
//! | Sent | accepted | Accepted: WorkflowExecutionUpdateAccepted is written |
//! | Sent | rejected, or not mentioned in the answer | none, without a trace; the client is told |
//! | Accepted | completed | Done: WorkflowExecutionUpdateCompleted is written, the client is told |
//! | any but Done | the run closes | told so; an accepted one is remembered as having failed |
//!
//! A second request with the same id shares the fate of the first.

use crate::base::time::SimTime;
use crate::contract::request::{Refusal, Target, Ticket, Update};
use crate::contract::task::AskedUpdate;
use crate::history::execution;
use crate::history::proto::{
    ApplicationFailureInfo, Attributes, Failure, FailureInfo, Input, Meta, Outcome, Payloads, Request,
    WorkflowExecutionUpdateAcceptedEventAttributes, WorkflowExecutionUpdateCompletedEventAttributes, outcome,
};
use crate::service::run::Run;
use crate::service::transaction::Tx;
use crate::service::unwritten::{PendingUpdate, UpdateState};
use crate::service::{Service, target};

/// From this attempt at a workflow task on, updates are refused (server 1.32).
const FIRST_REFUSED_ATTEMPT: u32 = 3;

impl Service {
    /// A client sends a run an update; the outcome comes with [`Self::take_replies`].
    pub fn update(&mut self, now: SimTime, target: &Target, update: Update) -> Result<Ticket, Refusal> {
        let key = self.find(target)?;
        let ticket = Ticket(self.next_ticket);
        // Asking writes nothing by itself, so no limit of the history is crossed by it.
        self.transact(now, key, |run, tx| run.admit_update(tx, ticket, update))
            .unwrap_or(Ok(()))?;
        self.next_ticket += 1;
        Ok(ticket)
    }
}

impl Run {
    fn admit_update(&mut self, tx: &mut Tx<'_>, ticket: Ticket, mut update: Update) -> Result<(), Refusal> {
        if let Some(known) = self.known_update(&update.update_id) {
            match known {
                Known::Pending(at) => self.unwritten.hand.updates[at].tickets.push(ticket),
                Known::Over(outcome) => tx.reply(ticket, outcome),
            }
            return Ok(());
        }
        self.refuses_update(tx)?;
        if update.update_id.is_empty() {
            update.update_id = tx.chance.uuid("update", &[self.word, u64::from(self.updates_so_far())]);
        }
        self.unwritten.hand.updates.push(PendingUpdate {
            update,
            tickets: vec![ticket],
            state: UpdateState::Admitted,
            is_in_history: false,
        });
        if self.workflow_task().is_none() {
            self.schedule_speculative_task(tx);
        }
        Ok(())
    }

    fn refuses_update(&self, tx: &Tx<'_>) -> Result<(), Refusal> {
        let limits = &tx.limits;
        if !self.is_open() {
            return Err(target::already_completed());
        }
        if self.unwritten.hand.workflow_task_attempt >= FIRST_REFUSED_ATTEMPT {
            return Err(Refusal::Precondition(
                "Unable to perform workflow execution update due to Workflow Task in failed state.".to_owned(),
            ));
        }
        if self.is_closing() {
            return Err(target::closing());
        }
        if self.unwritten.hand.updates.len() >= limits.updates_in_flight as usize {
            let most = limits.updates_in_flight;
            return Err(Refusal::Exhausted(format!(
                "limit on number of concurrent in-flight updates has been reached ({most})"
            )));
        }
        if self.updates_so_far() >= limits.updates {
            let most = limits.updates;
            return Err(Refusal::Precondition(format!(
                "The limit on the total number of distinct updates in this workflow has been reached ({most}). Make \
                 sure any duplicate updates share an Update ID so the server can deduplicate them, and consider \
                 rejecting updates that you aren't going to process. You can also Continue-as-New to avoid this; we \
                 recommend you check Continue-as-New Suggested in your Workflow."
            )));
        }
        Ok(())
    }

    /// Updates that are pending or done; rejected ones do not count.
    pub(super) fn updates_so_far(&self) -> u32 {
        u32::try_from(self.unwritten.hand.updates.len() + self.state.updates_done.len()).unwrap_or(u32::MAX)
    }

    /// Whether some update waits for a task to travel with.
    pub(super) fn has_admitted_updates(&self) -> bool {
        self.unwritten
            .hand
            .updates
            .iter()
            .any(|update| update.state == UpdateState::Admitted)
    }

    /// The updates that travel with a task which a worker takes now: new ones, and, unless the task only prolongs the
    /// one before, those that were sent in vain.
    pub(super) fn send_updates(&mut self, sequencing_event_id: i64, once_more: bool) -> Vec<AskedUpdate> {
        let mut sent = Vec::new();
        for pending in &mut self.unwritten.hand.updates {
            let goes = match pending.state {
                UpdateState::Admitted => true,
                UpdateState::Sent { .. } => once_more,
                UpdateState::Accepted => false,
            };
            if !goes {
                continue;
            }
            if pending.is_in_history {
                let admitted = self.state.updates.get(&pending.update.update_id);
                let sequencing_event_id = admitted.map_or(0, |admitted| admitted.event_id());
                pending.state = UpdateState::Sent { sequencing_event_id };
            } else {
                pending.state = UpdateState::Sent { sequencing_event_id };
                sent.push(AskedUpdate {
                    update: pending.update.clone(),
                    sequencing_event_id,
                });
            }
        }
        sent
    }

    /// Whether the worker may accept, or reject, an update of this id.
    pub(super) fn can_be_decided(&self, update_id: &str) -> bool {
        let at = self.pending_update(update_id);
        at.is_some_and(|at| !matches!(self.unwritten.hand.updates[at].state, UpdateState::Accepted))
    }

    /// Whether an update of this id has been accepted and is not completed.
    pub(super) fn is_accepted(&self, update_id: &str) -> bool {
        let at = self.pending_update(update_id);
        at.is_some_and(|at| matches!(self.unwritten.hand.updates[at].state, UpdateState::Accepted))
    }

    /// Carries out the command.
    pub(super) fn accept_update(&mut self, tx: &mut Tx<'_>, update_id: &str) {
        let Some(at) = self.pending_update(update_id) else {
            return;
        };
        let UpdateState::Sent { sequencing_event_id } = self.unwritten.hand.updates[at].state else {
            return;
        };
        let pending = &self.unwritten.hand.updates[at];
        let attributes = WorkflowExecutionUpdateAcceptedEventAttributes {
            protocol_instance_id: update_id.to_owned(),
            accepted_request_message_id: format!("{update_id}/request"),
            accepted_request_sequencing_event_id: sequencing_event_id,
            accepted_request: (!pending.is_in_history).then(|| request(&pending.update)),
        };
        let attributes = Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(attributes);
        self.write(tx, attributes);
        self.unwritten.hand.updates[at].state = UpdateState::Accepted;
    }

    /// Carries out the command: the update never was.
    pub(super) fn reject_update(&mut self, tx: &mut Tx<'_>, update_id: &str, failure: Failure) {
        if self.can_be_decided(update_id)
            && let Some(at) = self.pending_update(update_id)
        {
            let rejected = self.unwritten.hand.updates.remove(at);
            rejected.tell(tx, &Err(Refusal::Handler(Box::new(failure))));
        }
    }

    /// Carries out the command.
    pub(super) fn complete_update(
        &mut self,
        tx: &mut Tx<'_>,
        update_id: &str,
        outcome: Result<Option<Payloads>, Box<Failure>>,
    ) {
        let Some(at) = self.pending_update(update_id) else {
            return;
        };
        let Some(execution::Update::Accepted { event_id }) = self.state.updates.get(update_id).copied() else {
            return;
        };
        let done = self.unwritten.hand.updates.remove(at);
        let value = match outcome.clone() {
            Ok(result) => outcome::Value::Success(result.unwrap_or_default()),
            Err(failure) => outcome::Value::Failure(*failure),
        };
        let attributes = WorkflowExecutionUpdateCompletedEventAttributes {
            meta: Some(meta(&done.update)),
            accepted_event_id: event_id,
            outcome: Some(Outcome { value: Some(value) }),
        };
        let attributes = Attributes::WorkflowExecutionUpdateCompletedEventAttributes(attributes);
        self.write(tx, attributes);
        done.tell(tx, &outcome.map_err(Refusal::Handler));
    }

    /// A worker that answers has to say something about every update that it was given.
    pub(super) fn reject_unprocessed_updates(&mut self, tx: &mut Tx<'_>) {
        let unprocessed = server_failure(
            "UnprocessedUpdate",
            "Workflow Update is rejected because it wasn't processed by worker. Probably, Workflow Update is not \
             supported by the worker.",
        );
        self.forget_updates(tx, &Refusal::Handler(unprocessed), |state| {
            matches!(state, UpdateState::Sent { .. })
        });
    }

    /// The Service did not take the answer to the task that they came with: they are not sent again.
    pub(super) fn fail_sent_updates(&mut self, tx: &mut Tx<'_>) {
        let words = "Unable to perform workflow execution update due to unexpected workflow task failure.";
        self.forget_updates(tx, &Refusal::Precondition(words.to_owned()), |state| {
            matches!(state, UpdateState::Sent { .. })
        });
    }

    /// The run closes. If another follows, the client may ask that one.
    pub(super) fn abort_updates(&mut self, tx: &mut Tx<'_>) {
        let refusal = if self.next.is_some() {
            target::closing()
        } else {
            Refusal::NotFound("workflow update was aborted by closing workflow".to_owned())
        };
        self.forget_updates(tx, &refusal, |state| !matches!(state, UpdateState::Accepted));
        for accepted in &mut self.unwritten.hand.updates {
            let told = std::mem::take(&mut accepted.tickets);
            for ticket in told {
                tx.reply(ticket, Err(Refusal::Handler(unfinished())));
            }
        }
    }

    fn forget_updates(&mut self, tx: &mut Tx<'_>, refusal: &Refusal, which: impl Fn(&UpdateState) -> bool) {
        let (gone, stay): (Vec<_>, Vec<_>) = std::mem::take(&mut self.unwritten.hand.updates)
            .into_iter()
            .partition(|update| which(&update.state));
        self.unwritten.hand.updates = stay;
        for update in gone {
            update.tell(tx, &Err(refusal.clone()));
        }
    }

    pub(super) fn pending_update(&self, update_id: &str) -> Option<usize> {
        self.unwritten
            .hand
            .updates
            .iter()
            .position(|pending| pending.update.update_id == update_id)
    }

    /// What became, or becomes, of an update of this id.
    fn known_update(&self, update_id: &str) -> Option<Known> {
        if let Some(at) = self.pending_update(update_id) {
            return Some(if self.is_open() {
                Known::Pending(at)
            } else {
                Known::Over(Err(Refusal::Handler(unfinished())))
            });
        }
        let Attributes::WorkflowExecutionUpdateCompletedEventAttributes(done) =
            self.attributes_of(*self.state.updates_done.get(update_id)?)?
        else {
            return None;
        };
        let outcome = match done.outcome.as_ref()?.value.as_ref()? {
            outcome::Value::Success(result) => Ok(Some(result.clone())),
            outcome::Value::Failure(failure) => Err(Refusal::Handler(Box::new(failure.clone()))),
        };
        Some(Known::Over(outcome))
    }
}

enum Known {
    Pending(usize),
    Over(Result<Option<Payloads>, Refusal>),
}

impl PendingUpdate {
    fn tell(self, tx: &mut Tx<'_>, outcome: &Result<Option<Payloads>, Refusal>) {
        for ticket in self.tickets {
            tx.reply(ticket, outcome.clone());
        }
    }
}

/// The request as it stands in histories.
fn request(update: &Update) -> Request {
    Request {
        meta: Some(meta(update)),
        input: Some(Input {
            name: update.name.clone(),
            args: update.args.clone(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn meta(update: &Update) -> Meta {
    Meta {
        update_id: update.update_id.clone(),
        identity: update.identity.clone(),
    }
}

/// The workflow was at it when the run closed.
fn unfinished() -> Box<Failure> {
    server_failure(
        "AcceptedUpdateCompletedWorkflow",
        "Workflow Update failed because the Workflow completed before the Update completed.",
    )
}

fn server_failure(error_type: &str, message: &str) -> Box<Failure> {
    Box::new(Failure {
        message: message.to_owned(),
        source: "Server".to_owned(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
            r#type: error_type.to_owned(),
            non_retryable: true,
            ..Default::default()
        })),
        ..Default::default()
    })
}
