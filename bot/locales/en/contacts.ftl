contacts-menu = Contacts
contacts-title =
    <b>Contacts</b> — { $count }

    Type a name, a phone or its last digits to search.
    Send an Excel, CSV or vCard file to import it.
contacts-none =
    <b>No contacts yet</b>

    Send an Excel, CSV or vCard file here to import it. You can also add people one by one or connect a CRM: “Settings” → “CRM”.
contacts-export = Export to Excel
contacts-exported = { $count ->
    [one] { $count } contact. The export is in the audit log.
   *[other] { $count } contacts. The export is in the audit log.
}
contacts-export-file = contacts.xlsx
contacts-export-large = The file is larger than { $limit } MB: Telegram does not take it.
contacts-export-name = Full name
contacts-export-first = First name
contacts-export-last = Last name
contacts-export-phone = Phone
contacts-export-email = E-mail
contacts-export-consent = Consent to advertising
contacts-export-out = Unsubscribed
contacts-export-since = Added
contacts-new = ＋ New contact
contacts-ask-new =
    <b>Who is it?</b>

    Write the name and the phone in one message; an e-mail may follow. For example:
    <code>Anna Smith +44 20 7946 0018 anna@example.com</code>
contacts-new-added = The contact is added.
contacts-new-known = There is a contact with this phone or e-mail already: here it is.
contacts-hand-empty = There is no name, phone or e-mail here.
contacts-hand-phone = “{ $raw }” is not a phone: { $reason }.
contacts-hand-email = “{ $raw }” does not look like an e-mail. For example: anna@example.com
contacts-person-button = 📦 The person’s data
contacts-person-file = Data of a person.zip
contacts-person-sent = <b>{ $name }</b>: all that is known of the person, for the person. The archive has person.pdf to read and person.json for programs.
contacts-hand-erased = Whoever has this phone or e-mail was erased by demand No. { $number }, and is not taken in again: they may write to you themselves.
contacts-hand-plan = Your plan allows { $allowed } { $allowed ->
        [one] contact
       *[other] contacts
    }, and you have that many. Delete some or change the plan.
contacts-edit-button = ✏️ Edit
contacts-edit =
    <b>{ $name }</b>

    What would you like to change?
contacts-edit-crm =
    <b>{ $name }</b>

    What would you like to change? The contact is tied to a CRM: the name and fields that are loaded from there become what the CRM says at the next load.
contacts-edit-name = Name
contacts-edit-addresses = Phone and e-mail
contacts-ask-name = New name for “{ $name }”? For example: Anna Smith
contacts-addresses =
    <b>Phone and e-mail: { $name }</b>

    Send a number or an e-mail to add it. Tap one to remove it.
contacts-address-added = Added.
contacts-address-there = It is there already.
contacts-address-none = There is no phone and no e-mail here.
contacts-address-taken = “{ $name }” has this address already.
contacts-address-dropped = Removed.
contacts-ask-drop-address =
    <b>Remove { $address }?</b> { $name }

    If the number is on the stop-list, this person is still not written to.
contacts-drop-address-now = Yes, remove
contacts-values =
    <b>Fields: { $name }</b>

    Tap a field to change it.
contacts-ask-value-text = <b>{ $title }</b>: what is it?
contacts-ask-value-number = <b>{ $title }</b>: which number? For example: 1,250.5
contacts-ask-value-date = <b>{ $title }</b>: which date? For example: 12 May 1986
contacts-ask-value-flag = <b>{ $title }</b>: yes or no?
contacts-value-clear = Clear
contacts-value-kept = Saved.
contacts-value-cleared = The value is gone.
contacts-value-number = That is not a number.
contacts-value-date = That is not a date. If it is unclear which is the day and which the month, write the month as a word.
contacts-value-no-year = The year is missing.
contacts-value-flag = Write “yes” or “no”.
contacts-value-long = Too long: { $max } characters at most.
contacts-segments = Segments
contacts-import = Import
contacts-tags = Tags
contacts-fields = Fields
contacts-suppressions = Stop-list: { $count }
contacts-found = Found: { $count }. You can type another name or phone right away.
contacts-found-more = The first { $count } are shown. Be more specific: first and last name, or digits of the phone.
contacts-found-none =
    Nobody for “{ $typed }”.

    Try a part of the name or the last four digits of the phone.
