//! Every screen of campaigns, in both languages.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use mms_core::{
    account::{Actor, Language, Role, usage::MessagesLeft},
    campaign::{
        Audience, Campaign, NextOn, State, Step, UncertainPolicy,
        audience::{Correspondents, Forecast, Newcomers, StepForecast},
        cost::{Costs, StepCost},
        handed::{self, Handed, HandedStep},
        lawful::StepLaw,
        night::Night,
        results::Results,
        view::{Card, CardDaily, CardReview, CardStanding, CardStep, CardTemplate, NextRule, Numbers, Who, WhoRow},
    },
    channel::{Button as MessageButton, ButtonAction, Category, ChannelKind, ReviewState, registry},
    contact::{card::Found, segment::Segment},
    delivery::{
        self, Count, People, Responses,
        kept::{self, Kept},
        stats::Stats,
    },
    id::{AccountId, CampaignId, ContactId, MemberId, SegmentId, TemplateId, VersionId},
    law::{self, Country, Profile, Switched},
    price::Cost,
    template::{
        Class, Content, Rendered, TemplateButton,
        engine::{Place, RenderError},
        links::Targets,
        lint::{Finding, Problem, Severity},
        versions::{Listed, Version, VersionState},
    },
    text::{Rich, Span, Style},
    words::{Reason, Why},
};

use super::{
    Call, Shown, Side, cards, changes, choose, clip, decide, decided, lawful, list, people, progress, results, reviewed, steps, when,
};
use crate::{
    frame::{
        fit,
        page::Page,
        screen::{Action, Button},
    },
    snapshots, testing,
};

fn id(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(n)
}

pub(crate) fn campaign(state: State) -> Campaign {
    let now = testing::moment();
    let launched = state.live() || matches!(state, State::Finished | State::Stopped);
    let planned = launched && !matches!(state, State::Scheduled | State::Planning);
    Campaign {
        id: CampaignId(id(1)),
        account_id: AccountId(uuid::Uuid::nil()),
        name: "Скидки <ноября> & подарки".to_owned(),
        state,
        state_reason: None,
        steps: vec![Step {
            step: 1,
            channel: Some(mms_core::id::ChannelId(id(5))),
            version: Some(VersionId(id(2))),
            next_on: NextOn::Never,
            wait_seconds: 0,
        }],
        audience: Audience { include: vec![SegmentId(id(3))], exclude: vec![SegmentId(id(4))], undecided: false },
        starts_at: (state == State::Scheduled).then_some(now + TimeDelta::hours(18)),
        ends_at: Some(now + TimeDelta::hours(30)),
        uncertain_policy: UncertainPolicy::Leave,
        comment: None,
        submitted_hash: Some("0badc0de00".to_owned()),
        approved_hash: None,
        submitted_by: Some(MemberId(id(6))),
        submitted_at: Some(now),
        approved_by: None,
        approved_at: None,
        launched_by: None,
        launched_at: launched.then_some(now),
        confirmed_count: launched.then_some(1_284),
        planned_at: planned.then_some(now),
        finished_at: matches!(state, State::Finished | State::Stopped | State::Failed).then_some(now + TimeDelta::seconds(75)),
        created_by: MemberId(id(6)),
        created_at: now,
        updated_at: now,
    }
}

fn named(campaign: Campaign) -> Card {
    Card {
        numbers: Numbers { audience: 1_500, planned: 1_284, queued: 700, sending: 3, sent: 575, ..Numbers::default() },
        by_step: BTreeMap::new(),
        steps: vec![CardStep {
            step: 1,
            template: Some(CardTemplate { name: "Осень".to_owned(), number: 3, class: Class::Advertising, approved: true }),
            channel: Some(("Ромашка".to_owned(), true)),
            next: None,
            review: None,
            daily: None,
        }],
        include: vec![(SegmentId(id(3)), Some("VIP".to_owned())), (SegmentId(id(7)), Some("Казань".to_owned()))],
        exclude: vec![(SegmentId(id(4)), None)],
        created_by: "Борис".to_owned(),
        submitted_by: Some("Борис".to_owned()),
        approved_by: Some("Вера".to_owned()),
        launched_by: Some("Анна".to_owned()),
        campaign,
    }
}

fn empty() -> Card {
    let nothing = Step { step: 1, channel: None, version: None, next_on: NextOn::Never, wait_seconds: 0 };
    let campaign = Campaign { steps: vec![nothing], audience: Audience::undecided(), ends_at: None, ..campaign(State::Draft) };
    let nothing = CardStep { step: 1, template: None, channel: None, next: None, review: None, daily: None };
    Card { steps: vec![nothing], include: Vec::new(), exclude: Vec::new(), ..named(campaign) }
}

/// Numbers with their reasons.
fn numbers() -> Numbers {
    let plain = |planned, state, n| {
        let person = delivery::Person::of(state, false, false);
        Count { step: 1, variant: 1, planned, person, state, reason: None, n }
    };
    let count = |planned, state, reason: Reason, n| Count { reason: Some(reason.into()), ..plain(planned, state, n) };
    Numbers::of(&[
        plain(true, delivery::State::Queued, 700),
        plain(true, delivery::State::Sending, 3),
        plain(true, delivery::State::Sent, 563),
        count(true, delivery::State::Failed, Reason::Blocked, 9),
        count(true, delivery::State::Failed, Reason::AttemptsExhausted, 3),
        count(true, delivery::State::Skipped, Reason::OptedOut, 4),
        count(false, delivery::State::Skipped, Reason::OptedOut, 16),
        count(false, delivery::State::Skipped, Reason::NoAddress, 200),
        count(true, delivery::State::Uncertain, Reason::NoAnswer, 2),
    ])
}

fn stats() -> Stats {
    Stats { numbers: numbers(), rate: 29.6, remaining: Some(std::time::Duration::from_secs(24)), read_after: None }
}

fn ended() -> Stats {
    resting(Numbers { queued: 0, sending: 0, sent: 1_266, ..numbers() })
}

fn resting(numbers: Numbers) -> Stats {
    Stats { numbers, ..Stats::default() }
}

/// What people did after it.
fn responses() -> Responses {
    Responses { replied: 31, opted_out: 7, blocked: 0 }
}

