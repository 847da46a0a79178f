//! Being a sender of messages inside a portal (contracts/crm/bitrix24.md, 0; names of parameters as
//! at apidocs.bitrix24.com, `messageservice`): only our application may, with the scope
//! `messageservice` and an administrator's rights.

use serde_json::json;

use super::{
    Bitrix24,
    wire::{Kind, items},
};
use crate::crm::{CrmError, message::Told};

/// What people of the portal choose it by.
const NAME: (&str, &str) = ("Мессенджеры (mms)", "Messengers (mms)");

impl Bitrix24 {
    /// Makes us a sender, brings its address up to date, or takes it away.
    pub(super) async fn offer(&self, code: &str, url: Option<&str>) -> Result<(), CrmError> {
        if !self.is_application() {
            return Err(CrmError::Forbidden("a webhook may not be a sender".to_owned()));
        }
        let answer = self.call(Kind::Read, "messageservice.sender.list", json!({})).await?;
        let there = items(&answer, "result").into_iter().any(|known| known == code);
        let (method, body) = match (url, there) {
            (Some(url), false) => {
                let name = json!({ "ru": NAME.0, "en": NAME.1 });
                ("messageservice.sender.add", json!({ "CODE": code, "TYPE": "SMS", "HANDLER": url, "NAME": name }))
            }
            (Some(url), true) => ("messageservice.sender.update", json!({ "CODE": code, "HANDLER": url })),
            (None, true) => ("messageservice.sender.delete", json!({ "CODE": code })),
            (None, false) => return Ok(()),
        };
        self.call(Kind::Repeatable, method, body).await.map(|_| ())
    }

    /// The portal has no place for why a message did not go.
    pub(super) async fn tell_of(&self, code: &str, message: &str, told: Told) -> Result<(), CrmError> {
        let status = match told {
            Told::Sent => "sent",
            Told::Delivered => "delivered",
            Told::Undelivered => "undelivered",
            Told::Failed => "failed",
        };
        let body = json!({ "CODE": code, "MESSAGE_ID": message, "STATUS": status });
        self.call(Kind::Repeatable, "messageservice.message.status.update", body).await.map(|_| ())
    }
}
