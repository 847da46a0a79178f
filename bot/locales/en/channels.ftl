channels-menu = Channels
channels-title = <b>Channels</b> — { $count }
channels-none =
    <b>No channels yet</b>

    A channel is your company’s bot that writes to customers in Telegram, MAX, WhatsApp, Viber, VK or through Wazzup. Connect it here.
channels-add = Connect a bot
channels-card =
    <b>{ $name }</b>
    { $handle } · { $messenger }

    { $state }
    { $speed }
    Connected { $since }
channels-state-active = 🟢 Working
channels-state-held = 🟡 { $messenger } asks to wait until { $until }; sending then continues by itself
channels-state-cut = 🔴 { $messenger } has not answered since { $since }: messages wait and go by themselves when it is back
channels-state-paused = ⏸ Paused: nothing is sent, opt-outs are accepted
channels-state-awaits = ⏳ Waiting: { $messenger } has not accepted our server’s address yet and sends nothing before that. The address is given by itself, and sending begins by itself. If this lasts more than ten minutes, ask whoever runs the server to check http.public_url: it must open from the internet by https with an ordinary certificate.
channels-state-deaf = 🔴 Does not hear people: { $messenger } does not pass on what they write ({ $reason }). So that nobody whose “stop” was not heard is written to, the channel sends nothing. We keep trying, and sending goes on by itself. If this lasts more than ten minutes, ask whoever runs the server to check http.public_url: it must open from the internet by https with an ordinary certificate, and no other program may use the same bot.
channels-state-contested = 🔴 Does not hear people: another program keeps taking the webhook of the key, it leads to { $host } now. So that nobody whose “stop” was not heard is written to, the channel sends nothing. A key has one webhook: disconnect that program from it, and sending goes on by itself. If you need both, make another key and tap “New token”.
channels-qr-button = QR code
channels-qr =
    <b>{ $name }</b>
    { $link }
channels-qr-form =
    The form of both consents, for a site or an advertisement:
    { $form }
    A person fills it and confirms it in this chat; before that there is no consent.
