//! The time picture: lanes over virtual time, by hand in SVG. Where things stand is `time_layout.rs`, `time_marks.rs` and
//! `time_labels.rs`; here it is put together, pointed at, and walked through.

use leptos::ev::{KeyboardEvent, PointerEvent, WheelEvent};
use leptos::html::{Div, Span};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::frame::Frame;
use super::time_ahead::Ahead;
use super::time_backdrop::{Axis, Backdrop};
use super::time_brush::TimeBrush;
use super::time_card::Card;
use super::time_cursor::Cursor;
use super::time_form::{Form, Shape};
use super::time_layout::{Layout, Plot, rows_of};
use super::time_legend::Legend;
use super::time_marks::{hit, shapes};
use super::time_shapes::Marks;
use crate::page::browser::room;
use crate::page::browser::settings::text_unit;
use crate::page::session::Session;
use crate::page::session::intent::{Intent, Look};
use crate::page::session::recorded::Recorded;

/// How far a pointer may move between down and up and still mean the shape under it.
const STILL_PX: f64 = 4.0;

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
            let room = (f64::from(frame.client_width()), f64::from(frame.client_height()));
            let letters = ruler
                .get_untracked()
                .map_or(0.0, |r| r.get_bounding_client_rect().width());
            let letter_w = if letters > 0.0 {
                letters / f64::from(RULER.len() as u32)
            } else {
                6.1
            };
            let measured = ((room.0.max(200.0), room.1), (text_unit(), letter_w));
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
            .with(|run| Plot::new(run, Layout::new(room, letters, &rows_of(run)), session.frame.get()))
    });
    Effect::new(move |_| session.layout.set_value(Some(plot.with(|p| p.layout.clone()))));
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
    let ticks = Memo::new(move |_| plot.with(Plot::ticks));
    let all = Memo::new(move |_| {
        let (step, now) = (session.cursor.get(), session.clock.get());
        session.run.with(|run| plot.with(|p| shapes(run, p, step, now)))
    });
    let looked = RwSignal::new(None::<Looked>);
    let looked_at = Memo::new(move |_| {
        let looked = looked.get()?;
        all.with(|all| looked.among(all).cloned())
    });
    let scrolled = RwSignal::new(0.0_f64);
    let seen_h = Memo::new(move |_| size.get().0.1);
    // Other marks are there, or none: nothing is looked at any more.
    Effect::new(move |_| {
        session.run.track();
        looked.set(None);
    });

    let dragging = RwSignal::new(false);
    let went_down = StoredValue::new((0.0_f64, 0.0_f64));
    let local = move |event: &PointerEvent| {
        frame.get_untracked().map_or((0.0, 0.0), |frame| {
            let rect = frame.get_bounding_client_rect();
            let down = f64::from(event.client_y()) - rect.top();
            let scrolled = if down < plot.with_untracked(|p| p.layout.lanes_y) {
                // On the axis, which does not scroll: on no shape.
                f64::NEG_INFINITY
            } else {
                f64::from(frame.scroll_top())
            };
            (f64::from(event.client_x()) - rect.left(), down + scrolled)
        })
    };
    let local_x = move |client_x: i32| {
        frame
            .get_untracked()
            .map_or(0.0, |f| f64::from(client_x) - f.get_bounding_client_rect().left())
    };
    let under = move |(x, y): (f64, f64)| {
        let inside = x >= plot.with_untracked(|p| p.layout.plot_x) - 8.0;
        let found = inside.then(|| all.with_untracked(|all| hit(all, x, y).map(|i| Looked::at(&all[i]))));
        found.flatten()
    };
    let look_at = move |shape: Option<Looked>| {
        if looked.get_untracked() != shape {
            looked.set(shape);
        }
    };
    let scrub = move |event: &PointerEvent| {
        let x = local_x(event.client_x());
        let step = session.run.with_untracked(|run| nearest(run, &plot.get_untracked(), x));
        session.intend(Intent::GoTo(step));
    };
    let down = move |event: PointerEvent| {
        if in_card(&event) {
            return;
        }
        let at = local(&event);
        let shape = under(at);
        went_down.set_value(at);
        let event_of = |mark: u32| session.run.with_untracked(|run| run.mark(mark).event);
        let dot = shape
            .filter(|shape| shape.form == Form::Dot)
            .and_then(|shape| event_of(shape.mark?));
        if let Some(id) = dot {
            look_at(shape);
            return session.intend(Intent::SelectEvent(Some(id)));
        }
        if event.button() == 0 && at.0 > plot.with_untracked(|p| p.layout.plot_x) - 12.0 {
            event.prevent_default();
            if let Some(frame) = frame.get_untracked() {
                // Fails only if the pointer is gone already.
                frame.set_pointer_capture(event.pointer_id()).ok();
            }
            // A finger that touches a mark asks about it; one that goes on moving drags the moment, like a mouse.
            if event.pointer_type() == "touch" && shape.is_some_and(|shape| shape.form != Form::Band) {
                return look_at(shape);
            }
            look_at(None);
            dragging.set(true);
            scrub(&event);
        }
    };
    let moved = move |event: PointerEvent| {
        if dragging.get_untracked() {
            scrub(&event);
        } else if event.pointer_type() == "touch" {
            let far = (local(&event).0 - went_down.get_value().0).abs() > STILL_PX;
            if far && event.is_primary() {
                look_at(None);
                dragging.set(true);
            }
        } else if !in_card(&event) {
            look_at(under(local(&event)));
        }
    };
    let leave = move |event: PointerEvent| {
        if event.pointer_type() != "touch" && !dragging.get_untracked() {
            look_at(None);
        }
    };
    let walk = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key() {
            return;
        }
        let next = all.with_untracked(|all| {
            let order = in_order(all);
            let here = looked
                .get_untracked()
                .and_then(|looked| order.iter().position(|i| Looked::at(&all[*i]).is(&looked)));
            let last = order.len().checked_sub(1)?;
            let to = match (event.key().as_str(), here) {
                ("ArrowRight" | "ArrowDown", None) | ("Home", _) => 0,
                ("ArrowLeft" | "ArrowUp", None) | ("End", _) => last,
                ("ArrowRight" | "ArrowDown", Some(here)) => (here + 1).min(last),
                ("ArrowLeft" | "ArrowUp", Some(here)) => here.saturating_sub(1),
                _ => return None,
            };
            Some(Looked::at(&all[order[to]]))
        });
        if let Some(next) = next {
            event.prevent_default();
            look_at(Some(next));
            if let Some(frame) = frame.get_untracked() {
                let (top, room) = (f64::from(frame.scroll_top()), seen_h.get_untracked());
                let axis = plot.with_untracked(|p| p.layout.lanes_y);
                if next.y < top + axis || next.y > top + room - axis {
                    #[expect(clippy::cast_possible_truncation, reason = "pixels")]
                    frame.set_scroll_top((next.y - room / 2.0) as i32);
                }
            }
        } else if event.key() == "Escape" && looked.get_untracked().is_some() {
            event.prevent_default();
            look_at(None);
        } else if event.key() == "Enter" {
            let mark = looked.get_untracked().and_then(|looked| looked.mark);
            if let Some(mark) = mark {
                let (event_id, step) = session
                    .run
                    .with_untracked(|run| (run.mark(mark).event, run.mark(mark).from_step));
                event.prevent_default();
                session.intend(Intent::GoTo(step));
                session.intend(Intent::SelectEvent(event_id));
            }
        }
    };
    let wheel = move |event: WheelEvent| {
        // Where the lanes do not all fit the wheel scrolls them, as anywhere; with ctrl it zooms, as anywhere.
        let tall = plot.with_untracked(|p| p.layout.height > size.get_untracked().0.1 + 1.0);
        if tall && !event.ctrl_key() && !event.shift_key() && event.delta_y().abs() > event.delta_x().abs() {
            return;
        }
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
            <div class="time-frame" on:pointerdown=down on:pointermove=moved
                on:pointerup=move |_| dragging.set(false) on:pointercancel=move |_| dragging.set(false)
                on:pointerleave=leave
                on:wheel=wheel>
                <span class="time-ruler" node_ref=ruler aria-hidden="true">{RULER}</span>
                <div class="time-lanes" node_ref=frame
                    on:scroll=move |_| scrolled.set(frame.get_untracked().map_or(0.0, |f| f64::from(f.scroll_top())))>
                    <svg class="time-svg" width=move || size.get().0.0 height=move || plot.with(|p| p.layout.height)
                        aria-label="Lanes over virtual time">
                        <Backdrop plot ticks />
                        <Ahead plot />
                        <g class="time-walk" tabindex="0" role="group" aria-label="Marks: the arrow keys go from one to the next, Enter goes to where it begins"
                            on:keydown=walk on:blur=move |_| look_at(None)>
                            <Marks plot all looked_at />
                        </g>
                    </svg>
                </div>
                <svg class="time-over" width=move || size.get().0.0 height=move || seen_h.get() aria-label="Axis">
                    <Axis plot ticks />
                    <Cursor plot seen_h />
                </svg>
                <Card plot looked_at scrolled seen=seen_h />
            </div>
            <TimeBrush />
        </section>
    }
}

