//! A field as a single subject: correlations that decay with the distance of plots, with a nugget.
//! The fits take minutes without optimisation, so they are made only with optimisation.

use covprop::prelude::*;
use covprop::structure::{
    CorrelationFunction, Exponential, HomogeneousMatrix, IsotropicCorrelationMatrix,
};

use super::check::Parameters;
use super::{Case, Own, check_each};
use crate::common::cases::with_large;
use crate::common::thread::with_large_stack;

const PLOTS: usize = 224;

/// The correlation 1/(1 + u²).
#[derive(Clone, Copy)]
struct Rational;

impl CorrelationFunction for Rational {
    /// With t = u²/(1 + u²) = 1 − ρ, u ρ′ = −2 ρ t and u² ρ″ = ρ t (8t − 2).
    fn at<T: Real>(&self, u: T) -> [T; 3] {
        let (one, two) = (T::one(), T::one() + T::one());
        let rho = one / (one + u * u);
        let t = one - rho;
        [rho, -two * rho * t, rho * t * (two * two * two * t - two)]
    }
}

/// The correlation 1 − 3u/2 + u³/2 for u < 1, and 0 beyond.
#[derive(Clone, Copy)]
struct Spherical;

impl CorrelationFunction for Spherical {
    fn at<T: Real>(&self, u: T) -> [T; 3] {
        if u >= T::one() {
            return [T::zero(); 3];
        }
        let half: T = nalgebra::convert(0.5);
        let (one, three) = (T::one(), T::one() + T::one() + T::one());
        let cube = u * u * u;
        [one + half * (cube - three * u), three * half * (cube - u), three * cube]
    }
}

/// The variance, range and nugget as the variance of the field, its range, and the variance of
/// white noise.
const WITH_NUGGET: Parameters<'static> = Parameters {
    names: &["sigma2", "range", "nugget"],
    of_model: |x| vec![x[0] * (1.0 - x[2]), x[1], x[0] * x[2]],
};

/// Checks the yields of 56 varieties of wheat.
fn wheat<C>(id: &'static str, correlation: C, starts_near: bool)
where
    C: CorrelationFunction + Copy + Send + 'static,
{
    if !with_large() {
        return;
    }
    with_large_stack(move || {
        let case = &Case { starts_near, ..Case::read(id) };
        let own = case.own::<PLOTS>();
        let model = |own: &Own<'_, PLOTS>| {
            let [x, y] = ["latitude", "longitude"].map(|name| own.column(name));
            let places = Distances::from_points(core::array::from_fn(|i| [x[i], y[i]]));
            let field = HomogeneousMatrix::from_correlation(IsotropicCorrelationMatrix::new(
                places,
                correlation,
            ));
            let noise = ScalarMatrix::<PLOTS>::new();
            Marginal::new(named("field", field).plus(named("noise", noise)))
        };
        let list: Vec<_> = own.iter().map(|own| own.subject::<_, 56>(model(own))).collect();
        check_each!(case, list, WITH_NUGGET);
    });
}

#[test]
fn wheat_exponential() {
    wheat("wheat2_exponential", Exponential, false);
}

#[test]
fn wheat_rational() {
    wheat("wheat2_rational", Rational, false);
}

/// The second derivatives of a spherical correlation jump where the range is a distance between two
/// plots, and the likelihood has several maxima: by maximum likelihood, one at a range of 14, at
/// which a search from the default start ends, and that of the reference at 27, which is higher.
#[test]
fn wheat_spherical() {
    wheat("wheat2_spherical", Spherical, true);
}
