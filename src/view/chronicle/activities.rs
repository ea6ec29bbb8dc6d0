//! Each activity of each run: when it was asked for and when it was over, its attempts, and what it does between them.

use super::super::track::{OpenTrack, Track};
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTaskToken, RunKey};
use crate::history::proto::{Attributes, FailureInfo, TimeoutType};
use crate::service::run::PendingActivity;
use crate::service::timer::TimerTask;
use crate::service::unwritten::AttemptState;
use crate::sim::Sim;
use crate::sim::step::{Record, Step};

/// All activities so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Activities {
    all: Vec<Activity>,
    runs: SortedMap<RunKey, OfRun>,
    timeouts: Vec<ActivityTimeout>,
}

/// The activities of one run.
#[derive(Clone, Debug, Default, PartialEq)]
struct OfRun {
    /// Their places in the list of all, in the order of their events, which is that of their beginnings.
    places: Vec<u32>,
    open: OpenTrack,
    /// The one to look at: the latest of those that are pending, else the one that was.
    latest: Track<u32>,
}

/// One activity.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// Whose.
    pub run: RunKey,
    /// Its ActivityTaskScheduled.
    pub scheduled_event_id: i64,
    /// The step that scheduled it.
    pub opened: u32,
    /// The step with which it ended for good.
    pub over: Option<u32>,
    /// Its attempts, as places in [`Hands::work`](super::hands::Hands::work).
    pub attempts: Vec<u32>,
    pub(in crate::view) state: Track<Between>,
    /// What is known of attempts that are not among them, if only its history tells of it.
    pub(in crate::view) earlier: Option<Box<Earlier>>,
}

/// What a history tells of the attempts before the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct Earlier {
    /// How many there were.
    pub attempts: u32,
    /// How the last of them failed.
    pub last_failure: Option<String>,
    /// The place of its queue among those of the history.
    pub queue: u32,
    /// From when until when the policy made the next attempt wait, and which attempt that was. Inferred.
    pub backoffs: Vec<(SimTime, SimTime, u32)>,
}

impl Activity {
    /// One that only its history tells of.
    pub(super) fn told(run: RunKey, scheduled_event_id: i64, opened: u32, over: Option<u32>) -> Self {
        Self {
            run,
            scheduled_event_id,
            opened,
            over,
            attempts: Vec::new(),
            state: Track::default(),
            earlier: None,
        }
    }
}

/// What an activity does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// An attempt waits for a worker.
    Queued {
        /// Since when.
        since: SimTime,
        /// Which attempt.
        attempt: u32,
    },
    /// A worker has an attempt in hand, as far as the Service knows.
    Started {
        /// Which attempt.
        attempt: u32,
    },
    /// The next attempt is not due yet.
    BacksOff {
        /// Since when.
        since: SimTime,
        /// When it is due.
        until: SimTime,
        /// Which attempt.
        attempt: u32,
    },
}

impl Between {
    const fn of(activity: PendingActivity<'_>) -> Self {
        let attempt = activity.attempt.number;
        match activity.attempt.state {
            AttemptState::Waiting { since } => Self::Queued { since, attempt },
            AttemptState::Running { .. } => Self::Started { attempt },
            AttemptState::BackingOff { since, until } => Self::BacksOff { since, until, attempt },
        }
    }

    /// The attempt that is due, waiting or running.
    pub const fn attempt(self) -> u32 {
        match self {
            Self::Queued { attempt, .. } | Self::Started { attempt } | Self::BacksOff { attempt, .. } => attempt,
        }
    }
}

/// One of the Service's limits that an activity ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityTimeout {
    /// When.
    pub at: SimTime,
    /// Which attempt of which activity.
    pub token: ActivityTaskToken,
    /// Which limit.
    pub kind: TimeoutType,
    /// There is no further attempt.
    pub closed: bool,
}

/// What it takes to have all activities as they were at a moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Then {
    begun: usize,
    timeouts: usize,
    /// Those that were not over, each with its place.
    open: Vec<(u32, Activity)>,
}

impl Activities {
    /// Keeps this moment.
    pub(super) fn then(&self) -> Then {
        let open = self.runs.values().flat_map(|of_run| of_run.open.now());
        Then {
            begun: self.all.len(),
            timeouts: self.timeouts.len(),
            open: open.map(|place| (*place, self.all[*place as usize].clone())).collect(),
        }
    }

