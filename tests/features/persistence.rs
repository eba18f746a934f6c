//! State that is written and restored: the same bits as without the break, and errors for what is no state.

use covprop::Error;
use covprop::error::Text;
use covprop::inference::Inference;
use covprop::kalman::{CovarianceRecursion, KalmanFilter, SensitivityFilter, StateSpaceFit};
use covprop::operator::Sum;
use covprop::prelude::*;
use covprop::reml::{Accumulator, Fit};
#[cfg(feature = "alloc")]
use covprop::reml::{HeapAccumulator, HeapPanel};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::common::data::{DYESTUFF, ORTHODONT, orthodont_design};

/// Room for every state here.
const ROOM: usize = 1 << 14;

fn written(value: &impl Serialize) -> Vec<u8> {
    let mut memory = [0; ROOM];
    postcard::to_slice(value, &mut memory).unwrap().to_vec()
}

fn restored<A: Serialize + DeserializeOwned>(value: &A) -> A {
    let bytes = written(value);
    let restored = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(written(&restored), bytes);
    restored
}

/// All numbers of a fit, to the last bit.
fn bits<M: Shape, const N: usize, const K: usize>(fit: &Fit<'_, M, f64, N, K>) -> Vec<u64> {
    let params = fit.theta.as_ref().iter().chain(fit.params.as_ref());
    let fixed = fit.beta.iter().chain(fit.beta_covariance.iter());
    let all = params.chain(fixed).chain([&fit.log_likelihood]);
    all.map(|x| x.to_bits()).collect()
}

type Batches = Panel<Marginal<CompoundSymmetricMatrix<5>>, f64, 5, 1>;

fn batches() -> Batches {
    Panel::new(Marginal::new(CompoundSymmetricMatrix::new()))
}

fn push(panel: &mut Batches, batches: &[[f64; 5]]) {
    for &batch in batches {
        panel.push(&SVector::repeat(1.0), &SVector::from(batch)).unwrap();
    }
}

#[test]
fn a_stream_goes_on_after_a_reset() {
    let (mut whole, mut before) = (batches(), batches());
    push(&mut whole, &DYESTUFF);
    for half in 0..=DYESTUFF.len() {
        let mut after = Panel::from_accumulator(*whole.model(), restored(before.accumulator()));
        assert_eq!(after, before);
        push(&mut after, &DYESTUFF[half..]);
        assert_eq!(after, whole);
        assert_eq!(bits(&after.fit().unwrap()), bits(&whole.fit().unwrap()));
        push(&mut before, DYESTUFF.get(half..=half).unwrap_or_default());
    }
}

#[test]
fn only_what_is_in_use_is_written() {
    let empty = written(
        Panel::<_, f64, 5, 1, 8>::with_patterns(Marginal::new(IdentityMatrix::<5>::new()))
            .accumulator(),
    );
    // The version; T, b, s; 1 of a flag; no patterns; the largest, Σ log w.
    assert_eq!(empty.len(), 1 + 3 * 8 + 1 + 1 + 2 * 8);
    let mut panel = batches();
    push(&mut panel, &DYESTUFF);
    // Five visits, six subjects, and sums of three products with their errors.
    assert_eq!(written(panel.accumulator()).len(), empty.len() + 5 + 1 + 3 * 2 * 25 * 8);
}

type Growth<const PATTERNS: usize> =
    Panel<Marginal<HeterogeneousAr1Matrix<4>>, f64, 4, 4, PATTERNS>;

/// Missing visits, weights, and columns that the first subjects say nothing of.
fn growth<const PATTERNS: usize>(
    panel: &mut Growth<PATTERNS>,
    subjects: core::ops::Range<usize>,
) -> Result<(), Error> {
    for (i, (is_girl, y)) in ORTHODONT.iter().enumerate().take(subjects.end).skip(subjects.start) {
        let (x, y) = (orthodont_design(*is_girl), SVector::from(*y));
        match i % 4 {
            0 => panel.push_observed(&x, &y, &[true, i % 8 == 0, true, true])?,
            1 => panel.push_weighted(&x, &y, &[1.0, 2.0, 0.5, 0.0])?,
            2 => panel.push_weighted(&x, &y, &[1.0, 2.0, 0.5, 3.0])?,
            _ => panel.push(&x, &y)?,
        }
    }
    Ok(())
}

