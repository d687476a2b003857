//! The scripted agent as a program, for executions that tests and journeys start.

use std::process::ExitCode;

fn main() -> ExitCode {
    testkit::scripted::run()
}
