//! Products with the derivatives of V at a θ, from which the derivatives of the likelihood are
//! computed.

use core::mem::size_of;

use hybrid_array::{Array, ArraySize};
use nalgebra::{ArrayStorage, SMatrix, SVector};
use typenum::Unsigned;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::shape::{PerParam, Theta};
use crate::base::arrays::filled;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::{
    MANY, combination, divide_twice, inner, product, sqrt, symmetric_product,
};
use crate::reml::covariance_factor::{CovarianceFactor, rounding};

/// Products of vectors and matrices with the derivatives ∂ₖV/τ² of V with respect to each parameter
/// θₖ, where τ² is a power of two near the largest entry of V.
pub trait VDerivatives<T: Real, const N: usize> {
    /// The number of parameters.
    type ParamCount: ArraySize;

    /// Returns the product of the derivative ∂ₖV/τ² and the vector x for each parameter θₖ.
    fn products(
        &self,
        x: &SVector<T, N>,
    ) -> <Self::ParamCount as ArraySize>::ArrayType<SVector<T, N>>;

    /// Returns the inner product of the derivative ∂ₖV/τ² and the matrix `weights` for each
    /// parameter θₖ.
    fn pullback(&self, weights: &SMatrix<T, N, N>)
    -> <Self::ParamCount as ArraySize>::ArrayType<T>;

    /// For all parameters k ≥ l, adds ½ Σ tr(V⁻¹ ∂ₖV V⁻¹ ∂ₗV), summed over subjects, to entry (k,
    /// l) of `out`. The sum is computed from the Cholesky factor L of V/τ² and the numbers cⱼ of
    /// observations of row j:
    ///
    /// ```text
    /// ½ Σⱼ cⱼ (L⁻¹ ∂ₖV L⁻ᵀ · L⁻¹ ∂ₗV L⁻ᵀ)ⱼⱼ/τ⁴
    /// ```
    fn add_traces(
        &self,
        factor: &CovarianceFactor<T, N>,
        out: &mut InformationMatrix<Self::ParamCount, T>,
    );
}

/// Evaluates a Rust expression in which a variable stands for the derivatives of V at θ. If the
/// derivatives of V fit into 64 KiB and `sparingly` is `false`, the macro stores them as matrices.
/// Otherwise, the derivatives are never stored, and the model computes each product with a
/// derivative directly from θ. Callers that multiply the derivatives by only a few vectors set
/// `sparingly` to `true`. Callers that evaluate one subject pass its observed rows: if the
/// derivatives are stored, their other rows and columns are zero.
macro_rules! with_slopes {
    ($at:expr, |$slopes:ident| $answer:expr) => {
        $crate::reml::v_derivatives::with_slopes!(@ $at, M, N, &[true; N], false, |$slopes| $answer)
    };
    (@ $at:expr, $model:ty, $rows:expr, $observed:expr, $sparingly:expr, |$slopes:ident| $answer:expr) => {{
        let (model, size) = ($at.model, $at.size);
        if const {
            $crate::reml::v_derivatives::are_kept::<
                <$model as $crate::algebra::shape::Shape>::ParamCount, T, { $rows }
            >() && !$sparingly
        } {
            let mut kept = $crate::reml::v_derivatives::Kept::<$model, T, { $rows }>::new();
            kept.take(model, &$at.theta, size, $observed);
            let $slopes = &kept;
            $answer
        } else {
            let theta = $crate::base::arrays::copied::<
                <$model as $crate::algebra::shape::Shape>::ParamCount, T
            >(&$at.theta);
            let $slopes = &$crate::reml::v_derivatives::Asked { model, theta: &theta, size };
            $answer
        }
    }};
    ($at:expr, [$model:ty, $rows:expr, $observed:expr], |$slopes:ident| $answer:expr) => {
        $crate::reml::v_derivatives::with_slopes!(
            @ $at, $model, $rows, $observed, false, |$slopes| $answer
        )
    };
    ($at:expr, $sparingly:expr, |$slopes:ident| $answer:expr) => {
        $crate::reml::v_derivatives::with_slopes!(
            @ $at, M, N, &[true; N], $sparingly, |$slopes| $answer
        )
    };
}

