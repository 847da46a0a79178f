//! Contacts, imports, segments and answers as a member lives them: files sent, names typed, every
//! kind of button pressed.

use mms_core::{
    account::{Role, licence},
    both,
    channel::{
        ChannelKind,
        store::{self as channels, ChannelSettings},
    },
    clock,
    config::Endpoints,
    contact::{self, Draft, NewAddress, import},
    id::{ChannelId, ContactId},
    notice::{self, NewNotice, NoticeKind},
    on,
    secret::{Sealer, Secret},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use mms_sandbox::telegram::{Attachment, FileKind, Pressed};

use super::talk::{Talk, WAIT};

const ANNA: i64 = 77_001;
const IVAN: i64 = 77_002;

both!(async fn a_file_becomes_contacts_a_card_and_a_segment(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;

    // What is no table is refused with a reason, and another file may follow at once.
    talk.sends(ANNA, "пусто.csv", "\n\n");
    talk.sees(ANNA, "нет ни одной заполненной строки").await;
    talk.sends(ANNA, "клиенты.csv", "ФИО;Телефон;Город;Метки\nАнна Кузнецова;8 912 345-67-89;Москва;vip\nИван;+7 912 345-67-80;Казань;\nПётр;123;Омск;\n");
    talk.sees(ANNA, "Укажите, откуда").await;
    // Columns, a new field made of a heading.
    talk.takes(ANNA, "Столбцы").await;
    talk.sees(ANNA, "Что в каком столбце").await;
    talk.takes(ANNA, "Город → Пропустить").await;
    talk.sees(ANNA, "Что в этом столбце").await;
    talk.takes(ANNA, "Новое поле").await;
    talk.sees(ANNA, "Что в нём будет").await;
    talk.takes(ANNA, "текст").await;
    talk.offers(ANNA, "Город → Город").await;
    talk.takes(ANNA, "ФИО → ФИО").await;
    talk.sees(ANNA, "Что в этом столбце").await;
    talk.takes(ANNA, "Фамилия").await;
    talk.takes(ANNA, "ФИО → Фамилия").await;
    talk.sees(ANNA, "Что в этом столбце").await;
    talk.takes(ANNA, "ФИО").await;
    talk.offers(ANNA, "ФИО → ФИО").await;
    talk.takes(ANNA, "Назад").await;
    talk.sees(ANNA, "Укажите, откуда").await;
    talk.takes(ANNA, "Первая строка: заголовки").await;
    talk.takes(ANNA, "Первая строка: данные").await;
    talk.offers(ANNA, "Первая строка: заголовки").await;
    talk.takes(ANNA, "Теги всем").await;
    talk.sees(ANNA, "Теги всем из файла").await;
    talk.types(ANNA, "Осень");
    talk.sees(ANNA, "Всем добавим теги: осень").await;
    // Basis and origin, then the numbers, then the run.
    talk.takes(ANNA, "Основание").await;
    talk.sees(ANNA, "На каком основании").await;
    talk.takes(ANNA, "Подписанный документ").await;
    talk.sees(ANNA, "Откуда эти данные").await;
    talk.types(ANNA, "Анкеты с выставки");
    talk.sees(ANNA, "Откуда данные: Анкеты с выставки").await;
    talk.takes(ANNA, "Проверить файл").await;
    talk.sees(ANNA, "Проверка: 3 строки").await;
    talk.takes(ANNA, "Импортировать: 2").await;
    talk.sees(ANNA, "импорт идёт").await;
    let running = import::running(&talk.store).await.unwrap();
    assert_eq!(running.len(), 1);
    import::run::run(&talk.store, running[0], &CancellationToken::new()).await.unwrap();
    talk.sees(ANNA, "» завершён.").await;
    talk.takes(ANNA, "Открыть").await;
    talk.sees(ANNA, "Новых: 2").await;
    talk.takes(ANNA, "Скачать строки с ошибками").await;
    talk.sees(ANNA, "Не вошло строк: 1").await;
    assert_eq!(talk.on_record("export.refused").await, [(talk.owner().member.to_string(), running[0].to_string())]);
    talk.takes(ANNA, "Карточка импорта").await;
    talk.sees(ANNA, "Новых: 2").await;
    talk.takes(ANNA, "Назад").await;
    talk.sees(ANNA, "Последние").await;
    // All columns at once; dates of two meanings are asked about.
    talk.sends(ANNA, "ещё.csv", "Телефон;Был у нас;Заметка\n89123456781;05/06/2026;чай\n");
    talk.takes(ANNA, "Взять все столбцы: +2").await;
    talk.sees(ANNA, "что значит 05/06/2026").await;
    talk.takes(ANNA, "5 июня").await;
    talk.sees(ANNA, "Заметка → Заметка").await;
    talk.takes(ANNA, "Отменить импорт").await;
    talk.sees(ANNA, "Контакты ещё не менялись").await;
    talk.takes(ANNA, "Да, отменить").await;
    talk.sees(ANNA, "импорт отменён").await;

    // Found by a part of the name; tags, evidence, never again, gone.
    talk.types(ANNA, "/contacts");
    talk.sees(ANNA, "Контакты — 2").await;
    talk.types(ANNA, "никто");
    talk.sees(ANNA, "никого нет").await;
    talk.types(ANNA, "67-8");
    talk.sees(ANNA, "никого нет").await;
    talk.types(ANNA, "6780");
    talk.sees(ANNA, "Иван").await;
    talk.types(ANNA, "/contacts");
    talk.sees(ANNA, "Контакты — 2").await;
    talk.types(ANNA, "кузн");
    talk.sees(ANNA, "+7 912 345-67-89").await;
    talk.takes(ANNA, "Теги").await;
    talk.sees(ANNA, "Теги: Анна Кузнецова — 2").await;
    talk.types(ANNA, "VIP, новый");
    talk.sees(ANNA, "Теги: Анна Кузнецова — 3").await;
    talk.goes(ANNA, "✕ осень", "Теги: Анна Кузнецова — 2").await;
    talk.offers(ANNA, "＋ осень").await;
    talk.goes(ANNA, "Назад", "#vip #новый").await;
    talk.takes(ANNA, "Согласия и доказательства").await;
    talk.sees(ANNA, "2 записи").await;
    talk.takes(ANNA, "Карточка контакта").await;
    talk.takes(ANNA, "Отписать").await;
    talk.sees(ANNA, "Рассылок больше не будет").await;
    talk.takes(ANNA, "Да, отписать").await;
    talk.sees(ANNA, "🚫").await;
    talk.takes(ANNA, "Удалить").await;
    talk.sees(ANNA, "Вернуть удалённое нельзя").await;
    talk.takes(ANNA, "Да, удалить").await;
    talk.sees(ANNA, "Контакты — 1").await;

    // Fields.
    talk.takes(ANNA, "Поля").await;
    talk.takes(ANNA, "Новое поле").await;
    talk.takes(ANNA, "дата").await;
    talk.sees(ANNA, "Как назвать поле").await;
    talk.types(ANNA, &"длинно".repeat(20));
    talk.sees(ANNA, "от 1 до 60 символов").await;
    talk.types(ANNA, "Последний визит");
    talk.sees(ANNA, "posledniy_vizit").await;
    talk.takes(ANNA, "Переименовать").await;
    talk.sees(ANNA, "Как теперь назвать").await;
    talk.types(ANNA, "Визит");
    talk.sees(ANNA, "Визит").await;
    talk.takes(ANNA, "Назад").await;
    talk.sees(ANNA, "Поля контактов — 4").await;
    talk.goes(ANNA, "Визит", "Тип: дата").await;
    talk.goes(ANNA, "Назад", "Поля контактов — 4").await;
    talk.takes(ANNA, "Назад").await;
    talk.takes(ANNA, "Теги").await;
    talk.sees(ANNA, "осень — 1").await;
    talk.takes(ANNA, "Назад").await;

    // The list of those never written to.
    talk.takes(ANNA, "Стоп-лист: 1").await;
    talk.takes(ANNA, "Добавить телефоны").await;
    talk.sees(ANNA, "Кого добавить в стоп-лист").await;
    talk.types(ANNA, "привет");
    talk.sees(ANNA, "есть буквы").await;
    talk.sends(ANNA, "стоп.csv", "Телефон\n+7 912 000-00-01\nнет\n");
    talk.sees(ANNA, "Добавлено: 1").await;
    talk.takes(ANNA, "Назад").await;
    talk.takes(ANNA, "Убрать из списка: +7 912 000-00-01").await;
    talk.takes(ANNA, "Да, убрать").await;
    talk.sees(ANNA, "Стоп-лист — 1").await;

    // A segment by text and by buttons.
    talk.opens(ANNA, "Сегменты", "Сегментов пока нет").await;
    talk.goes(ANNA, "Как писать условия", "тег = vip и город").await;
    talk.goes(ANNA, "Назад", "Сегментов пока нет").await;
    talk.takes(ANNA, "Новый").await;
    talk.sees(ANNA, "Как назвать сегмент").await;
    talk.types(ANNA, "VIP");
    talk.sees(ANNA, "условий нет").await;
    talk.takes(ANNA, "Написать текстом").await;
    talk.sees(ANNA, "Пришлите новое условие").await;
    talk.types(ANNA, "горд = Казань");
    talk.sees(ANNA, "^^^^").await;
    talk.types(ANNA, "город Казань");
    talk.sees(ANNA, "Подходит: 1").await;
    talk.takes(ANNA, "ИЛИ").await;
    talk.sees(ANNA, "выполнилось любое").await;
    talk.takes(ANNA, "Тег").await;
    talk.takes(ANNA, "одно из").await;
    talk.sees(ANNA, "через запятую").await;
    talk.types(ANNA, "vip, новый");
    talk.sees(ANNA, "Город: Казань или Тег: vip, новый").await;
    talk.takes(ANNA, "＋ И…").await;
    talk.takes(ANNA, "Визит").await;
    talk.takes(ANNA, "за последние").await;
    talk.sees(ANNA, "напишите срок").await;
    talk.types(ANNA, "скоро");
    talk.sees(ANNA, "не день и не срок").await;
    talk.takes(ANNA, "30 дней").await;
    talk.sees(ANNA, "Визит: за последние 30 дней").await;
    talk.takes(ANNA, "Условия").await;
    talk.sees(ANNA, "Условия — 3").await;
    talk.takes(ANNA, "Визит: за последние 30 дней").await;
    talk.takes(ANNA, "Убрать").await;
    talk.sees(ANNA, "Подходит: 1").await;
    talk.takes(ANNA, "Условия").await;
    talk.takes(ANNA, "Город: Казань").await;
    talk.takes(ANNA, "Исключить (НЕ)").await;
    talk.sees(ANNA, "не (Город: Казань) или").await;
    talk.takes(ANNA, "Ещё…").await;
    talk.takes(ANNA, "Исключить (НЕ)").await;
    talk.sees(ANNA, "не (не (Город").await;
    talk.takes(ANNA, "＋ И…").await;
    talk.takes(ANNA, "Тег").await;
    talk.takes(ANNA, "есть").await;
    talk.goes(ANNA, "#осень", "· Тег: осень").await;
    talk.takes(ANNA, "Ещё…").await;
    talk.takes(ANNA, "Переименовать").await;
    talk.sees(ANNA, "Как теперь назвать").await;
    talk.types(ANNA, "Казань");
    talk.sees(ANNA, "Казань\n").await;
    talk.takes(ANNA, "Назад").await;
    talk.sees(ANNA, "Сегменты — 1").await;
    talk.takes(ANNA, "Казань · 1").await;
    talk.takes(ANNA, "Ещё…").await;
    talk.takes(ANNA, "Удалить").await;
    talk.takes(ANNA, "Да, удалить").await;
    talk.sees(ANNA, "Сегментов пока нет").await;
    talk.ends().await;
});

both!(async fn a_contact_is_added_and_corrected_by_hand(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.types(ANNA, "/contacts");
    talk.goes(ANNA, "Новый контакт", "Кого добавить?").await;
    // What cannot be read is told, and asked again.
    talk.types(ANNA, "—");
    talk.sees(ANNA, "Здесь нет ни имени, ни телефона").await;
    talk.types(ANNA, "Вера +7 916 12");
    talk.sees(ANNA, "не хватает цифр").await;
    talk.types(ANNA, "Вера 89161234567 вера@@почта");
    talk.sees(ANNA, "не похоже на почту").await;
    talk.types(ANNA, "Соколова Вера Петровна, тел. 8 (916) 123-45-67, VERA@example.ru");
    let card = talk.sees(ANNA, "Контакт добавлен.").await;
    assert!(card.text.contains("Соколова Вера Петровна") && card.text.contains("+7 916 123-45-67"), "{}", card.text);
    assert!(card.text.contains("vera@example.ru") && card.text.contains("добавлен вручную"), "{}", card.text);
    // The same phone is the same person.
    talk.types(ANNA, "/contacts");
    talk.takes(ANNA, "Новый контакт").await;
    talk.sees(ANNA, "Кого добавить?").await;
    talk.types(ANNA, "Верочка +79161234567");
    talk.sees(ANNA, "контакт уже есть").await;
    talk.sees(ANNA, "Соколова Вера").await;

    // Name, phone, values, one by one.
    talk.goes(ANNA, "Изменить", "Что изменить?").await;
    talk.goes(ANNA, "Имя", "Как теперь записать").await;
    talk.types(ANNA, "Орлова Вера");
    talk.sees(ANNA, "Орлова Вера").await;
    talk.takes(ANNA, "Изменить").await;
    talk.goes(ANNA, "Телефон и почта", "Чтобы убрать").await;
    talk.types(ANNA, "8 916 765-43-21");
    talk.sees(ANNA, "Добавлено.").await;
    talk.types(ANNA, "+7 916 765 43 21");
    talk.sees(ANNA, "Это уже записано.").await;
    talk.goes(ANNA, "✕ +7 916 123-45-67", "Убрать +7 916 123-45-67").await;
    assert_eq!(talk.told(ANNA, "Да, убрать").await, "Убрано.");
    talk.sees(ANNA, "Чтобы убрать").await;
    talk.goes(ANNA, "Назад", "Что изменить?").await;
    talk.goes(ANNA, "Поля", "Своих полей пока нет").await;
    let actor = talk.owner();
    for (key, title, kind) in [("born", "Дата рождения", contact::FieldKind::Date), ("club", "Клуб", contact::FieldKind::Flag)] {
        contact::field::create(&talk.store, &actor, key, title, kind, clock::now()).await.unwrap();
    }
    talk.goes(ANNA, "Назад", "Что изменить?").await;
    talk.goes(ANNA, "Поля", "Нажмите на поле").await;
    talk.goes(ANNA, "Дата рождения", "какая дата").await;
    talk.types(ANNA, "12.05");
    talk.sees(ANNA, "Не хватает года").await;
    talk.types(ANNA, "12 мая 1986");
    talk.sees(ANNA, "Сохранено.").await;
    talk.offers(ANNA, "Дата рождения: 12.05.1986").await;
    talk.goes(ANNA, "Клуб", "да или нет").await;
    talk.takes(ANNA, "да").await;
    talk.offers(ANNA, "Клуб: да").await;
    talk.takes(ANNA, "Клуб: да").await;
    talk.takes(ANNA, "Очистить").await;
    talk.offers(ANNA, "Клуб: —").await;
    let found = contact::card::find(&talk.store, talk.account, "RU", "Орлова", 5).await.unwrap();
    let card = contact::card::card(&talk.store, talk.account, found[0].id).await.unwrap().unwrap();
    assert_eq!((card.contact.first_name.as_str(), card.contact.last_name.as_str()), ("Вера", "Орлова"));
    let mut addresses: Vec<&str> = card.addresses.iter().map(|one| one.value.as_str()).collect();
    addresses.sort_unstable();
    assert_eq!(addresses, ["+79167654321", "vera@example.ru"]);

    // The personal link is copied or handed on.
    talk.channel("7000000002:AAE-customers").await;
    talk.types(ANNA, "Орлова");
    talk.sees(ANNA, "Орлова Вера").await;
    talk.goes(ANNA, "Ссылка на бота", "https://t.me/shop_bot?start=").await;
    let copied = talk.sandbox.press_text(talk.bot, ANNA, "Скопировать").unwrap();
    let Pressed::Copied(link) = copied else { panic!("{copied:?}") };
    assert!(link.starts_with("https://t.me/shop_bot?start="), "{link}");
    let shared = talk.sandbox.press_text(talk.bot, ANNA, "Отправить").unwrap();
    assert!(matches!(&shared, Pressed::Url(url) if url.starts_with("https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fshop_bot")), "{shared:?}");
    talk.ends().await;
});

both!(async fn a_customers_files_are_seen_and_heard(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let channel = talk.channel("7000000002:AAE-customers").await;
    let customer = wrote(&talk, channel, "Ольга", "Смотрите").await;
    let shop = 7_000_000_002;
    talk.sandbox.add_user(mms_sandbox::User::new(IVAN, "Olga", "+79990000009"));
    for (kind, name) in [(FileKind::Photo, "a.png"), (FileKind::Voice, "v.ogg"), (FileKind::Document, "Заказ.pdf"), (FileKind::Sticker, "s.webp")] {
        let data: bytes::Bytes = if kind == FileKind::Photo { testing_png() } else { name.as_bytes().to_vec().into() };
        let file = Attachment { name: name.to_owned(), mime: None, data, kind, caption: String::new() };
        let sent = talk.sandbox.send_file(shop, IVAN, file).unwrap();
        let seen = talk.sandbox.message(shop, IVAN, sent).unwrap();
        let reference = seen.photo.or(seen.document).expect("a file").id;
        attached(&talk, channel, customer, kind, name, &reference).await;
    }
    talk.types(ANNA, "/menu");
    talk.takes(ANNA, "Сообщения · 1").await;
    talk.goes(ANNA, "Ольга", "🖼 Фото").await;
    for (button, kind) in [("🖼 Фото", FileKind::Photo), ("🎤 Голосовое", FileKind::Voice), ("📎 Заказ.pdf", FileKind::Document), ("Стикер", FileKind::Sticker)] {
        talk.takes(ANNA, button).await;
        let shown = talk.sandbox.expect_last(talk.bot, ANNA, WAIT, |message| message.kind == Some(kind)).await.unwrap();
        assert_eq!(shown.text.starts_with("Ольга, "), kind != FileKind::Sticker, "{}", shown.text);
        assert!(shown.button("Ответить").is_some());
        talk.goes(ANNA, "Переписка", "🖼 Фото").await;
    }
    let files: Vec<_> = talk.sandbox.history(talk.bot, ANNA).into_iter().filter_map(|message| message.photo.or(message.document)).collect();
    let bytes = |at: usize| talk.sandbox.file(&files[at].id).unwrap().0;
    assert_eq!((bytes(0), bytes(1).as_ref(), bytes(2).as_ref()), (testing_png(), "v.ogg".as_bytes(), "Заказ.pdf".as_bytes()));

    // What Telegram gives no more is told, and nothing else happens.
    talk.sandbox.forget_files(shop);
    assert_eq!(talk.told(ANNA, "🖼 Фото").await, "Этого файла больше нет.");
    talk.ends().await;
});

/// The smallest picture there is.
pub fn testing_png() -> bytes::Bytes {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08\x08\x02\0\0\0".to_vec();
    png.extend_from_slice(&[0x4b, 0x6d, 0x29, 0xdc]);
    png.into()
}

/// A message of a customer with a file, as the room keeps it.
pub async fn attached(talk: &Talk, channel: ChannelId, customer: ContactId, kind: FileKind, name: &str, reference: &str) {
    let kind = serde_json::to_value(kind).unwrap();
    let kind = kind.as_str().unwrap();
    said(talk, channel, customer, &format!("[{kind}]")).await;
    let name = Some(name).filter(|_| kind == "document");
    let mut tx = talk.store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query(
        "update chat_message set file_kind = $2, file_ref = $3, file_name = $4 where id = (select max(id) from chat_message where contact_id = $1)"
    )
    .bind(customer)
    .bind(kind)
    .bind(reference)
    .bind(name)
    .execute(c)
    .await
    .map(|_| ()))
    .unwrap();
    tx.commit().await.unwrap();
}

