//! Sums and products in twice the working precision, by error-free transformations.

use nalgebra::SMatrix;

use crate::base::scalar::Real;

/// Computes a + b as a rounded sum and its rounding error, which add up to a + b exactly (Knuth
/// 1969; Ogita, Rump & Oishi 2005, Accurate sum and dot product, SIAM Journal on Scientific
/// Computing 26, 1955–1988, algorithm 3.1).
#[inline]
pub(crate) fn two_sum<T: Real>(a: T, b: T) -> (T, T) {
    let sum = a + b;
    let from_b = sum - a;
    (sum, (a - (sum - from_b)) + (b - from_b))
}

/// Computes the product a·b as a rounded number and its rounding error, which add up to a·b exactly
/// unless the product under- or overflows (Dekker 1971; Ogita, Rump & Oishi 2005, algorithm 3.3).
#[inline]
pub(crate) fn two_product<T: Real>(a: T, b: T) -> (T, T) {
    let product = a * b;
    let (a_high, a_low) = halves(a);
    let (b_high, b_low) = halves(b);
    let error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    (product, error)
}

/// Splits the significand of a number into an upper and a lower half (Veltkamp; Ogita, Rump & Oishi
/// 2005, algorithm 3.2).
#[inline]
fn halves<T: Real>(a: T) -> (T, T) {
    // 2²⁷ + 1 for a significand of 53 bits, 2¹² + 1 for one of 24 bits.
    const SPLIT_F64: f64 = 134_217_729.0;
    const SPLIT_F32: f64 = 4097.0;
    let wide = T::default_epsilon() < nalgebra::convert(1e-10);
    let scaled = a * nalgebra::convert(if wide { SPLIT_F64 } else { SPLIT_F32 });
    let high = scaled - (scaled - a);
    (high, a - high)
}

/// Computes the sum start + Σ aᵢ bᵢ as if in twice the working precision, and rounds the result
/// (Ogita, Rump & Oishi 2005, algorithm 5.3).
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

/// Computes the vector start + Σ xₖ aₖ for numbers xₖ and column vectors aₖ, each entry in twice
/// the working precision.
#[inline]
pub(crate) fn combination<'a, T: Real, const N: usize>(
    start: &[T; N],
    columns: impl Iterator<Item = (&'a [T; N], T)>,
) -> CompensatedSum<[T; N]> {
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
    for (sum, error) in sums.iter_mut().zip(&mut errors) {
        (*sum, *error) = two_sum(*sum, *error);
    }
    CompensatedSum { value: sums, error: errors }
}

/// A number, or an array of numbers, in twice the working precision: the rounded value and its
/// rounding error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CompensatedSum<A> {
    pub(crate) value: A,
    pub(crate) error: A,
}

impl<T: Real> CompensatedSum<T> {
    /// Creates a number without rounding error.
    pub(crate) fn of(value: T) -> Self {
        Self { value, error: T::zero() }
    }

    /// Adds the product a·b, with a relative error of about ε² (Dekker 1971, Numerische Mathematik
    /// 18, 224–242).
    #[inline(never)]
    pub(crate) fn add_product(&mut self, a: Self, b: Self) {
        let (product, of_product) = two_product(a.value, b.value);
        let (sum, of_sum) = two_sum(self.value, product);
        let across = a.value * b.error + a.error * b.value;
        let error = self.error + (of_sum + (of_product + across));
        (self.value, self.error) = two_sum(sum, error);
    }

    /// Divides this number by `divisor`.
    pub(crate) fn over(mut self, divisor: Self) -> Self {
        let quotient = self.value / divisor.value;
        self.add_product(Self::of(-quotient), divisor);
        let (value, error) = two_sum(quotient, self.value / divisor.value);
        Self { value, error }
    }

    /// Rounds the number to working precision.
    pub(crate) fn rounded(self) -> T {
        self.value + self.error
    }
}

