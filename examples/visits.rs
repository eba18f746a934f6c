//! A trial with a schedule of visits, some of them missed: how do two arms differ at each visit?
//!
//! A mean for each arm at each visit, and a covariance of a subject's responses for which five structures compete by
//! AIC. With that of the best, the arms are compared by Satterthwaite's degrees of freedom and those of Kenward & Roger.
//! The shipped data are simulated, so that the truth is known.
//!
//! ```text
//! cargo run --release --example visits [FILE]
//! ```
//!
//! The file has a header and the columns subject, arm (control or treatment), visit (1 to 4) and response; a missed visit
//! has no row. A subject's rows stand together.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use covprop::*;
use nalgebra::{SMatrix, SVector};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

mod figure;

/// Visits.
const N: usize = 4;
const ARMS: [&str; 2] = ["control", "treatment"];
/// A mean for each arm and visit: those of the first arm, then those of the second.
const K: usize = ARMS.len() * N;
/// Different sets of visits at which a subject may have been seen: all there are.
const PATTERNS: usize = (1 << N) - 1;
const LEVEL: f64 = 0.95;

/// The truth of the shipped data at each visit: how the arms differ, and the standard deviation of responses.
const TRUE_DIFFERENCES: [f64; N] = [0.0, 2.0, 4.0, 6.0];
const TRUE_DEVIATIONS: [f64; N] = [3.0, 4.0, 5.0, 7.0];
/// What an estimate may differ from the truth, in standard errors.
const STANDARD_ERRORS: f64 = 3.0;

/// The FEV data of the R package mmrm, FEV1 ~ arm + sex with an unstructured covariance, as the listing of SAS PROC MIXED
/// that comes with the package has them: −2 log-likelihood, and Satterthwaite's degrees of freedom as printed.
const FEV_DEVIANCE: f64 = 3_666.966_982_81;
const FEV_DEGREES: [f64; 3] = [156.0, 161.0, 161.0];
/// What SAS, which stops earlier, is above the minimum.
const FEV_TOLERANCE: f64 = 1e-5;

/// A subject and its responses by visit.
struct Subject {
    id: String,
    arm: usize,
    responses: [Option<f64>; N],
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped = root.join("examples/data/visits.csv");
    let given = std::env::args_os().nth(1).map(PathBuf::from);
    let path = given.as_ref().unwrap_or(&shipped);
    let subjects = read(path).map_err(|error| format!("{}: {error}", path.display()))?;

    let analyses = [
        Analysis::of("unstructured", UnconstrainedMatrix::<N>::new(), &subjects)?,
        Analysis::of("heterogeneous AR(1)", HeterogeneousAr1Matrix::<N>::new(), &subjects)?,
        Analysis::of(
            "heterogeneous CS",
            HeterogeneousCompoundSymmetricMatrix::<N>::new(),
            &subjects,
        )?,
        Analysis::of("Toeplitz", ToeplitzMatrix::<N>::new(), &subjects)?,
        Analysis::of("AR(1)", Ar1Matrix::<N>::new(), &subjects)?,
    ];
    println!("{:20}parameters  log-likelihood     AIC    AICc     BIC", "covariance");
    for a in &analyses {
        println!(
            "{:20}{:10}{:16.3}{:8.2}{:8.2}{:8.2}",
            a.name, a.parameters, a.log_likelihood, a.aic, a.aicc, a.bic
        );
    }
    let simplest = &analyses[analyses.len() - 1];
    let best = analyses.iter().min_by(|a, b| a.aic.total_cmp(&b.aic)).ok_or("no structure")?;
    let by_bic = analyses.iter().min_by(|a, b| a.bic.total_cmp(&b.bic)).ok_or("no structure")?;
    println!("\nThe lowest AIC is that of {}, the lowest BIC that of {}.", best.name, by_bic.name);
    println!("From here on with {}:\n", best.name);
    for (visit, found) in best.deviations.iter().enumerate() {
        let Estimate { value, standard_error } = found;
        println!("visit {}: standard deviation {value:.3} ± {standard_error:.3}", visit + 1);
    }

