//! Panels keep the digits that one vector keeps, and more: against whole numbers, in which nothing is rounded.

use covprop::prelude::*;
use covprop::reml::ReproducibleAccumulator;

use crate::common::near::assert_near_largest;
use crate::common::random::Random;

/// Responses are multiples of 2⁻⁵⁰ below 8.
const UNITS: f64 = (1_u64 << 50) as f64;

type Intercepts<const N: usize> =
    MixedModel<CovariancePropagation<SVector<f64, N>, ScalarMatrix<1>>, ScalarMatrix<N>>;

fn intercepts<const N: usize>() -> Intercepts<N> {
    MixedModel::new(SVector::repeat(1.0), ScalarMatrix::<1>::new(), ScalarMatrix::<N>::new())
}

/// Groups of N, with deviations of `ratio` within and of one between.
fn groups<const N: usize, const G: usize>(ratio: f64, seed: u64) -> [SVector<f64, N>; G] {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut next = || random.uniform() - 0.5;
    (0..20).for_each(|_| _ = next());
    core::array::from_fn(|_| {
        let of_group = 1.0 + 3.0 * next();
        SVector::from_fn(|_, _| ((of_group + ratio * 3.0 * next()) * UNITS).round() / UNITS)
    })
}

/// σ_b², σ² and the mean by REML, or by ML, of balanced groups, from mean squares in whole numbers.
#[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2⁵³")]
fn exact<const N: usize>(groups: &[SVector<f64, N>], is_ml: bool) -> [f64; 3] {
    let whole = |y: f64| {
        assert_eq!((y * UNITS).fract(), 0.0);
        (y * UNITS) as i128
    };
    let (n, k) = (N as i128, groups.len() as i128);
    let sums: Vec<i128> = groups.iter().map(|y| y.iter().map(|&y| whole(y)).sum()).collect();
    let total: i128 = sums.iter().sum();
    // Of means there are fewer digits than of numbers, so that squares stay below 2¹²⁷.
    let within: f64 = groups
        .iter()
        .zip(&sums)
        .map(|(y, sum)| y.iter().map(|&y| (n * whole(y) - sum).pow(2)).sum::<i128>() as f64)
        .sum();
    let between: f64 = sums.iter().map(|sum| ((k * sum - total) as f64).powi(2)).sum();
    let units = UNITS * UNITS;
    let (n, k) = (n as f64, k as f64);
    let within = within / (n * n * k * (n - 1.0)) / units;
    let degrees = if is_ml { k } else { k - 1.0 };
    let between = between / (n * k * k * degrees) / units;
    [(between - within) / n, within, total as f64 / (n * k) / UNITS]
}

fn errors(found: [f64; 3], exact: [f64; 3]) -> [f64; 3] {
    core::array::from_fn(|i| ((found[i] - exact[i]) / exact[i]).abs())
}

/// From panels that take the groups as they come, in reverse, and in two parts that are merged; and from reproducible sums.
fn orders<const N: usize>(groups: &[SVector<f64, N>]) -> Vec<Panel<Intercepts<N>, f64, N, 1>> {
    let ones = SVector::<f64, N>::repeat(1.0);
    let push = |groups: &mut dyn Iterator<Item = &SVector<f64, N>>| {
        let mut panel = Panel::new(intercepts());
        groups.for_each(|y| panel.push(&ones, y).unwrap());
        panel
    };
    let merged = |split: usize| {
        let mut panel = push(&mut groups[..split].iter());
        panel.merge(&push(&mut groups[split..].iter())).unwrap();
        panel
    };
    let mut sums = ReproducibleAccumulator::new();
    for y in groups {
        sums.push(&ones, y).unwrap();
    }
    vec![
        Panel::from_accumulator(intercepts(), sums.to_accumulator().unwrap()),
        push(&mut groups.iter()),
        push(&mut groups.iter().rev()),
        merged(1),
        merged(groups.len() / 2),
        merged(groups.len() - 1),
    ]
}

fn estimates<P: AsRef<[f64]>>(params: P, beta: f64) -> [f64; 3] {
    [params.as_ref()[0], params.as_ref()[1], beta]
}

