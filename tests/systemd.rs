//! The units say what the program can do.

use std::{fs, path::Path};

fn unit(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd").join(name)).expect("the unit is there")
}

#[test]
fn units_start_commands_that_exist() {
    for (name, command) in [("mms-bot.service", "mms bot"), ("mms-worker@.service", "mms worker"), ("mms.service", "mms up")] {
        let text = unit(name);
        assert!(text.lines().any(|line| line.starts_with(&format!("ExecStart=/usr/bin/{command} "))), "{name}");
        for line in ["Type=notify", "Restart=always", "WatchdogSec=30"] {
            assert!(text.lines().any(|have| have == line), "{name} lacks {line}");
        }
    }
}
