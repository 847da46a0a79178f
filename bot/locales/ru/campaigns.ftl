campaigns-menu = Кампании
campaigns-title = <b>Кампании</b> — { $count }
campaigns-none =
    <b>Кампаний пока нет</b>

    Кампания — это согласованный шаблон, аудитория, канал и время. Начните с названия.
campaigns-new = Новая кампания
campaigns-ask-name =
    <b>Новая кампания</b>

    Напишите название. Его видят только участники, получатели — нет.
campaigns-ask-rename =
    <b>{ $name }</b>

    Напишите новое название.
campaigns-name-again =
    { $sentence }

    Напишите другое название.
campaigns-copy-name = { $name } (копия)

campaigns-state-draft = Черновик
campaigns-state-submitted = Ждёт согласования
campaigns-state-approved = Согласована, можно запускать
campaigns-state-scheduled = Запланирована
campaigns-state-planning = Готовится список получателей
campaigns-state-running = Идёт отправка
campaigns-state-paused = На паузе
campaigns-state-finished = Завершена
campaigns-state-stopped = Остановлена
campaigns-state-failed = Не состоялась
campaigns-was-returned = ↩️ Возвращена с комментарием: <i>{ $comment }</i>
campaigns-was-voided = Согласование снято: с тех пор изменились шаблон, сегмент, канал или настройки. Отправьте на согласование снова.
campaigns-was-outgrown = Пока кампания ждала запуска, получателей стало больше, чем вы подтвердили. Ничего не отправлено: запустите снова с новым числом.

campaigns-facts =
    <b>{ $name }</b>
    { $state }

    <b>Шаблон:</b> { $template }
    <b>Аудитория:</b> { $audience }
    <b>Канал:</b> { $channel }
    <b>Когда:</b> { $window }
    <b>Неизвестный исход:</b> { $unknown }
campaigns-not-chosen = <i>не выбран</i>
campaigns-template-line = «{ $name }», версия { $number }, { $class }
campaigns-template-unapproved = — <i>версия больше не согласована</i>
campaigns-class-advertising = реклама
campaigns-class-service = сервисное
campaigns-everybody = все контакты
campaigns-everybody-but = все контакты, кроме { $exclude }
campaigns-only = { $include }
campaigns-only-but = { $include }, кроме { $exclude }
campaigns-quoted = «{ $name }»
campaigns-or = { $first } или { $second }
campaigns-and = { $first } и { $second }
campaigns-and-more = ещё { $count }
campaigns-segment-gone = «удалённый сегмент»
campaigns-channel-line = { $name }
campaigns-channel-stopped = { $name } — <i>сейчас не отправляет</i>
campaigns-at-launch = сразу после запуска
campaigns-at = { $time }
campaigns-until = { $start }, не позже { $time }
campaigns-part-include = • «{ $name }»: <code>{ $text }</code>
campaigns-part-exclude = • кроме «{ $name }»: <code>{ $text }</code>
campaigns-policy-leave = не повторять
campaigns-policy-ask = спросить меня
campaigns-policy-resend = отправить ещё раз

campaigns-missing = Осталось выбрать: { $what }.
campaigns-missing-template = шаблон
campaigns-missing-channel = канал
campaigns-complete = Всё выбрано. Посмотрите прогноз и отправьте на согласование.
campaigns-change-voids = ⚠️ Любое изменение снимет согласование: кампания снова станет черновиком.
campaigns-voided = Изменено. Согласование снято: отправьте кампанию на согласование снова.
campaigns-template = Шаблон
campaigns-audience = Аудитория
campaigns-channel = Канал
campaigns-when = Когда
campaigns-unknown = Если исход неизвестен
campaigns-forecast = Прогноз
campaigns-sample = Пример сообщения
campaigns-submit = На согласование
campaigns-rename = Название
campaigns-duplicate = Сделать копию
campaigns-duplicated = Копия готова. Время в ней не задано.
campaigns-delete = Удалить
campaigns-deleted = Черновик удалён.
campaigns-ask-delete =
    <b>Удалить черновик «{ $name }»?</b>

    Шаблон, сегменты и контакты останутся.
campaigns-delete-now = Да, удалить
campaigns-change = Изменить

campaigns-templates =
    <b>Какой шаблон?</b>

    Здесь только согласованные: 📣 реклама, 🔔 сервисное.
campaigns-templates-none =
    <b>Согласованных шаблонов пока нет</b>

    Напишите шаблон в разделе «Шаблоны» и отправьте его на согласование.
campaigns-audience-card =
    <b>Кому?</b>

    Сейчас: { $audience }.

    Получит тот, кто входит хотя бы в один включённый сегмент и ни в один исключённый.
