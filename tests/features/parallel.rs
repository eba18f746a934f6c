//! Many subjects and series on all cores give what one core gives, with the options, the designs and
//! the gaps of each series.

use approx::assert_relative_eq;
use covprop::Error;
use covprop::prelude::*;
use covprop::reml::Series;
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

/// Visits of a series with a design of its own.
const N: usize = 8;

/// A series whose design and errors depend on its number.
fn own(number: usize) -> (SMatrix<f64, N, 2>, SVector<f64, N>) {
    let event = 2 + number % 5;
    let x = SMatrix::from_fn(|i, j| if j == 0 || i >= event { 1.0 } else { 0.0 });
    let y = SVector::from_fn(|i, _| {
        let at = (number * N + i) as f64;
        3.0 + (1.7 * at).sin() + 2.0 * (0.3 * at * at).cos()
    });
    (x, y)
}

fn ar1() -> Marginal<Ar1Matrix<N>> {
    Marginal::new(Ar1Matrix::new())
}

/// A gap after the first third, and one at an end of the series.
fn gaps(number: usize) -> [bool; N] {
    let last = if number.is_multiple_of(2) { 0 } else { N - 1 };
    std::array::from_fn(|i| i != last && i != 3)
}

#[test]
fn options_are_those_of_a_serial_loop() {
    let model = ar1();
    let (start, steps) = ([0.3, -0.2], 4);
    let data: Vec<_> = (0..100).map(own).collect();
    let series: Vec<_> = data.iter().map(|&(x, y)| Series::new(x, y)).collect();
    for criterion in [Criterion::Reml, Criterion::Ml] {
        let options = model.series_fits().with_criterion(criterion);
        let plain: Vec<_> = options.clone().par_fit(&series).collect();
        let set = options.with_start(start).with_max_iterations(steps);
        let all: Vec<_> = set.par_fit(series.clone()).collect();
        let mut limited = 0;
        for (((x, y), plain), set) in data.iter().zip(plain).zip(all) {
            let estimation = model.estimation(x, y).unwrap().with_criterion(criterion);
            assert_eq!(plain, estimation.fit());
            let estimation = estimation.with_start(start).with_max_iterations(steps);
            assert_eq!(set, estimation.fit());
            limited += usize::from(set.unwrap().outcome == Outcome::MaxIterations);
        }
        assert!(limited > 10, "{limited}");
    }
}

#[test]
fn each_series_may_have_a_start() {
    let model = ar1();
    let options = model.series_fits().with_criterion(Criterion::Ml);
    let again = |number: usize| {
        let (x, y) = own(number);
        let first = options.fit(&Series::new(x, y)).unwrap();
        let fit = options.clone().with_start(first.theta).fit(&Series::new(x, y)).unwrap();
        (first.outcome.is_maximum(), fit.iterations)
    };
    let steps: Vec<_> = (0..100).into_par_iter().map(again).collect();
    assert!(steps.iter().filter(|(is_maximum, _)| *is_maximum).count() > 90);
    assert!(steps.iter().all(|&(is_maximum, steps)| !is_maximum || steps <= 1), "{steps:?}");
}

#[test]
fn gaps_are_those_of_a_panel_of_one_subject() {
    let model = ar1();
    let series = (0..200).into_par_iter().map(|number| {
        let (x, y) = own(number);
        Series::new(x, y).with_observed(gaps(number))
    });
    let fits = model.series_fits().with_criterion(Criterion::Ml).par_fit(series);
    for (number, fit) in fits.collect::<Vec<_>>().into_iter().enumerate() {
        let (x, y) = own(number);
        let mut panel = Panel::<_, f64, N, 2, 1>::with_patterns(model);
        panel.push_observed(&x, &y, &gaps(number)).unwrap();
        let estimation = panel.estimation().unwrap().with_criterion(Criterion::Ml);
        assert_eq!(fit, estimation.fit());
    }
}

