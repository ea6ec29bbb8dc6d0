//! What page and Web Worker say to each other.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::page::session::engine::{Judgement, Place};
use crate::view::findings::Findings;
use crate::view::opened::Opened;

/// A history that was read: its events as protobuf's bytes, so many at once that taking them in is no slice of time too long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Readable {
    /// What is known of it beside its events.
    pub opened: Opened,
    /// The events.
    pub chunks: Vec<ByteBuf>,
}

/// Something to be worked out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Job {
    /// Every worker dies at every step of a run, which is spelled as in addresses.
    Sweep {
        /// The run.
        run: String,
    },
    /// A line of the console is answered, or what it asks for is tried out: in a run, at a place in it.
    Console {
        /// The run: of a deed, the one in which it is done.
        run: String,
        /// What was typed.
        line: String,
        /// Where.
        here: Place,
    },
    /// A file is read and judged: linted, and what a crash would have done.
    Study {
        /// The name under which the browser hands it out.
        url: String,
    },
    /// A file is read.
    Read {
        /// Its name.
        name: String,
        /// The name under which the browser hands it out.
        url: String,
    },
}

/// What is told of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum News {
    /// A sweep has so many crash points.
    Points(u32),
    /// Crash points that were tried, each once, in the order of the run.
    Tried(Vec<Square>),
    /// The console's answer, or why there is none.
    Answer(Result<String, String>),
    /// A file was read.
    Read(Box<Readable>),
    /// What was found in a file.
    Found(Box<Findings>),
    /// A file is no history: why, and what to do.
    Unread(String),
    /// That was all.
    Done,
    /// The program broke over it, with what it said.
    Broken(String),
}

impl News {
    /// Whether nothing follows.
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::Done | Self::Broken(_))
    }
}

/// A crash point that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Square {
    /// The run with the crash, as addresses spell it.
    pub run: String,
    /// After so many steps.
    pub step: u32,
    /// Who died: `A`.
    pub worker: String,
    /// What became of it.
    pub judgement: Judgement,
    /// The same in a sentence.
    pub sentence: String,
}

/// A job for the Web Worker; none if it is not wanted any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Its number.
    pub ticket: u32,
    /// What it is.
    pub job: Option<Job>,
}

/// What the Web Worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Letter {
    /// It takes orders from now on.
    Ready,
    /// What came of a job.
    Of {
        /// Its number.
        ticket: u32,
        /// What.
        news: News,
    },
    /// It could not start, or its program has broken: nothing follows.
    Broken(String),
}
