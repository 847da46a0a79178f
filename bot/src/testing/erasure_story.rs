//! A person's data are destroyed on demand as an owner lives it: filed from the card, who signs is
//! asked once, confirmed twice, the act comes as a file, and an import does not bring the person
//! back.

use mms_core::{
    both, clock,
    consent::form as consent_form,
    contact::{self, Draft, NewAddress, import},
};
use tokio_util::sync::CancellationToken;

use super::talk::Talk;

const ANNA: i64 = 77_101;

both!(async fn agreement_9_4_erased_on_demand_and_not_brought_back(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let account = talk.owner().account;
    let mut tx = talk.store.begin().await.expect("begun");
    let draft = Draft {
        name: Some("Акулина Стираемая".to_owned()),
        addresses: vec![NewAddress::phone("+79161234567".to_owned(), "")],
        source: "manual".to_owned(),
        ..Draft::default()
    };
    let contact = contact::create(&mut tx, account, &draft, clock::now()).await.expect("created").contact;
    tx.commit().await.expect("committed");

    talk.types(ANNA, "/contacts");
    talk.sees(ANNA, "Контакты — 1").await;
    talk.takes(ANNA, "Стирание по требованию").await;
    talk.sees(ANNA, "Требований об уничтожении данных нет").await;
    talk.takes(ANNA, "Назад").await;
    talk.sees(ANNA, "Контакты — 1").await;
    talk.types(ANNA, "акулина");
    talk.sees(ANNA, "+7 916 123-45-67").await;
    talk.takes(ANNA, "Удалить").await;
    talk.sees(ANNA, "Удалить контакт?").await;
    talk.takes(ANNA, "Стереть по требованию").await;
    talk.sees(ANNA, "Почему стираем?").await;
    talk.takes(ANNA, "Отозвал согласие").await;
    talk.sees(ANNA, "Кто требует и чем?").await;
    talk.types(ANNA, "х");
    talk.sees(ANNA, "Нужно от 3 до 500").await;
    talk.types(ANNA, "сама, письмом от 12.11.2026");
    talk.sees(ANNA, "Уничтожить данные до").await;
    // It came the day before, and its terms count from there.
    talk.takes(ANNA, "Дата требования").await;
    talk.sees(ANNA, "Когда оно пришло?").await;
    talk.types(ANNA, "на той неделе");
    talk.sees(ANNA, "Это не дата").await;
    talk.types(ANNA, "вчера");
    talk.sees(ANNA, "Уничтожить данные до").await;
    assert_eq!(talk.on_record("erasure.date").await.len(), 1);
    // Who signs is asked once, then a second press destroys.
    talk.takes(ANNA, "Уничтожить данные").await;
    talk.sees(ANNA, "Кто составляет акт?").await;
    talk.types(ANNA, "ООО «Ромашка»");
    talk.sees(ANNA, "Нужны название, адрес").await;
    talk.types(ANNA, "ООО «Ромашка»\nМосква, Полевая, 1\nДиректор, Иван Петров");
    talk.sees(ANNA, "Ждут решения: 1").await;
    talk.takes(ANNA, "№ 1 · до").await;
    talk.sees(ANNA, "Акулина Стираемая").await;
    talk.takes(ANNA, "Уничтожить данные").await;
    talk.sees(ANNA, "Вернуть данные будет нельзя").await;
    talk.takes(ANNA, "Да, уничтожить").await;
    talk.sees(ANNA, "Данные уничтожены").await;
    talk.takes(ANNA, "Акт").await;
    talk.sees(ANNA, "Распечатайте и подпишите").await;
    talk.takes(ANNA, "К требованию").await;
    talk.sees(ANNA, "Данные уничтожены").await;
    talk.takes(ANNA, "Выгрузка из журнала").await;
    talk.sees(ANNA, "Выгрузка из журнала событий").await;
    assert_eq!(talk.on_record("erasure.done").await.len(), 1);
    let gone = contact::card::contact(&talk.store, account, contact).await.expect("read").expect("the row stays");
    assert!(gone.deleted_at.is_some() && gone.name.is_empty());

    // A file that names her: her row is refused, and told by its number.
    talk.sends(ANNA, "клиенты.csv", "ФИО;Телефон\nВера;+79120000009\nАкулина Стираемая;8 916 123-45-67\n");
    talk.sees(ANNA, "Укажите, откуда").await;
    talk.takes(ANNA, "Основание").await;
    talk.sees(ANNA, "На каком основании").await;
    talk.takes(ANNA, "Подписанный документ").await;
    talk.sees(ANNA, "Откуда эти данные").await;
    talk.types(ANNA, "Анкеты с выставки");
    talk.sees(ANNA, "Откуда данные: Анкеты с выставки").await;
    talk.takes(ANNA, "Проверить файл").await;
    talk.sees(ANNA, "стёрт по требованию об уничтожении данных").await;
    talk.takes(ANNA, "Импортировать: 1").await;
    talk.sees(ANNA, "импорт идёт").await;
    let running = import::running(&talk.store).await.expect("read");
    import::run::run(&talk.store, running[0], &CancellationToken::new()).await.expect("run");
    let done = import::get(&talk.store, account, running[0]).await.expect("read").expect("there");
    assert_eq!((done.counts.live.new, done.counts.live.refused.get("erased")), (1, Some(&1)));

    // By hand she is refused, too.
    talk.types(ANNA, "/contacts");
    talk.sees(ANNA, "Контакты — 1").await;
    talk.takes(ANNA, "Новый контакт").await;
    talk.sees(ANNA, "Кого добавить?").await;
    talk.types(ANNA, "Акулина +7 916 123-45-67");
    talk.sees(ANNA, "стёрли по требованию № 1").await;
    talk.ends().await;
});

