//! Plans are data: a file of the licensor's says what each limits and for how much it is sold. The
//! program comes with one (`core/data/plan`); `billing.plans` names another one in its place.
//!
//! A file that is misread would sell for a wrong price or stop a paying company, so a broken one is
//! refused in words before anything starts. The plans of a process are read once ([`install`]) and
//! stay in memory: what a claim binds costs no statement.

use std::{
    collections::BTreeSet,
    fmt,
    str::FromStr,
    sync::{LazyLock, OnceLock},
};

use chrono::NaiveDate;
use config::{Config, File, FileFormat};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use sqlx::{Database, Decode, Encode, Type, encode::IsNull, error::BoxDynError};

use super::{Language, load::Load};

/// The plans the program comes with.
pub const SHIPPED: &str = include_str!("../../data/plan/plans.toml");

/// The longest code of a plan, bytes: it stands in buttons.
const CODE: usize = 16;
/// Longest name of a plan, characters: it stands on a button with a price.
const NAME: usize = 32;
/// Longest text of the terms, characters: with a plan and buttons it fits one message.
const TERMS: usize = 2_500;
/// Most months that are sold at once.
const MONTHS: u32 = 60;
/// Most of anything that is counted in money: far from where sums could pass an integer.
const MOST: i64 = 1_000_000_000_000;
/// Most Telegram Stars of one invoice.
const MOST_STARS: i64 = 100_000;

/// The word of a plan in tables, commands, keys and buttons: small Latin letters, digits, `_`, at
/// most 16 of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanCode([u8; CODE]);

impl PlanCode {
    /// To try; of the plans that the program comes with.
    pub const TRIAL: Self = Self::of(b"trial");
    /// A small company; of the plans that the program comes with.
    pub const START: Self = Self::of(b"start");
    /// A company that sends every week; of the plans that the program comes with.
    pub const BUSINESS: Self = Self::of(b"business");
    /// No limits; of the plans that the program comes with.
    pub const UNLIMITED: Self = Self::of(b"unlimited");

    const fn of(word: &[u8]) -> Self {
        let mut code = [0; CODE];
        let mut at = 0;
        while at < word.len() {
            code[at] = word[at];
            at += 1;
        }
        Self(code)
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(CODE);
        // Only ASCII is ever taken in.
        std::str::from_utf8(&self.0[..end]).unwrap_or_default()
    }

    /// The plan of this code among those of the process; `None`: there is none.
    #[must_use]
    pub fn plan(self) -> Option<&'static Plan> {
        book().plan(self)
    }
}

/// A word that is no code of a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no code of a plan: write small Latin letters, digits and `_`, 16 at most")]
pub struct BadCode(String);

impl FromStr for PlanCode {
    type Err = BadCode;
    fn from_str(word: &str) -> Result<Self, BadCode> {
        let fits = (1..=CODE).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if fits { Ok(Self::of(word.as_bytes())) } else { Err(BadCode(word.to_owned())) }
    }
}

impl fmt::Display for PlanCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for PlanCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for PlanCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for PlanCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<DB: Database> Type<DB> for PlanCode
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        String::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        String::compatible(ty)
    }
}

impl<'q, DB: Database> Encode<'q, DB> for PlanCode
where
    String: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buffer: &mut <DB as Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        self.as_str().to_owned().encode(buffer)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for PlanCode
where
    String: Decode<'r, DB>,
{
    fn decode(value: <DB as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(String::decode(value)?.parse::<Self>()?)
    }
}

/// A plan: a limit that is `None` is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    pub code: PlanCode,
    /// Its name in Russian and in English.
    pub ru: String,
    pub en: String,
    /// Members who can sign in.
    pub members: Option<i64>,
    pub channels: Option<i64>,
    pub contacts: Option<i64>,
    /// People whom campaigns write to in a calendar month, each counted once.
    pub people_a_month: Option<i64>,
    /// Campaign messages in a calendar month.
    pub messages_a_month: Option<i64>,
    /// How much of the server a company takes at a time.
    pub load: Load,
    /// What is sold of it; none: it is not sold.
    pub offers: Vec<Offer>,
    /// The first day of its sale.
    pub from: Option<NaiveDate>,
    /// The last day of its sale.
    pub until: Option<NaiveDate>,
}

