use super::*;

fn at(minute: i64) -> Moment {
    Moment::from_timestamp(1_796_000_000 + minute * 60, 0).unwrap()
}

fn entry(id: i64, purpose: Purpose, action: Action, minute: i64) -> Entry {
    Entry {
        id,
        purpose,
        action,
        grade: Grade::A,
        at: at(minute),
        recorded_at: at(minute),
        actor: "contact".to_owned(),
        evidence: json!({}),
        channel_name: Some("Бот".to_owned()),
        wording_version: Some(1),
        wording_body: Some("Согласен".to_owned()),
    }
}

fn sent(state: State, minute: i64) -> Sent {
    Sent {
        campaign_id: CampaignId::new(),
        campaign: "Осень".to_owned(),
        step: 1,
        planned: true,
        state,
        reason: None,
        detail: None,
        attempt: 1,
        first_tried_at: None,
        sent_at: Some(at(minute)),
        delivered_at: None,
        read_at: None,
        updated_at: at(minute),
        message_ref: None,
        channel: None,
        messenger: None,
        address: None,
        class: Some(Class::Advertising),
        version: None,
        number: None,
        texts: vec![Message::default()],
    }
}

fn found(entries: &[Entry], sent: &[Sent]) -> Vec<Gap> {
    gaps(false, entries, sent, &[], &[])
}

#[test]
fn nothing_is_lacking_where_all_is_there() {
    let entries = [entry(1, Purpose::PersonalData, Action::Granted, 0), entry(2, Purpose::Marketing, Action::Granted, 1)];
    assert_eq!(found(&entries, &[sent(State::Delivered, 5)]), []);
}

#[test]
fn each_thing_that_is_lacking_is_named() {
    let data = entry(1, Purpose::PersonalData, Action::Granted, 0);
    let ads = entry(2, Purpose::Marketing, Action::Granted, 1);
    let not_covered = Gap::NotCovered { campaign: "Осень".to_owned(), step: 1, at: at(5) };
    assert_eq!(found(&[], &[]), [Gap::NoDataConsent]);
    assert_eq!(found(std::slice::from_ref(&data), &[sent(State::Sent, 5)]), [Gap::NoAdConsent, not_covered.clone()]);
    // Withdrawn before, given again after: it did not hold then.
    let withdrawn = entry(3, Purpose::Marketing, Action::Withdrawn, 4);
    let again = entry(4, Purpose::Marketing, Action::Granted, 6);
    assert_eq!(found(&[data.clone(), ads.clone(), withdrawn, again], &[sent(State::Sent, 5)]), [not_covered]);
    // A service message needs no consent to advertising; one that was skipped went to nobody.
    let service = Sent { class: Some(Class::Service), ..sent(State::Sent, 5) };
    assert_eq!(found(std::slice::from_ref(&data), &[service, sent(State::Skipped, 5), sent(State::Failed, 5)]), []);
    let forgotten = Sent { texts: Vec::new(), ..sent(State::Uncertain, 5) };
    let of = |gap: fn(String, i16, Moment) -> Gap| gap("Осень".to_owned(), 1, at(5));
    assert_eq!(
        found(&[data.clone(), ads.clone()], &[forgotten]),
        [
            of(|campaign, step, at| Gap::TextForgotten { campaign, step, at }),
            of(|campaign, step, at| Gap::Uncertain { campaign, step, at })
        ]
    );
    let bare = Entry { wording_body: None, grade: Grade::D, ..ads };
    assert_eq!(found(&[data, bare], &[]), [Gap::NoWording { entry: 2 }, Gap::StatedByOwner { entry: 2 }]);
    assert_eq!(gaps(true, &[], &[], &[], &[]), [Gap::Erased, Gap::NoDataConsent]);
}
