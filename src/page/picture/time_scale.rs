//! From virtual time to the picture's x and back: to scale, with long idle gaps folded into short pieces.
//!
//! Pure arithmetic. Which gaps are folded ([`folded_gaps`]) depends on the whole run only, never on cursor, zoom or width,
//! so that nothing jumps while the reader moves, and is found once for a run. A folded piece is still a piece: bars that
//! cross it are drawn across it.

use crate::base::time::{SimTime, Span};

/// A gap longer than this share of what is drawn to scale is folded: with less, most gaps of a run would be.
const FOLD_SHARE: f64 = 0.2;
/// The share from which on a gap that is worth seeing to scale (a backoff) is folded too.
const FOLD_SHARE_WORTHY: f64 = 0.34;
/// Folded pieces together take at most this share of the width.
const FOLDS_SHARE: f64 = 0.6;
/// Where there are many, those that nobody has to read shrink first, down to this share of what they want.
const FOLD_LEAST: f64 = 0.2;

/// Nor one that is shorter than this share of the longest: what remains to be told apart is told apart to scale.
const FOLD_SHARE_OF_LONGEST: f64 = 1.0 / 30.0;
/// A gap that is shorter is never folded, in seconds: it is hardly seen.
const FOLD_SECONDS_MIN: f64 = 0.05;
/// With fewer gaps each is a large share of the whole: folding those would leave nothing to see.
const FOLD_GAPS_MIN: usize = 8;

/// Ticks in one piece, at most: enough for the widest screen, and an end for the loop.
const TICKS_MAX: usize = 400;

/// A stretch of time between two steps: from, to.
pub type Gap = (SimTime, SimTime);

/// A gap that is not drawn to scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fold {
    /// From when until when.
    pub gap: Gap,
    /// How wide it wants to be: its length stands in it.
    pub px: f64,
    /// A worker is dead or cut off meanwhile: it keeps its width as long as anything does.
    pub outage: bool,
}

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
    /// When, in words: `0:00.4`.
    pub label: String,
}

