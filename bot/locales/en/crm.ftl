crm-menu = CRM
crm-title = <b>CRM</b> — { $count }
crm-none =
    <b>No CRM is connected</b>

    Connect one: contacts, phones, tags and consents load by themselves and stay up to date. Opt-outs and the results of campaigns go back to the contacts’ cards.
crm-add = Connect a CRM
crm-which = <b>Which CRM do you have?</b>
crm-card =
    <b>{ $name }</b>
    { $host } · { $crm }

    { $state }
    { $sync }

    { $numbers }
crm-state-active = 🟢 Connected
crm-state-paused = ⏸ Paused: contacts are not updated, marks and notes for the CRM wait
crm-state-disconnected = Disconnected
crm-state-authorise = ⚠️ Waiting for permission: open { $crm }’s page and allow access
crm-state-token-refused =
    ⚠️ { $kind ->
        [spreadsheet] The file
       *[other] { $crm } has revoked our access: the
    } { $kind ->
        [retailcrm] key was revoked
        [odoo] key was revoked or has expired
        [yclients] user of the token has changed the password or lost access
        [bitrix24] webhook was deleted, has expired, or its user has no rights
        [tryton] password was changed or the user was switched off
        [spreadsheet] asks for a password or another token (401)
       *[other] token was revoked or has expired
    }. Send { $kind ->
        [spreadsheet] its address with the new one
       *[other] a new one
    } and everything continues from the same place.
crm-state-begin = ⏸ Not loading yet: check the fields and consents, look at three people and tap “Begin”
crm-state-unusable = ⚠️ { $sentence } Contacts are not changed. We’ll check again { $until }.
crm-state-limited =
    🟡 { $kind ->
        [spreadsheet] The server with the table wants to be asked less often.
       *[other] { $crm } is rate-limiting us.
    } We’ll resume automatically { $until }.
crm-state-plan-limit = 🟡 The plan has no more room: new contacts are left out, known ones are kept up to date. Once there is room, we take the rest.
crm-state-unreachable =
    🟡 { $kind ->
        [spreadsheet] The table cannot be downloaded now: the server does not answer, or answers with an error.
       *[other] { $crm } does not answer.
    } We’ll try again { $until }.
crm-state-not-paid = ⚠️ The { $crm } account has not been paid for, so it gives no data. We’ll check again { $until }.
crm-state-forbidden =
    ⚠️ { $kind ->
        [retailcrm] The key lacks rights: in RetailCRM open Settings → Integration → API access keys and tick the methods of customers and references.
        [odoo] The user whose key it is lacks rights: let them read and write contacts and read CRM in Odoo.
        [yclients] The user lacks rights: clients with their phones, the journal of appointments and the settings of this branch are needed.
        [bitrix24] The webhook lacks rights: open it in Bitrix24 and tick “CRM (crm)” and “Tasks (task)”.
        [tryton] The user lacks rights: let them read and write parties in Tryton.
        [spreadsheet] The server does not give the file (403): share it by its link, or send another address.
       *[other] The token has no rights: an administrator of { $crm } must create it.
    } We’ll check again { $until }.
crm-state-refused =
    ⚠️ { $crm } refused a request. We’ll try again { $until }; if that fails, send a new { $kind ->
        [retailcrm] key
        [odoo] key
        [bitrix24] webhook address
        [tryton] password
        [spreadsheet] address
       *[other] token
    }.
crm-very-soon = in a moment
crm-sync-first = The first load is about to start
crm-sync-never = Contacts have not been loaded yet
crm-sync-full = ⏳ Loading all contacts: { $done }
crm-sync-verifying = ⏳ { $done } loaded, checking for deleted ones
crm-sync-occasions = Reading visits, orders and deals
crm-sync-changes = ⏳ Loading changes: { $done }
crm-sync-last = Updated { $at }, next at { $next }
crm-sync-last-only = Updated { $at }
crm-sync-due = Updated { $at }, checking for changes…
crm-contacts =
    { $count ->
        [one] <b>{ $count }</b> contact
       *[other] <b>{ $count }</b> contacts
    }
