//! A service that does one kind of thing and keeps a list of it.

use super::idempotency::{Answers, again};
use super::journal::{Pen, System};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Register {
    system: System,
    /// What its entries are called: `po-1` is the first for `po`.
    prefix: &'static str,
    entries: u32,
    answers: Answers,
}

impl Register {
    pub(super) fn new(system: System, prefix: &'static str, keys: bool) -> Self {
        Self {
            system,
            prefix,
            entries: 0,
            answers: Answers::new(keys),
        }
    }

    /// Does `what`, and returns its id.
    pub(super) fn enter(&mut self, pen: &mut Pen, what: &str) -> String {
        if let Some(id) = self.answers.recall(pen, self.system) {
            return id;
        }
        self.entries += 1;
        let id = format!("{}-{}", self.prefix, self.entries);
        let kind = self.answers.remember(pen, &id);
        pen.write(self.system, kind, format!("{what}{} ({id})", again(kind)));
        id
    }

    pub(super) fn entries(&self) -> u32 {
        self.entries
    }
}
