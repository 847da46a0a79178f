imports-menu = Импорт
imports-none =
    <b>Импорт</b>

    Пришлите файл CSV или XLSX с контактами — кодировку, разделитель и столбцы определю сам, а вы проверите.
imports-title =
    <b>Импорт</b>

    Чтобы начать новый, пришлите файл CSV или XLSX. Последние:
imports-ask-file = Пришлите файл CSV или XLSX с контактами.
imports-file-again =
    { $sentence }

    Пришлите другой файл.
imports-no-file = Это не файл. Таблицу нужно отправить как документ.
imports-no-download = Не удалось забрать файл у Telegram. Отправьте его ещё раз.
imports-too-large = Файл больше 20 МБ. Разделите его на части.
imports-too-much = В таблице слишком много всего: можно до { $rows } строк, { $columns } столбцов и { $cells } ячеек, считая пустые перед заполненной. Уберите лишние столбцы или разделите таблицу.
imports-bomb = Эта книга Excel распаковывается больше чем в { $megabytes } МБ или хранит слишком много текста. Сохраните таблицу как CSV и пришлите его.
imports-empty = В файле нет ни одной заполненной строки.
imports-old-workbook = Это старый или защищённый паролем файл Excel. Сохраните его как .xlsx без пароля или как CSV.
imports-unreadable = Этот файл не читается как таблица. Подойдут CSV и XLSX.
imports-quota-waiting = Уже ждут решения { $most } импортов, больше нельзя. Запустите или отмените какой-нибудь и пришлите файл ещё раз.
imports-quota-often = За час можно прислать до { $most } файлов. Пришлите этот позже.
imports-quota-kept = Файлы импортов занимают { $megabytes } МБ, больше мы не храним. Отмените ненужные импорты: их файлы удаляются первыми. Старые удаляются сами.
imports-past = Этот шаг импорта уже позади. Откройте его карточку ещё раз.
imports-no-address = Ни один столбец не отмечен как телефон или почта — некуда писать. Укажите его в «Столбцах».
imports-bad-mapping = Столбцы не сошлись с файлом. Откройте карточку и проверьте их.
imports-no-basis = Сначала укажите, откуда данные и на каком основании.
imports-card =
    <b>{ $name }</b>
    { $read }
imports-format-csv = CSV, { $encoding }, разделитель «{ $delimiter }»
imports-format-xlsx = Excel, лист «{ $sheet }»
imports-tab = табуляция
imports-columns =
    <b>Столбцы</b>
    { $lines }
    Пропустим: { $skipped }
imports-columns-none = <b>Столбцы</b> — пока ни один не выбран.
imports-column-line = { $title } → { $to }
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
    Согласий запишем: { $consents }
imports-numbers =
    Новых: { $new }
    Обновим: { $updated }
    Не примем: { $refused }
imports-numbers-done =
    Новых: { $new }
    Обновлено: { $updated }
    Не принято: { $refused }
imports-cut-names = Имена длиннее { $max } знаков обрежем: { $count }
imports-cut-names-done = Имена длиннее { $max } знаков обрезаны: { $count }
imports-refused-line = · { $reason }: { $count }
imports-refused-no-address = нет ни телефона, ни почты
imports-refused-email = ошибка в почте
imports-refused-duplicate = повтор внутри файла
imports-refused-number = вместо числа что-то другое
imports-refused-date = вместо даты что-то другое
imports-refused-flag = вместо «да / нет» что-то другое
imports-refused-too-long = слишком длинный текст
imports-refused-phone = такого телефона не бывает
imports-refused-phone-letters = в телефоне буквы
imports-refused-phone-extension = телефон с добавочным
imports-refused-phone-short = в телефоне не хватает цифр
imports-refused-phone-long = в телефоне лишние цифры
imports-start = ▶️ Импортировать: { $count }
imports-check = Проверить файл
imports-columns-button = Столбцы
imports-basis-button = Основание
imports-header-yes = Первая строка: заголовки
imports-header-no = Первая строка: данные
imports-tags-button = Теги всем
imports-cancel = Отказаться
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
imports-to-name = Имя целиком
imports-to-first-name = Имя
imports-to-last-name = Фамилия
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
imports-origin-again = Нужна фраза от 1 до 500 знаков.
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
imports-cancelled-before = ✖️ <b>{ $name }</b> — от импорта отказались, контакты не менялись.
imports-cancelled-within =
    ✖️ <b>{ $name }</b> — импорт остановлен. Что успело приехать, осталось:

    { $numbers }
imports-failed =
    ⚠️ <b>{ $name }</b> — импорт не смог продолжиться. Что успело приехать, осталось:

    { $numbers }

    Пришлите файл ещё раз: уже принятые контакты просто обновятся.
imports-held =
    ⚠️ <b>{ $name }</b> — импорт приостановлен: база данных несколько минут не принимала строки. Ничего не потеряно.
    Принято строк: { $done } из { $rows }

    { $numbers }

    Нажмите «Продолжить», и он пойдёт с той же строки. Если это повторится, покажите карточку тому, кто следит за сервером.
imports-resume = ▶️ Продолжить
imports-refused-button = Файл с непринятыми строками
imports-refused-file = Не принято строк: { $count }. Исправьте их в этом файле и пришлите его сюда же.
imports-to-card = Карточка импорта
imports-ask-cancel = Отказаться от импорта <b>{ $name }</b>? Контакты ещё не менялись.
imports-ask-stop = Остановить импорт <b>{ $name }</b>? Уже приехавшие контакты ({ $taken }) останутся, остальные строки не возьмём.
imports-cancel-now = Да, отказаться
imports-stop-now = Да, остановить
imports-cancelled = Импорт остановлен.
