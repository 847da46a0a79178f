use chrono::Days;

use super::*;
use crate::{account::settings, both, clock, delivery::fixture::Fixture};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn ask(class: Class, kind: ChannelKind, day: NaiveDate) -> Ask {
    Ask { class, kind, personal: false, day }
}

fn russia(category: Category) -> Profile {
    Profile { country: Some(Country::Ru), category: Some(category), ..Profile::default() }
}

#[test]
fn the_rules_of_russia_can_be_read_and_know_every_channel() {
    let book = file::read(RU).unwrap();
    assert!(book.rules.len() > 8, "{}", book.rules.len());
    for kind in ChannelKind::ALL {
        assert!(book.behind(*kind).is_some(), "no messenger is behind {}", kind.as_str());
    }
    for rule in &book.rules {
        assert!(rule.reviewed >= day("2026-03-12"), "{}", rule.id);
        assert!(rule.ru.ends_with('.') && rule.en.ends_with('.'), "{}: a sentence", rule.id);
        assert!(rule.ru.chars().any(|c| ('а'..='я').contains(&c)), "{}", rule.id);
        // A word that must stand in the text itself is quoted.
        let cyrillic = rule.en.chars().filter(|c| ('а'..='я').contains(c)).count();
        assert!(cyrillic * 4 < rule.en.chars().count(), "{}", rule.id);
    }
}

/// The table of `docs/ru/law.md`: class, channel, category, personal data, the first day of the
/// rule, and what holds from then on.
#[test]
fn each_rule_holds_from_its_own_day_on() {
    use Category as C;
    use Cell::{Allowed, Blocked, Contested};
    use ChannelKind as K;
    use Class::{Advertising, Service};
    let (channels, foreign, data) = (day("2025-09-01"), day("2025-06-01"), day("2023-06-24"));
    let table = [
        // Advertising where access is restricted, also by an aggregator.
        (Advertising, K::Telegram, C::Other, false, channels, Allowed, Contested),
        (Advertising, K::WazzupTelegramBot, C::Other, false, channels, Allowed, Contested),
        (Advertising, K::Whatsapp, C::Pharmacy, false, channels, Allowed, Contested),
        (Advertising, K::WazzupWaba, C::Housing, true, channels, Allowed, Contested),
        // A service message may go there, and advertising elsewhere.
        (Service, K::Telegram, C::Other, true, channels, Allowed, Allowed),
        (Advertising, K::Max, C::Other, true, channels, Allowed, Allowed),
        (Advertising, K::WazzupVk, C::Other, true, channels, Allowed, Allowed),
        (Advertising, K::Viber, C::Other, true, channels, Allowed, Allowed),
        // Whom the law names writes through no foreign messenger at all.
        (Service, K::Telegram, C::Telecom, false, foreign, Allowed, Blocked),
        (Service, K::WazzupViber, C::Marketplace, false, foreign, Allowed, Blocked),
        (Service, K::Whatsapp, C::Bank, false, foreign, Allowed, Blocked),
        (Service, K::Viber, C::State, false, foreign, Allowed, Blocked),
        (Advertising, K::Viber, C::Bank, false, foreign, Allowed, Blocked),
        (Service, K::Max, C::Bank, true, foreign, Allowed, Allowed),
        (Service, K::Vk, C::State, true, foreign, Allowed, Allowed),
        (Service, K::Viber, C::Finance, false, foreign, Allowed, Allowed),
        // Personal data of whoever deals with money.
        (Service, K::Whatsapp, C::Finance, true, data, Allowed, Blocked),
        (Service, K::WazzupTelegram, C::Bank, true, data, Allowed, Blocked),
        (Service, K::Viber, C::State, true, data, Allowed, Blocked),
        (Service, K::Viber, C::Telecom, true, data, Allowed, Allowed),
        (Service, K::WazzupMax, C::Finance, true, data, Allowed, Allowed),
    ];
    for (class, kind, category, personal, from, before, after) in table {
        let cell = |day| book().cell(category, Ask { class, kind, personal, day });
        let eve = from.checked_sub_days(Days::new(1)).unwrap();
        assert_eq!((cell(eve), cell(from)), (before, after), "{class:?} {kind:?} {category:?} {personal} around {from}");
    }
}

