//! A moment of a world, kept: all that is needed to go on from there without having begun at the start.
//!
//! What only grows (histories, steps, what the workers were given) is not in it: it is shared with the world that it was
//! taken of, which must have gone on. What the workers have in memory is not in it either: it is rebuilt, see
//! [`super::tape`]. A world that was restored goes on to the byte like the one that it was taken of.

use super::Sim;
use super::agenda::{Agenda, Due, LocalToken};
use super::client::Client;
use super::fault::Fault;
use super::matching::Unclaimed;
use super::node::{Leaving, Node, Process, RunningActivity, RunningLocalActivity, Unsaid, WorkerName};
use super::outside::Outside;
use super::spec::{At, RunSpec};
use super::step::Wrote;
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTaskToken, RunKey};
use crate::service::Service;
use crate::worker::Worker;

/// A moment of a world.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    steps: usize,
    now: SimTime,
    /// Without its histories.
    service: Service,
    /// How long each of them was.
    histories: Vec<i64>,
    machines: Vec<Machine>,
    outside: Box<dyn Outside>,
    client: Client,
    agenda: Agenda,
    unclaimed: Unclaimed,
    faults: Vec<Fault>,
    next_choice: usize,
    events: Vec<Wrote>,
    open: Vec<RunKey>,
    given: usize,
}

/// A machine at that moment; its name and set-up never change.
#[derive(Clone, Debug)]
struct Machine {
    code: u8,
    since: SimTime,
    starts: u32,
    partitioned: Option<SimTime>,
    process: Option<InHand>,
}

/// What a process has in hand, and of what it has something in memory.
#[derive(Clone, Debug)]
struct InHand {
    sticky_queue: String,
    workflow_tasks: SortedMap<RunKey, SimTime>,
    activities: SortedMap<ActivityTaskToken, RunningActivity>,
    local_activities: SortedMap<LocalToken, RunningLocalActivity>,
    unsaid: Vec<Unsaid>,
    leaving: Option<Leaving>,
    /// The runs, and where the memory of each begins.
    memory: Vec<(RunKey, usize)>,
}

impl Checkpoint {
    /// How many steps were done.
    pub fn steps(&self) -> u32 {
        u32::try_from(self.steps).expect("bounded by the set-up")
    }

    /// How many of the choices for a time were made by then, of so many in all.
    fn timed_choices_made(&self, of: usize) -> usize {
        let to_come = self.agenda.iter().filter(|(_, due)| matches!(due, Due::Choose { .. }));
        of - to_come.count()
    }

    /// The checkpoint as it would be in a run whose choices differ, but not before that moment.
    fn with_choices_of(&self, before: &RunSpec, after: &RunSpec) -> Self {
        let timed = |spec: &RunSpec| {
            spec.choices
                .iter()
                .filter(|choice| matches!(choice.at, At::Time(_)))
                .count()
        };
        let made = self.timed_choices_made(timed(before));
        let mut checkpoint = self.clone();
        checkpoint.agenda.forget_choices();
        let by_step = after.choices.len() - timed(after);
        for (place, choice) in (0..).zip(&after.choices).skip(by_step + made) {
            if let At::Time(time) = choice.at {
                checkpoint.agenda.add(time, Due::Choose { choice: place });
            }
        }
        checkpoint
    }
}

impl Sim {
    /// This moment.
    pub fn checkpoint(&self) -> Checkpoint {
        let mut service = self.service.clone();
        let histories = service.let_go_of_histories();
        Checkpoint {
            steps: self.records.len(),
            now: self.now,
            service,
            histories,
            machines: self.nodes.iter().map(|node| self.machine(node)).collect(),
            outside: self.outside.clone(),
            client: self.client.clone(),
            agenda: self.agenda.clone(),
            unclaimed: self.unclaimed.clone(),
            faults: self.faults.clone(),
            next_choice: self.next_choice,
            events: self.events.clone(),
            open: self.open.clone(),
            given: self.tape.len(),
        }
    }

    fn machine(&self, node: &Node) -> Machine {
        let process = node.process.as_ref().map(|process| InHand {
            sticky_queue: process.worker.sticky_queue().to_owned(),
            workflow_tasks: process.workflow_tasks.clone(),
            activities: process.activities.clone(),
            local_activities: process.local_activities.clone(),
            unsaid: process.unsaid.clone(),
            leaving: process.leaving,
            memory: self.tape.memory(node.name, &process.worker),
        });
        Machine {
            code: node.code,
            since: node.since,
            starts: node.starts,
            partitioned: node.partitioned,
            process,
        }
    }

    /// The world as it was at a moment of its own past.
    pub fn back_at(&self, checkpoint: &Checkpoint) -> Self {
        let memories = self.nodes.iter().zip(&checkpoint.machines).flat_map(|(node, machine)| {
            let memory = machine.process.iter().flat_map(|process| &process.memory);
            memory.map(|(run, begin)| (node.name, *run, *begin))
        });
        let tape = self.tape.up_to(checkpoint.given, memories);
        let mut service = checkpoint.service.clone();
        service.take_histories_of(&self.service, &checkpoint.histories);
        let mut sim = Self {
            spec: self.spec.clone(),
            story: self.story.clone(),
            setup: self.setup.clone(),
            chance: self.chance,
            code: self.code.clone(),
            now: checkpoint.now,
            service,
            nodes: Vec::new(),
            outside: checkpoint.outside.clone(),
            client: checkpoint.client.clone(),
            agenda: checkpoint.agenda.clone(),
            unclaimed: checkpoint.unclaimed.clone(),
            faults: checkpoint.faults.clone(),
            records: self.records.prefix(checkpoint.steps),
            tape,
            next_choice: checkpoint.next_choice,
            events: checkpoint.events.clone(),
            open: checkpoint.open.clone(),
        };
        sim.nodes = self
            .nodes
            .iter()
            .zip(&checkpoint.machines)
            .map(|(node, machine)| sim.rebuilt(node.name, machine))
            .collect();
        sim
    }

    /// The same, for a run whose choices differ from this one's, but not before that moment. `spec` must be in order.
    pub(super) fn back_with(&self, checkpoint: &Checkpoint, spec: RunSpec) -> Self {
        let mut sim = self.back_at(&checkpoint.with_choices_of(&self.spec, &spec));
        sim.spec = spec;
        sim
    }

    fn rebuilt(&self, name: WorkerName, machine: &Machine) -> Node {
        let mut node = Node::new(name, self.setup.workers[usize::from(name.0)].clone());
        node.code = machine.code;
        node.since = machine.since;
        node.starts = machine.starts;
        node.partitioned = machine.partitioned;
        node.process = machine.process.as_ref().map(|in_hand| {
            let registry = self.code[usize::from(machine.code)].clone();
            let mut worker = Worker::new(registry, in_hand.sticky_queue.clone()).with_cache(node.setup.cache);
            self.tape.rebuild(name, &mut worker, &self.service);
            Process {
                worker,
                workflow_tasks: in_hand.workflow_tasks.clone(),
                activities: in_hand.activities.clone(),
                local_activities: in_hand.local_activities.clone(),
                unsaid: in_hand.unsaid.clone(),
                leaving: in_hand.leaving,
            }
        });
        node
    }
}
