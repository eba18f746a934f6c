//! Random slopes for the sleep study: restricted maximum likelihood from a CSV file.
//!
//! Reaction times of 18 subjects over ten days of short sleep (Belenky et al. 2003), with a random intercept and slope
//! for each: y = Xβ + Zu + e, X = Z = [1 day], u ~ N(0, G), e ~ N(0, σ² I). The estimates are those that lme4
//! publishes (Bates, Mächler, Bolker & Walker 2015, Journal of Statistical Software 67(1), section 5.2).
//!
//! ```text
//! cargo run --release --example sleepstudy [FILE]
//! ```
//!
//! The file has a header and the columns reaction, day (0 to 9) and subject; a subject's rows stand together.

use std::error::Error;
use std::path::{Path, PathBuf};

use covprop::*;
use nalgebra::{SMatrix, SVector};

/// Days 0 to 9.
const N: usize = 10;
/// An intercept and a slope, fixed and random.
const K: usize = 2;
/// Different sets of days on which subjects were seen; the shipped data have one.
const PATTERNS: usize = 8;

/// The fit of lme4: variances of intercept and slope, their covariance, the residual variance, the fixed effects, the
/// log-likelihood.
const PUBLISHED: [f64; 7] = [612.0899, 9.6043, 35.0717, 654.9410, 251.4051, 10.4673, -871.8141];

/// Reaction times by day of the subject whose rows were read last.
struct Subject {
    id: String,
    times: [Option<f64>; N],
}

fn main() -> Result<(), Box<dyn Error>> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/sleepstudy.csv");
    let given = std::env::args_os().nth(1).map(PathBuf::from);
    let path = given.clone().unwrap_or(shipped);

    let x = SMatrix::<f64, N, K>::from_fn(|day, j| if j == 0 { 1.0 } else { day as f64 });
    let model = MixedModel::new(
        x,
        named("subject", UnconstrainedMatrix::<K>::new()),
        named("residual", ScalarMatrix::<N>::new()),
    );
    let mut panel = Panel::<_, f64, N, K, PATTERNS>::with_patterns(model);
    for_each_subject(&path, |subject| {
        let y = SVector::from(subject.times.map(Option::unwrap_or_default));
        let observed = subject.times.map(|time| time.is_some());
        panel.push_observed(&x, &y, &observed).map_err(|e| format!("subject {}: {e}", subject.id))
    })
    .map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{} observations of {} subjects", panel.observations(), panel.subjects());

    println!("step  log-likelihood   distance");
    let estimation = panel.estimation()?;
    let fit = estimation.fit_with(|at| {
        println!("{:4}{:16.6}{:11.1e}", at.iteration, at.log_likelihood, at.score_norm);
    })?;
    println!("\n{}", fit.table(["(Intercept)", "Days"]));

    if given.is_none() {
        let [intercept, covariance, slope, residual] = fit.params;
        let [b0, b1] = fit.beta.into();
        let found = [intercept, covariance, slope, residual, b0, b1, fit.log_likelihood];
        for (found, published) in found.into_iter().zip(PUBLISHED) {
            // Four decimals, as they are printed.
            assert!((found - published).abs() < 6e-5, "{found} is not {published}");
        }
        println!("\nas published: {PUBLISHED:?}");
    }
    Ok(())
}

/// Calls `f` with each subject of the file.
fn for_each_subject(
    path: &Path,
    mut f: impl FnMut(&Subject) -> Result<(), String>,
) -> Result<(), Box<dyn Error>> {
    let mut current: Option<Subject> = None;
    for record in csv::Reader::from_path(path)?.into_records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = parse(&record).map_err(|error| format!("line {line}: {error}"))?;
        let (time, day, id) = row;
        let subject = match &mut current {
            Some(subject) if subject.id == id => subject,
            _ => {
                if let Some(subject) = current.take() {
                    f(&subject)?;
                }
                current.insert(Subject { id, times: [None; N] })
            }
        };
        if subject.times[day].replace(time).is_some() {
            return Err(format!("line {line}: a second time for day {day}").into());
        }
    }
    Ok(current.iter().try_for_each(f)?)
}

/// A reaction time, a day and a subject.
fn parse(record: &csv::StringRecord) -> Result<(f64, usize, String), String> {
    let [time, day, id] = [0, 1, 2].map(|i| record.get(i).unwrap_or_default().trim());
    let time: f64 = time.parse().map_err(|_| format!("`{time}` is not a reaction time"))?;
    let day: usize = day.parse().map_err(|_| format!("`{day}` is not a day"))?;
    if !time.is_finite() {
        return Err(format!("`{time}` is not a reaction time"));
    }
    if day >= N {
        return Err(format!("day {day} is not below {N}"));
    }
    if id.is_empty() {
        return Err("no subject".into());
    }
    Ok((time, day, id.into()))
}
