//! Operations on a panel in the original rows of its subjects: the reduction to fewer rows, and the
//! products for small-sample inference.

use nalgebra::SMatrix;

use crate::base::scalar::Real;
use crate::reml::covariance_factor::CovarianceFactor;
use crate::reml::cross_products::CrossProducts;
use crate::reml::low_rank::Rotation;
use crate::reml::low_rank::complement::Complement;
use crate::reml::observations::blocks::Block;
use crate::reml::observations::shared::{OnData, SharedRows};
use crate::reml::panel::sums::in_place::OnePattern;
use crate::reml::panel::sums::patterns::{Patterns, VisitPattern};
use crate::reml::panel::sums::{Summed, Sums};
use crate::reml::standardisation::gram::Gram;

impl<A, P, T: Real, const N: usize, const K: usize> SharedRows<N, K> for &A
where
    A: Summed<Sums = Sums<P, T, N, K>>,
    P: Patterns<T, N, K>,
{
    const REDUCIBLE: bool = matches!(P::CAPACITY, Some(1));

    fn reduced<const D: usize, F: OnData<T, D, K>>(
        &self,
        design: &SMatrix<T, N, D>,
        columns: usize,
        weights: &[T; N],
        f: F,
    ) -> F::Output {
        let data = self.sums();
        let nothing = VisitPattern::new();
        let pattern = data.used().first().unwrap_or(&nothing);
        let design_of_n = design;
        let (rotation, design) = Rotation::new(design, columns, weights, &pattern.observed);
        let basis = rotation.basis();
        let product = |a, b| rotation.of_product(&pattern.moments.total(a, b), &basis);
        let mut reduced = rotation.data(data.reference, pattern.subjects, product);
        reduced.largest = data.largest;
        reduced.log_weights += data.log_weights;
        if is_little_outside(&reduced, rotation.rows()) {
            let mut weights = *weights;
            for (weight, &observed) in weights.iter_mut().zip(&pattern.observed) {
                if !observed {
                    *weight = T::zero();
                }
            }
            let complement = || Complement::new(design_of_n, &basis, columns, &weights);
            refine(&mut reduced, &pattern.moments, rotation.rows(), complement);
        }
        f.take(&reduced, &design)
    }

    fn block<'f>(&'f self, factors: &'f Self::Classes) -> impl Block<T, N, K> {
        PanelBlock::<'f> { data: self.sums(), factors }
    }
}

/// The data of a panel as one block, with the Cholesky factors of V.
struct PanelBlock<'p, P: Patterns<T, N, K>, T: Real, const N: usize, const K: usize> {
    data: &'p Sums<P, T, N, K>,
    factors: &'p P::Factors,
}

