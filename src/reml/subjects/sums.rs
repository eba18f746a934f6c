//! Sums over subjects that suffice to compute the derivatives of the likelihood with respect to all
//! parameters. They are used for at most three random effects.
//!
//! Let L be the Cholesky factor of V = A G Aᵀ + σ² I of a subject, and B the Cholesky factor of
//! G + σ² I. With G = B H Bᵀ, V depends on the entries of H and on log σ². For a fixed B, its
//! whitened derivatives with respect to these *components* are
//!
//! ```text
//! ∂V/∂Hₐₐ:  dₐ dₐᵀ        ∂V/∂Hₐᵦ:  dₐ dᵦᵀ + dᵦ dₐᵀ        ∂V/∂ log σ²:  σ² L⁻¹ L⁻ᵀ
//! ```
//!
//! where dₐ is column a of L⁻¹ A B. All entries are bounded, whatever the ratio of G to σ² is. The
//! derivative with respect to a parameter is a linear combination of the components, with the same
//! coefficients for all subjects.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector, convert};

use crate::base::arrays::tabulate;
use crate::base::scalar::Real;
use crate::linalg::cholesky::{Cholesky, semidefinite_columns};
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::{inner, product};
use crate::reml::subjects::components::{ComponentSlopes, Components, WhitenedRows};
use crate::reml::subjects::triangle::Triangle;

/// The largest number of random effects for which the sums are formed. The number of sums grows
/// with the fourth power of this number.
pub(super) const MOST_EFFECTS: usize = 3;

/// The number of components of [`MOST_EFFECTS`] random effects. With fewer
/// random effects, only the first components are used.
const COMPONENTS: usize = MOST_EFFECTS * (MOST_EFFECTS + 1) / 2 + 1;

/// One value of type E for each component: for the upper triangle of H column by column, and then
/// for log σ².
type PerComponent<E> = [E; COMPONENTS];

/// The sums of W = uuᵀ − V⁻¹ + H C Hᵀ, from which the score is computed, with u = V⁻¹(ỹ − X̃β̃) and
/// H = V⁻¹X̃ of a subject.
#[derive(Clone, Copy, Debug)]
pub(super) struct WeightSums<T, const Q: usize> {
    /// Σ Aᵀ W A
    pub(super) of_g: SMatrix<T, Q, Q>,
    /// Σ tr(W) over the first rows of all subjects.
    pub(super) trace: T,
    /// Σ tr(W) over the residual rows of all subjects.
    pub(super) of_residual: T,
}

impl<T: Real, const Q: usize> WeightSums<T, Q> {
    /// Starts the sums with the products of the residual rows of all subjects, which
    /// [`Components::of_residual`] returns. The argument `count` is the number of observations
    /// minus Q for each subject.
    pub(super) fn new<const K: usize>(
        (xx, _, ee): &(SMatrix<T, K, K>, SVector<T, K>, T),
        variance: T,
        c: Option<&SMatrix<T, K, K>>,
        count: T,
    ) -> Self {
        let of_c = c.map_or_else(T::zero, |c| inner(c, xx));
        let of_residual = (*ee + of_c - count) / variance;
        Self { of_g: SMatrix::zeros(), trace: T::zero(), of_residual }
    }

    /// Adds a subject with the whitened residuals `e`, whose V counts `count` times.
    pub(super) fn add<const K: usize>(
        &mut self,
        WhitenedRows { inverse, design, x, .. }: &WhitenedRows<T, Q, K>,
        e: &SVector<T, Q>,
        c: Option<&SMatrix<T, K, K>>,
        count: T,
    ) {
        // L⁻¹ (e eᵀ + X̃ C X̃ᵀ) L⁻ᵀ − n I
        let mut inside = product(e, &e.transpose());
        if let Some(c) = c {
            inside += product(&product(x, c), &x.transpose());
        }
        for i in 0..Q {
            inside.data.0[i][i] -= count;
        }
        self.of_g += product(&design.transpose(), &product(&inside, design));
        self.trace += inner(&inside, inverse);
    }
}

/// The sums over all subjects at one θ.
#[derive(Clone, Copy, Debug)]
pub(super) struct ComponentSums<T, const Q: usize, const K: usize> {
    /// The coefficients β̃ for which the sums were formed.
    beta: SVector<T, K>,
    /// A square root of C for the restricted likelihood, and `None` otherwise.
    root: Option<SMatrix<T, K, K>>,
    /// The Cholesky factor B of G + σ² I.
    basis: Cholesky<T, Q>,
    pub(super) weights: WeightSums<T, Q>,
    /// The inner products of the vectors D e, where D is the whitened derivative for each component
    /// and e the whitened residuals.
    average: PerComponent<PerComponent<T>>,
    across: PerComponent<SVector<T, K>>,
    /// Inner products of the whitened derivatives.
    expected: PerComponent<PerComponent<T>>,
    /// The terms to subtract from the expected information, because β is estimated.
    less: PerComponent<PerComponent<T>>,
    of_designs: PerComponent<SMatrix<T, K, K>>,
}

