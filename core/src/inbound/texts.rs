//! What the customer bot says, in both languages. The questions of consent are not here: they are
//! the account's own words ([`crate::consent::wording`]).

pub use crate::consent::wording::yes_no;

use super::conversation::Standing;
use crate::account::Language;

/// Something the customer bot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phrase {
    /// To somebody who opened the chat and must begin before they can be written to.
    Opened,
    /// First words to somebody who came.
    Welcome,
    /// First words to somebody who agreed to advertising before.
    WelcomeAgain,
    /// First words to somebody who said stop before.
    WelcomeBack,
    /// With the button that shares the phone.
    AskPhone,
    /// The phone came.
    PhoneTaken,
    /// «Yes» to personal data.
    DataYes,
    /// «No» to personal data.
    DataNo,
    /// «Yes» to advertising.
    AdsYes,
    /// «No» to advertising.
    AdsNo,
    /// Said stop.
    Stopped,
    /// Gave the command to stop, and is out already.
    AlreadyOut,
    /// Asked whether they want no more messages, they said that they do.
    Settled,
    /// An old «yes» pressed after stop.
    StartFirst,
    /// Pressed that they come to their visit.
    VisitConfirmed,
    /// Pressed that they do not.
    VisitDeclined,
    /// Pressed about a visit that is past or cancelled.
    VisitPast,
    /// `/help`.
    Help,
}

/// What the CRM is told of an answer about a visit where it has no such answers.
#[must_use]
pub fn visit_note(language: Language, comes: bool) -> &'static str {
    match (language, comes) {
        (Language::Ru, true) => "Клиент подтвердил запись кнопкой в сообщении",
        (Language::Ru, false) => "Клиент нажал в сообщении, что не придёт",
        (Language::En, true) => "The customer confirmed the booking by a button in a message",
        (Language::En, false) => "The customer pressed in a message that they do not come",
    }
}

/// What a task in the CRM says before a customer's words.
#[must_use]
pub fn wrote(language: Language) -> &'static str {
    match language {
        Language::Ru => "Клиент написал:",
        Language::En => "The customer wrote:",
    }
}

