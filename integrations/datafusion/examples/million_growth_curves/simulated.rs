//! Simulated children: columns of the group g, the subject, the times x and the responses y.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Float64Builder, Int64Builder, ListBuilder, RecordBatch, UInt32Builder,
};
use datafusion::error::Result;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

pub const CHILDREN: u32 = 20;
const TIMES: [f64; 4] = [0.0, 1.0, 2.0, 3.0];

/// The truth: the means of level and slope, their standard deviations, and that of the residuals.
pub const SLOPE: f64 = 2.0;
const LEVEL: f64 = 10.0;
const OF_LEVEL: f64 = 1.0;
const OF_SLOPE: f64 = 0.2;
const OF_RESIDUAL: f64 = 0.6;

/// Simulates groups. The numbers of a group do not depend on the other groups.
pub fn batch(groups: Range<i64>) -> Result<RecordBatch> {
    let (mut g, mut subject) = (Int64Builder::new(), UInt32Builder::new());
    let mut x = ListBuilder::new(Float64Builder::new());
    let mut y = ListBuilder::new(Float64Builder::new());
    for group in groups {
        let mut rng = StdRng::seed_from_u64(group as u64);
        let mut normal = |deviation: f64| deviation * rng.sample::<f64, _>(StandardNormal);
        for child in 0..CHILDREN {
            let (level, slope) = (LEVEL + normal(OF_LEVEL), SLOPE + normal(OF_SLOPE));
            g.append_value(group);
            subject.append_value(if group % 300 == 99 { child / 2 } else { child });
            x.values().append_slice(&TIMES);
            x.append(true);
            for time in TIMES {
                let response = level + slope * time + normal(OF_RESIDUAL);
                let is_missing = normal(1.0) > 1.64 || (group % 300 == 299 && child > 0);
                let infinite = group % 300 == 199 && child == 3;
                y.values().append_option(match (is_missing, infinite) {
                    (_, true) => Some(f64::INFINITY),
                    (true, _) => None,
                    _ => Some(response),
                });
            }
            y.append(true);
        }
    }
    let columns: [(&str, ArrayRef); 4] = [
        ("g", Arc::new(g.finish())),
        ("subject", Arc::new(subject.finish())),
        ("x", Arc::new(x.finish())),
        ("y", Arc::new(y.finish())),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}
