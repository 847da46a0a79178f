segments-menu = Сегменты
segments-none =
    <b>Сегментов пока нет</b>

    Сегмент — это условие, по которому собираются люди: «VIP из Москвы, были за 90 дней». Кому писать, выбирают из сегментов.
segments-title = <b>Сегменты</b> — { $count }
segments-find = Напишите начало названия, и сегмент найдётся.
segments-not-found = Сегмента «{ $typed }» нет
segments-found = <b>Какой сегмент?</b>
segments-found-more = И ещё { $count }: напишите точнее.
segments-new = ＋ Новый
segments-help-button = Как писать условия
segments-card =
    <b>{ $name }</b>
    { $filter }
segments-everybody = Все контакты: условий нет
segments-count = Подходит: <b>{ $count }</b>
segments-sample = Например: { $names }
segments-used = Его используют кампании: { $names }
segments-add = ＋ Условие
segments-and = ＋ И…
segments-or = ＋ ИЛИ…
segments-conditions-button = Условия
segments-invert-all = Исключить (НЕ)
segments-quoted = «{ $name }»
segments-text = Написать текстом
segments-rename = Переименовать
segments-delete = Удалить
segments-help =
    <b>Как писать условия</b>

    <code>тег = vip и город в (Москва, Казань)</code>
    <code>последний визит за последние 90 дней</code>
    <code>последний визит больше 6 месяцев назад</code>
    <code>день рождения в ближайшие 7 дней</code>
    <code>сумма не меньше 10 000 и не тег = опт</code>
    <code>согласие на рекламу не хуже C</code>
    <code>последнее сообщение клиента пусто</code> — ещё не писал
    <code>(тег = vip или сумма &gt; 50 000) и есть телефон</code>

    Слева — ваше поле по названию либо: тег, имя, фамилия, ФИО, телефон, Telegram, язык, источник, согласие на рекламу, согласие на данные, отписан, добавлен, последняя рассылка, последнее сообщение клиента.

    Сравнивайте словами или знаками: =, не, &lt;, &gt;, «больше», «не меньше», «от … до …», «в (…)», «содержит», «пусто», «за последние», «в ближайшие». Сроки: 7 дней, 2 недели, полгода. Дни: 01.05.2026, 1 мая 2026, сегодня. По-английски тоже можно: <code>tag = vip and last_visit &lt; 90d</code>.

    У кого поле не заполнено, подходит только под «пусто» и под «не (…)».
segments-ask-name = Как назвать сегмент? Например: VIP Москвы
segments-ask-rename = Как теперь назвать сегмент «{ $name }»?
segments-name-again =
    { $sentence }

    Напишите имя ещё раз.
segments-name-taken = Сегмент «{ $name }» уже есть.
segments-name-bad = Имя — от 1 до 60 символов.
segments-ask-text =
    <b>{ $name }</b>
    { $filter }

    Пришлите новое условие. Например:
    <code>тег = vip и последний визит за последние 90 дней</code>
segments-text-again =
    { $error }

    Исправьте и пришлите ещё раз.
segments-error =
    { $code }
    { $problem }
segments-ask-delete = Удалить сегмент «{ $name }»? Контакты останутся.
segments-delete-now = Да, удалить
segments-deleted = Сегмент удалён.
segments-in-use =
    Сегмент «{ $name }» пока не удалить: его используют кампании { $users }.

    Завершите их или выберите в них другую аудиторию.
segments-in-use-toast = Сегмент нужен кампании «{ $name }».
segments-changed = Условие этого сегмента только что изменили. Вот каким оно стало.
segments-ask-remove-last = Это единственное условие сегмента «{ $name }». Без него в сегмент попадут все контакты.
segments-remove-last = Да, пусть будут все
segments-conditions = <b>Условия</b> — { $count }. Нажмите на условие, чтобы исключить или убрать его.
segments-condition = { $condition }
segments-invert = Исключить (НЕ)
segments-remove = Убрать
segments-add-and = Какое условие?
segments-add-or = Какое условие? Достаточно, чтобы выполнилось любое.
segments-how = <b>{ $name }</b>: как сравнить?
segments-with =
    <b>{ $name }</b> { $pick } …

    { $hint }
