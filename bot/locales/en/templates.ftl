templates-menu = Templates
templates-title =
    <b>Templates</b>

    ✅ approved · ⏳ waiting · ↩️ returned · ✏️ draft
templates-two-marks = ✅ beside another mark: the approved version is sent, a new one is still in the works.
templates-title-archived = <b>Archived templates</b>
templates-none =
    <b>No templates yet</b>

    A template is the text of a campaign with the customer’s name and other variables. Only approved ones can be sent.
templates-none-archived =
    <b>The archive is empty</b>

    Templates that are no longer needed go here.
templates-new = ＋ New template
templates-archive-list = Archive
templates-state-draft = draft
templates-state-submitted = waiting for approval
templates-state-approved = approved
templates-state-returned = returned
templates-class-advertising = advertising
templates-class-service = service
templates-header =
    <b>{ $name }</b> · version { $number }
    { $mark } { $state } · { $class }
templates-by-submitted = Submitted by { $name }, { $at }
templates-review = <b>{ $messenger }, “{ $channel }”:</b> { $standing }
templates-by-approved = Approved by { $name }, { $at }
templates-by-returned = { $name }: <i>{ $comment }</i>
templates-in-archive = 🗄 Archived: restore it to change or send it.
templates-not-newest = This is not the newest version: only the newest one can be changed.
templates-no-text = <i>No text yet.</i>
templates-own = Somebody else must approve it: you wrote or submitted this version.
templates-media-photo = 🖼 Photo, { $size }
templates-media-document = 📎 { $name }, { $size }
templates-media-gone = ⚠️ The file is gone: attach it again.
templates-kilobytes = { $count } KB
templates-megabytes = { $count } MB
templates-button-line = 🔗 { $text } → { $url }
templates-button-line-no-link = 🔗 { $text } → <i>no link yet</i>
templates-opt-out-line = 🚫 { $text } — opt-out button
templates-targets = <b>Where the links lead:</b>
templates-targets-title = <b>Where the links lead</b> · { $name }, version { $number }
templates-targets-none = There are no links.
templates-targets-first = There are more links than a card holds. The decision is below the last of them.
templates-targets-open = 🔗 All links ({ $count })
templates-target = { $mark } { $text } → <code>{ $address }</code>
templates-target-plain = { $mark } <code>{ $address }</code>
templates-target-others = 🔗 …and other addresses on <code>{ $site }</code>: in { $count } more { $count ->
    [one] message
   *[other] messages
}
templates-odd-look-alike = letters of the site’s name look like others, check each of them
templates-odd-other-site = the address of another site is written on the link
templates-link-no-page = it is not the address of a page
templates-link-user-info = the site is what follows the “@”, not what comes before it
templates-link-number = a number stands in place of the site’s name
templates-link-scheme = only https://… is allowed; for Telegram, https://t.me/…
templates-more = …and { $count } more
templates-check = Check
templates-check-title = <b>Check</b> · { $name }, version { $number }
templates-check-clean = ✅ Check: nothing found.
templates-check-errors = ❌ Check: { $count } { $count ->
    [one] error
   *[other] errors
}.
templates-check-warnings = ⚠️ Check: { $count } { $count ->
    [one] warning
   *[other] warnings
}.
templates-check-both = ❌ Check: { $errors } { $errors ->
    [one] error
   *[other] errors
}, { $warnings } { $warnings ->
    [one] warning
   *[other] warnings
}.
templates-check-mend = While there are errors (❌) it cannot be submitted. Warnings (⚠️) do not prevent it.
templates-text = Text
templates-class = Kind of message
templates-rename = Rename
templates-renamed = Renamed.
templates-archive = Archive
templates-archive-now = Yes, archive
templates-archived = The template is archived.
templates-restore = Restore from the archive
templates-restored = The template is back in the list.
templates-submit = 📝 Submit for approval
templates-submit-now = Submit anyway
templates-submitted = Submitted: approvers were told.
templates-recall = Recall from approval
templates-recalled = Recalled: it is a draft again.
templates-approve = ✅ Approve
templates-approved = Approved.
templates-return = ↩️ Return
templates-returned = Returned with your comment.
templates-ask-name =
    <b>New template</b>

    What should it be called? Only your team sees the name.
