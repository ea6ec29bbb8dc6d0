//! How long the engine takes over its work. Run with `cargo bench --no-default-features`; times differ from machine to
//! machine, so read them as ratios within one run.

use divan::Bencher;
use divan::counter::ItemsCount;
use sagascope::catalogue::stories::LAB;
use sagascope::check::sweep::Sweep;
use sagascope::history::json;
use sagascope::history::proto::History;
use sagascope::sim::Sim;
use sagascope::sim::spec::RunSpec;

const STORIES: [&str; 3] = ["all-goes-well", "crash-after-charge", "mail-server-down"];

fn main() {
    divan::main();
}

fn settled(story: &str) -> Sim {
    let mut sim = LAB.sim(&RunSpec::of(story)).expect("a story of the catalogue");
    sim.run_to_end();
    sim
}

fn history(story: &str) -> History {
    settled(story)
        .run()
        .expect("a story starts its workflow")
        .log
        .to_history()
}

/// One story from beginning to end; going back in time costs as much.
#[divan::bench(args = STORIES)]
fn run(bencher: Bencher, story: &str) {
    let steps = settled(story).steps();
    bencher.counter(ItemsCount::new(steps)).bench(|| settled(story).steps());
}

/// A crash at every step, one crash point after the other.
#[divan::bench(args = STORIES)]
fn sweep(bencher: Bencher, story: &str) {
    let points = Sweep::new(LAB, &RunSpec::of(story))
        .expect("a story of the catalogue")
        .len();
    bencher.counter(ItemsCount::new(points)).bench(|| {
        let mut sweep = Sweep::new(LAB, &RunSpec::of(story)).expect("a story of the catalogue");
        sweep.run_to_end().len()
    });
}

/// A long history: one story's events over and over, 20,000 in all.
fn long() -> History {
    let mut history = history("mail-server-down");
    let events = history.events.clone();
    history.events = events.into_iter().cycle().take(20_000).collect();
    history
}

#[divan::bench(sample_count = 10)]
fn write_20_000_events(bencher: Bencher) {
    let history = long();
    bencher.bench(|| json::write(&history).len());
}

#[divan::bench(sample_count = 10)]
fn read_20_000_events(bencher: Bencher) {
    let text = json::write(&long());
    bencher.bench(|| json::read(&text).expect("what we write").history.events.len());
}
