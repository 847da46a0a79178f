use std::collections::BTreeSet;

use clap::CommandFactory;

use super::*;
use crate::Cli;

/// Every command and argument below a command, by the keys of the texts.
fn keys(command: &Command, path: &str, commands: &mut BTreeSet<String>, arguments: &mut Vec<(String, Arg)>) {
    commands.insert(path.to_owned());
    arguments.extend(command.get_arguments().map(|arg| (path.to_owned(), arg.clone())));
    for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
        let path = format!("{path} {}", below.get_name());
        keys(below, path.trim(), commands, arguments);
    }
}

fn whole() -> Command {
    let mut whole = Cli::command();
    whole.build();
    whole
}

/// `mms --help` was English while everything else spoke Russian; half of a screen in each language
/// would be worse.
#[test]
fn every_command_argument_and_value_has_its_russian_text_and_no_text_is_left_over() {
    let (mut commands, mut arguments) = (BTreeSet::new(), Vec::new());
    keys(&whole(), "", &mut commands, &mut arguments);
    let told: BTreeSet<String> = COMMANDS.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(told, commands);
    let (mut used, mut names) = (BTreeSet::new(), BTreeSet::new());
    for (path, arg) in &arguments {
        let id = arg.get_id().as_str();
        let own = format!("{path}/{id}");
        let key = if text(ARGUMENTS, &own).is_some() { own } else { id.to_owned() };
        let help = text(ARGUMENTS, &key).unwrap_or_else(|| panic!("`mms {path}`: {id} has no text"));
        for value in arg.get_possible_values().iter().filter(|_| !arg.is_hide_possible_values_set() && arg.get_num_args().is_some()) {
            if !matches!(value.get_name(), "true" | "false") {
                assert!(help.contains(value.get_name()), "`mms {path}`: {id}: {} is not explained", value.get_name());
            }
        }
        used.insert(key);
        if arg.get_action().takes_values() {
            names.extend(arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string));
        }
    }
    let texts: BTreeSet<String> = ARGUMENTS.iter().map(|(key, _)| (*key).to_owned()).collect();
    assert_eq!(texts, used);
    let values: BTreeSet<String> = VALUES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let taken: BTreeSet<String> = names.into_iter().filter(|name| name.chars().all(|c| c.is_ascii_uppercase())).collect();
    assert_eq!(values, taken);
}

#[test]
fn what_is_wrong_with_a_line_is_said_in_russian() {
    let line = |line: &str| {
        let error = command(Cli::command()).try_get_matches_from(line.split(' ')).expect_err(line);
        said(&error).unwrap_or_else(|| "help".to_owned()).lines().next().unwrap_or_default().to_owned()
    };
    for (typed, sentence) in [
        ("mms admim", "команды «admim» нет. Может быть, admin?"),
        ("mms up --confg x", "параметра --confg нет. Может быть, --config?"),
        ("mms demo --port abc", "значение «abc» для --port <ПОРТ> не подходит"),
        ("mms demo --language de", "значение «de» для --language <ЯЗЫК> не подходит. Можно: ru, en"),
        ("mms demo --port", "после --port <ПОРТ> нужно значение"),
        ("mms demo --exit --no-tour", "--exit нельзя указать вместе с --no-tour"),
        ("mms admin unlock --account x", "не хватает: --login <ЛОГИН>"),
        ("mms admin unlock --login x --login y --account z", "--login <ЛОГИН> указан дважды"),
        ("mms admin --help", "help"),
        ("mms help admin unlock", "help"),
        ("mms --version", "help"),
    ] {
        let first = line(typed);
        assert!(first == sentence || (typed.contains("--no-tour") && first.contains("вместе с")), "{typed}: {first}");
    }
}

/// What a terminal of a hundred columns shows, in Russian alone.
#[test]
fn the_help_of_every_command_is_russian() {
    fn all(command: &mut Command, path: &str, out: &mut String) {
        let help = command.clone().term_width(100).render_long_help().to_string();
        out.push_str(&format!("$ {} --help\n{}\n\n", format!("mms {path}").trim_end(), help.trim_end()));
        let below: Vec<String> = command.get_subcommands().filter(|one| !one.is_hide_set()).map(|one| one.get_name().to_owned()).collect();
        for name in below.iter().filter(|name| *name != "help") {
            let below = command.find_subcommand_mut(name).expect("there");
            all(below, format!("{path} {name}").trim(), out);
        }
    }
    let mut out = String::new();
    all(&mut command(Cli::command()), "", &mut out);
    for english in ["Usage", "Options", "Commands", "Arguments", "OPTIONS", "COMMAND", "default", "possible", "Print", "[env"] {
        assert!(!out.contains(english), "{english}");
    }
    insta::assert_snapshot!("help_ru", out);
}