/// Which shape is looked at, whatever it looks like by now.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Looked {
    mark: Option<u32>,
    form: Form,
    x: f64,
    y: f64,
}

impl Looked {
    fn at(shape: &Shape) -> Self {
        let (x, y) = shape.middle();
        Self {
            mark: shape.mark,
            form: shape.form,
            x,
            y,
        }
    }

    /// Whether it is the same one.
    fn is(&self, other: &Self) -> bool {
        match (self.mark, other.mark) {
            (None, None) => (self.x, self.y) == (other.x, other.y),
            (one, another) => one == another,
        }
    }

    fn among<'a>(&self, all: &'a [Shape]) -> Option<&'a Shape> {
        match self.mark {
            Some(mark) => all.iter().find(|s| s.mark == Some(mark)),
            None => hit(all, self.x, self.y).map(|i| &all[i]).filter(|s| s.count > 1),
        }
    }
}

/// All shapes that one can walk to, lane by lane, in each from left to right.
fn in_order(all: &[Shape]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..all.len()).filter(|i| all[*i].form != Form::Tick).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&all[*a], &all[*b]);
        a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y))
    });
    order
}

/// The card may be pointed at, to read it.
fn in_card(event: &PointerEvent) -> bool {
    let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|t| t.closest(".time-card").ok().flatten().is_some())
}

