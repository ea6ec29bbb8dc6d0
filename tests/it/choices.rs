//! What the user does to a run, by steps and by the clock: to workers, and as a client.

use sagascope::base::chance::Chance;
use sagascope::base::time::{SimTime, Span};
use sagascope::catalogue::workflows::rehearsal::Rehearsal;
use sagascope::history::payload;
use sagascope::history::rules;
use sagascope::service::run::RunStatus;
use sagascope::sim::client::{Told, refusal_text};
use sagascope::sim::fault::Verb;
use sagascope::sim::node::WorkerName;
use sagascope::sim::report::report;
use sagascope::sim::script::{Action, When};
use sagascope::sim::setup::Setup;
use sagascope::sim::spec::{At, Choice, Deed};
use sagascope::sim::step::Step;
use sagascope::sim::{Sim, Verdict, text};
use sagascope::view::recorder::Recorder;

use crate::lab::{Scene, WORKFLOW, act, first, seen, setup};

fn with(setup: Setup, choices: &[&str]) -> Sim {
    let choices = choices.iter().map(|text| Choice::parse_words(text).unwrap()).collect();
    Sim::with(setup, 7, choices).unwrap()
}

fn played(setup: Setup, choices: &[&str]) -> (Sim, Verdict) {
    let mut sim = with(setup, choices);
    let verdict = sim.run_to_end();
    (sim, verdict)
}

/// What was said to each choice, in words.
fn told(sim: &Sim) -> Vec<String> {
    let said = |place| match sim.client().told(sim.act_of_choice(place)) {
        Some(Ok(Told::Outcome(outcome))) => payload::first_value(outcome.as_ref()).to_string(),
        Some(Ok(Told::Done | Told::Run(_))) => "done".to_owned(),
        Some(Err(refusal)) => refusal_text(refusal),
        None => "nothing".to_owned(),
    };
    (0..sim.spec().choices.len()).map(said).collect()
}

fn acted_at(sim: &Sim) -> Vec<SimTime> {
    let acted = sim
        .records()
        .iter()
        .filter(|record| matches!(record.what, Step::Acted { .. }));
    acted.map(|record| record.at).collect()
}

#[test]
fn a_client_acts_by_the_clock_and_hears_what_the_service_says() {
    let (sim, verdict) = played(
        setup("Sums", ()),
        &[
            "at 2s signal rehearsal-1 add 4",
            "at 3s query rehearsal-1 sum",
            "at 1h update rehearsal-1 add_slowly 6",
            "at 24h query rehearsal-1 sum",
            "at 25h signal rehearsal-1 add 1",
            "at 26h signal nobody add 1",
            "at 27h query rehearsal-1 product",
        ],
    );
    assert_eq!(verdict, Verdict::Settled, "{}", report(&sim));
    let told = told(&sim);
    assert_eq!(
        told[..6],
        [
            "done",
            "4",
            "10",
            "10",
            "workflow execution already completed",
            "workflow not found for ID: nobody"
        ]
    );
    assert!(told[6].contains("product"), "{}", told[6]);
    let at = [2, 3, 3_600, 86_400, 90_000, 93_600, 97_200].map(|s| SimTime::ZERO + Span::secs(s));
    assert_eq!(acted_at(&sim), at);
    let lines = report(&sim);
    for line in [
        "0:02.000  -  > a client signals rehearsal-1: add",
        "a client hears the answer: 10",
        "26:00:00.000  -  ? a client signals nobody: add, and the Service refuses: workflow not found for ID: nobody",
    ] {
        assert!(lines.contains(line), "{line}\n{lines}");
    }
}

#[test]
fn a_client_acts_when_so_many_steps_are_done() {
    let (sim, _) = played(
        setup("Sums", ()),
        &["at step 0 signal rehearsal-1 add 1", "at 5 signal rehearsal-1 add 10"],
    );
    assert_eq!(told(&sim), ["workflow not found for ID: rehearsal-1", "done"]);
    assert!(matches!(sim.records()[0].what, Step::Acted { .. }));
    assert!(matches!(sim.records()[5].what, Step::Acted { .. }));
}

