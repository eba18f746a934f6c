//! V, its gradient and what is made of it, by size.

use covprop::prelude::*;
use covprop::transform::ScaleShift;

use crate::covariance::{Both, Covariance};
use crate::limits::{ARITHMETIC, Fill, arithmetic};
use crate::peers;
use crate::peers::eigen::Operation;
use crate::structures::{Ar1, Cholesky, Exponential, Scaled, Textbook, Trainable};
use crate::table::{Cell, Table};
use crate::timing::{Effort, Output, Race};

/// Of g by θ: near 1, and not known to the compiler.
const SLOPE: f64 = 1.25;

type Measure = fn(Effort) -> Vec<Cell>;

/// Everything that has a size.
pub fn all(effort: Effort, wanted: &dyn Fn(&str) -> bool) -> Vec<Table> {
    let operations: [(&'static str, Measure); 11] = [
        ("V full", value_full),
        ("V diagonal", value_diagonal),
        ("V Cholesky", value_cholesky),
        ("V one-hot", value_one_hot),
        ("gradient diagonal", gradient_diagonal),
        ("gradient Cholesky", gradient_cholesky),
        ("gradient AR(1)", gradient_ar1),
        ("gradient trainable Z", gradient_trainable),
        ("pullback Cholesky", pullback),
        ("gradient_mul Cholesky", gradient_mul),
        ("value_and_gradient", value_and_gradient),
    ];
    operations
        .into_iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, measure)| {
            eprintln!("{name} …");
            Table { name, cells: measure(effort) }
        })
        .collect()
}

/// `body` for each size, with N, Q and C = Q(Q+1)/2 as constants.
macro_rules! sizes {
    (($n:ident, $q:ident, $c:ident) => $body:expr) => {
        sizes!(@ $n $q $c $body; (4, 3) (8, 3) (10, 2) (12, 4) (16, 4) (24, 6) (32, 8) (64, 8))
    };
    (@ $n:ident $q:ident $c:ident $body:expr; $(($rows:literal, $cols:literal))*) => {
        vec![$({
            #[allow(dead_code, reason = "not every operation has all of them")]
            const $n: usize = $rows;
            #[allow(dead_code, reason = "not every operation has all of them")]
            const $q: usize = $cols;
            #[allow(dead_code, reason = "not every operation has all of them")]
            const $c: usize = $q * ($q + 1) / 2;
            $body
        }),*]
    };
}

fn dense<const N: usize, const Q: usize>() -> SMatrix<f64, N, Q> {
    SMatrix::from_fn(|i, j| ((3 * i + 5 * j) as f64).sin())
}

fn levels<const N: usize, const Q: usize>() -> [usize; N] {
    std::array::from_fn(|i| i % Q)
}

fn parameters<const P: usize>() -> [f64; P] {
    std::array::from_fn(|k| 1.0 + 0.5 * (k as f64).cos())
}

const AR1: [f64; 2] = [1.3, 0.6];

/// Operations of multiplication and addition that cannot be avoided: Z G, and half of (Z G) Zᵀ.
const fn dense_product(n: usize, q: usize) -> usize {
    2 * n * q * q + half_product(n, q)
}

const fn half_product(n: usize, q: usize) -> usize {
    n * (n + 1) * q
}

/// Runs a race together with its limits.
fn finish<'a, O: Output + Fill + 'a>(
    mut race: Race<'a, O>,
    what: &str,
    (n, q): (usize, usize),
    flops: usize,
    effort: Effort,
    empty: O,
) -> Cell {
    race.pace(&[1.0, 2.0, 3.0, 4.0], |x, out| fill(*x, out));
    race.pace(&(), |&(), _| arithmetic());
    let times = race.run(&format!("{what} {n}×{q}"), effort, empty);
    let store = times.pace(0, 0.1);
    let compute = flops as f64 / ARITHMETIC * times.pace(1, 0.1);
    Cell {
        size: format!("{n}x{q}"),
        n,
        ours: times.ours(0.5),
        best: times.ours(0.1),
        ratios: times.ratios().collect(),
        store: Some(store),
        limit: Some(store.max(compute)),
    }
}

#[inline(never)]
fn fill<O: Fill>(x: [f64; 4], out: &mut O) {
    out.fill(x);
}