templates-ask-rename = A new name instead of “{ $name }”?
templates-again =
    { $sentence }

    { $question }
templates-ask-class =
    <b>{ $name }</b>: what kind of message is it?

    <b>Advertising</b> — offers, news, invitations. Goes only to those who agreed to advertising; must name the advertiser and offer a way to opt out.

    <b>Service</b> — about an order, an appointment, a delivery. It must not contain advertising.
templates-choose-advertising = 📣 Advertising
templates-choose-service = 🔔 Service
templates-ask-text =
    <b>{ $name }</b>: send the text

    Bold, italics and links are kept. Variables stand in double braces: <code>{"{{"} first_name | default: "friend" {"}}"}</code>
templates-text-now = This is the text now (the new one replaces it):
templates-clash =
    <b>{ $name }</b>: the text was changed while you were writing, { $at }. Now it is:
templates-clash-waits = Your text is not saved yet.
templates-clash-replace = Replace it with mine
templates-clash-keep = Keep this one
templates-text-again =
    { $problem }

    The text is kept in the draft as you wrote it. Send the corrected one.
templates-ask-archive =
    <b>Archive “{ $name }”?</b>

    The template leaves the list and cannot be taken for new campaigns. Running campaigns go on. You can restore it at any time.
templates-not-submitted = <b>Not submitted:</b> fix the errors first.
templates-ask-submit = There are no errors, but look at the warnings.
templates-ask-comment =
    <b>Return “{ $name }”, version { $number }?</b>

    Write what should be fixed: the author gets your comment.

templates-is-archived = The template is archived. Restore it first.
templates-bad-name = A name has 1 to 120 characters.
templates-no-file = The file is missing. Attach it again.
templates-wrong-state = This cannot be done now: the version is in another state already ({ $state }).
templates-newer = There is a newer version: open it from the list of templates.
templates-own-refused = Somebody else must approve or return it: you wrote or submitted this version.
templates-comment-bad = A comment has 1 to { $max } characters. Without one the author does not know what to fix.
templates-has-errors = The check found errors: fix them first.
templates-changed = The version was changed while you were looking. Look again.

templates-place-body = Line { $line }, character { $column }:
templates-place-link-in-text = In the address of a link within the text.
templates-place-button-text = In the text of button { $number }.
templates-place-button-link = In the link of button { $number }.

templates-problem-empty = The text is empty. Write it.
templates-problem-unknown-near = There is no variable <code>{ $name }</code>. Did you mean <code>{ $near }</code>?
templates-problem-unknown = There is no variable <code>{ $name }</code>. Choose one from the list on the card.
templates-problem-no-default = { $missing } of the { $of } contacts checked have no value for <code>{ $name }</code>: they will not get the message. Add a fallback: <code>| default: "…"</code>
templates-problem-long = The message is too long: { $units } { $units ->
    [one] character
   *[other] characters
}, and the limit is { $limit }. Shorten the text.
templates-problem-long-for-some = The message does not fit for some contacts: the longest has { $units } { $units ->
    [one] character
   *[other] characters
 } of { $limit }. They will not get it; “Worst cases” shows who.
