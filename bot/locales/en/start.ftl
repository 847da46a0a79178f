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
start-help-begin = Where to begin
start-help-begin-text =
    The order is: a bot for customers → contacts → a template → approval → a campaign. What is left is behind “First steps” in the menu.

    <b>The bot for customers</b> is a bot of its own that writes in the company’s name. @BotFather gives its token, the owner connects it: “Settings” → “Channels”.

    <b>An approver</b> is a colleague who looks at templates and campaigns. Nobody approves their own work, so there must be two of you at least.
start-help-contacts = Contacts
start-help-contacts-text =
    <b>A file.</b> Send Excel, CSV or vCard here: the bot finds the columns and shows what will come of it before anything is loaded.

    <b>A CRM.</b> “Settings” → “CRM”: contacts are loaded and kept up to date.

    <b>Finding somebody.</b> Type a name, a phone or its last digits, at any time.

    You can write to those who started the company’s bot. Give customers its link on your site, on a receipt or in person: it is on the contact’s card.
start-help-segments = Segments
start-help-segments-text =
    A segment is a condition: “tag = vip and last visit in the last 90 days”. Who matches is worked out anew at every launch.

    Build it with buttons or write it in one line. Examples are behind “How to write conditions” on the segment’s card.

    A campaign begins right from the segment’s card: “📣 Campaign”.
start-help-templates = Templates
start-help-templates-text =
    A template is a text with variables: <code>{"{{"} first_name | default: "friend" {"}}"}</code> becomes the customer’s name. A button inserts variables. You can begin with a ready text.

    <b>Advertising</b> goes only to those who agreed, and must name the advertiser and a way to opt out. <b>Service</b> messages are about an order, an appointment, a delivery.

    “Check” shows errors and who would not get it, “Send me a test” sends it to you.
start-help-campaigns = Campaigns
start-help-campaigns-text =
    A campaign is a template, an audience, a channel and a time. The bot asks for what is missing.

    1. <b>Forecast</b>: how many people will get it, and why not all.
    2. <b>Submit for approval</b>: a colleague sees the message, the audience and the number of recipients.
    3. <b>Launch</b>: to avoid a slip, the bot asks you to type the number of recipients.

    While it is being sent you can pause or stop it; progress and results are on the campaign’s card.
start-help-consent = Consent and opting out
start-help-consent-text =
    Advertising goes only to people who agreed. The company’s bot asks for consent and keeps the evidence: the question, the answer and the time.

    <b>An opt-out</b> holds at once and everywhere: by the word “stop”, by the button under a message, by your button “🚫 Unsubscribe”. Whoever opted out is not written to even if a file or the CRM brings them again. Only they can come back.

    People the company does not want to disturb go to “Contacts” → “Stop-list”.
start-help-trouble = When something is wrong
start-help-trouble-text =
    <b>Nobody gets it.</b> Open the campaign’s “Forecast”: it names the reasons. Most often people have not started the bot or have not agreed to advertising.

    <b>Nothing is sent.</b> The menu says whether the licence is valid and the channels work.

    <b>The wrong thing went out.</b> Tap “Pause” on the campaign’s card: no new messages go.

    <b>A lost phone.</b> From any phone, tap “My phone is lost”: the bot ends your sessions and pauses your campaigns.

    To stop answering, send /cancel; /menu leads back.

start-steps-menu = First steps · { $done } of { $all }
start-steps =
    <b>First steps</b> — { $done } of { $all }

    { $lines }
start-steps-done = All done. The rest is in the menu.
start-step-done = ✅ <s>{ $step }</s>
start-step-open = ▫️ { $step }
start-step-owners = ▫️ { $step } — <i>the owner does this</i>
start-step-bot = Connect a bot for customers
start-step-advertiser = Name the advertiser
start-step-contacts = Load contacts
start-step-approver = Invite an approver
start-step-template = Prepare the first template
start-step-campaign = Launch the first campaign
