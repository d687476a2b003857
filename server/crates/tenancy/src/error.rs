//! What can go wrong between us and PostgreSQL, seen from above.

/// A failure of the store itself, never of what somebody asked for.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// PostgreSQL can't be reached, is out of connections, or took too long. Worth another try.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Two transactions were in each other's way. Worth another try at once.
    #[error("the database gave up a transaction in favour of another")]
    Contended,
    #[error("the database refused a statement: {0}")]
    Database(#[source] sqlx::Error),
    /// A row that can't be read as what it should be.
    #[error("a stored value can't be read: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// The name of the violated constraint, where the refusal was one.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.constraint(),
            _ => None,
        }
    }
}

/// SQLSTATE classes and codes that mean "not now" and not "not so".
const UNAVAILABLE: [&str; 7] = ["08", "53", "57P01", "57P02", "57P03", "57014", "55P03"];
const CONTENDED: [&str; 2] = ["40001", "40P01"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(refusal) = &error {
            let code = refusal.code().unwrap_or_default().into_owned();
            if UNAVAILABLE.iter().any(|known| code.starts_with(known)) {
                return Self::Unavailable(refusal.message().to_owned());
            }
            if CONTENDED.contains(&code.as_str()) {
                return Self::Contended;
            }
            return Self::Database(error);
        }
        match error {
            sqlx::Error::PoolTimedOut => Self::Unavailable("every connection is in use".to_owned()),
            sqlx::Error::PoolClosed => Self::Unavailable("the server is stopping".to_owned()),
            sqlx::Error::Io(reason) => Self::Unavailable(reason.to_string()),
            other => Self::Database(other),
        }
    }
}
