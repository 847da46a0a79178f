use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

/// A rate of the whole channel, and what one recipient takes in seconds.
fn rates(channel: ChannelRate, every: f64, burst: u32) -> Rates {
    Rates { channel, recipient: RecipientRate { every: Duration::from_secs_f64(every), burst } }
}

fn fixed(rate: f64) -> Rates {
    rates(ChannelRate::fixed(rate), 1.0, 1)
}

/// A pacer that another owner handed over.
fn after(rates: &Rates, not_before: Option<Micros>, now: Micros) -> Pacer {
    let mut pacer = Pacer::new(rates, None, now);
    if let Some(at) = not_before {
        pacer.follow(at, now);
    }
    pacer
}

/// The most messages in any window of one second, by arrival.
fn fullest(arrivals: &mut [Micros]) -> usize {
    arrivals.sort_unstable();
    let mut most = 0;
    for (index, start) in arrivals.iter().enumerate() {
        most = most.max(arrivals[index..].iter().take_while(|at| **at < start + SECOND).count());
    }
    most
}

/// Sends `count` messages; timers wake late by `late`, the way there takes `way`, the answer comes
/// after `answer`. Returns arrivals and the moment of the last sending.
fn run(
    pacer: &mut Pacer,
    mut now: Micros,
    count: usize,
    mut late: impl FnMut(usize) -> Micros,
    mut way: impl FnMut(usize) -> (Micros, Micros),
) -> (Vec<Micros>, Micros) {
    let mut arrivals = Vec::new();
    let mut answers: VecDeque<(Micros, Ticket)> = VecDeque::new();
    for index in 0..count {
        let ready = pacer.ready_at();
        if ready > now {
            now = ready + late(index);
        }
        while let Some((at, ticket)) = answers.front().copied().filter(|(at, _)| *at <= now) {
            pacer.answered(ticket, at);
            answers.pop_front();
        }
        // An answer may have brought the moment forward, never back: what was allowed stays
        // allowed.
        let ticket = pacer.go(&index.to_string(), now);
        let (there, back) = way(index);
        arrivals.push(now + there);
        answers.push_back((now + there + back, ticket));
    }
    (arrivals, now)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn never_over_the_limit_and_hardly_under(
        rate in prop_oneof![Just(1_u64), Just(7), Just(30), Just(250), Just(1000)],
        lates in prop::collection::vec(0_u64..3_000, 16),
        ways in prop::collection::vec(0_u64..14_000, 16),
    ) {
        let mut pacer = Pacer::new(&fixed(rate as f64), None, 5_000_000);
        let count = (rate * 5) as usize;
        let (mut arrivals, last) = run(&mut pacer, 5_000_000, count, |i| lates[i % 16], |i| (ways[(i * 7) % 16], 500));
        prop_assert!(fullest(&mut arrivals) <= rate as usize);
        let share = (count as f64 - 1.0) / ((last - 5_000_000) as f64 / 1e6) / rate as f64;
        prop_assert!(share >= 0.98, "{share}");
    }

    #[test]
    fn a_hand_over_never_bursts(
        rate in prop_oneof![Just(30_u64), Just(1000)],
        lates in prop::collection::vec(0_u64..3_000, 16),
        ways in prop::collection::vec(0_u64..14_000, 16),
        first in 1_usize..2_000,
    ) {
        let rates = fixed(rate as f64);
        let mut before = Pacer::new(&rates, None, 1_000_000);
        let (mut arrivals, last) = run(&mut before, 1_000_000, first, |i| lates[i % 16], |i| (ways[i % 16], 500));
        let mut after = after(&rates, before.next_allowed(), last);
        let (more, _) = run(&mut after, last, rate as usize * 2, |i| lates[i % 16], |i| (ways[i % 16], 500));
        arrivals.extend(more);
        prop_assert!(fullest(&mut arrivals) <= rate as usize, "{}", fullest(&mut arrivals));
    }

    /// Less than one a second used to be sent at once by every new owner.
    #[test]
    fn a_slow_pace_is_kept_over_hand_overs(every in 2_u64..30, turns in 2_usize..6) {
        let rates = fixed(1.0 / every as f64);
        let (mut now, mut left, mut last): (Micros, Option<Micros>, Option<Micros>) = (1_000_000, None, None);
        for _ in 0..turns {
            let mut pacer = after(&rates, left, now);
            now = now.max(pacer.ready_at());
            pacer.go("7", now);
            if let Some(last) = last {
                prop_assert!(now - last >= every * SECOND, "{} after {}", now, last);
            }
            (last, left) = (Some(now), pacer.next_allowed());
            now += 10_000;
        }
    }

    /// The provider's bucket of one recipient is never empty when a message comes, whoever sends:
    /// owners change, and what they leave behind is who owes more than one message.
    #[test]
    fn a_recipient_is_never_sent_more_than_they_take(
        (every, burst, bucket) in prop_oneof![Just((0.5, 1, 1.0)), Just((1.0, 1, 1.0)), Just((6.0, 40, 45.0))],
        ways in prop::collection::vec(0_u64..14_000, 16),
        gaps in prop::collection::vec(0_u64..2_000_000, 16),
        turn in 20_u64..40,
    ) {
        let rates = rates(ChannelRate::fixed(80.0), every, burst);
        let (mut pacer, mut now) = (Pacer::new(&rates, None, SECOND), SECOND);
        let (mut tokens, mut at, mut arrived, mut began) = (bucket, 0.0, 0_u64, now);
        for n in 0..600_usize {
            now = now.max(pacer.ready_at()).max(pacer.recipient_at("7"));
            if now > began + turn * SECOND {
                let owed = pacer.owed(now + if burst > 1 { 6 * SECOND } else { 0 });
                pacer = after(&rates, pacer.next_allowed(), now);
                for (recipient, until) in owed {
                    pacer.owe(recipient, until, now);
                }
                began = now;
                continue;
            }
            pacer.go("7", now);
            // What was sent first arrives first, or the bucket would not be one.
            arrived = arrived.max(now + ways[n % 16]);
            let moment = arrived as f64 / 1e6;
            tokens = f64::min(bucket, tokens + (moment - at) / every);
            at = moment;
            prop_assert!(tokens >= 1.0 - 1e-6, "message {n} at {moment} s finds {tokens}");
            tokens -= 1.0;
            now += gaps[n % 16] / if n % 100 < 50 { 100 } else { 1 };
        }
    }

    /// Two owners that divide a limit, whenever they come and go: never more than the limit of both
    /// together, and one alone has all of it.
    #[test]
    fn what_is_shared_is_never_exceeded_together(
        seconds in prop::collection::vec((any::<bool>(), any::<bool>()), 8..20),
        ways in prop::collection::vec(0_u64..14_000, 16),
    ) {
        const LIMIT: f64 = 20.0;
        let rates = fixed(1_000.0);
        let mut pacers = [Pacer::new(&rates, None, SECOND), Pacer::new(&rates, None, SECOND)];
        // What the rows hold: each one's part.
        let (mut parts, mut arrivals, mut alone) = ([0.0_f64; 2], Vec::new(), (0_u64, 0_u64));
        let (mut since_alone, mut before) = (0, [false; 2]);
        for (second, (one, two)) in seconds.into_iter().enumerate() {
            let (start, active) = ((second as u64 * 2 + 1) * SECOND, [one, two]);
            for who in 0..2 {
                if !active[who] {
                    parts[who] = 0.0;
                    continue;
                }
                let (others, owners) = (parts[1 - who], active.iter().filter(|here| **here).count());
                let part = f64::min(LIMIT / owners as f64, LIMIT - others);
                pacers[who].share(part, parts[who], start + 2 * SECOND, start);
                parts[who] = part;
            }
            since_alone = if one != two && active == before { since_alone + 1 } else { 0 };
            before = active;
            for who in (0..2).filter(|who| active[*who]) {
                let mut now = start;
                loop {
                    now = now.max(pacers[who].ready_at());
                    if now >= start + 2 * SECOND {
                        break;
                    }
                    let ticket = pacers[who].go("7", now);
                    let there = now + ways[arrivals.len() % 16];
                    pacers[who].answered(ticket, there);
                    arrivals.push(there);
                    alone.0 += u64::from(since_alone > 2);
                }
            }
            alone.1 += u64::from(since_alone > 2);
        }
        prop_assert!(fullest(&mut arrivals) <= LIMIT as usize, "{}", fullest(&mut arrivals));
        prop_assert!(alone.0 as f64 >= alone.1 as f64 * 2.0 * LIMIT * 0.95, "{alone:?}");
    }

    /// Whatever the provider takes between the floor and the ceiling: it is found, held, and tried
    /// anew so seldom that hardly anything is refused.
    #[test]
    fn an_unknown_limit_is_found_between_floor_and_ceiling(takes in 11_u64..40) {
        let rates = rates(ChannelRate { floor: 10.0, ceiling: 30.0 }, 0.5, 1);
        let mut pacer = Pacer::new(&rates, None, SECOND);
        let (mut now, mut window, mut refused, mut sent) = (SECOND, VecDeque::new(), 0, 0_u64);
        let end = 900 * SECOND;
        let mut late = 0_u64;
        while now < end {
            now = now.max(pacer.ready_at());
            let ticket = pacer.go(&sent.to_string(), now);
            while window.front().is_some_and(|at| at + SECOND <= now) {
                window.pop_front();
            }
            if window.len() as u64 >= takes {
                refused += 1;
                pacer.limited(now);
            } else {
                window.push_back(now);
                late += u64::from(now > 600 * SECOND);
            }
            pacer.answered(ticket, now);
            sent += 1;
            let rate = pacer.found().unwrap();
            prop_assert!((10.0..=30.0).contains(&rate), "{rate}");
        }
        prop_assert!(refused <= 20, "{refused} of {sent} were refused");
        let best = takes.min(30) as f64;
        prop_assert!(late as f64 / 300.0 >= best * 0.85, "{} a second of {best}", late as f64 / 300.0);
    }

    /// Messages, answers to presses and edits of one dialogue and of many: each recipient's own
    /// pace, the channel's limit over all of them, and a quarter of it left for messages.
    #[test]
    fn what_is_done_beside_messages_is_paced_with_them(
        people in prop::collection::vec(0_u8..8, 40..120),
        ways in prop::collection::vec(0_u64..14_000, 16),
    ) {
        let rates = rates(ChannelRate::fixed(10.0), 0.5, 1);
        let mut pacer = Pacer::new(&rates, None, SECOND);
        let (mut arrivals, mut messages, mut now) = (Vec::new(), 0_usize, SECOND);
        let mut of: std::collections::HashMap<u8, Micros> = std::collections::HashMap::new();
        for (n, person) in people.iter().enumerate() {
            let (ticket, at) = loop {
                let again = match pacer.book(Beside::Answer, &person.to_string(), now, Micros::MAX / 2) {
                    Ok(booked) => break booked,
                    Err(again) => again,
                };
                // A campaign always has something to send.
                let ready = pacer.ready_at().max(now);
                now = ready.min(again);
                if ready <= again {
                    pacer.go(&format!("m{}", arrivals.len()), now);
                    arrivals.push(now);
                    messages += 1;
                }
            };
            now = at;
            let there = at + ways[n % 16];
            arrivals.push(there);
            if let Some(before) = of.insert(*person, there) {
                prop_assert!(there - before >= SECOND / 2, "{} after {before}", there);
            }
            pacer.done(Beside::Answer, ticket, there);
        }
        prop_assert!(fullest(&mut arrivals) <= 10, "{}", fullest(&mut arrivals));
        prop_assert!(messages * 4 >= arrivals.len() - 4, "{messages} of {}", arrivals.len());
    }
}

