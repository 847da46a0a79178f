//! Files of an installation: its data directory, its sealing key, and whether its database is
//! there.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Config, ConfigError, FileAction, Wrong};
use crate::{
    http::Authorities,
    secret::{KEY_LEN, Sealer, Secret},
    store::backup::{beside, has_content},
};

impl Config {
    /// Where the sealing key is: in its file, among systemd's credentials, in the data directory.
    #[must_use]
    pub fn sealing_key_path(&self, environment: &BTreeMap<String, String>) -> PathBuf {
        let credential = environment.get("CREDENTIALS_DIRECTORY").map(|dir| Path::new(dir).join("sealing_key"));
        // The unit of one process has the key as an optional credential: where there is none,
        // systemd hands over this word.
        let given = |path: &PathBuf| std::fs::read_to_string(path).is_ok_and(|text| !matches!(text.trim(), "" | "none"));
        match (self.sealing_key_file.as_str(), credential.filter(given)) {
            ("", Some(path)) => path,
            ("", None) => self.data_dir.join("sealing.key"),
            (path, _) => PathBuf::from(path),
        }
    }

    /// The sealing key, `None` if there is none; a file without content is none.
    ///
    /// # Errors
    /// [`ConfigError`] with the place looked at.
    pub fn sealer(&self, environment: &BTreeMap<String, String>) -> Result<Option<Sealer>, ConfigError> {
        let path = self.sealing_key_path(environment);
        if !has_content(&path) {
            return Ok(None);
        }
        let text = read(&path)?;
        let bytes = hex::decode(text.trim())
            .ok()
            .and_then(|bytes| <[u8; KEY_LEN]>::try_from(bytes).ok())
            .ok_or_else(|| Wrong::SealingKey { path: path.clone() })?;
        Ok(Some(Sealer::new(&bytes)))
    }

    /// Makes a sealing key at its place. It is whole or not there at all, whatever happens
    /// meanwhile.
    ///
    /// # Errors
    /// [`ConfigError::File`].
    pub fn make_sealer(&self, environment: &BTreeMap<String, String>) -> Result<Sealer, ConfigError> {
        let (path, key) = (self.sealing_key_path(environment), Sealer::new_key());
        let failed = |source| ConfigError::File { path: path.clone(), action: FileAction::Write, source };
        let fresh = path.with_extension(format!("{}.new", std::process::id()));
        let written = write_private(&fresh, hex::encode(key).as_bytes());
        if let Err(error) = written.and_then(|()| std::fs::rename(&fresh, &path).map_err(failed)) {
            drop(std::fs::remove_file(&fresh));
            return Err(error);
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(Sealer::new(&key))
    }

    /// Refuses a database that lost its content: an empty SQLite file, or none, beside the key or
    /// the log of one. It would be taken for a new installation.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`], with what to do.
    pub fn check_database_file(&self, environment: &BTreeMap<String, String>) -> Result<(), ConfigError> {
        let Some(path) = self.sqlite_path() else { return Ok(()) };
        if has_content(&path) {
            return Ok(());
        }
        let (log, own_key) = (beside(&path, "-wal"), self.data_dir.join("sealing.key"));
        let witness = [&log, &own_key].into_iter().find(|witness| has_content(witness)).cloned();
        // Somebody who brings a key along may begin anew, but not in a file that somebody emptied.
        let witness = witness.or_else(|| Some(self.sealing_key_path(environment)).filter(|key| path.exists() && has_content(key)));
        match witness {
            None => Ok(()),
            Some(witness) => Err(Wrong::Emptied { path, witness }.into()),
        }
    }

    /// Makes the data directory, readable by its owner alone.
    ///
    /// # Errors
    /// [`ConfigError::File`].
    pub fn make_data_dir(&self) -> Result<(), ConfigError> {
        use std::os::unix::fs::DirBuilderExt as _;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.data_dir).map_err(|source| ConfigError::File {
            path: self.data_dir.clone(),
            action: FileAction::Make,
            source,
        })
    }
}

/// Certificates of authorities, as PEM.
pub(super) fn authorities(path: &Path) -> Result<Authorities, ConfigError> {
    let text = read(path)?;
    let readable = reqwest::Certificate::from_pem_bundle(text.as_bytes()).is_ok_and(|all| !all.is_empty());
    if readable { Ok(text.into_bytes().into()) } else { Err(Wrong::MaxCa { path: path.to_owned() }.into()) }
}

/// A secret in a file of its own, or among systemd's credentials; `None`: in neither.
pub(super) fn secret(file: &str, credential: &str, environment: &BTreeMap<String, String>) -> Result<Option<Secret>, ConfigError> {
    let path = match (file, environment.get("CREDENTIALS_DIRECTORY")) {
        ("", Some(dir)) => Some(Path::new(dir).join(credential)).filter(|path| path.exists()),
        ("", None) => None,
        (path, _) => Some(PathBuf::from(path)),
    };
    path.map(|path| read(&path).map(|text| Secret::new(text.trim()))).transpose()
}

pub(super) fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), action: FileAction::Read, source })
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), ConfigError> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let failed = |source| ConfigError::File { path: path.to_owned(), action: FileAction::Write, source };
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
}
