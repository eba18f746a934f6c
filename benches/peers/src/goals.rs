//! What is wanted, and whether it was reached.

use crate::fits::Fits;
use crate::recorded::Recorded;
use crate::reml::{DIAGONAL, SCALAR};
use crate::table::{Cell, Table};
use crate::timing::geometric_mean;

const TEXTBOOKS: [&str; 2] = ["eigen gcc textbook", "eigen clang textbook"];
const EXPERTS: [&str; 2] = ["eigen gcc expert", "eigen clang expert"];
const VALUES: [&str; 3] = ["V full", "V diagonal", "V Cholesky"];
const GRADIENTS: [&str; 2] = ["gradient diagonal", "gradient Cholesky"];
const TORCH: &str = "torch-openreml";

/// Everything that was measured; what was not has no goal.
pub struct Measured<'a> {
    pub tables: &'a [Table],
    pub fits: &'a Fits,
    pub recorded: &'a Recorded,
}

fn print_goal(name: &str, measured: f64, target: &str, reached: bool) {
    let verdict = if reached { "" } else { "  MISSED" };
    println!("goal {name}: {measured:.2} / {target}{verdict}");
}

fn at_least(name: &str, measured: Option<f64>, target: f64) {
    if let Some(measured) = measured {
        print_goal(name, measured, &format!("≥ {target}"), measured >= target);
    }
}

fn at_most(name: &str, measured: Option<f64>, target: f64) {
    if let Some(measured) = measured {
        print_goal(name, measured, &format!("≤ {target}"), measured <= target);
    }
}

/// Fits of which most of the time of a peer is arithmetic.
fn is_large(name: &str) -> bool {
    matches!(name, "penicillin" | "subjects_1000" | "subjects_10000")
}

fn mean(x: Vec<f64>) -> Option<f64> {
    (!x.is_empty()).then(|| geometric_mean(x))
}

fn least(x: impl IntoIterator<Item = f64>) -> Option<f64> {
    x.into_iter().reduce(f64::min)
}

