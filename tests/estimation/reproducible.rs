//! Reproducible sums have the same bits for any order, partition and merging, and lose no digit.

use covprop::prelude::*;
use covprop::reml::ReproducibleAccumulator;

use crate::common::random::Random;

type Sums = ReproducibleAccumulator<f64, 3, 2, 2>;

#[test]
fn smoke() {
    let mut random = Random(1);
    let mut sums = Sums::new();
    let model = Marginal::new(UnconstrainedMatrix::<3>::new());
    let mut panel = Panel::<_, f64, 3, 2, 2>::with_patterns(model);
    for i in 0..40 {
        let x = SMatrix::<f64, 3, 2>::from_fn(|_, j| if j == 0 { 1.0 } else { random.uniform() });
        let y = SVector::<f64, 3>::from_fn(|_, _| 1e8 + random.uniform());
        let observed = [true, i % 3 > 0, true];
        sums.push_observed(&x, &y, &observed).unwrap();
        panel.push_observed(&x, &y, &observed).unwrap();
    }
    let other = Panel::from_accumulator(model, sums.to_accumulator().unwrap());
    let (a, b) = (panel.fit().unwrap(), other.fit().unwrap());
    println!("{a}\n{b}\n{:?}\n{:?}\n{} {}", a.params, b.params, a.beta - b.beta, a.log_likelihood - b.log_likelihood);
    println!("{:?}\n{:?}", panel.accumulator(), other.accumulator());
}
