//! The screens of support: pure.

use mms_core::{
    agreement::support::{Message, Side, State, Ticket},
    clock::Moment,
    id::TicketId,
    text::escape,
};

use super::Call;
use crate::{
    frame::{page::Page, screen::Screen},
    i18n::Tr,
    p,
    screens::{claims, contacts::say, register},
    t,
};

/// Characters of a ticket's messages that are shown, the last of them.
const SHOWN: usize = 3_000;

fn state(tr: Tr, state: State) -> String {
    match state {
        State::Open => p!(tr, "support-state-open"),
        State::Answered => p!(tr, "support-state-answered"),
        State::Closed => p!(tr, "support-state-closed"),
    }
}

fn mark(state: State) -> &'static str {
    match state {
        State::Open => "⏳",
        State::Answered => "💬",
        State::Closed => "☑️",
    }
}

/// Where the licensor prefers letters.
#[must_use]
pub fn by_mail(tr: Tr, address: &str, owner: bool) -> Screen {
    Screen::new(t!(tr, "support-by-mail", address = address))
        .button_if(owner, p!(tr, "claims-button"), claims::Call::List { page: 0 })
        .home(tr)
}

/// The tickets.
#[must_use]
pub fn list(tr: Tr, tickets: &[Ticket], owner: bool, page: Page, now: Moment) -> Screen {
    let mut html = t!(tr, "support-title");
    html.push_str("\n\n");
    html.push_str(&if tickets.is_empty() { t!(tr, "support-none") } else { t!(tr, "support-list") });
    for one in tickets {
        html.push('\n');
        html.push_str(&format!("{} {}", mark(one.state), line(tr, one, now)));
    }
    let entry = |one: &Ticket| {
        let text = p!(tr, "support-ticket-button", number = one.number, words = say::short(&one.first, 30));
        (text, Call::Card { ticket: one.id })
    };
    let screen = Screen::new(html).button(p!(tr, "support-new"), Call::New);
    register::entries(screen, tickets, entry, page, |page| Call::List { page })
        .button_if(owner, p!(tr, "claims-button"), claims::Call::List { page: 0 })
        .at(Call::List { page: page.at })
        .home(tr)
}

fn line(tr: Tr, ticket: &Ticket, now: Moment) -> String {
    let words = t!(tr, "support-line", number = ticket.number, state = state(tr, ticket.state), words = say::short(&ticket.first, 60));
    match clock(tr, ticket, now) {
        Some(clock) => format!("{words} · {clock}"),
        None => words,
    }
}

/// Until when an answer is due, while one is.
fn clock(tr: Tr, ticket: &Ticket, now: Moment) -> Option<String> {
    if ticket.state != State::Open {
        return None;
    }
    Some(match ticket.due_at {
        None => t!(tr, "support-due-unknown"),
        // The end of a day is the day before.
        Some(due) if due > now => t!(tr, "support-due", day = tr.day(due - chrono::TimeDelta::seconds(1))),
        Some(due) => t!(tr, "support-overdue", day = tr.day(due - chrono::TimeDelta::seconds(1))),
    })
}

/// A ticket with its last messages.
#[must_use]
pub fn card(tr: Tr, ticket: &Ticket, thread: &[Message], now: Moment) -> Screen {
    let mut html = t!(tr, "support-card", number = ticket.number, state = state(tr, ticket.state), opened = tr.moment(ticket.opened_at));
    if let Some(clock) = clock(tr, ticket, now) {
        html.push('\n');
        html.push_str(&clock);
    }
    let mut shown: Vec<String> = Vec::new();
    let mut room = SHOWN;
    for message in thread.iter().rev() {
        let who = match (message.side, &message.member) {
            (Side::Licensor, _) => p!(tr, "support-side-licensor"),
            (Side::Company, Some(name)) => name.clone(),
            (Side::Company, None) => p!(tr, "support-side-company"),
        };
        let body: String = message.body.chars().take(room).collect();
        room = room.saturating_sub(body.chars().count());
        let file = if message.file_id.is_some() { " 📎" } else { "" };
        let at = escape(&tr.when(message.created_at, now));
        shown.push(format!("<b>{}</b>, {at}{file}\n{}", escape(&who), escape(&body)));
        if room == 0 {
            break;
        }
    }
    shown.reverse();
    html.push_str("\n\n");
    html.push_str(&shown.join("\n\n"));
    let open = ticket.state != State::Closed;
    Screen::new(html)
        .button_if(open, p!(tr, "support-write"), Call::Write { ticket: ticket.id })
        .button_if(open, p!(tr, "support-facts-button"), Call::Facts { ticket: ticket.id })
        .button_if(open, p!(tr, "support-close"), Call::Close { ticket: ticket.id })
        .at(Call::Card { ticket: ticket.id })
        .nav(tr, Call::List { page: 0 })
}

