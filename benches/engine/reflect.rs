//! The second implementation of protobuf's JSON, which knows the messages from their descriptors: prost-reflect.

use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use sagascope::history::json;
use sagascope::history::proto::History;

use crate::contest::{Turn, timed};

/// It writes the history, and it reads what we have written of it.
pub(crate) fn turns(history: &History) -> (Turn<'static>, Turn<'static>) {
    let history_type = history_type();
    let message = DynamicMessage::decode(history_type.clone(), history.encode_to_vec().as_slice());
    let message = message.expect("it knows the same messages");
    let text = json::write(history);
    let writer = Box::new(move || timed(|| serde_json::to_string_pretty(&message).expect("it can write them")));
    let reader = Box::new(move || {
        timed(|| {
            let mut reader = serde_json::Deserializer::from_str(&text);
            DynamicMessage::deserialize(history_type.clone(), &mut reader).expect("it can read them")
        })
    });
    (writer, reader)
}

fn history_type() -> MessageDescriptor {
    let descriptors = std::fs::read(env!("SAGASCOPE_DESCRIPTORS")).expect("the build has them");
    let pool = DescriptorPool::decode(descriptors.as_slice()).expect("they are descriptors");
    pool.get_message_by_name("temporal.api.history.v1.History")
        .expect("history is among them")
}
