//! What each capability registers with the worker: a closed list, read from top to bottom.

use backend::executions::jobs::ForgetResults;
use backend::publish::jobs::Publish;
use backend::repositories::jobs::{Fetch, Forget};
use backend::schedules::jobs::RunSchedule;
use backend::tools::Tools;
use backend::upkeep::{SweepAnswers, SweepEnded, TrimFeed};
use jobs::{BuildError, Worker};
use tenancy::Database;

/// The worker of background jobs, with every job there is.
///
/// # Errors
/// A mistake of this list.
pub fn worker(database: Database, tools: Tools) -> Result<Worker<Tools>, BuildError> {
    Worker::builder(database, tools)
        .concurrency(2)
        // executions
        .register::<ForgetResults>()
        // publish
        .register::<Publish>()
        // repositories
        .register::<Fetch>()
        .register::<Forget>()
        // schedules
        .register::<RunSchedule>()
        // upkeep
        .upkeep::<SweepAnswers>("17 * * * *")
        .upkeep::<TrimFeed>("37 3 * * *")
        .upkeep::<SweepEnded>("47 3 * * *")
        .build()
}
