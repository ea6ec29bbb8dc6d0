//! The binary itself: what it prints, what it writes, how it ends.

#![cfg(feature = "cli")]

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use sagascope::catalogue::stories::LAB;
use sagascope::history::json;
use sagascope::history::proto::History;
use sagascope::history::proto::HistoryEvent;
use sagascope::sim::saved::SavedRun;

use crate::{histories, oracle};

fn sagascope(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sagascope"))
        .args(arguments)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn refused(arguments: &[&str], message: &str) {
    let output = sagascope(arguments);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    assert!(complaint.contains(message), "{complaint}");
}

/// Every command that prints, on a pipe that nobody reads: no word of complaint, and the exit code that it has anyway.
#[test]
fn a_reader_that_is_gone_changes_nothing() {
    let one = ["--run", "worker-dies", "--workflow-id", "order-1001"];
    let queue = ["--run", "worker-dies", "--task-queue", "orders"];
    let file = "tests/histories/sem-act-retry.json";
    let commands: &[&[&str]] = &[
        &["--help"],
        &["stories"],
        &["run", "all-goes-well"],
        &["run", "all-goes-well", "--json"],
        &["run", "both-workers-dead?do=4:kill:A,4:kill:B"],
        &["sweep", "crash-after-charge-no-keys"],
        &["trace", "all-goes-well"],
        &["metrics", "all-goes-well"],
        &["metrics", "all-goes-well", "--prometheus"],
        &["alert", "alert"],
        &["list", "--run", "worker-dies"],
        &["list", "--run", "worker-dies", "--json"],
        &[&["describe"], &one[..]].concat(),
        &[&["describe", "--json"], &one[..]].concat(),
        &[&["task-queue", "describe"], &queue[..]].concat(),
        &[&["task-queue", "describe", "--json"], &queue[..]].concat(),
        &[&["show"], &one[..]].concat(),
        &["show", file],
        &["show", file, "--json"],
        &["replay", "tests/stories/crash-after-charge.json"],
        &["risk", "tests/stories/crash-after-charge.json"],
        &["risk", "tests/stories/crash-after-charge.json", "--json"],
        &["lint", file],
        &["lint", file, "--json"],
        &["lint", file, "--sarif"],
        &["lint", "--rules"],
        &["diff", "all-goes-well", "tests/stories/all-goes-well.json"],
        &["diff", "all-goes-well", "card-declined", "--json"],
    ];
    let mut codes = BTreeSet::new();
    for arguments in commands {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let command = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_sagascope"));
            command.args(*arguments);
            command
        };
        let unread = command().stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&unread.stderr), "", "{arguments:?}");
        let read = command().output().unwrap();
        assert!(!read.stdout.is_empty(), "{arguments:?}");
        assert_eq!(unread.status, read.status, "{arguments:?}");
        codes.insert(read.status.code().unwrap());
    }
    assert_eq!(codes, BTreeSet::from([0, 1]));
}

