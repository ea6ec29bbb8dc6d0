//! Who replays whose history: what a real server wrote is met by our worker, what the simulation wrote by the official
//! replayer, and both say the same; also of code that is not the code that the history was written by.
//!
//! Three kinds of code meet a history. The scenario's own versions, of which one at least must go together with it.
//! Other code ([`changed`]). And the scenario's own once more, after a doctored history: as if that code had asked for
//! something else than it did, at each place in turn.

use std::collections::BTreeMap;

use sagascope::history::json;
use sagascope::history::proto::{
    ActivityTaskScheduledEventAttributes, ActivityType, Attributes, History, HistoryEvent,
    MarkerRecordedEventAttributes, SignalExternalWorkflowExecutionInitiatedEventAttributes,
    TimerStartedEventAttributes, event_type,
};
use sagascope::worker::replay::{ReplayError, replay};
use serde_json::json;
use temporalio_sdk::workflow_replayer::WorkflowReplayerOptions;

use crate::changed;
use crate::official;
use crate::performance::{Performance, Run};
use crate::scenario::{Code, Scenario};

/// Scenarios in whose histories no worker gets to the end, and why the official replayer does not say so. Ours does.
const STUCK: [(&str, &str); 3] = [
    (
        "task-unreadable-input",
        "it has no verdict where a workflow cannot even be made",
    ),
    (
        "abandoned-then-fails",
        "it has none on what comes after the last task that was answered with commands",
    ),
    ("abandoned-then-times-out", "the same"),
];

/// A history, the code that is to meet it, and what is to come of it.
struct Trial {
    scenario: &'static str,
    /// For people.
    name: String,
    code: Code,
    events: Vec<HistoryEvent>,
}

/// What came of all trials.
#[derive(Default)]
pub(crate) struct Tally {
    /// Histories met by the code that belongs to them.
    histories: usize,
    /// Of these, those that nobody gets through.
    stuck: usize,
    /// Histories met by other code, or doctored.
    changed: usize,
    /// Of these, those that both refuse.
    refused: usize,
    /// What is not as it should be.
    pub(crate) wrong: Vec<String>,
}

impl Tally {
    /// In a sentence or two.
    pub(crate) fn sentences(&self) -> String {
        format!(
            "{} histories, simulated and recorded, go together with their code for our worker and for the official \
             replayer; {} are stuck, as is known. {} times with changed code both say the same, {} times no. {} are not \
             as they should be.",
            self.histories - self.stuck,
            self.stuck,
            self.changed,
            self.refused,
            self.wrong.len()
        )
    }
}

/// Replays all histories of these performances, ours and theirs.
pub(crate) fn all(played: &[(&Scenario, [Option<&Performance>; 2])]) -> Tally {
    let mut own = Vec::new();
    let mut changed = Vec::new();
    for (scenario, sides) in played {
        for (side, performance) in ["simulated", "recorded"].into_iter().zip(sides) {
            for (at, run) in performance.iter().flat_map(|performance| &performance.runs).enumerate() {
                let Some(history) = Met::of(scenario, side, at, run) else {
                    continue;
                };
                own.extend(history.by_its_code());
                if side == "recorded" {
                    changed.extend(history.by_other_code());
                    changed.extend(history.doctored());
                }
            }
        }
    }
    let mut tally = Tally {
        changed: changed.len(),
        ..Tally::default()
    };
    let mut through: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for (trial, verdict) in own.iter().zip(verdicts(&own, &mut tally.wrong)) {
        let (accepted, stuck) = through.entry(&trial.name).or_default();
        *accepted |= verdict.is_none();
        *stuck = is_stuck(trial);
    }
    tally.histories = through.len();
    tally.stuck = through.values().filter(|(_, stuck)| *stuck).count();
    for (name, (accepted, stuck)) in through {
        if accepted == stuck {
            let what = if stuck {
                "has a way through after all"
            } else {
                "no version of the code fits"
            };
            tally.wrong.push(format!("{name}: {what}"));
        }
    }
    tally.refused = verdicts(&changed, &mut tally.wrong).iter().flatten().count();
    tally
}

/// The history of one run and the versions of its code.
struct Met<'a> {
    scenario: &'a Scenario,
    name: String,
    events: Vec<HistoryEvent>,
}

impl<'a> Met<'a> {
    /// Nothing if there is no code for it.
    fn of(scenario: &'a Scenario, side: &str, at: usize, run: &Run) -> Option<Self> {
        let events = json::read(&json!({ "events": run.events }).to_string());
        let name = format!("{}, {} {at}, {side}", scenario.name, run.workflow_id);
        let events = events.unwrap_or_else(|error| panic!("{name}: {error}")).history.events;
        let met = Self { scenario, name, events };
        let known = scenario.versions.iter().any(|code| met.has_code_in(*code));
        known.then_some(met)
    }

    fn has_code_in(&self, code: Code) -> bool {
        (code.simulated)().types().any(|known| known == type_of(&self.events))
    }

    fn by_its_code(&self) -> Vec<Trial> {
        let versions = self.scenario.versions.iter();
        let versions = versions.filter(|code| self.has_code_in(**code));
        versions
            .map(|code| Trial {
                scenario: self.scenario.name,
                name: self.name.clone(),
                code: *code,
                events: self.events.clone(),
            })
            .collect()
    }

