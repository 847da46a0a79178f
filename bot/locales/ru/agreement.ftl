agreement-button = Соглашение
agreement-title = <b>📄 Соглашение</b>
agreement-none = Лицензиар не опубликовал ни одного текста: принимать нечего.
agreement-owed = ⚠️ Прочитайте и примите: до этого новые рассылки не запустятся. Идущие рассылки, отписки и выгрузки работают.
agreement-owed-owner = ⚠️ Текст ждёт владельца компании: пока он не примет его, новые рассылки не запустятся.
agreement-all-accepted = Всё, что действует, принято.
agreement-document-agreement = Лицензионное соглашение
agreement-document-privacy = Политика персональных данных
agreement-version = { $name }, версия { $version }
agreement-line-accepted = Версия { $version } от { $from }: принята { $when }, { $who }
agreement-line-waits = Версия { $version } от { $from }: ⚠️ не принята
agreement-line-ahead = Версия { $version } вступит в силу { $from }: ещё не принята
agreement-line-accepted-ahead = Версия { $version } вступит в силу { $from }: принята { $when }, { $who }
agreement-read-ahead = Новая версия: { $name }
agreement-read-waits = ⚠️ { $name }
agreement-page-title = <b>{ $name }</b>, действует с { $from }
agreement-file-button = 📎 Файлом
agreement-file =
    { $name }

    SHA-256: <code>{ $hash }</code>
agreement-to-text = К тексту
agreement-changes-button = Что изменилось
agreement-changes =
    <b>{ $name }: что изменилось</b>
    По сравнению с принятой версией { $before }. Зачёркнуто — убрано, жирным — добавлено.

    { $body }
agreement-same = Текст тот же.
agreement-accept = ✅ Принимаю от имени компании
agreement-accepted-now = Принято: версия { $version }
agreement-another = Текст уже другой: прочитайте его ещё раз
agreement-history-button = История файлом
agreement-history =
    Принятые версии: { $count }
agreement-history-name = Соглашение, история.xlsx
agreement-sheet = История
agreement-head-document = Документ
agreement-head-version = Версия
agreement-head-when = Когда принят
agreement-head-who = Кто
agreement-head-login = Логин
agreement-head-language = Язык
agreement-head-messenger = Мессенджер
agreement-head-chat = Чат
agreement-head-hash = SHA-256 текста