templates-problem-long-caption = The caption of the file is too long: { $units } { $units ->
    [one] character
   *[other] characters
}, and the limit is { $limit }. Shorten the text or remove the file.
templates-problem-no-opt-out = Advertising needs a way to opt out. Add the opt-out button or the word “stop” to the text.
templates-problem-no-advertiser = Advertising must name the advertiser. Add <code>{"{{"} advertiser {"}}"}</code> or the name.
templates-problem-advertiser-unset = The advertiser is not set in the company’s settings. Ask the owner to set it.
templates-problem-no-link = The button has no link.
templates-problem-bad-link = The link does not open: { $url }. It must be a whole address, like https://example.com
templates-problem-refused-link = Nobody is sent to this address: { $url } — { $why }.
templates-problem-odd-link = The link “{ $text }” leads to { $address } — { $why }. Submit it only if that is what you mean.
templates-problem-many-links = Too many links: { $count }, { $limit } are allowed.
templates-problem-empty-button = The button has no text.
templates-problem-many-buttons = Too many buttons: { $count }, { $limit } are allowed.
templates-problem-long-woven = In this channel’s messenger addresses of links stand in the text, and buttons become words. With those the message has { $units } { $units ->
    [one] character
   *[other] characters
}, and the limit is { $limit }. Shorten the text or remove links.
templates-problem-long-in-words = On old phones this messenger shows buttons as words. With those the message has { $units } { $units ->
    [one] character
   *[other] characters
}, and the limit is { $limit }. Shorten the text, the words on the buttons or the addresses.
templates-problem-heavy = The message with its buttons is too large for this channel’s messenger: { $size }, up to { $limit } is allowed. Shorten the text or remove buttons.
templates-problem-buttons-alike = Two buttons will look the same: the messenger shows only the beginning of their words — “{ $shown }”. Make them shorter or begin them differently.
templates-only-in = This is about { $names } only.
templates-problem-pictures-only = This channel’s messenger takes pictures only. Attach a picture or take the file away.
templates-problem-media-large = The file is too large: { $size }, up to { $limit } is allowed.
templates-problem-no-media = The file is gone. Attach it again.
templates-problem-no-words = This channel’s messenger shows no text under such a file. Attach a picture or take the file away.

templates-parse-long = The text is too long: { $size }, up to { $limit } are allowed.
templates-parse-deep = Conditions are nested too deep: up to { $limit } levels are allowed.
templates-parse-blank = Too many spaces or empty lines in a row.
templates-parse-number = The number has too many digits.
templates-parse-unclosed-tag = Braces are opened and not closed: <code>{"}}"}</code> or <code>%{"}"}</code> is missing.
templates-parse-empty-tag = There is nothing between the braces. Put a variable in.
templates-parse-unclosed-block = The block <code>{ $name }</code> is not closed: add <code>{"{"}% end{ $name } %{"}"}</code>.
templates-parse-stray = <code>{ $name }</code> has no beginning: an opening tag must stand before it.
templates-parse-unknown-tag = There is no tag <code>{ $name }</code>. There are if, unless, case, for.
templates-parse-unknown-filter = There is no filter <code>{ $name }</code>.
templates-parse-bad-name = <code>{ $name }</code> is not a variable’s name: names have Latin letters, digits and underscores.
templates-parse-bad-index = In square brackets only a number or a quoted text can stand.
templates-parse-values = The filter <code>{ $name }</code> takes { $count ->
    [0] no values
    [one] { $count } value
   *[other] { $count } values
} after the colon.
templates-parse-values-range = The filter <code>{ $name }</code> takes { $min } to { $max } values after the colon.
templates-parse-syntax = This could not be read: { $words }

templates-render-no-value = No value for <code>{ $name }</code>.
templates-render-too-long = The message turns out too long.
templates-render-too-much-work = The template is too complex: it repeats too much.
templates-render-empty = The message turns out empty.
templates-render-bad-markup = Formatting or a link breaks: a condition splits formatting, or the address is wrong.

templates-variables-open = Insert a variable
templates-variables =
    <b>Variables</b>

    In place of a variable every customer sees their own value. Tap one to copy it or add it to the text.
templates-var-name = Full name
templates-var-first-name = First name
templates-var-last-name = Last name
templates-var-company = Company name
templates-var-advertiser = Advertiser
templates-var-today = Today’s date
templates-var-patronymic = Patronymic
templates-var-about = { $kind ->
    [visit] Visit
    [order] Order
    [deal] Deal
   *[payment] Payment
}: { $part ->
    [date] date
    [time] time
    [title] { $kind ->
        [visit] service
        [order] items
       *[deal] name
    }
    [staff] master
    [place] branch
    [number] number
    [stage] { $kind ->
        [deal] stage
       *[order] status
    }
   *[amount] sum
}
templates-variable =
    <b>{ $title }</b>

    { $code }
    Tap the code to copy it.
templates-variable-fallback =
    With a fallback for those who have no value:
    { $code }
templates-variable-number =
    Money: <code>{"{{"} { $key } | money {"}}"}</code>
    A word after a number (Russian forms): <code>{"{{"} { $key } | plural: "балл", "балла", "баллов" {"}}"}</code>
