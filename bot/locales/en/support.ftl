support-button = Support
support-title = <b>🛟 Support</b>
support-none = There are no tickets. Write what happened: the answer comes here, into this chat.
support-list = Your tickets:
support-line = No. { $number } ({ $state }): { $words }
support-by-mail =
    <b>🛟 Support</b>

    Questions are taken by e-mail: { $address }
support-state-open = waits for an answer
support-state-answered = answered
support-state-closed = closed
support-due = an answer by the end of { $day }
support-due-unknown = no term was reckoned: the working days of that year are not known yet
support-overdue = ⚠️ the answer is late, it was due { $day }
support-new = ✏️ New ticket
support-ticket-button = No. { $number } · { $words }
support-card =
    <b>Ticket { $number }</b>, { $state }
    Opened { $opened }
support-side-licensor = Support
support-side-company = Company
support-write = ✏️ Write more
support-facts-button = Add facts
support-close = Close
support-ask = Say what happened: what you pressed and what you saw. A screenshot or a file may go along. Write no passwords or tokens.
support-ask-more = Ticket { $number }: what is to be added? A screenshot or a file may go along.
support-offer =
    This goes, and nothing else. There are no names, phones, texts or secrets in it.

    { $facts }
support-send-facts = Send
support-facts-sent = The facts were added
support-closed-now = The ticket is closed
support-no-file = The file could not be fetched from Telegram. Send it once more, up to 20 MB
support-length = A message has 1 to { $max } characters
support-absent = The ticket is not there any more, or it is closed
support-facts-settings = zone { $zone }, language { $language }, evidence from { $grade } on, pause { $cap } h
support-facts-plan = plan { $plan }
support-facts-channel = channel { $kind }: { $state }
support-facts-failed = events not understood: { $count }
support-facts-campaign = campaign { $id }: { $state }; planned { $planned }, sent { $sent }, failed { $failed }, skipped { $skipped }, uncertain { $uncertain }
