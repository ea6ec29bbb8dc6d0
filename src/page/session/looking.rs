//! Looking closer, further away, elsewhere in the time picture.

use leptos::prelude::*;

use super::Session;
use super::intent::Look;
use crate::page::picture::frame::Frame;
use crate::page::picture::time_layout::Plot;

/// One button or key closer.
const CLOSER: f64 = 1.6;

/// Changes what part of the time picture is seen.
pub fn look(session: Session, look: Look) {
    session.frame.update(|frame| {
        *frame = match look {
            Look::Show(shown) => shown,
            Look::In => zoomed(session, *frame, CLOSER),
            Look::Out => zoomed(session, *frame, 1.0 / CLOSER),
            Look::Fit => Frame {
                fold: frame.fold,
                ..Frame::FIT
            },
            Look::ToggleFolds => Frame {
                fold: !frame.fold,
                ..Frame::FIT
            },
        };
    });
}

/// Closer or further away around the moment; one that is out of sight comes to the middle.
fn zoomed(session: Session, frame: Frame, factor: f64) -> Frame {
    let Some(layout) = session.layout.get_value() else {
        return frame.zoomed(factor, 0.5);
    };
    let clock = session.clock.get_untracked();
    let share = |frame| {
        session
            .run
            .with_untracked(|run| Plot::new(run, layout.clone(), frame).share(clock))
    };
    let at = (share(frame) - frame.left) * frame.zoom;
    let at = if (0.0..=1.0).contains(&at) { at } else { 0.5 };
    let near = frame.zoomed(factor, at);
    // Folded gaps do not grow with the zoom, so the moment's share of the picture is another one now.
    near.panned_to(share(near) - at / near.zoom)
}
