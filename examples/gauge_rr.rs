//! A gauge study: how much of the variance of measurements is that of the parts, and how much the gauge and those who use
//! it add.
//!
//! Three operators measured the thickness of ten gaskets, each of them twice. Parts, operators and the interaction of the
//! two are random, and so is what differs when an operator measures a part again (repeatability):
//!
//! ```text
//! yᵢⱼₖ = μ + pᵢ + oⱼ + (po)ᵢⱼ + eᵢⱼₖ
//! ```
//!
//! In a balanced study like this the estimates are those of the analysis of variance as long as these are positive, and
//! that is computed here as well. Two of them are published.
//!
//! ```text
//! cargo run --release --example gauge_rr [FILE]
//! ```
//!
//! The file has a header and the columns part, operator and thickness, in mm; each of ten parts twice by each of three
//! operators, in any order.

use std::error::Error;
use std::path::{Path, PathBuf};

use covprop::*;
use nalgebra::SVector;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

mod figure;

const PARTS: usize = 10;
const OPERATORS: usize = 3;
/// Of the same part by the same operator.
const TRIALS: usize = 2;
const CELLS: usize = PARTS * OPERATORS;
const N: usize = CELLS * TRIALS;

/// Hundredths of a millimetre in a millimetre: variances are in (0.01 mm)².
const UNITS: f64 = 100.0;
const NAMES: [&str; 4] = ["part", "operator", "part × operator", "repeatability"];

/// 5.15 standard deviations of repeatability (EV) and of operators (AV) in mm, as the variance components report of this
/// study has them in the SAS/QC documentation (The GAGE Application, "Variance Components Method").
const PUBLISHED: [f64; 2] = [0.1851, 0.1555];
const PUBLISHED_FACTOR: f64 = 5.15;
/// Half of their last digit.
const PUBLISHED_TOLERANCE: f64 = 5e-5;
/// Relative, of the analysis of variance.
const TOLERANCE: f64 = 1e-9;

const LEVEL: f64 = 0.95;

/// A part of the variance, of those of parts, operators, both together, and repeatability.
type Share = fn(&[f64; 4]) -> f64;

/// What a study reports, as shares of the whole.
const SHARES: [(&str, Share); 6] = [
    ("part to part", |[part, ..]| *part),
    ("gauge R&R", |[_, operator, both, error]| operator + both + error),
    ("reproducibility", |[_, operator, both, _]| operator + both),
    ("operator", |[_, operator, ..]| *operator),
    ("part × operator", |[_, _, both, _]| *both),
    ("repeatability", |[.., error]| *error),
];

fn main() -> Result<(), Box<dyn Error>> {
    // Matrices of 60 × 60 stand on the stack, several at a time.
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    let run = thread.spawn(|| run().map_err(|error| error.to_string()))?;
    Ok(run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?)
}

