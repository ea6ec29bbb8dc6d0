//! What one performance of a scenario left behind: histories, and what the clients were told. What recordings hold.

use std::fmt::Write as _;
use std::path::PathBuf;

use sagascope::catalogue::world::ACTIVITY_TYPES;
use sagascope::history::json;
use sagascope::history::proto::{Attributes, Failure, HistoryEvent, Payloads, WorkflowExecutionFailedEventAttributes};
use serde_json::{Value, json};

use crate::moment::Moment;

/// One performance.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Performance {
    /// The runs of the compared workflow ids: ids in the scenario's order, each one's runs in order of their starts.
    pub(crate) runs: Vec<Run>,
    /// What the clients were told, act by act.
    pub(crate) told: Vec<Told>,
    /// How things stood before acts; of real performances only, and in files of their own.
    pub(crate) moments: Vec<Moment>,
}

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) workflow_id: String,
    pub(crate) run_id: String,
    /// Its history, as canonical JSON.
    pub(crate) events: Vec<Value>,
}

/// What came of an act that the Service has an answer to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    /// Its place in the script, from 1; 0 for the start.
    pub(crate) act: usize,
    /// `{"done": …}`, `{"refused": {"code": …, "message": …}}` or `{"failed": …}`.
    pub(crate) answer: Value,
}

impl Told {
    /// It was done, and this is what came back; null for nothing.
    pub(crate) fn done(result: Value) -> Value {
        json!({ "done": result })
    }

    /// It was done, and this run was started or found.
    pub(crate) fn run(run_id: &str) -> Value {
        Self::done(json!({ "run": run_id }))
    }

    /// The Service did not do it.
    pub(crate) fn refused(code: &str, message: &str) -> Value {
        json!({ "refused": { "code": code, "message": message } })
    }

    /// The handler failed, or the validator refused.
    pub(crate) fn failed(failure: Value) -> Value {
        json!({ "failed": failure })
    }

    /// It was never answered.
    pub(crate) fn nothing() -> Value {
        json!("nothing")
    }
}

impl Performance {
    /// How many events.
    pub(crate) fn events(&self) -> usize {
        self.runs.iter().map(|run| run.events.len()).sum()
    }

    /// As the text of a recording: JSON, one event a line.
    pub(crate) fn write(&self) -> String {
        let mut text = "{\n\"runs\": [".to_owned();
        for (i, run) in self.runs.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            let (id, run_id) = (json!(run.workflow_id), json!(run.run_id));
            let _ = write!(
                text,
                "{comma}\n{{ \"workflowId\": {id}, \"runId\": {run_id}, \"events\": ["
            );
            push_lines(&mut text, run.events.iter());
            text.push_str("] }");
        }
        text.push_str("\n],\n\"told\": [");
        let told: Vec<_> = self
            .told
            .iter()
            .map(|told| json!({ "act": told.act, "answer": told.answer }))
            .collect();
        push_lines(&mut text, told.iter());
        text.push_str("]\n}\n");
        text
    }

    /// The reverse of [`Self::write`].
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let list = |value: &Value| value.as_array().cloned().ok_or("a list is missing");
        let string = |value: &Value| value.as_str().map(str::to_owned).ok_or("a name is missing");
        let mut read = Self {
            runs: Vec::new(),
            told: Vec::new(),
            moments: Vec::new(),
        };
        for run in list(&value["runs"])? {
            read.runs.push(Run {
                workflow_id: string(&run["workflowId"])?,
                run_id: string(&run["runId"])?,
                events: list(&run["events"])?,
            });
        }
        for told in list(&value["told"])? {
            let act = told["act"].as_u64().ok_or("an act has no number")?;
            read.told.push(Told {
                act: usize::try_from(act).map_err(|error| error.to_string())?,
                answer: told["answer"].clone(),
            });
        }
        Ok(read)
    }
}

fn push_lines<'a>(text: &mut String, values: impl Iterator<Item = &'a Value>) {
    for (i, value) in values.enumerate() {
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\n{value}");
    }
    text.push('\n');
}

/// Where the recording of that scenario is.
pub(crate) fn recording(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/conformance/recordings/{name}.json"))
}

/// The recording of that scenario.
pub(crate) fn recorded(name: &str) -> Result<Performance, String> {
    let text = std::fs::read_to_string(recording(name)).map_err(|_| "there is no recording yet".to_owned())?;
    Performance::read(&with_todays_activities(&text)).map_err(|error| format!("its recording cannot be read: {error}"))
}

/// The worker says which activities it has. A recording knows those that the lab had on its day; live it says today's.
fn with_todays_activities(text: &str) -> String {
    const HAS: &str = "available activities: ";
    let mut today = ACTIVITY_TYPES;
    today.sort_unstable();
    let mut parts = text.split(HAS);
    let mut read = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, rest) = part.split_once('"').unwrap_or_default();
        let _ = write!(read, "{HAS}{}\"{rest}", today.join(", "));
    }
    read
}

/// A failure as canonical JSON.
pub(crate) fn failure_value(failure: &Failure) -> Value {
    let attributes = WorkflowExecutionFailedEventAttributes {
        failure: Some(failure.clone()),
        ..Default::default()
    };
    let event = HistoryEvent {
        attributes: Some(Attributes::WorkflowExecutionFailedEventAttributes(attributes)),
        ..Default::default()
    };
    json::event_value(&event)["workflowExecutionFailedEventAttributes"]["failure"].take()
}

/// The values that some payloads encode.
pub(crate) fn values(payloads: Option<&Payloads>) -> Value {
    let value = |data: &[u8]| serde_json::from_slice(data).unwrap_or(Value::Null);
    let payloads = payloads.iter().flat_map(|payloads| &payloads.payloads);
    payloads.map(|payload| value(&payload.data)).collect()
}
