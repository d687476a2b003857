//! What the cluster holds from the start: the database and the application's login role. Run through `psql`, with
//! the statements on its standard input and the password in its environment, never among its arguments.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Stdio;

use crate::binaries::{Binaries, Program};
use crate::postmaster::Postmaster;
use crate::secret::Passwords;
use crate::{APP, ClusterError, DATABASE, OWNER};

/// Makes what is missing and sets the application's password to that of its file. Safe to repeat.
pub(crate) fn prepare(
    binaries: &Binaries,
    postmaster: &Postmaster,
    passwords: &Passwords,
) -> Result<(), ClusterError> {
    let app_password = passwords.app();
    // The password is hexadecimal digits, checked where it is read, so it needs no quoting.
    let statements = format!(
        "select 'create role {APP}' where not exists (select from pg_roles where rolname = '{APP}') \\gexec\n\
         alter role {APP} login noinherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls \
         password '{app_password}';\n\
         select 'create database {DATABASE}' \
         where not exists (select from pg_database where datname = '{DATABASE}') \\gexec\n\
         revoke all on database {DATABASE} from public;\n\
         grant connect on database {DATABASE} to {APP};\n"
    );
    run(binaries, postmaster, passwords.owner(), &statements)
}

fn run(
    binaries: &Binaries,
    postmaster: &Postmaster,
    password: &str,
    statements: &str,
) -> Result<(), ClusterError> {
    let failed = |error: std::io::Error| ClusterError::program("psql", error.to_string().as_bytes());
    let mut command = binaries.command(Program::Psql);
    command.env_clear().env("LC_ALL", "C").env("PGPASSWORD", password).env("PGCONNECT_TIMEOUT", "30");
    binaries.add_libraries(&mut command);
    command
        .args(["--no-psqlrc", "--no-password", "--quiet", "--tuples-only"])
        .args(["--set", "ON_ERROR_STOP=1", "--dbname", "postgres", "--username", OWNER, "--host"])
        .arg(&postmaster.socket_folder)
        .args(["--port", &postmaster.port.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    let written = child.stdin.take().map(|mut input| input.write_all(statements.as_bytes()));
    let output = child.wait_with_output().map_err(failed)?;
    if !output.status.success() {
        return Err(ClusterError::program("psql", &output.stderr));
    }
    written.transpose().map_err(failed)?;
    Ok(())
}

/// A path as the value of a URL's parameter.
pub(crate) fn percent_encoded(path: &Path) -> String {
    let mut encoded = String::new();
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            encoded.push(char::from(*byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
