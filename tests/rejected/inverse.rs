use covprop::prelude::*;

fn main() {
    let _v = Inverse::new(LowerTriangularMatrix::<3, 2>::new());
}
