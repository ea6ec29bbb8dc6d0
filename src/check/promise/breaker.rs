//! What a circuit breaker promises: a dead service is left alone, and every caller hears something.

use super::{End, Promise};
use crate::world::{EntryKind, Place};

/// So many failures open it.
const FAILURES: u64 = 3;

pub(super) fn promises(end: &End<'_>) -> Vec<Promise> {
    let mut promises = vec![spared(end)];
    if let Some(let_through) = end.result["let_through"].as_u64() {
        let spared = end.result["spared"].as_u64().unwrap_or(0);
        promises.push(answered(end, let_through + spared));
    }
    promises
}

/// An attempt that is repeated because its worker died is no call of its own.
fn spared(end: &End<'_>) -> Promise {
    let mut in_vain: Vec<&str> = end
        .sim
        .world()
        .entries()
        .iter()
        .filter(|entry| entry.place == Place::Partner && entry.kind == EntryKind::Refused)
        .map(|entry| entry.key.as_str())
        .collect();
    in_vain.sort_unstable();
    in_vain.dedup();
    let in_vain = in_vain.len() as u64;
    // Each time but the first it is the probe that opens it again.
    let probes = end.result["opened"].as_u64().unwrap_or(0).saturating_sub(1);
    Promise {
        sentence: "a dead service is called three times, and once more for each probe",
        held: in_vain <= FAILURES + probes,
        seen: format!("{in_vain} calls in vain, {probes} probes among them"),
    }
}

fn answered(end: &End<'_>, answers: u64) -> Promise {
    let callers = || end.sim.runs().iter().filter(|run| run.workflow_type == "GuardedCall");
    let asked = callers().count() as u64;
    let open = callers().filter(|run| run.is_open()).count();
    Promise {
        sentence: "every caller is answered, and answered once",
        held: asked == answers && open == 0,
        seen: format!("{asked} callers, {answers} answers, {open} still waiting"),
    }
}
