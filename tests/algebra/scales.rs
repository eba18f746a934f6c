//! Degrees of homogeneity and typical values of every structure and operator, by their definition.

use approx::assert_relative_eq;
use covprop::algebra::Scale;
use covprop::operator::{Adapter, AffineMap, Gram, Product, Sum};
use covprop::prelude::*;
use covprop::structure::{
    AnteDependenceCorrelationMatrix, Ar1CorrelationMatrix, BandedToeplitzCorrelationMatrix,
    EqualEntryMatrix, EquicorrelationMatrix, Exponential, ExponentialVarianceMatrix, Gaussian,
    HeterogeneousBandedToeplitzMatrix, HeterogeneousMatrix, HeterogeneousToeplitzMatrix,
    HomogeneousMatrix, IsotropicCorrelationMatrix, PowerVarianceMatrix, ToeplitzCorrelationMatrix,
};
#[cfg(feature = "autodiff")]
use covprop::structure::{CustomMatrix, MatrixFunction};
use covprop::transform::{Exp, Exp2, Exp10, Pow};
use covprop::{hybrid_array, typenum};
use nalgebra::{Const, DMatrix, Matrix3};

use crate::common::listing::assert_every_matrix_is_in;
use proptest::prelude::*;

/// Of the largest entry. Exponentials of logarithms up to 30 have some 30 units in the last place, 7e-15.
const TOLERANCE: f64 = 1e-13;
/// For an inverse, whose condition number multiplies the roundings of its argument.
const TOLERANCE_OF_INVERSE: f64 = 1e-12;
/// A derivative whose norm is a smaller part of that of the matrix counts as vanishing.
const VANISHING: f64 = 1e-3;

const FACTORS: [f64; 4] = [1e-6, 0.5, 3.0, 1e4];
const DEGREES: [f64; 3] = [2.0, -1.0, 0.5];

/// What holds for a matrix.
#[derive(Clone, Copy)]
struct Expected {
    /// Why the matrix cannot carry a degree, if it cannot.
    constant: Option<Constant>,
    /// Whether the matrix is positive definite at the typical values.
    definite: bool,
    /// The parameters by which every derivative vanishes, at the typical values or everywhere, and why.
    vanishing: &'static [(&'static str, &'static str)],
    tolerance: f64,
}

