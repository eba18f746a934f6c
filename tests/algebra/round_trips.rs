//! The law of round trips, over every structure, operator and transform of the public listing: the
//! parameters at any θ, the bounds included, give a θ of the same V.

use std::collections::BTreeSet;

use approx::{abs_diff_eq, assert_abs_diff_eq};
use covprop::hybrid_array::Array;
use covprop::operator::{Adapter, AffineMap, Gram, Named, Product, Sum};
use covprop::prelude::*;
use covprop::structure::{
    AnteDependenceCorrelationMatrix, Ar1CorrelationMatrix, BandedToeplitzCorrelationMatrix,
    EqualEntryMatrix, EquicorrelationMatrix, Exponential, ExponentialVarianceMatrix, Gaussian,
    HeterogeneousBandedToeplitzMatrix, HeterogeneousMatrix, HeterogeneousToeplitzMatrix,
    HomogeneousMatrix, IsotropicCorrelationMatrix, PowerVarianceMatrix, ToeplitzCorrelationMatrix,
};
use covprop::transform::{
    Chain, Exp, Exp2, Exp10, ExpPow2, Pow, ScaleShift, Sigmoid, TransformVisitor,
};
use covprop::typenum;
use nalgebra::Const;
use proptest::prelude::*;

/// The number of times that θ, a parameter and an entry of V are rounded, except in sums over rows.
const ULPS: f64 = 4.0;

/// A free number as it may come out of a search: near 0, far out, tiny, huge and infinite.
fn free() -> impl Strategy<Value = f64> {
    let sign = prop_oneof![Just(1.0), Just(-1.0)];
    prop_oneof![
        6 => -3.0..3.0,
        3 => -40.0..40.0,
        1 => -800.0..800.0,
        1 => (sign.clone(), -300.0..300.0).prop_map(|(sign, x)| sign * 10_f64.powf(x)),
        1 => Just(0.0),
        2 => sign.prop_map(|sign| sign * f64::INFINITY),
    ]
}

fn is_nan<T: Real>(x: T) -> bool {
    x.partial_cmp(&x).is_none()
}

/// Returns `true` if two numbers are the same to `tolerance`, infinite and NaN among them.
fn same<T: Real>(a: T, b: T, tolerance: T) -> bool {
    a == b || abs_diff_eq!(a, b, epsilon = tolerance) || is_nan(a) && is_nan(b)
}

/// The largest of a number and the finite bounds of a parameter.
struct Size<T>(T);

impl<T: Real> TransformVisitor for Size<T> {
    type Output = T;

    fn visit<F: Transform>(self, transform: &F) -> T {
        let finite = transform.limits().into_iter().filter(|x: &T| x.is_finite());
        finite.fold(self.0, |size, x| size.max(x.abs()))
    }
}

