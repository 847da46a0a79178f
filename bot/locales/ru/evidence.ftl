evidence-button = Доказательства
evidence-make = Досье доказательств
evidence-home =
    <b>Доказательства</b>

    Запросов: { $all }, без ответа: { $open }. На ответ даётся пять рабочих дней со дня, следующего за днём запроса.

    Досье собирают из карточки клиента, сегмента или запущенной кампании, а по запросу — из его карточки.
evidence-new = Внести запрос
evidence-register-button = Реестр файлом
evidence-register = Реестр запросов доказательств.
evidence-register-file = Реестр запросов
evidence-nameless = без имени
evidence-of-segment = сегмент «{ $name }»
evidence-of-campaign = кампания «{ $name }»
evidence-stands-open = ждёт ответа
evidence-stands-soon = следующий рабочий день — последний
evidence-stands-today = последний день сегодня
evidence-stands-overdue = просрочен
evidence-stands-answered = отвечен
evidence-stands-answered-late = отвечен с опозданием
evidence-stands-unknown = срок неизвестен
evidence-dossier =
    <b>Досье: { $about }</b>
    Кто запросил: { $by }, { $at }
evidence-making = ⏳ Собирается. Когда будет готово, придёт сообщение; чат можно закрыть.
evidence-ready =
    ✅ Готово. Людей: { $people }, пробелов: { $gaps } — они названы в документе.

    Архив подписан. Проверить его можно без сети: <code>mms verify ФАЙЛ.zip --key { $key }</code>
    Ключ передайте проверяющему отдельно от архива.
evidence-not-made = ⚠️ Не собралось из-за ошибки на сервере: подробности в его журнале. Можно собрать заново.
evidence-not-made-gone = ⚠️ Не собралось: того, о ком оно, больше нет.
evidence-not-made-too-many = ⚠️ Не собралось: в досье помещается не больше { $most } человек, разделите список на части.
evidence-forgotten = 🗑 Файлы больше не хранятся. Досье можно собрать заново.
evidence-paper = Документ (PDF)
evidence-archive = Архив (ZIP)
evidence-archive-part = Архив, часть { $part } из { $of } (ZIP)
evidence-look-again = Посмотреть ещё раз
evidence-again = Собрать заново
evidence-asked = Собираем досье, это займёт до минуты
evidence-file =
    { $about }
    SHA-256: <code>{ $sha256 }</code>
evidence-to-card = К досье
evidence-sent-below = Файл отправлен ниже
evidence-request =
    <b>Запрос № { $number }</b>

    От кого: { $from }
    О ком: { $about }
    Получен: { $received }
    Внёс(ла): { $by }
evidence-request-due =
    { $mark } { $state }
    Ответить до { $due } включительно
evidence-request-no-day =
    { $mark } Рабочие дни этого года неизвестны, последний день посчитайте сами: пять рабочих дней, начиная со следующего за днём запроса.
evidence-request-answered =
    { $mark } { $state }: { $day }, { $by }

    { $answer }
evidence-whose = Досье человека
evidence-which-campaign = Досье кампании
evidence-answer = Отметить ответ
evidence-ask-new =
    <b>Новый запрос доказательств</b>

    Напишите одним сообщением, каждое с новой строки:
    1. от кого запрос;
    2. о ком или о чём;
    3. когда получен, например 28.11.2026, «вчера». Без этой строки — сегодня.
evidence-new-lines = Нужны две или три строки: от кого, о ком, когда получен.
evidence-words = Нужно от 1 до { $most } знаков.
evidence-ask-answer =
    <b>Запрос № { $number }</b>

    Что и как ответили? Например: «досье отправлено письмом, исх. 15». День ответа — сегодня.
evidence-answered-before = На этот запрос уже ответили
evidence-ask-whose =
    О ком: { $about }

    Напишите имя или телефон клиента.
evidence-nobody =
    Никто не нашёлся. О ком: { $about }

    Напишите имя или телефон иначе.
evidence-several = Кто из них? Досье соберётся сразу.
evidence-ask-campaign = Какая кампания? Досье соберётся сразу.
evidence-no-campaigns = Кампаний пока нет.
