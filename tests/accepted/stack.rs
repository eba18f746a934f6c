use covprop::prelude::*;

fn main() {
    let _v = Stack::new(LowerTriangularMatrix::<3, 2>::new(), Ar1Matrix::<2>::new());
}
