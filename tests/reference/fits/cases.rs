//! The models whose subjects share a V, as panels.

use covprop::prelude::*;

use super::{Case, SAME, Scale, both, check, check_subjects, with_large_stack};

/// A random intercept for each subject.
macro_rules! random_intercept {
    ($test:ident, $id:literal, $group:literal, $n:literal, $k:literal) => {
        #[test]
        fn $test() {
            with_large_stack(|| {
                let Some(case) = Case::read($id) else { return };
                let ones = SVector::<f64, $n>::repeat(1.0);
                let model = MixedModel::new(
                    ones,
                    named("G", ScalarMatrix::<1>::new()),
                    named("R", ScalarMatrix::<$n>::new()),
                );
                let places = case.places($group);
                let subjects = case.subjects($group, |row| places[row]);
                let panel = case.panel::<_, $n, $k, 1>(model, &subjects);
                both!(&case, panel.estimation().unwrap(), SAME, |fit| check_subjects(
                    &case, &fit, &subjects
                ));
            });
        }
    };
}

random_intercept!(dyestuff, "dyestuff_ri", "Batch", 5, 1);
random_intercept!(dyestuff2, "dyestuff2_ri", "Batch", 5, 1);
random_intercept!(sleepstudy_intercept, "sleepstudy_ri", "Subject", 10, 2);
random_intercept!(orthodont_intercept, "orthodont_ri", "Subject", 4, 4);
random_intercept!(cake, "cake_splitplot", "wp", 6, 18);
random_intercept!(john_alpha, "john_alpha_block", "rb", 4, 26);

#[test]
fn sleepstudy_slopes() {
    let case = Case::read("sleepstudy_ris").unwrap();
    let z = SMatrix::<f64, 10, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { i as f64 });
    let model = MixedModel::new(
        z,
        named("G", UnconstrainedMatrix::<2>::new()),
        named("R", ScalarMatrix::<10>::new()),
    );
    let subjects = case.subjects("Subject", |row| case.index("z_Days", row));
    let panel = case.panel::<_, 10, 2, 1>(model, &subjects);
    both!(&case, panel.estimation().unwrap(), SAME, |fit| check_subjects(&case, &fit, &subjects));
}

#[test]
fn orthodont_known_weights() {
    let case = Case::read("orthodont_known_weights").unwrap();
    let z = SMatrix::<f64, 4, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { 8.0 + 2.0 * i as f64 });
    let weights = [0.8, 1.0, 1.2, 1.4].map(|v| 1.0 / v);
    let model = MixedModel::new(
        z,
        named("G", UnconstrainedMatrix::<2>::new()),
        named("R", WeightedMatrix::new(weights)),
    );
    let places = case.places("Subject");
    let subjects = case.subjects("Subject", |row| places[row]);
    let panel = case.panel::<_, 4, 4, 1>(model, &subjects);
    both!(&case, panel.estimation().unwrap(), SAME, |fit| check_subjects(&case, &fit, &subjects));
}

#[test]
fn orthodont_unstructured() {
    let case = Case::read("orthodont_un").unwrap();
    let model = Marginal::new(UnconstrainedMatrix::<4>::new());
    let subjects = case.subjects("Subject", |row| case.index("visit", row) - 1);
    let panel = case.panel::<_, 4, 4, 1>(model, &subjects);
    both!(&case, panel.estimation().unwrap(), SAME, |_fit| ());
}

#[test]
fn fev_unstructured() {
    let Some(case) = Case::read("fev_un") else { return };
    let model = Marginal::new(UnconstrainedMatrix::<4>::new());
    let subjects = case.subjects("USUBJID", |row| case.index("visit", row) - 1);
    let panel = case.panel::<_, 4, 3, 15>(model, &subjects);
    both!(&case, panel.estimation().unwrap(), SAME, |_fit| ());
}

#[test]
fn fev_heterogeneous_autoregression() {
    let Some(case) = Case::read("fev_arh1") else { return };
    let model = Marginal::new(HeterogeneousAr1Matrix::<4>::new());
    let subjects = case.subjects("USUBJID", |row| case.index("visit", row) - 1);
    let panel = case.panel::<_, 4, 1, 15>(model, &subjects);
    // Variances there, standard deviations here.
    let scale = Scale {
        to: |k, x| if k < 4 { x * x } else { x },
        from: |k, x| if k < 4 { x.sqrt() } else { x },
        derivative: |k, x| if k < 4 { 2.0 * x } else { 1.0 },
    };
    both!(&case, panel.estimation().unwrap(), scale, |_fit| ());
}

#[test]
fn ovary() {
    with_large_stack(|| {
        let case = Case::read("ovary_ri_ar1").unwrap();
        let model = MixedModel::new(
            SVector::<f64, 31>::repeat(1.0),
            named("G", ScalarMatrix::<1>::new()),
            named("R", Ar1Matrix::<31>::new()),
        );
        let subjects = case.subjects("Mare", |row| case.index("idx", row) - 1);
        let panel = case.panel::<_, 31, 3, 5>(model, &subjects);
        both!(&case, panel.estimation().unwrap(), SAME, |fit| check_subjects(
            &case, &fit, &subjects
        ));
    });
}

/// The distinct ages.
const N: usize = 16;

