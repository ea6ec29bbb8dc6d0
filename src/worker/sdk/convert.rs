//! How a message changes sides: the SDK has its own copy of Temporal's types, made from the same descriptors.
//!
//! Payloads are in nearly every job and command, and are taken over field by field. Other messages are rare, or small, and
//! cross through their bytes.

use std::time::Duration;

use prost::Message;
use temporalio_common::protos::temporal::api::common::v1::Payload as SdkPayload;

use crate::base::time::Span;
use crate::history::proto::{Payload, Payloads};

/// The same message in the other copy of Temporal's types.
pub(super) fn recode<A: Message, B: Message + Default>(message: &A) -> B {
    B::decode(message.encode_to_vec().as_slice()).expect("both copies come from the same descriptors")
}

/// A payload for the SDK.
pub(crate) fn to_sdk(payload: &Payload) -> SdkPayload {
    if !payload.external_payloads.is_empty() {
        return recode(payload);
    }
    let metadata = payload.metadata.iter();
    SdkPayload {
        metadata: metadata.map(|(key, value)| (key.clone(), value.clone())).collect(),
        data: payload.data.clone(),
        external_payloads: Vec::new(),
    }
}

/// A payload of the SDK's.
pub(crate) fn from_sdk(payload: SdkPayload) -> Payload {
    if !payload.external_payloads.is_empty() {
        return recode(&payload);
    }
    Payload {
        metadata: payload.metadata.into_iter().collect(),
        data: payload.data,
        external_payloads: Vec::new(),
    }
}

/// A payload of the SDK's that stands alone.
pub(super) fn one_payload(payload: SdkPayload) -> Payloads {
    Payloads {
        payloads: vec![from_sdk(payload)],
    }
}

/// A duration of the SDK's; absent is zero, Temporal's "not set".
pub(super) fn span<D: Clone + TryInto<Duration>>(duration: Option<&D>) -> Span {
    let duration = duration.and_then(|duration| duration.clone().try_into().ok());
    duration.map_or(Span::ZERO, |duration| {
        Span(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
    })
}
