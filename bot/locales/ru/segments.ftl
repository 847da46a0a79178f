segments-menu = Сегменты
segments-none =
    <b>Сегментов пока нет</b>

    Сегмент — это условие, по которому собираются люди: «VIP из Москвы, были за 90 дней». Кому писать, выбирают из сегментов.
segments-title = <b>Сегменты</b> — { $count }
segments-new = ＋ Новый
segments-help-button = Как писать условия
segments-card =
    <b>{ $name }</b>
    { $filter }
segments-everybody = Все контакты: условий нет
segments-count = Сейчас: <b>{ $count }</b>
segments-sample = Например: { $names }
segments-used = Используют кампании: { $names }
segments-add = ＋ Условие
segments-and = ＋ И…
segments-or = ＋ ИЛИ…
segments-conditions-button = Условия
segments-invert-all = Всё наоборот
segments-quoted = «{ $name }»
segments-text = Строкой
segments-rename = Имя
segments-delete = Удалить
segments-help =
    <b>Как писать условия</b>

    <code>tag = vip and city in (Москва, Казань)</code>
    <code>last_visit &lt; 90d</code> — был за последние 90 дней
    <code>last_visit &gt; 6m</code> — не был больше полугода
    <code>birthday in next 7d</code> — день рождения на неделе
    <code>sum &gt;= 10000 and not tag = опт</code>
    <code>consent &gt;= C</code> — согласие на рекламу не хуже C
    <code>last_answered is empty</code> — ещё не отвечал
    <code>(tag = vip or sum &gt; 50000) and phone = yes</code>

    Слева — поле по ключу или названию либо: tag, name, phone, telegram, language, source, consent, personal_data, opted_out, created, last_contacted, last_answered. Можно по-русски: <code>тег = vip и не город = Москва</code>.

    Сравнения: = != &lt; &lt;= &gt; &gt;= in contains between, is empty, is not empty, in next. Сроки: 7d, 2w, 3m, 1y. Дни: 01.05.2026, today, -7d.

    У кого поля нет, подходит только под <code>is empty</code> и под <code>not</code>.
segments-ask-name = Как назвать сегмент? Например: VIP Москвы
segments-ask-rename = Как теперь назвать сегмент «{ $name }»?
segments-name-again =
    { $sentence }

    Напишите имя ещё раз.
segments-name-taken = Сегмент «{ $name }» уже есть.
segments-name-bad = Имя — от 1 до 60 знаков.
segments-ask-text =
    <b>{ $name }</b>
    { $filter }

    Пришлите новое условие одной строкой. Например:
    <code>tag = vip and last_visit &lt; 90d</code>
segments-text-again =
    { $error }

    Исправьте и пришлите строку ещё раз.
segments-error =
    { $code }
    { $problem }
segments-ask-delete = Удалить сегмент «{ $name }»? Контакты останутся.
segments-delete-now = Да, удалить
segments-deleted = Сегмент удалён.
segments-in-use =
    Сегмент «{ $name }» пока не удалить: на него смотрят незавершённые кампании — { $users }.

    Завершите их или выберите в них другую аудиторию.
segments-in-use-toast = Сегмент нужен кампании «{ $name }».
segments-conditions = <b>Условия</b> — { $count }. Нажмите на условие, чтобы перевернуть или убрать его.
segments-condition = <code>{ $condition }</code>
segments-invert = Наоборот
segments-remove = Убрать
segments-add-and = Ещё одно условие, оба должны выполняться. О чём оно?
segments-add-or = Ещё одно условие, достаточно любого. О чём оно?
segments-how = <code>{ $name }</code> — как сравнить?
segments-with =
    <code>{ $name }</code> { $pick } …

    { $hint }
