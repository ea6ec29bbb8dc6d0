//! The crash sweep: one square for every worker at every step of the run shown, coloured by what became of it
//! when that worker died there and was restarted. It runs by itself beside the page, and can be walked by keyboard.

use leptos::prelude::*;

use crate::page::background::Ticket;
use crate::page::background::message::{Job, News, Square};
use crate::page::session::Session;
use crate::page::session::engine::{Judgement, RunSpec};
use crate::page::session::intent::Intent;
use crate::page::words::icons::{Icon, icon};

/// Each crash point plays the rest of the run: of a longer run they are not tried here.
const STEPS_MAX: u32 = 2_000;

/// The strip.
#[component]
pub fn SweepPanel() -> impl IntoView {
    let session = Session::here();
    let points = RwSignal::new(Vec::<Square>::new());
    let total = RwSignal::new(0_u32);
    let broken = RwSignal::new(None::<String>);
    let picked = RwSignal::new(None::<usize>);
    let too_long = Memo::new(move |_| session.run.with(|run| run.last()) > STEPS_MAX);
    let is_foreign = Memo::new(move |_| session.run.with(|run| run.opened.is_some()));
    // Which sweep it is, and the job that it is.
    let (asked, under_way) = (StoredValue::new(0_u32), StoredValue::new(None::<Ticket>));
    let spec = Memo::new(move |_| {
        session.active.track();
        session.run.track();
        session.spec()
    });
    Effect::new(move |_| {
        let spec = spec.get();
        asked.update_value(|n| *n += 1);
        points.set(Vec::new());
        total.set(0);
        broken.set(None);
        picked.set(None);
        let hear = move |news| match news {
            News::Points(n) => total.set(n),
            News::Tried(some) => points.update(|all| all.extend(some)),
            News::Broken(why) => broken.set(Some(why)),
            News::Answer(_) | News::Read(_) | News::Found(_) | News::Unread(_) | News::Done => {}
        };
        session.background.with_value(|background| {
            if let Some(before) = under_way.get_value() {
                background.drop(before);
            }
            let wanted = spec.filter(|_| !too_long.get());
            let give = |spec: RunSpec| background.give(Job::Sweep { run: spec.to_string() }, hear);
            under_way.set_value(wanted.map(give));
        });
    });
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let last = points.with(Vec::len).saturating_sub(1);
        let here = picked.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => here.map_or(0, |i| (i + 1).min(last)),
            "ArrowLeft" => here.unwrap_or(0).saturating_sub(1),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        picked.set(Some(next));
        focus(next);
    };
    let told = move || {
        match picked.get().and_then(|i| points.with(|all| all.get(i).cloned())) {
        Some(point) => point.sentence,
        None if is_foreign.get() => {
            "This history was lived elsewhere, and its workers cannot be killed again. What a crash would have done is in \
             the tab “Findings”."
                .to_owned()
        }
        None if too_long.get() => format!(
            "This run has more than {STEPS_MAX} steps: to let every worker die at each of them takes longer than a page \
             should. The command line does it: sagascope sweep."
        ),
        None if broken.with(Option::is_some) => {
            let why = broken.get().unwrap_or_default();
            format!("The sweep has broken; this is a fault of the lab. Please send this to those who make it: {why}")
        }
        None => {
            "Each square is this run with one crash in it, and a restart after 5 s. Pick one to see what came of it; \
                 Enter opens that moment."
                .to_owned()
        }
    }
    };
    let drawn = move |(_, i): (u32, usize)| {
        let point = points.with_untracked(|all| all.get(i).cloned());
        point.map(|point| square(session, picked, i, point))
    };
    // A square stays as it is once its point is tried: only those of another sweep are others.
    let squares = move || points.with(|all| (0..all.len()).map(|i| (asked.get_value(), i)).collect::<Vec<_>>());
    view! {
        <section class="sweep" aria-label="Crash sweep">
            <h2 class="panel-title">
                <span class="cut">"Crash sweep · " <span class="title-name">{move || if too_long.get() || is_foreign.get() { "not tried".to_owned() } else { counts(&points.read(), total.get()) }}</span></span>
                <span class="panel-note">"← → walk · ↵ open this moment"</span>
            </h2>
            <div class="sweep-squares" role="group" aria-label="Crash points" on:keydown=keys>
                <For each=squares key=|key| *key let:key>{drawn(key)}</For>
            </div>
            <p class="sweep-told" role="status">{told}</p>
        </section>
    }
}

fn square(session: Session, picked: RwSignal<Option<usize>>, i: usize, point: Square) -> impl IntoView {
    let (shape, class) = of_judgement(point.judgement);
    let word = point.judgement.word();
    let label = format!("Step {}, worker {}: {word}", point.step, point.worker);
    let id = format!("crash-{i}");
    let open = move |_| {
        picked.set(Some(i));
        if let Ok(run) = RunSpec::parse(&point.run) {
            session.intend(Intent::OpenRun(run, point.step + 1));
        }
    };
    // One stop for the Tab key; the arrows do the rest.
    let tab = move || if picked.get().unwrap_or(0) == i { "0" } else { "-1" };
    view! {
        <button class=format!("square {class}") id=id aria-label=label.clone() title=label tabindex=tab
            aria-current=move || (picked.get() == Some(i)).then_some("true")
            on:focus=move |_| picked.set(Some(i)) on:click=open>{icon(shape)}</button>
    }
}

fn focus(i: usize) {
    crate::page::browser::focus::focus(&format!("crash-{i}"));
}

/// `60 crash points: 33 hold, 27 slower`.
fn counts(points: &[Square], total: u32) -> String {
    if points.len() < total as usize {
        return format!("{} of {total} crash points tried", points.len());
    }
    let told: Vec<String> = Judgement::ALL
        .into_iter()
        .map(|kind| {
            (
                points.iter().filter(|point| point.judgement == kind).count(),
                kind.word(),
            )
        })
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    format!("{total} crash points: {}", told.join(", "))
}

fn of_judgement(judgement: Judgement) -> (Icon, &'static str) {
    match judgement {
        Judgement::Holds => (Icon::Check, "is-ok"),
        Judgement::Slower => (Icon::Clock, "is-ok is-slower"),
        Judgement::Better => (Icon::Check, "is-other"),
        Judgement::AsBad => (Icon::Cross, "is-lost"),
        Judgement::LastAttemptLost => (Icon::Hourglass, "is-timed-out"),
        Judgement::Broken => (Icon::Cross, "is-failed"),
        Judgement::Unsettled => (Icon::Dash, "is-failed"),
    }
}
