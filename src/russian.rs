//! The command line in Russian: every command, argument and value of [`crate::Cli`] by its path,
//! and what was wrong with a line, in sentences.
//!
//! The English texts are the comments in the code, where clap takes them from. These take their
//! place when the terminal speaks Russian, all or none: a test walks the tree and finds what has no
//! text here, and what here belongs to nothing.

use clap::{
    Arg, Command,
    error::{ContextKind, ContextValue, ErrorKind},
};

#[cfg(test)]
mod tests;

/// What the commands do, by their path below `mms`.
const COMMANDS: &[(&str, &str)] = &[
    (
        "",
        "Messenger Marketing Solution: рассылки по согласию из чата в Telegram, каждое сообщение один раз.\n\nНастройки берутся из \
         встроенных значений, затем из файла TOML, затем из окружения; `mms config` печатает каждую с пояснением и переменной окружения.",
    ),
    ("up", "Запустить бота и исполнителя одним процессом на SQLite: небольшой компании больше ничего не нужно"),
    ("bot", "Запустить бота менеджеров, вебхуки, проверки и метрики (с PostgreSQL и Redis)"),
    ("worker", "Запустить исполнителя (с PostgreSQL и Redis); несколько делят работу"),
    ("demo", "Показать главную работу от начала до конца, без настроек, токена и сети, и остаться со страницей телефонов"),
    ("doctor", "Проверить настройки, базу, миграции, Redis, Telegram, часы и диск и назвать все узлы, к которым будут обращения"),
    ("admin", "Завести аккаунт, выдать лицензию, сменить пароль, проверить журнал действий, сохранить и восстановить базу"),
    ("admin accounts", "Аккаунты этого сервера с лицензией и участниками"),
    ("admin create-account", "Завести аккаунт с первым владельцем; пароль спросят или прочитают из стандартного ввода"),
    ("admin rename-account", "Переименовать аккаунт"),
    (
        "admin delete-account",
        "Удалить аккаунт: всё, что называет людей, стирается, а что доказывает или запрещает — остаётся. Без `--confirm` только \
         показывает",
    ),
    ("admin members", "Участники аккаунта: логин, имя, роль, блокировки"),
    ("admin unlock", "Снять блокировку логина"),
    ("admin sessions", "Кто вошёл"),
    ("admin end-sessions", "Завершить все сеансы участника"),
    ("admin licences", "Лицензии аккаунта с их номерами"),
    ("admin issue-licence", "Выдать лицензию"),
    ("admin revoke-licence", "Отозвать лицензию"),
    ("admin invite", "Одноразовое приглашение для нового участника"),
    (
        "admin reset-password",
        "Одноразовая ссылка, по которой участник задаст новый пароль; тогда его сеансы завершатся, а блокировка снимется",
    ),
    ("admin reset-second-factor", "Сбросить участнику вход с кодом, если он потерял и приложение, и запасные коды; его сеансы завершатся"),
    ("admin import-contacts", "Загрузить контакты из файла CSV, XLSX или vCard, как если бы его прислали боту"),
    ("admin books", "Сверить итоги каждой кампании: строки, счётчики и суммы должны совпасть"),
    ("admin audit", "Журнал действий: проверить цепочку, напечатать"),
    ("admin audit verify", "Проверить цепочку одного аккаунта или всех: найдёт изменённые, пропавшие, добавленные и поддельные записи"),
    ("admin audit show", "Напечатать журнал аккаунта: кто, что и когда сделал"),
    ("admin consent", "Журнал согласий: проверить цепочку"),
    ("admin consent verify", "Проверить цепочку одного аккаунта или всех: найдёт изменённые, пропавшие, добавленные и поддельные согласия"),
    ("admin backup", "Сохранить базу SQLite в новый файл, не останавливая работу"),
    ("admin restore", "Поставить сохранённую базу SQLite на место нынешней; прежняя останется рядом. `mms up` должен быть остановлен"),
    (
        "admin maintenance",
        "Назначить работы на сервере: каждая компания узнает о них в чате и по почте, новую кампанию в это время не запустить, а идущие \
         подождут и продолжатся сами. Без параметров — что назначено",
    ),
    ("admin agreement", "Тексты, которые принимают владельцы: опубликовать папку из настроек, показать, записать образец"),
    ("admin agreement publish", "Опубликовать новые тексты из папки и сообщить о них владельцам"),
    ("admin agreement list", "Опубликованные версии и компании, которые их ещё не приняли"),
    ("admin agreement sample", "Записать образец текстов в папку; имеющиеся файлы не заменяются"),
    (
        "admin suspend",
        "Закрыть компании отправку или весь доступ, кроме выгрузок, отписок, удаления данных и поддержки: рассылки встанут на паузу, \
         владельцы узнают",
    ),
    ("admin lift", "Снова открыть доступ; рассылки стоят на паузе, пока их не продолжит участник"),
    ("admin feature", "Отключить или включить функцию компании. Без `--off` и `--on` — все функции"),
    (
        "admin payments",
        "Заказы лицензий и платежи по ним. Без `--account` — деньги всех компаний, по которым нет лицензии: их надо вернуть",
    ),
    ("admin payment", "Подтвердить, что деньги по счёту пришли, или отметить, что деньги возвращены"),
    ("admin payment confirm", "Деньги по счёту пришли: лицензия начнёт действовать сразу"),
    ("admin payment return", "Отметить, каким документом возвращены деньги, по которым нет лицензии (`mms admin payments`)"),
    ("admin licence-key", "Лицензии подписанным текстом — для серверов, до которых лицензиар не дотягивается"),
    ("admin licence-key new", "Создать файл ключа для подписи и напечатать открытый ключ для `billing.licence_keys`"),
    ("admin licence-key issue", "Подписать лицензию для компании на другом сервере и напечатать её"),
    ("admin licence-key enter", "Ввести ключ компании на этом сервере; ключ читается из стандартного ввода"),
    (
        "admin retention",
        "То, что называет людей, хранится ограниченное число дней: показать правила и сколько строк пора забыть или забыть их сейчас",
    ),
    ("admin support", "Обращения компаний: показать, ответить, закрыть"),
    ("admin support list", "Незакрытые обращения всех компаний"),
    ("admin support show", "Показать обращение с сообщениями"),
    ("admin support answer", "Ответить на обращение: ответ придёт в чат тому, кто его открыл"),
    ("admin support close", "Закрыть обращение"),
    ("admin claims", "Претензии компаний к лицензиару: показать, ответить"),
    ("admin claims list", "Претензии компании"),
    ("admin claims answer", "Ответить на претензию компании к лицензиару; владельцы узнают"),
    (
        "admin hold",
        "Придержать все идущие и запланированные кампании, а рекламу — до слова владельца: после `pg_restore`, до любого запуска",
    ),
    (
        "admin signing-key",
        "Напечатать открытый ключ, по которому проверяют досье и контрольные точки этой установки: передайте его проверяющему отдельно",
    ),
    (
        "admin forget-key",
        "Ключ шифрования потерян навсегда: забыть всё, что им закрыто, чтобы завести новый. Каналы и CRM придётся подключить заново",
    ),
    ("bench", "Измерить эту машину: каждое число из docs/PERFORMANCE.md рядом с его пределом, в одном прогоне"),
    ("bench refusals", "Насколько хорошо понимаются отказы"),
    (
        "drill",
        "Проверить на деле: настоящие процессы убивают, морят голодом и отрезают от сети в случайные мгновения, а потом считают, что дошло",
    ),
    ("verify", "Проверить досье доказательств без сети: целы ли все файлы, нет ли пропавших и лишних, каким ключом подписано"),
    ("config", "Напечатать каждую настройку, как она действует, с пояснением, обычным значением и переменной; секреты скрыты"),
];

