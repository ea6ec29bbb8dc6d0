//! Which workflow code a worker has: workflow type to constructor.

use super::sdk::{Instance, Make};
use super::source::{Source, Traced};
use crate::base::sorted::SortedMap;

/// The workflows a worker can run. Cheap to clone: a deploy is a worker started with another one.
#[derive(Clone, Default)]
pub struct Registry {
    workflows: SortedMap<String, Entry>,
}

/// A workflow's code.
#[derive(Clone, Copy)]
struct Entry {
    make: Make,
    /// Its source text, if it is a traced twin.
    source: Option<&'static Source>,
}

impl Registry {
    /// Nothing registered yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a workflow written on the public SDK, under its own type name; another one of that name is replaced.
    #[must_use]
    pub fn with<W>(mut self) -> Self
    where
        W: super::sdk::Workflow,
        super::sdk::Input<W>: Send,
    {
        let (name, make) = Instance::maker::<W>();
        self.workflows.insert(name, Entry { make, source: None });
        self
    }

    /// The same for a traced twin, which brings its source text.
    #[must_use]
    pub fn with_source<W>(mut self) -> Self
    where
        W: super::sdk::Workflow + Traced,
        super::sdk::Input<W>: Send,
    {
        let (name, make) = Instance::maker::<W>();
        let source = Some(&W::SOURCE);
        self.workflows.insert(name, Entry { make, source });
        self
    }

    /// With what another has and this has not.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        for (name, entry) in other.workflows {
            if self.workflows.get(&name).is_none() {
                self.workflows.insert(name, entry);
            }
        }
        self
    }

    /// How to make an instance of this type.
    pub(super) fn get(&self, workflow_type: &str) -> Option<Make> {
        self.workflows.get(workflow_type).map(|entry| entry.make)
    }

    /// The source text of this type, if it is registered as a traced twin.
    pub fn source(&self, workflow_type: &str) -> Option<&'static Source> {
        self.workflows.get(workflow_type)?.source
    }

    /// Whether another has the same code of this type. Two functions that do the same may be one in memory, and one may be
    /// two: where sources are known, they decide.
    pub fn has_same_code(&self, other: &Self, workflow_type: &str) -> bool {
        let entry = |registry: &Self| registry.workflows.get(workflow_type).copied();
        match (entry(self), entry(other)) {
            (Some(Entry { source: Some(one), .. }), Some(Entry { source: Some(two), .. })) => one == two,
            (Some(one), Some(two)) => std::ptr::fn_addr_eq(one.make, two.make),
            (None, None) => true,
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    /// The registered types, in order of their names.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.workflows.keys().map(String::as_str)
    }
}
