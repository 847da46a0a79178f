//! Reading rows in the order of their ids, page after page, where a CRM can be asked for those
//! after one: a row that changes while pages are read stays where it is, and as many as you like
//! may bear one moment.

use serde_json::{Value, json};

/// Rows of a page, and fewer when the server does not make them in its time.
pub const PAGE: u64 = 500;
const LEAST_PAGE: u64 = 30;

/// Where a read goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The last id that was read; nought at the beginning.
    pub after: u64,
    /// Rows of a page.
    pub limit: u64,
}

impl Place {
    /// Of what the page before gave, `None` at the beginning.
    #[must_use]
    pub fn of(cursor: Option<&Value>) -> Self {
        let number = |name: &str| cursor.and_then(|cursor| cursor[name].as_u64());
        Self { after: number("after").unwrap_or_default(), limit: number("limit").unwrap_or(PAGE) }
    }

    /// The page after these rows, if there is one.
    #[must_use]
    pub fn next(self, rows: &[Value]) -> Option<Value> {
        let last = rows.last().and_then(|row| row["id"].as_u64())?;
        (rows.len() as u64 >= self.limit).then(|| json!({ "after": last, "limit": self.limit }))
    }

    /// The same place with smaller pages; `None`: they cannot be smaller.
    #[must_use]
    pub fn lighter(self) -> Option<Value> {
        let limit = self.limit / 2;
        (limit >= LEAST_PAGE).then(|| json!({ "after": self.after, "limit": limit }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_on_after_the_last_row_and_get_smaller() {
        let rows: Vec<Value> = (1..=3).map(|id| json!({ "id": id * 10 })).collect();
        let place = Place { after: 0, limit: 3 };
        assert_eq!(place.next(&rows), Some(json!({ "after": 30, "limit": 3 })));
        assert_eq!((place.next(&rows[..2]), place.next(&[])), (None, None));
        let mut place = Place::of(None);
        let mut limits = vec![place.limit];
        while let Some(next) = place.lighter() {
            place = Place::of(Some(&next));
            limits.push(place.limit);
        }
        assert_eq!(limits, [500, 250, 125, 62, 31]);
    }
}
