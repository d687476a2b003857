//! The sandbox, the supervisor and the repositories, for real: real git, real bubblewrap, real processes.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod network;
#[cfg(test)]
mod order;
#[cfg(test)]
mod output;
#[cfg(test)]
mod publish;
#[cfg(test)]
mod repositories;
#[cfg(test)]
mod supervision;
#[cfg(test)]
mod support;
