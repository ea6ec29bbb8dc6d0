//! The cursor of the time picture: the line of the moment shown.

use leptos::prelude::*;

use super::time_layout::Plot;
use crate::page::session::Session;
use crate::page::session::intent::Intent;

/// The blue line. A slider for the keyboard and for screen readers; the pointer drags it anywhere in the picture.
#[component]
pub fn Cursor(
    /// Where things are.
    plot: Memo<Plot>,
    /// How much of the lanes is seen.
    seen_h: Memo<f64>,
) -> impl IntoView {
    let session = Session::here();
    let x = move || plot.with(|p| p.x(session.clock.get()));
    let seen = move || plot.with(|p| x() >= p.layout.plot_x - 9.0 && x() <= p.layout.width + 1.0);
    let unit = move || plot.with(|p| p.layout.unit);
    let head = move || {
        let (x, u) = (x(), unit());
        format!(
            "M{:.1} 0h{:.1}v{:.1}l{:.1} {:.1}l{:.1} {:.1}z",
            x - 6.0 * u,
            12.0 * u,
            5.0 * u,
            -6.0 * u,
            8.0 * u,
            -6.0 * u,
            -8.0 * u
        )
    };
    let told = move || {
        session
            .moment
            .with(|m| format!("step {}, {}: {}", m.step, m.at, m.text))
    };
    // Reached by keyboard while out of sight, it is brought there.
    let reach = move |_| {
        if !untrack(seen) {
            session.intend(Intent::GoTo(session.cursor.get_untracked()));
        }
    };
    view! {
        <g class="cursor" class:cursor-away=move || !seen() role="slider" tabindex="0" aria-label="Moment" aria-valuemin="0"
            aria-valuemax=move || session.run.with(|run| run.last()).to_string() aria-valuenow=move || session.cursor.get().to_string()
            aria-valuetext=told on:focus=reach>
            <line class="cursor-line" x1=x x2=x y1=0 y2=move || seen_h.get().min(plot.with(|p| p.layout.bottom() + 8.0)) />
            <path class="cursor-head" d=head />
        </g>
    }
}
