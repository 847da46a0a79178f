//! Ready texts to begin with: good as they are, and made to be changed. They are customers' texts,
//! so their language is the account's for customers, not the member's.

use super::{Class, Content, TemplateButton};
use crate::account::Language;

/// A ready template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Starter {
    /// Its name in lists.
    pub name: &'static str,
    /// Advertising or service.
    pub class: Class,
    /// Liquid, without the line that names the advertiser.
    text: &'static str,
    language: Language,
}

impl Starter {
    /// All of it that goes out. Advertising names the advertiser and has a way to opt out.
    #[must_use]
    pub fn content(&self) -> Content {
        let (mark, opt_out) = match self.language {
            Language::Ru => ("Реклама.", "Отписаться"),
            Language::En => ("Advertisement.", "Unsubscribe"),
        };
        let (body, buttons) = match self.class {
            Class::Advertising => {
                (format!("{}\n\n{mark} {{{{ advertiser }}}}", self.text), vec![TemplateButton::OptOut { text: opt_out.to_owned() }])
            }
            Class::Service => (self.text.to_owned(), Vec::new()),
        };
        Content { class: self.class, body, media: None, buttons }
    }
}

/// The ready templates of a language.
#[must_use]
pub fn starters(language: Language) -> [Starter; 5] {
    let starter = |name, class, text| Starter { name, class, text, language };
    match language {
        Language::Ru => [
            starter(
                "Скидка на выходные",
                Class::Advertising,
                "{{ first_name | default: \"Здравствуйте\" }}, в эти выходные у нас скидка 10 % на всё.\n\nПриходите до воскресенья или ответьте на это сообщение — отложим, что вам понравилось.",
            ),
            starter(
                "Напоминание о записи",
                Class::Service,
                "{{ first_name | default: \"Здравствуйте\" }}, напоминаем: вы записаны к нам на завтра.\n\nЕсли планы изменились, ответьте на это сообщение, и мы подберём другое время.",
            ),
            starter(
                "Спасибо за покупку",
                Class::Service,
                "{{ first_name | default: \"Здравствуйте\" }}, спасибо за покупку!\n\nВсё ли в порядке? Если есть вопросы, просто ответьте на это сообщение.",
            ),
            starter(
                "С днём рождения",
                Class::Advertising,
                "{{ first_name | default: \"Здравствуйте\" }}, с днём рождения! 🎉\n\nДарим вам скидку 15 % на любую покупку. Она действует неделю: просто покажите это сообщение.",
            ),
            starter(
                "Давно не виделись",
                Class::Advertising,
                "{{ first_name | default: \"Здравствуйте\" }}, давно не виделись!\n\nЗагляните к нам в этом месяце: подготовили для вас подарок к любой покупке.",
            ),
        ],
        Language::En => [
            starter(
                "Weekend discount",
                Class::Advertising,
                "{{ first_name | default: \"Hello\" }}, this weekend everything is 10% off.\n\nCome by Sunday, or reply to this message and we will set aside what you like.",
            ),
            starter(
                "Appointment reminder",
                Class::Service,
                "{{ first_name | default: \"Hello\" }}, a reminder: your appointment with us is tomorrow.\n\nIf your plans have changed, reply to this message and we will find another time.",
            ),
            starter(
                "Thanks for your purchase",
                Class::Service,
                "{{ first_name | default: \"Hello\" }}, thank you for your purchase!\n\nIs everything all right? If you have a question, just reply to this message.",
            ),
            starter(
                "Happy birthday",
                Class::Advertising,
                "{{ first_name | default: \"Hello\" }}, happy birthday! 🎉\n\nYour present is 15% off any purchase. It is good for a week: just show this message.",
            ),
            starter(
                "Long time no see",
                Class::Advertising,
                "{{ first_name | default: \"Hello\" }}, it has been a while!\n\nDrop in this month: there is a present for you with any purchase.",
            ),
        ],
    }
}
