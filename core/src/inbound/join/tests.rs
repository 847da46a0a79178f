use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::Map;

use super::*;
use crate::{
    both, clock,
    contact::{
        Outcome, card, fixture as contacts,
        occasion::{self, NewOccasion, OccasionKind, OccasionState},
    },
    crm::connection::Connection,
    delivery::{books::books, fixture::Fixture},
    inbound::crm::{
        Reader,
        tests::{World, marked, person},
    },
    store::audit,
};

impl World {
    /// A world whose contacts are those of a campaign's fixture.
    async fn of(store: &Store, fixture: &Fixture) -> Self {
        let reader = Reader::load(store, fixture.account).await.expect("read");
        Self { store: store.clone(), actor: fixture.owner(), reader, now: clock::now() }
    }

    async fn pair(&self) -> Option<alike::Pair> {
        alike::nth(&self.store, self.actor.account, 0).await.expect("read")
    }

    async fn strings(&self, sql: &'static str, contact: ContactId) -> Vec<String> {
        on!(self.store.read(), |c| sqlx::query_scalar(sql).bind(contact).fetch_all(c).await).expect("read")
    }

    /// What a contact has, in words.
    async fn has(&self, contact: ContactId) -> Vec<String> {
        let card = self.card(contact).await;
        let row = &card.contact;
        let mut all = vec![
            format!("{} / {} / {}: {:?}", row.name, row.first_name, row.last_name, row.attributes),
            format!("out {}, ads {:?}, deleted {}", row.opted_out_at.is_some(), row.marketing_grade, row.deleted_at.is_some()),
            format!("{:?} {:?}", card.tags, card.addresses.iter().map(|one| one.value.as_str()).collect::<Vec<_>>()),
            format!(
                "{:?}",
                card.sources.iter().map(|one| (one.name.as_str(), one.crm_id.as_str(), one.said.is_some())).collect::<Vec<_>>()
            ),
            format!("{:?}", card.occasions.iter().map(|one| one.title.as_str()).collect::<Vec<_>>()),
        ];
        for sql in [
            "select body from chat_message where contact_id = $1 order by id",
            "select d.state || coalesce(d.reason, '') from delivery d where d.contact_id = $1 order by d.id",
            "select what from response where contact_id = $1 order by what",
            "select reason || ' ' || value from suppression where contact_id = $1 and lifted_at is null order by value, reason",
            "select value from former_address where contact_id = $1 order by value",
            "select cast(last_id - (select min(id) from chat_message) as text) from conversation where contact_id = $1",
            "select cast(closed_at is null as text) from doubt where contact_id = $1 order by id",
        ] {
            all.push(format!("{:?}", self.strings(sql, contact).await));
        }
        all
    }

    async fn says(&self, contact: ContactId, channel: ChannelId, body: &str) {
        let sql = "insert into chat_message (account_id, contact_id, channel_id, direction, body, message_ref, at) values ($1, $2, $3, 'in', $4, $4, $5)";
        let mut tx = self.store.begin().await.expect("begun");
        on!(tx.conn(), |c| sqlx::query(sql)
            .bind(self.actor.account)
            .bind(contact)
            .bind(channel)
            .bind(body)
            .bind(self.now)
            .execute(c)
            .await
            .map(|_| ()))
        .expect("said");
        inbox::last_word(&mut tx, self.actor.account, contact).await.expect("noted");
        tx.commit().await.expect("committed");
    }

    async fn visits(&self, of: &Connection, contact: ContactId, title: &str) {
        let row = NewOccasion {
            kind: OccasionKind::Visit,
            external_id: title.to_owned(),
            contact,
            at: self.now,
            until: None,
            state: OccasionState::Open,
            stage: String::new(),
            title: title.to_owned(),
            staff: String::new(),
            place: String::new(),
            amount: None,
            url: None,
            data: Map::new(),
            changed_at: self.now,
        };
        let mut tx = self.store.begin().await.expect("begun");
        occasion::put(&mut tx, self.actor.account, of.id, &[row], self.now).await.expect("put");
        tx.commit().await.expect("committed");
    }

    async fn actions(&self) -> Vec<(String, String)> {
        let entries = audit::entries(&self.store, self.actor.account, 0, 100).await.expect("read");
        entries.into_iter().map(|entry| (entry.action, entry.actor)).collect()
    }