campaigns-include = Включить ({ $count })
campaigns-exclude = Исключить ({ $count })
campaigns-to-everybody = Все контакты
campaigns-segments-include =
    <b>Кого включить?</b>

    Отметьте сегменты. Ничего не отмечено — все контакты.
campaigns-segments-exclude =
    <b>Кого исключить?</b>

    Отмеченные сегменты сообщения не получат.
campaigns-segments-none =
    <b>Сегментов пока нет</b>

    Кампания пойдёт всем контактам. Чтобы выбрать часть, создайте сегмент в разделе «Сегменты».
campaigns-channels = <b>Через какой канал?</b>
campaigns-channels-none =
    <b>Каналов пока нет</b>

    Владелец подключает бота компании в разделе «Каналы».
campaigns-policies =
    <b>Что делать, если исход неизвестен?</b>

    Изредка связь обрывается в тот миг, когда сообщение уже ушло, и мессенджер не успевает ответить. Узнать, дошло ли оно, нельзя.

    <b>Не повторять</b> — никто не получит дважды, но кто-то может не получить.
    <b>Спросить меня</b> — в конце кампания подождёт вашего решения.
    <b>Отправить ещё раз</b> — получат все, но кто-то может получить дважды.
campaigns-choose-leave = Не повторять
campaigns-choose-ask = Спросить меня
campaigns-choose-resend = Отправить ещё раз

campaigns-when-card =
    <b>Когда отправлять?</b>

    Сейчас: { $window }.

    Часовой пояс { $zone }, на часах { $time }. Что не успеет уйти до конца, отправлено не будет.
campaigns-start-now = Сразу
campaigns-start-hour = Через час
campaigns-quick = { $time }
campaigns-start-typed = Другое время…
campaigns-end-never = Без конца
campaigns-end-day = Конец через сутки
campaigns-end-nine = Конец в 21:00
campaigns-end-typed = Другой конец…
campaigns-ask-start =
    <b>Когда начать?</b>

    Напишите день и время, например <code>25.11 10:00</code> или <code>завтра 9:30</code>. Часовой пояс { $zone }.
campaigns-ask-end =
    <b>Когда закончить?</b>

    Напишите день и время, например <code>25.11 21:00</code>. После него ничего не уйдёт. Часовой пояс { $zone }.
campaigns-time-unreadable = Не получилось прочитать время.
campaigns-time-past = Это время уже прошло: сейчас { $time }.
campaigns-time-skipped = В этот день такого времени нет: часы переводят вперёд.

campaigns-outlook =
    <b>Получат { $planned }</b> из { $audience }. Отправка займёт { $duration }.
campaigns-instant = меньше секунды
campaigns-no-forecast = ⚠️ { $sentence }
campaigns-forecast-card =
    <b>Прогноз: { $name }</b>

    <b>Получат { $planned }</b> из { $audience } { $audience ->
        [one] контакта
       *[other] контактов
    }.
campaigns-forecast-skipped = Не получат { $count }:
campaigns-reason-line = • { $reason } — { $count }
campaigns-forecast-pace =
    Скорость до { $rate } в секунду, всего { $duration }.
    Начало: { $start }
    Последнее сообщение: { $finish }
campaigns-forecast-waiting = Перед ними в очереди канала { $count } { $count ->
    [one] сообщение
    [few] сообщения
   *[other] сообщений
} других кампаний.
campaigns-too-late = ⚠️ До конца ({ $time }) не успеют уйти { $count }. Начните раньше, отодвиньте конец или уменьшите аудиторию.
campaigns-again = Пересчитать
campaigns-sample-next = { $name } · следующий ›
campaigns-sample-nobody = Показать пример не на ком: сейчас это сообщение никто бы не получил. Причины — в прогнозе.
campaigns-sample-refused =
    <b>{ $name }</b> не получит сообщения: { $reason }.

    Где: <code>{ $detail }</code>
campaigns-targets = 🔗 Все ссылки
campaigns-sample-quoted =
    Так это увидит получатель:
    <blockquote>{ $text }</blockquote>

campaigns-submitted = Отправлено на согласование.
campaigns-submitted-warned = Отправлено. У проверки шаблона есть { $count } { $count ->
    [one] замечание
    [few] замечания
   *[other] замечаний
}: их видно в карточке шаблона.
campaigns-lint =
    <b>Не отправлено: шаблон ушёл бы с ошибками</b>

    Ошибок: { $count }. Исправьте шаблон, согласуйте новую версию и выберите её в кампании.
