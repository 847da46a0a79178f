//! Tells members what happened, once each: a notice is raised in the transaction of its event and
//! sent by [`telling`] to the live sessions of those who may act on it, in their language. The
//! words are here.

pub mod damage;
pub mod mailing;
mod telling;

pub use telling::run;

use mms_core::{
    account::Role,
    agreement::Document,
    channel::{hook, managers},
    clock::Moment,
    crm::unusable::Unusable,
    id::{
        CampaignId, ChannelId, ClaimId, ConnectionId, ContactId, DossierId, ErasureId, EvidenceRequestId, ImportId, MemberId, TicketId,
        VersionId,
    },
    notice::{self, About, Notice, NoticeKind},
    words::{Reason, Why},
};
use serde_json::Value;

use crate::{
    frame::{
        auth,
        callback::{Need, Press},
        deps::Deps,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::{
        access, agreement, audit, campaigns, channels, claims, contacts::say, crm, erasures, evidence, imports, inbox, licence, members,
        menu, sessions, settings, support, templates,
    },
    t,
    words::{self, functions, reasons},
};

/// The message of a notice; `more`: the customer's messages in it besides the last.
#[must_use]
pub fn told_again(tr: Tr, notice: &Notice, more: i32) -> Screen {
    let Some(kind) = notice.kind() else { return Screen::new(String::new()) };
    let mut screen = screen(tr, kind, &notice.payload);
    if more > 0 && kind.is_talk() {
        screen.html.push_str("\n\n");
        screen.html.push_str(&t!(tr, "notices-more", count = more));
    }
    screen
}

/// One message for many conversations.
#[must_use]
pub fn digest(tr: Tr, talks: &[&Notice]) -> Screen {
    const NAMED: usize = 5;
    let names: Vec<String> =
        talks.iter().take(NAMED).map(|talk| say::name(tr, talk.payload["name"].as_str().unwrap_or_default())).collect();
    let rest = talks.len().saturating_sub(NAMED);
    let html = t!(tr, "notices-digest", count = talks.len(), names = names.join(", "), rest = rest);
    Screen::new(html)
        .row([Button::call(p!(tr, "inbox-open"), inbox::Call::List { page: 0 }), Button::call(p!(tr, "to-menu"), menu::Call::Fresh)])
}

/// Who may act on a notice, when it is for nobody in particular.
#[must_use]
pub fn concerns(kind: NoticeKind) -> Need {
    use NoticeKind as K;
    match kind {
        K::CampaignSubmitted | K::TemplateSubmitted => Need::Approve,
        K::CampaignApproved
        | K::CampaignReturned
        | K::CampaignFinished
        | K::CampaignStopped
        | K::CampaignFailed
        | K::CampaignPaused
        | K::CampaignRecalled
        | K::TemplateApproved
        | K::TemplateReturned
        | K::TemplateAccepted
        | K::TemplateBarred
        | K::CustomerAnswered
        | K::CustomerDoubt
        | K::ReplyUndelivered
        | K::TalkAssigned
        | K::InboundFailed
        | K::ChannelStopped
        | K::ChannelCut
        | K::ChannelBack
        | K::ChannelForgot
        | K::ChannelSends
        | K::ImportDone
        | K::ImportStopped
        | K::MaintenancePlanned
        | K::MaintenanceLifted => Need::Edit,
        // To whoever opened the ticket.
        K::SupportAnswered => Need::View,
        K::DossierReady | K::DossierFailed => Need::Evidence,
        K::EvidenceDue
        | K::CrmReauth
        | K::CrmHeld
        | K::CrmHooks
        | K::CrmTokenEnds
        | K::MemberLocked
        | K::MemberGuessed
        | K::MemberPasswordLink
        | K::MemberPasswordSet
        | K::SecondGuessed
        | K::SecondReset
        | K::MemberJoined
        | K::SessionNew
        | K::SessionNotMe
        | K::LicenceEnding
        | K::LicenceEnded
        | K::LicencePaid
        | K::LicenceStrange
        | K::LicenceUsedUp
        | K::TrailHeads
        | K::TrailBroken
        | K::TrailFile
        | K::ErasureDue
        | K::DatabaseDamaged
        | K::AdvertisingHeld
        | K::AgreementChanged
        | K::AccessSuspended
        | K::AccessLifted
        | K::FeatureSwitched
        | K::ClaimAnswered => Need::Own,
    }
}

/// The name of the CRM that a notice is of; those of before there were several do not say.
fn crm_of(payload: &Value) -> &'static str {
    serde_json::from_value(payload["crm"].clone()).map_or("CRM", words::crm)
}

