keywords-button = Word
keywords-none =
    <b>Word: { $name }</b>

    Choose a word and print it on receipts, in the window, in advertising: whoever writes it to the bot is asked for consents, as after the link.
keywords-list =
    <b>Word: { $name }</b>

    Whoever writes such a word to the bot is asked for consents, as after the link. Case, “ё” and marks around it do not matter.
keywords-line = { $word } · came: { $came }
keywords-line-off = ⏸ { $word } · came: { $came }
keywords-new = ＋ New word
keywords-ask =
    <b>Which word?</b> { $name }

    A word or a short phrase of up to { $most } characters. For example: club
keywords-added = The word works.
keywords-length = It needs { $least } to { $most } characters with letters or digits, no more than { $words } words.
keywords-command = This is a command of the bot: take another word.
keywords-refusal = This is how people refuse messages, and a refusal always counts more. Take another word.
keywords-answer = This answers the bot’s questions. Take another word.
keywords-taken = There is this word already, perhaps in another channel or switched off.
keywords-many = There are { $most } words: no more are possible.
keywords-card =
    <b>Word “{ $word }”</b>
    Came by it: { $came }
keywords-everywhere = It works in all channels.
keywords-here = It works in the channel { $name } alone.
keywords-off = ⏸ Switched off: the bot takes it as any message.
keywords-to-print =
    Text to print:
    <code>{ $text }</code>
keywords-print = Write the word “{ $word }” to the chat { $chat } ({ $messenger }). Unsubscribe at any time: write “stop”.
keywords-copy = Copy the text
keywords-in-all = In all channels
keywords-only-here = In this channel alone
keywords-switch-off = Switch off
keywords-switch-on = Switch on