/// What the arguments are, by the path of their command and their name; without a path: of every
/// command that has one of this name.
const ARGUMENTS: &[(&str, &str)] = &[
    ("config", "Файл TOML с настройками, которые отличаются от обычных (или переменная MMS_CONFIG)"),
    ("help", "Показать эту справку"),
    ("version", "Показать версию"),
    ("account", "Номер аккаунта или его точное название"),
    ("login", "Логин участника"),
    ("json", "Напечатать не таблицу, а документ JSON"),
    ("worker/name", "Имя для журнала; узел и процесс делают его единственным. Обычно: worker"),
    ("demo/exit", "Закончить после показа; код 0, если всё было как должно"),
    ("demo/port", "Порт страницы на этой машине; 0 — любой свободный. Обычно: 8765"),
    ("demo/language", "Язык показа и телефонов участников: ru — русский, en — английский; обычно — язык терминала (LANG)"),
    ("demo/no_tour", "Без показа: только всё запустить и остаться"),
    ("admin create-account/name", "Название компании"),
    ("admin create-account/login", "Логин первого владельца"),
    ("admin create-account/owner", "Имя первого владельца"),
    ("admin create-account/advertiser", "Рекламодатель, как его положено называть в рекламе"),
    ("admin create-account/zone", "Часовой пояс IANA. Обычно: Europe/Moscow"),
    ("admin create-account/region", "Страна телефонов, записанных без кода (ISO). Обычно: RU"),
    ("admin create-account/language", "Язык, с которого начинает аккаунт: ru — русский (обычно), en — английский"),
    ("admin rename-account/name", "Новое название"),
    ("admin delete-account/confirm", "Точное название аккаунта: без него ничего не удалится, а только покажут, что удалилось бы"),
    ("admin issue-licence/plan", "Код тарифа: trial, start, business, unlimited или один из тарифов сервера"),
    ("admin payment confirm/invoice", "Номер счёта"),
    (
        "admin payment confirm/document",
        "Номер платежа в банке или платёж, как его показывает `mms admin payments` (`telegram:…`): один и тот же дважды считается один раз. \
         Без него счёт подтверждается один раз",
    ),
    ("admin payment confirm/act", "Записать акт за период в этот новый файл (PDF)"),
    ("admin payment return/payment", "Платёж, как его показывает `mms admin payments`"),
    ("admin payment return/document", "Номер или название документа, которым вернули деньги"),
    ("admin licence-key new/file", "Новый файл"),
    ("admin licence-key issue/file", "Файл ключа, которым подписать"),
    ("admin licence-key issue/account_name", "Название компании на том сервере или её номер"),
    ("admin licence-key issue/plan", "Код тарифа"),
    ("admin licence-key issue/until", "Последний день действия (UTC): 31.12.2027 или 2027-12-31"),
    ("admin retention/apply", "Забыть сейчас всё, что пора, по частям; исполнитель сам делает это раз в сутки"),
    ("admin issue-licence/until", "Последний день действия (UTC): 31.12.2027 или 2027-12-31"),
    ("admin revoke-licence/licence", "Номер лицензии (`mms admin licences`)"),
    (
        "admin invite/role",
        "Роль нового участника: owner — всё, с участниками и каналами; manager — контакты, сегменты, шаблоны, кампании; approver — \
         согласует чужое; viewer — смотрит и ничего не меняет",
    ),
    ("admin import-contacts/file", "Файл CSV, XLSX или vCard; столбцы узнаются по заголовкам"),
    (
        "admin import-contacts/basis",
        "По какому праву данные у компании: signed-document — каждый подписал согласие (уровень B); owner-statement — согласие со слов \
         владельца (уровень D); no-consent — без согласия, рекламы не будет",
    ),
    ("admin import-contacts/origin", "Откуда данные, словами; хранится с каждым согласием"),
    ("admin import-contacts/tags", "Тег каждому контакту из файла; можно указать несколько раз"),
    ("admin import-contacts/member", "Логин участника, от чьего имени это делается; обычно — первого владельца"),
    ("admin import-contacts/dates", "Что значит 05/06/2026, если файл этого не говорит: day-first — 5 июня, month-first — 6 мая"),
    ("admin import-contacts/sheet", "Лист книги; обычно — первый видимый, на котором что-то есть"),
    ("admin import-contacts/refused", "Куда записать строки, из которых что-то не вошло, с причинами; обычно — `<файл>.refused.xlsx`"),
    ("admin import-contacts/dry_run", "Показать числа и ничего не менять"),
    ("verify/files", "Досье: файлы ZIP, все части одного вместе"),
    ("verify/key", "Открытый ключ того, кто их составил, узнанный другим путём; там его печатает `mms admin signing-key`"),
    ("admin maintenance/from", "С какого времени (UTC): 2026-12-01 02:00"),
    ("admin maintenance/until", "До какого времени (UTC)"),
    ("admin maintenance/why", "Зачем: это прочтёт каждая компания"),
    ("admin maintenance/lift", "Номер тех, что отменить или закончить сейчас"),
    ("admin agreement sample/folder", "Папка"),
    ("admin suspend/scope", "Что закрыть: sending — отправку рассылок, all — весь доступ"),
    ("admin suspend/reason", "Причина: её прочтут владельцы"),
    ("admin suspend/document", "Номер или название документа; если это путь к файлу, запомнится и его SHA-256"),
    ("admin suspend/until", "До какого времени (UTC): 2026-12-01 02:00; без него — пока не откроют"),
    ("admin lift/reason", "Причина: её прочтут владельцы"),
    ("admin feature/off", "Название функции, которую отключить"),
    ("admin feature/on", "Название функции, которую включить"),
    ("admin feature/reason", "Причина: её прочтут владельцы"),
    ("admin support show/number", "Номер обращения"),
    ("admin support answer/number", "Номер обращения"),
    ("admin support close/number", "Номер обращения"),
    ("admin support show/save", "Записать картинки и файлы обращения в эту папку"),
    ("admin support answer/text", "Ответ"),
    ("admin claims answer/number", "Номер претензии"),
    ("admin claims answer/text", "Ответ"),
    ("admin books/account", "Номер аккаунта или его точное название; без него — все"),
    ("admin audit verify/account", "Номер аккаунта или его точное название; без него — все"),
    ("admin audit verify/expect", "Записанное раньше начало цепочки (`212:9f3c…`): она должна его содержать"),
    ("admin audit show/who", "Кто сделал: логин, номер участника, `admin` (эта командная строка) или `system`"),
    ("admin audit show/what", "Что сделано: действие или начало его имени (`campaign`, `campaign.launch`)"),
    ("admin audit show/since", "С этого дня (UTC): 31.12.2027 или 2027-12-31"),
    ("admin audit show/until", "По этот день включительно (UTC)"),
    (
        "admin audit show/format",
        "Для людей или для программ: text — по строке на запись (обычно), json — по объекту JSON с номерами и подробностями",
    ),
    ("admin consent verify/account", "Номер аккаунта или его точное название; без него — все"),
    ("admin consent verify/expect", "Записанное раньше начало цепочки (`212:9f3c…`): она должна его содержать"),
    ("admin backup/file", "Новый файл"),
    ("admin restore/file", "Сохранённая база"),
    (
        "bench/figures",
        "Что измерить; обычно — всё: deliver — строки, HTTP, записанные исходы рядом с голым циклом HTTP, процессор и память; memory — \
         наибольшая память при десяти тысячах, ста тысячах и миллионе; plan — отбор большой аудитории; count — счёт людей в сегменте; \
         sync — загрузка людей из CRM рядом с одним чтением её страниц и память; import — загрузка таблицы; paced — доля предела мессенджера; pair — то же, когда каждый десятый получатель ждёт, в Telegram, MAX и WhatsApp; vk — доля предела VK при полных вызовах; cascade — кампания в три шага рядом с кампаниями в один; handover — полнейшая секунда, пока канал переходит между \
         исполнителями; fair — маленькая кампания рядом с большой; stop — пауза, остановка и отписка на полной скорости; screens — экран с \
         итогами; dossier — досье доказательств на тысячу человек, от нажатия до файлов, и память; webhooks — сколько вебхуков берёт ядро; button — сколько ждёт кнопка менеджера; receipts — сколько отметок о доставке и прочтении применяется в секунду; channels — один, два и четыре канала; \
         occasions — сегмент по визитам, заказам, сделкам и платежам; hostile — худшие шаблоны; idle — цена простоя; many — то же при тысяче каналов; refusals — насколько понимаются отказы",
    ),
    ("bench/runs", "Прогонов на каждое число, считается среднее по порядку. Обычно: 3"),
    ("bench/scale", "Сколько: small — десятая часть, минуты (обычно); full — как в docs/PERFORMANCE.md"),
    ("bench/engine", "Только на одной базе: sqlite или postgres"),
    (
        "bench/postgres",
        "Сервер PostgreSQL с правом создавать базы (без названия базы, или переменная MMS_TEST_POSTGRES); без него измеряется только \
         SQLite",
    ),
    ("bench/redis", "Redis рядом с ним (или переменная MMS_TEST_REDIS)"),
    ("bench refusals/file", "Строки «фраза<TAB>stop|doubt|other» в UTF-8; без файла — свои фразы, на которых модель не училась"),
    ("drill/sqlite", "Один процесс на SQLite вместо бота и двух исполнителей на PostgreSQL и Redis"),
    ("drill/crm", "Испытать не рассылку, а обмен с CRM: что из неё читается и что ей сообщается"),
    ("drill/rounds", "Сколько раз вредить. Обычно: 20"),
    ("drill/seed", "Повторить те же беды в те же мгновения; без него число выбирается и печатается"),
    ("drill/channels", "Компаний, каждая с ботом Telegram и каналами других мессенджеров. Обычно: 3"),
    ("drill/customers", "Клиентов у каждой компании. Обычно: 400"),
    ("drill/only", "Только беды, в названии которых есть это слово; можно указать несколько раз"),
    ("drill/no_fsync", "Свой PostgreSQL без `fsync`, `synchronous_commit` и `full_page_writes`; иначе он так же надёжен, как установлен"),
    ("drill/json", "Напечатать числа ещё и в JSON"),
];

