//! Simulation of responses from a model.

use nalgebra::{SMatrix, SVector, convert};
use rand_core::Rng;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Theta;
use crate::base::error::Error;
use crate::base::finite::check_finite;
use crate::base::scalar::Real;
use crate::linalg::cholesky::covariance::not_definite;
use crate::linalg::cholesky::{Cholesky, semidefinite_columns};
use crate::reml::fit::Fit;
use crate::reml::model::Model;
use crate::reml::subjects::subject::Subject;

/// A simulation of responses y ~ N(Xβ, V(θ)) with any random number generator of [`rand_core`].
/// Requires the feature `rand_core`.
///
/// Each response vector is y = Xβ + Lz, where L is a matrix with LLᵀ = V, and the entries of z are
/// independent standard normal numbers. Normal numbers are computed from uniform ones by the method
/// of Box & Muller 1958, Annals of Mathematical Statistics 29, 610–611, so that the same generator
/// gives the same data on every machine.
///
/// ```
/// use covprop::inference::Simulation;
/// use covprop::prelude::*;
/// use rand::{SeedableRng, rngs::StdRng};
///
/// let v = CompoundSymmetricMatrix::<2>::new();
/// let theta = v.theta_from_params(&[4.0, 0.5])?;
/// let simulation = Simulation::new(&v, &theta, &SVector::<f64, 2>::repeat(1.0), &vector![10.0])?;
/// let mut rng = StdRng::seed_from_u64(1);
/// let draws = 20_000;
/// let products: f64 = (0..draws).map(|_| {
///     let [a, b] = simulation.draw(&mut rng).into();
///     (a - 10.0) * (b - 10.0)
/// }).sum();
/// assert!((products / f64::from(draws) - 2.0).abs() < 0.1);
/// # Ok::<(), covprop::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Simulation<T, const N: usize> {
    mean: SVector<T, N>,
    /// A matrix L with LLᵀ = V, not necessarily triangular.
    root: SMatrix<T, N, N>,
}

impl<T: Real, const N: usize> Simulation<T, N> {
    /// Creates a simulation from the covariance V(θ), the design X and the fixed effects β. V may
    /// be singular. If the variance of a response is zero, every draw of the response equals its
    /// mean.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotFinite`] with the first entry of V that is not finite, and
    /// [`Error::NotCovariance`] if V is not a covariance matrix.
    pub fn new<M: ParamMatrix<T, N, N>, const K: usize>(
        covariance: &M,
        theta: &Theta<M, T>,
        x: &SMatrix<T, N, K>,
        beta: &SVector<T, K>,
    ) -> Result<Self, Error> {
        let v = covariance.value(theta);
        check_finite(&v)?;
        let root = match Cholesky::new(&v) {
            Ok(cholesky) => cholesky.root(),
            Err(row) => {
                let root = semidefinite_columns(v);
                let lost = (v - root * root.transpose()).amax();
                let rounding = T::default_epsilon().sqrt() * v.amax();
                if lost > rounding {
                    return Err(not_definite(&v, row));
                }
                root
            }
        };
        Ok(Self { mean: x * beta, root })
    }

    /// Draws one response vector. A draw of N observations uses N random words of the generator, or
    /// N + 1 if N is odd.
    pub fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> SVector<T, N> {
        let mut z = SVector::<T, N>::zeros();
        for pair in z.data.0[0].chunks_mut(2) {
            let normal = normal_pair(rng);
            for (z, &x) in pair.iter_mut().zip(&normal) {
                *z = convert(x);
            }
        }
        self.mean + self.root * z
    }
}

/// Draws two independent standard normal numbers.
fn normal_pair<R: Rng + ?Sized>(rng: &mut R) -> [f64; 2] {
    use nalgebra::ComplexField;
    // Draws the midpoint of one of 2⁵³ equal parts of (0, 1).
    let mut uniform = || ((rng.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    let radius = ComplexField::sqrt(-2.0 * ComplexField::ln(uniform()));
    let (sine, cosine) = ComplexField::sin_cos(core::f64::consts::TAU * uniform());
    [radius * cosine, radius * sine]
}

impl<M, T, const N: usize, const K: usize> Fit<'_, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    /// Returns a simulation of responses from the estimated model, for the design matrix X.
    /// Requires the feature `rand_core`.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Simulation::new`].
    pub fn simulation(&self, x: &SMatrix<T, N, K>) -> Result<Simulation<T, N>, Error> {
        Simulation::new(self.model, &self.theta, x, &self.beta)
    }

    /// Returns a simulation of the responses of a subject with a model of its own. The errors of an
    /// observation with weight w are divided by √w. Requires the feature `rand_core`.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Simulation::new`], and [`Error::NotWeight`] for a weight that is
    /// negative or not finite.
    pub fn subject_simulation<S: Model<Covariance = M>>(
        &self,
        subject: &Subject<S, T, N, K>,
    ) -> Result<Simulation<T, N>, Error> {
        subject.check_weights()?;
        let covariance = subject.model().covariance();
        let mut simulation =
            Simulation::new(covariance, &self.theta, subject.design(), &self.beta)?;
        let weights = subject.weights().into_iter().flatten().enumerate();
        for (i, weight) in weights.filter(|(_, w)| **w > T::zero()) {
            simulation.root.row_mut(i).unscale_mut(weight.sqrt());
        }
        Ok(simulation)
    }
}
