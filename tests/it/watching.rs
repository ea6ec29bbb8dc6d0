//! What the tools of operators are given: traces and metrics must hang together, and agree with the histories.
//!
//! That others can read them is the matter of `tests/readers`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use sagascope::base::time::{SimTime, Span};
use sagascope::catalogue::stories::LAB;
use sagascope::catalogue::workflows::rehearsal::Rehearsal;
use sagascope::contract::request::{Signal, StartWorkflow};
use sagascope::history::class::{End as Ended, Thing};
use sagascope::history::proto::EventType;
use sagascope::sim::Sim;
use sagascope::sim::fault::Verb;
use sagascope::sim::node::WorkerName;
use sagascope::sim::script::{Act, Action, When};
use sagascope::sim::setup::Setup;
use sagascope::sim::spec::{Choice, RunSpec};
use sagascope::sim::step::Step;
use sagascope::view::chronicle::work::{End, What};
use sagascope::view::watch::alert::{Alerts, Rule};
use sagascope::view::watch::rate::{FailureRate, Of};
use sagascope::view::watch::span::{Attribute, Emitter, SpanKind, TraceSpan};
use sagascope::view::watch::{Watch, prometheus, table};
use serde_json::{Value, json};

use crate::golden;
use crate::lab::{self, Scene};
use crate::program;

fn watched(address: &str) -> Watch {
    let mut watch = Watch::of(LAB.sim(&RunSpec::parse(address).unwrap()).unwrap());
    watch.run_to_end();
    watch
}

fn watched_of(setup: Setup, choices: Vec<Choice>) -> Watch {
    let mut watch = Watch::of(Sim::with(setup, 7, choices).unwrap());
    watch.run_to_end();
    watch
}

/// A program, see there; some steps may have been done to its worker.
fn watched_program(program: &Value, script: Vec<Act>, choices: Vec<Choice>) -> Watch {
    let start = StartWorkflow {
        workflow_id: "program-1".to_owned(),
        workflow_type: "ND".to_owned(),
        task_queue: "stage".to_owned(),
        ..StartWorkflow::default()
    };
    let mut setup = program::in_the_world(Setup::new(start, program::registry));
    setup.script = script;
    program::with(program, || watched_of(setup, choices))
}

fn attribute<'a>(span: &'a TraceSpan, key: &str) -> Option<&'a Attribute> {
    let found = span.attributes.iter().find(|(name, _)| *name == key);
    found.map(|(_, value)| value)
}

fn text<'a>(span: &'a TraceSpan, key: &str) -> &'a str {
    match attribute(span, key) {
        Some(Attribute::Text(text)) => text,
        other => panic!("{}: {key} is {other:?}", span.name),
    }
}

fn is_set(span: &TraceSpan, key: &str) -> bool {
    attribute(span, key) == Some(&Attribute::Flag(true))
}

fn named<'a>(spans: &'a [TraceSpan], name: &str) -> Vec<&'a TraceSpan> {
    spans.iter().filter(|span| span.name == name).collect()
}

/// What holds for every trace.
fn hangs_together(watch: &Watch) {
    let spans = watch.spans();
    let about = watch.sim().spec().to_string();
    let by_id: BTreeMap<&str, &TraceSpan> = spans.iter().map(|span| (span.span_id.as_str(), span)).collect();
    assert_eq!(by_id.len(), spans.len(), "{about}: an id twice");
    let traces: BTreeSet<&str> = spans.iter().map(|span| span.trace_id.as_str()).collect();
    let roots = spans.iter().filter(|span| span.parent.is_none());
    assert_eq!(roots.count(), traces.len(), "{about}: one root a trace");
    for span in &spans {
        let hex = |id: &str, digits| id.len() == digits && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(hex(&span.trace_id, 32) && hex(&span.span_id, 16), "{about}: {span:?}");
        assert!(span.from <= span.to, "{about}: {span:?}");
        assert!(
            span.events
                .iter()
                .all(|event| (span.from..=span.to).contains(&event.at)),
            "{about}: {span:?}"
        );
        assert_eq!(
            span.error.is_some(),
            span.events.iter().any(|event| event.name == "exception"),
            "{about}: {span:?}"
        );
        for link in &span.links {
            assert_eq!(
                by_id[link.span_id.as_str()].trace_id,
                link.trace_id,
                "{about}: {span:?}"
            );
        }
        let Some(parent) = &span.parent else { continue };
        let parent = by_id[parent.as_str()];
        assert_eq!(parent.trace_id, span.trace_id, "{about}: {span:?}");
        assert!(parent.from <= span.from, "{about}: {span:?}\nin {parent:?}");
        // What a worker does with nobody waiting for it any more, and a child that was left behind, may take longer.
        let waited_for = match span.name.split(':').next() {
            Some("RunWorkflow") => false,
            Some("RunWorkflowTask" | "RunActivity") => span.error.is_none() && !is_set(span, "sagascope.query"),
            _ => true,
        };
        assert!(!waited_for || span.to <= parent.to, "{about}: {span:?}\nin {parent:?}");
    }
}

