//! The checker of claims and the slow search, on claims that are true and on ones that are false.

use covprop::prelude::*;
use covprop::transform::Pow;
use nalgebra::Matrix1;

use super::cone::machines;
use super::limits::{highest, walk};
use super::vanishing::{BATCH_HEIGHT, BATCH_VARIANCES, BATCHES};
use super::*;

#[test]
fn true_and_false_claims() {
    let model = MixedModel::new(ones::<4>(), ScalarMatrix::<1>::new(), ScalarMatrix::<4>::new());
    let panel = panel(model, &ones(), &BATCHES);
    let estimation = panel.estimation().unwrap();
    let mut claim = estimation.fit().unwrap();
    let mut height = |theta: [f64; 2], params: [f64; 2]| {
        (claim.theta, claim.params) = (theta, params);
        claim.log_likelihood = estimation.at(&theta).unwrap().log_likelihood();
        claims::rise_of_fit(&estimation, &claim, 1).height
    };
    let right = BATCH_VARIANCES.map(|v| 0.5 * v.ln());
    assert_eq!(height(right, BATCH_VARIANCES), 0.0);
    // By a decrement of some 1e-10, and of some 1e-7.
    for shift in [1e-5, -1e-5, 3e-4] {
        let theta = [right[0] + shift, right[1] - shift];
        let rise = height(theta, theta.map(|x| (2.0 * x).exp()));
        assert!(rise > 0.3 * shift * shift && rise < 60.0 * shift * shift, "{shift}: {rise}");
    }
    // A false zero.
    let theta = [f64::NEG_INFINITY, 0.5 * BATCH_VARIANCES.iter().sum::<f64>().ln()];
    let rise = height(theta, [0.0, (2.0 * theta[1]).exp()]);
    assert!(rise > 0.1, "{rise}");
}

/// σ² = θ² at 0, where the first derivative vanishes; a true zero is none of these.
#[test]
fn saddles() {
    let squared = ScalarMatrix::<1>::new().with_transform(Pow::new(2.0));
    let model = MixedModel::new(ones::<4>(), squared, ScalarMatrix::<4>::new());
    let alike =
        [[1.0, 4.0, 2.0, 5.0], [5.0, 2.0, 4.0, 1.5], [2.0, 1.0, 5.0, 4.0], [4.0, 5.0, 1.0, 2.5]];
    for (data, is_maximum) in [(BATCHES, false), (alike.map(SVector::from), true)] {
        let panel = panel(model, &ones(), &data);
        let estimation = panel.estimation().unwrap();
        let mut claim = estimation.clone().with_max_iterations(0).fit().unwrap();
        let all: Vec<f64> = data.iter().flatten().copied().collect();
        let mean = all.iter().sum::<f64>() / 16.0;
        let variance = all.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / 15.0;
        claim.theta = [0.0, 0.5 * variance.ln()];
        claim.params = [0.0, variance];
        claim.log_likelihood = estimation.at(&claim.theta).unwrap().log_likelihood();
        let rise = claims::rise_of_fit(&estimation, &claim, 2);
        assert_eq!(rise.height == 0.0, is_maximum, "{rise:?}");
    }
}

/// A G of rank one is the best of its rank, but not of all: the loading must come back from infinity.
#[test]
fn singular_claims() {
    let case = &read("cases.json")["slopes"][3];
    let right = number(&case["cone"]["log_likelihood"]);
    let model =
        MixedModel::new(line::<4>(), LogCholeskyMatrix::<2>::new(), ScalarMatrix::<4>::new());
    let panel = panel(model, &line(), &responses::<4>(&case["ys"]));
    let estimation = panel.estimation().unwrap();
    let mut at = |x: &[f64]| {
        let theta = [x[0], x[1], f64::INFINITY, x[2]];
        estimation.at(&theta).ok().map(|here| here.log_likelihood())
    };
    let best = slow::search(&mut at, &[vec![0.0, -0.5, 0.0]], 1.0, 3, 3);
    let mut claim = estimation.clone().with_max_iterations(0).fit().unwrap();
    claim.theta = [best.theta[0], best.theta[1], f64::INFINITY, best.theta[2]];
    claim.params = panel.model().covariance().params(&claim.theta);
    claim.log_likelihood = best.log_likelihood;
    assert!(best.log_likelihood < right - 0.01, "{best:?} {right}");
    let rise = claims::rise_of_fit(&estimation, &claim, 4);
    assert!(rise.height > 1e-3 && rise.height < right - best.log_likelihood + 1e-9, "{rise:?}");
}