contacts-nameless = No name
contacts-card =
    <b>{ $name }</b>
    Since { $since } · { $source }
contacts-opted-out = 🚫 <b>Unsubscribed</b> { $day }. Only they can come back themselves: /start in the bot.
contacts-no-addresses = No addresses: there is nowhere to write.
contacts-chat = { $messenger }
contacts-chat-with = { $messenger }, { $bot }
contacts-card-field = { $title }: { $value }
contacts-card-field-from = { $title }: { $value } · { $from }
contacts-card-sources = In CRM: { $records }
contacts-card-sources-name = In CRM: { $records }. Name: { $name }
contacts-card-fields-more = … and more fields: { $count }
contacts-card-tags = { $tags }
contacts-consent-marketing = Advertising: { $said }
contacts-consent-data = Personal data: { $said }
contacts-consent-yes = agreed { $day } ({ $grade })
contacts-consent-no = refused { $day }
contacts-consent-unknown = not asked
contacts-consent-unanswered = no answer, asked { $day }
contacts-grade-a = A: in a chat with the bot
contacts-grade-b = B: a signed document
contacts-grade-c = C: a mark in the CRM
contacts-grade-d = D: stated by the owner
contacts-card-occasions =
    <b>Visits, orders, deals</b>
    { $lines }
contacts-line-occasion = { $mark } { $at } · { $about } — { $stands }
contacts-occasion-visit = Visit
contacts-occasion-order = Order
contacts-occasion-deal = Deal
contacts-occasion-payment = Payment
contacts-occasion-birthday = Birthday
contacts-occasion-open = still ahead
contacts-occasion-confirmed = confirmed
contacts-occasion-done = took place
contacts-occasion-missed = did not come
contacts-occasion-cancelled = cancelled
contacts-card-deliveries =
    <b>Campaigns</b>
    { $lines }
contacts-card-messages =
    <b>Messages</b>
    { $lines }
contacts-line-delivery = { $day } · { $campaign }: { $outcome }
contacts-line-in = { $at } ← { $text }
contacts-line-out = { $at } → { $text }
contacts-history = History
contacts-history-title = <b>{ $name }</b>: history
contacts-history-none = Nothing has been sent or said yet.
contacts-talk = Conversation
contacts-to-card = The contact’s card
contacts-ask-tags =
    <b>Tags: { $name }</b> — { $count }

    Send a tag to add it, several separated by commas. Tap a tag to remove it, or a known one to add it.
contacts-link = Link to the bot
contacts-links = A link to which bot?
contacts-links-none = No channels yet: connect a bot under “Settings” → “Channels” first.
contacts-link-card =
    <b>Personal link: { $name }</b>

    <code>{ $link }</code>

    The bot uses it to recognise the person and asks for consent. It works once, for { $days } { $days ->
        [one] day
       *[other] days
    }. Give it to this person only.
contacts-link-nowhere = The channel “{ $name }” has no address to be opened by, so there is no link to it.
contacts-link-copy = Copy
contacts-link-share = Send…
contacts-link-words = Subscribe to our bot: it recognises you by this link.
contacts-dossier-button = Consents and evidence
contacts-dossier =
    <b>{ $name }</b>: consents and evidence
    { $count ->
        [0] No entries
        [one] { $count } entry
       *[other] { $count } entries
    }
contacts-dossier-file = consents.txt
contacts-stop = Unsubscribe
contacts-ask-stop =
    <b>Unsubscribe?</b> { $name }

    { $crm ->
        [yes] No more campaigns. What is not sent yet is cancelled, and the CRM gets a mark.
       *[no] No more campaigns. What is not sent yet is cancelled.
    }

    Only the person can subscribe again: /start in the bot and a new consent.
