//! What the customer bot says, in both languages. The questions of consent are not here: they are the account's own words
//! ([`crate::consent::wording`]).

use super::conversation::Standing;
use crate::account::Language;

/// Something the customer bot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
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

/// The words of a line.
#[must_use]
pub fn line(line: Line, language: Language, company: &str) -> String {
    match language {
        Language::Ru => match line {
            Line::Welcome => format!("Здравствуйте! Это бот компании «{company}». Здесь мы отвечаем на вопросы и сообщаем о заказах."),
            Line::WelcomeAgain => {
                format!(
                    "Здравствуйте! Это бот компании «{company}». Вы подписаны на наши новости и предложения. Отказаться можно в любой момент: напишите «стоп»."
                )
            }
            Line::WelcomeBack => {
                format!(
                    "С возвращением! Это бот компании «{company}». Раньше вы отказались от наших сообщений. Если хотите получать их снова, ответьте ниже."
                )
            }
            Line::AskPhone => {
                "Чтобы мы узнали вас, поделитесь своим номером телефона: нажмите кнопку внизу. Это не обязательно.".to_owned()
            }
            Line::PhoneTaken => "Спасибо, номер получен.".to_owned(),
            Line::DataYes => "Спасибо!".to_owned(),
            Line::DataNo => "Хорошо, без вашего согласия не будем. Передумаете — нажмите /start. Написать нам вы можете и так.".to_owned(),
            Line::AdsYes => "Спасибо! Будем присылать только полезное. Отказаться можно в любой момент: напишите «стоп».".to_owned(),
            Line::AdsNo => "Хорошо, рекламы не будет. Передумаете — нажмите /start.".to_owned(),
            Line::Stopped => "Готово: больше мы вам не пишем. Вернуться можно в любой момент: нажмите /start.".to_owned(),
            Line::AlreadyOut => "Вы уже отписаны. Вернуться можно в любой момент: нажмите /start.".to_owned(),
            Line::Settled => "Хорошо, всё остаётся как было. Отказаться можно в любой момент: напишите «стоп».".to_owned(),
            Line::StartFirst => "Вы отказались от сообщений. Чтобы вернуться, нажмите /start и ответьте ещё раз.".to_owned(),
            Line::Help => format!(
                "Это бот компании «{company}».\n\n/start — начать сначала и выбрать, что получать\n/stop — больше не получать сообщений\n/privacy — что мы о вас храним\n\nЛюбое другое сообщение прочитает сотрудник и ответит здесь."
            ),
        },
        Language::En => match line {
            Line::Welcome => format!("Hello! This is the bot of {company}. Here we answer questions and tell you about your orders."),
            Line::WelcomeAgain => {
                format!("Hello! This is the bot of {company}. You receive our news and offers. You can stop it at any time: write “stop”.")
            }
            Line::WelcomeBack => {
                format!(
                    "Welcome back! This is the bot of {company}. You asked us not to write to you before. If you want our messages again, answer below."
                )
            }
            Line::AskPhone => "To let us recognise you, share your phone number: press the button below. You need not.".to_owned(),
            Line::PhoneTaken => "Thank you, we have your number.".to_owned(),
            Line::DataYes => "Thank you!".to_owned(),
            Line::DataNo => {
                "All right, not without your consent. If you change your mind, press /start. You can write to us all the same.".to_owned()
            }
            Line::AdsYes => "Thank you! We will send useful things only. You can stop it at any time: write “stop”.".to_owned(),
            Line::AdsNo => "All right, no advertising. If you change your mind, press /start.".to_owned(),
            Line::Stopped => "Done: we will not write to you any more. You can come back at any time: press /start.".to_owned(),
            Line::AlreadyOut => "You are unsubscribed already. You can come back at any time: press /start.".to_owned(),
            Line::Settled => "All right, nothing changes. You can stop it at any time: write “stop”.".to_owned(),
            Line::StartFirst => "You asked us not to write to you. To come back, press /start and answer again.".to_owned(),
            Line::Help => format!(
                "This is the bot of {company}.\n\n/start — begin again and choose what to receive\n/stop — receive no more messages\n/privacy — what we keep about you\n\nAny other message is read by a person, who answers here."
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
            "Компания «{company}» хранит ваше имя, номер телефона (если вы им поделились) и переписку в этом чате.\n\nПерсональные данные: {}.\nРеклама: {}.\n\nОтказаться от сообщений: /stop. Изменить ответы: /start. Чтобы мы удалили ваши данные, напишите об этом сюда.",
            said(data),
            said(ads)
        ),
        Language::En => format!(
            "{company} keeps your name, your phone number (if you shared it) and the messages of this chat.\n\nPersonal data: {}.\nAdvertising: {}.\n\nReceive no more messages: /stop. Change your answers: /start. To have your data deleted, write to us here.",
            said(data),
            said(ads)
        ),
    }
}

/// The words on the buttons of a question: yes, no.
#[must_use]
pub fn yes_no(language: Language) -> [&'static str; 2] {
    match language {
        Language::Ru => ["Да, согласен(на)", "Нет"],
        Language::En => ["Yes, I agree", "No"],
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
        (Language::Ru, Toast::Stopped) => "Больше не пишем",
        (Language::Ru, Toast::AlreadyOut) => "Вы уже отписаны",
        (Language::En, Toast::Recorded) => "Recorded",
        (Language::En, Toast::Already) => "Recorded already",
        (Language::En, Toast::Outdated) => "This button is outdated. Press /start",
        (Language::En, Toast::Stopped) => "We will not write to you",
        (Language::En, Toast::AlreadyOut) => "You are unsubscribed already",
    }
}
