//! Generates Temporal's own history types into `OUT_DIR`, for `proto.rs` beside this file.
//!
//! `temporalio-protos` cannot lend its types: its serde form of a history is not Temporal's JSON and reads no real
//! file. But it publishes the descriptors it was compiled from. From those we keep `temporal.api.history.v1` with all
//! it imports, and generate from them: the messages (prost), how they are read from proto3 JSON (pbjson), a table by
//! which `writer.rs` writes them, and a table of the enums. Enums are not read by pbjson's code, but by that in
//! `enums.rs`: it knows the short names of older files too, and one function serves them all, where pbjson would write
//! two hundred lines for each. For the same reason no JSON is written by pbjson's code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet};

/// The file whose message `History` is what we want; everything else comes in because it is imported from here.
const ROOT: &str = "temporal/api/history/v1/message.proto";

/// Messages that are not generated: pbjson-types has them with their special JSON, or we have (`timestamp.rs`).
const ELSEWHERE: [(&str, &str); 3] = [
    (".google.protobuf", "::pbjson_types"),
    (".google.protobuf.DoubleValue", "f64"),
    (".google.protobuf.Timestamp", "crate::history::timestamp::Timestamp"),
];

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

    let enums = enums(&kept);
    messages(&kept);
    let packages = readers(&kept, &enums, &out);
    join(&packages, &out);
    fs::write(out.join("history_enums.rs"), enum_table(&kept, &enums)).expect("OUT_DIR can be written");
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
        .compile_well_known_types()
        .btree_map(["."])
        .include_file("history_types.rs");
    for (proto, rust) in ELSEWHERE {
        config.extern_path(proto, rust);
    }
    for field in BOXED {
        config.boxed(format!(".temporal.api.history.v1.HistoryEvent.attributes.{field}"));
    }
    config
        .compile_fds(kept.clone())
        .expect("prost generates the history types");
}

/// Writes how all messages are read from JSON, one file a package; returns the packages.
fn readers(kept: &FileDescriptorSet, enums: &[Enum], out: &Path) -> Vec<String> {
    let mut builder = pbjson_build::Builder::new();
    builder
        .btree_map(["."])
        .ignore_unknown_fields()
        .exclude(enums.iter().map(|e| e.proto.clone()));
    for (proto, rust) in ELSEWHERE {
        builder.extern_path(proto, rust);
    }
    for file in &kept.file {
        builder.register_file_descriptor(file.clone());
    }
    let path = out.join("pbjson");
    fs::create_dir_all(&path).expect("OUT_DIR can be written");
    builder
        .out_dir(&path)
        .build(&[".temporal"])
        .expect("pbjson generates the readers of the history types");
    let packages: BTreeSet<String> = kept.file.iter().map(|f| f.package().to_owned()).collect();
    packages
        .into_iter()
        .filter(|p| path.join(format!("{p}.serde.rs")).exists())
        .collect()
}

/// Appends each package's readers to its messages, so that one `include!` brings both.
fn join(packages: &[String], out: &Path) {
    for package in packages {
        let messages = out.join(format!("{package}.rs"));
        let json = out.join("pbjson").join(format!("{package}.serde.rs"));
        let mut text = fs::read_to_string(&messages).expect("prost wrote this package");
        let json = fs::read_to_string(json).expect("pbjson wrote this package");
        text.push_str(&without_writers(&json));
        fs::write(messages, text).expect("OUT_DIR can be written");
    }
}

/// pbjson's code without the part that writes, which it cannot be asked to leave out.
fn without_writers(code: &str) -> String {
    let mut text = String::new();
    let mut in_writer = false;
    for line in code.lines() {
        in_writer |= line.starts_with("impl serde::Serialize for ");
        if !in_writer {
            text.push_str(line);
            text.push('\n');
        }
        in_writer &= line != "}";
    }
    text
}

/// An enum as its table entry needs it.
struct Enum {
    /// `.temporal.api.enums.v1.EventType`
    proto: String,
    /// `temporal::api::enums::v1::EventType`
    rust: String,
    /// `EVENT_TYPE_`
    prefix: String,
}

fn enums(kept: &FileDescriptorSet) -> Vec<Enum> {
    let mut found = Vec::new();
    for file in kept.file.iter().filter(|f| f.package().starts_with("temporal.")) {
        let (proto, rust) = (format!(".{}", file.package()), file.package().replace('.', "::"));
        enums_at(&proto, &rust, &file.enum_type, &file.message_type, &mut found);
    }
    found
}

