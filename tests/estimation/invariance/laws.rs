//! The laws, as statements about two fits.

use approx::abs_diff_eq;
use nalgebra::DMatrix;

use super::data::{Data, K, Likelihood, Scalar, Way};
use super::structure::{Closed, Found, Structure};

/// Roundings of θ and of log-likelihoods.
const ULPS: f64 = 4.0;
/// Of variances, of β and of log-likelihoods, in f64.
const SAME: f64 = 1e-8;
/// In f32, multiplied by the condition number of the correlations of V.
const SAME_IN_SINGLE: f64 = 1e-4;
/// The largest condition number that multiplies a tolerance.
const MOST_CONDITIONING: f64 = 100.0;
/// After transformations that do not change V.
const SAME_V: f64 = 1e-9;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Law {
    /// y × 2ᵏ
    PowersOfTwo,
    /// y × 10ᵏ
    PowersOfTen,
    /// Distances and covariates × 10ᵏ
    Distances,
    /// Rows of y and X × 10ᵃ
    Rows,
    /// X A
    Columns,
    /// −y
    Sign,
    /// The order of the subjects
    Order,
    /// Panels that are merged
    Merging,
    /// y + X β
    Shift,
    /// Columns of Z × 10ᵏ
    Designs,
    /// The order of the rows of each subject
    Visits,
    /// Numbers in rows that were not observed
    Unobserved,
    /// Weights of zero in rows that were not observed
    ZeroWeights,
    /// A subject without observed rows
    EmptySubject,
    /// Rows in a workspace
    Workspace,
    /// A panel of subjects with the same design
    OnePanel,
    /// Another start
    Start,
    /// f32
    Precision,
}

pub(crate) const LAWS: [Law; 18] = [
    Law::PowersOfTwo,
    Law::PowersOfTen,
    Law::Distances,
    Law::Rows,
    Law::Columns,
    Law::Sign,
    Law::Order,
    Law::Merging,
    Law::Shift,
    Law::Designs,
    Law::Visits,
    Law::Unobserved,
    Law::ZeroWeights,
    Law::EmptySubject,
    Law::Workspace,
    Law::OnePanel,
    Law::Start,
    Law::Precision,
];

/// Returns `true` if two numbers are equal, infinite ones included, or finite and this near.
fn is_near(a: f64, b: f64, tolerance: f64) -> bool {
    a == b || abs_diff_eq!(a, b, epsilon = tolerance)
}

/// How one fit follows from another.
struct Map<'m> {
    what: String,
    /// By what y is multiplied.
    factor: f64,
    /// By what row i of y and X is multiplied.
    rows: &'m [f64],
    /// By what distances are multiplied.
    distance: f64,
    /// `true` if columns of Z are multiplied, so that other parameters have the same V.
    by_v_alone: bool,
    /// β for the other β.
    beta: [[f64; K]; K],
    /// What is added to β.
    shift: [f64; K],
    /// How far ℓ falls.
    falls: f64,
    tolerance: f64,
}

