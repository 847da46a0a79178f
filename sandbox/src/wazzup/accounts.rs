//! Wazzup's side: accounts with their keys, channels and their states.

use serde::Serialize;
use serde_json::json;

use super::{
    Wazzup,
    state::{Account, Channel, State},
    transport::Transport,
};
use crate::action::ActionError;

/// A channel of the double.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChannelInfo {
    /// The sandbox's own number of it.
    pub id: i64,
    pub account: i64,
    /// `channelId`.
    pub channel_id: String,
    pub transport: Transport,
    /// Its `plainId`.
    pub username: String,
    /// For the page: the transport and the `plainId`.
    pub first_name: String,
    pub state: String,
    /// Correspondents of this month.
    pub correspondents: usize,
}

impl State {
    pub(crate) fn by_key(&self, key: &str) -> Option<i64> {
        self.accounts.iter().find(|(_, account)| account.key == key).map(|(id, _)| *id)
    }
}

impl Wazzup {
    /// Adds an account with the key of its integration. With the id of one that is there: gives it
    /// a new key.
    ///
    /// # Errors
    /// If the key is empty or another account's.
    pub fn add_account(&self, id: i64, key: &str) -> Result<(), ActionError> {
        let mut state = self.state();
        if key.is_empty() || state.by_key(key).is_some_and(|other| other != id) {
            return Err(ActionError::Invalid("an account has a key of its own".to_owned()));
        }
        match state.accounts.get_mut(&id) {
            Some(account) => key.clone_into(&mut account.key),
            None => {
                state.accounts.insert(id, Account::new(key));
            }
        }
        Ok(())
    }

    fn with_account<T>(&self, id: i64, change: impl FnOnce(&mut Account) -> T) -> Result<T, ActionError> {
        self.state().accounts.get_mut(&id).map(change).ok_or_else(|| ActionError::NoSuch(format!("account {id}")))
    }

    /// Whether the key is one of a Sidecar: only part of the routes, 403 on the others.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn set_sidecar(&self, account: i64, on: bool) -> Result<(), ActionError> {
        self.with_account(account, |account| account.sidecar = on)
    }

    /// The key that pushes carry as `Authorization: Bearer`.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn set_crm_key(&self, account: i64, key: Option<&str>) -> Result<(), ActionError> {
        self.with_account(account, |account| account.crm_key = key.map(str::to_owned))
    }

    /// Adds an active channel without a limit of dialogues; gives its `channelId`.
    ///
    /// # Errors
    /// If there is no such account, or the number is taken or not positive.
    pub fn add_channel(&self, id: i64, account: i64, transport: Transport, plain: &str) -> Result<String, ActionError> {
        let mut state = self.state();
        if !state.accounts.contains_key(&account) {
            return Err(ActionError::NoSuch(format!("account {account}")));
        }
        if id <= 0 || state.channels.contains_key(&id) {
            return Err(ActionError::Invalid(format!("a channel has a positive number of its own, not {id}")));
        }
        let channel = Channel::new(id, account, transport, plain);
        let named = channel.channel_id.clone();
        state.channels.insert(id, channel);
        Ok(named)
    }

    fn with_channel<T>(&self, id: i64, change: impl FnOnce(&mut Channel) -> T) -> Result<T, ActionError> {
        self.state().channels.get_mut(&id).map(change).ok_or(ActionError::NoBot(id))
    }

    /// The channel's state changes, which is told: `active`, `qr`, `disabled`, `phoneUnavailable`,
    /// `notEnoughMoney`… Any but `active` sends nothing.
    ///
    /// # Errors
    /// If there is no such channel.
    pub fn set_channel_state(&self, channel: i64, now_is: &str) -> Result<(), ActionError> {
        self.with_channel(channel, |channel| now_is.clone_into(&mut channel.state))?;
        self.tell_state(channel);
        Ok(())
    }

    fn tell_state(&self, channel: i64) {
        let mut state = self.state();
        let at = state.now().timestamp_millis();
        let Some(found) = state.channels.get(&channel) else { return };
        let mut told = json!({ "channelId": found.channel_id, "state": found.state, "timestamp": at });
        if found.state == "qr" {
            told["qr"] = json!("data:image/png;base64,iVBORw0KGgo=");
        }
        if let Some(tier) = found.tier.as_ref().filter(|_| found.transport == Transport::Wapi) {
            told["tier"] = json!(tier);
        }
        state.tell(channel, 0, "channelsUpdates", told);
    }

    /// The tier of a WABA channel, which is told.
    ///
    /// # Errors
    /// If there is no such channel.
    pub fn set_tier(&self, channel: i64, tier: &str) -> Result<(), ActionError> {
        self.with_channel(channel, |channel| channel.tier = Some(tier.to_owned()))?;
        self.tell_state(channel);
        Ok(())
    }

    /// Every send of a channel is refused with this code at once; `None` ends it.
    ///
    /// # Errors
    /// If there is no such channel.
    pub fn set_trouble(&self, channel: i64, code: Option<&str>) -> Result<(), ActionError> {
        self.with_channel(channel, |channel| channel.trouble = code.map(str::to_owned))
    }

    /// What the tariff and the balance let a channel do: correspondents of a month, writing first,
    /// WABA messages.
    ///
    /// # Errors
    /// If there is no such channel.
    pub fn set_tariff(&self, channel: i64, dialogues: Option<u32>, text_first: bool, balance: Option<u32>) -> Result<(), ActionError> {
        self.with_channel(channel, |channel| {
            (channel.dialogues, channel.text_first, channel.balance) = (dialogues, text_first, balance);
        })
    }

    /// The count of a channel's correspondents begins anew, as on the first of a month.
    ///
    /// # Errors
    /// If there is no such channel.
    pub fn begin_month(&self, channel: i64) -> Result<(), ActionError> {
        self.with_channel(channel, Channel::begin_month)
    }

    /// The channels, by number.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelInfo> {
        let mut state = self.quiet();
        let now = state.now();
        let info = |channel: &mut Channel| ChannelInfo {
            id: channel.id,
            account: channel.account,
            channel_id: channel.channel_id.clone(),
            transport: channel.transport,
            username: channel.plain.clone(),
            first_name: format!("{} {}", channel.transport.chat_type(), channel.plain),
            state: channel.state.clone(),
            correspondents: channel.used(now),
        };
        state.channels.values_mut().map(info).collect()
    }
}
