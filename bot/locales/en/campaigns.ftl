campaigns-menu = Campaigns
campaigns-title = <b>Campaigns</b> — { $count }
campaigns-none =
    <b>No campaigns yet</b>

    A campaign is an approved template, an audience, a channel and a time. Start with a name.
campaigns-line = { $mark } <b>{ $name }</b>
campaigns-line-state = { $day } · { $state }
campaigns-line-sent = { $day } · { $sent } of { $planned } sent
campaigns-line-replied = { $count } replied
campaigns-line-out = { $count } unsubscribed
campaigns-days = { $count } { $count ->
    [one] day
   *[other] days
}
campaigns-totals-button = 📊 Totals
campaigns-totals = <b>Totals · { $days }</b>
campaigns-totals-none = There were no campaigns in this time.
campaigns-totals-campaigns = Campaigns: <b>{ $now }</b>{ $before ->
    [none] {""}
   *[other] {" "}· earlier { $before }
}
campaigns-totals-sent = Sent: <b>{ $now }</b>{ $before ->
    [none] {""}
   *[other] {" "}· earlier { $before }
}
campaigns-totals-failed = Not delivered: <b>{ $now }</b> ({ $share }){ $before ->
    [none] {""}
   *[other] {" "}· earlier { $before }
}
campaigns-totals-replied = Replied: <b>{ $now }</b> ({ $share }){ $before ->
    [none] {""}
   *[other] {" "}· earlier { $before }
}
campaigns-totals-out = Unsubscribed: <b>{ $now }</b> ({ $share }){ $before ->
    [none] {""}
   *[other] {" "}· earlier { $before }
}
campaigns-totals-blocked = Blocked the bot: <b>{ $now }</b> ({ $share }){ $before ->
    [none] {""}
   *[other] {" "}· earlier { $before }
}
campaigns-totals-earlier = <i>“Earlier” is the previous { $days }. Shares of replies, opt-outs and blocks are of what was sent.</i>
campaigns-new = New campaign
campaigns-ask-name =
    <b>New campaign</b>

    Write a name. Only members see it, recipients do not.
campaigns-ask-rename =
    <b>{ $name }</b>

    Write the new name.
campaigns-name-again =
    { $sentence }

    Write another name.
campaigns-copy-name = { $name } (copy)

campaigns-state-draft = Draft
campaigns-state-submitted = Waiting for approval
campaigns-state-approved = Approved
campaigns-state-scheduled = Scheduled
campaigns-state-planning = Choosing recipients
campaigns-state-running = Sending
campaigns-state-paused = Paused
campaigns-state-finished = Finished
campaigns-state-stopped = Stopped
campaigns-state-failed = Never started
campaigns-was-returned = ↩️ Sent back for changes: <i>{ $comment }</i>
campaigns-was-voided = The approval is withdrawn: the template, a segment, the channel or the settings have changed since. Submit it again.
campaigns-was-outgrown = While the campaign waited, it got more recipients than were confirmed. Nothing was sent{ $may ->
    [yes] : launch it again with the new number.
   *[no] , the launch must be confirmed again.
}

campaigns-facts =
    <b>{ $name }</b>
    { $state }

    <b>Template:</b> { $template }
    <b>Audience:</b> { $audience }
    <b>Channel:</b> { $channel }
    <b>When:</b> { $window }
    <b>If the connection breaks:</b> { $unknown }
campaigns-facts-steps =
    <b>{ $name }</b>
    { $state }

    { $steps }

    <b>Audience:</b> { $audience }
    <b>When:</b> { $window }
    <b>If the connection breaks:</b> { $unknown }
campaigns-step-line = <b>{ $step }.</b> { $channel }: { $template }
campaigns-step-next = ↳ then, { $rule }
campaigns-step-button = { $step }. { $channel } · { $template }
campaigns-step-no-channel = no channel yet
campaigns-step-no-template = no template yet
campaigns-rule-failed = only if it was not sent
campaigns-rule-undelivered = if not delivered within { $wait }
campaigns-rule-unread = if not read within { $wait }
campaigns-step-card =
    <b>{ $name }</b>

    { $line }

    Steps in all: { $of }. A person begins with the first step that can reach them and gets the next one only if the one before did not work.
campaigns-step-rule = When the next step goes
campaigns-remove-step = Remove this step
campaigns-ask-remove-step =
    <b>{ $name }</b>: remove this step?

    { $line }

    The steps behind it move up.