/// Every gate is asked on the eve and on the day it begins, for a company it speaks of.
#[test]
fn no_gate_holds_a_day_too_early_or_too_late() {
    for rule in &book().rules {
        let Some(gate) = &rule.gate else { continue };
        let category = gate.categories.first().copied().unwrap_or(Category::Other);
        for name in &gate.messengers {
            let kinds = &book().messengers.iter().find(|one| one.name == *name).unwrap().kinds;
            for (class, kind) in gate.classes.iter().flat_map(|class| kinds.iter().map(move |kind| (*class, *kind))) {
                let speaks = |day| {
                    let ask = Ask { class, kind, personal: true, day };
                    book().rulings(&russia(category), ask).iter().any(|ruling| ruling.rule.id == rule.id)
                };
                let eve = rule.from.checked_sub_days(Days::new(1)).unwrap();
                assert!(!speaks(eve) && speaks(rule.from), "{} {class:?} {kind:?}", rule.id);
            }
        }
    }
}

#[test]
fn the_last_day_of_a_rule_is_a_day_of_it() {
    let rule = Rule { until: Some(day("2026-12-31")), ..book().rule("38fz-5-10-7").unwrap().clone() };
    let held = ["2025-08-31", "2025-09-01", "2026-12-31", "2027-01-01"].map(|at| rule.is_in_force(day(at)));
    assert_eq!(held, [false, true, true, false]);
    let standing = ["2025-08-31", "2026-12-31", "2027-01-01"].map(|at| rule.standing(&russia(Category::Other), day(at)));
    assert_eq!(standing, [Standing::Ahead, Standing::Contested, Standing::Over]);
}

#[test]
fn an_override_ends_what_is_contested_and_nothing_else() {
    let today = day("2026-11-30");
    let ask = ask(Class::Advertising, ChannelKind::Telegram, today);
    let switched = Switched { reason: "юрист согласен".to_owned(), by: "Анна".to_owned(), at: clock::now() };
    let off = |category| Profile { off: ["38fz-5-10-7", "41fz"].map(|id| (id.to_owned(), switched.clone())).into(), ..russia(category) };
    assert!(book().blocks(&russia(Category::Other), ask));
    assert!(!book().blocks(&off(Category::Other), ask));
    // The law of foreign messengers has no switch, whatever a row says.
    let rulings = book().rulings(&off(Category::Bank), ask);
    let stands: Vec<_> = rulings.iter().map(|ruling| (ruling.rule.id.as_str(), ruling.stand.clone())).collect();
    assert_eq!(stands, [("38fz-5-10-7", Stand::Off(switched)), ("41fz", Stand::Blocks)]);
}

/// Accounts of before this room launch every day: nothing stops before an owner was asked.
#[test]
fn nothing_stops_before_the_country_is_said() {
    let today = day("2026-11-30");
    let nobody_asked = Profile::default();
    let telegram = ask(Class::Advertising, ChannelKind::Telegram, today);
    assert!(!nobody_asked.is_said() && !book().blocks(&nobody_asked, telegram));
    assert!(book().rulings(&nobody_asked, telegram).iter().all(|ruling| ruling.stand == Stand::Unasked));
    assert!(!book().rulings(&nobody_asked, telegram).is_empty());
    // Between the two questions only what turns on the second waits for it.
    let half = Profile { country: Some(Country::Ru), ..Profile::default() };
    assert!(!half.is_said() && book().blocks(&half, telegram));
    assert!(!book().blocks(&half, ask(Class::Service, ChannelKind::Telegram, today)));
    let elsewhere = Profile { country: Some(Country::Other), ..Profile::default() };
    assert!(elsewhere.is_said() && book().rulings(&elsewhere, telegram).is_empty());
}

