//! The pages of a list: one rule for every screen.

/// A page of a list that is longer than a message shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Which, from 0.
    pub at: u32,
    /// How many there are, at least one.
    pub of: u32,
    /// Rows on each.
    size: u32,
}

impl Page {
    /// The page that was asked for, of a list of `count` rows with `size` of them on each. One that
    /// is not there any more, because rows went meanwhile, is the last.
    #[must_use]
    pub fn of(count: impl TryInto<u64>, size: u32, asked: u32) -> Self {
        let count = count.try_into().unwrap_or_default();
        let of = u32::try_from(count.div_ceil(u64::from(size.max(1)))).unwrap_or(u32::MAX).max(1);
        Self { at: asked.min(of - 1), of, size }
    }

    /// The rows before it.
    #[must_use]
    pub fn offset(self) -> i64 {
        i64::from(self.at) * i64::from(self.size)
    }

    /// How many rows are asked for.
    #[must_use]
    pub fn limit(self) -> i64 {
        self.size.into()
    }

    /// Its rows of all that there are.
    #[must_use]
    pub fn rows<T>(self, all: &[T]) -> &[T] {
        all.chunks(self.size.max(1) as usize).nth(self.at as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_went_is_the_last_one() {
        let rows: Vec<u32> = (0..17).collect();
        for (asked, at, first, last) in [(0, 0, 0, 7), (1, 1, 8, 15), (2, 2, 16, 16), (9, 2, 16, 16), (u32::MAX, 2, 16, 16)] {
            let page = Page::of(rows.len(), 8, asked);
            assert_eq!((page.at, page.of, page.offset(), page.limit()), (at, 3, i64::from(at) * 8, 8), "{asked}");
            assert_eq!((page.rows(&rows).first(), page.rows(&rows).last()), (Some(&first), Some(&last)), "{asked}");
        }
        for count in [0_i64, -1] {
            assert_eq!((Page::of(count, 8, 3).at, Page::of(count, 8, 3).of), (0, 1));
        }
        assert!(Page::of(0_usize, 8, 0).rows(&rows[..0]).is_empty());
        assert_eq!(Page::of(16_i64, 8, 0).of, 2);
    }
}
