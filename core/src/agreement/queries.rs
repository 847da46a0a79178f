//! The statements of this room.

use crate::{register_counts, register_next};

/// Puts a text among those that were published.
pub const PUBLISH: &str = "insert into agreement_text (document, version, language, effective_at, body, hash, published_at) \
    values ($1, $2, $3, $4, $5, $6, $7)";
/// Every version in every language, the newest first, without the texts.
pub const TEXTS: &str = "select document, version, language, effective_at, hash, published_at from agreement_text \
    order by document, effective_at desc, version, language desc";
/// The text of a version in each language.
pub const BODY: &str = "select language, hash, body from agreement_text where document = $1 and version = $2 order by language desc";
/// What holds and was not accepted by the company.
pub const OWED: &str = "select t.document, t.version from agreement_text t where t.effective_at <= $2 \
    and not exists (select 1 from agreement_text n where n.document = t.document and n.effective_at <= $2 and n.effective_at > t.effective_at) \
    and not exists (select 1 from agreement_acceptance a where a.account_id = $1 and a.document = t.document and a.version = t.version) \
    group by t.document, t.version order by t.document limit 1";
/// What a company accepted, the newest first.
pub const ACCEPTED: &str = "select a.document, a.version, a.language, a.hash, m.name as member, m.login, a.desk, a.chat_id, a.accepted_at \
    from agreement_acceptance a join member m on m.id = a.member_id where a.account_id = $1 order by a.accepted_at desc, a.id desc";
/// Somebody accepted.
pub const ACCEPT: &str = "insert into agreement_acceptance (account_id, document, version, language, hash, member_id, desk, chat_id, accepted_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (account_id, document, version) do nothing";
/// Companies in which somebody can sign in.
pub const COMPANIES: &str =
    "select id from account where exists (select 1 from member m where m.account_id = account.id and m.disabled_at is null) order by id";
/// The number of a company's next ticket.
pub const NEXT_TICKET: &str = register_next!("support_ticket");
/// How many tickets there are, and how many are not closed.
pub const TICKET_COUNTS: &str = register_counts!("support_ticket", "state <> 'closed'");
/// Opens a ticket.
pub const OPEN_TICKET: &str = "insert into support_ticket (id, account_id, number, member_id, state, opened_at, due_at) \
    values ($1, $2, $3, $4, $5, $6, $7)";
/// The licensor has the word again; a clock that runs already goes on.
pub const TICKET_ASKS: &str = "update support_ticket set due_at = case when state = 'open' then due_at else $3 end, state = 'open' \
    where account_id = $1 and id = $2 and state <> 'closed'";
/// The licensor answered.
pub const TICKET_ANSWERED: &str = "update support_ticket set state = 'answered' where account_id = $1 and number = $2 and state <> 'closed' \
    returning id, member_id";
/// A ticket comes to its end.
pub const CLOSE_TICKET: &str = "update support_ticket set state = 'closed', closed_at = $3 where account_id = $1 and number = $2 \
    and state <> 'closed' returning id";
macro_rules! ticket {
    ($which:literal) => {
        concat!(
            "select t.id, t.account_id, t.number, t.member_id, m.name as member, t.state, t.opened_at, t.due_at, t.closed_at, \
             coalesce((select s.body from support_message s where s.ticket_id = t.id and s.account_id = $1 order by s.id limit 1), '') as first \
             from support_ticket t join member m on m.id = t.member_id where t.account_id = $1",
            $which
        )
    };
}
/// A company's tickets: open ones first.
pub const TICKETS: &str = ticket!(" order by case t.state when 'closed' then 1 else 0 end, t.number desc limit $2 offset $3");
/// One ticket, by its number.
pub const TICKET_OF_NUMBER: &str = ticket!(" and t.number = $2");
/// One ticket.
pub const TICKET: &str = ticket!(" and t.id = $2");
/// A message of a ticket.
pub const PUT_MESSAGE: &str = "insert into support_message (account_id, ticket_id, side, member_id, body, file_id, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7)";
/// The last messages of a ticket, the newest first.
pub const MESSAGES: &str = "select s.side, m.name as member, s.body, s.file_id, s.created_at from support_message s \
    left join member m on m.id = s.member_id where s.account_id = $1 and s.ticket_id = $2 order by s.id desc limit $3";
/// The number of a company's next claim.
pub const NEXT_CLAIM: &str = register_next!("claim");
/// How many claims there are, and how many are open.
pub const CLAIM_COUNTS: &str = register_counts!("claim", "state = 'open'");
/// Enters a claim.
pub const ENTER_CLAIM: &str = "insert into claim (id, account_id, number, direction, claimant, subject, received_at, due_at, state, file_id, member_id) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
/// Answers it.
pub const ANSWER_CLAIM: &str = "update claim set state = 'answered', answer = $4, answered_at = $5 where account_id = $1 and number = $2 \
    and direction = $3 and state = 'open' returning id";
/// It is over.
pub const CLOSE_CLAIM: &str = "update claim set state = 'closed' where account_id = $1 and id = $2 and state <> 'closed' returning number";
/// It came on another day.
pub const CLAIM_CAME: &str =
    "update claim set received_at = $3, due_at = $4 where account_id = $1 and id = $2 and state = 'open' returning number";
/// A dossier of the company's answers it.
pub const ATTACH_DOSSIER: &str = "update claim set dossier_id = $3 where account_id = $1 and id = $2 and state <> 'closed' \
    and exists (select 1 from dossier d where d.id = $3 and d.account_id = $1) returning number";
macro_rules! claim {
    ($which:literal) => {
        concat!(
            "select c.id, c.number, c.direction, c.claimant, c.subject, c.received_at, c.due_at, c.state, c.answer, c.answered_at, c.file_id, \
             c.member_id, c.dossier_id, d.about as dossier, d.made_at as dossier_made_at from claim c \
             left join dossier d on d.id = c.dossier_id and d.account_id = $1 where c.account_id = $1",
            $which
        )
    };
}
/// A company's claims: what is open first, whatever is due soonest; then the newest.
pub const CLAIMS: &str = claim!(
    " order by case c.state when 'open' then 0 else 1 end, case c.state when 'open' then c.due_at end, c.number desc limit $2 offset $3"
);
/// One claim.
pub const CLAIM: &str = claim!(" and c.id = $2");
/// Every statement.
pub const ALL: &[&str] = &[
    PUBLISH,
    TEXTS,
    BODY,
    OWED,
    ACCEPTED,
    ACCEPT,
    COMPANIES,
    NEXT_TICKET,
    TICKET_COUNTS,
    OPEN_TICKET,
    TICKET_ASKS,
    TICKET_ANSWERED,
    CLOSE_TICKET,
    TICKETS,
    TICKET,
    TICKET_OF_NUMBER,
    PUT_MESSAGE,
    MESSAGES,
    NEXT_CLAIM,
    CLAIM_COUNTS,
    ENTER_CLAIM,
    ANSWER_CLAIM,
    CLOSE_CLAIM,
    CLAIM_CAME,
    ATTACH_DOSSIER,
    CLAIMS,
    CLAIM,
];
