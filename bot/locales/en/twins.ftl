twins-menu = Look-alikes: { $count }
twins-none =
    <b>No look-alikes</b>

    Pairs that may be one person come here: a shared phone, a shared e-mail, or the same name and birthday. One phone in two CRMs with names that do not contradict is joined by itself.
twins-title =
    <b>One person?</b> { $at } of { $of }
    { $why }
twins-why-phone = A shared phone.
twins-why-email = A shared e-mail.
twins-why-birthday = The same name and birthday.
twins-side =
    <b>{ $name }</b>
    Since { $since } · { $source }
twins-in-crm = CRM: { $crms }
twins-out = 🚫 Unsubscribed
twins-same = One person
twins-two = Two people
twins-joined = Joined. They can be divided in the list of joined people.
twins-apart = Noted: two people.
twins-joins = Joined: { $count }
twins-joins-none = Nobody is joined.
twins-joins-title =
    <b>Joined</b>

    { $lines }
twins-line = <b>{ $name }</b> and { $other }: { $why }, { $day }
twins-proof-phone = one phone in two CRMs
twins-proof-crm = their cards were merged in the CRM
twins-proof-gone = one card is gone from the CRM, the other has its phones
twins-proof-member = joined by { $member }
twins-proof-someone = joined by a member of staff
twins-divide = Divide: { $name } and { $other }
twins-ask-divide =
    <b>Divide?</b> { $name } and { $other }, joined { $day }

    Each will have what they had before. What came since stays with “{ $name }”. An opt-out stays on both. They will not be joined by themselves again.
twins-divide-now = Yes, divide
twins-divided = Divided.
twins-open = Open the card
twins-not-last = Somebody else was joined with this person later. Undo the last join first.
twins-names = Name
twins-wins =
    <b>{ $title }: whose value is shown?</b>

    For people who are in several CRMs. Where that one is empty, the others are asked. It changes at once for everybody concerned.
twins-applying = Being applied: { $done } of { $total }
twins-wins-first = of the CRM that had the person first
twins-wins-newest = of the record that was changed last
twins-chosen = Saved.
twins-wins-button = Whose value
twins-wins-names = Whose name
twins-divide-button = Divide
