imports-menu = Импорт
imports-none =
    <b>Импорт</b>

    Пришлите файл с контактами: Excel, CSV или vCard из телефона. Кодировку, разделитель и столбцы определю сам, а вы проверите.
imports-title =
    <b>Импорт</b>

    Чтобы начать новый, пришлите файл Excel, CSV или vCard. Последние:
imports-ask-file = Пришлите файл с контактами: Excel, CSV или vCard.
imports-file-again =
    { $sentence }

    Пришлите другой файл.
imports-no-file = Это не файл. Таблицу нужно отправить как документ.
imports-no-download = Не удалось забрать файл у Telegram. Отправьте его ещё раз.
imports-too-large = Файл больше 20 МБ. Разделите его на части.
imports-too-much = В таблице слишком много всего: можно до { $rows } строк, { $columns } столбцов и { $cells } ячеек, считая пустые перед заполненной. Уберите лишние столбцы или разделите таблицу.
imports-bomb = Файл Excel слишком велик внутри: больше { $megabytes } МБ или слишком много текста. Сохраните таблицу как CSV и пришлите его.
imports-empty = В файле нет ни одной заполненной строки.
imports-protected = Файл Excel защищён паролем. Сохраните его без пароля или как CSV.
imports-quota-waiting = Уже ждут решения { $most } импортов, больше нельзя. Запустите или отмените какой-нибудь и пришлите файл ещё раз.
imports-quota-often = За час можно прислать до { $most } файлов. Пришлите этот позже.
imports-quota-kept = Файлы импортов занимают { $megabytes } МБ, больше мы не храним. Отмените ненужные импорты: их файлы удаляются первыми. Старые удаляются сами.
imports-foreign-pdf = Это PDF, контактов из него не взять. Выгрузите таблицу в Excel (XLSX) или CSV.
imports-foreign-json = Это JSON, выгрузка для программ. Выгрузите контакты в Excel (XLSX), CSV или vCard.
imports-foreign-page = Внутри этого файла веб-страница без таблицы. Выгрузите контакты в Excel (XLSX) или CSV.
imports-foreign-picture = Это картинка. Нужна сама таблица: Excel (XLSX) или CSV.
imports-foreign-document = Это текстовый документ. Скопируйте таблицу в Excel и сохраните как .xlsx.
imports-foreign-archive = Это архив. Распакуйте его и пришлите таблицу: Excel (XLSX) или CSV.
imports-no-day-order = В датах не видно, где день, а где месяц. Ответьте на карточке импорта.
imports-taken = Взяли столбцов: { $count }
imports-taken-but = Взяли столбцов: { $count }. Для { $without } не хватило места: полей может быть { $max }.
imports-unreadable = Этот файл не читается как таблица. Подойдут Excel, CSV и vCard.
imports-past = Этот шаг импорта уже позади. Откройте его карточку ещё раз.
imports-changed = Этот импорт только что изменили. Вот каким он стал: проверьте ещё раз.
imports-no-address = Ни один столбец не отмечен как телефон или почта — некуда писать. Укажите его в «Столбцах».
imports-bad-mapping = Столбцы не сошлись с файлом. Откройте карточку и проверьте их.
imports-no-basis = Сначала укажите, откуда данные и на каком основании.
imports-card =
    <b>{ $name }</b>
    { $read }
