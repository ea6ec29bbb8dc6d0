//! Whether an activity's arguments or headers look as if they carried an idempotency key: something by which whoever the
//! activity talks to can tell a repetition from a second wish. The Service gives every attempt the same arguments and headers.
//!
//! A sign is a hint and no proof: whether anybody looks at it is not in a history. And its lack proves nothing: code can make
//! a key of the ids that it is told beside its arguments. So there are only "this was seen" and "cannot tell".

use serde_json::Value;

use super::super::words::short;
use crate::history::proto::{Header, Payload, Payloads};

/// How many signs are kept: the strongest.
const MOST_SIGNS: usize = 3;

/// Longer texts are no keys.
const LONGEST_KEY: usize = 256;

/// Shorter ids are in too many texts by chance.
const SHORTEST_ID: usize = 4;

/// Longest value that is shown, in characters.
const VALUE_CHARS: usize = 60;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Something looks like one. The strongest sign first; never empty.
    Seen(Vec<Sign>),
    /// Nothing does.
    CannotTell(Silence),
}

/// Something that looks like a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// What makes it look like one.
    pub kind: SignKind,
    /// Where: `[0].order_id` in the arguments, or the header's name.
    pub place: String,
    /// The value, cut to a readable length; empty for a header's.
    pub value: String,
}

/// What makes a value look like a key, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignKind {
    /// Its name: `idempotencyKey`, `request_id`.
    Name,
    /// A header's name.
    Header,
    /// It is the activity id, or holds it.
    ActivityId,
    /// It is the run id, or holds it.
    RunId,
    /// It is the workflow id, or holds it.
    WorkflowId,
    /// It is a UUID, or holds one.
    Uuid,
}

/// Why nothing was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// It has no arguments, and no header that looks like a key.
    NoArguments,
    /// Some argument cannot be read here: its encoding.
    Unreadable(String),
    /// All was read, and nothing looks like one.
    Nothing,
}

/// The ids of the run, to be recognised.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OwnIds<'a> {
    pub(super) workflow_id: &'a str,
    pub(super) run_id: &'a str,
    pub(super) first_run_id: &'a str,
    pub(super) activity_id: &'a str,
}

/// Looks for one.
pub(super) fn look(input: Option<&Payloads>, header: Option<&Header>, ids: OwnIds<'_>) -> Key {
    let mut signs = Vec::new();
    for name in header.iter().flat_map(|header| header.fields.keys()) {
        if names_a_key(name) {
            signs.push(Sign {
                kind: SignKind::Header,
                place: short(name, VALUE_CHARS),
                value: String::new(),
            });
        }
    }
    let arguments = input.map_or(&[][..], |input| &input.payloads);
    let mut unreadable = None;
    for (index, payload) in arguments.iter().enumerate() {
        match value(payload) {
            Ok(value) => Looking { ids, signs: &mut signs }.at(&Place::Argument(index), &value),
            Err(encoding) => unreadable = unreadable.or(Some(encoding)),
        }
    }
    signs.sort_by_key(|sign| sign.kind);
    signs.truncate(MOST_SIGNS);
    match unreadable {
        _ if !signs.is_empty() => Key::Seen(signs),
        Some(encoding) => Key::CannotTell(Silence::Unreadable(encoding)),
        None if arguments.is_empty() => Key::CannotTell(Silence::NoArguments),
        None => Key::CannotTell(Silence::Nothing),
    }
}

/// A payload's value, or the encoding that is in the way.
pub(super) fn value(payload: &Payload) -> Result<Value, String> {
    let encoding = payload
        .metadata
        .get("encoding")
        .map(|name| String::from_utf8_lossy(name));
    match encoding.as_deref() {
        Some("binary/null") => Ok(Value::Null),
        Some("json/plain" | "json/protobuf") => {
            serde_json::from_slice(&payload.data).map_err(|_| "text that is not JSON".to_owned())
        }
        None => serde_json::from_slice(&payload.data).map_err(|_| "no encoding".to_owned()),
        Some(other) => Err(short(other, VALUE_CHARS)),
    }
}