impl Measured<'_> {
    fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    fn cells(&self, names: &[&str]) -> impl Iterator<Item = &Cell> {
        names.iter().filter_map(|name| self.table(name)).flat_map(|table| &table.cells)
    }

    /// All ratios of a peer over these tables.
    fn ratios(&self, names: &[&str], peer: &str) -> Vec<f64> {
        self.cells(names).filter_map(|cell| cell.ratio(peer)).collect()
    }

    fn mean(&self, names: &[&str], peer: &str) -> Option<f64> {
        mean(self.ratios(names, peer))
    }

    /// The compiler whose mean is the best for the peer, and that mean.
    fn hardest<'p>(&self, names: &[&str], peers: [&'p str; 2]) -> Option<(&'p str, f64)> {
        let means = peers.into_iter().filter_map(|peer| Some((peer, self.mean(names, peer)?)));
        means.min_by(|a, b| a.1.total_cmp(&b.1))
    }

    fn against(&self, what: &str, names: &[&str], peers: [&str; 2], target: f64) {
        if let Some((peer, ratio)) = self.hardest(names, peers) {
            at_least(&format!("{what} vs {peer}, the harder compiler"), Some(ratio), target);
        }
    }

    /// The geometric mean of a part of a limit over large sizes.
    fn attained(
        &self,
        names: &[&str],
        from: usize,
        part: impl Fn(&Cell) -> Option<f64>,
    ) -> Option<f64> {
        mean(self.cells(names).filter(|cell| cell.n >= from).filter_map(part).collect())
    }

    fn at_size(&self, name: &str, size: &str, peer: &str) -> Option<f64> {
        self.table(name)?.cell(size)?.ratio(peer)
    }

    fn recorded_ratio(&self, name: &str, size: &str) -> Option<f64> {
        let ours = self.table(name)?.cell(size)?.ours;
        Some(self.recorded.get(name, TORCH, size)? / ours)
    }

    pub fn print(&self) {
        println!();
        self.print_gradients();
        self.print_values();
        self.print_likelihoods();
        self.print_fits();
    }

    fn print_gradients(&self) {
        let parts: [(&str, &[&str]); 3] = [
            ("gradient", &GRADIENTS),
            ("gradient diagonal", &GRADIENTS[..1]),
            ("gradient Cholesky", &GRADIENTS[1..]),
        ];
        for (what, names) in parts {
            self.against(what, names, TEXTBOOKS, 12.0);
            at_least(&format!("{what} vs nalgebra"), self.mean(names, "nalgebra"), 8.0);
        }
        for (what, names) in parts {
            self.against(what, names, EXPERTS, 1.15);
            for peer in EXPERTS {
                let worst = least(self.ratios(names, peer));
                at_least(&format!("{what} vs {peer}, worst size"), worst, 1.0);
            }
        }
        for (name, target) in [("gradient diagonal", 85.0), ("gradient Cholesky", 75.0)] {
            let percent = self.attained(&[name], 12, Cell::attained_store).map(|x| 100.0 * x);
            at_least(&format!("{name}, % of the store limit, N ≥ 12"), percent, target);
        }
    }

    fn print_values(&self) {
        self.against("V", &VALUES, EXPERTS, 2.0);
        self.against("V", &VALUES, TEXTBOOKS, 5.0);
        let percent = self.attained(&VALUES, 24, Cell::attained).map(|x| 100.0 * x);
        at_least("V, % of the limit, N ≥ 24", percent, 60.0);
        let one_hot = self.at_size("V one-hot", "64x8", "nalgebra");
        at_least("V one-hot vs nalgebra at 64x8", one_hot, 24.0);
        for (size, target) in [("4x3", 15000.0), ("16x4", 1900.0), ("64x8", 80.0)] {
            let ratio = self.recorded_ratio("value_and_gradient", size);
            at_least(&format!("θ → (V, gradient) vs {TORCH} at {size}"), ratio, target);
        }
    }

    fn print_likelihoods(&self) {
        let pullback = "pullback Cholesky";
        at_least("pullback vs nalgebra", self.mean(&[pullback], "nalgebra"), 35.0);
        let largest = self.at_size(pullback, "64x8", "nalgebra");
        at_least("pullback vs nalgebra at 64x8", largest, 130.0);
        for peer in EXPERTS {
            let ratio = self.at_size(DIAGONAL, "32x5", peer);
            at_least(&format!("{DIAGONAL}, N = 32, vs {peer}"), ratio, 8.0);
        }
        for (name, target) in [(DIAGONAL, 600.0), (SCALAR, 4000.0)] {
            let ratio = self.recorded_ratio(name, "32x5");
            at_least(&format!("{name}, N = 32, vs {TORCH}"), ratio, target);
        }
    }

    fn print_fits(&self) {
        for (name, nanoseconds) in &self.fits.whole {
            if let Some((peer, theirs)) = self.recorded.fastest("fit", name) {
                let target = if is_large(name) { 100.0 } else { 1000.0 };
                let ratio = Some(theirs / nanoseconds);
                at_least(&format!("fit of {name} vs the fastest ({peer})"), ratio, target);
            }
        }
        let name = "fit of subjects at their own times by that of a panel";
        at_most(name, self.fits.subjects_by_panel, 3.0);
        let time = |size: &str| Some(self.fits.whole.iter().find(|(name, _)| *name == size)?.1);
        let growth = time("subjects_10000").zip(time("subjects_1000")).map(|(a, b)| a / b);
        at_most("fit of 10,000 subjects by that of 1,000", growth, 12.0);
        at_least("fits of 6 groups × 5 per second", self.fits.per_second, 200_000.0);
        if let [few, .., many] = &*self.fits.panels {
            at_most("fit of a panel of 100,000 subjects by that of 10", Some(many.1 / few.1), 1.2);
        }
    }
}
