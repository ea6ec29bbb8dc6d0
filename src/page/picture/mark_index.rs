//! Which marks of a run are in sight, found without walking through the run.
//!
//! Marks of one kind in one row of a lane are a *track*, in the order in which they begin. Over each track stands a small tower of
//! sums, eight to one: how far so many marks reach, and what is the worst among them. A look at a part of the picture
//! climbs down only where something is in sight, and where many marks begin within a few pixels it takes their sum
//! instead: the price of a look grows with the width of the picture, not with the length of the run.

use crate::base::time::SimTime;
use crate::view::recording::{Category, Mark, MarkKind, Outcome};

/// How many marks, or sums, stand under one sum.
const UNDER: usize = 8;
/// Up to so many marks of a track are seen one by one, however close.
const ONE_BY_ONE: usize = 160;
/// With more tracks than so many each gets a smaller part of what can be drawn in time.
const TRACKS: usize = 12;

/// The index of a run's marks.
#[derive(Clone, Debug, Default)]
pub struct MarkIndex {
    tracks: Vec<Track>,
}

/// The marks of one kind in one row of a lane.
#[derive(Clone, Debug)]
struct Track {
    lane: u32,
    row: u32,
    kind: MarkKind,
    /// Seen only while they last.
    fleeting: bool,
    /// In the order in which they begin; as places in the run's list.
    marks: Vec<u32>,
    /// Sums of eight marks, of eight such sums, and so on up to one.
    sums: Vec<Vec<Sum>>,
}

/// What several marks of a track come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sum {
    /// How many.
    pub count: u32,
    /// How many of them did not end well.
    pub bad: u32,
    /// Where the first begins.
    pub from: SimTime,
    /// Where the last to begin does.
    pub last_from: SimTime,
    /// Where the last to end does.
    pub to: SimTime,
    /// The step that brings the first of them.
    pub first_step: u32,
    /// The step that brings the last of them.
    pub last_step: u32,
    /// The step that ends the last of them.
    pub to_step: u32,
    /// The worst end among them.
    pub worst: Outcome,
}

/// Something in sight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen {
    /// A mark, as a place in the run's list.
    One(u32),
    /// Marks of one kind in one row that cannot be told apart.
    Many {
        /// The lane.
        lane: u32,
        /// The row of it.
        row: u32,
        /// The kind.
        kind: MarkKind,
        /// What they come to.
        sum: Sum,
    },
}

/// From where one looks.
#[derive(Clone, Copy, Debug)]
pub struct View<X> {
    /// How many steps are done: marks that appear later are not there yet.
    pub step: u32,
    /// The part of time in sight.
    pub from: SimTime,
    /// Its end.
    pub to: SimTime,
    /// Where a time is drawn.
    pub x: X,
    /// Marks that begin within so many pixels are not told apart where there are many.
    pub fine: f64,
}

/// What to do about a sum.
enum Way {
    /// Nothing of it is wanted.
    Past,
    /// Look at what it is made of.
    Down,
    /// It will do.
    Take,
}

impl MarkIndex {
    /// Indexes the marks of a run.
    pub fn new(marks: &[Mark]) -> Self {
        let mut index = Self::default();
        for (place, mark) in (0..).zip(marks) {
            let (kind, fleeting) = track_of(mark);
            let same =
                |t: &&mut Track| (t.lane, t.row) == (mark.lane, mark.row) && t.kind == kind && t.fleeting == fleeting;
            match index.tracks.iter_mut().find(same) {
                Some(track) => track.marks.push(place),
                None => index.tracks.push(Track {
                    lane: mark.lane,
                    row: mark.row,
                    kind,
                    fleeting,
                    marks: vec![place],
                    sums: vec![],
                }),
            }
        }
        for track in &mut index.tracks {
            track.marks.sort_by_key(|place| marks[*place as usize].from);
            track.sum_up(marks);
        }
        index
    }

