//! Subjects in files that are larger than the memory, many machines, and SQL.
//!
//! | data | tool |
//! |---|---|
//! | many groups with a model each | a loop over groups on all cores: [`ParallelFits`](crate::reml::ParallelFits) (feature `rayon`), or a query |
//! | one panel of any number of rows | sums that are computed in parts, stored and merged: [`Panel`](crate::reml::Panel) |
//! | either, in Parquet files or on a cluster | the crate `covprop-datafusion` in `integrations/datafusion` |
//!
//! # One panel in parts
//!
//! The sums of a panel have a constant size. Each machine reads its part of the subjects, a batch
//! at a time, and stores the sums. One machine merges the sums and fits the model. The following
//! program needs the features `rayon` and `serde`.
//!
#![cfg_attr(all(feature = "rayon", feature = "serde"), doc = "```")]
#![cfg_attr(not(all(feature = "rayon", feature = "serde")), doc = "```ignore")]
//! use covprop::prelude::*;
//! use covprop::reml::Accumulator;
//!
//! type Visits = SVector<f64, 3>;
//! type Sums = Accumulator<f64, 3, 2, 1>;
//!
//! fn model() -> Marginal<CompoundSymmetricMatrix<3>> {
//!     Marginal::new(CompoundSymmetricMatrix::new())
//! }
//!
//! /// The subjects of one part, in batches that fit into the memory.
//! fn batches(part: usize) -> impl Iterator<Item = Vec<(SMatrix<f64, 3, 2>, Visits)>> {
//!     let x = matrix![1.0, 0.0; 1.0, 1.0; 1.0, 2.0];
//!     let y = move |i: usize| {
//!         let level = ((7 * i + 3 * part) as f64).sin();
//!         Visits::from_fn(|j, _| 5.0 + level + 2.0 * j as f64 + 0.3 * ((5 * i + j) as f64).cos())
//!     };
//!     (0..4).map(move |batch| (0..100).map(|i| (x, y(100 * batch + i))).collect())
//! }
//!
//! /// What each machine does: the sums of its part, as bytes for a file or a network.
//! fn sums_of(part: usize) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
//!     let mut panel = Panel::<_, f64, 3, 2>::new(model());
//!     for batch in batches(part) {
//!         panel.par_extend(&batch)?; // on all cores of this machine
//!     }
//!     let mut bytes = [0; 4096]; // more than enough: a size that the types fix
//!     Ok(postcard::to_slice(panel.accumulator(), &mut bytes)?.to_vec())
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut whole = Panel::<_, f64, 3, 2>::new(model());
//! for part in 0..3 {
//!     let sums: Sums = postcard::from_bytes(&sums_of(part)?)?;
//!     whole.merge(&Panel::from_accumulator(model(), sums))?;
//! }
//! assert_eq!(whole.subjects(), 1200);
//! let fit = whole.fit()?;
//! assert_eq!(fit.outcome, Outcome::Converged);
//! assert!((fit.beta[1] - 2.0).abs() < 0.1);
//! # Ok(())
//! # }
//! ```
//!
//! A part that was stored need not be read again after an interruption. The stored form has a
//! version, and stays readable ([`Error::StoredVersion`](crate::Error::StoredVersion)). The result
//! does not depend on the number of cores, and depends on the partition of the subjects only by
//! rounding.
//!
//! # Fits and panels by SQL
//!
//! The crate `covprop-datafusion` makes functions of Apache DataFusion from a model:
//!
//! ```sql
//! -- a fit for each group
//! SELECT g, fit_growth(array_agg(struct(subject, x, y))) FROM 'data/*.parquet' GROUP BY g;
//! -- the sums of a panel, which are merged later
//! SELECT day, growth_panel(x, y) AS state FROM rows GROUP BY day;
//! SELECT growth_panel_fit(growth_panel_merge(state)) FROM states;
//! ```
//!
//! Through Ballista, the same queries run on a cluster. The README of the crate shows each step.
