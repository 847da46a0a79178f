//! What the `mms` command and the whole-system tests share: an installation beside the doubles, and
//! the crash drill.

pub mod drill;
