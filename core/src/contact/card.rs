//! Finding contacts, and all that a contact's card shows.

use super::{
    Address, Contact, EMAIL, Field, PHONE, TELEGRAM, field,
    occasion::{self, Occasion},
    queries,
    source::{self, Rules, Source},
};
use crate::{
    channel::FileKind,
    clock::Moment,
    consent::{
        Grade, Purpose,
        signed::{self, Paper},
    },
    id::{AccountId, AddressId, CampaignId, ContactId, DeliveryId},
    on,
    store::Store,
    text::fold,
    text::phone,
    words::Why,
};

/// A contact in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Found {
    pub id: ContactId,
    pub name: String,
    /// A phone, where it was looked up.
    #[sqlx(default)]
    pub phone: Option<String>,
    /// The city, where it was looked up and the account has a field for it.
    #[sqlx(default)]
    pub city: Option<String>,
}

/// All that a card shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    pub contact: Contact,
    /// Tags by name.
    pub tags: Vec<String>,
    /// Addresses, the oldest first.
    pub addresses: Vec<Address>,
    /// What stands against writing to the addresses.
    pub suppressions: Vec<SuppressedAddress>,
    /// The last word on each purpose.
    pub consents: Vec<ConsentLine>,
    /// When the contact was asked for their consents last.
    pub asked: Asked,
    /// The last deliveries, newest first.
    pub deliveries: Vec<DeliveryLine>,
    /// The last messages, newest first.
    pub messages: Vec<MessageLine>,
    /// Visits, orders, deals as the CRM tells them, those to come first.
    pub occasions: Vec<Occasion>,
    /// The records of CRMs that the contact is, the first one first.
    pub sources: Vec<Source>,
    /// Whose word counts, where it is several.
    pub rules: Rules,
    /// Consents that they signed on paper, the oldest first.
    pub papers: Vec<Paper>,
}

impl Card {
    /// Why nothing goes to one of the contact's addresses: `opt_out`, `manual`, `complaint`,
    /// `blocked`. A stop is the person's, so it is shown at every address of theirs; a block is its
    /// address's.
    #[must_use]
    pub fn refusal(&self, address: &Address) -> Option<&str> {
        if self.contact.opted_out_at.is_some() {
            return Some("opt_out");
        }
        self.suppressions.iter().find(|one| one.address_id == address.id).map(|one| one.reason.as_str())
    }
}

/// What stands against writing to one of the contact's addresses.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SuppressedAddress {
    pub address_id: AddressId,
    /// Why: `opt_out`, `blocked`, `complaint`, `manual`.
    pub reason: String,
    pub created_at: Moment,
}

/// The last word on a purpose.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ConsentLine {
    pub purpose: Purpose,
    /// `granted` or `withdrawn`.
    pub action: String,
    /// The evidence.
    pub grade: Grade,
    pub at: Moment,
}

/// When a contact was asked for their consents last; without an answer the ledger has no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct Asked {
    /// To personal data.
    pub data_asked_at: Option<Moment>,
    /// To advertising.
    pub ads_asked_at: Option<Moment>,
}

impl Asked {
    /// When the contact was asked for this consent.
    #[must_use]
    pub fn of(self, purpose: Purpose) -> Option<Moment> {
        match purpose {
            Purpose::PersonalData => self.data_asked_at,
            Purpose::Marketing => self.ads_asked_at,
        }
    }
}

/// A delivery in a card.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DeliveryLine {
    pub id: DeliveryId,
    pub campaign_id: CampaignId,
    /// The campaign's name.
    pub campaign: String,
    /// The outcome, as the row's state.
    pub state: String,
    /// Why, where there is a reason.
    pub reason: Option<Why>,
    /// When it was sent, else when it came to its state.
    pub at: Moment,
}

/// A message in a card.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct MessageLine {
    /// `in` or `out`.
    pub direction: String,
    /// The text.
    pub body: String,
    pub at: Moment,
    /// What kind of file is with it.
    pub file_kind: Option<FileKind>,
    /// What became of a member's reply: `queued`, `sending`, `sent`, `failed`, `uncertain`.
    pub state: Option<String>,
    /// Why it failed.
    pub reason: Option<Why>,
    /// The provider's code and words, where it refused.
    pub detail: Option<String>,
}

/// Deliveries and messages in a card.
const HISTORY: i64 = 10;

/// A contact's row, deleted or not.
///
/// # Errors
/// The database's.
pub async fn contact(store: &Store, account: AccountId, id: ContactId) -> sqlx::Result<Option<Contact>> {
    on!(store.read(), |c| sqlx::query_as(queries::CONTACT).bind(account).bind(id).fetch_optional(c).await)
}

