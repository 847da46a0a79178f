# Pages a browser sees.
web-oauth-title = Connecting { $crm }
web-oauth-done = { $crm } is connected: { $name }. Go back to Telegram: contacts are already loading.
web-oauth-refused = Access was not given. Go back to Telegram and connect { $crm } again when you are ready.
web-oauth-failed = It could not be connected. Go back to Telegram and connect { $crm } again.
web-form-title = Messages from { $company }
web-form-name = Your name
web-form-phone = Phone
web-form-send = Continue
web-form-note = These are two different consents, and you may give neither. The form alone means nothing: confirm it in the messenger in the next step. You can leave at any time: write “stop”.
web-form-confirm = Confirm in { $messenger }
web-form-confirm-how = Open the chat of { $company } by the link or the code and press “Start”. Without that no consent is given, and what you typed is erased in a week.
web-form-bad-name = Write a name of 1 to { $most } characters.
web-form-bad-phone = This phone cannot be read. Write it with its code, such as +7 916 123-45-67.
web-form-not-agreed = Without the consent to personal data we may keep nothing.
web-form-too-many = Too many forms wait now. Try again in an hour.
