//! What clients and operators asked of the Service, and what they heard.

use super::Point;
use crate::contract::task::RunKey;
use crate::sim::Sim;
use crate::sim::choice::{ClientVerb, Deed};
use crate::sim::script::Action;
use crate::sim::step::{Record, Step};

/// All of it so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Messages {
    all: Vec<Message>,
}

/// Something that a client or an operator asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Which act it was, as [`Said`](crate::sim::client::Said) counts them.
    pub act: u32,
    /// What it is.
    pub kind: MessageKind,
    /// The handler of a signal, query or update; the workflow type of a start; empty for the others.
    pub name: String,
    /// Whom it is for.
    pub workflow_id: String,
    /// When it reached the Service.
    pub sent: Point,
    /// The event that it wrote at once, and into which run's history.
    pub event: Option<(RunKey, u32)>,
    /// Why the Service refused it.
    pub refused: Option<String>,
    /// What the client heard, when an answer was waited for and has come.
    pub heard: Option<Heard>,
}

/// What a client heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// When.
    pub at: Point,
    /// It is an answer, not a refusal.
    pub ok: bool,
    /// In words.
    pub what: String,
}

/// What a client can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageKind {
    /// That a workflow begin.
    Start,
    /// That it be told something.
    Signal,
    /// What it has to say about itself.
    Query,
    /// That it change something, and say what came of it.
    Update,
    /// That it stop.
    Cancel,
    /// That it be ended.
    Terminate,
    /// That it start again from a point in the past.
    Reset,
}

impl MessageKind {
    /// One word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Signal => "signal",
            Self::Query => "query",
            Self::Update => "update",
            Self::Cancel => "cancel",
            Self::Terminate => "terminate",
            Self::Reset => "reset",
        }
    }

    /// Whether somebody waits for what comes of it.
    pub const fn is_answered(self) -> bool {
        matches!(self, Self::Query | Self::Update)
    }
}

impl Messages {
    /// All, in the order in which they were sent.
    pub fn all(&self) -> &[Message] {
        &self.all
    }

    /// One more, of a history.
    pub(super) fn push(&mut self, message: Message) {
        self.all.push(message);
    }

    /// In the order in which they were sent.
    pub(super) fn sort(&mut self) {
        self.all.sort_by_key(|message| message.sent);
    }

    /// All of them as they were after so many steps.
    pub(super) fn until(&self, step: u32) -> Self {
        let sent = self.all.partition_point(|message| message.sent.step <= step);
        let mut all = self.all[..sent].to_vec();
        for message in &mut all {
            message.heard = message.heard.take().filter(|heard| heard.at.step <= step);
        }
        Self { all }
    }

    pub(super) fn see(&mut self, sim: &Sim, record: &Record) {
        if let Step::WorkflowStarted { .. } = &record.what {
            self.sent(sim, record, 0, None);
        }
        if let Step::Acted { act, refused, .. } = &record.what {
            self.sent(sim, record, *act, refused.clone());
        }
        if let Step::Heard { act, what, ok } = &record.what
            && let Some(message) = self.all.iter_mut().rev().find(|message| message.act == *act)
        {
            message.heard = Some(Heard {
                at: Point::of(record),
                ok: *ok,
                what: what.clone(),
            });
        }
    }

    fn sent(&mut self, sim: &Sim, record: &Record, act: u32, refused: Option<String>) {
        let Some((kind, workflow_id, name)) = asked(sim, act) else {
            return;
        };
        let wrote = record.wrote.iter().find(|wrote| wrote.first <= wrote.last);
        self.all.push(Message {
            act,
            kind,
            name,
            workflow_id,
            sent: Point::of(record),
            event: wrote.map(|wrote| (wrote.run, wrote.first)),
            refused,
            heard: None,
        });
    }
}

/// What an act asked for, of which workflow, and by which name; `None` for what is done to workers.
fn asked(sim: &Sim, act: u32) -> Option<(MessageKind, String, String)> {
    let setup = sim.setup();
    let Some(place) = act.checked_sub(1) else {
        let start = &setup.start;
        return Some((
            MessageKind::Start,
            start.workflow_id.clone(),
            start.workflow_type.clone(),
        ));
    };
    if let Some(act) = setup.script.get(place as usize) {
        return of_action(&act.what);
    }
    let choice = act.checked_sub(sim.act_of_choice(0))?;
    let Deed::Client(request) = &sim.spec().choices.get(choice as usize)?.deed else {
        return None;
    };
    let (kind, name) = match request.verb {
        ClientVerb::Signal => (MessageKind::Signal, request.name.clone()),
        ClientVerb::Query => (MessageKind::Query, request.name.clone()),
        ClientVerb::Update => (MessageKind::Update, request.name.clone()),
        ClientVerb::Cancel => (MessageKind::Cancel, String::new()),
        ClientVerb::Terminate => (MessageKind::Terminate, String::new()),
        ClientVerb::Reset => (MessageKind::Reset, String::new()),
    };
    Some((kind, request.workflow_id.clone(), name))
}

fn of_action(action: &Action) -> Option<(MessageKind, String, String)> {
    let (kind, workflow_id, name) = match action {
        Action::Start(start) => (MessageKind::Start, &start.workflow_id, start.workflow_type.clone()),
        Action::Signal(workflow, signal) => (MessageKind::Signal, workflow, signal.name.clone()),
        Action::SignalWithStart(start, signal) => (MessageKind::Signal, &start.workflow_id, signal.name.clone()),
        Action::Query(workflow, query) => (MessageKind::Query, workflow, query.name.clone()),
        Action::Update(workflow, update) | Action::SendUpdate(workflow, update) => {
            (MessageKind::Update, workflow, update.name.clone())
        }
        Action::Cancel(workflow, _) => (MessageKind::Cancel, workflow, String::new()),
        Action::Terminate(workflow, _) => (MessageKind::Terminate, workflow, String::new()),
        Action::Reset(workflow, _) => (MessageKind::Reset, workflow, String::new()),
        Action::Kill(_) | Action::Stop(_) | Action::Launch(..) | Action::Partition(_) | Action::Heal(_) => return None,
    };
    Some((kind, workflow_id.clone(), name))
}
