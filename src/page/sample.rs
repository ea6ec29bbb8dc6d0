//! A hand-made recording to judge the drawing by. It stands in for the engine and leaves with it.

use super::engine::{RunSpec, Verb};
use crate::base::time::{SimTime, Span};
use crate::view::recording::{
    AttemptRow, Attempts, Category, Code, CodeLine, Ending, EventRow, Lane, LaneKind, LineMark, Mark, MarkKind, Moment,
    Outcome, Promise, Recording, Source, StepKind, StoryCard, Unwritten, Waiting, WorkerState, WorldRow,
};

const SOURCE: &str = r#"//! The order saga: reserve, charge, ship, tell; undo what was done when a step fails for good.

use crate::shop::{Order, Outcome, Shop, Status};
use temporalio_workflow::prelude::*;

/// One order from the basket to the parcel.
#[workflow]
pub struct OrderSaga {
    status: Status,
}

#[workflow_methods]
impl OrderSaga {
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>, order: Order) -> WorkflowResult<Outcome> {
        let check = ctx.execute_activity(Shop::validate_order, &order, within(10)).await?;
        if !check.valid {
            return Ok(order.ended(Status::ValidationFailed));
        }

        let stock = match ctx.execute_activity(Shop::reserve_inventory, &order, within(30)).await {
            Ok(reserved) => reserved,
            Err(_) => return Ok(order.ended(Status::OutOfStock)),
        };

        let paid = match ctx.execute_activity(Shop::process_payment, &order, patiently(60)).await {
            Ok(payment) => payment,
            Err(_) => {
                ctx.execute_activity(Shop::release_inventory, &stock, within(30)).await?;
                return Ok(order.ended(Status::PaymentFailed));
            }
        };

        let parcel = match ctx.execute_activity(Shop::create_shipment, &order, patiently(60)).await {
            Ok(parcel) => parcel,
            Err(_) => {
                ctx.execute_activity(Shop::refund_payment, &paid, patiently(60)).await?;
                ctx.execute_activity(Shop::release_inventory, &stock, within(30)).await?;
                return Ok(order.ended(Status::ShipmentFailed));
            }
        };

        ctx.execute_activity(Shop::send_confirmation, &(&order, &parcel), within(10)).await?;
        Ok(order.done(paid, parcel))
    }
}"#;

pub(super) fn stories() -> Vec<StoryCard> {
    let card = |id: &str, title: &str, sentence: &str| StoryCard {
        id: id.into(),
        title: title.into(),
        sentence: sentence.into(),
        workflow_type: "OrderSaga".into(),
    };
    vec![
        card(
            "plain-order",
            "Order saga · nothing goes wrong",
            "Five activities, one worker: the history at its plainest.",
        ),
        card(
            "crash-after-charge",
            "Order saga · worker dies after the charge",
            "The card is charged, then the worker dies before it can say so. Watch the second attempt.",
        ),
        card(
            "payment-declined",
            "Order saga · the card is declined",
            "A failure for good: the saga undoes the reservation.",
        ),
        card(
            "carrier-down",
            "Order saga · the carrier is down",
            "Retries with backoff until the carrier is back.",
        ),
    ]
}

struct Tape {
    r: Recording,
    now: u64,
    task: u32,
    unwritten: Vec<Unwritten>,
    workers: Vec<WorkerState>,
    world: Vec<WorldRow>,
    code: Code,
    attempts: Option<Attempts>,
    waiting: String,
    until: Option<u64>,
}

fn ms(n: u64) -> SimTime {
    SimTime(n * 1_000_000)
}

impl Tape {
    fn step(&mut self, at: u64, kind: StepKind, interesting: bool, text: &str) {
        self.now = at;
        let step = self.r.moments.len() as u32;
        self.r.moments.push(Moment {
            step,
            at: ms(at),
            text: text.into(),
            kind,
            interesting,
            events_len: self.r.events.len() as u32,
            unwritten: self.unwritten.clone(),
            workers: self.workers.clone(),
            world: self.world.clone(),
            waiting: Waiting {
                text: self.waiting.clone(),
                until: self.until.map(ms),
                stuck: false,
                closed: self.waiting.starts_with("Nothing:"),
            },
            code: self.code.clone(),
            attempts: self.attempts.clone(),
        });
        self.world.iter_mut().for_each(|w| w.changed = false);
    }