/// How many contacts the account has.
///
/// # Errors
/// The database's.
pub async fn count(store: &Store, account: AccountId) -> sqlx::Result<i64> {
    on!(store.read(), |c| sqlx::query_scalar(queries::COUNT).bind(account).fetch_one(c).await)
}

/// How many contacts the account has, but never more than `most` (counting all of a large account
/// takes as long as it is large).
///
/// # Errors
/// The database's.
pub async fn count_to(store: &Store, account: AccountId, most: i64) -> sqlx::Result<i64> {
    on!(store.read(), |c| sqlx::query_scalar(queries::COUNT_TO).bind(account).bind(most).fetch_one(c).await)
}

/// All that a contact's card shows; `None` when the account has no such contact.
///
/// # Errors
/// The database's.
pub async fn card(store: &Store, account: AccountId, id: ContactId) -> sqlx::Result<Option<Card>> {
    let Some(contact) = contact(store, account, id).await? else { return Ok(None) };
    let sources = source::of_contact(store, account, id).await?;
    let rules = if sources.len() > 1 { source::rules(store, account).await? } else { Rules::default() };
    Ok(Some(Card {
        contact,
        sources,
        rules,
        tags: on!(store.read(), |c| sqlx::query_scalar(queries::TAGS).bind(account).bind(id).fetch_all(c).await)?,
        addresses: on!(store.read(), |c| sqlx::query_as(queries::ADDRESSES).bind(account).bind(id).fetch_all(c).await)?,
        suppressions: on!(store.read(), |c| sqlx::query_as(queries::SUPPRESSIONS).bind(account).bind(id).fetch_all(c).await)?,
        consents: on!(store.read(), |c| sqlx::query_as(queries::CONSENTS).bind(account).bind(id).fetch_all(c).await)?,
        asked: on!(store.read(), |c| sqlx::query_as(queries::ASKED).bind(account).bind(id).fetch_optional(c).await)?.unwrap_or_default(),
        deliveries: on!(store.read(), |c| sqlx::query_as(queries::LAST_DELIVERIES)
            .bind(account)
            .bind(id)
            .bind(HISTORY)
            .fetch_all(c)
            .await)?,
        messages: on!(store.read(), |c| sqlx::query_as(queries::LAST_MESSAGES).bind(account).bind(id).bind(HISTORY).fetch_all(c).await)?,
        occasions: occasion::of_contact(store, account, id, HISTORY).await?,
        papers: signed::of_contact(store, account, id).await?,
    }))
}

/// The account's tags with how many contacts have each, the commonest first.
///
/// # Errors
/// The database's.
pub async fn tags(store: &Store, account: AccountId, limit: i64) -> sqlx::Result<Vec<(String, i64)>> {
    on!(store.read(), |c| sqlx::query_as(queries::ACCOUNT_TAGS).bind(account).bind(limit).fetch_all(c).await)
}

/// Most words of a name that are looked for.
const WORDS: usize = 5;
/// Fewer digits are no part of a phone.
const PART: usize = 4;

/// What a person typed to find somebody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Wanted {
    /// Folded words of the name, in any order, without apostrophes.
    words: Vec<String>,
    /// Digits of a phone that stand together.
    digits: String,
}

impl Wanted {
    fn of(typed: &str) -> Self {
        let digits = |word: &str| -> String { word.chars().filter(char::is_ascii_digit).collect() };
        let phone = |word: &&str| word.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | '.' | '…'));
        let (phones, names): (Vec<&str>, Vec<&str>) = typed.split_whitespace().partition(phone);
        let number = phones.concat();
        let few = digits(&number).len() < PART;
        let apart = |c: char| c.is_whitespace() || matches!(c, '-' | '‑' | '–' | ',');
        let name = if few { typed.to_owned() } else { names.join(" ") };
        let words = fold(&name).split(apart).map(without_apostrophes).filter(|word| !word.is_empty()).collect();
        Self { words, digits: if few { String::new() } else { digits(&number) } }
    }

    /// Patterns for the digits: anywhere in a phone, and a number dialled with 8 from its
    /// beginning.
    fn phones(&self) -> Vec<String> {
        let dialled = self.digits.strip_prefix('8').filter(|rest| rest.len() >= PART).map(|rest| format!("+7{rest}%"));
        std::iter::once(format!("%{}%", self.digits)).chain(dialled).collect()
    }
}

/// A word without apostrophes, which people write in many ways, and without quotation marks.
fn without_apostrophes(word: &str) -> String {
    let word = word.trim_matches(['"', '«', '»', '“', '”', '„']);
    word.chars().filter(|c| !matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | '′')).collect()
}

