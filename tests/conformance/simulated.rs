//! Plays a scenario in the simulation.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sagascope::contract::request::Refusal;
use sagascope::history::json;
use sagascope::sim::script::Action;
use sagascope::sim::{Sim, Verdict, client};
use serde_json::Value;

use crate::performance::{Performance, Run, Told, failure_value, values};
use crate::scenario::Scenario;

/// Any: no scenario may depend on it. Real workers draw from it how long the world's activities take, as here.
pub(crate) const SEED: u64 = 1;

/// Plays it. A panic is told like any other failure.
pub(crate) fn play(scenario: &Scenario) -> Result<Performance, String> {
    catch_unwind(AssertUnwindSafe(|| perform(scenario))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let message = text
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Err(format!("the simulation panics: {message}"))
    })
}

fn perform(scenario: &Scenario) -> Result<Performance, String> {
    let mut sim = Sim::with(scenario.setup.clone(), SEED, Vec::new()).map_err(|error| error.to_string())?;
    let verdict = sim.run_to_end();
    if verdict == Verdict::DidNotSettle {
        return Err(format!("the simulation does not settle, {} steps", sim.steps()));
    }
    let mut runs = Vec::new();
    for workflow_id in &scenario.compared {
        let of_id = sim
            .service()
            .runs()
            .iter()
            .filter(|run| run.workflow_id == *workflow_id);
        runs.extend(of_id.map(|run| Run {
            workflow_id: run.workflow_id.clone(),
            run_id: run.run_id.clone(),
            events: run.log.events().iter().map(json::event_value).collect(),
        }));
    }
    let told = sim.client().log().iter().filter(|said| has_answer(scenario, said.act));
    let told = told.map(|said| Told {
        act: said.act as usize,
        answer: answer(&sim, &said.what, is_query(scenario, said.act)),
    });
    let mut told: Vec<_> = told.collect();
    for (number, act) in (1..).zip(&scenario.setup.script) {
        if matches!(act.what, Action::SendUpdate(..)) && told.iter().all(|said| said.act != number) {
            told.push(Told {
                act: number,
                answer: Told::nothing(),
            });
        }
    }
    told.sort_by_key(|said| said.act);
    Ok(Performance {
        runs,
        told,
        moments: Vec::new(),
    })
}

fn action(scenario: &Scenario, act: u32) -> Option<&Action> {
    let place = (act as usize).checked_sub(1)?;
    scenario.setup.script.get(place).map(|act| &act.what)
}

fn is_query(scenario: &Scenario, act: u32) -> bool {
    matches!(action(scenario, act), Some(Action::Query(..)))
}

/// What is done to a worker is not answered by the Service.
fn has_answer(scenario: &Scenario, act: u32) -> bool {
    !action(scenario, act).is_some_and(|what| {
        matches!(
            what,
            Action::Kill(_) | Action::Stop(_) | Action::Launch(..) | Action::Partition(_) | Action::Heal(_)
        )
    })
}

fn answer(sim: &Sim, what: &Result<client::Told, Refusal>, of_query: bool) -> Value {
    match what {
        Ok(client::Told::Done) => Told::done(Value::Null),
        Ok(client::Told::Run(run)) => Told::run(&sim.service().run(*run).run_id),
        Ok(client::Told::Outcome(payloads)) => Told::done(values(payloads.as_ref())),
        Err(Refusal::NotFound(message)) => Told::refused("NOT_FOUND", message),
        Err(Refusal::AlreadyStarted { message, .. }) => Told::refused("ALREADY_EXISTS", message),
        Err(Refusal::Invalid(message)) => Told::refused("INVALID_ARGUMENT", message),
        Err(Refusal::Precondition(message)) => Told::refused("FAILED_PRECONDITION", message),
        Err(Refusal::Exhausted(message)) => Told::refused("RESOURCE_EXHAUSTED", message),
        Err(Refusal::Deadline(message)) => Told::refused("DEADLINE_EXCEEDED", message),
        // Of a worker's failure to answer, the real Service passes the message on.
        Err(Refusal::Handler(failure)) if of_query => Told::refused("INVALID_ARGUMENT", &failure.message),
        Err(Refusal::Handler(failure)) => Told::failed(failure_value(failure)),
    }
}
