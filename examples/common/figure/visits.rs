//! A trial with visits: means of the arms, and the spread of the responses.

use std::ops::Range;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::super::Result;
use super::{Area, BLUE, Chart, GREEN, INK, Labels, ORANGE, TICK, VERMILION, axes, draw, letters};

/// A name, and for each visit a value with its interval.
pub(crate) struct Series<'a> {
    pub(crate) name: &'a str,
    pub(crate) values: Vec<(f64, [f64; 2])>,
}

/// Draws the means of two arms.
pub(crate) fn draw_means(arms: &[Series<'_>; 2]) -> Result<String> {
    let ends = || arms.iter().flat_map(|arm| arm.values.iter().map(|(_, ends)| *ends));
    let low = ends().map(|[low, _]| low).fold(f64::INFINITY, f64::min);
    let high = ends().map(|[_, high]| high).fold(f64::NEG_INFINITY, f64::max);
    // With room for the key.
    let y = low - 0.1 * (high - low)..high + 0.2 * (high - low);
    let title = "Mean response, with 95 % intervals";
    let labels = Labels { title, x: "visit", y: "response" };
    draw_series("visits", &labels, y, arms, &[(BLUE, -0.06), (VERMILION, 0.06)])
}

/// Draws standard deviations by up to three models.
pub(crate) fn draw_spreads(models: &[Series<'_>]) -> Result<String> {
    let tops = models.iter().flat_map(|model| model.values.iter().map(|(_, [_, high])| *high));
    let top = tops.fold(0.0, f64::max);
    let title = "Spread, with 95 % intervals";
    let labels = Labels { title, x: "visit", y: "standard deviation of responses" };
    let styles = [(GREEN, -0.1), (ORANGE, 0.1), (INK, 0.0)];
    draw_series("structures", &labels, 0.0..1.3 * top, models, &styles)
}

/// Draws series in these colours, shifted by these distances to the right of their visits.
fn draw_series(
    name: &str,
    labels: &Labels<'_>,
    y: Range<f64>,
    series: &[Series<'_>],
    styles: &[(RGBColor, f64)],
) -> Result<String> {
    let visits = series.iter().map(|series| series.values.len()).max().unwrap_or_default();
    draw(name, (400, 380), |area| {
        let mut chart = axes(area, labels, 0.5..visits as f64 + 0.5, y)?;
        for (place, (series, (colour, shift))) in (0..).zip(series.iter().zip(styles)) {
            line(&mut chart, *colour, *shift, &series.values)?;
            key(area, place, *colour, series.name)?;
        }
        Ok(())
    })
}

/// Draws values with their intervals, shifted to the right of their visit.
fn line(chart: &mut Chart<'_>, colour: RGBColor, shift: f64, values: &[(f64, [f64; 2])]) -> Result {
    /// Half of the end of an interval.
    const END: f64 = 0.05;
    let style = colour.stroke_width(2);
    let x = |i: usize| i as f64 + 1.0 + shift;
    let points = values.iter().enumerate().map(|(i, (y, _))| (x(i), *y));
    chart.draw_series(LineSeries::new(points.clone(), style))?;
    chart.draw_series(points.map(|point| Circle::new(point, 4, colour.filled())))?;
    for (i, (_, [low, high])) in values.iter().enumerate().filter(|(_, (_, [l, h]))| l < h) {
        let line = |from, to| PathElement::new([from, to], style);
        chart.draw_series([
            line((x(i), *low), (x(i), *high)),
            line((x(i) - END, *low), (x(i) + END, *low)),
            line((x(i) - END, *high), (x(i) + END, *high)),
        ])?;
    }
    Ok(())
}

/// Draws the name of a colour in the upper left corner of axes, below other names.
fn key(area: &Area<'_>, place: i32, colour: RGBColor, name: &str) -> Result {
    let y = 50 + 18 * place;
    area.draw(&PathElement::new([(82, y), (102, y)], colour.stroke_width(3)))?;
    let style = letters(TICK).pos(Pos::new(HPos::Left, VPos::Center));
    Ok(area.draw_text(name, &style, (108, y))?)
}