templates-variable-date = Without the year: <code>{"{{"} { $key } | date_ru: "short" {"}}"}</code>
templates-variable-flag = In place of the dots write the text for those who have “yes”.
templates-fallback-example = friend
templates-variable-append = To the end of the text
templates-variable-append-fallback = With a fallback
templates-variable-added = Added to the end of the text.
templates-ask-fallback = <b>{ $title }</b>: what should people without this value see?
templates-fallback-bad = It needs 1 to { $most } characters.

templates-buttons-open = Buttons
templates-buttons =
    <b>Buttons</b> · { $name }

    They stand under the message, one below another. Tap a button to change it.
templates-buttons-none = None yet.
templates-buttons-changed = The buttons were changed already. Open them again.
templates-buttons-many = No more than { $most } buttons can be added.
templates-button-add = ＋ Button with a link
templates-button-removed = The button is removed.
templates-button-text = Text
templates-button-link = Link
templates-button-up = ↑ Up
templates-button-down = ↓ Down
templates-button-remove = Remove
templates-button-card =
    🔗 <b>{ $text }</b>
    { $url }
templates-comes-line = 👍 { $text } — the customer confirms the visit
templates-comes-not-line = 🙅 { $text } — the customer does not come
templates-comes-add = 👍 Ask whether the customer comes
templates-comes-text = I confirm
templates-comes-not-text = I cannot come
templates-comes-card =
    👍 <b>{ $text }</b>

    One touch, and the customer's next visit is confirmed in the CRM. Whoever has no visit does not get the message.
templates-comes-not-card =
    🙅 <b>{ $text }</b>

    Managers see the press, and the CRM gets a mark or a note. Whoever has no visit does not get the message.
templates-opt-out-add = 🚫 Add the opt-out button
templates-opt-out-text = Unsubscribe
templates-opt-out-card =
    🚫 <b>{ $text }</b>

    One tap, and the customer gets no more advertising.
templates-ask-button =
    <b>What should the button say?</b>

    The link may come at once: <code>Book a visit https://example.com</code>
templates-ask-button-text = What should the button say?
templates-ask-button-link =
    Where does the button “{ $text }” lead?

    Send the address. It may hold variables: <code>https://example.com/?c={"{{"} city | url_encode {"}}"}</code>
templates-button-text-empty = The text is empty.
templates-button-text-long = The text is too long: { $count } characters, { $most } are allowed.
templates-bad-link = This is not the address of a page: “{ $url }”.
templates-refused-link = Nobody is sent there: “{ $url }” — { $why }.
templates-again-html =
    { $problem }

    { $question }

templates-media = Photo or file
templates-ask-media =
    <b>{ $name }</b>: send a photo or a file

    A photo up to { $photo }, a document up to { $document }. With a file the text becomes its caption: up to { $caption } characters instead of { $text }.
templates-media-now = Now: { $file }
templates-media-remove = Remove the file
templates-media-removed = The file is removed.
templates-media-kept = The file is kept.
templates-media-needed = A photo or a file is needed here. Videos, voice messages and stickers cannot be sent.
templates-media-large = The file is too large: up to { $limit } is allowed. Make it smaller and send it again.
templates-media-empty = The file is empty.
templates-media-failed = The file could not be fetched from Telegram.
templates-media-again =
    { $sentence }

    Send another file.

templates-preview = Preview
templates-preview-for = 👤 { $name } · another contact
templates-preview-none =
    <b>{ $name }</b> will not get this message.

    { $reason }
templates-preview-long =
    ❌ <b>Too long:</b> { $units } characters, { $limit } are allowed.

    { $part }
templates-preview-unread = <b>There is nothing to show:</b> the text cannot be read yet.
templates-nameless = No name
templates-nobody =
    <b>No contacts yet</b>

    A preview shows the message of a real contact. Import contacts from a file or connect a CRM.
templates-ask-contact =
    <b>Whose message?</b>

    Write a phone, its last digits or a name.
templates-contact-unknown = Nobody was found: “{ $typed }”.
templates-choose-contact = <b>Several were found.</b> Choose one or be more specific.
templates-test = Send me a test
templates-test-sent = Sent to you: the message for { $name }.
templates-test-refused = Telegram did not take the message: { $words }
templates-worst = Worst cases
templates-worst-title =
    <b>Worst cases</b> · { $name }
    Contacts checked: { $seen }
