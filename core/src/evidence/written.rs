//! The dossier as papers: one about the whole, one for every so many people.

use super::{
    campaigns::{self, Facts, VersionFacts},
    person::{self, Person, Sent},
};
use crate::{
    account::Language,
    clock::Moment,
    consent::{Action, Purpose},
    law::{Category, Country, answers::Answer},
    paper::{Paper, PaperError},
    words::{Class, Why},
};

/// Words that the bot has: outcomes of messages, reasons, what entries of the trail did.
#[derive(Clone, Copy)]
pub struct Words {
    pub language: Language,
    /// Times are written in it.
    pub zone: chrono_tz::Tz,
    /// Of a message's state.
    pub state: fn(Language, &str) -> String,
    /// Of a reason.
    pub reason: fn(Language, &Why) -> String,
    /// Of an action of the trail.
    pub action: fn(Language, &str) -> String,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words").field("language", &self.language).field("zone", &self.zone).finish_non_exhaustive()
    }
}

/// What stands at the head of a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub company: String,
    /// Of whom or what.
    pub about: String,
    pub made_at: Moment,
    pub made_by: String,
    /// How far the audit trail went.
    pub trail: String,
    pub public_key: String,
}

/// A person's line in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListLine {
    pub name: String,
    pub address: String,
    /// The last word on each purpose: personal data, advertising.
    pub consents: [Option<Action>; 2],
    /// Messages that went.
    pub messages: usize,
    pub gaps: usize,
    /// Where the whole of it is.
    pub file: String,
}

impl Words {
    /// One of the two.
    #[must_use]
    pub fn pick<'a>(&self, russian: &'a str, english: &'a str) -> &'a str {
        match self.language {
            Language::Ru => russian,
            Language::En => english,
        }
    }

    fn when(&self, at: Moment) -> String {
        at.with_timezone(&self.zone).format("%d.%m.%Y %H:%M:%S %Z").to_string()
    }

    fn short(&self, at: Moment) -> String {
        at.with_timezone(&self.zone).format("%d.%m.%Y %H:%M:%S").to_string()
    }

