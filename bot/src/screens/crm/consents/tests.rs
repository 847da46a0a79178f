use super::*;
use crate::{
    screens::crm::{
        cards::tests::active,
        fields::tests::{by, mapped as all, row},
    },
    snapshots,
};

fn marketing(row: &Connection) -> ConsentMapping {
    mapped(row, Purpose::Marketing).expect("it is mapped").clone()
}

fn without(time: bool, author: bool) -> Connection {
    let mut row = all();
    let mapping = &mut row.settings.consents[0];
    if time {
        mapping.at_field = None;
    }
    if author {
        mapping.author_field = None;
    }
    row
}

fn bare() -> Connection {
    let mut row = without(true, true);
    row.settings.consents[0].yes.clear();
    row.settings.consents[0].purpose = Purpose::PersonalData;
    row.settings.opt_out_field = None;
    row
}

/// A CRM with no field but a checkbox.
fn poor() -> Connection {
    let mut row = bare();
    row.settings.consents[0].crm_field = "31001".to_owned();
    row.sync_cursor.fields.truncate(1);
    row
}

fn card(tr: Tr, row: &Connection) -> Screen {
    consent_card(tr, row, &row.settings.consents[0])
}

snapshots!(crm_consents_none, |tr| consents_card(tr, &row(), Role::Owner));
snapshots!(crm_consents, |tr| consents_card(tr, &all(), Role::Owner));
snapshots!(crm_consents_bare, |tr| consents_card(tr, &bare(), Role::Owner));
snapshots!(crm_consents_viewer, |tr| consents_card(tr, &without(false, true), Role::Viewer));
snapshots!(crm_consent_card, |tr| card(tr, &all()));
snapshots!(crm_consent_card_no_time, |tr| card(tr, &without(true, false)));
snapshots!(crm_consent_card_no_author, |tr| card(tr, &without(false, true)));
snapshots!(crm_consent_card_bare, |tr| card(tr, &bare()));
snapshots!(crm_consent_fields, |tr| consent_fields(tr, &row(), Purpose::Marketing, 0));
snapshots!(crm_consent_fields_again, |tr| consent_fields(tr, &all(), Purpose::Marketing, 0));
snapshots!(crm_consent_fields_none, |tr| consent_fields(tr, &active(), Purpose::PersonalData, 0));
snapshots!(crm_consent_values, |tr| consent_values(tr, row().id, Purpose::Marketing, &by(&row(), 3), 0b11));
snapshots!(crm_consent_ask_yes, |tr| ask_yes(tr, row().id, Purpose::Marketing, &by(&row(), 8), false));
snapshots!(crm_consent_again, |tr| ask_yes(tr, row().id, Purpose::Marketing, &by(&row(), 8), true));
snapshots!(crm_consent_dates, |tr| dates(tr, &all(), &marketing(&all()), 0));
snapshots!(crm_consent_dates_none, |tr| dates(tr, &poor(), &poor().settings.consents[0], 0));
snapshots!(crm_consent_authors, |tr| authors(tr, &all(), &marketing(&all()), 0));
snapshots!(crm_consent_authors_none, |tr| authors(tr, &poor(), &poor().settings.consents[0], 0));
snapshots!(crm_opt_outs, |tr| opt_outs(tr, &all(), 0));
snapshots!(crm_opt_outs_none, |tr| opt_outs(tr, &active(), 0));

// The marks are by their places: of another list of values they are other values.
#[test]
fn marks_are_of_the_values_that_were_shown() {
    let shown = by(&row(), 3).clone();
    let other = CrmField { options: shown.options.iter().rev().cloned().collect(), ..shown.clone() };
    assert_ne!(values_stamp(&shown), values_stamp(&other));
    let tr = crate::testing::tr(mms_core::account::Language::Ru);
    let screen = consent_values(tr, row().id, Purpose::Marketing, &shown, 1);
    let stamp = crate::frame::callback::Field::put(&values_stamp(&shown));
    let carry =
        |button: &Button| matches!(&button.action, crate::frame::screen::Action::Call(press) if press.wire.ends_with(&format!(":{stamp}")));
    assert_eq!(screen.keyboard.iter().flatten().filter(|button| carry(button)).count(), shown.options.len() + 1);
}
