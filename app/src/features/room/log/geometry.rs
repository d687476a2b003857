//! Where rows stand in a view that scrolls. Pure.
//!
//! A browser's box has a greatest height, which a million rows come near. Beyond [`TALLEST`] the box stays as tall,
//! and its scrollbar goes over more rows with every pixel.

/// The height of a row in `log.css`, in pixels.
pub const ROW: i32 = 20;
/// The tallest box: below what Firefox draws, 17.8 million pixels, and Chromium, 33.5 million.
const TALLEST: i64 = 16_000_000;
/// Rows drawn beyond what is in sight, in either direction.
pub const BEYOND: i64 = 30;
/// This near to the end counts as being there, in pixels.
const NEAR: i64 = 3 * ROW as i64;

/// So many rows, seen through a view of this height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    pub rows: i64,
    pub height: i32,
}

/// Which rows are drawn: from here, so many.
pub type Window = (i64, i64);

impl Geometry {
    fn whole(self) -> i64 {
        self.rows * i64::from(ROW)
    }

    fn box_height(self) -> i64 {
        self.whole().min(TALLEST)
    }

    /// How far the rows go beyond the view, and how far the box does.
    fn ways(self) -> (i64, i64) {
        let height = i64::from(self.height);
        ((self.whole() - height).max(0), (self.box_height() - height).max(0))
    }

    /// The pixel of all rows that is on top when the box is scrolled so far.
    fn top(self, scrolled: i32) -> i64 {
        let (rows, space) = self.ways();
        let scrolled = i64::from(scrolled).clamp(0, space);
        if rows == space { scrolled } else { (scrolled * rows).checked_div(space).unwrap_or_default() }
    }

    /// The first row in sight.
    pub fn row_at(self, scrolled: i32) -> i64 {
        self.top(scrolled) / i64::from(ROW)
    }

    /// How far to scroll for a row to stand in the upper third.
    pub fn scroll_to(self, row: i64) -> i32 {
        let (rows, space) = self.ways();
        let top = (row * i64::from(ROW) - i64::from(self.height) / 3).clamp(0, rows);
        let scrolled = if rows == space { top } else { (top * space).checked_div(rows).unwrap_or_default() };
        i32::try_from(scrolled).unwrap_or(i32::MAX)
    }

    pub fn is_at_end(self, scrolled: i32) -> bool {
        i64::from(scrolled) + NEAR >= self.ways().1
    }

    /// Rows in sight.
    fn in_sight(self) -> i64 {
        i64::from(self.height / ROW).max(20)
    }

    /// The rows to draw.
    pub fn window(self, scrolled: i32) -> Window {
        ((self.row_at(scrolled) - BEYOND).max(0), self.in_sight() + 2 * BEYOND)
    }

    /// The rows to draw at the end.
    pub fn last_window(self) -> Window {
        let count = self.in_sight() + 2 * BEYOND;
        ((self.rows - count).max(0), count)
    }

    /// Room to leave before and after the rows that are drawn, in pixels.
    pub fn padding(self, window: Window, scrolled: i32) -> (i32, i32) {
        let (first, count) = window;
        let drawn = (self.rows - first).clamp(0, count) * i64::from(ROW);
        let (rows, space) = self.ways();
        let from = first * i64::from(ROW);
        let before = if rows == space { from } else { i64::from(scrolled) - self.top(scrolled) + from };
        let before = before.clamp(0, (self.box_height() - drawn).max(0));
        let after = (self.box_height() - before - drawn).max(0);
        (i32::try_from(before).unwrap_or_default(), i32::try_from(after).unwrap_or_default())
    }

    /// Whether the padding changes with every pixel.
    pub fn is_scaled(self) -> bool {
        self.whole() > TALLEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_is_as_tall_as_its_rows_up_to_what_browsers_draw() {
        for rows in [0, 1, 30, 5_000, 799_999, 800_001, 1_000_000, 40_000_000] {
            let geometry = Geometry { rows, height: 600 };
            for scrolled in [0, 1_000, 8_000_000, 15_999_400] {
                let window = geometry.window(scrolled);
                let (before, after) = geometry.padding(window, scrolled);
                let drawn = (rows - window.0).clamp(0, window.1) * i64::from(ROW);
                let whole = i64::from(before) + drawn + i64::from(after);
                assert!(whole <= TALLEST.max(drawn), "{rows} {scrolled}");
                if window.0 < rows {
                    assert_eq!(whole, geometry.box_height(), "{rows} {scrolled}");
                }
            }
        }
    }

    #[test]
    fn every_row_can_be_brought_into_sight() {
        for rows in [100, 5_000, 1_000_000, 40_000_000] {
            let geometry = Geometry { rows, height: 600 };
            for row in [0, 1, rows / 3, rows / 2, rows - 2, rows - 1] {
                let scrolled = geometry.scroll_to(row);
                let (first, count) = geometry.window(scrolled);
                assert!((first..first + count).contains(&row), "{row} of {rows}: {first} {count}");
                let (before, _) = geometry.padding((first, count), scrolled);
                let stands = i64::from(before) + (row - first) * i64::from(ROW) - i64::from(scrolled);
                assert!((0..600).contains(&stands), "{row} of {rows} stands at {stands}");
            }
            assert!(geometry.is_at_end(geometry.scroll_to(rows - 1)));
            assert!(!geometry.is_at_end(0));
        }
    }
}
