//! The gate every request passes: faults on demand, the limit and its ban, payment, the token.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{Amo, answer, problem};

/// A fault on demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The answer comes that much later.
    Latency(Duration),
    /// This status and nothing done.
    Status(u16),
    /// 429 with that `retry_after`, seconds.
    TooMany(u64),
    /// Nothing done, the connection is closed without an answer.
    DropBefore,
    /// All done, the connection is closed without an answer.
    DropAfter,
}

/// When a fault strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What happens.
    pub fault: Fault,
    /// Only on this method; any if `None`.
    pub method: Option<Method>,
    /// Only on paths with this in them; any if empty.
    pub path: String,
    /// How many matching requests pass unharmed first.
    pub after: u32,
    /// How many requests are struck.
    pub times: u32,
}

impl Rule {
    /// `fault` on the next matching request.
    #[must_use]
    pub fn once(fault: Fault, method: Method, path: &str) -> Self {
        Self { fault, method: Some(method), path: path.to_owned(), after: 0, times: 1 }
    }
}

impl Amo {
    /// Plans a fault.
    pub fn inject(&self, rule: Rule) {
        self.state().rules.push_back(rule);
    }

    /// Takes all planned faults and a ban away.
    pub fn heal(&self) {
        self.state().rules.clear();
        let mut gate = self.gate();
        gate.banned_until = None;
        gate.excess = 0;
    }

    fn struck(&self, method: &Method, path: &str) -> Option<Fault> {
        let mut state = self.state();
        let at = state
            .rules
            .iter()
            .position(|rule| rule.method.as_ref().is_none_or(|wanted| wanted == method) && path.contains(rule.path.as_str()))?;
        let rule = state.rules.get_mut(at)?;
        if rule.after > 0 {
            rule.after -= 1;
            return None;
        }
        rule.times = rule.times.saturating_sub(1);
        let (fault, spent) = (rule.fault.clone(), rule.times == 0);
        if spent {
            state.rules.remove(at);
        }
        Some(fault)
    }

    /// The limit: a sliding second; who goes on through refusals is banned.
    fn limit(&self) -> Option<Response> {
        self.state().requests += 1;
        let mut gate = self.gate();
        let now = Instant::now();
        if gate.banned_until.is_some_and(|until| now < until) {
            return Some(problem(StatusCode::FORBIDDEN, "Forbidden", "IP address blocked"));
        }
        gate.banned_until = None;
        while gate.recent.front().is_some_and(|at| now.duration_since(*at) >= Duration::from_secs(1)) {
            gate.recent.pop_front();
        }
        if gate.recent.len() >= gate.per_second {
            gate.excess += 1;
            if gate.excess > gate.ban_after {
                gate.banned_until = Some(now + gate.ban_for);
            }
            drop(gate);
            self.state().limited += 1;
            return Some(too_many(1));
        }
        if gate.recent.is_empty() {
            gate.excess = 0;
        }
        gate.recent.push_back(now);
        None
    }
}

/// Who comes too fast from one address. Everybody here calls from one: the loopback.
#[derive(Debug)]
pub struct Gate {
    pub recent: VecDeque<Instant>,
    pub per_second: usize,
    pub excess: u32,
    pub ban_after: u32,
    pub ban_for: Duration,
    pub banned_until: Option<Instant>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { recent: VecDeque::new(), per_second: 7, excess: 0, ban_after: 60, ban_for: Duration::from_secs(600), banned_until: None }
    }
}

fn too_many(retry_after: u64) -> Response {
    let body = json!({ "title": "Too Many Requests", "type": "https://httpstatus.es/429", "status": 429, "detail": "Requests limit exceeded", "retry_after": retry_after });
    answer(StatusCode::TOO_MANY_REQUESTS, "application/problem+json", &body)
}

/// An answer that never comes: the body fails before its first byte, so the connection closes with
/// nothing written.
fn dropped() -> Response {
    let broken = futures::stream::once(async { Err::<bytes::Bytes, _>(std::io::Error::other("dropped on demand")) });
    Body::from_stream(broken).into_response()
}

/// Faults only: for the OAuth routes, which have neither the limit nor a bearer token.
pub async fn disturb(State(amo): State<Amo>, request: Request, next: Next) -> Response {
    let fault = amo.struck(request.method(), request.uri().path());
    match fault {
        None => next.run(request).await,
        Some(Fault::Latency(delay)) => {
            tokio::time::sleep(delay).await;
            next.run(request).await
        }
        Some(Fault::Status(status)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            problem(status, status.canonical_reason().unwrap_or("Error"), "A fault on demand")
        }
        Some(Fault::TooMany(retry_after)) => too_many(retry_after),
        Some(Fault::DropBefore) => dropped(),
        Some(Fault::DropAfter) => {
            next.run(request).await;
            dropped()
        }
    }
}

/// Limit, faults, payment, token: in the provider's order.
pub async fn gate(State(amo): State<Amo>, request: Request, next: Next) -> Response {
    if let Some(refusal) = amo.limit() {
        return refusal;
    }
    *amo.state().paths.entry(format!("{} {}", request.method(), request.uri().path())).or_default() += 1;
    let bearer = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default()
        .to_owned();
    let agent = request.headers().get(header::USER_AGENT).is_some_and(|value| !value.is_empty());
    if !agent {
        return problem(StatusCode::FORBIDDEN, "Forbidden", "User-Agent is required");
    }
    if !amo.state().auth.admits(&bearer, Instant::now()) {
        return problem(StatusCode::UNAUTHORIZED, "Unauthorized", "Unauthorized");
    }
    if amo.state().unpaid {
        return problem(StatusCode::PAYMENT_REQUIRED, "Payment Required", "Account is not paid");
    }
    disturb(State(amo), request, next).await
}