crm-without-phone = Without a phone: { $count }
crm-erased = Erased on demand, not loaded: { $count }
crm-shared-phones = Phone already belongs to another contact: { $count }
crm-bad-phones = Does not look like a phone: { $count }
crm-cut-names = Names longer than { $max } characters cut: { $count }
crm-left-out = Left out because of the plan, at least: { $count }
crm-last-numbers = Last time: { $created } new, { $updated } changed, { $deleted } deleted
crm-last-merged = Merged in the CRM and one person here now: { $count }
crm-last-occasions = Visits, orders, deals last time: { $changed } new or changed, { $gone } called off
crm-night-same = Nightly check { $at }: everything agreed
crm-night-found = Nightly check { $at }: { $count } { $count ->
    [one] change
   *[other] changes
} that the CRM had not told of
crm-opted-out = Marked “do not write” in the CRM: { $count }
crm-waiting = Waiting to be written to the CRM: { $count }
crm-written-button = What the CRM was told
crm-written =
    <b>What { $crm } was told</b> · { $name }
    ✅ told · ⏳ waiting · ⚠️ failed
crm-written-none = Nothing yet: opt-outs, results of campaigns, answers and tasks will be here.
crm-written-line = { $mark } { $at } · { $contact }: { $what }
crm-written-why = <i>{ $why }</i>
crm-written-note = note “{ $text }”
crm-written-task = task “{ $text }”
crm-written-comes = the visit is confirmed
crm-written-comes-not = does not come to the visit
crm-written-no-place = there is no mark “do not write”: a note says it. A yes/no field for it is chosen in “Consents”
crm-written-opt-out = the mark “do not write”
crm-written-opt-in = the mark “do not write” taken away
crm-written-kind = { $kind ->
    [note] note
    [comment] note
    [task] task
    [answer] an answer about a visit
   *[other] mark
}
crm-messages-button = Messages from { $crm }
crm-messages =
    <b>Messages from { $crm }</b> · { $name }
crm-messages-off =
    Off. Once on, robots and cards of { $crm } can write to customers through the channel you choose: the sender “Messengers (mms)” appears there. Only people who have a chat with that channel and did not say stop get anything.

    Through which channel?
crm-messages-unable = Robots and cards of { $crm } can write through us only if access was given on the portal's page. This connection is by a webhook.
crm-messages-on = Robots and cards of { $crm } write through “{ $channel }”. These are service messages: advertising goes by campaigns.
crm-messages-soon = Robots and cards of { $crm } will write through “{ $channel }”: we are telling the portal now.
crm-messages-refused = ⚠️ { $crm } does not take us as a sender. The application needs the permission “Message service (messageservice)”, and an administrator of the portal must allow access.
crm-messages-needs-address = ⚠️ The server has no address on the internet (http.public_url), so { $crm } cannot give us messages.
crm-messages-no-channel = ⚠️ The channel through which robots and cards of { $crm } wrote was removed. Choose another.
crm-messages-none = No messages yet.
crm-messages-through = Through “{ $channel }”
crm-messages-turn-off = Switch off
crm-messages-turned-on = On.
crm-messages-turned-off = Off: new messages do not go.
crm-messages-line =
    { $at } · { $to }: “{ $text }”
    { $end }
crm-messages-sent = ✓ sent
crm-messages-delivered = ✓✓ delivered
crm-messages-undelivered = ⚠️ not delivered: { $why }
crm-messages-failed = ⚠️ not sent: { $why }
crm-messages-unknown = ❓ delivery not confirmed
crm-messages-waits = ⏳ waits to be sent
crm-messages-untold = <i>{ $crm } does not know of it: { $why }</i>
crm-messages-why-off = sending is off, or the connection is paused
crm-messages-why-no-phone = this is no phone
crm-messages-why-nobody = no contact has this phone
crm-tasks-turn-on = ☐ A task in the CRM when a customer writes
crm-tasks-turn-off = ☑ A task in the CRM when a customer writes
crm-tasks-on = From now on a customer who writes becomes a task of whoever is responsible: one a day for each customer.
crm-tasks-off = No more tasks are made.
crm-sync-now =
    { $kind ->
        [spreadsheet] Update now
       *[other] Sync now
    }
crm-sync-begins = Starting.
crm-pause = Pause
crm-paused = The connection is paused.
crm-resume = Resume
crm-resumed = The connection is active again.
crm-new-token =
    { $kind ->
        [retailcrm] New key
        [odoo] New key
        [bitrix24] New webhook
        [tryton] New password
        [spreadsheet] New address of the file
       *[other] New token
    }
crm-authorise = Allow in { $crm }
crm-disconnect = Disconnect
crm-disconnected = The CRM is disconnected, our access to it deleted.
crm-to-card = Connection card
crm-ways =
    <b>How do you want to connect { $crm }?</b>

    <b>On { $crm }’s page</b> — an administrator taps “Allow”, access renews itself.
    { $kind ->
        [bitrix24] <b>With a webhook</b> — an administrator creates an inbound webhook and sends its address here.
       *[other] <b>With a token</b> — an administrator creates a long-lived token and sends it here.
    }
