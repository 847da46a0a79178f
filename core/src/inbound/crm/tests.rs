//! A person in several CRMs: what each gives, takes away, and is told.

use super::*;
use crate::{
    account::Actor,
    both, clock,
    consent::Purpose,
    contact::{card, fixture, source},
    crm::{
        connection,
        mapping::{ConsentMapping, CrmSettings},
    },
    opt_out,
};

pub struct World {
    pub store: Store,
    pub actor: Actor,
    pub reader: Reader,
    pub now: Moment,
}

impl World {
    pub async fn new(store: Store) -> Self {
        let actor = fixture::actor(&store).await;
        let reader = Reader::load(&store, actor.account).await.expect("read");
        Self { store, actor, reader, now: clock::now() }
    }

    /// A CRM whose field `ads` says whether somebody wants advertising, and `stop` that they want
    /// none.
    pub async fn crm(&self, name: &str) -> Connection {
        let account = self.actor.account;
        let mut tx = self.store.begin().await.expect("begun");
        let id = fixture::connection(&mut tx, account).await;
        let consent = ConsentMapping {
            purpose: Purpose::Marketing,
            crm_field: "ads".to_owned(),
            yes: Vec::new(),
            at_field: None,
            author_field: None,
            stated_at: self.now,
        };
        let settings = CrmSettings { consents: vec![consent], opt_out_field: Some("stop".to_owned()), ..CrmSettings::default() };
        let sql = "update crm_connection set external_id = $2, name = $2, settings = $3 where id = $1";
        on!(tx.conn(), |c| sqlx::query(sql).bind(id).bind(name).bind(sqlx::types::Json(&settings)).execute(c).await.map(|_| ()))
            .expect("named");
        tx.commit().await.expect("committed");
        connection::by_id(&self.store, id).await.expect("read").expect("there")
    }

    pub async fn page(&self, of: &Connection, contacts: &[CrmContact]) -> Stats {
        let mut tx = self.store.begin().await.expect("begun");
        let stats = page(&mut tx, of, contacts, &self.reader, clock::now()).await.expect("taken in");
        tx.commit().await.expect("committed");
        stats
    }

    pub async fn gone(&self, of: &Connection, ids: &[&str]) -> u64 {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let mut tx = self.store.begin().await.expect("begun");
        let count = delete(&mut tx, of, &ids, clock::now()).await.expect("gone");
        tx.commit().await.expect("committed");
        count
    }

    pub async fn whose(&self, of: &Connection, id: &str) -> ContactId {
        let sql = "select contact_id from contact_source where connection_id = $1 and crm_id = $2";
        on!(self.store.read(), |c| sqlx::query_scalar(sql).bind(of.id).bind(id).fetch_one(c).await).expect("a record")
    }

    pub async fn card(&self, contact: ContactId) -> card::Card {
        card::card(&self.store, self.actor.account, contact).await.expect("read").expect("there")
    }

    /// What the CRM of a connection is to be told, of which record.
    pub async fn told(&self, of: &Connection) -> Vec<(String, String)> {
        let sql = "select kind, crm_id from crm_write where connection_id = $1 order by id";
        on!(self.store.read(), |c| sqlx::query_as(sql).bind(of.id).fetch_all(c).await).expect("read")
    }
}

pub fn person(id: &str, name: &str, phones: &[&str], tags: &[&str]) -> CrmContact {
    let own = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
    CrmContact {
        id: id.to_owned(),
        name: name.to_owned(),
        first_name: name.to_owned(),
        last_name: String::new(),
        phones: own(phones),
        emails: Vec::new(),
        tags: own(tags),
        fields: Vec::new(),
        updated_at: clock::now(),
        deleted: false,
        merged_into: None,
    }
}

/// A field of the record says yes.
pub fn marked(mut record: CrmContact, field: &str) -> CrmContact {
    record.fields.push((field.to_owned(), vec![json!(true)]));
    record
}

/// One contact who is the record `7` of either CRM.
async fn in_both(world: &World) -> (Connection, Connection, ContactId) {
    let (one, two) = (world.crm("one").await, world.crm("two").await);
    world.page(&one, &[person("7", "Анна", &["+79120000001"], &["vip", "опт"])]).await;
    let anna = world.whose(&one, "7").await;
    let mut tx = world.store.begin().await.expect("begun");
    fixture::source(&mut tx, world.actor.account, anna, (two.id, "7")).await;
    tx.commit().await.expect("committed");
    world.page(&two, &[person("7", "Анна", &["+79120000002"], &["vip", "сад"])]).await;
    (one, two, anna)
}

