claims-button = Claims
claims-title = <b>⚖️ Claims</b>
claims-none = There are no claims. Enter one of a recipient or an authority here, or your own against the licensor: each has a term of 30 days.
claims-list = What is open comes first, with the time left:
claims-line = No. { $number } · { $claimant } ({ $state })
claims-left = by { $day }, { $left ->
    [one] { $left } day left
   *[other] { $left } days left
 }
claims-overdue = ⚠️ the term ended { $day }
claims-new = ✏️ Enter a claim
claims-one-button = No. { $number } · { $subject }
claims-export = The register as a file
claims-to-licensor = Against the licensor
claims-to-company = Against our company
claims-state-open = open
claims-state-answered = answered
claims-state-closed = closed
claims-card =
    <b>Claim { $number }</b>, { $state }
    { $direction }
    From: { $claimant }
    Received { $received }
claims-answer =
    <b>Answer of { $at }</b>
    { $text }
claims-answer-button = Note the answer
claims-document-button = 📎 Document
claims-close = Close
claims-ask-direction = Against whom is the claim?
claims-ask-claimant = Who claims? The name of a person or an authority.
claims-ask-subject = What is claimed? A document or a picture may go along, with the matter written under it.
claims-ask-subject-licensor = What do you claim of the licensor? A document may go along, with the matter written under it.
claims-ask-answer = Claim { $number }: what was answered?
claims-closed-now = The claim is closed
claims-document = The document of claim { $number }
claims-to-card = To the claim
claims-exported = Claims in the register: { $count }
claims-file-name = Claims.xlsx
claims-sheet = Claims
claims-head-number = Number
claims-head-direction = Against
claims-head-claimant = From
claims-head-subject = Matter
claims-head-received = Received
claims-head-due = Due
claims-head-state = State
claims-head-answer = Answer
claims-head-answered = Answered
claims-length = 1 to { $max } characters here
claims-absent = There is no such claim, or it is answered already
claims-dossier-make = 📁 Make a dossier
claims-dossier-open = 📁 Dossier
claims-dossier-line = 📁 Dossier: { $about }, { $at }
claims-dossier-making = being made
claims-dossier-nameless = a deleted customer
claims-dossier-asked = The dossier is being made and attached to the claim
claims-of-campaign = Campaign “{ $name }”
claims-ask-whose =
    Claim { $number }, from: { $claimant }

    Whose dossier is to be attached? Choose, or write the customer’s name or phone.
claims-nobody = Nobody was found. Write the customer’s name or phone in another way.
claims-date = 📅 Day it came
claims-ask-date = Claim { $number }: when did it come? Such as 28.11.2026, “yesterday”. Its thirty days are counted from that day.
claims-head-dossier = Dossier