#[test]
fn a_text_is_looked_at_only_where_a_rule_turns_on_it() {
    let today = day("2026-11-30");
    let turns = |category, kind| book().turns_on_personal(&russia(category), ask(Class::Service, kind, today));
    assert!(turns(Category::Finance, ChannelKind::Viber));
    // A bank may not write there at all by now.
    assert!(!turns(Category::Bank, ChannelKind::Viber));
    assert!(!turns(Category::Other, ChannelKind::Viber) && !turns(Category::Finance, ChannelKind::Max));
}

#[test]
fn listed_companies_have_no_foreign_messenger() {
    let today = day("2026-11-30");
    let barred = |category, kind| book().bars(&russia(category), kind, today);
    for kind in [ChannelKind::Telegram, ChannelKind::Whatsapp, ChannelKind::Viber, ChannelKind::WazzupTelegram] {
        assert!(barred(Category::Bank, kind) && !barred(Category::Other, kind), "{kind:?}");
    }
    assert!(!barred(Category::Bank, ChannelKind::Max) && !barred(Category::Bank, ChannelKind::Vk));
}

const HEAD: &str = "country = \"ru\"\nreviewed = \"2026-03-12\"\n[[messenger]]\nname = \"max\"\nkinds = [\"max\"]\n";

fn words(more: &str) -> String {
    format!("severity = \"warning\"\noff = true\n[rule.lint]\nclasses = [\"advertising\"]\n{more}\n")
}

#[test]
fn a_broken_file_is_refused_in_words() {
    let rule = |more: &str| {
        format!(
            "{HEAD}[[rule]]\nid = \"a-1\"\nname_ru = \"И\"\nname_en = \"N\"\nru = \"Р.\"\nen = \"E.\"\nsource = \"s\"\nfrom = \"2025-01-01\"\n{more}"
        )
    };
    let good = "severity = \"block\"\noff = true\n[rule.gate]\nclasses = [\"service\"]\nmessengers = [\"max\"]\n";
    assert!(file::read(&rule(good)).is_ok(), "{:?}", file::read(&rule(good)));
    for (text, says) in [
        ("what".to_owned(), "cannot be read"),
        (rule(good).replace("country = \"ru\"", "country = \"other\""), "no rules of the country"),
        (rule(good).replace("kinds = [\"max\"]", "kinds = [\"icq\"]"), "`icq`, which there is not"),
        (rule(good).replace("kinds = [\"max\"]", "kinds = [\"max\", \"max\"]"), "has one already"),
        (rule(good).replace("[[rule]]", "[[messenger]]\nname = \"max\"\nkinds = []\n[[rule]]"), "is there twice"),
        (rule(good).replace("ru = \"Р.\"", "ru = \" \""), "no sentence in Russian"),
        (rule(good).replace("name_en = \"N\"", "name_en = \"\""), "no name in English"),
        (rule(good).replace("source = \"s\"", "source = \"\""), "no source"),
        (rule(good).replace("source = \"s\"\n", ""), "source"),
        (rule(good).replace("id = \"a-1\"", "id = \"A 1\""), "has an id"),
        (rule(good).replace("from = \"2025-01-01\"", "from = \"2025-02-30\""), "cannot be read"),
        (rule(good).replace("from = \"2025-01-01\"", "from = \"2025-01-01\"\nuntil = \"2024-12-31\""), "ends before it begins"),
        (rule(good).replace("messengers = [\"max\"]", "messengers = [\"icq\"]"), "`icq`, which is not in the file"),
        (rule(good).replace("classes = [\"service\"]", "classes = []"), "stops nothing"),
        (rule(good).replace("classes = [\"service\"]", "classes = [\"spam\"]"), "cannot be read"),
        (rule(good).replace("off = true", "off = true\nmaybe = true"), "cannot be read"),
        (rule(good).replace("\"block\"\noff = true", "\"contested\"\noff = false"), "an owner must be able to decide"),
        (rule("severity = \"block\"\noff = true\n"), "does not say what"),
        (rule("severity = \"note\"\noff = true\n"), "nobody can switch it off here"),
        (rule("severity = \"warning\"\noff = true\n"), "does not say how"),
        (rule(good).replace("\"block\"", "\"warning\""), "does not say how"),
        (rule(&words("look = \"words\"")), "looks for no word"),
        (rule(&words("when = [\"* *\"]")), "is no word"),
        (rule(&words("when = [\"\"]")), "an empty pattern"),
        (rule(&words("look = \"picture\"")), "asks whose a picture is"),
        (rule(&words("when = [\"а\"]\n[[rule.lint.needs]]\nru = \"б\"\nen = \"b\"\nany = []")), "has no words"),
        (rule(good).replace("\"block\"", "\"note\""), "is called a note"),
        (rule(good).replace("[[rule]]\n", &format!("{}[[rule]]\n", rule(good).trim_start_matches(HEAD))), "is there twice"),
    ] {
        let broken = file::read(&text).map(|book| book.rules.len()).unwrap_err().to_string();
        assert!(broken.contains(says), "{broken}\nshould say: {says}\n{text}");
    }
}

