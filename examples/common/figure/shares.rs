//! Shares of a variance, as bars.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::super::Result;
use super::{GRID, INK, LABEL, SKY, TICK, TITLE, draw, letters, number};

/// A share of the variance and its interval, in %.
pub(crate) struct Share {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    /// `None` for a share on the boundary.
    pub(crate) interval: Option<[f64; 2]>,
}

/// Draws a bar with its interval for each share, from above.
pub(crate) fn draw_shares(bars: &[Share]) -> Result<String> {
    /// Half of the height of a bar, and of the end of an interval.
    const HALF: f64 = 0.3;
    const END: f64 = 0.12;
    /// The first bars add up to 100 %; the others are parts of the last of these, and paler.
    const SUM: usize = 2;
    const PALE: RGBColor = RGBColor(186, 225, 246);
    draw("gauge_rr", (800, 360), |area| {
        let count = bars.len() as f64;
        let title = "Where the variance of the measurements is, with 95 % intervals";
        let centred = letters(TITLE).pos(Pos::new(HPos::Center, VPos::Center));
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
            .axis_style(INK)
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .x_label_style(letters(TICK))
            .y_label_style(letters(LABEL))
            .axis_desc_style(letters(LABEL))
            .x_desc("share of the variance, %")
            .x_label_formatter(&number)
            .y_labels(bars.len())
            .y_label_formatter(&name)
            .draw()?;
        for (i, bar) in bars.iter().enumerate() {
            let y = place(i);
            let colour = if i < SUM { SKY } else { PALE };
            let body = Rectangle::new([(0.0, y - HALF), (bar.value, y + HALF)], colour.filled());
            chart.draw_series([body])?;
            let Some([low, high]) = bar.interval else { continue };
            let line = |from, to| PathElement::new([from, to], INK.stroke_width(2));
            chart.draw_series([
                line((low, y), (high, y)),
                line((low, y - END), (low, y + END)),
                line((high, y - END), (high, y + END)),
            ])?;
        }
        let beside = letters(TICK).pos(Pos::new(HPos::Left, VPos::Center));
        for (colour, meaning, y) in
            [(SKY, "add up to 100 %", 240), (PALE, "parts of gauge R&R", 262)]
        {
            area.draw(&Rectangle::new([(600, y - 6), (612, y + 6)], colour.filled()))?;
            area.draw_text(meaning, &beside, (620, y))?;
        }
        Ok(())
    })
}
