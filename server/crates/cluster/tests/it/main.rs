//! The managed cluster on the installed PostgreSQL.

#[cfg(test)]
mod held;
#[cfg(test)]
mod life;
#[cfg(test)]
mod places;
#[cfg(test)]
mod support;
