//! What a workflow notes about itself: markers, search attributes, memo.

use sagascope::contract::answer::Command;
use sagascope::history::payload;
use sagascope::history::proto::{Memo, Payload, SearchAttributes};
use serde_json::{Value, json};

use crate::script::{Script, returns};

#[test]
fn notes_are_written_as_the_worker_gave_them() {
    for name in ["sem-misc-sa", "sem-misc-patch", "sem-misc-la", "sem-misc-lafail"] {
        let mut script = Script::of(name);
        script.take_and_go_on();
        while script.run().is_open() {
            script.wait();
            script.take_and_go_on();
        }
        script.is_like_the_recording();
    }
}

fn value(value: Value) -> Payload {
    payload::json(&value).payloads.remove(0)
}

/// A later value replaces an earlier one; one that says nothing takes it away.
#[test]
fn what_is_noted_stays_with_the_run() {
    let mut script = Script::unrecorded_with(|start| {
        start.memo = Some(Memo {
            fields: [("a".to_owned(), value(json!(1))), ("b".to_owned(), value(json!(2)))].into(),
        });
    });
    script.take();
    let fields = [("b".to_owned(), value(json!(null))), ("c".to_owned(), value(json!(3)))];
    let indexed_fields = [("Customer".to_owned(), value(json!("Ada")))];
    script.complete(vec![
        Command::ModifyProperties {
            upserted_memo: Memo { fields: fields.into() },
        },
        Command::UpsertSearchAttributes(SearchAttributes {
            indexed_fields: indexed_fields.clone().into(),
        }),
        returns("x"),
    ]);
    script.check_since(
        4,
        "WorkflowPropertiesModified UpsertWorkflowSearchAttributes WorkflowExecutionCompleted",
    );
    let run = script.run();
    let kept = [("a".to_owned(), value(json!(1))), ("c".to_owned(), value(json!(3)))];
    assert_eq!(run.state.memo.as_ref().unwrap().fields, kept.into());
    assert_eq!(
        run.state.search_attributes.as_ref().unwrap().indexed_fields,
        indexed_fields.into()
    );
}
