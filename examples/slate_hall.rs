//! A lattice at Slate Hall farm, 1976: do the numbers agree with other software?
//!
//! Data: yields of 25 varieties of wheat on 10 × 15 plots (Kempton & Fox 1997, p. 84), which are not
//! part of this repository. Models: an autoregressive field, alone and with independent plots, as in
//! the example `field_trial`. R writes the data to a file by
//!
//! ```text
//! write.csv(agridat::kempton.slatehall, "slatehall.csv", row.names = FALSE)
//! cargo run --release --example slate_hall slatehall.csv
//! ```
//!
//! The results are compared with the maxima that other software found, refined in 220-bit
//! arithmetic.

mod common;

use common::compare;
use common::trial::{COLUMNS, N, ROWS, Trial};
use covprop::prelude::*;
use covprop::structure::{Ar1CorrelationMatrix, HomogeneousMatrix};

fn main() -> common::Result {
    common::on_stack_of(256 << 20, run)
}

fn run() -> common::Result {
    let Some(path) = common::data::outside("slatehall.csv") else { return Ok(()) };
    let Trial { places, x, y } = Trial::read(&path)?;

    let rows = named("row", Ar1CorrelationMatrix::<ROWS>::new());
    let columns = named("col", Ar1CorrelationMatrix::<COLUMNS>::new());
    let grid = HomogeneousMatrix::<N, _>::from_correlation(KroneckerProduct::new(rows, columns));
    let field = named("field", CovariancePropagation::new(places, grid));
    let plots = named("plot", ScalarMatrix::<N>::new());
    let alone = Marginal::new(field);
    let alone = alone.fit(&x, &y)?;
    let both = MixedModel::from_random_terms(field, plots);
    let both = both.fit(&x, &y)?;

    let field = [
        ("σ²", alone.params[0], 38_757.094_4),
        ("ρ_row", alone.params[1], 0.458_610_381),
        ("ρ_col", alone.params[2], 0.683_766_904),
        ("log-likelihood", alone.log_likelihood, -815.189_767_9),
    ];
    let both = [
        ("σ²", both.params[0], 45_803.821_4),
        ("ρ_row", both.params[1], 0.682_696_611),
        ("ρ_col", both.params[2], 0.843_798_5),
        ("ν", both.params[3], 4_862.196_83),
        ("log-likelihood", both.log_likelihood, -811.689_984_4),
    ];
    let relative = |(name, found, expected): (&'static str, f64, f64)| {
        (name, found, expected, 1e-6 * expected.abs())
    };
    compare("other software, field alone", field.map(relative))?;
    compare("other software, field and plots", both.map(relative))
}
