//! A worker on a real server: a process of its own, so that it can be killed for real. Here is what runs in it, with the
//! official SDK, and the handle that the stage has on it.

use std::fs::File;
use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::SystemTime;

use sagascope::base::chance::Chance;
use sagascope::catalogue::world::World;
use sagascope::cluster::activities::Stage;
use sagascope::sim::script::WorkerSetup;
use temporalio_client::{Client, ClientOptions};
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};

use crate::cli::SCRATCH;
use crate::scenario::Scenario;
use crate::server::connect;
use crate::simulated::SEED;
use crate::think;

/// Said on the pipe to a worker that is to finish what it has in hand and to leave. If the pipe closes instead, it dies.
const LEAVE: &str = "leave";

// ---- The stage's side.

/// A worker process.
pub(crate) struct WorkerProcess {
    process: Child,
    /// When it was started.
    pub(crate) since: SystemTime,
}

impl WorkerProcess {
    /// Starts a worker of a scenario, by its letter, with that version of the code.
    pub(crate) fn launch(
        address: &str,
        namespace: &str,
        scenario: &Scenario,
        worker: u8,
        code: u8,
    ) -> Result<Self, String> {
        let log = PathBuf::from(SCRATCH).join(format!("{}-{}.log", scenario.name, char::from(b'A' + worker)));
        let log = File::options().create(true).append(true).open(&log);
        let log = log.map_err(|error| error.to_string())?;
        let since = SystemTime::now();
        let process = Command::new(std::env::current_exe().map_err(|error| error.to_string())?)
            .args([
                "worker",
                address,
                namespace,
                scenario.name,
                &worker.to_string(),
                &code.to_string(),
            ])
            .stdin(Stdio::piped())
            .stdout(log.try_clone().map_err(|error| error.to_string())?)
            .stderr(log)
            .spawn()
            .map_err(|error| format!("the worker does not start: {error}"))?;
        Ok(Self { process, since })
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Asks it to leave.
    pub(crate) fn leave(&mut self) {
        if let Some(pipe) = &mut self.process.stdin {
            let _ = writeln!(pipe, "{LEAVE}");
        }
    }

    /// Whether it has not ended.
    pub(crate) fn runs(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

// ---- In the process.

/// What a worker calls itself in histories.
pub(crate) fn identity(worker: u8) -> String {
    format!("worker-{}@lab", char::from(b'A' + worker))
}

/// Polls until it is told to leave, or killed.
pub(crate) fn run(address: &str, namespace: &str, scenario: &Scenario, worker: u8, code: u8) -> ExitCode {
    think::for_real();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(3)
        .enable_all()
        .build();
    let ran = runtime
        .map_err(|error| error.to_string())
        .and_then(|runtime| runtime.block_on(poll(address, namespace, scenario, worker, code)));
    if let Err(error) = &ran {
        eprintln!("{error}");
    }
    ExitCode::from(u8::from(ran.is_err()))
}

async fn poll(address: &str, namespace: &str, scenario: &Scenario, worker: u8, code: u8) -> Result<(), String> {
    let setup = &scenario.setup.workers[usize::from(worker)];
    let sdk = Runtime::from_current_tokio(Default::default()).map_err(|error| error.to_string())?;
    let client = Client::new(connect(address).await?, ClientOptions::new(namespace).build());
    let client = client.map_err(|error| error.to_string())?;
    let world = World::new(World::config_of(&scenario.setup).clone());
    let options = options(
        setup,
        identity(worker),
        scenario.versions[usize::from(code)].real,
        world,
        if scenario.cuts(worker) { 1 } else { 100 },
    );
    let mut worker = Worker::new(&sdk, client, options).map_err(|error| error.to_string())?;
    let (leave, runtime) = (worker.shutdown_handle(), tokio::runtime::Handle::current());
    std::thread::spawn(move || {
        let mut line = String::new();
        let _ = std::io::stdin().lock().read_line(&mut line);
        if line.trim() != LEAVE {
            std::process::abort();
        }
        let _in_runtime = runtime.enter();
        leave();
    });
    worker.run().await.map_err(|error| error.to_string())
}

/// One slot for workflow tasks is for a worker that is going to be cut off: a poll under way would swallow the next task.
fn options(
    setup: &WorkerSetup,
    identity: String,
    code: fn(&mut WorkerOptions),
    world: World,
    workflow_slots: usize,
) -> WorkerOptions {
    let slots = FixedSizeSlotSupplier::new;
    let tuner = TunerHolder::builder()
        .workflow_task_slot_supplier(slots(workflow_slots))
        .activity_task_slot_supplier(slots(setup.activity_slots as usize))
        .local_activity_task_slot_supplier(slots(100))
        .nexus_task_slot_supplier(slots(100))
        .build();
    let mut options = WorkerOptions::new(setup.task_queue.clone())
        .client_identity_override(identity)
        .max_cached_workflows(setup.cache as usize)
        .tuner(tuner)
        .build();
    if setup.workflows {
        code(&mut options);
    }
    if setup.activities {
        options.register_activities(Stage::new(world, Chance::new(SEED), |_| {}));
    }
    options
}
