//! The figures as the tables that people read, in Markdown.

use std::fmt::Write as _;

use crate::figures::Figures;
use crate::kernels::{ENGINE, GROWTH, LIMIT};

/// Who is compared with the engine at replay.
pub(crate) const OFFICIAL: &str = "official";
pub(crate) const PYTHON: &str = "python";
/// The engine in a browser.
pub(crate) const CHROME: &str = "chrome";
/// A development server with the official worker.
pub(crate) const SERVER: &str = "server";
pub(crate) const REFLECT: &str = "prost-reflect";

/// All tables.
pub(crate) fn tables(before: &Figures, now: &Figures) -> String {
    let both = Both { before, now };
    let mut text = String::new();
    for table in [
        both.replay(),
        both.whole_runs(),
        both.growth(),
        both.memory(),
        both.json(),
    ] {
        writeln!(text, "{table}").expect("a string can be written");
    }
    text
}

/// The engine as it was and as it is.
struct Both<'a> {
    before: &'a Figures,
    now: &'a Figures,
}

impl Both<'_> {
    fn before(&self, kernel: &str, work: &str, events: u32) -> Option<f64> {
        self.before.of(kernel, work, events, ENGINE)
    }

    fn replay(&self) -> String {
        let mut text = String::from(
            "### Replay\n\n\
             | history | events | before, events/s | now, events/s | now ÷ before | ÷ official Rust (goal 60) | bare runtime ÷ official Rust | ÷ official Python | time ÷ bare runtime (goal 2.5) | Chrome ÷ official Rust (goal 25) |\n\
             | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n",
        );
        let replays = self
            .now
            .0
            .iter()
            .filter(|figure| figure.kernel == "replay" && figure.who == ENGINE);
        for figure in replays {
            let (work, events, now) = (figure.work.as_str(), figure.events, figure.value);
            let other = |who| self.now.of("replay", work, events, who);
            let before = self.before("replay", work, events);
            let rate = |took: f64| count(f64::from(events) / took * 1e9);
            row(
                &mut text,
                &[
                    work.replace('-', " "),
                    count(f64::from(events)),
                    or_none(before.map(rate)),
                    rate(now),
                    or_none(before.map(|before| ratio(before / now))),
                    or_none(other(OFFICIAL).map(|took| ratio(took / now))),
                    or_none(
                        other(OFFICIAL)
                            .zip(other(LIMIT))
                            .map(|(took, limit)| ratio(took / limit)),
                    ),
                    or_none(other(PYTHON).map(|took| ratio(took / now))),
                    or_none(other(LIMIT).map(|took| ratio(now / took))),
                    or_none(
                        other(OFFICIAL)
                            .zip(other(CHROME))
                            .map(|(took, chrome)| ratio(took / chrome)),
                    ),
                ],
            );
        }
        text.push_str(
            "\nThe bare runtime is the SDK's own, handed ready-made activations and compared with no history: no engine that runs \
             the same code can be quicker. Where it is less than 60 times as quick as the official replayer, that goal is \
             out of reach; the time ÷ bare runtime says what of it there is to win.\n",
        );
        text
    }

    fn whole_runs(&self) -> String {
        let mut text = String::from(
            "### Whole runs\n\n\
             | what | before | now | now ÷ before | in Chrome | goal |\n\
             | --- | --: | --: | --: | --: | --- |\n",
        );
        let sweeps = [
            (
                "sweep",
                "order-saga",
                "crash sweep of the order saga",
                "50 ms, in Chrome 200 ms",
            ),
            (
                "sweep",
                "all-stories",
                "crash sweep of all crash-proof stories",
                "5 s, in Chrome 20 s",
            ),
        ];
        for (kernel, work, what, goal) in sweeps {
            let Some(now) = self.now.of(kernel, work, 0, ENGINE) else {
                continue;
            };
            let before = self.before(kernel, work, 0);
            row(
                &mut text,
                &[
                    what.to_owned(),
                    or_none(before.map(time)),
                    time(now),
                    or_none(before.map(|before| ratio(before / now))),
                    or_none(self.now.of(kernel, work, 0, CHROME).map(time)),
                    goal.to_owned(),
                ],
            );
        }
        let live = self
            .now
            .0
            .iter()
            .filter(|figure| figure.kernel == "live" && figure.who == ENGINE);
        for figure in live {
            let before = self.before("live", &figure.work, figure.events);
            let server = self.now.of("live", &figure.work, figure.events, SERVER);
            row(
                &mut text,
                &[
                    format!("live run, {} activities in sequence", figure.events / 6),
                    or_none(before.map(time)),
                    time(figure.value),
                    or_none(before.map(|before| ratio(before / figure.value))),
                    "–".to_owned(),
                    server.map_or_else(
                        || "2,000 times a development server".to_owned(),
                        |server| {
                            let times = ratio(server / figure.value);
                            format!(
                                "2,000 times a development server, which takes {}: {times} times",
                                time(server)
                            )
                        },
                    ),
                ],
            );
        }
        text
    }

    fn growth(&self) -> String {
        let mut text = String::from(
            "### Growth with the length of a run\n\n\
             In brackets: how many times the cost at 100 events.\n\n\
             | what | | 100 events | 1,000 | 10,000 | 51,000 | goal |\n\
             | --- | --- | --: | --: | --: | --: | --- |\n",
        );
        let kernels = [
            ("step", "one step", "as log n at most"),
            ("moment", "one moment recorded", "as log n at most"),
            ("shown", "one moment shown", "as log n at most"),
            ("back", "the whole world, one step back", "as √n at most"),
        ];
        for (kernel, what, goal) in kernels {
            for (when, figures) in [("before", self.before), ("now", self.now)] {
                let of = |events| figures.of(kernel, "in-sequence", events, ENGINE);
                let first = of(GROWTH[0]);
                let mut cells = vec![what.to_owned(), when.to_owned()];
                cells.extend(GROWTH.iter().map(|events| {
                    let with_growth = |took: f64| {
                        let growth = first.filter(|_| *events > GROWTH[0]).map(|first| took / first);
                        time(took) + &growth.map_or_else(String::new, |growth| format!(" ({})", ratio(growth)))
                    };
                    or_none(of(*events).map(with_growth))
                }));
                cells.push(goal.to_owned());
                row(&mut text, &cells);
            }
        }
        text.push_str(
            "\nOne step back as a visitor sees it is *one moment shown*: the page keeps what is new of each step, and asks no \
             engine. The whole world is had again to do something else from there; its workers are rebuilt by replay, as real \
             ones are, and the replay of a run that is open grows with its history.\n",
        );
        text
    }

    fn memory(&self) -> String {
        let mut text = String::from(
            "### Memory kept for each event\n\n\
             | what | | 100 events | 1,000 | 10,000 | 51,000 |\n\
             | --- | --- | --: | --: | --: | --: |\n",
        );
        for (kernel, what) in [("engine-bytes", "engine"), ("picture-bytes", "picture")] {
            for (when, figures) in [("before", self.before), ("now", self.now)] {
                let mut cells = vec![what.to_owned(), when.to_owned()];
                cells.extend(GROWTH.iter().map(|events| {
                    let bytes = figures.of(kernel, "in-sequence", *events, ENGINE);
                    or_none(bytes.map(|bytes| format!("{} B", count(bytes))))
                }));
                row(&mut text, &cells);
            }
        }
        text
    }

    fn json(&self) -> String {
        let mut text = String::from(
            "### JSON\n\n\
             | what | before | now | now ÷ before | prost-reflect | ÷ prost-reflect (goal: above 1) |\n\
             | --- | --: | --: | --: | --: | --: |\n",
        );
        for (kernel, what) in [("json-read", "reading"), ("json-write", "writing")] {
            let written = self
                .now
                .0
                .iter()
                .find(|figure| figure.kernel == kernel && figure.who == ENGINE);
            let Some(figure) = written else { continue };
            let before = self.before(kernel, &figure.work, figure.events);
            let reflect = self.now.of(kernel, &figure.work, figure.events, REFLECT);
            row(
                &mut text,
                &[
                    format!("{what} {} events", count(f64::from(figure.events))),
                    or_none(before.map(time)),
                    time(figure.value),
                    or_none(before.map(|before| ratio(before / figure.value))),
                    or_none(reflect.map(time)),
                    or_none(reflect.map(|reflect| ratio(reflect / figure.value))),
                ],
            );
        }
        text
    }
}

fn row(text: &mut String, cells: &[String]) {
    writeln!(text, "| {} |", cells.join(" | ")).expect("a string can be written");
}

fn or_none(cell: Option<String>) -> String {
    cell.unwrap_or_else(|| "–".to_owned())
}

/// `1,234,567`.
fn count(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Three digits.
fn ratio(number: f64) -> String {
    match number {
        n if n < 9.95 => format!("{n:.2}"),
        n if n < 99.5 => format!("{n:.1}"),
        n => count(n),
    }
}

/// Nanoseconds, in the unit that suits them.
fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e6 => format!("{} µs", ratio(n / 1e3)),
        n if n < 1e9 => format!("{} ms", ratio(n / 1e6)),
        n => format!("{} s", ratio(n / 1e9)),
    }
}
