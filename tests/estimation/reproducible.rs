//! Reproducible sums have the same bits for any order, partition and merging of the subjects, and
//! keep the digits of the data.

use covprop::prelude::*;
use covprop::reml::{Accumulator, ReproducibleAccumulator};
use proptest::prelude::*;

use crate::common::random::Random;

type Sums = ReproducibleAccumulator<f64, 3, 2, 4>;

#[derive(Clone, Debug)]
struct Row {
    x: SMatrix<f64, 3, 2>,
    y: SVector<f64, 3>,
    weights: [f64; 3],
    is_weighted: bool,
}

/// The four sets of visits.
const SETS: [[f64; 3]; 4] = [[1.0, 1.0, 1.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 1.0]];

fn push(sums: &mut Sums, row: &Row) {
    if row.is_weighted {
        sums.push_weighted(&row.x, &row.y, &row.weights).unwrap();
    } else {
        sums.push_observed(&row.x, &row.y, &row.weights.map(|w| w > 0.0)).unwrap();
    }
}

fn bytes(sums: &Sums) -> Vec<u8> {
    let mut bytes = vec![0; Sums::BYTES];
    sums.write_bytes(&mut bytes).unwrap();
    bytes
}

/// The hash of Fowler, Noll and Vo, FNV-1a with 64 bits.
fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// Merges the sums of parts of the rows in a random order and in random pairs.
fn merged(rows: &[Row], parts: usize, random: &mut Random) -> Sums {
    let mut below = |n: usize| ((random.uniform() * n as f64) as usize).min(n - 1);
    let mut order: Vec<&Row> = rows.iter().collect();
    for i in (1..order.len()).rev() {
        order.swap(i, below(i + 1));
    }
    let mut all = vec![Sums::new(); parts];
    for row in order {
        push(&mut all[below(parts)], row);
    }
    while all.len() > 1 {
        let taken = all.swap_remove(below(all.len()));
        let into = below(all.len());
        all[into].merge(&taken).unwrap();
    }
    all.remove(0)
}

/// Numbers of all sizes whose squares are finite, with many zeros and many of ordinary size.
fn number() -> impl Strategy<Value = f64> {
    let any = any::<f64>().prop_filter("the square is finite", |x| (x * x).is_finite());
    prop_oneof![
        3 => -10.0..10.0,
        2 => (-1e8..1e8_f64).prop_map(f64::round),
        1 => (-40..40_i32, -1.0..1.0).prop_map(|(k, x): (i32, f64)| x * 2.0_f64.powi(k)),
        1 => any,
        1 => prop_oneof![Just(0.0), Just(-0.0), Just(5e-324), Just(-1.3e154), Just(f64::MIN_POSITIVE)],
    ]
}