    println!("\ntreatment − control, by Satterthwaite and by Kenward & Roger, and 95 % intervals");
    for (visit, both) in best.differences.iter().enumerate() {
        for found in both {
            let [low, high] = found.interval(LEVEL);
            let found = found.to_string();
            println!("visit {}: {found:52}{low:7.3} to {high:6.3}", visit + 1);
        }
    }
    let [satterthwaite, kenward_roger] = best.interaction;
    println!("\narm × visit: {satterthwaite} (Satterthwaite)");
    println!("             {kenward_roger} (Kenward & Roger)\n");

    if given.is_none() {
        check(&analyses, best);
        check_fev(&root.join("../shared/oracle/design/fev_un.csv"))?;
    }
    println!("means and standard deviations: {}", draw(best, simplest, given.is_none())?);
    Ok(())
}

/// Asserts that the truth, an unstructured covariance, is found, and what it says within the standard errors.
fn check(analyses: &[Analysis], best: &Analysis) {
    let unstructured = &analyses[0];
    assert_eq!(best.name, unstructured.name);
    for nested in &analyses[1..] {
        assert!(nested.log_likelihood < unstructured.log_likelihood, "{}", nested.name);
    }
    for (found, truth) in best.deviations.iter().zip(TRUE_DEVIATIONS) {
        let off = (found.value - truth).abs() / found.standard_error;
        assert!(off < STANDARD_ERRORS, "{found:?} is {off} standard errors from {truth}");
    }
    for (both, truth) in best.differences.iter().zip(TRUE_DIFFERENCES) {
        for found in both {
            let off = (found.estimate - truth).abs() / found.standard_error;
            assert!(off < STANDARD_ERRORS, "{found} is {off} standard errors from {truth}");
        }
    }
}

/// Asserts what SAS found in the FEV data, where these are.
fn check_fev(path: &Path) -> Result<(), Box<dyn Error>> {
    if !path.exists() {
        println!("FEV: skipped, its data are not part of this repository\n");
        return Ok(());
    }
    let mut rows: BTreeMap<u32, Vec<(usize, f64, [f64; 3])>> = BTreeMap::new();
    for record in csv::Reader::from_path(path)?.into_deserialize() {
        let (y, x, subject, visit): (f64, [f64; 3], u32, usize) = record?;
        rows.entry(subject).or_default().push((visit - 1, y, x));
    }
    let model = Marginal::new(UnconstrainedMatrix::<N>::new());
    let mut panel = Panel::<_, f64, N, 3, PATTERNS>::with_patterns(model);
    for rows in rows.values() {
        let mut x = SMatrix::<f64, N, 3>::zeros();
        let (mut y, mut observed) = (SVector::zeros(), [false; N]);
        for &(visit, response, row) in rows {
            x.set_row(visit, &row.into());
            (y[visit], observed[visit]) = (response, true);
        }
        panel.push_observed(&x, &y, &observed)?;
    }
    let estimation = panel.estimation()?;
    let fit = estimation.fit()?;
    let deviance = fit.deviance();
    assert!((deviance - FEV_DEVIANCE).abs() < FEV_TOLERANCE, "{deviance} is not {FEV_DEVIANCE}");
    let coefficients = estimation.inference(&fit)?.coefficients();
    let degrees = coefficients.map(|found| found.map_or(f64::NAN, |found| found.degrees));
    assert_eq!(degrees.map(f64::round), FEV_DEGREES);
    println!("FEV: −2 log-likelihood {deviance:.6}, ν = {degrees:.2?}, as SAS has them\n");
    Ok(())
}

/// What is found with one structure of the covariance.
struct Analysis {
    name: &'static str,
    parameters: usize,
    log_likelihood: f64,
    aic: f64,
    aicc: f64,
    bic: f64,
    /// Standard deviations of the responses at each visit.
    deviations: Vec<Estimate<f64>>,
    /// By Kenward & Roger.
    means: Vec<Contrast<f64>>,
    /// How the arms differ at each visit, by Satterthwaite and by Kenward & Roger.
    differences: Vec<[Contrast<f64>; 2]>,
    /// Whether that is the same at all visits.
    interaction: [FTest<f64>; 2],
}

