admin-no-accounts = there is no account yet: make one by `mms admin create-account --name … --login … --owner …`
admin-account-line = { $id }  { $name }  ({ $members }; { $licence })
admin-account-deleted = { $id }  { $name }  (deleted on { $day }; what proves and refuses something is kept)
admin-members = { $count } { $count ->
        [one] member
       *[other] members
    }
admin-sessions = { $count } { $count ->
        [one] session
       *[other] sessions
    }
admin-campaigns = { $count } { $count ->
        [one] campaign
       *[other] campaigns
    }
admin-accounts = { $count } { $count ->
        [one] account
       *[other] accounts
    }
admin-licence = { $plan } until the end of { $day } (UTC)
admin-no-licence = no valid licence: nothing is sent
admin-created = account { $id } is there; now issue its licence: mms admin issue-licence --account { $id } --plan trial --until …
admin-name-taken = there is an account of this name already ({ $id }): give the new one another name
admin-renamed = the account { $id } is named `{ $name }` now
admin-no-account = there is no account `{ $wanted }`; `mms admin accounts` lists them
admin-several-accounts = several accounts are named `{ $wanted }`: use the id (`mms admin accounts`)
admin-account-gone = the account `{ $name }` was deleted on { $day }: its trail and its consents can be shown and verified, nothing else
admin-no-member = the account has no member with the login `{ $login }`; `mms admin members` lists them
admin-day = write it as 2027-12-31 or 31.12.2027
admin-maintenance-time = write the time as 2026-12-01 02:00 or 01.12.2026 02:00
admin-maintenance-no-such = there is no such work ahead: `mms admin maintenance` lists it
admin-maintenance-lifted = the work planned for { $from } UTC is called off
admin-maintenance-backwards = it must end after it begins, and in the future
admin-maintenance-long = work lasts { $hours } hours without a break at most
admin-maintenance-overlaps = work { $id } is planned for that time already: { $from } – { $until } UTC
admin-maintenance-planned = { $id }  { $from } – { $until } UTC. Companies told: { $told }
admin-maintenance-collides =   its start falls into the work: “{ $campaign }” ({ $account }), { $at } UTC; it begins afterwards
admin-maintenance-none = no work is planned
admin-maintenance-line = { $id }  { $from } – { $until } UTC  { $reason }
admin-retention-line = { $table } ({ $column }): kept for { $days } days, due: { $due }
admin-retention-for-ever = { $table } ({ $column }): kept for ever
admin-retention-done = { $table }: forgotten: { $done }, left: { $left }
admin-retention-due = Due in all: { $due }. To forget it now: `mms admin retention --apply`
admin-day-too-far = the date is too far
admin-day-over = { $day } is over already: name a day to come
admin-minute = { $at } UTC
admin-member-line = { $login }  { $name }  ({ $role }; { $state })
admin-member-disabled = disabled since { $at }
admin-member-locked = locked since { $at } ({ $why }): `mms admin unlock --account { $account } --login { $login }`
admin-lock-wrong-passwords = wrong passwords
admin-lock-lost-phone = lost phone
admin-lock-owner = owner
admin-session-line = { $login }  { $name }  Telegram { $user } ({ $phone }), since { $since }, last used { $used }
admin-nobody-signed-in = nobody is signed in
admin-ended = { $count } { $count ->
        [one] session
       *[other] sessions
    } ended
