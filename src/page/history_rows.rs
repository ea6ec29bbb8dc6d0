//! The history as rows of one height: a head for each workflow task, and its events below it. Plain data; which of them
//! are in sight, and how they look, is `history_panel.rs`'s business.
//!
//! A row stays where it is while the run goes on: events only come after those there are. So the list of a moment is the
//! beginning of the list of the whole run, and no step has to make it anew.

use std::ops::Range;

/// The rows of a run, as far as its events are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The events, by id, in order.
    events: Vec<u32>,
    heads: Vec<Head>,
}

/// Where a workflow task begins.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Head {
    /// Its number.
    task: u32,
    /// The place of its first event among the events.
    first: usize,
    /// The row of the head.
    row: usize,
}

/// A row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// The head of a workflow task, by its number.
    Head(u32),
    /// An event, by its id.
    Event(u32),
}

impl Rows {
    /// Adds the next event, and a head if it is the first of its workflow task.
    pub fn push(&mut self, id: u32, task: u32) {
        if self.heads.last().is_none_or(|head| head.task != task) {
            self.heads.push(Head {
                task,
                first: self.events.len(),
                row: self.events.len() + self.heads.len(),
            });
        }
        self.events.push(id);
    }

    /// How many rows there are once `written` events are.
    pub fn len(&self, written: u32) -> usize {
        let events = self.events.partition_point(|id| *id <= written);
        events + self.heads.partition_point(|head| head.first < events)
    }

    /// The row of an event.
    pub fn of_event(&self, id: u32) -> Option<usize> {
        let place = self.events.binary_search(&id).ok()?;
        Some(place + self.heads.partition_point(|head| head.first <= place))
    }

    /// The number of the workflow task that a row belongs to.
    pub fn task_of(&self, row: usize) -> Option<u32> {
        Some(self.head_of(row)?.task)
    }

    /// Some rows, as far as there are so many, each with its number from 0.
    pub fn some(&self, rows: Range<usize>) -> Vec<(usize, Row)> {
        let end = rows.end.min(self.events.len() + self.heads.len());
        let row = |row: usize| {
            let head = self.head_of(row)?;
            Some(match row - head.row {
                0 => (row, Row::Head(head.task)),
                below => (row, Row::Event(self.events[head.first + below - 1])),
            })
        };
        (rows.start..end).filter_map(row).collect()
    }

    fn head_of(&self, row: usize) -> Option<&Head> {
        let heads = self.heads.partition_point(|head| head.row <= row);
        self.heads.get(heads.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three tasks, of events 1 to 3, 4, and 5 to 6; as far as they are wanted.
    fn rows(wanted: impl Fn(u32) -> bool) -> Rows {
        let mut rows = Rows::default();
        for (id, task) in [(1, 1), (2, 1), (3, 1), (4, 2), (5, 3), (6, 3)] {
            if wanted(id) {
                rows.push(id, task);
            }
        }
        rows
    }

    #[test]
    fn each_task_has_a_head_above_its_events() {
        use Row::{Event, Head};
        let all = [
            Head(1),
            Event(1),
            Event(2),
            Event(3),
            Head(2),
            Event(4),
            Head(3),
            Event(5),
            Event(6),
        ];
        let all: Vec<(usize, Row)> = all.into_iter().enumerate().collect();
        let rows = rows(|_| true);
        assert_eq!(rows.some(0..99), all);
        for (first, last) in [(0, 3), (2, 5), (4, 9), (8, 9), (9, 12)] {
            assert_eq!(rows.some(first..last), all[first..last.min(9)]);
        }
        for (row, what) in all {
            if let Event(id) = what {
                assert_eq!(rows.of_event(id), Some(row));
            }
        }
        assert_eq!([0, 3, 4, 5, 8].map(|row| rows.task_of(row).unwrap()), [1, 1, 2, 2, 3]);
    }

    #[test]
    fn the_rows_of_a_moment_are_the_first_ones() {
        let rows = rows(|_| true);
        assert_eq!(
            (0..=6).map(|written| rows.len(written)).collect::<Vec<_>>(),
            [0, 2, 3, 4, 6, 8, 9]
        );
    }

    #[test]
    fn a_task_without_an_event_that_is_wanted_has_no_head() {
        let rows = rows(|id| id == 2 || id == 6);
        assert_eq!(
            rows.some(0..9),
            [
                (0, Row::Head(1)),
                (1, Row::Event(2)),
                (2, Row::Head(3)),
                (3, Row::Event(6))
            ]
        );
        assert_eq!((rows.of_event(5), rows.of_event(6)), (None, Some(3)));
        assert_eq!([1, 2, 5, 6].map(|written| rows.len(written)), [0, 2, 2, 4]);
        assert_eq!(Rows::default().task_of(0), None);
    }
}
