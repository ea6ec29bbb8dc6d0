//! An outside of one's own: a state, and for each activity what it does to it.
//!
//! ```
//! use sagascope::sim::outside::{Behaviour, World};
//! use temporalio_macros::activity_definitions;
//!
//! #[derive(Clone, Default, serde::Serialize)]
//! struct Airline {
//!     seats: Vec<String>,
//! }
//!
//! struct Travel;
//!
//! #[activity_definitions]
//! impl Travel {
//!     #[activity(name = "BookFlight")]
//!     pub async fn book_flight(traveller: String) -> u32 {
//!         unimplemented!()
//!     }
//! }
//!
//! let world = World::new(Airline::default()).activity(
//!     Travel::book_flight,
//!     Behaviour::at("Airline").keyed(),
//!     |airline, traveller| {
//!         airline.seats.push(traveller);
//!         Ok(airline.seats.len() as u32)
//!     },
//! );
//! # _ = world;
//! ```

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use temporalio_common::ActivityDefinition;
use temporalio_common::data_converters::{
    GenericPayloadConverter as _, PayloadConverter, SerializationContext, SerializationContextData,
};
use temporalio_protos::temporal::api::common::v1::Payload;

use super::{ActivityError, Beats, Call, Entry, EntryKind, Fact, OnCancel, Outside, Plan, unregistered};
use crate::base::chance::Chance;
use crate::base::sorted::SortedMap;
use crate::base::time::{SimTime, Span};
use crate::history::payload;
use crate::history::proto::Payloads;

/// How an activity behaves, whatever it does: data only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// The external system that it acts on, as it is shown.
    pub system: &'static str,
    /// The shortest and the longest time that an attempt takes. Its effect comes after three fifths of it: that leaves a
    /// window in which the thing is done and nobody knows.
    pub takes: (Span, Span),
    /// The share of attempts that do not get through, in percent, from 0 to 100: they change nothing and fail with a
    /// retryable `Unavailable`.
    pub fails_percent: u8,
    /// Whether the system knows a repeated call by its idempotency key, which is the same for every attempt: it answers
    /// as it did before and changes nothing. Otherwise it takes every call for a new one.
    pub keyed: bool,
    /// Whether it takes back what another one did: for the journal's sake.
    pub undoes: bool,
    /// How often an attempt reports that it goes on; zero for never.
    pub heartbeat_every: Span,
}

impl Behaviour {
    /// An activity that takes 100 to 300 ms, always gets through, and is not keyed.
    pub const fn at(system: &'static str) -> Self {
        Self {
            system,
            takes: (Span::millis(100), Span::millis(300)),
            fails_percent: 0,
            keyed: false,
            undoes: false,
            heartbeat_every: Span::ZERO,
        }
    }

    /// With another shortest and longest time.
    #[must_use]
    pub const fn takes(mut self, shortest: Span, longest: Span) -> Self {
        self.takes = (shortest, longest);
        self
    }

    /// With so many percent of attempts that do not get through.
    #[must_use]
    pub const fn fails(mut self, percent: u8) -> Self {
        self.fails_percent = percent;
        self
    }

    /// With a system that looks at the idempotency key.
    #[must_use]
    pub const fn keyed(mut self) -> Self {
        self.keyed = true;
        self
    }

    /// As what takes back what another one did.
    #[must_use]
    pub const fn undoes(mut self) -> Self {
        self.undoes = true;
        self
    }

    /// With reports of progress at that interval. An attempt that learns from one that it is cancelled stops at once.
    #[must_use]
    pub const fn heartbeats(mut self, every: Span) -> Self {
        self.heartbeat_every = every;
        self
    }
}

