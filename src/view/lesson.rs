//! A catalogue's lessons, seen from a run: at which step a thing happens, which card belongs to a moment, and whether what
//! was asked for is done. Everything is read off the recording; nothing is remembered from one moment to the next, so a
//! reader may go back, or do the thing in another way than by the card's own button.

use super::chronicle::work::{End, What};
use super::recording::{Presence, Recording};
use crate::contract::task::RunKey;
use crate::history::proto::Attributes;
use crate::history::timestamp::span;
use crate::sim::fault::Verb;
use crate::sim::lesson::{Happening, Scene, Sight, Station, Task, Words};
use crate::sim::node::WorkerName;
use crate::sim::step::{Record, Step};

/// What a card shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// A few words.
    pub title: String,
    /// Two or three sentences.
    pub text: String,
    /// What is asked for, or was learned.
    pub more: String,
    /// Which card this is of how many, from 1.
    pub place: (usize, usize),
    /// What there is to do.
    pub next: Next,
}

/// What a card's button does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// Something to a worker.
    ToWorker(Verb, WorkerName),
    /// To a moment of the run shown.
    GoTo(u32),
    /// To a moment of another story.
    Look(Sight),
    /// To a square of the crash sweep, and it is for the reader to say which.
    Sweep,
    /// Nothing: it is done.
    Done,
}

/// The card of the first scene that belongs to a moment; none if that is another story.
pub fn scene_card(scene: &Scene, run: &Recording, step: u32) -> Option<Card> {
    if run.story.id != scene.at.story {
        return None;
    }
    let opened = run.when(scene.at.when)?;
    let captions: Vec<(u32, Words)> = scene
        .captions
        .iter()
        .filter_map(|(when, words)| Some((run.when(*when)?, *words)))
        .collect();
    let said = captions.partition_point(|(since, _)| *since <= step);
    let last = run.last();
    let (words, since, next) = match said.checked_sub(1) {
        None => {
            let worker = run.at_work(opened).filter(|_| step == opened);
            let next = worker.map_or(Next::GoTo(opened), |worker| Next::ToWorker(Verb::Kill, worker));
            (scene.before, opened, next)
        }
        Some(_) if step >= last => (scene.end, last, Next::Done),
        Some(place) => {
            let next = captions.get(said).map_or(last, |(since, _)| *since);
            (captions[place].1, captions[place].0, Next::GoTo(next))
        }
    };
    let place = if step >= last { captions.len() + 2 } else { said + 1 };
    Some(Card {
        title: words.title.to_owned(),
        text: run.filled(words.text, opened, since),
        more: String::new(),
        place: (place, captions.len() + 2),
        next,
    })
}

/// The card of station number `place` of a tour, from 0, at a moment of whatever run is shown.
pub fn station_card(tour: &[Station], place: usize, run: &Recording, step: u32) -> Option<Card> {
    let station = tour.get(place)?;
    let todo = station.tasks.iter().find(|task| !station.is_done(task, run, step));
    let opened = run.when(station.at.when).unwrap_or(step);
    let is_here = run.story.id == station.at.story;
    let go_to = |when: Happening| run.when(when).map_or(Next::Look(station.at), Next::GoTo);
    let next = match todo {
        None => Next::Done,
        Some(Task::Look(sight)) if run.story.id == sight.story => go_to(sight.when),
        Some(_) if !is_here => Next::Look(station.at),
        Some(Task::Look(sight)) => Next::Look(*sight),
        Some(Task::ToWorker(verb, _)) => {
            let worker = match verb {
                Verb::Restart | Verb::Launch => run.not_running(step),
                _ => run.at_work(step),
            };
            worker.map_or(Next::GoTo(opened), |worker| Next::ToWorker(*verb, worker))
        }
        Some(Task::GoOn(until)) => go_to(*until),
        Some(Task::FindCrash(_)) => Next::Sweep,
    };
    // What a station says of its moment is true of its own story only.
    let text = match is_here {
        true => run.filled(station.text, opened, opened),
        false => String::new(),
    };
    let more = match todo {
        None => run.filled(station.learned, opened, step),
        Some(_) if next != Next::Look(station.at) => run.filled(station.ask, opened, step),
        Some(_) => "Another story is shown. The station is where you left it.".to_owned(),
    };
    Some(Card {
        title: station.title.to_owned(),
        text,
        more,
        place: (place + 1, tour.len()),
        next,
    })
}

impl Station {
    /// Whether one of its tasks is done at a moment.
    fn is_done(&self, task: &Task, run: &Recording, step: u32) -> bool {
        let seen = |story: &str, when: Happening| run.story.id == story && run.when(when).is_some_and(|at| at <= step);
        match task {
            Task::ToWorker(_, when) | Task::GoOn(when) => seen(self.at.story, *when),
            Task::Look(sight) => seen(sight.story, sight.when),
            Task::FindCrash(broken) => {
                let is_broken = run
                    .end
                    .promises
                    .iter()
                    .filter(|promise| promise.held == Some(false))
                    .count()
                    >= *broken;
                run.story.id == self.at.story && !run.choices.is_empty() && is_broken
            }
        }
    }
}

