//! The rows of a file, one below the other or beside each other, with what was said about them.

use std::collections::BTreeSet;

use domain::ExecutionId;
use domain::comments::Side;
use domain::diff::{Kind, Piece, Row, Word, pairs};
use leptos::prelude::*;

use super::Layout;
use crate::features::room::talk::{Placed, Said, SayAt, Spot, Talking};
use crate::strings::strings;

/// A line of one side.
type Place = (Side, i64);

/// Which line is being commented on.
type Open = RwSignal<Option<Place>>;

/// What stands below each other in the table.
#[derive(Debug, Clone, PartialEq)]
enum Item {
    One(Row),
    Two(Option<Row>, Option<Row>),
    /// What was said about a line, and perhaps the field to say more.
    Talk(Place),
}

#[component]
pub fn Rows(
    rows: RwSignal<Option<Vec<Row>>>,
    path: String,
    execution: ExecutionId,
    layout: Memo<Layout>,
    talking: Talking,
) -> impl IntoView {
    let open: Open = RwSignal::new(None);
    let about = StoredValue::new(path);
    let places = Memo::new(move |_| {
        let said = talking.comments.with(|comments| {
            about.with_value(|path| {
                let here = comments.iter().filter(|comment| {
                    comment.path.as_ref() == Some(path) && comment.execution.is_none_or(|of| of == execution)
                });
                here.filter_map(|comment| Some((comment.side.unwrap_or_default(), comment.line?)))
                    .collect::<BTreeSet<_>>()
            })
        });
        said.into_iter().chain(open.get()).collect::<BTreeSet<Place>>()
    });
    let items = Memo::new(move |_| {
        let places = places.get();
        rows.with(|rows| items(rows.as_deref().unwrap_or_default(), layout.get(), &places))
    });
    let numbered = move || items.get().into_iter().enumerate().collect::<Vec<_>>();
    let split = move || (layout.get() == Layout::Split).then_some("");
    view! {
        <table data-split=split>
            <tbody>
                <For each=numbered key=key let((_, item))>
                    {match item {
                        Item::One(row) => view! { <One row open/> }.into_any(),
                        Item::Two(old, new) => view! { <Two old new open/> }.into_any(),
                        Item::Talk(at) => view! { <Thread at about execution talking open layout/> }.into_any(),
                    }}
                </For>
            </tbody>
        </table>
    }
}

/// A row is the same as long as its numbers are: a thread that opens leaves those around it alone.
fn key((place, item): &(usize, Item)) -> (u8, Option<i64>, Option<i64>, usize) {
    match item {
        Item::One(row) if row.old.is_some() || row.new.is_some() => (0, row.old, row.new, 0),
        Item::One(_) => (1, None, None, *place),
        Item::Two(old, new) => {
            let (old, new) = (old.as_ref().and_then(|row| row.old), new.as_ref().and_then(|row| row.new));
            if old.is_some() || new.is_some() { (2, old, new, 0) } else { (3, None, None, *place) }
        }
        Item::Talk((Side::Old, line)) => (4, Some(*line), None, 0),
        Item::Talk((Side::New, line)) => (4, None, Some(*line), 0),
    }
}

fn items(rows: &[Row], layout: Layout, places: &BTreeSet<Place>) -> Vec<Item> {
    let mut items = Vec::with_capacity(rows.len());
    let talk = |items: &mut Vec<Item>, old: Option<i64>, new: Option<i64>| {
        let sides = [old.map(|line| (Side::Old, line)), new.map(|line| (Side::New, line))];
        items.extend(sides.into_iter().flatten().filter(|at| places.contains(at)).map(Item::Talk));
    };
    match layout {
        Layout::Unified => {
            for row in rows {
                items.push(Item::One(row.clone()));
                talk(&mut items, row.old, row.new);
            }
        }
        Layout::Split => {
            for (old, new) in pairs(rows) {
                items.push(Item::Two(old.cloned(), new.cloned()));
                talk(&mut items, old.and_then(|row| row.old), new.and_then(|row| row.new));
            }
        }
    }
    items
}

#[component]
fn One(row: Row, open: Open) -> impl IntoView {
    let Row { kind, old, new, pieces } = row;
    // A line that stays is talked about as it is now.
    let (left, right) = match kind {
        Kind::Delete => (number(old, Side::Old, open).into_any(), ().into_any()),
        Kind::Insert => (().into_any(), number(new, Side::New, open).into_any()),
        _ => (old.into_any(), number(new, Side::New, open).into_any()),
    };
    view! {
        <tr class="diff-row" data-kind=kind.as_str()>
            <td class="no">{left}</td>
            <td class="no">{right}</td>
            <td class="sign">{kind.sign()}</td>
            <td class="text">{text(pieces)}</td>
        </tr>
    }
}

