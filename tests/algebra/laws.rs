//! Laws of the algebra, and what the structures promise over the whole range of θ.

use approx::assert_abs_diff_eq;
use covprop::Error;
use covprop::operator::{Gram, Product};
use covprop::prelude::*;
use covprop::structure::{EquicorrelationMatrix, HeterogeneousToeplitzMatrix};
use covprop::transform::{Chain, Exp, Exp2, Exp10, ExpPow2, Pow, ScaleShift, Sigmoid};
use proptest::prelude::*;

/// Of the largest entry: sums of a few products, added up in another order.
const TOLERANCE: f64 = 1e-13;

#[track_caller]
fn assert_same<const R: usize, const C: usize>(a: &SMatrix<f64, R, C>, b: &SMatrix<f64, R, C>) {
    assert_abs_diff_eq!(a, b, epsilon = TOLERANCE * a.amax().max(b.amax()));
}

fn theta<const P: usize>() -> impl Strategy<Value = [f64; P]> {
    prop::collection::vec(-2.0..2.0, P).prop_map(|x| x.try_into().unwrap())
}

const L32: LowerTriangularMatrix<3, 2> = LowerTriangularMatrix::new();
const L23: LowerTriangularMatrix<2, 3> = LowerTriangularMatrix::new();
const U3: UnconstrainedMatrix<3> = UnconstrainedMatrix::new();
const AR3: Ar1Matrix<3> = Ar1Matrix::new();
const CS2: CompoundSymmetricMatrix<2> = CompoundSymmetricMatrix::new();

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    /// (A ⊗ B)(C ⊗ D) = A C ⊗ B D
    #[test]
    fn mixed_product(a in theta::<5>(), b in theta::<2>(), c in theta::<3>(), d in theta::<2>()) {
        let left = Product::new(KroneckerProduct::new(L32, CS2), KroneckerProduct::new(L23, CS2));
        let right = KroneckerProduct::new(Product::new(L32, L23), Product::new(CS2, CS2));
        let in_order = [a[0], a[1], a[2], a[3], a[4], b[0], b[1], c[0], c[1], c[2], d[0], d[1]];
        let regrouped = [a[0], a[1], a[2], a[3], a[4], c[0], c[1], c[2], b[0], b[1], d[0], d[1]];
        assert_same(&left.value(&in_order), &right.value(&regrouped));
    }

    /// (A ⊗ B)⁻¹ = A⁻¹ ⊗ B⁻¹ and (A⁻¹)⁻¹ = A
    #[test]
    fn inverses(a in theta::<2>(), b in theta::<2>()) {
        let both = [a[0], a[1], b[0], b[1]];
        let left = Inverse::new(KroneckerProduct::new(AR3, CS2)).value(&both);
        let right = KroneckerProduct::new(Inverse::new(AR3), Inverse::new(CS2)).value(&both);
        prop_assert!((left - right).norm() <= 1e-11 * right.norm());
        let twice = Inverse::new(Inverse::new(AR3)).value(&a);
        prop_assert!((twice - AR3.value(&a)).norm() <= 1e-11 * twice.norm());
        let identity = Product::new(AR3, Inverse::new(AR3)).value(&[a[0], a[1], a[0], a[1]]);
        prop_assert!((identity - SMatrix::identity()).norm() <= 1e-11);
    }

    /// (Aᵀ)ᵀ = A, (A B)ᵀ = Bᵀ Aᵀ, [A B]ᵀ = [Aᵀ; Bᵀ], XᵀX is the outer Gram matrix of Xᵀ
    #[test]
    fn transposes(a in theta::<5>(), b in theta::<3>()) {
        let ab = [a[0], a[1], a[2], a[3], a[4], b[0], b[1], b[2]];
        let ba = [b[0], b[1], b[2], a[0], a[1], a[2], a[3], a[4]];
        assert_eq!(Transpose::new(Transpose::new(L32)).value(&a), L32.value(&a));
        let left = Transpose::new(Product::new(L32, L23)).value(&ab);
        assert_same(&left, &Product::new(Transpose::new(L23), Transpose::new(L32)).value(&ba));
        let left = Transpose::new(Augment::new(Transpose::new(L32), L23)).value(&ab);
        assert_eq!(left, Stack::new(L32, Transpose::new(L23)).value(&ab));
        assert_same(&Gram::new(L32).value(&a), &OuterGram::new(Transpose::new(L32)).value(&a));
    }

    /// Z (A + B) Zᵀ = Z A Zᵀ + Z B Zᵀ, and [Y Z] diag(A, B) [Y Z]ᵀ = Y A Yᵀ + Z B Zᵀ
    #[test]
    fn propagation_is_linear(a in theta::<6>(), b in theta::<2>(), c in theta::<2>()) {
        let z = matrix![1.0, 0.5, -0.3; 0.2, 2.0, 0.7; 1.1, -1.0, 0.4; 0.0, 0.6, 0.9];
        let ab = [a[0], a[1], a[2], a[3], a[4], a[5], b[0], b[1]];
        let left = CovariancePropagation::new(z, U3.plus(AR3)).value(&ab);
        let sum = CovariancePropagation::new(z, U3).plus(CovariancePropagation::new(z, AR3));
        assert_same(&left, &sum.value(&ab));

        let y = DummyMatrix::<4, 2>::from_indices([0, 1, 1, 0]);
        let bc = [b[0], b[1], c[0], c[1]];
        let g = BlockDiagonal::new(CS2, AR3);
        let left = CovariancePropagation::new(Augment::new(y, z), g).value(&bc);
        let sum = CovariancePropagation::new(y, CS2).plus(CovariancePropagation::new(z, AR3));
        assert_same(&left, &sum.value(&bc));
    }

    /// A ∘ B = B ∘ A, and a product of correlations and variances by congruence
    #[test]
    fn hadamard(a in theta::<2>(), b in theta::<6>()) {
        let ab = [a[0], a[1], b[0], b[1], b[2], b[3], b[4], b[5]];
        let ba = [b[0], b[1], b[2], b[3], b[4], b[5], a[0], a[1]];
        let left = HadamardProduct::new(AR3, U3).value(&ab);
        assert_eq!(left, HadamardProduct::new(U3, AR3).value(&ba));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..Default::default() })]

    /// B Bᵀ with B 4×3 has no inverse, though rounding makes its determinant some 1e-17.
    #[test]
    fn rank_deficient_is_singular(b in prop::collection::vec(-1.0..1.0, 12)) {
        let b = SMatrix::<f64, 4, 3>::from_iterator(b);
        prop_assert!(Inverse::new(b * b.transpose()).try_value(&[]).is_err());
    }

    /// And what has an inverse has it: random symmetric and general matrices.
    #[test]
    fn regular_is_inverted(x in prop::collection::vec(-1.0..1.0, 16)) {
        let a = SMatrix::<f64, 4, 4>::from_iterator(x);
        let condition = |m: &SMatrix<f64, 4, 4>| {
            let s = m.singular_values();
            s.max() / s.min()
        };
        for m in [a, a + a.transpose(), a * a.transpose()] {
            let condition = condition(&m);
            if condition < 1e9 {
                let inverse = Inverse::new(m).try_value(&[]).unwrap();
                prop_assert!((inverse * m - SMatrix::identity()).norm() < 1e-13 * condition);
            }
        }
    }
}