/// What came of several.
fn came(campaigns: i64) -> Results {
    let numbers = Numbers { audience: 7_000, planned: 6_400, left_out: 600, sent: 6_399, failed: 1, ..Numbers::default() };
    Results { campaigns, numbers, responses: Responses { replied: 180, opted_out: 1, blocked: 6 } }
}

pub(super) fn shown(campaign: Campaign) -> Shown {
    let responses = Responses::default();
    Shown {
        card: named(campaign),
        stats: stats(),
        responses,
        before: None,
        costs: Costs::default(),
        changes: None,
        forecast: None,
        samples: Vec::new(),
        targets: Vec::new(),
        parts: Vec::new(),
        alone: false,
    }
}

fn forecast(too_late: i64) -> Forecast {
    let now = testing::moment();
    Forecast {
        audience: 1_500,
        planned: 1_284,
        skipped: vec![(Reason::OptedOut, 16), (Reason::NoAddress, 199), (Reason::FrequencyCap, 1)],
        steps: vec![StepForecast {
            step: 1,
            channel: "Ромашка".to_owned(),
            begin: 1_284,
            most: 1_284,
            rate: 30.0,
            waiting: 21,
            cost: free(1, 1_284),
            people: None,
            daily: None,
        }],
        starts_at: now,
        duration: TimeDelta::seconds(44),
        finishes_at: now + TimeDelta::seconds(44),
        latest: now + TimeDelta::seconds(44),
        too_late,
        month: None,
        night: None,
        again: 0,
        law: Vec::new(),
    }
}

/// Messages that cost nothing.
fn free(step: i16, n: i64) -> StepCost {
    let cost = Cost { priced: n, ..Cost::default() };
    StepCost { step, best: cost.clone(), worst: cost }
}

/// It would wake the recipients, or some of them, when it begins or before it ends; many got
/// advertising today.
fn at_night(people: i64, at_start: bool) -> Forecast {
    let local = chrono::NaiveTime::from_hms_opt(4, 18, 0).unwrap();
    Forecast { night: Some(Night { people, local, at_start }), again: 376, ..forecast(0) }
}

/// The plan leaves `left` messages of the month.
fn limited(left: i64) -> Forecast {
    Forecast { month: Some(MessagesLeft { allowed: 10_000, left }), ..forecast(0) }
}

/// What the law says of advertising through Telegram, to a company that said so much of itself.
fn told(profile: &Profile) -> Vec<StepLaw> {
    let day = "2026-11-30".parse().unwrap();
    let ask = law::Ask { class: Class::Advertising, kind: ChannelKind::Telegram, personal: true, day };
    let rulings = law::book().rulings(profile, ask);
    vec![StepLaw { step: 1, channel: "Ромашка".to_owned(), kind: ask.kind, class: ask.class, rulings }]
}

fn of_russia(category: law::Category) -> Profile {
    Profile { country: Some(Country::Ru), category: Some(category), ..Profile::default() }
}

fn with_law(profile: &Profile) -> Forecast {
    Forecast { law: told(profile), ..forecast(0) }
}

fn nobody() -> Forecast {
    Forecast { planned: 0, audience: 5, skipped: vec![(Reason::NoConsent, 5)], steps: Vec::new(), ..forecast(0) }
}

/// Somebody who did not make it.
pub(super) fn member(role: Role) -> Actor {
    testing::actor(role)
}

fn row(state: &str, reason: Option<Reason>) -> WhoRow {
    WhoRow {
        step: 1,
        channel: Some("Ромашка".to_owned()),
        planned: true,
        state: state.to_owned(),
        reason: reason.map(Why::from),
        detail: (reason == Some(Reason::Withheld)).then(|| "131049: healthy ecosystem engagement".to_owned()),
        attempt: 2,
        due_at: None,
        sent_at: (state == "sent").then(testing::moment),
        delivered_at: None,
        read_at: None,
        deadline_at: None,
        updated_at: testing::moment(),
        address: Some("77001".to_owned()),
        kept: matches!(state, "sent" | "uncertain"),
    }
}

fn who(state: &str, reason: Option<Reason>) -> Who {
    Who::Row { contact: ContactId(id(9)), name: "Ольга <О.>".to_owned(), rows: vec![row(state, reason)] }
}

fn with(state: State, reason: &str) -> Campaign {
    Campaign { state_reason: Some(Why::of(reason)), ..campaign(state) }
}

fn numbered() -> Vec<(Campaign, Numbers, Responses)> {
    State::ALL.into_iter().map(|state| (campaign(state), named(campaign(state)).numbers, responses())).collect()
}

fn segments() -> Vec<Segment> {
    let names = [(3, "VIP"), (4, "Чёрный список"), (7, "Казань")];
    let segment = |(n, name): (u128, &str)| Segment {
        id: SegmentId(id(n)),
        name: name.to_owned(),
        filter: "tag = vip".to_owned(),
        created_at: testing::moment(),
        updated_at: testing::moment(),
    };
    names.into_iter().map(segment).collect()
}

fn templates() -> Vec<Listed> {
    let listed = |n: u128, name: String, class| Listed {
        id: TemplateId(id(n)),
        name,
        created_at: testing::moment(),
        archived_at: None,
        version_id: VersionId(id(n)),
        number: 1,
        class,
        state: VersionState::Approved,
        updated_at: testing::moment(),
        approved_id: Some(VersionId(id(n))),
    };
    let mut all = vec![listed(2, "Осень".to_owned(), Class::Advertising), listed(20, "я".repeat(100), Class::Service)];
    all.extend((30..40).map(|n| listed(n, format!("Шаблон {n}"), Class::Service)));
    all
}

fn message() -> Rendered {
    let button = |text: &str, action| vec![MessageButton { text: text.to_owned(), action }];
    Rendered {
        body: Rich::from_html("<b>Ольга</b>, скидка 20% до воскресенья. ООО «Ромашка»").unwrap(),
        buttons: vec![
            button("Записаться", ButtonAction::Url("https://example.ru/".to_owned())),
            button("Больше не писать", ButtonAction::Callback("stop".to_owned())),
        ],
        ..Rendered::default()
    }
}

