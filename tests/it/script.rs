//! The Service alone, told what happens and when, and its histories compared with recordings of a real server.

use std::collections::BTreeMap;
use std::sync::Arc;

use sagascope::base::chance::Chance;
use sagascope::base::time::{SimTime, Span};
use sagascope::contract::answer::{
    Accepted, ActivityAnswer, Command, ScheduleActivity, Sticky, TaskNotFound, WorkflowTaskAnswer,
};
use sagascope::contract::request::{Signal, StartWorkflow, Target};
use sagascope::contract::task::{ActivityTask, ActivityTaskToken, Poller, RunKey, WorkflowTask, WorkflowTaskToken};
use sagascope::history::proto::{
    ApplicationFailureInfo, Attributes, Failure, FailureInfo, Header, History, HistoryEvent, RetryPolicy,
    WorkflowTaskFailedCause, event_name,
};
use sagascope::history::timestamp::{duration, span};
use sagascope::history::{json, payload, rules};
use sagascope::service::limits::Limits;
use sagascope::service::queue::QueuedWork;
use sagascope::service::run::Run;
use sagascope::service::timer::TimerTask;
use sagascope::service::{Polled, Service};
use serde_json::{Value, json};

use crate::histories;
use crate::shape::{self, Parties};

// ---- How a history is compared with a recording.

/// The recording of the worker whose behaviour this lab has; of the others, what is foreign is left out.
pub(crate) const RUST: &str = "loop-10";

/// The events from `from` on, one line each; ids are counted from there.
pub(crate) fn lines(events: &[HistoryEvent], from: i64, foreign: bool) -> Vec<String> {
    let events = events.to_vec();
    let mut history: Value = serde_json::from_str(&json::write(&History { events })).unwrap();
    let events = history["events"].as_array_mut().unwrap();
    let first = usize::try_from(from).unwrap() - 1;
    let shown = events[first..].iter_mut().map(|event| {
        let parties = if foreign { Parties::Foreign } else { Parties::Strangers };
        shape::normalise(event, parties);
        count_from(event, from);
        event.to_string()
    });
    shown.collect()
}

pub(crate) fn count_from(value: &mut Value, from: i64) {
    let Some(members) = value.as_object_mut() else { return };
    for (key, value) in members {
        if key == "eventId" || key.ends_with("EventId") {
            let id: i64 = value.as_str().unwrap().parse().unwrap();
            *value = (id + 1 - from).into();
        }
        count_from(value, from);
    }
}

// ---- What happens.

/// One run of a workflow and everything that happens to it, a millisecond apart.
pub(crate) struct Script {
    pub(crate) recording: Vec<HistoryEvent>,
    pub(crate) foreign: bool,
    pub(crate) service: Service,
    pub(crate) now: SimTime,
    pub(crate) run: RunKey,
    pub(crate) lives: u32,
    /// Whether the worker keeps runs in memory.
    pub(crate) keeps: bool,
    pub(crate) task: Option<WorkflowTaskToken>,
    pub(crate) attempts: BTreeMap<String, ActivityTaskToken>,
}

impl Script {
    /// The workflow of a recording, started by the same client with the same words; one worker is polling.
    pub(crate) fn of(recording: &str) -> Self {
        let foreign = recording != RUST;
        let recording = recorded(recording);
        let start = start_of(&recording);
        let mut service = Service::new(Chance::new(7));
        let now = SimTime::ZERO;
        let run = service.start_workflow(now, start).expect("the first of its id");
        let mut script = Self {
            recording,
            foreign,
            service,
            now,
            run,
            lives: 0,
            keeps: true,
            task: None,
            attempts: BTreeMap::new(),
        };
        script.starts();
        script
    }

    /// One of the recordings by hand, on a server with small limits; the worker keeps nothing in memory.
    pub(crate) fn bare(recording: &str) -> Self {
        let limits = Limits {
            pending_activities: 5,
            buffered_events: 5,
            history_events: 60,
            payload_bytes: 20_000,
            warn_payload_bytes: 10_000,
            suggest_events: 20,
            prolonging: Span::secs(5),
            ..Limits::default()
        };
        let mut script = Self::of(recording);
        script.service = Service::new(Chance::new(7)).with_limits(limits);
        let start = start_of(&script.recording);
        script.run = script
            .service
            .start_workflow(script.now, start)
            .expect("the first of its id");
        script.keeps = false;
        script.service.sticky_poll_began(&script.sticky_queue());
        script
    }

