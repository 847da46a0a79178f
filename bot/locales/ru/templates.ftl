templates-menu = Шаблоны
templates-title =
    <b>Шаблоны</b>

    ✅ согласован · ⏳ ждёт · ↩️ вернули · ✏️ черновик
templates-two-marks = ✅ рядом с другим знаком: отправляется согласованная версия, а новая ещё в работе.
templates-title-archived = <b>Архив шаблонов</b>
templates-none =
    <b>Шаблонов пока нет</b>

    Шаблон — это текст рассылки с именем клиента и другими переменными. Отправлять можно только согласованный.
templates-none-archived =
    <b>В архиве пусто</b>

    Сюда попадают шаблоны, которые больше не нужны.
templates-new = ＋ Новый шаблон
templates-archive-list = Архив
templates-state-draft = черновик
templates-state-submitted = ждёт согласования
templates-state-approved = согласован
templates-state-returned = возвращён
templates-class-advertising = реклама
templates-class-service = сервисное
templates-header =
    <b>{ $name }</b> · версия { $number }
    { $mark } { $state } · { $class }
templates-by-submitted = Отправлено: { $name }, { $at }
templates-review = <b>{ $messenger }, «{ $channel }»:</b> { $standing }
templates-by-approved = Согласовано: { $name }, { $at }
templates-by-returned = { $name }: <i>{ $comment }</i>
templates-in-archive = 🗄 В архиве: чтобы менять и отправлять, верните его.
templates-not-newest = Это не последняя версия: меняют только последнюю.
templates-no-text = <i>Текста пока нет.</i>
templates-own = Согласовать должен другой участник: вы писали или отправляли эту версию.
templates-media-photo = 🖼 Фото, { $size }
templates-media-document = 📎 { $name }, { $size }
templates-media-gone = ⚠️ Файл пропал: приложите его заново.
templates-kilobytes = { $count } КБ
templates-megabytes = { $count } МБ
templates-button-line = 🔗 { $text } → { $url }
templates-button-line-no-link = 🔗 { $text } → <i>ссылки пока нет</i>
templates-opt-out-line = 🚫 { $text } — кнопка отписки
templates-targets = <b>Куда ведут ссылки:</b>
templates-targets-title = <b>Куда ведут ссылки</b> · { $name }, версия { $number }
templates-targets-none = Ссылок нет.
templates-targets-first = Ссылок больше, чем помещается на карточке. Решение — под последней из них.
templates-targets-open = 🔗 Все ссылки ({ $count })
templates-target = { $mark } { $text } → <code>{ $address }</code>
templates-target-plain = { $mark } <code>{ $address }</code>
templates-target-others = 🔗 …и другие адреса на <code>{ $site }</code>: ещё в { $count } { $count ->
    [one] сообщении
   *[other] сообщениях
}
templates-odd-look-alike = буквы в названии сайта похожи на другие, проверьте каждую
templates-odd-other-site = на ссылке написан адрес другого сайта
templates-link-no-page = это не адрес страницы
templates-link-user-info = сайтом будет то, что стоит после «@», а не перед ним
templates-link-number = вместо названия сайта число
templates-link-scheme = можно только https://…; для Telegram — https://t.me/…
templates-more = …и ещё { $count }
templates-check = Проверка
templates-check-title = <b>Проверка</b> · { $name }, версия { $number }
templates-check-clean = ✅ Проверка: замечаний нет.
templates-check-errors = ❌ Проверка: { $count } { $count ->
    [one] ошибка
    [few] ошибки
   *[other] ошибок
}.
templates-check-warnings = ⚠️ Проверка: { $count } { $count ->
    [one] предупреждение
    [few] предупреждения
   *[other] предупреждений
}.
templates-check-both = ❌ Проверка: { $errors } { $errors ->
    [one] ошибка
    [few] ошибки
   *[other] ошибок
}, { $warnings } { $warnings ->
    [one] предупреждение
    [few] предупреждения
   *[other] предупреждений
}.
templates-check-mend = Пока есть ошибки (❌), отправить на согласование нельзя. Предупреждения (⚠️) не мешают.
templates-text = Текст
templates-class = Вид сообщения
templates-rename = Переименовать
templates-renamed = Переименован.
templates-archive = В архив
templates-archive-now = Да, в архив
templates-archived = Шаблон в архиве.
templates-restore = Вернуть из архива
templates-restored = Шаблон снова в списке.
templates-submit = 📝 На согласование
templates-submit-now = Всё равно отправить
templates-submitted = Отправлено: согласующие получили уведомление.
templates-recall = Отозвать с согласования
templates-recalled = Отозван: снова черновик.
templates-approve = ✅ Согласовать
templates-approved = Согласовано.
templates-return = ↩️ Вернуть
templates-returned = Возвращено с комментарием.
templates-ask-name =
    <b>Новый шаблон</b>

    Как его назвать? Название видят только сотрудники.
