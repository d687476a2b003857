//! Master keys: they wrap data keys, and are never in the database.

use crate::cipher::{self, Key, Unopened, joined, random};
use crate::data_key::DataKey;
use base64::Engine as _;
use domain::WorkspaceId;
use sha2::Digest as _;
use std::fmt::Write as _;
use std::sync::Arc;
use uuid::Uuid;
use zeroize::Zeroizing;

/// More would be a mistake; each has to be tried by nobody, since a wrapped key names the one it needs.
const MOST_KEYS: usize = 16;

/// The name of a master key, made from the key itself: nobody can give one name to two keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// As it was stored.
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The master keys that were given, newest first: the newest wraps, all of them open. Cheap to clone.
#[derive(Clone)]
pub struct MasterKeys(Arc<[(KeyId, Key)]>);

/// A data key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// The master key that opens it.
    pub master: KeyId,
    pub bytes: Vec<u8>,
}

/// Why a text holds no master keys. It never quotes the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    #[error("holds no key")]
    Empty,
    #[error("holds {0} keys, and at most {MOST_KEYS} can be in use")]
    TooMany(usize),
    #[error("key {0} is not 32 bytes in hexadecimal or base64; make one with `openssl rand -hex 32`")]
    Unreadable(usize),
    #[error("key {0} is given twice")]
    Twice(usize),
}

impl MasterKeys {
    /// Keys of 32 bytes in hexadecimal or base64, newest first, separated by commas or white space; `#` begins a
    /// comment that ends with its line.
    pub fn parse(text: &str) -> Result<Self, KeyTextError> {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
        let words = lines.flat_map(|line| line.split([',', ' ', '\t'])).filter(|word| !word.is_empty());
        let mut keys: Vec<(KeyId, Key)> = Vec::new();
        for (index, word) in words.enumerate() {
            let key = read(word).ok_or(KeyTextError::Unreadable(index + 1))?;
            let id = name(&key);
            if keys.iter().any(|(known, _)| *known == id) {
                return Err(KeyTextError::Twice(index + 1));
            }
            keys.push((id, key));
        }
        match keys.len() {
            0 => Err(KeyTextError::Empty),
            count if count > MOST_KEYS => Err(KeyTextError::TooMany(count)),
            _ => Ok(Self(keys.into())),
        }
    }

    /// A new key as text, for a file that only the server reads.
    pub fn make_text() -> Zeroizing<String> {
        let key = random::<32>();
        let mut text = Zeroizing::new(String::with_capacity(64));
        for byte in key.iter() {
            // A String takes whatever is written to it.
            write!(text, "{byte:02x}").ok();
        }
        text
    }

    /// The key that wraps from now on.
    pub fn newest(&self) -> &KeyId {
        &self.first().0
    }

    /// Every key that opens, newest first.
    pub fn ids(&self) -> impl Iterator<Item = &KeyId> {
        self.0.iter().map(|(id, _)| id)
    }

    /// A new data key for a workspace, and its stored form.
    pub fn make_data_key(&self, id: Uuid, workspace: WorkspaceId) -> (DataKey, Wrapped) {
        let made = DataKey { id, workspace, key: random() };
        let wrapped = self.wrap(&made);
        (made, wrapped)
    }

    /// # Errors
    /// Where its master key was not given, or it is not the key of this name and workspace.
    pub fn unwrap(&self, id: Uuid, workspace: WorkspaceId, wrapped: &Wrapped) -> Result<DataKey, Unopened> {
        let master = self.0.iter().find(|(known, _)| *known == wrapped.master);
        let (_, master) = master.ok_or(Unopened::UnknownKey)?;
        let opened = cipher::open(master, &wrapped.bytes, &about(id, workspace))?;
        let key: [u8; 32] = opened.as_slice().try_into().map_err(|_| Unopened::Damaged)?;
        Ok(DataKey { id, workspace, key: Zeroizing::new(key) })
    }

    /// The same data key under the newest master key. What it sealed stays as it is.
    ///
    /// # Errors
    /// As [`unwrap`](Self::unwrap).
    pub fn rewrap(&self, id: Uuid, workspace: WorkspaceId, wrapped: &Wrapped) -> Result<Wrapped, Unopened> {
        Ok(self.wrap(&self.unwrap(id, workspace, wrapped)?))
    }

    fn wrap(&self, key: &DataKey) -> Wrapped {
        let (id, master) = self.first();
        let bytes = cipher::seal(master, key.key.as_slice(), &about(key.id, key.workspace));
        Wrapped { master: id.clone(), bytes }
    }

    #[expect(clippy::expect_used, reason = "there is no way to make this without a key")]
    fn first(&self) -> &(KeyId, Key) {
        self.0.first().expect("at least one key")
    }
}

impl std::fmt::Debug for MasterKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.ids()).finish()
    }
}

