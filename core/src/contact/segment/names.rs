//! What a condition may be about: the product's names and the account's fields, found in a line as
//! people write them, titles of several words and without quotes.

use super::{Name, Problem, lexer::breaks_word, typed::joins};
use crate::{
    contact::{Field, import::heading::also_called},
    text::{
        fold,
        near::{begins, distance},
        unseen,
    },
};

/// Words that a title of several words may have.
const MAX_WORDS: usize = 12;

impl Name {
    /// How a screen names it; a field has its own title.
    #[must_use]
    pub fn title(&self, russian: bool) -> &str {
        let (ru, en) = match self {
            Self::Tag => ("Тег", "Tag"),
            Self::Name => ("ФИО", "Full name"),
            Self::FirstName => ("Имя", "First name"),
            Self::LastName => ("Фамилия", "Last name"),
            Self::Phone => ("Телефон", "Phone"),
            Self::Telegram => ("Telegram", "Telegram"),
            Self::Language => ("Язык", "Language"),
            Self::Source => ("Откуда пришёл", "Came from"),
            Self::Consent => ("Согласие на рекламу", "Consent to advertising"),
            Self::PersonalData => ("Согласие на обработку данных", "Consent to data processing"),
            Self::OptedOut => ("Отписан", "Unsubscribed"),
            Self::Created => ("Добавлен", "Added"),
            Self::LastContacted => ("Последняя рассылка", "Last message to them"),
            Self::LastAnswered => ("Последнее сообщение клиента", "Last message from them"),
            Self::Occasion(told) => (told.ru, told.en),
            Self::Field { key, .. } => (key.as_str(), key.as_str()),
        };
        if russian { ru } else { en }
    }

    /// Other ways people write it, folded.
    #[must_use]
    pub fn aliases(&self) -> &'static [&'static str] {
        match self {
            Self::Tag => &["тег", "тэг", "метка", "метки", "tags", "теги", "тега", "тегом", "тегов", "меткой", "with tag"],
            Self::Name => &["фио", "полное_имя", "полное имя", "имя целиком", "имя и фамилия"],
            Self::FirstName => &["имя"],
            Self::LastName => &["фамилия"],
            Self::Phone => &["телефон", "телефона", "телефоном", "номер телефона", "есть телефон", "has phone", "phone number"],
            Self::Telegram => &["телеграм", "телеграмм", "телеграма", "телеграмом", "есть telegram", "есть телеграм", "тг", "has telegram"],
            Self::Language => &["язык", "языка"],
            Self::Source => &["источник", "источника", "откуда"],
            Self::Consent => &["согласие", "согласия", "реклама", "согласия на рекламу", "согласием на рекламу", "advertising consent"],
            Self::PersonalData => &[
                "персональные_данные",
                "персональные данные",
                "пдн",
                "согласие на данные",
                "согласие на обработку",
                "согласия на обработку данных",
                "согласие на персональные данные",
                "data consent",
            ],
            Self::OptedOut => &["отписан", "отписка", "отписался", "отписались", "отписавшиеся", "просил не писать", "opted out"],
            Self::Created => &["создан", "добавлен", "когда добавлен", "дата добавления", "дата создания"],
            Self::LastContacted => &[
                "последнее_сообщение",
                "последнее сообщение",
                "писали",
                "когда писали мы",
                "последняя рассылка",
                "last contacted",
                "last message",
            ],
            Self::LastAnswered => {
                &["последний_ответ", "последний ответ", "ответил", "отвечал", "когда писал он", "писал", "last answered", "last reply"]
            }
            Self::Occasion(told) => told.aliases,
            Self::Field { .. } => &[],
        }
    }
}

/// How a name is written in a line that a person reads: its title where that is read back as it.
pub fn written(name: &Name, fields: &[Field], russian: bool) -> String {
    let title = match name {
        Name::Field { key, .. } => fields.iter().find(|field| field.key == *key).map_or(key.as_str(), |field| field.title.as_str()),
        built_in => built_in.title(russian),
    };
    let found = Names::new(fields).at(&title.chars().collect::<Vec<_>>(), 0);
    let first = title.split(' ').next().unwrap_or_default();
    // Two fields of one title, a field named as the product names something, one that begins with a
    // quote or with «и»: the key is its own.
    let read_back =
        found == Some((name.clone(), title.chars().count())) && first.starts_with(char::is_alphanumeric) && joins(first).is_none();
    if read_back { title.to_owned() } else { name.as_str().to_owned() }
}

/// The name that a kept filter, or a text in quotes, writes as one word.
pub fn resolve(written: &str, fields: &[Field]) -> Option<Name> {
    let folded = fold(written);
    Names::new(fields).known.into_iter().find(|(known, _)| *known == folded).map(|(_, name)| name)
}

/// Every way to write every name, folded; of two that are the same the first counts.
pub struct Names {
    known: Vec<(String, Name)>,
}

impl Names {
    /// The names an account with these fields has.
    pub fn new(fields: &[Field]) -> Self {
        let built_in = |ways: fn(&Name) -> Vec<String>| {
            Name::of_the_product().flat_map(move |name| ways(&name).into_iter().map(move |way| (way, name.clone())))
        };
        let known = built_in(|name| vec![name.as_str().to_owned()])
            .chain(fields.iter().map(|field| (field.key.clone(), field.into())))
            .chain(fields.iter().map(|field| (fold(&field.title), field.into())))
            .chain(built_in(|name| {
                let titles = [true, false].map(|russian| fold(name.title(russian)));
                titles.into_iter().chain(name.aliases().iter().map(|alias| (*alias).to_owned())).collect()
            }))
            // «День рождения» where the field is called «Дата рождения».
            .chain(fields.iter().flat_map(|field| also_called(field).iter().map(move |called| ((*called).to_owned(), field.into()))))
            .collect();
        Self { known }
    }

