//! What administrators and people of portals do, and what a test looks at.

use super::{
    Bitrix24,
    auth::{Application, Install, Webhook, token},
    fields::UserField,
    portal::{Item, Kind, Portal, User},
    state::{Accepted, By, Moved},
};

fn a_person() -> By {
    By { user: Some(1), connector: None }
}

impl Bitrix24 {
    /// A portal of this name, with an administrator (user 1). Gives its id.
    pub fn add_portal(&self, domain: &str) -> i64 {
        let mut state = self.state();
        let id = state.portals.keys().last().copied().unwrap_or(0) + 1;
        let portal = Portal::new(domain, format!("{:032x}", rand::random::<u128>()), state.now());
        state.portals.insert(id, portal);
        id
    }

    /// The portal that has this name, or had it.
    #[must_use]
    pub fn portal_at(&self, domain: &str) -> Option<i64> {
        let state = self.quiet();
        let now = state.portals.iter().find(|(_, portal)| portal.domain == domain);
        let then = || state.portals.iter().find(|(_, portal)| portal.former.iter().any(|name| name == domain));
        now.or_else(then).map(|(id, _)| *id)
    }

    /// The stable key of a portal.
    #[must_use]
    pub fn member_id(&self, portal: i64) -> String {
        self.quiet().portals.get(&portal).map(|place| place.member_id.clone()).unwrap_or_default()
    }

    /// The address of a portal's methods for applications, as `client_endpoint` says it.
    #[must_use]
    pub fn endpoint(&self, portal: i64) -> String {
        let domain = self.quiet().portals.get(&portal).map(|place| place.domain.clone()).unwrap_or_default();
        format!("{}/{domain}/rest/", self.url())
    }

    /// The portal is renamed: the old name answers 302 with the new address.
    pub fn move_portal(&self, portal: i64, domain: &str) {
        self.change(portal, |place| place.former.push(std::mem::replace(&mut place.domain, domain.to_owned())));
    }

    /// The plan: whether it has REST, and whether it is Enterprise, with its larger bucket.
    pub fn set_plan(&self, portal: i64, commercial: bool, enterprise: bool) {
        self.change(portal, |place| (place.commercial, place.enterprise) = (commercial, enterprise));
    }

    /// The portal is closed (true), or open again: `PORTAL_DELETED`.
    pub fn set_closed(&self, portal: i64, closed: bool) {
        self.change(portal, |place| place.closed = closed);
    }

    /// Hours east of Greenwich in which the portal writes moments. At first 3.
    pub fn set_offset(&self, portal: i64, hours: i32) {
        self.change(portal, |place| place.offset = hours);
    }

    pub(super) fn change(&self, portal: i64, change: impl FnOnce(&mut Portal)) {
        if let Some(place) = self.state().portals.get_mut(&portal) {
            change(place);
        }
    }

    /// One more user. Gives the id; 0 if there is no such portal.
    pub fn add_user(&self, portal: i64, admin: bool) -> i64 {
        let mut state = self.state();
        let Some(place) = state.portals.get_mut(&portal) else { return 0 };
        let id = place.users.keys().last().copied().unwrap_or(0) + 1;
        place.users.insert(id, User { admin, ..User::default() });
        id
    }

    /// A user is dismissed: their webhooks and applications answer `INVALID_CREDENTIALS`.
    pub fn dismiss(&self, portal: i64, user: i64) {
        self.change(portal, |place| {
            if let Some(user) = place.users.get_mut(&user) {
                user.dismissed = true;
            }
        });
    }

    /// A user does not see an element: lists are without it, silently.
    pub fn hide(&self, portal: i64, user: i64, kind: Kind, id: i64) {
        self.change(portal, |place| {
            if let Some(user) = place.users.get_mut(&user) {
                user.hidden.insert((kind, id));
            }
        });
    }

    /// An incoming webhook of a user with these scopes. Gives its address.
    pub fn webhook(&self, portal: i64, user: i64, scopes: &[&str]) -> String {
        let secret = token()[..16].to_owned();
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.change(portal, |place| place.webhooks.push(Webhook { user, secret: secret.clone(), scopes, until: None }));
        format!("{}{user}/{secret}/", self.endpoint(portal))
    }

    /// The webhooks of a portal are deleted, or end at this moment.
    pub fn end_webhooks(&self, portal: i64, until: Option<chrono::DateTime<chrono::Utc>>) {
        self.change(portal, |place| match until {
            None => place.webhooks.clear(),
            Some(_) => place.webhooks.iter_mut().for_each(|hook| hook.until = until),
        });
    }

    /// Registers an application with the server of tokens.
    pub fn register(&self, client_id: &str, secret: &str, redirect_uri: &str, scopes: &[&str]) {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let application = Application { secret: secret.to_owned(), redirect_uri: redirect_uri.to_owned(), scopes };
        self.state().applications.insert(client_id.to_owned(), application);
    }

    /// A code of consent, as the browser brings it back; 30 seconds.
    #[must_use]
    pub fn code(&self, client_id: &str, portal: i64) -> String {
        self.state().code(client_id, portal, 1)
    }

    /// A pair of tokens, access and refresh, as if the application had its consent.
    pub fn grant(&self, portal: i64, client_id: &str) -> (String, String) {
        let mut state = self.state();
        let (now, seconds) = (state.now(), state.settings.access_seconds);
        let scopes = state.applications.get(client_id).map(|known| known.scopes.clone()).unwrap_or_default();
        let Some(place) = state.portals.get_mut(&portal) else { return (String::new(), String::new()) };
        if place.installs.iter().all(|install| install.client != client_id) {
            place.installs.push(Install::new(client_id, 1, &scopes));
        }
        let install = place.installs.iter_mut().find(|install| install.client == client_id);
        install.map(|install| install.pair(now, seconds)).unwrap_or_default()
    }

