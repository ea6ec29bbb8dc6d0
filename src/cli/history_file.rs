//! A history in a file, as every command that takes one reads it; what the reader notes about it is said beside the result.

use std::fs;
use std::path::Path;

use crate::history::file as histories;
use crate::history::json::ReadHistory;

use super::Unusable;
use super::output::complain;

/// Reads a history, and says on standard error what its reader noted.
pub(super) fn read(file: &Path) -> Result<ReadHistory, Unusable> {
    let shown = file.display();
    let bytes = fs::read(file).map_err(|error| Unusable(format!("cannot read {shown}: {error}")))?;
    let read = histories::read(&bytes).map_err(|error| Unusable(format!("{shown}: {error}")))?;
    for note in &read.notes {
        complain(&format!("{shown}: {note}"));
    }
    Ok(read)
}
