//! Which workflow code a worker has: workflow type to constructor.

use super::sdk::{Instance, Make};
use crate::base::sorted::SortedMap;

/// The workflows a worker can run. Cheap to clone: a deploy is a worker started with another one.
#[derive(Clone, Default)]
pub struct Registry {
    workflows: SortedMap<String, Make>,
}

impl Registry {
    /// Nothing registered yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a workflow written on the public SDK, under its own type name.
    #[must_use]
    pub fn with<W>(mut self) -> Self
    where
        W: super::sdk::Workflow,
        super::sdk::Input<W>: Send,
    {
        let (name, make) = Instance::maker::<W>();
        self.workflows.insert(name, make);
        self
    }

    /// How to make an instance of this type.
    pub(super) fn get(&self, workflow_type: &str) -> Option<Make> {
        self.workflows.get(workflow_type).copied()
    }

    /// The registered types, in order of their names.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.workflows.keys().map(String::as_str)
    }
}
