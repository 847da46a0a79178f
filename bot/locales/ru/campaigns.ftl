campaigns-menu = Кампании
campaigns-title = <b>Кампании</b> — { $count }
campaigns-none =
    <b>Кампаний пока нет</b>

    Кампания — это согласованный шаблон, аудитория, канал и время. Начните с названия.
campaigns-new = Новая кампания
campaigns-line = { $mark } <b>{ $name }</b>
campaigns-line-state = { $day } · { $state }
campaigns-line-sent = { $day } · отправлено { $sent } из { $planned }
campaigns-line-replied = { $count ->
    [1] ответил { $count }
   *[other] ответили { $count }
}
campaigns-line-out = { $count ->
    [1] отписался { $count }
   *[other] отписались { $count }
}
campaigns-days = { $count } { $count ->
    [one] день
    [few] дня
   *[other] дней
}
campaigns-totals-button = 📊 Итоги
campaigns-totals = <b>Итоги · { $days }</b>
campaigns-totals-none = За это время кампаний не было.
campaigns-totals-campaigns = Кампаний: <b>{ $now }</b>{ $before ->
    [none] {""}
   *[other] {" "}· раньше { $before }
}
campaigns-totals-sent = Отправлено: <b>{ $now }</b>{ $before ->
    [none] {""}
   *[other] {" "}· раньше { $before }
}
campaigns-totals-failed = Не доставлено: <b>{ $now }</b> ({ $share }){ $before ->
    [none] {""}
   *[other] {" "}· раньше { $before }
}
campaigns-totals-replied = Ответили: <b>{ $now }</b> ({ $share }){ $before ->
    [none] {""}
   *[other] {" "}· раньше { $before }
}
campaigns-totals-out = Отписались: <b>{ $now }</b> ({ $share }){ $before ->
    [none] {""}
   *[other] {" "}· раньше { $before }
}
campaigns-totals-blocked = Заблокировали бота: <b>{ $now }</b> ({ $share }){ $before ->
    [none] {""}
   *[other] {" "}· раньше { $before }
}
campaigns-totals-earlier = <i>«Раньше» — предыдущие { $days }. Доли ответов, отписок и блокировок — от отправленного.</i>
campaigns-ask-name =
    <b>Новая кампания</b>

    Напишите название. Его видят только участники, не получатели.
campaigns-ask-rename =
    <b>{ $name }</b>

    Напишите новое название.
campaigns-name-again =
    { $sentence }

    Напишите другое название.
campaigns-copy-name = { $name } (копия)

campaigns-state-draft = Черновик
campaigns-state-submitted = Ждёт согласования
campaigns-state-approved = Согласована
campaigns-state-scheduled = Запланирована
campaigns-state-planning = Выбираем получателей
campaigns-state-running = Идёт отправка
campaigns-state-paused = На паузе
campaigns-state-finished = Завершена
campaigns-state-stopped = Остановлена
campaigns-state-failed = Не началась
campaigns-was-returned = ↩️ Возвращена на доработку: <i>{ $comment }</i>
campaigns-was-voided = Согласование снято: с тех пор изменились шаблон, сегмент, канал или настройки. Отправьте на согласование снова.
campaigns-was-outgrown = Пока кампания ждала запуска, получателей стало больше, чем подтвердили. Ничего не отправлено{ $may ->
    [yes] : запустите снова с новым числом.
   *[no] , запуск нужно подтвердить снова.
}

campaigns-facts =
    <b>{ $name }</b>
    { $state }

    <b>Шаблон:</b> { $template }
    <b>Аудитория:</b> { $audience }
    <b>Канал:</b> { $channel }
    <b>Когда:</b> { $window }
    <b>Если связь оборвётся:</b> { $unknown }
campaigns-facts-steps =
    <b>{ $name }</b>
    { $state }

    { $steps }

    <b>Аудитория:</b> { $audience }
    <b>Когда:</b> { $window }
    <b>Если связь оборвётся:</b> { $unknown }
campaigns-step-line = <b>{ $step }.</b> { $channel }: { $template }
campaigns-step-next = ↳ дальше, { $rule }
campaigns-step-button = { $step }. { $channel } · { $template }
campaigns-step-no-channel = канал не выбран
campaigns-step-no-template = шаблон не выбран
campaigns-rule-failed = только если не ушло
campaigns-rule-undelivered = если не доставлено за { $wait }
campaigns-rule-unread = если не прочитано за { $wait }
campaigns-step-card =
    <b>{ $name }</b>

    { $line }

    Всего шагов: { $of }. Человек начинает с первого шага, по которому с ним есть связь, и получает следующий, только если предыдущий не сработал.
campaigns-step-rule = Когда следующий шаг
campaigns-remove-step = Убрать шаг
campaigns-ask-remove-step =
    <b>{ $name }</b>: убрать этот шаг?

    { $line }

    Следующие шаги сдвинутся на его место.
