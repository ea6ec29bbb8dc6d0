//! Two performances of one scenario, compared: event for event, attribute for attribute, wait for wait, and what the
//! clients were told. What may differ is said in `shape`; here is the looking, and the telling of what is found.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use serde_json::Value;

use crate::performance::{Performance, Run, Told};
use crate::shape::{self, Parties, near};

/// What processes and networks may add to a wait, in seconds.
const TOLERANCE: f64 = 1.5;
/// What each attempt may add that no event tells of: the real server's timers are up to a second late.
const TOLERANCE_PER_ATTEMPT: f64 = 1.1;

/// Begins an instant that is no event's own: seconds since the run's first event.
const INSTANT: &str = "instant ";

/// Every value of an event by its path.
type Leaves = BTreeMap<String, Value>;

/// One line for each difference; none if there is none. With `rivals`, who of several workers did something may differ.
pub(crate) fn differences(ours: &Performance, theirs: &Performance, rivals: bool) -> Vec<String> {
    let (us, them) = (Reader::new(ours, rivals), Reader::new(theirs, rivals));
    let mut lines = Vec::new();
    let (our_runs, their_runs) = (us.runs(), them.runs());
    if our_runs != their_runs {
        lines.push(format!("runs: ours {our_runs:?}, theirs {their_runs:?}"));
    }
    for (at, (our_run, their_run)) in (0_u32..).zip(ours.runs.iter().zip(&theirs.runs)) {
        let name = &them.names[at as usize].1;
        let mut found = compare_events(&us.events(our_run), &them.events(their_run));
        let (our_begin, their_begin) = (us.since_beginning(our_run), them.since_beginning(their_run));
        if (our_begin - their_begin).abs() > TOLERANCE + f64::from(at) * TOLERANCE_PER_ATTEMPT {
            found.push(format!("begins at {our_begin:.3} s, theirs at {their_begin:.3} s"));
        }
        lines.extend(found.into_iter().map(|line| format!("{name}: {line}")));
    }
    lines.extend(compare_told(&us, &ours.told, &them, &theirs.told));
    lines
}

// ---- Events.

/// An event, ready to be compared.
struct Event {
    id: String,
    kind: String,
    leaves: Leaves,
    /// Seconds since the run's first event.
    time: f64,
    /// How many attempts lie behind it.
    attempts: f64,
}

fn compare_events(ours: &[Event], theirs: &[Event]) -> Vec<String> {
    let kinds = |events: &[Event]| events.iter().map(|event| event.kind.clone()).collect::<Vec<_>>();
    let (our_kinds, their_kinds) = (kinds(ours), kinds(theirs));
    let mut lines = Vec::new();
    let mut same = ours.len().min(theirs.len());
    if our_kinds != their_kinds {
        same = our_kinds
            .iter()
            .zip(&their_kinds)
            .take_while(|(ours, theirs)| ours == theirs)
            .count();
        lines.push(side_by_side(&our_kinds, &their_kinds, same));
    }
    let mut waits = (0.0, 0.0);
    for (ours, theirs) in ours.iter().zip(theirs).take(same) {
        let mut tell = |what: String| lines.push(format!("event {} {}: {what}", theirs.id, theirs.kind));
        let paths: BTreeSet<_> = ours.leaves.keys().chain(theirs.leaves.keys()).collect();
        for path in paths {
            let (our, their) = (ours.leaves.get(path), theirs.leaves.get(path));
            if !alike(path, our, their) {
                let show = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
                tell(format!("{path}: ours {}, theirs {}", show(our), show(their)));
            }
        }
        let (our_wait, their_wait) = (ours.time - waits.0, theirs.time - waits.1);
        if (our_wait - their_wait).abs() > TOLERANCE + theirs.attempts * TOLERANCE_PER_ATTEMPT {
            tell(format!(
                "{our_wait:.3} s after the event before, theirs {their_wait:.3} s"
            ));
        }
        waits = (ours.time, theirs.time);
    }
    lines
}

fn alike(path: &str, ours: Option<&Value>, theirs: Option<&Value>) -> bool {
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return false;
    };
    if ours == theirs {
        return true;
    }
    let key = path.rsplit('.').next().unwrap_or(path);
    let tolerance = near(key);
    let duration = |value: &Value| value.as_str()?.strip_suffix('s')?.parse::<f64>().ok();
    let instant = |value: &Value| value.as_str()?.strip_prefix(INSTANT)?.parse::<f64>().ok();
    let apart = |read: &dyn Fn(&Value) -> Option<f64>| Some((read(ours)? - read(theirs)?).abs());
    apart(&duration).is_some_and(|apart| apart <= tolerance) || apart(&instant).is_some_and(|apart| apart <= TOLERANCE)
}

