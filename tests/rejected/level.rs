use covprop::prelude::*;

const Z: DummyMatrix<4, 3> = DummyMatrix::from_indices([0, 1, 3, 0]);

fn main() {
    println!("{Z:?}");
}
