mod heard;
mod written;

use chrono::{NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use proptest::{prelude::*, strategy::ValueTree};
use serde_json::{Map, Value, json};
use strum::VariantArray as _;

use super::*;
use crate::{
    bind_filter, both,
    clock::{self, Moment},
    consent::Grade,
    contact::{
        self, Draft, NewAddress, fixture,
        id_range::{IdRange, cut},
        occasion::{self, NewOccasion, OccasionKind, OccasionState},
    },
    id::{AccountId, FieldId},
    on,
    store::{Db, Engine, Store},
};

const ZONE: Tz = chrono_tz::Europe::Moscow;

fn field(key: &str, title: &str, kind: FieldKind) -> Field {
    Field { id: FieldId::new(), key: key.to_owned(), title: title.to_owned(), kind }
}

fn fields() -> Vec<Field> {
    vec![
        field("city", "Город", FieldKind::Text),
        field("last_visit", "Дата визита", FieldKind::Date),
        field("birthday", "День рождения", FieldKind::Date),
        field("spent", "Потрачено", FieldKind::Number),
        field("vip", "VIP", FieldKind::Flag),
    ]
}

/// What a line that a person wrote means, as it is kept.
fn canonical(text: &str) -> String {
    Filter::parse(text, &fields()).unwrap_or_else(|error| panic!("{text}: {error}")).to_text()
}

#[test]
fn reads_what_people_write() {
    for (text, canon) in [
        ("", ""),
        ("tag = vip and last_visit < 90d and city in (Москва, Казань)", "tag = vip and last_visit < 90d and city in (Москва, Казань)"),
        ("тег = vip и не (город = Москва или город пусто)", "tag = vip and not (city = Москва or city is empty)"),
        ("city = Нижний Новгород or spent>=1000.50", "city = Нижний Новгород or spent >= 1000.5"),
        ("(tag = a and (tag = b and tag = c))", "tag = a and tag = b and tag = c"),
        ("tag = a or tag = b and tag = c", "tag = a or (tag = b and tag = c)"),
        ("(tag = a or tag = b) and tag = c", "(tag = a or tag = b) and tag = c"),
        ("city = «Ростов \"на\" Дону, и точка»", "city = \"Ростов \\\"на\\\" Дону, и точка\""),
        ("name содержит иван", "name contains иван"),
        ("name not contains 'не'", "name not contains \"не\""),
        ("city не в (Москва)", "city not in (Москва)"),
        ("city is not empty", "city is not empty"),
        ("birthday in next 7d", "birthday in next 7d"),
        ("birthday в ближайшие 2н", "birthday in next 14d"),
        ("vip = да", "vip = yes"),
        ("phone != no", "phone != no"),
        ("consent >= C", "consent >= C"),
        ("consent = any", "consent = any"),
        ("personal_data = none", "personal_data = none"),
        ("last_visit <= 01.05.2026", "last_visit <= 2026-05-01"),
        ("created >= -7d", "created >= -7d"),
        ("\"Дата визита\" > 3м", "last_visit > 3m"),
        ("last_visit between 2026-01-01 and сегодня", "last_visit >= 2026-01-01 and last_visit <= today"),
        ("last_visit = завтра", "last_visit = +1d"),
        ("last_visit = today", "last_visit = +0d"),
        ("not not tag = a", "not not tag = a"),
        ("tag = неизвестно", "tag is empty"),
        ("tag = \"неизвестно\"", "tag = \"неизвестно\""),
        ("tag = \"a; b · c\"", "tag = \"a; b · c\""),
    ] {
        assert_eq!(canonical(text), canon, "{text}");
        assert_eq!(canonical(canon), canon, "{canon}");
        assert_eq!(Filter::parse_kept(canon, &fields()).expect("kept").to_text(), canon, "{canon}");
    }
}

#[test]
fn says_what_is_wrong_and_where() {
    let expected = |expected, found: Option<&str>| Problem::Expected { expected, found: found.map(str::to_owned) };
    for (text, at, len, problem) in [
        ("tga = vip", 0, 3, Problem::UnknownName { name: "tga".into(), suggestion: Some("tag".into()) }),
        ("горд = x", 0, 4, Problem::UnknownName { name: "горд".into(), suggestion: Some("Город".into()) }),
        (
            "день рожденя в ближайшие 7 дней",
            0,
            12,
            Problem::UnknownName { name: "день рожденя".into(), suggestion: Some("День рождения".into()) },
        ),
        // What is the beginning of a name was nothing like it.
        ("рожд = x", 0, 4, Problem::UnknownName { name: "рожд".into(), suggestion: None }),
        ("день рож = 7", 0, 8, Problem::UnknownName { name: "день рож".into(), suggestion: Some("День рождения".into()) }),
        ("день р = 7", 0, 6, Problem::UnknownName { name: "день р".into(), suggestion: Some("День рождения".into()) }),
        ("согл на рек = C", 0, 11, Problem::UnknownName { name: "согл на рек".into(), suggestion: Some("согласие на рекламу".into()) }),
        ("отпис = да", 0, 5, Problem::UnknownName { name: "отпис".into(), suggestion: Some("отписан".into()) }),
        ("tag = a и гоород: Москва", 10, 6, Problem::UnknownName { name: "гоород".into(), suggestion: Some("Город".into()) }),
        ("город = Тула и Рязань", 15, 6, Problem::ValueAlone { value: "Рязань".into(), name: "город".into() }),
        ("spent > 1,250", 8, 5, Problem::EitherNumber { grouped: "1250".into(), decimal: "1.250".into() }),
        ("абракадабра = x", 0, 11, Problem::UnknownName { name: "абракадабра".into(), suggestion: None }),
        ("tag", 3, 0, expected(Expected::Operator, None)),
        ("tag =", 5, 0, expected(Expected::Value, None)),
        ("tag = and", 6, 3, expected(Expected::Value, Some("and"))),
        ("tag = a and", 11, 0, expected(Expected::Condition, None)),
        ("(tag = a", 0, 1, Problem::UnclosedBracket),
        ("tag = a)", 7, 1, Problem::StrayBracket),
        ("tag in (a", 7, 1, Problem::UnclosedBracket),
        ("tag in (a = b)", 10, 1, expected(Expected::CommaOrClose, Some("="))),
        ("city = \"Мос", 7, 4, Problem::UnclosedQuote),
        ("city < Москва", 5, 1, Problem::OperatorForKind { operator: "<".into(), name: "city".into(), kind: Kind::Text }),
        ("spent contains 5", 6, 8, Problem::OperatorForKind { operator: "contains".into(), name: "spent".into(), kind: Kind::Number }),
        ("created in next 7d", 8, 7, Problem::OperatorForKind { operator: "in next".into(), name: "created".into(), kind: Kind::Date }),
        ("spent > много", 8, 5, Problem::BadNumber("много".into())),
        ("last_visit < 31.02.2026", 13, 10, Problem::BadDate("31.02.2026".into())),
        ("last_visit in (90d)", 15, 3, Problem::AgeInList("90d".into())),
        ("birthday in next spring", 17, 6, Problem::BadDays("spring".into())),
        ("vip = может", 6, 5, Problem::BadFlag("может".into())),
        ("consent = Z", 10, 1, Problem::BadGrade("Z".into())),
        ("consent > any", 10, 3, Problem::AnyHasNoOrder),
        ("tag = a tag = b", 8, 3, expected(Expected::AndOr, Some("tag"))),
        ("дата визита > 30", 14, 2, Problem::BadDate("30".into())),
        ("город больше Москва", 6, 6, Problem::OperatorForKind { operator: "больше".into(), name: "город".into(), kind: Kind::Text }),
        ("city ! x", 5, 1, expected(Expected::Operator, Some("!"))),
    ] {
        assert_eq!(Filter::parse(text, &fields()), Err(FilterError { at, len, problem }), "{text}");
    }
    let deep = format!("{}tag = a{}", "(".repeat(100), ")".repeat(100));
    assert_eq!(Filter::parse(&deep, &fields()).map_err(|e| e.problem), Err(Problem::TooDeep));
    let long = "x".repeat(MAX_LENGTH + 1);
    assert_eq!(Filter::parse(&long, &fields()).map_err(|e| e.problem), Err(Problem::TooLong));
    let many = vec!["tag=a"; MAX_CONDITIONS + 1].join(" or ");
    assert_eq!(Filter::parse(&many, &fields()).map_err(|e| e.problem), Err(Problem::TooMany));
}

#[test]
fn is_built_by_buttons() {
    let cond = |text: &str| Filter::parse(text, &fields()).expect("a filter").conditions()[0].clone();
    let mut filter = Filter::default();
    filter.add(Join::And, cond("tag = vip"));
    filter.add(Join::And, cond("city = Москва"));
    filter.add(Join::Or, cond("spent > 5"));
    assert_eq!(filter.to_text(), "(tag = vip and city = Москва) or spent > 5");
    assert!(filter.negate_one(1));
    assert_eq!(filter.to_text(), "(tag = vip and not city = Москва) or spent > 5");
    assert!(filter.remove(0));
    assert_eq!(filter.to_text(), "not city = Москва or spent > 5");
    filter.negate();
    assert_eq!(filter.to_text(), "not (not city = Москва or spent > 5)");
    filter.negate();
    assert!(filter.remove(1) && filter.negate_one(0) && !filter.remove(1));
    assert_eq!(filter.to_text(), "city = Москва");
    assert!(filter.remove(0));
    assert_eq!((filter.to_text().as_str(), filter.root()), ("", None));
}

fn now() -> Moment {
    // 23:30 in Moscow is the evening of one day, in UTC still that day; at 21:30 UTC the days
    // differ.
    Utc.with_ymd_and_hms(2026, 12, 28, 21, 30, 0).single().expect("a moment")
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("Москва".to_owned()),
        Just("москва".to_owned()),
        Just("Казань".to_owned()),
        Just("Орёл".to_owned()),
        Just("ОРЕЛ".to_owned()),
        Just("ва".to_owned()),
        Just("%".to_owned()),
        Just("100% _\\ 'x\"".to_owned()),
        Just("не".to_owned()),
        Just("Нижний Новгород".to_owned()),
        "[a-cА-В \\\\%_'\",()=]{0,4}",
    ]
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (-800_i64..800).prop_map(|days| NaiveDate::from_ymd_opt(2026, 12, 29).expect("a day") + TimeDelta::days(days))
}

