//! Generates Temporal's own history types into `OUT_DIR`, for `proto.rs` beside this file.
//!
//! `temporalio-protos` cannot lend its types: its serde form of a history is not Temporal's JSON and reads no real
//! file. But it publishes the descriptors it was compiled from. From those we keep `temporal.api.history.v1` with all
//! it imports, and generate from them: the messages (prost), the table by which they are read and written as JSON, and
//! the names of events.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet};

/// The file whose message `History` is what we want; everything else comes in because it is imported from here.
const ROOT: &str = "temporal/api/history/v1/message.proto";

/// The message that we have ourselves, in `timestamp.rs`.
const TIMESTAMP: (&str, &str) = (".google.protobuf.Timestamp", "crate::history::timestamp::Timestamp");

/// Attributes that few events of a history have, and that would more than double the size of all: kept in a box.
const BOXED: [&str; 3] = [
    "workflow_execution_started_event_attributes",
    "start_child_workflow_execution_initiated_event_attributes",
    "workflow_execution_continued_as_new_event_attributes",
];

pub(crate) fn generate() {
    println!("cargo:rerun-if-env-changed=DEP_TEMPORALIO_PROTOS_DESCRIPTOR_PATH");
    let descriptors = env::var("DEP_TEMPORALIO_PROTOS_DESCRIPTOR_PATH").expect("temporalio-protos publishes its path");
    println!("cargo:rerun-if-changed={descriptors}");
    // For the tests, which let a second implementation of protobuf judge our JSON.
    println!("cargo:rustc-env=SAGASCOPE_DESCRIPTORS={descriptors}");

    let bytes = fs::read(&descriptors).expect("the published descriptors can be read");
    let all = FileDescriptorSet::decode(bytes.as_slice()).expect("they are a FileDescriptorSet");
    let kept = history_and_its_imports(all);
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));

    messages(&kept);
    let names = event_names(&kept) + &event_types(&kept);
    fs::write(out.join("history_names.rs"), names).expect("OUT_DIR can be written");
    fs::write(out.join("history_fields.rs"), Fields::of_events(&kept).into_source()).expect("OUT_DIR can be written");
}

/// [`ROOT`] and its transitive imports, in the order of the set (imports first), without comments: they are written for
/// another language's documentation and rustdoc takes their indented parts for tests.
fn history_and_its_imports(all: FileDescriptorSet) -> FileDescriptorSet {
    let files: BTreeMap<String, &FileDescriptorProto> = all.file.iter().map(|f| (f.name().to_owned(), f)).collect();
    let mut wanted = BTreeSet::new();
    let mut to_visit = vec![ROOT.to_owned()];
    while let Some(name) = to_visit.pop() {
        if wanted.insert(name.clone()) {
            to_visit.extend(files[&name].dependency.iter().cloned());
        }
    }
    let mut file: Vec<FileDescriptorProto> = all.file.iter().filter(|f| wanted.contains(f.name())).cloned().collect();
    for f in &mut file {
        f.source_code_info = None;
    }
    FileDescriptorSet { file }
}

fn messages(kept: &FileDescriptorSet) {
    let mut config = prost_build::Config::new();
    config
        .btree_map(["."])
        .include_file("history_types.rs")
        .extern_path(TIMESTAMP.0, TIMESTAMP.1);
    for field in BOXED {
        config.boxed(format!(".temporal.api.history.v1.HistoryEvent.attributes.{field}"));
    }
    config
        .compile_fds(kept.clone())
        .expect("prost generates the history types");
}

/// What all values of an enum begin with, up to an underscore.
fn common_prefix(e: &EnumDescriptorProto) -> String {
    let mut prefix = e.value[0].name();
    while !(prefix.ends_with('_') && e.value.iter().all(|v| v.name().starts_with(prefix))) {
        assert!(!prefix.is_empty(), "the values of {} have no common prefix", e.name());
        prefix = &prefix[..prefix.len() - 1];
    }
    prefix.to_owned()
}

