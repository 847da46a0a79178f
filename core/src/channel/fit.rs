//! One message for every messenger: what a messenger cannot show is woven into the words here, in
//! one way for the check at approval, for previews and for sending, and before the words are kept.
//! An adapter writes what comes out as it is and adds nothing.
//!
//! A style that is not shown goes; the address of a link stands behind its words where a link has
//! no words of its own; a button that cannot stand is a line below the text: an address, the
//! answers to a question, the way out. What is too long then is told ([`Unfit`]), and nothing of it
//! is cut but the words on a button. What has nothing to be fitted comes out as it went in, and
//! fitting twice is fitting once.

use super::{Button, ButtonAction, Capabilities, FileKind, Free, OPT_OUT_CALLBACK, marks::Marks};
use crate::{
    text::{Rich, Span, Style},
    words::Reason,
};

/// What a provider counts a length in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Utf16,
    /// Unicode scalar values.
    Chars,
    /// Of UTF-8.
    Bytes,
}

impl Unit {
    /// How long a text is.
    #[must_use]
    pub fn of(self, text: &str) -> usize {
        match self {
            Self::Utf16 => text.encode_utf16().count(),
            Self::Chars => text.chars().count(),
            Self::Bytes => text.len(),
        }
    }
}

/// How a messenger shows styles, and what of them its limits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    /// It shows none.
    None,
    /// It shows none, and makes a link of `[name|words]`.
    Mentions,
    /// They go beside the text and do not count. So many are kept of a message.
    Beside { most: usize },
    /// Tags within the text, which count; neither quotations nor hidden pieces.
    Tags,
    /// Marks within the text, which count.
    Marks(Marks),
}

/// Whether buttons that open a page stand under a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    Stand,
    /// One, with no other button beside it.
    Alone,
    /// They are words.
    Said,
}

/// Whether buttons that answer stand under a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    Stand,
    /// A press comes back as the words on it: the way out stands only where those mean it.
    Understood,
    /// They are words.
    Said,
}

/// What buttons under a message may be like; how many, says [`Capabilities::max_buttons`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyboard {
    pub links: Links,
    pub answers: Answers,
    /// Characters on a button; of more its beginning is shown.
    pub label: usize,
    /// Characters of the address that a button opens; a longer one is words.
    pub address: usize,
    /// Buttons in a row, and rows.
    pub row: usize,
    pub rows: usize,
    /// The longest words that buttons stand under: under longer ones, or none, they are words.
    pub under: usize,
    /// Marks of HTML are read on a button.
    pub reads_html: bool,
}

impl Keyboard {
    /// Buttons of every kind and size.
    pub const ANY: Self = Self {
        links: Links::Stand,
        answers: Answers::Stand,
        label: usize::MAX,
        address: usize::MAX,
        row: usize::MAX,
        rows: usize::MAX,
        under: usize::MAX,
        reads_html: false,
    };
    /// No buttons at all.
    pub const NONE: Self = Self { links: Links::Said, answers: Answers::Said, ..Self::ANY };
}

/// The most that a message may weigh as a whole, bytes, and what is reckoned beside its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    pub most: usize,
    /// All that is no words and no buttons.
    pub message: usize,
    /// A button without what is written on it and where it leads.
    pub button: usize,
}

/// A message as its messenger shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// Text or caption.
    pub body: Rich,
    /// Rows of buttons.
    pub buttons: Vec<Vec<Button>>,
    /// The answers that became words: whoever writes one of them presses it
    /// ([`Capabilities::presses_are_words`]).
    pub said: Vec<Button>,
}