impl<T: Real, const N: usize> CompensatedSum<[T; N]> {
    /// Multiplies each entry by the corresponding entry of `factors`.
    pub(crate) fn multiply(&mut self, factors: &[T; N]) {
        for ((value, error), &x) in self.value.iter_mut().zip(&mut self.error).zip(factors) {
            let (product, of_product) = two_product(*value, x);
            (*value, *error) = two_sum(product, of_product + *error * x);
        }
    }
}

/// Adds products and their rounding errors to a column of sums and their rounding errors.
#[inline]
fn add_column<T: Real, I: IntoIterator, const M: usize>(
    values: &mut [T; M],
    errors: &mut [T; M],
    items: I,
    product: impl Fn(I::Item) -> (T, T),
) {
    for ((value, error), item) in values.iter_mut().zip(errors).zip(items) {
        let (product, of_product) = product(item);
        let (sum, of_sum) = two_sum(*value, product);
        *value = sum;
        *error += of_sum + of_product;
    }
}

/// A column of numbers in twice the working precision, prepared for multiplication.
///
/// Each value is split into `upper` + `lower`, two halves whose products are exact. The field
/// `rest` holds the rounding errors of the values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halves<T, const N: usize> {
    value: [T; N],
    upper: [T; N],
    lower: [T; N],
    rest: [T; N],
    /// `true` if all lower halves and all rounding errors are zero, as for small integers.
    is_short: bool,
}

impl<T: Real, const N: usize> Halves<T, N> {
    /// Iterates over the values with their rounding errors and over their upper and lower halves.
    #[inline]
    fn parts(&self) -> impl Iterator<Item = ((&T, &T), (&T, &T))> {
        let halves = self.upper.iter().zip(&self.lower);
        self.value.iter().zip(&self.rest).zip(halves)
    }

    #[inline]
    pub(crate) fn new(number: &CompensatedSum<[T; N]>) -> Self {
        let CompensatedSum { value, error } = *number;
        let mut out = Self { value, upper: value, lower: value, rest: error, is_short: true };
        for (upper, lower) in out.upper.iter_mut().zip(&mut out.lower) {
            (*upper, *lower) = halves(*upper);
        }
        out.is_short = out.lower.iter().chain(&out.rest).all(T::is_zero);
        out
    }
}

impl<T: Real, const M: usize, const N: usize> CompensatedSum<[[T; M]; N]> {
    pub(crate) const fn new(zero: T) -> Self {
        Self { value: [[zero; M]; N], error: [[zero; M]; N] }
    }

    /// Adds the outer product a bᵀ of two vectors, each entry in twice the working precision.
    #[inline]
    pub(crate) fn add_outer(&mut self, a: &Halves<T, M>, b: &Halves<T, N>) {
        let zero = T::zero();
        for (j, (values, errors)) in self.value.iter_mut().zip(&mut self.error).enumerate() {
            let (b_value, upper, lower, rest) = (b.value[j], b.upper[j], b.lower[j], b.rest[j]);
            // The product of two upper halves is exact.
            if a.is_short && b.is_short {
                add_column(values, errors, &a.value, |&a| (a * b_value, zero));
            } else if a.is_short {
                add_column(values, errors, &a.value, |&a| {
                    let product = a * b_value;
                    (product, ((a * upper - product) + a * lower) + a * rest)
                });
            } else {
                add_column(values, errors, a.parts(), |((&a, &a_rest), (&a_upper, &a_lower))| {
                    let product = a * b_value;
                    let of_product = (a_upper * upper - product) + a_upper * lower;
                    let of_product = (of_product + a_lower * upper) + a_lower * lower;
                    (product, of_product + (a * rest + a_rest * b_value))
                });
            }
        }
    }

