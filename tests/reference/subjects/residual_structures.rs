//! Covariances of residuals: of subjects with times of their own, of incomplete visits, and of long
//! series.

use covprop::prelude::*;

use super::check::Parameters;
use super::joint::read_joint;
use super::{Case, Own, check_each};
use crate::common::thread::with_large_stack;

/// A first-order autoregression in continuous time. The reference has ρ = e^(−1/range).
#[test]
fn sleepstudy_own_times() {
    let case = &Case::read("sleepstudy_own_car1");
    let own = case.own::<10>();
    let model = |own: &Own<'_, 10>| {
        Marginal::new(ExponentialMatrix::new(Distances::from_positions(own.column("Days"))))
    };
    let list: Vec<_> = own.iter().map(|own| own.subject::<_, 2>(model(own))).collect();
    let parameters =
        Parameters { names: &["sigma2", "rho"], of_model: |x| vec![x[0], -1.0 / x[1].ln()] };
    check_each!(case, list, parameters);
}

/// Checks compound symmetry.
macro_rules! compound_symmetry {
    ($test:ident, $id:literal, $k:literal) => {
        #[test]
        fn $test() {
            let case = &Case::read($id);
            let model = Marginal::new(CompoundSymmetricMatrix::<4>::new());
            let own = case.own::<4>();
            let list: Vec<_> = own.iter().map(|own| own.subject::<_, $k>(model)).collect();
            check_each!(case, list, Parameters::same(&["sigma2", "rho"]));
        }
    };
}

compound_symmetry!(orthodont_boys, "orthodont_cs_male", 2);
compound_symmetry!(orthodont_girls, "orthodont_cs_female", 2);
compound_symmetry!(orthodont_both, "cr_orthodont_cs", 4);

/// Compound symmetry with parameters of its own for each sex. The first four of eight places are the
/// visits of a boy, the others those of a girl.
#[test]
fn orthodont_by_sex() {
    let case = &read_joint("orthodont_cs_by_sex", ["orthodont_cs_male", "orthodont_cs_female"]);
    let model = Marginal::new(BlockDiagonal::new(
        named("male", CompoundSymmetricMatrix::<4>::new()),
        named("female", CompoundSymmetricMatrix::<4>::new()),
    ));
    let own = case.placed::<8>(|row| 4 * case.index("part", row) + row % 4);
    let list: Vec<_> = own.iter().map(|own| own.subject::<_, 4>(model)).collect();
    let names = ["0/sigma2", "0/rho", "1/sigma2", "1/rho"];
    check_each!(case, list, Parameters::same(&names));
}

/// Four visits, some of which are missing, and a baseline of each subject.
#[test]
fn unstructured() {
    let case = &Case::read("fev_like_un");
    let model = Marginal::new(UnconstrainedMatrix::<4>::new());
    let own = case.placed::<4>(|row| case.index("visit", row) - 1);
    let list: Vec<_> = own.iter().map(|own| own.subject::<_, 13>(model)).collect();
    let names = [
        "R(1,1)", "R(2,1)", "R(2,2)", "R(3,1)", "R(3,2)", "R(3,3)", "R(4,1)", "R(4,2)", "R(4,3)",
        "R(4,4)",
    ];
    check_each!(case, list, Parameters::same(&names));
}

/// One variance and any correlations: a [`LogCholeskyMatrix`] whose standard deviations are tied.
#[test]
fn orthodont_correlations() {
    use Source::Free;
    let case = &Case::read("orthodont_corsymm");
    let tied = core::array::from_fn(|k| Free(k.saturating_sub(3)));
    let tied = Constrained::<_, f64, 7>::try_new(LogCholeskyMatrix::<4>::new(), tied).unwrap();
    let model = Marginal::new(tied);
    let own = case.placed::<4>(|row| case.index("visit", row) - 1);
    let list: Vec<_> = own.iter().map(|own| own.subject::<_, 4>(model)).collect();
    let parameters = Parameters {
        names: &["sigma2", "cor(2,1)", "cor(3,1)", "cor(3,2)", "cor(4,1)", "cor(4,2)", "cor(4,3)"],
        of_model: |x| {
            let place = |i: usize, j: usize| 1 + i * (i - 1) / 2 + j;
            let correlations = SMatrix::<f64, 4, 4>::from_fn(|i, j| match i.cmp(&j) {
                core::cmp::Ordering::Equal => 1.0,
                core::cmp::Ordering::Greater => x[place(i, j)],
                core::cmp::Ordering::Less => x[place(j, i)],
            });
            let root = correlations.cholesky().unwrap().l();
            let below = (1..4).flat_map(|i| (0..i).map(move |j| (i, j)));
            let l = below.map(|(i, j)| root[(i, j)] / root[(i, i)]);
            core::iter::once(x[0].sqrt()).chain(l).collect()
        },
    };
    check_each!(case, list, parameters);
}

