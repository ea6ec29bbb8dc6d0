//! What must be known of Temporal's messages to read and write them as JSON: a table that `build.rs` makes of the
//! protocol's descriptors.
//!
//! `reader.rs` and `writer.rs` go by it. Code for each message would say the same at many times the length, which the
//! page has to carry.

include!(concat!(env!("OUT_DIR"), "/history_fields.rs"));

/// A message: its fields, and their names in JSON with spaces between. In the order in which they are written.
pub(super) struct Message {
    pub(super) names: &'static str,
    pub(super) fields: &'static [Field],
}

impl Message {
    /// Each field with its name.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&'static str, &'static Field)> {
        self.names.split(' ').zip(self.fields)
    }
}

pub(super) struct Field {
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
