//! «Похожие»: contacts that may be one person, two at a time; those that became one, to be divided
//! again; and whose word counts for a field where a person is in several CRMs.

use mms_core::{
    account::AccountError,
    clock::Moment,
    contact::{
        Field,
        alike::{self, Pair, Shared},
        card::{self as room, Card},
        field,
        source::{
            self, NAMES, Rules, Wins,
            apply::{self, Applying},
        },
    },
    crm::connection::{self, Connection},
    id::{ConnectionId, ContactId, FieldId, JoinId},
    inbound::join::{self, JoinError, Joined, Proof},
    queue::Job,
};

use crate::{
    calls,
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        fit,
        page::Page,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::contacts::{self, say},
    t, words,
};

calls! {
    /// Buttons of people who may be one.
    pub enum Call {
        /// A pair; 0 is the one known longest.
        "l" Pairs { page: u32 } => Edit,
        /// They are one person.
        "y" Same { one: ContactId, two: ContactId } => Edit,
        /// They are two people.
        "n" Two { one: ContactId, two: ContactId } => Edit,
        /// Those who became one.
        "j" Joins { page: u32 } => Edit,
        /// Divide them? Asks first.
        "a" AskDivide { join: JoinId } => Edit,
        /// Divide them.
        "d" Divide { join: JoinId } => Edit,
        /// Whose word counts for a field? The nil id: for the names.
        "f" Field { field: FieldId } => Edit,
        /// This CRM's; the nil id: the first one's, or (`newest`) that of the last change.
        "w" Choose { field: FieldId, connection: ConnectionId, newest: bool } => Edit,
    }
}

/// The names, where a field is chosen.
pub const OF_NAMES: FieldId = FieldId(uuid::Uuid::nil());
/// No CRM in particular.
const NO_CRM: ConnectionId = ConnectionId(uuid::Uuid::nil());
/// Joins on a page.
const PAGE: u32 = 8;
/// Lines of values of one of two.
const VALUES: usize = 6;

/// A press.
///
/// # Errors
/// The database's; a refusal of the rooms.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::Pairs { page } => pairs(cx, page).await,
        Call::Same { one, two } => same(cx, one, two).await,
        Call::Two { one, two } => two_people(cx, one, two).await,
        Call::Joins { page } => joins(cx, page).await,
        Call::AskDivide { join } => Ok(ask_divide(cx.tr, &joined(cx, join).await?, cx.now).into()),
        Call::Divide { join } => divide(cx, join).await,
        Call::Field { field } => wins(cx, field).await,
        Call::Choose { field, connection, newest } => choose(cx, field, connection, newest).await,
    }
}

fn refused(tr: Tr, error: JoinError) -> BotError {
    match error {
        JoinError::Account(error) => words::refused(tr, error),
        JoinError::NotLast => BotError::Refused(p!(tr, "twins-not-last")),
    }
}

async fn pairs(cx: &Cx, page: u32) -> Outcome {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    if page == 0 {
        alike::look(store, account, cx.now).await?;
    }
    let page = Page::of(alike::count(store, account).await?, 1, page);
    let joins = join::count(store, account).await?;
    let Some(found) = alike::nth(store, account, page.offset()).await? else { return Ok(no_pairs(cx.tr, joins).into()) };
    let both = (room::card(store, account, found.one_id).await?, room::card(store, account, found.two_id).await?);
    let (Some(one), Some(two)) = both else { return Err(BotError::Gone) };
    let fields = field::list(store, account).await?;
    Ok(pair(cx.tr, &found, [&one, &two], &fields, (page, joins), cx.now).into())
}

async fn same(cx: &Cx, one: ContactId, two: ContactId) -> Outcome {
    // Somebody may have said it meanwhile: then the next pair is shown.
    match join::by_member(&cx.deps.store, cx.actor()?, (one, two), cx.now).await {
        Ok(_) => Ok(pairs(cx, 0).await?.saying(p!(cx.tr, "twins-joined"))),
        Err(JoinError::Account(AccountError::NotFound)) => pairs(cx, 0).await,
        Err(error) => Err(refused(cx.tr, error)),
    }
}

async fn two_people(cx: &Cx, one: ContactId, two: ContactId) -> Outcome {
    match join::apart(&cx.deps.store, cx.actor()?, (one, two), cx.now).await {
        Ok(()) => Ok(pairs(cx, 0).await?.saying(p!(cx.tr, "twins-apart"))),
        Err(JoinError::Account(AccountError::NotFound)) => pairs(cx, 0).await,
        Err(error) => Err(refused(cx.tr, error)),
    }
}

async fn joins(cx: &Cx, page: u32) -> Outcome {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let page = Page::of(join::count(store, account).await?, PAGE, page);
    Ok(join_list(cx.tr, &join::list(store, account, page.limit(), page.offset()).await?, page, cx.now).into())
}

