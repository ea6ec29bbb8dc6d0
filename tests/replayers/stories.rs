//! The histories of the stories that are not about the saga, and the code that wrote them.

use prost::Message;
use sagascope::check::sweep::Sweep;
use sagascope::history::proto::History;
use sagascope::sim::Sim;
use sagascope::sim::spec::RunSpec;
use sagascope::sim::story::{self, Chapter, Story};
use sagascope::workflows::approval::Approval;
use sagascope::workflows::breaker_per_call::BreakerPerCall;
use sagascope::workflows::careful_order::CarefulOrder;
use sagascope::workflows::charge::Charge;
use sagascope::workflows::charge_in_floats::ChargeInFloats;
use sagascope::workflows::circuit_breaker::CircuitBreaker;
use sagascope::workflows::data_sync::DataSync;
use sagascope::workflows::guarded_call::GuardedCall;
use sagascope::workflows::late_answer::LateAnswer;
use sagascope::workflows::order_fulfilment::OrderFulfilment;
use sagascope::workflows::order_processing::OrderProcessing;
use sagascope::workflows::order_with_packing::OrderWithPacking;
use sagascope::workflows::pattern_children::Children;
use sagascope::workflows::pattern_condition::Condition;
use sagascope::workflows::pattern_loop::Looping;
use sagascope::workflows::pattern_parallel::Parallel;
use sagascope::workflows::pattern_select::Select;
use sagascope::workflows::pattern_sequence::Sequence;
use sagascope::workflows::payment_with_fallback::PaymentWithFallback;
use sagascope::workflows::reconciled_payment::ReconciledPayment;
use sagascope::workflows::spot_check::SpotCheck;
use sagascope::workflows::user_registration::UserRegistration;
use sagascope::workflows::{
    order_orchestration_2, order_orchestration_2_deprecating, order_orchestration_2_patched, spot_check_drawn,
};
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
    code!(
        Sequence,
        Parallel,
        Condition,
        Looping,
        Select,
        Children,
        SpotCheck,
        LateAnswer,
        UserRegistration,
        Approval,
        BreakerPerCall,
        CircuitBreaker,
        GuardedCall,
        DataSync,
        CarefulOrder,
        Charge,
        ChargeInFloats,
        OrderFulfilment,
        OrderProcessing,
        OrderWithPacking,
        PaymentWithFallback,
        ReconciledPayment
    )
}

fn told(spec: &RunSpec) -> Vec<(String, History)> {
    let mut sim = Sim::new(spec).expect("a story of the catalogue");
    sim.run_to_end();
    let named = |run: &sagascope::service::run::Run| (format!("{spec}, {}", run.workflow_id), run.log.to_history());
    sim.runs().iter().map(named).collect()
}

/// What the code that everybody has does.
fn ordinary(story: &Story) -> bool {
    let code = &story.setup.code;
    let known = [
        "Sequence",
        "Parallel",
        "Condition",
        "Loop",
        "Select",
        "Children",
        "SpotCheck",
        "LateAnswer",
        "UserRegistration",
        "Approval",
        "BreakerPerCall",
        "CircuitBreaker",
        "DataSync",
        "CarefulOrder",
        "Charge",
        "ChargeInFloats",
        "OrderFulfilment",
        "OrderProcessing",
        "OrderWithPacking",
        "PaymentWithFallback",
        "ReconciledPayment",
    ];
    known.contains(&story.workflow_type()) && code.len() == 1 && code[0]().file(story.workflow_type()).is_none()
}

/// Every history that a crash can lead to, each once.
fn histories() -> Vec<(String, History)> {
    let mut histories = Vec::new();
    for story in story::all().iter().filter(|story| ordinary(story)) {
        histories.extend(told(&RunSpec::of(story.id)));
        let swept = matches!(
            story.chapter,
            Chapter::Patterns
                | Chapter::Determinism
                | Chapter::Registration
                | Chapter::Approval
                | Chapter::CircuitBreaker
                | Chapter::DataSync
                | Chapter::OrderProcessing
                | Chapter::Fulfilment
                | Chapter::PaymentFallback
                | Chapter::Idempotency
        );
        if swept {
            let sweep = Sweep::new(&RunSpec::of(story.id)).expect("a story of the catalogue");
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