    fn class(&self, class: Class) -> &'static str {
        match (class, self.language) {
            (Class::Advertising, Language::Ru) => "реклама",
            (Class::Advertising, Language::En) => "advertising",
            (Class::Service, Language::Ru) => "сервисное сообщение",
            (Class::Service, Language::En) => "service message",
        }
    }

    /// What kind of thing is lacking of a person.
    #[must_use]
    pub fn kind(&self, gap: &person::Gap) -> &'static str {
        use person::Gap as G;
        let (russian, english) = match gap {
            G::Erased => (
                "данные человека удалены: остались журнал согласий и исходы сообщений",
                "the person’s data were deleted: the ledger of consents and the outcomes of messages stay",
            ),
            G::NoDataConsent => ("нет согласия на обработку персональных данных", "there is no consent to personal data"),
            G::NoAdConsent => ("реклама отправлялась, а согласия на неё нет", "advertising was sent, and there is no consent to it"),
            G::NoWording { .. } => ("нет текста согласия", "the text of a consent is not kept"),
            G::NoPaper { .. } => (
                "подписанная бумага не приложена: файл не хранится или дело слишком велико",
                "a signed paper is not enclosed: its file is kept no more, or the dossier is too large",
            ),
            G::StatedByOwner { .. } => {
                ("согласие записано со слов владельца, без документа", "a consent is stated by the owner, without a document")
            }
            G::NotCovered { .. } => ("в момент отправки рекламы согласие не действовало", "no consent held when advertising was sent"),
            G::TextForgotten { .. } => {
                ("текст сообщения забыт по сроку хранения", "a message’s words are kept no more, their time is over")
            }
            G::Uncertain { .. } => ("неизвестно, ушло ли сообщение", "nobody knows whether a message went"),
            G::TalkForgotten { .. } => {
                ("слова переписки забыты по сроку хранения", "words of the conversation are kept no more, their time is over")
            }
        };
        match self.language {
            Language::Ru => russian,
            Language::En => english,
        }
    }

    /// What is lacking of a person, as a sentence.
    #[must_use]
    pub fn gap(&self, gap: &person::Gap) -> String {
        use person::Gap as G;
        let kind = self.kind(gap);
        match gap {
            G::Erased | G::NoDataConsent | G::NoAdConsent => kind.to_owned(),
            G::NoWording { entry } | G::NoPaper { entry } | G::StatedByOwner { entry } => {
                format!("{kind}: {} № {entry}", self.pick("запись", "entry"))
            }
            G::NotCovered { campaign, step, at } | G::TextForgotten { campaign, step, at } | G::Uncertain { campaign, step, at } => {
                format!("{kind}: {}, {} {step}, {}", self.quoted(campaign), self.pick("шаг", "step"), self.when(*at))
            }
            G::TalkForgotten { count } => format!("{kind}: {} {count}", self.pick("сообщений", "messages")),
        }
    }

    fn quoted(&self, text: &str) -> String {
        match self.language {
            Language::Ru => format!("«{text}»"),
            Language::En => format!("“{text}”"),
        }
    }

    /// What is lacking of a campaign, as a sentence.
    #[must_use]
    pub fn gap_of_campaign(&self, gap: &campaigns::Gap) -> String {
        use campaigns::Gap as G;
        let (text, name) = match gap {
            G::NotApproved { campaign } => {
                (self.pick("нет записи, кто утвердил кампанию", "nobody is recorded who approved the campaign"), campaign)
            }
            G::NotLaunched { campaign } => {
                (self.pick("нет записи, кто запустил кампанию", "nobody is recorded who launched the campaign"), campaign)
            }
            G::VersionNotApproved { version } => {
                (self.pick("версия шаблона не утверждена", "a version of a template is not approved"), version)
            }
            G::NoRight { version } => {
                (self.pick("не указано право на изображение или файл", "nobody said by what right a picture or a file is used"), version)
            }
            G::NoFile { version } => (self.pick("файл больше не хранится", "a file is kept no more"), version),
            G::NoProfile => {
                return self
                    .pick(
                        "компания не указала страну и категорию: правила закона не проверялись",
                        "the company has not said its country and category: no rules of law were asked",
                    )
                    .to_owned();
            }
        };
        format!("{text}: {name}")
    }
}

/// A list of what is lacking, or that nothing is.
fn lacking(paper: &mut Paper, words: &Words, gaps: &[String]) {
    if gaps.is_empty() {
        paper.text(words.pick("Пробелов не найдено.", "Nothing is lacking."));
    }
    for gap in gaps {
        paper.text(&format!("• {gap}"));
    }
}

/// The paper about the whole: what is lacking, who approved and launched, rights, law, people, the
/// trail, how to check. Of one person, everything of them too.
///
/// # Errors
/// [`PaperError`].
pub fn summary(
    words: &Words,
    head: &Head,
    facts: &Facts,
    people: &[ListLine],
    gaps: &[(String, usize)],
    only: Option<&Person>,
) -> Result<Vec<u8>, PaperError> {
    let mut paper = Paper::new(&format!("{}: {}", words.pick("Досье доказательств", "Evidence"), head.about), words.language);
    let count = people.len().to_string();
    let made_at = words.when(head.made_at);
    paper.fields(&[
        (words.pick("Компания", "Company"), &head.company),
        (words.pick("О ком или о чём", "About"), &head.about),
        (words.pick("Составлено", "Made at"), &made_at),
        (words.pick("Запросил", "Asked for by"), &head.made_by),
        (words.pick("Людей", "People"), &count),
        (words.pick("Журнал действий, голова", "Head of the audit trail"), &head.trail),
        (words.pick("Открытый ключ подписи", "Public key of the signature"), &head.public_key),
    ]);
    paper.heading(words.pick("Чего не хватает", "What is lacking"));
    let of_campaigns = facts.gaps.iter().map(|gap| words.gap_of_campaign(gap));
    let of_people: Vec<String> = match only {
        Some(person) => person.gaps.iter().map(|gap| words.gap(gap)).collect(),
        None => gaps.iter().map(|(what, count)| format!("{what}: {count}")).collect(),
    };
    lacking(&mut paper, words, &of_campaigns.chain(of_people).collect::<Vec<_>>());
    if let Some(person) = only {
        self::person(&mut paper, words, person);
    }
    if !facts.campaigns.is_empty() {
        campaigns(&mut paper, words, facts);
        rights(&mut paper, words, facts);
    }
    law(&mut paper, words, facts);
    if only.is_none() {
        list(&mut paper, words, people);
    }
    trail(&mut paper, words, facts);
    paper.heading(words.pick("Как проверить", "How to check"));
    paper.text(words.pick(
        "Архив содержит manifest.json — список всех файлов с их SHA-256 — и manifest.sig, подпись Ed25519 этого списка. Команда «mms verify \
         ФАЙЛ.zip --key КЛЮЧ» проверяет всё без сети и без базы данных. Ключ узнайте у компании другим путём: команда «mms admin signing-key» \
         печатает его на сервере.",
        "The archive has manifest.json, a list of all files with their SHA-256, and manifest.sig, the Ed25519 signature of that list. The command \
         “mms verify FILE.zip --key KEY” checks all of it without a network and without a database. Ask the company for the key by another way: \
         “mms admin signing-key” prints it on the server.",
    ));
    paper.finish()
}