fn birthday() -> impl Strategy<Value = NaiveDate> {
    prop_oneof![
        (0_i64..20_000).prop_map(|days| NaiveDate::from_ymd_opt(1960, 1, 1).expect("a day") + TimeDelta::days(days)),
        Just(NaiveDate::from_ymd_opt(1988, 2, 29).expect("a day")),
        Just(NaiveDate::from_ymd_opt(1988, 1, 1).expect("a day")),
    ]
}

fn date_literal() -> impl Strategy<Value = Literal> {
    prop_oneof![day().prop_map(Literal::Day), (-40_i32..40).prop_map(Literal::FromToday)]
}

fn level() -> impl Strategy<Value = ConsentLevel> {
    prop_oneof![Just(ConsentLevel::None), grade().prop_map(ConsentLevel::Grade)]
}

fn grade() -> impl Strategy<Value = Grade> {
    prop_oneof![Just(Grade::A), Just(Grade::B), Just(Grade::C), Just(Grade::D)]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![Just(Op::Eq), Just(Op::Ne), Just(Op::Lt), Just(Op::Le), Just(Op::Gt), Just(Op::Ge)]
}

fn amount() -> impl Strategy<Value = f64> {
    prop_oneof![(-3_i32..6).prop_map(f64::from), Just(1.5), Just(-0.25), -1e6..1e6]
}

