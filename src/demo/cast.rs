//! Who plays: a flower shop, its two members, its customer bot, its customers.

use anyhow::anyhow;
use mms_core::{
    account::{
        Actor, Language, Role,
        licence::{self, PlanCode},
        member::{self, NewMember},
        settings,
    },
    clock,
    founding::{self, NewAccount},
    secret::{Secret, token},
};
use mms_sandbox::{
    User,
    amocrm::{Lead, Seed},
    phone::Phone,
};

use super::Stage;

/// The owner's login.
pub const OWNER_LOGIN: &str = "anna";
/// The approver's login.
pub const APPROVER_LOGIN: &str = "boris";
/// Both members' password.
pub const PASSWORD: &str = "tri kota na kryshe";
/// The owner's Telegram id.
pub const OWNER: i64 = 10_001;
/// The approver's Telegram id.
pub const APPROVER: i64 = 10_002;
/// The first customer's Telegram id; the others follow.
pub const FIRST_CUSTOMER: i64 = 20_001;
/// Contacts in the CRM.
pub const CONTACTS: u64 = 1_000;

/// Who plays.
pub struct Cast {
    /// The owner, as changes want to know her.
    pub owner: Actor,
    /// The owner's phone with the managers' bot.
    pub anna: Phone,
    /// The approver's phone with the managers' bot.
    pub boris: Phone,
    /// The shop's own bot in Telegram.
    pub shop_bot: i64,
    /// Its token, as BotFather gave it to Anna.
    pub shop_token: String,
}

fn wrong(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("{error}")
}

/// Founds the shop: what `mms admin` does on a real server.
pub async fn found(stage: &Stage) -> anyhow::Result<Cast> {
    let now = clock::now();
    let password = Secret::new(PASSWORD);
    let founded = founding::create(
        &stage.store,
        &NewAccount {
            name: "Ромашка",
            zone: "Europe/Moscow",
            language: stage.language,
            phone_region: "RU",
            advertiser: "ООО «Ромашка», ИНН 7700000000",
            owner_login: OWNER_LOGIN,
            owner_password: &password,
            owner_name: "Анна",
        },
        now,
    )
    .await?;
    licence::issue(&stage.store, founded.account, PlanCode::BUSINESS, now, now + chrono::TimeDelta::days(30), now).await?;
    let owner =
        Actor { account: founded.account, member: founded.owner, role: Role::Owner, language: stage.language, name: "Анна".to_owned() };
    // The shop's customers speak Russian, whatever the tour does.
    settings::change(&stage.store, &owner, &settings::Change::Language(Language::Ru), now).await.map_err(wrong)?;
    let approver =
        NewMember { login: APPROVER_LOGIN, password: &password, name: "Борис", role: Role::Approver, language: stage.language };
    member::add(&stage.store, &owner, &approver, now).await?;

    for (id, name, phone) in [(OWNER, "Анна", "+79990000001"), (APPROVER, "Борис", "+79990000002")] {
        // The bot greets a stranger in the language of their phone.
        let language_code = Some(stage.language.as_str().to_owned());
        stage.sandbox.add_user(User { language_code, ..User::new(id, name, phone) });
    }
    let shop_token = format!("7000000002:AAE-romashka-{}", token(8));
    let shop_bot = stage.sandbox.add_bot(&shop_token, "romashka_demo_bot").map_err(wrong)?;
    stage.sandbox.name_bot(shop_bot, "Цветы «Ромашка»").map_err(wrong)?;
    stage.amo.seed(&Seed { count: CONTACTS, ..Seed::default() });
    // A deal, so that there is one to be seen on the first customer's card.
    if let Some(first) = stage.amo.contact_ids().first() {
        stage.amo.add_lead(Lead::of(*first, "Букет ко дню рождения", 4_500));
    }
    Ok(Cast {
        owner,
        anna: stage.sandbox.phone(stage.manager_bot, OWNER),
        boris: stage.sandbox.phone(stage.manager_bot, APPROVER),
        shop_bot,
        shop_token,
    })
}

/// The page with the phones of the tour's people.
pub fn page(stage: &Stage, cast: &Cast) -> String {
    let managers = stage.manager_bot;
    let shop = cast.shop_bot;
    let customers: Vec<String> = (0..3).map(|n| format!("{}:{shop}", FIRST_CUSTOMER + n)).collect();
    let language = stage.language.as_str();
    format!("{}/?phones={OWNER}:{managers},{APPROVER}:{managers},{}&lang={language}", stage.sandbox.url(), customers.join(","))
}
