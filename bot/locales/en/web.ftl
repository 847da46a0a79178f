# Pages a browser sees.
web-oauth-title = Connecting { $crm }
web-oauth-done = { $crm } is connected: { $name }. Go back to Telegram: contacts are already loading.
web-oauth-refused = Access was not given. Go back to Telegram and connect { $crm } again when you are ready.
web-oauth-failed = It could not be connected. Go back to Telegram and connect { $crm } again.
