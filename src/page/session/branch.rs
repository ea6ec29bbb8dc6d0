//! A branch: one run, its recording, and where its reader stood. How an intervention makes a new one from an old.

use super::engine::{At, Choice, RunSpec};
use super::recorded::Recorded;
use super::subject::Subject;
use crate::base::time::SimTime;

/// One run among those the reader has made.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// Unique on this page, from 1.
    pub id: u32,
    /// What it shows.
    pub subject: Subject,
    /// Which of the workflow runs in it is shown, from 0 in the order of their starts.
    pub shown: u32,
    /// Its recording, once somebody looked at it.
    pub run: Option<Recorded>,
    /// Where the reader left it.
    pub cursor: u32,
    /// The branch it was forked from.
    pub parent: Option<u32>,
}

impl Branch {
    /// Short name: that of the file, `original`, or the last thing done, and how much came before it: `kill A at 41 (+1)`.
    pub fn label(&self) -> String {
        let spec = match &self.subject {
            Subject::Run(spec) => spec,
            Subject::File(key) => return key.name.clone(),
        };
        match spec.choices.as_slice() {
            [] => "original".into(),
            [before @ .., last] => {
                let more = if before.is_empty() {
                    String::new()
                } else {
                    format!(" (+{})", before.len())
                };
                format!("{}{more}", last.label())
            }
        }
    }

    /// All that makes it different, for the tooltip.
    pub fn told(&self) -> String {
        match &self.subject {
            Subject::Run(spec) => spec.to_string(),
            Subject::File(key) => format!("{}: a history from a file, which has not left this browser", key.name),
        }
    }
}

/// The run that comes of doing something once so many steps are done and the clock stands at `now`: what was done before
/// stays, what came after is another future.
pub fn forked(spec: &RunSpec, at: u32, now: SimTime, deeds: Vec<Choice>) -> RunSpec {
    let mut spec = spec.clone();
    spec.choices.retain(|choice| match choice.at {
        At::Step(step) => step < at,
        At::Time(time) => time <= now,
    });
    for deed in deeds {
        spec.choose(deed);
    }
    spec
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;

    #[test]
    fn a_fork_keeps_what_had_happened_and_drops_what_had_not() {
        let choice = |text: &str| Choice::parse(text).unwrap();
        let now = SimTime::ZERO + Span::secs(5);
        let spec = RunSpec::of("s");
        let killed = forked(&spec, 41, now, vec![choice("41:kill:A")]);
        let both = forked(&killed, 42, now, vec![choice("42:restart:A"), choice("43:kill:B")]);
        assert_eq!(both.to_string(), "s?seed=7&do=41:kill:A,42:restart:A,43:kill:B");
        let earlier = forked(&both, 42, now, vec![choice("42:kill:B")]);
        assert_eq!(earlier.to_string(), "s?seed=7&do=41:kill:A,42:kill:B");
        let first = forked(&both, 41, now, vec![choice("41:kill:B")]);
        assert_eq!(first.to_string(), "s?seed=7&do=41:kill:B");

        let mut timed = RunSpec::of("s");
        timed.choose(choice("5s:kill:A"));
        timed.choose(choice("6s:restart:A"));
        let forked = forked(&timed, 41, now, vec![choice("41:kill:B")]);
        assert_eq!(forked.to_string(), "s?seed=7&do=41:kill:B,5s:kill:A");
    }
}
