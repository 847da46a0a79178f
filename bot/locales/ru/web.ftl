# Страницы, которые видит браузер.
web-oauth-title = Подключение amoCRM
web-oauth-done = amoCRM подключена: { $name }. Вернитесь в Telegram: контакты уже загружаются.
web-oauth-refused = Доступ не дан. Вернитесь в Telegram и подключите amoCRM заново, когда будете готовы.
web-oauth-failed = Подключить не получилось. Вернитесь в Telegram и подключите amoCRM заново.