/// A paper about people.
///
/// # Errors
/// [`PaperError`].
pub fn volume(words: &Words, head: &Head, people: &[Person]) -> Result<Vec<u8>, PaperError> {
    let mut paper = Paper::new(&format!("{}: {}", words.pick("Люди", "People"), head.about), words.language);
    for one in people {
        person(&mut paper, words, one);
        paper.heading(words.pick("Чего не хватает", "What is lacking"));
        lacking(&mut paper, words, &one.gaps.iter().map(|gap| words.gap(gap)).collect::<Vec<_>>());
    }
    paper.finish()
}

/// A person's name, or a word instead.
#[must_use]
pub fn name(words: &Words, person: &Person) -> String {
    match (person.name(), &person.card) {
        ("", None) => format!("{} {}", words.pick("удалённый человек", "a deleted person"), person.contact),
        ("", Some(_)) => format!("{} {}", words.pick("без имени", "no name"), person.contact),
        (name, _) => name.to_owned(),
    }
}

/// A person's line in the list.
#[must_use]
pub fn line(words: &Words, person: &Person, file: &str) -> ListLine {
    let last = |purpose: Purpose| person.consents.entries.iter().rfind(|entry| entry.purpose == purpose).map(|entry| entry.action);
    ListLine {
        name: name(words, person),
        address: person.card.as_ref().and_then(|card| card.addresses.first()).map(|address| address.value.clone()).unwrap_or_default(),
        consents: [last(Purpose::PersonalData), last(Purpose::Marketing)],
        messages: person.sent.iter().filter(|one| one.went()).count(),
        gaps: person.gaps.len(),
        file: file.to_owned(),
    }
}

fn person(paper: &mut Paper, words: &Words, person: &Person) {
    paper.heading(&name(words, person));
    let addresses: Vec<String> =
        person.card.iter().flat_map(|card| &card.addresses).map(|address| format!("{}: {}", address.kind, address.value)).collect();
    let number = person.contact.to_string();
    paper.fields(&[
        (words.pick("Адреса", "Addresses"), &addresses.join(", ")),
        (words.pick("Номер в базе", "Number in the database"), &number),
    ]);
    paper.text(&person.consents.text(words.language, words.zone));
    paper.heading(words.pick("Сообщения кампаний", "Messages of campaigns"));
    let rows: Vec<Vec<String>> = person.sent.iter().map(|one| sent(words, one)).collect();
    if rows.is_empty() {
        paper.text(words.pick("Не отправлялись.", "None were sent."));
    } else {
        let head = [
            words.pick("Когда", "When"),
            words.pick("Кампания", "Campaign"),
            words.pick("Канал и адрес", "Channel and address"),
            words.pick("Исход, доставлено, прочитано", "Outcome, delivered, read"),
            words.pick("Текст", "Text"),
        ];
        paper.table(&head, &rows);
    }
    let mut other: Vec<(Moment, Vec<String>)> = person.talk.iter().map(|one| (one.at, talk(words, one))).collect();
    other.extend(person.said.iter().map(|one| (one.created_at, said(words, one))));
    other.sort_by_key(|(at, _)| *at);
    if !other.is_empty() {
        paper.heading(words.pick("Переписка", "Conversation"));
        let head = [
            words.pick("Когда", "When"),
            words.pick("Кто", "Who"),
            words.pick("Канал, исход", "Channel, outcome"),
            words.pick("Текст", "Text"),
        ];
        paper.table(&head, &other.into_iter().map(|(_, row)| row).collect::<Vec<_>>());
    }
}

