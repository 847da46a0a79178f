//! Addresses at which messengers fetch files that we keep: public, unguessable, and gone after a
//! while. No messenger is named here, and nothing is stored: an address is the file's id, the time
//! it ends and a code over both, which only whoever has the sealing key can make.
//!
//! An address says nothing of the company, and a message's reader who hands it on hands on that
//! file alone.

use chrono::TimeDelta;
use subtle::ConstantTimeEq as _;

use super::{Store, file::FileInfo};
use crate::{
    clock::Moment,
    id::{AccountId, FileId},
    on,
    secret::{KEY_LEN, Sealer, keyed},
};

/// Addresses end so long after they were made, at the latest a day later. Messengers fetch at once;
/// one whose recipient's phone is off may come again when it is on.
pub const LIFE: TimeDelta = TimeDelta::days(7);
/// Addresses made within this are the same, so that what is fetched for one recipient need not be
/// fetched for the next.
const ROUND: i64 = 24 * 3_600;
/// Bytes of the code: 128 bits, which nobody guesses.
const CODE: usize = 16;
const ID: usize = 16;
const TIME: usize = 8;

const _: () = assert!(CODE * 8 >= 128);
/// Where the addresses are served.
pub const PATH: &str = "/media";

/// A file and whose it is; not one that was forgotten.
pub const FIND: &str = "select account_id, id, sha256, name, mime, size from file where id = $1 and size > 0";
/// Every statement.
pub const ALL: &[&str] = &[FIND];

/// Makes addresses, and knows its own.
#[derive(Clone)]
pub struct PublicFiles {
    key: [u8; KEY_LEN],
    /// How the world reaches us, without a trailing slash; empty: it does not.
    base: String,
}

impl std::fmt::Debug for PublicFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PublicFiles").field("base", &self.base).finish_non_exhaustive()
    }
}

/// A file that an address names, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    pub file: FileId,
    /// Unix time, seconds.
    pub until: i64,
}

impl PublicFiles {
    /// `base`: how the world reaches us ([`crate::config::Http::public_url`]); `None`: it does not.
    #[must_use]
    pub fn new(sealer: &Sealer, base: Option<&str>) -> Self {
        Self { key: sealer.derive("public files"), base: base.unwrap_or_default().trim_end_matches('/').to_owned() }
    }

    /// Where a messenger fetches a file; `None`: the world does not reach us.
    #[must_use]
    pub fn address(&self, file: &FileInfo, now: Moment) -> Option<String> {
        if self.base.is_empty() {
            return None;
        }
        let until = (now + LIFE).timestamp().div_euclid(ROUND) * ROUND + ROUND;
        let code = self.code(file.id, until);
        let token = [file.id.0.as_bytes().as_slice(), &until.to_be_bytes(), &code].concat();
        Some(format!("{}{PATH}/{}/{}", self.base, hex::encode(token), last(file)))
    }

    /// The file that the first part of a path names. `None`: it is none of ours, or its time is
    /// over; nobody is told which.
    #[must_use]
    pub fn named(&self, token: &str, now: Moment) -> Option<Named> {
        // One spelling: two addresses of one file would be two for whoever keeps what they fetched.
        let spelt = token.len() == 2 * (ID + TIME + CODE) && !token.bytes().any(|byte| byte.is_ascii_uppercase());
        let bytes = hex::decode(token).ok().filter(|_| spelt)?;
        let file = FileId(uuid::Uuid::from_slice(bytes.get(..ID)?).ok()?);
        let until = i64::from_be_bytes(bytes.get(ID..ID + TIME)?.try_into().ok()?);
        let ours = bool::from(self.code(file, until).ct_eq(bytes.get(ID + TIME..)?));
        (ours && now.timestamp() < until).then_some(Named { file, until })
    }

    fn code(&self, file: FileId, until: i64) -> [u8; CODE] {
        let mut code = [0; CODE];
        code.copy_from_slice(&keyed(&self.key, &[file.0.as_bytes(), &until.to_be_bytes()])[..CODE]);
        code
    }
}