fn grown<const PATTERNS: usize>(subjects: usize) -> Growth<PATTERNS> {
    let mut panel = Panel::with_patterns(Marginal::new(HeterogeneousAr1Matrix::new()));
    growth(&mut panel, 0..subjects).unwrap();
    panel
}

#[test]
fn sets_of_visits_and_weights_come_back() {
    let whole = grown::<3>(27);
    for half in [0, 1, 5, 11, 13, 27] {
        let before = grown::<3>(half);
        let mut after = Panel::from_accumulator(*whole.model(), restored(before.accumulator()));
        growth(&mut after, half..27).unwrap();
        assert_eq!(after, whole);
        assert_eq!(bits(&after.fit().unwrap()), bits(&whole.fit().unwrap()));
    }
}

/// The stored form is the same for arrays and for the heap.
#[cfg(feature = "alloc")]
#[test]
fn sums_from_an_array_come_back_on_the_heap() {
    let array = grown::<3>(27);
    let bytes = written(array.accumulator());
    let sums: HeapAccumulator<f64, 4, 4> = postcard::from_bytes(&bytes).unwrap();
    let heap = HeapPanel::from_accumulator(*array.model(), sums);
    assert_eq!(written(heap.accumulator()), bytes);
    assert_eq!(bits(&heap.fit().unwrap()), bits(&array.fit().unwrap()));
}

#[test]
fn there_may_be_more_room_than_before_but_not_too_little() {
    let three = grown::<3>(27);
    let bytes = written(three.accumulator());
    let four: Accumulator<f64, 4, 4, 4> = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(four, *grown::<4>(27).accumulator());
    assert!(postcard::from_bytes::<Accumulator<f64, 4, 4, 2>>(&bytes).is_err());
    let json = serde_json::to_string(three.accumulator()).unwrap();
    let error = serde_json::from_str::<Accumulator<f64, 4, 4, 2>>(&json).unwrap_err();
    assert!(error.to_string().contains("the 2 for which the panel has room"), "{error}");
}

#[test]
fn single_precision_comes_back() {
    let mut panel = Panel::new(Marginal::new(ScalarMatrix::<2>::new()));
    for y in [vector![1.0_f32, 3.0], vector![2.0, 2.0], vector![7.0, 9.0]] {
        panel.push(&SVector::repeat(1.0), &y).unwrap();
    }
    assert_eq!(restored(panel.accumulator()), *panel.accumulator());
}

#[test]
fn what_is_wrong_with_an_accumulator_is_said() {
    use serde_json::{Value, json};

    let panel = grown::<3>(27);
    let read = |value: &Value| serde_json::from_value::<Accumulator<f64, 4, 4, 3>>(value.clone());
    let whole = serde_json::to_value(panel.accumulator()).unwrap();
    assert_eq!(read(&whole).unwrap(), *panel.accumulator());
    let visits = whole["patterns"][1]["observed"].clone();
    for (path, value, message) in [
        ("/version", json!(2), "version 2, but only version 1 can be read"),
        ("/largest", json!(-1.0), "negative"),
        ("/reference/scale", json!(3.0), "power of two"),
        ("/reference/basis/0", json!(1.5), "coordinates"),
        ("/reference/scale", json!(-1.0), "negative"),
        ("/reference/basis/0", json!(0.0), "coordinates"),
        ("/reference/basis/1", json!(0.5), "coordinates"),
        ("/patterns/0/observed", json!([false, false, false, false]), "empty"),
        ("/patterns/0/subjects", json!(0), "empty"),
        ("/patterns/0/subjects", json!(u64::MAX), "counted"),
        ("/patterns/0/observed", visits, "twice"),
        ("/patterns/0/moments", json!([]), "invalid length 0"),
        ("/patterns/0/moments/2/0/3", json!(null), "null"),
        // Numbers that are finite, and none of any data.
        ("/log_weights", json!(1e308), "no data"),
        ("/log_weights", json!(-1e308), "no data"),
        ("/log_weights", json!(1e6), "no data"),
        ("/largest", json!(1e308), "no data"),
        ("/reference/shift/0", json!(-1e308), "too large"),
        ("/reference/basis/5", json!(1e308), "coordinates"),
        ("/reference/scale", json!(1e308), "power of two"),
        ("/patterns/0/subjects", json!(u64::MAX / 8), "counted"),
    ] {
        let mut wrong = whole.clone();
        *wrong.pointer_mut(path).unwrap() = value;
        let error = read(&wrong).unwrap_err().to_string();
        assert!(error.contains(message), "{path}: {error}");
    }
}

