//! Runs that start others: as a real server has written it, where it was recorded.

use sagascope::base::time::Span;
use sagascope::contract::answer::{Command, ContinueAsNew};
use sagascope::contract::request::Target;
use sagascope::history::json;
use sagascope::history::proto::{
    Attributes, Duration, HistoryEvent, ParentClosePolicy, StartChildWorkflowExecutionInitiatedEventAttributes,
    WorkflowExecutionContinuedAsNewEventAttributes, WorkflowType,
};
use sagascope::history::timestamp::span;
use sagascope::service::limits::Limits;
use sagascope::service::run::RunStatus;
use sagascope::service::timer::TimerTask;

use crate::histories;
use crate::script::{Script, application, policy, returns, start_timer};

type Request = StartChildWorkflowExecutionInitiatedEventAttributes;

/// The only request for a child that the recorded workflow made.
#[track_caller]
fn recorded_request(script: &Script) -> Request {
    let requests = recorded_requests(script);
    assert_eq!(requests.len(), 1);
    requests.into_iter().next().unwrap()
}

/// The requests for children as the recorded workflow made them.
fn recorded_requests(script: &Script) -> Vec<Request> {
    let requests = script.recording.iter().filter_map(|event| match &event.attributes {
        Some(Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(request)) => Some((**request).clone()),
        _ => None,
    });
    requests.map(as_asked).collect()
}

/// A request without what the Service filled in.
fn as_asked(mut request: Request) -> Request {
    request.namespace.clear();
    request.namespace_id.clear();
    request.workflow_task_completed_event_id = 0;
    if request.workflow_id != "kid-opts" {
        request.workflow_task_timeout = None;
    }
    if span(request.workflow_run_timeout.as_ref()).is_zero() {
        request.workflow_run_timeout = None;
    }
    if request.parent_close_policy() == ParentClosePolicy::Terminate {
        request.set_parent_close_policy(ParentClosePolicy::Unspecified);
    }
    request.workflow_id_reuse_policy = 0;
    request
}

/// What a run has said of the one that is recorded here and followed it.
fn recorded_next_run(recording: &str) -> WorkflowExecutionContinuedAsNewEventAttributes {
    let recorded = json::read(&histories::one(recording)).unwrap().history.events;
    let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) = &recorded[0].attributes else {
        panic!("a run begins with its start");
    };
    WorkflowExecutionContinuedAsNewEventAttributes {
        input: started.input.clone(),
        ..Default::default()
    }
}

fn first_backoff(event: &mut HistoryEvent) -> &mut Option<Duration> {
    match &mut event.attributes {
        Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => &mut started.first_workflow_task_backoff,
        other => panic!("a run begins with {other:?}"),
    }
}

fn child(id: &str, change: impl FnOnce(&mut Request)) -> Command {
    let mut request = Request {
        workflow_id: id.to_owned(),
        workflow_type: Some(WorkflowType {
            name: "Child".to_owned(),
        }),
        ..Request::default()
    };
    change(&mut request);
    Command::StartChild(Box::new(request))
}

/// The parent of a recording has started its child as it did then. Returns the child's workflow id.
#[track_caller]
fn parent_with_child(recording: &str) -> (Script, String) {
    let mut script = Script::of(recording);
    let request = recorded_request(&script);
    let id = request.workflow_id.clone();
    script.take();
    script.complete(vec![Command::StartChild(Box::new(request))]);
    script.transfers();
    script.take();
    (script, id)
}

/// The child's worker takes its task and answers, while the parent stays at hand.
#[track_caller]
fn child_answers(script: &mut Script, child: &str, commands: Vec<Command>) {
    let (parent, task) = (script.run, script.task.take());
    script.run = script.service.latest(child).expect("the child was started");
    script.take();
    script.complete(commands);
    (script.run, script.task) = (parent, task);
}

fn fails(message: &str, error_type: &str) -> Command {
    Command::FailWorkflow {
        failure: application(message, error_type).into(),
    }
}

#[test]
fn a_child_is_started_in_three_steps() {
    let mut script = Script::of("sem-parent-explicitid");
    let request = recorded_request(&script);
    script.take();
    script.complete(vec![Command::StartChild(Box::new(request))]);
    let parent = script.run;
    script.check_since(4, "StartChildWorkflowExecutionInitiated");

    assert!(matches!(script.wait(), TimerTask::Transfer { .. }));
    script.run = script.service.latest("sem-child-explicit").unwrap();
    let child = script.run;
    script.check_since(0, "WorkflowExecutionStarted");
    script.wait();
    script.check_since(1, "");
    script.run = parent;
    script.check_since(5, "ChildWorkflowExecutionStarted WorkflowTaskScheduled");
    script.wait();
    script.run = child;
    script.check_since(1, "WorkflowTaskScheduled");
    assert_eq!(script.run().run_id.as_bytes()[14], b'7');
}

