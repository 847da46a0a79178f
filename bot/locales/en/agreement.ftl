agreement-button = Agreement
agreement-title = <b>📄 Agreement</b>
agreement-none = The licensor has published no text: there is nothing to accept.
agreement-owed = ⚠️ Read and accept: no new campaign is launched before. Campaigns under way, opt-outs and exports work.
agreement-owed-owner = ⚠️ A text waits for an owner of the company: no new campaign is launched before they accept it.
agreement-all-accepted = Whatever is in force is accepted.
agreement-document-agreement = Licence agreement
agreement-document-privacy = Policy of personal data
agreement-version = { $name }, version { $version }
agreement-line-accepted = Version { $version } of { $from }: accepted { $when }, { $who }
agreement-line-waits = Version { $version } of { $from }: ⚠️ not accepted
agreement-line-ahead = Version { $version } holds from { $from }: not accepted yet
agreement-line-accepted-ahead = Version { $version } holds from { $from }: accepted { $when }, { $who }
agreement-read-ahead = New version: { $name }
agreement-read-waits = ⚠️ { $name }
agreement-page-title = <b>{ $name }</b>, in force from { $from }
agreement-file-button = 📎 As a file
agreement-file =
    { $name }

    SHA-256: <code>{ $hash }</code>
agreement-to-text = To the text
agreement-changes-button = What changed
agreement-changes =
    <b>{ $name }: what changed</b>
    Since the accepted version { $before }. Struck out: removed; bold: added.

    { $body }
agreement-same = The text is the same.
agreement-accept = ✅ I accept for the company
agreement-accepted-now = Accepted: version { $version }
agreement-another = The text is another one now: read it once more
agreement-history-button = History as a file
agreement-history =
    Accepted versions: { $count }
agreement-history-name = Agreement, history.xlsx
agreement-sheet = History
agreement-head-document = Document
agreement-head-version = Version
agreement-head-when = Accepted
agreement-head-who = Who
agreement-head-login = Login
agreement-head-language = Language
agreement-head-messenger = Messenger
agreement-head-chat = Chat
agreement-head-hash = SHA-256 of the text
