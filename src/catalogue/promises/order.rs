//! What order workflows promise: money, stock, parcels and mails are as their results say, and nothing is there twice.

use super::count;
use crate::base::sorted::SortedMap;
use crate::catalogue::world::{World, money};
use crate::sim::promise::{End, Judged, Promise};

/// What whoever takes money promises.
pub(super) const PAID_AS_SAID: &str = "the customer pays exactly what the outcome says";

/// Of an order that is shipped.
pub(super) fn shipped() -> Vec<Promise> {
    vec![payment(), stock(), parcel(), mail()]
}

/// Of an order that stays in the stockroom.
pub(super) fn processed() -> Vec<Promise> {
    vec![payment(), stock(), mail()]
}

/// Of an order that is packed there.
pub(super) fn packed() -> Vec<Promise> {
    vec![payment(), stock(), mail(), packing()]
}

/// Whether the customer has paid so much and no more, in minor units.
pub(super) fn money_is(end: &End<'_>, owed: u64) -> Judged {
    let balance = World::of(end.sim()).balance();
    let (captured, refunded) = (balance.captured_minor, balance.refunded_minor);
    let input = end.input();
    let currency = input["currency"].as_str().unwrap_or_default();
    Judged::new(
        captured.checked_sub(refunded) == Some(owed),
        format!(
            "charged {}, refunded {}, owed {}",
            money(captured, currency),
            money(refunded, currency),
            money(owed, currency)
        ),
    )
}

fn payment() -> Promise {
    Promise::new(PAID_AS_SAID, |end| money_is(end, Owed::at(end).money))
}

fn stock() -> Promise {
    Promise::new(
        "stock leaves the warehouse for this order once, and nothing stays reserved",
        |end| {
            let (balance, owed) = (World::of(end.sim()).balance(), Owed::at(end).pieces);
            let sum = |pieces: &SortedMap<String, u32>| pieces.values().map(|n| u64::from(*n)).sum::<u64>();
            let (reserved, sold) = (sum(&balance.reserved), sum(&balance.sold));
            Judged::new(
                reserved == 0 && sold == owed,
                format!("{sold} sold, {reserved} still reserved, {owed} owed"),
            )
        },
    )
}

fn parcel() -> Promise {
    Promise::new("one parcel for a completed order, none otherwise", |end| {
        let (sent, owed) = (World::of(end.sim()).balance().parcels, Owed::at(end).orders);
        Judged::new(sent == owed, format!("{sent} sent, {owed} owed"))
    })
}

fn mail() -> Promise {
    Promise::new(
        "the customer is told at most once, and only of a completed order",
        |end| {
            let sent = World::of(end.sim()).balance().mails;
            Judged::new(sent <= Owed::at(end).orders, format!("{sent} sent"))
        },
    )
}

fn packing() -> Promise {
    Promise::new("an order is packed if it is completed", |end| {
        let (packed, owed) = (count(end, "orders packed"), Owed::at(end).orders);
        Judged::new(packed == u64::from(owed), format!("{packed} packed, {owed} owed"))
    })
}

/// What the orders of a run come to, all of them together.
#[derive(Default)]
struct Owed {
    orders: u32,
    pieces: u64,
    money: u64,
}

impl Owed {
    fn at(end: &End<'_>) -> Self {
        let mut owed = Self::default();
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
}
