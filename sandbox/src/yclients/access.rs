//! Partners and users: whose program calls, and with whose rights.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Yclients,
    error::{YcError, YcResult},
    hooks::told_of,
    state::State,
};

/// What a user may do in a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    pub clients: bool,
    /// Sees phones; without it [`super::Settings::hidden_phone`] stands for them, without an error.
    pub phones: bool,
    pub records: bool,
    /// Categories, fields and hooks.
    pub settings: bool,
    /// Clients this user does not see, without an error.
    pub hidden_clients: BTreeSet<i64>,
}

impl Default for Rights {
    fn default() -> Self {
        Self { clients: true, phones: true, records: true, settings: true, hidden_clients: BTreeSet::new() }
    }
}

/// A section that a right opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Clients,
    Records,
    Settings,
}

/// An application of the marketplace.
#[derive(Debug)]
pub(crate) struct Partner {
    pub(crate) application: i64,
    /// The user in whose name it works where it is installed.
    pub(crate) system: Option<i64>,
    /// Companies whose owners installed it, until the application confirms.
    pub(crate) installing: BTreeSet<i64>,
}

/// A user of the platform.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) login: String,
    pub(crate) password: String,
    pub(crate) token: String,
    pub(crate) rights: BTreeMap<i64, Rights>,
}

/// Who calls: both tokens are known.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) partner: String,
    pub(crate) user: i64,
}

impl State {
    /// The partner and, where its token is there, the user of a header
    /// `Bearer <partner>, User <user>`.
    pub(crate) fn caller(&self, header: &str) -> YcResult<(String, Option<i64>)> {
        let tokens = header.strip_prefix("Bearer ").ok_or_else(YcError::unauthorised)?;
        let (partner, user) = match tokens.split_once(", User ") {
            Some((partner, user)) => (partner, Some(user)),
            None => (tokens, None),
        };
        if !self.partners.contains_key(partner) {
            return Err(YcError::unauthorised());
        }
        let Some(token) = user else { return Ok((partner.to_owned(), None)) };
        let known = self.people.iter().find(|(_, person)| person.token == token && !token.is_empty());
        known.map(|(id, _)| (partner.to_owned(), Some(*id))).ok_or_else(YcError::unauthorised)
    }

    /// The rights of the caller in a company, if they open the section there.
    pub(crate) fn enter(&self, caller: &Caller, company: i64, section: Section) -> YcResult<Rights> {
        let rights = self.people.get(&caller.user).and_then(|person| person.rights.get(&company)).ok_or_else(YcError::denied)?;
        let place = self.companies.get(&company).ok_or_else(YcError::denied)?;
        if place.unpaid {
            return Err(YcError::unpaid(company));
        }
        let opened = match section {
            Section::Clients => rights.clients,
            Section::Records => rights.records,
            Section::Settings => rights.settings,
        };
        if opened { Ok(rights.clone()) } else { Err(YcError::denied()) }
    }
}

fn token() -> String {
    format!("{:020x}", rand::random::<u128>() >> 48)
}

impl Yclients {
    /// Registers a partner's application by its token.
    pub fn add_partner(&self, token: &str, application: i64) {
        let partner = Partner { application, system: None, installing: BTreeSet::new() };
        self.state().partners.insert(token.to_owned(), partner);
    }

    /// A user with every right in these companies. Gives their id.
    pub fn add_user(&self, login: &str, password: &str, companies: &[i64]) -> i64 {
        let mut state = self.state();
        let id = state.next_id();
        let rights = companies.iter().map(|company| (*company, Rights::default())).collect();
        let person = Person { login: login.to_owned(), password: password.to_owned(), token: token(), rights };
        state.people.insert(id, person);
        id
    }

    /// The user's token, as `/auth` gives it; empty if there is no such user.
    #[must_use]
    pub fn user_token(&self, user: i64) -> String {
        self.quiet().people.get(&user).map(|person| person.token.clone()).unwrap_or_default()
    }

    /// Changes what a user may do in a company; `None` takes the access away.
    pub fn set_rights(&self, user: i64, company: i64, rights: Option<Rights>) {
        if let Some(person) = self.state().people.get_mut(&user) {
            match rights {
                Some(rights) => person.rights.insert(company, rights),
                None => person.rights.remove(&company),
            };
        }
    }

    /// A user changes their password: the token dies, and `/auth` gives a new one.
    pub fn change_password(&self, user: i64, password: &str) {
        if let Some(person) = self.state().people.get_mut(&user) {
            (person.password, person.token) = (password.to_owned(), token());
        }
    }

    /// The owner of a company installs a partner's application. Gives the id of the application's
    /// system user, who gets in once the application has confirmed by
    /// `/marketplace/partner/callback` (its body is unconfirmed beyond the two ids).
    pub fn install(&self, partner: &str, company: i64) -> i64 {
        let mut state = self.state();
        let fresh = state.next_id();
        let Some(known) = state.partners.get_mut(partner) else { return 0 };
        known.installing.insert(company);
        let system = *known.system.get_or_insert(fresh);
        state.people.entry(system).or_insert_with(|| Person {
            login: String::new(),
            password: String::new(),
            token: token(),
            rights: BTreeMap::new(),
        });
        system
    }

    /// What became of an application in a company (`uninstall`, `freeze`, `payment`) is told to its
    /// address; an uninstalled one is let in no more. The status of the answer; 0: there was none.
    pub async fn tell_application(&self, partner: &str, company: i64, event: &str, url: &str) -> u16 {
        let body = {
            let mut state = self.state();
            let Some(known) = state.partners.get(partner) else { return 0 };
            let (application, system) = (known.application, known.system);
            if let Some(person) = system.filter(|_| event == "uninstall").and_then(|system| state.people.get_mut(&system)) {
                person.rights.remove(&company);
            }
            serde_json::json!({ "salon_id": company, "application_id": application, "event": event, "partner_token": partner })
        };
        told_of(self, url, &body).await
    }
}
