members-title = <b>Members</b> — { $count }
members-open-invitation = ✉️ { $role }, until { $until }
members-invite = Invite
members-nobody-approves-own = ⚠️ There is nobody to approve this: you cannot approve your own work, and there are no other approvers. Invite one.
members-nobody-approves = ⚠️ There is nobody to approve this: you cannot approve your own work, and there are no other approvers. Ask the owner to invite one.
members-card =
    <b>{ $name }</b>
    Login: <code>{ $login }</code>
    Role: { $role }
    Member since { $since }

    { $state }
members-state-active = { $sessions ->
    [0] No open sessions.
    [one] { $sessions } open session.
   *[other] { $sessions } open sessions.
}
members-state-disabled = 🚫 Disabled { $since }.
members-state-locked = 🔒 Locked { $since }.
members-state-locked-lost = 🔒 Locked { $since }: the phone is lost.
members-unlock = Unlock
members-unlocked = Unlocked.
members-role = Role
members-role-set = Role changed: { $role }.
members-role-line = <b>{ $role }</b> — { $about }
members-roles =
    <b>Role: { $name }</b>

    { $roles }
members-password = New password
members-ask-password =
    <b>Change the password?</b> { $name }

    You will get a one-time link. With it the member chooses the password; you do not learn it. Former sessions end, the login is unlocked. The member can approve again in { $hours } { $hours ->
        [one] hour
       *[other] hours
    }. All owners and the member are told.
members-make-password-link = Make the link
members-password-link =
    <b>New password: { $name }</b>

    { $link }

    Forward the link to the member. It works once, within { $hours } { $hours ->
        [one] hour
       *[other] hours
    }. It is not shown again.
members-sessions = Sessions
members-disable = Disable
members-enable = Enable
members-disabled-done = Access is disabled.
members-enabled-done = Access is enabled.
members-ask-disable =
    <b>Disable access?</b> { $name }

    { $sessions ->
        [0] There are no open sessions.
        [one] { $sessions } session will end.
       *[other] { $sessions } sessions will end.
    } They cannot sign in again until you enable access.
members-lost = Phone is lost
members-lost-now = Close access
members-ask-lost =
    <b>Is the phone lost?</b> { $name }

    { $sessions ->
        [0] There are no open sessions.
        [one] { $sessions } session will end.
       *[other] { $sessions } sessions will end.
    } The login will be locked, and the campaigns the member launched will pause.
members-invite-title =
    <b>Who do you want to invite?</b>

    { $roles }
members-link =
    <b>Invitation: { $role }</b>

    { $link }

    Forward the link to one person. It works once, within { $hours } { $hours ->
        [one] hour
       *[other] hours
    }. It is not shown again.
members-invitation =
    <b>Invitation: { $role }</b>
    Created { $created }
    Valid until { $until }

    The link was shown when it was created. If it is lost, withdraw this invitation and make a new one.
members-revoke = Withdraw
members-invitation-revoked = The invitation is withdrawn.
members-second = Reset the sign-in with a code
