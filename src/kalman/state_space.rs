//! The state-space model, made of four parametrised matrices.

use core::fmt;

use hybrid_array::Array;
use nalgebra::Const;
use typenum::Unsigned;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::operands::Operands;
use crate::algebra::shape::name::{Chained, write_prefixed};
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Joined, PerParam, Shape, Theta};
use crate::base::dim::{Extent, Join};
use crate::base::scalar::Real;
use crate::kalman::linear_gaussian::LinearGaussian;
use crate::kalman::system::{System, SystemDerivative};
use crate::transform::TransformVisitor;

/// A linear Gaussian state-space model whose matrices are functions of θ.
///
/// ```text
/// x′ = F x + w,   w ~ N(0, Q)         x: S,  F: S×S,  Q: S×S
/// y  = H x + v,   v ~ N(0, R)         y: O,  H: O×S,  R: O×O
/// ```
///
/// The noises w and v are independent of each other and over time (Kalman 1960, Journal of Basic
/// Engineering 82, 35–45). Each of the four matrices F, H, Q and R may be any [`ParamMatrix`]. An
/// `SMatrix` of nalgebra is a [`ParamMatrix`] without parameters. The vector θ consists of the
/// parameters of the matrices F, H, Q and R, in this order. The names of the parameters begin with
/// `op_0` for F, `op_1` for H, `op_2` for Q and `op_3` for R. The parameters of a matrix that was
/// given a name by [`named`](crate::operator::named) begin with this name in place of `op_0` to
/// `op_3`. If the noise enters the state as Γ w, where Γ is a matrix, use
/// `CovariancePropagation::new(gamma, q)` as Q, where `q` is the covariance of w.
///
/// As a [`Shape`], the model has the numbers of rows and columns of the matrix H. The methods of
/// [`LinearGaussian`] return Kalman filters for the model.
///
/// ```
/// use covprop::prelude::*;
///
/// // a random walk that is observed with noise; position in m, variances in m²
/// let one = matrix![1.0];
/// let process = named("process", ScalarMatrix::<1>::new());
/// let measurement = named("measurement", ScalarMatrix::<1>::new());
/// let model = StateSpace::new(one, one, process, measurement);
/// assert!(model.param_names().eq(["process/sigma^2", "measurement/sigma^2"]));
///
/// // P = 3 before: S = 3 + 1, K = 3/4
/// let mut filter = model.filter(&[0.0, 0.0], &vector![0.0], &matrix![3.0])?;
/// filter.update(&vector![2.0])?;
/// assert_eq!((filter.mean()[0], filter.covariance()[0]), (1.5, 0.75));
/// filter.predict()?;
/// assert_eq!(filter.covariance()[0], 1.75);
/// # Ok::<(), covprop::Error>(())
/// ```
///
/// If a matrix has the wrong size, the compiler reports an error at this matrix:
///
/// ```compile_fail,E0271
/// # use covprop::prelude::*;
/// let f = matrix![1.0, 1.0; 0.0, 1.0];
/// let h = matrix![1.0, 0.0];
/// let model = StateSpace::new(f, h, ScalarMatrix::<3>::new(), ScalarMatrix::<1>::new()); // expected `2`, found `3`
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "dynamic linear model")]
#[doc(alias = "dlm")]
pub struct StateSpace<F, H, Q, R> {
    f: F,
    h: H,
    q: Q,
    r: R,
}

impl<F, H, Q, R> StateSpace<F, H, Q, R> {
    /// Creates the model with the given matrices F, H, Q and R.
    #[must_use]
    pub const fn new<const S: usize, const O: usize>(f: F, h: H, q: Q, r: R) -> Self
    where
        F: Extent<Size = (Const<S>, Const<S>)>,
        H: Shape<Rows = Const<O>> + Extent<Size = (Const<O>, Const<S>)>,
        Q: Extent<Size = (Const<S>, Const<S>)>,
        R: Extent<Size = (Const<O>, Const<O>)>,
    {
        Self { f, h, q, r }
    }
}

