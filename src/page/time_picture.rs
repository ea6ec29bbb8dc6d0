//! The time picture: lanes over virtual time, by hand in SVG. Where things stand is `time_layout.rs` and
//! `time_marks.rs`; here it is drawn, and pointed at.

use leptos::ev::{PointerEvent, WheelEvent};
use leptos::html::{Div, Span};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::frame::Frame;
use super::intent::{Intent, Look};
use super::recorded::Recorded;
use super::room;
use super::session::Session;
use super::settings::text_unit;
use super::time_backdrop::Backdrop;
use super::time_brush::TimeBrush;
use super::time_cursor::Cursor;
use super::time_layout::{Layout, Plot};
use super::time_shapes::Marks;

/// Measured to know how wide the labels' letters are: whether a label fits depends on the reader's font.
const RULER: &str = "Payment #1 captured 89.00 crashed at step 19, cache lost";

/// The panel.
#[component]
pub fn TimePicture() -> impl IntoView {
    let session = Session::here();
    let frame = NodeRef::<Div>::new();
    let ruler = NodeRef::<Span>::new();
    let size = RwSignal::new(((0.0, 0.0), (1.0, 6.1)));
    let measure = move || {
        if let Some(frame) = frame.get_untracked() {
            let rect = frame.get_bounding_client_rect();
            let letters = ruler
                .get_untracked()
                .map_or(0.0, |r| r.get_bounding_client_rect().width());
            let letter_w = if letters > 0.0 {
                letters / f64::from(RULER.len() as u32)
            } else {
                6.1
            };
            let measured = ((rect.width().max(200.0), rect.height()), (text_unit(), letter_w));
            if size.get_untracked() != measured {
                size.set(measured);
            }
        }
    };
    Effect::new(move |_| {
        if let Some(frame) = frame.get() {
            room::watch(&frame, measure);
        }
    });

    let plot = Memo::new(move |_| {
        let (room, letters) = size.get();
        session
            .run
            .with(|run| Plot::new(run, Layout::new(room, letters, run.lanes.len()), session.frame.get()))
    });
    Effect::new(move |_| session.layout.set_value(Some(plot.with(|p| p.layout))));
    // The frame goes along with the moment, but only when that moves: who looks elsewhere is let be.
    Effect::new(move |_| {
        let clock = session.clock.get();
        let frame = session.frame.get_untracked();
        let share = plot.with_untracked(|p| p.share(clock));
        let at = (share - frame.left) * frame.zoom;
        if frame.zoom > 1.0 && !(-0.001..=1.001).contains(&at) {
            let at = if at > 1.0 { 0.2 } else { 0.8 };
            session.intend(Intent::Look(Look::Show(frame.panned_to(share - at / frame.zoom))));
        }
    });
    let dragging = RwSignal::new(false);
    let local_x = move |client_x: i32| {
        frame
            .get_untracked()
            .map_or(0.0, |f| f64::from(client_x) - f.get_bounding_client_rect().left())
    };
    let scrub = move |event: &PointerEvent| {
        let x = local_x(event.client_x());
        let step = session.run.with_untracked(|run| nearest(run, &plot.get_untracked(), x));
        session.intend(Intent::GoTo(step));
    };
    let down = move |event: PointerEvent| {
        let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        let picked = target
            .and_then(|t| t.get_attribute("data-event"))
            .and_then(|id| id.parse().ok());
        if let Some(id) = picked {
            return session.intend(Intent::SelectEvent(Some(id)));
        }
        if event.button() == 0 && local_x(event.client_x()) > plot.with_untracked(|p| p.layout.plot_x) - 12.0 {
            event.prevent_default();
            if let Some(frame) = frame.get_untracked() {
                // Fails only if the pointer is gone already.
                frame.set_pointer_capture(event.pointer_id()).ok();
            }
            dragging.set(true);
            scrub(&event);
        }
    };
    let moved = move |event: PointerEvent| {
        if dragging.get_untracked() {
            scrub(&event);
        }
    };
    let wheel = move |event: WheelEvent| {
        event.prevent_default();
        let (x0, w) = plot.with_untracked(|p| (p.layout.plot_x, p.layout.plot_w));
        let at = ((local_x(event.client_x()) - x0) / w).clamp(0.0, 1.0);
        let sideways = event.delta_x().abs() > event.delta_y().abs() || event.shift_key();
        let delta = if event.delta_x().abs() > event.delta_y().abs() {
            event.delta_x()
        } else {
            event.delta_y()
        };
        let f = session.frame.get_untracked();
        let shown = if sideways {
            f.panned_to(f.left + delta / w / f.zoom)
        } else {
            f.zoomed((-delta / 300.0).exp(), at)
        };
        session.intend(Intent::Look(Look::Show(shown)));
    };
    view! {
        <section class="panel time" aria-label="Time picture">
            <h2 class="panel-title">
                <span>"Time picture" <span class="wide-only">" · virtual time"</span></span>
                <LookButtons />
            </h2>
            <div class="time-frame" node_ref=frame on:pointerdown=down on:pointermove=moved
                on:pointerup=move |_| dragging.set(false) on:pointercancel=move |_| dragging.set(false) on:wheel=wheel>
                <span class="time-ruler" node_ref=ruler aria-hidden="true">{RULER}</span>
                <svg class="time-svg" width=move || size.get().0.0 height=move || plot.with(|p| p.layout.height) aria-label="Lanes over virtual time">
                    <Backdrop plot />
                    <Marks plot />
                    <Cursor plot />
                </svg>
            </div>
            <TimeBrush />
        </section>
    }
}

#[component]
fn LookButtons() -> impl IntoView {
    let session = Session::here();
    let look = move |look: Look| move |_| session.intend(Intent::Look(look));
    let folds = move || {
        if session.frame.get().fold {
            "idle folded, outages never"
        } else {
            "all to scale"
        }
    };
    view! {
        <span class="panel-actions">
            <button class="link" title="Fold idle time, or draw everything to scale (o)" aria-pressed=move || session.frame.get().fold.to_string()
                on:click=look(Look::ToggleFolds)>{folds}</button>
            <button class="link link-square" title="Zoom out (-)" aria-label="Zoom out" on:click=look(Look::Out)>"−"</button>
            <button class="link link-square" title="Zoom in (+)" aria-label="Zoom in" on:click=look(Look::In)>"+"</button>
            <button class="link" title="Fit the whole run (f)" aria-disabled=move || (session.frame.get().zoom <= Frame::FIT.zoom).then_some("true")
                on:click=look(Look::Fit)>"fit"</button>
        </span>
    }
}

/// The moment that is drawn nearest to `x`.
fn nearest(run: &Recorded, plot: &Plot, x: f64) -> u32 {
    let step = run.at_time(plot.time(x));
    let after = (step + 1).min(run.last());
    let far = |step: u32| (plot.x(run.at(step)) - x).abs();
    if far(after) < far(step) {
        run.at_time(run.at(after))
    } else {
        step
    }
}