fn some_name() -> impl Strategy<Value = Name> {
    let mut names: Vec<Name> = Name::of_the_product().collect();
    // As often as the others, however many there are.
    names.extend((0..3).flat_map(|_| Name::BUILT_IN));
    names.extend(fields().iter().map(Name::from));
    prop::sample::select(names)
}

fn cond() -> impl Strategy<Value = Cond> {
    some_name().prop_flat_map(|name| {
        let equal = prop_oneof![Just(Op::Eq), Just(Op::Ne)];
        let empty = any::<bool>().prop_map(|negated| Test::Empty { negated });
        let texts = || prop::collection::vec(word().prop_map(Literal::Text), 1..4);
        let listed =
            |values: BoxedStrategy<Vec<Literal>>| (any::<bool>(), values).prop_map(|(negated, values)| Test::In { negated, values });
        let test: BoxedStrategy<Test> = match name.kind() {
            Kind::Tags | Kind::Text => prop_oneof![
                (equal, word()).prop_map(|(op, text)| Test::Cmp(op, Literal::Text(text))),
                (any::<bool>(), word()).prop_map(|(negated, part)| Test::Contains { negated, part }),
                listed(texts().boxed()),
                empty,
            ]
            .boxed(),
            Kind::Number => prop_oneof![
                (op(), amount()).prop_map(|(op, n)| Test::Cmp(op, Literal::Number(n))),
                listed(prop::collection::vec(amount().prop_map(Literal::Number), 1..4).boxed()),
                empty,
            ]
            .boxed(),
            Kind::Date => {
                let unit = prop_oneof![Just(Unit::Day), Just(Unit::Week), Just(Unit::Month), Just(Unit::Year)];
                let age = (0_i32..40, unit).prop_map(|(count, unit)| Literal::Age(Age { count, unit }));
                let plain = prop_oneof![
                    (op(), prop_oneof![date_literal(), age]).prop_map(|(op, value)| Test::Cmp(op, value)),
                    listed(prop::collection::vec(date_literal(), 1..4).boxed()),
                    empty,
                ];
                if matches!(name, Name::Field { .. }) {
                    prop_oneof![3 => plain, 1 => (0_i32..=366).prop_map(|days| Test::Next { days })].boxed()
                } else {
                    plain.boxed()
                }
            }
            Kind::Flag => prop_oneof![(equal, any::<bool>()).prop_map(|(op, yes)| Test::Cmp(op, Literal::Flag(yes))), empty].boxed(),
            Kind::Consent => prop_oneof![
                (op(), level()).prop_map(|(op, level)| Test::Cmp(op, Literal::Grade(level))),
                equal.prop_map(|op| Test::Cmp(op, Literal::Grade(ConsentLevel::Any))),
                listed(prop::collection::vec(level().prop_map(Literal::Grade), 1..4).boxed()),
                empty,
            ]
            .boxed(),
        };
        test.prop_map(move |test| Cond { name: name.clone(), test })
    })
}