    /// A workflow of which there is no recording, started like this.
    pub(crate) fn started(start: StartWorkflow) -> Self {
        let mut script = Self::unrecorded();
        script.service = Service::new(Chance::new(7));
        script.run = script
            .service
            .start_workflow(script.now, start)
            .expect("a sound request");
        script.service.sticky_poll_began(&script.sticky_queue());
        script
    }

    /// The latest run of a workflow id is the one at hand, and this is its recording.
    #[track_caller]
    pub(crate) fn turn_to(&mut self, workflow_id: &str, recording: &str) {
        self.run = self.service.latest(workflow_id).expect("it was started");
        self.recording = json::read(&histories::one(recording)).unwrap().history.events;
        self.foreign = recording != RUST;
    }

    /// The Service does whatever one run has left to be done to another.
    #[track_caller]
    pub(crate) fn transfers(&mut self) {
        let mut any = false;
        while let Some((_, TimerTask::Transfer { .. })) = self.service.next_timer() {
            self.wait();
            any = true;
        }
        assert!(any, "a run has left something to be done");
    }

    /// The workflow of a recording that began with a signal: its start and the signal are the first two events.
    pub(crate) fn of_signal_with_start(recording: &str) -> Self {
        let mut script = Self::of(recording);
        let Some(Attributes::WorkflowExecutionSignaledEventAttributes(first)) = &script.recording[1].attributes else {
            panic!("it began with a signal");
        };
        let signal = Signal {
            name: first.signal_name.clone(),
            input: first.input.clone(),
            identity: first.identity.clone(),
            header: first.header.clone(),
            request_id: first.request_id.clone(),
        };
        let start = start_of(&script.recording);
        script.service = Service::new(Chance::new(7));
        script.run = script
            .service
            .signal_with_start(script.now, start, signal)
            .expect("the first of its id");
        script.service.sticky_poll_began(&script.sticky_queue());
        script
    }

    /// A workflow that nobody has recorded.
    pub(crate) fn unrecorded() -> Self {
        Self::of("sem-simple")
    }

    /// One that the client starts otherwise.
    pub(crate) fn unrecorded_with(change: impl FnOnce(&mut StartWorkflow)) -> Self {
        Self::begun(Service::new(Chance::new(7)), change)
    }

    /// One whose run is limited.
    pub(crate) fn unrecorded_within(limit: Span) -> Self {
        Self::unrecorded_with(|start| start.run_timeout = limit)
    }

    /// One on a Service with other limits.
    pub(crate) fn unrecorded_under(change: impl FnOnce(&mut Limits)) -> Self {
        let mut limits = Limits::default();
        change(&mut limits);
        Self::begun(Service::new(Chance::new(7)).with_limits(limits), |_| ())
    }

    fn begun(service: Service, change: impl FnOnce(&mut StartWorkflow)) -> Self {
        let mut script = Self::unrecorded();
        let mut start = start_of(&script.recording);
        change(&mut start);
        script.service = service;
        script.run = script
            .service
            .start_workflow(script.now, start)
            .expect("the first of its id");
        script.service.sticky_poll_began(&script.sticky_queue());
        script
    }

    pub(crate) fn run(&self) -> &Run {
        self.service.run(self.run)
    }

    pub(crate) fn sticky_queue(&self) -> String {
        format!("worker-{}", self.lives)
    }

    fn sticky(&self) -> Option<Sticky> {
        self.keeps.then(|| Sticky {
            queue: self.sticky_queue(),
            schedule_to_start: Span::secs(10),
        })
    }

    pub(crate) fn poller(&self) -> Poller {
        Poller {
            identity: "worker".to_owned(),
            build_id: "build".to_owned(),
        }
    }

    pub(crate) fn pass(&mut self, span: Span) {
        self.now += span;
    }

    pub(crate) fn a_moment_later(&mut self) {
        self.pass(Span::millis(1));
    }

    /// The worker's connection breaks; whatever it had in hand is lost.
    pub(crate) fn dies(&mut self) {
        self.a_moment_later();
        self.service.sticky_poll_ended(self.now, &self.sticky_queue());
        self.task = None;
        self.attempts.clear();
    }

