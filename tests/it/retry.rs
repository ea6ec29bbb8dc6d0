//! The arithmetic of retries, against the Service's own (server 1.32).

use sagascope::base::time::{SimTime, Span};
use sagascope::history::proto::{
    ApplicationFailureInfo, CanceledFailureInfo, Failure, FailureInfo, RetryPolicy, RetryState, ServerFailureInfo,
    TerminatedFailureInfo, TimeoutFailureInfo, TimeoutType,
};
use sagascope::history::retry_policy::with_defaults;
use sagascope::history::timestamp::duration;
use sagascope::service::retry::{Decision, decide, interval};

/// A policy with these milliseconds; 0 is "not set".
fn policy(initial: u64, coefficient: f64, maximum: u64) -> RetryPolicy {
    let set = |millis| (millis > 0).then(|| duration(Span::millis(millis)));
    RetryPolicy {
        initial_interval: set(initial),
        backoff_coefficient: coefficient,
        maximum_interval: set(maximum),
        ..RetryPolicy::default()
    }
}

/// The intervals after the first attempts, in milliseconds.
#[track_caller]
fn check_intervals(policy: &RetryPolicy, expected: &[u64]) {
    let attempts = 1..=u32::try_from(expected.len()).unwrap();
    let found: Vec<_> = attempts
        .map(|attempt| interval(policy, attempt).0 / 1_000_000)
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn intervals_grow_by_the_coefficient_up_to_the_maximum() {
    check_intervals(
        &policy(1_000, 2.0, 10_000),
        &[1_000, 2_000, 4_000, 8_000, 10_000, 10_000],
    );
    check_intervals(&policy(1_000, 1.5, 100_000), &[1_000, 1_500, 2_250, 3_375, 5_062]);
    check_intervals(&policy(300, 1.0, 30_000), &[300, 300, 300]);
    check_intervals(&policy(5_000, 2.0, 3_000), &[3_000, 3_000]);
    check_intervals(&policy(1_000, 2.0, 8_000), &[1_000, 2_000, 4_000, 8_000, 8_000]);
}

#[test]
fn a_fraction_of_a_nanosecond_is_cut_off() {
    let mut policy = policy(0, 1.5, 1_000);
    policy.initial_interval = Some(duration(Span(1)));
    let nanos: Vec<_> = (1..=5).map(|attempt| interval(&policy, attempt).0).collect();
    assert_eq!(nanos, [1, 1, 2, 3, 5]);
}

#[test]
fn no_attempt_is_too_high() {
    for attempt in [100, 10_000, u32::MAX] {
        for (coefficient, expected) in [(1.0, 1), (1.5, 100), (2.0, 100), (1e300, 100)] {
            let policy = policy(1_000, coefficient, 100_000);
            assert_eq!(
                interval(&policy, attempt),
                Span::secs(expected),
                "{attempt} {coefficient}"
            );
        }
        let no_maximum = policy(1_000, 2.0, 0);
        assert_eq!(
            interval(&no_maximum, attempt),
            Span(i64::MAX.unsigned_abs()),
            "{attempt}"
        );
    }
}

/// A policy as it is written into the history.
#[track_caller]
fn check_defaults(given: Option<RetryPolicy>, initial: u64, coefficient: f64, maximum: u64) {
    assert_eq!(with_defaults(given.as_ref()), policy(initial, coefficient, maximum));
}

#[test]
fn what_a_policy_does_not_say_is_filled_in() {
    check_defaults(None, 1_000, 2.0, 100_000);
    check_defaults(Some(RetryPolicy::default()), 1_000, 2.0, 100_000);
    check_defaults(Some(policy(300, 0.0, 0)), 300, 2.0, 30_000);
    check_defaults(Some(policy(0, 1.0, 7_000)), 1_000, 1.0, 7_000);
    check_defaults(Some(policy(5, 3.0, 6)), 5, 3.0, 6);
}

fn failure(info: FailureInfo) -> Failure {
    Failure {
        failure_info: Some(info),
        ..Failure::default()
    }
}

fn application(error_type: &str) -> Failure {
    failure(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
        r#type: error_type.to_owned(),
        ..ApplicationFailureInfo::default()
    }))
}

fn non_retryable() -> Failure {
    failure(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
        non_retryable: true,
        ..ApplicationFailureInfo::default()
    }))
}

fn wanting(delay: Span) -> Failure {
    failure(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
        next_retry_delay: Some(duration(delay)),
        ..ApplicationFailureInfo::default()
    }))
}

fn timeout(kind: TimeoutType) -> Failure {
    failure(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
        timeout_type: kind.into(),
        ..TimeoutFailureInfo::default()
    }))
}

fn server(non_retryable: bool) -> Failure {
    failure(FailureInfo::ServerFailureInfo(ServerFailureInfo { non_retryable }))
}

const NOW: SimTime = SimTime(50_000_000_000);

/// The decision after attempt 2 of 3, one second and then two, with `listed` as non-retryable, and no deadline.
fn decided(failure: &Failure, listed: &[&str]) -> Decision {
    let policy = RetryPolicy {
        maximum_attempts: 3,
        non_retryable_error_types: listed.iter().map(ToString::to_string).collect(),
        ..policy(1_000, 2.0, 100_000)
    };
    decide(&policy, 2, failure, NOW, None)
}

