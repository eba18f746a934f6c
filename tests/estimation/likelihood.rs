//! The likelihood and the search for its maximum, beyond published data: derivatives against differences,
//! identities, invariance, boundaries, and input that has no answer.

use approx::{abs_diff_eq, assert_abs_diff_eq};
use covprop::Error;
use covprop::operator::Named;
use covprop::prelude::*;

use crate::common::near::assert_near_largest;

/// A small deterministic generator of numbers in (−1, 1) with a bell-like distribution: sums of three uniforms.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        // Knuth's MMIX generator.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    }

    fn next(&mut self) -> f64 {
        self.uniform() + self.uniform() + self.uniform()
    }
}

type Slopes = MixedModel<
    CovariancePropagation<SMatrix<f64, 5, 2>, Named<UnconstrainedMatrix<2>>>,
    Named<Ar1Matrix<5>>,
>;

const Z: SMatrix<f64, 5, 2> = matrix![1.0, 0.0; 1.0, 1.0; 1.0, 2.0; 1.0, 3.0; 1.0, 5.0];
const SLOPES: Slopes = MixedModel::new(
    Z,
    named("G", UnconstrainedMatrix::<2>::new()),
    named("R", Ar1Matrix::<5>::new()),
);

type Subject = (SMatrix<f64, 5, 3>, SVector<f64, 5>, [bool; 5]);

/// Subjects of two groups with random intercepts and slopes and correlated errors; every third misses a visit.
fn subjects(count: usize) -> Vec<Subject> {
    let mut noise = Noise(1);
    let subject = |i: usize| {
        let group = if i.is_multiple_of(2) { 0.0 } else { 1.0 };
        let x = SMatrix::<f64, 5, 3>::from_fn(|row, col| [1.0, Z[(row, 1)], group][col]);
        let effects = vector![2.0 * noise.next(), 0.7 * noise.next()];
        let mut error = noise.next();
        let y = SVector::<f64, 5>::from_fn(|row, _| {
            error = 0.5 * error + noise.next();
            10.0 + 0.5 * Z[(row, 1)] + group + (Z.row(row) * effects)[0] + error
        });
        let mut observed = [true; 5];
        if i % 3 == 2 {
            observed[i % 5] = false;
        }
        (x, y, observed)
    };
    (0..count).map(subject).collect()
}

fn panel(subjects: &[Subject]) -> Panel<Slopes, f64, 5, 3, 6> {
    let mut panel = Panel::with_patterns(SLOPES);
    for (x, y, observed) in subjects {
        panel.push_observed(x, y, observed).unwrap();
    }
    panel
}

const THETA: [f64; 5] = [0.3, 0.2, -0.6, 0.1, 0.7];

/// Scores are the differences of log-likelihoods, observed informations those of scores; by both criteria.
#[test]
fn derivatives_against_differences() {
    let panel = panel(&subjects(24));
    for criterion in [Criterion::Reml, Criterion::Ml] {
        let estimation = panel.estimation().unwrap();
        let estimation = if criterion == Criterion::Ml {
            estimation.with_criterion(Criterion::Ml)
        } else {
            estimation
        };
        let mut at = estimation.at(&THETA).unwrap();
        let (score, observed) = (at.score(), at.observed_information());
        let (mut slopes, mut bends) = ([0.0; 5], [[0.0; 5]; 5]);
        for k in 0..5 {
            // Richardson's extrapolation of two central differences: errors of h⁴.
            let shifted = |h: f64| {
                let mut theta = THETA;
                theta[k] += h;
                let mut at = estimation.at(&theta).unwrap();
                (at.log_likelihood(), at.score())
            };
            let slope = |h: f64| {
                let ((a, a_score), (b, b_score)) = (shifted(h), shifted(-h));
                let bend: [f64; 5] =
                    core::array::from_fn(|l| (a_score[l] - b_score[l]) / (2.0 * h));
                ((a - b) / (2.0 * h), bend)
            };
            let ((wide, wide_bend), (narrow, narrow_bend)) = (slope(2e-3), slope(1e-3));
            slopes[k] = (4.0 * narrow - wide) / 3.0;
            bends[k] = core::array::from_fn(|l| -(4.0 * narrow_bend[l] - wide_bend[l]) / 3.0);
        }
        assert_near_largest(&score, &slopes, 1e-9);
        assert_near_largest(observed.as_flattened(), bends.as_flattened(), 1e-9);
    }
}

