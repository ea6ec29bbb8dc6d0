//! The stories of approval: who is asked when, and which votes count.

use sagascope::contract::request::Refusal;
use sagascope::sim::Sim;
use sagascope::sim::client::{Told, refusal_text};

use crate::lab::{count, lasted, result, scheduled, told};

/// What was said to an act of the script, in words.
fn heard(sim: &Sim, act: u32) -> String {
    match sim.client().told(act).unwrap() {
        Ok(Told::Outcome(Some(outcome))) => String::from_utf8(outcome.payloads[0].data.clone()).unwrap(),
        Ok(_) => "nothing".to_owned(),
        Err(refusal @ Refusal::Handler(_)) => refusal_text(refusal),
        Err(refusal) => panic!("{refusal:?}"),
    }
}

#[test]
fn each_level_is_asked_in_turn_and_then_it_is_bought() {
    let sim = told("approval-all-levels");
    assert_eq!(result(&sim)["status"], "approved");
    assert_eq!(
        scheduled(sim.run().unwrap()),
        ["SendMail", "SendMail", "Purchase", "SendMail"]
    );
    let heard = [1, 2, 3].map(|act| heard(&sim, act));
    let stages = [r#""votes: 1""#, r#""votes: 1, waiting for bob""#, r#""votes: 2""#];
    assert_eq!(heard, stages);
}

#[test]
fn one_no_is_enough() {
    let sim = told("approval-refused");
    assert_eq!(result(&sim)["status"], "refused");
    assert_eq!(scheduled(sim.run().unwrap()), ["SendMail"; 3]);
}

#[test]
fn a_vote_that_is_turned_away_leaves_no_trace() {
    let sim = told("approval-wrong-votes");
    assert_eq!(result(&sim)["status"], "approved");
    assert_eq!(heard(&sim, 1), "bob is not asked now (votes: 0, waiting for alice)");
    assert_eq!(heard(&sim, 3), "alice has voted already");
    let run = sim.run().unwrap();
    assert_eq!(count(run, "WorkflowExecutionUpdateAccepted"), 2);
    assert_eq!(count(run, "WorkflowExecutionUpdateCompleted"), 2);
    let without = told("approval-refused").run().unwrap().log.last_id();
    assert_eq!(run.log.last_id(), without + 6, "a purchase more, and nothing else");
}

#[test]
fn a_superior_speaks_for_somebody_who_does_not() {
    let sim = told("approval-superior");
    assert_eq!(result(&sim)["votes"][1]["by"], "carol");
    assert_eq!(result(&sim)["status"], "approved");
}

#[test]
fn silence_is_reminded_passed_over_and_in_the_end_a_no() {
    let sim = told("approval-nobody-answers");
    assert_eq!(result(&sim)["status"], "expired");
    assert_eq!(lasted(sim.run().unwrap()), 6 * 24 * 3_600);
    let mails = [
        "mailed alice: please decide: a laptop for dora (mail-1)",
        "mailed alice: reminder: a laptop for dora (mail-2)",
        "mailed alice: last reminder: a laptop for dora (mail-3)",
        "mailed carol: please decide: a laptop for dora (mail-4)",
        "mailed carol: reminder: a laptop for dora (mail-5)",
        "mailed carol: last reminder: a laptop for dora (mail-6)",
        "mailed dora: a laptop is refused: nobody has answered (mail-7)",
    ];
    let entries = sim.outside().entries().iter();
    assert_eq!(entries.map(|entry| entry.text.as_str()).collect::<Vec<_>>(), mails);
}
