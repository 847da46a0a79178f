# What became of a message.
reasons-state-queued = waiting
reasons-state-sending = being sent
reasons-state-sent = sent
reasons-state-delivered = delivered
reasons-state-read = read
reasons-state-failed = not delivered
reasons-state-skipped = left out
reasons-state-uncertain = outcome unknown
reasons-state-cancelled = cancelled

# Why: in small letters, they go on after a dash or a colon.
reasons-no-address = no address in this channel: the person never started the bot
reasons-no-consent = no consent to advertising
reasons-consent-grade = the evidence of consent is weaker than the company demands
reasons-opted-out = opted out
reasons-suppressed = is on the stop-list
reasons-doubt = perhaps asked not to be written to: waiting for the answer
reasons-frequency-cap = got advertising recently
reasons-duplicate-address = another recipient has this address already
reasons-deleted = the contact was deleted
reasons-unreachable = the address does not work
reasons-licence = the licence ended
reasons-window-closed = the time for sending was over
reasons-campaign-stopped = the campaign was stopped
reasons-no-value = the template lacks a value
reasons-too-long = the text came out longer than the messenger takes
reasons-too-much-work = the template is too complex
reasons-empty = the text came out empty
reasons-bad-markup = an error in the text’s markup
reasons-blocked = blocked the bot
reasons-rejected = the messenger refused the message
reasons-attempts-exhausted = none of the tries worked
reasons-no-answer = the messenger did not say whether it arrived
reasons-other = another reason ({ $word })
