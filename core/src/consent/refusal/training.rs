//! Learns the weights of the [`model`](super::model) from sentences. The same sentences give the
//! same weights.

use super::{
    Answer,
    model::{self, ANSWERS, HEAD, ROWS},
    reading::Reading,
};

/// Times every sentence is looked at.
const ROUNDS: usize = 12;
/// First step; AdaGrad makes it smaller where much was learned.
const STEP: f32 = 0.2;
/// How strongly weights are drawn to nothing.
const DECAY: f32 = 2e-4;

/// The file of the model for these sentences.
#[must_use]
pub fn train<'a>(sentences: impl IntoIterator<Item = (&'a str, Answer)>) -> Vec<u8> {
    let mut samples: Vec<(Vec<u32>, usize)> = Vec::new();
    for (text, answer) in sentences {
        let reading = Reading::of(text);
        let column = Answer::ALL.iter().position(|one| *one == answer).unwrap_or_default();
        samples.push((model::features(&reading.sentences, reading.smile), column));
    }
    let mut weights = vec![[0.0_f32; ANSWERS]; ROWS];
    let mut seen = vec![[1e-6_f32; ANSWERS]; ROWS];
    let mut bias = [0.0_f32; ANSWERS];
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..ROUNDS {
        // Fisher and Yates, by xorshift: another order each round, the same each time.
        for n in (1..samples.len()).rev() {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let other = usize::try_from(dice % (n as u64 + 1)).unwrap_or_default();
            samples.swap(n, other);
        }
        #[expect(clippy::cast_precision_loss, reason = "thirty")]
        let bias_step = 0.02 / (1.0 + round as f32);
        for (features, column) in &samples {
            let share = model::share(features.len());
            let mut sums = bias;
            for feature in features {
                for (sum, weight) in sums.iter_mut().zip(weights[*feature as usize]) {
                    *sum += weight * share;
                }
            }
            let odds = model::softmax(sums);
            let odds = [odds.stop, odds.doubt, odds.talk];
            for n in 0..ANSWERS {
                let wrong = odds[n] - if n == *column { 1.0 } else { 0.0 };
                bias[n] -= bias_step * wrong;
                for feature in features {
                    let (weight, seen) = (&mut weights[*feature as usize][n], &mut seen[*feature as usize][n]);
                    let slope = wrong * share + DECAY * *weight;
                    *seen += slope * slope;
                    *weight -= STEP * slope / seen.sqrt();
                }
            }
        }
    }
    write(&weights, bias)
}

fn write(weights: &[[f32; ANSWERS]], bias: [f32; ANSWERS]) -> Vec<u8> {
    let most = weights.iter().flatten().fold(f32::MIN_POSITIVE, |most, weight| most.max(weight.abs()));
    let scale = most / 127.0;
    let mut file = Vec::with_capacity(HEAD + weights.len() * ANSWERS);
    file.extend(scale.to_le_bytes());
    file.extend(bias.iter().flat_map(|bias| bias.to_le_bytes()));
    #[expect(clippy::cast_possible_truncation, reason = "at most 127 by the scale")]
    file.extend(weights.iter().flatten().map(|weight| (weight / scale).round().clamp(-127.0, 127.0) as i8 as u8));
    file
}

/// How a message was read, word by word with classes, what the rules and what the model make of it:
/// for looking at.
#[must_use]
pub fn explain(text: &str) -> String {
    let reading = Reading::of(text);
    let mut out = String::new();
    for sentence in &reading.sentences {
        for token in &sentence.tokens {
            let classes: Vec<&str> = super::lexicon::names(token.mask).collect();
            let comma = if token.after_comma { ", " } else { "" };
            out.push_str(&format!("{comma}{} [{}] ", token.word, classes.join(" ")));
        }
        out.push_str(if sentence.question { "?\n" } else { ".\n" });
    }
    let (ruling, odds) = (super::rules::judge(&reading), model::MODEL.odds(&reading));
    out.push_str(&format!(
        "rules: {ruling:?}; model: stop {:.3}, doubt {:.3}, talk {:.3}; answer: {}\n",
        odds.stop,
        odds.doubt,
        odds.talk,
        super::decide(&model::MODEL, &reading).word()
    ));
    out
}

/// The answer to a message with a model other than the shipped one: for validation.
#[must_use]
pub fn recognise_with(file: &[u8], text: &str) -> Answer {
    let reading = Reading::of(text);
    super::decide(&model::Model::of(file), &reading)
}

/// What the rules and the model make of a message, apart: the ruling, the odds of stop, doubt and
/// talk.
#[must_use]
pub fn apart(file: Option<&[u8]>, text: &str) -> (String, [f32; ANSWERS]) {
    let reading = Reading::of(text);
    let ruling = super::rules::judge(&reading);
    let odds = |model: &model::Model<'_>| super::odds(model, ruling, &reading);
    let odds = file.map_or_else(|| odds(&model::MODEL), |file| odds(&model::Model::of(file)));
    (format!("{ruling:?}").to_lowercase(), [odds.stop, odds.doubt, odds.talk])
}
