//! What changes from step to step, kept as its changes: as much memory as there is news, and any moment in the time of a
//! binary search.

use std::sync::Arc;

/// A value over the steps of a run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Track<T> {
    changes: Vec<(u32, T)>,
}

impl<T> Default for Track<T> {
    fn default() -> Self {
        Self { changes: Vec::new() }
    }
}

impl<T> Track<T> {
    /// The value after `step` steps; `None` before it had one.
    pub(super) fn at(&self, step: u32) -> Option<&T> {
        let known = self.changes.partition_point(|(since, _)| *since <= step);
        self.changes.get(known.checked_sub(1)?).map(|(_, value)| value)
    }

    /// Whether it has no value yet.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The value now.
    pub(super) fn last(&self) -> Option<&T> {
        self.changes.last().map(|(_, value)| value)
    }

    /// Whether it became another one with that very step. Its first value is no change.
    pub(super) fn changed_at(&self, step: u32) -> bool {
        self.changes
            .binary_search_by_key(&step, |(since, _)| *since)
            .is_ok_and(|place| place > 0)
    }

    /// All values, each with the step that brought it.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, &T)> {
        self.changes.iter().map(|(step, value)| (*step, value))
    }
}

impl<T: Clone> Track<T> {
    /// What was known after so many steps.
    pub(super) fn until(&self, step: u32) -> Self {
        let known = self.changes.partition_point(|(since, _)| *since <= step);
        Self {
            changes: self.changes[..known].to_vec(),
        }
    }
}

impl<T: PartialEq> Track<T> {
    /// The value after that step, which is no earlier than any before. Costs nothing if it is the same as before.
    pub(super) fn set(&mut self, step: u32, value: T) {
        if self.last() == Some(&value) {
            return;
        }
        match self.changes.last_mut() {
            Some((since, last)) if *since == step => *last = value,
            _ => self.changes.push((step, value)),
        }
    }
}

impl<T: PartialEq> Track<Arc<T>> {
    /// The same for a large value, which is shared by all who go on from here.
    pub(super) fn set_large(&mut self, step: u32, value: T) {
        if self.last().is_none_or(|last| **last != value) {
            self.set(step, Arc::new(value));
        }
    }
}

/// Which of many things are open, over the steps of a run: the changes, and now and then all that is open at once, so
/// that no question walks through more of the past than is open.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct OpenTrack {
    changes: Vec<Change>,
    frames: Vec<Frame>,
    open: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Change {
    step: u32,
    item: u32,
    opens: bool,
}

/// What is open before change number `changes`.
#[derive(Clone, Debug, PartialEq)]
struct Frame {
    changes: usize,
    open: Vec<u32>,
}

/// At least so many changes lie between two frames.
const BETWEEN_FRAMES: usize = 32;

impl OpenTrack {
    /// A thing opens.
    pub(super) fn open(&mut self, step: u32, item: u32) {
        self.change(Change {
            step,
            item,
            opens: true,
        });
    }

    /// A thing closes.
    pub(super) fn close(&mut self, step: u32, item: u32) {
        self.change(Change {
            step,
            item,
            opens: false,
        });
    }

    /// What is open now, in order.
    pub(super) fn now(&self) -> &[u32] {
        &self.open
    }

    /// What was open after `step` steps, in order.
    pub(super) fn at(&self, step: u32) -> Vec<u32> {
        let until = self.changes.partition_point(|change| change.step <= step);
        let frames = self.frames.partition_point(|frame| frame.changes <= until);
        let (from, mut open) = match frames.checked_sub(1) {
            Some(frame) => (self.frames[frame].changes, self.frames[frame].open.clone()),
            None => (0, Vec::new()),
        };
        for change in &self.changes[from..until] {
            apply(&mut open, *change);
        }
        open
    }

    /// What was known after so many steps.
    pub(super) fn until(&self, step: u32) -> Self {
        let known = self.changes.partition_point(|change| change.step <= step);
        let frames = self.frames.partition_point(|frame| frame.changes < known);
        Self {
            changes: self.changes[..known].to_vec(),
            frames: self.frames[..frames].to_vec(),
            open: self.at(step),
        }
    }

    fn change(&mut self, change: Change) {
        let since = self.frames.last().map_or(0, |frame| frame.changes);
        if self.changes.len() - since >= BETWEEN_FRAMES.max(self.open.len()) {
            self.frames.push(Frame {
                changes: self.changes.len(),
                open: self.open.clone(),
            });
        }
        apply(&mut self.open, change);
        self.changes.push(change);
    }
}

fn apply(open: &mut Vec<u32>, change: Change) {
    match (open.binary_search(&change.item), change.opens) {
        (Err(place), true) => open.insert(place, change.item),
        (Ok(place), false) => drop(open.remove(place)),
        (Ok(_), true) | (Err(_), false) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_keeps_changes_only_and_knows_every_moment() {
        let mut track = Track::default();
        for (step, value) in [(0, 'a'), (3, 'a'), (4, 'b'), (4, 'c'), (9, 'a')] {
            track.set(step, value);
        }
        let at = |step| track.at(step).copied();
        assert_eq!(
            [at(0), at(3), at(4), at(8), at(9), at(99)].map(Option::unwrap),
            ['a', 'a', 'c', 'c', 'a', 'a']
        );
        assert_eq!(track.iter().count(), 3);
        assert_eq!(
            [0, 3, 4, 9].map(|step| track.changed_at(step)),
            [false, false, true, true]
        );
    }

    #[test]
    fn what_was_known_then_goes_on_as_it_did() {
        let grow = |track: &mut OpenTrack, from: u32, to: u32| {
            for step in from..to {
                track.open(step, step);
                if let Some(old) = step.checked_sub(5) {
                    track.close(step, old);
                }
            }
        };
        let mut whole = OpenTrack::default();
        grow(&mut whole, 0, 300);
        for step in [0, 1, 15, 16, 17, 100, 298] {
            let mut again = whole.until(step);
            grow(&mut again, step + 1, 300);
            assert_eq!(again, whole, "{step}");
        }
    }

    /// A thing a step, each open for `lasts` steps: what is open at a moment is known without walking far, and what is
    /// kept for it does not grow with the length of the run.
    #[test]
    fn what_is_open_is_known_at_every_moment_for_a_constant_price() {
        for lasts in [1_u32, 5, 200] {
            let mut track = OpenTrack::default();
            for step in 0..4_000 {
                if step >= lasts {
                    track.close(step, step - lasts);
                }
                track.open(step, step);
            }
            for step in [0_u32, 1, 31, 32, 33, 500, 3_999] {
                let expected: Vec<u32> = ((step + 1).saturating_sub(lasts)..=step).collect();
                assert_eq!(track.at(step), expected, "{lasts}, {step}");
            }
            let kept: usize = track.frames.iter().map(|frame| frame.open.len()).sum();
            assert!(kept <= track.changes.len(), "{lasts}: {kept}");
            let walked = track.frames.windows(2).map(|pair| pair[1].changes - pair[0].changes);
            assert!(walked.max().unwrap() <= BETWEEN_FRAMES.max(lasts as usize + 1));
        }
    }
}