fn expr() -> impl Strategy<Value = Expr> {
    cond().prop_map(Expr::Cond).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::and),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::or),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    })
}

prop_compose! {
    fn occasion()(
        kind in prop_oneof![Just(OccasionKind::Visit), Just(OccasionKind::Order), Just(OccasionKind::Deal), Just(OccasionKind::Payment)],
        state in prop::sample::select(OccasionState::VARIANTS),
        hours in -9_000_i64..2_000,
        texts in (word(), word(), word(), word()),
        amount in prop::option::of(-300_i64..600),
    ) -> OccasionFacts {
        let (stage, title, staff, place) = texts;
        OccasionFacts { kind, at: now() + TimeDelta::hours(hours), state, stage, title, staff, place, amount }
    }
}

prop_compose! {
    fn facts()(
        texts in (word(), word(), word(), prop::option::of(prop_oneof![Just("ru".to_owned()), Just("en".to_owned())])),
        city in prop::option::of(word()),
        visit in prop::option::of(day()),
        born in prop::option::of(birthday()),
        spent in prop::option::of(amount()),
        vip in prop::option::of(any::<bool>()),
        tags in prop::collection::vec(word(), 0..3),
        flags in any::<(bool, bool, bool)>(),
        consent in (prop::option::of(grade()), prop::option::of(grade())),
        hours in (0_i64..9_000, prop::option::of(0_i64..9_000), prop::option::of(0_i64..2_000)),
        occasions in prop::collection::vec(occasion(), 0..5),
    ) -> ContactFacts {
        let mut attributes = Map::new();
        if let Some(city) = city.map(|city| crate::text::clean(&city)).filter(|city| !city.is_empty()) {
            attributes.insert("city".into(), Value::String(city));
        }
        for (key, day) in [("last_visit", visit), ("birthday", born)] {
            if let Some(day) = day {
                attributes.insert(key.into(), json!(day.format("%Y-%m-%d").to_string()));
            }
        }
        if let Some(spent) = spent {
            attributes.insert("spent".into(), contact::value::number(spent).expect("finite"));
        }
        if let Some(vip) = vip {
            attributes.insert("vip".into(), json!(vip));
        }
        let ago = |hours: i64| now() - TimeDelta::hours(hours);
        ContactFacts {
            name: texts.0,
            first_name: texts.1,
            last_name: texts.2,
            language: texts.3,
            source: "import".into(),
            attributes,
            tags: tags.iter().filter_map(|raw| contact::tag(raw)).collect(),
            phone: flags.0,
            telegram: flags.1,
            consent: consent.0,
            personal_data: consent.1,
            opted_out: flags.2,
            created: ago(hours.0),
            last_contacted: hours.1.map(ago),
            last_answered: hours.2.map(ago),
            occasions,
        }
    }
}

