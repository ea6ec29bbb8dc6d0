//! The order workflow, driven by hand: which commands it issues for which answers, on which line, and that its traced
//! twin does exactly the same.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::task::Waker;

use sagascope::base::probe;
use sagascope::catalogue::workflows::order::{Order, OrderItem};
use sagascope::catalogue::workflows::{self, order_orchestration, traced};
use sagascope::worker::source::Source;
use serde_json::{Value, json};
use temporalio_workflow::__private::sdk::{
    GuestWorkflowInstance, MAIN_ROUTINE_ID, MainRoutineCompletion, RoutineCompletion, TerminalOutcome,
    WorkflowActivation, WorkflowHost, WorkflowImplementation, WorkflowInit,
};
use temporalio_workflow::BaseWorkflowContext;
use temporalio_workflow::common::WorkflowDefinition;
use temporalio_workflow::common::data_converters::DataConverter;
use temporalio_workflow::common::protos::coresdk::activity_result::{
    ActivityResolution, Failure as ActivityFailure, Success, activity_resolution,
};
use temporalio_workflow::common::protos::coresdk::workflow_activation::{
    InitializeWorkflow, ResolveActivity, WorkflowActivationJob, workflow_activation_job::Variant as Job,
};
use temporalio_workflow::common::protos::coresdk::workflow_commands::{
    ScheduleActivity, WorkflowCommand, workflow_command::Variant as Command,
};
use temporalio_workflow::common::protos::temporal::api::common::v1::Payload;
use temporalio_workflow::common::protos::temporal::api::failure::v1::{
    ActivityFailureInfo, ApplicationFailureInfo, Failure, failure::FailureInfo,
};

/// Keeps every command, and the line it was issued on.
#[derive(Default)]
struct Host(RefCell<Vec<(WorkflowCommand, u32)>>);

impl WorkflowHost for Host {
    fn set_current_details(&self, _: String) {}

    fn push_command(&self, command: WorkflowCommand) {
        self.0.borrow_mut().push((command, probe::current()));
    }
}

/// A run from its start to its end.
#[derive(Debug, PartialEq)]
struct Run {
    commands: Vec<ScheduleActivity>,
    result: Value,
    /// The line of each command; all zero for untraced code.
    command_lines: Vec<u32>,
    /// The lines of each activation.
    lines: Vec<Vec<u32>>,
}

fn payload(value: &Value) -> Payload {
    Payload {
        metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into(),
        data: value.to_string().into_bytes(),
        ..Payload::default()
    }
}

fn resolution(answer: Result<Value, &str>) -> ActivityResolution {
    let status = match answer {
        Ok(value) => activity_resolution::Status::Completed(Success {
            result: Some(payload(&value)),
        }),
        Err(error_type) => {
            let application = FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
                r#type: error_type.to_owned(),
                ..ApplicationFailureInfo::default()
            });
            let cause = Failure {
                failure_info: Some(application),
                ..Failure::default()
            };
            activity_resolution::Status::Failed(ActivityFailure {
                failure: Some(Failure {
                    failure_info: Some(FailureInfo::ActivityFailureInfo(ActivityFailureInfo::default())),
                    cause: Some(Box::new(cause)),
                    ..Failure::default()
                }),
                ..ActivityFailure::default()
            })
        }
    };
    ActivityResolution { status: Some(status) }
}

/// What the outside answers if all goes well; `failing` activities fail.
fn answer(activity_type: &str, failing: &[&str]) -> ActivityResolution {
    if failing.contains(&activity_type) {
        return resolution(Err("Whatever"));
    }
    resolution(Ok(match activity_type {
        "ValidateOrder" => json!({ "valid": !failing.contains(&"invalid"), "reason": "because" }),
        "ReserveInventory" => json!({ "reservation_id": "res-1" }),
        "ProcessPayment" => json!({ "transaction_id": "tx-1" }),
        "CreateShipment" => json!({ "shipment_id": "ship-1" }),
        _ => Value::Null,
    }))
}

fn order() -> Order {
    Order {
        order_id: "1001".to_owned(),
        user_id: "ada".to_owned(),
        items: vec![OrderItem {
            product_id: "SKU-7".to_owned(),
            quantity: 2,
            unit_price: 4_450,
        }],
        total: 8_900,
        currency: "EUR".to_owned(),
        shipping_address: "1 Analytical Row".to_owned(),
    }
}

