menu-title =
    <b>{ $account }</b>
    { $name } · { $role }
menu-quiet = Сейчас ничего не отправляется.
menu-running = ▶️ «{ $name }»: отправлено { $sent } из { $planned }
menu-planning = ⚙️ «{ $name }»: выбираем получателей
menu-paused = ⏸ «{ $name }» на паузе: отправлено { $sent } из { $planned }
menu-scheduled = 🗓 «{ $name }» начнётся { $at }
menu-several = ▶️ Кампании: { $parts }
menu-n-running = { $count ->
    [one] идёт { $count }
   *[other] идут { $count }
}
menu-n-paused = на паузе { $count }
menu-n-scheduled = по расписанию { $count }
menu-licensed = Лицензия { $until }
menu-channels-none = Бот для клиентов не подключён
menu-channels-work = { $count ->
    [1] Канал работает
    [one] Работает { $count } канал
    [few] Работают { $count } канала
   *[other] Работают { $count } каналов
}
menu-channels-stopped = ⚠️ Не работают каналы: { $count } из { $all }
menu-maintenance = 🔧 Работы на сервере: { $from } — { $until }, рассылки будут стоять
menu-maintenance-now = 🔧 На сервере работы, закончатся { $until }: рассылки стоят
menu-no-licence = ⚠️ Лицензия не действует: сообщения не отправляются. Отписки, согласия и выгрузки работают.
menu-licence-ends = ⚠️ Лицензия действует { $until }. Потом сообщения отправляться не будут.
menu-approvals = Ждут согласования · { $count }
menu-inbox-waiting = Сообщения · { $count } { $count ->
    [one] ждёт
   *[other] ждут
}
menu-more = Ещё…
menu-more-title = <b>Ещё</b>
menu-settings = Настройки
menu-settings-title =
    <b>Настройки</b>

    Компания, её боты, CRM и сотрудники; ваши сеансы и язык.
menu-company = Компания
menu-waiting =
    <b>Ждут вашего согласования</b> — { $count }

    Первыми те, кто ждёт дольше.
menu-waiting-line = • «{ $name }» — { $who }
menu-waiting-none =
    <b>Согласовывать нечего</b>

    Сюда попадают кампании и шаблоны коллег.
menu-waiting-campaign = Кампания «{ $name }»
menu-waiting-template = Шаблон «{ $name }»
menu-licence = Лицензия
menu-audit = Журнал действий
menu-sessions = Сеансы
menu-members = Участники
menu-logout = Выйти
menu-sample = Это пример. У получателя кнопка работает.
menu-suspended = ⛔ Лицензиар закрыл отправку: { $reason }
menu-unaccepted = ⚠️ Соглашение не принято, новые рассылки не запустить: «Настройки» → «Соглашение»
