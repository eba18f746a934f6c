//! Serialisation of the fits of state-space models.

use hybrid_array::Array;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::algebra::shape::Shape;
use crate::base::arrays::copied;
use crate::base::scalar::Real;
use crate::base::serde_array::{Finite, number};
use crate::kalman::fit::StateSpaceFit;
use crate::kalman::system::{System, SystemDerivative};
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::certificate::Certificate;
use crate::optimise::outcome::Outcome;

/// A [`StateSpaceFit`] without its model.
#[derive(Serialize, Deserialize)]
#[serde(
    rename = "StateSpaceFit",
    bound(serialize = "T: Real + Serialize", deserialize = "T: Real + Deserialize<'de>")
)]
struct Stored<M: Shape, T> {
    outcome: Outcome<M, T>,
    iterations: usize,
    observations: usize,
    theta: Array<T, M::ParamCount>,
    params: Array<T, M::ParamCount>,
    #[serde(deserialize_with = "number")]
    log_likelihood: T,
    param_derivatives: Array<T, M::ParamCount>,
    information: InformationMatrix<M::ParamCount, T>,
    certificate: Certificate<M::ParamCount, T>,
}

/// Serialises all fields of the fit except the model.
impl<M: Shape, T: Real + Serialize> Serialize for StateSpaceFit<'_, M, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Stored::<M, T> {
            outcome: self.outcome.clone(),
            iterations: self.iterations,
            observations: self.observations,
            theta: Array(copied::<M::ParamCount, T>(&self.theta)),
            params: Array(copied::<M::ParamCount, T>(&self.params)),
            log_likelihood: self.log_likelihood,
            param_derivatives: Array(copied::<M::ParamCount, T>(&self.param_derivatives)),
            information: self.information.clone(),
            certificate: self.certificate.clone(),
        }
        .serialize(serializer)
    }
}

impl<'m, M: Shape, T: Real> StateSpaceFit<'m, M, T> {
    /// Deserialises a fit of the given model; see
    /// [`Fit::deserialize`](crate::reml::Fit::deserialize).
    ///
    /// # Errors
    ///
    /// Returns the errors of the deserializer, and an error if the log-likelihood is not finite.
    pub fn deserialize<'de, D>(model: &'m M, deserializer: D) -> Result<Self, D::Error>
    where
        T: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        let stored = Stored::<M, T>::deserialize(deserializer)?;
        Ok(Self {
            model,
            outcome: stored.outcome,
            iterations: stored.iterations,
            observations: stored.observations,
            theta: stored.theta.0,
            params: stored.params.0,
            log_likelihood: stored.log_likelihood,
            param_derivatives: stored.param_derivatives.0,
            information: stored.information,
            certificate: stored.certificate,
        })
    }
}

impl<T: Real, const S: usize, const O: usize> Finite for System<T, S, O> {
    fn is_finite(&self) -> bool {
        self.check_finite().is_ok()
    }
}

impl<T: Real, const S: usize, const O: usize> Finite for SystemDerivative<T, S, O> {
    fn is_finite(&self) -> bool {
        self.check_finite().is_ok()
    }
}