both!(async fn a_customer_who_wrote_is_answered(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let (actor, now) = (talk.owner(), clock::now());
    talk.sandbox.add_bot("7000000002:AAE-customers", "romashka_bot").unwrap();
    let endpoints = Endpoints { telegram: talk.sandbox.url(), ..Endpoints::default() };
    let token = Secret::new("7000000002:AAE-customers");
    let sealer = Sealer::new(&[7; 32]);
    let channel = channels::add(&talk.store, &sealer, &endpoints, &actor, ChannelKind::Telegram, token, ChannelSettings::default(), now).await.unwrap().id;
    let customer = wrote(&talk, channel, "Ольга", "Где мой заказ?").await;

    // The menu counts who waits; without a licence the words stay and the reason is said.
    talk.types(ANNA, "/menu");
    talk.takes(ANNA, "Сообщения · 1").await;
    talk.sees(ANNA, "Ждёт ответа 1 человек").await;
    talk.takes(ANNA, "Ольга").await;
    talk.sees(ANNA, "Где мой заказ?").await;
    talk.takes(ANNA, "Ответить").await;
    talk.sees(ANNA, "Что ответить").await;
    talk.types(ANNA, "Уже в пути");
    talk.sees(ANNA, "Лицензия не действует").await;
    talk.licensed(licence::PlanCode::START).await;
    talk.types(ANNA, "Уже в пути");
    talk.sees(ANNA, "→").await;

    // A Telegram reply to the notice answers as well, and so does its button.
    tell(&talk, channel, customer, "А когда?").await;
    let notice = talk.sees(ANNA, "А когда?").await;
    talk.sandbox.reply(talk.bot, ANNA, notice.id, "Завтра").unwrap();
    talk.sees(ANNA, "Завтра").await;
    tell(&talk, channel, customer, "Во сколько?").await;
    talk.sees(ANNA, "Во сколько?").await;
    talk.takes(ANNA, "Ответить").await;
    talk.sees(ANNA, "Что ответить").await;
    talk.types(ANNA, "К обеду");
    talk.sees(ANNA, "К обеду").await;
    let queued: i64 = on!(talk.store.read(), |c| sqlx::query_scalar("select count(*) from outgoing where account_id = $1 and purpose = 'reply'").bind(talk.account).fetch_one(c).await).unwrap();
    assert_eq!(queued, 3);

    // What needs no reply waits no more; a file is named.
    tell(&talk, channel, customer, "[photo] Спасибо!").await;
    talk.sees(ANNA, "🖼 Фото: Спасибо!").await;
    talk.goes(ANNA, "Переписка", "🖼 Фото: Спасибо!").await;
    assert_eq!(talk.told(ANNA, "Закрыть").await, "Закрыто: ответ не нужен.");
    talk.goes(ANNA, "Ольга: 🖼 Фото", "✓ Закрыто: Анна").await;
    assert_eq!(talk.told(ANNA, "Открыть снова").await, "Снова ждёт ответа.");
    // The button of before, for the card may show the new words already.
    talk.offers(ANNA, "Закрыть").await;
    let card = talk.sees(ANNA, "🖼 Фото: Спасибо!").await;
    let data = card.button("Закрыть").and_then(|(_, _, button)| button.data.clone()).expect("a button of the bot");
    said(&talk, channel, customer, "И ещё").await;
    let press = talk.sandbox.press_data(talk.bot, ANNA, card.id, &data).unwrap();
    assert_eq!(talk.toast(&press).await, "Пока вы смотрели, клиент написал ещё.");
    talk.sees(ANNA, "И ещё").await;
    talk.goes(ANNA, "Закрыть", "Никто не ждёт ответа").await;
    talk.goes(ANNA, "Ольга: И ещё", "переписка").await;

    // The contact's card leads to the conversation, its history and a personal link.
    talk.takes(ANNA, "Карточка контакта").await;
    talk.sees(ANNA, "@romashka_bot").await;
    talk.takes(ANNA, "История").await;
    talk.sees(ANNA, "история").await;
    talk.takes(ANNA, "Назад").await;
    talk.channel("7000000003:AAE-second").await;
    talk.goes(ANNA, "Ссылка на бота", "На какого бота дать ссылку?").await;
    talk.takes(ANNA, "@romashka_bot").await;
    talk.sees(ANNA, "https://t.me/romashka_bot?start=").await;
    talk.takes(ANNA, "Назад").await;
    talk.takes(ANNA, "Переписка").await;
    talk.sees(ANNA, "К обеду").await;

    // A viewer sees and may not: neither buttons nor files.
    talk.member("olga", Role::Viewer).await;
    talk.comes_in(IVAN, "Ivan", "olga").await;
    talk.takes(IVAN, "Сообщения").await;
    talk.takes(IVAN, "Ольга").await;
    let card = talk.sees(IVAN, "Где мой заказ?").await;
    assert!(card.button("Ответить").is_none());
    talk.sends(IVAN, "клиенты.csv", "Телефон\n89123456781\n");
    talk.sees(IVAN, "Ваша роль этого не позволяет").await;
    talk.ends().await;
});