/// Where in the arguments, as a chain from the inside out: it is spelled only where something is found.
enum Place<'a> {
    Argument(usize),
    Member(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl Place<'_> {
    fn spelled(&self) -> String {
        match self {
            Self::Argument(index) => format!("[{index}]"),
            Self::Member(of, name) => format!("{}.{}", of.spelled(), short(name, VALUE_CHARS)),
            Self::Item(of, index) => format!("{}[{index}]", of.spelled()),
        }
    }

    /// The name of the member it is.
    const fn name(&self) -> &str {
        match self {
            Self::Member(_, name) => name,
            Self::Argument(_) | Self::Item(..) => "",
        }
    }
}

struct Looking<'a> {
    ids: OwnIds<'a>,
    signs: &'a mut Vec<Sign>,
}

impl Looking<'_> {
    /// Looks at a value and into it. serde has refused what is nested too deeply.
    fn at(&mut self, place: &Place<'_>, value: &Value) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => {
                if names_a_key(place.name()) {
                    self.sign(SignKind::Name, place, &number.to_string());
                }
            }
            Value::String(text) => {
                if let Some(kind) = self.kind(place.name(), text) {
                    self.sign(kind, place, text);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.at(&Place::Item(place, index), item);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    self.at(&Place::Member(place, name), member);
                }
            }
        }
    }

    fn kind(&self, name: &str, text: &str) -> Option<SignKind> {
        // A sentence may speak of an order; a key is one word.
        if text.is_empty() || text.len() > LONGEST_KEY || text.chars().any(char::is_whitespace) {
            return None;
        }
        let ids = self.ids;
        // By default an activity's id is a small number.
        let own_activity_id = ids.activity_id.chars().any(|c| !c.is_ascii_digit());
        if names_a_key(name) {
            Some(SignKind::Name)
        } else if own_activity_id && holds(text, ids.activity_id) {
            Some(SignKind::ActivityId)
        } else if holds(text, ids.run_id) || holds(text, ids.first_run_id) {
            Some(SignKind::RunId)
        } else if holds(text, ids.workflow_id) {
            Some(SignKind::WorkflowId)
        } else {
            holds_uuid(text).then_some(SignKind::Uuid)
        }
    }

    fn sign(&mut self, kind: SignKind, place: &Place<'_>, value: &str) {
        // A list of a thousand UUIDs is one sign.
        let of_kind = self.signs.iter().filter(|sign| sign.kind == kind).count();
        if of_kind < MOST_SIGNS {
            self.signs.push(Sign {
                kind,
                place: place.spelled(),
                value: short(value, VALUE_CHARS),
            });
        }
    }
}

/// Whether something of that name is meant as a key.
fn names_a_key(name: &str) -> bool {
    const WHOLE: [&str; 5] = ["clienttoken", "requesttoken", "requestkey", "uniquekey", "nonce"];
    let letters = name.chars().filter(|c| c.is_alphanumeric()).take(LONGEST_KEY);
    let plain: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    plain.contains("idempoten")
        || plain.contains("dedup")
        || plain.ends_with("requestid")
        || WHOLE.contains(&plain.as_str())
}

/// Whether a text is an id, or holds it as a word: `order-1` is not in `order-1001`.
fn holds(text: &str, id: &str) -> bool {
    if id.len() < SHORTEST_ID {
        return false;
    }
    text.match_indices(id).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        apart(before) && apart(after)
    })
}

