//! Lanes against plain loops.

use super::*;

/// Numbers whose products and sums round.
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
    plain::rank_one(a, b, 0.3, &mut plain);
    assert!(lanes::rank_one(a, b, 0.3, &mut of_lanes));
    assert_eq!(of_lanes, plain);
    plain::rank_two(a, b, &mut plain);
    assert!(lanes::rank_two(a, b, &mut of_lanes));
    assert_eq!(of_lanes, plain);
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
