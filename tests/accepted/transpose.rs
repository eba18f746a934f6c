use covprop::prelude::*;
use covprop::structure::EqualEntryMatrix;

fn main() {
    let _v = Transpose::new(LowerTriangularMatrix::<4, 2>::new()).plus(EqualEntryMatrix::<2, 4>::new());
}