async fn joined(cx: &Cx, id: JoinId) -> Result<Joined, BotError> {
    join::one(&cx.deps.store, cx.actor()?.account, id).await?.ok_or(BotError::Gone)
}

async fn divide(cx: &Cx, id: JoinId) -> Outcome {
    join::divide(&cx.deps.store, cx.actor()?, id, cx.now).await.map_err(|error| refused(cx.tr, error))?;
    Ok(joins(cx, 0).await?.saying(p!(cx.tr, "twins-divided")))
}

/// The title of a field, or of the names, and its key.
async fn field_of(cx: &Cx, id: FieldId) -> Result<(String, String), BotError> {
    if id == OF_NAMES {
        return Ok((p!(cx.tr, "twins-names"), NAMES.to_owned()));
    }
    let all = field::list(&cx.deps.store, cx.actor()?.account).await?;
    all.into_iter().find(|field| field.id == id).map(|field| (field.title, field.key)).ok_or(BotError::Gone)
}

async fn wins(cx: &Cx, id: FieldId) -> Outcome {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let (title, key) = field_of(cx, id).await?;
    let rules = source::rules(store, account).await?;
    let applying = apply::applying(store, account, &key).await?;
    Ok(choice(cx.tr, (id, &title), rules.get(&key).copied().unwrap_or_default(), applying, &connection::list(store, account).await?).into())
}

