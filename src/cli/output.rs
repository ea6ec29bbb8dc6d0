//! The one place through which the command line writes: results to standard output, complaints to standard error.
//!
//! A reader that has seen enough (`| head`, a pager that was left) is nothing to complain about and changes nothing else: what
//! comes after goes nowhere, files that were asked for are written, and the exit code is what it would have been. Any other
//! trouble with writing, such as a full disk, is an error like those of files.

use std::io::{self, BufWriter, Stdout, Write};

/// Standard output, as long as somebody reads it.
pub struct Output {
    to: BufWriter<Stdout>,
    is_read: bool,
}

impl Default for Output {
    fn default() -> Self {
        Self {
            to: BufWriter::new(io::stdout()),
            is_read: true,
        }
    }
}

impl Output {
    /// Writes as long as somebody reads. `unread` is what is then taken for the result.
    fn to_reader<T>(
        &mut self,
        unread: T,
        write: impl FnOnce(&mut BufWriter<Stdout>) -> io::Result<T>,
    ) -> io::Result<T> {
        if !self.is_read {
            return Ok(unread);
        }
        let written = write(&mut self.to);
        if written
            .as_ref()
            .is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        {
            self.is_read = false;
            return Ok(unread);
        }
        written
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to_reader(bytes.len(), |to| to.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to_reader((), BufWriter::flush)
    }
}

/// A line on standard output, at once: for commands that go on working. A reader that is gone is no reason to stop.
#[cfg(feature = "cluster")]
pub fn say(line: &str) {
    drop(writeln!(io::stdout(), "{line}"));
}

/// Why a command could not be carried out. Nobody is left to tell if even this fails.
pub fn complain(why: &str) {
    drop(writeln!(io::stderr(), "sagascope: {why}"));
}