/// One sum or its error at a time.
#[test]
fn sums_that_no_data_have() {
    use serde_json::{Value, json};

    let panel = grown::<3>(27);
    let read = |value: &Value| serde_json::from_value::<Accumulator<f64, 4, 4, 3>>(value.clone());
    let whole = serde_json::to_value(panel.accumulator()).unwrap();
    let mut squares = 0;
    for (pattern, block) in (0..3).flat_map(|pattern| (0..15).map(move |block| (pattern, block))) {
        for (part, entry) in (0..2).flat_map(|part| (0..16).map(move |entry| (part, entry))) {
            let path = format!("/patterns/{pattern}/moments/{block}/{part}/{entry}");
            let mut wrong = whole.clone();
            let place = wrong.pointer_mut(&path).unwrap_or_else(|| panic!("{path}: {whole}"));
            let before = place.clone();
            let column = (0..5).find(|column| block == (column + 1) * (column + 2) / 2 - 1);
            let is_square = column.is_some() && entry % 5 == 0;
            for x in [1e308, -1e308, 1e200, -1e5] {
                // A large square is one of data that are large.
                if is_square && x == 1e200 {
                    continue;
                }
                *wrong.pointer_mut(&path).unwrap() = json!(x);
                assert!(read(&wrong).is_err(), "{path} {x}");
            }
            // Rounding leaves no trace in an entry that is there.
            let x = before.as_f64().unwrap();
            if part == 0 && x > 0.1 {
                *wrong.pointer_mut(&path).unwrap() = json!(x * (1.0 + 1e-13));
                assert!(read(&wrong).is_ok(), "{path} {x}");
                squares += 1;
            }
        }
    }
    assert!(squares > 40);
    // A visit that was not observed, and a column that no subject tells of.
    let mut boys = grown::<3>(0);
    growth(&mut boys, 1..2).unwrap();
    let whole = serde_json::to_value(boys.accumulator()).unwrap();
    assert_eq!(read(&whole).unwrap(), *boys.accumulator());
    let [observed, open] = ["/patterns/0/observed", "/reference/open"].map(|path| {
        whole
            .pointer(path)
            .unwrap()
            .as_array()
            .unwrap()
            .iter()
            .map(|x| x == &json!(true))
            .collect::<Vec<_>>()
    });
    let at = |block: usize, visit: usize| format!("/patterns/0/moments/{block}/0/{}", 5 * visit);
    // Squares of column j stand behind those of all pairs before it.
    let squares_of = |column: usize| (column + 1) * (column + 2) / 2 - 1;
    let missing = observed.iter().position(|observed| !observed).expect("all visits seen");
    let unknown = open.iter().position(|open| *open).expect("all columns seen");
    for path in [at(squares_of(4), missing), at(squares_of(unknown), 0)] {
        let mut wrong = whole.clone();
        *wrong.pointer_mut(&path).unwrap() = json!(1e-3);
        let error = read(&wrong).unwrap_err().to_string();
        assert!(error.contains("no data"), "{path}: {error}");
    }
}

#[test]
fn no_infinite_number_gets_in() {
    let mut panel = batches();
    push(&mut panel, &DYESTUFF);
    let bytes = written(panel.accumulator());
    for place in 0..bytes.len() - 8 {
        for number in [f64::NAN, f64::INFINITY] {
            let mut wrong = bytes.clone();
            wrong[place..place + 8].copy_from_slice(&number.to_le_bytes());
            // What is not where a number stands may make other numbers. JSON has none for these.
            if let Ok(accumulator) = postcard::from_bytes::<Accumulator<f64, 5, 1, 1>>(&wrong) {
                let json = serde_json::to_string(&accumulator).unwrap();
                assert!(!json.contains("null"), "at {place}");
            }
        }
    }
}

