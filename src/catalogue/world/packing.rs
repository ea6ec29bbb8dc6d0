//! The packing tables: orders that stand packed. One that does is not packed again, whoever asks.

use super::EntryKind;
use super::journal::{Pen, System};

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Packing {
    /// By order id.
    packed: Vec<String>,
}

impl Packing {
    pub(super) fn pack(&mut self, pen: &mut Pen, order_id: &str, pieces: u64) {
        let (kind, text) = if self.packed.iter().any(|packed| packed == order_id) {
            (EntryKind::Repeated, format!("{order_id} was packed before"))
        } else {
            self.packed.push(order_id.to_owned());
            (EntryKind::Did, format!("packed {pieces} pieces for {order_id}"))
        };
        pen.write(System::Packing, kind, text);
    }

    /// How many orders stand packed.
    pub(super) fn packed(&self) -> u64 {
        self.packed.len() as u64
    }
}