fn waiting(sample: bool) -> Shown {
    Shown {
        forecast: Some(Ok(forecast(40))),
        samples: sample.then(|| (1, message().body)).into_iter().collect(),
        targets: sample.then(|| (VersionId(id(2)), Targets::of(&message()))).into_iter().collect(),
        parts: vec![
            (Side::Include, "VIP".to_owned(), "Тег: vip · Последний визит: за последние 90 дней".to_owned()),
            (Side::Exclude, "ЧС".to_owned(), "Тег: bad".to_owned()),
        ],
        ..shown(campaign(State::Submitted))
    }
}

fn version(number: i32, body: &str) -> Version {
    let now = testing::moment();
    Version {
        id: VersionId(id(u128::from(number.unsigned_abs()))),
        template_id: TemplateId(id(2)),
        name: "Осень".to_owned(),
        number,
        class: Class::Advertising,
        body: body.to_owned(),
        media_kind: None,
        media_file_id: None,
        buttons: Vec::new(),
        state: VersionState::Approved,
        content_hash: None,
        comment: None,
        created_by: MemberId(id(6)),
        authors: Vec::new(),
        created_at: now,
        updated_at: now,
        submitted_by: None,
        submitted_at: None,
        decided_by: None,
        decided_at: None,
    }
}

/// What was returned.
fn handed() -> Handed {
    let segment = |n: u128, name: &str, text: &str| handed::Segment { id: SegmentId(id(n)), name: name.to_owned(), text: text.to_owned() };
    Handed {
        first: HandedStep {
            version: VersionId(id(3)),
            template: "Осень".to_owned(),
            number: 3,
            channel: mms_core::id::ChannelId(id(5)),
            channel_name: "Ромашка".to_owned(),
            next_on: NextOn::Never,
            wait_seconds: 0,
        },
        further: Vec::new(),
        include: vec![segment(3, "VIP", "tag = vip"), segment(7, "Казань <центр>", "tag = kazan")],
        exclude: Vec::new(),
        starts_at: None,
        ends_at: None,
        policy: UncertainPolicy::Leave,
    }
}

/// What was handed in after it.
fn handed_again() -> Handed {
    let segment = |n: u128, name: &str, text: &str| handed::Segment { id: SegmentId(id(n)), name: name.to_owned(), text: text.to_owned() };
    Handed {
        first: HandedStep { version: VersionId(id(4)), number: 4, ..handed().first },
        include: vec![segment(3, "VIP", "tag = vip and tag = active"), segment(8, "Тула", "")],
        exclude: vec![segment(4, "Чёрный список", "tag = bad")],
        ends_at: Some(testing::moment() + TimeDelta::hours(30)),
        policy: UncertainPolicy::Ask,
        ..handed()
    }
}

snapshots!(campaigns_none, |tr| list::list(tr, &[], 0, Page::of(0, 8, 0), Role::Manager, testing::moment()));
snapshots!(campaigns_none_viewer, |tr| list::list(tr, &[], 0, Page::of(0, 8, 0), Role::Viewer, testing::moment()));
snapshots!(campaigns_list, |tr| list::list(tr, &numbered(), 31, Page::of(31, 8, 1), Role::Manager, testing::moment()));
snapshots!(campaigns_totals, |tr| {
    let before = Results { responses: Responses { opted_out: 64, ..responses() }, ..came(9) };
    results::totals(tr, 30, &came(12), &before)
});
snapshots!(campaigns_totals_first, |tr| results::totals(tr, 7, &came(1), &Results::default()));
snapshots!(campaigns_totals_none, |tr| results::totals(tr, 365, &Results::default(), &Results::default()));
snapshots!(campaigns_ask_name, |tr| list::ask_name(tr, None));
snapshots!(campaigns_ask_rename, |tr| list::ask_name(tr, Some(&campaign(State::Draft))));
snapshots!(campaigns_name_again, |tr| list::name_again(tr, None, &crate::p!(tr, "campaigns-refused-name", max = 100)));
snapshots!(campaigns_ask_delete, |tr| list::ask_delete(tr, &campaign(State::Draft)));
snapshots!(campaigns_draft_empty, |tr| cards::compose(tr, &empty()));
snapshots!(campaigns_draft, |tr| cards::compose(tr, &named(campaign(State::Draft))));
snapshots!(campaigns_draft_returned, |tr| {
    let campaign =
        Campaign { comment: Some("Нет даты окончания <акции>".to_owned()), ..with(State::Draft, "returned") };
    cards::compose(tr, &named(campaign))
});
snapshots!(campaigns_draft_voided, |tr| cards::compose(tr, &named(with(State::Draft, "approval_void"))));
snapshots!(campaigns_draft_viewer, |tr| cards::card(tr, &shown(campaign(State::Draft)), &member(Role::Viewer)));
snapshots!(campaigns_change_approved, |tr| cards::compose(tr, &named(campaign(State::Approved))));
snapshots!(campaigns_submitted_approver, |tr| cards::card(tr, &waiting(true), &member(Role::Approver)));
snapshots!(campaigns_submitted_again, |tr| {
    let fields = [];
    let text = crate::screens::templates::version_changes(
        tr,
        &version(3, "Скидка 10% до {{ date }}"),
        &version(4, "Скидка 15% до {{ date }}"),
        600,
    );
    let changed = changes::lines(tr, &handed(), &handed_again(), vec![Some(text)], &fields);
    cards::card(tr, &Shown { changes: Some(changed), ..waiting(false) }, &member(Role::Approver))
});
snapshots!(campaigns_submitted_unchanged, |tr| {
    cards::card(tr, &Shown { changes: Some(Vec::new()), ..waiting(false) }, &member(Role::Approver))
});
snapshots!(campaigns_submitted_longest, |tr| {
    let mut shown = waiting(true);
    shown.card.campaign.name = "я".repeat(100);
    shown.card.include = (0..30).map(|n| (SegmentId(id(n)), Some("ю".repeat(100)))).collect();
    shown.card.exclude = shown.card.include.clone();
    shown.parts = (0..30).map(|_| (Side::Include, "ю".repeat(100), "&".repeat(2_000))).collect();
    shown.samples = vec![(1, Rich::plain("ж".repeat(4_000)))];
    // What Telegram counts is the text after its entities are read.
    let screen = cards::card(tr, &shown, &member(Role::Approver));
    assert!(Rich::from_html(&screen.html).unwrap().len_utf16() <= 4_096);
    crate::frame::screen::Screen::new(clip(&screen.html, 300)).button("…", Call::List { page: 0 })
});
// An approver's card of five steps with everything at its longest: what the decision is about is
// there, and Telegram takes it.
#[test]
fn an_approvers_card_fits() {
    let made_there = |kind: &ChannelKind| registry::capabilities(*kind).templates.is_some_and(|rules| rules.made_at_provider);
    let kind = ChannelKind::ALL.iter().copied().find(made_there).expect("there is one");
    for (steps, language) in (1..=5_usize).flat_map(|steps| [(steps, Language::Ru), (steps, Language::En)]) {
        let tr = testing::tr(language);
        let mut shown = five_steps(State::Submitted);
        shown.forecast = Some(Ok(stepped_forecast()));
        shown.card.campaign.name = "я".repeat(100);
        shown.card.campaign.steps.truncate(steps);
        shown.card.steps.truncate(steps);
        for step in &mut shown.card.steps {
            let stands = CardStanding {
                state: ReviewState::Refused,
                since: testing::moment(),
                reason: Some("ж".repeat(1_024)),
                quality: None,
                recategorised: Some(Category::Marketing),
            };
            step.review = Some(CardReview { kind, stands: Some(stands) });
            step.template = step.template.clone().map(|one| CardTemplate { name: "ш".repeat(120), ..one });
            step.channel = Some(("к".repeat(120), false));
        }
        shown.card.include = (0..30).map(|n| (SegmentId(id(n)), Some("ю".repeat(60)))).collect();
        shown.card.exclude = shown.card.include.clone();
        shown.parts = (0..30).map(|_| (Side::Include, "ю".repeat(60), "&".repeat(4_000))).collect();
        shown.changes = Some((0..25).map(|n| format!("• <b>{n}</b> {}", "и".repeat(900))).collect());
        shown.samples = (1..=5).map(|step| (step, Rich::plain("ж".repeat(4_000)))).collect();
        shown.card.submitted_by = Some("Б".repeat(100));
        let outlook = decide::outlook(tr, &shown.card.campaign, shown.forecast.as_ref());
        let screen = cards::card(tr, &shown, &member(Role::Approver));
        assert!(fit::shown(&screen.html) <= fit::TEXT, "{steps} steps: {}", fit::shown(&screen.html));
        assert!(screen.html.contains(&outlook), "{steps} steps: the forecast is whole");
        let leads = |call: Call| {
            let wire = crate::screens::Callback::from(call).encode();
            let carries = |one: &Button| matches!(&one.action, Action::Call(press) if press.wire == wire);
            assert!(screen.keyboard.iter().flatten().any(carries), "{wire}");
        };
        leads(Call::Changes { campaign: shown.card.campaign.id, page: 0 });
        leads(Call::Conditions { campaign: shown.card.campaign.id, page: 0 });
        // And each page of what was left out.
        let lines = shown.changes.clone().unwrap_or_default();
        let page =
            |at| decided::listed(tr, &shown.card.campaign, "x", &lines, at, |page| Call::Changes { campaign: CampaignId(id(1)), page });
        assert!((0..9).all(|at| fit::shown(&page(at).html) <= fit::TEXT) && page(99).html.contains("<b>24</b>"));
    }
}