    /// A new worker process polls.
    pub(crate) fn starts(&mut self) {
        self.lives += 1;
        self.service.sticky_poll_began(&self.sticky_queue());
    }

    /// What waits: the queue and the number of the first task that `wanted` accepts.
    pub(crate) fn waiting(&self, wanted: impl Fn(&QueuedWork) -> bool) -> Option<(String, u64)> {
        let mut waiting = self.service.queues().waiting();
        let found = waiting.find(|(_, task)| wanted(&task.what));
        found.map(|(queue, task)| (queue.to_owned(), task.number))
    }

    /// The queue in which the workflow task waits.
    pub(crate) fn waits_in(&self) -> Option<String> {
        let is_workflow = |work: &QueuedWork| matches!(work, QueuedWork::Workflow { .. });
        self.waiting(is_workflow).map(|(queue, _)| queue)
    }

    /// The worker takes the workflow task, which waits in a queue it polls.
    #[track_caller]
    pub(crate) fn take(&mut self) -> WorkflowTask {
        self.a_moment_later();
        let (queue, number) = self
            .waiting(|work| matches!(work, QueuedWork::Workflow { run, .. } if *run == self.run))
            .expect("a workflow task waits");
        assert!(
            queue == self.run().task_queue || queue == self.sticky_queue(),
            "nobody polls {queue}"
        );
        match self.service.poll(self.now, number, &self.poller()) {
            Some(Polled::Workflow(task)) => {
                self.task = Some(task.token);
                *task
            }
            other => panic!("{other:?} is no workflow task"),
        }
    }

    pub(crate) fn answer(&mut self, answer: WorkflowTaskAnswer) -> Result<Accepted, TaskNotFound> {
        self.a_moment_later();
        let token = self.task.take().expect("the worker has a workflow task in hand");
        self.service.answer_workflow_task(self.now, token, answer)
    }

    /// The worker answers its workflow task; what comes back at once is in its hands.
    #[track_caller]
    pub(crate) fn complete(&mut self, commands: Vec<Command>) -> Accepted {
        let accepted = self.try_complete(commands).expect("the task is known");
        self.task = accepted.next_task.as_ref().map(|task| task.token);
        for task in &accepted.eager_activities {
            self.attempts.insert(task.activity_id.clone(), task.token);
        }
        accepted
    }

    pub(crate) fn try_complete(&mut self, mut commands: Vec<Command>) -> Result<Accepted, TaskNotFound> {
        for command in &mut commands {
            if let Command::ScheduleActivity(request) = command
                && request.task_queue.is_empty()
            {
                Arc::make_mut(request).task_queue.clone_from(&self.run().task_queue);
            }
        }
        let sticky = self.sticky();
        let first_of_run = self.run().state.previous_started_event_id == 0;
        self.answer(WorkflowTaskAnswer::Completed {
            commands,
            user_metadata: Vec::new(),
            sticky,
            first_of_run,
            queries: Vec::new(),
            wants_next_task: false,
        })
    }

    /// A worker that keeps nothing in memory has nothing to say.
    #[track_caller]
    pub(crate) fn complete_without_cache(&mut self) {
        let answer = WorkflowTaskAnswer::Completed {
            commands: Vec::new(),
            user_metadata: Vec::new(),
            sticky: None,
            first_of_run: true,
            queries: Vec::new(),
            wants_next_task: false,
        };
        self.answer(answer).expect("the task is known");
    }

    /// The worker cannot run the code.
    #[track_caller]
    pub(crate) fn fail_task(&mut self, message: &str, error_type: &str) {
        let answer = WorkflowTaskAnswer::Failed {
            cause: WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure,
            failure: Box::new(application(message, error_type)),
        };
        self.answer(answer).expect("the task is known");
    }

    /// A worker takes the attempt of an activity that waits.
    #[track_caller]
    pub(crate) fn take_activity(&mut self, id: &str) -> ActivityTask {
        self.a_moment_later();
        let run = self.run();
        let is_it = |scheduled: &i64| {
            run.activity(*scheduled)
                .is_some_and(|activity| activity.told.activity_id == id)
        };
        let (_, number) = self
            .waiting(
                |work| matches!(work, QueuedWork::Activity { scheduled_event_id, .. } if is_it(scheduled_event_id)),
            )
            .expect("the activity waits");
        match self.service.poll(self.now, number, &self.poller()) {
            Some(Polled::Activity(task)) => {
                self.attempts.insert(id.to_owned(), task.token);
                *task
            }
            other => panic!("{other:?} is no activity attempt"),
        }
    }

