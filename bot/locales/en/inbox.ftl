inbox-menu = Inbox
inbox-none =
    <b>Inbox</b>

    Nobody has written yet. All that customers write to your bot appears here.
inbox-title =
    <b>Inbox</b> — { $count }

    { $waiting ->
        [one] { $waiting } person is waiting for a reply.
       *[other] { $waiting } people are waiting for a reply.
    } Who waits longest comes first.

    To find a conversation, type a name, a phone or words from it.
inbox-title-done =
    <b>Inbox</b> — { $count }

    Nobody is waiting for a reply.

    To find a conversation, type a name, a phone or words from it.
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
inbox-out-crm =
    → <b>{ $at }</b> · { $crm }
    { $text }
inbox-out-bot =
    → <b>{ $at }</b>
    { $text }
inbox-silent = Nothing has been said here yet.
inbox-out-of = 🚫 This person unsubscribed and has not written since. You can reply once they write themselves.
inbox-undelivered = ⚠️ not delivered: { $reason }
inbox-unknown = ❓ delivery is not confirmed
inbox-delivered = ✓✓ delivered { $at }
inbox-read = ✓✓ read { $at }
inbox-window-open = ⏳ You can answer in { $messenger } until { $until }
inbox-window-closed = ⌛ { $messenger } lets no plain answer through any more: the message is more than { $days ->
        [1] a day
       *[other] { $days } days
    } old. You can answer again once the person writes.
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
inbox-failed-broken = not handled, attempts: { $count }
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
inbox-in-stop =
    ← <b>{ $at }</b> · 🚫 opted out
    { $text }
inbox-in-stop-press = ← <b>{ $at }</b> · 🚫 opted out by the button
inbox-out-campaign =
    → <b>{ $at }</b> · campaign “{ $campaign }”
    { $text }
inbox-quick = ⚡ Saved answers
inbox-quick-none =
    <b>No saved answers yet</b>

    Save what you often write: opening hours, the address, delivery terms. Then an answer goes out in two taps.
inbox-quick-title =
    <b>Saved answers</b> — { $count }

    Tap one to change or delete it.
inbox-quick-choose = Which one? <b>{ $name }</b> gets the answer right away.
inbox-quick-new = ＋ New answer
inbox-quick-ask = Send the text of the answer: it is saved for all members.
inbox-quick-many = There are { $max } answers already, and no room for more. Delete one.
inbox-quick-kept = Saved.
inbox-quick-edit = ✏️ Edit
inbox-quick-drop = Delete
inbox-quick-ask-drop =
    <b>Delete the saved answer?</b>

    { $text }
inbox-quick-drop-now = Yes, delete
inbox-quick-dropped = Deleted.
inbox-found = Found: { $count }.
inbox-found-none =
    Nothing for “{ $typed }”.

    Type a name, a phone or other words of the conversation.
inbox-assign-button = 👤 Assign
inbox-assign =
    <b>{ $name }</b>: who replies?

    Only this member is notified of the customer’s messages.
inbox-assign-me = Me
inbox-unassign = Nobody in particular
inbox-assigned = 👤 Assigned to: { $name }
inbox-assigned-me-said = Done: you reply.
inbox-assigned-said = Done: the conversation is assigned.
inbox-unassigned-said = Done: everybody is notified again.
inbox-mute = 🔕 Mute
inbox-unmute = 🔔 Unmute
inbox-muted = 🔕 You are not notified of this conversation.
inbox-muted-said = You will not be notified of this conversation.
inbox-unmuted-said = Notifications are on again.
inbox-file-button = { $kind } · { $at }
inbox-file-document = 📎 { $name }
inbox-file = { $name }, { $at }
inbox-file-gone = This file is no longer there.
inbox-file-large = The file is larger than { $limit } MB, and the bot does not download such. Ask the customer for a link.
inbox-file-failed = The file could not be fetched. Please try again.
inbox-file-channel = The channel is disconnected: its files cannot be opened any more.
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
inbox-sent-forward = ↪ Forwarded message
inbox-sent-other = Attachment
inbox-contact = Contact card
inbox-open = Conversation
inbox-ask = Your reply? <b>{ $name }</b> gets it in the same chat, from the bot. A photo, a voice message or a file will do, too.
inbox-not-sent =
    <b>{ $name }</b>: the reply was not sent

    { $sentence }
inbox-caption = The text under a file has { $max } characters at most. Send it by itself.
inbox-photo-large = A photo has { $limit } MB at most. Send it as a file.
inbox-caption-none = In this messenger no text can stand under such a file. Send it by itself.
inbox-pictures-only = This messenger takes pictures only. Send a picture or a link to the file.
inbox-file-empty = The file is empty or too large: { $limit } MB at most.
inbox-reply-large = The file is larger than { $limit } MB: Telegram does not give such files to bots. Send a link to it.
inbox-length = A reply has 1 to { $max } characters.
inbox-opted-out = This person unsubscribed and has not written since.
inbox-no-chat = This person has no chat with your bot: there is nowhere to reply.
inbox-barred = { $messenger }: a company of your kind must not write to customers through it (41-FZ), not even in answer. Answer by phone or in another messenger.
inbox-no-licence = The licence is not valid, and the customer has not written lately: without one you can answer those who wrote within the last 30 days.