fn drive<W: WorkflowImplementation>(failing: &[&str]) -> Run
where
    <W::Run as WorkflowDefinition>::Input: Send,
{
    let host = Rc::new(Host::default());
    let converter = DataConverter::default();
    let arguments = vec![payload(&serde_json::to_value(order()).unwrap())];
    let initialize = InitializeWorkflow {
        workflow_id: "order-1001".to_owned(),
        workflow_type: W::name().to_owned(),
        arguments: arguments.clone(),
        ..InitializeWorkflow::default()
    };
    let init = WorkflowInit {
        namespace: "default".to_owned(),
        task_queue: "orders".to_owned(),
        run_id: "run".to_owned(),
        initialize_workflow: initialize.clone(),
    };
    let context = BaseWorkflowContext::from_raw(init, converter.clone(), host.clone(), None, Vec::new());
    let mut instance =
        GuestWorkflowInstance::<W>::instantiate(arguments, converter.payload_converter().clone(), context).unwrap();

    let mut run = Run {
        commands: Vec::new(),
        result: Value::Null,
        command_lines: Vec::new(),
        lines: Vec::new(),
    };
    let mut jobs = vec![Job::InitializeWorkflow(initialize)];
    probe::at(0);
    for _ in 0..20 {
        probe::take();
        let activation = WorkflowActivation {
            jobs: jobs
                .drain(..)
                .map(|job| WorkflowActivationJob { variant: Some(job) })
                .collect(),
            ..WorkflowActivation::default()
        };
        instance.activate(activation, Waker::noop()).unwrap();
        let polled = instance.poll_routine(MAIN_ROUTINE_ID, Waker::noop()).unwrap();
        run.lines.push(probe::take());
        for (command, line) in host.0.take() {
            let Some(Command::ScheduleActivity(activity)) = command.variant else {
                panic!("the order workflow only schedules activities: {command:?}");
            };
            jobs.push(Job::ResolveActivity(ResolveActivity {
                seq: activity.seq,
                result: Some(answer(&activity.activity_type, failing)),
                ..ResolveActivity::default()
            }));
            run.commands.push(activity);
            run.command_lines.push(line);
        }
        match polled.completion {
            Some(RoutineCompletion::Main(MainRoutineCompletion::Blocked)) => {}
            Some(RoutineCompletion::Main(MainRoutineCompletion::Terminal(outcome))) => {
                run.result = match *outcome {
                    TerminalOutcome::Completed(result) => serde_json::from_slice(&result.data).unwrap(),
                    TerminalOutcome::Failed(failure) => json!({ "failed": failure.message }),
                    other => panic!("{other:?}"),
                };
                return run;
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("the workflow did not end: {run:?}");
}

fn source() -> &'static Source {
    workflows::source("OrderOrchestration").expect("it is in the catalogue")
}

/// The text of a line, 1-based.
fn text(line: u32) -> &'static str {
    source().text.lines().nth(line as usize - 1).expect("the line exists")
}

/// Runs both twins, checks that they agree and what they do, and returns the traced run.
#[track_caller]
fn check(failing: &[&str], commands: &[&str], status: &str, transaction: Value, shipment: Value) -> Run {
    let plain = drive::<order_orchestration::OrderOrchestration>(failing);
    let traced = drive::<traced::order_orchestration::OrderOrchestration>(failing);
    assert_eq!(plain.commands, traced.commands);
    assert_eq!(plain.result, traced.result);
    assert!(plain.lines.iter().all(Vec::is_empty), "the plain file has no probes");

    let types: Vec<_> = traced
        .commands
        .iter()
        .map(|command| command.activity_type.as_str())
        .collect();
    assert_eq!(types, commands);
    let result =
        json!({ "order_id": "1001", "status": status, "transaction_id": transaction, "shipment_id": shipment });
    assert_eq!(traced.result, result);
    for lines in &traced.lines {
        assert!(lines.iter().all(|line| source().statements.contains(line)), "{lines:?}");
    }
    traced
}

const RESERVED: [&str; 2] = ["ValidateOrder", "ReserveInventory"];
const CHARGED: [&str; 3] = ["ValidateOrder", "ReserveInventory", "ProcessPayment"];
const SHIPPED: [&str; 4] = ["ValidateOrder", "ReserveInventory", "ProcessPayment", "CreateShipment"];

#[test]
fn an_order_completes() {
    let commands = [SHIPPED.as_slice(), &["SendNotification"]].concat();
    let run = check(&[], &commands, "completed", json!("tx-1"), json!("ship-1"));

    // Each command is issued on the line that names its activity, although `within` and `reserve` ran in between.
    let activities = [
        "validate_order",
        "reserve_inventory",
        "process_payment",
        "create_shipment",
        "send_notification",
    ];
    for (line, activity) in run.command_lines.iter().zip(activities) {
        assert!(
            text(*line).contains(&format!("Shop::{activity},")),
            "line {line}: {}",
            text(*line)
        );
    }
    // An activation begins where the one before it waited.
    for (line, lines) in run.command_lines.iter().zip(&run.lines[1..]) {
        assert_eq!(Some(line), lines.first());
    }
    assert!(text(*run.lines.last().unwrap().last().unwrap()).contains("Ok(OrderResult {"));
}

#[test]
fn a_lost_mail_is_ignored() {
    let commands = [SHIPPED.as_slice(), &["SendNotification"]].concat();
    check(
        &["SendNotification"],
        &commands,
        "completed",
        json!("tx-1"),
        json!("ship-1"),
    );
}

#[test]
fn an_invalid_order_does_nothing() {
    check(
        &["invalid"],
        &["ValidateOrder"],
        "validation_failed",
        Value::Null,
        Value::Null,
    );
}

#[test]
fn without_stock_nothing_is_undone() {
    check(
        &["ReserveInventory"],
        &RESERVED,
        "out_of_stock",
        Value::Null,
        Value::Null,
    );
}

#[test]
fn a_failed_payment_releases_the_stock() {
    let commands = [CHARGED.as_slice(), &["ReleaseInventory"]].concat();
    let run = check(
        &["ProcessPayment"],
        &commands,
        "payment_failed",
        Value::Null,
        Value::Null,
    );
    assert_eq!(
        run.commands[3].arguments,
        [payload(&json!({ "reservation_id": "res-1" }))]
    );

    // A compensation that fails for good changes nothing.
    check(
        &["ProcessPayment", "ReleaseInventory"],
        &commands,
        "payment_failed",
        Value::Null,
        Value::Null,
    );
}

#[test]
fn a_failed_shipment_refunds_and_then_releases() {
    let commands = [SHIPPED.as_slice(), &["RefundPayment", "ReleaseInventory"]].concat();
    let run = check(
        &["CreateShipment"],
        &commands,
        "shipment_failed",
        json!("tx-1"),
        Value::Null,
    );
    assert_eq!(
        run.commands[4].arguments,
        [payload(&json!({ "transaction_id": "tx-1" }))]
    );
    assert_eq!(
        run.commands[5].arguments,
        [payload(&json!({ "reservation_id": "res-1" }))]
    );

    let failing = ["CreateShipment", "RefundPayment"];
    check(&failing, &commands, "shipment_failed", json!("tx-1"), Value::Null);
}

/// One line an activity: type, timeouts, retry policy.
fn options(command: &ScheduleActivity) -> String {
    let seconds = command.start_to_close_timeout.map_or(0, |timeout| timeout.seconds);
    assert!(command.schedule_to_close_timeout.is_none() && command.schedule_to_start_timeout.is_none());
    assert!(command.heartbeat_timeout.is_none() && command.priority.is_none());
    let policy = command.retry_policy.as_ref().map_or("default".to_owned(), |policy| {
        let first = policy.initial_interval.map_or(0, |interval| interval.seconds);
        let most = policy.maximum_interval.map_or(0, |interval| interval.seconds);
        let (attempts, coefficient) = (policy.maximum_attempts, policy.backoff_coefficient);
        let fatal = policy.non_retryable_error_types.join(" ");
        format!("{attempts} attempts, {first} s × {coefficient:?}, at most {most} s, not on {fatal}")
    });
    format!("{} {seconds} s, {policy}", command.activity_type)
}

#[test]
fn the_options_are_those_of_the_table() {
    let mut commands = drive::<order_orchestration::OrderOrchestration>(&[]).commands;
    commands.extend(
        drive::<order_orchestration::OrderOrchestration>(&["CreateShipment"])
            .commands
            .split_off(4),
    );
    let expected = [
        "ValidateOrder 10 s, default",
        "ReserveInventory 30 s, 3 attempts, 1 s × 2.0, at most 10 s, not on InsufficientStock",
        "ProcessPayment 60 s, 3 attempts, 2 s × 2.0, at most 10 s, not on InsufficientFunds InvalidPaymentMethod",
        "CreateShipment 30 s, default",
        "SendNotification 10 s, default",
        "RefundPayment 10 s, default",
        "ReleaseInventory 10 s, default",
    ];
    assert_eq!(commands.iter().map(options).collect::<Vec<_>>(), expected);
}

#[test]
fn the_catalogue_tells_what_can_run() {
    for (_, code) in traced::SOURCES {
        let last = u32::try_from(code.text.lines().count()).unwrap();
        assert!(code.statements.is_sorted() && code.statements.iter().all(|line| (1..=last).contains(line)));
        assert!(code.body.0 < code.body.1 && code.body.1 <= last);
    }
    let (first, last) = source().body;
    assert_eq!(text(first).trim(), "#[run(name = \"OrderOrchestration\")]");
    assert_eq!(text(last), "    }");
}

#[test]
fn every_statement_can_be_reached() {
    let endings: [&[&str]; 5] = [
        &[],
        &["invalid"],
        &["ReserveInventory"],
        &["ProcessPayment"],
        &["CreateShipment"],
    ];
    let reached: BTreeSet<u32> = endings
        .into_iter()
        .flat_map(|failing| {
            drive::<traced::order_orchestration::OrderOrchestration>(failing)
                .lines
                .concat()
        })
        .collect();
    assert_eq!(reached.into_iter().collect::<Vec<_>>(), source().statements);
}

#[test]
fn the_twin_has_the_same_lines() {
    let twin = include_str!(concat!(env!("OUT_DIR"), "/traced/order_orchestration.rs"));
    // Behind the last line stands the source itself.
    assert_eq!(twin.lines().count(), source().text.lines().count() + 1);
    for (number, (traced, plain)) in twin.lines().zip(source().text.lines()).enumerate() {
        let probed = traced.contains(&format!("::sagascope::probe::at({});", number + 1));
        let listed = source().statements.contains(&u32::try_from(number + 1).unwrap());
        assert_eq!(probed, listed, "{traced}");
        if !traced.contains("::sagascope::probe::") && !plain.starts_with("//!") {
            assert_eq!(traced, plain);
        }
    }
}
