licence-none =
    <b>No valid licence</b>

    Nothing is sent: campaigns wait, new ones do not start.
    Still working: customers’ opt-outs and consents, viewing, exports.

    To renew it, contact whoever sold you the product.
licence-card =
    <b>Licence: { $plan }</b>
    Valid { $until }
    { $days ->
        [one] { $days } day left
       *[other] { $days } days left
    }

    Members: { $members }
    Channels: { $channels }
    Contacts: { $contacts }
    Campaign messages this month: { $messages }

    When the licence ends, sending stops. Opt-outs, consents and exports keep working.
licence-of = { $used } of { $limit }
licence-of-any = { $used }, no limit
licence-through = through { $day }
licence-before = until { $time }
