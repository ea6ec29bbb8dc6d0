//! Where in a JSON text something stands: lines and columns for error messages.
//!
//! serde knows the place of a syntax error, but not of a value that means nothing to Temporal: that is found by its
//! path, in a second walk over the text. Such walks are made only once something is wrong, except for [`too_deep`].

use std::fmt;

/// A place in a text, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// Line.
    pub line: u32,
    /// Column, in characters.
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// One step down into a JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into an object.
    Key(String),
    /// Into an array, from 0.
    Index(u32),
}

/// `input.payloads.0.data`
pub(crate) fn dotted(path: &[Step]) -> String {
    let steps = path.iter().map(|step| match step {
        Step::Key(key) => key.clone(),
        Step::Index(index) => index.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}

/// The first bracket that opens more than `limit` levels, if there is one. Works on any text, JSON or not.
pub(crate) fn too_deep(text: &str, limit: u32) -> Option<Location> {
    let (mut depth, mut in_string, mut escaped) = (0_u32, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > limit {
                    return Some(location(text, at));
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Where the value at the end of `path` is in a text that is valid JSON.
pub(crate) fn locate(text: &str, path: &[Step]) -> Option<Location> {
    let mut walk = Walk {
        bytes: text.as_bytes(),
        at: 0,
    };
    for step in path {
        walk.descend(text, step)?;
    }
    walk.space();
    Some(location(text, walk.at))
}

/// The place behind the last letter.
pub(crate) fn end(text: &str) -> Location {
    location(text, text.len())
}

/// The place of a byte.
fn location(text: &str, at: usize) -> Location {
    let before = text.get(..at).unwrap_or(text);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Location {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
    }
}

/// A position in valid JSON; every function leaves it behind what it is named after.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Goes to the value that the step leads to.
    fn descend(&mut self, text: &str, step: &Step) -> Option<()> {
        self.space();
        let open = self.peek()?;
        self.at += 1;
        let mut index = 0_u32;
        loop {
            self.space();
            if matches!(self.peek()?, b']' | b'}') {
                return None;
            }
            let key = (open == b'{').then(|| {
                let from = self.at;
                self.string();
                let key = serde_json::from_str::<String>(&text[from..self.at]).ok();
                self.space();
                self.at += 1;
                self.space();
                key
            });
            let found = match (step, key.flatten()) {
                (Step::Key(wanted), Some(key)) => *wanted == key,
                (Step::Index(wanted), None) => *wanted == index,
                _ => false,
            };
            if found {
                return Some(());
            }
            self.value();
            self.space();
            if self.peek()? == b',' {
                self.at += 1;
            }
            index += 1;
        }
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                return;
            }
        }
    }

    fn value(&mut self) {
        let mut depth = 0_u32;
        loop {
            match self.peek() {
                None => return,
                Some(b'"') => self.string(),
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(b'}' | b']' | b',') if depth == 0 => return,
                Some(b'}' | b']') => {
                    depth -= 1;
                    self.at += 1;
                }
                Some(_) => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\n  \"é,]\": \"\\\"}\",\n  \"events\": [ [], {\"a\": {}, \"b\" : 7} ]\n}";

    #[track_caller]
    fn check(path: &[Step], expected: Option<(u32, u32)>) {
        assert_eq!(locate(TEXT, path).map(|p| (p.line, p.column)), expected);
    }

    #[test]
    fn values_are_found_by_their_path() {
        let key = |k: &str| Step::Key(k.to_owned());
        check(&[], Some((1, 1)));
        check(&[key("é,]")], Some((2, 10)));
        check(&[key("events")], Some((3, 13)));
        check(&[key("events"), Step::Index(1), key("b")], Some((3, 35)));
        check(&[key("events"), Step::Index(2)], None);
        check(&[key("events"), key("x")], None);
    }

    #[test]
    fn depth_counts_brackets_outside_strings() {
        assert_eq!(too_deep("[[]]", 2), None);
        assert_eq!(too_deep("[\"[[[\\\"[\", []]", 2), None);
        assert_eq!(too_deep("[\n [[", 2), Some(Location { line: 2, column: 3 }));
    }
}