campaigns-remove-step-now = Yes, remove it
campaigns-add-step = ➕ If it does not arrive: one more step
campaigns-add-step-card =
    <b>Through which channel to write if it did not arrive?</b>

    Only those whom the step before did not reach get the next one. Whoever said stop gets nothing.
campaigns-add-step-lone =
    <b>Through which channel to write if it did not arrive?</b>

    There are no other channels yet. Connect one more or choose the same.
campaigns-rule-card =
    <b>When should step { $next } go?</b>

    { $tells ->
        [reads] The time counts from the moment the message of step { $before } went.
        [deliveries] The channel of step { $before } tells what was delivered, but not what was read. The time counts from the moment the message went.
       *[nothing] The channel of step { $before } tells neither what was delivered nor what was read: only those go on to whom the message certainly was not sent.
    }
campaigns-rule-tells-no-reads = (this channel does not tell what was read)
campaigns-rule-tells-no-deliveries = (this channel does not tell what was delivered)
campaigns-rule-tells-nothing = (this channel tells neither deliveries nor reads)
campaigns-rule-type-undelivered = Not delivered within…
campaigns-rule-type-unread = Not read within…
campaigns-rule-ask-undelivered =
    <b>How long after should the next step go if the message was not delivered?</b>

    Write, for example: 45 minutes, 3 hours, 2 days. From 5 minutes to 7 days.
campaigns-rule-ask-unread =
    <b>How long after should the next step go if the message was not read?</b>

    Write, for example: 45 minutes, 3 hours, 2 days. From 5 minutes to 7 days.
campaigns-rule-unclear = That time was not understood. Write a number and a unit: 45 minutes, 3 hours, 2 days — from 5 minutes to 7 days.
campaigns-not-chosen = <i>not chosen</i>
campaigns-template-line = “{ $name }”, version { $number }, { $class }
campaigns-template-unapproved = — <i>the version is no longer approved</i>
campaigns-class-advertising = advertising
campaigns-class-service = service
campaigns-undecided = <i>not chosen</i>
campaigns-undecided-but = <i>not chosen</i>, except { $exclude }
campaigns-everybody = all contacts
campaigns-everybody-but = all contacts except { $exclude }
campaigns-only = { $include }
campaigns-only-but = { $include } except { $exclude }
campaigns-quoted = “{ $name }”
campaigns-or = { $first } or { $second }
campaigns-and = { $first } and { $second }
campaigns-and-more = { $count } more
campaigns-segment-gone = “deleted segment”
campaigns-channel-line = { $name }
campaigns-channel-stopped = { $name } — <i>not sending now</i>
campaigns-at-launch = right after the launch
campaigns-at = { $time }
campaigns-until = { $start }, not later than { $time }
campaigns-part-include = • “{ $name }”: { $text }
campaigns-part-exclude = • except “{ $name }”: { $text }
campaigns-policy-leave = do not repeat
campaigns-policy-ask = ask me
campaigns-policy-resend = send again

campaigns-missing = Still to choose: { $what }.
campaigns-missing-template = the template
campaigns-missing-audience = the audience
campaigns-missing-channel = the channel
campaigns-complete = Everything is chosen. Look at the forecast and submit the campaign for approval.
campaigns-change-voids = ⚠️ Any change withdraws the approval: the campaign becomes a draft again.
campaigns-voided = Changed. The approval is withdrawn: submit the campaign again.
campaigns-template = Template
campaigns-audience = Audience
campaigns-channel = Channel
campaigns-when = When
campaigns-unknown = If the connection breaks
campaigns-forecast = Forecast
campaigns-sample = Sample message
campaigns-submit = Submit for approval
campaigns-rename = Name
campaigns-duplicate = Make a copy
campaigns-duplicated = The copy is ready. Choose a time.
campaigns-delete = Delete
campaigns-deleted = The draft is deleted.
campaigns-ask-delete =
    <b>Delete the draft “{ $name }”?</b>

    The template, the segments and the contacts stay.
campaigns-delete-now = Yes, delete
campaigns-change = Change

campaigns-templates =
    <b>Which template?</b>

    Only approved ones are here: 📣 advertising, 🔔 service.
campaigns-templates-none =
    <b>No approved templates yet</b>

    Write a template under “Templates” and submit it for approval.

campaigns-exclude = { $count ->
    [0] 🚫 Leave out…
   *[other] 🚫 Left out: { $count }
}
campaigns-to-everybody = All contacts
campaigns-chosen = Currently: { $what }.
campaigns-nobody-yet = Nobody is chosen yet.
campaigns-nobody-yet-but = Nobody is chosen yet; left out: { $exclude }.
campaigns-segments-include =
    <b>Who gets it?</b>

    { $now }

    Tick segments: people in any of them get the message.
