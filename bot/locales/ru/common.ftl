# Слова, общие для всех экранов.
back = ‹ Назад
to-menu = ☰ Меню
cancel = Отмена
open = Открыть

button-outdated = Эта кнопка устарела. Вот свежий экран.
gone = Этого уже нет: возможно, это удалили или начали заново.
forbidden = Ваша роль этого не позволяет.
failed = Не получилось: ошибка на сервере. Повторите через минуту.
slow-down = Слишком часто. Повторите через несколько секунд.
words-needed = Здесь нужны слова. Пришлите ответ текстом.
not-asked = Не понял, к чему это. Выберите, что сделать:
slip-token = Это похоже на токен или ключ доступа, а сейчас он не нужен. Бот удалил сообщение и никому его не отправил. Если его мог увидеть кто-то ещё, замените токен. Если это номер или код заказа, напишите его вместе со словами.
slip-password = Это пароль, а сейчас он не нужен. Бот удалил сообщение.

command-menu = Главное меню
command-login = Войти
command-logout = Выйти
command-cancel = Отменить ввод
command-language = Язык
command-help = Справка
command-unknown = Такой команды нет. Всё, что можно сделать, есть в меню.

when-today = сегодня { $time }
when-yesterday = вчера { $time }
when-tomorrow = завтра { $time }

role-owner = Владелец
role-manager = Менеджер
role-approver = Согласующий
role-viewer = Наблюдатель
role-owner-about = всё, включая участников, каналы и настройки
role-manager-about = контакты, шаблоны и кампании; согласовать не может
role-approver-about = согласует шаблоны и кампании коллег
role-viewer-about = видит всё, ничего не меняет

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
password-common = Слишком простой пароль: его легко подобрать. Возьмите три-четыре слова, не связанных между собой.

account-login-taken = Этот логин уже занят. Напишите другой.
account-login-bad = Логин — от 3 до 32 символов: латинские буквы, цифры и . _ - @
account-name-bad = Имя — от 1 до 100 символов.
account-password-wrong = Неверный пароль.
account-password-same = Это тот же пароль, что и сейчас. Нужен другой.
account-no-approvals = Ваш пароль недавно сменили по ссылке, которую создали не вы. Согласовывать вы сможете с { $until }.
account-wait = Слишком много попыток. Повторите после { $time }.
account-last-owner = Это единственный владелец: сначала назначьте владельцем кого-то ещё.
account-invitation-invalid = Приглашение не действует: его использовали, отозвали или оно истекло.
load-campaigns = У компании уже { $used } запущенных кампаний, одновременно можно { $allowed }. Дождитесь конца одной из них или остановите ненужную.
load-files = Файлы компании занимают { $used } из { $allowed } МБ. Отмените ненужные импорты: их файлы удаляются первыми, остальные — по срокам хранения. Больше места бывает на другом тарифе.
load-from-crm = CRM может передать до { $allowed } сообщений за час.
account-suspended = Доступ закрыт лицензиаром: { $reason }
account-limit-members = В тарифе «{ $plan }» — до { $allowed } { $allowed ->
    [one] участника
   *[other] участников
}.
account-limit-channels = В тарифе «{ $plan }» — до { $allowed } { $allowed ->
    [one] канала
   *[other] каналов
}.
account-limit-contacts = В тарифе «{ $plan }» — до { $allowed } { $allowed ->
    [one] контакта
   *[other] контактов
}.
account-limit-people = В тарифе «{ $plan }» кампании пишут за месяц не больше чем { $allowed } { $allowed ->
    [one] человеку
   *[other] людям
}.
account-limit-messages = В тарифе «{ $plan }» — до { $allowed } { $allowed ->
    [one] сообщения
   *[other] сообщений
} в месяц.

setting-zone-bad = Не знаю такого пояса. Напишите город (Новосибирск) или Asia/Novosibirsk.
setting-region-bad = Не знаю такой страны. Напишите название (Россия) или две латинские буквы (RU).
setting-grade-bad = Для рекламы нужно подтверждение согласия: уровень A, B или C.
setting-cap-bad = Напишите срок до 30 дней, например «сутки», «2 дня» или «36 часов». Без паузы — 0.
setting-session-bad = Сеанс длится от 1 до 365 дней.
setting-advertiser-bad = Название рекламодателя — от 1 до 200 символов.

money-free = бесплатно
money-nothing = 0
money-unset = цена не задана
money-and-unset = { $known } и ещё { $count } { $count ->
    [one] сообщение
    [few] сообщения
   *[other] сообщений
} без цены
money-between = в лучшем случае { $best }, в худшем { $worst }
price-every-country = все страны
price-other-countries = остальные страны
price-marketing = реклама
price-utility = сервисные
price-authentication = коды входа
price-service = ответы

day-nonsense = Это не дата. Напишите день с годом, например 28.11.2026, или «вчера», «сегодня».
day-ahead = { $day } ещё впереди: нужен день не позже сегодняшнего.
day-long-ago = { $day } — больше года назад. Проверьте год: нужен день не старше года.
day-too-early = До { $day } компаний в России ещё не было, подписать такую бумагу никто не мог. Проверьте год.
