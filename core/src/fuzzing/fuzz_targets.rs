//! The targets themselves, and what must hold of what they answer.

use std::sync::{Arc, LazyLock};

use serde_json::json;

use super::archive;
use crate::{
    account::Language,
    channel::{Channel, ChannelKind, EventKind, registry},
    clock::Moment,
    consent::refusal,
    contact::{
        Field, FieldKind,
        import::{
            mapping,
            refused::{self, Told},
            row::RowReader,
            table::{self as file, MAX_COLUMNS, Table},
        },
        segment::{ContactFacts, Filter, MAX_LENGTH, Problem},
    },
    crm::{CrmHint, CrmKind, occasion::OccasionRef, registry as crm},
    id::{AccountId, FieldId},
    secret::Secret,
    store::Engine,
    template::{
        Class, Content, Facts, TemplateButton,
        engine::{Prepared, Work},
        lint::{self, Ground},
        meter,
    },
    text::phone as phones,
};

/// Between the parts of an input that has several.
const PART: &str = "\n---\n";

fn moment() -> Moment {
    // 23 November 2026.
    Moment::from_timestamp(1_795_437_605, 0).unwrap_or_default()
}

fn fields() -> Vec<Field> {
    let field = |key: &str, title: &str, kind| Field { id: FieldId(uuid::Uuid::nil()), key: key.to_owned(), title: title.to_owned(), kind };
    vec![
        field("city", "Город", FieldKind::Text),
        field("last_visit", "Дата визита", FieldKind::Date),
        field("birthday", "День рождения", FieldKind::Date),
        field("spent", "Потрачено", FieldKind::Number),
        field("vip", "VIP", FieldKind::Flag),
    ]
}

/// A template's body, a button's text, its link, and a value of the contact, parted by `---`:
/// parsed, checked, rendered.
///
/// # Panics
/// When a limit does not hold, or two renderings of the same differ.
pub fn template(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let mut parts = input.split(PART);
    let body = parts.next().unwrap_or_default().to_owned();
    let buttons = parts.next().map(|text| TemplateButton::Url { text: text.to_owned(), url: parts.next().unwrap_or_default().to_owned() });
    let city = parts.next().unwrap_or("Казань");
    let content = Content { class: Class::Advertising, body, media: None, buttons: buttons.into_iter().collect() };
    let attributes = json!({ "city": city, "last_visit": "2026-03-01", "spent": 12500.5, "vip": true });
    let facts = Facts {
        name: "Анна Петрова".into(),
        first_name: "Анна".into(),
        last_name: String::new(),
        attributes: attributes.as_object().cloned().unwrap_or_default(),
        account_name: "Ромашка".into(),
        advertiser: "ООО «Ромашка»".into(),
        now: moment(),
        zone: chrono_tz::Europe::Moscow,
        language: crate::account::Language::Ru,
    };
    let fields = fields();
    let ground = Ground {
        fields: &fields,
        account_name: &facts.account_name,
        advertiser: &facts.advertiser,
        now: facts.now,
        zone: facts.zone,
        ..Ground::default()
    };
    let findings = lint::lint(&content, &ground, registry::capabilities(ChannelKind::Telegram));
    for (line, column) in findings.iter().filter_map(|finding| finding.at) {
        assert!(line >= 1 && column >= 1, "places count from one");
    }
    let Ok(prepared) = Prepared::new(&content) else {
        assert!(!findings.is_empty(), "what cannot be parsed is a finding");
        return;
    };
    let (rendered, work) = prepared.render_counted(&facts);
    within_limits(&work);
    if let Ok(message) = &rendered {
        let units = message.body.text.encode_utf16().count();
        assert!(message.body.spans.iter().all(|span| span.len > 0 && span.offset + span.len <= units), "styles lie within the text");
        assert!(!message.body.text.chars().any(|c| ('\u{e100}'..='\u{e10f}').contains(&c)), "no hidden character is sent");
    }
    assert_eq!((rendered, work), prepared.render_counted(&facts), "a rendering is a function of template and contact");
}

/// What holds of every rendering, whatever the template.
pub(crate) fn within_limits(work: &Work) {
    assert!(work.steps <= meter::MAX_STEPS && work.turns <= meter::MAX_ITERATIONS + 1, "{work:?}");
    assert!(work.longest <= meter::MAX_OUTPUT && work.output <= meter::MAX_OUTPUT, "{work:?}");
}