/// Batches that differ less than their samples: a variance of zero.
fn alike() -> (SMatrix<f64, 6, 2>, SVector<f64, 6>) {
    (
        SMatrix::from_fn(|i, j| if j == 0 { 1.0 } else { (i % 3) as f64 * (i % 2) as f64 }),
        vector![1.0, 2.0, 3.1, 1.1, 2.0, 3.0],
    )
}

const BATCH: DummyMatrix<6, 2> = DummyMatrix::from_indices([0, 0, 0, 1, 1, 1]);

/// A variance between them and one within.
type Balanced = Sum<CovariancePropagation<DummyMatrix<6, 2>, ScalarMatrix<2>>, ScalarMatrix<6>>;

#[test]
fn a_fit_on_the_boundary_comes_back_with_what_follows() {
    let model = MixedModel::new(BATCH, ScalarMatrix::<2>::new(), ScalarMatrix::<6>::new());
    let (x, y) = alike();
    let estimation = model.estimation(&x, &y).unwrap();
    let fit = estimation.fit().unwrap();
    assert_eq!(fit.outcome, Outcome::Boundary([Some(Edge::Lower), None]));
    assert_eq!(fit.theta[0], f64::NEG_INFINITY);

    let bytes = written(&fit);
    let mut reader = postcard::Deserializer::from_bytes(&bytes);
    let again: Fit<'_, _, f64, 6, 2> = Fit::deserialize(model.covariance(), &mut reader).unwrap();
    assert_eq!(written(&again), bytes);
    assert_eq!(bits(&again), bits(&fit));
    assert_eq!(again.outcome, fit.outcome);
    assert_eq!(again.to_string(), fit.to_string());

    let inference = estimation.inference(&fit).unwrap();
    assert_eq!(written(&estimation.inference(&again).unwrap()), written(&inference));
    let inference_again = restored(&inference);
    assert_eq!(inference_again.coefficients(), inference.coefficients());
    assert_eq!(inference_again.param_standard_errors(), inference.param_standard_errors());

    let adjusted = estimation.kenward_roger(&fit).unwrap();
    assert_eq!(restored(&adjusted).coefficients(), adjusted.coefficients());

    let test = inference.test(&SMatrix::<f64, 2, 2>::identity()).unwrap();
    assert_eq!(restored(&test), test);
    let interval = estimation.profile(&fit, 0).unwrap().interval(0.9).unwrap();
    assert_eq!(restored(&interval), interval);
    let smaller = Marginal::new(ScalarMatrix::<6>::new());
    let ratio = LikelihoodRatio::new(&fit, &smaller.fit(&x, &y).unwrap()).unwrap();
    assert_eq!(restored(&ratio), ratio);

    for length in 0..bytes.len() {
        let mut reader = postcard::Deserializer::from_bytes(&bytes[..length]);
        let cut: Result<Fit<'_, _, f64, 6, 2>, _> =
            Fit::deserialize(model.covariance(), &mut reader);
        assert!(cut.is_err());
    }
}

#[test]
fn errors_and_texts_come_back() {
    let long = "a name of more than sixty-two letters, of which the last ones tell more";
    let unknown = |name: &'static str| {
        ScalarMatrix::<2>::new().theta_by_name(&[("sigma^2", 1.0), (name, 1.0)]).unwrap_err()
    };
    let model = Marginal::new(ScalarMatrix::<6>::new());
    let (x, y) = alike();
    let no_start = model.estimation(&x, &y).unwrap().with_start([f64::NAN]).fit().unwrap_err();
    let no_covariance = KnownMatrix::try_new(matrix![-0.3]).unwrap_err();
    for error in
        [unknown("tau"), unknown(long), Error::ExactFit, Error::NotFinite { row: 1, col: 300 }]
            .into_iter()
            .chain([no_start, no_covariance])
    {
        assert_eq!(restored(&error), error);
    }
    // One that nothing here wrote is cut as others are.
    let Error::UnknownParameter { name } = unknown(long) else { panic!("not unknown") };
    let text: Text = serde_json::from_str(&format!("{long:?}")).unwrap();
    assert_eq!(text, name);
}