channels-qr-pdf = PDF to print
channels-qr-svg = SVG
channels-qr-back = To the channel
channels-qr-title = { $name }: { $messenger }
channels-qr-how = Point your phone’s camera at the code and press “Start” in the chat that opens. You can leave at any time: write “stop”.
channels-entry = Link to the bot: <code>{ $link }</code>
channels-state-misconfigured =
    { $kind ->
        [viber]
            { $code ->
                [2] ⚠️ Stopped: Viber does not accept the bot’s token ({ $reason }). Tap “New token” and send the one in force.
                [7] ⚠️ Stopped: Viber blocked the bot ({ $reason }). Write to Viber’s support; when the bot is back, tap “Resume”.
                [9] ⚠️ Stopped: Viber suspended the bot ({ $reason }). Write to Viber’s support; when the bot is back, tap “Resume”.
                [19] ⚠️ Stopped: Viber does not let this bot send to many ({ $reason }). Ask Viber to allow the bot broadcasts and tap “Resume”.
                [20] ⚠️ Stopped: Viber does not let this bot send to many ({ $reason }). Ask Viber to allow the bot broadcasts and tap “Resume”.
                [23] ⚠️ Stopped: the bot’s free messages of this month are used up ({ $reason }). Move to paid terms at Viber, or wait for the first of the month and tap “Resume”.
                [24] ⚠️ Stopped: the bot’s balance at Viber is empty ({ $reason }). Top it up and tap “Resume”.
               *[other] ⚠️ Stopped: Viber does not let us send ({ $reason }). Put it right in the bot’s console and tap “Resume”.
            }
        [wazzup]
            { $word ->
                [qr] ⚠️ Stopped: the phone is no longer linked to Wazzup. Open the channel in your Wazzup account and scan the QR code. Sending goes on by itself.
                [qridle] ⚠️ Stopped: the phone is no longer linked to Wazzup. Open the channel in your Wazzup account and scan the QR code. Sending goes on by itself.
                [phoneunavailable] ⚠️ Stopped: the channel’s phone is offline. Turn it on and check its internet. Sending goes on by itself.
                [openelsewhere] ⚠️ Stopped: the messenger is open somewhere else. Close it there or link the channel again in your Wazzup account. Sending goes on by itself.
                [notenoughmoney] ⚠️ Stopped: the channel at Wazzup is not paid for. Pay in your Wazzup account. Sending goes on by itself; if it does not, tap “Resume”.
                [channelnomoney] ⚠️ Stopped: the channel at Wazzup is not paid for ({ $reason }). Pay in your Wazzup account and tap “Resume”.
                [balanceisempty] ⚠️ Stopped: the WABA balance at Wazzup is empty ({ $reason }). Top it up and tap “Resume”.
                [disabled] ⚠️ Stopped: the channel is switched off in your Wazzup account. Switch it on there. Sending goes on by itself.
                [channelblocked] ⚠️ Stopped: the channel is switched off in your Wazzup account ({ $reason }). Switch it on there and tap “Resume”.
                [messagesnottextfirst] ⚠️ Stopped: the Wazzup tariff does not let you write first ({ $reason }). Change the tariff in your Wazzup account and tap “Resume”.
                [messagesisspam] ⚠️ Stopped: the messenger took the messages for spam ({ $reason }). Before you tap “Resume”, make campaigns rarer and smaller: the number may be blocked.
                [spam] ⚠️ Stopped: the messenger took the messages for spam ({ $reason }). Before you tap “Resume”, make campaigns rarer and smaller: the number may be blocked.
                [blocked] ⚠️ Stopped: the messenger blocked the channel. Wazzup’s support will tell what to do.
                [channelrejected] ⚠️ Stopped: the messenger blocked the channel ({ $reason }). Wazzup’s support will tell what to do.
                [channelwapirejected] ⚠️ Stopped: the messenger blocked the channel ({ $reason }). Wazzup’s support will tell what to do.
               *[other] ⚠️ Stopped: Wazzup does not let us send ({ $reason }). Check the channel in your Wazzup account and tap “Resume”.
            }
        [whatsapp]
            { $word ->
                [disable] ⚠️ Stopped: Meta disabled the WhatsApp account. Appeal in Meta’s console (“Account quality”). When the account is back, sending goes on by itself.
                [schedulefordisable] ⚠️ Stopped: Meta warns that it will disable the WhatsApp account. See why in Meta’s console (“Account quality”), put it right and tap “Resume”.
                [accountviolation] ⚠️ Stopped: Meta tells of a violation of its rules ({ $reason }). See it in Meta’s console (“Account quality”), mend the campaigns and tap “Resume”.
                [accountrestriction] ⚠️ Stopped: Meta restricted the WhatsApp account ({ $reason }). Meta’s console (“Account quality”) says until when; then tap “Resume”.
                [accountdeleted] ⚠️ Stopped: the WhatsApp account is deleted at Meta. Connect another number.
                [flagged] ⚠️ Stopped: people complain about the number and block it, and Meta flagged it for low quality. Make campaigns rarer and more useful. When Meta lifts the flag, sending goes on by itself; before that, by “Resume”.
               *[other] ⚠️ Stopped: { $messenger } does not let us send ({ $reason }). Put it right in Meta’s console and tap “Resume”.
            }
        [vk] ⚠️ Stopped: { $messenger } does not let us send ({ $reason }). Put it right in the community’s settings and tap “Resume”.
       *[other] ⚠️ Stopped: { $messenger } does not accept the bot’s token ({ $reason }). Check the token and tap “Resume”.
    }
channels-state-managers = ⚠️ Stopped: this is the members’ own bot, it does not answer customers. Remove the channel and connect another bot.
channels-state-removed = Removed
channels-speed-free =
    { $kind ->
        [telegram] Speed: the fastest Telegram allows, up to { $rate } messages a second
       *[other] Speed: the usual one, up to { $rate } messages a second
    }
channels-speed-slow = Speed: one message in { $seconds } s at most
channels-speed-found = Speed: found out by itself, now { $rate } a second, { $most } at most
channels-speed-own = Speed: up to { $rate } a second
channels-open =
    { $kind ->
        [whatsapp] Open the chat
        [vk] Open the chat
        [wazzup] Open the chat
       *[other] Open the bot
    }