impl Map<'_> {
    /// The condition number of the correlations of V.
    fn conditioning(v: &DMatrix<f64>) -> f64 {
        let n = v.nrows();
        let correlations = DMatrix::from_fn(n, n, |i, j| {
            let size = (v[(i, i)] * v[(j, j)]).sqrt();
            if size > 0.0 { v[(i, j)] / size } else { f64::from(u8::from(i == j)) }
        });
        let eigenvalues = correlations.symmetric_eigenvalues();
        (eigenvalues.amax() / eigenvalues.min().max(0.0)).min(MOST_CONDITIONING)
    }

    /// Why the fit is not the image of the other one.
    fn check(&self, of: &Found, found: &Result<Found, String>) -> Result<(), String> {
        let found = found.as_ref().map_err(|error| format!("{}: {error}", self.what))?;
        let fail = |why: String| Err(format!("{}: {why}", self.what));
        if of.outcome != found.outcome {
            return fail(format!(
                "{} for {}, ℓ {:.3e} higher",
                found.outcome,
                of.outcome,
                found.log_likelihood + self.falls - of.log_likelihood
            ));
        }
        let (height, of_height) = (found.log_likelihood + self.falls, of.log_likelihood);
        let size = of_height.abs().max(self.falls.abs()).max(1.0);
        if !is_near(height, of_height, self.tolerance * size) {
            return fail(format!("ℓ {height} for {of_height}"));
        }
        for ((i, j), &expected) in
            (0..of.v.ncols()).flat_map(|j| (0..of.v.nrows()).map(move |i| (i, j))).zip(&of.v)
        {
            let row = |i: usize| self.rows.get(i).copied().unwrap_or(1.0) * self.factor;
            let entry = found.v[(i, j)] / row(i) / row(j);
            let size = (of.v[(i, i)] * of.v[(j, j)]).sqrt().max(expected.abs());
            if !is_near(entry, expected, self.tolerance * size) {
                return fail(format!("V[{i}, {j}] {entry:e} for {expected:e}"));
            }
        }
        for (k, &expected) in of.beta.iter().enumerate() {
            let beta: f64 = (0..K).map(|l| self.beta[k][l] * found.beta[l]).sum();
            let beta = beta - self.shift[k];
            if !is_near(beta, expected, self.tolerance * expected.abs().max(1.0)) {
                return fail(format!("β[{k}] {beta} for {expected}"));
            }
        }
        let identified = found.outcome != "NotIdentified";
        // By V alone where more than ranges change with the unit of a covariate.
        let of_covariate =
            self.distance != 1.0 && of.names.iter().any(|name| name.contains("delta"));
        let by_v_alone = of_covariate || self.by_v_alone;
        let scaled = self.rows.is_empty() && of.is_homogeneous && identified && !by_v_alone;
        for (k, &expected) in of.params.iter().enumerate().filter(|_| scaled) {
            let is_range = of.names[k].contains("range");
            let of_distance = if is_range { self.distance } else { 1.0 };
            let eta = found.params[k] / self.factor.abs().powf(of.degrees[k]) / of_distance;
            if !is_near(eta, expected, self.tolerance * expected.abs().max(1.0)) {
                return fail(format!("{} {eta:e} for {expected:e}", of.names[k]));
            }
        }
        Ok(())
    }

    /// Why the fit is not the image of the other one to the bit, for a power of two.
    fn check_bits(
        &self,
        of: &Found,
        found: &Result<Found, String>,
        ulp: f64,
    ) -> Result<(), String> {
        let found = found.as_ref().map_err(|error| format!("{}: {error}", self.what))?;
        let fail = |why: String| Err(format!("{}: {why}", self.what));
        if of.outcome != found.outcome || of.iterations != found.iterations {
            return fail(format!(
                "{} after {} steps for {} after {}, ℓ {:.3e} higher",
                found.outcome,
                found.iterations,
                of.outcome,
                of.iterations,
                found.log_likelihood + self.falls - of.log_likelihood
            ));
        }
        for (k, (beta, expected)) in found.beta.iter().zip(&of.beta).enumerate() {
            if *beta != expected * self.factor {
                return fail(format!("β[{k}] / c {:e} for {expected:e}", beta / self.factor));
            }
        }
        for (k, (eta, expected)) in found.params.iter().zip(&of.params).enumerate() {
            let c = self.factor.powf(of.degrees[k]);
            if *eta != expected * c {
                return fail(format!("{} {:e} for {expected:e}", of.names[k], eta / c));
            }
            let (theta, name) = (found.theta[k], &of.names[k]);
            let expected = match &found.inverse {
                _ if of.degrees[k] == 0.0 || of.params[k] == 0.0 => of.theta[k],
                Ok(inverse) => inverse[k],
                Err(error) => {
                    return fail(format!("no θ of the parameters {:?}: {error}", found.params));
                }
            };
            let tolerance = ulp * ULPS * expected.abs().max(1.0);
            if !is_near(theta, expected, tolerance) {
                return fail(format!("θ of {name} {theta} for {expected}"));
            }
        }
        let (height, of_height) = (found.log_likelihood + self.falls, of.log_likelihood);
        let size = found.log_likelihood.abs().max(of_height.abs()).max(self.falls.abs()).max(1.0);
        if !is_near(height, of_height, ulp * ULPS * size) {
            return fail(format!("ℓ {height} for {of_height}"));
        }
        Ok(())
    }
}

/// All cases of one structure, one likelihood and one scalar.
pub(crate) struct Cell<'s> {
    pub(crate) structure: &'s Structure,
    pub(crate) likelihood: Likelihood,
    pub(crate) scalar: Scalar,
    /// The number of cases of each law.
    pub(crate) cases: [usize; LAWS.len()],
    /// What failed.
    pub(crate) failures: Vec<(Law, String)>,
}

