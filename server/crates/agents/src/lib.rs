//! See `server/ARCHITECTURE.md`.
#[cfg(target_family = "wasm")]
compile_error!("server-only");
