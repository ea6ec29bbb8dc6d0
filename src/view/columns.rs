//! Text in columns, as the `temporal` CLI lays it out, and the spelling of times and constants that lists and
//! descriptions share.

use serde_json::Value;

use crate::base::time::SimTime;
use crate::history::timestamp::Timestamp;

/// A name and what it is.
pub(super) type Pair = (&'static str, String);

/// A table: every column as wide as its widest cell.
pub(super) fn table(headers: &[&str], rows: &[Vec<String>]) -> String {
    let headers = headers.iter().map(|&header| header.to_owned()).collect();
    let lines: Vec<&Vec<String>> = std::iter::once(&headers).chain(rows).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..headers.len()).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("  {cell:width$}"));
        push_line(&mut text, &cells.collect::<String>());
    }
    text
}

/// One name and its value a line.
pub(super) fn pairs(pairs: &[Pair]) -> String {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in pairs {
        push_line(&mut text, &format!("  {name:width$}  {value}"));
    }
    text
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line.trim_end());
    text.push('\n');
}

/// A time of the virtual clock and how far it is from now: `1:07.200 (in 4.2 s)`.
pub(super) fn seen_from(at: SimTime, now: SimTime) -> String {
    match (at > now, at == now) {
        (_, true) => format!("{at} (now)"),
        (true, _) => format!("{at} (in {})", at.since(now)),
        (false, _) => format!("{at} ({} ago)", now.since(at)),
    }
}

/// The date that a time of the virtual clock stands for.
pub(super) fn date(at: SimTime) -> Value {
    Timestamp::of(at).to_string().into()
}

/// `("WORKFLOW_EXECUTION_STATUS", "TimedOut")` to `WORKFLOW_EXECUTION_STATUS_TIMED_OUT`.
pub(super) fn constant(prefix: &str, name: &str) -> String {
    let mut text = prefix.to_owned();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}

/// The same without what is not there.
pub(super) fn without_nulls(mut value: Value) -> Value {
    if let Value::Object(members) = &mut value {
        members.retain(|_, member| !member.is_null());
    }
    value
}