/// Why a message does not go through a messenger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("the message is empty")]
    Empty,
    /// The words are too long.
    #[error("{units} of {limit}")]
    TooLong {
        /// As the messenger counts, with what was woven into them.
        units: usize,
        limit: usize,
        /// They stand under a file.
        caption: bool,
        /// Addresses and buttons are among them.
        woven: bool,
    },
    /// A recipient whose device is too old for buttons gets them in words, and that is too long.
    #[error("{units} of {limit} with the buttons in words")]
    TooLongInWords { units: usize, limit: usize },
    /// No words stand under such a file.
    #[error("no words stand under such a file")]
    NoWordsUnderFile,
    /// The messenger takes no other files than pictures.
    #[error("pictures alone are taken")]
    PicturesOnly,
    #[error("{count} buttons of {limit}")]
    TooManyButtons { count: usize, limit: usize },
    /// A question whose answers can stand neither under it nor in it.
    #[error("its answers can stand neither under it nor in words")]
    NoAnswers,
    /// The whole of it is too big.
    #[error("{bytes} bytes of {limit}")]
    TooHeavy { bytes: usize, limit: usize },
    /// Two buttons that say different things begin alike, and no more than that is shown of them.
    #[error("two buttons would both say «{shown}»")]
    Alike {
        shown: String,
        /// What the later of them says.
        says: String,
    },
}

impl Unfit {
    /// What a message that does not fit is recorded with.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Empty => Reason::Empty,
            Self::TooLong { .. } | Self::TooLongInWords { .. } | Self::TooHeavy { .. } => Reason::TooLong,
            Self::NoWordsUnderFile | Self::PicturesOnly | Self::TooManyButtons { .. } | Self::NoAnswers | Self::Alike { .. } => {
                Reason::Rejected
            }
        }
    }
}

/// Makes a message fit a messenger; `file`: what goes along.
///
/// # Errors
/// All that keeps it from fitting, at least one.
pub fn fit(body: Rich, buttons: Vec<Vec<Button>>, file: Option<FileKind>, to: &Capabilities) -> Result<Fitted, Vec<Unfit>> {
    made(body, buttons, file, to, false)
}

/// The same for a recipient whose device shows neither buttons nor styles
/// ([`Capabilities::older_devices`]).
///
/// # Errors
/// As [`fit`].
pub fn in_words(body: Rich, buttons: Vec<Vec<Button>>, file: Option<FileKind>, to: &Capabilities) -> Result<Fitted, Vec<Unfit>> {
    made(body, buttons, file, to, true)
}

/// A text with the addresses of its links behind their words.
#[must_use]
pub fn addressed(body: Rich) -> Rich {
    addresses(body).0
}

/// The words of a message that goes by a template of the provider's, which was made of them: the
/// styles that are shown, and the addresses of links.
#[must_use]
pub fn by_template(body: Rich, to: &Capabilities) -> Rich {
    styled(body, false, to, false).0
}

/// A message outside campaigns, made to fit.
///
/// # Errors
/// As [`fit`].
pub fn free(free: Free, to: &Capabilities) -> Result<Free, Vec<Unfit>> {
    let Free { body, media, buttons, remove_keyboard } = free;
    let Fitted { body, buttons, .. } = fit(body, buttons, media.as_ref().map(|media| media.kind), to)?;
    Ok(Free { body, media, buttons, remove_keyboard })
}

