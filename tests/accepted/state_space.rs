use covprop::prelude::*;

fn main() {
    let (f, h) = (nalgebra::matrix![1.0, 1.0; 0.0, 1.0], nalgebra::matrix![1.0, 0.0]);
    let _model = StateSpace::new(f, h, DiagonalMatrix::<2>::new(), ScalarMatrix::<1>::new());
}
