contacts-menu = Контакты
contacts-title =
    <b>Контакты</b> — { $count }

    Напишите имя, телефон или последние цифры телефона — найду.
    Пришлите файл Excel, CSV или vCard — начну импорт.
contacts-none =
    <b>Контактов пока нет</b>

    Пришлите сюда файл Excel, CSV или vCard — начну импорт. Можно добавить людей и по одному или подключить CRM: «Настройки» → «CRM».
contacts-export = Выгрузить в Excel
contacts-exported = { $count ->
    [one] { $count } контакт. Выгрузка записана в журнал действий.
    [few] { $count } контакта. Выгрузка записана в журнал действий.
   *[many] { $count } контактов. Выгрузка записана в журнал действий.
}
contacts-export-file = контакты.xlsx
contacts-export-large = Файл больше { $limit } МБ: через Telegram его не отправить.
contacts-export-name = ФИО
contacts-export-first = Имя
contacts-export-last = Фамилия
contacts-export-phone = Телефон
contacts-export-email = Почта
contacts-export-consent = Согласие на рекламу
contacts-export-out = Отписка
contacts-export-since = Добавлен
contacts-new = ＋ Новый контакт
contacts-ask-new =
    <b>Кого добавить?</b>

    Напишите имя и телефон одним сообщением, можно и почту. Например:
    <code>Анна Кузнецова +7 916 123-45-67 anna@example.ru</code>
contacts-new-added = Контакт добавлен.
contacts-new-known = С этим телефоном или почтой контакт уже есть — вот он.
contacts-hand-empty = Здесь нет ни имени, ни телефона, ни почты.
contacts-hand-phone = «{ $raw }» — не телефон: { $reason }.
contacts-hand-email = «{ $raw }» — не похоже на почту. Например: anna@example.ru
contacts-person-button = 📦 Данные человека
contacts-person-file = Данные человека.zip
contacts-person-sent = <b>{ $name }</b>: всё, что о человеке известно, для него самого. В архиве person.pdf для чтения и person.json для программ.
contacts-hand-erased = Человека с этим телефоном или почтой стёрли по требованию № { $number }. Вернуть его в базу нельзя: он может написать вам сам.
contacts-hand-plan = В вашем тарифе — до { $allowed } { $allowed ->
        [one] контакта
       *[other] контактов
    }, все места заняты. Удалите ненужные или смените тариф.
contacts-edit-button = ✏️ Изменить
contacts-edit =
    <b>{ $name }</b>

    Что изменить?
contacts-edit-crm =
    <b>{ $name }</b>

    Что изменить? Контакт связан с CRM: имя и поля, которые загружаются оттуда, при следующей загрузке станут такими, как в CRM.
contacts-edit-name = Имя
contacts-edit-addresses = Телефон и почта
contacts-ask-name = Как теперь записать «{ $name }»? Например: Кузнецова Анна Петровна
contacts-addresses =
    <b>Телефон и почта: { $name }</b>

    Пришлите номер или почту — добавлю. Чтобы убрать, нажмите на адрес.
contacts-address-added = Добавлено.
contacts-address-there = Это уже записано.
contacts-address-none = Здесь нет ни телефона, ни почты.
contacts-address-taken = Этот адрес уже у контакта «{ $name }».
contacts-address-dropped = Убрано.
contacts-ask-drop-address =
    <b>Убрать { $address }?</b> { $name }

    Если номер в стоп-листе, запрет писать этому человеку останется.
contacts-drop-address-now = Да, убрать
contacts-values =
    <b>Поля: { $name }</b>

    Нажмите на поле, чтобы изменить.
contacts-ask-value-text = <b>{ $title }</b>: что записать?
contacts-ask-value-number = <b>{ $title }</b>: какое число? Например: 1 250,5
contacts-ask-value-date = <b>{ $title }</b>: какая дата? Например: 12.05.1986 или 12 мая 1986
contacts-ask-value-flag = <b>{ $title }</b>: да или нет?
contacts-value-clear = Очистить
contacts-value-kept = Сохранено.
contacts-value-cleared = Значение убрано.
contacts-value-number = Это не число.
contacts-value-date = Это не дата. Если непонятно, где день, а где месяц, напишите месяц словом.
contacts-value-no-year = Не хватает года.
contacts-value-flag = Напишите «да» или «нет».
contacts-value-long = Слишком длинно: до { $max } символов.
contacts-segments = Сегменты
contacts-import = Импорт
contacts-tags = Теги
contacts-fields = Поля
contacts-suppressions = Стоп-лист: { $count }
contacts-found = Найдено: { $count }. Можно сразу написать другое имя или телефон.
contacts-found-more = Показаны первые { $count }. Уточните: имя и фамилия или цифры телефона.
contacts-found-none =
    По запросу «{ $typed }» никого нет.

    Попробуйте часть имени или последние четыре цифры телефона.