campaigns-remove-step-now = Да, убрать
campaigns-add-step = ➕ Если не дошло — ещё шаг
campaigns-add-step-card =
    <b>Через какой канал написать, если не дошло?</b>

    Следующий шаг получат только те, до кого не дошёл предыдущий. Тому, кто сказал «стоп», не придёт ничего.
campaigns-add-step-lone =
    <b>Через какой канал написать, если не дошло?</b>

    Других каналов пока нет. Подключите ещё один или выберите тот же.
campaigns-rule-card =
    <b>Когда отправить шаг { $next }?</b>

    { $tells ->
        [reads] Время считается с момента, когда ушло сообщение шага { $before }.
        [deliveries] Канал шага { $before } сообщает о доставке, но не о прочтении. Время считается с момента, когда ушло сообщение.
       *[nothing] Канал шага { $before } не сообщает ни о доставке, ни о прочтении: дальше пойдут только те, кому сообщение точно не ушло.
    }
campaigns-rule-tells-no-reads = (о прочтении этот канал не сообщает)
campaigns-rule-tells-no-deliveries = (о доставке этот канал не сообщает)
campaigns-rule-tells-nothing = (о доставке и прочтении этот канал не сообщает)
campaigns-rule-type-undelivered = Не доставлено за…
campaigns-rule-type-unread = Не прочитано за…
campaigns-rule-ask-undelivered =
    <b>Через сколько отправить следующий шаг, если не доставлено?</b>

    Напишите, например: 45 минут, 3 часа, 2 дня. От 5 минут до 7 дней.
campaigns-rule-ask-unread =
    <b>Через сколько отправить следующий шаг, если не прочитано?</b>

    Напишите, например: 45 минут, 3 часа, 2 дня. От 5 минут до 7 дней.
campaigns-rule-unclear = Не получилось понять время. Напишите число и единицу: 45 минут, 3 часа, 2 дня — от 5 минут до 7 дней.
campaigns-not-chosen = <i>не выбран</i>
campaigns-template-line = «{ $name }», версия { $number }, { $class }
campaigns-template-unapproved = — <i>версия больше не согласована</i>
campaigns-class-advertising = реклама
campaigns-class-service = сервисное
campaigns-undecided = <i>не выбрана</i>
campaigns-undecided-but = <i>не выбрана</i>, кроме { $exclude }
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
campaigns-part-include = • «{ $name }»: { $text }
campaigns-part-exclude = • кроме «{ $name }»: { $text }
campaigns-policy-leave = не повторять
campaigns-policy-ask = спросить меня
campaigns-policy-resend = отправить ещё раз

campaigns-missing = Осталось выбрать: { $what }.
campaigns-missing-template = шаблон
campaigns-missing-audience = аудиторию
campaigns-missing-channel = канал
campaigns-complete = Всё выбрано. Посмотрите прогноз и отправьте на согласование.
campaigns-change-voids = ⚠️ Любое изменение снимет согласование: кампания снова станет черновиком.
campaigns-voided = Изменено. Согласование снято: отправьте кампанию на согласование снова.
campaigns-template = Шаблон
campaigns-audience = Аудитория
campaigns-channel = Канал
campaigns-when = Когда
campaigns-unknown = Если связь оборвётся
campaigns-forecast = Прогноз
campaigns-sample = Пример сообщения
campaigns-submit = На согласование
campaigns-rename = Название
campaigns-duplicate = Сделать копию
campaigns-duplicated = Копия готова. Выберите время.
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

campaigns-exclude = { $count ->
    [0] 🚫 Кого исключить…
   *[other] 🚫 Исключено: { $count }
}
campaigns-to-everybody = Все контакты
campaigns-chosen = Сейчас выбрано: { $what }.
campaigns-nobody-yet = Пока никто не выбран.
campaigns-nobody-yet-but = Пока никто не выбран, исключены: { $exclude }.
campaigns-segments-include =
    <b>Кому?</b>

    { $now }

    Отметьте сегменты: сообщение получат люди хотя бы из одного.
campaigns-segments-exclude =
    <b>Кого исключить?</b>

    { $now }

    Люди из отмеченных сегментов сообщение не получат.
campaigns-segments-none =
    <b>Кому?</b>

    { $now }

    Сегментов пока нет. Чтобы написать не всем, создайте сегмент.
campaigns-channel-no-campaigns = 💬 { $name }: без рассылок
campaigns-channel-off = ⏸ { $name }: отключён лицензиаром
campaigns-channel-closed = 🚫 { $name }: нельзя по закону
campaigns-channels = <b>Через какой канал?</b>
campaigns-channels-none =
    <b>Каналов пока нет</b>

    Бота компании подключает владелец: «Настройки» → «Каналы».
campaigns-policies =
    <b>Если связь оборвётся?</b>

    Иногда связь обрывается, когда сообщение уже отправлено, и мессенджер не успевает подтвердить доставку. Узнать, дошло ли оно, нельзя.

    <b>Не повторять</b> — никто не получит дважды, но кто-то может не получить.
    <b>Спросить меня</b> — в конце кампания подождёт вашего решения.
    <b>Отправить ещё раз</b> — получат все, но кто-то может получить дважды.
