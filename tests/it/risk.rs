//! The crash-risk report: golden for many recordings, and true by what the lab's crashes do.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sagascope::base::time::{SimTime, Span};
use sagascope::catalogue::stories::LAB;
use sagascope::check::sweep::Sweep;
use sagascope::history::class::End;
use sagascope::history::json::read;
use sagascope::history::payload;
use sagascope::history::proto::{
    ActivityTaskCompletedEventAttributes, ActivityTaskFailedEventAttributes, ActivityTaskScheduledEventAttributes,
    ActivityTaskStartedEventAttributes, ActivityType, Attributes, EventType, HistoryEvent,
    MarkerRecordedEventAttributes, TimeoutType, event_type,
};
use sagascope::history::timestamp::Timestamp;
use sagascope::service::run::Run;
use sagascope::sim::Sim;
use sagascope::sim::spec::RunSpec;
use sagascope::sim::step::Step;
use sagascope::study::risk::{ActivityRisk, Crash, Ending, Key, Obstacle, Report, SignKind, Silence, risks};

use crate::{golden, histories, telling};

/// Recordings of a real server, of what a report has to tell apart.
const RECORDINGS: [&str; 30] = [
    "bare-cancel-details",
    "bare-cancel-in-backoff",
    "bare-cancel-twice",
    "bare-large-answers",
    "loop-10",
    "sem-act-hb1",
    "sem-act-maxattempts",
    "sem-act-nonret",
    "sem-act-parallel",
    "sem-act-pause-while-paused",
    "sem-act-retry",
    "sem-act-sched2close-backoff",
    "sem-act-sched2close-nobody",
    "sem-act-sched2close-running",
    "sem-act-stc2",
    "sem-act-sts",
    "sem-cancel",
    "sem-cancelact-abandon-running",
    "sem-cancelact-try-cancel-running",
    "sem-cancelact-wait-cancellation-completed-notstarted",
    "sem-crash-activity",
    "sem-kids",
    "sem-misc-la",
    "sem-misc-lafail",
    "sem-misc-patch",
    "sem-nd-open-removed-pending-act",
    "sem-reset-reapply",
    "sem-signal-and-activities",
    "sem-simple",
    "sem-terminate",
];

/// Stories of the lab, by what they show.
const STORIES: [&str; 15] = [
    "address-rejected",
    "both-workers-dead",
    "card-declined",
    "charge-returned",
    "crash-after-charge",
    "crash-after-charge-no-keys",
    "heartbeat-tells",
    "mail-bounces",
    "out-of-stock",
    "parallel-one-fails",
    "payment-fails-stock-back",
    "payment-times-out-twice",
    "reservation-returned",
    "schedule-to-close",
    "shipping-fails-refund",
];

const CASES: [&str; 6] = [
    "05-wft-timeouts-collapsed",
    "06-activity-scheduled-last",
    "08-nonretryable-type-mismatch",
    "10-start-delay",
    "18-unhandled-command-loop",
    "28-reset-before-running-child",
];

fn case(name: &str) -> Vec<HistoryEvent> {
    let path = format!("{}/tests/cases/{name}.json", env!("CARGO_MANIFEST_DIR"));
    read(&std::fs::read_to_string(path).unwrap()).unwrap().history.events
}

fn recording(name: &str) -> Vec<HistoryEvent> {
    read(&histories::one(name)).unwrap().history.events
}

fn story(id: &str) -> Vec<HistoryEvent> {
    let mut sim = LAB.sim(&RunSpec::of(id)).unwrap();
    sim.run_to_end();
    sim.run().unwrap().log.events().to_vec()
}

/// Every history that the reports are golden for.
fn all() -> Vec<(String, Vec<HistoryEvent>)> {
    let recordings = RECORDINGS.iter().map(|name| ((*name).to_owned(), recording(name)));
    let stories = STORIES.iter().map(|id| (format!("story-{id}"), story(id)));
    let cases = CASES.iter().map(|name| (format!("case-{name}"), case(name)));
    recordings.chain(stories).chain(cases).collect()
}

#[test]
fn reports_are_golden() {
    for (name, events) in all() {
        golden::check(&format!("golden/risk/{name}.txt"), &risks(&events).text());
    }
}

