crm-menu = CRM
crm-title = <b>CRM</b> — { $count }
crm-none =
    <b>CRM не подключена</b>

    Подключите amoCRM: контакты, телефоны, теги и согласия загрузятся сами и будут обновляться. Отписки и итоги кампаний вернутся в карточки контактов.
crm-add = Подключить amoCRM
crm-card =
    <b>{ $name }</b>
    { $host } · amoCRM

    { $state }
    { $sync }

    { $numbers }
crm-state-active = 🟢 Подключена
crm-state-paused = ⏸ На паузе: контакты не обновляются, отметки и примечания для CRM ждут
crm-state-disconnected = Отключена
crm-state-authorise = ⚠️ Ждёт разрешения: откройте страницу amoCRM и разрешите доступ
crm-state-token-refused = ⚠️ amoCRM больше не принимает доступ: токен отозван или истёк. Дайте новый — всё продолжится с того же места.
crm-state-limited = 🟡 amoCRM просит обращаться реже. Продолжим { $until }.
crm-state-unreachable = 🟡 amoCRM не отвечает. Попробуем снова { $until }.
crm-state-not-paid = ⚠️ Аккаунт amoCRM не оплачен, и она не отдаёт данные. Проверим снова { $until }.
crm-state-forbidden = ⚠️ amoCRM не даёт прав. Токен должен быть создан администратором. Проверим снова { $until }.
crm-state-refused = ⚠️ amoCRM отклонила запрос. Попробуем снова { $until }; если не пройдёт — дайте новый токен.
crm-very-soon = совсем скоро
crm-at = в { $time }
crm-sync-first = Первая загрузка вот-вот начнётся
crm-sync-never = Загрузки ещё не было
crm-sync-full = ⏳ Загружаем все контакты: { $done }
crm-sync-verifying = ⏳ Загружено { $done }, проверяем удалённые
crm-sync-changes = ⏳ Загружаем изменения: { $done }
crm-sync-last = Обновлено { $at }, следующее — в { $next }
crm-sync-last-only = Обновлено { $at }
crm-sync-due = Обновлено { $at }, проверяем изменения…
crm-contacts =
    { $count ->
        [one] <b>{ $count }</b> контакт
        [few] <b>{ $count }</b> контакта
       *[other] <b>{ $count }</b> контактов
    }
crm-without-phone = Без телефона: { $count }
crm-shared-phones = Телефон уже у другого контакта: { $count }
crm-bad-phones = Не похоже на телефон: { $count }
crm-last-numbers = В последний раз: новых { $created }, изменено { $updated }, удалено { $deleted }
crm-opted-out = Отмечено «не писать» в CRM: { $count }
crm-waiting = Ждут записи в CRM: { $count }
crm-sync-now = Синхронизировать сейчас
crm-sync-begins = Начинаем.
crm-pause = Пауза
crm-paused = Подключение на паузе.
crm-resume = Продолжить
crm-resumed = Подключение снова работает.
crm-new-token = Новый токен
crm-authorise = Разрешить в amoCRM
crm-disconnect = Отключить
crm-disconnected = CRM отключена, доступ забыт.
crm-to-card = Карточка подключения
crm-ways =
    <b>Как подключить amoCRM?</b>

    <b>Через страницу amoCRM</b> — администратор нажмёт «Разрешить», доступ обновляется сам.
    <b>По токену</b> — администратор создаст долгосрочный токен и пришлёт его сюда.
crm-by-page = Через страницу amoCRM
crm-by-token = По долгосрочному токену
crm-ask-address =
    <b>Адрес вашей amoCRM</b>

    Он виден в браузере: <code>example.amocrm.ru</code>. Достаточно и одного слова <code>example</code>.
crm-ask-page-address =
    <b>Адрес вашей amoCRM</b>

    Он виден в браузере: <code>example.amocrm.ru</code>. Дальше откроется страница, где администратор разрешит доступ.
crm-again-address =
    { $sentence }

    Пришлите адрес amoCRM ещё раз, например <code>example.amocrm.ru</code>.
crm-token-too-early = Это похоже на токен, а сейчас нужен адрес. Сообщение удалено, токен понадобится на следующем шаге.
crm-ask-token =
    <b>Долгосрочный токен { $host }</b>

    1. В amoCRM: «амоМаркет» → ⋯ → «Создать интеграцию» → «Внешняя интеграция».
    2. Откройте её → «Ключи и доступы» → «Долгосрочный токен», выберите срок.
    3. Скопируйте токен сюда целиком.

    Создавать должен администратор. Сообщение с токеном бот сразу удалит, токен хранится зашифрованным.
crm-again-token =
    { $sentence }

    Пришлите токен ещё раз.
crm-not-a-token = Это не похоже на токен: он длинный и без пробелов.
crm-authorise-card =
    <b>Разрешите доступ</b>

    Откройте страницу под администратором amoCRM и нажмите «Разрешить». Затем вернитесь сюда: контакты начнут загружаться сами.
crm-open-page = Открыть amoCRM
crm-ask-disconnect =
    <b>Отключить { $name }?</b>

    Доступ будет забыт, обновления прекратятся. { $contacts ->
        [one] { $contacts } контакт останется
        [few] { $contacts } контакта останутся
       *[other] { $contacts } контактов останутся
    } здесь вместе с согласиями и отписками.
crm-ask-disconnect-waiting =
    ⚠️ { $waiting ->
        [one] { $waiting } отметка или примечание ещё не записано
        [few] { $waiting } отметки и примечания ещё не записаны
       *[other] { $waiting } отметок и примечаний ещё не записаны
    } в CRM и не { $waiting ->
        [one] попадёт
       *[other] попадут
    } туда.
