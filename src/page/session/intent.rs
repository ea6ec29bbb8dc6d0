//! Everything a reader can want of the page. Buttons, keys and the address all speak it; `dispatcher.rs` alone obeys.

use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;
use web_sys::{Blob, File};

use super::address::Address;
use super::engine::{Choice, RunSpec};
use super::lesson::Wish;
use super::preferences::Speed;
use super::subject::FileKey;
use crate::page::history::history_rows::Listing;
use crate::page::layout::arranged::Split;
use crate::page::picture::frame::Frame;

/// One wish.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Another story, from its start.
    PickStory(String),
    /// The same story with other chance draws.
    SetSeed(u64),
    /// So many steps on, or back.
    Step(i32),
    /// Let the virtual clock run, or stop it.
    PlayPause,
    /// On to the next moment worth stopping at.
    NextInteresting,
    /// Back to the one before.
    PrevInteresting,
    /// On to where the next attempt begins.
    NextAttempt,
    /// Before the first step.
    ToStart,
    /// After the last step.
    ToEnd,
    /// To the moment after so many steps.
    GoTo(u32),
    /// Kill a worker that lives, restart one that is dead.
    ToggleWorker(String),
    /// Kill every worker that lives.
    KillAll,
    /// Show another of the workflow runs in this branch: its place in the order of their starts, from 0.
    ShowRun(u32),
    /// Do something to a worker or a workflow, as somebody has written it.
    Do(Choice),
    /// Open the console.
    OpenConsole,
    /// Look at another branch.
    PickBranch(u32),
    /// Forget a branch.
    CloseBranch(u32),
    /// Show an event in the drawer; `None` follows the cursor again.
    SelectEvent(Option<u32>),
    /// How fast the clock runs.
    SetSpeed(Speed),
    /// Zoom and pan of the time picture.
    Look(Look),
    /// Dark or light.
    ToggleTheme,
    /// Large type for presenting, or usual type.
    ToggleLarge,
    /// Put a splitter there, in per cent.
    MoveSplit(Split, f64),
    /// Tell what became different since that moment; `None` for since the step before.
    HoldMoment(Option<u32>),
    /// Open the tab of the drawer with that name.
    ShowTab(String),
    /// Open the tab of the drawer in that place, from 1.
    ShowTabAt(u8),
    /// Keys and legend.
    ToggleHelp,
    /// The complaint was read.
    CloseComplaint,
    /// The note was read, or has stood long enough.
    CloseNote,
    /// The help was closed.
    CloseHelp,
    /// List the history in that way.
    List(Listing),
    /// Put the cursor into the history's filter box.
    FocusFilter,
    /// Copy the address of this moment.
    CopyLink,
    /// Copy an event's JSON.
    CopyJson(u32),
    /// Save the history, as it stands at this moment, as a file.
    SaveHistory,
    /// Open files that hold histories.
    Open(Vec<Brought>),
    /// Open a file that is on the shelf.
    OpenShelved(FileKey),
    /// Take all files off the shelf.
    ClearShelf,
    /// The dialog in which files are opened.
    ToggleOpener,
    /// That dialog was closed.
    CloseOpener,
    /// Look at a moment of another run.
    OpenRun(RunSpec, u32),
    /// Go where the address says.
    Visit(Address),
    /// To be taught something, or nothing.
    Learn(Wish),
    /// Close whatever is open: help, then message, then lesson, then selection.
    Dismiss,
}

/// A file that the visitor brings.
#[derive(Clone, Debug, PartialEq)]
pub struct Brought {
    /// What it is known by.
    pub key: FileKey,
    /// What is in it.
    pub blob: Blob,
}

impl Brought {
    /// A file of the visitor's. It is known by its name, its size and its time: to look into it would take too long here.
    pub fn file(file: &File) -> Self {
        let name = file.name();
        let id = known_by(&format!("{name}\n{}\n{}", file.size(), file.last_modified()));
        Self {
            key: FileKey { id, name },
            blob: file.clone().into(),
        }
    }

    /// A text, under that name.
    pub fn text(name: &str, text: &str) -> Self {
        let parts = js_sys::Array::of1(&text.into());
        let blob =
            Blob::new_with_str_sequence(&parts).unwrap_or_else(|_| Blob::new().expect("an empty one can be had"));
        Self {
            key: FileKey {
                id: known_by(text),
                name: name.to_owned(),
            },
            blob,
        }
    }
}

fn known_by(text: &str) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(text.as_bytes());
    format!("{:012x}", hasher.finish() & 0xffff_ffff_ffff)
}

/// What to do with the time picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Look {
    /// Exactly that part.
    Show(Frame),
    /// Closer, around the middle.
    In,
    /// Further away.
    Out,
    /// The whole run.
    Fit,
    /// Fold idle time, or draw everything to scale.
    ToggleFolds,
}
