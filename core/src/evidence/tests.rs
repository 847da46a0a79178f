use std::io::Read as _;

use super::*;
use crate::{
    account::Role,
    both, clock, contact,
    delivery::{fixture::Fixture, kept::Message},
    secret::{KEY_LEN, Sealer},
    sign::{self, Signer},
    store::{audit, file},
    text::Rich,
};

fn signer() -> Signer {
    sign::installation(&Sealer::new(&[1; KEY_LEN]))
}

fn words(language: Language, zone: chrono_tz::Tz) -> Words {
    Words {
        language,
        zone,
        state: |_, state| state.to_owned(),
        reason: |_, why| why.code().into_owned(),
        action: |_, action| action.to_owned(),
    }
}

/// The files of an archive, by name.
fn unpacked(bytes: &[u8]) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let count = archive.len();
    let one = |at| {
        let mut file = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        (file.name().unwrap().into_owned(), content)
    };
    (0..count).map(one).collect()
}

/// The first contact got a message whose words are kept, the second one whose words were forgotten,
/// the third was left out.
async fn sent(store: &Store, fixture: &Fixture, campaign: CampaignId) {
    let now = clock::now();
    let packed =
        Message { body: Rich::plain("Анна, добрый день 😀".to_owned()), ..Message::default() }.pack("{{ first_name }}, добрый день");
    for (n, state) in [(0, "delivered"), (1, "sent"), (2, "skipped")] {
        let sql = "update delivery set state = $3, attempt = 1, sent_at = $4, delivered_at = case when $3 = 'delivered' then $4 else null end \
            where campaign_id = $1 and contact_id = $2";
        let at = (state != "skipped").then_some(now);
        on!(store.once(), |c| sqlx::query(sql).bind(campaign).bind(fixture.contacts[n]).bind(state).bind(at).execute(c).await.map(|_| ()))
            .unwrap();
    }
    let keep =
        "insert into delivery_text (delivery_id, attempt, body) select id, 1, $3 from delivery where campaign_id = $1 and contact_id = $2";
    on!(store.once(), |c| sqlx::query(keep).bind(campaign).bind(fixture.contacts[0]).bind(&packed).execute(c).await.map(|_| ())).unwrap();
}

