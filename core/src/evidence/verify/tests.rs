use proptest::prelude::*;

use super::{
    super::manifest::{Listed, Pack},
    *,
};
use crate::{
    secret::{KEY_LEN, Sealer},
    sign::{Signer, installation},
};

fn signer(n: u8) -> Signer {
    installation(&Sealer::new(&[n; KEY_LEN]))
}

fn manifest() -> Manifest {
    Manifest {
        format: FORMAT,
        company: "Ромашка".to_owned(),
        account: "0".to_owned(),
        about: "Иванова Мария".to_owned(),
        made_at: "2026-11-30T12:00:00Z".to_owned(),
        made_by: "Анна".to_owned(),
        part: 1,
        last: true,
        before: None,
        trail: "2:0123456789abcdef".to_owned(),
        public_key: String::new(),
        files: Vec::new(),
    }
}

const FILES: [(&str, &[u8]); 3] =
    [("people.jsonl", b"{\"name\":\"Maria\"}\n"), ("dossier.pdf", b"%PDF-1.7 pages"), ("readme.txt", b"how to check")];

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut pack = Pack::new(Vec::new());
    for (name, content) in files {
        pack.add(name, content).unwrap();
    }
    pack.finish(manifest(), &signer(1)).unwrap().0
}

/// The files of an archive, after something was done to them, packed as we pack.
fn repacked(bytes: &[u8], change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    let mut files: Vec<(String, Vec<u8>)> = read(bytes).unwrap().into_iter().map(|file| (file.name, file.content.unwrap())).collect();
    change(&mut files);
    let mut archive = Archive::new(Vec::new());
    for (name, content) in files {
        archive.add(&name, &content).unwrap();
    }
    archive.finish().unwrap()
}

#[test]
fn a_whole_one_holds_with_its_key_and_without() {
    let bytes = packed(&FILES);
    let report = verify(&bytes, None);
    assert!(report.holds() && !report.key_known && report.whole == 3, "{report:?}");
    assert_eq!(report.manifest.as_ref().unwrap().files.len(), 3);
    let report = verify(&bytes, Some(&format!("{}\n", signer(1).public())));
    assert!(report.holds() && report.key_known, "{report:?}");
    assert_eq!(bytes, packed(&FILES), "the same files are the same bytes");
}

#[test]
fn another_key_and_no_key_are_told_apart() {
    let bytes = packed(&FILES);
    assert_eq!(verify(&bytes, Some(&signer(2).public())).findings, [Finding::OtherKey { found: signer(1).public() }]);
    assert_eq!(verify(&bytes, Some("no key")).findings, [Finding::NoKey]);
    assert_eq!(verify(&bytes, Some("")).findings, [Finding::NoKey]);
}

/// Whichever byte: it is found, and what is named is what the byte belongs to.
#[test]
fn one_flipped_byte_is_found_wherever_it_is() {
    let bytes = packed(&FILES);
    let place = |what: &[u8]| bytes.windows(what.len()).position(|window| window == what).unwrap();
    for at in 0..bytes.len() {
        for bit in [0x01, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= bit;
            let report = verify(&changed, None);
            assert!(!report.holds(), "byte {at} of {} ^ {bit}: {report:?}", bytes.len());
        }
    }
    for (name, content) in FILES {
        let mut changed = bytes.clone();
        changed[place(content) + 2] ^= 1;
        // The checksum of ZIP finds it before ours does.
        assert_eq!(verify(&changed, None).findings, [Finding::Unreadable(name.to_owned())], "{name}");
    }
}

#[test]
fn a_file_changed_with_its_checksum_is_named() {
    let bytes = repacked(&packed(&FILES), |files| files[0].1[3] ^= 1);
    assert_eq!(verify(&bytes, None).findings, [Finding::Changed("people.jsonl".to_owned())]);
}