proptest! {
    #[test]
    fn text_and_filter_are_one(root in expr()) {
        let filter = Filter::new(Some(root));
        let text = filter.to_text();
        prop_assert_eq!(Filter::parse(&text, &fields()).map_err(|error| format!("{text}: {error}")), Ok(filter.clone()));
        prop_assert_eq!(Filter::parse_kept(&text, &fields()).map_err(|error| format!("{text}: {error}")), Ok(filter));
    }

    /// Whatever a card shows may be typed.
    #[test]
    fn shown_text_and_filter_are_one(root in expr(), russian in any::<bool>()) {
        let filter = Filter::new(Some(root));
        let text = filter.shown(&fields(), russian);
        prop_assert_eq!(Filter::parse(&text, &fields()).map_err(|error| format!("{text}: {error}")), Ok(filter));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}", mixed in prop::collection::vec(prop_oneof![
        Just("tag"), Just("city"), Just("="), Just("<"), Just("("), Just(")"), Just("not"), Just("and"), Just("в"), Just("«"), Just("\""), Just("90d"), Just("next"), Just("is"),
        Just("день рождения"), Just("spent"), Just("1 250,4"), Just(":"), Just("·"), Just(";"), Just(","), Just("больше"), Just("не"), Just("от"), Just("до"), Just("и"), Just("или"), Just("выше"),
        Just("сегодня"), Just("за последние"), Just("30 дней назад"), Just("годовщина"), Just("пусто"), Just("без"), Just("consent"), Just("C"), Just("между"), Just("ровно"), Just("phone"), Just("а также"),
    ], 0..12)) {
        let _ = Filter::parse(&text, &fields());
        if let Err(error) = Filter::parse(&mixed.join(" "), &fields()) {
            prop_assert!(error.at + error.len <= mixed.join(" ").chars().count());
        }
    }
}

async fn put(store: &Store, account: AccountId, facts: &ContactFacts) -> crate::id::ContactId {
    let mut addresses = Vec::new();
    let mut tx = store.begin().await.expect("begin");
    let unique = crate::id::ContactId::new().to_string();
    for (kind, has) in [(contact::PHONE, facts.phone), (contact::TELEGRAM, facts.telegram)] {
        if has {
            addresses.push(NewAddress::chat(kind, &unique, crate::id::ANY_CHANNEL));
        }
    }
    let draft = Draft {
        name: Some(facts.name.clone()),
        first_name: Some(facts.first_name.clone()),
        last_name: Some(facts.last_name.clone()),
        language: facts.language.clone(),
        attributes: facts.attributes.clone(),
        tags: facts.tags.clone(),
        addresses,
        source: facts.source.clone(),
        ..Draft::default()
    };
    let id = contact::create(&mut tx, account, &draft, facts.created).await.expect("a contact").contact;
    on!(tx.conn(), |c| sqlx::query("update contact set marketing_grade = $2, personal_data_grade = $3, opted_out_at = $4, last_contacted_at = $5, last_answered_at = $6 where id = $1")
        .bind(id)
        .bind(facts.consent.map(|grade| grade as i16))
        .bind(facts.personal_data.map(|grade| grade as i16))
        .bind(facts.opted_out.then(clock::now))
        .bind(facts.last_contacted)
        .bind(facts.last_answered)
        .execute(c)
        .await
        .map(|_| ()))
    .expect("facts");
    occasions_of(&mut tx, account, id, &facts.occasions).await;
    tx.commit().await.expect("commit");
    id
}

