//! Every order in which a list, the feed, a person's own act and its answer can come.

use super::*;

#[derive(Debug, Clone, PartialEq)]
struct Item {
    id: u32,
    version: i64,
    text: &'static str,
}

impl Row for Item {
    type Id = u32;
    fn id(&self) -> u32 {
        self.id
    }
    fn freshness(&self) -> i64 {
        self.version
    }
}

fn item(version: i64, text: &'static str) -> Item {
    Item { id: 1, version, text }
}

fn shown(table: &Table<Item>) -> Option<&'static str> {
    table.get(1).map(|row| row.text)
}

enum Step {
    Read(Item),
    Change(Seq, Option<Item>),
    Expect(Item),
    /// The answer to the n-th expectation.
    Saved(u64, i64, &'static str, Option<Seq>),
    Refused(u64),
    Clear,
    Doubt,
    /// All that a page shows, read anew.
    Anew(Vec<Item>),
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of cases, read top to bottom")]
fn rows_are_what_the_feed_says_whatever_comes_first() {
    use Step::{Anew, Change, Clear, Doubt, Expect, Read, Refused, Saved};
    let cases: Vec<(&str, Vec<Step>, Option<&str>, bool)> = vec![
        ("a list alone", vec![Read(item(1, "a"))], Some("a"), false),
        ("a change after a list", vec![Read(item(1, "a")), Change(5, Some(item(2, "b")))], Some("b"), false),
        (
            "a list read before, come after",
            vec![Change(5, Some(item(2, "b"))), Read(item(1, "a"))],
            Some("b"),
            false,
        ),
        (
            "a change older than the list",
            vec![Read(item(3, "c")), Change(5, Some(item(2, "b")))],
            Some("c"),
            false,
        ),
        (
            "a change twice",
            vec![Change(5, Some(item(2, "b"))), Change(5, Some(item(2, "x")))],
            Some("b"),
            false,
        ),
        (
            "an older change late",
            vec![Change(6, Some(item(3, "c"))), Change(5, Some(item(2, "b")))],
            Some("c"),
            false,
        ),
        ("deleted", vec![Read(item(1, "a")), Change(5, None)], None, false),
        ("a list from before a deletion", vec![Change(5, None), Read(item(1, "a"))], None, false),
        ("expected", vec![Read(item(1, "a")), Expect(item(1, "mine"))], Some("mine"), true),
        ("refused", vec![Read(item(1, "a")), Expect(item(1, "mine")), Refused(1)], Some("a"), false),
        (
            "answered, not yet told",
            vec![Read(item(1, "a")), Expect(item(1, "mine")), Saved(1, 2, "b", Some(7))],
            Some("b"),
            true,
        ),
        (
            "answered, then told",
            vec![
                Read(item(1, "a")),
                Expect(item(1, "mine")),
                Saved(1, 2, "b", Some(7)),
                Change(7, Some(item(2, "b"))),
            ],
            Some("b"),
            false,
        ),
        (
            "told, then answered",
            vec![
                Read(item(1, "a")),
                Expect(item(1, "mine")),
                Change(7, Some(item(2, "b"))),
                Saved(1, 2, "b", Some(7)),
            ],
            Some("b"),
            false,
        ),
        (
            "another's change in between does not confirm mine",
            vec![
                Read(item(1, "a")),
                Expect(item(1, "mine")),
                Saved(1, 3, "mine", Some(8)),
                Change(7, Some(item(2, "theirs"))),
            ],
            Some("mine"),
            true,
        ),
        (
            "a later change confirms mine as well",
            vec![
                Read(item(1, "a")),
                Expect(item(1, "mine")),
                Saved(1, 2, "mine", Some(7)),
                Change(9, Some(item(4, "later"))),
            ],
            Some("later"),
            false,
        ),
        (
            "answered with the place of a later change of the same commit, then told",
            vec![
                Read(item(1, "a")),
                Expect(item(1, "mine")),
                Saved(1, 2, "mine", Some(9)),
                Change(7, Some(item(2, "mine"))),
            ],
            Some("mine"),
            false,
        ),
        (
            "told, then answered with the place of a later change of the same commit",
            vec![
                Read(item(1, "a")),
                Expect(item(1, "mine")),
                Change(7, Some(item(2, "mine"))),
                Saved(1, 2, "mine", Some(9)),
            ],
            Some("mine"),
            false,
        ),
        (
            "nothing was changed",
            vec![Read(item(1, "a")), Expect(item(1, "mine")), Saved(1, 1, "a", None)],
            Some("a"),
            false,
        ),
        (
            "two of mine, the first told",
            vec![
                Read(item(1, "a")),
                Expect(item(1, "one")),
                Expect(item(1, "two")),
                Saved(1, 2, "one", Some(7)),
                Change(7, Some(item(2, "one"))),
            ],
            Some("two"),
            true,
        ),
        (
            "begun anew with something on its way",
            vec![Read(item(1, "a")), Expect(item(1, "mine")), Clear, Read(item(1, "z"))],
            Some("mine"),
            true,
        ),
        ("in doubt it is shown until it is read anew", vec![Read(item(1, "a")), Doubt], Some("a"), false),
        ("in doubt and not read anew", vec![Read(item(1, "a")), Doubt, Anew(vec![])], None, false),
        (
            "in doubt and there",
            vec![Change(5, Some(item(2, "b"))), Doubt, Anew(vec![item(2, "b")]), Anew(vec![])],
            Some("b"),
            false,
        ),
        (
            "in doubt, read as it was before the feed's last word",
            vec![Change(5, Some(item(2, "b"))), Doubt, Anew(vec![item(1, "a")])],
            Some("b"),
            false,
        ),
        (
            "in doubt, and the feed tells of it",
            vec![Read(item(1, "a")), Doubt, Change(5, Some(item(2, "b"))), Anew(vec![])],
            Some("b"),
            false,
        ),
        (
            "deleted stays deleted",
            vec![Change(5, None), Doubt, Anew(vec![]), Read(item(1, "a"))],
            None,
            false,
        ),
        ("never in doubt", vec![Read(item(1, "a")), Anew(vec![])], Some("a"), false),
    ];
    for (name, steps, expected, pending) in cases {
        let mut table = Table::default();
        for step in steps {
            match step {
                Read(row) => table.read([row]),
                Change(seq, row) => table.change(seq, 1, row),
                Expect(row) => drop(table.expect(1, Some(row))),
                Saved(token, version, text, seq) => table.saved(token, Some(item(version, text)), seq),
                Refused(token) => table.refused(token),
                Clear => table.clear(),
                Doubt => table.doubt(),
                Anew(rows) => table.read_anew(rows),
            }
        }
        assert_eq!(shown(&table), expected, "{name}");
        assert_eq!(table.is_pending(1), pending, "{name}");
        assert_eq!(table.rows().first().map(|row| row.text), expected, "{name}");
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Pair {
    version: i64,
    left: &'static str,
    right: &'static str,
}

impl Row for Pair {
    type Id = u32;
    fn id(&self) -> u32 {
        1
    }
    fn freshness(&self) -> i64 {
        self.version
    }
    fn rebase(base: &Self, wanted: &Self, now: &Self) -> Self {
        let mut row = now.clone();
        if wanted.left != base.left {
            row.left = wanted.left;
        }
        if wanted.right != base.right {
            row.right = wanted.right;
        }
        row
    }
}

#[test]
fn what_another_changes_meanwhile_is_seen_beside_what_i_changed() {
    let pair = |version, left, right| Pair { version, left, right };
    let mut table = Table::default();
    table.read([pair(1, "a", "b")]);
    let first = table.expect(1, Some(pair(1, "mine", "b")));
    let second = table.expect(1, Some(pair(1, "mine again", "b")));
    table.change(5, 1, Some(pair(2, "a", "theirs")));
    assert_eq!(table.get(1).as_deref(), Some(&pair(2, "mine again", "theirs")));
    table.refused(second);
    assert_eq!(table.get(1).as_deref(), Some(&pair(2, "mine", "theirs")));
    table.saved(first, Some(pair(3, "mine", "theirs")), Some(6));
    assert_eq!(table.get(1).as_deref(), Some(&pair(3, "mine", "theirs")));
    table.change(7, 1, None);
    assert_eq!(table.get(1), None, "what is deleted is not held up by what was done to it");
    assert!(!table.is_pending(1));
}

#[test]
fn what_is_expected_to_go_comes_back_where_it_is_refused() {
    let mut table = Table::default();
    table.read([item(1, "a")]);
    let token = table.expect(1, None);
    assert_eq!(table.get(1), None);
    table.change(4, 1, Some(item(2, "b")));
    assert_eq!(table.get(1), None, "another's change does not bring it back");
    table.refused(token);
    assert_eq!(shown(&table), Some("b"));
    let token = table.expect(1, None);
    table.change(6, 1, None);
    table.saved(token, None, Some(9));
    assert!(!table.is_pending(1) && table.get(1).is_none());
}
