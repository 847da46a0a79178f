admin-no-accounts = ещё нет ни одной компании: создайте её командой `mms admin create-account --name … --login … --owner …`
admin-account-line = { $id }  { $name }  ({ $members }; { $licence })
admin-account-deleted = { $id }  { $name }  (удалена { $day }; доказательства и отказы сохранены)
admin-members = { $count } { $count ->
        [one] участник
        [few] участника
       *[other] участников
    }
admin-sessions = { $count } { $count ->
        [one] сеанс
        [few] сеанса
       *[other] сеансов
    }
admin-campaigns = { $count } { $count ->
        [one] кампания
        [few] кампании
       *[other] кампаний
    }
admin-accounts = { $count } { $count ->
        [one] компания
        [few] компании
       *[other] компаний
    }
admin-licence = { $plan } по { $day } включительно (UTC)
admin-no-licence = нет действующей лицензии, ничего не отправляется
admin-created = компания { $id } создана; теперь выдайте ей лицензию: mms admin issue-licence --account { $id } --plan trial --until …
admin-name-taken = компания с таким названием уже есть ({ $id }): назовите новую иначе
admin-renamed = компания { $id } теперь называется `{ $name }`
admin-no-account = нет компании `{ $wanted }`; список — `mms admin accounts`
admin-several-accounts = компаний с названием `{ $wanted }` несколько: укажите номер (`mms admin accounts`)
admin-account-gone = компания `{ $name }` удалена { $day }: показать и проверить можно только её журнал и согласия
admin-no-member = в компании нет участника с логином `{ $login }`; список — `mms admin members`
admin-day = напишите дату как 2027-12-31 или 31.12.2027
admin-maintenance-time = напишите время как 2026-12-01 02:00 или 01.12.2026 02:00
admin-maintenance-no-such = таких работ впереди нет: список покажет `mms admin maintenance`
admin-maintenance-lifted = работы, назначенные на { $from } UTC, отменены
admin-maintenance-backwards = конец должен быть позже начала и не в прошлом
admin-maintenance-long = работы длятся не дольше { $hours } часов подряд
admin-maintenance-overlaps = на это время уже назначены работы { $id }: { $from } — { $until } UTC
admin-maintenance-planned = { $id }  { $from } — { $until } UTC. Узнают компаний: { $told }
admin-maintenance-collides =   старт придётся на работы: «{ $campaign }» ({ $account }), { $at } UTC — начнётся после них
admin-maintenance-none = работ не назначено
admin-maintenance-line = { $id }  { $from } — { $until } UTC  { $reason }
admin-retention-line = { $table } ({ $column }): хранится дней: { $days }, пора забыть: { $due }
admin-retention-for-ever = { $table } ({ $column }): хранится всегда
admin-retention-done = { $table }: забыто { $done }, осталось { $left }
admin-retention-due = Всего пора забыть: { $due }. Забыть сейчас: `mms admin retention --apply`
admin-day-too-far = слишком далёкая дата
admin-day-over = { $day } уже прошло: назовите будущий день
admin-minute = { $at } UTC
admin-member-line = { $login }  { $name }  ({ $role }; { $state })
admin-member-disabled = доступ закрыт с { $at }
admin-member-locked = вход закрыт с { $at } ({ $why }): `mms admin unlock --account { $account } --login { $login }`
admin-lock-wrong-passwords = неверные пароли
admin-lock-lost-phone = потерян телефон
admin-lock-owner = владелец
admin-session-line = { $login }  { $name }  Telegram { $user } ({ $phone }), с { $since }, последний раз { $used }
admin-nobody-signed-in = никто не вошёл
admin-ended = завершено: { $count } { $count ->
        [one] сеанс
        [few] сеанса
       *[other] сеансов
    }
