doctor-ok = ok
doctor-problem = PROBLEM
doctor-line = { $mark }  { $what }: { $text }
doctor-nothing = nothing is wrong
doctor-problems = { $count } { $count ->
        [one] problem
       *[other] problems
    }
doctor-talks-to = talks to:
doctor-configuration = configuration
doctor-configuration-read = read
doctor-data-dir = data directory
doctor-data-dir-none = { $why }; name another one by MMS_DATA_DIR
doctor-data-dir-closed = `{ $path }` cannot be written: { $why }; give it to the user that runs mms
doctor-data-dir-ok = `{ $path }` can be written
doctor-disk = disk
doctor-disk-unknown = free space is not known: { $why }
doctor-disk-free = { $mib } MiB free
doctor-disk-little = { $mib } MiB free: make room, a full disk stops every campaign
doctor-files = files
doctor-files-ok = nobody else may read them
doctor-files-open = other users of this machine may read { $files }: `chmod 600` them
doctor-key = sealing key
doctor-key-there = there
doctor-key-later = will be made by the first `mms up`
doctor-key-other = `{ $path }` is not the key this database was sealed with: put the right one there
doctor-key-none = there is none at `{ $path }`: `openssl rand -hex 32` makes one
doctor-key-lost = there is none at `{ $path }`, and this database was sealed with one: put it there
doctor-database = database
doctor-database-later = SQLite; will be made by the first start
doctor-database-away = { $why }; check DATABASE_URL
doctor-database-file = SQLite at `{ $path }`
doctor-migrations = migrations
doctor-migrations-ok = up to date
doctor-migrations-pending = { $count } to be applied at the next start
doctor-migrations-newer = the database was changed by a newer mms (migrations { $versions }): start that one
doctor-migrations-changed = migrations { $versions } were other ones when they were applied: this mms is not of the same line, install the one before it
doctor-pages = pages
doctor-pages-postgres = PostgreSQL looks after its own (`data_checksums`)
doctor-pages-damaged = the file is damaged ({ $why }): stop mms, restore a backup, look at the disk
doctor-pages-ok = whole
doctor-pages-closed = whole, but nothing can be written ({ $why }): give the file and its directory to the user that runs mms
doctor-managers = managers' bot
doctor-database-clock = clock against the database
doctor-rights = rights
doctor-rights-ok = may make temporary tables
doctor-rights-none = no right to make temporary tables, and campaigns are planned in one: `grant temporary on database … to …`
doctor-changes = changes
doctor-changes-ok = taken
doctor-changes-refused = the server takes no changes (a standby, or default_transaction_read_only): name the primary in DATABASE_URL
doctor-changes-no-tables = no right to make tables, and migrations make some: `grant create on schema { $schema } to …`
doctor-events = events
doctor-events-ok = everything that came was handled
doctor-events-failed = { $count } could not be handled, and an opt-out may be among them: in the managers' bot, Answers → Not read
doctor-accounts = accounts
doctor-accounts-none = none yet: make one by `mms admin create-account`
doctor-account = account { $name }
doctor-account-deleted = deleted on { $day }
doctor-account-no-owner = no owner can come in: `mms admin members`, `mms admin unlock`, `mms admin invite`
doctor-account-no-licence = no valid licence, so nothing is sent: `mms admin issue-licence`
doctor-account-later = the licence ({ $plan }) begins only on { $day }, so nothing is sent before: look at this machine's clock, or issue one that begins now by `mms admin issue-licence`
doctor-account-ok = the licence ({ $plan }) holds for { $days } more { $days ->
        [one] day
       *[other] days
    }
doctor-queue = queue
doctor-queue-memory = in memory: one process (`mms up`)
doctor-queue-ok = Redis takes bells
doctor-queue-away = Redis takes no bells: { $why }; check REDIS_URL and `maxmemory`
doctor-telegram = Telegram
doctor-telegram-none = no token: make a bot with @BotFather and set MMS_TELEGRAM_TOKEN
doctor-telegram-ok = @{ $username } answers
doctor-telegram-away = Telegram does not answer ({ $why }): check the network and `telegram.api`
doctor-messenger-ok = answers
doctor-messenger-ok-proxy = answers through the proxy { $proxy }
doctor-messenger-away = does not answer from this server ({ $why }): check the network and `{ $kind }.api`; if it is cut off here, set `{ $kind }.proxy`, an HTTP or SOCKS5 proxy
doctor-messenger-proxy-away = the proxy { $proxy } does not answer or does not let us in ({ $why }): check that it runs, and the name and the password in `{ $kind }.proxy`
doctor-messenger-away-proxy = the proxy { $proxy } answers, and the messenger’s server does not through it ({ $why }): check where the proxy may connect to, or set another one in `{ $kind }.proxy`
doctor-messenger-certificate =
    { $kind ->
        [max] its certificate is not trusted ({ $why }): the Russian national authorities signed it, and this system does not know them. Take them from gosuslugi.ru/crt, put them into one PEM file and name it by `max.ca_file` (MMS_MAX_CA_FILE)
       *[other] its certificate is not trusted: { $why }
    }
doctor-telegram-clock = clock against Telegram
doctor-telegram-no-date = it names no date
doctor-clock-unknown = not compared ({ $why })
doctor-clock-ok = off by { $seconds } s
doctor-clock-off = off by { $seconds } s: switch time synchronisation on (systemd-timesyncd)
doctor-port = port
doctor-port-free = { $address } is free
doctor-port-ours = mms answers at { $address }
doctor-port-taken = another program listens on { $address }: name another address by MMS_LISTEN
doctor-port-closed = { $address } cannot be listened on ({ $why }): name another address by MMS_LISTEN
doctor-public = public address
doctor-public-none = none: updates are asked for, and CRMs are connected by token
doctor-public-plain = { $address } has no https, so nobody sends webhooks there: put a certificate before it, and write https:// in MMS_PUBLIC_URL
doctor-host-telegram = { $host } (Telegram Bot API)
doctor-host-max = { $host } (MAX, once connected)
doctor-host-whatsapp = { $host } (WhatsApp, once connected)
doctor-host-viber = { $host } (Viber, once connected)
doctor-host-vk = { $host } (VK, once connected)
doctor-host-proxy = { $proxy } (the proxy for { $messenger })
doctor-host-amocrm = https://<your account>.amocrm.ru, .amocrm.com or .kommo.com (once connected)
doctor-host-instead = { $host } (in place of amoCRM)
doctor-host-database = { $host } (database)
doctor-host-queue = { $host } (queue)
doctor-host-hooks = listens on { $address } for { $public }
doctor-host-health = listens on { $address } (health)
