//! The command line: tells stories, runs them, asks about runs, shows histories. Which stories, a catalogue says.
//!
//! Exit codes: 0 the run settled (or the command did what it was asked, or code and history go together, or two
//! histories are the same), 1 it did not,
//! 2 the arguments or a file were not understood.

mod diff;
mod history_file;
mod lint;
mod opened;
mod operations;
pub mod output;
mod replay;
mod risk;
mod run;
mod show;
mod stories;
mod sweep;
mod watch;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::output::{Output, complain};
use crate::sim::story::Catalogue;

/// A laboratory for durable workflows: real Temporal workflows on a simulated Service and a virtual clock.
#[derive(Parser)]
#[command(name = "sagascope", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What can be asked for.
#[derive(Subcommand)]
pub enum Command {
    /// List the stories: id, workflow type, one sentence.
    Stories,
    /// Run a story to its end and print each step as one line.
    Run(run::Arguments),
    /// Crash a worker at every step of a story and say what becomes of the run.
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
    /// Find fault with a history: what is unwise in it, has gone wrong, or is about to; exit code 1 if there is anything.
    Lint(lint::Arguments),
    /// Say what two histories differ in, or two runs, or one and the other; exit code 1 if in anything.
    Diff(diff::Arguments),
    /// Say whether the workflow code that is here goes together with a history.
    Replay(replay::Arguments),
    /// Say what a crash of a worker could have done at any time of a history: what would have run twice, and who notices.
    Risk(risk::Arguments),
}

/// What a command comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All went as asked.
    Done,
    /// The run did not settle, or a check failed.
    Unsettled,
}

/// Why a command could not be carried out, for people.
#[derive(Debug)]
pub struct Unusable(pub String);

/// The command line of a lab with these stories: reads the program's arguments, does what they say, and gives back the
/// exit code.
pub fn run(catalogue: Catalogue) -> ExitCode {
    finish(|out| Arguments::parse().command.execute(catalogue, out))
}

/// Lets a command write to standard output, and says how it ended.
pub fn finish(command: impl FnOnce(&mut dyn Write) -> Result<Exit, Unusable>) -> ExitCode {
    let mut out = Output::default();
    let outcome = command(&mut out);
    match outcome.and_then(|outcome| Ok(out.flush().map(|()| outcome)?)) {
        Ok(Exit::Done) => ExitCode::SUCCESS,
        Ok(Exit::Unsettled) => ExitCode::from(1),
        Err(Unusable(why)) => {
            complain(&why);
            ExitCode::from(2)
        }
    }
}

impl Command {
    /// Does it, for a lab with these stories.
    ///
    /// # Errors
    ///
    /// Why it cannot be done, for people.
    pub fn execute(&self, catalogue: Catalogue, out: &mut dyn Write) -> Result<Exit, Unusable> {
        match self {
            Self::Stories => stories::print(catalogue, out).map_err(Into::into),
            Self::Run(arguments) => run::run(catalogue, arguments, out),
            Self::Sweep(arguments) => sweep::sweep(catalogue, arguments, out),
            Self::Trace(arguments) => watch::trace(catalogue, arguments, out),
            Self::Metrics(arguments) => watch::metrics(catalogue, arguments, out),
            Self::Alert(arguments) => watch::alert(catalogue, arguments, out),
            Self::List(arguments) => operations::list(catalogue, arguments, out),
            Self::Describe(arguments) => operations::describe(catalogue, arguments, out),
            Self::TaskQueue(what) => operations::task_queue(catalogue, what, out),
            Self::Show(arguments) => show::show(catalogue, arguments, out),
            Self::Lint(arguments) => lint::lint(arguments, out),
            Self::Diff(arguments) => diff::diff_two(catalogue, arguments, out),
            Self::Replay(arguments) => replay::replay_file(catalogue, arguments, out),
            Self::Risk(arguments) => risk::risk(arguments, out),
        }
    }
}

impl From<io::Error> for Unusable {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}
