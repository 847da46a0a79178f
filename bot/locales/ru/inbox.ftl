inbox-menu = Ответы
inbox-none =
    <b>Ответы клиентов</b>

    Пока никто не писал. Всё, что клиенты напишут вашему боту, придёт сюда.
inbox-title =
    <b>Ответы клиентов</b> — { $count }

    { $waiting ->
        [one] Ждёт ответа { $waiting } человек.
        [few] Ждут ответа { $waiting } человека.
       *[many] Ждут ответа { $waiting } человек.
    }
inbox-title-done =
    <b>Ответы клиентов</b> — { $count }

    Всем ответили.
inbox-card = <b>{ $name }</b> — переписка
inbox-in =
    ← <b>{ $at }</b> · { $channel }
    { $text }
inbox-in-campaign =
    ← <b>{ $at }</b> · на «{ $campaign }»
    { $text }
inbox-out =
    → <b>{ $at }</b> · { $member }
    { $text }
inbox-out-bot =
    → <b>{ $at }</b>
    { $text }
inbox-silent = Здесь ещё ничего не писали.
inbox-out-of = 🚫 Человек просил не писать и с тех пор молчит. Ответить можно, когда он напишет сам.
inbox-reply = Ответить
inbox-contact = Карточка контакта
inbox-open = Переписка
inbox-ask = Что ответить? <b>{ $name }</b> получит ваше сообщение в том же чате, от имени бота.
inbox-not-sent =
    <b>{ $name }</b> — ответ не ушёл

    { $sentence }
inbox-text-only = Пока можно ответить только текстом.
inbox-length = Ответ — от 1 до { $max } знаков.
inbox-opted-out = Человек просил не писать и с тех пор молчит.
inbox-no-chat = У человека нет чата с вашим ботом: ответить негде.
inbox-no-licence = Лицензия не действует: сообщения не отправляются.
