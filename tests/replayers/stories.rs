//! The histories of the stories that are not about the saga, and the code that wrote them.

use prost::Message;
use sagascope::catalogue::stories::LAB;
use sagascope::catalogue::workflows;
use sagascope::catalogue::workflows::{
    order_orchestration_2, order_orchestration_2_deprecating, order_orchestration_2_patched, spot_check_drawn,
};
use sagascope::check::sweep::Sweep;
use sagascope::cluster::replayer;
use sagascope::history::proto::History;
use sagascope::sim::spec::RunSpec;
use sagascope::sim::story::Story;
use sagascope::worker::registry::Registry;
use temporalio_sdk::workflow_replayer::WorkflowReplayerOptions;

use crate::official;

macro_rules! code {
    ($($workflow:ty),*) => {{
        let mut options = WorkflowReplayerOptions::new().build();
        $(options.register_workflow::<$workflow>().expect("each type once");)*
        options
    }};
}

fn everybody() -> WorkflowReplayerOptions {
    replayer::options().expect("each type once")
}

fn told(spec: &RunSpec) -> Vec<(String, History)> {
    let mut sim = LAB.sim(spec).expect("a story of the catalogue");
    sim.run_to_end();
    let named = |run: &sagascope::service::run::Run| (format!("{spec}, {}", run.workflow_id), run.log.to_history());
    sim.runs().iter().map(named).collect()
}

/// What the code that everybody has does.
fn ordinary(story: &Story) -> bool {
    let (code, workflow_type) = (&story.setup.code, story.workflow_type());
    let ordinary = |code: &fn() -> Registry| code().source(workflow_type) == workflows::source(workflow_type);
    // The saga has a test of its own.
    workflow_type != "OrderOrchestration" && code.len() == 1 && code.iter().all(ordinary)
}

/// Every history that a crash can lead to, each once.
fn histories() -> Vec<(String, History)> {
    let mut histories = Vec::new();
    for story in LAB.all().iter().filter(|story| ordinary(story)) {
        histories.extend(told(&RunSpec::of(story.id)));
        let swept = matches!(
            story.chapter,
            "Patterns"
                | "Determinism"
                | "User registration"
                | "Approval"
                | "Circuit breaker"
                | "Data sync"
                | "Order processing"
                | "Order fulfilment"
                | "Payment with fallback"
                | "Idempotency"
        );
        if swept {
            let sweep = Sweep::new(LAB, &RunSpec::of(story.id)).expect("a story of the catalogue");
            for spec in sweep.ahead() {
                histories.extend(told(&spec));
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    histories.retain(|(_, history)| seen.insert(history.encode_to_vec()));
    histories
}

#[test]
#[expect(clippy::print_stdout, reason = "how much was tried is part of the result")]
fn the_rust_replayer_accepts_every_history() {
    let (names, histories): (Vec<_>, Vec<_>) = histories().into_iter().unzip();
    let verdicts = official::verdicts(&everybody(), &histories);
    for (name, verdict) in names.iter().zip(&verdicts) {
        assert_eq!(verdict, &None, "{name}");
    }
    println!("{} histories accepted", verdicts.len());
    assert!(verdicts.len() > 100, "{}", verdicts.len());
}

fn verdict(options: &WorkflowReplayerOptions, history: History) -> Option<String> {
    official::verdicts(options, &[history]).remove(0)
}

#[test]
fn what_was_drawn_by_a_local_activity_is_read_from_the_history() {
    let (_, history) = told(&RunSpec::of("dice-by-activity")).remove(0);
    assert_eq!(verdict(&code!(spot_check_drawn::SpotCheck), history), None);
}

#[test]
fn the_versions_of_the_saga_go_together_with_what_ours_does_and_with_nothing_else() {
    let patched = code!(order_orchestration_2_patched::OrderOrchestration);
    let unpatched = code!(order_orchestration_2::OrderOrchestration);
    let deprecating = code!(order_orchestration_2_deprecating::OrderOrchestration);

    let (_, old) = told(&RunSpec::of("deploy-unpatched")).remove(0);
    assert_eq!(verdict(&patched, old.clone()), None);
    let said = verdict(&unpatched, old).expect("refused");
    assert!(
        said.contains("'ProcessPayment' does not match activity type of activity command 'CheckFraud'"),
        "{said}"
    );

    let [(_, marked), (_, deprecated)] =
        <[_; 2]>::try_from(told(&RunSpec::of("patch-deprecated"))).expect("two orders");
    assert_eq!(verdict(&patched, marked.clone()), None);
    assert_eq!(verdict(&deprecating, marked.clone()), None);
    assert_eq!(verdict(&deprecating, deprecated.clone()), None);
    assert_eq!(verdict(&unpatched, deprecated), None);
    let said = verdict(&unpatched, marked).expect("refused");
    assert!(
        said.contains("Non-deprecated patch marker encountered for change check-fraud"),
        "{said}"
    );
}
