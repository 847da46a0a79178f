//! Clauses of the agreement that one walks through as a user, with real processes. Others are in
//! `agreement.rs` (1.4, 4.1, 8.1, 10.1), `licence_life.rs` (2.2), `campaign_life.rs` (2.4),
//! `bot_life.rs` (3.2) and `operator.rs` (7.2).

use futures::future::join_all;
use mms_core::{
    account::licence,
    campaign::State,
    channel::{ChannelKind, registry::gate, store as channels},
    clock,
    id::ContactId,
    on,
};
use mms_sandbox::User;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::{
    bot_life::Person,
    campaign_life::until_sent,
    cli::refused,
    harness::{Company, Launch, PASSWORD, Shape, World, next_id, phone, until},
};

const APART: Shape = Shape::Apart { workers: 1 };

async fn is_out(world: &World, contact: ContactId) -> bool {
    on!(world.store.read(), |c| sqlx::query_scalar("select opted_out_at is not null from contact where id = $1")
        .bind(contact)
        .fetch_one(c)
        .await)
    .expect("read")
}

/// Waits until the customers' bot said these words to somebody.
async fn hears(world: &World, company: &Company, user: i64, words: &str) {
    until(&format!("a customer to hear «{words}»"), || async {
        world.sandbox.history(company.bot, user).iter().any(|one| one.from_bot && one.text.contains(words)).then_some(())
    })
    .await;
}

/// Clauses 2.3 and 2.4: the licence ends while a campaign runs.
#[tokio::test(flavor = "multi_thread")]
async fn agreement_2_3_a_licence_ends_and_what_the_law_wants_goes_on() {
    let world = World::start(APART).await;
    let company = Company::found(&world, 300).await;
    let anna = Person::new(&world);
    anna.signs_in(&company).await;
    let campaign = company.launch(&world, Launch::default()).await;
    until_sent(&world, 10).await;
    let current = licence::current(&world.store, company.account, clock::now()).await.expect("read").expect("there");
    licence::revoke(&world.store, company.account, current.id, clock::now()).await.expect("revoked");
    // The campaign pauses and says why.
    company.until_state(&world, campaign, State::Paused).await;
    anna.sees("лицензия не действует").await;
    let stands = company.stats(&world, campaign).await.numbers;
    assert!(stands.sent < 300, "the end came too late to prove anything");
    let refused = company.start(&world, company.approved(&world, Launch::default()).await).await.expect_err("refused").to_string();
    assert!(refused.contains("no valid licence"), "{refused}");
    // A stop is carried out, whoever wrote is answered, and what is theirs can be taken out.
    let (asks, leaves) = {
        let mut last = company.customers.iter().rev();
        (last.next().map(|(user, id)| (*user, *id)).expect("one"), last.next().map(|(user, id)| (*user, *id)).expect("two"))
    };
    world.sandbox.send_text(company.bot, leaves.0, "стоп").expect("written");
    until("the opt-out", || async { is_out(&world, leaves.1).await.then_some(()) }).await;
    world.sandbox.send_text(company.bot, asks.0, "До скольки вы открыты?").expect("written");
    anna.sees("До скольки вы открыты?").await;
    anna.presses("Переписка").await;
    anna.presses("Ответить").await;
    anna.sees("Что ответить?").await;
    anna.types("До девяти вечера");
    hears(&world, &company, asks.0, "До девяти вечера").await;
    anna.types("/contacts");
    anna.presses("Выгрузить в Excel").await;
    anna.sees("Выгрузка записана в журнал действий").await;
    company.must_balance(&world, campaign).await;
    world.stop().await;
}