contacts-nameless = Без имени
contacts-card =
    <b>{ $name }</b>
    С { $since } · { $source }
contacts-opted-out = 🚫 <b>Отписка</b> { $day }. Вернуться человек может только сам: /start в боте.
contacts-no-addresses = Адресов нет: написать некуда.
contacts-chat = { $messenger }
contacts-chat-with = { $messenger }, { $bot }
contacts-card-field = { $title }: { $value }
contacts-card-field-from = { $title }: { $value } · { $from }
contacts-card-sources = В CRM: { $records }
contacts-card-sources-name = В CRM: { $records }. Имя: { $name }
contacts-card-fields-more = … и ещё полей: { $count }
contacts-card-tags = { $tags }
contacts-consent-marketing = Реклама: { $said }
contacts-consent-data = Персональные данные: { $said }
contacts-consent-yes = согласие { $day } ({ $grade })
contacts-consent-no = отказ { $day }
contacts-consent-unknown = не спрашивали
contacts-consent-unanswered = нет ответа, спросили { $day }
contacts-grade-a = A — в чате с ботом
contacts-grade-b = B — подписанный документ
contacts-grade-c = C — отметка в CRM
contacts-grade-d = D — со слов владельца
contacts-card-occasions =
    <b>Визиты, заказы, сделки</b>
    { $lines }
contacts-line-occasion = { $mark } { $at } · { $about } — { $stands }
contacts-occasion-visit = Визит
contacts-occasion-order = Заказ
contacts-occasion-deal = Сделка
contacts-occasion-payment = Оплата
contacts-occasion-birthday = День рождения
contacts-occasion-open = ещё впереди
contacts-occasion-confirmed = подтверждено
contacts-occasion-done = состоялось
contacts-occasion-missed = клиент не пришёл
contacts-occasion-cancelled = отменено
contacts-card-deliveries =
    <b>Рассылки</b>
    { $lines }
contacts-card-messages =
    <b>Переписка</b>
    { $lines }
contacts-line-delivery = { $day } · { $campaign } — { $outcome }
contacts-line-in = { $at } ← { $text }
contacts-line-out = { $at } → { $text }
contacts-history = История
contacts-history-title = <b>{ $name }</b> — история
contacts-history-none = Ни рассылок, ни переписки ещё не было.
contacts-talk = Переписка
contacts-to-card = Карточка контакта
contacts-ask-tags =
    <b>Теги: { $name }</b> — { $count }

    Пришлите тег — добавлю, несколько — через запятую. Чтобы убрать или добавить известный, нажмите.
contacts-link = Ссылка на бота
contacts-links = На какого бота дать ссылку?
contacts-links-none = Каналов пока нет: сначала подключите бота: «Настройки» → «Каналы».
contacts-link-card =
    <b>Личная ссылка: { $name }</b>

    <code>{ $link }</code>

    По ней бот узнает человека и спросит согласие. Ссылка одноразовая, действует { $days } { $days ->
        [one] день
        [few] дня
       *[many] дней
    }. Передайте её только этому человеку.
contacts-link-nowhere = У канала «{ $name }» нет адреса, по которому его открывают: ссылку на него не сделать.
contacts-link-copy = Скопировать
contacts-link-share = Отправить…
contacts-link-words = Подпишитесь на нашего бота: по этой ссылке он вас узнает.
contacts-dossier-button = Согласия и доказательства
contacts-dossier =
    <b>{ $name }</b> — согласия и доказательства
    { $count ->
        [0] Записей нет
        [one] { $count } запись
        [few] { $count } записи
       *[many] { $count } записей
    }
contacts-dossier-file = согласия.txt
contacts-stop = Отписать
contacts-ask-stop =
    <b>Отписать?</b> { $name }

    { $crm ->
        [yes] Рассылок больше не будет. Неотправленное отменим, в CRM поставим отметку.
       *[no] Рассылок больше не будет. Неотправленное отменим.
    }

    Подписаться снова сможет только сам человек: /start в боте и новое согласие.
