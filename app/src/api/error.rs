//! What a server function refuses with: the closed set of [`Code`], with everything a page needs to show it.

use domain::problem::FieldConflict;
use domain::{Code, Problem};
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// A refusal, in the form that pages show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiError {
    pub code: Code,
    /// One sentence: what happened, and what to do. Empty where the browser itself found out, which then
    /// says it in the person's language.
    pub detail: String,
    /// The field that can't be read, by its name in the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<FieldConflict>,
    /// Quote this when asking for help. Empty where nothing was logged.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trace_id: String,
}

impl ApiError {
    /// A refusal of this code, with nothing else known.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            field: None,
            retry_after: None,
            conflicts: Vec::new(),
            trace_id: String::new(),
        }
    }

    /// The sentence to show: the server's, else one for the code.
    pub fn sentence(&self, fallback: fn(Code) -> &'static str) -> String {
        let mut letters = self.detail.chars();
        let Some(first) = letters.next() else {
            return fallback(self.code).to_owned();
        };
        let mut sentence: String = first.to_uppercase().chain(letters).collect();
        if !sentence.ends_with(['.', '!', '?']) {
            sentence.push('.');
        }
        sentence
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let detail = if self.detail.is_empty() { self.code.title() } else { &self.detail };
        formatter.write_str(detail)
    }
}

impl std::error::Error for ApiError {}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self {
            code: problem.code,
            detail: problem.detail,
            field: problem.field,
            retry_after: problem.retry_after,
            conflicts: problem.conflicts,
            trace_id: problem.trace_id,
        }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    /// What goes wrong on the way there and back. The words of the transport say nothing to a person.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(detail) | ServerFnErrorErr::MissingArg(detail) => {
                Self::new(Code::Invalid, detail)
            }
            ServerFnErrorErr::Request(_) => Self::new(Code::Unavailable, ""),
            _ => Self::new(Code::Internal, ""),
        }
    }
}

/// From what the product refuses with. What went wrong inside is logged here, once; the page shows only its id.
#[cfg(feature = "ssr")]
impl From<backend::Failure> for ApiError {
    fn from(failure: backend::Failure) -> Self {
        let mut error = Self::from(failure.problem);
        crate::api::request::refuse(error.code);
        error.trace_id = crate::api::request::trace_id();
        if let Some(cause) = failure.cause {
            tracing::error!(trace_id = error.trace_id, %cause, "a page could not be answered");
        }
        error
    }
}

#[cfg(feature = "ssr")]
macro_rules! from_backend {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for ApiError {
            fn from(error: $error) -> Self {
                backend::Failure::from(error).into()
            }
        }
    )+};
}

#[cfg(feature = "ssr")]
from_backend!(
    backend::auth::AuthError,
    backend::activity::ActivityError,
    backend::comments::CommentError,
    backend::executions::asks::AskError,
    backend::executions::ExecutionError,
    backend::publish::PublicationError,
    backend::repositories::RepositoriesError,
    backend::schedules::ScheduleError,
    backend::settings::SettingsError,
    backend::tasks::TaskError,
    backend::templates::TemplateError,
    backend::views::ViewError,
    tenancy::StoreError,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_the_wire() {
        let mut error = ApiError::new(Code::Invalid, "The title must not be empty.");
        error.field = Some("title".to_owned());
        error.trace_id = "4f2c".to_owned();
        assert_eq!(ApiError::de(error.ser()), error);
    }

    #[test]
    fn what_the_product_says_is_shown_as_a_sentence() {
        let shown = |detail: &str| ApiError::new(Code::Invalid, detail).sentence(|_| "That can't be read.");
        assert_eq!(shown("there is no such task here"), "There is no such task here.");
        assert_eq!(shown("The path does not exist."), "The path does not exist.");
        assert_eq!(shown(""), "That can't be read.");
    }

    #[test]
    fn an_unreadable_answer_is_our_fault_and_an_unreachable_server_is_not() {
        assert_eq!(
            ApiError::from_server_fn_error(ServerFnErrorErr::Request("x".into())).code,
            Code::Unavailable
        );
        assert_eq!(
            ApiError::from_server_fn_error(ServerFnErrorErr::Deserialization("x".into())).code,
            Code::Internal
        );
    }
}
