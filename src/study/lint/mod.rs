//! The linter: what is unwise in a history, has gone wrong in it, or is about to.
//!
//! Whether a list of events is a history at all is for `history::rules` to say; here every list is taken as it is. A rule
//! says only what Temporal does, from what stands in the events; what a history cannot tell is not guessed. Nothing is found
//! fault with in a history in which nothing is.
//!
//! The rules are grouped by what they are about, one file each; all of them look at the same [`evidence`], which is prepared
//! once. `report` puts findings into text, JSON and SARIF.

mod activity_limits;
mod activity_outcomes;
mod children;
mod continue_as_new;
mod endings;
mod error_types;
mod evidence;
mod found;
mod local_activities;
mod messages;
mod properties;
pub mod report;
mod rule;
mod size;
mod spelling;
mod start_delay;
mod start_options;
mod start_timeouts;
mod task_failures;
mod task_times;
mod timers;
mod versions;
mod waits;
mod words;

pub use self::rule::{Rule, Severity};

use std::cmp::Reverse;

use self::evidence::Evidence;
use self::found::Finds;
use crate::history::proto::HistoryEvent;

/// Where Temporal's documentation is.
pub const DOCS: &str = "https://docs.temporal.io/";

/// Every rule, by what they are about.
const GROUPS: [&[Rule]; 18] = [
    activity_limits::RULES,
    activity_outcomes::RULES,
    error_types::RULES,
    task_failures::RULES,
    task_times::RULES,
    waits::RULES,
    messages::RULES,
    children::RULES,
    local_activities::RULES,
    timers::RULES,
    size::RULES,
    continue_as_new::RULES,
    start_timeouts::RULES,
    start_delay::RULES,
    start_options::RULES,
    endings::RULES,
    properties::RULES,
    versions::RULES,
];

/// Something that a rule has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// By which rule.
    pub rule: &'static Rule,
    /// The event to look at first; `None` if it is about the history as a whole.
    pub event: Option<i64>,
    /// Other events of which the same is to be said.
    pub also: Vec<i64>,
    /// What was found, with the values of the first event.
    pub what: String,
    /// What to do about it.
    pub todo: String,
}

/// How much of a run's history there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it, as far as the run had come.
    Whole,
    /// There are more events after these: nothing follows from where they end.
    Beginning,
}

/// Every rule there is, grouped by what they are about.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    GROUPS.into_iter().flatten()
}

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
}

/// The id that is spelled most like this one, if any comes near it.
pub fn nearest_id(id: &str) -> Option<&'static str> {
    spelling::nearest(id, rules().map(|rule| rule.id))
}

/// All findings of all rules, by event, the gravest of an event first; those about the history as a whole come last.
pub fn lint(events: &[HistoryEvent], extent: Extent) -> Vec<Finding> {
    if !events.is_sorted_by_key(|event| event.event_id) {
        let mut sorted = events.to_vec();
        sorted.sort_by_key(|event| event.event_id);
        return lint(&sorted, extent);
    }
    let evidence = Evidence::of(events, extent == Extent::Whole);
    let mut findings: Vec<Finding> = rules().flat_map(|rule| findings_of(rule, &evidence)).collect();
    findings.sort_by_key(|finding| {
        let place = (finding.event.is_none(), finding.event);
        (place, Reverse(finding.rule.severity))
    });
    findings
}

fn findings_of(rule: &'static Rule, evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut finds = Finds::default();
    (rule.look)(evidence, &mut finds);
    let finding = |found: found::Found| Finding {
        rule,
        event: found.event,
        also: found.also,
        what: found.what,
        todo: found.todo.unwrap_or_else(|| rule.todo.to_owned()),
    };
    finds.into_found().into_iter().map(finding).collect()
}
