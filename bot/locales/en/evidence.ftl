evidence-button = Evidence
evidence-make = Dossier of evidence
evidence-home =
    <b>Evidence</b>

    Requests: { $all }, without an answer: { $open }. An answer is due within five working days, counted from the day after the request.

    A dossier is made from the card of a customer, of a segment or of a launched campaign; for a request, from its card.
evidence-new = Enter a request
evidence-register-button = Register as a file
evidence-register = The register of requests for evidence.
evidence-register-file = Register of requests
evidence-nameless = no name
evidence-of-segment = segment “{ $name }”
evidence-of-campaign = campaign “{ $name }”
evidence-stands-open = waits for an answer
evidence-stands-soon = the next working day is the last
evidence-stands-today = the last day is today
evidence-stands-overdue = overdue
evidence-stands-answered = answered
evidence-stands-answered-late = answered late
evidence-stands-unknown = no known term
evidence-dossier =
    <b>Dossier: { $about }</b>
    Asked for by { $by }, { $at }
evidence-making = ⏳ It is being made. You will be told when it is ready; the chat may be closed.
evidence-ready =
    ✅ Ready. People: { $people }, things that are lacking: { $gaps }; the paper names them.

    The archive is signed. It can be checked without a network: <code>mms verify FILE.zip --key { $key }</code>
    Give whoever checks the key apart from the archive.
evidence-not-made = ⚠️ It was not made because of an error on the server, whose log tells more. It can be made anew.
evidence-not-made-gone = ⚠️ It was not made: whom it is of is not there any more.
evidence-not-made-too-many = ⚠️ It was not made: a dossier has at most { $most } people, divide the list.
evidence-forgotten = 🗑 The files are kept no more. The dossier can be made anew.
evidence-paper = Paper (PDF)
evidence-archive = Archive (ZIP)
evidence-archive-part = Archive, part { $part } of { $of } (ZIP)
evidence-look-again = Look again
evidence-again = Make it anew
evidence-asked = The dossier is being made, up to a minute
evidence-file =
    { $about }
    SHA-256: <code>{ $sha256 }</code>
evidence-to-card = To the dossier
evidence-sent-below = The file is below
evidence-request =
    <b>Request № { $number }</b>

    From: { $from }
    About: { $about }
    Received: { $received }
    Entered by: { $by }
evidence-request-due =
    { $mark } { $state }
    The last day for an answer: { $due }
evidence-request-no-day =
    { $mark } The working days of that year are not known. Count the last day yourself: five working days from the day after the request.
evidence-request-answered =
    { $mark } { $state }: { $day }, { $by }

    { $answer }
evidence-whose = Dossier of a person
evidence-which-campaign = Dossier of a campaign
evidence-answer = Note the answer
evidence-ask-new =
    <b>A new request for evidence</b>

    Write one message, each on a line of its own:
    1. from whom it is;
    2. about whom or what;
    3. when it came, such as 28.11.2026, “yesterday”. Without this line: today.
evidence-new-lines = Two or three lines are needed: from whom, about whom, when it came.
evidence-words = 1 to { $most } characters are needed.
evidence-ask-answer =
    <b>Request № { $number }</b>

    What was answered, and how? Such as: “the dossier went by letter, No. 15”. The day of the answer is today.
evidence-answered-before = This request was answered before
evidence-ask-whose =
    About: { $about }

    Write the customer’s name or phone.
evidence-nobody =
    Nobody was found. About: { $about }

    Write the name or the phone in another way.
evidence-several = Which of them? The dossier is made at once.
evidence-ask-campaign = Which campaign? The dossier is made at once.
evidence-no-campaigns = There are no campaigns yet.
