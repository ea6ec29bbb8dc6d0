//! A moment of a world, kept: all that is needed to go on from there without having begun at the start.
//!
//! What only grows (histories, steps, what the workers were given) is not in it: it is shared with the world that it was
//! taken of, which must have gone on. What the workers have in memory is not in it either: it is rebuilt, see
//! [`super::tape`]. A world that was restored goes on to the byte like the one that it was taken of.

use super::Sim;
use super::agenda::{Agenda, Due, LocalToken};
use super::client::Client;
use super::fault::{Fault, Verb};
use super::matching::Unclaimed;
use super::node::{Leaving, Node, Process, RunningActivity, RunningLocalActivity, Unsaid, WorkerName};
use super::outside::Outside;
use super::spec::{At, Choice, Deed, RunSpec, SpecError};
use super::step::{Record, Step, Wrote};
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTaskToken, RunKey};
use crate::service::Service;
use crate::worker::Worker;

/// A moment of a world.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// Of which run.
    spec: RunSpec,
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
    left: bool,
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
    fn with_choices_of(mut self, after: &RunSpec) -> Self {
        if self.spec == *after {
            return self;
        }
        let timed = |spec: &RunSpec| {
            spec.choices
                .iter()
                .filter(|choice| matches!(choice.at, At::Time(_)))
                .count()
        };
        let made = self.timed_choices_made(timed(&self.spec));
        self.agenda.forget_choices();
        let by_step = after.choices.len() - timed(after);
        for (place, choice) in (0..).zip(&after.choices).skip(by_step + made) {
            if let At::Time(time) = choice.at {
                self.agenda.add(time, Due::Choose { choice: place });
            }
        }
        self.spec = after.clone();
        self
    }
}

impl Sim {
    /// This moment.
    pub fn checkpoint(&self) -> Checkpoint {
        let mut service = self.service.clone();
        let histories = service.let_go_of_histories();
        Checkpoint {
            spec: self.spec.clone(),
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
            left: node.left,
            partitioned: node.partitioned,
            process,
        }
    }

    /// The world as it was at a moment of its own past.
    pub fn back_at(&self, checkpoint: Checkpoint) -> Self {
        let mut sim = self.back_with(checkpoint, self.spec.clone());
        sim.wake(usize::MAX);
        sim
    }

    /// The same, for a run whose choices differ from this one's, but not before that moment. Its workers are asleep.
    /// `spec` must be in order.
    fn back_with(&self, checkpoint: Checkpoint, spec: RunSpec) -> Self {
        let checkpoint = checkpoint.with_choices_of(&spec);
        let memories = self.nodes.iter().zip(&checkpoint.machines).flat_map(|(node, machine)| {
            let memory = machine.process.iter().flat_map(|process| &process.memory);
            memory.map(|(run, begin)| (node.name, *run, *begin))
        });
        let tape = self.tape.up_to(checkpoint.given, memories);
        let mut service = checkpoint.service;
        service.take_histories_of(&self.service, &checkpoint.histories);
        let mut sim = Self {
            spec,
            story: self.story.clone(),
            setup: self.setup.clone(),
            chance: self.chance,
            code: self.code.clone(),
            now: checkpoint.now,
            service,
            nodes: Vec::new(),
            outside: checkpoint.outside,
            client: checkpoint.client,
            agenda: checkpoint.agenda,
            unclaimed: checkpoint.unclaimed,
            faults: checkpoint.faults,
            records: self.records.prefix(checkpoint.steps),
            tape,
            next_choice: checkpoint.next_choice,
            events: checkpoint.events,
            open: checkpoint.open,
            asleep: Vec::new(),
        };
        let machines = self.nodes.iter().zip(checkpoint.machines);
        sim.nodes = machines
            .map(|(node, machine)| self.asleep(node.name, machine))
            .collect();
        let alive = sim.nodes.iter().filter(|node| node.process.is_some());
        sim.asleep = alive.map(|node| (node.name, sim.tape.first(node.name))).collect();
        sim
    }

    /// The same, to go on from there. A worker that dies with the very next step gets no memory.
    pub(super) fn forked(&self, checkpoint: Checkpoint, spec: RunSpec) -> Self {
        let mut sim = self.back_with(checkpoint, spec);
        if let Some(choice) = sim.spec.choices.get(sim.next_choice).filter(|_| sim.choice_is_due())
            && let Deed::Worker(Verb::Kill | Verb::Crash, doomed) = choice.deed
        {
            sim.asleep.retain(|(worker, _)| *worker != doomed);
        }
        sim
    }

