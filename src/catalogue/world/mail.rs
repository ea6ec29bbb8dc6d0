//! The mail server: mails sent. A mail cannot be called back.

use super::idempotency::{Answers, again};
use super::journal::{Pen, System};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mail {
    /// `mail-1` is the first.
    sent: u32,
    answers: Answers,
}

impl Mail {
    pub(super) fn new(keys: bool) -> Self {
        Self {
            sent: 0,
            answers: Answers::new(keys),
        }
    }

    pub(super) fn send(&mut self, pen: &mut Pen, to: &str, message: &str) {
        if self.answers.recall(pen, System::Mail).is_some() {
            return;
        }
        self.sent += 1;
        let id = format!("mail-{}", self.sent);
        let kind = self.answers.remember(pen, &id);
        pen.write(
            System::Mail,
            kind,
            format!("mailed {to}{}: {message} ({id})", again(kind)),
        );
    }

    pub(super) fn sent(&self) -> u32 {
        self.sent
    }
}
