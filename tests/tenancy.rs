//! Two companies in one database: by no call does one see or change what is the other's.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use mms_core::{
    account::{
        By, Language, Role, invitation, licence, login, member, reset, session,
        settings::{self, Change as Setting},
    },
    campaign::{self, Audience, approval, control, cost, draft, handed, lost_phone, results, view},
    channel::{ChannelKind, MessageName, News, Receipt, ReviewState, TemplateNews, registry, store as channels},
    clock,
    config::Endpoints,
    consent::{self, Action, Grade, NewConsent, Purpose, dossier, suppression, wording},
    contact::{self, DeletedBy, Draft, NewAddress, TELEGRAM, by_hand, card, field, import, link, segment},
    crm::{
        CrmChange, CrmKind,
        connection::{self, Entry},
        write_back,
    },
    delivery::{self, Responses, books, counts, dialogue, receipt, stats},
    id::{AccountId, ContactId, ProviderTemplateId},
    inbound, on,
    opt_out::{self, OptOutBy, OptOutDone, OptOutHow},
    price,
    secret::Secret,
    store::{Db, Store, audit, file, trail::consents},
    template::{Class, engine::Prepared, preview, provider::standing, versions},
    text::Rich,
    words::Reason,
};
use sqlx::AssertSqlSafe;

use crate::harness::{Company, Launch, PASSWORD, Shape, World, next_id};

mod rooms;
mod statements;

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 0 }];

async fn strings(store: &Store, sql: String, account: Option<AccountId>) -> Vec<String> {
    on!(store.read(), |c| {
        let query = sqlx::query_scalar(AssertSqlSafe(sql));
        match account {
            Some(account) => query.bind(account).fetch_all(c).await,
            None => query.fetch_all(c).await,
        }
    })
    .expect("read")
}

/// Tables whose rows say whose they are, by the schema.
async fn owned(store: &Store) -> Vec<String> {
    let sql = match store.read() {
        Db::Sqlite(_) => {
            "select m.name from sqlite_master m join pragma_table_info(m.name) p on p.name = 'account_id' where m.type = 'table' order by 1"
        }
        Db::Postgres(_) => {
            "select table_name::text from information_schema.columns where column_name = 'account_id' and table_schema = current_schema() order by 1"
        }
    };
    strings(store, sql.to_owned(), None).await
}

/// Every row of an account, as text, by table.
async fn everything(store: &Store, account: AccountId) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    let mut conditions: Vec<(String, &str)> = owned(store).await.into_iter().map(|table| (table, "account_id = $1")).collect();
    conditions.push(("account".to_owned(), "id = $1"));
    conditions.push(("delivery_count".to_owned(), "campaign_id in (select id from campaign where account_id = $1)"));
    conditions.push(("delivery_pace".to_owned(), "campaign_id in (select id from campaign where account_id = $1)"));
    conditions.push(("delivery_text".to_owned(), "delivery_id in (select id from delivery where account_id = $1)"));
    conditions.push(("read_time".to_owned(), "campaign_id in (select id from campaign where account_id = $1)"));
    conditions.push(("media_ref".to_owned(), "channel_id in (select id from channel where account_id = $1)"));
    for (table, condition) in conditions {
        let row = match store.read() {
            Db::Sqlite(_) => {
                let columns = strings(store, format!("select name from pragma_table_info('{table}') order by cid"), None).await;
                columns.iter().map(|column| format!("quote({column})")).collect::<Vec<_>>().join(" || ' ' || ")
            }
            Db::Postgres(_) => format!("{table}::text"),
        };
        let rows = strings(store, format!("select {row} from {table} where {condition} order by 1"), Some(account)).await;
        all.insert(table, rows);
    }
    all
}