admin-second-none = у { $login } нет входа с кодом
admin-second-reset = вход с кодом сброшен: { $login } войдёт по паролю
admin-unlocked = `{ $login }` может войти снова
admin-no-licences = лицензий ещё не выдавали: `mms admin issue-licence --account { $account } --plan trial --until …`
admin-licence-line = { $id }  { $plan }  с { $from } по { $until } включительно (UTC)  ({ $state })
admin-licence-back = отозвана { $day }
admin-licence-valid = действует
admin-licence-later = ещё не началась
admin-licence-over = закончилась
admin-licence-issued = лицензия { $id }: { $plan } по { $day } включительно (UTC)
admin-no-plan = тарифа `{ $plan }` нет; есть { $plans }
admin-no-invoice = счёта { $id } нет; заказы показывает `mms admin payments --account …`
admin-payment-before = эта оплата уже записана раньше, ничего не изменилось
admin-payment-kept = заказ { $id }: оплата записана, лицензия по ней не выдана: { $why }. Что вернуть, показывает `mms admin payments`
admin-stray-twice = заказ уже был оплачен
admin-stray-other-sum = заказ стоит не столько
admin-stray-nobody = компания удалена
admin-stray-closed = доступ компании закрыт
admin-stray-no-order = такого заказа нет
admin-aside-none = возвращать нечего: по всем оплатам выданы лицензии или деньги возвращены
admin-aside-line = оплата { $payment }  { $at }  заказ { $id }  { $price }  ЛИЦЕНЗИИ НЕТ: { $why }
admin-aside-next = Верните деньги и отметьте это: `mms admin payment return --payment … --document …`. Если доступ компании снова открыт, оплату можно засчитать: `mms admin payment confirm --invoice … --document …` с тем же платежом.
admin-aside-returned = оплата { $payment }: { $price } возвращены, записано
admin-aside-unknown = оплаты `{ $payment }` среди тех, что надо вернуть, нет; их показывает `mms admin payments`
admin-aside-document = напишите, каким документом возвращены деньги
admin-payment-paid = заказ { $id } оплачен: лицензия { $plan } с { $from } до { $until }
admin-payment-act = акт записан в { $path }
admin-payments-none = заказов ещё не было
admin-order-line = заказ { $id }  { $at }  { $plan }, { $months } мес.  { $price }  { $way }  { $state }
admin-payment-line = оплата { $payment }  { $at }  заказ { $id }  { $price }  лицензия { $licence }
admin-payment-strange = оплата { $payment }  { $at }  заказ { $id }  { $price }  ЛИЦЕНЗИИ ПО НЕЙ НЕТ: заказ уже был оплачен или стоит не столько
admin-file-not-written = файл `{ $path }` не записан
admin-key-file-away = файл ключа `{ $path }` не читается
admin-key-file-bad = в файле `{ $path }` не ключ: в нём 64 шестнадцатеричные цифры; новый делает `mms admin licence-key new`
admin-key-made = ключ записан в { $path }, храните его у себя; открытый ключ для billing.licence_keys: { $public }
admin-licence-revoked = лицензия отозвана; без другой больше ничего не отправится
admin-no-such-licence = в компании нет такой лицензии, или она уже отозвана; список — `mms admin licences`
admin-invited =
    отправьте это новому участнику: ссылка откроет бота для менеджеров, один раз и в течение { $hours } ч:
    { $link }
admin-reset =
    отправьте это участнику: в боте для менеджеров ссылка, один раз и в течение { $hours } ч, спросит новый пароль:
    { $link }
admin-password = пароль для { $login } (на экране его не видно):{ " " }
admin-password-again = ещё раз:{ " " }
admin-passwords-differ = пароли не совпали
admin-no-hiding = терминал не умеет скрывать набранное; передайте пароль через стандартный ввод
admin-no-password = пароль не прочитать из стандартного ввода
admin-key-needed = каждое изменение пишется в журнал, а его скрепляет ключ шифрования
admin-backed-up = копия записана в `{ $file }`; ключ шифрования (sealing.key в каталоге данных) храните вместе с ней, но отдельно
admin-key-forgotten = ключ забыт; зашифрованное им придётся ввести заново: { $channels } { $channels ->
        [one] канал
        [few] канала
       *[other] каналов
    } (токен), { $connections } { $connections ->
        [one] подключение CRM
        [few] подключения CRM
       *[other] подключений CRM
    } (вход). Новый ключ создаст следующий запуск. Без прежнего ключа журнал до этого дня не проверить: `mms admin audit verify` и `mms admin consent verify` теперь скажут, что цепочка прерывалась, и проверят то, что после
