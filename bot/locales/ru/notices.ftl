notices-campaign-submitted = 📝 Кампания «{ $name }» ждёт согласования. От кого: { $by }.
notices-campaign-approved = ✅ Кампания «{ $name }» согласована.
notices-campaign-returned =
    ↩️ Кампания «{ $name }» возвращена на доработку. Согласующий: { $by }.

    { $comment }
notices-campaign-finished = 🏁 Кампания «{ $name }» завершена: отправлено { $sent } из { $planned }.
notices-campaign-finished-bare = 🏁 Кампания «{ $name }» завершена.
notices-campaign-stopped = ⏹ Кампания «{ $name }» остановлена.
notices-campaign-failed = ⚠️ Кампания «{ $name }» прервалась.
notices-campaign-failed-void = ⚠️ Кампания «{ $name }» не началась: её изменили, согласование снято. Отправьте на согласование ещё раз.
notices-campaign-failed-grew = ⚠️ Кампания «{ $name }» не началась: получателей стало больше, чем вы подтвердили. Запустите её снова с новым числом.
notices-campaign-failed-late = ⚠️ Кампания «{ $name }» не началась: время отправки закончилось. Ничего не отправлено.
notices-campaign-paused = ⏸ Кампания «{ $name }» на паузе.
notices-campaign-paused-why =
    ⏸ Кампания «{ $name }»
    { $why }
notices-campaign-recalled = ⏸ Кампания «{ $name }» снята с запуска: её запустил сотрудник, который потерял телефон. Согласование в силе, запустите её снова, когда разберётесь.
notices-session-new =
    🔑 <b>{ $name }</b>: вход с нового телефона.
    Аккаунт Telegram: { $phone }

    Если это были не вы, завершите тот сеанс: бот сразу попросит новый пароль.
notices-not-me = Это не я
notices-session-not-me = ⚠️ <b>{ $name }</b>: кто-то другой вошёл под этим именем. Сеанс завершён, пароль придётся сменить. Посмотрите в журнале, что было сделано.
notices-member-guessed = 🔑 К логину <code>{ $login }</code> подбирают пароль с чужих телефонов: уже 10 неверных попыток. Вход с прежних телефонов работает. Если пароль простой, смените его.
notices-member-password-link = 🔑 Создана ссылка для нового пароля участника <b>{ $name }</b>. Кем: { $by }.
notices-member-password-link-admin = 🔑 Администратор сервера создал ссылку для нового пароля участника <b>{ $name }</b>.
notices-member-password-link-mine = 🔑 Для вас создана ссылка, по которой можно сменить ваш пароль. Если вы об этом не просили, спросите владельца.
notices-member-password-set =
    🔑 <b>{ $name }</b>: пароль сменён по ссылке.
    Аккаунт Telegram: { $phone }

    Сутки этот участник ничего не согласовывает.
notices-trail-heads =
    🧾 Контрольные суммы за неделю. Они останутся в этом чате, и подменить их в базе не получится.

    Журнал: <code>{ $audit }</code>
    Согласия: <code>{ $consents }</code>
notices-trail-broken =
    🚨 <b>Журнал не тот, что был.</b> Раньше в нём было <code>{ $noted }</code>, теперь этого нет: базу подменили или вернули старую копию. Покажите это администратору сервера.
notices-template-submitted = 📝 Шаблон «{ $name }» ждёт согласования. От кого: { $by }.
notices-template-approved = ✅ Шаблон «{ $name }» согласован.
notices-template-returned =
    ↩️ Шаблон «{ $name }» возвращён на доработку. Согласующий: { $by }.

    { $comment }
notices-customer-answered =
    💬 <b>{ $name }</b>

    { $text }
notices-more = <i>и ещё { $count } { $count ->
    [one] сообщение
    [few] сообщения
   *[other] сообщений
 } до этого</i>
notices-digest =
    💬 Вам написали { $count } { $count ->
    [one] клиент
    [few] клиента
   *[other] клиентов
 }: { $names }{ $rest ->
    [0] .
   *[other] {" "}и ещё { $rest }.
 }
notices-customer-edited =
    ✏️ <b>{ $name }</b> — сообщение изменено

    { $text }
notices-customer-doubt =
    ❓ <b>{ $name }</b> — похоже, просит не писать

    { $text }

    Реклама этому человеку остановлена. Мы спросили в чате, отписать ли.
notices-reply-failed = ⚠️ Ваш ответ не доставлен. <b>{ $name }</b>: { $reason }.
notices-reply-uncertain = ❓ Неизвестно, дошёл ли ваш ответ. <b>{ $name }</b>: мессенджер не ответил, сами мы его не повторим.
notices-inbound-failed = 🚨 «{ $name }»: пришло то, что не удалось обработать. Среди такого может быть отказ клиента.
notices-channel-stopped = ⚠️ Канал «{ $name }» остановлен: Telegram не принимает токен бота. Проверьте его на карточке канала.
notices-channel-managers = ⚠️ Канал «{ $name }» остановлен: в нём бот для сотрудников, а клиентам нужен свой. Удалите канал и подключите другого бота.
notices-crm-reauth = ⚠️ CRM «{ $name }» закрыла нам доступ. Подключите её заново.
notices-crm-moved = ⚠️ CRM «{ $name }» не найдена по своему адресу: аккаунт переименовали или перенесли. Контакты пока не обновляются. Напишите новый адрес: карточка CRM → «Новый адрес».
notices-crm-uninstalled = ⚠️ Интеграцию с CRM «{ $name }» отключили в amoCRM: контакты не обновляются, отметки и примечания ждут. Ничего не потеряно: разрешите доступ снова — карточка CRM → «Разрешить в amoCRM».
notices-crm-held = ⚠️ CRM «{ $name }» отклонила наши запросы: контакты не обновляются. Попробуем снова { $until }; подробности — на карточке.
notices-crm-held-not-paid = ⚠️ CRM «{ $name }» не оплачена и не отдаёт данные: контакты не обновляются. Оплатите её; проверим снова { $until }.
notices-crm-held-forbidden = ⚠️ CRM «{ $name }» не даёт прав: контакты не обновляются. Нужен токен администратора; проверим снова { $until }.
notices-crm-held-limited = 🟡 CRM «{ $name }» временно ограничила запросы. Продолжим сами { $until }, делать ничего не нужно.
notices-crm-hooks = 🟡 CRM «{ $name }» перестала присылать изменения сразу: amoCRM выключила вебхук. Контакты обновляются раз в 5 минут. Чтобы вернуть, сохраните вебхук заново в amoCRM: «амоМаркет» → «Web hooks».
notices-crm-token-ends = ⏳ Токен CRM «{ $name }» действует до { $until }. Создайте новый в amoCRM и пришлите его: карточка CRM → «Новый токен».
notices-import-done = 📥 Импорт завершён.
notices-import-stopped = ⚠️ Импорт прервался. Откройте карточку: в ней сказано, что делать.
notices-member-locked = 🔒 Вход закрыт: для логина <code>{ $login }</code> слишком много раз ввели неверный пароль.
notices-member-locked-lost = 🔒 Вход закрыт: логин <code>{ $login }</code>, телефон потерян. Снять блокировку можно на карточке участника.
notices-licence-ending = ⚠️ Лицензия действует до { $until }. После этого сообщения отправляться не будут.
