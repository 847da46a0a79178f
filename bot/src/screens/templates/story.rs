//! The way of a template from its name to its approval, by typing and pressing.

use mms_core::{
    account::{Role, licence::PlanCode},
    both, clock,
    contact::{self, Draft, FieldKind, NewAddress, field},
    template::{Class, versions},
};
use mms_sandbox::telegram::Attachment;
use serde_json::json;

use crate::testing::talk::Talk;

const VERA: i64 = 77_301;
const BORIS: i64 = 77_302;

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
    field::create(&talk.store, &talk.owner(), "city", "Город", FieldKind::Text, clock::now()).await.unwrap();
    person(&talk, "Ольга", "+79161234567", json!({ "city": "Казань" })).await;
    person(&talk, "Пётр", "+79167654321", json!({})).await;
    talk.member("vera", Role::Manager).await;
    talk.member("boris", Role::Approver).await;
    talk.comes_in(VERA, "Vera", "vera").await;
    talk.comes_in(BORIS, "Boris", "boris").await;

    // Name, class, text; what cannot be read is kept and answered with its place.
    talk.goes(VERA, "Шаблоны", "Шаблонов пока нет").await;
    talk.goes(VERA, "Новый шаблон", "Как его назвать?").await;
    talk.says(VERA, &"я".repeat(121), "от 1 до 120").await;
    talk.says(VERA, "Осень", "что это за сообщение?").await;
    talk.goes(VERA, "Реклама", "пришлите текст").await;
    let wrong = talk.says(VERA, "Привет, {{ first_name | uper }}!", "Фильтра uper нет").await;
    assert!(wrong.text.contains("Строка 1, символ"), "{}", wrong.text);
    talk.restarts().await;
    talk.says(VERA, "Привет, {{ first_name }} из города {{ citi }}! {{ advertiser }}", "Проверка: 2 ошибки").await;
    let found = talk.goes(VERA, "Проверка", "Может быть, city?").await;
    assert!(found.text.contains("способа отписаться"), "{}", found.text);
    talk.goes(VERA, "Назад", "Осень · версия 1").await;
    talk.goes(VERA, "На согласование", "Не отправлено").await;
    talk.goes(VERA, "Назад", "Осень · версия 1").await;
    talk.goes(VERA, "Текст", "Сейчас так").await;
    talk.says(VERA, "Привет, {{ first_name }}! {{ advertiser }}", "Проверка: 1 ошибка").await;

    // Variables.
    talk.goes(VERA, "Вставить переменную", "Переменные").await;
    talk.goes(VERA, "Город", "{{ city }}").await;
    talk.goes(VERA, "В конец текста", "{{ advertiser }} {{ city }}").await;
    talk.goes(VERA, "Вставить переменную", "Переменные").await;
    talk.goes(VERA, "Имя", "{{ first_name }}").await;
    talk.goes(VERA, "С запасным значением", "что написать").await;
    talk.says(VERA, &"я".repeat(201), "от 1 до 200").await;
    talk.says(VERA, "дорогой \"друг\"", "{{ first_name | default: \"дорогой друг\" }}").await;

    // Buttons.
    talk.goes(VERA, "Кнопки", "Пока ни одной").await;
    talk.goes(VERA, "Добавить кнопку отписки", "Кнопки").await;
    talk.goes(VERA, "Кнопка со ссылкой", "Что написать на кнопке?").await;
    talk.says(VERA, "Записаться", "Куда ведёт").await;
    talk.says(VERA, "на сайт", "не адрес страницы").await;
    talk.says(VERA, "example.ru/book", "Нажмите на кнопку").await;
    talk.goes(VERA, "Записаться", "https://example.ru/book").await;
    talk.goes(VERA, "Выше", "Нажмите на кнопку").await;
    talk.goes(VERA, "Записаться", "https://example.ru/book").await;
    talk.goes(VERA, "Ниже", "Нажмите на кнопку").await;
    talk.goes(VERA, "Записаться", "https://example.ru/book").await;
    talk.goes(VERA, "Выше", "Нажмите на кнопку").await;
    talk.goes(VERA, "Записаться", "https://example.ru/book").await;
    talk.goes(VERA, "Надпись", "Какой будет надпись").await;
    talk.says(VERA, "Запись", "Нажмите на кнопку").await;
    talk.goes(VERA, "Запись", "https://example.ru/book").await;
    talk.goes(VERA, "Ссылка", "Куда ведёт").await;
    talk.says(VERA, "https://example.ru/?c={{ city | url_encode }}", "Нажмите на кнопку").await;
    talk.goes(VERA, "Кнопка со ссылкой", "Что написать на кнопке?").await;
    talk.says(VERA, "Лишняя https://example.ru", "Нажмите на кнопку").await;
    talk.goes(VERA, "Лишняя", "https://example.ru").await;
    let removed = talk.takes(VERA, "Удалить").await;
    assert_eq!(talk.toast(&removed).await, "Кнопка удалена.");
    let list = talk.sees(VERA, "Нажмите на кнопку").await;
    assert_eq!(list.buttons.len(), 4, "two buttons, one to add, the way back: {:?}", list.buttons);
    talk.goes(VERA, "Назад", "кнопка отписки").await;

    // A file, and none again.
    talk.goes(VERA, "Фото или файл", "пришлите фото или файл").await;
    talk.says(VERA, "вот", "Здесь нужно фото").await;
    let price = Attachment { name: "price.pdf".into(), mime: None, data: b"%PDF-1.4".as_slice().into(), kind: mms_sandbox::telegram::FileKind::Document, caption: String::new() };
    talk.sandbox.send_file(talk.bot, VERA, price).unwrap();
    talk.sees(VERA, "price.pdf").await;
    talk.goes(VERA, "Фото или файл", "Сейчас").await;

    // Previews: the first contact, another one, the worst.
    talk.goes(VERA, "Назад", "price.pdf").await;
    let preview = talk.goes(VERA, "Просмотр", "Привет, Ольга! ООО «Ромашка» Казань Ольга").await;
    assert!(preview.document.is_some() && preview.button("Запись").is_some() && preview.button("Отписаться").is_some());
    assert_eq!(talk.toast(&talk.takes(VERA, "Отписаться").await).await, "Это пример. У получателя кнопка работает.");
    talk.goes(VERA, "другой контакт", "Чьё сообщение").await;
    talk.says(VERA, "Лена", "Никого не нашлось").await;
    talk.says(VERA, "8 916 765-43-21", "Пётр не получит это сообщение").await;
    talk.goes(VERA, "Худшие случаи", "Не получат сообщение: 1").await;
    talk.goes(VERA, "Пётр", "Нет значения city").await;
    talk.goes(VERA, "Назад", "Не получат сообщение: 1").await;
    talk.goes(VERA, "Назад", "Осень · версия 1").await;
    talk.goes(VERA, "Фото или файл", "Сейчас").await;
    talk.goes(VERA, "Убрать файл", "Осень · версия 1").await;
    let before = talk.sandbox.history(talk.bot, VERA).len();
    assert_eq!(talk.toast(&talk.takes(VERA, "Тест себе").await).await, "Отправлено вам. Пример: Ольга.");
    let test = talk.sees(VERA, "Привет, Ольга!").await;
    assert_eq!((talk.sandbox.history(talk.bot, VERA).len(), test.buttons.len()), (before + 1, 2));

    talk.opens(VERA, "Шаблоны", "Шаблоны").await;
    talk.goes(VERA, "Осень", "Осень · версия 1").await;
    talk.goes(VERA, "Просмотр", "Привет, Ольга!").await;
    assert_eq!(talk.told(VERA, "Тест себе").await, "Отправлено вам. Пример: Ольга.");

    // Handing in: warnings are shown first.
    talk.opens(VERA, "Шаблоны", "Шаблоны").await;
    talk.goes(VERA, "Осень", "Осень · версия 1").await;
    talk.goes(VERA, "На согласование", "У 1 из 2 проверенных").await;
    talk.goes(VERA, "Всё равно отправить", "ждёт согласования").await;

    // Returned with a comment.
    talk.sees(BORIS, "Шаблон «Осень» ждёт согласования").await;
    let decide = talk.goes(BORIS, "Открыть", "Образец — Ольга").await;
    assert!(decide.text.contains("Привет, Ольга!") && decide.text.contains("У 1 из 2 проверенных"), "{}", decide.text);
    talk.goes(BORIS, "Вернуть", "Напишите, что исправить").await;
    talk.says(BORIS, "Добавьте запасной город", "возвращён").await;
    talk.sees(VERA, "Добавьте запасной город").await;
    talk.goes(VERA, "Открыть", "Добавьте запасной город").await;
    talk.goes(VERA, "Текст", "Сейчас так").await;
    talk.says(VERA, "Привет, {{ first_name }}! {{ advertiser }}, {{ city | default: \"Москва\" }}", "черновик").await;
    // The link of the button still needs the city: the warning is asked about again.
    talk.goes(VERA, "На согласование", "посмотрите на предупреждения").await;
    talk.goes(VERA, "Всё равно отправить", "ждёт согласования").await;
    talk.sees(BORIS, "ждёт согласования").await;
    talk.goes(BORIS, "Открыть", "Образец — Ольга").await;
    // What was seen is taken back and handed in changed: the old button does not approve it.
    let seen = talk.sees(BORIS, "Образец").await;
    talk.goes(VERA, "Отозвать", "черновик").await;
    talk.goes(VERA, "Текст", "Сейчас так").await;
    talk.says(VERA, "Здравствуйте, {{ first_name }}! {{ advertiser }}, {{ city | default: \"Москва\" }}", "черновик").await;
    talk.goes(VERA, "На согласование", "посмотрите на предупреждения").await;
    talk.goes(VERA, "Всё равно отправить", "ждёт согласования").await;
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
    talk.goes(VERA, "Открыть", "согласован").await;
    talk.takes(VERA, "Ещё…").await;
    talk.goes(VERA, "Вид сообщения", "что это за сообщение?").await;
    talk.goes(VERA, "Сервисное", "Осень · версия 2").await;
    talk.takes(VERA, "Ещё…").await;
    talk.goes(VERA, "Что изменилось", "версия 1 → 2").await;
    talk.goes(VERA, "Сравнить с другой", "С чем сравнить").await;
    talk.goes(VERA, "Версия 1", "версия 1 → 2").await;
    // Back to where the comparison was asked for.
    talk.goes(VERA, "Назад", "Осень · версия 2").await;
    talk.goes(VERA, "Версии", "2 версии").await;
    talk.goes(VERA, "Версия 1", "не последняя версия").await;
    // An older version led to the list of templates.
    talk.goes(VERA, "Назад", "2 версии").await;
    talk.goes(VERA, "Версия 2", "Осень · версия 2").await;
    talk.takes(VERA, "Ещё…").await;
    talk.goes(VERA, "Переименовать", "Новое название").await;
    talk.says(VERA, "Зима", "Зима · версия 2").await;
    talk.takes(VERA, "Ещё…").await;
    talk.goes(VERA, "Копия", "Зима (копия) · версия 1").await;
    talk.takes(VERA, "Ещё…").await;
    talk.goes(VERA, "В архив", "Убрать «Зима (копия)»").await;
    talk.goes(VERA, "Да, в архив", "Шаблоны").await;
    talk.goes(VERA, "Архив", "Архив шаблонов").await;
    talk.goes(VERA, "Зима (копия)", "В архиве").await;
    talk.goes(VERA, "Вернуть из архива", "черновик").await;
    talk.ends().await;
});