#[test]
fn slow_answers_cost_little() {
    let mut pacer = Pacer::new(&fixed(1000.0), None, 0);
    let (mut arrivals, last) = run(&mut pacer, 0, 10_000, |_| 500, |i| (20_000 + (i as u64 % 7) * 1_000, 30_000));
    assert!(fullest(&mut arrivals) <= 1000);
    assert!(9_999.0 / (last as f64 / 1e6) / 1000.0 >= 0.98);
}

#[test]
fn unlimited_never_waits() {
    let mut pacer = after(&fixed(f64::INFINITY), Some(900_000), 7);
    for n in 0..10_000 {
        assert!(pacer.ready_at() <= 7);
        pacer.go(&n.to_string(), 7);
    }
    assert_eq!(pacer.next_allowed(), None);
}

#[test]
fn one_recipient_waits_a_second() {
    let mut pacer = Pacer::new(&fixed(30.0), None, 0);
    pacer.go("7", 0);
    assert!(pacer.recipient_at("7") >= SECOND);
    assert_eq!(pacer.recipient_at("8"), 0);
    pacer.hold_recipient("8", 5 * SECOND);
    assert_eq!(pacer.recipient_at("8"), 5 * SECOND);
}

/// Whoever was written to just before a hand-over used to be written to again at once.
#[test]
fn a_recipient_waits_over_a_hand_over_and_is_not_named() {
    let rates = fixed(30.0);
    let mut before = Pacer::new(&rates, None, 0);
    before.go("79991234567", 500_000);
    let owed = before.owed(600_000);
    assert_eq!(owed.len(), 1);
    assert!(!format!("{owed:?}").contains("79991234567"));
    let mut after = after(&rates, before.next_allowed(), 600_000);
    for (recipient, until) in owed {
        after.owe(recipient, until, 600_000);
    }
    assert!(after.recipient_at("79991234567") >= 500_000 + SECOND);
    assert!(before.owed(2 * SECOND).is_empty(), "who owes nothing any more is left out");
}