/// A random walk as the limit of an autoregression, where that is the highest and where it is not.
#[test]
fn claims_of_limits() {
    let rising = [0.0, 1.0, 3.0, 2.0, 4.0, 5.0];
    let stationary = [0.3, -0.8, 1.1, 0.9, -0.2, -1.3];
    for (y, is_highest) in [(rising, true), (stationary, false)] {
        let y = SVector::from(y);
        let model = Marginal::new(Ar1Matrix::<6>::new());
        let estimation = model.estimation(&ones(), &y).unwrap();
        let mut claim = estimation.clone().with_max_iterations(0).fit().unwrap();
        claim.theta = [f64::INFINITY; 2];
        claim.params = [f64::INFINITY, 1.0];
        claim.log_likelihood = walk(&y);
        assert_eq!(highest(&y) <= walk(&y) + 1e-9, is_highest);
        let rise = claims::rise_of_fit(&estimation, &claim, 8);
        assert_eq!(rise.height == 0.0, is_highest, "{rise:?}");
        // Nothing is above the highest by more than rounding, though V is singular in rounding near the limit.
        assert!(rise.height <= highest(&y) - walk(&y) + 1e-9, "{rise:?}");
    }
}

#[test]
fn claims_of_state_space_models() {
    let case = &read("cases.json")["local_level"][0];
    let one = Matrix1::new(1.0);
    let model = StateSpace::new(one, one, ScalarMatrix::<1>::new(), ScalarMatrix::<1>::new());
    let y: Vec<_> = numbers(&case["y"]).iter().map(|&y| Some(Matrix1::new(y))).collect();
    let prior = Matrix1::new(100.0);
    let estimation = model.estimation(&Matrix1::zeros(), &prior, &y).unwrap();
    let params = numbers(&case["params"]);
    assert!(params.iter().all(|&p| p > 0.01), "{params:?}");
    let mut claim = estimation.clone().with_max_iterations(0).fit().unwrap();
    let mut height = |params: [f64; 2]| {
        claim.theta = params.map(|p| 0.5 * p.ln());
        claim.params = params;
        claim.log_likelihood = estimation.log_likelihood(&claim.theta).unwrap();
        let rise = claims::rise_of_state_space(&estimation, &claim, 5);
        (claim.log_likelihood, rise.height)
    };
    let (value, rise) = height([params[0], params[1]]);
    assert_height("reference", value, number(&case["log_likelihood"]), 1e-12);
    assert_eq!(rise, 0.0);
    assert!(height([params[0] * 1.001, params[1]]).1 > 0.0);
    assert!(height([0.0, params.iter().sum()]).1 > 1.0);
}

/// The slow search finds what is known.
#[test]
fn slow_search() {
    let panel = machines();
    let estimation = panel.estimation().unwrap();
    let best = slow::best_of(&estimation, panel.model().covariance(), &[vec![1.0; 7]], (1.0, 2, 6));
    let right = number(&read("cases.json")["machines"]["log_likelihood"]);
    assert_height("machines", best.log_likelihood, right, 1e-8);

    let model = MixedModel::new(ones::<4>(), ScalarMatrix::<1>::new(), ScalarMatrix::<4>::new());
    let panel = self::panel(model, &ones(), &BATCHES);
    let estimation = panel.estimation().unwrap();
    let best = slow::best_of(&estimation, panel.model().covariance(), &[], (1.0, 1, 7));
    assert_height("batches", best.log_likelihood, BATCH_HEIGHT, 1e-12);
    let found: Vec<f64> = best.theta.iter().map(|x| (2.0 * x).exp()).collect();
    assert_all_close("batches", &found, &BATCH_VARIANCES, 1e-5);
}
