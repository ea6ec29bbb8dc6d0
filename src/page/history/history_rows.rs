//! The history as rows of one height: events, operations, or lines of JSON, with heads where that is wanted. Plain data; which
//! of them are in sight, and how they look, is `history_panel.rs`'s business.
//!
//! A row stays where it is while the run goes on: events only come after those there are. So the list of a moment is the
//! beginning of the list of the whole run, and no step has to make it anew. With the newest on top it is the same list,
//! read from its end.

use std::ops::Range;

use crate::base::sorted::SortedMap;

/// What a row is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// One row an event, below a head for each workflow task.
    #[default]
    ByTask,
    /// One row an event.
    Flat,
    /// One row for all the events of an activity, a timer, a workflow task, …
    Compact,
    /// Each event as JSON.
    Json,
}

/// How the history is listed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Listing {
    /// What a row is made of.
    pub mode: Mode,
    /// The newest on top.
    pub newest_first: bool,
    /// How times are told.
    pub time: Told,
}

/// How times are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Told {
    /// Since the run began.
    #[default]
    Elapsed,
    /// How long before the moment shown.
    Relative,
    /// As date and time of day.
    Absolute,
}

impl Listing {
    const MODES: [(Mode, &str); 4] = [
        (Mode::ByTask, "task"),
        (Mode::Flat, "flat"),
        (Mode::Compact, "compact"),
        (Mode::Json, "json"),
    ];
    const TIMES: [(Told, &str); 3] = [
        (Told::Elapsed, "elapsed"),
        (Told::Relative, "relative"),
        (Told::Absolute, "absolute"),
    ];

    /// For the storage.
    pub fn text(&self) -> String {
        let mode = Self::MODES
            .iter()
            .find(|(mode, _)| *mode == self.mode)
            .map_or("", |(_, word)| *word);
        let time = Self::TIMES
            .iter()
            .find(|(time, _)| *time == self.time)
            .map_or("", |(_, word)| *word);
        let order = if self.newest_first { "newest" } else { "oldest" };
        format!("{mode} {order} {time}")
    }

    /// As [`text`](Self::text) spells it; what is missing or unknown is as usual.
    pub fn read(text: &str) -> Self {
        let words = || text.split(' ');
        let mode = Self::MODES.iter().find(|(_, word)| words().any(|it| it == *word));
        let time = Self::TIMES.iter().find(|(_, word)| words().any(|it| it == *word));
        Self {
            mode: mode.map_or_else(Mode::default, |(mode, _)| *mode),
            newest_first: words().any(|word| word == "newest"),
            time: time.map_or_else(Told::default, |(time, _)| *time),
        }
    }
}

/// A row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// The head of a workflow task, by its number.
    Head(u32),
    /// An event, by its id.
    Event(u32),
    /// An operation, by its first event.
    Operation(u32),
    /// A line of an event's JSON, from 0.
    Json(u32, u32),
}

/// The rows of a run, as far as its events are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    newest_first: bool,
    items: Vec<Item>,
    /// Where among the items the heads are.
    heads: Vec<usize>,
    /// The workflow task of the last head.
    task: u32,
    operations: SortedMap<u32, Operation>,
    /// The events of operations, each with the first of its operation, in order.
    members: Vec<(u32, u32)>,
}

/// One or several rows that appear together.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Item {
    /// Its first row; of JSON the others are the lines below.
    row: Row,
    /// The event with which it appears.
    event: u32,
    /// The first of its rows, counted from the oldest.
    start: usize,
    height: usize,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Operation {
    events: Vec<u32>,
    /// Its place among the items, once one of its events is wanted.
    item: Option<usize>,
}

impl Rows {
    /// No rows yet.
    pub fn new(newest_first: bool) -> Self {
        Self {
            newest_first,
            ..Self::default()
        }
    }

    /// Adds the next event, and a head if it is the first of its workflow task.
    pub fn push_below_head(&mut self, id: u32, task: u32) {
        if self.heads.is_empty() || self.task != task {
            self.task = task;
            self.heads.push(self.items.len());
            self.add(Row::Head(task), id, 1);
        }
        self.push(id);
    }

    /// Adds the next event.
    pub fn push(&mut self, id: u32) {
        self.add(Row::Event(id), id, 1);
    }

    /// Adds the next event as so many lines.
    pub fn push_json(&mut self, id: u32, lines: usize) {
        self.add(Row::Json(id, 0), id, lines);
    }

    /// Adds the next event to the operation that `first` began. The operation has a row once one of its events is wanted.
    pub fn push_to_operation(&mut self, id: u32, first: u32, wanted: bool) {
        self.members.push((id, first));
        let place = self.items.len();
        let operation = self.operations.get_or_default(first);
        operation.events.push(id);
        if wanted && operation.item.is_none() {
            operation.item = Some(place);
            self.add(Row::Operation(first), id, 1);
        }
    }