/// Rows of one account that hang on a contact, a channel or a campaign of another.
async fn crossed(store: &Store) -> Vec<String> {
    let owned: BTreeSet<String> = owned(store).await.into_iter().collect();
    let columns = match store.read() {
        Db::Sqlite(_) => {
            "select m.name || ' ' || p.name from sqlite_master m join pragma_table_info(m.name) p on p.name in ('contact_id', 'channel_id', 'campaign_id') where m.type = 'table'"
        }
        Db::Postgres(_) => {
            "select table_name || ' ' || column_name from information_schema.columns where column_name in ('contact_id', 'channel_id', 'campaign_id') and table_schema = current_schema()"
        }
    };
    let mut found = Vec::new();
    for pair in strings(store, columns.to_owned(), None).await {
        let (table, column) = pair.split_once(' ').expect("two words");
        if owned.contains(table) {
            let parent = column.trim_end_matches("_id");
            let sql = format!("select p.id from {table} t join {parent} p on p.id = t.{column} where p.account_id <> t.account_id");
            let count = strings(store, format!("select cast(count(*) as text) from ({sql}) x"), None).await;
            if count != ["0"] {
                found.push(format!("`{table}` of one account hangs on a {parent} of another"));
            }
        }
    }
    found
}

/// Walks attempts, one after another.
struct Attempts<'a> {
    store: &'a Store,
    victim: AccountId,
    before: BTreeMap<String, Vec<String>>,
    walked: BTreeSet<&'static str>,
    hooks: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Attempts<'_> {
    /// `shut`: the attempt showed nothing and said so. What it changed is looked up.
    async fn tried(&mut self, attempt: &'static str, shut: bool) {
        assert!(self.walked.insert(attempt), "`{attempt}` is walked twice");
        if !shut {
            self.wrong.push(format!("{attempt}: let somebody in"));
        }
        let now = everything(self.store, self.victim).await;
        for (table, rows) in &now {
            if self.before[table] != *rows {
                self.wrong.push(format!("{attempt}: changed `{table}`"));
            }
        }
        self.before = now;
        for hook in crossed(self.store).await {
            if self.hooks.insert(hook.clone()) {
                self.wrong.push(format!("{attempt}: {hook}"));
            }
        }
    }
}

