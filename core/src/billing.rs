//! Papers of a purchase: an invoice with the code that a bank's application reads, and an act for
//! the period once it is paid. They are papers between companies of Russia, so they are in Russian
//! whatever language a member reads.

use std::fmt::Write as _;

use chrono::TimeDelta;
use chrono_tz::Tz;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::{
    account::{
        Language,
        licence::Licence,
        order::{self, Order},
    },
    clock::Moment,
    config::Billing,
    paper::{Paper, PaperError},
};

/// What a bank's side sends beside what it tells: `sha256=` and the HMAC-SHA256 of the body in hex.
#[must_use]
pub fn signature(secret: &str, body: &[u8]) -> String {
    // HMAC takes a key of any length; a longer one than its block is hashed first.
    let mut block = [0; 64];
    let bytes = secret.as_bytes();
    let digest = Sha256::digest(bytes);
    let key: &[u8] = if bytes.len() > block.len() { &digest } else { bytes };
    block[..key.len()].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new(&block.into());
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// A sum in kopecks as papers write it: `4 900,00`.
#[must_use]
pub fn sum(kopecks: i64) -> String {
    let (whole, rest) = (kopecks / 100, (kopecks % 100).abs());
    let digits = whole.abs().to_string();
    let mut out = String::from(if whole < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    // Writing to a string does not fail.
    let _ = write!(out, ",{rest:02}");
    out
}

fn day(at: Moment, zone: Tz) -> String {
    at.with_timezone(&zone).format("%d.%m.%Y").to_string()
}

/// The months of an order in words: «1 месяц», «12 месяцев».
fn months(count: i32) -> String {
    let word = match (count % 10, count % 100) {
        (_, 11..=14) => "месяцев",
        (1, _) => "месяц",
        (2..=4, _) => "месяца",
        _ => "месяцев",
    };
    format!("{count} {word}")
}

/// What is sold, as a line of a paper.
fn subject(order: &Order) -> String {
    let plan = order::plan_of(order).map_or_else(|| order.plan.to_string(), |plan| plan.name(Language::Ru).to_owned());
    format!("Лицензия на программу, тариф «{plan}», {}", months(order.months))
}

/// What a payment is for, as a bank shows it.
#[must_use]
pub fn purpose(order: &Order, zone: Tz) -> String {
    format!("Оплата по счету {} от {}", order.id, day(order.created_at, zone))
}

/// What a bank's application reads from the code on an invoice: GOST R 56042-2014, its mark `ST`,
/// version `0001`, `2` for UTF-8, and the fields of a payment order; the sum in kopecks. A value
/// cannot hold the sign between fields.
#[must_use]
pub fn bank_code(billing: &Billing, order: &Order, zone: Tz) -> String {
    let amount = order.amount.to_string();
    let purpose = purpose(order, zone);
    // Without one (an account at the Bank of Russia) the standard wants a nought.
    let corresponding = if billing.corr_account.is_empty() { "0" } else { &billing.corr_account };
    let fields = [
        ("Name", billing.seller.as_str()),
        ("PersonalAcc", &billing.account),
        ("BankName", &billing.bank),
        ("BIC", &billing.bic),
        ("CorrespAcc", corresponding),
        ("Sum", &amount),
        ("Purpose", &purpose),
        ("PayeeINN", &billing.inn),
        ("KPP", &billing.kpp),
    ];
    let mut code = String::from("ST00012");
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(code, "|{name}={}", value.replace('|', " "));
    }
    code
}

fn seller(paper: &mut Paper, billing: &Billing) {
    let all = [
        ("Продавец", billing.seller.as_str()),
        ("ИНН", &billing.inn),
        ("КПП", &billing.kpp),
        ("Адрес", &billing.address),
        ("Расчётный счёт", &billing.account),
        ("Банк", &billing.bank),
        ("БИК", &billing.bic),
        ("Корр. счёт", &billing.corr_account),
    ];
    let there: Vec<(&str, &str)> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    paper.fields(&there);
}

fn goods(paper: &mut Paper, billing: &Billing, order: &Order, what: String) {
    let cost = sum(order.amount);
    paper.table(
        &["№", "Что", "Количество", "Цена, руб.", "Сумма, руб."],
        &[vec!["1".to_owned(), what, "1".to_owned(), cost.clone(), cost.clone()]],
    );
    let total = format!("{cost} руб.");
    let vat = if billing.vat.is_empty() { "по закону" } else { &billing.vat };
    paper.fields(&[("Итого", &total), ("НДС", vat)]);
}

/// An invoice for a bank, as PDF.
///
/// # Errors
/// [`PaperError`].
pub fn invoice(billing: &Billing, order: &Order, zone: Tz) -> Result<Vec<u8>, PaperError> {
    let mut paper = Paper::new(&format!("Счёт № {} от {}", order.id, day(order.created_at, zone)), Language::Ru);
    paper.heading("Кому платить");
    seller(&mut paper, billing);
    paper.heading("Кто платит");
    paper.fields(&[("Покупатель", &order.buyer), ("ИНН", &order.buyer_inn)]);
    paper.heading("За что");
    goods(&mut paper, billing, order, subject(order));
    let purpose = purpose(order, zone);
    paper.text(&format!("Назначение платежа: {purpose}."));
    paper.text(&format!("Цена действует до {}. Лицензия начинает действовать в день оплаты; оплаченное не возвращается, кроме случаев, когда возврата требует закон. Условия приняты при заказе.", day(order.expires_at, zone)));
    paper.qr(
        &bank_code(billing, order, zone),
        "Код для оплаты в приложении банка (ГОСТ Р 56042-2014). Покупателю — организации или предпринимателю — проще взять реквизиты выше.",
    );
    if !billing.signer.is_empty() {
        paper.sign_lines(&[(&billing.signer_post, &billing.signer)]);
    }
    paper.finish()
}

/// An act for the period of a licence that an order paid for, as PDF.
///
/// # Errors
/// [`PaperError`].
pub fn act(billing: &Billing, order: &Order, licence: &Licence, zone: Tz) -> Result<Vec<u8>, PaperError> {
    let from = day(licence.valid_from, zone);
    let last = day(licence.valid_until - TimeDelta::milliseconds(1), zone);
    let mut paper = Paper::new(&format!("Акт № {} от {from}", order.id), Language::Ru);
    paper.text("о передаче права использования программы");
    paper.heading("Продавец");
    seller(&mut paper, billing);
    paper.heading("Покупатель");
    paper.fields(&[("Покупатель", &order.buyer), ("ИНН", &order.buyer_inn)]);
    paper.heading("Предмет");
    goods(&mut paper, billing, order, format!("{}, с {from} по {last}", subject(order)));
    paper.text(&format!(
        "Право использования передано {from} по счёту № {} от {}. Стороны не имеют претензий друг к другу.",
        order.id,
        day(order.created_at, zone)
    ));
    paper.sign_lines(&[(&format!("Продавец: {}", billing.signer_post), &billing.signer), ("Покупатель", "")]);
    paper.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::{
            licence::PlanCode,
            order::{OrderState, Way},
        },
        config::Config,
        id::{AccountId, LicenceId, MemberId},
    };

    fn billing() -> Billing {
        let config = Config::load(None, &std::collections::BTreeMap::new()).expect("the defaults");
        Billing {
            seller: "ООО «Лицензиар»".to_owned(),
            inn: "7707083893".to_owned(),
            kpp: "770701001".to_owned(),
            address: "Москва, ул. Примерная, 1".to_owned(),
            account: "40702810900000000001".to_owned(),
            bank: "АО «Пример-Банк»".to_owned(),
            bic: "044525000".to_owned(),
            corr_account: "30101810400000000225".to_owned(),
            signer_post: "Директор".to_owned(),
            signer: "И. И. Иванов".to_owned(),
            vat: "Без НДС (УСН)".to_owned(),
            ..config.billing
        }
    }

    fn order() -> Order {
        let at: Moment = "2026-12-01T09:00:00Z".parse().expect("a moment");
        Order {
            id: 17,
            account_id: AccountId(uuid::Uuid::nil()),
            member_id: MemberId(uuid::Uuid::nil()),
            plan: PlanCode::START,
            months: 12,
            amount: 4_900_000,
            currency: "RUB".to_owned(),
            way: Way::Bank,
            state: OrderState::Open,
            terms: String::new(),
            buyer: "ООО «Ромашка», ИНН 7707083893, Казань".to_owned(),
            buyer_inn: "7707083893".to_owned(),
            created_at: at,
            expires_at: at + TimeDelta::days(5),
            licence_id: None,
        }
    }

    const ZONE: Tz = chrono_tz::Europe::Moscow;

    // RFC 4231, case 2.
    #[test]
    fn a_signature_is_an_hmac() {
        let hash = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", b"what do ya want for nothing?"), format!("sha256={hash}"));
        let long = signature(&"k".repeat(131), b"x");
        assert_ne!(long, signature(&"k".repeat(132), b"x"));
    }

    #[test]
    fn sums_are_written_as_papers_write_them() {
        let table = [(5, "0,05"), (490_000, "4\u{a0}900,00"), (100_000_000, "1\u{a0}000\u{a0}000,00"), (99_999, "999,99")];
        for (kopecks, words) in table {
            assert_eq!(sum(kopecks), words);
        }
        let table = [(1, "1 месяц"), (3, "3 месяца"), (11, "11 месяцев"), (12, "12 месяцев"), (24, "24 месяца")];
        for (count, words) in table {
            assert_eq!(months(count), words);
        }
    }

    #[test]
    fn a_bank_reads_the_code_by_the_standard() {
        let code = bank_code(&billing(), &order(), ZONE);
        assert_eq!(
            code,
            "ST00012|Name=ООО «Лицензиар»|PersonalAcc=40702810900000000001|BankName=АО «Пример-Банк»|BIC=044525000\
             |CorrespAcc=30101810400000000225|Sum=4900000|Purpose=Оплата по счету 17 от 01.12.2026|PayeeINN=7707083893|KPP=770701001"
        );
        let sly = Billing { seller: "ООО|Sum=1".to_owned(), ..billing() };
        assert!(bank_code(&sly, &order(), ZONE).contains("|Name=ООО Sum=1|"));
    }

    #[test]
    fn an_invoice_and_an_act_are_papers() {
        let licence = Licence {
            id: LicenceId(uuid::Uuid::nil()),
            account_id: AccountId(uuid::Uuid::nil()),
            plan: PlanCode::START,
            valid_from: "2026-12-02T09:00:00Z".parse().expect("a moment"),
            valid_until: "2027-12-02T09:00:00Z".parse().expect("a moment"),
            revoked_at: None,
        };
        for paper in [invoice(&billing(), &order(), ZONE), act(&billing(), &order(), &licence, ZONE)] {
            let paper = paper.expect("a paper");
            assert!(paper.starts_with(b"%PDF-") && paper.len() > 2_000);
        }
        assert_eq!(invoice(&billing(), &order(), ZONE).expect("a paper"), invoice(&billing(), &order(), ZONE).expect("a paper"));
    }
}
