//! Executions from the queue to their outcome, with the real worker, the real supervisor and real git.

mod asks;
mod network;
mod outcomes;
mod pauses;
mod restarts;
mod workshop;