/// The message of a notice.
#[must_use]
pub fn screen(tr: Tr, kind: NoticeKind, payload: &Value) -> Screen {
    use NoticeKind as K;
    let fact = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
    let name = fact("name");
    let html = match kind {
        K::CampaignSubmitted => t!(tr, "notices-campaign-submitted", name = name, by = fact("by")),
        K::CampaignApproved => t!(tr, "notices-campaign-approved", name = name),
        K::CampaignReturned => t!(tr, "notices-campaign-returned", name = name, by = fact("by"), comment = fact("comment")),
        K::CampaignFinished => match (payload["numbers"]["sent"].as_i64(), payload["numbers"]["planned"].as_i64()) {
            (Some(sent), Some(planned)) => {
                let out = payload["responses"]["opted_out"].as_i64().unwrap_or_default();
                t!(tr, "notices-campaign-finished", name = name, sent = sent, planned = planned, out = out)
            }
            _ => t!(tr, "notices-campaign-finished-bare", name = name),
        },
        K::CampaignStopped => t!(tr, "notices-campaign-stopped", name = name),
        K::CampaignFailed => match Reason::of(&fact("reason")) {
            Some(Reason::ApprovalVoid) => t!(tr, "notices-campaign-failed-void", name = name),
            Some(Reason::AudienceGrew) => t!(tr, "notices-campaign-failed-grew", name = name),
            Some(Reason::WindowClosed) => t!(tr, "notices-campaign-failed-late", name = name),
            _ => t!(tr, "notices-campaign-failed", name = name),
        },
        K::CampaignPaused => match campaigns::paused(tr, &Why::of(&fact("reason")), Role::Manager) {
            Some(why) => t!(tr, "notices-campaign-paused-why", name = name, why = Html(why)),
            None => t!(tr, "notices-campaign-paused", name = name),
        },
        K::CampaignRecalled => t!(tr, "notices-campaign-recalled", name = name),
        K::MemberJoined => {
            let role = serde_json::from_value(payload["role"].clone()).map(|role| words::role(tr, role).to_lowercase()).unwrap_or_default();
            t!(tr, "notices-member-joined", name = name, role = role, phone = fact("phone"))
        }
        K::SessionNew if payload["to_owners"].as_bool() == Some(true) => {
            t!(tr, "notices-session-new-owners", name = name, phone = fact("phone"))
        }
        K::SessionNew => t!(tr, "notices-session-new", name = name, phone = fact("phone")),
        K::SessionNotMe => t!(tr, "notices-session-not-me", name = name),
        K::MemberGuessed => t!(tr, "notices-member-guessed", login = fact("login")),
        K::MemberPasswordLink => match (payload["mine"].as_bool(), fact("by")) {
            (Some(true), _) => t!(tr, "notices-member-password-link-mine"),
            (_, by) if by.is_empty() => t!(tr, "notices-member-password-link-admin", name = name),
            (_, by) => t!(tr, "notices-member-password-link", name = name, by = by),
        },
        K::MemberPasswordSet => t!(tr, "notices-member-password-set", name = name, phone = fact("by")),
        K::SecondGuessed => t!(tr, "notices-second-guessed", name = name),
        K::SecondReset => t!(tr, "notices-second-reset", name = name),
        K::TrailHeads => t!(tr, "notices-trail-heads", audit = fact("audit"), consents = fact("consents")),
        K::ErasureDue => {
            let last = fact("last").parse::<chrono::NaiveDate>().map(|last| tr.date(last)).unwrap_or_default();
            t!(tr, "notices-erasure-due", number = payload["number"].as_i64().unwrap_or_default().to_string(), last = last)
        }
        K::DatabaseDamaged => t!(tr, "notices-database-damaged"),
        K::AdvertisingHeld => t!(tr, "notices-advertising-held"),
        K::MaintenancePlanned => maintenance_planned(tr, payload),
        K::MaintenanceLifted if payload["begun"].as_bool() == Some(true) => t!(tr, "notices-maintenance-over"),
        K::MaintenanceLifted => {
            let from = fact("from").parse::<Moment>().map(|from| tr.moment(from)).unwrap_or_default();
            t!(tr, "notices-maintenance-lifted", from = from)
        }
        K::AgreementChanged => agreement_changed(tr, payload),
        K::AccessSuspended => access_suspended(tr, payload),
        K::AccessLifted => t!(tr, "notices-access-lifted", reason = fact("reason"), document = fact("document")),
        K::FeatureSwitched if payload["off"].as_bool() == Some(true) => {
            t!(tr, "notices-feature-off", name = functions::name(tr, &fact("name")), reason = fact("reason"))
        }
        K::FeatureSwitched => t!(tr, "notices-feature-on", name = functions::name(tr, &fact("name"))),
        K::SupportAnswered => t!(tr, "notices-support-answered", number = number(payload), text = fact("text")),
        K::ClaimAnswered => t!(tr, "notices-claim-answered", number = number(payload), text = fact("text")),
        K::TrailFile => {
            let line = payload["line"].as_u64().unwrap_or_default().to_string();
            t!(tr, "notices-trail-file", what = fact("what"), line = line)
        }
        K::TrailBroken => t!(tr, "notices-trail-broken", noted = fact("noted")),
        K::TemplateSubmitted => t!(tr, "notices-template-submitted", name = name, by = fact("by")),
        K::TemplateApproved => t!(tr, "notices-template-approved", name = name),
        K::TemplateReturned => t!(tr, "notices-template-returned", name = name, by = fact("by"), comment = fact("comment")),
        K::TemplateAccepted | K::TemplateBarred => campaigns::reviewed::told(tr, payload),
        K::CustomerAnswered if payload["edited"].as_bool() == Some(true) => {
            t!(tr, "notices-customer-edited", name = say::name(tr, &name), text = inbox::sent(tr, &fact("text")))
        }
        K::CustomerDoubt => t!(tr, "notices-customer-doubt", name = say::name(tr, &name), text = inbox::sent(tr, &fact("text"))),
        K::ReplyUndelivered if fact("state") == "uncertain" => t!(tr, "notices-reply-uncertain", name = say::name(tr, &name)),
        K::ReplyUndelivered => {
            t!(tr, "notices-reply-failed", name = say::name(tr, &name), reason = reasons::why(tr, &Why::of(&fact("reason"))))
        }
        K::TalkAssigned => t!(tr, "notices-conversation-assigned", name = say::name(tr, &name), by = fact("by")),
        K::InboundFailed => t!(tr, "notices-inbound-failed", name = name),
        K::CustomerAnswered => t!(tr, "notices-customer-answered", name = say::name(tr, &name), text = inbox::sent(tr, &fact("text"))),
        K::ChannelStopped if fact("reason") == managers::REASON => t!(tr, "notices-channel-managers", name = name),
        K::ChannelStopped if payload["deaf"].as_bool() == Some(true) => match fact("reason").as_str() {
            hook::AWAITED => t!(tr, "notices-channel-awaits", name = name),
            why if let Some(host) = hook::taken_by(why) => t!(tr, "notices-channel-contested", name = name, host = words::inert(host)),
            why => t!(tr, "notices-channel-deaf", name = name, reason = words::inert(why)),
        },
        K::ChannelStopped => {
            let (messenger, reason) = (fact("messenger"), fact("reason"));
            let (code, word) = (words::code(&reason), words::code_word(&reason));
            t!(
                tr,
                "notices-channel-stopped",
                name = name,
                kind = messenger,
                code = code,
                word = word,
                reason = words::inert(hook::spoken(&reason))
            )
        }
        K::ChannelSends => {
            let messenger = serde_json::from_value(payload["messenger"].clone()).map(words::messenger).unwrap_or_default();
            t!(tr, "notices-channel-sends", name = name, messenger = messenger)
        }
        K::ChannelCut | K::ChannelBack => {
            let messenger = serde_json::from_value(payload["messenger"].clone()).map(words::messenger).unwrap_or_default();
            let since = fact("since").parse::<Moment>().map(|since| tr.moment(since)).unwrap_or_default();
            match kind {
                K::ChannelCut => t!(tr, "notices-channel-cut", messenger = messenger, since = since),
                _ => t!(tr, "notices-channel-back", messenger = messenger, since = since),
            }
        }
        K::ChannelForgot => {
            let messenger = serde_json::from_value(payload["messenger"].clone()).map(words::messenger).unwrap_or_default();
            t!(tr, "notices-channel-forgot", messenger = messenger, name = name)
        }
        K::CrmReauth => match fact("reason").as_str() {
            "moved" => t!(tr, "notices-crm-moved", name = name),
            "uninstalled" => t!(tr, "notices-crm-uninstalled", name = name, crm = crm_of(payload)),
            _ => t!(tr, "notices-crm-reauth", name = name),
        },
        K::CrmHeld => {
            let until = fact("until").parse::<Moment>().map(|until| tr.moment(until)).unwrap_or_default();
            match fact("reason").as_str() {
                "not_paid" => t!(tr, "notices-crm-held-not-paid", name = name, until = until),
                "forbidden" => t!(tr, "notices-crm-held-forbidden", name = name, until = until),
                "limited" => t!(tr, "notices-crm-held-limited", name = name, until = until),
                "plan_limit" => t!(tr, "notices-crm-held-plan", name = name),
                "unusable" => {
                    let what: Option<Unusable> = serde_json::from_value(payload["unusable"].clone()).ok();
                    let sentence = what.map(|what| crm::unusable(tr, &what)).unwrap_or_default();
                    t!(tr, "notices-crm-held-unusable", name = name, sentence = sentence, until = until)
                }
                _ => t!(tr, "notices-crm-held", name = name, until = until),
            }
        }
        K::CrmHooks => t!(tr, "notices-crm-hooks", name = name, crm = crm_of(payload)),
        K::CrmTokenEnds => {
            let until = fact("until").parse::<Moment>().map(|until| tr.day(until)).unwrap_or_default();
            t!(tr, "notices-crm-token-ends", name = name, crm = crm_of(payload), until = until)
        }
        K::ImportDone => t!(tr, "notices-import-done", name = name),
        K::MemberLocked if fact("reason") == "lost_phone" => t!(tr, "notices-member-locked-lost", login = fact("login")),
        K::ImportStopped if payload["off"].is_string() => {
            let number = |name: &str| tr.number(payload[name].as_i64().unwrap_or_default());
            t!(tr, "notices-import-off", name = name, reason = fact("off"), done = number("done"), rows = number("rows"))
        }
        K::ImportStopped => t!(tr, "notices-import-stopped", name = name),
        K::MemberLocked => t!(tr, "notices-member-locked", login = fact("login")),
        K::DossierReady if fact("about").is_empty() => t!(tr, "notices-evidence-ready-one"),
        K::DossierFailed if fact("about").is_empty() => t!(tr, "notices-evidence-failed-one"),
        K::DossierReady => t!(tr, "notices-evidence-ready", about = fact("about"), people = payload["people"].as_i64().unwrap_or_default()),
        K::DossierFailed => t!(tr, "notices-evidence-failed", about = fact("about")),
        K::EvidenceDue => {
            let number = payload["number"].as_i64().unwrap_or_default();
            let due = fact("due").parse().map(|due| tr.date(due)).unwrap_or_default();
            match fact("standing").as_str() {
                "overdue" => t!(tr, "notices-evidence-overdue", number = number, due = due),
                "today" => t!(tr, "notices-evidence-today", number = number),
                _ => t!(tr, "notices-evidence-soon", number = number, due = due),
            }
        }
        K::LicenceEnding => {
            let until = fact("until").parse::<Moment>().map(|until| tr.day(until)).unwrap_or_default();
            t!(tr, "notices-licence-ending", until = until, days = payload["days"].as_i64().unwrap_or_default())
        }
        K::LicenceEnded => {
            let until = fact("until").parse::<Moment>().map(|until| tr.moment(until)).unwrap_or_default();
            t!(tr, "notices-licence-ended", until = until)
        }
        K::LicencePaid => {
            let day = |name: &str| fact(name).parse::<Moment>().map(|at| tr.day(at)).unwrap_or_default();
            let plan = fact("plan").parse().map(|plan| words::plan(tr, plan)).unwrap_or_default();
            let order = payload["order"].as_i64().unwrap_or_default().to_string();
            t!(tr, "notices-licence-paid", order = order, plan = plan, from = day("from"), until = day("until"))
        }
        K::LicenceStrange => {
            let order = payload["order"].as_i64().unwrap_or_default().to_string();
            let sum = words::sum(tr, payload["amount"].as_i64().unwrap_or_default(), &fact("currency"));
            match fact("why").as_str() {
                "closed" => t!(tr, "notices-licence-strange-closed", order = order, sum = sum),
                _ => t!(tr, "notices-licence-strange", order = order, sum = sum),
            }
        }
        K::LicenceUsedUp => {
            let plan = fact("plan").parse().map(|plan| words::plan(tr, plan)).unwrap_or_default();
            let allowed = payload["allowed"].as_i64().unwrap_or_default();
            if fact("what") == "people" {
                t!(tr, "notices-licence-used-up-people", plan = plan, allowed = allowed)
            } else {
                t!(tr, "notices-licence-used-up", plan = plan, allowed = allowed)
            }
        }
    };
    // The reply under a customer's words; a Telegram reply to the notice finds its conversation by
    // this button too.
    let screen = Screen::new(html).row(answer(tr, kind, payload)).row(never_again(tr, kind, payload)).row(launch(tr, kind, payload));
    match open(tr, kind, payload) {
        Some(button) => screen.row([button, Button::call(p!(tr, "to-menu"), menu::Call::Fresh)]),
        None => screen.button(p!(tr, "to-menu"), menu::Call::Fresh),
    }
}

