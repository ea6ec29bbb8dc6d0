//! Many runs at once, a share of which fails.

use sagascope::base::time::{SimTime, Span};
use sagascope::history::timestamp::Timestamp;
use sagascope::service::run::{Run, RunStatus};

use crate::lab::{count, told};

#[test]
fn who_meets_the_outage_fails_and_nobody_else() {
    let sim = told("alert");
    let began = |run: &Run| run.log.events()[0].event_time.map(Timestamp::sim_time).unwrap();
    let outage = SimTime::ZERO + Span::secs(35)..SimTime::ZERO + Span::secs(75);
    let mut failed = 0;
    for run in sim.runs() {
        let meets_it = outage.contains(&began(run));
        let expected = if meets_it {
            RunStatus::Failed
        } else {
            RunStatus::Completed
        };
        assert_eq!(run.status(), expected, "{}", run.workflow_id);
        failed += count(run, "WorkflowExecutionFailed");
    }
    assert_eq!(
        (failed, sim.runs().len()),
        (4, 12),
        "a third: any limit for an alert is lower"
    );
}
