//! Where the words of the time picture go: on their bar, beside it, or nowhere, so that they never meet. Plain arithmetic.

use std::sync::Arc;

use super::time_form::{Form, Label, Shape, Words};
use super::time_layout::{Layout, Plot};
use crate::view::recording::MarkKind;

/// Half the height of a line of text, in units.
const HALF_LINE: f64 = 6.5;

/// Gives every shape the longest of its words that there is room for. What matters more chooses first.
pub fn place_labels(shapes: &mut [Shape], words: &[Words], plot: &Plot) {
    let layout = &plot.layout;
    let mut taken = Taken::default();
    // Bands lie behind words, and heartbeats on the bar that they are part of.
    for s in shapes.iter().filter(|s| matches!(s.form, Form::Bar | Form::Dot)) {
        taken.take((s.x, s.x + s.w), (s.y, s.y + s.h));
    }
    let mut order: Vec<usize> = (0..shapes.len()).filter(|i| !words[*i].is_empty()).collect();
    order.sort_by_key(|i| rank(shapes[*i].kind));
    for i in order {
        let shape = &shapes[i];
        let label = words[i].iter().find_map(|text| {
            let w = layout.text_w(text);
            let spots = spots(shape, w, plot);
            let spot = spots.into_iter().find(|spot| is_free(shape, spot, w, &taken, layout))?;
            Some(Label {
                x: spot.x,
                y: spot.y,
                w,
                text: Arc::clone(text),
                on_bar: spot.on_bar,
            })
        });
        if let Some(label) = &label {
            let half = HALF_LINE * layout.unit;
            taken.take((label.x, label.x + label.w), (label.y - half, label.y + half));
        }
        shapes[i].label = label;
    }
}

/// Who chooses first.
const fn rank(kind: MarkKind) -> u8 {
    match kind {
        MarkKind::Dead | MarkKind::Away => 0,
        MarkKind::Danger | MarkKind::Replay => 1,
        MarkKind::Activity | MarkKind::Timer | MarkKind::Child | MarkKind::Message(_) | MarkKind::Call => 2,
        MarkKind::Effect | MarkKind::Backoff => 3,
        MarkKind::Event(_) | MarkKind::TaskWaits | MarkKind::ActivityWaits => 4,
        MarkKind::WorkflowTask | MarkKind::Heartbeat => 5,
    }
}

struct Spot {
    x: f64,
    y: f64,
    on_bar: bool,
}

/// Where words so wide could stand, the best place first.
fn spots(shape: &Shape, w: f64, plot: &Plot) -> Vec<Spot> {
    let layout = &plot.layout;
    let mid = shape.y + shape.h / 2.0;
    let inset = if shape.glyph.is_some() { 21.0 } else { 6.0 } * layout.unit;
    let beside = |y| Spot {
        x: shape.x + shape.w + 5.0,
        y,
        on_bar: false,
    };
    let before = |y| Spot {
        x: shape.x - w - 5.0,
        y,
        on_bar: false,
    };
    let on_bar = |x| Spot {
        x,
        y: mid,
        on_bar: true,
    };
    let fits = shape.w >= w + inset + 4.0;
    let over = (shape.x + shape.w / 2.0 - w / 2.0).clamp(layout.plot_x, (layout.width - 4.0 - w).max(layout.plot_x));
    match (shape.kind, shape.form) {
        (MarkKind::Danger, _) => vec![Spot {
            x: over,
            y: layout.bottom() + 10.0 * layout.unit,
            on_bar: false,
        }],
        (MarkKind::Dead | MarkKind::Away, _) => within_band(shape, w, inset, plot),
        (MarkKind::Effect, _) if layout.row_h >= 40.0 * layout.unit => vec![
            Spot {
                x: over,
                y: shape.y - 8.0 * layout.unit,
                on_bar: false,
            },
            beside(mid),
            before(mid),
        ],
        (MarkKind::Effect, _) => vec![beside(mid), before(mid)],
        (MarkKind::Heartbeat, _) => vec![],
        // There are so many of them that their words would be all that one sees.
        (MarkKind::WorkflowTask | MarkKind::TaskWaits, Form::Bar) if shape.count == 1 && !fits => vec![],
        (_, Form::Dot) => vec![beside(mid), before(mid)],
        _ if fits => vec![on_bar(shape.x + inset), beside(mid), before(mid)],
        _ => vec![beside(mid), before(mid)],
    }
}

/// The widest fold within a band: nobody sees there how long it is.
fn folded(band: &Shape, plot: &Plot) -> Option<(f64, f64)> {
    let folds = plot.scale.pieces.iter().filter(|piece| piece.folded);
    let within = folds.map(|piece| (plot.x(piece.from).max(band.x), plot.x(piece.to).min(band.x + band.w)));
    within
        .filter(|(x0, x1)| x1 > x0)
        .max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)))
}