impl<F, H, Q, R> Shape for StateSpace<F, H, Q, R>
where
    F: Shape<ParamCount: Join<H::ParamCount, Output: Join<Joined<Q, R>>>>,
    H: Shape,
    Q: Shape<ParamCount: Join<R::ParamCount>>,
    R: Shape,
{
    type Rows = H::Rows;
    type Cols = H::Cols;
    type ParamCount = <Joined<F, H> as Join<Joined<Q, R>>>::Output;

    const OPERANDS: usize = 4;

    fn defaults(&self) -> Theta<Self, f64> {
        let (of_means, of_noises) = (self.means().defaults(), self.noises().defaults());
        Joined::<F, H>::concat(of_means, of_noises)
    }

    /// Assigns the degree `degree` to the noise covariances Q and R, which grow with the scale of
    /// the observations, and the degree 0 to the matrices F and H, which do not.
    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        let (of_means, of_noises) = Scale::split::<Joined<F, H>>(scales);
        self.means().scales_of_terms(0.0, of_means);
        self.noises().scales_of_terms(degree, of_noises)
    }

    fn write_operands(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        self.means().write(out)?;
        out.write_str(", ")?;
        self.noises().write(out)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        match Self::owner(index) {
            (0, k) => write_prefixed(&self.f, 0, k, out),
            (1, k) => write_prefixed(&self.h, 1, k, out),
            (2, k) => write_prefixed(&self.q, 2, k, out),
            (_, k) => write_prefixed(&self.r, 3, k, out),
        }
    }
}

impl<F: Shape, H: Shape, Q: Shape, R: Shape> StateSpace<F, H, Q, R> {
    const fn means(&self) -> Operands<'_, F, H> {
        let labels = [Some("F"), Some("H")];
        Operands { operator: Chained::No, labels, a: &self.f, b: &self.h }
    }

    const fn noises(&self) -> Operands<'_, Q, R> {
        let labels = [Some("Q"), Some("R")];
        Operands { operator: Chained::No, labels, a: &self.q, b: &self.r }
    }

    /// Returns the place of the matrix to which parameter `index` belongs (0 for F, 1 for H, 2 for
    /// Q, 3 for R), and the index of the parameter within that matrix.
    fn owner(mut index: usize) -> (usize, usize) {
        let counts = [F::ParamCount::USIZE, H::ParamCount::USIZE, Q::ParamCount::USIZE];
        for (place, count) in counts.into_iter().enumerate() {
            match index.checked_sub(count) {
                None => return (place, index),
                Some(rest) => index = rest,
            }
        }
        (counts.len(), index)
    }
}

impl<T, F, H, Q, R, const S: usize, const O: usize> LinearGaussian<T, S, O>
    for StateSpace<F, H, Q, R>
where
    T: Real,
    F: ParamMatrix<T, S, S> + Shape<ParamCount: Join<H::ParamCount, Output: Join<Joined<Q, R>>>>,
    H: ParamMatrix<T, O, S>,
    Q: ParamMatrix<T, S, S> + Shape<ParamCount: Join<R::ParamCount>>,
    R: ParamMatrix<T, O, O>,
{
    fn system(&self, theta: &Theta<Self, T>) -> System<T, S, O> {
        let (of_means, of_noises) = Joined::<F, H>::split(theta);
        let ((f, h), (q, r)) = (F::ParamCount::split(&of_means), Q::ParamCount::split(&of_noises));
        System {
            transition: self.f.value(&f),
            observation: self.h.value(&h),
            process_noise: self.q.value(&q),
            measurement_noise: self.r.value(&r),
        }
    }

    fn system_gradient(&self, theta: &Theta<Self, T>) -> PerParam<Self, SystemDerivative<T, S, O>> {
        let (of_means, of_noises) = Joined::<F, H>::split(theta);
        let ((f, h), (q, r)) = (F::ParamCount::split(&of_means), Q::ParamCount::split(&of_noises));
        let f = Array::<_, F::ParamCount>(self.f.gradient(&f)).map(SystemDerivative::Transition).0;
        let h = Array::<_, H::ParamCount>(self.h.gradient(&h)).map(SystemDerivative::Observation).0;
        let q =
            Array::<_, Q::ParamCount>(self.q.gradient(&q)).map(SystemDerivative::ProcessNoise).0;
        let r = Array::<_, R::ParamCount>(self.r.gradient(&r))
            .map(SystemDerivative::MeasurementNoise)
            .0;
        Joined::<F, H>::concat(F::ParamCount::concat(f, h), Q::ParamCount::concat(q, r))
    }

    fn visit_transform<V: TransformVisitor>(&self, k: usize, visitor: V) -> V::Output {
        match Self::owner(k) {
            (0, k) => self.f.visit_transform(k, visitor),
            (1, k) => self.h.visit_transform(k, visitor),
            (2, k) => self.q.visit_transform(k, visitor),
            (_, k) => self.r.visit_transform(k, visitor),
        }
    }
}