/// With missing observations at an end only, the observed rows are a shorter series.
#[test]
fn gaps_at_an_end_are_a_shorter_series() {
    const R: usize = N - 2;
    /// A limit at infinity is extrapolated to about nine digits.
    const HEIGHT: f64 = 1e-8;
    /// A search ends about 1e-9 standard errors from the maximum.
    const PLACE: f64 = 1e-7;
    let (whole, shorter) = (ar1(), Marginal::new(Ar1Matrix::<R>::new()));
    for criterion in [Criterion::Reml, Criterion::Ml] {
        for number in 0..100 {
            let (x, mut y) = own(number);
            let first = if number % 2 == 0 { 0 } else { 2 };
            let observed = std::array::from_fn(|i| (first..first + R).contains(&i));
            let (of_x, of_y) = (x.fixed_rows::<R>(first), y.fixed_rows::<R>(first));
            let short = Series::new(of_x.into_owned(), of_y.into_owned());
            for i in (0..N).filter(|&i| !observed[i]) {
                y[i] = f64::NAN;
            }
            let gap = Series::new(x, y).with_observed(observed);
            let gap = whole.series_fits().with_criterion(criterion).fit(&gap);
            let short = shorter.series_fits().with_criterion(criterion).fit(&short);
            let (gap, short) = match (gap, short) {
                (Ok(gap), Ok(short)) => (gap, short),
                (gap, short) => {
                    assert_eq!(gap.err(), short.err());
                    continue;
                }
            };
            assert_eq!(gap.observations, R);
            let (a, b) = (gap.log_likelihood, short.log_likelihood);
            assert_relative_eq!(a, b, epsilon = 0.0, max_relative = HEIGHT);
            if gap.outcome == Outcome::Converged {
                for (a, b) in gap.params.iter().zip(&short.params) {
                    assert_relative_eq!(a, b, epsilon = PLACE, max_relative = PLACE);
                }
                assert_relative_eq!(gap.beta, short.beta, epsilon = PLACE, max_relative = PLACE);
            }
        }
    }
}

#[test]
fn failed_series_are_values() {
    let model = ar1();
    let (x, y) = own(0);
    let mut not_finite = y;
    not_finite[6] = f64::NAN;
    let two = std::array::from_fn(|i| i == 2 || i == 5);
    let series = [
        Series::new(x, y),
        Series::new(x, not_finite),
        Series::new(x, SVector::repeat(7.0)),
        Series::new(x, y).with_observed(two),
        Series::new(x, y).with_observed([false; N]),
        // The second column is 1 in the observed rows.
        Series::new(x, y).with_observed(std::array::from_fn(|i| i >= 2)),
        Series::new(SMatrix::from_fn(|i, _| x[(i, 0)]), y).with_observed(gaps(0)),
        Series::new(x, y),
    ];
    let fits: Vec<_> = model.series_fits().par_fit(&series).collect();
    let too_few = |observations| Error::NoDegreesOfFreedom { observations, columns: 2 };
    let errors = [
        Error::ResponseNotFinite { row: 6 },
        Error::ExactFit,
        too_few(2),
        too_few(0),
        Error::DependentColumn { column: 1 },
        Error::DependentColumn { column: 1 },
    ];
    assert!(fits.iter().zip(&series).all(|(fit, one)| *fit == model.series_fits().fit(one)));
    let found: Vec<_> = fits[1..7].iter().map(|fit| fit.as_ref().err().copied()).collect();
    assert_eq!(found, errors.map(Some));
    assert!(fits[0].as_ref().unwrap().outcome.is_maximum());
    assert_eq!(fits[0], fits[7]);

    let stopped = model.series_fits().with_max_iterations(0).fit(&series[0]).unwrap();
    assert_eq!((stopped.outcome, stopped.iterations), (Outcome::MaxIterations, 0));
    let wrong: Vec<_> = model.series_fits().with_start([0.0, f64::NAN]).par_fit(&series).collect();
    assert!(matches!(wrong[7], Err(Error::StartWithoutLikelihood { index: 1, .. })), "{wrong:?}");
}
