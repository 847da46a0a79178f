access-button = Что закрыто и отключено
access-title = <b>🔒 Что закрыто и отключено</b>
access-nothing = Ничего: всё работает.
access-sending = ⛔ <b>Отправка рассылок закрыта лицензиаром.</b> Отписки, ответы клиентам и выгрузки работают.
access-all = ⛔ <b>Доступ закрыт лицензиаром.</b> Работают выгрузки, отписки, удаление данных и поддержка.
access-why =
    Причина: { $reason }
    Документ: { $document }
    С { $since }
access-until = До { $until }
access-switched-off = Отключено лицензиаром:
access-line = • { $name } — с { $since }: { $reason }
access-off = Отключено лицензиаром: { $name }. Причина: { $reason }
access-feature-channel = мессенджер { $messenger }
access-feature-crm = CRM { $crm }
access-feature-advertising = реклама
access-feature-inbox = диалоги с клиентами
access-feature-imports = загрузка контактов
access-feature-exports = выгрузки файлом
access-contacts = Контакты
access-campaigns = Кампании
