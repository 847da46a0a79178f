access-button = What is closed and off
access-title = <b>🔒 What is closed and off</b>
access-nothing = Nothing: everything works.
access-sending = ⛔ <b>The licensor closed the sending of campaigns.</b> Opt-outs, answers to customers and exports work.
access-all = ⛔ <b>The licensor closed access.</b> Exports, opt-outs, erasure and support work.
access-why =
    Reason: { $reason }
    Document: { $document }
    Since { $since }
access-until = Until { $until }
access-switched-off = Switched off by the licensor:
access-line = • { $name }, since { $since }: { $reason }
access-off = Switched off by the licensor: { $name }. Reason: { $reason }
access-feature-channel = messenger { $messenger }
access-feature-crm = CRM { $crm }
access-feature-advertising = advertising
access-feature-inbox = conversations with customers
access-feature-imports = imports of contacts
access-feature-exports = exports as files
access-contacts = Contacts
access-campaigns = Campaigns