#[component]
fn LookButtons() -> impl IntoView {
    let session = Session::here();
    let look = move |look: Look| move |_| session.intend(Intent::Look(look));
    let folds = Memo::new(move |_| session.run.with(|run| run.folds().len()));
    let fold = move || match (folds.get(), session.frame.get().fold) {
        (0, _) => "nothing to fold".to_owned(),
        (1, true) => "unfold the wait".to_owned(),
        (1, false) => "fold the wait".to_owned(),
        (n, true) => format!("unfold {n} waits"),
        (n, false) => format!("fold {n} waits"),
    };
    view! {
        <span class="panel-actions">
            <button class="link" title="Draw long waits short, each with its length, or draw everything to scale (o)"
                aria-disabled=move || (folds.get() == 0).then_some("true") on:click=look(Look::ToggleFolds)>{fold}</button>
            <button class="link link-square" title="Zoom out (-)" aria-label="Zoom out" on:click=look(Look::Out)>"−"</button>
            <button class="link link-square" title="Zoom in (+)" aria-label="Zoom in" on:click=look(Look::In)>"+"</button>
            <button class="link" title="Fit the whole run (f)" aria-disabled=move || (session.frame.get().zoom <= Frame::FIT.zoom).then_some("true")
                on:click=look(Look::Fit)>"fit"</button>
            <Legend />
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