/// A V = Z G Zᵀ with what the peers need to know of it.
struct Case<'a, M, S, E, const N: usize, const Q: usize, const P: usize> {
    ours: M,
    z: SMatrix<f64, N, Q>,
    structure: S,
    theta: [f64; P],
    extra: &'a E,
}

impl<M, S, E, const N: usize, const Q: usize, const P: usize> Case<'_, M, S, E, N, Q, P>
where
    M: Covariance<N, P>,
    S: Textbook<Q, P>,
{
    fn value(&self, operation: Operation, flops: usize, effort: Effort) -> Cell {
        let Self { ours, z, structure, theta, extra } = self;
        let mut race = Race::new();
        race.enter("covprop", theta, |theta, out| ours.write_value(theta, out));
        race.enter("nalgebra", theta, |theta, out| {
            peers::nalgebra::value(z, structure, theta, out);
        });
        race.enter("faer", theta, |theta, out| peers::faer::value(z, structure, theta, out));
        for peer in peers::eigen::of(operation, N) {
            // SAFETY: `extra` is what this operation takes.
            race.enter(peer.name, theta, move |theta, out| unsafe {
                peer.call(z, theta, *extra, out);
            });
        }
        finish(race, "V", (N, Q), flops, effort, SMatrix::zeros())
    }

    fn gradient(&self, operation: Operation, flops: usize, effort: Effort) -> Cell {
        let Self { ours, z, structure, theta, extra } = self;
        let mut race = Race::new();
        race.enter("covprop", theta, |theta, out| ours.write_gradient(theta, out));
        race.enter("nalgebra", theta, |theta, out| {
            peers::nalgebra::gradient(z, structure, theta, out);
        });
        race.enter("faer", theta, |theta, out| peers::faer::gradient(z, structure, theta, out));
        race.enter("num-dual", theta, |theta, out| {
            peers::num_dual::gradient(z, structure, theta, out);
        });
        for peer in peers::eigen::of(operation, N) {
            // SAFETY: `extra` is what this operation takes.
            race.enter(peer.name, theta, move |theta, out| unsafe {
                peer.call(z, theta, *extra, out);
            });
        }
        finish(race, "gradient", (N, Q), flops, effort, [SMatrix::zeros(); P])
    }
}

fn value_full(effort: Effort) -> Vec<Cell> {
    sizes!((N, Q, C) => {
        let g = Ar1Matrix::<Q>::new().with_transforms(Identity, Identity);
        let z = dense::<N, Q>();
        let ours = CovariancePropagation::new(z, g);
        let case = Case { ours, z, structure: Ar1, theta: AR1, extra: &() };
        case.value(Operation::ValueFull, dense_product(N, Q), effort)
    })
}

fn value_diagonal(effort: Effort) -> Vec<Cell> {
    sizes!((N, Q, C) => {
        let slope = std::hint::black_box(SLOPE);
        let g = DiagonalMatrix::<Q>::new().with_transform(ScaleShift::new(slope, 0.0));
        let z = dense::<N, Q>();
        let ours = CovariancePropagation::new(z, g);
        let theta = parameters::<Q>();
        let case = Case { ours, z, structure: Scaled { slope }, theta, extra: &slope };
        case.value(Operation::ValueDiagonal, N * Q + half_product(N, Q), effort)
    })
}

fn value_cholesky(effort: Effort) -> Vec<Cell> {
    sizes!((N, Q, C) => {
        let g = OuterGram::new(LowerTriangularMatrix::<Q, Q>::new());
        let z = dense::<N, Q>();
        let ours = CovariancePropagation::new(z, g);
        let case = Case { ours, z, structure: Cholesky, theta: parameters::<C>(), extra: &() };
        case.value(Operation::ValueCholesky, N * Q * (Q + 1) + half_product(N, Q), effort)
    })
}

fn value_one_hot(effort: Effort) -> Vec<Cell> {
    sizes!((N, Q, C) => {
        let g = Ar1Matrix::<Q>::new().with_transforms(Identity, Identity);
        let levels = levels::<N, Q>();
        let design = DummyMatrix::<N, Q>::from_indices(levels);
        let z: SMatrix<f64, N, Q> = design.value(&[]);
        let ours = CovariancePropagation::new(design, g);
        let case = Case { ours, z, structure: Ar1, theta: AR1, extra: &levels };
        case.value(Operation::ValueOneHot, 0, effort)
    })
}

