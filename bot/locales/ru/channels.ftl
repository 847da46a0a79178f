channels-menu = Каналы
channels-title = <b>Каналы</b> — { $count }
channels-none =
    <b>Каналов пока нет</b>

    Канал — это бот вашей компании, который пишет клиентам. Создайте его у @BotFather и подключите здесь.
channels-add = Подключить бота
channels-card =
    <b>{ $name }</b>
    @{ $username } · Telegram

    { $state }
    { $speed }
    Подключён { $since }
channels-state-active = 🟢 Работает
channels-state-held = 🟡 Telegram просит подождать до { $until }, потом отправка продолжится сама
channels-state-paused = ⏸ На паузе: ничего не отправляется, отписки принимаются
channels-state-misconfigured = ⚠️ Остановлен: Telegram не принимает токен бота ({ $reason }). Проверьте токен и нажмите «Продолжить».
channels-state-managers = ⚠️ Остановлен: это бот для сотрудников, клиентам он не отвечает. Удалите канал и подключите другого бота.
channels-state-removed = Удалён
channels-speed-free = Скорость: максимальная для Telegram, до 30 сообщений в секунду
channels-speed-own = Скорость: до { $rate } в секунду
channels-open = Открыть бота
channels-pause = Пауза
channels-paused = Канал на паузе.
channels-resume = Продолжить
channels-resumed = Канал снова работает.
channels-speed = Скорость
channels-token = Новый токен
channels-token-replaced = Новый токен принят, прежний больше не нужен.
channels-remove = Удалить
channels-removed = Канал удалён.
channels-configured = Сохранено.
channels-ask-token =
    <b>Пришлите токен бота</b>

    1. Откройте @BotFather и отправьте /newbot.
    2. Придумайте имя — его увидят клиенты.
    3. Скопируйте сюда токен: он похож на <code>7000000001:AAE…</code>

    Бот сразу удалит сообщение с токеном, токен хранится зашифрованным.
channels-ask-new-token =
    <b>Новый токен для @{ $username }</b>

    Возьмите его у @BotFather: /mybots → бот → API Token. Старый перестанет действовать, адреса клиентов останутся.
channels-again =
    { $sentence }

    Пришлите токен ещё раз.
channels-not-a-token = Это не похоже на токен: в нём цифры, двоеточие и длинный набор латинских букв.
channels-token-refused = Telegram не знает такого токена. Скопируйте его целиком.
channels-no-answer = Telegram сейчас не отвечает.
channels-taken = Этот бот уже подключён.
channels-managers-bot = Это бот для сотрудников, через которого вы сейчас работаете. Для клиентов нужен другой: создайте его в @BotFather и пришлите его токен.
channels-other-bot = Этот токен — от другого бота. Чтобы добавить его, подключите как новый канал.
channels-bad-rate = Такую скорость поставить нельзя.
channels-added =
    ✅ <b>{ $name }</b> подключён.

    Писать можно тем, кто сам запустил @{ $username }. Поставьте ссылку на бота на сайт, в профиль и в переписку.
channels-to-card = Карточка канала
channels-speeds =
    <b>Скорость отправки</b>

    Бесплатно Telegram пропускает до 30 сообщений в секунду. Платная рассылка быстрее: до 1 000 в секунду, 0,1 звезды за каждое сообщение сверх 30. Для неё нужно 10 000 звёзд на балансе бота.
channels-speed-limit = Максимальная
channels-per-second = { $rate } в секунду
channels-paid-on = Включить платную рассылку
channels-paid-off = Выключить платную рассылку
channels-ask-remove =
    <b>Удалить канал?</b> { $name }

    Отправка прекратится, токен удалим, отписаться через этого бота будет нельзя. История и адреса останутся: подключите того же бота снова — и всё продолжится.
channels-remove-now = Да, удалить
