//! Sums of `f64` in about four times the working precision.

use crate::linalg::compensated::{CompensatedSum, two_product, two_sum};

/// The number of parts of a sum.
const PARTS: usize = 4;

/// A sum whose rounding errors are summed again, three times over, so that a sum keeps about 212
/// bits of its largest term (Ogita, Rump & Oishi 2005, Accurate sum and dot product, SIAM Journal
/// on Scientific Computing 26, 1955–1988, algorithm 4.8).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cascade([f64; PARTS]);

impl Cascade {
    pub(crate) const ZERO: Self = Self([0.0; PARTS]);

    pub(crate) fn add(&mut self, mut x: f64) {
        for part in &mut self.0 {
            (*part, x) = two_sum(*part, x);
        }
    }

    /// Adds the product of a sum and a number.
    pub(crate) fn add_product(&mut self, sum: &Self, x: f64) {
        for &part in &sum.0 {
            let (product, error) = two_product(part, x);
            self.add(product);
            self.add(error);
        }
    }

    /// Returns the sum, rounded to twice the working precision.
    pub(crate) fn rounded(&self) -> CompensatedSum<f64> {
        let [mut a, mut b, mut c, mut d] = self.0;
        // Each pass moves what is left after cancellation towards the first part.
        for _ in 1..PARTS {
            (c, d) = two_sum(c, d);
            (b, c) = two_sum(b, c);
            (a, b) = two_sum(a, b);
        }
        let (value, error) = two_sum(a, b + (c + d));
        CompensatedSum { value, error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancelled_digits_come_back() {
        let mut sum = Cascade::ZERO;
        for x in [1e48, 1e32, 1.0, 1e-16, -1e48, -1e32, -1.0] {
            sum.add(x);
        }
        assert_eq!(sum.rounded(), CompensatedSum::of(1e-16));
        // (1 + 2⁻⁴⁰)⁴ − 1 − 2⁻³⁸ − 6·2⁻⁸⁰ − 2⁻¹¹⁸ = 2⁻¹⁶⁰
        let x = 1.0 + 2.0_f64.powi(-40);
        let mut power = Cascade::ZERO;
        power.add(1.0);
        for _ in 0..4 {
            let mut next = Cascade::ZERO;
            next.add_product(&power, x);
            power = next;
        }
        for x in [-1.0, -(2.0_f64.powi(-38)), -6.0 * 2.0_f64.powi(-80), -(2.0_f64.powi(-118))] {
            power.add(x);
        }
        assert_eq!(power.rounded(), CompensatedSum::of(2.0_f64.powi(-160)));
    }
}
