//! The screens, a file a feature.
//!
//! # Adding a feature, in five steps
//!
//! 1. **Texts.** `locales/ru/<feature>.ftl` and `locales/en/<feature>.ftl` with the same keys, each
//!    beginning with `<feature>-`; one word in the list of `i18n.rs`. In code: `t!(cx.tr,
//!    "<feature>-title", name = value)` for a screen (values are escaped; markup goes in as
//!    `Html`), `p!(…)` for buttons and toasts. Keys are written out as literals, so that the tests
//!    find missing and unused ones.
//! 2. **Buttons.** `screens/<feature>.rs` (long ones: `screens/<feature>/…`) with `calls! { pub
//!    enum Call { "l" List => View, … } }`: wire tag, fields (ids, numbers, bools, `wire_enum!`s),
//!    and who may press. Then `pub async fn press(cx: &Cx, call: Call) -> Outcome`: load and change
//!    through `core` with `cx.actor()?`, give back a `Screen` (`Ok(screen.into())`) or a `Reply`.
//!    `press` is a `match` whose arms call small functions; the functions that make screens are
//!    pure: `fn card(tr: Tr, …) -> Screen`, last row `.nav(tr, Call::List)` (back and menu).
//! 3. **Words and files typed** (if any): `#[derive(Serialize, Deserialize, …)] pub enum Step { …
//!    }` (ids only; drafts live in tables), `impl Steps for Step { fn need … }` (and `takes`, where
//!    an answer may be a file without words), and `pub async fn
//!    input(cx: &Cx, step: Step, input: Input) -> Outcome`. A handler begins by `cx.ask(Step::Name
//!    { … }).await?` and shows the question with a back button; a press or a command leaves the
//!    dialogue by itself, an accepted answer does it by `cx.leave().await?`, a refused one stays at
//!    its step.
//! 4. **The list below**: a line in `calls` (a wire letter of its own), in `steps`, and in `live`
//!    for cards that edit themselves (`pub async fn live(cx: &Cx, subject: Uuid) ->
//!    Result<Option<Live>, BotError>`; shown by `Reply::live("<kind>", id)`). A line in `menu.rs`
//!    (its button in the main menu), in `commands.rs` (its command), in `notices.rs::open` (the
//!    button of its notices).
//! 5. **Tests** beside the code: `snapshots!(name, |tr| card(tr, …))` draws a screen in both
//!    languages (`INSTA_UPDATE=always cargo test -p mms-bot --lib screens::<feature>` writes the
//!    files: read them). Wire forms, rights and texts are checked by the table tests of the
//!    framework without a word of yours; accept their snapshot once.

pub mod access;
pub mod agreement;
pub mod audit;
pub mod campaigns;
pub mod channels;
pub mod claims;
pub mod commands;
pub mod contacts;
pub mod crm;
pub mod erasures;
pub mod evidence;
pub mod imports;
pub mod inbox;
pub mod join;
pub mod keywords;
pub mod law;
pub mod licence;
pub mod login;
pub mod mailbox;
pub mod members;
pub mod menu;
pub mod password;
pub mod register;
pub mod second;
pub mod segments;
pub mod sessions;
pub mod settings;
pub mod start;
pub mod support;
pub mod templates;
pub mod twins;

use crate::frame::{
    callback::{Calls, Need, Press},
    cards::{Drawn, Live},
    cx::Cx,
    dialogue::{Input, Question, Steps},
    error::{BotError, Outcome},
};

