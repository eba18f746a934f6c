//! A parametric bootstrap: is there a variance between batches?
//!
//! Data: yields (g) of six batches of dyestuff, five samples each (Davies & Goldsmith 1972; Box &
//! Tiao 1973, table 5.1.1). If there is no variance between batches, it is estimated as zero in half
//! of all series or more, so that the likelihood ratio is not χ² with one degree of freedom. The
//! mixture ½χ²₀ + ½χ²₁ (Self & Liang 1987) is its limit for many batches; for six, series are
//! simulated from the model without the variance and fitted by both models. The likelihood ratio of
//! this balanced design grows with F = MS between / MS within, whose distribution is known.
//!
//! ```text
//! cargo run --release --features rand_core --example bootstrap [SERIES]
//! ```

mod common;

use common::compare;
use common::figure::tails::draw_tails;
use covprop::inference::distribution::f_tail;
use covprop::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

/// Samples of a batch.
const N: usize = 5;
const YIELDS: [[f64; N]; 6] = [
    [1545.0, 1440.0, 1440.0, 1520.0, 1580.0],
    [1540.0, 1555.0, 1490.0, 1560.0, 1495.0],
    [1595.0, 1550.0, 1605.0, 1510.0, 1560.0],
    [1445.0, 1440.0, 1595.0, 1465.0, 1545.0],
    [1595.0, 1630.0, 1515.0, 1635.0, 1625.0],
    [1520.0, 1455.0, 1450.0, 1480.0, 1445.0],
];
const BATCHES: f64 = YIELDS.len() as f64;
/// Degrees of freedom of the mean squares.
const DEGREES: [f64; 2] = [5.0, 24.0];
const ONES: SVector<f64, N> = vector![1.0, 1.0, 1.0, 1.0, 1.0];

/// The likelihood ratio of a variance between batches, and F.
fn test(batches: &[SVector<f64, N>]) -> Result<(LikelihoodRatio<f64>, f64), covprop::Error> {
    let within = Marginal::new(ScalarMatrix::<N>::new());
    let both = MixedModel::new(ONES, ScalarMatrix::<1>::new(), ScalarMatrix::<N>::new());
    let mut smaller = Panel::<_, f64, N, 1>::new(within);
    let mut larger = Panel::new(both);
    for y in batches {
        smaller.push(&ONES, y)?;
        larger.push(&ONES, y)?;
    }
    let ratio = LikelihoodRatio::new(&larger.fit()?, &smaller.fit()?)?;

    let mean = batches.iter().map(SVector::mean).sum::<f64>() / BATCHES;
    let between: f64 = batches.iter().map(|y| N as f64 * (y.mean() - mean).powi(2)).sum();
    let within: f64 = batches.iter().map(|y| N as f64 * y.variance()).sum();
    Ok((ratio, between / DEGREES[0] / (within / DEGREES[1])))
}

fn main() -> common::Result {
    let series: u64 = match std::env::args().nth(1) {
        Some(count) => {
            let series = count.parse().ok().filter(|series| *series > 0);
            series.ok_or_else(|| format!("`{count}` is not a number of series, 1 or more"))?
        }
        None => 20_000,
    };
    let data = YIELDS.map(SVector::from);
    let (ratio, f) = test(&data)?;
    println!("a variance between batches: {ratio}, F = {f:.3}");

    // Series from the model without the variance, at its estimates.
    let mut panel = Panel::<_, f64, N, 1>::new(Marginal::new(ScalarMatrix::<N>::new()));
    panel.extend(data.map(|y| (ONES, y)))?;
    let simulation = panel.fit()?.simulation(&ONES)?;
    let mut rng = StdRng::seed_from_u64(1987);
    let bar = indicatif::ProgressBar::new(series);
    let mut simulated = Vec::new();
    for _ in bar.wrap_iter(0..series) {
        let batches: [_; YIELDS.len()] = std::array::from_fn(|_| simulation.draw(&mut rng));
        simulated.push(test(&batches)?);
    }
    bar.finish_and_clear();
    let bootstrap = ratio.bootstrap_p_value(simulated.iter().map(|(ratio, _)| ratio.statistic));
    println!("p value by χ²₁            {:.5}", ratio.p_value());
    println!("        by ½χ²₀ + ½χ²₁    {:.5}", ratio.boundary_p_value());
    println!("        by the bootstrap  {bootstrap:.5}");

    // The variance is estimated as zero if F is at most 1.
    let count = series as f64;
    let zeros = simulated.iter().filter(|(ratio, _)| ratio.statistic == 0.0).count() as f64 / count;
    let (p, zero) = (f_tail(f, 5.0, 24.0), 1.0 - f_tail(1.0, 5.0, 24.0));
    let error = |p: f64| (p * (1.0 - p) / count).sqrt(); // of the part of `count` series
    compare("Box & Tiao 1973", [("F", f, 4.598, 5e-4)])?;
    let exact = [
        ("p value by the bootstrap", bootstrap, p, 4.0 * error(p) + 1.0 / count),
        ("series with an estimate of zero", zeros, zero, 4.0 * error(zero)),
    ];
    compare("distribution of F, 4 errors", exact)?;
    println!("\nsee {}", draw_tails(&mut simulated, DEGREES)?);
    Ok(())
}