/// When the server is worked on, what for, and which campaigns wait until then.
fn maintenance_planned(tr: Tr, payload: &Value) -> String {
    const NAMED: usize = 5;
    let moment = |name: &str| payload[name].as_str().and_then(|at| at.parse::<Moment>().ok()).map(|at| tr.moment(at)).unwrap_or_default();
    let mut html = t!(tr, "notices-maintenance-planned", from = moment("from"), until = moment("until"));
    if let Some(reason) = payload["reason"].as_str().filter(|reason| !reason.is_empty()) {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "notices-maintenance-reason", reason = reason));
    }
    let campaigns: Vec<&str> = payload["campaigns"].as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()).collect();
    if !campaigns.is_empty() {
        let names: Vec<String> = campaigns.iter().take(NAMED).map(|name| format!("«{name}»")).collect();
        let rest = campaigns.len().saturating_sub(NAMED);
        html.push_str("\n\n");
        html.push_str(&t!(tr, "notices-maintenance-campaigns", names = names.join(", "), rest = rest, count = campaigns.len()));
    }
    html
}

/// The number of a ticket or a claim.
fn number(payload: &Value) -> i64 {
    payload["number"].as_i64().unwrap_or_default()
}

/// A version of the licensor's texts, and from when it holds.
fn agreement_changed(tr: Tr, payload: &Value) -> String {
    let document = serde_json::from_value(payload["document"].clone()).unwrap_or(Document::Agreement);
    let from = payload["from"].as_str().and_then(|at| at.parse::<Moment>().ok()).map(|at| tr.date(at.date_naive())).unwrap_or_default();
    let version = payload["version"].as_str().unwrap_or_default();
    let name = agreement::name(tr, document);
    if payload["follows"].as_bool() == Some(true) {
        t!(tr, "notices-agreement-changed", name = name, version = version, from = from)
    } else {
        t!(tr, "notices-agreement-first", name = name, version = version, from = from)
    }
}