#[test]
fn theta_may_be_long() {
    #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
    struct Settings {
        #[serde(with = "covprop::serde_array")]
        theta: Theta<DiagonalMatrix<40>, f64>,
        #[serde(with = "covprop::serde_array")]
        none: [f64; 0],
    }

    /// With a θ of a type that only the user of this knows.
    #[derive(Serialize, Deserialize)]
    #[serde(bound = "")]
    struct Of<M: Shape> {
        #[serde(with = "covprop::serde_array")]
        theta: Theta<M, f64>,
    }

    let mut settings = Settings { theta: core::array::from_fn(|k| k as f64), none: [] };
    settings.theta[39] = f64::NEG_INFINITY;
    assert_eq!(restored(&settings), settings);

    let ridge = Outcome::<DiagonalMatrix<40>, f64>::NotIdentified(settings.theta);
    assert_eq!(restored(&ridge), ridge);

    assert_eq!(restored(&Of::<DiagonalMatrix<40>> { theta: settings.theta }).theta, settings.theta);
}

type Walk = StateSpace<SMatrix<f64, 2, 2>, SMatrix<f64, 1, 2>, ScalarMatrix<2>, ScalarMatrix<1>>;

fn walk() -> Walk {
    let (f, h) = (matrix![1.0, 1.0; 0.0, 1.0], matrix![1.0, 0.0]);
    StateSpace::new(f, h, ScalarMatrix::new(), ScalarMatrix::new())
}

const READINGS: [f64; 6] = [0.3, 1.4, 1.9, 3.2, 4.4, 4.8];

/// A filter after all readings, restored before each of them or not.
fn filtered<F>(
    mut filter: F,
    step: impl Fn(&mut F, &SVector<f64, 1>) -> Result<(), Error>,
    restore: impl Fn(&F) -> F,
) -> F {
    for y in READINGS {
        filter = restore(&filter);
        step(&mut filter, &vector![y]).unwrap();
    }
    filter
}

#[test]
fn filters_go_on_after_a_reset() {
    let (model, theta) = (walk(), [-1.0, 0.2]);
    let (mean, covariance) = (vector![0.0, 1.0], matrix![1.0, 0.2; 0.2, 0.5]);

    let filter = || model.filter(&theta, &mean, &covariance).unwrap();
    let step = |filter: &mut KalmanFilter<_, 2, 1>, y: &_| {
        filter.predict()?;
        let innovation = filter.update(y)?;
        assert_eq!(restored(&innovation), innovation);
        Ok(())
    };
    assert_eq!(filtered(filter(), step, restored), filtered(filter(), step, |filter| *filter));

    let recursion = || model.covariance_recursion(&theta, &covariance).unwrap();
    let step = |recursion: &mut CovarianceRecursion<Walk, _, 2, 1>, _: &_| {
        recursion.predict()?;
        recursion.update()
    };
    let (broken, whole) =
        (filtered(recursion(), step, restored), filtered(recursion(), step, Clone::clone));
    assert_eq!(written(&broken), written(&whole));

    let sensitivity = || model.sensitivity_filter(&theta, &mean, &covariance).unwrap();
    let step = |filter: &mut SensitivityFilter<Walk, _, 2, 1>, y: &_| {
        filter.predict()?;
        filter.update(y).map(|_| ())
    };
    let broken = filtered(sensitivity(), step, restored);
    let mut whole = sensitivity();
    for y in READINGS {
        step(&mut whole, &vector![y]).unwrap();
    }
    assert_eq!(written(&broken), written(&whole));
    assert_eq!(broken.score(), whole.score());
}

#[test]
fn a_state_space_fit_comes_back() {
    let model = walk();
    let readings = READINGS.map(|y| Some(vector![y]));
    let fit =
        EstimateNoise::fit(&model, &vector![0.0, 1.0], &SMatrix::identity(), &readings).unwrap();
    let bytes = written(&fit);
    let mut reader = postcard::Deserializer::from_bytes(&bytes);
    let again = StateSpaceFit::<Walk, f64>::deserialize(&model, &mut reader).unwrap();
    assert_eq!(written(&again), bytes);
    assert_eq!(again.outcome, fit.outcome);
    assert_eq!(again.param_standard_errors(), fit.param_standard_errors());
}