/// Contacts by what a person typed: a phone in any writing or a part of one (four digits at least),
/// an e-mail, a Telegram id, or words of a name in any order, case and with any apostrophe; name
/// and phone together narrow each other.
///
/// # Errors
/// The database's.
pub async fn find(store: &Store, account: AccountId, region: &str, typed: &str, limit: i64) -> sqlx::Result<Vec<Found>> {
    let typed = typed.trim();
    let city = field::list(store, account).await?.into_iter().find(is_city).map(|field| field.key);
    let by = By { store, account, city: city.as_deref(), limit };
    // A whole phone, as it was copied: with a word, as a link.
    for one in phone::read_cell(typed, region).found {
        let found = by.address(PHONE, &like(&one.e164)).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    if typed.contains('@') && !typed.contains(char::is_whitespace) {
        let found = by.address(EMAIL, &format!("%{}%", like(&typed.to_lowercase()))).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let wanted = Wanted::of(typed);
    if !wanted.digits.is_empty() {
        let mut found: Vec<Found> = Vec::new();
        for pattern in wanted.phones() {
            let more = if wanted.words.is_empty() { by.address(PHONE, &pattern).await? } else { by.name(&wanted.words, &pattern).await? };
            found.extend(more.into_iter().filter(|one| !found.contains(one)).collect::<Vec<_>>());
        }
        if wanted.words.is_empty() {
            let chats = by.address(TELEGRAM, &wanted.digits).await?;
            found.extend(chats.into_iter().filter(|one| !found.contains(one)).collect::<Vec<_>>());
        }
        if !found.is_empty() || !wanted.words.is_empty() {
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            return Ok(found);
        }
    }
    let words = if wanted.words.is_empty() { vec![fold(typed)] } else { wanted.words };
    if words.iter().all(String::is_empty) {
        return Ok(Vec::new());
    }
    let found = by.name(&words, "").await?;
    let part_of_email = found.is_empty() && typed.is_ascii() && typed.len() >= PART && !typed.contains(char::is_whitespace);
    if part_of_email { by.address(EMAIL, &format!("%{}%", like(&typed.to_lowercase()))).await } else { Ok(found) }
}

/// Whether a field holds the city that people live in.
fn is_city(field: &Field) -> bool {
    matches!(fold(&field.title).as_str(), "город" | "city" | "town") || matches!(field.key.as_str(), "city" | "gorod")
}

/// One search.
struct By<'a> {
    store: &'a Store,
    account: AccountId,
    /// The key of the field, if there is one: SQLite takes no empty path into JSON.
    city: Option<&'a str>,
    limit: i64,
}

impl By<'_> {
    async fn name(&self, words: &[String], phone: &str) -> sqlx::Result<Vec<Found>> {
        let pattern = |at: usize| words.get(at).map_or_else(|| "%".to_owned(), |word| format!("%{}%", like(word)));
        let patterns: [String; WORDS] = std::array::from_fn(pattern);
        on!(self.store.read(), |c| {
            let mut query = sqlx::query_as(queries::FIND_BY_NAME).bind(self.account).bind(self.city);
            for pattern in &patterns {
                query = query.bind(pattern);
            }
            query.bind(phone).bind(self.limit).fetch_all(c).await
        })
    }

    async fn address(&self, kind: &str, pattern: &str) -> sqlx::Result<Vec<Found>> {
        on!(self.store.read(), |c| sqlx::query_as(queries::FIND_BY_ADDRESS)
            .bind(self.account)
            .bind(self.city)
            .bind(kind)
            .bind(pattern)
            .bind(self.limit)
            .fetch_all(c)
            .await)
    }
}

