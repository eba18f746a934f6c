//! NIST's certified one-way analyses of variance (Statistical Reference Datasets, public domain): in a balanced
//! design REML estimates of positive variances are those of the analysis of variance, σ² = MS within and
//! σ² + n σ_b² = MS between.

use approx::abs_diff_eq;
use covprop::prelude::*;

use crate::common::thread::with_stack;

/// Treatment and response of each observation, as text.
fn data(file: &str) -> Vec<(usize, String)> {
    let path = format!("{}/tests/data/nist/{file}.dat", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().skip(60).filter(|line| !line.trim().is_empty());
    let row = |line: &str| {
        let mut fields = line.split_whitespace();
        (fields.next().unwrap().parse::<usize>().unwrap() - 1, fields.next().unwrap().to_string())
    };
    lines.map(row).collect()
}

/// The replicates of each treatment.
fn treatments<const N: usize>(rows: &[(usize, f64)]) -> Vec<SVector<f64, N>> {
    let count = rows.iter().map(|row| row.0).max().unwrap() + 1;
    let of = |treatment| {
        let values: Vec<f64> =
            rows.iter().filter(|row| row.0 == treatment).map(|row| row.1).collect();
        SVector::from_column_slice(&values)
    };
    (0..count).map(of).collect()
}

const fn model<const N: usize>(
    ones: SVector<f64, N>,
) -> MixedModel<CovariancePropagation<SVector<f64, N>, ScalarMatrix<1>>, ScalarMatrix<N>> {
    MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<N>::new())
}

/// (MS between, MS within) from a panel that takes the treatments in this order, in one piece and in two that are
/// merged.
fn mean_squares<const N: usize>(treatments: &[SVector<f64, N>]) -> [(f64, f64); 2] {
    let ones = SVector::<f64, N>::repeat(1.0);
    let push = |treatments: &[SVector<f64, N>]| {
        let mut panel = Panel::new(model(ones));
        for y in treatments {
            panel.push(&ones, y).unwrap();
        }
        panel
    };
    let whole = push(treatments);
    let (first, second) = treatments.split_at(treatments.len() / 3);
    let mut merged = push(first);
    merged.merge(&push(second)).unwrap();
    [whole, merged].map(|panel| {
        let fit = panel.fit().unwrap();
        assert_eq!(fit.outcome, Outcome::Converged, "{fit}");
        let [between, within] = fit.params;
        (within + between * N as f64, within)
    })
}

#[track_caller]
fn assert_digits(found: f64, certified: f64, digits: f64) {
    let error = ((found - certified) / certified).abs();
    assert!(error < 10.0_f64.powf(-digits), "{found} {certified}: {} digits", -error.log10());
}

fn numbers(rows: &[(usize, String)]) -> Vec<(usize, f64)> {
    rows.iter().map(|(treatment, y)| (*treatment, y.parse().unwrap())).collect()
}

#[test]
fn si_rstv() {
    for (between, within) in mean_squares(&treatments::<5>(&numbers(&data("SiRstv")))) {
        assert_digits(between, 1.278_656_54e-2, 12.0);
        assert_digits(within, 1.083_182_8e-2, 12.0);
    }
}

/// The same as one response vector.
#[test]
fn si_rstv_in_one_piece() {
    let rows = numbers(&data("SiRstv"));
    let z = DummyMatrix::<25, 5>::try_from_indices(core::array::from_fn(|i| rows[i].0)).unwrap();
    let model = MixedModel::new(z, ScalarMatrix::<5>::new(), ScalarMatrix::<25>::new());
    let y = SVector::<f64, 25>::from_fn(|i, _| rows[i].1);
    let fit = model.fit(&SVector::<f64, 25>::repeat(1.0), &y).unwrap();
    assert_digits(fit.params[1] + 5.0 * fit.params[0], 1.278_656_54e-2, 12.0);
    assert_digits(fit.params[1], 1.083_182_8e-2, 12.0);
}

#[test]
fn sm_ls_01() {
    for (between, within) in mean_squares(&treatments::<21>(&numbers(&data("SmLs01")))) {
        assert_digits(between, 0.21, 12.0);
        assert_digits(within, 0.01, 12.0);
    }
}

/// Seven leading digits are the same. As doubles the data are off by 10⁻¹⁰, a part of 10⁻⁹ of their
/// deviations.
#[test]
fn sm_ls_04() {
    for (between, within) in mean_squares(&treatments::<21>(&numbers(&data("SmLs04")))) {
        assert_digits(between, 0.21, 8.0);
        assert_digits(within, 0.01, 8.0);
    }
}

/// Thirteen leading digits are the same, as in NIST's SmLs07, whose data are those of SmLs01 with 10¹² − 1 in
/// front. As doubles they are multiples of 2⁻¹³, of which the mean squares can be had exactly.
#[test]
fn thirteen_leading_digits() {
    let rows: Vec<(usize, f64)> = data("SmLs01")
        .iter()
        .map(|(treatment, y)| {
            let tenths = y.strip_prefix("1.").unwrap();
            (*treatment, format!("1000000000000.{tenths}").parse().unwrap())
        })
        .collect();
    let (between, within) = exact_mean_squares(&rows, 21);
    for (found_between, found_within) in mean_squares(&treatments::<21>(&rows)) {
        assert_digits(found_between, between, 9.0);
        assert_digits(found_within, within, 9.0);
    }
}

