//! A row-column field trial: neighbouring plots are alike, and a model of that tells the genotypes from their plots.
//!
//! Yields of 25 genotypes on 10 × 15 plots, y = Xβ + Zu + e: β the mean of each genotype, u the field on the grid of
//! plots with a correlation that falls with the distance along rows and along columns, and e what is each plot's own,
//!
//! ```text
//! u ~ N(0, σ² AR1(ρ_row) ⊗ AR1(ρ_col)),   e ~ N(0, ν I)
//! ```
//!
//! (Gilmour, Cullis & Verbyla 1997, Journal of Agricultural, Biological, and Environmental Statistics 2, 269–293).
//! It is compared with a field alone and with independent plots, and drawn. The shipped data are simulated, so that the
//! truth is known.
//!
//! ```text
//! cargo run --release --example field_trial [FILE]
//! ```
//!
//! The file has a header and, among its columns, row (1 to 10), col (1 to 15), gen and yield; each plot once, in any order.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};

use covprop::*;
use nalgebra::{SMatrix, SVector};
use plotters::prelude::*;

mod figure;

const ROWS: usize = 10;
const COLUMNS: usize = 15;
/// Plots.
const N: usize = ROWS * COLUMNS;
/// Genotypes.
const K: usize = 25;

/// The truth of the shipped data: σ², ρ_row, ρ_col and ν, variances in (kg per plot)².
const TRUTH: [f64; 4] = [0.25, 0.6, 0.8, 0.04];
/// What an estimate may differ from the truth, in standard errors.
const STANDARD_ERRORS: f64 = 3.0;
/// The least correlation of the predicted field with the true one: that of a prediction which explains 80 % of it.
const FIELD_CORRELATION: f64 = 0.9;

/// Slate Hall farm, 1976 (Kempton & Fox 1997, p. 84): σ², ρ_row, ρ_col and the log-likelihood of a field alone; the same
/// with ν of field and plots. Computed by other software.
const SLATE_HALL_FIELD: [f64; 4] = [38_757.094_4, 0.458_610_381, 0.683_766_904, -815.189_767_9];
const SLATE_HALL_BOTH: [f64; 5] =
    [45_803.821_4, 0.682_696_611, 0.843_798_5, 4_862.196_83, -811.689_984_4];
/// Relative, of these.
const SLATE_HALL_TOLERANCE: f64 = 1e-6;

/// σ² AR1(ρ_row) ⊗ AR1(ρ_col) over the grid, row by row.
type Grid = HomogeneousMatrix<
    N,
    KroneckerProduct<Named<Ar1CorrelationMatrix<ROWS>>, Named<Ar1CorrelationMatrix<COLUMNS>>>,
>;
/// The same at the plots in the order of the file.
type Field = Named<CovariancePropagation<DummyMatrix<N, N>, Grid>>;
type Plots = Named<ScalarMatrix<N>>;

fn field(trial: &Trial) -> Field {
    let rows = named("row", Ar1CorrelationMatrix::new());
    let columns = named("col", Ar1CorrelationMatrix::new());
    let grid = HomogeneousMatrix::of(KroneckerProduct::new(rows, columns));
    named("field", CovariancePropagation::new(trial.places, grid))
}

const fn plots() -> Plots {
    named("plot", ScalarMatrix::new())
}

fn main() -> Result<(), Box<dyn Error>> {
    // Matrices of 150 × 150 stand on the stack, several at a time.
    let thread = std::thread::Builder::new().stack_size(256 << 20);
    let run = thread.spawn(|| run().map_err(|error| error.to_string()))?;
    Ok(run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?)
}

fn run() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped = root.join("examples/data/field_trial.csv");
    let given = std::env::args_os().nth(1).map(PathBuf::from);
    let trial = Trial::read(given.as_ref().unwrap_or(&shipped))?;
    let (x, y) = (&trial.x, &trial.y);

    let independent = Marginal::new(plots());
    let alone = Marginal::new(field(&trial));
    let both = MixedModel::of(field(&trial), plots());
    let estimation = both.estimation(x, y)?;
    let fit = estimation.fit()?;
    let rows = [
        Row::of("independent plots", &independent.fit(x, y)?),
        Row::of("field", &alone.fit(x, y)?),
        Row::of("field and plots", &fit),
    ];
    println!("model             log-likelihood       AIC      SED  found");
    for row in &rows {
        println!(
            "{:16}{:16.4}{:10.3}{:9.4}  {}",
            row.name, row.log_likelihood, row.aic, row.sed, row.found
        );
    }
    let best = rows.iter().min_by(|a, b| a.aic.total_cmp(&b.aic)).ok_or("no model")?;
    println!("SED: standard error of the difference of two genotypes, on average\n");
    println!("The lowest AIC is that of {}:\n{}\n", best.name, best.parameters.join("\n"));

    let prediction = fit.predict(x, y)?;
    let grid = prediction.random_effects();
    if given.is_none() {
        assert_eq!(best.name, "field and plots");
        assert_eq!(fit.outcome, Outcome::Converged);
        let errors = estimation.inference(&fit)?.param_standard_errors();
        check_parameters(&fit.params, &errors.map(Option::unwrap_or_default));
        let truth = Truth::read(&shipped)?;
        // XᵀX counts the plots of each genotype.
        check_genotypes(&x.tr_mul(&truth.means).component_div(&x.row_sum_tr()), &fit);
        check_field(&truth.field, &(trial.places.value(&[]) * grid));
        check_slate_hall(&root.join("../shared/oracle/data/slatehall.csv"))?;
    }
    // On the grid, in whatever order the file has its plots.
    let unit = if given.is_none() { "kg per plot" } else { "yield" };
    let yields = trial.places.value(&[]).tr_mul(y);
    println!("yields and predicted field: {}", draw(&yields, &grid, unit)?);
    Ok(())
}