    /// The type is that of the other code: it could not be started otherwise.
    fn by_other_code(&self) -> Vec<Trial> {
        let changes = changed::all().into_iter();
        let changes = changes.filter(|change| change.of.is_none_or(|of| of == type_of(&self.events)));
        changes
            .map(|change| {
                let mut events = self.events.clone();
                if let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) = &mut events[0].attributes {
                    started.workflow_type.get_or_insert_default().name = change.code.first_type.to_owned();
                }
                Trial {
                    scenario: self.scenario.name,
                    name: format!("{} by {}", self.name, change.code.first_type),
                    code: change.code,
                    events,
                }
            })
            .collect()
    }

    /// Each event that a command has become is another one.
    fn doctored(&self) -> Vec<Trial> {
        let Some(code) = self.scenario.versions.iter().find(|code| self.has_code_in(**code)) else {
            return Vec::new();
        };
        let mut trials = Vec::new();
        for (at, event) in self
            .events
            .iter()
            .enumerate()
            .filter(|(_, event)| event.class().is_answer())
        {
            for other in others() {
                let mut events = self.events.clone();
                events[at].event_type = event_type(&other).into();
                events[at].attributes = Some(other);
                trials.push(Trial {
                    scenario: self.scenario.name,
                    name: format!(
                        "{} with {:?} for event {}",
                        self.name,
                        events[at].event_type(),
                        event.event_id
                    ),
                    code: *code,
                    events,
                });
            }
        }
        trials
    }
}

/// What the code might have asked for instead.
fn others() -> [Attributes; 4] {
    [
        Attributes::ActivityTaskScheduledEventAttributes(ActivityTaskScheduledEventAttributes {
            activity_id: "1".to_owned(),
            activity_type: Some(ActivityType {
                name: "Other".to_owned(),
            }),
            ..Default::default()
        }),
        Attributes::TimerStartedEventAttributes(TimerStartedEventAttributes {
            timer_id: "1".to_owned(),
            ..Default::default()
        }),
        Attributes::MarkerRecordedEventAttributes(MarkerRecordedEventAttributes {
            marker_name: "core_patch".to_owned(),
            ..Default::default()
        }),
        Attributes::SignalExternalWorkflowExecutionInitiatedEventAttributes(
            SignalExternalWorkflowExecutionInitiatedEventAttributes::default(),
        ),
    ]
}

fn type_of(events: &[HistoryEvent]) -> &str {
    match events.first().and_then(|event| event.attributes.as_ref()) {
        Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => {
            started.workflow_type.as_ref().map_or("", |named| named.name.as_str())
        }
        _ => "",
    }
}

/// What both say of each trial: nothing, or a message of refusal. Where they do not say the same, that is wrong.
fn verdicts(trials: &[Trial], wrong: &mut Vec<String>) -> Vec<Option<String>> {
    let ours: Vec<Option<String>> = trials.iter().map(ours).collect();
    let theirs = theirs(trials, &ours);
    for ((trial, our), their) in trials.iter().zip(&ours).zip(&theirs) {
        let agree = match (our, their) {
            (None, None) => true,
            (Some(our), Some(their)) => is_said(our, their),
            (Some(_), None) => is_stuck(trial),
            (None, Some(_)) => false,
        };
        if !agree {
            let say = |said: &Option<String>| said.as_deref().unwrap_or("accepted").to_owned();
            let (name, our, their) = (&trial.name, say(our), say(their));
            wrong.push(format!("{name}\n      ours:   {our}\n      theirs: {their}"));
        }
    }
    ours
}

fn is_stuck(trial: &Trial) -> bool {
    STUCK.iter().any(|(name, _)| *name == trial.scenario)
}

fn ours(trial: &Trial) -> Option<String> {
    match replay(&(trial.code.simulated)(), &trial.events, None).err()? {
        ReplayError::Nondeterministic(finding) => Some(finding.message),
        ReplayError::Failed { message, .. } | ReplayError::Broken(message) => Some(message),
        ReplayError::UnknownType { workflow_type, .. } => Some(format!("Workflow type {workflow_type} not found")),
    }
}

/// Whether our message is in theirs, which spells out all that it knows of the failure.
fn is_said(our: &str, their: &str) -> bool {
    let as_it_is = their.contains(&format!("{our:?}"));
    // Where a child cannot meet an event, Core spells that out, too.
    let spelled_out = || {
        let (before, event) = our.split_once("HistoryEvent(id: ")?;
        let (id, name) = event.strip_suffix(')')?.split_once(", ")?;
        let begins = their.contains(&format!("{before}HistoryEvent {{ event_id: {id}, "));
        Some(begins && their.contains(&format!("event_type: {name}, ")))
    };
    as_it_is || spelled_out() == Some(true)
}

/// One replayer for all trials of the same code that should be accepted. Each of the others has one for itself: the
/// replayer counts verdicts, and a refusal may cost it one.
fn theirs(trials: &[Trial], ours: &[Option<String>]) -> Vec<Option<String>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, (trial, our)) in trials.iter().zip(ours).enumerate() {
        let same = |other: usize| {
            our.is_none()
                && ours[other].is_none()
                && std::ptr::fn_addr_eq(trials[other].code.replayed, trial.code.replayed)
        };
        match groups.iter_mut().find(|places| same(places[0])) {
            Some(places) => places.push(at),
            None => groups.push(vec![at]),
        }
    }
    let mut said: Vec<Option<String>> = trials.iter().map(|_| None).collect();
    for places in groups {
        let mut options = WorkflowReplayerOptions::new().build();
        (trials[places[0]].code.replayed)(&mut options);
        let histories = places.iter().map(|at| History {
            events: trials[*at].events.clone(),
        });
        let histories: Vec<History> = histories.collect();
        for (at, verdict) in places.into_iter().zip(official::verdicts(&options, &histories)) {
            said[at] = verdict;
        }
    }
    said
}
