//! The control surface that the doubles of messengers share: bots, people, what people do with
//! their phones, files, settings, the ledger. A double says what its people and bots can do
//! ([`Desk`]).

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{HeaderMap, header},
    response::Response,
    routing::{get, post},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    action::ActionError,
    control::{Answer, done, of_ledger, served},
    ledger::Ledger,
    telegram::User,
    view::Served,
};

/// What a person does; every action reads the fields it needs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Act {
    pub text: String,
    /// The label of a link that was followed.
    pub payload: Option<String>,
    pub reply_to: Option<String>,
    /// The message it is about.
    pub message: String,
    pub row: usize,
    pub column: usize,
    /// What a press tells, whatever the button says.
    pub data: Option<String>,
    /// What only this messenger has.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Act {
    /// What only this messenger has, as it wants it.
    pub(crate) fn own<T: DeserializeOwned>(&self) -> Result<T, ActionError> {
        serde_json::from_value(Value::Object(self.rest.clone())).map_err(unexpected)
    }
}

/// A file that a person sends.
#[derive(Clone, Debug, Default)]
pub struct Attachment {
    pub name: String,
    pub mime: Option<String>,
    pub data: Bytes,
    /// Shown as a picture.
    pub photo: bool,
    /// In the provider's words, where it has more kinds than pictures and files.
    pub kind: Option<String>,
    /// Text beside it; may be empty.
    pub caption: String,
}

/// What the surface of a double does.
pub trait Desk: Clone + Send + Sync + 'static {
    fn witness(&self) -> &Ledger;
    fn bots_shown(&self) -> Value;
    /// Adds a bot as the provider makes one; gives its id.
    fn new_bot(&self, body: Value) -> Result<Value, ActionError>;
    /// Whatever else happens to a bot.
    fn of_bot(&self, bot: i64, deed: &str, body: Value) -> Result<Value, ActionError>;
    fn people_shown(&self) -> Value;
    fn new_person(&self, user: User) -> Result<(), ActionError>;
    /// Whatever happens to a person.
    fn of_person(&self, user: i64, deed: &str, body: Value) -> Result<Value, ActionError>;
    fn chat_shown(&self, bot: i64, user: i64) -> Value;
    fn message_shown(&self, bot: i64, user: i64, message: &str) -> Option<Value>;
    fn act(&self, bot: i64, user: i64, action: &str, act: Act) -> Result<Value, ActionError>;
    /// Gives the message's id.
    fn attach(&self, bot: i64, user: i64, file: Attachment) -> Result<Value, ActionError>;
    /// The bot's answer to a press.
    fn answer_to(&self, press: &str) -> Value;
    fn stored(&self, file: &str) -> Option<Served>;
    fn shown_settings(&self) -> Value;
    /// Puts settings in force; what is left out goes back to its default.
    fn put_settings(&self, wanted: Value) -> Result<(), ActionError>;
}

fn unexpected(error: impl std::fmt::Display) -> ActionError {
    ActionError::Invalid(format!("the body is not as expected: {error}"))
}

/// A body in the shape that is wanted.
pub(crate) fn shaped<T: DeserializeOwned>(body: Value) -> Result<T, ActionError> {
    serde_json::from_value(body).map_err(unexpected)
}

/// A body that may be left out.
pub(crate) fn body<T: Default + DeserializeOwned>(bytes: &Bytes) -> Result<T, ActionError> {
    if bytes.is_empty() { Ok(T::default()) } else { serde_json::from_slice(bytes).map_err(unexpected) }
}

/// An action that is not there.
pub(crate) fn unknown(who: &str, action: &str, known: &str) -> ActionError {
    ActionError::Invalid(format!("{who} cannot {action:?}: {known}"))
}

