use covprop::operator::Sum;
use covprop::prelude::*;

fn main() {
    let z = DummyMatrix::<4, 3>::from_indices([0, 1, 2, 0]);
    let v = CovariancePropagation::new(z, DiagonalMatrix::<3>::new());
    let _v = Sum::new(v, ScalarMatrix::<5>::new());
}