imports-format-csv = CSV, { $encoding }, разделитель «{ $delimiter }»
imports-format-xlsx = Excel, лист «{ $sheet }»
imports-format-page = Таблица веб-страницы
imports-format-vcard = Адресная книга (vCard)
imports-vcard-full-name = Имя в книге
imports-vcard-birthday = День рождения
imports-vcard-company = Организация
imports-vcard-city = Город
imports-vcard-note = Заметка
imports-note-above = ℹ️ Над заголовками пропустили строк: { $rows }
imports-note-hidden-rows = ⚠️ Скрытые строки не берём: { $rows }. Нужны и они — снимите в Excel фильтр и пришлите файл снова.
imports-note-hidden-columns = ⚠️ Скрытые столбцы не берём: { $count } ({ $names }). Нужен такой — выберите, что в нём, под кнопкой «Столбцы».
imports-note-hidden-sheets = ⚠️ Скрытые листы не берём: { $names }
imports-note-uncomputed = ⚠️ Формулы без значений: { $count }, первая в { $first }. Откройте файл в Excel, сохраните и пришлите снова.
imports-note-encoding = ⚠️ Строки в другой кодировке: { $count }, первая — строка { $first }. Прочитали их как { $encoding }, проверьте.
imports-note-twice = ℹ️ Русские буквы в файле были испорчены программой: её сбила кодировка { $encoding }. Мы их восстановили, проверьте.
imports-note-torn = ⚠️ Испорчены отдельные буквы, строк: { $count }, первая — строка { $first }. Проверьте их.
imports-note-quote = ⚠️ Незакрытая кавычка, строк: { $count }, первая — строка { $first }. Прочитали её как обычный символ, проверьте.
imports-name-split = Имя из ФИО: «{ $whole }» → имя { $first }, фамилия { $last }
imports-name-split-patronymic = Имя из ФИО: «{ $whole }» → имя { $first }, отчество { $patronymic }, фамилия { $last }
imports-day-order = ❗️ «{ $title }»: что значит 05/06/2026?
imports-day-first = 5 июня (день/месяц)
imports-month-first = 6 мая (месяц/день)
imports-tab = табуляция
imports-columns =
    <b>Столбцы</b>
    { $lines }
imports-columns-skipped = Пропустим: { $count } ({ $names })
imports-columns-none = <b>Столбцы</b> — пока ни один не выбран.
imports-column-line = { $title } → { $to }
imports-hidden-column = { $title } (скрытый)
imports-column-number = Столбец { $number }
imports-tags = Всем добавим теги: { $tags }
imports-basis =
    <b>Откуда данные:</b> { $origin }
    <b>Основание:</b> { $basis }
imports-basis-missing = ❗️ Укажите, откуда эти данные и на каком основании, — без этого импорт не начнётся.
imports-dry =
    <b>Проверка: { $rows } { $rows ->
        [one] строка
        [few] строки
       *[many] строк
    }</b>
    { $numbers }
    Согласий: { $consents } (реклама и персональные данные)
imports-numbers =
    Новых: { $new }
    Обновим: { $updated }
    С ошибками, не войдут: { $refused }
imports-numbers-done =
    Новых: { $new }
    Обновлено: { $updated }
    С ошибками, не вошли: { $refused }
imports-partly = Войдут без части данных: { $count }
imports-partly-done = Вошли без части данных: { $count }
imports-joined = Повторы тех же людей: { $count }, их теги и поля объединяются
imports-cut-names = Имена длиннее { $max } символов обрежем: { $count }
imports-cut-names-done = Имена длиннее { $max } символов обрезаны: { $count }
imports-refused-line = · { $reason }: { $count }
imports-refused-line-at = · { $reason }: { $count } (например, строка { $line })
imports-refused-line-as = · { $reason }: { $count } (например, строка { $line }: «{ $cell }»)
imports-refused-line-in = · { $reason }: { $count } (например, строка { $line }, «{ $title }»: «{ $cell }»)
imports-refused-no-address = нет ни телефона, ни почты
imports-refused-email = ошибка в почте
imports-refused-taken-email = почта другого человека из строки выше
imports-refused-taken-phone = телефон другого человека из строки выше
imports-refused-other-name = тот же телефон с другим именем, осталось первое
imports-refused-duplicate = повтор внутри файла
imports-refused-erased = стёрт по требованию об уничтожении данных
imports-refused-plan = по тарифу больше нет места для контактов
imports-refused-number = не число
imports-refused-date = не дата
imports-refused-no-year = дата без года
imports-refused-flag = не «да» и не «нет»
imports-refused-too-long = слишком длинный текст
imports-refused-phone = такого телефона не бывает
imports-refused-phone-letters = в телефоне буквы
imports-refused-phone-extension = телефон с добавочным
imports-refused-phone-short = в телефоне не хватает цифр
imports-refused-phone-long = в телефоне лишние цифры
imports-refused-phone-rounded = Excel округлил телефон
imports-start = ▶️ Импортировать: { $count }
imports-check = Проверить файл
imports-columns-button = Столбцы
imports-basis-button = Основание
imports-take-all = Взять все столбцы: +{ $count }
imports-sheets-button = Другой лист
imports-sheets =
    <b>{ $name }</b>

    С какого листа взять контакты?
