//! Sums of products of `f64` whose bits do not depend on the order of the terms.
//!
//! A product of two numbers is exact as an integer times a power of two. It is cut along a fixed
//! grid into three *slices*: slice k is an integer below 2⁶⁴ times 2^(64 k − c), where c does not
//! depend on the data. A sum has a *bin* for each k, which is the exact sum of the slices k of all
//! products. Only the three bins at and below the largest possible product are kept. If a later
//! number makes that product larger, the lowest bins are dropped as a whole. The bins therefore
//! depend on the products but not on their order (Demmel & Nguyen 2015, Parallel reproducible
//! summation, IEEE Transactions on Computers 64, 2060–2070, whose bins are floating-point numbers).

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "integers are cut into their lower and upper bits"
)]

use crate::linalg::cascade::Cascade;

/// The number of bins of a sum.
pub(crate) const BINS: usize = 3;

/// The largest number of slices that a bin can hold. A bin has 96 bits, and each slice is an
/// integer between −2⁶³ and 2⁶⁴.
pub(crate) const MOST_SLICES: u32 = 1 << 31;

/// The position of a product in the grid is this number plus the exponent fields of the factors.
/// Squares of numbers between 2⁻¹⁶ and 2¹⁶ have the same highest slice.
const ORIGIN: u32 = 34;

/// The exponent c of the grid: bin k has the unit 2^(64 k − c).
const GRID: i32 = 2 * (1023 + 52 + FREE_BITS as i32) - 127 + ORIGIN as i32;

/// The number of bits by which significands are shifted to the left, so that their product fills
/// 126 bits and a sign.
const FREE_BITS: u32 = 10;

/// The number of bits of a slice, and of the lower part of a bin.
const BIN_BITS: u32 = 64;

/// The number of lower bits of the integers of a column that are zero if the column is short.
const SHORT_BITS: u32 = 32;

/// The number of bits of the upper part of a bin.
const UPPER_BITS: u32 = 32;

/// A column of numbers, each an exact integer times a power of two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Significands<const N: usize> {
    /// The significands with their signs, multiplied by 2¹⁰.
    integers: [i64; N],
    /// The exponent fields of the `f64`, which are at least 1. The field of 1.0 is 1023.
    exponents: [u16; N],
    /// `true` if the lower halves of all integers are zero, as for small whole numbers.
    are_short: bool,
}

/// The largest exponent field of each entry of a column, over all columns that were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exponents<const N: usize>(pub(crate) [u16; N]);

/// The bins of an N×N matrix of sums. Each bin is an integer of 96 bits, and the highest bin has a
/// sign. The entry in row i and column j is at index `[j][i]` of each bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bins<const N: usize> {
    /// The lower 64 bits of each bin, from the highest bin to the lowest.
    pub(crate) lower: [[[u64; N]; N]; BINS],
    /// The upper 32 bits c of the middle bin and d of the lowest bin, as c + 2³² d. One addition
    /// then carries into both bins.
    pub(crate) upper: [[u64; N]; N],
    /// The upper 32 bits of the highest bin.
    pub(crate) signed: [[i32; N]; N],
}

impl<const N: usize> Significands<N> {
    /// Splits finite numbers into significands and exponents.
    #[inline]
    pub(crate) fn new(values: &[f64; N]) -> Self {
        const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;
        let mut out = Self { integers: [0; N], exponents: [1; N], are_short: true };
        for (x, (integer, exponent)) in
            values.iter().zip(out.integers.iter_mut().zip(&mut out.exponents))
        {
            let bits = x.abs().to_bits();
            let field = bits >> FRACTION_BITS;
            let fraction = bits & ((1 << FRACTION_BITS) - 1);
            let hidden = u64::from(field > 0) << FRACTION_BITS;
            let magnitude = ((fraction | hidden) << FREE_BITS).cast_signed();
            *integer = if x.is_sign_negative() { -magnitude } else { magnitude };
            *exponent = field.max(1) as u16;
            out.are_short &= magnitude.cast_unsigned() << SHORT_BITS == 0;
        }
        out
    }
}

