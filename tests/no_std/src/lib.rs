//! What main.c calls. A global allocator is missing, so that linking fails if anything allocates.
#![no_std]

use covprop::Error;
use covprop::operator::{Named, Sum};
use covprop::prelude::*;
use covprop::reml::{Accumulator, Fit, ReproducibleAccumulator};

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

type Batches = MixedModel<CovariancePropagation<SVector<f64, 5>, ScalarMatrix<1>>, ScalarMatrix<5>>;

const BATCHES: Batches = MixedModel::new(
    vector![1.0, 1.0, 1.0, 1.0, 1.0],
    ScalarMatrix::<1>::new(),
    ScalarMatrix::<5>::new(),
);

const WITHIN: Marginal<ScalarMatrix<5>> = Marginal::new(ScalarMatrix::<5>::new());

/// What follows from such a fit: tests, intervals, predictions, simulated data; the number of checks that failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn infer(readings: *const f64, batches: usize) -> u32 {
    // Safety: as below.
    let readings = unsafe { core::slice::from_raw_parts(readings, 5 * batches) };
    checks(readings).unwrap_or(u32::MAX)
}

fn checks(readings: &[f64]) -> Result<u32, Error> {
    let x = SVector::<f64, 5>::repeat(1.0);
    let (mut panel, mut smaller) = (Panel::new(BATCHES), Panel::new(WITHIN));
    let mut sums = ReproducibleAccumulator::<f64, 5, 1>::new();
    for batch in readings.chunks_exact(5) {
        let batch = SVector::<f64, 5>::from_column_slice(batch);
        panel.push(&x, &batch)?;
        smaller.push(&x, &batch)?;
        sums.push(&x, &batch)?;
    }
    let reproducible = Panel::from_accumulator(BATCHES, sums.to_accumulator()?).fit()?.params;
    let estimation = panel.estimation()?;
    let fit = estimation.fit()?;
    let inference = estimation.inference(&fit)?;
    let near = |a: f64, b: f64| a > b - 1e-5 && a < b + 1e-5;
    let [mean] = inference.coefficients();
    let mean = mean?;
    let adjusted = estimation.kenward_roger(&fit)?.test(&SMatrix::<f64, 1, 1>::identity())?;
    let share = inference.function(|[between, within]| between / (between + within))?;
    let interval = estimation.profile(&fit, 1)?.interval(0.95)?;
    let ratio = LikelihoodRatio::new(&fit, &smaller.fit()?)?;
    let first = SVector::<f64, 5>::from_column_slice(&readings[..5]);
    let prediction = fit.predict(&x, &first)?;
    let simulated = fit.simulation(&x)?.draw(&mut Words(1));
    let own = of_subjects(readings)?;
    Ok(u32::from(!near(mean.degrees_of_freedom, 5.0))
        + u32::from(!survives(&panel, &fit).unwrap_or(false))
        + u32::from(!near(adjusted.denominator_degrees_of_freedom, 5.0))
        + u32::from(!near(share.value, 1764.05 / 4215.3))
        + u32::from(!near(reproducible[0], 1764.05) || !near(reproducible[1], 2451.25))
        + u32::from(interval.lower.value().is_none_or(|x| x > fit.params[1]))
        + u32::from(!near(ratio.boundary_p_value(), 0.005_81))
        + u32::from(!near(prediction.random_effects()[0], -17.606_851_3))
        + u32::from(prediction.random_effect_errors()[0] < 0.0)
        + u32::from(!simulated.sum().is_finite())
        + u32::from(own.iter().any(|x| !near(x[0], 1764.05) || !near(x[1], 5.0))))
}

/// The variance between six batches and the degrees of freedom of the mean, by subjects with models of their own: with
/// rows that are computed anew, and with rows in a workspace.
fn of_subjects(readings: &[f64]) -> Result<[[f64; 2]; 2], Error> {
    let x = SVector::<f64, 5>::repeat(1.0);
    let mut batches = [Subject::new(BATCHES, x, x); 6];
    for (batch, readings) in batches.iter_mut().zip(readings.chunks_exact(5)) {
        *batch = batch.with_response(SVector::<f64, 5>::from_column_slice(readings));
    }
    let subjects = Subjects::new(&batches[..])?;
    let mut workspace = [0.0; 24];
    let mut results = [[0.0; 2]; 2];
    let estimations = [subjects.estimation()?, subjects.estimation_in(&mut workspace)?];
    for (result, estimation) in results.iter_mut().zip(&estimations) {
        let fit = estimation.fit()?;
        let [mean] = estimation.kenward_roger(&fit)?.coefficients();
        let first = fit.predict_subject(&batches[0])?.random_effects()[0];
        *result = [fit.params[0], if first < 0.0 { mean?.degrees_of_freedom } else { 0.0 }];
    }
    Ok(results)
}

type Covariance = <Batches as Model>::Covariance;

/// Whether a panel and its fit are the same after a reset.
fn survives(
    panel: &Panel<Batches, f64, 5, 1>,
    fit: &Fit<Covariance, f64, 5, 1>,
) -> postcard::Result<bool> {
    let mut memory = [0; 2048];
    let written = postcard::to_slice(panel.accumulator(), &mut memory)?;
    let same_panel = *panel.accumulator() == postcard::from_bytes(written)?;
    let written = postcard::to_slice(fit, &mut memory)?;
    let mut reader = postcard::Deserializer::from_bytes(written);
    let restored = Fit::<_, f64, 5, 1>::deserialize(fit.model, &mut reader)?;
    let cut_short = postcard::from_bytes::<Accumulator<f64, 5, 1, 1>>(&memory[..100]);
    Ok(same_panel && restored.theta == fit.theta && restored.beta == fit.beta && cut_short.is_err())
}

/// Random words by the SplitMix64 of Steele, Lea & Flood 2014.
struct Words(u64);

impl rand_core::TryRng for Words {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(z ^ (z >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

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
