//! The structures: every public one, as V of a model.

use covprop::operator::{Adapter, AffineMap, Gram, Product, Sum};
use covprop::prelude::*;
use covprop::structure::{
    AnteDependenceCorrelationMatrix, Ar1CorrelationMatrix, BandedToeplitzCorrelationMatrix,
    EqualEntryMatrix, EquicorrelationMatrix, Exponential, ExponentialVarianceMatrix,
    HeterogeneousBandedToeplitzMatrix, HeterogeneousMatrix, HeterogeneousToeplitzMatrix,
    HomogeneousMatrix, IsotropicCorrelationMatrix, PowerVarianceMatrix, ToeplitzCorrelationMatrix,
};
#[cfg(feature = "autodiff")]
use covprop::structure::{Autodiff, CustomMatrix, MatrixFunction};
use covprop::transform::{Chain, Exp10, Pow, ScaleShift, Sigmoid};
use covprop::typenum;
use nalgebra::{Const, Matrix4};

use super::check;
use super::data::{At, Likelihood};
use super::structure::{self, Closed, Fit, Structure};
use super::subjects::OF_SUBJECTS;

const TIMES: [f64; 4] = [0.0, 1.0, 2.5, 4.5];

fn places(at: At) -> Distances<4> {
    Distances::from_positions(at.units(TIMES))
}

/// The scalars, with dual numbers where a matrix asks for them.
#[cfg(feature = "autodiff")]
trait Number: Autodiff {}
#[cfg(not(feature = "autodiff"))]
trait Number: Real {}
impl Number for f64 {}
impl Number for f32 {}

