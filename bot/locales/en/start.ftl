start-welcome =
    <b>Messages to your customers, right from Telegram</b>

    Here a company’s people prepare templates, choose recipients and launch campaigns. Everybody gets a message once, and only with their consent.

    To begin, sign in. If you have no login yet, ask the owner for an invitation.
start-login = Sign in
start-lost-phone = My phone is lost
start-languages = Choose a language
start-language-set = Done: English.
start-help =
    <b>Help</b>

    Everything is done with the buttons under messages. When the bot asks something, write the answer or send a file. To change your mind, tap “Back” or send /cancel.

    { $commands }
