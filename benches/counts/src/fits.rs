//! Whole fits of published data.

use std::error::Error;
use std::hint::black_box;

use covprop::operator::Sum;
use covprop::prelude::*;
use covprop::reml::Explorer;

/// Reaction times of 18 subjects on ten days (Belenky et al. 2003).
const SLEEPSTUDY: &str = include_str!("../../../examples/data/sleepstudy.csv");
/// Six batches of five (Davies & Goldsmith 1972).
const DYESTUFF: [[f64; 5]; 6] = [
    [1545.0, 1440.0, 1440.0, 1520.0, 1580.0],
    [1540.0, 1555.0, 1490.0, 1560.0, 1495.0],
    [1595.0, 1550.0, 1605.0, 1510.0, 1560.0],
    [1445.0, 1440.0, 1595.0, 1465.0, 1545.0],
    [1595.0, 1630.0, 1515.0, 1635.0, 1625.0],
    [1520.0, 1455.0, 1450.0, 1480.0, 1445.0],
];
/// The restricted log-likelihoods of lme4.
const OF_SLEEPSTUDY: f64 = -871.8141;
const OF_DYESTUFF: f64 = -159.8271;
/// Their digits.
const DIGITS: f64 = 1e-4;

type Slopes<G> = MixedModel<CovariancePropagation<SMatrix<f64, 10, 2>, G>, ScalarMatrix<10>>;
type Sleepstudy = Panel<Slopes<UnconstrainedMatrix<2>>, f64, 10, 2>;
type Intercepts<G> = MixedModel<CovariancePropagation<SVector<f64, 5>, G>, ScalarMatrix<5>>;
type Effects = Sum<CovariancePropagation<SMatrix<f64, 32, 5>, DiagonalMatrix<5>>, ScalarMatrix<32>>;
type Dyestuff = Panel<Intercepts<ScalarMatrix<1>>, f64, 5, 1>;

#[inline(never)]
fn push(
    panel: &mut Sleepstudy,
    x: &SMatrix<f64, 10, 2>,
    y: &SVector<f64, 10>,
) -> Result<(), covprop::Error> {
    panel.push(x, y)
}

#[inline(never)]
fn sleepstudy(panel: &Sleepstudy) -> Result<f64, covprop::Error> {
    Ok(black_box(panel.fit()?).log_likelihood)
}

#[inline(never)]
fn dyestuff(panel: &Dyestuff) -> Result<f64, covprop::Error> {
    Ok(black_box(panel.fit()?).log_likelihood)
}

/// Score and average information at another θ, of 32 observations with five random effects, where V is smallest.
#[inline(never)]
fn explored(
    likelihood: &mut Explorer<'_, Effects, f64, 4>,
    theta: &[f64; 6],
) -> Result<([f64; 6], [[f64; 6]; 6]), covprop::Error> {
    let mut at = likelihood.at(theta)?;
    Ok((at.score(), at.average_information()))
}

fn check(found: f64, expected: f64) -> Result<(), String> {
    let right = (found - expected).abs() < DIGITS;
    if right { Ok(()) } else { Err(format!("a log-likelihood of {found} in place of {expected}")) }
}

pub(crate) fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let x = SMatrix::<f64, 10, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { i as f64 });
    let mut panel: Sleepstudy =
        Panel::new(MixedModel::new(x, UnconstrainedMatrix::new(), ScalarMatrix::new()));
    let mut reactions = Vec::new();
    for line in SLEEPSTUDY.lines().skip(1) {
        let reaction = line.split(',').next().ok_or("a line is empty")?;
        reactions.push(reaction.parse::<f64>()?);
    }
    let subjects: Vec<_> = reactions.chunks_exact(10).map(SVector::from_column_slice).collect();
    let (last, others) = subjects.split_last().ok_or("there are no subjects")?;
    for y in others {
        panel.push(&x, y)?;
    }
    push(black_box(&mut panel), black_box(&x), black_box(last))?;
    check(sleepstudy(black_box(&panel))?, OF_SLEEPSTUDY)?;

    let ones = SVector::<f64, 5>::repeat(1.0);
    let mut panel: Dyestuff =
        Panel::new(MixedModel::new(ones, ScalarMatrix::new(), ScalarMatrix::new()));
    for y in DYESTUFF {
        panel.push(&ones, &SVector::from(y))?;
    }
    check(dyestuff(black_box(&panel))?, OF_DYESTUFF)?;

    let z = SMatrix::<f64, 32, 5>::from_fn(|i, j| ((3 * i + 5 * j) as f64).sin());
    let x = SMatrix::<f64, 32, 4>::from_fn(|i, j| ((i + 1) as f64 / 32.0).powf(j as f64));
    let y = SVector::<f64, 32>::from_fn(|i, _| (7.0 * i as f64).sin());
    let model = MixedModel::new(z, DiagonalMatrix::<5>::new(), ScalarMatrix::<32>::new());
    model.estimation(&x, &y)?.explore(|likelihood| {
        black_box(explored(likelihood, black_box(&[0.1; 6]))?);
        Ok(())
    })?;
    Ok(())
}
