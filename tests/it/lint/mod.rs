//! The linter: every rule fires where it should and not close to it; what it says of real histories, golden; false alarms on
//! good ones; its reports.

mod activities;
mod case;
mod children;
mod endings;
mod errors;
mod local_activities;
mod messages;
mod sizes;
mod starts;
mod tasks;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sagascope::history::json::read;
use sagascope::history::proto::HistoryEvent;
use sagascope::study::lint::report::{self, Artifact};
use sagascope::study::lint::{Extent, Finding, Severity, lint, nearest_id, rule, rules};

use self::case::{Case, lines};
use self::tasks::task_failed;
use crate::{golden, histories, sketch};

fn cases() -> Vec<Case> {
    [
        activities::cases(),
        errors::cases(),
        tasks::cases(),
        messages::cases(),
        children::cases(),
        local_activities::cases(),
        sizes::cases(),
        starts::cases(),
        endings::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn found(rule: &str, sketched: &str) -> Vec<Finding> {
    let mut findings = lint(&sketch::events(sketched), Extent::Whole);
    findings.retain(|finding| finding.rule.id == rule);
    findings
}

#[test]
fn every_rule_fires_where_it_should_and_not_close_to_it() {
    let start = |sketched: &str| sketched.chars().take(2_000).collect::<String>();
    let mut wrong = Vec::new();
    for Case { rule, fires, silent } in cases() {
        if found(rule, &fires).is_empty() {
            wrong.push(format!("{rule} does not fire:\n{}", start(&fires)));
        }
        if let [finding, ..] = &found(rule, &silent)[..] {
            wrong.push(format!("{rule} fires: {}\n{}", finding.what, start(&silent)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_rule_is_tried() {
    let tried: BTreeSet<&str> = cases().iter().map(|case| case.rule).collect();
    let all: BTreeSet<&str> = rules().map(|rule| rule.id).collect();
    assert_eq!(tried, all);
    assert!(all.len() >= 30);
}

#[test]
fn rules_have_ids_of_their_own_and_say_what_they_must() {
    let ids: BTreeSet<&str> = rules().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), rules().count());
    for rule in rules() {
        let id = rule.id;
        assert!(
            id.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{id}"
        );
        assert!(!rule.title.is_empty() && !rule.title.ends_with('.'), "{id}");
        assert!(rule.why.ends_with(['.', ')']), "{id}");
        // One has advice for each finding.
        assert!(rule.todo.ends_with(['.', ')']) || id == "workflow-task-stuck", "{id}");
        assert!(!rule.page.starts_with('/') && !rule.page.contains(' '), "{id}");
    }
}

#[test]
fn an_unknown_id_is_told_the_nearest() {
    assert!(rule("max-attempts-1").is_some());
    assert_eq!(nearest_id("max-attemps-1"), Some("max-attempts-1"));
    assert_eq!(nearest_id("nodeterminism"), Some("nondeterminism"));
    assert_eq!(nearest_id("qqqqqqqqqqqqqqqqqqqqqqqqqq"), None);
}

fn cases_of_users() -> Vec<(String, String)> {
    files_in("tests/cases")
}

fn stories() -> Vec<(String, String)> {
    files_in("tests/stories")
}

/// The histories in a folder, each with its name.
fn files_in(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let json = files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "json"));
    let named = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    json.map(|path| (named(&path), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// What the linter says of a file; nothing if it cannot be read.
fn linted(text: &str) -> Option<Vec<Finding>> {
    let read = read(text).ok()?;
    let extent = if !read.is_complete() {
        Extent::Beginning
    } else {
        Extent::Whole
    };
    Some(lint(&read.history.events, extent))
}

/// The recordings whose reports are kept: one for each thing that can be found fault with.
const RECORDINGS: [&str; 36] = [
    "bare-beats-failed",
    "bare-buffered",
    "bare-cancel-and-again",
    "bare-large-result",
    "bare-long-history",
    "bare-pending",
    "bare-prolonged",
    "bare-refused-duplicate-timer",
    "bare-refused-no-limit",
    "bare-suggest",
    "sem-act-hb1",
    "sem-act-maxattempts",
    "sem-act-nonret",
    "sem-act-nonrettype",
    "sem-act-retry",
    "sem-act-sched2close-backoff",
    "sem-act-sched2close-nobody",
    "sem-act-stc2",
    "sem-buggy2-failing",
    "sem-can-fast-run1",
    "sem-can-kid",
    "sem-crash-first",
    "sem-crash-idle",
    "sem-cron-run1",
    "sem-kids",
    "sem-misc-la",
    "sem-nd-live-failing",
    "sem-parent-extsig-missing",
    "sem-parent-pcp-abandon",
    "sem-parent-pcp-terminate",
    "sem-reset-reapply",
    "sem-signals",
    "sem-simple",
    "sem-terminate",
    "sem-wf-exectimeout-retry",
    "sem-wfretry-run1",
];

#[test]
fn what_it_says_of_recordings() {
    for name in RECORDINGS {
        let findings = linted(&histories::one(name)).unwrap();
        golden::check(&format!("golden/lint/{name}.txt"), &report::text(&findings));
    }
}

#[test]
fn what_it_says_of_cases_from_the_field() {
    for (name, text) in cases_of_users() {
        if let Some(findings) = linted(&text) {
            golden::check(&format!("golden/lint/{name}.txt"), &report::text(&findings));
        }
    }
}

/// All that is said of all histories there are, a line each: to see at once what a change of a rule changes.
#[test]
fn what_it_says_of_all_histories() {
    let mut all = String::new();
    let folders = [
        ("histories", histories::all()),
        ("real", histories::real()),
        ("stories", stories()),
    ];
    for (folder, files) in folders {
        for (name, text) in files {
            all.push_str(&format!("{folder}/{name}\n"));
            for finding in linted(&text).unwrap() {
                let place = finding.event.map_or_else(String::new, |event| event.to_string());
                let (severity, id) = (finding.rule.severity.name(), finding.rule.id);
                all.push_str(&format!("  {place:>4}  {severity:7}  {id}: {}\n", finding.what));
            }
        }
    }
    golden::check("golden/lint/all.txt", &all);
}

/// Histories in which nothing went wrong, and nothing is unwise.
#[test]
fn good_histories_are_not_found_fault_with() {
    for name in [
        "sem-simple",
        "sem-signals",
        "sem-updates2",
        "sem-timers2",
        "sem-parent-ok",
        "sem-misc-sa",
    ] {
        let findings = linted(&histories::one(name)).unwrap();
        let grave: Vec<&str> = findings
            .iter()
            .filter(|f| f.rule.severity > Severity::Note)
            .map(|f| f.rule.id)
            .collect();
        assert!(grave.is_empty(), "{name}: {grave:?}");
    }
    for (name, text) in histories::real() {
        if name == "all-goes-well" {
            assert_eq!(linted(&text), Some(Vec::new()));
        }
    }
}

/// The first page of a history says nothing about how it ends.
#[test]
fn nothing_is_concluded_from_the_end_of_a_page() {
    let stuck = sketch::events(&task_failed("NonDeterministicError", "m"));
    let ids = |extent| -> Vec<&str> { lint(&stuck, extent).iter().map(|finding| finding.rule.id).collect() };
    assert_eq!(ids(Extent::Whole), ["nondeterminism", "workflow-task-stuck"]);
    assert_eq!(ids(Extent::Beginning), ["nondeterminism"]);
}

/// What is alike is told once.
#[test]
fn a_loop_is_one_finding() {
    let pending = lines(5_000, |_| {
        "activity 0 {\"retryPolicy\": {\"maximumAttempts\": 1}}\n begun 0\n done 0".to_owned()
    });
    let findings = found("max-attempts-1", &format!("start\n task 0{pending}"));
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].event, findings[0].also.len()), (Some(5), 4_999));
    let text = report::text(&findings);
    assert!(
        text.contains("also events 8, 11, 14, 17, 20, 23, 26, 29 and 4991 more\n"),
        "{text}"
    );
}

/// Broken in every way: nothing panics, and nothing takes long.
#[test]
fn any_list_of_events_is_taken() {
    let all: Vec<HistoryEvent> = cases()
        .iter()
        .filter(|case| case.fires.len() < 5_000)
        .flat_map(|case| sketch::events(&case.fires))
        .collect();
    let mut events = all.clone();
    lint(&events, Extent::Whole);
    events.reverse();
    lint(&events, Extent::Whole);
    for (at, event) in (0..).zip(&mut events) {
        event.event_id = [i64::MIN, -1, 0, 3, i64::MAX][at % 5];
        if at % 3 == 0 {
            event.event_time = None;
        }
        if at % 7 == 0 {
            event.attributes = None;
        }
    }
    lint(&events, Extent::Whole);
    lint(&[], Extent::Whole);
    // As many as there can be, with ids that all lead to the same few events.
    let many: Vec<HistoryEvent> = all.iter().cycle().take(51_200).cloned().collect();
    lint(&many, Extent::Beginning);
    let mut many = many;
    for (id, event) in (1..).zip(&mut many) {
        event.event_id = id;
    }
    report::text(&lint(&many, Extent::Whole));
}

#[test]
fn the_report_for_programs_has_everything() {
    let findings = linted(&histories::one("sem-act-maxattempts")).unwrap();
    let json = report::json(&findings);
    let all = json["findings"].as_array().unwrap();
    assert_eq!(all.len(), findings.len());
    for member in ["rule", "severity", "event", "title", "found", "why", "todo", "docs"] {
        assert!(all.iter().all(|finding| !finding[member].is_null()), "{member}");
    }
    let counted = ["errors", "warnings", "notes"].map(|name| json[name].as_u64().unwrap());
    assert_eq!(counted.iter().sum::<u64>(), findings.len() as u64);
}

/// What the schema of SARIF 2.1.0 demands, as far as the log uses it.
#[test]
fn the_log_is_sarif() {
    let text = histories::one("sem-act-maxattempts");
    let findings = linted(&text).unwrap();
    let log = report::sarif(&findings, &Artifact::of("my runs/1.json", Some(&text)));
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let known = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(known.len(), rules().count());
    for one in known {
        assert!(
            one["helpUri"]
                .as_str()
                .unwrap()
                .starts_with("https://docs.temporal.io/")
        );
        assert!(!one["help"]["text"].as_str().unwrap().is_empty());
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), findings.len());
    for (result, finding) in results.iter().zip(&findings) {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(known[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20runs/1.json");
        let line = usize::try_from(place["region"]["startLine"].as_u64().unwrap()).unwrap();
        let shown = text.lines().nth(line - 1).unwrap();
        assert!(
            shown.contains(&format!("\"eventId\": \"{}\"", finding.event.unwrap())),
            "{shown}"
        );
    }
}
