//! What was measured, and how it is printed.

use crate::recorded::Recorded;
use crate::timing::geometric_mean;

/// One operation at each of its sizes.
pub struct Table {
    pub name: &'static str,
    pub cells: Vec<Cell>,
}

/// One size; times in nanoseconds.
pub struct Cell {
    pub size: String,
    pub n: usize,
    /// Our median, and our tenth percentile.
    pub ours: f64,
    pub best: f64,
    /// The time of each peer by ours.
    pub ratios: Vec<(&'static str, f64)>,
    /// The time to store the result, and what no implementation can be faster than.
    pub store: Option<f64>,
    pub limit: Option<f64>,
}

impl Cell {
    pub fn ratio(&self, peer: &str) -> Option<f64> {
        self.ratios.iter().find(|(name, _)| *name == peer).map(|(_, ratio)| *ratio)
    }

    /// The part of the limit that we attain.
    pub fn attained(&self) -> Option<f64> {
        Some(self.limit? / self.best)
    }

    /// The same of the limit of stores alone.
    pub fn attained_store(&self) -> Option<f64> {
        Some(self.store? / self.best)
    }
}

impl Table {
    pub fn cell(&self, size: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.size == size)
    }

    pub fn print(&self, recorded: &Recorded) {
        const LABEL: usize = 26;
        print!("\n{:<LABEL$}", self.name);
        for cell in &self.cells {
            print!("{:>10}", cell.size);
        }
        println!("{:>10}", "mean");
        let row = |label: &str, values: &[Option<f64>], digits: usize, mean: bool| {
            print!("{label:<LABEL$}");
            for value in values {
                match value {
                    Some(value) => print!("{value:>10.digits$}"),
                    None => print!("{:>10}", "-"),
                }
            }
            let present: Vec<f64> = values.iter().flatten().copied().collect();
            if mean && !present.is_empty() {
                print!("{:>10.digits$}", geometric_mean(present));
            }
            println!();
        };
        let cells = |f: &dyn Fn(&Cell) -> Option<f64>| -> Vec<Option<f64>> {
            self.cells.iter().map(f).collect()
        };
        row("  covprop, ns", &cells(&|cell| Some(cell.ours)), 1, false);
        for (peer, _) in self.cells.first().map(|cell| &*cell.ratios).unwrap_or_default() {
            row(&format!("  {peer}"), &cells(&|cell| cell.ratio(peer)), 2, true);
        }
        for peer in recorded.peers(self.name) {
            let ratios =
                cells(&|cell| Some(recorded.get(self.name, peer, &cell.size)? / cell.ours));
            row(&format!("  {peer} (recorded)"), &ratios, 0, true);
        }
        if self.cells.iter().any(|cell| cell.limit.is_some()) {
            row("  limit, ns", &cells(&|cell| cell.limit), 1, false);
            let percent = |x: Option<f64>| x.map(|x| 100.0 * x);
            row("  attained, %", &cells(&|cell| percent(cell.attained())), 0, true);
        }
    }
}