impl Recording {
    /// The step with which something happens, if it does.
    pub fn when(&self, what: Happening) -> Option<u32> {
        let attempt = |wanted: &str, number: u32| {
            self.chronicle.hands.work().iter().find_map(|work| match &work.what {
                What::Activity(attempt) if attempt.activity_type == wanted && attempt.token.attempt == number => {
                    Some((work, attempt))
                }
                _ => None,
            })
        };
        let step = |wanted: fn(&Step) -> bool, number: u32| {
            let mut found = self.records.iter().filter(|record: &&Record| wanted(&record.what));
            Some(found.nth(number.checked_sub(1)? as usize)?.number)
        };
        match what {
            Happening::AttemptBegins(activity, number) => Some(attempt(activity, number)?.0.began.step),
            Happening::EffectDone(activity, number) => attempt(activity, number)?.1.effect_done,
            Happening::AttemptFails(activity, number) => {
                let (work, attempt) = attempt(activity, number)?;
                let failed = matches!(work.end, End::Failed(_)).then_some(work.ended).flatten();
                let timed_out = attempt.timed_out.map(|(point, _)| point);
                let points = failed.into_iter().chain(timed_out);
                points.map(|point| point.step).min()
            }
            Happening::Event(event_type, number) => {
                let events = self.history(RunKey(0)).iter();
                let mut found = events.filter(|event| event.event_type() == event_type);
                let event = found.nth(number.checked_sub(1)? as usize)?;
                let id = u32::try_from(event.event_id).ok()?;
                Some(self.chronicle.runs.get(RunKey(0))?.of_event(id)?.0)
            }
            Happening::Death(number) => step(|what| matches!(what, Step::Crashed { .. }), number),
            Happening::Start(number) => step(|what| matches!(what, Step::Restarted { .. }), number),
            Happening::Replay(number) => {
                let replays = self.chronicle.hands.work().iter().filter_map(|work| match &work.what {
                    What::WorkflowTask(task) => Some(task.replay?.ended.step),
                    What::Activity(_) | What::LocalActivity(_) => None,
                });
                replays.clone().nth(number.checked_sub(1)? as usize)
            }
            Happening::Closed => Some(self.chronicle.runs.get(RunKey(0))?.closed?.0),
            Happening::End => Some(self.last()),
        }
    }

    /// The worker that has something in hand after so many steps, the latest of several; else the one that did something
    /// last, if it lives.
    fn at_work(&self, step: u32) -> Option<WorkerName> {
        let works = self.chronicle.hands.work().iter();
        let open = works.filter(|work| work.began.step <= step && work.ended.is_none_or(|ended| ended.step > step));
        let latest = open.max_by_key(|work| work.began.step).map(|work| work.worker);
        let before = self.records.iter().rev().skip_while(|record| record.number > step);
        let mut doers = before.filter_map(|record| record.what.worker());
        latest.or_else(|| doers.find(|worker| self.runs_at(*worker, step)))
    }

    fn not_running(&self, step: u32) -> Option<WorkerName> {
        let workers = u8::try_from(self.workers.len()).unwrap_or(u8::MAX);
        (0..workers).map(WorkerName).find(|worker| !self.runs_at(*worker, step))
    }

    fn runs_at(&self, worker: WorkerName, step: u32) -> bool {
        let state = self.workers.get(usize::from(worker.0)).and_then(|track| track.at(step));
        state.is_some_and(|state| state.presence == Presence::Running)
    }

    /// A lesson's text, with what it says about the run: `opened` is the lesson's moment, `step` the one that is shown.
    fn filled(&self, text: &str, opened: u32, step: u32) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, more)) = rest.split_once('{') {
            let (name, after) = more.split_once('}').unwrap_or((more, ""));
            filled.push_str(before);
            let fact = self.fact(name, opened, step).unwrap_or_else(|| name.to_owned());
            let begins = filled.is_empty() || filled.ends_with(". ");
            let mut letters = fact.chars();
            match letters.next().filter(|_| begins) {
                Some(first) => filled.extend(first.to_uppercase().chain(letters)),
                None => filled.push_str(&fact),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn fact(&self, name: &str, opened: u32, step: u32) -> Option<String> {
        match name {
            "worker" => Some(format!("worker {}", self.at_work(opened)?)),
            "other" => Some(format!("worker {}", self.at_work(step)?)),
            "limit" => {
                let activity = self.chronicle.activities.latest(RunKey(0), opened)?;
                let place = usize::try_from(activity.scheduled_event_id - 1).ok()?;
                match &self.history(RunKey(0)).get(place)?.attributes {
                    Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled)) => {
                        Some(span(scheduled.start_to_close_timeout.as_ref()).to_string())
                    }
                    _ => None,
                }
            }
            label => {
                let fact = self.world.at(step).into_iter().find(|fact| fact.label == label)?;
                Some(fact.value)
            }
        }
    }
}