admin-books-wrong = { $account }: в кампании { $campaign } не сходится: аудитория { $audience } = в плане { $planned } + пропущено { $out }; строк в плане: { $rows }
admin-books-line = { "    " }{ $whose }, шаг { $step }, { $state } ({ $reason }): строк { $rows }, а по счётчику { $counter }
admin-books-planned = в плане
admin-books-left-out = пропущено
admin-books-looked = { $account }: проверено, { $campaigns }
admin-books-usage = { $account }: { $what }: строк { $rows }, а по счётчику { $counter }
admin-books-contacts = контакты
admin-books-people = получатели кампаний за { $month }
admin-books-messages = сообщения за { $month }
admin-books-balance = всё сходится
admin-books-limits = счётчики тарифов не сходятся со строками: { $count }
admin-books-broken = не сходится: { $campaigns }
admin-chain-whole = { $account }: { $entries } { $entries ->
        [one] запись
        [few] записи
       *[other] записей
    }, все на месте и не изменены; контрольная сумма { $head }
admin-chain-found = { $account }: { $entries } { $entries ->
        [one] запись
        [few] записи
       *[other] записей
    }, все на месте и не изменены; контрольная сумма { $head } (цепочка идёт с { $since }; первые { $before } — такие, какими были тогда)
admin-chain-differs = { $account }: сама цепочка цела, но в `{ $file }` записано другое: { $noted } (база из старой копии?)
admin-chain-broken = { $account }: { $why }
admin-trail-broken = журнал нарушен: { $accounts }
admin-consents-broken = цепочка согласий нарушена: { $accounts }
admin-heads-unknown = не записано, что контрольные суммы восстановленного журнала неизвестны
admin-heads-not-noted = контрольные суммы восстановленного журнала не записаны
admin-trail-line = { $seq }  { $at }  { $who }: { $what }
admin-trail-line-of = { $seq }  { $at }  { $who }: { $what } — { $object }
admin-trail-none = в журнале нет подходящих записей
admin-trail-who = в компании нет участника с логином или номером `{ $who }`; `admin` — эта командная строка, `system` — сама программа; остальных перечислит `mms admin members`
admin-no-file = нет файла `{ $file }`
admin-former-kept = прежняя база сохранена как `{ $file }`
admin-carried = из прежней базы перенесено: сказали «стоп» после копии — { $people }, адресов, куда не пишем, — { $addresses }, отозванных согласий — { $consents }, удалённых людей — { $deleted }, ещё не разобранных событий — { $events }
admin-carried-members = перенесено и это: закрытых с тех пор сеансов — { $sessions }, сотрудников, у которых сменились права или пароль, — { $members }
admin-carried-licences = отозванных с тех пор лицензий: { $count }
admin-carried-company = компания { $company } после копии была удалена и удалена снова. Чтобы вернуть её, восстановите копию ещё раз, убрав прежнюю базу из папки
admin-put-key = до запуска положите ключ шифрования этой установки в `{ $file }`
admin-restored = восстановлено. { $held }
admin-advertising-held = кто сказал «стоп» после копии, неизвестно, поэтому реклама не идёт, пока владелец не разрешит её в чате («Настройки»); сначала читаются все подключённые CRM
admin-not-copied = файл `{ $file }` не скопировать
admin-not-restored = `{ $file }` не восстановлен
admin-damaged = повреждено: { $why }
admin-former-knows-less = прежняя база знает не всё, что было после этой копии: она другая или сама восстановлена без того, что говорили люди
admin-former-unreadable = прежняя база не читается ({ $why })
admin-held-none = Идущих и запланированных кампаний не было.
admin-held = Что отправлено после копии, она не знает, поэтому всё идущее и запланированное остановлено ({ $campaigns }): посмотрите каждую, прежде чем продолжить.
admin-delete-what =
    компания { $id } `{ $name }`. Удаление навсегда уберёт:
    { $goes }
    и сохранит то, что доказывает или запрещает:
    { $stays }
