//! Random regression: how does the variance between boys change while they grow?
//!
//! Data: heights (cm) of 26 boys on nine occasions, at ages of their own that are standardised to
//! about −1 to 1, in `data/oxboys.csv` (Pinheiro & Bates 2000, Mixed-Effects Models in S and
//! S-PLUS, appendix A.19). Model: y = Φβ + Φu + e with u ~ N(0, G) for each boy, e ~ N(0, σ² I) and
//! normalised Legendre polynomials Φ of age (Kirkpatrick, Lofsvold & Bulmer 1990, Genetics 124,
//! 979–993), fitted by restricted maximum likelihood. The variance between boys at an age is φᵀGφ.
//!
//! ```text
//! cargo run --release --example random_regression [FILE]
//! ```
//!
//! FILE has the columns subject, occasion (1 to 9), age and height; the rows of a subject follow
//! each other. If column j of C has the coefficients of polynomial j, a regression on 1, age and
//! age² with C G Cᵀ and Cβ is the same model. In this form, the results for the shipped file are
//! compared with lme4 1.1-31 (Bates, Mächler, Bolker & Walker 2015, Journal of Statistical Software
//! 67(1)), whose estimates were refined to a stationary point in 220-bit arithmetic.

mod common;

use common::data::finite;
use common::{Comparison, Source, compare};
use covprop::prelude::*;
use serde::Deserialize;

/// The largest number of occasions of a boy.
const N: usize = 9;
/// Polynomials of degree 0, 1 and 2.
const K: usize = 3;

#[derive(Deserialize)]
struct Row {
    subject: String,
    occasion: usize,
    #[serde(deserialize_with = "finite")]
    age: f64,
    #[serde(deserialize_with = "finite")]
    height: f64,
}

/// Returns C: column j has the coefficients of 1, x and x² in the polynomial of degree j.
fn coefficients() -> SMatrix<f64, K, K> {
    let [constant, linear, quadratic] = [0.5_f64, 1.5, 0.625].map(f64::sqrt);
    matrix![constant, 0.0, -quadratic; 0.0, linear, 0.0; 0.0, 0.0, 3.0 * quadratic]
}

/// Returns the values φ of the polynomials at an age.
fn legendre(age: f64) -> SVector<f64, K> {
    coefficients().tr_mul(&vector![1.0, age, age * age])
}

/// Returns G from the parameters of the model.
fn between(&[a, b, c, d, e, f, _]: &[f64; 7]) -> SMatrix<f64, K, K> {
    matrix![a, b, d; b, c, e; d, e, f]
}

fn main() -> common::Result {
    let source = Source::new("oxboys.csv");
    let rows = source.rows::<Row>()?;
    let occasions: [_; N] = std::array::from_fn(|i| i + 1);
    let heights = rows.subjects(&occasions, |row| (&row.subject, (), row.occasion, row.height))?;
    let ages = rows.subjects(&occasions, |row| (&row.subject, (), row.occasion, row.age))?;
    let boys = heights.iter().zip(&ages).map(|(height, age)| {
        let age = age.y();
        let phi = SMatrix::<f64, N, K>::from_fn(|i, j| legendre(age[i])[j]);
        let g = named("boy", UnconstrainedMatrix::<K>::new());
        let model = MixedModel::new(phi, g, named("residual", ScalarMatrix::<N>::new()));
        Subject::new(model, phi, height.y()).with_observed(height.observed())
    });
    let boys: Vec<_> = boys.collect();

    let subjects = Subjects::new(&boys[..])?;
    let estimation = subjects.estimation()?;
    let fit = estimation.fit()?;
    let inference = estimation.inference(&fit)?;
    let table = fit.table(["constant", "linear", "quadratic"]);
    println!("{}", table.with_tests(inference.coefficients()));

    let g = between(&fit.params);
    let parts = g.symmetric_eigenvalues() * (100.0 / g.trace());
    let parts = parts.data.0[0].map(|part| format!("{part:.2} %"));
    println!("\neigenvalues of G, as parts of its trace: {}", parts.join(", "));

    let first = fit.predict_subject(&boys[0])?;
    println!("\n{:>5}{:>22}{:>22}", "age", "variance of boys", "first boy (cm)");
    for age in [-1.0, -0.5, 0.0, 0.5, 1.0] {
        let phi = legendre(age);
        let variance = inference.function(|params| phi.dot(&(between(params) * phi)))?;
        let [variance, height] = [variance, first.at(&phi, &phi)]
            .map(|estimate| format!("{:.2} ± {:.2}", estimate.value, estimate.standard_error));
        println!("{age:5}{variance:>22}{height:>22}");
    }

    if source.shipped {
        let c = coefficients();
        let (g, beta, boy) = (c * g * c.transpose(), c * fit.beta, c * first.random_effects());
        let refined = [
            ("variance of 1", g[(0, 0)], 64.033_565_391),
            ("covariance of age and 1", g[(1, 0)], 8.311_490_329),
            ("variance of age", g[(1, 1)], 2.860_719_174),
            ("covariance of age² and 1", g[(2, 0)], 1.415_783_859),
            ("covariance of age² and age", g[(2, 1)], 0.913_623_689),
            ("variance of age²", g[(2, 2)], 0.665_474_634),
            ("residual variance", fit.params[6], 0.227_495_539),
            ("β of age", beta[1], 6.516_750_675),
            // The restricted likelihood depends on the columns of X.
            ("log-likelihood", fit.log_likelihood + c.determinant().ln(), -317.309_427_680),
        ];
        compare("lme4, refined", Comparison::list(2e-8, refined))?;
        let first =
            [("u of age", boy[1], 0.587_622), ("first height", first.fitted()[0], 141.260_951)];
        compare("lme4, first boy", Comparison::list(2e-6, first))?;
    }
    Ok(())
}