    pub(crate) fn answer_activity(&mut self, id: &str, answer: ActivityAnswer) -> Result<(), TaskNotFound> {
        self.a_moment_later();
        let token = self.attempts[id];
        self.service.answer_activity(self.now, token, answer)
    }

    #[track_caller]
    pub(crate) fn succeed(&mut self, id: &str, result: Value) {
        let answer = ActivityAnswer::Completed {
            result: Some(payload::json(&result)),
        };
        self.answer_activity(id, answer).expect("the attempt is known");
    }

    #[track_caller]
    pub(crate) fn fail(&mut self, id: &str, failure: Failure) {
        let answer = ActivityAnswer::Failed {
            failure: Box::new(failure),
            last_heartbeat: None,
        };
        self.answer_activity(id, answer).expect("the attempt is known");
    }

    /// Nothing happens until the Service does something by itself.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> TimerTask {
        let (at, task) = self.service.next_timer().expect("something will happen");
        assert!(at >= self.now, "the script has overslept");
        self.now = at;
        self.service.fire_next_timer();
        task
    }

    /// The worker takes the workflow task, and the workflow returns.
    #[track_caller]
    pub(crate) fn take_and_return(&mut self, result: &str) {
        self.take();
        self.complete(vec![returns(result)]);
    }

    /// The worker takes the workflow task, and the workflow returns some value.
    #[track_caller]
    pub(crate) fn take_and_return_value(&mut self, result: Value) {
        self.take();
        self.complete(vec![returns(result)]);
    }

    /// The worker takes the workflow task and answers it as the worker of the recording did.
    #[track_caller]
    pub(crate) fn take_and_go_on(&mut self) -> Accepted {
        self.take();
        self.go_on()
    }

    /// The worker answers as the worker of the recording did: with what has become of its commands. Until then, the
    /// history must have been like the recording.
    #[track_caller]
    pub(crate) fn go_on(&mut self) -> Accepted {
        let completed = self.last_id() + 1;
        let commands = self.recording.iter().filter_map(|event| command_of(event, completed));
        let commands = commands.collect();
        self.complete(commands)
    }

    /// The worker answers and wants the next task at once.
    #[track_caller]
    pub(crate) fn prolong(&mut self) -> Result<Accepted, TaskNotFound> {
        let sticky = self.sticky();
        let first_of_run = self.run().state.previous_started_event_id == 0;
        let accepted = self.answer(WorkflowTaskAnswer::Completed {
            commands: Vec::new(),
            user_metadata: Vec::new(),
            sticky,
            first_of_run,
            queries: Vec::new(),
            wants_next_task: true,
        })?;
        self.task = accepted.next_task.as_ref().map(|task| task.token);
        Ok(accepted)
    }

    /// A client says something to the run.
    pub(crate) fn is_told(&mut self, number: u64) {
        self.a_moment_later();
        let target = Target::latest(&self.run().workflow_id);
        let signal = Signal {
            name: "s".to_owned(),
            input: Some(payload::json(&number.into())),
            identity: "client".to_owned(),
            request_id: format!("request-{number}"),
            ..Default::default()
        };
        self.service.signal(self.now, &target, signal).expect("the run is open");
    }

    /// A worker says that the attempt goes on. Returns whether it is to be given up.
    #[track_caller]
    pub(crate) fn heartbeat(&mut self, id: &str, details: Value) -> bool {
        self.a_moment_later();
        let token = self.attempts[id];
        let answer = self.service.heartbeat(self.now, token, Some(payload::json(&details)));
        answer.expect("the attempt is known").cancel_requested
    }

    /// The request for an activity as the worker of the recording made it.
    pub(crate) fn recorded_activity(&self, event_id: usize) -> Command {
        let Some(Attributes::ActivityTaskScheduledEventAttributes(a)) = &self.recording[event_id - 1].attributes else {
            panic!("an activity was scheduled");
        };
        let within = span(a.start_to_close_timeout.as_ref());
        let input = payload::first_value(a.input.as_ref());
        let activity_type = a.activity_type.clone().unwrap().name;
        activity(&a.activity_id, &activity_type, input, |request| {
            request.start_to_close = within
        })
    }

    /// The worker takes the workflow task, and the workflow fails as it did in the recording: that failure is worded
    /// by the worker, not by the Service.
    #[track_caller]
    pub(crate) fn take_and_fail_as_recorded(&mut self) {
        self.take();
        let failure = self.recording.iter().find_map(|event| match &event.attributes {
            Some(Attributes::WorkflowExecutionFailedEventAttributes(a)) => a.failure.clone(),
            _ => None,
        });
        let failure = failure.expect("the recorded workflow fails").into();
        self.complete(vec![Command::FailWorkflow { failure }]);
    }

    // ---- What has been written.

    #[track_caller]
    pub(crate) fn is_like_the_recording(&self) {
        self.is_like_the_recording_from(1, 1);
    }

    /// The history is like the recording as far as event `last`.
    #[track_caller]
    pub(crate) fn is_like_the_recording_up_to(&self, last: usize) {
        let own = lines(&self.run().log.events()[..last], 1, self.foreign);
        let recorded = lines(&self.recording[..last], 1, self.foreign);
        let difference = own.iter().zip(&recorded).find(|(own, recorded)| own != recorded);
        assert_eq!(difference, None);
        self.is_well_formed();
    }

    /// From event `own` on, the history is like the recording from event `recorded` on.
    #[track_caller]
    pub(crate) fn is_like_the_recording_from(&self, own: i64, recorded: i64) {
        let own = lines(self.run().log.events(), own, self.foreign);
        let recorded = lines(&self.recording, recorded, self.foreign);
        let difference = own.iter().zip(&recorded).find(|(own, recorded)| own != recorded);
        assert_eq!(difference, None);
        assert_eq!(own.len(), recorded.len());
        self.is_well_formed();
    }

    #[track_caller]
    pub(crate) fn is_well_formed(&self) {
        assert_eq!(rules::check(self.run().log.events()), []);
    }

    /// The names of the events after event `id`.
    #[track_caller]
    pub(crate) fn check_since(&self, id: i64, expected: &str) {
        let events = self.run().log.since(id);
        let names: Vec<_> = events.iter().map(|event| event_name(event.event_type())).collect();
        assert_eq!(names.join(" "), expected);
        self.is_well_formed();
    }

    pub(crate) fn last_id(&self) -> i64 {
        self.run().log.last_id()
    }

    /// How long the pending workflow task may take.
    pub(crate) fn task_timeout(&self) -> Span {
        self.run().workflow_task().unwrap().start_to_close
    }
}

