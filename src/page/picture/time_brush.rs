//! The brush: the whole run in one strip, the part that the picture shows, outages, and a tick for all that is worth a
//! stop. Its window can be dragged, and so can each of its ends.

use leptos::ev::PointerEvent;
use leptos::html::Div;
use leptos::prelude::*;

use super::frame::Frame;
use super::time_layout::{Layout, Plot};
use crate::base::time::SimTime;
use crate::page::session::Session;
use crate::page::session::intent::{Intent, Look};
use crate::page::session::recorded::Recorded;
use crate::page::words::icons::of_step;

/// Between two ticks of the strip, as a share of it: they are three pixels wide.
const TICKS_APART: f64 = 0.004;
/// So near to an end of the window, in pixels, that end is meant.
const END_PX: f64 = 9.0;
/// The least that the window can be made, as a share of the strip.
const LEAST: f64 = 0.004;
/// The strip's own width, in units of its picture.
const WIDTH: f64 = 1_000.0;

/// What of the window is held.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Held {
    /// The whole, so far from its left end.
    Whole(f64),
    /// One end; the other stays there.
    End(f64),
}

/// The strip. Its unit is the share of the whole picture, so it needs no measuring.
#[component]
pub fn TimeBrush() -> impl IntoView {
    let session = Session::here();
    let strip = NodeRef::<Div>::new();
    let plot = Memo::new(move |_| {
        let layout = Layout {
            plot_x: 0.0,
            plot_w: WIDTH,
            ..Layout::new((WIDTH, 0.0), (1.0, 6.0), &[])
        };
        let fold = session.frame.get().fold;
        session
            .run
            .with(|run| Plot::new(run, layout, Frame { fold, ..Frame::FIT }))
    });
    let percent = move |share: f64| format!("{:.3}%", share * 100.0);
    let ticks = move || {
        session.run.with(|run| {
            let tick = |(left, step): (f64, u32)| {
                let moment = run.moment(step);
                let (class, text) = (of_step(moment.kind).1, moment.text);
                view! { <i class=format!("brush-tick {class}") style:left=percent(left) title=text /> }
            };
            plot.with(|p| apart(run, p)).into_iter().map(tick).collect_view()
        })
    };
    let outages = move || {
        session.run.with(|run| {
            let outage = |(from, to): (SimTime, SimTime)| {
                let (left, right) = plot.with(|p| (p.share(from), p.share(to)));
                view! { <i class="brush-outage" style:left=percent(left) style:width=percent(right - left) /> }
            };
            run.outages().map(outage).collect_view()
        })
    };
    let now = move || plot.with(|p| percent(p.x(session.clock.get()) / WIDTH));
    // What the picture shows, in shares of the strip. Folds do not grow with the zoom, so these are not the frame's own.
    let window = Memo::new(move |_| {
        let frame = session.frame.get();
        if frame.zoom <= Frame::FIT.zoom {
            return (0.0, 1.0);
        }
        let layout = session
            .layout
            .get_value()
            .unwrap_or_else(|| plot.with(|p| p.layout.clone()));
        let (from, to) = session.run.with(|run| Plot::new(run, layout, frame).sight());
        plot.with(|p| (p.share(from), p.share(to)))
    });
    let held = RwSignal::new(None::<Held>);
    let measured = move |event: &PointerEvent| {
        strip.get_untracked().map_or((0.0, 1.0), |strip| {
            let rect = strip.get_bounding_client_rect();
            let width = rect.width().max(1.0);
            ((f64::from(event.client_x()) - rect.left()) / width, width)
        })
    };
    let show = move |from: f64, to: f64| {
        let layout = session
            .layout
            .get_value()
            .unwrap_or_else(|| plot.with_untracked(|p| p.layout.clone()));
        let fold = session.frame.get_untracked().fold;
        let time = |share: f64| plot.with_untracked(|p| p.scale.time(share.clamp(0.0, 1.0) * p.scale.width()));
        let part = (time(from), time(to));
        let frame = session
            .run
            .with_untracked(|run| Plot::frame_of(run, &layout, fold, part));
        session.intend(Intent::Look(Look::Show(frame)));
    };
    let pan = move |left: f64| {
        let (from, to) = window.get_untracked();
        let left = left.clamp(0.0, 1.0 - (to - from));
        show(left, left + to - from);
    };
    let down = move |event: PointerEvent| {
        event.prevent_default();
        if let Some(strip) = strip.get_untracked() {
            // Fails only if the pointer is gone already.
            strip.set_pointer_capture(event.pointer_id()).ok();
        }
        let (at, px) = measured(&event);
        let (from, to) = window.get_untracked();
        let (left, right) = ((at - from).abs() * px, (at - to).abs() * px);
        if left.min(right) <= END_PX {
            let other = if left <= right { to } else { from };
            held.set(Some(Held::End(other)));
        } else if at > from && at < to {
            held.set(Some(Held::Whole(at - from)));
        } else {
            // Outside the window it is brought there first, its middle under the pointer.
            let grip = (to - from) / 2.0;
            held.set(Some(Held::Whole(grip)));
            pan(at - grip);
        }
    };
    let moved = move |event: PointerEvent| {
        let at = measured(&event).0.clamp(0.0, 1.0);
        match held.get_untracked() {
            None => {}
            Some(Held::Whole(grip)) => pan(at - grip),
            Some(Held::End(other)) if at < other => show(at.min(other - LEAST), other),
            Some(Held::End(other)) => show(other, at.max(other + LEAST)),
        }
    };
    view! {
        <div class="brush" aria-hidden="true">
            <div class="brush-strip" data-testid="brush" node_ref=strip on:pointerdown=down on:pointermove=moved
                on:pointerup=move |_| held.set(None) on:pointercancel=move |_| held.set(None)>
                {outages}
                <div class="brush-window" style:left=move || percent(window.get().0)
                    style:width=move || percent(window.get().1 - window.get().0)>
                    <i class="brush-end" /><i class="brush-end" />
                </div>
                {ticks}
                <i class="brush-now" style:left=now />
            </div>
        </div>
    }
}

/// The first step worth a stop in each stretch of the strip, with its share: more ticks than that would be one bar.
fn apart(run: &Recorded, plot: &Plot) -> Vec<(f64, u32)> {
    let mut ticks: Vec<(f64, u32)> = vec![];
    let mut from = 0;
    while let Some(step) = run.interesting_from(from) {
        let at = run.at(step);
        let share = plot.share(at);
        ticks.push((share, step));
        let next = plot.scale.time((share + TICKS_APART) * plot.scale.width());
        // The last step before the next stretch begins; at least this one.
        from = run.at_time(next).max(step) + 1;
    }
    ticks
}
