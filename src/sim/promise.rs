//! A promise about the outside: what a set-up says must be so once its workflow is over. `check::promise` judges them.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::Sim;
use super::outside::{Outside, World};
use crate::history::payload;
use crate::history::proto::Attributes;

/// Something that must be so at the end of a run.
#[derive(Clone)]
pub struct Promise {
    sentence: &'static str,
    judge: Arc<dyn Fn(&End<'_>) -> Judged + Send + Sync>,
}

/// Whether a promise was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// It was.
    pub held: bool,
    /// What was seen, in words: `charged €178.00, owed €89.00`.
    pub seen: String,
}

impl Promise {
    /// A promise in a sentence, such as `the customer pays once`, and what tells whether it was kept.
    pub fn new(sentence: &'static str, judge: impl Fn(&End<'_>) -> Judged + Send + Sync + 'static) -> Self {
        Self {
            sentence,
            judge: Arc::new(judge),
        }
    }

    /// What is promised.
    pub const fn sentence(&self) -> &'static str {
        self.sentence
    }

    /// Whether it was kept.
    pub fn judge(&self, end: &End<'_>) -> Judged {
        (self.judge)(end)
    }
}

impl fmt::Debug for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Promise").field(&self.sentence).finish()
    }
}

impl Judged {
    /// A verdict and what it was seen by.
    pub fn new(held: bool, seen: impl Into<String>) -> Self {
        let seen = seen.into();
        Self { held, seen }
    }
}

/// A run whose workflow has returned, as a promise sees it.
#[derive(Clone, Copy)]
pub struct End<'a> {
    sim: &'a Sim,
}

impl<'a> End<'a> {
    /// The end of a run. `None` while any workflow is open (several may share what is looked at), and if the workflow
    /// that the run is about has not returned: nothing has been promised then.
    pub fn of(sim: &'a Sim) -> Option<Self> {
        let open = sim.runs().iter().any(|run| run.is_open());
        let end = Self { sim };
        (!open && end.returned().is_some()).then_some(end)
    }

    /// The run itself.
    pub const fn sim(&self) -> &'a Sim {
        self.sim
    }

    /// The outside.
    pub fn outside(&self) -> &'a dyn Outside {
        self.sim.outside()
    }

    /// The state of a [`World`].
    ///
    /// # Panics
    ///
    /// If the run has another outside, or the state is of another type.
    pub fn state<S: Clone + Serialize + Send + Sync + 'static>(&self) -> &'a S {
        let world: Option<&World<S>> = self.outside().downcast();
        world.expect("the set-up has a world with a state of this type").state()
    }

    /// The workflow's first argument.
    pub fn input(&self) -> Value {
        payload::first_value(self.sim.setup().start.input.as_ref())
    }

    /// What the workflow returned; one that continues as new does so in a later run.
    pub fn result(&self) -> Value {
        self.returned().unwrap_or_default()
    }

    /// First argument and result of every run of this workflow type that has returned.
    pub fn all(&self) -> impl Iterator<Item = (Value, Value)> {
        let workflow_type = &self.sim.setup().start.workflow_type;
        let runs = self.sim.runs().iter();
        runs.filter(move |run| run.workflow_type == *workflow_type)
            .filter_map(|run| match &run.log.events().first()?.attributes {
                Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => {
                    Some((payload::first_value(started.input.as_ref()), run.result()?))
                }
                _ => None,
            })
    }

    fn returned(&self) -> Option<Value> {
        let id = &self.sim.setup().start.workflow_id;
        self.sim.runs_of(id).last()?.result()
    }
}
