//! Whole-system tests: one binary, so that a cold run links once.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a failed unwrap is the test's failure; a failed scenario prints its logs")]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests have clocks, tasks and connections of their own")]

mod apalis_traps;
mod backup;
mod bot_life;
mod campaign_life;
mod cascade_life;
mod cli;
mod clients;
mod crm_ingress;
mod damage;
mod demo;
mod drill;
mod exactly_once;
mod harness;
mod house;
mod inbox_life;
mod max_life;
mod migrations;
mod newcomers;
mod operator;
mod personal;
mod phones;
mod prose;
mod queue_away;
mod rediss;
mod restore;
mod routes;
mod schema_parity;
mod statements;
mod stop_means_stop;
mod stopping;
mod systemd;
mod telegram_life;
mod telemetry;
mod tenancy;
mod upgrade;
mod viber_life;
mod vk_adapter;
mod vk_life;
mod watching;
mod wazzup_adapter;
mod wazzup_life;
mod wazzup_templates;
mod whatsapp_life;
mod words_agree;
