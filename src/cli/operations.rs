//! `sagascope list`, `describe` and `task-queue describe`: what an operator asks about a run, with the words of the
//! `temporal` CLI.

use std::io::Write;

use crate::sim::story::Catalogue;
use crate::view::filter::Filter;
use crate::view::{description, listing, task_queue};
use serde_json::Value;

use super::opened::{Moment, open};
use super::{Exit, Unusable};

#[derive(clap::Args)]
pub struct ListArguments {
    #[command(flatten)]
    look: Look,
    /// Which executions, in Temporal's list filter: `WorkflowType='X' AND ExecutionStatus='Running'`.
    #[arg(long, short, value_name = "QUERY", default_value = "")]
    query: String,
}

#[derive(clap::Args)]
pub struct DescribeArguments {
    #[command(flatten)]
    look: Look,
    /// Workflow id.
    #[arg(long, short)]
    workflow_id: String,
    /// Run id; the latest run if none is given.
    #[arg(long, short)]
    run_id: Option<String>,
}

#[derive(clap::Subcommand)]
pub enum TaskQueue {
    /// Say who polls a task queue, and what waits in it.
    Describe(TaskQueueArguments),
}

#[derive(clap::Args)]
pub struct TaskQueueArguments {
    #[command(flatten)]
    look: Look,
    /// The task queue's name.
    #[arg(long, short)]
    task_queue: String,
}

#[derive(clap::Args)]
struct Look {
    /// A file that `run --save` wrote, or an address: `worker-dies?seed=7&do=41:kill:A`.
    #[arg(long, value_name = "FILE|ADDRESS")]
    run: String,
    #[command(flatten)]
    moment: Moment,
    /// Print JSON, as the `temporal` CLI does with `--output json`.
    #[arg(long)]
    json: bool,
}

pub(crate) fn list(catalogue: Catalogue, arguments: &ListArguments, out: &mut dyn Write) -> Result<Exit, Unusable> {
    let sim = open(catalogue, &arguments.look.run, &arguments.look.moment)?;
    let filter = Filter::parse(&arguments.query, &listing::custom_attributes(&sim)).map_err(Unusable)?;
    let rows = listing::list(&sim, &filter);
    let json = || rows.iter().map(listing::Execution::json).collect();
    print(&arguments.look, out, &json, &|| listing::text(&rows))
}

pub(crate) fn describe(
    catalogue: Catalogue,
    arguments: &DescribeArguments,
    out: &mut dyn Write,
) -> Result<Exit, Unusable> {
    let sim = open(catalogue, &arguments.look.run, &arguments.look.moment)?;
    let run_id = arguments.run_id.as_deref();
    let description = description::describe(&sim, &arguments.workflow_id, run_id).map_err(Unusable)?;
    print(&arguments.look, out, &|| description.json(), &|| description.text())
}

pub(crate) fn task_queue(
    catalogue: Catalogue,
    TaskQueue::Describe(arguments): &TaskQueue,
    out: &mut dyn Write,
) -> Result<Exit, Unusable> {
    let sim = open(catalogue, &arguments.look.run, &arguments.look.moment)?;
    let queue = task_queue::describe(&sim, &arguments.task_queue);
    print(&arguments.look, out, &|| queue.json(), &|| queue.text())
}

fn print(
    look: &Look,
    out: &mut dyn Write,
    json: &dyn Fn() -> Value,
    text: &dyn Fn() -> String,
) -> Result<Exit, Unusable> {
    if look.json {
        writeln!(out, "{:#}", json())?;
    } else {
        write!(out, "{}", text())?;
    }
    Ok(Exit::Done)
}