segments-value-wrong = ❗️ { $sentence }
segments-hint-flag = Выберите.
segments-hint-consent = Выберите: A — в этом чате, B — документ, C — поле CRM, D — со слов владельца.
segments-hint-days = Выберите или напишите срок: 45d, 2w, 3m, 1y.
segments-hint-date = Напишите день: 01.05.2026, today или -7d.
segments-hint-number = Напишите число.
segments-hint-list = Напишите значения через запятую.
segments-hint-tag = Выберите или напишите тег.
segments-hint-text = Напишите текст. Заглавные буквы и ё значения не имеют.
segments-yes = да
segments-no = нет
segments-any = есть любое
segments-none-given = нет
segments-days = { $days } { $days ->
    [one] день
    [few] дня
   *[many] дней
}
segments-name-tag = Тег
segments-name-name = Имя целиком
segments-name-first-name = Имя
segments-name-last-name = Фамилия
segments-name-phone = Есть телефон
segments-name-telegram = Есть Telegram
segments-name-language = Язык
segments-name-source = Откуда пришёл
segments-name-consent = Согласие на рекламу
segments-name-personal-data = Согласие на данные
segments-name-opted-out = Просил не писать
segments-name-created = Когда добавлен
segments-name-last-contacted = Когда писали мы
segments-name-last-answered = Когда писал он
segments-pick-is = равно
segments-pick-is-not = не равно
segments-pick-has-tag = есть
segments-pick-no-tag = нет
segments-pick-one-of = одно из
segments-pick-has = содержит
segments-pick-has-not = не содержит
segments-pick-less = меньше
segments-pick-at-most = не больше
segments-pick-more = больше
segments-pick-at-least = не меньше
segments-pick-not-worse = не хуже
segments-pick-before = до даты
segments-pick-after = после даты
segments-pick-within = за последние
segments-pick-older = раньше чем … назад
segments-pick-next = годовщина в ближайшие
segments-pick-empty = пусто
segments-pick-filled = заполнено
segments-kind-tags = теги
segments-kind-text = текст
segments-kind-number = число
segments-kind-date = дата
segments-kind-flag = да / нет
segments-kind-consent = согласие
segments-goes-text = =, !=, in, contains, is empty
segments-goes-number = =, !=, <, <=, >, >=, in, between, is empty
segments-goes-date = =, !=, <, <=, >, >=, in, between, is empty, а у полей ещё in next
segments-goes-flag = = и != с yes или no
segments-goes-consent = =, !=, <, <=, >, >=, in
segments-unknown-near = Поля «{ $name }» нет. Может быть, { $near }?
segments-unknown = Поля «{ $name }» нет. Поля видны в разделе «Контакты» → «Поля».
segments-expected-found = Здесь должно быть { $expected }, а стоит «{ $found }».
segments-expected-end = Строка обрывается: дальше должно быть { $expected }.
segments-expected-condition = условие — имя поля, not или скобка
segments-expected-operator = сравнение: =, !=, <, >, in, contains, is empty
segments-expected-value = значение
segments-expected-and-or = and, or или конец строки
segments-expected-list = скобка со списком: (Москва, Казань)
segments-expected-comma = запятая или закрывающая скобка
segments-expected-empty = empty или not empty
segments-expected-in = in, contains или empty
segments-expected-and = and и вторая граница
segments-unclosed-bracket = Эта скобка не закрыта.
segments-stray-bracket = Эта скобка лишняя: её ничего не открывает.
segments-unclosed-quote = Эта кавычка не закрыта.
segments-wrong-operator = «{ $operator }» не подходит: { $name } — это { $kind }. Подойдут { $fits }.
segments-bad-number = «{ $text }» — не число.
segments-bad-date = «{ $text }» — не день и не срок. Пример: 01.05.2026, today, 90d.
segments-age-in-list = «{ $text }» — срок, а здесь нужен день: 01.05.2026, today, -7d.
segments-bad-days = «{ $text }» — не срок в днях. Пример: 7d.
segments-bad-flag = «{ $text }» — не да и не нет.
segments-bad-grade = «{ $text }» — не уровень согласия. Бывают A, B, C, D, any и none.
segments-any-order = any нельзя сравнивать больше-меньше: только = или !=.
segments-too-long = Условие длиннее { $max } знаков.
segments-too-many = Слишком много: не больше { $conditions } условий и { $values } значений в списке.
segments-too-deep = Слишком много скобок друг в друге.