    async fn join(&self, one: ContactId, two: ContactId) -> ContactId {
        by_member(&self.store, &self.actor, (one, two), clock::now()).await.expect("joined")
    }

    async fn divide(&self, contact: ContactId) -> ContactId {
        let id = last_of(&self.store, self.actor.account, contact).await.expect("read").expect("a join");
        divide(&self.store, &self.actor, id, clock::now()).await.expect("divided")
    }
}

both!(async fn one_phone_in_two_crms_is_one_person(store) {
    let world = World::new(store).await;
    let (one, two) = (world.crm("one").await, world.crm("two").await);
    let count = async || card::count(&world.store, world.actor.account).await.expect("read");
    world.page(&one, &[person("7", "Анна Иванова", &["+79120000001"], &["vip"])]).await;
    let anna = world.whose(&one, "7").await;
    let stats = world.page(&two, &[person("5", "Иванова А.", &["8 912 000-00-01", "+79120000002"], &["сад"])]).await;
    assert_eq!((stats.created, stats.updated, stats.shared_phones, count().await), (0, 1, 0, 1));
    assert_eq!(world.whose(&two, "5").await, anna);
    let card = world.card(anna).await;
    assert_eq!((card.contact.name.as_str(), card.tags.len(), card.addresses.len(), card.sources.len()), ("Анна Иванова", 2, 2, 2));
    let said: Vec<(usize, usize)> =
        card.sources.iter().filter_map(|one| one.said.as_deref()).map(|said| (said.tags.len(), said.phones.len())).collect();
    assert_eq!(said, [(1, 1), (1, 2)], "each keeps its own word");
    assert_eq!(world.pair().await, None);
    assert!(world.actions().await.contains(&(JOIN.to_owned(), "system".to_owned())));
    // Again nothing changes.
    let before = world.has(anna).await;
    world.page(&two, &[person("5", "Иванова А.", &["8 912 000-00-01", "+79120000002"], &["сад"])]).await;
    world.page(&one, &[person("7", "Анна Иванова", &["+79120000001"], &["vip"])]).await;
    assert_eq!((world.has(anna).await, count().await), (before, 1));
    // Either may go: the other one stays.
    world.gone(&one, &["7"]).await;
    let card = world.card(anna).await;
    assert_eq!((card.contact.deleted_at, card.contact.name.as_str(), card.tags), (None, "Иванова А.", vec!["сад".to_owned()]));
});

both!(async fn a_phone_alone_does_not_make_one_of_two(store) {
    let world = World::new(store).await;
    let (one, two) = (world.crm("one").await, world.crm("two").await);
    world.page(&one, &[person("7", "Анна", &["+79120000001"], &[]), person("8", "Анна", &["+79120000001"], &[])]).await;
    let (anna, twin) = (world.whose(&one, "7").await, world.whose(&one, "8").await);
    assert_ne!(anna, twin, "in one CRM a phone is shared by a family");
    let stats = world.page(&two, &[person("5", "Пётр", &["+79120000001"], &[])]).await;
    let peter = world.whose(&two, "5").await;
    assert_eq!((stats.created, stats.shared_phones), (1, 1));
    assert_eq!(alike::count(&world.store, world.actor.account).await.expect("read"), 2);
    // A phone that a member wrote down is no CRM's word.
    let draft = Draft { addresses: vec![NewAddress::phone("+79120000009".into(), "")], source: "manual".into(), ..Draft::default() };
    let mut tx = world.store.begin().await.expect("begun");
    let vera = contact::create(&mut tx, world.actor.account, &draft, world.now).await.expect("made").contact;
    contacts::source(&mut tx, world.actor.account, vera, (one.id, "9")).await;
    tx.commit().await.expect("committed");
    world.page(&two, &[person("6", "", &["+79120000009"], &[])]).await;
    assert_ne!(world.whose(&two, "6").await, vera);

    // Who were said to be two are not asked about again, whatever they are called later.
    apart(&world.store, &world.actor, (peter, anna), world.now).await.expect("apart");
    assert!(matches!(apart(&world.store, &world.actor, (anna, peter), world.now).await, Err(JoinError::Account(AccountError::NotFound))));
    world.page(&two, &[person("5", "Анна", &["+79120000001"], &[])]).await;
    assert_eq!(world.whose(&two, "5").await, peter);
    assert_eq!(alike::count(&world.store, world.actor.account).await.expect("read"), 2);
    assert!(world.actions().await.contains(&("contact.apart".to_owned(), world.actor.member.to_string())));
    assert_eq!(world.join(anna, twin).await, anna, "a member may say so");
    assert_eq!(alike::count(&world.store, world.actor.account).await.expect("read"), 1, "and is asked no more");
});

