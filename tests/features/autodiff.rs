//! A user's function of θ, differentiated by dual numbers.

use approx::assert_abs_diff_eq;
use covprop::algebra::assert_gradient;
use covprop::operator::Gram;
use covprop::prelude::*;
use covprop::structure::{CustomMatrix, MatrixFunction};
use covprop::typenum;
use nalgebra::Matrix2x3;
use num_dual::Dual64;

/// Neither square nor symmetric, with products of its parameters: [x y, sin x, eʸ; x², y/(1+x²), 1].
struct Function;

impl MatrixFunction<2, 3> for Function {
    type ParamCount = typenum::U2;

    fn value<T: Real>(&self, &[x, y]: &[T; 2]) -> Matrix2x3<T> {
        let one = T::one();
        Matrix2x3::new(x * y, x.sin(), y.exp(), x * x, y / (one + x * x), one)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn core::fmt::Write) -> core::fmt::Result {
        out.write_str(["x", "y"][index])
    }
}

/// σ² e^(−d/r): the same by hand is `ExponentialMatrix`.
struct Exponential([[f64; 3]; 3]);

impl MatrixFunction<3, 3> for Exponential {
    type ParamCount = typenum::U2;

    const SYMMETRIC: bool = true;

    fn value<T: Real>(&self, &[s, r]: &[T; 2]) -> SMatrix<T, 3, 3> {
        let distance = |i: usize, j: usize| nalgebra::convert::<f64, T>(self.0[i][j]);
        SMatrix::from_fn(|i, j| (s + s - distance(i, j) / r.exp()).exp())
    }
}

#[test]
fn derivatives_are_exact() {
    let m = CustomMatrix::new(Function);
    for theta in [[0.0, 0.0], [0.7, -1.2], [-2.0, 0.4]] {
        assert_gradient(&m, &theta);
        assert_gradient(&Gram::new(&m), &theta);
    }
    assert!(m.param_names().eq(["x", "y"]));

    let [x, y] = [0.5_f64, 2.0];
    let [by_x, by_y] = m.gradient(&[x, y]);
    let d = 1.0 + x * x;
    let expected = Matrix2x3::new(y, x.cos(), 0.0, 2.0 * x, -2.0 * x * y / (d * d), 0.0);
    assert!((by_x - expected).norm() < 1e-15);
    assert_eq!(by_y[(0, 0)], x);
    // ∂²(x y)/∂x∂y = 1, ∂²x²/∂x² = 2
    let weight = |i: usize, j: usize| {
        let mut weights = Matrix2x3::zeros();
        weights[(i, j)] = 1.0;
        weights
    };
    assert_eq!(m.curvature(&[x, y], &weight(0, 0)), [[0.0, 1.0], [1.0, 0.0]]);
    assert_eq!(m.curvature(&[x, y], &weight(1, 0)), [[2.0, 0.0], [0.0, 0.0]]);
}

#[test]
fn in_single_precision() {
    let m = CustomMatrix::new(Function);
    let double = m.gradient(&[0.5_f64, 0.25]);
    let single = m.gradient(&[0.5_f32, 0.25]);
    for (double, single) in double.iter().zip(&single) {
        assert!((double - single.map(f64::from)).norm() < 1e-6);
    }
}

/// In dual numbers, first and second derivatives are those of the derivatives.
#[test]
fn in_dual_numbers() {
    let m = CustomMatrix::new(Function);
    let weights = Matrix2x3::new(1.0, -0.5, 0.3, 2.0, 0.7, -1.1);
    let theta = [0.5, 0.25];
    for k in 0..2 {
        let mut seeded = theta.map(Dual64::from);
        seeded[k] = seeded[k].derivative();
        let pullback = m.pullback(&seeded, &weights.map(Dual64::from));
        let curvature = m.curvature(&theta, &weights);
        for l in 0..2 {
            assert_abs_diff_eq!(pullback[l].eps, curvature[k][l], epsilon = 1e-14);
        }
        // third derivatives, against differences of the second ones
        let third = m.curvature(&seeded, &weights.map(Dual64::from));
        let at = |h: f64| {
            let mut theta = theta;
            theta[k] += h;
            m.curvature(&theta, &weights)
        };
        let (above, below) = (at(1e-5), at(-1e-5));
        for i in 0..2 {
            for j in 0..2 {
                let difference = (above[i][j] - below[i][j]) / 2e-5;
                assert_abs_diff_eq!(third[i][j].eps, difference, epsilon = 1e-8);
            }
        }
    }
}

#[test]
fn inside_an_operator() {
    let distances = [[0.0, 1.0, 2.5], [1.0, 0.0, 1.5], [2.5, 1.5, 0.0]];
    let v = named("S", CustomMatrix::new(Exponential(distances))).plus(ScalarMatrix::new());
    assert_gradient(&v, &[0.1, 0.4, -0.3]);
    assert!(v.param_names().eq(["S/theta_0", "S/theta_1", "op_1/sigma^2"]));
    let value = v.value(&[0.0, 0.0, 0.0]);
    assert_abs_diff_eq!(value[(0, 1)], (-1.0_f64).exp(), epsilon = 1e-16);
}
