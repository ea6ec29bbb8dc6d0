//! Payloads side by side: JSON by what it says and not by how it is written, and where inside it differs.

use serde_json::{Map, Number, Value};

use super::{Aspect, Comparison};
use crate::history::proto::Payload;

/// So many places of one value are told; of more only how many.
const TOLD_PLACES: usize = 20;

/// So many bytes of a value that is not JSON are told, from where it differs.
const TOLD_BYTES: usize = 8;

/// What can be read of a payload.
enum Reading<'a> {
    Json(Value),
    Bytes(&'a [u8]),
    /// It is encrypted, compressed, or kept elsewhere.
    Sealed,
}

impl<'a> Reading<'a> {
    fn of(payload: &'a Payload) -> Self {
        if !payload.external_payloads.is_empty() {
            return Self::Sealed;
        }
        let encoding = payload.metadata.get("encoding").map(Vec::as_slice);
        match encoding {
            Some(b"json/plain" | b"json/protobuf") => {
                serde_json::from_slice(&payload.data).map_or(Self::Bytes(&payload.data), Self::Json)
            }
            Some(b"binary/null") => Self::Json(Value::Null),
            Some(b"binary/plain" | b"binary/protobuf") | None => Self::Bytes(&payload.data),
            Some(_) => Self::Sealed,
        }
    }
}

/// Whether there is no value, or only `null`: both say nothing.
pub(super) fn is_nothing(payloads: &[Payload]) -> bool {
    match payloads {
        [] => true,
        [payload] => matches!(Reading::of(payload), Reading::Json(Value::Null)),
        _ => false,
    }
}

impl Comparison {
    /// Two values, or a value and none.
    pub fn payload(&mut self, aspect: Aspect, place: &str, from: Option<&Payload>, to: Option<&Payload>) {
        if from == to {
            return;
        }
        match (from.map(Reading::of), to.map(Reading::of)) {
            (Some(Reading::Sealed), Some(_)) | (Some(_), Some(Reading::Sealed)) => self.sealed += 1,
            (Some(Reading::Json(from)), Some(Reading::Json(to))) => self.json(aspect, place, &from, &to),
            (Some(Reading::Bytes(from)), Some(Reading::Bytes(to))) => {
                if from != to {
                    let at = from.iter().zip(to).take_while(|(a, b)| a == b).count();
                    self.add(aspect, place, Some(bytes(from, at)), Some(bytes(to, at)));
                }
            }
            (from, to) => self.add(aspect, place, from.map(shown), to.map(shown)),
        }
    }

    fn json(&mut self, aspect: Aspect, place: &str, from: &Value, to: &Value) {
        let mut places = Places {
            own_names: self,
            told: Vec::new(),
            more: 0,
        };
        places.values(&mut place.to_owned(), from, to);
        let Places { told, more, .. } = places;
        for (place, from, to) in told {
            self.add(aspect, place.strip_prefix('.').unwrap_or(&place), from, to);
        }
        if more > 0 {
            let place = format!("{place} at {more} more places");
            self.add(aspect, place.trim_start(), None, None);
        }
    }
}

fn shown(reading: Reading<'_>) -> String {
    match reading {
        Reading::Json(value) => value.to_string(),
        Reading::Bytes(data) => bytes(data, 0),
        Reading::Sealed => "something that cannot be read here".to_owned(),
    }
}

/// `5 bytes, 68 65 6c … from byte 0 on`.
fn bytes(data: &[u8], at: usize) -> String {
    let count = match data.len() {
        1 => "1 byte".to_owned(),
        n => format!("{n} bytes"),
    };
    let rest = &data[at.min(data.len())..];
    if rest.is_empty() {
        return count;
    }
    let hex: Vec<String> = rest.iter().take(TOLD_BYTES).map(|byte| format!("{byte:02x}")).collect();
    let more = if rest.len() > TOLD_BYTES { " …" } else { "" };
    format!("{count}, from byte {at} on {}{more}", hex.join(" "))
}

/// The places at which two values differ.
struct Places<'a> {
    own_names: &'a Comparison,
    told: Vec<(String, Option<String>, Option<String>)>,
    more: u32,
}

