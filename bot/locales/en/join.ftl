join-offer =
    <b>{ $account }</b> invites you. Your role is <b>{ $role }</b>: { $about }.

    What is your name? Your colleagues will see it.
join-login =
    Choose a login: 3 to 32 characters, Latin letters, digits and . _ - @

    You will need it to sign in from another phone.
join-password =
    Choose a password: at least { $min } { $min ->
        [one] character
       *[other] characters
    }. The bot deletes the message with the password at once.
join-again =
    { $sentence }

    Please try again.
join-invalid =
    <b>The invitation is not valid</b>

    It was used, withdrawn or has expired. Ask the owner for a new one.