contacts-stop-now = Да, отписать
contacts-stopped = { $cancelled ->
    [0] Готово: больше не пишем.
    [one] Готово: больше не пишем. Отменено { $cancelled } сообщение.
    [few] Готово: больше не пишем. Отменено { $cancelled } сообщения.
   *[many] Готово: больше не пишем. Отменено { $cancelled } сообщений.
}
contacts-stopped-already = Уже отписано.
contacts-delete = Удалить
contacts-ask-delete =
    <b>Удалить контакт?</b> { $name }

    Имя, поля, теги и адреса сотрём. Останутся доказательства согласий, отписки и счётчик отправленных.

    Вернуть удалённое нельзя.
contacts-ask-delete-crm =
    <b>Удалить контакт?</b> { $name }

    Имя, поля, теги и адреса сотрём здесь; в CRM контакт останется, но больше сюда не загрузится. Сохраним доказательства согласий, отписки и счётчик отправленных.

    Вернуть удалённое нельзя.
contacts-delete-now = Да, удалить
contacts-deleted = Контакт удалён.

contacts-tags-none =
    <b>Тегов пока нет</b>

    Теги загружаются из CRM и файлов; добавить можно и в карточке контакта.
contacts-tags-title =
    <b>Теги</b>

    { $lines }

    Чтобы собрать людей с тегом, создайте сегмент: <code>тег = имя</code>
contacts-tags-line = { $tag } — { $count }
contacts-fields-none =
    <b>Своих полей пока нет</b>

    Поле — это город, дата визита, сумма покупок… Его можно подставлять в шаблоны и использовать в сегментах.
contacts-fields-title = <b>Поля контактов</b> — { $count }
contacts-field-new = Новое поле
contacts-field-card =
    <b>{ $title }</b>
    Тип: { $kind }

    В шаблоне: <code>{ "{{ " }{ $key }{ " }}" }</code>
    В сегменте: <code>{ $title } не пусто</code>
contacts-field-rename = Переименовать
contacts-field-kinds = <b>Новое поле.</b> Какого типа? Потом это не изменить.
contacts-ask-field = Как назвать поле? Например: Город
contacts-ask-field-title = Как теперь назвать поле «{ $title }»? В шаблонах и сегментах ничего не изменится.
contacts-field-again =
    { $sentence }

    Напишите название ещё раз.
contacts-field-bad-title = Название — от 1 до 60 символов.
contacts-field-too-many = Полей уже { $max }, больше нельзя.
contacts-field-taken = Поле с таким названием уже есть. Напишите другое.
contacts-kind-text = текст
contacts-kind-number = число
contacts-kind-date = дата
contacts-kind-flag = да / нет
contacts-yes = да
contacts-no = нет

contacts-suppressions-none =
    <b>Стоп-лист пуст</b>

    Сюда попадают те, кто сказал «стоп» или заблокировал бота, и номера, добавленные вручную. Им ничего не отправляется.
contacts-suppressions-title =
    <b>Стоп-лист</b> — { $count }
    { $by }

    { $lines }
contacts-suppressions-line = { $reason }: { $count }
contacts-suppression = { $address } · { $reason } · { $day }
contacts-suppressed-opt-out = отписка
contacts-suppressed-blocked = заблокировал бота
contacts-suppressed-blocked-bot = заблокировал { $bot }
contacts-suppressed-complaint = жалоба
contacts-suppressed-manual = добавлено вручную
contacts-add-phones = Добавить телефоны
contacts-ask-phones =
    <b>Кого добавить в стоп-лист?</b>

    Пришлите телефоны — по одному в строке или через запятую — либо файл Excel или CSV. Этим номерам ничего не отправим, даже если они снова придут из CRM.
contacts-phones-again =
    { $sentence }

    Пришлите телефоны ещё раз.
contacts-phones-none = Телефонов в сообщении нет.
contacts-phones-many = За раз — до { $max } телефонов. Разделите список.
contacts-phones-added = Добавлено: { $added }. Уже были в списке: { $already }.
contacts-phones-left = ⚠️ Не добавлено из-за ошибки базы данных: { $count }. Отправьте тот же список ещё раз: добавятся только недостающие.
contacts-phones-refused =
    Не похожи на телефон: { $count }
    { $lines }
contacts-phone-refused = Строка { $number }: «{ $line }» — { $reason }
contacts-phones-refused-more = … и ещё { $count }
contacts-phone-empty = пусто
contacts-phone-letters = есть буквы
contacts-phone-extension = добавочный номер
contacts-phone-character = лишний знак
contacts-phone-short = не хватает цифр
contacts-phone-long = лишние цифры
contacts-phone-invalid = такого номера не бывает
contacts-phone-rounded = Excel округлил номер, последние цифры потеряны
contacts-lift = Убрать из списка: { $address }
contacts-ask-lift =
    <b>Убрать из стоп-листа?</b> { $address }

    Если человек отписался и сам, его отписка останется в силе.
