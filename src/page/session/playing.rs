//! Letting the virtual clock run: it moves between moments, and takes the cursor along when it passes one.

use leptos::prelude::*;

use super::Session;
use super::preferences::Speed;
use crate::base::time::Span;

/// A tab that was away for long does not make up for it: at most so many milliseconds count at once.
const FRAME_MS_MAX: f64 = 250.0;

/// Starts, from the beginning if the run is over, or stops.
pub fn toggle(session: Session) {
    if session.playing.get_untracked() {
        session.playing.set(false);
        session.walk(session.cursor.get_untracked());
        return;
    }
    if session.cursor.get_untracked() >= session.run.with_untracked(|run| run.last()) {
        session.walk(0);
    }
    start(session);
}

/// Lets the clock run on from the moment shown.
pub fn start(session: Session) {
    session.playing.set(true);
    let mine = session.plays.with_value(|n| n + 1);
    session.plays.set_value(mine);
    frame(session, mine, js_sys::Date::now(), 0.0);
}

/// The next frame of the time that the clock was started as number `mine`.
fn frame(session: Session, mine: u32, before: f64, waited: f64) {
    request_animation_frame(move || {
        let latest = session.plays.try_get_value() == Some(mine);
        if !latest || !session.playing.get_untracked() {
            return;
        }
        let now = js_sys::Date::now();
        let waited = advance(session, (now - before).clamp(0.0, FRAME_MS_MAX), waited);
        if session.cursor.get_untracked() >= session.run.with_untracked(|run| run.last()) {
            session.playing.set(false);
        } else {
            frame(session, mine, now, waited);
        }
    });
}

/// Lets so many real milliseconds pass; returns how long the next step has been waited for, where steps are counted.
fn advance(session: Session, real_ms: f64, waited: f64) -> f64 {
    let (cursor, speed) = (session.cursor.get_untracked(), session.speed.get_untracked());
    let Some(rate) = speed.nanos_per_ms() else {
        return count_on(session, speed, waited + real_ms);
    };
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a picture"
    )]
    let passed = Span((real_ms * rate as f64) as u64);
    let clock = session.clock.get_untracked() + passed;
    let reached = session.run.with_untracked(|run| run.at_time(clock).max(cursor));
    if reached > cursor {
        session.walk(reached);
    }
    session
        .clock
        .set(clock.min(session.run.with_untracked(|run| run.end_time())));
    waited
}

/// Walks on as many steps as have been waited for; returns what is left of the wait.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a picture"
)]
fn count_on(session: Session, speed: Speed, mut waited: f64) -> f64 {
    loop {
        let cursor = session.cursor.get_untracked();
        let gap = session
            .run
            .with_untracked(|run| run.at(cursor + 1).since(run.at(cursor)));
        let Some(wait) = speed.wait_ms(gap) else { return waited };
        if waited < wait || cursor >= session.run.with_untracked(|run| run.last()) {
            if speed == Speed::Even {
                let part = Span((gap.0 as f64 * (waited / wait).min(1.0)) as u64);
                session
                    .clock
                    .set(session.run.with_untracked(|run| run.at(cursor)) + part);
            }
            return waited;
        }
        session.walk(cursor + 1);
        waited -= wait;
    }
}
