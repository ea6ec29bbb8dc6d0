//! What a front end shows, as plain data: a story's card, a moment with all its panels, the row of an event, lanes and
//! marks, the end. Shapes only; [`recording`](super::recording) fills them.

use std::borrow::Cow;

use super::chronicle::messages::MessageKind;
use crate::base::time::SimTime;
use crate::history::class::{Category, Class, End};

/// A story as the picker shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoryCard {
    /// Stable name, used in addresses: `crash-after-charge`.
    pub id: String,
    /// Part of the catalogue: `Order saga`.
    pub chapter: String,
    /// Short title.
    pub title: String,
    /// One sentence: what happens and what to look at.
    pub sentence: String,
    /// Temporal workflow type.
    pub workflow_type: String,
    /// The id of the story that shows the same done right, of one that shows a fault.
    pub mended_by: Option<String>,
}

/// A run of a workflow, among all that were started in this world.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    /// Workflow id.
    pub workflow_id: String,
    /// Temporal workflow type.
    pub workflow_type: String,
    /// Its task queue.
    pub task_queue: String,
    /// The step that started it.
    pub opened: u32,
    /// The step that closed it, and its status since: `Completed`.
    pub closed: Option<(u32, &'static str)>,
}

impl RunRow {
    /// Temporal's word for how it stands after so many steps; `None` while it has not begun.
    pub fn status(&self, step: u32) -> Option<&'static str> {
        match self.closed {
            _ if step < self.opened => None,
            Some((closed, status)) if closed <= step => Some(status),
            _ => Some("Running"),
        }
    }
}

/// The source text of the workflow, as it stands in the repository.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// File name, `order_orchestration.rs`.
    pub file: String,
    /// Its lines; line 1 is `lines[0]`.
    pub lines: Vec<String>,
    /// The lines of the workflow's own functions, first and last, 1-based: what to show first.
    pub body: (u32, u32),
}

/// The state of everything after a number of steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// How many steps have been done.
    pub step: u32,
    /// Virtual time of the last step.
    pub at: SimTime,
    /// What that step did, one sentence.
    pub text: String,
    /// What kind of step it was.
    pub kind: StepKind,
    /// A step that "next interesting" stops at: a failure, crash, retry, timeout, replay or the end.
    pub interesting: bool,
    /// How many events the history holds.
    pub events_len: u32,
    /// What the history does not say yet.
    pub unwritten: Vec<Unwritten>,
    /// The workers, in order.
    pub workers: Vec<WorkerState>,
    /// The outside world, one row a fact.
    pub world: Vec<WorldRow>,
    /// What the run is waiting for.
    pub waiting: Waiting,
    /// Which lines have run.
    pub code: Code,
    /// The attempts of the activity that is pending, or of the last one that was.
    pub attempts: Option<Attempts>,
}

/// What a step was, for its glyph and colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// The very beginning, or a client's call.
    Client,
    /// A task was handed to a worker.
    Poll,
    /// A worker ran workflow code for the first time.
    Execute,
    /// A worker rebuilt a workflow from its history.
    Replay,
    /// A worker answered a workflow task; events were written.
    Answer,
    /// An activity changed the outside world, or tried to.
    Effect,
    /// A worker reported the end of an activity attempt.
    ActivityAnswer,
    /// A timer of the Service fired: a timeout, or a retry that became due.
    Timer,
    /// A worker was killed.
    Crash,
    /// A worker is to leave, or has left, in good order.
    Leave,
    /// A worker cannot reach the Service.
    Partition,
    /// A worker was started, or can reach the Service again.
    Restart,
    /// Something was to be done to a worker, and could not be.
    Refused,
}

/// How something ended, so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Not ended yet.
    Running,
    /// Ended well.
    Ok,
    /// Ended with a failure.
    Failed,
    /// Ran out of time.
    TimedOut,
    /// Stopped because that was asked for.
    Canceled,
    /// Its worker died: nobody will ever answer.
    Lost,
}

impl Outcome {
    /// How an event of this class says that something ended.
    pub const fn of(class: Class) -> Self {
        match class.end() {
            None => Self::Running,
            Some(End::Ok) => Self::Ok,
            Some(End::Failed | End::Terminated) => Self::Failed,
            Some(End::TimedOut) => Self::TimedOut,
            Some(End::Canceled) => Self::Canceled,
        }
    }
}

