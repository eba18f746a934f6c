//! Whole fits, from raw data to the estimates.

use std::hint::black_box;

use covprop::prelude::*;
use covprop::reml::Fit;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, StandardNormal};

use crate::data::Design;
use crate::limits::read_bandwidth;
use crate::subjects;
use crate::timing::{Effort, median};

/// What was measured of fits; `None` where it was not asked for or has no data.
#[derive(Default)]
pub struct Fits {
    /// Nanoseconds, by the name of the data.
    pub whole: Vec<(&'static str, f64)>,
    pub per_second: Option<f64>,
    /// Subjects, nanoseconds of the fit, and its steps.
    pub panels: Vec<(usize, f64, usize)>,
    /// Bytes per second that a panel takes, and that can be read.
    pub accumulation: Option<(f64, f64)>,
    /// The time of a fit of subjects at their own times, divided by that of a panel with as many
    /// rows.
    pub subjects_by_panel: Option<f64>,
}

pub type Rows<const N: usize, const K: usize> = (SMatrix<f64, N, K>, SVector<f64, N>);

type Measure = fn(Effort) -> Option<f64>;

/// Fits so many data sets of six groups of five before they are the same again.
const DATA_SETS: usize = 1000;

pub fn all(effort: Effort, wanted: &dyn Fn(&str) -> bool) -> Fits {
    let mut fits = Fits::default();
    let whole: [(&'static str, Measure); 7] = [
        ("sleepstudy", sleepstudy),
        ("dyestuff", dyestuff),
        ("fev", fev),
        ("penicillin", penicillin),
        ("sleepstudy_own_times", subjects::sleepstudy),
        ("subjects_1000", |effort| Some(subjects::fit_simulated(effort, 1000))),
        ("subjects_10000", |effort| Some(subjects::fit_simulated(effort, 10_000))),
    ];
    for (name, measure) in whole {
        if wanted(&format!("fit {name}")) {
            eprintln!("fit {name} …");
            fits.whole.extend(measure(effort).map(|nanoseconds| (name, nanoseconds)));
        }
    }
    if wanted("fit sleepstudy_own_times") {
        fits.subjects_by_panel = subjects::by_panel(effort);
    }
    if wanted("fit small") {
        eprintln!("fits of 6 groups × 5 …");
        fits.per_second = Some(small_fits());
    }
    if wanted("fit panel") {
        eprintln!("fits of panels …");
        fits.panels = panels(effort);
    }
    if wanted("fit accumulation") {
        eprintln!("accumulation …");
        fits.accumulation = Some(accumulation());
    }
    fits
}

/// What a fit must be to count.
pub fn check<M: ParamMatrix<f64, N, N>, const N: usize, const K: usize>(
    fit: &Fit<'_, M, f64, N, K>,
) {
    assert!(fit.outcome.is_maximum(), "a fit did not end at a maximum");
}

pub fn slopes() -> impl Model<Covariance: ParamMatrix<f64, 10, 10>> + Copy {
    MixedModel::new(days(), UnconstrainedMatrix::<2>::new(), ScalarMatrix::<10>::new())
}

fn days() -> SMatrix<f64, 10, 2> {
    SMatrix::from_fn(|day, j| if j == 0 { 1.0 } else { day as f64 })
}

fn intercepts() -> impl Model<Covariance: ParamMatrix<f64, 5, 5>> + Copy {
    let ones = SVector::<f64, 5>::repeat(1.0);
    MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<5>::new())
}

/// Pushes and fits.
pub fn fit_panel<M, const N: usize, const K: usize>(model: M, subjects: &[Rows<N, K>])
where
    M: Model<Covariance: ParamMatrix<f64, N, N>>,
{
    let mut panel = Panel::new(model);
    for (x, y) in subjects {
        panel.push(x, y).expect("numbers");
    }
    let fit = panel.fit().expect("data to be estimated from");
    check(&fit);
    black_box(&fit);
}

pub fn sleep() -> Option<Vec<Rows<10, 2>>> {
    let design = Design::read("sleepstudy_ris")?;
    let (days, y) = (days(), design.column("y"));
    Some(y.as_chunks::<10>().0.iter().map(|y| (days, SVector::from(*y))).collect())
}

fn sleepstudy(effort: Effort) -> Option<f64> {
    let subjects = sleep()?;
    Some(median(effort, || fit_panel(slopes(), black_box(&subjects))))
}

fn dyestuff(effort: Effort) -> Option<f64> {
    let design = Design::read("dyestuff_ri")?;
    let ones = SVector::<f64, 5>::repeat(1.0);
    let batches = design.column("y").as_chunks::<5>().0;
    let subjects: Vec<Rows<5, 1>> = batches.iter().map(|y| (ones, SVector::from(*y))).collect();
    Some(median(effort, || fit_panel(intercepts(), black_box(&subjects))))
}

/// Patients seen at some of four visits, with a V of which nothing is known.
fn fev(effort: Effort) -> Option<f64> {
    let design = Design::read("fev_un")?;
    let (patients, visits) = (design.indices("g_USUBJID"), design.indices("visit"));
    let count = patients.iter().max().map_or(0, |last| last + 1);
    let mut subjects =
        vec![(SMatrix::<f64, 4, 3>::zeros(), SVector::<f64, 4>::zeros(), [false; 4]); count];
    for (row, (&patient, &visit)) in patients.iter().zip(&visits).enumerate() {
        let (x, y, observed) = &mut subjects[patient];
        for j in 0..3 {
            x[(visit - 1, j)] = design.column(&format!("x{j}"))[row];
        }
        y[visit - 1] = design.column("y")[row];
        observed[visit - 1] = true;
    }
    Some(median(effort, || {
        let model = Marginal::new(UnconstrainedMatrix::<4>::new());
        let mut panel = Panel::<_, f64, 4, 3, 15>::with_patterns(model);
        for (x, y, observed) in black_box(&subjects) {
            panel.push_observed(x, y, observed).expect("numbers");
        }
        let fit = panel.fit().expect("data to be estimated from");
        check(&fit);
        black_box(&fit);
    }))
}

/// Two crossed factors: one large V.
fn penicillin(effort: Effort) -> Option<f64> {
    let design = Design::read("penicillin_crossed")?;
    let plates = design.indices("g_plate").try_into().expect("144 rows");
    let samples = design.indices("g_sample").try_into().expect("144 rows");
    let (x, y) = (SVector::<f64, 144>::repeat(1.0), SVector::from_column_slice(design.column("y")));
    Some(median(effort, || {
        let plate = CovariancePropagation::new(
            DummyMatrix::<144, 24>::from_indices(black_box(plates)),
            ScalarMatrix::<24>::new(),
        );
        let sample = CovariancePropagation::new(
            DummyMatrix::<144, 6>::from_indices(black_box(samples)),
            ScalarMatrix::<6>::new(),
        );
        let model = MixedModel::from_random_terms(plate.plus(sample), ScalarMatrix::<144>::new());
        let fit = model.fit(black_box(&x), black_box(&y)).expect("data to be estimated from");
        check(&fit);
        black_box(&fit);
    }))
}

/// Fits per second of six groups of five, each of other responses: a variance between groups of 1, of which
/// some fits find nothing, and one within of 1.
fn small_fits() -> f64 {
    let mut rng = StdRng::seed_from_u64(1);
    let mut normal = || StandardNormal.sample(&mut rng);
    let ones = SVector::<f64, 5>::repeat(1.0);
    let sets: Vec<[Rows<5, 1>; 6]> = (0..DATA_SETS)
        .map(|_| {
            std::array::from_fn(|_| {
                let group: f64 = normal();
                (ones, SVector::from_fn(|_, _| 10.0 + group + normal()))
            })
        })
        .collect();
    let effort = Effort { turns: 7, nanoseconds: 1.0 };
    let nanoseconds = median(effort, || {
        for subjects in &sets {
            fit_panel(intercepts(), black_box(subjects));
        }
    });
    DATA_SETS as f64 * 1e9 / nanoseconds
}

/// The same ten subjects again and again, so that the search has the same way to go whatever their number.
fn panels(effort: Effort) -> Vec<(usize, f64, usize)> {
    let Some(subjects) = sleep() else { return Vec::new() };
    let measure = |repeats: usize| {
        let mut panel = Panel::new(slopes());
        for (x, y) in (0..repeats).flat_map(|_| &subjects[..10]) {
            panel.push(x, y).expect("numbers");
        }
        let fit = panel.fit().expect("data to be estimated from");
        check(&fit);
        let nanoseconds = median(effort, || {
            black_box(black_box(&panel).fit().expect("data to be estimated from"));
        });
        (panel.subjects(), nanoseconds, fit.iterations)
    };
    [1, 100, 10_000].map(measure).to_vec()
}

/// Bytes of X and y per second, more of them than caches hold.
fn accumulation() -> (f64, f64) {
    const SUBJECTS: usize = 200_000;
    let mut rng = StdRng::seed_from_u64(2);
    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
    let subjects: Vec<Rows<10, 2>> =
        (0..SUBJECTS).map(|_| (days(), SVector::from_fn(|_, _| normal()))).collect();
    let bytes = size_of_val(&*subjects);
    let effort = Effort { turns: 9, nanoseconds: 1.0 };
    let nanoseconds = median(effort, || {
        let mut panel = Panel::new(slopes());
        for (x, y) in black_box(&subjects) {
            panel.push(x, y).expect("numbers");
        }
        black_box(&panel);
    });
    let numbers = vec![1.0; bytes / size_of::<f64>()];
    (bytes as f64 * 1e9 / nanoseconds, read_bandwidth(&numbers, 9))
}

impl Fits {
    pub fn print(&self) {
        if !self.whole.is_empty() {
            println!("\nwhole fits, from raw data");
        }
        for (name, nanoseconds) in &self.whole {
            println!("  {name:<24}{:>12.2} µs", nanoseconds / 1e3);
        }
        if let Some(per_second) = self.per_second {
            println!("\nfits of 6 groups × 5: {per_second:.0} per second");
        }
        if !self.panels.is_empty() {
            println!("\nfit of a panel once accumulated");
        }
        for (subjects, nanoseconds, steps) in &self.panels {
            let (whole, step) = (nanoseconds / 1e3, nanoseconds / 1e3 / *steps as f64);
            println!("  {subjects:>7} subjects{whole:>12.2} µs, {steps} steps of {step:.2} µs");
        }
        if let Some((taken, read)) = self.accumulation {
            println!(
                "\naccumulation, 10 visits, 2 columns: {:.2} GB/s of the {:.2} GB/s that can be read",
                taken / 1e9,
                read / 1e9
            );
        }
    }
}