#[test]
fn a_filter_must_be_one() {
    let filter = walk().filter(&[0.0, 0.0], &vector![0.0, 1.0], &SMatrix::identity()).unwrap();
    let whole = serde_json::to_value(filter).unwrap();
    let mut wrong = whole.clone();
    wrong["covariance"][1] = 0.5.into();
    let error = serde_json::from_value::<KalmanFilter<f64, 2, 1>>(wrong).unwrap_err();
    assert!(error.to_string().contains("not symmetric"), "{error}");

    let bytes = written(&filter);
    for place in (0..bytes.len()).step_by(8) {
        let mut wrong = bytes.clone();
        wrong[place..place + 8].copy_from_slice(&f64::NAN.to_le_bytes());
        assert!(postcard::from_bytes::<KalmanFilter<f64, 2, 1>>(&wrong).is_err());
    }
}

#[test]
fn what_is_cut_short_is_an_error() {
    let bytes = written(grown::<3>(27).accumulator());
    let sensitivity =
        walk().sensitivity_filter(&[0.0, 0.0], &vector![0.0, 1.0], &SMatrix::identity()).unwrap();
    for length in 0..bytes.len() {
        assert!(postcard::from_bytes::<Accumulator<f64, 4, 4, 3>>(&bytes[..length]).is_err());
    }
    let bytes = written(&sensitivity);
    for length in 0..bytes.len() {
        let cut = postcard::from_bytes::<SensitivityFilter<Walk, f64, 2, 1>>(&bytes[..length]);
        assert!(cut.is_err());
    }
}

/// Between 10⁻¹⁵⁰ and 10¹⁵⁰, so that squares are finite, or 0.
fn number() -> impl Strategy<Value = f64> {
    let part = |x: f64| move |exponent: i32| x * 10.0_f64.powi(exponent);
    prop_oneof![
        Just(0.0),
        Just(1.0),
        (-150..150_i32).prop_map(part(1.7)),
        (-150..150_i32).prop_map(part(-0.3)),
    ]
}

/// Places and bits there.
type Flips = Vec<(prop::sample::Index, u32)>;

fn flips() -> impl Strategy<Value = Flips> {
    prop::collection::vec((any::<prop::sample::Index>(), 0_u32..8), 1..6)
}

/// The bytes of a state with some bits the wrong way.
fn broken(value: &impl Serialize, flips: &Flips) -> Vec<u8> {
    let mut bytes = written(value);
    let length = bytes.len();
    for (place, bit) in flips {
        bytes[place.index(length)] ^= 1 << bit;
    }
    bytes
}