    fn next(&self) -> u32 {
        self.r.moments.len() as u32
    }

    fn event(&mut self, at: u64, name: &str, chip: &str, refs: &[u32], why: &str) {
        let id = self.r.events.len() as u32 + 1;
        let category = match name {
            n if n.starts_with("WorkflowExecution") => Category::Workflow,
            n if n.starts_with("WorkflowTask") => Category::WorkflowTask,
            n if n.starts_with("Activity") => Category::Activity,
            _ => Category::Other,
        };
        let outcome = match name {
            n if n.ends_with("Completed") => Outcome::Ok,
            n if n.ends_with("TimedOut") => Outcome::TimedOut,
            n if n.ends_with("Failed") => Outcome::Failed,
            _ => Outcome::Running,
        };
        if name == "WorkflowTaskScheduled" && id > 2 {
            self.task += 1;
        }
        let mut details: Vec<(String, String)> = vec![];
        if name == "ActivityTaskScheduled" {
            details.push(("activity".into(), format!("{chip} · id {id}")));
            details.push((
                "input".into(),
                r#"{"order_id":"1001","amount":8900,"currency":"EUR","customer":"C-17","sku":"SKU-7","count":2}"#
                    .into(),
            ));
            details.push(("task queue".into(), "order-q".into()));
            details.push(("start-to-close".into(), "60 s".into()));
            details.push((
                "retry".into(),
                "2 s × 2.0, at most 10 s, 3 attempts; never on InsufficientFunds".into(),
            ));
        } else {
            details.push(("shown as".into(), chip.into()));
        }
        for r in refs {
            details.push(("belongs to".into(), format!("event {r}")));
        }
        let step = self.next();
        self.r.events.push(EventRow {
            id,
            at: ms(at),
            name: name.into(),
            category,
            outcome,
            chip: chip.into(),
            task: self.task,
            step,
            refers_to: refs.to_vec(),
            details,
            why: why.into(),
            json: format!("{{\n  \"eventId\": \"{id}\",\n  \"eventType\": \"{name}\"\n}}"),
        });
        let label = String::new();
        let tip = format!("event {id}: {name} {chip}");
        self.mark(
            0,
            MarkKind::Event(category),
            (at, at),
            (step, step),
            outcome,
            &label,
            &tip,
            Some(id),
        );
    }

    #[expect(clippy::too_many_arguments, reason = "a table row")]
    fn mark(
        &mut self,
        lane: u32,
        kind: MarkKind,
        t: (u64, u64),
        s: (u32, u32),
        outcome: Outcome,
        label: &str,
        tip: &str,
        event: Option<u32>,
    ) {
        self.r.marks.push(Mark {
            lane,
            kind,
            from: ms(t.0),
            to: ms(t.1),
            from_step: s.0,
            to_step: s.1,
            outcome,
            label: label.into(),
            tip: tip.into(),
            event,
        });
    }

    fn worker(&mut self, w: usize, alive: bool, doing: &str, cached: &str) {
        self.workers[w].alive = alive;
        self.workers[w].doing = doing.into();
        self.workers[w].cached = cached.into();
    }

    fn fact(&mut self, i: usize, value: &str, expected: Option<&str>) {
        self.world[i].value = value.into();
        self.world[i].changed = true;
        self.world[i].alarm = expected.is_some();
        self.world[i].expected = expected.map(Into::into);
    }

    fn wait(&mut self, text: &str, until: Option<u64>) {
        self.waiting = text.into();
        self.until = until;
    }

    fn lines(&mut self, mark: LineMark, lines: &[(u32, Option<&str>)], at: (u32, LineMark, Option<&str>)) {
        self.code.lines = lines
            .iter()
            .map(|(line, note)| CodeLine {
                line: *line,
                mark,
                note: note.map(Into::into),
            })
            .collect();
        self.code.lines.push(CodeLine {
            line: at.0,
            mark: at.1,
            note: at.2.map(Into::into),
        });
    }