/// The same data as a panel and as one response vector with a block diagonal V, and all answers.
#[test]
fn a_panel_is_a_block_diagonal() {
    let data = subjects(2);
    let (first, second) = (&data[0], &data[1]);
    let mut panel = Panel::<_, f64, 5, 3>::new(SLOPES);
    panel.push(&first.0, &first.1).unwrap();
    panel.push(&second.0, &second.1).unwrap();

    // V ⊗ I₂ in another order: rows of subject 0, then those of subject 1.
    let one =
        Marginal::new(KroneckerProduct::new(IdentityMatrix::<2>::new(), *SLOPES.covariance()));
    let x = SMatrix::<f64, 10, 3>::from_fn(|i, j| data[i / 5].0[(i % 5, j)]);
    let y = SVector::<f64, 10>::from_fn(|i, _| data[i / 5].1[i % 5]);

    for ml in [false, true] {
        let (a, b) = (panel.estimation().unwrap(), one.estimation(&x, &y).unwrap());
        let (a, b) = if ml {
            (a.with_criterion(Criterion::Ml), b.with_criterion(Criterion::Ml))
        } else {
            (a, b)
        };
        let (mut a, mut b) = (a.at(&THETA).unwrap(), b.at(&THETA).unwrap());
        assert_abs_diff_eq!(a.log_likelihood(), b.log_likelihood(), epsilon = 1e-12);
        assert_near_largest(a.beta().as_slice(), b.beta().as_slice(), 1e-13);
        assert_near_largest(a.beta_covariance().as_slice(), b.beta_covariance().as_slice(), 1e-12);
        assert_near_largest(&a.score(), &b.score(), 1e-12);
        for (a, b) in [
            (a.average_information(), b.average_information()),
            (a.expected_information(), b.expected_information()),
            (a.observed_information(), b.observed_information()),
        ] {
            assert_near_largest(a.as_flattened(), b.as_flattened(), 1e-12);
        }
    }
}

/// A subject that misses the last visits is one of a shorter schedule.
#[test]
fn a_mask_is_a_shorter_schedule() {
    let data = subjects(12);
    let mut long = Panel::<_, f64, 5, 3>::new(Marginal::new(Ar1Matrix::<5>::new()));
    let mut short = Panel::<_, f64, 3, 3>::new(Marginal::new(Ar1Matrix::<3>::new()));
    for (x, y, _) in &data {
        let mut y_long = *y;
        y_long[3] = f64::NAN;
        long.push_observed(x, &y_long, &[true, true, true, false, false]).unwrap();
        short.push(&x.fixed_rows::<3>(0).into(), &y.fixed_rows::<3>(0).into()).unwrap();
    }
    let (long, short) = (long.fit().unwrap(), short.fit().unwrap());
    assert_abs_diff_eq!(long.log_likelihood, short.log_likelihood, epsilon = 1e-11);
    assert_near_largest(&long.params, &short.params, 1e-10);
    assert_near_largest(long.beta.as_slice(), short.beta.as_slice(), 1e-11);
    assert_eq!((long.observations, short.observations), (36, 36));
}