// Five thousand messages were made of a template that nobody would get.
both!(async fn nothing_is_looked_over_while_a_template_has_errors(store) {
    let talk = Talk::start(store).await;
    person(&talk, "Ольга", "+79161234567", json!({})).await;
    talk.member("vera", Role::Manager).await;
    talk.comes_in(VERA, "Vera", "vera").await;
    talk.goes(VERA, "Шаблоны", "Шаблонов пока нет").await;
    talk.goes(VERA, "Новый шаблон", "Как его назвать?").await;
    talk.says(VERA, "Осень", "что это за сообщение?").await;
    talk.goes(VERA, "Сервисное", "пришлите текст").await;
    talk.says(VERA, "Ждём вас, {{ nme }}!", "Проверка: 1 ошибка").await;
    talk.goes(VERA, "Просмотр", "Ольга").await;
    let refused = talk.goes(VERA, "Худшие случаи", "Сначала исправьте ошибки").await;
    assert!(refused.text.contains("nme") && !refused.text.contains("Посмотрели"), "{}", refused.text);
    talk.ends().await;
});

// Placeholders of other programs went out as they were written, a title was refused, a paste that
// Telegram had cut in two replaced its own beginning, and the line about the advertiser had to be
// typed.
both!(async fn what_people_paste_is_mended_by_a_press(store) {
    let talk = Talk::start(store).await;
    field::create(&talk.store, &talk.owner(), "city", "Родной город", FieldKind::Text, clock::now()).await.unwrap();
    person(&talk, "", "+79167654321", json!({})).await;
    person(&talk, "Ольга", "+79161234567", json!({ "city": "Казань" })).await;
    talk.member("vera", Role::Manager).await;
    talk.comes_in(VERA, "Vera", "vera").await;
    talk.goes(VERA, "Шаблоны", "Шаблонов пока нет").await;
    talk.goes(VERA, "Новый шаблон", "Как его назвать?").await;
    talk.says(VERA, "Осень", "что это за сообщение?").await;
    talk.goes(VERA, "Реклама", "пришлите текст").await;
    // A title becomes its key; the card says what the check says.
    let card = talk.says(VERA, "#ИМЯ#, ждём! {{ Родной город }} — {промокод}", "{{ city }}").await;
    assert!(card.button("Сделать переменными").is_some() && card.button("Реклама.").is_some(), "{:?}", card.buttons);
    let found = talk.goes(VERA, "Проверка", "#ИМЯ#» уйдёт получателям как есть").await;
    assert!(found.text.contains("{промокод}» уйдёт получателям как есть") && found.text.contains("1 из 2"), "{}", found.text);
    talk.goes(VERA, "Сделать переменными", "{{ first_name }}, ждём! {{ city }} — {промокод}").await;
    let card = talk.goes(VERA, "Реклама. {{ advertiser }}", "Реклама. {{ advertiser }}").await;
    assert!(card.text.contains("{промокод}\n\nРеклама. {{ advertiser }}"), "{}", card.text);
    assert_eq!(talk.told(VERA, "Кнопка отписки").await, "Кнопка отписки добавлена.");
    let card = talk.sees(VERA, "Отписаться — кнопка отписки").await;
    assert!(card.text.contains("Не получат 1 из 2"), "{}", card.text);
    assert!(card.button("Реклама.").is_none() && card.button("Сделать переменными").is_none(), "{:?}", card.buttons);
    // The sample is somebody who gets it.
    talk.goes(VERA, "Просмотр", "Ольга, ждём! Казань").await;
    talk.goes(VERA, "Назад", "Осень · версия 1").await;
    // A paste of exactly one message's length may be half of one.
    talk.goes(VERA, "Текст", "Сейчас так").await;
    talk.says(VERA, &"x".repeat(4_096), "Это весь текст?").await;
    talk.says(VERA, "конец", "ошибк").await;
    talk.goes(VERA, "Проверка", "4\u{a0}101").await;
    talk.goes(VERA, "Назад", "Осень · версия 1").await;
    talk.goes(VERA, "Текст", "Сейчас так").await;
    talk.says(VERA, &"x".repeat(4_096), "Это весь текст?").await;
    talk.goes(VERA, "Это весь текст", "Осень · версия 1").await;
    talk.ends().await;
});