/// The last part of an address: its ending says what the file is, for messengers look at it.
#[must_use]
pub fn last(file: &FileInfo) -> String {
    format!("file.{}", ending(&file.mime, &file.name))
}

fn ending(mime: &str, name: &str) -> String {
    let known = match mime.split(';').next().unwrap_or_default().trim() {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "video/mp4" => "mp4",
        "audio/mpeg" => "mp3",
        "audio/ogg" => "ogg",
        "application/pdf" => "pdf",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let of_name = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    of_name
        .filter(|ending| (1..=8).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .unwrap_or_else(|| "bin".to_owned())
}

/// A file whose address was proved ([`PublicFiles::named`]), and the account that keeps it.
///
/// # Errors
/// The database's.
pub async fn find(store: &Store, file: FileId) -> sqlx::Result<Option<(AccountId, FileInfo)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        account_id: AccountId,
        #[sqlx(flatten)]
        info: FileInfo,
    }
    let row: Option<Row> = on!(store.read(), |c| sqlx::query_as(FIND).bind(file).fetch_optional(c).await)?;
    Ok(row.map(|row| (row.account_id, row.info)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn info(mime: &str, name: &str) -> FileInfo {
        FileInfo { id: FileId::new(), sha256: String::new(), name: name.to_owned(), mime: mime.to_owned(), size: 9 }
    }

    fn token(address: &str) -> &str {
        address.split('/').nth(4).expect("a token")
    }

    #[test]
    fn an_address_names_its_file_until_its_time_is_over() {
        let files = PublicFiles::new(&Sealer::new(&[7; 32]), Some("https://ex.ru/"));
        let (picture, now) = (info("image/jpeg", "весна"), clock::now());
        let address = files.address(&picture, now).expect("an address");
        assert!(address.starts_with("https://ex.ru/media/") && address.ends_with("/file.jpg"), "{address}");
        let named = files.named(token(&address), now).expect("ours");
        assert_eq!(named.file, picture.id);
        assert_eq!(files.address(&picture, now).as_ref(), Some(&address), "one address for all recipients of a day");
        let last = Moment::from_timestamp(named.until - 1, 0).expect("a moment");
        assert!(last > now + LIFE && files.named(token(&address), last).is_some());
        assert_eq!(files.named(token(&address), last + TimeDelta::seconds(1)), None, "its time is over");
        assert_eq!(PublicFiles::new(&Sealer::new(&[7; 32]), None).address(&picture, now), None);
    }

    #[test]
    fn nobody_makes_one_without_the_key() {
        let files = PublicFiles::new(&Sealer::new(&[7; 32]), Some("https://ex.ru"));
        let now = clock::now();
        let address = files.address(&info("image/png", "a.png"), now).expect("an address");
        let good = token(&address);
        for at in 0..good.len() {
            let mut other = good.to_owned().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(files.named(std::str::from_utf8(&other).expect("text"), now), None, "digit {at} was changed");
        }
        let of_another_key = PublicFiles::new(&Sealer::new(&[8; 32]), Some("https://ex.ru"));
        assert_eq!(of_another_key.named(good, now), None, "of another installation");
        for odd in ["", "стоп", &good[2..], &good.to_uppercase(), &format!("{good}00")] {
            assert_eq!(files.named(odd, now), None, "{odd}");
        }
    }

    #[test]
    fn the_ending_says_what_the_file_is() {
        for (mime, name, ending) in [
            ("image/jpeg", "scan.pdf", "jpg"),
            ("image/png; charset=x", "", "png"),
            ("application/pdf", "Прайс", "pdf"),
            ("application/zip", "Архив.ZIP", "zip"),
            ("text/plain", "..\\..\\etc", "bin"),
            ("text/plain", "a.b/c", "bin"),
            ("", "", "bin"),
        ] {
            assert_eq!(self::ending(mime, name), ending, "{mime} {name}");
        }
    }
}
