//! Statements of the room of evidence.

use crate::{register_counts, register_next};

macro_rules! sent {
    ($more:literal) => {
        concat!(
            "select d.campaign_id, k.name as campaign, d.step, d.planned, d.state, d.reason, d.detail, d.attempt, d.first_tried_at, \
             d.sent_at, d.delivered_at, d.read_at, d.updated_at, d.message_ref, h.name as channel, h.kind as messenger, a.value as address, \
             v.class, w.template_version_id as version, v.number from delivery d join campaign k on k.id = d.campaign_id \
             left join channel h on h.id = d.channel_id left join address a on a.id = d.address_id \
             left join campaign_variant w on w.campaign_id = d.campaign_id and w.step = d.step and w.variant = d.variant \
             left join template_version v on v.id = w.template_version_id where d.account_id = $1 and d.contact_id = $2",
            $more,
            " order by d.id"
        )
    };
}

/// What campaigns sent to a person, or left out.
pub const SENT: &str = sent!("");
/// What one campaign sent.
pub const SENT_BY: &str = sent!(" and d.campaign_id = $3");
/// What a person and members wrote to each other.
pub const TALK: &str = "select m.direction, m.body, m.at, m.message_ref, m.stop, m.file_kind, m.file_name, h.name as channel, \
    e.name as member, o.state, o.reason, o.sent_at, o.delivered_at, o.read_at from chat_message m left join channel h on h.id = m.channel_id \
    left join member e on e.id = m.member_id left join outgoing o on o.id = m.outgoing_id \
    where m.account_id = $1 and m.contact_id = $2 order by m.id";
/// What the customers' bot said to a person: questions of consent, confirmations.
pub const SAID: &str = "select o.purpose, o.payload, o.state, o.reason, o.created_at, o.sent_at, o.delivered_at, o.read_at, o.message_ref, \
    h.name as channel from outgoing o left join channel h on h.id = o.channel_id \
    where o.account_id = $1 and o.contact_id = $2 and o.purpose <> 'reply' order by o.id";
/// People of a campaign after one.
pub const PEOPLE: &str = "select distinct contact_id from delivery where account_id = $1 and campaign_id = $2 and contact_id > $3 \
    order by contact_id limit $4";
/// People after one, with what they must match, their order and how many follow it.
pub const MATCHING: &str = "select c.id from contact c where c.account_id = $1 and c.deleted_at is null and c.id > $2";
/// Names of channels, of those that are gone too.
pub const CHANNELS: &str = "select id, name from channel where account_id = $1";
/// Asks for a dossier.
pub const ASK: &str = "insert into dossier (id, account_id, member_id, request_id, scope, subject, about, language, state, attempt, due_at, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, 'wanted', 0, $9, $9)";
macro_rules! dossier {
    ($which:literal) => {
        concat!(
            "select d.id, d.account_id, d.member_id, m.name as member, d.request_id, d.scope, d.subject, d.about, d.language, d.state, d.attempt, \
             d.people, d.gaps, d.error, d.created_at, d.made_at from dossier d join member m on m.id = d.member_id where ",
            $which
        )
    };
}
/// A dossier.
pub const ONE: &str = dossier!("d.account_id = $1 and d.id = $2");
/// The newest dossiers of an account.
pub const LATEST: &str = dossier!("d.account_id = $1 order by d.id desc limit $2");
/// Dossiers of a request.
pub const OF_REQUEST: &str = dossier!("d.account_id = $1 and d.request_id = $2 order by d.id desc limit 20");
/// One that is to be made, whoever's.
pub const DUE: &str = "select id, account_id from dossier where state in ('wanted', 'making') and due_at <= $1 order by due_at limit 1";
/// Takes one to be made: nobody else does until then.
pub const TAKE: &str = "update dossier set state = 'making', attempt = attempt + 1, due_at = $4 \
    where account_id = $1 and id = $2 and due_at = $3 and state in ('wanted', 'making')";
/// The time a dossier is taken by.
pub const TAKEN: &str = "select due_at from dossier where account_id = $1 and id = $2 and state in ('wanted', 'making')";
/// Made.
pub const MADE: &str = "update dossier set state = 'ready', due_at = null, people = $4, gaps = $5, error = null, made_at = $6 \
    where account_id = $1 and id = $2 and due_at = $3 and state = 'making'";
/// Not made; tried again then, or never.
pub const FAILED: &str =
    "update dossier set state = $4, due_at = $5, error = $6 where account_id = $1 and id = $2 and due_at = $3 and state = 'making'";
/// Keeps a file of a dossier.
pub const KEEP: &str = "insert into dossier_file (dossier_id, part, account_id, file_id) values ($1, $2, $3, $4)";
/// The files of a dossier: 0 the paper, the parts from 1.
pub const FILES: &str = "select p.part, f.id, f.name, f.mime, f.size, f.sha256 from dossier_file p join file f on f.id = p.file_id \
    where p.account_id = $1 and p.dossier_id = $2 order by p.part";

macro_rules! request {
    ($which:literal) => {
        concat!(
            "select r.id, r.account_id, r.number, r.from_whom, r.about, r.contact_id, r.campaign_id, r.received_on, r.due_on, r.answered_on, r.answer, \
             m.name as made_by, b.name as answered_by, r.created_at from evidence_request r join member m on m.id = r.created_by \
             left join member b on b.id = r.answered_by where ",
            $which
        )
    };
}
/// The number of an account's next request.
pub const NEXT_REQUEST: &str = register_next!("evidence_request");
/// Enters a request.
pub const ENTER: &str = "insert into evidence_request (id, account_id, number, from_whom, about, received_on, due_on, created_by, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
/// A request.
pub const REQUEST: &str = request!("r.account_id = $1 and r.id = $2");
/// A page of requests, the newest first.
pub const REQUESTS: &str = request!("r.account_id = $1 order by r.number desc limit $2 offset $3");
/// How many there are, and how many of them are open.
pub const COUNTS: &str = register_counts!("evidence_request", "answered_on is null");
/// Whom or what it is about.
pub const POINT: &str = "update evidence_request set contact_id = $3, campaign_id = $4 where account_id = $1 and id = $2";
/// Answered.
pub const ANSWER: &str = "update evidence_request set answered_on = $3, answer = $4, answered_by = $5 \
    where account_id = $1 and id = $2 and answered_on is null";
/// Those without an answer, whoever's.
pub const OPEN: &str = request!("r.answered_on is null and r.due_on is not null order by r.due_on");

/// Every statement.
pub const ALL: &[&str] = &[
    SENT,
    SENT_BY,
    TALK,
    SAID,
    PEOPLE,
    CHANNELS,
    ASK,
    ONE,
    LATEST,
    OF_REQUEST,
    DUE,
    TAKE,
    TAKEN,
    MADE,
    FAILED,
    KEEP,
    FILES,
    NEXT_REQUEST,
    ENTER,
    REQUEST,
    REQUESTS,
    COUNTS,
    POINT,
    ANSWER,
    OPEN,
];
