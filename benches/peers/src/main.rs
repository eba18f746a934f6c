//! Times of the library against the textbook in nalgebra's static matrices, as ratios in one run.
//!
//! ```text
//! cd benches/peers
//! RUSTFLAGS="-C target-cpu=native" cargo run --release
//! ```
//!
//! Both sides of a row are checked against each other, then timed in turns; a ratio is the median over
//! the turns, so that what disturbs the machine disturbs both. θ changes with every call.

use std::hint::black_box;
use std::time::Instant;

use covprop::*;
use nalgebra::SMatrix;

/// Turns of each side, and how long one is.
const TURNS: usize = 41;
const TURN_NS: f64 = 2e5;
/// Of the largest entry.
const AGREEMENT: f64 = 1e-12;

/// The median ratio of the times of `theirs` and `ours`, and our time in nanoseconds.
fn race(mut ours: impl FnMut(f64), mut theirs: impl FnMut(f64)) -> (f64, f64) {
    fn time(calls: usize, f: &mut impl FnMut(f64)) -> f64 {
        let start = Instant::now();
        for call in 0..calls {
            f(black_box(call as f64 * 1e-9));
        }
        start.elapsed().as_nanos() as f64 / calls as f64
    }
    fn calibrated(f: &mut impl FnMut(f64)) -> usize {
        let once = time(100, f).min(time(100, f));
        (TURN_NS / once).max(10.0) as usize
    }
    let (calls_ours, calls_theirs) = (calibrated(&mut ours), calibrated(&mut theirs));
    let mut turns: Vec<(f64, f64)> = (0..TURNS)
        .map(|_| {
            let ours = time(calls_ours, &mut ours);
            (time(calls_theirs, &mut theirs) / ours, ours)
        })
        .collect();
    turns.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ratio = turns[TURNS / 2].0;
    turns.sort_by(|a, b| a.1.total_cmp(&b.1));
    (ratio, turns[TURNS / 4].1)
}

fn assert_agree<const N: usize>(ours: &[SMatrix<f64, N, N>], theirs: &[SMatrix<f64, N, N>]) {
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours - theirs).amax() <= AGREEMENT * theirs.amax());
    }
}

/// One size: N, Q, and the number of parameters of an unstructured G.
macro_rules! size {
    ($n:literal, $q:literal, $p:literal) => {{
        type V = SMatrix<f64, $n, $n>;
        type G = SMatrix<f64, $q, $q>;
        type Z = SMatrix<f64, $n, $q>;
        let dense = Z::from_fn(|i, j| ((3 * i + 5 * j) as f64).sin());
        let hot = DummyMatrix::<$n, $q>::from_indices(std::array::from_fn(|i| i % $q));
        let z_hot: Z = hot.value(&[0.0; 0]);
        let start: [f64; $p] = std::array::from_fn(|k| 0.1 * (k as f64).cos());
        let theta_g = |x: f64| start.map(|start| start + x);
        let theta_d = |x: f64| std::array::from_fn::<_, $q, _>(|k| start[k] + x);
        let g = UnconstrainedMatrix::<$q>::new();
        let d = DiagonalMatrix::<$q>::new();
        let full = CovariancePropagation::new(dense, g);
        let diagonal = CovariancePropagation::new(dense, d);
        let one_hot = CovariancePropagation::new(hot, g);
        let weights = V::from_fn(|i, j| ((i + j) as f64).cos());

        let textbook_d = |x: f64, out: &mut [V; $q]| {
            for (out, dg) in out.iter_mut().zip(d.gradient(&theta_d(x))) {
                *out = dense * dg * dense.transpose();
            }
        };
        let textbook_g = |x: f64, out: &mut [V; $p]| {
            let mut dg = [G::zeros(); $p];
            g.gradient_into(&theta_g(x), &mut dg);
            for (out, dg) in out.iter_mut().zip(&dg) {
                *out = dense * dg * dense.transpose();
            }
        };
        let textbook = |z: &Z, g: &G| z * g * z.transpose();

        let mut v = V::zeros();
        let mut w = V::zeros();
        let mut ours_d = [V::zeros(); $q];
        let mut theirs_d = [V::zeros(); $q];
        let mut ours_g = vec![[V::zeros(); $p]];
        let mut theirs_g = vec![[V::zeros(); $p]];
        full.value_into(&theta_g(0.1), &mut v);
        assert_agree(&[v], &[textbook(&dense, &g.value(&theta_g(0.1)))]);
        diagonal.value_into(&theta_d(0.1), &mut v);
        assert_agree(&[v], &[textbook(&dense, &d.value(&theta_d(0.1)))]);
        one_hot.value_into(&theta_g(0.1), &mut v);
        assert_agree(&[v], &[textbook(&z_hot, &g.value(&theta_g(0.1)))]);
        diagonal.gradient_into(&theta_d(0.1), &mut ours_d);
        textbook_d(0.1, &mut theirs_d);
        assert_agree(&ours_d, &theirs_d);
        full.gradient_into(&theta_g(0.1), &mut ours_g[0]);
        textbook_g(0.1, &mut theirs_g[0]);
        assert_agree(&ours_g[0], &theirs_g[0]);

        let rows = [
            race(
                |x| full.value_into(&theta_g(x), black_box(&mut v)),
                |x| *black_box(&mut w) = textbook(&dense, &g.value(&theta_g(x))),
            ),
            race(
                |x| diagonal.value_into(&theta_d(x), black_box(&mut v)),
                |x| *black_box(&mut w) = textbook(&dense, &d.value(&theta_d(x))),
            ),
            race(
                |x| one_hot.value_into(&theta_g(x), black_box(&mut v)),
                |x| *black_box(&mut w) = textbook(&z_hot, &g.value(&theta_g(x))),
            ),
            race(
                |x| diagonal.gradient_into(&theta_d(x), black_box(&mut ours_d)),
                |x| textbook_d(x, black_box(&mut theirs_d)),
            ),
            race(
                |x| full.gradient_into(&theta_g(x), black_box(&mut ours_g[0])),
                |x| textbook_g(x, black_box(&mut theirs_g[0])),
            ),
            race(
                |x| {
                    black_box(full.pullback(&theta_g(x), black_box(&weights)));
                },
                |x| {
                    textbook_g(x, &mut theirs_g[0]);
                    black_box(theirs_g[0].each_ref().map(|dv| dv.dot(black_box(&weights))));
                },
            ),
        ];
        print!("{:>5}", format!("{}×{}", $n, $q));
        for (ratio, nanoseconds) in rows {
            print!("{ratio:>8.2} ({nanoseconds:>7.0})");
        }
        println!();
    }};
}

fn main() {
    println!("time of textbook nalgebra / time of covprop (nanoseconds of covprop)\n");
    println!(
        "{:>5}{:>18}{:>18}{:>18}{:>18}{:>18}{:>18}",
        "N×Q", "V full", "V diagonal", "V one-hot", "∇V diagonal", "∇V full", "pullback full"
    );
    size!(4, 3, 6);
    size!(8, 3, 6);
    size!(10, 2, 3);
    size!(12, 4, 10);
    size!(16, 4, 10);
    size!(24, 6, 21);
    size!(32, 8, 36);
}
