//! What main.c calls. A global allocator is missing, so that linking fails if anything allocates.
#![no_std]

use covprop::nalgebra::{SMatrix, SVector};
use covprop::*;

const MODEL: Sum<
    CovariancePropagation<DummyMatrix<4, 3>, Named<UnconstrainedMatrix<3>>>,
    ScalarMatrix<4>,
> = Sum::new(
    CovariancePropagation::new(
        DummyMatrix::from_indices([0, 1, 2, 0]),
        named("g", UnconstrainedMatrix::new()),
    ),
    ScalarMatrix::new(),
);

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unsafe extern "C" {
        safe fn abort() -> !;
    }
    abort()
}

/// Evaluates the model by every method; the sum of all results, which depends on each.
#[unsafe(no_mangle)]
pub extern "C" fn evaluate(scale: f64) -> f64 {
    let theta = [0.0, 0.5, 0.1, -0.2, 0.3, 0.0, 0.4].map(|x| x * scale);
    let mut value = SMatrix::zeros();
    let mut gradient = [SMatrix::zeros(); 7];
    MODEL.value_into(&theta, &mut value);
    MODEL.gradient_into(&theta, &mut gradient);
    let scores = MODEL.pullback(&theta, &value);
    let products = MODEL.gradient_mul(&theta, &SVector::repeat(1.0));
    gradient.iter().map(SMatrix::sum).sum::<f64>()
        + MODEL.value(&theta).sum()
        + scores.iter().sum::<f64>()
        + products.iter().map(SMatrix::sum).sum::<f64>()
}

/// Labels, names and errors; the number of checks that failed.
#[unsafe(no_mangle)]
pub extern "C" fn check() -> u32 {
    let z = DummyMatrix::<4, 3>::from_labels(&["a", "b", "c", "a"]);
    let theta = MODEL.theta_by_name(&[("op_0/g/sigma^2_0_0", 1.0_f32)]);
    u32::from(z != DummyMatrix::try_from_indices([0, 1, 2, 0]))
        + u32::from(!matches!(theta, Err(Error::MissingParameter { .. })))
        + u32::from(MODEL.param_names().last().is_none_or(|name| name != "op_1/sigma^2"))
}

const BATCHES: MixedModel<
    CovariancePropagation<SVector<f64, 5>, ScalarMatrix<1>>,
    ScalarMatrix<5>,
> = MixedModel::new(
    SVector::<f64, 5>::new(1.0, 1.0, 1.0, 1.0, 1.0),
    ScalarMatrix::<1>::new(),
    ScalarMatrix::<5>::new(),
);

/// Fits batches of five, given one after the other, by REML; the variance between them, or a negative number where there
/// is no fit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn variance_between(readings: *const f64, batches: usize) -> f64 {
    // Safety: main.c passes 5 × `batches` readings.
    let readings = unsafe { core::slice::from_raw_parts(readings, 5 * batches) };
    let x = SVector::<f64, 5>::repeat(1.0);
    let mut panel = Panel::new(BATCHES);
    for batch in readings.chunks_exact(5) {
        if panel.push(&x, &SVector::<f64, 5>::from_column_slice(batch)).is_err() {
            return -1.0;
        }
    }
    match panel.fit() {
        Ok(fit) if fit.outcome == Outcome::Converged => fit.params[0],
        _ => -2.0,
    }
}

/// A random walk in single precision.
const LEVEL: StateSpace<SMatrix<f32, 1, 1>, SMatrix<f32, 1, 1>, ScalarMatrix<1>, ScalarMatrix<1>> =
    StateSpace::new(
        SMatrix::<f32, 1, 1>::new(1.0),
        SMatrix::<f32, 1, 1>::new(1.0),
        ScalarMatrix::<1>::new(),
        ScalarMatrix::<1>::new(),
    );

/// One observation of the level and one step, with derivatives: the score by the measurement's noise; NaN where there is none.
#[unsafe(no_mangle)]
pub extern "C" fn score_of_noise(reading: f32) -> f32 {
    let (mean, covariance) = (SVector::<f32, 1>::new(0.0), SMatrix::<f32, 1, 1>::new(3.0));
    let score = || {
        let mut filter = LEVEL.sensitivity_filter(&[0.0, 0.0], &mean, &covariance)?;
        filter.update(&SVector::<f32, 1>::new(reading))?;
        filter.predict()?;
        Ok::<f32, Error>(filter.score()[1])
    };
    score().unwrap_or(f32::NAN)
}
