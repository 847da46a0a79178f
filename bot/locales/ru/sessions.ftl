sessions-title =
    <b>Ваши сеансы</b>
    Вы вошли с этих аккаунтов Telegram.
sessions-title-member = <b>Сеансы участника</b>
sessions-none = У участника нет открытых сеансов.
sessions-line = • { $name } — заходили { $seen }
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

    Завершим все ваши сеансы, и этот тоже, закроем вход и поставим на паузу кампании, которые вы запустили. Открыть вход сможет только владелец.
sessions-lost-now = Закрыть доступ
sessions-disowned-mine = Тот сеанс завершён. Войти оттуда со старым паролем больше нельзя.
sessions-disowned =
    <b>{ $name }: это был кто-то другой</b>

    { $ended ->
        [0] Тот сеанс уже был завершён.
        [one] Сеанс завершён.
       *[other] Сеансы завершены.
    } Со старым паролем теперь можно войти только с телефона, с которого участник уже входил, и там бот сразу попросит новый. Если такого телефона нет, создайте ссылку.
sessions-mailbox = 📧 Почта для тревог
sessions-second = 🔐 Вход с кодом
