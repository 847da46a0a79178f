//! What the customer bot says, in both languages. The questions of consent are not here: they are the account's own words
//! ([`crate::consent::wording`]).

use super::conversation::Standing;
use crate::account::Language;

/// Something the customer bot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phrase {
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
    /// `/help`.
    Help,
}

/// The words of a phrase.
#[must_use]
pub fn phrase(phrase: Phrase, language: Language, company: &str) -> String {
    match language {
        Language::Ru => match phrase {
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
            Phrase::Help => format!(
                "Это бот компании «{company}».\n\n/start — начать сначала и выбрать, что получать\n/stop — отписаться\n/privacy — что мы о вас храним\n\nНа любое другое сообщение здесь ответит сотрудник."
            ),
        },
        Language::En => match phrase {
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
            Phrase::Help => format!(
                "This is the bot of {company}.\n\n/start — start over and choose what to receive\n/stop — unsubscribe\n/privacy — what we keep about you\n\nA person answers any other message here."
            ),
        },
    }
}

/// `/privacy`: what is kept and on what ground.
#[must_use]
pub fn privacy(language: Language, company: &str, data: Standing, ads: Standing, out: bool) -> String {
    let said = |standing: Standing| match (language, standing) {
        (Language::Ru, Standing::Granted(_)) => "вы согласились",
        (Language::Ru, Standing::Refused) => "вы отказались",
        (Language::Ru, Standing::Unknown) => "мы вас ещё не спрашивали",
        (Language::En, Standing::Granted(_)) => "you agreed",
        (Language::En, Standing::Refused) => "you refused",
        (Language::En, Standing::Unknown) => "we have not asked you yet",
    };
    let ads = if out { Standing::Refused } else { ads };
    match language {
        Language::Ru => format!(
            "Что о вас хранит компания «{company}»:\n— имя, телефон и электронную почту, если они нам известны;\n— сведения о вас как о клиенте: например, день рождения, город, покупки и визиты;\n— ваши согласия и отказы;\n— переписку в этом чате и то, какие рассылки вы получили.\n\nПерсональные данные: {}.\nРеклама: {}.\n\nОтписаться: /stop. Изменить ответы: /start. Чтобы мы удалили ваши данные, напишите об этом сюда.",
            said(data),
            said(ads)
        ),
        Language::En => format!(
            "What {company} keeps about you:\n— your name, phone and e-mail, if we know them;\n— what we know of you as a customer: for example your birthday, city, purchases and visits;\n— your consents and refusals;\n— the messages of this chat and which campaigns you received.\n\nPersonal data: {}.\nAdvertising: {}.\n\nUnsubscribe: /stop. Change your answers: /start. To have your data deleted, write to us here.",
            said(data),
            said(ads)
        ),
    }
}

/// The words on the buttons of a question: yes, no.
#[must_use]
pub fn yes_no(language: Language) -> [&'static str; 2] {
    match language {
        Language::Ru => ["Согласиться", "Отказаться"],
        Language::En => ["Agree", "Decline"],
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

/// A bare «да» or «нет», typed instead of pressing a button, in either language; `None`: anything more. «Не надо» may mean either.
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
    /// Recorded.
    Recorded,
    /// It was so already.
    Already,
    /// The button is too old.
    Outdated,
    /// Opted out.
    Stopped,
    /// Was out already.
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
