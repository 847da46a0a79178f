mod demands;
mod writing;

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{
    Answer,
    corpus::{self, Part, Score, Why, part},
    recognise, training,
};

#[test]
fn says_stop() {
    let table = [
        "стоп",
        "Стоп",
        "СТОП!!!",
        "стоп.",
        "«стоп»",
        "Стоп 🛑",
        "стооооп",
        "сстоп",
        "с т о п",
        "С-Т-О-П",
        "cтoп",
        "CTOП",
        "ст0п",
        "сто\u{200b}п",
        "стоп стоп стоп",
        "стоп-стоп",
        "Стоп, пожалуйста",
        "ну стоп уже",
        "стоп спам",
        "stop",
        "STOP",
        "Stop!",
        "stoр",
        "st0p",
        "please stop",
        "stop it",
        "STOP ALL",
        "/stop",
        "stop stop",
        "отписаться",
        "Отписаться.",
        "хочу отписаться",
        "Я хочу отписаться от рассылки!",
        "Отпишите меня",
        "отпишите меня пожалуйста",
        "отпишите меня от вашей рассылки",
        "отписка",
        "Как отписаться?",
        "как мне отписаться от вашей рассылки?",
        "не пишите",
        "Не пишите мне больше",
        "больше не пишите мне",
        "НЕ ПИШИТЕ МНЕ",
        "прошу больше мне не писать",
        "не присылайте мне больше рекламу",
        "не беспокойте меня",
        "не беспоко\u{438}\u{306}те",
        "хватит",
        "Хватит!",
        "хватит уже",
        "хватит мне писать",
        "прекратите",
        "перестаньте мне писать",
        "удалите меня",
        "удалите меня из рассылки",
        "Удалите меня из базы, пожалуйста",
        "уберите меня из списка",
        "удалите мой номер",
        "отключите рассылку",
        "отмените подписку",
        "не хочу получать рекламу",
        "отстаньте",
        "без рекламы",
        "unsubscribe",
        "Unsubscribe me",
        "I want to unsubscribe",
        "opt out",
        "opt-out",
        "don't write to me",
        "Don’t text me",
        "do not contact me",
        "stop writing to me",
        "Stop sending me messages",
        "no more messages",
        "remove me from your list",
        "leave me alone",
        "otpiska",
    ];
    let others: Vec<&str> = table.into_iter().filter(|message| recognise(message) != Answer::Stop).collect();
    assert!(others.is_empty(), "{others:?}");
}

