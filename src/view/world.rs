//! How things stand outside, at each moment: facts that change, and which of them are wrong.

use super::recording::WorldRow;
use super::track::Track;
use crate::sim::Sim;
use crate::sim::step::Record;

/// The facts of the world, over the steps of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct WorldRows {
    facts: Vec<Fact>,
    entries: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Fact {
    label: String,
    value: Track<String>,
    /// The step that made it wrong.
    alarm: Option<u32>,
}

impl WorldRows {
    /// The facts of a world in which nothing has happened yet.
    pub(super) fn new(sim: &Sim) -> Self {
        let mut rows = Self::default();
        rows.note(sim, 0);
        rows
    }

    /// Takes in one step. `sim` is the world after it.
    pub(super) fn see(&mut self, sim: &Sim, record: &Record) {
        let entries = sim.outside().entries();
        if entries.len() == self.entries {
            return;
        }
        self.note(sim, record.number);
        for entry in &entries[self.entries..] {
            let Some(spoilt) = &entry.spoils else { continue };
            if let Some(fact) = self.facts.iter_mut().find(|fact| fact.label == *spoilt) {
                fact.alarm.get_or_insert(record.number);
            }
        }
        self.entries = entries.len();
    }

    /// What was known after so many steps, when the journal had so many entries.
    pub(super) fn until(&self, step: u32, entries: usize) -> Self {
        let facts = self.facts.iter().map(|fact| Fact {
            label: fact.label.clone(),
            value: fact.value.until(step),
            alarm: fact.alarm.filter(|since| *since <= step),
        });
        Self {
            facts: facts.filter(|fact| !fact.value.is_empty()).collect(),
            entries,
        }
    }

    /// The rows after so many steps.
    pub(super) fn at(&self, step: u32) -> Vec<WorldRow> {
        let row = |fact: &Fact| {
            Some(WorldRow {
                label: fact.label.clone(),
                value: fact.value.at(step)?.clone(),
                expected: None,
                changed: fact.value.changed_at(step),
                alarm: fact.alarm.is_some_and(|since| since <= step),
            })
        };
        self.facts.iter().filter_map(row).collect()
    }

    fn note(&mut self, sim: &Sim, step: u32) {
        for (place, fact) in sim.outside().facts().into_iter().enumerate() {
            if self.facts.len() == place {
                self.facts.push(Fact {
                    label: fact.label,
                    value: Track::default(),
                    alarm: None,
                });
            }
            self.facts[place].value.set(step, fact.value);
        }
    }
}
