notices-campaign-submitted = 📝 The campaign “{ $name }” is waiting for approval. Submitted by { $by }.
notices-campaign-approved = ✅ The campaign “{ $name }” is approved.
notices-campaign-returned =
    ↩️ The campaign “{ $name }” was sent back for changes by { $by }.

    { $comment }
notices-campaign-finished = 🏁 The campaign “{ $name }” is finished: { $sent } of { $planned } sent{ $out ->
    [0] .
   *[other] , { $out } unsubscribed.
}
notices-campaign-finished-bare = 🏁 The campaign “{ $name }” is finished.
notices-campaign-stopped = ⏹ The campaign “{ $name }” is stopped.
notices-campaign-failed = ⚠️ The campaign “{ $name }” was interrupted.
notices-campaign-failed-void = ⚠️ The campaign “{ $name }” did not start: it was changed, so its approval is void. Submit it again.
notices-campaign-failed-grew = ⚠️ Campaign “{ $name }” did not start: there are more recipients now than you confirmed. Launch it again with the new number.
notices-campaign-failed-late = ⚠️ The campaign “{ $name }” did not start: the time for sending was over. Nothing was sent.
notices-campaign-paused = ⏸ The campaign “{ $name }” is paused.
notices-campaign-paused-why =
    ⏸ Campaign “{ $name }”
    { $why }
notices-campaign-recalled = ⏸ The campaign “{ $name }” was recalled: the member who launched it has lost their phone. The approval holds; launch it again when things are clear.
notices-session-new =
    🔑 <b>{ $name }</b>: signed in from a new phone.
    Telegram account: { $phone }

    If it was not you, end that session: the bot asks for a new password at once.
notices-not-me = It was not me
notices-session-new-owners =
    🔑 <b>{ $name }</b>: sign-in from a new phone.
    Telegram account: { $phone }

    If it is somebody else’s, end the session: the password will have to be changed.
notices-end-session = End the session
notices-member-joined =
    👤 A new member has joined: <b>{ $name }</b>, { $role }.
    Telegram account: { $phone }
notices-session-not-me = ⚠️ <b>{ $name }</b>: somebody else had signed in under this name. The session is ended, the password must be changed. See in the audit log what was done.
notices-member-guessed = 🔑 Somebody is guessing the password of the login <code>{ $login }</code> from unknown phones: 10 wrong attempts so far. Phones used before still work. If the password is simple, change it.
notices-member-password-link = 🔑 { $by } made a link for a new password of <b>{ $name }</b>.
notices-member-password-link-admin = 🔑 The server’s administrator made a link for a new password of <b>{ $name }</b>.
notices-member-password-link-mine = 🔑 A link for changing your password was created for you. If you did not ask for it, ask the owner.
notices-member-password-set =
    🔑 <b>{ $name }</b>: the password was set by a link.
    Telegram account: { $phone }

    For a day this member approves nothing.
notices-trail-heads =
    🧾 The logs have grown; these are their checksums. They stay in this chat, where nobody can replace them in the database.

    Audit log: <code>{ $audit }</code>
    Consents: <code>{ $consents }</code>
notices-maintenance-planned =
    🔧 <b>The server will be worked on</b>
    From { $from } until { $until } campaigns stand still: none can be launched, and what runs goes on by itself afterwards. Customers’ messages and opt-outs are not lost.
notices-maintenance-reason = What for: { $reason }
notices-maintenance-campaigns = { $count ->
    [one] A campaign is to start
   *[other] Campaigns are to start
 } in that time: { $names }{ $rest ->
    [0] {""}
   *[other] {" "}and { $rest } more
 }. Sending begins after it, or choose another start.
notices-maintenance-lifted = 🔧 The work on the server planned for { $from } was called off.
notices-maintenance-over = 🔧 The work on the server was over sooner: campaigns go on.
notices-second-guessed = 🔐 <b>Somebody knows the password of “{ $name }”</b>
    and typed many wrong codes at a sign-in. They did not get in. Unless it was the member, the password is due to be changed.
