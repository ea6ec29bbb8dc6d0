//! Temporal's list filter: which workflow executions a list shows.
//!
//! A part of the real language, with its meaning:
//!
//! | | |
//! | --- | --- |
//! | attributes | WorkflowId, RunId, WorkflowType, TaskQueue, ExecutionStatus, StartTime, CloseTime, HistoryLength, and the custom ones of the runs; in back quotes or without |
//! | comparisons | `=` `!=` `<` `<=` `>` `>=`, `IN (…, …)`, `STARTS_WITH`, `IS NULL`, `IS NOT NULL` |
//! | between them | `AND`, `OR`, parentheses; `AND` binds more closely |
//! | values | text in single or double quotes, numbers, `true` and `false`; times as `'2026-01-01T00:00:12Z'`, or as a time of the virtual clock, `'12s'` |
//!
//! An attribute that an execution does not have (yet) is neither equal nor unequal to anything. Of a list of keywords one
//! is enough. Not there: `NOT`, `BETWEEN`, `ORDER BY`, `GROUP BY`.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::listing::Execution;
use crate::base::time::{SimTime, Span};
use crate::history::timestamp::Timestamp;
use crate::service::run::RunStatus;

/// The attributes that every execution may have.
pub const KNOWN: [&str; 8] = [
    "WorkflowId",
    "RunId",
    "WorkflowType",
    "TaskQueue",
    "ExecutionStatus",
    "StartTime",
    "CloseTime",
    "HistoryLength",
];

/// Which executions to show. The default shows all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter(Option<Node>);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    All(Vec<Self>),
    Any(Vec<Self>),
    Test {
        attribute: String,
        op: Op,
        values: Vec<Value>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    StartsWith,
    IsNull,
    IsNotNull,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Text(String),
    Number(f64),
    Time(SimTime),
    Truth(bool),
}

impl Filter {
    /// Reads a filter; `custom` are the custom search attributes that there are.
    ///
    /// # Errors
    ///
    /// Says what is wrong, at which character, and what would be right.
    pub fn parse(text: &str, custom: &[String]) -> Result<Self, String> {
        let tokens = tokens(text).map_err(|(at, why)| place(at, &why))?;
        let mut parser = Parser { tokens, at: 0, custom };
        if parser.tokens.len() == 1 {
            return Ok(Self(None));
        }
        let node = parser.any().and_then(|node| match parser.peek() {
            Token::End => Ok(node),
            _ => Err("AND, OR or the end is wanted here".to_owned()),
        });
        node.map(|node| Self(Some(node)))
            .map_err(|why| place(parser.tokens[parser.at.min(parser.tokens.len() - 1)].0, &why))
    }

    /// Whether an execution is shown.
    pub fn takes(&self, execution: &Execution) -> bool {
        self.0.as_ref().is_none_or(|node| node.takes(execution))
    }
}

fn place(at: usize, why: &str) -> String {
    format!("invalid query, at character {at}: {why}")
}

impl Node {
    fn takes(&self, execution: &Execution) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.takes(execution)),
            Self::Any(nodes) => nodes.iter().any(|node| node.takes(execution)),
            Self::Test { attribute, op, values } => {
                let there = values_of(execution, attribute);
                let holds = |value: &Value| there.iter().any(|there| op.holds(there, value));
                match op {
                    Op::IsNull => there.is_empty(),
                    Op::IsNotNull => !there.is_empty(),
                    Op::NotEqual => !there.is_empty() && !values.iter().any(|value| there.contains(value)),
                    _ => values.iter().any(holds),
                }
            }
        }
    }
}

impl Op {
    fn holds(self, there: &Value, wanted: &Value) -> bool {
        if let (Self::StartsWith, Value::Text(there), Value::Text(wanted)) = (self, there, wanted) {
            return there.starts_with(wanted);
        }
        let Some(order) = there.compared(wanted) else {
            return false;
        };
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::NotEqual | Self::StartsWith | Self::IsNull | Self::IsNotNull => false,
        }
    }
}