crm-by-page = On { $crm }’s page
crm-by-token =
    { $kind ->
        [bitrix24] With an inbound webhook
       *[other] With a long-lived token
    }
crm-ask-address =
    { $kind ->
        [yclients] <b>The address of the branch in { $crm }</b>
        [spreadsheet] <b>The address of the table</b>
       *[other] <b>The address of your { $crm }</b>
    }

    { $kind ->
        [spreadsheet] Send the address by which a CSV or Excel file is downloaded, such as <code>{ $example }</code>.
       *[other] You see it in the browser: <code>{ $example }</code>.
    } { $kind ->
        [spreadsheet] If it is closed, add a space and the login and password, or a header <code>X-Token: secret</code>. Publish a Google Sheet as CSV. A file on this server is the path in an allowed folder. The bot deletes the message at once: the address is kept encrypted.
        [odoo] If Odoo is on a server of your own, send its name; it opens by https.
        [yclients] The number of the branch, <code>4564</code>, is enough. Each branch of a chain is a connection of its own.
        [tryton] Send the name of your server; it opens by https.
       *[other] The word <code>example</code> alone is enough.
    }
crm-ask-page-address =
    <b>The address of your { $crm }</b>

    You see it in the browser: <code>{ $example }</code>. A page then opens where an administrator allows access.
crm-again-address =
    { $sentence }

    { $kind ->
        [spreadsheet] Please send the address of the file again, for example <code>{ $example }</code>.
       *[other] Please send the address of your { $crm } again, for example <code>{ $example }</code>.
    }
crm-token-too-early =
    { $kind ->
        [retailcrm] This looks like a key, and the address is needed now. The message is deleted; the key comes in the next step.
        [odoo] This looks like a key, and the address is needed now. The message is deleted; the key comes in the last step.
        [bitrix24] This looks like a secret, and the address of the portal is needed now. The message is deleted; the webhook comes in the next step.
        [tryton] This is too long for an address. If it was a password, it is deleted from the chat: the password comes in the last step.
       *[other] This looks like a token, and the address is needed now. The message is deleted; the token comes in the next step.
    }
