//! Tail probabilities of a likelihood ratio.

use covprop::inference::LikelihoodRatio;
use covprop::inference::distribution::f_tail;
use plotters::prelude::{Color, LineSeries, PathElement, SeriesLabelPosition, WHITE};

use super::super::Result;
use super::{BLUE, GREEN, INK, LABEL, Labels, VERMILION, axes, draw, letters};

/// Draws the logarithm of the probability of a larger likelihood ratio: among simulated series, by two
/// approximations, and exactly by the distribution of F with these degrees of freedom. A series has its
/// likelihood ratio and its F.
pub(crate) fn draw_tails(
    simulated: &mut [(LikelihoodRatio<f64>, f64)],
    degrees: [f64; 2],
) -> Result<String> {
    const LARGEST: f64 = 12.0;
    const LOWEST: f64 = -4.0;
    simulated.sort_by(|a, b| b.0.statistic.total_cmp(&a.0.statistic));
    let count = simulated.len() as f64;
    let shown = simulated.iter().enumerate().filter(|(_, (test, _))| test.statistic < LARGEST);
    let points: Vec<(f64, f64, f64)> = shown
        .map(|(i, (test, f))| (test.statistic, ((i + 1) as f64 / count).log10(), *f))
        .filter(|point| point.0 > 0.0)
        .collect();
    let tail = |x: f64| LikelihoodRatio { statistic: x, degrees_of_freedom: 1 };
    let grid = || (1..=120).map(|i| f64::from(i) * LARGEST / 120.0);
    let inside = |point: &(f64, f64)| point.1 >= LOWEST;
    draw("bootstrap", (800, 420), |area| {
        let labels = Labels {
            title: "Is there a variance between batches?",
            x: "likelihood ratio 2 log(L₁/L₀)",
            y: "log₁₀ P(a larger ratio)",
        };
        let mut chart = axes(area, &labels, 0.0..LARGEST, LOWEST..0.0)?;
        let exact = points.iter().map(|&(x, _, f)| (x, f_tail(f, degrees[0], degrees[1]).log10()));
        let chi = grid().map(|x| (x, tail(x).p_value().log10()));
        let mixture = grid().map(|x| (x, tail(x).boundary_p_value().log10()));
        let steps = points.iter().map(|&(x, p, _)| (x, p));
        let lines: [(&str, Vec<(f64, f64)>, _); 4] = [
            ("χ² with 1 degree of freedom", chi.filter(inside).collect(), INK.stroke_width(2)),
            ("½χ²₀ + ½χ²₁", mixture.filter(inside).collect(), GREEN.stroke_width(2)),
            ("bootstrap", steps.filter(inside).collect(), BLUE.stroke_width(4)),
            ("exact, by F(5, 24)", exact.filter(inside).collect(), VERMILION.stroke_width(2)),
        ];
        for (name, line, style) in lines {
            chart
                .draw_series(LineSeries::new(line, style))?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], style));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE)
            .border_style(INK)
            .label_font(letters(LABEL))
            .legend_area_size(34)
            .margin(12)
            .draw()?;
        Ok(())
    })
}
