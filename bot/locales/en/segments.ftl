segments-menu = Segments
segments-none =
    <b>No segments yet</b>

    A segment is a condition that gathers people: “VIPs of Moscow seen within 90 days”. Campaigns choose their recipients by segments.
segments-title = <b>Segments</b> — { $count }
segments-find = Type the beginning of a name to find a segment.
segments-not-found = There is no segment “{ $typed }”
segments-found = <b>Which segment?</b>
segments-found-more = And { $count } more: type a little more of the name.
segments-new = ＋ New
segments-help-button = How to write conditions
segments-card =
    <b>{ $name }</b>
    { $filter }
segments-everybody = All contacts: there are no conditions
segments-count = Matches: <b>{ $count }</b>
segments-sample = For example: { $names }
segments-used = Used by campaigns: { $names }
segments-add = ＋ Condition
segments-and = ＋ AND…
segments-or = ＋ OR…
segments-conditions-button = Conditions
segments-invert-all = Exclude (NOT)
segments-quoted = “{ $name }”
segments-text = Edit as text
segments-rename = Rename
segments-delete = Delete
segments-help =
    <b>How to write conditions</b>

    <code>tag = vip and city in (Moscow, Kazan)</code>
    <code>last visit in the last 90 days</code>
    <code>last visit more than 6 months ago</code>
    <code>birthday in the next 7 days</code>
    <code>sum at least 10000 and not tag = wholesale</code>
    <code>consent: C or better</code>
    <code>last message from them is empty</code>: never wrote
    <code>(tag = vip or sum &gt; 50000) and has phone</code>

    On the left: your field by its title, or tag, first name, last name, full name, phone, Telegram, language, source, consent, data consent, unsubscribed, added, last message to them, last message from them. Russian words are understood too: <code>тег = vip и не город = Москва</code>.

    Compare with words or signs: =, not, &lt;, &gt;, more than, at least, from … to …, in (…), contains, empty, in the last, in the next. Periods: 7 days, 2 weeks, half a year. Days: 2026-05-01, 1 May 2026, today.

    Those without a value match only “empty” and “not (…)”.
segments-ask-name = What is the segment called? For example: VIPs of Moscow
segments-ask-rename = What is the segment “{ $name }” called now?
segments-name-again =
    { $sentence }

    Type the name again.
segments-name-taken = There is a segment “{ $name }” already.
segments-name-bad = A name has 1 to 60 characters.
segments-ask-text =
    <b>{ $name }</b>
    { $filter }

    Send the new condition. For example:
    <code>tag = vip and last visit in the last 90 days</code>
segments-text-again =
    { $error }

    Correct it and send it again.
segments-error =
    { $code }
    { $problem }
segments-ask-delete = Delete the segment “{ $name }”? The contacts stay.
segments-delete-now = Yes, delete
segments-deleted = The segment is deleted.
segments-in-use =
    The segment “{ $name }” cannot be deleted yet: unfinished campaigns use it: { $users }.

    Finish them or choose another audience for them.
segments-in-use-toast = The campaign “{ $name }” needs this segment.
segments-changed = The condition of this segment was changed just now. This is how it stands.
segments-ask-remove-last = This is the only condition of the segment “{ $name }”. Without it all contacts are in the segment.
segments-remove-last = Yes, all of them
segments-conditions = <b>Conditions</b> — { $count }. Tap one to exclude or remove it.
segments-condition = { $condition }
segments-invert = Exclude (NOT)
segments-remove = Remove
segments-add-and = Which condition?
segments-add-or = Which condition? It is enough if either holds.
segments-how = <b>{ $name }</b>: how to compare?
segments-with =
    <b>{ $name }</b> { $pick } …

    { $hint }