/// One event of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// Event id, from 1.
    pub id: u32,
    /// Event time. Not always increasing: an activity's Started keeps its own, earlier time.
    pub at: SimTime,
    /// `ActivityTaskScheduled`; of a type that is unknown here, the name that came with it.
    pub name: Cow<'static, str>,
    /// What it is.
    pub class: Class,
    /// How it says that something ended; Running for events that end nothing.
    pub outcome: Outcome,
    /// The one attribute most worth seeing: `ProcessPayment`, `attempt 2`, `worker A`.
    pub chip: String,
    /// The workflow task that the event belongs to, from 1: see [`TaskNumbers`](crate::history::task_number::TaskNumbers).
    pub task: u32,
    /// The step that wrote it.
    pub step: u32,
    /// Ids of the events it refers to (scheduled, started, completed).
    pub refers_to: Vec<u32>,
}

/// The inside of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDetails {
    /// Its attributes, flattened: name, value; payloads are shown decoded.
    pub attributes: Vec<(String, String)>,
    /// Why it is here, one sentence or two.
    pub why: String,
}

/// Something true that no event says yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Unwritten {
    /// The Service knows it too; what it does not know is seen from outside only.
    pub known: bool,
    /// When it became true, or is due.
    pub at: SimTime,
    /// `attempt 1 started`, `worker A crashed`, `attempt 2 due`.
    pub text: String,
    /// `worker A`, `backoff 2 s`.
    pub chip: String,
    /// Its colour and glyph.
    pub outcome: Outcome,
}

/// A worker as it is at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkerState {
    /// `A`, `B`: the name used in choices.
    pub name: String,
    /// Its identity in histories: `worker-A@lab`.
    pub identity: String,
    /// Whether its process is there.
    pub presence: Presence,
    /// What it is doing, in words: `runs ProcessPayment, attempt 1`, `polls order-q`, `dead since 0:02.100`.
    pub doing: String,
    /// What it has in its workflow cache, in words: `order-1001 up to event 17`, `nothing`.
    pub cached: String,
    /// How many it can run at once, and how many it does, in words: `1 of 100 activity slots taken`.
    pub slots: String,
}

/// Whether the process of a worker is there, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// It runs.
    Running,
    /// It was never started.
    NotStarted,
    /// It left in good order: it finished what it had in hand.
    Left,
    /// It died, with all that it had in hand and in memory.
    Dead,
}

/// One fact about the outside world.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldRow {
    /// `customer charged`.
    pub label: String,
    /// `€178.00`.
    pub value: String,
    /// What it should be once all is over, where it is not: `order: €89.00`.
    pub expected: Option<String>,
    /// Changed by the step that led to this moment.
    pub changed: bool,
    /// Wrong: money, stock or parcels lost or doubled.
    pub alarm: bool,
}

/// What the run is waiting for.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// One sentence, always present: what, until when, who can unblock it.
    pub text: String,
    /// Until when at the latest, if there is a limit.
    pub until: Option<SimTime>,
    /// Nothing will happen by itself: somebody has to do something.
    pub stuck: bool,
    /// Its workflow task has failed and is tried again, and may fail again and again.
    pub failing: bool,
    /// The run is closed, and so it ended.
    pub closed: Option<Outcome>,
}

impl Waiting {
    /// An open run waits, without a limit.
    pub(super) fn for_something(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            until: None,
            stuck: false,
            failing: false,
            closed: None,
        }
    }
}

/// What the workflow's source text looks like at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// Which version it is, for [`Recording::source`]: that of the worker that has run the code last.
    pub version: u32,
    /// Who has this run in memory, in words: `in the memory of worker B`, `in no worker's memory: only the history
    /// knows`.
    pub holder: String,
    /// Where the code stands: the line that waits, or the last that ran; none before it runs.
    pub here: Option<u32>,
    /// The lines that are marked, in order; every other line was never reached.
    pub lines: Vec<CodeLine>,
}

/// A marked line of the source text.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeLine {
    /// 1-based.
    pub line: u32,
    /// How it was reached.
    pub mark: LineMark,
    /// What fed it: `valid ← event 7`, `attempt 2 of 3`.
    pub note: Option<String>,
}

/// How a line was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineMark {
    /// Ran earlier, in the memory of the worker that has the run cached.
    Done,
    /// Run again by a replay: its result came from history.
    Replayed,
    /// Ran in the latest step.
    Executing,
    /// An `await` that nothing has resolved yet.
    Awaiting,
    /// Ran on a worker that has forgotten it since; only its effects in history remain.
    Forgotten,
}

