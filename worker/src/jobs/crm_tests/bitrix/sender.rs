//! Cards and robots of a portal write through us: each message once, through our gate, and the
//! portal knows what became of it.

use mms_core::{
    channel::{self, MessageName, News, Receipt},
    crm::message::{self, CrmMessage},
    delivery::{
        fixture::Fixture,
        outcome::Verdict,
        outgoing::{self, ClaimedOutgoing, OutgoingOutcome},
        receipt,
    },
    id::{ANY_CHANNEL, AddressId, ChannelId},
    inbound::{self, NewRaw, SourceKind},
    opt_out::{self, OptOutBy, OptOutHow},
    words::Reason,
};

use super::*;

const PHONE: &str = "+79123456789";
/// Of the second person.
const SECOND: &str = "+79123456780";

/// A portal where an administrator allowed our application, and two people of a channel.
struct Desk {
    office: Office,
    fixture: Fixture,
    id: ConnectionId,
}

impl Desk {
    async fn new(store: Store, scopes: &[&str]) -> Self {
        let mut office = Office::new(store).await;
        let fixture = Fixture::new(&office.world.deps.store, 2, 30.0).await;
        office.world.account = fixture.account;
        let (bitrix, portal) = (office.bitrix(), office.portal);
        bitrix.register("app.1", "secret", "https://mms.example/oauth/bitrix24", scopes);
        let Deps { store, sealer, endpoints, .. } = &office.world.deps;
        let (by, now) = (By::Admin(fixture.account), clock::now());
        let app = OauthApp {
            client_id: "app.1".to_owned(),
            client_secret: Secret::new("secret"),
            redirect_uri: "https://mms.example/oauth/bitrix24".to_owned(),
        };
        let begun = connection::begin_authorisation(store, sealer, by, (CrmKind::Bitrix24, "romashka"), app, None, now).await;
        let (id, page) = begun.expect("begun");
        let state = page.split("state=").nth(1).expect("a state").to_owned();
        let came = back(&state, &bitrix.code("app.1", portal), DOMAIN);
        connection::authorise(store, sealer, endpoints, CrmKind::Bitrix24, &came, now).await.expect("authorised");
        connection::expect_hooks(store, fixture.account, id, "https://mms.example", now).await.expect("expected");
        let mut tx = store.begin().await.expect("begin");
        let phone = "insert into address (id, account_id, contact_id, kind, value, scope_id, state, created_at, updated_at) \
            values ($1, $2, $3, 'phone', $4, $5, 'unknown', $6, $6)";
        for (contact, value) in fixture.contacts.iter().zip([PHONE, SECOND]) {
            on!(tx.conn(), |c| sqlx::query(phone)
                .bind(AddressId::new())
                .bind(fixture.account)
                .bind(contact)
                .bind(value)
                .bind(ANY_CHANNEL)
                .bind(now)
                .execute(c)
                .await
                .map(|_| ()))
            .expect("a phone");
        }
        tx.commit().await.expect("commit");
        Self { office, fixture, id }
    }

    /// On, and the portal knows.
    async fn on(store: Store) -> Self {
        let desk = Self::new(store, &["crm", "messageservice"]).await;
        desk.set(Some(desk.fixture.channel)).await.expect("switched on");
        desk.office.world.sync(desk.id).await;
        desk
    }

    async fn set(&self, channel: Option<ChannelId>) -> Result<(), ConnectError> {
        let Deps { store, sealer, .. } = &self.office.world.deps;
        connection::set_sender(store, sealer, By::Admin(self.fixture.account), self.id, channel, clock::now()).await
    }

    fn store(&self) -> &Store {
        &self.office.world.deps.store
    }

    /// A card or a robot writes; the id there, and the form we are given.
    fn writes(&self, card: bool, to: &str, text: &str) -> (i64, String) {
        let (bitrix, portal) = (self.office.bitrix(), self.office.portal);
        let card = card.then_some((Kind::Contact, 1));
        let id = bitrix.send_message(portal, &message::code(self.id), card, to, text).expect("a sender");
        (id, bitrix.form(portal).expect("a form"))
    }

