//! Growth curves: a line for each child, about a line for girls and one for boys.
//!
//! The distance from the pituitary to the pterygomaxillary fissure, in mm, of 11 girls and 16 boys at ages 8, 10, 12 and
//! 14 (Potthoff & Roy 1964, Biometrika 51, 313–326): distance ~ age × sex with a random intercept, and with a random
//! slope as well. The estimates are those of lme4 and nlme, the degrees of freedom those of lmerTest. The picture shows how
//! much the data say of each standard deviation: the profile likelihoods with their 95 % intervals, of which that of
//! the slopes ends at zero.
//!
//! ```text
//! cargo run --release --example growth_curve [FILE]
//! ```
//!
//! The file has a header and the columns distance, age (8, 10, 12 or 14), subject and sex (Female or Male); a subject's
//! rows stand together.

mod figure;

use std::error::Error;
use std::path::{Path, PathBuf};

use covprop::*;
use figure::{Area, BLUE, INK, Labels, TICK, VERMILION, axes, draw, letters};
use nalgebra::{SMatrix, SVector};
use plotters::prelude::{Color, LineSeries};
use plotters::style::text_anchor::{HPos, Pos, VPos};

const AGES: [f64; N] = [8.0, 10.0, 12.0, 14.0];
const N: usize = 4;
/// Where the lines of the children have their intercepts.
const MIDDLE: f64 = 11.0;
/// Intercept and slope of boys, and how those of girls differ.
const NAMES: [&str; K] = ["(Intercept)", "age", "girl", "age:girl"];
const K: usize = 4;
/// Different sets of ages at which children may have been seen: all there are.
const PATTERNS: usize = 1 << N;

/// With a random intercept: its variance, the residual one, the fixed effects, the log-likelihood.
const INTERCEPT: [f64; 7] =
    [3.298_634, 1.922_055, 16.340_625, 0.784_375, 1.032_102, -0.304_830, -216.878_625];
/// Satterthwaite's degrees of freedom of the fixed effects there.
const DEGREES: [f64; K] = [103.986_361, 79.0, 103.986_361, 79.0];
/// With a slope as well: standard deviations of intercept and slope, the residual one, the log-likelihood.
const SLOPE: [f64; 4] = [1.830_327, 0.180_345, 1.310_040, -216.2908];
/// Half of the last digit that all of these have, and a little.
const INTERCEPT_TOLERANCE: f64 = 6e-7;
const DEGREES_TOLERANCE: f64 = 6e-7;
const SLOPE_TOLERANCE: f64 = 6e-5;

/// A child and its distances by age.
struct Child {
    id: String,
    girl: bool,
    distances: [Option<f64>; N],
}