/// Which events there are, from a little before the first that differs.
fn side_by_side(ours: &[String], theirs: &[String], same: usize) -> String {
    let mut text = "other events:".to_owned();
    let name = |kinds: &[String], at: usize| kinds.get(at).cloned().unwrap_or_else(|| "-".to_owned());
    for at in same.saturating_sub(3)..ours.len().max(theirs.len()) {
        let (our, their) = (name(ours, at), name(theirs, at));
        let mark = if our == their { " " } else { "≠" };
        text.push_str(&format!("\n      {:>3} {mark} ours {our:<46} theirs {their}", at + 1));
    }
    text
}

// ---- What clients were told.

fn compare_told(us: &Reader, ours: &[Told], them: &Reader, theirs: &[Told]) -> Vec<String> {
    let by_act = |reader: &Reader, told: &[Told]| -> BTreeMap<usize, Value> {
        told.iter()
            .map(|told| (told.act, reader.neutral(&told.answer)))
            .collect()
    };
    let (ours, theirs) = (by_act(us, ours), by_act(them, theirs));
    let acts: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    let show = |value: Option<&Value>| value.map_or("no such act".to_owned(), Value::to_string);
    let differs = acts.into_iter().filter(|act| ours.get(act) != theirs.get(act));
    differs
        .map(|act| {
            format!(
                "told for act {act}: ours {}, theirs {}",
                show(ours.get(act)),
                show(theirs.get(act))
            )
        })
        .collect()
}

// ---- Making neutral.

/// Reads one performance: its runs have names here, so that who refers to which can be compared.
struct Reader {
    /// Run id, and what it is called.
    names: Vec<(String, String)>,
    rivals: bool,
    /// When the first run began.
    beginning: f64,
}

impl Reader {
    fn new(performance: &Performance, rivals: bool) -> Self {
        let mut names: Vec<(String, String)> = Vec::new();
        for (at, run) in performance.runs.iter().enumerate() {
            let before = performance.runs[..at]
                .iter()
                .filter(|other| other.workflow_id == run.workflow_id)
                .count();
            names.push((run.run_id.clone(), format!("{} run {}", run.workflow_id, before + 1)));
        }
        let beginning = performance.runs.iter().map(began).fold(f64::INFINITY, f64::min);
        Self {
            names,
            rivals,
            beginning,
        }
    }

    fn runs(&self) -> Vec<&str> {
        self.names.iter().map(|(_, name)| name.as_str()).collect()
    }

    fn since_beginning(&self, run: &Run) -> f64 {
        began(run) - self.beginning
    }

    fn events(&self, run: &Run) -> Vec<Event> {
        let beginning = began(run);
        let read = |event: &Value| {
            let kind = event["eventType"].as_str().unwrap_or("?");
            let mut neutral = self.neutral(event);
            shape::normalise(&mut neutral, Parties::Named);
            let mut leaves = Leaves::new();
            collect(&neutral, "", beginning, &mut leaves);
            let attempt = leaves.iter().find(|(path, _)| path.ends_with("Attributes.attempt"));
            Event {
                id: event["eventId"].as_str().unwrap_or("?").to_owned(),
                kind: kind.trim_start_matches("EVENT_TYPE_").to_owned(),
                time: seconds(&event["eventTime"]).unwrap_or(0.0) - beginning,
                attempts: attempt.and_then(|(_, attempt)| attempt.as_f64()).unwrap_or(1.0) - 1.0,
                leaves: leaves
                    .into_iter()
                    .map(|(path, value)| (without_kind(&path), value))
                    .collect(),
            }
        };
        run.events.iter().map(read).collect()
    }

    /// With payloads in plain text, run ids replaced by names, and other random ids blotted out.
    fn neutral(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.neutral(item)).collect(),
            Value::Object(members) => {
                let plain = members
                    .get("data")
                    .and_then(Value::as_str)
                    .filter(|_| members.contains_key("metadata"));
                let each = members.iter().map(|(key, value)| {
                    let text = plain.filter(|_| key == "data").and_then(decoded);
                    (key.clone(), self.neutral(text.as_ref().unwrap_or(value)))
                });
                each.collect()
            }
            Value::String(text) => self.neutral_text(text).into(),
            other => other.clone(),
        }
    }

    fn neutral_text(&self, text: &str) -> String {
        let mut neutral = text.to_owned();
        for (run_id, name) in &self.names {
            neutral = neutral.replace(run_id, name);
        }
        neutral = without_random_ids(&neutral);
        if self.rivals {
            for letter in 'A'..='Z' {
                neutral = neutral.replace(&format!("worker-{letter}@"), "worker-?@");
            }
        }
        neutral
    }
}

