settings-card =
    <b>Компания</b>

    Название: { $name }
    Часовой пояс: { $zone }
    Язык клиентов по умолчанию: { $language }
    Номера без кода страны: { $region }

    Рекламодатель: { $advertiser }
    Для рекламы нужно согласие не слабее: { $grade }
    Пауза между рекламой одному человеку: { $cap }
    Сеанс завершается сам: через { $idle } без входа, самое позднее — через { $longest }
settings-held =
    ⛔ <b>Реклама остановлена { $since }.</b> Базу восстановили из копии, и кто отказался после неё, неизвестно. { $unread ->
        [none] Все подключённые CRM с тех пор прочитаны.
       *[some] Ещё не прочитаны: { $names }. CRM на паузе возобновите или отключите.
    }
settings-held-go = Разрешить рекламу
settings-held-ask =
    <b>Разрешить рекламу?</b>

    Если кто-то написал «стоп» после копии и это больше нигде не записано, он снова получит рекламу. Если отказы есть в другом месте (у сотрудников, в CRM), сначала внесите их.
settings-held-yes = Да, разрешить
settings-held-unread = Сначала нужно прочитать CRM: { $names }. Подождите, пока закончится синхронизация, или войдите в CRM заново.
settings-held-done = Реклама разрешена.
settings-name = Название
settings-zone = Часовой пояс
settings-region = Код страны
settings-advertiser = Рекламодатель
settings-advertiser-none = не указан; без него рекламный шаблон не пройдёт проверку
settings-grade = Уровень согласия
settings-cap = Частота рекламы
settings-language = Язык клиентов
settings-sessions = Сеансы
settings-days = { $count } { $count ->
    [one] день
    [few] дня
   *[other] дней
}
settings-session-idle = Без входа: { $days }
settings-session-longest = Всего: { $days }
settings-sessions-card =
    <b>Когда сеанс завершается сам?</b>

    «Без входа» — если участник столько дней не открывал бота. «Всего» — столько дней после входа, даже если пользуется каждый день. Дальше нужны логин и пароль.

    Код при входе — второй шаг после пароля: шесть цифр из приложения. Кто его не настроил, настроит при ближайшем действии.
settings-wordings = Тексты согласий
settings-saved = Сохранено.
settings-other = Другое…
settings-grade-a = A — дано в чате с ботом
settings-grade-b = B — подписанный документ
settings-grade-c = C — отметка в CRM с датой и автором
settings-grade-d = D — со слов владельца
settings-cap-none = без паузы
settings-cap-no = нет
settings-cap-day = сутки
settings-cap-weeks = { $weeks ->
    [1] неделя
    [one] { $weeks } неделя
    [few] { $weeks } недели
   *[other] { $weeks } недель
}
settings-cap-hours = { $hours } { $hours ->
    [one] час
    [few] часа
   *[other] часов
}
settings-zones =
    <b>Часовой пояс</b>

    Сейчас: { $zone }. По нему запускаются кампании, и в нём показано время.
settings-grades =
    <b>Какое согласие нужно для рекламы?</b>

    Чем выше уровень, тем надёжнее доказательство. Контакты с более слабым согласием рекламу не получат.
settings-caps =
    <b>Частота рекламы</b>

    Одному человеку — не чаще одной рекламы за это время. Сервисные сообщения не считаются.
settings-languages =
    <b>Язык клиентов</b>

    На нём бот пишет клиентам, язык которых неизвестен.
settings-ask-name = Напишите название компании. Его увидят участники и клиенты.
settings-ask-zone = Напишите город, например <code>Новосибирск</code>, или разницу, например <code>UTC+5</code>.
settings-ask-region = Напишите страну, например <code>Россия</code>. Номера без кода страны считаются номерами этой страны.
settings-ask-advertiser = Напишите, кто рекламодатель: название и ИНН. Эта строка обязательна в рекламных сообщениях.
settings-ask-cap = Сколько времени должно пройти между рекламой одному человеку? Например: <code>сутки</code>, <code>2 дня</code>, <code>неделя</code>, <code>36 часов</code>. Без паузы — 0, самое большее — 30 дней.
settings-again =
    { $sentence }

    Напишите ещё раз.
settings-purpose-personal-data = Персональные данные
settings-purpose-marketing = Реклама
settings-wordings-title =
    <b>Тексты согласий</b>

    Этот текст клиент видит перед согласием. Правка создаёт новую версию; согласия, полученные раньше, остаются с прежней.
settings-wording-line = { $purpose } · { $language } · версия { $version }
settings-wording-line-default = { $purpose } · { $language } · стандартный
settings-wording =
    <b>{ $purpose } · { $language }</b>
    Версия { $version } с { $since }

    { $body }
settings-wording-default =
    <b>{ $purpose } · { $language }</b>
    Стандартный текст

    { $body }
settings-wording-edit = Изменить
settings-wording-length = Текст — от 1 до { $max } { $max ->
    [one] символа
   *[other] символов
}.
settings-ask-wording =
    <b>{ $purpose } · { $language }</b>

    Напишите новый текст вопроса. Под ним будут кнопки «Согласиться» и «Отказаться».
settings-prices = Цены сообщений
settings-prices-title =
    <b>Цены сообщений</b>

    По ним считается стоимость кампании, в прогнозе и в отчёте. Своя цена действует с дня, когда её записали. Абонентская плата сюда не входит.
settings-prices-of = <b>{ $messenger }</b>
settings-prices-line = { $category }: { $prices }
settings-prices-button = { $messenger } · { $category }
settings-price-card = <b>Цена сообщения · { $messenger } · { $category }</b>
settings-price-own = Цены вашей компании:
settings-price-own-line = • { $country } — { $price }, с { $since }
settings-price-own-none = Своей цены нет.
settings-price-known = Известно на { $day }{ $confirmed ->
    [yes] { "" }
   *[no] , но самим мессенджером не подтверждено
}:
settings-price-known-line = • { $country } — { $price }
settings-price-known-none = Других данных о цене нет{ $own ->
    [yes] .
   *[no] : пока не записана своя, цена не задана.
}
settings-price-set = Записать цену
settings-price-clear = Убрать свои цены
settings-ask-price =
    <b>{ $messenger } · { $category }</b>

    Напишите, сколько стоит одно сообщение, вместе с валютой: <code>0,86 ₽</code>. Если это цена для одной страны, начните с неё: <code>Казахстан 3,5 тенге</code>. Ничего не стоит — <code>бесплатно</code>.
settings-price-bad-amount = Не понял, сколько. Напишите одно число, до шести цифр после запятой.
settings-price-bad-too-much = Больше десяти тысяч за одно сообщение не бывает.
settings-price-bad-currency = Не понял, в какой валюте. Напишите число с одной валютой: ₽, €, тенге или код, например BYN.
settings-price-bad-country = Нет такой страны. Напишите её название или две буквы: Казахстан, KZ.
settings-second-factor = Требовать код при входе от всех
settings-second-own-first = Сначала включите вход с кодом у себя: «Настройки» → «Сеансы» → «Вход с кодом»
settings-logo = Логотип можно показывать
