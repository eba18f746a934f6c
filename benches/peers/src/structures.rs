//! The inner matrices G(θ) as the textbook has them: G and each ∂G as a full matrix, for any scalar.

use covprop::algebra::{ParamMatrix, Partial, Real, Shape, Theta, Visitor};
use nalgebra::{Const, SMatrix};
use typenum::U2;

/// G(θ) and its derivatives.
pub trait Textbook<const Q: usize, const P: usize> {
    fn g<T: Real>(&self, theta: &[T; P]) -> SMatrix<T, Q, Q>;
    fn dg(&self, theta: &[f64; P], k: usize) -> SMatrix<f64, Q, Q>;
}

/// diag(a θ): a slope that the compiler does not know, so that derivatives are not those by 1.
pub struct Scaled {
    pub slope: f64,
}

impl<const Q: usize> Textbook<Q, Q> for Scaled {
    fn g<T: Real>(&self, theta: &[T; Q]) -> SMatrix<T, Q, Q> {
        let mut g = SMatrix::zeros();
        for (k, &x) in theta.iter().enumerate() {
            g[(k, k)] = x * nalgebra::convert(self.slope);
        }
        g
    }

    fn dg(&self, _: &[f64; Q], k: usize) -> SMatrix<f64, Q, Q> {
        let mut dg = SMatrix::zeros();
        dg[(k, k)] = self.slope;
        dg
    }
}

/// diag(e^2θ).
pub struct Exponential;

impl<const Q: usize> Textbook<Q, Q> for Exponential {
    fn g<T: Real>(&self, theta: &[T; Q]) -> SMatrix<T, Q, Q> {
        let mut g = SMatrix::zeros();
        for (k, &x) in theta.iter().enumerate() {
            g[(k, k)] = (x + x).exp();
        }
        g
    }

    fn dg(&self, theta: &[f64; Q], k: usize) -> SMatrix<f64, Q, Q> {
        let mut dg = SMatrix::zeros();
        dg[(k, k)] = 2.0 * (2.0 * theta[k]).exp();
        dg
    }
}

/// L Lᵀ, L row by row.
pub struct Cholesky;

impl<const Q: usize, const P: usize> Textbook<Q, P> for Cholesky {
    fn g<T: Real>(&self, theta: &[T; P]) -> SMatrix<T, Q, Q> {
        let l: SMatrix<_, Q, Q> = lower(theta);
        l * l.transpose()
    }

    fn dg(&self, theta: &[f64; P], k: usize) -> SMatrix<f64, Q, Q> {
        let l: SMatrix<_, Q, Q> = lower(theta);
        let row = (0..Q).rfind(|i| i * (i + 1) / 2 <= k).unwrap_or_default();
        let mut dl = SMatrix::<f64, Q, Q>::zeros();
        dl[(row, k - row * (row + 1) / 2)] = 1.0;
        dl * l.transpose() + l * dl.transpose()
    }
}

fn lower<T: Real, const Q: usize, const P: usize>(theta: &[T; P]) -> SMatrix<T, Q, Q> {
    let mut l = SMatrix::zeros();
    for i in 0..Q {
        for j in 0..=i {
            l[(i, j)] = theta[i * (i + 1) / 2 + j];
        }
    }
    l
}

/// σ² ρ^|i−j| of θ = (σ², ρ).
pub struct Ar1;

impl<const Q: usize> Textbook<Q, 2> for Ar1 {
    fn g<T: Real>(&self, &[variance, rho]: &[T; 2]) -> SMatrix<T, Q, Q> {
        let mut powers = [variance; Q];
        for d in 1..Q {
            powers[d] = powers[d - 1] * rho;
        }
        SMatrix::from_fn(|i, j| powers[i.abs_diff(j)])
    }

    fn dg(&self, &[variance, rho]: &[f64; 2], k: usize) -> SMatrix<f64, Q, Q> {
        let mut powers = [1.0; Q];
        for d in 1..Q {
            powers[d] = powers[d - 1] * rho;
        }
        SMatrix::from_fn(|i, j| match (k, i.abs_diff(j)) {
            (0, d) => powers[d],
            (_, 0) => 0.0,
            (_, d) => variance * d as f64 * powers[d - 1],
        })
    }
}

/// A Z that is trained, A + θ₀ B₀ + θ₁ B₁, and a G that is not. Laid out as the C++ side reads it.
#[repr(C)]
pub struct Trainable<const N: usize, const Q: usize> {
    pub slopes: [SMatrix<f64, N, Q>; 2],
    pub g: SMatrix<f64, Q, Q>,
    pub constant: SMatrix<f64, N, Q>,
}

impl<const N: usize, const Q: usize> Trainable<N, Q> {
    pub fn z<T: Real>(&self, &[a, b]: &[T; 2]) -> SMatrix<T, N, Q> {
        SMatrix::from_fn(|i, j| {
            let entry = |m: &SMatrix<f64, N, Q>| nalgebra::convert::<f64, T>(m[(i, j)]);
            entry(&self.constant) + a * entry(&self.slopes[0]) + b * entry(&self.slopes[1])
        })
    }
}

impl<const N: usize, const Q: usize> Shape for Trainable<N, Q> {
    type Rows = Const<N>;
    type Cols = Const<Q>;
    type ParamCount = U2;
}

/// As one who wants it fast writes it: derivatives are shown where they are.
impl<const N: usize, const Q: usize> ParamMatrix<f64, N, Q> for Trainable<N, Q> {
    #[inline]
    fn value(&self, &[a, b]: &Theta<Self, f64>) -> SMatrix<f64, N, Q> {
        self.constant + self.slopes[0] * a + self.slopes[1] * b
    }

    fn gradient(&self, _: &Theta<Self, f64>) -> [SMatrix<f64, N, Q>; 2] {
        self.slopes
    }

    #[inline]
    fn visit<V: Visitor<f64, N, Q>>(&self, theta: &Theta<Self, f64>, visitor: &mut V) {
        visitor.value(|out| *out = self.value(theta));
        for (k, slope) in self.slopes.iter().enumerate() {
            visitor.derivative(k, Partial::Dense(slope));
        }
    }
}
