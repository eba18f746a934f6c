use covprop::prelude::*;

fn main() {
    let block = DummyMatrix::<4, 2>::from_indices([0, 0, 1, 1]);
    let plot = DummyMatrix::<4, 3>::from_indices([0, 2, 0, 1]);
    let _both: DummyMatrix<4, 5> = block.crossed(&plot);
}
