//! Models that need a heap: many sets of visits, and subjects with many rows, on a stack of 8 MB in
//! debug builds too.

use std::collections::BTreeSet;

use covprop::prelude::*;
use covprop::reml::{Estimation, HeapPanel, Observations};

use crate::common::cases;
use crate::common::near::assert_near_largest;
use crate::common::random::Random;
use crate::common::thread::with_stack;

/// The stack of the main thread on most Linux systems.
const MAIN: usize = 8 << 20;

const VISITS: usize = 8;
const ARMS: usize = 3;
/// Arm × visit, and baseline × visit.
const COLUMNS: usize = VISITS * (ARMS + 1);
const PATTERNS: usize = 64;

struct Trial {
    x: SMatrix<f64, VISITS, COLUMNS>,
    y: SVector<f64, VISITS>,
    observed: [bool; VISITS],
}

/// Patients of a trial who miss visits in exactly `PATTERNS` ways.
fn trial() -> Vec<Trial> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut patients = Vec::new();
    let count = if cases::all() { 4 * PATTERNS } else { PATTERNS };
    for patient in 0..count {
        // Of the eight visits, the first two are never missed.
        let missed = (patient % PATTERNS) << 2;
        let (arm, baseline) = (patient % ARMS, random.normal());
        let (level, slope) = (random.normal(), 0.3 * random.normal());
        let x = SMatrix::from_fn(|i, j| match j / VISITS {
            _ if j % VISITS != i => 0.0,
            ARMS => baseline,
            block if block == arm => 1.0,
            _ => 0.0,
        });
        let y = SVector::from_fn(|i, _| {
            let visit = i as f64;
            let of_arm = 20.0 + arm as f64 * 0.3 * visit + 0.6 * baseline;
            of_arm + level + slope * visit + 0.5 * random.normal()
        });
        patients.push(Trial { x, y, observed: core::array::from_fn(|i| missed >> i & 1 == 0) });
    }
    let sets: BTreeSet<_> = patients.iter().map(|patient| patient.observed).collect();
    assert_eq!(sets.len(), PATTERNS);
    patients
}

/// Compares a fit of a panel with a fit of the same subjects, each after at most `steps` steps.
fn assert_same_after<M, D, E, const N: usize, const K: usize>(
    steps: usize,
    panel: Estimation<'_, M, D, f64, N, K>,
    subjects: Estimation<'_, M, E, f64, N, K>,
) where
    M: ParamMatrix<f64, N, N>,
    D: Observations<M, f64, N, K>,
    E: Observations<M, f64, N, K>,
{
    let fit = panel.with_max_iterations(steps).fit().unwrap();
    let of_subjects = subjects.with_max_iterations(steps).fit().unwrap();
    assert_eq!(fit.outcome == Outcome::Converged, steps > 1);
    assert_near_largest(&[fit.log_likelihood], &[of_subjects.log_likelihood], 1e-12);
    assert_near_largest(fit.beta.as_slice(), of_subjects.beta.as_slice(), 1e-9);
    assert_near_largest(fit.params.as_ref(), of_subjects.params.as_ref(), 1e-7);
}

/// The search needs no more stack in later steps than in its first.
#[test]
fn trial_with_64_sets_of_visits() {
    with_stack(MAIN, || {
        let model = Marginal::new(UnconstrainedMatrix::<VISITS>::new());
        let patients = trial();
        let mut panel = HeapPanel::new(model);
        for Trial { x, y, observed } in &patients {
            panel.push_observed(x, y, observed).unwrap();
        }
        let of_patient =
            |Trial { x, y, observed }: &Trial| Subject::new(model, *x, *y).with_observed(*observed);
        let list: Vec<_> = patients.iter().map(of_patient).collect();
        let subjects = Subjects::new(&list[..]).unwrap();
        let steps = if cases::all() { 200 } else { 1 };
        assert_same_after(steps, panel.estimation().unwrap(), subjects.estimation().unwrap());
    });
}

/// The most pupils of a school.
const PUPILS: usize = 67;

#[test]
fn schools_of_14_to_67_pupils() {
    with_stack(MAIN, || {
        let ones = SVector::<f64, PUPILS>::repeat(1.0);
        let model = MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<PUPILS>::new());
        let mut random = Random(0x2545_f491_4f6c_dd1d);
        let mut panel = HeapPanel::new(model);
        let list: Vec<_> = (0..160)
            .map(|school| {
                let rows = 14 + 7 * school % 54;
                let level = random.normal();
                let x = SMatrix::<f64, PUPILS, 2>::from_fn(|_, j| [1.0, random.normal()][j]);
                let y = x.column(1) * 0.5;
                let y = y.map(|y| y + level + 2.0 * random.normal());
                let observed = core::array::from_fn(|i| i < rows);
                if cases::all() {
                    panel.push_observed(&x, &y, &observed).unwrap();
                }
                Subject::new(model, x, y).with_rows(rows)
            })
            .collect();
        let subjects = Subjects::new(&list[..]).unwrap();
        assert_eq!(subjects.fit().unwrap().outcome, Outcome::Converged);
        if cases::all() {
            assert_same_after(200, panel.estimation().unwrap(), subjects.estimation().unwrap());
        }
    });
}

/// A panel on the heap and one in an array, with the same subjects.
type Both = (
    HeapPanel<Marginal<UnconstrainedMatrix<3>>, f64, 3, 2>,
    Panel<Marginal<UnconstrainedMatrix<3>>, f64, 3, 2, 7>,
);

/// Subjects who miss visits in all ways, some of them with weights, whose X becomes
/// ill-conditioned.
fn both(subjects: core::ops::Range<usize>) -> Both {
    let model = Marginal::new(UnconstrainedMatrix::<3>::new());
    let mut both: Both = (HeapPanel::new(model), Panel::with_patterns(model));
    for subject in subjects {
        let mut random = Random((subject as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let far = if subject > 9 { 1e6 } else { 0.0 };
        let x = SMatrix::from_fn(|_, j| if j == 0 { 1.0 } else { far + random.normal() });
        let y = SVector::from_fn(|_, _| 3.0 + random.normal());
        let observed: [bool; 3] = core::array::from_fn(|i| (subject % 7 + 1) >> i & 1 == 1);
        if subject % 3 == 0 {
            let weights = observed.map(|seen| if seen { 0.5 + random.uniform() } else { 0.0 });
            both.0.push_weighted(&x, &y, &weights).unwrap();
            both.1.push_weighted(&x, &y, &weights).unwrap();
        } else {
            both.0.push_observed(&x, &y, &observed).unwrap();
            both.1.push_observed(&x, &y, &observed).unwrap();
        }
    }
    both
}

#[test]
fn same_bits_as_in_an_array() {
    let (mut heap, mut array) = both(0..20);
    assert_eq!(heap.fit(), array.fit());
    let more = both(20..50);
    heap.merge(&more.0).unwrap();
    array.merge(&more.1).unwrap();
    assert_eq!((heap.subjects(), heap.observations()), (50, array.observations()));
    let (of_heap, of_array) = (heap.estimation().unwrap(), array.estimation().unwrap());
    let (a, b) = (of_heap.fit().unwrap(), of_array.fit().unwrap());
    assert_eq!((&a, a.outcome.clone()), (&b, Outcome::Converged));
    let (of_heap, of_array) =
        (of_heap.kenward_roger(&a).unwrap(), of_array.kenward_roger(&b).unwrap());
    assert_eq!(of_heap.coefficients(), of_array.coefficients());
    let mut empty = HeapPanel::new(*heap.model());
    empty.merge(&heap).unwrap();
    assert_eq!(empty, heap);
}
