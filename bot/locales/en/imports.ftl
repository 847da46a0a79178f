imports-menu = Import
imports-none =
    <b>Import</b>

    Send a CSV or XLSX file with contacts: I will find out its encoding, delimiter and columns, and you will check them.
imports-title =
    <b>Import</b>

    To start a new one, send a CSV or XLSX file. The last ones:
imports-ask-file = Send a CSV or XLSX file with contacts.
imports-file-again =
    { $sentence }

    Send another file.
imports-no-file = This is not a file. A table must be sent as a document.
imports-no-download = The file could not be fetched from Telegram. Send it again.
imports-too-large = The file is larger than 20 MB. Split it.
imports-too-much = There is too much in the table: at most { $rows } rows, { $columns } columns and { $cells } cells, the empty ones before a filled one included. Delete the columns you do not need, or split the table.
imports-bomb = This Excel workbook unpacks to more than { $megabytes } MB or holds too much text. Save the table as CSV and send that.
imports-empty = There is not one filled row in the file.
imports-old-workbook = This is an old or a protected Excel file. Save it as .xlsx without a password, or as CSV.
imports-unreadable = This file cannot be read as a table. Use CSV or XLSX.
imports-quota-waiting = { $most } imports are waiting already, and no more can. Start or cancel one of them and send the file again.
imports-quota-often = Up to { $most } files can be sent within an hour. Send this one later.
imports-quota-kept = The files of imports take up { $megabytes } MB, and no more are kept. Cancel imports you do not need: their files go first. Old ones go by themselves.
imports-past = The import is past this step. Open its card again.
imports-no-address = No column is marked as phone or e-mail, so there is nowhere to write. Say which one under “Columns”.
imports-bad-mapping = The columns do not fit the file. Open the card and check them.
imports-no-basis = First say where the data come from and on what basis.
imports-card =
    <b>{ $name }</b>
    { $read }
imports-format-csv = CSV, { $encoding }, delimiter “{ $delimiter }”
imports-format-xlsx = Excel, sheet “{ $sheet }”
imports-tab = tab
imports-columns =
    <b>Columns</b>
    { $lines }
    Skipped: { $skipped }
imports-columns-none = <b>Columns</b>: none is chosen yet.
imports-column-line = { $title } → { $to }
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
    Consents to be recorded: { $consents }
imports-numbers =
    New: { $new }
    To be updated: { $updated }
    To be refused: { $refused }
imports-numbers-done =
    New: { $new }
    Updated: { $updated }
    Refused: { $refused }
imports-cut-names = Names longer than { $max } characters, to be cut: { $count }
imports-cut-names-done = Names longer than { $max } characters, cut: { $count }
imports-refused-line = · { $reason }: { $count }
imports-refused-no-address = neither phone nor e-mail
imports-refused-email = a mistyped e-mail
imports-refused-duplicate = repeated within the file
imports-refused-number = not a number where one must be
imports-refused-date = not a date where one must be
imports-refused-flag = neither yes nor no where one must be
imports-refused-too-long = the text is too long
imports-refused-phone = no such phone exists
imports-refused-phone-letters = letters in the phone
imports-refused-phone-extension = the phone has an extension
imports-refused-phone-short = too few digits in the phone
imports-refused-phone-long = too many digits in the phone
imports-start = ▶️ Import: { $count }
imports-check = Check the file
imports-columns-button = Columns
imports-basis-button = Basis
imports-header-yes = First row: headings
imports-header-no = First row: data
imports-tags-button = Tags for all
imports-cancel = Discard
imports-which-column =
    <b>{ $name }</b>

    What is in which column? Press a column to change it.
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
imports-cancelled-before = ✖️ <b>{ $name }</b>: the import was discarded, no contact was changed.
imports-cancelled-within =
    ✖️ <b>{ $name }</b>: the import was stopped. What had come in stays:

    { $numbers }
imports-failed =
    ⚠️ <b>{ $name }</b>: the import could not go on. What had come in stays:

    { $numbers }

    Send the file again: contacts taken in already are just updated.
imports-held =
    ⚠️ <b>{ $name }</b>: the import is held, because the database took no rows for some minutes. Nothing is lost.
    Rows taken in: { $done } of { $rows }

    { $numbers }

    Press “Go on”, and it continues from the same row. If it happens again, show this card to whoever looks after the server.
imports-resume = ▶️ Go on
imports-refused-button = File of refused rows
imports-refused-file = Refused rows: { $count }. Fix them in this file and send it here.
imports-to-card = The import’s card
imports-ask-cancel = Discard the import <b>{ $name }</b>? No contact has been changed yet.
imports-ask-stop = Stop the import <b>{ $name }</b>? The contacts that came in ({ $taken }) stay, the other rows are not taken.
imports-cancel-now = Yes, discard
imports-stop-now = Yes, stop
imports-cancelled = The import is stopped.
