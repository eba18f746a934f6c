//! A covariance matrix for each arm: do girls vary less about their growth curves than boys?
//!
//! Data: the distance from the pituitary to the pterygomaxillary fissure (mm) of 11 girls and 16
//! boys at ages 8, 10, 12 and 14 (Potthoff & Roy 1964, Biometrika 51, 313–326), in
//! `data/orthodont.csv`. Model: distance ~ age × sex + (1 | child), with one V, with a residual
//! variance for each sex, and with a compound symmetric V for each sex.
//!
//! ```text
//! cargo run --release --example variance_by_arm [FILE]
//! ```
//!
//! FILE has the columns distance, age (8, 10, 12 or 14), subject and sex (Female or Male), and the
//! rows of a subject follow each other. The results for the shipped file are compared with nlme,
//! which fits each sex by itself, and with those of `data/reference_subjects.py`.

mod common;

use common::orthodont::{AGES, N, read};
use common::{Comparison, Source, compare, ensure};
use covprop::prelude::*;

const NAMES: [&str; K] = ["boys", "boys: age", "girls", "girls: age"];
const K: usize = 4;

fn main() -> common::Result {
    let source = Source::new("orthodont.csv");
    let children = read(&source)?;

    let (mut alike, mut residuals, mut wholes) = (Vec::new(), Vec::new(), Vec::new());
    for child in &children {
        let sex = child.group as usize;
        let line = |i: usize| [1.0, f64::from(AGES[i])];
        let x = SMatrix::from_fn(|i, j| if j / 2 == sex { line(i)[j % 2] } else { 0.0 });
        let (y, observed) = (child.y(), child.observed());

        let ones = SVector::<f64, N>::repeat(1.0);
        let size = named("child", ScalarMatrix::<1>::new());
        let model = MixedModel::new(ones, size, named("residual", ScalarMatrix::<N>::new()));
        alike.push(Subject::new(model, x, y).with_observed(observed));

        // All rows of this child are in the group of its sex.
        let groups = GroupVarianceMatrix::<N, 2>::try_from_indices([sex; N])?;
        let model = MixedModel::new(ones, size, named("residual", groups));
        residuals.push(Subject::new(model, x, y).with_observed(observed));

        // This child has rows 0 to 3 or rows 4 to 7 of diag(V of boys, V of girls). Its V therefore
        // depends on the parameters of its own sex only.
        let both = BlockDiagonal::new(
            named("boys", CompoundSymmetricMatrix::<N>::new()),
            named("girls", CompoundSymmetricMatrix::<N>::new()),
        );
        let own = std::array::from_fn(|i| N * sex + i);
        let own = DummyMatrix::<N, { 2 * N }>::try_from_indices(own)?;
        let model = Marginal::new(CovariancePropagation::new(own, both));
        wholes.push(Subject::new(model, x, y).with_observed(observed));
    }
    let (alike, residuals) = (Subjects::new(&alike[..])?, Subjects::new(&residuals[..])?);
    let wholes = Subjects::new(&wholes[..])?;
    let estimation = wholes.estimation()?;
    let (one, residual, whole) = (alike.fit()?, residuals.fit()?, estimation.fit()?);
    let inference = estimation.inference(&whole)?; // with Satterthwaite's degrees of freedom
    let table = whole.table(NAMES).with_tests(inference.coefficients());
    println!("A residual variance for each sex\n\n{}", residual.table(NAMES));
    println!("\nA V for each sex\n\n{table}");
    let growth = inference.contrast(&vector![0.0, 1.0, 0.0, -1.0])?;
    println!("\nBoys grow faster, in mm per year: {growth}");
    let against_one = LikelihoodRatio::new(&whole, &one)?;
    let against_residual = LikelihoodRatio::new(&whole, &residual)?;
    println!("A V for each sex, against one V: {against_one}");
    println!("A V for each sex, against a residual variance for each sex: {against_residual}");

    if source.shipped {
        let [boys, rho_boys, girls, rho_girls] = whole.params;
        let errors = whole.beta_standard_errors();
        let numbers = [
            ("variance, boys", boys, 5.457_109),
            ("correlation, boys", rho_boys, 0.483_898),
            ("variance, girls", girls, 4.887_021),
            ("correlation, girls", rho_girls, 0.875_496),
            ("boys: age", whole.beta[1], 0.784_375),
            ("standard error, boys: age", errors[1], 0.093_815),
            ("standard error, girls: age", errors[3], 0.052_590),
            ("log-likelihood", whole.log_likelihood, -207.333_183),
            ("log-likelihood with one V", one.log_likelihood, -216.878_625),
        ];
        compare("nlme", Comparison::list(6e-7, numbers))?; // 6 decimals
        let [between, boys, girls] = residual.params;
        let numbers = [
            ("variance between children", between, 3.413_518_628),
            ("residual variance, boys", boys, 2.788_308_828),
            ("residual variance, girls", girls, 0.610_430_780),
            ("log-likelihood", residual.log_likelihood, -207.610_239_786),
        ];
        compare("reference_subjects.py", Comparison::list(1e-8, numbers))?;
        ensure(against_residual.p_value() > 0.05, "residual variances must be enough")?;
    }
    Ok(())
}