    fn add(&mut self, row: Row, event: u32, height: usize) {
        let start = self.items.last().map_or(0, |last| last.start + last.height);
        self.items.push(Item {
            row,
            event,
            start,
            height,
        });
    }

    /// How many rows there are once `written` events are.
    pub fn len(&self, written: u32) -> usize {
        let last = self.written(written).checked_sub(1).map(|last| self.items[last]);
        last.map_or(0, |last| last.start + last.height)
    }

    /// The row of an event, or of its operation, once `written` events are.
    pub fn of_event(&self, id: u32, written: u32) -> Option<usize> {
        let count = self.written(written);
        let place = match self.members.binary_search_by_key(&id, |(member, _)| *member) {
            Ok(member) => self.operations.get(&self.members[member].1)?.item?,
            Err(_) => {
                let after = self.items.partition_point(|item| item.event <= id);
                after.checked_sub(1).filter(|place| self.items[*place].event == id)?
            }
        };
        (place < count).then(|| self.row_of(place, count))
    }

    /// The number of the workflow task that a row belongs to.
    pub fn task_of(&self, row: usize, written: u32) -> Option<u32> {
        let (place, _) = self.place(row, self.written(written))?;
        let head = self.heads.partition_point(|head| *head <= place).checked_sub(1)?;
        match self.items[self.heads[head]].row {
            Row::Head(task) => Some(task),
            Row::Event(_) | Row::Operation(_) | Row::Json(..) => None,
        }
    }

    /// The events of an operation, by its first, as far as they are among the first `written`.
    pub fn events_of(&self, first: u32, written: u32) -> &[u32] {
        let Some(operation) = self.operations.get(&first) else {
            return &[];
        };
        let until = operation.events.partition_point(|id| *id <= written);
        &operation.events[..until]
    }

    /// Some rows, as far as there are so many once `written` events are, each with its number from 0.
    pub fn some(&self, rows: Range<usize>, written: u32) -> Vec<(usize, Row)> {
        let count = self.written(written);
        let row = |row: usize| {
            let (place, line) = self.place(row, count)?;
            Some(match self.items[place].row {
                Row::Json(id, _) => (row, Row::Json(id, u32::try_from(line).unwrap_or(u32::MAX))),
                other => (row, other),
            })
        };
        rows.map_while(row).collect()
    }

    /// The nearest row below `row`, or above it, that stands for an event or an operation: its number, and that event or the
    /// first of the operation. From no row, the first or the last of all.
    pub fn next_event(&self, row: Option<usize>, below: bool, written: u32) -> Option<(usize, u32)> {
        let count = self.len(written);
        let event = |row: usize| match self.some(row..row + 1, written)[..] {
            [(row, Row::Event(id) | Row::Operation(id) | Row::Json(id, 0))] => Some((row, id)),
            _ => None,
        };
        if below {
            (row.map_or(0, |row| row + 1)..count).find_map(event)
        } else {
            (0..row.unwrap_or(count).min(count)).rev().find_map(event)
        }
    }

    /// How many items there are once `written` events are.
    fn written(&self, written: u32) -> usize {
        self.items.partition_point(|item| item.event <= written)
    }

    /// The item that a row belongs to, of the first `count`, and which of its rows it is.
    fn place(&self, row: usize, count: usize) -> Option<(usize, usize)> {
        let last = self.items[count.checked_sub(1)?];
        let total = last.start + last.height;
        if row >= total {
            return None;
        }
        let at = if self.newest_first { total - 1 - row } else { row };
        let place = self.items[..count].partition_point(|item| item.start <= at) - 1;
        let item = self.items[place];
        if !self.newest_first {
            return Some((place, at - item.start));
        }
        // A head stays above its events.
        let (head, end) = self.group(place, count);
        let place = match (head, end - 1 - place) {
            (None, _) => place,
            (Some(head), 0) => head,
            (Some(_), below) => end - below,
        };
        Some((place, item.height - 1 - (at - item.start)))
    }

    /// The first row of an item, of the first `count`.
    fn row_of(&self, place: usize, count: usize) -> usize {
        if !self.newest_first {
            return self.items[place].start;
        }
        let (head, end) = self.group(place, count);
        // As far from the end as it is from the beginning, but for the head, which trades places with all below it.
        let place = match head {
            None => place,
            Some(head) if head == place => end - 1,
            Some(_) => place - 1,
        };
        let last = self.items[count - 1];
        last.start + last.height - self.items[place].start - self.items[place].height
    }

