menu-title =
    <b>{ $account }</b>
    { $name } · { $role }
menu-no-licence = ⚠️ No valid licence: nothing is sent. Opt-outs, consents and exports work.
menu-licence-ends = ⚠️ The licence is valid { $until }. After that nothing is sent.
menu-licence = Licence
menu-settings = Settings
menu-audit = Audit log
menu-sessions = Sessions
menu-members = Members
menu-logout = Sign out
menu-sample = This is a sample. The recipient’s button works.
