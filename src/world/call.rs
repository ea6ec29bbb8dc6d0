//! What a worker and the world say to each other: a call, how long it takes, how it fails.

use std::error::Error;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::base::time::Span;

/// One attempt of an activity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call<'a> {
    /// `ProcessPayment`.
    pub activity_type: &'a str,
    /// The activity's first argument, decoded.
    pub input: &'a Value,
    /// The workflow that scheduled it.
    pub workflow_id: &'a str,
    /// The activity's id within that workflow.
    pub activity_id: &'a str,
    /// Which attempt, from 1.
    pub attempt: u32,
}

/// When things happen during an attempt, both measured from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// When the world changes: the time for `World::perform`.
    pub effect_after: Span,
    /// When the activity function returns what `World::perform` said. Never before the effect.
    pub answer_after: Span,
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
}

impl Call<'_> {
    /// What tells this piece of work apart from all others: the same for all attempts, whoever makes them.
    pub fn key(&self) -> String {
        format!("{}/{}", self.workflow_id, self.activity_id)
    }

    /// The input as the type that the activity takes. A retry would bring the same input, so there is no point in one.
    pub(super) fn decode<T: for<'de> Deserialize<'de>>(&self) -> Result<T, ActivityError> {
        T::deserialize(self.input)
            .map_err(|error| ActivityError::fatal("InvalidInput", format!("{}: {error}", self.activity_type)))
    }
}

impl ActivityError {
    /// An error that a retry may overcome.
    pub(super) fn retryable(error_type: &str, message: impl Into<String>) -> Self {
        Self {
            error_type: error_type.to_owned(),
            message: message.into(),
            non_retryable: false,
        }
    }

    /// An error that no retry can overcome.
    pub(super) fn fatal(error_type: &str, message: impl Into<String>) -> Self {
        Self {
            error_type: error_type.to_owned(),
            message: message.into(),
            non_retryable: true,
        }
    }
}

impl fmt::Display for ActivityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.message)
    }
}

impl Error for ActivityError {}