/// So many months of a plan for so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Calendar months.
    pub months: u32,
    /// Hundredths of [`Book::currency`].
    pub kopecks: i64,
    /// Telegram Stars; `None`: it is not sold for them.
    pub stars: Option<i64>,
}

impl Plan {
    /// Its name in a language.
    #[must_use]
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::Ru => &self.ru,
            Language::En => &self.en,
        }
    }

    /// Whether it is sold on a day.
    #[must_use]
    pub fn is_sold(&self, day: NaiveDate) -> bool {
        !self.offers.is_empty() && self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|last| day <= last)
    }

    /// What it costs for so many months, if that is sold.
    #[must_use]
    pub fn offer(&self, months: u32) -> Option<Offer> {
        self.offers.iter().copied().find(|offer| offer.months == months)
    }
}

/// What is accepted with a purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    pub ru: String,
    pub en: String,
}

impl Terms {
    /// The text in a language.
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Ru => self.ru.trim(),
            Language::En => self.en.trim(),
        }
    }

    /// The text's SHA-256, as hex.
    #[must_use]
    pub fn hash(&self, language: Language) -> String {
        hex::encode(Sha256::digest(self.text(language)))
    }
}

/// All plans of an edition, smallest first as the file has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// The day of this edition.
    pub edition: NaiveDate,
    /// ISO 4217, of every price.
    pub currency: String,
    pub plans: Vec<Plan>,
    pub terms: Terms,
}

