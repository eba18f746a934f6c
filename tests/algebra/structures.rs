//! Covariance structures: values by hand, names, positive definiteness, and no overflow far out.

use approx::assert_abs_diff_eq;
use covprop::Error;
use covprop::prelude::*;
use covprop::structure::{
    Ar1CorrelationMatrix, Exponential, ExponentialVarianceMatrix,
    HeterogeneousBandedToeplitzMatrix, HeterogeneousToeplitzMatrix, HomogeneousMatrix,
    IsotropicCorrelationMatrix, PowerVarianceMatrix, ToeplitzCorrelationMatrix,
};
use covprop::transform::ExpPow2;
use nalgebra::{Matrix2, Matrix3};
use proptest::prelude::*;

/// A few roundings of numbers about 1.
const TOLERANCE: f64 = 1e-14;
/// x with eˣ = 2, x with e²ˣ = 4.
const LN_2: f64 = core::f64::consts::LN_2;

const PLACES: Distances<3> = Distances::from_positions([0.0, 1.0, 3.0]);

/// Two parents and their child.
const FAMILY: Matrix3<f64> = matrix![1.0, 0.0, 0.5; 0.0, 1.0, 0.5; 0.5, 0.5, 1.0];

/// θ from the first parameters of a longer list.
fn theta<M: ParamMatrix<f64, N, N>, const N: usize>(m: &M, x: &[f64]) -> Theta<M, f64> {
    let names: Vec<String> = m.param_names().map(|name| name.to_string()).collect();
    let pairs: Vec<(&str, f64)> = names.iter().map(String::as_str).zip(x.iter().copied()).collect();
    m.theta_by_name(&pairs).unwrap()
}

#[track_caller]
fn assert_value<M: ParamMatrix<f64, N, N>, const N: usize>(
    m: &M,
    x: &[f64],
    expected: &SMatrix<f64, N, N>,
) {
    let found = m.value(&theta(m, x));
    assert_abs_diff_eq!(found, expected, epsilon = TOLERANCE);
}

#[track_caller]
fn assert_names<M: Shape>(m: &M, names: &[&str]) {
    let found: Vec<String> = m.param_names().map(|name| name.to_string()).collect();
    assert_eq!(found, names);
}

/// The x at which tanh(x/2) is y.
fn artanh_twice(y: f64) -> f64 {
    ((1.0 + y) / (1.0 - y)).ln()
}

/// Value and derivatives are numbers at every corner of {−30, 0, 30}ᴾ; beyond the fifth, parameters
/// repeat the first five.
fn check_finite<M: ParamMatrix<f64, N, N>, const N: usize>(m: &M) {
    const FREE: usize = 5;
    const POWERS: [usize; 6] = [1, 3, 9, 27, 81, 243];
    let count = m.param_names().len();
    for corner in 0..POWERS[count.min(FREE)] {
        let x: Vec<f64> =
            (0..count).map(|k| [-30.0, 0.0, 30.0][corner / POWERS[k % FREE] % 3]).collect();
        let at = theta(m, &x);
        assert!(m.try_value(&at).is_ok(), "value at {x:?}: {}", m.value(&at));
        assert!(m.try_gradient(&at).is_ok(), "gradient at {x:?}");
        let curvature = m.curvature(&at, &SMatrix::repeat(1.0));
        let finite = |row: &Theta<M, f64>| row.as_ref().iter().all(|x| x.is_finite());
        assert!(curvature.as_ref().iter().all(finite), "curvature at {x:?}");
    }
}

/// One module a structure.
macro_rules! structures {
    ($($name:ident = $structure:expr;)*) => {$(
        mod $name {
            use super::*;

            proptest! {
                #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
                #[test]
                fn is_positive_definite(x in prop::collection::vec(-3.0..3.0, 24)) {
                    let v = $structure;
                    let value = v.value(&theta(&v, &x));
                    prop_assert!(value.cholesky().is_some(), "{value}");
                }
            }

            #[test]
            fn is_finite_far_out() {
                check_finite(&$structure);
            }
        }
    )*};
}

