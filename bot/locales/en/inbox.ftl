inbox-menu = Answers
inbox-none =
    <b>Customers’ answers</b>

    Nobody has written yet. All that customers write to your bot comes here.
inbox-title =
    <b>Customers’ answers</b> — { $count }

    { $waiting ->
        [one] { $waiting } person waits for a reply.
       *[other] { $waiting } people wait for a reply.
    }
inbox-title-done =
    <b>Customers’ answers</b> — { $count }

    Nobody waits for a reply.
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
inbox-out-of = 🚫 This person asked not to be written to and has not written since. You can reply once they write themselves.
inbox-undelivered = ⚠️ not delivered: { $reason }
inbox-unknown = ❓ it is not known whether it arrived
inbox-edited = { $at } (edited)
inbox-doubt =
    ❓ <b>Perhaps asks not to be written to</b> — { $at }
    We asked in the chat. Until there is an answer no advertising is sent; service messages and answers are.
inbox-doubt-lift = Lift the doubt
inbox-ask-doubt = Why may <b>{ $name }</b> go on getting advertising? Write the reason in one message: it stays in the trail and in the evidence of consents.
inbox-doubt-reason = A reason has { $min } to { $max } characters.
inbox-doubt-lifted = The doubt is lifted.
inbox-stop = 🚫 Never write again
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
inbox-failed-looked = Looked after, take off the list
inbox-failed-looked-said = Taken off: { $count }.
inbox-reply = Reply
inbox-done = ✓ Needs no reply
inbox-done-said = Marked: needs no reply.
inbox-handled = ✓ Needs no reply — { $name }, { $at }.
inbox-reopen = ↩️ Needs a reply
inbox-reopened = Waits for a reply again.
inbox-wrote-meanwhile = The customer wrote more while you were looking.
inbox-files = 📎 Files are only named here: they cannot be opened in this chat. If you need one, ask for a link to it.
inbox-sent-with = { $kind }: { $caption }
inbox-sent-photo = 🖼 Photo
inbox-sent-video = 🎬 Video
inbox-sent-video-note = 🎬 Video message
inbox-sent-voice = 🎤 Voice message
inbox-sent-audio = 🎵 Audio
inbox-sent-document = 📎 File
inbox-sent-sticker = Sticker
inbox-sent-location = 📍 Place on the map
inbox-sent-contact = 👤 Somebody’s contact
inbox-sent-other = Attachment
inbox-contact = The contact’s card
inbox-open = Conversation
inbox-ask = What do you reply? <b>{ $name }</b> gets your message in the same chat, from the bot.
inbox-not-sent =
    <b>{ $name }</b>: the reply was not sent

    { $sentence }
inbox-text-only = A reply can only be text: the file was not sent.
inbox-length = A reply has 1 to { $max } characters.
inbox-opted-out = This person asked not to be written to and has not written since.
inbox-no-chat = This person has no chat with your bot: there is nowhere to reply.
inbox-no-licence = The licence is not valid: no messages are sent.
