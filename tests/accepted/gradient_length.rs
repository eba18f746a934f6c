use covprop::prelude::*;

fn main() {
    let z = DummyMatrix::<4, 3>::from_indices([0, 1, 2, 0]);
    let v = CovariancePropagation::new(z, DiagonalMatrix::<3>::new());
    let [_d0, _d1, _d2] = v.gradient(&[0.0, 0.5, 1.0]);
}
