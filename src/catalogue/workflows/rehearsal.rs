//! Activities without a meaning: they do what their input tells them to. For trying out how Temporal treats activities.
//! Declarations only; what they do is worked out in one place for every kind of worker.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use temporalio_macros::activity_definitions;

/// Three activities that differ in nothing but their type.
pub struct Stage;

#[activity_definitions]
impl Stage {
    #[activity(name = "Rehearse")]
    pub async fn rehearse(rehearsal: Rehearsal) -> Value {
        unimplemented!()
    }

    #[activity(name = "RehearseToo")]
    pub async fn rehearse_too(rehearsal: Rehearsal) -> Value {
        unimplemented!()
    }

    #[activity(name = "RehearseThree")]
    pub async fn rehearse_three(rehearsal: Rehearsal) -> Value {
        unimplemented!()
    }
}

/// What an attempt of these activities does. Spans are in milliseconds; what is absent is zero, empty or null.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rehearsal {
    /// How long an attempt takes.
    pub takes_ms: u64,
    /// The first so many attempts never answer.
    pub hangs: u32,
    /// The next so many attempts fail.
    pub fails: u32,
    /// The type of those failures; empty for none.
    pub error_type: String,
    /// Whether those failures rule out a retry.
    pub non_retryable: bool,
    /// The delay that those failures ask for; none if absent.
    pub next_retry_delay_ms: Option<u64>,
    /// What those failures carry besides their message; null for nothing.
    pub error_details: Value,
    /// How often an attempt reports progress; 0 for never. The details are a count that goes on over attempts.
    pub beats_every_ms: u64,
    /// An attempt stops reporting progress after so many times; 0 for never.
    pub beats: u32,
    /// What it does when it learns that it was cancelled.
    pub when_cancelled: WhenCancelled,
    /// How long it takes over that.
    pub cancel_takes_ms: u64,
    /// What it returns; the number of the attempt if null.
    pub returns: Value,
}

/// What an activity does when a heartbeat tells it that it was cancelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenCancelled {
    /// Goes on as if nothing had happened.
    #[default]
    Ignore,
    /// Stops, and says so.
    Confirm,
    /// Stops with a failure, made like the others but for its message.
    Fail,
}
