//! The suppliers' activities. Nothing is kept here: what a supplier answers follows from what it is asked, so a call may
//! be repeated as often as anybody likes.
//!
//! | supplier | a piece | answers after | |
//! | --- | --- | --- | --- |
//! | Alder | €12.50 | 0.4 s | |
//! | Birch | €10.90 | 0.9 s | |
//! | Cedar | €9.80 | 25 s | reports that it is at it, and stops when it is asked to |
//! | Dogwood | €10.40 | 12 s | like Cedar |
//! | Elm | | 0.6 s | has nothing to sell |
//! | Gorse | €9.50 | 5 min | like Cedar |
//!
//! Any other name is a supplier, too, with a price and a pace that follow from the name.

use serde_json::Value;

use super::activities::{Activity, Course};
use super::shop::{json, takes};
use crate::base::chance::Chance;
use crate::base::time::Span;
use crate::catalogue::workflows::supplier_activities::{Purchase, Quote, QuoteRequest};
use crate::sim::outside::{ActivityError, Beats, OnCancel, Plan};

pub(super) const ACTIVITIES: &[Activity] = &[
    Activity {
        type_name: "AskForQuote",
        system: None,
        course: Course::Planned(|call| Ok(asking(&supplier(&call.decode::<QuoteRequest>()?.supplier)))),
        perform: |_, _, call| quote(&call.decode()?),
    },
    Activity {
        type_name: "PlaceOrder",
        system: None,
        course: takes(1_000, 1_500),
        perform: |_, _, call| {
            let quote: Quote = call.decode()?;
            Ok(json(&Purchase {
                number: format!("{}/{}", quote.supplier, quote.product),
                supplier: quote.supplier,
                price: quote.price,
            }))
        },
    },
    Activity {
        type_name: "DrawLot",
        system: None,
        course: takes(2, 6),
        perform: |_, _, call| {
            let lots: u64 = call.decode()?;
            Ok((Chance::new(0).draw(&call.key(), &[]) % lots.max(1) + 1).into())
        },
    },
];

/// How often a supplier that takes its time says that it is at it.
const REPORTS_EVERY: Span = Span::secs(1);

/// Every further round makes it so much cheaper, in percent, for so many rounds.
const DISCOUNT: u64 = 4;
const DISCOUNTS: u32 = 5;

struct Supplier {
    /// What it wants for a piece, in cents; `None` if it has nothing to sell.
    piece: Option<u64>,
    answers_after: Span,
}

fn supplier(name: &str) -> Supplier {
    let (piece, millis) = match name {
        "Alder" => (Some(1_250), 400),
        "Birch" => (Some(1_090), 900),
        "Cedar" => (Some(980), 25_000),
        "Dogwood" => (Some(1_040), 12_000),
        "Elm" => (None, 600),
        "Gorse" => (Some(950), 300_000),
        name => {
            let letters: u64 = name.bytes().map(u64::from).sum();
            (Some(1_000 + letters % 17 * 20), 1_000 + letters % 10 * 150)
        }
    };
    Supplier {
        piece,
        answers_after: Span::millis(millis),
    }
}

fn asking(supplier: &Supplier) -> Plan {
    Plan {
        beats: Some(Beats {
            every: REPORTS_EVERY,
            times: None,
            after: 0,
        }),
        on_cancel: OnCancel::Confirms {
            after: Span::millis(50),
        },
        ..Plan::simple(supplier.answers_after, supplier.answers_after)
    }
}

fn quote(request: &QuoteRequest) -> Result<Value, ActivityError> {
    let name = &request.supplier;
    let Some(piece) = supplier(name).piece else {
        let message = format!("{name} has no {} to sell", request.product);
        return Err(ActivityError::fatal("NothingToSell", message));
    };
    let percent = 100 - DISCOUNT * u64::from(request.round.min(DISCOUNTS));
    let full = piece.saturating_mul(request.pieces.into());
    Ok(json(&Quote {
        supplier: name.clone(),
        product: request.product.clone(),
        price: full / 100 * percent + full % 100 * percent / 100,
    }))
}