/// `fn event_name(EventType) -> &'static str`: `ActivityTaskScheduled`.
fn event_names(kept: &FileDescriptorSet) -> String {
    let event_type = kept
        .file
        .iter()
        .flat_map(|f| &f.enum_type)
        .find(|e| e.name() == "EventType");
    let mut text = String::from(
        "/// The name of a type of event as people write it: `ActivityTaskScheduled`.\n\
         pub const fn event_name(event_type: temporal::api::enums::v1::EventType) -> &'static str {\n\
         match event_type {\n",
    );
    for value in &event_type.expect("Temporal has event types").value {
        let camel = camel(value.name().trim_start_matches("EVENT_TYPE_"));
        writeln!(text, "    temporal::api::enums::v1::EventType::{camel} => {camel:?},")
            .expect("a string can be written");
    }
    text.push_str("} }\n");
    text
}

/// `fn event_type(&Attributes) -> EventType`: the two say the same, by the naming of the protocol.
fn event_types(kept: &FileDescriptorSet) -> String {
    let root = kept.file.iter().find(|f| f.name() == ROOT).expect("the root was kept");
    let event = root
        .message_type
        .iter()
        .find(|m| m.name() == "HistoryEvent")
        .expect("it has events");
    let mut text = String::from(
        "/// The type that an event with these attributes has.\n\
         pub const fn event_type(attributes: &temporal::api::history::v1::history_event::Attributes)\n\
         -> temporal::api::enums::v1::EventType { match attributes {\n",
    );
    for field in event.field.iter().filter(|f| f.oneof_index.is_some()) {
        let variant = camel(field.name());
        let event = camel(
            field
                .name()
                .strip_suffix("_event_attributes")
                .expect("attributes are named after the event"),
        );
        writeln!(
            text,
            "    temporal::api::history::v1::history_event::Attributes::{variant}(_) => \
             temporal::api::enums::v1::EventType::{event},"
        )
        .expect("a string can be written");
    }
    text.push_str("} }\n");
    text
}

/// What `table.rs` must know of each message that can occur in an event: the event's own first.
struct Fields<'a> {
    messages: BTreeMap<String, &'a DescriptorProto>,
    enums: BTreeMap<String, &'a EnumDescriptorProto>,
    /// Full names of the messages of the table, in its order.
    used_messages: Vec<String>,
    used_enums: Vec<String>,
}

impl<'a> Fields<'a> {
    fn of_events(kept: &'a FileDescriptorSet) -> Self {
        let mut fields = Self {
            messages: BTreeMap::new(),
            enums: BTreeMap::new(),
            used_messages: vec![".temporal.api.history.v1.HistoryEvent".to_owned()],
            used_enums: Vec::new(),
        };
        for file in &kept.file {
            fields.name(&format!(".{}", file.package()), &file.enum_type, &file.message_type);
        }
        fields
    }

    fn name(&mut self, within: &str, enums: &'a [EnumDescriptorProto], messages: &'a [DescriptorProto]) {
        let full = |name: &str| format!("{within}.{name}");
        self.enums.extend(enums.iter().map(|e| (full(e.name()), e)));
        for m in messages {
            self.messages.insert(full(m.name()), m);
            self.name(&full(m.name()), &m.enum_type, &m.nested_type);
        }
    }

    fn into_source(mut self) -> String {
        let mut text = String::from(
            "/// The messages that can occur in an event; the event itself is the first.\n\
             pub(super) static MESSAGES: &[Message] = &[\n",
        );
        let mut next = 0;
        while let Some(name) = self.used_messages.get(next) {
            next += 1;
            let message = self.messages[name];
            // What belongs to a oneof comes last. An `optional` field is in a oneof of its own only in name.
            let in_oneof = |f: &&FieldDescriptorProto| f.oneof_index.is_some() && !f.proto3_optional();
            let (last, first): (Vec<_>, Vec<_>) = message.field.iter().partition(in_oneof);
            let in_order = || first.iter().chain(&last);
            assert!(
                in_order().all(|f| f.json_name() == lower_camel(f.name())),
                "{}: other names",
                message.name()
            );
            let fields: Vec<_> = in_order().map(|f| self.field(f)).collect();
            writeln!(text, "    Message {{ fields: &[{}] }},", fields.join(", ")).expect("a string can be written");
        }
        text.push_str(
            "];\n\
             /// The enums that can occur in an event.\n\
             pub(super) static ENUMS: &[Enum] = &[\n",
        );
        for name in &self.used_enums {
            let e = self.enums[name];
            let (prefix, names) = (common_prefix(e), numbered_names(e));
            writeln!(text, "    Enum {{ prefix: {prefix:?}, names: &{names:?} }},").expect("a string can be written");
        }
        text.push_str("];\n");
        text
    }