impl Analysis {
    fn of<V: ParamMatrix<f64, N, N>>(
        name: &'static str,
        covariance: V,
        subjects: &[Subject],
    ) -> Result<Self, Box<dyn Error>> {
        let mut panel = Panel::<_, f64, N, K, PATTERNS>::with_patterns(Marginal::new(covariance));
        for subject in subjects {
            let x = SMatrix::from_fn(|i, j| f64::from(j == subject.arm * N + i));
            let y = SVector::from(subject.responses.map(Option::unwrap_or_default));
            let observed = subject.responses.map(|response| response.is_some());
            panel.push_observed(&x, &y, &observed)?;
        }
        let estimation = panel.estimation()?;
        let fit = estimation.fit()?;
        if !fit.outcome.is_maximum() {
            return Err(format!("{name}: {:?}", fit.outcome).into());
        }
        let satterthwaite = estimation.inference(&fit)?;
        let kenward_roger = estimation.kenward_roger(&fit)?;
        // The mean of the second arm at visit i less that of the first.
        let difference = |i: usize| {
            let mut l = SVector::<f64, K>::zeros();
            (l[N + i], l[i]) = (1.0, -1.0);
            l
        };
        let differences = (0..N).map(|i| {
            let l = difference(i);
            Ok([satterthwaite.contrast(&l)?, kenward_roger.contrast(&l)?])
        });
        let later =
            SMatrix::<f64, { N - 1 }, K>::from_fn(|i, j| difference(i + 1)[j] - difference(0)[j]);
        let deviations = (0..N).map(|i| {
            satterthwaite.function_of_theta(|theta| fit.model.value(theta)[(i, i)].sqrt())
        });
        let means = kenward_roger.coefficients().into_iter();
        Ok(Self {
            name,
            parameters: fit.params.as_ref().len(),
            log_likelihood: fit.log_likelihood,
            aic: fit.aic(),
            aicc: fit.aicc(),
            bic: fit.bic(),
            deviations: deviations.collect::<Result<_, _>>()?,
            means: means.collect::<Result<_, _>>()?,
            differences: differences.collect::<Result<_, covprop::Error>>()?,
            interaction: [satterthwaite.test(&later)?, kenward_roger.test(&later)?],
        })
    }
}

/// The subjects of a file.
fn read(path: &Path) -> Result<Vec<Subject>, Box<dyn Error>> {
    let mut subjects: Vec<Subject> = Vec::new();
    for record in csv::Reader::from_path(path)?.into_records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        take(&mut subjects, &record).map_err(|error| format!("line {line}: {error}"))?;
    }
    Ok(subjects)
}

/// Adds a response to the last subject, or to a new one.
fn take(subjects: &mut Vec<Subject>, record: &csv::StringRecord) -> Result<(), String> {
    let [id, arm, visit, response] = [0, 1, 2, 3].map(|i| record.get(i).unwrap_or_default().trim());
    let number: Option<f64> = response.parse().ok().filter(|x: &f64| x.is_finite());
    let number = number.ok_or_else(|| format!("`{response}` is not a response"))?;
    let index = visit.parse().ok().filter(|visit| (1..=N).contains(visit));
    let index = index.ok_or_else(|| format!("`{visit}` is not a visit from 1 to {N}"))? - 1;
    let known = ARMS.iter().position(|known| *known == arm);
    let arm = known.ok_or_else(|| format!("`{arm}` is not an arm of {ARMS:?}"))?;
    if subjects.last().is_none_or(|subject| subject.id != id) {
        if subjects.iter().any(|subject| subject.id == id) {
            return Err(format!("the rows of subject {id} do not stand together"));
        }
        subjects.push(Subject { id: id.into(), arm, responses: [None; N] });
    }
    let subject = subjects.last_mut().ok_or("no subject")?;
    if subject.arm != arm {
        return Err(format!("subject {id} is in both arms"));
    }
    match subject.responses[index].replace(number) {
        Some(_) => Err(format!("a second response at visit {visit}")),
        None => Ok(()),
    }
}