/// The enums of a package or message and of the messages in it, whose Rust module has the message's name in snake case.
fn enums_at(
    proto: &str,
    rust: &str,
    enums: &[EnumDescriptorProto],
    messages: &[DescriptorProto],
    found: &mut Vec<Enum>,
) {
    found.extend(enums.iter().map(|e| Enum {
        proto: format!("{proto}.{}", e.name()),
        rust: format!("{rust}::{}", e.name()),
        prefix: common_prefix(e),
    }));
    for m in messages {
        let (proto, rust) = (format!("{proto}.{}", m.name()), format!("{rust}::{}", snake(m.name())));
        enums_at(&proto, &rust, &m.enum_type, &m.nested_type, found);
    }
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

/// Rust source: the JSON of every enum, all prefixes, and two functions that only a generator keeps complete.
fn enum_table(kept: &FileDescriptorSet, enums: &[Enum]) -> String {
    let mut text = String::new();
    for e in enums {
        writeln!(text, "proto_enum!({}, {:?});", e.rust, e.prefix).expect("a string can be written");
    }
    let prefixes: BTreeSet<&str> = enums.iter().map(|e| e.prefix.as_str()).collect();
    writeln!(
        text,
        "pub(crate) const PREFIXES: &[&str] = &{:?};",
        prefixes.into_iter().collect::<Vec<_>>()
    )
    .expect("a string can be written");
    text.push_str(&event_names(kept));
    text.push_str(&event_types(kept));
    text
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

/// What `writer.rs` must know of each message that can occur in an event: the event's own first.
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
        let mut text = String::from("pub(super) static MESSAGES: &[Message] = &[\n");
        let mut next = 0;
        while let Some(name) = self.used_messages.get(next) {
            next += 1;
            let message = self.messages[name];
            // What belongs to a oneof comes last. An `optional` field is in a oneof of its own only in name.
            let in_oneof = |f: &&FieldDescriptorProto| f.oneof_index.is_some() && !f.proto3_optional();
            let (last, first): (Vec<_>, Vec<_>) = message.field.iter().partition(in_oneof);
            let in_order = || first.iter().chain(&last);
            let names: Vec<_> = in_order().map(|f| f.json_name()).collect();
            assert!(names.iter().all(|n| !n.is_empty()), "{}: no JSON names", message.name());
            let fields: Vec<_> = in_order().map(|f| self.field(f)).collect();
            let (names, fields) = (names.join(" "), fields.join(", "));
            writeln!(text, "    Message {{ names: {names:?}, fields: &[{fields}] }},")
                .expect("a string can be written");
        }
        text.push_str("];\npub(super) static ENUMS: &[&str] = &[\n");
        for name in &self.used_enums {
            writeln!(text, "    {:?},", numbered_names(self.enums[name])).expect("a string can be written");
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
            Type::Int32 | Type::Uint32 => "Int".to_owned(),
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
                name => panic!("{}: writer.rs does not know {name}", field.name()),
            },
            other => panic!("{}: writer.rs does not know {other:?}", field.name()),
        };
        let of_bytes = ["String", "Bytes", "Message"].iter().any(|k| kind.starts_with(k));
        assert!(shape != "Map" || of_bytes, "{}: a map to {kind}", field.name());
        assert!(
            shape != "List" || !["Float", "Double"].contains(&kind.as_str()),
            "{}: a list of {kind}",
            field.name()
        );
        format!(
            "Field {{ number: {}, shape: Shape::{shape}, kind: Kind::{kind} }}",
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

/// The names of an enum in one text: what they all begin with, then the rest of 0, of 1, …; `-` where a number has none.
fn numbered_names(e: &EnumDescriptorProto) -> String {
    let prefix = common_prefix(e);
    let last = e.value.iter().map(|v| v.number()).max().expect("an enum has values");
    assert!(
        last < 1_000 && e.value.iter().all(|v| v.number() >= 0),
        "{}: wide apart",
        e.name()
    );
    let mut text = prefix.clone();
    for number in 0..=last {
        let value = e.value.iter().find(|v| v.number() == number);
        text.push(' ');
        text.push_str(value.map_or("-", |v| &v.name()[prefix.len()..]));
    }
    text
}

/// `ACTIVITY_TASK_SCHEDULED` or `activity_task_scheduled` to `ActivityTaskScheduled`.
fn camel(words: &str) -> String {
    words
        .split('_')
        .map(|w| w[..1].to_uppercase() + &w[1..].to_lowercase())
        .collect()
}

/// `VersioningOverride` to `versioning_override`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}