/// Finite with finite derivatives, and positive definite: pivots of a Cholesky factorisation of the
/// correlations.
#[track_caller]
fn assert_positive_definite<M, const N: usize>(m: &M, theta: &Theta<M, f64>)
where
    M: ParamMatrix<f64, N, N>,
{
    let (v, gradient) = m.value_and_gradient(theta);
    let at = theta.as_ref();
    for matrix in gradient.as_ref().iter().chain([&v]) {
        assert!(matrix.iter().all(|x| x.is_finite()), "{at:?}");
    }
    let sd = v.diagonal().map(f64::sqrt);
    let correlations = SMatrix::<f64, N, N>::from_fn(|i, j| v[(i, j)] / (sd[i] * sd[j]));
    assert!(correlations.cholesky().is_some(), "{at:?} {correlations}");
}

/// The corners and the middle of θ ∈ [−30, 30]ᴾ.
#[test]
fn positive_definite_to_the_ends() {
    let ends = [-30.0, -7.0, 0.0, 0.5, 30.0];
    for x in ends {
        assert_positive_definite(&ScalarMatrix::<3>::new(), &[x]);
        assert_positive_definite(&EquicorrelationMatrix::<2>::new(), &[x]);
        assert_positive_definite(&EquicorrelationMatrix::<5>::new(), &[x]);
        for y in ends {
            assert_positive_definite(&DiagonalMatrix::<2>::new(), &[x, y]);
            assert_positive_definite(&Ar1Matrix::<5>::new(), &[x, y]);
            assert_positive_definite(&CompoundSymmetricMatrix::<4>::new(), &[x, y]);
            let v = Inverse::new(Ar1Matrix::<3>::new());
            assert!(v.try_value(&[x, y]).is_ok_and(|v| v.iter().all(|x| x.is_finite())), "{x} {y}");
        }
    }
}

