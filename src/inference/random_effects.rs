//! The trait of random terms whose random effects can be predicted.

use nalgebra::{Const, SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Shape, Theta};
use crate::base::dim::Join;
use crate::base::scalar::Real;
use crate::linalg::kernel::{mirror, sqrt};
use crate::operator::covariance_propagation::CovariancePropagation;
use crate::operator::named::Named;
use crate::operator::sum::Sum;
use crate::reml::random_terms::RandomTerms;

/// A sum of random terms Z G Zᵀ whose random effects u can be predicted; see [`RandomTerms`].
#[doc(alias = "BLUP")]
pub trait RandomEffects<T: Real, const N: usize>: RandomTerms + ParamMatrix<T, N, N> {
    /// The type of the random effects: a vector u for one term Z G Zᵀ, a pair (u₁, u₂) for a sum of
    /// two terms, and ((u₁, u₂), u₃) for a sum of three.
    type Effects;

    /// Returns the best linear unbiased predictions G Zᵀ p of the random effects, where p = V⁻¹(y −
    /// Xβ) (Henderson 1975, Biometrics 31, 423–447).
    fn predict(&self, theta: &Theta<Self, T>, p: &SVector<T, N>) -> Self::Effects;

    /// The type of the error covariances of the predicted random effects, one matrix for each
    /// random term.
    type Covariances;

    /// Returns, for each random term, the covariance matrix of the prediction error û − u of the
    /// random effects u:
    ///
    /// ```text
    /// Cov(û − u) = G − G Zᵀ P Z G,   P = V⁻¹ − V⁻¹X (XᵀV⁻¹X)⁻¹ XᵀV⁻¹
    /// ```
    fn error_covariances(&self, theta: &Theta<Self, T>, p: &SMatrix<T, N, N>) -> Self::Covariances;

    /// Returns the standard errors of the predicted random effects, which are the square roots of
    /// the diagonals of the error covariances. If a variance is negative beyond rounding, which can
    /// happen if G is not a covariance matrix, the standard error is NaN.
    fn standard_errors(covariances: &Self::Covariances) -> Self::Effects;

    /// Returns two sums over the random terms, for a linear combination zᵀu of the random effects
    /// u: the covariance Z G z of Zu with zᵀu, and the variance zᵀ G z of zᵀu.
    fn covariance_of(&self, theta: &Theta<Self, T>, z: &Self::Effects) -> (SVector<T, N>, T);
}

impl<T, Z, G, const N: usize, const Q: usize> RandomEffects<T, N> for CovariancePropagation<Z, G>
where
    T: Real,
    Z: ParamMatrix<T, N, Q> + Shape<Cols = Const<Q>, ParamCount: Join<G::ParamCount>>,
    G: ParamMatrix<T, Q, Q>,
{
    type Effects = SVector<T, Q>;

    fn predict(&self, theta: &Theta<Self, T>, p: &SVector<T, N>) -> SVector<T, Q> {
        let (of_z, of_g) = Z::ParamCount::split(theta);
        self.g.value(&of_g) * self.z.value(&of_z).tr_mul(p)
    }

    type Covariances = SMatrix<T, Q, Q>;

    fn error_covariances(&self, theta: &Theta<Self, T>, p: &SMatrix<T, N, N>) -> SMatrix<T, Q, Q> {
        let (of_z, of_g) = Z::ParamCount::split(theta);
        let g = self.g.value(&of_g);
        let zg = self.z.value(&of_z) * g;
        let mut covariance = g - zg.tr_mul(&(p * zg));
        mirror(&mut covariance);
        covariance
    }

    fn standard_errors(covariance: &SMatrix<T, Q, Q>) -> SVector<T, Q> {
        let rounding = covariance.amax() * T::default_epsilon() * nalgebra::convert(64.0);
        covariance.diagonal().map(|variance| root(variance, rounding))
    }

    fn covariance_of(&self, theta: &Theta<Self, T>, z: &SVector<T, Q>) -> (SVector<T, N>, T) {
        let (of_z, of_g) = Z::ParamCount::split(theta);
        let gz = self.g.value(&of_g) * z;
        (self.z.value(&of_z) * gz, z.dot(&gz))
    }
}

impl<T: Real, M: RandomEffects<T, N>, const N: usize> RandomEffects<T, N> for Named<M> {
    type Effects = M::Effects;

    fn predict(&self, theta: &Theta<Self, T>, p: &SVector<T, N>) -> M::Effects {
        self.matrix().predict(theta, p)
    }

    type Covariances = M::Covariances;

    fn error_covariances(&self, theta: &Theta<Self, T>, p: &SMatrix<T, N, N>) -> M::Covariances {
        self.matrix().error_covariances(theta, p)
    }

    fn standard_errors(covariances: &M::Covariances) -> M::Effects {
        M::standard_errors(covariances)
    }

    fn covariance_of(&self, theta: &Theta<Self, T>, z: &M::Effects) -> (SVector<T, N>, T) {
        self.matrix().covariance_of(theta, z)
    }
}

impl<T: Real, A, B, const N: usize> RandomEffects<T, N> for Sum<A, B>
where
    A: RandomEffects<T, N> + Shape<ParamCount: Join<B::ParamCount>>,
    B: RandomEffects<T, N>,
{
    type Effects = (A::Effects, B::Effects);

    fn predict(&self, theta: &Theta<Self, T>, p: &SVector<T, N>) -> Self::Effects {
        let (of_a, of_b) = A::ParamCount::split(theta);
        (self.a.predict(&of_a, p), self.b.predict(&of_b, p))
    }

    type Covariances = (A::Covariances, B::Covariances);

    fn error_covariances(&self, theta: &Theta<Self, T>, p: &SMatrix<T, N, N>) -> Self::Covariances {
        let (of_a, of_b) = A::ParamCount::split(theta);
        (self.a.error_covariances(&of_a, p), self.b.error_covariances(&of_b, p))
    }

    fn standard_errors((of_a, of_b): &Self::Covariances) -> Self::Effects {
        (A::standard_errors(of_a), B::standard_errors(of_b))
    }

    fn covariance_of(&self, theta: &Theta<Self, T>, (a, b): &Self::Effects) -> (SVector<T, N>, T) {
        let (of_a, of_b) = A::ParamCount::split(theta);
        let (with_a, own_a) = self.a.covariance_of(&of_a, a);
        let (with_b, own_b) = self.b.covariance_of(&of_b, b);
        (with_a + with_b, own_a + own_b)
    }
}

/// Returns the square root of a number, or zero if the number is negative within rounding.
pub(super) fn root<T: Real>(x: T, rounding: T) -> T {
    if x < T::zero() && x >= -rounding { T::zero() } else { sqrt(x) }
}
