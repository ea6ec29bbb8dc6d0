//! The source text of a workflow, for whoever shows which lines ran. The package `sagascope-trace` writes it down.

/// A workflow as text: what a reader is shown, and where in it something can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// File name, without its folder.
    pub file: &'static str,
    /// The text.
    pub text: &'static str,
    /// The lines on which a statement begins, ascending, from 1: what is not here cannot be reached.
    pub statements: &'static [u32],
    /// First and last line of the workflow's own functions, from 1.
    pub body: (u32, u32),
}

/// A traced twin: a workflow that says which line it is on.
pub trait Traced {
    /// The text of the file that it is the twin of.
    const SOURCE: Source;
}

/// Takes in the traced twins that `sagascope_trace::generate` has written in the build script, and what follows from
/// them: `SOURCES`, `registry()`, `each_workflow!`. For a module of its own.
#[macro_export]
macro_rules! traced {
    () => {
        include!(concat!(env!("OUT_DIR"), "/traced/mod.rs"));
    };
}
