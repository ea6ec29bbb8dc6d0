//! Which workflow task an event belongs to.
//!
//! A task and the events around it are one group: the news that made it necessary, the task itself with its attempts,
//! and what its answer brought. So all that is written belongs to the next task that is going to be completed, except
//! for what an answer brings: that belongs to the task it answered.

use super::class::{End, Part, Thing};
use super::proto::EventType;

/// Counts the completed workflow tasks of a history, event by event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskNumbers {
    completed: u32,
}

impl TaskNumbers {
    /// The number of the task that the next event belongs to, from 1.
    pub fn next(&mut self, event_type: EventType) -> u32 {
        let class = event_type.class();
        if class.part == Part::Closes(Thing::WorkflowTask, End::Ok) {
            self.completed += 1;
            return self.completed;
        }
        if class.is_answer() {
            // A history that is cut off at its beginning may have lost the task.
            return self.completed.max(1);
        }
        self.completed + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_belong_to_the_task_that_sees_them_and_answers_to_the_one_that_gave_them() {
        use EventType as T;
        let mut numbers = TaskNumbers::default();
        let history = [
            (T::WorkflowExecutionStarted, 1),
            (T::WorkflowTaskScheduled, 1),
            (T::WorkflowTaskStarted, 1),
            (T::WorkflowTaskFailed, 1),
            (T::WorkflowExecutionSignaled, 1),
            (T::WorkflowTaskScheduled, 1),
            (T::WorkflowTaskStarted, 1),
            (T::WorkflowTaskCompleted, 1),
            (T::WorkflowExecutionUpdateAccepted, 1),
            (T::MarkerRecorded, 1),
            (T::ActivityTaskCancelRequested, 1),
            (T::ActivityTaskCanceled, 2),
            (T::StartChildWorkflowExecutionInitiated, 1),
            (T::ChildWorkflowExecutionStarted, 2),
            (T::WorkflowTaskScheduled, 2),
            (T::WorkflowTaskStarted, 2),
            (T::WorkflowTaskCompleted, 2),
            (T::WorkflowExecutionContinuedAsNew, 2),
        ];
        for (event_type, task) in history {
            assert_eq!(numbers.next(event_type), task, "{event_type:?}");
        }
    }
}