/// Every corner of {−30, 0, 30}ᴾ.
fn at_corners<M, const N: usize>(m: &M)
where
    M: ParamMatrix<f64, N, N>,
{
    let names: Vec<String> = m.param_names().map(|name| name.to_string()).collect();
    for corner in 0..3_usize.pow(u32::try_from(names.len()).unwrap()) {
        let mut rest = corner;
        let pairs = names.iter().map(|name| {
            let x = [-30.0, 0.0, 30.0][rest % 3];
            rest /= 3;
            (name.as_str(), x)
        });
        assert_positive_definite(m, &m.theta_by_name(&pairs.collect::<Vec<_>>()).unwrap());
    }
}

/// The compositions too. Left out are those whose corners `f64` cannot tell from singular matrices:
/// loadings of
/// 30 beside specific variances of e⁻⁶⁰, a Gaussian or smooth Matérn correlation over a range of e³⁰
/// distances, two partial autocorrelations within 2e-13 of ±1 (a determinant of 1e-37).
#[test]
fn compositions_are_positive_definite_to_the_ends() {
    at_corners(&LogCholeskyMatrix::<3>::new());
    at_corners(&HeterogeneousAr1Matrix::<3>::new());
    at_corners(&HeterogeneousCompoundSymmetricMatrix::<3>::new());
    at_corners(&AnteDependenceMatrix::<3>::new());
    at_corners(&ToeplitzMatrix::<2>::new());
    at_corners(&HeterogeneousToeplitzMatrix::<2>::new());
    at_corners(&BandedToeplitzMatrix::<4, 1>::new());
    at_corners(&ExponentialMatrix::new(Distances::from_positions([0.0, 1.0, 3.0])));
    at_corners(&GroupVarianceMatrix::<4, 2>::from_indices([0, 1, 1, 0]));
    at_corners(&KnownScaledMatrix::new(matrix![1.0, 0.5; 0.5, 1.0]));
}

