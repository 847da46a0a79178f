use super::*;

/// Lines of people who were shown no grammar. The titles of several words, the numbers and every
/// Russian comparison were refused before, and a title's first word was said to be unknown.
#[test]
fn russian_lines_are_read_as_people_write_them() {
    let wrong: Vec<String> = [
        ("тег = vip и город в (Москва, Казань)", "tag = vip and city in (Москва, Казань)"),
        (
            "Тег: vip · Город: Москва, Казань · День рождения: в ближайшие 200 дней",
            "tag = vip and city in (Москва, Казань) and birthday in next 200d",
        ),
        ("День рождения in next 7d", "birthday in next 7d"),
        ("день рождения в ближайшие 7 дней", "birthday in next 7d"),
        ("день рождения в ближайшую неделю", "birthday in next 7d"),
        ("день рождения сегодня", "birthday in next 0d"),
        ("день рождения = сегодня", "birthday in next 0d"),
        ("день рождения: годовщина сегодня", "birthday in next 0d"),
        ("день рождения ровно сегодня", "birthday = +0d"),
        ("дата визита > 30d", "last_visit > 30d"),
        ("дата визита больше 30 дней назад", "last_visit > 30d"),
        ("дата визита больше чем 30 дней назад", "last_visit > 30d"),
        ("дата визита более месяца назад", "last_visit > 1m"),
        ("дата визита больше полгода назад", "last_visit > 6m"),
        ("дата визита раньше 30 дней назад", "last_visit > 30d"),
        ("дата визита не позже 30 дней назад", "last_visit >= 30d"),
        ("дата визита не раньше 30 дней назад", "last_visit <= 30d"),
        ("дата визита меньше 90 дней", "last_visit < 90d"),
        ("дата визита за последние 90 дней", "last_visit <= 90d"),
        ("дата визита за последнюю неделю", "last_visit <= 1w"),
        ("дата визита за год", "last_visit <= 1y"),
        ("дата визита 3 месяца назад", "last_visit = 3m"),
        ("дата визита до 1 мая 2026", "last_visit < 2026-05-01"),
        ("дата визита после 01.05.2026", "last_visit > 2026-05-01"),
        ("дата визита с 1 мая 2026", "last_visit >= 2026-05-01"),
        ("дата визита с 1 мая 2026 по 31 мая 2026 г.", "last_visit >= 2026-05-01 and last_visit <= 2026-05-31"),
        ("дата визита между 01.05.2026 и 31.05.2026", "last_visit >= 2026-05-01 and last_visit <= 2026-05-31"),
        ("дата визита не указана", "last_visit is empty"),
        ("дата визита = вчера", "last_visit = -1d"),
        ("дата визита не раньше сегодня − 7 дней", "last_visit >= -7d"),
        ("потрачено больше 10 000", "spent > 10000"),
        ("потрачено > 10\u{a0}000 ₽", "spent > 10000"),
        ("потрачено не меньше 1250,4", "spent >= 1250.4"),
        ("потрачено >= 1 250,4", "spent >= 1250.4"),
        ("потрачено от 5000 до 10 000", "spent >= 5000 and spent <= 10000"),
        ("потрачено до 10 тыс.", "spent <= 10000"),
        ("потрачено 5000 и больше", "spent >= 5000"),
        ("потрачено = 5 или 10", "spent in (5, 10)"),
        ("потрачено пусто", "spent is empty"),
        ("потрачено = пусто", "spent is empty"),
        ("город пусто", "city is empty"),
        ("город не пусто", "city is not empty"),
        ("город не указан", "city is empty"),
        ("город нет", "city is empty"),
        ("город есть", "city is not empty"),
        ("город заполнен", "city is not empty"),
        ("город Москва", "city = Москва"),
        ("город: Нижний Новгород", "city = Нижний Новгород"),
        ("город не Москва", "city != Москва"),
        ("город кроме Москва, Казань", "city not in (Москва, Казань)"),
        ("город = Москва, Казань", "city in (Москва, Казань)"),
        ("город = Москва или Казань", "city in (Москва, Казань)"),
        ("город в Москва, Казань и Тула", "city in (Москва, Казань, Тула)"),
        ("город один из (Москва; Казань)", "city in (Москва, Казань)"),
        ("город не в (Москва, Казань)", "city not in (Москва, Казань)"),
        ("город содержит моск", "city contains моск"),
        ("город не содержит моск", "city not contains моск"),
        ("город равно Москва", "city = Москва"),
        ("тег vip", "tag = vip"),
        ("с тегом vip", "tag = vip"),
        ("без тега опт", "tag != опт"),
        ("есть тег", "tag is not empty"),
        ("тег = vip, город = Москва", "tag = vip and city = Москва"),
        ("тег = vip; город = Москва", "tag = vip and city = Москва"),
        ("тег = vip\nгород = Москва", "tag = vip and city = Москва"),
        ("тег = vip а также город = Москва", "tag = vip and city = Москва"),
        ("тег = vip, но не город = Москва", "tag = vip and not city = Москва"),
        ("тег = vip или (город = Москва и потрачено > 5)", "tag = vip or (city = Москва and spent > 5)"),
        ("кроме тег = vip", "not tag = vip"),
        ("есть телефон", "phone = yes"),
        ("нет телефона", "phone = no"),
        ("телефон есть и телеграм нет", "phone = yes and telegram = no"),
        ("согласие на рекламу есть", "consent = any"),
        ("согласие не хуже C", "consent >= C"),
        ("согласие на рекламу: С и выше", "consent >= C"),
        ("без согласия", "consent = none"),
        ("отписан", "opted_out = yes"),
        ("не отписан", "not opted_out = yes"),
        ("VIP", "vip = yes"),
        ("VIP да и потрачено больше 5", "vip = yes and spent > 5"),
        ("язык = русский", "language = ru"),
        ("последнее сообщение клиента больше 30 дней назад", "last_answered > 30d"),
        ("последняя рассылка за последние 7 дней", "last_contacted <= 7d"),
        ("добавлен за последний месяц", "created <= 1m"),
        ("имя = Анна и фамилия содержит ова", "first_name = Анна and last_name contains ова"),
        ("все контакты", ""),
        ("tag: vip · city: Moscow, Kazan", "tag = vip and city in (Moscow, Kazan)"),
        ("last_visit more than 30 days ago", "last_visit > 30d"),
        ("last_visit in the last 30 days", "last_visit <= 30d"),
        ("last_visit before 1 May 2026", "last_visit < 2026-05-01"),
        ("spent at least 1,250.4", "spent >= 1250.4"),
        ("spent between 5 and 10", "spent >= 5 and spent <= 10"),
        ("city is not Moscow and birthday within the next 30 days", "city != Moscow and birthday in next 30d"),
        ("city is one of Moscow, Kazan or Tula", "city in (Moscow, Kazan, Tula)"),
        ("with tag vip and without phone", "tag = vip and phone = no"),
        ("consent: C or better", "consent >= C"),
        ("everybody", ""),
    ]
    .into_iter()
    .filter_map(|(text, canon)| {
        let found = Filter::parse(text, &fields()).map_or_else(|_| "?".to_owned(), |filter| filter.to_text());
        (found != canon).then(|| format!("{text}: {found}, not {canon}"))
    })
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a card shows was `tag = vip and gorod in (…)` whatever was typed.
#[test]
fn filters_are_shown_in_plain_words() {
    for (kept, ru, en) in [
        (
            "tag = vip and city in (Москва, Казань) and birthday in next 200d",
            "Тег: vip · Город: Москва, Казань · День рождения: в ближайшие 200 дней",
            "Tag: vip · Город: Москва, Казань · День рождения: in the next 200 days",
        ),
        (
            "last_visit > 90d or not tag = опт",
            "Дата визита: больше 90 дней назад или не (Тег: опт)",
            "Дата визита: more than 90 days ago or not (Tag: опт)",
        ),
        ("last_visit <= 1w", "Дата визита: за последнюю 1 неделю", "Дата визита: in the last 1 week"),
        ("spent >= 10000.5", "Потрачено: не меньше 10\u{a0}000,5", "Потрачено: at least 10000.5"),
        (
            "consent >= C and phone = yes",
            "Согласие на рекламу: C и выше · Телефон: есть",
            "Consent to advertising: C or better · Phone: yes",
        ),
        ("city = \"больше света\"", "Город: «больше света»", "Город: “больше света”"),
        ("(tag = a or tag = b) and city is empty", "(Тег: a или Тег: b) · Город: пусто", "(Tag: a or Tag: b) · Город: empty"),
        ("last_visit < 2026-05-01", "Дата визита: раньше 1 мая 2026", "Дата визита: before 1 May 2026"),
    ] {
        let filter = Filter::parse_kept(kept, &fields()).expect("a kept filter");
        assert_eq!((filter.shown(&fields(), true).as_str(), filter.shown(&fields(), false).as_str()), (ru, en));
    }
    // A title that would be read as something else gives way to the key.
    let twins = [field("first", "Имя", FieldKind::Text), field("second", "Имя", FieldKind::Text), field("third", "и всё", FieldKind::Text)];
    let filter = Filter::parse_kept("first = a and second = b and third = c and first_name = d", &twins).expect("a kept filter");
    let shown = filter.shown(&twins, true);
    assert_eq!(shown, "Имя: a · second: b · third: c · first_name: d");
    assert_eq!(Filter::parse(&shown, &twins), Ok(filter));
}

/// Titles as companies have them: of several words, with signs, beginning with a word of the
/// grammar.
#[test]
fn titles_need_no_quotes() {
    let fields = [
        field("rub", "Сумма покупок (руб.)", FieldKind::Number),
        field("sum", "Сумма", FieldKind::Number),
        field("calls", "Не звонить", FieldKind::Flag),
        field("kids", "Есть дети", FieldKind::Flag),
        field("note", "Любимый цвет, оттенок", FieldKind::Text),
        field("dob", "Дата рождения", FieldKind::Date),
        field("seen", "последний визит", FieldKind::Date),
        field("eye", "Цвет глаз: левый", FieldKind::Text),
    ];
    for (text, canon) in [
        ("Сумма покупок (руб.) больше 5", "rub > 5"),
        ("сумма покупок (РУБ.) > 5 и сумма < 3", "rub > 5 and sum < 3"),
        ("не звонить", "calls = yes"),
        ("не звонить = нет и есть дети", "calls = no and kids = yes"),
        ("не не звонить", "not calls = yes"),
        ("любимый цвет, оттенок: синий", "note = синий"),
        ("Дата рождения in next 7d", "dob in next 7d"),
        ("Дата  рождения в ближайшие 7 дней", "dob in next 7d"),
        ("последний визит > 30d", "seen > 30d"),
        ("«последний визит» > 30d", "seen > 30d"),
        ("цвет глаз: левый = синий", "eye = синий"),
    ] {
        let filter = Filter::parse(text, &fields).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(filter.to_text(), canon, "{text}");
        for russian in [true, false] {
            let shown = filter.shown(&fields, russian);
            assert_eq!(Filter::parse(&shown, &fields).as_ref(), Ok(&filter), "{shown}");
        }
    }
}
