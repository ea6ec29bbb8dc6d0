//! Events from JSON: the one way they are read. The counterpart of `writer.rs`.
//!
//! While serde goes through a JSON object, the object is encoded as protobuf's bytes by the table in `table.rs`; those are
//! decoded into the types. Nothing else is made of it on the way. Read are the canonical form and its relatives: names in
//! snake case, numbers as strings and strings as numbers, enums in any form, bytes in either base64, `null` for "not set".
//! What has no place in the table is not an error: it is handed back, for `kept.rs` to hold. What has a place that it does
//! not fit in is a [`Misread`], with the way to it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint, message};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::base64;
use super::kept::{camel, drop_nulls, says_nothing};
use super::location::Step;
use super::proto::{Duration, HistoryEvent, Timestamp};
use super::table::{ENUMS, Enum, Field, Kind, MESSAGES, Message, Shape};

/// Why something is no event.
#[derive(Debug)]
pub(super) struct Misread {
    /// The way to what is wrong, from the inside out.
    steps: Vec<Step>,
    why: String,
}

impl Misread {
    /// The way from the event to what is wrong with it, and the wrong.
    pub(super) fn into_parts(mut self) -> (Vec<Step>, String) {
        self.steps.reverse();
        (self.steps, self.why)
    }
}

/// Reads one event after the other. Holds what the next one can use again.
#[derive(Default)]
pub(super) struct Reader {
    /// The event as protobuf's bytes, as far as it is read.
    bytes: Vec<u8>,
    /// What has been read of the messages that are being read, the outermost first: each field, and its name in the text.
    read: Vec<(&'static Field, Cow<'static, str>)>,
    /// What is wrong, while serde leads the way out.
    wrong: Option<Misread>,
}