crm-ask-value =
    { $ask ->
        [retailcrm-key] <b>The API key of { $host }</b>
        [odoo-database] <b>The database of { $host }</b>
        [odoo-login] <b>The user of { $host }</b>
        [odoo-key] <b>The API key of { $host }</b>
        [yclients-partner] <b>The partner token for { $host }</b>
        [yclients-user] <b>The user token for { $host }</b>
        [bitrix24-webhook] <b>The incoming webhook of { $host }</b>
        [tryton-database] <b>The database of { $host }</b>
        [tryton-login] <b>The user of { $host }</b>
        [tryton-password] <b>The password of the user at { $host }</b>
        [spreadsheet-source] <b>The new address of the file</b>, now { $host }
       *[amocrm-token] <b>The long-lived token of { $host }</b>
    }

    { $ask ->
        [retailcrm-key] 1. In RetailCRM: Settings → Integration → API access keys → Add.
        [odoo-database] 1. On Odoo Online the database is the first word of the address: of <code>example.odoo.com</code> it is <code>example</code>.
        [odoo-login] 1. Make a user of its own in Odoo, with rights to contacts and CRM.
        [odoo-key] 1. Log in to Odoo as that user: their name at the top right → My Preferences → Account Security → New API Key.
        [yclients-partner] 1. An application has one partner token: it is in the developer account of YCLIENTS.
        [yclients-user] 1. It is the token of the application’s system user or of an employee: YCLIENTS gives it for a login and a password.
        [bitrix24-webhook] 1. In Bitrix24, as an administrator: Developer resources → Other → Inbound webhook.
        [tryton-database] 1. The name of the database stands in Tryton's login window.
        [tryton-login] 1. Make a user of its own in Tryton, with rights to parties.
        [spreadsheet-source] 1. Open the address in a browser without a login: a CSV or Excel file must be downloaded.
        [tryton-password] 1. Give that user a long password that is used nowhere else.
       *[amocrm-token] 1. In amoCRM: amoMarket → ⋯ → “Create integration” → “External integration”.
    }
    { $ask ->
        [retailcrm-key] 2. Tick the shops and the methods: customers (read and write), custom fields and references (read).
        [odoo-database] 2. On a server of your own the administrator knows its name.
        [odoo-login] 2. The login is what they log in with, usually an e-mail address.
        [odoo-key] 2. Choose the longest time, usually three months: a new key is needed after that.
        [yclients-partner] 2. Install an application of the marketplace in the branch first, and write its number after the token, with a space between.
        [yclients-user] 2. It needs rights in this branch: clients with their phones, the journal of appointments, settings. What the user does not see we do not see either.
        [bitrix24-webhook] 2. Tick the rights “CRM (crm)” and “Tasks (task)” and save.
        [tryton-database] 2. The administrator of the server knows it.
        [tryton-login] 2. The login is what they log in with.
        [spreadsheet-source] 2. If it is closed, add a space and the login and password, or a header <code>X-Token: secret</code>.
        [tryton-password] 2. Check that one can log in with it.
       *[amocrm-token] 2. Open it → “Keys and scopes” → “Long-lived token”, choose how long it lives.
    }
    { $ask ->
        [retailcrm-key] 3. Save it and copy the whole key here.
        [odoo-database] 3. Send the name of the database here.
        [odoo-login] 3. Send the login here.
        [odoo-key] 3. Copy the whole key here, Odoo shows it once.
        [yclients-partner] 3. Copy the whole token here.
        [yclients-user] 3. Copy the whole token here.
        [bitrix24-webhook] 3. Copy the whole webhook address here: <code>https://…/rest/1/…/</code>.
        [tryton-database] 3. Send the name of the database here.
        [tryton-login] 3. Send the login here.
        [spreadsheet-source] 3. Send the address here in one message.
        [tryton-password] 3. Send the password here.
       *[amocrm-token] 3. Copy the whole token here.
    }

    { $ask ->
        [retailcrm-key] Make a key for this alone. The bot deletes the message with it at once; the key is kept encrypted.
        [odoo-database] The login and the API key come next.
        [odoo-login] Their API key comes next.
        [odoo-key] The bot deletes the message with the key at once; the key is kept encrypted. On Odoo Online keys give access with the Custom plan.
        [yclients-partner] The bot deletes the message with the token at once; the token is kept encrypted.
        [yclients-user] When the user changes the password, the token dies and the card asks for a new one. The bot deletes the message with the token at once; the token is kept encrypted.
        [bitrix24-webhook] A webhook sees what the user who made it sees. The bot deletes the message with the address at once: it opens the CRM without a password and is kept encrypted.
        [tryton-database] The login and the password come next.
        [tryton-login] Their password comes next.
        [spreadsheet-source] Columns and people must be the same, else we ask. The bot deletes the message at once; the address is kept encrypted.
        [tryton-password] The bot deletes the message with the password at once; the password is kept encrypted.
       *[amocrm-token] An administrator must create it. The bot deletes the message with the token at once; the token is kept encrypted.
    }
crm-again-value =
    { $sentence }

    { $ask ->
        [retailcrm-key] Please send the key again.
        [odoo-database] Please send the name of the database again, then the login and the key.
        [odoo-login] Please send the login again.
        [odoo-key] Please send the key again.
        [yclients-partner] Please send the partner token again.
        [yclients-user] Please send the user token again.
        [bitrix24-webhook] Please send the webhook address again.
        [tryton-database] Please send the name of the database again, then the login and the password.
        [tryton-login] Please send the login again.
        [spreadsheet-source] Please send the address of the file again.
        [tryton-password] Please send the password again.
       *[amocrm-token] Please send the token again.
    }
crm-not-a-value =
    { $ask ->
        [retailcrm-key] This does not look like a key: it has 32 Latin letters and digits and no spaces.
        [odoo-database] This does not look like the name of a database: it has Latin letters, digits, dots, hyphens and underscores.
        [odoo-login] This does not look like a login: it has no spaces.
        [odoo-key] This does not look like a key: it is long and has no spaces.
        [yclients-partner] This does not look like a partner token: it has Latin letters and digits and no spaces. Only the number of the application may follow it.
        [yclients-user] This does not look like a user token: it has Latin letters and digits and no spaces.
        [bitrix24-webhook] This does not look like a webhook address. It looks like https://example.bitrix24.ru/rest/1/secret/
        [tryton-database] This does not look like the name of a database: it has Latin letters, digits, hyphens and underscores.
        [tryton-login] This does not look like a login: it has no spaces.
        [spreadsheet-source] This does not look like the address of a file: it needs https:// and a name, such as https://example.org/clients.csv.
        [tryton-password] This does not look like a password: it has 8 characters or more.
       *[amocrm-token] This does not look like a token: it is long and has no spaces.
    }
