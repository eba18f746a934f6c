//! V = Z G Zᵀ of four observations of three levels, and its derivatives.

use std::hint::black_box;

use covprop::prelude::*;

fn main() -> Result<(), covprop::Error> {
    let z = DummyMatrix::<4, 3>::from_labels(&["a", "b", "c", "a"])?;
    let v = CovariancePropagation::new(z, DiagonalMatrix::<3>::new());
    let theta = black_box([0.0, 0.5, 1.0]);
    println!("{}", v.value(&theta));
    for derivative in v.gradient(&theta) {
        println!("{derivative}");
    }
    Ok(())
}
