//! The slowest hostile template against 50 ms, and the longest text any of them makes against 64
//! KB.

use std::time::Instant;

use mms_core::{
    clock,
    template::{
        hostile::{self, Ended, Hostile},
        meter::MAX_OUTPUT,
    },
};

use super::{
    Context,
    figure::{Figure, Limit},
};

/// Looks at each template in one run; the quickest counts, so that what else the machine does is
/// not measured.
const LOOKS: usize = 5;

/// Parsing and rendering every one of [`hostile::all`]. Neither asks a database: the figure stands
/// once, whatever the engines.
pub(super) fn hostile(context: &Context) -> Vec<Figure> {
    let victim = hostile::victim(clock::now());
    let all = hostile::all();
    let mut longest = 0;
    let mut once = |one: &Hostile| {
        let began = Instant::now();
        if let Ended::Rendered(_, work) = one.run(&victim) {
            longest = longest.max(work.longest).max(work.output);
        }
        began.elapsed().as_secs_f64() * 1000.0
    };
    let (mut runs, mut worst) = (Vec::new(), ("", 0.0));
    for _ in 0..context.runs {
        let mut slowest = 0.0_f64;
        for one in &all {
            let took = (0..LOOKS).map(|_| once(one)).fold(f64::INFINITY, f64::min);
            slowest = slowest.max(took);
            if took > worst.1 {
                worst = (one.name, took);
            }
        }
        runs.push(slowest);
    }
    #[expect(clippy::cast_precision_loss, reason = "tens of thousands")]
    let (longest, most) = (longest as f64, MAX_OUTPUT as f64);
    let detail = format!("{} templates, the slowest: {}", all.len(), worst.0);
    vec![
        Figure::new("hostile template: parsed and rendered", context.engine, "ms", &runs, Some(Limit::AtMost(50.0)), detail),
        Figure::new("hostile template: the longest text", context.engine, "bytes", &[longest], Some(Limit::AtMost(most)), ""),
    ]
}
