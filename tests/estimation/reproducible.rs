//! Reproducible sums have the same bits for any order, partition and merging of the subjects, and
//! keep the digits of the data.

use covprop::Error;
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
    let mut below = |n: usize| {
        let x = random.uniform() * n as f64;
        (0..n - 1).take_while(|&i| (i + 1) as f64 <= x).count()
    };
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
        for row in &rows {
            push(&mut sums, row);
        }
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
        let weights =
            SETS[i % 4].map(|w| if i.is_multiple_of(5) { w / (1.0 + i as f64) } else { w });
        let x = SMatrix::from_fn(|j, column| if column == 0 { 1.0 } else { t(j) });
        Row { x, y, weights, is_weighted: i.is_multiple_of(5) }
    };
    (0..60).map(of_subject).collect()
}

/// A state and the fit from this state, on every machine.
const OF_STATE: u64 = 682_628_932_561_705_356;
const OF_FIT: u64 = 16_327_035_000_754_090_708;

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
        (1e-30, 0.0, 1.0),
        (1e30, 0.0, 1e-40),
        (1.0, 1e8, 1.0),
        (1.0, 1e11, 1e20),
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

/// Six batches of five: yields of dyestuff (Davies & Goldsmith 1972), as in `examples/firmware`.
const YIELDS: [[f64; 5]; 6] = [
    [1545.0, 1440.0, 1440.0, 1520.0, 1580.0],
    [1540.0, 1555.0, 1490.0, 1560.0, 1495.0],
    [1595.0, 1550.0, 1605.0, 1510.0, 1560.0],
    [1445.0, 1440.0, 1595.0, 1465.0, 1545.0],
    [1595.0, 1630.0, 1515.0, 1635.0, 1625.0],
    [1520.0, 1455.0, 1450.0, 1480.0, 1445.0],
];

#[test]
fn dyestuff() {
    let mut sums = ReproducibleAccumulator::<f64, 5, 1>::new();
    let mut of_floats = ReproducibleAccumulator::<f32, 5, 1>::new();
    for batch in YIELDS {
        sums.push(&SVector::repeat(1.0), &batch.into()).unwrap();
        #[expect(clippy::cast_possible_truncation, reason = "whole numbers")]
        let floats = batch.map(|y| y as f32);
        of_floats.push(&SVector::repeat(1.0), &floats.into()).unwrap();
    }
    let mut bytes = [0; ReproducibleAccumulator::<f64, 5, 1>::BYTES];
    sums.write_bytes(&mut bytes).unwrap();
    assert_eq!(hash(bytes), OF_DYESTUFF);
    // Whole numbers are the same in `f32`, so that only the size of the scalar differs.
    let mut others = bytes;
    of_floats.write_bytes(&mut others).unwrap();
    assert_eq!((others[8], bytes[8]), (4, 8));
    assert_eq!(others[9..], bytes[9..]);
    let accumulator = of_floats.to_accumulator().unwrap();
    let panel =
        Panel::from_accumulator(Marginal::new(CompoundSymmetricMatrix::<5>::new()), accumulator);
    let [variance, correlation] = panel.fit().unwrap().params;
    assert!((variance * correlation - 1764.05).abs() < 1.0, "{variance} {correlation}");
}

/// The hash of the state of dyestuff, on every machine.
const OF_DYESTUFF: u64 = 1_217_074_033_153_245_197;

#[test]
fn wrong_numbers_are_errors_and_change_nothing() {
    let (x, y) = (SMatrix::<f64, 3, 2>::repeat(1.0), SVector::<f64, 3>::repeat(2.0));
    let mut sums = ReproducibleAccumulator::<f64, 3, 2, 1>::new();
    sums.push(&x, &y).unwrap();
    let before = sums;
    let mut wrong = (x, y);
    (wrong.0[(1, 1)], wrong.1[2]) = (f64::NAN, 1e200);
    assert_eq!(sums.push(&wrong.0, &y), Err(Error::DesignNotFinite { row: 1, col: 1 }));
    assert_eq!(sums.push(&x, &wrong.1), Err(Error::ResponseNotFinite { row: 2 }));
    let missing = sums.push_observed(&x, &y, &[true, false, true]);
    assert_eq!(missing, Err(Error::PatternCount { capacity: 1 }));
    let weights = [1.0, -1.0, 1.0];
    assert_eq!(sums.push_weighted(&x, &y, &weights), Err(Error::NotWeight { row: 1 }));
    let large = SVector::<f64, 3>::new(1.0, 1e150, 1.0);
    let overflow = sums.push_weighted(&x, &large, &[1.0, 1e300, 1.0]);
    assert_eq!(overflow, Err(Error::ResponseNotFinite { row: 1 }));
    sums.push_observed(&wrong.0, &wrong.1, &[false; 3]).unwrap();
    let mut other = ReproducibleAccumulator::<f64, 3, 2, 1>::new();
    other.push_observed(&wrong.0, &y, &[true, false, true]).unwrap();
    assert_eq!(sums.merge(&other), Err(Error::PatternCount { capacity: 1 }));
    assert_eq!(sums, before);
    // A square that overflows as a sum is an error of the conversion, for any order.
    let mut many = sums;
    for _ in 0..4 {
        many.push(&x, &SVector::repeat(1.3e154)).unwrap();
    }
    let panel = many
        .to_accumulator()
        .map(|sums| Panel::from_accumulator(Marginal::new(ScalarMatrix::<3>::new()), sums));
    assert!(panel.is_ok_and(|panel| panel.estimation().is_err()));
}

