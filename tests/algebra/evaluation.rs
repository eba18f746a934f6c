//! Every way of evaluation against each other and against dual numbers, at random θ.

use approx::{abs_diff_eq, assert_abs_diff_eq};
use covprop::algebra::{Partial, assert_gradient};
use covprop::operator::{Adapter, AffineMap, Gram, Product, SmoothMap, Sum};
use covprop::prelude::*;
use covprop::structure::{
    AnteDependenceCorrelationMatrix, Ar1CorrelationMatrix, BandedToeplitzCorrelationMatrix,
    EqualEntryMatrix, EquicorrelationMatrix, ExponentialVarianceMatrix,
    HeterogeneousBandedToeplitzMatrix, HeterogeneousMatrix, HeterogeneousToeplitzMatrix,
    HomogeneousMatrix, IsotropicCorrelationMatrix, Matern, PowerVarianceMatrix,
    ToeplitzCorrelationMatrix,
};
use covprop::transform::{Chain, Exp, Exp2, Exp10, Pow, ScaleShift, Sigmoid};
use covprop::typenum;
use nalgebra::{Const, Matrix2, Matrix3x2};
use num_dual::Dual64;
use proptest::prelude::*;

use crate::common::cases::all;
use crate::common::thread::with_stack;

/// Of the largest entry of the value and all derivatives: what they are sums of is of that size, and
/// exact to a few units in the last place, 1e-16.
const TOLERANCE: f64 = 1e-13;
/// The same for `f32`, whose unit in the last place is 6e-8.
const TOLERANCE_F32: f64 = 5e-5;

/// How many random θ each matrix is evaluated at.
fn cases() -> u32 {
    if all() { 256 } else { 64 }
}

/// θ from the first parameters of a longer list.
fn theta<M: ParamMatrix<T, R, C>, T: Real, const R: usize, const C: usize>(
    m: &M,
    x: &[T],
) -> Theta<M, T> {
    let pairs: Vec<(String, T)> =
        m.param_names().map(|name| name.to_string()).zip(x.iter().copied()).collect();
    let pairs: Vec<(&str, T)> = pairs.iter().map(|(name, x)| (name.as_str(), *x)).collect();
    m.theta_by_name(&pairs).unwrap()
}

#[track_caller]
fn assert_close<const R: usize, const C: usize>(
    what: &str,
    a: &SMatrix<f64, R, C>,
    b: &SMatrix<f64, R, C>,
    tolerance: f64,
) {
    assert!(abs_diff_eq!(a, b, epsilon = tolerance), "{what}: {a} {b}");
}

/// The largest entry of a value and its derivatives.
fn scale<const R: usize, const C: usize>(
    value: &SMatrix<f64, R, C>,
    gradient: &[SMatrix<f64, R, C>],
) -> f64 {
    gradient.iter().fold(value.amax(), |scale, derivative| scale.max(derivative.amax()))
}

/// Compares everything that `m` answers with its gradient, and that with dual numbers over `dual`,
/// the same matrix.
fn check<M, D, const R: usize, const C: usize>(m: &M, dual: &D, x: &[f64])
where
    M: ParamMatrix<f64, R, C>,
    D: ParamMatrix<Dual64, R, C>,
{
    let theta_m = theta(m, x);
    let value = m.value(&theta_m);
    let gradient = m.gradient(&theta_m);
    let gradient = gradient.as_ref();
    let tolerance = TOLERANCE * scale(&value, gradient);

    let x_dual: Vec<Dual64> = x.iter().map(|&x| Dual64::from(x)).collect();
    for (k, derivative) in gradient.iter().enumerate() {
        let mut seeded = x_dual.clone();
        seeded[k] = seeded[k].derivative();
        let by_dual = dual.value(&theta(dual, &seeded));
        assert_close("value in dual numbers", &by_dual.map(|x| x.re), &value, tolerance);
        assert_close("derivative", derivative, &by_dual.map(|x| x.eps), tolerance);
    }

    // Where the same is computed twice, it is the same to the last bit.
    let (both_value, both_gradient) = m.value_and_gradient(&theta_m);
    assert_eq!((both_value, both_gradient.as_ref()), (value, gradient));
    let mut into = SMatrix::repeat(f64::NAN);
    m.value_into(&theta_m, &mut into);
    assert_eq!(into, value);
    let mut into = m.gradient(&theta_m);
    into.as_mut().fill(SMatrix::repeat(f64::NAN));
    m.gradient_into(&theta_m, &mut into);
    assert_eq!(into.as_ref(), gradient);
    let mut visits = 0;
    m.for_each_derivative(&theta_m, |k, derivative| {
        let mut full = SMatrix::repeat(f64::NAN);
        derivative.write(&mut full);
        assert_eq!(full, gradient[k]);
        visits += 1;
    });
    assert_eq!(visits, gradient.len());

    let weights = SMatrix::<f64, R, C>::from_fn(|i, j| ((5 * i + 3 * j) as f64).sin() + 0.5);
    let (u, w) = (
        SVector::<f64, C>::from_fn(|j, _| (j as f64 - 0.7).cos()),
        SVector::<f64, R>::from_fn(|i, _| (i as f64 + 0.2).sin()),
    );
    assert_gradient(m, &theta_m);

    // Second derivatives: the first ones, pulled back over dual numbers.
    let curvature = m.curvature(&theta_m, &weights);
    let weights_dual = weights.map(Dual64::from);
    let rows: Vec<Vec<f64>> = (0..gradient.len())
        .map(|l| {
            let mut seeded = x_dual.clone();
            seeded[l] = seeded[l].derivative();
            let pullback = dual.pullback(&theta(dual, &seeded), &weights_dual);
            pullback.as_ref().iter().map(|x| x.eps).collect()
        })
        .collect();
    let largest = rows.iter().flatten().fold(scale(&value, gradient), |a, x| a.max(x.abs()));
    let second_tolerance = 10.0 * TOLERANCE * largest * (R * C) as f64;
    for (l, row) in rows.iter().enumerate() {
        for (k, &expected) in row.iter().enumerate() {
            let found = curvature.as_ref()[k].as_ref()[l];
            assert!(
                abs_diff_eq!(found, expected, epsilon = second_tolerance),
                "{k} {l}: {found} {expected}"
            );
        }
    }

    let tolerance = tolerance * (R * C) as f64;
    for (k, derivative) in gradient.iter().enumerate() {
        let pullback = m.pullback(&theta_m, &weights).as_ref()[k];
        assert!(
            abs_diff_eq!(pullback, derivative.dot(&weights), epsilon = tolerance),
            "pullback {k}"
        );
        let product = m.gradient_mul(&theta_m, &u).as_ref()[k];
        assert_close("gradient_mul", &product, &(derivative * u), tolerance);
        let product = m.gradient_tr_mul(&theta_m, &w).as_ref()[k];
        assert_close("gradient_tr_mul", &product, &(derivative.transpose() * w), tolerance);
    }
}

