second-title = <b>🔐 Sign-in with a code</b>
second-off = Login and password are enough to sign in now. Add a code of an app (Google Authenticator, Aegis, any other): then a stranger who learns the password does not get in.
second-on = On since { $since }. At each sign-in the bot asks for a code of the app. Recovery codes left: { $codes }.
second-begin = Turn on
second-take-away = Turn off
second-ask-code = Type the code of your authenticator app: six digits. No phone with the app? A recovery code does. The bot deletes the message with the code.
second-leave = Sign in with another login
second-due = The company’s owner demands a sign-in with a code. It takes a minute: add a key to your authenticator app and type the code it shows. Everything else opens right after that.
second-ask-confirm =
    1. Open your authenticator app and add this key by hand:

    <code>{ $key }</code>

    2. Send the six digits that it shows.
second-codes =
    ✅ Sign-in with a code is on.

    Recovery codes for the day on which the phone with the app is lost. Each works once. Keep them elsewhere than on the phone: they are not shown again.

    { $codes }
second-kept = Kept, go on
second-ask-off = To turn it off, type a code of the app, or a recovery code.
second-is-off = Sign-in with a code is off
second-wrong = The code does not fit. See that the phone’s clock is right, and type the code that the app shows now
second-wait = Too many wrong codes. Try again { $until }
second-over = Too many wrong codes. Sign in again
second-none = Sign-in with a code is not on
second-demanded = The company’s owner demands a code of everybody: it cannot be turned off
second-broken = The key of your sign-in with a code cannot be read. Use a recovery code, or ask an owner to reset it
second-ask-reset = Reset this member’s sign-in with a code? Their sessions end, and a password is enough again; if you demand a code of everybody, they set it up anew. All owners see the record of it.
second-reset-now = Reset
second-reset-done = Sign-in with a code was reset
