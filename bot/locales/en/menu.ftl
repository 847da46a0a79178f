menu-title =
    <b>{ $account }</b>
    { $name } · { $role }
menu-quiet = Nothing is being sent now.
menu-running = ▶️ “{ $name }”: { $sent } of { $planned } sent
menu-planning = ⚙️ “{ $name }”: choosing recipients
menu-paused = ⏸ “{ $name }” is paused: { $sent } of { $planned } sent
menu-scheduled = 🗓 “{ $name }” starts { $at }
menu-several = ▶️ Campaigns: { $parts }
menu-n-running = { $count } running
menu-n-paused = { $count } paused
menu-n-scheduled = { $count } scheduled
menu-licensed = Licence valid { $until }
menu-channels-none = No bot for customers yet
menu-channels-work = { $count ->
    [1] The channel works
   *[other] { $count } channels work
}
menu-channels-stopped = ⚠️ Channels not working: { $count } of { $all }
menu-maintenance = 🔧 The server is worked on { $from } – { $until }, campaigns will stand still
menu-maintenance-now = 🔧 The server is worked on, to be over { $until }: campaigns stand still
menu-no-licence = ⚠️ No valid licence: nothing is sent. Opt-outs, consents and exports work.
menu-licence-ends = ⚠️ The licence is valid { $until }. After that nothing is sent.
menu-approvals = To approve · { $count }
menu-inbox-waiting = Inbox · { $count } waiting
menu-more = More…
menu-more-title = <b>More</b>
menu-settings = Settings
menu-settings-title =
    <b>Settings</b>

    The company, its bots, CRM and people; your own sessions and language.
menu-company = Company
menu-waiting =
    <b>Waiting for your approval</b> — { $count }

    The longest waiting come first.
menu-waiting-line = • “{ $name }” — { $who }
menu-waiting-none =
    <b>Nothing to approve</b>

    Campaigns and templates of your colleagues come here.
menu-waiting-campaign = Campaign “{ $name }”
menu-waiting-template = Template “{ $name }”
menu-licence = Licence
menu-audit = Audit log
menu-sessions = Sessions
menu-members = Members
menu-logout = Sign out
menu-sample = This is a sample. The recipient’s button works.
menu-suspended = ⛔ The licensor closed sending: { $reason }
menu-unaccepted = ⚠️ The agreement is not accepted, no campaign can be launched: “Settings” → “Agreement”