/// Runs an attempt that takes a transaction, and commits whatever it did.
macro_rules! within {
    ($store:expr, |$tx:ident| $attempt:expr) => {{
        let mut $tx = $store.begin().await.expect("begin");
        let outcome = $attempt;
        if outcome.is_ok() {
            $tx.commit().await.expect("commit");
        } else {
            drop($tx);
        }
        outcome
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_leads_into_another_account() {
    for shape in SHAPES {
        let world = World::prepare(shape).await;
        let mut rich = Company::found(&world, 3).await;
        let poor = Company::found(&world, 1).await;
        walk(&world, &mut rich, &poor).await;
        world.store.close().await;
    }
}

/// Everything an account can have is made for `rich`; then `poor` tries every attempt with its ids.
async fn walk(world: &World, rich: &mut Company, poor: &Company) {
    let (store, now) = (&world.store, clock::now());
    let (b, a, me) = (rich.account, poor.account, &poor.owner);
    let (chat, victim): (i64, ContactId) = rich.customers.iter().next().map(|(chat, id)| (*chat, *id)).expect("somebody");
    let amocrm_override = Some(format!("{}/amo", world.sandbox.url()));
    let endpoints = Endpoints { telegram: world.sandbox.url(), amocrm_override, ..Endpoints::default() };

    // What is there to be seen.
    let segment =
        segment::create(store, &rich.owner, "Все", &segment::Filter::parse("", &[]).expect("a filter"), now).await.expect("a segment");
    let field = field::create(store, &rich.owner, "city", "Город", contact::FieldKind::Text, now).await.expect("a field");
    let begun = import::begin(store, &rich.owner, "base.csv", "Имя;Телефон\nПётр;89120001122\n".as_bytes(), now).await.expect("an import");
    import::set_basis(store, &rich.owner, begun.id, "анкеты", import::Basis::SignedDocument, now).await.expect("a basis");
    import::run::dry_run(store, &rich.owner, begun.id, now).await.expect("numbers");
    let values = [Secret::new(world.amo.long_lived_token())];
    let entry = Entry { kind: CrmKind::Amocrm, address: "romashka.amocrm.ru", values: &values };
    let crm = connection::connect(store, &world.sealer, &endpoints, By::Admin(b), entry, now).await.expect("a CRM");
    let (invited, _) = invitation::create(store, &rich.owner, Role::Viewer, now).await.expect("an invitation");
    wording::set(store, &rich.owner, Purpose::Marketing, Language::Ru, "Согласны получать наши письма о скидках?", now)
        .await
        .expect("a wording");
    suppression::add_phones(store, &rich.owner, "+79120009988", now).await.expect("a suppression");
    let listed = suppression::list(store, b, 10, 0).await.expect("read");
    let visit = login::login(store, next_id(), "Анна", &rich.owner_login, &Secret::new(PASSWORD), now).await.expect("a session");
    let word = versions::create(store, &rich.owner, "Черновик", Class::Service, now).await.expect("a draft");
    let unlaunched = rich.approved(world, Launch::default()).await;
    let planned = rich.launch(world, Launch::default()).await;
    campaign::plan::plan(store, planned, now).await.expect("planned");
    let valid = licence::current(store, b, now).await.expect("read").expect("a licence");
    within!(store, |tx| contact::add_tags(&mut tx, b, victim, &["вип".to_owned()]).await).expect("a tag");
    let seen = card::card(store, b, victim).await.expect("read").expect("a card");
    let address = seen.addresses[0].clone();
    let media = file::content(store, b, begun.file_id).await.expect("read");
    assert!(media.is_some() && !seen.tags.is_empty());
    // What the other one has of its own, to reach with.
    let own = draft::create(store, me, "Своя", now).await.expect("a campaign");

    let quick = inbound::quick::add(store, &rich.owner, Rich::plain("Мы открыты"), now).await.expect("a saved answer");
    let before = everything(store, b).await;
    for table in ["contact", "address", "consent", "delivery", "segment", "import", "crm_connection", "session", "audit", "wording"] {
        assert!(!before[table].is_empty(), "nothing in `{table}` to be seen");
    }
    let mut attempts = Attempts { store, victim: b, before, walked: BTreeSet::new(), hooks: BTreeSet::new(), wrong: Vec::new() };
    macro_rules! attempt {
        ($name:literal, $shut:expr) => {{
            let shut = $shut;
            attempts.tried($name, shut).await;
        }};
    }

    // Contacts.
    let region = "RU";
    let phone = seen.addresses.iter().find(|one| one.kind == contact::PHONE).expect("a phone").value.clone();
    attempt!("contact::card::contact", card::contact(store, a, victim).await.unwrap().is_none());
    attempt!("contact::card::card", card::card(store, a, victim).await.unwrap().is_none());
    attempt!("contact::card::find", card::find(store, a, region, &phone, 10).await.unwrap().is_empty());
    attempt!("contact::card::tags", card::tags(store, a, 10).await.unwrap().is_empty());
    attempt!("contact::resolve", contact::resolve(store, a, TELEGRAM, &chat.to_string(), rich.channel).await.unwrap().is_none());
    let other =
        Draft {
            first_name: Some("Чужой".to_owned()), tags: vec!["чужой".to_owned()], source: "import".to_owned(), ..Draft::default()
        };
    attempt!("contact::update", {
        let _ = within!(store, |tx| contact::update(&mut tx, a, victim, &other, now).await);
        true
    });
    attempt!(
        "contact::add_tags",
        within!(store, |tx| contact::add_tags(&mut tx, a, victim, &["чужой".to_owned()]).await).unwrap_or(0) == 0
    );
    let new = NewAddress::phone("+79120005544".to_owned(), "+79120005544");
    attempt!("contact::attach_address", {
        let _ = within!(store, |tx| contact::attach_address(&mut tx, a, victim, &new, now).await);
        card::card(store, a, victim).await.unwrap().is_none()
    });
    attempt!("contact::detach_address", {
        !within!(store, |tx| contact::detach_address(&mut tx, a, victim, &address.kind, &address.value, address.scope_id, now).await)
            .unwrap_or(false)
    });
    attempt!(
        "contact::delete",
        !within!(store, |tx| contact::delete(&mut tx, a, victim, DeletedBy::Member(me), now).await).unwrap_or(false)
    );
    attempt!("contact::link::create", { within!(store, |tx| link::create(&mut tx, a, rich.channel, victim, now).await).is_err() });
    attempt!("contact::link::create to their channel", {
        within!(store, |tx| link::create(&mut tx, a, rich.channel, *poor.customers.values().next().expect("one"), now).await).is_err()
    });
    attempt!("contact::link::issue", link::issue(store, me, rich.channel, victim, now).await.is_err());
    attempt!("contact::delete_by_member", contact::delete_by_member(store, me, victim, now).await.is_err());
    attempt!("by_hand::rename", by_hand::rename(store, me, victim, "Чужой", now).await.is_err());
    attempt!("by_hand::tag", by_hand::tag(store, me, victim, "чужой", true, now).await.is_err());
    attempt!("by_hand::untag", by_hand::tag(store, me, victim, "вип", false, now).await.is_err());
    attempt!("by_hand::add_addresses", by_hand::add_addresses(store, me, victim, "+79120005544", region, now).await.is_err());
    attempt!("by_hand::drop_address", by_hand::drop_address(store, me, victim, address.id, now).await.is_err());
    let today = now.date_naive();
    attempt!("by_hand::set_value", by_hand::set_value(store, me, victim, field.id, "Тула", today, now).await.is_err());
    attempt!("by_hand::clear_value", by_hand::clear_value(store, me, victim, field.id, now).await.is_err());
    attempt!("contact::field::list", field::list(store, a).await.unwrap().is_empty());
    attempt!("contact::field::rename", field::rename(store, me, field.id, "Чужое", now).await.is_err());

    // Imports and files.
    attempt!("contact::import::get", import::get(store, a, begun.id).await.unwrap().is_none());
    attempt!("contact::import::list", import::list(store, a, 10).await.unwrap().is_empty());
    let columns = begun.mapping.columns.clone();
    attempt!("contact::import::set_mapping", import::set_mapping(store, me, begun.id, columns, true, vec![], now).await.is_err());
    attempt!(
        "contact::import::set_day_order",
        import::set_day_order(store, me, begun.id, mms_core::contact::value::DayOrder::DayFirst, now).await.is_err()
    );
    attempt!("contact::import::choose_sheet", import::choose_sheet(store, me, begun.id, 0, now).await.is_err());
    attempt!("contact::import::take_all", import::take_all(store, me, begun.id, now).await.is_err());
    attempt!("contact::import::set_basis", import::set_basis(store, me, begun.id, "x", import::Basis::NoConsent, now).await.is_err());
    attempt!("contact::import::dry_run", import::run::dry_run(store, me, begun.id, now).await.is_err());
    attempt!("contact::import::start", import::start(store, me, begun.id, now).await.is_err());
    attempt!("contact::import::start_seen", import::start_seen(store, me, begun.id, begun.stamp(), now).await.is_err());
    attempt!("contact::import::cancel", import::cancel(store, me, begun.id, now).await.is_err());
    attempt!("store::file::info", file::info(store, a, begun.file_id).await.unwrap().is_none());
    attempt!("store::file::content", file::content(store, a, begun.file_id).await.unwrap().is_none());

    // Segments.
    let filter = segment::Filter::parse("", &[]).expect("a filter");
    let zone = chrono_tz::UTC;
    attempt!("segment::get", segment::get(store, a, segment).await.unwrap().is_none());
    attempt!("segment::list", segment::list(store, a).await.unwrap().is_empty());
    attempt!("segment::count", segment::count(store, a, &filter, zone, now).await.unwrap() == 1);
    attempt!("segment::sample", segment::sample(store, a, &filter, zone, now, 10).await.unwrap().len() == 1);
    attempt!("segment::rename", segment::rename(store, me, segment, "Чужой", now).await.is_err());
    let theirs = segment::get(store, b, segment).await.unwrap().expect("there");
    attempt!("segment::update", segment::update(store, me, &theirs, &filter, now).await.is_err());
    attempt!("segment::delete", segment::delete(store, me, segment, now).await.is_err());

    // Templates.
    let version = versions::version(store, b, rich.version).await.unwrap().expect("there");
    let hash = version.content_hash.clone().expect("approved");
    let telegram = registry::capabilities(ChannelKind::Telegram);
    attempt!("versions::template", versions::template(store, a, version.template_id).await.unwrap().is_none());
    attempt!("versions::version", versions::version(store, a, rich.version).await.unwrap().is_none());
    attempt!("versions::versions", versions::versions(store, a, version.template_id).await.unwrap().is_empty());
    attempt!("versions::list", versions::list(store, a, false, 10, 0).await.unwrap().len() == 1);
    attempt!("versions::count", versions::count(store, a, false).await.unwrap() == 1);
    attempt!("versions::rename", versions::rename(store, me, version.template_id, "Чужой", now).await.is_err());
    attempt!("versions::archive", versions::archive(store, me, version.template_id, now).await.is_err());
    attempt!("versions::restore", versions::restore(store, me, version.template_id, now).await.is_err());
    attempt!("versions::edit", versions::edit(store, me, word.id, versions::Edit::Body("чужой".to_owned()), now).await.is_err());
    attempt!("versions::submit", versions::submit(store, me, word.id, telegram, now).await.is_err());
    attempt!("versions::recall", versions::recall(store, me, rich.version, now).await.is_err());
    attempt!("versions::approve", versions::approve(store, &poor.approver, rich.version, &hash, now).await.is_err());
    attempt!("versions::send_back", versions::send_back(store, &poor.approver, rich.version, &hash, "нет", now).await.is_err());
    let prepared = Prepared::new(&version.content()).expect("it parses");
    attempt!("preview::render_for", preview::render_for(store, a, &prepared, victim, now).await.unwrap().is_none());

    // Templates at providers.
    let mut tx = store.begin().await.expect("begun");
    on!(tx.conn(), |c| sqlx::query(
        "insert into provider_template (id, account_id, channel_id, template_version_id, name, language, external_id, category, state, mapping, digest, \
         submitted_by, submitted_at, changed_at, look_at) values ($1, $2, $3, $4, 'n', 'ru', '77', 'marketing', 'approved', '{}', 'd', $5, $6, $6, $6)"
    )
    .bind(ProviderTemplateId::new())
    .bind(b)
    .bind(rich.channel)
    .bind(rich.version)
    .bind(rich.owner.member)
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))
    .expect("a row");
    tx.commit().await.expect("committed");
    attempts.before = everything(store, b).await;
    attempt!("standing::one", standing::one(store, a, rich.channel, rich.version).await.unwrap().is_none());
    attempt!("standing::of_version", standing::of_version(store, a, rich.version).await.unwrap().is_empty());
    attempt!("standing::of_step", standing::of_step(store, a, planned, 1).await.unwrap().is_none());
    let kind = ChannelKind::Telegram;
    let news = TemplateNews {
        external_id: "77".to_owned(),
        name: "n".to_owned(),
        language: "ru".to_owned(),
        state: Some(ReviewState::Disabled),
        ..TemplateNews::default()
    };
    attempt!("reviewed::told", campaign::reviewed::told(store, a, kind, &news, now).await.is_ok());
    attempt!("standing::put_off", standing::put_off(store, a, rich.channel, now).await.is_ok());
    attempt!("standing::look_now", standing::look_now(store, a, rich.channel, now - TimeDelta::hours(1)).await.is_ok());
    attempt!("standing::hand_in", {
        standing::hand_in(store, &world.sealer, &endpoints, me, rich.channel, rich.version, now).await.is_err()
    });

    // Campaigns.
    attempt!("campaign::get", campaign::get(store, a, planned).await.is_err());
    attempt!("campaign::view::card", view::card(store, a, planned).await.is_err());
    attempt!("campaign::view::numbers", view::numbers(store, a, planned).await.map_or(true, |numbers| numbers.audience == 0));
    attempt!("campaign::view::list", view::list(store, a, None, 10).await.unwrap().iter().all(|(row, _)| row.id == own));
    attempt!("campaign::view::states", view::states(store, a).await.unwrap() == [(campaign::State::Draft, 1)]);
    let whom = view::Whom::Contact(victim);
    attempt!("campaign::view::who", view::who(store, a, planned, &whom).await.map_or(true, |who| who == view::Who::Unknown));
    let whom = view::Whom::Phone(phone.clone());
    attempt!("campaign::view::who by phone", view::who(store, a, own, &whom).await.map_or(true, |who| who == view::Who::Unknown));
    attempt!("campaign::view::recipients", view::recipients(store, a, planned, None, 10).await.map_or(true, |rows| rows.is_empty()));
    let (ago, soon) = (now - TimeDelta::days(1), now + TimeDelta::days(1));
    attempt!("campaign::results::within", results::within(store, a, ago, soon).await.unwrap().campaigns == 0);
    let foreign = campaign::get(store, b, planned).await.expect("there");
    let as_mine = campaign::Campaign { account_id: a, ..foreign };
    attempt!("campaign::results::before", results::before(store, &as_mine, Class::Advertising).await.unwrap().is_none());
    attempt!("campaign::cost", cost::of(store, a, planned).await.unwrap() == cost::Costs::default());
    attempt!("campaign::results::responses", results::responses(store, a, planned).await.unwrap() == Responses::default());
    attempt!("campaign::handed::since_decided", handed::since_decided(store, &as_mine).await.unwrap().is_none());
    attempt!("draft::edit", draft::edit(store, me, unlaunched, draft::Change::Name("Чужая".to_owned()), now).await.is_err());
    let renamed = draft::Change::Name("Чужая".to_owned());
    attempt!("draft::edit_seen", draft::edit_seen(store, me, unlaunched, renamed, |_| true, now).await.is_err());
    attempt!("draft::edit to their template", draft::edit(store, me, own, draft::Change::Template(1, rich.version), now).await.is_err());
    attempt!("draft::edit to their channel", draft::edit(store, me, own, draft::Change::Channel(1, rich.channel), now).await.is_err());
    let audience = Audience::of(segment);
    attempt!("draft::edit to their segment", draft::edit(store, me, own, draft::Change::Audience(audience), now).await.is_err());
    attempt!("draft::duplicate", draft::duplicate(store, me, unlaunched, "Чужая", now).await.is_err());
    attempt!("draft::delete", draft::delete(store, me, unlaunched, now).await.is_err());
    attempt!("approval::submit", approval::submit(store, me, unlaunched, now).await.is_err());
    attempt!("approval::approve", approval::approve(store, &poor.approver, unlaunched, now).await.is_err());
    attempt!("approval::give_back", approval::give_back(store, &poor.approver, unlaunched, "нет", now).await.is_err());
    attempt!(
        "approval::give_back_seen",
        approval::give_back_seen(store, &poor.approver, unlaunched, &"0".repeat(16), "нет", now).await.is_err()
    );
    attempt!("approval::launch_seen", approval::launch_seen(store, me, unlaunched, &"0".repeat(16), 3, now).await.is_err());
    attempt!("approval::launch", approval::launch(store, me, unlaunched, 3, now).await.is_err());
    attempt!("control::pause", control::pause(store, me, planned, now).await.is_err());
    attempt!("control::resume", control::resume(store, me, planned, now).await.is_err());
    attempt!("control::recall", control::recall(store, me, planned, now).await.is_err());
    attempt!("control::stop", control::stop(store, me, planned, now).await.is_err());
    attempt!("control::decide_uncertain", control::decide_uncertain(store, me, planned, control::Word::Resend, 0, now).await.is_err());

    // Deliveries.
    attempt!("delivery::stats", stats::stats(store, a, planned, now).await.map_or(true, |stats| stats.numbers.audience == 0));
    attempt!("delivery::depth", stats::depth(store, a, rich.channel).await.unwrap() == 0);
    attempt!("delivery::counts", counts(store, a, planned).await.unwrap().is_empty());
    attempt!("delivery::books", books::books(store, a, planned).await.unwrap().audience == 0);
    attempt!("delivery::dialogue::read_up_to", {
        let reads = [("1:5".to_owned(), now)];
        dialogue::read_up_to(store, a, rich.channel, &reads).await.unwrap().len() == 1
    });
    attempt!("delivery::receipt::apply", {
        let news = [News {
            message: MessageName::Ref("1:1".to_owned()),
            message_ref: None,
            receipt: Receipt::Read,
            at: None,
            detail: None,
            charge: None,
        }];
        within!(store, |tx| receipt::apply(&mut tx, a, rich.channel, &news, now).await).unwrap().moved == 0
    });
    attempt!(
        "delivery::cancel_contact",
        within!(store, |tx| delivery::cancel_contact(&mut tx, a, victim, Reason::OptedOut, now).await).unwrap_or(0) == 0
    );
    attempt!(
        "delivery::cancel_campaign_some",
        within!(store, |tx| delivery::cancel_campaign_some(&mut tx, a, planned, Reason::CampaignStopped, 10, now).await).unwrap_or(0) == 0
    );

    // Channels.
    attempt!("channel::get", channels::get(store, a, rich.channel).await.unwrap().is_none());
    attempt!("channel::list", channels::list(store, a).await.unwrap().iter().all(|row| row.id == poor.channel));
    attempt!("channel::pause", channels::pause(store, me, rich.channel, now).await.is_err());
    attempt!("channel::resume", channels::resume(store, me, rich.channel, now).await.is_err());
    attempt!("channel::configure", channels::configure(store, me, rich.channel, &channels::ChannelSettings::default(), now).await.is_err());
    attempt!("channel::replace_credentials", {
        let secret = Secret::new(world.setting("MMS_TELEGRAM_TOKEN"));
        channels::replace_credentials(store, &world.sealer, &endpoints, me, rich.channel, secret, now).await.is_err()
    });
    attempt!("channel::remove", channels::remove(store, me, rich.channel, now).await.is_err());

    // CRM.
    attempt!("connection::get", connection::get(store, a, crm.id).await.unwrap().is_none());
    attempt!("connection::list", connection::list(store, a).await.unwrap().is_empty());
    attempt!("connection::pause", connection::pause(store, me, crm.id, now).await.is_err());
    attempt!("connection::resume", connection::resume(store, me, crm.id, now).await.is_err());
    attempt!("connection::sync_now", connection::sync_now(store, me, crm.id, now).await.is_err());
    attempt!("connection::map_field", connection::map_field(store, me, crm.id, "1", None, now).await.is_err());
    attempt!("connection::unmap_field", connection::unmap_field(store, me, crm.id, "1", now).await.is_err());
    attempt!("connection::map_opt_out", connection::map_opt_out(store, me, crm.id, None, now).await.is_err());
    attempt!("connection::unmap_consent", connection::unmap_consent(store, me, crm.id, Purpose::Marketing, now).await.is_err());
    attempt!("connection::disconnect", connection::disconnect(store, me, crm.id, now).await.is_err());
    attempt!("write_back::counts", write_back::counts(store, a, crm.id).await.unwrap().is_empty());
    attempt!("write_back::enqueue", {
        let note = CrmChange::Note { text: "чужая".to_owned() };
        let _ = within!(store, |tx| write_back::enqueue(&mut tx, a, victim, &note, "foreign", now).await);
        write_back::counts(store, a, crm.id).await.unwrap().is_empty()
    });

    // Consents and suppressions.
    let how = |by| OptOutHow { by, channel: Some(rich.channel), message_ref: None, said_at: None };
    let consent = NewConsent {
        account: a,
        contact: victim,
        purpose: Purpose::Marketing,
        action: Action::Withdrawn,
        grade: Grade::A,
        wording: None,
        channel: None,
        evidence: serde_json::json!({}),
        actor: "contact".to_owned(),
        at: now,
    };
    attempt!("consent::dossier", dossier::dossier(store, a, victim, now).await.unwrap().is_none());
    attempt!("consent::record", {
        let one = consent.clone();
        let _ = within!(store, |tx| consent::record(&mut tx, one, now).await);
        true
    });
    attempt!("consent::record_many", {
        let _ = within!(store, |tx| consent::record_many(&mut tx, a, std::slice::from_ref(&consent), now).await);
        true
    });
    attempt!("opt_out::opt_out", {
        let done = within!(store, |tx| opt_out::opt_out(&mut tx, a, victim, &how(OptOutBy::Text), now).await);
        done.map_or(true, |done| done == OptOutDone::Unknown)
    });
    attempt!("opt_out::opt_out_by_member", {
        let done = opt_out::opt_out_by_member(store, me, victim, now).await;
        done.map_or(true, |done| done == OptOutDone::Unknown)
    });
    attempt!("opt_out::come_back", !within!(store, |tx| opt_out::come_back(&mut tx, a, victim, now).await).unwrap_or(false));
    attempt!("suppression::list", suppression::list(store, a, 10, 0).await.unwrap().iter().all(|row| row.value != "+79120009988"));
    attempt!("suppression::one", suppression::one(store, a, listed[0].id).await.unwrap().is_none());
    attempt!("suppression::counts", suppression::counts(store, a).await.unwrap().iter().map(|(_, n)| n).sum::<i64>() == 0);
    attempt!("suppression::lift", suppression::lift(store, me, listed[0].id, now).await.is_err());
    attempt!("wording::current", {
        let current = wording::current(store, a, Purpose::Marketing, Language::Ru).await.unwrap();
        current.is_none_or(|wording| !wording.body.contains("о скидках"))
    });
    attempt!("wording::list", wording::list(store, a).await.unwrap().iter().all(|wording| !wording.body.contains("о скидках")));

    // Members, sessions, invitations, licences, settings.
    let boris = rich.approver.member;
    attempt!("member::get", member::get(store, a, boris).await.unwrap().is_none());
    attempt!("member::by_login", member::by_login(store, a, &rich.approver_login).await.unwrap().is_none());
    attempt!("member::list", member::list(store, a).await.unwrap().iter().all(|row| row.id != boris));
    attempt!("member::set_role", member::set_role(store, me, boris, Role::Viewer, now).await.is_err());
    attempt!("member::set_disabled", member::set_disabled(store, me, boris, true, now).await.is_err());
    attempt!("member::unlock", member::unlock(store, me, boris, now).await.is_err());
    attempt!("reset::create", reset::create(store, me, boris, now).await.is_err());
    attempt!("session::not_me", session::not_me(store, me, rich.owner.member, 1, now).await.is_err());
    attempt!("consents::verify", consents::verify(store, b).await.unwrap().is_ok());
    attempt!("lost_phone::of_member", lost_phone::of_member(store, me, boris, now).await.is_err());
    attempt!("session::list", session::list(store, me, rich.owner.member).await.map_or(true, |rows| rows.is_empty()));
    attempt!("session::end", session::end(store, me, visit.session, now).await.is_err());
    attempt!("session::end_all", session::end_all(store, me, rich.owner.member, None, now).await.map_or(true, |ended| ended == 0));
    attempt!("session::logout", {
        let _ = session::logout(store, me, visit.session, now).await;
        true
    });
    attempt!("session::reachable", session::reachable(store, a).await.unwrap().is_empty());
    attempt!("invitation::list", invitation::list(store, me, now).await.unwrap().is_empty());
    attempt!("invitation::revoke", invitation::revoke(store, me, invited, now).await.is_err());
    attempt!("licence::list", licence::list(store, a).await.unwrap().iter().all(|row| row.id != valid.id));
    attempt!("licence::revoke", licence::revoke(store, a, valid.id, now).await.is_err());
    let priced = (ChannelKind::Max, price::Category::Marketing);
    attempt!("price::set", price::set(store, me, priced, &price::typed::read("1 ₽").unwrap(), now).await.is_ok());
    attempt!("price::clear", price::clear(store, me, priced, now).await.is_ok());
    attempt!("price::providers", price::Prices::load(store, b).await.unwrap().providers().next().is_none());
    attempt!("settings::change", settings::change(store, me, &Setting::Name("Чужая".to_owned()), now).await.is_ok());

    // Answers and the trail.
    let said = inbound::inbox::thread(store, b, victim, 1).await.unwrap();
    if let Some(said) = said.first() {
        attempt!("inbox::file", inbound::inbox::file(store, a, said.id).await.unwrap().is_none());
    }
    attempt!("talk::assign", inbound::talk::assign(store, me, victim, Some(me.member), now).await.is_err());
    attempt!("talk::assign to nobody", inbound::talk::assign(store, me, victim, None, now).await.is_err());
    attempt!("talk::mute", inbound::talk::mute(store, me, victim, true, now).await.is_err());
    attempt!("talk::standing", inbound::talk::standing(store, me, victim).await.unwrap() == inbound::talk::Standing::default());
    attempt!("quick::list", inbound::quick::list(store, a).await.unwrap().is_empty());
    attempt!("quick::change", inbound::quick::change(store, me, quick, Rich::plain("чужой"), now).await.is_err());
    attempt!("quick::remove", inbound::quick::remove(store, me, quick, now).await.is_err());
    attempt!("inbound::search", inbound::search::search(store, a, region, &phone, 10).await.unwrap().is_empty());
    attempt!(
        "inbound::reply",
        inbound::reply(store, me, victim, Some(rich.channel), Rich { text: "чужой".to_owned(), spans: vec![] }, "k1", now).await.is_err()
    );
    let mine: BTreeSet<String> = audit::entries(store, a, 0, 1_000).await.unwrap().into_iter().map(|entry| entry.subject).collect();
    attempt!("audit::entries", [planned.to_string(), segment.to_string(), boris.to_string()].iter().all(|id| !mine.contains(id)));
    attempt!("audit::verify", audit::verify(store, b).await.unwrap().is_ok());

    assert!(attempts.wrong.is_empty(), "{:?}:\n{}", world.shape, attempts.wrong.join("\n"));
    assert!(attempts.walked.len() > 110, "only {} attempts", attempts.walked.len());
}
