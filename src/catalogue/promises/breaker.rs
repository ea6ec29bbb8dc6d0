//! What a circuit breaker promises: a dead service is left alone, and every caller hears something.

use crate::catalogue::world::System;
use crate::sim::outside::EntryKind;
use crate::sim::promise::{Judged, Promise};

/// So many failures open it.
const FAILURES: u64 = 3;

/// An attempt that is repeated because its worker died is no call of its own.
pub(super) fn spared() -> Promise {
    Promise::new(
        "a dead service is called three times, and once more for each probe",
        |end| {
            let entries = end.outside().entries().iter();
            let mut in_vain: Vec<&str> = entries
                .filter(|entry| entry.system == System::Partner.name() && entry.kind == EntryKind::Refused)
                .map(|entry| entry.key.as_str())
                .collect();
            in_vain.sort_unstable();
            in_vain.dedup();
            let in_vain = in_vain.len() as u64;
            // Each time but the first it is the probe that opens it again.
            let probes = end.result()["opened"].as_u64().unwrap_or(0).saturating_sub(1);
            Judged::new(
                in_vain <= FAILURES + probes,
                format!("{in_vain} calls in vain, {probes} probes among them"),
            )
        },
    )
}

pub(super) fn answered() -> Promise {
    Promise::new("every caller is answered, and answered once", |end| {
        let result = end.result();
        let number = |name: &str| result[name].as_u64().unwrap_or(0);
        let answers = number("let_through") + number("spared");
        let runs = || end.sim().runs().iter();
        let callers = || runs().filter(|run| run.workflow_type == "GuardedCall");
        let asked = callers().count() as u64;
        let open = callers().filter(|run| run.is_open()).count();
        Judged::new(
            asked == answers && open == 0,
            format!("{asked} callers, {answers} answers, {open} still waiting"),
        )
    })
}