fn collect(value: &Value, path: &str, beginning: f64, found: &mut Leaves) {
    let below = |key: &str| format!("{path}{}{key}", if path.is_empty() { "" } else { "." });
    match value {
        Value::Object(members) if !members.is_empty() => {
            members
                .iter()
                .for_each(|(key, value)| collect(value, &below(key), beginning, found));
        }
        Value::Array(items) if !items.is_empty() => {
            (0..)
                .zip(items)
                .for_each(|(i, item): (u32, _)| collect(item, &below(&i.to_string()), beginning, found));
        }
        _ => {
            let instant = seconds(value).map(|at| format!("{INSTANT}{:.3}", at - beginning).into());
            found.insert(path.to_owned(), instant.unwrap_or_else(|| value.clone()));
        }
    }
}

/// The path without the name of the attributes, which is that of the event's type.
fn without_kind(path: &str) -> String {
    path.split_once("EventAttributes.")
        .map_or(path, |(_, rest)| rest)
        .to_owned()
}

fn began(run: &Run) -> f64 {
    run.events
        .first()
        .and_then(|event| seconds(&event["eventTime"]))
        .unwrap_or(0.0)
}

/// Seconds since the epoch, if the value is an instant.
fn seconds(value: &Value) -> Option<f64> {
    let at = DateTime::parse_from_rfc3339(value.as_str()?).ok()?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds are enough")]
    Some(at.timestamp_millis() as f64 / 1e3)
}

/// The value that a payload's data encodes, if it is JSON in base64.
fn decoded(data: &str) -> Option<Value> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for digit in data.bytes().filter(|digit| *digit != b'=') {
        let value = DIGITS.iter().position(|known| *known == digit)?;
        held = (held << 6 | u32::try_from(value).ok()?) & 0xFFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xFF).ok()?);
        }
    }
    serde_json::from_slice(&bytes).ok()
}

/// Blots out what looks like a random id: the 32 hexadecimal digits of one, with or without hyphens.
fn without_random_ids(text: &str) -> String {
    let is_digit = |c: char| c.is_ascii_hexdigit() || c == '-';
    let mut neutral = String::new();
    let mut rest = text;
    while let Some(from) = rest.find(is_digit) {
        let length = rest[from..].find(|c| !is_digit(c)).unwrap_or(rest.len() - from);
        let (word, after) = rest[from..].split_at(length);
        neutral.push_str(&rest[..from]);
        let digits = word.chars().filter(|c| *c != '-').count();
        match word
            .char_indices()
            .rev()
            .nth(if word.matches('-').count() >= 4 { 35 } else { 31 })
        {
            Some((cut, _)) if digits >= 32 => {
                neutral.push_str(&word[..cut]);
                neutral.push('…');
            }
            _ => neutral.push_str(word),
        }
        rest = after;
    }
    neutral + rest
}

// ---- A comparison that finds nothing must be able to find something.

/// The keys whose values may be changed without being noticed, found out by changing each value of a performance in
/// turn; and of these, those that no table of `shape` names.
pub(crate) fn blind_spots(performance: &Performance) -> BTreeSet<String> {
    let mut unnoticed = BTreeSet::new();
    for (at, run) in performance.runs.iter().enumerate() {
        for (place, event) in run.events.iter().enumerate() {
            let mut leaves = Leaves::new();
            collect(event, "", 0.0, &mut leaves);
            for path in leaves.keys() {
                let key = path
                    .rsplit('.')
                    .find(|key| key.parse::<usize>().is_err())
                    .unwrap_or(path);
                let mut changed = performance.clone();
                let pointer = format!("/{}", path.replace('.', "/"));
                let Some(value) = changed.runs[at].events[place].pointer_mut(&pointer) else {
                    continue;
                };
                *value = changed_value(value);
                if differences(&changed, performance, false).is_empty() && !shape::may_differ(key) {
                    unnoticed.insert(format!("{}: {path}", performance.runs[at].workflow_id));
                }
            }
        }
    }
    unnoticed
}

fn changed_value(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.parse::<u64>() {
            Ok(number) => (number + 1).to_string().into(),
            Err(_) => format!("{text}, changed").into(),
        },
        Value::Number(number) => (number.as_f64().unwrap_or(0.0) + 8.0).into(),
        _ => "changed".into(),
    }
}