/// Why a matrix cannot carry a degree.
#[derive(Clone, Copy)]
enum Constant {
    /// A part of the matrix has no parameter for its size: the law fails.
    Fixed(&'static str),
    /// The degrees cannot be found from the expression.
    Unknown(&'static str),
}

/// A covariance matrix that carries a degree.
const COVARIANCE: Expected =
    Expected { constant: None, definite: true, vanishing: &[], tolerance: TOLERANCE };

/// A matrix that carries a degree and need not be a covariance matrix.
const FACTOR: Expected = Expected { definite: false, ..COVARIANCE };

/// A correlation matrix.
const CORRELATION: Expected =
    Expected { constant: Some(Constant::Fixed("a unit diagonal")), ..COVARIANCE };

impl Expected {
    const fn constant(self, why: &'static str) -> Self {
        Self { constant: Some(Constant::Fixed(why)), ..self }
    }

    const fn unknown(self, why: &'static str) -> Self {
        Self { constant: Some(Constant::Unknown(why)), ..self }
    }

    const fn vanishing(self, names: &'static [(&'static str, &'static str)]) -> Self {
        Self { vanishing: names, ..self }
    }

    const fn inverse(self) -> Self {
        Self { tolerance: TOLERANCE_OF_INVERSE, ..self }
    }
}

/// The scales of a matrix, one for each parameter.
fn scales<M: Shape>(m: &M, degree: f64) -> (bool, Vec<Scale>) {
    let mut scales = vec![Scale::default(); m.param_names().len()];
    let carried = m.scales(degree, &mut scales);
    (carried, scales)
}

/// θ from the first parameters of a longer list, on the free or on the natural scale.
fn array<M: Shape>(_: &M, x: impl IntoIterator<Item = f64>) -> Theta<M, f64> {
    let mut x = x.into_iter();
    hybrid_array::Array::<f64, M::ParamCount>::from_fn(|_| x.next().unwrap()).0
}

/// The largest difference of the matrix at c^degreeₖ ηₖ from c^degree times the matrix at η, of the
/// largest entry.
fn deviation<M, const R: usize, const C: usize>(m: &M, x: &[f64], degree: f64, c: f64) -> f64
where
    M: ParamMatrix<f64, R, C>,
{
    let theta = array(m, x.iter().copied());
    let (_, scales) = scales(m, degree);
    let params = m.params(&theta);
    let scaled = params.as_ref().iter().zip(&scales).map(|(x, s)| x * c.powf(s.degree));
    let scaled = m.theta_from_params(&array(m, scaled)).unwrap();
    let expected = m.value(&theta) * c.powf(degree);
    let found = m.value(&scaled);
    // `amax` passes over NaN.
    let difference = (found - expected)
        .iter()
        .fold(0.0, |max: f64, x| if x.abs() <= max { max } else { x.abs() });
    difference / expected.amax()
}

/// The law by which degrees are defined.
fn check_degrees<M, const R: usize, const C: usize>(m: &M, expected: Expected, x: &[f64])
where
    M: ParamMatrix<f64, R, C>,
{
    for degree in DEGREES {
        let (carried, found) = scales(m, degree);
        assert_eq!(carried, expected.constant.is_none());
        let deviations = FACTORS.map(|c| deviation(m, x, degree, c));
        let largest = deviations.iter().fold(0.0, |a: f64, &b| if b <= a { a } else { b });
        match expected.constant {
            None => assert!(largest <= expected.tolerance, "{degree}: {deviations:?}"),
            Some(Constant::Fixed(why)) => assert!(largest > 0.1, "{degree}: not {why}"),
            Some(Constant::Unknown(why)) => {
                assert!(found.iter().any(|scale| scale.typical.is_nan()), "not {why}");
            }
        }
    }
    // Every matrix has the degree 0, by parameters that stay what they are.
    let (carried, at_zero) = scales(m, 0.0);
    assert!(carried && at_zero.iter().all(|scale| scale.degree == 0.0));
}

/// Typical values are such that the matrix is of size 1 and changes with every parameter.
fn check_typical<M, const R: usize, const C: usize>(m: &M, expected: Expected)
where
    M: ParamMatrix<f64, R, C>,
{
    let (_, scales_found) = scales(m, 2.0);
    let defaults = m.params(&m.defaults());
    let typical = scales_found.iter().zip(defaults.as_ref());
    let typical = typical.map(|(s, x)| if s.typical.is_nan() { *x } else { s.typical });
    let theta = m.theta_from_params(&array(m, typical)).unwrap();
    let (value, gradient) = m.value_and_gradient(&theta);
    assert!(value.iter().all(|x| x.is_finite()), "{value}");
    if expected.constant.is_none() && R == C {
        assert!((0..R).all(|i| (0.1..=10.0).contains(&value[(i, i)].abs())), "{value}");
    }
    if expected.definite {
        assert!(is_definite(&value), "{value}");
    }
    for (name, derivative) in m.param_names().zip(gradient.as_ref()) {
        let vanishes = derivative.norm() <= VANISHING * value.norm();
        let listed = expected.vanishing.iter().any(|(listed, _)| name == **listed);
        assert_eq!(vanishes, listed, "{name}: {derivative}");
    }
    // Typical values do not depend on the degree.
    for degree in [0.0, -1.0] {
        for (one, other) in scales_found.iter().zip(scales(m, degree).1) {
            assert_eq!(one.typical.to_bits(), other.typical.to_bits());
        }
    }
}

/// Whether a matrix is symmetric and positive definite.
fn is_definite<const R: usize, const C: usize>(m: &SMatrix<f64, R, C>) -> bool {
    let m = DMatrix::from_fn(R, C, |i, j| m[(i, j)]);
    m.is_square() && m == m.transpose() && m.cholesky().is_some()
}

/// [x y; x² 1; sin y, x], about which nothing is known.
struct Own;

impl Shape for Own {
    type Rows = Const<3>;
    type Cols = Const<2>;
    type ParamCount = typenum::U2;

    fn defaults(&self) -> [f64; 2] {
        [1.0, 0.5]
    }
}

impl ParamMatrix<f64, 3, 2> for Own {
    fn value(&self, &[x, y]: &[f64; 2]) -> SMatrix<f64, 3, 2> {
        matrix![x, y; x * x, 1.0; y.sin(), x]
    }

    fn gradient(&self, &[x, y]: &[f64; 2]) -> [SMatrix<f64, 3, 2>; 2] {
        [matrix![1.0, 0.0; 2.0 * x, 0.0; 0.0, 1.0], matrix![0.0, 1.0; 0.0, 0.0; y.cos(), 0.0]]
    }
}

#[cfg(feature = "autodiff")]
struct Rotation;

#[cfg(feature = "autodiff")]
impl MatrixFunction<2, 2> for Rotation {
    type ParamCount = typenum::U1;

    fn value<T: Real>(&self, &[angle]: &[T; 1]) -> SMatrix<T, 2, 2> {
        let (sin, cos) = angle.sin_cos();
        SMatrix::<T, 2, 2>::new(cos, -sin, sin, cos)
    }
}

fn fixed<const R: usize, const C: usize>() -> SMatrix<f64, R, C> {
    SMatrix::from_fn(|i, j| (3.0 * i as f64 - 2.0 * j as f64 + 0.5).sin())
}

const LEVELS: DummyMatrix<5, 3> = DummyMatrix::from_indices([0, 2, 1, 0, 2]);
const PLACES: Distances<4> = Distances::from_positions([0.0, 10.0, 25.0, 35.0]);
const FAMILY: Matrix3<f64> = matrix![1.0, 0.0, 0.5; 0.0, 1.0, 0.5; 0.5, 0.5, 1.0];

/// Places at equal distances, more than a Gaussian correlation of a longer range is definite for.
fn many_places() -> Distances<40> {
    Distances::from_positions(std::array::from_fn(|i| 1e3 * i as f64))
}

/// One module a matrix, and the texts of all.
macro_rules! laws {
    ($($(#[$attribute:meta])* $name:ident: $rows:literal x $cols:literal, $expected:expr, $model:expr;)*) => {
        $(
            $(#[$attribute])*
            mod $name {
                use super::*;

                fn model() -> impl ParamMatrix<f64, $rows, $cols> {
                    $model
                }

                proptest! {
                    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 32, ..Default::default() })]
                    #[test]
                    fn has_these_degrees(x in prop::collection::vec(-2.0..2.0, 24)) {
                        check_degrees(&model(), $expected, &x);
                    }
                }

                #[test]
                fn has_typical_values() {
                    check_typical(&model(), $expected);
                }
            }
        )*

        const MODELS: &[&str] = &[$(stringify!($model)),*];
    };
}

const NO_PARAMETER: &str = "a matrix without parameters";
const OF_ONE: &str = "one variable has no correlation";

laws! {
    identity: 3 x 3, COVARIANCE.constant(NO_PARAMETER), IdentityMatrix::<3>::new();
    dummy: 5 x 3, FACTOR.constant(NO_PARAMETER), LEVELS;
    dummy_matrix: 3 x 3, COVARIANCE.constant(NO_PARAMETER), DummyMatrix::<3, 3>::from_indices([0, 1, 2]);
    a_fixed_matrix: 4 x 3, FACTOR.constant(NO_PARAMETER), SMatrix::<f64, 4, 3>::from_fn(|i, j| (i + j) as f64);
    known: 3 x 3, COVARIANCE.constant(NO_PARAMETER), KnownMatrix::new(FAMILY);
    own: 3 x 2, FACTOR.unknown("a matrix of one's own"), Own;
    #[cfg(feature = "autodiff")]
    custom: 2 x 2, FACTOR.unknown("a function of one's own"), CustomMatrix::new(Rotation);

    scalar: 3 x 3, COVARIANCE, ScalarMatrix::<3>::new();
    scalar_pow: 3 x 3, COVARIANCE, ScalarMatrix::<3>::new().with_transform(Pow::new(2.0));
    scalar_identity: 3 x 3, COVARIANCE, ScalarMatrix::<3>::new().with_transform(Identity);
    diagonal: 4 x 4, COVARIANCE, DiagonalMatrix::<4>::new();
    diagonal_exp10: 4 x 4, COVARIANCE, DiagonalMatrix::<4>::new().with_transform(Exp10);
    equal_entry: 2 x 3, FACTOR, EqualEntryMatrix::<2, 3>::new();
    equal_entry_square: 3 x 3, FACTOR, EqualEntryMatrix::<3, 3>::new();
    weighted: 3 x 3, COVARIANCE, WeightedMatrix::new([1e6, 5e5, 4e6]);
    group_variance: 5 x 5, COVARIANCE, GroupVarianceMatrix::<5, 3>::from_indices([0, 2, 1, 0, 2]);
    power_variance: 4 x 4, COVARIANCE, PowerVarianceMatrix::new([0.5, 1.0, -2.0, 1.5]);
    exponential_variance: 4 x 4, COVARIANCE, ExponentialVarianceMatrix::new([0.5, 1.0, -0.7, 0.0]);
    unconstrained: 3 x 3, COVARIANCE, UnconstrainedMatrix::<3>::new();
    unconstrained_exp: 3 x 3, COVARIANCE, UnconstrainedMatrix::<3>::new().with_transforms(Exp, Identity);
    log_cholesky: 4 x 4, COVARIANCE, LogCholeskyMatrix::<4>::new();
    log_cholesky_of_one: 1 x 1, COVARIANCE, LogCholeskyMatrix::<1>::new();
    factor_analytic: 5 x 5, COVARIANCE, FactorAnalyticMatrix::<5, 2>::new();
    factor_analytic_one: 4 x 4, COVARIANCE, FactorAnalyticMatrix::<4, 1>::new();
    factor_analytic_full: 3 x 3, COVARIANCE, FactorAnalyticMatrix::<3, 3>::new();
    lower_triangular: 3 x 3, FACTOR, LowerTriangularMatrix::<3, 3>::new();
    lower_triangular_tall: 6 x 3, FACTOR, LowerTriangularMatrix::<6, 3>::new();
    lower_triangular_wide: 2 x 4, FACTOR, LowerTriangularMatrix::<2, 4>::new();

    equicorrelation: 4 x 4, CORRELATION, EquicorrelationMatrix::<4>::new();
    ar1_correlation: 4 x 4, CORRELATION, Ar1CorrelationMatrix::<4>::new();
    toeplitz_correlation: 5 x 5, CORRELATION, ToeplitzCorrelationMatrix::<5>::new();
    banded_toeplitz_correlation: 5 x 5, CORRELATION, BandedToeplitzCorrelationMatrix::<5, 2>::new();
    ante_dependence_correlation: 5 x 5, CORRELATION, AnteDependenceCorrelationMatrix::<5>::new();
    isotropic: 4 x 4, CORRELATION, IsotropicCorrelationMatrix::new(PLACES, Exponential);
    compound_symmetric: 3 x 3, COVARIANCE, CompoundSymmetricMatrix::<3>::new();
    ar1: 5 x 5, COVARIANCE, Ar1Matrix::<5>::new();
    ar1_identity: 5 x 5, COVARIANCE, Ar1Matrix::<5>::new().with_transforms(Exp2, Identity);
    ar1_of_one: 1 x 1, COVARIANCE.vanishing(&[("rho", OF_ONE)]), Ar1Matrix::<1>::new();
    homogeneous: 3 x 3, COVARIANCE, HomogeneousMatrix::<3, _>::from_correlation(EquicorrelationMatrix::new());
    homogeneous_covariance: 3 x 3, COVARIANCE, HomogeneousMatrix::<3, _>::from_correlation(Ar1Matrix::new());
    heterogeneous: 3 x 3, COVARIANCE, HeterogeneousMatrix::<3, _>::from_correlation(Ar1CorrelationMatrix::<3>::new()).with_transform(Exp2);
    heterogeneous_ar1: 4 x 4, COVARIANCE, HeterogeneousAr1Matrix::<4>::new();
    heterogeneous_compound_symmetric: 3 x 3, COVARIANCE, HeterogeneousCompoundSymmetricMatrix::<3>::new();
    toeplitz: 4 x 4, COVARIANCE, ToeplitzMatrix::<4>::new();
    heterogeneous_toeplitz: 3 x 3, COVARIANCE, HeterogeneousToeplitzMatrix::<3>::new();
    banded_toeplitz: 5 x 5, COVARIANCE, BandedToeplitzMatrix::<5, 2>::new();
    heterogeneous_banded_toeplitz: 4 x 4, COVARIANCE, HeterogeneousBandedToeplitzMatrix::<4, 1>::new();
    ante_dependence: 4 x 4, COVARIANCE, AnteDependenceMatrix::<4>::new();
    exponential: 4 x 4, COVARIANCE, ExponentialMatrix::new(PLACES);
    gaussian: 4 x 4, COVARIANCE, GaussianMatrix::new(PLACES);
    gaussian_many: 40 x 40, COVARIANCE, GaussianMatrix::new(many_places());
    matern: 4 x 4, COVARIANCE, MaternMatrix::three_halves(PLACES);
    matern_many: 40 x 40, COVARIANCE, MaternMatrix::five_halves(many_places());
    known_scaled: 3 x 3, COVARIANCE, KnownScaledMatrix::new(FAMILY);

    by_reference: 3 x 3, COVARIANCE, {
        const V: Ar1Matrix<3> = Ar1Matrix::new();
        &V
    };
    a_name: 3 x 3, COVARIANCE, named("g", LogCholeskyMatrix::<3>::new());
    sum: 3 x 3, COVARIANCE, Sum::new(Ar1Matrix::<3>::new(), ScalarMatrix::new()).plus(LogCholeskyMatrix::new());
    sum_with_a_constant: 3 x 3, COVARIANCE.constant("the identity"), ScalarMatrix::<3>::new().plus(IdentityMatrix::new());
    mixed_model: 5 x 5, COVARIANCE, CovariancePropagation::new(LEVELS, DiagonalMatrix::<3>::new()).plus(Ar1Matrix::new());
    random_part: 5 x 5, FACTOR, CovariancePropagation::new(LEVELS, LogCholeskyMatrix::<3>::new());
    constant_part: 4 x 4, FACTOR.constant(NO_PARAMETER), CovariancePropagation::new(fixed::<4, 2>(), IdentityMatrix::<2>::new());
    correlated_part: 4 x 4, FACTOR.constant("a fixed Z and a correlation"), CovariancePropagation::new(fixed::<4, 3>(), Ar1CorrelationMatrix::<3>::new());
    by_z: 4 x 4, FACTOR, CovariancePropagation::new(LowerTriangularMatrix::<4, 2>::new(), Ar1CorrelationMatrix::<2>::new());
    by_g: 4 x 4, FACTOR, CovariancePropagation::new(LowerTriangularMatrix::<4, 2>::new(), Ar1Matrix::<2>::new());
    by_symmetric_z: 3 x 3, COVARIANCE, CovariancePropagation::new(UnconstrainedMatrix::<3>::new(), IdentityMatrix::<3>::new());
    own_z: 3 x 3, FACTOR, CovariancePropagation::new(Own, UnconstrainedMatrix::<2>::new());
    own_z_alone: 3 x 3, FACTOR.unknown("a matrix of one's own"), CovariancePropagation::new(Own, IdentityMatrix::<2>::new());
    nested_z: 3 x 3, FACTOR, CovariancePropagation::new(
        CovariancePropagation::new(LowerTriangularMatrix::<3, 2>::new(), IdentityMatrix::<2>::new()), Ar1CorrelationMatrix::<3>::new());
    kronecker: 6 x 6, COVARIANCE, KroneckerProduct::new(Ar1Matrix::<3>::new(), LogCholeskyMatrix::<2>::new());
    kronecker_by_second: 6 x 6, COVARIANCE, KroneckerProduct::new(Ar1CorrelationMatrix::<3>::new(), LogCholeskyMatrix::<2>::new());
    kronecker_three: 8 x 8, COVARIANCE, KroneckerProduct::new(
        KroneckerProduct::new(Ar1CorrelationMatrix::<2>::new(), Ar1CorrelationMatrix::<2>::new()), DiagonalMatrix::<2>::new());
    kronecker_of_correlations: 6 x 6, CORRELATION, KroneckerProduct::new(Ar1CorrelationMatrix::<3>::new(), IdentityMatrix::<2>::new());
    hadamard: 3 x 3, COVARIANCE, HadamardProduct::new(Ar1CorrelationMatrix::<3>::new(), UnconstrainedMatrix::<3>::new());
    hadamard_three: 4 x 4, COVARIANCE, HadamardProduct::new(
        HadamardProduct::new(Ar1Matrix::<4>::new(), EquicorrelationMatrix::new()), IsotropicCorrelationMatrix::new(PLACES, Gaussian));
    hadamard_of_correlations: 3 x 3, CORRELATION, HadamardProduct::new(Ar1CorrelationMatrix::<3>::new(), ToeplitzCorrelationMatrix::<3>::new());
    product: 3 x 3, FACTOR, Product::new(LowerTriangularMatrix::<3, 3>::new(), Transpose::new(LowerTriangularMatrix::<3, 3>::new()));
    product_by_second: 4 x 3, FACTOR, Product::new(fixed::<4, 3>(), Ar1Matrix::<3>::new());
    product_of_constants: 4 x 3, FACTOR.constant("a fixed factor and a correlation"), Product::new(fixed::<4, 3>(), Ar1CorrelationMatrix::<3>::new());
    block_diagonal: 5 x 5, COVARIANCE, BlockDiagonal::new(Ar1Matrix::<2>::new(), UnconstrainedMatrix::<3>::new());
    block_diagonal_with_a_constant: 4 x 4, COVARIANCE.constant("the identity"), BlockDiagonal::new(IdentityMatrix::<1>::new(), Ar1Matrix::<3>::new());
    augment: 3 x 5, FACTOR, Augment::new(LowerTriangularMatrix::<3, 2>::new(), Ar1Matrix::<3>::new());
    stack: 5 x 2, FACTOR, Stack::new(LowerTriangularMatrix::<3, 2>::new(), CompoundSymmetricMatrix::<2>::new());
    stack_with_a_constant: 5 x 2, FACTOR.constant("a fixed part"), Stack::new(fixed::<3, 2>(), CompoundSymmetricMatrix::<2>::new());
    transpose: 2 x 3, FACTOR, Transpose::new(LowerTriangularMatrix::<3, 2>::new());
    gram: 3 x 3, COVARIANCE, Gram::new(LowerTriangularMatrix::<5, 3>::new());
    outer_gram: 3 x 3, COVARIANCE, OuterGram::new(LowerTriangularMatrix::<3, 3>::new());
    outer_gram_tall: 6 x 6, FACTOR, OuterGram::new(LowerTriangularMatrix::<6, 2>::new());
    outer_gram_wide: 2 x 2, COVARIANCE, OuterGram::new(LowerTriangularMatrix::<2, 4>::new());
    inverse: 3 x 3, COVARIANCE.inverse(), Inverse::new(Ar1Matrix::<3>::new());
    inverse_of_a_sum: 3 x 3, COVARIANCE.inverse(), Inverse::new(LogCholeskyMatrix::<3>::new().plus(ScalarMatrix::new()));
    inverse_of_a_correlation: 3 x 3, CORRELATION, Inverse::new(Ar1CorrelationMatrix::<3>::new());
    precision: 5 x 5, FACTOR.inverse(), CovariancePropagation::new(LEVELS, Inverse::new(Ar1Matrix::<3>::new()));

    tied_variances: 3 x 3, COVARIANCE, Constrained::<_, f64, 2>::new(
        DiagonalMatrix::<3>::new(), [Source::Free(1), Source::Free(0), Source::Free(1)]);
    fixed_correlation: 3 x 3, COVARIANCE, Constrained::<_, f64, 1>::new(
        Ar1Matrix::<3>::new(), [Source::Free(0), Source::Fixed(0.4)]);
    fixed_variance: 3 x 3, COVARIANCE.constant("a fixed variance"), Constrained::<_, f64, 2>::new(
        DiagonalMatrix::<3>::new(), [Source::Free(1), Source::Free(0), Source::Fixed(0.3)]);
    tied_degrees: 3 x 3, COVARIANCE.constant("a variance that is a correlation"), Constrained::<_, f64, 1>::new(
        Ar1Matrix::<3>::new(), [Source::Free(0), Source::Free(0)]);
    tied_kinds: 2 x 2, FACTOR.constant("a variance that is a covariance"), Constrained::<_, f64, 1>::new(
        UnconstrainedMatrix::<2>::new(), [Source::Free(0), Source::Free(0), Source::Free(0)]);
    adapter: 3 x 3, COVARIANCE.unknown("parameters of one's own"), Adapter::new(
        CompoundSymmetricMatrix::<3>::new(), AffineMap::new([[0.5, 1.0, 0.0], [0.25, -0.5, 1.0]], [0.1, -0.2]));
    everything: 3 x 3, FACTOR, CovariancePropagation::new(
        Augment::new(Own, LowerTriangularMatrix::<3, 1>::new()), BlockDiagonal::new(Ar1Matrix::<2>::new(), ScalarMatrix::<1>::new()));
}

/// A public matrix that is missing from the table fails here.
#[test]
fn every_matrix_is_in_the_table() {
    assert_every_matrix_is_in(MODELS);
}

/// The noises of a state-space model carry the degree.
#[test]
fn state_space() {
    let model = StateSpace::new(
        LowerTriangularMatrix::<2, 2>::new(),
        matrix![1.0, 0.0],
        Ar1Matrix::<2>::new(),
        ScalarMatrix::<1>::new(),
    );
    let (carried, found) = scales(&model, 2.0);
    assert!(carried);
    let theta = [0.9, 0.3, 0.8, 0.4, -0.6, 0.2];
    let params = LinearGaussian::<f64, 2, 1>::params(&model, &theta);
    let scaled = std::array::from_fn(|k| params[k] * 3.0_f64.powf(found[k].degree));
    let scaled = LinearGaussian::<f64, 2, 1>::theta_from_params(&model, &scaled).unwrap();
    let (one, other) = (model.system(&theta), model.system(&scaled));
    assert_eq!((one.transition, one.observation), (other.transition, other.observation));
    let noise = one.process_noise * 9.0 - other.process_noise;
    assert!(noise.amax() <= 9.0 * TOLERANCE * one.process_noise.amax());
    let noise = one.measurement_noise * 9.0 - other.measurement_noise;
    assert!(noise.amax() <= 9.0 * TOLERANCE * one.measurement_noise.amax());

    let known = StateSpace::new(matrix![1.0], matrix![1.0], matrix![1.0], ScalarMatrix::<1>::new());
    let (carried, found) = scales(&known, 2.0);
    assert!(!carried && found == [Scale { degree: 2.0, typical: 1.0 }]);
}

/// Degrees and typical values that follow from the definitions, as numbers.
#[test]
fn by_hand() {
    let degrees = |scales: &[Scale]| scales.iter().map(|scale| scale.degree).collect::<Vec<_>>();
    let typical = |scales: &[Scale]| scales.iter().map(|scale| scale.typical).collect::<Vec<_>>();

    let (_, found) = scales(&LogCholeskyMatrix::<2>::new(), 2.0);
    assert_eq!(degrees(&found), [1.0, 1.0, 0.0]);
    assert_eq!(typical(&found), [1.0, 1.0, 0.0]);

    // V/c = Λ Λᵀ/c + Ψ/c
    let (_, found) = scales(&FactorAnalyticMatrix::<2, 1>::new(), 2.0);
    assert_eq!(degrees(&found), [1.0, 1.0, 2.0, 2.0]);
    assert_eq!(typical(&found), [0.5_f64.sqrt(), 0.5_f64.sqrt(), 0.5, 0.5]);

    // a precision has the degree −2
    let v = CovariancePropagation::new(LEVELS, Inverse::new(ScalarMatrix::<3>::new()));
    assert_eq!(degrees(&scales(&v, 2.0).1), [-2.0]);

    // G carries it, though Z could
    let (z, r) = (DiagonalMatrix::<2>::new(), Ar1CorrelationMatrix::<2>::new());
    let by_g = CovariancePropagation::new(z, Ar1Matrix::<2>::new());
    assert_eq!(degrees(&scales(&by_g, 2.0).1), [0.0, 0.0, 2.0, 0.0]);
    assert_eq!(degrees(&scales(&CovariancePropagation::new(z, r), 2.0).1), [1.0, 1.0, 0.0]);

    // what is left where a part is known
    let v = KnownMatrix::new(FAMILY).plus(ScalarMatrix::new());
    assert_eq!(scales(&v, 2.0), (false, vec![Scale { degree: 2.0, typical: 1.0 }]));
    let v = KroneckerProduct::new(
        KnownMatrix::new(FAMILY),
        KnownMatrix::new(FAMILY).plus(ScalarMatrix::new()),
    );
    let (carried, found) = scales(&v, 2.0);
    assert!(!carried && degrees(&found) == [0.0]);

    // the mean of the variances is that of 1/w
    let (_, found) = scales(&WeightedMatrix::new([2.0, 2.0, 4.0]), 2.0);
    assert_eq!(typical(&found), [2.4]);
}

/// The range follows the distances, to the bit for a power of two.
#[test]
fn ranges_follow_the_distances() {
    let range = |unit: f64, points: [f64; 5]| {
        let v = MaternMatrix::half(Distances::from_positions(points.map(|x| x * unit)));
        scales(&v, 2.0).1[1]
    };
    // nearest neighbours at 1, 1, 2, 4, 4
    let points = [0.0, 1.0, 3.0, 11.0, 7.0];
    assert_eq!(range(1.0, points), Scale { degree: 0.0, typical: 2.0 });
    for k in [-300, -1, 20, 300] {
        let unit = 2.0_f64.powi(k);
        assert_eq!(range(unit, points).typical, 2.0 * unit);
    }
    for k in [-12, 12] {
        let unit = 10.0_f64.powi(k);
        assert_relative_eq!(
            range(unit, points).typical,
            2.0 * unit,
            epsilon = 0.0,
            max_relative = 1e-15
        );
    }
    // two places twice: the nearest others are at 2
    assert_eq!(range(1.0, [0.0, 0.0, 2.0, 2.0, 5.0]).typical, 2.0);
    // one place, and places that are none
    assert!(range(1.0, [3.0; 5]).typical.is_nan());
    assert!(range(1.0, [f64::NAN; 5]).typical.is_nan());
    assert!(
        scales(&MaternMatrix::half(Distances::from_positions([1.0])), 2.0).1[1].typical.is_nan()
    );
}

/// Elements beyond the parameters, or too few, are no reason to panic.
#[test]
fn a_slice_of_another_length() {
    let v = CovariancePropagation::new(LEVELS, FactorAnalyticMatrix::<3, 1>::new())
        .plus(HeterogeneousAr1Matrix::<5>::new())
        .plus(ExponentialMatrix::new(Distances::from_positions([0.0, 1.0, 2.0, 3.0, 5.0])));
    for length in 0..20 {
        assert!(v.scales(2.0, &mut vec![Scale::default(); length]));
    }
    let tied = [Source::Free(0), Source::Free(0)];
    let v = Constrained::<_, f64, 1>::new(Ar1Matrix::<3>::new(), tied);
    assert!(!v.scales(2.0, &mut []));
}