/// What is symmetric by type is so to the last bit, value and derivatives.
fn check_symmetry<M, T: Real, const N: usize>(m: &M, x: &[T])
where
    M: ParamMatrix<T, N, N>,
{
    assert!(M::SYMMETRIC);
    let (value, gradient) = m.value_and_gradient(&theta(m, x));
    for matrix in gradient.as_ref().iter().chain([&value, &m.value(&theta(m, x))]) {
        let bits = matrix.map(|x| nalgebra::try_convert::<T, f64>(x).unwrap().to_bits());
        assert_eq!(bits, bits.transpose());
    }
}

/// The second derivatives are symmetric to the last bit, whatever the weights.
fn check_curvature_symmetry<M, T: Real, const R: usize, const C: usize>(m: &M, x: &[T])
where
    M: ParamMatrix<T, R, C>,
{
    let weights = |i: usize, j: usize| ((7 * i + 3 * j) as f64).sin() + 0.3;
    let weights = SMatrix::<T, R, C>::from_fn(|i, j| nalgebra::convert(weights(i, j)));
    let curvature = m.curvature(&theta(m, x), &weights);
    let rows = curvature.as_ref();
    for (k, row) in rows.iter().enumerate() {
        for (l, &x) in row.as_ref().iter().enumerate() {
            let bits = |x: T| nalgebra::try_convert::<T, f64>(x).unwrap().to_bits();
            let mirrored = rows[l].as_ref()[k];
            assert_eq!(bits(x), bits(mirrored), "{k} {l}: {x} {mirrored}");
        }
    }
}

/// `f32` answers what `f64` answers, to its own precision.
fn check_f32<M, S, const R: usize, const C: usize>(m: &M, single: &S, x: &[f64])
where
    M: ParamMatrix<f64, R, C>,
    S: ParamMatrix<f32, R, C>,
{
    // The same θ in both: `f32` numbers.
    let x_single: Vec<f32> = x.iter().map(|&x| nalgebra::convert(x)).collect();
    let x: Vec<f64> = x_single.iter().map(|&x| f64::from(x)).collect();
    let (value, gradient) = m.value_and_gradient(&theta(m, &x));
    let (value_s, gradient_s) = single.value_and_gradient(&theta(single, &x_single));
    let tolerance = TOLERANCE_F32 * scale(&value, gradient.as_ref());
    assert_close("f32 value", &value_s.map(f64::from), &value, tolerance);
    for (single, double) in gradient_s.as_ref().iter().zip(gradient.as_ref()) {
        assert_close("f32 derivative", &single.map(f64::from), double, tolerance);
    }
}

/// A matrix of a user's own, neither square nor sparse, with exact second derivatives:
/// [x y; x² 1; sin y, x].
struct Own;

impl Shape for Own {
    type Rows = Const<3>;
    type Cols = Const<2>;
    type ParamCount = typenum::U2;
}

impl<T: Real> ParamMatrix<T, 3, 2> for Own {
    fn value(&self, &[x, y]: &[T; 2]) -> Matrix3x2<T> {
        Matrix3x2::new(x, y, x * x, T::one(), y.sin(), x)
    }

    fn gradient(&self, &[x, y]: &[T; 2]) -> [Matrix3x2<T>; 2] {
        let (o, i) = (T::zero(), T::one());
        [Matrix3x2::new(i, o, x + x, o, o, i), Matrix3x2::new(o, i, o, o, y.cos(), o)]
    }

    fn visit<V: Visitor<T, 3, 2>>(&self, theta: &[T; 2], visitor: &mut V) {
        if V::SECOND {
            let (two, sin) = (T::one() + T::one(), theta[1].sin());
            visitor.second(0, 0, Partial::Entry { row: 1, col: 0, value: two });
            visitor.second(1, 1, Partial::Entry { row: 2, col: 0, value: -sin });
        } else {
            ByDefault.visit(theta, visitor);
        }
    }
}

