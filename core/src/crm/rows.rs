//! What is told of the rows of a table by their numbers: those that nobody is made of, and those
//! that are taken without a value.

use serde::{Deserialize, Serialize};

/// What was found in the rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RowsRead {
    /// Rows of people, those below included.
    pub rows: u64,
    /// Rows whose key is empty: nobody is made of them.
    pub unkeyed: Lines,
    /// Rows whose key a row above has: the row above counts.
    pub doubled: Lines,
    /// Rows with a value that cannot be read as what its column holds: the value is left out.
    pub unread: Lines,
}

/// Lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Lines {
    /// How many there are.
    pub count: u64,
    /// The first of them, from 1.
    pub first: Vec<usize>,
}

impl Lines {
    /// Lines that are told by their numbers.
    const SHOWN: usize = 8;

    /// One more.
    pub fn add(&mut self, line: usize) {
        self.count += 1;
        if self.first.len() < Self::SHOWN {
            self.first.push(line);
        }
    }
}