#[test]
fn a_bin_is_full_after_two_to_the_31_subjects() {
    let mut sums = ReproducibleAccumulator::<f64, 1, 1>::new();
    let least = -1.0 - f64::EPSILON;
    sums.push(&vector![1.0], &vector![least]).unwrap();
    for _ in 0..31 {
        sums.merge(&{ sums }).unwrap();
    }
    assert_eq!(sums.subjects(), 1 << 31);
    let before = sums;
    assert_eq!(sums.push(&vector![1.0], &vector![1.0]), Err(Error::SumsOutOfRange));
    assert_eq!(sums.merge(&{ sums }), Err(Error::SumsOutOfRange));
    assert_eq!(sums, before);
    // The sum of squares is 2³¹ (1 + ε)², and that of residuals is zero.
    let panel = Panel::from_accumulator(
        Marginal::new(ScalarMatrix::<1>::new()),
        sums.to_accumulator().unwrap(),
    );
    assert_eq!(panel.fit().err(), Some(Error::ExactFit));
    let mut other = ReproducibleAccumulator::<f64, 1, 1>::new();
    other.push(&vector![1.0], &vector![least + 2.0]).unwrap();
    for _ in 0..30 {
        other.merge(&{ other }).unwrap();
    }
    let mut half = ReproducibleAccumulator::<f64, 1, 1>::new();
    half.push(&vector![1.0], &vector![least]).unwrap();
    for _ in 0..30 {
        half.merge(&{ half }).unwrap();
    }
    half.merge(&other).unwrap();
    let panel = Panel::from_accumulator(
        Marginal::new(ScalarMatrix::<1>::new()),
        half.to_accumulator().unwrap(),
    );
    let fit = panel.fit().unwrap();
    // Half of the responses are 1 above and half are 1 below −ε.
    assert_eq!(fit.beta[0], -f64::EPSILON);
    assert!((fit.params[0] - 1.0 - 2.0_f64.powi(-31)).abs() < 1e-14, "{}", fit.params[0]);
}

#[test]
fn bytes_of_another_kind_are_errors() {
    let mut sums = Sums::new();
    for row in &study() {
        push(&mut sums, row);
    }
    let right = bytes(&sums);
    let read = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = right.clone();
        change(&mut bytes);
        Sums::from_bytes(&bytes)
    };
    assert_eq!(read(&|_| ()), Ok(sums));
    assert_eq!(read(&|bytes| bytes[0] = 2), Err(Error::StoredVersion { expected: 1, found: 2 }));
    let sizes = Error::StoredSizes { expected: [3, 2, 4, 8], found: [3, 5, 4, 8] };
    assert_eq!(read(&|bytes| bytes[4] = 5), Err(sizes));
    let length = |found| Err(Error::StoredLength { expected: Sums::BYTES, found });
    assert_eq!(read(&|bytes| bytes.truncate(100)), length(100));
    assert_eq!(read(&|bytes| bytes.push(0)), length(Sums::BYTES + 1));
    assert_eq!(sums.write_bytes(&mut [0; 5]).err(), length(5).err());
    // the number of sets of visits, a negative |y|, an order, no subjects, an exponent of infinity
    let first = 10 + 4 + 8 + 16;
    for (place, byte) in
        [(10, 9), (10, 3), (21, 0xff), (first, 2), (first + 3, 0xff), (first + 12, 0xff)]
    {
        let changed = read(&|bytes| {
            bytes[place] = byte;
            if place == first {
                bytes[first..first + 3].copy_from_slice(&[1, 1, 1]);
            } else if place == first + 3 {
                bytes[place..place + 4].fill(0);
            } else if place == first + 12 {
                bytes[first + 11] = 0xff;
            }
        });
        assert_eq!(changed, Err(Error::StoredState), "{place}");
    }
}