    /// All activities as they were after so many steps, a moment that was kept.
    pub(super) fn back(&self, step: u32, then: &Then) -> Self {
        let mut all = self.all[..then.begun].to_vec();
        for (place, open) in &then.open {
            all[*place as usize] = open.clone();
        }
        let begun = |places: &[u32]| {
            let begun = places.iter().filter(|place| (**place as usize) < then.begun);
            begun.copied().collect::<Vec<u32>>()
        };
        let runs = self.runs.iter().map(|(run, of_run)| {
            let of_run = OfRun {
                places: begun(&of_run.places),
                open: of_run.open.until(step),
                latest: of_run.latest.until(step),
            };
            (*run, of_run)
        });
        Self {
            runs: runs.filter(|(_, of_run)| !of_run.places.is_empty()).collect(),
            all,
            timeouts: self.timeouts[..then.timeouts].to_vec(),
        }
    }

    /// All, in the order of their beginnings.
    pub fn all(&self) -> &[Activity] {
        &self.all
    }

    /// One more, of a history.
    pub(super) fn push(&mut self, activity: Activity) {
        self.all.push(activity);
    }

    /// All that were pushed can be found from now on.
    pub(super) fn index(&mut self) {
        let mut changes: Vec<(u32, bool, u32)> = Vec::new();
        for (place, activity) in (0..).zip(&self.all) {
            let of_run = self.runs.get_or_default(activity.run);
            of_run.places.push(place);
            of_run.latest.set(activity.opened, place);
            changes.push((activity.opened, true, place));
            changes.extend(activity.over.map(|over| (over, false, place)));
        }
        changes.sort_unstable_by_key(|(step, opens, place)| (*step, !opens, *place));
        for (step, opens, place) in changes {
            let of_run = self.runs.get_or_default(self.all[place as usize].run);
            if opens {
                of_run.open.open(step, place);
            } else {
                of_run.open.close(step, place);
            }
        }
        for of_run in self.runs.values_mut() {
            let all = &self.all;
            of_run
                .places
                .sort_by_key(|place| all[*place as usize].scheduled_event_id);
        }
    }

    /// The limits that activities ran into, in order.
    pub fn timeouts(&self) -> &[ActivityTimeout] {
        &self.timeouts
    }

    /// The activity that an event scheduled.
    pub fn get(&self, run: RunKey, scheduled_event_id: i64) -> Option<&Activity> {
        let places = &self.runs.get(&run)?.places;
        let event = |place: &u32| self.all[*place as usize].scheduled_event_id;
        let at = places.binary_search_by_key(&scheduled_event_id, event).ok()?;
        self.all.get(places[at] as usize)
    }

    /// The activities of a run that were pending after so many steps, in the order of their beginnings.
    pub fn pending(&self, run: RunKey, step: u32) -> impl Iterator<Item = &Activity> {
        let open = self.runs.get(&run).map(|of_run| of_run.open.at(step));
        open.into_iter().flatten().map(|place| &self.all[place as usize])
    }

    /// The activity of a run to look at after so many steps: the latest that is pending, else the one that was.
    pub fn latest(&self, run: RunKey, step: u32) -> Option<&Activity> {
        let place = self.runs.get(&run)?.latest.at(step)?;
        self.all.get(*place as usize)
    }

    pub(super) fn has_begun(&mut self, token: ActivityTaskToken, step: u32, work: u32) {
        let place = self.begun(token.run, token.scheduled_event_id, step);
        self.all[place as usize].attempts.push(work);
    }

    /// The place of an activity that is pending, or was.
    fn begun(&mut self, run: RunKey, scheduled_event_id: i64, step: u32) -> u32 {
        let of_run = self.runs.get_or_default(run);
        let all = &mut self.all;
        let event = |place: &u32| all[*place as usize].scheduled_event_id;
        match of_run.places.binary_search_by_key(&scheduled_event_id, event) {
            Ok(at) => of_run.places[at],
            Err(at) => {
                let place = u32::try_from(all.len()).expect("bounded by the events");
                all.push(Activity {
                    run,
                    scheduled_event_id,
                    opened: step,
                    over: None,
                    attempts: Vec::new(),
                    state: Track::default(),
                    earlier: None,
                });
                of_run.places.insert(at, place);
                of_run.open.open(step, place);
                place
            }
        }
    }