    /// What is in sight from there: the marks in the order of the run's list, then the sums.
    pub fn look<X: Fn(SimTime) -> f64>(&self, marks: &[Mark], view: &View<X>) -> Vec<Seen> {
        let (mut ones, mut sums) = (vec![], vec![]);
        let crowd = self.tracks.len().div_ceil(TRACKS).max(1);
        for track in &self.tracks {
            track.look(marks, view, crowd, &mut ones, &mut sums);
        }
        ones.sort_unstable();
        ones.into_iter().map(Seen::One).chain(sums).collect()
    }

    /// The marks that last at least from one time to another, in the order of the run's list; of very many, some.
    pub fn covering(&self, marks: &[Mark], from: SimTime, to: SimTime) -> Vec<u32> {
        let mut found = vec![];
        let lasts = |sum: &Sum| sum.from <= from && sum.to >= to;
        for track in self.tracks.iter().filter(|track| !track.fleeting) {
            let enough = found.len() + ONE_BY_ONE;
            let way = |sum: &Sum| if lasts(sum) { Way::Down } else { Way::Past };
            track.walk(marks, way, |sum, place| {
                if lasts(&sum) {
                    found.extend(place);
                }
                found.len() < enough
            });
        }
        found.sort_unstable();
        found
    }
}

/// Events are one track, whatever they are about. Of a danger that nobody came to harm in there is nothing to see later.
fn track_of(mark: &Mark) -> (MarkKind, bool) {
    match mark.kind {
        MarkKind::Event(_) => (MarkKind::Event(Category::Other), false),
        MarkKind::Danger => (MarkKind::Danger, mark.outcome == Outcome::Ok),
        kind => (kind, false),
    }
}

impl Track {
    fn sum_up(&mut self, marks: &[Mark]) {
        let ones: Vec<Sum> = self
            .marks
            .iter()
            .map(|place| Sum::of(&marks[*place as usize]))
            .collect();
        let mut level: Vec<Sum> = ones.chunks(UNDER).map(total).collect();
        while level.len() > 1 {
            let next = level.chunks(UNDER).map(total).collect();
            self.sums.push(std::mem::replace(&mut level, next));
        }
        self.sums.push(level);
    }

    /// With so many times as many tracks as usual.
    fn look<X: Fn(SimTime) -> f64>(
        &self,
        marks: &[Mark],
        view: &View<X>,
        crowd: usize,
        ones: &mut Vec<u32>,
        sums: &mut Vec<Seen>,
    ) {
        let fine = view.fine * f64::from(u32::try_from(crowd).unwrap_or(1));
        let in_sight = |sum: &Sum| {
            let there = sum.first_step <= view.step && (!self.fleeting || sum.to_step > view.step);
            there && sum.from <= view.to && sum.to >= view.from
        };
        let known = ones.len();
        let way = |sum: &Sum| if in_sight(sum) { Way::Down } else { Way::Past };
        let few = self.walk(marks, way, |sum, place| {
            if in_sight(&sum) {
                ones.extend(place);
            }
            ones.len() - known <= ONE_BY_ONE / crowd
        });
        if few {
            return;
        }
        ones.truncate(known);
        let close = |from: SimTime, last: SimTime| (view.x)(last) - (view.x)(from) <= fine;
        let way = |sum: &Sum| match in_sight(sum) {
            false => Way::Past,
            true if sum.last_step <= view.step && close(sum.from, sum.last_from) => Way::Take,
            true => Way::Down,
        };
        let mut heap: Option<(Sum, Option<u32>)> = None;
        let mut done = |heap: Option<(Sum, Option<u32>)>| match heap {
            Some((_, Some(place))) => ones.push(place),
            Some((sum, None)) => sums.push(Seen::Many {
                lane: self.lane,
                row: self.row,
                kind: self.kind,
                sum,
            }),
            None => {}
        };
        self.walk(marks, way, |sum, place| {
            match &mut heap {
                _ if !in_sight(&sum) => {}
                Some((heap, alone)) if close(heap.from, sum.last_from) => {
                    *heap = total(&[*heap, sum]);
                    *alone = None;
                }
                _ => done(heap.replace((sum, place))),
            }
            true
        });
        done(heap);
    }

