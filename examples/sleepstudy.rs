//! Random slopes for the sleep study: restricted maximum likelihood from a CSV file, and the subjects in pictures.
//!
//! Reaction times of 18 subjects over ten days of short sleep (Belenky et al. 2003), with a random intercept and slope
//! for each: y = Xβ + Zu + e, X = Z = [1 day], u ~ N(0, G), e ~ N(0, σ² I). The estimates are those that lme4
//! publishes (Bates, Mächler, Bolker & Walker 2015, Journal of Statistical Software 67(1), section 5.2), the tests
//! those of lmerTest (Kuznetsova, Brockhoff & Christensen 2017, Journal of Statistical Software 82(13)).
//!
//! ```text
//! cargo run --release --example sleepstudy [FILE]
//! ```
//!
//! The file has a header and the columns reaction, day (0 to 9) and subject; a subject's rows stand together.

mod figure;

use std::error::Error;
use std::path::{Path, PathBuf};

use covprop::*;
use figure::{Area, BLUE, INK, LABEL, TICK, VERMILION, draw, letters, number};
use nalgebra::{SMatrix, SVector};
use plotters::prelude::{ChartBuilder, Circle, Color, LineSeries, PathElement};
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Days 0 to 9.
const N: usize = 10;
/// An intercept and a slope, fixed and random.
const K: usize = 2;
/// Different sets of days on which subjects were seen; the shipped data have one.
const PATTERNS: usize = 8;

/// The fit of lme4: variances of intercept and slope, their covariance, the residual variance, the fixed effects, the
/// log-likelihood.
const PUBLISHED: [f64; 7] = [612.0899, 9.6043, 35.0717, 654.9410, 251.4051, 10.4673, -871.8141];

/// The random effects of the first subject, 308, as lme4 has them.
const FIRST_SUBJECT: [f64; 2] = [2.2586, 9.1990];
/// The test of Days of lmerTest: F, its degrees of freedom, its p value.
const DAYS: [f64; 3] = [45.853, 17.0, 3.264e-6];

/// Reaction times by day.
struct Subject {
    id: String,
    times: [Option<f64>; N],
}

/// What the fit says of a subject.
struct Predicted {
    id: String,
    times: [Option<f64>; N],
    /// Intercept and slope, and their standard errors.
    effects: [Estimate<f64>; 2],
    fitted: SVector<f64, N>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/sleepstudy.csv");
    let given = std::env::args_os().nth(1).map(PathBuf::from);
    let path = given.clone().unwrap_or(shipped);

    let x = SMatrix::<f64, N, K>::from_fn(|day, j| if j == 0 { 1.0 } else { day as f64 });
    let model = MixedModel::new(
        x,
        named("subject", UnconstrainedMatrix::<K>::new()),
        named("residual", ScalarMatrix::<N>::new()),
    );
    let mut panel = Panel::<_, f64, N, K, PATTERNS>::with_patterns(model);
    let subjects = read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    for subject in &subjects {
        let (y, observed) = subject.response();
        let pushed = panel.push_observed(&x, &y, &observed);
        pushed.map_err(|error| format!("{}: subject {}: {error}", path.display(), subject.id))?;
    }
    println!("{} observations of {} subjects", panel.observations(), panel.subjects());

    println!("step  log-likelihood   distance");
    let estimation = panel.estimation()?;
    let fit = estimation.fit_with(|at| {
        println!("{:4}{:16.6}{:11.1e}", at.iteration, at.log_likelihood, at.score_norm);
    })?;
    let inference = estimation.inference(&fit)?;
    let table = fit.table(["(Intercept)", "Days"]);
    println!("\n{}", table.with_tests(inference.coefficients()));
    let days = inference.test(&SMatrix::<f64, 1, K>::new(0.0, 1.0))?;
    println!("\nDays: {days}");

    let predicted = subjects.into_iter().map(|subject| {
        let (y, observed) = subject.response();
        let prediction = fit.predict_observed(&x, &y, &observed)?;
        let (values, errors) = (prediction.random_effects(), prediction.random_effect_errors());
        let effect = |j: usize| Estimate { value: values[j], standard_error: errors[j] };
        let Subject { id, times } = subject;
        Ok(Predicted { id, times, effects: [effect(0), effect(1)], fitted: prediction.fitted() })
    });
    let predicted: Vec<Predicted> = predicted.collect::<Result<_, covprop::Error>>()?;

