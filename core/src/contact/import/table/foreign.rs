//! Files that people send for a table and that are something else: one sentence says what they are.

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Foreign {
    Pdf,
    /// JSON: the export of a chat or of a program's interface.
    Json,
    /// A web page, which many programs name `.xls`.
    Page,
    /// XML, which older programs name `.xls`.
    Xml,
    Picture,
    /// A text document.
    Document,
    Archive,
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pdf => "a PDF",
            Self::Json => "JSON",
            Self::Page => "a web page",
            Self::Xml => "XML",
            Self::Picture => "a picture",
            Self::Document => "a text document",
            Self::Archive => "an archive",
        })
    }
}

/// What the first bytes say.
pub(super) fn of_bytes(bytes: &[u8]) -> Option<Foreign> {
    const BEGINNINGS: &[(&[u8], Foreign)] = &[
        (b"%PDF", Foreign::Pdf),
        (b"{\\rtf", Foreign::Document),
        (b"\x89PNG", Foreign::Picture),
        (b"\xFF\xD8\xFF", Foreign::Picture),
        (b"GIF8", Foreign::Picture),
        (b"Rar!", Foreign::Archive),
        (b"7z\xBC\xAF", Foreign::Archive),
        (b"\x1F\x8B", Foreign::Archive),
    ];
    let webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    let heic = bytes.get(4..8) == Some(b"ftyp");
    if webp || heic {
        return Some(Foreign::Picture);
    }
    BEGINNINGS.iter().find(|(begin, _)| bytes.starts_with(begin)).map(|(_, what)| *what)
}

/// What the first characters say.
pub(super) fn of_text(text: &str) -> Option<Foreign> {
    let head: String = text.trim_start().chars().take(400).collect::<String>().to_ascii_lowercase();
    let mut json = head.chars().filter(|c| !c.is_whitespace());
    match (json.next(), json.next()) {
        (Some('['), Some('{' | '[')) | (Some('{'), Some('"')) => return Some(Foreign::Json),
        (Some('<'), _) => {}
        _ => return None,
    }
    // A workbook of Excel 2003 as XML has tables of its own.
    if head.starts_with("<?xml") && !head.contains("<html") {
        return Some(Foreign::Xml);
    }
    if ["<html", "<!doctype html", "<table", "<head", "<body", "<meta"].iter().any(|tag| head.contains(tag)) {
        return Some(Foreign::Page);
    }
    head.starts_with("<?xml").then_some(Foreign::Xml)
}

/// What an archive is that is no workbook, by the names of its parts.
pub(super) fn of_archive<'a>(mut names: impl Iterator<Item = &'a str>) -> Foreign {
    if names.any(|name| name == "word/document.xml" || name == "content.xml") { Foreign::Document } else { Foreign::Archive }
}
