//! What each type of event is: the one classification that everything asks which groups, colours, filters, explains or
//! judges events.
//!
//! [`EventType::class`] is one table over all types, with a row for each and no row for "the rest": a type that a newer
//! protocol brings must be classified before anything compiles. What an event says beyond its type is read from its
//! attributes: [`HistoryEvent::opened_by`] finds the event that began what this one continues or ends.
//!
//! The words for all this are elsewhere (`text` and `facts` here, `view` for sentences).

use super::proto::{EventType, HistoryEvent};
use super::refs::{Reference, references};

/// What events of one type are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class {
    /// What they are about.
    pub category: Category,
    /// Where they come from.
    pub origin: Origin,
    /// Their part in the life of something that lasts.
    pub part: Part,
}

/// What an event is about, as in Temporal's Web UI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// The run itself.
    Workflow,
    /// Its workflow tasks.
    WorkflowTask,
    /// Its activities.
    Activity,
    /// Its timers.
    Timer,
    /// What came from outside: signals, updates, cancel requests.
    Signal,
    /// Children, other workflows, markers and the rest.
    Other,
}

/// Where an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A command of the workflow's code, in the answer to a workflow task.
    Command,
    /// What the code said to an update, in the answer to a workflow task too, but as a message and not as a command.
    Message,
    /// Neither: the Service wrote it, for a client, for a worker's report, or because a time had come.
    Service,
}

/// What an event does to something that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// It begins.
    Opens(Thing),
    /// Somebody has taken it up: a worker a task, the Service a child.
    Starts(Thing),
    /// Something is noted about it while it lasts.
    Changes(Thing),
    /// It is over.
    Closes(Thing, End),
    /// The event stands for itself.
    Alone,
}

/// What lasts for more than one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// The run.
    Run,
    /// A workflow task.
    WorkflowTask,
    /// An activity, all its attempts together.
    Activity,
    /// A timer.
    Timer,
    /// A child workflow.
    Child,
    /// A signal to another workflow, until it is delivered.
    SignalOut,
    /// A request to another workflow that it stop, until it is delivered.
    CancelOut,
    /// An update, from its acceptance.
    Update,
    /// A Nexus operation.
    NexusOperation,
    /// A request that a Nexus operation stop.
    NexusCancel,
}

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// As it should.
    Ok,
    /// With a failure.
    Failed,
    /// A limit of time ran out.
    TimedOut,
    /// It stopped because it was asked to.
    Canceled,
    /// An operator ended it.
    Terminated,
}

impl Category {
    /// All, in the order of a legend.
    pub const ALL: [Self; 6] = [
        Self::Workflow,
        Self::WorkflowTask,
        Self::Activity,
        Self::Timer,
        Self::Signal,
        Self::Other,
    ];
}

impl Class {
    /// Whether such events stand in the answer to a workflow task: what the code wanted, and what it said to updates.
    pub const fn is_answer(self) -> bool {
        matches!(self.origin, Origin::Command | Origin::Message)
    }

    /// Whether such an event ends the run. Nothing follows it.
    pub const fn ends_run(self) -> bool {
        matches!(self.part, Part::Closes(Thing::Run, _))
    }

    /// How such an event says that something ended; `None` for those that end nothing.
    pub const fn end(self) -> Option<End> {
        match self.part {
            Part::Closes(_, end) => Some(end),
            Part::Opens(_) | Part::Starts(_) | Part::Changes(_) | Part::Alone => None,
        }
    }
}

impl Part {
    /// What it is a part of.
    pub const fn thing(self) -> Option<Thing> {
        match self {
            Self::Opens(thing) | Self::Starts(thing) | Self::Changes(thing) | Self::Closes(thing, _) => Some(thing),
            Self::Alone => None,
        }
    }
}

impl Thing {
    /// The type of the event that begins it.
    pub const fn opening(self) -> EventType {
        match self {
            Self::Run => EventType::WorkflowExecutionStarted,
            Self::WorkflowTask => EventType::WorkflowTaskScheduled,
            Self::Activity => EventType::ActivityTaskScheduled,
            Self::Timer => EventType::TimerStarted,
            Self::Child => EventType::StartChildWorkflowExecutionInitiated,
            Self::SignalOut => EventType::SignalExternalWorkflowExecutionInitiated,
            Self::CancelOut => EventType::RequestCancelExternalWorkflowExecutionInitiated,
            Self::Update => EventType::WorkflowExecutionUpdateAccepted,
            Self::NexusOperation => EventType::NexusOperationScheduled,
            Self::NexusCancel => EventType::NexusOperationCancelRequested,
        }
    }
}

