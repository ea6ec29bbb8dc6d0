//! Pieces of sentences that several studies need: points in time, long texts, failures, lists.
//!
//! Which sentence is said, and when, is each study's own.

use crate::base::time::SimTime;
use crate::history::proto::{Failure, FailureInfo};
use crate::history::timestamp::Timestamp;

/// Longest message of one failure in a chain, in characters.
const MESSAGE_CHARS: usize = 200;

/// Most failures that are told of a chain: the outermost and the innermost say most.
const MOST_CAUSES: usize = 8;

/// A point in time as the lines of a history tell it: since the first event.
pub(super) fn since_begin(at: Timestamp, begin: Timestamp) -> String {
    SimTime(at.since(begin).0).to_string()
}

/// The same and its date, for what lies ahead: `24:00:00.000, 2026-03-03T09:00:00Z`.
pub(super) fn with_date(at: Timestamp, begin: Timestamp) -> String {
    format!("{}, {at}", since_begin(at, begin))
}

/// One line of at most so many characters; what is too long loses its middle.
pub(super) fn short(text: &str, chars: usize) -> String {
    // Nobody reads more, and a payload may have megabytes.
    let most = chars.saturating_mul(16);
    let (head, tail) = (upto(text, most), from_end(text, most));
    let line = |text: &str| {
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    if head.len() == text.len() {
        let line = line(text);
        let count = line.chars().count();
        if count <= chars {
            return line;
        }
        return middle_cut(&line, &line, chars);
    }
    middle_cut(&line(head), &line(tail), chars)
}

fn middle_cut(head: &str, tail: &str, chars: usize) -> String {
    let (first, last) = (chars - chars / 3, chars / 3);
    let kept: String = head.chars().take(first.saturating_sub(1)).collect();
    let skip = tail.chars().count().saturating_sub(last);
    let end: String = tail.chars().skip(skip).collect();
    format!("{kept}…{end}")
}

/// At most so many bytes of the beginning.
fn upto(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// At most so many bytes of the end.
fn from_end(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// A failure and its causes, outermost first: `Activity task failed: card declined (CardError)`.
pub(super) fn failure(failure: &Failure) -> String {
    let mut told = Vec::new();
    let mut next = Some(failure);
    while let Some(failure) = next {
        let kind = match &failure.failure_info {
            Some(FailureInfo::ApplicationFailureInfo(info)) if !info.r#type.is_empty() => {
                format!(" ({})", short(&info.r#type, MESSAGE_CHARS))
            }
            _ => String::new(),
        };
        let message = short(&failure.message, MESSAGE_CHARS);
        // It becomes a part of a sentence.
        told.push(format!("{}{kind}", message.trim_end_matches('.')));
        next = failure.cause.as_deref();
    }
    if told.len() > MOST_CAUSES {
        told.splice(2..told.len() - 2, ["…".to_owned()]);
    }
    told.retain(|message| !message.is_empty());
    told.join(": ")
}

/// `a, b and c`.
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// `1 timer`, `3 timers`; for words that only take an s.
pub(super) fn counted(count: u32, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_lose_their_middle() {
        assert_eq!(short(" two\n  words ", 9), "two words");
        assert_eq!(short("0123456789", 9), "01234…789");
        let long = format!("begin{}end", "é".repeat(100_000));
        let cut = short(&long, 12);
        assert_eq!(cut.chars().count(), 12);
        assert!(cut.starts_with("begin") && cut.ends_with("end"), "{cut}");
        assert_eq!(short("", 3), "");
    }

    #[test]
    fn lists_read_like_sentences() {
        let items = |n: usize| ["a", "b", "c"][..n].iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            [0, 1, 2, 3].map(|n| listed(&items(n))),
            ["", "a", "a and b", "a, b and c"]
        );
        assert_eq!([counted(1, "timer"), counted(0, "timer")], ["1 timer", "0 timers"]);
    }
}
