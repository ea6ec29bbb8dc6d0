//! A real Temporal server for a while: `temporal server start-dev`, on this machine only, in memory. It never outlives
//! this process, whatever becomes of it: a keeper, this program again, stands between them and ends the server when the
//! pipe to it closes.

use std::fs::File;
use std::io::Read as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use sagascope::service::limits::Limits;
use temporalio_client::{Connection, ConnectionOptions, Url};

use crate::cli::SCRATCH;

/// The release of the CLI, with server 1.32.0.
const VERSION: &str = "1.9.1";

/// The search attributes that scenarios may set.
const SEARCH_ATTRIBUTES: [(&str, &str); 6] = [
    ("Colour", "Keyword"),
    ("Note", "Text"),
    ("Count", "Int"),
    ("Share", "Double"),
    ("Urgent", "Bool"),
    ("Tags", "KeywordList"),
];

/// How long it may take to start.
const START: Duration = Duration::from_secs(30);

/// A running server.
pub(crate) struct Server {
    /// Where it listens: `http://127.0.0.1:…`.
    pub(crate) address: String,
    keeper: Child,
}

/// The `temporal` to use: that of the environment, else what `./dev` has installed, else the one on the path. Or why
/// there is none.
pub(crate) fn binary() -> Result<PathBuf, String> {
    let named = std::env::var_os("TEMPORAL_CLI").map(PathBuf::from);
    let installed = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/temporal/bin/temporal");
    let found = named.unwrap_or_else(|| {
        if installed.exists() {
            installed
        } else {
            "temporal".into()
        }
    });
    let output = Command::new(&found).arg("--version").output();
    let Ok(output) = output else {
        return Err("no `temporal` (./dev conformance installs it; or set TEMPORAL_CLI)".to_owned());
    };
    let says = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if says.split_whitespace().any(|word| word == VERSION) {
        Ok(found)
    } else {
        Err(format!("{} is not version {VERSION} but says: {says}", found.display()))
    }
}

impl Server {
    /// Starts one with these namespaces and limits, and waits until it can be used.
    pub(crate) async fn start(number: usize, namespaces: &[String], limits: &Limits) -> Result<Self, String> {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .map_err(|error| format!("no free port: {error}"))?
            .port();
        let mut arguments: Vec<String> = ["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port"]
            .map(str::to_owned)
            .to_vec();
        arguments.push(port.to_string());
        for namespace in namespaces {
            arguments.extend(["--namespace".to_owned(), namespace.clone()]);
        }
        for (name, kind) in SEARCH_ATTRIBUTES {
            arguments.extend(["--search-attribute".to_owned(), format!("{name}={kind}")]);
        }
        for (key, value) in config(limits) {
            arguments.extend(["--dynamic-config-value".to_owned(), format!("{key}={value}")]);
        }
        let log = PathBuf::from(SCRATCH).join(format!("server-{number}.log"));
        let log = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let keeper = Command::new(std::env::current_exe().map_err(|error| error.to_string())?)
            .arg("keep")
            .arg(binary()?)
            .args(&arguments)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().map_err(|error| error.to_string())?)
            .stderr(log)
            .spawn()
            .map_err(|error| format!("the server does not start: {error}"))?;
        let server = Self {
            address: format!("http://127.0.0.1:{port}"),
            keeper,
        };
        let began = Instant::now();
        while let Err(error) = server.connect().await {
            if began.elapsed() > START {
                return Err(format!("the server does not answer: {error}"));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(server)
    }

    /// A connection to it.
    pub(crate) async fn connect(&self) -> Result<Connection, String> {
        connect(&self.address).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// A connection to a server.
pub(crate) async fn connect(address: &str) -> Result<Connection, String> {
    let url: Url = address.parse().map_err(|error| format!("{address}: {error}"))?;
    let options = ConnectionOptions::new(url).build();
    Connection::connect(options).await.map_err(|error| error.to_string())
}

/// The keeper: runs a command until its own standard input is closed, or the command ends by itself.
pub(crate) fn keep(command: &[String]) -> ExitCode {
    let [program, arguments @ ..] = command else {
        return ExitCode::FAILURE;
    };
    let Ok(mut child) = Command::new(program).args(arguments).stdin(Stdio::null()).spawn() else {
        return ExitCode::FAILURE;
    };
    let mut nothing = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut nothing);
    let _ = child.kill();
    let _ = child.wait();
    ExitCode::SUCCESS
}

/// What differs from a server's own limits, as its dynamic configuration says it.
fn config(limits: &Limits) -> Vec<(&'static str, u64)> {
    let usual = values(&Limits::default());
    let wanted = values(limits).into_iter().zip(usual);
    wanted
        .filter(|(wanted, usual)| wanted != usual)
        .map(|(wanted, _)| wanted)
        .collect()
}

fn values(limits: &Limits) -> Vec<(&'static str, u64)> {
    vec![
        ("limit.historyCount.error", limits.history_events.into()),
        ("limit.historySize.error", limits.history_bytes),
        ("limit.historyCount.suggestContinueAsNew", limits.suggest_events.into()),
        ("limit.historySize.suggestContinueAsNew", limits.suggest_bytes),
        ("limit.historyCount.warn", limits.warn_events.into()),
        ("limit.historySize.warn", limits.warn_bytes),
        ("limit.blobSize.error", limits.payload_bytes),
        ("limit.blobSize.warn", limits.warn_payload_bytes),
        ("limit.numPendingActivities.error", limits.pending_activities.into()),
        ("limit.numPendingChildExecutions.error", limits.pending_children.into()),
        ("limit.numPendingSignals.error", limits.pending_signals.into()),
        ("limit.numPendingCancelRequests.error", limits.pending_cancels.into()),
        ("history.maximumSignalsPerExecution", limits.signals.into()),
        ("history.maxTotalUpdates", limits.updates.into()),
        ("history.maxInFlightUpdates", limits.updates_in_flight.into()),
        ("history.maximumBufferedEventsBatch", limits.buffered_events.into()),
        ("limit.maxIDLength", limits.id_bytes.into()),
    ]
}