impl Reader {
    /// The seed of an event. Errors that are not the text's own are explained by [`Self::take_misread`].
    pub(super) fn event(&mut self) -> AnEvent<'_> {
        AnEvent(self)
    }

    /// What was wrong with the last event, if it was JSON.
    ///
    /// # Panics
    ///
    /// If it was not JSON, or nothing was wrong.
    pub(super) fn take_misread(&mut self) -> Misread {
        self.wrong.take().expect("an event was misread")
    }

    /// Appends the bytes of a message; returns what is unknown in it.
    fn message<'de, M: MapAccess<'de>>(
        &mut self,
        of: &'static Message,
        mut members: M,
    ) -> Result<Option<Value>, M::Error> {
        let outer = self.read.len();
        let mut unknown = Map::new();
        while let Some(Key { name, field }) = members.next_key_seed(KeyIn(of))? {
            let Some(field) = field else {
                let mut value: Value = members.next_value()?;
                drop_nulls(&mut value);
                if !says_nothing(&value) {
                    unknown.insert(name.into_owned(), value);
                }
                continue;
            };
            let value = members.next_value_seed(In(Slot::Field(field), self));
            let Read::Set(more) = value.inspect_err(|_| self.within(|| Step::Key(name.clone().into_owned())))? else {
                continue;
            };
            let excludes =
                |other: &Field| other.number == field.number || other.choice == field.choice && field.choice != 0;
            if let Some((_, other)) = self.read[outer..].iter().find(|(other, _)| excludes(other)) {
                let other = Step::Key(other.clone().into_owned());
                let error = self.wrong(format!("duplicate field `{name}`: only one of the two can be set"));
                self.within(|| other);
                return Err(error);
            }
            if let Some(more) = more {
                unknown.insert(name.clone().into_owned(), more);
            }
            self.read.push((field, name));
        }
        self.read.truncate(outer);
        Ok((!unknown.is_empty()).then_some(Value::Object(unknown)))
    }

    /// Appends the entries of a map; returns what is unknown in them.
    fn map<'de, M: MapAccess<'de>>(&mut self, field: &Field, mut members: M) -> Result<Option<Value>, M::Error> {
        let mut unknown = Map::new();
        loop {
            let before = self.bytes.len();
            let entry = self.delimited(field.number.into(), |reader| {
                let Some(key) = members.next_key_seed(KeyOfEntry(reader))? else {
                    return Ok(None);
                };
                let value = members.next_value_seed(In(Slot::Entry(field.kind, key.clone()), reader));
                let read = value.inspect_err(|_| {
                    let step = Step::Key(reader.key(&key).to_owned());
                    reader.within(|| step);
                })?;
                // Rare: most values are all known, and then nobody asks for the key.
                let key = match read {
                    Read::Set(Some(_)) => reader.key(&key).to_owned(),
                    Read::Set(None) | Read::NotSet => String::new(),
                };
                Ok(Some((key, read)))
            })?;
            match entry {
                None => {
                    self.bytes.truncate(before);
                    return Ok((!unknown.is_empty()).then_some(Value::Object(unknown)));
                }
                Some((_, Read::NotSet)) => self.bytes.truncate(before),
                Some((_, Read::Set(None))) => {}
                Some((key, Read::Set(Some(more)))) => _ = unknown.insert(key, more),
            }
        }
    }

    /// The key of the map's entry that is being read.
    fn key(&self, range: &Range<usize>) -> &str {
        str::from_utf8(&self.bytes[range.clone()]).expect("it was written from a text")
    }

    /// Appends what `inner` appends, with the field's number and its length before it.
    fn delimited<T, E>(&mut self, number: u32, inner: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        encode_key(number, WireType::LengthDelimited, &mut self.bytes);
        let from = self.bytes.len();
        let done = inner(self)?;
        let length = self.bytes.len() - from;
        encode_varint(length as u64, &mut self.bytes);
        let all = &mut self.bytes[from..];
        all.rotate_left(length);
        Ok(done)
    }

    /// Appends a time or a duration that is spelled as its two numbers.
    fn seconds_and_nanos<'de, M: MapAccess<'de>>(&mut self, number: u32, mut members: M) -> Result<Read, M::Error> {
        const EXPECTED: &str = "invalid value: an object, expected a time, a duration, or its seconds and nanos";
        let mut both = Duration::default();
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "seconds" => both.seconds = members.next_value().map_err(|_| self.wrong(EXPECTED.to_owned()))?,
                "nanos" => both.nanos = members.next_value().map_err(|_| self.wrong(EXPECTED.to_owned()))?,
                _ => return Err(self.wrong(EXPECTED.to_owned())),
            }
        }
        message::encode(number, &both, &mut self.bytes);
        Ok(Read::Set(None))
    }

    fn varint(&mut self, number: u32, value: u64) {
        encode_key(number, WireType::Varint, &mut self.bytes);
        encode_varint(value, &mut self.bytes);
    }

    /// Appends bytes that are spelled as a list of numbers.
    fn bytes<'de, S: SeqAccess<'de>>(&mut self, number: u32, mut items: S) -> Result<Read, S::Error> {
        self.delimited(number, |reader| {
            const EXPECTED: &str = "invalid value: a list, expected base64, or bytes as numbers";
            while let Some(byte) = items.next_element().map_err(|_| reader.wrong(EXPECTED.to_owned()))? {
                reader.bytes.push(byte);
            }
            Ok(Read::Set(None))
        })
    }

    fn text(&mut self, number: u32, text: &str) {
        encode_key(number, WireType::LengthDelimited, &mut self.bytes);
        encode_varint(text.len() as u64, &mut self.bytes);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Appends one value that is no list and no object, with its field's number; returns it if it is unknown.
    fn scalar(&mut self, number: u32, kind: Kind, value: &Scalar) -> Result<Option<Value>, String> {
        let whole = |from: i64, to: i64, expected: &str| {
            // Negative numbers are extended to 64 bits, whatever their type.
            let number = value.whole().ok_or_else(|| value.wrong("type", &expected))?;
            let inside = (from..=to).contains(&number).then_some(number.cast_unsigned());
            inside.ok_or_else(|| value.wrong("value", &expected))
        };
        match kind {
            Kind::Bool => match value {
                Scalar::Bool(is) => self.varint(number, (*is).into()),
                _ => return Err(value.wrong("type", &"true or false")),
            },
            Kind::Int => {
                let value = whole(i32::MIN.into(), i32::MAX.into(), "a whole number of 32 bits")?;
                self.varint(number, value);
            }
            Kind::Uint => {
                let value = whole(0, u32::MAX.into(), "a whole number of 32 bits, not negative")?;
                self.varint(number, value);
            }
            Kind::Long => {
                let value = whole(i64::MIN, i64::MAX, "a whole number of 64 bits")?;
                self.varint(number, value);
            }
            Kind::Float => {
                let narrow = narrow(value.float()?).ok_or_else(|| value.wrong("value", &"a number of 32 bits"))?;
                encode_key(number, WireType::ThirtyTwoBit, &mut self.bytes);
                self.bytes.extend(narrow);
            }
            Kind::Double => {
                let float = value.float()?;
                encode_key(number, WireType::SixtyFourBit, &mut self.bytes);
                self.bytes.extend(float.to_le_bytes());
            }
            Kind::Enum(of) => {
                let known = value.of_enum(&ENUMS[usize::from(of)])?;
                self.varint(number, known.unwrap_or_default());
                return Ok(known.is_none().then(|| value.kept()));
            }
            Kind::Message(_) => return Err(value.wrong("type", &"an object")),
            Kind::String => self.text(number, value.string("a string")?),
            Kind::Bytes => {
                let text = value.string("base64")?;
                let decoded = self.delimited(number, |reader| base64::decode_onto(&mut reader.bytes, text).ok_or(()));
                decoded.map_err(|()| value.wrong("value", &"base64"))?;
            }
            Kind::Timestamp => {
                const EXPECTED: &str = "a time such as \"2026-01-01T00:00:00.123Z\"";
                let time = Timestamp::parse(value.string(EXPECTED)?);
                let time = time.ok_or_else(|| value.wrong("value", &EXPECTED))?;
                message::encode(number, &time, &mut self.bytes);
            }
            Kind::Duration => message::encode(number, &value.duration()?, &mut self.bytes),
        }
        Ok(None)
    }

    /// Remembers what is wrong, and gives serde an error to lead the way out with.
    fn wrong<E: serde::de::Error>(&mut self, why: String) -> E {
        let steps = Vec::new();
        self.wrong = Some(Misread { steps, why });
        E::custom("")
    }

    /// On the way out: where what is wrong stands.
    fn within(&mut self, step: impl FnOnce() -> Step) {
        if let Some(wrong) = &mut self.wrong {
            wrong.steps.push(step());
        }
    }
}

