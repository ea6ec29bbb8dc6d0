//! Events as canonical proto3 JSON: the one way they are written.
//!
//! An event is encoded as protobuf, and its bytes are read again by `table.rs`, which has the fields of a message in the
//! order in which they are written. They go straight to a serializer of serde, which makes text or a value of them.
//! Reading is the business of `reader.rs`, the text around the events that of `json.rs`.

use prost::Message as _;
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

use super::base64;
use super::proto::{Duration, HistoryEvent, Timestamp};
use super::table::{ENUMS, Field, Kind, MESSAGES, Message, Shape};

/// One event as canonical JSON. Panics as [`super::json::write`] says.
pub(super) struct Event<'a>(pub(super) &'a HistoryEvent);

impl Serialize for Event<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = &self.0.encode_to_vec();
        let of = &MESSAGES[0];
        OfMessage { of, bytes }.serialize(serializer)
    }
}

/// A message in its bytes. Protobuf leaves out just what canonical JSON leaves out: what has its default value.
struct OfMessage<'a> {
    of: &'static Message,
    bytes: &'a [u8],
}

impl Serialize for OfMessage<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.of.fields;
        let position = |number| fields.iter().position(|field| u64::from(field.number) == number);
        let known = |(number, part)| (position(number).expect("types and table have the same fields"), part);
        let mut parts: Vec<(usize, Part)> = Parts(self.bytes).map(known).collect();
        // Stable: the items of a list stay in their order.
        parts.sort_by_key(|(position, _)| *position);
        let mut members = serializer.serialize_map(None)?;
        for parts in parts.chunk_by(|(one, _), (next, _)| one == next) {
            let of = &fields[parts[0].0];
            members.serialize_entry(of.name, &OfField { of, parts })?;
        }
        members.end()
    }
}

/// All that a message's bytes hold of one field.
struct OfField<'a> {
    of: &'static Field,
    parts: &'a [(usize, Part<'a>)],
}

impl Serialize for OfField<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = self.of.kind;
        let mut parts = self.parts.iter().map(|(_, part)| *part);
        match self.of.shape {
            Shape::One => {
                // Protobuf's rule, though prost writes no field twice.
                let part = parts.next_back().expect("a field is there because it has a part");
                One { kind, part }.serialize(serializer)
            }
            Shape::List => {
                let mut items = serializer.serialize_seq(None)?;
                for part in parts {
                    match (kind, part) {
                        // Numbers are packed: all in one part.
                        (Kind::Bool | Kind::Int | Kind::Uint | Kind::Long | Kind::Enum(_), Part::Bytes(mut packed)) => {
                            while !packed.is_empty() {
                                let part = Part::Number(varint(&mut packed));
                                items.serialize_element(&One { kind, part })?;
                            }
                        }
                        _ => items.serialize_element(&One { kind, part })?,
                    }
                }
                items.end()
            }
            // The entries come in the order of their keys, because the types keep them in it.
            Shape::Map => {
                let mut members = serializer.serialize_map(None)?;
                for entry in parts {
                    let (mut key, mut part) = (Part::Bytes(&[]), Part::Bytes(&[]));
                    for (number, inner) in Parts(entry.bytes()) {
                        *(if number == 1 { &mut key } else { &mut part }) = inner;
                    }
                    members.serialize_entry(key.text(), &One { kind, part })?;
                }
                members.end()
            }
        }
    }
}

