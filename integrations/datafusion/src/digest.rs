//! A number that identifies a model, so that two programs with different models do not exchange
//! partial results.

use std::fmt::{self, Display, Write};

use covprop::prelude::*;

/// A 64-bit FNV-1a hash (Fowler, Noll & Vo 1991).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Digest(pub(crate) u64);

impl Digest {
    /// Returns the digest of a model and its design: the sizes, the expression of V with the names
    /// of its parameters, and the numbers of V and X at two arguments each.
    pub(crate) fn new<V, const N: usize, const K: usize>(
        v: impl Fn(&[f64; N]) -> V,
        design: impl Fn(&[f64; N]) -> SMatrix<f64, N, K>,
    ) -> Self
    where
        V: ParamMatrix<f64, N, N>,
    {
        let mut digest = Self(0xcbf2_9ce4_8422_2325);
        digest.add(format_args!("{N} {K} "));
        for shift in [0.0, 0.5] {
            let x = std::array::from_fn(|i| i as f64 + shift);
            let v = v(&x);
            digest.add(format_args!("{}", v.expression()));
            for name in v.param_names() {
                digest.add(format_args!(" {name}"));
            }
            let mut theta = v.defaults();
            for (k, x) in theta.as_mut().iter_mut().enumerate() {
                *x += shift * (0.3 + 0.1 * (k % 3) as f64);
            }
            for number in v.value(&theta).iter().chain(design(&x).iter()) {
                digest.add(format_args!(" {:x}", number.to_bits()));
            }
        }
        digest
    }

    /// Returns the digest of the model with states of another size.
    pub(crate) fn of_size(mut self, width: usize) -> Self {
        self.add(format_args!(" {width}"));
        self
    }

    fn add(&mut self, text: fmt::Arguments) {
        // Writing to a digest cannot fail.
        let _ = self.write_fmt(text);
    }
}

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(())
    }
}

impl Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