impl Places<'_> {
    /// JSON is never deeper than its reader allows, 128 levels.
    fn values(&mut self, place: &mut String, from: &Value, to: &Value) {
        match (from, to) {
            (Value::Object(from), Value::Object(to)) => self.objects(place, from, to),
            (Value::Array(from), Value::Array(to)) => self.arrays(place, from, to),
            _ if self.is_same(from, to) => {}
            _ => self.add(place, Some(from), Some(to)),
        }
    }

    fn objects(&mut self, place: &mut String, from: &Map<String, Value>, to: &Map<String, Value>) {
        for (name, value) in from {
            self.within(place, &step(name), |places, place| match to.get(name) {
                Some(other) => places.values(place, value, other),
                None => places.add(place, Some(value), None),
            });
        }
        for (name, value) in to.iter().filter(|(name, _)| !from.contains_key(*name)) {
            self.within(place, &step(name), |places, place| places.add(place, None, Some(value)));
        }
    }

    /// What both begin or end with is set aside; what is left between is compared by its number.
    fn arrays(&mut self, place: &mut String, from: &[Value], to: &[Value]) {
        let pairs = from.iter().zip(to);
        let begin = pairs.take_while(|(a, b)| self.is_same(a, b)).count();
        let pairs = from[begin..].iter().rev().zip(to[begin..].iter().rev());
        let end = pairs.take_while(|(a, b)| self.is_same(a, b)).count();
        // Where nothing was put in or taken out, numbers do not shift.
        let end = if from.len() == to.len() { 0 } else { end };
        let (from, to) = (&from[begin..from.len() - end], &to[begin..to.len() - end]);
        for at in 0..from.len().max(to.len()) {
            let number = format!("[{}]", begin + at);
            self.within(place, &number, |places, place| match (from.get(at), to.get(at)) {
                (Some(from), Some(to)) => places.values(place, from, to),
                (from, to) => places.add(place, from, to),
            });
        }
    }

    fn within(&mut self, place: &mut String, step: &str, look: impl FnOnce(&mut Self, &mut String)) {
        let length = place.len();
        place.push_str(step);
        look(self, place);
        place.truncate(length);
    }

    fn add(&mut self, place: &str, from: Option<&Value>, to: Option<&Value>) {
        if self.told.len() == TOLD_PLACES {
            self.more = self.more.saturating_add(1);
            return;
        }
        let shown = |value: Option<&Value>| value.map(Value::to_string);
        self.told.push((place.to_owned(), shown(from), shown(to)));
    }

    /// Whether two values say the same. Of numbers how they are written says nothing: 1 is 1.0.
    fn is_same(&self, from: &Value, to: &Value) -> bool {
        match (from, to) {
            (Value::Number(from), Value::Number(to)) => is_same_number(from, to),
            (Value::String(from), Value::String(to)) => self.own_names.is_same_text(from, to),
            (Value::Array(from), Value::Array(to)) => {
                from.len() == to.len() && from.iter().zip(to).all(|(a, b)| self.is_same(a, b))
            }
            (Value::Object(from), Value::Object(to)) => {
                from.len() == to.len()
                    && from
                        .iter()
                        .all(|(name, value)| to.get(name).is_some_and(|other| self.is_same(value, other)))
            }
            _ => from == to,
        }
    }
}

fn is_same_number(from: &Number, to: &Number) -> bool {
    let is_whole = |number: &Number| !number.is_f64();
    from == to || !(is_whole(from) && is_whole(to)) && from.as_f64() == to.as_f64()
}

/// `.amount`, or `["two words"]`.
fn step(name: &str) -> String {
    let is_plain = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'));
    if is_plain {
        format!(".{name}")
    } else {
        format!("[{}]", Value::from(name))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::history::payload;
    use crate::history::proto::Payloads;

    #[track_caller]
    fn check(from: &Value, to: &Value, told: &[&str]) {
        let mut comparison = Comparison::default();
        comparison.payloads(Aspect::Input, "", Some(&payload::json(from)), Some(&payload::json(to)));
        let found: Vec<String> = comparison.found.iter().map(ToString::to_string).collect();
        assert_eq!(found, told);
    }

    #[test]
    fn json_differs_where_it_differs() {
        check(&json!({"a": 1, "b": [1, 2]}), &json!({"b": [1, 2], "a": 1.0}), &[]);
        check(
            &json!({"amount": 89}),
            &json!({"amount": 178}),
            &["input [0].amount: 89 → 178"],
        );
        check(
            &json!({"a": {"two words": "x"}, "gone": null}),
            &json!({"a": {"two words": "y"}, "new": [1]}),
            &[
                "input [0].a[\"two words\"]: \"x\" → \"y\"",
                "input [0].gone: null → nothing",
                "input [0].new: nothing → [1]",
            ],
        );
        check(&json!([1, 2, 3]), &json!([1, 3]), &["input [0][1]: 2 → nothing"]);
        check(&json!([1, 2, 3]), &json!([1, 5, 3]), &["input [0][1]: 2 → 5"]);
        check(
            &json!(9_007_199_254_740_993_u64),
            &json!(9_007_199_254_740_992_u64),
            &["input [0]: 9007199254740993 → 9007199254740992"],
        );
        check(&json!(null), &json!(1), &["input [0]: null → 1"]);
    }

    #[test]
    fn of_very_many_places_only_the_number_is_told() {
        let all = |of: u32| Value::from((0..1_000).map(|n| n * of + 1).collect::<Vec<u32>>());
        let mut comparison = Comparison::default();
        comparison.payloads(
            Aspect::Result,
            "",
            Some(&payload::json(&all(1))),
            Some(&payload::json(&all(2))),
        );
        assert_eq!(comparison.found.len(), TOLD_PLACES + 1);
        assert_eq!(comparison.found.last().unwrap().name(), "result at 979 more places");
    }

    #[test]
    fn what_nobody_here_can_read_is_not_said_to_differ() {
        let sealed = |data: &[u8]| Payloads {
            payloads: vec![Payload {
                metadata: [("encoding".to_owned(), b"binary/encrypted".to_vec())].into(),
                data: data.to_vec(),
                ..Default::default()
            }],
        };
        let mut comparison = Comparison::default();
        comparison.payloads(Aspect::Input, "", Some(&sealed(b"x")), Some(&sealed(b"x")));
        assert_eq!(comparison.sealed, 0);
        comparison.payloads(Aspect::Input, "", Some(&sealed(b"x")), Some(&sealed(b"y")));
        comparison.payloads(Aspect::Input, "", Some(&sealed(b"x")), Some(&payload::json(&json!(1))));
        assert_eq!((comparison.sealed, comparison.found.len()), (2, 0));
        comparison.payloads(Aspect::Result, "", None, Some(&payload::json(&json!(null))));
        assert_eq!(comparison.found, []);
        comparison.payloads(Aspect::Result, "", None, Some(&sealed(b"x")));
        assert_eq!(
            comparison.found[0].to_string(),
            "result: nothing → something that cannot be read here"
        );
    }
}