#[test]
fn the_user_waits_neither_for_the_script_nor_the_script_for_the_user() {
    let mut waits = setup("Sums", ());
    let never = When::AttemptStarted {
        workflow: WORKFLOW.to_owned(),
        activity_id: "1".to_owned(),
        attempt: 9,
    };
    waits.script = vec![act(never, Action::Kill(WorkerName(0)))];
    let (sim, verdict) = played(waits, &["at 1m terminate rehearsal-1 enough"]);
    assert_eq!((verdict, sim.client().watches()), (Verdict::Stuck, Some(1)));
    assert_eq!(sim.run().unwrap().status(), RunStatus::Terminated);

    // The update is never answered, because nobody works on it; the story is over all the same.
    let mut over = setup("Sums", ());
    over.script = vec![act(When::Next, Action::Kill(WorkerName(0)))];
    over.lasts = Span::secs(30);
    let choices = ["at 1s update rehearsal-1 add_slowly 1", "at 1h restart A"];
    let (sim, verdict) = played(over, &choices);
    assert_eq!(verdict, Verdict::Over);
    assert_eq!(told(&sim)[0], "nothing");
    let unused = sim.unused_choices();
    assert_eq!(unused.len(), 1);
    let never = text::never(&sim, unused[0]);
    assert!(
        never.starts_with("1h:restart:A never comes: the run is over at 0:"),
        "{never}"
    );
}

#[test]
fn cancel_terminate_and_reset_do_what_an_operator_does() {
    let (sim, verdict) = played(setup("Sums", ()), &["at 1s cancel rehearsal-1"]);
    assert_eq!(verdict, Verdict::Settled);
    assert_eq!(sim.run().unwrap().status(), RunStatus::Canceled);

    let choices = [
        "at 1s signal rehearsal-1 add 3",
        "at 2s reset rehearsal-1 LastWorkflowTask again, please",
        "at 3s query rehearsal-1 sum",
        "at 4s terminate rehearsal-1 enough",
        "at 5s reset rehearsal-1 77",
    ];
    let (sim, verdict) = played(setup("Sums", ()), &choices);
    assert_eq!(verdict, Verdict::Settled);
    assert_eq!(
        told(&sim),
        [
            "done",
            "done",
            "3",
            "done",
            "Workflow task finish ID must be > 1 && <= workflow last event ID."
        ]
    );
    let statuses: Vec<_> = sim.runs().iter().map(|run| run.status()).collect();
    assert_eq!(statuses, [RunStatus::Terminated, RunStatus::Terminated]);

    let (sim, _) = played(setup("Sums", ()), &["at 0 reset rehearsal-1 FirstWorkflowTask"]);
    assert_eq!(told(&sim), ["workflow not found for ID: rehearsal-1"]);
}

#[test]
fn a_worker_dies_and_comes_back_by_the_clock() {
    let scene = Scene::of(Rehearsal {
        takes_ms: 10_000,
        ..Rehearsal::default()
    });
    let (sim, verdict) = played(setup("Rehearses", [scene]), &["at 2s kill A", "at 1h30m restart A"]);
    assert_eq!(verdict, Verdict::Settled);
    let crashed = first(&sim, |step| matches!(step, Step::Crashed { .. }));
    assert_eq!(crashed.at, SimTime::ZERO + Span::secs(2));
    let restarted = first(&sim, |step| matches!(step, Step::Restarted { .. }));
    assert_eq!(restarted.at, SimTime::ZERO + Span::secs(5_400));
}

#[test]
fn what_waits_for_the_user_says_when_he_comes() {
    let mut recorder = Recorder::of(with(
        setup("Sums", ()),
        &["at 1s kill A", "at 2s signal rehearsal-1 add 10", "at 1m restart A"],
    ));
    while !recorder.advance(100) {}
    let recording = recorder.finish();
    let waited = |text: &str| {
        (0..=recording.last())
            .map(|step| recording.moment(0, step))
            .any(|moment| moment.waiting.text.contains(text))
    };
    assert!(waited("somebody is about to act"));
    assert!(waited("worker A starts at"));
    assert_eq!(recording.choices[1], "2s:signal:rehearsal-1:add:10");
}