/// The law for the first parameters of a longer list.
fn check<M, T, const R: usize, const C: usize>(m: &M, x: &[f64])
where
    T: Real,
    M: ParamMatrix<T, R, C>,
{
    let theta = Array::<T, M::ParamCount>::from_fn(|k| nalgebra::convert(x[k])).0;
    let params = m.params(&theta);
    // A power that is not whole has no value there.
    if params.as_ref().iter().any(|&x| is_nan(x)) {
        return;
    }
    let returned = m.theta_from_params(&params).unwrap();
    let ulps = T::default_epsilon() * nalgebra::convert(ULPS);

    let (value, again) = (m.value(&theta), m.value(&returned));
    let finite = value.iter().filter(|x| x.is_finite());
    let size = finite.fold(T::zero(), |size, x| size.max(x.abs()));
    let slopes = m.param_derivatives(&theta);
    // Numbers below the smallest normal one have fewer digits.
    let least = T::max_value().unwrap().recip() * nalgebra::convert(4.0);
    // A parameter p(θ) that is rounded by ε |p| + ε |θ ∂p/∂θ| moves V by ∂V/∂p times that.
    let mut moved = SMatrix::<T, R, C>::zeros();
    for (k, derivative) in m.gradient(&theta).as_ref().iter().enumerate() {
        let (x, p, slope) = (theta.as_ref()[k], params.as_ref()[k], slopes.as_ref()[k]);
        let rounded = (p.abs() / slope.abs() + x.abs()).max(least / slope.abs());
        moved.zip_apply(derivative, |sum, d| {
            let by = d.abs() * rounded;
            *sum += if by.is_finite() { by } else { T::zero() };
        });
    }
    let rows = T::default_epsilon() * nalgebra::convert(R as f64);
    let near =
        |(i, (&a, &b)): (usize, (&T, &T))| same(a, b, ulps * (size + moved[i]) + rows * size);
    assert!(
        value.iter().zip(&again).enumerate().all(near),
        "{:?} for {:?} by {:?}: {value} {again}",
        returned.as_ref(),
        theta.as_ref(),
        params.as_ref(),
    );

    let params_at = |f: &dyn Fn(T) -> T| {
        m.params(&Array::<T, M::ParamCount>::from_fn(|k| f(theta.as_ref()[k])).0)
    };
    let (params_again, mirrored) = (m.params(&returned), params_at(&|x| -x));
    let epsilon = T::default_epsilon();
    let [below, above] = [-epsilon, epsilon].map(|by| params_at(&|x| x + x * by));
    for (k, (&x, &y)) in theta.as_ref().iter().zip(returned.as_ref()).enumerate() {
        let (a, b, slope) = (params.as_ref()[k], params_again.as_ref()[k], slopes.as_ref()[k]);
        // Both the parameter and θ are rounded.
        let rounding =
            ulps * if x.is_finite() { a.abs() + x.abs() * slope.abs() } else { T::zero() };
        assert!(same(a, b, rounding), "parameter {k}: {b} for {a} at θ = {x}");
        // An even power takes x and −x to one value, of which the positive x comes back.
        let (x, y) = if a == mirrored.as_ref()[k] { (x.abs(), y.abs()) } else { (x, y) };
        if !x.is_finite() {
            assert_eq!(x, y, "θ {k} at a bound");
        } else if below.as_ref()[k] != a && above.as_ref()[k] != a {
            // Injective in rounded numbers: as near as the rounding of the parameter allows, which
            // is one of the bound that it is computed from.
            let size = m.visit_transform(k, Size(a.abs()));
            let tolerance = ulps * (size / slope.abs() + x.abs());
            assert!(abs_diff_eq!(x, y, epsilon = tolerance), "θ {k}: {y} for {x}");
        }
    }
}

/// [x y; x² 1; sin y, x].
struct Own;

impl Shape for Own {
    type Rows = Const<3>;
    type Cols = Const<2>;
    type ParamCount = typenum::U2;
}

impl<T: Real> ParamMatrix<T, 3, 2> for Own {
    fn value(&self, &[x, y]: &[T; 2]) -> SMatrix<T, 3, 2> {
        matrix![x, y; x * x, T::one(); y.sin(), x]
    }

    fn gradient(&self, &[x, y]: &[T; 2]) -> [SMatrix<T, 3, 2>; 2] {
        let (o, i) = (T::zero(), T::one());
        [matrix![i, o; x + x, o; o, i], matrix![o, i; o, o; y.cos(), o]]
    }
}

fn fixed<T: Real, const N: usize>() -> SMatrix<T, N, N> {
    SMatrix::from_fn(|i, j| if i == j { T::one() } else { nalgebra::convert(0.25) })
}

/// Two of them are one.
const PLACES: Distances<4> = Distances::from_positions([0.0, 1.0, 2.5, 1.0]);

const SCALAR: ScalarMatrix<2> = ScalarMatrix::new();

/// One test a model; `TABLE` is their text.
macro_rules! round_trips {
    ($($name:ident: $rows:literal x $cols:literal = $model:expr;)*) => {
        $(
            mod $name {
                use super::*;

                fn model<T: Real>() -> impl ParamMatrix<T, $rows, $cols> {
                    $model
                }

                proptest! {
                    #![proptest_config(ProptestConfig {
                        failure_persistence: None, cases: CASES, ..Default::default()
                    })]
                    #[test]
                    fn returns(x in prop::collection::vec(free(), 24)) {
                        check(&model::<f64>(), &x);
                        check(&model::<f32>(), &x);
                    }
                }
            }
        )*

        const TABLE: &str = concat!($(stringify!($model), "\n"),*);
    };
}

