//! The one namespace of the simulated Service, as histories name it, and in whose name the Service itself acts.

use crate::base::time::Span;

/// Its name.
pub const NAME: &str = "default";

/// Its id. A real server draws one when the namespace is made.
pub const ID: &str = "01a1fd60-7e18-70ed-9b35-0a3d92757006";

/// How long closed runs are kept (development server).
pub const RETENTION: Span = Span::secs(24 * 60 * 60);

/// How soon after a run's beginning the next of its chain may begin (`system.workflowIdReuseMinimalInterval`).
pub const MINIMAL_INTERVAL: Span = Span::secs(1);

/// Who acts where the Service itself does.
pub(super) const HISTORY_SERVICE: &str = "history-service";

/// Who ends a run for the sake of another that goes on with a part of it.
pub(super) const RESETTER: &str = "history-resetter";
