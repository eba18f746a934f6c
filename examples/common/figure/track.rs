//! A tracked vehicle: errors of its position, and innovations.

use std::ops::Range;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::super::Result;
use super::{Area, BLUE, Chart, INK, Labels, TICK, VERMILION, axes, draw, letters};

/// A light blue.
const BAND: RGBColor = RGBColor(187, 225, 246);

/// The output of a filter, second by second.
#[derive(Default)]
pub(crate) struct Track {
    /// Estimated less true position in m, and its standard deviation by the filter.
    pub(crate) errors: Vec<(f64, f64)>,
    /// The seconds of the measurements, and innovations divided by their standard deviations.
    pub(crate) innovations: Vec<(f64, f64)>,
}

/// Draws the errors of the fitted filter, and the innovations of both filters.
pub(crate) fn draw_tracks(guessed: &Track, fitted: &Track, gap: Range<usize>) -> Result<String> {
    draw("kalman_noise", (800, 340), |area| {
        let (left, right) = area.split_horizontally(400);
        draw_errors(&left, fitted, gap.start as f64)?;
        draw_innovations(&right, guessed, fitted)
    })
}

/// Draws the errors of a track between twice their standard deviations.
fn draw_errors(area: &Area<'_>, track: &Track, gap: f64) -> Result {
    let seconds = track.errors.len() as f64;
    let title = "Estimated less true position";
    let labels = Labels { title, x: "time (s)", y: "error (m)" };
    let largest = track.errors.iter().map(|(error, sd)| error.abs().max(2.0 * sd));
    let end = 1.1 * largest.fold(0.0, f64::max);
    let mut chart = axes(area, &labels, 0.0..seconds, -end..end)?;
    let at = |side: f64| {
        let points = track.errors.iter().enumerate();
        points.map(move |(second, (_, sd))| (second as f64, side * sd))
    };
    let band: Vec<_> = at(2.0).chain(at(-2.0).rev()).collect();
    chart.draw_series([Polygon::new(band, BAND.filled())])?;
    let errors = track.errors.iter().enumerate();
    let errors = errors.map(|(second, (error, _))| (second as f64, *error));
    chart.draw_series(LineSeries::new(errors, BLUE.stroke_width(2)))?;
    let beside = letters(TICK).pos(Pos::new(HPos::Right, VPos::Center));
    let place = (gap, end / 2.0);
    let gap = Text::new("no measurements", place, beside);
    chart.draw_series([gap])?;
    legend(&chart, end, &[("error with fitted noise", BLUE), ("± 2 standard deviations", BAND)])
}

/// Draws innovations divided by their standard deviations, with guessed and with fitted noise.
fn draw_innovations(area: &Area<'_>, guessed: &Track, fitted: &Track) -> Result {
    let seconds = guessed.errors.len() as f64;
    let title = "Standardised innovations";
    let labels = Labels { title, x: "time (s)", y: "innovation / its standard deviation" };
    let largest = guessed.innovations.iter().map(|(_, x)| x.abs());
    let end = 1.5 * largest.fold(0.0, f64::max);
    let mut chart = axes(area, &labels, 0.0..seconds, -end..end)?;
    for bound in [-2.0, 2.0] {
        let line = [(0.0, bound), (seconds, bound)];
        chart.draw_series(LineSeries::new(line, INK.stroke_width(1)))?;
    }
    for (track, colour) in [(guessed, VERMILION), (fitted, BLUE)] {
        let points = track.innovations.iter();
        chart.draw_series(points.map(|&point| Circle::new(point, 2, colour.filled())))?;
    }
    let names =
        [("guessed noise", VERMILION), ("fitted noise", BLUE), ("± 2 standard deviations", INK)];
    legend(&chart, end, &names)
}

/// Draws the names of series with their colours below each other, from the upper left corner.
fn legend(chart: &Chart<'_>, top: f64, names: &[(&'static str, RGBColor)]) -> Result {
    /// Pixels.
    const LINE: i32 = 18;
    const SIDE: i32 = 10;
    let area = chart.plotting_area();
    for (line, (name, colour)) in (0..).zip(names) {
        let y = 8 + LINE * line;
        let swatch = Rectangle::new([(8, y), (8 + SIDE, y + SIDE)], colour.filled());
        let text = Text::new(*name, (14 + SIDE, y - 2), letters(TICK));
        area.draw(&(EmptyElement::at((0.0, top)) + swatch + text))?;
    }
    Ok(())
}