// What is found is a page of nothing: the pager led to segments that were not looked for.
#[test]
fn found_segments_are_not_paged() {
    let tr = testing::tr(Language::Ru);
    let card = named(campaign(State::Draft));
    let one = &segments()[0];
    let found: Vec<Segment> = (0..12).map(|n| Segment { id: SegmentId(id(n)), ..one.clone() }).collect();
    let screen = choose::found_list(tr, &card, &found, Side::Include);
    assert!(screen.html.contains("4"), "{}", screen.html);
    assert_eq!(screen.keyboard.len(), 9, "eight of them and the way back: {:?}", screen.keyboard);
}

// The button that a refusal names is one that there is.
#[test]
fn who_takes_no_campaigns_says_so() {
    let tr = testing::tr(Language::Ru);
    let none = ChannelKind::ALL.iter().copied().filter(|kind| registry::capabilities(*kind).takes_no_campaigns());
    for kind in none {
        assert!(reviewed::needed(tr, kind).contains("Выберите другой канал"));
        let row = mms_core::channel::store::ChannelRow { kind, ..testing::channel() };
        assert!(choose::channel_button(tr, &row).contains("без рассылок"));
    }
    for kind in ChannelKind::ALL.iter().copied().filter(|kind| registry::capabilities(*kind).templates.is_some()) {
        let there = registry::capabilities(kind).templates.is_some_and(|rules| rules.made_at_provider);
        assert_eq!(reviewed::needed(tr, kind).contains("Найдите шаблон кнопкой"), there);
    }
}

