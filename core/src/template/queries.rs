//! Statements of the template room.

/// A new template.
pub const CREATE: &str = "insert into template (id, account_id, name, created_by, created_at) values ($1, $2, $3, $4, $5)";
/// One template.
pub const BY_ID: &str = "select id, name, created_by, created_at, archived_at from template where account_id = $1 and id = $2";
/// Holds a template so that two writers cannot take the same number.
pub const HOLD: &str = "update template set name = name where account_id = $1 and id = $2 and archived_at is null";
/// Another name.
pub const RENAME: &str = "update template set name = $3 where account_id = $1 and id = $2 and archived_at is null";
/// Put away.
pub const ARCHIVE: &str = "update template set archived_at = $3 where account_id = $1 and id = $2 and archived_at is null";
/// Taken back.
pub const RESTORE: &str = "update template set archived_at = null where account_id = $1 and id = $2 and archived_at is not null";
/// Templates with their newest version and the newest approved one.
pub const LIST: &str = "select t.id, t.name, t.created_at, t.archived_at, v.id as version_id, v.number, v.class, v.state, v.updated_at, \
    (select a.id from template_version a where a.template_id = t.id and a.state = 'approved' order by a.number desc limit 1) as approved_id \
    from template t join template_version v on v.template_id = t.id \
    and v.number = (select max(m.number) from template_version m where m.template_id = t.id) \
    where t.account_id = $1 and ((t.archived_at is null) = $2) order by v.updated_at desc, t.id desc limit $3 offset $4";

/// How many templates in use (or archived) there are.
pub const COUNT: &str = "select count(*) from template where account_id = $1 and ((archived_at is null) = $2)";

/// Versions that wait for an approver, the longest waiting first: the newest ones of templates in
/// use.
pub const WAITING_APPROVAL: &str = "select v.id, t.name, v.created_by, v.submitted_by, v.authors, m.name, v.submitted_at \
    from template t join template_version v on v.template_id = t.id \
    and v.number = (select max(n.number) from template_version n where n.template_id = t.id) \
    left join member m on m.id = v.submitted_by \
    where t.account_id = $1 and t.archived_at is null and v.state = 'submitted' order by v.submitted_at, v.id";

/// First versions of templates that a member made since, under this name, and that nobody touched.
pub const JUST_MADE: &str = "select v.id from template t join template_version v on v.template_id = t.id and v.number = 1 \
    where t.account_id = $1 and t.created_by = $2 and t.name = $3 and t.created_at >= $4 and t.archived_at is null \
    and v.state = 'draft' and v.updated_at = v.created_at order by v.id desc";

/// Adds a version.
pub const ADD_VERSION: &str = "insert into template_version (id, account_id, template_id, number, class, body, media_kind, media_file_id, buttons, \
    state, created_by, authors, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'draft', $10, $11, $12, $12)";
/// One version.
pub const VERSION: &str = "select v.id, v.template_id, t.name, v.number, v.class, v.body, v.media_kind, v.media_file_id, v.buttons, v.state, \
    v.content_hash, v.comment, v.created_by, v.authors, v.created_at, v.updated_at, v.submitted_by, v.submitted_at, v.decided_by, v.decided_at \
    from template_version v join template t on t.id = v.template_id where v.account_id = $1 and v.id = $2";
/// The versions of a template, newest first.
pub const VERSIONS: &str = "select v.id, v.template_id, t.name, v.number, v.class, v.body, v.media_kind, v.media_file_id, v.buttons, v.state, \
    v.content_hash, v.comment, v.created_by, v.authors, v.created_at, v.updated_at, v.submitted_by, v.submitted_at, v.decided_by, v.decided_at \
    from template_version v join template t on t.id = v.template_id where v.account_id = $1 and v.template_id = $2 order by v.number desc";
/// The newest version of a template: its id, number and state.
pub const NEWEST: &str =
    "select id, number, state from template_version where account_id = $1 and template_id = $2 order by number desc limit 1";
/// Writes a draft anew; a returned one is a draft again. Only the one that was read.
pub const EDIT: &str = "update template_version set class = $5, body = $6, media_kind = $7, media_file_id = $8, buttons = $9, authors = $10, \
    state = 'draft', content_hash = null, updated_at = $4 \
    where account_id = $1 and id = $2 and state in ('draft', 'returned') and updated_at = $3";
/// Hands a version in: what was checked is what is handed in.
pub const SUBMIT: &str = "update template_version set state = 'submitted', content_hash = $5, comment = null, submitted_by = $6, submitted_at = $4, \
    decided_by = null, decided_at = null, updated_at = $4 where account_id = $1 and id = $2 and state in ('draft', 'returned') and updated_at = $3";
/// Takes a version back before it is decided.
pub const RECALL: &str = "update template_version set state = 'draft', content_hash = null, submitted_by = null, submitted_at = null, updated_at = $3 \
    where account_id = $1 and id = $2 and state = 'submitted'";
/// Decides: approved or returned, only what was seen.
pub const DECIDE: &str = "update template_version set state = $3, comment = $4, decided_by = $5, decided_at = $6, updated_at = $6 \
    where account_id = $1 and id = $2 and state = 'submitted' and content_hash = $7";
/// The account as templates see it.
pub const ACCOUNT: &str = "select name, advertiser, zone, language from account where id = $1";
/// A contact as templates see it.
pub const CONTACT: &str =
    "select id, name, first_name, last_name, attributes from contact where account_id = $1 and id = $2 and deleted_at is null";

/// Every statement.
pub const ALL: &[&str] = &[
    CREATE,
    BY_ID,
    HOLD,
    RENAME,
    ARCHIVE,
    RESTORE,
    LIST,
    COUNT,
    WAITING_APPROVAL,
    JUST_MADE,
    ADD_VERSION,
    VERSION,
    VERSIONS,
    NEWEST,
    EDIT,
    SUBMIT,
    RECALL,
    DECIDE,
    ACCOUNT,
    CONTACT,
];