const fn command(category: Category, part: Part) -> Class {
    Class {
        category,
        origin: Origin::Command,
        part,
    }
}

const fn message(part: Part) -> Class {
    Class {
        category: Category::Signal,
        origin: Origin::Message,
        part,
    }
}

const fn service(category: Category, part: Part) -> Class {
    Class {
        category,
        origin: Origin::Service,
        part,
    }
}

impl EventType {
    /// What events of this type are.
    pub const fn class(self) -> Class {
        use Category::{Activity, Other, Signal, Timer, Workflow, WorkflowTask};
        use End::{Canceled, Failed, Ok, Terminated, TimedOut};
        use Part::{Alone, Changes, Closes, Opens, Starts};

        match self {
            Self::WorkflowExecutionStarted => service(Workflow, Opens(Thing::Run)),
            Self::WorkflowExecutionCompleted => command(Workflow, Closes(Thing::Run, Ok)),
            Self::WorkflowExecutionFailed => command(Workflow, Closes(Thing::Run, Failed)),
            Self::WorkflowExecutionTimedOut => service(Workflow, Closes(Thing::Run, TimedOut)),
            Self::WorkflowExecutionCanceled => command(Workflow, Closes(Thing::Run, Canceled)),
            Self::WorkflowExecutionTerminated => service(Workflow, Closes(Thing::Run, Terminated)),
            Self::WorkflowExecutionContinuedAsNew => command(Workflow, Closes(Thing::Run, Ok)),
            Self::WorkflowExecutionOptionsUpdated
            | Self::WorkflowExecutionPaused
            | Self::WorkflowExecutionUnpaused
            | Self::WorkflowExecutionTimeSkippingTransitioned => service(Workflow, Alone),

            Self::WorkflowTaskScheduled => service(WorkflowTask, Opens(Thing::WorkflowTask)),
            Self::WorkflowTaskStarted => service(WorkflowTask, Starts(Thing::WorkflowTask)),
            Self::WorkflowTaskCompleted => service(WorkflowTask, Closes(Thing::WorkflowTask, Ok)),
            Self::WorkflowTaskTimedOut => service(WorkflowTask, Closes(Thing::WorkflowTask, TimedOut)),
            Self::WorkflowTaskFailed => service(WorkflowTask, Closes(Thing::WorkflowTask, Failed)),

            Self::ActivityTaskScheduled => command(Activity, Opens(Thing::Activity)),
            Self::ActivityTaskStarted => service(Activity, Starts(Thing::Activity)),
            Self::ActivityTaskCompleted => service(Activity, Closes(Thing::Activity, Ok)),
            Self::ActivityTaskFailed => service(Activity, Closes(Thing::Activity, Failed)),
            Self::ActivityTaskTimedOut => service(Activity, Closes(Thing::Activity, TimedOut)),
            Self::ActivityTaskCancelRequested => command(Activity, Changes(Thing::Activity)),
            Self::ActivityTaskCanceled => service(Activity, Closes(Thing::Activity, Canceled)),
            Self::ActivityPropertiesModifiedExternally => service(Activity, Changes(Thing::Activity)),

            Self::TimerStarted => command(Timer, Opens(Thing::Timer)),
            Self::TimerFired => service(Timer, Closes(Thing::Timer, Ok)),
            Self::TimerCanceled => command(Timer, Closes(Thing::Timer, Canceled)),

            Self::WorkflowExecutionSignaled | Self::WorkflowExecutionCancelRequested => service(Signal, Alone),
            // Written by a reset or by a server that keeps updates that nobody has seen yet; what is accepted of them
            // begins with WorkflowExecutionUpdateAccepted, like any other.
            Self::WorkflowExecutionUpdateAdmitted => service(Signal, Alone),
            Self::WorkflowExecutionUpdateAccepted => message(Opens(Thing::Update)),
            Self::WorkflowExecutionUpdateRejected => message(Alone),
            Self::WorkflowExecutionUpdateCompleted => message(Closes(Thing::Update, Ok)),

            Self::StartChildWorkflowExecutionInitiated => command(Other, Opens(Thing::Child)),
            Self::StartChildWorkflowExecutionFailed => service(Other, Closes(Thing::Child, Failed)),
            Self::ChildWorkflowExecutionStarted => service(Other, Starts(Thing::Child)),
            Self::ChildWorkflowExecutionCompleted => service(Other, Closes(Thing::Child, Ok)),
            Self::ChildWorkflowExecutionFailed => service(Other, Closes(Thing::Child, Failed)),
            Self::ChildWorkflowExecutionCanceled => service(Other, Closes(Thing::Child, Canceled)),
            Self::ChildWorkflowExecutionTimedOut => service(Other, Closes(Thing::Child, TimedOut)),
            Self::ChildWorkflowExecutionTerminated => service(Other, Closes(Thing::Child, Terminated)),

            Self::SignalExternalWorkflowExecutionInitiated => command(Other, Opens(Thing::SignalOut)),
            Self::SignalExternalWorkflowExecutionFailed => service(Other, Closes(Thing::SignalOut, Failed)),
            Self::ExternalWorkflowExecutionSignaled => service(Other, Closes(Thing::SignalOut, Ok)),
            Self::RequestCancelExternalWorkflowExecutionInitiated => command(Other, Opens(Thing::CancelOut)),
            Self::RequestCancelExternalWorkflowExecutionFailed => service(Other, Closes(Thing::CancelOut, Failed)),
            Self::ExternalWorkflowExecutionCancelRequested => service(Other, Closes(Thing::CancelOut, Ok)),

            Self::MarkerRecorded | Self::UpsertWorkflowSearchAttributes | Self::WorkflowPropertiesModified => {
                command(Other, Alone)
            }
            Self::WorkflowPropertiesModifiedExternally => service(Other, Alone),

            Self::NexusOperationScheduled => command(Other, Opens(Thing::NexusOperation)),
            Self::NexusOperationStarted => service(Other, Starts(Thing::NexusOperation)),
            Self::NexusOperationCompleted => service(Other, Closes(Thing::NexusOperation, Ok)),
            Self::NexusOperationFailed => service(Other, Closes(Thing::NexusOperation, Failed)),
            Self::NexusOperationCanceled => service(Other, Closes(Thing::NexusOperation, Canceled)),
            Self::NexusOperationTimedOut => service(Other, Closes(Thing::NexusOperation, TimedOut)),
            Self::NexusOperationCancelRequested => command(Other, Opens(Thing::NexusCancel)),
            Self::NexusOperationCancelRequestCompleted => service(Other, Closes(Thing::NexusCancel, Ok)),
            Self::NexusOperationCancelRequestFailed => service(Other, Closes(Thing::NexusCancel, Failed)),

            // Newer than this version, and read as it is.
            Self::Unspecified => service(Other, Alone),
        }
    }
}

