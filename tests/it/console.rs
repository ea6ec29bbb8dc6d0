//! The page's console: what is read of a line, and the answers for a moment.

use sagascope::base::time::{SimTime, Span};
use sagascope::catalogue::stories::LAB;
use sagascope::sim::spec::RunSpec;
use sagascope::view::console::{Asked, Line, Place, Question, Tried, read, suggestions};

fn here() -> Place {
    Place {
        step: 14,
        at: SimTime::ZERO + Span::millis(129),
        workflow_id: "order-1001".to_owned(),
        task_queue: "orders".to_owned(),
    }
}

fn done(line: &str) -> String {
    match read(line, &here()) {
        Ok(Line::Do(choice)) => choice.to_string(),
        other => panic!("{line}: {other:?}"),
    }
}

fn answer(line: &str) -> Result<String, String> {
    let Line::Ask(question) = read(line, &here())? else {
        panic!("{line} is no question");
    };
    let mut asked = Asked::of(LAB.sim(&RunSpec::of("all-goes-well")).unwrap(), here().step);
    while !asked.advance(5) {}
    asked.answer(&question)
}

#[test]
fn what_is_not_said_is_what_is_shown() {
    assert_eq!(
        read("describe", &here()),
        Ok(Line::Ask(Question::Describe("order-1001".to_owned())))
    );
    assert_eq!(
        read(" task-queue  parcels ", &here()),
        Ok(Line::Ask(Question::TaskQueue("parcels".to_owned())))
    );
}

#[test]
fn deeds_are_done_at_the_moment_shown_or_later() {
    assert_eq!(done("kill A"), "14:kill:A");
    assert_eq!(
        done(r#"signal order-1001 approve {"by":"ann"}"#),
        "14:signal:order-1001:approve:~7B~22by~22~3A~22ann~22~7D"
    );
    assert_eq!(done("at 12s cancel order-1001"), "12s:cancel:order-1001");
    assert_eq!(done("at step 20 crash B"), "20:crash:B");
}

#[test]
fn what_cannot_be_read_is_told_with_what_can() {
    for (line, told) in [
        (
            "make coffee",
            "“make” is no command. To ask: list, describe, task-queue, metrics, alert, trace, help. To a workflow: signal",
        ),
        ("signal order-1001", "“signal order-1001” cannot be done: write"),
        ("signal order-1001 approve {", "the input is no JSON"),
        ("kill Q9", "the worker must be a letter"),
        ("at 100ms kill A", "that moment is past. Go back to it first."),
        ("at step 3 kill A", "that moment is past. Go back to it first."),
        (
            "metrics of everything",
            "write metrics, metrics prometheus, alert, trace, or help",
        ),
    ] {
        let why = read(line, &here()).unwrap_err();
        assert!(why.contains(told), "{line}: {why}");
    }
}

#[test]
fn answers_are_those_of_the_moment() {
    for (line, told) in [
        ("list", "order-1001"),
        ("list ExecutionStatus='Completed'", "none that the filter lets through"),
        ("describe", "ProcessPayment"),
        ("task-queue", "worker-A@lab"),
        ("metrics", "temporal_activity_schedule_to_start_latency"),
        ("metrics prometheus", "# TYPE temporal_"),
        ("alert", "no alert"),
        ("trace", "RunActivity:ValidateOrder"),
        ("help", "reset ID EVENT [REASON]"),
    ] {
        let answer = answer(line).unwrap();
        assert!(answer.contains(told), "{line}: {answer}");
    }
    assert!(
        !answer("trace").unwrap().contains("RunActivity:SendNotification"),
        "that is still to come"
    );
    assert!(answer("describe order-9").unwrap_err().contains("order-9"));
    assert!(answer("list Colour='red'").unwrap_err().contains("Colour"));
}

/// What comes of a deed in a story, done at the moment shown.
fn outcome(story: &str, line: &str) -> Result<String, String> {
    let Line::Do(choice) = read(line, &here())? else {
        panic!("{line} is no deed");
    };
    let mut spec = RunSpec::of(story);
    spec.choose(choice.clone());
    let mut tried = Tried::of(LAB.sim(&spec).map_err(|why| why.to_string())?, choice);
    while !tried.advance(5) {}
    tried.outcome()
}

#[test]
fn a_deed_is_told_with_what_came_of_it() {
    let done = |line| outcome("order-fulfilled", line).unwrap();
    assert_eq!(
        done("kill A"),
        "step 15, 0:00.144: worker A dies, and with it ProcessPayment, attempt 1, unfinished"
    );
    for line in ["query order-1001 status", "at 500ms query order-1001 status"] {
        let answer = done(line);
        assert!(
            answer.contains(": a client queries order-1001: status\nstep "),
            "{line}: {answer}"
        );
        assert!(
            answer.ends_with(": a client hears the answer: \"paying\""),
            "{line}: {answer}"
        );
    }
}

#[test]
fn what_cannot_be_done_is_refused_with_the_reason() {
    for (line, told) in [
        ("kill Z", "“14:kill:Z” is no choice: this story has 2 workers, A to B."),
        ("restart A", "restart of worker A refused: it is running already"),
        ("signal nobody approve", "workflow not found for ID: nobody"),
        ("at step 999 kill A", "999:kill:A never comes: the run has"),
    ] {
        let why = outcome("order-fulfilled", line).unwrap_err();
        assert!(why.contains(told), "{line}: {why}");
    }
}

#[test]
fn the_handlers_of_a_workflow_are_suggested() {
    let source = [
        "    #[signal]",
        "    pub fn approve(&mut self, by: String) {",
        "    #[query(name = \"status\")]",
        "    pub fn how(&self) -> String {",
        "    #[update_validator(vote)]",
        "    fn check(&self) {",
        "    #[update]",
        "    pub async fn vote(",
    ]
    .map(str::to_owned);
    let lines = suggestions("o-1", &source);
    assert_eq!(
        lines[..3],
        ["signal o-1 approve", "query o-1 status", "update o-1 vote"]
    );
    assert!(lines.contains(&"cancel o-1".to_owned()));
}