#[test]
fn the_json_says_what_the_text_says() {
    let report = risks(&story("address-rejected"));
    let text = serde_json::to_string_pretty(&report.json()).unwrap();
    golden::check("golden/risk/story-address-rejected.json", &(text + "\n"));
}

fn activity<'a>(report: &'a Report, name: &str) -> &'a ActivityRisk {
    let mut of_type = report
        .activities
        .iter()
        .filter(|activity| activity.activity_type == name);
    of_type.next().unwrap_or_else(|| panic!("no {name}"))
}

/// `RefundPayment of ProcessPayment`, `CancelPayment`.
fn compensations(report: &Report) -> Vec<String> {
    let of = |place: u32| format!(" of {}", report.done[place as usize].name);
    let all = report.compensations.iter();
    all.map(|one| format!("{}{}", one.name, one.of.map(of).unwrap_or_default()))
        .collect()
}

fn standing(report: &Report) -> Vec<&str> {
    let latest = report.standing.latest.iter().rev();
    latest.map(|place| report.done[*place as usize].name.as_str()).collect()
}

#[test]
fn the_saga_that_undoes_is_seen_to_undo() {
    let report = risks(&story("address-rejected"));
    assert_eq!(
        compensations(&report),
        [
            "RefundPayment of ProcessPayment",
            "ReleaseInventory of ReserveInventory"
        ]
    );
    assert_eq!(standing(&report), ["ValidateOrder"]);
    assert_eq!(activity(&report, "RefundPayment").before.count, 3);
    assert_eq!(activity(&report, "ReleaseInventory").before.count, 2);

    // What failed may have done something all the same, and is undone too.
    let report = risks(&story("charge-returned"));
    assert_eq!(compensations(&report), ["CancelPayment of ProcessPayment"]);
    let report = risks(&story("payment-fails-stock-back"));
    assert_eq!(
        compensations(&report),
        ["CancelPayment of ProcessPayment", "ReturnStock of DeductStock"]
    );
    assert_eq!(standing(&report), ["CheckStock"]);

    // Without a failure nothing is a compensation.
    for id in ["all-goes-well", "crash-after-charge", "parallel"] {
        assert_eq!(compensations(&risks(&story(id))), [""; 0], "{id}");
    }
}

/// What makes the difference between these two stories is in the worker, and no history tells it.
#[test]
fn keys_that_the_worker_makes_are_not_in_a_history() {
    let [with, without] = ["crash-after-charge", "crash-after-charge-no-keys"].map(|id| risks(&story(id)));
    for report in [with, without] {
        let payment = activity(&report, "ProcessPayment");
        assert!(matches!(&payment.key, Key::Seen(signs) if signs[0].kind == SignKind::WorkflowId));
        let earlier = payment.earlier.as_ref().unwrap();
        assert!(earlier.unheard && earlier.count == Some(1));
        assert_eq!(
            report
                .dangers
                .first()
                .map(|place| report.activities[*place as usize].event),
            {
                let longest = report
                    .activities
                    .iter()
                    .max_by_key(|one| one.interval.unwrap().length());
                longest.map(|one| one.event)
            }
        );
    }
    let refund = risks(&story("address-rejected"));
    assert_eq!(
        activity(&refund, "RefundPayment").key,
        Key::CannotTell(Silence::Nothing)
    );
}

#[test]
fn one_attempt_only_is_lost_and_open_ones_are_open() {
    let report = risks(&recording("sem-act-maxattempts"));
    let only = &report.activities[0];
    assert!(
        matches!(only.crash, Crash::Lost(Obstacle::MaximumAttempts(_))),
        "{:?}",
        only.crash
    );

    let report = risks(&case("06-activity-scheduled-last"));
    let open = &report.activities[0];
    assert_eq!((open.ending, open.attempt), (Ending::Open, None));
    let interval = open.interval.unwrap();
    assert_eq!((interval.from_event, interval.to_event, interval.to), (5, None, None));
    assert!(
        matches!(open.crash, Crash::MayRunAgain(next, Obstacle::MaximumAttempts(8)) if next.backoff == Span::secs(5))
    );
    assert_eq!(open.notice.by, Some(TimeoutType::StartToClose));
    assert_eq!(open.notice.at, None);

    let report = risks(&recording("sem-act-sts"));
    assert_eq!(report.activities[0].crash, Crash::NotTaken);
    assert!(report.dangers.is_empty());
}

