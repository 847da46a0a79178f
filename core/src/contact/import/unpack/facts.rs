//! What a workbook hides, and what its reader passes over without a word: rows that a filter hides,
//! hidden columns, formulas that were never computed. Gathered while its parts are counted.

use std::collections::{BTreeSet, HashMap, HashSet};

use quick_xml::events::{BytesStart, Event};

use crate::contact::import::table::{MAX_COLUMNS, MAX_ROWS};

/// Longest name of a part, a sheet or a relation that is kept, bytes.
const MAX_NAME: usize = 512;

/// Of all parts.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// By the part's name in small letters.
    sheets: HashMap<String, OfSheet>,
    /// The part of a relation of the workbook, by the relation's id.
    relations: HashMap<String, String>,
    /// The relation of a sheet, by the sheet's name.
    named: HashMap<String, String>,
}

/// Of one sheet.
#[derive(Debug, Default)]
pub(crate) struct OfSheet {
    /// Rows that are hidden, from 1.
    pub hidden_rows: HashSet<u32>,
    /// Columns that are hidden, from 0.
    pub hidden_columns: BTreeSet<usize>,
    /// Cells with a formula and no value.
    pub uncomputed: u64,
    /// The first of them, as `B2`.
    pub first: String,
}

impl OfSheet {
    /// Hides these columns, counted from 0: as many of them as are read.
    pub fn hide_columns(&mut self, first: usize, last: usize) {
        self.hidden_columns.extend(first..last.saturating_add(1).min(MAX_COLUMNS));
    }
}

impl Facts {
    /// Gathers from this part.
    pub fn part(&mut self, name: &str) -> Part<'_> {
        let kind = if name.ends_with("workbook.xml") {
            Kind::Book
        } else if name.ends_with("workbook.xml.rels") {
            Kind::Relations
        } else if name.contains("worksheets/") && name.len() <= MAX_NAME {
            self.sheets.insert(name.to_owned(), OfSheet::default());
            Kind::Sheet(name.to_owned())
        } else {
            Kind::Other
        };
        Part { facts: self, kind, row: 0, cell: String::new(), formula: false, value: false, in_value: false }
    }

    /// What is known of a sheet, by its name.
    pub fn of(&self, sheet: &str) -> Option<&OfSheet> {
        let target = self.relations.get(self.named.get(sheet)?)?;
        let target = target.trim_start_matches('/');
        let path = if target.starts_with("xl/") { target.to_owned() } else { format!("xl/{target}") };
        self.sheets.get(&path)
    }
}

enum Kind {
    Book,
    Relations,
    Sheet(String),
    Other,
}

/// A part that is being read.
pub(crate) struct Part<'a> {
    facts: &'a mut Facts,
    kind: Kind,
    /// The row that is open, from 1.
    row: u32,
    /// The cell that is open.
    cell: String,
    formula: bool,
    value: bool,
    in_value: bool,
}

fn attribute(tag: &BytesStart<'_>, local: &str) -> Option<String> {
    let found = tag.attributes().with_checks(false).flatten().find(|one| one.key.local_name().as_ref() == local)?;
    let value = found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?;
    (value.len() <= MAX_NAME).then(|| value.into_owned())
}

fn hidden(tag: &BytesStart<'_>) -> bool {
    attribute(tag, "hidden").is_some_and(|hidden| matches!(hidden.as_str(), "1" | "true"))
}

impl Part<'_> {
    /// An event of the part.
    pub fn see(&mut self, event: &Event<'_>) {
        match (&self.kind, event) {
            (Kind::Other, _) => {}
            (Kind::Book, Event::Start(tag)) if tag.local_name().as_ref() == "sheet" => {
                // `r:id`, and not `sheetId`.
                if let (Some(name), Some(id)) = (attribute(tag, "name"), attribute(tag, "id")) {
                    self.facts.named.insert(name, id);
                }
            }
            (Kind::Relations, Event::Start(tag)) if tag.local_name().as_ref() == "Relationship" => {
                if let (Some(id), Some(target)) = (attribute(tag, "Id"), attribute(tag, "Target")) {
                    self.facts.relations.insert(id, target.to_lowercase());
                }
            }
            (Kind::Sheet(_), event) => self.of_sheet(event),
            _ => {}
        }
    }

    fn of_sheet(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "row" => {
                    self.row = attribute(tag, "r").and_then(|r| r.parse().ok()).unwrap_or(self.row.saturating_add(1));
                    let (row, hidden) = (self.row, hidden(tag));
                    if let Some(sheet) = self.sheet().filter(|sheet| hidden && sheet.hidden_rows.len() < MAX_ROWS) {
                        sheet.hidden_rows.insert(row);
                    }
                }
                "col" if hidden(tag) => {
                    let number = |name| attribute(tag, name).and_then(|number| number.parse::<usize>().ok()?.checked_sub(1));
                    if let (Some(first), Some(last), Some(sheet)) = (number("min"), number("max"), self.sheet()) {
                        sheet.hide_columns(first, last);
                    }
                }
                "c" => {
                    self.cell.clear();
                    if let Some(reference) = tag.attributes().with_checks(false).flatten().find(|one| one.key.as_ref() == "r") {
                        self.cell.extend(reference.value.chars().take(16));
                    }
                    (self.formula, self.value, self.in_value) = (false, false, false);
                }
                "f" => self.formula = true,
                "v" => self.in_value = true,
                "is" => self.value = true,
                _ => {}
            },
            Event::Text(text) if self.in_value => self.value |= !text.is_empty(),
            Event::End(tag) => match tag.local_name().as_ref() {
                "v" => self.in_value = false,
                "c" if self.formula && !self.value => {
                    self.formula = false;
                    let cell = self.cell.clone();
                    if let Some(sheet) = self.sheet() {
                        sheet.uncomputed += 1;
                        if sheet.first.is_empty() {
                            sheet.first = cell;
                        }
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn sheet(&mut self) -> Option<&mut OfSheet> {
        match &self.kind {
            Kind::Sheet(name) => self.facts.sheets.get_mut(name),
            _ => None,
        }
    }
}