macro_rules! features {
    (
        calls { $( $letter:literal $call:ident($cmod:ident) ),+ $(,)? }
        steps { $( $step:ident($smod:ident) ),+ $(,)? }
        live { $( $kind:literal $lmod:ident ),* $(,)? }
    ) => {
        /// What a button carries.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Callback {
            $(
                #[doc = concat!("A button of `screens/", stringify!($cmod), "`.")]
                $call($cmod::Call)
            ),+
        }

        $(
            impl From<$cmod::Call> for Callback {
                fn from(call: $cmod::Call) -> Self {
                    Self::$call(call)
                }
            }

            impl From<$cmod::Call> for Press {
                fn from(call: $cmod::Call) -> Self {
                    Callback::from(call).into()
                }
            }
        )+

        impl From<Callback> for Press {
            fn from(call: Callback) -> Self {
                Self { wire: call.encode(), need: call.need() }
            }
        }

        impl Callback {
            /// The wire form: at most [`crate::frame::callback::MAX_BYTES`].
            #[must_use]
            pub fn encode(&self) -> String {
                match self {
                    $( Self::$call(call) => format!("{}:{}", $letter, call.encode()) ),+
                }
            }

            /// Reads a wire form; `None`: an outdated button.
            #[must_use]
            pub fn decode(wire: &str) -> Option<Self> {
                let (letter, rest) = wire.split_once(':')?;
                match letter {
                    $( $letter => Calls::decode(rest).map(Self::$call), )+
                    _ => None,
                }
            }

            /// Who may press.
            #[must_use]
            pub fn need(&self) -> Need {
                match self {
                    $( Self::$call(call) => call.need() ),+
                }
            }

            /// One of each button, for tests.
            #[must_use]
            pub fn samples() -> Vec<Self> {
                let mut all = Vec::new();
                $( all.extend($cmod::Call::samples().into_iter().map(Self::$call)); )+
                all
            }
        }

        /// Hands a press to its feature.
        ///
        /// # Errors
        /// The feature's.
        pub async fn press(cx: &Cx, call: Callback) -> Outcome {
            match call {
                $( Callback::$call(call) => Box::pin($cmod::press(cx, call)).await ),+
            }
        }

        /// What the words typed next are for.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Step {
            $(
                #[doc = concat!("A step of `screens/", stringify!($smod), "`.")]
                $step($smod::Step)
            ),+
        }

        $(
            impl From<$smod::Step> for Step {
                fn from(step: $smod::Step) -> Self {
                    Self::$step(step)
                }
            }

            impl Question for $smod::Step {
                type Kept = Step;

                fn kept(self) -> Step {
                    self.into()
                }
            }
        )+

        impl Step {
            /// Who may answer.
            #[must_use]
            pub fn need(&self) -> Need {
                match self {
                    $( Self::$step(step) => step.need() ),+
                }
            }

            /// Whether the step is over without an answer: see [`Steps::is_over`].
            #[must_use]
            pub fn is_over(&self, input: &Input) -> bool {
                match self {
                    $( Self::$step(step) => step.is_over(input) ),+
                }
            }

            /// Whether this can be an answer: see [`Steps::takes`].
            #[must_use]
            pub fn takes(&self, input: &Input) -> bool {
                match self {
                    $( Self::$step(step) => step.takes(input) ),+
                }
            }

            /// Whether a press answers the step: see [`Steps::waits_for`].
            #[must_use]
            pub fn waits_for(&self, wire: &str) -> bool {
                match self {
                    $( Self::$step(step) => step.waits_for(wire) ),+
                }
            }

            /// Whether the step deletes messages with secrets itself.
            #[must_use]
            pub fn takes_secrets(&self) -> bool {
                match self {
                    $( Self::$step(step) => step.takes_secrets() ),+
                }
            }
        }

        /// Hands typed words or a file to the feature that asked.
        ///
        /// # Errors
        /// The feature's.
        pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
            match step {
                $( Step::$step(step) => Box::pin($smod::input(cx, step, input)).await ),+
            }
        }

        /// Draws a live card; `None`: there is nothing to draw any more.
        ///
        /// # Errors
        /// The feature's.
        #[allow(unused_variables, clippy::match_single_binding, reason = "the list may be empty")]
        pub async fn live(cx: &Cx, kind: &str, subject: uuid::Uuid) -> Result<Option<Live>, BotError> {
            match kind {
                $( $kind => Box::pin($lmod::live(cx, subject)).await, )*
                _ => Ok(None),
            }
        }
    };
}

/// A live card's drawing, for [`crate::frame::cards::run`].
#[must_use]
pub fn draw<'a>(cx: &'a Cx, kind: &'a str, subject: uuid::Uuid) -> Drawn<'a> {
    Box::pin(live(cx, kind, subject))
}

features! {
    calls {
        "k" Campaigns(campaigns),
        "h" Channels(channels),
        "c" Contacts(contacts),
        "f" Imports(imports),
        "r" Inbox(inbox),
        "g" Segments(segments),
        "0" Start(start),
        "u" Audit(audit),
        "o" Settings(settings),
        "l" Law(law),
        "x" Licence(licence),
        "i" Login(login),
        "p" Members(members),
        "m" Menu(menu),
        "e" Sessions(sessions),
        "w" Password(password),
        "b" Mailbox(mailbox),
        "2" Second(second),
        "t" Templates(templates),
        "a" Crm(crm),
        "n" Twins(twins),
        "ag" Agreement(agreement),
        "ac" Access(access),
        "d" Erasures(erasures),
        "su" Support(support),
        "cl" Claims(claims),
        "ev" Evidence(evidence),
        "kw" Keywords(keywords),
    }
    steps {
        Campaigns(campaigns),
        Channels(channels),
        Contacts(contacts),
        Imports(imports),
        Inbox(inbox),
        Segments(segments),
        Join(join),
        Law(law),
        Licence(licence),
        Settings(settings),
        Login(login),
        Password(password),
        Mailbox(mailbox),
        Second(second),
        Templates(templates),
        Crm(crm),
        Erasures(erasures),
        Support(support),
        Claims(claims),
        Evidence(evidence),
        Keywords(keywords),
    }
    live {
        "campaign" campaigns,
        "crm" crm,
        "import" imports,
        "talk" inbox,
        "worst" templates,
    }
}
