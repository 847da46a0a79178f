//! What came of campaigns, and what an approver is shown of one that comes again.

use calamine::Reader as _;

use super::*;
use crate::{
    campaign::{handed, results},
    delivery::{Response, Responses, response},
    template::Class,
};

async fn did(store: &Store, w: &World, campaign: CampaignId, who: ContactId, what: Response) {
    let mut tx = store.begin().await.unwrap();
    response::note(&mut tx, w.owner.account, (campaign, who), what, w.now).await.unwrap();
    tx.commit().await.unwrap();
}

both!(async fn totals_are_sums_and_a_campaign_is_compared_with_the_last_of_its_class(store) {
    let w = world(&store).await;
    let account = w.owner.account;
    let people = crowd(&store, &w, 4).await;
    let first = running(&store, &w, 4).await;
    outcome(&store, &w, first, 3, delivery::State::Sent, None).await;
    outcome(&store, &w, first, 1, delivery::State::Failed, Some(Reason::Rejected)).await;
    for who in [people[0], people[0], people[1]] {
        did(&store, &w, first, who, Response::Reply).await;
    }
    did(&store, &w, first, people[1], Response::OptOut).await;
    report::close(&store, first, note, w.now).await.unwrap();
    run!(store, "update campaign set planned_at = $2 where id = $1", first, w.now - TimeDelta::hours(1));
    let second = running(&store, &w, 4).await;
    outcome(&store, &w, second, 4, delivery::State::Sent, None).await;

    let day = TimeDelta::days(1);
    let all = results::within(&store, account, w.now - day, w.now + day).await.unwrap();
    assert_eq!((all.campaigns, all.numbers.sent, all.numbers.failed), (2, 7, 1));
    assert_eq!(all.responses, Responses { replied: 2, opted_out: 1, blocked: 0 });
    assert_eq!(results::within(&store, account, w.now - day * 2, w.now - day).await.unwrap(), results::Results::default());

    let row = get(&store, account, second).await.unwrap();
    let before = results::before(&store, &row, Class::Advertising).await.unwrap().unwrap();
    assert_eq!((before.campaigns, before.numbers.sent, before.responses.replied), (1, 3, 2));
    assert_eq!(results::before(&store, &row, Class::Service).await.unwrap(), None);
    let row = get(&store, account, first).await.unwrap();
    assert_eq!(results::before(&store, &row, Class::Advertising).await.unwrap(), None, "the second came after it");
});

// A list that was kept when the campaign closed would never know of an answer that came a minute
// later.
both!(async fn a_list_of_recipients_is_made_anew_when_somebody_answers(store) {
    let w = world(&store).await;
    let people = crowd(&store, &w, 2).await;
    let id = running(&store, &w, 2).await;
    outcome(&store, &w, id, 2, delivery::State::Sent, None).await;
    report::close(&store, id, note, w.now).await.unwrap();
    let list = async || report::xlsx::recipients(&store, w.owner.account, id, &xlsx_words(), w.now).await.unwrap();
    let answered = |document: &report::Document| {
        let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(&document.content)).unwrap();
        let sheet = book.worksheet_range("Получатели").unwrap();
        let filled = |column: usize| sheet.rows().skip(1).filter(|row| row.get(column).is_some_and(|cell| !cell.to_string().is_empty())).count();
        (filled(10), filled(11))
    };
    let first = list().await;
    assert_eq!(answered(&first), (0, 0));
    assert_eq!(list().await, first, "it is kept");
    did(&store, &w, id, people[0], Response::Reply).await;
    did(&store, &w, id, people[1], Response::OptOut).await;
    assert_eq!(answered(&list().await), (1, 1));
});

both!(async fn an_approver_is_shown_what_changed_since_the_last_decision(store) {
    let w = world(&store).await;
    crowd(&store, &w, 1).await;
    let vip = segment(&store, &w, "tag = vip").await;
    let id = ready(&store, &w).await;
    let seen = async || handed::since_decided(&store, &get(&store, w.owner.account, id).await.unwrap()).await.unwrap();
    approval::submit(&store, &w.manager, id, w.now).await.unwrap();
    assert_eq!(seen().await, None, "nobody decided before");
    approval::give_back(&store, &w.approver, id, "Только VIP", w.now).await.unwrap();
    approval::submit(&store, &w.manager, id, w.now).await.unwrap();
    let (before, now) = seen().await.unwrap();
    assert!(before.same(&now), "it came back as it was: {before:?} {now:?}");

    approval::give_back(&store, &w.approver, id, "Только VIP", w.now).await.unwrap();
    let audience = Audience { include: vec![vip], ..Audience::default() };
    draft::edit(&store, &w.manager, id, Change::Audience(audience), w.now).await.unwrap();
    approval::submit(&store, &w.manager, id, w.now).await.unwrap();
    let (before, now) = seen().await.unwrap();
    assert!(!before.same(&now) && before.include.is_empty());
    assert_eq!(now.include.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), ["tag = vip"]);

    // Approved as it is; a segment that is edited since is a change, and so is told.
    approval::approve(&store, &w.approver, id, w.now).await.unwrap();
    let (before, now) = seen().await.unwrap();
    assert!(before.same(&now));
    run!(store, "update segment set filter = 'tag = gold' where id = $1", vip);
    let (before, now) = seen().await.unwrap();
    assert_eq!((before.include[0].text.as_str(), now.include[0].text.as_str()), ("tag = vip", "tag = gold"));
});