/// A segment's line: read, written, read again; compiled for both engines; asked about a contact.
///
/// # Panics
/// When a written filter does not read as itself, or places and values do not fit.
pub fn segment(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let fields = fields();
    let filter = match Filter::parse(&text, &fields) {
        Ok(filter) => filter,
        Err(error) => {
            assert!(error.at + error.len <= text.chars().count(), "a place lies within the text: {error:?}");
            return;
        }
    };
    let canonical = filter.to_text();
    if canonical.chars().count() <= MAX_LENGTH {
        let again = Filter::parse(&canonical, &fields);
        assert_eq!(again.as_ref(), Ok(&filter), "the canonical text is the filter: {canonical}");
        assert_eq!(again.unwrap_or_default().to_text(), canonical, "and has one form");
        assert_eq!(Filter::parse_kept(&canonical, &fields).as_ref(), Ok(&filter), "it is read as it is kept: {canonical}");
    }
    for russian in [true, false] {
        let shown = filter.shown(&fields, russian);
        match Filter::parse(&shown, &fields) {
            Ok(again) => assert_eq!(again, filter, "what is shown is the filter: {shown}"),
            // In words a `not` has brackets of its own, and a grown line may be too long or too
            // deep.
            Err(error) => assert!(matches!(error.problem, Problem::TooLong | Problem::TooDeep | Problem::TooMany), "{shown}: {error:?}"),
        }
    }
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let compiled = filter.compile(engine, AccountId(uuid::Uuid::nil()), chrono_tz::Europe::Moscow, moment(), 3);
        let places = compiled.sql.matches('$').count();
        assert!(places >= compiled.binds.len(), "every value has a place: {} of {}", compiled.sql, compiled.binds.len());
        assert!(compiled.sql.is_ascii() && !compiled.sql.contains('\0'), "nothing of the text is in the statement: {}", compiled.sql);
    }
    let facts = ContactFacts { name: "Анна".into(), tags: vec!["vip".into()], phone: true, ..nobody() };
    let _ = filter.matches(&facts, chrono_tz::Asia::Vladivostok, moment());
}

fn nobody() -> ContactFacts {
    ContactFacts {
        name: String::new(),
        first_name: String::new(),
        last_name: String::new(),
        language: None,
        source: String::new(),
        attributes: serde_json::Map::new(),
        tags: Vec::new(),
        phone: false,
        telegram: false,
        consent: None,
        personal_data: None,
        opted_out: false,
        created: moment(),
        last_contacted: None,
        last_answered: None,
        occasions: Vec::new(),
    }
}

/// A file as a member sends it: read as a table, its columns guessed, its rows read, the refused
/// ones given back.
///
/// # Panics
/// When the table is not what it says, or the file of refused rows cannot be read.
pub fn table(input: &[u8]) {
    if let Ok(table) = file::read(input) {
        import(&table);
    }
}

/// A sheet of a workbook, its shared texts and its styles, parted by `---`, in an archive that is
/// whole.
///
/// # Panics
/// As [`table`].
pub fn workbook(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let mut parts = input.split(PART).map(str::as_bytes);
    let mut part = || parts.next().unwrap_or_default();
    table(&archive::workbook(part(), part(), part()));
}

fn import(table: &Table) {
    assert!((1..=MAX_COLUMNS).contains(&table.columns));
    assert!(table.rows.iter().all(|row| row.number > 0 && (1..=table.columns).contains(&row.width())));
    let fields = fields();
    let mapping = mapping::guess(table, "contacts.csv", &fields, "RU");
    assert_eq!(mapping.columns.len(), table.columns);
    let mut reader = RowReader::new(&mapping, &fields, "RU", moment().date_naive());
    let body = mapping.body(&table.rows);
    let mut told = Told::default();
    for (at, row) in body.iter().enumerate() {
        let read = reader.read(row);
        match read.draft {
            Some(draft) => {
                assert!(!draft.addresses.is_empty(), "a contact can be reached");
                told.partly.extend((!read.left_out.is_empty()).then_some((at, read.left_out)));
            }
            None => {
                assert!(!read.left_out.is_empty(), "nobody is refused without a reason");
                told.refused.push((at, read.left_out));
            }
        }
    }
    // Writing a workbook costs more than all the rest: a few rows of some files stand for all.
    told.refused.truncate(3);
    told.partly.truncate(3);
    let letters: usize = told.refused.iter().flat_map(|(at, _)| body[*at].cells()).map(str::len).sum();
    if !told.refused.is_empty() && letters % 16 < 2 {
        let book = refused::workbook(&mapping, body, &told, Language::Ru, &fields).expect("refused rows can be written");
        let back = file::read(&book).expect("and read");
        assert_eq!(back.rows.len(), 1 + told.refused.len(), "each refused row comes back");
    }
}

