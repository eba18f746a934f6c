use covprop::prelude::*;

fn main() {
    let l = LowerTriangularMatrix::<3, 2>::new();
    let _products = l.gradient_mul(&[1.0; 5], &SVector::<f64, 2>::zeros());
}