notices-second-reset = 🔐 The sign-in with a code of “{ $name }” was reset: a password is enough again.
notices-advertising-held =
    <b>🚨 Advertising waits for you</b>

    The database was restored from a backup, and who said stop after the backup may not be known here. So no advertising is sent until you let it go on; connected CRMs are read before that.
notices-database-damaged =
    <b>🚨 The database is damaged</b>

    Tell whoever runs the server: stop mms, restore a backup (<code>mms admin restore</code>), and look at the disk. Launch no campaigns before that: what is written now may be lost.
notices-erasure-due = ⏰ Demand No. { $number } to destroy a person’s data: the last day is { $last }.
notices-trail-broken =
    🚨 <b>The audit log is not what it was.</b> <code>{ $noted }</code> was in it and is gone: the database was replaced, or an older copy was put back. Show this to the server’s administrator.
notices-trail-file =
    🚨 <b>The file with the checksums of the audit log is not what it was:</b> { $what ->
        [changed] line { $line } was changed
        [unsigned] line { $line } is not signed
        [unreadable] it cannot be read
       *[not_next] before line { $line } something was taken out, put in or moved
    }. Show this to the server’s administrator: <code>mms admin audit verify</code> names every line.
notices-template-submitted = 📝 The template “{ $name }” is waiting for approval. Submitted by { $by }.
notices-template-approved = ✅ The template “{ $name }” is approved.
notices-template-returned =
    ↩️ The template “{ $name }” was sent back for changes by { $by }.

    { $comment }
notices-template-accepted = ✅ { $messenger } approved the template “{ $name }”. Campaigns can go by it.
notices-template-barred = ⚠️ { $messenger }: the template “{ $name }” { $standing }.
notices-template-rejected = was rejected{ $reason }. Fix it and have a new version approved
notices-template-refused = was not taken{ $reason }. Fix it and have a new version approved
notices-template-paused = is paused: recipients complain about it. Running campaigns with it are paused
notices-template-disabled = is disabled for good. Running campaigns with it are paused, another template is needed
notices-template-gone = is no longer there. Running campaigns with it are paused, hand it in for review again
notices-customer-answered =
    💬 <b>{ $name }</b>

    { $text }
notices-more = <i>and { $count } { $count ->
    [one] message
   *[other] messages
 } before it</i>
notices-digest =
    💬 { $count } { $count ->
    [one] customer
   *[other] customers
 } wrote: { $names }{ $rest ->
    [0] .
   *[other] {" "}and { $rest } more.
 }
notices-customer-edited =
    ✏️ <b>{ $name }</b> — message edited

    { $text }
notices-customer-doubt =
    ❓ <b>{ $name }</b> may be asking us not to write

    { $text }

    Advertising to this person has stopped. We asked in the chat whether to unsubscribe them.
notices-reply-failed = ⚠️ Your answer was not delivered. <b>{ $name }</b>: { $reason }.
notices-reply-uncertain = ❓ It is not known whether your answer arrived. <b>{ $name }</b>: the messenger gave no answer, and we do not repeat it by ourselves.
notices-conversation-assigned = 👤 <b>{ $by }</b> assigned a conversation to you: { $name }
notices-inbound-failed = 🚨 “{ $name }”: something came that could not be handled. A customer’s opt-out may be among it.
notices-channel-stopped =
    { $kind ->
        [viber]
            { $code ->
                [23] ⚠️ The channel “{ $name }” is stopped: the bot’s free messages at Viber of this month are used up ({ $reason }). The channel’s card says what to do.
                [24] ⚠️ The channel “{ $name }” is stopped: the bot’s balance at Viber is empty ({ $reason }). The channel’s card says what to do.
               *[other] ⚠️ The channel “{ $name }” is stopped: Viber refuses it ({ $reason }). The channel’s card says what to do.
            }
        [whatsapp]
            { $word ->
                [disable] ⚠️ The channel “{ $name }” is stopped: Meta disabled the WhatsApp account. Its campaigns wait. The channel’s card says what to do.
                [schedulefordisable] ⚠️ The channel “{ $name }” is stopped: Meta warns that it will disable the WhatsApp account. Its campaigns wait. The channel’s card says what to do.
                [accountviolation] ⚠️ The channel “{ $name }” is stopped: Meta tells of a violation of its rules ({ $reason }). Its campaigns wait. The channel’s card says what to do.
                [accountrestriction] ⚠️ The channel “{ $name }” is stopped: Meta restricted the WhatsApp account ({ $reason }). Its campaigns wait. The channel’s card says what to do.
                [accountdeleted] ⚠️ The channel “{ $name }” is stopped: the WhatsApp account is deleted at Meta. Its campaigns wait.
                [flagged] ⚠️ The channel “{ $name }” is stopped: people complain about the number, and Meta flagged it for low quality. Its campaigns wait. The channel’s card says what to do.
               *[other] ⚠️ The channel “{ $name }” is stopped: Meta refuses it ({ $reason }). The channel’s card says what to do.
            }
       *[other] ⚠️ The channel “{ $name }” is stopped: the messenger refuses it ({ $reason }). The channel’s card says what to do.
    }
