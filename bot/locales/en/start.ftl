start-welcome =
    <b>Messaging with consent, right from Telegram</b>

    Here a company’s people prepare templates, choose recipients and launch campaigns. Each message goes once, and only to those who agreed to receive it.

    To begin, sign in. If you have no login yet, ask the owner for an invitation.
start-login = Sign in
start-lost-phone = My phone is lost
start-languages = Which language should we speak?
start-language-set = English it is.
start-help =
    <b>Help</b>

    Everything is done by the buttons under messages: the screen changes in place. When the bot asks something, just write the answer or send a file. “Back” or /cancel stops the input.

    { $commands }
