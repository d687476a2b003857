//! The hub: a room for each workspace that is listened to, and a seat for everybody who listens.

pub mod ring;
pub mod room;
pub mod seats;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use backend::executions::Watchers;
use domain::WorkspaceId;
use tenancy::{Caller, Database, StoreError};

use super::bounds::Bounds;
use super::figures;
use super::presence::Presence;
use crate::shutdown::Shutdown;
use room::Room;
use seats::{Full, Seat, Seats};

/// What is live in this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    database: Database,
    watchers: Watchers,
    bounds: Bounds,
    shutdown: Shutdown,
    rooms: Mutex<HashMap<WorkspaceId, Weak<Room>>>,
    presences: Mutex<HashMap<WorkspaceId, Weak<Presence>>>,
    seats: Arc<Seats>,
}

impl Hub {
    /// Starts the tasks that look after those who listen; they end with the process.
    pub fn start(database: Database, watchers: Watchers, shutdown: &Shutdown, bounds: Bounds) -> Self {
        figures::describe();
        let seats = Seats::new(bounds);
        shutdown.spawn(Arc::clone(&seats).free_the_stuck(shutdown.token()));
        shutdown.spawn(Arc::clone(&seats).recheck(database.clone(), shutdown.token()));
        let (shutdown, rooms, presences) = (shutdown.clone(), Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { database, watchers, bounds, shutdown, rooms, presences, seats }))
    }

    pub fn bounds(&self) -> &Bounds {
        &self.0.bounds
    }

    pub fn database(&self) -> &Database {
        &self.0.database
    }

    pub fn watchers(&self) -> &Watchers {
        &self.0.watchers
    }

    pub fn shutdown(&self) -> &Shutdown {
        &self.0.shutdown
    }

    /// A seat for somebody who was just let in.
    ///
    /// # Errors
    /// Where they have too many, or there are too many in all.
    pub fn seat(&self, caller: Caller, kind: &'static str) -> Result<Seat, Full> {
        self.0.seats.take(caller, kind)
    }

    /// The room of a workspace, opened by the first who comes and closed after the last.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn room(&self, workspace: WorkspaceId) -> Result<Arc<Room>, StoreError> {
        let room = self.find(workspace);
        room.open(self.0.database.feed(), &self.0.shutdown).await?;
        Ok(room)
    }

    /// Who looks at what in a workspace; it is forgotten with the last who asked.
    pub fn presence(&self, workspace: WorkspaceId) -> Arc<Presence> {
        let mut presences = self.0.presences.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(presence) = presences.get(&workspace).and_then(Weak::upgrade) {
            return presence;
        }
        presences.retain(|_, presence| presence.strong_count() > 0);
        let presence = Arc::new(Presence::default());
        presences.insert(workspace, Arc::downgrade(&presence));
        presence
    }

    fn find(&self, workspace: WorkspaceId) -> Arc<Room> {
        let mut rooms = self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(room) = rooms.get(&workspace).and_then(Weak::upgrade) {
            return room;
        }
        rooms.retain(|_, room| room.strong_count() > 0);
        let room = Arc::new(Room::new(workspace, &self.0.bounds));
        rooms.insert(workspace, Arc::downgrade(&room));
        room
    }
}
