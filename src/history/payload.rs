//! Payloads as this project uses them: JSON in the SDK's default encoding.

use super::proto::{Payload, Payloads};

const ENCODING: &str = "encoding";
const JSON: &[u8] = b"json/plain";
const NULL: &[u8] = b"binary/null";

/// One value as the SDKs encode it by default. `null` has an encoding of its own and no data.
pub fn json(value: &serde_json::Value) -> Payloads {
    if value.is_null() {
        of(NULL, Vec::new())
    } else {
        of(JSON, value.to_string().into_bytes())
    }
}

/// One value that is written as JSON already, as the Temporal CLI passes on what it is given.
pub fn written(json: &str) -> Payloads {
    of(JSON, json.as_bytes().to_vec())
}

fn of(encoding: &[u8], data: Vec<u8>) -> Payloads {
    let metadata = [(ENCODING.to_owned(), encoding.to_vec())].into_iter().collect();
    Payloads {
        payloads: vec![Payload {
            metadata,
            data,
            ..Default::default()
        }],
    }
}

/// The first value of some payloads; `null` if there is none or it is not JSON.
pub fn first_value(payloads: Option<&Payloads>) -> serde_json::Value {
    payloads
        .and_then(|payloads| payloads.payloads.first())
        .and_then(|payload| serde_json::from_slice(&payload.data).ok())
        .unwrap_or_default()
}

/// All values of some payloads, in order; `null` for one that is not JSON.
pub fn values(payloads: Option<&Payloads>) -> Vec<serde_json::Value> {
    let payloads = payloads.iter().flat_map(|payloads| &payloads.payloads);
    payloads
        .map(|payload| serde_json::from_slice(&payload.data).unwrap_or_default())
        .collect()
}