/// The means of the arms, and the standard deviations of the best structure and of the last, with their intervals.
fn draw(best: &Analysis, last: &Analysis, with_truth: bool) -> Result<String, Box<dyn Error>> {
    let means: Vec<_> =
        best.means.iter().map(|mean| (mean.estimate, mean.interval(LEVEL))).collect();
    let low = means.iter().map(|(_, [low, _])| *low).fold(f64::INFINITY, f64::min);
    let high = means.iter().map(|(_, [_, high])| *high).fold(f64::NEG_INFINITY, f64::max);
    let [of_best, of_last] = [best, last].map(|a| {
        a.deviations.iter().map(|found| (found.value, found.interval(LEVEL))).collect::<Vec<_>>()
    });
    let top = of_best.iter().chain(&of_last).map(|(_, [_, high])| *high).fold(0.0, f64::max);
    let visits = 0.5..N as f64 + 0.5;
    figure::draw("visits", (800, 380), |area| {
        let (left, right) = area.split_horizontally(400);
        let title = "Mean response, with 95 % intervals";
        let labels = figure::Labels { title, x: "visit", y: "response" };
        // With room for what the colours mean.
        let y = low - 0.1 * (high - low)..high + 0.2 * (high - low);
        let mut chart = figure::axes(&left, &labels, visits.clone(), y)?;
        let (control, treatment) = means.split_at(N);
        line(&mut chart, figure::BLUE, -0.06, control)?;
        line(&mut chart, figure::VERMILION, 0.06, treatment)?;
        key(&left, 0, figure::BLUE, ARMS[0])?;
        key(&left, 1, figure::VERMILION, ARMS[1])?;

        let title = "Spread, with 95 % intervals";
        let labels = figure::Labels { title, x: "visit", y: "standard deviation of responses" };
        let mut chart = figure::axes(&right, &labels, visits, 0.0..1.3 * top)?;
        line(&mut chart, figure::GREEN, -0.1, &of_best)?;
        line(&mut chart, figure::ORANGE, 0.1, &of_last)?;
        key(&right, 0, figure::GREEN, best.name)?;
        key(&right, 1, figure::ORANGE, last.name)?;
        if with_truth {
            line(&mut chart, figure::INK, 0.0, &TRUE_DEVIATIONS.map(|x| (x, [x; 2])))?;
            key(&right, 2, figure::INK, "truth")?;
        }
        Ok(())
    })
}

/// Values by visit, with intervals, so far to the right of their visit.
fn line(
    chart: &mut figure::Chart<'_>,
    colour: RGBColor,
    shift: f64,
    values: &[(f64, [f64; 2])],
) -> Result<(), Box<dyn Error>> {
    /// Half of the ends of an interval.
    const END: f64 = 0.05;
    let style = colour.stroke_width(2);
    let x = |i: usize| i as f64 + 1.0 + shift;
    let points = values.iter().enumerate().map(|(i, (y, _))| (x(i), *y));
    chart.draw_series(LineSeries::new(points.clone(), style))?;
    chart.draw_series(points.map(|point| Circle::new(point, 4, colour.filled())))?;
    for (i, (_, [low, high])) in values.iter().enumerate().filter(|(_, (_, [l, h]))| l < h) {
        let line = |from, to| PathElement::new([from, to], style);
        chart.draw_series([
            line((x(i), *low), (x(i), *high)),
            line((x(i) - END, *low), (x(i) + END, *low)),
            line((x(i) - END, *high), (x(i) + END, *high)),
        ])?;
    }
    Ok(())
}

/// What a colour means, in the upper left corner of axes, below others.
fn key(
    area: &figure::Area<'_>,
    place: i32,
    colour: RGBColor,
    name: &str,
) -> Result<(), Box<dyn Error>> {
    let y = 50 + 18 * place;
    area.draw(&PathElement::new([(82, y), (102, y)], colour.stroke_width(3)))?;
    let style = figure::letters(figure::TICK).pos(Pos::new(HPos::Left, VPos::Center));
    Ok(area.draw_text(name, &style, (108, y))?)
}
