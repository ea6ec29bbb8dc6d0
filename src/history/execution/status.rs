//! Whether a run is open, or how it was closed: Temporal's `WorkflowExecutionStatus`.

/// Whether a run is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunStatus {
    /// It can still write events.
    #[default]
    Running,
    /// The workflow returned.
    Completed,
    /// The workflow failed.
    Failed,
    /// The workflow stopped because it was asked to.
    Canceled,
    /// Somebody ended it from outside.
    Terminated,
    /// Another run goes on with its work.
    ContinuedAsNew,
    /// One of its limits ran out.
    TimedOut,
}

impl RunStatus {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Running,
        Self::Completed,
        Self::Failed,
        Self::Canceled,
        Self::Terminated,
        Self::ContinuedAsNew,
        Self::TimedOut,
    ];

    /// Temporal's word for it: `WorkflowExecutionStatus` as its tools print it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
            Self::Terminated => "Terminated",
            Self::ContinuedAsNew => "ContinuedAsNew",
            Self::TimedOut => "TimedOut",
        }
    }
}