#[test]
fn a_child_returns_to_its_parent() {
    let (mut script, child) = parent_with_child("sem-parent-explicitid");
    script.complete(vec![]);
    child_answers(&mut script, &child, vec![returns("child ok")]);
    script.transfers();
    script.take_and_return("child ok");
    script.is_like_the_recording();
    assert!(script.run().state.children.is_empty());
}

#[test]
fn the_failure_of_a_child_reaches_its_parent() {
    let (mut script, child) = parent_with_child("sem-parent-fail");
    script.complete(vec![]);
    let failure = script.recording.iter().find_map(|event| match &event.attributes {
        Some(Attributes::ChildWorkflowExecutionFailedEventAttributes(a)) => a.failure.clone(),
        _ => None,
    });
    let failure = Command::FailWorkflow {
        failure: failure.unwrap().into(),
    };
    child_answers(&mut script, &child, vec![failure]);
    script.transfers();
    script.is_like_the_recording_up_to(11);
}

#[test]
fn the_limit_of_a_child_reaches_its_parent() {
    let (mut script, _) = parent_with_child("sem-parent-timeout");
    script.complete(vec![]);
    assert!(matches!(script.wait(), TimerTask::RunTimeout { .. }));
    script.transfers();
    script.is_like_the_recording_up_to(11);
}

#[test]
fn the_end_of_a_child_from_outside_reaches_its_parent() {
    let (mut script, child) = parent_with_child("sem-parent-explicitid");
    script.complete(vec![]);
    let target = Target::latest(&child);
    script
        .service
        .terminate(script.now, &target, "enough", "client")
        .unwrap();
    script.transfers();
    script.check_since(9, "ChildWorkflowExecutionTerminated WorkflowTaskScheduled");
}

#[test]
fn a_child_whose_id_is_taken_is_not_started() {
    let mut script = Script::of("sem-parent-dup");
    let mut holder = recorded_request(&script);
    holder.workflow_id = "sem-dup-holder".to_owned();
    let start = sagascope::contract::request::StartWorkflow {
        workflow_id: "sem-dup-holder".to_owned(),
        workflow_type: "Child".to_owned(),
        task_queue: "elsewhere".to_owned(),
        ..Default::default()
    };
    script.service.start_workflow(script.now, start).unwrap();
    script.take();
    script.complete(vec![Command::StartChild(Box::new(holder))]);
    script.transfers();
    script.take_and_return("WorkflowAlreadyStartedError Workflow execution already started");
    script.is_like_the_recording();
}

// ---- The parent closes first.

#[test]
fn a_child_is_terminated_after_its_parent() {
    let (mut script, child) = parent_with_child("sem-parent-pcp-terminate");
    let task = script.task.take();
    let parent = script.run;
    // The child's worker has its first task in hand.
    script.run = script.service.latest(&child).unwrap();
    script.take();
    (script.run, script.task) = (parent, task);
    script.complete(vec![returns("parent done")]);
    script.is_like_the_recording();
    script.transfers();
    script.turn_to(&child, "sem-child-pcp-terminate");
    script.is_like_the_recording();
    assert_eq!(script.run().status(), RunStatus::Terminated);
    assert_eq!(script.service.next_timer(), None, "a closed parent is told nothing");
}

#[test]
fn a_child_is_asked_to_stop_after_its_parent() {
    let (mut script, child) = parent_with_child("sem-parent-pcp-request-cancel");
    child_answers(&mut script, &child, vec![]);
    script.complete(vec![returns("parent done")]);
    script.is_like_the_recording();
    let parent = script.run().run_id.clone();
    script.transfers();
    script.run = script.service.latest(&child).unwrap();
    script.check_since(4, "WorkflowExecutionCancelRequested WorkflowTaskScheduled");
    let Some(Attributes::WorkflowExecutionCancelRequestedEventAttributes(asked)) =
        &script.run().log.events()[4].attributes
    else {
        panic!("it is asked to stop");
    };
    assert_eq!(asked.external_workflow_execution.as_ref().unwrap().run_id, parent);
    assert_eq!(
        (asked.identity.as_str(), asked.external_initiated_event_id),
        ("history-service", 0)
    );
}