crm-authorise-card =
    <b>Allow access</b>

    Open the page as an administrator of { $crm } and tap “Allow”. Then come back here: contacts start loading by themselves.
crm-open-page = Open { $crm }
crm-ask-disconnect =
    <b>Disconnect?</b> { $name }

    The { $kind ->
        [retailcrm] key
        [odoo] key
        [bitrix24] access
        [tryton] password
        [spreadsheet] address of the file
       *[other] token
    } is deleted and updates stop. { $contacts ->
        [one] { $contacts } contact stays
       *[other] { $contacts } contacts stay
    } here, with consents and opt-outs.
crm-ask-disconnect-waiting =
    ⚠️ { $waiting ->
        [one] { $waiting } mark or note is not written
       *[other] { $waiting } marks and notes are not written
    } to the CRM yet and never will be.
crm-pause-instead = Pause instead
crm-disconnect-now = Yes, disconnect
crm-bad-address =
    { $kind ->
        [spreadsheet] This is not the address of a file.
       *[other] This is not an address of { $crm }.
    } It looks like { $example } ({ $kind ->
        [spreadsheet] by https and with a name, not a number; or a path in a folder that the server allows
        [retailcrm] or example.simla.com
        [odoo] or the name of your own server; it opens by https
        [yclients] the number of the branch, 4564, will do
        [bitrix24] or example.bitrix24.com
        [tryton] the name of your own server; it opens by https
       *[other] or example.kommo.com
    }).
crm-twin =
    { $kind ->
        [spreadsheet] This file is connected already.
       *[other] This { $crm } account is connected already.
    }
crm-wrong-state = Not possible now: the connection’s state has changed.
crm-other-account =
    This { $kind ->
        [retailcrm] key
        [odoo] key
        [bitrix24] webhook
        [tryton] user
       *[other] token
    } belongs to another { $crm } account. To add that one, connect it as a new one.
crm-bad-field = This field does not fit: it is no longer in the CRM or holds other data.
crm-too-many-fields = No more fields can be created: there are { $most } already. Choose one of them.
crm-field-refused = The field was not created: its name does not fit. Choose an existing one.
crm-no-integration = This server is not set up for connecting on { $crm }’s page. Connect with a token.
crm-token-refused =
    { $kind ->
        [retailcrm] RetailCRM does not accept this key. Check that you copied all of it, that it is switched on and was created in this account.
        [odoo] Odoo does not accept this key. Check the name of the database and the login, that you copied all of the key and that it has not expired.
        [yclients] YCLIENTS does not accept these tokens. Check that you copied all of both. A user token dies when the user changes the password.
        [bitrix24] Bitrix24 does not accept this webhook. Check that you copied the whole address, that the webhook was not deleted and was created in this portal.
        [tryton] Tryton does not accept this password. Check the name of the database, the login and the password.
        [spreadsheet] The file asks for a password, or does not accept this one (401). After the address, add a space and the login and password, or a header with a token.
       *[other] { $crm } does not accept this token. Check that you copied all of it, that it has not expired and was created in this account.
    }
crm-limited =
    { $kind ->
        [spreadsheet] The server with the file wants to be asked less often. Try again in a few minutes.
       *[other] { $crm } is rate-limiting us. Try again in a few minutes.
    }
crm-not-paid = This { $crm } account has not been paid for, so it gives no data.
crm-forbidden =
    { $kind ->
        [retailcrm] The key lacks rights. Open it in RetailCRM and tick the methods of customers and references.
        [odoo] The user whose key it is lacks rights: let them read and write contacts and read CRM.
        [yclients] The user is not let into this branch. Give them rights to clients with their phones, the journal of appointments and the settings; install an application of the marketplace in the branch and send its number after the partner token.
        [bitrix24] The webhook lacks rights. Open it in Bitrix24 and tick “CRM (crm)” and “Tasks (task)”.
        [tryton] The user lacks rights: let them read and write parties.
        [spreadsheet] The server does not give this file (403). Share it by its link, or send another address.
       *[other] The token has no rights. An administrator of { $crm } must create it, with access to the account’s data.
    }
crm-no-such-account =
    { $kind ->
        [spreadsheet] The server did not understand what was asked for. Check the address: it must open in a browser.
       *[other] { $crm } does not know this account. Check the address.
    }
crm-unreachable =
    { $kind ->
        [spreadsheet] The file cannot be downloaded from this address now: the server does not answer, answers with an error, or breaks off. Check the address or try again a little later.
       *[other] { $crm } does not answer at this address now. Check the address or try again a little later.
    }