campaigns-segments-exclude =
    <b>Who is left out?</b>

    { $now }

    People in the ticked segments do not get the message.
campaigns-segments-none =
    <b>Who gets it?</b>

    { $now }

    There are no segments yet. To write to some of your contacts, make one.
campaigns-channel-no-campaigns = 💬 { $name }: no campaigns
campaigns-channel-off = ⏸ { $name }: switched off by the licensor
campaigns-channel-closed = 🚫 { $name }: barred by law
campaigns-channels = <b>Through which channel?</b>
campaigns-channels-none =
    <b>No channels yet</b>

    The owner connects the company’s bot under “Settings” → “Channels”.
campaigns-policies =
    <b>If the connection breaks?</b>

    Sometimes the connection breaks when a message is already sent, and the messenger cannot confirm the delivery. Nobody can tell whether it arrived.

    <b>Do not repeat</b> — nobody gets it twice, but somebody may not get it.
    <b>Ask me</b> — at the end the campaign waits for your decision.
    <b>Send again</b> — everybody gets it, but somebody may get it twice.
campaigns-choose-leave = Do not repeat
campaigns-choose-ask = Ask me
campaigns-choose-resend = Send again

campaigns-when-card =
    <b>When to send?</b>

    { $chosen }

    Time zone: { $zone }, it is { $time } now. Whatever does not go before the end is not sent.
campaigns-start-now = Right away
campaigns-start-hour = In an hour
campaigns-quick = { $time }
campaigns-start-typed = Another time…
campaigns-end-never = No limit
campaigns-end-day = End after a day
campaigns-end-nine = End at 21:00
campaigns-end-typed = Other end time…
campaigns-ask-start =
    <b>When to begin?</b>

    Write the day and the time, for example <code>tomorrow at 10:00</code>, <code>1 December 10:00</code>, <code>Mon 10:00</code> or <code>in 2 hours</code>. Time zone: { $zone }.
campaigns-ask-end =
    <b>When to end?</b>

    Write the day and the time, for example <code>today 21:00</code> or <code>1 December 21:00</code>. Nothing is sent after it. Time zone: { $zone }.
campaigns-time-unreadable = I cannot read that as a time.
campaigns-time-hour = <b>At what time?</b> Write the day and the time, or tap:
campaigns-time-either = <b>Which one?</b> This can be read in two ways:
campaigns-time-past = That time has passed: it is { $time } now.
campaigns-time-skipped = There is no such time that day: the clocks go forward.

campaigns-outlook-nobody = ⚠️ <b>Nobody of { $audience } will get this message.</b> The forecast says why.
campaigns-outlook =
    <b>{ $planned } of { $audience } will get it.</b> Sending takes { $duration }.
campaigns-instant = less than a second
campaigns-no-forecast = ⚠️ { $sentence }
campaigns-forecast-card =
    <b>Forecast · “{ $name }”</b>

    <b>{ $planned } of { $audience } { $audience ->
        [one] contact
       *[other] contacts
    }</b> will get it.
campaigns-forecast-skipped = { $count } will not:
campaigns-reason-line = • { $reason } — { $count }
campaigns-forecast-pace = Up to { $rate } a second, { $duration } in all.
campaigns-forecast-step = <b>{ $step }.</b> { $channel }: { $begin } begin, { $most } at most, up to { $rate } a second
campaigns-forecast-most = Messages: from { $planned } to { $most }.
campaigns-forecast-latest = If every step is needed, the last one goes in { $duration }.
campaigns-new-people =
    👥 { $channel }: { $new } { $new ->
        [one] person was
       *[other] people were
    } not written to this month yet. The tariff allows { $left } new ones more, of { $most } a month{ $beyond ->
        [0] .
       *[other] ; the other { $beyond } wait for the next. Whoever was written to already gets it.
    }
campaigns-new-today =
    👥 { $channel }: { $most } people may be begun with here within 24 hours, other numbers of the same owner included. New ones among the recipients: { $new }{ $beyond ->
        [0] , there is room for all.
       *[other] ; { $now } go at once, the other { $beyond } wait. All of them take { $days } { $days ->
            [one] day
           *[other] days
        }.
    }
campaigns-waits-today = ⏳ { $channel }: { $most } people were begun with within 24 hours, and more may not be yet. The rest wait; the next places are free { $until }.
campaigns-forecast-window = ⚠️ Sending ends at { $end }: whoever is due a further step later than that will not get it.
campaigns-forecast-times =
    Starts: { $start }
    Last message: { $finish }
