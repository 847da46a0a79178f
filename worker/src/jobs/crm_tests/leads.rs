//! Leads of amoCRM as occasions: read at first, followed by their times, called off when they are
//! lost or put into the bin; what is told of them, and tasks.

use mms_core::{
    contact::occasion::{self, Occasion, OccasionKind, OccasionState},
    crm::{connection::Progress, occasion::OccasionRef},
};
use mms_sandbox::amocrm::{Lead, pipelines};

use super::*;

impl World {
    async fn deals(&self, contact: u64) -> Vec<Occasion> {
        let (contact, ..) = self.contact(contact).await.expect("the contact");
        occasion::of_contact(&self.deps.store, self.account, contact, 10).await.expect("read")
    }

    async fn deal(&self, contact: u64) -> Occasion {
        let [deal] = self.deals(contact).await.try_into().expect("one deal");
        deal
    }

    /// How far the sync is becomes another.
    async fn progress(&self, id: ConnectionId, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.row(id).await.sync_cursor.0;
        change(&mut progress);
        let mut tx = self.deps.store.begin().await.expect("begin");
        on!(tx.conn(), |c| sqlx::query("update crm_connection set sync_cursor = $1 where id = $2")
            .bind(sqlx::types::Json(&progress))
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))
        .expect("kept");
        tx.commit().await.expect("commit");
    }

    /// Nobody may see leads (true), or whoever connected amoCRM may.
    fn close_leads(&self, closed: bool) {
        self.amo.heal();
        if closed {
            self.amo.inject(Rule { fault: Fault::Status(403), method: None, path: "/leads".to_owned(), after: 0, times: u32::MAX });
        }
    }
}

fn days_ago(days: i64) -> i64 {
    (clock::now() - TimeDelta::days(days)).timestamp()
}

both!(async fn deals_come_move_are_won_and_go_with_the_crm(store) {
    let world = World::new(store).await;
    let amo = &world.amo;
    let people: Vec<u64> = (1..=3).map(|n| amo.add(Contact::person("Анна", &format!("Петрова-{n}"), &[&phone(n)]))).collect();
    let (anna, boris, vera) = (people[0], people[1], people[2]);
    let olga = amo.add_user("Ольга");
    let made = |lead: Lead, days: i64| Lead { created_at: days_ago(days), updated_at: days_ago(days), ..lead };
    let cake = amo.add_lead(made(Lead { responsible: olga, contacts: vec![anna, vera], ..Lead::of(anna, "Торт", 1_500) }, 20));
    let old = amo.add_lead(made(Lead::of(anna, "Давний торт", 100), 1_000));
    let bouquet = amo.add_lead(made(Lead { pipeline: pipelines::AGAIN, ..Lead::of(boris, "Букет", 3_000) }, 3));
    amo.add_lead(made(Lead { contacts: Vec::new(), ..Lead::of(0, "Ничей", 1) }, 3));
    let id = world.connect().await;
    let row = world.sync(id).await;
    assert_eq!((row.sync_phase, row.state_reason.as_deref()), (SyncPhase::Idle, None));

    let deal = world.deal(anna).await;
    assert_eq!((deal.kind, deal.external_id, deal.state), (OccasionKind::Deal, cake.to_string(), OccasionState::Open), "the other is older than is asked for");
    assert_eq!((deal.title.as_str(), deal.stage.as_str(), deal.amount), ("Торт", "Первичный контакт", Some(150_000)));
    assert_eq!((deal.place.as_str(), deal.staff.as_str(), deal.until), ("Продажи", "Ольга", None));
    assert_eq!(amo.lead(cake).map(|lead| lead.created_at), Some(deal.at.timestamp()));
    assert!(world.deals(vera).await.is_empty(), "of several contacts it is the main one's");
    assert_eq!((world.deal(boris).await.place.as_str(), world.deal(boris).await.stage.as_str()), ("Повторные продажи", "Переговоры"));
    assert_eq!(world.count("select count(*) from occasion").await, 2);

    // One is won, one lost; one comes of a person who is new.
    amo.move_lead(cake, pipelines::SALES, pipelines::WON);
    amo.move_lead(bouquet, pipelines::AGAIN, pipelines::LOST);
    let nina = amo.add(Contact::person("Нина", "Новая", &[&phone(9)]));
    let late = amo.add_lead(Lead::of(nina, "Зёрна", 900));
    world.sync(id).await;
    let deal = world.deal(anna).await;
    assert_eq!((deal.state, deal.stage.as_str(), deal.until.is_some()), (OccasionState::Done, "Успешно реализовано", true));
    assert_eq!(world.deal(boris).await.state, OccasionState::Cancelled);
    assert_eq!((world.deal(nina).await.title.as_str(), world.deal(nina).await.staff.as_str()), ("Зёрна", "Мария Смирнова"));

    // In the bin it will not take place; out of it, it may. What changes is wanted, however old.
    amo.delete_lead(late);
    amo.move_lead(old, pipelines::SALES, pipelines::INVOICE);
    let row = world.sync(id).await;
    assert_eq!((world.deal(nina).await.state, row.sync_cursor.stats.called_off), (OccasionState::Cancelled, 1));
    assert_eq!(world.deals(anna).await.iter().map(|deal| deal.stage.as_str()).collect::<Vec<_>>(), ["Успешно реализовано", "Счёт отправлен"]);
    amo.restore_lead(late);
    world.sync(id).await;
    assert_eq!(world.deal(nina).await.state, OccasionState::Open);
    let stats = world.sync(id).await.sync_cursor.stats;
    assert_eq!((stats.occasions, stats.called_off), (0, 0), "the same again changes nothing");
});

