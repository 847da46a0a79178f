//! Help by topics: what a member does with each part, in a few sentences.

use mms_core::account::Role;

use super::Call;
use crate::{
    frame::screen::{Button, Screen},
    i18n::{Html, Tr},
    p,
    screens::commands,
    t, wire_enum,
};

/// What help is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// What comes first.
    Begin,
    /// Contacts and where they come from.
    Contacts,
    Segments,
    /// Templates and their variables.
    Templates,
    /// Campaigns, from the draft to the report.
    Campaigns,
    /// Consent and opting out.
    Consent,
    /// When something does not go.
    Trouble,
}

wire_enum!(Topic {
    Begin = "b",
    Contacts = "c",
    Segments = "s",
    Templates = "t",
    Campaigns = "k",
    Consent = "a",
    Trouble = "x",
});

impl Topic {
    /// Every topic, in the order of the list.
    pub const ALL: [Self; 7] =
        [Self::Begin, Self::Contacts, Self::Segments, Self::Templates, Self::Campaigns, Self::Consent, Self::Trouble];

    fn title(self, tr: Tr) -> String {
        match self {
            Self::Begin => p!(tr, "start-help-begin"),
            Self::Contacts => p!(tr, "start-help-contacts"),
            Self::Segments => p!(tr, "start-help-segments"),
            Self::Templates => p!(tr, "start-help-templates"),
            Self::Campaigns => p!(tr, "start-help-campaigns"),
            Self::Consent => p!(tr, "start-help-consent"),
            Self::Trouble => p!(tr, "start-help-trouble"),
        }
    }

    fn text(self, tr: Tr) -> String {
        match self {
            Self::Begin => t!(tr, "start-help-begin-text"),
            Self::Contacts => t!(tr, "start-help-contacts-text"),
            Self::Segments => t!(tr, "start-help-segments-text"),
            Self::Templates => t!(tr, "start-help-templates-text"),
            Self::Campaigns => t!(tr, "start-help-campaigns-text"),
            Self::Consent => t!(tr, "start-help-consent-text"),
            Self::Trouble => t!(tr, "start-help-trouble-text"),
        }
    }
}

/// What the bot can do: topics for a member, and the commands of the role.
#[must_use]
pub fn card(tr: Tr, role: Option<Role>) -> Screen {
    let list: Vec<String> = commands::shown(role).map(|command| format!("/{} — {}", command.name, (command.about)(tr))).collect();
    let screen = Screen::new(t!(tr, "start-help", commands = Html(mms_core::text::escape(&list.join("\n")))));
    if role.is_none() {
        return screen.button(p!(tr, "back"), Call::Open);
    }
    let topics = Topic::ALL.map(|topic| Button::call(topic.title(tr), Call::Topic { topic }));
    topics.chunks(2).fold(screen.at(Call::Help), |screen, row| screen.row(row.to_vec())).home(tr)
}

/// One topic.
#[must_use]
pub fn topic(tr: Tr, topic: Topic) -> Screen {
    Screen::new(format!("<b>{}</b>\n\n{}", mms_core::text::escape(&topic.title(tr)), topic.text(tr))).nav(tr, Call::Help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshots;

    snapshots!(start_help_stranger, |tr| card(tr, None));
    snapshots!(start_help_owner, |tr| card(tr, Some(Role::Owner)));
    snapshots!(start_help_begin, |tr| topic(tr, Topic::Begin));
    snapshots!(start_help_contacts, |tr| topic(tr, Topic::Contacts));
    snapshots!(start_help_segments, |tr| topic(tr, Topic::Segments));
    snapshots!(start_help_templates, |tr| topic(tr, Topic::Templates));
    snapshots!(start_help_campaigns, |tr| topic(tr, Topic::Campaigns));
    snapshots!(start_help_consent, |tr| topic(tr, Topic::Consent));
    snapshots!(start_help_trouble, |tr| topic(tr, Topic::Trouble));
}
