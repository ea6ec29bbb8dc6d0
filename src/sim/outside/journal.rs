//! What an outside writes down: everything that happened there, in order.

use crate::base::time::SimTime;

/// Something that happened, or was refused, at an external system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: SimTime,
    /// At which system, by name: `Payments`.
    pub system: String,
    /// What kind of thing.
    pub kind: EntryKind,
    /// What, in words: `captured €89.00 (tx-1)`.
    pub text: String,
    /// The activity type that did it.
    pub activity_type: String,
    /// The idempotency key of the call, whether or not the system looks at it.
    pub key: String,
    /// The attempt that did it, from 1.
    pub attempt: u32,
    /// The label of the fact that it made wrong, if it did a thing twice.
    pub spoils: Option<String>,
}

/// What an entry means for the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// Something changed.
    Did,
    /// Something changed by a call that had changed it before: it is there twice.
    Doubled,
    /// A compensation changed it back.
    Undid,
    /// The call was recognised as a repetition: nothing changed.
    Repeated,
    /// A compensation found nothing to undo: nothing changed.
    Moot,
    /// The system said no: nothing changed.
    Refused,
}
