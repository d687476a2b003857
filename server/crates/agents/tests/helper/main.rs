//! The two hidden roles of the server's binary, for tests of this crate without the server.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [role, flag, directory] if role == "supervise" && flag == "--directory" => {
            agents::supervisor::run(Path::new(directory))
        }
        [role, rest @ ..] if role == "sandbox-exec" => agents::sandbox::sandbox_exec(rest.to_vec()),
        _ => ExitCode::FAILURE,
    }
}