segments-value-wrong = ❗️ { $sentence }
segments-hint-flag = Выберите.
segments-hint-consent = Выберите: A — в чате с ботом, B — документ, C — отметка в CRM, D — со слов владельца.
segments-hint-days = Выберите или напишите срок: 45 дней, 2 недели, 3 месяца, год.
segments-hint-date = Напишите день: 01.05.2026, 1 мая 2026, сегодня.
segments-hint-number = Напишите число, например 1 250,5.
segments-hint-list = Напишите значения через запятую.
segments-hint-tag = Выберите или напишите тег.
segments-hint-text = Напишите текст. Заглавные буквы и ё значения не имеют.
segments-yes = да
segments-no = нет
segments-any = есть
segments-none-given = нет
segments-days = { $days } { $days ->
    [one] день
    [few] дня
   *[many] дней
}
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
segments-pick-older = больше чем … назад
segments-pick-next = день рождения (годовщина) в ближайшие
segments-pick-empty = пусто
segments-pick-filled = заполнено
segments-kind-tags = теги
segments-kind-text = текст
segments-kind-number = число
segments-kind-date = дата
segments-kind-flag = да / нет
segments-kind-consent = согласие
segments-goes-text = «=», «не», «в (…)», «содержит» и «пусто»
segments-goes-number = «=», «больше», «меньше», «от … до …» и «пусто»
segments-goes-date = «до», «после», «за последние», «больше … назад», «пусто», а у ваших полей ещё «в ближайшие»
segments-goes-flag = «да» и «нет»
segments-goes-consent = «есть», «нет», «не хуже C»
segments-unknown-near = Поля «{ $name }» нет. Может быть, «{ $near }»?
segments-unknown = Поля «{ $name }» нет. Поля видны в разделе «Контакты» → «Поля».
segments-value-alone = После «и» нужно новое условие. Если «{ $value }» — ещё одно значение, напишите списком: { $name } в (…, { $value })
segments-expected-found = Здесь нужно { $expected }, а стоит «{ $found }».
segments-expected-end = Строка обрывается: дальше нужно { $expected }.
segments-expected-condition = условие: название поля, «не» или скобка
segments-expected-operator = сравнение: =, >, «больше», «в (…)», «содержит» или «пусто»
segments-expected-value = значение
segments-expected-and-or = «и», «или» либо конец строки
segments-expected-list = список в скобках: (Москва, Казань)
segments-expected-comma = запятую или закрывающую скобку
segments-expected-empty = «пусто» или «не пусто»
segments-expected-in = «в (…)», «содержит» или «пусто»
segments-expected-and = «и» и вторую границу
segments-unclosed-bracket = Эта скобка не закрыта.
segments-stray-bracket = Эта скобка лишняя: её ничего не открывает.
segments-unclosed-quote = Эта кавычка не закрыта.
segments-wrong-operator = «{ $operator }» не подходит: «{ $name }» — это { $kind }. Подойдут { $fits }.
segments-bad-number = «{ $text }» — не число. Пример: 1 250,5
segments-either-number = Это { $grouped } или { $decimal }? Напишите без запятой между тысячами или с точкой перед дробью.
segments-bad-date = «{ $text }» — не день и не срок. Пример: 01.05.2026, сегодня, 30 дней назад.
segments-age-in-list = «{ $text }» — срок, а здесь нужен день: 01.05.2026, сегодня.
segments-born-later = Дни рождения ищут до какого-то дня: «в { $days ->
        [one] ближайший { $days } день
        [few] ближайшие { $days } дня
       *[many] ближайшие { $days } дней
    }» или «сегодня».
segments-bad-days = «{ $text }» — не срок. Пример: 7 дней, неделя, месяц.
segments-bad-flag = «{ $text }» — не да и не нет.
segments-bad-grade = «{ $text }» — не уровень согласия. Бывают A, B, C, D, «есть» и «нет».
segments-any-order = «Есть» нельзя сравнивать больше-меньше. Напишите уровень: A, B, C или D.
segments-too-long = Условие длиннее { $max } символов.
segments-too-many = Слишком много: не больше { $conditions } условий и { $values } значений в списке.
segments-too-deep = Слишком много скобок друг в друге.
segments-campaign = 📣 Кампания
segments-more = Ещё…
segments-export = Выгрузить в Excel
segments-to-card = Карточка сегмента