#[test]
fn missing_added_renamed_and_doubled_files_are_named() {
    let whole = packed(&FILES);
    let of = |change: fn(&mut Vec<(String, Vec<u8>)>)| verify(&repacked(&whole, change), None).findings;
    assert_eq!(of(|_| {}), []);
    assert_eq!(of(|files| drop(files.remove(1))), [Finding::Missing("dossier.pdf".to_owned())]);
    assert_eq!(of(|files| files.push(("x.txt".to_owned(), b"x".to_vec()))), [Finding::Added("x.txt".to_owned())]);
    let renamed = Finding::Renamed { from: "readme.txt".to_owned(), to: "read.me".to_owned() };
    assert_eq!(of(|files| files[2].0 = "read.me".to_owned()), [renamed]);
    let moved = |place, found: &str, expected: &str| Finding::OutOfOrder { place, found: found.to_owned(), expected: expected.to_owned() };
    assert_eq!(of(|files| files.swap(0, 1)), [moved(1, "dossier.pdf", "people.jsonl")]);
    assert_eq!(of(|files| files.swap(1, 4)), [moved(2, SIGNATURE, "dossier.pdf")]);
    assert_eq!(of(|files| files.retain(|file| file.0 != MANIFEST)), [Finding::NoManifest]);
    assert_eq!(of(|files| files.retain(|file| file.0 != SIGNATURE)), [Finding::NoSignature]);
    let both_gone = of(|files| files.truncate(1));
    assert_eq!(both_gone, [Finding::NoManifest]);
    let names_exchanged = of(|files| {
        let name = files[0].0.clone();
        files[0].0 = files[1].0.clone();
        files[1].0 = name;
    });
    assert_eq!(names_exchanged, [Finding::Changed("dossier.pdf".to_owned()), Finding::Changed("people.jsonl".to_owned())]);
}

/// A list made anew over changed files, by whoever has not the key.
#[test]
fn a_list_made_anew_is_not_signed() {
    let bytes = repacked(&packed(&FILES), |files| {
        files[0].1 = b"{\"name\":\"Olga\"}".to_vec();
        let list = files.iter().position(|file| file.0 == MANIFEST).unwrap();
        let mut manifest: Manifest = serde_json::from_slice(&files[list].1).unwrap();
        manifest.files[0] = Listed { name: "people.jsonl".to_owned(), size: files[0].1.len() as u64, sha256: digest(&files[0].1) };
        files[list].1 = serde_json::to_vec(&manifest).unwrap();
    });
    assert_eq!(verify(&bytes, None).findings, [Finding::BadSignature]);
}

/// Signed anew by a key of the forger's: found by whoever asks for the sender's.
#[test]
fn a_dossier_signed_anew_is_found_by_the_senders_key() {
    let mut pack = Pack::new(Vec::new());
    pack.add("people.jsonl", b"forged").unwrap();
    let forged = pack.finish(manifest(), &signer(9)).unwrap().0;
    assert!(verify(&forged, None).holds(), "nothing in it contradicts it");
    assert_eq!(verify(&forged, Some(&signer(1).public())).findings, [Finding::OtherKey { found: signer(9).public() }]);
}

#[test]
fn what_is_cut_off_or_appended_is_found() {
    let bytes = packed(&FILES);
    for end in [0, 1, 10, bytes.len() / 2, bytes.len() - 1] {
        assert!(!verify(&bytes[..end], None).holds(), "{end} bytes");
    }
    // Where it ends is told: in the middle of each file, after it, in the list at the end.
    let near = |end: usize| match &verify(&bytes[..end], None).findings[..] {
        [Finding::Cut { at, near }] if *at == end as u64 => near.clone(),
        other => panic!("{end} bytes: {other:?}"),
    };
    let mut last = "";
    for (name, content) in FILES {
        let at = bytes.windows(content.len()).position(|window| window == content).unwrap();
        let header = at - name.len() - 5;
        assert_eq!((near(header).as_str(), near(at + 1).as_str(), near(at + content.len()).as_str()), (last, name, name));
        last = name;
    }
    assert_eq!(near(bytes.len() - 1), SIGNATURE);
    assert!(matches!(&verify(b"%PDF-1.7 no archive at all", None).findings[..], [Finding::NoArchive(_)]));
    for rest in [b"x".as_slice(), &[0; 100]] {
        let longer = [bytes.as_slice(), rest].concat();
        assert!(!verify(&longer, None).holds(), "{} bytes more", rest.len());
        let before = [rest, bytes.as_slice()].concat();
        assert!(!verify(&before, None).holds(), "{} bytes before", rest.len());
    }
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!verify(&bytes, None).holds());
    }

    #[test]
    fn no_damage_makes_it_panic(at in any::<prop::sample::Index>(), value in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let whole = packed(&FILES);
        let mut bytes = whole.clone();
        let at = at.index(bytes.len());
        bytes[at] = value;
        bytes.truncate(cut.index(bytes.len()) + 1);
        prop_assert!(bytes == whole || !verify(&bytes, None).holds());
    }
}
