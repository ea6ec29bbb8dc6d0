//! The command line: tells stories, runs them, asks about runs, shows histories. Everything it knows it gets from the library.
//!
//! Exit codes: 0 the run settled (or the command did what it was asked, or code and history go together), 1 it did not,
//! 2 the arguments or a file were not understood.

#[cfg(feature = "cluster")]
mod cluster;
mod opened;
mod operations;
mod output;
mod replay;
mod run;
mod show;
mod stories;
mod sweep;
mod watch;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::{Output, complain};

/// A laboratory for durable workflows: real Temporal workflows on a simulated Service and a virtual clock.
#[derive(Parser)]
#[command(name = "sagascope", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the stories: id, workflow type, one sentence.
    Stories,
    /// Run a story to its end and print each step as one line.
    Run(run::Arguments),
    /// Crash a worker at every step of a story and say what becomes of the order.
    Sweep(sweep::Arguments),
    /// Write the trace of a run as OTLP JSON, for any viewer of OpenTelemetry traces.
    Trace(watch::TraceArguments),
    /// Print the metrics of a run under the names of Temporal's SDKs and server.
    Metrics(watch::MetricsArguments),
    /// Say when too large a share of workflows or attempts failed; exit code 1 if there is such a time.
    Alert(watch::AlertArguments),
    /// List the workflow executions of a run, as `temporal workflow list` does.
    List(operations::ListArguments),
    /// Say how a workflow execution stands and what is pending, as `temporal workflow describe` does.
    Describe(operations::DescribeArguments),
    /// About one task queue.
    #[command(subcommand)]
    TaskQueue(operations::TaskQueue),
    /// Print a history, of a run or from a file, ours or a real server's, one line an event.
    Show(show::Arguments),
    /// Say whether the workflow code that is here goes together with a history.
    Replay(replay::Arguments),
    /// Work on a real Temporal cluster: the same workflows, through the official SDK.
    #[cfg(feature = "cluster")]
    Worker(cluster::WorkerArguments),
    /// Start a story's workflow on a real Temporal cluster and wait for its result.
    #[cfg(feature = "cluster")]
    Start(cluster::StartArguments),
}

/// What a command comes to.
pub(crate) enum Outcome {
    /// All went as asked.
    Done,
    /// The run did not settle, or a check failed.
    Unsettled,
}

/// Why a command could not be carried out, for people.
pub(crate) struct Unusable(pub(crate) String);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = Output::new();
    let outcome = match arguments.command {
        Command::Stories => stories::print(&mut out).map_err(Into::into),
        Command::Run(arguments) => run::run(&arguments, &mut out),
        Command::Sweep(arguments) => sweep::sweep(&arguments, &mut out),
        Command::Trace(arguments) => watch::trace(&arguments, &mut out),
        Command::Metrics(arguments) => watch::metrics(&arguments, &mut out),
        Command::Alert(arguments) => watch::alert(&arguments, &mut out),
        Command::List(arguments) => operations::list(&arguments, &mut out),
        Command::Describe(arguments) => operations::describe(&arguments, &mut out),
        Command::TaskQueue(what) => operations::task_queue(&what, &mut out),
        Command::Show(arguments) => show::show(&arguments, &mut out),
        Command::Replay(arguments) => replay::replay_file(&arguments, &mut out),
        #[cfg(feature = "cluster")]
        Command::Worker(arguments) => cluster::work(&arguments),
        #[cfg(feature = "cluster")]
        Command::Start(arguments) => cluster::run(&arguments),
    };
    match outcome.and_then(|outcome| Ok(out.flush().map(|()| outcome)?)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Unsettled) => ExitCode::from(1),
        Err(Unusable(why)) => {
            complain(&why);
            ExitCode::from(2)
        }
    }
}

impl From<io::Error> for Unusable {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}