/// The same by `value` and `gradient` alone.
struct ByDefault;

impl Shape for ByDefault {
    type Rows = Const<3>;
    type Cols = Const<2>;
    type ParamCount = typenum::U2;
}

impl<T: Real> ParamMatrix<T, 3, 2> for ByDefault {
    fn value(&self, theta: &[T; 2]) -> Matrix3x2<T> {
        Own.value(theta)
    }

    fn gradient(&self, theta: &[T; 2]) -> [Matrix3x2<T>; 2] {
        Own.gradient(theta)
    }
}

/// A map without a Jacobian of its own.
struct OnlyMap;

impl SmoothMap for OnlyMap {
    type InputCount = typenum::U2;
    type OutputCount = typenum::U2;

    fn map<T: Real>(&self, &[x, y]: &[T; 2]) -> [T; 2] {
        [x.sin() * y, x + y * y * nalgebra::convert(0.1)]
    }
}

fn fixed<T: Real, const R: usize, const C: usize>() -> SMatrix<T, R, C> {
    SMatrix::from_fn(|i, j| nalgebra::convert((3.0 * i as f64 - 2.0 * j as f64 + 0.5).sin()))
}

const ONE_HOT: DummyMatrix<5, 3> = DummyMatrix::from_indices([0, 2, 1, 0, 2]);

/// Two of them are one.
const PLACES: Distances<4> = Distances::from_positions([0.0, 1.0, 2.5, 1.0]);

/// One module a model: the model as a function of its scalar, and what is checked of it.
macro_rules! models {
    ($($name:ident: $rows:literal x $cols:literal $($symmetric:ident)? = $model:expr;)*) => {$(
        mod $name {
            use super::*;

            fn model<T: Real>() -> impl ParamMatrix<T, $rows, $cols> {
                $model
            }

            proptest! {
                #![proptest_config(ProptestConfig {
                    failure_persistence: None, cases: cases(), ..Default::default()
                })]
                #[test]
                fn agrees(x in prop::collection::vec(-3.0..3.0, 24)) {
                    check(&model::<f64>(), &model::<Dual64>(), &x);
                    // Where entries are exactly zero.
                    check(&model::<f64>(), &model::<Dual64>(), &[0.0; 24]);
                    check_f32(&model::<f64>(), &model::<f32>(), &x);
                    check_curvature_symmetry(&model::<f64>(), &x);
                    let x_single: Vec<f32> = x.iter().map(|&x| nalgebra::convert(x)).collect();
                    check_curvature_symmetry(&model::<f32>(), &x_single);
                    $(
                        $symmetric(&model::<f64>(), &x);
                        $symmetric(&model::<f32>(), &x_single);
                    )?
                }
            }
        }
    )*};
}