/// Whatever a client asks for, whenever: histories stay well-formed, and the same choices make the same run.
#[test]
fn whatever_a_client_does_whenever_the_history_is_one() {
    let deeds = [
        "signal rehearsal-1 add 4",
        "query rehearsal-1 sum",
        "update rehearsal-1 add_slowly 5",
        "cancel rehearsal-1",
        "terminate rehearsal-1",
        "reset rehearsal-1 FirstWorkflowTask",
        "reset rehearsal-1 LastWorkflowTask",
        "crash A",
    ];
    let mut refused = 0;
    for number in 0..300 {
        let chance = Chance::new(number);
        let draw = |what: &str, key: u64, below: usize| chance.draw(what, &[key]) as usize % below;
        let choices: Vec<String> = (0..2 + draw("choices", 0, 5) as u64)
            .map(|key| {
                let deed = deeds[draw("deed", key, deeds.len())];
                match draw("by", key, 2) {
                    0 => format!("at step {} {deed}", draw("step", key, 30)),
                    _ => format!("at {}ms {deed}", draw("time", key, 8_000)),
                }
            })
            .collect();
        let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
        let (sim, _) = played(setup("Sums", ()), &choices);
        for run in sim.runs() {
            let findings = rules::check(run.log.events());
            assert!(findings.is_empty(), "{choices:?}: {findings:?}\n{}", report(&sim));
        }
        assert_eq!(report(&sim), report(&played(setup("Sums", ()), &choices).0));
        refused += seen(&sim, |step| match step {
            Step::Acted { refused: Some(_), .. } => Some(()),
            _ => None,
        })
        .len();
    }
    assert!(refused > 100, "{refused}");
}

// ---- Spelling.

/// Text of all kinds, the signs of addresses among them.
fn any_text(chance: Chance, what: &str, key: u64) -> String {
    let signs: Vec<char> = "abzAZ09-_./@ :,&=?#%~+\"'{}[]\\\tßλ日🙂".chars().collect();
    let draw = |place: u64| chance.draw(what, &[key, place]);
    (0..1 + draw(0) % 12)
        .map(|at| signs[draw(at + 1) as usize % signs.len()])
        .collect()
}

fn any_choice(key: u64) -> Choice {
    use sagascope::sim::choice::{ClientRequest, ClientVerb};
    let chance = Chance::new(11);
    let draw = |what: &str| chance.draw(what, &[key]);
    let at = match draw("at") % 3 {
        0 => At::Step(draw("step") as u32 % 5_000),
        1 => At::Time(SimTime(draw("time") % 1_000_000_000_000)),
        _ => At::Time(SimTime::ZERO + Span::secs(draw("time") % 100_000)),
    };
    let deed = if draw("whom") % 4 == 0 {
        let verb = Verb::ALL[draw("verb") as usize % Verb::ALL.len()];
        Deed::Worker(verb, WorkerName(draw("worker") as u8 % 26))
    } else {
        let verb = ClientVerb::ALL[draw("verb") as usize % ClientVerb::ALL.len()];
        let text = any_text(chance, "more", key);
        Deed::Client(ClientRequest {
            verb,
            workflow_id: any_text(chance, "workflow", key),
            name: match verb {
                ClientVerb::Signal | ClientVerb::Query | ClientVerb::Update => any_text(chance, "name", key),
                ClientVerb::Reset => (draw("event") % 100).to_string(),
                ClientVerb::Cancel | ClientVerb::Terminate => String::new(),
            },
            more: match verb {
                _ if draw("bare") % 3 == 0 => String::new(),
                ClientVerb::Signal | ClientVerb::Query | ClientVerb::Update => {
                    serde_json::json!({ "text": text }).to_string()
                }
                ClientVerb::Cancel | ClientVerb::Terminate | ClientVerb::Reset => text,
            },
        })
    };
    Choice { at, deed }
}

