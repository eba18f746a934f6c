//! Which covariance structure: how do the responses of a subject vary and hang together?
//!
//! Data: responses of 60 subjects in two arms at four visits, simulated by `data/visits.py` so that
//! the truth is known, in `data/visits.csv`. Model: a mean for each arm at each visit, and a
//! covariance of a subject's responses for which five structures compete by AIC and BIC. The picture
//! shows the standard deviations by the best structure and by the simplest.
//!
//! ```text
//! cargo run --release --example structures [FILE]
//! ```
//!
//! FILE has the columns subject, arm (control or treatment), visit (1 to 4) and response; a missed
//! visit has no row, and the rows of a subject follow each other.

mod common;

use common::figure::visits::{Series, draw_spreads};
use common::schedule::{Arm, N, PATTERNS, read};
use common::{Result, Source, Subject, compare, ensure};
use covprop::inference::Estimate;
use covprop::prelude::*;

/// The means of the control arm, then those of the treatment arm.
const K: usize = 2 * N;
/// The truth of the shipped data: an unstructured covariance with these standard deviations.
const DEVIATIONS: [f64; N] = [3.0, 4.0, 5.0, 7.0];

/// A structure and its fit.
struct Candidate {
    name: &'static str,
    log_likelihood: f64,
    aic: f64,
    bic: f64,
    /// Standard deviations of the responses at each visit.
    deviations: Vec<Estimate<f64>>,
}

fn candidate<V: ParamMatrix<f64, N, N>>(
    name: &'static str,
    covariance: V,
    subjects: &[Subject<Arm, N>],
) -> Result<Candidate> {
    let mut panel = Panel::<_, f64, N, K, PATTERNS>::with_patterns(Marginal::new(covariance));
    for subject in subjects {
        let first = if subject.group == Arm::Control { 0 } else { N };
        let x = SMatrix::from_fn(|visit, j| f64::from(j == first + visit));
        panel.push_observed(&x, &subject.y(), &subject.observed())?;
    }
    let estimation = panel.estimation()?;
    let fit = estimation.fit()?;
    ensure(fit.outcome.is_maximum(), format_args!("{name} has no maximum: {:?}", fit.outcome))?;
    let (log_likelihood, [aic, aicc, bic]) =
        (fit.log_likelihood, [fit.aic(), fit.aicc(), fit.bic()]);
    let parameters = fit.params.as_ref().len();
    println!("{name:20}{parameters:10}{log_likelihood:16.3}{aic:9.2}{aicc:9.2}{bic:9.2}");
    let inference = estimation.inference(&fit)?;
    let deviations = (0..N).map(|visit| {
        inference.function_of_theta(|theta| fit.model.value(theta)[(visit, visit)].sqrt())
    });
    let deviations = deviations.collect::<std::result::Result<_, _>>()?;
    Ok(Candidate { name, log_likelihood, aic, bic, deviations })
}

fn main() -> Result {
    let source = Source::new("visits.csv");
    let subjects = read(&source)?;

    println!("{:20}parameters  log-likelihood      AIC     AICc      BIC", "covariance");
    let s = &subjects;
    let candidates = [
        candidate("unstructured", UnconstrainedMatrix::<N>::new(), s)?,
        candidate("heterogeneous AR(1)", HeterogeneousAr1Matrix::<N>::new(), s)?,
        candidate("heterogeneous CS", HeterogeneousCompoundSymmetricMatrix::<N>::new(), s)?,
        candidate("Toeplitz", ToeplitzMatrix::<N>::new(), s)?,
        candidate("AR(1)", Ar1Matrix::<N>::new(), s)?,
    ];
    let [unstructured, .., simplest] = &candidates;
    let by = |criterion: fn(&Candidate) -> f64| {
        let least = candidates.iter().min_by(|a, b| criterion(a).total_cmp(&criterion(b)));
        least.unwrap_or(unstructured)
    };
    let (best, by_bic) = (by(|a| a.aic), by(|a| a.bic));
    println!("\nThe lowest AIC is that of {}, the lowest BIC that of {}.", best.name, by_bic.name);

    let spreads = [best, simplest].map(|candidate| {
        let values = candidate.deviations.iter().map(|sd| (sd.value, sd.interval(0.95)));
        Series { name: candidate.name, values: values.collect() }
    });
    let mut spreads = Vec::from(spreads);
    if source.shipped {
        ensure(best.name == unstructured.name, "the AIC must prefer the structure of the truth")?;
        for nested in &candidates[1..] {
            let less = nested.log_likelihood < unstructured.log_likelihood;
            ensure(less, format_args!("{} is nested in unstructured", nested.name))?;
        }
        let labels = ["visit 1", "visit 2", "visit 3", "visit 4"];
        let deviations = (0..N).map(|visit| {
            let Estimate { value, standard_error } = best.deviations[visit];
            (labels[visit], value, DEVIATIONS[visit], 3.0 * standard_error)
        });
        compare("truth, to 3 standard errors", deviations)?;
        let values = DEVIATIONS.map(|sd| (sd, [sd; 2])).into();
        spreads.push(Series { name: "truth", values });
    }
    println!("\nsee {}", draw_spreads(&spreads)?);
    Ok(())
}