impl<T: Real, const Q: usize, const K: usize> ComponentSums<T, Q, K> {
    /// The number of components.
    const COUNT: usize = Q * (Q + 1) / 2 + 1;

    /// Returns `true` if the sums were formed for the given coefficients and likelihood.
    pub(super) fn are_for(&self, beta: &SVector<T, K>, restricted: bool) -> bool {
        self.beta == *beta && self.are_restricted() == restricted
    }

    /// Returns `true` if the sums are those of the restricted likelihood.
    pub(super) const fn are_restricted(&self) -> bool {
        self.root.is_some()
    }

    /// Returns the coefficients β̃ for which the sums were formed.
    pub(super) const fn beta(&self) -> SVector<T, K> {
        self.beta
    }

    /// Starts the sums with the residual rows of all subjects. The argument `count` is the number
    /// of observations minus Q for each subject.
    pub(super) fn new(
        at: &Components<T, Q, K>,
        beta: &SVector<T, K>,
        c: Option<&SMatrix<T, K, K>>,
        residual: &Triangle<T, K>,
        count: T,
    ) -> Self {
        let mut common = at.g;
        for i in 0..Q {
            common.data.0[i][i] += at.variance;
        }
        let residual = at.of_residual(residual, beta);
        let zeros = [[T::zero(); COMPONENTS]; COMPONENTS];
        let mut sums = Self {
            beta: *beta,
            root: root_of(c),
            basis: Cholesky::new(&common).unwrap_or_else(|_| Cholesky::identity()),
            weights: WeightSums::new(&residual, at.variance, c, count),
            average: zeros,
            across: [SVector::zeros(); COMPONENTS],
            expected: zeros,
            less: zeros,
            of_designs: [SMatrix::zeros(); COMPONENTS],
        };
        let (xx, xe, ee) = residual;
        let last = Self::COUNT - 1;
        sums.across[last] = xe;
        sums.average[last][last] = ee;
        sums.expected[last][last] = count;
        if let Some(root) = &sums.root {
            let of_design = root.tr_mul(&(xx * root));
            sums.less[last][last] = of_design.trace();
            sums.of_designs[last] = of_design;
        }
        sums
    }

    /// Adds a subject with the whitened residuals `e`, whose V counts `count` times.
    pub(super) fn add(
        &mut self,
        whitened: &WhitenedRows<T, Q, K>,
        e: &SVector<T, Q>,
        variance: T,
        c: Option<&SMatrix<T, K, K>>,
        count: T,
    ) {
        self.weights.add(whitened, e, c, count);
        let slopes = self.slopes(whitened, variance);
        let images = each_used(&slopes, Self::COUNT, |slope| product(slope, e));
        add_products::<_, Q, 1>(&mut self.average, &images, Self::COUNT, T::one());
        for (sum, image) in self.across.iter_mut().zip(&images).take(Self::COUNT) {
            *sum += whitened.x.tr_mul(image);
        }
        add_products::<_, Q, Q>(&mut self.expected, &slopes, Self::COUNT, count);
        let Some(root) = &self.root else { return };
        let q = product(&whitened.x, root);
        let images = each_used(&slopes, Self::COUNT, |slope| product(slope, &q));
        add_products::<_, Q, K>(&mut self.less, &images, Self::COUNT, T::one());
        for (sum, image) in self.of_designs.iter_mut().zip(&images).take(Self::COUNT) {
            *sum += q.tr_mul(image);
        }
    }

    /// Returns the whitened derivatives of V with respect to the components.
    fn slopes(
        &self,
        WhitenedRows { inverse, design, .. }: &WhitenedRows<T, Q, K>,
        variance: T,
    ) -> PerComponent<SMatrix<T, Q, Q>> {
        let design = product(design, &self.basis.root());
        let mut slopes = [SMatrix::zeros(); COMPONENTS];
        let mut each = slopes.iter_mut();
        for (b, second) in design.data.0.iter().enumerate() {
            for (a, first) in design.data.0.iter().enumerate().take(b + 1) {
                let Some(slope) = each.next() else { continue };
                for (j, column) in slope.data.0.iter_mut().enumerate() {
                    for ((entry, &x), &y) in column.iter_mut().zip(first).zip(second) {
                        *entry = x * second[j];
                        if a != b {
                            *entry += y * first[j];
                        }
                    }
                }
            }
        }
        if let Some(slope) = each.next() {
            *slope = inverse * variance;
        }
        slopes
    }

