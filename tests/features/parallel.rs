//! Many subjects and series on all cores give what one core gives.

use approx::assert_relative_eq;
use covprop::Error;
use covprop::prelude::*;
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

type Subject = (SMatrix<f64, 3, 2>, SVector<f64, 3>);

fn subjects(count: usize) -> Vec<Subject> {
    let of = |i: usize| {
        let x = SMatrix::from_fn(|row, j| if j == 0 { 1.0 } else { row as f64 });
        let own = (1.7 * i as f64).sin();
        (
            x,
            SVector::from_fn(|row, _| {
                5.0 + own + 0.3 * row as f64 + (2.9 * (3 * i + row) as f64).cos()
            }),
        )
    };
    (0..count).map(of).collect()
}

fn panel() -> Panel<Marginal<CompoundSymmetricMatrix<3>>, f64, 3, 2> {
    Panel::new(Marginal::new(CompoundSymmetricMatrix::new()))
}

#[test]
fn bits_do_not_depend_on_the_number_of_cores() {
    let subjects = subjects(20_000);
    let on = |threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut panel = panel();
        pool.install(|| panel.par_extend(&subjects)).unwrap();
        *panel.accumulator()
    };
    assert_eq!(on(1), on(2));
    assert_eq!(on(1), on(3));
}

#[test]
fn the_fit_is_that_of_one_subject_after_the_other() {
    let subjects = subjects(10_000);
    let (mut one, mut all) = (panel(), panel());
    // What is there already stays.
    let (first, rest) = subjects.split_at(7);
    for panel in [&mut one, &mut all] {
        panel.extend(first.iter().copied()).unwrap();
    }
    one.extend(rest.iter().copied()).unwrap();
    all.par_extend(rest).unwrap();
    assert_eq!((one.subjects(), all.subjects()), (10_000, 10_000));
    let (one, all) = (one.fit().unwrap(), all.fit().unwrap());
    assert_relative_eq!(
        one.log_likelihood,
        all.log_likelihood,
        epsilon = 0.0,
        max_relative = 1e-13
    );
    for (one, all) in one.params.iter().zip(&all.params) {
        assert_relative_eq!(one, all, epsilon = 0.0, max_relative = 1e-9);
    }
}

#[test]
fn the_first_error_is_the_one_that_is_told_and_nothing_is_taken() {
    let mut wrong = subjects(9000);
    wrong[8500].1[0] = f64::INFINITY;
    wrong[4200].1[2] = f64::NAN;
    let mut panel = panel();
    panel.par_extend(&wrong[..100]).unwrap();
    let before = *panel.accumulator();
    assert_eq!(panel.par_extend(&wrong), Err(Error::ResponseNotFinite { row: 2 }));
    assert_eq!(*panel.accumulator(), before);
}

#[test]
fn series_are_fitted_in_their_order() {
    let model = Marginal::new(ScalarMatrix::<3>::new());
    let series: Vec<_> = (1..500).map(|i| vector![0.0, f64::from(i), 0.5]).collect();
    let ones = SVector::repeat(1.0);
    let all: Vec<_> = model.par_fit(&ones, &series).map(|fit| fit.unwrap().params).collect();
    let one: Vec<_> = series.iter().map(|y| model.fit(&ones, y).unwrap().params).collect();
    assert_eq!(all, one);
}