    /// Goes through the track in order, up and down its tower as `way` says. `visit` gets each sum that was taken, and
    /// each mark with its place, and says whether to go on. False if it has stopped.
    fn walk(&self, marks: &[Mark], way: impl Fn(&Sum) -> Way, mut visit: impl FnMut(Sum, Option<u32>) -> bool) -> bool {
        // Still to be seen, the next one last: level and place. Marks are one level below the sums.
        let top = self.sums.len();
        let mut ahead = vec![(top, 0)];
        while let Some((level, at)) = ahead.pop() {
            let Some(below) = level.checked_sub(1) else {
                let place = self.marks[at];
                if !visit(Sum::of(&marks[place as usize]), Some(place)) {
                    return false;
                }
                continue;
            };
            let sum = self.sums[below][at];
            match way(&sum) {
                Way::Past => {}
                Way::Take => {
                    if !visit(sum, None) {
                        return false;
                    }
                }
                Way::Down => {
                    let len = if below == 0 {
                        self.marks.len()
                    } else {
                        self.sums[below - 1].len()
                    };
                    let under = at * UNDER..len.min((at + 1) * UNDER);
                    ahead.extend(under.rev().map(|at| (below, at)));
                }
            }
        }
        true
    }
}

impl Sum {
    fn of(mark: &Mark) -> Self {
        Self {
            count: 1,
            bad: u32::from(badness(mark.outcome) >= 2),
            from: mark.from,
            last_from: mark.from,
            to: mark.to,
            first_step: mark.from_step,
            last_step: mark.from_step,
            to_step: mark.to_step,
            worst: mark.outcome,
        }
    }

    /// How they ended, as far as is known after `step` steps.
    pub fn outcome(&self, step: u32) -> Outcome {
        if self.to_step > step {
            Outcome::Running
        } else {
            self.worst
        }
    }
}

/// How bad an end is; from 2 on, something went wrong.
fn badness(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Running => 0,
        Outcome::Ok | Outcome::Canceled => 1,
        Outcome::Failed => 2,
        Outcome::TimedOut => 3,
        Outcome::Lost => 4,
    }
}

fn worse(a: Outcome, b: Outcome) -> Outcome {
    if badness(b) > badness(a) { b } else { a }
}

