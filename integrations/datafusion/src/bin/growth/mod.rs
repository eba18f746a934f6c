//! Growth curves of four visits, and the functions that fit them.

use covprop::prelude::*;
use covprop_datafusion::{fits, panel};
use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;

/// X and Z: an intercept and a slope over the covariate.
pub fn line(x: &[f64; 4]) -> SMatrix<f64, 4, 2> {
    SMatrix::from_fn(|i, j| if j == 0 { 1.0 } else { x[i] })
}

/// Random intercepts and slopes.
pub fn model() -> impl Model<Covariance: ParamMatrix<f64, 4, 4>> + Clone + Send + Sync + 'static {
    MixedModel::new(
        line(&[0.0, 1.0, 2.0, 3.0]),
        named("subject", LogCholeskyMatrix::<2>::new()),
        named("residual", ScalarMatrix::<4>::new()),
    )
}

/// Registers `fit_growth`, `growth_panel`, `growth_panel_merge` and `growth_panel_fit`.
pub fn register(registry: &mut dyn FunctionRegistry) -> Result<()> {
    registry.register_udf(fits("fit_growth", model(), line).into())?;
    panel::<_, 4, 2, 15>("growth", model(), line).register(registry)
}
