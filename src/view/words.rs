//! How the view words times and names, in one place so that every panel says them alike.

use crate::base::time::SimTime;

/// A point in time, short: `63.21 s`, `2:05.3`, `24:00:00.05`, to the millisecond where that matters.
pub(super) fn clock(at: SimTime) -> String {
    let ms = at.0 / 1_000_000;
    let (minutes, seconds, ms) = (ms / 60_000, ms / 1_000 % 60, ms % 1_000);
    let fraction = format!("{ms:03}");
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    match minutes {
        0 => format!("{seconds}{point}{fraction} s"),
        60.. => format!("{}:{:02}:{seconds:02}{point}{fraction}", minutes / 60, minutes % 60),
        _ => format!("{minutes}:{seconds:02}{point}{fraction}"),
    }
}

/// `worker A` out of the identity `worker-A@lab` or a sticky queue that begins with it.
pub(super) fn worker_of(identity: &str) -> String {
    let name = identity.split('@').next().unwrap_or(identity);
    match name.strip_prefix("worker-") {
        Some(letter) => format!("worker {letter}"),
        None => name.to_owned(),
    }
}
