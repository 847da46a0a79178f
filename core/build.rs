//! Migrations are embedded by `sqlx::migrate!`; a changed file must rebuild the crate.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
