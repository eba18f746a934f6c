//! The bytes of reproducible sums, which have the same number for all values of a type.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers have the number of bytes that was read"
)]

use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::binned::MOST_SLICES;
use crate::reml::panel::reproducible::{ReproducibleAccumulator, VisitSums};

/// The version of the bytes, which is increased by one when the numbers or their meaning change.
const VERSION: u16 = 1;

/// The numbers of bytes of the version and of each size in front of the sums.
const OF_SIZE: usize = 2;
const SIZES: usize = 4;

/// The numbers of bytes of the number of sets of visits, the largest |y| and the sum of log w.
const OF_TOTALS: usize = 4 + 8 + 16;

impl<T: Real + Into<f64>, const N: usize, const K: usize, const PATTERNS: usize>
    ReproducibleAccumulator<T, N, K, PATTERNS>
{
    /// The number of bytes of these sums, which depends only on the type.
    pub const BYTES: usize =
        OF_SIZE * (1 + SIZES) + OF_TOTALS + PATTERNS * VisitSums::<N, K>::BYTES;

    /// Writes the sums to a slice of [`BYTES`](Self::BYTES) bytes. The bytes are the same for any
    /// order of the subjects and on every machine. They start with a version.
    ///
    /// ```
    /// use covprop::Error;
    /// use covprop::prelude::*;
    /// use covprop::reml::ReproducibleAccumulator;
    ///
    /// type Sums = ReproducibleAccumulator<f64, 2, 1>;
    ///
    /// let mut sums = Sums::new();
    /// sums.push(&SVector::repeat(1.0), &vector![0.1, 0.3])?;
    /// let mut bytes = [0; Sums::BYTES];
    /// sums.write_bytes(&mut bytes)?;
    /// assert_eq!(Sums::from_bytes(&bytes)?, sums);
    /// assert_eq!(
    ///     ReproducibleAccumulator::<f64, 2, 1, 3>::from_bytes(&bytes),
    ///     Err(Error::StoredSizes { expected: [2, 1, 3, 8], found: [2, 1, 1, 8] })
    /// );
    /// # Ok::<(), covprop::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`Error::StoredLength`] if the slice has another length.
    pub fn write_bytes(&self, bytes: &mut [u8]) -> Result<(), Error> {
        let found = bytes.len();
        if found != Self::BYTES {
            return Err(Error::StoredLength { expected: Self::BYTES, found });
        }
        let mut places = bytes.iter_mut();
        self.write(|number, width| {
            for (place, byte) in places.by_ref().take(width).zip(number.to_le_bytes()) {
                *place = byte;
            }
            Ok(())
        })
    }

    /// Reads the sums from bytes that [`write_bytes`](Self::write_bytes) has written.
    ///
    /// # Errors
    ///
    /// Returns [`Error::StoredVersion`] for bytes of another version, [`Error::StoredSizes`] for
    /// sums of another type, [`Error::StoredLength`] for a wrong number of bytes, and
    /// [`Error::StoredState`] for bytes that no sums have.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let missing = Error::StoredLength { expected: Self::BYTES, found: bytes.len() };
        let mut rest = bytes;
        let sums = Self::read(
            |width| {
                let (first, others) = rest.split_at_checked(width).ok_or(missing)?;
                rest = others;
                let push = |number: u64, &byte: &u8| number << u8::BITS | u64::from(byte);
                Ok(first.iter().rev().fold(0, push))
            },
            |error| error,
        )?;
        if rest.is_empty() { Ok(sums) } else { Err(missing) }
    }

    /// N, K, the number of sets of visits and the number of bytes of a scalar.
    const SIZES: [usize; SIZES] = [N, K, PATTERNS, size_of::<T>()];

    /// Calls `each` for each number with the number of its bytes.
    pub(in crate::reml) fn write<E>(
        &self,
        mut each: impl FnMut(u64, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        each(VERSION.into(), OF_SIZE)?;
        for size in Self::SIZES {
            each(size as u64, OF_SIZE)?;
        }
        let [low, high] = halves(self.log_weights);
        each(self.used as u64, 4)?;
        each(self.largest.into().to_bits(), 8)?;
        each(low, 8)?;
        each(high, 8)?;
        for pattern in &self.patterns {
            { *pattern }.exchange(|number, width| each(number, width).map(|()| number))?;
        }
        Ok(())
    }

    /// Reads sums by calling `next` with the number of bytes of each number. The callback `error`
    /// converts an error.
    pub(in crate::reml) fn read<E>(
        mut next: impl FnMut(usize) -> Result<u64, E>,
        error: impl Fn(Error) -> E,
    ) -> Result<Self, E> {
        let found = next(OF_SIZE)? as u16;
        if found != VERSION {
            return Err(error(Error::StoredVersion { expected: VERSION, found }));
        }
        let mut sizes = [0; SIZES];
        for size in &mut sizes {
            *size = next(OF_SIZE)? as usize;
        }
        if sizes != Self::SIZES {
            return Err(error(Error::StoredSizes { expected: Self::SIZES, found: sizes }));
        }
        let mut out = Self::new();
        out.used = next(4)? as usize;
        out.largest = nalgebra::convert(f64::from_bits(next(8)?));
        out.log_weights = i128::from(next(8)?);
        out.log_weights |= i128::from(next(8)?) << u64::BITS;
        for pattern in &mut out.patterns {
            pattern.exchange(|_, width| next(width))?;
        }
        if out.is_state() { Ok(out) } else { Err(error(Error::StoredState)) }
    }

    /// Returns `true` if some subjects could have these sums, except for the sums of products,
    /// which are checked by [`to_accumulator`](Self::to_accumulator).
    fn is_state(&self) -> bool {
        let unused = self.patterns.get(self.used..);
        let is_sorted = self.used().is_sorted_by(|a, b| a.observed < b.observed);
        unused.is_some_and(|unused| unused.iter().all(|pattern| *pattern == VisitSums::EMPTY))
            && is_sorted
            && self.used().iter().all(VisitSums::is_state)
            && self.largest >= T::zero()
            && (self.largest * self.largest).is_finite()
    }
}