/// One test for each structure, and the names and texts of all. Structures marked `+ f32` are fitted in both scalars: one of each kind
/// of search, since each scalar is compiled anew.
macro_rules! structures {
    ($($(#[$attribute:meta])* $name:ident $(+ $single:ident)?: $n:literal [$($closed:ident)*], |$at:pat_param| $model:expr;)*) => {
        $(
            $(#[$attribute])*
            #[test]
            fn $name() {
                fn model<T: Number>($at: At) -> impl ParamMatrix<T, $n, $n> + Copy {
                    $model
                }

                let structure = Structure {
                    name: stringify!($name),
                    closed: &[$(Closed::$closed),*],
                    double: |data| structure::fit::<_, f64, $n>(model::<f64>(data.at), data),
                    single: None::<Fit>$(.or(Some(|data| structure::fit::<_, $single, $n>(model::<$single>(data.at), data))))?,
                    is_own: false,
                    truth: |_| structure::truth(&model::<f64>(At { distance: 1.0, known: 1.0 })),
                };
                check(&structure, &[Likelihood::Reml, Likelihood::Ml]);
            }
        )*

        pub(crate) const MODELS: &[&str] = &[$(stringify!($model)),*];
        const OF_PANELS: &[&str] = &[$(stringify!($name)),*];
    };
}

/// One test for each state-space model, and the names of all.
macro_rules! series {
    ($($name:ident: $states:literal [$($closed:ident)*], |$at:pat_param| $model:expr;)*) => {
        $(
            #[test]
            fn $name() {
                fn model<T: Number>($at: At) -> impl LinearGaussian<T, $states, 1> {
                    $model
                }

                let structure = Structure {
                    name: stringify!($name),
                    closed: &[$(Closed::$closed),*],
                    double: |data| structure::fit_series::<_, f64, $states>(&model::<f64>(data.at), data),
                    single: Some(|data| structure::fit_series::<_, f32, $states>(&model::<f32>(data.at), data)),
                    is_own: false,
                    truth: |_| structure::truth_of_series(&model::<f64>(At { distance: 1.0, known: 1.0 })),
                };
                check(&structure, &[Likelihood::Kalman]);
            }
        )*

        const OF_SERIES: &[&str] = &[$(stringify!($name)),*];
    };
}

/// Returns `true` for the name of a structure or of a state-space model.
pub(crate) fn is_in_table(name: &str) -> bool {
    OF_PANELS.contains(&name) || OF_SERIES.contains(&name) || OF_SUBJECTS.contains(&name)
}

/// The visits of a subject, and its random effects.
const N: usize = 4;

fn ones<T: Real>() -> SMatrix<T, N, 1> {
    SMatrix::repeat(T::one())
}

/// [1 t]
fn line<T: Real>() -> SMatrix<T, N, 2> {
    SMatrix::from_fn(|i, j| nalgebra::convert(if j == 0 { 1.0 } else { i as f64 - 1.5 }))
}

const RESIDUAL: ScalarMatrix<N> = ScalarMatrix::new();
const RELATION: Matrix4<f64> = matrix![
    1.0, 0.5, 0.25, 0.0; 0.5, 1.0, 0.5, 0.125; 0.25, 0.5, 1.0, 0.5; 0.0, 0.125, 0.5, 1.0];

/// A Z of one's own: [1 x; 1 0; x 1; 0 1].
#[derive(Clone, Copy)]
struct Own;

impl Shape for Own {
    type Rows = Const<N>;
    type Cols = Const<2>;
    type ParamCount = typenum::U1;

    fn defaults(&self) -> [f64; 1] {
        [0.5]
    }
}

impl<T: Real> ParamMatrix<T, N, 2> for Own {
    fn value(&self, &[x]: &[T; 1]) -> SMatrix<T, N, 2> {
        let (o, i) = (T::zero(), T::one());
        matrix![i, x; i, o; x, i; o, i]
    }

    fn gradient(&self, _: &[T; 1]) -> [SMatrix<T, N, 2>; 1] {
        let (o, i) = (T::zero(), T::one());
        [matrix![o, i; o, o; i, o; o, o]]
    }
}

/// e^s r^|i−j| with r = x/√(1 + x²), a V of which no degree is known.
#[cfg(feature = "autodiff")]
#[derive(Clone, Copy)]
struct OwnVariances;

#[cfg(feature = "autodiff")]
impl MatrixFunction<N, N> for OwnVariances {
    type ParamCount = typenum::U2;

    fn value<T: Real>(&self, &[s, x]: &[T; 2]) -> SMatrix<T, N, N> {
        let r = x / (T::one() + x * x).sqrt();
        let powers = [T::one(), r, r * r, r * r * r];
        SMatrix::from_fn(|i, j| s.exp() * powers[i.abs_diff(j)])
    }
}

structures! {
    identity: 4 [], |_| CovariancePropagation::new(IdentityMatrix::<4>::new(), Ar1Matrix::<4>::new());
    scalar + f32: 4 [], |_| ScalarMatrix::<4>::new();
    scalar_pow: 4 [], |_| ScalarMatrix::<4>::new().with_transform(Pow::new(2.0));
    diagonal + f32: 4 [Rows], |_| DiagonalMatrix::<4>::new();
    diagonal_exp10: 4 [Rows], |_| DiagonalMatrix::<4>::new().with_transform(Exp10);
    equal_entry: 4 [], |_| EqualEntryMatrix::<4, 4>::new().plus(RESIDUAL);
    weighted: 4 [], |_| WeightedMatrix::new([1.0, 0.5, 4.0, 2.0]);
    group_variance: 4 [], |_| GroupVarianceMatrix::<4, 3>::from_indices([0, 2, 1, 2]);
    power_variance: 4 [Distances], |at| PowerVarianceMatrix::new(at.units([0.5, 1.0, -2.0, 1.5]));
    exponential_variance: 4 [Distances], |at| ExponentialVarianceMatrix::new(at.units([0.5, 1.0, -0.7, 0.0]));
    unconstrained + f32: 4 [Rows], |_| UnconstrainedMatrix::<4>::new();
    log_cholesky: 4 [Rows], |_| LogCholeskyMatrix::<4>::new();
    factor_analytic: 4 [Rows], |_| FactorAnalyticMatrix::<4, 1>::new();
    known: 4 [], |at| KnownMatrix::new(at.known::<T, 4>(RELATION)).plus(ScalarMatrix::new());
    known_scaled: 4 [], |_| KnownScaledMatrix::new(RELATION.map(nalgebra::convert::<f64, T>));

    ar1 + f32: 4 [], |_| Ar1Matrix::<4>::new();
    ar1_of_correlation: 4 [], |_| HomogeneousMatrix::<4, _>::from_correlation(Ar1CorrelationMatrix::new());
    compound_symmetric: 4 [], |_| CompoundSymmetricMatrix::<4>::new();
    equicorrelation: 4 [Rows], |_| HeterogeneousMatrix::<4, _>::from_correlation(EquicorrelationMatrix::<4>::new());
    heterogeneous_ar1: 4 [Rows], |_| HeterogeneousAr1Matrix::<4>::new();
    heterogeneous_compound_symmetric: 4 [Rows], |_| HeterogeneousCompoundSymmetricMatrix::<4>::new();
    toeplitz + f32: 4 [], |_| ToeplitzMatrix::<4>::new();
    heterogeneous_toeplitz: 4 [Rows], |_| HeterogeneousToeplitzMatrix::<4>::new();
    toeplitz_correlation: 4 [], |_| HadamardProduct::new(EqualEntryMatrix::<4, 4>::new(), ToeplitzCorrelationMatrix::<4>::new());
    banded_toeplitz: 4 [], |_| BandedToeplitzMatrix::<4, 2>::new();
    heterogeneous_banded_toeplitz: 4 [Rows], |_| HeterogeneousBandedToeplitzMatrix::<4, 1>::new();
    banded_toeplitz_correlation: 4 [], |_| HomogeneousMatrix::<4, _>::from_correlation(BandedToeplitzCorrelationMatrix::<4, 1>::new());
    ante_dependence: 4 [Rows], |_| AnteDependenceMatrix::<4>::new();
    ante_dependence_correlation: 4 [], |_| HomogeneousMatrix::<4, _>::from_correlation(AnteDependenceCorrelationMatrix::<4>::new());
    exponential + f32: 4 [Distances], |at| ExponentialMatrix::new(places(at));
    exponential_and_nugget: 4 [Distances], |at| ExponentialMatrix::new(places(at)).plus(RESIDUAL);
    isotropic: 4 [Distances Rows], |at| HeterogeneousMatrix::<4, _>::from_correlation(IsotropicCorrelationMatrix::new(places(at), Exponential));
    gaussian: 4 [Distances], |at| GaussianMatrix::new(places(at));
    matern: 4 [Distances], |at| MaternMatrix::three_halves(places(at));

    name: 4 [], |_| named("g", CompoundSymmetricMatrix::<4>::new());
    by_reference: 4 [], |_| {
        const V: CompoundSymmetricMatrix<4> = CompoundSymmetricMatrix::new();
        &V
    };
    intercept + f32: 4 [], |_| CovariancePropagation::new(ones::<T>(), ScalarMatrix::<1>::new()).plus(RESIDUAL);
    slopes + f32: 4 [], |_| CovariancePropagation::new(line::<T>(), LogCholeskyMatrix::<2>::new()).plus(RESIDUAL);
    slopes_unconstrained: 4 [], |_| CovariancePropagation::new(line::<T>(), UnconstrainedMatrix::<2>::new()).plus(RESIDUAL);
    dummy: 4 [], |_| CovariancePropagation::new(DummyMatrix::<4, 2>::from_indices([0, 1, 1, 0]), DiagonalMatrix::<2>::new()).plus(RESIDUAL);
    a_fixed_matrix: 4 [], |_| CovariancePropagation::new(SMatrix::<T, 4, 2>::from_fn(|i, j| nalgebra::convert(((3 * i + 5 * j) as f64).sin())), DiagonalMatrix::<2>::new()).plus(RESIDUAL);
    sum: 4 [], |_| Sum::new(Ar1Matrix::<4>::new(), RESIDUAL);
    own: 4 [], |_| CovariancePropagation::new(Own, ScalarMatrix::<2>::new()).plus(RESIDUAL);
    #[cfg(feature = "autodiff")]
    custom: 4 [], |_| CustomMatrix::new(OwnVariances);
    lower_triangular: 4 [], |_| CovariancePropagation::new(LowerTriangularMatrix::<4, 1>::new(), IdentityMatrix::<1>::new()).plus(RESIDUAL);
    kronecker: 4 [], |_| KroneckerProduct::new(Ar1CorrelationMatrix::<2>::new(), LogCholeskyMatrix::<2>::new());
    hadamard: 4 [], |_| HadamardProduct::new(Ar1Matrix::<4>::new(), EquicorrelationMatrix::<4>::new());
    product: 4 [], |_| Product::new(ScalarMatrix::<4>::new(), EquicorrelationMatrix::<4>::new());
    block_diagonal: 4 [], |_| BlockDiagonal::new(Ar1Matrix::<2>::new(), LogCholeskyMatrix::<2>::new());
    augment: 4 [], |_| OuterGram::new(Augment::new(EqualEntryMatrix::<4, 1>::new(), ScalarMatrix::<4>::new()));
    stack: 4 [], |_| Gram::new(Stack::new(EqualEntryMatrix::<1, 4>::new(), ScalarMatrix::<4>::new()));
    transpose: 4 [], |_| Transpose::new(Ar1Matrix::<4>::new());
    gram: 4 [Rows], |_| Gram::new(Transpose::new(LowerTriangularMatrix::<4, 4>::new()));
    outer_gram: 4 [Rows], |_| OuterGram::new(LowerTriangularMatrix::<4, 4>::new());
    inverse: 4 [], |_| Inverse::new(Ar1Matrix::<4>::new());
    constrained: 4 [], |_| Constrained::<_, T, 2>::new(DiagonalMatrix::<4>::new(), [Source::Free(1), Source::Free(0), Source::Free(1), Source::Free(0)]);
    fixed_variance: 4 [], |at| Constrained::<_, T, 3>::new(DiagonalMatrix::<4>::new(), [Source::Free(1), Source::Free(0), Source::Free(2), Source::Fixed(nalgebra::convert(0.3 + 0.5 * at.known.ln()))]);
    adapter: 4 [], |_| Adapter::new(CompoundSymmetricMatrix::<4>::new(), AffineMap::new([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.2]));
}

/// [1 t; 0 1] for a time t between two measurements.
fn steady<T: Real>(at: At) -> SMatrix<T, 2, 2> {
    matrix![T::one(), nalgebra::convert(at.distance); T::zero(), T::one()]
}

/// [½ t²; t], by which an acceleration changes position and velocity.
fn accelerated<T: Real>(at: At) -> SMatrix<T, 2, 1> {
    let t = at.distance;
    matrix![0.5 * t * t; t].map(nalgebra::convert)
}

fn position<T: Real>() -> SMatrix<T, 1, 2> {
    matrix![T::one(), T::zero()]
}

fn one<T: Real>() -> SMatrix<T, 1, 1> {
    SMatrix::identity()
}

/// ρ of a transition, 0.46 by default.
const TRANSITION: LowerTriangularMatrix<1, 1, Chain<Sigmoid, ScaleShift>> =
    LowerTriangularMatrix::<1, 1>::new()
        .with_transform(Chain::new(Sigmoid, ScaleShift::new(2.0, -1.0)));

series! {
    local_level: 1 [], |_| StateSpace::new(one::<T>(), one::<T>(), ScalarMatrix::<1>::new(), ScalarMatrix::<1>::new());
    tracker: 2 [Distances], |at| StateSpace::new(
        steady::<T>(at), position::<T>(), CovariancePropagation::new(accelerated::<T>(at), ScalarMatrix::<1>::new()), ScalarMatrix::<1>::new());
    tracker_of_two_noises: 2 [Distances], |at| StateSpace::new(
        steady::<T>(at), position::<T>(), DiagonalMatrix::<2>::new(), ScalarMatrix::<1>::new());
    autoregressive_transition: 1 [], |_| StateSpace::new(TRANSITION, one::<T>(), ScalarMatrix::<1>::new(), ScalarMatrix::<1>::new());
}