/// The boys were not measured at quite the same ages: a visit for each age that occurs.
#[test]
fn oxboys() {
    with_large_stack(|| {
        let case = Case::read("oxboys_quadratic").unwrap();
        let mut ages = case.column("z_age").to_vec();
        ages.sort_by(f64::total_cmp);
        ages.dedup();
        assert_eq!(ages.len(), N);
        let z = SMatrix::<f64, N, 3>::from_fn(|i, j| [1.0, ages[i], ages[i] * ages[i]][j]);
        let model = MixedModel::new(
            z,
            named("G", UnconstrainedMatrix::<3>::new()),
            named("R", ScalarMatrix::<N>::new()),
        );
        let visit =
            |row: usize| ages.iter().position(|&age| age == case.column("z_age")[row]).unwrap();
        let subjects = case.subjects("Subject", visit);
        let panel = case.panel::<_, N, 3, 9>(model, &subjects);
        both!(&case, panel.estimation().unwrap(), SAME, |fit| check_subjects(
            &case, &fit, &subjects
        ));
    });
}

/// A variance between workers and one between the machines of a worker.
#[test]
fn machines() {
    let case = Case::read("machines_nested").unwrap();
    let worker = CovariancePropagation::new(
        SVector::<f64, 9>::repeat(1.0),
        named("G", ScalarMatrix::<1>::new()),
    );
    let machine = CovariancePropagation::new(
        DummyMatrix::<9, 3>::from_indices([0, 0, 0, 1, 1, 1, 2, 2, 2]),
        named("G", ScalarMatrix::<3>::new()),
    );
    let model = MixedModel::from_random_terms(
        named("worker", worker).plus(named("machine", machine)),
        named("R", ScalarMatrix::<9>::new()),
    );
    // Three replicates on each of three machines.
    let mut counts = std::collections::BTreeMap::new();
    let cells: Vec<usize> = case.indices("g_wm");
    let visits: Vec<usize> = cells
        .iter()
        .enumerate()
        .map(|(row, &cell)| {
            let count = counts.entry(cell).or_insert(0);
            *count += 1;
            3 * machine_of(&case, row) + *count - 1
        })
        .collect();
    let subjects = case.subjects("Worker", |row| visits[row]);
    let panel = case.panel::<_, 9, 3, 1>(model, &subjects);
    both!(&case, panel.estimation().unwrap(), SAME, |fit| {
        let exact = super::exact(&case, fit.criterion);
        let (mut workers, mut cells) = (Vec::new(), vec![0.0; 18]);
        for rows in &subjects {
            let (x, y, _) = case.subject(rows);
            let (worker, machines) = fit.predict(&x, &y).unwrap().random_effects();
            workers.push(worker[0]);
            for &(row, visit) in rows {
                cells[case.indices("g_wm")[row]] = machines[visit / 3];
            }
        }
        let expected = |i: usize| -> Vec<f64> {
            let values = exact["blups"][i]["values"].as_array().unwrap();
            values.iter().flat_map(super::numbers).collect()
        };
        super::assert_close("workers", &workers, &expected(0), super::ESTIMATE);
        super::assert_close("machines", &cells, &expected(1), super::ESTIMATE);
    });
}

/// The machine of a row, by its two contrasts.
fn machine_of(case: &Case, row: usize) -> usize {
    match (case.column("x1")[row] != 0.0, case.column("x2")[row] != 0.0) {
        (true, _) => 1,
        (_, true) => 2,
        _ => 0,
    }
}

/// Both sides of a dog on the days that occur.
#[test]
fn pixel() {
    with_large_stack(|| {
        const DAYS: [f64; 9] = [0.0, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 14.0, 21.0];
        let case = Case::read("pixel_multilevel").unwrap();
        let day = |i: usize| DAYS[i % 9];
        let dog = CovariancePropagation::new(
            SMatrix::<f64, 18, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { day(i) }),
            named("G", UnconstrainedMatrix::<2>::new()),
        );
        let mut sides = [0; 18];
        sides[9..].fill(1);
        let side = CovariancePropagation::new(
            DummyMatrix::<18, 2>::from_indices(sides),
            named("G", ScalarMatrix::<2>::new()),
        );
        let model = MixedModel::from_random_terms(
            named("dog", dog).plus(named("side", side)),
            named("R", ScalarMatrix::<18>::new()),
        );
        let visit = |row: usize| {
            let place = DAYS.iter().position(|&day| day == case.column("z_day")[row]).unwrap();
            place + if case.column("g_ds")[row] >= 10.0 { 9 } else { 0 }
        };
        let subjects = case.subjects("Dog", visit);
        let panel = case.panel::<_, 18, 3, 6>(model, &subjects);
        both!(&case, panel.estimation().unwrap(), SAME, |fit| {
            let exact = super::exact(&case, fit.criterion);
            let mut fitted = vec![0.0; 102];
            for rows in &subjects {
                let (x, y, observed) = case.subject(rows);
                let prediction = fit.predict_observed(&x, &y, &observed).unwrap();
                for &(row, visit) in rows {
                    fitted[row] = prediction.fitted()[visit];
                }
            }
            let expected = super::numbers(&exact["fitted"]);
            super::assert_close("pixel fitted", &fitted, &expected, super::ESTIMATE);
        });
    });
}
