use std::collections::BTreeMap;

use super::*;
use crate::{
    account::{Actor, Role},
    both, clock,
    delivery::fixture::Fixture,
    law::{
        Category, LawError, Switched,
        answers::{self, Answer},
        book,
    },
};

/// Every advertising text of the corpus would have it.
const MARK: &str = "38fz-18-1-mark";

fn russia() -> Profile {
    Profile { country: Some(Country::Ru), category: Some(Category::Other), ..Profile::default() }
}

fn day() -> NaiveDate {
    "2026-11-30".parse().unwrap()
}

fn look(class: Class, body: &str) -> Vec<Found> {
    let told = Told { body, names: ["Ромашка", "ООО «Ромашка»"], ..Told::default() };
    book().look(&russia(), class, told, day())
}

fn short(rule: &str) -> &str {
    rule.trim_start_matches("38fz-essential-").trim_start_matches("38fz-").trim_end_matches("fz")
}

fn found(class: Class, body: &str) -> Vec<String> {
    look(class, body).iter().map(|one| one.rule.id.as_str()).filter(|id| *id != MARK).map(|id| short(id).to_owned()).collect()
}

const AD: Class = Class::Advertising;
const SERVICE: Class = Class::Service;

/// Texts as companies write them, what a lawyer would ask about each, and what is a false alarm.
/// Findings in the order of the rules.
const CORPUS: &[(Class, &str, &[&str], &[&str])] = &[
    // Discounts and offers: a period is there, or is missing.
    (AD, "Скидка 20 % на маникюр до 15 декабря!", &[], &[]),
    (AD, "Скидка 20 % на маникюр! Приходите", &["promo"], &[]),
    (AD, "Скидки до 50 % на пальто", &["promo"], &[]),
    (AD, "Акция: третья пицца бесплатно, с 1 по 10 декабря", &[], &[]),
    (AD, "Акция! Третья пицца бесплатно", &["promo"], &[]),
    (AD, "Распродажа зимней обуви", &["promo"], &[]),
    (AD, "Распродажа зимней обуви, только сегодня", &[], &[]),
    (AD, "Промокод ЗИМА10 действует 3 дня", &[], &[]),
    (AD, "Кэшбэк за каждую заправку", &["promo"], &[]),
    (AD, "Весь декабрь скидки на стрижки", &[], &[]),
    (AD, "Чёрная пятница началась", &["promo"], &[]),
    (AD, "Возьмите с собой карту скидок", &[], &[]),
    // Prize draws.
    (AD, "Розыгрыш автомобиля среди покупателей", &["promo", "lottery"], &[]),
    (AD, "Розыгрыш до 31 декабря. Организатор: ООО «Ромашка». Правила: romashka.example/rules", &[], &[]),
    (AD, "Разыгрываем поездку до 1 января, правила на сайте", &["lottery"], &[]),
    (AD, "Наша выставка вне конкурса", &[], &[]),
    // Sales at a distance.
    (AD, "Закажите на сайте новую коллекцию", &["distance"], &[]),
    (AD, "Бесплатная доставка роз по городу", &["distance"], &[]),
    (AD, "Доставка роз. ООО «Ромашка», ОГРН 1027700132195, адрес: Москва, ул. Садовая, 1", &[], &[]),
    (AD, "Доставим за час. ИП Иванов, ОГРНИП 304500116000157, г. Тверь", &[], &[]),
    (AD, "Наш интернет-магазин открыт", &["distance"], &[]),
    (AD, "Новая коллекция уже в салоне на Садовой", &[], &[]),
    (SERVICE, "Ваш заказ собран, доставка завтра с 10 до 12", &[], &[]),
    // Medicine.
    (AD, "Лечение кариеса без боли", &["medicine", "documents"], &[]),
    (AD, "Имплантация под ключ. Имеются противопоказания, необходима консультация специалиста", &["documents"], &[]),
    (AD, "Витамины для зимы", &["medicine"], &[]),
    (AD, "Витамины для зимы. Не является лекарственным средством", &[], &[]),
    (AD, "Запишитесь на УЗИ сердца", &["medicine"], &[]),
    (AD, "Медицинские маски в каждом заказе кофе", &[], &[]),
    (AD, "Диагностика автомобиля перед зимой", &[], &[]),
    (SERVICE, "Завтра в 10:00 приём врача, Садовая, 1", &[], &[]),
    // Finance.
    (AD, "Кредит за пять минут", &["finance", "documents"], &[]),
    (AD, "Кредит под 19 % годовых. ПАО «Пример Банк», полная стоимость 19–24 %", &["documents"], &[]),
    (AD, "Рассрочка на мебель без переплаты от ООО «Ромашка»", &["finance"], &[]),
    (AD, "Оформите осаго онлайн", &["finance", "documents"], &[]),
    (AD, "Вы дали нам кредит доверия — спасибо", &[], &[]),
    (AD, "Ваш вклад в общее дело", &["finance"], &["finance"]),
    // Alcohol and tobacco.
    (AD, "Бокал вина к ужину в подарок", &[], &[]),
    (AD, "Пиво по пятницам", &["alcohol"], &[]),
    (AD, "Новые кальяны в меню", &["alcohol"], &[]),
    (AD, "Безалкогольное пиво и лимонад", &[], &[]),
    (AD, "Дегустация: вино и сыр", &["alcohol"], &[]),
    (AD, "Пивные дрожжи для теста", &[], &[]),
    // Superlatives.
    (AD, "Лучшие цены в городе", &["5-3-superlative"], &[]),
    (AD, "Самый большой выбор тканей", &["5-3-superlative"], &[]),
    (AD, "Мы № 1 по доставке суши", &["distance", "5-3-superlative"], &[]),
    (AD, "Лучшая пекарня по версии читателей «Города», рейтинг 2026 года", &[], &[]),
    (AD, "С лучшими пожеланиями, ваша «Ромашка»", &[], &[]),
    (AD, "Самое время сменить шины", &[], &[]),
    (AD, "Подарки для самых близких", &[], &[]),
    (AD, "Так даже лучше", &[], &[]),
    (AD, "Единственный день, когда мы закрыты, — 1 января", &["5-3-superlative"], &["5-3-superlative"]),
    (AD, "Абсолютно новая коллекция", &["5-3-superlative"], &["5-3-superlative"]),
    // Latin letters.
    (AD, "Новый sale в салоне", &["168"], &[]),
    (AD, "Приходите на open day", &["168"], &[]),
    (AD, "Пишите в WhatsApp или на mail@romashka.example, сайт romashka.example", &[], &[]),
    (AD, "Промокод SALE20 до 5 декабря", &[], &[]),
    (AD, "VIP-зал и Wi-Fi для гостей", &[], &[]),
    // What is called service and is not.
    (SERVICE, "Скидка 20 % на всё только сегодня", &["3-class"], &[]),
    (SERVICE, "Ваш промокод на следующую покупку: ЗИМА", &["3-class"], &[]),
    (SERVICE, "Ваша скидка 5 % учтена в счёте", &[], &[]),
    (SERVICE, "Заказ 15 оплачен, чек в письме", &[], &[]),
    (SERVICE, "Собрание: голосуют акции общества", &[], &[]),
    (SERVICE, "Показания счётчиков передайте до 25 числа", &[], &[]),
    (SERVICE, "Анна, ждём вас завтра в 15:00. Если планы изменились, ответьте «нет»", &[], &[]),
    (SERVICE, "Ваш столик на двоих, 19:00. Новинка нашего меню ждёт вас", &["3-class"], &[]),
];

