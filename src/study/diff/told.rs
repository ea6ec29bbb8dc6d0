//! What two histories differ in, in words: what they are, what differs first, all of it thing by thing, how much is the
//! same.

use std::fmt::Write as _;

use super::{Change, Diff, First, Lasted, Side, Verdict};
use crate::base::time::Span;

/// So many changes are told on a screen. All of them are in the data.
const TOLD_CHANGES: usize = 200;

impl Diff {
    /// The text. The names are those of the two files or runs; `durations` tells how long each thing lasted as well.
    pub fn text(&self, names: [&str; 2], durations: bool) -> String {
        let mut text = String::new();
        text.push_str(&side("A", names[0], &self.from));
        text.push_str(&side("B", names[1], &self.to));
        text.push('\n');
        if let Some(first) = self.first() {
            let _ = writeln!(text, "first difference: {}\n", first.words());
        }
        for change in self.changes.iter().take(TOLD_CHANGES) {
            text.push_str(&change.lines());
        }
        if let Some(more) = self.changes.len().checked_sub(TOLD_CHANGES).filter(|more| *more > 0) {
            let _ = writeln!(text, "  and {more} more");
        }
        if !self.changes.is_empty() {
            text.push('\n');
        }
        text.push_str(&self.summary());
        if durations {
            text.push_str("\nhow long it lasted, where both have ended\n");
            for lasted in &self.durations {
                text.push_str(&lasted.line());
            }
        }
        text
    }

    fn summary(&self) -> String {
        let of = |verdict: Verdict| self.changes.iter().filter(|change| change.verdict == verdict).count();
        let mut parts = vec![match (self.same, self.changes.is_empty()) {
            (same, true) => format!("no difference: {same} things are the same in both"),
            (same, false) => format!("{same} the same in both"),
        }];
        for (verdict, words) in [
            (Verdict::Changed, "different"),
            (Verdict::Moved, "moved"),
            (Verdict::OnlyInFrom, "only in A"),
            (Verdict::OnlyInTo, "only in B"),
        ] {
            let count = of(verdict);
            if count > 0 {
                parts.push(format!("{count} {words}"));
            }
        }
        let mut text = parts.join(", ") + "\n";
        if self.sealed > 0 {
            let values = if self.sealed == 1 { "value" } else { "values" };
            let _ = writeln!(
                text,
                "cannot tell: {} {values} that nobody here can read (encrypted, compressed, kept elsewhere) are other bytes",
                self.sealed
            );
        }
        text
    }
}

fn side(letter: &str, name: &str, side: &Side) -> String {
    let Side {
        workflow_type,
        workflow_id,
        events,
        status,
    } = side;
    let whose = [workflow_type.as_str(), workflow_id.as_str()];
    let whose: Vec<&str> = whose.into_iter().filter(|part| !part.is_empty()).collect();
    let whose = if whose.is_empty() {
        "no beginning".to_owned()
    } else {
        whose.join(" ")
    };
    let events = match events {
        1 => "1 event".to_owned(),
        n => format!("{n} events"),
    };
    format!("{letter}  {name}: {whose}, {events}, {status}\n")
}

impl First<'_> {
    /// In a line.
    pub fn words(&self) -> String {
        let Change { from, to, verdict, .. } = self.change;
        let what = self.change.name();
        match (self.difference, verdict) {
            (Some(placed), _) => {
                let events = events(placed.from_event, placed.to_event);
                format!("{what}{events}, {}", placed.difference)
            }
            (None, Verdict::OnlyInFrom) => format!("{what}{} is only in A", events(*from, *to)),
            (None, Verdict::OnlyInTo) => format!("{what}{} is only in B", events(*from, *to)),
            (None, Verdict::Moved | Verdict::Changed) => format!("{what}{} has moved", events(*from, *to)),
        }
    }
}

impl Change {
    /// What it is, with its number if there are more.
    pub fn name(&self) -> String {
        named(&self.what, self.number)
    }

    fn lines(&self) -> String {
        let (sign, remark) = match self.verdict {
            Verdict::Changed => ("~", ""),
            Verdict::Moved => ("↕", ", moved"),
            Verdict::OnlyInFrom => ("-", ", only in A"),
            Verdict::OnlyInTo => ("+", ", only in B"),
        };
        let mut text = format!("{sign} {}{}{remark}\n", self.name(), events(self.from, self.to));
        for placed in &self.differences {
            let _ = writeln!(text, "    {}", placed.difference);
        }
        text
    }
}

impl Lasted {
    fn line(&self) -> String {
        let (from, to) = (Span(self.from_nanos), Span(self.to_nanos));
        let what = named(&self.what, self.number);
        let ratio = if from.is_zero() || to == from {
            String::new()
        } else {
            format!(" (×{:.2})", to.as_secs_f64() / from.as_secs_f64())
        };
        format!("    {what}: {from} → {to}{ratio}\n")
    }
}

fn named(what: &str, number: u32) -> String {
    if number == 0 {
        what.to_owned()
    } else {
        format!("{what} #{number}")
    }
}

/// ` (event 5 | 7)`.
fn events(from: Option<i64>, to: Option<i64>) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!(" (event {from} | {to})"),
        (Some(one), None) | (None, Some(one)) => format!(" (event {one})"),
        (None, None) => String::new(),
    }
}