models! {
    identity: 3 x 3 check_symmetry = IdentityMatrix::<3>::new();
    scalar: 3 x 3 check_symmetry = ScalarMatrix::<3>::new();
    scalar_sigmoid: 3 x 3 check_symmetry = ScalarMatrix::<3>::new().with_transform(Sigmoid);
    diagonal: 4 x 4 check_symmetry = DiagonalMatrix::<4>::new();
    diagonal_chain: 4 x 4 check_symmetry =
        DiagonalMatrix::<4>::new().with_transform(Chain::new(Sigmoid, ScaleShift::new(3.0, 0.5)));
    diagonal_exp2: 2 x 2 check_symmetry = DiagonalMatrix::<2>::new().with_transform(Exp2);
    diagonal_exp10: 2 x 2 check_symmetry =
        DiagonalMatrix::<2>::new().with_transform(Chain::new(ScaleShift::new(0.3, 0.0), Exp10));
    diagonal_cube: 2 x 2 check_symmetry = DiagonalMatrix::<2>::new().with_transform(Pow::new(3.0));
    diagonal_root: 2 x 2 check_symmetry =
        DiagonalMatrix::<2>::new().with_transform(Chain::new(Exp, Pow::new(0.5)));
    unconstrained: 3 x 3 check_symmetry = UnconstrainedMatrix::<3>::new();
    unconstrained_other: 3 x 3 check_symmetry =
        UnconstrainedMatrix::<3>::new().with_transforms(Exp, Chain::new(Sigmoid, ScaleShift::new(2.0, -1.0)));
    lower_triangular: 5 x 3 = LowerTriangularMatrix::<5, 3>::new();
    lower_triangular_wide: 2 x 4 = LowerTriangularMatrix::<2, 4>::new();
    one_hot: 5 x 3 = ONE_HOT;
    a_fixed_matrix: 4 x 3 = fixed::<T, 4, 3>();
    own: 3 x 2 = Own;

    sum: 3 x 3 check_symmetry =
        UnconstrainedMatrix::<3>::new().plus(DiagonalMatrix::new()).plus(ScalarMatrix::new());
    // Two terms that number the vectors of their derivatives alike.
    sum_of_roots: 4 x 4 check_symmetry = CovariancePropagation::new(
        fixed::<T, 4, 3>(), UnconstrainedMatrix::<3>::new().plus(UnconstrainedMatrix::<3>::new()));
    sum_of_own: 3 x 2 = Own.plus(LowerTriangularMatrix::<3, 2>::new()).plus(fixed::<T, 3, 2>());
    a_name: 3 x 3 check_symmetry = named("g", UnconstrainedMatrix::<3>::new());

    one_hot_diagonal: 5 x 5 check_symmetry =
        CovariancePropagation::new(ONE_HOT, DiagonalMatrix::<3>::new());
    one_hot_unconstrained: 5 x 5 check_symmetry =
        CovariancePropagation::new(ONE_HOT, named("g", UnconstrainedMatrix::<3>::new()));
    one_hot_scalar: 5 x 5 check_symmetry =
        CovariancePropagation::new(named("z", ONE_HOT), ScalarMatrix::<3>::new());
    one_hot_sum: 5 x 5 check_symmetry = CovariancePropagation::new(
        ONE_HOT, UnconstrainedMatrix::<3>::new().plus(DiagonalMatrix::new()));
    fixed_diagonal: 4 x 4 check_symmetry =
        CovariancePropagation::new(fixed::<T, 4, 3>(), DiagonalMatrix::<3>::new());
    fixed_unconstrained: 7 x 7 check_symmetry =
        CovariancePropagation::new(fixed::<T, 7, 3>(), UnconstrainedMatrix::<3>::new());
    fixed_scalar: 4 x 4 check_symmetry =
        CovariancePropagation::new(fixed::<T, 4, 2>(), ScalarMatrix::<2>::new());
    fixed_both: 4 x 4 = CovariancePropagation::new(fixed::<T, 4, 3>(), fixed::<T, 3, 3>());
    trainable_z: 4 x 4 = CovariancePropagation::new(
        LowerTriangularMatrix::<4, 3>::new(), fixed::<T, 3, 3>());
    trainable_z_identity: 4 x 4 check_symmetry = CovariancePropagation::new(
        LowerTriangularMatrix::<4, 3>::new(), IdentityMatrix::<3>::new());
    trainable_both: 4 x 4 check_symmetry = CovariancePropagation::new(
        LowerTriangularMatrix::<4, 2>::new(), UnconstrainedMatrix::<2>::new());
    trainable_symmetric_z: 3 x 3 check_symmetry = CovariancePropagation::new(
        UnconstrainedMatrix::<3>::new(), DiagonalMatrix::<3>::new());
    diagonal_z: 3 x 3 check_symmetry = CovariancePropagation::new(
        DiagonalMatrix::<3>::new(), UnconstrainedMatrix::<3>::new());
    scalar_z: 3 x 3 check_symmetry = CovariancePropagation::new(
        ScalarMatrix::<3>::new(), UnconstrainedMatrix::<3>::new());
    diagonal_z_nonsymmetric: 3 x 3 = CovariancePropagation::new(
        DiagonalMatrix::<3>::new(), fixed::<T, 3, 3>());
    own_z: 3 x 3 check_symmetry = CovariancePropagation::new(Own, UnconstrainedMatrix::<2>::new());
    own_z_nonsymmetric: 3 x 3 = CovariancePropagation::new(
        Own, LowerTriangularMatrix::<2, 2>::new());
    one_hot_nonsymmetric: 5 x 5 = CovariancePropagation::new(
        ONE_HOT, LowerTriangularMatrix::<3, 3>::new());
    nested_z: 3 x 3 check_symmetry = CovariancePropagation::new(
        CovariancePropagation::new(Own, DiagonalMatrix::<2>::new()), UnconstrainedMatrix::<3>::new());
    nested_g: 5 x 5 check_symmetry = CovariancePropagation::new(
        ONE_HOT, CovariancePropagation::new(Own, UnconstrainedMatrix::<2>::new()));
    equal_entry: 2 x 3 = EqualEntryMatrix::<2, 3>::new();
    equal_entry_square: 3 x 3 check_symmetry = EqualEntryMatrix::<3, 3>::new();
    equicorrelation: 4 x 4 check_symmetry = EquicorrelationMatrix::<4>::new();
    compound_symmetric: 3 x 3 check_symmetry = CompoundSymmetricMatrix::<3>::new();
    compound_symmetric_other: 2 x 2 check_symmetry =
        CompoundSymmetricMatrix::<2>::new().with_transforms(Exp2, Identity);
    ar1: 5 x 5 check_symmetry = Ar1Matrix::<5>::new();
    ar1_other: 4 x 4 check_symmetry = Ar1Matrix::<4>::new().with_transforms(
        Exp, Chain::new(Sigmoid, ScaleShift::new(0.9, -0.2)));
    ar1_correlation: 4 x 4 check_symmetry = Ar1CorrelationMatrix::<4>::new();
    log_cholesky: 4 x 4 check_symmetry = LogCholeskyMatrix::<4>::new();
    log_cholesky_of_one: 1 x 1 check_symmetry = LogCholeskyMatrix::<1>::new();
    heterogeneous_ar1: 4 x 4 check_symmetry = HeterogeneousAr1Matrix::<4>::new();
    heterogeneous_compound_symmetric: 3 x 3 check_symmetry =
        HeterogeneousCompoundSymmetricMatrix::<3>::new();
    heterogeneous_other: 3 x 3 check_symmetry =
        HeterogeneousMatrix::<3, _>::from_correlation(Ar1CorrelationMatrix::<3>::new()).with_transform(Exp2);
    homogeneous: 3 x 3 check_symmetry = HomogeneousMatrix::<3, _>::from_correlation(EquicorrelationMatrix::new());
    exponential: 4 x 4 check_symmetry = ExponentialMatrix::new(PLACES);
    gaussian: 4 x 4 check_symmetry = GaussianMatrix::new(PLACES);
    matern_half: 4 x 4 check_symmetry = MaternMatrix::half(PLACES);
    matern_three_halves: 4 x 4 check_symmetry = MaternMatrix::three_halves(PLACES);
    matern_five_halves: 4 x 4 check_symmetry = MaternMatrix::five_halves(PLACES);
    matern_other: 4 x 4 check_symmetry = HeterogeneousMatrix::<4, _>::from_correlation(
        IsotropicCorrelationMatrix::new(PLACES, Matern::FiveHalves)
            .with_transform(Chain::new(Sigmoid, ScaleShift::new(3.0, 0.5))));
    factor_analytic: 4 x 4 check_symmetry = FactorAnalyticMatrix::<4, 2>::new();
    factor_analytic_full: 3 x 3 check_symmetry = FactorAnalyticMatrix::<3, 3>::new();
    toeplitz: 4 x 4 check_symmetry = ToeplitzMatrix::<4>::new();
    toeplitz_correlation: 5 x 5 check_symmetry = ToeplitzCorrelationMatrix::<5>::new();
    toeplitz_of_one: 1 x 1 check_symmetry = ToeplitzCorrelationMatrix::<1>::new();
    heterogeneous_toeplitz: 3 x 3 check_symmetry = HeterogeneousToeplitzMatrix::<3>::new();
    banded_toeplitz: 5 x 5 check_symmetry = BandedToeplitzMatrix::<5, 2>::new();
    banded_toeplitz_wide: 2 x 2 check_symmetry = BandedToeplitzCorrelationMatrix::<2, 3>::new();
    heterogeneous_banded_toeplitz: 4 x 4 check_symmetry =
        HeterogeneousBandedToeplitzMatrix::<4, 1>::new();
    ante_dependence: 4 x 4 check_symmetry = AnteDependenceMatrix::<4>::new();
    ante_dependence_correlation: 5 x 5 check_symmetry =
        AnteDependenceCorrelationMatrix::<5>::new();
    known: 3 x 3 check_symmetry = KnownMatrix::new(fixed::<T, 3, 3>());
    known_scaled: 3 x 3 check_symmetry = KnownScaledMatrix::new(fixed::<T, 3, 3>());
    weighted: 3 x 3 check_symmetry = WeightedMatrix::new([1.0, 0.5, 4.0]);
    weighted_other: 3 x 3 check_symmetry =
        WeightedMatrix::new([1.0, 0.5, 4.0]).with_transform(Exp2);
    group_variance: 5 x 5 check_symmetry =
        GroupVarianceMatrix::<5, 3>::from_indices([0, 2, 1, 0, 2]);
    group_variance_z: 5 x 5 check_symmetry = CovariancePropagation::new(
        GroupVarianceMatrix::<5, 2>::from_indices([0, 1, 1, 0, 1]), Ar1Matrix::<5>::new());
    power_variance: 4 x 4 check_symmetry = PowerVarianceMatrix::new([0.5, 1.0, -2.0, 1.5]);
    power_variance_other: 3 x 3 check_symmetry =
        PowerVarianceMatrix::new([0.5, 1.0, -2.0]).with_transforms(Exp, Sigmoid);
    exponential_variance: 4 x 4 check_symmetry =
        ExponentialVarianceMatrix::new([0.5, 1.0, -0.7, 0.0]);
    exponential_variance_other: 3 x 3 check_symmetry =
        ExponentialVarianceMatrix::new([0.5, 1.0, -0.7]).with_transforms(Exp2, Sigmoid);
    one_variable_ar1: 1 x 1 check_symmetry = Ar1Matrix::<1>::new();

    block_diagonal: 5 x 4 = BlockDiagonal::new(Own, LowerTriangularMatrix::<2, 2>::new());
    block_diagonal_symmetric: 6 x 6 check_symmetry = BlockDiagonal::new(
        BlockDiagonal::new(Ar1Matrix::<2>::new(), ScalarMatrix::<1>::new()),
        UnconstrainedMatrix::<3>::new());
    augment: 3 x 5 = Augment::new(Own, Ar1Matrix::<3>::new());
    stack: 5 x 2 = Stack::new(Own, CompoundSymmetricMatrix::<2>::new());
    kronecker: 6 x 6 check_symmetry =
        KroneckerProduct::new(Ar1Matrix::<3>::new(), UnconstrainedMatrix::<2>::new());
    kronecker_rectangular: 6 x 6 =
        KroneckerProduct::new(Own, LowerTriangularMatrix::<2, 3>::new());
    kronecker_three: 8 x 8 check_symmetry = KroneckerProduct::new(
        KroneckerProduct::new(Ar1Matrix::<2>::new(), ScalarMatrix::<2>::new()),
        DiagonalMatrix::<2>::new());
    hadamard: 3 x 3 check_symmetry =
        HadamardProduct::new(Ar1Matrix::<3>::new(), UnconstrainedMatrix::<3>::new());
    hadamard_rectangular: 3 x 2 =
        HadamardProduct::new(Own, LowerTriangularMatrix::<3, 2>::new());
    product: 3 x 3 = Product::new(Own, LowerTriangularMatrix::<2, 3>::new());
    product_symmetric_factors: 3 x 3 =
        Product::new(Ar1Matrix::<3>::new(), UnconstrainedMatrix::<3>::new());
    transpose: 2 x 3 = Transpose::new(Own);
    transpose_symmetric: 3 x 3 check_symmetry = Transpose::new(Ar1Matrix::<3>::new());
    gram: 2 x 2 check_symmetry = Gram::new(Own);
    outer_gram: 3 x 3 check_symmetry = OuterGram::new(Own);
    outer_gram_lower: 3 x 3 check_symmetry =
        OuterGram::new(LowerTriangularMatrix::<3, 3>::new());
    inverse: 3 x 3 check_symmetry = Inverse::new(
        OuterGram::new(Own).plus(ScalarMatrix::new().with_transform(Chain::new(Exp, ScaleShift::new(1.0, 1.0)))));
    inverse_nonsymmetric: 2 x 2 = Inverse::new(
        LowerTriangularMatrix::<2, 2>::new().with_transform(Chain::new(Sigmoid, ScaleShift::new(2.0, 1.0))));
    inverse_product: 2 x 2 = Inverse::new(Product::new(
        LowerTriangularMatrix::<2, 2>::new()
            .with_transform(Chain::new(Sigmoid, ScaleShift::new(2.0, 1.0))),
        Ar1Matrix::<2>::new().with_transforms(Sigmoid, Chain::new(Sigmoid, ScaleShift::new(1.0, -0.5)))));
    constrained: 3 x 3 check_symmetry = Constrained::<_, T, 2>::new(
        UnconstrainedMatrix::<3>::new(),
        [
            Source::Free(1), Source::Fixed(nalgebra::convert(0.3)), Source::Free(0),
            Source::Free(1), Source::Fixed(nalgebra::convert(-0.4)), Source::Free(1),
        ]);
    adapter: 3 x 3 check_symmetry = Adapter::new(
        CompoundSymmetricMatrix::<3>::new(),
        AffineMap::new([[0.5, 1.0, 0.0], [0.25, -0.5, 1.0]], [0.1, -0.2]));
    inverse_in_sum: 3 x 3 check_symmetry = HadamardProduct::new(
        Inverse::new(LogCholeskyMatrix::<3>::new()),
        Inverse::new(OuterGram::new(Own).plus(
            ScalarMatrix::new().with_transform(Chain::new(Exp, ScaleShift::new(1.0, 1.0))))));
    by_reference: 3 x 3 check_symmetry = {
        const V: UnconstrainedMatrix<3> = UnconstrainedMatrix::new();
        &V
    };
    kronecker_in_propagation: 5 x 5 check_symmetry = CovariancePropagation::new(
        fixed::<T, 5, 4>(), KroneckerProduct::new(Ar1Matrix::<2>::new(), UnconstrainedMatrix::<2>::new()));
    trainable_everything: 3 x 3 check_symmetry = CovariancePropagation::new(
        Augment::new(Own, LowerTriangularMatrix::<3, 1>::new()),
        BlockDiagonal::new(Ar1Matrix::<2>::new(), ScalarMatrix::<1>::new()));
    roots_in_propagation: 5 x 5 check_symmetry = CovariancePropagation::new(
        fixed::<T, 5, 3>(),
        OuterGram::new(LowerTriangularMatrix::<3, 2>::new()).plus(LogCholeskyMatrix::<3>::new()));
    narrow_and_wide_roots: 5 x 5 check_symmetry = CovariancePropagation::new(
        fixed::<T, 5, 3>(),
        OuterGram::new(LowerTriangularMatrix::<3, 2>::new()).plus(OuterGram::new(LowerTriangularMatrix::<3, 5>::new())));
    roots_of_rows: 5 x 5 check_symmetry = CovariancePropagation::new(
        DummyMatrix::<5, 3>::from_indices([2, 0, 1, 0, 2]),
        OuterGram::new(LowerTriangularMatrix::<3, 2>::new()));
    roots_through_all: 5 x 5 check_symmetry = CovariancePropagation::new(
        fixed::<T, 5, 3>(),
        Constrained::<_, T, 2>::new(
            named("root", OuterGram::new(LowerTriangularMatrix::<3, 1>::new())),
            [Source::Free(1), Source::Fixed(nalgebra::convert(0.3)), Source::Free(0)]));
    permuted: 2 x 2 = CovariancePropagation::new(
        LowerTriangularMatrix::<2, 2>::new(), DummyMatrix::<2, 2>::from_indices([1, 0]));
}

