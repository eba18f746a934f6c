//! The adjusted covariance of Kenward and Roger.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, convert};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::each_derivative;
use crate::algebra::shape::Shape;
use crate::base::arrays::filled;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::inference::kenward_roger::{BoundaryTangent, KenwardRoger, KenwardRogerMethod};
use crate::inference::tangent::Tangent;
use crate::linalg::information_matrix::InformationMatrix;
use crate::reml::covariance_factor::rounding;
use crate::reml::criterion::Criterion;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::own_rows::Observations;
use crate::reml::fit::Fit;
use crate::reml::likelihood::Likelihood;
use crate::reml::likelihood::curvature::bends;
use crate::reml::observations::blocks::{Block, OnBlock};

impl<M, D, T, const N: usize, const K: usize> Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Returns Kenward and Roger's tests of the fixed effects of a fit to the data of this
    /// estimation, with the adjusted covariance of Kenward & Roger 2009. A variance of zero counts
    /// as estimated, as in pbkrtest, and a correlation of ±1 counts as known; see
    /// [`BoundaryTangent::Components`].
    ///
    /// # Errors
    ///
    /// - [`Error::NotRestricted`] for a fit by maximum likelihood
    /// - [`Error::NotMaximum`] for a fit that is neither at a maximum of the likelihood nor on a
    ///   ridge of equal likelihood
    ///
    /// For a fit on a [ridge](crate::optimise::Outcome::NotIdentified) of equal likelihood, this
    /// method succeeds. Methods of the returned `KenwardRoger` then return an error only for
    /// results that change along the ridge.
    pub fn kenward_roger(&self, fit: &Fit<'_, M, T, N, K>) -> Result<KenwardRoger<M, T, K>, Error> {
        self.kenward_roger_with(KenwardRogerMethod::BiasCorrected, BoundaryTangent::Components, fit)
    }

    /// Returns Kenward and Roger's tests of the fixed effects of a fit to the data of this
    /// estimation. The arguments choose the adjustment of the covariance and the directions of V
    /// that count as estimated on the boundary.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`kenward_roger`](Self::kenward_roger).
    ///
    /// ```
    /// use covprop::Error;
    /// use covprop::inference::{BoundaryTangent, KenwardRogerMethod};
    /// use covprop::prelude::*;
    ///
    /// // three batches of four with means of 5.125, 5 and 5.125: no variance between them
    /// let ones = SVector::<f64, 4>::repeat(1.0);
    /// let model = MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<4>::new());
    /// let mut panel = Panel::<_, f64, 4, 1>::new(model);
    /// for y in [[1.0, 9.0, 3.5, 7.0], [8.0, 2.0, 6.0, 4.0], [5.0, 5.5, 4.0, 6.0]] {
    ///     panel.push(&ones, &SVector::from(y))?;
    /// }
    /// let estimation = panel.estimation()?;
    /// let fit = estimation.fit()?;
    /// assert_eq!(fit.params[0], 0.0);
    /// let degrees = |boundary| -> Result<f64, Error> {
    ///     let tests = estimation.kenward_roger_with(KenwardRogerMethod::Linear, boundary, &fit)?;
    ///     Ok(tests.contrast(&vector![1.0])?.degrees_of_freedom)
    /// };
    /// assert!((degrees(BoundaryTangent::Whole)? - 2.0).abs() < 1e-6);
    /// assert!((degrees(BoundaryTangent::KeepsRank)? - 11.0).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn kenward_roger_with(
        &self,
        method: KenwardRogerMethod,
        boundary: BoundaryTangent,
        fit: &Fit<'_, M, T, N, K>,
    ) -> Result<KenwardRoger<M, T, K>, Error> {
        if fit.criterion != Criterion::Reml {
            return Err(Error::NotRestricted);
        }
        fit.check_maximum()?;
        let whole = boundary == BoundaryTangent::Whole;
        let counted = |k: usize| match boundary {
            BoundaryTangent::Whole => true,
            BoundaryTangent::KeepsRank => false,
            BoundaryTangent::Components => self.is_component(k),
        };
        // V is evaluated at the fit, and its derivatives a little inside the boundary.
        let mut at = self.likelihood(Criterion::Reml, &fit.theta)?;
        at.theta = self.inside(fit);
        let mut flat = Array::<bool, M::ParamCount>::from_fn(|_| false);
        if whole {
            flat = self.move_far_inside(fit, &mut at.theta, at.size);
        }
        let expected = at.expected();
        let Tangent { independent, ridge, .. } = at.tangent(fit, &expected, counted);
        let covariance = expected.inverse(&independent).map_err(|k| at.not_identified(k))?;
        Ok(KenwardRoger {
            beta: at.beta(),
            unadjusted: at.beta_covariance(),
            adjusted: at.adjusted_covariance(&covariance, method, &flat),
            slopes: at.beta_covariance_gradient(),
            covariance,
            ridge,
        })
    }
}

