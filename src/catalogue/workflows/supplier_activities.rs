//! What a buyer needs from suppliers: the activities' types, inputs and outputs. Declarations only; a worker brings
//! the implementations.

use serde::{Deserialize, Serialize};
use temporalio_macros::activity_definitions;

/// The suppliers' activities.
pub struct Suppliers;

#[activity_definitions]
impl Suppliers {
    /// Asks a supplier what it wants for some goods. Changes nothing.
    #[activity(name = "AskForQuote")]
    pub async fn ask_for_quote(request: QuoteRequest) -> Quote {
        unimplemented!()
    }

    /// Orders what was quoted.
    #[activity(name = "PlaceOrder")]
    pub async fn place_order(quote: Quote) -> Purchase {
        unimplemented!()
    }

    /// Draws one of so many lots, the first of which is 1.
    #[activity(name = "DrawLot")]
    pub async fn draw_lot(lots: u32) -> u32 {
        unimplemented!()
    }
}

/// The input of `AskForQuote`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteRequest {
    /// Who is asked.
    pub supplier: String,
    /// For what.
    pub product: String,
    /// How many pieces of it.
    pub pieces: u32,
    /// How often the same supplier was asked before.
    #[serde(default)]
    pub round: u32,
}

/// What a supplier wants: the answer to `AskForQuote`, the input of `PlaceOrder`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Whose quote it is.
    pub supplier: String,
    /// For what.
    pub product: String,
    /// The price of all pieces together, in cents.
    pub price: u64,
}

/// Goods on order: the answer to `PlaceOrder`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// The supplier's name for it.
    pub number: String,
    /// Who delivers.
    pub supplier: String,
    /// What it costs, in cents.
    pub price: u64,
}

/// What to buy, and who could have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The product.
    pub product: String,
    /// How many pieces of it.
    pub pieces: u32,
    /// Whom to ask.
    pub suppliers: Vec<String>,
}

impl QuoteRequest {
    /// The same, asked once more.
    #[must_use]
    pub fn again(self) -> Self {
        Self {
            round: self.round.saturating_add(1),
            ..self
        }
    }
}

impl Wanted {
    /// The question to one of the suppliers.
    pub fn from(&self, supplier: &str) -> QuoteRequest {
        QuoteRequest {
            supplier: supplier.to_owned(),
            product: self.product.clone(),
            pieces: self.pieces,
            round: 0,
        }
    }
}
