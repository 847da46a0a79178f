audit-title =
    <b>Audit log</b>

    { $entries }
audit-line = { $at } · <b>{ $who }</b>: { $what }
audit-line-of = { $at } · <b>{ $who }</b>: { $what } — “{ $object }”
audit-actor-admin = Server administrator
audit-actor-system = System
audit-actor-unknown = Former member

audit-verify = Verify
audit-verified =
    <b>Verification</b>

    <b>The log.</b> { $audit }

    <b>Consents.</b> { $consents }

    Keep the checksums outside this database: they show later whether all of it was replaced.
audit-whole =
    ✅ Entries: { $entries }, all there and unchanged.
    <code>{ $mark }</code>
audit-found = The first { $before } were written before verification began ({ $since }): they are shown as they were then.
audit-broken =
    🚨 It does not add up: { $why }.
    Show this to the server’s administrator.
audit-member-password-link = a link for a new password was created
audit-session-refused = a wrong password at sign-in
audit-session-not-me = a stranger’s session was ended: “It was not me”
audit-export-recipients = the list of recipients was exported
audit-export-dossier = a contact’s consents were exported
audit-export-contacts = contacts were exported
audit-export-segment = a segment’s contacts were exported
audit-export-file = a file of a conversation was downloaded
audit-export-refused = rejected rows of an import were downloaded
audit-trail-adopt = verification of the log began; earlier entries were taken as they are
audit-account-create = the company was created
audit-account-advertising-confirmed = advertising was allowed after a restore
audit-session-open = signed in
audit-session-end = a session ended
audit-session-end-all = all sessions ended
audit-member-add = a member was added
audit-member-role = a member’s role was changed
audit-member-disable = a member’s access was disabled
audit-member-enable = a member’s access was enabled
audit-member-lock = a member’s login was locked
audit-member-unlock = a member’s login was unlocked
audit-member-profile = a profile was changed
audit-member-password-reset = a member’s password was changed by a link
audit-member-password-change = the password was changed
audit-member-lost-phone = phone lost: access closed
audit-invitation-create = an invitation was created
audit-invitation-revoke = an invitation was withdrawn
audit-invitation-accept = an invitation was accepted
audit-licence-issue = a licence was issued
audit-licence-revoke = a licence was revoked
audit-settings-change = settings were changed
audit-price-set = price of a message set
audit-price-clear = own prices of messages removed
audit-wording-set = a consent text was changed
audit-suppression-add = addresses were added to the stop-list
audit-suppression-lift = an address was removed from the stop-list
audit-contact-reply = a reply was sent to a customer
audit-contact-handled = a conversation was closed: no reply needed
audit-contact-reopened = a conversation is waiting for a reply again
audit-contact-opt-out = a customer was unsubscribed
audit-contact-opted-out = a customer unsubscribed
audit-address-opt-out = an address that is not in the contacts opted out
audit-address-allowed = a customer allowed messages
audit-address-blocked = a customer blocked the bot
audit-contact-doubt-lifted = marked as not an opt-out from advertising
audit-inbound-read-again = unread messages are being read again
audit-inbound-looked-after = unread messages were checked
audit-contact-come-back = a customer came back
audit-contact-delete = a contact was deleted
audit-contact-link = a personal link was created for a contact
audit-contact-assigned = a conversation was assigned or unassigned
audit-quick-reply-add = a saved answer was added
audit-quick-reply-change = a saved answer was changed
audit-quick-reply-remove = a saved answer was deleted
audit-contact-create = a contact was added by hand
audit-contact-edit = a contact was edited by hand
audit-contact-tags = a contact’s tags were changed
audit-field-create = a contact field was created
audit-field-rename = a contact field was renamed
audit-import-begin = an import was started
audit-import-mapping = an import’s columns were chosen
audit-import-basis = an import’s basis was given
audit-import-dry-run = a file was checked
audit-import-start = an import was launched
audit-import-done = an import was finished
audit-import-resume = an import was continued
audit-import-cancel = an import was cancelled
audit-segment-create = a segment was created
audit-segment-update = a segment was changed
audit-segment-rename = a segment was renamed
audit-segment-delete = a segment was deleted
audit-template-create = a template was created
audit-template-edit = a template was edited
audit-template-rename = a template was renamed
audit-template-submit = a template was submitted for approval
audit-template-recall = a template was recalled from approval
audit-template-approve = a template was approved
audit-template-return = a template was returned
audit-template-hand-in = a template was handed in for the messenger’s review
audit-template-archive = a template was archived
audit-template-restore = a template was restored
audit-campaign-create = a campaign was created
audit-campaign-edit = a campaign was edited
audit-campaign-duplicate = a campaign was duplicated
audit-campaign-delete = a campaign was deleted
audit-campaign-submit = a campaign was submitted for approval
audit-campaign-recall = a campaign was recalled from approval
audit-campaign-approve = a campaign was approved
audit-campaign-return = a campaign was returned
audit-campaign-void = the approval was withdrawn: the campaign was changed
audit-campaign-launch = a campaign was launched
audit-campaign-start = a campaign started
audit-campaign-planned = a campaign’s recipients were chosen
audit-campaign-pause = a campaign was paused
audit-campaign-resume = a campaign was resumed
audit-campaign-stop = a campaign was stopped
audit-campaign-close = a campaign finished
audit-campaign-uncertain = it was decided what to do with unconfirmed messages
audit-channel-add = a channel was connected
audit-channel-configure = a channel was configured
audit-channel-credentials = a channel’s token was replaced
audit-channel-pause = a channel was paused
audit-channel-resume = a channel was resumed
audit-channel-remove = a channel was removed
audit-crm-connect = a CRM was connected
audit-crm-authorise-begin = connecting a CRM was started
audit-crm-authorise = a CRM gave access
audit-crm-map = CRM fields were set up
audit-crm-sync = a CRM sync was requested
audit-crm-pause = a CRM was paused
audit-crm-resume = a CRM was resumed
audit-crm-moved = the CRM has a new address
audit-crm-uninstalled = the integration was removed in the CRM
audit-crm-disconnect = a CRM was disconnected
audit-campaign-window-closed = the time for sending ended
audit-campaign-outgrown = a campaign did not start: more recipients than were confirmed
audit-campaign-missed = a campaign did not start in time
audit-account-delete = the company was deleted
audit-account-erased = what names people was erased
audit-broken-gap = entry { $expected } is missing (found { $found })
audit-broken-changed = entry { $entry } was changed
audit-broken-cut-off = the newest entries are missing: the head says { $head }, { $found } are there
audit-broken-added = entry { $entry } was added by somebody without the key
audit-broken-head = the head is missing, or was not made with this sealing key
audit-broken-found = what was there before the chain began was changed
audit-broken-before-missing = the chain was broken before { $at } UTC: its head was missing then; what was there is kept as it was found (entry { $entry })
audit-broken-before-forged = the chain was broken before { $at } UTC: its head was forged then; what was there is kept as it was found (entry { $entry })
audit-broken-consent-added = consent { $consent } was written by somebody without the key
audit-broken-consents-changed = consents of link { $link } were changed, added or removed
audit-broken-consents-missing = consents are missing: the chain has { $chained }, the ledger { $found }
audit-broken-not-expected = this is not the chain that was noted: entry { $entry } has another hash, or is not there
audit-broken-no-key = the sealing key is needed to verify