/// The words of a phrase.
#[must_use]
pub fn phrase(phrase: Phrase, language: Language, company: &str) -> String {
    match language {
        Language::Ru => match phrase {
            Phrase::Opened => format!(
                "Здравствуйте! Это бот компании «{company}». Нажмите «Начать» или напишите нам любое сообщение: до этого мы не можем вам отвечать."
            ),
            Phrase::Welcome => format!("Здравствуйте! Это бот компании «{company}». Здесь мы отвечаем на вопросы и сообщаем о заказах."),
            Phrase::WelcomeAgain => {
                format!(
                    "Здравствуйте! Это бот компании «{company}». Вы подписаны на наши новости и предложения. Отписаться можно в любой момент: напишите «стоп»."
                )
            }
            Phrase::WelcomeBack => {
                format!(
                    "С возвращением! Это бот компании «{company}». Раньше вы отписались. Если хотите снова получать сообщения, ответьте ниже."
                )
            }
            Phrase::AskPhone => "Чтобы мы узнали вас, поделитесь своим номером: нажмите кнопку внизу. Это необязательно.".to_owned(),
            Phrase::PhoneTaken => "Спасибо, номер получен.".to_owned(),
            Phrase::DataYes => "Спасибо!".to_owned(),
            Phrase::DataNo => {
                "Хорошо, хранить и использовать данные не будем. Передумаете — нажмите /start. Написать нам можно и так.".to_owned()
            }
            Phrase::AdsYes => {
                "Спасибо! Будем присылать новости и предложения. Отписаться можно в любой момент: напишите «стоп».".to_owned()
            }
            Phrase::AdsNo => "Хорошо, рекламы не будет. Передумаете — нажмите /start.".to_owned(),
            Phrase::Stopped => "Готово, вы отписаны. Снова подписаться — /start".to_owned(),
            Phrase::AlreadyOut => "Вы уже отписаны. Снова подписаться — /start".to_owned(),
            Phrase::Settled => "Хорошо, всё остаётся как было. Отписаться можно в любой момент: напишите «стоп».".to_owned(),
            Phrase::StartFirst => "Вы отписаны. Чтобы снова подписаться, нажмите /start и ответьте ещё раз.".to_owned(),
            Phrase::VisitConfirmed => "Спасибо, ждём вас!".to_owned(),
            Phrase::VisitDeclined => "Поняли, спасибо, что предупредили. Чтобы выбрать другое время, напишите нам здесь.".to_owned(),
            Phrase::VisitPast => "Эта запись уже прошла или изменилась. Если нужна помощь, напишите нам здесь.".to_owned(),
            Phrase::Help => format!(
                "Это бот компании «{company}».\n\n/start — начать сначала и выбрать, что получать\n/stop — отписаться\n/privacy — что мы о вас храним\n\nНа любое другое сообщение здесь ответит сотрудник."
            ),
        },
        Language::En => match phrase {
            Phrase::Opened => {
                format!("Hello! This is the bot of {company}. Tap “Start” or write us any message: before that we cannot answer you.")
            }
            Phrase::Welcome => format!("Hello! This is the bot of {company}. Here we answer questions and tell you about your orders."),
            Phrase::WelcomeAgain => {
                format!(
                    "Hello! This is the bot of {company}. You are subscribed to our news and offers. You can unsubscribe at any time: write “stop”."
                )
            }
            Phrase::WelcomeBack => {
                format!(
                    "Welcome back! This is the bot of {company}. You unsubscribed before. If you want our messages again, answer below."
                )
            }
            Phrase::AskPhone => "To let us recognise you, share your phone number: tap the button below. This is optional.".to_owned(),
            Phrase::PhoneTaken => "Thank you, we have your number.".to_owned(),
            Phrase::DataYes => "Thank you!".to_owned(),
            Phrase::DataNo => {
                "All right, we will not keep or use your data. If you change your mind, tap /start. You can still write to us.".to_owned()
            }
            Phrase::AdsYes => "Thank you! We will send you news and offers. You can unsubscribe at any time: write “stop”.".to_owned(),
            Phrase::AdsNo => "All right, no advertising. If you change your mind, tap /start.".to_owned(),
            Phrase::Stopped => "Done, you are unsubscribed. To subscribe again: /start".to_owned(),
            Phrase::AlreadyOut => "You are already unsubscribed. To subscribe again: /start".to_owned(),
            Phrase::Settled => "All right, nothing changes. You can unsubscribe at any time: write “stop”.".to_owned(),
            Phrase::StartFirst => "You are unsubscribed. To subscribe again, tap /start and answer again.".to_owned(),
            Phrase::VisitConfirmed => "Thank you, see you then!".to_owned(),
            Phrase::VisitDeclined => "Thank you for telling us. To choose another time, write to us here.".to_owned(),
            Phrase::VisitPast => "This booking is past or was changed. If you need help, write to us here.".to_owned(),
            Phrase::Help => format!(
                "This is the bot of {company}.\n\n/start — start over and choose what to receive\n/stop — unsubscribe\n/privacy — what we keep about you\n\nA person answers any other message here."
            ),
        },
    }
}

/// What is written on the button under [`Phrase::Opened`].
#[must_use]
pub fn begin(language: Language) -> &'static str {
    match language {
        Language::Ru => "Начать",
        Language::En => "Start",
    }
}

/// What is kept of one person, for `/privacy`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    pub name: bool,
    pub phone: bool,
    /// An e-mail address.
    pub email: bool,
    /// Titles of the company's fields that hold something of theirs, in the company's order.
    pub fields: Vec<String>,
    pub tags: bool,
}

/// Fields named in `/privacy`; of more only how many there are.
const FIELDS: usize = 40;