/// A trial as its file has it.
struct Trial {
    /// The place of each observation on the grid, row by row.
    places: DummyMatrix<N, N>,
    /// One column for each genotype.
    x: SMatrix<f64, N, K>,
    y: SVector<f64, N>,
}

impl Trial {
    fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        Self::parse(path).map_err(|error| format!("{}: {error}", path.display()).into())
    }

    fn parse(path: &Path) -> Result<Self, Box<dyn Error>> {
        let (mut places, mut genotypes, mut yields) = (Vec::new(), Vec::new(), Vec::new());
        for_each_record(path, ["row", "col", "gen", "yield"], |[row, col, genotype, harvest]| {
            let place =
                (index(row, "row", ROWS)? - 1) * COLUMNS + index(col, "column", COLUMNS)? - 1;
            if places.contains(&place) {
                return Err(format!("a second plot in row {row} and column {col}"));
            }
            if genotype.is_empty() {
                return Err("no genotype".into());
            }
            places.push(place);
            genotypes.push(genotype.to_string());
            yields.push(finite(harvest, "yield")?);
            Ok(())
        })?;
        if let Some(place) = (0..N).find(|place| !places.contains(place)) {
            let (row, col) = (place / COLUMNS + 1, place % COLUMNS + 1);
            return Err(format!("no plot in row {row} and column {col}").into());
        }
        let found = genotypes.iter().collect::<BTreeSet<_>>().len();
        if found != K {
            return Err(format!("{found} genotypes, not {K}").into());
        }
        let labels: [&str; N] = std::array::from_fn(|i| genotypes[i].as_str());
        Ok(Self {
            places: DummyMatrix::try_from_indices(std::array::from_fn(|i| places[i]))?,
            x: DummyMatrix::<N, K>::from_labels(&labels)?.value(&[]),
            y: SVector::from_column_slice(&yields),
        })
    }
}

/// What the file of a simulated trial has besides.
struct Truth {
    /// The mean of the genotype of each observation.
    means: SVector<f64, N>,
    /// The field at each observation.
    field: SVector<f64, N>,
}

impl Truth {
    fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let (mut means, mut field) = (Vec::new(), Vec::new());
        for_each_record(path, ["true_gen", "true_field"], |[mean, deviation]| {
            means.push(finite(mean, "mean")?);
            field.push(finite(deviation, "deviation")?);
            Ok(())
        })?;
        Ok(Self {
            means: SVector::from_column_slice(&means),
            field: SVector::from_column_slice(&field),
        })
    }
}

/// Calls `f` with these columns of each line of a file.
fn for_each_record<const C: usize>(
    path: &Path,
    names: [&str; C],
    mut f: impl FnMut([&str; C]) -> Result<(), String>,
) -> Result<(), Box<dyn Error>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path)?;
    let mut columns = [0; C];
    for (column, name) in columns.iter_mut().zip(names) {
        let found = reader.headers()?.iter().position(|header| header == name);
        *column = found.ok_or_else(|| format!("line 1: no column `{name}`"))?;
    }
    for record in reader.into_records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        f(columns.map(|column| &record[column]))
            .map_err(|error| format!("line {line}: {error}"))?;
    }
    Ok(())
}

/// A number from 1 to `count`.
fn index(text: &str, what: &str, count: usize) -> Result<usize, String> {
    let within = text.parse().ok().filter(|i| (1..=count).contains(i));
    within.ok_or_else(|| format!("`{text}` is not a {what} from 1 to {count}"))
}

fn finite(text: &str, what: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|x: &f64| x.is_finite());
    number.ok_or_else(|| format!("`{text}` is not a {what}"))
}

/// A line of the table of models.
struct Row {
    name: &'static str,
    log_likelihood: f64,
    aic: f64,
    /// The standard error of the difference of two genotypes: the root of the mean variance over all pairs.
    sed: f64,
    found: &'static str,
    parameters: Vec<String>,
}