/// What stands for a value in a line of usage.
const VALUES: &[(&str, &str)] = &[
    ("ACCOUNT", "АККАУНТ"),
    ("ACT", "АКТ"),
    ("ACTION", "ДЕЙСТВИЕ"),
    ("ADVERTISER", "РЕКЛАМОДАТЕЛЬ"),
    ("BASIS", "ОСНОВАНИЕ"),
    ("DATES", "ДАТЫ"),
    ("DAY", "ДЕНЬ"),
    ("DOCUMENT", "ДОКУМЕНТ"),
    ("ENGINE", "БАЗА"),
    ("FIGURES", "ЧИСЛА"),
    ("FILE", "ФАЙЛ"),
    ("FOLDER", "ПАПКА"),
    ("FORMAT", "ВИД"),
    ("HEAD", "НАЧАЛО"),
    ("ID", "НОМЕР"),
    ("INVOICE", "СЧЁТ"),
    ("KEY", "КЛЮЧ"),
    ("LANGUAGE", "ЯЗЫК"),
    ("LICENCE", "НОМЕР"),
    ("LOGIN", "ЛОГИН"),
    ("MEMBER", "ЛОГИН"),
    ("N", "ЧИСЛО"),
    ("NAME", "НАЗВАНИЕ"),
    ("ORIGIN", "ОТКУДА"),
    ("OWNER", "ИМЯ"),
    ("PAYMENT", "ПЛАТЁЖ"),
    ("PLAN", "ПЛАН"),
    ("PORT", "ПОРТ"),
    ("REASON", "ПРИЧИНА"),
    ("REGION", "СТРАНА"),
    ("ROLE", "РОЛЬ"),
    ("SCALE", "ОБЪЁМ"),
    ("SCOPE", "ЧТО"),
    ("SEED", "ЧИСЛО"),
    ("TAG", "ТЕГ"),
    ("TEXT", "ТЕКСТ"),
    ("TIME", "ВРЕМЯ"),
    ("UNTIL", "ДЕНЬ"),
    ("URL", "АДРЕС"),
    ("WHY", "ЗАЧЕМ"),
    ("WORD", "СЛОВО"),
    ("ZONE", "ПОЯС"),
];

