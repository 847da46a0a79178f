settings-card =
    <b>Company</b>

    Name: { $name }
    Time zone: { $zone }
    Customers’ language by default: { $language }
    Phones without a country code: { $region }

    Advertiser: { $advertiser }
    Advertising needs consent no weaker than: { $grade }
    Pause between advertising messages to one person: { $cap }
    A session ends by itself: after { $idle } without use, and after { $longest } at the latest
settings-held =
    ⛔ <b>Advertising has been on hold since { $since }.</b> The database was restored from a backup, and nobody knows who said stop after it. { $unread ->
        [none] Every connected CRM has been read since.
       *[some] Not read yet: { $names }. Resume or disconnect a paused CRM.
    }
settings-held-go = Allow advertising
settings-held-ask =
    <b>Allow advertising?</b>

    Whoever said stop after the backup, with no record of it elsewhere, will get advertising again. If opt-outs are noted elsewhere (by your staff, in the CRM), enter them first.
settings-held-yes = Yes, allow it
settings-held-unread = The CRM has to be read first: { $names }. Wait for the sync to end, or log in to the CRM again.
settings-held-done = Advertising is allowed.
settings-name = Name
settings-zone = Time zone
settings-region = Default phone country
settings-advertiser = Advertiser
settings-advertiser-none = not given; an advertising template will not pass the check without it
settings-grade = Consent grade
settings-cap = Ad frequency
settings-language = Customers’ language
settings-sessions = Sessions
settings-days = { $count } { $count ->
    [one] day
   *[other] days
}
settings-session-idle = Without use: { $days }
settings-session-longest = In all: { $days }
settings-sessions-card =
    <b>When does a session end by itself?</b>

    “Without use”: when a member has not opened the bot for so many days. “In all”: so many days after the sign-in, even if it is used every day. Then login and password are needed.

    A code at sign-in is a second step after the password: six digits of an app. Whoever has not set it up does so at their next action.
settings-wordings = Consent texts
settings-saved = Saved.
settings-other = Other…
settings-grade-a = A — given in the chat with the bot
settings-grade-b = B — a signed document
settings-grade-c = C — a CRM field with author and time
settings-grade-d = D — stated by the owner
settings-cap-none = no pause
settings-cap-no = none
settings-cap-day = a day
settings-cap-weeks = { $weeks ->
    [1] a week
    [one] { $weeks } week
   *[other] { $weeks } weeks
}
settings-cap-hours = { $hours } { $hours ->
    [one] hour
   *[other] hours
}
settings-zones =
    <b>Time zone</b>

    Now: { $zone }. Campaigns start by it, and times are shown in it.
settings-grades =
    <b>Which consent does advertising need?</b>

    The higher the grade, the better the evidence. Contacts with weaker consent get no advertising.
settings-caps =
    <b>Pause between advertising messages</b>

    This much time passes before the same person gets the next advertising message. Service messages are not affected.
settings-languages =
    <b>Customers’ language</b>

    The bot speaks it with customers whose language is not known.
settings-ask-name = Write the company’s name. Members and customers will see it.
settings-ask-zone = Write a city, for example <code>Novosibirsk</code>, or the difference, for example <code>UTC+5</code>.
settings-ask-region = Write a country, for example <code>Russia</code>. Numbers without a country code are taken for numbers of that country.
settings-ask-advertiser = Write who advertises: name and tax number. Advertising messages must carry this line.
settings-ask-cap = How much time must pass between advertising messages to one person? For example: <code>a day</code>, <code>2 days</code>, <code>a week</code>, <code>36 hours</code>. 0 is no pause, 30 days the most.
settings-again =
    { $sentence }

    Please try again.
settings-purpose-personal-data = Personal data
settings-purpose-marketing = Advertising
settings-wordings-title =
    <b>Consent texts</b>

    The customer sees them before agreeing. Each edit is a new version: consents given before stay with theirs.
settings-wording-line = { $purpose } · { $language } · version { $version }
settings-wording-line-default = { $purpose } · { $language } · standard
settings-wording =
    <b>{ $purpose } · { $language }</b>
    Version { $version } since { $since }

    { $body }
settings-wording-default =
    <b>{ $purpose } · { $language }</b>
    Standard text

    { $body }
settings-wording-edit = Edit
settings-wording-length = The text has 1 to { $max } { $max ->
    [one] character
   *[other] characters
}.
settings-ask-wording =
    <b>{ $purpose } · { $language }</b>

    Write the new text of the question. Below it are the buttons “Agree” and “Decline”.
settings-prices = Message prices
settings-prices-title =
    <b>Message prices</b>

    The cost of a campaign, in its forecast and its report, is counted by them. A price of your own holds from the day on which it is set. Monthly fees are not in them.
settings-prices-of = <b>{ $messenger }</b>
settings-prices-line = { $category }: { $prices }
settings-prices-button = { $messenger } · { $category }
settings-price-card = <b>Price of a message · { $messenger } · { $category }</b>
settings-price-own = Your company's prices:
settings-price-own-line = • { $country }: { $price }, since { $since }
settings-price-own-none = You have set no price of your own.
settings-price-known = Known on { $day }{ $confirmed ->
    [yes] { "" }
   *[no] , but not confirmed by the messenger itself
}:
settings-price-known-line = • { $country }: { $price }
settings-price-known-none = Nothing else is known of a price{ $own ->
    [yes] .
   *[no] : until you set one, no price is set.
}
settings-price-set = Set a price
settings-price-clear = Remove own prices
settings-ask-price =
    <b>{ $messenger } · { $category }</b>

    Type what one message costs, with the currency: <code>0.86 RUB</code>. If the price is for one country, begin with it: <code>Kazakhstan 3.5 KZT</code>. If it costs nothing: <code>free</code>.
settings-price-bad-amount = The amount is not clear. Type one number, with up to six digits after the point.
settings-price-bad-too-much = One message costs no more than ten thousand.
settings-price-bad-currency = The currency is not clear. Type a number with one currency: €, ₽ or a code, such as KZT.
settings-price-bad-country = There is no such country. Type its name or two letters: Kazakhstan, KZ.
settings-second-factor = Demand a code at sign-in of everybody
settings-second-own-first = First turn on a sign-in with a code for yourself: Settings → Sessions → Sign-in with a code
settings-logo = The logo may be shown