admin-second-none = { $login } has no sign-in with a code
admin-second-reset = the sign-in with a code is reset: { $login } signs in with the password
admin-unlocked = `{ $login }` may try again
admin-no-licences = no licence was issued yet: `mms admin issue-licence --account { $account } --plan trial --until …`
admin-licence-line = { $id }  { $plan }  { $from } to the end of { $until } (UTC)  ({ $state })
admin-licence-back = taken back on { $day }
admin-licence-valid = valid
admin-licence-later = not yet valid
admin-licence-over = over
admin-licence-issued = licence { $id }: { $plan } until the end of { $day } (UTC)
admin-no-plan = there is no plan `{ $plan }`; there are { $plans }
admin-no-invoice = there is no invoice { $id }; `mms admin payments --account …` lists the orders
admin-payment-before = this payment was recorded before, and nothing changed
admin-payment-kept = order { $id }: the payment is recorded, and no licence was made of it: { $why }. `mms admin payments` lists what is to be given back
admin-stray-twice = the order was paid before
admin-stray-other-sum = the order costs something else
admin-stray-nobody = the company was deleted
admin-stray-closed = the company’s access is closed
admin-stray-no-order = there is no such order
admin-aside-none = nothing is to be given back: every payment made a licence or was given back
admin-aside-line = payment { $payment }  { $at }  order { $id }  { $price }  NO LICENCE: { $why }
admin-aside-next = Give the money back and note it: `mms admin payment return --payment … --document …`. Once a company’s access is open again, its payment may count after all: `mms admin payment confirm --invoice … --document …` with the same payment.
admin-aside-returned = payment { $payment }: { $price } given back, noted
admin-aside-unknown = no payment `{ $payment }` is to be given back; `mms admin payments` lists those that are
admin-aside-document = say by which document the money was given back
admin-payment-paid = order { $id } is paid: licence { $plan } from { $from } until { $until }
admin-payment-act = the act is in { $path }
admin-payments-none = there were no orders yet
admin-order-line = order { $id }  { $at }  { $plan }, { $months } mo.  { $price }  { $way }  { $state }
admin-payment-line = payment { $payment }  { $at }  order { $id }  { $price }  licence { $licence }
admin-payment-strange = payment { $payment }  { $at }  order { $id }  { $price }  NO LICENCE OF IT: the order was paid before, or costs something else
admin-file-not-written = the file `{ $path }` was not written
admin-key-file-away = the key file `{ $path }` cannot be read
admin-key-file-bad = the file `{ $path }` holds no key: it is 64 hex digits; `mms admin licence-key new` makes one
admin-key-made = the key is in { $path }, keep it to yourself; the public key for billing.licence_keys: { $public }
admin-licence-revoked = the licence is taken back; nothing is sent from now on without another
admin-no-such-licence = the account has no such licence, or it is taken back already; `mms admin licences` lists them
admin-invited =
    send this to the new member: it opens the managers' bot, within { $hours } hours, once:
    { $link }
admin-reset =
    send this to the member: in the managers' bot, within { $hours } hours, once, it asks them for a new password:
    { $link }
admin-password = password of { $login } (not shown while typed):{ " " }
admin-password-again = once more:{ " " }
admin-passwords-differ = the two passwords differ
admin-no-hiding = the terminal cannot be told to hide what is typed; pipe the password in instead
admin-no-password = the password cannot be read from standard input
admin-key-needed = every change is written to the trail, which is chained with the sealing key
admin-backed-up = backed up into `{ $file }`; keep the sealing key (data directory, sealing.key) with it, apart from it
admin-key-forgotten = the key is forgotten; what it sealed must be given anew: { $channels } { $channels ->
        [one] channel
       *[other] channels
    } (a token), { $connections } { $connections ->
        [one] CRM connection
       *[other] CRM connections
    } (a login). The next start makes a new key. The trail cannot be checked without the key that made it: from now on `mms admin audit verify` and `mms admin consent verify` say that it was broken before, and check what comes after
admin-books-wrong = { $account }: campaign { $campaign } does not balance: audience { $audience } = planned { $planned } + left out { $out }; rows of the planned: { $rows }
admin-books-line = { "    " }{ $whose }, step { $step }, { $state } ({ $reason }): { $rows } rows, the counter says { $counter }
admin-books-planned = planned
admin-books-left-out = left out
admin-books-looked = { $account }: { $campaigns } looked at
admin-books-usage = { $account }: { $what }: { $rows } rows, the counter says { $counter }
admin-books-contacts = contacts
admin-books-people = people campaigns wrote to in { $month }
admin-books-messages = messages of { $month }
admin-books-balance = all books balance
admin-books-limits = what tariffs limit: { $count } { $count ->
        [one] counter
       *[other] counters
    } not as the rows say
admin-books-broken = the books of { $campaigns } do not balance
admin-chain-whole = { $account }: { $entries } { $entries ->
        [one] entry
       *[other] entries
    }, all whole; head { $head }
admin-chain-found = { $account }: { $entries } { $entries ->
        [one] entry
       *[other] entries
    }, all whole; head { $head } (chained since { $since }; the { $before } before are as they were found then)