/// A phone, or a cell of phones.
///
/// # Panics
/// When a phone normalised or shown is another phone.
pub fn phone(input: &[u8]) {
    let cell = String::from_utf8_lossy(input);
    for region in ["RU", "DE", "KZ", "US", "??"] {
        let read = phones::read_cell(&cell, region);
        for (at, one) in read.found.iter().enumerate() {
            assert!(read.found[..at].iter().all(|other| other.e164 != one.e164), "each phone once");
            same(&one.e164, region);
        }
        if let Ok(e164) = phones::normalise(&cell, region) {
            same(&e164, region);
        }
    }
}

fn same(e164: &str, region: &str) {
    let national = e164.strip_prefix('+').unwrap_or_default();
    assert!((7..=15).contains(&national.len()) && national.bytes().all(|byte| byte.is_ascii_digit()), "{e164}");
    assert_eq!(phones::normalise(e164, region).as_deref(), Ok(e164), "normalised twice is the same");
    assert_eq!(phones::normalise(&phones::display(e164), region).as_deref(), Ok(e164), "shown, it is the same phone");
}

/// An update of a customers' channel of Telegram.
///
/// # Panics
/// When a start's payload is none.
pub fn telegram_update(input: &[u8]) {
    static CHANNEL: LazyLock<Arc<dyn Channel>> = LazyLock::new(|| {
        registry::build(ChannelKind::Telegram, &Secret::new("1:fuzz"), &crate::config::Endpoints::default()).expect("an adapter")
    });
    let Ok(raw) = std::str::from_utf8(input) else { return };
    let Ok(events) = CHANNEL.understand(raw) else { return };
    assert!(events.len() <= 1, "an update is one event");
    for event in events {
        assert!(event.from.parse::<i64>().is_ok(), "it comes from a chat");
        if let EventKind::Started(Some(payload)) = event.kind {
            assert!((1..=64).contains(&payload.len()) && payload.is_ascii());
        }
    }
}

/// A hook of amoCRM.
///
/// # Panics
/// When a hint names what is no number of a contact or a lead.
pub fn amocrm_hook(input: &[u8]) {
    let Ok(hints) = (crm::gate(CrmKind::Amocrm).understand)(input, Some("1")) else { return };
    assert!(!hints.is_empty());
    for hint in hints {
        if let CrmHint::Contact(id) | CrmHint::Occasion(OccasionRef { id, .. }) = hint {
            assert!(id.parse::<u64>().is_ok());
        }
    }
}

/// A body that some messenger sent, read as each of them would read it.
///
/// # Panics
/// When somebody's own phone is no phone.
pub fn channel_event(input: &[u8]) {
    static CHANNELS: LazyLock<Vec<Arc<dyn Channel>>> = LazyLock::new(|| {
        let endpoints = crate::config::Endpoints::default();
        let build = |kind: &ChannelKind| registry::build(*kind, &Secret::new("1:fuzz"), &endpoints).expect("an adapter");
        ChannelKind::ALL.iter().filter(|kind| **kind != ChannelKind::Telegram).map(build).collect()
    });
    let Ok(raw) = std::str::from_utf8(input) else { return };
    for events in CHANNELS.iter().filter_map(|channel| channel.understand(raw).ok()) {
        for phone in events.iter().filter_map(|event| event.profile.phone.as_deref()) {
            assert!(phone.strip_prefix('+').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())));
        }
    }
}

/// A hook of some CRM other than amoCRM, read as each of them would read it.
///
/// # Panics
/// When a hook is kept with what opens a portal, or a hint names nothing.
pub fn crm_hook(input: &[u8]) {
    for kind in CrmKind::ALL.iter().filter(|kind| **kind != CrmKind::Amocrm) {
        let gate = crm::gate(*kind);
        for hint in (gate.understand)(input, Some("1")).unwrap_or_default() {
            if let CrmHint::Contact(id) | CrmHint::Occasion(OccasionRef { id, .. }) = hint {
                assert!(!id.is_empty());
            }
        }
        if let Some(message) = (gate.message)(input) {
            assert!((1..=64).contains(&message.id.len()));
        }
        let kept = (gate.kept)(input);
        let opens = |key: &str| ["auth[access_token]", "auth[refresh_token]", "auth[application_token]"].contains(&key);
        assert!(*kind != CrmKind::Bitrix24 || !url::form_urlencoded::parse(&kept).any(|(key, _)| opens(&key)));
    }
}

/// A customer's message: what it says about being written to.
///
/// # Panics
/// When the same message is read in two ways.
pub fn refusal(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    assert_eq!(refusal::recognise(&text), refusal::recognise(&text), "an answer is a function of the message");
}
