//! What YCLIENTS is told: opt-outs, notes, answers and comments.

use mms_core::crm::occasion::{OccasionKind, OccasionRef};
use mms_sandbox::yclients::Record;

use super::*;

const DONE: &str = "select count(*) from crm_write where state = 'done'";
const QUEUED: &str = "select count(*) from crm_write where state = 'queued'";
const COMMENT: &str = "POST /company/{id}/clients/{id}/comments";
const CARD: &str = "PUT /client/{id}/{id}";
const RECORD: &str = "PUT /record/{id}/{id}";

impl Salon {
    async fn tells(&self, client: i64, change: &CrmChange, key: &str) {
        let (contact, ..) = self.contact(client).await.expect("the contact");
        self.world.enqueue(contact, change, key).await;
    }

    fn fails(&self, fault: Strike, method: &str) {
        self.yclients().faults().add(Struck::new(fault).method(method).times(1));
    }

    fn comments(&self, client: i64) -> Vec<String> {
        self.yclients().comments_of(SALON, client).into_iter().map(|comment| comment.text).collect()
    }

    /// The flag, the titles of the categories, what must not be lost.
    fn card(&self, id: i64) -> (bool, usize, String, i64) {
        let client = self.yclients().client(SALON, id).expect("a client");
        (client.sms_not, client.categories.len(), client.comment, client.spent)
    }

    async fn failures(&self) -> Vec<String> {
        on!(self.world.deps.store.read(), |c| sqlx::query_scalar("select error from crm_write where state = 'failed' order by id")
            .fetch_all(c)
            .await)
        .expect("read")
    }
}

fn a_note() -> CrmChange {
    CrmChange::Note { text: "Кампания «Май»: доставлено".to_owned() }
}

both!(async fn an_opt_out_goes_both_ways_and_leaves_the_card_whole(store) {
    let salon = Salon::new(store).await;
    let (world, yclients) = (&salon.world, salon.yclients());
    let mut anna = Client::person("Анна", "Петрова", "79123456789");
    (anna.comment, anna.spent, anna.categories) = ("вечером".to_owned(), 15_400, vec![31]);
    anna.custom_fields.insert("city".to_owned(), json!("Казань"));
    let anna = yclients.add_client(SALON, anna);
    let boris = yclients.add_client(SALON, Client::person("Борис", "", "79120000002"));
    let nobody = yclients.add_client(SALON, Client::person("Без", "Телефона", ""));
    let id = salon.connect().await;
    world.sync(id).await;

    salon.tells(anna, &CrmChange::OptOut(true), "1").await;
    salon.fails(Strike::DropAfter, CARD);
    world.tell(id).await;
    assert_eq!((world.count(QUEUED).await, salon.card(anna).0), (1, true), "no answer: later");
    world.tell(id).await;
    assert_eq!(salon.card(anna), (true, 2, "вечером".to_owned(), 15_400));
    assert_eq!(yclients.client(SALON, anna).expect("a client").custom_fields["city"], "Казань");
    let puts = || yclients.writes().iter().filter(|write| (write.what, write.how) == ("client", "update")).count();
    assert_eq!((puts(), world.count(DONE).await), (1, 1), "what stands there is not written again");
    salon.tells(anna, &CrmChange::OptOut(false), "2").await;
    world.tell(id).await;
    assert_eq!(salon.card(anna), (false, 1, "вечером".to_owned(), 15_400));

    // There is one category, whoever made it and however often it is needed.
    salon.tells(boris, &CrmChange::OptOut(true), "3").await;
    world.tell(id).await;
    assert_eq!((salon.card(boris).0, salon.card(boris).1), (true, 1));
    assert_eq!(yclients.writes().iter().filter(|write| write.what == "category").count(), 1);

    // A card without a phone cannot be written, hidden phones must not be written.
    salon.tells(nobody, &CrmChange::OptOut(true), "4").await;
    world.tell(id).await;
    yclients.set_rights(salon.owner, SALON, Some(Rights { phones: false, ..Rights::default() }));
    yclients.set(|settings| settings.hidden_phone = "7912*****89".to_owned());
    salon.tells(anna, &CrmChange::OptOut(true), "5").await;
    world.tell(id).await;
    yclients.delete_client(SALON, boris);
    salon.tells(boris, &CrmChange::OptOut(false), "6").await;
    world.tell(id).await;
    let failed = salon.failures().await;
    assert!(failed.len() == 3 && failed[0].contains("422") && failed[1].contains("phones") && failed[2].contains("no such record"), "{failed:?}");
    assert_eq!(yclients.client(SALON, anna).expect("a client").phone, "79123456789");
});