async fn occasions_of(tx: &mut crate::store::Tx, account: AccountId, contact: crate::id::ContactId, occasions: &[OccasionFacts]) {
    if occasions.is_empty() {
        return;
    }
    let connection = fixture::connection(tx, account).await;
    let rows: Vec<NewOccasion> = occasions
        .iter()
        .map(|one| NewOccasion {
            kind: one.kind,
            external_id: crate::id::ContactId::new().to_string(),
            contact,
            at: one.at,
            until: None,
            state: one.state,
            stage: one.stage.clone(),
            title: one.title.clone(),
            staff: one.staff.clone(),
            place: one.place.clone(),
            amount: one.amount,
            url: None,
            data: Map::new(),
            changed_at: now(),
        })
        .collect();
    occasion::put(tx, account, connection, &rows, now()).await.expect("occasions");
}

async fn matched(store: &Store, account: AccountId, filter: &Filter, zone: Tz, now: Moment) -> Vec<crate::id::ContactId> {
    let compiled = filter.compile(store.engine(), account, zone, now, 2);
    let sql = format!("select c.id from contact c where c.account_id = $1 and {} order by c.id", compiled.sql);
    on!(store.read(), |c| bind_filter!(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(account), &compiled.binds).fetch_all(c).await)
        .unwrap_or_else(|error| panic!("{}: {error}", filter.to_text()))
}

both!(async fn sql_agrees_with_the_evaluator(store) {
    let account = fixture::actor(&store).await.account;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut contacts = Vec::new();
    let draw = |runner: &mut proptest::test_runner::TestRunner| facts().new_tree(runner).expect("facts").current();
    for _ in 0..60 {
        let mut facts = draw(&mut runner);
        if crate::text::clean(&facts.name).is_empty() {
            facts.name = contact::full_name(&facts.first_name, &facts.last_name);
        }
        contacts.push((put(&store, account, &facts).await, facts));
    }
    for turn in 0..400 {
        let filter = Filter::new(Some(expr().new_tree(&mut runner).expect("a filter").current()));
        let (zone, now) = match turn % 3 {
            0 => (ZONE, now()),
            1 => (chrono_tz::America::New_York, now() + TimeDelta::days(59)),
            // 28 February of a common year, and of a leap year a year later.
            _ => (chrono_tz::UTC, now() + TimeDelta::days(if turn % 2 == 0 { 61 } else { 426 })),
        };
        let mut wanted: Vec<_> = contacts.iter().filter(|(_, facts)| filter.matches(facts, zone, now)).map(|(id, _)| *id).collect();
        wanted.sort();
        let found = matched(&store, account, &filter, zone, now).await;
        assert_eq!(found, wanted, "{} at {now} in {zone}", filter.to_text());
    }
});