fn main() -> Result<(), Box<dyn Error>> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/orthodont.csv");
    let given = std::env::args_os().nth(1).map(PathBuf::from);
    let path = given.as_ref().unwrap_or(&shipped);
    let children = read(path).map_err(|error| format!("{}: {error}", path.display()))?;

    let line = SMatrix::<f64, N, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { AGES[i] - MIDDLE });
    let intercepts = MixedModel::new(
        SVector::<f64, N>::repeat(1.0),
        named("child", ScalarMatrix::<1>::new()),
        named("residual", ScalarMatrix::<N>::new()),
    );
    let lines = MixedModel::new(
        line,
        named("child", HeterogeneousCompoundSymmetricMatrix::<2>::new()),
        named("residual", ScalarMatrix::<N>::new()),
    );

    let by_intercepts = in_panel(intercepts, &children)?;
    let estimation = by_intercepts.estimation()?;
    let intercept = estimation.fit()?;
    // With Satterthwaite's degrees of freedom.
    let coefficients = estimation.inference(&intercept)?.coefficients();
    println!("A random intercept\n\n{}", intercept.table(NAMES).with_tests(coefficients));

    let by_lines = in_panel(lines, &children)?;
    let with_slopes = by_lines.estimation()?;
    let slope = with_slopes.fit()?;
    println!("\nA random intercept, at age {MIDDLE}, and slope\n\n{}", slope.table(NAMES));

    if given.is_none() {
        let [between, within] = intercept.params;
        let [b0, b1, b2, b3] = intercept.beta.into();
        let found = [between, within, b0, b1, b2, b3, intercept.log_likelihood];
        assert_close(found, INTERCEPT, INTERCEPT_TOLERANCE);
        let degrees = coefficients.map(|found| found.map_or(f64::NAN, |found| found.degrees));
        assert_close(degrees, DEGREES, DEGREES_TOLERANCE);
        let [of_intercept, of_slope, _, residual] = slope.params;
        let found = [of_intercept, of_slope, residual.sqrt(), slope.log_likelihood];
        assert_close(found, SLOPE, SLOPE_TOLERANCE);
        assert!(intercept.aic() < slope.aic());
        println!("\nas of lme4, nlme and lmerTest; by AIC, children differ in intercepts alone");
    }

    let curves = [
        Curve::new("between children", "mm", |sd| sd * sd, &estimation.profile(&intercept, 0)?)?,
        Curve::new("residual", "mm", |sd| sd * sd, &estimation.profile(&intercept, 1)?)?,
        Curve::new("slopes", "mm/year", |sd| sd, &with_slopes.profile(&slope, 1)?)?,
    ];
    println!("\n95 % intervals of standard deviations, from profile likelihoods");
    for curve in &curves {
        println!("{:22}{:8.4} to {:.4}", curve.title, curve.ends[0], curve.ends[1]);
    }
    if given.is_none() {
        // Children need not differ in their slopes.
        assert!(curves[2].ends[0] == 0.0 && curves[0].ends[0] > 0.0);
    }
    let path = draw("growth_curve", (900, 330), |area| {
        for (part, curve) in area.split_evenly((1, curves.len())).iter().zip(&curves) {
            curve.draw(part)?;
        }
        Ok(())
    })?;
    println!("see {path}");
    Ok(())
}

/// The profile likelihood of a standard deviation.
struct Curve {
    title: &'static str,
    unit: &'static str,
    /// Twice the logarithm of the likelihood less its maximum.
    points: Vec<(f64, f64)>,
    ends: [f64; 2],
}

impl Curve {
    const LEVEL: f64 = 0.95;
    /// The lowest twice log-likelihood that is drawn.
    const LOWEST: f64 = -6.0;

    /// `to_param` takes a standard deviation to the parameter.
    fn new<M, D>(
        title: &'static str,
        unit: &'static str,
        to_param: fn(f64) -> f64,
        profile: &Profile<'_, '_, M, D, f64, N, K>,
    ) -> Result<Self, Box<dyn Error>>
    where
        M: ParamMatrix<f64, N, N>,
        D: Sample<f64, N, K>,
    {
        const POINTS: i32 = 30;
        let interval = profile.interval(Self::LEVEL)?;
        let ends = [interval.lower, interval.upper].map(|bound| bound.value());
        let [Some(low), Some(high)] = ends else { return Err(format!("{title}: open").into()) };
        // All are increasing, so that an interval of the one is one of the other.
        let to_sd = |param: f64| if to_param(2.0) == 4.0 { param.sqrt() } else { param };
        let ends = [to_sd(low), to_sd(high)];
        let width = ends[1] - ends[0];
        let from = (ends[0] - 0.15 * width).max(0.0);
        let at = |i: i32| from + (ends[1] + 0.15 * width - from) * f64::from(i) / f64::from(POINTS);
        let mut points = Vec::new();
        for sd in (0..=POINTS).map(at) {
            points.push((sd, -profile.drop(to_param(sd))?));
        }
        Ok(Self { title, unit, points, ends })
    }