const CASES: u32 = 256;

round_trips! {
    identity: 3 x 3 = IdentityMatrix::<3>::new();
    fixed_matrix: 3 x 3 = SMatrix::<T, 3, 3>::identity();
    one_hot: 3 x 2 = DummyMatrix::<3, 2>::from_indices([0, 1, 0]);
    known: 3 x 3 = KnownMatrix::new(fixed::<T, 3>());
    known_scaled: 3 x 3 = KnownScaledMatrix::new(fixed::<T, 3>());

    by_identity: 2 x 2 = SCALAR.with_transform(Identity);
    by_exp: 2 x 2 = SCALAR.with_transform(Exp);
    by_exp2: 2 x 2 = SCALAR.with_transform(Exp2);
    by_exp10: 2 x 2 = SCALAR.with_transform(Exp10);
    by_exp_pow2: 2 x 2 = SCALAR.with_transform(ExpPow2);
    by_sigmoid: 2 x 2 = SCALAR.with_transform(Sigmoid);
    by_scale: 2 x 2 = SCALAR.with_transform(ScaleShift::new(-3.0, 0.0));
    by_square: 2 x 2 = SCALAR.with_transform(Pow::new(2.0));
    by_cube: 2 x 2 = SCALAR.with_transform(Pow::new(3.0));
    by_seventh: 2 x 2 = SCALAR.with_transform(Pow::new(7.0));
    by_root: 2 x 2 = SCALAR.with_transform(Pow::new(0.5));
    by_three_halves: 2 x 2 = SCALAR.with_transform(Pow::new(1.5));
    by_reciprocal: 2 x 2 = SCALAR.with_transform(Pow::new(-1.0));
    by_reciprocal_square: 2 x 2 = SCALAR.with_transform(Pow::new(-2.0));
    by_reference: 2 x 2 = SCALAR.with_transform(&ExpPow2);
    by_chain: 2 x 2 = SCALAR.with_transform(Chain::new(Sigmoid, ScaleShift::new(2.0, -1.0)));
    by_chain_onto_thirds: 4 x 4 = EquicorrelationMatrix::<4>::new()
        .with_transform(Chain::new(Sigmoid, ScaleShift::new(4.0 / 3.0, -1.0 / 3.0)));
    by_chain_away_from_zero: 2 x 2 =
        SCALAR.with_transform(Chain::new(Sigmoid, ScaleShift::new(3.0, 0.5)));
    by_chain_beyond_one: 2 x 2 = SCALAR.with_transform(Chain::new(Exp, ScaleShift::new(2.0, 1.0)));
    by_chain_to_a_power: 2 x 2 = SCALAR.with_transform(Chain::new(Exp, Pow::new(0.5)));
    by_chain_of_a_power: 2 x 2 = SCALAR.with_transform(Chain::new(Pow::new(2.0), Sigmoid));
    by_chain_of_three: 2 x 2 = SCALAR.with_transform(
        Chain::new(Chain::new(ScaleShift::new(0.5, 1.0), Sigmoid), ScaleShift::new(-0.5, 0.0)));

    scalar: 3 x 3 = ScalarMatrix::<3>::new();
    diagonal: 4 x 4 = DiagonalMatrix::<4>::new();
    group_variance: 5 x 5 = GroupVarianceMatrix::<5, 3>::from_indices([0, 2, 1, 0, 2]);
    weighted: 3 x 3 = WeightedMatrix::new([1.0, 0.5, 4.0]);
    power_variance: 4 x 4 = PowerVarianceMatrix::new([0.5, 1.0, -2.0, 1.5]);
    exponential_variance: 4 x 4 = ExponentialVarianceMatrix::new([0.5, 1.0, -0.7, 0.0]);
    equal_entry: 2 x 3 = EqualEntryMatrix::<2, 3>::new();
    equicorrelation: 4 x 4 = EquicorrelationMatrix::<4>::new();
    compound_symmetric: 3 x 3 = CompoundSymmetricMatrix::<3>::new();
    heterogeneous_compound_symmetric: 4 x 4 = HeterogeneousCompoundSymmetricMatrix::<4>::new();
    ar1: 5 x 5 = Ar1Matrix::<5>::new();
    ar1_correlation: 5 x 5 = Ar1CorrelationMatrix::<5>::new();
    heterogeneous_ar1: 4 x 4 = HeterogeneousAr1Matrix::<4>::new();
    toeplitz: 4 x 4 = ToeplitzMatrix::<4>::new();
    toeplitz_correlation: 5 x 5 = ToeplitzCorrelationMatrix::<5>::new();
    heterogeneous_toeplitz: 4 x 4 = HeterogeneousToeplitzMatrix::<4>::new();
    banded_toeplitz: 5 x 5 = BandedToeplitzMatrix::<5, 2>::new();
    banded_toeplitz_correlation: 5 x 5 = BandedToeplitzCorrelationMatrix::<5, 2>::new();
    heterogeneous_banded_toeplitz: 5 x 5 = HeterogeneousBandedToeplitzMatrix::<5, 2>::new();
    ante_dependence: 4 x 4 = AnteDependenceMatrix::<4>::new();
    ante_dependence_correlation: 5 x 5 = AnteDependenceCorrelationMatrix::<5>::new();
    isotropic: 4 x 4 = IsotropicCorrelationMatrix::new(PLACES, Exponential);
    exponential: 4 x 4 = ExponentialMatrix::new(PLACES);
    gaussian: 4 x 4 = GaussianMatrix::new(PLACES);
    matern_half: 4 x 4 = MaternMatrix::half(PLACES);
    matern_three_halves: 4 x 4 = MaternMatrix::three_halves(PLACES);
    matern_five_halves: 4 x 4 = MaternMatrix::five_halves(PLACES);
    log_cholesky: 4 x 4 = LogCholeskyMatrix::<4>::new();
    unconstrained: 3 x 3 = UnconstrainedMatrix::<3>::new();
    lower_triangular: 4 x 3 = LowerTriangularMatrix::<4, 3>::new();
    factor_analytic: 4 x 4 = FactorAnalyticMatrix::<4, 2>::new();
    homogeneous: 4 x 4 = HomogeneousMatrix::<4, _>::from_correlation(EquicorrelationMatrix::new());
    heterogeneous: 4 x 4 = HeterogeneousMatrix::<4, _>::from_correlation(
        IsotropicCorrelationMatrix::new(PLACES, Gaussian));

    own: 3 x 2 = Own;
    a_name: 3 x 3 = {
        let of: Named<Ar1Matrix<3>> = named("g", Ar1Matrix::new());
        of
    };
    a_reference: 3 x 3 = {
        const V: UnconstrainedMatrix<3> = UnconstrainedMatrix::new();
        &V
    };
    propagation: 3 x 3 = CovariancePropagation::new(Own, LogCholeskyMatrix::<2>::new());
    sum: 3 x 3 = Sum::new(Ar1Matrix::<3>::new(), ScalarMatrix::<3>::new());
    product: 3 x 3 = Product::new(Ar1Matrix::<3>::new(), DiagonalMatrix::<3>::new());
    kronecker: 6 x 6 = KroneckerProduct::new(Ar1Matrix::<3>::new(), LogCholeskyMatrix::<2>::new());
    hadamard: 3 x 3 =
        HadamardProduct::new(Ar1Matrix::<3>::new(), ScalarMatrix::<3>::new());
    block_diagonal: 5 x 5 = BlockDiagonal::new(Ar1Matrix::<2>::new(), ScalarMatrix::<3>::new());
    augment: 3 x 5 = Augment::new(Own, Ar1Matrix::<3>::new());
    stack: 5 x 2 = Stack::new(Own, CompoundSymmetricMatrix::<2>::new());
    transpose: 2 x 3 = Transpose::new(Own);
    gram: 2 x 2 = Gram::new(Own);
    outer_gram: 3 x 3 = OuterGram::new(LowerTriangularMatrix::<3, 3>::new());
    inverse: 3 x 3 = Inverse::new(DiagonalMatrix::<3>::new());
    constrained: 3 x 3 = Constrained::<_, T, 2>::new(
        HeterogeneousAr1Matrix::<3>::new(),
        [Source::Free(1), Source::Free(1), Source::Fixed(T::one()), Source::Free(0)]);
    adapter: 3 x 3 = Adapter::new(
        CompoundSymmetricMatrix::<3>::new(),
        AffineMap::new([[0.5, 1.0, 0.0], [0.25, -0.5, 1.0]], [0.1, -0.2]));
}

