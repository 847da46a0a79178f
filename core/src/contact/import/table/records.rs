//! Records of a text with a delimiter: cells, quoted where they hold the delimiter or lines of
//! their own.
//!
//! The crate `csv` (1.4) takes a quotation mark that is never closed for the beginning of a cell as
//! long as the file, and counts a record's lines from the blank ones before it. Here such a mark is
//! a character, and told of; a record's number is its own first line.

/// Longest quoted cell of several lines, bytes: Excel's has 32 767 characters.
const LONGEST: usize = 128 * 1024;

/// Reads records one after the other.
pub(super) struct Records<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    delimiter: u8,
    /// Cells of most records, once known: tells lines of a cell from records that a lost mark
    /// joined.
    usual: usize,
    /// Bytes that may be looked through in vain: lost marks must not make the reading quadratic.
    budget: usize,
    /// Lines with a mark that is never closed: how many, and the first.
    pub open: Option<(usize, usize)>,
}

impl<'a> Records<'a> {
    /// From the beginning of a text.
    pub fn new(text: &'a str, delimiter: u8) -> Self {
        Self { text, at: 0, line: 1, delimiter, usual: 0, budget: text.len().saturating_mul(4), open: None }
    }

    /// The next record into `cells`, and its first line from 1; `None` at the end. A blank line is
    /// a record of one empty cell.
    pub fn next(&mut self, cells: &mut Vec<String>) -> Option<usize> {
        cells.clear();
        if self.at >= self.text.len() {
            return None;
        }
        let line = self.line;
        loop {
            let mut cell = String::new();
            let ends = self.cell(&mut cell, cells.len());
            cells.push(cell);
            if ends {
                break;
            }
        }
        if self.usual == 0 && cells.len() > 1 {
            self.usual = cells.len();
        }
        Some(line)
    }

    /// One cell; whether the record ends with it.
    fn cell(&mut self, cell: &mut String, before: usize) -> bool {
        let bytes = self.text.as_bytes();
        let mut start = self.at;
        while bytes.get(start) == Some(&b' ') {
            start += 1;
        }
        if bytes.get(start) == Some(&b'"') {
            if let Some((end, lines)) = self.quoted(start, before) {
                cell.push_str(&self.text[start + 1..end].replace("\"\"", "\""));
                self.line += lines;
                self.at = end + 1;
                while bytes.get(self.at) == Some(&b' ') {
                    self.at += 1;
                }
                return self.pass();
            }
            let (count, first) = self.open.unwrap_or((0, self.line));
            self.open = Some((count + 1, first));
            self.at = start + 1;
        }
        let rest = &bytes[self.at..];
        let len = rest.iter().position(|byte| *byte == self.delimiter || matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        cell.push_str(&self.text[self.at..self.at + len]);
        self.at += len;
        self.pass()
    }

    /// Passes over the delimiter or the end of the line.
    fn pass(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        match bytes.get(self.at) {
            Some(byte) if *byte == self.delimiter => {
                self.at += 1;
                // A delimiter at the very end has an empty cell behind it.
                false
            }
            Some(b'\r') => {
                self.at += if bytes.get(self.at + 1) == Some(&b'\n') { 2 } else { 1 };
                self.line += 1;
                true
            }
            Some(_) => {
                self.at += 1;
                self.line += 1;
                true
            }
            None => true,
        }
    }

    /// Where the quoted cell that begins at `start` ends, and how many lines it has besides its
    /// first. A mark inside that nothing ends after is a character: `"Рога "и" копыта"`.
    fn quoted(&mut self, start: usize, before: usize) -> Option<(usize, usize)> {
        let bytes = self.text.as_bytes();
        let (mut at, mut lines) = (start + 1, 0);
        let limit = bytes.len().min(start + LONGEST).min(start + self.budget);
        while at < limit {
            match bytes[at] {
                b'"' if bytes.get(at + 1) == Some(&b'"') => at += 1,
                b'"' => {
                    let mut after = at + 1;
                    while bytes.get(after) == Some(&b' ') {
                        after += 1;
                    }
                    if bytes.get(after).is_none_or(|byte| *byte == self.delimiter || matches!(byte, b'\n' | b'\r')) {
                        if lines > 0 && self.joins_records(&self.text[start + 1..at], before) {
                            break;
                        }
                        return Some((at, lines));
                    }
                }
                b'\n' => lines += 1,
                b'\r' if bytes.get(at + 1) != Some(&b'\n') => lines += 1,
                _ => {}
            }
            at += 1;
        }
        self.budget = self.budget.saturating_sub(at - start);
        None
    }

    /// Whether what stands between two marks is the end of one record and others behind it: its
    /// first line fills the record up, and its second begins or holds cells of its own.
    fn joins_records(&self, inner: &str, before: usize) -> bool {
        let delimiters = |line: &str| line.bytes().filter(|byte| *byte == self.delimiter).count();
        let mut lines = inner.lines();
        let first = lines.next().map_or(0, delimiters);
        let begins = |line: &str| (line.starts_with('"') && !line.starts_with("\"\"")) || delimiters(line) + 1 >= self.usual;
        self.usual > 1 && first > 0 && before + first + 1 == self.usual && lines.next().is_some_and(begins)
    }
}