impl TimeScale {
    /// Lays out a run that ends at `end` over `width`, with those gaps folded; they are in order and do not meet.
    pub fn new(end: SimTime, folds: &[Fold], width: f64) -> Self {
        let end = if end == SimTime::ZERO {
            SimTime(1_000_000_000)
        } else {
            end
        };
        let mut spans = vec![];
        let mut from = SimTime::ZERO;
        for (fold, px) in folds.iter().zip(squeezed(folds, width * FOLDS_SHARE)) {
            let (a, b) = fold.gap;
            if from < a {
                spans.push((from, a, None));
            }
            spans.push((a, b, Some(px)));
            from = b;
        }
        if from < end || spans.is_empty() {
            spans.push((from, end, None));
        }
        let folded: f64 = spans.iter().filter_map(|s| s.2).sum();
        let drawn: f64 = spans
            .iter()
            .filter(|s| s.2.is_none())
            .map(|s| s.1.since(s.0).as_secs_f64())
            .sum();
        let per_second = (width - folded) / drawn.max(1e-9);
        let mut x = 0.0;
        let pieces = spans
            .into_iter()
            .map(|(from, to, folded)| {
                let x0 = x;
                x += folded.unwrap_or_else(|| to.since(from).as_secs_f64() * per_second);
                Piece {
                    from,
                    to,
                    x0,
                    x1: x,
                    folded: folded.is_some(),
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

    /// Lines at round times of what is drawn to scale from `left` to `right`, as near to one another as their labels
    /// allow with `apart` between them. What is drawn to scale between two folds and too short for a round time of the
    /// others gets the roundest time that it has, if that is nearly as round.
    pub fn ticks(&self, left: f64, right: f64, apart: f64, width_of: impl Fn(&str) -> f64) -> Vec<Tick> {
        let even = || self.pieces.iter().filter(|p| !p.folded && p.x1 > p.x0);
        let in_sight = |p: &&Piece| p.x1 >= left && p.x0 <= right;
        let Some(any) = even().next() else { return vec![] };
        let per_second = (any.x1 - any.x0) / any.to.since(any.from).as_secs_f64().max(1e-12);
        let end = self.pieces.last().map_or(SimTime::ZERO, |p| p.to);
        let axis = Axis::up_to(end);
        let latest = self.time(right);
        let wide = |time: SimTime, step: Span| width_of(&axis.label(time, step));
        let room = |step: &Span| step.as_secs_f64() * per_second >= wide(latest, *step) + apart;
        let Some(step) = axis.steps().find(room) else {
            return vec![];
        };
        let mut taken: Vec<(SimTime, Tick, f64)> = vec![];
        let mut take = |time: SimTime, step: Span| {
            let (x, label) = (self.x(time), axis.label(time, step));
            let half = width_of(&label) / 2.0;
            let free = taken
                .iter()
                .all(|(_, tick, other)| (tick.x - x).abs() >= half + other + apart && tick.label != label);
            if free {
                taken.push((time, Tick { x, label }, half));
            }
            free
        };
        for p in even().filter(in_sight) {
            // In u64 throughout: nanoseconds do not fit the browser's 32-bit usize, so `step_by` will not do.
            let (from, to) = (p.from.max(self.time(left)), p.to.min(latest));
            let first = from.0.div_ceil(step.0);
            for nanos in (first..).take(TICKS_MAX).map(|n| n * step.0).take_while(|n| *n <= to.0) {
                take(SimTime(nanos), step);
            }
        }
        for p in even().filter(in_sight) {
            let bare = |step: &Span| p.from.0.div_ceil(step.0) * step.0 > p.to.0;
            if bare(&step)
                && let Some(finer) = axis.steps_down(step).find(|finer| !bare(finer))
                // A number that is not round says less than none.
                && finer.0 * 10 >= step.0
            {
                take(SimTime(p.from.0.div_ceil(finer.0) * finer.0), finer);
            }
        }
        taken.sort_by_key(|(time, ..)| *time);
        taken.into_iter().map(|(_, tick, _)| tick).collect()
    }
}

/// The widths of folds that may take so much together.
fn squeezed(folds: &[Fold], most: f64) -> Vec<f64> {
    let sum = |outage: bool| folds.iter().filter(|f| f.outage == outage).map(|f| f.px).sum::<f64>();
    let (outages, others) = (sum(true), sum(false));
    let least = others * FOLD_LEAST;
    let share = |room: f64, wanted: f64| if wanted > 0.0 { (room / wanted).min(1.0) } else { 1.0 };
    let of_outages = share((most - least).max(0.0), outages);
    let of_others = share((most - outages * of_outages).max(least.min(most)), others);
    folds
        .iter()
        .map(|fold| fold.px * if fold.outage { of_outages } else { of_others })
        .collect()
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
    let least = gaps.first().map_or(0.0, seconds) * FOLD_SHARE_OF_LONGEST;
    let mut folds = vec![];
    for gap in gaps {
        let length = seconds(&gap);
        // Neither is any later one then, for they are shorter.
        if length <= FOLD_SHARE * drawn || length <= least.max(FOLD_SECONDS_MIN) {
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

/// How a run's times are told on its axis: as any point in time is told, all with the same parts, but with no more
/// digits than they need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axis {
    /// `1:02.5`.
    Minutes,
    /// `1:00:00`.
    Hours,
    /// `2 d 06:00:00`.
    Days,
}

impl Axis {
    fn up_to(end: SimTime) -> Self {
        match end.0 / 3_600_000_000_000 {
            0 => Self::Minutes,
            1..48 => Self::Hours,
            _ => Self::Days,
        }
    }

    /// Round steps from a nanosecond on, the finest first.
    fn steps(self) -> impl DoubleEndedIterator<Item = Span> {
        const ROUND: [u64; 18] = [
            10, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
            432_000, 864_000,
        ];
        let decimal = (0..10).flat_map(|power| [1, 2, 5].map(|n| n * 10_u64.pow(power)));
        let fine = decimal.filter(|nanos| *nanos <= 5_000_000_000).map(Span);
        let long = (1..14).map(|n| Span::secs(864_000 << n));
        fine.chain(ROUND.into_iter().map(Span::secs)).chain(long)
    }

    /// The steps that are finer than that one, the coarsest first.
    fn steps_down(self, step: Span) -> impl Iterator<Item = Span> {
        self.steps().rev().filter(move |finer| *finer < step)
    }

    /// A multiple of a step, with the digits that the step needs and no more.
    fn label(self, time: SimTime, step: Span) -> String {
        const SECOND: u64 = 1_000_000_000;
        let whole = |digits: &usize| (0..*digits).fold(step.0 % SECOND, |rest, _| rest * 10 % SECOND) == 0;
        let digits = (0..9).find(whole).unwrap_or(9);
        let (seconds, rest) = (time.0 / SECOND, time.0 % SECOND);
        let (h, m, s) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        let fraction = fraction(rest, digits);
        match self {
            Self::Minutes => format!("{m}:{s:02}{fraction}"),
            Self::Hours => format!("{h}:{m:02}:{s:02}{fraction}"),
            Self::Days => format!("{} d {:02}:{m:02}:{s:02}{fraction}", h / 24, h % 24),
        }
    }
}

/// `.25`: the first digits of so many nanoseconds, without zeros at the end.
fn fraction(nanos: u64, digits: usize) -> String {
    let all = format!("{nanos:09}");
    let shown = all.get(..digits).unwrap_or_default().trim_end_matches('0');
    if shown.is_empty() {
        String::new()
    } else {
        format!(".{shown}")
    }
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
        let gaps = folded_gaps(run().into_iter(), |_| false);
        let folds: Vec<Fold> = gaps.into_iter().map(|gap| fold_of(gap, false)).collect();
        TimeScale::new(run()[29], if fold { &folds } else { &[] }, width)
    }

    fn fold_of(gap: Gap, outage: bool) -> Fold {
        Fold { gap, px: 80.0, outage }
    }

    fn width_of(label: &str) -> f64 {
        label.chars().count() as f64 * 7.0
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
                let ticks = scale(width, fold).ticks(0.0, width, 12.0, width_of);
                assert!(ticks.len() >= 2, "{width}: {ticks:?}");
                for pair in ticks.windows(2) {
                    let room = (width_of(&pair[0].label) + width_of(&pair[1].label)) / 2.0;
                    assert!(pair[1].x - pair[0].x >= room + 11.9, "{ticks:?}");
                    assert_ne!(pair[0].label, pair[1].label);
                }
            }
        }
    }

    #[test]
    fn a_run_without_time_still_has_a_scale() {
        for times in [vec![], vec![SimTime::ZERO]] {
            assert!(folded_gaps(times.into_iter(), |_| false).is_empty());
            let scale = TimeScale::new(SimTime::ZERO, &[], 500.0);
            assert_eq!(scale.pieces.len(), 1);
            assert!(scale.x(SimTime::ZERO).abs() < 1e-9);
        }
    }

    #[test]
    fn there_are_ticks_wherever_one_looks_and_none_elsewhere() {
        let scale = TimeScale::new(ms(3_600_000), &[], 4_000_000.0);
        for left in [0.0, 1_999_500.0, 3_999_000.0] {
            let ticks = scale.ticks(left, left + 1_000.0, 12.0, width_of);
            assert!((6..=17).contains(&ticks.len()), "{ticks:?}");
            assert!(
                ticks
                    .iter()
                    .all(|tick| tick.x >= left - 1.0 && tick.x <= left + 1_001.0)
            );
        }
    }

    /// However close one looks: round numbers, all with the same parts, no two alike.
    #[test]
    fn the_axis_is_round_at_every_zoom() {
        for end in [ms(80), ms(62_622), ms(90_000_000)] {
            for zoom in [1.0, 7.0, 300.0, 4_096.0] {
                let width = 900.0 * zoom;
                let scale = TimeScale::new(end, &[], width);
                for left in [0.0, width * 0.37, width - 900.0] {
                    let ticks = scale.ticks(left, left + 900.0, 12.0, width_of);
                    let labels: Vec<&str> = ticks.iter().map(|tick| tick.label.as_str()).collect();
                    assert!(labels.len() >= 2, "{end} {zoom} {left}: {labels:?}");
                    let mut apart = labels.clone();
                    apart.dedup();
                    assert_eq!(apart, labels);
                    let parts = |label: &str| label.matches(':').count();
                    assert!(
                        labels.iter().all(|label| parts(label) == parts(labels[0])),
                        "{labels:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn labels_have_the_digits_that_their_step_needs() {
        let told = [
            Axis::Minutes.label(ms(12_500), Span::millis(500)),
            Axis::Minutes.label(ms(12_000), Span::millis(500)),
            Axis::Minutes.label(SimTime(91_234_560), Span(20)),
            Axis::Minutes.label(ms(320), Span::millis(20)),
            Axis::Hours.label(ms(3_600_130), Span::millis(10)),
            Axis::Hours.label(ms(90_061_000), Span::secs(1)),
            Axis::Days.label(ms(194_400_000), Span::secs(21_600)),
        ];
        assert_eq!(
            told,
            [
                "0:12.5",
                "0:12",
                "0:00.09123456",
                "0:00.32",
                "1:00:00.13",
                "25:01:01",
                "2 d 06:00:00"
            ]
        );
    }

    #[test]
    fn an_outage_keeps_its_width_as_long_as_anything_does() {
        let folds = [
            fold_of((ms(100), ms(9_000)), false),
            fold_of((ms(9_100), ms(19_000)), true),
            fold_of((ms(19_100), ms(29_000)), false),
        ];
        let widths = |width: f64| {
            let scale = TimeScale::new(ms(29_200), &folds, width);
            assert!((scale.width() - width).abs() < 1e-6);
            let folded = scale.pieces.iter().filter(|p| p.folded);
            folded.map(|p| (p.x1 - p.x0).round()).collect::<Vec<_>>()
        };
        assert_eq!(widths(900.0), [80.0, 80.0, 80.0]);
        assert_eq!(widths(300.0), [50.0, 80.0, 50.0]);
        assert!(widths(100.0)[1] > 10.0);
    }
}