structures! {
    log_cholesky = LogCholeskyMatrix::<4>::new();
    ar1_correlation = Ar1CorrelationMatrix::<4>::new();
    heterogeneous_ar1 = HeterogeneousAr1Matrix::<4>::new();
    heterogeneous_compound_symmetric = HeterogeneousCompoundSymmetricMatrix::<4>::new();
    exponential = ExponentialMatrix::new(PLACES);
    gaussian = GaussianMatrix::new(PLACES);
    matern_half = MaternMatrix::half(PLACES);
    matern_three_halves = MaternMatrix::three_halves(PLACES);
    matern_five_halves = MaternMatrix::five_halves(PLACES);
    toeplitz = ToeplitzMatrix::<5>::new();
    heterogeneous_toeplitz = HeterogeneousToeplitzMatrix::<4>::new();
    banded_toeplitz = BandedToeplitzMatrix::<5, 2>::new();
    heterogeneous_banded_toeplitz = HeterogeneousBandedToeplitzMatrix::<4, 2>::new();
    ante_dependence = AnteDependenceMatrix::<4>::new();
    known_scaled = KnownScaledMatrix::new(FAMILY);
    weighted = WeightedMatrix::new([1.0, 0.5, 4.0]);
    group_variance = GroupVarianceMatrix::<4, 2>::from_indices([0, 1, 1, 0]);
    power_variance = PowerVarianceMatrix::new([0.1, 1.0, -2.0]);
    exponential_variance = ExponentialVarianceMatrix::new([0.0, 1.0, -2.0]);
    factor_analytic = FactorAnalyticMatrix::<4, 2>::new();
}

#[test]
fn log_cholesky_by_hand() {
    let v = LogCholeskyMatrix::<3>::new();
    assert_names(&v, &["sd_0", "sd_1", "sd_2", "L_1_0", "L_2_0", "L_2_1"]);
    assert_eq!(v.defaults(), [0.0; 6]);
    assert_eq!(v.value(&v.defaults()), Matrix3::identity());
    // rows (1, 0, 0), (3/5, 4/5, 0) and (2/3, 2/3, 1/3), standard deviations 1, 2, 1
    let expected =
        Matrix3::new(1.0, 1.2, 2.0 / 3.0, 1.2, 4.0, 28.0 / 15.0, 2.0 / 3.0, 28.0 / 15.0, 1.0);
    assert_value(&v, &[0.0, LN_2, 0.0, 0.75, 2.0, 2.0], &expected);
}

#[test]
fn heterogeneous_by_hand() {
    let v = HeterogeneousAr1Matrix::<3>::new();
    assert_names(&v, &["sd_0", "sd_1", "sd_2", "rho"]);
    assert_eq!(v.defaults(), [0.0; 4]);
    let expected = Matrix3::new(1.0, 1.0, 0.25, 1.0, 4.0, 1.0, 0.25, 1.0, 1.0);
    assert_value(&v, &[0.0, LN_2, 0.0, artanh_twice(0.5)], &expected);

    let v = HeterogeneousCompoundSymmetricMatrix::<3>::new();
    assert_names(&v, &["sd_0", "sd_1", "sd_2", "rho"]);
    let expected = Matrix3::new(1.0, 0.5, 0.25, 0.5, 4.0, 0.5, 0.25, 0.5, 1.0);
    assert_value(&v, &[0.0, LN_2, 0.0, 0.0], &expected);
}

/// With equal standard deviations, the heterogeneous structures are the others.
#[test]
fn homogeneous_as_heterogeneous() {
    let (a, b) = (HeterogeneousAr1Matrix::<4>::new(), Ar1Matrix::<4>::new());
    assert_value(&a, &[0.3, 0.3, 0.3, 0.3, -0.8], &b.value(&[0.3, -0.8]));
    let (a, b) =
        (HomogeneousMatrix::<4, Ar1CorrelationMatrix<4>>::default(), Ar1Matrix::<4>::new());
    assert_value(&a, &[0.3, -0.8], &b.value(&[0.3, -0.8]));
}