/// In the widest fold, else from the left on wherever nothing is; in the middle, or a little higher or lower.
fn within_band(band: &Shape, w: f64, inset: f64, plot: &Plot) -> Vec<Spot> {
    let (first, last) = (band.x + inset, band.x + band.w - w - 4.0);
    let fold = folded(band, plot).filter(|(x0, x1)| x1 - x0 >= w);
    let along = (0..BAND_TRIES).map(|n| first + f64::from(n) * BAND_STEP * plot.layout.unit);
    let along = along.take_while(|x| *x <= last);
    let xs: Vec<f64> = fold
        .map(|(x0, x1)| (x0 + x1 - w) / 2.0)
        .into_iter()
        .chain(along)
        .collect();
    let ys = [0.5, 0.25, 0.75].map(|share| band.y + band.h * share);
    xs.into_iter()
        .flat_map(|x| ys.map(|y| Spot { x, y, on_bar: true }))
        .collect()
}

fn is_free(shape: &Shape, spot: &Spot, w: f64, taken: &Taken, layout: &Layout) -> bool {
    let half = HALF_LINE * layout.unit;
    if spot.x < layout.plot_x - 6.0 || spot.x + w > layout.width - 2.0 {
        return false;
    }
    // Its own bar is no obstacle; another on it is, where very many share a row.
    let own = usize::from(spot.on_bar && shape.form == Form::Bar);
    taken.count((spot.x, spot.x + w), (spot.y - half, spot.y + half)) <= own
}

/// Tries to find a place in a band, from the left.
const BAND_TRIES: u32 = 60;
/// So far apart, in units.
const BAND_STEP: f64 = 16.0;

/// From one place to another.
type Stretch = (f64, f64);

/// Where there is something already, line by line; in each line from left to right as far as it came so.
#[derive(Default)]
struct Taken {
    lines: Vec<(Stretch, Vec<Stretch>)>,
}

impl Taken {
    /// Takes a line from one x to another.
    fn take(&mut self, x: Stretch, y: Stretch) {
        match self.lines.iter_mut().find(|line| line.0 == y) {
            Some((_, line)) => line.push(x),
            None => self.lines.push((y, vec![x])),
        }
    }

