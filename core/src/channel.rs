//! A channel is one sending identity in one messenger. The trait is sized for all of
//! `contracts/messengers`: batch senders (VK), receipts (WhatsApp), client ids (VK, Wazzup),
//! looking back (MAX), media by reference, webhooks and polling.
//!
//! The adapter classifies, it never retries: each [`SendError`] is one transition of the delivery
//! and one sentence for the manager. Pacing, retries and records are the worker's.

mod able;
mod answer;
pub mod charge;
pub mod cut;
pub mod daily;
mod download;
pub mod echo;
mod event;
pub mod fit;
pub mod gate;
pub mod hook;
mod kind;
pub mod lease;
pub mod managers;
pub mod marks;
pub mod max;
pub mod media_ref;
mod message;
mod nameless;
pub mod queries;
pub mod registry;
pub mod review;
mod sender;
pub mod shared;
pub mod store;
pub mod storm;
pub mod telegram;
pub mod viber;
pub mod vk;
pub mod wazzup;
pub mod whatsapp;

use std::time::Duration;

use chrono::TimeDelta;

pub use able::{Batch, Capabilities};
pub use answer::{Held, Resolution, SendError, Sent};
pub use charge::Charge;
pub use daily::Daily;
pub use echo::Echo;
pub use event::{Event, EventKind, MessageName, News, Polled, Profile, RawUpdate, Receipt};
pub use fit::{Keyboard, Markup, Unit, Weight};
pub use kind::ChannelKind;
pub use message::{
    Attached, Button, ButtonAction, Content, FileKind, Free, Media, MediaKind, MediaSource, OPT_OUT_CALLBACK, Outbound, ProviderTemplate,
};
pub use review::{Category, FormButton, ReviewState, TemplateForm, TemplateNews, TemplateRules};
pub use sender::{Identity, Look, Offer, SenderState, Terms};

use crate::clock::Moment;

/// One messenger's adapter, bound to one sending identity.
#[async_trait::async_trait]
pub trait Channel: Send + Sync + std::fmt::Debug {
    /// What it can do.
    fn capabilities(&self) -> &Capabilities;

    /// Asks the provider who we are.
    async fn identify(&self) -> Result<Identity, SendError>;

    /// The senders that these credentials lead to, where a member picks among several.
    async fn senders(&self) -> Result<Vec<Offer>, SendError> {
        Ok(Vec::new())
    }

    /// Sends `batch`; one result each, in order.
    async fn send(&self, batch: &[Outbound]) -> Vec<Result<Sent, SendError>>;

    /// How many calls a message takes. Each takes its place in the channel's pace.
    fn calls(&self, message: &Outbound) -> usize {
        let _ = message;
        1
    }

    /// What became of a message whose outcome is unknown, and which was tried at `since` first.
    async fn resolve(&self, unknown: &Outbound, since: Moment) -> Resolution {
        let _ = (unknown, since);
        Resolution::CannotTell
    }

    /// Understands a raw update or webhook body.
    ///
    /// # Errors
    /// A sentence for the log when the body is not of the provider's shape.
    fn understand(&self, raw: &str) -> Result<Vec<Event>, String>;

    /// How the messenger shows these people, where its events do not tell: by their addresses.
    /// Nobody's words wait long for it, and whom it leaves out stays without a name.
    async fn introduce(&self, people: &[String]) -> Vec<(String, Profile)> {
        let _ = people;
        Vec::new()
    }

    /// Whether these people may be written to, or how a message would be refused, by their
    /// addresses: [`Capabilities::asks_ahead`] of them at most. Whom the messenger does not name is
    /// left out.
    async fn ask_ahead(&self, people: &[String]) -> Result<Vec<(String, Result<(), SendError>)>, SendError> {
        let _ = people;
        Ok(Vec::new())
    }

    /// How long the reference of a file of ours is used after its upload ([`media_ref`]).
    fn media_lives(&self) -> TimeDelta {
        TimeDelta::MAX
    }

    /// The bytes of a file that a person sent ([`Attached::reference`]):
    /// [`Capabilities::download_bytes`] at most. A file that is there no more is
    /// [`SendError::ReferenceLost`], a larger one [`SendError::Rejected`].
    async fn fetch(&self, reference: &str) -> Result<Vec<u8>, SendError>;

    /// Answers a button press, so that the recipient's client stops waiting.
    async fn answer_press(&self, query_id: &str, text: &str) -> Result<(), SendError>;

    /// Takes the buttons of a message of ours away: its question was answered. A messenger that
    /// changes no message leaves them.
    async fn take_buttons(&self, message_ref: &str) -> Result<(), SendError> {
        let _ = message_ref;
        Ok(())
    }

    /// Hands a template in for review ([`Capabilities::templates`]). One of its name and language
    /// that the provider has already is what it then tells of, so a second try does no harm.
    async fn submit_template(&self, form: &TemplateForm) -> Result<TemplateNews, SendError> {
        let _ = form;
        Err(SendError::Rejected("this messenger has no templates of its own".to_owned()))
    }

    /// What has become of templates of these names: those that are there, in any order.
    async fn templates(&self, names: &[String]) -> Result<Vec<TemplateNews>, SendError> {
        let _ = names;
        Err(SendError::Rejected("this messenger has no templates of its own".to_owned()))
    }

    /// One long poll from where the one before led ([`Polled::cursor`]); `None`: the first of all.
    async fn poll(&self, cursor: Option<&str>, timeout: Duration) -> Result<Polled, SendError>;

    /// Asks for webhooks at `url` with this secret; `None` goes back to polling.
    async fn set_webhook(&self, hook: Option<(&str, &str)>) -> Result<(), SendError>;

    /// A harmless question to a messenger that calls us: whether it answers, whether our webhook at
    /// this address with this secret is there still, and how the sender stands.
    async fn look(&self, hook: (&str, &str)) -> Result<Look, SendError> {
        let _ = hook;
        self.identify().await.map(|identity| Look { hooked: true, elsewhere: None, sender: None, terms: Some(identity.terms) })
    }

    /// What answers the question whether the address of webhooks is ours, where the messenger asks
    /// so ([`gate::Gate::confirmation`]).
    async fn confirmation(&self) -> Result<String, SendError> {
        Err(SendError::Misconfigured("this messenger does not ask whose the address is".to_owned()))
    }
}