/// Where all variances have a parameter of their own, Σ sₖ = ⟨W, V⟩ = yᵀPy − tr(PV), so that tr(PV) = N − K shows
/// in it; at the maximum it is zero.
#[test]
fn the_trace_of_p_v_is_n_less_k() {
    let data = subjects(1);
    let (x, y, _) = &data[0];
    let x = x.fixed_columns::<2>(0).into_owned();
    let model =
        MixedModel::new(Z, named("G", DiagonalMatrix::<2>::new()), ScalarMatrix::<5>::new());
    let estimation = model.estimation(&x, y).unwrap();
    let theta = [0.1, -0.4, 0.3];
    let mut at = estimation.at(&theta).unwrap();
    let v = model.covariance().value(&theta);
    let inverse = v.try_inverse().unwrap();
    let h = inverse * x;
    let p = inverse - h * (x.transpose() * h).try_inverse().unwrap() * h.transpose();
    assert!((p * x).amax() < 1e-13, "P X = 0");
    let sum: f64 = at.score().iter().sum();
    assert_abs_diff_eq!(sum, (y.transpose() * p * y)[0] - 3.0, epsilon = 1e-12);
    // and y'Py is what the likelihood has of y
    let expected = -0.5
        * (3.0 * core::f64::consts::TAU.ln()
            + v.determinant().ln()
            + (x.transpose() * h).determinant().ln()
            + (y.transpose() * p * y)[0]);
    assert_abs_diff_eq!(at.log_likelihood(), expected, epsilon = 1e-12);
}

/// X β may be added to y, y multiplied, X rotated; each changes the fit as it should and nothing else.
#[test]
fn invariance() {
    let data = subjects(30);
    let fit = panel(&data);
    let fit = fit.fit().unwrap();
    assert_eq!(fit.outcome, Outcome::Converged, "{fit}");
    let changed = |f: &dyn Fn(&mut Subject)| {
        let mut data = data.clone();
        data.iter_mut().for_each(f);
        panel(&data)
    };

    let beta = vector![1e6, -300.0, 5.0];
    let panel_ = changed(&|(x, y, _)| *y += *x * beta);
    let shifted = panel_.fit().unwrap();
    assert_near_largest(&shifted.params, &fit.params, 1e-7);
    assert_abs_diff_eq!(shifted.log_likelihood, fit.log_likelihood, epsilon = 1e-9);
    assert_abs_diff_eq!(shifted.beta - beta, fit.beta, epsilon = 1e-8);

    let panel_ = changed(&|(_, y, _)| *y *= 1024.0);
    let scaled = panel_.fit().unwrap();
    let variances = [0, 1, 2, 3].map(|k| scaled.params[k] / 1024.0_f64.powi(2));
    assert_near_largest(&variances, &fit.params[..4], 1e-9);
    assert_abs_diff_eq!(scaled.params[4], fit.params[4], epsilon = 1e-9);

    let rotation = matrix![0.6, -0.8, 0.3; 0.8, 0.6, -2.0; 0.0, 0.1, 1.5];
    let panel_ = changed(&|(x, ..)| *x *= rotation);
    let rotated = panel_.fit().unwrap();
    assert_near_largest(&rotated.params, &fit.params, 1e-9);
    assert_near_largest((rotation * rotated.beta).as_slice(), fit.beta.as_slice(), 1e-10);
    let of_x = rotation.determinant().abs().ln();
    assert_abs_diff_eq!(rotated.log_likelihood + of_x, fit.log_likelihood, epsilon = 1e-10);
}

/// Neither the order of the subjects nor how they are divided among panels matters.
#[test]
fn order_and_merging() {
    let data = subjects(30);
    let whole = panel(&data);
    let fit = whole.fit().unwrap();
    let mut reversed = data.clone();
    reversed.reverse();
    let mut panels = vec![panel(&reversed)];
    for split in [0, 1, 2, 7, 29, 30] {
        let (first, second) = data.split_at(split);
        let mut merged = panel(first);
        merged.merge(&panel(second)).unwrap();
        panels.push(merged);
    }
    for other in panels {
        assert_eq!((other.subjects(), other.observations()), (30, whole.observations()));
        let other = other.fit().unwrap();
        assert_near_largest(&other.params, &fit.params, 1e-10);
        assert_near_largest(other.beta.as_slice(), fit.beta.as_slice(), 1e-11);
        assert_abs_diff_eq!(other.log_likelihood, fit.log_likelihood, epsilon = 1e-10);
    }
}

