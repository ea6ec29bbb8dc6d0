//! Plays many scenarios on real servers: several at the same time, on one server all that want the same limits. What
//! chance may have had a hand in is played once more.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::cli::SCRATCH;
use crate::performance::Performance;
use crate::scenario::Scenario;
use crate::server::Server;
use crate::stage;

/// How many scenarios are on stage at the same time.
const STAGES: usize = 6;

/// How often a scenario is played at most.
const TIMES: usize = 3;

/// What came of playing it.
type Played = Result<Performance, String>;

/// Plays them, and those again of which `sure` says no to what was played so far. In the order of the catalogue, with
/// all performances of each, the last one last.
pub(crate) async fn play_all(
    scenarios: Vec<Scenario>,
    sure: impl Fn(&Scenario, &[Played]) -> bool,
) -> Vec<(Arc<Scenario>, Vec<Played>)> {
    let began = Instant::now();
    let _ = std::fs::remove_dir_all(SCRATCH);
    std::fs::create_dir_all(SCRATCH).expect("target/ can be written to");
    let mut all: Vec<_> = scenarios
        .into_iter()
        .map(|scenario| (Arc::new(scenario), Vec::new()))
        .collect();
    for _ in 0..TIMES {
        let unsure: Vec<usize> = (0..all.len()).filter(|at| !sure(&all[*at].0, &all[*at].1)).collect();
        let played = play_once(unsure.iter().map(|at| all[*at].0.clone()).collect()).await;
        for (at, played) in unsure.into_iter().zip(played) {
            all[at].1.push(played);
        }
    }
    eprintln!("played in {:.0} s", began.elapsed().as_secs_f64());
    all
}

async fn play_once(scenarios: Vec<Arc<Scenario>>) -> Vec<Played> {
    let mut servers: Vec<(Arc<Scenario>, Result<Server, String>)> = Vec::new();
    for scenario in &scenarios {
        let limits = &scenario.setup.limits;
        if servers.iter().all(|(other, _)| other.setup.limits != *limits) {
            let same = scenarios.iter().filter(|other| other.setup.limits == *limits);
            let namespaces: Vec<String> = same.map(|scenario| scenario.name.to_owned()).collect();
            let server = Server::start(servers.len(), &namespaces, limits).await;
            servers.push((scenario.clone(), server));
        }
    }
    let stages = Arc::new(Semaphore::new(STAGES));
    let mut playing = JoinSet::new();
    for (at, scenario) in scenarios.iter().cloned().enumerate() {
        let mut of_limits = servers
            .iter()
            .filter(|(other, _)| other.setup.limits == scenario.setup.limits);
        let server = of_limits
            .next()
            .map(|(_, server)| server.as_ref().map(|server| server.address.clone()));
        let address = server.expect("every scenario has its server").map_err(Clone::clone);
        let stages = stages.clone();
        playing.spawn(async move {
            let _stage = stages.acquire().await;
            let began = Instant::now();
            let played = match address {
                Ok(address) => stage::play(&address, scenario.name, &scenario).await,
                Err(error) => Err(error),
            };
            let verdict = if played.is_ok() { "played" } else { "FAILED" };
            eprintln!("{verdict} {} in {:.1} s", scenario.name, began.elapsed().as_secs_f64());
            (at, played)
        });
    }
    let mut results: Vec<_> = scenarios.iter().map(|_| Err("it panicked".to_owned())).collect();
    while let Some(played) = playing.join_next().await {
        if let Ok((at, result)) = played {
            results[at] = result;
        }
    }
    results
}