/// What became of a message, with its receipts.
fn outcome(words: &Words, state: &str, reason: Option<&str>, detail: Option<&str>, receipts: [Option<Moment>; 2]) -> String {
    let mut text = (words.state)(words.language, state);
    if let Some(reason) = reason {
        text = format!("{text}: {}", (words.reason)(words.language, &Why::of(reason)));
    }
    if let Some(detail) = detail {
        text = format!("{text} ({detail})");
    }
    let titles = [words.pick("доставлено", "delivered"), words.pick("прочитано", "read")];
    for (title, at) in titles.iter().zip(receipts) {
        if let Some(at) = at {
            text = format!("{text}\n{title} {}", words.short(at));
        }
    }
    text
}

fn sent(words: &Words, one: &Sent) -> Vec<String> {
    let place: Vec<&str> = [one.channel.as_deref(), one.address.as_deref()].into_iter().flatten().collect();
    let mut texts: Vec<String> = Vec::new();
    for message in &one.texts {
        let mut text = message.body.text.clone();
        for button in message.buttons.iter().flatten().chain(&message.said) {
            text = format!("{text}\n[{}]", button.text);
        }
        if message.media.is_some() {
            text = format!("{text}\n{}", words.pick("(с файлом)", "(with a file)"));
        }
        texts.push(text);
    }
    let text = if !texts.is_empty() {
        texts.join("\n———\n")
    } else if one.went() {
        words.pick("текст забыт по сроку хранения", "the words are kept no more").to_owned()
    } else {
        "—".to_owned()
    };
    let class = one.class.map(|class| format!(", {}", words.class(class))).unwrap_or_default();
    vec![
        words.short(one.at()),
        format!("{}, {} {}{class}", one.campaign, words.pick("шаг", "step"), one.step),
        place.join("\n"),
        outcome(words, one.state.as_str(), one.reason.as_deref(), one.detail.as_deref(), [one.delivered_at, one.read_at]),
        text,
    ]
}

fn talk(words: &Words, one: &person::Talk) -> Vec<String> {
    let who = match (one.direction.as_str(), &one.member) {
        ("in", _) => words.pick("клиент", "customer").to_owned(),
        (_, Some(member)) => member.clone(),
        (_, None) => words.pick("сотрудник", "a member of staff").to_owned(),
    };
    let became = one.state.as_deref().map(|state| outcome(words, state, one.reason.as_deref(), None, [one.delivered_at, one.read_at]));
    let channel: Vec<String> = one.channel.clone().into_iter().chain(became).collect();
    let mut text = one.body.clone();
    if let Some(file) = &one.file_kind {
        text = format!("{text} [{file}{}]", one.file_name.as_ref().map(|name| format!(": {name}")).unwrap_or_default());
    } else if text.is_empty() {
        words.pick("слова забыты по сроку хранения", "the words are kept no more").clone_into(&mut text);
    }
    if let Some(stop) = &one.stop {
        text = format!("{text}\n{}: {stop}", words.pick("отказ словами", "opted out by"));
    }
    vec![words.short(one.at), who, channel.join("\n"), text]
}