#[test]
fn forty_at_once_are_borrowed_from_the_next_minutes() {
    let mut pacer = Pacer::new(&rates(ChannelRate::fixed(80.0), 6.0, 40), None, 0);
    for n in 0..40 {
        assert!(pacer.recipient_at("7") <= n, "message {n} goes at once");
        pacer.go("7", n);
    }
    let next = pacer.recipient_at("7");
    assert!((5 * SECOND..=6 * SECOND + 40).contains(&next), "{next}");
}

#[test]
fn a_moment_from_a_broken_clock_is_worth_a_second_at_most() {
    assert!(after(&fixed(30.0), Some(3_600 * SECOND), 10 * SECOND).ready_at() <= 11 * SECOND);
    assert!(after(&fixed(30.0), Some(SECOND), 3_600 * SECOND).ready_at() <= 3_600 * SECOND);
    let mut pacer = Pacer::new(&fixed(30.0), None, 0);
    pacer.owe(7, u64::MAX / 2, SECOND);
    assert!(pacer.owed(0)[0].1 <= 310 * SECOND);
}

#[test]
fn a_refusal_takes_a_quarter_once_and_what_was_found_is_handed_over() {
    let rates = rates(ChannelRate { floor: 10.0, ceiling: 30.0 }, 0.5, 1);
    let mut pacer = Pacer::new(&rates, Some(24.0), 0);
    assert_eq!(pacer.found(), Some(24.0));
    for n in 0..3 {
        pacer.limited(SECOND + n * 100_000);
    }
    assert_eq!(pacer.found(), Some(18.0), "what was in flight together was refused together");
    for n in 0..9 {
        pacer.limited(10 * SECOND + n * 10 * SECOND);
    }
    assert_eq!(pacer.found(), Some(10.0), "never below the floor");
    assert_eq!(Pacer::new(&rates, Some(99.0), 0).found(), Some(30.0), "never above the ceiling");
    assert_eq!(Pacer::new(&fixed(30.0), Some(12.0), 0).found(), None, "a known rate is not found out");
}