/// The command that became this event, if it was one of the task that ended with event `completed`.
fn command_of(event: &HistoryEvent, completed: i64) -> Option<Command> {
    let (of, command) = match event.attributes.clone()? {
        Attributes::ActivityTaskScheduledEventAttributes(a) => (
            a.workflow_task_completed_event_id,
            Command::ScheduleActivity(Arc::new(ScheduleActivity {
                activity_id: a.activity_id,
                activity_type: a.activity_type?.name,
                task_queue: a.task_queue?.name,
                header: a.header.unwrap_or_default(),
                input: a.input,
                schedule_to_close: span(a.schedule_to_close_timeout.as_ref()),
                schedule_to_start: span(a.schedule_to_start_timeout.as_ref()),
                start_to_close: span(a.start_to_close_timeout.as_ref()),
                heartbeat: span(a.heartbeat_timeout.as_ref()),
                retry_policy: a.retry_policy,
                request_eager: false,
            })),
        ),
        Attributes::ActivityTaskCancelRequestedEventAttributes(a) => (
            a.workflow_task_completed_event_id,
            Command::RequestCancelActivity {
                scheduled_event_id: a.scheduled_event_id,
            },
        ),
        Attributes::TimerStartedEventAttributes(a) => (
            a.workflow_task_completed_event_id,
            start_timer(&a.timer_id, span(a.start_to_fire_timeout.as_ref())),
        ),
        Attributes::TimerCanceledEventAttributes(a) => (a.workflow_task_completed_event_id, cancel_timer(&a.timer_id)),
        Attributes::MarkerRecordedEventAttributes(a) => {
            (a.workflow_task_completed_event_id, Command::RecordMarker(a.into()))
        }
        Attributes::UpsertWorkflowSearchAttributesEventAttributes(a) => (
            a.workflow_task_completed_event_id,
            Command::UpsertSearchAttributes(a.search_attributes?),
        ),
        Attributes::WorkflowPropertiesModifiedEventAttributes(a) => (
            a.workflow_task_completed_event_id,
            Command::ModifyProperties {
                upserted_memo: a.upserted_memo?,
            },
        ),
        Attributes::WorkflowExecutionCompletedEventAttributes(a) => (
            a.workflow_task_completed_event_id,
            Command::CompleteWorkflow { result: a.result },
        ),
        Attributes::WorkflowExecutionFailedEventAttributes(a) => (
            a.workflow_task_completed_event_id,
            Command::FailWorkflow {
                failure: a.failure?.into(),
            },
        ),
        _ => return None,
    };
    (of == completed).then_some(command)
}