impl Value {
    fn compared(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b),
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(b)),
            (Self::Truth(a), Self::Truth(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

/// What an execution has under that name: nothing, one value, or the members of a list.
fn values_of(execution: &Execution, attribute: &str) -> Vec<Value> {
    let text = |text: &str| vec![Value::Text(text.to_owned())];
    match attribute {
        "WorkflowId" => text(&execution.workflow_id),
        "RunId" => text(&execution.run_id),
        "WorkflowType" => text(&execution.workflow_type),
        "TaskQueue" => text(&execution.task_queue),
        "ExecutionStatus" => text(execution.status),
        "StartTime" => vec![Value::Time(execution.start_time)],
        "CloseTime" => execution.close_time.map(Value::Time).into_iter().collect(),
        "HistoryLength" => execution
            .history_length
            .map(|length| Value::Number(f64::from(i32::try_from(length).unwrap_or(i32::MAX))))
            .into_iter()
            .collect(),
        custom => {
            let found = execution.search_attributes.iter().find(|(name, _)| name == custom);
            found.map_or_else(Vec::new, |(_, value)| of_json(value))
        }
    }
}

fn of_json(value: &Json) -> Vec<Value> {
    match value {
        Json::Null | Json::Object(_) => Vec::new(),
        Json::Bool(truth) => vec![Value::Truth(*truth)],
        Json::Number(number) => number.as_f64().map(Value::Number).into_iter().collect(),
        Json::String(text) => vec![Value::Text(text.clone())],
        Json::Array(items) => items.iter().flat_map(of_json).collect(),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Number(f64),
    Sign(&'static str),
    End,
}

/// The tokens, each with the place of its first character, from 1. The last one is the end.
fn tokens(text: &str) -> Result<Vec<(usize, Token)>, (usize, String)> {
    const SIGNS: [&str; 9] = ["!=", "<=", ">=", "=", "<", ">", "(", ")", ","];
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let at = text[..text.len() - rest.len()].chars().count() + 1;
        let Some(first) = rest.chars().next() else {
            tokens.push((at, Token::End));
            return Ok(tokens);
        };
        if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            tokens.push((at, Token::Sign(sign)));
            rest = &rest[sign.len()..];
        } else if ['\'', '"', '`'].contains(&first) {
            let Some(length) = rest[1..].find(first) else {
                return Err((at, format!("the {first} that begins here has no end")));
            };
            let inner = rest[1..=length].to_owned();
            let token = if first == '`' {
                Token::Word(inner)
            } else {
                Token::Text(inner)
            };
            tokens.push((at, token));
            rest = &rest[length + 2..];
        } else {
            let is_part = |c: char| c.is_alphanumeric() || "_.-+".contains(c);
            let (word, more) = rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len()));
            let token = match word.parse() {
                _ if word.is_empty() => return Err((at, format!("“{first}” means nothing here"))),
                Ok(number) if !first.is_alphabetic() => Token::Number(number),
                _ => Token::Word(word.to_owned()),
            };
            tokens.push((at, token));
            rest = more;
        }
    }
}

struct Parser<'a> {
    tokens: Vec<(usize, Token)>,
    at: usize,
    custom: &'a [String],
}