/// A subject in whose coordinates the response of the first has a square beyond all numbers.
#[test]
fn sums_stay_finite_in_other_coordinates() {
    let mut panel =
        Panel::<_, f64, 2, 2, 4>::with_patterns(Marginal::new(IdentityMatrix::<2>::new()));
    let observed = [false, true];
    panel.push_observed(&matrix![0.0, 0.0; 1.0, 1.7e89], &vector![0.0, 0.0], &observed).unwrap();
    let before = panel;
    let pushed =
        panel.push_observed(&matrix![0.0, 0.0; 0.0, 1.7e-81], &vector![0.0, 1.7e-10], &observed);
    assert_eq!(pushed, Err(Error::SumsOutOfRange));
    assert_eq!(panel, before);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..Default::default() })]

    /// Numbers of any size, zeros, columns that depend on each other.
    #[test]
    fn whatever_was_accumulated_comes_back(
        subjects in prop::collection::vec(
            (prop::array::uniform6(number()), prop::array::uniform2(any::<bool>())), 0..6,
        ),
    ) {
        let mut panels = [Panel::<_, f64, 2, 2, 4>::with_patterns(Marginal::new(IdentityMatrix::<2>::new())); 2];
        let mut subject = 0;
        for ([a, b, c, d, y, z], observed) in subjects {
            let panel = &mut panels[subject % 2];
            let before = *panel;
            // What would leave the range of the numbers is an error, and changes nothing.
            if panel.push_observed(&matrix![a, b; c, d], &vector![y, z], &observed).is_ok() {
                subject += 1;
            } else {
                prop_assert_eq!(*panel, before);
            }
        }
        let [mut merged, other] = panels;
        if merged.merge(&other).is_err() {
            prop_assert_eq!(merged, panels[0]);
        }
        for panel in [merged, panels[0], other] {
            let accumulator = panel.accumulator();
            prop_assert!(!serde_json::to_string(accumulator).unwrap().contains("null"));
            let restored = postcard::from_bytes(&written(accumulator)).ok();
            prop_assert_eq!(restored.as_ref(), Some(accumulator));
        }
    }

    /// Ordinary data in any order, at any distance from zero, merged from many parts.
    #[test]
    fn what_was_merged_comes_back(
        seed in any::<u64>(), parts in 1_usize..6, level in -8..9_i32, noise in -12..1_i32,
    ) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut merged = Panel::<_, f64, 3, 2, 4>::with_patterns(Marginal::new(IdentityMatrix::<3>::new()));
        for part in 0..parts {
            let mut panel = Panel::<_, f64, 3, 2, 4>::with_patterns(Marginal::new(IdentityMatrix::<3>::new()));
            for subject in 0..40 {
                let origin = 10.0_f64.powi(level) * (1 + subject % 3 * part) as f64;
                let mut near = || origin * (1.0 + 10.0_f64.powi(noise) * rng.random_range(-1.0..1.0));
                let x = SMatrix::<f64, 3, 2>::from_fn(|_, j| if j == 0 { 1.0 } else { near() });
                let y = SVector::<f64, 3>::from_fn(|_, _| near());
                panel.push_observed(&x, &y, &[true, subject % 2 == 0, subject % 5 > 0]).unwrap();
            }
            prop_assert_eq!(merged.merge(&panel), Ok(()));
            prop_assert_eq!(&restored(merged.accumulator()), merged.accumulator());
        }
    }

    /// Whatever the bytes are, there is an error or a fit of numbers.
    #[test]
    fn what_is_broken_does_no_harm(flips in flips()) {
        let bytes = broken(grown::<3>(27).accumulator(), &flips);
        if let Ok(accumulator) = postcard::from_bytes::<Accumulator<f64, 4, 4, 3>>(&bytes) {
            let model = Marginal::new(HeterogeneousAr1Matrix::<4>::new());
            let mut panel = Panel::from_accumulator(model, accumulator);
            let _ = growth(&mut panel, 0..4);
            let _ = panel.merge(&grown::<3>(5));
            if let Ok(fit) = panel.fit() {
                prop_assert!(!fit.log_likelihood.is_nan());
                prop_assert!(!fit.params.iter().chain(&fit.beta).any(|x| x.is_nan()));
            }
        }
    }

    #[test]
    fn a_broken_filter_does_no_harm(flips in flips()) {
        let filter = walk().sensitivity_filter(&[0.0, 0.0], &vector![0.0, 1.0], &SMatrix::identity());
        let bytes = broken(&filter.unwrap(), &flips);
        if let Ok(mut filter) = postcard::from_bytes::<SensitivityFilter<Walk, f64, 2, 1>>(&bytes) {
            for y in READINGS {
                let _ = filter.predict();
                let _ = filter.update(&vector![y]);
            }
            prop_assert!(filter.mean().iter().chain(filter.covariance()).all(|x| x.is_finite()));
            prop_assert!(filter.score().iter().all(|x| x.is_finite()));
        }
    }

    #[test]
    fn a_broken_report_does_no_harm(flips in flips()) {
        let model = MixedModel::new(BATCH, ScalarMatrix::<2>::new(), ScalarMatrix::<6>::new());
        let (x, y) = alike();
        let estimation = model.estimation(&x, &y).unwrap();
        let fit = estimation.fit().unwrap();
        let bytes = broken(&fit, &flips);
        let mut reader = postcard::Deserializer::from_bytes(&bytes);
        if let Ok(fit) = Fit::<_, f64, 6, 2>::deserialize(model.covariance(), &mut reader) {
            let _ = (fit.to_string(), estimation.inference(&fit).is_ok(), fit.aicc(), fit.bic());
            let _ = (estimation.kenward_roger(&fit).is_ok(), estimation.profile(&fit, 1).is_ok());
        }
        let bytes = broken(&estimation.inference(&fit).unwrap(), &flips);
        if let Ok(inference) = postcard::from_bytes::<Inference<Balanced, f64, 2>>(&bytes) {
            let _ = inference.coefficients().map(|found| found.map(|contrast| contrast.to_string()));
            let _ = inference.test(&SMatrix::<f64, 2, 2>::identity()).map(|test| test.to_string());
        }
    }
}
