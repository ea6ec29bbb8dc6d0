//! From virtual time to the picture's x and back: to scale, with long idle gaps folded into short pieces.
//!
//! Pure arithmetic. Which gaps are folded ([`folded_gaps`]) depends on the whole run only, never on cursor, zoom or width,
//! so that nothing jumps while the reader moves, and is found once for a run. A folded piece is still a piece: bars that
//! cross it are drawn across it.

use crate::base::sorted::SortedMap;
use crate::base::time::{SimTime, Span};

/// A gap longer than this share of what is drawn to scale is folded: with less, most gaps of a run would be.
const FOLD_SHARE: f64 = 0.16;
/// The share from which on a gap that is worth seeing to scale (a backoff) is folded too.
const FOLD_SHARE_WORTHY: f64 = 0.34;
/// Width of a folded piece: never narrower than its zigzag.
const FOLD_PX: f64 = 54.0;
/// And a little more for each factor of ten, so that longer still looks longer.
const FOLD_PX_PER_TEN: f64 = 14.0;
/// Folded pieces together take at most this share of the width.
const FOLDS_SHARE: f64 = 0.45;

/// A gap that is shorter is never folded, in seconds: it is hardly seen.
const FOLD_SECONDS_MIN: f64 = 0.05;
/// With fewer gaps each is a large share of the whole: folding those would leave nothing to see.
const FOLD_GAPS_MIN: usize = 8;

/// Ticks in one piece, at most: enough for the widest screen, and an end for the loop.
const TICKS_MAX: usize = 400;

/// A stretch of time between two steps: from, to.
pub type Gap = (SimTime, SimTime);

/// A stretch of time drawn evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// Its beginning.
    pub from: SimTime,
    /// Its end.
    pub to: SimTime,
    /// Where it begins in the picture.
    pub x0: f64,
    /// Where it ends.
    pub x1: f64,
    /// Not to scale.
    pub folded: bool,
}

/// A piecewise even scale over a whole run.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeScale {
    /// From left to right, without gaps. Never empty.
    pub pieces: Vec<Piece>,
}

/// A labelled line of the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where.
    pub x: f64,
    /// When, in words: `0.4 s`.
    pub label: String,
}

impl TimeScale {
    /// Lays out a run that ends at `end` over `width`, with those gaps folded; they are in order and do not meet.
    pub fn new(end: SimTime, folds: &[Gap], width: f64) -> Self {
        let end = if end == SimTime::ZERO {
            SimTime(1_000_000_000)
        } else {
            end
        };
        let mut spans = vec![];
        let mut from = SimTime::ZERO;
        for (a, b) in folds.iter().copied() {
            if from < a {
                spans.push((from, a, false));
            }
            spans.push((a, b, true));
            from = b;
        }
        if from < end || spans.is_empty() {
            spans.push((from, end, false));
        }
        let px = |a: SimTime, b: SimTime| FOLD_PX + FOLD_PX_PER_TEN * b.since(a).as_secs_f64().max(1.0).log10();
        let wanted: f64 = spans.iter().filter(|s| s.2).map(|s| px(s.0, s.1)).sum();
        let squeeze = (width * FOLDS_SHARE / wanted.max(1.0)).min(1.0);
        let drawn: f64 = spans
            .iter()
            .filter(|s| !s.2)
            .map(|s| s.1.since(s.0).as_secs_f64())
            .sum();
        let per_second = (width - wanted * squeeze) / drawn.max(1e-9);
        let mut x = 0.0;
        let pieces = spans
            .into_iter()
            .map(|(from, to, folded)| {
                let x0 = x;
                x += if folded {
                    px(from, to) * squeeze
                } else {
                    to.since(from).as_secs_f64() * per_second
                };
                Piece {
                    from,
                    to,
                    x0,
                    x1: x,
                    folded,
                }
            })
            .collect();
        Self { pieces }
    }

    /// Where a time is drawn.
    pub fn x(&self, time: SimTime) -> f64 {
        let i = self.pieces.partition_point(|p| p.to < time).min(self.pieces.len() - 1);
        let p = self.pieces[i];
        let span = p.to.since(p.from).as_secs_f64();
        let share = if span > 0.0 {
            time.since(p.from).as_secs_f64() / span
        } else {
            0.0
        };
        p.x0 + share.min(1.0) * (p.x1 - p.x0)
    }