impl<P, T: Real, const N: usize, const K: usize> Block<T, N, K> for PanelBlock<'_, P, T, N, K>
where
    P: Patterns<T, N, K>,
{
    fn design_weights(&self, mut each: impl FnMut(usize, usize, &SMatrix<T, N, N>)) {
        for b in 0..K {
            for a in 0..=b {
                let of = |moments: &P::Products, _: &CovarianceFactor<T, N>| moments.total(a, b);
                self.data.with_weighted(self.factors, of, |weights| each(a, b, weights));
            }
        }
    }

    fn design_products(&self, d: &SMatrix<T, N, N>, e: &SMatrix<T, N, N>) -> SMatrix<T, K, K> {
        let mut out = SMatrix::zeros();
        for (VisitPattern { moments, .. }, factor) in self.data.with(self.factors) {
            let CovarianceFactor { inverse, .. } = factor;
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

    /// Returns the sum over subjects of the diagonal blocks of P D P. Let H = V⁻¹X̃ for the
    /// transformed design X̃ of a subject, let C be the inverse of the sum of X̃ᵀV⁻¹X̃ over all
    /// subjects, and let S be the sum of HᵀDH over all subjects. The diagonal block of the subject
    /// is then
    ///
    /// ```text
    /// V⁻¹DV⁻¹ − V⁻¹D H C Hᵀ − H C Hᵀ D V⁻¹ + H C S C Hᵀ
    /// ```
    fn sandwich(
        &self,
        c: &SMatrix<T, K, K>,
        d: &SMatrix<T, N, N>,
        form: &SMatrix<T, K, K>,
    ) -> SMatrix<T, N, N> {
        let mut out = SMatrix::zeros();
        let middle = c * form * c;
        for (VisitPattern { moments, .. }, factor) in self.data.with(self.factors) {
            let own = factor.weighted(d);
            let across = own * moments.of_designs(c) * factor.inverse;
            out -= across + across.transpose();
            factor.add_for_each(&own, T::one(), &mut out);
            factor.add_weighted(&moments.of_designs(&middle), &mut out);
        }
        out
    }
}

/// Returns the sums of squares of ỹ inside and outside the column space of a fixed design. In the
/// reduced data, the first `inside` rows belong to the column space of the design, and the next row
/// represents all remaining rows.
fn squares<T: Real, const D: usize, const K: usize>(
    data: &OnePattern<T, D, K>,
    inside: usize,
) -> (T, T) {
    let outer = outer_entry(data, inside, (K, K));
    (data.product(K, K) - outer, outer)
}

/// Returns the inner product of columns a and b of [X̃ ỹ], restricted to their parts outside the
/// column space of a fixed design.
fn outer_entry<T: Real, const D: usize, const K: usize>(
    data: &OnePattern<T, D, K>,
    inside: usize,
    (a, b): (usize, usize),
) -> T {
    let [pattern] = &data.patterns.all;
    let total = pattern.moments.stored(a, b);
    if inside < D { total.entry(inside, inside) } else { T::zero() }
}

/// Returns `true` if the part of the sum of squares of ỹ outside the column space of the design is
/// so small that it lost digits by cancellation.
fn is_little_outside<T: Real, const D: usize, const K: usize>(
    data: &OnePattern<T, D, K>,
    (inside, outside): (usize, usize),
) -> bool {
    /// The fraction of a sum of squares below which cancellation loses at least seven bits.
    const LITTLE: f64 = 1.0 / 128.0;
    let (within, outer) = squares(data, inside);
    inside > 0 && outside > 0 && outer < within * nalgebra::convert(LITTLE)
}

/// Recomputes the cross-products outside the column space of the design without cancellation. The
/// function then changes the data to coordinates in which the columns are nearly orthogonal under
/// the weights of generalised least squares, so that residuals near the fit are computed without
/// cancellation. The weights of generalised least squares are approximated by the inverse mean
/// squares inside and outside the column space of the design.
#[inline(never)]
fn refine<T: Real, const N: usize, const D: usize, const K: usize>(
    data: &mut OnePattern<T, D, K>,
    moments: &impl CrossProducts<T, N, K>,
    (inside, outside): (usize, usize),
    complement: impl FnOnce() -> Complement<T, N, D>,
) {
    if !Gram::<T, K>::new(|a, b| moments.product(a, b)).has_headroom() {
        return;
    }
    let complement = complement();
    let [pattern] = &mut data.patterns.all;
    for b in 0..=K {
        for a in 0..=b {
            let trace = complement.trace(moments.stored(a, b));
            pattern.moments.set_entry(a, b, inside, trace);
        }
    }
    let count = |rows: usize| nalgebra::convert::<_, T>(rows as f64);
    let (within, outer) = squares(data, inside);
    let ratio = (outer / count(outside)) / (within / count(inside));
    // If the sum of squares outside the column space is zero, all weights are equal, as in ordinary
    // least squares.
    let weight = if ratio > T::zero() { ratio } else { T::one() };
    let gram = Gram::new(|a, b| {
        let outer = outer_entry(data, inside, (a, b));
        (data.product(a, b) - outer) * weight + outer
    });
    data.go_over(data.reference.orthogonal(&gram));
}