campaigns-choose-leave = Не повторять
campaigns-choose-ask = Спросить меня
campaigns-choose-resend = Отправить ещё раз

campaigns-when-card =
    <b>Когда отправлять?</b>

    { $chosen }

    Часовой пояс: { $zone }, сейчас { $time }. Что не успеет до окончания, не отправим.
campaigns-start-now = Сразу
campaigns-start-hour = Через час
campaigns-quick = { $time }
campaigns-start-typed = Другое время…
campaigns-end-never = Без ограничения
campaigns-end-day = Закончить через сутки
campaigns-end-nine = Закончить в 21:00
campaigns-end-typed = Другое время окончания…
campaigns-ask-start =
    <b>Когда начать?</b>

    Напишите день и время, например <code>завтра в 10:00</code>, <code>1 декабря 10:00</code>, <code>пн 10:00</code> или <code>через 2 часа</code>. Часовой пояс: { $zone }.
campaigns-ask-end =
    <b>Когда закончить?</b>

    Напишите день и время, например <code>сегодня 21:00</code> или <code>1 декабря 21:00</code>. После него ничего не отправим. Часовой пояс: { $zone }.
campaigns-time-unreadable = Не понимаю, какое это время.
campaigns-time-hour = <b>Во сколько?</b> Напишите день и время или нажмите:
campaigns-time-either = <b>Когда именно?</b> Это можно понять двояко:
campaigns-time-past = Это время уже прошло: сейчас { $time }.
campaigns-time-skipped = В этот день такого времени нет: часы переводят вперёд.

campaigns-outlook-nobody = ⚠️ <b>Это сообщение не получит никто</b> из { $audience }. Причины — в прогнозе.
campaigns-outlook =
    <b>Получат { $planned }</b> из { $audience }. Отправка займёт { $duration }.
campaigns-instant = меньше секунды
campaigns-no-forecast = ⚠️ { $sentence }
campaigns-forecast-card =
    <b>Прогноз · «{ $name }»</b>

    <b>Получат { $planned }</b> из { $audience } { $audience ->
        [one] контакта
       *[other] контактов
    }.
campaigns-forecast-skipped = Не получат { $count }:
campaigns-reason-line = • { $reason } — { $count }
campaigns-forecast-pace = До { $rate } в секунду, всего { $duration }.
campaigns-forecast-step = <b>{ $step }.</b> { $channel }: начнут { $begin }, не больше { $most }, до { $rate } в секунду
campaigns-forecast-most = Сообщений: от { $planned } до { $most }.
campaigns-forecast-latest = Если понадобятся все шаги, последнее уйдёт через { $duration }.
campaigns-new-people =
    👥 { $channel }: { $new } { $new ->
        [one] человеку
       *[other] людям
    } в этом месяце ещё не писали. По тарифу можно написать ещё { $left } новым из { $most } за месяц{ $beyond ->
        [0] .
       *[other] , остальные { $beyond } подождут следующего. Кому уже писали, те получат.
    }
campaigns-new-today =
    👥 { $channel }: начать разговор здесь можно с { $most } людьми за 24 часа, считая другие номера того же владельца. Новых среди получателей { $new }{ $beyond ->
        [0] , всем хватит места.
       *[other] : сразу уйдёт { $now }, остальные { $beyond } подождут. На всех понадобится { $days } { $days ->
            [one] сутки
            [few] суток
           *[other] суток
        }.
    }
campaigns-waits-today = ⏳ { $channel }: за 24 часа начали разговор с { $most } людьми, больше пока нельзя. Остальные ждут, следующие места освободятся { $until }.
campaigns-forecast-window = ⚠️ Отправка закончится { $end }: кому следующий шаг положен позже, тот его не получит.
campaigns-forecast-times =
    Начало: { $start }
    Последнее сообщение: { $finish }
campaigns-forecast-waiting = Сначала в этом канале уйдёт { $count } { $count ->
    [one] сообщение
    [few] сообщения
   *[other] сообщений
} других кампаний.
campaigns-cost = 💰 Стоимость: { $cost }.
campaigns-cost-between =
    💰 Стоимость
    • если каждого застанет первое же сообщение: { $best }
    • если каждому понадобятся все шаги: { $worst }
