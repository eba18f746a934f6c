//! V = Z G Zᵀ for a design from labels and a diagonal G: value, derivatives and their names.
//!
//! ```text
//! cargo run --release --example covariance_propagation
//! ```

use covprop::*;
use nalgebra::{Matrix4, matrix};

fn main() -> Result<(), Error> {
    let z = DummyMatrix::<4, 3>::from_labels(&["a", "b", "c", "a"])?;
    let v = CovariancePropagation::new(z, named("g", DiagonalMatrix::<3>::new()));
    let theta = [0.0, 0.5, 1.0];

    let value = v.value(&theta);
    let gradient = v.gradient(&theta);

    println!("V = Z G Zᵀ, with Z from the labels a, b, c, a and G = diag(exp 2θ), θ = {theta:?}:");
    println!("{value:.4}");
    for (name, derivative) in v.param_names().zip(&gradient) {
        println!("∂V/∂θ for {name}:{derivative:.4}");
    }

    // By hand: observations 0 and 3 share the level a.
    let (a, b, c) = (1.0, 1.0_f64.exp(), 2.0_f64.exp());
    let expected = matrix![
        a, 0.0, 0.0, a;
        0.0, b, 0.0, 0.0;
        0.0, 0.0, c, 0.0;
        a, 0.0, 0.0, a
    ];
    assert!((value - expected).amax() < 1e-14);
    let in_place = |i: usize, j: usize, x: f64| {
        let mut m = Matrix4::zeros();
        m[(i, j)] = x;
        m
    };
    let [da, db, dc] = gradient;
    let corners =
        in_place(0, 0, 2.0) + in_place(0, 3, 2.0) + in_place(3, 0, 2.0) + in_place(3, 3, 2.0);
    assert!((da - corners).amax() < 1e-14);
    assert!((db - in_place(1, 1, 2.0 * b)).amax() < 1e-14);
    assert!((dc - in_place(2, 2, 2.0 * c)).amax() < 1e-14);
    assert!(v.param_names().eq(["g/sigma^2_0", "g/sigma^2_1", "g/sigma^2_2"]));
    println!("as computed by hand");
    Ok(())
}
