//! Executions from the queue to their outcome, with the real worker, the real supervisor and real git.

mod outcomes;
mod restarts;
mod workshop;