#[test]
fn distances_by_hand() {
    let off =
        |d01: f64, d02: f64, d12: f64| Matrix3::new(1.0, d01, d02, d01, 1.0, d12, d02, d12, 1.0);
    let v = ExponentialMatrix::new(PLACES);
    assert_names(&v, &["sigma^2", "range"]);
    assert_eq!(v.defaults(), [0.0; 2]);
    let of = |f: fn(f64) -> f64| off(f(1.0), f(3.0), f(2.0));
    assert_value(&v, &[LN_2, 0.0], &(of(|d| (-d).exp()) * 4.0));
    assert_value(&GaussianMatrix::new(PLACES), &[0.0, 0.0], &of(|d| (-d * d).exp()));
    assert_value(&MaternMatrix::half(PLACES), &[0.0, LN_2], &of(|d| (-d / 2.0).exp()));
    let matern = of(|d| (1.0 + 3.0_f64.sqrt() * d) * (-(3.0_f64.sqrt()) * d).exp());
    assert_value(&MaternMatrix::three_halves(PLACES), &[0.0, 0.0], &matern);
    let matern =
        of(|d| (1.0 + 5.0_f64.sqrt() * d + 5.0 * d * d / 3.0) * (-(5.0_f64.sqrt()) * d).exp());
    assert_value(&MaternMatrix::five_halves(PLACES), &[0.0, 0.0], &matern);
    // the autoregression in whole time
    let steps = ExponentialMatrix::new(Distances::from_positions([1.0, 2.0, 3.0, 4.0]));
    let rho = (-0.5_f64).exp();
    let ar1 = Ar1Matrix::<4>::new().with_transforms(ExpPow2, Identity);
    assert_value(&steps, &[0.2, LN_2], &ar1.value(&[0.2, rho]));
}

/// A range that no number can express leaves places that have nothing to do with each other.
#[test]
fn ranges_that_overflow() {
    let far = Distances::from_positions([0.0, 1e300, -1e300]);
    for v in
        [MaternMatrix::half(far), MaternMatrix::three_halves(far), MaternMatrix::five_halves(far)]
    {
        for range in [-700.0, -30.0, 0.0, 30.0] {
            assert_eq!(v.value(&[0.0, range]), Matrix3::identity());
            assert_eq!(v.gradient(&[0.0, range])[1], Matrix3::zeros());
        }
    }
    assert_eq!(GaussianMatrix::new(far).gradient(&[0.0, -30.0])[1], Matrix3::zeros());
}

#[test]
fn distances_that_are_none() {
    assert_eq!(
        Distances::try_new([[0.0, 1.0], [1.0, 0.0]]),
        Ok(Distances::new([[0.0, 1.0], [1.0, 0.0]]))
    );
    let error = |row, col| Err(Error::NotDistance { row, col });
    assert_eq!(Distances::try_new([[0.0, -1.0], [-1.0, 0.0]]), error(0, 1));
    assert_eq!(Distances::try_new([[0.0, 1.0], [1.0, 0.5]]), error(1, 1));
    assert_eq!(Distances::try_new([[0.0, 1.0], [f64::NAN, 0.0]]), error(1, 0));
    let asymmetric = Err(Error::NotSymmetric { row: 1, col: 0 });
    assert_eq!(Distances::try_new([[0.0, 1.0], [2.0, 0.0]]), asymmetric);
    let points = Distances::from_points([[0.0, 0.0], [3.0, 4.0], [3.0, 0.0]]);
    assert_eq!(
        points,
        Distances::try_new([[0.0, 5.0, 3.0], [5.0, 0.0, 4.0], [3.0, 4.0, 0.0]]).unwrap()
    );
}

#[test]
fn factor_analytic_by_hand() {
    let v = FactorAnalyticMatrix::<3, 2>::new();
    assert_names(
        &v,
        &[
            "lambda_0_0",
            "lambda_1_0",
            "lambda_1_1",
            "lambda_2_0",
            "lambda_2_1",
            "psi_0",
            "psi_1",
            "psi_2",
        ],
    );
    assert_eq!(v.defaults(), [0.5, 0.5, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0]);
    // Λ = [1 0; 2 1; 0 3], Ψ = diag(1, 4, 1)
    let expected = Matrix3::new(2.0, 2.0, 0.0, 2.0, 9.0, 3.0, 0.0, 3.0, 10.0);
    assert_value(&v, &[1.0, 2.0, 1.0, 0.0, 3.0, 0.0, LN_2, 0.0], &expected);
    let one = FactorAnalyticMatrix::<2, 1>::new();
    assert_eq!(one.value(&one.defaults()), Matrix2::new(1.25, 0.25, 0.25, 1.25));
}