pub(crate) use with_slopes;

/// Returns half the inner product of the derivative ∂ₖV/τ² and the matrix `weights` for each
/// parameter θₖ.
#[inline(never)]
pub(crate) fn halves<S: VDerivatives<T, N>, T: Real, const N: usize>(
    slopes: &S,
    weights: &SMatrix<T, N, N>,
) -> <S::ParamCount as ArraySize>::ArrayType<T> {
    let mut parts = slopes.pullback(weights);
    for part in parts.as_mut() {
        *part *= nalgebra::convert(0.5);
    }
    parts
}

/// For all parameters k ≥ l, adds a sum to entry (k, l) of `out`. Each vector s in `columns`, with
/// its factor x in `numbers`, contributes one term to the sum:
///
/// ```text
/// ½ x aₖᵀ V⁻¹ aₗ        aₖ = (∂ₖV) V⁻¹ s/τ²,   τ²: the power of two by which V is divided
/// ```
#[inline(never)]
pub(crate) fn add_products<S: VDerivatives<T, N>, T: Real, const N: usize>(
    slopes: &S,
    CovarianceFactor { inverse, .. }: &CovarianceFactor<T, N>,
    columns: &SMatrix<T, N, N>,
    numbers: &[T; N],
    out: &mut InformationMatrix<S::ParamCount, T>,
) {
    let by_inverse = |x: &[T; N]| SVector::from_data(ArrayStorage([combination(inverse, x)]));
    for (column, &x) in columns.data.0.iter().zip(numbers) {
        if column.iter().all(T::is_zero) {
            continue;
        }
        let products = Array::<_, S::ParamCount>(slopes.products(&by_inverse(column)));
        let weighted = Array::<_, S::ParamCount>::from_fn(|k| by_inverse(&products[k].data.0[0]));
        out.add_products(&products, &weighted, x * nalgebra::convert(0.5));
    }
}

/// The largest total size in bytes for which the derivatives of V are stored as matrices.
const ROOM: usize = 64 * 1024;

/// Returns `true` if the derivatives of V are small enough to be stored as matrices in [`Kept`].
pub(crate) const fn are_kept<P: Unsigned, T, const N: usize>() -> bool {
    P::USIZE * N * N * size_of::<T>() <= ROOM
}

/// The derivatives of V, stored as matrices, so that the transform of each parameter is evaluated
/// only once for all products.
pub(crate) struct Kept<M: ParamMatrix<T, N, N>, T: Real, const N: usize> {
    slopes: PerParam<M, SMatrix<T, N, N>>,
    /// The inner product ⟨∂ₖV, ∂ₖV⟩/τ⁴ of ∂ₖV/τ² with itself for each parameter k, where τ² is the
    /// power of two by which V is divided.
    squares: Theta<M, T>,
}

impl<M: ParamMatrix<T, N, N>, T: Real, const N: usize> Kept<M, T, N> {
    /// Creates derivatives of V that are all zero, until [`take`](Self::take) computes them.
    #[inline(never)]
    pub(crate) fn new() -> Self {
        Self {
            slopes: filled::<M::ParamCount, _>(SMatrix::zeros()),
            squares: filled::<M::ParamCount, T>(T::zero()),
        }
    }

    /// Replaces the stored matrices by the derivatives of V at θ, divided by the number `size`,
    /// with zeros in rows and columns that are not observed.
    #[inline(never)]
    pub(crate) fn take(&mut self, model: &M, theta: &Theta<M, T>, size: T, observed: &[bool; N]) {
        model.gradient_into(theta, &mut self.slopes);
        let tau = sqrt(size);
        for (slope, square) in self.slopes.as_mut().iter_mut().zip(self.squares.as_mut()) {
            divide_twice(slope, tau);
            for (i, _) in observed.iter().enumerate().filter(|(_, observed)| !**observed) {
                slope.data.0[i] = [T::zero(); N];
                for column in &mut slope.data.0 {
                    column[i] = T::zero();
                }
            }
            *square = inner(slope, slope);
        }
    }
}