/// What was talk: nobody had thought of the first person, of the law, of a wrong number, and of the
/// other languages people write in.
#[test]
fn a_refusal_in_the_first_person_by_the_law_or_in_another_language_is_a_stop() {
    let table = [
        "отписываюсь",
        "Отписываюсь!",
        "отписываюсь от рассылки",
        "Я отписываюсь от вас",
        "отзываю согласие на рассылку",
        "Отзываю своё согласие на рассылку.",
        "прошу прекратить обработку",
        "Прошу прекратить обработку моих персональных данных",
        "вы ошиблись номером, не пишите",
        "Вы ошиблись номером, больше не пишите",
        // Ukrainian.
        "відписатися",
        "Відпишіть мене, будь ласка",
        "не пишіть мені більше",
        "припиніть розсилку",
        "видаліть мій номер",
        // Kazakh.
        "тоқтатыңыз",
        "маған жазбаңыз",
        "хабарлама жібермеңіз",
        "жазбаңызшы",
        // Tatar.
        "туктатыгыз",
        "миңа язмагыз",
        "миңа башка язмагыз",
        "реклама җибәрмәгез",
    ];
    let others: Vec<_> =
        table.into_iter().map(|message| (message, recognise(message))).filter(|(_, answer)| *answer != Answer::Stop).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn is_talk() {
    let table = [
        "",
        " ",
        "стоп-кран купил?",
        "когда стоп акции?",
        "стоп, а где мой заказ",
        "stop by tomorrow",
        "where is the bus stop",
        "не стоп",
        "стопка книг",
        "автостоп",
        "нон-стоп",
        "хватит?",
        "мне хватит",
        "Двух хватит",
        "хватит ли денег?",
        "денег хватит",
        "отпишусь завтра",
        "отпишитесь, когда придёт",
        "я отписалась вам на почту",
        "не пишите на почту, пишите сюда",
        "напишите мне",
        "пишите мне",
        "пишите ещё",
        "спасибо",
        "пожалуйста",
        "да",
        "нет",
        "отмена",
        "отмените заказ",
        "отменить запись",
        "удалите из заказа молоко",
        "удалите заказ",
        "уберите лук",
        "спам-фильтр вас съел",
        "подписаться",
        "как подписаться на рассылку?",
        "подпишите меня",
        "cancel my order",
        "I can't stop eating them!",
        "don't stop",
        "nonstop",
        "stopwatch",
        "please",
    ];
    let others: Vec<&str> = table.into_iter().filter(|message| recognise(message) != Answer::Talk).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn asks_where_a_careful_person_would_ask() {
    for message in [
        "🛑",
        "Стоп?",
        "не надо",
        "отпишите",
        "отказ",
        "удалите",
        "не интересует",
        "мне не пишите про скидки на обувь, только на сумки",
        "не пишите после 22:00",
        "кто это?",
        "спам",
        "Это спам!",
        "👎",
    ] {
        assert_eq!(recognise(message), Answer::Doubt, "{message}");
    }
}

/// What was missed: anything over 120 characters was talk.
#[test]
fn length_hides_no_refusal() {
    let letter = "Добрый день, уважаемые сотрудники клиники! Хочу поблагодарить доктора Петрову за внимание и терпение, лечение прошло \
        хорошо, все довольны. К сожалению, по семейным обстоятельствам мы переехали в другой город и приезжать больше не сможем. \
        Поэтому прошу больше не присылать мне сообщения об акциях. Всего вам доброго и процветания!\n\nС уважением,\nИванова Мария \
        Петровна, тел. +7 900 000-00-00";
    let long_talk = "Здравствуйте, заказ приехал вовремя, курьер вежливый. ".repeat(2_000);
    assert_eq!(recognise(&"СТОП. ".repeat(40)), Answer::Stop);
    assert_eq!(recognise(&"СТОП. ".repeat(40_000)), Answer::Stop);
    assert_eq!(recognise(letter), Answer::Stop);
    assert_eq!(recognise(&long_talk), Answer::Talk);
    assert_eq!(recognise(&format!("{long_talk} Не пишите мне больше.")), Answer::Stop);
    assert_eq!(recognise(&format!("Не пишите мне больше. {long_talk}")), Answer::Stop);
}

/// What was answered by stop: a wish to be written to.
#[test]
fn who_wishes_to_be_written_to_is_not_refused() {
    for message in [
        "хочу получать рассылку",
        "Хочу и дальше получать ваши сообщения",
        "Согласна получать рекламу",
        "согласие на рассылку даю",
        "не против получать рассылку",
        "не возражаю против рассылки",
        "Не хочу отказываться от рассылки",
        "Почему меня удалили из рассылки?",
        "I want to keep receiving your messages",
        "хочу отримувати розсилку",
    ] {
        assert_eq!(recognise(message), Answer::Talk, "{message}");
    }
    for message in ["хочу перестать получать рассылку", "хочу не получать рассылку", "не хочу получать рассылку", "я против рассылки"]
    {
        assert_eq!(recognise(message), Answer::Stop, "{message}");
    }
}

/// What lost a refusal: courtesy in other letters than the rest.
#[test]
fn courtesy_in_other_letters_changes_nothing() {
    for message in
        ["yt gbibnt vyt\nСпасибо!", "jngbibnt vtyz. С уважением", "elfkbnt vjq yjvth, спасибо", "ыещз, please", "stop, пожалуйста"]
    {
        assert_eq!(recognise(message), Answer::Stop, "{message}");
    }
    assert_ne!(recognise("отстань от меня простуда"), Answer::Stop);
    assert_ne!(recognise("сынок не шли ты мне эти бумажки электронные"), Answer::Talk);
}

/// What took 2.3 ms: two thousand single letters. The words that are read are bounded too.
#[test]
fn no_message_is_read_without_bound() {
    for message in ["б ".repeat(2_048), "g.".repeat(2_048), "вг\n".repeat(1_366), "не пишите ".repeat(10_000), "cnjg-".repeat(20_000)]
    {
        let read = super::reading::Reading::of(&message).tokens().count();
        assert!(read <= 1_500, "{read}: {:?}", message.chars().take(20).collect::<String>());
    }
    assert_eq!(recognise(&format!("{} Не пишите мне.", "б ".repeat(2_000))), Answer::Stop);
    assert_eq!(recognise(&format!("Не пишите мне. {}", "б ".repeat(2_000))), Answer::Stop);
}

/// What was talk: an earlier refusal that came to nothing, invitations that are to end, «стоп»
/// among a few words, words without spaces that are spelt as they sound.
#[test]
fn a_refusal_that_came_to_nothing_is_heard() {
    for message in [
        "Отключала через сайт и через банк — бесполезно",
        "почему моя просьба не писать не учтена?",
        "разве я не отписывалась?",
        "снова добавили в рассылку без спроса",
        "больше не зовите на открытые уроки",
        "хватит приглашать на консультации",
        "нет, тогда стоп",
        "стоп по всем номерам",
        "о заказах сообщайте, о скидках нет",
        "передумала получать вашу рассылку",
        "непресылайтемнерекламу",
        "рассылканенужна",
        "рекламуненадо",
        "задолбали розыгрышами и марафонами",
        "ни слова больше об ипотеке",
        "отпишите, варю борщ",
    ] {
        assert_ne!(recognise(message), Answer::Talk, "{message}");
    }
    for message in [
        "почему мой заказ не учтён?",
        "больше не опаздывайте на открытые уроки",
        "нет, лучше синий",
        "скидок нет?",
        "передумала, давайте красное",
        "хватит консультаций, записывайте на операцию",
    ] {
        assert_eq!(recognise(message), Answer::Talk, "{message}");
    }
}

/// What was stop: a demand about something else, and a report of what one does not want to lose.
#[test]
fn demands_about_other_things_stop_nothing() {
    for message in [
        "не присылайте мне больше Колю",
        "прекратите присылать мне бракованный товар",
        "перестаньте звонить, пишите",
        "удалите меня из списка дежурных",
        "номер не убрали",
        "не хочу отключать уведомления",
        "не хочу, чтобы меня отписали",
        "я не нажимала стоп",
        "мне посоветовали отписаться, но я остаюсь",
        "прислали отписку вместо ответа",
        "согласие на прививку отзываю",
        "этот номер не используйте для кода",
        "оставьте меня в рассылке",
        "хватит на всех",
    ] {
        assert_ne!(recognise(message), Answer::Stop, "{message}");
    }
}

/// What was talk: a refusal in a clause of its own, beside other things.
#[test]
fn a_refusal_among_other_things_is_heard() {
    for message in [
        "Отмените запись и удалите мой номер из базы",
        "больше не зовите меня на тренировки и не пишите",
        "сын подписал меня случайно, отпишите",
        "стоп я вас не знаю",
        "не. пишите. мне.",
        "пусть мне больше не пишут",
        "не пишите, пожалуйста, это рабочий телефон",
        "достали со своим фитнесом",
        "нет рекламе",
        "как аткписаться",
    ] {
        assert_ne!(recognise(message), Answer::Talk, "{message}");
    }
}

/// What was talk or doubt: money asked back, or a number given by mistake, takes no refusal back.
#[test]
fn what_is_taken_back_is_not_the_refusal() {
    for message in [
        "Деньги верните и рассылку отключите",
        "Мой номер вам дали по ошибке, сотрите его",
        "Шлите кому хотите, только не мне",
        "пишите своей маме, а мне не надо",
        "дальнейшие рассылки прошу не осуществлять",
        "Завтра иду в полицию, если не прекратите спамить",
        "Неактуально. Отпишите",
        "Имейте совесть, не пишите по 10 раз на дню",
    ] {
        assert_eq!(recognise(message), Answer::Stop, "{message}");
    }
}

/// What was a doubt: the answer «нет» to our own question, and a newsletter that is to stay.
#[test]
fn who_declines_to_be_unsubscribed_stays() {
    for message in [
        "«Отписать вас от рассылки?» Нет!",
        "отписать меня? нет, не надо",
        "Не надо отключать рассылку",
        "рассылку не трогайте, она мне нравится",
        "нет, рассылку оставьте",
        "не відписуйте мене",
        "что значит «стоп»?",
        "«СТОП» отправлять не буду, мне всё нравится",
        "как мне подключить смс о готовности",
    ] {
        assert_eq!(recognise(message), Answer::Talk, "{message}");
    }
}

/// Nonsense is read with less care in its middle; a refusal there is found all the same.
#[test]
fn nonsense_hides_no_refusal() {
    let nonsense: String = (0..330_u32).map(|n| format!("{}жщ{}ъфы ", char::from_u32(0x430 + n % 29).unwrap_or('ж'), n * 7919)).collect();
    let letter = format!("{}. Не пишите мне больше! {}", &nonsense, &nonsense).chars().skip(1_500).take(4_000).collect::<String>();
    assert_eq!(recognise(&letter), Answer::Stop);
}

/// The goals, on sentences the model was trained on and on those it was not.
#[test]
fn the_corpus_is_recognised() {
    for (name, which) in [("open", Part::Open), ("held", Part::Held)] {
        let cases = part(which);
        let score = Score::of(&cases);
        for miss in &score.misses {
            println!("{name}: {} answered {}: {}", miss.case.answer.word(), miss.got.word(), miss.case.phrase);
        }
        println!(
            "{name}: {} sentences, recall {:.4}, outright {:.4}, precision {:.4}, doubt of talk {:.4}, doubts seen {:.4}",
            cases.len(),
            score.recall(),
            score.outright(),
            score.precision(),
            score.doubt_of_talk(),
            score.doubts_seen()
        );
        assert!(score.reaches_goals(), "{name}");
    }
}

#[test]
fn the_corpus_is_whole() {
    let (open, held) = (part(Part::Open), part(Part::Held));
    assert!(open.len() + held.len() >= 2_000, "{} + {}", open.len(), held.len());
    assert!(held.len() * 7 > open.len(), "{} + {}", open.len(), held.len());
    let mut phrases: Vec<&str> = open.iter().map(|case| case.phrase).collect();
    phrases.sort_unstable();
    assert!(held.iter().all(|case| phrases.binary_search(&case.phrase).is_err()), "a phrase is in one part");
    for file in corpus::files() {
        assert_eq!(corpus::parse(file).1, []);
    }
}

/// A corpus that was changed without training again.
#[test]
fn the_shipped_model_is_of_this_corpus() {
    let open = part(Part::Open);
    let fresh = training::train(open.iter().map(|case| (case.phrase, case.answer)));
    let shipped = include_bytes!("model.bin");
    assert_eq!(fresh.len(), shipped.len());
    // The exponential differs in the last bit between machines, so a rounding may.
    let differing = fresh.iter().zip(shipped).skip(16).filter(|(a, b)| a.abs_diff(**b) > 1 && a.abs_diff(**b) < 255).count();
    assert!(differing * 1_000 < shipped.len(), "{differing} weights differ: cargo run --release -p mms-core --example refusals -- train");
}

#[test]
fn a_file_of_cases_is_read_whatever_its_line_ends() {
    let (cases, bad) = corpus::parse("\u{feff}стоп\tstop\r\n\r\n# a note\nкто это\tDoubt\n\tstop\nпривет\nпривет\ttalk\nа\tб\tother");
    let read: Vec<(&str, Answer)> = cases.iter().map(|case| (case.phrase, case.answer)).collect();
    assert_eq!(read, [("стоп", Answer::Stop), ("кто это", Answer::Doubt), ("а\tб", Answer::Talk)]);
    let bad: Vec<(usize, Why)> = bad.into_iter().map(|bad| (bad.line, bad.why)).collect();
    assert_eq!(bad, [(5, Why::NoPhrase), (6, Why::NoTab), (7, Why::Answer("talk".into()))]);
}

static HELD: LazyLock<Vec<corpus::Case<'static>>> = LazyLock::new(|| part(Part::Held));
static REFUSED: LazyLock<Vec<corpus::Case<'static>>> =
    LazyLock::new(|| HELD.iter().copied().filter(|case| recognise(case.phrase) == Answer::Stop).collect());

proptest! {
    #[test]
    fn no_message_breaks_it(message in any::<String>()) {
        let _ = recognise(&message);
    }

    #[test]
    fn no_message_of_its_own_words_breaks_it(words in prop::collection::vec(prop::sample::select(WORDS), 0..40)) {
        let _ = recognise(&words.concat());
    }

    #[test]
    fn runs_of_letters_and_case_change_nothing(which in 0_usize..2, at in 0_usize..4, times in 1_usize..9, upper in any::<bool>()) {
        let word = ["стоп", "stop"][which];
        let mut text = String::new();
        for (n, c) in word.chars().enumerate() {
            for _ in 0..if n == at { times } else { 1 } {
                text.push(c);
            }
        }
        let text = if upper { text.to_uppercase() } else { text };
        prop_assert_eq!(recognise(&text), Answer::Stop);
    }

    #[test]
    fn case_changes_no_answer(n in 0_usize..100_000) {
        let phrase = HELD[n % HELD.len()].phrase;
        let (lower, upper) = (recognise(&phrase.to_lowercase()), recognise(&phrase.to_uppercase()));
        prop_assert_eq!(lower, upper, "{}", phrase);
    }

    #[test]
    fn courtesy_takes_no_refusal_back(n in 0_usize..100_000, which in 0_usize..4) {
        let phrase = REFUSED[n % REFUSED.len()].phrase;
        let polite = [" Спасибо!", ", пожалуйста", "\nС уважением", ". Всего доброго!"][which];
        prop_assert_ne!(recognise(&format!("{phrase}{polite}")), Answer::Talk, "{}{}", phrase, polite);
    }
}

const WORDS: &[&str] = &[
    "стоп",
    " ",
    "не ",
    "пишите",
    "мне ",
    ", ",
    ". ",
    "?",
    "«",
    "»",
    "\"",
    "-",
    "с т о п",
    "от",
    "отпишите",
    " меня",
    "/",
    "@",
    "cnjg",
    "ыещз",
    "stop ",
    "больше ",
    "если ",
    "чтобы ",
    "\n",
    "🛑",
    "*",
    "0",
    "\u{301}",
    "\u{200b}",
    "СТОП",
    "рассылка",
    "удалите ",
    "номер ",
    "хватит ",
    "_",
    "'",
    "запись ",
];