    /// Looks at the pending activities of a run that a step may have changed.
    pub(super) fn follow(&mut self, sim: &Sim, record: &Record, run: RunKey) {
        let of = sim.service().run(run);
        let only = token(&record.what).filter(|token| token.run == run && record.wrote.is_empty());
        match only.and_then(|token| of.activity(token.scheduled_event_id)) {
            Some(activity) => self.note(record.number, run, activity),
            None => {
                for activity in of.activities() {
                    self.note(record.number, run, activity);
                }
            }
        }
        let Some(of_run) = self.runs.get_mut(&run) else { return };
        if let Some(event) = of.unwritten.attempts.keys().next_back() {
            let all = &self.all;
            let latest = of_run
                .places
                .iter()
                .rev()
                .find(|place| all[**place as usize].scheduled_event_id == *event);
            of_run.latest.set(record.number, *latest.expect("it was noted"));
        }
        if of_run.open.now().len() == of.state.activities.len() {
            return;
        }
        for place in of_run.open.now().to_vec() {
            let activity = &mut self.all[place as usize];
            if !of.state.activities.contains(activity.scheduled_event_id) {
                activity.over = Some(record.number);
                of_run.open.close(record.number, place);
            }
        }
    }

    fn note(&mut self, step: u32, run: RunKey, activity: PendingActivity<'_>) {
        let place = self.begun(run, activity.scheduled_event_id, step);
        self.all[place as usize].state.set(step, Between::of(activity));
    }

    /// Finds the activities that ran into a limit: all of a run that have left their attempt when such a timer fired.
    /// Called before the step is [followed](Self::follow).
    pub(super) fn time_out(&mut self, sim: &Sim, record: &Record) -> &[ActivityTimeout] {
        let known = self.timeouts.len();
        if let Step::TimerFired {
            task:
                TimerTask::ActivityTimeout {
                    run,
                    scheduled_event_id,
                    kind,
                    ..
                },
            ..
        } = &record.what
            && let Some(of_run) = self.runs.get(run)
        {
            let of = sim.service().run(*run);
            for place in of_run.open.now() {
                let activity = &self.all[*place as usize];
                let Some(before) = activity.state.last() else { continue };
                let after = of.activity(activity.scheduled_event_id);
                if after.is_some_and(|after| after.attempt.number == before.attempt()) {
                    continue;
                }
                let kind = if activity.scheduled_event_id == *scheduled_event_id {
                    *kind
                } else {
                    limit_of(sim, *run, activity.scheduled_event_id).unwrap_or(*kind)
                };
                self.timeouts.push(ActivityTimeout {
                    at: record.at,
                    token: ActivityTaskToken {
                        run: *run,
                        scheduled_event_id: activity.scheduled_event_id,
                        attempt: before.attempt(),
                    },
                    kind,
                    closed: after.is_none(),
                });
            }
        }
        &self.timeouts[known..]
    }
}

/// The attempt that a step was about.
pub(super) const fn token(step: &Step) -> Option<ActivityTaskToken> {
    match step {
        Step::ActivityPolled { token, .. }
        | Step::Effect { token, .. }
        | Step::Heartbeat { token, .. }
        | Step::ActivityAnswered { token, .. } => Some(*token),
        Step::WorkflowStarted { .. }
        | Step::WorkflowTaskPolled { .. }
        | Step::Activated { .. }
        | Step::ActivationFailed { .. }
        | Step::WorkflowTaskAnswered { .. }
        | Step::QueryAnswered { .. }
        | Step::LocalEffect { .. }
        | Step::LocalEnded { .. }
        | Step::Alarm { .. }
        | Step::Unheard { .. }
        | Step::GaveUp { .. }
        | Step::TaskGone { .. }
        | Step::Acted { .. }
        | Step::Heard { .. }
        | Step::TimerFired { .. }
        | Step::Crashed { .. }
        | Step::Restarted { .. }
        | Step::Stopping { .. }
        | Step::Left { .. }
        | Step::Partitioned { .. }
        | Step::Healed { .. }
        | Step::Refused { .. } => None,
    }
}

/// The limit that an activity ran into last, as its failure tells it.
fn limit_of(sim: &Sim, run: RunKey, scheduled_event_id: i64) -> Option<TimeoutType> {
    let run = sim.service().run(run);
    let failure = match run.activity(scheduled_event_id) {
        Some(activity) => activity.attempt.last_failure.as_ref(),
        None => run.log.events().iter().rev().find_map(|event| match &event.attributes {
            Some(Attributes::ActivityTaskTimedOutEventAttributes(a)) if a.scheduled_event_id == scheduled_event_id => {
                a.failure.as_ref()
            }
            _ => None,
        }),
    };
    match &failure?.failure_info {
        Some(FailureInfo::TimeoutFailureInfo(info)) => Some(info.timeout_type()),
        _ => None,
    }
}
