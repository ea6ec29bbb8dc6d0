//! How names, numbers and failures of a history are put into a finding: on one line, and never endlessly.

use crate::history::proto::{Failure, FailureInfo};

/// Longest name, in characters.
const NAME_CHARS: usize = 80;

/// Longest message of a failure, in characters.
const MESSAGE_CHARS: usize = 160;

/// So many causes of a failure are told.
const CAUSES: usize = 3;

/// A name on one line, cut in its middle: what a name ends with tells as much as what it begins with.
pub(super) fn name(name: &str) -> String {
    if name.trim().is_empty() {
        return "(no name)".to_owned();
    }
    cut(name, NAME_CHARS)
}

/// Several names, in quotes.
pub(super) fn names<'a>(all: impl IntoIterator<Item = &'a str>) -> String {
    const TOLD: usize = 5;
    let mut told: Vec<String> = Vec::new();
    let mut more: u32 = 0;
    for one in all {
        if told.len() < TOLD {
            told.push(format!("“{}”", name(one)));
        } else {
            more += 1;
        }
    }
    let told = told.join(", ");
    if more > 0 {
        format!("{told} and {more} more")
    } else {
        told
    }
}

/// A failure as `message (Type)`, with its causes.
pub(super) fn failure(failure: &Failure) -> String {
    let mut told = Vec::new();
    let mut next = Some(failure);
    while let Some(one) = next
        && told.len() <= CAUSES
    {
        // A timeout has the failure of the attempt before for its cause.
        let before = matches!(&one.failure_info, Some(FailureInfo::TimeoutFailureInfo(_)));
        told.push(message(one));
        next = one.cause.as_deref();
        if let (true, Some(cause)) = (before, next) {
            told.push(format!("the attempt before: {}", message(cause)));
            next = None;
        }
    }
    told.join(": ")
}

/// One failure without its causes.
fn message(failure: &Failure) -> String {
    let message = cut(&failure.message, MESSAGE_CHARS);
    let message = if message.is_empty() {
        "no message".to_owned()
    } else {
        message
    };
    match application_type(failure) {
        Some(kind) if !kind.is_empty() => format!("{message} ({})", name(kind)),
        _ => message,
    }
}

/// The type of an application's failure; `None` for any other failure.
pub(super) fn application_type(failure: &Failure) -> Option<&str> {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => Some(&info.r#type),
        _ => None,
    }
}

/// `51,200`.
pub(super) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut told = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

/// `1 event`, `51,200 events`.
pub(super) fn counted(n: u64, what: &str) -> String {
    format!("{} {what}{}", number(n), if n == 1 { "" } else { "s" })
}

/// `300 KiB`, `1.5 MiB`.
pub(super) fn bytes(n: u64) -> String {
    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;
    if n >= MIB {
        let tenths = n * 10 / MIB;
        return format!("{}.{} MiB", tenths / 10, tenths % 10);
    }
    if n >= KIB {
        return format!("{} KiB", n / KIB);
    }
    counted(n, "byte")
}

/// Text on one line, at most so long, cut in its middle.
fn cut(text: &str, chars: usize) -> String {
    let line = |text: &str| {
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let Some((head_end, _)) = text.char_indices().nth(chars) else {
        return line(text);
    };
    let half = chars / 2;
    let head: String = text[..head_end].chars().take(half).collect();
    let mut tail: Vec<char> = text.chars().rev().take(half).collect();
    tail.reverse();
    let tail: String = tail.into_iter().collect();
    format!("{}…{}", line(&head), line(&tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sizes_are_easy_to_read() {
        assert_eq!(
            [0, 999, 1_000, 51_200, 1_234_567].map(number),
            ["0", "999", "1,000", "51,200", "1,234,567"]
        );
        assert_eq!([counted(1, "event"), counted(2, "event")], ["1 event", "2 events"]);
        assert_eq!([1, 2_048, 3 << 19].map(bytes), ["1 byte", "2 KiB", "1.5 MiB"]);
    }

    #[test]
    fn a_name_is_on_one_line_and_cut_in_its_middle() {
        assert_eq!(name("a\n\u{1b}[31mb"), "a [31mb");
        assert_eq!(name(" "), "(no name)");
        let long = name(&format!("begin{}end", "é".repeat(10_000)));
        assert!(long.starts_with("begin") && long.ends_with("end") && long.chars().count() == NAME_CHARS + 1);
    }
}
