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
    let mut found = Operations::default();
    for event in events {
        found.take(event);
    }
    found.into_all()
}

/// The operations of a history as far as it has been read.
#[derive(Clone, Debug, Default)]
pub struct Operations {
    all: Vec<Operation>,
    /// Where among all of them each stands, by the id of the event that began it.
    begun: BTreeMap<i64, usize>,
    taken: u32,
}

impl Operations {
    /// Takes in the next event.
    pub fn take(&mut self, event: &HistoryEvent) {
        let place = self.taken;
        self.taken += 1;
        let part = event.class().part;
        if let Part::Opens(thing) = part {
            if thing != Thing::Run {
                self.begun.insert(event.event_id, self.all.len());
                self.all.push(Operation {
                    thing,
                    opened: place,
                    started: None,
                    changes: Vec::new(),
                    closed: None,
                });
            }
            return;
        }
        let of = event.opened_by().and_then(|opened| self.begun.get(&opened.to));
        let Some(operation) = of.and_then(|at| self.all.get_mut(*at)) else {
            return;
        };
        match part {
            Part::Starts(_) => operation.started = Some(place),
            Part::Closes(..) => operation.closed = Some(place),
            Part::Changes(_) => operation.changes.push(place),
            Part::Opens(_) | Part::Alone => {}
        }
    }

    /// All of them, in the order in which they began.
    pub fn into_all(self) -> Vec<Operation> {
        self.all
    }
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
