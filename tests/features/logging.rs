//! Errors and reports as `defmt` frames, read back from a logger that keeps them.

use std::cell::RefCell;

use covprop::Error;
use covprop::inference::Information;
use covprop::prelude::*;
use defmt::Format;

#[defmt::global_logger]
struct Logger;

thread_local! {
    static FRAME: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

// Safety: each thread has a frame of its own.
unsafe impl defmt::Logger for Logger {
    fn acquire() {}

    unsafe fn flush() {}

    unsafe fn release() {}

    unsafe fn write(bytes: &[u8]) {
        FRAME.with_borrow_mut(|frame| frame.extend(bytes));
    }
}

// The frames' header needs one.
defmt::timestamp!("{=u8}", 0);

/// What is logged of a value; formats are in it as the addresses of their interned strings.
fn frame(value: &impl Format) -> Vec<u8> {
    FRAME.take();
    defmt::println!("{}", value);
    FRAME.take()
}

fn assert_logged(value: &impl Format, parts: &[&[u8]]) {
    let frame = frame(value);
    for part in parts {
        assert!(frame.windows(part.len()).any(|bytes| bytes == *part), "{part:?} in {frame:?}");
    }
}

fn assert_numbers(value: &impl Format, numbers: &[f64]) {
    let bytes: Vec<_> = numbers.iter().map(|x| x.to_le_bytes()).collect();
    assert_logged(value, &bytes.iter().map(<[u8; 8]>::as_slice).collect::<Vec<_>>());
}

#[test]
fn errors_have_their_names_and_places() {
    let error = ScalarMatrix::<2>::new().theta_by_name(&[("tau", 1.0)]).unwrap_err();
    assert_logged(&error, &[b"tau"]);
    assert_logged(&Error::NotFinite { row: 0x0102, col: 0x0304 }, &[&[2, 1], &[4, 3]]);
    assert_ne!(frame(&Error::ExactFit), frame(&Error::NotNested));
}

#[test]
fn reports_have_their_numbers() -> Result<(), Error> {
    let batch = DummyMatrix::<6, 2>::from_indices([0, 0, 0, 1, 1, 1]);
    let model = MixedModel::new(batch, ScalarMatrix::<2>::new(), ScalarMatrix::<6>::new());
    let (x, y) = (SVector::<f64, 6>::repeat(1.0), vector![1.0, 2.0, 3.0, 5.0, 6.0, 7.0]);
    let estimation = model.estimation(&x, &y)?;
    let fit = estimation.fit_with(|progress| {
        assert_numbers(progress, progress.theta);
        assert_numbers(progress, &[progress.log_likelihood, progress.score_norm]);
    })?;
    assert_numbers(&fit, &fit.params);
    assert_numbers(&fit, &[fit.theta[0], fit.theta[1], fit.beta[0], fit.log_likelihood]);

    let inference = estimation.inference(&fit)?;
    let [mean] = inference.coefficients();
    let mean = mean?;
    assert_numbers(&mean, &[mean.estimate, mean.standard_error, mean.degrees_of_freedom]);
    let share = inference.function(|[between, within]| between / (between + within))?;
    assert_numbers(&share, &[share.value, share.standard_error]);
    let test = inference.test(&SMatrix::<f64, 1, 1>::identity())?;
    assert_numbers(&test, &[test.statistic, test.denominator_degrees_of_freedom, test.scale]);
    let interval = estimation.profile(&fit, 1)?.interval(0.95)?;
    assert_numbers(&interval, &[0.95, interval.lower.value().unwrap()]);
    let smaller = Marginal::new(ScalarMatrix::<6>::new());
    let ratio = LikelihoodRatio::new(&fit, &smaller.fit(&x, &y)?)?;
    assert_numbers(&ratio, &[ratio.statistic]);
    Ok(())
}

#[test]
fn outcomes_differ() {
    type Of = Outcome<DiagonalMatrix<2>, f64>;

    let outcomes = [
        Of::Converged,
        Of::Boundary([None, Some(Edge::Lower)]),
        Of::Boundary([None, Some(Edge::Upper)]),
        Of::NotIdentified([1.0, -0.5]),
        Of::MaxIterations,
        Of::Stalled,
    ];
    for (i, a) in outcomes.iter().enumerate() {
        assert!(outcomes.iter().skip(i + 1).all(|b| frame(a) != frame(b)));
    }
    assert_numbers(&outcomes[3], &[1.0, -0.5]);
    assert_ne!(frame(&Criterion::Ml), frame(&Criterion::Reml));
    assert_ne!(frame(&Information::Observed), frame(&Information::Expected));
}

#[test]
fn filters_have_their_innovations() -> Result<(), Error> {
    let (zero, one) = (matrix![0.0], matrix![1.0]);
    let model = StateSpace::new(one, one, zero, ScalarMatrix::<1>::new());
    let innovation = model.filter(&[0.0], &vector![0.0], &zero)?.update(&vector![3.0])?;
    assert_numbers(&innovation, &[innovation.value[0], innovation.log_density]);
    let readings = [Some(vector![1.0]), Some(vector![-2.0]), None, Some(vector![3.0])];
    let fit = EstimateNoise::fit(&model, &vector![0.0], &zero, &readings)?;
    assert_numbers(&fit, &[fit.theta[0], fit.params[0], fit.log_likelihood]);
    Ok(())
}
