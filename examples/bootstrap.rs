//! A parametric bootstrap: is there a variance between batches?
//!
//! Six batches of dyestuff, five samples each (Davies & Goldsmith 1972; Box & Tiao 1973, table 5.1.1). The likelihood
//! ratio of a variance between batches against none is not χ² with one degree of freedom where there is none, since half of
//! the time, or more, the variance is estimated as zero. The mixture ½χ²₀ + ½χ²₁ (Self & Liang 1987) is its limit for many
//! batches; for six, data are simulated from the model without the variance and fitted by both.
//!
//! For this balanced design the truth is known: the ratio grows with F = MS between/MS within, so that its test is
//! that of the analysis of variance, F(5, 24) = 4.598.
//!
//! ```text
//! cargo run --release --features rand_core --example bootstrap [SERIES]
//! ```

mod figure;

use std::error::Error;

use covprop::distribution::f_tail;
use covprop::*;
use figure::{BLUE, GREEN, INK, LABEL, Labels, VERMILION, axes, draw, letters};
use nalgebra::{SVector, vector};
use plotters::prelude::{Color, LineSeries, PathElement, SeriesLabelPosition, WHITE};
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
const BATCHES: f64 = 6.0;
/// Those of the mean squares.
const DEGREES: [f64; 2] = [5.0, 24.0];
/// Mean square between over that within, as published.
const F: f64 = 4.598;

/// The likelihood ratio of a variance between batches; the mean square between batches over that within.
fn ratio(batches: &[SVector<f64, N>]) -> Result<(LikelihoodRatio<f64>, f64), covprop::Error> {
    let ones = SVector::<f64, N>::repeat(1.0);
    let within = Marginal::new(ScalarMatrix::<N>::new());
    let both = MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<N>::new());
    let (mut smaller, mut larger) = (Panel::<_, f64, N, 1>::new(within), Panel::new(both));
    for y in batches {
        smaller.push(&ones, y)?;
        larger.push(&ones, y)?;
    }
    let test = LikelihoodRatio::new(&larger.fit()?, &smaller.fit()?)?;
    let means: Vec<f64> = batches.iter().map(SVector::mean).collect();
    let mean = means.iter().sum::<f64>() / BATCHES;
    let between: f64 = means.iter().map(|m| N as f64 * (m - mean).powi(2)).sum();
    let within: f64 = batches.iter().map(|y| N as f64 * y.variance()).sum();
    Ok((test, between / DEGREES[0] / (within / DEGREES[1])))
}

fn main() -> Result<(), Box<dyn Error>> {
    let series: u64 = std::env::args().nth(1).map_or(Ok(20_000), |n| n.parse())?;
    let data = YIELDS.map(SVector::from);
    let (test, f) = ratio(&data)?;
    println!("a variance between batches: {test}, F = {f:.3}");
    assert!((f - F).abs() < 5e-4, "{f} is not {F}");

    // The model without it, as it was estimated.
    let ones = SVector::<f64, N>::repeat(1.0);
    let model = Marginal::new(ScalarMatrix::<N>::new());
    let mut panel = Panel::<_, f64, N, 1>::new(model);
    panel.extend(data.map(|y| (ones, y)))?;
    let simulation = panel.fit()?.simulation(&vector![1.0, 1.0, 1.0, 1.0, 1.0])?;

    let mut rng = StdRng::seed_from_u64(1987);
    let bar = indicatif::ProgressBar::new(series);
    let mut simulated = Vec::new();
    for _ in bar.wrap_iter(0..series) {
        let batches: [_; YIELDS.len()] = std::array::from_fn(|_| simulation.draw(&mut rng));
        simulated.push(ratio(&batches)?);
    }
    bar.finish_and_clear();

    let count = series as f64;
    let exact = f_tail(f, DEGREES[0], DEGREES[1]);
    let bootstrap = test.p_value_of_bootstrap(simulated.iter().map(|(test, _)| test.statistic));
    println!("p value");
    println!("  χ²₁              {:.5}", test.p_value());
    println!("  ½χ²₀ + ½χ²₁      {:.5}", test.p_value_on_boundary());
    println!("  bootstrap        {bootstrap:.5}  of {series} series");
    println!("  exact, F(5, 24)  {exact:.5}");
    let error = (exact * (1.0 - exact) / count).sqrt();
    assert!((bootstrap - exact).abs() < 4.0 * error + 1.0 / count);

    // The variance is estimated as zero if the mean square between is no larger than that within.
    let zeros = simulated.iter().filter(|(test, _)| test.statistic == 0.0).count() as f64 / count;
    let expected = 1.0 - f_tail(1.0, DEGREES[0], DEGREES[1]);
    println!("estimated as zero: {zeros:.3} of the series, {expected:.3} in theory, not one half");
    assert!((zeros - expected).abs() < 4.0 * (expected * (1.0 - expected) / count).sqrt());

    println!("see {}", picture(&mut simulated)?);
    Ok(())
}

/// What part of the series have a larger ratio, on a logarithmic scale, and what theory says of it.
fn picture(simulated: &mut [(LikelihoodRatio<f64>, f64)]) -> Result<String, Box<dyn Error>> {
    const LARGEST: f64 = 12.0;
    const LOWEST: f64 = -4.0;
    simulated.sort_by(|a, b| b.0.statistic.total_cmp(&a.0.statistic));
    let count = simulated.len() as f64;
    let shown = simulated.iter().enumerate().filter(|(_, (test, _))| test.statistic < LARGEST);
    let points: Vec<(f64, f64, f64)> = shown
        .map(|(i, (test, f))| (test.statistic, ((i + 1) as f64 / count).log10(), *f))
        .filter(|point| point.0 > 0.0)
        .collect();
    let tail = |x: f64| LikelihoodRatio { statistic: x, degrees: 1 };
    let grid = || (1..=120).map(|i| f64::from(i) * LARGEST / 120.0);
    let inside = |point: &(f64, f64)| point.1 >= LOWEST;
    draw("bootstrap", (800, 420), |area| {
        let labels = Labels {
            title: "Is there a variance between batches?",
            x: "likelihood ratio 2 log(L₁/L₀)",
            y: "log₁₀ P(a larger ratio)",
        };
        let mut chart = axes(area, &labels, 0.0..LARGEST, LOWEST..0.0)?;
        let exact = points.iter().map(|&(x, _, f)| (x, f_tail(f, DEGREES[0], DEGREES[1]).log10()));
        let chi = grid().map(|x| (x, tail(x).p_value().log10()));
        let mixture = grid().map(|x| (x, tail(x).p_value_on_boundary().log10()));
        let steps = points.iter().map(|&(x, p, _)| (x, p));
        let lines: [(&str, Vec<(f64, f64)>, _); 4] = [
            ("χ² with 1 degree of freedom", chi.filter(inside).collect(), INK.stroke_width(2)),
            ("½χ²₀ + ½χ²₁", mixture.filter(inside).collect(), GREEN.stroke_width(2)),
            ("bootstrap", steps.filter(inside).collect(), BLUE.stroke_width(4)),
            ("exact, by F(5, 24)", exact.filter(inside).collect(), VERMILION.stroke_width(2)),
        ];
        for (name, line, style) in lines {
            chart
                .draw_series(LineSeries::new(line, style))?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], style));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE)
            .border_style(INK)
            .label_font(letters(LABEL))
            .legend_area_size(34)
            .margin(12)
            .draw()?;
        Ok(())
    })
}