both!(async fn whoever_is_restored_has_their_deals_at_once(store) {
    let world = World::new(store).await;
    let anna = world.amo.add(Contact::person("Анна", "Петрова", &[&phone(1)]));
    let boris = world.amo.add(Contact::person("Борис", "Петров", &[&phone(2)]));
    let made = |days: i64| Lead { created_at: days_ago(days), updated_at: days_ago(days), ..Lead::of(anna, "Торт", 1_500) };
    world.amo.add_lead(made(20));
    world.amo.add_lead(made(1_000));
    let id = world.connect().await;
    world.sync(id).await;
    assert_eq!(world.deals(anna).await.len(), 1);
    world.amo.delete(anna);
    world.sync(id).await;
    assert!(world.contact(anna).await.is_none());
    assert_eq!(world.count("select count(*) from occasion").await, 0, "what was to happen to them goes with them");
    world.amo.restore(anna);
    let row = world.sync(id).await;
    assert_eq!((world.deal(anna).await.title.as_str(), row.sync_cursor.occasions.of.len()), ("Торт", 0), "nobody waits for the night");
    // It is away just as it is asked, after what changed and what was restored: then it is asked
    // again.
    world.amo.delete(anna);
    world.sync(id).await;
    world.amo.restore(anna);
    world.amo.inject(Rule { fault: Fault::Status(503), method: Some(Method::GET), path: "/contacts".to_owned(), after: 2, times: 1 });
    assert_eq!(world.sync(id).await.state_reason.as_deref(), Some("unreachable"));
    assert!(world.deals(anna).await.is_empty());
    world.sync(id).await;
    assert_eq!((world.deals(anna).await.len(), world.deals(boris).await.len()), (1, 0));
});

both!(async fn more_deals_than_a_page_come_though_they_have_one_time(store) {
    let world = World::new(store).await;
    let anna = world.amo.add(Contact::person("Анна", "Петрова", &[&phone(1)]));
    let at = days_ago(5);
    for n in 0..520 {
        world.amo.add_lead(Lead { created_at: at, updated_at: at, ..Lead::of(anna, &format!("Сделка {n}"), n) });
    }
    let id = world.connect().await;
    world.amo.inject(Rule { fault: Fault::Status(504), method: Some(Method::GET), path: "/api/v4/leads".to_owned(), after: 1, times: 1 });
    assert_eq!(world.sync(id).await.state_reason, None);
    assert_eq!(world.count("select count(*) from occasion").await, 520);
});

both!(async fn whoever_may_not_see_leads_has_contacts_and_no_deals(store) {
    let world = World::new(store).await;
    let anna = world.amo.add(Contact::person("Анна", "Петрова", &[&phone(1)]));
    let lead = world.amo.add_lead(Lead::of(anna, "Торт", 1_500));
    world.close_leads(true);
    let id = world.connect().await;
    let row = world.sync(id).await;
    assert_eq!((row.state, row.sync_phase, row.state_reason.as_deref()), (ConnectionState::Active, SyncPhase::Idle, None));
    assert!(world.deals(anna).await.is_empty());

    // A right that comes late brings what changes; names that nobody may see stay empty.
    world.close_leads(false);
    world.amo.inject(Rule { fault: Fault::Status(403), method: None, path: "/users".to_owned(), after: 0, times: u32::MAX });
    world.amo.edit_lead(lead, |lead| lead.price = Some(1_700));
    world.sync(id).await;
    let deal = world.deal(anna).await;
    assert_eq!((deal.amount, deal.staff.as_str(), deal.stage.as_str()), (Some(170_000), "", "Первичный контакт"));

    // A right that was taken away says nothing of the deals: they stay as they were, even when
    // everything is read anew.
    world.close_leads(true);
    world.amo.delete_lead(lead);
    world.progress(id, |progress| progress.occasions.watermark = None).await;
    let row = world.sync(id).await;
    assert_eq!((row.state_reason.as_deref(), row.sync_phase), (None, SyncPhase::Idle));
    assert_eq!(world.deal(anna).await.state, OccasionState::Open);
    world.close_leads(false);
    world.sync(id).await;
    assert_eq!(world.deal(anna).await.state, OccasionState::Cancelled);
});

