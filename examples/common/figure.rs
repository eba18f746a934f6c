//! Figures: where they go, their colours, letters and axes; one file for each picture that an example
//! draws.

pub(crate) mod field;
pub(crate) mod profiles;
pub(crate) mod shares;
pub(crate) mod subjects;
pub(crate) mod tails;
pub(crate) mod track;
pub(crate) mod visits;

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Result;
use super::data::root;

/// A part of a picture.
pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// Axes in a part of a picture, to draw in.
pub(crate) type Chart<'a> =
    ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Colours that every kind of colour vision can tell apart (Okabe & Ito 2008, "Color universal
/// design").
pub(crate) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(crate) const VERMILION: RGBColor = RGBColor(213, 94, 0);
pub(crate) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(crate) const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub(crate) const SKY: RGBColor = RGBColor(86, 180, 233);
pub(crate) const PURPLE: RGBColor = RGBColor(204, 121, 167);
/// Letters and axes.
pub(crate) const INK: RGBColor = RGBColor(51, 51, 51);
/// Lines behind the data.
pub(crate) const GRID: RGBColor = RGBColor(230, 230, 230);

/// Heights of letters in pixels.
pub(crate) const TITLE: f64 = 16.0;
pub(crate) const LABEL: f64 = 14.0;
pub(crate) const TICK: f64 = 12.0;

/// The direction of text beside a vertical axis.
pub(crate) const UPWARDS: FontTransform = FontTransform::Rotate270;

/// Margins around axes for their text, in pixels.
const TOP: i32 = 36;
const BOTTOM: i32 = 54;
const LEFT: i32 = 70;
const RIGHT: i32 = 12;

/// Draws `target/figures/NAME.svg` with this width and height in pixels, and returns its path within the
/// repository.
pub(crate) fn draw(
    name: &str,
    size: (u32, u32),
    picture: impl FnOnce(&Area<'_>) -> Result,
) -> Result<String> {
    let folder = "target/figures";
    std::fs::create_dir_all(root().join(folder))?;
    let path = format!("{folder}/{name}.svg");
    let file = root().join(&path);
    let area = SVGBackend::new(&file, size).into_drawing_area();
    area.fill(&WHITE)?;
    picture(&area)?;
    area.present()?;
    Ok(path)
}

/// Letters of this height.
pub(crate) fn letters(height: f64) -> TextStyle<'static> {
    /// The divisor that plotters applies to a size in an SVG.
    const SHRINKAGE: f64 = 1.24;
    ("sans-serif", height * SHRINKAGE).into_font().color(&INK)
}

/// The texts at the axes of a chart.
pub(crate) struct Labels<'a> {
    pub(crate) title: &'a str,
    pub(crate) x: &'a str,
    pub(crate) y: &'a str,
}

/// Axes that fill an area.
pub(crate) fn axes<'a>(
    area: &Area<'a>,
    labels: &Labels<'_>,
    x: Range<f64>,
    y: Range<f64>,
) -> Result<Chart<'a>> {
    /// Pixels that a tick of the horizontal axis needs.
    const TICKS: u32 = 40;
    /// Pixels for the numbers and the text of an axis, below and on the left.
    const BELOW: i32 = 44;
    const BESIDE: i32 = 54;
    let mut chart = ChartBuilder::on(area)
        .margin_top(TOP)
        .margin_right(RIGHT)
        .margin_bottom(BOTTOM - BELOW)
        .margin_left(LEFT - BESIDE)
        .x_label_area_size(BELOW)
        .y_label_area_size(BESIDE)
        .build_cartesian_2d(x, y)?;
    let (width, _) = chart.plotting_area().dim_in_pixel();
    let middle = LEFT + i32::try_from(width)? / 2;
    let above = letters(TITLE).pos(Pos::new(HPos::Center, VPos::Center));
    area.draw_text(labels.title, &above, (middle, TOP / 2))?;
    chart
        .configure_mesh()
        .axis_style(INK)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .label_style(letters(TICK))
        .axis_desc_style(letters(LABEL))
        .x_label_formatter(&number)
        .y_label_formatter(&number)
        .x_labels(usize::try_from(width / TICKS)?)
        .x_desc(labels.x)
        .y_desc(labels.y)
        .draw()?;
    Ok(chart)
}

/// Writes the number of a tick with no more decimals than it needs.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "plotters passes a reference")]
pub(crate) fn number(x: &f64) -> String {
    // Adding zero takes the sign from −0.
    let rounded = (x * 1e6).round() / 1e6 + 0.0;
    rounded.to_string().replace('-', "\u{2212}")
}

/// From dark blue at −1 through white at 0 to dark vermilion at 1.
pub(crate) fn diverging(x: f64) -> RGBColor {
    /// How dark the ends are, with the full colours halfway.
    const DARKENING: f64 = 0.6;
    let RGBColor(red, green, blue) = if x < 0.0 { BLUE } else { VERMILION };
    let part = 2.0 * x.abs().min(1.0);
    let (from_white, to_black) = (part.min(1.0), DARKENING * (part - 1.0).max(0.0));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 255")]
    let mix = |channel: u8| {
        let lightened = 255.0 + from_white * (f64::from(channel) - 255.0);
        (lightened * (1.0 - to_black)).round() as u8
    };
    RGBColor(mix(red), mix(green), mix(blue))
}

/// Draws the key to the colours from −`end` to `end`, as high as axes in an area of the same height.
pub(crate) fn colour_bar(area: &Area<'_>, end: f64, label: &str) -> Result {
    /// Enough stripes that no step between two colours is visible.
    const STRIPES: u32 = 100;
    let mut chart = ChartBuilder::on(area)
        .margin_top(TOP)
        .margin_bottom(BOTTOM)
        .margin_right(RIGHT)
        .set_label_area_size(LabelAreaPosition::Right, 56)
        .build_cartesian_2d(0.0..1.0, -end..end)?;
    let height = 2.0 * end / f64::from(STRIPES);
    chart.draw_series((0..STRIPES).map(|i| {
        let bottom = f64::from(i).mul_add(height, -end);
        let colour = diverging((bottom + height / 2.0) / end);
        Rectangle::new([(0.0, bottom), (1.0, bottom + height)], colour.filled())
    }))?;
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(INK)
        .label_style(letters(TICK))
        .axis_desc_style(letters(LABEL))
        .y_label_formatter(&number)
        .y_labels(7)
        .y_desc(label)
        .draw()?;
    Ok(())
}
