segments-menu = Segments
segments-none =
    <b>No segments yet</b>

    A segment is a condition that gathers people: “VIPs of Moscow seen within 90 days”. Campaigns choose their recipients by segments.
segments-title = <b>Segments</b> — { $count }
segments-new = ＋ New
segments-help-button = How to write conditions
segments-card =
    <b>{ $name }</b>
    { $filter }
segments-everybody = All contacts: there are no conditions
segments-count = Now: <b>{ $count }</b>
segments-sample = Such as: { $names }
segments-used = Used by campaigns: { $names }
segments-add = ＋ Condition
segments-and = ＋ AND…
segments-or = ＋ OR…
segments-conditions-button = Conditions
segments-invert-all = Invert all
segments-quoted = “{ $name }”
segments-text = As a line
segments-rename = Name
segments-delete = Delete
segments-help =
    <b>How to write conditions</b>

    <code>tag = vip and city in (Moscow, Kazan)</code>
    <code>last_visit &lt; 90d</code>: came within the last 90 days
    <code>last_visit &gt; 6m</code>: has not come for more than half a year
    <code>birthday in next 7d</code>: a birthday this week
    <code>sum &gt;= 10000 and not tag = wholesale</code>
    <code>consent &gt;= C</code>: consent to advertising, C or better
    <code>last_answered is empty</code>: never answered
    <code>(tag = vip or sum &gt; 50000) and phone = yes</code>

    On the left: a field by its key or title, or tag, name, phone, telegram, language, source, consent, personal_data, opted_out, created, last_contacted, last_answered. Russian words are understood too: <code>тег = vip и не город = Москва</code>.

    Comparisons: = != &lt; &lt;= &gt; &gt;= in contains between, is empty, is not empty, in next. Periods: 7d, 2w, 3m, 1y. Days: 2026-05-01, today, -7d.

    Those without a value match only <code>is empty</code> and <code>not</code>.
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

    Send the new condition as one line. For example:
    <code>tag = vip and last_visit &lt; 90d</code>
segments-text-again =
    { $error }

    Fix it and send the line again.
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
segments-conditions = <b>Conditions</b> — { $count }. Press one to turn it round or remove it.
segments-condition = <code>{ $condition }</code>
segments-invert = Invert
segments-remove = Remove
segments-add-and = One more condition, both must hold. What is it about?
segments-add-or = One more condition, either is enough. What is it about?
segments-how = <code>{ $name }</code>: compared how?
segments-with =
    <code>{ $name }</code> { $pick } …

    { $hint }
segments-value-wrong = ❗️ { $sentence }
segments-hint-flag = Choose.
segments-hint-consent = Choose: A is in that very chat, B a document, C a CRM field, D stated by the owner.
segments-hint-days = Choose or type a period: 45d, 2w, 3m, 1y.
segments-hint-date = Type a day: 2026-05-01, today or -7d.
segments-hint-number = Type a number.
segments-hint-list = Type the values separated by commas.
segments-hint-tag = Choose or type a tag.
segments-hint-text = Type the text. Capitals make no difference.
segments-yes = yes
segments-no = no
segments-any = any
segments-none-given = none
segments-days = { $days } { $days ->
    [one] day
   *[other] days
}
segments-name-tag = Tag
segments-name-name = Full name
segments-name-first-name = First name
segments-name-last-name = Last name
segments-name-phone = Has a phone
segments-name-telegram = Has Telegram
segments-name-language = Language
segments-name-source = Came from
segments-name-consent = Advertising consent
segments-name-personal-data = Personal data consent
segments-name-opted-out = Opted out
segments-name-created = Added
segments-name-last-contacted = Last written to
segments-name-last-answered = Last wrote
segments-pick-is = is
segments-pick-is-not = is not
segments-pick-has-tag = has
segments-pick-no-tag = has not
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
segments-pick-older = longer ago than
segments-pick-next = anniversary in the next
segments-pick-empty = is empty
segments-pick-filled = is filled
segments-kind-tags = tags
segments-kind-text = text
segments-kind-number = a number
segments-kind-date = a date
segments-kind-flag = yes / no
segments-kind-consent = a consent
segments-goes-text = =, !=, in, contains, is empty
segments-goes-number = =, !=, <, <=, >, >=, in, between, is empty
segments-goes-date = =, !=, <, <=, >, >=, in, between, is empty, and in next for fields
segments-goes-flag = = and != with yes or no
segments-goes-consent = =, !=, <, <=, >, >=, in
segments-unknown-near = There is no field “{ $name }”. Did you mean { $near }?
segments-unknown = There is no field “{ $name }”. See “Contacts” → “Fields”.
segments-expected-found = Expected here: { $expected }; found “{ $found }”.
segments-expected-end = The line breaks off. Expected next: { $expected }.
segments-expected-condition = a condition (a field’s name, not, or a bracket)
segments-expected-operator = a comparison (=, !=, <, >, in, contains, is empty)
segments-expected-value = a value
segments-expected-and-or = and, or, or the end of the line
segments-expected-list = a list in brackets: (Moscow, Kazan)
segments-expected-comma = a comma or a closing bracket
segments-expected-empty = empty or not empty
segments-expected-in = in, contains or empty
segments-expected-and = and with the second bound
segments-unclosed-bracket = This bracket is never closed.
segments-stray-bracket = This bracket closes nothing.
segments-unclosed-quote = This quote is never closed.
segments-wrong-operator = “{ $operator }” does not go here: { $name } holds { $kind }. Use { $fits }.
segments-bad-number = “{ $text }” is not a number.
segments-bad-date = “{ $text }” is neither a day nor a period. Such as: 2026-05-01, today, 90d.
segments-age-in-list = “{ $text }” is a period; a day is needed here: 2026-05-01, today, -7d.
segments-bad-days = “{ $text }” is not a number of days. Such as: 7d.
segments-bad-flag = “{ $text }” is neither yes nor no.
segments-bad-grade = “{ $text }” is not a grade of consent. There are A, B, C, D, any and none.
segments-any-order = any has no order: only = or !=.
segments-too-long = The condition is longer than { $max } characters.
segments-too-many = Too much: at most { $conditions } conditions and { $values } values in a list.
segments-too-deep = Brackets are nested too deeply.