segments-value-wrong = ❗️ { $sentence }
segments-hint-flag = Choose.
segments-hint-consent = Choose: A is in the chat with the bot, B a document, C a CRM field, D stated by the owner.
segments-hint-days = Choose or type a period: 45 days, 2 weeks, 3 months, a year.
segments-hint-date = Type a day: 2026-05-01, 1 May 2026, today.
segments-hint-number = Type a number, for example 1250.5.
segments-hint-list = Type the values separated by commas.
segments-hint-tag = Choose or type a tag.
segments-hint-text = Type the text. Capitals make no difference.
segments-yes = yes
segments-no = no
segments-any = given
segments-none-given = none
segments-days = { $days } { $days ->
    [one] day
   *[other] days
}
segments-pick-is = is
segments-pick-is-not = is not
segments-pick-has-tag = has
segments-pick-no-tag = does not have
segments-pick-one-of = one of
segments-pick-has = contains
segments-pick-has-not = does not contain
segments-pick-less = less than
segments-pick-at-most = at most
segments-pick-more = more than
segments-pick-at-least = at least
segments-pick-not-worse = not worse than
segments-pick-before = before
segments-pick-after = after
segments-pick-within = within the last
segments-pick-older = more than … ago
segments-pick-next = birthday (anniversary) in the next
segments-pick-empty = is empty
segments-pick-filled = is filled
segments-kind-tags = tags
segments-kind-text = text
segments-kind-number = a number
segments-kind-date = a date
segments-kind-flag = yes / no
segments-kind-consent = a consent
segments-goes-text = =, not, in (…), contains, empty
segments-goes-number = =, more than, less than, from … to …, empty
segments-goes-date = before, after, in the last, more than … ago, empty, and for your own fields in the next
segments-goes-flag = yes and no
segments-goes-consent = given, none, C or better
segments-unknown-near = There is no field “{ $name }”. Did you mean “{ $near }”?
segments-unknown = There is no field “{ $name }”. See “Contacts” → “Fields”.
segments-value-alone = A new condition is needed after “and”. If “{ $value }” is one more value, write a list: { $name } in (…, { $value })
segments-expected-found = Expected here: { $expected }; found “{ $found }”.
segments-expected-end = The line breaks off. Expected next: { $expected }.
segments-expected-condition = a condition (a field’s title, “not”, or a bracket)
segments-expected-operator = a comparison (=, >, more than, in (…), contains, empty)
segments-expected-value = a value
segments-expected-and-or = “and”, “or”, or the end of the line
segments-expected-list = a list in brackets: (Moscow, Kazan)
segments-expected-comma = a comma or a closing bracket
segments-expected-empty = “empty” or “not empty”
segments-expected-in = “in (…)”, “contains” or “empty”
segments-expected-and = “and” with the second bound
segments-unclosed-bracket = This bracket is never closed.
segments-stray-bracket = This bracket closes nothing.
segments-unclosed-quote = This quote is never closed.
segments-wrong-operator = “{ $operator }” does not go here: “{ $name }” holds { $kind }. Use { $fits }.
segments-bad-number = “{ $text }” is not a number. For example: 1250.5
segments-either-number = Is it { $grouped } or { $decimal }? Write it without the comma between thousands, or with a point before the fraction.
segments-bad-date = “{ $text }” is neither a day nor a period. For example: 2026-05-01, today, 30 days ago.
segments-age-in-list = “{ $text }” is a period; a day is needed here: 2026-05-01, today.
segments-born-later = Birthdays are found up to a day: “in the next { $days ->
        [one] { $days } day
       *[other] { $days } days
    }” or “today”.
segments-bad-days = “{ $text }” is not a period. For example: 7 days, a week, a month.
segments-bad-flag = “{ $text }” is neither yes nor no.
segments-bad-grade = “{ $text }” is not a grade of consent. There are A, B, C, D, “given” and “none”.
segments-any-order = “Given” has no order. Write a grade: A, B, C or D.
segments-too-long = The condition is longer than { $max } characters.
segments-too-many = Too much: at most { $conditions } conditions and { $values } values in a list.
segments-too-deep = Brackets are nested too deeply.
segments-campaign = 📣 Campaign
segments-more = More…
segments-export = Export to Excel
segments-to-card = Segment card
