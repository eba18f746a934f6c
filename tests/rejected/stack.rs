use covprop::prelude::*;

fn main() {
    let _v = Stack::new(LowerTriangularMatrix::<3, 2>::new(), Ar1Matrix::<4>::new());
}
