menu-title =
    <b>{ $account }</b>
    { $name } · { $role }
menu-no-licence = ⚠️ Лицензия не действует: сообщения не отправляются. Отписки, согласия и выгрузки работают.
menu-licence-ends = ⚠️ Лицензия действует до { $until }. После этого сообщения отправляться не будут.
menu-licence = Лицензия
menu-settings = Настройки
menu-audit = Журнал
menu-sessions = Сеансы
menu-members = Участники
menu-logout = Выход
menu-sample = Это образец: у получателя кнопка сработает.
