//! The models with their fields, by version and installed modules (contract, 2.3 to 2.5).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::settings::Settings;

/// The type of a field, with the model a relation leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Float,
    Boolean,
    Char,
    /// Text with marks.
    Html,
    Date,
    Datetime,
    /// What may be chosen.
    Selection(&'static [(&'static str, &'static str)]),
    Many2one(&'static str),
    Many2many(&'static str),
    /// The other model, and its field that leads here.
    One2many(&'static str, &'static str),
}

impl Kind {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Char => "char",
            Self::Html => "html",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Selection(_) => "selection",
            Self::Many2one(_) => "many2one",
            Self::Many2many(_) => "many2many",
            Self::One2many(..) => "one2many",
        }
    }

    pub(crate) fn relation(&self) -> Option<&'static str> {
        match self {
            Self::Many2one(model) | Self::Many2many(model) | Self::One2many(model, _) => Some(model),
            _ => None,
        }
    }

    /// A custom field's type by its name; relations are not made.
    pub(crate) fn custom(name: &str) -> Option<Self> {
        Some(match name {
            "integer" => Self::Integer,
            "float" => Self::Float,
            "boolean" => Self::Boolean,
            "char" | "text" => Self::Char,
            "html" => Self::Html,
            "date" => Self::Date,
            "datetime" => Self::Datetime,
            _ => return None,
        })
    }
}

/// A field.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) label: String,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) readonly: bool,
}

impl Field {
    pub(crate) fn new(label: &str, kind: Kind) -> Self {
        Self { label: label.to_owned(), kind, required: false, readonly: false }
    }

    /// As `fields_get` shows it, with these attributes alone; none: all.
    pub(crate) fn show(&self, attributes: &[String]) -> Value {
        let mut shown = Map::from_iter([
            ("string".to_owned(), json!(self.label)),
            ("type".to_owned(), json!(self.kind.name())),
            ("required".to_owned(), json!(self.required)),
            ("readonly".to_owned(), json!(self.readonly)),
            ("store".to_owned(), json!(true)),
        ]);
        if let Some(relation) = self.kind.relation() {
            shown.insert("relation".to_owned(), json!(relation));
        }
        if let Kind::Selection(choices) = self.kind {
            shown.insert("selection".to_owned(), json!(choices));
        }
        if !attributes.is_empty() {
            shown.retain(|name, _| attributes.contains(name));
        }
        Value::Object(shown)
    }
}

/// The fields of a model by name.
pub(crate) type Fields = BTreeMap<String, Field>;

const ADDRESS: &[(&str, &str)] =
    &[("contact", "Contact"), ("invoice", "Invoice Address"), ("delivery", "Delivery Address"), ("other", "Other Address")];
const LEAD: &[(&str, &str)] = &[("lead", "Lead"), ("opportunity", "Opportunity")];
const MESSAGE: &[(&str, &str)] = &[("comment", "Comment"), ("notification", "Notification"), ("email", "Email")];

struct Making(Fields);

impl Making {
    /// A model with what every model has.
    fn model() -> Self {
        let making = Self(Fields::new()).add("id", "ID", Kind::Integer).add("display_name", "Display Name", Kind::Char);
        let making = making.add("create_date", "Created on", Kind::Datetime).add("write_date", "Last Updated on", Kind::Datetime);
        let making = making.add("create_uid", "Created by", Kind::Many2one("res.users")).add(
            "write_uid",
            "Last Updated by",
            Kind::Many2one("res.users"),
        );
        making.readonly(&["id", "display_name", "create_date", "write_date", "create_uid", "write_uid"])
    }

    fn add(mut self, name: &str, label: &str, kind: Kind) -> Self {
        self.0.insert(name.to_owned(), Field::new(label, kind));
        self
    }

    fn texts(self, fields: &[(&str, &str)]) -> Self {
        fields.iter().fold(self, |making, (name, label)| making.add(name, label, Kind::Char))
    }

    fn required(mut self, names: &[&str]) -> Self {
        self.0.iter_mut().filter(|(name, _)| names.contains(&name.as_str())).for_each(|(_, field)| field.required = true);
        self
    }

    fn readonly(mut self, names: &[&str]) -> Self {
        self.0.iter_mut().filter(|(name, _)| names.contains(&name.as_str())).for_each(|(_, field)| field.readonly = true);
        self
    }

    fn active(self) -> Self {
        self.add("active", "Active", Kind::Boolean)
    }
}

