//! The patterns of which workflows are made, each as small as it can be: a buyer asks suppliers for quotes and orders.

use serde_json::{Value, json};

use super::{InWorld as _, Story, shop};
use crate::catalogue::world::WorldConfig;

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        pattern(
            "sequence",
            "Sequence",
            "One activity after the other: what the first returns, the second takes.",
            "Sequence",
            &request("Alder", 10),
        ),
        pattern(
            "parallel",
            "Parallel with join",
            "Three suppliers are asked at once; the join waits for the slowest, and the cheapest gets the order.",
            "Parallel",
            &wanted(&["Alder", "Birch", "Cedar"]),
        ),
        pattern(
            "parallel-one-fails",
            "Parallel, one branch fails",
            "Elm has nothing to sell: its branch fails, the join has the others' quotes, and the workflow goes on with those.",
            "Parallel",
            &wanted(&["Alder", "Elm", "Birch"]),
        ),
        pattern(
            "parallel-all-fail",
            "Parallel, all branches fail",
            "Whoever is asked has nothing to sell: the workflow says so by failing itself.",
            "Parallel",
            &wanted(&["Elm", "Elm"]),
        ),
        pattern(
            "condition-small",
            "Condition: a small order",
            "The price is below the limit, so the order is placed at once.",
            "Condition",
            &request("Birch", 10),
        ),
        pattern(
            "condition-large",
            "Condition: a large order",
            "The price is above the limit, so a discount is asked for first; a replay takes the same way, for it has the same price.",
            "Condition",
            &request("Birch", 100),
        ),
        pattern(
            "loop",
            "Loop with a timer",
            "The buyer haggles, an hour between two rounds, until the price is low enough: hours pass in a blink, and no worker is busy meanwhile.",
            "Loop",
            &json!([request("Alder", 10), 11_500]),
        ),
        pattern(
            "loop-gives-up",
            "Loop that gives up",
            "The price never gets low enough: after the last round the loop ends, and the workflow fails with it.",
            "Loop",
            &json!([request("Alder", 10), 9_000]),
        ),
        pattern(
            "select",
            "Select: the first of several",
            "Alder answers first and gets the order; Cedar has lost, is called off, and learns of it with its next heartbeat.",
            "Select",
            &json!([request("Cedar", 10), request("Alder", 10)]),
        ),
        pattern(
            "select-deadline",
            "Select: nobody in time",
            "Both suppliers take minutes: the timer is first, everybody is called off, and the workflow fails.",
            "Select",
            &json!([request("Gorse", 10), request("Gorse", 20)]),
        ),
        pattern(
            "children",
            "Child workflows",
            "A shopping list: each thing on it is bought by a child workflow with a history of its own.",
            "Children",
            &json!([
                thing("SKU-1", "Alder"),
                thing("SKU-2", "Birch"),
                thing("SKU-3", "Cedar")
            ]),
        ),
        pattern(
            "children-one-fails",
            "Child workflows, one fails",
            "Elm has nothing to sell: that child fails, and its parent is told and returns what could be bought.",
            "Children",
            &json!([thing("SKU-1", "Alder"), thing("SKU-2", "Elm")]),
        ),
    ]
}

fn pattern(id: &'static str, title: &'static str, sentence: &'static str, workflow_type: &str, input: &Value) -> Story {
    purchase([id, title, sentence], workflow_type).input_is(input)
}

/// A story of a buyer, in a world that keeps no ledgers.
pub(super) fn purchase(texts: [&'static str; 3], workflow_type: &str) -> Story {
    shop(texts, workflow_type, "purchase-1").world(|world| *world = WorldConfig::of(&[]))
}

/// So many pieces of one product from that supplier.
pub(super) fn request(supplier: &str, pieces: u32) -> Value {
    json!({ "supplier": supplier, "product": "SKU-7", "pieces": pieces })
}

/// Ten pieces of one product from any of these.
pub(super) fn wanted(suppliers: &[&str]) -> Value {
    json!({ "product": "SKU-7", "pieces": 10, "suppliers": suppliers })
}

fn thing(product: &str, supplier: &str) -> Value {
    json!({ "supplier": supplier, "product": product, "pieces": 10 })
}
