//! What an operator asks about a run: lists, descriptions, task queues; and the list filter.

use sagascope::base::time::{SimTime, Span};
use sagascope::catalogue::workflows::rehearsal::Rehearsal;
use sagascope::contract::request::StartWorkflow;
use sagascope::history::payload;
use sagascope::history::proto::SearchAttributes;
use sagascope::sim::script::{Action, When};
use sagascope::sim::setup::Setup;
use sagascope::sim::spec::{At, Choice};
use sagascope::sim::{Sim, Verdict};
use sagascope::view::filter::Filter;
use sagascope::view::{description, listing, task_queue};
use serde_json::{Value, json};

use crate::lab::{Scene, WORKFLOW, act, setup};

fn with(setup: Setup, choices: &[&str]) -> Sim {
    let choices = choices.iter().map(|text| Choice::parse_words(text).unwrap()).collect();
    Sim::with(setup, 7, choices).unwrap()
}

/// The run as it stands after so many milliseconds.
fn after(ms: u64, setup: Setup, choices: &[&str]) -> Sim {
    let mut sim = with(setup, choices);
    sim.run_to(At::Time(SimTime::ZERO + Span::millis(ms)));
    sim
}

fn scene(rehearsal: Rehearsal) -> Scene {
    Scene::of(rehearsal)
}

// ---- Lists.

/// `rehearsal-1` is open; `sums-2` was ended at 5 s; `sums-3` closed before it, and was found by Customer and Amount.
fn three() -> Sim {
    let mut setup = setup("Sums", ());
    let start = |id: &str, attributes: &[(&str, Value)]| {
        let fields = attributes.iter().map(|(name, value)| {
            let payload = payload::json(value).payloads.remove(0);
            ((*name).to_owned(), payload)
        });
        let start = StartWorkflow {
            workflow_id: id.to_owned(),
            search_attributes: Some(SearchAttributes {
                indexed_fields: fields.collect(),
            }),
            ..setup.start.clone()
        };
        act(When::Next, Action::Start(Box::new(start)))
    };
    let custom = [
        ("Customer", json!("ann")),
        ("Amount", json!(12.5)),
        ("Tags", json!(["new", "large"])),
        ("Paid", json!(true)),
    ];
    setup.script = vec![start("sums-2", &[]), start("sums-3", &custom)];
    let choices = ["at 2s signal sums-3 add 10", "at 5s terminate sums-2 enough"];
    let mut sim = with(setup, &choices);
    assert_eq!(sim.run_to_end(), Verdict::Stuck, "rehearsal-1 stays open");
    sim
}

fn found(sim: &Sim, query: &str) -> Vec<String> {
    let filter = Filter::parse(query, &listing::custom_attributes(sim)).unwrap_or_else(|why| panic!("{query}: {why}"));
    listing::list(sim, &filter)
        .into_iter()
        .map(|row| row.workflow_id)
        .collect()
}

#[test]
fn open_executions_come_first_then_those_that_closed_last() {
    let sim = three();
    let rows = listing::list(&sim, &Filter::default());
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.status, row.workflow_id.as_str(), row.history_length.is_some()))
        .collect();
    assert_eq!(
        told,
        [
            ("Running", "rehearsal-1", false),
            ("Terminated", "sums-2", true),
            ("Completed", "sums-3", true)
        ]
    );
    let text = listing::text(&rows);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0].split_whitespace().collect::<Vec<_>>(),
        [
            "Status",
            "WorkflowId",
            "RunId",
            "Type",
            "TaskQueue",
            "StartTime",
            "CloseTime",
            "HistoryLength"
        ]
    );
    let run_id = sim.run().unwrap().run_id.clone();
    assert_eq!(
        lines[1].split_whitespace().collect::<Vec<_>>(),
        ["Running", "rehearsal-1", &run_id, "Sums", "stage", "0:00.000"]
    );
    assert!(lines[2].contains("  0:05.000  "), "{text}");
    let json = rows[1].json();
    assert_eq!(json["status"], "WORKFLOW_EXECUTION_STATUS_TERMINATED");
    assert_eq!(json["closeTime"], "2026-01-01T00:00:05Z");
    assert_eq!(json["execution"]["workflowId"], "sums-2");
    assert!(rows[0].json().get("closeTime").is_none());
}

