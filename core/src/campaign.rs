//! Campaigns: template version → audience → channel → when → forecast → approval → launch → report.

pub mod queries;