both!(
    async fn an_owner_answers_once_and_switches_a_contested_rule_on_the_record(store) {
        let fixture = Fixture::new(&store, 0, 30.0).await;
        let (owner, now) = (fixture.owner(), clock::now());
        assert_eq!(profile::load(&store, fixture.account).await.unwrap(), Profile::default());
        let said = profile::say(&store, &owner, Country::Ru, Some(Category::Other), now).await.unwrap();
        assert!(said.is_said());
        let short = profile::switch_off(&store, &owner, "38fz-5-10-7", " да ", now).await;
        assert!(matches!(short, Err(LawError::Reason)), "{short:?}");
        let none = profile::switch_off(&store, &owner, "no-such", "юрист согласен", now).await;
        assert!(matches!(none, Err(LawError::NoRule(_))), "{none:?}");
        let fixed = profile::switch_off(&store, &owner, "41fz", "юрист согласен", now).await;
        assert!(matches!(fixed, Err(LawError::NoSwitch(_))), "{fixed:?}");
        let viewer = crate::account::Actor { role: crate::account::Role::Manager, ..owner.clone() };
        let denied = profile::switch_off(&store, &viewer, "38fz-5-10-7", "юрист согласен", now).await;
        assert!(matches!(denied, Err(LawError::Account(_))), "{denied:?}");
        profile::switch_off(&store, &owner, "38fz-5-10-7", "юрист\n согласен", now).await.unwrap();
        let kept = profile::load(&store, fixture.account).await.unwrap();
        assert_eq!((kept.off["38fz-5-10-7"].reason.as_str(), kept.off["38fz-5-10-7"].by.as_str()), ("юрист согласен", "Анна"));
        assert_eq!(kept.off["38fz-5-10-7"].at, now);
        profile::switch_on(&store, &owner, "38fz-5-10-7", now).await.unwrap();
        // What is so already leaves no second entry.
        profile::switch_on(&store, &owner, "38fz-5-10-7", now).await.unwrap();
        profile::say(&store, &owner, Country::Ru, Some(Category::Other), now).await.unwrap();
        let kept = profile::load(&store, fixture.account).await.unwrap();
        assert_eq!(kept, said);
        // Settings of the company are changed beside it.
        let advertiser = settings::Change::Advertiser("ООО «Ромашка»".to_owned());
        settings::change(&store, &owner, &advertiser, now).await.unwrap();
        assert_eq!(profile::load(&store, fixture.account).await.unwrap(), said);
        let trail: Vec<String> = crate::on!(store.read(), |c| {
            sqlx::query_scalar("select action from audit where account_id = $1 and action like 'law.%' order by seq").bind(fixture.account).fetch_all(c).await
        })
        .unwrap();
        assert_eq!(trail, ["law.profile", "law.off", "law.on"]);
    }
);
