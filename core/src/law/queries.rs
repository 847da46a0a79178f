//! Statements of the room of law.

/// What an account said of itself, and how its owners set the rules.
pub const PROFILE: &str = "select law from account where id = $1";
/// Takes hold of the account's row: of two owners who change it at once, one comes second.
pub const HOLD: &str = "update account set law = law where id = $1";
/// Writes it.
pub const WRITE: &str = "update account set law = $2 where id = $1";
/// The findings that are answered.
pub const ANSWER_KEYS: &str = "select rule, about from law_answer where account_id = $1";
/// An answer, with who gave it.
pub const ANSWER: &str = "select a.rule, a.about, a.words, a.answer, a.file_id, m.name as given_by, a.answered_at \
    from law_answer a join member m on m.account_id = a.account_id and m.id = a.member_id \
    where a.account_id = $1 and a.rule = $2 and a.about = $3";
/// Answers a finding; the last word counts.
pub const GIVE: &str = "insert into law_answer (account_id, rule, about, words, answer, file_id, member_id, answered_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (account_id, rule, about) do update set words = excluded.words, \
    answer = excluded.answer, file_id = excluded.file_id, member_id = excluded.member_id, answered_at = excluded.answered_at";

/// Every statement.
pub const ALL: &[&str] = &[PROFILE, HOLD, WRITE, ANSWER_KEYS, ANSWER, GIVE];