contacts-stop-now = Yes, unsubscribe
contacts-stopped = { $cancelled ->
    [0] Done: no more messages to this person.
    [one] Done: no more messages to this person. { $cancelled } message cancelled.
   *[other] Done: no more messages to this person. { $cancelled } messages cancelled.
}
contacts-stopped-already = Already unsubscribed.
contacts-delete = Delete
contacts-ask-delete =
    <b>Delete the contact?</b> { $name }

    The name, fields, tags and addresses are erased. The evidence of consents, opt-outs and the count of what was sent stay.

    This cannot be undone.
contacts-ask-delete-crm =
    <b>Delete the contact?</b> { $name }

    The name, fields, tags and addresses are erased here; the contact stays in the CRM but is not loaded again. The evidence of consents, opt-outs and the count of what was sent stay.

    This cannot be undone.
contacts-delete-now = Yes, delete
contacts-deleted = The contact is deleted.

contacts-tags-none =
    <b>No tags yet</b>

    Tags come from the CRM and from files; you can add them on a contact’s card too.
contacts-tags-title =
    <b>Tags</b>

    { $lines }

    To gather people with a tag, make a segment: <code>tag = name</code>
contacts-tags-line = { $tag } — { $count }
contacts-fields-none =
    <b>No fields of your own yet</b>

    A field is a city, a date of visit, a sum of purchases… Use it in templates and segments.
contacts-fields-title = <b>Contact fields</b> — { $count }
contacts-field-new = New field
contacts-field-card =
    <b>{ $title }</b>
    Type: { $kind }

    In a template: <code>{ "{{ " }{ $key }{ " }}" }</code>
    In a segment: <code>{ $title } is not empty</code>
contacts-field-rename = Rename
contacts-field-kinds = <b>New field.</b> Of which type? This cannot be changed later.
contacts-ask-field = What should the field be called? For example: City
contacts-ask-field-title = New name for “{ $title }”? Nothing changes in templates and segments.
contacts-field-again =
    { $sentence }

    Type the title again.
contacts-field-bad-title = A title has 1 to 60 characters.
contacts-field-too-many = There are { $max } fields already, the most allowed.
contacts-field-taken = There is a field with this title already. Type another.
contacts-kind-text = text
contacts-kind-number = number
contacts-kind-date = date
contacts-kind-flag = yes / no
contacts-yes = yes
contacts-no = no

contacts-suppressions-none =
    <b>The stop-list is empty</b>

    Those who said stop or blocked the bot come here, and numbers added by hand. Nothing is sent to them.
contacts-suppressions-title =
    <b>Stop-list</b> — { $count }
    { $by }

    { $lines }
contacts-suppressions-line = { $reason }: { $count }
contacts-suppression = { $address } · { $reason } · { $day }
contacts-suppressed-opt-out = opted out
contacts-suppressed-blocked = blocked the bot
contacts-suppressed-blocked-bot = blocked { $bot }
contacts-suppressed-complaint = complained
contacts-suppressed-manual = added by hand
contacts-add-phones = Add phones
contacts-ask-phones =
    <b>Who goes on the stop-list?</b>

    Send phones, one a line or separated by commas, or an Excel or CSV file. Nothing is sent to these numbers, even if they come from the CRM again.
contacts-phones-again =
    { $sentence }

    Send the phones again.
contacts-phones-none = There are no phones in the message.
contacts-phones-many = At most { $max } phones at a time. Split the list.
contacts-phones-added = Added: { $added }. On the list already: { $already }.
contacts-phones-left = ⚠️ Not added because the database failed: { $count }. Send the same list again: only the missing ones are added.
contacts-phones-refused =
    Not phones: { $count }
    { $lines }
contacts-phone-refused = Line { $number }: “{ $line }” — { $reason }
contacts-phones-refused-more = … and { $count } more
contacts-phone-empty = empty
contacts-phone-letters = there are letters
contacts-phone-extension = it has an extension
contacts-phone-character = a stray character
contacts-phone-short = too few digits
contacts-phone-long = too many digits
contacts-phone-invalid = no such number exists
contacts-phone-rounded = Excel rounded the number, its last digits are lost
contacts-lift = Remove from the list: { $address }
contacts-ask-lift =
    <b>Remove from the stop-list?</b> { $address }

    If the person opted out themselves, that opt-out stays.
