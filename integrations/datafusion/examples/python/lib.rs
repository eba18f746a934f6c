//! The functions of growth curves as a C library, which Python's `datafusion` loads. `growth.py`
//! registers them.
//!
//! ```text
//! cargo build --release --example growth_functions
//! ```

#[path = "../../src/bin/growth/mod.rs"]
#[allow(dead_code, reason = "Python registers the functions")]
mod growth;

use std::sync::{Arc, LazyLock};

use covprop_datafusion::{PanelFunctions, fits, panel};
use datafusion_ffi::udaf::FFI_AggregateUDF;
use datafusion_ffi::udf::FFI_ScalarUDF;

/// Functions that live as long as the process, because Python may use them until it ends.
struct Functions {
    fit_growth: FFI_ScalarUDF,
    panel: FFI_AggregateUDF,
    merge: FFI_AggregateUDF,
    fit: FFI_ScalarUDF,
}

static FUNCTIONS: LazyLock<Functions> = LazyLock::new(|| {
    let of_panel = panel::<_, 4, 2, 15>("growth", growth::model(), growth::line);
    let PanelFunctions { panel, merge, fit } = of_panel;
    Functions {
        fit_growth: FFI_ScalarUDF::from(Arc::new(fits(
            "fit_growth",
            growth::model(),
            growth::line,
        ))),
        panel: FFI_AggregateUDF::from(Arc::new(panel)),
        merge: FFI_AggregateUDF::from(Arc::new(merge)),
        fit: FFI_ScalarUDF::from(Arc::new(fit)),
    }
});

#[unsafe(no_mangle)]
pub extern "C" fn fit_growth() -> &'static FFI_ScalarUDF {
    &FUNCTIONS.fit_growth
}

#[unsafe(no_mangle)]
pub extern "C" fn growth_panel() -> &'static FFI_AggregateUDF {
    &FUNCTIONS.panel
}

#[unsafe(no_mangle)]
pub extern "C" fn growth_panel_merge() -> &'static FFI_AggregateUDF {
    &FUNCTIONS.merge
}

#[unsafe(no_mangle)]
pub extern "C" fn growth_panel_fit() -> &'static FFI_ScalarUDF {
    &FUNCTIONS.fit
}
