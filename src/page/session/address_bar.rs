//! The one owner of what stands in the address bar: who wrote it last, and who may write it next.
//!
//! Two write there. The visitor goes somewhere: a link, a paste, back, forward. The page keeps the address in step with
//! the moment shown. The browser tells of a visitor's move a while after it is there, so an event alone is no way to know
//! of it: whatever the page wrote in between would be what the event finds, and the move would be lost without a word.
//! Hence three rules, kept here and tested here; `browser_history.rs` carries them out and decides nothing.
//!
//! 1. Nobody writes without looking. An entry that is not the last one known is the visitor's, told of or not, and is
//!    followed instead of written over.
//! 2. While an entry is followed and its run is not shown yet, it is left alone: what is shown is not what it says.
//! 3. Every entry bears a mark, so that two with the same words are two.

/// What the browser shows: the words in the address bar, and the entry of its history they belong to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// The part of the address from `#` on, as the browser spells it; empty if there is none.
    pub fragment: String,
    /// The page's mark on the entry; none on one that the visitor has just made.
    pub mark: Option<u32>,
}

/// What is to be done about an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Nothing: the address is somebody else's for now.
    Leave,
    /// Go where the visitor went, and put this mark on the entry.
    Follow(u32),
    /// Change the entry's words to those that were asked for, under this mark.
    Replace(u32),
    /// Make a new entry of them, under this mark.
    Push(u32),
}

/// The owner's memory.
#[derive(Clone, Debug)]
pub struct AddressBar {
    /// The entry that was written or followed last.
    known: Entry,
    /// What the page has said in it, as the page spells it; none while it holds the visitor's words only.
    told: Option<String>,
    /// It is followed, and its run is not shown yet.
    following: bool,
    next_mark: u32,
}

impl AddressBar {
    /// For a page that has just been loaded. The marks of another load must be others: `first_mark` is drawn by lot.
    pub fn new(first_mark: u32) -> Self {
        Self {
            known: Entry::default(),
            told: None,
            following: false,
            next_mark: first_mark,
        }
    }

    /// The page is loaded: whatever is there is where the visitor went.
    pub fn begin(&mut self) -> Order {
        self.follow()
    }

    /// Something may have happened; `seen` is what is there.
    pub fn look(&mut self, seen: &Entry) -> Order {
        if *seen == self.known {
            Order::Leave
        } else {
            self.follow()
        }
    }

    /// The moment shown, or the timelines kept with it, are others; it is spelt `now`.
    pub fn keep_up(&mut self, seen: &Entry) -> Order {
        if *seen != self.known {
            self.follow()
        } else if self.following {
            Order::Leave
        } else {
            Order::Replace(self.mark())
        }
    }

    /// Before another run is shown: [`Order::Replace`] if the entry does not tell yet where the run before was left.
    pub fn settle(&mut self, seen: &Entry, left: &str) -> Order {
        match self.keep_up(seen) {
            Order::Replace(_) if self.told.as_deref() == Some(left) => Order::Leave,
            order => order,
        }
    }

    /// Another run is shown, by the reader's wish; its moment is spelt `now`. An empty address is filled, not kept.
    pub fn go_on(&mut self, seen: &Entry, now: &str) -> Order {
        if *seen != self.known {
            return self.follow();
        }
        let is_new = !seen.fragment.is_empty() && self.told.as_deref() != Some(now);
        let mark = self.mark();
        if is_new {
            Order::Push(mark)
        } else {
            Order::Replace(mark)
        }
    }

    /// An order was carried out; `seen` is what is there since. `said` is what the page has written, if it has.
    pub fn done(&mut self, seen: Entry, said: Option<&str>) {
        self.known = seen;
        self.told = said.map(str::to_owned);
    }

    /// A run is shown: the one that was followed, or one that the reader wanted more.
    pub fn arrive(&mut self) {
        self.following = false;
    }

    /// The page is left at the moment `now`: what to remember. Also if the entry says it already: a reload that was under
    /// way may have read what it said before.
    pub fn leave(&self, seen: &Entry, now: &str) -> Option<String> {
        let ours = *seen == self.known && !self.following;
        ours.then(|| format!("{}\n{now}", seen.fragment))
    }

    fn follow(&mut self) -> Order {
        self.following = true;
        Order::Follow(self.mark())
    }

