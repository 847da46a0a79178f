notices-campaign-submitted = 📝 Кампания «{ $name }» ждёт согласования.
notices-campaign-approved = ✅ Кампания «{ $name }» согласована.
notices-campaign-returned =
    ↩️ Кампания «{ $name }» возвращена.

    { $comment }
notices-campaign-finished = 🏁 Кампания «{ $name }» завершена.
notices-campaign-stopped = ⏹ Кампания «{ $name }» остановлена.
notices-campaign-failed = ⚠️ Кампания «{ $name }» не смогла продолжиться.
notices-campaign-paused = ⏸ Кампания «{ $name }» на паузе.
notices-template-submitted = 📝 Шаблон «{ $name }» ждёт согласования.
notices-template-approved = ✅ Шаблон «{ $name }» согласован.
notices-template-returned =
    ↩️ Шаблон «{ $name }» возвращён.

    { $comment }
notices-customer-answered =
    💬 <b>{ $name }</b>

    { $text }
notices-channel-stopped = ⚠️ Канал «{ $name }» остановлен: провайдер его не принимает. Проверьте его настройки.
notices-crm-reauth = ⚠️ CRM «{ $name }» больше не пускает нас. Подключите её заново.
notices-crm-held = ⚠️ CRM «{ $name }» пока не отвечает нам как нужно: синхронизация отложена, попробуем сами позже. Причина — на карточке CRM.
notices-import-done = 📥 Импорт завершён.
notices-member-locked = 🔒 Логин <code>{ $login }</code> закрыт: слишком много неверных паролей.
notices-licence-ending = ⚠️ Лицензия действует до { $until }. После этого сообщения отправляться не будут.