/// A matrix of the feature `autodiff`: σ² [1 ρ; ρ 1].
#[cfg(feature = "autodiff")]
mod custom {
    use super::*;
    use covprop::structure::{CustomMatrix, MatrixFunction};

    struct Function;

    impl MatrixFunction<2, 2> for Function {
        type ParamCount = typenum::U2;

        fn value<T: Real>(&self, &[x, y]: &[T; 2]) -> SMatrix<T, 2, 2> {
            let (variance, rho) = (x.exp(), y.tanh());
            matrix![variance, variance * rho; variance * rho, variance]
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn returns(x in prop::collection::vec(free(), 2)) {
            check::<_, f64, 2, 2>(&CustomMatrix::new(Function), &x);
            check::<_, f32, 2, 2>(&CustomMatrix::new(Function), &x);
        }
    }
}

/// The public types which are matrices, and the public transforms.
fn listed() -> BTreeSet<&'static str> {
    let listing = include_str!("../public_api/listing");
    let word = |text: &'static str| text.split(|c: char| !c.is_alphanumeric()).next();
    listing
        .lines()
        .filter_map(|line| {
            let implementor = ["> ParamMatrix<", " Transform for "].iter().find_map(|of| {
                let (_, rest) = line.strip_prefix("impl")?.split_once(of)?;
                Some(rest.split_once(" for ").map_or(rest, |(_, implementor)| implementor))
            });
            let alias = line.strip_prefix("pub type ").filter(|alias| {
                alias.split('<').next().is_some_and(|name| name.ends_with("Matrix"))
            });
            implementor.or(alias).and_then(word)
        })
        .filter(|name| !name.is_empty()) // a reference
        .collect()
}

