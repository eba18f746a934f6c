//! A tracker that learns its noise: position and velocity of a vehicle from noisy positions, with a gap.
//!
//! The vehicle moves with a constant velocity but for random accelerations; its position is measured once a second,
//!
//! ```text
//! position′ = position + velocity + ½ a      a ~ N(0, q),  m/s²
//! velocity′ = velocity + a
//! y         = position + e                   e ~ N(0, r),  m
//! ```
//!
//! A filter with guessed q and r is surer of its track than it should be. Both variances are fitted to the measurements by
//! the likelihood of the innovations, compared with the truth that made the measurements, and drawn.
//!
//! ```text
//! cargo run --release --example kalman_noise
//! ```

use std::error::Error;

use covprop::*;
use nalgebra::{Matrix1x2, Matrix2, Vector1, Vector2, matrix, vector};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

mod figure;

/// Seconds, with a measurement each.
const STEPS: usize = 240;
/// Seconds without one.
const GAP: std::ops::Range<usize> = 170..178;
const SEED: u64 = 2;

/// The truth: standard deviations of acceleration in m/s² and of a measurement in m.
const TRUTH: [f64; 2] = [0.2, 3.0];
/// The same, guessed.
const GUESS: [f64; 2] = [0.05, 1.5];
/// What an estimate may differ from the truth, in standard errors.
const STANDARD_ERRORS: f64 = 3.0;

/// One step of a second.
const STEP: Matrix2<f64> = matrix![1.0, 1.0; 0.0, 1.0];
/// What an acceleration of 1 m/s² makes of position and velocity in a second.
const ACCELERATION: Vector2<f64> = vector![0.5, 1.0];
const POSITION: Matrix1x2<f64> = matrix![1.0, 0.0];

type Tracker = StateSpace<
    Matrix2<f64>,
    Matrix1x2<f64>,
    Named<CovariancePropagation<Vector2<f64>, Named<ScalarMatrix<1>>>>,
    Named<ScalarMatrix<1>>,
>;

const TRACKER: Tracker = StateSpace::new(
    STEP,
    POSITION,
    named(
        "process",
        CovariancePropagation::new(ACCELERATION, named("acceleration", ScalarMatrix::new())),
    ),
    named("measurement", ScalarMatrix::new()),
);

/// A light blue.
const BAND: RGBColor = RGBColor(187, 225, 246);

/// What is known at the start: within some 100 m, and some 10 m/s.
const MEAN: Vector2<f64> = vector![0.0, 0.0];
const COVARIANCE: Matrix2<f64> = matrix![1e4, 0.0; 0.0, 1e2];

type Measurements = Vec<Option<Vector1<f64>>>;

fn main() -> Result<(), Box<dyn Error>> {
    let (states, measurements) = simulate();
    // θ is the logarithms of the standard deviations.
    let (guess, truth) = (GUESS.map(f64::ln), TRUTH.map(f64::ln));
    let estimation = TRACKER.estimation(&MEAN, &COVARIANCE, &measurements)?.start(guess);
    let fit = estimation.fit()?;
    assert_eq!(fit.outcome, Outcome::Converged);

    println!("Noise from {} measurements, in {} steps", fit.count, fit.iterations);
    println!(
        "{:34}{:>8}{:>8}{:>10}{:>11}",
        "standard deviation of", "truth", "guess", "estimate", "std.error"
    );
    let errors = fit.theta_standard_errors().map(Option::unwrap_or_default);
    for (k, (name, unit)) in TRACKER.param_names().zip(["m/s²", "m"]).enumerate() {
        let (estimate, error) = (fit.theta[k].exp(), fit.theta[k].exp() * errors[k]);
        println!(
            "{:34}{:8.3}{:8.3}{estimate:10.3}{error:11.3}",
            format!("{name}, {unit}"),
            TRUTH[k],
            GUESS[k]
        );
        let off = (fit.theta[k] - truth[k]).abs() / errors[k];
        assert!(off < STANDARD_ERRORS, "{name} is {off} standard errors from the truth");
    }

    println!("\n{:12}{:>16}{:>34}", "noise", "log-likelihood", "mean square of innovations / S");
    let track = |name: &str, theta: &[f64; 2]| -> Result<Track, covprop::Error> {
        let track = Track::new(theta, &states, &measurements)?;
        let log_likelihood = estimation.log_likelihood(theta)?;
        println!("{name:12}{log_likelihood:16.3}{:34.3}", track.mean_square());
        assert!(fit.log_likelihood >= log_likelihood, "{name} noise is more likely");
        Ok(track)
    };
    track("true", &truth)?;
    let (guessed, fitted) = (track("guessed", &guess)?, track("fitted", &fit.theta)?);
    // The mean of n squares of standard normal numbers has the variance 2/n.
    let off = (fitted.mean_square() - 1.0).abs() / (2.0 / fit.count as f64).sqrt();
    assert!(off < STANDARD_ERRORS, "innovations are off by {off} standard errors");

    println!("\nerrors and innovations: {}", draw(&guessed, &fitted)?);
    Ok(())
}

/// States and measurements, from the truth.
fn simulate() -> (Vec<Vector2<f64>>, Measurements) {
    let mut rng = StdRng::seed_from_u64(SEED);
    let mut normal = |deviation: f64| deviation * rng.sample::<f64, _>(StandardNormal);
    let [acceleration, measurement] = TRUTH;
    let mut state = vector![normal(100.0), normal(10.0)];
    let mut states = Vec::new();
    let mut measurements = Vec::new();
    for second in 0..STEPS {
        states.push(state);
        let y = POSITION * state + vector![normal(measurement)];
        measurements.push((!GAP.contains(&second)).then_some(y));
        state = STEP * state + ACCELERATION * normal(acceleration);
    }
    (states, measurements)
}