campaigns-forecast-waiting = { $count } { $count ->
    [one] message
   *[other] messages
} of other campaigns go out through this channel first.
campaigns-cost = 💰 Cost: { $cost }.
campaigns-cost-between =
    💰 Cost
    • if the first message reaches everybody: { $best }
    • if everybody needs every step: { $worst }
campaigns-cost-step = <b>{ $step }.</b> { $channel }: { $cost }
campaigns-spent = 💰 Cost: { $cost }.
campaigns-spent-forecast = The forecast was: { $cost }.
campaigns-too-late = ⚠️ { $count } { $count ->
    [one] message
   *[other] messages
} will not go out before the end ({ $time }). Start earlier, extend it or make the audience smaller.
campaigns-night-now = 🌙 It is { $time } for the recipients now: night.
campaigns-night-now-some = 🌙 It is night now ({ $time }) for { $count } { $count ->
    [one] recipient
   *[other] recipients
}.
campaigns-night-start = 🌙 It will be { $time } for the recipients when sending starts: night.
campaigns-night-start-some = 🌙 It will be night ({ $time }) for { $count } { $count ->
    [one] recipient
   *[other] recipients
} when sending starts.
campaigns-night-end = 🌙 Some messages will arrive at night: sending ends at { $time } by the recipients’ time.
campaigns-today = ⚠️ { $count } { $count ->
    [one] recipient has
   *[other] recipients have
} already received an ad today.
campaigns-month-left = The plan still allows { $left } of { $allowed } messages this month.
campaigns-month-beyond = ⚠️ The plan still allows { $left } of { $allowed } messages this month. { $beyond } will not fit: they will wait, and the campaign will pause.
campaigns-month-steps = ⚠️ The plan still allows { $left } of { $allowed } messages this month. The first messages fit; if every step has to go, { $beyond } will not: they will wait, and the campaign will pause.
campaigns-again = Recalculate
campaigns-sample-next = { $name } · next ›
campaigns-sample-step = Step { $step }
campaigns-sample-left-out = The text of step { $step } did not fit here: open the sample.
campaigns-sample-nobody = There is nobody to show a sample for: right now nobody would get this message. The forecast says why.
campaigns-sample-refused =
    <b>{ $name }</b> will not get it: { $reason }.

    Where: <code>{ $detail }</code>
campaigns-targets = 🔗 All links
campaigns-sample-quoted =
    This is what a recipient sees:
    <blockquote>{ $text }</blockquote>
campaigns-sample-quoted-step =
    Step { $step } looks like this:
    <blockquote>{ $text }</blockquote>

campaigns-submitted = Submitted for approval.
campaigns-submitted-warned = Submitted for approval. The template has { $count } { $count ->
    [one] remark
   *[other] remarks
}: see its card.
campaigns-lint =
    <b>Not submitted: the template has errors</b>

    Errors: { $count }. Fix the template, have the new version approved and choose it in the campaign.
campaigns-to-template = Open the template
campaigns-submitted-by = Submitted for approval by { $name }.
campaigns-changed = <b>Changed since the last decision:</b>
campaigns-changed-more = { $count } more behind the button “What changed”.
campaigns-changes-button = What changed
campaigns-conditions-button = Conditions
campaigns-conditions-title = <b>{ $name }</b>: for whom
campaigns-changed-nothing = Nothing has changed since the last decision.
campaigns-changed-template = • Template: “{ $old }”, version { $old_number } → “{ $new }”, version { $new_number }
campaigns-changed-text = { $changes }
campaigns-changed-from-everybody = • Before: all contacts
campaigns-changed-to-everybody = • Now: all contacts
campaigns-changed-added = • Segment added: “{ $name }”
campaigns-changed-removed = • Segment removed: “{ $name }”
campaigns-changed-excluded = • Exclusion added: “{ $name }”
campaigns-changed-unexcluded = • Exclusion removed: “{ $name }”
campaigns-changed-segment = • Segment “{ $name }”. Before: { $old }. Now: { $new }
campaigns-changed-all = all contacts
campaigns-changed-channel = • Channel: { $old } → { $new }
campaigns-changed-steps = • Steps: { $old } → { $new }
campaigns-changed-rule = • The next step: { $old } → { $new }
campaigns-changed-start = • Start: { $old } → { $new }
campaigns-changed-end = • End: { $old } → { $new }
campaigns-changed-no-end = none set
campaigns-changed-unknown = • If the connection breaks: { $old } → { $new }
campaigns-own-work = You cannot approve your own campaign: another approver or the owner has to.
campaigns-approve = ✅ Approve
campaigns-return = ↩️ Return
campaigns-approved = Approved. The author has been told.
campaigns-approved-by = Approved by { $name }. { $may ->
    [yes] It is ready to launch. Any change withdraws the approval.
   *[no] A manager or an owner will launch it.
}
campaigns-ask-comment =
    <b>Return “{ $name }”</b>

    Write what to fix. The author will see your comment.
