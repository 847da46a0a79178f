//! Reading a list that changes while it is read. The lists of clients and of records are paged by
//! number and their order is not told, so whoever comes or goes between two pages may move another
//! across their bound. A list is therefore asked for in windows of time, each so narrow that one
//! answer holds all of it; what changes meanwhile comes into a later window. Only what happened
//! within one unit of time is paged, and anew when its number changes.

use serde::{Deserialize, Serialize};

/// A part of the list: from one time to another, in units of the list's own (seconds of a change,
/// days of a visit), and the page of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub from: i64,
    /// `None`: the last one. It has no end, so that what changes now is in it.
    pub to: Option<i64>,
    /// Where the time of reading is: windows grow up to there.
    pub end: i64,
    pub page: u64,
    /// Rows asked for.
    pub limit: u64,
    /// Rows of the pages before.
    read: u64,
    /// How many rows the window had at the page before.
    total: u64,
}

impl Window {
    /// All of it at once: most often that is a handful.
    pub fn new(from: i64, end: i64, limit: u64) -> Self {
        Self { from, to: None, end: end.max(from), page: 1, limit, read: 0, total: 0 }
    }

    fn at(self, from: i64, to: Option<i64>) -> Self {
        Self { from, to, page: 1, read: 0, total: 0, ..self }
    }

    /// With fewer rows an answer, from the beginning of the window; `None`: there cannot be fewer.
    pub fn lighter(self) -> Option<Self> {
        (self.limit > 25).then(|| Self { limit: self.limit / 2, ..self.at(self.from, self.to) })
    }

    /// An answer brought so many rows of so many: whether they are to be taken, and where to go on
    /// (`None`: this was all).
    pub fn then(self, rows: u64, total: Option<u64>) -> (bool, Option<Self>) {
        let read = self.read + rows;
        // A list that does not tell its number has more if the page is full.
        let total = total.unwrap_or(read + u64::from(rows >= self.limit));
        let width = self.to.unwrap_or(self.end) - self.from;
        let whole = read >= total || rows == 0;
        if !whole && self.page == 1 && width > 1 {
            // Three quarters of what would fill an answer if all were spread evenly.
            let part = share(width, rows * 3, total * 4).clamp(1, width / 2);
            return (false, Some(self.at(self.from, Some(self.from + part))));
        }
        if self.page > 1 && total != self.total {
            return (true, Some(self.at(self.from, self.to)));
        }
        if !whole {
            return (true, Some(Self { page: self.page + 1, read, total, ..self }));
        }
        let next = self.to.map(|to| {
            let wider = share(width, self.limit * 3, total.max(1) * 4).clamp(width.max(1), width.max(1).saturating_mul(8));
            self.at(to, Some(to.saturating_add(wider)).filter(|next| *next < self.end))
        });
        (true, next)
    }
}

/// `width` × `of` ÷ `all`, whatever their size.
fn share(width: i64, of: u64, all: u64) -> i64 {
    let part = i128::from(width) * i128::from(of) / i128::from(all.max(1));
    i64::try_from(part).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list of changes by their second; both bounds belong to a window.
    fn answer(all: &[(i64, u32)], window: Window, cap: usize) -> (Vec<u32>, u64) {
        let within = |at: i64| at >= window.from && window.to.is_none_or(|to| at <= to);
        let found: Vec<u32> = all.iter().filter(|(at, _)| within(*at)).map(|(_, id)| *id).collect();
        let limit = usize::try_from(window.limit).expect("a number").min(cap);
        let skip = usize::try_from(window.page - 1).expect("a number") * limit;
        let total = found.len() as u64;
        (found.into_iter().skip(skip).take(limit).collect(), total)
    }

    /// Reads all of it; `change` is called after each answer.
    fn read(all: &mut Vec<(i64, u32)>, cap: usize, told: bool, mut change: impl FnMut(&mut Vec<(i64, u32)>, u32)) -> (Vec<u32>, u32) {
        let (mut seen, mut calls) = (Vec::new(), 0);
        let mut next = Some(Window::new(0, 1_000, 10));
        while let Some(window) = next {
            let (rows, total) = answer(all, window, cap);
            let (taken, then) = window.then(rows.len() as u64, told.then_some(total));
            if taken {
                seen.extend(rows);
            }
            calls += 1;
            assert!(calls < 500, "it comes to an end: {window:?}");
            change(all, calls);
            next = then;
        }
        seen.sort_unstable();
        seen.dedup();
        (seen, calls)
    }

    #[test]
    fn a_few_are_one_answer_and_many_are_read_by_windows() {
        let spread = |count: u32, over: i64| (0..count).map(|n| (i64::from(n) * over / i64::from(count), n)).collect::<Vec<_>>();
        assert_eq!(read(&mut spread(10, 1_000), 10, true, |_, _| {}), ((0..10).collect(), 1));
        assert_eq!(read(&mut Vec::new(), 10, false, |_, _| {}), (vec![], 1));
        for (count, over, cap, told) in
            [(11, 1_000, 10, true), (500, 1_000, 10, true), (500, 3, 10, true), (300, 900, 7, true), (95, 990, 10, false)]
        {
            let (seen, calls) = read(&mut spread(count, over), cap, told, |_, _| {});
            assert_eq!(seen, (0..count).collect::<Vec<_>>(), "{count} over {over}");
            assert!(calls < count.max(4), "{count} over {over}: {calls}");
        }
        // A thousand in one second.
        let (seen, _) = read(&mut (0..1_000).map(|n| (500, n)).collect(), 10, true, |_, _| {});
        assert_eq!(seen.len(), 1_000);
    }

    #[test]
    fn nobody_is_lost_who_changes_while_it_is_read() {
        // After each answer the one who changed longest ago changes again, and goes to the end of
        // the list; now and then one is deleted.
        let mut all: Vec<(i64, u32)> = (0..400).map(|n| (i64::from(n) * 2, n)).collect();
        let mut gone = Vec::new();
        let (seen, _) = read(&mut all, 10, true, |all, calls| {
            if calls <= 150 {
                let (_, id) = all.remove(0);
                all.push((1_000 + i64::from(calls), id));
            }
            if calls % 7 == 0 {
                gone.push(all.remove(all.len() / 2).1);
            }
        });
        let lost: Vec<u32> = (0..400).filter(|id| !seen.contains(id) && !gone.contains(id)).collect();
        assert_eq!(lost, [0_u32; 0]);
        // The same with all of them in one second.
        let mut all: Vec<(i64, u32)> = (0..100).map(|n| (500, n)).collect();
        let mut gone = Vec::new();
        let (seen, _) = read(&mut all, 10, true, |all, calls| {
            if calls % 9 == 0 && calls < 50 {
                gone.push(all.remove(0).1);
            }
        });
        assert!((0..100).all(|id| seen.contains(&id) || gone.contains(&id)));
    }
}