templates-ask-rename = Новое название вместо «{ $name }»?
templates-again =
    { $sentence }

    { $question }
templates-ask-class =
    <b>{ $name }</b>: что это за сообщение?

    <b>Реклама</b> — акции, новинки, приглашения. Уходит только тем, кто согласился на рекламу; нужны название рекламодателя и способ отписаться.

    <b>Сервисное</b> — о заказе, записи, доставке. Рекламы в нём быть не должно.
templates-choose-advertising = 📣 Реклама
templates-choose-service = 🔔 Сервисное
templates-ask-text =
    <b>{ $name }</b>: пришлите текст

    Жирный, курсив и ссылки сохранятся. Переменные пишутся в двойных скобках: <code>{"{{"} first_name | default: "друг" {"}}"}</code>
templates-text-now = Сейчас так (новый текст его заменит):
templates-clash =
    <b>{ $name }</b>: пока вы писали, текст изменили — { $at }. Сейчас он такой:
templates-clash-waits = Ваш текст ещё не сохранён.
templates-clash-replace = Заменить моим
templates-clash-keep = Оставить этот
templates-text-again =
    { $problem }

    Текст сохранён в черновике, как вы его написали. Пришлите исправленный.
templates-ask-archive =
    <b>Убрать «{ $name }» в архив?</b>

    Шаблон исчезнет из списка и для новых кампаний. Запущенные кампании продолжатся. Вернуть можно в любой момент.
templates-not-submitted = <b>Не отправлено:</b> сначала исправьте ошибки.
templates-ask-submit = Ошибок нет, но посмотрите на предупреждения.
templates-ask-comment =
    <b>Вернуть «{ $name }», версию { $number }?</b>

    Напишите, что исправить: автор получит ваш комментарий.

templates-is-archived = Шаблон в архиве. Сначала верните его.
templates-bad-name = Название — от 1 до 120 символов.
templates-no-file = Файла нет. Приложите его заново.
templates-wrong-state = Сейчас это не получится: версия уже в другом состоянии ({ $state }).
templates-newer = Есть более новая версия: откройте её из списка шаблонов.
templates-own-refused = Согласовать или вернуть должен другой участник: вы писали или отправляли эту версию.
templates-comment-bad = Комментарий — от 1 до { $max } символов. Без него автор не поймёт, что исправить.
templates-has-errors = Проверка нашла ошибки: сначала исправьте их.
templates-changed = Пока вы смотрели, версию изменили. Посмотрите ещё раз.

templates-place-body = Строка { $line }, символ { $column }:
templates-place-link-in-text = В адресе ссылки внутри текста.
templates-place-button-text = В надписи кнопки { $number }.
templates-place-button-link = В ссылке кнопки { $number }.

templates-problem-empty = Текст пустой. Напишите его.
templates-problem-unknown-near = Нет переменной <code>{ $name }</code>. Может быть, <code>{ $near }</code>?
templates-problem-unknown = Нет переменной <code>{ $name }</code>. Выберите переменную из списка на карточке.
templates-problem-no-default = У { $missing } из { $of } проверенных контактов нет значения <code>{ $name }</code>: они не получат сообщение. Добавьте запасное: <code>| default: "…"</code>
templates-problem-long = Сообщение слишком длинное: { $units } { $units ->
    [one] символ
    [few] символа
   *[other] символов
 } при пределе { $limit }. Сократите текст.