/// A customer with a chat and a first message.
pub async fn wrote(talk: &Talk, channel: ChannelId, name: &str, body: &str) -> ContactId {
    let now = clock::now();
    let draft = Draft {
        name: Some(name.to_owned()),
        addresses: vec![NewAddress::chat(contact::TELEGRAM, "77009", channel)],
        source: "telegram".to_owned(),
        ..Draft::default()
    };
    let mut tx = talk.store.begin().await.unwrap();
    let customer = contact::create(&mut tx, talk.account, &draft, now).await.unwrap().contact;
    tx.commit().await.unwrap();
    said(talk, channel, customer, body).await;
    customer
}

pub async fn said(talk: &Talk, channel: ChannelId, customer: ContactId, body: &str) {
    let mut tx = talk.store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query(
        "insert into chat_message (account_id, contact_id, channel_id, direction, body, at) values ($1, $2, $3, 'in', $4, $5)"
    )
    .bind(talk.account)
    .bind(customer)
    .bind(channel)
    .bind(body)
    .bind(clock::now())
    .execute(c)
    .await
    .map(|_| ()))
    .unwrap();
    on!(tx.conn(), |c| sqlx::query(mms_core::inbound::queries::LAST_WORD).bind(talk.account).bind(customer).execute(c).await.map(|_| ()))
        .unwrap();
    tx.commit().await.unwrap();
}

/// A message of a customer that the members are told of.
pub async fn tell(talk: &Talk, channel: ChannelId, customer: ContactId, body: &str) {
    said(talk, channel, customer, body).await;
    let payload = json!({ "contact": customer, "channel": channel, "name": "Ольга", "text": body });
    let notice =
        NewNotice { account: talk.account, member: None, kind: NoticeKind::CustomerAnswered, payload, dedupe_key: body.to_owned() };
    let mut tx = talk.store.begin().await.unwrap();
    notice::raise(&mut tx, notice, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
}