/// What is it about?
#[must_use]
pub fn ask(tr: Tr, ticket: Option<&Ticket>) -> Screen {
    match ticket {
        None => Screen::new(t!(tr, "support-ask")).nav(tr, Call::List { page: 0 }),
        Some(ticket) => Screen::new(t!(tr, "support-ask-more", number = ticket.number)).nav(tr, Call::Card { ticket: ticket.id }),
    }
}

/// What would go along, to be read first.
#[must_use]
pub fn offer(tr: Tr, ticket: TicketId, facts: &str) -> Screen {
    Screen::new(t!(tr, "support-offer", facts = facts))
        .button(p!(tr, "support-send-facts"), Call::SendFacts { ticket })
        .nav(tr, Call::Card { ticket })
}

#[cfg(test)]
mod tests {
    use mms_core::id::{AccountId, MemberId};

    use super::*;
    use crate::{snapshots, testing};

    fn ticket(number: i64, state: State) -> Ticket {
        Ticket {
            id: TicketId(uuid::Uuid::nil()),
            account_id: AccountId(uuid::Uuid::nil()),
            number,
            member_id: MemberId(uuid::Uuid::nil()),
            member: "Анна <К>".to_owned(),
            state,
            opened_at: testing::moment(),
            due_at: Some(testing::moment() + chrono::TimeDelta::days(2)),
            closed_at: None,
            first: "Не приходит <код> при входе".to_owned(),
        }
    }

    fn message(side: Side, body: &str) -> Message {
        let member = (side == Side::Company).then(|| "Анна <К>".to_owned());
        Message { side, member, body: body.to_owned(), file_id: None, created_at: testing::moment() }
    }

    snapshots!(support_none, |tr| list(tr, &[], true, Page::of(0, 8, 0), testing::moment()));
    snapshots!(support_list, |tr| {
        let late = Ticket { due_at: Some(testing::moment() - chrono::TimeDelta::days(1)), ..ticket(2, State::Open) };
        let unknown = Ticket { due_at: None, ..ticket(4, State::Open) };
        let all = [ticket(3, State::Open), late, ticket(1, State::Answered), unknown, ticket(5, State::Closed)];
        list(tr, &all, true, Page::of(5, 8, 0), testing::moment())
    });
    snapshots!(support_card, |tr| {
        let thread = [message(Side::Company, "Не приходит <код> при входе"), message(Side::Licensor, "Проверьте часы телефона.")];
        card(tr, &ticket(3, State::Answered), &thread, testing::moment())
    });
    snapshots!(support_card_closed, |tr| card(tr, &ticket(3, State::Closed), &[message(Side::Company, "Спасибо")], testing::moment()));
    snapshots!(support_ask, |tr| ask(tr, None));
    snapshots!(support_ask_more, |tr| ask(tr, Some(&ticket(3, State::Open))));
    snapshots!(support_offer, |tr| offer(tr, TicketId(uuid::Uuid::nil()), "mms 0.1.0\nEurope/Moscow"));
    snapshots!(support_by_mail, |tr| by_mail(tr, "help@example.com", true));

    #[test]
    fn a_long_thread_shows_its_end() {
        let long = [message(Side::Company, &"я".repeat(SHOWN)), message(Side::Licensor, "Готово")];
        let screen = card(testing::tr(mms_core::account::Language::Ru), &ticket(3, State::Answered), &long, testing::moment());
        testing::check(&screen);
        assert!(screen.html.contains("Готово"));
    }
}