// The second text took the place of a colleague's without a word.
both!(async fn two_who_write_one_text_are_asked(store) {
    let talk = Talk::start(store).await;
    talk.member("vera", Role::Manager).await;
    talk.comes_in(VERA, "Vera", "vera").await;
    let (anna, now) = (talk.owner(), mms_core::clock::now());
    let draft = versions::create(&talk.store, &anna, "Осень", Class::Service, now).await.unwrap();
    let writes = async |body: &str| {
        versions::edit(&talk.store, &anna, draft.id, versions::Edit::Body(body.to_owned()), mms_core::clock::now()).await.unwrap();
    };
    let body = async || versions::version(&talk.store, talk.account, draft.id).await.unwrap().unwrap().body;
    writes("Первый").await;
    talk.opens(VERA, "Шаблоны", "Шаблоны").await;
    talk.goes(VERA, "Осень", "Первый").await;
    talk.goes(VERA, "Текст", "пришлите текст").await;
    writes("Второй").await;
    let question = talk.says(VERA, "Третий", "пока вы писали, текст изменили").await;
    assert!(question.text.contains("Второй"), "{}", question.text);
    assert_eq!(body().await, "Второй");
    // It is about the text that is shown, again.
    writes("Четвёртый").await;
    talk.goes(VERA, "Заменить моим", "Четвёртый").await;
    assert_eq!(body().await, "Четвёртый");
    talk.goes(VERA, "Заменить моим", "Третий").await;
    assert_eq!(body().await, "Третий");
    talk.ends().await;
});