    fn draw(&self, area: &Area<'_>) -> Result<(), Box<dyn Error>> {
        let (first, last) = (self.points[0].0, self.points[self.points.len() - 1].0);
        let labels = Labels {
            title: self.title,
            x: &format!("standard deviation ({})", self.unit),
            y: "2 log(L / L max)",
        };
        let mut chart = axes(area, &labels, first..last, Self::LOWEST..0.5)?;
        let limit = -distribution::chi_squared_quantile(Self::LEVEL, 1.0);
        chart.draw_series(LineSeries::new([(first, limit), (last, limit)], INK))?;
        let middle = self.ends[0].midpoint(self.ends[1]);
        let above = letters(TICK).pos(Pos::new(HPos::Center, VPos::Bottom));
        let level = plotters::element::Text::new("95 % interval", (middle, limit + 0.1), above);
        chart.draw_series([level])?;
        for end in self.ends {
            chart.draw_series(LineSeries::new(
                [(end, Self::LOWEST), (end, limit)],
                VERMILION.stroke_width(2),
            ))?;
        }
        let inside = self.points.iter().copied().filter(|point| point.1 >= Self::LOWEST);
        chart.draw_series(LineSeries::new(inside, BLUE.stroke_width(2)))?;
        Ok(())
    }
}

fn assert_close<const C: usize>(found: [f64; C], published: [f64; C], tolerance: f64) {
    for (found, published) in found.into_iter().zip(published) {
        assert!((found - published).abs() < tolerance, "{found} is not {published}");
    }
}

/// The children in a panel.
fn in_panel<M>(model: M, children: &[Child]) -> Result<Panel<M, f64, N, K, PATTERNS>, String>
where
    M: Model<Covariance: ParamMatrix<f64, N, N>>,
{
    let mut panel = Panel::with_patterns(model);
    for child in children {
        let girl = f64::from(child.girl);
        let x = SMatrix::from_fn(|i, j| [1.0, AGES[i], girl, girl * AGES[i]][j]);
        let y = SVector::from(child.distances.map(Option::unwrap_or_default));
        let observed = child.distances.map(|distance| distance.is_some());
        panel.push_observed(&x, &y, &observed).map_err(|e| format!("subject {}: {e}", child.id))?;
    }
    Ok(panel)
}

/// The children of a file.
fn read(path: &Path) -> Result<Vec<Child>, Box<dyn Error>> {
    let mut children: Vec<Child> = Vec::new();
    for record in csv::Reader::from_path(path)?.into_records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        take(&mut children, &record).map_err(|error| format!("line {line}: {error}"))?;
    }
    Ok(children)
}

/// Adds a distance to the last child, or to a new one.
fn take(children: &mut Vec<Child>, record: &csv::StringRecord) -> Result<(), String> {
    let [distance, age, id, sex] = [0, 1, 2, 3].map(|i| record.get(i).unwrap_or_default().trim());
    let number: Option<f64> = distance.parse().ok().filter(|x: &f64| x.is_finite());
    let number = number.ok_or_else(|| format!("`{distance}` is not a distance"))?;
    let visit = AGES.iter().position(|known| age.parse() == Ok(*known));
    let visit = visit.ok_or_else(|| format!("`{age}` is not an age of {AGES:?}"))?;
    let girl = match sex {
        "Female" => true,
        "Male" => false,
        _ => return Err(format!("`{sex}` is neither Female nor Male")),
    };
    if id.is_empty() {
        return Err("no subject".into());
    }
    if children.last().is_none_or(|child| child.id != id) {
        if children.iter().any(|child| child.id == id) {
            return Err(format!("the rows of subject {id} do not stand together"));
        }
        children.push(Child { id: id.into(), girl, distances: [None; N] });
    }
    let child = children.last_mut().ok_or("no subject")?;
    if child.girl != girl {
        return Err(format!("subject {id} is both Female and Male"));
    }
    match child.distances[visit].replace(number) {
        Some(_) => Err(format!("a second distance at age {age}")),
        None => Ok(()),
    }
}
