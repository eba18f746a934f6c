use covprop::prelude::*;

fn main() {
    let z = DummyMatrix::<4, 3>::from_indices([0, 1, 2, 0]);
    let v = CovariancePropagation::new(z, nalgebra::Matrix3::<f64>::identity());
    let [_d0] = v.gradient(&[]);
}
