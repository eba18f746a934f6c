//! Tests of the fixed effects with Satterthwaite's degrees of freedom.

use nalgebra::{SMatrix, SVector, convert};

use crate::algebra::shape::Shape;
use crate::base::arrays::filled;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::inference::Inference;
use crate::inference::contrast::{Contrast, FTest};
use crate::linalg::cholesky::Cholesky;
use crate::linalg::eigen::symmetric_eigen;
use crate::linalg::kernel::invert::power_of_root;

impl<M: Shape, T: Real, const K: usize> Inference<M, T, K> {
    /// Returns the linear combination ℓᵀβ with its standard error and ν degrees of freedom:
    ///
    /// ```text
    /// ν = 2 (ℓᵀCℓ)² / (gᵀ A g),   gₖ = ℓᵀ ∂C/∂θₖ ℓ
    /// ```
    ///
    /// Here, C = (XᵀV⁻¹X)⁻¹, and A is the covariance of the estimate of θ. The derivatives ∂C/∂θₖ
    /// are exact for every structure. The method is that of Satterthwaite 1946, Biometrics Bulletin
    /// 2, 110–114, and Giesbrecht & Burns 1985, Biometrics 41, 477–486. The degrees of freedom
    /// agree with SAS and lmerTest, and do not depend on the scale of the parameters.
    ///
    /// # Errors
    ///
    /// - [`Error::DependentRow`] if ℓ is zero
    /// - [`Error::NotIdentified`] if the data do not determine the variance of ℓᵀβ
    pub fn contrast(&self, l: &SVector<T, K>) -> Result<Contrast<T>, Error> {
        // Divide ℓ by a power of two near its size, so that neither squares nor their products
        // overflow.
        let scale = power_of_root(l.amax());
        let scale = scale * scale;
        let scaled: SMatrix<T, 1, K> = (l / scale).transpose();
        if scaled.iter().all(T::is_zero) {
            return Err(Error::DependentRow { row: 0 });
        }
        let variance = scaled * self.beta_covariance * scaled.transpose();
        let root = Cholesky::new(&variance).map_err(|row| Error::DependentRow { row })?;
        self.ridge.check_contrasts(&scaled, &root, self.slopes_of_beta.as_ref())?;
        Ok(Contrast {
            estimate: l.dot(&self.beta),
            standard_error: variance[(0, 0)].sqrt() * scale,
            degrees_of_freedom: self.degrees_of_freedom(&scaled.transpose()),
        })
    }

    /// Returns one [`contrast`](Self::contrast) for each fixed effect, with the estimate, the
    /// standard error and the degrees of freedom.
    pub fn coefficients(&self) -> [Result<Contrast<T>, Error>; K] {
        core::array::from_fn(|j| {
            self.contrast(&SVector::from_fn(|i, _| if i == j { T::one() } else { T::zero() }))
        })
    }

    fn degrees_of_freedom(&self, l: &SVector<T, K>) -> T {
        let variance = form(&self.beta_covariance, l);
        let mut slopes = filled::<M::ParamCount, T>(T::zero());
        for (slope, of_beta) in slopes.as_mut().iter_mut().zip(self.slopes_of_beta.as_ref()) {
            *slope = form(of_beta, l) / variance;
        }
        convert::<_, T>(2.0) / self.covariance.form(slopes.as_ref())
    }

    /// Tests Lβ = 0 for a matrix L with Q rows. If C is the covariance of β, the eigenvectors of
    /// LCLᵀ = Σ dₘ qₘqₘᵀ give Q independent contrasts qₘᵀLβ. Contrast m has the t statistic tₘ and
    /// Satterthwaite's degrees of freedom νₘ. The F statistic and its denominator degrees of
    /// freedom ν are
    ///
    /// ```text
    /// F = Σ tₘ²/Q,   ν = 2E/(E − Q),   E = Σ νₘ/(νₘ − 2)
    /// ```
    ///
    /// The test is that of Fai & Cornelius 1996, Journal of Statistical Computation and Simulation
    /// 54, 363–378. If the degrees of freedom νₘ of all contrasts are equal, ν is their common
    /// value. If the degrees of freedom νₘ of the contrasts differ and at least one of them is at
    /// most 2, ν is 2, as in lmerTest.
    ///
    /// # Errors
    ///
    /// - [`Error::DependentRow`] with a row of L that depends on earlier rows, or row 0 if Q is 0
    /// - [`Error::NotIdentified`] if the data do not determine the covariance of Lβ
    pub fn test<const Q: usize>(&self, l: &SMatrix<T, Q, K>) -> Result<FTest<T>, Error> {
        /// The relative difference below which degrees of freedom count as equal.
        const SAME: f64 = 1e-6;
        if Q == 0 {
            return Err(Error::DependentRow { row: 0 });
        }
        let covariance = l * self.beta_covariance * l.transpose();
        let root = Cholesky::new(&covariance).map_err(|row| Error::DependentRow { row })?;
        self.ridge.check_contrasts(l, &root, self.slopes_of_beta.as_ref())?;
        let (variances, vectors) = symmetric_eigen(covariance);
        let two = convert::<_, T>(2.0);
        let count = convert::<_, T>(Q as f64);
        let mut squares = T::zero();
        // E − Q = Σ 2/(νₘ − 2)
        let mut excess = T::zero();
        let (mut fewest, mut most) = (T::one() / T::zero(), T::zero());
        for (m, &variance) in variances.iter().enumerate() {
            let contrast = l.tr_mul(&vectors.column(m));
            let statistic = contrast.dot(&self.beta) / variance.sqrt();
            squares += statistic * statistic;
            let degrees_of_freedom = self.degrees_of_freedom(&contrast);
            (fewest, most) = (fewest.min(degrees_of_freedom), most.max(degrees_of_freedom));
            excess += two / (degrees_of_freedom - two);
        }
        let denominator = if most <= fewest * convert(1.0 + SAME) {
            fewest
        } else if fewest <= two {
            two
        } else {
            two + two * count / excess
        };
        Ok(FTest {
            statistic: squares / count,
            numerator_degrees_of_freedom: Q,
            denominator_degrees_of_freedom: denominator,
            scale: T::one(),
        })
    }
}

/// Returns the quadratic form lᵀ C l of a vector l and a matrix C.
fn form<T: Real, const K: usize>(c: &SMatrix<T, K, K>, l: &SVector<T, K>) -> T {
    l.dot(&(c * l))
}
