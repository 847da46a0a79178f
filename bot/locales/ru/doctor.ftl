doctor-ok = хорошо
doctor-problem = ПРОБЛЕМА
doctor-line = { $mark }  { $what }: { $text }
doctor-nothing = всё в порядке
doctor-problems = { $count } { $count ->
        [one] проблема
        [few] проблемы
       *[other] проблем
    }
doctor-talks-to = с кем будет связь:
doctor-configuration = настройки
doctor-configuration-read = прочитаны
doctor-data-dir = каталог данных
doctor-data-dir-none = { $why }; задайте другой в MMS_DATA_DIR
doctor-data-dir-closed = в `{ $path }` нельзя писать: { $why }; отдайте его пользователю, от имени которого работает mms
doctor-data-dir-ok = в `{ $path }` можно писать
doctor-disk = диск
doctor-disk-unknown = неизвестно, сколько свободно: { $why }
doctor-disk-free = свободно { $mib } МиБ
doctor-disk-little = свободно { $mib } МиБ: освободите место, на полном диске стоят все кампании
doctor-files = файлы
doctor-files-ok = больше никому не видны
doctor-files-open = другие пользователи этой машины могут прочитать { $files }: закройте их, `chmod 600`
doctor-key = ключ шифрования
doctor-key-there = на месте
doctor-key-later = его создаст первый `mms up`
doctor-key-other = ключ в `{ $path }` не от этой базы: положите туда верный
doctor-key-none = в `{ $path }` ключа нет: его создаёт `openssl rand -hex 32`
doctor-key-lost = в `{ $path }` ключа нет, а база зашифрована им: положите его туда
doctor-database = база данных
doctor-database-later = SQLite; её создаст первый запуск
doctor-database-away = { $why }; проверьте DATABASE_URL
doctor-database-file = SQLite в `{ $path }`
doctor-migrations = миграции
doctor-migrations-ok = все применены
doctor-migrations-pending = при следующем запуске применятся: { $count }
doctor-migrations-newer = базу изменил более новый mms (миграции { $versions }): запускайте его
doctor-migrations-changed = миграции { $versions } применялись в другом виде: этот mms из другой линии, поставьте прежний
doctor-pages = страницы
doctor-pages-postgres = за своими PostgreSQL следит сам (`data_checksums`)
doctor-pages-damaged = файл повреждён ({ $why }): остановите mms, верните резервную копию, проверьте диск
doctor-pages-ok = целы
doctor-pages-closed = целы, но записать ничего нельзя ({ $why }): отдайте файл и его каталог пользователю, от имени которого работает mms
doctor-managers = бот для менеджеров
doctor-database-clock = часы и база данных
doctor-rights = права
doctor-rights-ok = временные таблицы разрешены
doctor-rights-none = нельзя создавать временные таблицы, а без них кампанию не спланировать: `grant temporary on database … to …`
doctor-changes = изменения
doctor-changes-ok = принимаются
doctor-changes-refused = сервер не принимает изменений (это резервный, или задан default_transaction_read_only): укажите в DATABASE_URL основной
doctor-changes-no-tables = нельзя создавать таблицы, а миграции их создают: `grant create on schema { $schema } to …`
doctor-events = события
doctor-events-ok = всё, что пришло, разобрано
doctor-events-failed = не разобрано: { $count }, и среди этого может быть отказ: в боте для менеджеров, «Сообщения» → «Не прочитано»
doctor-accounts = компании
doctor-accounts-none = ещё нет ни одной: создайте её командой `mms admin create-account`
doctor-account = компания { $name }
doctor-account-deleted = удалена { $day }
doctor-account-no-owner = ни один владелец не может войти: `mms admin members`, `mms admin unlock`, `mms admin invite`
doctor-account-no-licence = нет действующей лицензии, ничего не отправляется: `mms admin issue-licence`
doctor-account-later = лицензия ({ $plan }) начинается только { $day }, до этого ничего не отправляется: проверьте часы этой машины или выдайте лицензию с сегодняшнего дня, `mms admin issue-licence`
doctor-account-ok = лицензия ({ $plan }) действует ещё { $days } { $days ->
        [one] день
        [few] дня
       *[other] дней
    }
