//! The limits of one rendering. Everything that costs is charged to one [`Meter`]: an element of a
//! loop, a filter with the bytes it reads and writes, an assignment, a byte of output. No clock is
//! read: what fits on one machine fits on all.

use std::{cell::Cell, cell::RefCell, io, rc::Rc};

use liquid_core::{Error, Runtime};

use super::{
    Facts,
    engine::{RenderError, Work},
    marks,
};
use crate::{account::Language, clock::Moment, words::Reason};

/// Turns of all loops of one message together.
pub const MAX_ITERATIONS: u32 = 1_000;
/// Work of one message: one step is a tag, a filter, or [`STEP_BYTES`] bytes moved.
pub const MAX_STEPS: u32 = 50_000;
/// The longest text at any point of rendering, and all texts of a message together, bytes.
pub const MAX_OUTPUT: usize = 64 * 1024;
/// Items of the longest list.
pub const MAX_ITEMS: usize = 1_000;
/// Bytes that count as one step.
const STEP_BYTES: usize = 64;

/// What one rendering may still cost, and what stopped it. Shared by the tags, filters and writers
/// of that rendering.
#[derive(Debug, Clone)]
pub(super) struct Meter(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    steps: Cell<u32>,
    iterations: Cell<u32>,
    /// The longest text so far, and what is finished.
    longest: Cell<usize>,
    output: Cell<usize>,
    /// What one turn of a loop costs: grows with the source, because a turn may run over all of it.
    turn: u32,
    failure: RefCell<Option<RenderError>>,
    now: Moment,
    zone: chrono_tz::Tz,
    language: Language,
}

impl Default for Meter {
    /// An exhausted one: registers must make a default, and a rendering that was given no meter may
    /// do nothing.
    fn default() -> Self {
        Self::build(0, 0, Moment::UNIX_EPOCH, chrono_tz::UTC, Language::Ru)
    }
}

impl Meter {
    /// A full one for a source of this many bytes.
    pub fn new(source_bytes: usize, facts: &Facts) -> Self {
        Self::build(MAX_STEPS, source_bytes, facts.now, facts.zone, facts.language)
    }

    fn build(steps: u32, source_bytes: usize, now: Moment, zone: chrono_tz::Tz, language: Language) -> Self {
        let turn = 1 + u32::try_from(source_bytes / STEP_BYTES).unwrap_or(u32::MAX - 1);
        let (iterations, longest, output) = Default::default();
        Self(Rc::new(Inner {
            steps: Cell::new(steps),
            iterations,
            longest,
            output,
            turn,
            failure: RefCell::new(None),
            now,
            zone,
            language,
        }))
    }

    /// The one that `runtime` works by.
    pub fn of(runtime: &dyn Runtime) -> Self {
        runtime.registers().get_mut::<Self>().clone()
    }

    /// The moment of rendering.
    pub fn now(&self) -> Moment {
        self.0.now
    }

    /// The account's zone.
    pub fn zone(&self) -> chrono_tz::Tz {
        self.0.zone
    }

    /// The language of its customers.
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// Stops the rendering; the first cause is kept.
    pub fn fail(&self, reason: Reason, detail: impl Into<String>) -> Error {
        let error = RenderError { reason, detail: detail.into() };
        self.0.failure.borrow_mut().get_or_insert(error);
        Error::with_msg(reason.as_str())
    }

    /// What the rendering has cost so far.
    pub fn work(&self) -> Work {
        Work {
            steps: MAX_STEPS - self.0.steps.get(),
            turns: self.0.iterations.get(),
            longest: self.0.longest.get(),
            output: self.0.output.get(),
        }
    }

    /// What stopped the rendering.
    pub fn failure(&self) -> Option<RenderError> {
        self.0.failure.borrow().clone()
    }

    fn take(&self, steps: u32) -> Result<(), Error> {
        match self.0.steps.get().checked_sub(steps) {
            Some(left) => {
                self.0.steps.set(left);
                Ok(())
            }
            None => {
                self.0.steps.set(0);
                Err(self.fail(Reason::TooMuchWork, format!("{MAX_STEPS} steps")))
            }
        }
    }

    /// Charges one step and the bytes it moves.
    pub fn step(&self, bytes: usize) -> Result<(), Error> {
        self.take(u32::try_from(bytes / STEP_BYTES).unwrap_or(u32::MAX - 1) + 1)
    }

    /// Charges one turn of a loop.
    pub fn turn(&self) -> Result<(), Error> {
        self.0.iterations.set(self.0.iterations.get() + 1);
        if self.0.iterations.get() > MAX_ITERATIONS {
            return Err(self.fail(Reason::TooMuchWork, format!("{MAX_ITERATIONS} turns of loops")));
        }
        self.take(self.0.turn)
    }

    /// Whether a text of this many bytes may be made.
    pub fn fits(&self, bytes: usize) -> Result<(), Error> {
        self.short(bytes)?;
        self.step(bytes)
    }

    /// Whether a text may have this many bytes.
    fn short(&self, bytes: usize) -> Result<(), Error> {
        if bytes > MAX_OUTPUT {
            return Err(self.fail(Reason::TooLong, format!("more than {MAX_OUTPUT} bytes")));
        }
        self.0.longest.set(self.0.longest.get().max(bytes));
        Ok(())
    }

    /// Whether one more finished text fits into the message.
    pub fn finish(&self, bytes: usize) -> Result<(), Error> {
        let output = self.0.output.get() + bytes;
        if output > MAX_OUTPUT {
            return Err(self.fail(Reason::TooLong, format!("more than {MAX_OUTPUT} bytes")));
        }
        self.0.output.set(output);
        Ok(())
    }
}

/// Collects output up to the limit, and stops at a variable without a value.
#[derive(Debug)]
pub(super) struct Writer {
    meter: Meter,
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty one.
    pub fn new(meter: Meter) -> Self {
        Self { meter, bytes: Vec::new() }
    }

    /// What was written.
    pub fn into_text(self) -> String {
        // Only whole strings are written (liquid-core formats through `write!`), so nothing is
        // lost.
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl io::Write for Writer {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let mut mark = [0; 4];
        if let Some(name) = piece.strip_prefix(marks::NO_VALUE.encode_utf8(&mut mark).as_bytes()) {
            let name = String::from_utf8_lossy(name).into_owned();
            return Err(io::Error::other(self.meter.fail(Reason::NoValue, name)));
        }
        self.meter.short(self.bytes.len() + piece.len()).map_err(io::Error::other)?;
        self.meter.step(piece.len()).map_err(io::Error::other)?;
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
