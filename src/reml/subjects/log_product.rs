//! The logarithm of a product of many numbers.

use crate::base::scalar::Real;
use crate::linalg::compensated::CompensatedSum;

/// The logarithm of a product of positive numbers. A logarithm is taken only when the product
/// leaves the range from ε² to ε⁻², where ε is the machine epsilon.
pub(super) struct LogProduct<T> {
    logs: CompensatedSum<T>,
    product: T,
}

impl<T: Real> LogProduct<T> {
    pub(super) fn new() -> Self {
        Self { logs: CompensatedSum::of(T::zero()), product: T::one() }
    }

    /// Multiplies the product by a number.
    pub(super) fn multiply(&mut self, x: T) {
        let small = T::default_epsilon() * T::default_epsilon();
        let product = self.product * x;
        if product > small && product * small < T::one() {
            self.product = product;
        } else {
            self.add(self.product.ln(), T::one());
            self.product = x;
        }
    }

    /// Multiplies the product by a power xⁿ.
    pub(super) fn multiply_power(&mut self, x: T, n: T) {
        if n == T::one() {
            self.multiply(x);
        } else if n > T::zero() {
            self.add(x.ln(), n);
        }
    }

    /// Returns the logarithm of the product.
    pub(super) fn log(mut self) -> T {
        self.add(self.product.ln(), T::one());
        self.logs.rounded()
    }

    fn add(&mut self, log: T, n: T) {
        self.logs.add_product(CompensatedSum::of(n), CompensatedSum::of(log));
    }
}
