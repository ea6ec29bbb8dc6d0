//! `sagascope show`: a history file as lines, or as canonical JSON.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use sagascope::history::{json, text};

use crate::{Outcome, Unusable};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A history as the Temporal CLI or Web UI exports it.
    file: PathBuf,
    /// Write it back in canonical form.
    #[arg(long)]
    json: bool,
}

pub(crate) fn show(arguments: &Arguments, out: &mut impl Write) -> Result<Outcome, Unusable> {
    let shown = arguments.file.display();
    let text =
        fs::read_to_string(&arguments.file).map_err(|error| Unusable(format!("cannot read {shown}: {error}")))?;
    let read = json::read(&text).map_err(|error| Unusable(format!("{shown}: {error}")))?;
    if arguments.json {
        writeln!(out, "{}", read.write())?;
    } else {
        write!(out, "{}", text::history_lines(&read.history))?;
    }
    Ok(Outcome::Done)
}
