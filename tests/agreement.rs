//! The clauses of the agreement, with real processes: a text is accepted in the chat, access is
//! closed and a function switched off at the server, a ticket is answered from there.

use mms_core::campaign::State;

use crate::{
    bot_life::Person,
    harness::{Company, Launch, PASSWORD, Shape, World, until},
};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

/// A command that must fail: what it said.
fn refused(world: &World, args: &[&str]) -> String {
    let output = world.output(args, "");
    assert!(!output.status.success(), "mms {args:?} succeeded");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Clauses 1.4 and 1.5.
#[tokio::test(flavor = "multi_thread")]
async fn agreement_1_4_an_owner_reads_and_accepts_at_the_first_sign_in_and_then_launches() {
    for shape in SHAPES {
        let mut world = World::prepare(shape).await;
        let folder = world.file("texts");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("agreement_1.0_2026-01-01_ru.md"), "# Соглашение\n\nСрок ответа 30 дней.").unwrap();
        std::fs::write(folder.join("agreement_1.0_2026-01-01_en.md"), "# Agreement\n\nAn answer within 30 days.").unwrap();
        world.set("MMS_AGREEMENT_FOLDER", folder.display().to_string());
        world.start_all();
        let company = Company::found(&world, 3).await;
        until("the texts to be taken in", || async {
            world.command(&["admin", "agreement", "list"], "").contains("not accepted: ").then_some(())
        })
        .await;
        let campaign = company.approved(&world, Launch::default()).await;
        let error = company.start(&world, campaign).await.expect_err("refused").to_string();
        assert!(error.contains("has to be accepted by an owner first"), "{error}");

        let anna = Person::new(&world);
        anna.types("/login");
        anna.sees("Введите логин").await;
        anna.types(&company.owner_login);
        anna.sees("Введите пароль").await;
        anna.types(PASSWORD);
        anna.sees("Прочитайте и примите").await;
        anna.presses("Лицензионное соглашение").await;
        anna.sees("Срок ответа 30 дней").await;
        anna.presses("Принимаю от имени компании").await;
        anna.sees("Всё, что действует, принято").await;
        company.start(&world, campaign).await.expect("launched");
        company.until_state(&world, campaign, State::Finished).await;
        let trail = world.command(&["admin", "audit", "show", "--account", &company.account.to_string(), "--what", "agreement"], "");
        assert!(trail.contains("agreement"), "{trail}");

        // A new version is told, shown with what it changes, and needed for the next launch.
        std::fs::write(folder.join("agreement_2.0_2026-02-01_ru.md"), "# Соглашение\n\nСрок ответа 10 дней.").unwrap();
        std::fs::write(folder.join("agreement_2.0_2026-02-01_en.md"), "# Agreement\n\nAn answer within 10 days.").unwrap();
        let said = world.command(&["admin", "agreement", "publish"], "");
        assert!(said.contains("2.0"), "{said}");
        let next = company.approved(&world, Launch::default()).await;
        company.start(&world, next).await.expect_err("refused");
        anna.types("/menu");
        anna.presses("Настройки").await;
        anna.presses("Соглашение").await;
        anna.presses("Лицензионное соглашение").await;
        anna.presses("Что изменилось").await;
        anna.sees("10 дней").await;
        anna.presses("Назад").await;
        anna.presses("Принимаю от имени компании").await;
        until("the new version to be accepted", || async { company.start(&world, next).await.ok() }).await;
        company.until_state(&world, next, State::Finished).await;
        // A published text is not changed unseen.
        std::fs::write(folder.join("agreement_2.0_2026-02-01_ru.md"), "# Соглашение\n\nСрок ответа 1 день.").unwrap();
        let said = refused(&world, &["admin", "agreement", "publish"]);
        assert!(said.contains("give the new text a new version"), "{said}");
        company.must_balance(&world, campaign).await;
        world.stop().await;
    }
}