/// What the check finds in each text of the corpus, and how many of the findings are false alarms.
#[test]
fn the_corpus_is_found_as_a_lawyer_would() {
    let mut wrong = Vec::new();
    let (mut findings, mut alarms) = (0, 0);
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for (class, text, expected, false_alarms) in CORPUS {
        let now = found(*class, text);
        if now != *expected {
            wrong.push(format!("{class:?} «{text}»: {now:?}, not {expected:?}"));
        }
        findings += expected.len();
        alarms += false_alarms.len();
        for rule in *false_alarms {
            assert!(expected.contains(rule), "«{text}»: a false alarm is a finding");
            *by_rule.entry(*rule).or_default() += 1;
        }
    }
    println!("{} texts, {findings} findings, {alarms} of them false alarms: {by_rule:?}", CORPUS.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(alarms * 10 <= findings, "{alarms} false alarms of {findings} findings");
}

#[test]
fn what_is_missing_is_named_with_the_words_that_ask_for_it() {
    let all = look(AD, "Доставка роз, ОГРН 1027700132195");
    let distance = all.iter().find(|one| one.rule.id == "38fz-essential-distance").unwrap();
    let needs = &distance.rule.lint.as_ref().unwrap().needs;
    assert_eq!((distance.words.as_slice(), distance.lacks.as_slice()), (["Доставка".to_owned()].as_slice(), [1].as_slice()));
    assert_eq!(needs[1].ru, "адрес продавца");
    // A number of another length is none.
    let all = look(AD, "Доставка роз, ОГРН 1027, ул. Садовая");
    assert_eq!(all.iter().find(|one| one.rule.id == "38fz-essential-distance").unwrap().lacks, [0]);
}

#[test]
fn the_mark_is_asked_of_advertising_alone_and_by_the_owners_policy() {
    let marked = "Реклама. ООО «Ромашка», erid: 2VtzqwH8jk. Приходите";
    let mark = |profile: &Profile, class, body| {
        let told = Told { body, ..Told::default() };
        book().look(profile, class, told, day()).into_iter().find(|one| one.rule.id == MARK).map(|one| (one.strict, one.lacks))
    };
    assert_eq!(mark(&russia(), AD, marked), None);
    assert_eq!(mark(&russia(), AD, "Реклама. Приходите"), Some((false, vec![1])));
    assert_eq!(mark(&russia(), AD, "Приходите"), Some((false, vec![0, 1])));
    assert_eq!(mark(&russia(), SERVICE, "Ждём завтра"), None);
    let required = Profile { strict: [MARK.to_owned()].into(), ..russia() };
    assert_eq!(mark(&required, AD, "Приходите"), Some((true, vec![0, 1])));
    let switched = Switched { reason: "своя база".to_owned(), by: "Анна".to_owned(), at: clock::now() };
    let off = Profile { off: [(MARK.to_owned(), switched)].into(), ..russia() };
    assert_eq!(mark(&off, AD, "Приходите"), None);
}

/// The eve of a rule's first day and the day itself.
#[test]
fn a_text_is_held_to_a_rule_from_its_day_on() {
    let on = |day: &str| {
        let told = Told { body: "Новый sale в салоне", ..Told::default() };
        let all = book().look(&russia(), AD, told, day.parse().unwrap());
        all.iter().any(|one| one.rule.id == "168fz")
    };
    assert_eq!(["2026-02-28", "2026-03-01"].map(on), [false, true]);
}

/// Every rule that looks at texts: its severity, whether it can be switched off, its first day, and
/// a text that sets it off.
const LINT: &[(&str, Severity, &str, Class, &str)] = &[
    ("38fz-18-1-mark", Severity::Warning, "2022-09-01", AD, "Приходите в гости"),
    ("168fz", Severity::Warning, "2026-03-01", AD, "Новый sale в салоне"),
    ("38fz-3-class", Severity::Warning, "2006-07-01", SERVICE, "Скидка 20 % на всё только сегодня"),
    ("38fz-essential-distance", Severity::Warning, "2006-07-01", AD, "Бесплатная доставка роз по городу"),
    ("38fz-essential-promo", Severity::Warning, "2006-07-01", AD, "Распродажа зимней обуви"),
    ("38fz-essential-lottery", Severity::Warning, "2006-07-01", AD, "Розыгрыш автомобиля до 31 декабря"),
    ("38fz-essential-medicine", Severity::Warning, "2006-07-01", AD, "Запишитесь на УЗИ сердца"),
    ("38fz-essential-finance", Severity::Warning, "2006-07-01", AD, "Рассрочка на мебель без переплаты"),
    ("38fz-documents", Severity::Warning, "2006-07-01", AD, "Лечение кариеса без боли"),
    ("38fz-essential-alcohol", Severity::Error, "2012-07-23", AD, "Пиво по пятницам"),
    ("38fz-5-3-superlative", Severity::Warning, "2006-07-01", AD, "Лучшие цены в городе"),
    ("gk-1259-picture", Severity::Warning, "2008-01-01", AD, "Приходите в гости"),
];

#[test]
fn each_rule_of_texts_has_its_source_its_severity_its_first_day_and_its_switch() {
    let all: Vec<&str> = book().rules.iter().filter(|rule| rule.lint.is_some()).map(|rule| rule.id.as_str()).collect();
    assert_eq!(all, LINT.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), "a rule is in the table, in the order of the file");
    let switched = Switched { reason: "юрист согласен".to_owned(), by: "Анна".to_owned(), at: clock::now() };
    for (id, severity, from, class, body) in LINT {
        let rule = book().rule(id).unwrap();
        let from: NaiveDate = from.parse().unwrap();
        assert_eq!((rule.severity, rule.from, rule.off), (*severity, from, true), "{id}");
        assert!(!rule.source.is_empty() && rule.reviewed >= "2026-03-12".parse().unwrap(), "{id}");
        let told = Told { body, names: ["Ромашка", ""], file: Some("1"), ..Told::default() };
        let found = |profile: &Profile, day| book().look(profile, *class, told, day).into_iter().find(|one| one.rule.id == *id);
        let eve = from.pred_opt().unwrap();
        assert!(found(&russia(), eve).is_none() && found(&russia(), from).is_some(), "{id} around {from}");
        assert_eq!(found(&russia(), day()).map(|one| one.strict), Some(*severity == Severity::Error), "{id}");
        let off = Profile { off: [((*id).to_owned(), switched.clone())].into(), ..russia() };
        assert!(found(&off, day()).is_none(), "{id} is switched off");
    }
}