both!(async fn a_missing_value_matches_only_empty_and_not(store) {
    let actor = fixture::actor(&store).await;
    let account = actor.account;
    let mut city = Map::new();
    city.insert("city".into(), json!("МОСКВА"));
    let mut tx = store.begin().await.expect("begin");
    let now = clock::now();
    for (name, attributes) in [("Есть", city), ("Нет", Map::new())] {
        let draft = Draft { name: Some(name.into()), attributes, source: "manual".into(), ..Draft::default() };
        contact::create(&mut tx, account, &draft, now).await.expect("a contact");
    }
    tx.commit().await.expect("commit");
    for (text, n) in [
        ("", 2), ("city = москва", 1), ("city != Москва", 0), ("not city = Москва", 1), ("city != Казань", 1), ("city is empty", 1),
        ("city not in (Казань)", 1), ("city not contains зань", 1), ("not (city contains зань)", 2), ("name = есть", 1), ("tag != vip", 2), ("phone is empty", 2),
    ] {
        let filter = Filter::parse(text, &fields()).expect("a filter");
        assert_eq!(count(&store, account, &filter, ZONE, now).await.expect("a count"), n, "{text}");
    }
    let all = sample(&store, account, &Filter::default(), ZONE, now, 1).await.expect("a sample");
    assert_eq!(all.len(), 1);
});

both!(async fn segments_are_saved_by_name(store) {
    let (actor, other) = (fixture::actor(&store).await, fixture::actor(&store).await);
    let now = clock::now();
    let filter = Filter::parse("tag = vip", &[]).expect("a filter");
    let id = create(&store, &actor, "Важные", &filter, now).await.expect("a segment");
    assert!(matches!(create(&store, &actor, " Важные ", &filter, now).await, Err(SegmentError::NameTaken(_))));
    assert!(matches!(create(&store, &actor, " ", &filter, now).await, Err(SegmentError::BadName)));
    let second = create(&store, &actor, "Другие", &Filter::default(), now).await.expect("another");
    assert!(matches!(rename(&store, &actor, second, "Важные", now).await, Err(SegmentError::NameTaken(_))));
    let seen = get(&store, actor.account, id).await.expect("read").expect("there");
    for refused in [rename(&store, &other, id, "Чужие", now).await, update(&store, &other, &seen, &filter, now).await, delete(&store, &other, id, now).await] {
        assert!(matches!(refused, Err(SegmentError::Absent)));
    }
    assert!(get(&store, other.account, id).await.expect("read").is_none());
    update(&store, &actor, &seen, &Filter::parse("tag != vip", &[]).expect("a filter"), now).await.expect("updated");
    // Whoever looked before that changes nothing: their change was of another filter.
    assert!(matches!(update(&store, &actor, &seen, &Filter::default(), now).await, Err(SegmentError::Changed)));
    rename(&store, &actor, id, "Прочие", now).await.expect("renamed");
    let segment = get(&store, actor.account, id).await.expect("read").expect("there");
    assert_eq!((segment.name.as_str(), segment.filter.as_str()), ("Прочие", "tag != vip"));
    assert_eq!(segment.parse(&store, actor.account).await.expect("parsed").to_text(), "tag != vip");
    // Not while a campaign that is not over is aimed by it, or leaves it out.
    let campaign = crate::campaign::draft::create(&store, &actor, "Осень", now).await.expect("a campaign");
    let audience = crate::campaign::Audience { exclude: vec![id], ..crate::campaign::Audience::everybody() };
    crate::campaign::draft::edit(&store, &actor, campaign, crate::campaign::draft::Change::Audience(audience), now).await.expect("aimed");
    assert_eq!(used_by(&store, actor.account, id).await.expect("read"), ["Осень"]);
    assert!(used_by(&store, other.account, id).await.expect("read").is_empty());
    assert!(matches!(delete(&store, &actor, id, now).await, Err(SegmentError::InUse(names)) if names == ["Осень"]));
    crate::campaign::draft::delete(&store, &actor, campaign, now).await.expect("the campaign is gone");
    delete(&store, &actor, id, now).await.expect("deleted");
    assert_eq!(list(&store, actor.account).await.expect("a list").len(), 1);
    create(&store, &actor, "Прочие", &filter, now).await.expect("the name is free");
});

