//! Words that are an enum in the program and a CHECK in the tables: both have the same.
//!
//! Words in Fluent need no test of their own: the screens name a text for every variant in a
//! `match`, and a missing text fails there.

use std::collections::BTreeSet;

use mms_core::{
    account, campaign, channel, consent, contact, crm, delivery, erasure, inbound, law, price, store::usage, template, testing, words,
};
use sqlx::{Connection as _, Encode, Sqlite, SqliteConnection, Type};
use strum::VariantArray;

/// The words of an enum, as the database gets them.
async fn of<T>(c: &mut SqliteConnection) -> BTreeSet<String>
where
    T: VariantArray + Copy + Send + Sync + Type<Sqlite> + for<'q> Encode<'q, Sqlite> + 'static,
{
    let mut words = BTreeSet::new();
    for variant in T::VARIANTS {
        words.insert(sqlx::query_scalar("select cast($1 as text)").bind(*variant).fetch_one(&mut *c).await.expect("a word"));
    }
    words
}

/// The words that the CHECK of a column allows.
async fn allowed(c: &mut SqliteConnection, table: &str, column: &str) -> BTreeSet<String> {
    let sql: String = sqlx::query_scalar("select sql from sqlite_master where type = 'table' and name = $1")
        .bind(table)
        .fetch_one(c)
        .await
        .unwrap_or_else(|error| panic!("{table}: {error}"));
    let list = sql.split_once(&format!("({column} in (")).unwrap_or_else(|| panic!("`{table}.{column}` has no list")).1;
    let list = list.split_once(')').expect("it is closed").0;
    list.split(',').map(|word| word.trim().trim_matches('\'').to_owned()).collect()
}

#[tokio::test]
async fn an_enum_and_the_check_of_its_columns_have_the_same_words() {
    let url = testing::database(mms_core::store::Engine::Sqlite).await;
    mms_core::store::Store::open(&url).await.expect("it opens").close().await;
    let mut c = SqliteConnection::connect(&url).await.expect("it opens");
    macro_rules! agree {
        ($($enum:ty: $($table:ident.$column:ident),+;)+) => {$(
            let words = of::<$enum>(&mut c).await;
            $(assert_eq!(
                words,
                allowed(&mut c, stringify!($table), stringify!($column)).await,
                "{} and {}.{}", stringify!($enum), stringify!($table), stringify!($column)
            );)+
        )+};
    }
    agree! {
        account::Language: account.language, member.language, licence_terms.language, wording.language, campaign_file.language;
        account::Role: member.role, invitation.role;
        campaign::State: campaign.state;
        channel::MediaKind: template_version.media_kind;
        channel::Category: provider_template.category;
        channel::Charge: delivery.charge, receipt_early.charge;
        channel::FileKind: chat_message.file_kind;
        channel::ReviewState: provider_template.state;
        channel::store::ChannelState: channel.state;
        consent::Action: consent.action;
        consent::doubt::Outcome: doubt.outcome;
        contact::alike::Shared: contact_alike.why;
        inbound::join::Proof: contact_join.proof;
        consent::suppression::Cause: suppression.reason;
        contact::AddressState: address.state;
        contact::FieldKind: field.kind;
        contact::import::State: import.state;
        contact::occasion::OccasionKind: occasion.kind;
        contact::occasion::OccasionState: occasion.state;
        crm::connection::ConnectionState: crm_connection.state;
        crm::connection::SyncPhase: crm_connection.sync_phase;
        crm::message::Origin: crm_message.origin;
        crm::message::Told: crm_message.told;
        delivery::State: delivery.state;
        delivery::outgoing::OutgoingPurpose: outgoing.purpose;
        erasure::Ground: erasure.ground;
        erasure::State: erasure.state;
        inbound::SourceKind: inbound.source_kind;
        law::answers::Answer: law_answer.answer;
        price::Category: price.category;
        template::versions::VersionState: template_version.state;
        usage::Counted: usage_count.what;
        account::order::Way: licence_order.way;
        account::order::OrderState: licence_order.state;
        account::payment::Stray: stray_payment.why;
        words::Class: template_version.class;
        words::Purpose: consent.purpose, wording.purpose;
        words::UncertainPolicy: campaign.uncertain_policy;
    }
}
