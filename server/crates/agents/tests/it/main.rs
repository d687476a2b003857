//! The sandbox, the supervisor and the repositories, for real: real git, real bubblewrap, real processes.

mod support;

mod attacks;
mod limits;
mod output;
mod repositories;
mod supervision;
