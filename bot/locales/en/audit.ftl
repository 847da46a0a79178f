audit-title =
    <b>Audit trail</b>

    { $entries }
audit-line = { $at } · <b>{ $who }</b>: { $what }
audit-actor-admin = Server administrator
audit-actor-system = System
audit-actor-unknown = Former member

audit-verify = Verify
audit-verified =
    <b>Verification</b>

    <b>The trail.</b> { $audit }

    <b>Consents.</b> { $consents }

    Keep the checksums outside this database: by them it shows later whether all of it was exchanged.
audit-whole =
    ✅ Entries: { $entries }, all there and unchanged.
    <code>{ $mark }</code>
audit-found = The first { $before } are from before there was verification ({ $since }): they are as they were then.
audit-broken =
    🚨 It does not add up: { $why }.
    Show this to the server’s administrator.
audit-member-password-link = a link for a new password was made
audit-session-refused = a wrong password at sign-in
audit-session-not-me = “It was not me”: a stranger’s session was ended
audit-export-recipients = the list of recipients was taken out
audit-export-dossier = a contact’s consents were taken out
audit-export-refused = refused rows of an import were taken out
audit-trail-adopt = the trail is verified from here; earlier entries are as they were found
audit-account-create = the company was created
audit-account-advertising-confirmed = advertising was let go on after a restore
audit-session-open = signed in
audit-session-end = a session ended
audit-session-end-all = all sessions ended
audit-member-add = a member was added
audit-member-role = a member’s role was changed
audit-member-disable = a member was disabled
audit-member-enable = a member was enabled
audit-member-lock = a login was locked
audit-member-unlock = a lock was lifted
audit-member-profile = a profile was changed
audit-member-password-reset = a member’s password was reset
audit-member-password-change = the password was changed
audit-member-lost-phone = phone lost: access closed
audit-invitation-create = an invitation was made
audit-invitation-revoke = an invitation was withdrawn
audit-invitation-accept = an invitation was accepted
audit-licence-issue = a licence was issued
audit-licence-revoke = a licence was revoked
audit-settings-change = settings were changed
audit-wording-set = a consent wording was changed
audit-suppression-add = an address was suppressed
audit-suppression-lift = a suppression was lifted
audit-contact-reply = a customer was answered
audit-contact-handled = a customer’s message was marked: needs no reply
audit-contact-reopened = a customer’s message waits for a reply again
audit-contact-opt-out = a customer was opted out
audit-address-opt-out = an address that is no contact’s opted out
audit-address-blocked = a customer blocked the bot
audit-contact-doubt-lifted = a doubt whether a customer wants advertising lifted
audit-inbound-read-again = what was not read is read again
audit-inbound-looked-after = what was not read looked after
audit-contact-come-back = a customer came back
audit-contact-delete = a contact was deleted
audit-contact-link = a personal link for a contact
audit-contact-tags = a contact’s tags were changed
audit-field-create = a contact field was made
audit-field-rename = a contact field was renamed
audit-import-begin = an import was begun
audit-import-mapping = import: columns were mapped
audit-import-basis = import: the basis was stated
audit-import-dry-run = import: a dry run
audit-import-start = an import was started
audit-import-done = an import was finished
audit-import-resume = an import was let go on
audit-import-cancel = an import was cancelled
audit-segment-create = a segment was made
audit-segment-update = a segment was changed
audit-segment-rename = a segment was renamed
audit-segment-delete = a segment was deleted
audit-template-create = a template was made
audit-template-edit = a template was edited
audit-template-rename = a template was renamed
audit-template-submit = a template was submitted
audit-template-recall = a template was recalled
audit-template-approve = a template was approved
audit-template-return = a template was returned
audit-template-archive = a template was archived
audit-template-restore = a template was restored
audit-campaign-create = a campaign was made
audit-campaign-edit = a campaign was edited
audit-campaign-duplicate = a campaign was duplicated
audit-campaign-delete = a campaign was deleted
audit-campaign-submit = a campaign was submitted
audit-campaign-recall = a campaign was recalled
audit-campaign-approve = a campaign was approved
audit-campaign-return = a campaign was returned
audit-campaign-void = a campaign’s approval was voided by a change
audit-campaign-launch = a campaign was launched
audit-campaign-start = a campaign began
audit-campaign-planned = a campaign’s recipients were planned
audit-campaign-pause = a campaign was paused
audit-campaign-resume = a campaign was resumed
audit-campaign-stop = a campaign was stopped
audit-campaign-close = a campaign was closed
audit-campaign-uncertain = uncertain outcomes were decided
audit-channel-add = a channel was connected
audit-channel-configure = a channel was configured
audit-channel-credentials = a channel’s token was replaced
audit-channel-pause = a channel was paused
audit-channel-resume = a channel was resumed
audit-channel-remove = a channel was removed
audit-crm-connect = a CRM was connected
audit-crm-authorise-begin = connecting a CRM was begun
audit-crm-authorise = a CRM gave access
audit-crm-map = CRM fields were mapped
audit-crm-sync = a CRM sync was asked for
audit-crm-pause = a CRM was paused
audit-crm-resume = a CRM was resumed
audit-crm-moved = CRM moved to a new address
audit-crm-uninstalled = the integration was removed in the CRM
audit-crm-disconnect = a CRM was disconnected
audit-campaign-window-closed = a campaign’s time ran out
audit-campaign-outgrown = a campaign was stopped: more recipients than confirmed
audit-campaign-missed = a campaign missed its time
