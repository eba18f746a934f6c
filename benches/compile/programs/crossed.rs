//! Thirty measurements with two crossed factors, as one vector.

use covprop::prelude::*;

const N: usize = 30;

fn main() -> Result<(), covprop::Error> {
    let plates = DummyMatrix::<N, 5>::from_indices(std::array::from_fn(|i| i / 6));
    let samples = DummyMatrix::<N, 6>::from_indices(std::array::from_fn(|i| i % 6));
    let plate = CovariancePropagation::new(plates, named("plate", ScalarMatrix::<5>::new()));
    let sample = CovariancePropagation::new(samples, named("sample", ScalarMatrix::<6>::new()));
    let model = MixedModel::from_random_terms(plate.plus(sample), ScalarMatrix::<N>::new());
    let y = SVector::<f64, N>::from_fn(|i, _| {
        let (plate, sample) = ((i / 6) as f64, (i % 6) as f64);
        20.0 + (5.0 * plate).sin() + 2.0 * (7.0 * sample).sin() + 0.5 * (11.0 * i as f64).cos()
    });
    println!("{}", model.fit(&SVector::<f64, N>::repeat(1.0), &y)?.table(["mean"]));
    Ok(())
}
