//! Profile likelihoods of standard deviations.

use covprop::Error;
use covprop::inference::{ProfileInterval, distribution};
use plotters::prelude::{Color, LineSeries};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::super::Result;
use super::{Area, BLUE, INK, Labels, TICK, VERMILION, axes, draw, letters};

/// The lowest value of the vertical axis.
const LOWEST: f64 = -6.0;

/// The profile likelihood of a standard deviation.
pub(crate) struct Curve {
    pub(crate) title: &'static str,
    unit: &'static str,
    /// Standard deviations, and twice the log-likelihood less its maximum.
    points: Vec<(f64, f64)>,
    /// The 95 % interval.
    pub(crate) ends: [f64; 2],
}

impl Curve {
    /// Evaluates `drop`, how far twice the log-likelihood is below its maximum, in and around a 95 %
    /// interval. Interval and `drop` are for the standard deviation to this power.
    pub(crate) fn new(
        title: &'static str,
        unit: &'static str,
        power: i32,
        interval: ProfileInterval<f64>,
        drop: impl Fn(f64) -> std::result::Result<f64, Error>,
    ) -> Result<Self> {
        const POINTS: i32 = 30;
        let (Some(low), Some(high)) = (interval.lower.value(), interval.upper.value()) else {
            return Err(format!("the interval {interval} of {title} has an open end").into());
        };
        let ends = [low, high].map(|end| if power == 2 { end.sqrt() } else { end });
        let width = ends[1] - ends[0];
        let from = (ends[0] - 0.15 * width).max(0.0);
        let at = |i: i32| from + (ends[1] + 0.15 * width - from) * f64::from(i) / f64::from(POINTS);
        let mut points = Vec::new();
        for sd in (0..=POINTS).map(at) {
            points.push((sd, -drop(sd.powi(power))?));
        }
        Ok(Self { title, unit, points, ends })
    }

    fn draw(&self, area: &Area<'_>) -> Result {
        let (first, last) = (self.points[0].0, self.points[self.points.len() - 1].0);
        let labels = Labels {
            title: self.title,
            x: &format!("standard deviation ({})", self.unit),
            y: "2 log(L / L max)",
        };
        let mut chart = axes(area, &labels, first..last, LOWEST..0.5)?;
        let limit = -distribution::chi_squared_quantile(0.95, 1.0);
        chart.draw_series(LineSeries::new([(first, limit), (last, limit)], INK))?;
        let middle = self.ends[0].midpoint(self.ends[1]);
        let above = letters(TICK).pos(Pos::new(HPos::Center, VPos::Bottom));
        let level = plotters::element::Text::new("95 % interval", (middle, limit + 0.1), above);
        chart.draw_series([level])?;
        for end in self.ends {
            chart.draw_series(LineSeries::new(
                [(end, LOWEST), (end, limit)],
                VERMILION.stroke_width(2),
            ))?;
        }
        let inside = self.points.iter().copied().filter(|point| point.1 >= LOWEST);
        chart.draw_series(LineSeries::new(inside, BLUE.stroke_width(2)))?;
        Ok(())
    }
}

/// Draws the curves beside each other.
pub(crate) fn draw_profiles(name: &str, curves: &[Curve]) -> Result<String> {
    draw(name, (900, 330), |area| {
        for (part, curve) in area.split_evenly((1, curves.len())).iter().zip(curves) {
            curve.draw(part)?;
        }
        Ok(())
    })
}
