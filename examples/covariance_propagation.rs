//! V = Z G Zᵀ for a design from labels and a diagonal G: its value, its derivatives and their names.

use covprop::prelude::*;

fn main() -> Result<(), covprop::Error> {
    // four observations of three levels; G = diag(σ²) with θ = log σ
    let z = DummyMatrix::<4, 3>::from_labels(&["a", "b", "c", "a"])?;
    let v = CovariancePropagation::new(z, named("g", DiagonalMatrix::<3>::new()));
    let theta = [0.0, 0.5, 1.0];

    let value = v.value(&theta); // SMatrix<f64, 4, 4>
    let gradient = v.gradient(&theta); // [SMatrix<f64, 4, 4>; 3]
    println!("V = {value:.2}");
    for (name, derivative) in v.param_names().zip(&gradient) {
        println!("∂V/∂θ for {name} = {derivative:.2}");
    }

    // by hand: σ² = e^2θ, and observations 0 and 3 share the level a
    let (a, b, c) = (1.0, 1.0_f64.exp(), 2.0_f64.exp());
    let expected = matrix![a, 0.0, 0.0, a; 0.0, b, 0.0, 0.0; 0.0, 0.0, c, 0.0; a, 0.0, 0.0, a];
    assert!((value - expected).amax() < 1e-14);
    assert_eq!(gradient[0][(0, 3)], 2.0 * a); // ∂σ²/∂θ = 2σ²
    Ok(())
}