crm-pause-instead = Только пауза
crm-disconnect-now = Да, отключить
crm-bad-address = Это не адрес amoCRM. Нужен такой, как example.amocrm.ru (или example.kommo.com).
crm-twin = Этот аккаунт amoCRM уже подключён.
crm-wrong-state = Сейчас так сделать нельзя: состояние подключения изменилось.
crm-other-account = Этот токен — от другого аккаунта amoCRM. Чтобы добавить его, подключите как новый.
crm-bad-field = Это поле так использовать нельзя: его больше нет в CRM или в нём другие данные.
crm-too-many-fields = Больше полей завести нельзя: их уже { $most }. Выберите одно из имеющихся.
crm-field-refused = Поле не создано: такое название не подходит. Выберите одно из имеющихся.
crm-no-integration = Подключение через страницу amoCRM на этом сервере не настроено. Подключите по токену.
crm-token-refused = amoCRM не принимает этот токен. Проверьте, что он скопирован целиком, не истёк и создан в этом аккаунте.
crm-limited = amoCRM просит подождать: слишком много запросов. Попробуйте через несколько минут.
crm-not-paid = Этот аккаунт amoCRM не оплачен, и она не отдаёт данные.
crm-forbidden = У токена нет прав. Его должен создать администратор amoCRM, с доступом к данным аккаунта.
crm-no-such-account = amoCRM не нашла такой аккаунт. Проверьте адрес.
crm-unreachable = amoCRM по этому адресу сейчас не отвечает. Проверьте адрес или попробуйте чуть позже.
crm-hooks-on = Изменения приходят сразу
crm-hooks-disabled = 🟡 amoCRM выключила вебхук: изменения приходят раз в 5 минут. Сохраните его заново в amoCRM: «амоМаркет» → «Web hooks».
crm-hooks-refused = Изменения приходят раз в 5 минут: вебхуков тариф amoCRM не даёт
crm-token-ends = Токен действует до { $day }
crm-token-ends-soon = ⏳ Токен действует до { $day }: создайте новый в amoCRM и пришлите его
crm-fields-button = Поля
crm-consents-button = Согласия
crm-mapping-saved = Сохранено. Контакты перечитаются заново.
crm-fields-none =
    <b>Полей пока нет</b>

    Список полей amoCRM загружается с первой синхронизацией.
crm-fields =
    <b>Поля CRM: { $name }</b>
    Используется { $mapped } из { $count }

    Поле CRM становится полем контакта: переменной в шаблонах и условием в сегментах. После изменения все контакты перечитаются при следующей синхронизации.
crm-field-line = { $title } → <code>{ $key }</code>
crm-field-line-unused = { $title } — не используется
crm-field-unused = { $title } — не используется
crm-field =
    <b>{ $title }</b>
    { $kind }

    { $now }

    Чем станет это поле?
crm-field-becomes = Сейчас: поле контакта <code>{ $key }</code>
crm-field-not-used = Сейчас не используется
crm-field-new = ➕ Новое поле { $key }
crm-field-unmap = Не использовать
crm-kind-text = Текст
crm-kind-number = Число
crm-kind-date = Дата
crm-kind-flag = Да или нет
crm-purpose-personal-data = Персональные данные
crm-purpose-marketing = Реклама
crm-consents =
    <b>Согласия из CRM: { $name }</b>

    Отметки в CRM становятся записями в журнале согласий. Нет отметки — нет согласия.
crm-consent-none = <b>{ $purpose }</b>: поле не выбрано
crm-consent = <b>{ $purpose }</b>: «{ $field }» = { $means }
crm-consent-ticked = отмечено
crm-consent-dated = Дата: «{ $field }». Согласие уровня C: известны автор и время.
crm-consent-undated = ⚠️ Дата не указана. Без неё это уровень D — со слов владельца, а для рекламы по умолчанию нужен C: выберите поле с датой.
crm-consent-choose = { $purpose }: выбрать поле
crm-consent-change = { $purpose }: изменить
crm-consent-date = Дата согласия
crm-consent-remove = Не брать из CRM
crm-opt-out = «Не писать»: флажок «{ $field }» и тег opt-out. Отписался — отметим сами; отметили в CRM — писать не будем.
crm-opt-out-none = «Не писать»: только тег opt-out. Флажок не выбран, поэтому отметки менеджеров в CRM не читаются.
crm-opt-out-choose = Флажок «Не писать»
crm-consent-fields =
    <b>{ $purpose }</b>

    Какое поле говорит о согласии? Флажок или список. После выбора все контакты перечитаются.
crm-consent-no-fields = В этой CRM нет флажков и списков. Создайте в amoCRM поле контакта «Согласие» — оно появится здесь в течение суток.
crm-consent-values =
    <b>{ $field }</b>

    Какие значения означают согласие ({ $purpose })? Остальные — нет согласия.
crm-consent-save = Сохранить
crm-no-value-chosen = Отметьте хотя бы одно значение.
crm-consent-ask-yes =
    <b>{ $field }</b>

    Напишите через запятую, какие значения означают согласие, например: да, согласен.
crm-consent-again = Нужно хотя бы одно значение, не больше 30, каждое до 100 знаков. Напишите их через запятую, например: да, согласен.
crm-consent-dates =
    <b>Дата согласия</b>

    В каком поле CRM записано, когда человек согласился? С датой это согласие уровня C, без неё — D, со слов владельца.
crm-consent-no-date = Такого поля нет
crm-opt-out-fields =
    <b>Флажок «Не писать»</b>

    Кто отмечен в CRM, тому не пишем. Кто отписался здесь — тому отметим флажок.
crm-opt-out-no-fields = В этой CRM нет флажков. Создайте в amoCRM поле контакта «Не писать» с типом «Флаг» — оно появится здесь в течение суток.
crm-opt-out-only-tag = Без флажка, только тег