    /// As the ingress keeps it; whether it was proved.
    async fn comes(&self, form: &str) -> bool {
        let row = self.office.world.row(self.id).await;
        let gate = registry::gate(row.kind);
        let message: CrmMessage = (gate.message)(form.as_bytes()).expect("a message");
        if !message::proved(self.store(), self.id, &message).await.expect("asked") {
            return false;
        }
        let kept = String::from_utf8_lossy(&(gate.kept)(form.as_bytes())).into_owned();
        assert!(!kept.contains("access_token") && !kept.contains("application_token"), "{kept}");
        let external_id = format!("{}{}", message::RAW, message.id);
        let raw = NewRaw {
            account: row.account_id,
            source_kind: SourceKind::Crm,
            source: self.id.0,
            external_id: &external_id,
            payload: &kept,
            seed: None,
        };
        inbound::store(self.store(), &[raw], clock::now()).await.expect("kept");
        crate::inbound::crm::run(&self.office.world.deps, self.id).await.expect("taken");
        true
    }

    async fn sends(&self, verdict: impl Fn(&ClaimedOutgoing) -> Verdict) -> usize {
        let now = clock::now();
        let lease = channel::lease::take(self.store(), self.fixture.channel, "w", now).await.expect("asked").expect("the lease");
        let claimed = outgoing::claim(self.store(), self.fixture.account, lease, 10, None, now).await.expect("claimed");
        let outcomes: Vec<_> = claimed.iter().map(|one| OutgoingOutcome::of(one, lease, verdict(one))).collect();
        outgoing::record(self.store(), &outcomes, now).await.expect("recorded");
        self.office.world.exec("update channel set lease_until = null, lease_owner = null").await;
        claimed.len()
    }

    async fn told(&self, id: i64) -> Vec<String> {
        let world = &self.office.world;
        world.exec("update crm_connection set held_until = null, lease_until = null").await;
        world.exec("update crm_message set due_at = created_at where due_at is not null").await;
        tell::run(&world.deps, self.id).await.expect("the job");
        self.office.bitrix().message(self.office.portal, id).expect("the message").statuses
    }

    async fn reason(&self, id: i64) -> Option<String> {
        let sql = "select reason from crm_message where external_id = $1";
        on!(self.store().read(), |c| sqlx::query_scalar(sql).bind(id.to_string()).fetch_one(c).await).expect("the message")
    }
}

fn sent(one: &ClaimedOutgoing) -> Verdict {
    Verdict::Sent { message_ref: format!("m{}", one.id.0), at: clock::now() }
}

both!(async fn a_robot_writes_once_and_knows_what_became_of_it(store) {
    let desk = Desk::on(store).await;
    let (world, bitrix, portal) = (&desk.office.world, desk.office.bitrix(), desk.office.portal);
    assert_eq!(bitrix.senders(portal), [json!(message::code(desk.id))]);
    assert_eq!(world.row(desk.id).await.sync_cursor.sender.as_ref().map(|sender| sender.state), Some(HookState::On));
    let (id, form) = desk.writes(false, "8 (912) 345-67-89", "Ждём вас завтра");
    assert!(desk.comes(&form).await);
    assert!(desk.comes(&form).await, "told twice");
    let (again, later) = (desk.writes(false, "x", "x").1, format!("{form}&ts=2"));
    assert!(desk.comes(&later).await, "told once more, by other bytes");
    assert!(desk.comes(&again).await);
    assert_eq!(world.count("select count(*) from outgoing").await, 1, "each message once");
    assert_eq!(world.count("select count(*) from chat_message where direction = 'out' and member_id is null").await, 1);
    assert_eq!(desk.told(id).await, Vec::<String>::new(), "it waits");
    let words = outgoing_words(&desk).await;
    assert!(words.contains("Ждём вас завтра"), "{words}");
    assert_eq!(desk.sends(sent).await, 1);
    desk.office.strikes(Strike::DropAfter, "messageservice.message.status.update");
    assert_eq!(desk.told(id).await, ["sent"]);
    assert_eq!(desk.told(id).await, ["sent", "sent"], "the answer was lost, and to say the same again does no harm");
    assert_eq!(desk.told(id).await, ["sent", "sent"], "what is known is told no more");
    let news = |receipt| {
        let message = MessageName::Client(-1);
        News { message, message_ref: None, receipt, at: None, detail: None, charge: None }
    };
    let mut delivered = news(Receipt::Delivered);
    let named: String = on!(desk.store().read(), |c| sqlx::query_scalar("select message_ref from outgoing").fetch_one(c).await).expect("a name");
    delivered.message = MessageName::Ref(named);
    let mut tx = desk.store().begin().await.expect("begin");
    receipt::apply(&mut tx, desk.fixture.account, desk.fixture.channel, &[delivered], clock::now()).await.expect("applied");
    tx.commit().await.expect("commit");
    assert_eq!(desk.told(id).await.last().map(String::as_str), Some("delivered"));

    // Taken by the messenger, and refused after all.
    let (second, form) = desk.writes(true, PHONE, "Счёт готов");
    assert!(desk.comes(&form).await);
    assert_eq!(desk.sends(sent).await, 1);
    let named: String = on!(desk.store().read(), |c| sqlx::query_scalar("select message_ref from outgoing order by id desc limit 1").fetch_one(c).await).expect("a name");
    let failed = News { message: MessageName::Ref(named), ..news(Receipt::Failed(Reason::Withheld)) };
    let mut tx = desk.store().begin().await.expect("begin");
    receipt::apply(&mut tx, desk.fixture.account, desk.fixture.channel, &[failed], clock::now()).await.expect("applied");
    tx.commit().await.expect("commit");
    assert_eq!(desk.told(second).await, ["undelivered"]);
    // Nobody knows: nothing is said, and nothing is sent again.
    let (third, form) = desk.writes(false, PHONE, "Ещё одно");
    assert!(desk.comes(&form).await);
    assert_eq!(desk.sends(|_| Verdict::Uncertain).await, 1);
    assert_eq!((desk.told(third).await, desk.sends(sent).await), (Vec::new(), 0));
    let lines = message::list(desk.store(), desk.fixture.account, desk.id, 10).await.expect("read");
    assert_eq!(lines.len(), 4, "every one is in the books");
});