    /// Adds another matrix, multiplied by the number `x`.
    pub(crate) fn add_scaled(&mut self, x: CompensatedSum<T>, other: &Self) {
        let others = other.value.iter().zip(&other.error);
        for ((value, error), (other, rest)) in
            self.value.iter_mut().zip(&mut self.error).zip(others)
        {
            let parts = value.iter_mut().zip(error).zip(other.iter().zip(rest));
            for ((value, error), (&of_value, &of_error)) in parts {
                let mut sum = CompensatedSum { value: *value, error: *error };
                sum.add_product(x, CompensatedSum { value: of_value, error: of_error });
                (*value, *error) = (sum.value, sum.error);
            }
        }
    }

    /// Multiplies the matrix by the number `x`.
    pub(crate) fn scale(&mut self, x: T) {
        for entry in self.value.iter_mut().chain(&mut self.error).flatten() {
            *entry *= x;
        }
    }

    /// Returns the entry in row i and column j, rounded to working precision.
    #[inline]
    pub(crate) fn entry(&self, i: usize, j: usize) -> T {
        let at = |x: &[[T; M]; N]| x.get(j).and_then(|column| column.get(i)).copied();
        at(&self.value).zip(at(&self.error)).map_or_else(T::zero, |(value, error)| value + error)
    }

    /// Iterates over the columns of the matrix, rounded to working precision.
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

    /// Adds this matrix, multiplied by the number `x`, to `out`.
    #[inline]
    pub(crate) fn add_to(&self, out: &mut SMatrix<T, M, N>, x: T) {
        let sums = self.value.iter().zip(&self.error);
        for (out, (value, error)) in out.data.0.iter_mut().zip(sums) {
            for (out, (&value, &error)) in out.iter_mut().zip(value.iter().zip(error)) {
                *out += (value + error) * x;
            }
        }
    }

    /// Returns the matrix, rounded to working precision.
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

impl<T: Real, const N: usize> CompensatedSum<[[T; N]; N]> {
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
        let mut sum = CompensatedSum::<[[f64; 1]; 1]>::new(0.0);
        let halves = |x: f64| Halves::new(&CompensatedSum { value: [x], error: [0.0] });
        for _ in 0..1_000_000 {
            sum.add_outer(&halves(0.1), &halves(1.0));
        }
        // 0.1 is 0.1000000000000000055511151231257827 as a double; plain addition gives
        // 100000.00000133288.
        assert_eq!(sum.total()[0][0], 100_000.0);
    }

    /// Checks the compensated sum of five squares (1 + k 2⁻⁵⁵)², less 5, which is exactly 2⁻⁵⁴ Σ
    /// k + 2⁻¹¹⁰ Σ k².
    #[test]
    fn digits_below_a_number_count() {
        let mut sum = CompensatedSum::<[[f64; 1]; 1]>::new(0.0);
        let mut whole = 0.0;
        for k in [1.0, -3.0, 2.0, 5.0, -1.0] {
            let low = k * 2.0_f64.powi(-55);
            let halves = Halves::new(&CompensatedSum { value: [1.0], error: [low] });
            sum.add_outer(&halves, &halves);
            whole += 2.0 * low;
        }
        assert_eq!(sum.value[0][0], 5.0);
        assert!((sum.error[0][0] - whole).abs() < 2.0_f64.powi(-100), "{}", sum.error[0][0]);
    }

    /// Computes (1/3)² · 9 − 1 with significands of 106 bits, so that the result is nearly zero.
    #[test]
    fn products_and_quotients_of_twice_the_digits() {
        let third = CompensatedSum::of(1.0).over(CompensatedSum::of(3.0));
        let mut ninth = CompensatedSum::of(0.0);
        ninth.add_product(third, third);
        let mut rest = CompensatedSum::of(-1.0_f64);
        rest.add_product(ninth, CompensatedSum::of(9.0));
        assert!(rest.rounded().abs() < 2.0_f64.powi(-100), "{rest:?}");
        assert_ne!(third.error, 0.0);
    }
}
