//! Asks the provider of a channel what has become of templates that wait for its review, and of
//! those that messages go by: its news may be lost.

use anyhow::Context as _;
use mms_core::{
    campaign::reviewed,
    channel::store::{self, ChannelError},
    clock,
    id::ChannelId,
    template::provider::standing,
};

use crate::Deps;

/// Looks at the templates of a channel that are due; campaigns that go by one that is approved no
/// more pause.
///
/// # Errors
/// What kept it from its end; the rows keep it due.
pub async fn run(deps: &Deps, channel: ChannelId) -> anyhow::Result<()> {
    let (row, adapter) = match store::load(&deps.store, &deps.sealer, &deps.endpoints, channel).await {
        Ok(loaded) => loaded,
        Err(ChannelError::NotFound) => return Ok(()),
        // The pump tells of it as soon as something is to go.
        Err(ChannelError::Sealed(_)) => {
            if let Some(row) = store::find(&deps.store, channel).await? {
                standing::put_off(&deps.store, row.account_id, channel, clock::now()).await?;
            }
            return Ok(());
        }
        Err(error) => return Err(error).context("the channel could not be loaded"),
    };
    let now = clock::now();
    let changed = standing::look(&deps.store, row.account_id, channel, adapter.as_ref(), now).await?;
    reviewed::follow(&deps.store, row.account_id, &changed, now).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use mms_core::{
        account::{Actor, Role},
        both,
        channel::{ChannelKind, ReviewState, registry, store::ChannelSettings},
        config::Endpoints,
        delivery::fixture::Fixture,
        id::{TemplateId, VersionId},
        on,
        queue::Queue,
        store::{Store, file},
        template::provider::{HandInError, Refusal, Standing},
    };
    use mms_sandbox::{
        Sandbox,
        fault::{Fault, Rule},
        whatsapp::{AfterReview, Category, TemplateStatus},
    };
    use serde_json::json;
    use sqlx::types::Json;

    use super::*;

    const NUMBER: i64 = 204_400_112_233_445;
    const WABA: &str = "305500667788990";

    struct World {
        sandbox: Sandbox,
        deps: Deps,
        owner: Actor,
        channel: ChannelId,
    }

    impl World {
        async fn new(store: &Store) -> Self {
            let sandbox = Sandbox::start().await.expect("the doubles start");
            let (whatsapp, secret, token) = (sandbox.whatsapp(), "0123456789abcdef0123456789abcdef", "EAAGm0PX4ZCpsBAKZCexample");
            whatsapp.add_app("1001", secret).expect("an app");
            whatsapp.add_waba(WABA, "900100").expect("an account");
            whatsapp.add_number(NUMBER, WABA, "+74950001122", "Ромашка").expect("a number");
            whatsapp.add_token(token, "1001").expect("a token");
            let fixture = Fixture::new(store, 1, 30.0).await;
            let endpoints = Endpoints { whatsapp: format!("{}/v26.0", whatsapp.url()), ..Endpoints::default() };
            let values = [token.to_owned(), NUMBER.to_string(), WABA.to_owned(), secret.to_owned()];
            let credentials = registry::assemble(ChannelKind::Whatsapp, &values);
            let sealer = mms_core::delivery::fixture::sealer();
            let (owner, settings) = (fixture.owner(), ChannelSettings::default());
            let row = store::add(store, &sealer, &endpoints, &owner, ChannelKind::Whatsapp, credentials, settings, clock::now()).await;
            let deps = Deps::new(store.clone(), sealer, endpoints, Queue::memory(), "test");
            Self { sandbox, deps, owner, channel: row.expect("connected").id }
        }

        /// An approved version.
        async fn version(&self, name: &str, body: &str, photo: Option<&str>) -> VersionId {
            let (template, version, now) = (TemplateId::new(), VersionId::new(), clock::now());
            let mut tx = self.deps.store.begin().await.unwrap();
            let file = match photo {
                Some(mime) => Some(file::put(&mut tx, self.owner.account, "p", mime, b"\x89PNG", now).await.unwrap().id),
                None => None,
            };
            on!(tx.conn(), |c| sqlx::query(
                "insert into template (id, account_id, name, created_by, created_at) values ($1, $2, $3, $4, $5)"
            )
            .bind(template)
            .bind(self.owner.account)
            .bind(name)
            .bind(self.owner.member)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))
            .unwrap();
            let buttons = json!([{ "kind": "opt_out", "text": "Отписаться" }, { "kind": "url", "text": "Запись", "url": "https://ex.ru/b?c={{ first_name }}" }]);
            on!(tx.conn(), |c| sqlx::query(
                "insert into template_version (id, account_id, template_id, number, class, body, media_kind, media_file_id, buttons, state, created_by, created_at, updated_at) \
                 values ($1, $2, $3, 1, 'advertising', $4, $5, $6, $7, 'approved', $8, $9, $9)"
            )
            .bind(version)
            .bind(self.owner.account)
            .bind(template)
            .bind(body)
            .bind(file.map(|_| "photo"))
            .bind(file)
            .bind(Json(&buttons))
            .bind(self.owner.member)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))
            .unwrap();
            tx.commit().await.unwrap();
            version
        }

        async fn hand_in(&self, version: VersionId) -> Result<Standing, HandInError> {
            let deps = &self.deps;
            standing::hand_in(&deps.store, &deps.sealer, &deps.endpoints, &self.owner, self.channel, version, clock::now()).await
        }

        async fn standing(&self, version: VersionId) -> Standing {
            standing::one(&self.deps.store, self.owner.account, self.channel, version).await.unwrap().expect("a row")
        }

        /// Looks now, whatever was looked at lately.
        async fn looks(&self) {
            let mut tx = self.deps.store.begin().await.unwrap();
            let sql = "update provider_template set look_at = $2 where account_id = $1";
            on!(tx.conn(), |c| sqlx::query(sql).bind(self.owner.account).bind(clock::now()).execute(c).await.map(|_| ())).unwrap();
            tx.commit().await.unwrap();
            run(&self.deps, self.channel).await.unwrap();
        }
    }

    const BODY: &str = "Здравствуйте, {{ first_name }}! Скидка от {{ advertiser }} ждёт вас до конца недели.";

    both!(async fn a_template_is_handed_in_once_and_followed_without_any_news(store) {
        let world = World::new(&store).await;
        let version = world.version("Скидки марта", BODY, Some("image/png")).await;
        let row = world.hand_in(version).await.unwrap();
        let there = world.sandbox.whatsapp().templates();
        let [template] = there.as_slice() else { panic!("one: {there:?}") };
        assert_eq!((row.state, row.external_id.as_str(), row.name.as_str()), (ReviewState::Pending, template.id.to_string().as_str(), template.name.as_str()));
        assert!(row.name.starts_with("skidki_marta_v1_"), "{}", row.name);
        assert_eq!((template.status, template.category), (TemplateStatus::Pending, Category::Marketing));
        let kinds: Vec<&str> = template.components.iter().filter_map(|one| one["type"].as_str()).collect();
        assert_eq!(kinds, ["HEADER", "BODY", "BUTTONS"]);
        let buttons: Vec<&str> = template.components[2]["buttons"].as_array().unwrap().iter().filter_map(|one| one["type"].as_str()).collect();
        assert_eq!(buttons, ["URL", "QUICK_REPLY"]);

        // Pressed twice it is one, as it stands.
        assert_eq!(world.hand_in(version).await.unwrap(), row);
        assert_eq!(world.sandbox.whatsapp().templates().len(), 1);
        world.looks().await;
        assert_eq!(world.standing(version).await.state, ReviewState::Pending);
        for (change, state) in [(0, ReviewState::Approved), (1, ReviewState::Paused), (2, ReviewState::Disabled)] {
            match change {
                0 => world.sandbox.whatsapp().approve(template.id).unwrap(),
                1 => world.sandbox.whatsapp().pause(template.id).unwrap(),
                _ => world.sandbox.whatsapp().disable(template.id).unwrap(),
            }
            world.looks().await;
            assert_eq!(world.standing(version).await.state, state);
        }
    });

    both!(async fn what_is_not_taken_says_why_and_may_be_handed_in_again(store) {
        let world = World::new(&store).await;
        // Too many variables for its words: only the provider knows how many that is.
        let dense = world.version("Густой", "Вам {{ first_name }} и {{ advertiser }} да {{ company }}!", None).await;
        let row = world.hand_in(dense).await.unwrap();
        assert_eq!(row.state, ReviewState::Refused);
        assert!(row.reason.as_deref().is_some_and(|why| why.starts_with("2388293: Parameters words ratio")), "{:?}", row.reason);
        world.sandbox.whatsapp().set(|settings| settings.words_a_variable = 0);
        assert_eq!(world.hand_in(dense).await.unwrap().state, ReviewState::Pending);

        let condition = world.version("Условие", "Скидка {% if first_name %}для вас{% endif %} ждёт.", None).await;
        assert!(matches!(world.hand_in(condition).await, Err(HandInError::Refusal(Refusal::Condition { .. }))));
        let file = world.version("Файл", BODY, Some("image/webp")).await;
        assert!(matches!(world.hand_in(file).await, Err(HandInError::Refusal(Refusal::File { .. }))));
        let viewer = Actor { role: Role::Viewer, ..world.owner.clone() };
        let deps = &world.deps;
        let refused = standing::hand_in(&deps.store, &deps.sealer, &deps.endpoints, &viewer, world.channel, dense, clock::now()).await;
        assert!(matches!(refused, Err(HandInError::Forbidden)));
        assert_eq!(world.sandbox.whatsapp().templates().len(), 1);
    });

    both!(async fn a_lost_answer_hands_in_once(store) {
        let world = World::new(&store).await;
        world.sandbox.whatsapp().set(|settings| settings.review = AfterReview::Approved { after_ms: 0 });
        let version = world.version("Скидки", BODY, None).await;
        // The answer is lost; the template is there, and asking for it tells so.
        world.sandbox.faults().add(Rule::new(Fault::DropAfter).service("whatsapp").method("message_templates").times(1));
        assert_eq!(world.hand_in(version).await.unwrap().state, ReviewState::Approved);

        // Nobody answers at all: a look finds that it never came there.
        let other = world.version("Иное", BODY, None).await;
        let rule = world.sandbox.faults().add(Rule::new(Fault::DropBefore).service("whatsapp"));
        assert_eq!(world.hand_in(other).await.unwrap().state, ReviewState::Sending);
        world.sandbox.faults().remove(rule);
        world.looks().await;
        assert_eq!(world.standing(other).await.state, ReviewState::Sending, "it may be on its way still");
        let mut tx = store.begin().await.unwrap();
        let sql = "update provider_template set submitted_at = $2 where account_id = $1";
        let long_ago = clock::now() - chrono::TimeDelta::hours(1);
        on!(tx.conn(), |c| sqlx::query(sql).bind(world.owner.account).bind(long_ago).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        world.looks().await;
        assert_eq!(world.standing(other).await.state, ReviewState::Gone);
        assert_eq!(world.hand_in(other).await.unwrap().state, ReviewState::Approved);
        assert_eq!(world.sandbox.whatsapp().templates().len(), 2);
    });
}
