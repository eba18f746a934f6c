//! Fits of subjects at times of their own.

use std::hint::black_box;

use covprop::prelude::*;

use crate::data::Design;
use crate::fits::{Rows, check, fit_panel, sleep, slopes};
use crate::timing::{Effort, median};

/// The rows of a subject, and how many of them were observed.
type Seen = (SMatrix<f64, 10, 2>, SVector<f64, 10>, usize);

/// Random intercepts and slopes over the times of each subject.
fn fit(seen: &[Seen]) {
    let subjects: Vec<_> = seen
        .iter()
        .map(|&(x, y, rows)| {
            let g = UnconstrainedMatrix::<2>::new();
            Subject::new(MixedModel::new(x, g, ScalarMatrix::<10>::new()), x, y).with_rows(rows)
        })
        .collect();
    let subjects = Subjects::new(&*subjects).expect("subjects");
    let fit = subjects.fit().expect("data to be estimated from");
    check(&fit);
    black_box(&fit);
}

/// The sleep study with days that were shifted, and days that were dropped.
fn own_times() -> Option<Vec<Seen>> {
    let design = Design::read("sleepstudy_own_ris")?;
    let (y, days) = (design.column("y"), design.column("Days"));
    let mut seen: Vec<Seen> = Vec::new();
    for (row, subject) in design.indices("g_Subject").into_iter().enumerate() {
        if subject == seen.len() {
            seen.push((SMatrix::zeros(), SVector::zeros(), 0));
        }
        let (x, of_subject, rows) = &mut seen[subject];
        (x[(*rows, 0)], x[(*rows, 1)], of_subject[*rows]) = (1.0, days[row], y[row]);
        *rows += 1;
    }
    Some(seen)
}

pub fn sleepstudy(effort: Effort) -> Option<f64> {
    let seen = own_times()?;
    Some(median(effort, || fit(black_box(&seen))))
}

/// The fit of the sleep study at own times, and that of a panel with as many rows, in turns.
pub fn by_panel(effort: Effort) -> Option<f64> {
    let (seen, mut panel) = (own_times()?, sleep()?);
    let rows: usize = seen.iter().map(|(_, _, rows)| rows).sum();
    panel.truncate(rows.div_ceil(10));
    let panel: &[Rows<10, 2>] = &panel;
    let own = median(effort, || fit(black_box(&seen)));
    Some(own / median(effort, || fit_panel(slopes(), black_box(panel))))
}

/// Uniform numbers between 0 and 1 that every language computes alike.
struct Uniform(f64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 += 1.0;
        (10_000.0 * self.0.sin()).rem_euclid(1.0)
    }

    /// The sum of twelve uniform numbers, less its mean: variance 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// Subjects with 5 to 10 rows, as `peers.R` simulates them.
fn simulated(count: usize) -> Vec<Seen> {
    let mut uniform = Uniform(0.0);
    (0..count)
        .map(|subject| {
            let rows = 5 + subject % 6;
            let [intercept, slope] = [24.0, 6.0].map(|size| size * uniform.normal());
            let (mut x, mut y) = (SMatrix::zeros(), SVector::zeros());
            for i in 0..rows {
                let time = i as f64 + uniform.next();
                (x[(i, 0)], x[(i, 1)]) = (1.0, time);
                y[i] = 251.0 + 10.5 * time + intercept + slope * time + 25.0 * uniform.normal();
            }
            (x, y, rows)
        })
        .collect()
}

pub fn fit_simulated(effort: Effort, count: usize) -> f64 {
    let seen = simulated(count);
    median(effort, || fit(black_box(&seen)))
}