    /// How much lies there.
    fn count(&self, x: Stretch, y: Stretch) -> usize {
        let meets = |a: &Stretch, b: Stretch| a.0 < b.1 && a.1 > b.0;
        let lines = self.lines.iter().filter(|line| meets(&line.0, y));
        lines
            .map(|line| line.1.iter().filter(|taken| meets(taken, x)).count())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::SimTime;
    use crate::catalogue::stories::LAB;
    use crate::page::picture::frame::Frame;
    use crate::page::picture::time_layout::rows_of;
    use crate::page::picture::time_marks::shapes;
    use crate::page::session::engine::{Recorder, RunSpec};
    use crate::page::session::recorded::{Recorded, at_once};

    fn recorded(address: &str) -> Recorded {
        let mut recorder = Recorder::of(LAB.sim(&RunSpec::parse(address).unwrap()).unwrap());
        while !recorder.advance(64) {}
        at_once(Recorded::new(recorder.finish(), 0, async || {}))
    }

    fn plot(run: &Recorded, width: f64, frame: Frame) -> Plot {
        let layout = Layout::new((width, width * 0.5), (1.0, 6.1), &rows_of(run));
        Plot::new(run, layout, frame)
    }

    #[test]
    fn what_is_taken_is_taken_and_nothing_else() {
        let mut taken = Taken::default();
        for x in [(10.0, 20.0), (40.0, 50.0), (15.0, 25.0)] {
            taken.take(x, (94.0, 106.0));
        }
        assert_eq!(taken.count((16.0, 18.0), (100.0, 110.0)), 2);
        assert_eq!(taken.count((25.0, 40.0), (100.0, 110.0)), 0);
        assert_eq!(taken.count((16.0, 18.0), (106.0, 110.0)), 0, "below it");
    }

    /// The whole promise: at four moments of every story and five widths, no words meet other words or another's bar, all
    /// are within the picture, and no fold and no outage that a fold hides is without its length.
    #[test]
    fn words_never_meet() {
        let (mut moments, mut placed) = (0, 0);
        for story in LAB.all() {
            let run = recorded(story.id);
            for part in 1..=4_u64 {
                let step = (u64::from(run.last()) * part / 4) as u32;
                moments += 1;
                for width in [300.0, 640.0, 900.0, 1_400.0, 2_700.0] {
                    let plot = plot(&run, width, Frame::FIT);
                    let about = format!("{}, step {step}, {width} px", story.id);
                    let drawn = shapes(&run, &plot, step, run.at(step));
                    placed += never_meet(&drawn, &plot, &about);
                    axis_is_clear(&plot, &about);
                }
            }
        }
        assert!(moments >= 300, "{moments}");
        assert!(placed > 10_000, "{placed} labels");
    }

    fn never_meet(drawn: &[Shape], plot: &Plot, about: &str) -> usize {
        let half = HALF_LINE * plot.layout.unit;
        let boxed = |label: &Label| ((label.x, label.x + label.w), (label.y - half, label.y + half));
        let meet = |a: (Stretch, Stretch), b: (Stretch, Stretch)| {
            let both = |a: Stretch, b: Stretch| a.0 < b.1 - 0.01 && a.1 > b.0 + 0.01;
            both(a.0, b.0) && both(a.1, b.1)
        };
        let labelled: Vec<(usize, &Label)> = drawn
            .iter()
            .enumerate()
            .filter_map(|(i, s)| Some((i, s.label.as_ref()?)))
            .collect();
        for (n, (i, label)) in labelled.iter().enumerate() {
            let own = boxed(label);
            assert!(
                own.0.1 <= plot.layout.width && own.1.1 <= plot.layout.height,
                "{about}: {label:?}"
            );
            for (_, other) in &labelled[n + 1..] {
                assert!(
                    !meet(own, boxed(other)),
                    "{about}: “{}” and “{}”",
                    label.text,
                    other.text
                );
            }
            for (j, bar) in drawn.iter().enumerate() {
                let solid = matches!(bar.form, Form::Bar | Form::Dot) && j != *i;
                let body = ((bar.x, bar.x + bar.w), (bar.y, bar.y + bar.h));
                assert!(!solid || !meet(own, body), "{about}: “{}” on {bar:?}", label.text);
            }
        }
        labelled.len()
    }

    fn axis_is_clear(plot: &Plot, about: &str) {
        let boxes = |x: f64, w: f64| (x, x + w);
        let w = |text: &str| plot.layout.text_w(text);
        let ticks: Vec<Stretch> = plot
            .ticks()
            .iter()
            .map(|tick| boxes(tick.x - w(&tick.label) / 2.0, w(&tick.label)))
            .collect();
        let folds: Vec<Stretch> = plot
            .folds()
            .into_iter()
            .filter_map(|fold| fold.label)
            .map(|(x, text)| boxes(x, w(&text)))
            .collect();
        for line in [ticks, folds] {
            assert!(line.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{about}: {line:?}");
        }
    }

    fn is_outage(shape: &Shape) -> bool {
        matches!(shape.kind, MarkKind::Dead | MarkKind::Away)
    }

    /// Seen as a new user: 59.72 s in which nothing runs, because a worker is dead, were folded without a word.
    #[test]
    fn an_outage_that_a_fold_hides_says_how_long_it_is() {
        for address in ["crash-after-charge", "no-worker"] {
            let run = recorded(address);
            for width in [500.0, 900.0, 1_400.0, 2_700.0] {
                let plot = plot(&run, width, Frame::FIT);
                let drawn = shapes(&run, &plot, run.last(), run.end_time());
                let folds = plot.folds();
                let hidden: Vec<_> = folds
                    .iter()
                    .filter(|fold| fold.gap.1.since(fold.gap.0).0 > 10_000_000_000)
                    .collect();
                assert!(!hidden.is_empty(), "{address}");
                for fold in hidden {
                    assert!(fold.label.is_some(), "{address} at {width}: {fold:?}");
                    let said = drawn
                        .iter()
                        .filter(|s| is_outage(s) && s.x < fold.x1 && s.x + s.w > fold.x0);
                    assert!(said.count() > 0, "{address}: nobody is dead meanwhile");
                }
                for band in drawn.iter().filter(|s| is_outage(s) && folded(s, &plot).is_some()) {
                    assert!(band.label.is_some(), "{address} at {width}: {band:?}");
                }
            }
        }
    }

    #[test]
    fn concurrent_work_lies_in_rows_that_are_named() {
        let run = recorded("parallel");
        let plot = plot(&run, 1_400.0, Frame::FIT);
        let widest = (0..=run.last()).map(|step| {
            let drawn = shapes(&run, &plot, step, run.at(step));
            let running = drawn
                .iter()
                .filter(|s| s.kind == MarkKind::Activity && s.class.1 == "ended-running");
            let mut rows: Vec<u64> = running.map(|s| s.y.to_bits()).collect();
            rows.sort_unstable();
            rows.dedup();
            rows.len()
        });
        assert!(widest.max().unwrap() >= 3);
        assert_eq!(run.at(0), SimTime::ZERO);
    }
}