#[test]
fn a_filter_says_which() {
    let sim = three();
    const ALL: [&str; 3] = ["rehearsal-1", "sums-2", "sums-3"];
    for (query, ids) in [
        ("", &ALL[..]),
        ("  ", &ALL),
        ("WorkflowType='Sums' AND ExecutionStatus='Running'", &["rehearsal-1"]),
        ("WorkflowType = \"Thinks\"", &[]),
        ("ExecutionStatus != 'Running'", &["sums-2", "sums-3"]),
        (
            "ExecutionStatus IN ('Running', 'Terminated')",
            &["rehearsal-1", "sums-2"],
        ),
        ("WorkflowId STARTS_WITH 'sums'", &["sums-2", "sums-3"]),
        ("workflowid starts_with 'x' or WorkflowId = 'x'", &[]),
        ("`WorkflowId` = 'sums-2'", &["sums-2"]),
        ("WorkflowId > 'sums-2'", &["sums-3"]),
        (
            "TaskQueue = 'stage' and WorkflowId <= 'sums-2'",
            &["rehearsal-1", "sums-2"],
        ),
        ("CloseTime >= '5s'", &["sums-2"]),
        ("CloseTime < '2026-01-01T00:00:05Z'", &["sums-3"]),
        ("CloseTime != '1h'", &["sums-2", "sums-3"]),
        ("CloseTime IS NULL", &["rehearsal-1"]),
        ("CloseTime is not null", &["sums-2", "sums-3"]),
        ("StartTime > '1ms'", &["sums-2", "sums-3"]),
        ("HistoryLength > 1", &["sums-2", "sums-3"]),
        ("HistoryLength > 1000", &[]),
        ("Customer = 'ann'", &["sums-3"]),
        ("Customer != 'ann'", &[]),
        ("Customer IS NULL", &["rehearsal-1", "sums-2"]),
        ("Amount > 12 AND Amount <= 12.5", &["sums-3"]),
        ("Amount = 'ann'", &[]),
        ("Tags = 'large' AND Paid = true", &["sums-3"]),
        ("Tags IN ('old', 'new')", &["sums-3"]),
        (
            "WorkflowId='sums-2' OR WorkflowId='sums-3' AND Customer='bob'",
            &["sums-2"],
        ),
        (
            "(WorkflowId='sums-2' OR WorkflowId='sums-3') AND Customer='ann'",
            &["sums-3"],
        ),
        ("(((WorkflowId='sums-2')))", &["sums-2"]),
    ] {
        if query.starts_with("workflowid") {
            // Names of attributes have their case, words of the language have none.
            assert!(Filter::parse(query, &[]).is_err());
            continue;
        }
        assert_eq!(found(&sim, query), ids, "{query}");
    }
}

#[test]
fn a_filter_that_cannot_be_read_says_where_and_what_would_be_right() {
    let custom = ["Customer".to_owned()];
    for (query, told) in [
        (
            "Colour='x'",
            "at character 1: invalid search attribute: Colour; there are WorkflowId, RunId, ",
        ),
        ("Colour='x'", "HistoryLength, Customer"),
        (
            "WorkflowId='ä' AND Customers='x'",
            "at character 20: invalid search attribute: Customers",
        ),
        (
            "ExecutionStatus='Walking'",
            "at character 17: invalid ExecutionStatus value 'Walking'; there are Running, ",
        ),
        (
            "ExecutionStatus > 'Running'",
            "ExecutionStatus cannot be compared like this",
        ),
        (
            "HistoryLength STARTS_WITH 'x'",
            "HistoryLength cannot be compared like this",
        ),
        ("WorkflowId=", "at character 12: text in quotes is wanted here"),
        ("WorkflowId=7", "text in quotes is wanted here"),
        ("WorkflowId LIKE 'a'", "at character 12: =, !=, <,"),
        ("WorkflowId", "IN, STARTS_WITH or IS NULL is wanted here"),
        ("WorkflowId='a", "at character 12: the ' that begins here has no end"),
        (
            "WorkflowId='a' foo",
            "at character 16: AND, OR or the end is wanted here",
        ),
        ("(WorkflowId='a'", "at character 16: AND, OR or ) is wanted here"),
        (
            "WorkflowId='a' AND",
            "the name of an attribute is wanted here: WorkflowId",
        ),
        ("AND", "invalid search attribute: AND"),
        (
            "StartTime > 'noon'",
            "unable to parse datetime 'noon'; write '2026-01-01T00:00:12Z', or '12s'",
        ),
        ("StartTime > 12", "a time in quotes is wanted here"),
        ("HistoryLength > 'x'", "a number is wanted here, without quotes"),
        ("WorkflowId IN 'a'", "( is wanted here: write IN ('a', 'b')"),
        ("WorkflowId IN ('a' 'b')", "a comma or ) is wanted here"),
        ("CloseTime IS 'x'", "NULL or NOT NULL is wanted here"),
        ("WorkflowId ~ 'x'", "at character 12: “~” means nothing here"),
        (
            "Customer = ann",
            "text in quotes, a number, true or false is wanted here",
        ),
        (&"(".repeat(9_000), "more than 50 parentheses"),
    ] {
        let said = Filter::parse(query, &custom).unwrap_err();
        assert!(said.contains(told), "{query}: {said}");
    }
}