impl Row {
    fn of<M: ParamMatrix<f64, N, N>>(name: &'static str, fit: &Fit<'_, M, f64, N, K>) -> Self {
        let parameters = fit.model.param_names().zip(fit.params.as_ref());
        // The mean over all pairs of Cᵢᵢ + Cⱼⱼ − 2 Cᵢⱼ.
        let (c, k) = (&fit.beta_covariance, K as f64);
        let sed = (2.0 * (c.trace() - c.sum() / k) / (k - 1.0)).sqrt();
        Self {
            name,
            log_likelihood: fit.log_likelihood,
            aic: fit.aic(),
            sed,
            found: match fit.outcome {
                Outcome::Converged => "a maximum",
                Outcome::Boundary(_) => "a maximum on the boundary",
                _ => "no maximum",
            },
            parameters: parameters.map(|(name, x)| format!("{name:20}{x:12.5}")).collect(),
        }
    }
}

/// Asserts that the parameters are those of the truth, within their standard errors, and prints them.
fn check_parameters(params: &[f64; 4], errors: &[f64; 4]) {
    println!("parameter      truth  estimate  std.error");
    let names = ["σ²", "ρ_row", "ρ_col", "ν"];
    for (k, (name, truth)) in names.into_iter().zip(TRUTH).enumerate() {
        println!("{name:10}{truth:10.4}{:10.4}{:11.4}", params[k], errors[k]);
        let off = (params[k] - truth).abs() / errors[k];
        assert!(off < STANDARD_ERRORS, "{name}: {off} standard errors from the truth");
    }
}

/// Asserts that genotypes differ from their mean as in the truth, within their standard errors.
fn check_genotypes(truth: &SVector<f64, K>, fit: &Fit<'_, Sum<Field, Plots>, f64, N, K>) {
    let centre = SMatrix::<f64, K, K>::identity().add_scalar(-1.0 / K as f64);
    let off = centre * (fit.beta - truth);
    let variances = (centre * fit.beta_covariance * centre).diagonal();
    let worst = off.zip_map(&variances, |off, variance| off.abs() / variance.sqrt()).max();
    println!("genotypes: at most {worst:.2} standard errors from the truth");
    assert!(worst < STANDARD_ERRORS, "a genotype is {worst} standard errors from the truth");
}

/// Asserts that the predicted field is like the true one.
fn check_field(truth: &SVector<f64, N>, found: &SVector<f64, N>) {
    let [truth, found] = [truth, found].map(|x| x.add_scalar(-x.mean()));
    let correlation = truth.dot(&found) / (truth.norm() * found.norm());
    println!("field: correlation {correlation:.3} of the predicted with the true one");
    assert!(correlation > FIELD_CORRELATION, "correlation {correlation}");
}

/// Asserts what other software found in the trial at Slate Hall farm, where its data are.
fn check_slate_hall(path: &Path) -> Result<(), Box<dyn Error>> {
    if !path.exists() {
        println!("Slate Hall: skipped, its data are not part of this repository\n");
        return Ok(());
    }
    let trial = &Trial::read(path)?;
    let (x, y) = (&trial.x, &trial.y);
    let (alone, both) = (Marginal::new(field(trial)), MixedModel::of(field(trial), plots()));
    let (alone, both) = (alone.fit(x, y)?, both.fit(x, y)?);
    let found = alone.params.iter().chain([&alone.log_likelihood]);
    let found = found.chain(&both.params).chain([&both.log_likelihood]);
    for (found, expected) in found.zip(SLATE_HALL_FIELD.iter().chain(&SLATE_HALL_BOTH)) {
        let off = (found / expected - 1.0).abs();
        assert!(off < SLATE_HALL_TOLERANCE, "Slate Hall: {found} is not {expected}");
    }
    println!(
        "Slate Hall: {:.3?} and {:.3?}, as other software has them\n",
        alone.params, both.params
    );
    Ok(())
}

/// Yields and predicted field, each as it differs from its mean.
fn draw(
    yields: &SVector<f64, N>,
    field: &SVector<f64, N>,
    unit: &str,
) -> Result<String, Box<dyn Error>> {
    let [yields, field] = [yields, field].map(|x| x.add_scalar(-x.mean()));
    let end = yields.amax().max(field.amax());
    figure::draw("field_trial", (800, 330), |area| {
        let (maps, bar) = area.split_horizontally(690);
        let (left, right) = maps.split_horizontally(345);
        heat_map(&left, "Yields of the plots", &yields, end)?;
        heat_map(&right, "The field, as predicted", &field, end)?;
        figure::colour_bar(&bar, end, &format!("{unit}, from the mean"))
    })
}

/// The grid of plots, with colours from −`end` to `end`.
fn heat_map(
    area: &figure::Area<'_>,
    title: &str,
    values: &SVector<f64, N>,
    end: f64,
) -> Result<(), Box<dyn Error>> {
    let labels = figure::Labels { title, x: "column", y: "row" };
    let side = |count| 0.5..count as f64 + 0.5;
    let mut chart = figure::axes(area, &labels, side(COLUMNS), side(ROWS))?;
    chart.draw_series(values.iter().enumerate().map(|(place, value)| {
        let (x, y) = ((place % COLUMNS) as f64 + 0.5, (place / COLUMNS) as f64 + 0.5);
        Rectangle::new([(x, y), (x + 1.0, y + 1.0)], figure::diverging(value / end).filled())
    }))?;
    Ok(())
}
