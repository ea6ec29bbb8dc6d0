//! Histories sketched in a few words a line, for tests of what looks at histories: each line is a few events, with what is
//! usual filled in.
//!
//! ```text
//! start {"workflowRunTimeout": "60s"}    WorkflowExecutionStarted at 0
//! task 1                                 a workflow task that is scheduled, taken and answered at 1 s
//! activity 1 {"heartbeatTimeout": "5s"}  ActivityTaskScheduled, by the task before
//! begun 2 {"attempt": 3}                 ActivityTaskStarted, of the activity before
//! done 3                                 ActivityTaskCompleted; `failed` and `late` as well
//! 4 TimerStarted {"timerId": "1"}        anything else, by its name
//! ```

use serde_json::{Map, Value, json};

use sagascope::history::json::read;
use sagascope::history::proto::HistoryEvent;

/// The events of a sketch.
pub(crate) fn events(sketch: &str) -> Vec<HistoryEvent> {
    let mut drawn = Drawn::default();
    for line in sketch.lines().map(str::trim).filter(|line| !line.is_empty()) {
        drawn.line(line);
    }
    let text = json!({ "events": drawn.events }).to_string();
    read(&text)
        .unwrap_or_else(|error| panic!("{error}\n{sketch}"))
        .history
        .events
}

#[derive(Default)]
struct Drawn {
    events: Vec<Value>,
    /// The last WorkflowTaskScheduled, WorkflowTaskStarted, WorkflowTaskCompleted, ActivityTaskScheduled and
    /// ActivityTaskStarted.
    scheduled: usize,
    started: usize,
    completed: usize,
    activity: usize,
    attempt: usize,
}

impl Drawn {
    fn line(&mut self, line: &str) {
        let (words, own) = line.split_at(line.find('{').unwrap_or(line.len()));
        let own: Value = if own.is_empty() {
            json!({})
        } else {
            serde_json::from_str(own).unwrap_or_else(|error| panic!("{error}: {line}"))
        };
        let words: Vec<&str> = words.split_whitespace().collect();
        match *words.as_slice() {
            ["start"] => self.start(&own),
            ["task", at] => {
                self.scheduled_task(at, &json!({}));
                self.taken(at, &json!({}));
                self.answered(at, &own);
            }
            ["scheduled", at] => self.scheduled_task(at, &own),
            ["taken", at] => self.taken(at, &own),
            ["answered", at] => self.answered(at, &own),
            ["activity", at] => {
                let usual = json!({
                    "activityId": self.events.len().to_string(),
                    "activityType": { "name": "Charge" },
                    "taskQueue": { "name": "q" },
                    "startToCloseTimeout": "10s",
                    "retryPolicy": { "initialInterval": "1s", "backoffCoefficient": 2, "maximumInterval": "100s" },
                    "workflowTaskCompletedEventId": self.completed,
                });
                self.activity = self.push(at, "ActivityTaskScheduled", usual, &own);
            }
            ["begun", at] => {
                let usual = json!({ "scheduledEventId": self.activity, "identity": "w@h", "attempt": 1 });
                self.attempt = self.push(at, "ActivityTaskStarted", usual, &own);
            }
            [how @ ("done" | "failed" | "late"), at] => {
                let usual = json!({ "scheduledEventId": self.activity, "startedEventId": self.attempt });
                let name = match how {
                    "done" => "ActivityTaskCompleted",
                    "failed" => "ActivityTaskFailed",
                    _ => "ActivityTaskTimedOut",
                };
                self.push(at, name, usual, &own);
            }
            [at, name] => {
                self.push(at, name, json!({}), &own);
            }
            _ => panic!("not a line of a sketch: {line}"),
        }
    }

    fn start(&mut self, own: &Value) {
        let usual = json!({
            "workflowType": { "name": "Order" },
            "taskQueue": { "name": "q" },
            "workflowTaskTimeout": "10s",
            "attempt": 1,
        });
        self.push("0", "WorkflowExecutionStarted", usual, own);
    }

    fn scheduled_task(&mut self, at: &str, own: &Value) {
        let usual = json!({ "taskQueue": { "name": "q" }, "startToCloseTimeout": "10s", "attempt": 1 });
        self.scheduled = self.push(at, "WorkflowTaskScheduled", usual, own);
    }

    fn taken(&mut self, at: &str, own: &Value) {
        let usual = json!({ "scheduledEventId": self.scheduled, "identity": "w@h", "requestId": "r" });
        self.started = self.push(at, "WorkflowTaskStarted", usual, own);
    }

    fn answered(&mut self, at: &str, own: &Value) {
        let usual = json!({ "scheduledEventId": self.scheduled, "startedEventId": self.started });
        self.completed = self.push(at, "WorkflowTaskCompleted", usual, own);
    }

    /// One event; what is its own goes before what is usual. Returns its id.
    fn push(&mut self, at: &str, name: &str, usual: Value, own: &Value) -> usize {
        let id = self.events.len() + 1;
        let mut attributes = usual;
        merge(&mut attributes, own);
        let at: f64 = at.parse().unwrap_or_else(|_| panic!("no time: {at}"));
        let millis = 1_767_225_600_000 + (at * 1000.0).round() as i64;
        let time = chrono::DateTime::from_timestamp_millis(millis).unwrap().to_rfc3339();
        let mut first = name.chars();
        let field: String = first
            .next()
            .into_iter()
            .flat_map(char::to_lowercase)
            .chain(first)
            .collect();
        let mut event = Map::new();
        event.insert("eventId".to_owned(), json!(id));
        event.insert("eventTime".to_owned(), json!(time));
        event.insert("eventType".to_owned(), json!(name));
        event.insert(field + "EventAttributes", attributes);
        self.events.push(Value::Object(event));
        id
    }
}

fn merge(usual: &mut Value, own: &Value) {
    match (usual, own) {
        (Value::Object(usual), Value::Object(own)) => {
            for (key, value) in own {
                merge(usual.entry(key).or_insert(Value::Null), value);
            }
        }
        (usual, own) => *usual = own.clone(),
    }
}
