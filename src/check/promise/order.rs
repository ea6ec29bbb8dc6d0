//! What order workflows promise: money, stock, parcels and mails are as their results say, and nothing is there twice.

use super::{End, Promise};
use crate::base::sorted::SortedMap;
use crate::world::{Balance, money};

/// What the orders of a run come to, all of them together.
#[derive(Default)]
struct Owed {
    orders: u32,
    pieces: u64,
    money: u64,
}

/// Of an order that is shipped.
pub(super) fn promises(end: &End<'_>) -> Vec<Promise> {
    let mut promises = processed(end);
    let parcels = parcel_promise(&end.sim.world().balance(), owed(end).orders);
    promises.insert(2, parcels);
    promises
}

/// Of an order that stays in the stockroom.
pub(super) fn processed(end: &End<'_>) -> Vec<Promise> {
    let (balance, owed) = (end.sim.world().balance(), owed(end));
    let currency = end.input["currency"].as_str().unwrap_or_default();
    vec![
        money_promise(&balance, owed.money, currency),
        stock_promise(&balance, owed.pieces),
        mail_promise(&balance, owed.orders),
    ]
}

/// Of an order that is packed there.
pub(super) fn packed(end: &End<'_>) -> Vec<Promise> {
    let packed = end.sim.world().balance().counts["orders packed"];
    let owed = owed(end).orders;
    let mut promises = processed(end);
    promises.push(Promise {
        sentence: "an order is packed if it is completed",
        held: packed == u64::from(owed),
        seen: format!("{packed} packed, {owed} owed"),
    });
    promises
}

fn owed(end: &End<'_>) -> Owed {
    let mut owed = Owed::default();
    for (input, result) in end.all() {
        if result["status"] == "completed" {
            let items = input["items"].as_array().into_iter().flatten();
            owed.orders += 1;
            owed.pieces += items.filter_map(|item| item["quantity"].as_u64()).sum::<u64>();
            owed.money += input["total"].as_u64().unwrap_or(0);
        }
    }
    owed
}

pub(super) fn money_promise(balance: &Balance, owed: u64, currency: &str) -> Promise {
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