both!(async fn a_campaigns_dossier_is_made_beside_taken_on_the_record_and_gone_with_its_people(store) {
    let fixture = Fixture::new(&store, 3, 30.0).await;
    let campaign = fixture.campaign(&store, "advertising", "leave", 3, Some(b"a picture")).await;
    sent(&store, &fixture, campaign).await;
    let owner = fixture.owner();
    for role in [Role::Viewer, Role::Approver] {
        let other = Actor { role, ..owner.clone() };
        assert!(matches!(ask(&store, &other, Scope::Campaign(campaign), None, clock::now()).await, Err(EvidenceError::Account(_))), "{role:?}");
    }
    assert!(matches!(ask(&store, &owner, Scope::Campaign(CampaignId::new()), None, clock::now()).await, Err(EvidenceError::NotFound)));
    let id = ask(&store, &owner, Scope::Campaign(campaign), None, clock::now()).await.unwrap();
    assert_eq!(get(&store, owner.account, id).await.unwrap().unwrap().state, DossierState::Wanted);
    assert!(make::next(&store, &signer(), words, clock::now).await.unwrap());
    assert!(!make::next(&store, &signer(), words, clock::now).await.unwrap(), "it is made once");

    let row = get(&store, owner.account, id).await.unwrap().unwrap();
    assert_eq!((row.state, row.people, row.error.as_deref()), (DossierState::Ready, Some(3), None));
    let all = files(&store, owner.account, id).await.unwrap();
    assert_eq!(all.iter().map(|file| (file.part, file.mime.as_str())).collect::<Vec<_>>(), [(0, "application/pdf"), (1, "application/zip")]);
    let archive = file::content(&store, owner.account, all[1].id).await.unwrap().unwrap();
    let report = verify::verify(&archive, Some(&signer().public()));
    assert!(report.holds() && report.key_known, "{report:?}");
    let manifest = report.manifest.unwrap();
    assert!(manifest.last && manifest.part == 1 && manifest.about == "К" && manifest.made_by == "Анна", "{manifest:?}");
    let inside = unpacked(&archive);
    let text = |name: &str| String::from_utf8(inside[name].clone()).unwrap();
    let people = text("people/00001-00003.jsonl");
    assert_eq!(people.lines().count(), 3);
    for words in ["Анна, добрый день 😀", "\"text_forgotten\"", "\"no_ad_consent\"", "\"no_data_consent\"", "\"delivered_at\""] {
        assert!(people.contains(words), "{words} in {people}");
    }
    let campaigns = text("campaigns.json");
    for words in ["\"not_approved\"", "\"not_launched\"", "\"no_right\"", "{{ first_name }}, добрый день"] {
        assert!(campaigns.contains(words), "{words} in {campaigns}");
    }
    assert!(inside.keys().any(|name| name.starts_with("materials/")) && inside.contains_key("law.json"));
    assert!(inside["dossier.pdf"].starts_with(b"%PDF") && inside["people/00001-00003.pdf"].starts_with(b"%PDF"));
    assert_eq!(Some(&inside["dossier.pdf"]), file::content(&store, owner.account, all[0].id).await.unwrap().as_ref());

    note_taken(&store, &owner, &row, &all[1], clock::now()).await.unwrap();
    let trail = audit::entries(&store, owner.account, 0, 100).await.unwrap();
    let done: Vec<&str> = trail.iter().map(|entry| entry.action.as_str()).filter(|action| action.starts_with("evidence.")).collect();
    assert_eq!(done, ["evidence.ask", "evidence.take"]);
    let told: i64 = on!(store.read(), |c| sqlx::query_scalar("select count(*) from notice where kind = 'evidence.ready' and member_id = $1")
        .bind(owner.member).fetch_one(c).await).unwrap();
    assert_eq!(told, 1);

    // One of its people is deleted: the files are gone, the row says so, and it can be made anew.
    let mut tx = store.begin().await.unwrap();
    contact::delete(&mut tx, owner.account, fixture.contacts[0], contact::DeletedBy::Company, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(get(&store, owner.account, id).await.unwrap().unwrap().state, DossierState::Forgotten);
    assert!(files(&store, owner.account, id).await.unwrap().iter().all(|file| file.size == 0 && file.name.is_empty()));
});

both!(async fn a_persons_dossier_has_everything_of_them_alone(store) {
    let fixture = Fixture::new(&store, 2, 30.0).await;
    let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
    let owner = fixture.owner();
    let received = clock::now().date_naive() - chrono::TimeDelta::days(1);
    let asked = request::enter(&store, &owner, "УФАС", "Анна Б.", received, clock::now()).await.unwrap();
    let id = ask(&store, &owner, Scope::Person(fixture.contacts[0]), Some(asked), clock::now()).await.unwrap();
    assert!(make::next(&store, &signer(), words, clock::now).await.unwrap());
    let row = get(&store, owner.account, id).await.unwrap().unwrap();
    assert_eq!((row.state, row.people, row.request_id), (DossierState::Ready, Some(1), Some(asked)));
    assert_eq!(of_request(&store, owner.account, asked).await.unwrap().len(), 1);
    assert_eq!(request::get(&store, owner.account, asked).await.unwrap().unwrap().contact_id, Some(fixture.contacts[0]));
    let all = files(&store, owner.account, id).await.unwrap();
    let inside = unpacked(&file::content(&store, owner.account, all[1].id).await.unwrap().unwrap());
    let people = String::from_utf8(inside["people/00001-00001.jsonl"].clone()).unwrap();
    assert!(people.contains(&fixture.contacts[0].to_string()) && !people.contains(&fixture.contacts[1].to_string()));
    assert!(people.contains(&campaign.to_string()), "messages of campaigns are there: {people}");

    // With the person goes what names them, and the register keeps that there was a request.
    let mut tx = store.begin().await.unwrap();
    contact::delete(&mut tx, owner.account, fixture.contacts[0], contact::DeletedBy::Company, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
    let row = get(&store, owner.account, id).await.unwrap().unwrap();
    assert_eq!((row.about.as_str(), row.state), ("", DossierState::Forgotten));
    let kept = request::get(&store, owner.account, asked).await.unwrap().unwrap();
    assert_eq!((kept.about.as_str(), kept.from_whom.as_str(), kept.number), ("", "", 1));
    // Whoever asks again gets what stayed, with its gap named.
    let again = ask(&store, &owner, Scope::Person(fixture.contacts[0]), None, clock::now()).await.unwrap();
    assert!(make::next(&store, &signer(), words, clock::now).await.unwrap());
    let all = files(&store, owner.account, again).await.unwrap();
    let inside = unpacked(&file::content(&store, owner.account, all[1].id).await.unwrap().unwrap());
    assert!(String::from_utf8(inside["people/00001-00001.jsonl"].clone()).unwrap().contains("\"erased\""));
});

both!(async fn what_cannot_be_made_is_given_up_in_words_and_another_company_sees_nothing(store) {
    let fixture = Fixture::new(&store, 1, 30.0).await;
    let other = Fixture::new(&store, 1, 30.0).await;
    let owner = fixture.owner();
    assert!(matches!(
        ask(&store, &owner, Scope::Person(other.contacts[0]), None, clock::now()).await,
        Err(EvidenceError::NotFound)
    ));
    let id = ask(&store, &owner, Scope::Person(fixture.contacts[0]), None, clock::now()).await.unwrap();
    assert_eq!(get(&store, other.account, id).await.unwrap(), None);
    assert!(files(&store, other.account, id).await.unwrap().is_empty());
    // A process that died while it made one: another takes it after its time.
    let gone = "update dossier set scope = 'segment', state = 'making', attempt = 1, due_at = $2 where id = $1";
    let later = clock::now() + chrono::TimeDelta::minutes(10);
    on!(store.once(), |c| sqlx::query(gone).bind(id).bind(later).execute(c).await.map(|_| ())).unwrap();
    assert!(!make::next(&store, &signer(), words, clock::now).await.unwrap(), "somebody makes it");
    assert!(make::next(&store, &signer(), words, || later).await.unwrap());
    let row = get(&store, owner.account, id).await.unwrap().unwrap();
    assert_eq!((row.state, row.attempt), (DossierState::Failed, 2));
    assert_eq!(row.error.as_deref(), Some(make::GONE));
});

both!(async fn a_signed_paper_is_in_the_archive_under_the_manifests_hash(store) {
    use crate::consent::{Purpose, signed};
    let fixture = Fixture::new(&store, 2, 30.0).await;
    let owner = fixture.owner();
    let signs = async |contact, content: &[u8]| {
        let paper = signed::begin(&store, &owner, contact, Purpose::PersonalData, clock::now()).await.unwrap();
        signed::say(&store, &owner, paper, signed::Said::Other("Разрешаю хранить мои данные")).await.unwrap();
        signed::date(&store, &owner, paper, "12.03.2019", clock::now()).await.unwrap();
        let brought = file::Attached { name: "скан.pdf", mime: "application/pdf", content };
        signed::keep(&store, &owner, paper, brought, clock::now()).await.unwrap();
    };
    signs(fixture.contacts[0], b"%PDF-1.7 hers").await;
    signs(fixture.contacts[1], b"%PDF-1.7 his").await;
    let id = ask(&store, &owner, Scope::Person(fixture.contacts[0]), None, clock::now()).await.unwrap();
    assert!(make::next(&store, &signer(), words, clock::now).await.unwrap());
    let all = files(&store, owner.account, id).await.unwrap();
    let archive = file::content(&store, owner.account, all[1].id).await.unwrap().unwrap();
    let report = verify::verify(&archive, Some(&signer().public()));
    assert!(report.holds(), "{report:?}");
    let inside = unpacked(&archive);
    let papers: Vec<(&String, &Vec<u8>)> = inside.iter().filter(|(name, _)| name.starts_with("papers/")).collect();
    let [(name, content)] = papers[..] else { panic!("{:?}", inside.keys()) };
    assert_eq!(content, b"%PDF-1.7 hers");
    let listed = report.manifest.unwrap().files.into_iter().find(|file| file.name == *name).expect("listed");
    let person = String::from_utf8(inside["people/00001-00001.jsonl"].clone()).unwrap();
    for words in [name.as_str(), &listed.sha256, "Разрешаю хранить мои данные"] {
        assert!(person.contains(words), "{words} in {person}");
    }
    assert!(!person.contains("no_wording") && !person.contains("no_paper"), "{person}");
    // One byte of the paper is another one.
    let mut changed = archive.clone();
    let at = changed.windows(13).position(|part| part == b"%PDF-1.7 hers").unwrap();
    changed[at + 9] ^= 1;
    assert!(!verify::verify(&changed, Some(&signer().public())).holds());
    // With the person it goes, and what is lacking is named.
    let mut tx = store.begin().await.unwrap();
    contact::delete(&mut tx, owner.account, fixture.contacts[0], contact::DeletedBy::Company, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
    let id = ask(&store, &owner, Scope::Person(fixture.contacts[0]), None, clock::now()).await.unwrap();
    assert!(make::next(&store, &signer(), words, clock::now).await.unwrap());
    let all = files(&store, owner.account, id).await.unwrap();
    let inside = unpacked(&file::content(&store, owner.account, all[1].id).await.unwrap().unwrap());
    assert!(!inside.keys().any(|name| name.starts_with("papers/")));
    assert!(String::from_utf8(inside["people/00001-00001.jsonl"].clone()).unwrap().contains("\"no_paper\""));
});