campaigns-comment-bad = A comment has 1 to { $max } characters. Without one the author will not know what to fix.
campaigns-returned = The campaign went back to its author.

campaigns-launch = 🚀 Launch
campaigns-ask-launch =
    <b>Launch · “{ $name }”</b>

    Will get it: <b>{ $planned }</b>
    Will not: { $skipped }
    When: { $window }
    Sending takes { $duration }
campaigns-type-number = To launch, type the number of recipients: <b>{ $planned }</b>
campaigns-not-a-number = Write the number in digits. Nothing was launched.
campaigns-scheduled-by = Launched by { $name }, recipients confirmed: { $count }. It starts by itself; if there are more recipients by then, the bot asks again.
campaigns-recall = Recall the launch
campaigns-recalled = The launch is recalled. The approval stays.

campaigns-progress-title = { $mark } <b>{ $name }</b>
campaigns-is-planning = Choosing recipients…
campaigns-is-running = Sending
campaigns-is-waiting-on = Sent. Waiting whether it arrives: the next step may still go to { $people ->
    [one] { $people } person
   *[other] { $people } people
}
campaigns-is-paused = Paused. { $sending ->
    [0] Nothing is being sent.
    [one] { $sending } more is already in flight and will arrive.
   *[other] { $sending } more are already in flight and will arrive.
}
campaigns-is-paused-licence = Paused: the licence is not valid. { $may ->
    [yes] Once it is renewed, tap “Resume”.
   *[no] Once it is renewed, a manager will resume it.
}
campaigns-is-paused-plan = Paused: the plan’s messages of this month, or its new people, are used up; the rest wait. { $may ->
    [yes] Tap “Resume” when a new month begins or the plan is changed.
   *[no] A manager will resume it when a new month begins or the plan is changed.
}
campaigns-is-paused-template = Paused: the template or its file can no longer be read.{ $may ->
    [yes] {" "}Stop the campaign and make a new one.
   *[no] {""}
}
campaigns-is-paused-barred = Paused: the messenger lets no message go by this template any more. The others wait. { $may ->
    [yes] When the template is approved again, press “Resume”.
   *[no] When the template is approved again, a manager resumes.
}
campaigns-is-paused-restored = Paused: the database was restored from a backup. What was sent after the backup is not known: first check who already got it.
campaigns-is-paused-refused = Paused: the first recipients all failed for one reason ({ $reason }).{ $may ->
    [yes] {" "}Fix it, then resume.
   *[no] {""}
}
campaigns-is-paused-other = Paused: { $reason }.
campaigns-is-paused-phone = Paused: the member who launched it lost their phone.
campaigns-is-paused-uncertain = Paused: somebody has to decide about the unconfirmed ones.
campaigns-is-finished = Finished { $time }
campaigns-is-stopping = Stopping: { $count } left
campaigns-is-stopped = Stopped { $time }
campaigns-is-missed = Never started: the time for sending was over. Nothing was sent.
campaigns-is-failed = Never started ({ $reason }). Nothing was sent.
campaigns-sent-of = Sent <b>{ $sent }</b> of { $planned }
campaigns-n-delivered = Delivered { $count }, read { $read }
campaigns-n-delivered-after = Delivered { $count }, read { $read }, usually after { $after }
campaigns-people =
    <b>People:</b> reached { $reached } of { $audience }{ $open ->
        [0] {""}
       *[other] , { $open } still open
    }{ $unknown ->
        [0] {""}
       *[other] , { $unknown } unconfirmed
    }{ $missed ->
        [0] {""}
       *[other] , { $missed } got nothing
    }