templates-problem-long-for-some = У некоторых контактов сообщение не помещается: самое длинное — { $units } { $units ->
    [one] символ
    [few] символа
   *[other] символов
 } при пределе { $limit }. Они его не получат; кто именно, видно в «Худших случаях».
templates-problem-long-caption = Подпись к файлу слишком длинная: { $units } { $units ->
    [one] символ
    [few] символа
   *[other] символов
 } при пределе { $limit }. Сократите текст или уберите файл.
templates-problem-no-opt-out = В рекламе нет способа отписаться. Добавьте кнопку отписки или слово «стоп» в текст.
templates-problem-no-advertiser = В рекламе не назван рекламодатель. Добавьте <code>{"{{"} advertiser {"}}"}</code> или его название.
templates-problem-advertiser-unset = В настройках компании не указан рекламодатель. Попросите владельца указать его.
templates-problem-no-link = У кнопки нет ссылки.
templates-problem-bad-link = Ссылка не откроется: { $url }. Нужен адрес целиком, например https://example.ru
templates-problem-refused-link = По такой ссылке мы никого не отправим: { $url } — { $why }.
templates-problem-odd-link = Ссылка «{ $text }» ведёт на { $address } — { $why }. Отправляйте, только если так и задумано.
templates-problem-many-links = Слишком много ссылок: { $count }, можно { $limit }.
templates-problem-empty-button = У кнопки нет надписи.
templates-problem-many-buttons = Слишком много кнопок: { $count }, можно { $limit }.
templates-problem-long-woven = В мессенджере этого канала адреса ссылок стоят в тексте, а кнопки становятся словами. Так в сообщении { $units } { $units ->
    [one] символ
    [few] символа
   *[other] символов
}, помещается { $limit }. Сократите текст или уберите ссылки.
templates-problem-long-in-words = На старых телефонах этот мессенджер показывает кнопки словами. Так в сообщении { $units } { $units ->
    [one] символ
    [few] символа
   *[other] символов
}, помещается { $limit }. Сократите текст, надписи на кнопках или адреса.
templates-problem-heavy = Сообщение с кнопками слишком большое для мессенджера этого канала: { $size }, можно до { $limit }. Сократите текст или уберите кнопки.
templates-problem-buttons-alike = Две кнопки будут выглядеть одинаково: мессенджер показывает только начало подписи — «{ $shown }». Сделайте подписи короче или начните их по-разному.
templates-only-in = Это касается только: { $names }.
templates-problem-pictures-only = Мессенджер этого канала принимает только картинки. Приложите картинку или уберите файл.
templates-problem-media-large = Файл слишком большой: { $size }, можно до { $limit }.
templates-problem-no-media = Файл пропал. Приложите его заново.
templates-problem-no-words = Под таким файлом мессенджер этого канала не показывает текста. Приложите картинку или уберите файл.

templates-parse-long = Текст слишком длинный: { $size }, можно до { $limit }.
templates-parse-deep = Условия вложены слишком глубоко: можно до { $limit } уровней.
templates-parse-blank = Слишком много пробелов или пустых строк подряд.
templates-parse-number = В числе слишком много цифр.
templates-parse-unclosed-tag = Скобки открыты и не закрыты: нужно <code>{"}}"}</code> или <code>%{"}"}</code>.
templates-parse-empty-tag = В скобках ничего нет. Впишите переменную.
templates-parse-unclosed-block = Блок <code>{ $name }</code> не закрыт: добавьте <code>{"{"}% end{ $name } %{"}"}</code>.
templates-parse-stray = У <code>{ $name }</code> нет начала: перед ним должен стоять открывающий тег.
templates-parse-unknown-tag = Тега <code>{ $name }</code> нет. Есть if, unless, case, for.
templates-parse-unknown-filter = Фильтра <code>{ $name }</code> нет.
templates-parse-bad-name = <code>{ $name }</code> — не имя переменной: в нём только латинские буквы, цифры и подчёркивания.
templates-parse-bad-index = В квадратных скобках может стоять только число или текст в кавычках.
templates-parse-values = Фильтру <code>{ $name }</code> после двоеточия { $count ->
    [0] не нужны значения
    [one] нужно { $count } значение
    [few] нужно { $count } значения
   *[other] нужно { $count } значений
}.
templates-parse-values-range = Фильтру <code>{ $name }</code> после двоеточия нужно от { $min } до { $max } значений.
templates-parse-syntax = Не получилось прочитать: { $words }