impl<'s> Cell<'s> {
    pub(crate) fn new(structure: &'s Structure, likelihood: Likelihood, scalar: Scalar) -> Self {
        Self { structure, likelihood, scalar, cases: [0; LAWS.len()], failures: Vec::new() }
    }

    fn fit(&self, data: &Data) -> Result<Found, String> {
        match self.scalar {
            Scalar::Double => (self.structure.double)(data),
            Scalar::Single => (self.structure.single.expect("a structure of f32"))(data),
        }
    }

    fn count(&mut self, law: Law, seed: u64, result: Result<(), String>) {
        self.cases[law as usize] += 1;
        if let Err(why) = result {
            self.failures.push((law, format!("seed {seed}, {why}")));
        }
    }

    /// Checks the laws on one data set: with every power of two and the even powers of ten, or with one power of two and the odd ones.
    pub(crate) fn check(&mut self, seed: u64, every: bool) {
        let data = Data::simulate(self.structure, self.likelihood, seed);
        let of = match self.fit(&data) {
            Ok(of) => of,
            Err(error) => panic!("{} {:?}: {error}", self.structure.name, self.likelihood),
        };
        let is_double = self.scalar == Scalar::Double;
        let conditioning = Map::conditioning(&of.v);
        let tolerance = if is_double { SAME } else { SAME_IN_SINGLE * conditioning };
        let ulp = if is_double { f64::EPSILON } else { f64::from(f32::EPSILON) };
        let identity = [[1.0, 0.0], [0.0, 1.0]];
        let map = |what: String, factor: f64| Map {
            what,
            factor,
            rows: &[],
            distance: 1.0,
            by_v_alone: false,
            beta: identity.map(|row| row.map(|x| x / factor)),
            shift: [0.0; K],
            falls: data.per_log_unit() * factor.abs().ln(),
            tolerance,
        };

        let powers: &[i32] = if is_double { &[1, -1, 20, -20, -60] } else { &[1, -1, 20, -20] };
        for &k in powers.iter().filter(|&&k| every || k == -20) {
            let c = 2.0_f64.powi(k);
            let found = self.fit(&data.times(c));
            let map = map(format!("y × 2^{k}"), c);
            let result = if of.is_homogeneous {
                map.check_bits(&of, &found, ulp)
            } else {
                map.check(&of, &found)
            };
            self.count(Law::PowersOfTwo, seed, result);
        }
        let largest = if is_double { 12 } else { 6 };
        let half = |k: &i32| *k != 0 && k.rem_euclid(2) == i32::from(!every);
        for k in (-largest..=largest).filter(half) {
            let c = 10.0_f64.powi(k);
            let found = self.fit(&data.times(c));
            let result = map(format!("y × 10^{k}"), c).check(&of, &found);
            self.count(Law::PowersOfTen, seed, result);
        }
        let found = self.fit(&data.times(-1.0));
        self.count(Law::Sign, seed, map("−y".into(), -1.0).check(&of, &found));
        if self.structure.closed.contains(&Closed::Distances) {
            let is_series = self.likelihood == Likelihood::Kalman;
            let powers: &[i32] = match self.scalar {
                Scalar::Double if is_series => &[-3, -1, 1, 4],
                Scalar::Double => &[-6, -3, -1, 1, 2, 5, 9],
                Scalar::Single => &[-2, -1, 2],
            };
            for &k in powers {
                let distance = 10.0_f64.powi(k);
                // Of position, velocity, and the measurement.
                let rows = [1.0, distance.recip(), 1.0];
                let rows: &[f64] = if is_series { &rows } else { &[] };
                let found = self.fit(&data.in_distances(distance));
                let map = Map { rows, distance, ..map(format!("distances × 10^{k}"), 1.0) };
                self.count(Law::Distances, seed, map.check(&of, &found));
            }
        }
        if self.likelihood == Likelihood::Kalman {
            return;
        }
        if self.structure.closed.contains(&Closed::Rows) {
            let sizes: &[f64] = if is_double { &[1.0, 2.0, 4.0] } else { &[0.5, 2.0] };
            for size in sizes {
                let n = of.v.nrows();
                let powers = (0..n).map(|i| size * (1.0 - 2.0 * ((3 * i) % n) as f64 / n as f64));
                let rows: Vec<f64> = powers.map(|a| 10.0_f64.powf(a)).collect();
                let found = self.fit(&data.in_rows(&rows));
                let subjects = data.subjects.len() as f64;
                let falls = subjects * rows.iter().map(|c| c.ln()).sum::<f64>();
                let what = format!("rows × 10^±{size}");
                let map = Map { rows: &rows, falls, ..map(what, 1.0) };
                self.count(Law::Rows, seed, map.check(&of, &found));
            }
        }
        if !is_double && self.structure.is_own {
            let found = (self.structure.double)(&data);
            self.count(Law::Precision, seed, map("f64".into(), 1.0).check(&of, &found));
        }
        let same_v = if is_double { SAME_V } else { tolerance };
        let same = |what| Map { tolerance: same_v, ..map(what, 1.0) };
        self.check_same_v(seed, &data, &of, ulp, same);
    }

