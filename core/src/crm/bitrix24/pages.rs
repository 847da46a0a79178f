//! Lists of items by their growing ids, several of them in one call (contracts/crm/bitrix24.md,
//! 2.1). Pure.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::wire::{self, Done, items, number};
use crate::{clock::Moment, crm::CrmError};

/// Items of a list: there is no other size.
pub const PAGE: usize = 50;
/// Lists read in one call, at most. There may be fifty, and a call may take a minute.
pub const MOST: usize = 10;

/// A command of a batch.
#[derive(Debug, Clone)]
pub struct Command {
    pub method: &'static str,
    query: String,
}

impl Command {
    /// With the parameters in this order, which Bitrix24 keeps.
    pub fn new(method: &'static str, pairs: &[(&str, &str)]) -> Self {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        Self { method, query }
    }

    /// As a batch has it.
    pub fn written(&self) -> String {
        format!("{}?{}", self.method, self.query)
    }

    fn list(of: u32, order: &[(&str, &str)], filter: &[(String, String)], select: &[(String, String)]) -> Self {
        let of = of.to_string();
        // -1: nothing is counted, which is what takes the time.
        let head = [("entityTypeId", of.as_str()), ("start", "-1")];
        let rest = filter.iter().chain(select).map(|(name, value)| (name.as_str(), value.as_str()));
        let pairs: Vec<_> = head.into_iter().chain(order.iter().copied()).chain(rest).collect();
        Self::new("crm.item.list", &pairs)
    }

    /// The items with these ids, no more than [`PAGE`].
    pub fn of_ids(of: u32, ids: &[&String], select: &[(String, String)]) -> Self {
        let filter: Vec<_> = ids.iter().map(|id| ("filter[@id][]".to_owned(), (*id).clone())).collect();
        Self::list(of, &[("order[id]", "ASC")], &filter, select)
    }
}

/// A filter: not before then.
pub fn since(field: &str, at: Moment, overlap: TimeDelta) -> (String, String) {
    (format!("filter[>={field}]"), wire::since(at, overlap))
}

/// Where a read goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The last id that was read.
    after: u64,
    /// Lists of the next call: few at first, for most reads of changes end with the first.
    lists: usize,
    /// No more than these, for more took too long.
    most: usize,
}

/// What a call gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    pub items: Vec<Value>,
    /// Where to go on; `None`: that was all.
    pub next: Option<Value>,
}

impl Place {
    /// The place of a cursor; `None` is the beginning.
    pub fn of(cursor: Option<&Value>) -> Self {
        let number = |name: &str| cursor.and_then(|cursor| cursor[name].as_u64());
        let count =
            |name: &str, default: usize| number(name).and_then(|count| usize::try_from(count).ok()).unwrap_or(default).clamp(1, MOST);
        Self { after: number("after").unwrap_or_default(), lists: count("lists", 1), most: count("most", MOST) }
    }

    fn cursor(self) -> Value {
        json!({ "after": self.after, "lists": self.lists, "most": self.most })
    }

    /// The same place with half the lists; `None`: there is one.
    pub fn lighter(self) -> Option<Value> {
        let most = self.lists / 2;
        (most > 0).then(|| Self { lists: most, most, ..self }.cursor())
    }

    /// The lists to read, each from the last id of the one before.
    pub fn commands(self, of: u32, filter: &[(String, String)], select: &[(String, String)]) -> Vec<Command> {
        let after = |place: usize| match place.checked_sub(1) {
            None => self.after.to_string(),
            Some(before) => format!("$result[{}][items][{}][id]", wire::key(before), PAGE - 1),
        };
        let list = |place: usize| {
            let filter: Vec<_> = std::iter::once(("filter[>id]".to_owned(), after(place))).chain(filter.iter().cloned()).collect();
            Command::list(of, &[("order[id]", "ASC")], &filter, select)
        };
        (0..self.lists).map(list).collect()
    }

