//! The event history of a run as it grows: an append-only log.
//!
//! It assigns nothing: who appends has decided id, time and type already. It only makes sure that no event is ever
//! lost, changed or out of its place. A run's state is a fold over it.

use super::proto::{History, HistoryEvent};
use crate::base::growing::GrowingList;

/// The events of one run, with the ids 1, 2, 3, …
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventLog {
    events: GrowingList<HistoryEvent>,
}

impl EventLog {
    /// An empty log: a run that has not begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an event.
    ///
    /// # Panics
    ///
    /// If its id is not the next one: whoever assigned it has a bug.
    pub fn push(&mut self, event: HistoryEvent) {
        assert_eq!(event.event_id, self.last_id() + 1, "event ids follow one another");
        self.events.push(event);
    }

    /// The log as it was when event `event_id` was the last one. Shares the events.
    #[must_use]
    pub fn up_to(&self, event_id: i64) -> Self {
        Self {
            events: self.events.prefix(count(event_id)),
        }
    }

    /// Copies at most so many of the events that are shared, see [`GrowingList::own`].
    pub fn own(&mut self, most: usize) -> bool {
        self.events.own(most)
    }

    /// All events; event `id` is at index `id - 1`.
    pub fn events(&self) -> &[HistoryEvent] {
        &self.events
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        u32::try_from(self.events.len()).expect("the Service ends a run long before")
    }

    /// True before the first event.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The id of the last event; 0 if there is none.
    pub fn last_id(&self) -> i64 {
        i64::from(self.len())
    }

    /// The event with this id.
    pub fn get(&self, event_id: i64) -> Option<&HistoryEvent> {
        self.events.get(usize::try_from(event_id.checked_sub(1)?).ok()?)
    }

    /// The events after `event_id`: all for 0, none for the last.
    pub fn since(&self, event_id: i64) -> &[HistoryEvent] {
        self.events.get(count(event_id)..).unwrap_or_default()
    }

    /// A copy in Temporal's own shape, for export.
    pub fn to_history(&self) -> History {
        History {
            events: self.events.to_vec(),
        }
    }
}

/// How many events there are up to this one.
fn count(event_id: i64) -> usize {
    usize::try_from(event_id.max(0)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(event_id: i64) -> HistoryEvent {
        HistoryEvent {
            event_id,
            ..HistoryEvent::default()
        }
    }

    #[test]
    fn grows_by_one_and_is_sliced_by_id() {
        let mut log = EventLog::new();
        assert_eq!((log.len(), log.last_id(), log.is_empty()), (0, 0, true));
        (1..=3).for_each(|id| log.push(event(id)));
        assert_eq!((log.len(), log.last_id(), log.is_empty()), (3, 3, false));
        let since = |id| log.since(id).iter().map(|e| e.event_id).collect::<Vec<_>>();
        assert_eq!(
            (since(-1), since(0), since(2), since(3), since(9)),
            (vec![1, 2, 3], vec![1, 2, 3], vec![3], vec![], vec![])
        );
        assert_eq!(log.get(3).map(|e| e.event_id), Some(3));
        assert_eq!([log.get(0), log.get(4), log.get(i64::MIN)], [None; 3]);
        assert_eq!(log.to_history().events, log.events());
    }

    #[test]
    fn refuses_an_event_out_of_its_place() {
        for id in [0, 1, 3] {
            let mut log = EventLog::new();
            log.push(event(1));
            assert!(
                std::panic::catch_unwind(move || log.push(event(id))).is_err(),
                "id {id}"
            );
        }
    }
}