fn row() -> impl Strategy<Value = Row> {
    let weight = prop_oneof![Just(1.0), 0.01..100.0, Just(1e-3)];
    let numbers = (prop::array::uniform6(number()), prop::array::uniform3(number()));
    let parts = (numbers, prop::array::uniform3(weight), 0..4_usize, any::<bool>());
    parts.prop_map(|((x, y), w, set, is_weighted)| {
        let small = |x: f64| if is_weighted && x.abs() > 1e150 { x / 1e10 } else { x };
        Row {
            x: SMatrix::from_column_slice(&x.map(small)),
            y: SVector::from(y.map(small)),
            weights: core::array::from_fn(|i| w[i] * SETS[set][i]),
            is_weighted,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn bits_do_not_depend_on_the_order(
        rows in prop::collection::vec(row(), 1..12),
        parts in 1..6_usize,
        seed in 1..u64::MAX,
    ) {
        let mut sums = Sums::new();
        rows.iter().for_each(|row| push(&mut sums, row));
        let other = merged(&rows, parts, &mut Random(seed));
        prop_assert_eq!(bytes(&sums), bytes(&other));
        prop_assert_eq!(&sums, &other);
        prop_assert_eq!(sums.subjects(), rows.len());
        let restored = Sums::from_bytes(&bytes(&sums)).unwrap();
        prop_assert_eq!(&sums, &restored);
        match (sums.to_accumulator(), other.to_accumulator()) {
            (Ok(one), Ok(other)) => prop_assert_eq!(one, other),
            (one, other) => prop_assert_eq!(one.err(), other.err()),
        }
    }
}

/// Sixty subjects with a covariate, of whom some miss visits and some have weights.
fn study() -> Vec<Row> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let of_subject = |i: usize| {
        let level = random.normal();
        let t = |j: usize| j as f64 + 0.25 * (i % 7) as f64;
        let y = SVector::from_fn(|j, _| 1e3 + 2.0 * t(j) + level + 0.1 * random.normal());
        let weights = SETS[i % 4].map(|w| if i % 5 == 0 { w / (1.0 + i as f64) } else { w });
        let x = SMatrix::from_fn(|j, column| if column == 0 { 1.0 } else { t(j) });
        Row { x, y, weights, is_weighted: i % 5 == 0 }
    };
    (0..60).map(of_subject).collect()
}

/// A state and the fit from this state, on every machine.
const OF_STATE: u64 = 0;
const OF_FIT: u64 = 0;

#[test]
fn a_thousand_orders_have_one_hash() {
    let rows = study();
    let mut random = Random(7);
    let mut state = None;
    for repeat in 0..1000 {
        let sums = merged(&rows, 1 + repeat % 9, &mut random);
        assert_eq!(hash(bytes(&sums)), OF_STATE, "{repeat}");
        assert_eq!(*state.get_or_insert(sums), sums);
    }
    let model = Marginal::new(CompoundSymmetricMatrix::<3>::new());
    let panel = Panel::from_accumulator(model, state.unwrap().to_accumulator().unwrap());
    let fit = panel.fit().unwrap();
    assert_eq!(fit.outcome, Outcome::Converged);
    let numbers =
        fit.params.into_iter().chain(fit.beta.iter().copied()).chain([fit.log_likelihood]);
    assert_eq!(hash(numbers.flat_map(f64::to_le_bytes)), OF_FIT);
}

/// The estimates of the variance and the correlation, and the coefficients.
fn estimates<const PATTERNS: usize>(
    accumulator: Accumulator<f64, 3, 2, PATTERNS>,
) -> ([f64; 2], [f64; 2], f64) {
    let model = Marginal::new(CompoundSymmetricMatrix::<3>::new());
    let panel = Panel::from_accumulator(model, accumulator);
    let fit = panel.fit().expect("a fit");
    (fit.params, fit.beta.into(), fit.log_likelihood)
}

/// The estimates agree with the estimates of a panel, for y in any unit, far from zero, and for a
/// nearly dependent column. Both have rounding errors of the search.
#[test]
fn estimates_agree_with_a_panel() {
    const CLOSE: f64 = 1e-11;
    let model = Marginal::new(CompoundSymmetricMatrix::<3>::new());
    for (unit, shift, slope) in [
        (1.0, 0.0, 1.0),
        (1e-100, 0.0, 1.0),
        (1e100, 0.0, 1e-90),
        (1.0, 1e8, 1.0),
        (1.0, 1e12, 1e60),
        (1.0, 0.0, 1e-7),
        (1e5, 1e6, 1e-9),
    ] {
        let mut sums = Sums::new();
        let mut panel = Panel::<_, f64, 3, 2, 4>::with_patterns(model);
        for mut row in study() {
            row.y = row.y.map(|y| (y + shift) * unit);
            // A slope of 1e-9 leaves seven digits of the second column that the first does not have.
            let base = if slope < 1e-5 && slope > 1e-20 { 1.0 } else { 0.0 };
            row.x.set_column(1, &row.x.column(1).map(|t| base + t * slope));
            let observed = row.weights.map(|w| w > 0.0);
            if row.is_weighted {
                sums.push_weighted(&row.x, &row.y, &row.weights).unwrap();
                panel.push_weighted(&row.x, &row.y, &row.weights).unwrap();
            } else {
                sums.push_observed(&row.x, &row.y, &observed).unwrap();
                panel.push_observed(&row.x, &row.y, &observed).unwrap();
            }
        }
        let (of_params, of_beta, of_log_likelihood) = estimates(*panel.accumulator());
        let (params, beta, log_likelihood) = estimates(sums.to_accumulator().unwrap());
        let near = |a: f64, b: f64| (a - b).abs() <= CLOSE * b.abs();
        let pairs = params.iter().zip(&of_params).chain(beta.iter().zip(&of_beta));
        for (&a, &b) in pairs.chain([(&log_likelihood, &of_log_likelihood)]) {
            assert!(near(a, b), "{unit:e} {shift:e} {slope:e}: {a} beside {b}");
        }
    }
}