admin-delete-goes-contacts = { "  " }контакты со всем, что о них известно и сказано: { $contacts } (переписок: { $conversations })
admin-delete-goes-members = { "  " }логины и пароли: { $members }; сеансы: { $sessions }. Имена остаются рядом с тем, что люди сделали; логины освободятся
admin-delete-goes-channels = { "  " }токены каналов: { $channels }; входы в CRM: { $connections }. Больше ничего не придёт и не уйдёт; сами боты останутся у вас в @BotFather
admin-delete-goes-campaigns = { "  " }идущие и запланированные кампании, они будут остановлены: { $count }
admin-delete-goes-files = { "  " }файлы импортов и отчёты: { $count }
admin-delete-goes-licences = { "  " }лицензии, приглашения, ссылки для паролей, быстрые ответы, уведомления, диалоги
admin-delete-stays-stops = { "  " }адреса, откуда сказали «стоп»: { $count }
admin-delete-stays-consents = { "  " }записи о согласиях: { $count }
admin-delete-stays-deliveries = { "  " }сообщения кампаний, без имён: { $deliveries } (кампаний с текстами и с тем, кто согласовал: { $campaigns })
admin-delete-stays-trail = { "  " }записи журнала: { $count }
admin-delete-how = Пока ничего не удалено. Если данные могут понадобиться, сначала сделайте копию; потом: mms admin delete-account --account { $id } --confirm { $name }
admin-delete-wrong-name = компания называется `{ $name }`, а в --confirm — `{ $said }`: ничего не удалено
admin-delete-running = удаление: контактов убрано { $count }
admin-deleted = компания `{ $name }` удалена: контактов убрано { $contacts }, файлов { $files }. `mms admin audit show` и `mms admin consent verify` по-прежнему работают с её номером. Копии базы и выгруженные файлы удаляете вы сами
admin-import-refused-exists = файл `{ $file }` уже есть: назовите другой в --refused
admin-import-unreadable = файл `{ $file }` не читается
admin-import-gone = импорта больше нет
admin-import-held = импорт остановлен, потому что не двигался ({ $why }): ничего не потеряно; когда причина исчезнет, продолжите его с карточки
admin-import-failed = импорт не удался: { $why }
admin-import-cancelled = участник отменил импорт; что загрузилось, остаётся
admin-import-file-gone = файла с отклонёнными строками больше нет
admin-import-unwritable = файл `{ $file }` не записать
admin-import-left-out = что не вошло и почему: `{ $file }`
admin-import-no-sheet = видимого листа `{ $sheet }` нет; есть: { $sheets }
admin-import-note = замечание: { $note }
admin-import-column = { $title }: { $to }
admin-import-column-number = столбец { $number }
admin-import-to-skip = пропускается
admin-import-to-phone = телефон
admin-import-to-email = e-mail
admin-import-to-name = ФИО
admin-import-to-first-name = имя
admin-import-to-last-name = фамилия
admin-import-to-patronymic = отчество
admin-import-to-tags = теги
admin-import-to-field = поле `{ $key }`
admin-import-would-be = было бы: { $numbers }
admin-import-foreseen = ожидается: { $numbers }
admin-import-done = готово: { $numbers }
admin-import-numbers = строк { $rows }: новых { $new }, обновлённых { $updated }, объединённых { $joined }, отклонённых { $refused }, без части данных { $partly }; согласий { $consents }
admin-import-refused-line = { "    " }отклонено, { $reason }: { $count }
admin-import-left-out-line = { "    " }пропущено, { $reason }: { $count }
admin-import-no-owner = в компании нет владельца: назовите участника в --member
admin-import-member-gone = участника больше нет
admin-agreement-no-folder = папка с текстами не задана: настройка `agreement.folder`
admin-agreement-published = опубликовано: { $document } { $version } ({ $language })
admin-agreement-told = узнают компаний: { $count }
admin-agreement-nothing = нового нет
admin-agreement-bad = не всё принято: { $what }
admin-agreement-line = { $document } { $version } действует с { $from } ({ $languages }), опубликовано { $at } UTC
admin-agreement-none = ни одного текста не опубликовано
admin-agreement-owes =   не принято: { $account } — { $documents }
admin-agreement-written = записано: { $path }
admin-agreement-exists = `{ $path }` уже есть: образец ничего не заменяет
admin-access-words = нужны причина и документ
admin-access-past = конец должен быть в будущем
admin-access-already = доступ уже закрыт с { $since } UTC: { $reason }
admin-access-open = доступ не закрыт
admin-access-suspended = закрыто: { $scope }; поставлено на паузу рассылок: { $campaigns }
admin-access-lifted = доступ открыт
admin-access-file = не читается `{ $path }`: { $why }
admin-feature-unknown = функции `{ $name }` нет: список покажет `mms admin feature --account …`
admin-feature-same = функция `{ $name }` и так в этом состоянии
admin-feature-off = отключено: { $name }; поставлено на паузу рассылок: { $campaigns }
admin-feature-on = включено: { $name }
admin-feature-line-on = { $name }  включено
admin-feature-line-off = { $name }  отключено с { $since } UTC: { $reason }
admin-support-none = незакрытых обращений нет
admin-support-line = { $account }  № { $number }  { $state }  { $due }  { $words }
admin-support-due = ответить до { $at } UTC
admin-support-overdue = просрочено, срок был { $at } UTC
admin-support-absent = такого обращения нет, или оно закрыто
admin-support-length = от 1 до { $max } знаков
admin-support-licensor = поддержка
admin-support-message =
    { $at } UTC, { $who }:
    { $body }
