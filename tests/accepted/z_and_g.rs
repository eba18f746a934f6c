use covprop::prelude::*;

fn main() {
    let z = DummyMatrix::<4, 3>::from_indices([0, 1, 2, 0]);
    let _v = CovariancePropagation::new(z, DiagonalMatrix::<3>::new());
}
