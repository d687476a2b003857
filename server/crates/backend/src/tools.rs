//! What background work has at hand.

use agents::GitStore;

/// What every job of the product has at hand. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tools {
    pub repositories: GitStore,
}
