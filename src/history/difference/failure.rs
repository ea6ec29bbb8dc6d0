//! Why things failed, side by side and in words: cause by cause, without what only helps to find the line of code.

use super::{Aspect, Comparison};
use crate::history::enums::timeout_name;
use crate::history::proto::{ApplicationFailureInfo, Failure, FailureInfo, Payloads};

impl Comparison {
    /// Why something failed: messages, types and details, cause by cause. Stack traces, and who says so, are not compared.
    pub fn failure(&mut self, place: &str, from: Option<&Failure>, to: Option<&Failure>) {
        let is_sealed = |failure: Option<&Failure>| failure.is_some_and(|failure| failure.encoded_attributes.is_some());
        if is_sealed(from) || is_sealed(to) {
            self.sealed += u32::from(from != to);
            return;
        }
        self.text(Aspect::Failure, place, &failure_words(from), &failure_words(to));
        let (mut from, mut to) = (from, to);
        while let (Some(one), Some(other)) = (from, to) {
            let place = format!("{place}{}details", if place.is_empty() { "" } else { " " });
            self.payloads(Aspect::Failure, &place, details(one), details(other));
            (from, to) = (one.cause.as_deref(), other.cause.as_deref());
        }
    }
}

/// A failure and its causes in words, outermost first: `Activity task failed: card declined (CardError, non-retryable)`.
pub fn failure_words(failure: Option<&Failure>) -> String {
    let mut text = String::new();
    let mut next = failure;
    while let Some(failure) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&failure.message);
        let marks = marks(failure);
        if !marks.is_empty() {
            text.push_str(&format!(" ({})", marks.join(", ")));
        }
        next = failure.cause.as_deref();
    }
    text
}

fn marks(failure: &Failure) -> Vec<String> {
    let non_retryable = |is_so: bool| is_so.then(|| "non-retryable".to_owned());
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => {
            let kind = (!info.r#type.is_empty()).then(|| info.r#type.clone());
            kind.into_iter().chain(non_retryable(info.non_retryable)).collect()
        }
        Some(FailureInfo::TimeoutFailureInfo(info)) => {
            // The Service's own words say it.
            let kind = timeout_name(info.timeout_type());
            let is_said = failure.message.contains(kind);
            (!is_said).then(|| kind.to_owned()).into_iter().collect()
        }
        Some(FailureInfo::ServerFailureInfo(info)) => non_retryable(info.non_retryable).into_iter().collect(),
        Some(FailureInfo::NexusHandlerFailureInfo(info)) => vec![info.r#type.clone()],
        Some(
            FailureInfo::CanceledFailureInfo(_)
            | FailureInfo::TerminatedFailureInfo(_)
            | FailureInfo::ResetWorkflowFailureInfo(_)
            | FailureInfo::ActivityFailureInfo(_)
            | FailureInfo::ChildWorkflowExecutionFailureInfo(_)
            | FailureInfo::NexusOperationExecutionFailureInfo(_),
        )
        | None => Vec::new(),
    }
}

fn details(failure: &Failure) -> Option<&Payloads> {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo { details, .. })) => details.as_ref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_compared_cause_by_cause() {
        let failure = |message: &str, non_retryable: bool, stack_trace: &str| Failure {
            message: message.to_owned(),
            stack_trace: stack_trace.to_owned(),
            failure_info: Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
                r#type: "CardError".to_owned(),
                non_retryable,
                ..Default::default()
            })),
            ..Default::default()
        };
        let around = |cause: Failure| Failure {
            message: "Activity task failed".to_owned(),
            cause: Some(Box::new(cause)),
            ..Default::default()
        };
        let mut comparison = Comparison::default();
        let one = around(failure("declined", false, "here"));
        comparison.failure("", Some(&one), Some(&around(failure("declined", false, "there"))));
        assert_eq!(comparison.found, []);
        comparison.failure("", Some(&one), Some(&around(failure("declined", true, "here"))));
        assert_eq!(
            comparison.found[0].to_string(),
            "failure: Activity task failed: declined (CardError) → Activity task failed: declined (CardError, non-retryable)"
        );
    }
}