/// What an activity does.
type Effect<S> = Arc<dyn Fn(&mut S, &Call<'_>) -> Result<Value, ActivityError> + Send + Sync>;

struct Activity<S> {
    behaviour: Behaviour,
    effect: Effect<S>,
}

/// An outside with a state of type `S`. Its top-level fields are its facts, and what two runs are compared by.
pub struct World<S> {
    state: S,
    activities: Arc<SortedMap<String, Activity<S>>>,
    systems: Vec<String>,
    journal: Vec<Entry>,
    /// What calls were answered with, by activity type and idempotency key.
    answers: SortedMap<(String, String), Value>,
}

impl<S: Clone> Clone for World<S> {
    fn clone(&self) -> Self {
        Self {
            state: self.state.clone(),
            activities: Arc::clone(&self.activities),
            systems: self.systems.clone(),
            journal: self.journal.clone(),
            answers: self.answers.clone(),
        }
    }
}

impl<S> World<S> {
    /// A world in that state, in which nothing has happened and no activity is known.
    pub fn new(state: S) -> Self {
        Self {
            state,
            activities: Arc::default(),
            systems: Vec::new(),
            journal: Vec::new(),
            answers: SortedMap::new(),
        }
    }

    /// How it stands.
    pub const fn state(&self) -> &S {
        &self.state
    }

    /// With an activity: its definition, how it behaves, and what it does to the state. The closure gets the decoded
    /// argument, or all of them as the SDK's `MultiArgs2` and so on, and returns what the definition declares or says how
    /// it fails. It must do the same for the same state and arguments.
    #[must_use]
    pub fn activity<A>(
        mut self,
        definition: A,
        behaviour: Behaviour,
        effect: impl Fn(&mut S, A::Input) -> Result<A::Output, ActivityError> + Send + Sync + 'static,
    ) -> Self
    where
        A: ActivityDefinition,
    {
        if !self.systems.iter().any(|system| system == behaviour.system) {
            self.systems.push(behaviour.system.to_owned());
        }
        let effect: Effect<S> = Arc::new(move |state, call| encoded(effect(state, decoded(call)?)?));
        // Nobody else has it yet: a world is built before it is copied.
        if let Some(activities) = Arc::get_mut(&mut self.activities) {
            activities.insert(definition.name().to_owned(), Activity { behaviour, effect });
        }
        self
    }

    fn write(&mut self, now: SimTime, call: &Call<'_>, kind: EntryKind, text: String) {
        let system = self.activities.get(call.activity_type);
        self.journal.push(Entry {
            at: now,
            system: system.map_or_else(String::new, |activity| activity.behaviour.system.to_owned()),
            kind,
            text,
            activity_type: call.activity_type.to_owned(),
            key: call.key(),
            attempt: call.attempt,
            spoils: None,
        });
    }
}

impl<S: Clone + Serialize + Send + Sync + 'static> Outside for World<S> {
    fn plan(&self, chance: Chance, _: SimTime, call: &Call<'_>) -> Plan {
        let Some(Activity { behaviour, .. }) = self.activities.get(call.activity_type) else {
            return Plan::simple(super::call::LOOKS_IT_UP, super::call::LOOKS_IT_UP);
        };
        let (shortest, longest) = behaviour.takes;
        let attempt = [u64::from(call.attempt)];
        let takes = chance.span(&name_of(call), &attempt, shortest, longest.max(shortest));
        let every = behaviour.heartbeat_every;
        Plan {
            beats: (!every.is_zero()).then_some(Beats {
                every,
                times: None,
                after: 0,
            }),
            on_cancel: OnCancel::Confirms { after: Span::ZERO },
            ..Plan::simple(Span(takes.0 / 5 * 3), takes)
        }
    }

    fn perform(&mut self, chance: Chance, now: SimTime, call: &Call<'_>) -> Result<Value, ActivityError> {
        let activities = Arc::clone(&self.activities);
        let Some(Activity { behaviour, effect }) = activities.get(call.activity_type) else {
            let known: Vec<&str> = activities.keys().map(String::as_str).collect();
            return Err(unregistered(call.activity_type, &known));
        };
        let name = call.activity_type;
        let luck = chance.draw(&format!("{} gets through", name_of(call)), &[u64::from(call.attempt)]);
        if luck % 100 < u64::from(behaviour.fails_percent) {
            let error = ActivityError::retryable("Unavailable", format!("{} is not reached", behaviour.system));
            self.write(now, call, EntryKind::Refused, format!("{name}: {error}"));
            return Err(error);
        }
        let key = (name.to_owned(), call.key());
        let before = self.answers.get(&key).cloned();
        if let Some(answer) = before.as_ref().filter(|_| behaviour.keyed) {
            self.write(
                now,
                call,
                EntryKind::Repeated,
                format!("{name}, same key: {answer} again"),
            );
            return Ok(answer.clone());
        }
        let outcome = effect(&mut self.state, call);
        match &outcome {
            Ok(answer) => {
                let kind = match before {
                    Some(_) => EntryKind::Doubled,
                    None if behaviour.undoes => EntryKind::Undid,
                    None => EntryKind::Did,
                };
                let text = if answer.is_null() {
                    name.to_owned()
                } else {
                    format!("{name}: {answer}")
                };
                self.write(now, call, kind, text);
                self.answers.insert(key, answer.clone());
            }
            Err(error) => self.write(now, call, EntryKind::Refused, format!("{name}: {error}")),
        }
        outcome
    }

    fn entries(&self) -> &[Entry] {
        &self.journal
    }

    fn facts(&self) -> Vec<Fact> {
        match serde_json::to_value(&self.state) {
            Ok(Value::Object(fields)) => fields
                .into_iter()
                .map(|(label, value)| Fact {
                    label,
                    value: shown(&value),
                })
                .collect(),
            Ok(value) => vec![Fact {
                label: "state".to_owned(),
                value: shown(&value),
            }],
            Err(why) => vec![Fact {
                label: "state".to_owned(),
                value: format!("cannot be shown: {why}"),
            }],
        }
    }

    fn systems(&self) -> Vec<String> {
        self.systems.clone()
    }

    fn snapshot(&self) -> Vec<Fact> {
        self.facts()
    }

    fn copy(&self) -> Box<dyn Outside> {
        Box::new(self.clone())
    }
}

