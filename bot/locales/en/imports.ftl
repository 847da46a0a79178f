imports-menu = Import
imports-none =
    <b>Import</b>

    Send a file with contacts: Excel, CSV, or a phone’s vCard. I will find out its encoding, delimiter and columns, and you will check them.
imports-title =
    <b>Import</b>

    To start a new one, send an Excel, CSV or vCard file. The last ones:
imports-ask-file = Send a file with contacts: Excel, CSV or vCard.
imports-file-again =
    { $sentence }

    Send another file.
imports-no-file = This is not a file. A table must be sent as a document.
imports-no-download = The file could not be fetched from Telegram. Send it again.
imports-too-large = The file is larger than 20 MB. Split it.
imports-too-much = There is too much in the table: at most { $rows } rows, { $columns } columns and { $cells } cells, the empty ones before a filled one included. Delete the columns you do not need, or split the table.
imports-bomb = This Excel file is too large inside: more than { $megabytes } MB, or too much text. Save the table as CSV and send that.
imports-empty = There is not one filled row in the file.
imports-protected = This Excel file is protected by a password. Save it without one, or as CSV.
imports-quota-waiting = { $most } imports are waiting already, and that is the limit. Start or cancel one of them and send the file again.
imports-quota-often = Up to { $most } files can be sent within an hour. Send this one later.
imports-quota-kept = The files of imports take up { $megabytes } MB, and that is the limit. Cancel imports you do not need: their files go first. Old ones go by themselves.
imports-foreign-pdf = This is a PDF: contacts cannot be taken from it. Export the table as Excel (XLSX) or CSV.
imports-foreign-json = This is JSON, an export for programs. Export the contacts as Excel (XLSX), CSV or vCard.
imports-foreign-page = There is a web page without a table inside this file. Export the contacts as Excel (XLSX) or CSV.
imports-foreign-picture = This is a picture. Send the table itself: Excel (XLSX) or CSV.
imports-foreign-document = This is a text document. Copy the table into Excel and save it as .xlsx.
imports-foreign-archive = This is an archive. Unpack it and send the table: Excel (XLSX) or CSV.
imports-no-day-order = The dates do not show which number is the day and which the month. Answer on the import’s card.
imports-taken = Columns taken: { $count }
imports-taken-but = Columns taken: { $count }. No room for { $without }: there can be { $max } fields.
imports-unreadable = This file cannot be read as a table. Use Excel, CSV or vCard.
imports-past = The import is past this step. Open its card again.
imports-changed = This import was changed just now. This is how it stands: check it again.
imports-no-address = No column is marked as phone or e-mail, so there is nowhere to write. Say which one under “Columns”.
imports-bad-mapping = The columns do not fit the file. Open the card and check them.
imports-no-basis = First say where the data come from and on what basis.
imports-card =
    <b>{ $name }</b>
    { $read }
imports-format-csv = CSV, { $encoding }, delimiter “{ $delimiter }”
imports-format-xlsx = Excel, sheet “{ $sheet }”
imports-format-page = Table of a web page
imports-format-vcard = Address book (vCard)
imports-vcard-full-name = Name in the book
imports-vcard-birthday = Birthday
imports-vcard-company = Company
imports-vcard-city = City
imports-vcard-note = Note
imports-note-above = ℹ️ Rows above the headings, left out: { $rows }
imports-note-hidden-rows = ⚠️ Hidden rows are left out: { $rows }. If you need them, clear the filter in Excel and send the file again.
imports-note-hidden-columns = ⚠️ Hidden columns are left out: { $count } ({ $names }). If you need one, say what it holds under “Columns”.
imports-note-hidden-sheets = ⚠️ Hidden sheets are left out: { $names }
imports-note-uncomputed = ⚠️ Formulas without values: { $count }, the first in { $first }. Open the file in Excel, save it and send it again.
imports-note-encoding = ⚠️ Lines in another encoding: { $count }, the first is line { $first }. They were read as { $encoding }; please check.
imports-note-twice = ℹ️ A program had garbled the letters of this file by taking it for { $encoding }. We have restored them; please check.
imports-note-torn = ⚠️ Single letters are garbled, lines: { $count }, the first is line { $first }. Please check them.
imports-note-quote = ⚠️ A quotation mark that is never closed, lines: { $count }, the first is line { $first }. It was read as a character; please check.
imports-name-split = From the full name: “{ $whole }” → first name { $first }, last name { $last }
imports-name-split-patronymic = From the full name: “{ $whole }” → first name { $first }, patronymic { $patronymic }, last name { $last }
imports-day-order = ❗️ “{ $title }”: what does 05/06/2026 mean?
imports-day-first = 5 June (day/month)
imports-month-first = May 6 (month/day)
imports-tab = tab
imports-columns =
    <b>Columns</b>
    { $lines }
imports-columns-skipped = Skipped: { $count } ({ $names })
imports-columns-none = <b>Columns</b>: none is chosen yet.
imports-column-line = { $title } → { $to }
imports-hidden-column = { $title } (hidden)
imports-column-number = Column { $number }
imports-tags = Everybody gets the tags: { $tags }
imports-basis =
    <b>Origin:</b> { $origin }
    <b>Basis:</b> { $basis }
imports-basis-missing = ❗️ Say where these data come from and on what basis: the import does not start without it.
imports-dry =
    <b>Checked: { $rows } { $rows ->
        [one] row
       *[other] rows
    }</b>
    { $numbers }
    Consents: { $consents } (advertising and personal data)
imports-numbers =
    New: { $new }
    To be updated: { $updated }
    Rejected: { $refused }
imports-numbers-done =
    New: { $new }
    Updated: { $updated }
    Rejected: { $refused }
