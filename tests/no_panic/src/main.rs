//! What must not be able to panic, whatever the numbers are: `no_panic` makes the linker prove it.
//!
//! Of inference it cannot: where a parameter is not identified the error has its name, which `core::fmt` writes, and through
//! that the linker does not see.

use std::hint::black_box;
use std::process::ExitCode;

use covprop::Error;
use covprop::algebra::Scale;
use covprop::operator::Sum;
use covprop::prelude::*;
use no_panic::no_panic;

/// Evaluates a model by every method; the sum of all results.
macro_rules! evaluated {
    ($($name:ident: $model:expr, $n:literal, $p:literal;)*) => {
        $(
            #[no_panic]
            #[inline(never)]
            fn $name(theta: &[f64; $p]) -> f64 {
                let model = black_box($model);
                let mut value = SMatrix::<f64, $n, $n>::zeros();
                let mut gradient = [SMatrix::<f64, $n, $n>::zeros(); $p];
                model.value_into(theta, &mut value);
                model.gradient_into(theta, &mut gradient);
                model.value_and_gradient_into(theta, &mut value, &mut gradient);
                let mut sum = value.sum() + gradient.iter().map(SMatrix::sum).sum::<f64>();
                sum += model.value(theta).sum();
                sum += model.gradient(theta).iter().map(SMatrix::sum).sum::<f64>();
                let ones = SVector::repeat(1.0);
                sum += model.gradient_mul(theta, &ones).iter().map(SMatrix::sum).sum::<f64>();
                sum += model.gradient_tr_mul(theta, &ones).iter().map(SMatrix::sum).sum::<f64>();
                sum += model.pullback(theta, &value).iter().sum::<f64>();
                sum += model.curvature(theta, &value).iter().flatten().sum::<f64>();
                model.for_each_derivative(theta, |_, derivative| sum += derivative.dot(&value));
                sum += model.params(theta).iter().chain(&model.param_derivatives(theta)).sum::<f64>();
                let mut scales = [Scale::default(); $p];
                if model.scales(2.0, &mut scales) {
                    sum += scales.iter().map(|scale| scale.degree + scale.typical).sum::<f64>();
                }
                sum
            }
        )*

        fn evaluate() -> bool {
            $(
                let sum = $name(&black_box([0.3; $p]));
                println!("{:<24}{sum:>24}", stringify!($name));
                if !sum.is_finite() {
                    return false;
                }
            )*
            true
        }
    };
}

evaluated! {
    one_hot: CovariancePropagation::new(DummyMatrix::<4, 3>::from_indices([0, 1, 2, 0]), DiagonalMatrix::<3>::new()), 4, 3;
    autoregressive: Sum::new(Ar1Matrix::<5>::new(), ScalarMatrix::<5>::new()), 5, 3;
    separable: KroneckerProduct::new(Ar1Matrix::<2>::new(), CompoundSymmetricMatrix::<3>::new()), 6, 4;
    random_slopes: Sum::new(CovariancePropagation::new(SLOPES, LogCholeskyMatrix::<2>::new()), ScalarMatrix::<4>::new()), 4, 4;
    factors: FactorAnalyticMatrix::<3, 1>::new(), 3, 6;
    places: MaternMatrix::half(Distances::from_positions([0.0, 1.0, 3.0])), 3, 2;
    blocks: BlockDiagonal::new(ToeplitzMatrix::<2>::new(), ScalarMatrix::<1>::new()), 3, 3;
}

/// An intercept and a slope.
const SLOPES: SMatrix<f64, 4, 2> =
    SMatrix::<f64, 4, 2>::new(1.0, 0.0, 1.0, 1.0, 1.0, 2.0, 1.0, 3.0);

const ONES: SVector<f64, 5> = SVector::<f64, 5>::new(1.0, 1.0, 1.0, 1.0, 1.0);

type Batches = MixedModel<CovariancePropagation<SVector<f64, 5>, ScalarMatrix<1>>, ScalarMatrix<5>>;

const BATCHES: Batches = MixedModel::new(ONES, ScalarMatrix::<1>::new(), ScalarMatrix::<5>::new());

