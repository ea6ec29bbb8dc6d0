//! Reading files on the shelf: a Web Worker reads them and judges them; here their events are taken in, in slices of time.

use std::cell::RefCell;

use futures_channel::oneshot;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::{Blob, Url};

use super::Session;
use super::computing::{rest, slice};
use super::recorded::Recorded;
use super::subject::{FileKey, Subject};
use crate::history::file;
use crate::page::background::message::{Job, News, Readable};
use crate::view::findings::Findings;
use crate::view::opening::{Opening, Read};

/// The history of a file on the shelf, as the page holds it, telling `progress` how many events are taken in. `None` once
/// nobody has `wanted` it any more.
///
/// # Errors
///
/// If the file is not there, or is no history; with what to do.
pub async fn bring(
    session: Session,
    key: &FileKey,
    progress: impl Fn(u32),
    wanted: impl Fn() -> bool,
) -> Result<Option<Recorded>, String> {
    let Some(blob) = session.shelf.get(key).await else {
        return Err(format!(
            "{} is not on this browser's shelf: files never leave the browser that opened them. Drop it on this page again, \
             or choose it under “Open”",
            key.name
        ));
    };
    let readable = read(session, &key.name, &blob)
        .await
        .map_err(|why| format!("{}: {why}", key.name))?;
    let mut events = Vec::new();
    let mut chunks = readable.chunks.into_iter();
    let mut understood = true;
    // Nothing that is left to take in, or something that this very program has not written.
    let mut take_in = |events: &mut Vec<_>| match chunks.next().map(|chunk| file::read_chunk(&chunk)) {
        Some(Some(more)) => {
            events.extend(more);
            false
        }
        Some(None) => {
            understood = false;
            true
        }
        None => true,
    };
    while !slice(|_| take_in(&mut events), &mut 0) {
        progress(u32::try_from(events.len()).unwrap_or(u32::MAX));
        rest().await;
        if !wanted() {
            return Ok(None);
        }
    }
    if !understood {
        return Err("the Web Worker could not be understood".to_owned());
    }
    let mut opening = Opening::of(Read {
        opened: readable.opened,
        events,
    });
    while !slice(|events| opening.advance(events), &mut 0) {
        rest().await;
        if !wanted() {
            return Ok(None);
        }
    }
    let recording = opening.finish();
    rest().await;
    Ok(Some(Recorded::new(recording, 0, rest).await))
}

/// Has the history of a branch judged beside the page.
///
/// # Errors
///
/// Why that cannot be.
pub async fn study(session: Session, branch: u32) -> Result<Findings, String> {
    let subject = session.branch(branch).map(|branch| branch.subject);
    let Some(Subject::File(key)) = subject else {
        return Err("It is no file.".to_owned());
    };
    let blob = session.shelf.get(&key).await;
    let blob = blob.ok_or_else(|| format!("{} is not on this browser's shelf any more.", key.name))?;
    let job = |url| Job::Study { url };
    match ask(session, &blob, job).await? {
        News::Found(found) => Ok(*found),
        news => Err(unexpected(&news)),
    }
}

/// Has a file read beside the page.
async fn read(session: Session, name: &str, blob: &Blob) -> Result<Box<Readable>, String> {
    let name = name.to_owned();
    let job = |url| Job::Read { name, url };
    match ask(session, blob, job).await? {
        News::Read(read) => Ok(read),
        news => Err(unexpected(&news)),
    }
}

fn unexpected(news: &News) -> String {
    match news {
        News::Unread(why) => why.clone(),
        News::Broken(why) => format!("the lab has broken over it: {why}"),
        _ => "the Web Worker could not be understood".to_owned(),
    }
}

/// Gives a job about a file, and waits for the first answer.
async fn ask(session: Session, blob: &Blob, job: impl FnOnce(String) -> Job) -> Result<News, String> {
    let said = |why: JsValue| format!("the browser does not hand it out: {why:?}");
    let url = Url::create_object_url_with_blob(blob).map_err(said)?;
    let (tell, told) = oneshot::channel();
    let tell = RefCell::new(Some(tell));
    let hear = move |news| {
        if let Some(tell) = tell.borrow_mut().take() {
            // Who asked may be gone.
            tell.send(news).ok();
        }
    };
    let job = job(url.clone());
    session.background.with_value(|background| background.give(job, hear));
    let answer = told.await.map_err(|_| "nobody answered".to_owned());
    Url::revoke_object_url(&url).ok();
    answer
}