/// `/privacy`: what is kept of this very person, and on what ground.
#[must_use]
pub fn privacy(language: Language, company: &str, kept: &Kept, data: Standing, ads: Standing, out: bool) -> String {
    let ru = language == Language::Ru;
    let pick = |russian: &str, english: &str| if ru { russian.to_owned() } else { english.to_owned() };
    let said = |standing: Standing| match standing {
        Standing::Granted(_) => pick("вы согласились", "you agreed"),
        Standing::Refused => pick("вы отказались", "you refused"),
        Standing::Unknown => pick("вы ещё не отвечали", "you have not answered yet"),
    };
    let own = [
        (kept.name, pick("имя", "your name")),
        (kept.phone, pick("телефон", "your phone")),
        (kept.email, pick("электронная почта", "your e-mail address")),
    ];
    let mut lines: Vec<String> = own.into_iter().filter(|(known, _)| *known).map(|(_, line)| line).collect();
    lines.extend(kept.fields.iter().take(FIELDS).map(|title| title.trim().to_owned()));
    let more = kept.fields.len().saturating_sub(FIELDS);
    if more > 0 {
        lines.push(if ru { format!("и ещё сведений: {more}") } else { format!("{more} more fields") });
    }
    if kept.tags {
        lines.push(pick("пометки о вас (теги)", "labels (tags)"));
    }
    lines.push(pick("ваши согласия и отказы", "your consents and refusals"));
    lines.push(pick("переписка в этом чате и рассылки, которые вы получили", "the messages of this chat and the campaigns you received"));
    let ads = said(if out { Standing::Refused } else { ads });
    let (data, lines) = (said(data), lines.iter().map(|line| format!("\n— {line}")).collect::<Vec<_>>().join(";"));
    if ru {
        format!(
            "Что о вас хранит компания «{company}»:{lines}.\n\nПерсональные данные: {data}.\nРеклама: {ads}.\n\nОтписаться: /stop. Изменить ответы: /start. Чтобы узнать, что именно записано, или удалить свои данные, напишите об этом сюда."
        )
    } else {
        format!(
            "What {company} keeps about you:{lines}.\n\nPersonal data: {data}.\nAdvertising: {ads}.\n\nUnsubscribe: /stop. Change your answers: /start. To learn what exactly is kept, or to have your data deleted, write to us here."
        )
    }
}

/// The question whether a person wants no more messages.
#[must_use]
pub fn whether(language: Language) -> &'static str {
    match language {
        Language::Ru => "Отписать вас от рассылки?",
        Language::En => "Unsubscribe you from our mailings?",
    }
}

/// The words on its buttons: yes, no.
#[must_use]
pub fn plain_yes_no(language: Language) -> [&'static str; 2] {
    match language {
        Language::Ru => ["Да", "Нет"],
        Language::En => ["Yes", "No"],
    }
}

/// A bare «да» or «нет», typed instead of pressing a button, in either language; `None`: anything
/// more. «Не надо» may mean either.
#[must_use]
pub fn plain_answer(text: &str) -> Option<bool> {
    let word: String = text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    match word.as_str() {
        "да" | "ага" | "угу" | "дапожалуйста" | "даконечно" | "конечно" | "yes" | "yep" | "yesplease" => {
            Some(true)
        }
        "нет" | "неа" | "нетспасибо" | "no" | "nope" | "nothanks" => Some(false),
        _ => None,
    }
}

/// The words on the button that shares the phone.
#[must_use]
pub fn share_phone(language: Language) -> &'static str {
    match language {
        Language::Ru => "Поделиться номером",
        Language::En => "Share my number",
    }
}

/// Short words shown over the chat after a press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toast {
    Recorded,
    /// It was so already.
    Already,
    /// The button is too old.
    Outdated,
    /// Opted out.
    Stopped,
    AlreadyOut,
}

/// The words of a toast; far below Telegram's 200 characters.
#[must_use]
pub fn toast(toast: Toast, language: Language) -> &'static str {
    match (language, toast) {
        (Language::Ru, Toast::Recorded) => "Записали",
        (Language::Ru, Toast::Already) => "Уже записано",
        (Language::Ru, Toast::Outdated) => "Эта кнопка устарела. Нажмите /start",
        (Language::Ru, Toast::Stopped) => "Вы отписаны",
        (Language::Ru, Toast::AlreadyOut) => "Вы уже отписаны",
        (Language::En, Toast::Recorded) => "Recorded",
        (Language::En, Toast::Already) => "Already recorded",
        (Language::En, Toast::Outdated) => "This button is outdated. Tap /start",
        (Language::En, Toast::Stopped) => "You are unsubscribed",
        (Language::En, Toast::AlreadyOut) => "You are already unsubscribed",
    }
}
