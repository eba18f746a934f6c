//! Growth curves: do children differ in how fast they grow, or only in size?
//!
//! Data: the distance from the pituitary to the pterygomaxillary fissure (mm) of 11 girls and 16
//! boys at ages 8, 10, 12 and 14 (Potthoff & Roy 1964, Biometrika 51, 313–326), in
//! `data/orthodont.csv`. Model: distance ~ age × sex with a random intercept for each child, and
//! with a random slope as well. The profile likelihood of each standard deviation is drawn.
//!
//! `cargo run --release --example growth_curve [FILE]`, where FILE has the columns distance, age
//! (8, 10, 12 or 14), subject and sex (Female or Male), and the rows of a subject follow each other.
//! The results for the shipped file are compared with lme4, nlme and lmerTest.

mod common;

use common::figure::profiles::{Curve, draw_profiles};
use common::orthodont::{AGES, N, Sex, read};
use common::{Comparison, Source, compare, ensure};
use covprop::prelude::*;

/// Intercept and slope of boys, and how those of girls differ.
const NAMES: [&str; K] = ["(Intercept)", "age", "girl", "age:girl"];
const K: usize = 4;
/// All sets of ages at which a child may have been seen.
const PATTERNS: usize = 1 << N;

fn main() -> common::Result {
    let source = Source::new("orthodont.csv");
    let children = read(&source)?;

    // A line for each child, whose intercept is its distance at age 11.
    let z = SMatrix::<f64, N, 2>::from_fn(|i, j| [1.0, f64::from(AGES[i]) - 11.0][j]);
    let size = named("child", ScalarMatrix::<1>::new());
    let line = named("child", HeterogeneousCompoundSymmetricMatrix::<2>::new());
    let residual = named("residual", ScalarMatrix::<N>::new());
    let sizes = MixedModel::new(z.column(0).into_owned(), size, residual);
    let mut sizes = Panel::<_, f64, N, K, PATTERNS>::with_patterns(sizes);
    let mut lines =
        Panel::<_, f64, N, K, PATTERNS>::with_patterns(MixedModel::new(z, line, residual));
    for child in &children {
        let girl = f64::from(child.group == Sex::Female);
        let row = |age: f64| [1.0, age, girl, girl * age];
        let x = SMatrix::<f64, N, K>::from_fn(|i, j| row(f64::from(AGES[i]))[j]);
        let (y, observed) = (child.y(), child.observed());
        sizes.push_observed(&x, &y, &observed).map_err(source.subject(&child.id))?;
        lines.push_observed(&x, &y, &observed).map_err(source.subject(&child.id))?;
    }
    let (sizes, lines) = (sizes.estimation()?, lines.estimation()?);
    let (size, line) = (sizes.fit()?, lines.fit()?);
    let tests = sizes.inference(&size)?.coefficients(); // Satterthwaite's degrees of freedom
    println!("A random intercept\n\n{}", size.table(NAMES).with_tests(tests));
    println!("\nA random intercept, at age 11, and a random slope\n\n{}", line.table(NAMES));

    // The parameters are two variances, σ², and with slopes the standard deviation of the slopes.
    let (between, within) = (sizes.profile(&size, 0)?, sizes.profile(&size, 1)?);
    let slopes = lines.profile(&line, 1)?;
    let interval = slopes.interval(0.95)?;
    let curves = [
        Curve::new("between children", "mm", 2, between.interval(0.95)?, |x| {
            between.likelihood_ratio(x)
        })?,
        Curve::new("residual", "mm", 2, within.interval(0.95)?, |x| within.likelihood_ratio(x))?,
        Curve::new("slopes", "mm/year", 1, interval, |x| slopes.likelihood_ratio(x))?,
    ];
    println!("\n95 % intervals of standard deviations, by profile likelihood");
    for curve in &curves {
        println!("{:22}{:8.4} to {:.4}", curve.title, curve.ends[0], curve.ends[1]);
    }

    if source.shipped {
        let numbers = [
            ("variance between children", size.params[0], 3.298_634),
            ("residual variance", size.params[1], 1.922_055),
            ("(Intercept)", size.beta[0], 16.340_625),
            ("age", size.beta[1], 0.784_375),
            ("girl", size.beta[2], 1.032_102),
            ("age:girl", size.beta[3], -0.304_830),
            ("log-likelihood", size.log_likelihood, -216.878_625),
            ("degrees of freedom, (Intercept)", tests[0]?.degrees_of_freedom, 103.986_361),
            ("degrees of freedom, age", tests[1]?.degrees_of_freedom, 79.0),
            ("degrees of freedom, girl", tests[2]?.degrees_of_freedom, 103.986_361),
            ("degrees of freedom, age:girl", tests[3]?.degrees_of_freedom, 79.0),
        ];
        compare("lme4 and lmerTest, intercepts", Comparison::list(6e-7, numbers))?; // 6 decimals
        let numbers = [
            ("standard deviation of intercepts", line.params[0], 1.830_327),
            ("standard deviation of slopes", line.params[1], 0.180_345),
            ("residual standard deviation", line.params[3].sqrt(), 1.310_040),
            ("log-likelihood", line.log_likelihood, -216.2908),
        ];
        compare("nlme, with slopes", Comparison::list(6e-5, numbers))?; // its optimiser stops early
        ensure(size.aic() < line.aic(), "the AIC must prefer the model without slopes")?;
        ensure(
            interval.lower.value() == Some(0.0),
            "the interval of the slopes must begin at zero",
        )?;
    }
    println!("\nsee {}", draw_profiles("growth_curve", &curves)?);
    Ok(())
}
