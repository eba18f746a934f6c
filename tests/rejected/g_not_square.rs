use covprop::prelude::*;

fn main() {
    let z = DummyMatrix::<4, 3>::from_indices([0, 1, 2, 0]);
    let _v = CovariancePropagation::new(z, SMatrix::<f64, 3, 2>::zeros());
}
