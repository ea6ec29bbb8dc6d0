//! The brush: the whole run in one strip, the part that the picture shows, and a tick for all that is worth a stop.

use leptos::ev::PointerEvent;
use leptos::html::Div;
use leptos::prelude::*;

use super::frame::Frame;
use super::icons::of_step;
use super::intent::{Intent, Look};
use super::session::Session;
use super::time_layout::{Layout, Plot};

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
            let tick = |m: &crate::view::recording::Moment| {
                let left = plot.with(|p| p.x(m.at) / 1000.0);
                view! { <i class=format!("brush-tick {}", of_step(m.kind).1) style:left=percent(left) title=m.text.clone() /> }
            };
            run.moments.iter().filter(|m| m.interesting).map(tick).collect_view()
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
