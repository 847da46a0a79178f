mailbox-title = <b>📧 E-mail for alarms</b>
mailbox-none = You can add your e-mail here. It gets what cannot wait: a campaign stands still, a channel or the CRM no longer answers, somebody guesses at a password. That helps when Telegram itself does not open for you.
mailbox-stands = Alarms come to this chat and to <b>{ $address }</b>.
mailbox-waits = The address <b>{ $address }</b> is not confirmed yet: type the code from the mail by the button below. If there is no mail, look into the spam folder and at the address, and ask for a new code.
mailbox-add = Add an e-mail
mailbox-type-code = Type the code
mailbox-change = Another address or a new code
mailbox-remove = Mail nothing
mailbox-removed = Nothing will be mailed any more
mailbox-ask-address = Which address should alarms go to? Send it as one message. A code goes there, so that we know it is yours.
mailbox-ask-code = A code was mailed to <b>{ $address }</b>. Send it here: it works for { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
 }.
mailbox-other-address = Another address
mailbox-again = Mail a new code
mailbox-confirmed = The e-mail is confirmed
mailbox-no-address = This does not look like an e-mail address. Write it like this: anna@example.com
mailbox-too-often = There were too many codes today. The next one can be asked for { $until }
mailbox-wrong = The code does not fit. Tries left: { $left }
mailbox-no-code = This code works no more: its time is over, or it was mistyped too often. Ask for a new one.
mailbox-mail-subject = Code { $code } to confirm your e-mail
mailbox-mail-body =
    Your code: { $code }

    Type it in the chat with the bot. It works for { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.

    If you did not ask for it, just delete this mail: without the code nothing else will come here.
mailbox-alarm-subject = { $company }: { $what }
mailbox-alarm-open = Open the bot: https://t.me/{ $bot }
mailbox-alarm-body =
    { $text }

    —
    { $company }. { $open }
    You get this because you named this address for alarms. To stop it: Settings → Sessions → E-mail for alarms.
