use covprop::prelude::*;

fn main() {
    let z = DummyMatrix::<4, 2>::from_indices([0, 0, 1, 1]);
    let _model = MixedModel::new(z, ScalarMatrix::<2>::new(), ScalarMatrix::<5>::new());
}
