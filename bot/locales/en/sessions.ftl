sessions-title =
    <b>Your sessions</b>
    You are signed in from these Telegram accounts.
sessions-title-member = <b>The member’s sessions</b>
sessions-none = The member has no open sessions.
sessions-line = • { $name } — last seen { $seen }
sessions-line-here = • { $name } — this session
sessions-end-one = End: { $name }
sessions-end-others = End all but this one
sessions-end-all = End all
sessions-ended-one = The session is ended.
sessions-ended = { $count ->
    [one] { $count } session ended.
   *[other] { $count } sessions ended.
}
sessions-logout = Sign out
sessions-ask-logout =
    <b>Sign out?</b>

    Campaigns go on. To come back you will need your login and password.
sessions-lost = My phone is lost
sessions-ask-lost =
    <b>Is your phone lost?</b>

    We will end all your sessions, this one too, lock your login and pause the campaigns you launched. Only an owner can unlock the login.
sessions-lost-now = Close access
sessions-disowned-mine = That session is ended. The old password no longer works there.
sessions-disowned =
    <b>{ $name }: it was somebody else</b>

    { $ended ->
        [0] That session had ended already.
        [one] The session is ended.
       *[other] The sessions are ended.
    } The old password now works only on a phone the member has used before, and there the bot asks for a new one at once. If there is no such phone, make a link.
sessions-mailbox = 📧 E-mail for alarms
sessions-second = 🔐 Sign-in with a code
