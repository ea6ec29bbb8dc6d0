//! The lessons, held to the engine: every caption has its moment, and every station of the tour is undone before its deed and
//! done after it.

use sagascope::catalogue::lessons::LESSONS;
use sagascope::catalogue::stories::LAB;
use sagascope::check::sweep::Sweep;
use sagascope::sim::lesson::{Sight, Station};
use sagascope::sim::spec::{Choice, RunSpec};
use sagascope::view::lesson::{Card, Next, scene_card, station_card};
use sagascope::view::recorder::Recorder;
use sagascope::view::recording::Recording;

/// A reader, with a run in front of them.
struct Reader {
    spec: RunSpec,
    run: Recording,
    step: u32,
}

impl Reader {
    fn at(spec: RunSpec, step: impl Fn(&Recording) -> u32) -> Self {
        let mut recorder = Recorder::of(LAB.sim(&spec).unwrap());
        while !recorder.advance(1_000) {}
        let run = recorder.finish();
        let step = step(&run);
        Self { spec, run, step }
    }

    fn look(sight: Sight) -> Self {
        Self::at(RunSpec::of(sight.story), |run| {
            run.when(sight.when)
                .unwrap_or_else(|| panic!("{sight:?} is not to be seen"))
        })
    }

    /// Does what a card's button does.
    fn press(&mut self, next: Next) {
        *self = match next {
            Next::GoTo(step) => {
                assert_ne!(step, self.step, "the button leads nowhere");
                self.step = step;
                return;
            }
            Next::ToWorker(verb, worker) => {
                let mut spec = self.spec.clone();
                spec.choose(Choice::to_worker(self.step, verb, worker));
                let step = self.step + 1;
                Self::at(spec, |_| step)
            }
            Next::Look(sight) => Self::look(sight),
            Next::Sweep => {
                let mut sweep = Sweep::new(LAB, &self.spec).unwrap();
                sweep.run_to_end();
                let point = sweep.points().iter().max_by_key(|point| point.broken.len()).unwrap();
                let step = point.step + 1;
                Self::at(point.spec.clone(), |_| step)
            }
            Next::Done => panic!("there is nothing to do"),
        };
    }

    fn scene(&self) -> Card {
        scene_card(LESSONS.scene.unwrap(), &self.run, self.step).unwrap()
    }

    fn station(&self, station: &Station) -> Card {
        let place = LESSONS.station(station.id).unwrap();
        let card = station_card(LESSONS.tour, place, &self.run, self.step).unwrap();
        for text in [&card.text, &card.more] {
            assert!(!text.contains(['{', '}']), "{text}");
        }
        card
    }
}

#[test]
fn the_first_scene_is_one_deed_and_three_captions() {
    let scene = LESSONS.scene.unwrap();
    let mut reader = Reader::look(scene.at);
    let line = |reader: &Reader, card: &Card| {
        format!("{} step {}: {}. {}\n", card.place.0, reader.step, card.title, card.text)
    };
    let mut told = String::new();
    let mut card = reader.scene();
    while card.next != Next::Done {
        told.push_str(&line(&reader, &card));
        reader.press(card.next);
        card = reader.scene();
    }
    told.push_str(&line(&reader, &card));
    assert_eq!(card.place, (5, 5));
    crate::golden::check("golden/first_scene.txt", &told);
    assert!(reader.run.end.promises.iter().all(|promise| promise.held == Some(true)));
    // The story's plan wanted to kill it too, and came too late: nobody need hear of that.
    assert_eq!(reader.run.end.unheeded, Vec::<String>::new());
    assert_eq!(reader.spec.to_string(), "crash-after-charge?seed=7&do=15:kill:A");
}

/// Whatever the dice say, and also for one who only steps on: nobody has to press the button.
#[test]
fn the_first_scene_fits_every_seed_and_needs_no_button() {
    let scene = LESSONS.scene.unwrap();
    for seed in 0..20 {
        let spec = RunSpec {
            seed,
            ..RunSpec::of(scene.at.story)
        };
        let mut reader = Reader::at(spec, |_| 0);
        assert_eq!(reader.scene().next, Next::GoTo(reader.run.when(scene.at.when).unwrap()));
        let mut places = Vec::new();
        for step in 0..=reader.run.last() {
            reader.step = step;
            let card = reader.scene();
            assert!(!card.text.contains(['{', '}']), "{}", card.text);
            places.push(card.place.0);
        }
        assert!(places.is_sorted());
        places.dedup();
        assert_eq!(places, [1, 2, 3, 4, 5], "seed {seed}");
    }
}

#[test]
fn a_station_is_undone_before_its_deed_and_done_after_it() {
    for station in LESSONS.tour {
        let mut reader = Reader::look(station.at);
        let mut pressed = 0;
        while reader.station(station).next != Next::Done {
            let card = reader.station(station);
            assert!(card.more.ends_with(['.', ')']), "{}", card.more);
            reader.press(card.next);
            pressed += 1;
        }
        assert_eq!(pressed, station.tasks.len(), "{}", station.id);
        assert_ne!(reader.station(station).more, station.ask);
    }
}

/// Who wanders off is told so, and led back; what the station says of its own story is not said of another.
#[test]
fn a_station_knows_when_another_story_is_shown() {
    let elsewhere = Reader::at(RunSpec::of("order-invalid"), |_| 0);
    for station in LESSONS.tour {
        let card = elsewhere.station(station);
        assert_eq!((card.next, card.text.as_str()), (Next::Look(station.at), ""));
    }
}

#[test]
fn the_tour_is_short_and_says_all_there_is_to_say() {
    let ids: Vec<&str> = LESSONS.tour.iter().map(|station| station.id).collect();
    let wanted = [
        "crash",
        "replay",
        "results",
        "retry",
        "double-charge",
        "key",
        "saga",
        "patch",
        "stuck",
        "sweep",
    ];
    assert_eq!(ids, wanted);
    let next = LESSONS.scene.unwrap().next.1;
    assert!(LESSONS.station(next).is_some(), "the scene leads to no station");
    for station in LESSONS.tour {
        for text in [station.text, station.learned] {
            let sentences = text.matches(['.', ';']).count();
            assert!((2..=4).contains(&sentences), "{}: {text}", station.id);
        }
    }
    // Read aloud: 200 words a minute.
    let words: usize = LESSONS
        .tour
        .iter()
        .flat_map(|station| [station.text, station.ask, station.learned])
        .map(|text| text.split_whitespace().count())
        .sum();
    assert!(words < 5 * 200, "{words} words are more than five minutes");
}