async fn outgoing_words(desk: &Desk) -> String {
    on!(desk.store().read(), |c| sqlx::query_scalar("select cast(payload as text) from outgoing").fetch_one(c).await).expect("a message")
}

both!(async fn what_our_gate_refuses_the_portal_knows_as_failed(store) {
    let desk = Desk::on(store).await;
    let world = &desk.office.world;
    let refused = async |card: bool, to: &str, text: &str| {
        let (id, form) = desk.writes(card, to, text);
        assert!(desk.comes(&form).await);
        assert_eq!(desk.told(id).await, ["failed"]);
        desk.reason(id).await.expect("a reason")
    };
    assert_eq!(refused(false, "не телефон", "x").await, "no_phone");
    assert_eq!(refused(false, "+79990000000", "x").await, "nobody");
    assert_eq!(refused(false, PHONE, " ").await, "empty");
    assert_eq!(refused(false, PHONE, &"ж".repeat(5_000)).await, "too_long");

    // What waits when they say stop does not go; nor does anything that comes after it.
    let (waits, form) = desk.writes(false, PHONE, "Ждём вас завтра");
    assert!(desk.comes(&form).await);
    let mut tx = desk.store().begin().await.expect("begin");
    let how = OptOutHow { by: OptOutBy::Text, channel: Some(desk.fixture.channel), message_ref: None, said_at: None };
    opt_out::opt_out(&mut tx, desk.fixture.account, desk.fixture.contacts[0], &how, clock::now()).await.expect("said");
    tx.commit().await.expect("commit");
    assert_eq!((desk.told(waits).await, desk.sends(sent).await), (vec!["failed".to_owned()], 0));
    for card in [false, true] {
        assert_eq!(refused(card, PHONE, "Ждём вас завтра").await, "opted_out");
    }
    // Whoever wrote since may be answered by a person, and by no robot.
    let mut tx = desk.store().begin().await.expect("begin");
    let wrote = "update contact set last_answered_at = $2 where id = $1";
    on!(tx.conn(), |c| sqlx::query(wrote).bind(desk.fixture.contacts[0]).bind(clock::now() + TimeDelta::seconds(1)).execute(c).await.map(|_| ())).expect("wrote");
    tx.commit().await.expect("commit");
    assert_eq!(refused(false, PHONE, "Ждём вас завтра").await, "opted_out");
    let (answer, form) = desk.writes(true, PHONE, "Отвечаю вам");
    assert!(desk.comes(&form).await);
    assert_eq!((desk.reason(answer).await, desk.sends(sent).await), (None, 1));

    // The other person has no chat with the channel.
    world.exec("delete from address where value = '1001'").await;
    assert_eq!(refused(false, SECOND, "x").await, "no_address");
    // A messenger that the law bars for such a company.
    let profile = "update account set law = '{\"country\":\"ru\",\"category\":\"bank\"}'";
    world.exec(profile).await;
    assert_eq!(refused(true, PHONE, "x").await, "law");
    world.exec("update account set law = null").await;
    // Without a licence a person answers whoever wrote lately, and nothing else goes.
    world.exec("delete from licence").await;
    assert_eq!(refused(false, SECOND, "x").await, "licence");
    assert_eq!(refused(true, SECOND, "x").await, "licence");
    let (owed, form) = desk.writes(true, PHONE, "Ответ на ваш вопрос");
    assert!(desk.comes(&form).await);
    assert_eq!((desk.reason(owed).await, desk.sends(sent).await), (None, 1));
    world.exec("insert into feature_off (account_id, name, reason, since) select account_id, 'inbox', 'Письмо № 5', created_at from crm_connection limit 1").await;
    assert_eq!(refused(true, PHONE, "x").await, "feature_off");
    desk.set(None).await.expect("switched off");
    assert_eq!(refused(false, SECOND, "x").await, "off");
    world.sync(desk.id).await;
    assert!(desk.office.bitrix().senders(desk.office.portal).is_empty(), "the portal has no such sender any more");
});