#[test]
fn a_message_of_two_calls_takes_the_pace_of_two() {
    let slow = fixed(0.1);
    let mut pacer = Pacer::new(&slow, None, 0);
    pacer.go("a", 0);
    assert_eq!(pacer.ready_at(), 10 * SECOND);
    pacer.also(0);
    assert_eq!(pacer.ready_at(), 20 * SECOND);
    // The next owner waits as long.
    let next = pacer.next_allowed();
    assert!(after(&slow, next, SECOND).ready_at() >= 20 * SECOND, "{next:?}");
}

proptest! {
    #[test]
    fn calls_of_one_message_are_never_more_than_the_limit_together(
        rate in 1_u32..8, sizes in proptest::collection::vec(1_usize..3, 1..60), way in 0..GUARD,
    ) {
        let mut pacer = Pacer::new(&rates(ChannelRate::fixed(f64::from(rate)), 0.0, 1), None, 0);
        let (mut now, mut arrivals) = (0, Vec::new());
        for (index, calls) in sizes.into_iter().enumerate() {
            now = now.max(pacer.ready_for(calls));
            pacer.go(&index.to_string(), now);
            arrivals.push(now + way);
            for _ in 1..calls {
                pacer.also(now);
                arrivals.push(now + way);
            }
        }
        // Where one a second is the limit, two at once are the least a message of two can be.
        prop_assert!(fullest(&mut arrivals) <= (rate as usize).max(2));
    }
}