contacts-lift-now = Да, убрать
contacts-lifted = Убрано из стоп-листа.

contacts-source-crm = из CRM
contacts-source-import = из файла
contacts-source-chat = написал боту в { $messenger }
contacts-source-manual = добавлен вручную
contacts-signed-button = 📄 Приложить подписанное согласие
contacts-signed-purpose =
    <b>Подписанное согласие: { $name }</b>

    Какое согласие подписано? На рекламу и на персональные данные нужны две отдельные бумаги.
contacts-signed-text =
    <b>Подписанное согласие: { $name }</b>
    { $purpose }

    Какой текст подписан? Выберите версию, которая стоит на бумаге. Если слова другие — «Другой текст».
contacts-signed-current =
    <b>{ $version }</b>
    { $body }
contacts-signed-version = { $language } · версия { $version }
contacts-signed-other = Другой текст
contacts-signed-words =
    <b>Что написано на бумаге?</b>

    Напишите её слова о согласии, до { $max } символов: они войдут в доказательства. Можно и не переписывать — на снимке всё видно.
contacts-signed-words-now =
    <b>Что написано на бумаге?</b>

    Напишите её слова о согласии, до { $max } символов: они войдут в доказательства. Можно и не переписывать — на снимке всё видно.

    Сейчас записано: { $words }
contacts-signed-words-long = Слова длиннее { $max } символов: перепишите только само согласие.
contacts-signed-untold = Не переписывать
contacts-signed-other-untold = другой, не переписан
contacts-signed-day =
    <b>Какая дата на бумаге?</b>

    Например: 12.03.2026 или 12 марта 2026. Если подписано сегодня — «сегодня».
contacts-signed-same-day = Оставить { $day }
contacts-signed-file =
    <b>Подписанное согласие: { $name }</b>
    { $purpose }
    Текст: { $text }
    Дата на бумаге: { $day }

    Пришлите фото или PDF бумаги одним файлом, до { $most } МБ. Если страниц несколько — одним PDF.
contacts-signed-change-purpose = Другое согласие
contacts-signed-change-text = Другая версия текста
contacts-signed-drop = Не прикладывать
contacts-signed-dropped = Бумага не приложена.
contacts-signed-needed = Нужен сам снимок: фото или PDF.
contacts-signed-empty = Файл пустой. Пришлите его ещё раз.
contacts-signed-large = Файл больше { $most } МБ. Пришлите фото поменьше или сжатый PDF.
contacts-signed-form = Это не картинка и не PDF. Подойдут JPEG, PNG, WebP, HEIC, TIFF и PDF.
contacts-signed-known = Этот самый файл уже приложен к этому согласию.
contacts-signed-unfinished = Сначала выберите текст и назовите дату на бумаге.
contacts-signed-stopped = Человек просил не писать: { $since }, а бумага не старше. Отказ снимает только он сам — командой /start и согласием в чате. Если бумага старше отказа, исправьте дату: она останется доказательством за прошлое.
contacts-signed-withdrawn = Это согласие человек забрал сам в чате: { $since }, а бумага не старше. Дать его снова он может только сам, в чате.
contacts-signed-kept = Бумага приложена, согласие записано.
contacts-signed-kept-album = Бумага приложена, согласие записано. Из альбома взят первый файл: несколько страниц присылайте одним PDF.
contacts-signed-kept-past = Бумага приложена как доказательство за прошлое. Согласие сейчас не действует: после даты на бумаге человек отказался.
contacts-signed-kept-past-album = Бумага приложена как доказательство за прошлое. Согласие сейчас не действует: после даты на бумаге человек отказался. Из альбома взят первый файл.
contacts-card-papers = { $count ->
    [one] 📄 { $count } подписанная бумага
    [few] 📄 { $count } подписанные бумаги
   *[many] 📄 { $count } подписанных бумаг
}
contacts-papers-button = 📄 Подписанные бумаги: { $count }
contacts-papers =
    <b>Подписанные бумаги: { $name }</b>

    { $lines }

    Кто берёт файл, записывается в журнал действий.
contacts-paper = • { $purpose }, от { $day }. Приложено { $at }, { $by }
contacts-paper-gone = • { $purpose }, от { $day }. Приложено { $at }, { $by }. Файл больше не хранится
contacts-paper-sent =
    <b>{ $name }</b>
    { $line }
    SHA-256: <code>{ $hash }</code>
