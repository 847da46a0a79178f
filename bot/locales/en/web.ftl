# Pages a browser sees.
web-oauth-title = Connecting amoCRM
web-oauth-done = amoCRM is connected: { $name }. Go back to Telegram: contacts are already loading.
web-oauth-refused = Access was not given. Go back to Telegram and connect amoCRM again when you are ready.
web-oauth-failed = It could not be connected. Go back to Telegram and connect amoCRM again.
