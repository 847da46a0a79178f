//! A table as a CRM, in the chat: its address, its columns, three people, the first load begun; an
//! address that asks for a password; a table that is not like the one before.

use mms_core::{
    both, clock,
    crm::{
        CrmError, connection, lease,
        unusable::{Unusable, Why},
    },
};
use mms_sandbox::spreadsheet::Fault;

use super::story::{ANNA, goes, says_id};
use crate::testing::talk::{Talk, until};

const AT: &str = "files.example/clients.csv";
const CARD: &str = "files.example · CSV, XLSX";
const TABLE: &str = "Код;Имя;Телефон;Город\n7;Анна;8 912 345-67-89;Орёл\n8;Борис;+7 912 000-00-01;\n;Вера;+7 912 000-00-02;\n";

/// Sends an address, and sees that its message goes whatever became of it.
async fn sends(talk: &Talk, text: &str, words: &str) {
    says_id(talk, text, words).await;
}

both!(async fn a_table_is_connected_looked_at_and_begun(store) {
    let talk = Talk::start_reachable(store).await;
    talk.tables.put(AT, TABLE);
    talk.tables.close(AT, "anna", "s3cr3t");
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.opens(ANNA, "CRM", "CRM не подключена").await;
    goes(&talk, "Подключить CRM", "Какая у вас CRM?").await;
    goes(&talk, "CSV, XLSX", "Адрес таблицы").await;
    sends(&talk, "http://files.example/clients.csv", "Это не адрес файла").await;
    sends(&talk, "/etc/passwd", "не в папке, которую разрешил сервер").await;
    sends(&talk, "https://files.example/nothing.csv", "Файла по этому адресу нет").await;
    sends(&talk, "https://files.example/clients.csv", "Файл просит пароль").await;
    talk.tables.fault(AT, Fault::Page);
    sends(&talk, "https://files.example/clients.csv anna s3cr3t", "пришла веб-страница").await;
    sends(&talk, "https://files.example/clients.csv anna s3cr3t", CARD).await;
    talk.sees(ANNA, "Ещё не загружается").await;
    goes(&talk, "Поля", "Поля CRM").await;
    goes(&talk, "Код", "Сейчас это: Ключ строки").await;
    goes(&talk, "Назад", "Поля CRM").await;
    goes(&talk, "Город", "Сейчас не используется").await;
    goes(&talk, "Новое поле «Город»", "Используется").await;
    goes(&talk, "Назад", CARD).await;
    let shown = goes(&talk, "Трое людей", "Какими придут люди").await.text;
    for words in ["Анна", "…67-89", "Город: Орёл", "Реклама: согласия нет", "Всего людей: 2", "Строк без ключа, не взяты: 1 (строки 4)"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("345"), "no whole phone is shown: {shown}");
    goes(&talk, "Начать", "Первая загрузка").await;
    goes(&talk, "Как часто читать", "Как часто смотреть").await;
    goes(&talk, "раз в час", "Читаем раз в час").await;
    goes(&talk, "Согласия", "Записать нельзя").await;
    goes(&talk, "Назад", CARD).await;

    // A worker found another table.
    let row = connection::list(&talk.store, talk.account).await.unwrap().remove(0);
    let now = clock::now();
    let lease = lease::take(&talk.store, row.id, "test", now).await.unwrap().unwrap();
    let fewer = Unusable { before: 40, now: 2, hash: Some("0f".to_owned()), ..Unusable::because(Why::Fewer) };
    connection::failed(&talk.store, &lease, &row, &CrmError::from(fewer), now).await.unwrap();
    lease.release(&talk.store).await.unwrap();
    talk.sees(ANNA, "Таблица «clients.csv»").await;
    goes(&talk, "Открыть", "В файле 2 человек, а было 40").await;
    goes(&talk, "Так и надо, взять этот файл", CARD).await;
    // The card says the same until a worker has read that file.
    until(|| async { connection::list(&talk.store, talk.account).await.unwrap()[0].settings.accepted.as_deref() == Some("0f") }).await;
    goes(&talk, "Отключить", "Адрес файла удалим").await;
    goes(&talk, "Да, отключить", "CRM не подключена").await;
    talk.ends().await;
});