/// The likelihood never falls on the way, and the observer sees it.
#[test]
fn the_likelihood_never_falls() {
    let panel = panel(&subjects(30));
    let estimation = panel.estimation().unwrap();
    // From far away, too.
    for start in [None, Some([4.0, 0.0, 3.0, -3.0, -2.0]), Some([-3.0, 0.0, -4.0, 3.0, 2.0])] {
        let estimation = panel.estimation().unwrap();
        let estimation = match start {
            Some(start) => estimation.with_start(start),
            None => estimation,
        };
        let mut history = Vec::new();
        let fit = estimation
            .fit_with(|at| history.push((at.iteration, at.log_likelihood, at.score_norm)))
            .unwrap();
        assert_eq!(fit.outcome, Outcome::Converged, "{fit}");
        assert_eq!(history.len(), fit.iterations + 1);
        assert!(history.windows(2).all(|pair| pair[1].1 >= pair[0].1 - 1e-11), "{history:?}");
        assert!(history.last().unwrap().2 < 1e-10, "{history:?}");
        assert!(fit.iterations < 25, "{history:?}");
    }
    let stopped = estimation.with_max_iterations(2).fit().unwrap();
    assert_eq!((stopped.outcome, stopped.iterations), (Outcome::MaxIterations, 2));
}

/// Parameters that are fixed or tied stay so, and are not counted.
#[test]
fn constraints() {
    let mut panel = Panel::<_, f64, 5, 3>::new(Marginal::new(DiagonalMatrix::<5>::new()));
    let source = [Source::Free(0); 5];
    let tied = Constrained::<_, f64, 1>::new(DiagonalMatrix::<5>::new(), source);
    let mut one = Panel::<_, f64, 5, 3>::new(Marginal::new(tied));
    let mut scalar = Panel::<_, f64, 5, 3>::new(Marginal::new(ScalarMatrix::<5>::new()));
    for (x, y, _) in &subjects(20) {
        panel.push(x, y).unwrap();
        one.push(x, y).unwrap();
        scalar.push(x, y).unwrap();
    }
    let (free, one, scalar) = (panel.fit().unwrap(), one.fit().unwrap(), scalar.fit().unwrap());
    assert_eq!(
        (free.parameter_count(), one.parameter_count(), scalar.parameter_count()),
        (8, 4, 4)
    );
    assert_abs_diff_eq!(one.params[0], scalar.params[0], epsilon = 1e-10);
    assert_abs_diff_eq!(one.aic(), scalar.aic(), epsilon = 1e-10);
    assert!(free.log_likelihood > one.log_likelihood);

    let fixed =
        [Source::Free(0), Source::Fixed(0.5), Source::Free(1), Source::Free(0), Source::Free(0)];
    let fixed = Constrained::<_, f64, 2>::new(DiagonalMatrix::<5>::new(), fixed);
    let mut panel = Panel::<_, f64, 5, 3>::new(Marginal::new(fixed));
    for (x, y, _) in &subjects(20) {
        panel.push(x, y).unwrap();
    }
    let fit = panel.fit().unwrap();
    assert_eq!(fit.outcome, Outcome::Converged);
    let v = fit.model.value(&fit.theta);
    assert!(abs_diff_eq!(v[(1, 1)], 1.0_f64.exp(), epsilon = 1e-14), "σ² = e^{{2·0.5}} stays");
    assert_eq!(fit.parameter_count(), 5);
}

/// A model without parameters is generalised least squares.
#[test]
fn nothing_to_estimate_in_v() {
    let model = Marginal::new(IdentityMatrix::<3>::new());
    let fit = model.fit(&vector![1.0_f64, 1.0, 1.0], &vector![1.0, 2.0, 6.0]).unwrap();
    assert_eq!((fit.outcome.clone(), fit.iterations), (Outcome::Converged, 0));
    assert_abs_diff_eq!(fit.beta[0], 3.0, epsilon = 1e-15);
    assert_abs_diff_eq!(fit.beta_standard_errors()[0], (1.0_f64 / 3.0).sqrt(), epsilon = 1e-15);
}

/// No fixed effects at all.
#[test]
fn nothing_but_variance() {
    let model = Marginal::new(ScalarMatrix::<4>::new());
    let fit = model.fit(&SMatrix::<f64, 4, 0>::zeros(), &vector![1.0, -2.0, 2.0, 1.0]).unwrap();
    assert_abs_diff_eq!(fit.params[0], 2.5, epsilon = 1e-12);
}

