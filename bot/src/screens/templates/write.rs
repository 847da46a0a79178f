//! Writing: a name, a class, a text. What is typed is kept as it was typed, whatever is wrong with
//! it.

use mms_core::{
    account::settings,
    contact::field,
    id::VersionId,
    stamp::Stamp,
    template::{
        Class, TemplateButton, lint,
        lint::Problem,
        names,
        starters::{self, Starter},
        versions::{self, Edit, TemplateError, Version},
    },
};

use super::{
    Step, ask_name, ask_rest, ask_text, buttons::customers, capabilities, class_choice, connected, lines, load, media, refusal, refused,
    show, starters_card, text_again, text_clash,
};
use crate::{
    frame::{
        cx::Cx,
        dialogue::{self, Input, Lost},
        error::{BotError, Outcome},
    },
    i18n::Tr,
    p, screens,
};

/// Changes a version; gives the one that holds the change.
pub(super) async fn edit(cx: &Cx, version: VersionId, change: Edit) -> Result<Version, BotError> {
    versions::edit(&cx.deps.store, cx.actor()?, version, change, cx.now).await.map_err(|error| refused(cx.tr, error))
}

/// A name was typed, of a new template or another one of this.
pub(super) async fn name(cx: &Cx, version: Option<VersionId>, input: &Input) -> Outcome {
    let (store, actor) = (&cx.deps.store, cx.actor()?);
    let outcome = match version {
        None => versions::create(store, actor, input.text(), Class::Advertising, cx.now).await,
        Some(version) => {
            let loaded = load(cx, version).await?;
            versions::rename(store, actor, loaded.template_id, input.text(), cx.now).await.map(|()| loaded)
        }
    };
    match outcome {
        Ok(made) => {
            cx.leave().await?;
            if version.is_some() {
                return Ok(show(cx, made.id).await?.saying(p!(cx.tr, "templates-renamed")));
            }
            Ok(class_choice(cx.tr, &made).into())
        }
        Err(TemplateError::Name) => {
            let loaded = match version {
                None => None,
                Some(version) => Some(load(cx, version).await?),
            };
            let sentence = refusal(cx.tr, TemplateError::Name)?;
            Ok(ask_name(cx.tr, loaded.as_ref(), Some(&sentence)).into())
        }
        Err(error) => Err(refused(cx.tr, error)),
    }
}

/// The ready texts, in the language of the company's customers.
pub(super) async fn starters(cx: &Cx) -> Outcome {
    Ok(starters_card(cx.tr, &ready(cx).await?).into())
}

/// A new template with a ready text.
pub(super) async fn begin_with(cx: &Cx, at: u8) -> Outcome {
    let all = ready(cx).await?;
    let one = all.get(usize::from(at)).ok_or(BotError::Gone)?;
    let made = versions::create_with(&cx.deps.store, cx.actor()?, one.name, &one.content(), cx.now).await;
    let made = made.map_err(|error| refused(cx.tr, error))?;
    Ok(show(cx, made.id).await?.saying(p!(cx.tr, "templates-starter-taken")))
}

async fn ready(cx: &Cx) -> Result<[Starter; 5], BotError> {
    let settings = settings::get(&cx.deps.store, cx.actor()?.account).await?.ok_or(BotError::Gone)?;
    Ok(starters::starters(settings.language))
}

/// A class was chosen; a template without a text goes on to its text.
pub(super) async fn class(cx: &Cx, version: VersionId, class: Class) -> Outcome {
    let loaded = load(cx, version).await?;
    let made = if loaded.class == class { loaded } else { edit(cx, version, Edit::Class(class)).await? };
    if made.body.trim().is_empty() { ask(cx, made.id).await } else { show(cx, made.id).await }
}

/// Asks for the text.
pub(super) async fn ask(cx: &Cx, version: VersionId) -> Outcome {
    let loaded = load(cx, version).await?;
    cx.ask(Step::Text { version, stamp: stamp(&loaded) }).await?;
    Ok(ask_text(cx.tr, &loaded).into())
}

/// What tells whether a text is still the one that was shown.
fn stamp(version: &Version) -> Stamp {
    Stamp::of(&version.body)
}

/// Whether a text of this length may be the first part of a longer one: Telegram cuts a longer
/// paste at this very length and sends the rest as a message of its own.
fn is_cut(input: &Input) -> bool {
    input.rich.len_utf16() >= capabilities().text_limit
}

/// A colleague wrote another text meanwhile: it is shown, and the typed one waits for a word.
async fn clash(cx: &Cx, loaded: &Version, body: String, cut: bool) -> Outcome {
    cx.ask(Step::Clash { version: loaded.id, stamp: stamp(loaded), body, cut }).await?;
    Ok(text_clash(cx.tr, loaded, cx.now).into())
}

/// Words while two texts wait for a word: the rest of the one that came cut, or another one.
pub(super) async fn again(cx: &Cx, version: VersionId, (shown, body, cut): (Stamp, String, bool), input: Input) -> Outcome {
    if !cut {
        return text(cx, version, shown, input).await;
    }
    let rest = input.rich.clone().trimmed().to_template();
    clash(cx, &load(cx, version).await?, format!("{body}{rest}"), is_cut(&input)).await
}

