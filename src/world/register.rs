//! A service that does one kind of thing and keeps a list of it.

use super::idempotency::{Answers, again};
use super::journal::{Pen, Place};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Register {
    place: Place,
    /// What its entries are called: `po-1` is the first for `po`.
    prefix: &'static str,
    entries: u32,
    answers: Answers,
}

impl Register {
    pub(super) fn new(place: Place, prefix: &'static str, keys: bool) -> Self {
        Self {
            place,
            prefix,
            entries: 0,
            answers: Answers::new(keys),
        }
    }

    /// Does `what`, and returns its id.
    pub(super) fn enter(&mut self, pen: &mut Pen, what: &str) -> String {
        if let Some(id) = self.answers.recall(pen, self.place) {
            return id;
        }
        self.entries += 1;
        let id = format!("{}-{}", self.prefix, self.entries);
        let kind = self.answers.remember(pen, &id);
        pen.write(self.place, kind, format!("{what}{} ({id})", again(kind)));
        id
    }

    pub(super) fn entries(&self) -> u32 {
        self.entries
    }
}
