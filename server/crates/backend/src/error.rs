//! From a capability's error to what the caller is told.

use domain::problem::FieldConflict;
use domain::{Code, Problem};
use tenancy::StoreError;

/// A refusal as the outside sees it, and the cause that only we may see. Whoever answers the caller logs the cause,
/// once, beside the problem's trace id.
#[derive(Debug)]
pub struct Failure {
    pub problem: Problem,
    pub cause: Option<StoreError>,
}

impl Failure {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { problem: Problem::new(code, detail), cause: None }
    }

    pub fn invalid(field: &str, reason: &str) -> Self {
        // A reason is either a whole sentence or goes on from the field's name.
        let sentence = reason.starts_with(char::is_uppercase);
        let detail = if sentence { reason.to_owned() } else { format!("{field} {reason}") };
        let mut failure = Self::new(Code::Invalid, detail);
        failure.problem.field = Some(field.to_owned());
        failure
    }

    pub(crate) fn changed(conflicts: Vec<FieldConflict>) -> Self {
        let names: Vec<&str> = conflicts.iter().map(|conflict| conflict.field.as_str()).collect();
        let detail =
            format!("somebody else changed {} meanwhile; look at both and save again", names.join(", "));
        let mut failure = Self::new(Code::Conflict, detail);
        failure.problem.field = conflicts.first().map(|conflict| conflict.field.clone());
        failure.problem.conflicts = conflicts;
        failure
    }
}

impl From<StoreError> for Failure {
    fn from(cause: StoreError) -> Self {
        let mut failure = match cause {
            StoreError::Unavailable(_) | StoreError::Contended => {
                Self::new(Code::Unavailable, "the database is not available right now; try again in a moment")
            }
            _ => Self::new(
                Code::Internal,
                "something went wrong on our side; quote the trace id when you ask for help",
            ),
        };
        if failure.problem.code == Code::Unavailable {
            failure.problem.retry_after = Some(1);
        }
        failure.cause = Some(cause);
        failure
    }
}

impl From<tenancy::Refusal> for Failure {
    fn from(refusal: tenancy::Refusal) -> Self {
        let needed = refusal.needed.scope().as_str();
        Self::new(
            Code::Forbidden,
            format!("this needs the right {needed}, which you don't have in this workspace"),
        )
    }
}

/// The variants that every capability's error has, and how they look from outside.
macro_rules! capability_error {
    ($(#[$doc:meta])* $name:ident, $thing:literal) => {
        $(#[$doc])*
        #[derive(Debug, thiserror::Error)]
        pub enum $name {
            #[error("there is no such {}", $thing)]
            NotFound,
            #[error(transparent)]
            Forbidden(#[from] tenancy::Refusal),
            /// A field that can't be taken, and why.
            #[error("{field} {reason}")]
            Invalid { field: &'static str, reason: String },
            /// It can't be done as things stand; the sentence says why.
            #[error("{0}")]
            Conflict(String),
            /// Fields that somebody else changed since the version the caller saw.
            #[error("changed by another")]
            Changed(Vec<domain::problem::FieldConflict>),
            #[error(transparent)]
            Store(#[from] tenancy::StoreError),
        }

        impl $name {
            /// A field that can't be taken; the reason goes on from its name, or is a sentence of its own.
            pub fn invalid(field: &'static str, reason: impl ToString) -> Self {
                Self::Invalid { field, reason: reason.to_string() }
            }
        }

        impl From<$name> for $crate::Failure {
            fn from(error: $name) -> Self {
                use domain::Code;
                match error {
                    $name::NotFound => Self::new(Code::NotFound, concat!("there is no such ", $thing, " here")),
                    $name::Forbidden(refusal) => refusal.into(),
                    $name::Invalid { field, reason } => Self::invalid(field, &reason),
                    $name::Conflict(detail) => Self::new(Code::Conflict, detail),
                    $name::Changed(conflicts) => Self::changed(conflicts),
                    $name::Store(cause) => cause.into(),
                }
            }
        }
    };
}
pub(crate) use capability_error;