/// A one-hot Z and a diagonal G give the numbers of the dense formula.
#[test]
fn structured_loops_agree_with_the_dense_formula() {
    /// One rounding more or less.
    const TOLERANCE: f64 = 1e-15;
    let z_dense: SMatrix<f64, 5, 3> = ONE_HOT.value(&[0.0; 0]);
    let x = [0.3, -0.7, 1.1, 0.2, 0.9, -0.4];

    let g = UnconstrainedMatrix::<3>::new();
    let (v, gradient) = CovariancePropagation::new(ONE_HOT, g).value_and_gradient(&x);
    let (dense, dense_gradient) = CovariancePropagation::new(z_dense, g).value_and_gradient(&x);
    assert_close("one-hot", &v, &dense, TOLERANCE * dense.amax());
    for (derivative, dense) in gradient.iter().zip(&dense_gradient) {
        assert_close("one-hot derivative", derivative, dense, TOLERANCE * dense.amax());
    }

    let d = DiagonalMatrix::<3>::new();
    let theta = [0.3, -0.7, 1.1];
    let z = fixed::<f64, 4, 3>();
    let v = CovariancePropagation::new(z, d).value(&theta);
    assert_close("diagonal", &v, &(z * d.value(&theta) * z.transpose()), TOLERANCE * v.amax());
    for (derivative, dg) in
        CovariancePropagation::new(z, d).gradient(&theta).iter().zip(d.gradient(&theta))
    {
        let dense = z * dg * z.transpose();
        assert_close("diagonal derivative", derivative, &dense, TOLERANCE * dense.amax());
    }
}