both!(async fn a_note_is_written_once_whatever_happens_on_the_way(store) {
    let salon = Salon::new(store).await;
    let ids = salon.yclients().seed(SALON, &People { count: 4, visits: 0, ..People::default() });
    let id = salon.connect().await;
    let (world, yclients) = (&salon.world, salon.yclients());
    world.sync(id).await;
    // Comments are shown: a lost answer is looked for.
    yclients.set(|settings| settings.comments_listed = true);
    salon.tells(ids[0], &a_note(), "campaign:1").await;
    salon.fails(Strike::DropAfter, COMMENT);
    world.tell(id).await;
    assert_eq!(world.count(QUEUED).await, 1, "no answer: later");
    world.tell(id).await;
    assert_eq!((salon.comments(ids[0]).len(), world.count(DONE).await), (1, 1), "exactly one note");
    salon.tells(ids[0], &a_note(), "campaign:2").await;
    for fault in [Strike::DropBefore, Strike::TooManyRequests { retry_after: 1 }, Strike::Gateway { code: 500, accepted: false }] {
        salon.fails(fault, COMMENT);
        world.tell(id).await;
    }
    world.tell(id).await;
    assert_eq!(salon.comments(ids[0]).len(), 2, "a note of the same text is not mistaken for its trace");

    // Comments are not shown: whether it was written is not known, so it is not written again.
    yclients.set(|settings| settings.comments_listed = false);
    for (client, fault) in [(ids[1], Strike::DropAfter), (ids[2], Strike::DropBefore)] {
        salon.tells(client, &a_note(), "campaign:1").await;
        salon.fails(fault, COMMENT);
        world.tell(id).await;
        world.tell(id).await;
    }
    assert_eq!((salon.comments(ids[1]).len(), salon.comments(ids[2]).len()), (1, 0));
    let failed = salon.failures().await;
    assert!(failed.len() == 2 && failed.iter().all(|why| why.contains("does not show its comments")), "{failed:?}");

    // The other of the two paths; and one who is gone.
    yclients.set(|settings| settings.comments_path = CommentsPath::Clients);
    salon.tells(ids[1], &a_note(), "campaign:2").await;
    world.tell(id).await;
    assert_eq!(salon.comments(ids[1]).len(), 2);
    yclients.delete_client(SALON, ids[3]);
    salon.tells(ids[3], &a_note(), "campaign:1").await;
    world.tell(id).await;
    assert!(salon.failures().await.iter().any(|why| why.contains("no such record")));
});

both!(async fn away_or_without_a_token_what_is_told_waits(store) {
    let salon = Salon::new(store).await;
    let ids = salon.yclients().seed(SALON, &People { count: 2, visits: 0, ..People::default() });
    let id = salon.connect().await;
    let (world, yclients) = (&salon.world, salon.yclients());
    world.sync(id).await;
    // Nobody listens there: nothing was sent, so nothing has to be looked for.
    let endpoints = world.deps.endpoints.clone();
    let away = Deps { endpoints: Endpoints { yclients_override: Some("http://127.0.0.1:1".to_owned()), ..endpoints }, ..world.deps.clone() };
    salon.tells(ids[0], &a_note(), "campaign:1").await;
    for _ in 0..3 {
        world.exec("update crm_connection set held_until = null, lease_until = null").await;
        world.exec("update crm_write set due_at = created_at").await;
        tell::run(&away, id).await.expect("the job");
    }
    world.tell(id).await;
    assert_eq!((salon.comments(ids[0]).len(), world.count(DONE).await), (1, 1));
    // The password is changed in the middle: the rest waits for the new token.
    yclients.change_password(salon.owner, "new");
    salon.tells(ids[1], &a_note(), "campaign:1").await;
    world.tell(id).await;
    assert_eq!((world.row(id).await.state, world.count(QUEUED).await), (ConnectionState::ReauthRequired, 1));
    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let token = Secret::new(yclients.user_token(salon.owner));
    connection::replace_token(store, sealer, endpoints, By::Admin(world.account), id, token, clock::now()).await.expect("replaced");
    world.tell(id).await;
    assert_eq!((salon.comments(ids[1]).len(), world.count(DONE).await), (1, 2));
});

both!(async fn an_answer_marks_the_attendance_and_a_comment_is_added(store) {
    let salon = Salon::new(store).await;
    let (world, yclients) = (&salon.world, salon.yclients());
    let anna = yclients.add_client(SALON, Client::person("Анна", "Петрова", "79123456789"));
    let id = salon.connect().await;
    world.sync(id).await;
    let noon = chrono::NaiveDate::from_ymd_opt(2027, 7, 20).and_then(|day| day.and_hms_opt(12, 0, 0)).expect("a time");
    let record = yclients.add_record(SALON, Record { comment: "у окна".to_owned(), ..Record::at(anna, noon) });
    let of = OccasionRef { kind: OccasionKind::Visit, id: record.to_string() };
    let answer = |comes| CrmChange::Answer { of: of.clone(), comes };
    let now = || yclients.record(SALON, record).expect("a record");
    yclients.set(|settings| settings.wrong_offsets = true);
    salon.tells(anna, &answer(true), "1").await;
    salon.fails(Strike::DropAfter, RECORD);
    world.tell(id).await;
    world.tell(id).await;
    assert_eq!((now().attendance, now().comment.as_str(), now().date), (2, "у окна", noon));
    assert_eq!(yclients.writes().len(), 1, "what stands there is not written again");
    salon.tells(anna, &CrmChange::Comment { of: of.clone(), text: "Клиент: опоздаю\nна десять минут".to_owned() }, "2").await;
    salon.fails(Strike::DropAfter, RECORD);
    world.tell(id).await;
    world.tell(id).await;
    assert_eq!(now().comment, "у окна\nКлиент: опоздаю\nна десять минут");
    salon.tells(anna, &answer(false), "3").await;
    world.tell(id).await;
    assert_eq!((now().attendance, now().date), (-1, noon));
    // They came after all: an answer says nothing any more. A deleted one is not there.
    yclients.edit_record(SALON, record, |record| record.attendance = 1);
    salon.tells(anna, &answer(false), "4").await;
    world.tell(id).await;
    assert_eq!((now().attendance, world.count(DONE).await), (1, 4));
    yclients.delete_record(SALON, record);
    salon.tells(anna, &answer(true), "5").await;
    world.tell(id).await;
    assert_eq!(salon.failures().await, ["the CRM has no such record"]);
});