/// Davies & Goldsmith 1972: yields in g, five samples of each of six batches.
const YIELDS: [[f64; 5]; 6] = [
    [1545.0, 1440.0, 1440.0, 1520.0, 1580.0],
    [1540.0, 1555.0, 1490.0, 1560.0, 1495.0],
    [1595.0, 1550.0, 1605.0, 1510.0, 1560.0],
    [1445.0, 1440.0, 1595.0, 1465.0, 1545.0],
    [1595.0, 1630.0, 1515.0, 1635.0, 1625.0],
    [1520.0, 1455.0, 1450.0, 1480.0, 1445.0],
];

type Batch = Panel<Batches, f64, 5, 1>;

#[no_panic]
#[inline(never)]
fn push(panel: &mut Batch, y: &SVector<f64, 5>) -> Result<(), Error> {
    panel.push(&ONES, y)
}

#[no_panic]
#[inline(never)]
fn push_observed(
    panel: &mut Batch,
    y: &SVector<f64, 5>,
    observed: &[bool; 5],
) -> Result<(), Error> {
    panel.push_observed(&ONES, y, observed)
}

#[no_panic]
#[inline(never)]
fn merge(panel: &mut Batch, other: &Batch) -> Result<(), Error> {
    panel.merge(other)
}

#[no_panic]
#[inline(never)]
fn fit(panel: &Batch) -> Result<[f64; 2], Error> {
    panel.fit().map(|fit| fit.params)
}

#[no_panic]
#[inline(never)]
fn fit_one(x: &SMatrix<f64, 4, 2>, y: &SVector<f64, 4>) -> Result<[f64; 2], Error> {
    Marginal::new(Ar1Matrix::<4>::new()).fit(x, y).map(|fit| fit.params)
}

#[no_panic]
#[inline(never)]
fn fit_subjects(
    subjects: &Subjects<&[Subject<Batches, f64, 5, 1>], Batches>,
    workspace: &mut [f64],
) -> Result<[f64; 2], Error> {
    subjects.estimation_in(workspace)?.fit().map(|fit| fit.params)
}

/// A step of a filter's covariance with its derivatives.
#[no_panic]
#[inline(never)]
fn step(theta: &[f64; 2]) -> Result<f64, Error> {
    let tracker = StateSpace::new(
        SMatrix::<f64, 2, 2>::new(1.0, 0.1, 0.0, 1.0),
        SMatrix::<f64, 1, 2>::new(1.0, 0.0),
        CovariancePropagation::new(SVector::<f64, 2>::new(0.005, 0.1), ScalarMatrix::<1>::new()),
        ScalarMatrix::<1>::new(),
    );
    let mut recursion = tracker.covariance_recursion(theta, &SMatrix::<f64, 2, 2>::identity())?;
    recursion.predict()?;
    Ok(recursion.covariance().sum() + recursion.gradient().iter().map(SMatrix::sum).sum::<f64>())
}

/// The negative control.
#[cfg(feature = "panics")]
#[no_panic]
#[inline(never)]
fn out_of_bounds(matrix: &SMatrix<f64, 2, 2>, i: usize) -> f64 {
    matrix[(i, i)]
}

fn estimate() -> Result<bool, Error> {
    let (mut panel, mut rest) = (Panel::new(BATCHES), Panel::new(BATCHES));
    let [first @ .., last] = black_box(YIELDS);
    for batch in first {
        push(&mut panel, &batch.into())?;
    }
    push_observed(&mut rest, &last.into(), &black_box([true; 5]))?;
    merge(&mut panel, &rest)?;
    let [between, within] = fit(&panel)?;
    println!("dyestuff: {between:.2} between batches, {within:.2} within");
    let batches = black_box(YIELDS).map(|batch| Subject::new(BATCHES, ONES, batch.into()));
    let subjects = Subjects::new(&batches[..])?;
    let [of_subjects, _] = fit_subjects(&subjects, &mut black_box([0.0; 24]))?;
    let stepped = step(&black_box([0.1, 0.2]))?;
    let one = fit_one(&black_box(SLOPES), &black_box(SVector::<f64, 4>::new(1.0, 2.5, 2.0, 4.0)))?;
    println!("a step {stepped}, a fit of one vector {one:?}");
    Ok((between - 1764.05).abs() < 1e-6
        && (of_subjects - 1764.05).abs() < 1e-6
        && (within - 2451.25).abs() < 1e-6)
}

fn main() -> ExitCode {
    #[cfg(feature = "panics")]
    println!("{}", out_of_bounds(&black_box(SMatrix::identity()), black_box(1)));
    let good = evaluate() && estimate().is_ok_and(|good| good);
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
