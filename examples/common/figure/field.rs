//! A field trial: the yields on the grid of plots, and the field that a model predicts.

use covprop::nalgebra::SVector;
use plotters::prelude::{Color, Rectangle};

use super::super::Result;
use super::{Area, Labels, axes, colour_bar, diverging, draw};

/// Draws the yields of the plots and the predicted field as differences from their means.
pub(crate) fn draw_field<const ROWS: usize, const COLUMNS: usize, const N: usize>(
    name: &str,
    yields: &SVector<f64, N>,
    field: &SVector<f64, N>,
    unit: &str,
) -> Result<String> {
    let [yields, field] = [yields, field].map(|x| x.add_scalar(-x.mean()));
    let end = yields.amax().max(field.amax());
    draw(name, (800, 330), |area| {
        let (maps, bar) = area.split_horizontally(690);
        let (left, right) = maps.split_horizontally(345);
        heat_map::<ROWS, COLUMNS, N>(&left, "Yields of the plots", &yields, end)?;
        heat_map::<ROWS, COLUMNS, N>(&right, "The field, as predicted", &field, end)?;
        colour_bar(&bar, end, &format!("{unit}, from the mean"))
    })
}

/// Draws the grid of plots in colours from −`end` to `end`.
fn heat_map<const ROWS: usize, const COLUMNS: usize, const N: usize>(
    area: &Area<'_>,
    title: &str,
    values: &SVector<f64, N>,
    end: f64,
) -> Result {
    let labels = Labels { title, x: "column", y: "row" };
    let side = |count| 0.5..count as f64 + 0.5;
    let mut chart = axes(area, &labels, side(COLUMNS), side(ROWS))?;
    chart.draw_series(values.iter().enumerate().map(|(place, value)| {
        let (x, y) = ((place % COLUMNS) as f64 + 0.5, (place / COLUMNS) as f64 + 0.5);
        Rectangle::new([(x, y), (x + 1.0, y + 1.0)], diverging(value / end).filled())
    }))?;
    Ok(())
}