/// Checks follicles of mares on consecutive days.
macro_rules! ovary {
    ($test:ident, $id:literal, $model:expr, $parameters:expr) => {
        #[test]
        fn $test() {
            with_large_stack(|| {
                let case = &Case::read($id);
                let own = case.placed::<31>(|row| case.index("idx", row) - 1);
                let list: Vec<_> = own.iter().map(|own| own.subject::<_, 3>($model(own))).collect();
                check_each!(case, list, $parameters);
            });
        }
    };
}

/// A second-order autoregression: a Toeplitz matrix whose partial autocorrelations beyond lag 2 are
/// zero. The first is φ₁/(1 − φ₂), the second φ₂.
const AUTOREGRESSION: Parameters<'static> = Parameters {
    names: &["sigma2", "phi1", "phi2"],
    of_model: |x| vec![x[0], x[1] / (1.0 - x[2]), x[2]],
};

type Autoregression = Constrained<ToeplitzMatrix<31>, f64, 3>;

fn autoregression(_: &Own<'_, 31>) -> Marginal<Autoregression> {
    let sources =
        core::array::from_fn(|k| if k < 3 { Source::Free(k) } else { Source::Fixed(0.0) });
    Marginal::new(Constrained::try_new(ToeplitzMatrix::new(), sources).unwrap())
}

ovary!(ovary_second_order, "ovary_ar2", autoregression, AUTOREGRESSION);

/// The covariance of an ARMA(1, 1) process is that of an autoregression and of white noise: for
/// k > 0, cor(k) = c φᵏ with c = cor(1)/φ.
fn arma(sigma2: f64, phi: f64, theta: f64) -> [f64; 3] {
    let first = (1.0 + phi * theta) * (phi + theta) / (1.0 + 2.0 * phi * theta + theta * theta);
    let share = first / phi;
    [sigma2 * share, phi, sigma2 * (1.0 - share)]
}

ovary!(
    ovary_moving_average,
    "ovary_arma11",
    |_| Marginal::new(
        named("process", Ar1Matrix::<31>::new()).plus(named("noise", ScalarMatrix::<31>::new()))
    ),
    Parameters {
        names: &["sigma2", "phi", "theta"],
        of_model: |x| arma(x[0], x[1], x[2]).to_vec(),
    }
);

/// The same with a random coefficient of the sine.
#[test]
fn ovary_random_coefficient() {
    with_large_stack(|| {
        let case = &Case::read("ovary_ri_arma11");
        let own = case.placed::<31>(|row| case.index("idx", row) - 1);
        let model = |own: &Own<'_, 31>| {
            MixedModel::new(
                SVector::<f64, 31>::from(own.column("s")),
                named("G", ScalarMatrix::<1>::new()),
                named("process", Ar1Matrix::<31>::new())
                    .plus(named("noise", ScalarMatrix::<31>::new())),
            )
        };
        let list: Vec<_> = own.iter().map(|own| own.subject::<_, 3>(model(own))).collect();
        let parameters = Parameters {
            names: &["var(Mare:s)", "sigma2", "phi", "theta"],
            of_model: |x| [vec![x[0]], arma(x[1], x[2], x[3]).to_vec()].concat(),
        };
        check_each!(case, list, parameters, |criterion, fit| {
            let mut effects = Vec::new();
            for (own, subject) in own.iter().zip(&list) {
                let prediction = fit.predict_subject(subject).unwrap();
                let effect = prediction.random_effects().as_slice().to_vec();
                effects.push(("Mare", own.levels("Mare").0[0], effect));
            }
            case.assert_random_effects(criterion, &effects);
        });
    });
}
