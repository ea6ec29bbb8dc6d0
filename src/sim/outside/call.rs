//! What a worker asks of the outside, and how that fails: one attempt of an activity, and an activity's error.
//!
//! How long an attempt takes is in `plan.rs`.

use std::error::Error;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::base::time::Span;

/// Looking up a type that is not there: no work, hardly any time.
pub(super) const LOOKS_IT_UP: Span = Span::millis(2);

/// One attempt of an activity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call<'a> {
    /// `ProcessPayment`.
    pub activity_type: &'a str,
    /// The activity's arguments, decoded; null for one that is not JSON.
    pub arguments: &'a [Value],
    /// The workflow that scheduled it.
    pub workflow_id: &'a str,
    /// The activity's id within that workflow.
    pub activity_id: &'a str,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// The last progress that the attempts before reported, null for none.
    pub last_heartbeat: &'a Value,
    /// Which part of the attempt's work, from 1; see [`Plan::parts`](super::Plan::parts).
    pub part: u64,
}

/// How an activity function fails: what becomes Temporal's application failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityError {
    /// The error's type, which a retry policy can name.
    pub error_type: String,
    /// What it says.
    pub message: String,
    /// Whether the activity itself rules out a retry.
    pub non_retryable: bool,
    /// The delay that it wants before the next attempt, whatever the policy says.
    pub next_retry_delay: Option<Span>,
    /// What it carries besides its message.
    pub details: Option<Box<Value>>,
}

impl Call<'_> {
    /// What tells this piece of work apart from all others: the same for all attempts, whoever makes them.
    pub fn key(&self) -> String {
        format!("{}/{}", self.workflow_id, self.activity_id)
    }

    /// The first argument; null if there is none.
    pub fn input(&self) -> &Value {
        self.arguments.first().unwrap_or(&Value::Null)
    }

    /// The first argument as the type that the activity takes.
    ///
    /// # Errors
    ///
    /// `InvalidInput`, non-retryable, if it is of another type: a retry would bring the same.
    pub fn decode<T: for<'de> Deserialize<'de>>(&self) -> Result<T, ActivityError> {
        T::deserialize(self.input())
            .map_err(|error| ActivityError::fatal("InvalidInput", format!("{}: {error}", self.activity_type)))
    }
}

impl ActivityError {
    /// An error that a retry may overcome.
    pub fn retryable(error_type: &str, message: impl Into<String>) -> Self {
        Self {
            error_type: error_type.to_owned(),
            message: message.into(),
            non_retryable: false,
            next_retry_delay: None,
            details: None,
        }
    }

    /// An error that no retry can overcome.
    pub fn fatal(error_type: &str, message: impl Into<String>) -> Self {
        Self {
            error_type: error_type.to_owned(),
            message: message.into(),
            non_retryable: true,
            next_retry_delay: None,
            details: None,
        }
    }
}

impl fmt::Display for ActivityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.message)
    }
}

impl Error for ActivityError {}

/// What the SDK's worker answers for a type that is not among those it has, to the letter.
pub fn unregistered(activity_type: &str, has: &[&str]) -> ActivityError {
    let mut available = has.to_vec();
    available.sort_unstable();
    let available = available.join(", ");
    let message =
        format!("Activity {activity_type} is not registered on this worker, available activities: {available}");
    ActivityError::retryable("NotFoundError", message)
}