    /// The token that events for an application have.
    #[must_use]
    pub fn application_token(&self, portal: i64, client_id: &str) -> Option<String> {
        let state = self.quiet();
        let mut installs = state.portals.get(&portal)?.installs.iter();
        installs.find(|install| install.client == client_id).map(|install| install.application_token.clone())
    }

    /// Every access token of a portal ends now; refresh tokens live on.
    pub fn expire_access(&self, portal: i64) {
        let now = self.now();
        self.change(portal, |place| place.installs.iter_mut().for_each(|install| install.expire(now)));
    }

    /// Every token of a portal dies, refresh tokens too.
    pub fn revoke_all(&self, portal: i64) {
        self.change(portal, |place| place.installs.iter_mut().for_each(Install::forget_tokens));
    }

    /// A person of the company adds an element. Gives its id; 0 where it cannot be (a stage that is
    /// not there).
    pub fn add(&self, portal: i64, item: Item) -> i64 {
        self.state().put(portal, Item { id: 0, ..item }, &a_person()).unwrap_or(0)
    }

    /// A person changes an element.
    pub fn edit(&self, portal: i64, kind: Kind, id: i64, change: impl FnOnce(&mut Item)) {
        self.edit_as(portal, kind, id, &a_person(), change);
    }

    /// A robot of the portal changes an element: events have no tokens then.
    pub fn edit_by_robot(&self, portal: i64, kind: Kind, id: i64, change: impl FnOnce(&mut Item)) {
        self.edit_as(portal, kind, id, &By::default(), change);
    }

    fn edit_as(&self, portal: i64, kind: Kind, id: i64, by: &By, change: impl FnOnce(&mut Item)) {
        let mut state = self.state();
        if let Some(mut item) = state.portals.get(&portal).and_then(|place| place.item(kind, id)).cloned() {
            change(&mut item);
            // A stage that is not there changes nothing.
            let _ = state.put(portal, item, by);
        }
    }

    /// A person deletes an element.
    pub fn delete(&self, portal: i64, kind: Kind, id: i64) {
        // What is not there is deleted already.
        let _ = self.state().drop_item(portal, kind, id, &a_person());
    }

    /// A person merges two contacts: the loser is deleted, its deals move.
    pub fn merge(&self, portal: i64, loser: i64, winner: i64) {
        // Contacts that are not there are not merged.
        let _ = self.state().merge(portal, Kind::Contact, winner, &[loser], &a_person());
    }

    /// Requisites of a contact or a company, by their names (`RQ_PHONE`).
    pub fn add_requisite(&self, portal: i64, kind: Kind, owner: i64, values: &[(&str, &str)]) {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.change(portal, |place| {
            let id = place.next_id();
            place.requisites.push((id, kind, owner, values));
        });
    }

    /// A field of the company's own.
    pub fn add_field(&self, portal: i64, field: UserField) {
        self.change(portal, |place| {
            let id = place.next_id();
            place.user_fields.push(UserField { id, ..field });
        });
    }

    /// One more funnel of deals: its stages are `C{id}:NEW` and so on.
    pub fn add_category(&self, portal: i64, id: i64, name: &str) {
        self.change(portal, |place| place.add_category(id, name));
    }

    /// An element, if it is there.
    #[must_use]
    pub fn item(&self, portal: i64, kind: Kind, id: i64) -> Option<Item> {
        self.quiet().portals.get(&portal)?.item(kind, id).cloned()
    }

    /// Ids of all elements of a kind.
    #[must_use]
    pub fn ids(&self, portal: i64, kind: Kind) -> Vec<i64> {
        self.quiet().portals.get(&portal).map(|place| place.of(kind).keys().copied().collect()).unwrap_or_default()
    }

    /// What stands beside an element: `comment`, `log` or `todo`, and the text, oldest first.
    #[must_use]
    pub fn notes_of(&self, portal: i64, kind: Kind, id: i64) -> Vec<(&'static str, String)> {
        let state = self.quiet();
        let all = state.portals.get(&portal).map(|place| place.notes.as_slice()).unwrap_or_default();
        all.iter().filter(|note| (note.kind, note.owner) == (kind, id)).map(|note| (note.what, note.text.clone())).collect()
    }

    /// The tasks of a portal: the title, the responsible user, elements they are about.
    #[must_use]
    pub fn tasks(&self, portal: i64) -> Vec<(String, i64, Vec<String>)> {
        let state = self.quiet();
        let all = state.portals.get(&portal).map(|place| place.tasks.as_slice()).unwrap_or_default();
        all.iter().map(|task| (task.title.clone(), task.responsible, task.about.clone())).collect()
    }

    /// The stages elements came to, oldest first.
    #[must_use]
    pub fn moves(&self, portal: i64) -> Vec<Moved> {
        self.quiet()
            .portals
            .get(&portal)
            .map(|place| place.history.iter().map(|passage| passage.moved.clone()).collect())
            .unwrap_or_default()
    }

    /// Every write that was accepted by the API, oldest first.
    #[must_use]
    pub fn writes(&self) -> Vec<Accepted> {
        self.quiet().writes.clone()
    }
}