/// What the licensor closed, why, and until when.
fn access_suspended(tr: Tr, payload: &Value) -> String {
    let fact = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
    let what = if payload["scope"] == "all" { t!(tr, "access-all") } else { t!(tr, "access-sending") };
    let mut html = t!(tr, "notices-access-suspended", what = Html(what), reason = fact("reason"), document = fact("document"));
    if let Some(until) = payload["until"].as_str().and_then(|at| at.parse::<Moment>().ok()) {
        html.push('\n');
        html.push_str(&t!(tr, "access-until", until = tr.moment(until)));
    }
    let campaigns = payload["campaigns"].as_array().map_or(0, Vec::len);
    if campaigns > 0 {
        html.push('\n');
        html.push_str(&t!(tr, "notices-access-campaigns", count = campaigns));
    }
    html
}

/// The button that answers a customer.
fn answer(tr: Tr, kind: NoticeKind, payload: &Value) -> Option<Button> {
    let (contact, channel) = (ContactId(id(payload, "contact")?), ChannelId(id(payload, "channel")?));
    kind.is_talk().then(|| Button::call(p!(tr, "inbox-reply"), inbox::Call::Answer { contact, channel }))
}

/// The button that ends writing to a customer: it asks first, and the opt-out is a member's, on the
/// record.
fn never_again(tr: Tr, kind: NoticeKind, payload: &Value) -> Option<Button> {
    let contact = ContactId(id(payload, "contact")?);
    kind.is_talk().then(|| Button::call(p!(tr, "inbox-stop"), inbox::Call::AskStop { contact }))
}