/// Reads an event, and what of it this version of the protocol does not know: in the event's own shape, `null` standing for
/// list entries of which all is known.
pub(super) struct AnEvent<'a>(&'a mut Reader);

impl<'de> DeserializeSeed<'de> for AnEvent<'_> {
    type Value = (HistoryEvent, Option<Value>);

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        let Self(reader) = self;
        reader.bytes.clear();
        reader.read.clear();
        let Read::Set(unknown) = In(Slot::Event, reader).deserialize(json)? else {
            unreachable!("only fields are left out")
        };
        let event = HistoryEvent::decode(reader.bytes.as_slice());
        Ok((
            event.expect("the types and the table come from the same descriptors"),
            unknown,
        ))
    }
}

/// What became of a value.
enum Read {
    /// It is `null`.
    NotSet,
    /// With what is unknown in it.
    Set(Option<Value>),
}

/// The name of a member, and the field it is of.
struct Key {
    name: Cow<'static, str>,
    field: Option<&'static Field>,
}

/// Reads a name in a message.
struct KeyIn(&'static Message);

impl<'de> DeserializeSeed<'de> for KeyIn {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Key, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyIn {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, text: &str) -> Result<Key, E> {
        let named = |name: &str| self.0.fields.iter().find(|field| field.name == name);
        if let Some(field) = named(text) {
            let name = Cow::Borrowed(field.name);
            return Ok(Key {
                name,
                field: Some(field),
            });
        }
        let field = text.contains('_').then(|| named(&camel(text))).flatten();
        let name = Cow::Owned(text.to_owned());
        Ok(Key { name, field })
    }
}

/// Reads a key of a map as text in front of its value; says where in the bytes it stands.
struct KeyOfEntry<'a>(&'a mut Reader);

impl<'de> DeserializeSeed<'de> for KeyOfEntry<'_> {
    type Value = Range<usize>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyOfEntry<'_> {
    type Value = Range<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        self.0.text(1, key);
        let end = self.0.bytes.len();
        Ok(end - key.len()..end)
    }
}