impl<const N: usize, const K: usize> VisitSums<N, K> {
    /// The number of bytes of the sums for one set of visits.
    const BYTES: usize =
        N + 4 + 4 + (K + 1) * N * 2 + (K + 1) * (K + 2) / 2 * N * N * (3 * 8 + 8 + 4);

    fn is_state(&self) -> bool {
        let fields = self.exponents.iter().flat_map(|exponents| exponents.0);
        self.observed.contains(&true)
            && self.subjects > 0
            && self.subjects <= self.slices
            && self.slices <= MOST_SLICES
            && fields.into_iter().all(|field| (1..0x7ff).contains(&field))
    }

    /// Replaces each number by the result of `each`, which is called with the number and the number
    /// of its bytes.
    fn exchange<E>(&mut self, mut each: impl FnMut(u64, usize) -> Result<u64, E>) -> Result<(), E> {
        for observed in &mut self.observed {
            *observed = each((*observed).into(), 1)? != 0;
        }
        self.subjects = each(self.subjects.into(), 4)? as u32;
        self.slices = each(self.slices.into(), 4)? as u32;
        for field in self.exponents.iter_mut().flat_map(|exponents| &mut exponents.0) {
            *field = each((*field).into(), 2)? as u16;
        }
        for b in 0..=K {
            for a in 0..=b {
                let bins = self.sums.get_mut(a, b);
                let lower = bins.lower.as_flattened_mut().as_flattened_mut();
                for number in lower.iter_mut().chain(bins.upper.as_flattened_mut()) {
                    *number = each(*number, 8)?;
                }
                for number in bins.signed.as_flattened_mut() {
                    *number = (each(number.cast_unsigned().into(), 4)? as u32).cast_signed();
                }
            }
        }
        Ok(())
    }
}

/// Returns the lower and the upper 64 bits of a number.
fn halves(number: i128) -> [u64; 2] {
    [number as u64, (number >> u64::BITS) as u64]
}
