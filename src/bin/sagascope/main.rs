//! The command line of the lab's own stories, and, with the feature `cluster`, the way to a real Temporal cluster.

#[cfg(feature = "cluster")]
mod cluster;

use std::process::ExitCode;

#[cfg(not(feature = "cluster"))]
fn main() -> ExitCode {
    sagascope::cli::run(sagascope::catalogue::stories::LAB)
}

#[cfg(feature = "cluster")]
fn main() -> ExitCode {
    cluster::main()
}
