//! What a campaign costs, in words: pure.

use mms_core::{
    campaign::{
        audience::Forecast,
        cost::{self, Costs},
    },
    price::Cost,
};

use super::view;
use crate::{i18n::Tr, p, t, words::money};

/// What it would cost, in a line. Of several steps: if everybody is reached by the first message
/// they get, and if every step goes to everybody.
#[must_use]
pub fn outlook(tr: Tr, forecast: &Forecast) -> String {
    let (best, worst) = forecast.cost();
    between(tr, forecast.steps.len() > 1, &best, &worst)
}

fn between(tr: Tr, several: bool, best: &Cost, worst: &Cost) -> String {
    if several && best != worst && worst.priced > 0 {
        t!(tr, "campaigns-cost-between", best = money::cost(tr, best), worst = money::cost(tr, worst))
    } else {
        t!(tr, "campaigns-cost", cost = money::cost(tr, worst))
    }
}

/// The same with a line for each of several steps, where one has a price.
#[must_use]
pub fn forecast(tr: Tr, forecast: &Forecast) -> String {
    let mut html = outlook(tr, forecast);
    let (_, worst) = forecast.cost();
    if forecast.steps.len() > 1 && worst.priced > 0 {
        for step in &forecast.steps {
            let cost = money::between(tr, &step.cost.best, &step.cost.worst);
            html.push('\n');
            html.push_str(&t!(tr, "campaigns-cost-step", step = step.step, channel = &step.channel, cost = cost));
        }
    }
    html
}

/// What it cost, beside what was forecast at the launch; empty where neither was kept.
#[must_use]
pub fn report(tr: Tr, card: &view::Card, costs: &Costs) -> String {
    let Some(spent) = &costs.spent else { return String::new() };
    let all = cost::sum_spent(spent);
    let mut html = t!(tr, "campaigns-spent", cost = money::cost(tr, &all));
    if let Some(steps) = &costs.forecast {
        let (best, worst) = cost::sum(steps.iter());
        if all.priced > 0 || worst.priced > 0 {
            html.push(' ');
            html.push_str(&t!(tr, "campaigns-spent-forecast", cost = money::between(tr, &best, &worst)));
        }
    }
    if spent.len() > 1 && all.priced > 0 {
        for step in spent {
            let channel = card.steps.iter().find(|one| one.step == step.step).and_then(|one| one.channel.as_ref());
            let channel = channel.map_or_else(|| p!(tr, "campaigns-step-no-channel"), |(name, _)| name.clone());
            html.push('\n');
            html.push_str(&t!(tr, "campaigns-cost-step", step = step.step, channel = channel, cost = money::cost(tr, &step.cost)));
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use mms_core::{
        account::Role,
        campaign::{
            State,
            cost::{StepCost, StepSpent},
        },
        price::{Amount, Currency},
    };

    use super::{
        super::{cards, decide, tests as campaigns},
        *,
    };
    use crate::{screens::campaigns::Shown, snapshots};

    fn sums(sums: &[(&str, Currency)], priced: i64, unpriced: i64) -> Cost {
        let sums = sums.iter().map(|(amount, currency)| (*currency, Amount::parse(amount).unwrap())).collect();
        Cost { sums, priced, unpriced }
    }

    /// The first step in two currencies, and some have no price; the second has one price.
    fn steps() -> Vec<StepCost> {
        let first = sums(&[("860", Currency::Rub), ("0.0196", Currency::Eur)], 988, 12);
        let (best, worst) = (sums(&[("5.5664", Currency::Eur)], 284, 0), sums(&[("25.1664", Currency::Eur)], 1_284, 0));
        vec![StepCost { step: 1, best: first.clone(), worst: first }, StepCost { step: 2, best, worst }]
    }

    fn priced(costs: Vec<StepCost>) -> Forecast {
        let mut forecast = campaigns::stepped_forecast();
        for (step, cost) in forecast.steps.iter_mut().zip(costs) {
            step.cost = cost;
        }
        forecast
    }

    /// The first step has no price at all.
    fn half() -> Vec<StepCost> {
        let mut steps = steps();
        (steps[0].best, steps[0].worst) = (sums(&[], 0, 1_000), sums(&[], 0, 1_000));
        steps[1].best = Cost::default();
        steps
    }

    fn unset() -> Vec<StepCost> {
        vec![StepCost { step: 1, best: sums(&[], 0, 1_000), worst: sums(&[], 0, 1_284) }]
    }

    fn over(forecast: Option<Vec<StepCost>>, spent: Vec<StepSpent>) -> Shown {
        Shown { costs: Costs { forecast, spent: Some(spent) }, ..campaigns::two_steps(State::Finished) }
    }

    fn spent() -> Vec<StepSpent> {
        let second = sums(&[("7.84", Currency::Eur)], 400, 0);
        vec![StepSpent { step: 1, cost: sums(&[("851.40", Currency::Rub)], 990, 10) }, StepSpent { step: 2, cost: second }]
    }

    fn forecast_card(tr: Tr, forecast: &Forecast) -> crate::frame::screen::Screen {
        decide::forecast_card(tr, &campaigns::two_steps(State::Draft).card.campaign, forecast, Role::Manager)
    }

    snapshots!(campaigns_cost_forecast, |tr| forecast_card(tr, &priced(steps())));
    snapshots!(campaigns_cost_forecast_half, |tr| forecast_card(tr, &priced(half())));
    snapshots!(campaigns_cost_forecast_unset, |tr| forecast_card(tr, &priced(unset())));
    snapshots!(campaigns_cost_submitted, |tr| {
        let shown = Shown { forecast: Some(Ok(priced(steps()))), ..campaigns::two_steps(State::Submitted) };
        cards::card(tr, &shown, &campaigns::member(Role::Approver))
    });
    snapshots!(campaigns_cost_launch, |tr| {
        decide::launch_card(tr, &campaigns::two_steps(State::Approved).card.campaign, &priced(steps()))
    });
    snapshots!(campaigns_cost_report, |tr| { cards::card(tr, &over(Some(steps()), spent()), &campaigns::member(Role::Manager)) });
    snapshots!(campaigns_cost_report_unset, |tr| {
        let none = vec![StepSpent { step: 1, cost: sums(&[], 0, 1_200) }];
        cards::card(tr, &over(Some(unset()), none), &campaigns::member(Role::Manager))
    });
}
