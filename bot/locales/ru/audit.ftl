audit-title =
    <b>Журнал действий</b>

    { $entries }
audit-line = { $at } · <b>{ $who }</b>: { $what }
audit-line-of = { $at } · <b>{ $who }</b>: { $what } — «{ $object }»
audit-actor-admin = Администратор сервера
audit-actor-system = Система
audit-actor-unknown = Бывший участник

audit-verify = Проверить
audit-verified =
    <b>Проверка</b>

    <b>Журнал.</b> { $audit }

    <b>Согласия.</b> { $consents }

    Сохраните контрольные суммы вне этой базы: по ним потом видно, не подменили ли её целиком.
audit-whole =
    ✅ Записей: { $entries }, все на месте и не изменены.
    <code>{ $mark }</code>
audit-found = Первые { $before } записаны до того, как появилась проверка ({ $since }): они показаны такими, какими были тогда.
audit-broken =
    🚨 Не сходится: { $why }.
    Покажите это администратору сервера.
audit-member-password-link = создана ссылка для нового пароля
audit-session-refused = неверный пароль при входе
audit-session-not-me = чужой сеанс завершён: «Это не я»
audit-export-recipients = выгружен список получателей
audit-export-dossier = выгружены согласия контакта
audit-export-contacts = выгружены контакты
audit-export-segment = выгружены контакты сегмента
audit-export-file = получен файл из переписки
audit-export-refused = скачаны строки импорта с ошибками
audit-trail-adopt = включена проверка журнала; прежние записи приняты как есть
audit-account-create = создана компания
audit-account-advertising-confirmed = реклама разрешена после восстановления базы
audit-session-open = вход
audit-session-end = завершён сеанс
audit-session-end-all = завершены все сеансы
audit-member-add = добавлен участник
audit-member-role = изменена роль участника
audit-member-disable = доступ участника отключён
audit-member-enable = доступ участника включён
audit-member-lock = вход участника закрыт
audit-member-unlock = блокировка участника снята
audit-member-profile = изменён профиль
audit-member-password-reset = пароль участника сменён по ссылке
audit-member-password-change = пароль изменён
audit-member-lost-phone = телефон потерян: доступ закрыт
audit-invitation-create = создано приглашение
audit-invitation-revoke = приглашение отозвано
audit-invitation-accept = приглашение принято
audit-licence-issue = выдана лицензия
audit-licence-revoke = лицензия отозвана
audit-settings-change = изменены настройки
audit-price-set = записана цена сообщения
audit-price-clear = убраны свои цены сообщений
audit-wording-set = изменён текст согласия
audit-suppression-add = адреса внесены в стоп-лист
audit-suppression-lift = адрес убран из стоп-листа
audit-contact-reply = отправлен ответ клиенту
audit-contact-handled = переписка закрыта: ответ не нужен
audit-contact-reopened = переписка снова ждёт ответа
audit-contact-opt-out = клиент отписан
audit-contact-opted-out = клиент отписался
audit-address-opt-out = отписался адрес, которого нет в контактах
audit-address-allowed = клиент разрешил сообщения
audit-address-blocked = клиент заблокировал бота
audit-contact-doubt-lifted = отмечено: это не отказ от рекламы
audit-inbound-read-again = непрочитанные сообщения читаются снова
audit-inbound-looked-after = непрочитанные сообщения проверены
audit-contact-come-back = клиент вернулся
audit-contact-delete = контакт удалён
audit-contact-link = создана личная ссылка для контакта
audit-contact-assigned = переписка передана участнику или снята
audit-quick-reply-add = сохранён быстрый ответ
audit-quick-reply-change = изменён быстрый ответ
audit-quick-reply-remove = удалён быстрый ответ
audit-contact-create = контакт добавлен вручную
audit-contact-edit = контакт изменён вручную
audit-contact-tags = изменены теги контакта
audit-field-create = создано поле контакта
audit-field-rename = переименовано поле контакта
audit-import-begin = начат импорт
audit-import-mapping = выбраны столбцы импорта
audit-import-basis = указано основание импорта
audit-import-dry-run = файл проверен
audit-import-start = импорт запущен
audit-import-done = импорт завершён
audit-import-resume = импорт продолжен
audit-import-cancel = импорт отменён
audit-segment-create = создан сегмент
audit-segment-update = изменён сегмент
audit-segment-rename = переименован сегмент
audit-segment-delete = удалён сегмент
audit-template-create = создан шаблон
audit-template-edit = изменён шаблон
audit-template-rename = переименован шаблон
audit-template-submit = шаблон отправлен на согласование
audit-template-recall = шаблон отозван с согласования
audit-template-approve = шаблон согласован
audit-template-return = шаблон возвращён
audit-template-hand-in = шаблон отправлен на проверку мессенджеру
audit-template-archive = шаблон убран в архив
audit-template-restore = шаблон возвращён из архива
audit-campaign-create = создана кампания
audit-campaign-edit = изменена кампания
audit-campaign-duplicate = скопирована кампания
audit-campaign-delete = удалена кампания
audit-campaign-submit = кампания отправлена на согласование
audit-campaign-recall = кампания отозвана с согласования
audit-campaign-approve = кампания согласована
audit-campaign-return = кампания возвращена
audit-campaign-void = согласование снято: кампанию изменили
audit-campaign-launch = кампания запущена
audit-campaign-start = кампания началась
audit-campaign-planned = получатели кампании выбраны
audit-campaign-pause = кампания на паузе
audit-campaign-resume = кампания продолжена
audit-campaign-stop = кампания остановлена
audit-campaign-close = кампания завершена
audit-campaign-uncertain = решено, что делать с сообщениями без подтверждения
audit-channel-add = подключён канал
audit-channel-configure = настроен канал
audit-channel-credentials = заменён токен канала
audit-channel-pause = канал на паузе
audit-channel-resume = канал включён
audit-channel-remove = канал удалён
audit-crm-connect = подключена CRM
audit-crm-authorise-begin = начато подключение CRM
audit-crm-authorise = CRM разрешила доступ
audit-crm-map = настроены поля CRM
audit-crm-sync = запрошена синхронизация с CRM
audit-crm-pause = CRM на паузе
audit-crm-resume = CRM включена
audit-crm-moved = у CRM новый адрес
audit-crm-uninstalled = интеграцию отключили в CRM
audit-crm-disconnect = CRM отключена
audit-campaign-window-closed = время отправки закончилось
audit-campaign-outgrown = кампания не началась: получателей больше, чем подтвердили
audit-campaign-missed = кампания не началась вовремя
audit-account-delete = компания удалена
audit-account-erased = стёрто всё, что называет людей
audit-broken-gap = нет записи { $expected } (вместо неё { $found })
audit-broken-changed = запись { $entry } изменена
audit-broken-cut-off = нет последних записей: должно быть { $head }, а есть { $found }
audit-broken-added = запись { $entry } добавил кто-то без ключа
audit-broken-head = контрольной записи нет, или она сделана другим ключом
audit-broken-found = то, что было до начала цепочки, изменено
audit-broken-before-missing = цепочка прерывалась до { $at } UTC: контрольной записи тогда не было; что нашлось, сохранено как есть (запись { $entry })
audit-broken-before-forged = цепочка прерывалась до { $at } UTC: контрольная запись тогда была подделана; что нашлось, сохранено как есть (запись { $entry })
audit-broken-consent-added = согласие { $consent } записал кто-то без ключа
audit-broken-consents-changed = согласия звена { $link } изменены, добавлены или удалены
audit-broken-consents-missing = согласий не хватает: в цепочке { $chained }, в журнале { $found }
audit-broken-not-expected = это не та цепочка, что была записана: записи { $entry } нет, или она другая
audit-broken-no-key = без ключа шифрования ничего не проверить
