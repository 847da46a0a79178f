//! Names of occasions in a filter: `visit.last < 60d`, `order.sum_365d >= 10000`, `deal.stage =
//! "Счёт отправлен"`.
//!
//! What counts is what took place or is to: cancelled occasions never do, and a visit that was
//! missed is no visit.

use crate::contact::occasion::OccasionKind;

/// What a filter asks of a contact's occasions of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub kind: OccasionKind,
    pub what: What,
    /// As it is written in a filter.
    pub word: &'static str,
    /// As screens name it.
    pub ru: &'static str,
    pub en: &'static str,
    /// Other ways people write it, folded.
    pub aliases: &'static [&'static str],
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The day of the latest one that has begun.
    Last,
    /// The day of the first one to come.
    Next,
    /// How many have begun; of a period, in so many days.
    Count(Option<u16>),
    /// Their sum, in the currency's units; of a period, in so many days.
    Sum(Option<u16>),
    /// A text that any of them has, cancelled ones too, for a stage is where one stands.
    Any(Part),
}

/// A text of an occasion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Stage,
    Title,
    Staff,
    Place,
}

impl Part {
    /// Its name in `occasion.folded`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Title => "title",
            Self::Staff => "staff",
            Self::Place => "place",
        }
    }
}

macro_rules! told {
    ($($kind:ident: { $($what:expr, $word:literal, $ru:literal, $en:literal $(, $alias:literal)*;)+ })+) => {
        /// Every name of occasions.
        pub const TOLD: &[Told] = &[$($(Told {
            kind: OccasionKind::$kind,
            what: $what,
            word: $word,
            ru: $ru,
            en: $en,
            aliases: &[$($alias),*],
        },)+)+];
    };
}

