//! The mail server of the settings, by SMTP.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::Error,
};

use crate::{secret::Secret, text::clean_to};

/// The longest that is waited for a server's answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// The most that is kept of a server's words, characters.
const SAID: usize = 300;

/// A mail as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The same at every try: by it a reader shows a repeat once.
    pub id: String,
    /// An address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// Why a mail did not go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The server did not take it now, or did not answer: it may go later. A repeat shows once.
    #[error("{0}")]
    Later(String),
    /// The server will never take it.
    #[error("{0}")]
    Never(String),
}

/// Why the settings make no mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoServer {
    /// `mail.server` is no address of one.
    Server,
    /// A password would go over the network in clear text.
    InClear,
    /// `mail.from` is no address.
    From,
}

/// A mail server, with who the mails are from.
#[derive(Debug, Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// `server`: `smtps://login:password@host:465`, or `smtp://…:587?tls=required`; without
    /// encryption only on this very machine. `from`: an address, or `Name <address>`.
    ///
    /// # Errors
    /// [`NoServer`].
    pub fn new(server: &Secret, from: &str) -> Result<Self, NoServer> {
        let url = url::Url::parse(server.expose()).map_err(|_| NoServer::Server)?;
        let host = url.host_str().ok_or(NoServer::Server)?;
        let encrypted = url.scheme() == "smtps" || url.query_pairs().any(|(key, value)| key == "tls" && value == "required");
        if !encrypted && !matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
            return Err(NoServer::InClear);
        }
        let from: Mailbox = from.parse().map_err(|_| NoServer::From)?;
        let transport =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(server.expose()).map_err(|_| NoServer::Server)?.timeout(Some(PATIENCE)).build();
        Ok(Self { transport, from })
    }

    /// Whether the server lets us in.
    ///
    /// # Errors
    /// [`MailError`], with the server's words.
    pub async fn check(&self) -> Result<(), MailError> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(MailError::Later("the server does not answer".to_owned())),
            Err(error) => Err(judged(&error)),
        }
    }

    /// Mails.
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn send(&self, mail: &Letter) -> Result<(), MailError> {
        let to: Mailbox = mail.to.parse().map_err(|_| MailError::Never("the address is none".to_owned()))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.clone())
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone())
            .map_err(|error| MailError::Never(error.to_string()))?;
        self.transport.send(message).await.map(|_| ()).map_err(|error| judged(&error))
    }
}

/// A server's no is final when it says so by a code of 5xx; anything else may pass.
fn judged(error: &Error) -> MailError {
    let words = clean_to(&error.to_string(), SAID);
    if error.is_permanent() { MailError::Never(words) } else { MailError::Later(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_a_server() {
        let made = |server: &str, from: &str| Mailer::new(&Secret::new(server.to_owned()), from).map(|_| ());
        assert_eq!(made("smtps://bot:secret@mail.example.ru:465", "Ромашка <bot@example.ru>"), Ok(()));
        assert_eq!(made("smtp://bot:secret@mail.example.ru:587?tls=required", "bot@example.ru"), Ok(()));
        assert_eq!(made("smtp://127.0.0.1:2525", "bot@example.ru"), Ok(()));
        for (server, from, why) in [
            ("mail.example.ru", "bot@example.ru", NoServer::Server),
            ("https://mail.example.ru", "bot@example.ru", NoServer::InClear),
            ("smtps://mail.example.ru", "bot", NoServer::From),
            ("smtp://bot:secret@mail.example.ru:25", "bot@example.ru", NoServer::InClear),
            ("smtp://bot:secret@mail.example.ru:587?tls=opportunistic", "bot@example.ru", NoServer::InClear),
        ] {
            assert_eq!(made(server, from), Err(why), "{server} {from}");
        }
    }
}