campaigns-cost-step = <b>{ $step }.</b> { $channel }: { $cost }
campaigns-spent = 💰 Стоимость: { $cost }.
campaigns-spent-forecast = По прогнозу: { $cost }.
campaigns-too-late = ⚠️ До окончания ({ $time }) не успеют уйти { $count } { $count ->
    [one] сообщение
    [few] сообщения
   *[other] сообщений
}. Начните раньше, продлите время или уменьшите аудиторию.
campaigns-night-now = 🌙 Сейчас { $time } у получателей — ночь.
campaigns-night-now-some = 🌙 Сейчас ночь ({ $time }) у { $count } { $count ->
    [one] получателя
   *[other] получателей
}.
campaigns-night-start = 🌙 Когда начнётся отправка, у получателей будет { $time } — ночь.
campaigns-night-start-some = 🌙 Когда начнётся отправка, ночь ({ $time }) будет у { $count } { $count ->
    [one] получателя
   *[other] получателей
}.
campaigns-night-end = 🌙 Часть сообщений придёт ночью: отправка закончится в { $time } по времени получателей.
campaigns-today = ⚠️ { $count } { $count ->
    [one] получатель сегодня уже получил рекламу
    [few] получателя сегодня уже получили рекламу
   *[other] получателей сегодня уже получили рекламу
}.
campaigns-month-left = По тарифу в этом месяце ещё можно отправить { $left } из { $allowed }.
campaigns-month-beyond = ⚠️ По тарифу в этом месяце ещё можно отправить { $left } из { $allowed }. Не хватит на { $beyond }: они будут ждать, кампания встанет на паузу.
campaigns-month-steps = ⚠️ По тарифу в этом месяце ещё можно отправить { $left } из { $allowed }. На первые сообщения хватит; если понадобятся все шаги, не хватит на { $beyond }: они будут ждать, кампания встанет на паузу.
campaigns-again = Пересчитать
campaigns-sample-next = { $name } · следующий ›
campaigns-sample-step = Шаг { $step }
campaigns-sample-left-out = Текст шага { $step } сюда не поместился: откройте пример.
campaigns-sample-nobody = Пример показать не на ком: сейчас это сообщение никто не получит. Причины — в прогнозе.
campaigns-sample-refused =
    <b>{ $name }</b> — не получит: { $reason }.

    Где: <code>{ $detail }</code>
campaigns-targets = 🔗 Все ссылки
campaigns-sample-quoted =
    Так это увидит получатель:
    <blockquote>{ $text }</blockquote>
campaigns-sample-quoted-step =
    Шаг { $step } увидят так:
    <blockquote>{ $text }</blockquote>

campaigns-submitted = Отправлено на согласование.
campaigns-submitted-warned = Отправлено на согласование. К шаблону есть { $count } { $count ->
    [one] замечание
    [few] замечания
   *[other] замечаний
}: они на карточке шаблона.
campaigns-lint =
    <b>На согласование не отправлено: в шаблоне ошибки</b>

    Ошибок: { $count }. Исправьте шаблон, согласуйте новую версию и выберите её в кампании.
campaigns-to-template = Открыть шаблон
campaigns-submitted-by = Отправлено на согласование: { $name }.
campaigns-changed = <b>Изменилось с прошлого решения:</b>
campaigns-changed-more = И ещё { $count } — кнопкой «Что изменилось».
campaigns-changes-button = Что изменилось
campaigns-conditions-button = Условия
campaigns-conditions-title = <b>{ $name }</b>: кому
campaigns-changed-nothing = С прошлого решения ничего не изменилось.
campaigns-changed-template = • Шаблон: «{ $old }», версия { $old_number } → «{ $new }», версия { $new_number }
campaigns-changed-text = { $changes }
campaigns-changed-from-everybody = • Раньше: все контакты
campaigns-changed-to-everybody = • Теперь: все контакты
campaigns-changed-added = • Добавлен сегмент «{ $name }»
campaigns-changed-removed = • Убран сегмент «{ $name }»
campaigns-changed-excluded = • Добавлено исключение: «{ $name }»
campaigns-changed-unexcluded = • Убрано исключение: «{ $name }»
campaigns-changed-segment = • Сегмент «{ $name }». Было: { $old }. Стало: { $new }
campaigns-changed-all = все контакты
campaigns-changed-channel = • Канал: { $old } → { $new }
campaigns-changed-steps = • Шагов: { $old } → { $new }
campaigns-changed-rule = • Следующий шаг: { $old } → { $new }
campaigns-changed-start = • Начало: { $old } → { $new }
campaigns-changed-end = • Окончание: { $old } → { $new }
campaigns-changed-no-end = не задано
campaigns-changed-unknown = • Если связь оборвётся: { $old } → { $new }
campaigns-own-work = Свою кампанию согласовать нельзя: нужен другой согласующий или владелец.
campaigns-approve = ✅ Согласовать
campaigns-return = ↩️ Вернуть
campaigns-approved = Согласовано. Автор получил уведомление.
campaigns-approved-by = Согласовано: { $name }. { $may ->
    [yes] Можно запускать. Если что-то изменить, согласование снимется.
   *[no] Запустит менеджер или владелец.
}
campaigns-ask-comment =
    <b>Вернуть «{ $name }»</b>

    Напишите, что исправить. Автор увидит комментарий.
campaigns-comment-bad = Комментарий — от 1 до { $max } символов. Без него автор не поймёт, что исправить.
campaigns-returned = Кампания возвращена автору.

campaigns-launch = 🚀 Запустить
campaigns-ask-launch =
    <b>Запуск · «{ $name }»</b>

    Получат: <b>{ $planned }</b>
    Не получат: { $skipped }
    Когда: { $window }
    Отправка займёт { $duration }
