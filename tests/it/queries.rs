//! Questions: how they find a worker, what is replied, and that histories never know.

use sagascope::base::time::Span;
use sagascope::contract::answer::{QueryAnswer, Sticky, WorkflowTaskAnswer};
use sagascope::contract::request::{Query, Refusal, Reply, Signal, Target, Ticket};
use sagascope::contract::task::WorkflowTask;
use sagascope::history::payload;
use sagascope::service::Polled;
use sagascope::service::queue::QueuedWork;
use sagascope::service::timer::TimerTask;
use serde_json::{Value, json};

use crate::script::{Script, application, returns, start_timer};

fn ask(script: &mut Script) -> Result<Ticket, Refusal> {
    script.a_moment_later();
    let target = Target::latest(&script.run().workflow_id);
    let query = Query {
        name: "state".to_owned(),
        args: None,
    };
    script.service.query(script.now, &target, query)
}

fn answered(query_id: u64, value: &str) -> QueryAnswer {
    QueryAnswer {
        query_id,
        outcome: Ok(Some(payload::json(&json!(value)))),
    }
}

/// The worker takes the question from the queue that is named.
#[track_caller]
fn take_question(script: &mut Script, from: &str) -> WorkflowTask {
    script.a_moment_later();
    let (queue, number) = script
        .waiting(|work| matches!(work, QueuedWork::Query { .. }))
        .expect("the question waits");
    assert_eq!(queue, from);
    match script.service.poll(script.now, number, &script.poller()) {
        Some(Polled::Query(task)) => *task,
        other => panic!("{other:?} is no question"),
    }
}

#[track_caller]
fn answer(script: &mut Script, task: &WorkflowTask, value: &str) {
    script.a_moment_later();
    let answer = answered(task.queries[0].query_id, value);
    let run = script.run;
    script
        .service
        .answer_query(script.now, run, answer)
        .expect("it is waited for");
}

/// What was replied since the last look: the ticket and the value.
fn replies(script: &mut Script) -> Vec<(Ticket, Value)> {
    let replies = script.service.take_replies().into_iter();
    let value = |reply: Reply| (reply.ticket, payload::first_value(reply.outcome.unwrap().as_ref()));
    replies.map(value).collect()
}

/// An idle run, in the memory of its worker.
fn idle() -> Script {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![start_timer("1", Span::secs(100))]);
    script
}

#[test]
fn a_question_to_an_idle_run_goes_to_the_worker_that_has_it_in_memory() {
    let mut script = idle();
    let events = script.last_id();
    let ticket = ask(&mut script).unwrap();
    let sticky = script.sticky_queue();
    let task = take_question(&mut script, &sticky);
    assert_eq!((task.events.len(), task.started_event_id), (0, 0));
    assert_eq!(replies(&mut script), []);
    answer(&mut script, &task, "fine");
    assert_eq!(replies(&mut script), [(ticket, json!("fine"))]);
    assert_eq!(script.last_id(), events);
    let late = answered(task.queries[0].query_id, "fine");
    script.service.answer_query(script.now, script.run, late).unwrap_err();
}

#[test]
fn a_worker_that_does_not_answer_loses_the_question_and_the_run() {
    let mut script = idle();
    let ticket = ask(&mut script).unwrap();
    script.dies();
    assert!(matches!(script.wait(), TimerTask::QueryTimeout { .. }));
    script.starts();
    let queue = script.run().task_queue.clone();
    let task = take_question(&mut script, &queue);
    assert_eq!(task.events.len(), script.run().log.events().len());
    answer(&mut script, &task, "fine");
    assert_eq!(replies(&mut script), [(ticket, json!("fine"))]);
    assert_eq!(script.run().unwritten.hand.sticky, None);
}

#[test]
fn a_worker_long_gone_is_not_asked() {
    let mut script = idle();
    script.dies();
    script.pass(Span::secs(11));
    ask(&mut script).unwrap();
    let queue = script.run().task_queue.clone();
    take_question(&mut script, &queue);
}

