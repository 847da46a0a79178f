sessions-title =
    <b>Ваши сеансы</b>
    С этих аккаунтов Telegram открыт ваш доступ.
sessions-title-member = <b>Сеансы участника</b>
sessions-none = У участника нет открытых сеансов.
sessions-line = • { $name } — был здесь { $seen }
sessions-line-here = • { $name } — этот сеанс
sessions-end-one = Завершить: { $name }
sessions-end-others = Завершить все, кроме этого
sessions-end-all = Завершить все
sessions-ended-one = Сеанс завершён.
sessions-ended = { $count ->
    [one] Завершён { $count } сеанс.
    [few] Завершены { $count } сеанса.
   *[other] Завершено { $count } сеансов.
}
sessions-logout = Выйти
sessions-ask-logout =
    <b>Выйти?</b>

    Кампании продолжат идти. Чтобы вернуться, понадобятся логин и пароль.
sessions-lost = Телефон потерян
sessions-ask-lost =
    <b>Телефон потерян?</b>

    Будут завершены все ваши сеансы, включая этот, вход закроется, а кампании, которые вы запустили, встанут на паузу. Открыть вход снова сможет только владелец.
sessions-lost-now = Закрыть доступ