snapshots!(campaigns_submitted_own, |tr| {
    let me = Actor { member: MemberId(id(6)), ..member(Role::Owner) };
    cards::card(tr, &waiting(false), &me)
});
snapshots!(campaigns_submitted_alone, |tr| {
    let me = Actor { member: MemberId(id(6)), ..member(Role::Owner) };
    cards::card(tr, &Shown { alone: true, ..waiting(false) }, &me)
});
snapshots!(campaigns_submitted_alone_manager, |tr| { cards::card(tr, &Shown { alone: true, ..waiting(false) }, &member(Role::Manager)) });
snapshots!(campaigns_submitted_broken, |tr| {
    let sentence = crate::p!(tr, "campaigns-refused-broken", name = "VIP");
    cards::card(tr, &Shown { forecast: Some(Err(sentence)), ..waiting(false) }, &member(Role::Viewer))
});
snapshots!(campaigns_approved, |tr| {
    cards::card(tr, &Shown { forecast: Some(Ok(forecast(0))), ..shown(campaign(State::Approved)) }, &member(Role::Manager))
});
snapshots!(campaigns_approved_night, |tr| {
    cards::card(tr, &Shown { forecast: Some(Ok(at_night(301, true))), ..shown(campaign(State::Approved)) }, &member(Role::Manager))
});
snapshots!(campaigns_approved_beyond_plan, |tr| {
    cards::card(tr, &Shown { forecast: Some(Ok(limited(1_001))), ..shown(campaign(State::Approved)) }, &member(Role::Manager))
});
snapshots!(campaigns_outgrown, |tr| {
    let shown = Shown { forecast: Some(Ok(forecast(0))), ..shown(with(State::Approved, "audience_grew")) };
    cards::card(tr, &shown, &member(Role::Viewer))
});
snapshots!(campaigns_scheduled, |tr| cards::card(tr, &shown(campaign(State::Scheduled)), &member(Role::Manager)));
snapshots!(campaigns_planning, |tr| cards::card(tr, &shown(campaign(State::Planning)), &member(Role::Manager)));
snapshots!(campaigns_running, |tr| cards::card(tr, &shown(campaign(State::Running)), &member(Role::Manager)));
snapshots!(campaigns_running_answered, |tr| {
    cards::card(tr, &Shown { responses: responses(), ..shown(campaign(State::Running)) }, &member(Role::Manager))
});
snapshots!(campaigns_running_waits, |tr| {
    let mut shown = shown(campaign(State::Running));
    shown.card.steps[0].daily = Some(CardDaily { most: 250, until: testing::moment() + TimeDelta::hours(20) });
    cards::card(tr, &shown, &member(Role::Manager))
});
snapshots!(campaigns_running_viewer, |tr| cards::card(tr, &shown(campaign(State::Running)), &member(Role::Viewer)));
snapshots!(campaigns_paused, |tr| cards::card(tr, &shown(with(State::Paused, "member")), &member(Role::Manager)));
snapshots!(campaigns_paused_phone, |tr| cards::card(tr, &shown(with(State::Paused, "lost_phone")), &member(Role::Owner)));
snapshots!(campaigns_paused_plan, |tr| cards::card(tr, &shown(with(State::Paused, "plan_limit")), &member(Role::Manager)));
snapshots!(campaigns_paused_licence, |tr| cards::card(tr, &shown(with(State::Paused, "licence")), &member(Role::Manager)));
snapshots!(campaigns_paused_template, |tr| cards::card(tr, &shown(with(State::Paused, "template")), &member(Role::Manager)));
snapshots!(campaigns_paused_restored, |tr| cards::card(tr, &shown(with(State::Paused, "restored")), &member(Role::Manager)));
snapshots!(campaigns_paused_otherwise, |tr| cards::card(tr, &shown(with(State::Paused, "no_such_word_yet")), &member(Role::Manager)));
snapshots!(campaigns_paused_refused, |tr| cards::card(tr, &shown(with(State::Paused, "all_failed:rejected")), &member(Role::Manager)));
snapshots!(campaigns_paused_uncertain, |tr| {
    let campaign = Campaign { uncertain_policy: UncertainPolicy::Ask, ..with(State::Paused, "uncertain") };
    cards::card(tr, &Shown { stats: ended(), ..shown(campaign) }, &member(Role::Manager))
});
snapshots!(campaigns_finished, |tr| {
    let shown = Shown { stats: ended(), responses: responses(), before: Some(came(5)), ..shown(campaign(State::Finished)) };
    cards::card(tr, &shown, &member(Role::Manager))
});
snapshots!(campaigns_finished_read, |tr| {
    let read = Numbers { delivered: 1_204, read: 911, ..ended().numbers };
    let stats = Stats { read_after: Some(TimeDelta::minutes(4)), ..resting(read) };
    cards::card(tr, &Shown { stats, responses: responses(), ..shown(campaign(State::Finished)) }, &member(Role::Manager))
});
snapshots!(campaigns_stopping, |tr| {
    let campaign = Campaign { finished_at: None, ..campaign(State::Stopped) };
    let stats = resting(Numbers { queued: 0, sending: 3, cancelled: 700, ..numbers() });
    cards::card(tr, &Shown { stats, ..shown(campaign) }, &member(Role::Manager))
});
snapshots!(campaigns_stopped, |tr| {
    let mut all = Numbers { queued: 0, sending: 0, cancelled: 703, ..numbers() };
    all.reasons.insert((delivery::State::Cancelled, Reason::CampaignStopped.into()), 703);
    let stats = resting(all);
    cards::card(tr, &Shown { stats, ..shown(campaign(State::Stopped)) }, &member(Role::Viewer))
});
snapshots!(campaigns_missed, |tr| {
    cards::card(tr, &Shown { stats: Stats::default(), ..shown(with(State::Failed, "window_closed")) }, &member(Role::Manager))
});
snapshots!(campaigns_ask_stop, |tr| progress::ask_stop(tr, &named(campaign(State::Running))));
snapshots!(campaigns_ask_stop_early, |tr| progress::ask_stop(tr, &named(campaign(State::Scheduled))));
snapshots!(campaigns_templates, |tr| choose::template_list(tr, &campaign(State::Draft), 1, &templates(), 0));
snapshots!(campaigns_templates_none, |tr| choose::template_list(tr, &campaign(State::Draft), 1, &[], 0));
snapshots!(campaigns_audience, |tr| choose::segment_list(tr, &named(campaign(State::Draft)), &segments(), Side::Include, 0));
snapshots!(campaigns_audience_undecided, |tr| choose::segment_list(tr, &empty(), &segments(), Side::Include, 0));
snapshots!(campaigns_audience_everybody, |tr| {
    let everybody = Campaign { audience: Audience::everybody(), ..campaign(State::Draft) };
    choose::segment_list(tr, &Card { include: Vec::new(), exclude: Vec::new(), ..named(everybody) }, &segments(), Side::Include, 0)
});
snapshots!(campaigns_more, |tr| cards::more(tr, &named(campaign(State::Draft))));
snapshots!(campaigns_more_approved, |tr| cards::more(tr, &named(campaign(State::Approved))));
snapshots!(campaigns_segments_exclude, |tr| choose::segment_list(tr, &named(campaign(State::Draft)), &segments(), Side::Exclude, 9));
snapshots!(campaigns_segments_none, |tr| choose::segment_list(tr, &empty(), &[], Side::Include, 0));
snapshots!(campaigns_channels_none, |tr| choose::channel_list(
    tr,
    &campaign(State::Draft),
    1,
    &[],
    &lawful::Barred::default(),
    Role::Owner
));
// A channel that may not be used was refused when the campaign was handed in.
snapshots!(campaigns_channels_barred, |tr| { choose::channel_list(tr, &campaign(State::Draft), 1, &channels(), &barred(), Role::Manager) });
snapshots!(campaigns_steps_add_barred, |tr| steps::add_card(tr, &campaign(State::Draft), &channels(), &barred(), Role::Owner));

