login-ask-login = Please write your login.
login-ask-login-lost =
    <b>My phone is lost</b>

    We will close access from the lost phone: end all your sessions, lock your login, pause the campaigns you launched and call back scheduled ones. An owner can lift the lock.

    Please write your login.
login-ask-password =
    Now the password.

    The bot deletes the message with the password at once.
login-wrong = The login or the password is wrong.
login-wrong-wait = The login or the password is wrong. Next attempt in { $left }.
login-wait = Too many attempts. Please wait { $left }.
login-locked = The login is locked. An owner can lift it: “Members” → your name → “Lift the lock”.
login-disabled = Your access was disabled by an owner.
login-password-due = The password is right, but it is due to be changed: you said that somebody else may know it. Sign in from a phone you have used before, or ask an owner for a link for a new password.
login-refused =
    <b>Not signed in</b>

    { $sentence }
login-not-closed =
    <b>The access was not closed</b>

    { $sentence }
login-not-a-login =
    A login has 3 to 32 Latin letters, digits and the signs . _ - @
    The bot has deleted your message, in case it was the password.

    Please write the login alone.
login-once-more =
    <b>Not signed in</b>

    { $sentence }

    Please write the password again. The bot will delete the message again.
login-once-more-lost =
    <b>The access was not closed</b>

    { $sentence }

    Please write the password again. The bot will delete the message again.
login-other = Another login
login-again = Try again
login-closed =
    <b>Access is closed</b>

    { $sessions ->
        [0] There were no open sessions.
        [one] { $sessions } session ended.
       *[other] { $sessions } sessions ended.
    } The login stays locked until an owner lifts it.
login-closed-open =
    <b>The sessions are ended</b>

    { $sessions ->
        [0] There were no open sessions.
        [one] { $sessions } session ended.
       *[other] { $sessions } sessions ended.
    } The login stays open: there is no other owner, so nobody could lift a lock. At the next sign-in the bot asks for a new password.
login-closed-campaigns =
    Held until you decide (running ones paused, scheduled ones called back):
    { $names }
