//! Failures that the Service words itself, and what it does with those that are too large to keep.
//!
//! The words are the real Service's (server 1.32, `common/failure`).

use prost::Message as _;

use super::limits::bytes;
use crate::history::proto::{
    ApplicationFailureInfo, Failure, FailureInfo, ServerFailureInfo, TimeoutFailureInfo, TimeoutType,
};

/// A failure of an activity's attempt is kept for the next one only up to this size (server 1.32,
/// `limit.mutableStateActivityFailureSize.error`).
const KEPT_BYTES: u64 = 4 * 1_024;

/// What the real Service says of a failure over its limit.
pub(super) const TOO_LARGE: &str = "Failure exceeds size limit.";

/// The chain of causes is cut here at the latest.
const DEEPEST_CAUSE: u32 = 20;

/// A failure of the Service's own making.
pub(super) fn server(message: &str, non_retryable: bool) -> Failure {
    Failure {
        message: message.to_owned(),
        failure_info: Some(FailureInfo::ServerFailureInfo(ServerFailureInfo { non_retryable })),
        ..Default::default()
    }
}

/// A limit of time that ran out.
pub(super) fn timeout(kind: TimeoutType, message: String) -> Failure {
    Failure {
        message,
        source: "Server".to_owned(),
        failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
            timeout_type: kind.into(),
            ..Default::default()
        })),
        ..Default::default()
    }
}

/// The failure as it is kept for the next attempt.
pub(super) fn kept(failure: Failure) -> Failure {
    if bytes(failure.encoded_len()) <= KEPT_BYTES {
        return failure;
    }
    shortened(&failure, false, KEPT_BYTES)
}

/// A stand-in for a failure that is too large, with as much of it as fits into `most` bytes.
pub(super) fn shortened(failure: &Failure, non_retryable: bool, most: u64) -> Failure {
    let mut room = i64::try_from(most).unwrap_or(i64::MAX);
    Failure {
        cause: Some(Box::new(cut(failure, &mut room, DEEPEST_CAUSE))),
        ..server(TOO_LARGE, non_retryable)
    }
}

fn cut(failure: &Failure, room: &mut i64, depth: u32) -> Failure {
    let mut short = Failure::default();
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => {
            short.failure_info = Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
                r#type: cut_text(&info.r#type, room),
                non_retryable: info.non_retryable,
                ..Default::default()
            }));
            *room -= 8;
        }
        Some(FailureInfo::ServerFailureInfo(info)) => {
            short.failure_info = Some(FailureInfo::ServerFailureInfo(*info));
            *room -= 4;
        }
        _ => {}
    }
    short.source = cut_text(&failure.source, room);
    short.message = cut_text(&failure.message, room);
    short.stack_trace = cut_text(&failure.stack_trace, room);
    if let Some(cause) = &failure.cause
        && *room > 4
        && depth > 0
    {
        *room -= 4;
        short.cause = Some(Box::new(cut(cause, room, depth - 1)));
    }
    short
}

/// As much of a text as there is room for, in whole characters. A text costs four bytes besides.
fn cut_text(text: &str, room: &mut i64) -> String {
    let most = usize::try_from(*room).unwrap_or(0);
    let end = text.floor_char_boundary(most);
    let text = &text[..end];
    if !text.is_empty() {
        *room -= i64::try_from(end).unwrap_or(i64::MAX) + 4;
    }
    text.to_owned()
}