fn channels() -> Vec<mms_core::channel::store::ChannelRow> {
    let of = |kind, name: &str, n| mms_core::channel::store::ChannelRow {
        id: mms_core::id::ChannelId(id(n)),
        kind,
        name: name.to_owned(),
        ..testing::channel()
    };
    vec![
        of(ChannelKind::Telegram, "Ромашка & Ко", 31),
        of(ChannelKind::Max, "Ромашка в MAX", 32),
        of(ChannelKind::Viber, "Ромашка", 33),
        of(ChannelKind::Vk, "Ромашка ВК", 34),
    ]
}

fn barred() -> lawful::Barred {
    let rule = |id| mms_core::law::book().rule(id).expect("a rule of the book");
    let rules = vec![(ChannelKind::Telegram, vec![rule("38fz-5-10-7"), rule("41fz")]), (ChannelKind::Viber, vec![rule("41fz")])];
    let name = "channel.vk".to_owned();
    let switched =
        mms_core::account::feature::Switched { name: name.clone(), reason: "Письмо № 5".to_owned(), since: testing::moment() };
    lawful::Barred { rules, off: [(name, switched)].into() }
}

snapshots!(campaigns_policies, |tr| choose::policies(tr, &campaign(State::Draft)));
snapshots!(campaigns_when, |tr| when::card(tr, &campaign(State::Draft), testing::moment()));
snapshots!(campaigns_ask_start, |tr| when::ask(tr, CampaignId(id(1)), true, testing::moment()));
snapshots!(campaigns_ask_end_again, |tr| when::again(
    tr,
    CampaignId(id(1)),
    false,
    &crate::p!(tr, "campaigns-time-unreadable"),
    testing::moment()
));
snapshots!(campaigns_time_hour, |tr| when::clarify(tr, CampaignId(id(1)), true, &[testing::moment()]));
snapshots!(campaigns_time_either, |tr| when::clarify(
    tr,
    CampaignId(id(1)),
    true,
    &[testing::moment(), testing::moment() + TimeDelta::hours(12)]
));
snapshots!(campaigns_forecast, |tr| decide::forecast_card(tr, &campaign(State::Draft), &forecast(0), Role::Manager));
snapshots!(campaigns_forecast_law_unasked, |tr| {
    decide::forecast_card(tr, &campaign(State::Draft), &with_law(&Profile::default()), Role::Manager)
});
snapshots!(campaigns_forecast_law_blocked, |tr| {
    decide::forecast_card(tr, &campaign(State::Draft), &with_law(&of_russia(law::Category::Other)), Role::Manager)
});
snapshots!(campaigns_launch_law_off, |tr| {
    let off = Switched { reason: "Юрист согласен".to_owned(), by: "Анна".to_owned(), at: testing::moment() };
    let profile = Profile { off: [("38fz-5-10-7".to_owned(), off)].into(), ..of_russia(law::Category::Other) };
    decide::launch_card(tr, &campaign(State::Approved), &with_law(&profile))
});
snapshots!(campaigns_law_refused, |tr| lawful::card(tr, &campaign(State::Draft), &told(&of_russia(law::Category::Other))));
snapshots!(campaigns_law_refused_bank, |tr| lawful::card(tr, &campaign(State::Draft), &told(&of_russia(law::Category::Bank))));
snapshots!(campaigns_forecast_people, |tr| {
    let mut forecast = forecast(0);
    forecast.steps[0].people = Some(Correspondents { most: 500, used: 412, new: 120 });
    let mut other = forecast.steps[0].clone();
    (other.step, other.people) = (2, Some(Correspondents { most: 1_000, used: 1, new: 21 }));
    forecast.steps.push(other);
    decide::forecast_card(tr, &two_steps(State::Draft).card.campaign, &forecast, Role::Manager)
});
snapshots!(campaigns_forecast_newcomers, |tr| {
    let mut forecast = forecast(0);
    forecast.steps[0].daily = Some(Newcomers { most: 250, used: 210, before: 0, new: 1_200 });
    let mut other = forecast.steps[0].clone();
    (other.step, other.daily) = (2, Some(Newcomers { most: 2_000, used: 1, before: 0, new: 21 }));
    forecast.steps.push(other);
    decide::forecast_card(tr, &two_steps(State::Draft).card.campaign, &forecast, Role::Manager)
});
snapshots!(campaigns_forecast_late, |tr| decide::forecast_card(tr, &campaign(State::Draft), &forecast(84), Role::Manager));
snapshots!(campaigns_forecast_month, |tr| decide::forecast_card(tr, &campaign(State::Draft), &limited(9_001), Role::Manager));
snapshots!(campaigns_forecast_beyond_plan, |tr| decide::forecast_card(tr, &campaign(State::Draft), &limited(1_001), Role::Manager));
snapshots!(campaigns_forecast_beyond_plan_by_steps, |tr| {
    // The first messages fit; those of a second step would not.
    let mut forecast = limited(1_500);
    forecast.steps.push(StepForecast { step: 2, begin: 0, most: 1_284, waiting: 0, cost: free(2, 1_284), ..forecast.steps[0].clone() });
    decide::forecast_card(tr, &campaign(State::Draft), &forecast, Role::Manager)
});
snapshots!(campaigns_forecast_nobody, |tr| decide::forecast_card(tr, &campaign(State::Draft), &nobody(), Role::Manager));
snapshots!(campaigns_forecast_night, |tr| decide::forecast_card(tr, &campaign(State::Draft), &at_night(1_284, true), Role::Manager));
snapshots!(campaigns_forecast_night_some, |tr| decide::forecast_card(tr, &campaign(State::Draft), &at_night(301, true), Role::Manager));
snapshots!(campaigns_forecast_night_later, |tr| {
    let row = campaign(State::Scheduled);
    let forecast = Forecast { starts_at: row.starts_at.unwrap(), ..at_night(1_284, true) };
    decide::forecast_card(tr, &row, &forecast, Role::Manager)
});
snapshots!(campaigns_sample, |tr| decide::sample_card(tr, &campaign(State::Approved), (1, 0), "Ольга", &message()));
snapshots!(campaigns_sample_refused, |tr| {
    let error = RenderError { reason: Reason::NoValue, detail: "city".to_owned() };
    decide::sample_refused(tr, &campaign(State::Approved), (1, 3), "Пётр", &error)
});
snapshots!(campaigns_lint, |tr| {
    let content = Content {
        class: Class::Advertising,
        body: "Скидка для {{ nmae }}".to_owned(),
        media: None,
        buttons: vec![TemplateButton::OptOut { text: "Больше не писать".to_owned() }],
    };
    let problem = Problem::UnknownVariable { name: "nmae".to_owned(), suggestion: Some("name".to_owned()) };
    let findings = [Finding { severity: Severity::Error, place: Some(Place::Body), at: Some((1, 15)), problem, only: Vec::new() }];
    decide::lint_card(tr, CampaignId(id(1)), VersionId(id(2)), &content, &findings)
});
snapshots!(campaigns_ask_comment, |tr| decide::comment_card(tr, &campaign(State::Submitted)));
snapshots!(campaigns_launch, |tr| decide::launch_card(tr, &campaign(State::Approved), &forecast(0)));
snapshots!(campaigns_launch_beyond_plan, |tr| decide::launch_card(tr, &campaign(State::Approved), &limited(0)));
snapshots!(campaigns_launch_night, |tr| decide::launch_card(tr, &campaign(State::Approved), &at_night(1_284, false)));
snapshots!(campaigns_launch_late, |tr| decide::launch_card(tr, &campaign(State::Approved), &forecast(84)));
snapshots!(campaigns_file, |tr| people::file_card(tr, &campaign(State::Finished)));
snapshots!(campaigns_ask_who, |tr| people::ask_who(tr, &campaign(State::Finished)));
snapshots!(campaigns_who_several, |tr| {
    let found = [("Ольга", Some("Тула"), 8), ("", None, 9)].map(|(name, city, n)| Found {
        id: ContactId(id(n)),
        name: name.to_owned(),
        phone: Some("+79161234567".to_owned()),
        city: city.map(str::to_owned),
    });
    people::who_list(tr, &campaign(State::Finished), "анна", &found)
});
snapshots!(campaigns_who_got, |tr| people::who_card(tr, &campaign(State::Finished), &who("sent", None)));
snapshots!(campaigns_who_held, |tr| {
    let held = WhoRow { detail: Some("held_for_quality_assessment".to_owned()), ..row("sent", None) };
    people::who_card(tr, &campaign(State::Running), &Who::Row { contact: ContactId(id(9)), name: "Ольга".to_owned(), rows: vec![held] })
});
snapshots!(campaigns_who_waits, |tr| people::who_card(tr, &campaign(State::Running), &who("queued", None)));
snapshots!(campaigns_who_waits_quota, |tr| people::who_card(tr, &campaign(State::Running), &who("queued", Some(Reason::Quota))));
snapshots!(campaigns_who_failed, |tr| people::who_card(tr, &campaign(State::Finished), &who("failed", Some(Reason::Blocked))));
snapshots!(campaigns_got, |tr| {
    let button = |text: &str, action| MessageButton { text: text.to_owned(), action };
    let body = Rich { text: "Ольга <О.>, ждём вас".to_owned(), spans: vec![Span { offset: 0, len: 5, style: Style::Bold }] };
    let buttons = vec![
        vec![button("Записаться", ButtonAction::Url("https://salon.example/book".to_owned()))],
        vec![button("Отписаться", ButtonAction::Callback("stop".to_owned()))],
    ];
    let kept = |step, message| Kept { step, state: delivery::State::Sent, at: testing::moment(), version: VersionId(id(5)), message };
    let message = kept::Message { body, buttons, ..kept::Message::default() };
    people::got_card(tr, &campaign(State::Finished), ContactId(id(9)), &[kept(1, None), kept(2, Some(message))], 1)
});
snapshots!(campaigns_got_unreadable, |tr| {
    let kept = Kept { step: 1, state: delivery::State::Sent, at: testing::moment(), version: VersionId(id(5)), message: None };
    people::got_card(tr, &campaign(State::Finished), ContactId(id(9)), &[kept], 0)
});
snapshots!(campaigns_who_read, |tr| {
    let read = WhoRow { state: "read".to_owned(), read_at: Some(testing::moment() + TimeDelta::seconds(247)), ..row("sent", None) };
    people::who_card(tr, &campaign(State::Finished), &Who::Row { contact: ContactId(id(9)), name: "Ольга".to_owned(), rows: vec![read] })
});
snapshots!(campaigns_who_uncertain, |tr| people::who_card(tr, &campaign(State::Finished), &who("uncertain", Some(Reason::NoAnswer))));
snapshots!(campaigns_who_not_in, |tr| {
    let who = Who::NotInAudience { contact: ContactId(id(9)), name: "Ольга".to_owned(), deleted: false };
    people::who_card(tr, &campaign(State::Finished), &who)
});