impl HistoryEvent {
    /// What it is, by its type.
    pub fn class(&self) -> Class {
        self.event_type().class()
    }

    /// The attribute that leads to the event which began what this one continues or ends: an activity's
    /// `scheduledEventId`, a timer's `startedEventId`. `None` for events that begin something or stand for themselves,
    /// and for those of the run, which the first event began.
    pub fn opened_by(&self) -> Option<Reference> {
        let thing = match self.class().part {
            Part::Starts(thing) | Part::Changes(thing) | Part::Closes(thing, _) => thing,
            Part::Opens(_) | Part::Alone => return None,
        };
        let opening = thing.opening();
        let all = references(self.attributes.as_ref()?);
        all.into_iter().find(|reference| reference.wants.contains(&opening))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every type that the protocol has numbers for.
    fn all() -> impl Iterator<Item = EventType> {
        (0..=i32::from(u8::MAX)).filter_map(|number| EventType::try_from(number).ok())
    }

    #[test]
    fn what_begins_a_thing_is_classified_so() {
        let things: Vec<Thing> = all().filter_map(|event_type| event_type.class().part.thing()).collect();
        assert!(things.len() > 40);
        for thing in things {
            assert_eq!(thing.opening().class().part, Part::Opens(thing));
        }
    }

    #[test]
    fn everything_that_begins_can_end_and_only_that() {
        for event_type in all() {
            let class = event_type.class();
            if let Part::Opens(thing) = class.part {
                let ends = all().filter(|other| matches!(other.class().part, Part::Closes(of, _) if of == thing));
                assert!(ends.count() > 0, "{thing:?}");
                assert_eq!(thing.opening(), event_type);
            }
            assert_eq!(class.ends_run(), matches!(class.part, Part::Closes(Thing::Run, _)));
        }
    }

    /// The commands of the protocol (`CommandType`), and the messages that the worker of an update sends.
    #[test]
    fn sixteen_types_come_from_commands_and_three_from_messages() {
        let of = |origin| all().filter(|event_type| event_type.class().origin == origin).count();
        assert_eq!((of(Origin::Command), of(Origin::Message)), (16, 3));
    }
}