fn gradient_diagonal(effort: Effort) -> Vec<Cell> {
    sizes!((N, Q, C) => {
        let slope = std::hint::black_box(SLOPE);
        let g = DiagonalMatrix::<Q>::new().with_transform(ScaleShift::new(slope, 0.0));
        let z = dense::<N, Q>();
        let ours = CovariancePropagation::new(z, g);
        let theta = parameters::<Q>();
        let case = Case { ours, z, structure: Scaled { slope }, theta, extra: &slope };
        case.gradient(Operation::GradientDiagonal, Q * (N + half_product(N, 1) / 2), effort)
    })
}

fn gradient_cholesky(effort: Effort) -> Vec<Cell> {
    sizes!((N, Q, C) => {
        let g = OuterGram::new(LowerTriangularMatrix::<Q, Q>::new());
        let z = dense::<N, Q>();
        let ours = CovariancePropagation::new(z, g);
        let case = Case { ours, z, structure: Cholesky, theta: parameters::<C>(), extra: &() };
        let flops = N * Q * (Q + 1) + C * half_product(N, 1) * 3 / 2;
        case.gradient(Operation::GradientCholesky, flops, effort)
    })
}

fn gradient_ar1(effort: Effort) -> Vec<Cell> {
    sizes!((N, Q, C) => {
        let g = Ar1Matrix::<Q>::new().with_transforms(Identity, Identity);
        let z = dense::<N, Q>();
        let ours = CovariancePropagation::new(z, g);
        let case = Case { ours, z, structure: Ar1, theta: AR1, extra: &() };
        case.gradient(Operation::GradientAr1, 2 * dense_product(N, Q), effort)
    })
}

fn gradient_trainable(effort: Effort) -> Vec<Cell> {
    fn measure<M: Covariance<N, 2>, const N: usize, const Q: usize>(
        ours: &M,
        parts: &Trainable<N, Q>,
        effort: Effort,
    ) -> Cell {
        let theta = [0.3, -0.2];
        let mut race = Race::new();
        race.enter("covprop", &theta, |theta, out| ours.write_gradient(theta, out));
        race.enter("nalgebra", &theta, |theta, out| {
            peers::nalgebra::gradient_trainable(parts, theta, out);
        });
        race.enter("num-dual", &theta, |theta, out| {
            peers::num_dual::gradient_trainable(parts, theta, out);
        });
        for peer in peers::eigen::of(Operation::GradientTrainable, N) {
            // SAFETY: Z's constant part is Z at θ = 0, and the parts begin as the other side has them.
            race.enter(peer.name, &theta, move |theta, out| unsafe {
                peer.call(&parts.constant, theta, parts, out);
            });
        }
        let flops = 2 * N * Q * Q + 2 * half_product(N, 2 * Q);
        finish(race, "gradient by Z", (N, Q), flops, effort, [SMatrix::zeros(); 2])
    }
    fn parts<const N: usize, const Q: usize>() -> Trainable<N, Q> {
        let shifted = |k: usize| SMatrix::from_fn(|i, j| ((i + 2 * j + k) as f64).cos());
        Trainable {
            slopes: [shifted(1), shifted(2)],
            g: Textbook::g(&Ar1, &AR1),
            constant: dense(),
        }
    }
    sizes!((N, Q, C) => {
        let g = parts::<N, Q>().g;
        let ours = CovariancePropagation::new(parts::<N, Q>(), KnownMatrix::<Q, f64>::new(g));
        measure(&ours, &parts::<N, Q>(), effort)
    })
}

