//! A connection that works: the cluster answers and has the namespace. If not, why not and what to do.

use std::time::Duration;

use temporalio_client::errors::ClientConnectError;
use temporalio_client::tonic::{Code, IntoRequest as _, Status};
use temporalio_client::{Client, ClientOptions, Connection};
use temporalio_protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;

use super::ClusterError;
use super::settings::Settings;

/// Nobody who is there takes longer to say so.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connects, and makes sure that the namespace is there.
pub async fn connect(settings: Settings) -> Result<Client, ClusterError> {
    let address = settings.address();
    let Settings {
        mut connection,
        namespace,
    } = settings;
    connection.connect_timeout = Some(PATIENCE);
    let connection = match tokio::time::timeout(PATIENCE, Connection::connect(connection)).await {
        Ok(connected) => connected.map_err(|error| why_not(&address, &error))?,
        Err(_) => return Err(nobody(&address, &format!("no answer in {} s", PATIENCE.as_secs()))),
    };
    let request = DescribeNamespaceRequest {
        namespace: namespace.clone(),
        ..Default::default()
    };
    let described = connection
        .workflow_service()
        .describe_namespace(request.into_request())
        .await;
    match described {
        Err(status) if status.code() == Code::NotFound => return Err(no_namespace(&address, &namespace)),
        // Who may run workflows may not always describe their namespace.
        Ok(_) | Err(_) => {}
    }
    Client::new(connection, ClientOptions::new(namespace).build()).map_err(|error| ClusterError(error.to_string()))
}

fn no_namespace(address: &str, namespace: &str) -> ClusterError {
    ClusterError(format!(
        "{address} has no namespace “{namespace}”. Make it with `temporal operator namespace create -n {namespace}` \
         (it takes a few seconds to be known), or name another with --namespace"
    ))
}

fn nobody(address: &str, why: &str) -> ClusterError {
    ClusterError(format!(
        "no Temporal Service answers at {address} ({why}). Start one with `temporal server start-dev`, or name another \
         with --address or TEMPORAL_ADDRESS"
    ))
}

fn why_not(address: &str, error: &ClientConnectError) -> ClusterError {
    match error {
        ClientConnectError::SystemInfoCallError(status) => refused(address, status),
        ClientConnectError::DnsResolutionError { host, .. } => nobody(address, &format!("no host is called “{host}”")),
        other => nobody(address, &innermost(other)),
    }
}

fn refused(address: &str, status: &Status) -> ClusterError {
    match status.code() {
        Code::Unauthenticated | Code::PermissionDenied => ClusterError(format!(
            "{address} lets nobody in without the right key: {}. Give TEMPORAL_API_KEY, or a client certificate by \
             TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH",
            status.message()
        )),
        Code::Unavailable => nobody(address, &innermost(status)),
        _ => nobody(address, status.message()),
    }
}

/// The cause of the cause of …: `Connection refused (os error 111)`.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}