both!(async fn a_form_of_two_consents_is_a_page_of_ours(store) {
    let talk = Talk::start_reachable(store).await;
    let channel = talk.channel("7000000002:AAE-customers").await;
    let url = format!("{}{}/{}", talk.http, consent_form::PATH, consent_form::code(&talk.sealer(), channel));
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let page = client.get(&url).header("accept-language", "ru").send().await.expect("answered");
    assert_eq!(page.status().as_u16(), 200);
    let policy = page.headers()["content-security-policy"].to_str().expect("words").to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
    let html = page.text().await.expect("read");
    assert!(html.contains("«Ромашка»") && html.matches("type=checkbox").count() == 2 && !html.contains("<script"), "{html}");

    let post = async |body: &str| {
        let sent = client.post(&url).header("accept-language", "ru").header("content-type", "application/x-www-form-urlencoded");
        let answer = sent.body(body.to_owned()).send().await.expect("answered");
        (answer.status().as_u16(), answer.text().await.expect("read"))
    };
    // Neither tick, then a phone that is none: what was typed is still there, and inert.
    let (status, html) = post("name=%3Cb%3E&phone=%2B79161234567").await;
    assert!(status == 422 && html.contains("Без согласия") && html.contains("&lt;b&gt;") && !html.contains("<b>"), "{status} {html}");
    let (status, html) = post("name=Vera&phone=12&data=1").await;
    assert!(status == 422 && html.contains("прочитать не удалось"), "{status} {html}");
    let (status, html) = post("name=Vera&phone=%2B79161234567&data=1&ads=1").await;
    assert!(status == 200 && html.contains("Подтвердите") && html.contains("?start=") && html.contains("<svg"), "{status} {html}");
    // Whoever makes an address up finds nothing.
    let other = format!("{}{}/{}", talk.http, consent_form::PATH, "A".repeat(43));
    assert_eq!(client.get(&other).send().await.expect("answered").status().as_u16(), 404);
    talk.ends().await;
});