impl<const N: usize> Exponents<N> {
    /// The exponents of zeros.
    pub(crate) const LEAST: Self = Self([1; N]);

    /// Returns the larger exponent of each entry.
    #[inline]
    pub(crate) fn max(&self, other: &Self) -> Self {
        let mut out = *self;
        for (out, &other) in out.0.iter_mut().zip(&other.0) {
            *out = (*out).max(other);
        }
        out
    }

    /// Returns the largest exponents of these and of a further column.
    #[inline]
    pub(crate) fn with(&self, column: &Significands<N>) -> Self {
        self.max(&Self(column.exponents))
    }
}

/// Returns the position of the highest bit of a product of numbers with these exponent fields.
#[inline]
fn position(a: u16, b: u16) -> u32 {
    u32::from(a) + u32::from(b) + ORIGIN
}

/// Adds two numbers. Returns the sum and the carry.
#[inline]
fn carrying(a: u64, b: u64) -> (u64, u64) {
    let (sum, carry) = a.overflowing_add(b);
    (sum, u64::from(carry))
}

/// Returns the upper 64 bits of a number with a sign.
#[inline]
fn sign(slice: u64) -> u64 {
    (slice.cast_signed() >> (BIN_BITS - 1)).cast_unsigned()
}

impl<const N: usize> Bins<N> {
    pub(crate) const ZERO: Self =
        Self { lower: [[[0; N]; N]; BINS], upper: [[0; N]; N], signed: [[0; N]; N] };

    /// Adds the outer product a bᵀ. The largest exponents must include the exponents of a and b. If
    /// `is_square` is `true`, a and b are the same column, and only the upper triangle is computed.
    #[inline]
    pub(crate) fn add_outer(
        &mut self,
        a: (&Significands<N>, &Exponents<N>),
        b: (&Significands<N>, &Exponents<N>),
        is_square: bool,
    ) {
        if a.0.are_short && b.0.are_short {
            self.add_products::<true>(a, b, is_square);
        } else {
            self.add_products::<false>(a, b, is_square);
        }
    }

    /// Adds the outer product a bᵀ. If `SHORT` is `true`, a and b are short.
    #[inline]
    fn add_products<const SHORT: bool>(
        &mut self,
        (a, most_a): (&Significands<N>, &Exponents<N>),
        (b, most_b): (&Significands<N>, &Exponents<N>),
        is_square: bool,
    ) {
        let [lower0, lower1, lower2] = &mut self.lower;
        for j in 0..N {
            let right = b.integers[j];
            if right == 0 {
                continue;
            }
            let (lower0, lower1, lower2) = (&mut lower0[j], &mut lower1[j], &mut lower2[j]);
            let (upper, signed) = (&mut self.upper[j], &mut self.signed[j]);
            for i in 0..if is_square { j + 1 } else { N } {
                let most = position(most_a.0[i], most_b.0[j]);
                let position = position(a.exponents[i], b.exponents[j]);
                let left = a.integers[i];
                let (up, down) = (!position % BIN_BITS, position % BIN_BITS);
                let [first, second, third] = if SHORT {
                    let product = (left >> SHORT_BITS) * (right >> SHORT_BITS);
                    [product >> up, product << down << 1, 0].map(i64::cast_unsigned)
                } else {
                    let product = i128::from(left) * i128::from(right);
                    let shifted = product >> up;
                    let first = (shifted >> BIN_BITS) as u64;
                    [first, shifted as u64, (product as u64) << down << 1]
                };
                let (c0, c1, c2);
                if most ^ position < BIN_BITS {
                    (lower0[i], c0) = carrying(lower0[i], first);
                    (lower1[i], c1) = carrying(lower1[i], second);
                    (lower2[i], c2) = carrying(lower2[i], third);
                    signed[i] = signed[i].wrapping_add(sign(first).wrapping_add(c0) as i32);
                } else {
                    match most / BIN_BITS - position / BIN_BITS {
                        1 => {
                            (lower1[i], c0) = carrying(lower1[i], first);
                            (lower2[i], c2) = carrying(lower2[i], second);
                            c1 = sign(first).wrapping_add(c0);
                        }
                        2 => {
                            (lower2[i], c0) = carrying(lower2[i], first);
                            (c1, c2) = (0, sign(first).wrapping_add(c0));
                        }
                        _ => continue,
                    }
                }
                upper[i] = upper[i].wrapping_add(c1.wrapping_add(c2 << UPPER_BITS));
            }
        }
    }