campaigns-step-progress = <b>{ $step }.</b> { $channel }: sent { $sent } of { $planned }{ $delivered ->
    [0] {""}
   *[other] , delivered { $delivered }, read { $read }
}{ $failed ->
    [0] {""}
   *[other] , not delivered { $failed }
} · reached { $reached }
campaigns-n-failed = Not delivered { $count }
campaigns-n-dropped = Left out while sending { $count }
campaigns-n-uncertain = Unconfirmed { $count }
campaigns-n-cancelled = Cancelled { $count }
campaigns-n-waiting = Waiting { $count }, in flight { $sending }
campaigns-n-left-out = Left out before sending { $count }
campaigns-responses =
    Replied: <b>{ $replied }</b> ({ $replied_share })
    Unsubscribed: <b>{ $out }</b> ({ $out_share })
    Blocked the bot: <b>{ $blocked }</b> ({ $blocked_share })
campaigns-compared = <i>For comparison, { $count ->
    [one] the previous campaign
   *[other] the { $count } previous campaigns
}: sent { $sent }, replied { $replied }, unsubscribed { $out }.</i>
campaigns-pace = { $rate } a second, { $left } left
campaigns-channel-and-window = Channel { $channel } · { $window }
campaigns-ask-uncertain =
    <b>{ $count } { $count ->
        [one] message is
       *[other] messages are
    } unconfirmed.</b> If you send again, somebody may get it twice. If you do not, somebody may not get it.
campaigns-uncertain-resend = Send again
campaigns-uncertain-leave = Do not repeat
campaigns-resent = Sending again: { $count }.
campaigns-left = Not repeated: { $count }.
campaigns-pause = ⏸ Pause
campaigns-paused = Paused: nothing new is sent.
campaigns-resume = ▶️ Resume
campaigns-resumed = Sending continues.
campaigns-stop = ⏹ Stop
campaigns-ask-stop =
    <b>Stop for good?</b> “{ $name }”

    Sent already: { $sent }
    Will not be sent: { $queued }
    In flight, will arrive: { $sending }

    A stopped campaign cannot be resumed. If you only want to wait, pause it.
campaigns-ask-stop-next = Will not get a further step: { $people }
campaigns-ask-stop-early =
    <b>Stop for good?</b> “{ $name }”

    Nothing has been sent and nothing will be. A stopped campaign cannot be resumed.
campaigns-stop-now = Yes, stop
campaigns-stopped = { $count ->
    [0] Stopped.
   *[other] Stopped. Will not be sent: { $count }.
}
campaigns-why = <b>{ $title }</b> — why:
campaigns-why-more = • the other reasons are in the table
campaigns-took = Took { $duration }
campaigns-story =
    Template “{ $template }”, version { $number } · channel { $channel }
    Created by { $created } · approved by { $approved } · launched by { $launched }
campaigns-story-steps =
    { $steps }
    Created by { $created } · approved by { $approved } · launched by { $launched }
campaigns-story-step = Step { $step } · { $channel } · { $template }

campaigns-chart = 📈 Chart
campaigns-sheet = 📄 Table
campaigns-who = 🔎 Who got it
campaigns-chart-line = Messages sent
campaigns-chart-bars = Results by recipient
campaigns-chart-sent = Sent
campaigns-chart-failed = Not delivered
campaigns-chart-skipped = Left out
campaigns-chart-uncertain = Unconfirmed
campaigns-chart-cancelled = Cancelled
campaigns-chart-open = Waiting
campaigns-chart-sent-below = The chart is below.
campaigns-sheet-sent-below = The table is below.
campaigns-sheet-name = Recipients
campaigns-column-name = Name
campaigns-column-phone = Phone
campaigns-column-step = Step
campaigns-column-channel = Channel
campaigns-column-address = Address
campaigns-column-outcome = Outcome
campaigns-column-reason = Reason
campaigns-column-time = Time
campaigns-column-delivered = Delivered
campaigns-column-read = Read
campaigns-column-replied = Replied
campaigns-column-opted-out = Opted out
campaigns-file = { $name }
campaigns-to-card = Back to campaign
campaigns-ask-who =
    <b>Who got “{ $name }”?</b>

    Type a phone or a name.
campaigns-who-nobody = Nobody found for “{ $typed }”.
campaigns-who-several = <b>Several people found.</b> Choose one or be more specific: first and last name, digits of the phone.
campaigns-who-next = Look up another
campaigns-who-next-step = The next step goes at { $time } at the earliest, if it does not arrive
campaigns-who-show = 👁 What they got
campaigns-who-read = read after { $after }
campaigns-got-other = Step { $step } · { $time }
campaigns-got-unreadable = The message was sent, but its text cannot be read: the record is damaged.
campaigns-who-unknown = There is no such contact.
campaigns-who-deleted = <b>{ $name }</b>: the contact was deleted and was not in this campaign.
campaigns-who-not-in = <b>{ $name }</b> is not among the recipients of “{ $campaign }”: not in its audience, or added after it started.
campaigns-who-got =
    ✅ <b>{ $name }</b> — { $state }
    { $campaign } · { $time }