/// The attempts of one activity.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempts {
    /// `ProcessPayment`.
    pub activity: String,
    /// The event that scheduled it.
    pub scheduled_event: u32,
    /// `2 s × 2.0, at most 10 s, 3 attempts; never on InsufficientFunds`.
    pub policy: String,
    /// One row an attempt: those made, then the next ones the policy would allow (at most three).
    pub rows: Vec<AttemptRow>,
}

/// One attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptRow {
    /// From 1.
    pub number: u32,
    /// Which worker runs it, or ran it: `A`.
    pub worker: Option<String>,
    /// How it ended; `None` for one that has not begun.
    pub outcome: Option<Outcome>,
    /// When it began, or is due.
    pub at: Option<SimTime>,
    /// `timed out after 60 s · its effect was done`, `due at 1:02.400: 2 s × 2.0¹ after the failure`.
    pub text: String,
}

/// A lane of the time picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// `Clients`, `Service`, `Timers`, `Queue order-q`, `Worker A`, `Payments`.
    pub name: String,
    /// What kind it is.
    pub kind: LaneKind,
}

/// What a lane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LaneKind {
    /// What clients and operators ask for.
    Clients,
    /// Events being written.
    Service,
    /// Timers that run.
    Timers,
    /// Children, and what is sent to other workflows.
    Others,
    /// Tasks waiting for a worker, and backoffs.
    Queue,
    /// What a worker does.
    Worker,
    /// What happens outside.
    World,
}

/// A bar or dot in the time picture. Its words are [`Recording::labels`] and [`Recording::facts`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Index into [`Recording::lanes`].
    pub lane: u32,
    /// Which row of the lane, from 0: what goes on at the same time lies in different ones.
    pub row: u32,
    /// What it is.
    pub kind: MarkKind,
    /// Where it begins.
    pub from: SimTime,
    /// Where it ends; equal to `from` for a dot.
    pub to: SimTime,
    /// When it is due to end, known from its beginning: a timer.
    pub due: Option<SimTime>,
    /// The step that began it: not shown before.
    pub from_step: u32,
    /// The step that ended it; before that step it reaches to the cursor and its outcome is Running.
    pub to_step: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// The event it belongs to, if any, of the workflow run that the marks were asked for.
    pub event: Option<u32>,
    /// The lane of the worker that did it, for an effect.
    pub by: Option<u32>,
    /// What it stands for: its place among those of its kind in the chronicle.
    pub of: u32,
}

/// What a mark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// An event (dot in the Service lane); coloured by its category.
    Event(Category),
    /// A workflow task waiting in a queue.
    TaskWaits,
    /// An activity task waiting in a queue.
    ActivityWaits,
    /// A retry backoff, drawn to scale.
    Backoff,
    /// A worker running a workflow task.
    WorkflowTask,
    /// A worker replaying history: drawn as a ghost.
    Replay,
    /// A worker running an activity attempt.
    Activity,
    /// A heartbeat of that attempt.
    Heartbeat,
    /// A timer, from its start to its end.
    Timer,
    /// A child workflow.
    Child,
    /// A signal or a request to stop that the workflow sends to another one, until it is delivered; a Nexus operation.
    Call,
    /// What a client or an operator asks for, until the answer is heard.
    Message(MessageKind),
    /// A worker that is dead, or cannot reach the Service.
    Dead,
    /// A worker that was not started yet, or has left in good order.
    Away,
    /// Something that happened in the world.
    Effect,
    /// A span through all lanes: the effect is done and nobody has recorded it. A crash inside is what doubles things.
    Danger,
}

/// What there is to say about a mark.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkFacts {
    /// What it is.
    pub title: String,
    /// One or two sentences, where the facts alone would not be understood.
    pub text: String,
    /// Names and values.
    pub facts: Vec<(&'static str, String)>,
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ending {
    /// The run closed and nothing was left to do.
    pub settled: bool,
    /// Something is open, and nothing happens by itself any more.
    pub stuck: bool,
    /// `completed; nothing is left to do after 1:03.400`, `did not settle within 2000 steps`.
    pub text: String,
    /// The workflow's result as JSON, if it completed.
    pub result: Option<String>,
    /// Choices that did nothing, each with the reason in a sentence.
    pub unheeded: Vec<String>,
    /// The promises there are. They are judged at the end.
    pub promises: Vec<Promise>,
}

/// A promise the lab judges at the end of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Promise {
    /// A sentence: `the customer is charged exactly what the order says`.
    pub sentence: String,
    /// Whether it held; `None` where nothing was judged, for the workflow did not return.
    pub held: Option<bool>,
    /// What was seen: `charged €178.00 for an order of €89.00`.
    pub seen: String,
}
