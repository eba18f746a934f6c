//! Checks that sums of products are in range and could have been computed from data.

use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::kernel::sqrt;
use crate::reml::cross_products::CrossProducts;
use crate::reml::panel::sums::Sums;
use crate::reml::panel::sums::patterns::Patterns;
use crate::reml::standardisation::has_room;

impl<P, T: Real, const N: usize, const K: usize> Sums<P, T, N, K>
where
    P: Patterns<T, N, K>,
{
    /// Checks that some data have these sums, and that the sums and the coordinates T, b and s of
    /// the data stay finite when multiplied by 4.
    ///
    /// # Errors
    ///
    /// [`Error::SumsOutOfRange`].
    pub(in crate::reml) fn check_sums(&self) -> Result<(), Error> {
        let holds =
            self.are_in_range() && self.checked_observations().is_some() && self.are_possible();
        if holds { Ok(()) } else { Err(Error::SumsOutOfRange) }
    }

    /// Returns `true` if every sum and every coordinate stays finite when multiplied by 4, so that
    /// intermediate results of error-free sums do not overflow.
    pub(in crate::reml) fn are_in_range(&self) -> bool {
        let have_room = self.used().iter().all(|pattern| {
            pairs::<K>().all(|(a, b)| pattern.moments.total(a, b).iter().all(|&x| has_room(x)))
        });
        have_room && self.reference.has_room() && self.log_weights.is_finite()
    }

    /// Returns the number of observations, or `None` if this number is too large to be exact as an
    /// `f64`.
    pub(in crate::reml) fn checked_observations(&self) -> Option<usize> {
        const LARGEST: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;
        let mut observations = 0_usize;
        for pattern in self.used() {
            let rows = pattern.subjects.checked_mul(pattern.rows())?;
            observations = observations.checked_add(rows)?;
        }
        (observations as f64 <= LARGEST).then_some(observations)
    }

    /// Returns `true` if the sums could have been computed from data: squares are not negative,
    /// products satisfy the Cauchy–Schwarz inequality, entries for visits that were not observed
    /// are zero, and the sum of the logarithms of the weights is possible for the number of
    /// observations. The check tolerates rounding errors of terms that cancelled, up to √ε times
    /// the largest sum, where ε is the machine epsilon.
    pub(in crate::reml) fn are_possible(&self) -> bool {
        let (zero, one, epsilon) = (T::zero(), T::one(), T::default_epsilon());
        // The largest possible |ln w| is that of the smallest number, which is about ε divided by
        // the largest number.
        let largest = T::max_value().map_or(zero, |largest| largest.ln() - epsilon.ln());
        let count = nalgebra::convert::<_, T>(self.observations() as f64);
        let mut scale = zero;
        for pattern in self.used() {
            for a in 0..=K {
                let squares = pattern.moments.total(a, a).diagonal();
                scale = squares.iter().fold(scale, |scale, &x| scale.max(x));
            }
        }
        let rounding = sqrt(epsilon);
        let basis = &self.reference.basis;
        let mut spread = one;
        for column in basis {
            for (i, (&t, of_i)) in column.iter().zip(basis).enumerate() {
                let part = t / of_i[i];
                spread = spread.max(part * part);
            }
        }
        let are_possible = self.used().iter().all(|pattern| {
            pairs::<K>().all(|(a, b)| {
                let [of_a, of_b] =
                    [a, b].map(|column| pattern.moments.total(column, column).diagonal());
                let total = pattern.moments.total(a, b);
                let is_open = self.reference.open.get(a).copied().unwrap_or(false)
                    || self.reference.open.get(b).copied().unwrap_or(false);
                // An open column contains only the rounding errors of the terms that it was
                // computed from.
                let residue = if is_open { rounding * scale * spread } else { one / zero };
                let is_seen = |row: usize| pattern.observed[row];
                let is_possible = |i: usize, j: usize| {
                    let x = total[(i, j)];
                    let root = |x: T| sqrt(x.max(zero));
                    let bound = root(of_a[i]) * root(of_b[j]) * (one + rounding);
                    let is_square = a == b && i == j;
                    let size = if is_square { -x } else { x.abs() - bound };
                    x.is_zero()
                        || is_seen(i)
                            && is_seen(j)
                            && x.abs() <= residue
                            && size <= rounding * scale * spread
                };
                (0..N).all(|j| (0..N).all(|i| is_possible(i, j)))
            })
        });
        are_possible
            && self.log_weights.abs() <= count * largest
            && (self.largest * self.largest).is_finite()
    }
}

/// Returns all pairs (a, b) of columns a ≤ b of the data [X y].
fn pairs<const K: usize>() -> impl Iterator<Item = (usize, usize)> {
    (0..=K).flat_map(|b| (0..=b).map(move |a| (a, b)))
}
