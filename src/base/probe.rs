//! Which source lines of a workflow have run, and on which line it stands now.
//!
//! The generator in `src/catalogue/workflows/build.rs` weaves calls to this file into the traced twin of each workflow; whoever
//! polls a workflow reads them back. It knows nothing of workflows: lines go in, lines come out.
//!
//! The recorder is a thread-local; only this file and `impure.rs` have any. A workflow is ordinary user code: it must not carry a
//! handle to the lab, and the SDK hands it nothing that could. So the probe finds its recorder by itself, and since a
//! workflow is polled on one thread, [`take`] before and after a poll gives exactly that poll's lines.

use std::cell::{Cell, RefCell};

use super::time::Span;

/// More lines than any poll of a sound workflow runs. What comes later is not recorded, so that a workflow that loops
/// without awaiting cannot eat all memory.
const LINES_MAX: usize = 4_096;

struct Recorder {
    lines: Vec<u32>,
    current: u32,
}

thread_local! {
    static RECORDER: RefCell<Recorder> = const { RefCell::new(Recorder { lines: Vec::new(), current: 0 }) };
}

thread_local! {
    static HELD: Cell<Span> = const { Cell::new(Span::ZERO) };
}

/// Said by workflow code that stands for code which computes for so long: the worker that runs it is busy meanwhile.
/// On a real worker such code computes, or sleeps; for trying out what happens to slow workflow tasks.
pub fn hold(span: Span) {
    HELD.set(HELD.get() + span);
}

/// How long the code has computed since the last call, by its own account.
pub fn take_held() -> Span {
    HELD.take()
}

/// The statement that begins at `line` is about to run.
pub fn at(line: u32) {
    RECORDER.with_borrow_mut(|recorder| {
        recorder.current = line;
        if recorder.lines.last() != Some(&line) && recorder.lines.len() < LINES_MAX {
            recorder.lines.push(line);
        }
    });
}

/// An `await` in the statement that begins at `line` has its value: that statement goes on.
pub fn resumed<T>(line: u32, value: T) -> T {
    at(line);
    value
}

/// Held by a function or closure while it runs: when it returns, its caller's line is the current one again.
///
/// Without this, `ctx.execute_activity(…, options())` would issue its command on the last line of `options`.
pub fn scope() -> Scope {
    Scope { caller: current() }
}

/// The guard that [`scope`] gives out.
#[must_use = "the caller's line comes back when this is dropped"]
pub struct Scope {
    caller: u32,
}

impl Drop for Scope {
    fn drop(&mut self) {
        RECORDER.with_borrow_mut(|recorder| recorder.current = self.caller);
    }
}

/// The lines that have run since the last call, in order; a line that ran twice in a row is there once.
pub fn take() -> Vec<u32> {
    RECORDER.with_borrow_mut(|recorder| std::mem::take(&mut recorder.lines))
}

/// The line of the statement that runs now, 0 before the first. Read it while a command is being issued to learn where
/// the workflow asks for it.
pub fn current() -> u32 {
    RECORDER.with_borrow(|recorder| recorder.current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_gives_the_line_back_to_its_caller() {
        take();
        at(10);
        {
            let _scope = scope();
            at(90);
            assert_eq!(current(), 90);
        }
        assert_eq!(current(), 10);
        assert_eq!(resumed(10, "value"), "value");
        assert_eq!(take(), [10, 90, 10]);
        assert!(take().is_empty());
    }

    #[test]
    fn an_endless_loop_is_not_recorded_endlessly() {
        take();
        for line in 0..100_000 {
            at(line);
        }
        assert_eq!(current(), 99_999);
        assert_eq!(take().len(), LINES_MAX);
    }
}