both!(async fn what_one_crm_gave_stays_while_another_gives_it(store) {
    let world = World::new(store).await;
    let (one, two, anna) = in_both(&world).await;
    let has = async || {
        let card = world.card(anna).await;
        (card.tags, card.addresses.into_iter().map(|one| one.value).collect::<Vec<_>>())
    };
    assert_eq!(has().await, (vec!["vip".to_owned(), "опт".into(), "сад".into()], vec!["+79120000001".to_owned(), "+79120000002".into()]));
    world.page(&one, &[person("7", "Анна", &[], &[])]).await;
    assert_eq!(has().await, (vec!["vip".to_owned(), "сад".into()], vec!["+79120000002".to_owned()]), "its own alone is gone");
    world.page(&one, &[person("7", "Анна", &["+79120000002"], &["опт"])]).await;
    assert_eq!(world.gone(&two, &["7"]).await, 1);
    assert_eq!(has().await, (vec!["опт".to_owned()], vec!["+79120000002".to_owned()]), "gone with its record");
    assert_eq!(world.card(anna).await.sources.len(), 1);
    assert_eq!(world.gone(&one, &["7"]).await, 1);
    assert!(world.card(anna).await.contact.deleted_at.is_some(), "with the last record the contact goes");
    assert_eq!(world.gone(&one, &["7"]).await, 0);
    world.page(&one, &[person("7", "Анна", &["+79120000001"], &[])]).await;
    assert_ne!(world.whose(&one, "7").await, anna, "restored there, it comes in as new");
});

both!(async fn whoever_was_here_before_the_crm_stays_without_it(store) {
    let world = World::new(store).await;
    let one = world.crm("one").await;
    let draft = Draft { addresses: vec![NewAddress::phone("+79120000001".into(), "")], source: "import".into(), ..Draft::default() };
    let mut tx = world.store.begin().await.expect("begun");
    let anna = contact::create(&mut tx, world.actor.account, &draft, world.now).await.expect("made").contact;
    tx.commit().await.expect("committed");
    world.page(&one, &[person("7", "Анна", &["+79120000001"], &["vip"])]).await;
    assert_eq!(world.whose(&one, "7").await, anna);
    assert_eq!(world.gone(&one, &["7"]).await, 1);
    let card = world.card(anna).await;
    assert_eq!((card.contact.deleted_at, card.sources.len(), card.addresses.len(), card.tags), (None, 0, 1, vec!["vip".to_owned()]));
});

both!(async fn a_full_load_looks_for_the_records_of_its_own_crm(store) {
    let world = World::new(store).await;
    let (one, two, anna) = in_both(&world).await;
    world.page(&one, &[person("8", "Пётр", &["+79120000008"], &[])]).await;
    contact::delete_by_member(&world.store, &world.actor, world.whose(&one, "8").await, world.now).await.expect("deleted");
    let started = clock::now() + chrono::TimeDelta::seconds(1);
    let unseen = async |of: &Connection| super::unseen(&world.store, of, "", started).await.expect("read");
    assert_eq!((unseen(&one).await, unseen(&two).await), (vec!["7".to_owned()], vec!["7".to_owned()]), "whom a member deleted is not asked for");
    let before = started - chrono::TimeDelta::hours(1);
    assert!(super::unseen(&world.store, &one, "", before).await.expect("read").is_empty());
    assert_eq!(source::of_contact(&world.store, world.actor.account, anna).await.expect("read").len(), 2);
});

