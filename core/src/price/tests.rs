//! The price room on both engines.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::{
    typed::{BadPrice, read as read_typed},
    *,
};
use crate::{
    account::{Actor, Language, Role},
    both, clock,
    store::audit,
    testing,
    text::said::places,
};

const WHATSAPP: (ChannelKind, Category) = (ChannelKind::Whatsapp, Category::Marketing);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn price(amount: &str, currency: Currency) -> Price {
    Price { amount: Amount::parse(amount).unwrap(), currency }
}

fn charged((provider, category): (ChannelKind, Category)) -> Charged {
    Charged { provider, category, own_alone: false }
}

fn own(country: Option<&str>, since: &str, price: Option<Price>) -> Own {
    let (provider, category) = WHATSAPP;
    Own { provider, category, country: country.map(str::to_owned), since: day(since), price }
}

#[test]
fn every_file_can_be_read_and_names_its_sources() {
    for file in FILES {
        let rates = read(file).expect("a file of prices");
        assert!(!rates.is_empty() && rates.iter().all(|rate| !rate.source.is_empty()));
        for rate in rates {
            let country = rate.country.as_deref();
            assert!(country.is_none_or(|country| settings::region(country).as_deref() == Ok(country)), "{country:?}");
        }
    }
}

/// The figures of the contracts and no other (contracts/messengers/viber.md, 0; telegram.md, 4).
#[test]
fn no_rate_is_made_up() {
    let (none, later) = (Prices::default(), day("2026-12-01"));
    let viber = |country| none.on(charged((ChannelKind::Viber, Category::Marketing)), country, later);
    assert_eq!(viber(Some("RU")), Some(price("0.0196", Currency::Eur)));
    assert_eq!((viber(Some("BY")), viber(Some("AM"))), (Some(price("0.0138", Currency::Eur)), Some(price("0.0138", Currency::Eur))));
    assert_eq!((viber(Some("KZ")), viber(None)), (None, None));
    let telegram = charged((ChannelKind::Telegram, Category::Utility));
    assert_eq!(none.on(telegram, None, later).map(|price| price.amount), Some(Amount::ZERO));
    assert_eq!(none.on(Charged { own_alone: true, ..telegram }, None, later), None, "speed that is paid for is in no file");
    assert_eq!(none.on(telegram, None, day("2026-11-27")), None, "before it was read nothing is said");
    for provider in [ChannelKind::Max, ChannelKind::Vk, ChannelKind::Whatsapp] {
        for category in Category::OF_CAMPAIGNS {
            assert_eq!(none.on(charged((provider, category)), Some("RU"), later), None);
        }
    }
}

#[test]
fn a_price_is_of_the_day_and_the_nearest_one_holds() {
    let (first, later, kazakh) = (price("0.86", Currency::Rub), price("0.90", Currency::Rub), price("3.5", Currency::Kzt));
    let prices = Prices::of_own(vec![
        own(None, "2026-11-10", Some(first)),
        own(None, "2026-11-20", Some(later)),
        own(Some("KZ"), "2026-11-15", Some(kazakh)),
        own(Some("KZ"), "2026-11-25", None),
    ]);
    let on = |country, text| prices.on(charged(WHATSAPP), country, day(text));
    assert_eq!([on(None, "2026-11-09"), on(None, "2026-11-10"), on(Some("RU"), "2026-11-19")], [None, Some(first), Some(first)]);
    assert_eq!([on(None, "2026-11-20"), on(Some("KZ"), "2026-11-14")], [Some(later), Some(first)]);
    assert_eq!(
        [on(Some("KZ"), "2026-11-15"), on(Some("KZ"), "2026-11-25")],
        [Some(kazakh), Some(later)],
        "taken away, the general one holds"
    );
    let utility = charged((ChannelKind::Whatsapp, Category::Utility));
    assert_eq!(prices.on(utility, None, day("2026-11-30")), None, "another category has its own price");
    assert!(prices.by_country(charged(WHATSAPP)) && !prices.by_country(utility));
    let changes = prices.changes(&[charged(WHATSAPP)], day("2026-11-10"), day("2026-11-25"));
    assert_eq!(changes.into_iter().collect::<Vec<_>>(), ["2026-11-15", "2026-11-20", "2026-11-25"].map(day));
    let shown =
        |text| prices.own(WHATSAPP.0, WHATSAPP.1, day(text)).iter().map(|own| (own.country.as_deref(), own.price)).collect::<Vec<_>>();
    assert_eq!(shown("2026-11-20"), [(Some("KZ"), Some(kazakh)), (None, Some(later))]);
    assert_eq!(shown("2026-11-25"), [(None, Some(later))]);
}

