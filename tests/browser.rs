//! In a real browser: that a run is the same there as natively, and that the page mounts. Everything else is tested
//! natively or on the built page. Run with `./dev test` or `wasm-pack test --headless --chrome`.

#![cfg(all(target_arch = "wasm32", feature = "page"))]

use sagascope::catalogue::stories::LAB;
use sagascope::sim::Verdict;
use sagascope::sim::report::report;
use sagascope::sim::spec::RunSpec;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// The golden files of the native tests: the trace of each story, with digests of its histories.
macro_rules! goldens {
    ($($story:literal),* $(,)?) => {
        [$((
            $story,
            include_str!(concat!("stories/", $story, ".txt")),
        )),*]
    };
}

#[wasm_bindgen_test]
fn every_story_is_the_same_run_here_as_natively_to_the_byte() {
    let goldens = goldens![
        "all-goes-well",
        "order-invalid",
        "out-of-stock",
        "payment-times-out-twice",
        "card-declined",
        "address-rejected",
        "worker-dies",
        "crash-after-charge",
        "crash-after-charge-no-keys",
        "both-workers-dead",
        "mail-server-down",
        "mail-bounces",
        "order-processed",
        "stock-short",
        "payment-flaky",
        "start-to-close",
        "payment-fails-stock-gone",
        "payment-fails-stock-back",
        "schedule-to-close",
        "schedule-to-start",
        "heartbeat",
        "order-fulfilled",
        "large-order-approved",
        "large-order-refused",
        "large-order-forgotten",
        "shipping-fails-refund",
        "parcel-and-refund",
        "primary-pays",
        "fallback-pays",
        "both-channels-down",
        "charged-twice",
        "charged-once-after-silence",
        "charge-arrives-late",
        "neither-channel-pays",
        "answer-lost",
        "answer-lost-no-keys",
        "reservation-leaks",
        "reservation-returned",
        "charge-kept",
        "charge-returned",
        "parcel-asked-for-again",
        "no-limit",
        "money-in-floats",
        "money-in-cents",
        "registration-verified",
        "registration-never-verified",
        "registration-last-moment",
        "registration-too-late",
        "registration-nobody-awake",
        "registration-called-off",
        "approval-all-levels",
        "approval-refused",
        "approval-wrong-votes",
        "approval-superior",
        "approval-nobody-answers",
        "breaker-per-call",
        "breaker-opens",
        "breaker-probe-succeeds",
        "breaker-probe-fails",
        "breaker-dies-while-open",
        "breaker-continues-as-new",
        "sync-goes-well",
        "sync-worker-dies",
        "sync-worker-dies-no-keys",
        "sync-source-down",
        "sync-continues-as-new",
        "sequence",
        "parallel",
        "parallel-one-fails",
        "parallel-all-fail",
        "condition-small",
        "condition-large",
        "loop",
        "loop-gives-up",
        "select",
        "select-deadline",
        "children",
        "children-one-fails",
        "workers-one",
        "workers-four",
        "workers-share",
        "workers-slow-and-dead",
        "no-worker",
        "queue-misspelt",
        "activity-not-registered",
        "waits-for-timeout",
        "heartbeat-tells",
        "dice-wrong",
        "dice-right",
        "dice-by-activity",
        "clock-wrong",
        "clock-right",
        "deploy-unpatched",
        "deploy-patched",
        "patch-removed-too-early",
        "patch-deprecated",
        "alert",
    ];
    assert!(
        goldens.iter().map(|(story, _)| *story).eq(LAB.ids()),
        "a story is missing here"
    );
    for (story, trace) in goldens {
        let mut sim = LAB.sim(&RunSpec::of(story)).expect("a known story");
        assert_eq!(sim.run_to_end(), Verdict::Settled, "{story}");
        assert!(report(&sim) == trace, "{story}: the trace differs from the native one");
    }
}

#[wasm_bindgen_test]
fn a_run_with_crashes_is_the_same_here_as_natively() {
    let spec = RunSpec::parse("mail-server-down?seed=18446744073709551615&do=5:crash:A,5:crash:B,40:kill:B")
        .expect("an address");
    let mut sim = LAB.sim(&spec).expect("a known story");
    sim.run_to_end();
    assert!(
        report(&sim) == include_str!("golden/crashes.txt"),
        "the trace differs from the native one"
    );
}

#[wasm_bindgen_test]
async fn the_page_mounts_and_says_its_name() {
    sagascope::page::mount(LAB);
    let body = leptos::prelude::document().body().expect("a document has a body");
    // In a task of its own; if it never comes, the runner's patience ends this.
    while !body.text_content().unwrap_or_default().contains("Sagascope") {
        gloo_timers::future::TimeoutFuture::new(10).await;
    }
}
