inbox-menu = Сообщения
inbox-none =
    <b>Сообщения клиентов</b>

    Пока никто не писал. Всё, что клиенты напишут вашему боту, появится здесь.
inbox-title =
    <b>Сообщения клиентов</b> — { $count }

    { $waiting ->
        [one] Ждёт ответа { $waiting } человек.
        [few] Ждут ответа { $waiting } человека.
       *[many] Ждут ответа { $waiting } человек.
    }
inbox-title-done =
    <b>Сообщения клиентов</b> — { $count }

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
inbox-out-of = 🚫 Человек отписался и с тех пор не писал. Ответить можно, когда он напишет сам.
inbox-undelivered = ⚠️ не доставлено: { $reason }
inbox-unknown = ❓ доставка не подтверждена
inbox-edited = { $at } (изменено)
inbox-doubt =
    ❓ <b>Похоже, просит не писать</b> — { $at }
    Мы спросили в чате. Пока ответа нет, рекламу не отправляем; сервисные сообщения и ответы отправляем.
inbox-doubt-lift = Это не отказ
inbox-ask-doubt = <b>{ $name }</b>: почему это не отказ от рекламы? Напишите причину одним сообщением: она останется в журнале и в согласиях контакта.
inbox-doubt-reason = Причина — от { $min } до { $max } символов.
inbox-doubt-lifted = Отмечено: это не отказ.
inbox-stop = 🚫 Больше не писать
inbox-failed = ⚠️ Не прочитано: { $count }
inbox-failed-title =
    <b>Не прочитано</b> — { $count }

    Это пришло от клиентов, но обработать не удалось. Среди такого может быть чей-то отказ.
inbox-failed-none = Всё прочитано.
inbox-failed-line = { $at } · { $source } · { $why }
inbox-failed-unreadable = не читается
inbox-failed-broken = не обработано, попыток: { $count }
inbox-failed-again = Прочитать снова
inbox-failed-again-said = Читаем снова.
inbox-failed-looked = Проверено, убрать из списка
inbox-failed-looked-said = Убрано: { $count }.
inbox-reply = Ответить
inbox-done = ✓ Закрыть
inbox-done-said = Закрыто: ответ не нужен.
inbox-handled = ✓ Закрыто: { $name }, { $at }.
inbox-reopen = ↩️ Открыть снова
inbox-reopened = Снова ждёт ответа.
inbox-wrote-meanwhile = Пока вы смотрели, клиент написал ещё.
inbox-files = 📎 Файлы клиентов здесь не открываются. Если файл нужен, попросите ссылку на него.
inbox-sent-with = { $kind }: { $caption }
inbox-sent-photo = 🖼 Фото
inbox-sent-video = 🎬 Видео
inbox-sent-video-note = 🎬 Видеосообщение
inbox-sent-voice = 🎤 Голосовое сообщение
inbox-sent-audio = 🎵 Аудио
inbox-sent-document = 📎 Файл
inbox-sent-sticker = Стикер
inbox-sent-location = 📍 Геопозиция
inbox-sent-contact = 👤 Контакт
inbox-sent-other = Вложение
inbox-contact = Карточка контакта
inbox-open = Переписка
inbox-ask = Что ответить? <b>{ $name }</b> получит ваше сообщение в том же чате, от имени бота.
inbox-not-sent =
    <b>{ $name }</b> — ответ не отправлен

    { $sentence }
inbox-text-only = Ответить можно только текстом: файл не отправлен.
inbox-length = Ответ — от 1 до { $max } символов.
inbox-opted-out = Человек отписался и с тех пор не писал.
inbox-no-chat = У человека нет чата с вашим ботом: ответить некуда.
inbox-no-licence = Лицензия не действует: сообщения не отправляются.