    /// Rebuilds some more of the memory of the workers that are asleep: at most so much of what each was given.
    pub(super) fn wake(&mut self, most: usize) {
        let (nodes, tape, service) = (&mut self.nodes, &self.tape, &self.service);
        self.asleep.retain_mut(|(name, place)| {
            let Some(process) = &mut nodes[usize::from(name.0)].process else {
                return false;
            };
            let next = tape.rebuild(*name, *place, most, &mut process.worker, service);
            *place = next.unwrap_or_default();
            next.is_some()
        });
    }

    /// Does at most so much of each thing that a world that was taken back, or forked, has to do before it can go on. True
    /// once it is ready; who does not wait for that has it all done with the next step.
    pub fn warm_up(&mut self, most: usize) -> bool {
        self.wake(most);
        let owned = self.records.own(most) & self.tape.own(most) & self.service.own_histories(most);
        owned && self.asleep.is_empty()
    }

    /// Another run of the same set-up and seed. It shares the past of this one and stands where this one does; one with
    /// another past begins at its beginning. What its workers have in memory is rebuilt with its next step.
    ///
    /// # Errors
    ///
    /// If its choices are not possible.
    pub fn fork(&self, choices: Vec<Choice>) -> Result<Self, SpecError> {
        let spec = self.spec_with(choices)?;
        if self.steps_in_common(&spec) < self.steps() {
            return Ok(Self::of(spec, self.setup.clone(), self.story.clone()));
        }
        Ok(self.forked(self.checkpoint(), spec))
    }

    /// The address of another run of the same set-up and seed.
    pub(super) fn spec_with(&self, choices: Vec<Choice>) -> Result<RunSpec, SpecError> {
        let mut spec = RunSpec {
            choices,
            ..self.spec.clone()
        };
        spec.sort();
        spec.fits(&self.setup)?;
        Ok(spec)
    }

    /// How many steps this run and that one have in common for sure.
    pub(super) fn steps_in_common(&self, other: &RunSpec) -> u32 {
        let (ours, theirs) = (&self.spec.choices, &other.choices);
        let missing = |in_one: &[Choice], in_other: &[Choice]| {
            let mut rest = in_other.to_vec();
            let only = in_one.iter().filter(|choice| {
                let found = rest.iter().position(|other| other == *choice);
                found.map(|at| rest.remove(at)).is_none()
            });
            only.map(|choice| choice.at).collect::<Vec<At>>()
        };
        let differ = [missing(ours, theirs), missing(theirs, ours)].concat();
        let common = differ.iter().map(|at| self.steps_before(*at)).min();
        let Some(common) = common else { return self.steps() };
        // Clients' deeds are numbered by their place among all choices, those for a step first.
        let by_step = |choices: &[Choice]| choices.iter().filter(|choice| matches!(choice.at, At::Step(_))).count();
        let first = self.act_of_choice(by_step(ours));
        let is_timed =
            |record: &Record| matches!(record.what, Step::Acted { act, .. } | Step::Heard { act, .. } if act >= first);
        let renumbered = by_step(ours) != by_step(theirs);
        if renumbered && self.records.iter().take(common as usize).any(is_timed) {
            return 0;
        }
        common
    }

    /// How many steps were done before anything was that happens at this moment.
    fn steps_before(&self, at: At) -> u32 {
        match at {
            At::Step(step) => step.min(self.steps()),
            At::Time(time) => {
                let before = self.records.partition_point(|record| record.at < time);
                u32::try_from(before).expect("bounded by the set-up")
            }
        }
    }

    /// A machine as it was, with nothing in its process's memory yet.
    fn asleep(&self, name: WorkerName, machine: Machine) -> Node {
        let mut node = Node::new(name, self.setup.workers[usize::from(name.0)].clone());
        node.code = machine.code;
        node.since = machine.since;
        node.starts = machine.starts;
        node.left = machine.left;
        node.partitioned = machine.partitioned;
        node.process = machine.process.map(|in_hand| {
            let registry = self.code[usize::from(machine.code)].clone();
            Process {
                worker: Worker::new(registry, in_hand.sticky_queue).with_cache(node.setup.cache),
                workflow_tasks: in_hand.workflow_tasks,
                activities: in_hand.activities,
                local_activities: in_hand.local_activities,
                unsaid: in_hand.unsaid,
                leaving: in_hand.leaving,
            }
        });
        node
    }
}