both!(async fn a_record_that_gets_the_phone_later_is_found_to_be_the_person(store) {
    let world = World::new(store).await;
    let (one, two) = (world.crm("one").await, world.crm("two").await);
    world.page(&one, &[person("7", "Анна", &["+79120000001"], &[])]).await;
    world.page(&two, &[person("5", "Анна", &[], &[])]).await;
    let (anna, later) = (world.whose(&one, "7").await, world.whose(&two, "5").await);
    assert_ne!(anna, later, "a name proves nothing");
    world.page(&two, &[person("5", "Анна", &["+79120000001"], &[])]).await;
    assert_eq!((world.whose(&two, "5").await, world.card(later).await.contact.deleted_at.is_some()), (anna, true));
});

both!(async fn a_stop_of_either_is_the_persons_and_both_crms_are_told(store) {
    let world = World::new(store).await;
    let (one, two) = (world.crm("one").await, world.crm("two").await);
    world.page(&one, &[person("7", "Анна", &["+79120000001"], &[]), person("8", "Вера", &["+79120000002"], &[])]).await;
    opt_out::opt_out_by_member(&world.store, &world.actor, world.whose(&one, "8").await, world.now).await.expect("out");
    let told = world.told(&one).await.len();
    world.page(
        &two,
        &[marked(person("5", "Анна", &["+79120000001"], &[]), "stop"), person("6", "Вера", &["+79120000002"], &[])],
    )
    .await;
    for id in ["7", "8"] {
        assert!(world.card(world.whose(&one, id).await).await.contact.opted_out_at.is_some(), "{id}");
    }
    assert!(world.told(&one).await[told..].contains(&("opt_out".to_owned(), "7".to_owned())));
    assert!(world.told(&two).await.contains(&("opt_out".to_owned(), "6".to_owned())));
});

/// Two contacts of a campaign's fixture, each with something of everything.
async fn two_people(world: &World, fixture: &Fixture) -> (ContactId, ContactId) {
    let (account, [anna, vera]) = (world.actor.account, [fixture.contacts[0], fixture.contacts[1]]);
    let (one, two) = (world.crm("one").await, world.crm("two").await);
    for (n, (contact, of)) in [(anna, &one), (vera, &two)].into_iter().enumerate() {
        let mut tx = world.store.begin().await.expect("begun");
        contacts::source(&mut tx, account, contact, (of.id, &n.to_string())).await;
        let draft = Draft {
            attributes: Map::from_iter([("city".to_owned(), json!(format!("город {n}"))), (format!("own_{n}"), json!(n))]),
            tags: vec![format!("тег {n}"), "общий".to_owned()],
            addresses: vec![NewAddress::phone(format!("+7912000000{n}"), ""), NewAddress::phone(format!("+7912000009{n}"), "")],
            ..Draft::default()
        };
        contact::update(&mut tx, account, contact, &draft, world.now).await.expect("told");
        contact::detach_address(&mut tx, account, contact, PHONE, &format!("+7912000009{n}"), crate::id::ANY_CHANNEL, world.now)
            .await
            .expect("detached");
        tx.commit().await.expect("committed");
        world.visits(of, contact, &format!("визит {n}")).await;
        world.says(contact, fixture.channel, &format!("слова {n}")).await;
    }
    (anna, vera)
}