/// Weights make V into D V D.
#[test]
fn weights() {
    let data = subjects(6);
    let weights = |i: usize| core::array::from_fn(|row| 0.5 + ((3 * i + 2 * row) % 5) as f64);
    let mut panel = Panel::<_, f64, 5, 3>::new(Marginal::new(Ar1Matrix::<5>::new()));
    for (i, (x, y, _)) in data.iter().enumerate() {
        panel.push_weighted(x, y, &weights(i)).unwrap();
    }
    let d = SMatrix::<f64, 30, 30>::from_diagonal(&SVector::from_fn(|row, _| {
        1.0 / f64::sqrt(weights(row / 5)[row % 5])
    }));
    let blocks = KroneckerProduct::new(IdentityMatrix::<6>::new(), Ar1Matrix::<5>::new());
    let one = Marginal::new(CovariancePropagation::new(d, blocks));
    let x = SMatrix::<f64, 30, 3>::from_fn(|i, j| data[i / 5].0[(i % 5, j)]);
    let y = SVector::<f64, 30>::from_fn(|i, _| data[i / 5].1[i % 5]);
    let (a, b) = (panel.fit().unwrap(), one.fit(&x, &y).unwrap());
    assert!(abs_diff_eq!(a.log_likelihood, b.log_likelihood, epsilon = 1e-11), "{a} {b}");
    assert_near_largest(&a.params, &b.params, 1e-9);
    assert_near_largest(a.beta.as_slice(), b.beta.as_slice(), 1e-10);

    let before = panel;
    let wrong = [1.0, -1.0, 1.0, 1.0, 1.0];
    assert_eq!(
        panel.push_weighted(&data[0].0, &data[0].1, &wrong),
        Err(Error::NotWeight { row: 1 })
    );
    assert_eq!(panel, before);
}

/// Known weights of the residuals, with subjects of ten visits of which each misses one: what a fit in the few coordinates
/// in which V differs from σ² W⁻¹ finds is a maximum of the likelihood of all rows.
#[test]
fn weighted_residuals() {
    let weights: [f64; 10] = core::array::from_fn(|i| 0.25 + ((7 * i) % 4) as f64);
    let z = SMatrix::<f64, 10, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { i as f64 - 4.5 });
    let noise = |i: usize, k: usize| f64::sin((37 * i + 11 * k + 3 * i * k) as f64);
    let y = |k: usize| {
        SVector::<f64, 10>::from_fn(|i, _| {
            let of_subject = 3.0 * noise(50, k) + noise(70, k) * z[(i, 1)];
            5.0 + z[(i, 1)] + of_subject + noise(i, k) / weights[i].sqrt()
        })
    };
    let model = MixedModel::new(z, LogCholeskyMatrix::<2>::new(), WeightedMatrix::new(weights));
    let mut panel = Panel::<_, f64, 10, 2>::new(model);
    let observed: [bool; 10] = core::array::from_fn(|i| i != 3);
    for k in 0..8 {
        panel.push_observed(&z, &y(k), &observed).unwrap();
    }
    let fit = panel.fit().unwrap();
    assert_eq!(fit.outcome, Outcome::Converged);
    let estimation = panel.estimation().unwrap();
    let at = estimation.at(&fit.theta).unwrap();
    assert_abs_diff_eq!(at.log_likelihood(), fit.log_likelihood, epsilon = 1e-10);
    assert_near_largest(at.beta().as_slice(), fit.beta.as_slice(), 1e-11);
    assert!(estimation.at(&fit.theta).unwrap().score().iter().all(|score| score.abs() < 1e-7));

    // One response vector, by maximum likelihood.
    let random = ScalarMatrix::<2>::new();
    let one = MixedModel::new(z, random, WeightedMatrix::new(weights));
    let x = SVector::<f64, 10>::repeat(1.0);
    let estimation = one.estimation(&x, &y(1)).unwrap().with_criterion(Criterion::Ml);
    let fit = estimation.fit().unwrap();
    let mut at = estimation.at(&fit.theta).unwrap();
    assert_abs_diff_eq!(at.log_likelihood(), fit.log_likelihood, epsilon = 1e-11);
    assert!(at.score().iter().all(|score| score.abs() < 1e-7), "{:?}", at.score());

    // Two kinds of weights, and weights beside which observations are lost, are fitted in all rows.
    let other = WeightedMatrix::new(weights.map(f64::sqrt));
    let term = CovariancePropagation::new(z, random);
    let both = Marginal::new(term.plus(other).plus(WeightedMatrix::new(weights)));
    let estimation = both.estimation(&x, &y(1)).unwrap();
    let fit = estimation.fit().unwrap();
    let all_rows = estimation.at(&fit.theta).unwrap().log_likelihood();
    assert_abs_diff_eq!(all_rows, fit.log_likelihood, epsilon = 1e-11);
    let mut uneven = weights;
    uneven[4] = 1e20;
    let lost = MixedModel::new(z, random, WeightedMatrix::new(uneven));
    let estimation = lost.estimation(&x, &y(1)).unwrap();
    let fit = estimation.fit().unwrap();
    let all_rows = estimation.at(&fit.theta).unwrap().log_likelihood();
    assert_abs_diff_eq!(all_rows, fit.log_likelihood, epsilon = 1e-9);
    let none = MixedModel::new(z, random, WeightedMatrix::new([0.0; 10]));
    assert_eq!(none.fit(&x, &y(1)).unwrap_err(), Error::NotFinite { row: 0, col: 0 });
}

