//! One thing the user did to a run: when, what, and how it is spelled.
//!
//! `WHEN:WHAT:TO WHOM…` in addresses, and the same words with spaces between them on the command line:
//! `41:kill:A` is `at step 41 kill A`.
//!
//! | when | |
//! | --- | --- |
//! | `41` | when 41 steps are done: it is the next step |
//! | `12s`, `1500ms`, `2m`, `24h`, `1h30m` | at that time of the virtual clock, before anything else that is due then |
//!
//! | what, to whom | |
//! | --- | --- |
//! | `kill:A`, and so on | one of [`Verb::ALL`], done to a worker; `cut` is read as `partition` |
//! | `signal:ID:NAME:INPUT`, `query:…`, `update:…` | INPUT is JSON; without it the handler gets no argument |
//! | `cancel:ID:REASON`, `terminate:ID:REASON` | with or without a reason |
//! | `reset:ID:EVENT:REASON` | EVENT is an event id, [`FIRST_TASK`] or [`LAST_TASK`]; with or without a reason |
//!
//! ID is a workflow id and means its latest run.
//!
//! In an address every sign of a field but letters, digits and `-._/@` is written as `~` and two hexadecimal digits for
//! each of its bytes in UTF-8: `{"by":"ann"}` is `~7B~22by~22~3A~22ann~22~7D`. It is not `%`, because browsers and
//! messengers put that in and take it out on the way. Signs that mean nothing in an address (anything but `~`, `,`, `&`,
//! and `:` before the last field) are also read as they are.

use std::fmt;

use super::fault::Verb;
use super::node::WorkerName;
use super::spec::SpecError;
use crate::base::time::{SimTime, Span};

/// A point for a reset: where the first workflow task was completed.
pub const FIRST_TASK: &str = "FirstWorkflowTask";

/// A point for a reset: where the last workflow task was completed.
pub const LAST_TASK: &str = "LastWorkflowTask";

/// One thing the user did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// When.
    pub at: At,
    /// What.
    pub deed: Deed,
}

/// When the user does something. Steps come before times: that is the order of a run's choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// When so many steps were done; what is done is the next step.
    Step(u32),
    /// At that time, before anything else that is due then.
    Time(SimTime),
}

/// What the user does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Something that befalls a worker.
    Worker(Verb, WorkerName),
    /// Something that a client asks of the Service.
    Client(ClientRequest),
}

/// What a client asks of the Service on the user's behalf, as the user wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRequest {
    /// What.
    pub verb: ClientVerb,
    /// Of the latest run of this workflow id.
    pub workflow_id: String,
    /// The handler of a signal, query or update; the point of a reset; empty for the others.
    pub name: String,
    /// The JSON that the handler gets, or the reason of the others; empty for none.
    pub more: String,
}

/// What a client can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientVerb {
    /// Tells the workflow something.
    Signal,
    /// Queries the workflow.
    Query,
    /// Sends an update.
    Update,
    /// Asks the workflow to stop.
    Cancel,
    /// Ends the run.
    Terminate,
    /// Starts again from a point in the past.
    Reset,
}

impl ClientVerb {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Signal,
        Self::Query,
        Self::Update,
        Self::Cancel,
        Self::Terminate,
        Self::Reset,
    ];

    /// As addresses spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::Query => "query",
            Self::Update => "update",
            Self::Cancel => "cancel",
            Self::Terminate => "terminate",
            Self::Reset => "reset",
        }
    }

    /// The verb of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.name() == name)
    }

    /// It goes to a handler, with JSON or without.
    const fn has_handler(self) -> bool {
        matches!(self, Self::Signal | Self::Query | Self::Update)
    }

    const fn has_name(self) -> bool {
        !matches!(self, Self::Cancel | Self::Terminate)
    }

    /// What follows the workflow id: what must be there, and what may be left out.
    const fn wants(self) -> (&'static str, &'static str) {
        match self {
            Self::Signal | Self::Query | Self::Update => ("NAME", "[JSON]"),
            Self::Cancel | Self::Terminate => ("", "[REASON]"),
            Self::Reset => ("EVENT", "[REASON]"),
        }
    }
}

impl At {
    /// Reads `41` or `12s`.
    pub fn parse(text: &str) -> Option<Self> {
        let step = text.parse().ok().map(Self::Step);
        step.or_else(|| Span::parse(text).map(|span| Self::Time(SimTime::ZERO + span)))
    }
}

impl Choice {
    /// Something that befalls a worker when so many steps are done.
    pub const fn to_worker(step: u32, verb: Verb, worker: WorkerName) -> Self {
        Self {
            at: At::Step(step),
            deed: Deed::Worker(verb, worker),
        }
    }

    /// Reads `41:kill:A`.
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        read(Fields(text, Spelling::Address)).map_err(|why| bad(text, &why))
    }

    /// Reads `at step 41 kill A`; `at` and `step` may be left out.
    pub fn parse_words(text: &str) -> Result<Self, SpecError> {
        let words = text.trim_start();
        let words = words.strip_prefix("at ").unwrap_or(words).trim_start();
        let words = words.strip_prefix("step ").unwrap_or(words);
        read(Fields(words, Spelling::Words)).map_err(|why| bad(text, &why))
    }

    /// For people, without what is sent along: `kill A at 41`, `signal order-1 approve at 12s`.
    pub fn label(&self) -> String {
        match &self.deed {
            Deed::Worker(verb, worker) => format!("{} {worker} at {}", verb.name(), self.at),
            Deed::Client(ClientRequest {
                verb,
                workflow_id,
                name,
                ..
            }) => {
                let space = if name.is_empty() { "" } else { " " };
                format!("{} {workflow_id}{space}{name} at {}", verb.name(), self.at)
            }
        }
    }
}