both!(async fn whoever_is_divided_again_has_what_they_had(store) {
    let fixture = Fixture::new(&store, 2, 30.0).await;
    let world = World::of(&store, &fixture).await;
    // A campaign to both of them, one to the second alone.
    let both = fixture.campaign(&store, "service", "leave", 2, None).await;
    let alone = fixture.campaign(&store, "service", "leave", 2, None).await;
    let (anna, vera) = two_people(&world, &fixture).await;
    fixture.change(&store, "update delivery set state = 'sent', sent_at = updated_at where account_id = $1").await;
    let mut tx = store.begin().await.expect("begun");
    on!(tx.conn(), |c| sqlx::query("update delivery set state = 'queued', sent_at = null where campaign_id = $1 and contact_id = $2")
        .bind(both).bind(anna).execute(c).await.map(|_| ())).expect("waits");
    on!(tx.conn(), |c| sqlx::query("delete from delivery where campaign_id = $1 and contact_id = $2").bind(alone).bind(anna).execute(c).await.map(|_| ()))
        .expect("not in it");
    on!(tx.conn(), |c| sqlx::query("insert into response (campaign_id, contact_id, what, account_id, at) values ($1, $2, 'reply', $3, $4)")
        .bind(alone).bind(vera).bind(world.actor.account).bind(world.now).execute(c).await.map(|_| ())).expect("replied");
    tx.commit().await.expect("committed");
    let (hers, theirs) = (world.has(anna).await, world.has(vera).await);

    assert_eq!(world.join(vera, anna).await, anna, "whoever was here first stays");
    let joined = world.card(anna).await;
    assert_eq!((joined.contact.attributes["city"].clone(), joined.contact.attributes["own_1"].clone()), (json!("город 0"), json!(1)));
    assert_eq!((joined.tags.len(), joined.addresses.len(), joined.sources.len(), joined.occasions.len(), joined.messages.len()), (3, 4, 2, 2, 2));
    assert_eq!(world.strings("select cast(count(*) as text) from delivery where contact_id = $1 and state = 'sent'", anna).await, ["2"]);
    assert!(world.card(vera).await.contact.deleted_at.is_some());
    let listed = list(&store, world.actor.account, 10, 0).await.expect("read");
    assert_eq!((listed.len(), listed[0].contact, listed[0].proof, listed[0].member.as_deref()), (1, anna, Proof::Member, Some("Анна")));
    world.says(anna, fixture.channel, "слова потом").await;

    assert_eq!(world.divide(anna).await, vera);
    assert_eq!(world.has(vera).await, theirs);
    let mut now = world.has(anna).await;
    // What was said since stays with whoever stayed; nothing that waited is sent for the division.
    assert_eq!(now[5], r#"["слова 0", "слова потом"]"#);
    assert_eq!(now[6], r#"["cancelledsame_person"]"#);
    // The company's list holds by whatever address either had.
    assert_eq!(now[9], r#"["+79120000090", "+79120000091"]"#);
    for at in [5, 6, 9, 10] {
        now[at].clone_from(&hers[at]);
    }
    assert_eq!(now, hers);
    assert_eq!(count(&store, world.actor.account).await.expect("read"), 0);
    let kept: Vec<String> = world.strings("select cast(kept as text) from contact_join where contact_id = $1", anna).await;
    assert_eq!(kept, ["{}"], "what was kept of them is kept no more");
    let actions = world.actions().await;
    for action in [JOIN, DIVIDE] {
        assert!(actions.contains(&(action.to_owned(), world.actor.member.to_string())), "{action}");
    }
    // Nobody joins them by themselves again.
    let mut tx = store.begin().await.expect("begun");
    assert!(alike::are_two(&mut tx, world.actor.account, vera, anna).await.expect("read"));
    drop(tx);
    assert!(matches!(
        divide(&store, &world.actor, listed[0].id, world.now).await,
        Err(JoinError::Account(AccountError::NotFound))
    ), "once");
    for campaign in [both, alone] {
        let rows: i64 = on!(store.read(), |c| sqlx::query_scalar("select count(*) from delivery where campaign_id = $1 and contact_id not in ($2, $3)")
            .bind(campaign).bind(anna).bind(vera).fetch_one(c).await).expect("read");
        assert_eq!(rows, 0, "no message is nobody's");
    }
});

both!(async fn the_books_balance_through_a_join_and_a_division(store) {
    let fixture = Fixture::new(&store, 2, 30.0).await;
    let world = World::of(&store, &fixture).await;
    let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
    let balanced = async || books(&store, world.actor.account, campaign).await.expect("read").balanced();
    assert!(balanced().await);
    let stays = world.join(fixture.contacts[0], fixture.contacts[1]).await;
    assert!(balanced().await);
    world.divide(stays).await;
    assert!(balanced().await);
});

both!(async fn a_consent_that_came_with_the_other_goes_with_them(store) {
    let fixture = Fixture::new(&store, 3, 30.0).await;
    fixture.change(&store, "update contact set marketing_grade = null where account_id = $1").await;
    let world = World::of(&store, &fixture).await;
    let [anna, vera, lena] = [fixture.contacts[0], fixture.contacts[1], fixture.contacts[2]];
    let account = world.actor.account;
    let grade = async |contact| world.card(contact).await.contact.marketing_grade;
    let grant = async |contact, grade, days| {
        let at = world.now - TimeDelta::days(days);
        let new = NewConsent {
            account,
            contact,
            purpose: Purpose::Marketing,
            action: Action::Granted,
            grade,
            wording: None,
            channel: None,
            evidence: json!({ "document": "анкета" }),
            actor: "contact".to_owned(),
            at,
        };
        let mut tx = store.begin().await.expect("begun");
        consent::record(&mut tx, new, world.now).await.expect("recorded");
        tx.commit().await.expect("committed");
    };
    grant(vera, Grade::B, 3).await;
    world.join(anna, vera).await;
    assert_eq!(grade(anna).await, Some(2), "what either consented to the one person did");
    world.divide(anna).await;
    assert_eq!((grade(anna).await, grade(vera).await), (None, Some(2)), "it was not hers");
    // One of her own stays hers.
    grant(anna, Grade::D, 2).await;
    grant(lena, Grade::A, 1).await;
    world.join(anna, lena).await;
    assert_eq!(grade(anna).await, Some(1));
    world.divide(anna).await;
    assert_eq!((grade(anna).await, grade(lena).await), (Some(4), Some(1)));
});

both!(async fn a_stop_stays_on_both_who_are_divided(store) {
    let fixture = Fixture::new(&store, 4, 30.0).await;
    let world = World::of(&store, &fixture).await;
    let [anna, vera, lena, nina] = [fixture.contacts[0], fixture.contacts[1], fixture.contacts[2], fixture.contacts[3]];
    let out = async |contact| world.card(contact).await.contact.opted_out_at.is_some();
    // Said before, by the one who goes; said as the one person.
    opt_out::opt_out_by_member(&store, &world.actor, vera, world.now).await.expect("out");
    world.join(anna, vera).await;
    assert!(out(anna).await);
    world.join(lena, nina).await;
    opt_out::opt_out_by_member(&store, &world.actor, lena, world.now).await.expect("out");
    for contact in [anna, lena] {
        world.divide(contact).await;
    }
    for contact in [anna, vera, lena, nina] {
        assert!(out(contact).await);
        let card = world.card(contact).await;
        assert!(card.suppressions.iter().any(|one| one.reason == "opt_out"), "and at their address");
    }
    // A number on the company's list holds for both, too.
    let ira = Fixture::new(&store, 2, 30.0).await;
    let other = World::of(&store, &ira).await;
    suppression::add_phones(&store, &other.actor, "+79120000077", other.now).await.expect("listed");
    let mut tx = store.begin().await.expect("begun");
    let draft = Draft { addresses: vec![NewAddress::phone("+79120000077".into(), "")], ..Draft::default() };
    let done = contact::update(&mut tx, ira.account, ira.contacts[1], &draft, other.now).await.expect("told");
    assert_eq!(done.outcome, Outcome::Updated);
    tx.commit().await.expect("committed");
    let stays = other.join(ira.contacts[0], ira.contacts[1]).await;
    other.divide(stays).await;
    for contact in &ira.contacts {
        assert!(other.card(*contact).await.suppressions.iter().any(|one| one.reason == "manual"));
    }
});

both!(async fn joins_are_undone_from_the_last_one(store) {
    let fixture = Fixture::new(&store, 3, 30.0).await;
    let world = World::of(&store, &fixture).await;
    let [anna, vera, lena] = [fixture.contacts[0], fixture.contacts[1], fixture.contacts[2]];
    world.join(anna, vera).await;
    let first = last_of(&store, world.actor.account, anna).await.expect("read").expect("a join");
    world.join(anna, lena).await;
    assert!(matches!(divide(&store, &world.actor, first, world.now).await, Err(JoinError::NotLast)));
    assert_eq!((world.divide(anna).await, world.divide(anna).await), (lena, vera));
    let values = async |contact| world.card(contact).await.addresses.into_iter().map(|one| one.value).collect::<BTreeSet<_>>();
    for (contact, chat) in [(anna, "1000"), (vera, "1001"), (lena, "1002")] {
        assert_eq!(values(contact).await, BTreeSet::from([chat.to_owned()]));
    }
    // Of a deleted person nothing is kept.
    world.join(anna, vera).await;
    contact::delete_by_member(&store, &world.actor, anna, world.now).await.expect("deleted");
    let kept = world.strings("select cast(kept as text) from contact_join where contact_id = $1 and undone_at is null", anna).await;
    assert_eq!((kept, count(&store, world.actor.account).await.expect("read")), (vec!["{}".to_owned()], 0));
});

both!(async fn nobody_without_the_right_joins_or_divides(store) {
    let fixture = Fixture::new(&store, 2, 30.0).await;
    let world = World::of(&store, &fixture).await;
    let viewer = Actor { role: crate::account::Role::Viewer, ..world.actor.clone() };
    let pair = (fixture.contacts[0], fixture.contacts[1]);
    assert!(matches!(by_member(&store, &viewer, pair, world.now).await, Err(JoinError::Account(AccountError::Forbidden(_)))));
    assert!(matches!(apart(&store, &viewer, pair, world.now).await, Err(JoinError::Account(AccountError::Forbidden(_)))));
    assert!(matches!(divide(&store, &viewer, JoinId::new(), world.now).await, Err(JoinError::Account(AccountError::Forbidden(_)))));
    let stranger = World::of(&store, &Fixture::new(&store, 1, 30.0).await).await;
    let gone = by_member(&store, &stranger.actor, pair, world.now).await;
    assert!(matches!(gone, Err(JoinError::Account(AccountError::NotFound))), "{gone:?}");
    assert!(matches!(by_member(&store, &world.actor, (pair.0, pair.0), world.now).await, Err(JoinError::Account(AccountError::NotFound))));
});

both!(async fn an_email_that_somebody_has_is_asked_about(store) {
    let world = World::new(store).await;
    let one = world.crm("one").await;
    let email = NewAddress { kind: contact::EMAIL.to_owned(), value: "anna@example.ru".to_owned(), scope: crate::id::ANY_CHANNEL, raw: None };
    let draft = Draft { addresses: vec![email], source: "import".to_owned(), ..Draft::default() };
    let mut tx = world.store.begin().await.expect("begun");
    let anna = contact::create(&mut tx, world.actor.account, &draft, world.now).await.expect("made").contact;
    tx.commit().await.expect("committed");
    let mut record = person("7", "Анна", &[], &[]);
    record.emails = vec![" Anna@Example.ru".to_owned(), "other@example.ru".to_owned()];
    world.page(&one, &[record]).await;
    let new = world.whose(&one, "7").await;
    let pair = world.pair().await.expect("a pair");
    assert_eq!((pair.why, BTreeSet::from([pair.one_id, pair.two_id])), (Shared::Email, BTreeSet::from([anna, new])));
});

both!(async fn people_of_one_name_born_on_one_day_are_asked_about(store) {
    let world = World::new(store).await;
    let account = world.actor.account;
    contact::field::create(&world.store, &world.actor, "birthday", "День рождения", contact::FieldKind::Date, world.now).await.expect("a field");
    let mut tx = world.store.begin().await.expect("begun");
    let mut made = Vec::new();
    for (name, day) in [("Анна Иванова", "1990-05-12"), ("анна иванова", "1990-05-12"), ("Анна Иванова", "1991-05-12"), ("Вера", "1990-05-12"), ("Пётр", "")] {
        let attributes = if day.is_empty() { Map::new() } else { Map::from_iter([("birthday".to_owned(), json!(day))]) };
        let draft = Draft { name: Some(name.to_owned()), attributes, source: "import".to_owned(), ..Draft::default() };
        made.push(contact::create(&mut tx, account, &draft, world.now).await.expect("made").contact);
    }
    tx.commit().await.expect("committed");
    for _ in 0..2 {
        alike::look(&world.store, account, world.now).await.expect("looked");
    }
    let pair = world.pair().await.expect("a pair");
    assert_eq!((alike::count(&world.store, account).await.expect("read"), pair.why), (1, Shared::Birthday));
    assert_eq!(BTreeSet::from([pair.one_id, pair.two_id]), BTreeSet::from([made[0], made[1]]));
    apart(&world.store, &world.actor, (made[1], made[0]), world.now).await.expect("apart");
    alike::look(&world.store, account, world.now).await.expect("looked");
    assert_eq!(world.pair().await, None);
});
