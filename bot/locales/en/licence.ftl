licence-none =
    <b>No valid licence</b>

    Nothing is sent: campaigns wait, new ones do not start.
    Still working: customers’ opt-outs and consents, evidence, viewing, exports, erasure and answers to what customers write.

    An owner can renew it.
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
    People campaigns wrote to this month: { $people }
    Campaign messages this month: { $messages }

    Replies to customers, opt-outs and consents know no limits. When the licence ends, sending stops; opt-outs, consents, evidence, exports, erasure and answers to what customers write go on working.
licence-at-members = <i>At the limit nobody new can be invited; those who are in go on working.</i>
licence-at-channels = <i>At the limit none can be added; those that are there go on sending.</i>
licence-at-contacts = <i>At the limit imports and CRMs add nobody new; who writes or opts out is always recorded.</i>
licence-at-people = <i>At the limit a campaign pauses before a new person; who was written to this month can be written to.</i>
licence-at-messages = <i>At the limit campaigns pause until the new month or another plan.</i>
licence-load =
    <b>Load</b>
    Campaigns at work: { $campaigns }
    Files for import within an hour: { $imports }
    The company’s files, MB: { $files }
    Messages from CRMs within an hour: { $crm }
    <i>At the limit nothing new is taken; what has begun goes on.</i>
licence-of = { $used } of { $limit }
licence-of-any = { $used }, no limit
licence-any = no limit
licence-through = through { $day }
licence-before = until { $time }
licence-plan-unknown = ⚠️ The server’s file of plans has no such plan, so nothing is sent. Tell whoever looks after the server.

licence-buy = 💳 Renew / change plan
licence-buy-title = <b>Plans</b>
licence-buy-closed = Nothing can be bought here yet: the server is not set up to sell ({ $missing } and other billing settings). Contact whoever sold you the product, or enter a licence key.
licence-contact = About licences: { $contact }
licence-plan-limits = members: { $members }, channels: { $channels }, contacts: { $contacts }, people a month: { $people }, messages a month: { $messages }
licence-offer = { $plan }, { $months } mo. — { $price }
licence-order-button = Order { $id }: { $state }
licence-order-open = waits for payment
licence-order-paid = paid
licence-order-expired = not paid in time
licence-order-cancelled = cancelled
licence-terms =
    <b>{ $plan }, { $months } { $months ->
        [one] month
       *[other] months
    }</b>
    { $limits }

    The same plan goes on from the day the paid one ends; another one begins at once, and what is left of the former goes on after it.

    <b>Terms</b>
    { $terms }

    By pressing a button below you accept these terms. Who accepted which text, and when, is recorded.
licence-take-telegram = I accept, by card — { $price }
licence-take-stars = I accept, with Stars — { $price }
licence-take-bank = I accept, bank invoice — { $price }
licence-changed = The price or the terms changed. Please read them again.
licence-ask-buyer =
    <b>Who buys?</b>

    Write name, INN and address in one message, for example:
    ООО «Ромашка», ИНН 7707083893, КПП 770701001, 101000, Москва, ул. Примерная, 1
licence-invoice-title = Licence “{ $plan }”
licence-invoice-text = Order { $id }: plan “{ $plan }”, { $months } mo. The licence is valid from the moment of payment.
licence-invoice-label = Licence
licence-invoice-refused = Telegram did not take the invoice: { $why }. The order is cancelled. Choose another way, or tell whoever looks after the server.
licence-invoice-sent = The bank invoice. When the money comes, the licence begins, and you are told here.
licence-file-invoice = Invoice { $id }.pdf
licence-file-act = Act { $id }.pdf
licence-order =
    <b>Order { $id }</b>
    { $plan }, { $months } mo. — { $price }
    State: { $state }
licence-order-pay-telegram = The invoice is a message of its own in this chat. Pay it before { $until }: it is not taken later.
licence-order-pay-bank = The price is kept until { $until }. Money that comes later counts as well. The licence begins as soon as the payment is confirmed.
licence-order-is-paid = The licence is issued.
licence-order-over = It can be paid no more: order again.
licence-order-cancel = Cancel the order
licence-order-is-cancelled = The order is cancelled.
licence-paper-invoice = 📄 Invoice (PDF)
licence-paper-act = 📄 Act (PDF)
licence-refused-unknown = There is no such order.
licence-refused-not-sold = This plan is not sold for so long any more. Open the list of plans again.
licence-refused-many = Too many orders wait for payment. Cancel some.
licence-refused-inn = There is no INN in it, or it is mistyped: a company’s has 10 digits, a sole trader’s 12.
licence-refused-buyer = Write name, INN and address: up to 400 characters.
licence-refused-suspended = The licensor closed access ({ $reason }), so no payment can be taken. Settle this with the licensor first.
licence-refused-paid = This order is paid already.
licence-refused-stale = This invoice is out of date, or the order was cancelled. Order again.
licence-refused-sum = The invoice’s sum is not right any more. Order again.
licence-refused-stranger = A licence is paid by an owner of the company who is signed in in this chat.

licence-key = 🔑 Enter a licence key
licence-ask-key =
    <b>Licence key</b>

    Send the whole key: it begins with MMS1. The message with it is deleted.
licence-key-entered = The key is taken: the plan “{ $plan }” is valid { $until }.
licence-key-form = This is no licence key, or not all of it: it begins with MMS1. Copy it whole.
licence-key-none = This server takes no keys: its settings have no public key of the seller (billing.licence_keys). Tell whoever looks after the server.
licence-key-signature = The key’s signature does not hold: it was changed, or somebody else signed it.
licence-key-other = This is another company’s key: “{ $name }”.
licence-key-used = This key was entered before. It does not count twice.
licence-key-ended = This key ended on { $until }.
licence-key-plan = This server has no plan “{ $plan }”, which the key is for. Tell whoever looks after the server.
