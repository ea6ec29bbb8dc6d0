//! Queries of a run. They leave no trace in its history.
//!
//! | state | event | next |
//! | --- | --- | --- |
//! | none | made while a workflow task is pending, or before the first was answered | Waiting |
//! | none | made while nothing is pending, or of a closed run | Sent |
//! | Waiting | a worker takes a workflow task | Waiting, and the query rides with the task |
//! | Waiting | the task is answered, the query with it | none: replied |
//! | Waiting | the task is answered without it, and no other follows | Sent |
//! | Sent | a worker answers | none: replied |
//! | Sent to a sticky queue | schedule-to-start runs out | Sent to the normal queue, and the run is not sticky any more |
//!
//! So an answer knows every event that came before the query. What is sent goes through the task queues as a task
//! of its own, which asks and does nothing else.

use crate::base::time::{SimTime, Span};
use crate::contract::answer::{QueryAnswer, TaskNotFound};
use crate::contract::request::{Query, Refusal, Reply, Target, Ticket};
use crate::contract::task::{AskedQuery, RunKey, WorkflowTask, WorkflowTaskToken};
use crate::service::Service;
use crate::service::queue::QueuedWork;
use crate::service::run::Run;
use crate::service::timer::TimerTask;
use crate::service::transaction::Tx;
use crate::service::unwritten::{PendingQuery, QueryState};

/// So many queries may wait for a workflow task (server 1.32, `history.MaxBufferedQueryCount`).
const MAY_WAIT: usize = 1;

/// From this attempt at a workflow task on, queries are refused (server 1.32).
const FIRST_REFUSED_ATTEMPT: u32 = 3;

/// How long a client waits for an answer (`temporalio-client` 1.1.1): a run whose first task is due later is not
/// asked at all.
const CLIENT_WAITS: Span = Span::secs(30);

impl Service {
    /// A client queries a run; the answer comes with [`Self::take_replies`].
    pub fn query(&mut self, now: SimTime, target: &Target, query: Query) -> Result<Ticket, Refusal> {
        let key = self.find(target)?;
        let ticket = Ticket(self.next_ticket);
        // Asking writes nothing, so no limit of the history is crossed by it.
        self.transact(now, key, |run, tx| run.ask(tx, ticket, query))
            .unwrap_or(Ok(()))?;
        self.next_ticket += 1;
        Ok(ticket)
    }

    /// What became of queries and updates since the last call, in order.
    pub fn take_replies(&mut self) -> Vec<Reply> {
        std::mem::take(&mut self.replies)
    }

    /// A worker answers a task that is only a query ([`super::Polled::Query`]).
    pub fn answer_query(&mut self, now: SimTime, run: RunKey, answer: QueryAnswer) -> Result<(), TaskNotFound> {
        let sent = |query: &PendingQuery| query.query_id == answer.query_id && query.state != QueryState::Waiting;
        let at = self
            .run(run)
            .unwritten
            .hand
            .queries
            .iter()
            .position(sent)
            .ok_or(TaskNotFound)?;
        // A reply writes nothing either.
        self.transact(now, run, |run, tx| run.reply(tx, at, answer))
            .unwrap_or(());
        Ok(())
    }
}

impl Run {
    fn ask(&mut self, tx: &mut Tx<'_>, ticket: Ticket, query: Query) -> Result<(), Refusal> {
        let never_answered = self.state.previous_started_event_id == 0;
        if !self.is_open() && never_answered {
            return Err(closed_too_early());
        }
        if self.waits_for_its_first_task() && self.execution_time > tx.now + CLIENT_WAITS {
            return Err(Refusal::Precondition("Workflow task is not scheduled yet.".to_owned()));
        }
        if self.is_open() && self.unwritten.hand.workflow_task_attempt >= FIRST_REFUSED_ATTEMPT {
            return Err(Refusal::Precondition(
                "Unable to query workflow due to Workflow Task in failed state.".to_owned(),
            ));
        }
        let waits = never_answered || self.workflow_task().is_some();
        if waits && self.waiting_queries().count() >= MAY_WAIT {
            return Err(Refusal::Exhausted(
                "consistent query buffer is full, this may be caused by too many queries and workflow not able to \
                 process query fast enough"
                    .to_owned(),
            ));
        }
        let query_id = self.next_query_id();
        self.unwritten.hand.queries.push(PendingQuery {
            ticket,
            query,
            query_id,
            state: QueryState::Waiting,
        });
        if !waits {
            let last = self.unwritten.hand.queries.len() - 1;
            self.send(tx, last, true);
        }
        Ok(())
    }

    /// The queries that ride with a workflow task which a worker takes now.
    pub(super) fn riding_queries(&self) -> Vec<AskedQuery> {
        self.waiting_queries().map(asked).collect()
    }

    /// Passes on the answers that came with a completed workflow task.
    pub(super) fn take_query_answers(&mut self, tx: &mut Tx<'_>, answers: Vec<QueryAnswer>) {
        for answer in answers {
            let rode = |query: &PendingQuery| query.query_id == answer.query_id && query.state == QueryState::Waiting;
            if let Some(at) = self.unwritten.hand.queries.iter().position(rode) {
                self.reply(tx, at, answer);
            }
        }
    }

