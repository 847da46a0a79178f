//! The `mms` command.
fn main() {}