#[test]
fn local_activities_are_run_again_with_their_task() {
    let report = risks(&recording("sem-misc-la"));
    let told: Vec<_> = report
        .local_activities
        .iter()
        .map(|one| (one.event, one.name.as_str()))
        .collect();
    assert_eq!(told, [(5, "ok"), (6, "ok"), (7, "ok")]);
    for local in &report.local_activities {
        let interval = local.interval.unwrap();
        assert_eq!((interval.from_event, interval.to_event), (3, Some(4)));
        assert_eq!(local.limit, Span::secs(10));
    }
    assert_eq!(report.recorded.local_activity_ends, 3);
    assert_eq!(risks(&recording("sem-misc-patch")).recorded.versions, 3);
}

/// A crash as the lab plays it: when, whose, and which attempts died with the process.
struct Played {
    spec: RunSpec,
    at: SimTime,
    identity: String,
    lost: Vec<(String, i64, u32)>,
    sim: Sim,
}

fn played(spec: RunSpec) -> Played {
    let mut sim = LAB.sim(&spec).unwrap();
    sim.run_to_end();
    let crash = sim.records().iter().find_map(|record| match &record.what {
        Step::Crashed {
            worker, lost_attempts, ..
        } => Some((record.at, *worker, lost_attempts.clone())),
        _ => None,
    });
    let (at, worker, attempts) = crash.unwrap();
    let run_id = |key| sim.runs().iter().find(|run| run.key == key).unwrap().run_id.clone();
    Played {
        at,
        identity: sim.nodes().iter().find(|node| node.name == worker).unwrap().identity(),
        lost: attempts
            .iter()
            .map(|(token, ..)| (run_id(token.run), token.scheduled_event_id, token.attempt))
            .collect(),
        spec,
        sim,
    }
}

/// The last attempt of an activity in a run: its number, when it began and how the activity ended.
fn last_attempt(run: &Run, scheduled: i64) -> Option<(u32, SimTime, Option<EventType>)> {
    let events = run.log.events();
    let started = events.iter().rev().find_map(|event| match &event.attributes {
        Some(Attributes::ActivityTaskStartedEventAttributes(a)) if a.scheduled_event_id == scheduled => {
            Some((u32::try_from(a.attempt).unwrap(), event.event_time.unwrap().sim_time()))
        }
        _ => None,
    })?;
    let close = events.iter().find(|event| {
        let closes = event.class().end().is_some();
        closes && event.opened_by().is_some_and(|opened| opened.to == scheduled)
    });
    Some((started.0, started.1, close.map(HistoryEvent::event_type)))
}

/// What was compared.
#[derive(Debug, Default)]
struct Compared {
    /// Crashes of a worker in the interval of an activity that it had.
    inside: usize,
    /// Crashes that were to run an activity again.
    again: usize,
    /// Of these, the ones after which the next attempt began when the report had said, but for its way to the worker.
    punctual: usize,
    /// Crashes that were to lose an activity.
    lost: usize,
    /// Crashes outside of every interval of that worker.
    outside: usize,
}

/// Crashes every worker at every step of a story, and compares what becomes of its activities with what the report of the run
/// without a crash says.
fn compare(id: &str, compared: &mut Compared) {
    let mut plain = LAB.sim(&RunSpec::of(id)).unwrap();
    plain.run_to_end();
    let reports: BTreeMap<String, Report> = plain
        .runs()
        .iter()
        .map(|run| (run.run_id.clone(), risks(run.log.events())))
        .collect();
    for played in Sweep::new(LAB, &RunSpec::of(id)).unwrap().ahead().map(played) {
        let at = Timestamp::of(played.at);
        let mut any = false;
        for (run_id, report) in &reports {
            let Some(run) = played.sim.runs().iter().find(|run| run.run_id == *run_id) else {
                continue;
            };
            for activity in &report.activities {
                let (Some(interval), Some(attempt)) = (activity.interval, activity.attempt) else {
                    continue;
                };
                let to = interval.to.unwrap_or(at);
                let key = (run_id.clone(), activity.event, attempt);
                let was_lost = played.lost.contains(&key);
                let of_this = activity.worker == played.identity;
                let place = format!("{}: event {} at {}", played.spec, activity.event, played.at);
                // What timed out may be in its worker's hands for a while yet.
                let too_late = matches!(activity.ending, Ending::Recorded { end: End::TimedOut, .. }) && at >= to;
                if was_lost && !too_late {
                    assert!(
                        interval.from <= at && at <= to && of_this,
                        "{place}: lost outside of {interval:?}"
                    );
                }
                if !of_this || at <= interval.from || at >= to {
                    continue;
                }
                any = true;
                compared.inside += 1;
                assert!(was_lost, "{place}: not lost inside of {interval:?}");
                comes_true(activity, attempt, run, &place, compared);
            }
        }
        if !any {
            compared.outside += 1;
        }
    }
}