crm-hooks-on = Changes arrive at once
crm-hooks-disabled = 🟡 { $crm } switched the webhook off: changes arrive every 5 minutes. Save it again in { $crm }: amoMarket → Web hooks.
crm-hooks-refused = Changes arrive every 5 minutes: { $kind ->
        [yclients] the user may not change the settings of the branch, or it has 10 webhooks already
       *[other] your { $crm } plan has no webhooks
    }
crm-hooks-by-hand = Changes arrive every 5 minutes; to have them at once, tap “⚡ Changes at once”
crm-token-ends = The token is valid until { $day }
crm-token-ends-soon = ⏳ The token is valid until { $day }: create a new one in { $crm } and send it
crm-fields-button = Fields
crm-consents-button = Consents
crm-mapping-saved = Saved. Contacts will be loaded again.
crm-fields-none =
    <b>No fields yet</b>

    The list of { $crm }’s fields comes with the first sync.
crm-fields =
    <b>Fields of { $name }</b>
    { $mapped } of { $count } in use

    A CRM field becomes a contact field: use it in templates and segments. After a change all contacts are loaded again.
crm-field-line = { $title } → { $to }
crm-field-line-unused = { $title } — not used
crm-field-unused = { $title } — not used
crm-field =
    <b>{ $title }</b>
    { $kind }

    { $now }

    What should this field become?
crm-field-becomes = It is the contact field “{ $to }” now
crm-field-not-used = Not used now
crm-field-new = ➕ New field “{ $title }”
crm-field-unmap = Do not use
crm-kind-text = Text
crm-kind-number = Number
crm-kind-date = Date
crm-kind-flag = Yes or no
crm-purpose-personal-data = Personal data
crm-purpose-marketing = Advertising
crm-consents =
    <b>Consents from { $name }</b>

    Marks in the CRM are recorded as contacts’ consents. No mark means no consent.
crm-consent-none = <b>{ $purpose }</b>: no field chosen
crm-consent = <b>{ $purpose }</b>: { $mark }
crm-consent-ticked = ticked
crm-consent-choose = { $purpose }: choose a field
crm-consent-change = { $purpose }: set up
crm-consent-date = When
crm-consent-remove = Do not take from the CRM
crm-opt-out = “Do not write”: the checkbox “{ $field }” and the tag opt-out. People who opt out are ticked; people ticked in the CRM are not messaged.
crm-opt-out-none = “Do not write”: the tag opt-out alone. No checkbox is chosen, so marks that managers make in the CRM do not count.
crm-opt-out-choose = The “do not write” checkbox
crm-consent-fields =
    <b>{ $purpose }</b>

    Which field holds the consent? A checkbox or a list will do. After you choose, all contacts are loaded again.
crm-consent-no-fields = This CRM has no checkboxes and no lists. In { $crm }, create { $kind ->
        [retailcrm] a custom field of customers “Consent” of type “Yes/No”
        [odoo] a contact field “Consent” of type “Checkbox” (in Studio)
        [bitrix24] a custom field of contacts “Consent” of type “Yes/No”
        [tryton] a field “Consent” of parties of type “Boolean” (by a module)
        [spreadsheet] a column “Consent” with the words “yes” and “no”
       *[other] a contact field “Consent” of type “Checkbox”
    }; it appears here after the next sync.
crm-consent-values =
    <b>{ $field }</b>

    Which values mean consent ({ $purpose })? The others mean none.
crm-consent-save = Save
crm-no-value-chosen = Tick at least one value.
crm-values-changed = The CRM has another list of values now. Mark them again.
crm-consent-ask-yes =
    <b>{ $field }</b>

    Write the values that mean consent, with commas between them, for example: yes, agreed.
crm-consent-again = At least one value is needed, 30 at most, each up to 100 characters. Write them with commas between, for example: yes, agreed.
crm-consent-dates =
    <b>When consent was given</b>

    Which CRM field says when the person agreed? Together with the author the consent is grade C. Without the time it is grade D, on the owner’s word.
crm-opt-out-fields =
    <b>The “do not write” checkbox</b>

    { $kind ->
        [spreadsheet] People marked in the file are not messaged. People who opt out here are not messaged without a mark, too: it cannot be written into the file.
       *[other] People ticked in the CRM are not messaged. People who opt out here are ticked there.
    }
crm-opt-out-no-fields = This CRM has no checkboxes. In { $crm }, create { $kind ->
        [retailcrm] a custom field of customers “Do not write” of type “Yes/No”
        [odoo] a contact field “Do not write” of type “Checkbox” (in Studio)
        [bitrix24] a custom field of contacts “Do not write” of type “Yes/No”
        [tryton] a category opt-out
        [spreadsheet] a column “Do not write” with the words “yes” and “no”
       *[other] a contact field “Do not write” of type “Checkbox”
    }; it appears here after the next sync.