#[test]
fn texts_of_companies_elsewhere_and_of_those_not_asked_are_left_alone() {
    let told = Told { body: "Самое дешёвое пиво, sale!", file: Some("1"), ..Told::default() };
    for country in [None, Some(Country::Other)] {
        let profile = Profile { country, ..Profile::default() };
        assert!(book().look(&profile, AD, told, day()).is_empty(), "{country:?}");
    }
    assert!(book().look(&russia(), AD, told, day()).len() > 2);
}

#[test]
fn trademarks_and_the_companys_own_names_are_no_foreign_words() {
    let words = |profile: &Profile, names| {
        let told = Told { body: "Шины Nokian в Romashka Auto", names, ..Told::default() };
        let all = book().look(profile, AD, told, day());
        all.into_iter().find(|one| one.rule.id == "168fz").map(|one| one.words)
    };
    assert_eq!(words(&russia(), ["", ""]).unwrap(), ["Nokian", "Romashka", "Auto"]);
    assert_eq!(words(&russia(), ["Romashka Auto", ""]).unwrap(), ["Nokian"]);
    let known = Profile { trademarks: ["nokian".to_owned()].into(), ..russia() };
    assert_eq!(words(&known, ["Romashka Auto", ""]), None);
}

/// An answer holds for the sentence it was given to, in whatever text, and for no other.
#[test]
fn an_answer_is_about_the_sentence() {
    let about = |body: &str| {
        let all = look(AD, body);
        all.into_iter().find(|one| one.rule.id == "38fz-5-3-superlative").map(|one| one.about)
    };
    let first = about("Привет! Лучшие цены в городе. Ждём").unwrap();
    assert_eq!(about("Добрый день! Лучшие цены в городе.").unwrap(), first);
    assert_ne!(about("Привет! Лучшие врачи в городе. Ждём").unwrap(), first);
    // What is missing is missing in all of the text.
    let missing = |body: &str| look(AD, body).into_iter().find(|one| one.rule.id == "38fz-essential-promo").map(|one| one.about);
    assert_ne!(missing("Скидка! Ждём"), missing("Скидка! Ждём завтра"));
}