#[test]
fn every_choice_reads_back_as_it_is_written() {
    for key in 0..3_000 {
        let choice = any_choice(key);
        let text = choice.to_string();
        assert_eq!(Choice::parse(&text).as_ref(), Ok(&choice), "{text}");
        let safe = |c: char| c.is_ascii_alphanumeric() || "-._/@~:".contains(c);
        assert!(text.chars().all(safe), "{text}");
    }
}

#[test]
fn words_and_address_say_the_same() {
    for (words, address) in [
        ("at step 41 kill A", "41:kill:A"),
        ("41 kill a", "41:kill:A"),
        ("at 90s restart B", "90s:restart:B"),
        ("at 1h30m launch A", "90m:launch:A"),
        (
            "at 12s signal order-1 approve {\"by\": \"ann\"}",
            "12s:signal:order-1:approve:~7B~22by~22~3A~20~22ann~22~7D",
        ),
        ("at 12s  query  order-1  status", "12s:query:order-1:status"),
        ("at 0s cancel order-1", "0s:cancel:order-1"),
        (
            "at 1500ms terminate order-1 no more: ~",
            "1500ms:terminate:order-1:no~20more~3A~20~7E",
        ),
        (
            "at 2m reset order-1 LastWorkflowTask",
            "2m:reset:order-1:LastWorkflowTask",
        ),
    ] {
        let choice = Choice::parse_words(words).unwrap();
        assert_eq!(choice.to_string(), address);
        assert_eq!(Choice::parse(address).unwrap(), choice);
    }
    // What means nothing in an address needs no escape.
    let plain = Choice::parse("12s:signal:order-1:approve:{\"by\":\"ann\"}").unwrap();
    assert_eq!(
        plain.to_string(),
        "12s:signal:order-1:approve:~7B~22by~22~3A~22ann~22~7D"
    );
    assert_eq!(plain.label(), "signal order-1 approve at 12s");
}

#[test]
fn a_choice_that_makes_no_sense_is_refused_with_what_to_write() {
    for (words, told) in [
        ("", "write “at STEP VERB WORKER”, or “at TIME VERB WORKFLOW NAME”"),
        ("at noon kill A", "a time like 12s"),
        ("at 12 s kill A", "the verb must be signal,"),
        ("at 12s tickle order-1", "the verb must be signal,"),
        ("at 12s kill", "write “at STEP VERB WORKER”"),
        ("at 12s signal", "write “at 12s signal ID NAME [JSON]”"),
        ("at 12s signal order-1", "write “at 12s signal ID NAME [JSON]”"),
        ("at 12s cancel", "write “at 12s cancel ID [REASON]”"),
        ("at 12s reset order-1", "write “at 12s reset ID EVENT [REASON]”"),
        (
            "at 12s reset order-1 start",
            "must be the number of an event, FirstWorkflowTask or LastWorkflowTask",
        ),
        ("at 12s signal order-1 approve yes", "the input is no JSON: "),
    ] {
        let said = Choice::parse_words(words).unwrap_err().to_string();
        assert!(said.contains(told), "{words}: {said}");
    }
    for (address, told) in [
        ("12s:signal:order-1", "write 12s:signal:ID:NAME:[JSON]"),
        ("12s:signal:order-1:approve:{\"a\":1", "and a comma is ~2C"),
        ("12s:cancel:a~", "~ itself is ~7E"),
        ("12s:cancel:a~ff", "~ itself is ~7E"),
        ("12s:cancel:a~+1", "~ itself is ~7E"),
        ("12s:cancel:~日", "~ itself is ~7E"),
        ("99999999999999999999s:kill:A", "a time like 12s"),
    ] {
        let said = Choice::parse(address).unwrap_err().to_string();
        assert!(said.contains(told), "{address}: {said}");
    }
    let later = Choice::parse("900000h:cancel:order-1").unwrap();
    let said = Sim::with(setup("Sums", ()), 7, vec![later]).err().unwrap().to_string();
    assert!(said.contains("no run is longer than 876000h"), "{said}");
}