/// Attempts that workers took, by the steps.
fn taken(sim: &Sim) -> usize {
    let counted = sim.records().iter().map(|record| match &record.what {
        Step::ActivityPolled { .. } => 1,
        Step::WorkflowTaskAnswered { eager, .. } => eager.len(),
        _ => 0,
    });
    counted.sum()
}

fn events(sim: &Sim, event_type: EventType) -> u64 {
    let all = sim.runs().iter().flat_map(|run| run.log.events());
    all.filter(|event| event.event_type() == event_type).count() as u64
}

#[test]
fn every_story_leaves_a_trace_that_hangs_together_with_a_span_for_each_attempt() {
    for story in LAB.all() {
        let watch = watched(story.id);
        hangs_together(&watch);
        let spans = watch.spans();
        let attempts = spans
            .iter()
            .filter(|span| span.name.starts_with("RunActivity:") && !is_set(span, "sagascope.local"));
        assert_eq!(attempts.count(), taken(watch.sim()), "{}", story.id);
        let of = |name: &str| spans.iter().filter(|span| span.name.starts_with(name)).count() as u64;
        assert_eq!(of("RunWorkflow:"), watch.sim().runs().len() as u64, "{}", story.id);
        assert!(of("RunWorkflowTask:") >= events(watch.sim(), EventType::WorkflowTaskCompleted));
    }
}

#[test]
fn watching_changes_nothing_and_sees_the_same_twice() {
    for story in LAB.all() {
        let (once, again) = (watched(story.id), watched(story.id));
        assert_eq!(once.otlp(), again.otlp(), "{}", story.id);
        assert_eq!(once.metrics(), again.metrics(), "{}", story.id);
        let mut unseen = LAB.sim(&RunSpec::of(story.id)).unwrap();
        unseen.run_to_end();
        assert_eq!(unseen.records(), once.sim().records(), "{}", story.id);
    }
}

#[test]
fn the_trace_of_a_crash_shows_what_was_lost_and_what_came_of_it() {
    let watch = watched("crash-after-charge");
    let mut spans = watch.spans();
    let payments = named(&spans, "RunActivity:ProcessPayment");
    assert_eq!(payments.len(), 2);
    let (lost, second) = (payments[0], payments[1]);
    assert_eq!(lost.error.as_deref(), Some("worker A died over it"));
    assert_eq!(text(lost, "error.type"), "worker_died");
    assert_eq!(text(lost, "sagascope.timeout_type"), "StartToClose");
    assert!(is_set(lost, "sagascope.effect_done"));
    assert_eq!(lost.by, Emitter::Worker(WorkerName(0), 1));
    assert_eq!((&second.error, second.kind), (&None, SpanKind::Server));
    assert_eq!(second.links[0].span_id, lost.span_id);
    let whole = named(&spans, "StartActivity:ProcessPayment")[0];
    assert_eq!((&whole.error, whole.kind), (&None, SpanKind::Client));
    assert_eq!(lost.parent.as_ref(), Some(&whole.span_id));
    assert!(whole.to.since(whole.from) > Span::secs(60));

    let run = &watch.sim().runs()[0];
    assert_eq!(whole.trace_id, run.run_id.replace('-', ""));
    assert_eq!(text(whole, "temporalRunID"), run.run_id);
    let replayed: Vec<_> = spans
        .iter()
        .filter(|span| span.events.iter().any(|event| event.name == "replayed"))
        .collect();
    assert_eq!(replayed.len(), 1);
    assert_eq!(replayed[0].by, Emitter::Worker(WorkerName(1), 1));
    assert_eq!(text(replayed[0], "sagascope.cache"), "new");

    spans.sort_by_key(|span| (span.from, Reverse(span.to)));
    let lines: String = spans.iter().map(|span| line(&spans, span)).collect();
    golden::check("golden/crash-after-charge.trace.txt", &lines);
}