both!(async fn every_crm_in_which_the_person_is_is_told(store) {
    let world = World::new(store).await;
    let (one, two, anna) = in_both(&world).await;
    let account = world.actor.account;
    let note = CrmChange::Note { text: "Кампания".to_owned() };
    let mut tx = world.store.begin().await.expect("begun");
    for _ in 0..2 {
        write_back::enqueue(&mut tx, account, anna, &note, "campaign:1", world.now).await.expect("queued");
        write_back::enqueue_for(&mut tx, account, (anna, Some(two.id)), &note, "visit:1", world.now).await.expect("queued");
    }
    tx.commit().await.expect("committed");
    let each = |kinds: &[&str]| kinds.iter().map(|kind| ((*kind).to_owned(), "7".to_owned())).collect::<Vec<_>>();
    assert_eq!((world.told(&one).await, world.told(&two).await), (each(&["note"]), each(&["note", "note"])), "each once");
    opt_out::opt_out_by_member(&world.store, &world.actor, anna, world.now).await.expect("out");
    assert_eq!(world.told(&one).await, each(&["note", "opt_out", "note"]));
    assert_eq!(world.told(&two).await, each(&["note", "note", "opt_out", "note"]));

    // A third CRM tells of somebody who said stop before: it is told.
    let three = world.crm("three").await;
    let mut tx = world.store.begin().await.expect("begun");
    let draft = Draft { addresses: vec![NewAddress::phone("+79120000009".into(), "")], source: "import".into(), ..Draft::default() };
    let peter = contact::create(&mut tx, account, &draft, world.now).await.expect("made").contact;
    tx.commit().await.expect("committed");
    opt_out::opt_out_by_member(&world.store, &world.actor, peter, world.now).await.expect("out");
    for _ in 0..2 {
        world.page(&three, &[person("9", "Пётр", &["+79120000009"], &[])]).await;
    }
    assert_eq!(world.told(&three).await, [("opt_out".to_owned(), "9".to_owned())]);
});

both!(async fn a_row_that_a_build_before_queued_is_not_queued_again(store) {
    let world = World::new(store).await;
    let (one, two, anna) = in_both(&world).await;
    let note = CrmChange::Note { text: "Кампания".to_owned() };
    let sql = "insert into crm_write (account_id, connection_id, contact_id, crm_id, kind, payload, dedupe_key, state, due_at, created_at) \
        values ($1, $2, $3, '7', 'note', $4, $5, 'done', $6, $6)";
    let mut tx = world.store.begin().await.expect("begun");
    on!(tx.conn(), |c| sqlx::query(sql)
        .bind(world.actor.account)
        .bind(one.id)
        .bind(anna)
        .bind(sqlx::types::Json(&note))
        .bind(format!("{anna}:note:campaign:1"))
        .bind(world.now)
        .execute(c)
        .await
        .map(|_| ()))
    .expect("a row");
    write_back::enqueue(&mut tx, world.actor.account, anna, &note, "campaign:1", world.now).await.expect("queued");
    tx.commit().await.expect("committed");
    assert_eq!((world.told(&one).await.len(), world.told(&two).await.len()), (1, 1));
});

both!(async fn no_crm_takes_back_what_another_gave(store) {
    let world = World::new(store).await;
    let (one, two, anna) = in_both(&world).await;
    let grade = async || world.card(anna).await.contact.marketing_grade;
    world.page(&one, &[marked(person("7", "Анна", &["+79120000001"], &[]), "ads")]).await;
    assert_eq!(grade().await, Some(4));
    world.page(&two, &[person("7", "Анна", &[], &[])]).await;
    assert_eq!(grade().await, Some(4), "a missing mark of another CRM says nothing");
    world.page(&one, &[person("7", "Анна", &["+79120000001"], &[])]).await;
    assert_eq!(grade().await, None);
    // The checkbox of either says stop.
    world.page(&two, &[marked(person("7", "Анна", &[], &[]), "stop")]).await;
    assert!(world.card(anna).await.contact.opted_out_at.is_some());
    assert!(world.told(&one).await.contains(&("opt_out".to_owned(), "7".to_owned())), "and the other CRM is told");
});

// The CRM dates the mark by the day in its own zone, where it is tomorrow already, and its clock
// is a second behind: what it takes back is taken back all the same.
both!(async fn a_mark_of_tomorrow_is_taken_back_today(store) {
    let world = World::new(store).await;
    let mut crm = world.crm("one").await;
    crm.settings.consents[0].at_field = Some("since".to_owned());
    let mut anna = marked(person("7", "Анна", &["+79120000001"], &[]), "ads");
    anna.fields.push(("since".to_owned(), vec![json!((world.now + chrono::TimeDelta::hours(30)).format("%Y-%m-%d").to_string())]));
    world.page(&crm, &[anna]).await;
    let grade = async || world.card(world.whose(&crm, "7").await).await.contact.marketing_grade;
    assert_eq!(grade().await, Some(4));
    let mut anna = person("7", "Анна", &["+79120000001"], &[]);
    anna.updated_at = world.now - chrono::TimeDelta::seconds(1);
    world.page(&crm, &[anna]).await;
    assert_eq!(grade().await, None);
});

