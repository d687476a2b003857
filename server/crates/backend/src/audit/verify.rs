//! Checking the chains of all workspaces, without holding anybody up.

use super::rules::{self, Break, Link, Noted, Tail, hexadecimal};
use super::sql;
use domain::WorkspaceId;
use tenancy::{Database, StoreError};

/// Entries that are read at once.
const BATCH: i64 = 1_000;

/// Which chains are checked.
#[derive(Debug, Clone)]
pub enum Chain {
    All,
    Of(WorkspaceId),
    /// And that it still holds what was noted elsewhere.
    Since(WorkspaceId, Noted),
}

/// What came of one chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub workspace: WorkspaceId,
    /// The last entry that is good. Noted elsewhere, it proves later that nothing before it was written anew.
    pub through: Noted,
    /// The first thing that is wrong.
    pub broken: Option<Break>,
}

/// Checks whole chains, from their first entry.
pub async fn verify(database: &Database, chain: &Chain) -> Result<Vec<Verdict>, StoreError> {
    let (chains, noted) = match chain {
        Chain::All => {
            let mut tx = database.work().await?;
            (sql::chains(&mut tx).await?, None)
        }
        Chain::Of(workspace) => (vec![*workspace], None),
        Chain::Since(workspace, noted) => (vec![*workspace], Some(noted)),
    };
    let mut verdicts = Vec::with_capacity(chains.len());
    for chain in chains {
        verdicts.push(one(database, chain, noted).await?);
    }
    Ok(verdicts)
}

async fn one(database: &Database, chain: WorkspaceId, noted: Option<&Noted>) -> Result<Verdict, StoreError> {
    // The end first: what is appended meanwhile comes after it, and is the next check's business.
    let tail = sql::tail(&mut database.work().await?, chain).await?;
    let mut last = Link::start();
    let broken = follow(database, chain, &mut last, (&tail, noted)).await?;
    let through = Noted { number: last.number, hash: hexadecimal(&last.hash) };
    Ok(Verdict { workspace: chain, through, broken })
}

/// Follows a chain to its end, or to where it breaks.
async fn follow(
    database: &Database,
    chain: WorkspaceId,
    last: &mut Link,
    (tail, noted): (&Tail, Option<&Noted>),
) -> Result<Option<Break>, StoreError> {
    let end = tail.head.as_ref().map_or(0, |head| head.number);
    while last.number < end {
        // A transaction of its own for each batch: a long chain must hold no snapshot for minutes.
        let mut tx = database.work().await?;
        let entries = sql::after(&mut tx, chain, last.number, BATCH.min(end - last.number)).await?;
        drop(tx);
        if entries.is_empty() {
            break;
        }
        for entry in &entries {
            match rules::follow(last, entry) {
                Ok(link) => *last = link,
                Err(broken) => return Ok(Some(broken)),
            }
            if let Some(noted) = noted.filter(|noted| noted.number == last.number)
                && noted.hash != hexadecimal(&last.hash)
            {
                return Ok(Some(Break::Rewritten(last.number)));
            }
        }
    }
    if let Err(broken) = rules::end(last, tail) {
        return Ok(Some(broken));
    }
    let short = noted.filter(|noted| noted.number > last.number);
    Ok(short.map(|noted| Break::Truncated(last.number, noted.number)))
}