crm-opt-out-only-tag =
    { $kind ->
        [bitrix24] No checkbox
        [spreadsheet] No column
       *[other] No checkbox, the tag alone
    }
crm-consent-mark = “{ $field }” = { $means }
crm-consent-c = Grade C: time and author are known.
crm-consent-d =
    ⚠️ Grade D: not recorded { $missing ->
        [time] when consent was given
        [author] who noted the consent
       *[both] when consent was given and who noted it
    }.
crm-consent-card =
    <b>{ $purpose }: consent from the CRM</b>

    Mark: { $mark }
    When: { $at }
    Who noted it: { $author }

    { $grade }
crm-consent-field = “{ $field }”
crm-consent-no-field = no field chosen
crm-consent-grade-c = ✅ Grade C: the CRM says who noted the consent and when. If one of the fields is empty, it is grade D.
crm-consent-grade-d =
    ⚠️ Grade D, on your word alone: the CRM does not say { $missing ->
        [time] when consent was given
        [author] who noted the consent
       *[both] when consent was given and who noted it
    }. { $missing ->
        [both] Choose both fields, and it becomes grade C.
       *[other] Choose the field, and it becomes grade C.
    }
crm-consent-grade-d-marketing = Advertising usually needs grade C: these people will not get it.
crm-consent-mark-choose = Field with the mark
crm-consent-author = Who noted it
crm-consent-none-such = There is no such field
crm-consent-dates-none =
    <b>When consent was given</b>

    This CRM has no date fields. In { $crm }, create { $kind ->
        [retailcrm] a custom field of customers “Consent: when” of type “Date”
        [odoo] a contact field “Consent: when” of type “Date & Time” (in Studio)
        [bitrix24] a custom field of contacts “Consent: when” of type “Date/Time”
        [tryton] a field “Consent: when” of parties of type “Date” (by a module)
        [spreadsheet] a column “Consent: when” with dates
       *[other] a contact field “Consent: when” of type “Date and time”
    }; it appears here after the next sync. Without the time it is grade D, on the owner’s word.
crm-consent-authors =
    <b>Who noted the consent</b>

    Which CRM field says which employee noted the consent? Together with the time the consent is grade C. Without the author it is grade D, on the owner’s word: whoever changed the card last does not count as the author.
crm-consent-authors-none =
    <b>Who noted the consent</b>

    This CRM has no field that fits. In { $crm }, create { $kind ->
        [retailcrm] a custom field of customers “Consent: who noted it” of type “String”
        [odoo] a contact field “Consent: who noted it” of type “Text” (in Studio)
        [bitrix24] a custom field of contacts “Consent: who noted it” of type “String”
        [tryton] a field “Consent: who noted it” of parties of type “Char” (by a module)
        [spreadsheet] a column “Consent: who noted it”
       *[other] a contact field “Consent: who noted it” of type “Text”
    }; it appears here after the next sync. Without the author it is grade D, on the owner’s word.
crm-state-moved = ⚠️ There is no account at { $host } any more: it was renamed or moved. Send the new address and everything continues from the same place.
crm-state-uninstalled = ⚠️ The integration was removed in { $crm }. Contacts are kept, marks and notes wait. Allow access again and everything continues from the same place.
crm-new-address = New address
crm-ask-new-address =
    <b>The new address of { $crm }</b>

    Open { $crm } in the browser and send its current address, for example <code>{ $example }</code>. It must be the same account: contacts and settings stay.
crm-not-an-address = This is too long for an address. { $kind ->
        [retailcrm] If it was a key, it is deleted from the chat; use the button “New key” for it.
        [odoo] If it was a key, it is deleted from the chat; use the button “New key” for it.
        [bitrix24] If it was a webhook, it is deleted from the chat; use the button “New webhook” for it.
        [tryton] If it was a password, it is deleted from the chat; use the button “New password” for it.
       *[other] If it was a token, it is deleted from the chat; use the button “New token” for it.
    }