/// Whether the activity was run again, or lost, as the report says.
fn comes_true(activity: &ActivityRisk, attempt: u32, run: &Run, place: &str, compared: &mut Compared) {
    let (last, began, end) = last_attempt(run, activity.event).unwrap_or_else(|| panic!("{place}: never ended"));
    match activity.crash {
        Crash::RunsAgain(next) => {
            compared.again += 1;
            assert!(
                last >= next.attempt.unwrap(),
                "{place}: attempt {last}, {:?}",
                activity.crash
            );
            let due = activity.notice.at.unwrap().plus(next.backoff).sim_time();
            if activity.notice.by == Some(TimeoutType::StartToClose) && last == attempt + 1 {
                assert!(began >= due, "{place}: attempt {last} began at {began}, before {due}");
                compared.punctual += usize::from(began.since(due) < Span::millis(50));
            }
        }
        Crash::Lost(Obstacle::MaximumAttempts(_) | Obstacle::ScheduleToClose(_)) => {
            compared.lost += 1;
            assert_eq!((last, end), (attempt, Some(EventType::ActivityTaskTimedOut)), "{place}");
        }
        Crash::MayRunAgain(..) | Crash::Lost(_) | Crash::Unnoticed | Crash::NotTaken => {}
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "how much was compared is part of the result")]
fn crashes_do_what_the_report_says() {
    let mut compared = Compared::default();
    for id in [
        "address-rejected",
        "all-goes-well",
        "card-declined",
        "crash-after-charge-no-keys",
        "heartbeat",
        "parallel",
        "payment-flaky",
        "payment-times-out-twice",
        "schedule-to-close",
        "start-to-close",
        "workers-four",
    ] {
        compare(id, &mut compared);
    }
    println!("{compared:?}");
    assert!(compared.inside > 50 && compared.outside > 200, "{compared:?}");
    assert!(
        compared.again > 30 && compared.punctual * 2 > compared.again,
        "{compared:?}"
    );
    assert!(compared.lost > 0, "{compared:?}");
}

/// What a file may say instead of what a server writes.
fn broken(events: &[HistoryEvent]) -> Vec<Vec<HistoryEvent>> {
    let mut all = Vec::new();
    let mut change = |change: &dyn Fn(&mut HistoryEvent, usize)| {
        let mut events = events.to_vec();
        events
            .iter_mut()
            .enumerate()
            .for_each(|(place, event)| change(event, place));
        all.push(events);
    };
    change(&|event, _| event.event_id = 1);
    change(&|event, _| event.event_id = -event.event_id);
    change(&|event, place| event.event_id = if place % 2 == 0 { i64::MIN } else { i64::MAX });
    change(&|event, _| event.event_time = None);
    change(&|event, place| {
        let seconds = if place % 2 == 0 { i64::MAX } else { i64::MIN };
        event.event_time = Some(Timestamp { seconds, nanos: -1 });
    });
    change(&|event, place| {
        if place % 3 == 1 {
            event.attributes = None;
        }
    });
    change(&|event, _| event.set_event_type(EventType::ActivityTaskScheduled));
    all.push(events.iter().rev().cloned().collect());
    all.push(events.iter().chain(events).cloned().collect());
    all.push(events.iter().step_by(2).cloned().collect());
    all.extend((0..events.len().min(24)).map(|from| events[from..].to_vec()));
    all.extend((0..events.len().min(24)).map(|to| events[..to].to_vec()));
    all
}

