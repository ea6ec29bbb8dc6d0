//! What is never run again, whatever dies: what is in the history is read from it.

use super::local::MarkerKind;
use crate::history::class::{Part, Thing};
use crate::history::proto::{Attributes as A, EventType, HistoryEvent};

/// How much of each kind a history has recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Ends of activities, good or bad.
    pub activity_ends: u32,
    /// Ends of local activities, in markers.
    pub local_activity_ends: u32,
    /// Side effects: values that the code drew or read, in markers.
    pub side_effects: u32,
    /// Versions of the code, in markers.
    pub versions: u32,
    /// Other markers.
    pub other_markers: u32,
    /// Timers: started once, by the Service.
    pub timers: u32,
    /// Children: started once, for the Service knows them by their workflow ids.
    pub children: u32,
    /// Signals and requests to stop to other workflows: delivered once, for the Service knows them by their request ids.
    pub messages_out: u32,
    /// Nexus operations: asked for by the Service, not by a worker.
    pub nexus_operations: u32,
    /// Updates whose outcome is recorded.
    pub update_outcomes: u32,
}

impl Recorded {
    pub(super) fn of(events: &[HistoryEvent]) -> Self {
        let mut recorded = Self::default();
        for event in events {
            let kind = match event.class().part {
                Part::Closes(Thing::Activity, _) => &mut recorded.activity_ends,
                Part::Opens(Thing::Timer) => &mut recorded.timers,
                Part::Opens(Thing::Child) => &mut recorded.children,
                Part::Opens(Thing::SignalOut | Thing::CancelOut) => &mut recorded.messages_out,
                Part::Opens(Thing::NexusOperation) => &mut recorded.nexus_operations,
                Part::Closes(Thing::Update, _) => &mut recorded.update_outcomes,
                Part::Opens(_) | Part::Starts(_) | Part::Changes(_) | Part::Closes(..) => continue,
                Part::Alone if event.event_type() == EventType::MarkerRecorded => recorded.markers(event),
                Part::Alone => continue,
            };
            *kind += 1;
        }
        recorded
    }

    fn markers(&mut self, event: &HistoryEvent) -> &mut u32 {
        let name = match &event.attributes {
            Some(A::MarkerRecordedEventAttributes(marker)) => marker.marker_name.as_str(),
            _ => "",
        };
        match MarkerKind::of(name) {
            MarkerKind::LocalActivity => &mut self.local_activity_ends,
            MarkerKind::SideEffect => &mut self.side_effects,
            MarkerKind::Version => &mut self.versions,
            MarkerKind::Other => &mut self.other_markers,
        }
    }
}