/// Two steps, the second through another messenger.
pub(super) fn two_steps(state: State) -> Shown {
    let mut shown = shown(campaign(state));
    let second = mms_core::id::ChannelId(id(12));
    let row = &mut shown.card.campaign;
    row.steps.push(Step { step: 2, channel: Some(second), version: Some(VersionId(id(13))), next_on: NextOn::Never, wait_seconds: 0 });
    (row.steps[0].next_on, row.steps[0].wait_seconds) = (NextOn::Unread, 7_200);
    let wait = TimeDelta::hours(2);
    shown.card.steps[0].next = Some(NextRule { asked: NextOn::Unread, holds: NextOn::Unread, wait });
    shown.card.steps.push(CardStep {
        step: 2,
        template: Some(CardTemplate {
            name: "Осень, коротко".to_owned(), number: 1, class: Class::Advertising, approved: true
        }),
        channel: Some(("Ромашка MAX".to_owned(), true)),
        next: None,
        review: None,
        daily: None,
    });
    let first = Numbers { planned: 1_284, sent: 1_200, delivered: 1_100, read: 800, failed: 84, ..Numbers::default() };
    let second = Numbers { planned: 300, sent: 290, failed: 10, ..Numbers::default() };
    let people = |reached, open| People { reached, open, ..People::default() };
    shown.card.by_step =
        BTreeMap::from([(1, Numbers { people: people(800, 184), ..first }), (2, Numbers { people: people(290, 0), ..second })]);
    shown.card.numbers = Numbers { audience: 1_500, people: People { reached: 1_090, open: 184, unknown: 2, missed: 224 }, ..numbers() };
    shown
}

