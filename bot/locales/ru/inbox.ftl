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

    Никто не ждёт ответа.
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
inbox-done = ✓ Ответ не нужен
inbox-done-said = Отмечено: ответ не нужен.
inbox-handled = ✓ Ответ не нужен — { $name }, { $at }.
inbox-reopen = ↩️ Ответ нужен
inbox-reopened = Снова ждёт ответа.
inbox-wrote-meanwhile = Пока вы смотрели, клиент написал ещё.
inbox-files = 📎 Файлы здесь только названы: открыть их в этом чате нельзя. Если нужен файл, попросите ссылку на него.
inbox-sent-with = { $kind }: { $caption }
inbox-sent-photo = 🖼 Фото
inbox-sent-video = 🎬 Видео
inbox-sent-video-note = 🎬 Видеосообщение
inbox-sent-voice = 🎤 Голосовое сообщение
inbox-sent-audio = 🎵 Аудио
inbox-sent-document = 📎 Файл
inbox-sent-sticker = Стикер
inbox-sent-location = 📍 Место на карте
inbox-sent-contact = 👤 Чужой контакт
inbox-sent-other = Вложение
inbox-contact = Карточка контакта
inbox-open = Переписка
inbox-ask = Что ответить? <b>{ $name }</b> получит ваше сообщение в том же чате, от имени бота.
inbox-not-sent =
    <b>{ $name }</b> — ответ не ушёл

    { $sentence }
inbox-text-only = Ответить можно только текстом: файл не отправлен.
inbox-length = Ответ — от 1 до { $max } знаков.
inbox-opted-out = Человек просил не писать и с тех пор молчит.
inbox-no-chat = У человека нет чата с вашим ботом: ответить негде.
inbox-no-licence = Лицензия не действует: сообщения не отправляются.