#[component]
fn Two(old: Option<Row>, new: Option<Row>, open: Open) -> impl IntoView {
    if let Some(row) = old.as_ref().filter(|row| matches!(row.kind, Kind::Hunk | Kind::Note)) {
        let (kind, pieces) = (row.kind, row.pieces.clone());
        return view! {
            <tr class="diff-row" data-kind=kind.as_str()><td class="no"></td><td class="text" colspan="5">{text(pieces)}</td></tr>
        }
        .into_any();
    }
    view! { <tr class="diff-row" data-kind="pair">{half(old, Side::Old, open)} {half(new, Side::New, open)}</tr> }
        .into_any()
}

fn half(row: Option<Row>, side: Side, open: Open) -> impl IntoView {
    let kind = row.as_ref().map(|row| row.kind);
    let line = row.as_ref().and_then(|row| if side == Side::Old { row.old } else { row.new });
    // The same line on both sides is talked about on the right.
    let at = if kind == Some(Kind::Context) && side == Side::Old {
        line.into_any()
    } else {
        number(line, side, open).into_any()
    };
    let name = kind.map_or("none", Kind::as_str);
    view! {
        <td class="no" data-kind=name data-side=side.as_str()>{at}</td>
        <td class="sign" data-kind=name data-side=side.as_str()>{kind.map(Kind::sign)}</td>
        <td class="text" data-kind=name data-side=side.as_str()>{row.map(|row| text(row.pieces))}</td>
    }
}

/// The number of a line: pressing it opens the field for a comment.
fn number(line: Option<i64>, side: Side, open: Open) -> impl IntoView {
    line.map(|line| {
        let label = format!("{} {line}", strings().review.comment_on);
        let press = move |_| {
            open.update(|open| *open = if *open == Some((side, line)) { None } else { Some((side, line)) });
        };
        view! { <button type="button" aria-label=label on:click=press>{line}</button> }
    })
}

fn text(pieces: Vec<Piece>) -> impl IntoView {
    pieces
        .into_iter()
        .map(|Piece(text, class, word)| match (class.as_str(), word) {
            ("", Word::Same) => text.into_any(),
            (class, Word::Same) => view! { <span class=class>{text}</span> }.into_any(),
            (class, Word::Changed) => view! { <span class=class data-word="">{text}</span> }.into_any(),
        })
        .collect_view()
}

#[component]
fn Thread(
    at: Place,
    about: StoredValue<String>,
    execution: ExecutionId,
    talking: Talking,
    open: Open,
    layout: Memo<Layout>,
) -> impl IntoView {
    let (side, line) = at;
    let said = Memo::new(move |_| {
        let mut said = talking.comments.get();
        said.retain(|comment| {
            comment.line == Some(line)
                && comment.side.unwrap_or_default() == side
                && comment.execution.is_none_or(|of| of == execution)
                && about.with_value(|path| comment.path.as_ref() == Some(path))
        });
        said
    });
    let done = Callback::new(move |()| open.set(None));
    let span = if layout.get_untracked() == Layout::Split { "6" } else { "4" };
    view! {
        <tr class="thread">
            <td colspan=span>
                <ul>
                    <For each=move || said.get() key=|comment| comment.id let(comment)>
                        <Said comment talking placed=Placed::AtItsLine/>
                    </For>
                </ul>
                {move || (open.get() == Some(at)).then(|| {
                    let spot = Spot { path: about.get_value(), side, line, execution };
                    view! { <SayAt talking spot done/> }
                })}
            </td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: Kind, old: Option<i64>, new: Option<i64>) -> Row {
        Row { kind, old, new, pieces: vec![Piece::plain("x")] }
    }

    #[test]
    fn what_was_said_stands_below_its_line_in_either_layout() {
        let rows = [
            row(Kind::Hunk, None, None),
            row(Kind::Context, Some(1), Some(1)),
            row(Kind::Delete, Some(2), None),
            row(Kind::Insert, None, Some(2)),
        ];
        let places = BTreeSet::from([(Side::Old, 2), (Side::New, 1), (Side::New, 9)]);
        for (layout, expected) in [(Layout::Unified, [2, 4]), (Layout::Split, [2, 4])] {
            let items = items(&rows, layout, &places);
            let talks: Vec<usize> = (0..)
                .zip(&items)
                .filter(|(_, item)| matches!(item, Item::Talk(_)))
                .map(|(at, _)| at)
                .collect();
            assert_eq!(talks, expected, "{layout:?}");
        }
        let keys: BTreeSet<_> =
            items(&rows, Layout::Unified, &places).into_iter().enumerate().map(|item| key(&item)).collect();
        assert_eq!(keys.len(), 6, "no two rows have the same key");
    }
}
