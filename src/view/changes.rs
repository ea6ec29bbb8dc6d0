//! What became different between two moments of a run, in a reader's words: the events in between, and everything that
//! stands otherwise.

use super::recording::Recording;
use super::state::{Folded, State, state};

/// So many new events are told one by one.
const TOLD: u32 = 40;

/// What became different.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Panel by panel, those with changes.
    pub groups: Vec<Group>,
}

/// Changes of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// `Events`, `World`, `Workers`.
    pub title: &'static str,
    /// One a thing.
    pub changes: Vec<Change>,
}

/// One thing that became different.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which: `customer charged`, `worker A`.
    pub what: String,
    /// How it stood; none if it was not there.
    pub before: Option<String>,
    /// How it stands; none if it is gone.
    pub after: Option<String>,
    /// The event that it is, of a new event.
    pub event: Option<u32>,
}

/// What became different for workflow run number `run` from one moment to another; `from` may be the later one.
pub fn changes(recording: &Recording, run: u32, from: u32, to: u32) -> Changes {
    let (before, after) = (recording.moment(run, from), recording.moment(run, to));
    let mut folded = Folded::default();
    let mut stands = |step| state(recording, run, step, &mut folded);
    let (states_before, states_after) = if from <= to {
        let before = stands(from);
        (before, stands(to))
    } else {
        let after = stands(to);
        (stands(from), after)
    };
    let world = |moment: &super::recording::Moment| -> Vec<Pair> {
        let row = |row: &super::recording::WorldRow| (row.label.clone(), row.value.clone());
        moment.world.iter().map(row).collect()
    };
    let waits = |moment: &super::recording::Moment| vec![("waits for".to_owned(), moment.waiting.text.clone())];
    let unwritten = |moment: &super::recording::Moment| -> Vec<Pair> {
        let row = |fact: &super::recording::Unwritten| (fact.text.clone(), fact.chip.clone());
        moment.unwritten.iter().map(row).collect()
    };
    let code = |moment: &super::recording::Moment| -> Vec<Pair> {
        let mut rows = vec![("memory".to_owned(), moment.code.holder.clone())];
        rows.extend(
            moment
                .code
                .here
                .map(|line| ("stands at".to_owned(), format!("line {line}"))),
        );
        rows
    };
    let mut groups = vec![Group {
        title: "Events",
        changes: events(recording, run, before.events_len, after.events_len),
    }];
    for (title, before, after) in [
        ("World", world(&before), world(&after)),
        ("Code", code(&before), code(&after)),
        ("Run", waits(&before), waits(&after)),
        ("Not in the history yet", unwritten(&before), unwritten(&after)),
    ] {
        groups.push(Group {
            title,
            changes: compared(&before, &after),
        });
    }
    groups.extend(of_states(&states_before, &states_after));
    groups.retain(|group| !group.changes.is_empty());
    Changes { groups }
}

/// A thing and how it stands.
type Pair = (String, String);

fn of_states(before: &State, after: &State) -> Vec<Group> {
    let pairs = |state: &State, place: usize| -> Vec<Pair> {
        let thing = |thing: &super::state::Thing| {
            // Two activities of one type are two things.
            let event = thing.event.map_or_else(String::new, |id| format!(" (event {id})"));
            (format!("{}{event}", thing.name), thing.says.clone())
        };
        state.parts[place].things.iter().map(thing).collect()
    };
    let part = |(place, part): (usize, &super::state::Part)| Group {
        title: part.title,
        changes: compared(&pairs(before, place), &pairs(after, place)),
    };
    after.parts.iter().enumerate().map(part).collect()
}

fn events(recording: &Recording, run: u32, before: u32, after: u32) -> Vec<Change> {
    let change = |id: u32, written: bool| {
        let event = recording.event(run, id)?;
        let said = Some(event.chip).filter(|chip| !chip.is_empty()).or(Some(String::new()));
        Some(Change {
            what: format!("{id} {}", event.name),
            before: if written { None } else { said.clone() },
            after: if written { said } else { None },
            event: Some(id).filter(|_| written),
        })
    };
    let (first, last) = (before.min(after) + 1, before.max(after));
    let told = (first..=last).take(TOLD as usize);
    let mut changes: Vec<Change> = told.filter_map(|id| change(id, after > before)).collect();
    let more = (last + 1 - first).saturating_sub(TOLD);
    if more > 0 {
        changes.push(Change {
            what: format!("{more} more"),
            before: None,
            after: None,
            event: None,
        });
    }
    changes
}

/// Things with the same name are the same thing.
fn compared(before: &[Pair], after: &[Pair]) -> Vec<Change> {
    let find = |pairs: &[Pair], name: &str| pairs.iter().find(|(it, _)| it == name).map(|(_, says)| says.clone());
    let mut names: Vec<&str> = before.iter().map(|(name, _)| name.as_str()).collect();
    for (name, _) in after {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let change = |name: &str| Change {
        what: name.to_owned(),
        before: find(before, name),
        after: find(after, name),
        event: None,
    };
    let all = names.into_iter().map(change);
    all.filter(|change| change.before != change.after).collect()
}