campaigns-to-template = Открыть шаблон
campaigns-submitted-by = На согласование отправил(а) { $name }.
campaigns-own-work = Свою кампанию согласовать нельзя: её должен посмотреть другой согласующий или владелец.
campaigns-approve = ✅ Согласовать
campaigns-return = ↩️ Вернуть
campaigns-approved = Согласовано. Теперь её можно запустить.
campaigns-approved-by = Согласовал(а) { $name }. Если что-то изменится, согласование снимется само.
campaigns-ask-comment =
    <b>Вернуть «{ $name }»</b>

    Напишите, что исправить. Автор увидит ваш комментарий.
campaigns-comment-empty = Без комментария автор не поймёт, что исправить.
campaigns-returned = Кампания возвращена автору.

campaigns-launch = 🚀 Запустить
campaigns-ask-launch =
    <b>Запуск: { $name }</b>

    Получат: <b>{ $planned }</b>
    Не получат: { $skipped }
    Когда: { $window }
    Отправка займёт { $duration }
campaigns-type-number = Чтобы запустить, напишите число получателей: <b>{ $planned }</b>
campaigns-not-a-number = Нужно число цифрами. Ничего не запущено.
campaigns-scheduled-by = Запустил(а) { $name }, подтверждено получателей: { $count }. Начнётся само; если получателей станет больше, бот спросит ещё раз.
campaigns-recall = Отозвать запуск
campaigns-recalled = Запуск отозван. Согласование осталось.

campaigns-progress-title = { $mark } <b>{ $name }</b>
campaigns-is-planning = Готовится список получателей…
campaigns-is-running = Идёт отправка
campaigns-is-paused = На паузе. { $sending ->
    [0] Ничего не отправляется.
   *[other] Те, что уже в пути, дойдут: { $sending }.
}
campaigns-is-paused-licence = На паузе: лицензия не действует. Когда её продлят, нажмите «Продолжить».
campaigns-is-paused-template = На паузе: шаблон или его файл больше не читается. Остановите кампанию и согласуйте новую.
campaigns-is-paused-restored = На паузе: базу восстановили из копии. Что ушло после копии, неизвестно: сначала посмотрите, кто уже получил.
campaigns-is-paused-refused = На паузе: у первых получателей подряд одна ошибка ({ $reason }). Исправьте её и продолжите.
campaigns-is-paused-other = На паузе: { $reason }.
campaigns-is-paused-phone = На паузе: участник, запустивший кампанию, потерял телефон.
campaigns-is-paused-uncertain = На паузе: нужно решить, что делать с неподтверждёнными.
campaigns-is-finished = Завершена { $time }
campaigns-is-stopping = Останавливается: осталось { $count }
campaigns-is-stopped = Остановлена { $time }
campaigns-is-missed = Не состоялась: время отправки вышло раньше, чем она началась. Ничего не отправлено.
campaigns-is-failed = Не состоялась ({ $reason }). Ничего не отправлено.
campaigns-sent-of = Отправлено <b>{ $sent }</b> из { $planned }
campaigns-n-delivered = Доставлено { $count }, прочитано { $read }
campaigns-n-failed = Не доставлено { $count }
campaigns-n-dropped = Пропущено перед отправкой { $count }
campaigns-n-uncertain = Исход неизвестен { $count }
campaigns-n-cancelled = Отменено { $count }
campaigns-n-waiting = Ждут { $count }, в пути { $sending }
campaigns-n-left-out = Не вошли в рассылку { $count }
campaigns-pace = Скорость { $rate } в секунду, осталось { $left }
campaigns-channel-and-window = Канал { $channel } · { $window }
campaigns-ask-uncertain =
    <b>Исход { $count } { $count ->
        [one] сообщения
       *[other] сообщений
    } неизвестен.</b> Отправить ещё раз — кто-то может получить дважды. Оставить — кто-то мог не получить.
campaigns-uncertain-resend = Отправить ещё раз
campaigns-uncertain-leave = Оставить как есть
campaigns-resent = Отправятся ещё раз: { $count }.
campaigns-left = Оставлено без повтора: { $count }.
campaigns-pause = ⏸ Пауза
campaigns-paused = Пауза: новые сообщения не уходят.
campaigns-resume = ▶️ Продолжить
campaigns-resumed = Отправка продолжается.
campaigns-stop = ⏹ Остановить
campaigns-ask-stop =
    <b>Остановить «{ $name }» насовсем?</b>

    Уже отправлено: { $sent }
    Не будет отправлено: { $queued }
    В пути, дойдут: { $sending }

    Продолжить остановленную кампанию нельзя. Если нужно только переждать, поставьте паузу.
campaigns-ask-stop-early =
    <b>Остановить «{ $name }» насовсем?</b>

    Ещё ничего не отправлено и отправлено не будет. Продолжить остановленную кампанию нельзя.