impl<M: ParamMatrix<T, N, N>, T: Real, const N: usize> VDerivatives<T, N> for Kept<M, T, N> {
    type ParamCount = M::ParamCount;

    fn products(&self, x: &SVector<T, N>) -> PerParam<M, SVector<T, N>> {
        let mut products = filled::<M::ParamCount, _>(SVector::zeros());
        let (of_x, rounding) = (inner(x, x), rounding::<T, N>());
        let slopes = self.slopes.as_ref().iter().zip(self.squares.as_ref());
        for (product, (slope, &square)) in products.as_mut().iter_mut().zip(slopes) {
            product.data.0[0] = combination(slope, &x.data.0[0]);
            // The product is zero within rounding.
            if inner(product, product) <= square * of_x * (rounding * rounding) {
                product.fill(T::zero());
            }
        }
        products
    }

    #[inline(never)]
    fn pullback(&self, weights: &SMatrix<T, N, N>) -> Theta<M, T> {
        let mut parts = filled::<M::ParamCount, T>(T::zero());
        for (part, slope) in parts.as_mut().iter_mut().zip(self.slopes.as_ref()) {
            *part = inner(weights, slope);
        }
        parts
    }

    #[inline(never)]
    fn add_traces(
        &self,
        factor: &CovarianceFactor<T, N>,
        out: &mut InformationMatrix<M::ParamCount, T>,
    ) {
        if const { N < MANY } {
            add_products(self, factor, &factor.observed_root(), &factor.counts, out);
            return;
        }
        let root = factor.observed_inverse_root();
        let mut whitened = filled::<M::ParamCount, _>(SMatrix::<T, N, N>::zeros());
        for (whitened, slope) in whitened.as_mut().iter_mut().zip(self.slopes.as_ref()) {
            symmetric_product(&product(&root, slope), &root, whitened);
        }
        for (j, &count) in factor.counts.iter().enumerate() {
            let of = |k: usize| SVector::from_data(ArrayStorage([whitened.as_ref()[k].data.0[j]]));
            let columns = Array::<_, M::ParamCount>::from_fn(of);
            out.add_products(&columns, &columns, count * nalgebra::convert(0.5));
        }
    }
}

/// The derivatives of V, which are never stored: the model computes each product with a derivative
/// directly from θ.
pub(crate) struct Asked<'a, M: ParamMatrix<T, N, N>, T: Real, const N: usize> {
    pub(crate) model: &'a M,
    pub(crate) theta: &'a Theta<M, T>,
    /// The power of two τ² by which V is divided.
    pub(crate) size: T,
}

impl<M: ParamMatrix<T, N, N>, T: Real, const N: usize> VDerivatives<T, N> for Asked<'_, M, T, N> {
    type ParamCount = M::ParamCount;

    fn products(&self, x: &SVector<T, N>) -> PerParam<M, SVector<T, N>> {
        let products = Array::<_, M::ParamCount>(self.model.gradient_mul(self.theta, x));
        products.map(|product| product / self.size).0
    }

    fn pullback(&self, weights: &SMatrix<T, N, N>) -> Theta<M, T> {
        let parts = Array::<_, M::ParamCount>(self.model.pullback(self.theta, weights));
        parts.map(|part| part / self.size).0
    }

    fn add_traces(
        &self,
        factor: &CovarianceFactor<T, N>,
        out: &mut InformationMatrix<M::ParamCount, T>,
    ) {
        // V⁻¹ L Lᵀ V⁻¹ = V⁻¹
        add_products(self, factor, &factor.observed_root(), &factor.counts, out);
    }
}