campaigns-type-number = Чтобы запустить, напишите число получателей: <b>{ $planned }</b>
campaigns-not-a-number = Напишите число цифрами. Ничего не запущено.
campaigns-scheduled-by = Запуск: { $name }, подтверждено получателей: { $count }. Начнётся само; если получателей станет больше, бот спросит ещё раз.
campaigns-recall = Отозвать запуск
campaigns-recalled = Запуск отозван. Согласование осталось.

campaigns-progress-title = { $mark } <b>{ $name }</b>
campaigns-is-planning = Выбираем получателей…
campaigns-is-running = Идёт отправка
campaigns-is-waiting-on = Отправлено. Ждём, дойдёт ли: следующий шаг может уйти ещё { $people ->
    [one] { $people } человеку
   *[other] { $people } людям
}
campaigns-is-paused = На паузе. { $sending ->
    [0] Ничего не отправляется.
    [one] Ещё { $sending } уже в пути и дойдёт.
   *[other] Ещё { $sending } уже в пути и дойдут.
}
campaigns-is-paused-licence = На паузе: лицензия не действует. { $may ->
    [yes] Когда её продлят, нажмите «Продолжить».
   *[no] Когда её продлят, отправку продолжит менеджер.
}
campaigns-is-paused-plan = На паузе: по тарифу в этом месяце закончились сообщения или новые получатели, остальные ждут. { $may ->
    [yes] Нажмите «Продолжить», когда начнётся новый месяц или сменится тариф.
   *[no] Отправку продолжит менеджер, когда начнётся новый месяц или сменится тариф.
}
campaigns-is-paused-template = На паузе: шаблон или его файл больше не читается.{ $may ->
    [yes] {" "}Остановите кампанию и создайте новую.
   *[no] {""}
}
campaigns-is-paused-barred = На паузе: мессенджер больше не пропускает сообщения по этому шаблону. Остальные ждут. { $may ->
    [yes] Когда шаблон снова одобрят, нажмите «Продолжить».
   *[no] Когда шаблон снова одобрят, отправку продолжит менеджер.
}
campaigns-is-paused-restored = На паузе: базу восстановили из копии. Что отправлено после копии, неизвестно: сначала посмотрите, кто уже получил.
campaigns-is-paused-refused = На паузе: у первых получателей подряд одна ошибка ({ $reason }).{ $may ->
    [yes] {" "}Исправьте её и продолжите.
   *[no] {""}
}
campaigns-is-paused-other = На паузе: { $reason }.
campaigns-is-paused-phone = На паузе: участник, запустивший кампанию, потерял телефон.
campaigns-is-paused-uncertain = На паузе: нужно решить, что делать с неподтверждёнными.
campaigns-is-finished = Завершена { $time }
campaigns-is-stopping = Останавливается: осталось { $count }
campaigns-is-stopped = Остановлена { $time }
campaigns-is-missed = Не началась: время отправки закончилось. Ничего не отправлено.
campaigns-is-failed = Не началась ({ $reason }). Ничего не отправлено.
campaigns-sent-of = Отправлено <b>{ $sent }</b> из { $planned }
campaigns-n-delivered = Доставлено { $count }, прочитано { $read }
campaigns-n-delivered-after = Доставлено { $count }, прочитано { $read }, обычно через { $after }
campaigns-people =
    <b>Люди:</b> дошло до { $reached } из { $audience }{ $open ->
        [0] {""}
       *[other] , ещё в работе { $open }
    }{ $unknown ->
        [0] {""}
       *[other] , без подтверждения { $unknown }
    }{ $missed ->
        [0] {""}
       *[other] , не дошло до { $missed }
    }
campaigns-step-progress = <b>{ $step }.</b> { $channel }: отправлено { $sent } из { $planned }{ $delivered ->
    [0] {""}
   *[other] , доставлено { $delivered }, прочитано { $read }
}{ $failed ->
    [0] {""}
   *[other] , не доставлено { $failed }
} · дошло до { $reached }
campaigns-n-failed = Не доставлено { $count }
campaigns-n-dropped = Пропущено при отправке { $count }
campaigns-n-uncertain = Без подтверждения { $count }
campaigns-n-cancelled = Отменено { $count }
campaigns-n-waiting = Ждут { $count }, в пути { $sending }
campaigns-n-left-out = Пропущено до отправки { $count }
campaigns-responses =
    Ответили: <b>{ $replied }</b> ({ $replied_share })
    Отписались: <b>{ $out }</b> ({ $out_share })
    Заблокировали бота: <b>{ $blocked }</b> ({ $blocked_share })
