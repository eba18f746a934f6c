//! The distribution of the slopes, and a map of the outcomes.

use std::path::Path;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{Float64Type, Int64Type};
use datafusion::prelude::SessionContext;
use plotters::prelude::*;

use crate::simulated::SLOPE;

const BARS: usize = 60;
const SLOPES: std::ops::Range<f64> = SLOPE - 0.4..SLOPE + 0.4;
/// Columns and rows of the map. A cell stands for groups with successive numbers.
const MAP: [usize; 2] = [40, 25];

/// Blue from few to many groups on a boundary, and red for errors.
const BLUES: [RGBColor; 4] = [
    RGBColor(222, 235, 247),
    RGBColor(158, 202, 225),
    RGBColor(66, 146, 198),
    RGBColor(8, 81, 156),
];
const BAR: RGBColor = RGBColor(66, 146, 198);

pub async fn draw(context: &SessionContext, groups: i64, path: &Path) -> crate::Result {
    let counts = histogram(context).await?;
    let cells = map(context, groups).await?;
    let area = SVGBackend::new(path, (960, 400)).into_drawing_area();
    area.fill(&WHITE)?;
    let (left, right) = area.split_horizontally(470);

    let most = counts.iter().copied().max().unwrap_or(1) as f64;
    let mut chart = ChartBuilder::on(&left)
        .caption("Estimated slopes", ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d(SLOPES, 0.0..most * 1.08)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc("slope")
        .y_desc("groups")
        .y_label_formatter(&|count| format!("{count:.0}"))
        .draw()?;
    let width = (SLOPES.end - SLOPES.start) / BARS as f64;
    let bar = |(i, count): (usize, &i64)| {
        let start = SLOPES.start + i as f64 * width;
        Rectangle::new([(start, 0.0), (start + 0.9 * width, *count as f64)], BAR.filled())
    };
    chart.draw_series(counts.iter().enumerate().map(bar))?;
    let truth = [(SLOPE, 0.0), (SLOPE, most * 1.08)];
    chart.draw_series([PathElement::new(truth, BLACK.stroke_width(1))])?;

    let [columns, rows] = MAP.map(|count| count as f64);
    let mut chart = ChartBuilder::on(&right)
        .caption("Share of groups that ended on a boundary", ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(36)
        .build_cartesian_2d(0.0..columns, rows + 2.0..0.0)?;
    let largest = cells.iter().map(|cell| cell.boundary).fold(f64::MIN_POSITIVE, f64::max);
    for (i, cell) in cells.iter().enumerate() {
        let corner = ((i % MAP[0]) as f64, (i / MAP[0]) as f64);
        let opposite = (corner.0 + 0.94, corner.1 + 0.94);
        let level = (cell.boundary / largest * BLUES.len() as f64) as usize;
        let colour = BLUES[level.min(BLUES.len() - 1)];
        chart.draw_series([Rectangle::new([corner, opposite], colour.filled())])?;
        if cell.errors > 0.0 {
            let centre = (corner.0 + 0.47, corner.1 + 0.47);
            chart.draw_series([Circle::new(centre, 2, RED.filled())])?;
        }
    }
    let style = ("sans-serif", 14).into_font();
    let legend = format!(
        "light to dark: 0 to {:.0} %; red: errors; a cell: {:.0} groups, in rows",
        100.0 * largest,
        (groups as f64 / (columns * rows)).max(1.0)
    );
    chart.draw_series([Text::new(legend, (0.0, rows + 0.7), style)])?;
    area.present()?;
    Ok(())
}

/// The number of groups in each interval of slopes.
async fn histogram(context: &SessionContext) -> crate::Result<[i64; BARS]> {
    let (start, scale) = (SLOPES.start, BARS as f64 / (SLOPES.end - SLOPES.start));
    let query = format!(
        "SELECT cast(floor((fit['beta'][2] - {start}) * {scale}) AS bigint) AS bar, count(*)
         FROM fits WHERE fit['beta'] IS NOT NULL GROUP BY bar"
    );
    let mut counts = [0; BARS];
    for batch in context.sql(&query).await?.collect().await? {
        let [bars, of_bars] = [0, 1].map(|i| batch.column(i).as_primitive::<Int64Type>());
        for (&bar, &count) in bars.values().iter().zip(of_bars.values()) {
            if let Some(sum) = usize::try_from(bar).ok().and_then(|bar| counts.get_mut(bar)) {
                *sum += count;
            }
        }
    }
    Ok(counts)
}

/// The shares of groups of a cell that ended on a boundary, and with an error.
#[derive(Clone, Copy, Default)]
struct Cell {
    boundary: f64,
    errors: f64,
}

async fn map(context: &SessionContext, groups: i64) -> crate::Result<Vec<Cell>> {
    let count = (MAP[0] * MAP[1]) as i64;
    let query = format!(
        "SELECT g * {count} / {groups} AS cell,
                avg(CASE WHEN fit['outcome'] = 'boundary' THEN 1.0 ELSE 0.0 END),
                avg(CASE WHEN fit['error'] IS NULL THEN 0.0 ELSE 1.0 END)
         FROM fits GROUP BY cell"
    );
    let mut cells = vec![Cell::default(); MAP[0] * MAP[1]];
    for batch in context.sql(&query).await?.collect().await? {
        let places = batch.column(0).as_primitive::<Int64Type>();
        let [boundary, errors] = [1, 2].map(|i| batch.column(i).as_primitive::<Float64Type>());
        for (row, &place) in places.values().iter().enumerate() {
            if let Some(cell) = cells.get_mut(place as usize) {
                *cell = Cell { boundary: boundary.value(row), errors: errors.value(row) };
            }
        }
    }
    Ok(cells)
}
