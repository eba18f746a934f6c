//! A row-column field trial: does a model of the field compare genotypes more precisely?
//!
//! Data: yields (kg per plot) of 25 genotypes on 10 × 15 plots, simulated by `data/field_trial.py`
//! so that the truth is known, in `data/field_trial.csv`. Model: y = Xβ + u + e with β the means of
//! the genotypes, u ~ N(0, σ² AR1(ρ_row) ⊗ AR1(ρ_col)) the field and e ~ N(0, ν I) the plots
//! (Gilmour, Cullis & Verbyla 1997, Journal of Agricultural, Biological, and Environmental
//! Statistics 2, 269–293). It competes with a field alone and with independent plots.
//!
//! ```text
//! cargo run --release --example field_trial [FILE]
//! ```
//!
//! FILE has the columns row (1 to 10), col (1 to 15), gen and yield; each plot once, in any order.

mod common;

use common::data::finite;
use common::figure::field::draw_field;
use common::trial::{COLUMNS, K, N, ROWS, Trial};
use common::{Source, compare, ensure};
use covprop::prelude::*;
use covprop::reml::Fit;
use covprop::structure::{Ar1CorrelationMatrix, HomogeneousMatrix};
use serde::Deserialize;

/// What the file of a simulated trial has in addition.
#[derive(Deserialize)]
struct Truth {
    /// The mean of the genotype of a plot.
    #[serde(deserialize_with = "finite")]
    true_gen: f64,
    /// The field at a plot.
    #[serde(deserialize_with = "finite")]
    true_field: f64,
}

fn main() -> common::Result {
    common::on_stack_of(256 << 20, run)
}

fn run() -> common::Result {
    let source = Source::new("field_trial.csv");
    let Trial { places, x, y } = Trial::read(&source.path)?;

    let rows = named("row", Ar1CorrelationMatrix::<ROWS>::new());
    let columns = named("col", Ar1CorrelationMatrix::<COLUMNS>::new());
    let grid = HomogeneousMatrix::<N, _>::from_correlation(KroneckerProduct::new(rows, columns));
    let field = named("field", CovariancePropagation::new(places, grid));
    let plots = named("plot", ScalarMatrix::<N>::new());

    let (independent, alone) = (Marginal::new(plots), Marginal::new(field));
    let both = MixedModel::from_random_terms(field, plots);
    let estimation = both.estimation(&x, &y)?;
    let (independent, alone) = (independent.fit(&x, &y)?, alone.fit(&x, &y)?);
    let fit = estimation.fit()?;
    println!("model             log-likelihood       AIC      SED  outcome");
    report("independent plots", &independent);
    report("field", &alone);
    report("field and plots", &fit);
    println!("SED: root of the mean variance of the difference of two genotypes\n");
    println!("field and plots:");
    for (name, parameter) in fit.model.param_names().zip(fit.params) {
        println!("{name:20}{parameter:12.5}");
    }
    let predicted = fit.predict(&x, &y)?.random_effects(); // on the grid

    if source.shipped {
        ensure(fit.outcome == Outcome::Converged, "the fit must be a maximum")?;
        let least = independent.aic().min(alone.aic());
        ensure(fit.aic() < least, "the AIC must prefer the model of the truth")?;
        let errors =
            estimation.inference(&fit)?.param_standard_errors().map(Option::unwrap_or_default);
        let truth = [("σ²", 0.25), ("ρ_row", 0.6), ("ρ_col", 0.8), ("ν", 0.04)];
        let parameters = (0..4).map(|k| (truth[k].0, fit.params[k], truth[k].1, 3.0 * errors[k]));
        compare("truth, to 3 standard errors", parameters)?;

        let rows = source.rows::<Truth>()?;
        let rows = rows.exactly::<N>()?;
        let means: SVector<f64, N> = rows.map(|(_, row)| row.true_gen).into();
        let means = x.tr_mul(&means).component_div(&x.row_sum_tr()); // XᵀX counts plots
        let centre = SMatrix::<f64, K, K>::identity().add_scalar(-1.0 / K as f64);
        let variances = (centre * fit.beta_covariance * centre).diagonal();
        let off = (centre * (fit.beta - means)).component_div(&variances.map(f64::sqrt));
        let field: SVector<f64, N> = rows.map(|(_, row)| row.true_field).into();
        let [a, b] = [field, places.value(&[]) * predicted].map(|x| x.add_scalar(-x.mean()));
        let correlation = a.dot(&b) / (a.norm() * b.norm());
        let comparisons = [
            ("genotype farthest off, in std.err.", off.amax(), 0.0, 3.0),
            ("correlation of the fields", correlation, 1.0, 0.1),
        ];
        compare("truth", comparisons)?;
    }
    let unit = if source.shipped { "kg per plot" } else { "yield" };
    let yields = places.value(&[]).tr_mul(&y);
    let picture = draw_field::<ROWS, COLUMNS, N>("field_trial", &yields, &predicted, unit)?;
    println!("see {picture}");
    Ok(())
}

fn report<M: ParamMatrix<f64, N, N>>(name: &str, fit: &Fit<'_, M, f64, N, K>) {
    // The mean over all pairs of Cᵢᵢ + Cⱼⱼ − 2 Cᵢⱼ.
    let (c, k) = (&fit.beta_covariance, K as f64);
    let sed = (2.0 * (c.trace() - c.sum() / k) / (k - 1.0)).sqrt();
    let outcome = if fit.outcome.is_maximum() { "a maximum" } else { "no maximum" };
    println!("{name:16}{:16.4}{:10.3}{sed:9.4}  {outcome}", fit.log_likelihood, fit.aic());
}