// However many ranges there are, each contact is counted once, and one that came after the cut
// as well.
both!(async fn every_contact_is_in_one_range(store) {
    let account = fixture::actor(&store).await.account;
    let add = async |names: &[&str]| {
        let mut tx = store.begin().await.expect("begun");
        for name in names {
            let draft = Draft { name: Some((*name).to_owned()), ..Draft::default() };
            contact::create(&mut tx, account, &draft, clock::now()).await.expect("created");
        }
        tx.commit().await.expect("committed");
    };
    add(&["Анна", "Борис", "Анна", "Вера", "Анна", "Глеб", "Анна"]).await;
    for most in 1..=7 {
        let ranges = cut(&store, account, most, 1).await.expect("cut");
        assert_eq!(ranges.len(), most, "{ranges:?}");
        let filter = Filter::parse("name = анна", &[]).expect("a filter");
        let count = async || rows::count_in(&store, account, &filter, ZONE, clock::now(), &ranges).await.expect("a count");
        let before = count().await;
        add(&["Анна"]).await;
        assert_eq!(count().await, before + 1);
        assert_eq!(before, 3 + i64::try_from(most).expect("few"));
    }
    assert_eq!(cut(&store, account, 3, 100).await.expect("cut"), [IdRange::ALL]);
});

/// What a segment asks of occasions stands in an index: not one of them is looked up in the table.
#[tokio::test]
async fn indexes_answer_alone_for_occasions() {
    let store = crate::testing::store(Engine::Sqlite).await;
    let account = fixture::actor(&store).await.account;
    let Db::Sqlite(pool) = store.read() else { panic!("SQLite was asked for") };
    for (text, index) in [
        ("visit.last > 60d", "occasion_counts"),
        ("visit.last != today", "occasion_counts"),
        ("visit.next is empty", "occasion_ahead"),
        ("visit.next <= 7d", "occasion_ahead"),
        ("visit.count_90d = 0", "occasion_counts"),
        ("order.sum >= 3000", "occasion_counts"),
        ("order.sum_365d < 3000", "occasion_counts"),
    ] {
        let filter = Filter::parse(text, &[]).expect("a filter");
        for range in [IdRange::ALL, IdRange::after(crate::id::ContactId::new())] {
            let Compiled { sql, binds } = rows::count_sql(Engine::Sqlite, account, &filter, ZONE, now(), range);
            let mut query = sqlx::query_as(sqlx::AssertSqlSafe(format!("explain query plan {sql}"))).bind(account);
            if let Some((from, until)) = range.bounds() {
                query = query.bind(from).bind(until);
            }
            let steps: Vec<(i64, i64, i64, String)> = bind_filter!(query, &binds).fetch_all(pool).await.expect("a plan");
            let alone = format!("SEARCH o USING COVERING INDEX {index} (account_id=? AND kind=?");
            assert!(steps.iter().any(|(.., step)| step.starts_with(&alone)), "{text}: {steps:?}");
        }
    }
}

/// The tables of conditions in the managers' guides, both languages: each line of them is read, and
/// read back as it is shown.
#[test]
fn every_condition_of_the_guides_is_read() {
    let fields = [
        ("city", "Город", FieldKind::Text),
        ("town", "City", FieldKind::Text),
        ("last_visit", "Последний визит", FieldKind::Date),
        ("seen", "Last visit", FieldKind::Date),
        ("birthday", "День рождения", FieldKind::Date),
        ("born", "Birthday", FieldKind::Date),
        ("spent", "Сумма", FieldKind::Number),
        ("paid", "Sum", FieldKind::Number),
    ]
    .map(|(key, title, kind)| Field { id: crate::id::FieldId::new(), key: key.to_owned(), title: title.to_owned(), kind });
    let guides = [
        (include_str!("../../../../docs/ru/managers.md"), "| условие |", true),
        (include_str!("../../../../docs/en/managers.md"), "| condition |", false),
    ];
    for (guide, head, russian) in guides {
        let table = guide.lines().skip_while(|line| !line.starts_with(head)).skip(2).take_while(|line| line.starts_with('|'));
        let lines: Vec<&str> = table.filter_map(|line| line.split('`').nth(1)).collect();
        assert_eq!(lines.len(), 10, "{lines:?}");
        for line in lines {
            let read = Filter::parse(line, &fields).unwrap_or_else(|error| panic!("{line}: {error:?}"));
            let shown = read.shown(&fields, russian);
            assert_eq!(Filter::parse(&shown, &fields).as_ref(), Ok(&read), "{line}: {shown}");
        }
    }
}
