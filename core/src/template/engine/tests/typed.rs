//! Templates as managers type them, whatever program they come from: titles become keys,
//! placeholders of other programs are turned into variables, and the message is rendered.

use super::*;
use crate::{
    contact::{Field, FieldKind},
    id::FieldId,
    template::names,
};

fn fields() -> Vec<Field> {
    [
        ("city", "Город", FieldKind::Text),
        ("bonus", "Бонусы", FieldKind::Number),
        ("visit", "Дата визита", FieldKind::Date),
        ("birthday", "День рождения", FieldKind::Date),
        ("vip", "VIP", FieldKind::Flag),
        ("master", "Мастер", FieldKind::Text),
        ("sum", "Сумма покупок", FieldKind::Number),
        ("promo", "Промокод", FieldKind::Text),
    ]
    .map(|(key, title, kind)| Field { id: FieldId::new(), key: key.to_owned(), title: title.to_owned(), kind })
    .to_vec()
}

/// `!parse`: it cannot be handed in; `!no_value`: it would not go to this person.
#[test]
fn what_managers_type_says_what_they_mean() {
    let data = json!({ "city": "Казань", "bonus": 1250, "visit": "2026-12-01", "birthday": "1990-05-17", "vip": true, "sum": 12500.5 });
    let wrong: Vec<String> = [
        ("Здравствуйте, {{ first_name }}!", "Здравствуйте, Анна!"),
        ("Здравствуйте, {{first_name}}!", "Здравствуйте, Анна!"),
        ("Здравствуйте, {{ имя }}!", "Здравствуйте, Анна!"),
        ("Здравствуйте, {{ Имя }}!", "Здравствуйте, Анна!"),
        ("Здравствуйте, {{ ИМЯ }}!", "Здравствуйте, Анна!"),
        ("Здравствуйте, {{ Имя клиента }}!", "Здравствуйте, Анна!"),
        ("Здравствуйте, {{ ФИО }}!", "Здравствуйте, Анна Петрова!"),
        ("{{ Имя | default: \"друг\" }}", "Анна"),
        ("{{ Имя | default: «друг» }}", "Анна"),
        ("{{ фамилия | default: 'гость' }}", "гость"),
        ("{{ Имя|default:'друг' }}", "Анна"),
        ("{{ Имя | Default: 'друг' }}", "!parse"),
        ("{{ имя | upcase }}", "АННА"),
        ("{{ имя | capitalize }}", "Анна"),
        ("{{ Город }}", "Казань"),
        ("{{город}}", "Казань"),
        ("{{ city }}", "Казань"),
        ("{{ CITY }}", "Казань"),
        ("{{ City }}", "Казань"),
        ("{{ Бонусы }} бонусов", "1250 бонусов"),
        ("{{ бонусы | plural: 'бонус', 'бонуса', 'бонусов' }}", "бонусов"),
        ("{{ бонусы | money }}", "1\u{a0}250\u{a0}₽"),
        ("{{ сумма покупок | money }}", "12\u{a0}500,50\u{a0}₽"),
        ("{{ Сумма покупок }}", "12\u{a0}500,5"),
        ("{{ Сумма покупок | round }}", "12501"),
        ("{{ бонусы | divided_by: 2 }}", "625"),
        ("{{ бонусы | times: 2 }}", "2500"),
        ("{{ бонусы | minus: 250 }}", "1000"),
        ("{{ бонусы | plus: сумма покупок }}", "13750.5"),
        ("{{ bonus + 100 }}", "!parse"),
        ("{{ Дата визита }}", "01.12.2026"),
        ("{{ дата визита | date: '%d.%m' }}", "01.12"),
        ("{{ дата визита | date: \"%d %B\" }}", "01 декабря"),
        ("{{ дата визита | date: '%-d %B' }}", "1 декабря"),
        ("{{ дата визита | date: '%e %B' }}", "1 декабря"),
        ("{{ дата визита | date: '%A' }}", "вторник"),
        ("{{ дата визита | date: '%d.%m.%y' }}", "01.12.26"),
        ("{{ дата визита | date: 'd.m.Y' }}", "!no_value"),
        ("{{ дата визита | date }}", "!parse"),
        ("{{ дата визита | date_ru }}", "1\u{a0}декабря 2026"),
        ("{{ дата визита | date: '%d %b' }}", "01 дек"),
        ("{{ День рождения | date: '%d.%m' }}", "17.05"),
        ("{{ 'now' | date: '%Y' }}", "2026"),
        ("{{ now | date: '%Y' }}", "!no_value"),
        ("{{ today | date: '%d.%m' }}", "24.11"),
        ("{{ сегодня }}", "24.11.2026"),
        ("{{ мастер }}", "!no_value"),
        ("{{ мастер | default: 'мастер' }}", "мастер"),
        ("{{ мастер | upcase | default: 'наш мастер' }}", "наш мастер"),
        ("{% if мастер %}Мастер {{ мастер }}{% else %}Без мастера{% endif %}", "Без мастера"),
        ("{% if мастер == blank %}пусто{% else %}есть{% endif %}", "пусто"),
        ("{% if мастер == empty %}пусто{% else %}есть{% endif %}", "пусто"),
        ("{% if мастер != blank %}есть{% else %}пусто{% endif %}", "пусто"),
        ("{% if мастер == nil %}пусто{% endif %}", "пусто"),
        ("{% if мастер contains 'Ан' %}да{% else %}нет{% endif %}", "нет"),
        ("{% if город contains '' %}да{% else %}нет{% endif %}", "нет"),
        ("{% if город == 'Казань' %}да{% endif %}", "да"),
        ("{% if Город = 'Казань' %}да{% endif %}", "!parse"),
        ("{% if город == Казань %}да{% endif %}", "!parse"),
        ("{% if город == \"казань\" %}да{% else %}нет{% endif %}", "нет"),
        ("{% if бонусы > 1000 %}много{% else %}мало{% endif %}", "много"),
        ("{% if бонусы >1000 and vip %}да{% endif %}", "да"),
        ("{% if VIP %}да{% endif %}", "да"),
        ("{% if vip == true %}да{% endif %}", "да"),
        ("{% if город == 'Казань' || город == 'Уфа' %}x{% endif %}", "!parse"),
        ("{% if город == 'Казань' or город == 'Уфа' %}x{% endif %}", "x"),
        ("{%if vip%}да{%endif%}", "да"),
        ("{%- if vip -%} да {%- endif -%}", "да"),
        ("{% if vip %}да{% end %}", "!parse"),
        ("{% if vip %}да", "!parse"),
        ("{% endif %}", "!parse"),
        ("{% else %}", "!parse"),
        ("{% if vip %}a{% elseif город %}b{% endif %}x", "!parse"),
        ("{% if vip %}a{% elif город %}b{% endif %}x", "!parse"),
        ("{% unless vip %}a{% else %}b{% endunless %}", "b"),
        ("{% case город %}{% when 'Казань', 'Уфа' %}П{% else %}Д{% endcase %}", "П"),
        ("{% case город %}{% when 'Казань' or 'Уфа' %}П{% else %}Д{% endcase %}", "П"),
        ("{{ имя }", "!parse"),
        ("{ имя }", "Анна"),
        ("{имя}", "Анна"),
        ("{Имя}, привет", "Анна, привет"),
        ("{ИМЯ}", "Анна"),
        ("%имя%", "Анна"),
        ("%ИМЯ%", "Анна"),
        ("%name%", "Анна Петрова"),
        ("%FIRSTNAME%", "Анна"),
        ("%first_name%", "Анна"),
        ("[имя]", "Анна"),
        ("[Имя]", "Анна"),
        ("[[имя]]", "Анна"),
        ("#имя#", "Анна"),
        ("#NAME#", "Анна Петрова"),
        ("<имя>", "<имя>"),
        ("«имя»", "«имя»"),
        ("$имя", "$имя"),
        ("$name$", "$name$"),
        ("${name}", "Анна Петрова"),
        ("{{{имя}}}", "!parse"),
        ("*|FNAME|*", "Анна"),
        ("*|NAME|*", "Анна Петрова"),
        ("@name", "@name"),
        ("{{Имя}}{{Фамилия}}", "!no_value"),
        ("{clientname}", "Анна Петрова"),
        ("{client.name}", "Анна Петрова"),
        ("{{ client.name }}", "!no_value"),
        ("{{ contact.first_name }}", "!no_value"),
        ("{{ client_name }}", "!no_value"),
        ("{{ name.first }}", "!no_value"),
        ("{{ contact.name }}", "!no_value"),
        ("%Имя клиента%", "Анна"),
        ("{Имя Отчество}", "{Имя Отчество}"),
        ("{{ Имя Отчество }}", "!no_value"),
        ("{{ отчество }}", "!no_value"),
        ("{{ patronymic }}", "!no_value"),
        ("{{ patronymic | default: '' }}", "!empty"),
        ("%CLIENT_NAME%", "Анна Петрова"),
        ("{name|друг}", "{name|друг}"),
        ("{{name|друг}}", "!parse"),
        ("{{ имя || 'друг' }}", "!parse"),
        ("{{ имя ? имя : 'друг' }}", "!parse"),
        ("{{ имя or 'друг' }}", "!parse"),
        ("Здравствуйте{% if имя %}, {{имя}}{% endif %}!", "Здравствуйте, Анна!"),
        ("{{ имя | append: '!' }}", "Анна!"),
        ("{{ имя | prepend: 'Дорогая ' }}", "Дорогая Анна"),
        ("{{ имя | slice: 0 }}", "А"),
        ("{{ имя | size }}", "4"),
        ("{{ имя | truncate: 3 }}", "Ан…"),
        ("{{ имя | lower }}", "!parse"),
        ("{{ имя | escape }}", "Анна"),
        ("{{ имя | strip_html }}", "!parse"),
        ("{{ имя | title }}", "!parse"),
        ("{{ имя | first }}", "А"),
        ("😀 {{ имя }} 🎉", "😀 Анна 🎉"),
        ("Скидка 20% и 10%!", "Скидка 20% и 10%!"),
        ("Цена <b>100</b> & <i>200</i>", "Цена 100 & 200"),
        ("5 < 6", "5 < 6"),
        ("A & B &amp; C", "A & B & C"),
        ("C++ {код}", "C++ {код}"),
        ("Ромашка № 1 #акция #скидка", "Ромашка № 1 #акция #скидка"),
        ("{{ company }}", "Ромашка"),
        ("{{ Компания }}", "Ромашка"),
        ("{{ advertiser }}", "ООО «Ромашка»"),
        ("{% comment %}{{ нет }}{% endcomment %}x", "x"),
        ("{{ 'текст' }}", "текст"),
        ("{{ \"it's\" }}", "it's"),
        ("{{ '}}' }}", "}}"),
        ("{{ промокод }}", "!no_value"),
        ("Код: {{ Промокод | default: 'ОСЕНЬ' }}", "Код: ОСЕНЬ"),
        ("{% assign x = 'а' %}{{ x }}", "а"),
        ("{% assign скидка = 10 %}{{ скидка }}", "!parse"),
        ("{% for i in (1..3) %}{{ i }}{% endfor %}", "123"),
        ("{{ город | replace: 'Казань', 'Казани' }}", "Казани"),
        ("{{ бонусы | date: '%d' }}", "!no_value"),
        ("{{ имя | money }}", "!no_value"),
        ("{{ имя }}\n\n\n{{ город }}", "Анна\n\n\nКазань"),
    ]
    .into_iter()
    .filter_map(|(typed, expected)| {
        let kept = names::replaced(&names::translate(typed, &fields()), &fields());
        let said = match Prepared::new(&content(&kept)) {
            Err(_) => "!parse".to_owned(),
            Ok(prepared) => prepared
                .render(&facts(data.clone()))
                .map_or_else(|error| format!("!{}", error.reason.as_str()), |message| message.body.text),
        };
        (said != expected).then(|| format!("{typed}: {said}, not {expected}"))
    })
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A patronymic is kept nowhere but in the full name.
#[test]
fn a_patronymic_is_found_in_the_full_name() {
    let with = |name: &str, body: &str| {
        let kept = names::translate(body, &fields());
        let facts = Facts { name: name.into(), first_name: "Вера".into(), ..facts(json!({})) };
        Prepared::new(&content(&kept)).expect("parses").render(&facts).map(|message| message.body.text).map_err(|error| error.reason)
    };
    assert_eq!(with("Соколова Вера Петровна", "{{ Имя Отчество }}, здравствуйте").as_deref(), Ok("Вера Петровна, здравствуйте"));
    assert_eq!(with("Вера Петровна", "{{ patronymic }}").as_deref(), Ok("Петровна"));
    assert_eq!(with("Вера Соколова", "{{ Отчество }}"), Err(Reason::NoValue));
    assert_eq!(with("Вера Соколова", "{{ Имя }}{% if отчество %} {{ отчество }}{% endif %}").as_deref(), Ok("Вера"));
}