fn of_one_vector<const N: usize, const G: usize, const ALL: usize>(
    groups: &[SVector<f64, N>; G],
    is_ml: bool,
) -> [f64; 3] {
    let z = DummyMatrix::<ALL, G>::try_from_indices(core::array::from_fn(|i| i / N)).unwrap();
    let model = MixedModel::new(z, ScalarMatrix::<G>::new(), ScalarMatrix::<ALL>::new());
    let y = SVector::<f64, ALL>::from_fn(|i, _| groups[i / N][i % N]);
    let estimation = model.estimation(&SVector::<f64, ALL>::repeat(1.0), &y).unwrap();
    let fit =
        if is_ml { estimation.with_criterion(Criterion::Ml) } else { estimation }.fit().unwrap();
    estimates(fit.params, fit.beta[0])
}

/// Every estimate has at most ten times the error that it has from one vector, or 10⁻¹¹.
fn keep_digits<const N: usize, const G: usize, const ALL: usize>(seeds: u64) {
    for power in 2..=7 {
        let ratio = 10.0_f64.powi(-power);
        for seed in 1..=seeds {
            let groups = groups::<N, G>(ratio, seed);
            for is_ml in [false, true] {
                let exact = exact(&groups, is_ml);
                let one = errors(of_one_vector::<N, G, ALL>(&groups, is_ml), exact);
                for (order, panel) in orders(&groups).iter().enumerate() {
                    let estimation = panel.estimation().unwrap();
                    let fit =
                        if is_ml { estimation.with_criterion(Criterion::Ml) } else { estimation }
                            .fit()
                            .unwrap();
                    let found = errors(estimates(fit.params, fit.beta[0]), exact);
                    for i in 0..3 {
                        assert!(
                            found[i] <= (10.0 * one[i]).max(1e-11),
                            "σ/σ_b = {ratio:e}, seed {seed}, order {order}, estimate {i}: {} beside {}, {fit}",
                            found[i],
                            one[i]
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn five_visits() {
    keep_digits::<5, 9, 45>(20);
}

#[test]
fn twenty_one_visits() {
    keep_digits::<21, 9, 189>(3);
}

/// Balanced groups of five of eight visits, in four patterns. Patterns have no common design with few rows, so their V is used as it
/// is: a panel with several patterns does not keep the digits yet. This fails once it does.
#[test]
fn five_of_eight_visits() {
    const VISITS: [[usize; 5]; 4] =
        [[0, 1, 2, 3, 4], [3, 4, 5, 6, 7], [0, 2, 4, 6, 7], [1, 2, 3, 5, 7]];
    let ones = SVector::<f64, 8>::repeat(1.0);
    for power in 2..=7 {
        let mut largest = 0.0_f64;
        for seed in 1..=20 {
            let groups = groups::<5, 9>(10.0_f64.powi(-power), seed);
            let mut panel = Panel::<_, f64, 8, 1, 4>::with_patterns(intercepts());
            for (group, visits) in groups.iter().zip(VISITS.iter().cycle()) {
                let mut y = SVector::<f64, 8>::repeat(f64::NAN);
                let mut observed = [false; 8];
                for (&visit, &value) in visits.iter().zip(group) {
                    (y[visit], observed[visit]) = (value, true);
                }
                panel.push_observed(&ones, &y, &observed).unwrap();
            }
            let fit = panel.fit().unwrap();
            let found = errors(estimates(fit.params, fit.beta[0]), exact(&groups, false));
            largest = found.into_iter().fold(largest, f64::max);
        }
        let of_condition = f64::EPSILON * 10.0_f64.powi(2 * power);
        assert!(largest > 1e-11, "1e-{power}: {largest:e}");
        assert!(largest < (1e5 * of_condition).min(0.1), "1e-{power}: {largest:e}");
    }
}

/// Longley 1967, table 1: NIST's certified values of the coefficients and of the residual standard deviation.
#[test]
#[expect(clippy::unreadable_literal, reason = "as NIST prints them")]
fn longley_row_by_row() {
    const ROWS: [[f64; 7]; 16] = [
        [60323.0, 83.0, 234_289.0, 2356.0, 1590.0, 107_608.0, 1947.0],
        [61122.0, 88.5, 259_426.0, 2325.0, 1456.0, 108_632.0, 1948.0],
        [60171.0, 88.2, 258_054.0, 3682.0, 1616.0, 109_773.0, 1949.0],
        [61187.0, 89.5, 284_599.0, 3351.0, 1650.0, 110_929.0, 1950.0],
        [63221.0, 96.2, 328_975.0, 2099.0, 3099.0, 112_075.0, 1951.0],
        [63639.0, 98.1, 346_999.0, 1932.0, 3594.0, 113_270.0, 1952.0],
        [64989.0, 99.0, 365_385.0, 1870.0, 3547.0, 115_094.0, 1953.0],
        [63761.0, 100.0, 363_112.0, 3578.0, 3350.0, 116_219.0, 1954.0],
        [66019.0, 101.2, 397_469.0, 2904.0, 3048.0, 117_388.0, 1955.0],
        [67857.0, 104.6, 419_180.0, 2822.0, 2857.0, 118_734.0, 1956.0],
        [68169.0, 108.4, 442_769.0, 2936.0, 2798.0, 120_445.0, 1957.0],
        [66513.0, 110.8, 444_546.0, 4681.0, 2637.0, 121_950.0, 1958.0],
        [68655.0, 112.6, 482_704.0, 3813.0, 2552.0, 123_366.0, 1959.0],
        [69564.0, 114.2, 502_601.0, 3931.0, 2514.0, 125_368.0, 1960.0],
        [69331.0, 115.7, 518_173.0, 4806.0, 2572.0, 127_852.0, 1961.0],
        [70551.0, 116.9, 554_894.0, 4007.0, 2827.0, 130_081.0, 1962.0],
    ];
    const CERTIFIED: [f64; 7] = [
        -3482258.63459582,
        15.0618722713733,
        -0.358191792925910e-01,
        -2.02022980381683,
        -1.03322686717359,
        -0.511041056535807e-01,
        1829.15146461355,
    ];
    const RESIDUAL: f64 = 304.854073561965;

    let fit_of = |rows: &mut dyn Iterator<Item = usize>, split: usize| {
        let model = || Panel::<_, f64, 1, 7>::new(Marginal::new(ScalarMatrix::<1>::new()));
        let (mut panel, mut other) = (model(), model());
        for (place, row) in rows.enumerate() {
            let [y, rest @ ..] = ROWS[row];
            let x = SMatrix::<f64, 1, 7>::from_fn(|_, j| if j == 0 { 1.0 } else { rest[j - 1] });
            let into = if place < split { &mut panel } else { &mut other };
            into.push(&x, &SVector::from([y])).unwrap();
        }
        panel.merge(&other).unwrap();
        let fit = panel.fit().unwrap();
        let found = fit.beta.iter().copied().chain([fit.params[0].sqrt()]);
        let certified = CERTIFIED.into_iter().chain([RESIDUAL]);
        found.zip(certified).map(|(a, b)| ((a - b) / b).abs()).fold(0.0, f64::max)
    };
    for split in [16, 0, 1, 5, 8, 12] {
        for error in [
            fit_of(&mut (0..16), split),
            fit_of(&mut (0..16).rev(), split),
            fit_of(&mut (0..16).map(|i| 5 * i % 16), split),
        ] {
            assert!(error < 1e-13, "{split}: {error}");
        }
    }
}

/// The likelihood at a θ near its maximum, by mpmath in fifty digits.
struct At {
    /// −log₂ of the deviations within beside those between.
    k: i32,
    is_ml: bool,
    theta: [f64; 2],
    /// σ_b², σ² and β at the maximum.
    estimates: [f64; 4],
    log_likelihood: f64,
    score: [f64; 2],
    /// Of both parameters and across.
    expected: [f64; 3],
    average: [f64; 3],
    observed: [f64; 3],
    beta: [f64; 2],
}

#[rustfmt::skip]
#[expect(clippy::excessive_precision, clippy::unreadable_literal, reason = "as they were computed")]
const AT: [At; 8] = [
    At { k: 7, is_ml: false, theta: [-0.7406951916123188, -5.181256937107038], estimates: [0.22732140468931251, 3.1594930602441663e-5, 1.7943571285560311, 0.24957283592403072], log_likelihood: 114.87932634309914, score: [-6.9146870518730449e-16, 1.6154601996349023e-14], expected: [15.999099039470699, 4.5047391563093388e-4, 70.000000012698039], average: [15.999095243846251, 4.5426954007710331e-4, 69.999996217073626], observed: [15.999091448221805, 4.5806516452327275e-4, 69.999992421449179], beta: [1.7943571285560311, 0.24957283592403072] },
    At { k: 7, is_ml: true, theta: [-0.7995882476295066, -5.195342321239498], estimates: [0.20206284921228591, 3.0717296980287258e-5, 1.7943567842868709, 0.24957289125300289], log_likelihood: 123.13377637852803, score: [-7.4875608710782353e-16, 2.2274930119936291e-14], expected: [17.998905516510349, 5.4723342586338461e-4, 72.000000016637924], average: [17.998893786434368, 5.5896350184356115e-4, 71.999988286561988], observed: [17.998882056358387, 5.706935778237377e-4, 71.999976556486008], beta: [1.7943567842868709, 0.24957289125300289] },
    At { k: 13, is_ml: false, theta: [-0.7423409015295379, -9.340140047573326], estimates: [0.22657442449620146, 7.7136056859322186e-9, 1.791708761615514, 0.24999331648387666], log_likelihood: 260.45351348441075, score: [1.265542632387785e-16, 4.4404133793988878e-14], expected: [15.999999779304439, 1.1034777993245448e-7, 70.000000000000001], average: [15.999999778384308, 1.1126791192512307e-7, 69.999999999079958], observed: [15.999999777464176, 1.1218804391779166e-7, 69.999999998159826], beta: [1.791708761615514, 0.24999331648387666] },
    At { k: 13, is_ml: true, theta: [-0.8012324197344446, -9.354225486043374], estimates: [0.20139948828932757, 7.4993388615224703e-9, 1.791708761531499, 0.24999331649737907], log_likelihood: 272.86850464149522, score: [3.1484543141169231e-16, -1.2864055893911428e-14], expected: [17.999999731899819, 1.3405008984224278e-7, 72.000000000000001], average: [17.999999729038221, 1.3691168844333342e-7, 71.999999997138377], observed: [17.999999726176623, 1.3977328704442405e-7, 71.999999994276778], beta: [1.791708761531499, 0.24999331649737907] },
    At { k: 20, is_ml: false, theta: [-0.7423670113537695, -14.192170311499515], estimates: [0.22656259316832011, 4.708011282855732e-13, 1.7916669955404011, 0.24999994778391388], log_likelihood: 430.27478162800648, score: [7.5214953612900639e-17, 1.5922383334258584e-15], expected: [15.999999999986529, 6.7354457963580844e-12, 70.0], average: [15.999999999986473, 6.7915998073958559e-12, 69.999999999999947], observed: [15.999999999986417, 6.8477538184336274e-12, 69.999999999999891], beta: [1.7916669955404011, 0.24999994778391388] },
    At { k: 20, is_ml: true, theta: [-0.8012585291819841, -14.206255749982862], estimates: [0.20138897170516417, 4.5772331916653025e-13, 1.791666995540396, 0.2499999477839147], log_likelihood: 447.54182916185513, score: [-8.7693564734146651e-16, -1.7004312086469988e-14], expected: [17.999999999983636, 8.1821955544339135e-12, 72.0], average: [17.999999999983459, 8.356851325506405e-12, 71.999999999999791], observed: [17.999999999983285, 8.5315070965788964e-12, 71.999999999999617], beta: [1.791666995540396, 0.2499999477839147] },
    At { k: 24, is_ml: false, theta: [-0.7423672041157606, -16.9647590337393], estimates: [0.22656250582302379, 1.8390669073655189e-15, 1.7916666872212783, 0.2499999967364941], log_likelihood: 527.31538844849644, score: [1.1704859041986964e-16, 1.2256280089393825e-13], expected: [15.999999999999947, 2.631034528531288e-14, 70.0], average: [15.999999999999947, 2.6529696706653239e-14, 70.000000000000245], observed: [15.999999999999947, 2.6749048127993598e-14, 70.000000000000245], beta: [1.7916666872212783, 0.2499999967364941] },
    At { k: 24, is_ml: true, theta: [-0.8012587219439524, -16.978844472222644], estimates: [0.20138889406491, 1.7879817154942545e-15, 1.7916666872212783, 0.24999999673649411], log_likelihood: 547.35502489734705, score: [-2.253112351501742e-16, -7.8695504818484492e-14], expected: [17.999999999999936, 3.1961713706539708e-14, 72.0], average: [17.999999999999935, 3.2643962744514908e-14, 71.999999999999842], observed: [17.999999999999934, 3.3326211782490107e-14, 71.999999999999841], beta: [1.7916666872212783, 0.24999999673649411] },
];

/// Nine subjects of five with a covariate that differs within and between them.
fn covariate(k: i32) -> [(SMatrix<f64, 5, 2>, SVector<f64, 5>); 9] {
    core::array::from_fn(|i| {
        let t = |j: usize| ((3 * i + 7 * j) % 11) as f64 + i as f64 / 4.0;
        let of_group = ((5 * i * i + 3 * i) % 17) as f64 / 8.0 - 1.0;
        let e = |j: usize| (((13 * i + 29 * j + i * j * j) % 37) as f64 - 18.0) / 16.0;
        (
            SMatrix::from_fn(|j, column| if column == 0 { 1.0 } else { t(j) }),
            SVector::from_fn(|j, _| 2.0 + t(j) / 4.0 + of_group + e(j) * 2.0_f64.powi(-k)),
        )
    })
}

/// What a search sees of a panel is right, in any order, and so is where it ends.
#[test]
fn likelihoods_near_their_maximum() {
    /// Roundings of some fifty terms of the size of n.
    const CLOSE: f64 = 1e-11;
    for at in &AT {
        let subjects = covariate(at.k);
        let mut panels = [0, 4]
            .map(|shift| {
                let mut panel = Panel::<_, f64, 5, 2>::new(intercepts());
                let mut other = panel;
                for i in 0..9 {
                    let (x, y) = &subjects[(2 * i + shift) % 9];
                    let into = if i < 2 * shift { &mut other } else { &mut panel };
                    into.push(x, y).unwrap();
                }
                panel.merge(&other).unwrap();
                panel
            })
            .to_vec();
        let mut sums = ReproducibleAccumulator::new();
        for (x, y) in &subjects {
            sums.push(x, y).unwrap();
        }
        panels.push(Panel::from_accumulator(intercepts(), sums.to_accumulator().unwrap()));
        for panel in &panels {
            let estimation = panel.estimation().unwrap();
            let estimation =
                if at.is_ml { estimation.with_criterion(Criterion::Ml) } else { estimation };
            let close = |name: &str, found: f64, expected: f64, size: f64| {
                let error = (found - expected).abs() / size;
                assert!(error < CLOSE, "{name}, k = {}: {found} {expected}", at.k);
            };
            let answer = estimation.explore(|likelihood| {
                let mut of = likelihood.at(&at.theta)?;
                close("log-likelihood", of.log_likelihood(), at.log_likelihood, 100.0);
                let score = of.score();
                let informations = [
                    of.expected_information(),
                    of.average_information(),
                    of.observed_information(),
                ];
                for (found, expected) in score.iter().zip(at.score) {
                    close("score", *found, expected, 10.0);
                }
                for (found, expected) in of.beta().iter().zip(at.beta) {
                    close("beta", *found, expected, 1.0);
                }
                for (found, expected) in
                    informations.iter().zip([at.expected, at.average, at.observed])
                {
                    close("information", found[0][0], expected[0], 10.0);
                    close("information", found[0][1], expected[1], 10.0);
                    close("information", found[1][1], expected[2], 10.0);
                }
                Ok(())
            });
            answer.unwrap();
            let fit = estimation.fit().unwrap();
            let found = fit.params.iter().chain(&fit.beta);
            for (found, expected) in found.zip(at.estimates) {
                close("estimate", *found, expected, expected);
            }
        }
    }
}

/// Subjects of whom some miss the last visit, which is measured in another unit: no information
/// depends on the unit, because the parameters are log standard deviations and correlations.
#[test]
fn informations_do_not_depend_on_the_unit_of_a_visit() {
    let informations = |unit: f64| {
        let scale = [1.0, 1.0, 1.0, unit];
        let model = Marginal::new(LogCholeskyMatrix::<4>::new());
        let mut panel = Panel::<_, f64, 4, 1, 2>::with_patterns(model);
        for s in 0..12 {
            let at = |i: usize| {
                (1.3 * f64::from(s) + 0.7 * i as f64).sin() + 0.4 * f64::from(s * s).cos()
            };
            let y = SVector::<f64, 4>::from_fn(|i, _| scale[i] * at(i));
            panel.push_observed(&SVector::from(scale), &y, &[true, true, true, s % 3 > 0]).unwrap();
        }
        let estimation = panel.estimation().unwrap();
        let theta = [0.1, -0.2, 0.3, unit.ln() - 0.1, 0.5, 0.4, -0.3, 0.2, 0.6, -0.4];
        let mut at = estimation.at(&theta).unwrap();
        let of = [at.average_information(), at.expected_information(), at.observed_information()];
        of.map(|information| information.as_flattened().to_vec())
    };
    let expected = informations(1.0);
    for power in [-40, -27, 10, 27, 40] {
        for (found, expected) in informations(2.0_f64.powi(power)).iter().zip(&expected) {
            assert_near_largest(found, expected, 1e-10);
        }
    }
}
