inbox-menu = Inbox
inbox-none =
    <b>Inbox</b>

    Nobody has written yet. All that customers write to your bot appears here.
inbox-title =
    <b>Inbox</b> — { $count }

    { $waiting ->
        [one] { $waiting } person is waiting for a reply.
       *[other] { $waiting } people are waiting for a reply.
    }
inbox-title-done =
    <b>Inbox</b> — { $count }

    Nobody is waiting for a reply.
inbox-card = <b>{ $name }</b>: conversation
inbox-in =
    ← <b>{ $at }</b> · { $channel }
    { $text }
inbox-in-campaign =
    ← <b>{ $at }</b> · to “{ $campaign }”
    { $text }
inbox-out =
    → <b>{ $at }</b> · { $member }
    { $text }
inbox-out-bot =
    → <b>{ $at }</b>
    { $text }
inbox-silent = Nothing has been said here yet.
inbox-out-of = 🚫 This person unsubscribed and has not written since. You can reply once they write themselves.
inbox-undelivered = ⚠️ not delivered: { $reason }
inbox-unknown = ❓ delivery is not confirmed
inbox-edited = { $at } (edited)
inbox-doubt =
    ❓ <b>May be asking us not to write</b> — { $at }
    We asked in the chat. Until there is an answer no advertising is sent; service messages and replies are.
inbox-doubt-lift = Not an opt-out
inbox-ask-doubt = <b>{ $name }</b>: why is this not an opt-out? Write the reason in one message: it stays in the audit log and in the contact’s consents.
inbox-doubt-reason = A reason has { $min } to { $max } characters.
inbox-doubt-lifted = Marked: not an opt-out.
inbox-stop = 🚫 Unsubscribe
inbox-failed = ⚠️ Not read: { $count }
inbox-failed-title =
    <b>Not read</b> — { $count }

    This came from customers and could not be handled. Somebody’s opt-out may be among it.
inbox-failed-none = Everything is read.
inbox-failed-line = { $at } · { $source } · { $why }
inbox-failed-unreadable = cannot be read
inbox-failed-broken = not handled, tries: { $count }
inbox-failed-again = Read again
inbox-failed-again-said = Reading again.
inbox-failed-looked = Checked, take off the list
inbox-failed-looked-said = Taken off: { $count }.
inbox-reply = Reply
inbox-done = ✓ Close
inbox-done-said = Closed: no reply needed.
inbox-handled = ✓ Closed: { $name }, { $at }.
inbox-reopen = ↩️ Reopen
inbox-reopened = Waiting for a reply again.
inbox-wrote-meanwhile = The customer wrote again while you were looking.
inbox-files = 📎 Customers’ files cannot be opened here. If you need one, ask for a link to it.
inbox-sent-with = { $kind }: { $caption }
inbox-sent-photo = 🖼 Photo
inbox-sent-video = 🎬 Video
inbox-sent-video-note = 🎬 Video message
inbox-sent-voice = 🎤 Voice message
inbox-sent-audio = 🎵 Audio
inbox-sent-document = 📎 File
inbox-sent-sticker = Sticker
inbox-sent-location = 📍 Location
inbox-sent-contact = 👤 Contact
inbox-sent-other = Attachment
inbox-contact = Contact card
inbox-open = Conversation
inbox-ask = Your reply? <b>{ $name }</b> gets it in the same chat, from the bot.
inbox-not-sent =
    <b>{ $name }</b>: the reply was not sent

    { $sentence }
inbox-text-only = A reply can only be text: the file was not sent.
inbox-length = A reply has 1 to { $max } characters.
inbox-opted-out = This person unsubscribed and has not written since.
inbox-no-chat = This person has no chat with your bot: there is nowhere to reply.
inbox-no-licence = The licence is not valid: no messages are sent.