#[test]
fn every_structure_is_in_the_table() {
    let listed = listed();
    assert!(listed.len() >= 60, "{listed:?}");
    let words: BTreeSet<&str> =
        TABLE.split(|c: char| !c.is_alphanumeric()).chain(["CustomMatrix"]).collect();
    let missing: Vec<_> = listed.difference(&words).collect();
    assert!(missing.is_empty(), "not in the table of round trips: {missing:?}");
}

/// A start for every digit: the θ of a covariance matrix, by structures that span all of them.
mod from_covariance {
    use super::*;
    use covprop::Error;

    const LOG_CHOLESKY: LogCholeskyMatrix<4> = LogCholeskyMatrix::new();
    const ROOT: OuterGram<LowerTriangularMatrix<4, 4>> =
        OuterGram::new(LowerTriangularMatrix::new());
    const ENTRIES: UnconstrainedMatrix<4> = UnconstrainedMatrix::new();

    /// In units of the standard deviations: the Cholesky factor of four rows has some 4·4 roundings,
    /// and the logarithm of a standard deviation up to e^±20 multiplies its own by 2·20.
    const ROUNDINGS: f64 = 60.0;
    /// A row that depends on those before it is one up to 16 times 4·4 roundings.
    const SINGULAR_ROUNDINGS: f64 = 16.0 * 16.0 + ROUNDINGS;