#[track_caller]
fn check(failure: &Failure, listed: &[&str], expected: Decision) {
    assert_eq!(decided(failure, listed), expected, "{failure:?} {listed:?}");
}

const AGAIN: Decision = Decision::Retry(Span::secs(2));
const FATAL: Decision = Decision::GiveUp(RetryState::NonRetryableFailure);
const LATE: Decision = Decision::GiveUp(RetryState::Timeout);
const ENOUGH: Decision = Decision::GiveUp(RetryState::MaximumAttemptsReached);

#[test]
fn what_failed_decides_whether_it_is_tried_again() {
    check(&Failure::default(), &[], AGAIN);
    check(&application("Flaky"), &[], AGAIN);
    check(&non_retryable(), &[], FATAL);
    check(&server(false), &[], AGAIN);
    check(&server(true), &[], FATAL);
    check(
        &failure(FailureInfo::CanceledFailureInfo(CanceledFailureInfo::default())),
        &[],
        FATAL,
    );
    check(
        &failure(FailureInfo::TerminatedFailureInfo(TerminatedFailureInfo::default())),
        &[],
        FATAL,
    );
    check(&timeout(TimeoutType::StartToClose), &[], AGAIN);
    check(&timeout(TimeoutType::Heartbeat), &[], AGAIN);
    check(&timeout(TimeoutType::ScheduleToStart), &[], LATE);
    check(&timeout(TimeoutType::ScheduleToClose), &[], LATE);
}

#[test]
fn types_are_listed_by_their_exact_names() {
    check(&application("Flaky"), &["Other", "Flaky"], FATAL);
    check(&application("Flaky"), &["flaky", "Flak", "Flaky "], AGAIN);
    check(&application(""), &["Flaky"], AGAIN);
    // Only what an application reports has a type.
    check(&Failure::default(), &[""], AGAIN);
    check(&server(false), &["ServerFailure"], AGAIN);
}

#[test]
fn timeouts_can_be_listed_too() {
    let [start_to_close, heartbeat] = ["TemporalTimeout:StartToClose", "TemporalTimeout:Heartbeat"];
    check(&timeout(TimeoutType::StartToClose), &[start_to_close], FATAL);
    check(&timeout(TimeoutType::StartToClose), &[heartbeat, "StartToClose"], AGAIN);
    check(&timeout(TimeoutType::Heartbeat), &[heartbeat], FATAL);
    check(&timeout(TimeoutType::Heartbeat), &[start_to_close], AGAIN);
    // The Service's own deadlines are no failures of the activity: listing them changes nothing.
    check(
        &timeout(TimeoutType::ScheduleToStart),
        &["TemporalTimeout:ScheduleToStart"],
        LATE,
    );
}

#[test]
fn the_activity_may_say_itself_when_it_wants_to_be_tried_again() {
    check(&wanting(Span::millis(5)), &[], Decision::Retry(Span::millis(5)));
    // Beyond the policy's maximum interval.
    check(&wanting(Span::secs(3_600)), &[], Decision::Retry(Span::secs(3_600)));
    // A delay that is given and zero is no delay at all to the Service: it sees no time for another attempt.
    check(&wanting(Span::ZERO), &[], LATE);
}

/// The decision after attempt `attempt` of three, when the deadline is `left` away.
#[track_caller]
fn check_limits(failure: &Failure, attempt: u32, left: Span, expected: Decision) {
    let policy = RetryPolicy {
        maximum_attempts: 3,
        ..policy(1_000, 2.0, 100_000)
    };
    let found = decide(&policy, attempt, failure, NOW, Some(NOW + left));
    assert_eq!(found, expected, "attempt {attempt}, {left} left");
}

#[test]
fn a_retry_may_begin_at_the_deadline_but_not_after_it() {
    let flaky = application("Flaky");
    check_limits(&flaky, 2, Span::secs(2), AGAIN);
    check_limits(&flaky, 2, Span::secs(2) - Span(1), LATE);
    check_limits(&flaky, 2, Span::ZERO, LATE);
    let patient = wanting(Span::secs(9));
    check_limits(&patient, 2, Span::secs(9), Decision::Retry(Span::secs(9)));
    check_limits(&patient, 2, Span::secs(9) - Span(1), LATE);
}

#[test]
fn checks_come_in_the_services_order() {
    // Everything is wrong at once; then one thing less at each line.
    check_limits(&timeout(TimeoutType::ScheduleToClose), 3, Span::ZERO, LATE);
    check_limits(&non_retryable(), 3, Span::ZERO, FATAL);
    check_limits(&application("Flaky"), 3, Span::ZERO, ENOUGH);
    check_limits(&application("Flaky"), 2, Span::ZERO, LATE);
    check_limits(&wanting(Span::secs(1)), 3, Span::secs(9), ENOUGH);
}

#[test]
fn attempts_are_counted_from_one_and_unlimited_by_default() {
    let limited = |maximum_attempts| RetryPolicy {
        maximum_attempts,
        ..policy(1_000, 1.0, 100_000)
    };
    let flaky = application("Flaky");
    assert_eq!(decide(&limited(1), 1, &flaky, NOW, None), ENOUGH);
    assert_eq!(
        decide(&limited(3), 2, &flaky, NOW, None),
        Decision::Retry(Span::secs(1))
    );
    assert_eq!(
        decide(&limited(0), 1_000_000, &flaky, NOW, None),
        Decision::Retry(Span::secs(1))
    );
}