    if given.is_none() {
        let [intercept, covariance, slope, residual] = fit.params;
        let [b0, b1] = fit.beta.into();
        let found = [intercept, covariance, slope, residual, b0, b1, fit.log_likelihood];
        for (found, published) in found.into_iter().zip(PUBLISHED) {
            // Four decimals, as they are printed.
            assert!((found - published).abs() < 6e-5, "{found} is not {published}");
        }
        for (found, published) in predicted[0].effects.iter().zip(FIRST_SUBJECT) {
            assert!((found.value - published).abs() < 6e-5, "{found:?} is not {published}");
        }
        for (found, published) in
            [days.statistic, days.denominator, days.p_value()].into_iter().zip(DAYS)
        {
            // Four digits and more.
            assert!((found / published - 1.0).abs() < 2e-4, "{found} is not {published}");
        }
        println!("\nas published: {PUBLISHED:?}");
    }
    println!(
        "\nsee {} and {}",
        draw_effects(&predicted)?,
        draw_lines(&predicted, &(x * fit.beta))?
    );
    Ok(())
}

/// The caterpillars: random effects with their 95 % intervals, by intercept.
fn draw_effects(subjects: &[Predicted]) -> Result<String, Box<dyn Error>> {
    let mut order: Vec<&Predicted> = subjects.iter().collect();
    order.sort_by(|a, b| a.effects[0].value.total_cmp(&b.effects[0].value));
    let interval = |subject: &Predicted, j: usize| subject.effects[j].interval(0.95);
    let names = ["difference in intercept (ms)", "difference in slope (ms/day)"];
    let height = 110 + 18 * u32::try_from(order.len())?;
    draw("sleepstudy_effects", (800, height), |area| {
        let (above, below) = area.split_vertically(28);
        let title = "How subjects differ from the common line, with 95 % intervals";
        let centred = letters(figure::TITLE).pos(Pos::new(HPos::Center, VPos::Center));
        above.draw_text(title, &centred, (400, 18))?;
        for (j, (part, name)) in below.split_evenly((1, names.len())).iter().zip(names).enumerate()
        {
            let ends = order.iter().flat_map(|subject| interval(subject, j));
            let largest = ends.fold(0.0_f64, |m, x| m.max(x.abs())) * 1.05;
            let mut chart = ChartBuilder::on(part)
                .margin(12)
                .x_label_area_size(44)
                .y_label_area_size(64)
                .build_cartesian_2d(-largest..largest, -1.0..order.len() as f64)?;
            let mut mesh = chart.configure_mesh();
            mesh.axis_style(INK).disable_y_mesh().light_line_style(figure::GRID.mix(0.0));
            mesh.bold_line_style(figure::GRID).x_labels(7).y_labels(0);
            mesh.label_style(letters(TICK)).axis_desc_style(letters(LABEL));
            mesh.x_label_formatter(&number).x_desc(name).y_desc("subject").draw()?;
            let beside = letters(TICK).pos(Pos::new(HPos::Right, VPos::Center));
            chart.draw_series([PathElement::new([(0.0, -1.0), (0.0, order.len() as f64)], INK)])?;
            for (i, subject) in order.iter().enumerate() {
                let (height, [low, high]) = (i as f64, interval(subject, j));
                let line = PathElement::new([(low, height), (high, height)], BLUE.stroke_width(2));
                chart.draw_series([line])?;
                let point = Circle::new((subject.effects[j].value, height), 4, BLUE.filled());
                chart.draw_series([point])?;
                let (x, y) = chart.backend_coord(&(-largest, height));
                let corner = part.get_base_pixel();
                part.draw_text(&subject.id, &beside, (x - corner.0 - 6, y - corner.1))?;
            }
        }
        Ok(())
    })
}

/// The lines: what was measured, each subject's line and that of all.
fn draw_lines(subjects: &[Predicted], all: &SVector<f64, N>) -> Result<String, Box<dyn Error>> {
    const COLUMNS: usize = 6;
    /// Pixels for what is written above, below and on the left of all panels.
    const ABOVE: u32 = 34;
    const BELOW: u32 = 26;
    const LEFT: u32 = 26;
    let rows = subjects.len().div_ceil(COLUMNS);
    let times = subjects.iter().flat_map(|subject| subject.times.iter().flatten());
    let (low, high) = times.fold((f64::MAX, f64::MIN), |(a, b), &x| (a.min(x), b.max(x)));
    let (width, height) = (840, ABOVE + 140 * u32::try_from(rows)? + BELOW);
    draw("sleepstudy_lines", (width, height), |area| {
        draw_key(area)?;
        let centred = letters(LABEL).pos(Pos::new(HPos::Center, VPos::Center));
        let [middle, bottom] = [width.midpoint(LEFT), height - BELOW / 2].map(u32::cast_signed);
        area.draw_text("days of sleep deprivation", &centred, (middle, bottom))?;
        let upwards = centred.transform(figure::UPWARDS);
        let [beside, middle] = [LEFT / 2, (height + ABOVE - BELOW) / 2].map(u32::cast_signed);
        area.draw_text("reaction time (ms)", &upwards, (beside, middle))?;
        let panels = area.margin(ABOVE, BELOW, LEFT, 8);
        for (part, subject) in panels.split_evenly((rows, COLUMNS)).iter().zip(subjects) {
            draw_subject(part, subject, all, (low - 20.0)..(high + 20.0))?;
        }
        Ok(())
    })
}

