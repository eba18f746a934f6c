use covprop::prelude::*;

fn main() {
    let l = LowerTriangularMatrix::<3, 2>::new();
    let _sum = l.plus(LowerTriangularMatrix::<3, 3>::new());
}
