//! Parameters as the portal reads them: JSON, forms and queries with PHP's nested brackets, in the
//! order they came.

use serde::{
    Deserialize,
    de::{Deserializer, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::error::{B24Error, B24Result};

/// Pairs of a map in their order: the order of sorting and of commands means something.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs(pub(crate) Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Pairs;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map or a list")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(value) = list.next_element()? {
                    pairs.push((pairs.len().to_string(), value));
                }
                Ok(Pairs(pairs))
            }

            fn visit_unit<E>(self) -> Result<Pairs, E> {
                Ok(Pairs::default())
            }
        }
        deserializer.deserialize_any(Seen)
    }
}

/// What a call brings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    pub(crate) all: Value,
    /// `order`, the most important first.
    pub(crate) order: Vec<(String, Value)>,
    /// `cmd`, in the order of carrying out.
    pub(crate) cmd: Vec<(String, Value)>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ordered {
    order: Pairs,
    cmd: Pairs,
}

impl Params {
    /// The query of the address under the body.
    pub(crate) fn read(query: &str, kind: &str, body: &[u8]) -> B24Result<Self> {
        let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let json = kind.starts_with("application/json") || body.first() == Some(&b'{');
        if !json {
            pairs.extend(url::form_urlencoded::parse(body).into_owned());
        }
        let mut params = Self::nested(&pairs);
        if json && !body.is_empty() {
            let wrong = |_| B24Error::new(400, "INVALID_REQUEST", "The body is no JSON.");
            let sent: Value = serde_json::from_slice(body).map_err(wrong)?;
            let ordered: Ordered = serde_json::from_slice(body).unwrap_or_default();
            if let (Value::Object(all), Value::Object(sent)) = (&mut params.all, sent) {
                all.extend(sent);
            }
            (params.order, params.cmd) = (ordered.order.0, ordered.cmd.0);
        }
        Ok(params)
    }

    /// `a[b][]=c` as a tree.
    pub(crate) fn nested(pairs: &[(String, String)]) -> Self {
        let typed: Vec<_> = pairs.iter().map(|(key, value)| (key.clone(), Value::String(value.clone()))).collect();
        Self::tree(&typed)
    }

    /// The same of values that are more than texts.
    pub(crate) fn tree(pairs: &[(String, Value)]) -> Self {
        let mut params = Self { all: Value::Object(Map::new()), ..Self::default() };
        for (key, value) in pairs {
            let path = path(key);
            match path.as_slice() {
                ["order" | "ORDER", field] => params.order.push(((*field).to_owned(), value.clone())),
                ["cmd" | "CMD", name] => params.cmd.push(((*name).to_owned(), value.clone())),
                _ => {}
            }
            put(&mut params.all, &path, value.clone());
        }
        params
    }

    pub(crate) fn get(&self, key: &str) -> &Value {
        &self.all[key]
    }

    /// A number, typed or written.
    pub(crate) fn whole(&self, key: &str) -> Option<i64> {
        whole(&self.all[key])
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.all[key].as_str().filter(|text| !text.is_empty())
    }

    /// A number that must be there.
    pub(crate) fn want(&self, key: &str) -> B24Result<i64> {
        self.whole(key).ok_or_else(|| B24Error::missing(key))
    }

    /// `fields`, which must be there. The key is case-sensitive.
    pub(crate) fn fields(&self) -> B24Result<&Map<String, Value>> {
        self.all["fields"].as_object().ok_or_else(|| B24Error::missing("fields"))
    }
}

/// `a[b][c]` as its parts; an empty part is a place at the end of a list.
fn path(key: &str) -> Vec<&str> {
    let Some((first, rest)) = key.split_once('[') else { return vec![key] };
    let rest = rest.strip_suffix(']').unwrap_or(rest);
    std::iter::once(first).chain(rest.split("][")).collect()
}

fn put(into: &mut Value, path: &[&str], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *into = value;
        return;
    };
    if first.is_empty() {
        if !into.is_array() {
            *into = Value::Array(Vec::new());
        }
        if let Value::Array(list) = into {
            let mut item = Value::Null;
            put(&mut item, rest, value);
            list.push(item);
        }
        return;
    }
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    if let Value::Object(map) = into {
        put(map.entry((*first).to_owned()).or_insert(Value::Null), rest, value);
    }
}

/// A number, typed or written.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// What stands in a list, or in a map whose keys are its places.
pub(crate) fn listed(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(map) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| key.parse::<u64>().unwrap_or(u64::MAX));
            pairs.into_iter().map(|(_, value)| value).collect()
        }
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// A value as legacy methods write it.
pub(crate) fn written(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(list) => Value::Array(list.iter().map(written).collect()),
        Value::Bool(flag) => Value::String(if *flag { "Y" } else { "N" }.to_owned()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn brackets_make_trees_and_order_is_kept() {
        let query = "order[updatedTime]=ASC&order[id]=DESC&filter[>id]=5&select[]=*&select[]=fm&fields[fm][n0][typeId]=PHONE";
        let params = Params::read(query, "", b"").unwrap();
        let order: Vec<&str> = params.order.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(order, ["updatedTime", "id"]);
        assert_eq!((params.get("select"), &params.get("filter")[">id"]), (&json!(["*", "fm"]), &json!("5")));
        assert_eq!(params.get("fields")["fm"]["n0"]["typeId"], "PHONE");
        let body = br#"{"cmd":{"p2":"b","p10":"a"},"halt":1}"#;
        let params = Params::read("auth=x", "application/json", body).unwrap();
        assert_eq!(params.cmd.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["p2", "p10"]);
        assert_eq!((params.text("auth"), params.whole("halt")), (Some("x"), Some(1)));
        assert!(Params::read("", "application/json", b"{").is_err());
    }
}