templates-worst-not-yet = Fix the errors first: a template like this is sent to nobody.
templates-worst-under-way = Already checking. The result will appear by itself.
templates-worst-looking =
    <b>Worst cases</b> · { $name }

    ⏳ { $seen } of { $most } checked. You can do something else meanwhile: the result will appear here.
templates-worst-lost = The check was interrupted. Start it again.
templates-worst-costly = { $seen } of { $most } checked: the template is complex, the rest would take too long.
templates-worst-part = These are the first ones; a campaign’s forecast checks the others.
templates-worst-all = ✅ Everybody gets a message.
templates-worst-failed = ❌ Will get no message: { $count }
templates-worst-missing = • no value for <code>{ $name }</code>: { $count }
templates-worst-open = First those who get nothing, then the longest. Tap one to see it.
templates-worst-open-longest = Below are the longest. Tap one to see it.
templates-worst-length = { $name } · { $units } chars
templates-sample-for = <b>Sample for { $name }:</b>
templates-sample-none = <b>No sample: there are no contacts yet. The text:</b>

templates-versions-open = Versions
templates-versions =
    <b>{ $name }</b>
    { $count } { $count ->
        [one] version
       *[other] versions
    }
templates-version-line = { $mark } Version { $number } · { $state } · { $at }
templates-since = What changed
templates-ask-base = Compare “{ $name }”, version { $number }, with which?
templates-diff-title = <b>{ $name }</b>: version { $old } → { $new }
templates-diff-other = Compare with another
templates-diff-same = No differences.
templates-diff-class = Kind: <s>{ $before }</s> <b>{ $after }</b>
templates-diff-styles = The words are the same, the formatting changed.
templates-diff-media-added = A file was added.
templates-diff-media-removed = The file was removed.
templates-diff-media = Another file.
templates-diff-buttons =
    Buttons:
    { $lines }
templates-diff-legend = <i><b>Bold</b> was added, <s>struck through</s> was removed.</i>
templates-copy = Copy
templates-copy-name = { $name } (copy)
templates-copied = The copy is ready.
templates-advertiser-line = Advertisement. { $variable }
templates-advertiser-added = The line about the advertiser was added at the end.
templates-opt-out-added = The unsubscribe button was added.
templates-names-replaced = Done: the placeholders are variables now.
templates-lost-emoji = Recipients will see custom emoji as ordinary ones.
templates-lost-expandable = The expandable quotation becomes an ordinary one.
templates-ask-rest =
    <b>Is this the whole text?</b>

    It has exactly { $limit } characters: that is what one message holds, and Telegram cuts a longer text into parts. If the rest came as the next message, it will be added; if not, send it now.
templates-rest-none = This is the whole text
templates-mend-names = ✨ Turn into variables
templates-mend-advertiser = ＋ “Advertisement. { "{{" } advertiser { "}}" }”
templates-mend-opt-out = ＋ Unsubscribe button
templates-check-lost =
    { $count ->
        [0] ⚠️ { $missing } of { $of } will not get it.
       *[other] ⚠️ { $missing } of { $of } will not get it. Other warnings: { $count }.
    }
templates-problem-placeholder = “{ $written }” would go out as it stands. A variable is written like this: { $variable }
templates-problem-placeholder-unknown = “{ $written }” would go out as it stands: there is no such field.
templates-problem-styles = The text has { $count } styles; Telegram shows at most { $limit }, the others are lost.
templates-media-album = One photo was taken from the album: a message carries one file.
templates-campaign = 📣 Campaign
templates-more-open = More…
templates-starters = 📋 Ready texts
templates-starters-title =
    <b>Ready texts</b>

    Choose one, then make it yours: 📣 advertising, 🔔 service. Advertising names the advertiser and has an unsubscribe button already.
templates-starters-own = ✏️ Write my own
templates-starter-taken = Done: the text is yours to change.
templates-already-submitted = Submitted already.
templates-already-approved = Approved already.
templates-already-draft = Recalled already.
