//! Row-column field trials with 25 genotypes on 10 × 15 plots.

use std::collections::BTreeSet;
use std::path::Path;

use covprop::prelude::*;
use serde::Deserialize;

use super::data::{Rows, finite, within};
use super::{Error, Result};

pub(crate) const ROWS: usize = 10;
pub(crate) const COLUMNS: usize = 15;
/// Plots.
pub(crate) const N: usize = ROWS * COLUMNS;
/// Genotypes.
pub(crate) const K: usize = 25;

#[derive(Deserialize)]
struct Plot {
    #[serde(deserialize_with = "within::<_, 1, ROWS>")]
    row: usize,
    #[serde(deserialize_with = "within::<_, 1, COLUMNS>")]
    col: usize,
    r#gen: String,
    #[serde(deserialize_with = "finite")]
    r#yield: f64,
}

/// A trial, with its plots in the order of the file.
pub(crate) struct Trial {
    /// The place of each plot on the grid, row by row.
    pub(crate) places: DummyMatrix<N, N>,
    /// One column for each genotype.
    pub(crate) x: SMatrix<f64, N, K>,
    pub(crate) y: SVector<f64, N>,
}

impl Trial {
    /// Reads a file with the columns row, col, gen and yield, and each plot once.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let rows = Rows::<Plot>::read(path)?;
        let plots = rows.exactly::<N>()?;
        let mut taken = [false; N];
        for (line, plot) in plots {
            let place = (plot.row - 1) * COLUMNS + plot.col - 1;
            if std::mem::replace(&mut taken[place], true) {
                let what = format!("a second plot in row {} and column {}", plot.row, plot.col);
                return Err(rows.wrong_line(*line, what));
            }
            if plot.r#gen.is_empty() {
                return Err(rows.wrong_line(*line, "the genotype has no name"));
            }
        }
        let genotypes = plots.map(|(_, plot)| plot.r#gen.as_str());
        let found = genotypes.iter().collect::<BTreeSet<_>>().len();
        if found != K {
            return Err(rows.wrong(format!("{found} genotypes, not {K}")));
        }
        let places = plots.map(|(_, plot)| (plot.row - 1) * COLUMNS + plot.col - 1);
        Ok(Self {
            places: DummyMatrix::try_from_indices(places)?,
            x: DummyMatrix::<N, K>::from_labels(&genotypes)?.value(&[]),
            y: plots.map(|(_, plot)| plot.r#yield).into(),
        })
    }
}