    /// No workflow task is pending and none follows: what still waits is sent.
    pub(super) fn send_waiting_queries(&mut self, tx: &mut Tx<'_>) {
        let mut at = 0;
        while at < self.unwritten.hand.queries.len() {
            if self.unwritten.hand.queries[at].state != QueryState::Waiting {
                at += 1;
            } else if self.state.previous_started_event_id == 0 {
                let unanswerable = self.unwritten.hand.queries.remove(at);
                tx.reply(unanswerable.ticket, Err(closed_too_early()));
            } else {
                self.send(tx, at, true);
                at += 1;
            }
        }
    }

    /// A worker takes a query from a queue. From the run's own sticky queue it comes without any history: the
    /// worker has the run in memory, or asks for it.
    pub(in crate::service) fn start_query(&self, query_id: u64) -> Option<WorkflowTask> {
        let pending = self
            .unwritten
            .hand
            .queries
            .iter()
            .find(|query| query.query_id == query_id)?;
        let worker_has_it = pending.state == QueryState::Sent { sticky: true };
        let events = if worker_has_it { &[] } else { self.log.events() };
        Some(WorkflowTask {
            token: WorkflowTaskToken {
                run: self.key,
                scheduled_event_id: 0,
                attempt: 1,
            },
            workflow_id: self.workflow_id.clone(),
            run_id: self.run_id.clone(),
            workflow_type: self.workflow_type.clone(),
            task_queue: self.task_queue.clone(),
            events: events.to_vec(),
            previous_started_event_id: self.state.previous_started_event_id,
            started_event_id: 0,
            attempt: 1,
            start_to_close: Span::ZERO,
            queries: vec![asked(pending)],
            updates: Vec::new(),
        })
    }

    /// The sticky worker did not answer in time: the query goes to the normal queue, and the run with it.
    pub(in crate::service) fn time_out_query(&mut self, tx: &mut Tx<'_>, query_id: u64) {
        let Some(at) = self
            .unwritten
            .hand
            .queries
            .iter()
            .position(|query| query.query_id == query_id)
        else {
            return;
        };
        let work = QueuedWork::Query {
            run: self.key,
            query_id,
        };
        tx.withdraw(work);
        if self.is_open() {
            self.unwritten.hand.sticky = None;
            self.make_task_real(tx);
        }
        let query_id = self.next_query_id();
        self.unwritten.hand.queries[at].query_id = query_id;
        self.send(tx, at, false);
    }

    /// Whether the sticky worker is still being waited for.
    pub(in crate::service) fn query_timeout_is_live(&self, query_id: u64) -> bool {
        self.unwritten
            .hand
            .queries
            .iter()
            .any(|query| query.query_id == query_id)
    }

    fn waiting_queries(&self) -> impl Iterator<Item = &PendingQuery> {
        let waiting = |query: &&PendingQuery| query.state == QueryState::Waiting;
        self.unwritten.hand.queries.iter().filter(waiting)
    }

    fn next_query_id(&mut self) -> u64 {
        self.unwritten.hand.queries_sent += 1;
        self.unwritten.hand.queries_sent
    }

    /// Puts a query into a task queue: first the sticky one, if there is one and somebody polls it.
    fn send(&mut self, tx: &mut Tx<'_>, at: usize, may_be_sticky: bool) {
        let query_id = self.unwritten.hand.queries[at].query_id;
        let run = self.key;
        let work = QueuedWork::Query { run, query_id };
        let sticky = self.unwritten.hand.sticky.clone().filter(|_| may_be_sticky);
        self.unwritten.hand.queries[at].state = QueryState::Sent { sticky: false };
        match sticky {
            Some(sticky) if tx.queues.sticky_available(&sticky.queue, tx.now) => {
                self.unwritten.hand.queries[at].state = QueryState::Sent { sticky: true };
                tx.enqueue(&sticky.queue, work);
                let timer = TimerTask::QueryTimeout { run, query_id };
                tx.set_timer(tx.now + sticky.schedule_to_start, timer);
            }
            gone => {
                if gone.is_some() && self.is_open() {
                    self.unwritten.hand.sticky = None;
                }
                tx.enqueue(&self.task_queue, work);
            }
        }
    }

    fn reply(&mut self, tx: &mut Tx<'_>, at: usize, answer: QueryAnswer) {
        let answered = self.unwritten.hand.queries.remove(at);
        tx.reply(answered.ticket, answer.outcome.map_err(Refusal::Handler));
    }
}

fn asked(pending: &PendingQuery) -> AskedQuery {
    AskedQuery {
        query_id: pending.query_id,
        query: pending.query.clone(),
    }
}

fn closed_too_early() -> Refusal {
    Refusal::Precondition("Workflow execution closed before WorkflowTaskStarted event".to_owned())
}