#[test]
fn singular_inverses_say_so() {
    let identity = UnconstrainedMatrix::<3>::new().with_transforms(Identity, Identity);
    let v = Inverse::new(identity);
    // 1..9 row by row is of rank 2, also within rounding; so is a zero row, or a row twice
    let singular: [[f64; 6]; 3] = [
        [1.0, 2.0, 3.0, 3.0, 4.0, 5.0],
        [0.0, 0.0, 1.0, 0.0, 0.5, 1.0],
        [1e200, 1e200, 1e200, 1.0, 1.0, 1.0],
    ];
    for theta in singular {
        assert!(matches!(v.try_value(&theta), Err(Error::Singular { .. })), "{theta:?}");
        let (value, gradient) = v.value_and_gradient(&theta);
        assert!(value.iter().chain(gradient.iter().flatten()).all(|x| x.is_nan()));
        assert!(v.pullback(&theta, &value).iter().all(|x| x.is_nan()));
    }
    // inside an expression too
    let sum = named("s", ScalarMatrix::new()).plus(Transpose::new(v));
    let at = [0.0, 1.0, 2.0, 3.0, 3.0, 4.0, 5.0];
    assert!(matches!(sum.try_value(&at), Err(Error::Singular { .. })));
    assert!(matches!(sum.try_gradient(&at), Err(Error::Singular { .. })));
    let overflow = DiagonalMatrix::<2>::new().try_value(&[0.0, 400.0]);
    assert_eq!(overflow, Err(Error::NotFinite { row: 1, col: 1 }));

    // scale does not matter: variances from 1e-52 to 1e52 have an inverse
    let v = Inverse::new(DiagonalMatrix::<3>::new());
    let value = v.try_value(&[-60.0_f64, 0.0, 60.0]).unwrap();
    assert_abs_diff_eq!(value[(0, 0)].ln(), 120.0, epsilon = 1e-12);
    // and costs no digits
    let a = matrix![137.0, -4.0, -68.0; -4.0, 143.0, 2.0; -68.0, 2.0, 169.0];
    let d =
        SMatrix::<f64, 3, 3>::from_diagonal(&[2.0_f64.powi(24), 2.0_f64.powi(-38), 0.125].into());
    let plain = Inverse::new(a).value(&[]);
    let scaled = d * Inverse::new(d * a * d).value(&[]) * d;
    assert!((scaled - plain).norm() <= 1e-14 * plain.norm());
    let rows = matrix![1e-200_f64, 1e200; 1e-200, -1e200];
    let inverse = Inverse::new(rows).try_value(&[]).unwrap();
    assert_abs_diff_eq!(inverse, matrix![5e199, 5e199; 5e-201, -5e-201], epsilon = 1e185);
    let near = matrix![1.0, 1.0; 1.0, 1.0 + 1e-12];
    let inverse = Inverse::new(near).try_value(&[]).unwrap();
    assert!((inverse * near - SMatrix::identity()).norm() < 1e-3);
}

#[test]
fn constraints_that_cannot_be() {
    use Source::{Fixed, Free};

    let g = DiagonalMatrix::<3>::new();
    let new = Constrained::<_, f64, 2>::try_new;
    let error = new(g, [Free(0), Free(2), Fixed(0.0)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`sigma^2_1` refers to free parameter 2, which is out of range: 2 free parameters, from 0"
    );
    let error = new(g, [Free(1), Free(1), Fixed(0.0)]).unwrap_err();
    assert_eq!(error.to_string(), "free parameter 0 is unused: no parameter refers to it");
    assert!(new(g, [Free(1), Free(0), Free(1)]).is_ok());
    // and if it is made all the same: NaN, not a plausible number
    let wrong = Constrained::<_, f64, 2>::new(g, [Free(0), Free(2), Fixed(0.0)]);
    assert!(wrong.value(&[0.0, 0.0])[(1, 1)].is_nan());
}

/// The ends of ranges that a transform states are those that it has.
#[test]
fn limits_of_transforms() {
    fn check(transform: &impl Transform) {
        let ends = [f64::NEG_INFINITY, f64::INFINITY];
        assert_eq!(transform.limits::<f64>(), ends.map(|x| transform.forward(x)));
        let ends = [f32::NEG_INFINITY, f32::INFINITY];
        assert_eq!(transform.limits::<f32>(), ends.map(|x| transform.forward(x)));
    }
    check(&Identity);
    check(&Exp);
    check(&Exp2);
    check(&Exp10);
    check(&ExpPow2);
    check(&Sigmoid);
    check(&ScaleShift::new(-2.0, 1.0));
    check(&Pow::new(3.0));
    check(&Pow::new(2.0));
    check(&Chain::new(Pow::new(2.0), Exp));
    check(&Chain::new(Sigmoid, ScaleShift::new(2.0, -1.0)));
    check(&Chain::new(Exp, Pow::new(-0.5)));
}