    fn assert_same<T: Real, const N: usize>(
        found: &SMatrix<T, N, N>,
        v: &SMatrix<T, N, N>,
        roundings: f64,
    ) {
        let sd = v.diagonal().map(nalgebra::ComplexField::sqrt);
        let tolerance = T::default_epsilon() * nalgebra::convert(roundings);
        for (i, j) in (0..N * N).map(|k| (k / N, k % N)) {
            let near = abs_diff_eq!(found[(i, j)], v[(i, j)], epsilon = tolerance * sd[i] * sd[j]);
            assert!(near, "{i} {j}: {found} {v}");
        }
    }

    fn check_all<T: Real>(v: &SMatrix<T, 4, 4>, roundings: f64) {
        let theta = LOG_CHOLESKY.theta_from_covariance(v).unwrap();
        assert_same(&LOG_CHOLESKY.value(&theta), v, roundings);
        let theta = ROOT.theta_from_covariance(v).unwrap();
        assert_same(&ROOT.value(&theta), v, roundings);
        let theta = ENTRIES.theta_from_covariance(v).unwrap();
        assert_same(&ENTRIES.value(&theta), v, ROUNDINGS);
    }

    /// A θ of which some loadings are infinite and some variances 0.
    fn partly_infinite() -> impl Strategy<Value = Vec<f64>> {
        let deviation = prop_oneof![4 => -20.0..20.0, 1 => Just(f64::NEG_INFINITY)];
        let loading = prop_oneof![
            3 => -3.0..3.0, 1 => Just(0.0), 1 => Just(f64::INFINITY), 1 => Just(f64::NEG_INFINITY),
        ];
        (prop::collection::vec(deviation, 4), prop::collection::vec(loading, 6))
            .prop_map(|(deviations, loadings)| [deviations, loadings].concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..Default::default() })]

        /// A Aᵀ, in any units.
        #[test]
        fn regular(a in prop::collection::vec(-1.0..1.0, 16), units in prop::collection::vec(-20.0..20.0, 4)) {
            let a = SMatrix::<f64, 4, 4>::from_fn(|i, j| a[4 * i + j] * f64::exp(units[i]));
            let v = a * a.transpose();
            check_all(&v, ROUNDINGS);
            let single = v.map(nalgebra::convert::<f64, f32>);
            // Not where rounding to `f32` makes it indefinite or decides on its rank.
            if LOG_CHOLESKY.theta_from_covariance(&single).is_ok() {
                check_all(&single, ROUNDINGS);
            }
        }

        /// V of any θ, with rows that depend on others and rows of zeros.
        #[test]
        fn of_the_structure_itself(theta in partly_infinite()) {
            let theta: [f64; 10] = theta.try_into().unwrap();
            let v = LOG_CHOLESKY.value(&theta);
            // A row may depend on the column of a row without variance: on what V does not show.
            let hidden = theta[..4].contains(&f64::NEG_INFINITY)
                && theta[4..].iter().any(|x| x.is_infinite());
            match LOG_CHOLESKY.theta_from_covariance(&v) {
                Err(Error::NotPositiveDefinite { .. }) if hidden => {}
                _ => check_all(&v, SINGULAR_ROUNDINGS),
            }
        }

        /// B Bᵀ with B 4×2: rows depend on others, in no direction that θ reaches.
        #[test]
        fn of_rank_two(b in prop::collection::vec(0.1..1.0, 8)) {
            let b = SMatrix::<f64, 4, 2>::from_iterator(b);
            let v = b * b.transpose();
            match LOG_CHOLESKY.theta_from_covariance(&v) {
                Err(Error::NotPositiveDefinite { .. }) => {}
                // Parallel rows of B, to rounding.
                theta => assert_same(&LOG_CHOLESKY.value(&theta.unwrap()), &v, SINGULAR_ROUNDINGS),
            }
            let theta = ENTRIES.theta_from_covariance(&v).unwrap();
            assert_same(&ENTRIES.value(&theta), &v, ROUNDINGS);
            // Unless two rows of B are parallel to nearly half of the digits.
            if let Ok(theta) = ROOT.theta_from_covariance(&v) {
                assert_same(&ROOT.value(&theta), &v, SINGULAR_ROUNDINGS);
            }
        }
    }

    #[test]
    fn of_bounds_by_hand() {
        let g = LogCholeskyMatrix::<3>::new();
        let (minus, infinity) = (f64::NEG_INFINITY, f64::INFINITY);
        let half = 0.5_f64.sqrt();
        for (v, expected) in [
            (
                matrix![4.0, 0.0, 0.0; 0.0, 0.0, 0.0; 0.0, 0.0, 1.0],
                [2.0_f64.ln(), minus, 0.0, 0.0, 0.0, 0.0],
            ),
            (
                matrix![1.0, 1.0, 0.0; 1.0, 1.0, 0.0; 0.0, 0.0, 1.0],
                [0.0, 0.0, 0.0, infinity, 0.0, 0.0],
            ),
            (
                matrix![1.0, 0.0, -1.0; 0.0, 1.0, 0.0; -1.0, 0.0, 1.0],
                [0.0, 0.0, 0.0, 0.0, minus, 0.0],
            ),
            (
                matrix![1.0, 0.0, half; 0.0, 1.0, -half; half, -half, 1.0],
                [0.0, 0.0, 0.0, 0.0, infinity, minus],
            ),
            (SMatrix::zeros(), [minus, minus, minus, 0.0, 0.0, 0.0]),
        ] {
            let theta = g.theta_from_covariance(&v).unwrap();
            assert!(theta.iter().zip(&expected).all(|(x, y)| x == y), "{theta:?} {expected:?}");
            assert_abs_diff_eq!(g.value(&theta), v, epsilon = 1e-15);
        }
    }

    /// Row 2 is 0.6 and 0.8 times the rows before it: the limit of no infinite loadings.
    #[test]
    fn a_dependent_row_out_of_reach_is_named() {
        let v = matrix![1.0, 0.0, 0.6; 0.0, 1.0, 0.8; 0.6, 0.8, 1.0];
        let out_of_reach = LogCholeskyMatrix::<3>::new().theta_from_covariance(&v);
        assert_eq!(out_of_reach, Err(Error::NotPositiveDefinite { row: 2 }));
        let root = OuterGram::new(LowerTriangularMatrix::<3, 3>::new());
        assert_eq!(root.theta_from_covariance(&v), Ok([1.0, 0.0, 1.0, 0.6, 0.8, 0.0]));
    }

    #[test]
    fn what_is_no_covariance_names_the_row() {
        let message = |v: &SMatrix<f64, 3, 3>| {
            let of = |error: Result<[f64; 6], Error>| error.unwrap_err().to_string();
            let root = OuterGram::new(LowerTriangularMatrix::<3, 3>::new());
            let by_log = of(LogCholeskyMatrix::<3>::new().theta_from_covariance(v));
            assert_eq!(by_log, of(root.theta_from_covariance(v)));
            assert_eq!(by_log, of(UnconstrainedMatrix::<3>::new().theta_from_covariance(v)));
            by_log
        };
        let mut v = SMatrix::<f64, 3, 3>::identity();
        v[(2, 1)] = 2.0;
        assert_eq!(
            message(&v),
            "the matrix is not symmetric: entry (2, 1) differs from entry (1, 2)"
        );
        v[(1, 2)] = 2.0;
        assert_eq!(message(&v), "the matrix is not a covariance matrix: row 2 makes it indefinite");
        v[(1, 1)] = -0.3;
        assert_eq!(message(&v), "the matrix is not a covariance matrix: V₁₁ is -0.3");
        v[(1, 1)] = 0.0;
        assert_eq!(message(&v), "the matrix is not a covariance matrix: V₁₁ is 0, but V₁₂ is not");
        v[(0, 0)] = f64::NAN;
        assert_eq!(message(&v), "the entry in row 0 and column 0 is not a finite number");
    }
}

