use covprop::operator::Product;
use covprop::prelude::*;

fn main() {
    let _v = Product::new(LowerTriangularMatrix::<4, 2>::new(), Ar1Matrix::<3>::new());
}
