//! What each action of the trail is called.

use crate::{i18n::Tr, p};

/// Words for an action; an action this program does not know keeps its code.
#[must_use]
pub fn words(tr: Tr, action: &str) -> String {
    match action {
        "account.delete" => p!(tr, "audit-account-delete"),
        "account.erased" => p!(tr, "audit-account-erased"),
        "agreement.accept" => p!(tr, "audit-agreement-accept"),
        "access.suspend" => p!(tr, "audit-access-suspend"),
        "access.lift" => p!(tr, "audit-access-lift"),
        "feature.off" => p!(tr, "audit-feature-off"),
        "feature.on" => p!(tr, "audit-feature-on"),
        "support.open" => p!(tr, "audit-support-open"),
        "support.add" => p!(tr, "audit-support-add"),
        "support.answer" => p!(tr, "audit-support-answer"),
        "support.close" => p!(tr, "audit-support-close"),
        "claim.enter" => p!(tr, "audit-claim-enter"),
        "claim.answer" => p!(tr, "audit-claim-answer"),
        "claim.date" => p!(tr, "audit-claim-date"),
        "claim.attach" => p!(tr, "audit-claim-attach"),
        "claim.close" => p!(tr, "audit-claim-close"),
        "account.create" => p!(tr, "audit-account-create"),
        "account.advertising_confirmed" => p!(tr, "audit-account-advertising-confirmed"),
        "session.open" => p!(tr, "audit-session-open"),
        "session.end" => p!(tr, "audit-session-end"),
        "session.end_all" => p!(tr, "audit-session-end-all"),
        "member.add" => p!(tr, "audit-member-add"),
        "member.role" => p!(tr, "audit-member-role"),
        "member.disable" => p!(tr, "audit-member-disable"),
        "member.enable" => p!(tr, "audit-member-enable"),
        "member.lock" => p!(tr, "audit-member-lock"),
        "member.unlock" => p!(tr, "audit-member-unlock"),
        "member.profile" => p!(tr, "audit-member-profile"),
        "member.password_reset" => p!(tr, "audit-member-password-reset"),
        "member.password_change" => p!(tr, "audit-member-password-change"),
        "member.lost_phone" => p!(tr, "audit-member-lost-phone"),
        "member.password_link" => p!(tr, "audit-member-password-link"),
        "session.refused" => p!(tr, "audit-session-refused"),
        "mailbox.confirmed" => p!(tr, "audit-mailbox-confirmed"),
        "mailbox.removed" => p!(tr, "audit-mailbox-removed"),
        "second.on" => p!(tr, "audit-second-on"),
        "second.off" => p!(tr, "audit-second-off"),
        "second.reset" => p!(tr, "audit-second-reset"),
        "session.not_me" => p!(tr, "audit-session-not-me"),
        "export.recipients" => p!(tr, "audit-export-recipients"),
        "export.dossier" => p!(tr, "audit-export-dossier"),
        "export.person" => p!(tr, "audit-export-person"),
        "export.refused" => p!(tr, "audit-export-refused"),
        "export.contacts" => p!(tr, "audit-export-contacts"),
        "export.segment" => p!(tr, "audit-export-segment"),
        "export.file" => p!(tr, "audit-export-file"),
        "export.paper" => p!(tr, "audit-export-paper"),
        "trail.adopt" => p!(tr, "audit-trail-adopt"),
        "invitation.create" => p!(tr, "audit-invitation-create"),
        "invitation.revoke" => p!(tr, "audit-invitation-revoke"),
        "invitation.accept" => p!(tr, "audit-invitation-accept"),
        "licence.issue" => p!(tr, "audit-licence-issue"),
        "licence.revoke" => p!(tr, "audit-licence-revoke"),
        "licence.order" => p!(tr, "audit-licence-order"),
        "licence.order_cancel" => p!(tr, "audit-licence-order-cancel"),
        "licence.payment_returned" => p!(tr, "audit-licence-payment-returned"),
        "licence.payment_strange" => p!(tr, "audit-licence-payment-strange"),
        "settings.change" => p!(tr, "audit-settings-change"),
        "price.set" => p!(tr, "audit-price-set"),
        "price.clear" => p!(tr, "audit-price-clear"),
        "law.profile" => p!(tr, "audit-law-profile"),
        "law.off" => p!(tr, "audit-law-off"),
        "law.on" => p!(tr, "audit-law-on"),
        "erasure.file" => p!(tr, "audit-erasure-file"),
        "erasure.date" => p!(tr, "audit-erasure-date"),
        "erasure.drop" => p!(tr, "audit-erasure-drop"),
        "erasure.done" => p!(tr, "audit-erasure-done"),
        "erasure.operator" => p!(tr, "audit-erasure-operator"),
        "law.answer" => p!(tr, "audit-law-answer"),
        "law.strict" => p!(tr, "audit-law-strict"),
        "law.trademarks" => p!(tr, "audit-law-trademarks"),
        "wording.set" => p!(tr, "audit-wording-set"),
        "evidence.ask" => p!(tr, "audit-evidence-ask"),
        "evidence.take" => p!(tr, "audit-evidence-take"),
        "evidence.request" => p!(tr, "audit-evidence-request"),
        "evidence.answer" => p!(tr, "audit-evidence-answer"),
        "evidence.register" => p!(tr, "audit-evidence-register"),
        "suppression.add" => p!(tr, "audit-suppression-add"),
        "suppression.lift" => p!(tr, "audit-suppression-lift"),
        "contact.reply" => p!(tr, "audit-contact-reply"),
        "contact.handled" => p!(tr, "audit-contact-handled"),
        "contact.reopened" => p!(tr, "audit-contact-reopened"),
        "contact.opt_out" => p!(tr, "audit-contact-opt-out"),
        "address.opt_out" => p!(tr, "audit-address-opt-out"),
        "address.allowed" => p!(tr, "audit-address-allowed"),
        "address.blocked" => p!(tr, "audit-address-blocked"),
        "contact.doubt_lifted" => p!(tr, "audit-contact-doubt-lifted"),
        "inbound.read_again" => p!(tr, "audit-inbound-read-again"),
        "inbound.looked_after" => p!(tr, "audit-inbound-looked-after"),
        "contact.come_back" => p!(tr, "audit-contact-come-back"),
        "contact.join" => p!(tr, "audit-contact-join"),
        "contact.divide" => p!(tr, "audit-contact-divide"),
        "contact.apart" => p!(tr, "audit-contact-apart"),
        "field.source" => p!(tr, "audit-field-source"),
        "contact.delete" => p!(tr, "audit-contact-delete"),
        "contact.signed" => p!(tr, "audit-contact-signed"),
        "keyword.add" => p!(tr, "audit-keyword-add"),
        "keyword.off" => p!(tr, "audit-keyword-off"),
        "keyword.on" => p!(tr, "audit-keyword-on"),
        "keyword.place" => p!(tr, "audit-keyword-place"),
        "contact.link" => p!(tr, "audit-contact-link"),
        "contact.assigned" => p!(tr, "audit-contact-assigned"),
        "quick_reply.add" => p!(tr, "audit-quick-reply-add"),
        "quick_reply.change" => p!(tr, "audit-quick-reply-change"),
        "quick_reply.remove" => p!(tr, "audit-quick-reply-remove"),
        "contact.create" => p!(tr, "audit-contact-create"),
        "contact.edit" => p!(tr, "audit-contact-edit"),
        "contact.tags" => p!(tr, "audit-contact-tags"),
        "field.create" => p!(tr, "audit-field-create"),
        "field.rename" => p!(tr, "audit-field-rename"),
        "import.begin" => p!(tr, "audit-import-begin"),
        "import.mapping" => p!(tr, "audit-import-mapping"),
        "import.basis" => p!(tr, "audit-import-basis"),
        "import.dry_run" => p!(tr, "audit-import-dry-run"),
        "import.start" => p!(tr, "audit-import-start"),
        "import.off" => p!(tr, "audit-import-off"),
        "import.done" => p!(tr, "audit-import-done"),
        "import.resume" => p!(tr, "audit-import-resume"),
        "import.cancel" => p!(tr, "audit-import-cancel"),
        "segment.create" => p!(tr, "audit-segment-create"),
        "segment.update" => p!(tr, "audit-segment-update"),
        "segment.rename" => p!(tr, "audit-segment-rename"),
        "segment.delete" => p!(tr, "audit-segment-delete"),
        "template.create" => p!(tr, "audit-template-create"),
        "template.edit" => p!(tr, "audit-template-edit"),
        "template.rename" => p!(tr, "audit-template-rename"),
        "template.submit" => p!(tr, "audit-template-submit"),
        "template.recall" => p!(tr, "audit-template-recall"),
        "template.approve" => p!(tr, "audit-template-approve"),
        "template.return" => p!(tr, "audit-template-return"),
        "template.hand_in" => p!(tr, "audit-template-hand-in"),
        "template.archive" => p!(tr, "audit-template-archive"),
        "template.restore" => p!(tr, "audit-template-restore"),
        "campaign.create" => p!(tr, "audit-campaign-create"),
        "campaign.edit" => p!(tr, "audit-campaign-edit"),
        "campaign.duplicate" => p!(tr, "audit-campaign-duplicate"),
        "campaign.delete" => p!(tr, "audit-campaign-delete"),
        "campaign.submit" => p!(tr, "audit-campaign-submit"),
        "campaign.recall" => p!(tr, "audit-campaign-recall"),
        "campaign.approve" => p!(tr, "audit-campaign-approve"),
        "campaign.return" => p!(tr, "audit-campaign-return"),
        "campaign.void" => p!(tr, "audit-campaign-void"),
        "campaign.launch" => p!(tr, "audit-campaign-launch"),
        "campaign.start" => p!(tr, "audit-campaign-start"),
        "campaign.planned" => p!(tr, "audit-campaign-planned"),
        "campaign.pause" => p!(tr, "audit-campaign-pause"),
        "campaign.resume" => p!(tr, "audit-campaign-resume"),
        "campaign.stop" => p!(tr, "audit-campaign-stop"),
        "campaign.close" => p!(tr, "audit-campaign-close"),
        "campaign.uncertain" => p!(tr, "audit-campaign-uncertain"),
        "channel.add" => p!(tr, "audit-channel-add"),
        "channel.configure" => p!(tr, "audit-channel-configure"),
        "channel.credentials" => p!(tr, "audit-channel-credentials"),
        "channel.pause" => p!(tr, "audit-channel-pause"),
        "channel.resume" => p!(tr, "audit-channel-resume"),
        "channel.remove" => p!(tr, "audit-channel-remove"),
        "crm.connect" => p!(tr, "audit-crm-connect"),
        "crm.authorise.begin" => p!(tr, "audit-crm-authorise-begin"),
        "crm.authorise" => p!(tr, "audit-crm-authorise"),
        "crm.map" => p!(tr, "audit-crm-map"),
        "crm.tasks" => p!(tr, "audit-crm-tasks"),
        "crm.accept" => p!(tr, "audit-crm-accept"),
        "crm.every" => p!(tr, "audit-crm-every"),
        "crm.sender" => p!(tr, "audit-crm-sender"),
        "crm.sync" => p!(tr, "audit-crm-sync"),
        "crm.pause" => p!(tr, "audit-crm-pause"),
        "crm.resume" => p!(tr, "audit-crm-resume"),
        "crm.moved" => p!(tr, "audit-crm-moved"),
        "crm.uninstalled" => p!(tr, "audit-crm-uninstalled"),
        "crm.disconnect" => p!(tr, "audit-crm-disconnect"),
        "campaign.window_closed" => p!(tr, "audit-campaign-window-closed"),
        "campaign.outgrown" => p!(tr, "audit-campaign-outgrown"),
        "campaign.missed" => p!(tr, "audit-campaign-missed"),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use mms_core::account::Language;

    use super::*;

    /// The actions that are written out where the trail is written.
    fn recorded(dir: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                recorded(&path, found);
            } else if path.extension().is_some_and(|kind| kind == "rs")
                && path.file_name().is_some_and(|name| !name.to_string_lossy().contains("test"))
            {
                let source = fs::read_to_string(&path).unwrap();
                for call in source.split("audit::record(").skip(1) {
                    let call = call.split(';').next().unwrap_or_default();
                    let words = call.split('"').skip(1).step_by(2);
                    let code = |word: &&str| word.contains('.') && word.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c));
                    found.extend(words.filter(code).filter(|word| !word.starts_with("test.")).map(str::to_owned));
                }
            }
        }
    }

    #[test]
    fn every_action_has_words() {
        let mut found = BTreeSet::new();
        for dir in ["../core/src", "../worker/src"] {
            recorded(&Path::new(env!("CARGO_MANIFEST_DIR")).join(dir), &mut found);
        }
        assert!(found.len() > 20 && found.contains("import.done"), "the trail is written elsewhere now: {found:?}");
        for language in [Language::Ru, Language::En] {
            let tr = Tr::new(language, chrono_tz::UTC);
            let bare: Vec<&String> = found.iter().filter(|action| words(tr, action) == **action).collect();
            assert!(bare.is_empty(), "no words in {language:?} for {bare:?}");
        }
    }
}
