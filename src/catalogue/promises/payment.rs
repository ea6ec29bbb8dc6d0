//! What a payment promises: what was charged, through whichever channel and less what was given back, is what its result
//! says.

use serde_json::Value;

use super::order::{PAID_AS_SAID, money_is};
use crate::sim::promise::Promise;

pub(super) fn money() -> Promise {
    Promise::new(PAID_AS_SAID, |end| {
        let charged = end.result()["transaction_id"].is_string();
        let owed = if charged { owed(&end.input()) } else { 0 };
        money_is(end, owed)
    })
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
