//! Subjects that share V and X, which an estimation stores as sums: every result is that of one
//! response vector, and of a panel.

use covprop::prelude::*;

use super::{assert_same, response};

const N: usize = 5;

/// The visits of a subject: three designs, in turn. The last has unobserved rows.
fn design(subject: usize) -> ([f64; N], [bool; N]) {
    match subject % 3 {
        0 => ([0.0, 1.0, 2.0, 3.0, 4.0], [true; N]),
        1 => ([0.5, 0.9, 2.2, 2.8, 4.5], [true; N]),
        _ => ([0.5, 0.9, 2.2, 2.8, 4.5], [true, true, false, true, false]),
    }
}

fn power(t: f64, j: usize) -> f64 {
    (0..j).fold(1.0, |power, _| power * t / 4.0)
}

type Polynomial<const Q: usize> =
    MixedModel<CovariancePropagation<SMatrix<f64, N, Q>, DiagonalMatrix<Q>>, ScalarMatrix<N>>;

/// Subjects whose Q random effects are polynomials in time, with the given designs.
fn subjects<const Q: usize>(
    designs: impl Iterator<Item = usize>,
) -> Vec<Subject<Polynomial<Q>, f64, N, 2>>
where
    DiagonalMatrix<Q>: ParamMatrix<f64, Q, Q>,
    Polynomial<Q>: Model<Covariance: ParamMatrix<f64, N, N>>,
{
    let subject = |(s, design_of): (usize, usize)| {
        let (times, observed) = design(design_of);
        let x = SMatrix::<f64, N, 2>::from_fn(|i, j| power(times[i], j));
        let z = SMatrix::<f64, N, Q>::from_fn(|i, j| power(times[i], j));
        let model = MixedModel::new(z, DiagonalMatrix::<Q>::new(), ScalarMatrix::<N>::new());
        let y = |i: usize| response(s, i % 4) + 0.3 * (times[i] + s as f64).cos();
        Subject::new(model, x, SVector::from_fn(|i, _| y(i))).with_observed(observed)
    };
    designs.enumerate().map(subject).collect()
}

/// Compares S subjects with one response vector of A observations. The designs alternate, so that
/// equal ones do not follow each other.
macro_rules! check {
    ($effects:literal, $count:literal, $all:literal) => {{
        const S: usize = $count;
        const Q: usize = $effects;
        const A: usize = $all;
        let list = subjects::<Q>((0..S).map(|s| s % 3));
        let seen: Vec<_> = (0..S)
            .flat_map(|s| (0..N).filter(move |&i| design(s).1[i]).map(move |i| (s, i)))
            .collect();
        let time = |r: usize| design(seen[r].0).0[seen[r].1];
        let x = SMatrix::<f64, A, 2>::from_fn(|r, j| power(time(r), j));
        let z = SMatrix::<f64, A, { Q * S }>::from_fn(|r, j| {
            // The column of the random effect `effect` of a subject
            let effect = j.checked_sub(Q * seen[r].0).filter(|effect| *effect < Q);
            effect.map_or(0.0, |effect| power(time(r), effect))
        });
        let y = SVector::<f64, A>::from_fn(|r, _| list[seen[r].0].response()[seen[r].1]);
        let g = KroneckerProduct::new(IdentityMatrix::<S>::new(), DiagonalMatrix::<Q>::new());
        let whole = MixedModel::new(z, g, ScalarMatrix::<A>::new());
        let subjects = Subjects::new(&list[..]).unwrap();
        for criterion in [Criterion::Reml, Criterion::Ml] {
            let whole = whole.estimation(&x, &y).unwrap().with_criterion(criterion);
            let estimation = subjects.estimation().unwrap().with_criterion(criterion);
            assert_same(&estimation, &whole);
            let mut workspace = vec![0.0; subjects.workspace_len()];
            let stored = subjects.estimation_in(&mut workspace).unwrap();
            assert_eq!(stored.with_criterion(criterion).fit(), estimation.fit());
        }
    }};
}

#[test]
fn one_random_effect() {
    check!(1, 9, 39);
}

/// More subjects of a design than its three places in the store.
#[test]
fn two_random_effects() {
    check!(2, 12, 52);
}

/// Four random effects, for which the derivatives are not computed from common sums.
#[test]
fn four_random_effects() {
    let list = subjects::<4>([0; 12].into_iter());
    let subjects = Subjects::new(&list[..]).unwrap();
    let mut panel = Panel::new(*list[0].model());
    for subject in &list {
        panel.push(subject.design(), subject.response()).unwrap();
    }
    assert_same(&subjects.estimation().unwrap(), &panel.estimation().unwrap());
}