const TEMPLATE: &str = "{about-with-newline}\nИспользование: {usage}\n\n{all-args}";
/// What the lines of usage below the first begin with.
const INDENT: &str = "\n               ";

fn text(all: &'static [(&str, &str)], key: &str) -> Option<&'static str> {
    all.iter().find(|(known, _)| *known == key).map(|(_, text)| *text)
}

/// What an argument is.
fn argument(path: &str, id: &str) -> Option<&'static str> {
    text(ARGUMENTS, &format!("{path}/{id}")).or_else(|| text(ARGUMENTS, id))
}

/// The command in Russian, with all below it.
pub fn command(mut whole: Command) -> Command {
    // Before, there is neither `--help` nor `help`.
    whole.build();
    translated(whole, "")
}

fn translated(command: Command, path: &str) -> Command {
    let own = path.to_owned();
    let mut command = command.mut_args(|arg| self::arg(arg, &own)).subcommand_help_heading("Команды").help_template(TEMPLATE);
    if let Some(about) = text(COMMANDS, path) {
        let first = about.lines().next().unwrap_or(about);
        command = command.about(first).long_about(about);
    }
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").replace("[OPTIONS]", "[ПАРАМЕТРЫ]").replace("COMMAND", "КОМАНДА");
    let lines: Vec<&str> = usage.lines().map(str::trim).collect();
    command = command.override_usage(lines.join(INDENT));
    command.mut_subcommands(|below| {
        let name = below.get_name().to_owned();
        if name == "help" {
            // Below it stand all commands once more.
            let about = "Показать эту справку или справку команды";
            return translated(below, path).about(about).long_about(about);
        }
        let path = if path.is_empty() { name } else { format!("{path} {name}") };
        translated(below, &path)
    })
}

