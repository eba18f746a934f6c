//! The state of a panel: its sums as a fixed number of bytes.

use std::mem::size_of;

use covprop::prelude::*;
use covprop::reml::Accumulator;

use crate::digest::Digest;
use crate::visits::Visits;

/// A panel that only adds up subjects. Its model is not used, and takes no memory.
type Adder<const N: usize, const K: usize, const PATTERNS: usize> =
    Panel<Marginal<ScalarMatrix<N>>, f64, N, K, PATTERNS>;

/// The sums of a panel, or the error of a subject that could not be added.
#[derive(Clone, Debug)]
pub(crate) struct State<const N: usize, const K: usize, const PATTERNS: usize> {
    sums: Result<Adder<N, K, PATTERNS>, String>,
}

/// The first bytes of a stored state.
const MAGIC: [u8; 4] = *b"cvpp";

/// The version of the stored form. The sums inside have a version of their own.
const VERSION: u16 = 1;

/// The number of bytes before the sums: the first bytes, the version, the digest of the model, the
/// kind and the length of the content.
const HEADER: usize = MAGIC.len() + 2 + 8 + 1 + 4;

/// The kinds of content.
const SUMS: u8 = 0;
const ERROR: u8 = 1;

impl<const N: usize, const K: usize, const PATTERNS: usize> State<N, K, PATTERNS>
where
    ScalarMatrix<N>: ParamMatrix<f64, N, N>,
{
    /// The number of bytes of a stored state. A number of the sums takes eight bytes, and a count
    /// at most ten.
    pub(crate) const WIDTH: usize =
        HEADER + size_of::<Accumulator<f64, N, K, PATTERNS>>() + 16 * PATTERNS + 64;

    /// Returns the state of a panel without subjects.
    pub(crate) fn new() -> Self {
        Self { sums: Ok(empty()) }
    }

    /// Adds a subject with the given X.
    pub(crate) fn push(
        &mut self,
        visits: Result<Visits<N>, String>,
        design: impl Fn(&[f64; N]) -> SMatrix<f64, N, K>,
    ) {
        // After an error, subjects are still checked, because the first error of all is kept.
        let mut unused = None;
        let sums = match &mut self.sums {
            Ok(sums) => sums,
            Err(_) => unused.insert(empty()),
        };
        let pushed = visits.and_then(|Visits { x, y, observed }| {
            sums.push_observed(&design(&x), &y, &observed).map_err(|error| error.to_string())
        });
        if let Err(error) = pushed {
            self.fail(error);
        }
    }

    /// Adds the subjects of another state.
    pub(crate) fn merge(&mut self, other: &Self) {
        let merged = match (&mut self.sums, &other.sums) {
            (Ok(sums), Ok(others)) => sums.merge(others).map_err(|error| error.to_string()),
            (_, Err(error)) => Err(error.clone()),
            (Err(_), Ok(_)) => Ok(()),
        };
        if let Err(error) = merged {
            self.fail(error);
        }
    }

    /// Records an error. Of several errors, the first in alphabetical order is kept, so that the
    /// state does not depend on the order of subjects.
    fn fail(&mut self, error: String) {
        match &mut self.sums {
            Err(kept) if *kept <= error => {}
            sums => *sums = Err(error),
        }
    }

    /// Returns the sums.
    ///
    /// # Errors
    ///
    /// The text of the error of a subject that could not be added.
    pub(crate) fn sums(&self) -> Result<&Accumulator<f64, N, K, PATTERNS>, &str> {
        self.sums.as_ref().map(Panel::accumulator).map_err(String::as_str)
    }

    /// Writes the state to [`WIDTH`](Self::WIDTH) bytes.
    pub(crate) fn write(&self, digest: Digest, bytes: &mut Vec<u8>) -> Result<(), String> {
        let (kind, mut content) = match self.sums() {
            Ok(sums) => (SUMS, postcard::to_stdvec(sums).map_err(|error| error.to_string())?),
            Err(error) => (ERROR, error.as_bytes().to_vec()),
        };
        if kind == ERROR {
            let end = error_end(self.sums().err().unwrap_or_default(), Self::WIDTH - HEADER);
            content.truncate(end);
        }
        let end = bytes.len() + Self::WIDTH;
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&digest.0.to_le_bytes());
        bytes.push(kind);
        bytes.extend_from_slice(&(content.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&content);
        if bytes.len() > end {
            return Err(format!("the state has {} bytes more than its width", bytes.len() - end));
        }
        bytes.resize(end, 0);
        Ok(())
    }

    /// Reads a state.
    ///
    /// # Errors
    ///
    /// A text that names the model, the size or the version that was found and that is expected.
    pub(crate) fn read(bytes: &[u8], expected: Digest) -> Result<Self, String> {
        let (magic, rest) = bytes.split_first_chunk::<4>().ok_or("the state is empty")?;
        if *magic != MAGIC {
            return Err("the bytes are not the state of a panel".to_owned());
        }
        let cut_short = "the state is cut short";
        let (version, rest) = rest.split_first_chunk::<2>().ok_or(cut_short)?;
        let version = u16::from_le_bytes(*version);
        if version != VERSION {
            return Err(format!("the state has version {version}, but {VERSION} is expected"));
        }
        let (digest, rest) = rest.split_first_chunk::<8>().ok_or(cut_short)?;
        let found = Digest(u64::from_le_bytes(*digest));
        if found != expected {
            return Err(format!(
                "the state is that of model {found}, but the function is that of model {expected}"
            ));
        }
        if bytes.len() != Self::WIDTH {
            let width = Self::WIDTH;
            return Err(format!("the state has {} bytes, but {width} are expected", bytes.len()));
        }
        let (kind, rest) = rest.split_first_chunk::<1>().ok_or(cut_short)?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(cut_short)?;
        let content = rest.get(..u32::from_le_bytes(*length) as usize).ok_or(cut_short)?;
        if kind[0] == ERROR {
            return Ok(Self { sums: Err(String::from_utf8_lossy(content).into_owned()) });
        }
        let sums = postcard::from_bytes(content).map_err(|error| error.to_string())?;
        Ok(Self { sums: Ok(Adder::from_accumulator(Marginal::new(ScalarMatrix::new()), sums)) })
    }
}

/// Returns a panel without subjects.
fn empty<const N: usize, const K: usize, const PATTERNS: usize>() -> Adder<N, K, PATTERNS>
where
    ScalarMatrix<N>: ParamMatrix<f64, N, N>,
{
    Adder::with_patterns(Marginal::new(ScalarMatrix::new()))
}

/// Returns the number of bytes of the longest beginning of a text that has at most `most` bytes.
fn error_end(text: &str, most: usize) -> usize {
    (0..=most.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0)
}