/// The button that launches what was just approved: it shows the numbers and asks for one of them.
fn launch(tr: Tr, kind: NoticeKind, payload: &Value) -> Option<Button> {
    let campaign = CampaignId(id(payload, "campaign")?);
    (kind == NoticeKind::CampaignApproved).then(|| Button::call(p!(tr, "campaigns-launch"), campaigns::Call::AskLaunch { campaign }))
}

/// What an approver decides on, in place of a notice that it waits; `None`: the notice as it is.
async fn decision(deps: &Deps, chat: i64, notice: &Notice) -> Option<Screen> {
    if notice.kind() != Some(NoticeKind::CampaignSubmitted) {
        return None;
    }
    let campaign = CampaignId(id(&notice.payload, "campaign")?);
    let card = async {
        let cx = auth::context(deps, chat, chat, "").await?;
        campaigns::decision(&cx, campaign).await.map(|card| (cx.tr, card))
    };
    match card.await {
        Ok((tr, Some(mut card))) => {
            let told = screen(tr, NoticeKind::CampaignSubmitted, &notice.payload).html;
            card.html = format!("{told}\n\n{}", card.html);
            // The card has its own way back; a text that fills a message is opened by a press.
            (card.html.chars().count() < ROOM).then_some(card)
        }
        Ok((_, None)) => None,
        Err(error) => {
            tracing::debug!(%error, "an approver is told without the card");
            None
        }
    }
}

