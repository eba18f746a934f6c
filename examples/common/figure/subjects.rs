//! The subjects of a random-slopes model: their effects, and their lines.

use covprop::inference::Estimate;
use covprop::nalgebra::SVector;
use plotters::prelude::{ChartBuilder, Circle, Color, LineSeries, PathElement};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::super::Result;
use super::{Area, BLUE, GRID, INK, LABEL, TICK, TITLE, UPWARDS, VERMILION, draw, letters, number};

/// A subject as a fit predicts it.
pub(crate) struct Predicted<const N: usize> {
    pub(crate) id: String,
    pub(crate) responses: [Option<f64>; N],
    /// How intercept and slope differ from those of the common line.
    pub(crate) effects: [Estimate<f64>; 2],
    pub(crate) fitted: SVector<f64, N>,
}

/// Draws the random effects with their 95 % intervals, in the order of the intercepts.
pub(crate) fn draw_effects<const N: usize>(subjects: &[Predicted<N>]) -> Result<String> {
    let mut order: Vec<&Predicted<N>> = subjects.iter().collect();
    order.sort_by(|a, b| a.effects[0].value.total_cmp(&b.effects[0].value));
    let interval = |subject: &Predicted<N>, j: usize| subject.effects[j].interval(0.95);
    let names = ["difference in intercept (ms)", "difference in slope (ms/day)"];
    let height = 110 + 18 * u32::try_from(order.len())?;
    draw("sleepstudy_effects", (800, height), |area| {
        let (above, below) = area.split_vertically(28);
        let title = "How subjects differ from the common line, with 95 % intervals";
        let centred = letters(TITLE).pos(Pos::new(HPos::Center, VPos::Center));
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
            mesh.axis_style(INK).disable_y_mesh().light_line_style(GRID.mix(0.0));
            mesh.bold_line_style(GRID).x_labels(7).y_labels(0);
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

/// Draws the responses of each subject, its line and the common line.
pub(crate) fn draw_lines<const N: usize>(
    subjects: &[Predicted<N>],
    all: &SVector<f64, N>,
) -> Result<String> {
    const COLUMNS: usize = 6;
    /// Pixels for the texts above, below and on the left of all panels.
    const ABOVE: u32 = 34;
    const BELOW: u32 = 26;
    const LEFT: u32 = 26;
    let rows = subjects.len().div_ceil(COLUMNS);
    let times = subjects.iter().flat_map(|subject| subject.responses.iter().flatten());
    let (low, high) = times.fold((f64::MAX, f64::MIN), |(a, b), &x| (a.min(x), b.max(x)));
    let (width, height) = (840, ABOVE + 140 * u32::try_from(rows)? + BELOW);
    draw("sleepstudy_lines", (width, height), |area| {
        draw_key(area)?;
        let centred = letters(LABEL).pos(Pos::new(HPos::Center, VPos::Center));
        let [middle, bottom] = [width.midpoint(LEFT), height - BELOW / 2].map(u32::cast_signed);
        area.draw_text("days of sleep deprivation", &centred, (middle, bottom))?;
        let upwards = centred.transform(UPWARDS);
        let [beside, middle] = [LEFT / 2, (height + ABOVE - BELOW) / 2].map(u32::cast_signed);
        area.draw_text("reaction time (ms)", &upwards, (beside, middle))?;
        let panels = area.margin(ABOVE, BELOW, LEFT, 8);
        for (part, subject) in panels.split_evenly((rows, COLUMNS)).iter().zip(subjects) {
            draw_subject(part, subject, all, (low - 20.0)..(high + 20.0))?;
        }
        Ok(())
    })
}

/// Draws the key to points and lines above the panels.
fn draw_key(area: &Area<'_>) -> Result {
    const Y: i32 = 17;
    let style = letters(LABEL).pos(Pos::new(HPos::Left, VPos::Center));
    area.draw(&Circle::new((190, Y), 3, VERMILION.filled()))?;
    area.draw_text("measured", &style, (202, Y))?;
    area.draw(&PathElement::new([(320, Y), (344, Y)], BLUE.stroke_width(2)))?;
    area.draw_text("line of the subject", &style, (352, Y))?;
    area.draw(&PathElement::new([(530, Y), (554, Y)], INK.mix(0.5)))?;
    Ok(area.draw_text("common line", &style, (562, Y))?)
}

fn draw_subject<const N: usize>(
    area: &Area<'_>,
    subject: &Predicted<N>,
    all: &SVector<f64, N>,
    times: std::ops::Range<f64>,
) -> Result {
    let mut chart = ChartBuilder::on(area)
        .margin(4)
        .caption(&subject.id, letters(LABEL))
        .x_label_area_size(22)
        .y_label_area_size(34)
        .build_cartesian_2d(-0.5..9.5, times)?;
    let mut mesh = chart.configure_mesh();
    mesh.axis_style(INK).light_line_style(GRID.mix(0.0)).bold_line_style(GRID);
    mesh.label_style(letters(TICK)).x_labels(5).y_labels(4);
    mesh.x_label_formatter(&number).y_label_formatter(&number).draw()?;
    let line = |y: &SVector<f64, N>| [(0.0, y[0]), (9.0, y[N - 1])];
    chart.draw_series(LineSeries::new(line(all), INK.mix(0.5)))?;
    chart.draw_series(LineSeries::new(line(&subject.fitted), BLUE.stroke_width(2)))?;
    let points =
        subject.responses.iter().enumerate().filter_map(|(day, time)| Some((day, (*time)?)));
    chart
        .draw_series(points.map(|(day, x)| Circle::new((day as f64, x), 2, VERMILION.filled())))?;
    Ok(())
}
