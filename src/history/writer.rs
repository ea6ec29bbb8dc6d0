//! Events as canonical proto3 JSON: the one way they are written.
//!
//! An event is encoded as protobuf, and its bytes are read again by `table.rs`, which has the fields of a message in the
//! order in which they are written. Reading is the business of `reader.rs`, the text around the events that of
//! `json.rs`.

use prost::Message as _;
use serde_json::{Map, Value};

use super::proto::{Duration, HistoryEvent, Timestamp};
use super::table::{ENUMS, Kind, MESSAGES, Message, Shape};
use super::{base64, enums};

/// One event as canonical JSON. Panics as [`super::json::write`] says.
pub(super) fn event(event: &HistoryEvent) -> Value {
    message(&MESSAGES[0], &event.encode_to_vec())
}

/// A message from its bytes. Protobuf leaves out just what canonical JSON leaves out: what has its default value.
fn message(of: &Message, bytes: &[u8]) -> Value {
    let parts: Vec<(u64, Part)> = Parts(bytes).collect();
    let mut members = Map::new();
    for (name, field) in of.fields() {
        let mut of_field = parts
            .iter()
            .filter(|(number, _)| *number == u64::from(field.number))
            .map(|(_, part)| *part)
            .peekable();
        if let Some(first) = of_field.peek().copied() {
            let value = match field.shape {
                Shape::One => value(field.kind, first),
                Shape::List => list(field.kind, &mut of_field),
                Shape::Map => map(field.kind, &mut of_field),
            };
            members.insert(name.to_owned(), value);
        }
    }
    Value::Object(members)
}

fn list(kind: Kind, parts: &mut dyn Iterator<Item = Part<'_>>) -> Value {
    let mut items = Vec::new();
    for part in parts {
        match (kind, part) {
            // Numbers are packed: all in one part.
            (Kind::Bool | Kind::Int | Kind::Uint | Kind::Long | Kind::Enum(_), Part::Bytes(mut packed)) => {
                while !packed.is_empty() {
                    items.push(value(kind, Part::Number(varint(&mut packed))));
                }
            }
            _ => items.push(value(kind, part)),
        }
    }
    Value::Array(items)
}

/// The entries come in the order of their keys, because the types keep them in it.
fn map(kind: Kind, parts: &mut dyn Iterator<Item = Part<'_>>) -> Value {
    let mut members = Map::new();
    for entry in parts {
        let (mut key, mut inner) = (Part::Bytes(&[]), Part::Bytes(&[]));
        for (number, part) in Parts(entry.bytes()) {
            *(if number == 1 { &mut key } else { &mut inner }) = part;
        }
        members.insert(text(key), value(kind, inner));
    }
    Value::Object(members)
}

fn value(kind: Kind, part: Part<'_>) -> Value {
    match kind {
        Kind::Bool => Value::Bool(part.signed() != 0),
        Kind::Int | Kind::Uint => part.signed().into(),
        Kind::Long => part.signed().to_string().into(),
        Kind::Float => {
            let bits = u32::try_from(part.number()).expect("it was encoded from 32 bits");
            // By its text: 0.1 must not become the 64 bits nearest to the 32 bits nearest to 0.1.
            float(f32::from_bits(bits).to_string().parse().unwrap_or(f64::NAN))
        }
        Kind::Double => float(f64::from_bits(part.number())),
        Kind::String => text(part).into(),
        Kind::Bytes => base64::encode(part.bytes()).into(),
        Kind::Enum(of) => enums::name(ENUMS[usize::from(of)], part.number())
            .expect("the protocol has a name for the value")
            .into(),
        Kind::Message(of) => message(&MESSAGES[usize::from(of)], part.bytes()),
        Kind::Timestamp => {
            let (seconds, nanos) = seconds_and_nanos(part.bytes());
            let text = Timestamp { seconds, nanos }.rfc3339();
            text.expect("a time is a date").into()
        }
        Kind::Duration => {
            let (seconds, nanos) = seconds_and_nanos(part.bytes());
            Duration { seconds, nanos }.to_string().into()
        }
    }
}

fn text(part: Part<'_>) -> String {
    String::from_utf8_lossy(part.bytes()).into_owned()
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
fn float(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() <= EXACT {
        (number as i64).into()
    } else {
        number.into()
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
