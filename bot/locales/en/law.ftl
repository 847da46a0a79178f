law-button = The law
law-no-advice = <i>This is not legal advice: the rules are gathered from public sources, and each has its source and the day it was reviewed. The company answers for what it sends.</i>
law-ask-country =
    <b>In which country does the company work?</b>

    The answer decides which advertising may go through which messengers. Until it is given nothing is stopped, but you are reminded of it before every launch.{ $may ->
        [yes] {""}
       *[no] {" "}An owner answers.
    }
law-country-ru = Russia
law-country-other = Another country
law-card =
    <b>The law</b>

    Country: { $country }
    Business: { $category }

    ⛔ forbidden · ⚖️ contested · ⭕ switched off by an owner · ⏳ not in force yet
law-card-elsewhere =
    <b>The law</b>

    Country: { $country }

    There are no rules of other countries here: nothing is stopped. Check yourselves which laws hold for you.
law-category = Business
law-category-unsaid = not said
law-ask-category =
    <b>What does the company do?</b>

    Some organisations may not write to clients through Telegram, WhatsApp and Viber, or send personal data through them. If several fit, choose the one further up. A large site has more than 500 thousand visitors a day, classifieds more than 100 thousand.
law-category-bank = Bank, payment firm
law-category-finance = Finance other than banks: insurance, loans
law-category-state = State: body, institution, state company
law-category-telecom = Telecom operator
law-category-marketplace = Large site or classifieds
law-category-pharmacy = Pharmacy, clinic
law-category-housing = Housing and utilities
law-category-other = Other
law-stand-block = forbidden
law-stand-in-force = in force
law-stand-contested = contested
law-stand-off = switched off by an owner
law-stand-ahead = comes into force on { $day }
law-stand-over = not in force any more
law-stand-elsewhere = in force in Russia
law-from = In force since { $from }.
law-from-until = In force from { $from } to { $last }.
law-rule =
    <b>{ $name }</b>
    { $mark } { $stand }

    { $text }

    Source: { $source }.
    { $dates } Reviewed on { $reviewed }.
    <code>{ $id }</code>
law-rule-contested = Opinions differ. By default such messages do not go. An owner may decide otherwise: the rule is switched off with a reason, the decision stays in the log and can be taken back.
law-rule-block = This rule cannot be switched off. If the company's business is wrong here, correct it.
law-rule-note = Other parts of the program, or the company itself, keep this rule; it has no switch.
law-rule-off = Switched off by the owner { $by }, { $time }. Reason: { $reason }
law-switch-off = Switch off with a reason
law-switch-on = Switch on again
law-on-again = The rule holds again. What has not gone yet will be left out.
law-no-switch = This rule has no switch.
law-ask-reason =
    <b>{ $name }: why is the rule switched off?</b>

    { $text }
    <i>{ $source }; reviewed on { $reviewed }.</i>

    Write the reason: it stays in the log with your name and the time. It changes nothing about customers' consents and refusals.
law-reason-bad = A reason has { $least } to { $most } characters.
law-step-blocked =
    ⛔ <b>{ $channel }</b> ({ $messenger }) will not go. { $text }
    <i>{ $source }; reviewed on { $reviewed }.</i>
law-channels-closed =
    🚫 <b>{ $channels }</b>: will not go. { $text }
    <i>{ $source }; reviewed on { $reviewed }.</i>
law-step-off = ⚖️ <b>{ $channel }</b>: the owner { $by } switched the rule { $rule } off. Reason: { $reason }
law-step-unasked = ⚖️ <b>{ $channel }</b> ({ $messenger }): in Russia such messages may be forbidden ({ $rules }), and the company's country and business were not said. An owner answers once: “Settings” → “Company” → “The law”.
law-refused = <b>The campaign “{ $name }” cannot be sent</b>
law-refused-short = The law lets no step of the campaign go: { $rules }.
law-refused-instead = What you can do: send it through MAX or VK — choose another channel or add a step. { $switch ->
    [yes] The rule is contested: an owner may switch it off with a reason.
   *[no] The ban cannot be switched off; if the company's business is wrong, an owner may correct it.
}
law-channels-hidden = <i>{ $names }: a company of your business may not write to clients through them (41-FZ), so they are not here.</i>
law-stand-strict = stops the text
law-stand-warning = warns
law-rule-warning = If the check of a text finds this, it warns. A false alarm is dismissed by one press, and it stays on record who did it and when.
law-rule-strict = While a text has this, it cannot be handed in. A false alarm is dismissed by one press, and it stays on record who did it and when.
law-make-strict = Stop such a text
law-make-warning = Only warn
law-trademarks = Trademarks: { $words }
law-clear-trademarks = Clear the trademarks
law-finding = { $text }
    <i>{ $source }; reviewed on { $reviewed }.</i>
law-finding-words = “{ $words }”: { $finding }
law-finding-lacks = { $finding }
    Missing: { $lacks }.
law-finding-document = { $finding }
    Attach a document, or say that this is a false alarm.
law-finding-right = { $finding }
    Whose is this picture or file?
law-false-alarm = False alarm: { $what }
law-trademark = Trademarks: { $what }
law-document = Attach a document: { $what }
law-right-own = Our own
law-right-licence = By licence
law-right-stock = From a stock
law-right-document = By licence, attach it
law-open-document = 📎 { $rule }
law-to-card = To the template
law-answered = Answered.
law-answered-false-alarm = a false alarm
law-answered-own = our own
law-answered-licence = by licence
law-answered-stock = from a stock
law-answered-document = a document is attached
law-answered-line = ✓ { $rule }: { $answer } — { $by }, { $time }
law-ask-document =
    <b>Which document?</b>

    { $text }

    Send a file or a photo: a licence, a registration, a contract. It is kept with your name and the time.
law-document-needed = A file or a photo is needed.
law-terms =
    If the demand came today, by the calendar of working days:
    { $terms }
law-term = { $count } working { $count ->
        [one] day
       *[other] days
    } — until and including { $last }
law-term-unknown = { $count } working { $count ->
        [one] day
       *[other] days
    } — the term leads into { $year }, whose working days are not known yet
law-texts = Rules of texts
law-texts-card =
    <b>What the check looks for in texts</b>

    ⚠️ warns · ❌ stops the text · ⭕ switched off by an owner
law-notes = Other rules
law-notes-card =
    <b>Other rules</b>

    Other parts of the program, or the company itself, keep them.
