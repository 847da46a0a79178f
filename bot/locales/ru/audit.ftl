audit-title =
    <b>Журнал</b>

    { $entries }
audit-line = { $at } · <b>{ $who }</b>: { $what }
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
audit-found = Первые { $before } записаны раньше, чем появилась проверка ({ $since }): они такие, какими были тогда.
audit-broken =
    🚨 Не сходится: { $why }.
    Покажите это администратору сервера.
audit-member-password-link = создана ссылка для нового пароля
audit-session-refused = неверный пароль при входе
audit-session-not-me = «Это не я»: чужой сеанс завершён
audit-export-recipients = выгружен список получателей
audit-export-dossier = выгружены согласия контакта
audit-export-refused = выгружены отклонённые строки импорта
audit-trail-adopt = журнал взят под проверку; прежние записи — какими они найдены
audit-account-create = создана компания
audit-account-advertising-confirmed = после восстановления базы разрешена реклама
audit-session-open = вход
audit-session-end = завершён сеанс
audit-session-end-all = завершены все сеансы
audit-member-add = добавлен участник
audit-member-role = изменена роль участника
audit-member-disable = участник отключён
audit-member-enable = участник включён
audit-member-lock = вход участника закрыт
audit-member-unlock = блокировка снята
audit-member-profile = изменён профиль
audit-member-password-reset = участнику задан новый пароль
audit-member-password-change = пароль изменён
audit-member-lost-phone = телефон потерян: доступ закрыт
audit-invitation-create = создано приглашение
audit-invitation-revoke = приглашение отозвано
audit-invitation-accept = приглашение принято
audit-licence-issue = выдана лицензия
audit-licence-revoke = лицензия отозвана
audit-settings-change = изменены настройки
audit-wording-set = изменён текст согласия
audit-suppression-add = адрес внесён в стоп-лист
audit-suppression-lift = адрес убран из стоп-листа
audit-contact-reply = ответ клиенту
audit-contact-handled = сообщение клиента отмечено: ответ не нужен
audit-contact-reopened = сообщение клиента снова ждёт ответа
audit-contact-opt-out = клиент отписан
audit-address-opt-out = отписался адрес, которого нет в контактах
audit-address-blocked = клиент заблокировал бота
audit-contact-doubt-lifted = снято сомнение, хочет ли клиент рекламу
audit-inbound-read-again = непрочитанное читается снова
audit-inbound-looked-after = непрочитанное проверено
audit-contact-come-back = клиент вернулся
audit-contact-delete = контакт удалён
audit-contact-link = личная ссылка контакту
audit-contact-tags = теги контакта изменены
audit-field-create = создано поле контакта
audit-field-rename = переименовано поле контакта
audit-import-begin = начат импорт
audit-import-mapping = импорт: выбраны столбцы
audit-import-basis = импорт: указано основание
audit-import-dry-run = импорт: пробный прогон
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
audit-template-archive = шаблон в архиве
audit-template-restore = шаблон из архива
audit-campaign-create = создана кампания
audit-campaign-edit = изменена кампания
audit-campaign-duplicate = скопирована кампания
audit-campaign-delete = удалена кампания
audit-campaign-submit = кампания отправлена на согласование
audit-campaign-recall = кампания отозвана с согласования
audit-campaign-approve = кампания согласована
audit-campaign-return = кампания возвращена
audit-campaign-void = согласование кампании отменено изменением
audit-campaign-launch = кампания запущена
audit-campaign-start = кампания началась
audit-campaign-planned = получатели кампании определены
audit-campaign-pause = кампания на паузе
audit-campaign-resume = кампания продолжена
audit-campaign-stop = кампания остановлена
audit-campaign-close = кампания завершена
audit-campaign-uncertain = решено, что делать с неясными исходами
audit-channel-add = подключён канал
audit-channel-configure = настроен канал
audit-channel-credentials = заменён токен канала
audit-channel-pause = канал на паузе
audit-channel-resume = канал включён
audit-channel-remove = канал удалён
audit-crm-connect = подключена CRM
audit-crm-authorise-begin = начато подключение CRM
audit-crm-authorise = CRM разрешила доступ
audit-crm-map = сопоставлены поля CRM
audit-crm-sync = запрошена синхронизация с CRM
audit-crm-pause = CRM на паузе
audit-crm-resume = CRM включена
audit-crm-moved = CRM переехала на новый адрес
audit-crm-uninstalled = интеграцию отключили в CRM
audit-crm-disconnect = CRM отключена
audit-campaign-window-closed = время кампании вышло
audit-campaign-outgrown = кампания остановлена: получателей больше, чем подтверждено
audit-campaign-missed = кампания не началась вовремя