templates-render-no-value = Нет значения <code>{ $name }</code>.
templates-render-too-long = Сообщение получается слишком длинным.
templates-render-too-much-work = Шаблон слишком сложный: в нём слишком много повторений.
templates-render-empty = Сообщение получается пустым.
templates-render-bad-markup = Оформление или ссылка ломается: условие разрывает выделение или адрес неверный.

templates-variables-open = Вставить переменную
templates-variables =
    <b>Переменные</b>

    Вместо переменной каждый клиент увидит своё значение. Нажмите, чтобы скопировать или добавить в текст.
templates-var-name = ФИО
templates-var-first-name = Имя
templates-var-last-name = Фамилия
templates-var-company = Название компании
templates-var-advertiser = Рекламодатель
templates-var-today = Сегодняшняя дата
templates-var-patronymic = Отчество
templates-var-about = { $kind ->
    [visit] Визит
    [order] Заказ
    [deal] Сделка
   *[payment] Оплата
}: { $part ->
    [date] дата
    [time] время
    [title] { $kind ->
        [visit] услуга
        [order] состав
       *[deal] название
    }
    [staff] мастер
    [place] филиал
    [number] номер
    [stage] { $kind ->
        [deal] этап
       *[order] статус
    }
   *[amount] сумма
}
templates-variable =
    <b>{ $title }</b>

    { $code }
    Нажмите на код, чтобы скопировать.
templates-variable-fallback =
    С запасным значением, если своего нет:
    { $code }
templates-variable-number =
    Деньги: <code>{"{{"} { $key } | money {"}}"}</code>
    Слово с числом: <code>{"{{"} { $key } | plural: "балл", "балла", "баллов" {"}}"}</code>
templates-variable-date = Без года: <code>{"{{"} { $key } | date_ru: "short" {"}}"}</code>
templates-variable-flag = Вместо многоточия напишите текст для тех, у кого стоит «да».
templates-fallback-example = друг
templates-variable-append = В конец текста
templates-variable-append-fallback = С запасным значением
templates-variable-added = Добавлено в конец текста.
templates-ask-fallback = <b>{ $title }</b>: что написать тем, у кого этого значения нет?
templates-fallback-bad = Нужно от 1 до { $most } символов.

templates-buttons-open = Кнопки
templates-buttons =
    <b>Кнопки</b> · { $name }

    Они стоят под сообщением, одна под другой. Нажмите на кнопку, чтобы изменить её.
templates-buttons-none = Пока ни одной.
templates-buttons-changed = Кнопки уже изменили. Откройте их заново.
templates-buttons-many = Больше { $most } кнопок добавить нельзя.
templates-button-add = ＋ Кнопка со ссылкой
templates-button-removed = Кнопка удалена.
templates-button-text = Надпись
templates-button-link = Ссылка
templates-button-up = ↑ Выше
templates-button-down = ↓ Ниже
templates-button-remove = Удалить
templates-button-card =
    🔗 <b>{ $text }</b>
    { $url }