fn run() -> Result<(), Box<dyn Error>> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/gauge_rr.csv");
    let given = std::env::args_os().nth(1).map(PathBuf::from);
    let path = given.as_ref().unwrap_or(&shipped);
    let study = Study::read(path).map_err(|error| format!("{}: {error}", path.display()))?;

    let part = CovariancePropagation::new(study.parts, ScalarMatrix::<PARTS>::new());
    let operator = CovariancePropagation::new(study.operators, ScalarMatrix::<OPERATORS>::new());
    let both = CovariancePropagation::new(study.cells, ScalarMatrix::<CELLS>::new());
    let random = named("part", part).plus(named("operator", operator)).plus(named("both", both));
    let model = MixedModel::of(random, named("repeatability", ScalarMatrix::<N>::new()));

    let estimation = model.estimation(&SVector::<f64, N>::repeat(1.0), &study.y)?;
    let fit = estimation.fit()?;
    println!("{}\n", fit.table(["mean"]));
    let inference = estimation.inference(&fit)?;
    let errors = inference.param_standard_errors();

    println!("variances in (0.01 mm)²  std.error  profile likelihood, 95 %");
    for (k, name) in NAMES.into_iter().enumerate() {
        let interval = estimation.profile(&fit, k)?.interval(LEVEL)?;
        let error = errors[k].map_or("none".into(), |error| format!("{error:.3}"));
        println!("{name:15}{:9.3}{error:>11}  {interval}", fit.params[k]);
    }

    println!("\nshare of the variance, %  std.error    95 %");
    let mut shares = Vec::new();
    for (name, part) in SHARES {
        let share = |params: &[f64; 4]| part(params) / params.iter().sum::<f64>();
        let Estimate { value, standard_error } = inference.function(share)?;
        // By the logarithm of the odds, so that it is between 0 and 100 %; at the ends there is none.
        let odds = inference.function(|params| (share(params) / (1.0 - share(params))).ln())?;
        let interval = odds.interval(LEVEL).map(|x| 100.0 / (1.0 + (-x).exp()));
        let interval = odds.value.is_finite().then_some(interval);
        let shown = interval.map_or("none".into(), |[a, b]| format!("{a:5.2} to {b:5.2}"));
        let (value, error) = (100.0 * value, 100.0 * standard_error);
        println!("{name:15}{value:10.2}{error:11.2}   {shown}");
        shares.push(Bar { name, value, interval });
    }
    let [part, operator, both, error] = fit.params;
    let categories = (2.0 * part / (operator + both + error)).sqrt();
    println!("\nthe gauge tells {:.0} kinds of parts from each other\n", categories.floor());

    let anova = study.analysis_of_variance();
    if given.is_none() {
        assert_eq!(fit.outcome, Outcome::Converged);
        assert_close(fit.params, anova.components);
        assert_close(errors.map(Option::unwrap_or_default), anova.standard_errors);
        for (variance, published) in [error, operator].into_iter().zip(PUBLISHED) {
            let found = PUBLISHED_FACTOR * variance.sqrt() / UNITS;
            assert!((found - published).abs() < PUBLISHED_TOLERANCE, "{found} is not {published}");
        }
        println!("as the analysis of variance has it, and as published: {PUBLISHED:?} mm");
    }
    println!("shares of the variance: {}", draw(&shares)?);
    Ok(())
}

fn assert_close(found: [f64; 4], expected: [f64; 4]) {
    for (found, expected) in found.into_iter().zip(expected) {
        assert!((found / expected - 1.0).abs() < TOLERANCE, "{found} is not {expected}");
    }
}

/// The measurements of a study and what was measured by whom.
struct Study {
    parts: DummyMatrix<N, PARTS>,
    operators: DummyMatrix<N, OPERATORS>,
    cells: DummyMatrix<N, CELLS>,
    /// In hundredths of a millimetre.
    y: SVector<f64, N>,
}

impl Study {
    fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let (mut parts, mut operators, mut thicknesses) = (Vec::new(), Vec::new(), Vec::new());
        for record in csv::Reader::from_path(path)?.into_records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let [part, operator, thickness] =
                [0, 1, 2].map(|i| record.get(i).unwrap_or_default().trim().to_string());
            let number = thickness.parse().ok().filter(|x: &f64| x.is_finite());
            let number =
                number.ok_or_else(|| format!("line {line}: `{thickness}` is not a thickness"))?;
            parts.push(part);
            operators.push(operator);
            thicknesses.push(UNITS * number);
        }
        if thicknesses.len() != N {
            return Err(format!("{} measurements, not {N}", thicknesses.len()).into());
        }
        let parts = DummyMatrix::from_labels::<&str>(&std::array::from_fn(|i| &*parts[i]))?;
        let operators = DummyMatrix::from_labels::<&str>(&std::array::from_fn(|i| &*operators[i]))?;
        let cells: DummyMatrix<N, CELLS> = parts.crossed(&operators);
        if cells.counts() != [TRIALS; CELLS] {
            return Err(format!("not each part {TRIALS} times by each operator").into());
        }
        Ok(Self { parts, operators, cells, y: SVector::from_column_slice(&thicknesses) })
    }

    /// What the mean squares say, whose expectations are sums of components.
    fn analysis_of_variance(&self) -> Anova {
        let y = self.y.add_scalar(-self.y.mean());
        let of_parts = between(&self.parts, &y);
        let of_operators = between(&self.operators, &y);
        let of_cells = between(&self.cells, &y);
        let squares = [
            of_parts,
            of_operators,
            of_cells - of_parts - of_operators,
            y.norm_squared() - of_cells,
        ];
        let degrees =
            [PARTS - 1, OPERATORS - 1, (PARTS - 1) * (OPERATORS - 1), CELLS * (TRIALS - 1)];
        let degrees = degrees.map(|degrees| degrees as f64);
        let means: [f64; 4] = std::array::from_fn(|k| squares[k] / degrees[k]);
        // A mean square has the variance 2 (its expectation)² / degrees, and they are independent.
        let variances: [f64; 4] = std::array::from_fn(|k| 2.0 * means[k].powi(2) / degrees[k]);
        // A component is the difference of two mean squares, divided by the measurements of a level.
        let component = |above: usize, below: usize, count: usize| {
            let count = count as f64;
            let error = (variances[above] + variances[below]).sqrt();
            ((means[above] - means[below]) / count, error / count)
        };
        let found = [
            component(0, 2, OPERATORS * TRIALS),
            component(1, 2, PARTS * TRIALS),
            component(2, 3, TRIALS),
            (means[3], variances[3].sqrt()),
        ];
        Anova { components: found.map(|(x, _)| x), standard_errors: found.map(|(_, x)| x) }
    }
}