async fn choose(cx: &Cx, id: FieldId, connection: ConnectionId, newest: bool) -> Outcome {
    let (_, key) = field_of(cx, id).await?;
    let chosen = if connection != NO_CRM {
        Wins::Of(connection)
    } else if newest {
        Wins::Newest
    } else {
        Wins::First
    };
    let actor = cx.actor()?;
    source::choose(&cx.deps.store, actor, &key, chosen, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    cx.deps.queue.ring(Job::ApplyChoices { account: actor.account }).await;
    Ok(wins(cx, id).await?.saying(p!(cx.tr, "twins-chosen")))
}

fn back_to_joins(tr: Tr, joins: i64) -> Option<Button> {
    (joins > 0).then(|| Button::call(p!(tr, "twins-joins", count = joins), Call::Joins { page: 0 }))
}

/// Nobody to be asked about.
#[must_use]
pub fn no_pairs(tr: Tr, joins: i64) -> Screen {
    Screen::new(t!(tr, "twins-none")).row(back_to_joins(tr, joins)).at(Call::Pairs { page: 0 }).nav(tr, contacts::Call::Open)
}

/// Two who may be one, one under the other.
#[must_use]
pub fn pair(tr: Tr, pair: &Pair, both: [&Card; 2], fields: &[Field], (page, joins): (Page, i64), now: Moment) -> Screen {
    let why = match pair.why {
        Shared::Phone => p!(tr, "twins-why-phone"),
        Shared::Email => p!(tr, "twins-why-email"),
        Shared::Birthday => p!(tr, "twins-why-birthday"),
    };
    let parts =
        [t!(tr, "twins-title", at = page.at + 1, of = page.of, why = why), side(tr, both[0], fields, now), side(tr, both[1], fields, now)];
    let ids = (pair.one_id, pair.two_id);
    let open =
        |card: &Card| Button::call(say::short(&say::name(tr, &card.contact.name), 30), contacts::Call::Card { contact: card.contact.id });
    Screen::new(fit::stacked(&parts))
        .row([
            Button::call(p!(tr, "twins-same"), Call::Same { one: ids.0, two: ids.1 }),
            Button::call(p!(tr, "twins-two"), Call::Two { one: ids.0, two: ids.1 }),
        ])
        .row(both.map(open))
        .pager(page, |page| Call::Pairs { page })
        .row(back_to_joins(tr, joins))
        .at(Call::Pairs { page: page.at })
        .nav(tr, contacts::Call::Open)
}

/// One of two: what tells people apart.
fn side(tr: Tr, card: &Card, fields: &[Field], now: Moment) -> String {
    let contact = &card.contact;
    let from = if card.sources.is_empty() { say::source(tr, &contact.source) } else { crms(tr, card) };
    let mut lines =
        vec![t!(tr, "twins-side", name = say::name(tr, &contact.name), since = tr.short_day(contact.created_at, now), source = from)];
    let addresses: Vec<String> = card.addresses.iter().take(VALUES).map(|one| say::address(tr, one, None)).collect();
    if !addresses.is_empty() {
        lines.push(mms_core::text::escape(&addresses.join(", ")));
    }
    let known = fields.iter().filter_map(|field| {
        let value = contact.attributes.get(&field.key).filter(|value| !value.is_null())?;
        Some(t!(tr, "contacts-card-field", title = &field.title, value = say::value(tr, field.kind, value)))
    });
    lines.extend(known.take(VALUES));
    if contact.opted_out_at.is_some() {
        lines.push(t!(tr, "twins-out"));
    }
    if let Some(one) = card.occasions.first() {
        lines.push(contacts::occasion(tr, one, now));
    }
    lines.join("\n")
}

/// The CRMs a contact is in.
fn crms(tr: Tr, card: &Card) -> String {
    let names: Vec<String> = card.sources.iter().take(4).map(|one| say::short(&words::inert(&one.name), 30)).collect();
    p!(tr, "twins-in-crm", crms = names.join(", "))
}

/// Those who became one.
#[must_use]
pub fn join_list(tr: Tr, list: &[Joined], page: Page, now: Moment) -> Screen {
    let html = if list.is_empty() {
        t!(tr, "twins-joins-none")
    } else {
        let lines: Vec<String> = list.iter().map(|one| line(tr, one, now)).collect();
        t!(tr, "twins-joins-title", lines = Html(lines.join("\n")))
    };
    list.iter()
        .fold(Screen::new(html), |screen, one| {
            let name = say::short(&say::name(tr, &one.name), 25);
            let other = say::short(&say::name(tr, &one.other), 25);
            screen.button(p!(tr, "twins-divide", name = name, other = other), Call::AskDivide { join: one.id })
        })
        .pager(page, |page| Call::Joins { page })
        .at(Call::Joins { page: page.at })
        .nav(tr, Call::Pairs { page: 0 })
}

fn line(tr: Tr, one: &Joined, now: Moment) -> String {
    let why = match (one.proof, &one.member) {
        (Proof::Phone, _) => p!(tr, "twins-proof-phone"),
        (Proof::Crm, _) => p!(tr, "twins-proof-crm"),
        (Proof::Gone, _) => p!(tr, "twins-proof-gone"),
        (Proof::Member, Some(member)) => p!(tr, "twins-proof-member", member = say::short(&words::inert(member), 40)),
        (Proof::Member, None) => p!(tr, "twins-proof-someone"),
    };
    t!(tr, "twins-line", name = say::name(tr, &one.name), other = say::name(tr, &one.other), why = why, day = tr.short_day(one.at, now))
}

/// Divide them?
#[must_use]
pub fn ask_divide(tr: Tr, one: &Joined, now: Moment) -> Screen {
    let html =
        t!(tr, "twins-ask-divide", name = say::name(tr, &one.name), other = say::name(tr, &one.other), day = tr.short_day(one.at, now));
    Screen::new(html)
        .button(p!(tr, "twins-divide-now"), Call::Divide { join: one.id })
        .button(p!(tr, "twins-open"), contacts::Call::Card { contact: one.contact })
        .nav(tr, Call::Joins { page: 0 })
}

/// Whose word counts for a field?
#[must_use]
pub fn choice(tr: Tr, (id, title): (FieldId, &str), chosen: Wins, applying: Option<Applying>, crms: &[Connection]) -> Screen {
    let option = |wins: Wins, text: String, connection: ConnectionId, newest: bool| {
        let mark = if wins == chosen { "● " } else { "○ " };
        Button::call(format!("{mark}{text}"), Call::Choose { field: id, connection, newest })
    };
    let back: crate::frame::callback::Press =
        if id == OF_NAMES { contacts::Call::Fields { page: 0 }.into() } else { contacts::Call::Field { field: id }.into() };
    let mut html = t!(tr, "twins-wins", title = title);
    if let Some(Applying { done, total }) = applying {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "twins-applying", done = done, total = total));
    }
    crms.iter()
        .take(20)
        .fold(
            Screen::new(html).row([option(Wins::First, p!(tr, "twins-wins-first"), NO_CRM, false)]).row([option(
                Wins::Newest,
                p!(tr, "twins-wins-newest"),
                NO_CRM,
                true,
            )]),
            |screen, one| screen.row([option(Wins::Of(one.id), say::short(&words::inert(&one.name), 40), one.id, false)]),
        )
        .at(Call::Field { field: id })
        .nav(tr, back)
}

/// Where the value of a field comes from, of a contact in several CRMs; `None`: from one alone, or
/// from none of them.
#[must_use]
pub fn origin(card: &Card, key: &str) -> Option<String> {
    let several = card.sources.len() > 1;
    let value = card.contact.attributes.get(key)?;
    let best = source::winner(wins_of(&card.rules, key), &card.sources, |said| said.values.contains_key(key)).filter(|_| several)?;
    let theirs = best.said.as_deref().and_then(|said| said.values.get(key));
    (theirs == Some(value)).then(|| say::short(&words::inert(&best.name), 30))
}

/// Where the name of a contact in several CRMs comes from.
#[must_use]
pub fn origin_of_name(card: &Card) -> Option<String> {
    let several = card.sources.len() > 1;
    let best = source::winner(wins_of(&card.rules, NAMES), &card.sources, |said| !said.name.is_empty()).filter(|_| several)?;
    let theirs = best.said.as_deref().map(|said| said.name.as_str());
    (theirs == Some(card.contact.name.as_str())).then(|| say::short(&words::inert(&best.name), 30))
}

fn wins_of(rules: &Rules, key: &str) -> Wins {
    rules.get(key).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
