keywords-button = Слово
keywords-none =
    <b>Слово: { $name }</b>

    Придумайте слово и напечатайте его на чеке, витрине или в рекламе: кто напишет его боту, того бот попросит о согласиях, как по ссылке.
keywords-list =
    <b>Слово: { $name }</b>

    Кто напишет такое слово боту, того бот попросит о согласиях, как по ссылке. Регистр, «ё» и знаки вокруг не важны.
keywords-line = { $word } · пришли: { $came }
keywords-line-off = ⏸ { $word } · пришли: { $came }
keywords-new = ＋ Новое слово
keywords-ask =
    <b>Какое слово?</b> { $name }

    Слово или короткая фраза до { $most } символов. Например: клуб
keywords-added = Слово работает.
keywords-length = Нужно от { $least } до { $most } символов с буквами или цифрами, не больше { $words } слов.
keywords-command = Это команда бота: возьмите другое слово.
keywords-refusal = Так люди отказываются от сообщений, и отказ всегда важнее. Возьмите другое слово.
keywords-answer = Этим отвечают на вопросы бота. Возьмите другое слово.
keywords-taken = Такое слово уже есть, может быть, в другом канале или выключенное.
keywords-many = Слов уже { $most }: больше нельзя.
keywords-card =
    <b>Слово «{ $word }»</b>
    Пришли по нему: { $came }
keywords-everywhere = Работает во всех каналах.
keywords-here = Работает только в канале { $name }.
keywords-off = ⏸ Выключено: бот принимает его как обычное сообщение.
keywords-to-print =
    Текст для печати:
    <code>{ $text }</code>
keywords-print = Напишите слово «{ $word }» в чат { $chat } ({ $messenger }). Отписаться можно в любой момент: напишите «стоп».
keywords-copy = Скопировать текст
keywords-in-all = Во всех каналах
keywords-only-here = Только в этом канале
keywords-switch-off = Выключить
keywords-switch-on = Включить
