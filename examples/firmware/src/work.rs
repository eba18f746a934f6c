//! What the microcontroller computes. The models are constants, in flash.

#[allow(unused_imports, reason = "less is needed of less")]
use covprop::nalgebra::{SMatrix, SVector};
#[allow(unused_imports, reason = "less is needed of less")]
use covprop::typenum::U2;
use covprop::*;

/// V(θ) = Z G(θ) Zᵀ of four observations in three groups, G = diag(e^2θ).
#[cfg(any(feature = "operator", feature = "operator-double"))]
pub mod operator {
    use super::*;

    type Operator = CovariancePropagation<DummyMatrix<4, 3>, DiagonalMatrix<3>>;

    static MODEL: Operator =
        CovariancePropagation::new(DummyMatrix::from_indices([0, 1, 2, 0]), DiagonalMatrix::new());

    /// V and its derivatives.
    pub struct Evaluated<T> {
        pub value: SMatrix<T, 4, 4>,
        pub gradient: [SMatrix<T, 4, 4>; 3],
    }

    impl<T: Real> Evaluated<T> {
        pub fn zeros() -> Self {
            Self { value: SMatrix::zeros(), gradient: [SMatrix::zeros(); 3] }
        }
    }

    #[cfg(feature = "operator")]
    #[inline(never)]
    pub fn evaluate(theta: &[f32; 3], out: &mut Evaluated<f32>) {
        MODEL.value_and_gradient_into(theta, &mut out.value, &mut out.gradient);
    }

    #[cfg(feature = "operator-double")]
    #[inline(never)]
    pub fn evaluate_double(theta: &[f64; 3], out: &mut Evaluated<f64>) {
        MODEL.value_and_gradient_into(theta, &mut out.value, &mut out.gradient);
    }
}

/// P ← F P Fᵀ + Q(θ) of a position and a velocity, with ∂P/∂θ.
#[cfg(feature = "recursion")]
pub mod recursion {
    use super::*;

    type Noise = CovariancePropagation<SMatrix<f32, 2, 1>, ScalarMatrix<1>>;
    type Tracker = StateSpace<SMatrix<f32, 2, 2>, SMatrix<f32, 1, 2>, Noise, ScalarMatrix<1>>;
    pub type Recursion = CovarianceRecursion<Tracker, f32, 2, 1>;

    /// Steps of 0.1 s, in m and m/s.
    static MODEL: Tracker = StateSpace::new(
        SMatrix::<f32, 2, 2>::new(1.0, 0.1, 0.0, 1.0),
        SMatrix::<f32, 1, 2>::new(1.0, 0.0),
        CovariancePropagation::new(SMatrix::<f32, 2, 1>::new(0.005, 0.1), ScalarMatrix::new()),
        ScalarMatrix::new(),
    );

    pub fn start(theta: [f32; 2]) -> Option<Recursion> {
        MODEL.covariance_recursion(&theta, &SMatrix::<f32, 2, 2>::new(4.0, 0.5, 0.5, 1.0)).ok()
    }

    #[inline(never)]
    pub fn step(recursion: &mut Recursion) -> bool {
        recursion.predict().is_ok()
    }
}

/// The dyestuff data, one reading at a time, and the random-intercept model by restricted maximum likelihood.
#[cfg(any(feature = "fit", feature = "fit-mixed"))]
pub mod fit {
    use super::*;

    const SAMPLES: usize = 5;
    const ONES: SVector<f64, SAMPLES> = SVector::<f64, SAMPLES>::new(1.0, 1.0, 1.0, 1.0, 1.0);

    /// Logarithms of standard deviations of 50 g, which such batches may have.
    const START: [f64; 2] = [3.9, 3.9];

    /// V = γ² J + σ² I: the smallest code.
    #[cfg(feature = "fit")]
    pub static BATCHES: Marginal<Sum<EqualEntryMatrix<SAMPLES, SAMPLES>, ScalarMatrix<SAMPLES>>> =
        Marginal::new(Sum::new(EqualEntryMatrix::new(), ScalarMatrix::new()));

    /// The same as V = Z G Zᵀ + R, which is fitted in two rows in place of five: the fewest instructions.
    #[cfg(feature = "fit-mixed")]
    pub static MIXED_BATCHES: MixedModel<
        CovariancePropagation<SVector<f64, SAMPLES>, ScalarMatrix<1>>,
        ScalarMatrix<SAMPLES>,
    > = MixedModel::new(ONES, ScalarMatrix::<1>::new(), ScalarMatrix::<SAMPLES>::new());

    /// Davies & Goldsmith 1972: yields in g, five samples of each of six batches.
    pub static YIELDS: [u16; 6 * SAMPLES] = [
        1545, 1440, 1440, 1520, 1580, 1540, 1555, 1490, 1560, 1495, 1595, 1550, 1605, 1510, 1560,
        1445, 1440, 1595, 1465, 1545, 1595, 1630, 1515, 1635, 1625, 1520, 1455, 1450, 1480, 1445,
    ];

    /// A batch that is not yet complete, and those that are.
    pub struct Meter<M> {
        batch: SVector<f64, SAMPLES>,
        count: usize,
        panel: Panel<M, f64, SAMPLES, 1>,
    }

    impl<M> Meter<M>
    where
        M: Model<Covariance: ParamMatrix<f64, SAMPLES, SAMPLES> + Shape<Params = U2>>,
    {
        pub fn new(model: M) -> Self {
            Self { batch: SVector::zeros(), count: 0, panel: Panel::new(model) }
        }

        /// Takes a reading.
        #[inline(never)]
        pub fn take(&mut self, reading: u16) -> bool {
            if let Some(place) = self.batch.get_mut(self.count) {
                *place = f64::from(reading);
            }
            self.count += 1;
            if self.count < SAMPLES {
                return true;
            }
            self.count = 0;
            self.panel.push(&ONES, &self.batch).is_ok()
        }

        /// The variances between batches and within, if the search got to a maximum.
        #[inline(never)]
        pub fn variances(&self) -> Option<[f64; 2]> {
            let fit = self.panel.estimation().ok()?.start(START).fit().ok()?;
            fit.outcome.is_maximum().then_some(fit.params)
        }
    }
}
