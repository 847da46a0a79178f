support-button = Поддержка
support-title = <b>🛟 Поддержка</b>
support-none = Обращений нет. Напишите, что случилось: ответ придёт сюда же, в этот чат.
support-list = Ваши обращения:
support-line = № { $number } ({ $state }): { $words }
support-by-mail =
    <b>🛟 Поддержка</b>

    Вопросы принимаются по почте: { $address }
support-state-open = ждёт ответа
support-state-answered = есть ответ
support-state-closed = закрыто
support-due = ответ до конца { $day }
support-due-unknown = срок ответа не посчитан: рабочие дни этого года ещё не известны
support-overdue = ⚠️ ответ просрочен, обещан к { $day }
support-new = ✏️ Новое обращение
support-ticket-button = № { $number } · { $words }
support-card =
    <b>Обращение № { $number }</b>, { $state }
    Открыто { $opened }
support-side-licensor = Поддержка
support-side-company = Компания
support-write = ✏️ Дописать
support-facts-button = Приложить сведения
support-close = Закрыть
support-ask = Опишите, что случилось: что нажали и что увидели. Можно приложить снимок экрана или файл. Не пишите паролей и токенов.
support-ask-more = Обращение № { $number }: что добавить? Можно приложить снимок экрана или файл.
support-offer =
    Уйдёт вот это и ничего больше. Имён, телефонов, текстов и секретов здесь нет.

    { $facts }
support-send-facts = Отправить
support-facts-sent = Сведения приложены
support-closed-now = Обращение закрыто
support-no-file = Файл не удалось получить из Telegram. Пришлите его ещё раз, до 20 МБ
support-length = В сообщении от 1 до { $max } знаков
support-absent = Этого обращения уже нет, или оно закрыто
support-facts-settings = пояс { $zone }, язык { $language }, доказательства от { $grade }, перерыв { $cap } ч
support-facts-plan = тариф { $plan }
support-facts-channel = канал { $kind }: { $state }
support-facts-failed = не разобрано событий: { $count }
support-facts-campaign = кампания { $id }: { $state }; всего { $planned }, отправлено { $sent }, не ушло { $failed }, пропущено { $skipped }, неизвестно { $uncertain }