/// Characters of markup and text of a card that a notice may carry: Telegram takes 4 096 without
/// the markup.
const ROOM: usize = 3_900;

fn id(payload: &Value, name: &str) -> Option<uuid::Uuid> {
    payload[name].as_str()?.parse().ok()
}

/// The button that opens what the notice is about; the card comes as the same message edited.
fn open(tr: Tr, kind: NoticeKind, payload: &Value) -> Option<Button> {
    let card = |call: Press| Button::call(p!(tr, "open"), call);
    Some(match kind.about() {
        About::Member => {
            let member = MemberId(id(payload, "member")?);
            match kind {
                NoticeKind::SessionNew => {
                    let user = payload[notice::NOT_THERE].as_i64()?;
                    let text = match payload["to_owners"].as_bool() {
                        Some(true) => p!(tr, "notices-end-session"),
                        _ => p!(tr, "notices-not-me"),
                    };
                    Button::call(text, sessions::Call::NotMe { member, user })
                }
                // Whose password it is opens no card of their own.
                NoticeKind::MemberPasswordLink if payload["mine"].as_bool() == Some(true) => return None,
                _ => card(members::Call::Card { member }.into()),
            }
        }
        About::Trail => Button::call(p!(tr, "audit-verify"), audit::Call::Verify),
        // Nothing in the chat mends it.
        About::Database | About::Server => return None,
        About::Agreement => card(agreement::Call::Open.into()),
        About::Support => card(support::Call::Card { ticket: TicketId(id(payload, "ticket")?) }.into()),
        About::Claim => card(claims::Call::Card { claim: ClaimId(id(payload, "claim")?) }.into()),
        About::Access => card(access::Call::Open.into()),
        About::Erasure => card(erasures::Call::Card { erasure: ErasureId(id(payload, "erasure")?) }.into()),
        About::Company => card(settings::Call::Open.into()),
        About::Evidence => match id(payload, "request") {
            Some(request) => card(evidence::Call::Request { request: EvidenceRequestId(request) }.into()),
            None => card(evidence::Call::Dossier { dossier: DossierId(id(payload, "dossier")?) }.into()),
        },
        About::Licence => card(licence::Call::Open.into()),
        About::Import => card(imports::Call::Card { import: ImportId(id(payload, "import")?) }.into()),
        About::Inbound => card(inbox::Call::Failed { page: 0 }.into()),
        About::Conversation => Button::call(p!(tr, "inbox-open"), inbox::Call::Card { contact: ContactId(id(payload, "contact")?) }),
        About::Channel => card(channels::Call::Card { channel: ChannelId(id(payload, "channel")?) }.into()),
        About::Campaign => card(campaigns::Call::Card { campaign: CampaignId(id(payload, "campaign")?) }.into()),
        About::Crm => card(crm::Call::Card { connection: ConnectionId(id(payload, "connection")?) }.into()),
        About::Template => card(templates::Call::Card { version: VersionId(id(payload, "version")?) }.into()),
    })
}

#[cfg(test)]
mod tests;