    /// The longest name that stands here, and where it ends.
    pub fn at(&self, chars: &[char], from: usize) -> Option<(Name, usize)> {
        let mut best: Option<(&Name, usize)> = None;
        for (known, name) in &self.known {
            if let Some(end) = ends(known, chars, from)
                && best.is_none_or(|(_, longest)| end > longest)
            {
                best = Some((name, end));
            }
        }
        best.map(|(name, end)| (name.clone(), end))
    }

    /// The only name that stands here in another case, and where it ends: «бонусов», «последнего
    /// визита». Of two names that are called the same the first counts, as everywhere.
    pub fn declined(&self, chars: &[char], from: usize) -> Option<(Name, usize)> {
        let mut best: Option<(&str, &Name, usize)> = None;
        for (known, name) in &self.known {
            let Some(end) = ends_declined(known, chars, from) else { continue };
            match best {
                Some((called, other, longest)) if end < longest || (end == longest && (other == name || called == known)) => {}
                Some((.., longest)) if end == longest => return None,
                _ => best = Some((known, name, end)),
            }
        }
        best.map(|(_, name, end)| (name.clone(), end))
    }

    /// What is nearest to words that name nothing: what they are the beginning of, else what
    /// differs by the fewest letters.
    pub fn unknown(&self, written: &str, fields: &[Field]) -> Problem {
        let folded = fold(written);
        let begun = self.known.iter().find(|(known, _)| begins(&folded, known)).map(|(known, name)| (0, known, name));
        let nearest = begun.or_else(|| self.nearest(&folded));
        let suggestion = nearest.map(|(_, known, name)| match name {
            Name::Field { key, .. } => {
                fields.iter().find(|field| field.key == *key).map_or_else(|| key.clone(), |field| field.title.clone())
            }
            _ => known.clone(),
        });
        Problem::UnknownName { name: written.to_owned(), suggestion }
    }

    fn nearest(&self, folded: &str) -> Option<(usize, &String, &Name)> {
        self.known
            .iter()
            .map(|(known, name)| (distance(folded, known), known, name))
            .min_by_key(|(distance, ..)| *distance)
            .filter(|(distance, ..)| *distance <= 1 + folded.chars().count() / 3)
    }
}

/// Where folded words end that stand here whole.
fn ends(known: &str, chars: &[char], from: usize) -> Option<usize> {
    let mut at = from;
    for wanted in known.chars() {
        while chars.get(at).is_some_and(|c| unseen(*c)) {
            at += 1;
        }
        let c = *chars.get(at)?;
        if wanted == ' ' {
            if !c.is_whitespace() || c == '\n' {
                return None;
            }
            while chars.get(at).is_some_and(|c| c.is_whitespace()) {
                at += 1;
            }
            continue;
        }
        let mut lower = c.to_lowercase();
        let lower = (lower.next(), lower.next());
        if lower != (Some(wanted), None) && !(lower == (Some('ё'), None) && wanted == 'е') {
            return None;
        }
        at += 1;
    }
    let boundary = chars.get(at).is_none_or(|c| breaks_word(*c) || matches!(c, ':' | ';' | '·' | '•'));
    (boundary && at > from && known.split(' ').count() <= MAX_WORDS).then_some(at)
}

/// Endings of Russian nouns and adjectives.
const ENDINGS: [&str; 41] = [
    "", "а", "я", "о", "е", "ы", "и", "ь", "й", "у", "ю", "ой", "ей", "ом", "ем", "ам", "ям", "ами", "ями", "ах", "ях", "ов", "ев", "ый",
    "ий", "ая", "яя", "ое", "ее", "ые", "ие", "ого", "его", "ому", "ему", "ым", "им", "ых", "их", "ую", "юю",
];

/// Where Russian words end that are these in another case: the same beginnings, other endings.
fn ends_declined(known: &str, chars: &[char], from: usize) -> Option<usize> {
    let russian = |c: char| matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё');
    let mut at = from;
    for (n, word) in known.split(' ').enumerate() {
        if n > 0 {
            let spaces = chars[at..].iter().take_while(|c| c.is_whitespace()).count();
            at += if spaces > 0 { spaces } else { return None };
        }
        let written: String = chars[at..].iter().take_while(|c| russian(**c)).collect();
        let len = written.chars().count();
        let folded = fold(&written);
        let same = word.chars().zip(folded.chars()).take_while(|(a, b)| a == b).count();
        let rest = |word: &str| word.chars().skip(same).collect::<String>();
        // A short word («в», «на») has one form.
        let short = word.chars().count() < 4;
        let fits = if short { word == folded } else { same >= 3 && ENDINGS.contains(&&*rest(word)) && ENDINGS.contains(&&*rest(&folded)) };
        if !fits || !word.chars().all(russian) {
            return None;
        }
        at += len;
    }
    chars.get(at).is_none_or(|c| breaks_word(*c) || matches!(c, ':' | ';' | '·' | '•')).then_some(at)
}