templates-comes-line = 👍 { $text } — клиент подтверждает визит
templates-comes-not-line = 🙅 { $text } — клиент не придёт
templates-comes-add = 👍 Спросить, придёт ли клиент
templates-comes-text = Подтверждаю
templates-comes-not-text = Не приду
templates-comes-card =
    👍 <b>{ $text }</b>

    Одно нажатие — и ближайший визит клиента подтверждён в CRM. У кого визита нет, тот сообщение не получит.
templates-comes-not-card =
    🙅 <b>{ $text }</b>

    Нажатие увидят менеджеры, в CRM появится отметка или примечание. У кого визита нет, тот сообщение не получит.
templates-opt-out-add = 🚫 Добавить кнопку отписки
templates-opt-out-text = Отписаться
templates-opt-out-card =
    🚫 <b>{ $text }</b>

    Одно нажатие — и клиент больше не получает рекламу.
templates-ask-button =
    <b>Что написать на кнопке?</b>

    Можно сразу со ссылкой: <code>Записаться https://example.ru</code>
templates-ask-button-text = Какой будет надпись на кнопке?
templates-ask-button-link =
    Куда ведёт кнопка «{ $text }»?

    Пришлите адрес. В нём могут быть переменные: <code>https://example.ru/?c={"{{"} city | url_encode {"}}"}</code>
templates-button-text-empty = Надпись пустая.
templates-button-text-long = Надпись слишком длинная: { $count } { $count ->
    [one] символ
    [few] символа
   *[other] символов
}, можно { $most }.
templates-bad-link = Это не адрес страницы: «{ $url }».
templates-refused-link = Сюда мы никого не отправим: «{ $url }» — { $why }.
templates-again-html =
    { $problem }

    { $question }

templates-media = Фото или файл
templates-ask-media =
    <b>{ $name }</b>: пришлите фото или файл

    Фото — до { $photo }, документ — до { $document }. С файлом текст становится подписью: до { $caption } символов вместо { $text }.
templates-media-now = Сейчас: { $file }
templates-media-remove = Убрать файл
templates-media-removed = Файл убран.
templates-media-kept = Файл сохранён.
templates-media-needed = Здесь нужно фото или файл. Видео, голосовые и стикеры отправить нельзя.
templates-media-large = Файл слишком большой: можно до { $limit }. Сожмите его и пришлите снова.
templates-media-empty = Файл пустой.
templates-media-failed = Telegram не отдал файл.
templates-media-again =
    { $sentence }

    Пришлите другой файл.

templates-preview = Просмотр
templates-preview-for = 👤 { $name } · другой контакт
templates-preview-none =
    <b>{ $name }</b> не получит это сообщение.

    { $reason }
templates-preview-long =
    ❌ <b>Слишком длинно:</b> { $units } { $units ->
        [one] символ
        [few] символа
       *[other] символов
    }, можно { $limit }.

    { $part }
templates-preview-unread = <b>Показать нечего:</b> текст пока не читается.
templates-nameless = Без имени
templates-nobody =
    <b>Контактов пока нет</b>

    Просмотр показывает сообщение настоящего контакта. Загрузите контакты из файла или подключите CRM.
templates-ask-contact =
    <b>Чьё сообщение показать?</b>

    Напишите телефон, его последние цифры или имя.
templates-contact-unknown = Никого не нашлось: «{ $typed }».
templates-choose-contact = <b>Нашлось несколько.</b> Выберите или напишите точнее.
templates-test = Тест себе
templates-test-sent = Отправлено вам. Пример: { $name }.
templates-test-refused = Telegram не принял сообщение: { $words }
templates-worst = Худшие случаи
templates-worst-title =
    <b>Худшие случаи</b> · { $name }
    Посмотрели контактов: { $seen }
templates-worst-not-yet = Сначала исправьте ошибки: такой шаблон никому не отправится.
templates-worst-under-way = Уже смотрю. Результат появится сам.
templates-worst-looking =
    <b>Худшие случаи</b> · { $name }

    ⏳ Просмотрено { $seen } из { $most }. Можно заняться другим: результат появится здесь.