/// Whatever is typed, the answer is a filter or a sentence.
#[test]
fn no_filter_is_too_strange() {
    let pieces = [
        "WorkflowId",
        "=",
        "!=",
        "IN",
        "(",
        ")",
        ",",
        "'a'",
        "\"",
        "'",
        "`",
        "AND",
        "or",
        "IS",
        "NULL",
        "7",
        "-",
        ".",
        "ß",
        "é'",
        "CloseTime",
        "'12s'",
        "HistoryLength",
        "<",
        " ",
        "\n",
        "STARTS_WITH",
        "NaN",
        "1e999",
        "日",
    ];
    let chance = sagascope::base::chance::Chance::new(3);
    let sim = three();
    let mut read = 0;
    for number in 0..20_000 {
        let draw = |place: u64| chance.draw("piece", &[number, place]) as usize;
        let query: Vec<&str> = (0..1 + draw(0) as u64 % 7)
            .map(|at| pieces[draw(at + 1) % pieces.len()])
            .collect();
        if let Ok(filter) = Filter::parse(&query.join(" "), &[]) {
            listing::list(&sim, &filter);
            read += 1;
        }
    }
    assert!(read > 10, "{read}");
}

// ---- Descriptions.

fn described(sim: &Sim) -> description::Description {
    description::describe(sim, WORKFLOW, None).unwrap()
}

#[track_caller]
fn tells(text: &str, lines: &[&str]) {
    let squeezed: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for line in lines {
        assert!(squeezed.iter().any(|told| told == line), "{line}\n{text}");
    }
}

#[test]
fn an_activity_that_runs_and_one_that_waits_for_its_retry() {
    let failing = scene(Rehearsal {
        takes_ms: 1_000,
        fails: 9,
        error_type: "Broken".to_owned(),
        ..Rehearsal::default()
    });
    let long = Scene {
        heartbeat_ms: 2_000,
        attempts: 4,
        ..scene(Rehearsal {
            takes_ms: 30_000,
            beats_every_ms: 500,
            ..Rehearsal::default()
        })
    };
    // Attempts begin at 0, 2 and 5 s: each takes 1 s, and the pauses double.
    let sim = after(4_000, setup("RehearsesAtOnce", [failing, long]), &[]);
    let told = described(&sim);
    assert_eq!(told.activities.len(), 2);
    let (waits, runs) = (&told.activities[0], &told.activities[1]);
    assert_eq!(
        (waits.state, waits.attempt, waits.maximum_attempts),
        ("Scheduled", 3, 0)
    );
    let (due, wait) = waits.next_attempt.unwrap();
    assert_eq!((due.since(SimTime::ZERO).0 / Span::secs(1).0, wait), (5, Span::secs(2)));
    assert_eq!((runs.state, runs.attempt, runs.maximum_attempts), ("Started", 1, 4));
    assert_eq!(runs.heartbeat.as_ref().unwrap().1, 7);
    tells(
        &told.text(),
        &[
            "Status Running",
            "Pending Activities: 2",
            "State Scheduled",
            "Attempt 3",
            "CurrentRetryInterval 2 s",
            "MaximumAttempts 4",
            "HeartbeatDetails 7",
            "LastWorkerIdentity worker-A@lab",
            "Pending Timers: 0",
            "Pending Child Workflows: 0",
        ],
    );
    assert!(told.text().contains("(Broken)"), "{}", told.text());
    let json = told.json();
    let activity = &json["pendingActivities"][0];
    assert_eq!(activity["state"], "PENDING_ACTIVITY_STATE_SCHEDULED");
    assert_eq!(activity["currentRetryInterval"], "2s");
    assert_eq!(activity["lastFailure"]["applicationFailureInfo"]["type"], "Broken");
    assert_eq!(
        json["workflowExecutionInfo"]["status"],
        "WORKFLOW_EXECUTION_STATUS_RUNNING"
    );
    assert!(json.get("pendingTimers").is_none() && json.get("pendingWorkflowTask").is_none());
}