fn total(sums: &[Sum]) -> Sum {
    let mut all = sums.iter().copied();
    let first = all.next().expect("a sum is of something");
    all.fold(first, |a, b| Sum {
        count: a.count + b.count,
        bad: a.bad + b.bad,
        from: a.from.min(b.from),
        last_from: a.last_from.max(b.last_from),
        to: a.to.max(b.to),
        first_step: a.first_step.min(b.first_step),
        last_step: a.last_step.max(b.last_step),
        to_step: a.to_step.max(b.to_step),
        worst: worse(a.worst, b.worst),
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn mark(n: u32, from: u64, to: u64, outcome: Outcome) -> Mark {
        Mark {
            lane: 2,
            row: 0,
            kind: MarkKind::Activity,
            from: SimTime(from),
            to: SimTime(to),
            due: None,
            from_step: 2 * n + 1,
            to_step: 2 * n + 2,
            outcome,
            event: None,
            by: None,
            of: n,
        }
    }

    /// One after the other, a hundred nanoseconds each, every tenth with a failure.
    fn in_turn(count: u32) -> Vec<Mark> {
        let outcome = |n| if n % 10 == 9 { Outcome::Failed } else { Outcome::Ok };
        (0..count)
            .map(|n| mark(n, u64::from(n) * 100, u64::from(n) * 100 + 90, outcome(n)))
            .collect()
    }

    fn view<X: Fn(SimTime) -> f64>(step: u32, from: u64, to: u64, x: X) -> View<X> {
        View {
            step,
            from: SimTime(from),
            to: SimTime(to),
            x,
            fine: 4.0,
        }
    }

    #[test]
    fn few_marks_are_seen_one_by_one_if_they_are_there_and_in_sight() {
        let marks = in_turn(5_000);
        let index = MarkIndex::new(&marks);
        let seen = index.look(&marks, &view(u32::MAX, 100_050, 101_000, |t| t.0 as f64 / 10.0));
        let expected: Vec<Seen> = (1_000..=1_010).map(Seen::One).collect();
        assert_eq!(seen, expected);
        let early = index.look(&marks, &view(2 * 1_003, 100_050, 101_000, |t| t.0 as f64 / 10.0));
        assert_eq!(early, expected[..3], "three have begun");
    }

    #[test]
    fn many_marks_are_seen_as_sums_that_leave_none_out() {
        let marks = in_turn(5_000);
        let index = MarkIndex::new(&marks);
        // A thousand pixels for all of it.
        let seen = index.look(&marks, &view(u32::MAX, 0, 500_000, |t| t.0 as f64 / 500.0));
        assert!((100..=334).contains(&seen.len()), "{}", seen.len());
        let (mut count, mut bad) = (0, 0);
        for seen in &seen {
            match seen {
                Seen::One(place) => {
                    count += 1;
                    bad += u32::from(marks[*place as usize].outcome == Outcome::Failed);
                }
                Seen::Many { sum, .. } => {
                    count += sum.count;
                    bad += sum.bad;
                    assert_eq!(sum.worst == Outcome::Failed, sum.bad > 0);
                }
            }
        }
        assert_eq!((count, bad), (5_000, 500));
    }

    #[test]
    fn the_price_of_a_look_does_not_grow_with_the_run() {
        let price = |count: u32| {
            let marks = in_turn(count);
            let index = MarkIndex::new(&marks);
            let drawn = Cell::new(0);
            let end = u64::from(count) * 100;
            index.look(
                &marks,
                &view(u32::MAX, 0, end, |t| {
                    drawn.set(drawn.get() + 1);
                    t.0 as f64 / end as f64 * 1_000.0
                }),
            );
            drawn.get()
        };
        let (short, long) = (price(3_000), price(300_000));
        assert!(long < short * 3, "{short} and {long} looks");
    }

    #[test]
    fn marks_that_begin_together_are_one_however_long_they_last() {
        let marks: Vec<Mark> = (0..1_000)
            .map(|n| mark(n, u64::from(n), 10_000 + u64::from(n) * 7, Outcome::Ok))
            .collect();
        let index = MarkIndex::new(&marks);
        let seen = index.look(&marks, &view(u32::MAX, 0, 20_000, |t| t.0 as f64 / 20.0));
        assert!(seen.len() <= 20, "{}", seen.len());
    }

    #[test]
    fn a_danger_that_passed_is_seen_only_while_it_lasts() {
        let mut marks = in_turn(3);
        for mark in &mut marks {
            mark.kind = MarkKind::Danger;
        }
        marks[1].outcome = Outcome::Lost;
        let index = MarkIndex::new(&marks);
        let at = |step| index.look(&marks, &view(step, 0, 1_000, |t| t.0 as f64));
        assert_eq!(at(1), [Seen::One(0)]);
        assert_eq!(at(2), []);
        assert_eq!(at(3), [Seen::One(1)]);
        assert_eq!(at(5), [Seen::One(1), Seen::One(2)]);
        assert_eq!(at(9), [Seen::One(1)]);
    }

    #[test]
    fn what_covers_a_stretch_of_time_is_found() {
        let mut marks = in_turn(2_000);
        marks.push(mark(0, 50, 150_000, Outcome::Ok));
        let index = MarkIndex::new(&marks);
        assert_eq!(index.covering(&marks, SimTime(120_000), SimTime(140_000)), [2_000]);
        assert_eq!(index.covering(&marks, SimTime(710), SimTime(780)), [7, 2_000]);
    }
}