/// Clauses 3.1, 3.3 and 3.4; 3.2, the second factor, is in `bot_life.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn agreement_3_1_a_login_and_a_password_and_3_3_the_way_out_and_3_4_a_theft() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 1).await;
    let anna = Person::new(&world);
    anna.tries(&company, "не тот пароль 42").await;
    anna.sees("Неверный логин или пароль").await;
    anna.types(PASSWORD);
    anna.sees("Владелец").await;
    // Somebody else has the password: the owner hears of it at once, and one press shuts them out.
    let thief = Person::new(&world);
    thief.signs_in(&company).await;
    anna.sees("вход с нового телефона").await;
    anna.presses("Это не я").await;
    anna.sees("Нужен новый пароль").await;
    thief.types("/menu");
    thief.sees("Чтобы начать, войдите").await;
    // What the thief knows opens nothing any more.
    thief.tries(&company, PASSWORD).await;
    thief.sees("его нужно сменить").await;
    anna.types("loshad na marse");
    until("the new password", || async {
        let sql = "select count(*) from member where account_id = $1 and password_due is not null";
        let due: i64 = on!(world.store.read(), |c| sqlx::query_scalar(sql).bind(company.account).fetch_one(c).await).expect("read");
        (due == 0).then_some(())
    })
    .await;
    // The way out, and help at the server, on the record.
    anna.types("/menu");
    anna.presses("Настройки").await;
    anna.presses("Выйти").await;
    anna.presses("Выйти").await;
    anna.sees("войдите").await;
    let account = company.account.to_string();
    let link = world.command(&["admin", "reset-password", "--account", &account, "--login", &company.owner_login], "");
    assert!(link.contains("https://t.me/mms_manager_bot?start="), "{link}");
    let trail = world.command(&["admin", "audit", "show", "--account", &account], "");
    assert!(trail.contains("password"), "{trail}");
    world.stop().await;
}

/// Clause 5.3: what one company may ask of the server at a time is a plan's, and said in words.
#[tokio::test(flavor = "multi_thread")]
async fn agreement_5_3_one_companys_load_has_a_bound_and_the_screen_shows_it() {
    let mut world = World::prepare(Shape::One).await;
    let plans = world.file("plans.toml");
    let text =
        mms_core::account::plan::SHIPPED.replace("ru = \"Без ограничений\"", "load = { imports_an_hour = 1 }\nru = \"Без ограничений\"");
    std::fs::write(&plans, text).expect("written");
    world.set("MMS_BILLING_PLANS", plans.display().to_string());
    world.start_all();
    let company = Company::found(&world, 1).await;
    let account = company.account.to_string();
    let file = world.file("base.csv");
    std::fs::write(&file, "Имя;Телефон\nПётр;89120001122\n").expect("written");
    let path = file.display().to_string();
    let import = ["admin", "import-contacts", "--account", &account, "--file", &path, "--basis", "no-consent", "--origin", "анкеты"];
    assert!(world.command(&import, "").contains("done: 1 rows"));
    let said = refused(&world, &import, "");
    assert!(said.contains("1 files came within an hour"), "{said}");
    let anna = Person::new(&world);
    anna.signs_in(&company).await;
    anna.presses("Настройки").await;
    anna.presses("Лицензия").await;
    let card = anna.sees("Нагрузка").await;
    assert!(
        card.text.contains("Файлы для импорта за час: 1 из 1") && !card.text.contains("На пределе новых не пригласить"),
        "{}",
        card.text
    );
    world.stop().await;
}

