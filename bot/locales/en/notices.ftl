notices-campaign-submitted = 📝 The campaign “{ $name }” waits for approval.
notices-campaign-approved = ✅ The campaign “{ $name }” is approved.
notices-campaign-returned =
    ↩️ The campaign “{ $name }” was returned.

    { $comment }
notices-campaign-finished = 🏁 The campaign “{ $name }” is finished.
notices-campaign-stopped = ⏹ The campaign “{ $name }” is stopped.
notices-campaign-failed = ⚠️ The campaign “{ $name }” could not go on.
notices-campaign-paused = ⏸ The campaign “{ $name }” is paused.
notices-template-submitted = 📝 The template “{ $name }” waits for approval.
notices-template-approved = ✅ The template “{ $name }” is approved.
notices-template-returned =
    ↩️ The template “{ $name }” was returned.

    { $comment }
notices-customer-answered =
    💬 <b>{ $name }</b>

    { $text }
notices-channel-stopped = ⚠️ The channel “{ $name }” is stopped: the provider refuses it. Please check its settings.
notices-crm-reauth = ⚠️ The CRM “{ $name }” no longer lets us in. Please connect it again.
notices-crm-held = ⚠️ The CRM “{ $name }” does not answer as it should: the sync is put off, we will try again by ourselves. The reason is on the CRM’s card.
notices-import-done = 📥 The import is done.
notices-member-locked = 🔒 The login <code>{ $login }</code> is locked: too many wrong passwords.
notices-licence-ending = ⚠️ The licence is valid until { $until }. After that nothing is sent.