doctor-queue = очередь
doctor-queue-memory = в памяти: один процесс (`mms up`)
doctor-queue-ok = Redis принимает сигналы
doctor-queue-away = Redis не принимает сигналов: { $why }; проверьте REDIS_URL и `maxmemory`
doctor-mail = Почта
doctor-mail-none = почтового сервера нет: тревоги приходят только в чат (mail.server)
doctor-mail-ok = { $server } пускает
doctor-mail-away = почтовый сервер не пускает: { $why }. Проверьте адрес, логин и пароль (mail.server)
doctor-telegram = Telegram
doctor-telegram-none = нет токена: создайте бота у @BotFather и задайте MMS_TELEGRAM_TOKEN
doctor-telegram-ok = @{ $username } отвечает
doctor-telegram-away = Telegram не отвечает ({ $why }): проверьте сеть и `telegram.api`
doctor-messenger-ok = отвечает
doctor-messenger-ok-proxy = отвечает через прокси { $proxy }
doctor-messenger-away = не отвечает с этого сервера ({ $why }): проверьте сеть и `{ $kind }.api`; если он здесь закрыт, задайте `{ $kind }.proxy`, прокси HTTP или SOCKS5
doctor-messenger-proxy-away = прокси { $proxy } не отвечает или не пускает ({ $why }): проверьте, работает ли он, имя и пароль в `{ $kind }.proxy`
doctor-messenger-away-proxy = прокси { $proxy } отвечает, а сервер мессенджера через него — нет ({ $why }): проверьте, что прокси выпускает наружу, или задайте в `{ $kind }.proxy` другой
doctor-messenger-certificate =
    { $kind ->
        [max] сертификат не признан ({ $why }): его подписали российские национальные центры, которых система не знает. Скачайте их с gosuslugi.ru/crt, соберите в один PEM-файл и назовите его в `max.ca_file` (MMS_MAX_CA_FILE)
       *[other] сертификат не признан: { $why }
    }
doctor-telegram-clock = часы и Telegram
doctor-telegram-no-date = времени в ответе нет
doctor-clock-unknown = не сверены ({ $why })
doctor-clock-ok = разница { $seconds } с
doctor-clock-off = разница { $seconds } с: включите синхронизацию времени (systemd-timesyncd)
doctor-port = порт
doctor-port-free = { $address } свободен
doctor-port-ours = по адресу { $address } отвечает mms
doctor-port-taken = { $address } занят другой программой: задайте другой адрес в MMS_LISTEN
doctor-port-closed = { $address } не занять ({ $why }): задайте другой адрес в MMS_LISTEN
doctor-public = внешний адрес
doctor-public-none = не задан: обновления mms запрашивает сам, CRM подключаются по токену
doctor-public-plain = у { $address } нет https, и веб-хуки туда никто не пришлёт: поставьте перед ним сертификат и напишите в MMS_PUBLIC_URL адрес с https://
doctor-host-telegram = { $host } (Telegram Bot API)
doctor-host-max = { $host } (MAX, когда подключите)
doctor-host-whatsapp = { $host } (WhatsApp, когда подключите)
doctor-host-viber = { $host } (Viber, когда подключите)
doctor-host-vk = { $host } (VK, когда подключите)
doctor-host-mail = { $host } (почта)
doctor-host-wazzup = { $host } (Wazzup, когда подключите)
doctor-host-proxy = { $proxy } (прокси для { $messenger })
doctor-host-amocrm = https://<ваш аккаунт>.amocrm.ru, .amocrm.com или .kommo.com (когда подключите)
doctor-host-retailcrm = https://<ваш аккаунт>.retailcrm.ru, .retailcrm.pro или .simla.com (когда подключите)
doctor-host-odoo = https://<ваш аккаунт>.odoo.com или ваш сервер (когда подключите)
doctor-host-yclients = https://api.yclients.com, https://api.alteg.io (когда подключите)
doctor-host-bitrix24 = https://<ваш портал>.bitrix24.ru (или .com, .by, .kz и другие, когда подключите), https://oauth.bitrix.info
doctor-host-tryton = https:// вашего сервера (когда подключите Tryton)
doctor-host-spreadsheet = https:// адреса вашей таблицы (когда её подключите)
doctor-host-instead = { $host } (вместо { $crm })
doctor-host-database = { $host } (база данных)
doctor-host-queue = { $host } (очередь)
doctor-host-hooks = слушает { $address } для { $public }
doctor-host-health = слушает { $address } (состояние)
