//! TEMPORARY, until `Fit::predict_subject` exists.

use covprop::inference::Prediction;
use covprop::prelude::*;
use covprop::reml::Fit;

pub(super) trait PredictSubject<'a, S: Model, const N: usize, const K: usize> {
    fn predict_subject(
        &self,
        subject: &'a Subject<S, f64, N, K>,
    ) -> Result<Prediction<'a, S::Covariance, f64, N, K>, covprop::Error>;
}

impl<'a, S, const N: usize, const K: usize> PredictSubject<'a, S, N, K>
    for Fit<'a, S::Covariance, f64, N, K>
where
    S: Model<Covariance: ParamMatrix<f64, N, N>>,
{
    fn predict_subject(
        &self,
        subject: &'a Subject<S, f64, N, K>,
    ) -> Result<Prediction<'a, S::Covariance, f64, N, K>, covprop::Error> {
        let own = Box::leak(Box::new(self.clone()));
        own.model = subject.model().covariance();
        own.predict_observed(subject.design(), subject.response(), subject.observed())
    }
}
