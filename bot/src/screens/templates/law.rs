//! What the rules of law found in a text, and the answers to it: a false alarm, a trademark, whose
//! a picture is, a document.

use mms_core::{
    account::load as account_load,
    id::VersionId,
    law::{
        answers::{self, Answer, Given},
        book,
        file::{AnsweredBy, Look, Rule},
        profile,
    },
    stamp::Stamp,
    store::file,
    template::{
        lint::{self, Finding, Problem},
        versions::Version,
    },
};

use super::{Call, Step, check, connected, lines, load, media};
use crate::{
    frame::{
        cx::Cx,
        dialogue::Input,
        error::{BotError, Outcome},
        reply::Reply,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::law::{self as law_screens, RuleId},
    t,
};

/// Findings with buttons of their own; the next ones get theirs when these are answered.
const MENDS: usize = 6;

/// What a rule found, in words: what set it off, the rule, and what is missing.
pub fn finding(tr: Tr, rule: &str, words: &[String], lacks: &[usize]) -> String {
    // A rule of another version of the program.
    let Some(rule) = book().rule(rule) else { return t!(tr, "law-finding-words", words = words.join(", "), finding = rule) };
    let mut html = t!(tr, "law-finding", text = rule.text(tr.language), source = &rule.source, reviewed = tr.date(rule.reviewed));
    if !words.is_empty() {
        html = t!(tr, "law-finding-words", words = words.join(", "), finding = Html(html));
    }
    let Some(looked) = &rule.lint else { return html };
    if !lacks.is_empty() {
        let missing: Vec<&str> = lacks.iter().filter_map(|place| looked.needs.get(*place)).map(|need| need.text(tr.language)).collect();
        html = t!(tr, "law-finding-lacks", finding = Html(html), lacks = missing.join(", "));
    }
    match looked.answered_by {
        AnsweredBy::Word => html,
        AnsweredBy::Document => t!(tr, "law-finding-document", finding = Html(html)),
        AnsweredBy::Right => t!(tr, "law-finding-right", finding = Html(html)),
    }
}

/// The short name of a finding on a button: its first word, else the rule's name.
fn what(tr: Tr, rule: &Rule, words: &[String]) -> String {
    lines::short(words.first().map_or(rule.name(tr.language), String::as_str), 32)
}

/// Buttons that answer the first findings.
pub fn mends(tr: Tr, version: VersionId, findings: &[Finding]) -> Vec<Button> {
    let lawful = findings.iter().filter_map(|one| match &one.problem {
        Problem::Law { rule, words, about, .. } => Some((book().rule(rule)?, words, Stamp::of(about))),
        _ => None,
    });
    lawful.take(MENDS).flat_map(|(rule, words, stamp)| answers_to(tr, version, rule, words, stamp)).collect()
}

fn answers_to(tr: Tr, version: VersionId, rule: &Rule, words: &[String], stamp: Stamp) -> Vec<Button> {
    let Some(looked) = &rule.lint else { return Vec::new() };
    let id = || RuleId(rule.id.clone());
    let answer = |text: String, answer: Answer| Button::call(text, Call::LawAnswer { version, rule: id(), stamp, answer });
    let false_alarm = || answer(p!(tr, "law-false-alarm", what = what(tr, rule, words)), Answer::FalseAlarm);
    match (looked.answered_by, looked.look) {
        (AnsweredBy::Right, _) => vec![
            answer(p!(tr, "law-right-own"), Answer::Own),
            answer(p!(tr, "law-right-licence"), Answer::Licence),
            answer(p!(tr, "law-right-stock"), Answer::Stock),
            Button::call(p!(tr, "law-right-document"), Call::AskDocument { version, rule: id(), stamp }),
        ],
        (AnsweredBy::Document, _) => {
            let ask = Call::AskDocument { version, rule: id(), stamp };
            vec![Button::call(p!(tr, "law-document", what = what(tr, rule, words)), ask), false_alarm()]
        }
        (AnsweredBy::Word, Look::Latin) => {
            let marks = Call::Trademarks { version, rule: id(), stamp };
            vec![Button::call(p!(tr, "law-trademark", what = lines::short(&words.join(", "), 24)), marks), false_alarm()]
        }
        (AnsweredBy::Word, _) => vec![false_alarm()],
    }
}

/// All that the check finds, and what was answered before.
pub(super) async fn checked(cx: &Cx, version: &Version) -> Result<Screen, BotError> {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let content = version.content();
    let found = lint::check(store, account, &content, &connected(cx).await?, cx.now).await?;
    let given = lint::answered(store, account, &content, cx.now).await?;
    let heading = (!given.is_empty()).then(|| given.iter().map(|one| answered(cx.tr, one)).collect::<Vec<_>>().join("\n"));
    let screen = check(cx.tr, version, &found, heading.as_deref());
    Ok(papers(cx.tr, version.id, &given).into_iter().fold(screen, |screen, paper| screen.row([paper])))
}

/// Buttons that open what is attached to the answers.
pub fn papers(tr: Tr, version: VersionId, given: &[Given]) -> Vec<Button> {
    let attached = given.iter().filter(|one| one.file_id.is_some());
    let button = |one: &Given| {
        let rule = book().rule(&one.rule)?;
        let call = Call::Paper { version, rule: RuleId(rule.id.clone()), stamp: Stamp::of(&one.about) };
        Some(Button::call(p!(tr, "law-open-document", rule = lines::short(rule.name(tr.language), 32)), call))
    };
    attached.filter_map(button).take(MENDS).collect()
}

/// What is attached to an answer, as a message of its own.
pub(super) async fn paper(cx: &Cx, version: VersionId, (rule, stamp): (&RuleId, Stamp)) -> Outcome {
    let loaded = load(cx, version).await?;
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let given = lint::answered(store, account, &loaded.content(), cx.now).await?;
    let one = given.into_iter().find(|one| one.rule == rule.0 && Stamp::of(&one.about) == stamp).ok_or(BotError::Gone)?;
    let id = one.file_id.ok_or(BotError::Gone)?;
    let (info, content) = (file::info(store, account, id).await?, file::content(store, account, id).await?);
    let (Some(info), Some(content)) = (info, content) else { return Err(BotError::Gone) };
    let screen =
        Screen::new(answered(cx.tr, &one)).document(info.name, info.mime, content).button(p!(cx.tr, "law-to-card"), Call::Card { version });
    Ok(Reply::screen(screen).anew())
}

/// An answer in a line: what, who, when.
pub fn answered(tr: Tr, given: &Given) -> String {
    let answer = match given.answer {
        Answer::FalseAlarm => p!(tr, "law-answered-false-alarm"),
        Answer::Own => p!(tr, "law-answered-own"),
        Answer::Licence => p!(tr, "law-answered-licence"),
        Answer::Stock => p!(tr, "law-answered-stock"),
        Answer::Document => p!(tr, "law-answered-document"),
    };
    let name = book().rule(&given.rule).map_or(given.rule.as_str(), |rule| rule.name(tr.language));
    t!(tr, "law-answered-line", rule = name, answer = answer, by = &given.given_by, time = tr.moment(given.answered_at))
}

/// The finding a button was about, if it is there still: its words and what an answer is kept
/// under.
async fn still(cx: &Cx, version: &Version, (rule, stamp): (&RuleId, Stamp)) -> Result<Option<(Vec<String>, String)>, BotError> {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let found = lint::glance(store, account, &version.content(), &connected(cx).await?, cx.now).await?;
    Ok(found.into_iter().find_map(|one| match one.problem {
        Problem::Law { rule: id, words, about, .. } if id == rule.0 && Stamp::of(&about) == stamp => Some((words, about)),
        _ => None,
    }))
}

/// The check as it is now, with a sentence.
async fn again(cx: &Cx, version: &Version, sentence: String) -> Outcome {
    Ok(Reply::screen(checked(cx, version).await?).saying(sentence))
}

/// One press answers.
pub(super) async fn answer(cx: &Cx, version: VersionId, of: (&RuleId, Stamp), answer: Answer) -> Outcome {
    let loaded = load(cx, version).await?;
    let Some((words, about)) = still(cx, &loaded, of).await? else {
        return again(cx, &loaded, p!(cx.tr, "templates-changed")).await;
    };
    let given = answers::give(&cx.deps.store, cx.actor()?, (&of.0.0, &about), &words.join(", "), (answer, None), cx.now).await;
    given.map_err(|error| law_screens::refused(cx, error))?;
    again(cx, &loaded, p!(cx.tr, "law-answered")).await
}

/// The words are trademarks, in every text.
pub(super) async fn trademarks(cx: &Cx, version: VersionId, of: (&RuleId, Stamp)) -> Outcome {
    let loaded = load(cx, version).await?;
    let Some((words, _)) = still(cx, &loaded, of).await? else {
        return again(cx, &loaded, p!(cx.tr, "templates-changed")).await;
    };
    let added = profile::add_trademarks(&cx.deps.store, cx.actor()?, &words, cx.now).await;
    added.map_err(|error| law_screens::refused(cx, error))?;
    again(cx, &loaded, p!(cx.tr, "law-answered")).await
}

/// Asks for a document.
pub(super) async fn ask_document(cx: &Cx, version: VersionId, (rule, stamp): (RuleId, Stamp)) -> Outcome {
    let loaded = load(cx, version).await?;
    let known = book().rule(&rule.0).ok_or(BotError::Gone)?;
    cx.ask(Step::Document { version, rule, stamp }).await?;
    Ok(ask(cx.tr, &loaded, known, None).into())
}

/// Which document? With `sentence`: why the last answer was not taken.
#[must_use]
pub fn ask(tr: Tr, version: &Version, rule: &Rule, sentence: Option<&str>) -> Screen {
    let screen = Screen::new(t!(tr, "law-ask-document", text = rule.text(tr.language)));
    let screen = match sentence {
        Some(sentence) => screen.under(sentence),
        None => screen,
    };
    screen.nav(tr, Call::Check { version: version.id })
}

/// A document came: it is kept, and answers the finding.
pub(super) async fn document(cx: &Cx, version: VersionId, of: (&RuleId, Stamp), input: &Input) -> Outcome {
    let loaded = load(cx, version).await?;
    let known = book().rule(&of.0.0).ok_or(BotError::Gone)?;
    let Some(incoming) = &input.file else {
        return Ok(ask(cx.tr, &loaded, known, Some(&p!(cx.tr, "law-document-needed"))).into());
    };
    let Some((words, about)) = still(cx, &loaded, of).await? else {
        cx.leave().await?;
        return again(cx, &loaded, p!(cx.tr, "templates-changed")).await;
    };
    let brought = match media::bring(cx, incoming).await? {
        Ok(brought) => brought,
        Err(sentence) => return Ok(ask(cx.tr, &loaded, known, Some(&sentence)).into()),
    };
    let mut tx = cx.deps.store.begin().await?;
    account_load::keep_file(&mut tx, cx.actor()?.account, brought.bytes.len(), cx.now)
        .await
        .map_err(|error| crate::words::refused(cx.tr, error))?;
    let info = file::put(&mut tx, cx.actor()?.account, &brought.name, &brought.mime, &brought.bytes, cx.now).await?;
    tx.commit().await?;
    // Whose a picture is, is answered by the licence that is shown.
    let by_right = known.lint.as_ref().is_some_and(|lint| lint.answered_by == AnsweredBy::Right);
    let answer = (if by_right { Answer::Licence } else { Answer::Document }, Some(info.id));
    let given = answers::give(&cx.deps.store, cx.actor()?, (&of.0.0, &about), &words.join(", "), answer, cx.now).await;
    given.map_err(|error| law_screens::refused(cx, error))?;
    cx.leave().await?;
    again(cx, &loaded, p!(cx.tr, "law-answered")).await
}
