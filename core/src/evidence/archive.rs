//! The ZIP a dossier is packed into: files one after the other, not compressed, nothing besides.
//! The same files are the same bytes for ever, so [`super::verify`] finds a changed byte of the
//! wrapping, too; a library's layout changes with its releases, so this one is our own. Any program
//! that opens ZIPs opens it.
//!
//! APPNOTE.TXT 6.3.10, sections 4.3.7 (a file), 4.3.12 (the list), 4.3.16 (its end).

use std::io::{self, Write};

/// Version of ZIP that is needed to open it: 2.0.
const NEEDED: u16 = 20;
/// 1 January 1980, the beginning of ZIP's time: when a file was made is said inside.
const DAY: u16 = 0x21;

/// An archive in the making.
#[derive(Debug)]
pub struct Archive<W> {
    out: W,
    at: u32,
    list: Vec<u8>,
    count: u16,
}

/// What is in the way of an archive: more than ZIP's first form holds (4 GB, 65 535 files), a name
/// that is not plain.
fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "a dossier's archive is too large")
}

impl<W: Write> Archive<W> {
    /// An empty one.
    pub fn new(out: W) -> Self {
        Self { out, at: 0, list: Vec::new(), count: 0 }
    }

    /// Bytes so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        u64::from(self.at) + self.list.len() as u64
    }

    /// Bytes of the files so far, without the list of them.
    #[must_use]
    pub fn size_of_files(&self) -> u64 {
        u64::from(self.at)
    }

    /// Adds a file.
    ///
    /// # Errors
    /// The writer's; an archive of more than ZIP's first form holds.
    pub fn add(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let size = u32::try_from(content.len()).map_err(|_| too_large())?;
        let mut fields = Vec::with_capacity(26);
        for number in [NEEDED, 0, 0, 0, DAY] {
            fields.extend(number.to_le_bytes());
        }
        fields.extend(crc32fast::hash(content).to_le_bytes());
        fields.extend(size.to_le_bytes());
        fields.extend(size.to_le_bytes());
        fields.extend(u16::try_from(name.len()).map_err(|_| too_large())?.to_le_bytes());
        fields.extend(0_u16.to_le_bytes());
        self.out.write_all(&0x0403_4b50_u32.to_le_bytes())?;
        self.out.write_all(&fields)?;
        self.out.write_all(name.as_bytes())?;
        self.out.write_all(content)?;
        self.list.extend(0x0201_4b50_u32.to_le_bytes());
        self.list.extend(NEEDED.to_le_bytes());
        self.list.extend(&fields);
        // No comment, the first disk, no attributes.
        self.list.extend([0; 10]);
        self.list.extend(self.at.to_le_bytes());
        self.list.extend(name.as_bytes());
        let written = u32::try_from(30 + name.len()).ok().and_then(|head| head.checked_add(size)).ok_or_else(too_large)?;
        self.at = self.at.checked_add(written).ok_or_else(too_large)?;
        self.count = self.count.checked_add(1).ok_or_else(too_large)?;
        Ok(())
    }

    /// Writes the list of files, and gives the writer back.
    ///
    /// # Errors
    /// The writer's.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&self.list)?;
        self.out.write_all(&0x0605_4b50_u32.to_le_bytes())?;
        self.out.write_all(&[0; 4])?;
        self.out.write_all(&self.count.to_le_bytes())?;
        self.out.write_all(&self.count.to_le_bytes())?;
        self.out.write_all(&u32::try_from(self.list.len()).map_err(|_| too_large())?.to_le_bytes())?;
        self.out.write_all(&self.at.to_le_bytes())?;
        self.out.write_all(&[0; 2])?;
        self.out.flush()?;
        Ok(self.out)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use super::*;

    #[test]
    fn others_open_it() {
        let mut archive = Archive::new(Vec::new());
        let files = [("a.txt", b"first".as_slice()), ("people/1.json", b"{}"), ("empty", b"")];
        for (name, content) in files {
            archive.add(name, content).unwrap();
        }
        let bytes = archive.finish().unwrap();
        let mut read = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
        assert_eq!(read.len(), files.len());
        for (at, (name, content)) in files.into_iter().enumerate() {
            let mut file = read.by_index(at).unwrap();
            let mut found = Vec::new();
            file.read_to_end(&mut found).unwrap();
            assert_eq!((file.name().unwrap().as_ref(), found.as_slice()), (name, content));
        }
        drop(read);
        let empty = Archive::new(Vec::new()).finish().unwrap();
        assert!(zip::ZipArchive::new(Cursor::new(empty)).unwrap().is_empty());
    }
}