campaigns-who-held =
    ⏳ <b>{ $name }</b> — the messenger took the message and keeps it for now: { $words }
    { $campaign } · { $time }
campaigns-who-waits =
    ⏳ <b>{ $name }</b> — { $state }
    { $campaign } · attempts: { $attempts }
campaigns-who-waits-quota =
    ⏳ <b>{ $name }</b> — waits: the channel may not begin with new people yet
    { $campaign } · goes not before { $time }
campaigns-who-uncertain =
    ❔ <b>{ $name }</b> — delivery is not confirmed: the messenger did not answer
    { $campaign } · { $time }
campaigns-who-not =
    ✖️ <b>{ $name }</b> — { $state }: { $reason }
    { $campaign } · { $time }
campaigns-who-step = <b>Step { $step }</b> · { $channel }

campaigns-refused-state = Not possible now: the campaign’s state has changed to “{ $state }”. Here is a fresh card.
campaigns-refused-changed = The campaign has just been changed. Here is a fresh card: look again.
campaigns-refused-incomplete = First choose: { $what }.
campaigns-refused-name = A name has 1 to { $max } characters.
campaigns-refused-window = The end must be in the future and after the start.
campaigns-refused-wait = The next step goes no sooner than 5 minutes and no later than 7 days after the one before.
campaigns-refused-steps = A campaign has { $most } steps at most.
campaigns-refused-step = This step is gone, or it is the only one.
campaigns-refused-closed = The time for sending is over. Change “When” and have the campaign approved again.
campaigns-refused-template = This version of the template is not approved. Choose another or wait for the approval.
campaigns-refused-channel = The channel is not sending now. Turn it on under “Settings” → “Channels”, or choose another.
campaigns-refused-provider-template = { $messenger } takes campaigns only as templates that it approved. Hand the template in with the button “For review at { $messenger }” on the campaign’s card. You can answer those who wrote to you without a template, under “Messages”.
campaigns-refused-provider-find = { $messenger } takes campaigns only as approved templates. Find the template with the button “Find the template at { $provider }” on the campaign’s card. You can answer those who wrote to you without a template, under “Messages”.
campaigns-refused-no-campaigns = No campaign goes through { $messenger }: there you can only answer those who wrote to you. Choose another channel.
campaigns-refused-review-sending = The template is still being handed in to { $messenger }. Wait a few minutes.
campaigns-refused-review-pending = { $messenger } is still reviewing the template, which usually takes up to a day. Managers are told when it is decided.
campaigns-refused-review-refused = { $messenger } does not take this template{ $reason }. Fix the template and have a new version approved.
campaigns-refused-review-unfound = There is no such template at { $provider }. Make it there word for word (the text is on the campaign’s card) and find it again.
campaigns-refused-review-rejected = { $messenger } rejected the template{ $reason }. Fix the template, have a new version approved and hand it in for review.
campaigns-refused-review-paused = { $messenger } paused the template: recipients complain about it. Wait until it is approved again, or take another one.
campaigns-refused-review-disabled = { $messenger } disabled the template for good: there were too many complaints. Another template is needed.
campaigns-refused-review-gone = The template is no longer at { $messenger }. Hand it in for review again.
campaigns-find = 🔎 Find the template at { $provider }
campaigns-find-step = 🔎 Step { $step }: find the template at { $provider }
campaigns-hand-in = 📨 For review at { $messenger }
campaigns-hand-in-step = 📨 Step { $step }: for review at { $messenger }
campaigns-handed-in = Handed in for review at { $messenger }. A decision usually comes within a day.
campaigns-handed-in-done = { $messenger } has approved the template already.
campaigns-review = <b>{ $messenger }:</b> { $standing }
campaigns-review-step = <b>{ $messenger }, step { $step }:</b> { $standing }
campaigns-review-none = the template was not handed in for review; without it no campaign is taken
campaigns-review-unfound = the template was not found at { $provider } yet; without it no campaign is taken
campaigns-review-make = ⚠️ there is no such template at { $provider }. Make it in your { $provider } account word for word and with the same buttons, without a header and a footer, and find it again. The text: { $text }
campaigns-review-sending = the template is being handed in
campaigns-review-pending = the template has been under review since { $since }
campaigns-review-approved = ✅ the template is approved, { $since }{ $quality }
campaigns-review-refused = ⚠️ the template was not taken{ $reason }. Fix it and have a new version approved
campaigns-review-rejected = ⚠️ the template was rejected, { $since }{ $reason }. Fix it and have a new version approved
campaigns-review-paused = ⏸ the template is paused because recipients complained, { $since }
campaigns-review-disabled = ⛔ the template is disabled for good, { $since }
campaigns-review-gone = the template is no longer at the messenger
campaigns-review-quality-green = , well received
campaigns-review-quality-yellow = , some complaints
campaigns-review-quality-red = , many complaints: it may be paused
campaigns-review-reason = : { $reason }
campaigns-review-marketing = The messenger takes the template for advertising, although it is a service one here: its price and limits are those of advertising.
campaigns-review-utility = The messenger takes the template for a service one, although it is advertising here.
campaigns-review-why-promotional = advertising in a service template
campaigns-review-why-category = the wrong kind: advertising or service
campaigns-review-why-format = variables or formatting are written wrongly
campaigns-review-why-abusive = the content is not allowed
campaigns-review-why-scam = it looks like fraud
campaigns-review-why-mismatch = the text does not match the template’s kind
campaigns-review-form-condition = There is a condition or a loop around words ({ $written }). In a template of { $messenger } the words are the same for everybody and only values differ. Put the variant into a template of its own; for an empty value write a fallback right into the variable: default: "friend".
campaigns-review-form-edge = The text begins or ends with a variable, and { $messenger } takes no such template. Put words before and after it: “Hello, …!”
campaigns-review-form-link = A variable stands within a link in the text. Move the link to a button: a variable may stand at the end of its address.
campaigns-review-form-button-text = There is a variable on button { $button }; its words must be the same for everybody.
campaigns-review-form-button-long = The words of button { $button } are longer than { $limit } characters.
campaigns-review-form-button-url = In the address of button { $button } there may be one variable, at the very end.
campaigns-review-form-button-opt-out = A press of button { $button } comes from { $messenger } as its words, and they do not say that somebody wants no more messages. Write “Unsubscribe” on it.
campaigns-review-form-button-fixed = There is a variable in the address of button { $button }, and { $messenger } takes one that is the same for everybody.
campaigns-review-form-links = No more than { $limit } buttons may open pages.
campaigns-review-form-file = A file of this type ({ $mime }) cannot stand above the text: a JPEG or PNG picture or a PDF document can.
campaigns-review-form-long = The text is too long: { $length } characters, and { $limit } are taken, values included.
campaigns-review-form-broken = The template cannot be read, or values are missing. Open its check.
campaigns-review-no-file = The template’s file was deleted.
campaigns-review-provider = { $messenger } takes no templates at the moment ({ $reason }). Nothing was handed in, try again.
campaigns-refused-segment = A segment of the audience was deleted. Open “Audience” and choose again.
campaigns-refused-broken = The segment “{ $name }” cannot be read: a field it names was deleted. Fix it.
campaigns-refused-zone = The company’s time zone (“{ $zone }”) is unknown. Fix it in the settings.
campaigns-refused-lint = The template has errors: { $count }. Fix it and have a new version approved.
campaigns-refused-own = You cannot approve your own campaign: another member has to.
campaigns-refused-void = The approval is withdrawn: the template, a segment, the channel or the settings have changed. Submit it again.
campaigns-refused-advertising = Advertising is on hold since the database was restored: nobody knows who said stop after the backup. An owner allows it in “Settings”.
campaigns-refused-maintenance = The server is worked on until { $until }. Launch afterwards, or choose a later start.
campaigns-refused-licence = The licence is not valid: without it nothing is sent. Tell the owner.
campaigns-refused-plan = This month’s messages are used up: the plan “{ $plan }” allows { $allowed }. Resume in the new month, or change the plan.
campaigns-refused-count = You typed { $typed }, but { $planned } would get it. Nothing was launched.
campaigns-refused-nobody = Right now nobody would get this message.

campaigns-more = More…
campaigns-done = ✅ Done
campaigns-to-templates = Templates
campaigns-new-segment = ＋ New segment
campaigns-begun-name = { $name } · { $day }
campaigns-already-paused = Paused already.
campaigns-already-running = Running already.
campaigns-already-stopped = Stopped already.
campaigns-already-submitted = Submitted already.
campaigns-already-approved = Approved already.
campaigns-already-launched = Launched already.
campaigns-already-recalled = The launch was recalled already.
campaigns-refused-agreement = { $name } waits for an owner: no campaign is launched before it is accepted. “Settings” → “Agreement”.
campaigns-refused-suspended = The licensor closed sending: { $reason }
