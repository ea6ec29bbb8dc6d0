//! Doing the jobs, in slices of time: so that the page, or another job, has its turn.

use js_sys::{Function, Promise, Reflect, Uint8Array};
use serde_bytes::ByteBuf;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;

use super::message::{Job, News, Readable, Square};
use crate::history::file;
use crate::history::proto::History;
use crate::page::session::computing::{rest, slice};
use crate::page::session::engine::{Asked, Catalogue, CrashPoint, Line, Place, PlainRun, Tried, read};
use crate::view::findings::{Findings, findings};
use crate::view::opening;

/// Taking in so many takes a few milliseconds.
const EVENTS_A_CHUNK: usize = 256;

/// Does a job, as long as it is `wanted`, and `tell`s what comes of it.
pub async fn work(catalogue: Catalogue, job: Job, tell: impl Fn(News), wanted: impl Fn() -> bool) {
    match job {
        Job::Sweep { run } => sweep(catalogue, &run, &tell, &wanted).await,
        Job::Console { run, line, here } => {
            if let Some(answer) = console(catalogue, &run, &line, &here, &wanted).await {
                tell(News::Answer(answer));
            }
        }
        Job::Study { url } => tell(match study(&url).await {
            Ok(found) => News::Found(Box::new(found)),
            Err(why) => News::Unread(why),
        }),
        Job::Read { name, url } => tell(match read_file(&name, &url).await {
            Ok(read) => News::Read(Box::new(read)),
            Err(why) => News::Unread(why),
        }),
    }
    if wanted() {
        tell(News::Done);
    }
}

async fn sweep(catalogue: Catalogue, run: &str, tell: &impl Fn(News), wanted: &impl Fn() -> bool) {
    // Of a run that cannot be made the page says why.
    let Ok(mut plain) = catalogue.spec(run).and_then(|spec| PlainRun::new(catalogue, &spec)) else {
        return;
    };
    if !in_slices(|steps| plain.advance(steps), wanted).await {
        return;
    }
    let mut sweep = plain.sweep();
    tell(News::Points(u32::try_from(sweep.len()).unwrap_or(u32::MAX)));
    loop {
        let known = sweep.points().len();
        let done = slice(|steps| sweep.play(steps), &mut 0);
        let tried = &sweep.points()[known..];
        if !tried.is_empty() {
            tell(News::Tried(tried.iter().map(square).collect()));
        }
        rest().await;
        if done || !wanted() {
            return;
        }
    }
}

fn square(point: &CrashPoint) -> Square {
    Square {
        run: point.spec.to_string(),
        step: point.step,
        worker: point.worker.to_string(),
        judgement: point.judgement,
        sentence: point.sentence(),
    }
}

async fn console(
    catalogue: Catalogue,
    run: &str,
    line: &str,
    here: &Place,
    wanted: &impl Fn() -> bool,
) -> Option<Result<String, String>> {
    let made = catalogue.spec(run).and_then(|spec| catalogue.sim(&spec));
    let (sim, line) = match (made, read(line, here)) {
        (Ok(sim), Ok(line)) => (sim, line),
        (Err(why), _) => return Some(Err(why.to_string())),
        (_, Err(why)) => return Some(Err(why)),
    };
    match line {
        Line::Ask(question) => {
            let mut asked = Asked::of(sim, here.step);
            let done = in_slices(|steps| asked.advance(steps), wanted).await;
            done.then(|| asked.answer(&question))
        }
        Line::Do(choice) => {
            let mut tried = Tried::of(sim, choice);
            let done = in_slices(|steps| tried.advance(steps), wanted).await;
            done.then(|| tried.outcome())
        }
    }
}

/// Reads a file that the browser hands out under that name.
async fn read_file(name: &str, url: &str) -> Result<Readable, String> {
    let bytes = fetched(url).await.ok_or("The browser does not hand it out.")?;
    let history = file::read(&bytes).map_err(|why| why.to_string())?;
    let read = opening::read(name, u64::try_from(bytes.len()).unwrap_or(u64::MAX), history)?;
    drop(bytes);
    let mut chunks = Vec::new();
    let mut events = read.events.into_iter().peekable();
    while events.peek().is_some() {
        let history = History {
            events: events.by_ref().take(EVENTS_A_CHUNK).collect(),
        };
        chunks.push(ByteBuf::from(file::bytes(&history)));
    }
    Ok(Readable {
        chunks,
        opened: read.opened,
    })
}

async fn study(url: &str) -> Result<Findings, String> {
    let bytes = fetched(url).await.ok_or("The browser does not hand it out.")?;
    let read = file::read(&bytes).map_err(|why| why.to_string())?;
    Ok(findings(&read.history.events, read.is_complete()))
}

async fn fetched(url: &str) -> Option<Vec<u8>> {
    let global = js_sys::global();
    // In the page and in the Web Worker alike.
    let fetch: Function = Reflect::get(&global, &"fetch".into()).ok()?.dyn_into().ok()?;
    let asked: Promise = fetch.call1(&global, &url.into()).ok()?.dyn_into().ok()?;
    let response: web_sys::Response = JsFuture::from(asked).await.ok()?.dyn_into().ok()?;
    let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// Takes steps until nothing is left to do; false if it is not wanted any more.
async fn in_slices(mut advance: impl FnMut(u32) -> bool, wanted: &impl Fn() -> bool) -> bool {
    while !slice(&mut advance, &mut 0) {
        rest().await;
        if !wanted() {
            return false;
        }
    }
    true
}