#[test]
fn a_child_may_outlive_its_parent() {
    let (mut script, child) = parent_with_child("sem-parent-pcp-abandon");
    script.complete(vec![returns("parent done")]);
    script.is_like_the_recording();
    assert_eq!(script.service.next_timer(), None);
    script.turn_to(&child, "sem-child-pcp-abandon");
    script.take();
    script.complete(vec![start_timer("1", Span::secs(300))]);
    script.is_like_the_recording();
}

#[test]
fn a_parent_that_goes_on_as_a_new_run_leaves_its_children() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![child("kid", |_| {})]);
    script.transfers();
    child_answers(&mut script, "kid", vec![start_timer("1", Span::secs(120))]);
    script.take();
    script.complete(vec![Command::ContinueAsNew(Box::<ContinueAsNew>::default())]);
    script.transfers();
    script.run = script.service.latest("kid").unwrap();
    script.check_since(5, "WorkflowExecutionTerminated");
}

#[test]
fn many_children_are_ended_by_another_part_of_the_service() {
    for (count, identity) in [
        (9, "history-service"),
        (10, "temporal-sys-parent-close-policy-workflow"),
    ] {
        let mut script = Script::unrecorded();
        script.take();
        script.complete((0..count).map(|n| child(&format!("kid {n}"), |_| {})).collect());
        script.transfers();
        script.take();
        script.complete(vec![returns("done")]);
        script.transfers();
        let kid = script.service.run(script.service.latest("kid 0").unwrap());
        let Some(Attributes::WorkflowExecutionTerminatedEventAttributes(end)) =
            &kid.log.events().last().unwrap().attributes
        else {
            panic!("the child is terminated");
        };
        assert_eq!(end.identity, identity);
    }
}

#[test]
fn a_child_in_a_later_run_of_its_chain_is_found() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![child("kid", |_| {})]);
    script.transfers();
    child_answers(
        &mut script,
        "kid",
        vec![Command::ContinueAsNew(Box::<ContinueAsNew>::default())],
    );
    script.take();
    script.complete(vec![returns("done")]);
    script.transfers();
    script.run = script.service.latest("kid").unwrap();
    assert_eq!(script.run().status(), RunStatus::Terminated);
    assert!(script.run().previous.is_some());
}

#[test]
fn a_parent_that_closes_at_once_has_no_children() {
    let mut script = Script::unrecorded();
    script.take();
    let abandons = child("kid", |request| {
        request.set_parent_close_policy(ParentClosePolicy::Abandon)
    });
    script.complete(vec![abandons, returns("done")]);
    assert_eq!(script.service.next_timer(), None);
    assert_eq!(script.service.latest("kid"), None, "not even an abandoned one");
}

// ---- Children with a chain of their own.

#[test]
fn children_end_in_all_their_ways() {
    let mut script = Script::of("sem-kids");
    script.take();
    for request in recorded_requests(&script) {
        let kid = request.workflow_id.clone();
        script.complete(vec![Command::StartChild(Box::new(request))]);
        script.transfers();
        script.take();
        script.complete(vec![]);
        match kid.as_str() {
            "kid-can" => {
                let goes_on = ContinueAsNew {
                    attributes: recorded_next_run("sem-kid-can-run2"),
                    retry_policy: None,
                };
                child_answers(&mut script, &kid, vec![Command::ContinueAsNew(Box::new(goes_on))]);
                script.wait();
                child_answers(&mut script, &kid, vec![returns("end")]);
            }
            "kid-retry" => {
                child_answers(&mut script, &kid, vec![fails("wf fail", "WF")]);
                script.wait();
                child_answers(&mut script, &kid, vec![fails("wf fail", "WF")]);
            }
            "kid-timeout" => {
                child_answers(&mut script, &kid, vec![start_timer("1", Span::secs(1_000))]);
                script.wait();
            }
            _ => child_answers(&mut script, &kid, vec![returns("done")]),
        }
        script.transfers();
        script.take();
    }
    let result = script.recording.last().and_then(|event| match &event.attributes {
        Some(Attributes::WorkflowExecutionCompletedEventAttributes(end)) => end.result.clone(),
        _ => None,
    });
    script.complete(vec![Command::CompleteWorkflow { result }]);
    script.is_like_the_recording();

    script.turn_to("kid-retry", "sem-kid-retry-run2");
    script.is_like_the_recording();
    script.turn_to("kid-can", "sem-kid-can-run2");
    // What is left of a second after the run before.
    let mut own = script.run().log.events()[0].clone();
    *first_backoff(&mut script.recording[0]) = *first_backoff(&mut own);
    script.is_like_the_recording();
}

