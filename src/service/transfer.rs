//! What one run leaves to be done to another: the Service's transfer queue.
//!
//! A transaction writes into one run only. What it means for other runs it leaves behind as a [`Transfer`], durable
//! like a timer, which is done a moment later in transactions of its own. So there is a time when a child has been
//! asked for and does not exist, or is closed and its parent does not know it. Each kind is carried out in the file
//! of its noun, by way of `machines::relay`; this one owns only the list.

use crate::base::time::Span;
use crate::contract::task::RunKey;

/// How long a transfer takes to begin. The real Service needs some milliseconds.
pub const TRANSFER_LATENCY: Span = Span::millis(1);

/// What is to be done, said by the run that left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// Start the child of a StartChildWorkflowExecutionInitiated.
    StartChild {
        /// That event.
        initiated_event_id: i64,
    },
    /// Record in the parent that its child has begun.
    RecordChild {
        /// The StartChildWorkflowExecutionInitiated.
        initiated_event_id: i64,
        /// The child's first run.
        child: RunKey,
    },
    /// Schedule the first workflow task of this run, a child.
    FirstTask,
    /// Tell the parent of this run, which is closed.
    TellParent,
    /// Apply the parent close policy of this run, which is closed, to a child.
    ApplyClosePolicy {
        /// The StartChildWorkflowExecutionInitiated.
        initiated_event_id: i64,
    },
    /// Deliver the signal of a SignalExternalWorkflowExecutionInitiated.
    SignalExternal {
        /// That event.
        initiated_event_id: i64,
    },
    /// Deliver the request of a RequestCancelExternalWorkflowExecutionInitiated.
    CancelExternal {
        /// That event.
        initiated_event_id: i64,
    },
}