#[test]
fn no_list_of_events_is_too_broken() {
    let recordings = histories::all()
        .into_iter()
        .map(|(_, text)| read(&text).unwrap().history.events);
    let stories = STORIES.iter().map(|id| story(id));
    for events in recordings.chain(stories) {
        for broken in broken(&events) {
            let report = risks(&broken);
            assert!(!report.text().is_empty());
            assert!(report.json().is_object());
        }
    }
}

/// As many events as the Service allows, in which everything fails and everything looks like a compensation of everything.
#[test]
fn a_history_at_its_limit_takes_no_time() {
    let saga = telling::told("address-rejected");
    let saga = saga.run().unwrap().log.events();
    let mut events: Vec<HistoryEvent> = saga[..3].to_vec();
    while events.len() < 51_200 {
        let shift = i64::try_from(events.len()).unwrap() - 3;
        for event in &saga[3..saga.len() - 1] {
            let mut event = event.clone();
            event.event_id += shift;
            match &mut event.attributes {
                Some(Attributes::ActivityTaskStartedEventAttributes(a)) => a.scheduled_event_id += shift,
                Some(Attributes::ActivityTaskCompletedEventAttributes(a)) => a.scheduled_event_id += shift,
                Some(Attributes::ActivityTaskFailedEventAttributes(a)) => a.scheduled_event_id += shift,
                _ => {}
            }
            events.push(event);
        }
    }
    let begun = Instant::now();
    let report = risks(&events);
    let text = report.text();
    let took = begun.elapsed();
    assert!(report.compensations.len() > 2_000 && text.lines().count() > 50_000);
    // A quadratic one would take minutes; this machine may be slow, and the code is not optimised.
    assert!(took < Duration::from_secs(20), "{took:?}");
}

/// A run of activities one after the other: type, argument, and the result; without a result it failed.
fn activities(steps: &[(&str, &str, Option<&str>)]) -> Vec<HistoryEvent> {
    let mut all: Vec<Attributes> = vec![
        Attributes::WorkflowExecutionStartedEventAttributes(Box::default()),
        Attributes::WorkflowTaskScheduledEventAttributes(Default::default()),
    ];
    for (name, argument, result) in steps {
        let scheduled_event_id = i64::try_from(all.len()).unwrap() + 1;
        all.push(Attributes::ActivityTaskScheduledEventAttributes(
            ActivityTaskScheduledEventAttributes {
                activity_type: Some(ActivityType {
                    name: (*name).to_owned(),
                }),
                input: Some(payload::json(&(*argument).into())),
                ..Default::default()
            },
        ));
        all.push(Attributes::ActivityTaskStartedEventAttributes(
            ActivityTaskStartedEventAttributes {
                scheduled_event_id,
                attempt: 1,
                ..Default::default()
            },
        ));
        all.push(match result {
            Some(result) => Attributes::ActivityTaskCompletedEventAttributes(ActivityTaskCompletedEventAttributes {
                scheduled_event_id,
                result: Some(payload::json(&(*result).into())),
                ..Default::default()
            }),
            None => Attributes::ActivityTaskFailedEventAttributes(ActivityTaskFailedEventAttributes {
                scheduled_event_id,
                ..Default::default()
            }),
        });
    }
    numbered(all)
}

fn numbered(all: Vec<Attributes>) -> Vec<HistoryEvent> {
    let events = (1_u32..).zip(all).map(|(id, attributes)| HistoryEvent {
        event_id: id.into(),
        event_time: Some(Timestamp::of(SimTime::ZERO + Span::secs(id.into()))),
        event_type: event_type(&attributes).into(),
        attributes: Some(attributes),
        ..Default::default()
    });
    events.collect()
}

#[track_caller]
fn check_compensations(steps: &[(&str, &str, Option<&str>)], expected: &[&str]) {
    assert_eq!(compensations(&risks(&activities(steps))), expected);
}

const BOOKED: [(&str, &str, Option<&str>); 3] = [
    ("BookHotel", "rome", Some("hotel-1")),
    ("BookFlight", "rome", Some("flight-2")),
    ("BookCar", "rome", None),
];

