use std::collections::BTreeSet;

use mms_core::account::Role;

use super::*;
use crate::screens::{Callback, menu};

#[test]
fn every_button_fits_and_comes_back_as_it_was() {
    for call in Callback::samples() {
        let wire = call.encode();
        assert!(wire.len() <= MAX_BYTES, "{wire} has {} bytes", wire.len());
        assert_eq!(Callback::decode(&wire), Some(call), "{wire}");
    }
}

#[test]
fn no_two_buttons_share_a_wire_form() {
    let samples = Callback::samples();
    let heads: BTreeSet<String> = samples.iter().map(|call| call.encode().splitn(3, ':').take(2).collect::<Vec<_>>().join(":")).collect();
    assert_eq!(heads.len(), samples.len());
}

#[test]
fn unknown_and_broken_buttons_are_outdated() {
    for wire in ["", "m", "m:", "m:?", "zz:m", "m:m:extra", "p:c", "p:c:short", "p:R:AZLwwdLjekuMXW5_gJGisw:q", "stop"] {
        assert_eq!(Callback::decode(wire), None, "{wire}");
    }
}

/// The wire forms and rights of all buttons: a change here makes buttons of sent messages outdated,
/// or lets somebody in.
#[test]
fn wire_forms_and_rights_are_pinned() {
    let lines: Vec<String> = Callback::samples()
        .iter()
        .map(|call| {
            let roles: Vec<&str> = Role::ALL
                .iter()
                .filter(|role| call.need().admits(Some(**role)))
                .map(|role| match role {
                    Role::Owner => "owner",
                    Role::Manager => "manager",
                    Role::Approver => "approver",
                    Role::Viewer => "viewer",
                })
                .chain(call.need().admits(None).then_some("stranger"))
                .collect();
            format!("{:60} {}", call.encode(), roles.join(" "))
        })
        .collect();
    insta::with_settings!({ snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/src/snapshots"), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("callbacks", lines.join("\n"));
    });
}

#[test]
fn the_menu_of_the_frame_is_the_menu() {
    assert_eq!(Press::menu(), menu::Call::Open.into());
}
