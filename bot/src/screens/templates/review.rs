//! Handing in, approving, returning.

use mms_core::{
    account::member,
    id::{MemberId, VersionId},
    store::file,
    template::{
        links::Targets,
        lint::{self, Finding, Severity},
        provider::standing,
        versions::{self, TemplateError, Version, VersionState},
    },
};

use super::{Call, Face, Seen, Step, check, connected, done_or_refused, history, load, refusal, refused, show, show::sample};
use crate::{
    frame::{
        cx::Cx,
        dialogue::Input,
        error::{BotError, Outcome},
        screen::Screen,
    },
    i18n::{Html, Tr},
    p, t,
};

async fn name_of(cx: &Cx, id: Option<MemberId>) -> Result<String, BotError> {
    let Some(id) = id else { return Ok(String::new()) };
    Ok(member::get(&cx.deps.store, cx.actor()?.account, id).await?.map(|member| member.name).unwrap_or_default())
}

/// All that a version's card shows; for a decider with a real contact's message and the whole
/// check.
pub(super) async fn face(cx: &Cx, version: Version) -> Result<Face, BotError> {
    let (store, actor) = (&cx.deps.store, cx.actor()?);
    let versions = versions::versions(store, actor.account, version.template_id).await?;
    let template = versions::template(store, actor.account, version.template_id).await?.ok_or(BotError::Gone)?;
    let file = match version.media_file_id {
        Some(id) => file::info(store, actor.account, id).await?,
        None => None,
    };
    let submitted_by = name_of(cx, version.submitted_by).await?;
    let decided_by = name_of(cx, version.decided_by).await?;
    let content = version.content();
    let mut face = Face {
        newest: versions.first().is_some_and(|newest| newest.id == version.id),
        archived: template.archived_at.is_some(),
        base: history::base(&version, &versions).cloned(),
        version,
        file,
        findings: Vec::new(),
        answers: Vec::new(),
        targets: Targets::default(),
        submitted_by,
        decided_by,
        sample: None,
        alone: false,
        reviews: Vec::new(),
    };
    face.reviews = standing::of_version(store, actor.account, face.version.id).await?;
    if face.waits() {
        let version = &face.version;
        let mut own = version.authors.clone();
        own.extend([Some(version.created_by), version.submitted_by].into_iter().flatten());
        face.alone = !member::approver_besides(store, actor.account, &own).await?;
    }
    // One check for every screen: what the card says, the approver's card and the list of findings
    // say too.
    let looked = lint::look(store, actor.account, &content, &connected(cx).await?, cx.now).await?;
    face.findings = looked.findings;
    if face.decided_by_me(actor) {
        face.targets = looked.targets;
        face.answers = lint::answered(store, actor.account, &content, cx.now).await?;
        face.sample = sample(cx, &content, None).await?;
    }
    Ok(face)
}

/// Hands in what is clean, asks about warnings, shows errors.
pub(super) async fn ask_to_submit(cx: &Cx, version: VersionId) -> Outcome {
    let loaded = load(cx, version).await?;
    let findings = lint::check(&cx.deps.store, cx.actor()?.account, &loaded.content(), &connected(cx).await?, cx.now).await?;
    if findings.is_empty() {
        return submit(cx, version).await;
    }
    if findings.iter().any(|one| one.severity == Severity::Error) {
        return Ok(not_submitted(cx.tr, &loaded, &findings).into());
    }
    Ok(ask_submit(cx.tr, &loaded, &findings).into())
}

fn not_submitted(tr: Tr, version: &Version, findings: &[Finding]) -> Screen {
    check(tr, version, findings, Some(&t!(tr, "templates-not-submitted")))
}

/// Warnings: hand it in all the same?
#[must_use]
pub fn ask_submit(tr: Tr, version: &Version, findings: &[Finding]) -> Screen {
    let mut screen = check(tr, version, findings, Some(&t!(tr, "templates-ask-submit")));
    let submit = crate::frame::screen::Button::call(p!(tr, "templates-submit-now"), Call::Submit { version: version.id });
    screen.keyboard.insert(0, vec![submit]);
    screen
}

/// Hands in.
pub(super) async fn submit(cx: &Cx, version: VersionId) -> Outcome {
    match versions::submit(&cx.deps.store, cx.actor()?, version, &connected(cx).await?, cx.now).await {
        Ok(_) => Ok(show(cx, version).await?.saying(p!(cx.tr, "templates-submitted"))),
        Err(TemplateError::Lint(findings)) => Ok(not_submitted(cx.tr, &load(cx, version).await?, &findings).into()),
        Err(error) => done_or_refused(cx, version, error).await,
    }
}

/// Approves; what changed since it was seen is shown anew instead.
pub(super) async fn approve(cx: &Cx, version: VersionId, seen: &Seen) -> Outcome {
    match versions::approve(&cx.deps.store, cx.actor()?, version, seen.as_str(), cx.now).await {
        Ok(()) => Ok(show(cx, version).await?.saying(p!(cx.tr, "templates-approved"))),
        Err(error @ TemplateError::Step { state: VersionState::Approved, .. }) => done_or_refused(cx, version, error).await,
        Err(error @ (TemplateError::Changed | TemplateError::Step { .. })) => {
            let sentence = refusal(cx.tr, error)?;
            Ok(show(cx, version).await?.saying(sentence))
        }
        Err(error) => Err(refused(cx.tr, error)),
    }
}

/// Asks why it is returned.
pub(super) async fn ask_to_return(cx: &Cx, version: VersionId, seen: Seen) -> Outcome {
    let loaded = load(cx, version).await?;
    cx.ask(Step::Comment { version, seen }).await?;
    Ok(ask_comment(cx.tr, &loaded, None).into())
}

/// Why is it returned?
#[must_use]
pub fn ask_comment(tr: Tr, version: &Version, sentence: Option<&str>) -> Screen {
    let question = t!(tr, "templates-ask-comment", name = &version.name, number = version.number);
    let html = match sentence {
        None => question,
        Some(sentence) => t!(tr, "templates-again", sentence = sentence, question = Html(question)),
    };
    Screen::new(html).nav(tr, Call::Card { version: version.id })
}

/// A comment was typed.
pub(super) async fn send_back(cx: &Cx, version: VersionId, seen: &Seen, input: &Input) -> Outcome {
    match versions::send_back(&cx.deps.store, cx.actor()?, version, seen.as_str(), input.text(), cx.now).await {
        Ok(()) => {
            cx.leave().await?;
            Ok(show(cx, version).await?.saying(p!(cx.tr, "templates-returned")))
        }
        Err(error @ TemplateError::BadComment) => {
            let sentence = refusal(cx.tr, error)?;
            Ok(ask_comment(cx.tr, &load(cx, version).await?, Some(&sentence)).into())
        }
        Err(error) => {
            cx.leave().await?;
            Err(refused(cx.tr, error))
        }
    }
}