fn made(body: Rich, buttons: Vec<Vec<Button>>, file: Option<FileKind>, to: &Capabilities, plain: bool) -> Result<Fitted, Vec<Unfit>> {
    let mut unfit = Vec::new();
    let limit = file.map_or(to.text_limit, |kind| to.words_under(kind));
    let (mut body, mut woven) = styled(body, file.is_some(), to, plain);
    let (mut buttons, mut said) = stand(buttons, to, plain);
    if !buttons.is_empty() && !stands_under(&mut body, &buttons, &said, to) {
        said.extend(std::mem::take(&mut buttons).into_iter().flatten());
    }
    if !said.is_empty() {
        match lines(&body.text, &said, to) {
            Some(lines) => woven |= append(&mut body.text, &lines),
            None => unfit.push(Unfit::NoAnswers),
        }
    }
    woven |= settle(&mut body, to);
    let mut units = length(&body, to, limit);
    if units > limit && !body.spans.is_empty() && !matches!(to.markup, Markup::Beside { .. }) {
        // A message without bold letters is better than none. The addresses stay.
        let (plain, addressed) = addresses(body);
        body = Rich::plain(plain.text);
        woven |= addressed;
        units = length(&body, to, limit);
    }
    let words = !body.text.trim().is_empty();
    if !words && file.is_none() {
        unfit.push(Unfit::Empty);
    }
    match file {
        Some(kind) if to.pictures_only && kind != FileKind::Photo => unfit.push(Unfit::PicturesOnly),
        Some(_) if words && limit == 0 => unfit.push(Unfit::NoWordsUnderFile),
        _ if units > limit => unfit.push(Unfit::TooLong { units, limit, caption: file.is_some(), woven }),
        _ => unfit.extend(in_words_too(&body, &buttons, limit, to)),
    }
    let count = buttons.iter().map(Vec::len).sum::<usize>();
    if count > to.max_buttons {
        unfit.push(Unfit::TooManyButtons { count, limit: to.max_buttons });
    }
    unfit.extend(alike(&buttons, to.keyboard));
    labelled(&mut buttons, to.keyboard);
    let buttons = rowed(buttons, to.keyboard);
    unfit.extend(too_heavy(&body, &buttons, to));
    said.retain(|button| matches!(&button.action, ButtonAction::Callback(data) if data != OPT_OUT_CALLBACK));
    if unfit.is_empty() { Ok(Fitted { body, buttons, said }) } else { Err(unfit) }
}

/// How long a text is as the messenger counts it; exactly so where that is more than `limit`.
fn length(body: &Rich, to: &Capabilities, limit: usize) -> usize {
    let own = to.unit.of(&body.text);
    match to.markup {
        _ if body.spans.is_empty() => own,
        Markup::None | Markup::Mentions | Markup::Beside { .. } => own,
        // Written out only where it could matter.
        Markup::Tags if own + tags(body) <= limit => own,
        Markup::Marks(marks) if own + marks.most(body) <= limit => own,
        Markup::Tags => to.unit.of(&body.to_html()),
        Markup::Marks(marks) => to.unit.of(&marks.written(body)),
    }
}

/// Whether buttons can stand under these words, with the lines that others become; marks make room
/// for them.
fn stands_under(body: &mut Rich, buttons: &[Vec<Button>], said: &[Button], to: &Capabilities) -> bool {
    let most = to.keyboard.under;
    if most == usize::MAX {
        return true;
    }
    if body.text.trim().is_empty() || buttons.iter().map(Vec::len).sum::<usize>() > to.max_buttons {
        return false;
    }
    let lines: usize = said.iter().map(|button| line(button, to)).sum();
    let room = most.saturating_sub(lines);
    if length(body, to, room) <= room {
        return true;
    }
    let fits = to.unit.of(&body.text) <= room;
    if fits {
        body.spans.clear();
    }
    fits
}

/// More units than the tags and the escapes of a text can add.
fn tags(body: &Rich) -> usize {
    let escapes = body.text.bytes().filter(|byte| matches!(byte, b'<' | b'>' | b'&' | b'"')).count() * 5;
    let one = |span: &Span| 30 + if let Style::Link(url) = &span.style { 6 * url.len() } else { 0 };
    // Each end of a span may close and open all of them.
    escapes + 2 * body.spans.len() * body.spans.iter().map(one).sum::<usize>()
}

/// The text without the styles that are not shown, links among them: their addresses stand behind
/// their words then. Whether any does.
fn styled(mut body: Rich, under_file: bool, to: &Capabilities, plain: bool) -> (Rich, bool) {
    if body.spans.is_empty() {
        return (body, false);
    }
    let shows = |style: &Style| match to.markup {
        _ if plain => false,
        Markup::None | Markup::Mentions => false,
        Markup::Beside { .. } => true,
        Markup::Tags => !matches!(style, Style::Spoiler | Style::Quote),
        Markup::Marks(marks) => (marks.under_files || !under_file) && marks.of(style).is_some(),
    };
    let has_links = body.spans.iter().any(|span| matches!(span.style, Style::Link(_)) && !shows(&span.style));
    let mut woven = false;
    if has_links {
        (body, woven) = addresses(body);
    }
    body.spans.retain(|span| shows(&span.style));
    (body, woven)
}

