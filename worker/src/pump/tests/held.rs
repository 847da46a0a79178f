//! What a provider takes and does not let go (contracts/messengers/whatsapp_cloud.md, 2.1:
//! `message_status`): a template under the assessment of its quality, and a paused one.

use mms_core::{channel::ChannelKind, id::VersionId, template::provider::standing};

use super::{words::Stage, *};

const VERSION: &str = "update template_version set body = 'Здравствуйте, {{ first_name }}! Заказ ждёт вас до конца недели.', buttons = '[]' where account_id = $1";
const APPROVED: &str = "update provider_template set state = 'approved' where account_id = $1";

impl Stage {
    /// A campaign by WhatsApp's template, which is approved: the template's id at the double.
    async fn approved_at_the_double(store: &Store) -> (Self, u64) {
        let stage = Self::new(store, ChannelKind::Whatsapp, None).await;
        let Fixture { account, channel, .. } = stage.fixture;
        stage.fixture.change(store, VERSION).await;
        let version: VersionId = on!(store.read(), |c| sqlx::query_scalar("select id from template_version where account_id = $1")
            .bind(account)
            .fetch_one(c)
            .await)
        .unwrap();
        let (deps, owner) = (stage.worker(store), stage.fixture.owner());
        standing::hand_in(store, &deps.sealer, &deps.endpoints, &owner, channel, version, clock::now()).await.unwrap();
        let template = stage.sandbox.whatsapp().templates()[0].id;
        stage.sandbox.whatsapp().approve(template).unwrap();
        stage.fixture.change(store, APPROVED).await;
        (stage, template)
    }

    /// What became of the message, and what is kept of the provider's words.
    async fn became(&self, store: &Store) -> (State, Option<String>) {
        on!(store.read(), |c| sqlx::query_as("select state, detail from delivery where campaign_id = $1")
            .bind(self.campaign)
            .fetch_one(c)
            .await)
        .unwrap()
    }

    async fn campaign_is(&self, store: &Store) -> (String, Option<String>) {
        on!(store.read(), |c| sqlx::query_as("select state, state_reason from campaign where id = $1")
            .bind(self.campaign)
            .fetch_one(c)
            .await)
        .unwrap()
    }
}

both!(
    // Nobody was told that a message stays at WhatsApp.
    async fn what_is_held_counts_as_taken_and_says_so(store) {
        let (stage, template) = Stage::approved_at_the_double(&store).await;
        stage.sandbox.whatsapp().pace(template, 0).unwrap();
        stage.turn(&store).await;
        assert_eq!(stage.became(&store).await, (State::Sent, Some("held_for_quality_assessment".to_owned())));
        assert_eq!(stage.campaign_is(&store).await.0, "running", "the others are held, too, and go later");
    }
);

both!(
    // The campaign went on by a template that WhatsApp had paused.
    async fn what_goes_by_a_paused_template_pauses_its_campaign(store) {
        let (stage, template) = Stage::approved_at_the_double(&store).await;
        let whatsapp = stage.sandbox.whatsapp();
        // The other way in which WhatsApp says it: taken, and refused later.
        whatsapp.set(|settings| {
            settings.late.insert(132_015);
        });
        whatsapp.pause(template).unwrap();
        stage.turn(&store).await;
        assert_eq!(stage.became(&store).await, (State::Sent, Some("paused".to_owned())), "a receipt tells what becomes of it");
        assert_eq!(stage.campaign_is(&store).await, ("paused".to_owned(), Some("template_barred".to_owned())));
        stage.turn(&store).await;
        assert_eq!(whatsapp.ledger().entries().iter().filter(|entry| entry.text.contains("Заказ")).count(), 1, "and nothing goes again");
    }
);