/// Five of them: a phone still shows the card.
fn five_steps(state: State) -> Shown {
    let mut shown = two_steps(state);
    for step in 3..=5 {
        let last = shown.card.steps.len() - 1;
        // Telegram tells nothing of what arrived.
        let holds = if step == 4 { NextOn::Never } else { NextOn::Undelivered };
        shown.card.steps[last].next = Some(NextRule { asked: NextOn::Undelivered, holds, wait: TimeDelta::minutes(30) });
        let template =
            CardTemplate {
                name: "Осень, напоминание о скидке".to_owned(), number: 2, class: Class::Advertising, approved: true
            };
        let name = format!("Ромашка, канал {step}");
        shown.card.steps.push(CardStep {
            step,
            template: Some(template),
            channel: Some((name, step != 4)),
            next: None,
            review: None,
            daily: None,
        });
        let row = &mut shown.card.campaign;
        row.steps.push(Step { step, channel: None, version: None, next_on: NextOn::Never, wait_seconds: 0 });
    }
    shown
}

pub(super) fn stepped_forecast() -> Forecast {
    let unpriced = |n| Cost { unpriced: n, ..Cost::default() };
    let step = |step, channel: &str, begin, most, rate| {
        let cost = StepCost { step, best: unpriced(begin), worst: unpriced(most) };
        StepForecast { step, channel: channel.to_owned(), begin, most, rate, waiting: 0, cost, people: None, daily: None }
    };
    let steps = vec![step(1, "Ромашка", 1_000, 1_000, 30.0), step(2, "Ромашка MAX", 284, 1_284, 10.0)];
    Forecast { steps, latest: testing::moment() + TimeDelta::minutes(123), ..forecast(0) }
}

snapshots!(campaigns_steps_draft, |tr| cards::compose(tr, &two_steps(State::Draft).card));
snapshots!(campaigns_steps_five, |tr| cards::compose(tr, &five_steps(State::Draft).card));
snapshots!(campaigns_steps_step, |tr| {
    let card = two_steps(State::Draft).card;
    steps::step_card(tr, &card, &card.steps[0])
});
snapshots!(campaigns_steps_remove, |tr| {
    let card = two_steps(State::Draft).card;
    steps::remove_card(tr, &card, &card.steps[1])
});
snapshots!(campaigns_steps_submitted, |tr| {
    let mut shown = two_steps(State::Submitted);
    shown.forecast = Some(Ok(stepped_forecast()));
    shown.samples = vec![(1, message().body), (2, Rich::plain("Скидка 20 % до пятницы"))];
    cards::card(tr, &shown, &member(Role::Approver))
});
snapshots!(campaigns_steps_running, |tr| cards::card(tr, &two_steps(State::Running), &member(Role::Manager)));
snapshots!(campaigns_steps_finished, |tr| cards::card(tr, &two_steps(State::Finished), &member(Role::Manager)));
snapshots!(campaigns_steps_forecast, |tr| decide::forecast_card(
    tr,
    &two_steps(State::Draft).card.campaign,
    &stepped_forecast(),
    Role::Manager
));
snapshots!(campaigns_steps_sample, |tr| decide::sample_card(tr, &two_steps(State::Draft).card.campaign, (2, 0), "Ольга", &message()));
snapshots!(campaigns_steps_add_lone, |tr| steps::add_card(tr, &campaign(State::Draft), &[], &lawful::Barred::default(), Role::Owner));
snapshots!(campaigns_steps_rule_delivered, |tr| {
    steps::rule_card(tr, &campaign(State::Draft), steps::Asked::New(mms_core::id::ChannelId(id(12))), None, (true, false))
});
snapshots!(campaigns_steps_rule_told_nothing, |tr| {
    let row = two_steps(State::Draft).card.campaign;
    steps::rule_card(tr, &row, steps::Asked::Behind(1), Some((NextOn::Unread, TimeDelta::hours(2))), (false, false))
});
snapshots!(campaigns_steps_waiting, |tr| {
    let mut shown = two_steps(State::Running);
    let people = People { reached: 1_090, open: 184, unknown: 2, missed: 224 };
    let numbers = Numbers { queued: 0, sending: 0, people, ..shown.stats.numbers.clone() };
    (shown.stats, shown.card.numbers) = (resting(numbers.clone()), numbers);
    cards::card(tr, &shown, &member(Role::Manager))
});
snapshots!(campaigns_steps_ask_stop, |tr| progress::ask_stop(tr, &two_steps(State::Running).card));
snapshots!(campaigns_steps_rule_new, |tr| {
    steps::rule_card(tr, &campaign(State::Draft), steps::Asked::New(mms_core::id::ChannelId(id(12))), None, (true, true))
});
snapshots!(campaigns_steps_rule, |tr| {
    let row = two_steps(State::Draft).card.campaign;
    steps::rule_card(tr, &row, steps::Asked::Behind(1), Some((NextOn::Unread, TimeDelta::hours(2))), (true, true))
});
snapshots!(campaigns_steps_rule_ask, |tr| steps::ask_card(
    tr,
    CampaignId(id(1)),
    (1, campaign(State::Draft).steps_stamp()),
    NextOn::Unread
));
snapshots!(campaigns_steps_who, |tr| {
    let first = WhoRow { step: 1, ..row("failed", Some(Reason::Unreachable)) };
    let second = WhoRow { step: 2, channel: Some("Ромашка MAX".to_owned()), ..row("sent", None) };
    let who = Who::Row { contact: ContactId(id(9)), name: "Ольга <О.>".to_owned(), rows: vec![first, second] };
    people::who_card(tr, &two_steps(State::Finished).card.campaign, &who)
});
