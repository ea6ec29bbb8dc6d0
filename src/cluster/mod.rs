//! The same workflows on a real Temporal cluster, through the official SDK. Native, behind the feature `cluster`.
//!
//! - [`settings`]: where the cluster is and how to get in, from flags, environment and `temporal.toml`
//! - [`connect`]: a connection that works, or words for why it does not
//! - [`activities`]: the world's activities on the official worker, in real time
//! - [`worker`]: a worker with all workflows and activities
//! - [`starter`]: starts a story's workflow there and waits for its result
//!
//! This layer takes the plain workflows of `workflows` and the `World`; the simulated Service and worker are not
//! here. Unlike the engine it has a clock, sleeps and a network.

pub mod activities;
pub mod connect;
pub mod replayer;
pub mod settings;
pub mod starter;
pub mod worker;

/// Why something could not be done, for people: what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterError(pub String);

impl std::fmt::Display for ClusterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ClusterError {}