#[test]
fn toeplitz_by_hand() {
    let v = ToeplitzMatrix::<4>::new();
    assert_names(&v, &["sigma^2", "pacf_1", "pacf_2", "pacf_3"]);
    assert_eq!(v.defaults(), [0.0; 4]);
    // φ₁₁ = ½: ρ₁ = ½. φ₂₂ = ½: ρ₂ = ½ ¾ + ½ ½ = 5/8, φ₂₁ = ½ − ½ ½ = ¼.
    // φ₃₃ = ½: ρ₃ = ½ ¾ ¾ + ¼ ⅝ + ½ ½ = 11/16
    let half = artanh_twice(0.5);
    let lags = [4.0, 2.0, 2.5, 2.75];
    let expected = SMatrix::<f64, 4, 4>::from_fn(|i, j| lags[i.abs_diff(j)]);
    assert_value(&v, &[LN_2, half, half, half], &expected);

    let v = HeterogeneousToeplitzMatrix::<3>::new();
    assert_names(&v, &["sd_0", "sd_1", "sd_2", "pacf_1", "pacf_2"]);
    let expected = Matrix3::new(1.0, 1.0, 0.625, 1.0, 4.0, 1.0, 0.625, 1.0, 1.0);
    assert_value(&v, &[0.0, LN_2, 0.0, half, half], &expected);
    // with the first alone, an autoregression
    let v = ToeplitzMatrix::<5>::new();
    assert_value(&v, &[0.3, 0.7, 0.0, 0.0, 0.0], &Ar1Matrix::<5>::new().value(&[0.3, 0.7]));
}

/// A partial autocorrelation is the last coefficient of the best linear prediction from the k values
/// before, which solves the Yule-Walker equations.
#[test]
fn partial_autocorrelations_by_regression() {
    let r = ToeplitzCorrelationMatrix::<4>::new().with_transform(Identity);
    let pacf: [f64; 3] = [0.3, -0.6, 0.8];
    let value = r.value(&pacf);
    for k in 1..=3 {
        let system = value.view((0, 0), (k, k)).clone_owned();
        let lags = value.view((1, 0), (k, 1)).clone_owned();
        let phi = system.lu().solve(&lags).unwrap();
        assert_abs_diff_eq!(phi[(k - 1, 0)], pacf[k - 1], epsilon = TOLERANCE);
    }
}

#[test]
fn banded_toeplitz_by_hand() {
    let v = BandedToeplitzMatrix::<4, 2>::new();
    assert_names(&v, &["sigma^2", "ma_1", "ma_2"]);
    assert_eq!(v.value(&v.defaults()), SMatrix::<f64, 4, 4>::identity());
    // ψ = 1, 2, 1: 6, 4, 1
    let lags = [4.0, 8.0 / 3.0, 2.0 / 3.0, 0.0];
    let expected = SMatrix::<f64, 4, 4>::from_fn(|i, j| lags[i.abs_diff(j)]);
    assert_value(&v, &[LN_2, 2.0, 1.0], &expected);

    let v = HeterogeneousBandedToeplitzMatrix::<3, 1>::new();
    assert_names(&v, &["sd_0", "sd_1", "sd_2", "ma_1"]);
    let expected = Matrix3::new(1.0, 0.8, 0.0, 0.8, 4.0, 0.8, 0.0, 0.8, 1.0);
    assert_value(&v, &[0.0, LN_2, 0.0, 0.5], &expected);
}

#[test]
fn ante_dependence_by_hand() {
    let v = AnteDependenceMatrix::<3>::new();
    assert_names(&v, &["sd_0", "sd_1", "sd_2", "rho_0", "rho_1"]);
    assert_eq!(v.defaults(), [0.0; 5]);
    let expected = Matrix3::new(1.0, 1.0, 0.1, 1.0, 4.0, 0.4, 0.1, 0.4, 1.0);
    assert_value(&v, &[0.0, LN_2, 0.0, artanh_twice(0.5), artanh_twice(0.2)], &expected);
    // at ρ = 0 all derivatives are numbers: ∂V₀₂/∂ρ₀∂ρ₁ = 1, by tanh(x/2) a quarter
    let curvature =
        v.curvature(&[0.0; 5], &Matrix3::new(0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0));
    assert_eq!(curvature[3][4], 0.25);
    // all equal, an autoregression
    let ar1 = HeterogeneousAr1Matrix::<3>::new();
    assert_value(&v, &[0.1, 0.2, 0.3, 0.7, 0.7], &ar1.value(&[0.1, 0.2, 0.3, 0.7]));
}

#[test]
fn known_by_hand() {
    let v = KnownScaledMatrix::try_new(FAMILY).unwrap();
    assert_eq!(v, KnownScaledMatrix::new(FAMILY));
    assert_names(&v, &["sigma^2"]);
    assert_value(&v, &[LN_2], &(FAMILY * 4.0));
    // rounding is mended, a mistake is not
    let mut almost = FAMILY;
    almost[(0, 2)] += f64::EPSILON;
    assert_eq!(KnownScaledMatrix::try_new(almost), Ok(v));
    almost[(1, 2)] = 0.25;
    let error = KnownScaledMatrix::try_new(almost).unwrap_err();
    assert_eq!(error, Error::NotSymmetric { row: 2, col: 1 });
    assert_eq!(
        error.to_string(),
        "the matrix is not symmetric: entry (2, 1) differs from entry (1, 2)"
    );
    almost[(1, 0)] = f64::NAN;
    let error = KnownMatrix::try_new(almost).unwrap_err();
    assert_eq!(error, Error::NotFinite { row: 1, col: 0 });
}