/// The typed text takes the place of the one that is shown.
pub(super) async fn replace(cx: &Cx, version: VersionId) -> Outcome {
    let step = dialogue::get::<screens::Step>(&cx.deps.store, cx.chat).await?;
    let Some(screens::Step::Templates(Step::Clash { version: of, stamp: shown, body, cut })) = step else { return Err(BotError::Gone) };
    if of != version {
        return Err(BotError::Gone);
    }
    let loaded = load(cx, version).await?;
    if stamp(&loaded) != shown {
        return clash(cx, &loaded, body, cut).await;
    }
    let made = edit(cx, version, Edit::Body(body)).await?;
    kept(cx, made, &Input::default()).await
}

/// A file came where words were asked for: it is kept with its caption as the text.
async fn file_with_text(cx: &Cx, version: VersionId, shown: Stamp, mut input: Input) -> Outcome {
    let Some(incoming) = input.file.take() else { return Err(BotError::Gone) };
    match media::take(cx, version, &incoming).await? {
        Err(sentence) => Ok(media::again(cx.tr, &load(cx, version).await?, &sentence).into()),
        Ok(made) if input.text().is_empty() => ask(cx, made.id).await.map(|reply| reply.saying(p!(cx.tr, "templates-media-kept"))),
        Ok(made) => Box::pin(text(cx, made.id, shown, input)).await,
    }
}

/// A text was typed.
pub(super) async fn text(cx: &Cx, version: VersionId, shown: Stamp, input: Input) -> Outcome {
    if input.file.is_some() {
        return file_with_text(cx, version, shown, input).await;
    }
    let (body, loaded) = (input.rich.clone().trimmed().to_template(), load(cx, version).await?);
    if stamp(&loaded) != shown {
        return clash(cx, &loaded, body, is_cut(&input)).await;
    }
    let made = edit(cx, version, Edit::Body(body)).await?;
    if is_cut(&input) {
        cx.ask(Step::Rest { version: made.id, stamp: stamp(&made) }).await?;
        return Ok(ask_rest(cx.tr, &made, capabilities().text_limit).into());
    }
    kept(cx, made, &input).await
}

/// The rest of a text that came in two: it goes to the end of what is kept.
pub(super) async fn rest(cx: &Cx, version: VersionId, shown: Stamp, input: Input) -> Outcome {
    let rest = input.rich.clone().trimmed();
    if input.file.is_some() || rest.text.is_empty() {
        cx.leave().await?;
        return show(cx, version).await;
    }
    let loaded = load(cx, version).await?;
    if stamp(&loaded) != shown {
        cx.leave().await?;
        return Ok(show(cx, version).await?.saying(p!(cx.tr, "templates-changed")));
    }
    let made = edit(cx, version, Edit::Body(format!("{}{}", loaded.body, rest.to_template()))).await?;
    kept(cx, made, &input).await
}

/// Who advertises, as the law wants it said.
pub(super) async fn advertiser(cx: &Cx, version: VersionId) -> Outcome {
    let loaded = load(cx, version).await?;
    let line = p!(customers(cx).await?, "templates-advertiser-line", variable = "{{ advertiser }}");
    let body = format!("{}\n\n{line}", loaded.body.trim_end());
    let made = edit(cx, version, Edit::Body(body.trim_start().to_owned())).await?;
    Ok(show(cx, made.id).await?.saying(p!(cx.tr, "templates-advertiser-added")))
}

/// Placeholders of other programs become variables.
pub(super) async fn names(cx: &Cx, version: VersionId) -> Outcome {
    let loaded = load(cx, version).await?;
    let fields = field::list(&cx.deps.store, cx.actor()?.account).await?;
    let mut made = edit(cx, version, Edit::Body(names::replaced(&loaded.body, &fields))).await?;
    let buttons: Vec<TemplateButton> = made
        .buttons
        .iter()
        .map(|button| match button {
            TemplateButton::Url { text, url } => TemplateButton::Url { text: names::replaced(text, &fields), url: url.clone() },
            TemplateButton::OptOut { text } => TemplateButton::OptOut { text: names::replaced(text, &fields) },
            TemplateButton::Answer { text, comes } => TemplateButton::Answer { text: names::replaced(text, &fields), comes: *comes },
        })
        .collect();
    if buttons != made.buttons {
        made = edit(cx, made.id, Edit::Buttons(buttons)).await?;
    }
    Ok(show(cx, made.id).await?.saying(p!(cx.tr, "templates-names-replaced")))
}

/// A text is kept: its card, or what cannot be read in it.
async fn kept(cx: &Cx, made: Version, input: &Input) -> Outcome {
    let findings = lint::glance(&cx.deps.store, cx.actor()?.account, &made.content(), &connected(cx).await?, cx.now).await?;
    let unread = findings.iter().find(|one| matches!(one.problem, Problem::Parse { .. }));
    if let Some(finding) = unread {
        // The step stays: the mended text may come at once.
        cx.ask(Step::Text { version: made.id, stamp: stamp(&made) }).await?;
        return Ok(text_again(cx.tr, &made, &lines::finding(cx.tr, &made.content(), finding)).into());
    }
    cx.leave().await?;
    let reply = show(cx, made.id).await?;
    Ok(match lost(cx.tr, input.lost) {
        Some(sentence) => reply.saying(sentence),
        None => reply,
    })
}

/// What of a typed text goes out otherwise than it looks.
fn lost(tr: Tr, lost: Lost) -> Option<String> {
    match (lost.emoji > 0, lost.expandable > 0) {
        (false, false) => None,
        (true, false) => Some(p!(tr, "templates-lost-emoji")),
        (false, true) => Some(p!(tr, "templates-lost-expandable")),
        (true, true) => Some(format!("{} {}", p!(tr, "templates-lost-emoji"), p!(tr, "templates-lost-expandable"))),
    }
}
