//! Companies (contracts/crm/retailcrm.md, 2.1; their shape is secondary: the vendor's client). The
//! people of a company are customers as any others and come with them; what is read here is the
//! company's name, for its main person: a list of companies names no other, and a call for each
//! company would be read for hours.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{RetailCrm, unless_closed, wire};
use crate::crm::{CrmContact, CrmError, CrmField, CrmFieldKind};

/// The field of people that holds it.
pub const FIELD: &str = "company";

/// It, as people see it.
pub fn field() -> CrmField {
    CrmField::new(FIELD.to_owned(), "Компания", CrmFieldKind::Text, Vec::new())
}

/// The main person and the name of a company; `None`: it has none of them.
fn main_person(company: &Value) -> Option<(String, String)> {
    let person = wire::id(&company["mainCustomerContact"]["customer"]["id"])?;
    let name = [&company["mainCompany"]["name"], &company["nickName"]].into_iter().filter_map(Value::as_str).map(str::trim);
    Some((person, name.into_iter().find(|name| !name.is_empty())?.to_owned()))
}

impl RetailCrm {
    /// Adds the names of their companies, where that is asked for.
    pub(super) async fn with_companies(&self, contacts: &mut [CrmContact]) -> Result<(), CrmError> {
        if !self.bound.companies || contacts.is_empty() {
            return Ok(());
        }
        let companies = self.companies.get_or_try_init(|| self.read_companies()).await?;
        for contact in contacts {
            let name = companies.get(&contact.id).map(|name| json!(name));
            contact.fields.push((FIELD.to_owned(), name.into_iter().collect()));
        }
        Ok(())
    }

    async fn read_companies(&self) -> Result<HashMap<String, String>, CrmError> {
        let all = unless_closed(self.all("v5/customers-corporate", "customersCorporate").await, Vec::new())?;
        Ok(all.iter().filter_map(main_person).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_is_called_by_its_own_name_or_by_the_accounts() {
        let company = json!({ "id": 1, "nickName": "Ромашка", "mainCustomerContact": { "id": 7, "customer": { "id": 4770 } },
            "mainCompany": { "id": 2, "name": "ООО «Ромашка»" } });
        assert_eq!(main_person(&company), Some(("4770".to_owned(), "ООО «Ромашка»".to_owned())));
        let bare = json!({ "id": 1, "nickName": " Ромашка ", "mainCustomerContact": { "customer": { "id": 4770 } } });
        assert_eq!(main_person(&bare).map(|(_, name)| name).as_deref(), Some("Ромашка"));
        assert_eq!(main_person(&json!({ "id": 1, "nickName": "Ромашка" })), None);
    }
}
