//! Where users have their accounts: waiting for their verification, active, or deleted.

use super::EntryKind;
use super::idempotency::{Answers, again};
use super::journal::{Pen, System};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Accounts {
    /// `acc-1` is the first.
    accounts: Vec<State>,
    answers: Answers,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Waiting,
    Active,
    Deleted,
}

impl Accounts {
    pub(super) fn new(keys: bool) -> Self {
        Self {
            accounts: Vec::new(),
            answers: Answers::new(keys),
        }
    }

    /// Opens an account, and returns its id.
    pub(super) fn create(&mut self, pen: &mut Pen, email: &str) -> String {
        if let Some(account_id) = self.answers.recall(pen, System::Accounts) {
            return account_id;
        }
        let account_id = format!("acc-{}", self.accounts.len() + 1);
        let kind = self.answers.remember(pen, &account_id);
        pen.write(
            System::Accounts,
            kind,
            format!("opened an account for {email}{} ({account_id})", again(kind)),
        );
        self.accounts.push(State::Waiting);
        account_id
    }

    /// Lets the owner in. A deleted account stays deleted.
    pub(super) fn activate(&mut self, pen: &mut Pen, account_id: &str) {
        self.change(pen, account_id, State::Active, EntryKind::Did, "active");
    }

    /// Deletes an account that waits. One that is active stays so.
    pub(super) fn delete(&mut self, pen: &mut Pen, account_id: &str) {
        self.change(pen, account_id, State::Deleted, EntryKind::Undid, "deleted");
    }

    fn change(&mut self, pen: &mut Pen, account_id: &str, to: State, kind: EntryKind, word: &str) {
        let number = account_id
            .strip_prefix("acc-")
            .and_then(|number| number.parse::<usize>().ok());
        let account = number.and_then(|number| self.accounts.get_mut(number.checked_sub(1)?));
        let (kind, text) = match account {
            Some(account @ State::Waiting) => {
                *account = to;
                (kind, format!("{account_id} is {word}"))
            }
            Some(account) if *account == to => (EntryKind::Repeated, format!("{account_id} was {word} before")),
            _ => (
                EntryKind::Moot,
                format!("no account {account_id} waits: nothing is {word}"),
            ),
        };
        pen.write(System::Accounts, kind, text);
    }

    pub(super) fn waiting(&self) -> u64 {
        self.count(State::Waiting)
    }

    pub(super) fn active(&self) -> u64 {
        self.count(State::Active)
    }

    pub(super) fn deleted(&self) -> u64 {
        self.count(State::Deleted)
    }

    fn count(&self, state: State) -> u64 {
        self.accounts.iter().filter(|account| **account == state).count() as u64
    }
}