    fn field(&mut self, field: &FieldDescriptorProto) -> String {
        let mut typed = field;
        let entry = self.messages.get(field.type_name()).copied();
        let shape = if let Some(entry) = entry.filter(|m| m.options.as_ref().is_some_and(|o| o.map_entry())) {
            let [key, value] = entry.field.as_slice() else {
                panic!("{}: an entry of a map is a key and a value", field.name())
            };
            assert_eq!(key.r#type(), Type::String, "{}: a map by other keys", field.name());
            typed = value;
            "Map"
        } else if field.label() == Label::Repeated {
            "List"
        } else {
            "One"
        };
        let kind = match typed.r#type() {
            Type::Bool => "Bool".to_owned(),
            Type::Int32 => "Int".to_owned(),
            Type::Uint32 => "Uint".to_owned(),
            Type::Int64 => "Long".to_owned(),
            Type::Float => "Float".to_owned(),
            Type::Double => "Double".to_owned(),
            Type::String => "String".to_owned(),
            Type::Bytes => "Bytes".to_owned(),
            Type::Enum => format!("Enum({})", position(&mut self.used_enums, typed.type_name())),
            Type::Message => match typed.type_name() {
                ".google.protobuf.Timestamp" => "Timestamp".to_owned(),
                ".google.protobuf.Duration" => "Duration".to_owned(),
                name if self.messages.contains_key(name) && !name.starts_with(".google.") => {
                    format!("Message({})", position(&mut self.used_messages, name))
                }
                name => panic!("{}: table.rs does not know {name}", field.name()),
            },
            other => panic!("{}: table.rs does not know {other:?}", field.name()),
        };
        let of_bytes = ["String", "Bytes", "Message"].iter().any(|k| kind.starts_with(k));
        assert!(shape != "Map" || of_bytes, "{}: a map to {kind}", field.name());
        assert!(
            shape != "List" || !["Float", "Double"].contains(&kind.as_str()),
            "{}: a list of {kind}",
            field.name()
        );
        let choice = field
            .oneof_index
            .filter(|_| !field.proto3_optional())
            .map_or(0, |i| i + 1);
        format!(
            "Field {{ name: {:?}, number: {}, choice: {choice}, shape: Shape::{shape}, kind: Kind::{kind} }}",
            field.json_name(),
            field.number()
        )
    }
}

/// Where a name is in a list, at whose end it is put if it is new.
fn position(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|n| n == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

/// The names of 0, of 1, …; an empty one where a number has none.
fn numbered_names(e: &EnumDescriptorProto) -> Vec<&str> {
    let last = e.value.iter().map(|v| v.number()).max().expect("an enum has values");
    assert!(
        last < 1_000 && e.value.iter().all(|v| v.number() >= 0),
        "{}: wide apart",
        e.name()
    );
    let named = |number| e.value.iter().find(|v| v.number() == number);
    (0..=last)
        .map(|number| named(number).map_or("", |v| v.name()))
        .collect()
}

/// `ACTIVITY_TASK_SCHEDULED` or `activity_task_scheduled` to `ActivityTaskScheduled`.
fn camel(words: &str) -> String {
    words
        .split('_')
        .map(|w| w[..1].to_uppercase() + &w[1..].to_lowercase())
        .collect()
}

/// `event_id` to `eventId`.
fn lower_camel(words: &str) -> String {
    let (first, rest) = words.split_once('_').unwrap_or((words, ""));
    first.to_owned() + &rest.split('_').filter(|w| !w.is_empty()).map(camel).collect::<String>()
}