notices-channel-deaf = 🔴 The channel “{ $name }” does not hear people: the messenger does not pass on what they write ({ $reason }). So that nobody whose “stop” was not heard is written to, the channel sends nothing. Sending goes on by itself once this is mended.
notices-channel-contested = 🔴 The channel “{ $name }” does not hear people: another program keeps taking the webhook of its key, it leads to { $host } now. So that nobody whose “stop” was not heard is written to, the channel sends nothing. Disconnect that program from the key, and sending goes on by itself; if you need both, give the channel a key of its own.
notices-channel-awaits = ⏳ The channel “{ $name }” waits: the messenger forgot our server’s address and sends nothing for now. The address is given anew by itself, and sending goes on by itself.
notices-channel-forgot = 🔴 { $messenger } did not keep some of what people wrote to “{ $name }” while our server was not listening: there may be opt-outs among it. Look through the unread messages in { $messenger } itself and mark who opted out: conversation → “🚫 Unsubscribe”.
notices-channel-cut = 🔴 { $messenger } has not answered our server since { $since }. Campaigns and replies through it wait and go by themselves when it is back; opt-outs sent meanwhile come then, too. If it is cut off only from here, a proxy helps: tell whoever runs the server.
notices-channel-back = 🟢 { $messenger } answers again: it had been away since { $since }. Sending goes on.
notices-channel-sends = 🟢 The channel “{ $name }” sends again: { $messenger } lets it.
notices-channel-managers = ⚠️ The channel “{ $name }” is stopped: it has the members’ own bot, and customers need one of their own. Remove the channel and connect another bot.
notices-crm-reauth = ⚠️ The CRM “{ $name }” has revoked our access. Please connect it again.
notices-crm-moved = ⚠️ CRM “{ $name }” is not found at its address: the account was renamed or moved. Contacts are not updated for now. Give the new address: the CRM's card → “New address”.
notices-crm-uninstalled = ⚠️ The integration with CRM “{ $name }” was removed in { $crm }: contacts are not updated, marks and notes wait. Nothing is lost: allow access again — the CRM's card → “Allow in { $crm }”.
notices-crm-held = ⚠️ CRM “{ $name }” refused our requests: contacts are not updated. We try again { $until }; details are on its card.
notices-crm-held-not-paid = ⚠️ The CRM “{ $name }” has not been paid for and gives no data: contacts are not updated. Please pay for it; we check again { $until }.
notices-crm-held-forbidden = ⚠️ CRM “{ $name }” gives us no rights: contacts are not updated. It needs an administrator’s token; we check again { $until }.
notices-crm-held-limited = 🟡 The CRM “{ $name }” is rate-limiting us; we’ll resume automatically { $until }.
notices-crm-held-unusable = ⚠️ The table “{ $name }”: { $sentence } Contacts are not changed; we check again { $until }, details are on its card.
notices-crm-held-plan = 🟡 CRM “{ $name }”: the plan has no room for more contacts, new ones are left out. Known contacts and “do not write” marks are kept up to date. Once there is room, we take the rest.
notices-crm-hooks = 🟡 CRM “{ $name }” no longer tells us of changes at once: { $crm } switched the webhook off. Contacts are updated every 5 minutes. To bring it back, save the webhook again in { $crm }: amoMarket → Web hooks.
notices-crm-token-ends = ⏳ The token of CRM “{ $name }” is valid until { $until }. Make a new one in { $crm } and send it: the CRM’s card → “New token”.
notices-import-done = 📥 The import of “{ $name }” is done.
notices-import-off = ⏸ The import of “{ $name }” is stopped: the licensor switched imports off ({ $reason }). Rows taken in: { $done } of { $rows }; they stay. Once imports are on again, continue it on its card.
notices-import-stopped = ⚠️ The import of “{ $name }” did not finish. Open its card: it says what to do.
notices-member-locked = 🔒 The login <code>{ $login }</code> is locked: too many wrong passwords.
notices-member-locked-lost = 🔒 The login <code>{ $login }</code> is locked: the phone was lost. The lock can be lifted on the member’s card.
notices-licence-ending = ⚠️ The licence is valid until { $until }{ $days ->
    [0] { "" }
    [one] , { $days } day left
   *[other] , { $days } days left
}. After that nothing is sent.
notices-licence-ended = ⛔ The licence ended on { $until }. Nothing is sent, and running campaigns are paused. Opt-outs, consents, evidence, exports, erasure and answers to what customers write go on working.
notices-licence-paid = ✅ Order { $order } is paid: the licence “{ $plan }” is valid from { $from } until { $until }.
notices-licence-strange-closed = ⚠️ { $sum } came for order { $order } while the licensor keeps the company’s access closed. The money is on the record, and no licence was made of it. Once access is open, the licensor confirms the payment or gives the money back.
notices-licence-strange = ⚠️ A payment came for order { $order } that it did not wait for: { $sum }. No licence was made of it. Contact whoever sold you the product.
notices-licence-used-up-people = ⚠️ This month only people who were written to already can be written to: the plan “{ $plan }” allows { $allowed } { $allowed ->
    [one] person
   *[other] people
}. Campaigns pause; replies to customers and opt-outs go on working. Resume the campaigns in the new month or with another plan.
notices-licence-used-up = ⚠️ This month’s messages are used up: the plan “{ $plan }” allows { $allowed }. Campaigns pause; replies to customers and opt-outs go on working. Resume the campaigns in the new month or with another plan.
notices-agreement-changed =
    📄 <b>A new version: { $name } { $version }</b>
    It holds from { $from }. See what changed and accept it: no new campaign is launched before. Campaigns under way, opt-outs and exports work.
