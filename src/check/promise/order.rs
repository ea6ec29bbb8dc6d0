//! What the order saga promises: money, stock, parcels and mails are as its result says, and nothing is there twice.

use super::{End, Promise};
use crate::base::sorted::SortedMap;
use crate::world::{Balance, money};

pub(super) fn promises(end: &End<'_>) -> Vec<Promise> {
    let balance = end.sim.world().balance();
    let total = end.input["total"].as_u64().unwrap_or(0);
    let currency = end.input["currency"].as_str().unwrap_or_default();
    let ordered: u64 = end.input["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["quantity"].as_u64())
        .sum();
    let completed = end.result["status"] == "completed";
    vec![
        money_promise(&balance, if completed { total } else { 0 }, currency),
        stock_promise(&balance, if completed { ordered } else { 0 }),
        parcel_promise(&balance, u32::from(completed)),
        mail_promise(&balance, u32::from(completed)),
    ]
}

fn money_promise(balance: &Balance, owed: u64, currency: &str) -> Promise {
    let captured = balance.captured_minor;
    let refunded = balance.refunded_minor;
    Promise {
        sentence: "the customer pays exactly what the outcome says",
        held: captured.checked_sub(refunded) == Some(owed),
        seen: format!(
            "charged {}, refunded {}, owed {}",
            money(captured, currency),
            money(refunded, currency),
            money(owed, currency)
        ),
    }
}

fn stock_promise(balance: &Balance, owed: u64) -> Promise {
    let sum = |pieces: &SortedMap<String, u32>| pieces.values().map(|n| u64::from(*n)).sum::<u64>();
    let (reserved, sold) = (sum(&balance.reserved), sum(&balance.sold));
    Promise {
        sentence: "stock leaves the warehouse for this order once, and nothing stays reserved",
        held: reserved == 0 && sold == owed,
        seen: format!("{sold} sold, {reserved} still reserved, {owed} owed"),
    }
}

fn parcel_promise(balance: &Balance, owed: u32) -> Promise {
    Promise {
        sentence: "one parcel for a completed order, none otherwise",
        held: balance.parcels == owed,
        seen: format!("{} sent, {owed} owed", balance.parcels),
    }
}

fn mail_promise(balance: &Balance, at_most: u32) -> Promise {
    Promise {
        sentence: "the customer is told at most once, and only of a completed order",
        held: balance.mails <= at_most,
        seen: format!("{} sent", balance.mails),
    }
}
