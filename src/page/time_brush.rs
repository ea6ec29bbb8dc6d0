//! The brush: the whole run in one strip, the part that the picture shows, and a tick for all that is worth a stop.

use leptos::ev::PointerEvent;
use leptos::html::Div;
use leptos::prelude::*;

use super::frame::Frame;
use super::icons::of_step;
use super::intent::{Intent, Look};
use super::recorded::Recorded;
use super::session::Session;
use super::time_layout::{Layout, Plot};

/// Between two ticks of the strip, as a share of it: they are three pixels wide.
const TICKS_APART: f64 = 0.004;

/// The strip. Its unit is the share of the whole picture, so it needs no measuring.
#[component]
pub fn TimeBrush() -> impl IntoView {
    let session = Session::here();
    let strip = NodeRef::<Div>::new();
    let plot = Memo::new(move |_| {
        let layout = Layout {
            plot_x: 0.0,
            plot_w: 1000.0,
            ..Layout::new((1000.0, 0.0), (1.0, 6.0), 1)
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
                let (class, text) = (of_step(run.moment(step).kind).1, run.moment(step).text.clone());
                view! { <i class=format!("brush-tick {class}") style:left=percent(left) title=text /> }
            };
            plot.with(|p| apart(run, p)).into_iter().map(tick).collect_view()
        })
    };
    let now = move || plot.with(|p| percent(p.x(session.clock.get()) / 1000.0));
    let held = RwSignal::new(None::<f64>);
    let share = move |event: &PointerEvent| {
        strip.get_untracked().map_or(0.0, |strip| {
            let rect = strip.get_bounding_client_rect();
            (f64::from(event.client_x()) - rect.left()) / rect.width().max(1.0)
        })
    };
    let down = move |event: PointerEvent| {
        event.prevent_default();
        if let Some(strip) = strip.get_untracked() {
            // Fails only if the pointer is gone already.
            strip.set_pointer_capture(event.pointer_id()).ok();
        }
        let (at, frame) = (share(&event), session.frame.get_untracked());
        let inside = at >= frame.left && at <= frame.left + 1.0 / frame.zoom;
        // Outside the window it is brought there first, its middle under the pointer.
        let grip = if inside { at - frame.left } else { 0.5 / frame.zoom };
        held.set(Some(grip));
        session.intend(Intent::Look(Look::Show(frame.panned_to(at - grip))));
    };
    let moved = move |event: PointerEvent| {
        if let Some(grip) = held.get_untracked() {
            let at = share(&event);
            let shown = session.frame.get_untracked().panned_to(at - grip);
            session.intend(Intent::Look(Look::Show(shown)));
        }
    };
    view! {
        <div class="brush" aria-hidden="true">
            <div class="brush-strip" node_ref=strip on:pointerdown=down on:pointermove=moved
                on:pointerup=move |_| held.set(None) on:pointercancel=move |_| held.set(None)>
                <div class="brush-window" style:left=move || percent(session.frame.get().left)
                    style:width=move || percent(1.0 / session.frame.get().zoom) />
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
        let at = run.moment(step).at;
        let share = plot.share(at);
        ticks.push((share, step));
        let next = plot.scale.time((share + TICKS_APART) * plot.scale.width());
        // The last step before the next stretch begins; at least this one.
        from = run.at_time(next).max(step) + 1;
    }
    ticks
}
