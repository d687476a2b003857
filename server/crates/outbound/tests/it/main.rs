//! The way out, against servers that behave as servers on the network do.

#[cfg(test)]
mod client;
