//! Where two things part that were asked for, or came of it: the place, and what stands there on either side.
//!
//! [`comparison`] collects; [`payload`] looks into JSON, [`failure`] into causes; [`said`] knows what of each event is
//! somebody's word and what only Service and worker put beside it, [`asked`] the same of what is large. What is random by
//! nature (ids of runs and requests, identities, ids of events) and what only tells the time is never compared. Which event
//! is to be compared with which is for others to say.

mod asked;
mod comparison;
mod failure;
mod payload;
mod said;

use std::fmt;

use serde::Serialize;

pub use self::comparison::Comparison;
pub use self::failure::failure_words;

/// What part of something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Aspect {
    /// What it is called.
    Id,
    /// What it was given.
    Input,
    /// How it was to be done: limits, policies, queues.
    Option,
    /// How often it was tried.
    Attempts,
    /// How it ended.
    Outcome,
    /// What it returned.
    Result,
    /// Why it failed.
    Failure,
    /// How long it took.
    Duration,
}

/// One place at which two sides differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What part of it.
    pub aspect: Aspect,
    /// Where in that part: `[0].amount`, `start-to-close`. Empty for all of it.
    pub place: String,
    /// What one side has there; `None` if nothing.
    pub from: Option<String>,
    /// What the other side has there; `None` if nothing.
    pub to: Option<String>,
}

/// No more of a value than this is told on a line, in characters.
const TOLD_CHARS: usize = 80;

/// So much before the place where two long values part is told with it, in characters.
const CONTEXT_CHARS: usize = 20;

impl Aspect {
    /// In a word, for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Input => "input",
            Self::Option => "option",
            Self::Attempts => "attempts",
            Self::Outcome => "outcome",
            Self::Result => "result",
            Self::Failure => "failure",
            Self::Duration => "duration",
        }
    }
}

impl Difference {
    /// What differs, in words: `input [0].amount`, `start-to-close`.
    pub fn name(&self) -> String {
        match (self.aspect, self.place.as_str()) {
            (aspect, "") => aspect.word().to_owned(),
            // These have names of their own.
            (Aspect::Option | Aspect::Outcome, place) => place.to_owned(),
            (aspect, place) => format!("{} {place}", aspect.word()),
        }
    }

    /// Both sides on one line: `89 → 178`. Nothing where the name says it all.
    pub fn change(&self) -> String {
        if self.from.is_none() && self.to.is_none() {
            return String::new();
        }
        let (from, to) = told(self.from.as_deref(), self.to.as_deref());
        format!("{from} → {to}")
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = self.change();
        let colon = if change.is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{change}", self.name())
    }
}

/// Two values as they fit on a line: of long ones the part where they begin to differ.
fn told(from: Option<&str>, to: Option<&str>) -> (String, String) {
    const NOTHING: &str = "nothing";
    let one_line = |text: &str| -> Vec<char> {
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        words.join(" ").chars().collect()
    };
    let (one, other) = (from.map(one_line), to.map(one_line));
    let start = match (&one, &other) {
        (Some(one), Some(other)) if one.len().max(other.len()) > TOLD_CHARS => {
            let common = one.iter().zip(other).take_while(|(a, b)| a == b).count();
            // What differs soon is told from the beginning.
            if common > TOLD_CHARS / 2 {
                common - CONTEXT_CHARS
            } else {
                0
            }
        }
        _ => 0,
    };
    let cut = |text: Option<Vec<char>>| {
        let Some(text) = text else { return NOTHING.to_owned() };
        let rest = &text[start.min(text.len())..];
        let shown: String = rest.iter().take(TOLD_CHARS).collect();
        let before = if start > 0 { "…" } else { "" };
        let after = if rest.len() > TOLD_CHARS { "…" } else { "" };
        format!("{before}{shown}{after}")
    };
    (cut(one), cut(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_values_the_part_that_differs_is_told() {
        let long = |end: &str| Some("x".repeat(500) + end);
        let difference = Difference {
            aspect: Aspect::Result,
            place: String::new(),
            from: long("one"),
            to: long("two"),
        };
        let same = "x".repeat(CONTEXT_CHARS);
        assert_eq!(difference.to_string(), format!("result: …{same}one → …{same}two"));
    }
}
