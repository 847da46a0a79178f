password-change = Change password
password-changed = The password is changed, the other sessions are ended.
password-ask-old =
    Enter your current password.

    The bot deletes the message at once.
password-ask-new =
    Now the new password: at least { $min } { $min ->
        [one] character
       *[other] characters
    }. Three or four unrelated words work well.

    The bot deletes the message at once; your other sessions will end.
password-ask-due =
    <b>A new password is needed</b>

    Somebody else may know the old one, or the phone was lost. Nothing else is available until it is changed.

    Enter the new one: at least { $min } { $min ->
        [one] character
       *[other] characters
    }. The bot deletes the message at once.
password-by-link =
    <b>{ $account }</b>
    A new password for the login <code>{ $login }</code>.

    Enter it: at least { $min } { $min ->
        [one] character
       *[other] characters
    }. The bot deletes the message at once, former sessions end. You can approve again in { $hours } { $hours ->
        [one] hour
       *[other] hours
    }.
password-again =
    { $sentence }

    Please try again.
password-link-invalid =
    <b>The link is not valid</b>

    It was used, replaced by a newer one, or has expired. Ask the owner for another.