impl ClientRequest {
    /// Says what is wrong with it, if anything. Whether there is such a workflow is for the Service to say.
    pub(super) fn check(&self, spelling: Spelling) -> Result<(), String> {
        let Self { verb, name, more, .. } = self;
        if self.workflow_id.is_empty() || (verb.has_name() && name.is_empty()) {
            let (name, more) = verb.wants();
            let form = spelling.form(&["12s", verb.name(), "ID", name, more]);
            return Err(format!("write {form}"));
        }
        if verb.has_handler() && !more.is_empty() {
            let hint = spelling.hint();
            return serde_json::from_str::<serde_json::Value>(more)
                .map(|_| ())
                .map_err(|error| format!("the input is no JSON: {error}; text goes in quotes{hint}"));
        }
        let is_point = [FIRST_TASK, LAST_TASK].contains(&name.as_str()) || name.parse::<u32>().is_ok();
        if *verb == ClientVerb::Reset && !is_point {
            return Err(format!(
                "the point of a reset must be the number of an event, {FIRST_TASK} or {LAST_TASK}"
            ));
        }
        Ok(())
    }
}

fn bad(choice: &str, why: &str) -> SpecError {
    SpecError::BadChoice {
        choice: choice.to_owned(),
        why: why.to_owned(),
    }
}

fn read(mut fields: Fields<'_>) -> Result<Choice, String> {
    let spelling = fields.1;
    let no_form = || {
        let (worker, client) = (["STEP", "VERB", "WORKER"], ["TIME", "VERB", "WORKFLOW", "NAME"]);
        format!("write {}, or {}", spelling.form(&worker), spelling.form(&client))
    };
    let (at, verb) = (fields.next()?, fields.next()?);
    if verb.is_empty() {
        return Err(no_form());
    }
    let at = At::parse(&at).ok_or("the step must be a whole number, or a time like 12s, 1500ms or 1h30m")?;
    let deed = if let Some(verb) = Verb::named(&verb) {
        let (worker, rest) = (fields.next()?, fields.rest()?);
        if worker.is_empty() || !rest.is_empty() {
            return Err(no_form());
        }
        let worker = WorkerName::named(&worker).ok_or("the worker must be a letter, A for the first")?;
        Deed::Worker(verb, worker)
    } else {
        let verb = ClientVerb::named(&verb).ok_or(
            "the verb must be signal, query, update, cancel, terminate or reset; or, for a worker, kill, crash, restart, \
             stop, launch, partition or heal",
        )?;
        let request = ClientRequest {
            verb,
            workflow_id: fields.next()?,
            name: if verb.has_name() { fields.next()? } else { String::new() },
            more: fields.rest()?,
        };
        request.check(spelling)?;
        Deed::Client(request)
    };
    Ok(Choice { at, deed })
}

/// What is left to read of a choice.
struct Fields<'a>(&'a str, Spelling);

/// How a choice is spelled.
#[derive(Clone, Copy)]
pub(super) enum Spelling {
    Address,
    Words,
}

impl Fields<'_> {
    /// The next field; empty if there is none.
    fn next(&mut self) -> Result<String, String> {
        let Self(text, spelling) = self;
        let (field, rest) = match spelling {
            Spelling::Address => text.split_once(':'),
            Spelling::Words => text.trim_start().split_once(char::is_whitespace),
        }
        .unwrap_or((text.trim(), ""));
        self.0 = rest;
        spelling.plain(field)
    }

    /// All that is left.
    fn rest(&mut self) -> Result<String, String> {
        let Self(text, spelling) = self;
        spelling.plain(text.trim())
    }
}

impl Spelling {
    /// These fields, as they are written.
    fn form(self, fields: &[&str]) -> String {
        let fields: Vec<&str> = fields.iter().copied().filter(|field| !field.is_empty()).collect();
        match self {
            Self::Address => fields.join(":"),
            Self::Words => format!("“at {}”", fields.join(" ")),
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::Address => ", and a comma is ~2C",
            Self::Words => "",
        }
    }

    /// Takes the escapes out.
    fn plain(self, field: &str) -> Result<String, String> {
        const WRONG: &str = "~ must be followed by two hexadecimal digits of UTF-8; ~ itself is ~7E";
        if matches!(self, Self::Words) {
            return Ok(field.to_owned());
        }
        let (mut rest, mut bytes) = (field.as_bytes(), Vec::new());
        while let [first, more @ ..] = rest {
            rest = more;
            if *first != b'~' {
                bytes.push(*first);
                continue;
            }
            let digit = |at: usize| rest.get(at).and_then(|byte| char::from(*byte).to_digit(16));
            let (Some(high), Some(low)) = (digit(0), digit(1)) else {
                return Err(WRONG.to_owned());
            };
            bytes.push(u8::try_from(high * 16 + low).expect("two digits"));
            rest = &rest[2..];
        }
        String::from_utf8(bytes).map_err(|_| WRONG.to_owned())
    }
}

/// A field as addresses spell it.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._/@".contains(&byte) {
                write!(f, "{}", char::from(byte))?;
            } else {
                write!(f, "~{byte:02X}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(step) => write!(f, "{step}"),
            Self::Time(time) => f.write_str(&time.since(SimTime::ZERO).spelled()),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.deed {
            Deed::Worker(verb, worker) => write!(f, "{}:{}:{worker}", self.at, verb.name()),
            Deed::Client(request) => {
                let ClientRequest {
                    verb,
                    workflow_id,
                    name,
                    more,
                } = request;
                write!(f, "{}:{}:{}", self.at, verb.name(), Escaped(workflow_id))?;
                for field in [name, more].into_iter().filter(|field| !field.is_empty()) {
                    write!(f, ":{}", Escaped(field))?;
                }
                Ok(())
            }
        }
    }
}