/// The bits of exp are libm's, whichever crate turns nalgebra's `std` on (num-dual does here): the
/// same on every machine. glibc's e differs in the last bit.
#[test]
fn transcendental_functions_are_libm() {
    let e = ScalarMatrix::<1>::new().with_transform(Exp).value(&[1.0_f64])[(0, 0)];
    assert_eq!(e.to_bits(), 0x4005_bf0a_8b14_576a);
    assert_ne!(e.to_bits(), core::f64::consts::E.to_bits());
}

/// A user's matrix that passes its visit on to an operator, which offers no second derivatives there.
#[test]
fn curvature_of_a_wrapper() {
    struct Wrapper(OuterGram<LowerTriangularMatrix<2, 2>>);

    impl Shape for Wrapper {
        type Rows = Const<2>;
        type Cols = Const<2>;
        type ParamCount = typenum::U3;
    }

    impl ParamMatrix<f64, 2, 2> for Wrapper {
        fn value(&self, theta: &[f64; 3]) -> Matrix2<f64> {
            self.0.value(theta)
        }

        fn gradient(&self, theta: &[f64; 3]) -> [Matrix2<f64>; 3] {
            self.0.gradient(theta)
        }

        fn visit<V: Visitor<f64, 2, 2>>(&self, theta: &[f64; 3], visitor: &mut V) {
            self.0.visit(theta, visitor);
        }
    }

    assert_gradient(&Wrapper(OuterGram::new(LowerTriangularMatrix::new())), &[1.0, 0.5, 2.0]);
}

