//! What the engine is measured at.

use std::hint::black_box;
use std::time::Duration;

use sagascope::catalogue::stories::LAB;
use sagascope::catalogue::workflows::order_orchestration::OrderOrchestration;
use sagascope::catalogue::world::{World, WorldConfig};
use sagascope::check::sweep::Sweep;
use sagascope::contract::request::StartWorkflow;
use sagascope::history::json;
use sagascope::history::payload;
use sagascope::history::proto::History;
use sagascope::sim::setup::Setup;
use sagascope::sim::spec::RunSpec;
use sagascope::sim::timeline::Timeline;
use sagascope::sim::{Sim, Verdict};
use sagascope::view::recorder::Recorder;
use sagascope::worker::registry::Registry;
use sagascope::worker::replay::replay;
use serde_json::json;

use crate::contest::{Turn, contest, timed};
use crate::figures::Figures;
use crate::guests::{InParallel, InSequence, Signalled};
use crate::limit::Driven;
use crate::{histories, limit};

/// The name under which the engine's own figures are noted.
pub(crate) const ENGINE: &str = "engine";
pub(crate) const LIMIT: &str = "limit";

/// At how many events growth is looked at.
pub(crate) const GROWTH: [u32; 4] = [100, 1_000, 10_000, 51_000];

/// The story whose workflow is the order saga, without any trouble.
const SAGA: &str = "all-goes-well";

/// A history to be replayed.
pub(crate) struct Replay {
    pub(crate) work: &'static str,
    pub(crate) history: History,
    /// The same run for the bare runtime, if it was made ready for it.
    driven: Option<Driven>,
}

impl Replay {
    pub(crate) fn events(&self) -> u32 {
        u32::try_from(self.history.events.len()).expect("few events")
    }

    /// How often it is to be replayed in one turn, so that the clock has something to measure.
    pub(crate) fn times(&self) -> u32 {
        (6_000 / self.events()).max(1)
    }
}

fn registry() -> Registry {
    Registry::new()
        .with::<InSequence>()
        .with::<InParallel>()
        .with::<Signalled>()
        .with::<OrderOrchestration>()
}

/// Everything that is replayed.
pub(crate) fn replays() -> Vec<Replay> {
    let sequence = |count| Replay {
        work: "in-sequence",
        history: histories::in_sequence(count),
        driven: Some(limit::in_sequence(count)),
    };
    let mut all: Vec<Replay> = [10, 100, 1_000, 10_000].map(sequence).into();
    all.push(Replay {
        work: "in-parallel",
        history: histories::in_parallel(1_000),
        driven: Some(limit::in_parallel(1_000)),
    });
    all.push(Replay {
        work: "signals",
        history: histories::signalled(500),
        driven: Some(limit::signalled(500)),
    });
    all.push(Replay {
        work: "order-saga",
        history: settled(SAGA).run().expect("it starts its workflow").log.to_history(),
        driven: None,
    });
    all
}

/// The engine and the limit, and whoever else takes part.
pub(crate) fn measure_replay(figures: &mut Figures, replay: &Replay, others: Vec<(&str, Turn<'_>)>) {
    let registry = registry();
    let times = replay.times();
    let mut names = vec![ENGINE];
    let mut turns: Vec<Turn<'_>> = vec![Box::new(|| {
        timed(|| (0..times).for_each(|_| replayed(&registry, &replay.history))) / times
    })];
    if let Some(driven) = &replay.driven {
        names.push(LIMIT);
        turns.push(Box::new(move || {
            let copies = vec![driven.clone(); times as usize];
            timed(|| copies.into_iter().for_each(|driven| _ = black_box(driven.drive()))) / times
        }));
    }
    for (name, turn) in others {
        names.push(name);
        turns.push(turn);
    }
    for (name, took) in names.into_iter().zip(contest(&mut turns)) {
        figures.time("replay", replay.work, replay.events(), name, took);
    }
}

fn replayed(registry: &Registry, history: &History) {
    let replayed = replay(registry, &history.events, None);
    assert!(black_box(replayed).is_ok_and(|replayed| replayed.closed));
}

// ---- Whole runs.

fn settled(story: &str) -> Sim {
    let mut sim = LAB.sim(&RunSpec::of(story)).expect("a story of the catalogue");
    assert_eq!(sim.run_to_end(), Verdict::Settled);
    sim
}

/// A world with one workflow that runs so many activities, one after the other.
fn sequence(count: u32) -> Sim {
    let start = StartWorkflow {
        workflow_id: "bench".to_owned(),
        workflow_type: "InSequence".to_owned(),
        task_queue: "bench".to_owned(),
        input: Some(payload::json(&json!(count))),
        ..Default::default()
    };
    Sim::with(
        Setup::new(start, registry).outside(World::new(WorldConfig::of(&[]))),
        1,
        Vec::new(),
    )
    .expect("the set-up fits")
}

