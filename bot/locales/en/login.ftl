login-ask-login = Enter your login.
login-ask-login-lost =
    <b>My phone is lost</b>

    We will end your sessions, lock your login and pause the campaigns you launched; scheduled ones are recalled. An owner can unlock the login.

    Enter your login.
login-ask-password =
    Enter your password.

    The bot deletes the message with the password at once.
login-wrong = Wrong login or password.
login-wrong-wait = Wrong login or password. Next attempt in { $left }.
login-wait = Too many attempts. Please wait { $left }.
login-locked = The login is locked. An owner can unlock it: “Members” → your name → “Unlock”.
login-disabled = An owner disabled your access.
login-password-due = The password is right, but it has to be changed: you said that somebody else may know it. Sign in from a phone you have used before, or ask an owner for a link for a new password.
login-refused =
    <b>Not signed in</b>

    { $sentence }
login-not-closed =
    <b>Access could not be closed</b>

    { $sentence }
login-not-a-login =
    A login has 3 to 32 characters: Latin letters, digits and . _ - @
    The bot has deleted your message, in case it was the password.

    Enter the login alone.
login-once-more =
    <b>Not signed in</b>

    { $sentence }

    Enter the password again. The bot will delete the message again.
login-once-more-lost =
    <b>Access could not be closed</b>

    { $sentence }

    Enter the password again. The bot will delete the message again.
login-other = Another login
login-again = Try again
login-closed =
    <b>Access is closed</b>

    { $sessions ->
        [0] There were no open sessions.
        [one] { $sessions } session ended.
       *[other] { $sessions } sessions ended.
    } The login stays locked until an owner unlocks it.
login-closed-open =
    <b>The sessions are ended</b>

    { $sessions ->
        [0] There were no open sessions.
        [one] { $sessions } session ended.
       *[other] { $sessions } sessions ended.
    } The login stays open: there is no other owner who could unlock it. At the next sign-in the bot asks for a new password.
login-closed-campaigns =
    Waiting for your decision (running ones are paused, scheduled ones recalled):
    { $names }
