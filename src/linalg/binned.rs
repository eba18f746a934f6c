//! Sums of products of `f64` whose bits do not depend on the order of the terms.
//!
//! A product of two numbers is exact as an integer times a power of two. It is cut along a fixed
//! grid into three *slices*: slice k is an integer below 2⁶⁴ times 2^(64 k − c), where c does not
//! depend on the data. A sum has a *bin* for each k, which is the exact sum of the slices k of all
//! products. Only the three bins at and below the largest possible product are kept. If a later
//! number makes that product larger, the lowest bins are dropped as a whole. The bins therefore
//! depend on the products but not on their order (Demmel & Nguyen 2015, Parallel reproducible
//! summation, IEEE Transactions on Computers 64, 2060–2070, whose bins are floating-point numbers).

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

const BIN_BITS: u32 = 64;

/// A column of numbers, each an exact integer times a power of two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Significands<const N: usize> {
    /// The significands with their signs, multiplied by 2¹⁰.
    integers: [i64; N],
    /// The exponent fields of the `f64`, which are at least 1. The field of 1.0 is 1023.
    exponents: [u16; N],
}

/// The largest exponent field of each entry of a column, over all columns that were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exponents<const N: usize>(pub(crate) [u16; N]);

/// The bins of an N×N matrix of sums. Each bin is an integer of 96 bits in two's complement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bins<const N: usize> {
    /// The lower 64 bits of the bins of the entry in row i and column j, from the highest bin to
    /// the lowest, at index `[j][i]`.
    pub(crate) lower: [[[u64; BINS]; N]; N],
    /// The upper 32 bits of the bins.
    pub(crate) upper: [[[i32; BINS]; N]; N],
}

impl<const N: usize> Significands<N> {
    /// Splits finite numbers into significands and exponents.
    #[inline]
    pub(crate) fn new(values: &[f64; N]) -> Self {
        const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;
        let mut out = Self { integers: [0; N], exponents: [1; N] };
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

/// Returns the index of the highest bin of a sum of products of numbers with these exponent fields.
#[inline]
fn highest(a: u16, b: u16) -> u32 {
    position(a, b) / BIN_BITS
}

#[inline]
fn position(a: u16, b: u16) -> u32 {
    u32::from(a) + u32::from(b) + ORIGIN
}

/// Adds a slice that is not negative.
#[inline]
fn add(lower: &mut u64, upper: &mut i32, slice: u64) {
    let (sum, carry) = lower.overflowing_add(slice);
    *lower = sum;
    *upper = upper.wrapping_add(i32::from(carry));
}

/// Adds a slice with a sign.
#[inline]
fn add_signed(lower: &mut u64, upper: &mut i32, slice: i64) {
    add(lower, upper, slice.cast_unsigned());
    *upper = upper.wrapping_add(-i32::from(slice < 0));
}

impl<const N: usize> Bins<N> {
    pub(crate) const ZERO: Self = Self { lower: [[[0; BINS]; N]; N], upper: [[[0; BINS]; N]; N] };

    /// Adds the outer product a bᵀ. The largest exponents must include the exponents of a and b. If
    /// `is_square` is `true`, a and b are the same column, and only the upper triangle is computed.
    #[inline]
    pub(crate) fn add_outer(
        &mut self,
        (a, most_a): (&Significands<N>, &Exponents<N>),
        (b, most_b): (&Significands<N>, &Exponents<N>),
        is_square: bool,
    ) {
        for j in 0..N {
            let right = b.integers[j];
            if right == 0 {
                continue;
            }
            let (lower, upper) = (&mut self.lower[j], &mut self.upper[j]);
            for i in 0..if is_square { j + 1 } else { N } {
                let position = position(a.exponents[i], b.exponents[j]);
                let shift = BIN_BITS - 1 - position % BIN_BITS;
                let product = i128::from(a.integers[i]) * i128::from(right);
                let shifted = product >> shift;
                let slices = [
                    (shifted >> BIN_BITS) as u64,
                    shifted as u64,
                    (product as u64) << (BIN_BITS - 1 - shift) << 1,
                ];
                let below = highest(most_a.0[i], most_b.0[j]) - position / BIN_BITS;
                if below == 0 {
                    let ([l0, l1, l2], [u0, u1, u2]) = (&mut lower[i], &mut upper[i]);
                    add_signed(l0, u0, slices[0].cast_signed());
                    add(l1, u1, slices[1]);
                    add(l2, u2, slices[2]);
                } else {
                    add_below(&mut lower[i], &mut upper[i], slices, below as usize);
                }
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
                let raised = highest(to_a.0[i], to_b.0[j]) - highest(from_a.0[i], from_b.0[j]);
                if raised > 0 {
                    shift(&mut self.lower[j][i], raised as usize);
                    shift(&mut self.upper[j][i], raised as usize);
                }
            }
        }
    }

    /// Returns the sum in row i and column j, divided by 2^`scale`. The arguments `a` and `b` are
    /// the largest exponents in row i and column j.
    pub(crate) fn sum(&self, (i, a): (usize, u16), (j, b): (usize, u16), scale: i32) -> Cascade {
        const HALF: u32 = BIN_BITS / 2;
        let mut sum = Cascade::ZERO;
        let bins = self.lower.get(j).and_then(|column| column.get(i));
        let bins = bins.zip(self.upper.get(j).and_then(|column| column.get(i)));
        let Some((lower, upper)) = bins else { return sum };
        let mut unit = (highest(a, b) * BIN_BITS) as i32 - GRID - scale;
        for (&lower, &upper) in lower.iter().zip(upper) {
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
        let bins = self.lower.as_flattened_mut().as_flattened_mut().iter_mut();
        let bins = bins.zip(self.upper.as_flattened_mut().as_flattened_mut());
        let others = other.lower.as_flattened().as_flattened().iter();
        let others = others.zip(other.upper.as_flattened().as_flattened());
        for ((lower, upper), (&slice, &of_upper)) in bins.zip(others) {
            add(lower, upper, slice);
            *upper = upper.wrapping_add(of_upper);
        }
    }
}

/// Adds slices to bins that are `below` the highest bin, and drops the slices below the lowest bin.
#[inline]
fn add_below(lower: &mut [u64; BINS], upper: &mut [i32; BINS], slices: [u64; 3], below: usize) {
    for (k, (lower, upper)) in lower.iter_mut().zip(upper).skip(below).enumerate() {
        match slices.get(k) {
            Some(&slice) if k == 0 => add_signed(lower, upper, slice.cast_signed()),
            Some(&slice) => add(lower, upper, slice),
            None => {}
        }
    }
}

/// Moves the entries of an array to higher indices, and fills up with zeros.
fn shift<T: Copy + Default>(bins: &mut [T; BINS], by: usize) {
    let old = *bins;
    for (k, bin) in bins.iter_mut().enumerate() {
        *bin = k.checked_sub(by).and_then(|k| old.get(k).copied()).unwrap_or_default();
    }
}
