members-title = <b>Участники</b> — { $count }
members-open-invitation = ✉️ { $role }, до { $until }
members-invite = Пригласить
members-nobody-approves-own = ⚠️ Согласовать некому: свою работу согласовать нельзя, а других согласующих нет. Пригласите согласующего.
members-nobody-approves = ⚠️ Согласовать некому: свою работу согласовать нельзя, а других согласующих нет. Попросите владельца пригласить согласующего.
members-card =
    <b>{ $name }</b>
    Логин: <code>{ $login }</code>
    Роль: { $role }
    В компании с { $since }

    { $state }
members-state-active = { $sessions ->
    [0] Открытых сеансов нет.
    [one] Открыт { $sessions } сеанс.
    [few] Открыты { $sessions } сеанса.
   *[other] Открыто { $sessions } сеансов.
}
members-state-disabled = 🚫 Доступ отключён { $since }.
members-state-locked = 🔒 Вход закрыт { $since }.
members-state-locked-lost = 🔒 Вход закрыт { $since }: телефон потерян.
members-unlock = Снять блокировку
members-unlocked = Блокировка снята.
members-role = Роль
members-role-set = Роль изменена: { $role }.
members-role-line = <b>{ $role }</b> — { $about }
members-roles =
    <b>Роль: { $name }</b>

    { $roles }
members-password = Новый пароль
members-ask-password =
    <b>Сменить пароль?</b> { $name }

    Вы получите одноразовую ссылку. По ней участник сам задаст пароль: вы его не узнаете. Прежние сеансы завершатся, блокировка снимется. Согласовывать участник сможет через { $hours } { $hours ->
        [one] час
        [few] часа
       *[other] часов
    }. Об этом узнают все владельцы и сам участник.
members-make-password-link = Создать ссылку
members-password-link =
    <b>Новый пароль: { $name }</b>

    { $link }

    Перешлите ссылку участнику. Она сработает один раз, в течение { $hours } { $hours ->
        [one] часа
       *[other] часов
    }. Второй раз она не показывается.
members-sessions = Сеансы
members-disable = Отключить
members-enable = Включить
members-disabled-done = Доступ отключён.
members-enabled-done = Доступ включён.
members-ask-disable =
    <b>Отключить доступ?</b> { $name }

    { $sessions ->
        [0] Открытых сеансов нет.
        [one] Завершится { $sessions } сеанс.
        [few] Завершатся { $sessions } сеанса.
       *[other] Завершится { $sessions } сеансов.
    } Войти снова не получится, пока вы не включите доступ.
members-lost = Телефон потерян
members-lost-now = Закрыть доступ
members-ask-lost =
    <b>Телефон потерян?</b> { $name }

    { $sessions ->
        [0] Открытых сеансов нет.
        [one] Завершится { $sessions } сеанс.
        [few] Завершатся { $sessions } сеанса.
       *[other] Завершится { $sessions } сеансов.
    } Вход закроется, запущенные участником кампании встанут на паузу.
members-invite-title =
    <b>Кого пригласить?</b>

    { $roles }
members-link =
    <b>Приглашение: { $role }</b>

    { $link }

    Перешлите ссылку одному человеку. Она сработает один раз, в течение { $hours } { $hours ->
        [one] часа
       *[other] часов
    }. Второй раз она не показывается.
members-invitation =
    <b>Приглашение: { $role }</b>
    Создано { $created }
    Действует до { $until }

    Ссылку показали при создании. Если она потерялась, отзовите это приглашение и создайте новое.
members-revoke = Отозвать
members-invitation-revoked = Приглашение отозвано.
members-second = Сбросить вход с кодом