both!(async fn a_record_as_it_was_is_not_taken_in_again(store) {
    let world = World::new(store).await;
    let crm = world.crm("one").await;
    let digest = async |id: &str| -> Option<i64> {
        let sql = "select digest from contact_source where connection_id = $1 and crm_id = $2";
        on!(world.store.read(), |c| sqlx::query_scalar(sql).bind(crm.id).bind(id).fetch_one(c).await).expect("read")
    };
    let page = |name: &str| [person("7", name, &["+79120000001"], &["vip"]), person("8", "Пётр", &["+79120000002", "123"], &[])];
    world.page(&crm, &page("Анна")).await;
    let anna = world.whose(&crm, "7").await;
    assert!(digest("7").await.is_some());
    assert_eq!(digest("8").await, None, "a writing that is no phone is told of each time");
    let stats = world.page(&crm, &page("Анна")).await;
    assert_eq!((stats.updated, stats.bad_phones), (0, 1));

    // What was typed here stays until the record says something new.
    let typed = Draft { first_name: Some("Аня".to_owned()), ..Draft::default() };
    let mut tx = world.store.begin().await.expect("begun");
    contact::update(&mut tx, world.actor.account, anna, &typed, world.now).await.expect("typed");
    tx.commit().await.expect("committed");
    world.page(&crm, &page("Анна")).await;
    assert_eq!(world.card(anna).await.contact.first_name, "Аня");
    assert_eq!(world.page(&crm, &page("Анна-Мария")).await.updated, 1);
    assert_eq!(world.card(anna).await.contact.first_name, "Анна-Мария");

    // It was seen all the same: a full load does not ask for it by its id.
    let started = clock::now();
    world.page(&crm, &page("Анна-Мария")).await;
    assert!(super::unseen(&world.store, &crm, "", started).await.expect("read").is_empty());

    // Read in another way, it is taken in anew; and deleted here, it is nobody's.
    let mut crm_anew = world.crm("two").await;
    crm_anew.id = crm.id;
    crm_anew.settings.version += 1;
    let before = digest("7").await;
    world.page(&crm_anew, &page("Анна-Мария")).await;
    assert_ne!(digest("7").await, before);
    contact::delete_by_member(&world.store, &world.actor, anna, world.now).await.expect("deleted");
    assert_eq!(world.page(&crm_anew, &page("Анна-Мария")).await.created, 0);
});

/// What a page read of somebody before they were deleted is not written back afterwards. SQLite
/// has one writer, so it cannot come to that there.
#[tokio::test]
async fn whoever_is_deleted_while_a_page_is_taken_in_gets_nothing_back() {
    let world = World::new(crate::testing::store(crate::store::Engine::Postgres).await).await;
    let (account, crm) = (world.actor.account, world.crm("one").await);
    world.page(&crm, &[person("7", "Анна", &["+79120000001"], &["vip"])]).await;
    let anna = world.whose(&crm, "7").await;
    let mut tx = world.store.begin().await.expect("begun");
    let here = page::here(&mut tx, account, crm.id, &["7"]).await.expect("read");
    contact::delete_by_member(&world.store, &world.actor, anna, world.now).await.expect("deleted");
    let news = Draft { name: Some("Анна Новая".to_owned()), ..Draft::default() };
    page::change(&mut tx, account, &[(&here["7"], &news)], world.now).await.expect("nothing is written");
    assert_eq!(contact::add_tags(&mut tx, account, anna, &["опт".to_owned()]).await.expect("no tag"), 0);
    let phone = NewAddress::phone("+79120000009".to_owned(), "8 912 000-00-09");
    assert!(!contact::attach_address(&mut tx, account, anna, &phone, world.now).await.expect("no address").expect("nobody's"));
    tx.commit().await.expect("committed");
    let sql = "select name || first_name || search from contact where id = $1";
    let left: String = on!(world.store.read(), |c| sqlx::query_scalar(sql).bind(anna).fetch_one(c).await).expect("read");
    assert_eq!(left, "");
}
