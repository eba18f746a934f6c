//! Sums and products whose rounding errors are kept: error-free transformations.

use nalgebra::SMatrix;

use crate::Real;

/// a + b = sum + error, exactly (Knuth 1969; Ogita, Rump & Oishi 2005, Accurate sum and dot product, SIAM J.
/// Sci. Comput. 26, 1955–1988, algorithm 3.1).
#[inline]
pub(crate) fn two_sum<T: Real>(a: T, b: T) -> (T, T) {
    let sum = a + b;
    let from_b = sum - a;
    (sum, (a - (sum - from_b)) + (b - from_b))
}

/// a b = product + error, exactly unless it under- or overflows (Dekker 1971; algorithm 3.3 there).
#[inline]
fn two_product<T: Real>(a: T, b: T) -> (T, T) {
    let product = a * b;
    let (a_high, a_low) = halves(a);
    let (b_high, b_low) = halves(b);
    let error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    (product, error)
}

/// The upper and the lower half of the digits (Veltkamp; algorithm 3.2 there).
#[inline]
fn halves<T: Real>(a: T) -> (T, T) {
    // 2²⁷ + 1 for 53 bits, 2¹² + 1 for 24.
    const SPLIT_F64: f64 = 134_217_729.0;
    const SPLIT_F32: f64 = 4097.0;
    let wide = T::default_epsilon() < nalgebra::convert(1e-10);
    let scaled = a * nalgebra::convert(if wide { SPLIT_F64 } else { SPLIT_F32 });
    let high = scaled - (scaled - a);
    (high, a - high)
}

/// start + Σ aᵢ bᵢ, as if computed with twice the digits and then rounded (algorithm 5.3 there).
#[inline]
pub(crate) fn dot<'a, T: Real>(start: T, pairs: impl Iterator<Item = (&'a T, &'a T)>) -> T {
    let (mut sum, mut error) = (start, T::zero());
    for (&a, &b) in pairs {
        let (product, of_product) = two_product(a, b);
        let (next, of_sum) = two_sum(sum, product);
        sum = next;
        error += of_product + of_sum;
    }
    sum + error
}

/// start + Σ xₖ aₖ over columns, each entry as [`dot`] computes it.
#[inline]
pub(crate) fn combination<'a, T: Real, const N: usize>(
    start: &[T; N],
    columns: impl Iterator<Item = (&'a [T; N], T)>,
) -> [T; N] {
    let mut sums = *start;
    let mut errors = [T::zero(); N];
    for (column, x) in columns {
        for ((sum, error), &a) in sums.iter_mut().zip(&mut errors).zip(column) {
            let (product, of_product) = two_product(a, x);
            let (next, of_sum) = two_sum(*sum, product);
            *sum = next;
            *error += of_product + of_sum;
        }
    }
    for (sum, &error) in sums.iter_mut().zip(&errors) {
        *sum += error;
    }
    sums
}

/// A sum that keeps what rounding takes from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sum<A> {
    pub(crate) value: A,
    pub(crate) error: A,
}

impl<T: Real, const M: usize, const N: usize> Sum<[[T; M]; N]> {
    pub(crate) const fn new(zero: T) -> Self {
        Self { value: [[zero; M]; N], error: [[zero; M]; N] }
    }

    /// Adds a bᵀ.
    #[inline]
    pub(crate) fn add_outer(&mut self, a: &[T; M], b: &[T; N]) {
        for ((value, error), &b) in self.value.iter_mut().zip(&mut self.error).zip(b) {
            for ((value, error), &a) in value.iter_mut().zip(error).zip(a) {
                let (sum, rest) = two_sum(*value, a * b);
                *value = sum;
                *error += rest;
            }
        }
    }

    /// Adds x A.
    #[inline]
    pub(crate) fn add_scaled(&mut self, x: T, other: &Self) {
        let others = other.value.iter().zip(&other.error);
        for ((value, error), (other, rest)) in
            self.value.iter_mut().zip(&mut self.error).zip(others)
        {
            let parts = value.iter_mut().zip(error).zip(other.iter().zip(rest));
            for ((value, error), (&other, &rest)) in parts {
                let (product, of_product) = two_product(x, other);
                let (sum, of_sum) = two_sum(*value, product);
                *value = sum;
                *error += of_sum + of_product + rest * x;
            }
        }
    }

    /// Multiplies by x.
    pub(crate) fn scale(&mut self, x: T) {
        for entry in self.value.iter_mut().chain(&mut self.error).flatten() {
            *entry *= x;
        }
    }

    /// The sum in row i and column j.
    #[inline]
    pub(crate) fn entry(&self, i: usize, j: usize) -> T {
        self.value[j][i] + self.error[j][i]
    }

    /// The columns of the sum.
    #[inline]
    pub(crate) fn columns(&self) -> impl Iterator<Item = [T; M]> {
        self.value.iter().zip(&self.error).map(|(value, error)| {
            let mut column = *value;
            for (x, &error) in column.iter_mut().zip(error) {
                *x += error;
            }
            column
        })
    }

    /// Adds x times the sum.
    #[inline]
    pub(crate) fn add_to(&self, out: &mut SMatrix<T, M, N>, x: T) {
        let sums = self.value.iter().zip(&self.error);
        for (out, (value, error)) in out.data.0.iter_mut().zip(sums) {
            for (out, (&value, &error)) in out.iter_mut().zip(value.iter().zip(error)) {
                *out += (value + error) * x;
            }
        }
    }

    /// The sum.
    #[inline]
    pub(crate) fn total(&self) -> [[T; M]; N] {
        let mut total = self.value;
        for (total, error) in total.iter_mut().zip(&self.error) {
            for (total, &error) in total.iter_mut().zip(error) {
                *total += error;
            }
        }
        total
    }
}

impl<T: Real, const N: usize> Sum<[[T; N]; N]> {
    pub(crate) fn transposed(&self) -> Self {
        let transposed = |a: &[[T; N]; N]| core::array::from_fn(|j| a.map(|column| column[j]));
        Self { value: transposed(&self.value), error: transposed(&self.error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancelled_digits_come_back() {
        let (a, b) = ([1e16, 1.0, -1e16], [1.0, 1.0, 1.0]);
        assert_eq!(dot(0.0, a.iter().zip(&b)), 1.0);
        let (a, b) = ([1e8_f32, 1.0, -1e8], [1.0, 1.0, 1.0]);
        assert_eq!(dot(0.0, a.iter().zip(&b)), 1.0);
        // (1 + 2⁻³⁰)² − 1 − 2⁻²⁹ = 2⁻⁶⁰
        let x = 1.0 + 2.0_f64.powi(-30);
        let square = dot(-1.0 - 2.0_f64.powi(-29), [x].iter().zip(&[x]));
        assert_eq!(square, 2.0_f64.powi(-60));
    }

    #[test]
    fn a_million_tenths() {
        let mut sum = Sum::<[[f64; 1]; 1]>::new(0.0);
        for _ in 0..1_000_000 {
            sum.add_outer(&[0.1], &[1.0]);
        }
        // 0.1 is 0.1000000000000000055511151231257827 as a double; plain addition gives 100000.00000133288.
        assert_eq!(sum.total()[0][0], 100_000.0);
    }
}
