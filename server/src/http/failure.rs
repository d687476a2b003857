//! From what a capability says to what the caller is told. The one place that logs why something went wrong on our
//! side; the span around it carries the request's id, which is the trace id that the caller sees.

use backend::Failure;
use backend::activity::ActivityError;
use backend::audit::AuditError;
use backend::auth::AuthError;
use backend::comments::CommentError;
use backend::executions::ExecutionError;
use backend::executions::asks::AskError;
use backend::publish::PublicationError;
use backend::repositories::RepositoriesError;
use backend::schedules::ScheduleError;
use backend::settings::SettingsError;
use backend::tasks::TaskError;
use backend::templates::TemplateError;
use backend::views::ViewError;
use backend::workspaces::WorkspaceError;
use domain::Code;
use tenancy::StoreError;

use crate::http::problem::Refusal;

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match (&failure.cause, failure.problem.code) {
            (Some(cause), Code::Internal) => {
                tracing::error!(%cause, "a request failed through our own fault")
            }
            (Some(cause), _) => tracing::warn!(%cause, "a request could not be carried out right now"),
            (None, _) => {}
        }
        Self::from(failure.problem)
    }
}

macro_rules! refused {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Refusal {
            fn from(error: $error) -> Self {
                Failure::from(error).into()
            }
        }
    )+};
}

refused!(
    AuditError,
    AuthError,
    ActivityError,
    AskError,
    CommentError,
    ExecutionError,
    PublicationError,
    RepositoriesError,
    ScheduleError,
    SettingsError,
    TaskError,
    TemplateError,
    ViewError,
    WorkspaceError,
    StoreError,
    tenancy::Refusal
);
