//! What a dossier consists of: every file with its size and SHA-256, signed by the installation.
//! Parts of a large one name the part before, so that one that is missing is missed.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::archive::Archive;
use crate::sign::Signer;

/// The list of files.
pub const MANIFEST: &str = "manifest.json";
/// The signature of the list's bytes, in base64.
pub const SIGNATURE: &str = "manifest.sig";
/// How lists are written today.
pub const FORMAT: u32 = 1;

/// A file of a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Of its bytes, hex.
    pub sha256: String,
}

/// The list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// Whose dossier: the company's name and its number in the database.
    pub company: String,
    pub account: String,
    /// Of whom or of what, in words.
    pub about: String,
    /// When it was made, RFC 3339.
    pub made_at: String,
    /// The member who asked for it.
    pub made_by: String,
    /// From 1.
    pub part: u32,
    /// No part follows.
    pub last: bool,
    /// SHA-256 of the list of the part before.
    pub before: Option<String>,
    /// How far the audit trail went: `212:9f3c…`.
    pub trail: String,
    /// The public key that the signature is checked by. Whoever doubts asks the sender for it by
    /// another way: whoever forges a dossier writes a key of their own here.
    pub public_key: String,
    pub files: Vec<Listed>,
}

/// SHA-256, hex.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A dossier's part in the making.
#[derive(Debug)]
pub struct Pack<W> {
    archive: Archive<W>,
    files: Vec<Listed>,
}

impl<W: Write> Pack<W> {
    /// An empty part.
    pub fn new(out: W) -> Self {
        Self { archive: Archive::new(out), files: Vec::new() }
    }

    /// Bytes so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.archive.size()
    }

    /// Adds a file.
    ///
    /// # Errors
    /// The writer's.
    pub fn add(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.archive.add(name, content)?;
        self.files.push(Listed { name: name.to_owned(), size: content.len() as u64, sha256: digest(content) });
        Ok(())
    }

    /// Whether it has a file of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.files.iter().any(|file| file.name == name)
    }

    /// Adds the list and its signature. Gives back the writer, and the SHA-256 of the list for the
    /// part after this one.
    ///
    /// # Errors
    /// The writer's.
    pub fn finish(mut self, manifest: Manifest, signer: &Signer) -> io::Result<(W, String)> {
        let manifest = Manifest { public_key: signer.public(), files: std::mem::take(&mut self.files), ..manifest };
        let mut list = serde_json::to_vec_pretty(&manifest).map_err(io::Error::other)?;
        list.push(b'\n');
        self.archive.add(MANIFEST, &list)?;
        self.archive.add(SIGNATURE, format!("{}\n", signer.sign(&list)).as_bytes())?;
        Ok((self.archive.finish()?, digest(&list)))
    }
}
