//! Models with a truth, from which data sets are drawn.

use covprop::prelude::*;
use rand::RngExt;
use rand::rngs::StdRng;
use rand_distr::StandardNormal;

use crate::cone::Cone;
use crate::problem::{Problem, Series, Single, Subjects, theta_of};

/// Draws data at a true θ, as a problem.
type Draw = dyn Fn(&[f64], &mut StdRng) -> Box<dyn Problem>;

/// A model shape.
pub struct Scenario {
    pub name: &'static str,
    /// θ of the data.
    pub truth: Vec<f64>,
    /// Whether the likelihood is known for several maxima.
    pub several: bool,
    /// The part of θ that may be any covariance matrix.
    pub cone: Option<Cone>,
    draw: Box<Draw>,
}

impl Scenario {
    fn new(
        name: &'static str,
        truth: &[f64],
        draw: impl Fn(&[f64], &mut StdRng) -> Box<dyn Problem> + 'static,
    ) -> Self {
        let draw = Box::new(draw);
        Self { name, truth: truth.to_vec(), several: false, cone: None, draw }
    }

    /// Draws a data set.
    pub fn draw(&self, rng: &mut StdRng) -> Box<dyn Problem> {
        (self.draw)(&self.truth, rng)
    }

    pub fn several(self) -> Self {
        Self { several: true, ..self }
    }

    pub fn cone(self, cone: Cone) -> Self {
        Self { cone: Some(cone), ..self }
    }
}

/// One response vector with the design x.
pub fn single<M, const N: usize, const K: usize>(
    name: &'static str,
    model: M,
    x: SMatrix<f64, N, K>,
    truth: &[f64],
) -> Scenario
where
    M: ParamMatrix<f64, N, N> + Copy + 'static,
{
    Scenario::new(name, truth, move |truth, rng| {
        let y = root(&model, truth) * normals(rng);
        Box::new(Single { model: Marginal::new(model), x, y })
    })
}

/// So many subjects with the design x, all seen at each visit, or with `DROPS` = 3 some without their last visits.
pub fn subjects<M, const N: usize, const K: usize, const DROPS: usize>(
    name: &'static str,
    model: M,
    x: SMatrix<f64, N, K>,
    subjects: usize,
    truth: &[f64],
) -> Scenario
where
    M: ParamMatrix<f64, N, N> + Copy + 'static,
{
    Scenario::new(name, truth, move |truth, rng| {
        let root = root(&model, truth);
        let mut panel = Panel::<_, f64, N, K, DROPS>::with_patterns(Marginal::new(model));
        for i in 0..subjects {
            let observed = core::array::from_fn(|visit| visit + i % DROPS < N);
            panel.push_observed(&x, &(root * normals(rng)), &observed).expect("finite data");
        }
        Box::new(Subjects { panel, model })
    })
}

/// A series of so many steps. Nothing is known of its first state: the variances there are `prior`.
pub fn series<M, const S: usize>(
    name: &'static str,
    model: M,
    steps: usize,
    prior: f64,
    truth: &[f64],
) -> Scenario
where
    M: LinearGaussian<f64, S, 1> + Copy + 'static,
{
    Scenario::new(name, truth, move |truth, rng| {
        let system = model.system(&theta_of(&model, truth));
        let process = semidefinite_root(system.process_noise);
        let noise = system.measurement_noise[0].sqrt();
        let mut state = SVector::<f64, S>::zeros();
        let y = (0..steps).map(|_| {
            let y = system.observation * state + normals::<1>(rng) * noise;
            state = system.transition * state + process * normals::<S>(rng);
            Some(y)
        });
        let y = y.collect();
        Box::new(Series { model, covariance: SMatrix::identity() * prior, y })
    })
}

fn root<M: ParamMatrix<f64, N, N>, const N: usize>(model: &M, truth: &[f64]) -> SMatrix<f64, N, N> {
    semidefinite_root(model.value(&theta_of(model, truth)))
}

/// Returns L with L Lᵀ = A, with a column of zeros for each row that depends on those before it.
fn semidefinite_root<const N: usize>(a: SMatrix<f64, N, N>) -> SMatrix<f64, N, N> {
    let mut root = SMatrix::<f64, N, N>::zeros();
    for j in 0..N {
        for i in j..N {
            let rest = a[(i, j)] - (0..j).map(|k| root[(i, k)] * root[(j, k)]).sum::<f64>();
            root[(i, j)] = match root[(j, j)] {
                _ if i == j && rest <= 1e-14 * a[(i, i)] => 0.0,
                _ if i == j => rest.sqrt(),
                0.0 => 0.0,
                pivot => rest / pivot,
            };
        }
    }
    root
}

fn normals<const N: usize>(rng: &mut StdRng) -> SVector<f64, N> {
    SVector::from_fn(|_, _| rng.sample(StandardNormal))
}