/// No parameter, no derivative; and rows of zeros stay zero.
#[test]
fn without_parameters() {
    let z = ONE_HOT.drop_first::<2>();
    let g = matrix![2.0, 1.0; 1.0, 3.0];
    let v = CovariancePropagation::new(z, g);
    let expected = matrix![
        0.0, 0.0, 0.0, 0.0, 0.0;
        0.0, 3.0, 1.0, 0.0, 3.0;
        0.0, 1.0, 2.0, 0.0, 1.0;
        0.0, 0.0, 0.0, 0.0, 0.0;
        0.0, 3.0, 1.0, 0.0, 3.0
    ];
    assert_eq!(v.value(&[]), expected);
    let gradient: [SMatrix<f64, 5, 5>; 0] = v.gradient(&[]);
    assert_eq!(gradient.len() + v.param_names().len(), 0);
    assert_eq!(v.pullback(&[], &expected), [0.0; 0]);
}

/// A whole model in a `static`.
#[test]
fn models_are_constants() {
    static MODEL: Sum<
        CovariancePropagation<DummyMatrix<4, 3>, DiagonalMatrix<3>>,
        ScalarMatrix<4>,
    > = Sum::new(
        CovariancePropagation::new(DummyMatrix::from_indices([0, 1, 2, 0]), DiagonalMatrix::new()),
        ScalarMatrix::new(),
    );
    assert_eq!(MODEL.value(&[0.0; 4])[(0, 3)], 1.0);
    assert_eq!(MODEL.value(&[0.0; 4])[(0, 0)], 2.0);
}

/// Dimensions and parameter counts beyond nalgebra's 127.
#[test]
fn large_sizes() {
    let g = DiagonalMatrix::<512>::new();
    assert_eq!(g.param_names().len(), 512);
    assert_eq!(UnconstrainedMatrix::<31>::new().param_names().len(), 496);
    assert_eq!(LowerTriangularMatrix::<100, 5>::new().param_names().len(), 490);
    let z = DummyMatrix::<2, 16>::from_indices([0, 15]);
    let crossed: DummyMatrix<2, 512> = z.crossed(&DummyMatrix::<2, 32>::from_indices([31, 31]));
    assert_eq!(crossed, DummyMatrix::from_indices([31, 511]));
    let kronecker = KroneckerProduct::new(IdentityMatrix::<16>::new(), Ar1Matrix::<32>::new());
    let blocks = BlockDiagonal::new(ScalarMatrix::<255>::new(), Ar1Matrix::<257>::new());
    let sum = kronecker.plus(blocks);
    assert_eq!(sum.param_names().len(), 5);
    assert!(
        sum.expression().to_string().starts_with("Sum 512×512 (op_0: KroneckerProduct 512×512 (")
    );
    let stack =
        Stack::new(DummyMatrix::<2, 16>::from_indices([0, 15]), EqualEntryMatrix::<510, 16>::new());
    assert!(
        Augment::new(stack, EqualEntryMatrix::<512, 496>::new())
            .expression()
            .to_string()
            .starts_with("Augment 512×512")
    );
}

/// What is not told of second derivatives are differences, near enough for `check_gradient`.
#[test]
fn a_matrix_by_value_and_gradient_alone() {
    for [x, y] in [[0.0, 0.0], [0.3, -0.8], [1.5, 2.0]] {
        assert_gradient(&ByDefault, &[x, y]);
        assert_gradient(
            &CovariancePropagation::new(ByDefault, Ar1Matrix::<2>::new()),
            &[x, y, 0.1, 0.6],
        );
    }
}