channels-pause = Pause
channels-paused = The channel is paused.
channels-resume = Resume
channels-resumed = The channel is active again.
channels-speed = Speed
channels-token = New token
channels-token-replaced = The new token is accepted, the old one is no longer needed.
channels-remove = Remove
channels-removed = The channel is removed.
channels-configured = Saved.
channels-which = <b>Where will the bot for customers be?</b>
channels-ask-token =
    { $kind ->
        [whatsapp] <b>Send Meta’s token</b>
        [vk] <b>Send the community’s access token</b>
        [wazzup] <b>Send the Wazzup API key</b>
       *[other] <b>Send the bot’s token</b>
    }

    { $kind ->
        [viber]
            A bot in Viber costs money: a company applies for it, pays for it each month, and pays for each message that the company writes first. Viber tells the prices. In Russia Viber is blocked.

            1. Apply for a bot at creators.viber.com and wait until it is opened.
            2. In the bot’s console open “Edit info”.
            3. Copy the token (app key) here: it looks like <code>4f0c1d2e3a4b5c6d-…</code>
        [whatsapp]
            Four values from Meta’s console are needed, one in a message. The number you will write from must not be in use in the WhatsApp app.

            1. At developers.facebook.com make an app and add WhatsApp to it.
            2. At business.facebook.com open “Settings” → “Users” → “System users”, make an admin and give it your app and your WhatsApp account.
            3. Tap “Generate token”, tick whatsapp_business_messaging and whatsapp_business_management, expiry “Never”, and send the token here. It begins with <code>EAA…</code>
        [vk]
            1. Open the community → “Управление” (manage) → “Дополнительно” (more) → “Работа с API” (API usage) → “Ключи доступа” (access tokens) and tap “Создать ключ” (create).
            2. Tick community management, community messages, photos, documents. Copy the token here: it looks like <code>vk1.a.…</code>
            3. In “Управление” → “Сообщения” (messages) turn community messages on, and bots in “Настройки для бота” (bot settings): without them no buttons are shown.
        [wazzup]
            Wazzup is a paid service: one key opens all of its channels, WhatsApp, Telegram, Viber, VK, MAX, Avito and Instagram. Campaigns from an ordinary WhatsApp number or a personal Telegram go slowly and are not welcome there: the number may be blocked.

            1. Open your Wazzup account → “Integrations” → “API” and make a key. If another program works by that key, make a separate one: Wazzup brings customers’ messages to one program only.
            2. Copy the key here: it looks like <code>0a1b2c3d4e5f…</code> If the integration has a crmKey, send it in the same message after a space.
            3. Choose the channels you need here.
        [max]
            1. Open business.max.ru and sign in for the company. In MAX, Russian legal entities, sole proprietors and the self-employed may have a bot.
            2. “Чат-боты” (chat bots) → make a bot and wait until it is checked, two days as a rule.
            3. In the bot’s menu open “Настройки” (settings) and copy the token here.
       *[telegram]
            1. Open @BotFather and send /newbot.
            2. Choose a name: customers will see it.
            3. Copy the token here: it looks like <code>7000000001:AAE…</code>
    }

    The bot deletes the message with the token at once; the token is kept encrypted.
channels-ask-new-token =
    <b>A new token for { $handle }</b>

    { $kind ->
        [whatsapp] Make it at business.facebook.com: “Settings” → “System users” → “Generate token”. If you changed the app secret, send that.
        [viber] Take it in the bot’s console: “Edit info” → app key.
        [vk] Make it in the community: “Управление” (manage) → “Дополнительно” (more) → “Работа с API” → “Ключи доступа” (access tokens), with the same rights.
        [max] Take it at business.max.ru: “Чат-боты” (chat bots) → the bot → “Настройки” (settings).
        [wazzup] Make a key in your Wazzup account: “Integrations” → “API”. It is changed at once for all channels that were connected by the old one.
       *[telegram] Take it from @BotFather: /mybots → the bot → API Token.
    } The old one stops working, customers’ addresses stay.
channels-again =
    { $sentence }

    Please send the token again.
channels-not-a-token =
    { $kind ->
        [telegram] This does not look like a token: it has digits, a colon and a long run of Latin letters.
       *[other] This does not look like a token: it is a long run of Latin letters and digits without spaces.
    }
channels-token-refused = { $messenger } does not know this token. Copy the whole of it.
channels-cannot-send =
    { $kind ->
        [vk] VK knows this token but does not let it work: “{ $words }”. Make one with the rights to community management, messages, photos and documents.
       *[other] { $messenger } knows this token but does not let it send: “{ $words }”.
    }
channels-pick =
    <b>{ $messenger }: which channels to connect?</b> — { $count }

    ✅ connected · ➕ can be connected · ⚠️ does not work now
channels-picked = { $messenger } { $name } is connected.
channels-no-senders = { $messenger } knows this key, but there are no channels by it. Add one in your account there and send the key again.
channels-no-answer = { $messenger } does not answer right now.
channels-taken = This bot is connected already.
channels-managers-bot = This is the members’ own bot, the one you are using now. Customers need another one: make it with @BotFather and send its token.
channels-other-bot = This token belongs to another bot. To add that one, connect it as a new channel.
channels-bad-rate = This speed cannot be set.
channels-added =
    ✅ <b>{ $name }</b> is connected.

    { $kind ->
        [whatsapp] You can answer those who wrote to { $handle } themselves, within a day of their message. Campaigns go by templates that Meta approved: send a template for review from the campaign’s card. Put a link to the chat on your site and in your profile.

            ⚠️ So that we hear customers, open “WhatsApp” → “Configuration” in your app on developers.facebook.com and subscribe to the fields <code>messages</code>, <code>message_template_status_update</code>, <code>message_template_quality_update</code>, <code>template_category_update</code>, <code>user_preferences</code>, <code>business_capability_update</code>, <code>phone_number_quality_update</code> and <code>account_update</code>. Without <code>messages</code> no “stop” arrives.
        [viber] You can write to those who subscribed to { $handle } themselves: wrote to the bot or tapped “Start”. Put a link to the bot on your site, in your profile and in your correspondence. What is left is that Viber accepts our server’s address: the channel’s card shows it.
        [vk] You can write to those who wrote to { $handle } themselves or allowed messages. Put a link to the chat on your site, in the community’s header and in your correspondence.
       *[other] You can write to those who started { $handle } themselves. Put a link to the bot on your site, in your profile and in your correspondence.
    }
