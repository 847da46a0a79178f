# Слова, общие для всех экранов.
back = ‹ Назад
to-menu = ☰ Меню
cancel = Отмена
open = Открыть

button-outdated = Эта кнопка устарела. Вот свежий экран.
gone = Этого больше нет: возможно, удалили на другом телефоне.
forbidden = Ваша роль этого не позволяет.
failed = Не получилось: ошибка на сервере. Попробуйте ещё раз через минуту.
slow-down = Слишком быстро. Подождите несколько секунд.
not-asked = Сейчас бот ни о чём не спрашивает. Выберите действие в меню.
slip-token = Это похоже на токен, а его сейчас никто не спрашивал. Сообщение удалено. Если его успел увидеть кто-то ещё, замените токен.
slip-password = Это пароль, а его сейчас никто не спрашивал. Сообщение удалено.

command-menu = Главное меню
command-login = Войти
command-logout = Выход
command-cancel = Прервать ввод
command-language = Язык
command-help = Справка
command-unknown = Такой команды нет. Всё, что можно сделать, есть в меню.

role-owner = Владелец
role-manager = Менеджер
role-approver = Согласующий
role-viewer = Наблюдатель
role-owner-about = всё, включая участников, каналы и настройки
role-manager-about = контакты, шаблоны и кампании; сам не согласует
role-approver-about = согласует чужие шаблоны и кампании
role-viewer-about = видит всё, ничего не меняет

plan-trial = Пробный
plan-start = Старт
plan-business = Бизнес
plan-unlimited = Без ограничений

password-short = Пароль слишком короткий: нужно не меньше { $min } { $min ->
    [one] символа
   *[other] символов
}.
password-long = Пароль слишком длинный: не больше { $max } { $max ->
    [one] символа
   *[other] символов
}.
password-holds-login = В пароле не должно быть логина.
password-holds-company = В пароле не должно быть названия компании.
password-common = Такой пароль угадают одним из первых. Возьмите три-четыре слова, никак не связанных между собой: их легко запомнить и трудно угадать.

account-login-taken = Этот логин уже занят. Напишите другой.
account-login-bad = Логин — от 3 до 32 знаков: латинские буквы, цифры и знаки . _ - @
account-name-bad = Имя — от 1 до 100 знаков.
account-password-wrong = Пароль неверный.
account-password-same = Это тот же пароль, что и сейчас. Нужен другой.
account-no-approvals = Ваш пароль недавно заменили по ссылке, созданной не вами, поэтому согласовывать можно только с { $until }.
account-wait = Слишком много попыток. Попробуйте после { $time }.
account-last-owner = Это единственный владелец: сначала назначьте владельцем кого-то ещё.
account-invitation-invalid = Приглашение не действует: использовано, отозвано или истекло.
account-limit-members = Тариф «{ $plan }» допускает не больше { $allowed } { $allowed ->
    [one] участника
   *[other] участников
}.
account-limit-channels = Тариф «{ $plan }» допускает не больше { $allowed } { $allowed ->
    [one] канала
   *[other] каналов
}.
account-limit-contacts = Тариф «{ $plan }» допускает не больше { $allowed } { $allowed ->
    [one] контакта
   *[other] контактов
}.
account-limit-messages = Тариф «{ $plan }» допускает не больше { $allowed } { $allowed ->
    [one] сообщения
   *[other] сообщений
} в месяц.

setting-zone-bad = Такого часового пояса нет. Пример: Europe/Moscow
setting-region-bad = Такой страны нет. Нужны две латинские буквы, например RU.
setting-grade-bad = Для рекламы нужно подтверждённое согласие: уровень A, B или C.
setting-cap-bad = Пауза между рекламными сообщениями — от 0 до 720 часов.
setting-session-bad = Сеанс длится от 1 до 365 дней.
setting-advertiser-bad = Название рекламодателя — не длиннее 200 знаков.