/// Without a Jacobian of its own, a map has differences: near enough for `check_gradient`.
#[test]
fn a_map_without_a_jacobian() {
    let v = Adapter::new(Ar1Matrix::<3>::new(), OnlyMap);
    for theta in [[0.0, 0.0], [0.3, -0.8], [1.5, 2.0]] {
        assert_gradient(&v, &theta);
        check_curvature_symmetry(&v, &theta);
    }
}

/// Zero stays zero where another level overflows.
#[test]
fn levels_do_not_mix() {
    let z = DummyMatrix::<3, 2>::from_indices([0, 1, 0]);
    let v = CovariancePropagation::new(z, DiagonalMatrix::<2>::new());
    let (infinite, zero) = (f64::INFINITY, 0.0);
    let expected = matrix![
        infinite, zero, infinite;
        zero, zero, zero;
        infinite, zero, infinite
    ];
    assert_eq!(v.gradient(&[400.0, 0.0])[0], expected);
}

#[test]
fn a_two_by_two_by_hand() {
    // Z = [1 0; 1 1], G = diag(a, b): V = [a a; a a+b]
    let v = CovariancePropagation::new(
        Matrix2::new(1.0, 0.0, 1.0, 1.0),
        DiagonalMatrix::<2>::new().with_transform(Identity),
    );
    assert_eq!(v.value(&[2.0, 3.0]), Matrix2::new(2.0, 2.0, 2.0, 5.0));
    let [da, db] = v.gradient(&[2.0, 3.0]);
    assert_eq!(da, Matrix2::new(1.0, 1.0, 1.0, 1.0));
    assert_eq!(db, Matrix2::new(0.0, 0.0, 0.0, 1.0));
    assert_eq!(v.pullback(&[2.0, 3.0], &Matrix2::new(1.0, 10.0, 100.0, 1000.0)), [1111.0, 1000.0]);
}

/// V and 36 derivatives 64×64 are 1.2 MB: written where the caller has room, they do not pass over the stack.
#[test]
fn large_matrices_stay_off_the_stack() {
    const STACK: usize = 512 * 1024;
    type V = SMatrix<f64, 64, 64>;
    fn evaluate() {
        let z = SMatrix::<f64, 64, 8>::from_fn(|i, j| f64::sin((3 * i + 5 * j) as f64));
        let root = LowerTriangularMatrix::<8, 8>::new();
        let v = CovariancePropagation::new(z, OuterGram::new(root));
        let theta: [f64; 36] = std::array::from_fn(|k| 0.1 * f64::cos(k as f64));
        let mut value = Box::new(V::zeros());
        let mut gradient = vec![V::zeros(); 36];
        let slots: &mut [V; 36] = gradient.as_mut_slice().try_into().unwrap();
        v.value_and_gradient_into(&theta, &mut value, slots);
        v.value_into(&theta, &mut value);
        v.gradient_into(&theta, slots);
        let mut seen = 0;
        v.for_each_derivative(&theta, |k, derivative| {
            let expected = gradient[k].dot(&value);
            assert_abs_diff_eq!(derivative.dot(&value), expected, epsilon = 1e-12 * expected.abs());
            seen += 1;
        });
        assert_eq!(seen, 36);
        let scores = v.pullback(&theta, &value);
        for (score, derivative) in scores.iter().zip(&gradient) {
            assert_abs_diff_eq!(*score, derivative.dot(&value), epsilon = 1e-12 * score.abs());
        }
    }
    with_stack(STACK, evaluate);
}

/// Vectors of the two terms are different, though both count theirs from 0.
#[test]
fn terms_of_a_sum_do_not_share_vectors() {
    let z = SMatrix::<f64, 5, 3>::from_fn(|i, j| f64::sin((3 * i + 5 * j) as f64));
    let term = OuterGram::new(LowerTriangularMatrix::<3, 3>::new());
    let theta: [f64; 12] = std::array::from_fn(|k| f64::cos(k as f64));
    assert_gradient(&CovariancePropagation::new(z, term.plus(term)), &theta);
    let nested = term.plus(ScalarMatrix::new()).plus(term);
    let theta: [f64; 13] = std::array::from_fn(|k| 0.5 * f64::cos(k as f64));
    assert_gradient(&CovariancePropagation::new(z, nested), &theta);
}

/// A derivative by a row and a column multiplies as the full matrix does.
#[test]
fn rows_and_columns_are_their_full_matrix() {
    let vector = [1.0, -2.0, 0.5];
    for row in 0..3 {
        let partial = Partial::RowAndColumn { row, vector: &vector, value: 3.0, number: Some(row) };
        let mut expected = SMatrix::<f64, 3, 3>::zeros();
        for (i, v) in vector.iter().enumerate() {
            expected[(i, row)] += 3.0 * v;
            expected[(row, i)] += 3.0 * v;
        }
        let mut full = SMatrix::zeros();
        partial.write(&mut full);
        assert_eq!(full, expected);
        let weights = SMatrix::<f64, 3, 3>::from_fn(|i, j| 1.0 + 2.0 * i as f64 - j as f64);
        assert_eq!(partial.dot(&weights), expected.dot(&weights));
        let (u, mut product) = (SVector::from([2.0, 1.0, -1.0]), SVector::zeros());
        partial.mul(&u, &mut product);
        assert_eq!(product, expected * u);
        partial.tr_mul(&u, &mut product);
        assert_eq!(product, expected.transpose() * u);
    }
}