campaigns-compared = <i>Для сравнения, { $count ->
    [1] прошлая кампания
    [one] { $count } прошлая кампания
    [few] { $count } прошлые кампании
   *[other] { $count } прошлых кампаний
}: отправлено { $sent }, ответили { $replied }, отписались { $out }.</i>
campaigns-pace = Скорость { $rate } в секунду, осталось { $left }
campaigns-channel-and-window = Канал { $channel } · { $window }
campaigns-ask-uncertain =
    <b>{ $count } { $count ->
        [one] сообщение
        [few] сообщения
       *[other] сообщений
    } без подтверждения доставки.</b> Если отправить ещё раз, кто-то может получить дважды. Если не повторять, кто-то может не получить.
campaigns-uncertain-resend = Отправить ещё раз
campaigns-uncertain-leave = Не повторять
campaigns-resent = Отправим ещё раз: { $count }.
campaigns-left = Не повторяем: { $count }.
campaigns-pause = ⏸ Пауза
campaigns-paused = На паузе: новые сообщения не отправляются.
campaigns-resume = ▶️ Продолжить
campaigns-resumed = Отправка продолжается.
campaigns-stop = ⏹ Остановить
campaigns-ask-stop =
    <b>Остановить насовсем?</b> «{ $name }»

    Уже отправлено: { $sent }
    Не будет отправлено: { $queued }
    Уже в пути и дойдут: { $sending }

    Продолжить остановленную кампанию нельзя. Если нужно только подождать, поставьте паузу.
campaigns-ask-stop-next = Следующего шага не получат: { $people }
campaigns-ask-stop-early =
    <b>Остановить насовсем?</b> «{ $name }»

    Ничего не отправлено и отправлено не будет. Продолжить остановленную кампанию нельзя.
campaigns-stop-now = Да, остановить
campaigns-stopped = { $count ->
    [0] Остановлено.
   *[other] Остановлено. Не будет отправлено: { $count }.
}
campaigns-why = <b>{ $title }</b> — почему:
campaigns-why-more = • остальные причины — в таблице
campaigns-took = Заняла { $duration }
campaigns-story =
    Шаблон «{ $template }», версия { $number } · канал { $channel }
    Автор: { $created } · согласовано: { $approved } · запуск: { $launched }
campaigns-story-steps =
    { $steps }
    Автор: { $created } · согласовано: { $approved } · запуск: { $launched }
campaigns-story-step = Шаг { $step } · { $channel } · { $template }

campaigns-chart = 📈 График
campaigns-sheet = 📄 Таблица
campaigns-who = 🔎 Кто получил
campaigns-chart-line = Отправлено сообщений
campaigns-chart-bars = Итог по получателям
campaigns-chart-sent = Отправлено
campaigns-chart-failed = Не доставлено
campaigns-chart-skipped = Пропущено
campaigns-chart-uncertain = Без подтверждения
campaigns-chart-cancelled = Отменено
campaigns-chart-open = Ждут
campaigns-chart-sent-below = График ниже.
campaigns-sheet-sent-below = Таблица ниже.
campaigns-sheet-name = Получатели
campaigns-column-name = Имя
campaigns-column-phone = Телефон
campaigns-column-step = Шаг
campaigns-column-channel = Канал
campaigns-column-address = Адрес
campaigns-column-outcome = Исход
campaigns-column-reason = Причина
campaigns-column-time = Время
campaigns-column-delivered = Доставлено
campaigns-column-read = Прочитано
campaigns-column-replied = Ответил
campaigns-column-opted-out = Отписался
campaigns-file = { $name }
campaigns-to-card = К кампании
campaigns-ask-who =
    <b>Кто получил «{ $name }»?</b>

    Напишите телефон или имя.
campaigns-who-nobody = По «{ $typed }» никого не нашлось.
campaigns-who-several = <b>Нашлось несколько.</b> Выберите или напишите точнее: имя и фамилию, цифры телефона.
campaigns-who-next = Найти другого
campaigns-who-next-step = Следующий шаг — не раньше { $time }, если не дойдёт
campaigns-who-show = 👁 Что пришло
campaigns-who-read = прочитано через { $after }
campaigns-got-other = Шаг { $step } · { $time }
campaigns-got-unreadable = Сообщение было отправлено, но его текст прочитать не удаётся: запись повреждена.
campaigns-who-unknown = Такого контакта нет.
campaigns-who-deleted = <b>{ $name }</b>: контакт удалён, в этой кампании его не было.
campaigns-who-not-in = <b>{ $name }</b>: в кампании «{ $campaign }» этого контакта нет. Он не подошёл под аудиторию или появился позже, чем она началась.
campaigns-who-got =
    ✅ <b>{ $name }</b> — { $state }
    { $campaign } · { $time }
campaigns-who-held =
    ⏳ <b>{ $name }</b> — мессенджер принял сообщение, но пока держит его у себя: { $words }
    { $campaign } · { $time }
campaigns-who-waits =
    ⏳ <b>{ $name }</b> — { $state }
    { $campaign } · попыток: { $attempts }
campaigns-who-waits-quota =
    ⏳ <b>{ $name }</b> — ждёт: каналу пока нельзя начинать разговор с новыми людьми
    { $campaign } · уйдёт не раньше { $time }
