//! Moving through the run: clock, steps, play, speed.

use leptos::prelude::*;

use crate::page::session::Session;
use crate::page::session::intent::Intent;
use crate::page::session::preferences::Speed;
use crate::page::words::icons::{Icon, icon};

/// The virtual clock. Not a live region: the steps are told in `now_lines.rs`.
#[component]
pub fn Clock() -> impl IntoView {
    let session = Session::here();
    view! {
        <span class="clock" title="Virtual time since the run began">
            {move || session.clock.get().to_string()}
        </span>
    }
}

/// The buttons.
#[component]
pub fn Transport() -> impl IntoView {
    let session = Session::here();
    let at_start = move || session.cursor.get() == 0;
    let at_end = move || session.run.with(|run| session.cursor.get() >= run.last());
    let say = move |intent: Intent| move |_| session.intend(intent.clone());
    // Not `disabled`: that would take the focus away from whoever steps with this very button.
    let said = |is: bool| is.then_some("true");
    let playing = move || session.playing.get();
    view! {
        <div class="transport" role="group" aria-label="Moving through the run">
            <button class="button button-icon" title="To the start (Home)" aria-label="To the start"
                aria-disabled=move || said(at_start()) on:click=say(Intent::ToStart)>{icon(Icon::First)}</button>
            <button class="button" title="A step back (←)" aria-label="A step back" aria-disabled=move || said(at_start()) on:click=say(Intent::Step(-1))>
                {icon(Icon::Back)} <span class="button-word">"step"</span>
            </button>
            <button class="button button-main" title="Let the virtual clock run (space)" on:click=say(Intent::PlayPause)>
                {move || if playing() { icon(Icon::Pause).into_any() } else { icon(Icon::Play).into_any() }}
                <span class="play-word">{move || if playing() { "pause" } else { "play" }}</span>
            </button>
            <button class="button" title="A step on (→)" aria-label="A step on" aria-disabled=move || said(at_end()) on:click=say(Intent::Step(1))>
                <span class="button-word">"step"</span> {icon(Icon::Forward)}
            </button>
            <button class="button" title="To the next failure, crash, retry or replay (⇧ →)" aria-disabled=move || said(at_end())
                on:click=say(Intent::NextInteresting)>{icon(Icon::Next)} <span class="button-word">"next incident"</span></button>
            <SpeedPicker />
        </div>
    }
}

#[component]
fn SpeedPicker() -> impl IntoView {
    let session = Session::here();
    let change = move |event| {
        if let Some(speed) = Speed::named(&event_target_value(&event)) {
            session.intend(Intent::SetSpeed(speed));
        }
    };
    let options = Speed::ALL.map(|speed| {
        view! { <option value=speed.word() selected=move || session.speed.get() == speed>{speed.word()}</option> }
    });
    view! {
        <label class="speed">
            <span class="speed-word">"speed"</span>
            <select class="speed-box" aria-label="Speed of the virtual clock" on:change=change>{options.collect_view()}</select>
        </label>
    }
}