/// One value.
struct One<'a> {
    kind: Kind,
    part: Part<'a>,
}

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let part = self.part;
        match self.kind {
            Kind::Bool => serializer.serialize_bool(part.signed() != 0),
            Kind::Int | Kind::Uint => serializer.serialize_i64(part.signed()),
            Kind::Long => serializer.collect_str(&part.signed()),
            Kind::Float => {
                let bits = u32::try_from(part.number()).expect("it was encoded from 32 bits");
                // By its text: 0.1 must not become the 64 bits nearest to the 32 bits nearest to 0.1.
                float(f32::from_bits(bits).to_string().parse().unwrap_or(f64::NAN), serializer)
            }
            Kind::Double => float(f64::from_bits(part.number()), serializer),
            Kind::String => serializer.serialize_str(part.text()),
            Kind::Bytes => serializer.serialize_str(&base64::encode(part.bytes())),
            Kind::Enum(of) => {
                match ENUMS[usize::from(of)].name(part.number()) {
                    Some(name) => serializer.serialize_str(name),
                    // As protobuf has it for the values of a newer protocol.
                    None => serializer.serialize_i64(part.signed()),
                }
            }
            Kind::Message(of) => {
                let (of, bytes) = (&MESSAGES[usize::from(of)], part.bytes());
                OfMessage { of, bytes }.serialize(serializer)
            }
            Kind::Timestamp => {
                let (seconds, nanos) = seconds_and_nanos(part.bytes());
                serializer.collect_str(&Timestamp { seconds, nanos })
            }
            Kind::Duration => {
                let (seconds, nanos) = seconds_and_nanos(part.bytes());
                serializer.collect_str(&Duration { seconds, nanos })
            }
        }
    }
}

/// Timestamps and durations are alike.
fn seconds_and_nanos(bytes: &[u8]) -> (i64, i32) {
    let mut both = (0, 0);
    for (number, part) in Parts(bytes) {
        match number {
            1 => both.0 = part.signed(),
            _ => both.1 = i32::try_from(part.signed()).expect("it was encoded from 32 bits"),
        }
    }
    both
}

/// The largest whole number that every reader of JSON keeps exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Temporal's tools write the float 2.0 as `2`.
#[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range")]
fn float<S: Serializer>(number: f64, serializer: S) -> Result<S::Ok, S::Error> {
    if number.fract() == 0.0 && number.abs() <= EXACT {
        serializer.serialize_i64(number as i64)
    } else {
        serializer.serialize_f64(number)
    }
}

/// The value of a field in protobuf's bytes.
#[derive(Clone, Copy)]
enum Part<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Part<'a> {
    fn number(self) -> u64 {
        match self {
            Self::Number(number) => number,
            Self::Bytes(_) => unreachable!("the types and the table come from the same descriptors"),
        }
    }

    /// Negative numbers are extended to 64 bits, whatever their type.
    fn signed(self) -> i64 {
        self.number().cast_signed()
    }

    fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Number(_) => unreachable!("the types and the table come from the same descriptors"),
        }
    }

    fn text(self) -> &'a str {
        str::from_utf8(self.bytes()).expect("it was encoded from a string")
    }
}

/// The fields in a message's bytes: number and value. Takes for granted that prost wrote them.
struct Parts<'a>(&'a [u8]);

impl Parts<'_> {
    fn chunk<const N: usize>(&mut self) -> [u8; N] {
        let (chunk, rest) = self.0.split_first_chunk().expect("prost wrote all bytes");
        self.0 = rest;
        *chunk
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = (u64, Part<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let key = varint(&mut self.0);
        let part = match key & 7 {
            0 => Part::Number(varint(&mut self.0)),
            1 => Part::Number(u64::from_le_bytes(self.chunk())),
            2 => {
                let length = usize::try_from(varint(&mut self.0)).expect("it is in memory");
                let (bytes, rest) = self.0.split_at(length);
                self.0 = rest;
                Part::Bytes(bytes)
            }
            5 => Part::Number(u32::from_le_bytes(self.chunk()).into()),
            _ => unreachable!("prost writes no groups"),
        };
        Some((key >> 3, part))
    }
}

/// Protobuf's number of one to ten bytes, the lowest seven bits first.
fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().expect("prost wrote the whole number");
        *bytes = rest;
        number |= u64::from(byte & 127) << shift;
        if byte & 128 == 0 {
            break;
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_are_read() {
        for (mut bytes, number) in [
            (&[0][..], 0),
            (&[0x7f], 127),
            (&[0xac, 0x02], 300),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], u64::MAX),
        ] {
            assert_eq!(varint(&mut bytes), number);
            assert!(bytes.is_empty());
        }
    }
}
