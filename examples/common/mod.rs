//! What the examples share: rows of CSV files, checks against published numbers, figures, and a
//! thread with a large stack.
#![allow(dead_code, unused_imports, reason = "each example uses a part of this module")]

pub(crate) mod anova;
mod check;
pub(crate) mod data;
pub(crate) mod figure;
pub(crate) mod orthodont;
pub(crate) mod schedule;
pub(crate) mod trial;

use std::error::Error as StdError;
use std::fmt;

pub(crate) use check::{Comparison, compare, ensure};
pub(crate) use data::{Rows, Source, Subject};

pub(crate) type Result<T = ()> = std::result::Result<T, Error>;

/// An error of any kind. `main` prints the `Debug` form of an error, which is here its sentence.
pub(crate) struct Error(Box<dyn StdError + Send + Sync>);

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<E: Into<Box<dyn StdError + Send + Sync>>> From<E> for Error {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// Runs `work` on a thread with a stack of `bytes`. Matrices of 60 × 60 and more need it, because
/// they lie on the stack, several at a time.
pub(crate) fn on_stack_of(bytes: usize, work: fn() -> Result) -> Result {
    let thread = std::thread::Builder::new().stack_size(bytes).spawn(work)?;
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