/// Where a value stands.
enum Slot {
    /// It is the event.
    Event,
    /// After a field's name.
    Field(&'static Field),
    /// In a list.
    Item(&'static Field),
    /// In a map, under the key that stands at this place in the bytes.
    Entry(Kind, Range<usize>),
}

/// Reads a value in its slot.
struct In<'a>(Slot, &'a mut Reader);

impl In<'_> {
    fn scalar<E: serde::de::Error>(self, value: &Scalar<'_>) -> Result<Read, E> {
        let Self(slot, reader) = self;
        let read = match slot {
            Slot::Event => Err("an event is an object".to_owned()),
            Slot::Field(_) | Slot::Entry(..) if matches!(value, Scalar::Null) => return Ok(Read::NotSet),
            Slot::Field(field) => match field.shape {
                Shape::One => {
                    let read = reader.scalar(field.number.into(), field.kind, value);
                    read.map(|more| more.filter(|more| !says_nothing(more)))
                }
                Shape::List => Err(value.wrong("type", &"a list")),
                Shape::Map => Err(value.wrong("type", &"an object")),
            },
            Slot::Item(field) => reader.scalar(field.number.into(), field.kind, value),
            Slot::Entry(kind, key) => {
                // Plain text may happen to be base64 too.
                let plain = matches!(value, Scalar::Text(text) if is_for_people(reader.key(&key), text));
                match kind {
                    Kind::Bytes if plain => Err(value.wrong("value", &"base64")),
                    _ => reader.scalar(2, kind, value),
                }
            }
        };
        read.map(Read::Set).map_err(|why| reader.wrong(why))
    }
}

