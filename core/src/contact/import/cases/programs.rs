//! Files of the kinds that cash desks, CRMs, forms and mail programs write.

/// More of the same kinds, of the programs people have.
pub(super) const PROGRAMS: &[(&str, &str, &str)] = &[
    (
        "1C.csv",
        "Список контрагентов\n\nНаименование;ИНН;Контактное лицо;Телефон;Адрес электронной почты\n\
         ООО «Лютик»;7712345678;Соколова Вера Петровна;8 (495) 123-45-67, доб. 12;info@example.org\n\
         ИП Орлов;771234567890;Орлов Пётр;8-916-100-00-02 (Пётр);-\n",
        "+74951234567 info@example.org | Соколова Вера Петровна | Вера\n\
         +79161000002 | Орлов Пётр | Пётр\n\
         Above { rows: 1 }",
    ),
    (
        "bitrix24.csv",
        "\"ID\";\"Имя\";\"Отчество\";\"Фамилия\";\"Рабочий телефон\";\"Мобильный телефон\";\"Рабочий e-mail\";\"Ответственный\";\"Дата рождения\"\n\
         \"15\";\"Вера\";\"Петровна\";\"Соколова\";\"+79161000003\";\"+79161000004, +79161000005\";\"v@example.org\";\"Пётр\";\"12.05.1986\"\n",
        "+79161000003 +79161000004 +79161000005 v@example.org | Соколова Вера Петровна | Вера | {\"birthday\":\"1986-05-12\"}",
    ),
    (
        "yclients.csv",
        "Имя;Телефон;Email;Категории;Дата рождения;Скидка;Карта;Первый визит;Кол-во визитов;Комментарий\n\
         Анна Орлова;+7 916 100-00-06;;VIP, Постоянный;12 мая;10%;9161112233;01.02.2026 10:00;5;\"звонить\nпосле 18\"\n",
        "+79161000006 | Анна Орлова | Анна | #vip #постоянный\n\
         without no_year: 1",
    ),
    (
        "tilda.csv",
        "Name,Phone,Email,Request ID,Form name,sent,utm_source\n\
         Анна,+7 (916) 100-00-07,a@example.org,1:234567890,Форма,2026-10-01 10:00:00,vk\n\
         Борис,+7 (___) ___-__-__,,1:234567891,Форма,2026-10-01 10:05:00,vk\n",
        "+79161000007 a@example.org | Анна | Анна\n\
         refused no_address: 1",
    ),
    (
        "getcourse.csv",
        "id,Email,Тип регистрации,Создан,Имя,Фамилия,Телефон,Дата рождения,Город\n\
         1001,a@example.org,Регистрация,2026-01-05 10:11:12,Анна,Орлова,79161000008,0000-00-00,Казань\n",
        "+79161000008 a@example.org | Анна Орлова | Анна | {\"city\":\"Казань\"}",
    ),
    (
        "outlook.csv",
        "First Name,Middle Name,Last Name,Company,Business Phone,Home Phone,Mobile Phone,Company Main Phone,E-mail Address,E-mail 2 Address,Birthday\n\
         Anna,,Smith,Lutik,+44 20 7946 0018,,+7 916 100-00-09,+7 495 100-00-00,anna@example.org,a2@example.org,5/25/1986\n\
         John,,Brown,,,,+7 916 100-00-10,,,,5/6/1986\n",
        "+442079460018 +79161000009 a2@example.org anna@example.org | Anna Smith | Anna | {\"birthday\":\"1986-05-25\"}\n\
         +79161000010 | John Brown | John | {\"birthday\":\"1986-05-06\"}",
    ),
    (
        "orders.csv",
        "Номер заказа;Покупатель;Телефон;Метки\n\
         9260000001;Орлова Анна;89161000011;осень\n9260000002;Орлова Анна;+7 916 100-00-11;зима\n9260000003;Котов Борис;89161000011;лето\n",
        "+79161000011 | Орлова Анна | Анна | #зима #лето #осень\n\
         without other_name: 1",
    ),
    (
        "contacts.vcf",
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=9E=D1=80=D0=BB=D0=BE=D0=B2=D0=B0;=D0=90=D0=BD=D0=BD=D0=B0;;;\n\
         FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=90=D0=BD=D0=BD=D0=B0 =D0=9E=D1=80=D0=BB=\n=D0=BE=D0=B2=D0=B0\n\
         TEL;CELL;PREF:8-916-100-00-12\nTEL;WORK:+7 495 100-00-12\nEND:VCARD\n\
         BEGIN:VCARD\nVERSION:4.0\nFN:Такси\nTEL;VALUE=uri:tel:5555\nEND:VCARD\n",
        "+74951000012 +79161000012 | Анна Орлова | Анна\n\
         refused phone_too_short: 1",
    ),
    (
        "whatsapp.csv",
        "Name,WhatsApp,Group\nАнна,79161000013@c.us,Чат\nБорис,https://wa.me/79161000014,Чат\n",
        "+79161000013 | Анна | Анна\n\
         +79161000014 | Борис | Борис",
    ),
    (
        "bare.csv",
        "9161000015\n8 916 100 00 16\nнет\n",
        "+79161000015 |  | \n\
         +79161000016 |  | \n\
         refused no_address: 1",
    ),
    (
        "excel.csv",
        "ФИО;Телефон\nОрлова Анна;7,91610E+10\nКотов Борис;7,9161000018E+10\nБелов Глеб;79161000019,0\n",
        "+79161000018 | Котов Борис | Борис\n\
         +79161000019 | Белов Глеб | Глеб\n\
         refused phone_rounded: 1",
    ),
];