    fn pending(&mut self, text: &str, chip: &str, at: u64, outcome: Outcome) {
        self.unwritten.push(Unwritten {
            at: ms(at),
            text: text.into(),
            chip: chip.into(),
            outcome,
        });
    }

    /// A workflow task that goes well: polled, executed, answered.
    fn turn(&mut self, w: usize, from: u64, fed: (&[(u32, Option<&str>)], u32), scheduled: u32, next: &str) {
        let name = ["A", "B"][w];
        let lane = 2 + w as u32;
        let wait = self.next();
        self.mark(
            1,
            MarkKind::TaskWaits,
            (self.now, from),
            (wait - 1, wait),
            Outcome::Ok,
            "",
            "workflow task waits",
            None,
        );
        self.event(
            from,
            "WorkflowTaskStarted",
            &format!("worker {name}"),
            &[scheduled],
            "A worker took the task.",
        );
        let s = self.next();
        self.mark(
            lane,
            MarkKind::WorkflowTask,
            (from, from + 10),
            (s, s + 2),
            Outcome::Ok,
            "",
            &format!("worker {name} runs the workflow task of event {scheduled}"),
            Some(scheduled),
        );
        let held = format!("order-1001 up to event {scheduled}");
        self.worker(w, true, "runs workflow code", &held);
        self.wait(
            &format!("Worker {name} to answer the workflow task, until its 10 s are over."),
            Some(from + 10_000),
        );
        self.step(
            from,
            StepKind::Poll,
            false,
            &format!("Worker {name} takes the workflow task of event {scheduled}."),
        );
        self.lines(LineMark::Done, fed.0, (fed.1, LineMark::Executing, None));
        self.code.holder = format!("in the memory of worker {name}");
        self.step(
            from + 6,
            StepKind::Execute,
            false,
            &format!(
                "Worker {name} runs the workflow on to line {} and stops there: {next}.",
                fed.1
            ),
        );
        self.event(
            from + 10,
            "WorkflowTaskCompleted",
            &format!("worker {name}"),
            &[scheduled, scheduled + 1],
            "The worker answered with its commands.",
        );
    }