#[test]
fn a_question_before_the_first_answer_rides_with_the_first_task() {
    let mut script = Script::unrecorded();
    let ticket = ask(&mut script).unwrap();
    let Err(Refusal::Exhausted(message)) = ask(&mut script) else {
        panic!("one may wait")
    };
    assert!(message.starts_with("consistent query buffer is full"));
    let task = script.take();
    let answer = answered(task.queries[0].query_id, "new");
    complete_with(&mut script, vec![answer]);
    assert_eq!(replies(&mut script), [(ticket, json!("new"))]);
}

#[test]
fn a_question_that_comes_while_a_task_runs_is_sent_after_it() {
    let mut script = Script::unrecorded();
    script.take();
    let ticket = ask(&mut script).unwrap();
    complete_with(&mut script, vec![]);
    let sticky = script.sticky_queue();
    let task = take_question(&mut script, &sticky);
    answer(&mut script, &task, "fine");
    assert_eq!(replies(&mut script), [(ticket, json!("fine"))]);
}

#[test]
fn a_question_after_news_rides_with_the_task_that_brings_them() {
    let mut script = Script::unrecorded();
    script.take();
    let target = Target::latest(&script.run().workflow_id);
    script.service.signal(script.now, &target, Signal::default()).unwrap();
    let ticket = ask(&mut script).unwrap();
    let next = complete_with(&mut script, vec![]).expect("the news are due");
    script.task = Some(next.token);
    assert_eq!(next.queries.len(), 1);
    complete_with(&mut script, vec![answered(next.queries[0].query_id, "heard")]);
    assert_eq!(replies(&mut script), [(ticket, json!("heard"))]);
}

#[test]
fn a_closed_run_can_be_asked() {
    let mut script = Script::unrecorded();
    script.take();
    let first = ask(&mut script).unwrap();
    script.complete(vec![returns("done")]);
    let second = ask(&mut script).unwrap();
    for ticket in [first, second] {
        let sticky = script.sticky_queue();
        let task = take_question(&mut script, &sticky);
        answer(&mut script, &task, "closed");
        assert_eq!(replies(&mut script), [(ticket, json!("closed"))]);
    }
}

#[test]
fn a_run_that_closed_before_any_answer_cannot_be_asked() {
    let mut script = Script::unrecorded();
    let waiting = ask(&mut script).unwrap();
    let target = Target::latest(&script.run().workflow_id);
    script.service.terminate(script.now, &target, "", "client").unwrap();
    let refused = ask(&mut script).unwrap_err();
    let words = "Workflow execution closed before WorkflowTaskStarted event";
    assert_eq!(refused, Refusal::Precondition(words.to_owned()));
    let replies = script.service.take_replies();
    assert_eq!((replies[0].ticket, replies[0].outcome.clone()), (waiting, Err(refused)));
}

#[test]
fn code_that_keeps_failing_is_not_asked() {
    let mut script = Script::unrecorded();
    for _ in 0..2 {
        script.take();
        script.fail_task("broken", "Broken");
    }
    let words = "Unable to query workflow due to Workflow Task in failed state.";
    assert_eq!(ask(&mut script).unwrap_err(), Refusal::Precondition(words.to_owned()));
}

#[test]
fn a_handler_that_fails_is_told_to_the_client() {
    let mut script = idle();
    ask(&mut script).unwrap();
    let sticky = script.sticky_queue();
    let task = take_question(&mut script, &sticky);
    let failure = Box::new(application("no", "Q"));
    let answer = QueryAnswer {
        query_id: task.queries[0].query_id,
        outcome: Err(failure.clone()),
    };
    script.service.answer_query(script.now, script.run, answer).unwrap();
    assert_eq!(script.service.take_replies()[0].outcome, Err(Refusal::Handler(failure)));
}

fn complete_with(script: &mut Script, queries: Vec<QueryAnswer>) -> Option<Box<WorkflowTask>> {
    let sticky = Some(Sticky {
        queue: script.sticky_queue(),
        schedule_to_start: Span::secs(10),
    });
    let answer = WorkflowTaskAnswer::Completed {
        commands: Vec::new(),
        user_metadata: Vec::new(),
        sticky,
        first_of_run: false,
        queries,
        wants_next_task: false,
    };
    script.answer(answer).expect("the task is known").next_task
}
