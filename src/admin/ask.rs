//! Secrets from the person at the server: from the terminal, not shown while they are typed, or
//! from standard input; never from an argument, which other users of the machine see.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};
use mms_bot::p;
use mms_core::secret::Secret;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::words::tr;

/// The terminal does not show what is typed until this is dropped.
struct Unseen(Termios);

impl Unseen {
    fn begin() -> rustix::io::Result<Self> {
        let before = tcgetattr(std::io::stdin())?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ECHO);
        // The line's end is still shown, so that the next words stand on a line of their own.
        modes.local_modes.insert(LocalModes::ECHONL | LocalModes::ICANON);
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &modes)?;
        Ok(Self(before))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that is gone.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// A new password: asked twice on a terminal, read once from anything else.
pub fn new_password(login: &str) -> anyhow::Result<Secret> {
    let first = line(&p!(tr(), "admin-password", login = login))?;
    if std::io::stdin().is_terminal() && line(&p!(tr(), "admin-password-again"))? != first {
        bail!(p!(tr(), "admin-passwords-differ"));
    }
    Ok(Secret::new(first))
}

fn line(prompt: &str) -> anyhow::Result<String> {
    let stdin = std::io::stdin();
    let unseen = if stdin.is_terminal() {
        // Silence first: what is typed ahead of the question is not shown either.
        let unseen = Unseen::begin().with_context(|| p!(tr(), "admin-no-hiding"))?;
        write!(std::io::stderr(), "{prompt}")?;
        Some(unseen)
    } else {
        None
    };
    let mut line = String::new();
    stdin.lock().read_line(&mut line).with_context(|| p!(tr(), "admin-no-password"))?;
    drop(unseen);
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
