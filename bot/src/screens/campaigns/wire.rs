//! What the buttons of campaigns carry, and what is asked.

use mms_core::{
    campaign::{NextOn, UncertainPolicy, control},
    id::{CampaignId, ChannelId, ContactId, SegmentId, VersionId},
    stamp::Stamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    calls,
    frame::{
        callback::{Need, Sought},
        dialogue::{Input, Steps},
    },
    wire_enum,
};

wire_enum!(NextOn { Never = "n", Undelivered = "d", Unread = "r" });
wire_enum!(UncertainPolicy { Leave = "l", Resend = "r", Ask = "a" });
wire_enum!(control::Word { Resend = "r", Leave = "l" });

/// Which list of segments is chosen from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Who gets it.
    Include,
    /// Who does not.
    Exclude,
}
wire_enum!(Side { Include = "i", Exclude = "e" });

/// A start chosen by one touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the launch.
    Now,
    /// An hour from now.
    Hour,
}
wire_enum!(Start { Now = "n", Hour = "h" });

/// An end chosen by one touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// None: until everything went.
    Never,
    /// Nine in the evening of the day it starts.
    Nine,
    /// A day after the start.
    Day,
}
wire_enum!(End { Never = "n", Nine = "e", Day = "d" });

calls! {
    /// Buttons of campaigns.
    pub enum Call {
        /// The list, by pages.
        "l" List { page: u32 } => View,
        /// Totals over the last days.
        "S" Totals { days: u16 } => View,
        /// A campaign's card, whatever it is at.
        "c" Card { campaign: CampaignId } => View,
        /// A new one: asks for its name.
        "n" New => Edit,
        /// What it consists of, to be changed.
        "m" Compose { campaign: CampaignId } => Edit,
        /// Another name: asks.
        "e" Rename { campaign: CampaignId } => Edit,
        /// What is needed less often.
        "i" More { campaign: CampaignId } => Edit,
        /// Whatever is missing still, else the card.
        "j" Done { campaign: CampaignId } => Edit,
        /// A new one for a segment.
        "I" ForSegment { segment: SegmentId } => Edit,
        /// A new one with a template.
        "J" OfTemplate { version: VersionId } => Edit,
        /// One more that consists of the same.
        "d" Duplicate { campaign: CampaignId } => Edit,
        /// Delete: asks first.
        "x" AskDelete { campaign: CampaignId } => Edit,
        /// Delete.
        "X" Delete { campaign: CampaignId } => Edit,
        /// Which template? The stamp is of the steps that were shown, here and below.
        "t" Templates { campaign: CampaignId, step: i16, page: u32, stamp: Stamp } => Edit,
        /// This version.
        "T" SetTemplate { campaign: CampaignId, step: i16, version: VersionId, stamp: Stamp } => Edit,
        /// Whom for?
        "a" Audience { campaign: CampaignId } => Edit,
        /// Which segments?
        "g" Segments { campaign: CampaignId, side: Side, page: u16 } => Edit,
        /// This segment (`on`), or not.
        "G" Toggle { campaign: CampaignId, segment: SegmentId, side: Side, page: u16, on: bool } => Edit,
        /// Everybody.
        "b" Everybody { campaign: CampaignId } => Edit,
        /// Through which channel?
        "h" Channels { campaign: CampaignId, step: i16, stamp: Stamp } => Edit,
        /// This channel.
        "H" SetChannel { campaign: CampaignId, step: i16, channel: ChannelId, stamp: Stamp } => Edit,
        /// A step of several, to be changed.
        "1" StepCard { campaign: CampaignId, step: i16, stamp: Stamp } => Edit,
        /// A further step: through which channel?
        "2" AddStep { campaign: CampaignId } => Edit,
        /// Through this one: when does it go?
        "3" StepThrough { campaign: CampaignId, channel: ChannelId, stamp: Stamp } => Edit,
        /// A further step, with all it needs.
        "4" NewStep { campaign: CampaignId, channel: ChannelId, next_on: NextOn, minutes: u16, stamp: Stamp } => Edit,
        /// When does the step behind this one go?
        "5" Rules { campaign: CampaignId, step: i16, stamp: Stamp } => Edit,
        /// Then.
        "6" SetRule { campaign: CampaignId, step: i16, next_on: NextOn, minutes: u16, stamp: Stamp } => Edit,
        /// After a typed time: asks.
        "7" AskRule { campaign: CampaignId, step: i16, next_on: NextOn, stamp: Stamp } => Edit,
        /// A step goes: asks first.
        "8" AskRemoveStep { campaign: CampaignId, step: i16, stamp: Stamp } => Edit,
        /// A step goes.
        "0" RemoveStep { campaign: CampaignId, step: i16, stamp: Stamp } => Edit,
        /// When?
        "w" When { campaign: CampaignId } => Edit,
        /// From then.
        "W" SetStart { campaign: CampaignId, start: Start } => Edit,
        /// From a typed time: asks.
        "y" AskStart { campaign: CampaignId } => Edit,
        /// From or until a moment that a typed time may mean, in minutes since 1970.
        "k" SetAt { campaign: CampaignId, start: bool, minute: u32 } => Edit,
        /// Until then.
        "Z" SetEnd { campaign: CampaignId, end: End } => Edit,
        /// Until a typed time: asks.
        "z" AskEnd { campaign: CampaignId } => Edit,
        /// What about unknown outcomes?
        "p" Policies { campaign: CampaignId } => Edit,
        /// This.
        "P" SetPolicy { campaign: CampaignId, policy: UncertainPolicy } => Edit,
        /// Exact numbers.
        "f" Forecast { campaign: CampaignId } => View,
        /// The message of the n-th recipient.
        "v" Sample { campaign: CampaignId, step: i16, n: u32 } => View,
        /// Hand the template of a step in for review by its channel's provider.
        "K" HandIn { campaign: CampaignId, step: i16, stamp: Stamp } => Edit,
        /// Hand in.
        "s" Submit { campaign: CampaignId } => Edit,
        /// Agree to what was seen: the first sixteen hex digits of its hash.
        "A" Approve { campaign: CampaignId, seen: u64 } => Approve,
        /// Give back what was seen: asks for a comment.
        "B" AskReturn { campaign: CampaignId, seen: u64 } => Approve,
        /// What changed since an approver decided last.
        "M" Changes { campaign: CampaignId, page: u32 } => View,
        /// The conditions of its segments.
        "U" Conditions { campaign: CampaignId, page: u32 } => View,
        /// Launch: asks for the number.
        "L" AskLaunch { campaign: CampaignId } => Edit,
        /// Take a scheduled start back.
        "R" Recall { campaign: CampaignId } => Edit,
        /// Pause.
        "u" Pause { campaign: CampaignId } => Edit,
        /// Go on.
        "r" Resume { campaign: CampaignId } => Edit,
        /// Stop: asks first.
        "o" AskStop { campaign: CampaignId } => Edit,
        /// Stop.
        "O" Stop { campaign: CampaignId } => Edit,
        /// About messages with an unknown outcome; `about`: how many the card told of.
        "D" Decide { campaign: CampaignId, word: control::Word, about: u32 } => Edit,
        /// The chart.
        "F" Chart { campaign: CampaignId } => View,
        /// The list of recipients.
        "E" Sheet { campaign: CampaignId } => Export,
        /// Who got it: asks for a phone or a name.
        "q" AskWho { campaign: CampaignId } => View,
        /// This contact.
        "Q" Who { campaign: CampaignId, contact: ContactId } => View,
        /// What this contact got, or may have got: their messages by number.
        "9" Got { campaign: CampaignId, contact: ContactId, n: u16 } => View,
        /// Those who were found by these words: where one comes back to.
        "N" WhoFound { campaign: CampaignId, sought: Sought } => View,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The name of a new campaign.
    Name,
    Rename {
        campaign: CampaignId,
    },
    Start {
        campaign: CampaignId,
    },
    End {
        campaign: CampaignId,
    },
    /// Why it is given back.
    Return {
        campaign: CampaignId,
        /// The head of the hash of what was submitted.
        seen: u64,
    },
    /// The number of recipients.
    Launch {
        campaign: CampaignId,
        /// The head of the hash of what was approved.
        seen: u64,
    },
    /// Whose outcome.
    Who {
        campaign: CampaignId,
    },
    /// How long after a step the next one goes.
    Rule {
        campaign: CampaignId,
        step: i16,
        next_on: NextOn,
        /// Of the steps that were shown.
        stamp: Stamp,
    },
    /// The beginning of a segment's name to tick.
    Segment {
        campaign: CampaignId,
        side: Side,
    },
}

impl Steps for Step {
    fn need(&self) -> Need {
        match self {
            Self::Name
            | Self::Rename { .. }
            | Self::Start { .. }
            | Self::End { .. }
            | Self::Launch { .. }
            | Self::Segment { .. }
            | Self::Rule { .. } => Need::Edit,
            Self::Return { .. } => Need::Approve,
            Self::Who { .. } => Need::View,
        }
    }

    // A table is meant to be imported, here as anywhere.
    fn is_over(&self, input: &Input) -> bool {
        matches!(self, Self::Segment { .. }) && input.file.is_some()
    }
}