#[test]
fn a_price_is_read_as_people_write_it() {
    let typed = |country: Option<&str>, amount, currency| Ok(Typed { country: country.map(str::to_owned), price: price(amount, currency) });
    for (text, meant) in [
        ("0,86 ₽", typed(None, "0.86", Currency::Rub)),
        ("0.86руб.", typed(None, "0.86", Currency::Rub)),
        ("€0.0196", typed(None, "0.0196", Currency::Eur)),
        ("0,0196 EUR за сообщение", typed(None, "0.0196", Currency::Eur)),
        ("Казахстан 3,5 тенге", typed(Some("KZ"), "3.5", Currency::Kzt)),
        ("Россия: 1 000 ₽", typed(Some("RU"), "1000", Currency::Rub)),
        ("2 рубля, Беларусь", typed(Some("BY"), "2", Currency::Rub)),
        ("BR 5 USD", typed(Some("BR"), "5", Currency::Usd)),
        ("AM 0.0138 €", typed(Some("AM"), "0.0138", Currency::Eur)),
        ("0", typed(None, "0", Currency::Rub)),
        ("бесплатно", typed(None, "0", Currency::Rub)),
        ("1,234.5 USD", typed(None, "1234.5", Currency::Usd)),
        ("Viber", Err(BadPrice::Amount)),
        ("", Err(BadPrice::Amount)),
        ("-5 ₽", Err(BadPrice::Amount)),
        ("5", Err(BadPrice::Currency)),
        ("5 тугриков", Err(BadPrice::Currency)),
        ("5 ₽ 6 ₽", Err(BadPrice::Amount)),
        ("5 ₽ €", Err(BadPrice::Currency)),
        ("0,0000001 ₽", Err(BadPrice::Amount)),
        ("10 001 ₽", Err(BadPrice::TooMuch)),
        ("Нарния 5 ₽", Err(BadPrice::Country)),
    ] {
        assert_eq!(read_typed(text), meant, "{text}");
    }
}

/// As screens part thousands in either language.
fn grouped(exact: &str, russian: bool) -> String {
    let (whole, fraction) = exact.split_once('.').unwrap();
    let (between, point) = if russian { ("\u{a0}", ',') } else { (",", '.') };
    let head = whole.len() % 3;
    let threes = whole.as_bytes()[head..].chunks(3).map(|three| std::str::from_utf8(three).unwrap());
    let parts: Vec<&str> = Some(&whole[..head]).filter(|head| !head.is_empty()).into_iter().chain(threes).collect();
    format!("{}{point}{fraction}", parts.join(between))
}

proptest! {
    /// With the comma of one language and the point of the other, with sign, code, country.
    #[test]
    fn whatever_a_screen_shows_of_a_price_is_read_back(
        millionths in 0_i64..=10_000_000_000,
        currency in (0..<Currency as strum::VariantArray>::VARIANTS.len()),
        country in prop::sample::select(vec!["", "RU", "KZ", "BY", "AM", "US"]),
        russian: bool,
    ) {
        let currency = <Currency as strum::VariantArray>::VARIANTS[currency];
        let exact = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
        let amount = Amount::parse(&exact).unwrap();
        let shown = grouped(&amount.exact(), russian);
        let named = if country.is_empty() { String::new() } else { format!("{}: ", places::country_name(country, russian)) };
        let wanted = Typed { country: Some(country.to_owned()).filter(|country| !country.is_empty()), price: Price { amount, currency } };
        for text in [format!("{named}{shown}\u{a0}{}", currency.sign()), format!("{named}{shown} {}", currency.code())] {
            prop_assert_eq!(read_typed(&text), Ok(wanted.clone()), "{}", text);
        }
    }

    /// No text makes it fail otherwise than by an error.
    #[test]
    fn any_text_is_a_price_or_none(text in ".{0,40}") {
        if let Ok(typed) = read_typed(&text) {
            prop_assert!(typed.price.amount <= Amount::MOST);
        }
    }
}

both!(async fn an_account_sets_and_takes_away_its_prices(store) {
    let now = clock::now();
    let founded = testing::found(&store, "anna", "korova na lune", now).await;
    let owner = Actor { account: founded.account, member: founded.owner, role: Role::Owner, language: Language::Ru, name: "Анна".to_owned() };
    let manager = Actor { role: Role::Manager, ..owner.clone() };
    let typed = |text: &str| read_typed(text).unwrap();
    let refused = set(&store, &manager, WHATSAPP, &typed("0,86 ₽"), now).await;
    assert!(matches!(refused, Err(AccountError::Forbidden(Right::Own))));
    assert!(matches!(clear(&store, &manager, WHATSAPP, now).await, Err(AccountError::Forbidden(Right::Own))));
    for text in ["0,86 ₽", "0,86 ₽", "KZ 3,5 KZT", "0,90 ₽"] {
        set(&store, &owner, WHATSAPP, &typed(text), now).await.unwrap();
    }
    let today = today(&store, owner.account, now).await.unwrap();
    let prices = Prices::load(&store, owner.account).await.unwrap();
    let on = |prices: &Prices, country, day| prices.on(charged(WHATSAPP), country, day);
    assert_eq!(on(&prices, Some("RU"), today), Some(price("0.90", Currency::Rub)), "of one day the last word counts");
    assert_eq!(on(&prices, Some("KZ"), today), Some(price("3.5", Currency::Kzt)));
    assert_eq!(on(&prices, None, today - TimeDelta::days(1)), None);
    let later = now + TimeDelta::days(2);
    clear(&store, &owner, WHATSAPP, later).await.unwrap();
    clear(&store, &owner, WHATSAPP, later).await.unwrap();
    let prices = Prices::load(&store, owner.account).await.unwrap();
    assert_eq!(on(&prices, Some("KZ"), today), Some(price("3.5", Currency::Kzt)), "what was sent before keeps its price");
    let gone = today + TimeDelta::days(2);
    assert_eq!((on(&prices, Some("KZ"), gone), on(&prices, None, gone)), (None, None));
    let trail = audit::entries(&store, owner.account, 0, 50).await.unwrap();
    let actions: Vec<&str> = trail.iter().map(|entry| entry.action.as_str()).filter(|action| action.starts_with("price.")).collect();
    assert_eq!(actions, ["price.set", "price.set", "price.set", "price.clear"], "what changes nothing is not written down");
    let other = testing::found(&store, "boris", "korova na lune", now).await;
    assert!(Prices::load(&store, other.account).await.unwrap().own.is_empty());
});
