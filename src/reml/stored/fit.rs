//! Serialisation of fits, and the checks during deserialisation.

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::algebra::shape::Shape;
use crate::base::arrays::{copied, copied_rows};
use crate::base::scalar::Real;
use crate::base::serde_array::{finite, number};
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::certificate::Certificate;
use crate::optimise::outcome::Outcome;
use crate::reml::criterion::Criterion;
use crate::reml::fit::Fit;

/// The stored form of a [`Fit`], without its model.
#[derive(Serialize, Deserialize)]
#[serde(
    rename = "Fit",
    bound(serialize = "T: Real + Serialize", deserialize = "T: Real + Deserialize<'de>")
)]
struct StoredFit<M: Shape, T, const K: usize> {
    criterion: Criterion,
    outcome: Outcome<M, T>,
    iterations: usize,
    observations: usize,
    theta: Array<T, M::ParamCount>,
    params: Array<T, M::ParamCount>,
    #[serde(deserialize_with = "finite")]
    beta: SVector<T, K>,
    #[serde(deserialize_with = "finite")]
    beta_covariance: SMatrix<T, K, K>,
    undetermined: SVector<bool, K>,
    #[serde(deserialize_with = "number")]
    log_likelihood: T,
    average_information: InformationMatrix<M::ParamCount, T>,
    certificate: Certificate<M::ParamCount, T>,
}

/// The stored form of a fit has all fields except the model.
impl<M, T, const N: usize, const K: usize> Serialize for Fit<'_, M, T, N, K>
where
    M: Shape,
    T: Real + Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        StoredFit::<M, T, K> {
            criterion: self.criterion,
            outcome: self.outcome.clone(),
            iterations: self.iterations,
            observations: self.observations,
            theta: Array(copied::<M::ParamCount, T>(&self.theta)),
            params: Array(copied::<M::ParamCount, T>(&self.params)),
            beta: self.beta,
            beta_covariance: self.beta_covariance,
            undetermined: self.undetermined,
            log_likelihood: self.log_likelihood,
            average_information: InformationMatrix {
                rows: copied_rows::<M::ParamCount, T>(&self.average_information),
            },
            certificate: self.certificate.clone(),
        }
        .serialize(serializer)
    }
}

impl<'a, M: Shape, T: Real, const N: usize, const K: usize> Fit<'a, M, T, N, K> {
    /// Deserialises a fit. The model is not stored: the caller passes the model of the fit.
    ///
    /// ```
    /// use covprop::prelude::*;
    /// use covprop::reml::Fit;
    ///
    /// let model = Marginal::new(ScalarMatrix::<4>::new());
    /// let fit = model.fit(&SVector::repeat(1.0), &vector![1.0, 2.0, 3.0, 4.0])?;
    /// let mut memory = [0; 128];
    /// let written = postcard::to_slice(&fit, &mut memory)?;
    ///
    /// let mut reader = postcard::Deserializer::from_bytes(written);
    /// let restored = Fit::<_, f64, 4, 1>::deserialize(model.covariance(), &mut reader)?;
    /// assert_eq!((restored.params, restored.aic()), (fit.params, fit.aic()));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of the deserializer, and an error if an estimate or the likelihood is not finite.
    pub fn deserialize<'de, D>(model: &'a M, deserializer: D) -> Result<Self, D::Error>
    where
        T: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        let stored = StoredFit::<M, T, K>::deserialize(deserializer)?;
        Ok(Self {
            model,
            criterion: stored.criterion,
            outcome: stored.outcome,
            iterations: stored.iterations,
            observations: stored.observations,
            theta: stored.theta.0,
            params: stored.params.0,
            beta: stored.beta,
            beta_covariance: stored.beta_covariance,
            undetermined: stored.undetermined,
            log_likelihood: stored.log_likelihood,
            average_information: stored.average_information.rows,
            certificate: stored.certificate,
        })
    }
}