/// The text with the addresses of its links behind their words, and whether one was put there. The
/// other styles stay around what they were around.
fn addresses(mut body: Rich) -> (Rich, bool) {
    let mut put: Vec<(usize, String)> = Vec::new();
    for span in &body.spans {
        if let Style::Link(url) = &span.style {
            let under = body.bytes(span);
            if body.text[under.clone()].trim() != url {
                put.push((under.end, format!(" ({url})")));
            }
        }
    }
    body.spans.retain(|span| !matches!(span.style, Style::Link(_)));
    if put.is_empty() {
        return (body, false);
    }
    // From the end, so that the places before it stay where they are.
    put.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    for (at, words) in &put {
        let unit = body.text[..*at].encode_utf16().count();
        let more = words.encode_utf16().count();
        for span in &mut body.spans {
            if span.offset >= unit {
                span.offset += more;
            } else if span.offset.saturating_add(span.len) > unit {
                span.len += more;
            }
        }
        body.text.insert_str(*at, words);
    }
    (body, true)
}

/// The buttons that stand, and those that are words. A phone is asked for by a button or not at
/// all.
fn stand(mut rows: Vec<Vec<Button>>, to: &Capabilities, plain: bool) -> (Vec<Vec<Button>>, Vec<Button>) {
    let (mut links, mut others) = (0, 0);
    for button in rows.iter().flatten() {
        match button.action {
            ButtonAction::Url(_) => links += 1,
            ButtonAction::Callback(_) => others += 1,
            ButtonAction::SharePhone => {}
        }
    }
    let alone = links == 1 && others == 0;
    let stands = |button: &Button| match &button.action {
        _ if plain => false,
        ButtonAction::Url(url) => {
            url.chars().count() <= to.keyboard.address
                && match to.keyboard.links {
                    Links::Stand => true,
                    Links::Alone => alone,
                    Links::Said => false,
                }
        }
        ButtonAction::Callback(data) => match to.keyboard.answers {
            Answers::Stand => true,
            Answers::Understood => data != OPT_OUT_CALLBACK || means_stop(&button.text),
            Answers::Said => false,
        },
        ButtonAction::SharePhone => to.asks_phone,
    };
    if rows.iter().all(|row| !row.is_empty() && row.iter().all(stands)) {
        return (rows, Vec::new());
    }
    let mut said = Vec::new();
    for row in &mut rows {
        said.extend(row.extract_if(.., |button| !stands(button)));
    }
    rows.retain(|row| !row.is_empty());
    (rows, said)
}

/// Words on a button that everybody understands as «stop» when they come back as a text.
fn means_stop(words: &str) -> bool {
    const WORDS: [&str; 5] = ["отписаться", "отписка", "стоп", "stop", "unsubscribe"];
    WORDS.contains(&words.trim().to_lowercase().as_str())
}

/// The way out in words, in Russian and in English.
const WAY_OUT: [&str; 2] = ["Чтобы отписаться, ответьте «стоп».", "Reply “stop” to unsubscribe."];
/// What stands between the text and a line, and between lines.
const APART: &str = "\n\n";

fn is_russian(text: &str) -> bool {
    text.chars().any(|char| matches!(char, 'а'..='я' | 'А'..='Я'))
}

/// How long a button that is words makes a text at most.
fn line(button: &Button, to: &Capabilities) -> usize {
    let unit = to.unit;
    unit.of(APART)
        + match &button.action {
            ButtonAction::Url(url) => unit.of(&button.text) + unit.of(": ") + unit.of(url),
            ButtonAction::Callback(data) if data == OPT_OUT_CALLBACK => {
                WAY_OUT.iter().map(|words| unit.of(words)).max().unwrap_or_default()
            }
            ButtonAction::Callback(_) => unit.of(&button.text) + unit.of("Ответьте «» или "),
            ButtonAction::SharePhone => 0,
        }
}

