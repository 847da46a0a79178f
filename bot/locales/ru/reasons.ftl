# Что стало с сообщением.
reasons-state-queued = ждёт очереди
reasons-state-sending = отправляется
reasons-state-sent = отправлено
reasons-state-delivered = доставлено
reasons-state-read = прочитано
reasons-state-failed = не доставлено
reasons-state-skipped = пропущено
reasons-state-uncertain = исход неизвестен
reasons-state-cancelled = отменено

# Почему: строчные, продолжают фразу после тире или двоеточия.
reasons-no-address = нет адреса в этом канале: человек не запускал бота
reasons-no-consent = нет согласия на рекламу
reasons-consent-grade = согласие подтверждено слабее, чем требует компания
reasons-opted-out = отписался
reasons-suppressed = есть в стоп-листе
reasons-doubt = похоже, просил не писать: ждём ответа
reasons-frequency-cap = недавно уже получал рекламу
reasons-duplicate-address = этот адрес уже есть у другого получателя
reasons-deleted = контакт удалён
reasons-unreachable = адрес не работает
reasons-licence = закончилась лицензия
reasons-window-closed = вышло время отправки
reasons-campaign-stopped = кампанию остановили
reasons-no-value = нет данных для шаблона
reasons-too-long = текст вышел длиннее, чем принимает мессенджер
reasons-too-much-work = шаблон слишком сложный
reasons-empty = текст вышел пустым
reasons-bad-markup = в тексте ошибка разметки
reasons-blocked = заблокировал бота
reasons-rejected = мессенджер не принял сообщение
reasons-attempts-exhausted = не получилось за все попытки
reasons-no-answer = мессенджер не ответил, дошло ли
reasons-other = другая причина ({ $word })
