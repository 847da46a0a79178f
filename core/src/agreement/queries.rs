//! The statements of this room.

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
/// Every statement.
pub const ALL: &[&str] = &[PUBLISH, TEXTS, BODY, OWED, ACCEPTED, ACCEPT, COMPANIES];
