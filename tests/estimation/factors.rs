//! Factors of A ⊗ B and diag(A, B) are made of those of A and B; their transposes, the same matrices, are factored as a
//! whole.

use approx::assert_abs_diff_eq;
use covprop::Error;
use covprop::dim::Extent;
use covprop::prelude::*;
use covprop::structure::Ar1CorrelationMatrix;
use nalgebra::Const;

type Rows = Ar1Matrix<4>;
type Columns = Ar1CorrelationMatrix<3>;
type Field = KroneckerProduct<Rows, Columns>;
type Trial = BlockDiagonal<Field, CompoundSymmetricMatrix<2>>;

const FIELD: Field = KroneckerProduct::new(Rows::new(), Columns::new());
const TRIAL: Trial = BlockDiagonal::new(FIELD, CompoundSymmetricMatrix::new());
const THETA: [f64; 5] = [0.4, 0.7, -0.3, -0.2, 0.5];

fn response(k: usize) -> SVector<f64, 14> {
    SVector::from_fn(|i, _| 3.0 + f64::sin((37 * i + 11 * k + 3 * i * k) as f64))
}

fn design() -> SMatrix<f64, 14, 2> {
    SMatrix::from_fn(|i, j| if j == 0 { 1.0 } else { (i % 4) as f64 })
}

fn assert_near(found: &[f64], expected: &[f64]) {
    for (found, expected) in found.iter().zip(expected) {
        assert_abs_diff_eq!(found, expected, epsilon = 1e-11 * (1.0 + expected.abs()));
    }
}

/// All that a likelihood answers.
macro_rules! answers {
    ($estimation:expr) => {{
        let estimation = $estimation;
        let mut at = estimation.at(&THETA).unwrap();
        let mut all = vec![at.log_likelihood()];
        all.extend(at.beta().iter());
        all.extend(at.beta_covariance().iter());
        all.extend(at.score());
        all.extend(at.average_information().as_flattened());
        all.extend(at.expected_information().as_flattened());
        all.extend(at.observed_information().as_flattened());
        all
    }};
}

#[test]
fn answers_are_those_of_the_whole() {
    let (x, y) = (design(), response(0));
    let (apart, whole) = (Marginal::new(TRIAL), Marginal::new(Transpose::new(TRIAL)));
    let (apart, whole) = (apart.estimation(&x, &y).unwrap(), whole.estimation(&x, &y).unwrap());
    assert_near(&answers!(&apart), &answers!(&whole));
    assert_near(
        &answers!(apart.with_criterion(Criterion::Ml)),
        &answers!(whole.with_criterion(Criterion::Ml)),
    );
}

/// Of a panel, classes with rows missing are factored as they are.
#[test]
fn panels_mix_both() {
    let mut apart = Panel::<_, f64, 14, 2, 2>::with_patterns(Marginal::new(named("trial", TRIAL)));
    let mut whole = Panel::<_, f64, 14, 2, 2>::with_patterns(Marginal::new(Transpose::new(TRIAL)));
    let some: [bool; 14] = core::array::from_fn(|i| i != 5 && i != 12);
    for k in 0..6 {
        let observed = if k % 2 == 0 { [true; 14] } else { some };
        apart.push_observed(&design(), &response(k), &observed).unwrap();
        whole.push_observed(&design(), &response(k), &observed).unwrap();
    }
    assert_near(&answers!(apart.estimation().unwrap()), &answers!(whole.estimation().unwrap()));
    let (apart, whole) = (apart.fit().unwrap(), whole.fit().unwrap());
    assert_abs_diff_eq!(apart.log_likelihood, whole.log_likelihood, epsilon = 1e-10);
}

/// Where a part has no root, the whole is judged: the first row that makes it indefinite, else the first that depends on those
/// before it, and a product of two negative numbers, which has a root.
#[test]
fn without_roots_the_whole_is_judged() {
    type Free<const N: usize> = UnconstrainedMatrix<N, Identity, Identity>;
    fn row<V, const N: usize>(v: V, theta: &Theta<V, f64>) -> Option<usize>
    where
        V: ParamMatrix<f64, N, N> + Extent<Size = (Const<N>, Const<N>)>,
    {
        let (x, y) = (SVector::<f64, N>::repeat(1.0), SVector::from_fn(|i, _| (i * i) as f64));
        match Marginal::new(v).estimation(&x, &y).unwrap().at(theta) {
            Err(Error::NotPositiveDefinite { row } | Error::NotCovariance { row, .. }) => Some(row),
            Err(other) => panic!("{other}"),
            Ok(_) => None,
        }
    }
    let a: Free<2> = UnconstrainedMatrix::new().with_transforms(Identity, Identity);
    let b: Free<3> = UnconstrainedMatrix::new().with_transforms(Identity, Identity);
    let (product, blocks) = (KroneckerProduct::new(a, b), BlockDiagonal::new(a, b));
    // A has pivots 1 and 3/4, or 1 and −3; B has 1, 1 and 3/4, or 1, 1 and 0.
    let (good_a, bad_a) = ([1.0, 0.5, 1.0], [1.0, 2.0, 1.0]);
    let (good_b, bad_b) = ([1.0, 0.0, 1.0, 0.5, 0.0, 1.0], [1.0, 0.0, 1.0, 1.0, 0.0, 1.0]);
    for (a, b, of_product, of_blocks) in [
        (good_a, good_b, None, None),
        (bad_a, good_b, Some(3), Some(1)),
        (good_a, bad_b, Some(2), Some(4)),
        (bad_a, bad_b, Some(3), Some(1)),
    ] {
        let theta = core::array::from_fn(|k| if k < 3 { a[k] } else { b[k - 3] });
        assert_eq!(row(product, &theta), of_product);
        assert_eq!(row(blocks, &theta), of_blocks);
    }
    let scalar = ScalarMatrix::<2>::new().with_transform(Identity);
    assert_eq!(row(KroneckerProduct::new(scalar, scalar), &[-1.0, -2.0]), None);
}