/// What the draws for an attempt are told apart by, beside its number.
fn name_of(call: &Call<'_>) -> String {
    format!("{}/{}", call.activity_type, call.key())
}

/// A value for people: texts without quotes.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        value => value.to_string(),
    }
}

/// The arguments as the definition's type, by the SDK's own converter.
fn decoded<T: temporalio_common::data_converters::TemporalDeserializable + 'static>(
    call: &Call<'_>,
) -> Result<T, ActivityError> {
    let values = call.arguments.iter().flat_map(|value| payload::json(value).payloads);
    let payloads: Vec<Payload> = values
        .map(|payload| Payload {
            metadata: payload.metadata.into_iter().collect(),
            data: payload.data,
            ..Default::default()
        })
        .collect();
    let converter = PayloadConverter::default();
    let context = SerializationContext::new(&SerializationContextData::None, &converter);
    let value = converter.from_payloads(&context, payloads);
    value.map_err(|error| ActivityError::fatal("InvalidInput", format!("{}: {error}", call.activity_type)))
}

/// What the definition declares, as JSON.
fn encoded<T: temporalio_common::data_converters::TemporalSerializable + 'static>(
    value: T,
) -> Result<Value, ActivityError> {
    let converter = PayloadConverter::default();
    let context = SerializationContext::new(&SerializationContextData::None, &converter);
    let payloads = converter.to_payloads(&context, &value);
    let payloads = payloads.map_err(|error| ActivityError::fatal("InvalidOutput", error.to_string()))?;
    let own = payloads.into_iter().map(|payload| crate::history::proto::Payload {
        metadata: payload.metadata.into_iter().collect(),
        data: payload.data,
        ..Default::default()
    });
    Ok(payload::first_value(Some(&Payloads {
        payloads: own.collect(),
    })))
}