both!(async fn only_the_portal_itself_writes_and_only_where_the_owner_wants_it(store) {
    let desk = Desk::new(store, &["crm", "messageservice"]).await;
    let (world, bitrix, portal) = (&desk.office.world, desk.office.bitrix(), desk.office.portal);
    world.sync(desk.id).await;
    assert!(bitrix.senders(portal).is_empty(), "off until the owner switches it on");
    assert!(matches!(desk.set(Some(ChannelId::new())).await, Err(ConnectError::BadField)), "a channel of nobody");
    desk.set(Some(desk.fixture.channel)).await.expect("switched on");
    world.sync(desk.id).await;
    let (_, form) = desk.writes(false, PHONE, "Ждём вас завтра");
    let token = bitrix.application_token(portal, "app.1").expect("a token");
    assert!(!desk.comes(&form.replace(&bitrix.member_id(portal), "another")).await, "of another portal");
    assert!(!desk.comes(&form.replace(&token, "")).await);
    assert!(desk.comes(&form).await);
    let (_, form) = desk.writes(false, PHONE, "Второе");
    assert!(!desk.comes(&form.replace(&token, "0123456789abcdef")).await, "there is one proof");
    assert_eq!(world.count("select count(*) from inbound").await, 1, "nothing unproved is kept");

    // The address is another one: the portal is told. The end takes us away.
    connection::expect_hooks(desk.store(), desk.fixture.account, desk.id, "https://other.example", clock::now()).await.expect("expected");
    world.sync(desk.id).await;
    let (_, form) = desk.writes(false, PHONE, "Третье");
    assert!(desk.comes(&form).await);
    let told = bitrix.writes().into_iter().filter(|write| write.method == "messageservice.sender.update").count();
    assert_eq!(told, 1);
    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let leaving = connection::leaving(store, sealer, endpoints, desk.fixture.account, desk.id).await.expect("read").expect("something to take away");
    leaving.end().await;
    assert!(bitrix.senders(portal).is_empty());
});

both!(async fn without_the_scope_contacts_come_all_the_same(store) {
    let desk = Desk::new(store, &["crm"]).await;
    desk.set(Some(desk.fixture.channel)).await.expect("switched on");
    let row = desk.office.world.sync(desk.id).await;
    assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::Active, None));
    assert_eq!(row.sync_cursor.sender.as_ref().map(|sender| sender.state), Some(HookState::Refused));

    // A webhook is no application.
    let office = &desk.office;
    let by_webhook = office.connect_to("lilia.bitrix24.ru").await;
    let Deps { store, sealer, .. } = &office.world.deps;
    let set = connection::set_sender(store, sealer, By::Admin(desk.fixture.account), by_webhook, Some(desk.fixture.channel), clock::now()).await;
    assert!(matches!(set, Err(ConnectError::BadField)));
});