/// y is what is fitted and what is left, at each visit that was observed; what was not has nothing left.
#[test]
fn fitted_values_and_residuals_add_up() {
    let data = subjects(12);
    let panel = panel(&data);
    let fit = panel.fit().unwrap();
    for (x, y, observed) in &data {
        let prediction = fit.predict_observed(x, y, observed).unwrap();
        let (fitted, left) = (prediction.fitted(), prediction.conditional_residuals());
        for i in 0..5 {
            if observed[i] {
                assert_abs_diff_eq!(fitted[i] + left[i], y[i], epsilon = 1e-13);
                assert_abs_diff_eq!(
                    prediction.marginal()[i] + prediction.residuals()[i],
                    y[i],
                    epsilon = 1e-13
                );
            } else {
                assert_eq!((left[i], prediction.residuals()[i]), (0.0, 0.0));
            }
        }
        assert_abs_diff_eq!(
            fitted - prediction.marginal(),
            Z * prediction.random_effects(),
            epsilon = 1e-13
        );
    }
}

#[test]
fn tables_of_both_unstructured_matrices_show_the_same_correlations() {
    /// Standard deviations and correlations.
    fn numbers<M: ParamMatrix<f64, 3, 3>>(v: M) -> [Vec<String>; 2] {
        let mut panel = Panel::new(Marginal::new(v));
        for y in [
            vector![1.0, 2.5, 2.0],
            vector![2.0, 1.0, 4.5],
            vector![4.0, 3.5, 3.0],
            vector![0.5, 1.0, 1.5],
            vector![3.0, 4.0, 6.0],
            vector![2.0, 3.0, 2.5],
        ] {
            panel.push(&SMatrix::identity(), &y).unwrap();
        }
        let table = panel.fit().unwrap().table(["a", "b", "c"]).to_string();
        let mut lines = table.lines().skip_while(|line| !line.ends_with("Corr."));
        let end = lines.next().unwrap().len();
        let lines: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
        // Two columns of 13 characters.
        [end - 26..end - 13, end - 13..end].map(|column| {
            let texts =
                lines.iter().map(|line| format!("{line:end$}")[column.clone()].trim().to_string());
            texts.filter(|text| !text.is_empty()).collect()
        })
    }
    // V is the sample covariance; correlations by numpy.corrcoef.
    let shown = numbers(LogCholeskyMatrix::<3>::new());
    assert_eq!(shown, numbers(UnconstrainedMatrix::<3>::new()));
    assert_eq!(shown[1], ["0.709570", "0.563864", "0.396315"]);
    assert_eq!(shown[0].len(), 3);
}