/// Every model of a version with these modules.
pub(crate) fn models(settings: &Settings) -> BTreeMap<&'static str, Fields> {
    let mut partner = Making::model()
        .texts(&[
            ("name", "Name"),
            ("email", "Email"),
            ("phone", "Phone"),
            ("lang", "Language"),
            ("tz", "Timezone"),
            ("city", "City"),
            ("ref", "Reference"),
        ])
        .active()
        .add("is_company", "Is a Company", Kind::Boolean)
        .add("parent_id", "Related Company", Kind::Many2one("res.partner"))
        .add("child_ids", "Contacts", Kind::One2many("res.partner", "parent_id"))
        .add("type", "Address Type", Kind::Selection(ADDRESS))
        .add("category_id", "Tags", Kind::Many2many("res.partner.category"))
        .add("comment", "Notes", Kind::Html)
        .add("country_id", "Country", Kind::Many2one("res.country"))
        .add("user_id", "Salesperson", Kind::Many2one("res.users"))
        .add("message_ids", "Messages", Kind::One2many("mail.message", "res_id"))
        .readonly(&["child_ids", "message_ids"]);
    if settings.version >= 17 {
        partner = partner.texts(&[("complete_name", "Complete Name")]).readonly(&["complete_name"]);
    }
    if settings.version <= 18 {
        partner = partner.texts(&[("mobile", "Mobile")]);
    }
    if settings.phone_validation {
        partner = partner
            .texts(&[("phone_sanitized", "Sanitized Number")])
            .add("phone_blacklisted", "Blacklisted Phone is Phone", Kind::Boolean)
            .add("phone_sanitized_blacklisted", "Phone Blacklisted", Kind::Boolean)
            .readonly(&["phone_sanitized", "phone_blacklisted", "phone_sanitized_blacklisted"]);
    }
    if settings.mass_mailing {
        partner = partner.add("is_blacklisted", "Blacklist", Kind::Boolean).readonly(&["is_blacklisted"]);
    }
    let named = || Making::model().texts(&[("name", "Name")]).required(&["name"]);
    let mut all = vec![
        ("res.partner", partner),
        (
            "res.partner.category",
            named().active().add("color", "Color", Kind::Integer).add("parent_id", "Category", Kind::Many2one("res.partner.category")),
        ),
        ("res.country", named().texts(&[("code", "Country Code")])),
        ("res.users", named().active().texts(&[("login", "Login")]).add("partner_id", "Related Partner", Kind::Many2one("res.partner"))),
        ("ir.model.fields", named().texts(&[("ttype", "Field Type"), ("field_description", "Field Label")])),
        ("ir.model", named().texts(&[("model", "Model")])),
        (
            "mail.message",
            Making::model()
                .texts(&[("model", "Related Document Model"), ("subject", "Subject")])
                .add("res_id", "Related Document ID", Kind::Integer)
                .add("body", "Contents", Kind::Html)
                .add("message_type", "Type", Kind::Selection(MESSAGE))
                .add("date", "Date", Kind::Datetime)
                .add("author_id", "Author", Kind::Many2one("res.partner"))
                .add("is_internal", "Employee Only", Kind::Boolean),
        ),
        ("mail.activity.type", named()),
        (
            "mail.activity",
            Making::model()
                .texts(&[("summary", "Summary")])
                .add("res_model_id", "Document Model", Kind::Many2one("ir.model"))
                .add("res_id", "Related Document ID", Kind::Integer)
                .add("activity_type_id", "Activity Type", Kind::Many2one("mail.activity.type"))
                .add("note", "Note", Kind::Html)
                .add("date_deadline", "Due Date", Kind::Date)
                .add("user_id", "Assigned to", Kind::Many2one("res.users"))
                .required(&["res_model_id", "res_id", "date_deadline"]),
        ),
    ];
    if settings.phone_validation {
        all.push(("phone.blacklist", Making::model().active().texts(&[("number", "Phone Number")]).required(&["number"])));
    }
    if settings.mass_mailing {
        all.push(("mail.blacklist", Making::model().active().texts(&[("email", "Email Address")]).required(&["email"])));
    }
    if settings.crm {
        let lead = named()
            .active()
            .texts(&[("contact_name", "Contact Name"), ("phone", "Phone"), ("email_from", "Email")])
            .add("type", "Type", Kind::Selection(LEAD))
            .add("stage_id", "Stage", Kind::Many2one("crm.stage"))
            .add("team_id", "Sales Team", Kind::Many2one("crm.team"))
            .add("user_id", "Salesperson", Kind::Many2one("res.users"))
            .add("partner_id", "Customer", Kind::Many2one("res.partner"))
            .add("probability", "Probability", Kind::Float)
            .add("expected_revenue", "Expected Revenue", Kind::Float)
            .add("date_last_stage_update", "Last Stage Update", Kind::Datetime)
            .add("date_closed", "Closed Date", Kind::Datetime)
            .add("tag_ids", "Tags", Kind::Many2many("crm.tag"))
            .add("message_ids", "Messages", Kind::One2many("mail.message", "res_id"))
            .add("lost_reason_id", "Lost Reason", Kind::Many2one("crm.lost.reason"))
            .readonly(&["date_last_stage_update", "message_ids"]);
        let lead = if settings.version <= 18 { lead.texts(&[("mobile", "Mobile")]) } else { lead };
        all.push(("crm.lead", lead));
        let stage = named().add("sequence", "Sequence", Kind::Integer).add("is_won", "Is Won Stage?", Kind::Boolean);
        all.push(("crm.stage", stage.add("team_id", "Sales Team", Kind::Many2one("crm.team"))));
        all.push(("crm.team", named().active()));
        all.push(("crm.tag", named().add("color", "Color", Kind::Integer)));
        all.push(("crm.lost.reason", named().active()));
    }
    all.into_iter().map(|(name, making)| (name, making.0)).collect()
}