/// A search from natural-scale parameters starts there, at a bound too.
mod starts {
    use super::*;

    #[test]
    fn of_an_estimation() {
        let z = DummyMatrix::<6, 3>::from_indices([0, 0, 1, 1, 2, 2]);
        let model = MixedModel::new(z, ScalarMatrix::<3>::new(), ScalarMatrix::<6>::new());
        let (ones, y) = (SVector::<f64, 6>::repeat(1.0), vector![1.0, 2.0, 2.0, 0.5, 1.5, 2.5]);
        let estimation = model.estimation(&ones, &y).unwrap();
        // Means of the groups that are nearer than those of equal groups: the variance between is 0.
        let fit = estimation.fit().unwrap();
        assert_eq!(fit.params[0], 0.0);
        let again = estimation.clone().with_start_params(&fit.params).unwrap().fit().unwrap();
        assert_eq!((again.params[0], again.theta[0]), (0.0, f64::NEG_INFINITY));
        assert_abs_diff_eq!(again.params[1], fit.params[1], epsilon = 1e-9 * fit.params[1]);
        assert_abs_diff_eq!(again.log_likelihood, fit.log_likelihood, epsilon = 1e-9);
        let error = estimation.with_start_params(&[-0.0, 1.0]).unwrap_err();
        assert!(error.to_string().ends_with("is -0, outside [0, inf]"), "{error}");
    }

