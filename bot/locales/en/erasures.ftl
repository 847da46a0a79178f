erasures-menu = Erasure on demand
erasures-ask = Erase on demand (152-FZ)
erasures-none =
    <b>No demands to destroy data</b>

    A demand is filed from a person’s card: “Delete” → “Erase on demand”. Its term is counted as the law counts it, and you are reminded before it ends.
erasures-title =
    <b>Data destroyed on demand</b>
    Waiting for a decision: { $open }
erasures-operator = Operator: { $name }. Signers: { $count }.
erasures-operator-button = Operator and signers
erasures-line-open = No. { $number } · until { $last }
erasures-line-late = ⚠️ No. { $number } · was due { $last }
erasures-line-done = ✅ No. { $number } · { $day }
erasures-line-dropped = No. { $number } · taken off
erasures-ground-unlawful = The processing is unlawful
erasures-ground-unneeded = Not needed for the purpose
erasures-ground-demanded = Demands that processing stops
erasures-ground-withdrawn = Took back the consent to data
erasures-ground-achieved = The purpose is achieved
erasures-card =
    <b>Demand No. { $number }</b>
    { $ground }
    Filed { $day }, { $by }
erasures-card-open =
    Who: { $name }
    By what: { $reason }
erasures-card-stop = Unlawful processing must stop by { $last }. Advertising to this person has stopped already.
erasures-card-last = <b>Destroy the data by { $last }</b>
erasures-card-inexact = The working days of that year are not known: days of the calendar are counted, which is sooner than the law asks.
erasures-card-late = ⚠️ The term is over.
erasures-card-done = ✅ The data were destroyed { $day }. Confirmed by { $by }.
erasures-card-categories =
    Destroyed:
    { $lines }
erasures-card-backups = Backups made before are kept until { $last }. When one is restored, the erasure is done again. Delete messages in your own chat with the bot, and printed pages, yourself.
erasures-card-dropped = Taken off { $day }, { $by }. The refusal of advertising stays.
erasures-do = Destroy the data
erasures-date = 📅 Day of the demand
erasures-ask-date =
    <b>Demand { $number }</b>

    When did it come? Such as 28.11.2026, “yesterday”. Its terms are counted from that day.
erasures-drop = Take the demand off
erasures-dropped = The demand is taken off.
erasures-act = Act
erasures-extract = Event log extract
erasures-ask-ground =
    <b>Why is it erased?</b> { $name }

    The term depends on it. The terms of the law are settings of the server; where the case is doubtful, ask a lawyer.
erasures-ask-reason =
    <b>Who demands it, and by what?</b> { $name }
    { $ground }

    Write one line, such as “himself, by a letter of 2026-11-12”. It is erased with the data. Advertising to the person stops at once.
erasures-reason-bad = Write { $least } to { $most } characters.
erasures-ask-sure =
    <b>Destroy the data?</b> { $name }
    Demand No. { $number }

    The name, phones, chats, fields, conversation, texts of campaigns and files of imports that name the person are erased. Numbers without a name, the journal of consents, and hashes stay, by which an import or a CRM cannot bring the person back. You get an act and an extract of the event log.

    This cannot be undone.
erasures-sure = Yes, destroy
erasures-ask-operator =
    <b>Who makes the act?</b>

    Write one message, each on a line of its own:
    the company’s full name
    its address
    post, name of whoever is responsible for personal data
    post, name of everybody else who signs the act
erasures-operator-old =
    Now:
    { $lines }
erasures-operator-bad = A name, an address and at least one person are needed: post, comma, name.
erasures-importing = A file of contacts is being taken in, and this person may be in it. Wait for its end, or cancel the import.
erasures-act-file = Act of destruction { $number }.pdf
erasures-act-sent = Act of destruction of personal data No. { $number }. Print and sign it.
erasures-extract-file = Event log extract { $number }.pdf
erasures-extract-sent = Extract of the event log for act No. { $number }.
erasures-to-demand = To the demand