/// What buttons become where they do not stand: addresses, the answers to a question, the way out.
/// `None`: there are answers that nobody would understand.
fn lines(text: &str, said: &[Button], to: &Capabilities) -> Option<String> {
    let russian = if text.trim().is_empty() { said.iter().any(|button| is_russian(&button.text)) } else { is_russian(text) };
    let (mut lines, mut stop, mut answers) = (Vec::new(), false, Vec::new());
    for button in said {
        match &button.action {
            ButtonAction::Url(url) => lines.push(format!("{}: {url}", button.text)),
            ButtonAction::Callback(data) if data == OPT_OUT_CALLBACK => stop = true,
            ButtonAction::Callback(_) if to.presses_are_words => answers.push(format!("«{}»", button.text)),
            ButtonAction::Callback(_) => return None,
            ButtonAction::SharePhone if to.asks_phone => return None,
            ButtonAction::SharePhone => {}
        }
    }
    if !answers.is_empty() {
        let (reply, or) = if russian { ("Ответьте", " или ") } else { ("Reply", " or ") };
        lines.push(format!("{reply} {}.", answers.join(or)));
    }
    if stop {
        lines.push(WAY_OUT[usize::from(!russian)].to_owned());
    }
    Some(lines.join(APART))
}

/// Puts lines below a text; whether there were any.
fn append(text: &mut String, lines: &str) -> bool {
    if lines.is_empty() {
        return false;
    }
    if text.trim().is_empty() {
        text.clear();
    } else {
        text.push_str(APART);
    }
    text.push_str(lines);
    true
}

/// What a messenger would read out of the finished words is taken out of them; whether the words
/// changed.
fn settle(body: &mut Rich, to: &Capabilities) -> bool {
    match to.markup {
        Markup::Marks(marks) if !body.spans.is_empty() => {
            // A message without bold letters is better than a wrong one.
            if marks.misread(&body.text) {
                body.spans.clear();
            } else {
                marks.clear(body);
            }
            false
        }
        Markup::Mentions => without_mentions(&mut body.text),
        _ => false,
    }
}