imports-partly = Taken in without some data: { $count }
imports-partly-done = Taken in without some data: { $count }
imports-joined = Repeated people: { $count }; their tags and fields are joined
imports-cut-names = Names longer than { $max } characters, to be cut: { $count }
imports-cut-names-done = Names longer than { $max } characters, cut: { $count }
imports-refused-line = · { $reason }: { $count }
imports-refused-line-at = · { $reason }: { $count } (for example, row { $line })
imports-refused-line-as = · { $reason }: { $count } (for example, row { $line }: “{ $cell }”)
imports-refused-line-in = · { $reason }: { $count } (for example, row { $line }, “{ $title }”: “{ $cell }”)
imports-refused-no-address = neither phone nor e-mail
imports-refused-email = a mistyped e-mail
imports-refused-taken-email = the e-mail of somebody in a row above
imports-refused-taken-phone = the phone of somebody in a row above
imports-refused-other-name = the same phone with another name; the first one stays
imports-refused-duplicate = repeated within the file
imports-refused-erased = erased on demand
imports-refused-plan = the plan has no room for more contacts
imports-refused-number = not a number
imports-refused-date = not a date
imports-refused-no-year = a date without its year
imports-refused-flag = neither yes nor no
imports-refused-too-long = the text is too long
imports-refused-phone = no such phone exists
imports-refused-phone-letters = letters in the phone
imports-refused-phone-extension = the phone has an extension
imports-refused-phone-short = too few digits in the phone
imports-refused-phone-long = too many digits in the phone
imports-refused-phone-rounded = Excel rounded the phone
imports-start = ▶️ Import: { $count }
imports-check = Check the file
imports-columns-button = Columns
imports-basis-button = Basis
imports-take-all = Take all columns: +{ $count }
imports-sheets-button = Another sheet
imports-sheets =
    <b>{ $name }</b>

    Which sheet should the contacts come from?
imports-header-yes = First row: headings
imports-header-no = First row: data
imports-tags-button = Tags for all
imports-cancel = Cancel the import
imports-which-column =
    <b>{ $name }</b>

    What is in which column? Tap a column to change it.
imports-column =
    <b>{ $title }</b>
    { $sample }

    What is in this column?
imports-to-skip = Skip
imports-to-phone = Phone
imports-to-email = E-mail
imports-to-name = Full name
imports-to-first-name = First name
imports-to-last-name = Last name
imports-to-patronymic = Patronymic
imports-to-tags = Tags
imports-new-field = ＋ New field
imports-new-field-kind =
    New field “{ $title }”

    What will it hold? This cannot be changed later.
imports-ask-tags =
    <b>Tags for all of the file:</b> { $tags }

    Send a list separated by commas. To remove all, send “-”.
imports-bases =
    <b>On what basis will these people get messages?</b>

    <b>A signed document</b>: a form or a contract with a consent. Advertising may be sent.
    <b>Stated by the owner</b>: there was a consent, there is no document. Not enough for advertising; service messages may be sent.
    <b>No consent</b>: no advertising.

    The answer stays on record as evidence.
imports-basis-document = A signed document
imports-basis-owner = Stated by the owner
imports-basis-none = No consent to advertising
imports-ask-origin =
    Basis: <b>{ $basis }</b>

    Where do these data come from? One phrase, for example: “Forms from the fair, 12 May 2026, folder 7 in accounting”.
imports-origin-again = A phrase of 1 to 500 characters is needed.
imports-running =
    <b>{ $name }</b>: the import is running
    { $bar } { $percent }
    Rows: { $done } of { $rows }

    { $numbers }
imports-refresh = Refresh
imports-stop = Stop
imports-done =
    ✅ <b>{ $name }</b>: the import is done
    { $at }

    { $numbers }
    Consents recorded: { $consents }
imports-cancelled-before = ✖️ <b>{ $name }</b>: the import was cancelled, no contact was changed.
imports-cancelled-within =
    ✖️ <b>{ $name }</b>: the import was stopped. What had come in stays:

    { $numbers }
imports-failed =
    ⚠️ <b>{ $name }</b>: the import was interrupted. What had come in stays:

    { $numbers }

    Send the file again: contacts taken in already are just updated.
imports-held =
    ⚠️ <b>{ $name }</b>: the import is held, because the database took no rows for some minutes. Nothing is lost.
    Rows taken in: { $done } of { $rows }

    { $numbers }

    Tap “Continue”, and it goes on from the same row. If it happens again, show this card to whoever looks after the server.
imports-held-off =
    ⏸ <b>{ $name }</b> — the import is stopped: the licensor switched imports off ({ $reason }).
    Rows taken in: { $done } of { $rows }. They stay.

    { $numbers }

    Once imports are on again, press “Continue”: the import goes on from the same row.
imports-resume = ▶️ Continue
imports-refused-button = Download rows with errors
imports-refused-file = Rejected rows: { $refused }. Taken in without some data: { $partly }.
    Fix them in this file and send it here.
imports-to-card = The import’s card
imports-to-contacts = Contacts
imports-to-segment = Segment
imports-to-campaign = Campaign
imports-chats = { $messenger } messages reach those who have started the bot: { $count } of the file’s { $people }.
imports-ask-cancel = Cancel the import <b>{ $name }</b>? No contact has been changed yet.
imports-ask-stop = Stop the import <b>{ $name }</b>? The contacts that came in ({ $taken }) stay, the other rows are not taken.
imports-cancel-now = Yes, cancel
imports-stop-now = Yes, stop
imports-cancelled = The import is cancelled.
imports-people-tagged = The people of the file have the tag “{ $tag }”
imports-forgotten = The file of this import is no longer kept, so its people cannot be gathered any more.