fn about(id: Uuid, workspace: WorkspaceId) -> Vec<u8> {
    joined(&[b"switchboard data key", workspace.0.as_bytes(), id.as_bytes()])
}

fn name(key: &Key) -> KeyId {
    let digest = sha2::Sha256::digest(joined(&[b"switchboard master key", key.as_slice()]));
    KeyId(digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

fn read(word: &str) -> Option<Key> {
    let bytes = if word.len() == 64 { hexadecimal(word)? } else { base64(word)? };
    bytes.as_slice().try_into().ok().map(Zeroizing::new)
}

fn hexadecimal(word: &str) -> Option<Zeroizing<Vec<u8>>> {
    if !word.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let digits = word.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    let bytes = digits.map(|pair| pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()));
    bytes.collect::<Option<Vec<u8>>>().map(Zeroizing::new)
}

fn base64(word: &str) -> Option<Zeroizing<Vec<u8>>> {
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    let bare = word.trim_end_matches('=');
    STANDARD_NO_PAD.decode(bare).or_else(|_| URL_SAFE_NO_PAD.decode(bare)).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(texts: &[&str]) -> MasterKeys {
        MasterKeys::parse(&texts.join(",")).unwrap()
    }

    fn workspace(number: u128) -> WorkspaceId {
        WorkspaceId(Uuid::from_u128(number))
    }

    #[test]
    fn one_key_has_one_name_however_it_is_written() {
        let hex = "00ff".repeat(16);
        let bytes = [0x00, 0xff].repeat(16);
        let base64 = base64::engine::general_purpose::STANDARD.encode(&bytes);
        let url = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&bytes);
        let id = keys(&[&hex]).newest().clone();
        for text in [base64.as_str(), &url, &hex.to_uppercase(), &format!("# newest\n  {hex} # made today\n")]
        {
            assert_eq!(*keys(&[text]).newest(), id, "{text}");
        }
        assert_eq!(id.as_str().len(), 16);
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_quoted() {
        let (one, two) = (MasterKeys::make_text(), MasterKeys::make_text());
        let many: Vec<String> = (0..17).map(|_| MasterKeys::make_text().to_string()).collect();
        for (text, expected) in [
            (String::new(), KeyTextError::Empty),
            ("# none\n".to_owned(), KeyTextError::Empty),
            (format!("{},hunter2", *one), KeyTextError::Unreadable(2)),
            ("zz".repeat(32), KeyTextError::Unreadable(1)),
            ("+f".repeat(32), KeyTextError::Unreadable(1)),
            ("AAAA".to_owned(), KeyTextError::Unreadable(1)),
            (format!("{} {} {}", *one, *two, *one), KeyTextError::Twice(3)),
            (many.join("\n"), KeyTextError::TooMany(17)),
        ] {
            let error = MasterKeys::parse(&text).unwrap_err();
            assert_eq!(error, expected);
            assert!(!error.to_string().contains("hunter2"));
        }
        let both = keys(&[&one, &two]);
        assert!(!format!("{both:?}").contains(one.as_str()));
    }

    #[test]
    fn the_newest_wraps_and_all_of_them_open() {
        let (old_text, new_text) = (MasterKeys::make_text(), MasterKeys::make_text());
        let (old, new, both) = (keys(&[&old_text]), keys(&[&new_text]), keys(&[&new_text, &old_text]));
        let id = Uuid::from_u128(7);
        let (key, wrapped) = old.make_data_key(id, workspace(1));
        assert_eq!(wrapped.master, *old.newest());
        assert_eq!(new.unwrap(id, workspace(1), &wrapped).unwrap_err(), Unopened::UnknownKey);
        let again = both.rewrap(id, workspace(1), &wrapped).unwrap();
        assert_eq!((&again.master, both.newest()), (new.newest(), new.newest()));
        assert_eq!(new.unwrap(id, workspace(1), &again).unwrap().key, key.key);
        assert_eq!(old.unwrap(id, workspace(1), &again).unwrap_err(), Unopened::UnknownKey);
    }

    #[test]
    fn a_wrapped_key_opens_for_its_own_workspace_and_name_alone() {
        let text = MasterKeys::make_text();
        let keys = keys(&[&text]);
        let id = Uuid::from_u128(7);
        let (_, wrapped) = keys.make_data_key(id, workspace(1));
        assert!(keys.unwrap(id, workspace(1), &wrapped).is_ok());
        assert_eq!(keys.unwrap(id, workspace(2), &wrapped).unwrap_err(), Unopened::Damaged);
        assert_eq!(keys.unwrap(Uuid::from_u128(8), workspace(1), &wrapped).unwrap_err(), Unopened::Damaged);
        let mut flipped = wrapped.clone();
        flipped.bytes[40] ^= 1;
        assert_eq!(keys.unwrap(id, workspace(1), &flipped).unwrap_err(), Unopened::Damaged);
    }
}