/// Variance components in the order of [`NAMES`], and their standard errors.
struct Anova {
    components: [f64; 4],
    standard_errors: [f64; 4],
}

/// The sum of squares between the levels of a factor, each of which has as many measurements.
fn between<const Q: usize>(factor: &DummyMatrix<N, Q>, y: &SVector<f64, N>) -> f64 {
    factor.value(&[]).tr_mul(y).norm_squared() * Q as f64 / N as f64
}

/// A share of the variance and its interval, in %.
struct Bar {
    name: &'static str,
    value: f64,
    /// None for a share on the boundary.
    interval: Option<[f64; 2]>,
}

/// Bars of the shares, from above, with their intervals.
fn draw(bars: &[Bar]) -> Result<String, Box<dyn Error>> {
    /// Half of the height of a bar, and of the ends of its interval.
    const HALF: f64 = 0.3;
    const END: f64 = 0.12;
    /// So many bars add up to all; those below are parts of the last of them, and paler.
    const SUM: usize = 2;
    const PALE: RGBColor = RGBColor(186, 225, 246);
    figure::draw("gauge_rr", (800, 360), |area| {
        let count = bars.len() as f64;
        let title = "Where the variance of the measurements is, with 95 % intervals";
        let centred = figure::letters(figure::TITLE).pos(Pos::new(HPos::Center, VPos::Center));
        area.draw_text(title, &centred, (400, 18))?;
        let mut chart = ChartBuilder::on(area)
            .margin_top(36)
            .margin_right(24)
            .margin_bottom(10)
            .x_label_area_size(44)
            .y_label_area_size(150)
            .build_cartesian_2d(0.0..100.0, -0.5..count - 0.5)?;
        // The first bar is the uppermost; bars are at whole numbers.
        let place = |i: usize| count - 1.0 - i as f64;
        let name = |y: &f64| {
            let bar = bars.iter().enumerate().find(|(i, _)| place(*i) == *y);
            bar.map_or_else(String::new, |(_, bar)| bar.name.to_string())
        };
        chart
            .configure_mesh()
            .disable_y_mesh()
            .axis_style(figure::INK)
            .bold_line_style(figure::GRID)
            .light_line_style(TRANSPARENT)
            .x_label_style(figure::letters(figure::TICK))
            .y_label_style(figure::letters(figure::LABEL))
            .axis_desc_style(figure::letters(figure::LABEL))
            .x_desc("share of the variance, %")
            .x_label_formatter(&figure::number)
            .y_labels(bars.len())
            .y_label_formatter(&name)
            .draw()?;
        for (i, bar) in bars.iter().enumerate() {
            let y = place(i);
            let colour = if i < SUM { figure::SKY } else { PALE };
            let body = Rectangle::new([(0.0, y - HALF), (bar.value, y + HALF)], colour.filled());
            chart.draw_series([body])?;
            let Some([low, high]) = bar.interval else { continue };
            let line = |from, to| PathElement::new([from, to], figure::INK.stroke_width(2));
            chart.draw_series([
                line((low, y), (high, y)),
                line((low, y - END), (low, y + END)),
                line((high, y - END), (high, y + END)),
            ])?;
        }
        let beside = figure::letters(figure::TICK).pos(Pos::new(HPos::Left, VPos::Center));
        for (colour, meaning, y) in
            [(figure::SKY, "add up to 100 %", 240), (PALE, "parts of gauge R&R", 262)]
        {
            area.draw(&Rectangle::new([(600, y - 6), (612, y + 6)], colour.filled()))?;
            area.draw_text(meaning, &beside, (620, y))?;
        }
        Ok(())
    })
}