both!(async fn a_subscription_that_knows_no_leads_is_asked_for_once_more(store) {
    let world = World::new(store).await;
    let id = world.connect().await;
    connection::expect_hooks_of_all(&world.deps.store, Some("https://one.example"), clock::now()).await.expect("said");
    world.sync(id).await;
    let [address] = world.amo.destinations().try_into().expect("one subscription");
    assert!(world.amo.subscribed(&address).contains(&"status_lead".to_owned()));
    // As it was made before leads were read, and last looked at two days ago.
    world.amo.resubscribe(&address, &["add_contact", "update_contact", "delete_contact", "restore_contact"]);
    let two_days_ago = |progress: &mut Progress| {
        if let Some(hooks) = &mut progress.hooks {
            hooks.checked_at -= TimeDelta::days(2);
        }
    };
    world.progress(id, two_days_ago).await;
    let before = world.amo.requests_of("POST", "/api/v4/webhooks");
    world.sync(id).await;
    assert!(world.amo.subscribed(&address).contains(&"status_lead".to_owned()));
    world.sync(id).await;
    assert_eq!((world.amo.requests_of("POST", "/api/v4/webhooks"), world.amo.destinations().len()), (before + 1, 1), "once");
});

both!(async fn a_comment_and_a_task_come_once_whatever_happens_on_the_way(store) {
    let world = World::new(store).await;
    let amo = &world.amo;
    let olga = amo.add_user("Ольга");
    let anna = amo.add(Contact { responsible: olga, ..Contact::person("Анна", "Петрова", &[&phone(1)]) });
    let boris = amo.add(Contact { responsible: 77, ..Contact::person("Борис", "Сидоров", &[&phone(2)]) });
    let lead = amo.add_lead(Lead::of(anna, "Торт", 1_500));
    let id = world.connect().await;
    world.sync(id).await;
    let (contact, ..) = world.contact(anna).await.expect("the contact");
    let (other, ..) = world.contact(boris).await.expect("the contact");
    let of = |lead: String| OccasionRef { kind: OccasionKind::Deal, id: lead };
    let comment = CrmChange::Comment { of: of(lead.to_string()), text: "Спросили: «Всё ли понравилось?»".to_owned() };
    let due = clock::now() + TimeDelta::days(1);
    let task = CrmChange::Task { text: "Перезвонить".to_owned(), due };
    world.enqueue(contact, &comment, "1").await;
    world.enqueue(contact, &task, "1").await;
    world.enqueue(contact, &CrmChange::Note { text: "Спросили".to_owned() }, "1").await;
    for path in ["/leads/notes", "/tasks"] {
        amo.inject(Rule::once(Fault::DropAfter, Method::POST, path));
    }
    world.tell(id).await;
    assert_eq!(world.count("select count(*) from crm_write where state = 'queued'").await, 2, "no answer: later");
    // When it cannot be looked for, it waits.
    amo.inject(Rule::once(Fault::Status(500), Method::GET, "/tasks"));
    world.tell(id).await;
    world.tell(id).await;
    assert_eq!(world.count("select count(*) from crm_write where state = 'done'").await, 3);
    assert_eq!((amo.lead_notes(lead).len(), amo.notes_of(anna).len()), (1, 1));
    let [made] = amo.tasks().try_into().expect("one task");
    assert_eq!((made.text.as_str(), made.entity_id, made.entity_type.as_str()), ("Перезвонить", anna, "contacts"));
    assert_eq!((made.responsible, made.complete_till), (olga, due.timestamp()), "for whoever is responsible for her");

    // Nothing was done: it goes again. The same words a second time are another task.
    amo.inject(Rule::once(Fault::DropBefore, Method::POST, "/tasks"));
    world.enqueue(contact, &task, "2").await;
    world.tell(id).await;
    world.tell(id).await;
    assert_eq!(amo.tasks().len(), 2);

    // Whoever was responsible has left: the task is given to whomever amoCRM gives it. A lead that
    // is gone refuses its comment alone.
    amo.delete_lead(lead);
    world.enqueue(other, &task, "1").await;
    world.enqueue(contact, &comment, "2").await;
    world.enqueue(contact, &CrmChange::Comment { of: OccasionRef { kind: OccasionKind::Visit, id: "1".to_owned() }, text: "нет".to_owned() }, "3").await;
    world.tell(id).await;
    assert_eq!(amo.tasks().last().map(|task| task.entity_id), Some(boris));
    assert_eq!(world.count("select count(*) from crm_write where state = 'failed'").await, 2);
    assert_eq!(world.count("select count(*) from crm_write where state = 'done'").await, 5);
});