notices-agreement-first =
    📄 <b>{ $name }, version { $version }</b>
    It holds from { $from }. Read and accept it: no new campaign is launched before. Campaigns under way, opt-outs and exports work.
notices-access-suspended =
    { $what }

    Reason: { $reason }
    Document: { $document }
notices-access-campaigns = Campaigns paused: { $count }
notices-access-lifted =
    ✅ <b>Access is open again</b>
    Reason: { $reason }. The document by which it was closed: { $document }. Campaigns stay paused until you resume them.
notices-feature-off =
    🔌 <b>Switched off by the licensor: { $name }</b>
    Reason: { $reason }
notices-feature-on = 🔌 Switched on again: { $name }
notices-support-answered =
    💬 <b>Support answered ticket { $number }</b>

    { $text }
notices-claim-answered =
    ⚖️ <b>The licensor answered claim { $number }</b>

    { $text }
notices-evidence-ready =
    📁 <b>The dossier is ready:</b> { $about }
    People: { $people }. Open it and take the files.
notices-evidence-failed =
    ⚠️ <b>The dossier was not made:</b> { $about }
    Open the card: it says why.
notices-evidence-soon = ⏰ <b>Request for evidence № { $number }:</b> the next working day is the last one for an answer ({ $due }).
notices-evidence-today = 🔴 <b>Request for evidence № { $number }:</b> today is the last day for an answer.
notices-evidence-overdue = 🔴 <b>Request for evidence № { $number } is overdue:</b> the answer was due on { $due }.
notices-evidence-ready-one = 📁 <b>The customer’s dossier is ready.</b> Open it and take the files.
notices-evidence-failed-one = ⚠️ <b>The customer’s dossier was not made.</b> Open the card: it says why.