/// A webhook of a company's bot that is begun and not ended.
async fn begun(address: &str, (path, secret): &(String, String)) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: a\r\n{}: {secret}\r\nContent-Length: 100\r\n\r\n{{", gate(ChannelKind::Telegram).header);
    stream.write_all(head.as_bytes()).await.expect("begun");
    stream
}

/// Clause 5.3: however many webhooks of one company are under way, another's are taken.
#[tokio::test(flavor = "multi_thread")]
async fn agreement_5_3_one_companys_webhooks_leave_room_for_another() {
    let world = World::start(Shape::One).await;
    let (loud, calm) = (Company::found(&world, 1).await, Company::found(&world, 1).await);
    let url = world.bot.as_ref().expect("it runs").listens().await;
    let hook = async |company: &Company| {
        let row = channels::find(&world.store, company.channel).await.expect("read").expect("there");
        (format!("/hooks/telegram/{}", row.id), row.hook_secret(&world.sealer).expose().to_owned())
    };
    let (loud, calm) = (hook(&loud).await, hook(&calm).await);
    let http = reqwest::Client::new();
    let told = async |(path, secret): &(String, String)| {
        let update = format!("{{\"update_id\":{}}}", next_id());
        let request = http.post(format!("{url}{path}")).header(gate(ChannelKind::Telegram).header, secret).body(update);
        let answer = request.send().await.expect("answered");
        (answer.status().as_u16(), answer.headers().get("retry-after").cloned())
    };
    // Half of the connections that there may be ([http] connections); one that was given up because
    // it took too long is followed by another.
    let address = url.trim_start_matches("http://");
    let under_way = tokio::sync::Mutex::new(join_all((0..256).map(|_| begun(address, &loud))).await);
    let again = until("the company to have its share", || async {
        let (status, again) = told(&loud).await;
        if status != 429 {
            under_way.lock().await.push(begun(address, &loud).await);
        }
        (status == 429).then_some(again)
    })
    .await;
    assert_eq!(again.expect("a time to come again"), "5");
    assert_eq!(told(&calm).await, (200, None));
    drop(under_way);
    until("the company to have room again", || async { (told(&loud).await.0 == 200).then_some(()) }).await;
    world.stop().await;
}

/// Clauses 6.1, 6.2 and 6.3: consent by the person's own word, refusal in words of their own, and
/// the messenger's rule that whoever closed the chat is left alone.
#[tokio::test(flavor = "multi_thread")]
async fn agreement_6_1_consent_6_2_refusal_and_6_3_the_messengers_rules() {
    let world = World::start(APART).await;
    let company = Company::found(&world, 2).await;
    let user = next_id();
    world.sandbox.add_user(User::new(user, "Вера", &phone(user)));
    world.sandbox.press_start(company.bot, user, None).expect("started");
    let newcomer = until("the newcomer to be kept", || async {
        let sql = "select c.id from contact c join address a on a.contact_id = c.id where a.account_id = $1 and a.value = $2";
        let found: Option<ContactId> =
            on!(world.store.read(), |c| sqlx::query_scalar(sql).bind(company.account).bind(user.to_string()).fetch_optional(c).await)
                .expect("read");
        found
    })
    .await;
    // Whoever has not agreed gets no advertising; whoever closed the chat gets nothing at all.
    let mut customers = company.customers.iter().map(|(user, contact)| (*user, *contact));
    let (stays, blocks) = (customers.next().expect("one"), customers.next().expect("two"));
    world.sandbox.block(company.bot, blocks.0).expect("blocked");
    until("the block to be known", || async {
        let sql = "select count(*) from suppression where account_id = $1 and reason = 'blocked' and lifted_at is null";
        let known: i64 = on!(world.store.read(), |c| sqlx::query_scalar(sql).bind(company.account).fetch_one(c).await).expect("read");
        (known == 1).then_some(())
    })
    .await;
    let campaign = company.launch(&world, Launch::default()).await;
    company.until_state(&world, campaign, State::Finished).await;
    let advertised = |user: i64| world.sandbox.ledger().to(company.bot, user).iter().filter(|one| one.text.contains("скидка 10%")).count();
    assert_eq!((advertised(stays.0), advertised(user), advertised(blocks.0)), (1, 0, 0));
    let grade = || async {
        let sql = "select marketing_grade from contact where id = $1";
        let found: Option<i16> = on!(world.store.read(), |c| sqlx::query_scalar(sql).bind(newcomer).fetch_one(c).await).expect("read");
        found
    };
    assert_eq!(grade().await, None);
    // A refusal in words of one's own, with mistakes; the person hears it was heard.
    world.sandbox.send_text(company.bot, stays.0, "отпешите меня пожалуста").expect("written");
    until("the opt-out", || async { is_out(&world, stays.1).await.then_some(()) }).await;
    hears(&world, &company, stays.0, "вы отписаны").await;
    let launched = company.approved(&world, Launch::default()).await;
    let nobody = company.start(&world, launched).await;
    assert!(nobody.is_err() || advertised(stays.0) == 1, "somebody who said stop was written to");
    company.must_balance(&world, campaign).await;
    world.stop().await;
}

/// Clauses 9.1–9.4: the policy is accepted, every import says where its people come from and by
/// what right, and the company's logo is shown only where an owner allowed it.
#[tokio::test(flavor = "multi_thread")]
async fn agreement_9_1_a_policy_9_2_and_9_3_an_origin_and_a_basis_and_9_4_a_logo() {
    let mut world = World::prepare(Shape::One).await;
    let folder = world.file("texts");
    std::fs::create_dir(&folder).expect("made");
    std::fs::write(folder.join("privacy_1.0_2026-01-01_ru.md"), "# Политика\n\nДанные хранятся в России.").expect("written");
    std::fs::write(folder.join("privacy_1.0_2026-01-01_en.md"), "# Policy\n\nData are kept in Russia.").expect("written");
    world.set("MMS_AGREEMENT_FOLDER", folder.display().to_string());
    world.start_all();
    let company = Company::found(&world, 1).await;
    let account = company.account.to_string();
    let file = world.file("base.csv");
    std::fs::write(&file, "Имя;Телефон\nПётр;89120001122\n").expect("written");
    let path = file.display().to_string();
    let import = ["admin", "import-contacts", "--account", &account, "--file", &path];
    assert!(refused(&world, &import, "").contains("--basis"), "without a basis");
    let wordless = [&import[..], &["--basis", "owner-statement", "--origin", " "]].concat();
    assert!(refused(&world, &wordless, "").contains("origin"), "without an origin");
    let whole = [&import[..], &["--basis", "owner-statement", "--origin", "анкеты в магазине"]].concat();
    assert!(world.command(&whole, "").contains("done: 1 rows"));
    let kept: (String, String) =
        on!(world.store.read(), |c| sqlx::query_as("select origin, basis from import where account_id = $1 and state = 'done'")
            .bind(company.account)
            .fetch_one(c)
            .await)
        .expect("read");
    assert_eq!(kept, ("анкеты в магазине".to_owned(), "owner_statement".to_owned()));

    let anna = Person::new(&world);
    anna.tries(&company, PASSWORD).await;
    anna.sees("Прочитайте и примите").await;
    anna.presses("Политика").await;
    anna.sees("Данные хранятся в России").await;
    anna.presses("Принимаю от имени компании").await;
    anna.sees("Всё, что действует, принято").await;
    anna.types("/menu");
    anna.presses("Настройки").await;
    anna.presses("Компания").await;
    let changed = || {
        let trail = world.command(&["admin", "audit", "show", "--account", &account, "--what", "settings"], "");
        trail.lines().filter(|line| line.contains("settings were changed")).count()
    };
    let before = changed();
    anna.presses("Логотип можно показывать").await;
    // Allowed, it is marked; a second press takes it back. Both are on the record.
    anna.presses("✓ Логотип можно показывать").await;
    until("both presses on the record", || async { (changed() == before + 2).then_some(()) }).await;
    world.stop().await;
}

/// Clauses 10.2 and 11: a claim of a recipient and one against the licensor, each with its thirty
/// days.
#[tokio::test(flavor = "multi_thread")]
async fn agreement_10_2_and_11_claims_are_kept_with_their_term_and_answered() {
    let world = World::start(APART).await;
    let company = Company::found(&world, 1).await;
    let account = company.account.to_string();
    let anna = Person::new(&world);
    anna.signs_in(&company).await;
    anna.presses("Ещё").await;
    anna.presses("Поддержка").await;
    anna.presses("Претензии").await;
    anna.presses("Внести претензию").await;
    anna.presses("К нашей компании").await;
    anna.sees("От кого претензия?").await;
    anna.types("Иван Петров");
    anna.sees("В чём претензия?").await;
    anna.types("Написали без согласия");
    anna.sees("Претензия № 1").await;
    anna.presses("Записать ответ").await;
    anna.types("Согласие приложено");
    anna.sees("дан ответ").await;
    anna.types("/menu");
    anna.presses("Ещё").await;
    anna.presses("Поддержка").await;
    anna.presses("Претензии").await;
    anna.presses("Внести претензию").await;
    anna.presses("К лицензиару").await;
    anna.types("Не работало три дня");
    anna.sees("Претензия № 2").await;
    let listed = world.command(&["admin", "claims", "list", "--account", &account], "");
    let due = (clock::now() + chrono::TimeDelta::days(30)).format("%Y-%m-%d").to_string();
    assert!(listed.contains("No. 2") && listed.contains(&due), "{listed}");
    world.command(&["admin", "claims", "answer", "--account", &account, "--number", "2", "--text", "Продлили на три дня"], "");
    anna.sees("Продлили на три дня").await;
    world.stop().await;
}
