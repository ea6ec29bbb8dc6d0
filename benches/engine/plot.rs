//! Cost against events, as an SVG: two panels with logarithmic axes.

use std::fmt::Write as _;

use crate::figures::Figures;
use crate::kernels::{ENGINE, LIMIT};
use crate::table::{CHROME, OFFICIAL, PYTHON};

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#333}.grid{stroke:#ccc;stroke-width:1}\
    .line{fill:none;stroke-width:2}@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}}";

/// Colours that are told apart on light and dark ground, also by those who see few.
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 40.0;
const PITCH: f64 = 560.0;

/// A line: its name, and what it costs at so many events, in nanoseconds.
type Series = (String, Vec<(f64, f64)>);

/// The plot of all figures.
pub(crate) fn plot(before: &Figures, now: &Figures) -> String {
    let line = |name: &str, figures: &Figures, kernel: &str, who: &str| -> Series {
        let own = figures
            .0
            .iter()
            .filter(|figure| figure.kernel == kernel && figure.work == "in-sequence" && figure.who == who);
        let points = own.map(|figure| (f64::from(figure.events), figure.value));
        (name.to_owned(), points.collect())
    };
    let replay = [
        line("now", now, "replay", ENGINE),
        line("before", before, "replay", ENGINE),
        line("now, in Chrome", now, "replay", CHROME),
        line("bare SDK runtime", now, "replay", LIMIT),
        line("official Rust", now, "replay", OFFICIAL),
        line("official Python", now, "replay", PYTHON),
    ];
    let growth = [
        line("one step", now, "step", ENGINE),
        line("one step, before", before, "step", ENGINE),
        line("one moment", now, "moment", ENGINE),
        line("one moment, before", before, "moment", ENGINE),
        line("one step back", now, "back", ENGINE),
        line("one step back, before", before, "back", ENGINE),
    ];
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"Cost against events\">\
         <style>{STYLE}</style>\n",
        2.0 * PITCH,
        HEIGHT + TOP + 50.0
    );
    panel(&mut svg, 0.0, "Replaying a history", &replay);
    panel(&mut svg, PITCH, "In a run of so many events", &growth);
    svg.push_str("</svg>\n");
    svg
}

fn panel(svg: &mut String, offset: f64, title: &str, all: &[Series]) {
    let all: Vec<_> = all
        .iter()
        .zip(COLOURS)
        .filter(|((_, points), _)| !points.is_empty())
        .collect();
    let points = || all.iter().flat_map(|((_, points), _)| points);
    let decades = |values: Vec<f64>| {
        let low = values.iter().copied().fold(f64::MAX, f64::min).log10().floor();
        let high = values.iter().copied().fold(f64::MIN, f64::max).log10().ceil();
        (low, high.max(low + 1.0))
    };
    if points().next().is_none() {
        return;
    }
    let (left, right) = decades(points().map(|point| point.0).collect());
    let (bottom, top) = decades(points().map(|point| point.1).collect());
    let x = |events: f64| LEFT + (events.log10() - left) / (right - left) * WIDTH;
    let y = |took: f64| TOP + HEIGHT - (took.log10() - bottom) / (top - bottom) * HEIGHT;
    let mut put = |text: std::fmt::Arguments<'_>| writeln!(svg, "{text}").expect("a string can be written");
    put(format_args!(
        "<g transform=\"translate({offset})\"><text x=\"{LEFT}\" y=\"20\" font-weight=\"bold\">{title}</text>"
    ));
    for decade in exponents(left, right) {
        let (at, events) = (
            x(10f64.powi(decade)),
            label(decade, &["1", "10", "100", "1,000", "10,000", "100,000"]),
        );
        put(format_args!(
            "<path class=\"grid\" d=\"M{at:.1} {TOP}V{}\"/>",
            TOP + HEIGHT
        ));
        put(format_args!(
            "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{events}</text>",
            TOP + HEIGHT + 18.0
        ));
    }
    for decade in exponents(bottom, top) {
        let units = [
            "1 ns", "10 ns", "100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s",
        ];
        let (at, took) = (y(10f64.powi(decade)), label(decade, &units));
        put(format_args!(
            "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{}\"/>",
            LEFT + WIDTH
        ));
        put(format_args!(
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{took}</text>",
            LEFT - 6.0,
            at + 4.0
        ));
    }
    let middle = LEFT + WIDTH / 2.0;
    put(format_args!(
        "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">events</text>",
        TOP + HEIGHT + 38.0
    ));
    for (at, ((name, points), colour)) in all.iter().enumerate() {
        let path: Vec<String> = points
            .iter()
            .map(|(events, took)| format!("{:.1} {:.1}", x(*events), y(*took)))
            .collect();
        put(format_args!(
            "<path class=\"line\" stroke=\"{colour}\" d=\"M{}\"/>",
            path.join("L")
        ));
        for (events, took) in points {
            put(format_args!(
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/>",
                x(*events),
                y(*took)
            ));
        }
        let (edge, line) = (
            LEFT + WIDTH + 8.0,
            TOP + 12.0 + 18.0 * f64::from(u32::try_from(at).unwrap_or_default()),
        );
        put(format_args!(
            "<text x=\"{edge}\" y=\"{line}\" style=\"fill:{colour}\">{name}</text>"
        ));
    }
    put(format_args!("</g>"));
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "exponents of ten are small whole numbers"
)]
fn exponents(from: f64, to: f64) -> std::ops::RangeInclusive<i32> {
    from as i32..=to as i32
}

fn label<'a>(exponent: i32, labels: &[&'a str]) -> &'a str {
    let known = usize::try_from(exponent).ok().and_then(|at| labels.get(at));
    known.copied().unwrap_or_default()
}