fn arg(arg: Arg, path: &str) -> Arg {
    let Some(help) = argument(path, arg.get_id().as_str()) else { return arg };
    let names: Vec<&'static str> =
        arg.get_value_names().unwrap_or_default().iter().filter_map(|name| text(VALUES, name.as_str())).collect();
    let heading = if arg.is_positional() { "Аргументы" } else { "Параметры" };
    let arg = arg.help(help).long_help(help).help_heading(heading).hide_possible_values(true).hide_default_value(true).hide_env(true);
    if names.is_empty() { arg } else { arg.value_names(names) }
}

/// What is wrong with a line that was typed; `None`: it asked for help or for the version.
pub fn said(error: &clap::Error) -> Option<String> {
    let of = |kind| match error.get(kind) {
        Some(ContextValue::String(one)) => one.clone(),
        Some(ContextValue::Strings(several)) => several.join(", "),
        Some(ContextValue::StyledStrs(several)) => several.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let (arg, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    let mut sentence = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return None,
        ErrorKind::InvalidValue if value.is_empty() => format!("после {arg} нужно значение"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("значение «{value}» для {arg} не подходит"),
        ErrorKind::UnknownArgument => format!("параметра {arg} нет"),
        ErrorKind::InvalidSubcommand => format!("команды «{}» нет", of(ContextKind::InvalidSubcommand)),
        ErrorKind::NoEquals => format!("между {arg} и значением нужен знак «=»"),
        ErrorKind::TooManyValues => format!("значение «{value}» для {arg} лишнее"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("для {arg} нужно другое число значений: {}", of(ContextKind::ExpectedNumValues))
        }
        ErrorKind::ArgumentConflict if of(ContextKind::PriorArg) == arg => format!("{arg} указан дважды"),
        ErrorKind::ArgumentConflict => format!("{arg} нельзя указать вместе с {}", of(ContextKind::PriorArg)),
        ErrorKind::MissingRequiredArgument => format!("не хватает: {arg}"),
        ErrorKind::MissingSubcommand => "нужна команда".to_owned(),
        ErrorKind::InvalidUtf8 => "в строке есть знаки не в UTF-8".to_owned(),
        _ => "эту строку не удалось прочитать".to_owned(),
    };
    let allowed = of(ContextKind::ValidValue);
    if !allowed.is_empty() {
        sentence = format!("{sentence}. Можно: {allowed}");
    }
    let near: Vec<String> = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue].map(of).into();
    if let Some(near) = near.iter().find(|near| !near.is_empty()) {
        sentence = format!("{sentence}. Может быть, {near}?");
    }
    Some(format!("{}\n\nСправка: --help", sentence.trim_end()))
}