/// What a filter makes of the measurements.
struct Track {
    /// Estimated less true position in m, and the standard deviation that the filter gives it.
    errors: Vec<(f64, f64)>,
    /// Innovations by their standard deviations, at their seconds.
    innovations: Vec<(f64, f64)>,
}

impl Track {
    fn new(
        theta: &[f64; 2],
        states: &[Vector2<f64>],
        measurements: &Measurements,
    ) -> Result<Self, covprop::Error> {
        let mut filter = TRACKER.filter(theta, &MEAN, &COVARIANCE)?;
        let mut track = Self { errors: Vec::new(), innovations: Vec::new() };
        for (second, (state, y)) in states.iter().zip(measurements).enumerate() {
            if second > 0 {
                filter.predict()?;
            }
            if let Some(y) = y {
                let innovation = filter.update(y)?;
                track.innovations.push((second as f64, innovation.standardized[0]));
            }
            let error = filter.mean()[0] - state[0];
            track.errors.push((error, filter.covariance()[(0, 0)].sqrt()));
        }
        Ok(track)
    }

    fn mean_square(&self) -> f64 {
        let squares = self.innovations.iter().map(|(_, x)| x * x);
        squares.sum::<f64>() / self.innovations.len() as f64
    }
}

fn draw(guessed: &Track, fitted: &Track) -> Result<String, Box<dyn Error>> {
    figure::draw("kalman_noise", (800, 340), |area| {
        let (left, right) = area.split_horizontally(400);
        draw_errors(&left, fitted)?;
        draw_innovations(&right, guessed, fitted)
    })
}

/// The errors of a track between twice their standard deviations.
fn draw_errors(area: &figure::Area<'_>, track: &Track) -> Result<(), Box<dyn Error>> {
    let title = "Estimated less true position";
    let labels = figure::Labels { title, x: "time (s)", y: "error (m)" };
    let largest = track.errors.iter().map(|(error, sd)| error.abs().max(2.0 * sd));
    let end = 1.1 * largest.fold(0.0, f64::max);
    let mut chart = figure::axes(area, &labels, 0.0..STEPS as f64, -end..end)?;
    let at = |side: f64| {
        let points = track.errors.iter().enumerate();
        points.map(move |(second, (_, sd))| (second as f64, side * sd))
    };
    let band: Vec<_> = at(2.0).chain(at(-2.0).rev()).collect();
    chart.draw_series([Polygon::new(band, BAND.filled())])?;
    let errors = track.errors.iter().enumerate();
    let errors = errors.map(|(second, (error, _))| (second as f64, *error));
    chart.draw_series(LineSeries::new(errors, figure::BLUE.stroke_width(2)))?;
    let beside = figure::letters(figure::TICK).pos(Pos::new(HPos::Right, VPos::Center));
    let place = (GAP.start as f64, end / 2.0);
    let gap = plotters::element::Text::new("no measurements", place, beside);
    chart.draw_series([gap])?;
    legend(
        &chart,
        end,
        &[("error with fitted noise", figure::BLUE), ("± 2 standard deviations", BAND)],
    )
}

/// Innovations by their standard deviations, before and after.
fn draw_innovations(
    area: &figure::Area<'_>,
    guessed: &Track,
    fitted: &Track,
) -> Result<(), Box<dyn Error>> {
    let title = "Standardised innovations";
    let labels = figure::Labels { title, x: "time (s)", y: "innovation / its standard deviation" };
    let largest = guessed.innovations.iter().map(|(_, x)| x.abs());
    let end = 1.5 * largest.fold(0.0, f64::max);
    let mut chart = figure::axes(area, &labels, 0.0..STEPS as f64, -end..end)?;
    for bound in [-2.0, 2.0] {
        let line = [(0.0, bound), (STEPS as f64, bound)];
        chart.draw_series(LineSeries::new(line, figure::INK.stroke_width(1)))?;
    }
    for (track, colour) in [(guessed, figure::VERMILION), (fitted, figure::BLUE)] {
        let points = track.innovations.iter();
        chart.draw_series(points.map(|&point| Circle::new(point, 2, colour.filled())))?;
    }
    let names = [
        ("guessed noise", figure::VERMILION),
        ("fitted noise", figure::BLUE),
        ("± 2 standard deviations", figure::INK),
    ];
    legend(&chart, end, &names)
}

/// Names of series with their colours, one under the other from the upper left corner.
fn legend(
    chart: &figure::Chart<'_>,
    top: f64,
    names: &[(&'static str, RGBColor)],
) -> Result<(), Box<dyn Error>> {
    /// Pixels.
    const LINE: i32 = 18;
    const SIDE: i32 = 10;
    let area = chart.plotting_area();
    for (line, (name, colour)) in (0..).zip(names) {
        let y = 8 + LINE * line;
        let swatch = Rectangle::new([(8, y), (8 + SIDE, y + SIDE)], colour.filled());
        let text =
            plotters::element::Text::new(*name, (14 + SIDE, y - 2), figure::letters(figure::TICK));
        area.draw(&(EmptyElement::at((0.0, top)) + swatch + text))?;
    }
    Ok(())
}