/// The surface of a double; nest it under the double's path. `settings` is the name of the route of
/// its settings.
pub(crate) fn router<D: Desk>(double: D, largest_file: usize, settings: &str) -> Router {
    let ledger = of_ledger(double.witness().clone());
    Router::new()
        .route("/bots", get(bots::<D>).post(new_bot::<D>))
        .route("/bots/{bot}/{deed}", post(of_bot::<D>))
        .route("/users", get(users::<D>).post(new_user::<D>))
        .route("/users/{user}/{deed}", post(of_user::<D>))
        .route("/chats/{bot}/{user}", get(chat::<D>))
        .route("/chats/{bot}/{user}/messages/{message}", get(message::<D>))
        .route("/chats/{bot}/{user}/{action}", post(act::<D>))
        .route("/chats/{bot}/{user}/file", post(file::<D>))
        .route("/answers/{press}", get(answer::<D>))
        .route("/files/{file}", get(stored::<D>))
        .route(settings, get(shown::<D>).put(put::<D>))
        .layer(DefaultBodyLimit::max(largest_file))
        .merge(ledger)
        .with_state(double)
}

async fn bots<D: Desk>(State(double): State<D>) -> Answer {
    done(double.bots_shown())
}

async fn new_bot<D: Desk>(State(double): State<D>, Json(new): Json<Value>) -> Answer {
    done(double.new_bot(new)?)
}

/// A body that may be left out, as an object.
fn object(bytes: &Bytes) -> Result<Value, ActionError> {
    body::<Map<String, Value>>(bytes).map(Value::Object)
}

async fn of_bot<D: Desk>(State(double): State<D>, Path((bot, deed)): Path<(i64, String)>, bytes: Bytes) -> Answer {
    done(double.of_bot(bot, &deed, object(&bytes)?)?)
}

async fn users<D: Desk>(State(double): State<D>) -> Answer {
    done(double.people_shown())
}

async fn new_user<D: Desk>(State(double): State<D>, Json(user): Json<User>) -> Answer {
    done(double.new_person(user).map(|()| true)?)
}

async fn of_user<D: Desk>(State(double): State<D>, Path((user, deed)): Path<(i64, String)>, bytes: Bytes) -> Answer {
    done(double.of_person(user, &deed, object(&bytes)?)?)
}

async fn chat<D: Desk>(State(double): State<D>, Path((bot, user)): Path<(i64, i64)>) -> Answer {
    done(double.chat_shown(bot, user))
}

async fn message<D: Desk>(State(double): State<D>, Path((bot, user, message)): Path<(i64, i64, String)>) -> Answer {
    done(double.message_shown(bot, user, &message).ok_or_else(|| ActionError::no_message(&message))?)
}

async fn act<D: Desk>(State(double): State<D>, Path((bot, user, action)): Path<(i64, i64, String)>, bytes: Bytes) -> Answer {
    done(double.act(bot, user, &action, body(&bytes)?)?)
}

#[derive(Deserialize)]
struct FileQuery {
    name: String,
    #[serde(default)]
    photo: bool,
    /// Another kind than a picture or a file.
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    caption: String,
}

/// The body is the file itself.
async fn file<D: Desk>(
    State(double): State<D>,
    Path((bot, user)): Path<(i64, i64)>,
    Query(query): Query<FileQuery>,
    headers: HeaderMap,
    data: Bytes,
) -> Answer {
    let mime = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).filter(|mime| !mime.is_empty()).map(str::to_owned);
    let file = Attachment { name: query.name, mime, data, photo: query.photo, kind: query.kind, caption: query.caption };
    done(json!({ "message": double.attach(bot, user, file)? }))
}

async fn answer<D: Desk>(State(double): State<D>, Path(press): Path<String>) -> Answer {
    done(double.answer_to(&press))
}

async fn stored<D: Desk>(State(double): State<D>, Path(id): Path<String>) -> Response {
    served(double.stored(&id))
}

async fn shown<D: Desk>(State(double): State<D>) -> Answer {
    done(double.shown_settings())
}

async fn put<D: Desk>(State(double): State<D>, Json(wanted): Json<Value>) -> Answer {
    done(double.put_settings(wanted).map(|()| true)?)
}