admin-support-answered = ответ на обращение № { $number } отправлен
admin-support-closed = обращение № { $number } закрыто
admin-claims-none = претензий нет
admin-claims-line = № { $number }  { $direction }  { $state }  срок { $due } UTC  { $subject }
admin-claims-absent = открытой претензии к лицензиару с таким номером нет
admin-claims-answered = ответ на претензию № { $number } отправлен
admin-signing-key = { $key }
admin-checkpoint-changed = { $file }, строка { $line }: изменена или подписана другим ключом
admin-checkpoint-not-next = { $file }, строка { $line }: перед ней была другая строка — её удалили, вставили или переставили
admin-checkpoint-unsigned = { $file }, строка { $line }: без подписи, чужая
admin-checkpoint-restored = { $file }, строка { $line }: отмечено восстановление без ключа, подписать его было нечем; если его не было, строка чужая
admin-checkpoint-broken = файл с контрольными точками не такой, каким его писали
admin-verify-unreadable = файл `{ $file }` не читается
admin-verify-about = { $file }: { $company }, { $about }; составлено { $made }, запросил { $by }, часть { $part }
admin-verify-line = { $file }: ❌ { $what }
admin-verify-whole = { $file }: ✅ файлов { $count }, все целы и подписаны
admin-verify-key-known = подпись сделана ключом, который вы назвали: { $key }
admin-verify-key-unknown = подпись сделана ключом { $key }: сверьте его с тем, что назвала компания, параметром --key — подделавший архив подписал бы его своим
admin-verify-no-archive = это не архив, или его оглавление повреждено: { $why }
admin-verify-no-manifest = нет списка файлов manifest.json, или он не читается
admin-verify-new-format = список файлов новой версии ({ $format }): обновите mms
admin-verify-no-signature = нет подписи manifest.sig
admin-verify-bad-signature = подпись не от этого списка файлов: изменён список, подпись или ключ
admin-verify-other-key = подписано другим ключом: { $key }
admin-verify-no-key = ключ в --key не похож на ключ: 44 знака base64
admin-verify-changed = файл изменён: { $name }
admin-verify-damaged = файл повреждён: { $name }
admin-verify-missing = файла нет: { $name }
admin-verify-renamed = файл переименован: { $from } → { $to }
admin-verify-added = лишний файл: { $name }
admin-verify-twice = имя встречается дважды: { $name }
admin-verify-wrapping = сами файлы целы, но архив не тот, что был: первый изменённый байт { $at }
admin-verify-wrapping-near = сами файлы целы, но архив не тот, что был: первый изменённый байт { $at } у файла { $near }
admin-verify-cut = архив оборван: в нём только { $at } байт
admin-verify-cut-near = архив оборван: в нём только { $at } байт, он кончается в файле { $near } или сразу после него
admin-verify-order = сами файлы целы, но переставлены: на месте { $place } стоит { $found }, а был { $expected }
admin-verify-parts = это не все части одного досье: назовите все его файлы
admin-verify-broken = досье не такое, каким его сделали