imports-header-yes = Первая строка: заголовки
imports-header-no = Первая строка: данные
imports-tags-button = Теги всем
imports-cancel = Отменить импорт
imports-which-column =
    <b>{ $name }</b>

    Что в каком столбце? Нажмите на столбец, чтобы изменить.
imports-column =
    <b>{ $title }</b>
    { $sample }

    Что в этом столбце?
imports-to-skip = Пропустить
imports-to-phone = Телефон
imports-to-email = Почта
imports-to-name = ФИО
imports-to-first-name = Имя
imports-to-last-name = Фамилия
imports-to-patronymic = Отчество
imports-to-tags = Теги
imports-new-field = ＋ Новое поле
imports-new-field-kind =
    Новое поле «{ $title }»

    Что в нём будет? Потом это не изменить.
imports-ask-tags =
    <b>Теги всем из файла:</b> { $tags }

    Пришлите список через запятую. Чтобы убрать все, пришлите «-».
imports-bases =
    <b>На каком основании эти люди получат сообщения?</b>

    <b>Подписанный документ</b> — анкета или договор с согласием: рекламу присылать можно.
    <b>Со слов владельца</b> — согласие было, документа нет: для рекламы этого мало, сервисные сообщения можно.
    <b>Без согласия</b> — рекламы не будет.

    Ответ останется в журнале как доказательство.
imports-basis-document = Подписанный документ
imports-basis-owner = Со слов владельца
imports-basis-none = Без согласия на рекламу
imports-ask-origin =
    Основание: <b>{ $basis }</b>

    Откуда эти данные? Напишите одной фразой, например: «Анкеты с выставки, 12 мая 2026, папка 7 в бухгалтерии».
imports-origin-again = Нужна фраза от 1 до 500 символов.
imports-running =
    <b>{ $name }</b> — импорт идёт
    { $bar } { $percent }
    Строк: { $done } из { $rows }

    { $numbers }
imports-refresh = Обновить
imports-stop = Остановить
imports-done =
    ✅ <b>{ $name }</b> — импорт завершён
    { $at }

    { $numbers }
    Согласий записано: { $consents }
imports-cancelled-before = ✖️ <b>{ $name }</b> — импорт отменён, контакты не менялись.
imports-cancelled-within =
    ✖️ <b>{ $name }</b> — импорт остановлен. Загруженное осталось:

    { $numbers }
imports-failed =
    ⚠️ <b>{ $name }</b> — импорт прервался. Загруженное осталось:

    { $numbers }

    Пришлите файл ещё раз: уже загруженные контакты просто обновятся.
imports-held =
    ⚠️ <b>{ $name }</b> — импорт приостановлен: база данных несколько минут не принимала строки. Ничего не потеряно.
    Загружено строк: { $done } из { $rows }

    { $numbers }

    Нажмите «Продолжить», и он пойдёт с той же строки. Если это повторится, покажите карточку тому, кто следит за сервером.
imports-held-off =
    ⏸ <b>{ $name }</b> — импорт остановлен: лицензиар выключил загрузку контактов ({ $reason }).
    Загружено строк: { $done } из { $rows }. Они остались.

    { $numbers }

    Когда загрузку включат, нажмите «Продолжить»: импорт пойдёт с той же строки.
imports-resume = ▶️ Продолжить
imports-refused-button = Скачать строки с ошибками
imports-refused-file = Не вошло строк: { $refused }. Вошло без части данных: { $partly }.
    Исправьте их в этом файле и пришлите его сюда же.
imports-to-card = Карточка импорта
imports-to-contacts = Контакты
imports-to-segment = Сегмент
imports-to-campaign = Кампания
imports-chats = Писать в { $messenger } можно тем, кто запустил бота: из файла таких { $count } из { $people }.
imports-ask-cancel = Отменить импорт <b>{ $name }</b>? Контакты ещё не менялись.
imports-ask-stop = Остановить импорт <b>{ $name }</b>? Загруженные контакты ({ $taken }) останутся, остальные строки не возьмём.
imports-cancel-now = Да, отменить
imports-stop-now = Да, остановить
imports-cancelled = Импорт отменён.
imports-people-tagged = Людям из файла поставлен тег «{ $tag }»
imports-forgotten = Файл этого импорта уже удалён по сроку хранения: собрать его людей больше нельзя.
