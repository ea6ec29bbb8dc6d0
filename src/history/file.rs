//! A history in a file: bytes of any kind, brought to the text that `json` reads, or read as protobuf.
//!
//! Read are JSON in UTF-8 or UTF-16 (as `>` of PowerShell writes it), gzip of any of these, and protobuf: a `History` as
//! SDK Core keeps its recordings, or the answer of `GetWorkflowExecutionHistory`.

use std::io::Read as _;

use prost::Message as _;

use super::json::{self, MAX_BYTES, MAX_EVENTS, ReadHistory};
use super::kept::Note;
use super::proto::{History, HistoryEvent};
use super::read_error::ReadError;

/// Reads a history from the bytes of a file.
///
/// # Errors
///
/// Why it is none, and what to do.
pub fn read(bytes: &[u8]) -> Result<ReadHistory, ReadError> {
    check_size(bytes)?;
    match bytes {
        [0x1f, 0x8b, ..] => read_plain(&unpacked(bytes)?),
        [b'P', b'K', 3, 4, ..] => Err(ReadError::Packed { what: "a zip archive" }),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Err(ReadError::Packed {
            what: "packed with zstd",
        }),
        [b'B', b'Z', b'h', ..] => Err(ReadError::Packed {
            what: "packed with bzip2",
        }),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Err(ReadError::Packed { what: "packed with xz" }),
        _ => read_plain(bytes),
    }
}

/// The history as protobuf's bytes, the form of SDK Core's recordings: without what was kept aside, which has no place
/// there.
pub fn bytes(history: &History) -> Vec<u8> {
    history.encode_to_vec()
}

/// Events out of such bytes; nothing if they are none.
pub fn read_chunk(bytes: &[u8]) -> Option<Vec<HistoryEvent>> {
    History::decode(bytes).ok().map(|history| history.events)
}

fn check_size(bytes: &[u8]) -> Result<(), ReadError> {
    let bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if bytes > MAX_BYTES {
        return Err(ReadError::TooLarge { bytes });
    }
    Ok(())
}

fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    let mut unpacked = Vec::new();
    // One byte more tells what is too large from what just fits.
    let mut from = flate2::read::MultiGzDecoder::new(bytes).take(MAX_BYTES + 1);
    match from.read_to_end(&mut unpacked) {
        Ok(_) => check_size(&unpacked).map(|()| unpacked),
        Err(_) => Err(ReadError::Packed {
            what: "packed with gzip and damaged",
        }),
    }
}

fn read_plain(bytes: &[u8]) -> Result<ReadHistory, ReadError> {
    let wide = |of: fn([u8; 2]) -> u16| {
        let (units, _) = bytes[2..].as_chunks::<2>();
        String::from_utf16_lossy(&units.iter().map(|unit| of(*unit)).collect::<Vec<_>>())
    };
    match bytes {
        [0xff, 0xfe, ..] => return json::read(&wide(u16::from_le_bytes)),
        [0xfe, 0xff, ..] => return json::read(&wide(u16::from_be_bytes)),
        _ => {}
    }
    // The first field of both messages; as JSON it would be an empty first line, and a second that begins below.
    if bytes.first() == Some(&0x0a)
        && let Some(read) = protobuf(bytes)
    {
        return read;
    }
    match str::from_utf8(bytes) {
        Ok(text) => json::read(text),
        Err(error) => Err(ReadError::NotText {
            byte: u64::try_from(error.valid_up_to()).unwrap_or(u64::MAX),
        }),
    }
}

/// `GetWorkflowExecutionHistoryResponse`, as far as it matters: one page of a history.
#[derive(Clone, PartialEq, prost::Message)]
struct Page {
    #[prost(message, optional, tag = "1")]
    history: Option<History>,
    #[prost(bytes = "vec", tag = "3")]
    next_page_token: Vec<u8>,
}

fn protobuf(bytes: &[u8]) -> Option<Result<ReadHistory, ReadError>> {
    let is_one = |history: &History| !history.events.is_empty() && history.events.iter().all(|e| e.event_id > 0);
    let (history, more) = match History::decode(bytes) {
        Ok(history) if is_one(&history) => (history, false),
        _ => {
            let page = Page::decode(bytes).ok()?;
            (page.history.filter(is_one)?, !page.next_page_token.is_empty())
        }
    };
    let events = u32::try_from(history.events.len()).unwrap_or(u32::MAX);
    if events > MAX_EVENTS {
        return Some(Err(ReadError::TooManyEvents { events }));
    }
    let mut read = ReadHistory {
        history,
        ..ReadHistory::default()
    };
    if let Err(error) = read.put_in_order() {
        return Some(Err(error));
    }
    if more {
        read.notes.push(Note::MorePages { after: read.last_id() });
    }
    Some(Ok(read))
}
