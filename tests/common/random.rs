//! Pseudo-random numbers that are the same for every version of every crate.

/// A generator of pseudo-random numbers (Marsaglia 2003, xorshift), from a state that is not zero.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// Returns a number in [0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Returns a number with mean 0 and variance 1: the sum of twelve uniform numbers, less 6.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}