/// `    0:00.010  12 ms  RunActivity:ValidateOrder  A#1`, indented as deep as it is in the tree.
fn line(spans: &[TraceSpan], span: &TraceSpan) -> String {
    let mut depth = 0;
    let mut at = span;
    while let Some(parent) = &at.parent {
        at = spans.iter().find(|span| span.span_id == *parent).unwrap();
        depth += 1;
    }
    let by = match span.by {
        Emitter::Service => String::new(),
        Emitter::Worker(worker, process) => format!("  {worker}#{process}"),
    };
    let error = span.error.as_ref().map(|error| format!("  ERROR {error}"));
    format!(
        "{:>12}  {:>9}  {:indent$}{}{by}{}\n",
        span.from,
        span.to.since(span.from).to_string(),
        "",
        span.name,
        error.unwrap_or_default(),
        indent = depth * 2
    )
}

#[test]
fn otlp_has_ids_in_hexadecimal_numbers_as_text_and_times_after_the_epoch_of_histories() {
    let otlp = watched("card-declined").otlp();
    let span = &otlp["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    assert_eq!(span["name"], "RunWorkflow:OrderOrchestration");
    assert_eq!(span["kind"], 2);
    assert_eq!(span.get("parentSpanId"), None);
    let begun = span["startTimeUnixNano"].as_str().unwrap();
    assert!(begun.starts_with("17672256"), "{begun}");
    let attempts = otlp["resourceSpans"].as_array().unwrap().iter().skip(1);
    let declined = attempts
        .flat_map(|group| group["scopeSpans"][0]["spans"].as_array().unwrap())
        .find(|span| span["name"] == "RunActivity:ProcessPayment")
        .unwrap();
    assert_eq!(declined["status"]["code"], 2);
    let exception = &declined["events"][0];
    assert_eq!(exception["name"], "exception");
    assert_eq!(
        exception["attributes"][0],
        json!({ "key": "exception.type", "value": { "stringValue": "InsufficientFunds" } })
    );
    let attempt = json!({ "key": "sagascope.attempt", "value": { "intValue": "1" } });
    assert!(declined["attributes"].as_array().unwrap().contains(&attempt));
}

#[test]
fn children_timers_and_local_activities_have_spans_and_a_signal_is_an_event() {
    let takes = json!({ "arg": { "takes_ms": 100 } });
    let program = json!([["c", "Kid", { "id": "kid-1" }], ["t", 3], ["l", "Rehearse", takes], ["wait"], ["ret", 1]]);
    let signal = Signal {
        name: "go".to_owned(),
        ..Signal::default()
    };
    let script = vec![Act {
        when: When::Next,
        after: Span::secs(9),
        what: Action::Signal("program-1".to_owned(), signal),
    }];
    let watch = watched_program(&program, script, Vec::new());
    hangs_together(&watch);
    let spans = watch.spans();
    let one = |name: &str| {
        let found = named(&spans, name);
        assert_eq!(found.len(), 1, "{name}");
        found[0]
    };
    let (run, asked, kid) = (
        one("RunWorkflow:ND"),
        one("StartChildWorkflow:Kid"),
        one("RunWorkflow:Kid"),
    );
    assert_eq!(asked.parent.as_ref(), Some(&run.span_id));
    assert_eq!(kid.parent.as_ref(), Some(&asked.span_id));
    assert!(asked.to >= kid.to);
    let timer = one("StartTimer");
    assert_eq!(timer.to.since(timer.from), Span::secs(3));
    let local = one("RunActivity:Rehearse");
    assert!(is_set(local, "sagascope.local"));
    assert_eq!(local.parent.as_ref(), Some(&one("StartActivity:Rehearse").span_id));
    let signalled = run
        .events
        .iter()
        .find(|event| event.name == "WorkflowExecutionSignaled");
    assert!(signalled.is_some_and(|event| event.at >= SimTime::ZERO + Span::secs(9)));
}

#[test]
fn a_run_that_follows_another_is_linked_to_it_and_begins_a_trace() {
    let start = StartWorkflow {
        workflow_id: "program-1".to_owned(),
        workflow_type: "ND".to_owned(),
        task_queue: "stage".to_owned(),
        ..StartWorkflow::default()
    };
    let watch = program::with(&json!([["t", 1], ["can"]]), || {
        let mut watch = Watch::of(
            Sim::with(
                program::in_the_world(Setup::new(start, program::registry)),
                7,
                Vec::new(),
            )
            .unwrap(),
        );
        watch.advance(60);
        watch
    });
    hangs_together(&watch);
    let spans = watch.spans();
    let runs = named(&spans, "RunWorkflow:ND");
    assert!(runs.len() >= 3);
    for pair in runs.windows(2) {
        assert_ne!(pair[0].trace_id, pair[1].trace_id);
        assert_eq!((&pair[1].parent, pair[1].links.len()), (&None, 1));
        assert_eq!(pair[1].links[0].span_id, pair[0].span_id);
        assert_eq!(pair[1].links[0].why, "continue_as_new");
        assert_eq!(pair[0].error, None);
    }
    assert_eq!(
        watch.metrics().sum("temporal_workflow_continue_as_new", &[]),
        runs.len() as u64 - 1
    );
}

/// Nothing that can befall a run may break its trace, or let a piece of work have no end.
#[test]
fn a_trace_hangs_together_whatever_happens() {
    let scene = |takes_ms| Scene {
        start_to_close_s: 4,
        ..Scene::of(Rehearsal {
            takes_ms,
            beats_every_ms: 700,
            fails: 1,
            ..Rehearsal::default()
        })
    };
    let verbs = [Verb::Crash, Verb::Stop, Verb::Launch, Verb::Partition, Verb::Heal];
    let mut lost = 0;
    for kind in ["Rehearses", "RehearsesAtOnce", "RehearsesLocally"] {
        let mut setup = lab::setup(kind, [scene(500), scene(2_000), scene(3_900)]);
        setup.workers.push(setup.workers[0].clone());
        setup.workers[1].activity_slots = 1;
        for step in 0..40_u32 {
            let choice = |(later, verb): (u32, Verb)| {
                let worker = WorkerName(u8::try_from((step + later) % 2).unwrap());
                Choice::to_worker(step + later, verb, worker)
            };
            let choices = (0..).step_by(3).zip(verbs).map(choice).collect();
            let watch = watched_of(setup.clone(), choices);
            hangs_together(&watch);
            counts_agree(&watch);
            for work in watch.chronicle().hands.work() {
                assert_eq!(work.ended.is_none(), work.end == End::Open, "{work:?}");
                lost += u32::from(work.end == End::Lost);
            }
        }
    }
    assert!(lost > 20, "{lost}");
}

/// What workers and Service counted is what the histories say.
fn counts_agree(watch: &Watch) {
    let (sim, metrics) = (watch.sim(), watch.metrics());
    let about = sim.spec().to_string();
    let same = |name: &str, event_type| {
        assert_eq!(metrics.sum(name, &[]), events(sim, event_type), "{about}: {name}");
    };
    same("activity_success", EventType::ActivityTaskCompleted);
    same(
        "temporal_activity_succeed_endtoend_latency",
        EventType::ActivityTaskCompleted,
    );
    same("activity_fail", EventType::ActivityTaskFailed);
    same("activity_timeout", EventType::ActivityTaskTimedOut);
    same("workflow_success", EventType::WorkflowExecutionCompleted);
    same("workflow_failed", EventType::WorkflowExecutionFailed);
    same("temporal_workflow_completed", EventType::WorkflowExecutionCompleted);
    same("temporal_workflow_failed", EventType::WorkflowExecutionFailed);
    assert_eq!(metrics.sum("temporal_activity_task_received", &[]), taken(sim) as u64);
    let heard = metrics.sum("activity_start_to_close_latency", &[]);
    let ended = metrics.sum("activity_success", &[]) + metrics.sum("activity_task_fail", &[]);
    assert_eq!(heard, ended + metrics.sum("activity_cancel", &[]), "{about}");
    let replays = watch.chronicle().hands.work().iter().filter(|work| match &work.what {
        What::WorkflowTask(task) => task.replay.is_some(),
        _ => false,
    });
    let measured = metrics.sum("temporal_workflow_task_replay_latency", &[]);
    assert_eq!(measured, replays.count() as u64, "{about}");
}

/// Timers, children and messages: what the chronicle has of them is what the histories and the steps say.
#[test]
fn what_histories_begin_and_clients_ask_is_written_down_to_its_end() {
    let (mut things, mut messages) = (0, 0);
    for story in LAB.all() {
        let watch = watched(story.id);
        let (sim, chronicle) = (watch.sim(), watch.chronicle());
        let all = chronicle.things.all();
        let same = |thing, end: Option<Ended>, event_type| {
            let of_it = all.iter().filter(|lasting| lasting.thing == thing);
            let count = of_it.filter(|lasting| end.is_none() || lasting.end.map(|(end, _)| end) == end);
            assert_eq!(
                count.count() as u64,
                events(sim, event_type),
                "{}: {event_type:?}",
                story.id
            );
        };
        same(Thing::Timer, None, EventType::TimerStarted);
        same(Thing::Timer, Some(Ended::Ok), EventType::TimerFired);
        same(Thing::Timer, Some(Ended::Canceled), EventType::TimerCanceled);
        same(Thing::Child, None, EventType::StartChildWorkflowExecutionInitiated);
        same(
            Thing::Child,
            Some(Ended::Ok),
            EventType::ChildWorkflowExecutionCompleted,
        );
        for lasting in all {
            let fired = lasting.end.is_some_and(|(end, _)| end == Ended::Ok);
            if let (Some(due), Some(closed), true) = (lasting.due, lasting.closed, fired) {
                assert!(closed.at >= due, "{}: {lasting:?} fired too early", story.id);
            }
        }
        things += all.len();

        let asked = sim
            .records()
            .iter()
            .filter(|record| matches!(record.what, Step::Acted { .. } | Step::WorkflowStarted { .. }));
        let heard = sim
            .records()
            .iter()
            .filter(|record| matches!(record.what, Step::Heard { .. }));
        let sent = chronicle.messages.all();
        assert_eq!(sent.len(), asked.count(), "{}", story.id);
        let answered = sent.iter().filter(|message| message.heard.is_some()).count();
        assert_eq!(answered, heard.count(), "{}", story.id);
        messages += sent.len();
    }
    assert!(things > 50 && messages > 100, "{things} things, {messages} messages");
}

#[test]
fn the_metrics_of_every_story_say_what_its_history_says() {
    for story in LAB.all() {
        let watch = watched(story.id);
        counts_agree(&watch);
        assert!(!table::rows(&watch.metrics()).is_empty(), "{}", story.id);
    }
}

#[test]
fn replays_and_timeouts_are_counted_where_a_worker_died() {
    let well = watched("all-goes-well").metrics();
    assert_eq!(well.sum("temporal_workflow_task_replay_latency", &[]), 0);
    assert_eq!(well.sum("activity_task_timeout", &[]), 0);
    assert_eq!(well.sum("temporal_sticky_cache_hit", &[]), 5);

    let crashed = watched("crash-after-charge").metrics();
    let by_b = [("instance", "worker-B@lab"), ("workflow_type", "OrderOrchestration")];
    assert_eq!(crashed.sum("temporal_workflow_task_replay_latency", &by_b), 1);
    assert_eq!(crashed.sum("temporal_workflow_task_replay_latency", &[]), 1);
    let by_limit = [("timeout_type", "StartToClose"), ("activityType", "ProcessPayment")];
    assert_eq!(crashed.sum("activity_task_timeout", &by_limit), 1);
    assert_eq!(crashed.sum("activity_timeout", &[]), 0);
    // The worker that died could not say that the attempt failed: only the Service knows.
    assert_eq!(crashed.sum("temporal_activity_execution_failed", &[]), 0);
    assert_eq!(crashed.sum("temporal_activity_execution_latency", &[]), 5);
    assert_eq!(crashed.sum("temporal_activity_task_received", &[]), 6);
}

#[test]
fn a_task_that_fails_again_and_again_is_counted_by_the_worker_and_once_by_the_service() {
    let program = json!([["a", "Rehearse", { "arg": { "takes_ms": 100 } }], ["ret", 1]]);
    let other = json!([["t", 1], ["ret", 1]]);
    let start = StartWorkflow {
        workflow_id: "program-1".to_owned(),
        workflow_type: "ND".to_owned(),
        task_queue: "stage".to_owned(),
        ..StartWorkflow::default()
    };
    let mut setup = program::in_the_world(Setup::new(start, program::registry));
    setup.workers[0].cache = 0;
    setup.lasts = Span::secs(60);
    let mut watch = program::with(&program, || {
        let mut watch = Watch::of(Sim::with(setup, 7, Vec::new()).unwrap());
        while watch.sim().run().is_none_or(|run| run.log.last_id() < 5) {
            assert!(!watch.advance(1));
        }
        watch
    });
    program::with(&other, || watch.run_to_end());
    hangs_together(&watch);
    let metrics = watch.metrics();
    let by_worker = [("failure_reason", "NonDeterminismError")];
    assert!(metrics.sum("temporal_workflow_task_execution_failed", &by_worker) > 1);
    let by_service = [
        ("failure", "NonDeterministicError"),
        ("operation", "RespondWorkflowTaskFailed"),
        ("first_attempt", "true"),
    ];
    assert_eq!(metrics.sum("failed_workflow_tasks", &by_service), 1);
    let spans = watch.spans();
    let failed = spans
        .iter()
        .find(|span| span.name == "RunWorkflowTask:ND" && span.error.is_some());
    assert_eq!(text(failed.unwrap(), "error.type"), "NON_DETERMINISTIC_ERROR");
}

#[test]
fn a_failure_rate_counts_what_ended_in_the_window() {
    let watch = watched("payment-times-out-twice");
    let payments = watch.ends(Of::Activities(Some("ProcessPayment")));
    let now = watch.sim().now();
    assert_eq!(payments.rate(now, Span::secs(600)), FailureRate { ended: 3, failed: 2 });
    let all = watch.ends(Of::Activities(None)).rate(now, Span::secs(600));
    assert_eq!(all, FailureRate { ended: 7, failed: 2 });
    let workflows = watch.ends(Of::Workflows(Some("OrderOrchestration")));
    assert_eq!(
        workflows.rate(now, Span::secs(600)),
        FailureRate { ended: 1, failed: 0 }
    );
    // The first attempt is found to have failed when its limit of 60 s is over.
    let alarm = payments.first_over(Span::secs(300), 50, 1).unwrap();
    assert_eq!(alarm.since(SimTime::ZERO).0 / Span::secs(1).0, 60);
    assert_eq!(payments.first_over(Span::secs(300), 50, 4), None);
}

#[test]
fn an_outage_raises_an_alert_while_it_lasts() {
    let watch = watched("alert");
    let workflows = watch.ends(Of::Workflows(None));
    let all = workflows.rate(watch.sim().now(), Span::secs(600));
    assert_eq!(all, FailureRate { ended: 12, failed: 4 });
    // Too many of those that ended within half a minute.
    let alarm = workflows.first_over(Span::secs(30), 40, 3).unwrap();
    let rate = workflows.rate(alarm, Span::secs(30));
    assert!(rate.ended >= 3 && rate.is_over(40), "{rate:?}");
    assert!(alarm > SimTime::ZERO + Span::secs(35) && alarm < SimTime::ZERO + Span::secs(90));
    assert_eq!(workflows.rate(SimTime::ZERO + Span::secs(30), Span::secs(30)).failed, 0);

    let rule = Rule {
        percent: 40,
        window: Span::secs(30),
        least: 3,
    };
    let alerts = Alerts::of(&watch, rule);
    assert_eq!(alerts.workflows, Some(alarm));
    assert!(
        alerts.text().contains(&format!("4 of 12 failed; ALERT at {alarm}: ")),
        "{}",
        alerts.text()
    );
    assert!(!Alerts::of(&watched("all-goes-well"), Rule::default()).any());
}

#[test]
fn prometheus_text_has_help_type_and_series_of_every_metric() {
    let watch = watched("crash-after-charge");
    let text = prometheus::text(&watch.metrics());
    for expected in [
        "# TYPE temporal_workflow_task_replay_latency histogram\n",
        "# HELP activity_success Number of activities that succeeded (doesn't include retries).\n",
        "\ntemporal_worker_start{namespace=\"default\",task_queue=\"orders\",service_name=\"temporal-core-sdk\",\
         instance=\"worker-A@lab\"} 1\n",
        ",workflowType=\"OrderOrchestration\",activityType=\"ProcessPayment\",timeout_type=\"StartToClose\"} 1\n",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}
