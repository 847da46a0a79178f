//! The way of a template from its name to its approval, by typing and pressing.

use mms_core::{
    account::{Actor, Language, Role},
    both, clock,
    contact::{self, Draft, FieldKind, NewAddress, field},
};
use mms_sandbox::telegram::{Attachment, Message};
use serde_json::json;

use crate::testing::talk::Talk;

const VERA: i64 = 77_301;
const BORIS: i64 = 77_302;

/// Waits until the bot's newest message has a button with these characters, and presses it.
async fn press(talk: &Talk, id: i64, text: &str) -> String {
    let within = std::time::Duration::from_secs(30);
    talk.sandbox.expect_last(talk.bot, id, within, |message| message.button(text).is_some()).await.unwrap();
    talk.presses(id, text)
}

/// Presses and waits for a screen with these words.
async fn goes(talk: &Talk, id: i64, button: &str, words: &str) -> Message {
    press(talk, id, button).await;
    talk.sees(id, words).await
}

/// Types and waits for a screen with these words.
async fn says(talk: &Talk, id: i64, typed: &str, words: &str) -> Message {
    talk.types(id, typed);
    talk.sees(id, words).await
}

async fn person(talk: &Talk, name: &str, phone: &str, attributes: serde_json::Value) {
    let draft = Draft {
        first_name: Some(name.to_owned()),
        attributes: attributes.as_object().cloned().unwrap(),
        addresses: vec![NewAddress::phone(phone.to_owned(), phone)],
        source: "manual".to_owned(),
        ..Draft::default()
    };
    let mut tx = talk.store.begin().await.unwrap();
    contact::create(&mut tx, talk.account, &draft, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
}

both!(async fn a_template_goes_from_its_name_to_its_approval(store) {
    let mut talk = Talk::start(store).await;
    let owner = Actor { account: talk.account, member: talk.owner, role: Role::Owner, language: Language::Ru, name: "Анна".to_owned() };
    field::create(&talk.store, &owner, "city", "Город", FieldKind::Text, clock::now()).await.unwrap();
    person(&talk, "Ольга", "+79161234567", json!({ "city": "Казань" })).await;
    person(&talk, "Пётр", "+79167654321", json!({})).await;
    // A manager writes: an owner would be told of their own template too.
    talk.member("vera", Role::Manager).await;
    talk.member("boris", Role::Approver).await;
    talk.person(VERA, "Vera").await;
    talk.signs_in(VERA, "vera").await;
    talk.person(BORIS, "Boris").await;
    talk.signs_in(BORIS, "boris").await;

    // Name, class, text; what cannot be read is kept and answered with its place.
    goes(&talk, VERA, "Шаблоны", "Шаблонов пока нет").await;
    goes(&talk, VERA, "Новый шаблон", "Как его назвать?").await;
    says(&talk, VERA, &"я".repeat(121), "от 1 до 120").await;
    says(&talk, VERA, "Осень", "что это за сообщение?").await;
    goes(&talk, VERA, "реклама", "пришлите текст").await;
    let wrong = says(&talk, VERA, "Привет, {{ first_name | uper }}!", "Фильтра uper нет").await;
    assert!(wrong.text.contains("Строка 1, знак"), "{}", wrong.text);
    talk.restarts().await;
    says(&talk, VERA, "Привет, {{ first_name }} из города {{ citi }}! {{ advertiser }}", "Проверка: 2 ошибки").await;
    let found = goes(&talk, VERA, "Проверка", "Может быть, city?").await;
    assert!(found.text.contains("способа отписаться"), "{}", found.text);
    goes(&talk, VERA, "Назад", "Осень · версия 1").await;
    goes(&talk, VERA, "На согласование", "Не отправлено").await;
    goes(&talk, VERA, "Назад", "Осень · версия 1").await;
    goes(&talk, VERA, "Текст", "Сейчас так").await;
    says(&talk, VERA, "Привет, {{ first_name }}! {{ advertiser }}", "Проверка: 1 ошибка").await;

    // Variables.
    goes(&talk, VERA, "Вставить переменную", "Переменные").await;
    goes(&talk, VERA, "Город", "{{ city }}").await;
    goes(&talk, VERA, "В конец текста", "{{ advertiser }} {{ city }}").await;
    goes(&talk, VERA, "Вставить переменную", "Переменные").await;
    goes(&talk, VERA, "Имя", "{{ first_name }}").await;
    goes(&talk, VERA, "С запасным значением", "что написать").await;
    says(&talk, VERA, &"я".repeat(201), "от 1 до 200").await;
    says(&talk, VERA, "дорогой \"друг\"", "{{ first_name | default: \"дорогой друг\" }}").await;

    // Buttons.
    goes(&talk, VERA, "Кнопки", "Пока ни одной").await;
    goes(&talk, VERA, "Добавить кнопку отписки", "Кнопки").await;
    goes(&talk, VERA, "Кнопка со ссылкой", "Что написать на кнопке?").await;
    says(&talk, VERA, "Записаться", "Куда ведёт").await;
    says(&talk, VERA, "на сайт", "не адрес страницы").await;
    says(&talk, VERA, "example.ru/book", "Нажмите на кнопку").await;
    goes(&talk, VERA, "Записаться", "https://example.ru/book").await;
    goes(&talk, VERA, "Выше", "Нажмите на кнопку").await;
    goes(&talk, VERA, "Записаться", "https://example.ru/book").await;
    goes(&talk, VERA, "Надпись", "Какой будет надпись").await;
    says(&talk, VERA, "Запись", "Нажмите на кнопку").await;
    goes(&talk, VERA, "Запись", "https://example.ru/book").await;
    goes(&talk, VERA, "Ссылка", "Куда ведёт").await;
    says(&talk, VERA, "https://example.ru/?c={{ city | url_encode }}", "Нажмите на кнопку").await;
    goes(&talk, VERA, "Кнопка со ссылкой", "Что написать на кнопке?").await;
    says(&talk, VERA, "Лишняя https://example.ru", "Нажмите на кнопку").await;
    goes(&talk, VERA, "Лишняя", "https://example.ru").await;
    let removed = press(&talk, VERA, "Удалить").await;
    assert_eq!(talk.toast(&removed).await, "Кнопка удалена.");
    let list = talk.sees(VERA, "Нажмите на кнопку").await;
    assert_eq!(list.buttons.len(), 4, "two buttons, one to add, the way back: {:?}", list.buttons);
    goes(&talk, VERA, "Назад", "кнопка отписки").await;

    // A file, and none again.
    goes(&talk, VERA, "Фото или файл", "пришлите фото или файл").await;
    says(&talk, VERA, "вот", "Здесь нужно фото").await;
    let price = Attachment { name: "price.pdf".into(), mime: None, data: b"%PDF-1.4".as_slice().into(), photo: false, caption: String::new() };
    talk.sandbox.send_file(talk.bot, VERA, price).unwrap();
    talk.sees(VERA, "price.pdf").await;
    goes(&talk, VERA, "Фото или файл", "Сейчас").await;

    // Previews: the first contact, another one, the worst.
    goes(&talk, VERA, "Назад", "price.pdf").await;
    let preview = goes(&talk, VERA, "Просмотр", "Привет, Ольга! ООО «Ромашка» Казань Ольга").await;
    assert!(preview.document.is_some() && preview.button("Запись").is_some() && preview.button("Отписаться").is_some());
    assert_eq!(talk.toast(&press(&talk, VERA, "Отписаться").await).await, "Это образец: у получателя кнопка сработает.");
    goes(&talk, VERA, "другой контакт", "Чьё сообщение").await;
    says(&talk, VERA, "Лена", "Никто не нашёлся").await;
    says(&talk, VERA, "8 916 765-43-21", "Пётр не получит это сообщение").await;
    goes(&talk, VERA, "Худшие случаи", "Не получат сообщение: 1").await;
    goes(&talk, VERA, "Пётр", "Нет значения city").await;
    goes(&talk, VERA, "Назад", "Осень · версия 1").await;
    goes(&talk, VERA, "Фото или файл", "Сейчас").await;
    goes(&talk, VERA, "Убрать файл", "Осень · версия 1").await;
    let before = talk.sandbox.history(talk.bot, VERA).len();
    assert_eq!(talk.toast(&press(&talk, VERA, "Тест себе").await).await, "Отправлено вам: сообщение для Ольга.");
    let test = talk.sees(VERA, "Привет, Ольга!").await;
    assert_eq!((talk.sandbox.history(talk.bot, VERA).len(), test.buttons.len()), (before + 1, 2));

    // Handing in: warnings are shown first.
    talk.types(VERA, "/menu");
    talk.sees(VERA, "vera · Менеджер").await;
    goes(&talk, VERA, "Шаблоны", "Шаблоны").await;
    goes(&talk, VERA, "Осень", "Осень · версия 1").await;
    goes(&talk, VERA, "На согласование", "У 1 из 2 проверенных").await;
    goes(&talk, VERA, "Всё равно отправить", "ждёт согласования").await;

    // Returned with a comment.
    talk.sees(BORIS, "Шаблон «Осень» ждёт согласования").await;
    let decide = goes(&talk, BORIS, "Открыть", "Образец — Ольга").await;
    assert!(decide.text.contains("Привет, Ольга!") && decide.text.contains("У 1 из 2 проверенных"), "{}", decide.text);
    goes(&talk, BORIS, "Вернуть", "Напишите, что исправить").await;
    says(&talk, BORIS, "Добавьте запасной город", "возвращён").await;
    talk.sees(VERA, "Добавьте запасной город").await;
    goes(&talk, VERA, "Открыть", "Добавьте запасной город").await;
    goes(&talk, VERA, "Текст", "Сейчас так").await;
    says(&talk, VERA, "Привет, {{ first_name }}! {{ advertiser }}, {{ city | default: \"Москва\" }}", "черновик").await;
    // The link of the button still needs the city: the warning is asked about again.
    goes(&talk, VERA, "На согласование", "посмотрите на предупреждения").await;
    goes(&talk, VERA, "Всё равно отправить", "ждёт согласования").await;
    talk.sees(BORIS, "ждёт согласования").await;
    goes(&talk, BORIS, "Открыть", "Образец — Ольга").await;
    // What was seen is taken back and handed in changed: the old button does not approve it.
    let seen = talk.sees(BORIS, "Образец").await;
    goes(&talk, VERA, "Отозвать", "черновик").await;
    goes(&talk, VERA, "Текст", "Сейчас так").await;
    says(&talk, VERA, "Здравствуйте, {{ first_name }}! {{ advertiser }}, {{ city | default: \"Москва\" }}", "черновик").await;
    goes(&talk, VERA, "На согласование", "посмотрите на предупреждения").await;
    goes(&talk, VERA, "Всё равно отправить", "ждёт согласования").await;
    let (row, column, _) = seen.button("Согласовать").unwrap();
    let pressed = talk.sandbox.press(talk.bot, BORIS, seen.id, row, column).unwrap();
    assert!(matches!(pressed, mms_sandbox::telegram::Pressed::Callback(_)));
    talk.sandbox
        .until(std::time::Duration::from_secs(30), |telegram| {
            telegram.message(talk.bot, BORIS, seen.id).filter(|message| message.text.contains("Здравствуйте, Ольга!"))
        })
        .await
        .expect("the card shows what is there now");
    let fresh = talk.sandbox.message(talk.bot, BORIS, seen.id).unwrap();
    let (row, column, _) = fresh.button("Согласовать").unwrap();
    talk.sandbox.press(talk.bot, BORIS, seen.id, row, column).unwrap();
    talk.sees(VERA, "Шаблон «Осень» согласован").await;

    // An edit of the approved one is a new version; what changed is shown.
    goes(&talk, VERA, "Открыть", "согласован").await;
    goes(&talk, VERA, "Класс", "что это за сообщение?").await;
    goes(&talk, VERA, "сервисное", "Осень · версия 2").await;
    goes(&talk, VERA, "Что изменилось", "версия 1 → 2").await;
    goes(&talk, VERA, "Сравнить с другой", "С чем сравнить").await;
    goes(&talk, VERA, "Версия 1", "версия 1 → 2").await;
    goes(&talk, VERA, "Назад", "Осень · версия 2").await;
    goes(&talk, VERA, "Версии", "2 версии").await;
    goes(&talk, VERA, "Версия 1", "не последняя версия").await;
    goes(&talk, VERA, "Назад", "Шаблоны").await;
    goes(&talk, VERA, "Осень", "Осень · версия 2").await;
    goes(&talk, VERA, "Переименовать", "Новое название").await;
    says(&talk, VERA, "Зима", "Зима · версия 2").await;
    goes(&talk, VERA, "Копия", "Зима (копия) · версия 1").await;
    goes(&talk, VERA, "В архив", "Убрать «Зима (копия)»").await;
    goes(&talk, VERA, "Да, в архив", "Шаблоны").await;
    goes(&talk, VERA, "Архив", "Архив шаблонов").await;
    goes(&talk, VERA, "Зима (копия)", "В архиве").await;
    goes(&talk, VERA, "Вернуть из архива", "черновик").await;
    talk.ends().await;
});