#[test]
fn only_the_last_run_of_a_child_reaches_its_parent() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![child("kid", |request| request.retry_policy = policy(1_000, 2))]);
    script.transfers();
    script.take();
    script.complete(vec![]);
    let heard = script.last_id();
    child_answers(&mut script, "kid", vec![fails("once", "E")]);
    assert!(matches!(script.wait(), TimerTask::FirstTask { .. }));
    script.check_since(heard, "");
    child_answers(&mut script, "kid", vec![fails("twice", "E")]);
    script.transfers();
    script.check_since(heard, "ChildWorkflowExecutionFailed WorkflowTaskScheduled");
    let Some(Attributes::ChildWorkflowExecutionFailedEventAttributes(end)) =
        &script.run().log.get(heard + 1).unwrap().attributes
    else {
        panic!("the child failed");
    };
    let last = script.service.run(script.service.latest("kid").unwrap());
    assert_eq!(end.workflow_execution.as_ref().unwrap().run_id, last.run_id);
    assert_eq!(end.failure.as_ref().unwrap().message, "twice");
}

#[test]
fn a_grandchild_knows_its_root() {
    let mut script = Script::unrecorded();
    let root = script.run().run_id.clone();
    script.take();
    script.complete(vec![child("kid", |_| {})]);
    script.transfers();
    child_answers(&mut script, "kid", vec![child("grandkid", |_| {})]);
    script.transfers();
    let grandkid = script.service.run(script.service.latest("grandkid").unwrap());
    let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) = &grandkid.log.events()[0].attributes
    else {
        panic!("a run begins with its start");
    };
    assert_eq!(started.root_workflow_execution.as_ref().unwrap().run_id, root);
    let kid = script.service.run(script.service.latest("kid").unwrap());
    assert_eq!(started.parent_workflow_execution.as_ref().unwrap().run_id, kid.run_id);
}

#[test]
fn news_of_children_waits_while_a_task_runs() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![child("kid", |_| {}), start_timer("1", Span::millis(1))]);
    assert!(matches!(script.wait(), TimerTask::Transfer { .. }));
    assert!(matches!(script.wait(), TimerTask::UserTimer { .. }));
    script.take();
    script.transfers();
    child_answers(&mut script, "kid", vec![returns(1)]);
    script.transfers();
    let last = script.last_id();
    script.complete(vec![]);
    script.check_since(
        last,
        "WorkflowTaskCompleted ChildWorkflowExecutionStarted ChildWorkflowExecutionCompleted WorkflowTaskScheduled \
         WorkflowTaskStarted",
    );
    let Some(Attributes::ChildWorkflowExecutionCompletedEventAttributes(end)) =
        &script.run().log.get(last + 3).unwrap().attributes
    else {
        panic!("the child returned");
    };
    assert_eq!(end.started_event_id, last + 2);
}

#[test]
fn children_that_may_be_pending_are_counted() {
    let mut script = Script::unrecorded();
    let limits = Limits {
        pending_children: 2,
        ..Limits::default()
    };
    script.service = script.service.with_limits(limits);
    script.take();
    script.complete(vec![child("a", |_| {})]);
    script.transfers();
    script.take();
    let accepted = script.complete(vec![child("b", |_| {}), child("c", |_| {})]);
    let expected = "PendingChildWorkflowsLimitExceeded: the number of pending child workflow executions, 2, has reached \
                    the per-workflow limit of 2";
    assert_eq!(accepted.refused.as_deref(), Some(expected));
}

#[test]
fn what_is_wrong_with_a_request_is_said() {
    #[track_caller]
    fn check(command: Command, expected: &str) {
        let mut script = Script::unrecorded();
        script.take();
        let accepted = script.complete(vec![command]);
        assert_eq!(accepted.refused.as_deref(), Some(expected));
        script.check_since(3, "WorkflowTaskFailed");
    }
    check(
        child("", |_| {}),
        "BadStartChildExecutionAttributes: Required field WorkflowId is not set on \
         StartChildWorkflowExecutionCommand. WorkflowType=Child Namespace=default",
    );
    check(
        child("kid", |request| request.cron_schedule = "never".to_owned()),
        "BadStartChildExecutionAttributes: invalid CronSchedule on StartChildWorkflowExecutionCommand: invalid \
         CronSchedule.. WorkflowId=kid WorkflowType=Child Namespace=default",
    );
}
