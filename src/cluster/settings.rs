//! Where the cluster is and how to get in. Flags go before the environment, the environment before `temporal.toml`: as
//! Temporal's own tools have it, and by their code.
//!
//! `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS…`, `TEMPORAL_PROFILE` and
//! `TEMPORAL_CONFIG_FILE` mean what they mean to the `temporal` CLI. Nothing is connected here.

use temporalio_client::envconfig::LoadClientConfigProfileOptions;
use temporalio_client::{ClientOptions, ConnectionOptions, Url};

use super::ClusterError;

/// What was said on the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `HOST:PORT`, or a URL.
    pub address: Option<String>,
    /// Temporal namespace.
    pub namespace: Option<String>,
}

/// All that a connection needs.
pub struct Settings {
    /// Address, TLS, API key, headers.
    pub connection: ConnectionOptions,
    /// Temporal namespace.
    pub namespace: String,
}

/// The settings of this process.
pub fn settings(flags: &Flags) -> Result<Settings, ClusterError> {
    settled(flags, LoadClientConfigProfileOptions::default())
}

fn settled(flags: &Flags, elsewhere: LoadClientConfigProfileOptions) -> Result<Settings, ClusterError> {
    let (mut connection, client) = ClientOptions::load_from_config(elsewhere).map_err(|error| {
        ClusterError(format!(
            "the settings in the environment or temporal.toml cannot be used: {error}"
        ))
    })?;
    if let Some(address) = &flags.address {
        let encrypted = connection.tls_options.is_some() || connection.api_key.is_some();
        connection.target = url(address, encrypted)?;
    }
    connection.identity = format!("{}@sagascope", std::process::id());
    Ok(Settings {
        connection,
        namespace: flags.namespace.clone().unwrap_or(client.namespace),
    })
}

/// The URL of `HOST:PORT`. A URL stays as it is.
fn url(address: &str, encrypted: bool) -> Result<Url, ClusterError> {
    let scheme = if encrypted { "https" } else { "http" };
    let url = match address.contains("://") {
        true => Url::parse(address),
        false => Url::parse(&format!("{scheme}://{address}")),
    };
    url.ok().filter(|url| url.has_host()).ok_or_else(|| {
        ClusterError(format!(
            "“{address}” is no address: give HOST:PORT, such as localhost:7233"
        ))
    })
}

impl Settings {
    /// `localhost:7233`
    pub fn address(&self) -> String {
        let target = &self.connection.target;
        let host = target.host_str().unwrap_or_default();
        format!("{host}:{}", target.port_or_known_default().unwrap_or(7233))
    }

    /// Where Temporal's Web UI of this cluster is, if that can be known: a dev server has it on this machine, a
    /// thousand ports further, and the Cloud on one host for all.
    pub fn web_ui(&self) -> Option<String> {
        let target = &self.connection.target;
        let host = target.host_str()?;
        if matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
            let port = target.port_or_known_default()?.checked_add(1_000)?;
            return Some(format!("http://{host}:{port}"));
        }
        let cloud = [".tmprl.cloud", ".api.temporal.io"]
            .iter()
            .any(|end| host.ends_with(end));
        cloud.then(|| "https://cloud.temporal.io".to_owned())
    }
}

/// The page of a run in the Web UI.
pub fn run_page(web_ui: &str, namespace: &str, workflow_id: &str, run_id: &str) -> String {
    let web_ui = web_ui.trim_end_matches('/');
    format!("{web_ui}/namespaces/{namespace}/workflows/{workflow_id}/{run_id}/history")
}

#[cfg(test)]
mod tests {
    use temporalio_client::envconfig::DataSource;

    use super::*;

    /// What a `temporal.toml` says, with the flags of a command line before it.
    fn with(flags: [Option<&str>; 2], file: &str) -> Settings {
        let [address, namespace] = flags.map(|flag| flag.map(str::to_owned));
        let elsewhere = LoadClientConfigProfileOptions::builder()
            .config_source(DataSource::Data(file.as_bytes().to_vec()))
            .disable_env(true)
            .build();
        settled(&Flags { address, namespace }, elsewhere).unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    const FILE: &str = "[profile.default]\naddress = \"there:7\"\nnamespace = \"theirs\"\n";

    #[test]
    fn flags_go_before_the_file_and_the_file_before_the_default() {
        let found = |settings: Settings| (settings.address(), settings.namespace);
        let both = |address: &str, namespace: &str| (address.to_owned(), namespace.to_owned());
        assert_eq!(found(with([None, None], "")), both("localhost:7233", "default"));
        assert_eq!(found(with([None, None], FILE)), both("there:7", "theirs"));
        assert_eq!(found(with([Some("here:8"), None], FILE)), both("here:8", "theirs"));
        assert_eq!(found(with([None, Some("mine")], FILE)), both("there:7", "mine"));
    }

    #[test]
    fn an_address_without_a_scheme_is_encrypted_if_there_is_a_key() {
        let scheme =
            |address: &str, file: &str| with([Some(address), None], file).connection.target.scheme().to_owned();
        assert_eq!(scheme("here:8", FILE), "http");
        assert_eq!(scheme("here:8", &format!("{FILE}api_key = \"k\"\n")), "https");
        assert_eq!(scheme("https://here:8", FILE), "https");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for address in ["", "http://", "a b", "here:port"] {
            assert!(url(address, false).is_err(), "{address}");
        }
    }

    #[test]
    fn the_web_ui_is_known_of_dev_servers_and_the_cloud() {
        let web_ui = |address: &str| with([Some(address), None], "").web_ui();
        assert_eq!(web_ui("localhost:7233").as_deref(), Some("http://localhost:8233"));
        assert_eq!(web_ui("127.0.0.1:7300").as_deref(), Some("http://127.0.0.1:8300"));
        assert_eq!(
            web_ui("a.b.tmprl.cloud:7233").as_deref(),
            Some("https://cloud.temporal.io")
        );
        assert_eq!(web_ui("temporal.example.org:7233"), None);
        assert_eq!(
            run_page("http://localhost:8233/", "default", "order-1001", "r"),
            "http://localhost:8233/namespaces/default/workflows/order-1001/r/history"
        );
    }
}