#[test]
fn words_on_buttons_count() {
    let labels = ["Скидка".to_owned(), "до 5 декабря".to_owned()];
    let told = |labels| Told { body: "Приходите", labels, ..Told::default() };
    let promo = |labels| book().look(&russia(), AD, told(labels), day()).iter().any(|one| one.rule.id == "38fz-essential-promo");
    assert!(promo(&labels[..1]) && !promo(&labels));
}

both!(
    async fn a_false_alarm_is_dismissed_by_one_press_on_the_record(store) {
        let fixture = Fixture::new(&store, 0, 30.0).await;
        let (owner, now) = (fixture.owner(), clock::now());
        let found = look(AD, "Лучшие цены в городе").into_iter().find(|one| one.rule.id == "38fz-5-3-superlative").unwrap();
        let key = (found.rule.id.as_str(), found.about.as_str());
        assert!(answers::keys(&store, owner.account).await.unwrap().is_empty());
        // A picture's answer is none to words, and nobody who only looks gives one.
        let own = answers::give(&store, &owner, key, "Лучшие", (Answer::Own, None), now).await;
        assert!(matches!(own, Err(LawError::NoSwitch(_))), "{own:?}");
        let viewer = Actor { role: Role::Viewer, ..owner.clone() };
        let denied = answers::give(&store, &viewer, key, "Лучшие", (Answer::FalseAlarm, None), now).await;
        assert!(matches!(denied, Err(LawError::Account(_))), "{denied:?}");
        // A document without its file is none.
        let empty = answers::give(&store, &owner, ("38fz-documents", "x"), "Кредит", (Answer::Document, None), now).await;
        assert!(matches!(empty, Err(LawError::NoSwitch(_))), "{empty:?}");
        // A licence may be shown; what the company made itself has nothing to show.
        let picture = ("gk-1259-picture", "x");
        let mut tx = store.begin().await.unwrap();
        let file = crate::store::file::put(&mut tx, owner.account, "licence.pdf", "application/pdf", b"%PDF", now).await.unwrap().id;
        tx.commit().await.unwrap();
        let own = answers::give(&store, &owner, picture, "", (Answer::Own, Some(file)), now).await;
        assert!(matches!(own, Err(LawError::NoSwitch(_))), "{own:?}");
        for shown in [None, Some(file)] {
            answers::give(&store, &owner, picture, "", (Answer::Licence, shown), now).await.unwrap();
            let given = answers::get(&store, owner.account, picture.0, picture.1).await.unwrap().unwrap();
            assert_eq!((given.answer, given.file_id), (Answer::Licence, shown));
        }
        answers::give(&store, &owner, key, "Лучшие", (Answer::FalseAlarm, None), now).await.unwrap();
        let kept = answers::keys(&store, owner.account).await.unwrap();
        assert!(kept.contains(&(found.rule.id.clone(), found.about.clone())));
        let given = answers::get(&store, owner.account, key.0, key.1).await.unwrap().unwrap();
        assert_eq!((given.answer, given.given_by.as_str(), given.answered_at), (Answer::FalseAlarm, "Анна", now));
        let other = Fixture::new(&store, 0, 30.0).await;
        assert!(answers::keys(&store, other.account).await.unwrap().is_empty(), "another company's");
    }
);