admin-chain-differs = { $account }: whole by itself, but not what `{ $file }` says of it: { $noted } was there (an older copy of the database?)
admin-chain-broken = { $account }: { $why }
admin-trail-broken = the audit trail of { $accounts } is broken
admin-consents-broken = the consent ledger of { $accounts } is broken
admin-heads-unknown = it was not noted that the restored heads of the trail are unknown
admin-heads-not-noted = the restored heads of the trail were not noted
admin-trail-line = { $seq }  { $at }  { $who }: { $what }
admin-trail-line-of = { $seq }  { $at }  { $who }: { $what } — { $object }
admin-trail-none = nothing in the trail fits
admin-trail-who = the account has no member with the login or id `{ $who }`; `admin` is this command line, `system` the program; `mms admin members` lists the others
admin-no-file = there is no file `{ $file }`
admin-former-kept = the former database is kept as `{ $file }`
admin-carried = carried over from the former database: { $people } people who said stop since the backup, { $addresses } addresses not to be written to, { $consents } consents taken back, { $deleted } people who were deleted, { $events } events not yet understood
admin-carried-members = also carried over: { $sessions } sessions that ended since, { $members } members whose rights or passwords changed since
admin-carried-licences = licences that were revoked since: { $count }
admin-carried-company = company { $company } was deleted after the backup and is deleted again. To bring it back, restore the backup once more with the former database moved out of the folder
admin-put-key = put the sealing key of this installation at `{ $file }` before you start
admin-restored = restored. { $held }
admin-advertising-held = nobody knows who said stop after the backup, so no advertising is sent until an owner confirms it in the chat (Settings); each connected CRM is read first
admin-not-copied = `{ $file }` cannot be copied
admin-not-restored = `{ $file }` is not restored
admin-damaged = it is damaged: { $why }
admin-former-knows-less = the former database does not know everything since this backup: it is another one, or was itself restored without what people said
admin-former-unreadable = the former database cannot be read ({ $why })
admin-held-none = No campaign was running or planned.
admin-held = What was sent after the backup is unknown to it, so what was running or planned is held ({ $campaigns }): look at each before it goes on.
admin-delete-what =
    account { $id } `{ $name }`. A deletion takes away, for good:
    { $goes }
    and keeps what proves or refuses something:
    { $stays }
admin-delete-goes-contacts = { "  " }contacts, with what is known of each and what was said: { $contacts } ({ $conversations } conversations)
admin-delete-goes-members = { "  " }logins and passwords: { $members }; sessions: { $sessions }. Names stay beside what they did; the logins are free for others
admin-delete-goes-channels = { "  " }tokens of channels: { $channels }; logins of CRMs: { $connections }. Nothing is heard or sent any more; the bots stay yours at @BotFather
admin-delete-goes-campaigns = { "  " }campaigns under way or planned, which are stopped: { $count }
admin-delete-goes-files = { "  " }files of imports and reports: { $count }
admin-delete-goes-licences = { "  " }licences, invitations, links for passwords, saved answers, notices, dialogues
admin-delete-stays-stops = { "  " }addresses that said stop: { $count }
admin-delete-stays-consents = { "  " }entries of the consent ledger: { $count }
admin-delete-stays-deliveries = { "  " }messages of campaigns, without names: { $deliveries } ({ $campaigns } campaigns, with their texts and who approved them)
admin-delete-stays-trail = { "  " }entries of the trail: { $count }
admin-delete-how = Nothing is deleted yet. Back it up first if it may be needed; then: mms admin delete-account --account { $id } --confirm { $name }
admin-delete-wrong-name = the account is named `{ $name }`, and --confirm says `{ $said }`: nothing is deleted
admin-delete-running = deleting: { $count } contacts are gone
admin-deleted = the account `{ $name }` is deleted: { $contacts } contacts and { $files } files are gone. `mms admin audit show` and `mms admin consent verify` go on working with its id. Backups and files that were exported are yours to delete
admin-import-refused-exists = `{ $file }` exists already: name another file by --refused
admin-import-unreadable = `{ $file }` cannot be read
admin-import-gone = the import is gone
admin-import-held = the import is held, because nothing moved it on ({ $why }): nothing is lost; when the cause is gone, let it go on from its card
admin-import-failed = the import failed: { $why }
admin-import-cancelled = a member gave the import up; what was taken in stays
admin-import-file-gone = the file of refused rows is gone
admin-import-unwritable = `{ $file }` cannot be written
admin-import-left-out = what was left out, with the reasons: `{ $file }`
admin-import-no-sheet = no visible sheet `{ $sheet }`; there are: { $sheets }
admin-import-note = note: { $note }
admin-import-column = { $title }: { $to }
admin-import-column-number = column { $number }
admin-import-to-skip = left out
admin-import-to-phone = phone
admin-import-to-email = e-mail
admin-import-to-name = full name
admin-import-to-first-name = first name
admin-import-to-last-name = last name
admin-import-to-patronymic = patronymic
admin-import-to-tags = tags
admin-import-to-field = field `{ $key }`
admin-import-would-be = would be: { $numbers }
admin-import-foreseen = foreseen: { $numbers }
admin-import-done = done: { $numbers }
admin-import-numbers = { $rows } rows: { $new } new, { $updated } updated, { $joined } joined, { $refused } refused, { $partly } without something; { $consents } consents
admin-import-refused-line = { "    " }refused, { $reason }: { $count }
admin-import-left-out-line = { "    " }left out, { $reason }: { $count }
admin-import-no-owner = the account has no owner: name a member by --member
admin-import-member-gone = the member is gone
admin-agreement-no-folder = no folder of texts is set: the setting `agreement.folder`
admin-agreement-published = published: { $document } { $version } ({ $language })
admin-agreement-told = companies told: { $count }
admin-agreement-nothing = there is nothing new
admin-agreement-bad = not everything was taken in: { $what }
admin-agreement-line = { $document } { $version } holds from { $from } ({ $languages }), published { $at } UTC
admin-agreement-none = no text was published
admin-agreement-owes =   not accepted: { $account }: { $documents }
admin-agreement-written = written: { $path }
admin-agreement-exists = `{ $path }` is there already: a sample replaces nothing
admin-access-words = a reason and a document are needed
admin-access-past = the end has to be in the future
admin-access-already = access is closed since { $since } UTC already: { $reason }
admin-access-open = access is not closed
admin-access-suspended = closed: { $scope }; campaigns paused: { $campaigns }
admin-access-lifted = access is open
admin-access-file = `{ $path }` cannot be read: { $why }
admin-feature-unknown = there is no function `{ $name }`: `mms admin feature --account …` lists them
admin-feature-same = the function `{ $name }` is that way already
admin-feature-off = switched off: { $name }; campaigns paused: { $campaigns }
admin-feature-on = switched on: { $name }
admin-feature-line-on = { $name }  on
admin-feature-line-off = { $name }  off since { $since } UTC: { $reason }
admin-support-none = every ticket is closed
admin-support-line = { $account }  No. { $number }  { $state }  { $due }  { $words }
admin-support-due = to be answered by { $at } UTC
admin-support-overdue = late, it was due { $at } UTC
admin-support-absent = there is no such ticket, or it is closed
admin-support-length = 1 to { $max } characters
admin-support-licensor = support
admin-support-message =
    { $at } UTC, { $who }:
    { $body }