impl<M, D, T, const N: usize, const K: usize> Likelihood<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Returns the adjusted covariance Φ_A of β, where `w` is the inverse of the expected
    /// information of θ. Second derivatives of V with respect to parameters for which `flat` is
    /// `true` are taken as zero.
    fn adjusted_covariance(
        &self,
        w: &InformationMatrix<M::ParamCount, T>,
        method: KenwardRogerMethod,
        flat: &Array<bool, M::ParamCount>,
    ) -> SMatrix<T, K, K> {
        let first = self.design_forms().map(|form| form / self.size);
        let mut sum = Adjustment {
            theta: &self.theta,
            size: self.size,
            c: &self.c,
            w,
            method,
            flat,
            first: &first,
            second: SMatrix::zeros(),
            inner: SMatrix::zeros(),
            bends: Array(filled::<M::ParamCount, T>(T::zero())),
        };
        self.data.each_block(&self.point(), &self.factors, &mut sum);
        let Adjustment { second, mut inner, bends, .. } = sum;
        for (k, first_k) in first.iter().enumerate() {
            for (l, other) in first.iter().enumerate() {
                inner -= first_k * self.c * other * w.get(k, l);
            }
        }
        inner -= second * convert::<_, T>(0.25);
        let mut adjustment = inner + inner;
        for (k, first) in first.iter().enumerate() {
            let bias = bends
                .iter()
                .enumerate()
                .fold(T::zero(), |sum, (l, &bend)| sum - w.get(k, l) * bend * convert(0.25));
            adjustment -= first * bias;
        }
        let adjusted = self.c + self.c * adjustment * self.c;
        self.data.reference().covariance(&adjusted) * self.size
    }
}

/// The sums over blocks of data that the adjusted covariance needs.
struct Adjustment<'t, P: ArraySize, T, const K: usize> {
    theta: &'t P::ArrayType<T>,
    size: T,
    c: &'t SMatrix<T, K, K>,
    /// The inverse of the expected information of θ.
    w: &'t InformationMatrix<P, T>,
    method: KenwardRogerMethod,
    /// `true` for each parameter with respect to which second derivatives of V are taken as zero.
    flat: &'t Array<bool, P>,
    /// The matrices Hᵀ ∂ₖV H, summed over all blocks.
    first: &'t Array<SMatrix<T, K, K>, P>,
    /// Σⱼₖ Wⱼₖ Hᵀ Vⱼₖ H
    second: SMatrix<T, K, K>,
    /// Σⱼₖ Wⱼₖ Hᵀ Vⱼ V⁻¹ Vₖ H
    inner: SMatrix<T, K, K>,
    /// Σⱼₖ Wⱼₖ tr(P Vₗ P Vⱼₖ) for each parameter l
    bends: Array<T, P>,
}

impl<P: ArraySize, T: Real, const K: usize> Adjustment<'_, P, T, K> {
    /// Returns Σⱼₖ Wⱼₖ ⟨A, Vⱼₖ⟩/τ² for the matrix A of `weights`, where Vⱼₖ is a second derivative
    /// of V with respect to the parameters on their natural scale. Φ_A of 2009 is the same on every
    /// scale, but near a bound the second derivatives with respect to θ come almost only from the
    /// transform, and would have to cancel.
    fn curved<V, const N: usize>(&self, model: &V, weights: &SMatrix<T, N, N>) -> T
    where
        V: ParamMatrix<T, N, N> + Shape<ParamCount = P>,
    {
        let mut curvature =
            InformationMatrix::<P, T> { rows: model.curvature(self.theta, weights) };
        let bends = bends(model, self.theta, &model.pullback(self.theta, weights));
        for (k, &bend) in bends.as_ref().iter().enumerate() {
            let by_theta = curvature.get(k, k);
            let left = by_theta - bend;
            let whole = (by_theta.abs() + bend.abs()) * rounding::<T, N>();
            curvature.set(k, k, if left.abs() <= whole { T::zero() } else { left });
        }
        for k in (0..self.flat.len()).filter(|&k| self.flat[k]) {
            for l in 0..self.flat.len() {
                curvature.set(k, l, T::zero());
                curvature.set(l, k, T::zero());
            }
        }
        self.w.dot(&curvature) / self.size
    }
}

impl<P: ArraySize, T: Real, const K: usize> OnBlock<T, P, K> for Adjustment<'_, P, T, K> {
    fn take<V, B, const N: usize>(&mut self, model: &V, block: &B)
    where
        V: ParamMatrix<T, N, N> + Shape<ParamCount = P>,
        B: Block<T, N, K>,
    {
        if self.method != KenwardRogerMethod::Linear {
            block.design_weights(|a, b, weights| {
                let x = self.curved(model, weights);
                self.second[(a, b)] += x;
                if a < b {
                    self.second[(b, a)] += x;
                }
            });
        }
        let (theta, size) = (self.theta, self.size);
        let mut derivative = SMatrix::zeros();
        let mut across = SMatrix::<T, N, N>::zeros();
        each_derivative(model, theta, &mut |k, partial| {
            partial.write(&mut derivative);
            derivative /= size;
            across.fill(T::zero());
            each_derivative(model, theta, &mut |l, partial| {
                let weight = self.w.get(k, l) / size;
                partial.each_entry(&mut |i, j, x| across[(i, j)] += weight * x);
            });
            let product = block.design_products(&derivative, &across);
            self.inner += (product + product.transpose()) * convert::<_, T>(0.5);
            if self.method == KenwardRogerMethod::BiasCorrected
                && let Some(form) = self.first.get(k)
            {
                let sandwich = block.sandwich(self.c, &derivative, form);
                let bend = self.curved(model, &sandwich);
                if let Some(sum) = self.bends.get_mut(k) {
                    *sum += bend;
                }
            }
        });
    }
}
