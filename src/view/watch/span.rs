//! What a span of a trace is, in OpenTelemetry's words. Data only; [`super::trace`] makes them, [`super::otlp`] writes
//! them.

use crate::base::chance::Chance;
use crate::base::time::SimTime;
use crate::sim::node::WorkerName;
use crate::view::chronicle::work::Trouble;

/// One operation of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceSpan {
    /// The trace: 32 hexadecimal digits.
    pub trace_id: String,
    /// Its own id: 16 hexadecimal digits.
    pub span_id: String,
    /// The span it is a part of, of the same trace; `None` for the root.
    pub parent: Option<String>,
    /// What is done, and to what type of thing.
    pub name: String,
    /// Which side of a call it is.
    pub kind: SpanKind,
    /// Who did it.
    pub by: Emitter,
    /// When it began.
    pub from: SimTime,
    /// When it ended; for what has not ended, the end of the recording.
    pub to: SimTime,
    /// What is known about it.
    pub attributes: Vec<(&'static str, Attribute)>,
    /// What happened meanwhile, in order.
    pub events: Vec<SpanEvent>,
    /// Spans that it follows without being a part of them.
    pub links: Vec<SpanLink>,
    /// Why its status is Error, if it is.
    pub error: Option<String>,
}

/// Which side of a call a span is; the numbers of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// None.
    Internal = 1,
    /// The one that is asked.
    Server = 2,
    /// The one that asks.
    Client = 3,
}

/// Who did what a span is about: OpenTelemetry's resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Emitter {
    /// The Service, or the workflow, which is in no particular process.
    Service,
    /// A process of a worker, counted from 1.
    Worker(WorkerName, u32),
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
}

/// Something that happened at one moment of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanEvent {
    /// When.
    pub at: SimTime,
    /// What.
    pub name: &'static str,
    /// What is known about it.
    pub attributes: Vec<(&'static str, Attribute)>,
}

/// A span that another follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanLink {
    /// Its trace.
    pub trace_id: String,
    /// Its id.
    pub span_id: String,
    /// What the other one is to it.
    pub why: &'static str,
}

impl TraceSpan {
    /// The same with one more attribute.
    #[must_use]
    pub(super) fn with(mut self, key: &'static str, value: impl Into<Attribute>) -> Self {
        self.attributes.push((key, value.into()));
        self
    }

    /// Marks it as failed: a status, `error.type` and an event, as OpenTelemetry's conventions for exceptions want it.
    pub(super) fn fail(&mut self, at: SimTime, trouble: &Trouble) {
        self.attributes.push(("error.type", trouble.kind.as_str().into()));
        self.events.push(SpanEvent {
            at,
            name: "exception",
            attributes: vec![
                ("exception.type", trouble.kind.as_str().into()),
                ("exception.message", trouble.message.as_str().into()),
            ],
        });
        self.error = Some(trouble.message.clone());
    }
}

/// The id of the span about `what`: always the same, never that of another.
pub(super) fn span_id(chance: Chance, what: &str, keys: &[u64]) -> String {
    // All zeros would mean "no span".
    format!("{:016x}", chance.draw(what, keys).max(1))
}

/// The id of the trace that a run begins: its run id, without the dashes.
pub(super) fn trace_id(run_id: &str) -> String {
    run_id.replace('-', "")
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Attribute {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for Attribute {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<i64> for Attribute {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Attribute {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}
