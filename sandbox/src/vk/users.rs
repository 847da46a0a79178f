//! `users.get`.

use serde_json::{Value, json};

use super::{
    Vk,
    error::{VkError, VkResult},
    params::Params,
};
use crate::telegram::User;

/// People that one call may name.
const MOST: usize = 1000;

/// A person as the API shows one.
pub(crate) fn shown(user: &User, fields: &[&str]) -> Value {
    if user.deactivated {
        return json!({ "id": user.id, "first_name": "DELETED", "last_name": "", "deactivated": "deleted" });
    }
    let mut shown = json!({ "id": user.id, "first_name": user.first_name, "last_name": user.last_name.clone().unwrap_or_default(),
        "is_closed": false, "can_access_closed": true });
    for field in fields {
        match *field {
            "screen_name" | "domain" => shown[*field] = json!(user.username.clone().unwrap_or_else(|| format!("id{}", user.id))),
            "sex" => shown["sex"] = json!(0),
            "photo_50" | "photo_100" | "photo_200" => shown[*field] = json!("https://vk.com/images/camera_200.png"),
            "can_write_private_message" => shown[*field] = json!(1),
            _ => {}
        }
    }
    shown
}

/// Unknown ones are left out.
pub(crate) fn get(vk: &Vk, params: &Params) -> VkResult {
    let list = params.text("user_ids").or_else(|| params.text("user_id")).unwrap_or_default();
    let names: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.len() > MOST {
        return Err(VkError::parameter("user_ids is too long"));
    }
    let fields: Vec<&str> = params.text("fields").unwrap_or_default().split(',').map(str::trim).collect();
    let state = vk.quiet();
    let find = |name: &str| {
        let id = name.strip_prefix("id").unwrap_or(name).parse::<i64>().ok();
        id.and_then(|id| state.users.get(&id)).or_else(|| state.users.values().find(|user| user.username.as_deref() == Some(name)))
    };
    Ok(json!(names.into_iter().filter_map(find).map(|user| shown(user, &fields)).collect::<Vec<_>>()))
}
