//! How a chain is checked. Pure: it computes anew what PostgreSQL computed when the entry was written.

use domain::DateTime;
use sha2::Digest as _;
use uuid::Uuid;

/// The longest detail, in characters.
const DETAIL: usize = 200;

/// One stored entry, with all that is hashed.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) workspace: Uuid,
    pub(super) number: i64,
    pub(super) id: Uuid,
    pub(super) at: DateTime,
    pub(super) texts: Texts,
    pub(super) actor_id: Option<Uuid>,
    pub(super) target_id: Option<Uuid>,
    pub(super) previous_hash: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    pub(super) actor_kind: String,
    pub(super) actor_name: Option<String>,
    pub(super) action: String,
    pub(super) target_kind: Option<String>,
    pub(super) address: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) result: String,
    pub(super) detail: Option<String>,
}

/// A place in a chain: the number of an entry, and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) number: i64,
    pub(super) hash: Vec<u8>,
}

impl Link {
    /// Before the first entry.
    pub(super) fn start() -> Self {
        Self { number: 0, hash: sha2::Sha256::digest(b"").to_vec() }
    }
}

/// A place that somebody wrote down elsewhere: who can rewrite the whole database can't rewrite that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    pub number: i64,
    /// Hexadecimal.
    pub hash: String,
}

impl std::str::FromStr for Noted {
    type Err = &'static str;

    /// `12:9f86d0…`, as `audit verify` prints it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "must be NUMBER:HASH, as `audit verify` printed it";
        let (number, hash) = text.split_once(':').ok_or(wrong)?;
        let number = number.parse().ok().filter(|number| *number > 0).ok_or(wrong)?;
        let hexadecimal = hash.len() == 64 && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
        if hexadecimal { Ok(Self { number, hash: hash.to_ascii_lowercase() }) } else { Err(wrong) }
    }
}

/// Where a chain is broken, and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    #[error("entry {0} is missing: it was deleted, or moved")]
    Missing(i64),
    #[error("entry {0} was changed")]
    Changed(i64),
    #[error("entry {0} does not follow the one before it: entries were replaced or reordered")]
    Unlinked(i64),
    #[error("the chain ends at entry {0}, and had {1} entries: the end was cut off")]
    Truncated(i64, i64),
    #[error("the chain has entries up to {0}, and nothing says where it ends")]
    Headless(i64),
    #[error("the last entry {0} is not the one that was written last")]
    OtherEnd(i64),
    #[error("entry {0} is not the one that was noted: the chain was written anew")]
    Rewritten(i64),
}

/// The next link of the chain.
pub(super) fn follow(last: &Link, entry: &Stored) -> Result<Link, Break> {
    let number = last.number + 1;
    if entry.number != number {
        return Err(Break::Missing(number));
    }
    if entry.previous_hash != last.hash {
        return Err(Break::Unlinked(number));
    }
    if hash(entry) != entry.hash {
        return Err(Break::Changed(number));
    }
    Ok(Link { number, hash: entry.hash.clone() })
}

/// What PostgreSQL says of a chain's end, all at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Tail {
    pub(super) head: Option<Link>,
    /// The number of the newest entry; 0 where there is none.
    pub(super) newest: i64,
}

/// Whether a chain that was followed to `last` really ends there.
pub(super) fn end(last: &Link, tail: &Tail) -> Result<(), Break> {
    match &tail.head {
        None if tail.newest == 0 => Ok(()),
        None => Err(Break::Headless(tail.newest)),
        Some(head) if head.number > last.number => Err(Break::Truncated(last.number, head.number)),
        Some(head) if head == last && tail.newest == last.number => Ok(()),
        Some(_) => Err(Break::OtherEnd(tail.newest)),
    }
}

/// As `audit_hash` in the migration, field by field.
fn hash(entry: &Stored) -> Vec<u8> {
    let texts = &entry.texts;
    let at = entry.at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
    let id = |id: Option<Uuid>| id.map(|id| id.to_string());
    let fields = [
        Some(entry.workspace.to_string()),
        Some(entry.number.to_string()),
        Some(entry.id.to_string()),
        Some(at),
        Some(texts.actor_kind.clone()),
        id(entry.actor_id),
        texts.actor_name.clone(),
        Some(texts.action.clone()),
        texts.target_kind.clone(),
        id(entry.target_id),
        texts.address.clone(),
        texts.request_id.clone(),
        Some(texts.result.clone()),
        texts.detail.clone(),
    ];
    let mut digest = sha2::Sha256::new();
    digest.update(&entry.previous_hash);
    for field in fields {
        match field {
            Some(text) => digest.update(format!("{}:{text}", text.len())),
            None => digest.update(b"-"),
        }
    }
    digest.finalize().to_vec()
}