    /// Checks the laws of transformations that do not change V.
    fn check_same_v<'m>(
        &mut self,
        seed: u64,
        data: &Data,
        of: &Found,
        ulp: f64,
        same: impl Fn(String) -> Map<'m>,
    ) {
        for a in [[[2.0, 0.3], [-0.5, 1.5]], [[-1.0, 0.0], [4.0, 0.1]]] {
            let found = self.fit(&data.in_columns(a));
            let determinant: f64 = a[0][0] * a[1][1] - a[0][1] * a[1][0];
            let is_reml = self.likelihood == Likelihood::Reml;
            let falls = if is_reml { determinant.abs().ln() } else { 0.0 };
            let map = Map { beta: a, falls, ..same(format!("X × {a:?}")) };
            self.count(Law::Columns, seed, map.check(of, &found));
        }
        let found = self.fit(&data.reversed());
        self.count(Law::Order, seed, same("reversed".into()).check(of, &found));
        let shift = [32.0, -8.0];
        let found = self.fit(&data.shifted(shift));
        let shifted = Map { shift, ..same(format!("y + X {shift:?}")) };
        self.count(Law::Shift, seed, shifted.check(of, &found));
        if self.structure.is_own {
            self.check_own(seed, data, of, ulp, same);
        } else {
            for parts in [2, 3] {
                let found = self.fit(&data.merged(parts));
                let map = same(format!("{parts} panels merged"));
                self.count(Law::Merging, seed, map.check(of, &found));
            }
        }
    }

    /// Checks the laws of subjects with designs of their own.
    fn check_own<'m>(
        &mut self,
        seed: u64,
        data: &Data,
        of: &Found,
        ulp: f64,
        same: impl Fn(String) -> Map<'m>,
    ) {
        let found = self.fit(&data.in_a_workspace());
        let result = same("workspace".into()).check_bits(of, &found, ulp);
        self.count(Law::Workspace, seed, result);
        let is_closed = self.structure.closed.contains(&Closed::Designs);
        for k in [-6, -2, 1, 3, 6].into_iter().filter(|_| is_closed) {
            let distance = 10.0_f64.powi(k);
            let found = self.fit(&data.in_distances(distance));
            let map = Map { by_v_alone: true, ..same(format!("columns of Z × 10^{k}")) };
            self.count(Law::Designs, seed, map.check(of, &found));
        }
        let mut check = |law, what: &str, data: Data| {
            let found = self.fit(&data);
            self.count(law, seed, same(what.into()).check(of, &found));
        };
        check(Law::Visits, "rotated rows", data.with_rotated_rows());
        check(Law::Unobserved, "other numbers", data.with_unknown_rows());
        check(Law::ZeroWeights, "weights of zero", data.with_zero_weights());
        for (place, what) in [(0, "first"), (data.subjects.len(), "last")] {
            check(Law::EmptySubject, what, data.with_empty_subject(place));
        }
        for start in [0.7, -0.5] {
            let found = self.fit(&data.from(start));
            let map = same(format!("start {start}"));
            let map = Map { tolerance: map.tolerance.max(SAME), ..map };
            self.count(Law::Start, seed, map.check(of, &found));
        }
        match self.fit(&data.with_one_design(Way::Usual)) {
            Ok(of) => {
                let found = self.fit(&data.with_one_design(Way::Panel));
                let result = same("a panel".into()).check(&of, &found);
                self.count(Law::OnePanel, seed, result);
            }
            Err(error) => self.count(Law::OnePanel, seed, Err(error)),
        }
    }
}