/// `text` as a part of a LIKE pattern that stands for itself.
fn like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::{
        both, clock,
        contact::{self, Draft, FieldKind, NewAddress, fixture},
    };

    // Only the words' own order, the apostrophe as it was written and the end of a phone were
    // found.
    both!(async fn people_are_found_by_what_one_remembers_of_them(store) {
        let actor = fixture::actor(&store).await;
        let now = clock::now();
        assert_eq!(find(&store, actor.account, "RU", "анна", 10).await.expect("without a field for cities"), []);
        field::create(&store, &actor, "gorod", "Город", FieldKind::Text, now).await.expect("a field");
        let mut tx = store.begin().await.expect("begun");
        for (name, phone, city, email) in [
            ("Анна Кузнецова", "+79161234567", "Казань", "anna@example.ru"),
            ("Анна Кузнецова", "+79161234589", "Тула", "other@example.ru"),
            ("Пётр О’Коннор", "+79035550011", "", ""),
            ("Мария-Луиза д'Арк", "+79035550022", "", ""),
            ("100% Скидка", "", "", ""),
            ("Соколова Вера Петровна", "+78127770033", "", "v.sokolova@example.org"),
            ("ООО «Рога и копыта»", "+74957770044", "", ""),
            ("John Smith", "+442079460018", "London", ""),
            ("Айгуль Ахметова", "+77017770055", "Алматы", ""),
        ] {
            let mut attributes = Map::new();
            if !city.is_empty() {
                attributes.insert("gorod".into(), json!(city));
            }
            let addresses = [(contact::PHONE, phone), (contact::EMAIL, email)]
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(kind, value)| NewAddress::chat(kind, value, crate::id::ANY_CHANNEL))
                .collect();
            let draft = Draft { name: Some(name.into()), attributes, addresses, source: "manual".into(), ..Draft::default() };
            contact::create(&mut tx, actor.account, &draft, now).await.expect("a contact");
        }
        tx.commit().await.expect("committed");
        for (typed, names) in [
            ("Кузнецова Анна", &["Анна Кузнецова", "Анна Кузнецова"][..]),
            ("кузн ан", &["Анна Кузнецова", "Анна Кузнецова"]),
            ("о'коннор", &["Пётр О’Коннор"]),
            ("О`Коннор Петр", &["Пётр О’Коннор"]),
            ("оконнор", &["Пётр О’Коннор"]),
            ("дʼарк", &["Мария-Луиза д'Арк"]),
            ("луиза мария", &["Мария-Луиза д'Арк"]),
            ("45-67", &["Анна Кузнецова"]),
            ("1234", &["Анна Кузнецова", "Анна Кузнецова"]),
            ("916 123", &["Анна Кузнецова", "Анна Кузнецова"]),
            ("8 916 123", &["Анна Кузнецова", "Анна Кузнецова"]),
            ("8 (916) 123-45-67", &["Анна Кузнецова"]),
            ("…45-67", &["Анна Кузнецова"]),
            ("анна 4589", &["Анна Кузнецова"]),
            ("анна 5550", &[]),
            ("ANNA@example", &["Анна Кузнецова"]),
            ("100%", &["100% Скидка"]),
            ("вера", &["Соколова Вера Петровна"]),
            ("Вера Петровна", &["Соколова Вера Петровна"]),
            ("петровна вера соколова", &["Соколова Вера Петровна"]),
            ("Соколова В", &["Соколова Вера Петровна"]),
            ("СОКОЛОВА", &["Соколова Вера Петровна"]),
            ("812 777", &["Соколова Вера Петровна"]),
            ("(812) 777-00-33", &["Соколова Вера Петровна"]),
            ("812 777 00 33", &["Соколова Вера Петровна"]),
            ("8-812-777-00-33", &["Соколова Вера Петровна"]),
            ("+7 8127770033", &["Соколова Вера Петровна"]),
            ("v.sokolova", &["Соколова Вера Петровна"]),
            ("sokolova@", &["Соколова Вера Петровна"]),
            ("V.Sokolova@Example.org", &["Соколова Вера Петровна"]),
            ("рога", &["ООО «Рога и копыта»"]),
            ("«Рога и копыта»", &["ООО «Рога и копыта»"]),
            ("\"рога и копыта\"", &["ООО «Рога и копыта»"]),
            ("копыта рога", &["ООО «Рога и копыта»"]),
            ("495 777-00-44", &["ООО «Рога и копыта»"]),
            ("4957770044.0", &["ООО «Рога и копыта»"]),
            ("john", &["John Smith"]),
            ("smith john", &["John Smith"]),
            ("0018", &["John Smith"]),
            ("+44 20 7946 0018", &["John Smith"]),
            ("смит", &[]),
            ("ахметова айгуль", &["Айгуль Ахметова"]),
            ("8 701 777 00 55", &["Айгуль Ахметова"]),
            ("701 777", &["Айгуль Ахметова"]),
            ("тел. 89161234567", &["Анна Кузнецова"]),
            ("Анна 8 916 123-45-67", &["Анна Кузнецова"]),
            ("Анна, 45-67", &["Анна Кузнецова"]),
            ("https://wa.me/79161234567", &["Анна Кузнецова"]),
            ("79161234567@c.us", &["Анна Кузнецова"]),
            ("ПЁТР о’коннор", &["Пётр О’Коннор"]),
            ("мария луиза д’арк", &["Мария-Луиза д'Арк"]),
            ("Мария-Луиза", &["Мария-Луиза д'Арк"]),
            ("кузнецова пётр", &[]),
            ("89990000000", &[]),
            ("кто-то", &[]),
            ("123", &[]),
            ("_", &[]),
            ("", &[]),
        ] {
            let found = find(&store, actor.account, "RU", typed, 10).await.expect("looked for");
            assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), names, "{typed}");
        }
        let found = find(&store, actor.account, "RU", "анна", 10).await.expect("looked for");
        let mut apart: Vec<_> = found.iter().map(|one| (one.phone.as_deref(), one.city.as_deref())).collect();
        apart.sort_unstable();
        assert_eq!(apart, [(Some("+79161234567"), Some("Казань")), (Some("+79161234589"), Some("Тула"))]);
    });
}