    fn mark(&mut self) -> u32 {
        self.next_mark = self.next_mark.wrapping_add(1);
        self.next_mark
    }
}

/// What the address must become on loading: the moment that was remembered on leaving, if the address is still the one
/// that was left. A reload may have read it before its last change: then it is enough if the run is the same.
pub fn caught_up<'a>(here: &str, left: &'a str, is_reload: bool, run_of: impl Fn(&str) -> String) -> Option<&'a str> {
    let (told, now) = left.split_once('\n')?;
    let is_left = told == here || is_reload && run_of(told) == run_of(here);
    is_left.then_some(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::session::address::run_of;

    /// A browser in small: entries, which of them is shown, and whether the page has been told of the last move.
    struct Browser {
        bar: AddressBar,
        entries: Vec<Entry>,
        at: usize,
        /// Where the page goes, in order.
        followed: Vec<String>,
        /// The moment shown.
        now: String,
    }

    impl Browser {
        fn open(fragment: &str) -> Self {
            let mut bar = AddressBar::new(100);
            let order = bar.begin();
            let mut browser = Self {
                bar,
                entries: vec![entry(fragment, None)],
                at: 0,
                followed: vec![],
                now: fragment.to_owned(),
            };
            browser.obey(&order);
            browser.arrive();
            browser
        }

        fn seen(&self) -> Entry {
            self.entries[self.at].clone()
        }

        fn obey(&mut self, order: &Order) {
            let (fragment, mark, said) = match order {
                Order::Leave => return,
                Order::Follow(mark) => (self.seen().fragment, mark, None),
                Order::Replace(mark) | Order::Push(mark) => (self.now.clone(), mark, Some(self.now.clone())),
            };
            match order {
                Order::Push(_) => {
                    self.entries.truncate(self.at + 1);
                    self.entries.push(entry(&fragment, Some(*mark)));
                    self.at += 1;
                }
                _ => self.entries[self.at] = entry(&fragment, Some(*mark)),
            }
            if said.is_none() {
                self.followed.push(fragment);
            }
            self.bar.done(self.seen(), said.as_deref());
        }

        // What the visitor does; the page hears of it when `event` is called, or never.

        fn navigate(&mut self, fragment: &str) {
            self.entries.truncate(self.at + 1);
            self.entries.push(entry(fragment, None));
            self.at += 1;
        }

        fn back(&mut self) {
            self.at -= 1;
        }

        // What the page does.

        fn event(&mut self) {
            let order = self.bar.look(&self.seen());
            self.obey(&order);
        }

        fn step_to(&mut self, now: &str) {
            self.now = now.to_owned();
        }

        fn late_write(&mut self) {
            let order = self.bar.keep_up(&self.seen());
            self.obey(&order);
        }

        /// A run that the reader asked for is ready. False if the visitor was quicker.
        fn show(&mut self, now: &str) -> bool {
            let left = self.now.clone();
            let order = self.bar.settle(&self.seen(), &left);
            self.obey(&order);
            if matches!(order, Order::Follow(_)) {
                return false;
            }
            self.now = now.to_owned();
            let order = self.bar.go_on(&self.seen(), now);
            self.obey(&order);
            self.bar.arrive();
            true
        }

        /// The run that is followed is ready.
        fn arrive(&mut self) {
            self.now = self.followed.last().unwrap().clone();
            self.bar.arrive();
        }

        fn fragments(&self) -> Vec<&str> {
            self.entries.iter().map(|e| e.fragment.as_str()).collect()
        }
    }

    fn entry(fragment: &str, mark: Option<u32>) -> Entry {
        Entry {
            fragment: fragment.to_owned(),
            mark,
        }
    }

    #[test]
    fn a_move_that_no_event_has_told_of_is_followed_and_not_written_over() {
        let mut browser = Browser::open("#/s&at=1");
        browser.step_to("#/s&at=2");
        browser.navigate("#/t&at=0");
        browser.late_write();
        assert_eq!(browser.followed, ["#/s&at=1", "#/t&at=0"]);
        browser.event();
        assert_eq!(
            browser.followed.len(),
            2,
            "the event that comes late leads nowhere else"
        );
        assert_eq!(browser.fragments(), ["#/s&at=1", "#/t&at=0"]);
    }

    #[test]
    fn a_move_that_comes_before_a_new_run_is_shown_wins() {
        let mut browser = Browser::open("#/s&at=1");
        browser.navigate("#/t&at=0");
        assert!(!browser.show("#/s?do=1:kill:A&at=2"));
        assert_eq!(browser.followed, ["#/s&at=1", "#/t&at=0"]);
        assert_eq!(browser.fragments(), ["#/s&at=1", "#/t&at=0"]);
    }

    #[test]
    fn what_is_followed_is_left_alone_until_its_run_is_shown() {
        let mut browser = Browser::open("#/s&at=1");
        browser.navigate("#/t&at=0");
        browser.event();
        browser.late_write();
        assert_eq!(
            browser.fragments(),
            ["#/s&at=1", "#/t&at=0"],
            "the run before is still shown, and not told"
        );
        assert_eq!(
            browser.bar.leave(&browser.seen(), "#/s&at=1"),
            None,
            "a reload goes there too"
        );
        browser.arrive();
        browser.step_to("#/t&at=1");
        browser.late_write();
        assert_eq!(browser.fragments(), ["#/s&at=1", "#/t&at=1"]);
    }

    #[test]
    fn a_new_run_leaves_the_one_before_where_it_was_left() {
        let mut browser = Browser::open("#/s&at=1");
        browser.step_to("#/s&at=3");
        assert!(browser.show("#/s?do=3:kill:A&at=4"));
        assert_eq!(browser.fragments(), ["#/s&at=3", "#/s?do=3:kill:A&at=4"]);
        browser.back();
        browser.event();
        assert_eq!(browser.followed.last().unwrap(), "#/s&at=3");
    }

    #[test]
    fn going_back_in_the_middle_of_stepping_goes_back() {
        let mut browser = Browser::open("#/s&at=1");
        assert!(browser.show("#/t&at=0"));
        browser.step_to("#/t&at=5");
        browser.back();
        browser.late_write();
        assert_eq!(browser.followed.last().unwrap(), "#/s&at=1");
        assert_eq!(browser.fragments()[0], "#/s&at=1");
    }

    #[test]
    fn two_entries_with_the_same_words_are_two() {
        let mut browser = Browser::open("#/s&at=1");
        assert!(browser.show("#/t&at=0"));
        assert!(browser.show("#/s&at=1"));
        browser.step_to("#/s&at=2");
        browser.at = 0;
        browser.late_write();
        assert_eq!(browser.followed.len(), 2);
        assert_eq!(browser.fragments(), ["#/s&at=1", "#/t&at=0", "#/s&at=1"]);
        // The same words pasted anew are a wish too.
        browser.arrive();
        browser.step_to("#/s&at=2");
        browser.navigate("#/s&at=1");
        browser.event();
        assert_eq!(browser.followed.len(), 3);
    }

    #[test]
    fn an_address_without_words_is_filled_and_the_same_words_make_no_new_entry() {
        let mut browser = Browser::open("");
        assert!(browser.show("#/s&at=0"));
        assert_eq!(browser.fragments(), ["#/s&at=0"]);
        assert!(browser.show("#/s&at=0"));
        assert_eq!(browser.fragments(), ["#/s&at=0"]);
    }

    #[test]
    fn a_page_that_is_left_remembers_what_it_had_no_time_to_write() {
        let mut browser = Browser::open("#/s&at=1");
        browser.late_write();
        // The reload may have read the address before it said so.
        let left = browser.bar.leave(&browser.seen(), "#/s&at=1").unwrap();
        assert_eq!(caught_up("#/s&at=0", &left, true, run_of), Some("#/s&at=1"));
        let left = browser.bar.leave(&browser.seen(), "#/s&at=4").unwrap();
        assert_eq!(caught_up("#/s&at=1", &left, false, run_of), Some("#/s&at=4"));
        assert_eq!(
            caught_up("#/s&at=0", &left, true, run_of),
            Some("#/s&at=4"),
            "read before its last change"
        );
        assert_eq!(
            caught_up("#/s&at=0", &left, false, run_of),
            None,
            "somebody came by another link"
        );
        assert_eq!(caught_up("#/t&at=1", &left, true, run_of), None);
        browser.navigate("#/t&at=0");
        assert_eq!(
            browser.bar.leave(&browser.seen(), "#/s&at=4"),
            None,
            "the visitor is elsewhere already"
        );
    }
}
