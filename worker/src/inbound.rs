//! Understanding what came in: one source at a time, in order of arrival.

pub(crate) mod beside;
pub mod channel;
pub mod crm;

#[cfg(test)]
mod tests;