templates-worst-lost = Проверка прервалась. Начните её ещё раз.
templates-worst-costly = Просмотрено { $seen } из { $most }: шаблон сложный, дальше проверка заняла бы слишком много времени.
templates-worst-part = Это первые в базе; остальных проверит прогноз кампании.
templates-worst-all = ✅ Сообщение получается для каждого.
templates-worst-failed = ❌ Не получат сообщение: { $count }
templates-worst-missing = • нет значения <code>{ $name }</code>: { $count }
templates-worst-open = Сначала те, кто не получит, потом самые длинные. Нажмите, чтобы посмотреть.
templates-worst-open-longest = Ниже самые длинные. Нажмите, чтобы посмотреть.
templates-worst-length = { $name } · { $units } симв.
templates-sample-for = <b>Образец — { $name }:</b>
templates-sample-none = <b>Образца нет: контактов пока нет. Текст:</b>

templates-versions-open = Версии
templates-versions =
    <b>{ $name }</b>
    { $count } { $count ->
        [one] версия
        [few] версии
       *[other] версий
    }
templates-version-line = { $mark } Версия { $number } · { $state } · { $at }
templates-since = Что изменилось
templates-ask-base = С чем сравнить «{ $name }», версию { $number }?
templates-diff-title = <b>{ $name }</b>: версия { $old } → { $new }
templates-diff-other = Сравнить с другой
templates-diff-same = Отличий нет.
templates-diff-class = Вид: <s>{ $before }</s> <b>{ $after }</b>
templates-diff-styles = Слова те же, изменилось оформление.
templates-diff-media-added = Файл добавлен.
templates-diff-media-removed = Файл убран.
templates-diff-media = Файл другой.
templates-diff-buttons =
    Кнопки:
    { $lines }
templates-diff-legend = <i><b>Жирным</b> — добавлено, <s>зачёркнуто</s> — убрано.</i>
templates-copy = Копия
templates-copy-name = { $name } (копия)
templates-copied = Копия готова.
templates-advertiser-line = Реклама. { $variable }
templates-advertiser-added = Строка о рекламодателе добавлена в конец.
templates-opt-out-added = Кнопка отписки добавлена.
templates-names-replaced = Готово: подстановки заменены переменными.
templates-lost-emoji = Особые эмодзи получатели увидят обычными.
templates-lost-expandable = Раскрывающаяся цитата станет обычной.
templates-ask-rest =
    <b>Это весь текст?</b>

    В нём ровно { $limit } символов: столько помещается в одно сообщение, и Telegram режет более длинный текст на части. Если продолжение пришло следующим сообщением, допишем его; если нет, пришлите его сейчас.
templates-rest-none = Это весь текст
templates-mend-names = ✨ Сделать переменными
templates-mend-advertiser = ＋ «Реклама. { "{{" } advertiser { "}}" }»
templates-mend-opt-out = ＋ Кнопка отписки
templates-check-lost =
    { $count ->
        [0] ⚠️ Не получат { $missing } из { $of }.
       *[other] ⚠️ Не получат { $missing } из { $of }. Других предупреждений: { $count }.
    }
templates-problem-placeholder = «{ $written }» уйдёт получателям как есть. Переменная пишется так: { $variable }
templates-problem-placeholder-unknown = «{ $written }» уйдёт получателям как есть: такого поля нет.
templates-problem-styles = В тексте { $count } выделений, а Telegram показывает не больше { $limit }: остальные пропадут.
templates-media-album = Из альбома взято одно фото: к сообщению прикладывается один файл.
templates-campaign = 📣 Кампания
templates-more-open = Ещё…
templates-starters = 📋 Готовые тексты
templates-starters-title =
    <b>Готовые тексты</b>

    Выберите, потом поправьте под себя: 📣 реклама, 🔔 сервисное. В рекламе уже есть рекламодатель и кнопка отписки.
templates-starters-own = ✏️ Написать свой
templates-starter-taken = Готово: текст можно поправить.
templates-already-submitted = Уже ждёт согласования.
templates-already-approved = Уже согласован.
templates-already-draft = Уже отозван.