/// What points and lines are, side by side above the panels.
fn draw_key(area: &Area<'_>) -> Result<(), Box<dyn Error>> {
    const Y: i32 = 17;
    let style = letters(LABEL).pos(Pos::new(HPos::Left, VPos::Center));
    area.draw(&Circle::new((190, Y), 3, VERMILION.filled()))?;
    area.draw_text("measured", &style, (202, Y))?;
    area.draw(&PathElement::new([(320, Y), (344, Y)], BLUE.stroke_width(2)))?;
    area.draw_text("line of the subject", &style, (352, Y))?;
    area.draw(&PathElement::new([(530, Y), (554, Y)], INK.mix(0.5)))?;
    Ok(area.draw_text("common line", &style, (562, Y))?)
}

fn draw_subject(
    area: &Area<'_>,
    subject: &Predicted,
    all: &SVector<f64, N>,
    times: std::ops::Range<f64>,
) -> Result<(), Box<dyn Error>> {
    let mut chart = ChartBuilder::on(area)
        .margin(4)
        .caption(&subject.id, letters(LABEL))
        .x_label_area_size(22)
        .y_label_area_size(34)
        .build_cartesian_2d(-0.5..9.5, times)?;
    let mut mesh = chart.configure_mesh();
    mesh.axis_style(INK).light_line_style(figure::GRID.mix(0.0)).bold_line_style(figure::GRID);
    mesh.label_style(letters(TICK)).x_labels(5).y_labels(4);
    mesh.x_label_formatter(&number).y_label_formatter(&number).draw()?;
    let line = |y: &SVector<f64, N>| [(0.0, y[0]), (9.0, y[N - 1])];
    chart.draw_series(LineSeries::new(line(all), INK.mix(0.5)))?;
    chart.draw_series(LineSeries::new(line(&subject.fitted), BLUE.stroke_width(2)))?;
    let points = subject.times.iter().enumerate().filter_map(|(day, time)| Some((day, (*time)?)));
    chart
        .draw_series(points.map(|(day, x)| Circle::new((day as f64, x), 2, VERMILION.filled())))?;
    Ok(())
}

impl Subject {
    /// The response vector, and which days it was seen on.
    fn response(&self) -> (SVector<f64, N>, [bool; N]) {
        let y = SVector::from(self.times.map(Option::unwrap_or_default));
        (y, self.times.map(|time| time.is_some()))
    }
}

/// The subjects of the file.
fn read(path: &Path) -> Result<Vec<Subject>, Box<dyn Error>> {
    let mut subjects: Vec<Subject> = Vec::new();
    for record in csv::Reader::from_path(path)?.into_records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = parse(&record).map_err(|error| format!("line {line}: {error}"))?;
        let (time, day, id) = row;
        if subjects.last().is_none_or(|subject| subject.id != id) {
            subjects.push(Subject { id, times: [None; N] });
        }
        let last = subjects.last_mut().map(|subject| subject.times[day].replace(time));
        if last.flatten().is_some() {
            return Err(format!("line {line}: a second time for day {day}").into());
        }
    }
    Ok(subjects)
}

/// A reaction time, a day and a subject.
fn parse(record: &csv::StringRecord) -> Result<(f64, usize, String), String> {
    let [time, day, id] = [0, 1, 2].map(|i| record.get(i).unwrap_or_default().trim());
    let time: f64 = time.parse().map_err(|_| format!("`{time}` is not a reaction time"))?;
    let day: usize = day.parse().map_err(|_| format!("`{day}` is not a day"))?;
    if !time.is_finite() {
        return Err(format!("`{time}` is not a reaction time"));
    }
    if day >= N {
        return Err(format!("day {day} is not below {N}"));
    }
    if id.is_empty() {
        return Err("no subject".into());
    }
    Ok((time, day, id.into()))
}