#[test]
fn a_workflow_task_says_who_holds_it() {
    let sim = after(12_000, setup("Thinks", 60), &[]);
    let told = described(&sim);
    let task = told.task.as_ref().unwrap();
    assert_eq!((task.state, task.attempt), ("Started", 2));
    let (_, holder, until) = task.started.as_ref().unwrap();
    assert_eq!(
        (holder.as_str(), until.since(SimTime::ZERO).0 / Span::secs(1).0),
        ("worker-A@lab", 20)
    );
    tells(
        &told.text(),
        &["Pending Workflow Task:", "State Started", "WorkerIdentity worker-A@lab"],
    );
    assert_eq!(told.json()["pendingWorkflowTask"]["workerIdentity"], "worker-A@lab");

    let nobody = described(&after(12_000, setup("Sums", ()), &["at 0 kill A"]));
    let task = nobody.task.as_ref().unwrap();
    assert_eq!((task.state, task.started.is_none()), ("Scheduled", true));
    assert_eq!(
        nobody.json()["pendingWorkflowTask"]["state"],
        "PENDING_WORKFLOW_TASK_STATE_SCHEDULED"
    );
}

#[test]
fn timers_and_children_are_pending_until_the_end() {
    let slowly = ["at 1s update rehearsal-1 add_slowly 3"];
    let sim = after(1_500, setup("Sums", ()), &slowly);
    let told = described(&sim);
    assert_eq!(told.timers.len(), 1);
    assert_eq!(told.timers[0].fires.since(SimTime::ZERO).0 / Span::secs(1).0, 2);
    tells(
        &told.text(),
        &["Pending Timers: 1", &format!("TimerId {}", told.timers[0].timer_id)],
    );
    assert_eq!(told.json()["pendingTimers"][0]["timerId"], told.timers[0].timer_id);

    let sim = after(1_500, setup("Delegates", ()), &[]);
    let told = described(&sim);
    assert_eq!(told.children.len(), 1);
    let child = &told.children[0];
    assert_eq!(
        (
            child.workflow_id.as_str(),
            child.workflow_type.as_str(),
            child.close_policy
        ),
        ("delegated", "Sums", "Terminate")
    );
    let run_id = child.run_id.clone().unwrap();
    tells(
        &told.text(),
        &[
            "Pending Child Workflows: 1",
            "TypeName Sums",
            &format!("RunId {run_id}"),
        ],
    );
    let of_child = description::describe(&sim, "delegated", Some(&run_id)).unwrap();
    assert_eq!(of_child.parent.as_ref().unwrap().0, WORKFLOW);

    let closed = described(&after(
        9_000,
        setup("Delegates", ()),
        &["at 2s terminate rehearsal-1 enough"],
    ));
    assert!(closed.children.is_empty());
    tells(
        &closed.text(),
        &[
            "Results:",
            "Status TERMINATED",
            "Reason enough",
            "Pending Child Workflows: 0",
        ],
    );
}