impl Book {
    /// A plan by its code.
    #[must_use]
    pub fn plan(&self, code: PlanCode) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.code == code)
    }

    /// The plans that are sold on a day.
    pub fn sold(&self, day: NaiveDate) -> impl Iterator<Item = &Plan> {
        self.plans.iter().filter(move |plan| plan.is_sold(day))
    }

    /// The codes, for a sentence.
    #[must_use]
    pub fn codes(&self) -> String {
        self.plans.iter().map(|plan| plan.code.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Why a file of plans is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// It cannot be read at all, or says something that is not asked for.
    #[error("the file cannot be read: {0}")]
    Shape(String),
    /// A plan says something impossible.
    #[error("the plan `{code}` {what}")]
    Plan { code: String, what: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    edition: NaiveDate,
    currency: String,
    plan: Vec<PlanShape>,
    terms: Terms,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanShape {
    code: String,
    ru: String,
    en: String,
    members: Option<i64>,
    channels: Option<i64>,
    contacts: Option<i64>,
    people_a_month: Option<i64>,
    messages_a_month: Option<i64>,
    #[serde(default)]
    load: Load,
    #[serde(default)]
    offers: Vec<Offer>,
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
}

/// Reads a file of plans.
///
/// # Errors
/// [`Broken`], in words.
pub fn read(text: &str) -> Result<Book, Broken> {
    let shape: Shape = Config::builder()
        .add_source(File::from_str(text, FileFormat::Toml))
        .build()
        .and_then(Config::try_deserialize)
        .map_err(|error| Broken::Shape(error.to_string()))?;
    if shape.currency.len() != 3 || !shape.currency.bytes().all(|b| b.is_ascii_uppercase()) || shape.currency == "XTR" {
        return Err(Broken::Shape(format!("`{}` is no currency: write for example `RUB`", shape.currency)));
    }
    for text in [&shape.terms.ru, &shape.terms.en] {
        let length = text.trim().chars().count();
        if length == 0 || length > TERMS {
            return Err(Broken::Shape(format!("the terms have {length} characters: write from 1 to {TERMS} in both languages")));
        }
    }
    if shape.plan.is_empty() {
        return Err(Broken::Shape("there is no plan in it".to_owned()));
    }
    let mut codes = BTreeSet::new();
    let mut plans = Vec::with_capacity(shape.plan.len());
    for plan in shape.plan {
        let plan = looked_at(plan)?;
        if !codes.insert(plan.code) {
            return Err(Broken::Plan { code: plan.code.to_string(), what: "is there twice".to_owned() });
        }
        plans.push(plan);
    }
    Ok(Book { edition: shape.edition, currency: shape.currency, plans, terms: shape.terms })
}

fn looked_at(shape: PlanShape) -> Result<Plan, Broken> {
    let broken = |what: String| Broken::Plan { code: shape.code.clone(), what };
    let code: PlanCode = shape.code.parse().map_err(|error: BadCode| broken(format!("has no code: {error}")))?;
    if [&shape.ru, &shape.en].iter().any(|name| name.trim().is_empty() || name.chars().count() > NAME) {
        return Err(broken(format!("needs a name of 1 to {NAME} characters in both languages")));
    }
    let limits = [
        ("members", shape.members),
        ("channels", shape.channels),
        ("contacts", shape.contacts),
        ("people_a_month", shape.people_a_month),
        ("messages_a_month", shape.messages_a_month),
    ];
    for (name, limit) in limits {
        if limit.is_some_and(|limit| !(1..=MOST).contains(&limit)) {
            return Err(broken(format!("limits `{name}` to what cannot be: write a number above zero, or leave it out for no limit")));
        }
    }
    for (name, limit) in shape.load.named() {
        if !(1..=MOST).contains(&limit) {
            return Err(broken(format!("limits `{name}` to what cannot be: write a number above zero, or leave it out for the usual one")));
        }
    }
    if let (Some(from), Some(until)) = (shape.from, shape.until)
        && until < from
    {
        return Err(broken("is sold until a day before its first one".to_owned()));
    }
    let mut months = BTreeSet::new();
    for offer in &shape.offers {
        if !(1..=MONTHS).contains(&offer.months) {
            return Err(broken(format!("is offered for {} months: write from 1 to {MONTHS}", offer.months)));
        }
        if !months.insert(offer.months) {
            return Err(broken(format!("is offered for {} months twice", offer.months)));
        }
        if !(1..=MOST).contains(&offer.kopecks) {
            return Err(broken(format!("costs {} kopecks: write a number above zero", offer.kopecks)));
        }
        if offer.stars.is_some_and(|stars| !(1..=MOST_STARS).contains(&stars)) {
            return Err(broken(format!("costs a number of Stars that cannot be: write from 1 to {MOST_STARS}, or leave it out")));
        }
    }
    Ok(Plan {
        code,
        ru: shape.ru,
        en: shape.en,
        members: shape.members,
        channels: shape.channels,
        contacts: shape.contacts,
        people_a_month: shape.people_a_month,
        messages_a_month: shape.messages_a_month,
        load: shape.load,
        offers: shape.offers,
        from: shape.from,
        until: shape.until,
    })
}

/// The plans of the licensor's own file.
static OWN: OnceLock<Book> = OnceLock::new();
/// The plans the program comes with. They are part of it, and a test reads them.
static COMES_WITH: LazyLock<Book> = LazyLock::new(|| {
    read(SHIPPED).unwrap_or_else(|broken| {
        tracing::error!(%broken, "the plans cannot be read");
        Book { edition: NaiveDate::MIN, currency: String::new(), plans: Vec::new(), terms: Terms { ru: String::new(), en: String::new() } }
    })
});

/// Takes a book for the plans of the process, in place of those it comes with: once, before
/// anything starts. `false`: another one was taken before.
pub fn install(book: Book) -> bool {
    OWN.set(book).is_ok()
}

/// The plans of the process.
#[must_use]
pub fn book() -> &'static Book {
    OWN.get().unwrap_or_else(|| &COMES_WITH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plans_the_program_comes_with_can_be_read() {
        let book = read(SHIPPED).expect("they can be read");
        assert_eq!(book.codes(), "trial, start, business, unlimited");
        let codes = [PlanCode::TRIAL, PlanCode::START, PlanCode::BUSINESS, PlanCode::UNLIMITED];
        for code in codes {
            let plan = book.plan(code).expect("it is there");
            assert_eq!(plan.code.as_str().parse(), Ok(code));
        }
        let day = NaiveDate::from_ymd_opt(2026, 12, 1).expect("a day");
        assert_eq!(book.sold(day).map(|plan| plan.code).collect::<Vec<_>>(), [PlanCode::START, PlanCode::BUSINESS, PlanCode::UNLIMITED]);
        assert_eq!(book.plan(PlanCode::START).and_then(|plan| plan.offer(12)).map(|offer| offer.kopecks), Some(4_900_000));
        assert_ne!(book.terms.hash(Language::Ru), book.terms.hash(Language::En));
    }

    #[test]
    fn a_plan_is_sold_from_its_first_day_to_its_last() {
        let text = SHIPPED.replace("code = \"start\"", "code = \"start\"\nfrom = \"2026-12-01\"\nuntil = \"2026-12-31\"");
        let book = read(&text).expect("it can be read");
        let sold =
            |day| book.plan(PlanCode::START).is_some_and(|plan| plan.is_sold(NaiveDate::from_ymd_opt(2026, 12, day).expect("a day")));
        assert!(sold(1) && sold(31));
        let january = NaiveDate::from_ymd_opt(2027, 1, 1).expect("a day");
        assert!(!book.plan(PlanCode::START).is_some_and(|plan| plan.is_sold(january)));
    }

    #[test]
    fn a_broken_file_is_refused_in_words() {
        let table = [
            ("edition = \"2026-11-30\"", "", "edition"),
            ("currency = \"RUB\"", "currency = \"XTR\"", "is no currency"),
            ("code = \"start\"", "code = \"trial\"", "the plan `trial` is there twice"),
            ("code = \"start\"", "code = \"Старт\"", "the plan `Старт` has no code"),
            ("members = 3", "members = 0", "the plan `trial` limits `members`"),
            ("members = 3", "membres = 3", "membres"),
            ("members = 3", "members = 3\nload = { campaigns = 0 }", "the plan `trial` limits `load.campaigns`"),
            ("members = 3", "members = 3\nload = { widgets = 5 }", "widgets"),
            ("kopecks = 4_900_00", "kopecks = -1", "the plan `start` costs -1 kopecks"),
            ("stars = 2_900", "stars = 0", "number of Stars"),
            ("months = 12, kopecks = 49_000_00", "months = 1, kopecks = 49_000_00", "for 1 months twice"),
            ("months = 12, kopecks = 49_000_00", "months = 0, kopecks = 49_000_00", "for 0 months"),
            ("ru = \"Пробный\"", "ru = \"\"", "needs a name"),
        ];
        for (was, is, words) in table {
            let text = SHIPPED.replace(was, is);
            assert_ne!(text, SHIPPED, "{was} is not there");
            let broken = read(&text).expect_err(is).to_string();
            assert!(broken.contains(words), "{is}: {broken}");
        }
        assert!(read("").is_err());
    }

    #[test]
    fn a_plan_says_its_load_or_has_the_usual_one() {
        let text = SHIPPED.replace("members = 3", "members = 3\nload = { campaigns = 5 }");
        let book = read(&text).expect("it can be read");
        let load = |code| book.plan(code).map(|plan| plan.load);
        assert_eq!(load(PlanCode::TRIAL), Some(Load { campaigns: 5, ..Load::default() }));
        assert_eq!(load(PlanCode::START), Some(Load::default()));
    }

    #[test]
    fn a_code_is_what_a_button_can_carry() {
        for good in ["a", "start_2027", "sixteen_letters_"] {
            assert_eq!(good.parse::<PlanCode>().map(|code| code.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "Gold", "a:b", "seventeen_letters", "ё"] {
            assert!(bad.parse::<PlanCode>().is_err(), "{bad}");
        }
        let json = serde_json::to_string(&PlanCode::TRIAL).expect("written");
        assert_eq!((json.as_str(), serde_json::from_str::<PlanCode>(&json).expect("read")), ("\"trial\"", PlanCode::TRIAL));
    }
}