channels-to-card = Channel card
channels-people =
    <b>People a month</b>

    The tariff of { $messenger } limits how many people the channel writes to in a calendar month: 100 or 500, for instance. Your account there shows how many; we are not told. Choose your limit, and a campaign’s forecast shows how many new people fit into it.

    This month { $used } { $used ->
        [one] person was
       *[other] people were
    } written to. Whoever was written to already may be written to on. The count begins anew on the first.
channels-people-button = People
channels-people-most = { $most } a month
channels-people-any = No limit
channels-people-set = People a month: up to { $most }
channels-daily = New people within 24 hours: up to { $most }, other numbers of the same owner included
channels-speeds =
    <b>Sending speed</b>

    { $kind ->
        [telegram] Telegram’s free limit is 30 messages a second. Paid broadcast is faster: up to 1,000 a second, 0.1 star for each message above 30. It needs 10,000 stars on the bot’s balance.
        [whatsapp] WhatsApp takes up to 80 messages a second, those that come in among them. The usual speed is 60 a second, and to one person one in 6 seconds.
        [viber] Viber does not publish how many messages a second it takes. So the speed is found out by itself: it begins at 20 a second, grows little by little to 50 and falls after a refusal. Here you can set what it does not rise above. One person gets 100 messages an hour at most until they answer.
        [wazzup] Ordinary WhatsApp numbers and personal accounts: one message in 10 seconds, for faster ones are blocked. How many bots and communities take Wazzup does not publish, so their speed is found out by itself: it begins low, grows little by little and falls after a refusal. Here you can set what it does not rise above.
        [vk] VK takes 20 requests a second, each with up to 25 messages, and with up to 100 of the same text. So the usual speed is up to 500 messages a second and more, and to one person one a second.
       *[other] MAX takes up to 30 requests a second, but sometimes refuses at ten already. So the speed is found out by itself: it begins at 10 a second, grows little by little and falls after a refusal. Here you can set what it does not rise above.
    }
channels-speed-limit =
    { $kind ->
        [telegram] The fastest
        [max] Found out by itself
        [viber] Found out by itself
       *[other] The usual one
    }
channels-per-second = { $rate } a second
channels-paid-on = Turn paid broadcast on
channels-paid-off = Turn paid broadcast off
channels-ask-remove =
    <b>Remove the channel?</b> { $name }

    Sending stops, the token is deleted, and nobody can opt out through this bot. History and addresses stay: connect the same bot again and everything continues.
channels-remove-now = Yes, remove
channels-windowed =
    { $kind ->
        [wazzup_instagram] { $messenger } lets free text through only within seven days of a person’s message. So you can answer here, and campaigns through { $messenger } are not sent.
        [wazzup_waba] { $messenger } lets free text through only within a day of a person’s message. A campaign is always a template that Meta approved: make it in your Wazzup account word for word; a button on the campaign’s card finds it here.
       *[other] { $messenger } lets free text through only within a day of a person’s message. A campaign is always a template that Meta approved: send a template for review from the campaign’s card.
    }
channels-needs-address = { $messenger } brings customers’ messages only to your server’s address. Ask whoever runs it to set http.public_url (MMS_PUBLIC_URL), then connect the channel again.
channels-ask-value =
    { $field ->
        [number]
            <b>Next: the phone number ID</b>

            developers.facebook.com → your app → WhatsApp → “API Setup” → “Phone number ID”. It is not the number itself but digits like <code>204400112233445</code>
        [account]
            <b>Next: the WhatsApp Business account ID</b>

            It is on the same page, below the number: digits like <code>305500667788990</code>
        [secret]
            <b>Last: the app secret</b>

            developers.facebook.com → your app → “App settings” → “Basic” → “App secret” → “Show”. It has 32 digits and letters. It shows that customers’ messages come from WhatsApp.
       *[other] <b>Send the token again</b>
    }

    The bot deletes this message at once too; everything is stored encrypted.
channels-not-a-value =
    { $field ->
        [number] This does not look like a phone number ID: it has digits alone, no plus and no spaces.
        [account] This does not look like an account ID: it has digits alone.
        [secret] This does not look like an app secret: it has 32 characters, digits and letters from a to f.
       *[other] This does not look like a token: it is a long string of Latin letters and digits without spaces.
    }
channels-data-refused = { $messenger } did not accept this: “{ $words }”. Check that the token, number, account and secret are of the same app.