    /// Returns the derivatives of the components with respect to each parameter.
    fn coefficients<P: ArraySize>(
        &self,
        slopes: &ComponentSlopes<P, T, Q>,
        variance: T,
    ) -> Array<PerComponent<T>, P> {
        tabulate::<P, _>([T::zero(); COMPONENTS], |k| {
            let h = self.basis.whiten(&slopes.g[k]);
            let upper = (0..Q).flat_map(|b| (0..=b).map(move |a| (a, b)));
            let of_h = upper.map(|place| h.get(place).copied().unwrap_or_else(T::zero));
            let mut coefficients = [T::zero(); COMPONENTS];
            for (to, from) in
                coefficients.iter_mut().zip(of_h.chain([slopes.variance[k] / variance]))
            {
                *to = from;
            }
            coefficients
        })
    }

    /// Returns the average information matrix.
    pub(super) fn average<P: ArraySize>(
        &self,
        slopes: &ComponentSlopes<P, T, Q>,
        variance: T,
        c: &SMatrix<T, K, K>,
        rounding: T,
    ) -> InformationMatrix<P, T> {
        let coefficients = self.coefficients(slopes, variance);
        let mut out = combined(&coefficients, &self.average, convert(0.5));
        let across = tabulate::<P, _>(SVector::zeros(), |k| {
            let terms = coefficients[k].iter().zip(&self.across);
            terms.fold(SVector::zeros(), |sum, (&x, across)| sum + across * x)
        });
        let whole = out.diagonal();
        out.subtract_across(&across, c);
        out.mirror();
        out.drop_rounding(&whole, rounding);
        out
    }

    /// Returns the expected information matrix.
    pub(super) fn expected<P: ArraySize>(
        &self,
        slopes: &ComponentSlopes<P, T, Q>,
        variance: T,
        rounding: T,
    ) -> InformationMatrix<P, T> {
        let coefficients = self.coefficients(slopes, variance);
        let mut out = combined(&coefficients, &self.expected, convert(0.5));
        let whole = out.diagonal();
        if self.are_restricted() {
            let mut less = combined(&coefficients, &self.less, -T::one());
            let of_designs = tabulate::<P, _>(SMatrix::zeros(), |k| {
                let terms = coefficients[k].iter().zip(&self.of_designs);
                terms.fold(SMatrix::zeros(), |sum, (&x, of_design)| sum + of_design * x)
            });
            less.add_inner(&of_designs, convert(0.5));
            out.add_all(&less);
        }
        out.mirror();
        out.drop_rounding(&whole, rounding);
        out
    }
}

/// Applies `product` to each of the first `count` matrices.
fn each_used<T: Real, const Q: usize, const M: usize>(
    matrices: &PerComponent<SMatrix<T, Q, Q>>,
    count: usize,
    product: impl Fn(&SMatrix<T, Q, Q>) -> SMatrix<T, Q, M>,
) -> PerComponent<SMatrix<T, Q, M>> {
    let mut products = [SMatrix::zeros(); COMPONENTS];
    for (to, matrix) in products.iter_mut().zip(matrices).take(count) {
        *to = product(matrix);
    }
    products
}

/// Adds the inner products of the first `count` matrices, times a weight, to the lower triangle of
/// `sums`.
fn add_products<T: Real, const Q: usize, const M: usize>(
    sums: &mut PerComponent<PerComponent<T>>,
    matrices: &PerComponent<SMatrix<T, Q, M>>,
    count: usize,
    weight: T,
) {
    for (k, (row, a)) in sums.iter_mut().zip(matrices).enumerate().take(count) {
        for (sum, b) in row.iter_mut().zip(matrices).take(k + 1) {
            *sum += inner(a, b) * weight;
        }
    }
}

/// Returns the lower triangle of the matrix x J S Jᵀ, where S is the symmetric matrix whose lower
/// triangle is `sums`, and J the matrix of the coefficients of each parameter.
fn combined<P: ArraySize, T: Real>(
    coefficients: &Array<PerComponent<T>, P>,
    sums: &PerComponent<PerComponent<T>>,
    x: T,
) -> InformationMatrix<P, T> {
    let mut whole = *sums;
    for (k, row) in sums.iter().enumerate() {
        for (l, &sum) in row.iter().enumerate().take(k) {
            whole[l][k] = sum;
        }
    }
    let sum_of = |row: &PerComponent<T>, of: &PerComponent<T>| {
        row.iter().zip(of).fold(T::zero(), |sum, (&a, &b)| sum + a * b)
    };
    let halves = tabulate::<P, _>([T::zero(); COMPONENTS], |k| {
        whole.map(|row| sum_of(&row, &coefficients[k]))
    });
    let mut out = InformationMatrix::zeros();
    for (k, half) in halves.iter().enumerate() {
        for (l, other) in coefficients.iter().enumerate().take(k + 1) {
            out.add(k, l, sum_of(half, other) * x);
        }
    }
    out
}

/// Returns a matrix C^½ with C^½ C^½ᵀ = C, if the likelihood is the restricted likelihood.
pub(super) fn root_of<T: Real, const K: usize>(
    c: Option<&SMatrix<T, K, K>>,
) -> Option<SMatrix<T, K, K>> {
    c.map(|&c| semidefinite_columns(c))
}
