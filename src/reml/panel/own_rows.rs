//! What is asked of a panel in the rows of its subjects: other coordinates, and the products of small-sample inference.

use nalgebra::SMatrix;

use super::accumulator::{Accumulator, Pattern};
use crate::Real;
use crate::reml::moments::Moments;
use crate::reml::reduced::Rotation;
use crate::reml::sample::{Factor, OnData, OwnRows};

impl<T: Real, const N: usize, const K: usize, const PATTERNS: usize> OwnRows<T, N, K>
    for &Accumulator<T, N, K, PATTERNS>
{
    const REDUCIBLE: bool = PATTERNS == 1;

    fn reduced<const D: usize, F: OnData<T, D, K>>(
        &self,
        design: &SMatrix<T, N, D>,
        columns: usize,
        weights: &[T; N],
        f: F,
    ) -> F::Output {
        let nothing = Pattern::new();
        let pattern = self.used().first().unwrap_or(&nothing);
        let (rotation, design) = Rotation::new(design, columns, weights, &pattern.observed);
        let basis = rotation.basis();
        let product = |a, b| rotation.of_product(&pattern.moments.total(a, b), &basis);
        let mut data = rotation.data(self.reference, pattern.subjects, product);
        data.largest = self.largest;
        data.log_weights += self.log_weights;
        f.take(&data, &design)
    }

    fn design_weights(
        &self,
        factors: &Self::Factors,
        mut each: impl FnMut(usize, usize, &SMatrix<T, N, N>),
    ) {
        for b in 0..K {
            for a in 0..=b {
                let of = |moments: &Moments<T, N, K>, _: &Factor<T, N>| moments.total(a, b);
                self.with_weighted(factors, of, |weights| each(a, b, weights));
            }
        }
    }

    fn design_products(
        &self,
        factors: &Self::Factors,
        d: &SMatrix<T, N, N>,
        e: &SMatrix<T, N, N>,
    ) -> SMatrix<T, K, K> {
        let mut out = SMatrix::zeros();
        for (Pattern { moments, .. }, Factor { inverse, .. }) in self.with(factors) {
            let inner = inverse * d * inverse * e * inverse;
            let mirrored = inner.transpose();
            for b in 0..K {
                for a in 0..=b {
                    let total = moments.total(a, b);
                    out[(a, b)] += inner.dot(&total);
                    if a < b {
                        out[(b, a)] += mirrored.dot(&total);
                    }
                }
            }
        }
        out
    }

    /// With S = Σ HᵀDH over all subjects, that of a subject is
    ///
    /// ```text
    /// V⁻¹DV⁻¹ − V⁻¹D H C Hᵀ − H C Hᵀ D V⁻¹ + H C S C Hᵀ
    /// ```
    fn sandwich(
        &self,
        factors: &Self::Factors,
        c: &SMatrix<T, K, K>,
        d: &SMatrix<T, N, N>,
    ) -> SMatrix<T, N, N> {
        let mut out = SMatrix::zeros();
        let mut s = SMatrix::<T, K, K>::zeros();
        for (Pattern { moments, .. }, factor) in self.with(factors) {
            let own = factor.weighted(d);
            let across = own * moments.of_designs(c) * factor.inverse;
            out -= across + across.transpose();
            factor.add_for_each(&own, T::one(), &mut out);
            for b in 0..K {
                for a in 0..=b {
                    let x = own.dot(&moments.total(a, b));
                    s[(a, b)] += x;
                    if a < b {
                        s[(b, a)] += x;
                    }
                }
            }
        }
        let middle = c * s * c;
        for (Pattern { moments, .. }, factor) in self.with(factors) {
            factor.add_weighted(&moments.of_designs(&middle), &mut out);
        }
        out
    }
}