#[test]
fn a_closed_execution_tells_its_outcome() {
    let mut sim = with(setup("Sums", ()), &["at 3s signal rehearsal-1 add 12"]);
    sim.run_to_end();
    let told = described(&sim);
    tells(&told.text(), &["Status Completed", "Status COMPLETED", "Result 12"]);
    let json = told.json();
    assert_eq!(json["result"], 12);
    assert_eq!(
        json["closeEvent"]["eventType"],
        "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"
    );

    let failing = Scene {
        attempts: 1,
        ..scene(Rehearsal {
            fails: 1,
            ..Rehearsal::default()
        })
    };
    let mut sim = with(setup("Rehearses", [failing]), &[]);
    sim.run_to_end();
    let told = described(&sim);
    tells(&told.text(), &["Status FAILED"]);
    assert_eq!(told.outcome.unwrap().told.unwrap().0, "Failure");

    let run_id = &sim.run().unwrap().run_id;
    let unknown = description::describe(&sim, "nobody", None).unwrap_err();
    assert_eq!(unknown, "workflow not found for ID: nobody; there are rehearsal-1");
    let unknown = description::describe(&sim, WORKFLOW, Some("x")).unwrap_err();
    assert!(unknown.starts_with("workflow execution not found for workflow ID \"rehearsal-1\" and run ID \"x\""));
    assert!(unknown.ends_with(run_id));
    let early = description::describe(&with(setup("Sums", ()), &[]), WORKFLOW, None).unwrap_err();
    assert!(early.ends_with("none has been started yet"), "{early}");
}

// ---- Task queues.

#[test]
fn a_task_queue_says_who_polls_it_and_what_waits() {
    let sim = after(1_000, setup("Sums", ()), &[]);
    let queue = task_queue::describe(&sim, "stage");
    let pollers: Vec<_> = queue
        .pollers
        .iter()
        .map(|p| (p.kind, p.identity.as_str(), p.last_access))
        .collect();
    assert_eq!(
        pollers,
        [
            ("activity", "worker-A@lab", sim.now()),
            ("workflow", "worker-A@lab", sim.now())
        ]
    );
    assert!(queue.backlogs.iter().all(|backlog| backlog.count == 0));

    // Nobody is there: the task waits, and the Service remembers the worker for five minutes.
    let choices = ["at 1s kill A", "at 2s signal rehearsal-1 add 1", "at 10m cancel nobody"];
    let sim = after(62_000, setup("Sums", ()), &choices);
    let queue = task_queue::describe(&sim, "stage");
    assert_eq!(queue.pollers[0].last_access, SimTime::ZERO + Span::secs(1));
    let backlog = &queue.backlogs[1];
    assert_eq!((backlog.kind, backlog.count), ("workflow", 1));
    assert!(backlog.age > Span::secs(40), "{}", backlog.age);
    tells(
        &queue.text(),
        &["workflow worker-A@lab 0:01.000 (61 s ago)", "activity 0 0 s"],
    );
    assert_eq!(queue.json()["stats"][1]["approximateBacklogCount"], 1);
    let queue = task_queue::describe(&after(400_000, setup("Sums", ()), &choices), "stage");
    assert_eq!(queue.pollers, []);

    let other = task_queue::describe(&sim, "stgae");
    assert!(other.pollers.is_empty() && other.backlogs.iter().all(|backlog| backlog.count == 0));
    tells(&other.text(), &["No worker polls stgae; no worker polls any."]);
    let misspelt = task_queue::describe(&after(1_000, setup("Sums", ()), &[]), "stgae");
    tells(&misspelt.text(), &["No worker polls stgae; workers poll stage."]);
}

#[test]
fn a_worker_without_workflow_tasks_polls_for_activities_only() {
    let mut setup = setup("Sums", ());
    setup.workers.push(setup.workers[0].clone());
    setup.workers[1].workflows = false;
    let queue = task_queue::describe(&after(1_000, setup, &["at 500ms cut A"]), "stage");
    let told: Vec<_> = queue
        .pollers
        .iter()
        .map(|p| (p.kind, p.identity.as_str(), p.last_access.0 / 1_000_000))
        .collect();
    assert_eq!(
        told,
        [
            ("activity", "worker-A@lab", 500),
            ("activity", "worker-B@lab", 1_000),
            ("workflow", "worker-A@lab", 500)
        ]
    );
}