both!(
    // A template was held to Telegram's limits alone: of a button that WhatsApp shows the beginning
    // of nobody was told, and a text that no channel of the company takes was handed in.
    async fn a_template_is_held_to_the_companys_own_channels(store) {
        let talk = Talk::start(store).await;
        talk.member("vera", Role::Manager).await;
        talk.comes_in(VERA, "Vera", "vera").await;
        talk.licensed(PlanCode::BUSINESS).await;
        talk.channel("7000000002:AAE-customers").await;
        talk.first_channel_is("whatsapp").await;
        talk.opens(VERA, "Шаблоны", "Шаблонов пока нет").await;
        talk.goes(VERA, "Новый шаблон", "Как его назвать?").await;
        talk.says(VERA, "Осень", "что это за сообщение?").await;
        talk.goes(VERA, "Сервис", "пришлите текст").await;
        talk.says(VERA, "Здравствуйте, мы ждём вас!", "Осень · версия 1").await;
        talk.goes(VERA, "Кнопки", "Пока ни одной").await;
        talk.goes(VERA, "Кнопка со ссылкой", "Что написать на кнопке?").await;
        talk.says(VERA, "Записаться на удобное время утром https://example.ru/1", "Нажмите на кнопку").await;
        talk.goes(VERA, "Кнопка со ссылкой", "Что написать на кнопке?").await;
        let again = talk.says(VERA, "Записаться на удобное время вечером https://example.ru/2", "Две кнопки будут выглядеть одинаково").await;
        assert!(again.text.contains("«Записаться на удобн…»") && !again.text.contains("касается только"), "{}", again.text);
        talk.says(VERA, "Вечером", "Нажмите на кнопку").await;

        // Beside a channel that takes it, it is a warning that names the other.
        talk.channel_of("7000000003:AAE-second", "second_bot").await;
        talk.goes(VERA, "Кнопка со ссылкой", "Что написать на кнопке?").await;
        talk.says(VERA, "Записаться на удобное время днём https://example.ru/3", "Это касается только: WhatsApp.").await;
        talk.says(VERA, "Днём", "Нажмите на кнопку").await;
        talk.goes(VERA, "Назад", "Проверка: замечаний нет").await;
    }
);