contacts-lift-now = Yes, remove
contacts-lifted = Removed from the stop-list.

contacts-source-crm = from the CRM
contacts-source-import = from a file
contacts-source-chat = wrote to the bot in { $messenger }
contacts-source-manual = added by hand
contacts-signed-button = 📄 Attach a signed consent
contacts-signed-purpose =
    <b>Signed consent: { $name }</b>

    Which consent was signed? Advertising and personal data need two papers.
contacts-signed-text =
    <b>Signed consent: { $name }</b>
    { $purpose }

    Which text was signed? Choose the version that stands on the paper. If its words are others: “Another text”.
contacts-signed-current =
    <b>{ $version }</b>
    { $body }
contacts-signed-version = { $language } · version { $version }
contacts-signed-other = Another text
contacts-signed-words =
    <b>What does the paper say?</b>

    Type its words of consent, up to { $max } characters: they are part of the evidence. You may leave it: the picture shows all.
contacts-signed-words-now =
    <b>What does the paper say?</b>

    Type its words of consent, up to { $max } characters: they are part of the evidence. You may leave it: the picture shows all.

    Noted now: { $words }
contacts-signed-words-long = The words are longer than { $max } characters: type the consent alone.
contacts-signed-untold = Do not type it
contacts-signed-other-untold = another one, not typed
contacts-signed-day =
    <b>Which date is on the paper?</b>

    For example: 12.03.2026 or 12 March 2026. If it was signed today: “today”.
contacts-signed-same-day = Keep { $day }
contacts-signed-file =
    <b>Signed consent: { $name }</b>
    { $purpose }
    Text: { $text }
    Date on the paper: { $day }

    Send a photo or a PDF of the paper as one file, up to { $most } MB. Several pages: one PDF.
contacts-signed-change-purpose = The other consent
contacts-signed-change-text = Another version of the text
contacts-signed-drop = Do not attach
contacts-signed-dropped = No paper was attached.
contacts-signed-needed = The picture itself is needed: a photo or a PDF.
contacts-signed-empty = The file is empty. Send it again.
contacts-signed-large = The file is larger than { $most } MB. Send a smaller photo or a compressed PDF.
contacts-signed-form = This is no picture and no PDF. JPEG, PNG, WebP, HEIC, TIFF and PDF will do.
contacts-signed-known = This very file is attached to this consent already.
contacts-signed-unfinished = First choose the text and say the date on the paper.
contacts-signed-stopped = The person asked not to be written to: { $since }, and the paper is no older. Only they take it back, by /start and a consent in the chat. If the paper is older than the refusal, correct the date: it stays as evidence of the past.
contacts-signed-withdrawn = The person took this consent back in a chat: { $since }, and the paper is no older. Only they can give it again, in the chat.
contacts-signed-kept = The paper is attached, the consent is recorded.
contacts-signed-kept-album = The paper is attached, the consent is recorded. Of the album the first file was taken: send several pages as one PDF.
contacts-signed-kept-past = The paper is attached as evidence of the past. The consent does not hold now: the person refused after the date on the paper.
contacts-signed-kept-past-album = The paper is attached as evidence of the past. The consent does not hold now: the person refused after the date on the paper. Of the album the first file was taken.
contacts-card-papers = { $count ->
    [one] 📄 { $count } signed paper
   *[other] 📄 { $count } signed papers
}
contacts-papers-button = 📄 Signed papers: { $count }
contacts-papers =
    <b>Signed papers: { $name }</b>

    { $lines }

    Whoever takes a file is written down in the audit trail.
contacts-paper = • { $purpose }, of { $day }. Attached { $at }, { $by }
contacts-paper-gone = • { $purpose }, of { $day }. Attached { $at }, { $by }. The file is kept no more
contacts-paper-sent =
    <b>{ $name }</b>
    { $line }
    SHA-256: <code>{ $hash }</code>