/// Parentheses within parentheses.
const MAX_DEPTH: usize = 50;

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(_, token)| token)
    }

    fn takes_sign(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(sign) if *sign == wanted);
        self.at += usize::from(found);
        found
    }

    fn takes_word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Result<Node, String> {
        let mut nodes = vec![self.all()?];
        while self.takes_word("OR") {
            nodes.push(self.all()?);
        }
        Ok(Node::Any(nodes))
    }

    fn all(&mut self) -> Result<Node, String> {
        let mut nodes = vec![self.one()?];
        while self.takes_word("AND") {
            nodes.push(self.one()?);
        }
        Ok(Node::All(nodes))
    }

    fn one(&mut self) -> Result<Node, String> {
        let before = &self.tokens[..self.at];
        if before.iter().filter(|(_, token)| *token == Token::Sign("(")).count() > MAX_DEPTH {
            return Err(format!("there are more than {MAX_DEPTH} parentheses"));
        }
        if self.takes_sign("(") {
            let node = self.any()?;
            return if self.takes_sign(")") {
                Ok(node)
            } else {
                Err("AND, OR or ) is wanted here".to_owned())
            };
        }
        let attribute = self.attribute()?;
        let (op, is_list) = self.op(&attribute)?;
        let values = match op {
            Op::IsNull | Op::IsNotNull => Vec::new(),
            _ if is_list => self.list(&attribute)?,
            _ => vec![self.value(&attribute)?],
        };
        Ok(Node::Test { attribute, op, values })
    }

    fn attribute(&mut self) -> Result<String, String> {
        let Token::Word(name) = self.peek().clone() else {
            return Err(format!("the name of an attribute is wanted here: {}", self.known()));
        };
        if !KNOWN.contains(&name.as_str()) && !self.custom.contains(&name) {
            return Err(format!("invalid search attribute: {name}; there are {}", self.known()));
        }
        self.at += 1;
        Ok(name)
    }

    fn known(&self) -> String {
        let custom = self.custom.iter().map(String::as_str);
        KNOWN.into_iter().chain(custom).collect::<Vec<_>>().join(", ")
    }

    /// The comparison, and whether a list follows.
    fn op(&mut self, attribute: &str) -> Result<(Op, bool), String> {
        let start = self.at;
        let op = match self.peek().clone() {
            Token::Sign("=") => Op::Equal,
            Token::Sign("!=") => Op::NotEqual,
            Token::Sign("<") => Op::Less,
            Token::Sign("<=") => Op::LessOrEqual,
            Token::Sign(">") => Op::Greater,
            Token::Sign(">=") => Op::GreaterOrEqual,
            Token::Word(word) if word.eq_ignore_ascii_case("STARTS_WITH") => Op::StartsWith,
            Token::Word(word) if word.eq_ignore_ascii_case("IN") => {
                self.at += 1;
                return Ok((Op::Equal, true));
            }
            Token::Word(word) if word.eq_ignore_ascii_case("IS") => {
                self.at += 1;
                let op = if self.takes_word("NOT") {
                    Op::IsNotNull
                } else {
                    Op::IsNull
                };
                return if self.takes_word("NULL") {
                    Ok((op, false))
                } else {
                    Err("NULL or NOT NULL is wanted here".to_owned())
                };
            }
            _ => return Err("=, !=, <, <=, >, >=, IN, STARTS_WITH or IS NULL is wanted here".to_owned()),
        };
        let has_order = !matches!(op, Op::Equal | Op::NotEqual);
        let is_text = !["StartTime", "CloseTime", "HistoryLength"].contains(&attribute);
        if (attribute == "ExecutionStatus" && has_order) || (op == Op::StartsWith && !is_text) {
            self.at = start;
            return Err(format!("{attribute} cannot be compared like this"));
        }
        self.at += 1;
        Ok((op, false))
    }

    fn list(&mut self, attribute: &str) -> Result<Vec<Value>, String> {
        if !self.takes_sign("(") {
            return Err("( is wanted here: write IN ('a', 'b')".to_owned());
        }
        let mut values = vec![self.value(attribute)?];
        while self.takes_sign(",") {
            values.push(self.value(attribute)?);
        }
        if self.takes_sign(")") {
            Ok(values)
        } else {
            Err("a comma or ) is wanted here".to_owned())
        }
    }

    /// A value that the attribute can have.
    fn value(&mut self, attribute: &str) -> Result<Value, String> {
        let value = match (attribute, self.peek().clone()) {
            ("StartTime" | "CloseTime", Token::Text(text)) => Value::Time(time(&text)?),
            ("StartTime" | "CloseTime", _) => return Err("a time in quotes is wanted here, like '12s'".to_owned()),
            ("HistoryLength", Token::Number(number)) => Value::Number(number),
            ("HistoryLength", _) => return Err("a number is wanted here, without quotes".to_owned()),
            ("ExecutionStatus", Token::Text(text)) if RunStatus::ALL.iter().all(|status| status.name() != text) => {
                let known = RunStatus::ALL.map(RunStatus::name).join(", ");
                return Err(format!("invalid ExecutionStatus value '{text}'; there are {known}"));
            }
            (_, Token::Text(text)) => Value::Text(text),
            (name, _) if KNOWN.contains(&name) => return Err("text in quotes is wanted here".to_owned()),
            (_, Token::Number(number)) => Value::Number(number),
            (_, Token::Word(word)) if word.eq_ignore_ascii_case("true") => Value::Truth(true),
            (_, Token::Word(word)) if word.eq_ignore_ascii_case("false") => Value::Truth(false),
            _ => return Err("text in quotes, a number, true or false is wanted here".to_owned()),
        };
        self.at += 1;
        Ok(value)
    }
}

fn time(text: &str) -> Result<SimTime, String> {
    let date = Timestamp::parse(text).map(Timestamp::sim_time);
    let span = || Span::parse(text).map(|span| SimTime::ZERO + span);
    date.or_else(span).ok_or_else(|| {
        let example = Timestamp::of(SimTime::ZERO + Span::secs(12));
        format!("unable to parse datetime '{text}'; write '{example}', or '12s' for 12 s after the beginning")
    })
}