    /// The head above an item, if there is one, and where its items end.
    fn group(&self, place: usize, count: usize) -> (Option<usize>, usize) {
        let below = self.heads.partition_point(|head| *head <= place);
        let head = below.checked_sub(1).map(|head| self.heads[head]);
        let end = self.heads.get(below).copied().unwrap_or(count).min(count);
        (head, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three tasks, of events 1 to 3, 4, and 5 to 6; as far as they are wanted.
    fn by_task(newest_first: bool, wanted: impl Fn(u32) -> bool) -> Rows {
        let mut rows = Rows::new(newest_first);
        for (id, task) in [(1, 1), (2, 1), (3, 1), (4, 2), (5, 3), (6, 3)] {
            if wanted(id) {
                rows.push_below_head(id, task);
            }
        }
        rows
    }

    fn all(rows: &Rows, written: u32) -> Vec<Row> {
        let some = rows.some(0..99, written);
        assert!(some.iter().enumerate().all(|(n, (row, _))| n == *row));
        assert_eq!(some.len(), rows.len(written));
        for (row, what) in &some {
            assert_eq!(rows.some(*row..row + 1, written), [(*row, *what)]);
            if let Row::Event(id) | Row::Operation(id) | Row::Json(id, 0) = what {
                assert_eq!(rows.of_event(*id, written), Some(*row), "{what:?}");
            }
        }
        some.into_iter().map(|(_, row)| row).collect()
    }

    #[test]
    fn each_task_has_a_head_above_its_events_whatever_the_order() {
        use Row::{Event, Head};
        let rows = by_task(false, |_| true);
        let told = [
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
        assert_eq!(all(&rows, 6), told);
        assert_eq!(
            [0, 3, 4, 5, 8].map(|row| rows.task_of(row, 6).unwrap()),
            [1, 1, 2, 2, 3]
        );
        let rows = by_task(true, |_| true);
        let told = [
            Head(3),
            Event(6),
            Event(5),
            Head(2),
            Event(4),
            Head(1),
            Event(3),
            Event(2),
            Event(1),
        ];
        assert_eq!(all(&rows, 6), told);
        assert_eq!(
            all(&rows, 2),
            [Head(1), Event(2), Event(1)],
            "of a moment, the newest of that moment"
        );
        assert_eq!([0, 2, 3, 8].map(|row| rows.task_of(row, 6).unwrap()), [3, 3, 2, 1]);
    }

    #[test]
    fn a_listing_outlives_a_visit() {
        let listing = Listing {
            mode: Mode::Compact,
            newest_first: true,
            time: Told::Absolute,
        };
        assert_eq!(Listing::read(&listing.text()), listing);
        assert_eq!(Listing::read("nonsense"), Listing::default());
    }

    #[test]
    fn the_rows_of_a_moment_are_the_first_ones() {
        let rows = by_task(false, |_| true);
        assert_eq!(
            (0..=6).map(|written| rows.len(written)).collect::<Vec<_>>(),
            [0, 2, 3, 4, 6, 8, 9]
        );
    }

    #[test]
    fn a_task_without_an_event_that_is_wanted_has_no_head() {
        use Row::{Event, Head};
        let rows = by_task(false, |id| id == 2 || id == 6);
        assert_eq!(all(&rows, 6), [Head(1), Event(2), Head(3), Event(6)]);
        assert_eq!(rows.of_event(5, 6), None);
        assert_eq!(Rows::default().task_of(0, 6), None);
    }

    #[test]
    fn from_event_to_event_over_the_heads() {
        let rows = by_task(false, |_| true);
        assert_eq!(rows.next_event(None, true, 6), Some((1, 1)));
        assert_eq!(rows.next_event(Some(3), true, 6), Some((5, 4)));
        assert_eq!(rows.next_event(Some(5), false, 6), Some((3, 3)));
        assert_eq!(rows.next_event(None, false, 6), Some((8, 6)));
        assert_eq!(
            rows.next_event(Some(3), true, 3),
            None,
            "the next task is not begun yet"
        );
        assert_eq!(rows.next_event(Some(1), false, 6), None);
    }

    #[test]
    fn an_operation_is_one_row_that_grows() {
        use Row::Operation;
        let mut rows = Rows::new(false);
        for (id, first) in [(1, 1), (2, 2), (3, 2), (4, 2), (5, 5), (6, 1)] {
            rows.push_to_operation(id, first, first != 5 || id > 5);
        }
        assert_eq!(all(&rows, 6), [Operation(1), Operation(2)]);
        assert_eq!(rows.events_of(2, 3), [2, 3]);
        assert_eq!(
            rows.of_event(6, 6),
            Some(0),
            "the end of the run is in the row of its beginning"
        );
        assert_eq!(rows.of_event(5, 6), None);
        assert_eq!(rows.next_event(None, true, 6), Some((0, 1)));
    }

    #[test]
    fn json_has_as_many_rows_as_lines_and_lines_keep_their_order() {
        use Row::Json;
        let mut rows = Rows::new(true);
        rows.push_json(1, 2);
        rows.push_json(2, 3);
        assert_eq!(
            all(&rows, 2),
            [Json(2, 0), Json(2, 1), Json(2, 2), Json(1, 0), Json(1, 1)]
        );
        assert_eq!(rows.next_event(Some(0), true, 2), Some((3, 1)));
    }
}
