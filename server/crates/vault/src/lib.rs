//! Envelope encryption of what must not be readable in the database.
//!
//! A workspace has a data key, which seals its secrets; the data key lies in the database wrapped by a master key,
//! which does not. A seal holds the identity of the row it is for: moved to another row, column or workspace it does
//! not open. Wrapping a data key anew is all that a change of the master key needs, and destroying it makes all that
//! it sealed unreadable, in backups too.
//!
//! It owns: keys ([`MasterKeys`], [`DataKey`]), what is sealed ([`Place`], [`Sealed`]) and what is not ([`Plain`]).
//! It must never know a database, a file or the network: keys are handed in, and bytes handed out.
//! Start reading at [`MasterKeys`].
#[cfg(target_family = "wasm")]
compile_error!("server-only");

mod cipher;
mod data_key;
mod master;
mod plain;

pub use cipher::Unopened;
pub use data_key::{DataKey, Place, Sealed};
pub use master::{KeyId, KeyTextError, MasterKeys, Wrapped};
pub use plain::Plain;