fn said(words: &Words, one: &person::Said) -> Vec<String> {
    let became = outcome(words, &one.state, one.reason.as_deref(), None, [one.delivered_at, one.read_at]);
    let channel: Vec<String> = one.channel.clone().into_iter().chain([became]).collect();
    let text = one.text().unwrap_or(words.pick("слова забыты по сроку хранения", "the words are kept no more"));
    vec![words.short(one.sent_at.unwrap_or(one.created_at)), words.pick("бот", "bot").to_owned(), channel.join("\n"), text.to_owned()]
}

fn campaigns(paper: &mut Paper, words: &Words, facts: &Facts) {
    for one in &facts.campaigns {
        let row = &one.campaign;
        paper.heading(&format!("{}: {}", words.pick("Кампания", "Campaign"), row.name));
        let act = |who: Option<&str>, at: Option<Moment>| match (who, at) {
            (None, None) => words.pick("нет записи", "not recorded").to_owned(),
            (who, at) => {
                let parts = [who.map(str::to_owned), at.map(|at| words.when(at))];
                parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
            }
        };
        let (submitted, approved, launched) = (
            act(facts.member(row.submitted_by), row.submitted_at),
            act(facts.member(row.approved_by), row.approved_at),
            act(facts.member(row.launched_by), row.launched_at),
        );
        let hash = row.approved_hash.clone().unwrap_or_default();
        paper.fields(&[
            (words.pick("Передал на утверждение", "Handed in by"), &submitted),
            (words.pick("Утвердил", "Approved by"), &approved),
            (words.pick("Утверждённое содержание, SHA-256", "What was approved, SHA-256"), &hash),
            (words.pick("Запустил", "Launched by"), &launched),
        ]);
    }
    for one in facts.versions.values() {
        let row = &one.version;
        paper.heading(&format!("{}: {} № {} ({})", words.pick("Шаблон", "Template"), row.name, row.number, words.class(row.class)));
        let decided: Vec<String> =
            facts.member(row.decided_by).map(str::to_owned).into_iter().chain(row.decided_at.map(|at| words.when(at))).collect();
        let (decided, hash) = (decided.join(", "), row.content_hash.clone().unwrap_or_default());
        paper.fields(&[(words.pick("Утвердил", "Approved by"), &decided), (words.pick("Содержание, SHA-256", "Content, SHA-256"), &hash)]);
        paper.text(&row.body);
    }
}

fn rights(paper: &mut Paper, words: &Words, facts: &Facts) {
    paper.heading(words.pick("Права на материалы и ответы на замечания", "Rights to materials and answers to findings"));
    let answer = |answer: Answer| match answer {
        Answer::FalseAlarm => words.pick("правило к тексту не относится", "the rule does not speak of this"),
        Answer::Own => words.pick("своё изображение", "the company’s own picture"),
        Answer::Licence => words.pick("по лицензии", "by a licence"),
        Answer::Stock => words.pick("из фотобанка", "from a collection that allows it"),
        Answer::Document => words.pick("приложен документ", "a document is attached"),
    };
    let file = |one: &campaigns::Material| match &one.path {
        Some(path) => format!("{}: {path}", one.name),
        None => format!("{} ({})", one.name, words.pick("больше не хранится", "kept no more")),
    };
    let of = |one: &VersionFacts| -> Vec<Vec<String>> {
        let named = format!("{} № {}", one.version.name, one.version.number);
        let mut rows: Vec<Vec<String>> = one
            .answers
            .iter()
            .map(|answered| {
                let given = &answered.given;
                let what = [answer(given.answer).to_owned()].into_iter().chain(answered.document.as_ref().map(file));
                vec![
                    named.clone(),
                    given.rule.clone(),
                    what.collect::<Vec<_>>().join("\n"),
                    format!("{}, {}", given.given_by, words.short(given.answered_at)),
                ]
            })
            .collect();
        if let Some(material) = &one.material {
            rows.insert(0, vec![named, words.pick("файл", "file").to_owned(), file(material), material.sha256.clone()]);
        }
        rows
    };
    let rows: Vec<Vec<String>> = facts.versions.values().flat_map(of).collect();
    if rows.is_empty() {
        return paper.text(words.pick("Файлов и замечаний нет.", "There are no files and no findings."));
    }
    let head = [
        words.pick("Версия", "Version"),
        words.pick("Правило", "Rule"),
        words.pick("Право или ответ", "Right or answer"),
        words.pick("Кто и когда", "Who and when"),
    ];
    paper.table(&head, &rows);
}

