//! What is worked out beside the page, in a Web Worker of the same program: crash sweeps, and the answers of the console.
//! Each plays whole runs, and no key waits for them.
//!
//! A [`Job`] is given to a [`Background`], which tells what comes of it as [`News`]. `message.rs` has both, as data; `jobs.rs`
//! does them; `thread.rs` starts the Web Worker, and is its inside. Where none can be had, the page does the jobs itself, in
//! slices of time.

pub mod jobs;
pub mod message;
pub mod thread;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use self::message::{Job, Letter, News, Order};
use self::thread::Thread;
use crate::base::sorted::SortedMap;
use crate::page::session::engine::Catalogue;

/// Where jobs are given.
#[derive(Clone)]
pub struct Background(Rc<State>);

/// A job that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u32);

struct State {
    catalogue: Catalogue,
    given: Cell<u32>,
    open: RefCell<SortedMap<u32, Errand>>,
    by: RefCell<By>,
}

/// Who does the jobs.
enum By {
    /// Nobody has been asked yet.
    Nobody,
    /// A Web Worker that is not ready yet, or is.
    Thread { thread: Thread, ready: bool },
    /// The page itself.
    Page,
}

/// A job that is not done.
struct Errand {
    job: Job,
    hear: Rc<dyn Fn(News)>,
    wanted: Rc<Cell<bool>>,
}

impl Background {
    /// For these stories. Nothing is started before there is something to do.
    pub fn new(catalogue: Catalogue) -> Self {
        Self(Rc::new(State {
            catalogue,
            given: Cell::new(0),
            open: RefCell::default(),
            by: RefCell::new(By::Nobody),
        }))
    }

    /// Gives a job; `hear` is told what comes of it, the last being [`News::Done`] or [`News::Broken`].
    pub fn give(&self, job: Job, hear: impl Fn(News) + 'static) -> Ticket {
        let ticket = self.0.given.get() + 1;
        self.0.given.set(ticket);
        let errand = Errand {
            job,
            hear: Rc::new(hear),
            wanted: Rc::new(Cell::new(true)),
        };
        self.0.open.borrow_mut().insert(ticket, errand);
        if matches!(*self.0.by.borrow(), By::Nobody) {
            self.start();
        } else {
            self.send(ticket);
        }
        Ticket(ticket)
    }

    /// The job is not wanted any more: nothing is told of it from now on.
    pub fn drop(&self, Ticket(ticket): Ticket) {
        let Some(errand) = self.0.open.borrow_mut().remove(&ticket) else {
            return;
        };
        errand.wanted.set(false);
        if let By::Thread { thread, ready: true } = &*self.0.by.borrow() {
            thread.send(&Order { ticket, job: None });
        }
    }

    fn start(&self) {
        let here = self.clone();
        match Thread::start(move |letter| here.hear(letter)) {
            Ok(thread) => *self.0.by.borrow_mut() = By::Thread { thread, ready: false },
            Err(why) => self.do_without(&why),
        }
    }

    fn hear(&self, letter: Letter) {
        match letter {
            Letter::Ready => {
                if let By::Thread { ready, .. } = &mut *self.0.by.borrow_mut() {
                    *ready = true;
                }
                self.send_all();
            }
            Letter::Of { ticket, news } => self.tell(ticket, news),
            Letter::Broken(why) => {
                let was_ready = matches!(*self.0.by.borrow(), By::Thread { ready: true, .. });
                if was_ready {
                    self.broken(&why);
                } else {
                    self.do_without(&why);
                }
            }
        }
    }

    /// There is no Web Worker, and there will be none.
    fn do_without(&self, why: &str) {
        leptos::logging::log!("No Web Worker ({why}): sweeps run in the page.");
        self.turn_to(By::Page);
        self.send_all();
    }

    /// The program has broken in the Web Worker. What it had in hand is lost; the next job gets another one.
    fn broken(&self, why: &str) {
        self.turn_to(By::Nobody);
        let lost = std::mem::take(&mut *self.0.open.borrow_mut());
        for errand in lost.into_values() {
            (errand.hear)(News::Broken(why.to_owned()));
        }
    }

    fn turn_to(&self, by: By) {
        let before = self.0.by.replace(by);
        // It may be its own last words that led here: what hears them must not go before they are said.
        spawn_local(async move { drop(before) });
    }

    fn send_all(&self) {
        let tickets: Vec<u32> = self.0.open.borrow().keys().copied().collect();
        for ticket in tickets {
            self.send(ticket);
        }
    }

    fn send(&self, ticket: u32) {
        let open = self.0.open.borrow();
        let Some(errand) = open.get(&ticket) else { return };
        match &*self.0.by.borrow() {
            By::Thread { thread, ready: true } => thread.send(&Order {
                ticket,
                job: Some(errand.job.clone()),
            }),
            By::Thread { ready: false, .. } | By::Nobody => {}
            By::Page => {
                let (here, job, wanted) = (self.clone(), errand.job.clone(), Rc::clone(&errand.wanted));
                spawn_local(async move {
                    let tell = |news| here.tell(ticket, news);
                    jobs::work(here.0.catalogue, job, tell, || wanted.get()).await;
                });
            }
        }
    }

    fn tell(&self, ticket: u32, news: News) {
        let hear = self.0.open.borrow().get(&ticket).map(|errand| Rc::clone(&errand.hear));
        if news.is_last() {
            self.0.open.borrow_mut().remove(&ticket);
        }
        if let Some(hear) = hear {
            hear(news);
        }
    }
}
