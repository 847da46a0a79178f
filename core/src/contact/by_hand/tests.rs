use super::*;
use crate::{both, clock, contact::card, contact::fixture, text::phone::PhoneError};

fn shown(typed: &str) -> String {
    match read(typed, "RU") {
        Ok(draft) => {
            let addresses: Vec<&str> = draft.addresses.iter().map(|one| one.value.as_str()).collect();
            format!("{} [{}] {}", draft.name.unwrap_or_default(), draft.first_name.unwrap_or_default(), addresses.join(" "))
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_person_is_read_from_a_line_of_words() {
    for (typed, expected) in [
        ("Анна Кузнецова +7 916 123-45-67", "Анна Кузнецова [Анна] +79161234567"),
        ("8(916)1234567 Анна", "Анна [Анна] +79161234567"),
        ("Кузнецова Анна Петровна\n89161234567\nAnna@Example.ru", "Кузнецова Анна Петровна [Анна] +79161234567 anna@example.ru"),
        ("Иван, тел. 8 916 123 45 67, 8 916 123 45 68", "Иван [Иван] +79161234567 +79161234568"),
        ("John Smith +44 20 7946 0018", "John Smith [] +442079460018"),
        ("anna@example.ru", " [] anna@example.ru"),
        ("Кафе «Пион»", "Кафе «Пион» [] "),
        ("Пётр", "Пётр [Пётр] "),
        ("", "nothing that was written is a name, a phone or an e-mail"),
        ("…", "nothing that was written is a name, a phone or an e-mail"),
        ("Анна anna@", "`anna@` is no e-mail"),
    ] {
        assert_eq!(shown(typed), expected, "{typed}");
    }
    assert!(matches!(read("Анна +7 916 12", "RU"), Err(HandError::Phone { error: PhoneError::TooShort, .. })));
}

both!(async fn a_contact_is_written_by_hand_on_the_record(store) {
    let (actor, other) = (fixture::actor(&store).await, fixture::actor(&store).await);
    let now = clock::now();
    let anna = add(&store, &actor, "Кузнецова Анна +79161234567", "RU", now).await.expect("added");
    let taken = add(&store, &actor, "Аня 8 916 123-45-67", "RU", now).await;
    assert!(matches!(taken, Err(HandError::Taken(holder)) if holder == anna), "{taken:?}");
    add(&store, &other, "Аня 8 916 123-45-67", "RU", now).await.expect("another company's own");

    rename(&store, &actor, anna, "ООО «Пион»", now).await.expect("renamed");
    let row = card::contact(&store, actor.account, anna).await.expect("read").expect("there");
    assert_eq!((row.name.as_str(), row.first_name.as_str(), row.last_name.as_str()), ("ООО «Пион»", "", ""), "no part of the former name stays");
    assert!(card::find(&store, actor.account, "RU", "кузнецова", 5).await.expect("read").is_empty());

    let boris = add(&store, &actor, "Борис", "RU", now).await.expect("a name is enough");
    let refused = add_addresses(&store, &actor, boris, "+79161234567", "RU", now).await;
    assert!(matches!(refused, Err(HandError::Taken(holder)) if holder == anna), "{refused:?}");
    assert_eq!(add_addresses(&store, &actor, boris, "8 903 555-00-11, b@example.ru", "RU", now).await.expect("added"), 2);
    assert_eq!(add_addresses(&store, &actor, boris, "+7 903 555 00 11", "RU", now).await.expect("there already"), 0);
    let shown = card::card(&store, actor.account, boris).await.expect("read").expect("there");
    drop_address(&store, &actor, boris, shown.addresses[0].id, now).await.expect("dropped");
    assert!(matches!(drop_address(&store, &actor, boris, shown.addresses[0].id, now).await, Err(HandError::Account(AccountError::NotFound))));

    let field = field::create(&store, &actor, "born", "Дата рождения", crate::contact::FieldKind::Date, now).await.expect("a field");
    let today = now.date_naive();
    assert!(matches!(set_value(&store, &actor, boris, field.id, "вчера или завтра", today, now).await, Err(HandError::Value(_))));
    set_value(&store, &actor, boris, field.id, "12 мая 1986", today, now).await.expect("kept");
    let row = card::contact(&store, actor.account, boris).await.expect("read").expect("there");
    assert_eq!(row.attributes["born"], "1986-05-12");
    // No words are no answer: they took the value away.
    for nothing in ["", " ", "\u{200b}"] {
        assert!(matches!(set_value(&store, &actor, boris, field.id, nothing, today, now).await, Err(HandError::Empty)));
    }
    clear_value(&store, &actor, boris, field.id, now).await.expect("cleared");
    let row = card::contact(&store, actor.account, boris).await.expect("read").expect("there");
    assert!(!row.attributes.contains_key("born"));

    tag(&store, &actor, boris, "VIP", true, now).await.expect("tagged");
    tag(&store, &actor, boris, "vip", true, now).await.expect("tagged already");
    tag(&store, &actor, boris, "vip", false, now).await.expect("untagged");
    let trail = crate::store::audit::entries(&store, actor.account, 0, 50).await.expect("the trail");
    let done: Vec<&str> = trail.iter().map(|entry| entry.action.as_str()).filter(|action| action.starts_with("contact.")).collect();
    assert_eq!(
        done,
        ["contact.create", "contact.edit", "contact.create", "contact.edit", "contact.edit", "contact.edit", "contact.edit", "contact.tags", "contact.tags"]
    );
    let said: String = trail.iter().map(|entry| entry.details.to_string()).collect();
    assert!(!said.contains("Борис") && !said.contains("5550011") && !said.contains("1986"), "the trail holds no personal data: {said}");
    let viewer = Actor { role: crate::account::Role::Viewer, ..actor.clone() };
    assert!(matches!(add(&store, &viewer, "Ева", "RU", now).await, Err(HandError::Account(AccountError::Forbidden(_)))));
});
