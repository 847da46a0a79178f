twins-menu = Похожие: { $count }
twins-none =
    <b>Похожих нет</b>

    Здесь появляются пары, которые могут быть одним человеком: общий телефон, общая почта или одинаковые имя и дата рождения. Один телефон в двух CRM при непротиворечивом имени объединяется сам.
twins-title =
    <b>Один человек?</b> { $at } из { $of }
    { $why }
twins-why-phone = Общий телефон.
twins-why-email = Общая почта.
twins-why-birthday = Одинаковые имя и дата рождения.
twins-side =
    <b>{ $name }</b>
    С { $since } · { $source }
twins-in-crm = CRM: { $crms }
twins-out = 🚫 Отписка
twins-same = Один человек
twins-two = Разные люди
twins-joined = Объединены. Разделить можно в списке объединённых.
twins-apart = Запомнили: разные люди.
twins-joins = Объединённые: { $count }
twins-joins-none = Объединённых нет.
twins-joins-title =
    <b>Объединённые</b>

    { $lines }
twins-line = <b>{ $name }</b> и { $other }: { $why }, { $day }
twins-proof-phone = один телефон в двух CRM
twins-proof-crm = карточки объединены в CRM
twins-proof-gone = одной карточки в CRM больше нет, её телефоны у другой
twins-proof-member = по решению участника { $member }
twins-proof-someone = объединил сотрудник
twins-divide = Разделить: { $name } и { $other }
twins-ask-divide =
    <b>Разделить?</b> { $name } и { $other }, объединены { $day }

    У каждого будет то, что было до объединения. Что пришло после, останется у «{ $name }». Отписка останется у обоих. Сами они больше не объединятся.
twins-divide-now = Да, разделить
twins-divided = Разделены.
twins-open = Открыть карточку
twins-not-last = С этим человеком позже объединён ещё кто-то. Сначала разделите последнее объединение.
twins-names = Имя
twins-wins =
    <b>{ $title }: чьё значение показывать?</b>

    Для людей, которые есть в нескольких CRM. Если там пусто, берём у остальных. Меняется сразу у всех, кого это касается.
twins-applying = Применяем: { $done } из { $total }
twins-wins-first = той CRM, где человек появился раньше
twins-wins-newest = той, где карточку меняли последней
twins-chosen = Сохранено.
twins-wins-button = Чьё значение
twins-wins-names = Чьё имя
twins-divide-button = Разделить
