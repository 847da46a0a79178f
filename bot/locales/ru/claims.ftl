claims-button = Претензии
claims-title = <b>⚖️ Претензии</b>
claims-none = Претензий нет. Внесите сюда претензию получателя или ведомства — или свою к лицензиару: у каждой будет срок 30 дней.
claims-list = Открытые — сверху, с оставшимся сроком:
claims-line = № { $number } · { $claimant } ({ $state })
claims-left = до { $day }, { $left ->
    [one] остался { $left } день
    [few] осталось { $left } дня
   *[other] осталось { $left } дней
 }
claims-overdue = ⚠️ срок вышел { $day }
claims-new = ✏️ Внести претензию
claims-one-button = № { $number } · { $subject }
claims-export = Реестр файлом
claims-to-licensor = К лицензиару
claims-to-company = К нашей компании
claims-state-open = открыта
claims-state-answered = дан ответ
claims-state-closed = закрыта
claims-card =
    <b>Претензия № { $number }</b>, { $state }
    { $direction }
    От кого: { $claimant }
    Получена { $received }
claims-answer =
    <b>Ответ { $at }</b>
    { $text }
claims-answer-button = Записать ответ
claims-document-button = 📎 Документ
claims-close = Закрыть
claims-ask-direction = К кому претензия?
claims-ask-claimant = От кого претензия? Имя человека или название ведомства.
claims-ask-subject = В чём претензия? Можно приложить документ или снимок, а суть написать в подписи к нему.
claims-ask-subject-licensor = В чём ваша претензия к лицензиару? Можно приложить документ, а суть написать в подписи к нему.
claims-ask-answer = Претензия № { $number }: что ответили?
claims-closed-now = Претензия закрыта
claims-document = Документ к претензии № { $number }
claims-to-card = К претензии
claims-exported = Претензий в реестре: { $count }
claims-file-name = Претензии.xlsx
claims-sheet = Претензии
claims-head-number = Номер
claims-head-direction = К кому
claims-head-claimant = От кого
claims-head-subject = Суть
claims-head-received = Получена
claims-head-due = Срок
claims-head-state = Состояние
claims-head-answer = Ответ
claims-head-answered = Когда ответили
claims-length = Здесь от 1 до { $max } знаков
claims-absent = Этой претензии нет, или на неё уже ответили
claims-dossier-make = 📁 Собрать досье
claims-dossier-open = 📁 Досье
claims-dossier-line = 📁 Досье: { $about }, { $at }
claims-dossier-making = собирается
claims-dossier-nameless = клиент удалён
claims-dossier-asked = Досье собирается и приложено к претензии
claims-of-campaign = Кампания «{ $name }»
claims-ask-whose =
    Претензия № { $number }, от кого: { $claimant }

    Чьё досье приложить? Выберите или напишите имя либо телефон клиента.
claims-nobody = Никто не нашёлся. Напишите имя или телефон клиента иначе.
claims-date = 📅 Дата получения
claims-ask-date = Претензия № { $number }: когда её получили? Например 28.11.2026, «вчера». Срок в 30 дней посчитается с этого дня.
claims-head-dossier = Досье