    #[test]
    fn of_a_state_space() {
        let one = matrix![1.0];
        let model = StateSpace::new(one, one, ScalarMatrix::<1>::new(), ScalarMatrix::<1>::new());
        let readings = [1.0, 3.0, 2.0, 4.0, 3.5, 5.0].map(|y| Some(vector![y]));
        let estimation = model.estimation(&vector![0.0], &matrix![100.0], &readings).unwrap();
        let once = estimation.clone().with_start_params(&[0.5, 2.0]).unwrap();
        let theta = model.theta_from_params(&[0.5, 2.0]).unwrap();
        let expected = estimation.clone().with_start(theta).with_max_iterations(0).fit().unwrap();
        let found = once.with_max_iterations(0).fit().unwrap();
        assert_eq!((found.theta, found.log_likelihood), (expected.theta, expected.log_likelihood));
        let error = estimation.with_start_params(&[0.5, f64::NAN]).unwrap_err();
        assert!(error.to_string().ends_with("is NaN, outside [0, inf]"), "{error}");
    }
}

/// Each value that a transform does not reach has the bounds of what it reaches.
#[test]
fn values_outside_say_what_is_allowed() {
    fn message<F: Transform>(transform: F, value: f64) -> String {
        let of = ScalarMatrix::<1>::new().with_transform(transform);
        of.theta_from_params(&[value]).unwrap_err().to_string()
    }
    let rho = Chain::new(Sigmoid, ScaleShift::new(2.0, -1.0));
    assert_eq!(message(rho, 1.5), "`sigma^2` is 1.5, outside [-1, 1]");
    assert_eq!(message(rho, f64::NAN), "`sigma^2` is NaN, outside [-1, 1]");
    assert_eq!(message(Exp, -1e-300), "`sigma^2` is -1e-300, outside [0, inf]");
    assert_eq!(message(Exp2, -0.0), "`sigma^2` is -0, outside [0, inf]");
    assert_eq!(message(Pow::new(2.0), -0.25), "`sigma^2` is -0.25, outside [0, inf]");
    assert_eq!(message(Pow::new(0.5), -0.25), "`sigma^2` is -0.25, outside [0, inf]");
    assert_eq!(
        message(ScaleShift::new(-2.0, 1.0), f64::NAN),
        "`sigma^2` is NaN, outside [-inf, inf]"
    );
    let falling = Chain::new(Sigmoid, ScaleShift::new(-2.0, 3.0));
    assert_eq!(message(falling, 0.5), "`sigma^2` is 0.5, outside [1, 3]");
    let at = |value| ScalarMatrix::<1>::new().with_transform(falling).theta_from_params(&[value]);
    assert_eq!((at(1.0), at(3.0)), (Ok([f64::INFINITY]), Ok([f64::NEG_INFINITY])));
}