/// One line of bounded length.
pub(super) fn short(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(DETAIL).collect()
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: i64) -> Vec<Stored> {
        let mut last = Link::start();
        let mut entries = Vec::new();
        for number in 1..=length {
            let texts = Texts {
                action: format!("key.created {number}"),
                result: "ok".to_owned(),
                ..Texts::default()
            };
            let mut entry = Stored {
                workspace: Uuid::from_u128(1),
                number,
                id: Uuid::from_u128(100),
                at: DateTime::UNIX_EPOCH,
                texts,
                actor_id: None,
                target_id: None,
                previous_hash: last.hash.clone(),
                hash: Vec::new(),
            };
            entry.hash = hash(&entry);
            last = Link { number, hash: entry.hash.clone() };
            entries.push(entry);
        }
        entries
    }

    fn check(entries: &[Stored], head: &Stored) -> Result<(), Break> {
        let mut last = Link::start();
        for entry in entries {
            last = follow(&last, entry)?;
        }
        let newest = entries.last().map_or(0, |entry| entry.number);
        end(&last, &Tail { head: Some(Link { number: head.number, hash: head.hash.clone() }), newest })
    }

    #[test]
    fn a_whole_chain_is_good_and_every_damage_is_told() {
        let good = chain(5);
        let head = good[4].clone();
        assert_eq!(check(&good, &head), Ok(()));
        let damaged = |damage: &dyn Fn(&mut Vec<Stored>)| {
            let mut entries = good.clone();
            damage(&mut entries);
            check(&entries, &head)
        };
        let changed = damaged(&|entries| entries[1].texts.action = "key.revoked".to_owned());
        assert_eq!(changed, Err(Break::Changed(2)));
        assert_eq!(damaged(&|entries| drop(entries.remove(2))), Err(Break::Missing(3)));
        assert_eq!(damaged(&|entries| entries.truncate(3)), Err(Break::Truncated(3, 5)));
        let swapped = damaged(&|entries| {
            entries.swap(1, 2);
            entries[1].number = 2;
            entries[2].number = 3;
        });
        assert_eq!(swapped, Err(Break::Unlinked(2)));
        let resealed = damaged(&|entries| {
            entries[1].texts.action = "key.revoked".to_owned();
            entries[1].hash = hash(&entries[1]);
        });
        assert_eq!(resealed, Err(Break::Unlinked(3)));
        let last = damaged(&|entries| {
            entries[4].texts.action = "key.revoked".to_owned();
            entries[4].hash = hash(&entries[4]);
        });
        assert_eq!(last, Err(Break::OtherEnd(5)));
        assert_eq!(end(&Link::start(), &Tail::default()), Ok(()));
        assert_eq!(end(&Link::start(), &Tail { head: None, newest: 3 }), Err(Break::Headless(3)));
        // A head that was turned back hides nothing either.
        assert_eq!(check(&good, &good[2]), Err(Break::OtherEnd(5)));
    }

    #[test]
    fn absent_and_empty_fields_hash_apart() {
        let entry = chain(1).remove(0);
        let with = |address: Option<&str>, request_id: Option<&str>| {
            let texts = Texts {
                address: address.map(str::to_owned),
                request_id: request_id.map(str::to_owned),
                ..entry.texts.clone()
            };
            hash(&Stored { texts, ..entry.clone() })
        };
        assert_ne!(with(Some(""), None), with(None, None));
        assert_ne!(with(Some("a"), None), with(None, Some("a")));
        assert_ne!(with(Some("a"), Some("b")), with(Some("ab"), Some("")));
    }

    #[test]
    fn a_noted_place_is_read_as_it_was_printed() {
        let text = format!("12:{}", "aB".repeat(32));
        assert_eq!(text.parse(), Ok(Noted { number: 12, hash: "ab".repeat(32) }));
        for bad in
            ["", "12", "12:ab", "0:00", &format!("0:{}", "ab".repeat(32)), &format!("1:{}", "zz".repeat(32))]
        {
            assert!(bad.parse::<Noted>().is_err(), "{bad}");
        }
    }

    #[test]
    fn details_are_one_short_line() {
        assert_eq!(short("a\nb\u{1b}[31m"), "a b [31m");
        assert_eq!(short(&"x".repeat(1000)).len(), DETAIL);
    }
}