crm-other-account-there = There is another { $crm } account at this address. The address of the same account is needed; to add another one, connect it as a new one.
crm-hook-button = ⚡ Changes at once
crm-hook =
    <b>Changes at once</b>

    { $crm } does not tell us of changes by itself, they arrive every 5 minutes. To have them at once, make { $kind ->
        [odoo] an automation rule on creation and update of contacts in it, with the action “Send Webhook Notification” (Odoo 17 and newer),
        [bitrix24] an outbound webhook in it (Developer resources → Other) with the events of adding, changing and deleting contacts and deals,
       *[other] a trigger on changes of a customer in it, with the action “HTTP request” (POST)
    } to this address:

    <code>{ $address }</code>

    { $kind ->
        [bitrix24] The address is secret: show it to nobody but the administrator of { $crm }.
       *[other] What the body of the request says does not matter. The address is secret: show it to nobody but the administrator of { $crm }.
    }
crm-hook-needs-address = This needs a server address on the internet. Ask whoever sets it up to give http.public_url (MMS_PUBLIC_URL).
crm-changed = While you were looking, the file changed. Look at the card again.
crm-unusable =
    { $why ->
        [absent] There is no file at this address. Check that it is there and published, or send a new address.
        [page] A web page came in place of the table, it seems with a login. Share the file by its link; publish a Google Sheet as CSV: File → Share → Publish to web.
        [not_table] This is no table, or the file is damaged. CSV or Excel (.xlsx) is needed.
        [empty] The file is empty. A table with headings and rows is needed.
        [too_large] The file is too large: 20 MB, 200 columns and 1,100,000 rows are taken. Take out what is not needed, or split it.
        [protected] The Excel file has a password. Save it without one, or as CSV.
        [redirects] The address leads on: too far, or where it must not. Send an address by which the file is downloaded at once.
        [inside] The address leads into the server’s own network, which is closed. If the file really is near, ask whoever looks after the server to switch on crm.private_hosts.
        [certificate] This server’s certificate cannot be trusted: it has expired, is of another name, or home-made. Mend it or send another address.
        [folder] This file is in no folder that the server allows. Ask whoever looks after it to add the folder to crm.table_folders.
        [no_key] No column tells who a row is of{ $named ->
            [yes] {" "}({ $names })
           *[no] {""}
        }: an ID or a phone in each row is needed. Add it, or give it its former title back.
        [columns] Columns that are used are not in the file: { $names }. Give them their titles back, or confirm that it is meant.
        [fewer] The file has { $now } people and had { $before }. If that is meant, confirm it: the others will be gone here.
       *[others] Almost everybody in the file is somebody else: { $before } before, { $now } now. If that is meant, confirm it: those before will be gone here.
    }
crm-accept = It is meant, take this file
crm-accepted = The file is taken as it is.
crm-begin = ▶️ Begin
crm-reads = Read { $often }
crm-told-nothing = Nothing can be written here: opt-outs, answers and results of campaigns stay here alone
crm-every-button = How often to read
crm-every-ask =
    <b>{ $name }</b>

    How often shall we look for changes? A file that did not change is not downloaded again.
crm-every-saved = Saved.
crm-often =
    { $minutes ->
        [5] every 5 minutes
        [15] every 15 minutes
        [60] every hour
        [360] every 6 hours
        [1440] once a day
       *[other] every { $minutes } min
    }
crm-part =
    { $part ->
        [key] Key of the row
        [name] Full name
        [first_name] First name
        [last_name] Last name
        [patronymic] Patronymic
        [phone] Phone
        [email] E-mail
       *[tags] Tags
    }
crm-field-is = Now it is: { $parts }
crm-rows-line =
    { $what ->
        [unkeyed] Rows without a key, not taken: { $count }
        [doubled] Rows with another row’s key, not taken: { $count }
       *[unread] Rows with a number or a date that cannot be read, taken without it: { $count }
    } (lines { $lines })
crm-opt-out-read = “Do not write”: the column “{ $field }”. Whoever is marked there is not written to. Nothing can be written: whoever opts out here is not written to without a mark in the file, too.
crm-opt-out-unread = “Do not write”: no column is chosen, marks in the file do not count. Nothing can be written: whoever opts out here is not written to without a mark in the file, too.
crm-preview-button = 👤 Three people as they come
crm-preview =
    <b>How people will come: { $name }</b>
    Read just now, nothing is kept.
crm-preview-nobody = Nobody was found.
crm-preview-person = <b>{ $name }</b>
crm-preview-phones = Phone: { $phones }
crm-preview-no-phone = No phone
crm-preview-field = { $title }: { $value }
crm-preview-tags = Tags: { $tags }
crm-preview-stopped = Do not write
crm-preview-consent = { $purpose }: consent, grade { $grade }
crm-preview-no-consent = { $purpose }: no consent
crm-preview-counted = People in all: <b>{ $people }</b>
crm-preview-consents = { $purpose }, consents: { $count }
