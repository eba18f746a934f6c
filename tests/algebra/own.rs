//! Matrices of one's own: what `check_gradient` says of a mistake.

use covprop::algebra::{SparsityPattern, assert_gradient, check_gradient};
use covprop::prelude::*;
use covprop::typenum;
use nalgebra::{Const, Matrix2};

/// [[a², b], [b, b³]], with a mistake.
struct Wrong<const IN_GRADIENT: bool, const IN_SYMMETRY: bool>;

impl<const G: bool, const S: bool> Shape for Wrong<G, S> {
    type Rows = Const<2>;
    type Cols = Const<2>;
    type ParamCount = typenum::U2;

    const SYMMETRIC: bool = true;
}

impl<const G: bool, const S: bool> ParamMatrix<f64, 2, 2> for Wrong<G, S> {
    fn value(&self, &[a, b]: &[f64; 2]) -> Matrix2<f64> {
        matrix![a * a, b; if S { b + 1.0 } else { b }, b * b * b]
    }

    fn gradient(&self, &[a, b]: &[f64; 2]) -> [Matrix2<f64>; 2] {
        let factor = if G { 2.0 } else { 3.0 };
        [matrix![2.0 * a, 0.0; 0.0, 0.0], matrix![0.0, 1.0; 1.0, factor * b * b]]
    }
}

fn said<M: ParamMatrix<f64, 2, 2>>(matrix: &M, theta: &Theta<M, f64>) -> String {
    check_gradient(matrix, theta).expect_err("a mistake").to_string()
}

#[test]
fn what_is_right_passes() {
    assert_eq!(check_gradient(&Wrong::<false, false>, &[1.5, 0.5]), Ok(()));
    assert_gradient(&Wrong::<false, false>, &[-2.0, 3.0]);
}

#[test]
fn a_wrong_derivative_is_named_before_what_is_made_of_it() {
    let said = said(&Wrong::<true, false>, &[1.5, 0.5]);
    assert!(
        said.starts_with("gradient by `theta_1`: entry (1, 1) is 5e-1, expected 7.5"),
        "{said}"
    );
}

#[test]
fn a_false_claim_is_named() {
    let said = said(&Wrong::<false, true>, &[1.5, 0.5]);
    let expected = "SYMMETRIC: entry (1, 0) is 1.5e0, expected 5e-1";
    assert_eq!(said, expected);
}

/// diag(a, a), which claims that its entries are elsewhere.
struct NotInPlace;

impl Shape for NotInPlace {
    type Rows = Const<2>;
    type Cols = Const<2>;
    type ParamCount = typenum::U1;

    const SPARSITY: SparsityPattern = SparsityPattern::OnePerRow;

    fn column(&self, row: usize) -> usize {
        1 - row
    }
}

impl ParamMatrix<f64, 2, 2> for NotInPlace {
    fn value(&self, &[a]: &[f64; 1]) -> Matrix2<f64> {
        SMatrix::identity() * a
    }

    fn gradient(&self, _: &[f64; 1]) -> [Matrix2<f64>; 1] {
        [SMatrix::identity()]
    }
}

#[test]
fn a_false_pattern_is_named() {
    let said = said(&NotInPlace, &[2.0]);
    assert_eq!(said, "SPARSITY: entry (0, 0) is 2e0, expected 0e0");
}