/// Clauses 4.1 and 10.1.
#[tokio::test(flavor = "multi_thread")]
async fn agreement_10_1_access_is_closed_and_opened_at_the_server_and_4_1_a_function_is_off() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 40).await;
        let account = company.account.to_string();
        let anna = Person::new(&world);
        anna.signs_in(&company).await;
        let campaign = company.launch(&world, Launch::default()).await;
        until("some messages to be sent", || async { (company.stats(&world, campaign).await.numbers.sent > 0).then_some(()) }).await;
        let reason = ["--reason", "Жалобы получателей", "--document", "Решение № 7"];
        let suspend = ["admin", "suspend", "--account", &account, "--scope", "all"];
        let said = world.command(&[&suspend[..], &reason[..]].concat(), "");
        assert!(said.contains("closed: all"), "{said}");
        until("nothing to be in flight", || async { (company.stats(&world, campaign).await.numbers.sending == 0).then_some(()) }).await;
        let stands = company.stats(&world, campaign).await.numbers;
        assert!(stands.sent < 40 || stands.queued == 0, "{stands:?}");
        anna.sees("Решение № 7").await;
        anna.types("/menu");
        anna.sees("Доступ закрыт лицензиаром").await;
        // A customer's stop is carried out.
        let person = *company.customers.keys().next_back().expect("a customer");
        world.sandbox.send_text(company.bot, person, "стоп").expect("written");
        let out = "select count(*) from contact where account_id = $1 and opted_out_at is not null";
        until("the opt-out", || async {
            let found: i64 =
                mms_core::on!(world.store.read(), |c| sqlx::query_scalar(out).bind(company.account).fetch_one(c).await).unwrap();
            (found == 1).then_some(())
        })
        .await;
        assert!(refused(&world, &[&suspend[..], &reason[..]].concat()).contains("closed since"));
        world.command(&["admin", "lift", "--account", &account, "--reason", "Проверено"], "");
        anna.sees("Доступ снова открыт").await;
        anna.types("/menu");
        anna.sees("Владелец").await;

        let off = ["admin", "feature", "--account", &account, "--off", "imports", "--reason", "Письмо № 5"];
        assert!(world.command(&off, "").contains("switched off: imports of contacts"));
        assert!(world.command(&["admin", "feature", "--account", &account], "").contains("imports  off since"));
        anna.presses("Ещё").await;
        let more = anna.sees("Ещё").await;
        assert!(more.button("Поддержка").is_some() && more.button("Импорт").is_none(), "what is off is not shown: {:?}", more.buttons);
        let unknown = refused(&world, &["admin", "feature", "--account", &account, "--on", "nothing"]);
        assert!(unknown.contains("there is no function"), "{unknown}");
        company.must_balance(&world, campaign).await;
        world.stop().await;
    }
}

/// Clause 8.1.
#[tokio::test(flavor = "multi_thread")]
async fn agreement_8_1_a_ticket_is_answered_in_the_chat_it_came_from() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 1).await;
        let account = company.account.to_string();
        let anna = Person::new(&world);
        anna.signs_in(&company).await;
        anna.presses("Ещё").await;
        anna.presses("Поддержка").await;
        anna.presses("Новое обращение").await;
        anna.sees("Опишите, что случилось").await;
        anna.types("Не приходит код");
        anna.sees("Обращение № 1").await;
        anna.presses("Приложить сведения").await;
        anna.sees("Уйдёт вот это и ничего больше").await;
        anna.presses("Отправить").await;
        anna.sees("канал telegram").await;
        let listed = world.command(&["admin", "support", "list"], "");
        assert!(listed.contains("No. 1") && listed.contains("to be answered by"), "{listed}");
        let which = ["--account", &account, "--number", "1"];
        let shown = world.command(&[&["admin", "support", "show"], &which[..]].concat(), "");
        assert!(shown.contains("Не приходит код") && shown.contains("mms "), "{shown}");
        world.command(&[&["admin", "support", "answer"], &which[..], &["--text", "Проверьте часы телефона"]].concat(), "");
        anna.sees("Проверьте часы телефона").await;
        world.command(&[&["admin", "support", "close"], &which[..]].concat(), "");
        assert!(world.command(&["admin", "support", "list"], "").contains("every ticket is closed"));
        world.stop().await;
    }
}