/// In whole numbers, as Σ(n y − Σy)² and Σ(k Σy − ΣΣy)² over n replicates of k treatments.
#[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2⁵³")]
fn exact_mean_squares(rows: &[(usize, f64)], n: i128) -> (f64, f64) {
    const UNITS: f64 = 8192.0;
    let whole = |y: f64| {
        assert_eq!((y * UNITS).fract(), 0.0);
        (y * UNITS) as i128
    };
    let k = rows.iter().map(|row| row.0).max().unwrap() + 1;
    let sum_of = |treatment: usize| -> i128 {
        rows.iter().filter(|row| row.0 == treatment).map(|row| whole(row.1)).sum()
    };
    let sums: Vec<i128> = (0..k).map(sum_of).collect();
    let total: i128 = sums.iter().sum();
    let k = k as i128;
    let within: i128 = rows.iter().map(|row| (n * whole(row.1) - sums[row.0]).pow(2)).sum();
    let between: i128 = sums.iter().map(|sum| (k * sum - total).pow(2)).sum();
    let units = UNITS * UNITS;
    (
        between as f64 / (n * k * k * (k - 1)) as f64 / units,
        within as f64 / (n * n * k * (n - 1)) as f64 / units,
    )
}

/// Cell means in place of an intercept: no subject tells of both columns, and all have 10¹² in common.
#[test]
fn leading_digits_in_columns_that_come_late() {
    let near = |base: f64| vector![base + 0.5, base + 0.25, base + 1.0, base - 0.125];
    let fit = |base: f64, split: usize| {
        let mut panel = Panel::new(model(SVector::<f64, 4>::repeat(1.0)));
        let mut other = Panel::new(*panel.model());
        for i in 0..6 {
            let shift = [0.0, 1.5, 0.75, 2.0, -0.5, 1.0][i];
            let group = if i < 3 { [1.0, 0.0] } else { [0.0, 1.0] };
            let x = SMatrix::<f64, 4, 2>::from_fn(|_, j| group[j]);
            let into = if i < split { &mut panel } else { &mut other };
            into.push(&x, &(near(base) * 1.0).add_scalar(shift)).unwrap();
        }
        panel.merge(&other).unwrap();
        let fit = panel.fit().unwrap();
        let [between, within] = fit.params;
        (between, within, fit.beta - SVector::from([base, base]))
    };
    let reference = fit(0.0, 6);
    for split in 0..=6 {
        let shifted = fit(1e12, split);
        assert_digits(shifted.0, reference.0, 11.0);
        assert_digits(shifted.1, reference.1, 11.0);
        assert!(
            abs_diff_eq!(shifted.2, reference.2, epsilon = 2e-4),
            "a unit in the last place of 10¹²"
        );
    }
}

/// NIST's SmLs03, and SmLs06 with 10⁶ in front: 2001 replicates, made by the rule that the smaller sets follow.
#[test]
fn two_thousand_replicates() {
    /// A panel has some 200 MB.
    const STACK: usize = 1 << 32;
    let check = |leading: &str| {
        let mut rows = Vec::new();
        for treatment in 0..9 {
            let tenths = [4, 3, 5][if treatment == 0 { 0 } else { 1 + (treatment + 1) % 2 }];
            for replicate in 0..2001 {
                let tenth = if replicate == 0 { tenths } else { tenths + 2 * (replicate % 2) - 1 };
                rows.push((treatment, format!("{leading}.{tenth}").parse::<f64>().unwrap()));
            }
        }
        let (between, within) = mean_squares_of_doubles(&rows, 2001);
        let mut panel = Box::new(Panel::new(model(SVector::<f64, 2001>::repeat(1.0))));
        let ones = SVector::<f64, 2001>::repeat(1.0);
        for y in treatments::<2001>(&rows) {
            panel.push(&ones, &y).unwrap();
        }
        // Where the likelihood has its maximum, by a step from the exact mean squares; θ are logarithms of standard deviations.
        let of_group = (between - within) / 2001.0;
        let theta: [f64; 2] = [of_group.ln() / 2.0, within.ln() / 2.0];
        let estimation = panel.estimation().unwrap();
        let (score, information) = estimation
            .explore(|likelihood| {
                let mut at = likelihood.at(&theta)?;
                Ok((at.score(), at.expected_information()))
            })
            .unwrap();
        for k in 0..2 {
            let relative = 2.0 * score[k] / information[k][k];
            assert!(relative.abs() < 1e-12, "{leading}: {score:?} {information:?}");
        }
        let fit = panel.fit().unwrap();
        assert_digits(fit.params[1], within, 12.0);
        assert_digits(fit.params[1] + 2001.0 * fit.params[0], between, 12.0);
    };
    let run = move || ["1", "1000000"].into_iter().for_each(check);
    with_stack(STACK, run);
}

/// Of doubles from 1 to 2²⁰, in whole numbers; each square is rounded.
#[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2⁷³")]
fn mean_squares_of_doubles(rows: &[(usize, f64)], n: i128) -> (f64, f64) {
    const UNITS: f64 = (1_u64 << 52) as f64;
    let whole = |y: f64| (y * UNITS) as i128;
    let mut sums = [0_i128; 9];
    for &(treatment, y) in rows {
        sums[treatment] += whole(y);
    }
    let total: i128 = sums.iter().sum();
    let square = |x: i128| (x as f64 / UNITS).powi(2);
    let within: f64 = rows.iter().map(|&(of, y)| square(n * whole(y) - sums[of])).sum();
    let between: f64 = sums.iter().map(|sum| square(9 * sum - total)).sum();
    let n = n as f64;
    (between / (n * 81.0 * 8.0), within / (n * n * 9.0 * (n - 1.0)))
}
