//! Who waits for whom: what comes from one person is kept in its order, though several statements
//! are on their way at once.

use std::collections::{HashMap, HashSet, VecDeque};

use tokio::task;
use uuid::Uuid;

/// A person at a channel or connection, whose events are kept one after the other: the id of the
/// channel or connection, and the number of the person there.
pub(super) type Person = (Uuid, i64);

/// What is on its way, by line.
#[derive(Debug, Default)]
pub(super) struct Order {
    busy: HashSet<Person>,
    of: HashMap<task::Id, Vec<Person>>,
}

impl Order {
    /// Takes the first `most` that wait for nobody, in their order; what is in a line with
    /// something on its way stays.
    pub fn free<T>(&self, waiting: &mut VecDeque<T>, most: usize, line: impl Fn(&T) -> Option<Person>) -> Vec<T> {
        let mut free = Vec::new();
        let mut stay = VecDeque::new();
        for one in waiting.drain(..) {
            if free.len() < most && line(&one).is_none_or(|line| !self.busy.contains(&line)) {
                free.push(one);
            } else {
                stay.push_back(one);
            }
        }
        *waiting = stay;
        free
    }

    /// These are on their way, carried by a task.
    pub fn begun(&mut self, task: task::Id, lines: Vec<Person>) {
        self.busy.extend(&lines);
        self.of.insert(task, lines);
    }

    /// A task has ended, well or not.
    pub fn ended(&mut self, task: task::Id) {
        for line in self.of.remove(&task).unwrap_or_default() {
            self.busy.remove(&line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_person_is_kept_in_order_and_nobody_else_waits() {
        let source = Uuid::nil();
        let line = |(person, _): &(i64, u8)| (*person != 0).then_some((source, *person));
        let mut lines = Order::default();
        let mut waiting = VecDeque::from([(1, 1), (2, 1), (1, 2)]);
        // What comes together goes together.
        assert_eq!(lines.free(&mut waiting, 2, line), [(1, 1), (2, 1)]);
        let first = tokio::spawn(async {}).id();
        lines.begun(first, vec![(source, 1), (source, 2)]);
        waiting.extend([(3, 1), (2, 2), (0, 1), (1, 3)]);
        assert_eq!(lines.free(&mut waiting, 9, line), [(3, 1), (0, 1)], "nobody on their way, or nobody's");
        assert_eq!(waiting, [(1, 2), (2, 2), (1, 3)]);
        assert!(lines.free(&mut waiting, 9, line).is_empty());
        lines.ended(first);
        assert_eq!(lines.free(&mut waiting, 9, line), [(1, 2), (2, 2), (1, 3)]);
    }
}