/// The events of a recording.
pub(crate) fn recorded(name: &str) -> Vec<HistoryEvent> {
    json::read(&histories::one(name)).unwrap().history.events
}

/// What the client of a recording said when it started the workflow.
pub(crate) fn start_of(recording: &[HistoryEvent]) -> StartWorkflow {
    let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) = &recording[0].attributes else {
        panic!("a history begins with its start");
    };
    StartWorkflow {
        workflow_id: started.workflow_id.clone(),
        workflow_type: started.workflow_type.clone().unwrap().name,
        task_queue: started.task_queue.clone().unwrap().name,
        input: started.input.clone(),
        identity: started.identity.clone(),
        execution_timeout: span(started.workflow_execution_timeout.as_ref()),
        run_timeout: span(started.workflow_run_timeout.as_ref()),
        start_delay: if started.cron_schedule.is_empty() {
            span(started.first_workflow_task_backoff.as_ref())
        } else {
            Span::ZERO
        },
        cron_schedule: started.cron_schedule.clone(),
        retry_policy: started.retry_policy.clone(),
        ..Default::default()
    }
}

// ---- The workflow's and the activities' words.

/// A request to run an activity on the workflow's own queue; `null` is no argument.
pub(crate) fn activity(
    id: &str,
    activity_type: &str,
    input: Value,
    change: impl FnOnce(&mut ScheduleActivity),
) -> Command {
    let mut request = ScheduleActivity {
        activity_id: id.to_owned(),
        activity_type: activity_type.to_owned(),
        task_queue: String::new(),
        header: Header::default(),
        input: (!input.is_null()).then(|| payload::json(&input)),
        schedule_to_close: Span::ZERO,
        schedule_to_start: Span::ZERO,
        start_to_close: Span::ZERO,
        heartbeat: Span::ZERO,
        retry_policy: None,
        request_eager: false,
    };
    change(&mut request);
    Command::ScheduleActivity(request.into())
}

pub(crate) fn within(seconds: u64) -> impl FnOnce(&mut ScheduleActivity) {
    move |request| request.start_to_close = Span::secs(seconds)
}

pub(crate) fn policy(initial_millis: u64, maximum_attempts: i32) -> Option<RetryPolicy> {
    Some(RetryPolicy {
        initial_interval: Some(duration(Span::millis(initial_millis))),
        maximum_attempts,
        ..RetryPolicy::default()
    })
}

pub(crate) fn start_timer(id: &str, wait: Span) -> Command {
    Command::StartTimer {
        timer_id: id.to_owned(),
        start_to_fire: wait,
    }
}

pub(crate) fn cancel_timer(id: &str) -> Command {
    Command::CancelTimer {
        timer_id: id.to_owned(),
    }
}

pub(crate) fn returns(result: impl Into<Value>) -> Command {
    Command::CompleteWorkflow {
        result: Some(payload::json(&result.into())),
    }
}

pub(crate) fn application(message: &str, error_type: &str) -> Failure {
    Failure {
        message: message.to_owned(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
            r#type: error_type.to_owned(),
            ..ApplicationFailureInfo::default()
        })),
        ..Failure::default()
    }
}

/// How the recorded activity `flaky` fails.
pub(crate) fn flaky(attempt: u32) -> Failure {
    let mut failure = application(&format!("boom {attempt}"), "Flaky");
    let Some(FailureInfo::ApplicationFailureInfo(info)) = &mut failure.failure_info else {
        unreachable!("made a line ago");
    };
    info.details = Some(payload::json(&json!({ "a": attempt })));
    failure
}
