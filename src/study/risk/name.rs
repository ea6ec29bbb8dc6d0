//! What the name of an activity says: its words, whether one of them means undoing, and what it shares with another's.
//!
//! Names are the only thing that a history of any language has in common, and only habits of naming are known here: what a
//! name does not say is not concluded.

/// Words that mean undoing.
const UNDOING: [&str; 18] = [
    "cancel",
    "cancellation",
    "compensate",
    "compensating",
    "compensation",
    "refund",
    "release",
    "restock",
    "reversal",
    "reverse",
    "revert",
    "revoke",
    "rollback",
    "unbook",
    "undo",
    "undoing",
    "unreserve",
    "void",
];

/// Words that mean undoing only where there is something for them to undo: `DeleteUser` after `CreateUser`.
const PERHAPS_UNDOING: [&str; 9] = [
    "deactivate",
    "delete",
    "deprovision",
    "detach",
    "remove",
    "restore",
    "return",
    "uninstall",
    "unlock",
];

/// First words of names that promise to change nothing.
const READING: [&str; 18] = [
    "calculate",
    "check",
    "compute",
    "describe",
    "estimate",
    "fetch",
    "find",
    "get",
    "is",
    "list",
    "load",
    "lookup",
    "query",
    "quote",
    "read",
    "search",
    "validate",
    "verify",
];

/// Words that say nothing about what a name is about.
const FILLING: [&str; 14] = [
    "a", "action", "activity", "all", "and", "by", "for", "handler", "of", "step", "task", "the", "to", "workflow",
];

/// No name of this world has more words.
const MOST_WORDS: usize = 16;

/// Words with fewer letters are alike only if they are the same.
const STEM: usize = 4;

/// A name in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    words: Vec<String>,
}

impl Name {
    /// `RefundPayment`, `refund_payment`, `refund-payment`.
    pub(super) fn of(name: &str) -> Self {
        let mut words: Vec<String> = Vec::new();
        let mut before = ' ';
        // A name is at most 1000 characters long, but a file may say otherwise.
        for c in name.chars().take(1_000) {
            let begins = !before.is_alphanumeric() || c.is_uppercase() && !before.is_uppercase();
            if c.is_alphanumeric() {
                if begins {
                    words.push(String::new());
                }
                if let Some(word) = words.last_mut() {
                    word.extend(c.to_lowercase());
                }
            }
            before = c;
        }
        words.truncate(MOST_WORDS);
        let rolled_back = words.windows(2).position(|pair| pair == ["roll", "back"]);
        if let Some(at) = rolled_back {
            words.splice(at..at + 2, ["rollback".to_owned()]);
        }
        Self { words }
    }

    /// The word that means undoing, and whether it always does.
    pub(super) fn undoing(&self) -> Option<(&str, bool)> {
        let word = |list: &[&str]| self.words.iter().map(String::as_str).find(|word| list.contains(word));
        let certain = word(&UNDOING).map(|word| (word, true));
        certain.or_else(|| word(&PERHAPS_UNDOING).map(|word| (word, false)))
    }

    /// Whether it promises to change nothing.
    pub(super) fn only_reads(&self) -> bool {
        self.words.first().is_some_and(|word| READING.contains(&word.as_str()))
    }

    /// The words that say what it is about.
    pub(super) fn subjects(&self) -> impl Iterator<Item = &str> {
        let words = self.words.iter().map(String::as_str);
        words.filter(|word| {
            ![&UNDOING[..], &PERHAPS_UNDOING, &FILLING]
                .iter()
                .any(|list| list.contains(word))
        })
    }

    /// The words of this one that the other has too, if they are at least half of what this one is about; all of it, if its
    /// word for undoing may mean something else.
    pub(super) fn shared<'a>(&'a self, other: &Self) -> Vec<&'a str> {
        let shared: Vec<&str> = self
            .subjects()
            .filter(|word| other.subjects().any(|theirs| alike(word, theirs)))
            .collect();
        let wanted = match self.undoing() {
            Some((_, false)) => self.subjects().count(),
            Some((_, true)) | None => self.subjects().count().div_ceil(2),
        };
        if shared.len() >= wanted { shared } else { Vec::new() }
    }
}

/// By what alike words can be looked up.
pub(super) fn stem(word: &str) -> String {
    word.chars().take(STEM).collect()
}

/// `reserve` and `reservation`, `book` and `booking`; not `transfer` and `transaction`.
fn alike(one: &str, other: &str) -> bool {
    let common = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let shorter = one.chars().count().min(other.chars().count());
    one == other || common >= STEM && common + 1 >= shorter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_into_words() {
        for name in [
            "RefundPayment",
            "refund_payment",
            "refundPayment",
            "refund-payment",
            "REFUND_PAYMENT",
        ] {
            assert_eq!(Name::of(name).words, ["refund", "payment"], "{name}");
        }
        assert_eq!(Name::of("RollBackTransfer").words, ["rollback", "transfer"]);
        assert_eq!(
            Name::of("shop.v2.Payments/Void").words,
            ["shop", "v2", "payments", "void"]
        );
        assert_eq!(Name::of("").words, [""; 0]);
    }

    #[test]
    fn undoing_is_a_whole_word() {
        for (name, word) in [
            ("CancelPayment", Some(("cancel", true))),
            ("BookHotelCompensation", Some(("compensation", true))),
            ("rollback", Some(("rollback", true))),
            ("DeleteUser", Some(("delete", false))),
            ("CancelReturn", Some(("cancel", true))),
            ("ReleasedNotes", None),
            ("Avoid", None),
            ("ProcessPayment", None),
        ] {
            assert_eq!(Name::of(name).undoing(), word, "{name}");
        }
    }

    #[test]
    fn what_two_names_share_is_at_least_half_of_the_first() {
        let shared = |one: &str, other: &str| Name::of(one).shared(&Name::of(other)).join(" ");
        assert_eq!(shared("RefundPayment", "ProcessPayment"), "payment");
        assert_eq!(shared("CancelHotelBooking", "BookHotel"), "hotel booking");
        assert_eq!(shared("ReleaseReservation", "ReserveInventory"), "reservation");
        assert_eq!(shared("RefundTransaction", "TransferMoney"), "");
        assert_eq!(shared("CancelFlightSeatForOrder", "ChargeOrder"), "");
        assert_eq!(shared("Undo", "ProcessPayment"), "");
        assert_eq!(shared("DeleteUserAccount", "CreateUser"), "");
        assert_eq!(shared("DeleteUser", "CreateUserAccount"), "user");
    }
}
