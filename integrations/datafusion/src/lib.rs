//! Fits of [covprop](covprop)'s models as functions of SQL and DataFrames in Apache DataFusion.
//!
//! | task | functions |
//! |---|---|
//! | one fit for each of many groups | [`fits`], [`fits_by_subject`]: a scalar function of the list of a group's subjects |
//! | one fit of one panel, or of a few, with any number of rows | [`panel`]: an aggregate function whose result is the state of a panel, one that merges states, and a scalar function that fits a state |
//!
//! A function is made from a model of covprop, with any structure, and registered under a name. The
//! sizes of the model are constants of its type: N visits, K columns of X.
//!
//! # Example: a growth curve for each group
//!
//! ```
//! use covprop::prelude::*;
//! use covprop_datafusion::fits;
//! use datafusion::error::Result;
//! use datafusion::prelude::*;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! // y = intercept + slope · x, and both differ between subjects
//! let line = |x: &[f64; 3]| SMatrix::<f64, 3, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { x[i] });
//! let model = MixedModel::new(
//!     line(&[0.0, 1.0, 2.0]),
//!     named("subject", LogCholeskyMatrix::<2>::new()),
//!     named("residual", ScalarMatrix::<3>::new()),
//! );
//!
//! let context = SessionContext::new();
//! context.register_udf(fits("fit_growth", model, line));
//! context
//!     .sql(
//!         "CREATE TABLE children AS SELECT * FROM (VALUES
//!            ('a', 1, [0.0, 1.0, 2.0], [5.1, 6.0, 7.2]),
//!            ('a', 2, [0.0, 1.0, 2.0], [4.2, 5.9, 7.1]),
//!            ('a', 3, [0.0, 1.0, 2.0], [6.0, NULL, 8.9]),
//!            ('a', 4, [0.0, 1.0, 2.0], [5.4, 6.1, 7.8]))
//!          AS t(g, subject, x, y)",
//!     )
//!     .await?;
//! let fits = context
//!     .sql(
//!         "SELECT g, fit['outcome'] AS outcome, fit['beta'][2] AS slope
//!          FROM (SELECT g, fit_growth(array_agg(struct(subject, x, y))) AS fit
//!                FROM children GROUP BY g)",
//!     )
//!     .await?;
//! assert_eq!(fits.count().await?, 1);
//! # Ok(())
//! # }
//! ```

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod digest;
mod fits;
mod panel;
mod report;
mod state;
mod visits;

pub use crate::fits::{fits, fits_by_subject};
pub use crate::panel::{PanelFunctions, panel};
