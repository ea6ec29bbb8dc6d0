//! Which workflow code a worker has: workflow type to constructor.

use super::sdk::{Instance, Make};
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
    /// Where its source is, if somebody has said so.
    file: Option<&'static str>,
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
        self.workflows.insert(name, Entry { make, file: None });
        self
    }

    /// The same with another version of a workflow, in place of the one under that name: the one whose source is in
    /// `file`.
    #[must_use]
    pub fn with_from<W>(mut self, file: &'static str) -> Self
    where
        W: super::sdk::Workflow,
        super::sdk::Input<W>: Send,
    {
        let (name, make) = Instance::maker::<W>();
        let file = Some(file);
        self.workflows.insert(name, Entry { make, file });
        self
    }

    /// How to make an instance of this type.
    pub(super) fn get(&self, workflow_type: &str) -> Option<Make> {
        self.workflows.get(workflow_type).map(|entry| entry.make)
    }

    /// The file with the source of this type, where it is not the ordinary one.
    pub fn file(&self, workflow_type: &str) -> Option<&'static str> {
        self.workflows.get(workflow_type)?.file
    }

    /// The registered types, in order of their names.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.workflows.keys().map(String::as_str)
    }
}