    /// Which time is drawn there.
    pub fn time(&self, x: f64) -> SimTime {
        let i = self.pieces.partition_point(|p| p.x1 < x).min(self.pieces.len() - 1);
        let p = self.pieces[i];
        let share = ((x - p.x0) / (p.x1 - p.x0).max(1e-9)).clamp(0.0, 1.0);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a pixel"
        )]
        let nanos = (p.to.since(p.from).0 as f64 * share) as u64;
        p.from + Span(nanos)
    }

    /// The right end.
    pub fn width(&self) -> f64 {
        self.pieces.last().map_or(0.0, |p| p.x1)
    }

    /// Lines at round times of what is drawn to scale from `left` to `right`, at least `apart` from one another; both ends
    /// of every fold come first, for they are what a reader asks for.
    pub fn ticks(&self, left: f64, right: f64, apart: f64) -> Vec<Tick> {
        let even: Vec<&Piece> = self.pieces.iter().filter(|p| !p.folded).collect();
        let Some(widest) = even.iter().max_by(|a, b| (a.x1 - a.x0).total_cmp(&(b.x1 - b.x0))) else {
            return vec![];
        };
        let in_sight = |p: &&Piece| p.x1 >= left && p.x0 <= right;
        let per_second = (widest.x1 - widest.x0) / widest.to.since(widest.from).as_secs_f64().max(1e-9);
        let step = round_step(apart / per_second.max(1e-9));
        let mut taken: Vec<(f64, SimTime)> = vec![];
        let free = |taken: &[(f64, SimTime)], x: f64| taken.iter().all(|(t, _)| (t - x).abs() >= apart);
        for p in self.pieces.iter().filter(|p| p.folded).filter(in_sight) {
            for (x, t) in [(p.x0, p.from), (p.x1, p.to)] {
                if free(&taken, x) {
                    taken.push((x, t));
                }
            }
        }
        for p in even.into_iter().filter(in_sight) {
            let (from, to) = (p.from.max(self.time(left)), p.to.min(self.time(right)));
            // In u64 throughout: nanoseconds do not fit the browser's 32-bit usize, so `step_by` will not do.
            let first = from.0.div_ceil(step.0);
            for nanos in (first..).take(TICKS_MAX).map(|n| n * step.0).take_while(|n| *n <= to.0) {
                let x = self.x(SimTime(nanos));
                if free(&taken, x) {
                    taken.push((x, SimTime(nanos)));
                }
            }
        }
        // In order of time is in order of x.
        let taken: SortedMap<SimTime, f64> = taken.into_iter().map(|(x, t)| (t, x)).collect();
        let times: Vec<SimTime> = taken.keys().copied().collect();
        let digits = times.windows(2).map(|w| digits_between(w[0], w[1])).max().unwrap_or(0);
        taken
            .iter()
            .map(|(t, x)| Tick {
                x: *x,
                label: seconds(*t, digits),
            })
            .collect()
    }
}

/// The gaps to fold in a run that has steps at `times`, in order of time: the longest first, as long as it is too long
/// beside what remains. `worthy` tells which gaps are worth seeing to scale.
pub fn folded_gaps(times: impl Iterator<Item = SimTime>, worthy: impl Fn(Gap) -> bool) -> Vec<Gap> {
    let seconds = |gap: &Gap| gap.1.since(gap.0).as_secs_f64();
    let mut times: Vec<SimTime> = times.collect();
    times.sort_unstable();
    times.dedup();
    let mut gaps: Vec<Gap> = times.windows(2).map(|pair| (pair[0], pair[1])).collect();
    if gaps.len() < FOLD_GAPS_MIN {
        return vec![];
    }
    let mut drawn: f64 = gaps.iter().map(seconds).sum();
    gaps.sort_by(|a, b| seconds(b).total_cmp(&seconds(a)).then(a.cmp(b)));
    let mut folds = vec![];
    for gap in gaps {
        let length = seconds(&gap);
        // Neither is any later one then, for they are shorter.
        if length <= FOLD_SHARE * drawn || length <= FOLD_SECONDS_MIN {
            break;
        }
        if length > FOLD_SHARE_WORTHY * drawn || !worthy(gap) {
            folds.push(gap);
            drawn -= length;
        }
    }
    folds.sort_unstable();
    folds
}

/// The smallest of 1, 2, 5 × 10ⁿ that is not below so many seconds.
fn round_step(seconds: f64) -> Span {
    let mut step = 1_000_u64;
    for factor in [2, 5, 10].into_iter().cycle().take(45) {
        let base = step;
        if Span(step).as_secs_f64() >= seconds {
            break;
        }
        step = match factor {
            2 => base * 2,
            5 => base / 2 * 5,
            _ => base * 2,
        };
    }
    Span(step)
}

const HOUR: Span = Span::secs(3_600);

/// Digits after the point so that two neighbours never read the same.
fn digits_between(a: SimTime, b: SimTime) -> usize {
    (0..=3)
        .find(|d| seconds(a, *d) != seconds(b, *d) && b.since(a).as_secs_f64() >= 0.1_f64.powi(*d as i32))
        .unwrap_or(3)
}

