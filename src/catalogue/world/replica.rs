//! The copy of tables, and the tables: records are read page by page, transformed, and loaded.
//!
//! A copy that looks at keys loads a record once. One that does not has it as often as it was loaded, and that is why a
//! source is read again only from where the last report of progress says.

use serde_json::Value;

use super::activities::{Activity, Course};
use super::journal::{Pen, System};
use super::shop::{json, takes};
use super::{ActivityError, Call, EntryKind};
use crate::base::time::Span;
use crate::catalogue::workflows::sync_activities::Batch;
use crate::sim::outside::{Beats, OnCancel, Parts, Plan};

/// The tables, and how many records each has.
const TABLES: [(&str, u32); 2] = [("customers", 23), ("invoices", 58)];

/// Records on a page; the last page may have fewer.
const PAGE: u32 = 5;

/// How long one page takes.
const PAGE_TAKES: Span = Span::secs(2);

/// From the moment a page is loaded to the report of it.
const REPORTS_AFTER: Span = Span::millis(100);

/// From the moment the last page is loaded to the activity's answer: before anybody could report that page.
const RETURNS_AFTER: Span = Span::millis(50);

pub(super) const ACTIVITIES: &[Activity] = &[
    Activity {
        type_name: "CountPages",
        system: None,
        course: takes(20, 40),
        perform: |_, _, call| Ok(json(&records(&call.decode::<String>()?)?.div_ceil(PAGE))),
    },
    Activity {
        type_name: "CopyPages",
        system: Some(System::Replica),
        course: Course::Planned(plan),
        perform: |ledgers, pen, call| copy(&mut ledgers.replica, pen, call),
    },
];

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Replica {
    /// Whether it looks at keys.
    keys: bool,
    /// By their keys, in the order in which they were loaded.
    rows: Vec<String>,
    doubled: u64,
    cents: u64,
}

impl Replica {
    pub(super) fn new(keys: bool) -> Self {
        Self {
            keys,
            rows: Vec::new(),
            doubled: 0,
            cents: 0,
        }
    }

    /// Loads the records of one page, from 1.
    fn load(&mut self, pen: &mut Pen, table: &str, page: u32, records: u32) {
        let first = (page - 1) * PAGE + 1;
        let last = records.min(page * PAGE);
        let mut kind = EntryKind::Did;
        for number in first..=last {
            let key = format!("{table}-{number}");
            if self.rows.contains(&key) {
                if self.keys {
                    kind = EntryKind::Repeated;
                    continue;
                }
                kind = EntryKind::Doubled;
                self.doubled += 1;
            }
            self.cents += cents(&amount(number));
            self.rows.push(key);
        }
        let what = match kind {
            EntryKind::Repeated => "known by their keys",
            EntryKind::Doubled => "loaded again",
            _ => "loaded",
        };
        let text = format!("page {page} of {table}: records {first} to {last} {what}");
        pen.write(System::Replica, kind, text);
    }

    pub(super) fn records(&self) -> u64 {
        self.rows.len() as u64
    }

    pub(super) fn doubled(&self) -> u64 {
        self.doubled
    }

    pub(super) fn cents(&self) -> u64 {
        self.cents
    }
}

/// How many pages of the batch the attempts before this one have reported.
fn reported(call: &Call, batch: &Batch) -> u64 {
    let reported = call.last_heartbeat.as_u64().unwrap_or(0);
    reported.min(u64::from(batch.pages.saturating_sub(1)))
}

fn plan(call: &Call) -> Result<Plan, ActivityError> {
    let batch: Batch = call.decode()?;
    let done = reported(call, &batch);
    let count = u64::from(batch.pages.max(1)) - done;
    let effect_after = Span(PAGE_TAKES.0 * count - REPORTS_AFTER.0);
    Ok(Plan {
        effect_after,
        parts: Some(Parts {
            every: PAGE_TAKES,
            count,
        }),
        answer_after: Some(effect_after + RETURNS_AFTER),
        beats: Some(Beats {
            every: PAGE_TAKES,
            times: None,
            after: done,
        }),
        on_cancel: OnCancel::Confirms { after: RETURNS_AFTER },
    })
}

fn copy(replica: &mut Replica, pen: &mut Pen, call: &Call) -> Result<Value, ActivityError> {
    let batch: Batch = call.decode()?;
    let records = records(&batch.table)?;
    let done = reported(call, &batch) + call.part;
    let page = batch.after + u32::try_from(done).unwrap_or(u32::MAX);
    if (1..=records.div_ceil(PAGE)).contains(&page) {
        replica.load(pen, &batch.table, page, records);
    }
    let up_to = |pages: u32| records.min(pages.saturating_mul(PAGE));
    let read = up_to(batch.after.saturating_add(batch.pages)) - up_to(batch.after);
    Ok(json(&read))
}

fn records(table: &str) -> Result<u32, ActivityError> {
    let known = TABLES.iter().find(|(name, _)| *name == table);
    known.map(|(_, records)| *records).ok_or_else(|| {
        let names = TABLES.map(|(name, _)| name).join(" and ");
        ActivityError::fatal("NoSuchTable", format!("there is no table {table}; there are {names}"))
    })
}

/// What stands in the source, as text: `17.34`.
fn amount(number: u32) -> String {
    format!("{number}.{:02}", number * 2 % 100)
}

/// The transformation: whole cents.
fn cents(amount: &str) -> u64 {
    let (whole, cents) = amount.split_once('.').unwrap_or((amount, "0"));
    whole.parse().unwrap_or(0) * 100 + cents.parse().unwrap_or(0)
}
