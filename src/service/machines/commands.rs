//! What the commands of a workflow task become: each writes its event, with the id of the task's WorkflowTaskCompleted,
//! and sets going what it asks for.
//!
//! Whether the Service takes them at all is decided before ([`super::objection`]): here nothing fails. What a command
//! sets going lives in the file of its machine.

use std::sync::Arc;

use crate::contract::answer::Command;
use crate::contract::task::Poller;
use crate::history::proto::{
    Attributes, SearchAttributes, UpsertWorkflowSearchAttributesEventAttributes,
    WorkflowPropertiesModifiedEventAttributes,
};
use crate::service::run::Run;
use crate::service::transaction::Tx;

/// The answer that is being carried out.
pub(super) struct Answered<'a> {
    /// Id of its WorkflowTaskCompleted.
    pub(super) completed: i64,
    /// Who gave it.
    pub(super) by: &'a Poller,
    /// Activities that the worker offers to run at once, by the id of their ActivityTaskScheduled.
    pub(super) eager: Vec<i64>,
    /// Something happened that the workflow has to hear of at once.
    pub(super) wants_task: bool,
}

impl Run {
    /// Turns one command into its event.
    pub(super) fn carry_out(&mut self, tx: &mut Tx<'_>, command: Command, answered: &mut Answered<'_>) {
        let completed = answered.completed;
        match command {
            Command::ScheduleActivity(request) => {
                let eager = request.request_eager;
                let scheduled_event_id = self.schedule_activity(tx, Arc::unwrap_or_clone(request), completed);
                if eager {
                    answered.eager.push(scheduled_event_id);
                }
            }
            Command::RequestCancelActivity { scheduled_event_id } => {
                self.request_cancel_activity(tx, scheduled_event_id, answered);
            }
            Command::StartTimer {
                timer_id,
                start_to_fire,
            } => self.start_timer(tx, timer_id, start_to_fire, completed),
            Command::CancelTimer { timer_id } => self.cancel_timer(tx, timer_id, completed, answered.by),
            Command::RecordMarker(mut marker) => {
                marker.workflow_task_completed_event_id = completed;
                self.write(tx, Attributes::MarkerRecordedEventAttributes(*marker));
            }
            Command::UpsertSearchAttributes(mut search_attributes) => {
                say_types(&mut search_attributes);
                self.write(
                    tx,
                    Attributes::UpsertWorkflowSearchAttributesEventAttributes(
                        UpsertWorkflowSearchAttributesEventAttributes {
                            workflow_task_completed_event_id: completed,
                            search_attributes: Some(search_attributes),
                        },
                    ),
                );
            }
            Command::ModifyProperties { upserted_memo } => {
                self.write(
                    tx,
                    Attributes::WorkflowPropertiesModifiedEventAttributes(WorkflowPropertiesModifiedEventAttributes {
                        workflow_task_completed_event_id: completed,
                        upserted_memo: Some(upserted_memo),
                    }),
                );
            }
            Command::AcceptUpdate { update_id } => self.accept_update(tx, &update_id),
            Command::RejectUpdate { update_id, failure } => self.reject_update(tx, &update_id, *failure),
            Command::CompleteUpdate { update_id, outcome } => self.complete_update(tx, &update_id, outcome),
            Command::RequestCancelExternal(request) => self.initiate_cancel(tx, *request, completed),
            Command::SignalExternal(request) => self.initiate_signal(tx, *request, completed),
            Command::CompleteWorkflow { result } => self.complete(tx, result, completed),
            Command::FailWorkflow { failure } => self.fail(tx, *failure, completed),
            Command::CancelWorkflow { details } => self.cancel_workflow(tx, details, completed),
            Command::ContinueAsNew(request) => self.continue_as_new(tx, *request, completed),
            Command::StartChild(request) => self.initiate_child(tx, *request, completed),
        }
    }
}

/// The Service says of which type a value is, as far as it knows: the attribute for versions is its own.
fn say_types(attributes: &mut SearchAttributes) {
    if let Some(versions) = attributes.indexed_fields.get_mut("TemporalChangeVersion") {
        versions.metadata.insert("type".to_owned(), b"KeywordList".to_vec());
    }
}
