//! The gate of a messenger's webhooks: what is looked at before anything is kept. Data, so that the
//! HTTP side names no messenger.

/// How a messenger's webhooks are proved, told apart and put in order.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// The header that carries the channel's secret, in lower case.
    pub header: &'static str,
    /// Largest update, bytes.
    pub most: usize,
    /// What an update is told from others by, of its cleaned text and of the text as it came: the
    /// same one twice has the same. `None`: it is no update of this messenger.
    pub name: fn(&str, &str) -> Option<String>,
    /// Who an update comes from, where it can be read: what one person sends is kept in its order.
    pub person: fn(&str) -> Option<i64>,
}