    /// The activity of `event` is polled, done in the world and answered.
    #[expect(clippy::too_many_arguments, reason = "a table row")]
    fn activity(&mut self, w: usize, event: u32, name: &str, at: [u64; 3], lane: u32, label: &str, n: u32) {
        let worker = ["A", "B"][w];
        let s = self.next();
        self.mark(
            1,
            MarkKind::ActivityWaits,
            (self.now, at[0]),
            (s - 1, s),
            Outcome::Ok,
            "",
            &format!("{name} waits"),
            Some(event),
        );
        let short = format!(
            "{} #{n}",
            name.trim_start_matches("Process").trim_start_matches("Create")
        );
        self.mark(
            2 + w as u32,
            MarkKind::Activity,
            (at[0], at[2]),
            (s, s + 2),
            Outcome::Ok,
            &short,
            &format!("worker {worker} runs {name}, attempt {n}"),
            Some(event),
        );
        self.worker(
            w,
            true,
            &format!("runs {name}, attempt {n}"),
            "order-1001 up to event 17",
        );
        self.pending(
            &format!("attempt {n} started"),
            &format!("worker {worker}"),
            at[0],
            Outcome::Running,
        );
        self.wait(
            &format!(
                "{name}, attempt {n} of 3, running on worker {worker} until {} (start-to-close 60 s).",
                ms(at[0] + 60_000)
            ),
            Some(at[0] + 60_000),
        );
        self.row(name, event, n, Some(worker), Some(Outcome::Running), at[0], "running");
        self.step(
            at[0],
            StepKind::Poll,
            false,
            &format!("Worker {worker} takes {name}, attempt {n}."),
        );
        if lane > 0 {
            self.mark(
                lane,
                MarkKind::Effect,
                (at[1], at[1] + 4),
                (s + 1, s + 1),
                Outcome::Ok,
                label,
                label,
                Some(event),
            );
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a table row")]
    fn row(
        &mut self,
        name: &str,
        event: u32,
        n: u32,
        worker: Option<&str>,
        outcome: Option<Outcome>,
        at: u64,
        text: &str,
    ) {
        let fresh = self.attempts.as_ref().is_none_or(|a| a.scheduled_event != event);
        if fresh {
            self.attempts = Some(Attempts {
                activity: name.into(),
                scheduled_event: event,
                policy: "2 s × 2.0, at most 10 s, 3 attempts; never on InsufficientFunds".into(),
                rows: (1..=3)
                    .map(|number| AttemptRow {
                        number,
                        worker: None,
                        outcome: None,
                        at: None,
                        text: format!("would start {} s after a failure", 1 << (number - 1)),
                    })
                    .collect(),
            });
        }
        if let Some(a) = &mut self.attempts {
            let row = &mut a.rows[n as usize - 1];
            *row = AttemptRow {
                number: n,
                worker: worker.map(Into::into),
                outcome,
                at: Some(ms(at)),
                text: text.into(),
            };
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a table row")]
    fn answered(&mut self, w: usize, started: u64, at: u64, event: u32, name: &str, result: &str, n: u32) {
        let worker = ["A", "B"][w];
        let id = self.r.events.len() as u32 + 1;
        self.unwritten.clear();
        let chip = format!("attempt {n}");
        self.event(
            started,
            "ActivityTaskStarted",
            &chip,
            &[event],
            "Written only now, with its own earlier time.",
        );
        self.event(
            at,
            "ActivityTaskCompleted",
            result,
            &[event, id],
            "The worker reported the result.",
        );
        self.event(
            at,
            "WorkflowTaskScheduled",
            "order-q",
            &[],
            "The workflow has something new to hear.",
        );
        self.worker(w, true, "polls order-q", "order-1001 up to event 17");
        self.row(
            name,
            event,
            n,
            Some(worker),
            Some(Outcome::Ok),
            started,
            &format!("done after {}", Span::millis(at - started)),
        );
        self.wait("A worker to take the workflow task from queue order-q.", None);
        self.step(
            at,
            StepKind::ActivityAnswer,
            false,
            &format!("Worker {worker} answers {name}: {result}."),
        );
    }
}

#[expect(clippy::too_many_lines, reason = "a story told once, in order")]
fn told() -> Recording {
    let lane = |name: &str, kind| Lane {
        name: name.into(),
        kind,
    };
    let world = |label: &str, value: &str| WorldRow {
        label: label.into(),
        value: value.into(),
        expected: None,
        changed: false,
        alarm: false,
    };
    let worker = |name: &str| WorkerState {
        name: name.into(),
        identity: format!("worker-{name}@lab"),
        alive: true,
        doing: "polls order-q".into(),
        cached: "nothing".into(),
    };
    let mut t = Tape {
        r: Recording {
            story: stories().remove(1),
            seed: 7,
            choices: vec![],
            source: Source {
                file: "order_saga.rs".into(),
                lines: SOURCE.lines().map(Into::into).collect(),
                body: (14, 48),
            },
            moments: vec![],
            events: vec![],
            lanes: vec![
                lane("Service", LaneKind::Service),
                lane("Queue order-q", LaneKind::Queue),
                lane("Worker A", LaneKind::Worker),
                lane("Worker B", LaneKind::Worker),
                lane("Payments", LaneKind::World),
                lane("Stock", LaneKind::World),
                lane("Carrier", LaneKind::World),
                lane("Mail", LaneKind::World),
            ],
            marks: vec![],
            end: Ending {
                settled: true,
                text: String::new(),
                result: None,
                promises: vec![],
            },
        },
        now: 0,
        task: 1,
        unwritten: vec![],
        workers: vec![worker("A"), worker("B")],
        world: vec![
            world("customer charged", "€0.00"),
            world("stock reserved", "none"),
            world("parcels", "none"),
            world("mails", "none"),
        ],
        code: Code {
            holder: "in no worker's memory: nothing has run yet".into(),
            lines: vec![],
        },
        attempts: None,
        waiting: "A client to start the order.".into(),
        until: None,
    };
    use StepKind as K;
    t.step(
        0,
        K::Client,
        false,
        "Nothing has happened yet: two workers poll queue order-q.",
    );
    t.event(
        0,
        "WorkflowExecutionStarted",
        "OrderSaga",
        &[],
        "A client started the order.",
    );
    t.event(
        0,
        "WorkflowTaskScheduled",
        "order-q",
        &[],
        "The workflow has its input to hear.",
    );
    t.wait("A worker to take the workflow task from queue order-q.", None);
    t.step(0, K::Client, false, "A client starts order 1001: 2 × SKU-7 for €89.00.");
    t.turn(0, 12, (&[(15, None)], 16), 2, "ValidateOrder out");
    t.event(
        22,
        "ActivityTaskScheduled",
        "ValidateOrder",
        &[4],
        "The saga asked for it first of all.",
    );
    t.wait("A worker to take ValidateOrder from queue order-q.", None);
    t.step(
        22,
        K::Answer,
        false,
        "The answer is written: ValidateOrder is scheduled.",
    );
    t.lines(
        LineMark::Done,
        &[(15, None)],
        (16, LineMark::Awaiting, Some("attempt 1 of 3")),
    );
    t.activity(0, 5, "ValidateOrder", [40, 80, 100], 0, "", 1);
    t.step(80, K::Effect, false, "ValidateOrder looks at the order: it is valid.");
    t.answered(0, 40, 100, 5, "ValidateOrder", "valid", 1);
    let fed: &[(u32, Option<&str>)] = &[(15, None), (16, Some("valid ← event 7")), (17, None)];
    t.turn(0, 116, (fed, 21), 8, "ReserveInventory out");
    t.event(
        126,
        "ActivityTaskScheduled",
        "ReserveInventory",
        &[10],
        "The order was valid (event 7).",
    );
    t.wait("A worker to take ReserveInventory from queue order-q.", None);
    t.step(
        126,
        K::Answer,
        false,
        "The answer is written: ReserveInventory is scheduled.",
    );
    t.lines(LineMark::Done, fed, (21, LineMark::Awaiting, Some("attempt 1 of 3")));
    t.activity(0, 11, "ReserveInventory", [140, 230, 270], 5, "2 reserved", 1);
    t.fact(1, "2 × SKU-7", None);
    t.step(230, K::Effect, false, "Two SKU-7 are reserved in the stock.");
    t.answered(0, 140, 270, 11, "ReserveInventory", "res-1", 1);
    let fed: &[(u32, Option<&str>)] = &[
        (15, None),
        (16, Some("valid ← event 7")),
        (17, None),
        (21, Some("res-1 ← event 13")),
        (22, None),
    ];
    t.turn(0, 286, (fed, 26), 14, "ProcessPayment out");
    t.event(
        296,
        "ActivityTaskScheduled",
        "ProcessPayment",
        &[16],
        "The saga asked for it after event 13 (stock reserved).",
    );
    t.wait("A worker to take ProcessPayment from queue order-q.", None);
    t.step(
        296,
        K::Answer,
        false,
        "The answer is written: ProcessPayment is scheduled.",
    );
    t.lines(LineMark::Done, fed, (26, LineMark::Awaiting, Some("attempt 1 of 3")));
    t.activity(0, 17, "ProcessPayment", [310, 520, 640], 4, "captured €89.00", 1);
    let last = t.r.marks.len() - 2;
    t.r.marks[last].outcome = Outcome::Lost;
    t.fact(0, "€89.00", None);
    let s = t.next();
    t.step(
        520,
        K::Effect,
        true,
        "The card is charged €89.00. Nobody but worker A knows it yet.",
    );
    t.mark(
        0,
        MarkKind::Danger,
        (520, 640),
        (s, s + 1),
        Outcome::Lost,
        "crash here = charged twice",
        "The card is charged and no event says so: a crash in here charges it twice.",
        Some(17),
    );
    t.worker(0, false, "dead since 0.640 s", "nothing: its memory is gone");
    t.pending("worker A crashed", "card charged, answer lost", 640, Outcome::Lost);
    t.row(
        "ProcessPayment",
        17,
        1,
        Some("A"),
        Some(Outcome::Lost),
        310,
        "lost with worker A · its effect was done",
    );
    t.wait(
        "Nobody runs ProcessPayment, but the Service cannot know: its start-to-close timeout fires at 00:01:00.310.",
        Some(60_310),
    );
    t.lines(
        LineMark::Forgotten,
        fed,
        (26, LineMark::Forgotten, Some("attempt 1 lost")),
    );
    t.code.holder = "in no worker's memory: only the history knows".into();
    t.mark(
        2,
        MarkKind::Dead,
        (640, 76_000),
        (s + 1, 900),
        Outcome::Lost,
        "crashed at step 19, cache lost",
        "Worker A is dead from 0.640 s on",
        None,
    );
    t.step(
        640,
        K::Crash,
        true,
        "Worker A crashes: the charge is done, its answer is lost, its cache is gone.",
    );
    t.pending("attempt 1 timed out", "start-to-close 60 s", 60_310, Outcome::TimedOut);
    t.row(
        "ProcessPayment",
        17,
        1,
        Some("A"),
        Some(Outcome::TimedOut),
        310,
        "timed out after 60 s · its effect was done",
    );
    t.row(
        "ProcessPayment",
        17,
        2,
        None,
        None,
        62_310,
        "due at 62.31 s: 2 s × 2.0⁰ after the failure",
    );
    t.pending("attempt 2 due", "backoff 2 s", 62_310, Outcome::Running);
    t.wait(
        "The backoff of ProcessPayment: attempt 2 of 3 is due at 00:01:02.310.",
        Some(62_310),
    );
    let s = t.next();
    t.mark(
        1,
        MarkKind::Backoff,
        (60_310, 62_310),
        (s, s + 1),
        Outcome::TimedOut,
        "backoff 2 s",
        "ProcessPayment waits 2 s before attempt 2",
        Some(17),
    );
    t.step(
        60_310,
        K::Timer,
        true,
        "Attempt 1 of ProcessPayment times out after 60 s. The next one is due in 2 s.",
    );
    t.wait(
        "A worker to take ProcessPayment, attempt 2 of 3, from queue order-q.",
        None,
    );
    t.step(
        62_310,
        K::Timer,
        true,
        "The backoff is over: attempt 2 of ProcessPayment goes into queue order-q.",
    );
    t.unwritten.truncate(3);
    t.activity(
        1,
        17,
        "ProcessPayment",
        [62_324, 62_530, 62_650],
        4,
        "captured again",
        2,
    );
    let last = t.r.marks.len() - 1;
    t.r.marks[last].outcome = Outcome::Failed;
    t.fact(0, "€178.00", Some("order: €89.00"));
    let s = t.next();
    t.step(
        62_530,
        K::Effect,
        true,
        "The card is charged again: €178.00 for an order of €89.00.",
    );
    t.mark(
        0,
        MarkKind::Danger,
        (62_530, 62_650),
        (s, s + 1),
        Outcome::Ok,
        "crash here = charged again",
        "The charge is done and no event says so.",
        Some(17),
    );
    t.answered(1, 62_324, 62_650, 17, "ProcessPayment", "pay-2", 2);
    let last = t.r.moments.len() - 1;
    t.r.moments[last].waiting.text =
        "Worker A to take the workflow task from its sticky queue until 00:01:12.650; it is dead, then any worker may."
            .into();
    t.event(
        72_650,
        "WorkflowTaskTimedOut",
        "schedule-to-start",
        &[20],
        "Worker A's own queue was not polled for 10 s.",
    );
    t.event(72_650, "WorkflowTaskScheduled", "order-q", &[], "Now for any worker.");
    let s = t.next();
    t.mark(
        1,
        MarkKind::TaskWaits,
        (62_650, 72_650),
        (s - 1, s),
        Outcome::TimedOut,
        "sticky queue of A, 10 s",
        "the workflow task waits in the sticky queue of a dead worker",
        Some(20),
    );
    t.wait("A worker to take the workflow task from queue order-q.", None);
    t.step(
        72_650,
        K::Timer,
        true,
        "The sticky queue of worker A gives up: the workflow task goes to queue order-q.",
    );
    let s = t.next();
    t.mark(
        3,
        MarkKind::Replay,
        (72_664, 72_700),
        (s, s + 1),
        Outcome::Ok,
        "replay 1–20",
        "worker B replays events 1 to 20",
        Some(22),
    );
    t.worker(1, true, "replays events 1 to 20", "nothing yet");
    t.lines(
        LineMark::Replayed,
        fed,
        (26, LineMark::Replayed, Some("pay-2 ← event 19")),
    );
    t.code.holder = "in the memory of worker B, rebuilt from history".into();
    t.step(
        72_664,
        K::Replay,
        true,
        "Worker B has nothing in its cache: it replays events 1 to 20.",
    );
    let fed2: &[(u32, Option<&str>)] = &[
        (15, None),
        (16, Some("valid ← event 7")),
        (17, None),
        (21, Some("res-1 ← event 13")),
        (22, None),
        (26, Some("pay-2 ← event 19")),
        (27, None),
    ];
    t.turn(1, 72_702, (fed2, 34), 22, "CreateShipment out");
    let last = t.r.moments.len() - 1;
    for l in &mut t.r.moments[last].code.lines {
        if l.mark == LineMark::Done {
            l.mark = LineMark::Replayed;
        }
    }
    t.event(
        72_712,
        "ActivityTaskScheduled",
        "CreateShipment",
        &[24],
        "The payment was captured (event 19).",
    );
    t.wait("A worker to take CreateShipment from queue order-q.", None);
    t.step(
        72_712,
        K::Answer,
        false,
        "The answer is written: CreateShipment is scheduled.",
    );
    t.lines(
        LineMark::Replayed,
        fed2,
        (34, LineMark::Awaiting, Some("attempt 1 of 3")),
    );
    t.activity(1, 25, "CreateShipment", [72_730, 72_860, 72_880], 6, "503", 1);
    let last = t.r.marks.len() - 1;
    t.r.marks[last].outcome = Outcome::Failed;
    t.r.marks[last - 1].outcome = Outcome::Failed;
    t.step(72_860, K::Effect, true, "The carrier answers 503: no parcel.");
    t.pending("attempt 1 failed", "503 from the carrier", 72_880, Outcome::Failed);
    t.pending("attempt 2 due", "backoff 2 s", 74_880, Outcome::Running);
    t.row(
        "CreateShipment",
        25,
        1,
        Some("B"),
        Some(Outcome::Failed),
        72_730,
        "failed: CarrierUnavailable, 503",
    );
    t.worker(1, true, "polls order-q", "order-1001 up to event 25");
    t.wait(
        "The backoff of CreateShipment: attempt 2 of 3 is due at 00:01:14.880.",
        Some(74_880),
    );
    let s = t.next();
    t.mark(
        1,
        MarkKind::Backoff,
        (72_880, 74_880),
        (s, s + 1),
        Outcome::Failed,
        "backoff 2 s",
        "CreateShipment waits 2 s before attempt 2",
        Some(25),
    );
    t.step(
        72_880,
        K::ActivityAnswer,
        true,
        "Worker B answers: CreateShipment failed. The next attempt is due in 2 s.",
    );
    t.wait(
        "A worker to take CreateShipment, attempt 2 of 3, from queue order-q.",
        None,
    );
    t.step(
        74_880,
        K::Timer,
        true,
        "The backoff is over: attempt 2 of CreateShipment goes into queue order-q.",
    );
    t.unwritten.pop();
    t.activity(1, 25, "CreateShipment", [74_890, 75_020, 75_060], 6, "parcel P-1", 2);
    t.fact(2, "P-1, 2 × SKU-7", None);
    t.step(75_020, K::Effect, false, "The carrier takes parcel P-1.");
    t.answered(1, 74_890, 75_060, 25, "CreateShipment", "P-1", 2);
    let mut fed3 = fed2.to_vec();
    fed3.extend([(34, Some("P-1 ← event 27")), (35, None)]);
    t.turn(1, 75_070, (&fed3, 43), 28, "SendConfirmation out");
    t.event(
        75_080,
        "ActivityTaskScheduled",
        "SendConfirmation",
        &[30],
        "The parcel is on its way (event 27).",
    );
    t.wait("A worker to take SendConfirmation from queue order-q.", None);
    t.step(
        75_080,
        K::Answer,
        false,
        "The answer is written: SendConfirmation is scheduled.",
    );
    t.lines(LineMark::Done, &fed3, (43, LineMark::Awaiting, Some("attempt 1 of 3")));
    t.activity(1, 31, "SendConfirmation", [75_090, 75_150, 75_170], 7, "sent", 1);
    t.fact(3, "1 to C-17", None);
    t.step(75_150, K::Effect, false, "The customer gets a mail.");
    t.answered(1, 75_090, 75_170, 31, "SendConfirmation", "sent", 1);
    fed3.push((43, Some("sent ← event 33")));
    t.turn(1, 75_180, (&fed3, 44), 34, "the order is done");
    t.event(
        75_190,
        "WorkflowExecutionCompleted",
        "completed",
        &[36],
        "The workflow function returned.",
    );
    t.worker(1, true, "polls order-q", "nothing");
    t.wait(
        "Nothing: the order is closed. It completed, and the customer paid twice.",
        None,
    );
    t.step(75_190, K::Answer, true, "The order completes.");
    t.r.end = Ending {
        settled: true,
        text: "completed after 75.19 s".into(),
        result: Some(r#"{"order_id":"1001","status":"Completed","payment":"pay-2","parcel":"P-1"}"#.into()),
        promises: [
            (
                "the customer is charged exactly what the order says",
                false,
                "charged €178.00 for an order of €89.00",
            ),
            (
                "stock is never reserved twice for one order",
                true,
                "2 reserved for an order of 2",
            ),
            ("a completed order has exactly one parcel", true, "one parcel, P-1"),
            ("a failed order leaves no charge behind", true, "the order did not fail"),
            ("at most one confirmation is sent", true, "one mail"),
            ("the run settles", true, "closed after 75.19 s"),
        ]
        .iter()
        .map(|(s, held, seen)| Promise {
            sentence: (*s).into(),
            held: *held,
            seen: (*seen).into(),
        })
        .collect(),
    };
    t.r
}

pub(super) fn recording(spec: &RunSpec) -> Result<Recording, String> {
    let card = stories()
        .into_iter()
        .find(|s| s.id == spec.story)
        .ok_or_else(|| format!("no story {}", spec.story))?;
    let mut r = told();
    r.story = card;
    r.seed = spec.seed;
    for choice in &spec.choices {
        let at = choice.step as usize;
        let Some(from) = r.moments.get(at).cloned() else {
            return Err(format!(
                "the run has only {} steps, so nothing can be done at {}",
                r.moments.len() - 1,
                at
            ));
        };
        r.choices
            .push(format!("{}:{}:{}", choice.step, choice.verb.word(), choice.worker));
        r.moments.truncate(at + 1);
        r.events.truncate(from.events_len as usize);
        r.marks.retain(|m| m.from_step as usize <= at);
        let alive = choice.verb == Verb::Restart;
        let mut m = from;
        m.step += 1;
        m.interesting = true;
        m.kind = if alive { StepKind::Restart } else { StepKind::Crash };
        m.text = format!("You {} worker {}.", choice.verb.word(), choice.worker);
        for w in m.workers.iter_mut().filter(|w| w.name == choice.worker) {
            w.alive = alive;
            w.doing = if alive {
                "polls order-q".into()
            } else {
                format!("dead since {:.3} s", m.at.as_secs_f64())
            };
            w.cached = "nothing".into();
        }
        if m.workers.iter().all(|w| !w.alive) {
            m.waiting = Waiting {
                text: "Nothing can happen: no worker is alive. Restart one.".into(),
                until: None,
                stuck: true,
                closed: false,
            };
        }
        let lane = r
            .lanes
            .iter()
            .position(|l| l.name.ends_with(&format!("Worker {}", choice.worker)))
            .unwrap_or(0);
        if !alive {
            r.marks.push(Mark {
                lane: lane as u32,
                kind: MarkKind::Dead,
                from: m.at,
                to: m.at + Span::secs(2),
                from_step: m.step,
                to_step: 900,
                outcome: Outcome::Lost,
                label: format!("killed at step {}", m.step),
                tip: format!("Worker {} is dead", choice.worker),
                event: None,
            });
        }
        r.moments.push(m);
        r.end.settled = false;
        r.end.text = "the sample ends here".into();
        r.end
            .promises
            .iter_mut()
            .for_each(|p| p.held = p.sentence != "the run settles");
    }
    Ok(r)
}
