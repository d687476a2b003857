//! Who a worker is in the queue: the same after a restart, so that it takes up at once what it held before.

use std::fs::File;
use std::io;
use std::path::Path;
use uuid::Uuid;

/// Processes on one data folder that can work at once.
const PLACES: u32 = 64;

/// A worker's lasting id. While it is held, no other process on the same data folder has it.
#[derive(Debug)]
pub struct WorkerId {
    id: Uuid,
    _held: File,
}

impl WorkerId {
    /// Takes the first id of this data folder that no living process has; makes one where all are taken.
    pub fn take(data: &Path, make: impl Fn() -> Uuid) -> io::Result<Self> {
        let folder = data.join("workers");
        std::fs::create_dir_all(&folder)?;
        for place in 0..PLACES {
            let path = folder.join(place.to_string());
            let held = File::options().read(true).write(true).create(true).truncate(false).open(&path)?;
            if held.try_lock().is_err() {
                continue;
            }
            let id = match std::fs::read_to_string(&path)?.trim().parse() {
                Ok(id) => id,
                Err(_) => {
                    let id = make();
                    std::fs::write(&path, id.to_string())?;
                    held.sync_all()?;
                    id
                }
            };
            return Ok(Self { id, _held: held });
        }
        Err(io::Error::other(format!("{PLACES} workers run on {} already", data.display())))
    }

    pub fn id(&self) -> Uuid {
        self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_outlives_its_process_and_is_never_shared() {
        let folder = tempfile::tempdir().unwrap();
        let number = std::cell::Cell::new(0);
        let make = || {
            number.set(number.get() + 1);
            Uuid::from_u128(number.get())
        };
        let one = WorkerId::take(folder.path(), make).unwrap();
        let two = WorkerId::take(folder.path(), make).unwrap();
        assert_ne!(one.id(), two.id());
        let before = one.id();
        drop(one);
        assert_eq!(WorkerId::take(folder.path(), make).unwrap().id(), before);
    }
}