campaigns-stop-now = Да, остановить
campaigns-stopped = { $count ->
    [0] Остановлено.
   *[other] Остановлено. Не будет отправлено: { $count }.
}
campaigns-why = <b>{ $title }</b> — почему:
campaigns-why-more = • остальные причины — в таблице
campaigns-took = Длилась { $duration }
campaigns-story =
    Шаблон «{ $template }», версия { $number } · канал { $channel }
    Создал(а) { $created } · согласовал(а) { $approved } · запустил(а) { $launched }

campaigns-chart = 📈 График
campaigns-sheet = 📄 Таблица
campaigns-who = 🔎 Кто получил
campaigns-chart-line = Отправлено сообщений
campaigns-chart-bars = Что стало с каждым
campaigns-chart-sent = Отправлено
campaigns-chart-failed = Не доставлено
campaigns-chart-skipped = Пропущено
campaigns-chart-uncertain = Неизвестно
campaigns-chart-cancelled = Отменено
campaigns-chart-open = Ждут
campaigns-chart-sent-below = График ниже.
campaigns-sheet-sent-below = Таблица ниже.
campaigns-sheet-name = Получатели
campaigns-column-name = Имя
campaigns-column-phone = Телефон
campaigns-column-address = Адрес
campaigns-column-outcome = Исход
campaigns-column-reason = Причина
campaigns-column-time = Время
campaigns-file = { $name }
campaigns-to-card = К кампании
campaigns-ask-who =
    <b>Кто получил «{ $name }»?</b>

    Напишите телефон или имя.
campaigns-who-nobody = По «{ $typed }» никого не нашлось.
campaigns-who-several = <b>Нашлось несколько. Кто?</b>
campaigns-who-unnamed = без имени
campaigns-who-next = Спросить о другом
campaigns-who-unknown = Такого контакта нет.
campaigns-who-deleted = <b>{ $name }</b>: контакт удалён, в этой кампании его не было.
campaigns-who-not-in = <b>{ $name }</b>: в кампании «{ $campaign }» этого контакта нет. Он не подошёл под её аудиторию или появился позже, чем она началась.
campaigns-who-got =
    ✅ <b>{ $name }</b> — { $state }
    { $campaign } · { $time }
    Адрес: <code>{ $address }</code>
campaigns-who-waits =
    ⏳ <b>{ $name }</b> — { $state }
    { $campaign } · попыток: { $attempts }
campaigns-who-uncertain =
    ❔ <b>{ $name }</b> — дошло ли, неизвестно: мессенджер не ответил
    { $campaign } · { $time }
campaigns-who-not =
    ✖️ <b>{ $name }</b> — { $state }: { $reason }
    { $campaign } · { $time }

campaigns-refused-state = Сейчас так нельзя: кампания уже в другом состоянии — «{ $state }». Вот свежая карточка.
campaigns-refused-changed = Кампанию только что изменили. Вот свежая карточка: посмотрите ещё раз.
campaigns-refused-incomplete = Сначала выберите: { $what }.
campaigns-refused-name = Название — от 1 до { $max } знаков.
campaigns-refused-window = Конец должен быть в будущем и позже начала.
campaigns-refused-closed = Время отправки уже вышло. Измените «Когда» и согласуйте кампанию снова.
campaigns-refused-template = Эта версия шаблона не согласована. Выберите другую или дождитесь согласования.
campaigns-refused-channel = Канал сейчас не отправляет. Включите его в разделе «Каналы» или выберите другой.
campaigns-refused-segment = Сегмент из аудитории удалён. Откройте «Аудиторию» и выберите заново.
campaigns-refused-broken = Сегмент «{ $name }» больше не читается: поле, на которое он ссылается, удалили. Исправьте его.
campaigns-refused-zone = Часовой пояс компании («{ $zone }») неизвестен. Исправьте его в настройках.
campaigns-refused-lint = Шаблон отправился бы с ошибками: { $count }. Откройте шаблон, исправьте и согласуйте новую версию.
campaigns-refused-own = Свою кампанию согласовать нельзя: это делает другой участник.
campaigns-refused-void = Согласование снято: шаблон, сегмент, канал или настройки изменились. Отправьте на согласование снова.
campaigns-refused-advertising = Рекламу остановили после восстановления базы: кто отказался после копии, неизвестно. Её разрешит владелец в «Настройках».
campaigns-refused-licence = Лицензия не действует: без неё ничего не отправляется. Скажите владельцу.
campaigns-refused-count = Вы написали { $typed }, а получат { $planned }. Ничего не запущено.
campaigns-refused-nobody = Сейчас это сообщение не получит никто.
