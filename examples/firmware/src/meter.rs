//! A meter that takes one reading at a time and fits a variance between batches and one within.

use covprop::prelude::*;
use covprop::typenum::U2;

/// Samples of a batch.
pub const SAMPLES: usize = 5;
pub const ONES: SVector<f64, SAMPLES> = vector![1.0, 1.0, 1.0, 1.0, 1.0];

/// Logarithms of standard deviations of 50 g, which such batches may have.
const START: [f64; 2] = [3.9, 3.9];

/// Davies & Goldsmith 1972: yields in g, five samples each of six batches of dyestuff.
pub static YIELDS: [u16; 6 * SAMPLES] = [
    1545, 1440, 1440, 1520, 1580, 1540, 1555, 1490, 1560, 1495, 1595, 1550, 1605, 1510, 1560, 1445,
    1440, 1595, 1465, 1545, 1595, 1630, 1515, 1635, 1625, 1520, 1455, 1450, 1480, 1445,
];

/// The incomplete batch, and the sums over those that are complete.
pub struct Meter<M> {
    batch: SVector<f64, SAMPLES>,
    count: usize,
    panel: Panel<M, f64, SAMPLES, 1>,
}

impl<M> Meter<M>
where
    M: Model<Covariance: ParamMatrix<f64, SAMPLES, SAMPLES> + Shape<ParamCount = U2>>,
{
    pub fn new(model: M) -> Self {
        Self { batch: SVector::zeros(), count: 0, panel: Panel::new(model) }
    }

    /// Returns `true` if the reading was taken.
    #[inline(never)]
    pub fn take(&mut self, reading: u16) -> bool {
        if let Some(place) = self.batch.get_mut(self.count) {
            *place = f64::from(reading);
        }
        self.count += 1;
        if self.count < SAMPLES {
            return true;
        }
        self.count = 0;
        self.panel.push(&ONES, &self.batch).is_ok()
    }

    /// The variances between batches and within, or `None` if the search did not end at a maximum.
    #[inline(never)]
    pub fn variances(&self) -> Option<[f64; 2]> {
        let fit = self.panel.estimation().ok()?.with_start(START).fit().ok()?;
        fit.outcome.is_maximum().then_some(fit.params)
    }
}
