//! The page's one door to the engine: what a run is asked for with, who works it out, and what there is to ask for.
//!
//! No other file of the page names the engine; what they draw is plain data from `view`.

pub use crate::check::sweep::{CrashPoint, Judgement, PlainRun};
pub use crate::sim::choice::Deed;
pub use crate::sim::fault::Verb;
pub use crate::sim::lesson::{Happening, Lessons, Scene, Sight};
pub use crate::sim::node::WorkerName;
pub use crate::sim::spec::{At, Choice, DEFAULT_SEED, RunSpec};
pub use crate::sim::story::Catalogue;
pub use crate::view::console::{Asked, Line, Place, QUESTIONS, Question, Tried, read, suggestions};
pub use crate::view::lesson::{Card, Next, scene_card, station_card};
pub use crate::view::recorder::{Past, Recorder, activities, stories};
