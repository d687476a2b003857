//! Pages of the short lists that a facade gives whole (members, keys, repositories: at most 1,000 each).

use domain::Page;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::problem::Refusal;

const DEFAULT_LIMIT: usize = 50;
const LIMIT: usize = 200;

/// Which part of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// 1 to 200, default 50.
    #[serde(default)]
    limit: Option<usize>,
    /// The `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

impl Paging {
    /// The page. The cursor is the id of the last item before it.
    pub(super) fn of<T>(&self, items: Vec<T>, id: impl Fn(&T) -> String) -> Result<Page<T>, Refusal> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=LIMIT).contains(&limit) {
            return Err(Refusal::invalid("limit", "limit must be 1 to 200."));
        }
        let start = match self.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
            None => 0,
            Some(cursor) => {
                let at = items.iter().position(|item| id(item) == cursor);
                let gone = "cursor names an item that is not in the list any more: begin again without it.";
                at.ok_or_else(|| Refusal::invalid("cursor", gone))? + 1
            }
        };
        let more = items.len() > start + limit;
        let items: Vec<T> = items.into_iter().skip(start).take(limit).collect();
        let next_cursor = items.last().filter(|_| more).map(id);
        Ok(Page { items, next_cursor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(limit: Option<usize>, cursor: Option<&str>) -> Result<(Vec<u32>, Option<String>), Refusal> {
        let paging = Paging { limit, cursor: cursor.map(str::to_owned) };
        paging.of(vec![1, 2, 3, 4, 5], u32::to_string).map(|page| (page.items, page.next_cursor))
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_repeat() {
        assert_eq!(page(None, None).unwrap(), (vec![1, 2, 3, 4, 5], None));
        assert_eq!(page(Some(2), None).unwrap(), (vec![1, 2], Some("2".to_owned())));
        assert_eq!(page(Some(2), Some("2")).unwrap(), (vec![3, 4], Some("4".to_owned())));
        assert_eq!(page(Some(2), Some("4")).unwrap(), (vec![5], None));
        assert_eq!(page(Some(5), None).unwrap().1, None);
        assert_eq!(page(Some(0), None).unwrap_err().problem().field.as_deref(), Some("limit"));
        assert_eq!(page(Some(201), None).unwrap_err().problem().field.as_deref(), Some("limit"));
        assert_eq!(page(None, Some("9")).unwrap_err().problem().field.as_deref(), Some("cursor"));
    }
}
