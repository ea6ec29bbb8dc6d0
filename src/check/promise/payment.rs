//! What a payment promises: what was charged, through whichever channel and less what was given back, is what its result
//! says.

use serde_json::Value;

use super::order::money_promise;
use super::{End, Promise};

pub(super) fn promises(end: &End<'_>) -> Vec<Promise> {
    let charged = end.result["transaction_id"].is_string();
    let currency = end.input["currency"].as_str().unwrap_or_default();
    let owed = if charged { owed(&end.input) } else { 0 };
    vec![money_promise(&end.sim.world().balance(), owed, currency)]
}

/// In cents: an amount, or the sum of prices in cents or in euros.
fn owed(input: &Value) -> u64 {
    let cents = |price: &Value| {
        price
            .as_u64()
            .or_else(|| price.as_f64().map(|euros| (euros * 100.0).round() as u64))
            .unwrap_or(0)
    };
    input["amount"].as_u64().unwrap_or_else(|| {
        let prices = input["prices"].as_array();
        prices.into_iter().flatten().map(cents).fold(0, u64::saturating_add)
    })
}
