//! `sagascope worker` and `sagascope start`: the same workflows on a real Temporal cluster.

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use sagascope::base::chance::Chance;
use sagascope::catalogue::stories::{LAB, TASK_QUEUE};
use sagascope::catalogue::world::World;
use sagascope::cluster::activities::Stage;
use sagascope::cluster::connect::connect;
use sagascope::cluster::settings::{Flags, Settings, run_page, settings};
use sagascope::cluster::starter::{Started, ended, is_polled, start};
use sagascope::cluster::{ClusterError, worker};
use sagascope::sim::spec::DEFAULT_SEED;

use clap::{Parser, Subcommand};
use sagascope::cli::output::say;
use sagascope::cli::{self, Exit, Unusable};
use sagascope::sim::story::Story;

/// A laboratory for durable workflows: real Temporal workflows on a simulated Service and a virtual clock.
#[derive(Parser)]
#[command(name = "sagascope", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Lab(cli::Command),
    /// Work on a real Temporal cluster: the same workflows, through the official SDK.
    Worker(WorkerArguments),
    /// Start a story's workflow on a real Temporal cluster and wait for its result.
    Start(StartArguments),
}

pub(crate) fn main() -> ExitCode {
    let command = Arguments::parse().command;
    cli::finish(|out| match command {
        Command::Lab(command) => command.execute(LAB, out),
        Command::Worker(arguments) => work(&arguments),
        Command::Start(arguments) => run(&arguments),
    })
}

/// Where the cluster is. What is not given comes from TEMPORAL_… in the environment, or from temporal.toml.
#[derive(clap::Args)]
struct Place {
    /// The Service's gRPC address; localhost:7233 if nothing says otherwise.
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<String>,
    /// Temporal namespace; `default` if nothing says otherwise.
    #[arg(long)]
    namespace: Option<String>,
    /// The task queue that worker and workflow meet on.
    #[arg(long, default_value = TASK_QUEUE)]
    task_queue: String,
}

#[derive(clap::Args)]
struct WorkerArguments {
    #[command(flatten)]
    place: Place,
    /// The story whose world the activities act on: its stock, and what goes wrong in it. Crashes are up to you.
    #[arg(long, default_value = "all-goes-well")]
    story: String,
}

#[derive(clap::Args)]
struct StartArguments {
    /// Story id.
    story: String,
    #[command(flatten)]
    place: Place,
    /// Temporal's Web UI, for the link to the run; http://localhost:8233 for a dev server on its usual port.
    #[arg(long, value_name = "URL")]
    ui: Option<String>,
    /// Do not wait for the result.
    #[arg(long)]
    no_wait: bool,
}

/// How long a workflow may sit there before the reader is told that nobody takes it.
const HINT_AFTER: Duration = Duration::from_secs(5);

fn work(arguments: &WorkerArguments) -> Result<Exit, Unusable> {
    let story = named(&arguments.story)?;
    let settings = arguments.place.settings()?;
    let queue = &arguments.place.task_queue;
    let greeting = format!(
        "works on “{queue}” of {} at {}, in the world of “{}”; Ctrl-C to stop",
        settings.namespace,
        settings.address(),
        story.id
    );
    block_on(async {
        let client = connect(settings).await.map_err(unusable)?;
        let stage = Stage::new(
            World::new(World::config_of(&story.setup).clone()),
            Chance::new(DEFAULT_SEED),
            say,
        );
        let options = worker::options(queue, stage).map_err(|error| Unusable(error.to_string()))?;
        say(&greeting);
        worker::work(client, options, asked_to_stop, say)
            .await
            .map_err(unusable)?;
        Ok(Exit::Done)
    })
}

fn run(arguments: &StartArguments) -> Result<Exit, Unusable> {
    let story = named(&arguments.story)?;
    let settings = arguments.place.settings()?;
    let queue = &arguments.place.task_queue;
    let (namespace, web_ui) = (
        settings.namespace.clone(),
        arguments.ui.clone().or_else(|| settings.web_ui()),
    );
    block_on(async {
        let client = connect(settings).await.map_err(unusable)?;
        let started = start(&client, &story, queue).await.map_err(unusable)?;
        let run_id = started.run_id().unwrap_or_default();
        say(&format!(
            "started {} “{}”, run {run_id}",
            story.workflow_type(),
            story.setup.start.workflow_id
        ));
        if let Some(web_ui) = web_ui {
            say(&run_page(&web_ui, &namespace, &story.setup.start.workflow_id, run_id));
        }
        if arguments.no_wait {
            return Ok(Exit::Done);
        }
        match with_hint(&started, queue).await.map_err(unusable)? {
            Ok(result) => {
                say(&serde_json::to_string_pretty(&result).expect("a JSON value can be printed"));
                Ok(Exit::Done)
            }
            Err(end) => {
                say(&end);
                Ok(Exit::Unsettled)
            }
        }
    })
}

/// Waits for the end, and after a while says so if nobody works on it.
async fn with_hint(started: &Started, queue: &str) -> Result<Result<serde_json::Value, String>, ClusterError> {
    let end = ended(started);
    tokio::pin!(end);
    tokio::select! {
        end = &mut end => return end,
        () = tokio::time::sleep(HINT_AFTER) => {}
    }
    if is_polled(started.client(), queue).await == Some(false) {
        say(&format!(
            "no worker polls “{queue}”: start one with `sagascope worker --task-queue {queue}`; waiting for it"
        ));
    }
    end.await
}

impl Place {
    fn settings(&self) -> Result<Settings, Unusable> {
        let Self { address, namespace, .. } = self;
        let flags = Flags {
            address: address.clone(),
            namespace: namespace.clone(),
        };
        settings(&flags).map_err(unusable)
    }
}

fn named(id: &str) -> Result<Story, Unusable> {
    let ids = || LAB.ids().join(", ");
    LAB.named(id)
        .ok_or_else(|| Unusable(format!("there is no story “{id}”; there are {}", ids())))
}

fn block_on(work: impl Future<Output = Result<Exit, Unusable>>) -> Result<Exit, Unusable> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

/// Ctrl-C, or what a supervisor sends.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    drop(tokio::signal::ctrl_c().await);
}

fn unusable(trouble: ClusterError) -> Unusable {
    Unusable(trouble.0)
}