/// Whether a text is a UUID, or holds one as a word; not the one of zeros.
fn holds_uuid(text: &str) -> bool {
    const LENGTH: usize = 36;
    let bytes = text.as_bytes();
    let mut windows = bytes.windows(LENGTH).enumerate();
    windows.any(|(at, window)| {
        let shaped = window.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
        let apart = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let zeros = window.iter().all(|byte| matches!(byte, b'0' | b'-'));
        shaped && !zeros && apart(before) && apart(bytes.get(at + LENGTH))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::payload;
    use serde_json::json;

    const UUID: &str = "019b76da-a800-72cf-a3c8-bad473c99ce7";

    fn ids<'a>() -> OwnIds<'a> {
        OwnIds {
            workflow_id: "order-1001",
            run_id: UUID,
            first_run_id: "",
            activity_id: "3",
        }
    }

    /// The place of the first sign of that kind, if any argument has one.
    fn seen(argument: &Value) -> Option<(SignKind, String)> {
        match look(Some(&payload::json(argument)), None, ids()) {
            Key::Seen(signs) => Some((signs[0].kind, signs[0].place.clone())),
            Key::CannotTell(silence) => {
                assert_eq!(silence, Silence::Nothing);
                None
            }
        }
    }

    #[track_caller]
    fn check(argument: &Value, kind: SignKind, place: &str) {
        assert_eq!(seen(argument), Some((kind, place.to_owned())), "{argument}");
    }

    #[test]
    fn names_of_keys_are_known() {
        for name in [
            "idempotencyKey",
            "idempotency_key",
            "Idempotency-Key",
            "idempotencyToken",
            "requestId",
            "client_request_id",
            "deduplicationId",
            "clientToken",
        ] {
            check(
                &json!({ "to": { name: "a" } }),
                SignKind::Name,
                &format!("[0].to.{name}"),
            );
            assert_eq!(seen(&json!({ name: "" })), None);
            assert_eq!(seen(&json!({ name: null })), None);
        }
        check(&json!({ "requestId": 7 }), SignKind::Name, "[0].requestId");
        for name in ["request", "requestIds2", "transaction_id", "id", "token", "amount"] {
            assert_eq!(seen(&json!({ name: "a" })), None, "{name}");
        }
    }

    #[test]
    fn own_ids_are_recognised_as_words() {
        check(
            &json!({ "order_id": "order-1001" }),
            SignKind::WorkflowId,
            "[0].order_id",
        );
        check(&json!(["x", "order-1001/charge"]), SignKind::WorkflowId, "[0][1]");
        check(&json!(format!("{UUID}:3")), SignKind::RunId, "[0]");
        for text in ["order-10010", "reorder-1001", "Order order-1001 confirmed", "order-100"] {
            assert_eq!(seen(&json!(text)), None, "{text}");
        }
        // The default id of an activity is in too many texts.
        assert_eq!(seen(&json!("3")), None);
        let own = OwnIds {
            activity_id: "charge-3",
            ..ids()
        };
        let key = look(Some(&payload::json(&json!("charge-3"))), None, own);
        assert!(matches!(key, Key::Seen(signs) if signs[0].kind == SignKind::ActivityId));
    }

    #[test]
    fn uuids_are_recognised() {
        let other = "7f0b8f8e-3c1d-4f53-9a53-0f6f4f0c1c11";
        check(&json!({ "a": [other] }), SignKind::Uuid, "[0].a[0]");
        check(&json!(format!("urn:uuid:{other}")), SignKind::Uuid, "[0]");
        for text in [
            "00000000-0000-0000-0000-000000000000",
            "7f0b8f8e-3c1d-4f53-9a53-0f6f4f0c1c111",
            "7f0b8f8e-3c1d-4f53-9a53-0f6f4f0c1c1g",
            "7f0b8f8e3c1d4f539a530f6f4f0c1c11",
        ] {
            assert_eq!(seen(&json!(text)), None, "{text}");
        }
    }

    #[test]
    fn headers_count_by_their_names() {
        let named = |name: &str| {
            let header = Header {
                fields: [(name.to_owned(), Payload::default())].into(),
            };
            look(None, Some(&header), ids())
        };
        assert!(matches!(named("Idempotency-Key"), Key::Seen(signs) if signs[0].kind == SignKind::Header));
        assert_eq!(named("_tracer-data"), Key::CannotTell(Silence::NoArguments));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let mut encrypted = payload::json(&json!({ "requestId": "a" }));
        let metadata = &mut encrypted.payloads[0].metadata;
        metadata.insert("encoding".to_owned(), b"binary/encrypted".to_vec());
        let silence = Silence::Unreadable("binary/encrypted".to_owned());
        assert_eq!(look(Some(&encrypted), None, ids()), Key::CannotTell(silence));
        assert_eq!(look(None, None, ids()), Key::CannotTell(Silence::NoArguments));
        assert_eq!(
            look(Some(&payload::json(&Value::Null)), None, ids()),
            Key::CannotTell(Silence::Nothing)
        );
    }

    #[test]
    fn a_thousand_signs_are_three() {
        let many: Vec<String> = (0..1_000).map(|n| format!("order-1001-{n}")).collect();
        let Key::Seen(signs) = look(Some(&payload::json(&json!(many))), None, ids()) else {
            panic!("there are many");
        };
        assert_eq!(signs.len(), MOST_SIGNS);
    }
}