/// `[id123|Anna]` would be a link: whoever can put a name into a text could put a link there. Only
/// what can be one is changed, and the text keeps its length: its bracket becomes the full width
/// one, because no way of escaping is documented.
fn without_mentions(text: &mut String) -> bool {
    if !(text.contains('[') && text.contains('|')) {
        return false;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('[') {
        out.push_str(&rest[..at]);
        let inside = &rest[at + 1..];
        let is_mention = inside.split_once('|').is_some_and(|(object, label)| {
            let named = |char: char| char.is_ascii_alphanumeric() || "_.:/-?=&%#@*".contains(char);
            !object.is_empty() && object.chars().all(named) && label.contains(']')
        });
        out.push(if is_mention { '［' } else { '[' });
        rest = inside;
    }
    out.push_str(rest);
    let changed = out != *text;
    *text = out;
    changed
}

/// Where a device may be too old for buttons, the message must go in words as well.
fn in_words_too(body: &Rich, buttons: &[Vec<Button>], limit: usize, to: &Capabilities) -> Option<Unfit> {
    if !to.older_devices || buttons.is_empty() {
        return None;
    }
    let all = || buttons.iter().flatten();
    let is_way_out = |button: &&Button| matches!(&button.action, ButtonAction::Callback(data) if data == OPT_OUT_CALLBACK);
    // What cannot be said in words goes to newer devices alone.
    if all().any(|button| !is_way_out(&button) && !matches!(button.action, ButtonAction::Url(_))) {
        return None;
    }
    let lines: usize = all().map(|button| line(button, to)).sum();
    // Below nothing there is nothing between.
    let own = to.unit.of(&body.text);
    let units = if body.text.trim().is_empty() { lines.saturating_sub(to.unit.of(APART)) } else { own + lines };
    (units > limit).then_some(Unfit::TooLongInWords { units, limit })
}

/// Cuts what is written on buttons, and takes marks of HTML out of it.
fn labelled(rows: &mut [Vec<Button>], keyboard: Keyboard) {
    for button in rows.iter_mut().flatten() {
        if keyboard.reads_html && button.text.contains(['<', '>']) {
            button.text = button.text.replace('<', "‹").replace('>', "›");
        }
        if is_long(&button.text, keyboard) {
            button.text = cut(&button.text, keyboard.label);
        }
    }
}

/// Whether of these words only the beginning stands on a button.
fn is_long(words: &str, keyboard: Keyboard) -> bool {
    keyboard.label < usize::MAX && words.chars().count() > keyboard.label
}

/// Buttons that would say the same on this keyboard though they do not: a person could not choose,
/// and where a press comes back as its words neither could we.
#[must_use]
pub fn alike(rows: &[Vec<Button>], keyboard: Keyboard) -> Option<Unfit> {
    let words = || rows.iter().flatten().map(|button| button.text.as_str());
    words().filter(|words| is_long(words, keyboard)).find_map(|long| {
        let shown = cut(long, keyboard.label);
        let same = |other: &&str| *other != long && (*other == shown || is_long(other, keyboard) && cut(other, keyboard.label) == shown);
        let other = words().find(same)?;
        // The later of both is the one that came to the other.
        let says = words().rfind(|one| *one == long || *one == other)?.to_owned();
        Some(Unfit::Alike { shown, says })
    })
}

/// The beginning of a text, so many characters with the sign that there is more; no character that
/// people see is torn apart.
fn cut(text: &str, most: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut end = most.saturating_sub(1).min(chars.len());
    while end > 0 && is_torn(&chars, end) {
        end -= 1;
    }
    chars[..end].iter().collect::<String>().trim_end().chars().chain(['…']).collect()
}

/// Whether what people see as one character goes on over this place: marks on a letter, skin
/// colours, figures joined into one, flags of two letters.
fn is_torn(chars: &[char], at: usize) -> bool {
    let Some(after) = chars.get(at) else { return false };
    let is_flag = |char: &char| matches!(char, '\u{1f1e6}'..='\u{1f1ff}');
    let joins = matches!(after,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{200d}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}');
    let before = &chars[..at];
    let flags = before.iter().rev().take_while(|char| is_flag(char)).count();
    joins || before.last() == Some(&'\u{200d}') || is_flag(after) && flags % 2 == 1
}

/// Rows that are no longer and no more than may stand.
fn rowed(rows: Vec<Vec<Button>>, keyboard: Keyboard) -> Vec<Vec<Button>> {
    let fits = |rows: &[Vec<Button>]| rows.len() <= keyboard.rows && rows.iter().all(|row| row.len() <= keyboard.row);
    if fits(&rows) {
        return rows;
    }
    let parts: Vec<Vec<Button>> = rows.iter().flat_map(|row| row.chunks(keyboard.row)).map(<[Button]>::to_vec).collect();
    if fits(&parts) {
        return parts;
    }
    let all: Vec<Button> = rows.into_iter().flatten().collect();
    all.chunks(all.len().div_ceil(keyboard.rows).max(1)).map(<[Button]>::to_vec).collect()
}

/// What the whole weighs as JSON, reckoned from above.
fn too_heavy(body: &Rich, buttons: &[Vec<Button>], to: &Capabilities) -> Option<Unfit> {
    let Weight { most, message, button } = to.weight?;
    let escaped =
        |text: &str| text.bytes().map(|byte| if byte < 0x20 { 6 } else { 1 + usize::from(matches!(byte, b'"' | b'\\')) }).sum::<usize>();
    let marks = if let Markup::Marks(marks) = to.markup { marks.most(body) } else { 0 };
    let of_button = |one: &Button| {
        let carried = match &one.action {
            ButtonAction::Url(text) | ButtonAction::Callback(text) => escaped(text),
            ButtonAction::SharePhone => 0,
        };
        button + escaped(&one.text) + carried
    };
    let bytes = message + escaped(&body.text) + marks + buttons.iter().flatten().map(of_button).sum::<usize>();
    (bytes > most).then_some(Unfit::TooHeavy { bytes, limit: most })
}

#[cfg(test)]
mod tests;
