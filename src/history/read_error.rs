//! Why a text is no history: one variant for each mistake that people make, with its place and what to do instead.

use std::fmt;

use super::json::{MAX_BYTES, MAX_DEPTH, MAX_EVENTS};
use super::location::Location;

/// Why a text could not be read as a history, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is no text.
    Empty,
    /// More than [`MAX_BYTES`].
    TooLarge {
        /// Its size.
        bytes: u64,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep {
        /// The first bracket too many.
        location: Location,
    },
    /// More than [`MAX_EVENTS`].
    TooManyEvents {
        /// How many.
        events: u32,
    },
    /// Not JSON at all, or cut off.
    NotJson {
        /// Where it stops being JSON.
        location: Location,
        /// The parser's words.
        why: String,
    },
    /// JSON, but of something else.
    NotAHistory {
        /// What it is instead, in words.
        found: String,
    },
    /// A history without a single event.
    NoEvents,
    /// Several runs in one file.
    SeveralHistories {
        /// How many.
        histories: u32,
    },
    /// Bytes that are no text.
    NotText {
        /// The first that is none, from 0.
        byte: u64,
    },
    /// In a form that has to be unpacked first.
    Packed {
        /// What it is.
        what: &'static str,
    },
    /// An event that is not what Temporal writes.
    Event {
        /// Which, counted from 1.
        event: u32,
        /// The path of the part that cannot be read; empty for the event as a whole.
        field: String,
        /// Where it is.
        location: Option<Location>,
        /// What is wrong with it.
        why: String,
    },
}

impl std::error::Error for ReadError {}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const EXPORT: &str = "Export the history with `temporal workflow show -w WORKFLOW_ID --output json`, or with \
                              Download in Temporal's Web UI (setting \"encoded\")";
        let at = |location: &Option<Location>| location.map(|p| format!(" ({p})")).unwrap_or_default();
        match self {
            Self::Empty => write!(f, "There is nothing to read. {EXPORT}."),
            Self::TooLarge { bytes } => write!(
                f,
                "The text is {} MB; at most {} MB are read. Take out the indentation (`jq -c .` saves a third), or cut the \
                 history after one of its WorkflowTaskStarted events.",
                bytes.div_ceil(1 << 20),
                MAX_BYTES >> 20,
            ),
            Self::TooDeep { location } => write!(
                f,
                "At {location} the JSON is nested deeper than {MAX_DEPTH} levels, which no history is. {EXPORT}.",
            ),
            Self::TooManyEvents { events } => write!(
                f,
                "The history has {events} events; at most {MAX_EVENTS} are read: the Service ends a run soon after 51,200. \
                 Cut it after one of its WorkflowTaskStarted events.",
            ),
            Self::NotJson { location, why } => write!(
                f,
                "This is not JSON: at {location}, {why}. If the file was cut off or printed as a table: {EXPORT}.",
            ),
            Self::NotAHistory { found } => write!(
                f,
                "This is not a workflow history: expected an object with \"events\", found {found}. {EXPORT}.",
            ),
            Self::NoEvents => write!(f, "The history has no events; a run has one at least. {EXPORT}."),
            Self::SeveralHistories { histories } => write!(
                f,
                "There are {histories} runs in this file, each with a WorkflowExecutionStarted. Put each into a file of its own \
                 and open them together.",
            ),
            Self::NotText { byte } => write!(
                f,
                "This is neither text nor a history in protobuf's bytes: byte {byte} is no part of any letter. {EXPORT}.",
            ),
            Self::Packed { what } => write!(f, "This file is {what}. Unpack it and open what is in it."),
            Self::Event {
                event,
                field,
                location,
                why,
            } => {
                let field = if field.is_empty() {
                    String::new()
                } else {
                    format!(", field {field}")
                };
                write!(
                    f,
                    "Event {event}{field}{}: {why}. Mend it there, or export again: {EXPORT}.",
                    at(location)
                )
            }
        }
    }
}
