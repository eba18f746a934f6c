//! Tests that the vectorised kernels agree with the plain loops.

use super::*;

/// Creates a matrix whose products and sums have rounding errors.
fn matrix<const N: usize, const M: usize>(seed: usize) -> SMatrix<f64, N, M> {
    SMatrix::<f64, N, M>::from_fn(|i, j| f64::sin((seed + 3 * i + 5 * j) as f64))
}

fn lanes_are_plain<const N: usize, const K: usize>() {
    let (a, b, c) = (matrix::<N, K>(1), matrix::<N, K>(2), matrix::<K, K>(3));
    let (mut of_lanes, mut plain) = (SMatrix::zeros(), SMatrix::zeros());
    add_product(&mut plain, &a, &c);
    assert!(lanes::product(&a, &c, &mut of_lanes));
    assert_eq!(of_lanes, plain);

    let (mut of_lanes, mut plain) = (SMatrix::zeros(), SMatrix::zeros());
    plain::tr_product(&a, &b, &mut plain);
    let wrote = lanes::tr_product(&a, &b, &mut of_lanes);
    assert_eq!(wrote, (MANY..VERY_MANY).contains(&N));
    assert!(!wrote || of_lanes == plain);

    let (mut of_lanes, mut plain) = (SMatrix::zeros(), SMatrix::zeros());
    plain::symmetric_product(&a, &b, &mut plain);
    assert!(lanes::symmetric_product(&a, &b, &mut of_lanes));
    assert_eq!(of_lanes, plain);
    assert_eq!(plain, plain.transpose());
    plain::symmetric_pair(&a, &b, &mut plain);
    assert!(lanes::symmetric_pair(&a, &b, &mut of_lanes));
    assert_eq!(of_lanes, plain);
    assert_eq!(plain, plain.transpose());

    let (mut of_lanes, mut plain) = (SMatrix::zeros(), SMatrix::zeros());
    let u = matrix::<N, N>(4).upper_triangle();
    plain::symmetric_product(&u, &u, &mut of_lanes);
    plain::gram_of_upper(&u, &mut plain);
    assert_eq!(of_lanes, plain);
    assert!(lanes::gram_of_upper(&u, &mut of_lanes));
    assert_eq!(of_lanes, plain);

    let [a, b] = [&a.data.0[0], &b.data.0[0]];
    assert_eq!(lanes::dot(a, b), (N >= MANY).then(|| plain::dot(a, b)));
    let (mut of_lanes, mut plain_sum) = ([0.0; N], [0.0; N]);
    for (sum, (a, b)) in plain_sum.iter_mut().zip(a.iter().zip(b)) {
        *sum = a * 0.3 + b * 0.7;
    }
    assert!(lanes::two_scaled((a, 0.3), (b, 0.7), &mut of_lanes));
    assert_eq!(of_lanes, plain_sum);
    let mut of_lanes = plain;
    plain::rank_one(a, b, 0.3, &mut plain);
    assert!(lanes::rank_one(a, b, 0.3, &mut of_lanes));
    assert_eq!(of_lanes, plain);
    plain::rank_two(a, b, &mut plain);
    assert!(lanes::rank_two(a, b, &mut of_lanes));
    assert_eq!(of_lanes, plain);
}

fn triangular_lanes_are_plain<const N: usize, const K: usize>() {
    let v = {
        let root = matrix::<N, N>(5);
        root * root.transpose() + SMatrix::identity()
    };
    let (mut of_lanes, mut plain) = (v, v);
    assert_eq!(plain::factor(&mut plain), Ok(()));
    assert_eq!(lanes::factor(&mut of_lanes), (N >= MANY).then_some(Ok(())));
    let l = plain;
    assert!(N < MANY || of_lanes == l);
    assert!((l * l.transpose() - v).amax() <= 8.0 * f64::EPSILON * v.amax());
    let (mut of_lanes, mut plain) = (SMatrix::<f64, N, N>::identity(), SMatrix::identity());
    plain::inverse_root(&l, &mut plain);
    assert_eq!(lanes::inverse_root(&l, &mut of_lanes), N >= MANY);
    assert!(N < MANY || of_lanes == plain);
    let (mut of_lanes, mut plain) = (matrix::<N, K>(6), matrix::<N, K>(6));
    for column in &mut plain.data.0 {
        plain::solve_lower(&l, column);
    }
    assert_eq!(lanes::solve_lower(&l, &mut of_lanes), N >= MANY);
    assert!(N < MANY || of_lanes == plain);
    for column in &mut plain.data.0 {
        plain::solve_upper(&l, column);
    }
    assert_eq!(lanes::solve_upper(&l, &mut of_lanes), N >= MANY);
    assert!(N < MANY || of_lanes == plain);
    assert!((v * plain - matrix::<N, K>(6)).amax() <= 1e-13);
    for row in 0..N {
        let mut dependent = v;
        dependent[(row, row)] = if row % 2 == 0 { 0.0 } else { f64::NAN };
        let (mut of_lanes, mut plain) = (dependent, dependent);
        assert_eq!(plain::factor(&mut plain), Err(row));
        assert_eq!(lanes::factor(&mut of_lanes), (N >= MANY).then_some(Err(row)));
    }
}

#[test]
fn lanes_give_the_bits_of_plain_loops() {
    lanes_are_plain::<4, 1>();
    lanes_are_plain::<5, 2>();
    lanes_are_plain::<8, 3>();
    lanes_are_plain::<11, 5>();
    lanes_are_plain::<12, 4>();
    lanes_are_plain::<18, 7>();
    lanes_are_plain::<32, 8>();
    lanes_are_plain::<70, 2>();
}

#[test]
fn roots_are_rounded_as_those_of_libm() {
    for x in [0.0, 2.0, 1e-310, 1e300, f64::INFINITY] {
        assert_eq!(sqrt(x), nalgebra::ComplexField::sqrt(x));
    }
    assert!(sqrt(-1.0_f64).is_nan());
    assert_eq!(sqrt(2.0_f32), nalgebra::ComplexField::sqrt(2.0_f32));
}

#[test]
fn triangular_lanes_give_the_bits_of_plain_loops() {
    triangular_lanes_are_plain::<4, 1>();
    triangular_lanes_are_plain::<8, 3>();
    triangular_lanes_are_plain::<11, 5>();
    triangular_lanes_are_plain::<12, 4>();
    triangular_lanes_are_plain::<18, 7>();
    triangular_lanes_are_plain::<32, 6>();
}