#[test]
fn variances_by_hand() {
    let v = GroupVarianceMatrix::<3, 2>::from_indices([0, 1, 0]);
    assert_names(&v, &["sigma^2_0", "sigma^2_1"]);
    assert_value(&v, &[0.0, LN_2], &Matrix3::from_diagonal(&[1.0, 4.0, 1.0].into()));
    assert_eq!(GroupVarianceMatrix::try_from_indices([0, 1, 0]), Ok(v));
    assert_eq!(
        GroupVarianceMatrix::<3, 2>::try_from_indices([0, 2, 0]),
        Err(Error::LevelIndex { row: 1, index: 2, levels: 2 })
    );

    let v = PowerVarianceMatrix::new([1.0, -4.0, 0.25]);
    assert_names(&v, &["sigma^2", "delta"]);
    assert_eq!(v.defaults(), [0.0; 2]);
    assert_value(&v, &[LN_2, 0.5], &Matrix3::from_diagonal(&[4.0, 16.0, 1.0].into()));
    let v = ExponentialVarianceMatrix::new([0.0, 1.0, -0.5]);
    assert_names(&v, &["sigma^2", "delta"]);
    assert_value(&v, &[LN_2, LN_2], &Matrix3::from_diagonal(&[4.0, 16.0, 2.0].into()));
}

/// What is not a number does not come out as a clean matrix.
#[test]
fn nonsense_stays_nonsense() {
    let nan = f64::NAN;
    assert!(GaussianMatrix::new(PLACES).try_value(&[0.0, nan]).is_err());
    assert!(MaternMatrix::five_halves(PLACES).try_value(&[0.0, nan]).is_err());
    let places = Distances::from_points([[0.0], [nan]]);
    assert!(ExponentialMatrix::new(places).try_value(&[0.0, 0.0]).is_err());
    let places = Distances::new([[0.0, 0.0], [-1.0, 0.0]]);
    assert!(ExponentialMatrix::new(places).try_value(&[0.0, 0.0]).is_err());
    let negative_range =
        IsotropicCorrelationMatrix::new(PLACES, Exponential).with_transform(Identity);
    assert!(negative_range.try_value(&[-1.0]).is_err());

    // a free parameter that does not exist
    let g = Constrained::<_, f64, 1>::new(
        DiagonalMatrix::<2>::new(),
        [Source::Free(0), Source::Free(5)],
    );
    assert!(
        g.value(&[0.0])[(0, 0)].is_nan() && g.pullback(&[0.0], &Matrix2::identity())[0].is_nan()
    );
}

#[test]
fn a_large_root_does_not_overflow() {
    assert_value(
        &LogCholeskyMatrix::<2>::new(),
        &[0.0, 0.0, 1e200],
        &Matrix2::new(1.0, 1.0, 1.0, 1.0),
    );
}

/// In a function generic over its size, a structure needs the bound of what is called and no other.
#[test]
fn one_bound_is_enough_for_any_size() {
    macro_rules! assert_generic {
        ($($matrix:ident<N $(, $other:literal)?>)*) => {$({
            fn value<const N: usize>() -> SMatrix<f64, N, N>
            where
                $matrix<N $(, $other)?>: ParamMatrix<f64, N, N>,
            {
                let v = $matrix::<N $(, $other)?>::new();
                v.value(&v.defaults())
            }
            let v = $matrix::<3 $(, $other)?>::new();
            assert_eq!(value::<3>(), v.value(&v.defaults()));
        })*};
    }
    assert_generic! {
        DiagonalMatrix<N> LogCholeskyMatrix<N> UnconstrainedMatrix<N> ToeplitzMatrix<N>
        HeterogeneousToeplitzMatrix<N> BandedToeplitzMatrix<N, 2>
        HeterogeneousBandedToeplitzMatrix<N, 2> AnteDependenceMatrix<N> HeterogeneousAr1Matrix<N>
        HeterogeneousCompoundSymmetricMatrix<N> FactorAnalyticMatrix<N, 2>
    }
}
