menu-title =
    <b>{ $account }</b>
    { $name } · { $role }
menu-no-licence = ⚠️ Лицензия не действует: сообщения не отправляются. Отписки, согласия и выгрузки работают.
menu-licence-ends = ⚠️ Лицензия действует { $until }. Потом сообщения отправляться не будут.
menu-licence = Лицензия
menu-settings = Настройки
menu-audit = Журнал действий
menu-sessions = Сеансы
menu-members = Участники
menu-logout = Выйти
menu-sample = Это пример. У получателя кнопка работает.