#[test]
fn undoing_is_known_by_names() {
    let after = |names: &[&'static str]| -> Vec<_> {
        let later = names.iter().map(|name| (*name, "rome", Some("ok")));
        BOOKED.into_iter().chain(later).collect()
    };
    check_compensations(
        &after(&["cancel_flight", "CancelHotelBooking"]),
        &["cancel_flight of BookFlight", "CancelHotelBooking of BookHotel"],
    );
    check_compensations(&after(&["UndoEverything"]), &["UndoEverything"]);
    check_compensations(&after(&["RemoveHotel"]), &["RemoveHotel of BookHotel"]);
    // Once undone, it is not undone again.
    check_compensations(
        &after(&["CancelHotel", "CancelHotel"]),
        &["CancelHotel of BookHotel", "CancelHotel"],
    );
    for harmless in ["RemoveTemporaryFiles", "ReturnResult", "SendMail", "BookHotel"] {
        check_compensations(&after(&[harmless]), &[]);
    }
    // Without a failure before it, it is an ordinary activity; what was done after the failure is not undone for it.
    check_compensations(&[("BookHotel", "a", Some("b")), ("CancelHotel", "a", Some("c"))], &[]);
    check_compensations(
        &[
            ("BookCar", "rome", None),
            ("BookHotel", "rome", Some("hotel-1")),
            ("CancelHotel", "hotel-1", Some("ok")),
        ],
        &["CancelHotel"],
    );
}

#[test]
fn undoing_is_known_by_what_it_is_given_and_by_the_order() {
    let after = |later: &[(&'static str, &'static str, Option<&'static str>)]| -> Vec<_> {
        BOOKED.into_iter().chain(later.iter().copied()).collect()
    };
    check_compensations(&after(&[("void", "flight-2", Some("ok"))]), &["void of BookFlight"]);
    let reversed = [("Call", "flight-2", Some("ok")), ("Write", "hotel-1", Some("ok"))];
    check_compensations(&after(&reversed), &["Call of BookFlight", "Write of BookHotel"]);
    // In the same order, or only one of them, it may be anything.
    let [first, second] = reversed;
    check_compensations(&after(&[second, first]), &[]);
    check_compensations(&after(&[first]), &[]);
    let report = risks(&activities(&after(&reversed)));
    assert_eq!(standing(&report), [""; 0]);
    // What failed has undone nothing.
    let report = risks(&activities(&after(&[("CancelHotel", "hotel-1", None)])));
    assert_eq!(standing(&report), ["BookHotel", "BookFlight"]);
}

/// A worker that is at a local activity for long completes its task with nothing and gets the next at once.
#[test]
fn a_local_activity_may_have_begun_tasks_ago() {
    let marker = MarkerRecordedEventAttributes {
        marker_name: "LocalActivity".to_owned(),
        details: [(
            "data".to_owned(),
            payload::json(&serde_json::json!({ "ActivityType": "Resize", "ActivityID": "1" })),
        )]
        .into(),
        workflow_task_completed_event_id: 7,
        ..Default::default()
    };
    let mut events = numbered(vec![
        Attributes::WorkflowExecutionStartedEventAttributes(Box::default()),
        Attributes::WorkflowTaskScheduledEventAttributes(Default::default()),
        Attributes::WorkflowTaskStartedEventAttributes(Default::default()),
        Attributes::WorkflowTaskCompletedEventAttributes(Default::default()),
        Attributes::WorkflowTaskScheduledEventAttributes(Default::default()),
        Attributes::WorkflowTaskStartedEventAttributes(Default::default()),
        Attributes::WorkflowTaskCompletedEventAttributes(Default::default()),
        Attributes::MarkerRecordedEventAttributes(marker),
    ]);
    let begun = |events: &[HistoryEvent]| {
        let local = &risks(events).local_activities[0];
        assert_eq!(local.name, "Resize");
        let interval = local.interval.unwrap();
        (interval.from_event, interval.to_event)
    };
    assert_eq!(begun(&events), (6, Some(7)), "a second passed between the two tasks");
    events[4].event_time = events[3].event_time;
    assert_eq!(begun(&events), (3, Some(7)));
}