told! {
    Visit: {
        What::Last, "visit.last", "Последний визит", "Last visit", "был в последний раз", "последняя запись", "последнее посещение";
        What::Next, "visit.next", "Следующий визит", "Next visit", "будущий визит", "следующая запись", "запись на будущее";
        What::Count(None), "visit.count", "Число визитов", "Number of visits", "визитов", "визиты", "посещений", "visits";
        What::Count(Some(30)), "visit.count_30d", "Число визитов за 30 дней", "Number of visits in 30 days", "визитов за 30 дней", "визитов за месяц", "число визитов за месяц";
        What::Count(Some(90)), "visit.count_90d", "Число визитов за 90 дней", "Number of visits in 90 days", "визитов за 90 дней";
        What::Count(Some(180)), "visit.count_180d", "Число визитов за 180 дней", "Number of visits in 180 days", "визитов за 180 дней", "визитов за полгода", "число визитов за полгода";
        What::Count(Some(365)), "visit.count_365d", "Число визитов за 365 дней", "Number of visits in 365 days", "визитов за 365 дней", "визитов за год", "число визитов за год";
        What::Sum(None), "visit.sum", "Сумма визитов", "Sum of visits", "потратил на визиты";
        What::Sum(Some(30)), "visit.sum_30d", "Сумма визитов за 30 дней", "Sum of visits in 30 days", "сумма визитов за месяц";
        What::Sum(Some(90)), "visit.sum_90d", "Сумма визитов за 90 дней", "Sum of visits in 90 days";
        What::Sum(Some(180)), "visit.sum_180d", "Сумма визитов за 180 дней", "Sum of visits in 180 days", "сумма визитов за полгода";
        What::Sum(Some(365)), "visit.sum_365d", "Сумма визитов за 365 дней", "Sum of visits in 365 days", "сумма визитов за год";
        What::Any(Part::Title), "visit.title", "Услуга визита", "Service of a visit", "услуга", "услуги";
        What::Any(Part::Staff), "visit.staff", "Мастер визита", "Master of a visit", "мастер", "специалист";
        What::Any(Part::Place), "visit.place", "Филиал визита", "Branch of a visit", "филиал";
        What::Any(Part::Stage), "visit.stage", "Статус визита", "Status of a visit", "статус записи";
    }
    Order: {
        What::Last, "order.last", "Последний заказ", "Last order", "последняя покупка";
        What::Count(None), "order.count", "Число заказов", "Number of orders", "заказов", "заказы", "покупок", "orders";
        What::Count(Some(30)), "order.count_30d", "Число заказов за 30 дней", "Number of orders in 30 days", "заказов за 30 дней", "заказов за месяц", "число заказов за месяц";
        What::Count(Some(90)), "order.count_90d", "Число заказов за 90 дней", "Number of orders in 90 days", "заказов за 90 дней";
        What::Count(Some(180)), "order.count_180d", "Число заказов за 180 дней", "Number of orders in 180 days", "заказов за 180 дней", "заказов за полгода", "число заказов за полгода";
        What::Count(Some(365)), "order.count_365d", "Число заказов за 365 дней", "Number of orders in 365 days", "заказов за 365 дней", "заказов за год", "число заказов за год";
        What::Sum(None), "order.sum", "Сумма заказов", "Sum of orders", "сумма покупок";
        What::Sum(Some(30)), "order.sum_30d", "Сумма заказов за 30 дней", "Sum of orders in 30 days", "сумма заказов за месяц";
        What::Sum(Some(90)), "order.sum_90d", "Сумма заказов за 90 дней", "Sum of orders in 90 days";
        What::Sum(Some(180)), "order.sum_180d", "Сумма заказов за 180 дней", "Sum of orders in 180 days", "сумма заказов за полгода";
        What::Sum(Some(365)), "order.sum_365d", "Сумма заказов за 365 дней", "Sum of orders in 365 days", "сумма заказов за год";
        What::Any(Part::Title), "order.title", "Что в заказе", "What is in an order", "номер заказа";
        What::Any(Part::Staff), "order.staff", "Менеджер заказа", "Manager of an order";
        What::Any(Part::Place), "order.place", "Магазин заказа", "Shop of an order", "магазин";
        What::Any(Part::Stage), "order.stage", "Статус заказа", "Status of an order";
    }
    Deal: {
        What::Last, "deal.last", "Последняя сделка", "Last deal";
        What::Count(None), "deal.count", "Число сделок", "Number of deals", "сделок", "сделки", "deals";
        What::Count(Some(30)), "deal.count_30d", "Число сделок за 30 дней", "Number of deals in 30 days", "сделок за 30 дней", "сделок за месяц", "число сделок за месяц";
        What::Count(Some(90)), "deal.count_90d", "Число сделок за 90 дней", "Number of deals in 90 days", "сделок за 90 дней";
        What::Count(Some(180)), "deal.count_180d", "Число сделок за 180 дней", "Number of deals in 180 days", "сделок за 180 дней", "сделок за полгода", "число сделок за полгода";
        What::Count(Some(365)), "deal.count_365d", "Число сделок за 365 дней", "Number of deals in 365 days", "сделок за 365 дней", "сделок за год", "число сделок за год";
        What::Sum(None), "deal.sum", "Сумма сделок", "Sum of deals";
        What::Sum(Some(30)), "deal.sum_30d", "Сумма сделок за 30 дней", "Sum of deals in 30 days", "сумма сделок за месяц";
        What::Sum(Some(90)), "deal.sum_90d", "Сумма сделок за 90 дней", "Sum of deals in 90 days";
        What::Sum(Some(180)), "deal.sum_180d", "Сумма сделок за 180 дней", "Sum of deals in 180 days", "сумма сделок за полгода";
        What::Sum(Some(365)), "deal.sum_365d", "Сумма сделок за 365 дней", "Sum of deals in 365 days", "сумма сделок за год";
        What::Any(Part::Title), "deal.title", "Название сделки", "Name of a deal";
        What::Any(Part::Staff), "deal.staff", "Ответственный за сделку", "Responsible for a deal";
        What::Any(Part::Place), "deal.place", "Воронка сделки", "Pipeline of a deal", "воронка";
        What::Any(Part::Stage), "deal.stage", "Этап сделки", "Stage of a deal", "этап", "стадия сделки";
    }
    Payment: {
        What::Last, "payment.last", "Последняя оплата", "Last payment";
        What::Count(None), "payment.count", "Число оплат", "Number of payments", "оплат", "оплаты", "payments";
        What::Sum(None), "payment.sum", "Сумма оплат", "Sum of payments";
        What::Sum(Some(30)), "payment.sum_30d", "Сумма оплат за 30 дней", "Sum of payments in 30 days", "сумма оплат за месяц";
        What::Sum(Some(90)), "payment.sum_90d", "Сумма оплат за 90 дней", "Sum of payments in 90 days";
        What::Sum(Some(365)), "payment.sum_365d", "Сумма оплат за 365 дней", "Sum of payments in 365 days", "сумма оплат за год";
        What::Any(Part::Stage), "payment.stage", "Статус оплаты", "Status of a payment";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::text::fold;

    #[test]
    fn every_name_is_its_own() {
        let mut seen = BTreeSet::new();
        for told in TOLD {
            let kind: &str = told.kind.into();
            assert_eq!(told.word.split_once('.').map(|(first, _)| first), Some(kind), "{}", told.word);
            let ways = [told.word, told.ru, told.en].map(fold).into_iter().chain(told.aliases.iter().map(|alias| fold(alias)));
            for way in ways {
                assert!(seen.insert(way.clone()), "`{way}` names two things");
            }
        }
    }
}