/// A live run of so many activities: no history, the engine writes it. Nothing is noted if the engine ends it before.
pub(crate) fn measure_live(figures: &mut Figures, count: u32) {
    let mut events = 0;
    let mut complete = true;
    let took = contest(&mut [Box::new(|| {
        let mut sim = sequence(count);
        let took = timed(|| complete &= sim.run_to_end() == Verdict::Settled);
        events = sim.run().map_or(0, |run| run.log.len());
        took
    })]);
    if complete {
        figures.time("live", "in-sequence", events, ENGINE, took[0]);
    }
}

/// The crash sweep of one story.
fn swept(story: &str) -> Duration {
    timed(|| {
        let mut sweep = Sweep::new(LAB, &RunSpec::of(story)).expect("a story of the catalogue");
        sweep.run_to_end().len()
    })
}

/// A crash at every step.
pub(crate) fn measure_sweeps(figures: &mut Figures) {
    let took = contest(&mut [Box::new(|| swept(SAGA))]);
    figures.time("sweep", "order-saga", 0, ENGINE, took[0]);
    let all: Duration = LAB
        .all()
        .iter()
        .filter(|story| story.crash_proof)
        .map(|story| swept(story.id))
        .sum();
    figures.time("sweep", "all-stories", 0, ENGINE, all);
}

// ---- How cost grows with the length of a run.

/// So many steps are measured together.
const STEPS: u32 = 64;

fn events(sim: &Sim) -> u32 {
    sim.run().map_or(0, |run| run.log.len())
}

/// A run that has so many events; `None` if the engine ends it before.
fn grown(to: u32) -> Option<Sim> {
    let mut sim = sequence(to / 6 + 2 * STEPS);
    while events(&sim) < to {
        sim.step()?;
    }
    Some(sim)
}

/// One step, one moment shown, one step back, where the history has so many events.
pub(crate) fn measure_growth(figures: &mut Figures, to: u32) {
    let Some(mut sim) = grown(to) else { return };
    let at = sim.steps();
    for _ in 0..STEPS {
        if sim.step().is_none() {
            return;
        }
    }
    let step = contest(&mut [Box::new(|| {
        let mut sim = grown(to).expect("it has come so far before");
        timed(|| (0..STEPS).for_each(|_| _ = black_box(sim.step()))) / STEPS
    })]);
    figures.time("step", "in-sequence", to, ENGINE, step[0]);
    let moment = contest(&mut [Box::new(|| {
        let mut recorder = Recorder::of(sequence(to / 6 + 2 * STEPS));
        recorder.advance(at);
        timed(|| recorder.advance(STEPS)) / STEPS
    })]);
    figures.time("moment", "in-sequence", to, ENGINE, moment[0]);
    let mut recorder = Recorder::of(sequence(to / 6 + 2 * STEPS));
    recorder.advance(at);
    let recording = recorder.finish();
    let shown = contest(&mut [Box::new(|| {
        timed(|| (0..STEPS).for_each(|back| _ = black_box(recording.moment(0, at - back)))) / STEPS
    })]);
    figures.time("shown", "in-sequence", to, ENGINE, shown[0]);
    let mut timeline = Timeline::new(sequence(to / 6 + 2 * STEPS));
    while timeline.sim().steps() < at {
        timeline.step();
    }
    let back = contest(&mut [Box::new(|| timed(|| timeline.at(at - 1)))]);
    figures.time("back", "in-sequence", to, ENGINE, back[0]);
}

/// Bytes kept for each event: by the engine, and by who records the run beside it.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn measure_memory(figures: &mut Figures, to: u32) {
    use crate::memory::kept;
    let before = kept();
    let Some(sim) = grown(to) else { return };
    let steps = sim.steps();
    let engine = kept() - before;
    drop(sim);
    figures.note("engine-bytes", "in-sequence", to, ENGINE, engine as f64 / f64::from(to));
    let before = kept();
    let mut recorder = Recorder::of(sequence(to / 6 + 2 * STEPS));
    recorder.advance(steps);
    let picture = kept() - before - engine;
    drop(recorder);
    figures.note(
        "picture-bytes",
        "in-sequence",
        to,
        ENGINE,
        picture as f64 / f64::from(to),
    );
}

// ---- JSON.

/// So many events of a run.
pub(crate) fn long_history(events: u32) -> History {
    let mut history = histories::in_sequence(events / 6 + 1);
    history.events.truncate(events as usize);
    history
}

/// Writing and reading a history, and whoever else does.
pub(crate) fn measure_json(
    figures: &mut Figures,
    history: &History,
    writer: Option<Turn<'_>>,
    reader: Option<Turn<'_>>,
) {
    let events = u32::try_from(history.events.len()).expect("few events");
    let text = json::write(history);
    let write: Turn<'_> = Box::new(|| timed(|| json::write(history)));
    let read: Turn<'_> = Box::new(|| timed(|| json::read(&text).expect("what we write")));
    for (kernel, ours, other) in [("json-write", write, writer), ("json-read", read, reader)] {
        let mut turns: Vec<Turn<'_>> = std::iter::once(ours).chain(other).collect();
        for (who, took) in [ENGINE, "prost-reflect"].into_iter().zip(contest(&mut turns)) {
            figures.time(kernel, "in-sequence", events, who, took);
        }
    }
}