impl<'de> DeserializeSeed<'de> for In<'_> {
    type Value = Read;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Read, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for In<'_> {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Read, E> {
        self.scalar(&Scalar::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, is: bool) -> Result<Read, E> {
        self.scalar(&Scalar::Bool(is))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Read, E> {
        self.scalar(&Scalar::Number(number.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Read, E> {
        self.scalar(&Scalar::Number(number.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Read, E> {
        self.scalar(&Number::from_f64(number).map_or(Scalar::Null, Scalar::Number))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Read, E> {
        self.scalar(&Scalar::Text(text))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> Result<Read, S::Error> {
        let field = match self.0 {
            Slot::Field(field @ Field { shape: Shape::List, .. }) => field,
            Slot::Field(Field {
                kind: Kind::Bytes,
                number,
                ..
            }) => return self.1.bytes((*number).into(), items),
            Slot::Entry(Kind::Bytes, _) => return self.1.bytes(2, items),
            _ => return self.scalar(&Scalar::List),
        };
        let reader = self.1;
        let mut unknown = Vec::new();
        let mut any = false;
        for index in 0.. {
            let item = items.next_element_seed(In(Slot::Item(field), reader));
            match item.inspect_err(|_| reader.within(|| Step::Index(index)))? {
                None => break,
                Some(Read::NotSet | Read::Set(None)) => unknown.push(Value::Null),
                Some(Read::Set(Some(more))) => {
                    any = true;
                    unknown.push(more);
                }
            }
        }
        Ok(Read::Set(any.then_some(Value::Array(unknown))))
    }

    fn visit_map<M: MapAccess<'de>>(self, members: M) -> Result<Read, M::Error> {
        let Self(slot, reader) = self;
        let (number, kind) = match &slot {
            Slot::Event => return reader.message(&MESSAGES[0], members).map(Read::Set),
            Slot::Field(field) if matches!(field.shape, Shape::Map) => {
                return reader.map(field, members).map(Read::Set);
            }
            Slot::Field(field) if matches!(field.shape, Shape::List) => {
                return In(slot, reader).scalar(&Scalar::Object);
            }
            Slot::Field(field) | Slot::Item(field) => (field.number.into(), field.kind),
            Slot::Entry(kind, _) => (2, *kind),
        };
        match kind {
            // As the Rust SDK writes them.
            Kind::Timestamp | Kind::Duration => reader.seconds_and_nanos(number, members),
            Kind::Message(of) => reader
                .delimited(number, |reader| reader.message(&MESSAGES[usize::from(of)], members))
                .map(Read::Set),
            _ => In(slot, reader).scalar(&Scalar::Object),
        }
    }
}

/// A value as serde hands it over: its contents if they are not made of other values.
enum Scalar<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(&'a str),
    List,
    Object,
}

impl<'a> Scalar<'a> {
    fn string(&self, expected: &str) -> Result<&'a str, String> {
        match self {
            Self::Text(text) => Ok(text),
            _ => Err(self.wrong("type", &expected)),
        }
    }

    /// A whole number, also as a string, also as `2.0`.
    fn whole(&self) -> Option<i64> {
        /// The largest power of two below which every whole number is exact.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match self {
            Self::Number(number) => number.as_i64().or_else(|| {
                let float = number.as_f64().filter(|f| f.fract() == 0.0 && f.abs() <= EXACT)?;
                #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range")]
                Some(float as i64)
            }),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// A number, also as a string; `"NaN"` and `"Infinity"` are no numbers in JSON.
    fn float(&self) -> Result<f64, String> {
        let number = match self {
            Self::Number(number) => number.as_f64(),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| self.wrong("type", &"a number"))
    }

    /// The value of an enum; nothing if this version of the protocol does not know it.
    fn of_enum(&self, of: &Enum) -> Result<Option<u64>, String> {
        let expected = format_args!("a name such as \"{}…\", or its number", of.prefix);
        match self {
            Self::Text(name) => Ok(of.number(name)),
            Self::Number(_) => {
                let number = self.whole().ok_or_else(|| self.wrong("type", &expected))?;
                let number = i32::try_from(number).map_err(|_| self.wrong("value", &expected))?;
                Ok(u64::try_from(number).ok().filter(|n| of.name(*n).is_some()))
            }
            _ => Err(self.wrong("type", &expected)),
        }
    }

    fn duration(&self) -> Result<Duration, String> {
        const EXPECTED: &str = "a duration such as \"1.5s\"";
        let text = self.string(EXPECTED)?;
        if !text.ends_with('s') {
            return Err(format!("missing 's' in {}: expected {EXPECTED}", self.shown()));
        }
        text.parse().map_err(|_| self.wrong("value", &EXPECTED))
    }

    /// `what` does not fit: the `type` of the value, or the `value` itself.
    fn wrong(&self, what: &str, expected: &dyn fmt::Display) -> String {
        format!("invalid {what}: {}, expected {expected}", self.shown())
    }

    /// The value in a message, not too long.
    fn shown(&self) -> String {
        const LETTERS: usize = 40;
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(is) => format!("boolean `{is}`"),
            Self::Number(number) if number.is_f64() => format!("number `{number}`"),
            Self::Number(number) => format!("integer `{number}`"),
            Self::Text(text) => match text.char_indices().nth(LETTERS) {
                Some((end, _)) => format!("string \"{}…\"", &text[..end]),
                None => format!("string \"{text}\""),
            },
            Self::List => "a list".to_owned(),
            Self::Object => "an object".to_owned(),
        }
    }

    /// The value of an enum that is not known, to be kept.
    fn kept(&self) -> Value {
        match self {
            Self::Text(text) => Value::String((*text).to_owned()),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Null | Self::Bool(_) | Self::List | Self::Object => Value::Null,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what is too large is refused")]
fn narrow(number: f64) -> Option<[u8; 4]> {
    let narrow = number as f32;
    (narrow.is_finite() || !number.is_finite()).then_some(narrow.to_le_bytes())
}

/// Whether a payload's metadata say in plain words how it is encoded: in a history that stands in base64. The second case
/// is not an error, and must not be taken for base64 by chance.
fn is_for_people(key: &str, text: &str) -> bool {
    (key == ENCODING || key == FOR_PEOPLE) && names_an_encoding(text)
}

/// What stands in the metadata of a payload only to be read by people, beside what is decoded there.
pub(super) const FOR_PEOPLE: &str = "encodingDecoded";

/// Under this name a payload's metadata say how it is encoded.
pub(super) const ENCODING: &str = "encoding";

/// Whether a text names an encoding of payloads in plain words: in a history it stands in base64.
pub(super) fn names_an_encoding(text: &str) -> bool {
    text.starts_with("json/") || text.starts_with("binary/")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::proto::{Attributes, EventType};
    use super::*;

    fn event(value: &Value) -> Result<(HistoryEvent, Option<Value>), Misread> {
        let mut reader = Reader::default();
        let read = reader.event().deserialize(value);
        read.map_err(|_| reader.take_misread())
    }

    fn read(value: &Value) -> HistoryEvent {
        event(value).unwrap_or_else(|wrong| panic!("{value}: {}", wrong.why)).0
    }

    #[track_caller]
    fn check_type(event_type: Value, expected: EventType) {
        let event = read(&json!({"eventType": event_type}));
        assert_eq!(event.event_type(), expected);
    }

    #[test]
    fn every_form_of_an_enum_is_read() {
        check_type("EVENT_TYPE_TIMER_FIRED".into(), EventType::TimerFired);
        check_type("TimerFired".into(), EventType::TimerFired);
        check_type(18.into(), EventType::TimerFired);
        check_type(18.0.into(), EventType::TimerFired);
        check_type("EVENT_TYPE_OF_NEXT_YEAR".into(), EventType::Unspecified);
        check_type(4_711.into(), EventType::Unspecified);
        check_type((-1).into(), EventType::Unspecified);
    }

    #[test]
    fn numbers_are_read_as_numbers_or_strings() {
        for id in [json!("-9223372036854775808"), json!(i64::MIN)] {
            assert_eq!(read(&json!({"eventId": id})).event_id, i64::MIN);
        }
        let event = read(&json!({"workflowExecutionStartedEventAttributes": {
            "attempt": "-2147483648", "retryPolicy": {"backoffCoefficient": "1.5"}, "priority": {"fairnessWeight": 0.1},
        }}));
        let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) = event.attributes else {
            panic!("other attributes");
        };
        assert_eq!(started.attempt, i32::MIN);
        assert_eq!(started.retry_policy.unwrap().backoff_coefficient, 1.5);
        assert_eq!(started.priority.unwrap().fairness_weight, 0.1);
    }

    /// Is refused there, for that.
    #[track_caller]
    fn check_refused(value: Value, path: &str, why: &str) {
        let (steps, found) = event(&value).map(|_| ()).unwrap_err().into_parts();
        assert_eq!(
            (super::super::location::dotted(&steps).as_str(), found.as_str()),
            (path, why)
        );
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let links = |links: Value| json!({ "links": links });
        check_refused(7.into(), "", "an event is an object");
        check_refused(
            json!({"eventId": true}),
            "eventId",
            "invalid type: boolean `true`, expected a whole number of 64 bits",
        );
        check_refused(
            json!({"eventId": 0.5}),
            "eventId",
            "invalid type: number `0.5`, expected a whole number of 64 bits",
        );
        check_refused(
            json!({"eventType": 99_999_999_999_i64}),
            "eventType",
            "invalid value: integer `99999999999`, expected a name such as \"EVENT_TYPE_…\", or its number",
        );
        check_refused(
            json!({"workerMayIgnore": 1}),
            "workerMayIgnore",
            "invalid type: integer `1`, expected true or false",
        );
        check_refused(links(json!({})), "links", "invalid type: an object, expected a list");
        check_refused(
            links(json!([{}, null])),
            "links.1",
            "invalid type: null, expected an object",
        );
        check_refused(
            json!({"timerFiredEventAttributes": []}),
            "timerFiredEventAttributes",
            "invalid type: a list, expected an object",
        );
        let started = |field: &str, value: Value| json!({"workflowExecutionStartedEventAttributes": {field: value}});
        let path = |field: &str| format!("workflowExecutionStartedEventAttributes.{field}");
        check_refused(
            started("attempt", 2_147_483_648_u32.into()),
            &path("attempt"),
            "invalid value: integer `2147483648`, expected a whole number of 32 bits",
        );
        check_refused(
            started("priority", json!({"fairnessWeight": 1e39})),
            &path("priority.fairnessWeight"),
            "invalid value: number `1e+39`, expected a number of 32 bits",
        );
        check_refused(
            started("header", json!({"fields": {"a": {"data": "?".repeat(50)}}})),
            &path("header.fields.a.data"),
            &format!("invalid value: string \"{}…\", expected base64", "?".repeat(40)),
        );
        check_refused(
            started("workflowRunTimeout", "1.5.s".into()),
            &path("workflowRunTimeout"),
            "invalid value: string \"1.5.s\", expected a duration such as \"1.5s\"",
        );
    }

    #[test]
    fn one_field_is_not_set_twice() {
        let why = "duplicate field `event_id`: only one of the two can be set";
        check_refused(json!({"eventId": 1, "event_id": 1}), "eventId", why);
    }

    #[test]
    fn the_unknown_is_handed_back_in_its_place() {
        let value = json!({
            "eventType": "EVENT_TYPE_OF_NEXT_YEAR",
            "links": [{"workflowEvent": {}}, {"star": 1}],
            "nothing": [],
            "more": {"deep": [{}]},
        });
        let (_, unknown) = event(&value).unwrap();
        assert_eq!(
            unknown,
            Some(json!({
                "eventType": "EVENT_TYPE_OF_NEXT_YEAR", "links": [null, {"star": 1}], "more": {"deep": [{}]},
            }))
        );
    }
}
