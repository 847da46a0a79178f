//! Invented people for the doubles of CRMs: the `n`-th of them has the same name and phone in every
//! CRM, so that several doubles can hold the same people.

const WOMEN: &[&str] = &["Анна", "Мария", "Елена", "Ольга", "Наталья", "Ирина", "Татьяна", "Светлана", "Юлия", "Дарья", "Алиса", "Вера"];
const MEN: &[&str] = &["Иван", "Алексей", "Дмитрий", "Сергей", "Андрей", "Павел", "Михаил", "Николай", "Роман", "Егор", "Артём", "Глеб"];
const LAST: &[&str] = &[
    "Соколов",
    "Лебедев",
    "Орлов",
    "Зайцев",
    "Воробьёв",
    "Голубев",
    "Журавлёв",
    "Синицын",
    "Снегирёв",
    "Чижов",
    "Дроздов",
    "Стрижов",
    "Кукушкин",
];
const CITIES: &[&str] = &["Москва", "Казань", "Санкт-Петербург", "Екатеринбург", "Новосибирск", "Нижний Новгород", "Тверь"];

/// One of a list, as it were by chance.
pub(crate) fn pick(list: &[&'static str], n: u64, salt: u64) -> &'static str {
    // The index is within the list: it is taken modulo its length.
    list[usize::try_from((n.wrapping_mul(2_654_435_761) >> 7).wrapping_add(salt) % list.len() as u64).unwrap_or(0)]
}

/// The phone of the `n`-th person in E.164, whatever its writing in the CRM.
#[must_use]
pub fn phone(n: u64) -> String {
    format!("+7999{:07}", 1_000_000 + n)
}

/// The same phone as people write it.
pub(crate) fn written(n: u64) -> String {
    let digits = format!("{:07}", 1_000_000 + n);
    let (a, b, c) = (&digits[..3], &digits[3..5], &digits[5..]);
    match n % 6 {
        0 => format!("8 (999) {a}-{b}-{c}"),
        1 => format!("+7 999 {a} {b} {c}"),
        2 => format!("8999{digits}"),
        3 => format!("+7(999){a}-{b}-{c}"),
        4 => format!("7 999 {a}{b}{c}"),
        _ => format!("+7999{digits}"),
    }
}

/// First and last name of the `n`-th person; every other one is a woman.
pub(crate) fn name(n: u64) -> (&'static str, String) {
    let woman = n.is_multiple_of(2);
    let first = pick(if woman { WOMEN } else { MEN }, n, n);
    (first, format!("{}{}", pick(LAST, n, n / 3), if woman { "а" } else { "" }))
}

/// Where the `n`-th person lives.
pub(crate) fn city(n: u64) -> &'static str {
    pick(CITIES, n, 0)
}