/// As `| head -1` does with more than a pipe holds.
#[test]
fn a_reader_may_leave_early() {
    let history = json::read(&histories::one("sem-act-retry")).unwrap().history;
    let cycled = (1..).zip(history.events.into_iter().cycle().take(5_000));
    let numbered = cycled.map(|(id, event)| HistoryEvent { event_id: id, ..event });
    let events = numbered.collect();
    let file = std::env::temp_dir().join(format!("sagascope-long-{}.json", std::process::id()));
    std::fs::write(&file, json::write(&History { events })).unwrap();
    for form in [&[][..], &["--json"]] {
        let mut showing = Command::new(env!("CARGO_BIN_EXE_sagascope"))
            .args([&["show", file.to_str().unwrap()], form].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(showing.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert!(line.ends_with('\n'), "{line}");
        let output = showing.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }
    std::fs::remove_file(file).unwrap();
}

/// Nothing else than a reader that left may be passed over.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sagascope"))
        .arg("stories")
        .stdout(full)
        .output()
        .unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("No space left"), "{complaint}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn stories_are_listed_one_a_line() {
    let listed = said(&sagascope(&["stories"]));
    assert_eq!(listed.lines().count(), LAB.all().len());
    for (line, story) in listed.lines().zip(LAB.all()) {
        assert!(line.contains(&format!(" {} ", story.workflow_type())), "{line}");
    }
}

#[test]
fn a_run_that_settles_ends_with_zero_and_tells_the_outcome() {
    let output = sagascope(&["run", "all-goes-well", "--crash-at", "14:A"]);
    assert_eq!(output.status.code(), Some(0));
    let told = said(&output);
    assert!(told.starts_with("all-goes-well?seed=7&do=14:crash:A\n"), "{told}");
    assert!(told.contains("worker A dies"), "{told}");
    assert!(told.contains("\"status\":\"completed\""), "{told}");
}

#[test]
fn a_crash_without_a_worker_takes_them_all() {
    let told = said(&sagascope(&["run", "all-goes-well", "--crash-at", "4"]));
    assert!(
        told.starts_with("all-goes-well?seed=7&do=4:crash:A,4:crash:B\n"),
        "{told}"
    );
}

#[test]
fn a_run_that_is_stuck_ends_with_one() {
    let output = sagascope(&["run", "all-goes-well?do=4:kill:A,4:kill:B"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("no worker is running"));
}

#[test]
fn bad_arguments_end_with_two_and_say_what_to_do() {
    refused(&["run", "no-such-story"], "these come nearest: ");
    refused(
        &["run", "all-goes-well", "--crash-at", "x"],
        "write STEP or STEP:WORKER",
    );
    refused(
        &["run", "all-goes-well", "--crash-at", "900:A"],
        "never comes: the run has",
    );
    refused(&["run", "all-goes-well", "--seed", "x"], "invalid value");
    refused(&["show", "no-such-file.json"], "cannot read no-such-file.json");
    refused(&["show", "Cargo.toml"], "Cargo.toml: ");
}

#[test]
fn what_is_done_to_a_run_stands_in_its_address() {
    let output = sagascope(&[
        "run",
        "all-goes-well",
        "--do",
        "at 3s query order-1001 status",
        "--do",
        "at step 9 crash B",
        "--do",
        "at 2s signal nobody approve {\"by\":\"ann\"}",
    ]);
    assert_eq!(output.status.code(), Some(0));
    let told = said(&output);
    assert!(
        told.starts_with(
            "all-goes-well?seed=7&do=9:crash:B,2s:signal:nobody:approve:~7B~22by~22~3A~22ann~22~7D,\
             3s:query:order-1001:status\n"
        ),
        "{told}"
    );
    assert!(
        told.contains("and the Service refuses: workflow not found for ID: nobody"),
        "{told}"
    );
    assert!(told.contains("a client hears that there is no answer: "), "{told}");
    refused(
        &["run", "all-goes-well", "--do", "at 3s pet A"],
        "“at 3s pet A” is no choice: the verb must be",
    );
    refused(
        &["run", "all-goes-well", "--do", "at 3s kill Z"],
        "“3s:kill:Z” is no choice: this story has 2 workers",
    );
}

#[test]
fn a_saved_run_is_its_address_and_how_far_it_had_come() {
    let file = std::env::temp_dir().join(format!("sagascope-saved-{}.json", std::process::id()));
    let path = file.to_str().unwrap();
    let run = [
        "run",
        "worker-dies",
        "--do",
        "at 1s query order-1001 status",
        "--save",
        path,
    ];
    assert_eq!(sagascope(&run).status.code(), Some(0));
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let saved = SavedRun::read(&text).unwrap();
    assert_eq!(
        saved.spec.to_string(),
        "worker-dies?seed=7&do=1s:query:order-1001:status"
    );
    let sim = saved.open(LAB).unwrap();
    assert_eq!(SavedRun::of(&sim).write(), text);

    let broken = |from: &str, to: &str| {
        assert!(text.contains(from), "{text}");
        let read = SavedRun::read(&text.replacen(from, to, 1));
        read.and_then(|saved| saved.open(LAB)).err().unwrap()
    };
    for (from, to, told) in [
        ("{", "", "this is no saved run: "),
        (
            "sagascopeRun",
            "temporalRun",
            "it has no “sagascopeRun”; write it again with",
        ),
        (
            "\"sagascopeRun\": 1",
            "\"sagascopeRun\": 2",
            "of version 2, and only 1 is known here",
        ),
        ("\"steps\"", "\"stops\"", "it has no “steps”"),
        ("\"run\"", "\"ran\"", "it has no “run”"),
        ("worker-dies", "worker-lives", "There is no story “worker-lives”"),
        ("seed=7", "seed=8", "the saved run is stale: it stood at "),
        (
            "\"steps\": ",
            "\"steps\": 9",
            "with the code that is here it stands at ",
        ),
    ] {
        let said = broken(from, to);
        assert!(said.contains(told), "{to}: {said}");
    }
    refused(
        &[&run[..5], &["/no/such/folder"]].concat(),
        "cannot write /no/such/folder: ",
    );
}

#[test]
fn a_run_answers_an_operators_questions() {
    let listed = said(&sagascope(&["list", "--run", "worker-dies", "--at", "10s"]));
    assert!(
        listed
            .lines()
            .nth(1)
            .unwrap()
            .trim_start()
            .starts_with("Running  order-1001  "),
        "{listed}"
    );
    let closed = [
        "list",
        "--run",
        "worker-dies",
        "--query",
        "ExecutionStatus='Completed'",
        "--json",
    ];
    let listed: serde_json::Value = serde_json::from_str(&said(&sagascope(&closed))).unwrap();
    assert_eq!(listed[0]["execution"]["workflowId"], "order-1001");
    let length: i64 = listed[0]["historyLength"].as_str().unwrap().parse().unwrap();

    let one = ["--run", "worker-dies", "--workflow-id", "order-1001"];
    let shown = said(&sagascope(&[&["show"][..], &one, &["--json"]].concat()));
    assert_eq!(
        i64::try_from(json::read(&shown).unwrap().history.events.len()).unwrap(),
        length
    );
    oracle::agrees("worker-dies", &shown);
    let lines = said(&sagascope(&[&["show"][..], &one].concat()));
    let (events, outlook) = lines.split_once("\n\n").unwrap();
    assert_eq!(i64::try_from(events.lines().count()).unwrap(), length + 1, "{lines}");
    assert!(outlook.starts_with("The workflow completed at "), "{lines}");
    let early = said(&sagascope(&[&["show"][..], &one, &["--at", "10s"]].concat()));
    let (_, outlook) = early.split_once("\n\n").unwrap();
    assert!(outlook.contains("is queued, running or between attempts"), "{early}");

    let described = said(&sagascope(&[&["describe"][..], &one, &["--at", "10s"]].concat()));
    assert!(described.contains("Pending Activities: 1\n"), "{described}");
    let described = said(&sagascope(&[&["describe"][..], &one, &["--json"]].concat()));
    let described: serde_json::Value = serde_json::from_str(&described).unwrap();
    assert_eq!(described["result"]["status"], "completed");

    let queue = [
        "task-queue",
        "describe",
        "--run",
        "both-workers-dead",
        "--at",
        "30s",
        "--task-queue",
        "orders",
    ];
    let told = said(&sagascope(&queue));
    assert!(told.contains("worker-A@lab") && told.contains(" ago)"), "{told}");
    let told: serde_json::Value = serde_json::from_str(&said(&sagascope(&[&queue[..], &["--json"]].concat()))).unwrap();
    assert_eq!(told["pollers"].as_array().unwrap().len(), 4);
}

#[test]
fn questions_that_make_no_sense_are_refused_with_what_to_do() {
    refused(&["list"], "--run <FILE|ADDRESS>");
    refused(
        &["list", "--run", "nowhere.json"],
        "“nowhere.json” is neither a file nor the address of a run.",
    );
    refused(&["list", "--run", "Cargo.toml"], "Cargo.toml: this is no saved run: ");
    refused(
        &["list", "--run", "worker-dies", "--at", "noon"],
        "“noon” is no moment: write a number of steps",
    );
    refused(
        &["list", "--run", "worker-dies", "--at", "4000"],
        "there is no step 4000: the run has ",
    );
    refused(
        &["list", "--run", "worker-dies", "--query", "Colour='x'"],
        "invalid search attribute: Colour",
    );
    refused(&["describe", "--run", "worker-dies"], "--workflow-id <WORKFLOW_ID>");
    refused(
        &["describe", "--run", "worker-dies", "--workflow-id", "x"],
        "workflow not found for ID: x; there are order-1001",
    );
    refused(&["show", "--run", "worker-dies"], "--workflow-id <WORKFLOW_ID>");
    refused(
        &["show", "--run", "worker-dies", "--workflow-id", "x"],
        "workflow not found for ID: x",
    );
    refused(&["show"], "name a history file, or a run with --run and --workflow-id");
    refused(
        &["task-queue", "describe", "--run", "worker-dies"],
        "--task-queue <TASK_QUEUE>",
    );
}

#[test]
fn a_run_as_json_says_what_the_lines_say() {
    let report: serde_json::Value =
        serde_json::from_str(&said(&sagascope(&["run", "card-declined", "--json"]))).unwrap();
    assert_eq!(report["settled"], true);
    assert_eq!(report["result"]["status"], "payment_failed");
    assert_eq!(report["ledgers"]["customer charged"], "none");
    assert_eq!(report["counts"]["steps"], report["steps"].as_array().unwrap().len());
}

#[test]
fn a_written_history_is_shown_and_written_back() {
    let folder = std::env::temp_dir().join(format!("sagascope-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("history.json");
    let path = file.to_str().unwrap();
    assert_eq!(
        sagascope(&["run", "address-rejected", "--history", path]).status.code(),
        Some(0)
    );

    let written = std::fs::read_to_string(&file).unwrap();
    oracle::agrees("address-rejected", &written);
    assert_eq!(said(&sagascope(&["show", path, "--json"])), written);
    let events = json::read(&written).unwrap().history.events.len();
    let shown = said(&sagascope(&["show", path]));
    let (lines, outlook) = shown.split_once("\n\n").unwrap();
    assert_eq!(lines.lines().count(), events + 1, "a line an event, and the legend");
    assert!(outlook.starts_with("The workflow completed at "), "{outlook}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_risks_of_any_history_are_told() {
    let output = sagascope(&["risk", "tests/stories/crash-after-charge.json"]);
    assert_eq!(output.status.code(), Some(0));
    let told = said(&output);
    assert!(
        told.starts_with("Crash risks of OrderOrchestration order-1001: 35 events")
            && told.ends_with("does not say.\n"),
        "{told}"
    );
    let output = sagascope(&["risk", "tests/histories/sem-act-retry.json", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&said(&output)).unwrap();
    assert_eq!(report["activities"][0]["crash"]["outcome"], "runsAgain");
    refused(&["risk", "Cargo.toml"], "Cargo.toml: ");

    let page = sagascope(&["show", "tests/cases/02b-first-page-only.json"]);
    assert_eq!(page.status.code(), Some(0));
    assert!(
        said(&page).contains("\n\nThe events after 9 are missing"),
        "{}",
        said(&page)
    );
}

#[test]
fn a_history_of_the_code_that_is_here_is_compatible_wherever_it_is_cut_off() {
    let path = "tests/stories/crash-after-charge.json";
    let output = sagascope(&["replay", path]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        said(&output).starts_with("compatible: OrderOrchestration meets all "),
        "{}",
        said(&output)
    );

    let whole: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let file = std::env::temp_dir().join(format!("sagascope-cut-{}.json", std::process::id()));
    for events in [1, 4, 9, 12] {
        let cut = serde_json::json!({ "events": whole["events"].as_array().unwrap()[..events] });
        std::fs::write(&file, cut.to_string()).unwrap();
        let output = sagascope(&["replay", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{events} events: {}", said(&output));
    }
    std::fs::remove_file(file).unwrap();
}

#[test]
fn a_history_of_other_code_is_told_event_by_event() {
    let other_code = std::fs::read_to_string("tests/stories/all-goes-well.json")
        .unwrap()
        .replacen("\"ValidateOrder\"", "\"ValidateEverything\"", 1);
    assert!(other_code.contains("ValidateEverything"));
    let file = std::env::temp_dir().join(format!("sagascope-other-{}.json", std::process::id()));
    std::fs::write(&file, other_code).unwrap();
    let output = sagascope(&["replay", file.to_str().unwrap()]);
    std::fs::remove_file(file).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = said(&output);
    let lines: Vec<&str> = told.lines().collect();
    assert!(
        lines[0].starts_with("nondeterministic: [TMPRL1100] Nondeterminism error: Activity type of"),
        "{told}"
    );
    assert!(
        lines[1].starts_with("history  event 5: activity ValidateEverything"),
        "{told}"
    );
    assert!(
        lines[2].starts_with("code     line ") && lines[2].contains("ValidateOrder"),
        "{told}"
    );
    assert_eq!(lines[3], "cause    type changed");
    assert!(lines[4].starts_with("do       on line "), "{told}");
}

/// What no worker compares is told below the verdict, and what the other versions of the code make of it.
#[test]
fn a_history_of_other_arguments_is_compatible_and_told() {
    let output = sagascope(&["replay", "tests/cases/13-arguments-changed.json"]);
    assert_eq!(output.status.code(), Some(0));
    let told = said(&output);
    assert!(
        told.starts_with("compatible: OrderOrchestration meets all 35 events, to its end, in 6 activations\n"),
        "{told}"
    );
    assert!(
        told.contains("\nevent 17: activity ProcessPayment (id 3), line "),
        "{told}"
    );
    assert!(told.contains("\n    input [0].amount: 1 → 8900\n"), "{told}");
    assert!(
        told.contains("\n    order_orchestration_2_patched.rs: compatible, and asks otherwise for 1 thing\n"),
        "{told}"
    );
}

/// The newest version decides; what the others say stands below.
#[test]
fn a_history_meets_every_version_of_the_code() {
    let second = [
        "show",
        "--run",
        "deploy-patched",
        "--workflow-id",
        "order-1002",
        "--json",
    ];
    let file = std::env::temp_dir().join(format!("sagascope-versions-{}.json", std::process::id()));
    std::fs::write(&file, said(&sagascope(&second))).unwrap();
    let output = sagascope(&["replay", file.to_str().unwrap()]);
    std::fs::remove_file(file).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = said(&output);
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("nondeterministic: "), "{told}");
    let [rest @ .., last] = &lines[lines.len() - 3..] else {
        panic!("{told}")
    };
    assert!(
        rest[0].starts_with("    order_orchestration_2.rs: nondeterministic (patch removed) at event "),
        "{told}"
    );
    assert_eq!(rest[1], "    order_orchestration_2_patched.rs: compatible");
    assert_eq!(*last, "    order_orchestration_2_deprecating.rs: compatible");
}

#[test]
fn two_histories_are_the_same_or_not() {
    let same = ["diff", "tests/stories/all-goes-well.json", "all-goes-well"];
    let output = sagascope(&same);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        said(&output).ends_with("\nno difference: 5 things are the same in both\n"),
        "{}",
        said(&output)
    );
    let saved = std::env::temp_dir().join(format!("sagascope-diff-{}.json", std::process::id()));
    let path = saved.to_str().unwrap();
    assert_eq!(
        sagascope(&["run", "crash-after-charge", "--save", path]).status.code(),
        Some(0)
    );
    let output = sagascope(&["diff", "all-goes-well?seed=7", path, "--json"]);
    let durations = sagascope(&["diff", "all-goes-well", path, "--durations"]);
    std::fs::remove_file(&saved).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let found: serde_json::Value = serde_json::from_str(&said(&output)).unwrap();
    let change = &found["changes"][0];
    assert_eq!(
        (&change["what"], &change["from"], &change["verdict"]),
        (&"activity ProcessPayment".into(), &17.into(), &"changed".into())
    );
    assert_eq!(change["differences"][0]["aspect"], "attempts");
    assert_eq!(
        (&change["differences"][0]["from"], &change["differences"][0]["to"]),
        (&"1".into(), &"2".into())
    );
    assert!(
        said(&durations).contains("\n    activity ValidateOrder: 32 ms → 32 ms\n"),
        "{}",
        said(&durations)
    );

    refused(&["diff", "all-goes-well"], "<B>");
    refused(
        &["diff", "all-goes-well", "nowhere.json"],
        "“nowhere.json” is neither a file nor the address of a run.",
    );
    refused(&["diff", "Cargo.toml", "all-goes-well"], "Cargo.toml: ");
}

#[test]
fn what_cannot_be_replayed_is_refused_with_the_reason() {
    refused(&["replay", "no-such-file.json"], "cannot read no-such-file.json");
    refused(&["replay", "Cargo.toml"], "Cargo.toml: ");
    refused(
        &["replay", "tests/histories/sem-simple.json"],
        "there is no code of workflow Simple here. Known: ",
    );
    refused(
        &["replay", "tests/histories/sem-simple.json", "--workflow", "Nobody"],
        "no code of workflow Nobody here",
    );
}

#[test]
fn a_trace_is_written_to_a_file_or_printed() {
    let printed = said(&sagascope(&["trace", "card-declined"]));
    let file = std::env::temp_dir().join(format!("sagascope-trace-{}.json", std::process::id()));
    let output = sagascope(&["trace", "card-declined", "--out", file.to_str().unwrap()]);
    assert_eq!((output.status.code(), said(&output)), (Some(0), String::new()));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), printed);
    std::fs::remove_file(file).unwrap();
    let otlp: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert!(otlp["resourceSpans"].as_array().unwrap().len() > 1);
    refused(&["trace", "no-such-story"], "these come nearest: ");
    refused(&["trace", "card-declined?do=900:kill:A"], "never comes: the run has");
    refused(
        &["trace", "card-declined", "--out", "no/such/folder"],
        "cannot write no/such/folder",
    );
}

#[test]
fn metrics_are_a_table_or_prometheus_text() {
    let table = said(&sagascope(&["metrics", "crash-after-charge"]));
    let of = |name: &str| {
        table
            .lines()
            .skip_while(|line| !line.starts_with(name))
            .nth(1)
            .unwrap()
            .to_owned()
    };
    assert!(
        of("activity_task_timeout ").contains("timeout_type=StartToClose"),
        "{table}"
    );
    assert!(
        of("temporal_workflow_task_replay_latency ").contains("instance=worker-B@lab"),
        "{table}"
    );
    let text = said(&sagascope(&["metrics", "crash-after-charge", "--prometheus"]));
    assert!(text.starts_with("# HELP activity_"), "{text}");
}

#[test]
fn lint_ends_as_linters_do() {
    let code = |arguments: &[&str]| sagascope(&[&["lint"], arguments].concat()).status.code();
    let clean = "tests/histories/sem-signals.json";
    let unwise = "tests/histories/sem-act-maxattempts.json";
    assert_eq!(code(&[clean]), Some(0));
    assert_eq!(code(&[unwise]), Some(1));
    assert_eq!(code(&[unwise, "--sarif"]), Some(1));
    assert_eq!(code(&["--rules"]), Some(0));
    assert_eq!(code(&[]), Some(2));
    assert_eq!(code(&["tests/histories/README.md"]), Some(2));
    let allow = ["--allow", "retries-exhausted", "--allow", "workflow-failed"];
    let allowed = sagascope(&[&["lint", unwise], &allow[..]].concat());
    assert_eq!(allowed.status.code(), Some(0), "{}", said(&allowed));
    let misspelt = ["lint", clean, "--allow", "retries-exausted"];
    refused(
        &misspelt,
        "there is no rule “retries-exausted”. Perhaps you mean retries-exhausted.",
    );
}

#[test]
fn lint_has_a_clear_line_for_a_good_history() {
    let good = sagascope(&["lint", "tests/real/all-goes-well.json"]);
    assert_eq!(
        (said(&good).as_str(), good.status.code()),
        ("Nothing to find fault with.\n", Some(0))
    );
}
