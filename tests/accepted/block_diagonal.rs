use covprop::prelude::*;

fn main() {
    let _v = BlockDiagonal::new(Ar1Matrix::<3>::new(), Ar1Matrix::<4>::new()).plus(ScalarMatrix::<7>::new());
}
