contacts-menu = Контакты
contacts-title =
    <b>Контакты</b> — { $count }

    Напишите имя, телефон или последние цифры телефона — найду.
    Пришлите файл CSV или XLSX — начну импорт.
contacts-none =
    <b>Контактов пока нет</b>

    Пришлите сюда файл CSV или XLSX — начну импорт. Или подключите CRM в главном меню.
contacts-segments = Сегменты
contacts-import = Импорт
contacts-tags = Теги
contacts-fields = Поля
contacts-suppressions = Не писать: { $count }
contacts-find-words = Напишите имя или телефон — по картинкам и голосу искать не умею.
contacts-found = Найдено: { $count }. Можно сразу написать другое имя или телефон.
contacts-found-more = Показаны первые { $count }. Чтобы сузить, напишите имя подробнее.
contacts-found-none =
    По запросу «{ $typed }» никого нет.

    Попробуйте часть имени или последние четыре цифры телефона.
contacts-nameless = Без имени
contacts-card =
    <b>{ $name }</b>
    С { $since } · { $source }
contacts-opted-out = 🚫 <b>Больше не писать</b> — с { $day }. Вернуться человек может сам: /start в боте.
contacts-no-addresses = Адресов нет: написать некуда.
contacts-chat = Telegram
contacts-chat-with = Telegram, @{ $bot }
contacts-card-field = { $title }: { $value }
contacts-card-fields-more = … и ещё полей: { $count }
contacts-card-tags = { $tags }
contacts-consent-marketing = Реклама: { $said }
contacts-consent-data = Персональные данные: { $said }
contacts-consent-yes = согласие { $day } ({ $grade })
contacts-consent-no = отказ { $day }
contacts-consent-unknown = не спрашивали
contacts-grade-a = A — в этом чате
contacts-grade-b = B — подписанный документ
contacts-grade-c = C — поле CRM
contacts-grade-d = D — со слов владельца
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
contacts-retag = Теги
contacts-ask-tags =
    <b>Теги контакта:</b> { $tags }

    Пришлите новый список через запятую — он заменит нынешний. Чтобы убрать все, пришлите «-».
contacts-link = Ссылка в бот
contacts-links = В какой бот поведёт ссылка?
contacts-links-none = Нет ни одного канала: сначала подключите бота в разделе «Каналы».
contacts-link-card =
    <b>Личная ссылка: { $name }</b>

    <code>{ $link }</code>

    По ней бот узнает человека и спросит согласие. Ссылка одноразовая, действует { $days } { $days ->
        [one] день
        [few] дня
       *[many] дней
    }. Передайте её только этому человеку.
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
contacts-stop = Больше не писать
contacts-ask-stop =
    <b>{ $name }: больше не писать?</b>

    { $addresses ->
        [0] Адресов у контакта нет, но отказ запишется.
        [one] Закроется { $addresses } адрес.
        [few] Закроются { $addresses } адреса.
       *[many] Закроются { $addresses } адресов.
    } Всё, что стоит в очереди, отменится, согласие на рекламу будет отозвано, в CRM уйдёт отметка.

    Снять этот запрет отсюда нельзя: вернуться может только сам человек — /start в боте и новое согласие.
contacts-stop-now = Да, больше не писать
contacts-stopped = { $cancelled ->
    [0] Записано: больше не пишем.
    [one] Записано: больше не пишем. Отменено { $cancelled } сообщение.
    [few] Записано: больше не пишем. Отменено { $cancelled } сообщения.
   *[many] Записано: больше не пишем. Отменено { $cancelled } сообщений.
}
contacts-stopped-already = Этому человеку уже не пишем.
contacts-delete = Удалить
contacts-ask-delete =
    <b>Удалить { $name }?</b>

    Имя, поля, теги и адреса сотрутся. Останутся доказательства согласий, запреты писать и счёт уже отправленного.

    Вернуть удалённое нельзя.
contacts-ask-delete-crm =
    <b>Удалить { $name }?</b>

    Имя, поля, теги и адреса сотрутся здесь, в CRM контакт останется и больше к нам не приедет. Сохранятся доказательства согласий, запреты писать и счёт уже отправленного.

    Вернуть удалённое нельзя.
contacts-delete-now = Да, удалить
contacts-deleted = Контакт удалён.

contacts-tags-none =
    <b>Тегов пока нет</b>

    Теги приходят из CRM и файлов; добавить можно и в карточке контакта.
contacts-tags-title =
    <b>Теги</b>

    { $lines }

    Собрать людей с тегом — в сегментах: <code>tag = имя</code>
contacts-tags-line = { $tag } — { $count }
contacts-fields-none =
    <b>Своих полей пока нет</b>

    Поле — это город, дата визита, сумма покупок… Его можно подставлять в шаблоны и использовать в сегментах.
contacts-fields-title = <b>Поля контактов</b> — { $count }
contacts-field-new = Новое поле
contacts-field-card =
    <b>{ $title }</b>
    Что хранит: { $kind }

    В шаблоне: <code>{ "{{ " }{ $key }{ " }}" }</code>
    В сегменте: <code>{ $key } is not empty</code>
contacts-field-rename = Переименовать
contacts-field-kinds = <b>Новое поле.</b> Что в нём будет? Потом это не изменить.
contacts-ask-field = Как назвать поле? Например: Город
contacts-ask-field-title = Как теперь назвать поле «{ $title }»? Ключ в шаблонах и сегментах не изменится.
contacts-field-again =
    { $sentence }

    Напишите название ещё раз.
contacts-field-bad-title = Название — от 1 до 60 знаков.
contacts-field-too-many = Полей уже { $max }, больше нельзя.
contacts-field-taken = Поле с таким названием уже есть. Напишите другое.
contacts-kind-text = текст
contacts-kind-number = число
contacts-kind-date = дата
contacts-kind-flag = да / нет
contacts-yes = да
contacts-no = нет

contacts-suppressions-none =
    <b>Не писать никому не запрещено</b>

    Сюда попадают те, кто сказал «стоп», заблокировал бота или добавлен вручную. Им не уйдёт ничего и никогда.
contacts-suppressions-title =
    <b>Не писать</b> — { $count }
    { $by }

    { $lines }
contacts-suppressions-line = { $reason }: { $count }
contacts-suppression = { $address } · { $reason } · { $day }
contacts-suppressed-opt-out = отказ
contacts-suppressed-blocked = заблокировал бота
contacts-suppressed-blocked-bot = заблокировал(а) @{ $bot }
contacts-suppressed-complaint = жалоба
contacts-suppressed-manual = список компании
contacts-add-phones = Добавить телефоны
contacts-ask-phones =
    <b>Кому не писать?</b>

    Пришлите телефоны — по одному в строке или через запятую — либо файл CSV или XLSX. Этим номерам ничего не уйдёт, даже если они снова приедут из CRM.
contacts-phones-again =
    { $sentence }

    Пришлите телефоны ещё раз.
contacts-phones-none = Телефонов в сообщении нет.
contacts-phones-many = За раз — не больше { $max } телефонов. Разделите список.
contacts-phones-added = Добавлено: { $added }. Уже были в списке: { $already }.
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
contacts-lift = Снять: { $address }
contacts-ask-lift =
    <b>Снять запрет: { $address }?</b>

    Адрес уберётся из списка компании. Если человек отказался и сам, его отказ останется в силе.
contacts-lift-now = Да, снять
contacts-lifted = Запрет снят.

contacts-source-crm = из CRM
contacts-source-import = из файла
contacts-source-telegram = пришёл в бот
contacts-source-manual = добавлен вручную
