//! Models of subjects with designs of their own.

use covprop::prelude::*;
use nalgebra::{DMatrix, convert};

use super::check;
use super::data::{At, Data, K, Likelihood, UNKNOWN, Way};
use super::structure::{self, Closed, Fit, Found, Structure};

/// The visits of a subject.
const N: usize = 4;

/// The design of a subject.
#[derive(Clone, Copy)]
pub(crate) struct Own {
    /// The time of each row.
    times: [f64; N],
    /// The group of each row, one of three.
    groups: [usize; N],
    at: At,
}

impl Own {
    /// Returns the rows of a design in which a subject was visited. The other rows differ from all
    /// rows of all designs.
    fn new(design: usize, visits: &[usize], at: At) -> Self {
        let time = |i: usize| match visits[i] {
            UNKNOWN => 17.0 + 9.0 * i as f64,
            visit => [0.0, 1.0, 2.5, 4.5][visit] + ((5 * design + 3 * visit) % 8) as f64 / 8.0,
        };
        let group = |i: usize| match visits[i] {
            UNKNOWN => 2 - i % 2,
            visit => (design + visit) % 3,
        };
        Self { times: std::array::from_fn(time), groups: std::array::from_fn(group), at }
    }

    fn times(&self) -> [f64; N] {
        self.at.units(self.times)
    }

    /// [1 t]
    fn line<T: Real>(&self) -> SMatrix<T, N, 2> {
        let times = self.times();
        SMatrix::from_fn(|i, j| convert(if j == 0 { 1.0 } else { times[i] }))
    }

    fn distances(&self) -> Distances<N> {
        Distances::from_positions(self.times())
    }

    fn weights(&self) -> [f64; N] {
        self.groups.map(|group| [1.0, 0.5, 4.0][group])
    }

    /// 2^−|tᵢ − tⱼ|
    fn relation<T: Real>(&self) -> SMatrix<T, N, N> {
        let of = |i: usize, j: usize| (-(self.times[i] - self.times[j]).abs()).exp2();
        self.at.known(SMatrix::from_fn(of))
    }
}

/// Fits subjects with designs of their own.
fn fit<M, T>(model: impl Fn(Own) -> M, data: &Data) -> Result<Found, String>
where
    T: Real,
    M: ParamMatrix<T, N, N> + Copy,
{
    let first = model(Own::new(0, &VISITS, data.at));
    if data.way == Way::Panel {
        return structure::fit::<_, T, N>(first, data);
    }
    let list: Vec<_> = data
        .subjects
        .iter()
        .map(|subject| {
            let own = Own::new(subject.design, &subject.visits, data.at);
            let (x, y) = subject.numbers::<T, N>();
            let observed = std::array::from_fn(|i| subject.observed[i]);
            let of = Subject::new(Marginal::new::<N>(model(own)), x, y);
            let of = of.with_observed(observed);
            let is_weighted = subject.weights.iter().any(|&w| w != 1.0);
            let weights = std::array::from_fn(|i| convert(subject.weights[i]));
            if is_weighted { of.with_weights(weights) } else { of }
        })
        .collect();
    let error = |error: covprop::Error| error.to_string();
    let subjects = Subjects::new(&list[..]).map_err(error)?;
    let mut workspace = Vec::new();
    let estimation = if data.way == Way::Workspace {
        workspace.resize(subjects.workspace_len::<T, N, K>() + 3, T::one());
        subjects.estimation_in(&mut workspace)
    } else {
        subjects.estimation()
    };
    structure::found(estimation.map_err(error)?, &first, data)
}

const VISITS: [usize; N] = [0, 1, 2, 3];

fn truth<M: ParamMatrix<f64, N, N>>(model: impl Fn(Own) -> M, design: usize) -> DMatrix<f64> {
    let at = At { distance: 1.0, known: 1.0 };
    structure::truth(&model(Own::new(design, &VISITS, at)))
}

/// One test for each model, and the names of all.
macro_rules! subjects {
    ($($name:ident $(+ $single:ident)?: [$($closed:ident)*], |$own:pat_param| $model:expr;)*) => {
        $(
            #[test]
            fn $name() {
                fn model<T: Real>($own: Own) -> impl ParamMatrix<T, N, N> + Copy {
                    $model
                }

                let structure = Structure {
                    name: stringify!($name),
                    closed: &[$(Closed::$closed),*],
                    double: |data| fit::<_, f64>(model::<f64>, data),
                    single: None::<Fit>$(.or(Some(|data| fit::<_, $single>(model::<$single>, data))))?,
                    truth: |design| truth(model::<f64>, design),
                    is_own: true,
                };
                check(&structure, &[Likelihood::Reml, Likelihood::Ml]);
            }
        )*

        pub(crate) const OF_SUBJECTS: &[&str] = &[$(stringify!($name)),*];
    };
}

const RESIDUAL: ScalarMatrix<N> = ScalarMatrix::new();

fn ones<T: Real>() -> SMatrix<T, N, 1> {
    SMatrix::repeat(T::one())
}

subjects! {
    own_intercept + f32: [], |_| CovariancePropagation::new(ones::<T>(), ScalarMatrix::<1>::new()).plus(RESIDUAL);
    own_slopes + f32: [Designs], |own| CovariancePropagation::new(own.line::<T>(), LogCholeskyMatrix::<2>::new()).plus(RESIDUAL);
    own_slopes_unconstrained: [Designs], |own| CovariancePropagation::new(own.line::<T>(), UnconstrainedMatrix::<2>::new()).plus(RESIDUAL);
    own_slopes_diagonal: [Designs], |own| CovariancePropagation::new(own.line::<T>(), DiagonalMatrix::<2>::new()).plus(RESIDUAL);
    own_weights: [], |own| CovariancePropagation::new(ones::<T>(), ScalarMatrix::<1>::new()).plus(WeightedMatrix::new(own.weights()));
    own_labels: [], |own| CovariancePropagation::new(ones::<T>(), ScalarMatrix::<1>::new()).plus(GroupVarianceMatrix::<N, 3>::from_indices(own.groups));
    own_compound_symmetric: [], |_| CompoundSymmetricMatrix::<N>::new();
    own_times + f32: [Distances], |own| ExponentialMatrix::new(own.distances());
    own_known: [], |own| KnownMatrix::new(own.relation::<T>()).plus(RESIDUAL);
}