campaigns-who-uncertain =
    ❔ <b>{ $name }</b> — доставка не подтверждена: мессенджер не ответил
    { $campaign } · { $time }
campaigns-who-not =
    ✖️ <b>{ $name }</b> — { $state }: { $reason }
    { $campaign } · { $time }
campaigns-who-step = <b>Шаг { $step }</b> · { $channel }

campaigns-refused-state = Сейчас так нельзя: состояние кампании изменилось — «{ $state }». Вот свежая карточка.
campaigns-refused-changed = Кампанию только что изменили. Вот свежая карточка: посмотрите ещё раз.
campaigns-refused-incomplete = Сначала выберите: { $what }.
campaigns-refused-name = Название — от 1 до { $max } символов.
campaigns-refused-window = Окончание должно быть в будущем и позже начала.
campaigns-refused-wait = Следующий шаг отправляется не раньше чем через 5 минут и не позже чем через 7 дней.
campaigns-refused-steps = Шагов в кампании — не больше { $most }.
campaigns-refused-step = Этого шага уже нет, или он единственный.
campaigns-refused-closed = Время отправки закончилось. Измените «Когда» и согласуйте кампанию снова.
campaigns-refused-template = Эта версия шаблона не согласована. Выберите другую или дождитесь согласования.
campaigns-refused-channel = Канал сейчас не отправляет. Включите его: «Настройки» → «Каналы», или выберите другой.
campaigns-refused-provider-template = { $messenger } принимает рассылки только по шаблонам, которые одобрил. Отправьте шаблон на проверку кнопкой «На проверку в { $messenger }» на карточке кампании. Отвечать тем, кто сам написал, можно и без шаблона: «Сообщения».
campaigns-refused-provider-find = { $messenger } принимает рассылки только по одобренным шаблонам. Найдите шаблон кнопкой «Найти шаблон в { $provider }» на карточке кампании. Отвечать тем, кто сам написал, можно и без шаблона: «Сообщения».
campaigns-refused-no-campaigns = Через { $messenger } рассылки не уходят: там можно только отвечать тем, кто написал сам. Выберите другой канал.
campaigns-refused-review-sending = Шаблон ещё отправляется на проверку в { $messenger }. Подождите пару минут.
campaigns-refused-review-pending = { $messenger } ещё проверяет шаблон, обычно это занимает до суток. Менеджерам придёт сообщение, когда будет решение.
campaigns-refused-review-refused = { $messenger } не принимает этот шаблон{ $reason }. Исправьте шаблон и согласуйте новую версию.
campaigns-refused-review-unfound = Такого шаблона в { $provider } нет. Создайте его там слово в слово, текст — на карточке кампании, и найдите снова.
campaigns-refused-review-rejected = { $messenger } отклонил шаблон{ $reason }. Исправьте шаблон, согласуйте новую версию и отправьте её на проверку.
campaigns-refused-review-paused = { $messenger } приостановил шаблон: на него жалуются получатели. Дождитесь, когда он снова будет одобрен, или возьмите другой.
campaigns-refused-review-disabled = { $messenger } отключил шаблон насовсем: на него слишком много жалоб. Нужен другой шаблон.
campaigns-refused-review-gone = Шаблона больше нет в { $messenger }. Отправьте его на проверку снова.
campaigns-find = 🔎 Найти шаблон в { $provider }
campaigns-find-step = 🔎 Шаг { $step }: найти шаблон в { $provider }
campaigns-hand-in = 📨 На проверку в { $messenger }
campaigns-hand-in-step = 📨 Шаг { $step }: на проверку в { $messenger }
campaigns-handed-in = Отправлено на проверку в { $messenger }. Решение обычно приходит за сутки.
campaigns-handed-in-done = { $messenger } уже одобрил шаблон.
campaigns-review = <b>{ $messenger }:</b> { $standing }
campaigns-review-step = <b>{ $messenger }, шаг { $step }:</b> { $standing }
campaigns-review-none = шаблон не отправлен на проверку, без неё рассылки не принимаются
campaigns-review-unfound = шаблон ещё не найден в { $provider }, без него рассылки не принимаются
campaigns-review-make = ⚠️ такого шаблона в { $provider } нет. Создайте его в личном кабинете { $provider } слово в слово и с теми же кнопками, без заголовка и подписи, и найдите снова. Текст: { $text }
campaigns-review-sending = шаблон отправляется на проверку
campaigns-review-pending = шаблон на проверке с { $since }
campaigns-review-approved = ✅ шаблон одобрен, { $since }{ $quality }
campaigns-review-refused = ⚠️ шаблон не принят{ $reason }. Исправьте его и согласуйте новую версию
campaigns-review-rejected = ⚠️ шаблон отклонён, { $since }{ $reason }. Исправьте его и согласуйте новую версию
campaigns-review-paused = ⏸ шаблон приостановлен из-за жалоб получателей, { $since }
campaigns-review-disabled = ⛔ шаблон отключён насовсем, { $since }
campaigns-review-gone = шаблона в мессенджере больше нет
campaigns-review-quality-green = , отзывы хорошие
campaigns-review-quality-yellow = , есть жалобы
campaigns-review-quality-red = , много жалоб: его могут приостановить
campaigns-review-reason = : { $reason }
campaigns-review-marketing = Мессенджер считает шаблон рекламным, хотя здесь он сервисный: цена и ограничения — как у рекламы.
campaigns-review-utility = Мессенджер считает шаблон сервисным, хотя здесь он рекламный.
campaigns-review-why-promotional = в сервисном шаблоне реклама
campaigns-review-why-category = указан не тот вид: реклама или сервисное
campaigns-review-why-format = неверно записаны переменные или оформление
campaigns-review-why-abusive = недопустимое содержание
campaigns-review-why-scam = похоже на мошенничество
campaigns-review-why-mismatch = текст не соответствует виду шаблона
campaigns-review-form-condition = В тексте есть условие или цикл вокруг слов ({ $written }). В шаблоне { $messenger } слова для всех одни, меняются только значения. Вынесите вариант в отдельный шаблон, а для пустого значения напишите запасное слово прямо в подстановке: default: "друг".
campaigns-review-form-edge = Текст начинается или кончается подстановкой, так шаблоны { $messenger } не принимаются. Поставьте слова до и после неё: «Здравствуйте, …!»
campaigns-review-form-link = Подстановка стоит внутри ссылки в тексте. Перенесите ссылку в кнопку: подстановка может стоять в конце её адреса.
campaigns-review-form-button-text = На кнопке { $button } есть подстановка, а надпись должна быть одна для всех.
campaigns-review-form-button-long = Надпись кнопки { $button } длиннее { $limit } символов.
campaigns-review-form-button-url = В адресе кнопки { $button } подстановка может стоять только одна и только в самом конце.
campaigns-review-form-button-opt-out = Нажатие кнопки { $button } придёт из { $messenger } её словами, а они не говорят об отписке. Напишите на ней «Отписаться».
campaigns-review-form-button-fixed = В адресе кнопки { $button } есть подстановка, а { $messenger } берёт адрес, одинаковый для всех.
campaigns-review-form-links = Кнопок со ссылками может быть не больше { $limit }.
campaigns-review-form-file = Файл такого типа ({ $mime }) над текстом не ставится: нужна картинка JPEG или PNG либо документ PDF.
campaigns-review-form-long = Текст длинный — символов { $length }, а можно { $limit } вместе с подставленными значениями.
campaigns-review-form-broken = Шаблон не читается или в нём не хватает значений. Откройте его проверку.
campaigns-review-no-file = Файл шаблона удалён.
campaigns-review-provider = { $messenger } сейчас не принимает шаблоны ({ $reason }). Ничего не отправлено, попробуйте ещё раз.
campaigns-refused-segment = Сегмент из аудитории удалён. Откройте «Аудиторию» и выберите заново.
campaigns-refused-broken = Сегмент «{ $name }» не читается: поле, на которое он ссылается, удалили. Исправьте его.
campaigns-refused-zone = Часовой пояс компании («{ $zone }») неизвестен. Исправьте его в настройках.
campaigns-refused-lint = В шаблоне ошибки: { $count }. Исправьте его и согласуйте новую версию.
campaigns-refused-own = Свою кампанию согласовать нельзя: нужен другой участник.
campaigns-refused-void = Согласование снято: шаблон, сегмент, канал или настройки изменились. Отправьте на согласование снова.
campaigns-refused-advertising = Рекламу остановили после восстановления базы: кто отказался после копии, неизвестно. Её разрешит владелец: «Настройки» → «Компания».
campaigns-refused-maintenance = На сервере идут работы до { $until }. Запустите после них или назначьте старт на более позднее время.
campaigns-refused-licence = Лицензия не действует: без неё ничего не отправляется. Скажите владельцу.
campaigns-refused-plan = Сообщения этого месяца закончились: тариф «{ $plan }» допускает { $allowed }. Продолжите в новом месяце или смените тариф.
campaigns-refused-count = Вы написали { $typed }, а получат { $planned }. Ничего не запущено.
campaigns-refused-nobody = Сейчас это сообщение не получит никто.

campaigns-more = Ещё…
campaigns-done = ✅ Готово
campaigns-to-templates = Шаблоны
campaigns-new-segment = ＋ Новый сегмент
campaigns-begun-name = { $name } · { $day }
campaigns-already-paused = Уже на паузе.
campaigns-already-running = Уже идёт.
campaigns-already-stopped = Уже остановлена.
campaigns-already-submitted = Уже на согласовании.
campaigns-already-approved = Уже согласована.
campaigns-already-launched = Уже запущена.
campaigns-already-recalled = Запуск уже отозван.
campaigns-refused-agreement = { $name } ждёт владельца: пока текст не принят, рассылку не запустить. «Настройки» → «Соглашение».
campaigns-refused-suspended = Лицензиар закрыл отправку: { $reason }
