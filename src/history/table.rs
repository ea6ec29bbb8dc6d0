//! What must be known of Temporal's messages to read and write them as JSON: a table that `build.rs` makes of the
//! protocol's descriptors.
//!
//! `reader.rs` and `writer.rs` go by it. Code for each message would say the same at many times the length, which the
//! page has to carry.

include!(concat!(env!("OUT_DIR"), "/history_fields.rs"));

/// A message: its fields, in the order in which they are written.
pub(super) struct Message {
    pub(super) fields: &'static [Field],
}

/// An enum: what all its names begin with, up to an underscore, and the full names of 0, of 1, …; an empty one where a
/// number has no name.
pub(super) struct Enum {
    pub(super) prefix: &'static str,
    pub(super) names: &'static [&'static str],
}

pub(super) struct Field {
    /// In JSON: `eventId`.
    pub(super) name: &'static str,
    pub(super) number: u16,
    /// Of fields with the same choice only one can be set; 0 for a field that excludes none.
    pub(super) choice: u8,
    pub(super) shape: Shape,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy)]
pub(super) enum Shape {
    One,
    List,
    /// By strings, to something that is not a number.
    Map,
}

/// What a field holds. The numbers are positions in the table.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Bool,
    /// 32 bits with a sign, a number in JSON.
    Int,
    /// 32 bits without.
    Uint,
    /// 64 bits with a sign, a string in JSON: not every reader keeps so large a number exact.
    Long,
    Float,
    Double,
    String,
    Bytes,
    Enum(u8),
    Message(u8),
    Timestamp,
    Duration,
}