    /// Moves the contents of the bins for larger exponents. Bins that become too small are dropped.
    pub(crate) fn raise(
        &mut self,
        [from_a, from_b]: [&Exponents<N>; 2],
        [to_a, to_b]: [&Exponents<N>; 2],
    ) {
        for j in 0..N {
            for i in 0..N {
                let highest = position(to_a.0[i], to_b.0[j]) / BIN_BITS;
                let raised = highest - position(from_a.0[i], from_b.0[j]) / BIN_BITS;
                for _ in 0..raised.min(BINS as u32) {
                    let [of_first, of_second, _] = self.uppers(i, j);
                    let [first, second, third] = &mut self.lower;
                    (first[j][i], second[j][i], third[j][i]) = (0, first[j][i], second[j][i]);
                    self.signed[j][i] = 0;
                    let of_second = i64::from(of_second) << UPPER_BITS;
                    self.upper[j][i] = (i64::from(of_first) + of_second).cast_unsigned();
                }
            }
        }
    }

    /// Returns the upper 32 bits of the bins of the entry in row i and column j.
    fn uppers(&self, i: usize, j: usize) -> [i32; BINS] {
        let at = |signed: &[[i32; N]; N]| signed.get(j).and_then(|column| column.get(i)).copied();
        let signed = at(&self.signed).unwrap_or_default();
        let upper = self.upper.get(j).and_then(|column| column.get(i)).copied();
        let upper = upper.unwrap_or_default().cast_signed();
        let middle = upper as i32;
        [signed, middle, (upper.wrapping_sub(i64::from(middle)) >> UPPER_BITS) as i32]
    }

    /// Returns the sum in row i and column j, divided by 2^`scale`. The arguments `a` and `b` are
    /// the largest exponents in row i and column j.
    pub(crate) fn sum(&self, (i, a): (usize, u16), (j, b): (usize, u16), scale: i32) -> Cascade {
        const HALF: u32 = BIN_BITS / 2;
        let mut sum = Cascade::ZERO;
        let mut unit = (position(a, b) / BIN_BITS * BIN_BITS) as i32 - GRID - scale;
        for (lower, upper) in self.lower.iter().zip(self.uppers(i, j)) {
            let lower = lower.get(j).and_then(|column| column.get(i)).copied().unwrap_or_default();
            let [high, low] = [lower >> HALF, lower & u64::from(u32::MAX)].map(|half| half as f64);
            for (x, exponent) in [(f64::from(upper), BIN_BITS), (high, HALF), (low, 0)] {
                sum.add(libm::scalbn(x, unit + exponent as i32));
            }
            unit -= BIN_BITS as i32;
        }
        sum
    }

    /// Adds other sums that have the same largest exponents.
    pub(crate) fn merge(&mut self, other: &Self) {
        for j in 0..N {
            for i in 0..N {
                let mut carries = [0; BINS];
                let bins = self.lower.iter_mut().zip(&other.lower);
                for ((lower, slice), carry) in bins.zip(&mut carries) {
                    (lower[j][i], *carry) = carrying(lower[j][i], slice[j][i]);
                }
                let [c0, c1, c2] = carries;
                let (upper, signed) = (&mut self.upper[j][i], &mut self.signed[j][i]);
                *signed = signed.wrapping_add(other.signed[j][i]).wrapping_add(c0 as i32);
                let carried = c1.wrapping_add(c2 << UPPER_BITS);
                *upper = upper.wrapping_add(other.upper[j][i]).wrapping_add(carried);
            }
        }
    }
}