/// `0.4 s`, `63 s`; from an hour on `1:00:00.2`.
fn seconds(t: SimTime, digits: usize) -> String {
    let (hours, rest) = (t.0 / HOUR.0, Span(t.0 % HOUR.0));
    if hours > 0 {
        let (minutes, seconds) = (rest.0 / 60_000_000_000, (rest.0 % 60_000_000_000) as f64 / 1e9);
        let width = if digits == 0 { 2 } else { digits + 3 };
        // Cut off, not rounded: 59.99 must not become 60.
        let scale = 10_f64.powi(digits as i32);
        let seconds = (seconds * scale).floor() / scale;
        return format!("{hours}:{minutes:02}:{seconds:0width$.digits$}");
    }
    let text = format!("{:.digits$}", t.as_secs_f64());
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{text} s")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> SimTime {
        SimTime(n * 1_000_000)
    }

    fn run() -> Vec<SimTime> {
        let mut times: Vec<SimTime> = (0..20).map(|i| ms(i * 20)).collect();
        times.extend((0..10).map(|i| ms(60_400 + i * 30)));
        times
    }

    fn scale(width: f64, fold: bool) -> TimeScale {
        let folds = folded_gaps(run().into_iter(), |_| false);
        TimeScale::new(run()[29], if fold { &folds } else { &[] }, width)
    }

    #[test]
    fn the_longest_gap_is_folded_and_the_rest_is_to_scale() {
        let scale = scale(1000.0, true);
        let folds: Vec<_> = scale
            .pieces
            .iter()
            .filter(|p| p.folded)
            .map(|p| (p.from, p.to))
            .collect();
        assert_eq!(folds, [(ms(380), ms(60_400))]);
        assert!((scale.width() - 1000.0).abs() < 1e-6);
        let early = scale.x(ms(40)) - scale.x(ms(20));
        let late = scale.x(ms(60_460)) - scale.x(ms(60_440));
        assert!((early - late).abs() < 1e-6, "{early} {late}");
    }

    #[test]
    fn a_worthy_gap_stays_to_scale_until_it_crowds_out_the_rest() {
        let mut times: Vec<SimTime> = (0..20).map(|i| ms(i * 20)).collect();
        times.push(ms(520));
        times.push(ms(540));
        let folds = |worthy: bool| folded_gaps(times.iter().copied(), |_| worthy).len();
        assert_eq!((folds(false), folds(true)), (1, 0));
        times.push(ms(60_000));
        assert_eq!(folded_gaps(times.iter().copied(), |_| true), [(ms(540), ms(60_000))]);
    }

    #[test]
    fn a_time_and_its_place_lead_to_each_other() {
        let scale = scale(800.0, true);
        for t in [0, 10, 200, 380, 400, 30_000, 60_399, 60_400, 60_500, 60_670] {
            let back = scale.time(scale.x(ms(t)));
            assert!(
                back.since(ms(t)).0.max(ms(t).since(back).0) < 1_000_000,
                "{t} ms came back as {back}"
            );
        }
    }

    #[test]
    fn ticks_keep_their_distance_and_never_read_the_same() {
        for width in [200.0, 800.0, 3000.0] {
            for fold in [true, false] {
                let ticks = scale(width, fold).ticks(0.0, width, 64.0);
                assert!(
                    ticks
                        .windows(2)
                        .all(|w| w[1].x - w[0].x >= 63.9 && w[0].label != w[1].label),
                    "{ticks:?}"
                );
            }
        }
    }

    #[test]
    fn a_run_without_time_still_has_a_scale() {
        for times in [vec![], vec![SimTime::ZERO]] {
            let folds = folded_gaps(times.into_iter(), |_| false);
            let scale = TimeScale::new(SimTime::ZERO, &folds, 500.0);
            assert_eq!(scale.pieces.len(), 1);
            assert!(scale.x(SimTime::ZERO).abs() < 1e-9);
        }
    }

    #[test]
    fn there_are_ticks_wherever_one_looks_and_none_elsewhere() {
        let scale = TimeScale::new(ms(3_600_000), &[], 4_000_000.0);
        for left in [0.0, 1_999_500.0, 3_999_000.0] {
            let ticks = scale.ticks(left, left + 1_000.0, 64.0);
            assert!((8..=17).contains(&ticks.len()), "{ticks:?}");
            assert!(
                ticks
                    .iter()
                    .all(|tick| tick.x >= left - 1.0 && tick.x <= left + 1_001.0)
            );
        }
    }

    #[test]
    fn long_times_are_told_with_hours() {
        let told =
            [(59_990, 1), (3_600_000, 0), (3_600_130, 2), (90_061_999, 1)].map(|(t, digits)| seconds(ms(t), digits));
        assert_eq!(told, ["60 s", "1:00:00", "1:00:00.13", "25:01:01.9"]);
    }

    #[test]
    fn round_steps_are_round() {
        let steps: Vec<u64> = [0.0, 0.0015, 0.03, 0.3, 0.7, 1.0, 4.0, 70.0]
            .map(|s| round_step(s).0 / 1000)
            .into();
        assert_eq!(
            steps,
            [1, 2000, 50_000, 500_000, 1_000_000, 1_000_000, 5_000_000, 100_000_000]
        );
    }
}
