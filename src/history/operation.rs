//! What lasts in a history, from the event that began it to the one that ended it: activities, timers, children,
//! updates, workflow tasks and the like.
//!
//! The classification is `class`'s; this only follows the ids. What its history does not begin is passed over: a file may
//! be cut off at either end.

use std::collections::BTreeMap;

use super::class::{Part, Thing};
use super::proto::HistoryEvent;

/// Something that lasts, by the places of its events in the list, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// What it is. Never the run itself.
    pub thing: Thing,
    /// The event that began it.
    pub opened: u32,
    /// The event that says that somebody has taken it up.
    pub started: Option<u32>,
    /// The events that note something about it while it lasts.
    pub changes: Vec<u32>,
    /// The event that ended it; `None` while it is open, and for what only ended with its run.
    pub closed: Option<u32>,
}

/// All operations of a history, in the order in which they began.
pub fn operations(events: &[HistoryEvent]) -> Vec<Operation> {
    let mut found: Vec<Operation> = Vec::new();
    let mut begun = BTreeMap::new();
    for (place, event) in (0..).zip(events) {
        let part = event.class().part;
        match part {
            Part::Alone => continue,
            Part::Opens(thing) => {
                if thing == Thing::Run {
                    continue;
                }
                begun.insert(event.event_id, found.len());
                found.push(Operation {
                    thing,
                    opened: place,
                    started: None,
                    changes: Vec::new(),
                    closed: None,
                });
                continue;
            }
            Part::Starts(_) | Part::Changes(_) | Part::Closes(..) => {}
        }
        let of = event.opened_by().and_then(|opened| begun.get(&opened.to));
        let Some(operation) = of.and_then(|at| found.get_mut(*at)) else {
            continue;
        };
        match part {
            Part::Starts(_) => operation.started = Some(place),
            Part::Closes(..) => operation.closed = Some(place),
            Part::Changes(_) | Part::Opens(_) | Part::Alone => operation.changes.push(place),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    #[test]
    fn an_operation_has_all_its_events_and_a_cut_off_history_no_wrong_ones() {
        let read = json::read(include_str!("../../tests/stories/crash-after-charge.json")).unwrap();
        let events = read.history.events;
        let all = operations(&events);
        let activities: Vec<_> = all
            .iter()
            .filter(|operation| operation.thing == Thing::Activity)
            .collect();
        assert!(activities.len() > 2);
        for operation in &all {
            let opened = &events[operation.opened as usize];
            for place in [operation.started, operation.closed].into_iter().flatten() {
                assert_eq!(events[place as usize].opened_by().unwrap().to, opened.event_id);
            }
        }
        let cut = operations(&events[8..]);
        assert!(cut.iter().all(|operation| operation.opened as usize + 8 < events.len()));
        assert!(cut.len() < all.len());
    }
}
