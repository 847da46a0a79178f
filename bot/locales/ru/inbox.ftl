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
    } Кто ждёт дольше — выше.

    Чтобы найти переписку, напишите имя, телефон или слова из неё.
inbox-title-done =
    <b>Сообщения клиентов</b> — { $count }

    Никто не ждёт ответа.

    Чтобы найти переписку, напишите имя, телефон или слова из неё.
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
inbox-out-crm =
    → <b>{ $at }</b> · { $crm }
    { $text }
inbox-out-bot =
    → <b>{ $at }</b>
    { $text }
inbox-silent = Здесь ещё ничего не писали.
inbox-out-of = 🚫 Человек отписался и с тех пор не писал. Ответить можно, когда он напишет сам.
inbox-undelivered = ⚠️ не доставлено: { $reason }
inbox-unknown = ❓ доставка не подтверждена
inbox-delivered = ✓✓ доставлено { $at }
inbox-read = ✓✓ прочитано { $at }
inbox-window-open = ⏳ Ответить в { $messenger } можно до { $until }
inbox-window-closed = ⌛ { $messenger } больше не пропустит обычный ответ: после сообщения прошло больше { $days ->
        [1] суток
        [one] { $days } дня
       *[other] { $days } дней
    }. Снова ответить можно, когда человек напишет.
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
inbox-in-stop =
    ← <b>{ $at }</b> · 🚫 отписка
    { $text }
inbox-in-stop-press = ← <b>{ $at }</b> · 🚫 отписка кнопкой
inbox-out-campaign =
    → <b>{ $at }</b> · рассылка «{ $campaign }»
    { $text }
inbox-quick = ⚡ Быстрые ответы
inbox-quick-none =
    <b>Быстрых ответов пока нет</b>

    Сохраните то, что пишете часто: часы работы, адрес, условия доставки. Потом ответ уходит в два нажатия.
inbox-quick-title =
    <b>Быстрые ответы</b> — { $count }

    Нажмите на ответ, чтобы изменить или удалить.
inbox-quick-choose = Что отправить? <b>{ $name }</b> получит ответ сразу.
inbox-quick-new = ＋ Новый ответ
inbox-quick-ask = Пришлите текст ответа — сохраню его для всех участников.
inbox-quick-many = Ответов уже { $max }, больше не поместится. Удалите ненужный.
inbox-quick-kept = Сохранено.
inbox-quick-edit = ✏️ Изменить
inbox-quick-drop = Удалить
inbox-quick-ask-drop =
    <b>Удалить быстрый ответ?</b>

    { $text }
inbox-quick-drop-now = Да, удалить
inbox-quick-dropped = Удалено.
inbox-found = Найдено: { $count }.
inbox-found-none =
    По запросу «{ $typed }» ничего нет.

    Напишите имя, телефон или другие слова из переписки.
inbox-assign-button = 👤 Кто отвечает
inbox-assign =
    <b>{ $name }</b>: кто отвечает?

    Уведомления о сообщениях клиента будет получать только этот участник.
inbox-assign-me = Я
inbox-unassign = Никто в отдельности
inbox-assigned = 👤 Отвечает: { $name }
inbox-assigned-me-said = Готово: отвечаете вы.
inbox-assigned-said = Готово: переписка передана.
inbox-unassigned-said = Готово: уведомления снова получают все.
inbox-mute = 🔕 Не уведомлять
inbox-unmute = 🔔 Уведомлять
inbox-muted = 🔕 Вы не получаете уведомлений об этой переписке.
inbox-muted-said = Уведомлений об этой переписке не будет.
inbox-unmuted-said = Уведомления снова включены.
inbox-file-button = { $kind } · { $at }
inbox-file-document = 📎 { $name }
inbox-file = { $name }, { $at }
inbox-file-gone = Этого файла больше нет.
inbox-file-large = Файл больше { $limit } МБ, такие бот не скачивает. Попросите клиента прислать ссылку.
inbox-file-failed = Не удалось получить файл. Попробуйте ещё раз.
inbox-file-channel = Канал отключён: файлы из него больше не открыть.
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
inbox-sent-forward = ↪ Пересланное сообщение
inbox-sent-other = Вложение
inbox-contact = Карточка контакта
inbox-open = Переписка
inbox-ask = Что ответить? <b>{ $name }</b> получит ваше сообщение в том же чате, от имени бота. Можно прислать фото, голосовое или файл.
inbox-not-sent =
    <b>{ $name }</b> — ответ не отправлен

    { $sentence }
inbox-caption = Текст под файлом — до { $max } символов. Отправьте его отдельно.
inbox-photo-large = Фото — до { $limit } МБ. Отправьте его файлом.
inbox-caption-none = В этом мессенджере под таким файлом текста не бывает. Отправьте его отдельно.
inbox-pictures-only = Этот мессенджер принимает только картинки. Отправьте картинку или ссылку на файл.
inbox-file-empty = Файл пустой или слишком большой: можно до { $limit } МБ.
inbox-reply-large = Файл больше { $limit } МБ: Telegram не отдаёт такие ботам. Пришлите ссылку на него.
inbox-length = Ответ — от 1 до { $max } символов.
inbox-opted-out = Человек отписался и с тех пор не писал.
inbox-no-chat = У человека нет чата с вашим ботом: ответить некуда.
inbox-barred = { $messenger }: для вашей деятельности писать клиентам через него запрещено (41-ФЗ), даже в ответ. Ответьте по телефону или в другом мессенджере.
inbox-no-licence = Лицензия не действует, а клиент давно не писал: без лицензии можно отвечать только тем, кто писал за последние 30 дней.