fn law(paper: &mut Paper, words: &Words, facts: &Facts) {
    paper.heading(words.pick("Законность: что проверялось", "The law: what was asked"));
    let unsaid = || words.pick("не указано", "not said");
    let country = facts.law.country.map_or_else(unsaid, |country| match country {
        Country::Ru => words.pick("Россия", "Russia"),
        Country::Other => words.pick("другая", "another"),
    });
    let category = facts.law.category.map_or_else(unsaid, |category| match category {
        Category::Bank => words.pick("банк или платёжная организация", "a bank or a payment firm"),
        Category::Finance => words.pick("другая финансовая организация", "another financial organisation"),
        Category::State => words.pick("государственная организация", "a state body or company"),
        Category::Telecom => words.pick("оператор связи", "a telecom operator"),
        Category::Marketplace => words.pick("крупный сайт или площадка объявлений", "a large site or classifieds"),
        Category::Pharmacy => words.pick("аптека или клиника", "a pharmacy or a clinic"),
        Category::Housing => words.pick("жилищно-коммунальная организация", "housing and utilities"),
        Category::Other => words.pick("другая", "another"),
    });
    paper.fields(&[(words.pick("Страна", "Country"), country), (words.pick("Категория", "Category"), category)]);
    let rows: Vec<Vec<String>> = facts
        .law
        .off
        .iter()
        .map(|(rule, off)| vec![rule.clone(), off.reason.clone(), format!("{}, {}", off.by, words.short(off.at))])
        .collect();
    if rows.is_empty() {
        paper.text(words.pick("Владелец не отключал ни одного правила.", "No owner switched a rule off."));
    } else {
        paper.text(words.pick("Правила, которые отключил владелец:", "Rules that an owner switched off:"));
        let head = [words.pick("Правило", "Rule"), words.pick("Почему", "Why"), words.pick("Кто и когда", "Who and when")];
        paper.table(&head, &rows);
    }
}

fn list(paper: &mut Paper, words: &Words, people: &[ListLine]) {
    paper.heading(words.pick("Люди", "People"));
    let said = |action: Option<Action>| match action {
        None => "—",
        Some(Action::Granted) => words.pick("есть", "granted"),
        Some(Action::Withdrawn) => words.pick("отозвано", "withdrawn"),
    };
    let row = |(at, one): (usize, &ListLine)| {
        vec![
            (at + 1).to_string(),
            one.name.clone(),
            one.address.clone(),
            said(one.consents[0]).to_owned(),
            said(one.consents[1]).to_owned(),
            one.messages.to_string(),
            one.gaps.to_string(),
            one.file.clone(),
        ]
    };
    let head = [
        "№",
        words.pick("Имя", "Name"),
        words.pick("Адрес", "Address"),
        words.pick("Перс. данные", "Personal data"),
        words.pick("Реклама", "Advertising"),
        words.pick("Сообщ.", "Msgs"),
        words.pick("Пробелы", "Lacks"),
        words.pick("Подробно", "Details"),
    ];
    paper.table(&head, &people.iter().enumerate().map(row).collect::<Vec<_>>());
}

fn trail(paper: &mut Paper, words: &Words, facts: &Facts) {
    if facts.lines.is_empty() {
        return;
    }
    paper.heading(words.pick("Журнал: кто что сделал", "The trail: who did what"));
    let who = |who: &str| match who {
        "admin" => words.pick("администратор сервера", "the server’s administrator").to_owned(),
        "system" => words.pick("программа", "the program").to_owned(),
        name => name.to_owned(),
    };
    let row = |line: &campaigns::Line| {
        vec![line.seq.to_string(), words.short(line.at), who(&line.who), (words.action)(words.language, &line.action)]
    };
    let head = ["№", words.pick("Когда", "When"), words.pick("Кто", "Who"), words.pick("Что", "What")];
    paper.table(&head, &facts.lines.iter().map(row).collect::<Vec<_>>());
}
