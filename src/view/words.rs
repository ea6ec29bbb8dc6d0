//! How the view words names, in one place so that every panel says them alike. Times word themselves (`base::time`).

/// `worker A` out of the identity `worker-A@lab` or a sticky queue that begins with it.
pub(super) fn worker_of(identity: &str) -> String {
    let name = identity.split('@').next().unwrap_or(identity);
    match name.strip_prefix("worker-") {
        Some(letter) => format!("worker {letter}"),
        None => name.to_owned(),
    }
}