fn pullback(effort: Effort) -> Vec<Cell> {
    fn measure<M: Covariance<N, P>, const N: usize, const Q: usize, const P: usize>(
        ours: &M,
        effort: Effort,
    ) -> Cell {
        let z = &dense::<N, Q>();
        let weights = SMatrix::<f64, N, N>::from_fn(|i, j| (i as f64 + 0.7 * j as f64).cos());
        let inputs = (parameters::<P>(), weights);
        let mut race = Race::new();
        race.enter("covprop", &inputs, |(theta, w), out| ours.write_pullback(theta, w, out));
        race.enter("nalgebra", &inputs, |(theta, w), out| {
            peers::nalgebra::pullback(z, &Cholesky, (theta, w), out);
        });
        for peer in peers::eigen::of(Operation::Pullback, N) {
            // SAFETY: W is what this operation takes.
            race.enter(peer.name, &inputs, move |(theta, w), out| unsafe {
                peer.call(z, theta, w, out);
            });
        }
        let flops = 2 * N * N * Q + N * Q * (Q + 1) + Q * Q * (Q + 1);
        finish(race, "pullback", (N, Q), flops, effort, [0.0; P])
    }
    sizes!((N, Q, C) => {
        let g = OuterGram::new(LowerTriangularMatrix::<Q, Q>::new());
        measure::<_, N, Q, C>(&CovariancePropagation::new(dense::<N, Q>(), g), effort)
    })
}

fn gradient_mul(effort: Effort) -> Vec<Cell> {
    fn measure<M: Covariance<N, P>, const N: usize, const Q: usize, const P: usize>(
        ours: &M,
        effort: Effort,
    ) -> Cell {
        let z = &dense::<N, Q>();
        let inputs = (parameters::<P>(), SVector::<f64, N>::from_fn(|i, _| (i as f64).cos()));
        let mut race = Race::new();
        race.enter("covprop", &inputs, |(theta, u), out| ours.write_products(theta, u, out));
        race.enter("nalgebra", &inputs, |(theta, u), out| {
            peers::nalgebra::gradient_mul(z, &Cholesky, (theta, u), out);
        });
        for peer in peers::eigen::of(Operation::GradientMul, N) {
            // SAFETY: u is what this operation takes.
            race.enter(peer.name, &inputs, move |(theta, u), out| unsafe {
                peer.call(z, theta, u, out);
            });
        }
        let flops = 2 * N * Q + Q * (Q + 1) + N * Q * (Q + 1) + 3 * P * N;
        finish(race, "gradient_mul", (N, Q), flops, effort, [SVector::zeros(); P])
    }
    sizes!((N, Q, C) => {
        let g = OuterGram::new(LowerTriangularMatrix::<Q, Q>::new());
        measure::<_, N, Q, C>(&CovariancePropagation::new(dense::<N, Q>(), g), effort)
    })
}

fn value_and_gradient(effort: Effort) -> Vec<Cell> {
    fn measure<M: Covariance<N, Q>, const N: usize, const Q: usize>(
        ours: &M,
        effort: Effort,
    ) -> Cell {
        let z = &dense::<N, Q>();
        let theta = parameters::<Q>().map(|x| 0.3 * x);
        let mut race = Race::new();
        race.enter("covprop", &theta, |theta, out| ours.write_both(theta, out));
        race.enter("nalgebra", &theta, |theta, out: &mut Both<N, Q>| {
            peers::nalgebra::value(z, &Exponential, theta, &mut out.value);
            peers::nalgebra::gradient(z, &Exponential, theta, &mut out.gradient);
        });
        race.enter("faer", &theta, |theta, out| {
            peers::faer::value(z, &Exponential, theta, &mut out.value);
            peers::faer::gradient(z, &Exponential, theta, &mut out.gradient);
        });
        race.enter("num-dual", &theta, |theta, out| {
            peers::nalgebra::value(z, &Exponential, theta, &mut out.value);
            peers::num_dual::gradient(z, &Exponential, theta, &mut out.gradient);
        });
        for peer in peers::eigen::of(Operation::ValueAndGradient, N) {
            // SAFETY: V and the gradient follow each other, as this operation writes them.
            race.enter(peer.name, &theta, move |theta, out| unsafe {
                peer.call(z, theta, &(), out);
            });
        }
        let flops = N * Q + half_product(N, Q) + Q * (N + half_product(N, 1) / 2);
        let empty = Both { value: SMatrix::zeros(), gradient: [SMatrix::zeros(); Q] };
        finish(race, "value_and_gradient", (N, Q), flops, effort, empty)
    }
    sizes!((N, Q, C) => {
        let ours = CovariancePropagation::new(dense::<N, Q>(), DiagonalMatrix::<Q>::new());
        measure::<_, N, Q>(&ours, effort)
    })
}