    /// What the lists gave. Of a list shorter than a whole one the last item is in another place,
    /// so those after it mean nothing. Whether a portal follows such a reference at all is seen by
    /// the ids: they grow.
    ///
    /// # Errors
    /// The first list's; what the lists before a failure gave is taken, and the failure comes
    /// again.
    pub fn read(self, ends: Vec<Option<Result<Done, CrmError>>>) -> Result<Read, CrmError> {
        let mut read = Read { items: Vec::new(), next: None };
        let mut last = self.after;
        for (place, end) in ends.into_iter().enumerate() {
            let done = match end {
                Some(Ok(done)) => done,
                Some(Err(error)) if place == 0 => return Err(error),
                None if place == 0 => return Err(CrmError::Transient { detail: "the batch has no result".to_owned(), smaller: false }),
                _ => break,
            };
            let list = items(&done.result, "items");
            let mut reached = last;
            let grows = list.iter().all(|item| match number(&item["id"]) {
                Some(id) if id > reached => {
                    reached = id;
                    true
                }
                _ => false,
            });
            if !grows && place == 0 {
                return Err(CrmError::Transient { detail: "a list is not in the order of its ids".to_owned(), smaller: false });
            }
            if !grows {
                break;
            }
            last = reached;
            let whole = list.len() >= PAGE;
            read.items.extend(list.into_iter().cloned());
            if !whole {
                return Ok(read);
            }
        }
        let lists = (self.lists * 4).min(self.most);
        read.next = Some(Self { after: last, lists, ..self }.cursor());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(from: u64, count: u64) -> Option<Result<Done, CrmError>> {
        let items: Vec<Value> = (from..from + count).map(|id| json!({ "id": id })).collect();
        Some(Ok(Done { result: json!({ "items": items }), next: None, time: Value::Null }))
    }

    #[test]
    fn lists_go_on_from_the_last_id_and_grow_in_number() {
        let place = Place::of(None);
        let read = place.read(vec![list(1, 50)]).expect("read");
        assert_eq!((read.items.len(), read.next.clone()), (50, Some(json!({ "after": 50, "lists": 4, "most": 10 }))));
        let place = Place::of(read.next.as_ref());
        let commands =
            place.commands(3, &[since("updatedTime", "2026-07-01T10:00:00Z".parse().expect("a moment"), TimeDelta::zero())], &[]);
        let written: Vec<String> = commands
            .iter()
            .map(|command| {
                url::form_urlencoded::parse(command.written().as_bytes())
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect();
        assert_eq!(written.len(), 4);
        assert_eq!(
            written[0],
            "crm.item.list?entityTypeId=3 start=-1 order[id]=ASC filter[>id]=50 filter[>=updatedTime]=2026-07-01T10:00:00+00:00"
        );
        assert!(written[1].contains("filter[>id]=$result[c00][items][49][id]"));
        // What comes after a short list means nothing.
        let read = place.read(vec![list(51, 50), list(101, 7), list(1, 50), list(1, 50)]).expect("read");
        assert_eq!((read.items.len(), read.next), (57, None));
        // Nor does a list that begins again: the portal did not follow the reference.
        let read = place.read(vec![list(51, 50), list(1, 50), list(1, 50), list(1, 50)]).expect("read");
        assert_eq!((read.items.len(), read.next), (50, Some(json!({ "after": 100, "lists": 10, "most": 10 }))));
        assert!(place.read(vec![list(1, 50)]).is_err(), "nothing would ever be reached so");
        let read = place.read(vec![list(51, 0)]).expect("read");
        assert_eq!((read.items.len(), read.next), (0, None));
    }

    #[test]
    fn a_failure_in_the_middle_keeps_what_came_before() {
        let place = Place::of(Some(&json!({ "after": 0, "lists": 3 })));
        let limited = || Some(Err(CrmError::RetryAfter(std::time::Duration::from_secs(60))));
        let read = place.read(vec![list(1, 50), limited(), None]).expect("read");
        assert_eq!((read.items.len(), read.next), (50, Some(json!({ "after": 50, "lists": 10, "most": 10 }))));
        assert!(matches!(place.read(vec![limited(), None, None]), Err(CrmError::RetryAfter(_))));
        assert!(place.read(vec![None]).is_err());
        assert_eq!(place.lighter(), Some(json!({ "after": 0, "lists": 1, "most": 1 })));
        assert_eq!(Place::of(place.lighter().as_ref()).lighter(), None);
    }
}
