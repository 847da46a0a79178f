# Words all screens share.
back = ‹ Back
to-menu = ☰ Menu
cancel = Cancel
open = Open

button-outdated = This button is outdated. Here is a fresh screen.
gone = It is not there any more: it may have been deleted or begun anew.
forbidden = Your role does not allow this.
failed = That did not work: an error on the server. Please try again in a minute.
slow-down = Too many messages. Please try again in a few seconds.
words-needed = Words are needed here. Please answer with a text.
not-asked = I wasn’t expecting an answer. Choose what to do:
slip-token = This looks like a token or an access key, and none is needed now. The bot deleted the message and sent it to nobody. If anybody else may have seen it, replace the token. If it is the number or the code of an order, write it together with words.
slip-password = This is a password, and none is needed now. The bot deleted the message.

command-menu = Main menu
command-login = Sign in
command-logout = Sign out
command-cancel = Cancel input
command-language = Language
command-help = Help
command-unknown = There is no such command. Everything you can do is in the menu.

when-today = today { $time }
when-yesterday = yesterday { $time }
when-tomorrow = tomorrow { $time }

role-owner = Owner
role-manager = Manager
role-approver = Approver
role-viewer = Viewer
role-owner-about = everything, including members, channels and settings
role-manager-about = contacts, templates and campaigns; cannot approve
role-approver-about = approves colleagues’ templates and campaigns
role-viewer-about = sees everything, changes nothing

password-short = The password is too short: at least { $min } { $min ->
    [one] character
   *[other] characters
}.
password-long = The password is too long: at most { $max } { $max ->
    [one] character
   *[other] characters
}.
password-holds-login = The password must not contain the login.
password-holds-company = The password must not contain the company’s name.
password-common = This password is too simple: it is easy to guess. Use three or four unrelated words.

account-login-taken = This login is taken. Choose another.
account-login-bad = A login has 3 to 32 characters: Latin letters, digits and . _ - @
account-name-bad = A name has 1 to 100 characters.
account-password-wrong = Wrong password.
account-password-same = This is your current password. Choose another one.
account-no-approvals = Your password was changed by a link that somebody else made. You can approve again from { $until }.
account-wait = Too many attempts. Please try again after { $time }.
account-last-owner = This is the only owner: make somebody else an owner first.
account-invitation-invalid = The invitation is not valid: it was used, withdrawn or has expired.
load-campaigns = The company has { $used } campaigns at work, and { $allowed } may be at a time. Wait for one to end, or stop one you do not need.
load-files = The company’s files take up { $used } of { $allowed } MB. Cancel imports you do not need: their files go first, the others when their time of keeping ends. Another plan may have more room.
load-from-crm = A CRM may hand over up to { $allowed } messages within an hour.
account-suspended = The licensor closed access: { $reason }
account-limit-members = The plan “{ $plan }” includes up to { $allowed } { $allowed ->
    [one] member
   *[other] members
}.
account-limit-channels = The plan “{ $plan }” includes up to { $allowed } { $allowed ->
    [one] channel
   *[other] channels
}.
account-limit-contacts = The plan “{ $plan }” includes up to { $allowed } { $allowed ->
    [one] contact
   *[other] contacts
}.
account-limit-people = With the plan “{ $plan }” campaigns write to up to { $allowed } { $allowed ->
    [one] person
   *[other] people
} a month.
account-limit-messages = The plan “{ $plan }” includes up to { $allowed } { $allowed ->
    [one] message
   *[other] messages
} a month.

setting-zone-bad = I don’t know that time zone. Write a city (Novosibirsk) or Asia/Novosibirsk.
setting-region-bad = I don’t know that country. Write its name (Russia) or two Latin letters (RU).
setting-grade-bad = Advertising needs evidence of consent: grade A, B or C.
setting-cap-bad = Write a time of up to 30 days, for example “a day”, “2 days” or “36 hours”. 0 is no pause.
setting-session-bad = A session lasts 1 to 365 days.
setting-advertiser-bad = The advertiser’s name has 1 to 200 characters.

money-free = free
money-nothing = 0
money-unset = no price is set
money-and-unset = { $known } and { $count } { $count ->
    [one] message
   *[other] messages
} without a price
money-between = { $best } at best, { $worst } at worst
price-every-country = every country
price-other-countries = other countries
price-marketing = advertising
price-utility = service
price-authentication = sign-in codes
price-service = answers

day-nonsense = This is no date. Write the day with its year, such as 28.11.2026, or “yesterday”, “today”.
day-ahead = { $day } is still to come: a day is needed that is not after today.
day-long-ago = { $day } is more than a year ago. Check the year: a day is needed that is not older than a year.
day-too-early = Before { $day } there were no companies in Russia: nobody could have signed such a paper. Check the year.