admin-support-answered = ticket { $number } is answered
admin-support-closed = ticket { $number } is closed
admin-claims-none = there are no claims
admin-claims-line = No. { $number }  { $direction }  { $state }  due { $due } UTC  { $subject }
admin-claims-absent = there is no open claim of that number against the licensor
admin-claims-answered = claim { $number } is answered
admin-signing-key = { $key }
admin-checkpoint-changed = { $file }, line { $line }: changed, or signed by another key
admin-checkpoint-not-next = { $file }, line { $line }: another line stood before it, one was taken out, put in or moved
admin-checkpoint-unsigned = { $file }, line { $line }: without a signature, somebody else’s
admin-checkpoint-restored = { $file }, line { $line }: a restore without the key is noted here, which nobody could sign; if there was none, somebody else wrote it
admin-checkpoint-broken = the file of checkpoints is not as it was written
admin-verify-unreadable = the file `{ $file }` cannot be read
admin-verify-about = { $file }: { $company }, { $about }; made { $made }, asked for by { $by }, part { $part }
admin-verify-line = { $file }: ❌ { $what }
admin-verify-whole = { $file }: ✅ { $count } files, all whole and signed
admin-verify-key-known = signed by the key you named: { $key }
admin-verify-key-unknown = signed by the key { $key }: compare it, by --key, with the one the company told you; whoever forges an archive signs it with a key of their own
admin-verify-no-archive = this is no archive, or its list of files is damaged: { $why }
admin-verify-no-manifest = there is no list of files, manifest.json, or it cannot be read
admin-verify-new-format = the list of files is of a newer release ({ $format }): update mms
admin-verify-no-signature = there is no signature, manifest.sig
admin-verify-bad-signature = the signature is not of this list of files: the list, the signature or the key was changed
admin-verify-other-key = signed by another key: { $key }
admin-verify-no-key = the key in --key is none: it has 44 characters of base64
admin-verify-changed = a file was changed: { $name }
admin-verify-damaged = a file is damaged: { $name }
admin-verify-missing = a file is missing: { $name }
admin-verify-renamed = a file was renamed: { $from } → { $to }
admin-verify-added = a file was added: { $name }
admin-verify-twice = a name is there twice: { $name }
admin-verify-wrapping = the files are whole, and the archive is not the one that was made: its first other byte is { $at }
admin-verify-wrapping-near = the files are whole, and the archive is not the one that was made: its first other byte is { $at } at the file { $near }
admin-verify-cut = the archive ends too early, after { $at } bytes
admin-verify-cut-near = the archive ends too early, after { $at } bytes: in or right after the file { $near }
admin-verify-order = the files are whole, and not in the order they were made in: at place { $place } stands { $found }, and { $expected } stood there
admin-verify-parts = these are not all parts of one dossier: name all of its files
admin-verify-broken = the dossier is not as it was made
